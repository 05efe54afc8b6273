package dev.countersign.demo.database;

import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.flyway.autoconfigure.FlywayConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/// Under the profile `demo`: PostgreSQL with its data kept under `data/postgres`.
@Configuration(proxyBeanMethods = false)
@Profile("demo")
class EmbeddedDatabaseConfiguration {
    private static final String DATABASE = "countersign";

    @Bean(destroyMethod = "close")
    EmbeddedDatabase embeddedDatabase(@Value("${countersign.data-directory}") Path data) {
        EmbeddedDatabase database = EmbeddedDatabase.durable(data.resolve("postgres").toAbsolutePath());
        database.createDatabase(DATABASE);
        return database;
    }

    @Bean
    JdbcConnectionDetails poolConnection(EmbeddedDatabase database) {
        return new JdbcConnectionDetails() {
            @Override
            public String getUsername() {
                return EmbeddedDatabase.APP;
            }

            @Override
            public String getPassword() {
                return "";
            }

            @Override
            public String getJdbcUrl() {
                return database.url(DATABASE);
            }
        };
    }

    @Bean
    FlywayConnectionDetails ownerConnection(EmbeddedDatabase database) {
        return new FlywayConnectionDetails() {
            @Override
            public String getUsername() {
                return EmbeddedDatabase.OWNER;
            }

            @Override
            public String getPassword() {
                return "";
            }

            @Override
            public String getJdbcUrl() {
                return database.url(DATABASE);
            }
        };
    }
}
