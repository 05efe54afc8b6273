package dev.countersign.bench;

import dev.countersign.Countersign;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Objects;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;
import org.springframework.web.context.WebApplicationContext;

/// The whole portal in this process, as a deployment starts it: real server on a free port of the loopback, real PostgreSQL,
/// the couriers at work. Of the test classes only the fixtures take part.
public final class BenchPortal implements AutoCloseable {
    private final ConfigurableApplicationContext context;

    private BenchPortal(ConfigurableApplicationContext context) {
        this.context = context;
    }

    public static BenchPortal start(Map<String, Object> properties) {
        return start(properties, new TestDatabase());
    }

    /// A second replica in this process, over the database of the first.
    public static BenchPortal beside(BenchPortal first, Map<String, Object> properties) {
        return start(properties, context -> context.getEnvironment().getPropertySources()
                .addFirst(Objects.requireNonNull(first.context.getEnvironment().getPropertySources().get("test database"))));
    }

    private static BenchPortal start(Map<String, Object> properties, ApplicationContextInitializer<ConfigurableApplicationContext> database) {
        SpringApplicationBuilder application = new SpringApplicationBuilder(Countersign.class, Fixtures.class, Approvals.class, ShopFixture.class)
                .web(WebApplicationType.SERVLET)
                .properties(properties)
                .properties(Map.of("server.port", "0", "server.address", "127.0.0.1", "spring.main.banner-mode", "off", "logging.level.root", "warn", "logging.level.dev.countersign.catalog", "off"))
                .initializers(database)
                .initializers(started -> started.getBeanFactory().registerSingleton("withoutTestClasses", new WithoutTestClasses()));
        return new BenchPortal(application.run());
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public WebApplicationContext context() {
        return (WebApplicationContext) context;
    }

    public String property(String name) {
        return context.getEnvironment().getRequiredProperty(name);
    }

    public String url() {
        return "http://127.0.0.1:" + property("local.server.port");
    }

    /// Lets the planner know the tables, as the server does by itself a minute later: what was planned for a record of some rows reads all of
    /// it at each append. For after the warm-up.
    public void analyze() throws SQLException {
        String url = property("spring.datasource.url");
        try (Connection superuser = TestDatabase.server().connect(url.substring(url.lastIndexOf('/') + 1)); Statement statement = superuser.createStatement()) {
            statement.execute("analyze");
        }
    }

    @Override
    public void close() {
        context.close();
    }

    /// What component scanning finds below the test classes stays out.
    private static final class WithoutTestClasses extends TypeExcludeFilter {
        @Override
        public boolean match(MetadataReader reader, MetadataReaderFactory factory) throws IOException {
            return reader.getResource().getURL().toString().contains("test-classes");
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof WithoutTestClasses;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }
}
