package dev.countersign.audit;

import dev.countersign.tenancy.Tenant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/// Publishes each tenant's latest checkpoint as `<tenant id>.checkpoint` in `countersign.record.publish-directory`, a place that is
/// not restored together with the database, and compares the record with what stands there: a record that ends below it, or does
/// not contain it, was cut or comes from an old backup. Without the setting there is no witness.
@Component
class Witness implements PublishingPlace {
    private final Optional<Path> directory;
    private final RecordComparison record;
    /// The lock of a file is of the whole process: its threads take turns by this one.
    private final ReentrantLock alone = new ReentrantLock();

    Witness(@Value("${countersign.record.publish-directory:}") String directory, RecordComparison record) {
        this.directory = directory.isBlank() ? Optional.empty() : Optional.of(Path.of(directory));
        this.record = record;
    }

    /// Throws `RecordBroken` where the record is not what was published.
    void compareAndPublish(Tenant tenant) {
        exchange(List.of(tenant), record);
    }

    @Override
    public String words() {
        return directory.map(place -> "directory " + place).orElse("no directory");
    }

    @Override
    public boolean isReadable() {
        return true;
    }

    @Override
    public void exchange(List<Tenant> tenants, Comparison comparison) {
        directory.ifPresent(place -> {
            alone.lock();
            try {
                Files.createDirectories(place);
                try (FileChannel lock = FileChannel.open(place.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    // Replicas that share the directory take turns.
                    lock.lock();
                    for (Tenant tenant : tenants) {
                        underLock(tenant, place.resolve(PublishingPlace.file(tenant)), comparison);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("checkpoints cannot be published to " + place, e);
            } finally {
                alone.unlock();
            }
        });
    }

    private void underLock(Tenant tenant, Path file, Comparison comparison) throws IOException {
        Optional<String> published = Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
        Optional<String> latest = comparison.latest(tenant, published);
        if (latest.isPresent() && !latest.equals(published)) {
            Path draft = Files.createTempFile(file.getParent(), ".draft", "");
            Files.writeString(draft, latest.get());
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
