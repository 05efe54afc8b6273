package dev.countersign.faults.clock;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Gives a replica a clock that strays at a word of the test, while it works: every class that is loaded, the JDK's own too, asks `StrayTime`.
/// The test says `wall-milliseconds nanoseconds ppm` in a line over a connection to its port, and is answered when it is so.
///
/// What waits in the kernel (`Thread.sleep`, `wait`, `park`, a socket's timeout) waits its time by the machine; who asks the clock
/// before and after is misled.
public final class ClockAgent {
    private ClockAgent() {}

    /// `port`: where the test listens on this machine.
    public static void premain(String port, Instrumentation instrumentation) throws IOException, UnmodifiableClassException {
        // Both loaded, with whatever they need, before anybody asks them.
        StrayTime.stray(0, 0, 0);
        try (InputStream file = ClassLoader.getSystemResourceAsStream("dev/countersign/faults/clock/StrayTime.class")) {
            ConstantPool.redirected(Objects.requireNonNull(file).readAllBytes());
        }
        Module ours = StrayTime.class.getModule();
        ModuleLayer.boot().modules().forEach(module -> instrumentation.redefineModule(module, Set.of(ours), Map.of(), Map.of(), Set.of(), Map.of()));
        Class<?>[] loaded = Arrays.stream(instrumentation.getAllLoadedClasses())
                .filter(type -> instrumentation.isModifiableClass(type) && !type.isHidden() && !type.getPackageName().equals(ClockAgent.class.getPackageName()))
                .toArray(Class<?>[]::new);
        instrumentation.addTransformer(new ClassFileTransformer() {
            @Override
            public byte @Nullable [] transform(@Nullable ClassLoader loader, String name, Class<?> type, ProtectionDomain domain, byte[] file) {
                if (name == null || name.startsWith("dev/countersign/faults/clock/")) {
                    return null;
                }
                byte[] redirected = ConstantPool.redirected(file);
                return redirected.length == 0 ? null : redirected;
            }
        }, true);
        instrumentation.retransformClasses(loaded);
        Socket test = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
        Thread.ofPlatform().daemon().name("stray-clock").start(() -> obey(test));
    }

    private static void obey(Socket test) {
        try (test; BufferedReader words = new BufferedReader(new InputStreamReader(test.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = words.readLine(); line != null; line = words.readLine()) {
                String[] numbers = line.split(" ");
                StrayTime.stray(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
                test.getOutputStream().write("so it is\n".getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException over) {
            // the test has ended
        }
    }
}
