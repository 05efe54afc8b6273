package dev.countersign;

import dev.countersign.audit.proof.TilesCommand;
import dev.countersign.audit.proof.VerifyCommand;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;
import org.springframework.scheduling.annotation.EnableScheduling;

/// The access desk of a service mesh. Started by `mvn spring-boot:run`; what it is and for whom: README.md.
/// With `verify` as the first word it checks exported records instead, with `tiles` it makes logs of them (docs/record.md): no Spring, no
/// database.
@SpringBootApplication
@EnableScheduling
public class Countersign {
    /// Without these there is nothing safe to do, and none has a default. The demo brings its own.
    private static final List<String> REQUIRED = List.of(
            "spring.datasource.url",
            "spring.datasource.username",
            "spring.flyway.url",
            "spring.flyway.user",
            "countersign.secrets.key",
            "countersign.record.key");

    public static void main(String[] arguments) {
        List<String> words = List.of(arguments);
        switch (words.isEmpty() ? "" : words.getFirst()) {
            case "verify" -> System.exit(VerifyCommand.run(words.subList(1, words.size()), System.out, System.err));
            case "tiles" -> System.exit(TilesCommand.run(words.subList(1, words.size()), System.out, System.err));
            default -> start(arguments);
        }
    }

    private static void start(String[] arguments) {
        SpringApplication application = new SpringApplication(Countersign.class);
        application.addListeners((ApplicationListener<ApplicationPreparedEvent>)
                event -> stopIfSomethingIsMissing(event.getApplicationContext().getEnvironment()));
        application.run(arguments);
    }

    private static void stopIfSomethingIsMissing(Environment environment) {
        Stream<String> required = environment.matchesProfiles("demo") ? Stream.of("countersign.secrets.key", "countersign.record.key") : REQUIRED.stream();
        String missing = required
                .filter(name -> environment.getProperty(name, "").isBlank())
                .collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            System.err.println("Countersign does not start: set " + missing + " (README.md, section Settings), or try the demo with --spring.profiles.active=demo.");
            System.exit(2);
        }
    }
}
