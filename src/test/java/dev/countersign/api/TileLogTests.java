package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.audit.proof.Checkpoint;
import dev.countersign.audit.proof.Merkle;
import dev.countersign.audit.proof.TilesCommand;
import dev.countersign.audit.proof.VerifierKey;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/// The record as a client of C2SP tlog-tiles reads it, from the portal and from the folder that `tiles` makes of an export, at the edges of
/// tiles and beyond. With `-Dtiles.fsck=PROGRAM` Tessera's `fsck`
/// judges the same log, whole and harmed; `-Dtiles.entries=N` makes it longer.
@PortalTest
class TileLogTests {
    private static final String FSCK = System.getProperty("tiles.fsck", "");
    private static final long ENTRIES = Long.getLong("tiles.entries", 600);
    private static final String PREFIX = "/api/v1/audit/log/";
    private static final int WIDTH = 256;

    @Autowired
    Fixtures fixtures;

    @Autowired
    ApiTokens tokens;

    @Autowired
    Tenants tenants;

    @Autowired
    AuditLog log;

    @LocalServerPort
    int port;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private TestTenant home;
    private String token;
    private String auditors;
    private VerifierKey key;

    @BeforeEach
    void open() {
        home = fixtures.tenant();
        token = token("engineer");
        auditors = token("auditor");
    }

    /// Itself an entry of the record.
    private String token(String person) {
        return CurrentTenant.call(home.tenant().id(),
                () -> tokens.issue(Actor.system("test"), home.person(person), "log", Set.of(Scope.READ), Duration.ofHours(1))).secret();
    }

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void everyTileIsTheTreeOverTheBundles() throws Exception {
        for (long size : List.of(256L, 257L, 512L, ENTRIES)) {
            grow(size);
            Map<String, byte[]> files = files(size);
            Checkpoint signed = Checkpoint.open(new String(files.get("checkpoint"), StandardCharsets.UTF_8), List.of(key));
            assertThat(signed.size()).isEqualTo(size);
            List<byte[]> leaves = leaves(files, size);
            assertThat(Merkle.root(size, (height, index) -> node(leaves, height, index))).isEqualTo(signed.root());
            for (Place place : places(size)) {
                if (place.level() >= 0) {
                    assertThat(files.get(place.path())).as(place.path()).isEqualTo(tile(leaves, place));
                }
            }
        }
    }

