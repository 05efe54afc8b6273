package dev.countersign.audit;

import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Publishes each tenant's latest checkpoint as `<tenant id>.checkpoint` in `countersign.record.publish-directory`, a place that is
/// not restored together with the database, and compares the record with what stands there: a record that ends below it, or does
/// not contain it, was cut or comes from an old backup. Without the setting there is no witness.
@Component
class Witness {
    private final Optional<Path> directory;
    private final JdbcClient jdbc;
    private final Tenants tenants;
    private final Checkpoints checkpoints;
    private final Sequencer sequencer;

    Witness(@Value("${countersign.record.publish-directory:}") String directory, JdbcClient jdbc, Tenants tenants, Checkpoints checkpoints,
            Sequencer sequencer) {
        this.directory = directory.isBlank() ? Optional.empty() : Optional.of(Path.of(directory));
        this.jdbc = jdbc;
        this.tenants = tenants;
        this.checkpoints = checkpoints;
        this.sequencer = sequencer;
    }

    /// Throws `RecordBroken` where the record is not what was published.
    void compareAndPublish(Tenant tenant) {
        directory.ifPresent(place -> {
            try {
                Files.createDirectories(place);
                try (FileChannel lock = FileChannel.open(place.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    // Replicas that share the directory take turns; threads of one replica never come here together.
                    lock.lock();
                    underLock(tenant, place.resolve(tenant.id() + ".checkpoint"));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("checkpoints cannot be published to " + place, e);
            }
        });
    }

    private void underLock(Tenant tenant, Path file) throws IOException {
        Optional<String> published = Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
        Optional<Checkpoints.Signed> latest = tenants.inTenant(tenant.id(), () -> {
            Optional<Checkpoints.Signed> signed = checkpoints.latest();
            if (published.isPresent() && !published.equals(signed.map(Checkpoints.Signed::note))) {
                sequencer.continues(tenant, published.get(), signed.map(Checkpoints.Signed::size).orElse(0L), new Tiles(jdbc));
            }
            return signed;
        });
        if (latest.isPresent() && !latest.map(Checkpoints.Signed::note).equals(published)) {
            Path draft = Files.createTempFile(file.getParent(), ".draft", "");
            Files.writeString(draft, latest.get().note());
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
