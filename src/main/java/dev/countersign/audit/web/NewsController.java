package dev.countersign.audit.web;

import dev.countersign.audit.News;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.web.OwnConnection;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;
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

    /// On a connection of its own; where there is none, as an answer that the container holds open.
    @GetMapping(path = "/news", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Nullable ResponseEntity<SseEmitter> stream(Principal reader, HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<News.Listener> place = news.listen(CurrentTenant.require(), reader.getName());
        if (place.isEmpty()) {
            return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE).header(HttpHeaders.RETRY_AFTER, "30").build();
        }
        News.Listener listener = place.get();
        response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
        response.setHeader("X-Accel-Buffering", "no");
        Optional<OwnConnection> own;
        try {
            own = OwnConnection.of(request, response, listener::close);
        } catch (IOException | RuntimeException failed) {
            listener.close();
            throw failed;
        }
        if (own.isPresent()) {
            start(listener, own.get()::send, own.get()::close);
            return null;
        }
        // Ended by ourselves, long before the container would.
        SseEmitter emitter = new SseEmitter(LIFE.multipliedBy(2).toMillis());
        start(listener, text -> emitter.send(Set.of(new ResponseBodyEmitter.DataWithMediaType(text, MediaType.TEXT_PLAIN))), emitter::complete);
        return ResponseEntity.ok(emitter);
    }

    private interface Stream {
        void send(String text) throws IOException;
    }

    private static void start(News.Listener listener, Stream stream, Runnable end) {
        Thread.ofVirtual().name("news").start(() -> {
            tell(listener, stream);
            end.run();
        });
    }

    private static void tell(News.Listener listener, Stream stream) {
        try (listener) {
            stream.send("retry:1000\n:listening\n\n");
            long end = System.nanoTime() + LIFE.toNanos();
            while (System.nanoTime() - end < 0 && !listener.ended()) {
                Set<String> numbers = listener.await(HEARTBEAT.toMillis());
                stream.send(numbers.isEmpty() ? ":\n\n" : "event:request\ndata:" + String.join(" ", numbers) + "\n\n");
            }
        } catch (IOException | IllegalStateException gone) {
            // The browser left: its place is free again, and nobody has to be told.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
