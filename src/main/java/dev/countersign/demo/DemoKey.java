package dev.countersign.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/// Gives the demo keys of its own, for secrets at rest and for signing the record: random, made at the first start, kept in
/// `data/demo/secret.key` and `data/demo/record.key`.
class DemoKey implements EnvironmentPostProcessor, Ordered {
    private static final Map<String, String> FILES = Map.of("countersign.secrets.key", "secret.key", "countersign.record.key", "record.key");

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        FILES.forEach((property, name) -> {
            if (environment.matchesProfiles("demo") && environment.getProperty(property, "").isBlank()) {
                Path file = Path.of(environment.getProperty("countersign.data-directory", "data"), "demo", name);
                environment.getPropertySources().addLast(new MapPropertySource("demo " + name, Map.of(property, keyIn(file))));
            }
        });
    }

    private static String keyIn(Path file) {
        try {
            if (!Files.exists(file)) {
                byte[] key = new byte[32];
                new SecureRandom().nextBytes(key);
                PrivateFiles.write(file, Base64.getEncoder().encodeToString(key));
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("the demo's key " + file + " can be neither read nor made", e);
        }
    }

    /// After the configuration files have been read.
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