    @Test
    void checkpointAndTilesComeAsTheSpecificationSays() throws Exception {
        grow(WIDTH);
        HttpResponse<byte[]> checkpoint = get("checkpoint");
        assertThat(checkpoint.headers().firstValue("Content-Type")).hasValue("text/plain;charset=UTF-8");
        assertThat(checkpoint.headers().firstValue("Cache-Control").orElseThrow()).contains("no-store");
        HttpResponse<byte[]> tile = get("tile/0/000");
        assertThat(tile.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
        assertThat(tile.headers().firstValue("Cache-Control").orElseThrow()).contains("immutable");
    }

    /// The last two are where 256 times the place wraps around: to a number below zero, and to zero.
    @Test
    void whatIsNotInTheTreeIsNotThere() throws Exception {
        grow(WIDTH);
        for (String path : List.of("tile/0/999", "tile/0/000.p/256", "tile/0/000.p/0", "tile/0/x000", "tile/0/0", "tile/8/000", "tile/2/000.p/1", "tile/entries/999.p/1",
                "tile/entries/x036/x028/x797/x018/x963/968.p/1", "tile/entries/x072/x057/x594/x037/x927/936.p/1")) {
            HttpResponse<byte[]> answer = get(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(404);
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("CS9404");
        }
    }

    @Test
    void theFolderMadeOfAnExportIsWhatThePortalServes() throws Exception {
        for (long size : List.of(256L, 257L, ENTRIES)) {
            grow(size);
            Path log = exported(size);
            Map<String, byte[]> served = files(size);
            Map<String, byte[]> written = read(log);
            assertThat(written.keySet()).isEqualTo(served.keySet());
            served.forEach((path, bytes) -> assertThat(written.get(path)).as(path).isEqualTo(bytes));
        }
    }

    @Test
    void tesserasFsckFindsTheFolderWholeAndEveryHarmOfIt() throws Exception {
        assumeTrue(!FSCK.isEmpty(), "-Dtiles.fsck= names no program");
        for (long size : List.of(255L, 256L, 257L, 512L, ENTRIES)) {
            grow(size);
            assertThat(fsck(exported(size).toUri().toString(), key)).contains("Successfully fsck'd log with size " + size + " and root");
        }
        findsEveryHarmOf(read(folder.resolve("log" + ENTRIES)));
    }

    @Test
    void tesserasFsckFindsItWhole() throws Exception {
        assumeTrue(!FSCK.isEmpty(), "-Dtiles.fsck= names no program");
        for (long size : List.of(255L, 256L, 257L, 512L, 513L, ENTRIES)) {
            grow(size);
            assertThat(fsck("http://127.0.0.1:" + port + PREFIX, key)).contains("Successfully fsck'd log with size " + size + " and root");
        }
    }

    @Test
    void tesserasFsckFindsEveryHarm() throws Exception {
        assumeTrue(!FSCK.isEmpty(), "-Dtiles.fsck= names no program");
        grow(ENTRIES);
        findsEveryHarmOf(files(ENTRIES));
    }

    // --- the log ---

    /// Until exactly so many entries are sealed.
    private void grow(long size) throws Exception {
        long last;
        do {
            last = append(size);
        } while (last < size);
        ApiCalls calls = ApiCalls.at(port).withToken(token);
        for (int i = 0; i < 600; i++) {
            ApiCalls.Said said = calls.get("/api/v1/audit/checkpoint");
            if (said.status() == 200 && ((Number) said.at("/size")).longValue() >= size) {
                key = VerifierKey.parse((String) said.at("/keys/0"));
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("not sealed: " + size);
    }

    /// Some at a time: no transaction may take long. Returns how many there are.
    private long append(long size) {
        return tenants.inTenant(home.tenant().id(), () -> {
            long last = 0;
            for (int i = 0; i < 1_000 && last < size; i++) {
                last = log.append(new AuditEvent("cluster.tiled", Actor.system("test"), new Subject("cluster", "demo"), "tiled cluster demo", Map.of()));
            }
            return last;
        });
    }

    /// `level` -1 is the bundles.
    private record Place(int level, long number, int width) {
        String path() {
            StringBuilder digits = new StringBuilder("%03d".formatted(number % 1000));
            for (long rest = number / 1000; rest > 0; rest /= 1000) {
                digits.insert(0, "x%03d/".formatted(rest % 1000));
            }
            return "tile/" + (level < 0 ? "entries" : Integer.toString(level)) + "/" + digits + (width == WIDTH ? "" : ".p/" + width);
        }
    }

    private static List<Place> places(long size) {
        List<Place> places = new ArrayList<>();
        for (int level = -1; level < 8; level++) {
            long count = size >> (8 * Math.max(level, 0));
            for (long number = 0; number < (count + WIDTH - 1) / WIDTH; number++) {
                places.add(new Place(level, number, (int) Math.min(WIDTH, count - number * WIDTH)));
            }
        }
        return places;
    }

    private Map<String, byte[]> files(long size) throws Exception {
        Map<String, byte[]> files = new TreeMap<>();
        files.put("checkpoint", get("checkpoint").body());
        for (Place place : places(size)) {
            HttpResponse<byte[]> answer = get(place.path());
            assertThat(answer.statusCode()).as(place.path()).isEqualTo(200);
            files.put(place.path(), answer.body());
        }
        return files;
    }

    /// The folder that the command makes of an export.
    private Path exported(long size) throws Exception {
        HttpResponse<byte[]> export = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/audit/export"))
                .header("Authorization", "Bearer " + auditors).build(), HttpResponse.BodyHandlers.ofByteArray());
        Path record = Files.write(folder.resolve("record" + size), export.body());
        Path log = folder.resolve("log" + size);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        assertThat(TilesCommand.run(List.of("--key", key.toString(), record.toString(), log.toString()), out, out)).as(said.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("wrote " + log + ": " + size + " entries in ").endsWith("with the key " + key + "\n");
        return log;
    }

    private static Map<String, byte[]> read(Path log) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(log)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(log.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + PREFIX + path)).header("Authorization", "Bearer " + token).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static List<byte[]> entries(Map<String, byte[]> files, long size) {
        List<byte[]> entries = new ArrayList<>();
        for (Place place : places(size)) {
            if (place.level() < 0) {
                byte[] bundle = files.get(place.path());
                assertThat(bundle).hasSize(place.width() * 34);
                for (int at = 0; at < bundle.length; at += 34) {
                    assertThat(bundle[at] << 8 | bundle[at + 1]).isEqualTo(32);
                    entries.add(Arrays.copyOfRange(bundle, at + 2, at + 34));
                }
            }
        }
        return entries;
    }

    private static List<byte[]> leaves(Map<String, byte[]> files, long size) {
        return entries(files, size).stream().map(Merkle::leaf).toList();
    }

    private static byte[] node(List<byte[]> leaves, int height, long index) {
        return height == 0 ? leaves.get((int) index) : Merkle.node(node(leaves, height - 1, 2 * index), node(leaves, height - 1, 2 * index + 1));
    }

    private static byte[] tile(List<byte[]> leaves, Place place) {
        ByteArrayOutputStream tile = new ByteArrayOutputStream();
        for (int i = 0; i < place.width(); i++) {
            tile.writeBytes(node(leaves, 8 * place.level(), place.number() * WIDTH + i));
        }
        return tile.toByteArray();
    }

    // --- harms ---

    private void findsEveryHarmOf(Map<String, byte[]> whole) throws Exception {
        Map<String, Consumer<Map<String, byte[]>>> harms = new LinkedHashMap<>();
        harms.put("a byte of an entry is flipped", files -> flip(files, "tile/entries/001", 40));
        harms.put("an entry is dropped at the end of a bundle", files -> files.merge("tile/entries/001", new byte[0], (bytes, none) -> Arrays.copyOf(bytes, bytes.length - 34)));
        harms.put("an entry is dropped within, the next ones move up", files -> drop(files, 300));
        harms.put("two tiles are swapped", files -> files.put("tile/0/000", files.put("tile/0/001", files.get("tile/0/000"))));
        harms.put("two bundles are swapped", files -> files.put("tile/entries/000", files.put("tile/entries/001", files.get("tile/entries/000"))));
        harms.put("a tile of level 1 is not that of its level 0", files -> flip(files, "tile/1/000.p/" + ENTRIES / WIDTH, 3));
        harms.put("a tile is missing", files -> files.remove("tile/0/001"));
        harms.put("an entry is changed and every tile made anew", files -> forge(files, 300));
        harms.put("the root in the checkpoint is another", files -> flip(files, "checkpoint", new String(whole.get("checkpoint"), StandardCharsets.UTF_8).indexOf("\n\n") - 10));
        assertThat(fsck(write("whole", whole), key)).contains("Successfully fsck'd log with size " + ENTRIES + " and root");
        int number = 0;
        for (Map.Entry<String, Consumer<Map<String, byte[]>>> harm : harms.entrySet()) {
            Map<String, byte[]> files = new TreeMap<>();
            whole.forEach((path, bytes) -> files.put(path, bytes.clone()));
            harm.getValue().accept(files);
            assertThat(fsck(write("harmed" + number++, files), key)).as(harm.getKey()).doesNotContain("Successfully").containsAnyOf("fsck failed", "panic");
        }
        assertThat(fsck(folder.resolve("whole").toUri().toString(), new VerifierKey(key.name(), new byte[32]))).contains("fsck failed").doesNotContain("Successfully");
    }

    private static void flip(Map<String, byte[]> files, String path, int at) {
        files.get(path)[at] ^= 1;
    }

    private static void drop(Map<String, byte[]> files, int entry) {
        List<byte[]> entries = entries(files, ENTRIES);
        entries.remove(entry);
        bundle(files, entries);
    }

    private static void forge(Map<String, byte[]> files, int entry) {
        List<byte[]> entries = entries(files, ENTRIES);
        entries.get(entry)[0] ^= 1;
        bundle(files, entries);
        List<byte[]> leaves = leaves(files, ENTRIES);
        places(ENTRIES).stream().filter(place -> place.level() >= 0).forEach(place -> files.put(place.path(), tile(leaves, place)));
    }

    /// Under the names that the bundles have already.
    private static void bundle(Map<String, byte[]> files, List<byte[]> entries) {
        for (Place place : places(ENTRIES)) {
            if (place.level() < 0) {
                ByteArrayOutputStream bundle = new ByteArrayOutputStream();
                entries.stream().skip(place.number() * WIDTH).limit(place.width()).forEach(entry -> {
                    bundle.write(0);
                    bundle.write(32);
                    bundle.writeBytes(entry);
                });
                files.put(place.path(), bundle.toByteArray());
            }
        }
    }

    // --- the other program ---

    private String write(String name, Map<String, byte[]> files) throws IOException {
        Path root = folder.resolve(name);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = root.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return root.toUri().toString();
    }

    /// What it says, for its exit code tells little: it is 0 after most failures too. Each of its workers ends with the first tile that is wrong, and
    /// where all have ended it waits for ever: so there are more of them than tiles, except where they would crowd the portal.
    private String fsck(String log, VerifierKey key) throws Exception {
        Path words = Files.createTempFile(folder, "fsck", ".txt");
        Path trusted = Files.writeString(folder.resolve("key"), key.toString());
        long workers = log.startsWith("file:") ? ENTRIES / WIDTH + 8 : 2;
        Process process = new ProcessBuilder(FSCK, "--ui=false", "--N=" + workers, "--storage_url=" + log, "--bearer_token=" + token, "--public_key=" + trusted)
                .redirectErrorStream(true).redirectOutput(words.toFile()).start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return Files.readString(words);
    }
}
