package dev.countersign.browser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// The browser of the tests: one that is named (`-Dchromium=FILE` or `CHROMIUM`), one that is installed, or else one that gets
/// installed: on Debian by apt, elsewhere by Playwright's own installer. Says on standard output which it is.
final class Chromium {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
    private static final List<Path> ELSEWHERE = List.of(
            Path.of("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
            Path.of("/Applications/Chromium.app/Contents/MacOS/Chromium"));

    /// Where the browser lies; empty means the one that Playwright installed for itself.
    static final Optional<Path> EXECUTABLE = find();

    private Chromium() {}

    private static Optional<Path> find() {
        Optional<Path> found = named().or(() -> inTurn(Chromium::install));
        System.out.println("browser: " + found.map(Path::toString).orElse("Playwright's own Chromium"));
        return found;
    }

    /// Of several test processes one installs, and the others wait and find what it installed.
    private static Optional<Path> inTurn(Supplier<Optional<Path>> work) {
        Path file = Path.of(System.getProperty("java.io.tmpdir"), "countersign-browser-" + System.getProperty("user.name") + ".lock");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            return work.get();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Optional<Path> install() {
        Optional<Path> found = installed().or(Chromium::fromDebian);
        if (found.isEmpty()) installPlaywrights();
        return found;
    }

    private static Optional<Path> named() {
        return Stream.of(System.getProperty("chromium"), System.getenv("CHROMIUM"))
                .filter(name -> name != null && !name.isBlank())
                .map(Path::of)
                .peek(named -> {
                    if (!Files.isExecutable(named)) throw new IllegalStateException("no browser at " + named);
                })
                .findFirst();
    }

    private static Optional<Path> installed() {
        Stream<Path> onPath = Arrays.stream(System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)));
        return Stream.concat(onPath, ELSEWHERE.stream()).filter(Files::isExecutable).findFirst();
    }

    private static Optional<Path> fromDebian() {
        if (!Files.exists(Path.of("/etc/debian_version"))) return Optional.empty();
        System.out.println("browser: none found, installing Debian's chromium");
        boolean root = "root".equals(System.getProperty("user.name"));
        List<String> as = root ? List.of() : List.of("sudo", "-n");
        boolean done = run(as, "apt-get", "update", "-qq")
                && run(as, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium");
        return done ? installed() : Optional.empty();
    }

    private static void installPlaywrights() {
        try {
            String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
            Process installer = new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"),
                            "com.microsoft.playwright.CLI", "install", "--with-deps", "chromium")
                    .inheritIO()
                    .start();
            if (installer.waitFor() != 0) throw new IllegalStateException(
                    "no browser: install Chromium, or name one by -Dchromium=FILE, and run again");
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static boolean run(List<String> as, String... command) {
        List<String> whole = new ArrayList<>(as);
        whole.addAll(List.of(command));
        try {
            Process process = new ProcessBuilder(whole).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor(5, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException | InterruptedException failed) {
            return false;
        }
    }
}
