package dev.countersign.browser;

import dev.countersign.Countersign;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The whole product as `mvn spring-boot:run` starts it, on a port and a data directory of its own.
final class Demo implements AutoCloseable {
    private final Path data;
    private final ConfigurableApplicationContext application;

    private Demo(Path data, ConfigurableApplicationContext application) {
        this.data = data;
        this.application = application;
    }

    static Demo start() {
        try {
            Path data = Files.createTempDirectory("countersign-demo");
            return new Demo(data, new SpringApplicationBuilder(Countersign.class)
                    .profiles("demo")
                    .run("--server.port=0", "--countersign.data-directory=" + data, "--countersign.passwords.bcrypt-strength=4",
                            "--spring.main.banner-mode=off"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port");
    }

    /// What `data/demo/access.json` tells scripts.
    JsonNode access() {
        return JsonMapper.shared().readTree(data.resolve("demo/access.json"));
    }

    Path kubeconfig() {
        return data.resolve("demo/kubeconfig");
    }

    @Override
    public void close() {
        application.close();
        try (var files = Files.walk(data)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
