package dev.countersign.faults;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A volume of its own that can be filled: a tmpfs. Where mounting is not permitted, the test that needs one is skipped and says so.
final class SmallVolume implements AutoCloseable {
    private static final String BALLAST = "ballast";

    final Path path;

    private SmallVolume(Path path) {
        this.path = path;
    }

    /// Skips the test where there is none to be had.
    static SmallVolume mount(int megabytes) {
        return mounted(megabytes).orElseGet(() -> abort("skipped: mounting a tmpfs is not permitted here, and no other volume can be filled without harm"));
    }

    static Optional<SmallVolume> mounted(int megabytes) {
        try {
            Path path = Files.createTempDirectory("small-volume");
            if (run("mount", "-t", "tmpfs", "-o", "mode=700,size=" + megabytes + "m", "none", path.toString()) != 0) {
                Files.delete(path);
                return Optional.empty();
            }
            return Optional.of(new SmallVolume(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// To the last byte. Answers how many there were.
    long fill() {
        long written = 0;
        try (OutputStream ballast = Files.newOutputStream(path.resolve(BALLAST))) {
            for (int block = 1 << 20; block > 0; block /= 2) {
                written += write(ballast, new byte[block]);
            }
        } catch (IOException full) {
            // closing says it once more
        }
        return written;
    }

    private static long write(OutputStream ballast, byte[] block) {
        long written = 0;
        try {
            while (true) {
                ballast.write(block);
                written += block.length;
            }
        } catch (IOException full) {
            return written;
        }
    }

    void free() throws IOException {
        Files.delete(path.resolve(BALLAST));
    }

    private static int run(String... command) throws IOException {
        try {
            return new ProcessBuilder(List.of(command)).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        // Lazily: a log that is still open goes when its process does.
        run("umount", "-l", path.toString());
        Files.delete(path);
    }
}
