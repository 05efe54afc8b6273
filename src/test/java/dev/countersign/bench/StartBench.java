package dev.countersign.bench;

import dev.countersign.portal.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// W8: cold starts of the extracted jar, with the AOT cache and without in turns, from the start of the process to the line that
/// says it is ready; and what it holds in memory then. `-Dw8.app=DIR` has `countersign.jar`, `lib/` and `countersign.aot` as
/// the Dockerfile makes them; `-Dw8.starts=10` of each.
///
/// Last line: `W8 seconds ratio verdict`.
public final class StartBench {
    private static final Pattern READY = Pattern.compile("Started Countersign in");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+([0-9]+) kB");

    private StartBench() {}

    private record Start(double seconds, double megabytes) {}

    public static void main(String[] arguments) throws Exception {
        Path app = Path.of(System.getProperty("w8.app", ""));
        if (!Files.exists(app.resolve("countersign.aot")) || !Files.exists(app.resolve("countersign.jar"))) {
            throw new IllegalArgumentException("-Dw8.app=DIR: extract the jar and make its cache there as the Dockerfile does");
        }
        int starts = Integer.getInteger("w8.starts", 10);
        double[] with = new double[starts];
        double[] without = new double[starts];
        double[] memory = new double[starts];
        String url = TestDatabase.fresh();
        for (int i = 0; i < starts; i++) {
            without[i] = start(app, url, List.of()).seconds();
            Start cached = start(app, url, List.of("-XX:AOTCache=countersign.aot"));
            with[i] = cached.seconds();
            memory[i] = cached.megabytes();
        }
        System.out.println("without the cache, s: " + new Spread(without));
        System.out.println("with it, s:           " + new Spread(with));
        System.out.println("resident then, MB:    " + new Spread(memory));
        double ratio = new Spread(with).median() / new Spread(without).median();
        System.out.printf(Locale.ROOT, "W8 %.2fs %.2f %s%n", new Spread(with).median(), ratio, new Spread(with).median() <= 2.5 && ratio <= 0.4 ? "met" : "missed");
        System.exit(0);
    }

    private static Start start(Path app, String url, List<String> options) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(List.of("-Xmx256m", "--enable-native-access=ALL-UNNAMED", "-jar", "countersign.jar", "--server.port=0", "--server.address=127.0.0.1",
                "--spring.datasource.url=" + url, "--spring.datasource.username=countersign_app", "--spring.flyway.url=" + url,
                "--spring.flyway.user=countersign_owner", "--countersign.secrets.key=" + key(),
                "--countersign.record.key=" + key()));
        long begin = System.nanoTime();
        Process process = new ProcessBuilder(command).directory(app.toFile()).redirectErrorStream(true).start();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder said = new StringBuilder();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.append(line).append('\n');
                if (READY.matcher(line).find()) {
                    return new Start((System.nanoTime() - begin) / 1e9, resident(process.pid()));
                }
            }
            throw new IllegalStateException("it ended without being ready, " + process.waitFor() + ":\n" + said);
        } finally {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    /// Drawn anew: a key that was not is refused.
    private static String key() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return Base64.getEncoder().encodeToString(key);
    }

    private static double resident(long pid) throws IOException {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.exists(status)) {
            return Double.NaN;
        }
        Matcher found = RESIDENT.matcher(Files.readString(status));
        return found.find() ? Long.parseLong(found.group(1)) / 1024.0 : Double.NaN;
    }
}
