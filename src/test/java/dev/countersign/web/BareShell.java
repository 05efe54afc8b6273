package dev.countersign.web;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseBody;

/// The shell alone on a real server: no rooms, no database, everyone may come in. A controller of the test throws what rooms
/// throw.
final class BareShell implements AutoCloseable {
    private final ConfigurableApplicationContext context;
    private final HttpClient client = HttpClient.newHttpClient();
    final URI base;

    BareShell() {
        context = new SpringApplicationBuilder(Configuration.class)
                .run(
                        "--spring.config.location=classpath:web.yaml",
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--spring.main.banner-mode=off",
                        "--logging.level.root=error",
                        "--logging.level.dev.countersign.web=off",
                        "--logging.level.org.apache.catalina=off",
                        "--spring.autoconfigure.exclude="
                                + "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration,"
                                + "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
                                + "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration,"
                                + "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration,"
                                + "org.springframework.boot.session.autoconfigure.SessionAutoConfiguration,"
                                + "org.springframework.boot.session.jdbc.autoconfigure.JdbcSessionAutoConfiguration");
        base = URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port"));
    }

    Assets assets() {
        return context.getBean(Assets.class);
    }

    HttpResponse<String> get(String path, String... headers) {
        return send(HttpRequest.newBuilder(base.resolve(path)).GET(), headers);
    }

    HttpResponse<String> post(String path, String body, String... headers) {
        return send(HttpRequest.newBuilder(base.resolve(path)).POST(HttpRequest.BodyPublishers.ofString(body)), headers);
    }

    HttpResponse<String> send(HttpRequest.Builder request, String... headers) {
        try {
            if (headers.length > 0) request.headers(headers);
            return client.send(request.timeout(Duration.ofSeconds(20)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (java.io.IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Override
    public void close() {
        context.close();
        client.close();
    }

    @TestConfiguration
    @EnableAutoConfiguration
    @Import({WebConfiguration.class, AssetController.class, ErrorPages.class, HelpController.class, ProblemAdvice.class, Throwing.class})
    static class Configuration {
        @Bean
        SecurityFilterChain open(HttpSecurity http) throws Exception {
            SecurityHeaders.configure(http);
            return http.authorizeHttpRequests(all -> all.anyRequest().permitAll())
                    .csrf(csrf -> csrf.ignoringRequestMatchers(request -> !request.getRequestURI().equals("/guarded")))
                    .build();
        }
    }

    @Controller
    @TestComponent
    static class Throwing {
        @GetMapping({"/throw/{what}", "/api/throw/{what}"})
        String fail(@PathVariable String what) {
            throw switch (what) {
                case "missing" -> new Problem.NotFound("request 42");
                case "conflict" -> new Problem.Conflict("Version 3 stands now. Read it and decide again.", Map.of("digest", "sha256:new"));
                case "refused" -> new Problem.Refused("CS0107", "Name another service.",
                        List.of(new Problem.Wrong("/ask/to", "CS0107", "payment is not a workload of west.")));
                case "often" -> new Problem.TooOften("Wait a minute.", Duration.ofSeconds(60));
                case "gone" -> new Problem.Unavailable("The cluster does not answer.", Duration.ofSeconds(5));
                case "late" -> new QueryTimeoutException("the innards of the database");
                case "locked" -> new UncategorizedSQLException("work", "select 1", new SQLException("the innards of the database", "55P03"));
                case "held" -> new CannotAcquireLockException("work", new SQLException("the innards of the database", "55P03"));
                case "taken" -> new CannotCreateTransactionException("work", new SQLTransientConnectionException("the innards of the pool"));
                case "broken" -> new UncategorizedSQLException("work", "select 1", new SQLException("the innards of the database", "XX000"));
                case "forbidden" -> new Problem.Forbidden("Only security may do this.");
                default -> new IllegalStateException("the innards of the program: " + what);
            };
        }

        @GetMapping("/typed/{number}")
        @ResponseBody
        String typed(@PathVariable int number) {
            return "request " + number;
        }

        @PostMapping({"/echo", "/api/echo"})
        @ResponseBody
        String echo(@RequestBody String body) {
            return "read " + body.length();
        }

        @PostMapping("/api/json")
        @ResponseBody
        Map<String, Object> json(@RequestBody Map<String, Object> body) {
            return body;
        }

        @PostMapping("/guarded")
        @ResponseBody
        String guarded() {
            return "in";
        }

        @GetMapping("/elsewhere")
        String elsewhere() {
            return "redirect:/help";
        }
    }
}
