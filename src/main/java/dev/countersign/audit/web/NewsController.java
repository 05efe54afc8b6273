package dev.countersign.audit.web;

import dev.countersign.audit.News;
import dev.countersign.tenancy.CurrentTenant;
import java.io.IOException;
import java.security.Principal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/// The stream by which open pages learn that a request moved (js/news.js): numbers of requests of the reader's tenant, as
/// server-sent events. A stream ends after a minute and the browser asks again, so a right that ended ends here too; where no
/// place is left the answer is 503, and pages go on asking by themselves now and then.
@Controller
class NewsController {
    private static final Duration LIFE = Duration.ofSeconds(60);
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private final News news;

    NewsController(News news) {
        this.news = news;
    }

    @GetMapping(path = "/news", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    ResponseEntity<SseEmitter> stream(Principal reader) {
        Optional<News.Listener> place = news.listen(CurrentTenant.require(), reader.getName());
        if (place.isEmpty()) {
            return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).header(HttpHeaders.RETRY_AFTER, "30").build();
        }
        // Ended by ourselves, long before the container would.
        SseEmitter emitter = new SseEmitter(LIFE.multipliedBy(2).toMillis());
        Thread.ofVirtual().name("news").start(() -> tell(place.get(), emitter));
        return ResponseEntity.ok().header("X-Accel-Buffering", "no").body(emitter);
    }

    private static void tell(News.Listener listener, SseEmitter emitter) {
        try (listener) {
            emitter.send(SseEmitter.event().reconnectTime(1000).comment("listening"));
            long end = System.nanoTime() + LIFE.toNanos();
            while (System.nanoTime() - end < 0 && !listener.ended()) {
                Set<String> numbers = listener.await(HEARTBEAT.toMillis());
                emitter.send(numbers.isEmpty() ? SseEmitter.event().comment("") : SseEmitter.event().name("request").data(String.join(" ", numbers)));
            }
            emitter.complete();
        } catch (IOException | IllegalStateException gone) {
            // The browser left: its place is free again, and nobody has to be told.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
