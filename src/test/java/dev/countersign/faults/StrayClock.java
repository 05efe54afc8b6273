package dev.countersign.faults;

import dev.countersign.faults.clock.ClockAgent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/// The clocks of one replica in the hand of the test: `flag` goes to its JVM. Portable: a Java agent, so no library is preloaded and no
/// right to a time namespace is needed; and unlike with those the clocks move while the replica works.
final class StrayClock implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;

    private final Path jar;
    private final ServerSocket server;
    private Optional<Socket> replica = Optional.empty();

    /// Packs the agent into the folder.
    StrayClock(Path folder) throws IOException {
        jar = folder.resolve("clock-agent.jar").toAbsolutePath();
        pack(jar);
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server.setSoTimeout(PATIENCE_MILLIS);
    }

    private static void pack(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        Attributes words = manifest.getMainAttributes();
        words.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        words.putValue("Premain-Class", ClockAgent.class.getName());
        words.putValue("Boot-Class-Path", jar.getFileName().toString());
        words.putValue("Can-Retransform-Classes", "true");
        words.putValue("Can-Redefine-Classes", "true");
        String folder = ClockAgent.class.getPackageName().replace('.', '/');
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                Stream<Path> classes = Files.list(Path.of(ClockAgent.class.getResource("ClockAgent.class").toURI()).getParent())) {
            for (Path file : classes.filter(path -> !path.endsWith("package-info.class")).toList()) {
                out.putNextEntry(new ZipEntry(folder + "/" + file.getFileName()));
                Files.copy(file, out);
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// For the JVM of the replica.
    String flag() {
        return "-javaagent:" + jar + "=" + server.getLocalPort();
    }

    /// From now on the replica's clocks differ from the machine's by so much, and run `ppm` millionths faster; returns when they do.
    void stray(Duration wall, Duration monotonic, long ppm) throws IOException {
        if (replica.isEmpty()) {
            Socket come = server.accept();
            come.setSoTimeout(PATIENCE_MILLIS);
            replica = Optional.of(come);
        }
        Socket socket = replica.get();
        OutputStream out = socket.getOutputStream();
        out.write((wall.toMillis() + " " + monotonic.toNanos() + " " + ppm + "\n").getBytes(StandardCharsets.US_ASCII));
        if (new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine() == null) {
            throw new IOException("the replica has gone");
        }
    }

    @Override
    public void close() throws IOException {
        if (replica.isPresent()) {
            replica.get().close();
        }
        server.close();
    }
}
