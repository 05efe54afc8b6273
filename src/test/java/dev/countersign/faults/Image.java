package dev.countersign.faults;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/// How a replica is started: the program as a jar with its libraries, and what the JVM remembers of an earlier start (an AOT
/// cache), so that hundreds of starts are cheap.
record Image(List<String> command) {
    private static final List<String> FLAGS = List.of(
            "-Xmx320m", "-XX:MetaspaceSize=200m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xlog:disable", "-Xlog:all=off", "--enable-native-access=ALL-UNNAMED",
            "-Dspring.main.banner-mode=off", "-Dspring.jmx.enabled=false", "-Dspring.main.lazy-initialization=false");

    /// Where it lies for all virtual machines of a build, which make it once.
    private static final Path SHARED = Path.of("target", "replica");

    private static @Nullable Image made;

    /// Packs the classes of this build and lets one start and end itself for the cache, once in a build; `settings` must let it start.
    static synchronized Image pack(Map<String, String> settings) {
        Image image = made == null ? shared(settings) : made;
        made = image;
        return image;
    }

    private static Image shared(Map<String, String> settings) {
        try {
            Files.createDirectories(SHARED);
            try (FileChannel lock = FileChannel.open(SHARED.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE); var held = lock.lock()) {
                Path jar = SHARED.resolve("portal.jar");
                Path cache = SHARED.resolve("portal.aot");
                Path stamp = SHARED.resolve("stamp");
                String classPath = classPath(jar);
                String now = stamp(classPath);
                if (!Files.exists(stamp) || !Files.readString(stamp).equals(now)) {
                    Files.deleteIfExists(stamp);
                    make(jar, classPath, cache, settings);
                    Files.writeString(stamp, now);
                }
                return new Image(command(classPath, Files.exists(cache) ? List.of("-XX:AOTCache=" + cache) : List.of()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What it is made of.
    private static String stamp(String classPath) throws IOException {
        try (Stream<Path> classes = Files.walk(Path.of("target/classes"))) {
            List<String> files = new ArrayList<>();
            for (Path file : (Iterable<Path>) classes.filter(Files::isRegularFile).sorted()::iterator) {
                files.add(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis());
            }
            return System.getProperty("java.home") + "\n" + classPath + "\n" + String.join("\n", files);
        }
    }

    private static void make(Path jar, String classPath, Path cache, Map<String, String> settings) throws IOException {
        try {
            Files.deleteIfExists(cache);
            pack(Path.of("target/classes"), jar);
            List<String> training = command(classPath, List.of("-XX:AOTCacheOutput=" + cache, "-Dspring.context.exit=onRefresh"));
            settings.forEach((name, value) -> training.add("--" + name + "=" + value));
            training.add("--server.port=0");
            Process process = new ProcessBuilder(training).redirectErrorStream(true).redirectOutput(SHARED.resolve("training.log").toFile()).start();
            if (!process.waitFor(180, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                Files.deleteIfExists(cache);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Another version: its compiled classes, with the libraries of this one. Packs them into the folder, and starts without a cache.
    static Image of(Path classes, Path folder) throws IOException {
        Path jar = folder.resolve("other-portal.jar");
        pack(classes, jar);
        return new Image(command(classPath(jar), List.of()));
    }

    private static String classPath(Path jar) {
        List<String> path = new ArrayList<>(List.of(jar.toString()));
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).filter(entry -> entry.endsWith(".jar")).forEach(path::add);
        return String.join(File.pathSeparator, path);
    }

    private static List<String> command(String classPath, List<String> flags) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(FLAGS);
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath, "dev.countersign.Countersign"));
        return command;
    }

    /// With these flags of the JVM too; of two that contradict each other, these count.
    Image with(String... flags) {
        List<String> more = new ArrayList<>(command);
        more.addAll(more.indexOf("-cp"), List.of(flags));
        return new Image(List.copyOf(more));
    }

    /// With a jar more at the end of its class path.
    Image withJar(Path jar) {
        List<String> more = new ArrayList<>(command);
        more.set(more.indexOf("-cp") + 1, more.get(more.indexOf("-cp") + 1) + File.pathSeparator + jar);
        return new Image(List.copyOf(more));
    }

    static void pack(Path classes, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file); Stream<Path> all = Files.walk(classes)) {
            for (Path path : (Iterable<Path>) all.filter(path -> !path.equals(classes))::iterator) {
                // Folders too: without their entries the components in them are not found.
                boolean folder = Files.isDirectory(path);
                out.putNextEntry(new ZipEntry(classes.relativize(path).toString().replace(File.separatorChar, '/') + (folder ? "/" : "")));
                if (!folder) {
                    Files.copy(path, out);
                }
                out.closeEntry();
            }
        }
    }
}
