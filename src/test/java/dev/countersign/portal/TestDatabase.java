package dev.countersign.portal;

import dev.countersign.demo.database.EmbeddedDatabase;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/// One PostgreSQL server for the whole test run, migrated once into a template; every application context gets a copy.
public final class TestDatabase implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    private static final AtomicInteger COPIES = new AtomicInteger();
    private static final EmbeddedDatabase SERVER = start();

    private static EmbeddedDatabase start() {
        EmbeddedDatabase server = EmbeddedDatabase.temporary();
        server.createDatabase("template_of_tests");
        Flyway.configure()
                .dataSource(server.url("template_of_tests"), EmbeddedDatabase.OWNER, "")
                .locations("classpath:db/migration")
                .placeholders(Map.of("appRole", EmbeddedDatabase.APP))
                .load()
                .migrate();
        // After the contexts: what works in the background would hang on a database that is gone.
        SpringApplication.getShutdownHandlers().add(server::close);
        return server;
    }

    /// The URL of a fresh, migrated database. Owner and pool roles have no password.
    public static String fresh() {
        String name = "test_" + COPIES.incrementAndGet();
        SERVER.createDatabase(name, "template_of_tests");
        return SERVER.url(name);
    }

    public static EmbeddedDatabase server() {
        return SERVER;
    }

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        String url = fresh();
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("test database", Map.of(
                        "spring.datasource.url", url,
                        "spring.datasource.username", EmbeddedDatabase.APP,
                        "spring.flyway.url", url,
                        "spring.flyway.user", EmbeddedDatabase.OWNER,
                        "countersign.passwords.bcrypt-strength", "4",
                        // "operator password"
                        "countersign.operator.username", "operator",
                        "countersign.operator.password-hash", "{bcrypt}$2a$04$TuGA34h9D7sZvCb2Cg207O9PVWxJLS5uysKIGTTz.nGgHk1VTHb0y",
                        "countersign.webhooks.networks", "127.0.0.0/8, ::1/128",
                        // A key for tests, nowhere else: SHA-256 of these words.
                        "countersign.secrets.key", "8DENqAjXFd0V94caYyN/vm6MBdiZj7SNpgOdXRIoB0s=",
                        "countersign.record.key", "C6XRLGN5ImVDjSL0Wq+eCsW7ThDUOOgHBNk4mVXq3uY=")));
    }
}
