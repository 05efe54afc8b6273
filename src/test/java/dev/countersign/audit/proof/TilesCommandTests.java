package dev.countersign.audit.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of a record in a folder, and when nothing does. That the folder is what the portal serves, and what another program says of
/// it: `TileLogTests`.
class TilesCommandTests {
    private static final Path GOLDEN = Path.of("src/test/resources/record/0.1.0/stops.record");

    @TempDir
    Path folder;

    private final Sample sample = new Sample("test/tiles", new Random(3), 300);

    private record Said(int code, String out, String err) {}

    private static Said tiles(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = TilesCommand.run(Stream.of(arguments).map(Object::toString).toList(), new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static Said verify(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = VerifyCommand.run(Stream.of(arguments).map(Object::toString).toList(), new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Said(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private Path record(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("record.txt"), bytes);
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

    /// The digests were computed by another program.
    @Test
    void whatTheFirstReleaseWroteIsThisLog() throws Exception {
        Path log = folder.resolve("log");
        Said said = tiles(GOLDEN, log);
        Map<String, byte[]> files = read(log);
        StringBuilder listing = new StringBuilder();
        files.forEach((path, bytes) -> listing.append(path).append(' ').append(HexFormat.of().formatHex(Merkle.sha256(bytes))).append('\n'));
        assertThat(said.code()).isZero();
        assertThat(new String(files.get("checkpoint"), StandardCharsets.UTF_8).lines().toList().get(2)).isEqualTo("MapS8lSd1oVlNkYKis+Gj3QlfTv0iqT2v1O3Tn1pmXo=");
        assertThat(listing.toString()).isEqualTo("""
                checkpoint bd0ccd8fd61dccaac4e8c69cb4615d6cee1f80d1563426b91c86651b9a96819e
                tile/0/000.p/18 0334f60207329fb77022354f565623f0e8717b3aa0db4b54fe0fc146971d4024
                tile/entries/000.p/18 5186ed441b428eb441ccaf755a2df23f814d162aa81b21f416a5375f6decb1b1
                """);
    }

    @Test
    void itSaysWhatWasWrittenAndTheKeyToCheckItWith() throws Exception {
        Path log = folder.resolve("log");
        Path record = record(sample.file());
        Said said = tiles("--key", sample.verifier, record, log);
        assertThat(said).isEqualTo(new Said(0, "good " + record + ": 300 entries of test/tiles, sealed at 300\n"
                + "wrote " + log + ": 300 entries in 2 bundles, 3 tiles, the checkpoint; check it with the key " + sample.verifier + "\n", ""));
        assertThat(read(log)).containsOnlyKeys("checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44");
    }

    @Test
    void theCheckpointIsTheLastOneAndTheKeyTheOneThatSignedIt() throws Exception {
        Ed25519 next = Ed25519.ofSeed("0123456789abcdefghijklmnopqrstuv".getBytes(StandardCharsets.US_ASCII));
        VerifierKey verifier = new VerifierKey(sample.origin, next.publicKey());
        sample.notes.set(sample.notes.size() - 1, new Checkpoint(sample.origin, 300, Sample.root(sample.entries)).sign(next));
        Path log = Files.createDirectory(folder.resolve("empty"));
        Said said = tiles("--key", sample.verifier, "--key", verifier, record(sample.file()), log);
        assertThat(said.out()).endsWith("check it with the key " + verifier + "\n");
        assertThat(Files.readString(log.resolve("checkpoint"))).isEqualTo(sample.notes.getLast());
    }

    /// 65,537 is an entry more than two full levels, with a tile on the third.
    @Test
    void everyTileIsTheTreeOverTheBundlesAndNothingElseIsThere() throws Exception {
        for (int size : List.of(1, 2, 255, 256, 257, 512, 65_537)) {
            List<SealedEntry> entries = Sample.chain(Collections.nCopies(size, "{}"), LongStream.rangeClosed(1, size).boxed().toList());
            byte[] root = Sample.root(entries);
            Path log = folder.resolve("log" + size);
            assertThat(tiles(record(sample.file(entries, List.of(size), List.of(new Checkpoint(sample.origin, size, root).sign(sample.key)))), log).code()).isZero();
            Map<String, byte[]> files = read(log);
            assertThat(Checkpoint.open(new String(files.remove("checkpoint"), StandardCharsets.UTF_8), List.of(sample.verifier))).isEqualTo(new Checkpoint(sample.origin, size, root));
            ByteArrayOutputStream bundled = new ByteArrayOutputStream();
            entries.forEach(entry -> {
                bundled.writeBytes(new byte[] {0, 32});
                bundled.writeBytes(entry.digest());
            });
            taken(files, "entries", bundled.toByteArray(), 34);
            List<byte[]> hashes = entries.stream().map(entry -> Merkle.leaf(entry.digest())).toList();
            for (int level = 0; !hashes.isEmpty(); level++) {
                ByteArrayOutputStream row = new ByteArrayOutputStream();
                hashes.forEach(row::writeBytes);
                taken(files, Integer.toString(level), row.toByteArray(), 32);
                for (int i = 0; i < 8; i++) {
                    hashes = pairs(hashes);
                }
            }
            assertThat(files).as(size + " entries").isEmpty();
        }
    }

    /// Takes the files of one level out, which must be the row cut into pieces of 256.
    private static void taken(Map<String, byte[]> files, String level, byte[] row, int each) {
        for (int from = 0, number = 0; from < row.length; from += 256 * each, number++) {
            byte[] piece = Arrays.copyOfRange(row, from, Math.min(row.length, from + 256 * each));
            String path = "tile/" + level + "/" + "%03d".formatted(number) + (piece.length == 256 * each ? "" : ".p/" + piece.length / each);
            assertThat(files.remove(path)).as(path).isEqualTo(piece);
        }
    }

    private static List<byte[]> pairs(List<byte[]> hashes) {
        List<byte[]> above = new ArrayList<>();
        for (int i = 0; i + 1 < hashes.size(); i += 2) {
            above.add(Merkle.node(hashes.get(i), hashes.get(i + 1)));
        }
        return above;
    }

    /// The first is the specification's own example.
    @Test
    void placesAreWrittenInGroupsOfThreeDigits() {
        assertThat(TileLog.place(1_234_067, 256)).isEqualTo("x001/x234/067");
        assertThat(TileLog.place(1_000, 1)).isEqualTo("x001/000.p/1");
        assertThat(TileLog.place(999, 255)).isEqualTo("999.p/255");
    }

    @Test
    void aBadRecordIsRefusedWithTheWordsOfVerifyAndNothingIsWritten() throws Exception {
        Random random = new Random(4);
        Path log = folder.resolve("log");
        Sample other = new Sample("test/other", random, 300);
        for (String kind : Sample.KINDS) {
            Path record = record(sample.mutate(kind, random, other).file());
            Path witness = Files.writeString(folder.resolve("witness"), sample.notes.getLast());
            Said verified = verify("--key", sample.verifier, "--witness", witness, record);
            assertThat(verified.code()).as(kind).isEqualTo(1);
            assertThat(tiles("--key", sample.verifier, "--witness", witness, record, log)).as(kind).isEqualTo(verified);
            assertThat(log).doesNotExist();
        }
        Path record = record(sample.file());
        assertThat(tiles("--key", other.verifier, record, log)).isEqualTo(verify("--key", other.verifier, record)).extracting(Said::code).isEqualTo(1);
        assertThat(log).doesNotExist();
    }

    @Test
    void entriesThatNoCheckpointCoversAreRefusedAsVerifyRefusesThem() throws Exception {
        Path log = folder.resolve("log");
        Path never = record(sample.file(sample.entries, List.of(), List.of()));
        assertThat(tiles(never, log)).isEqualTo(verify(never)).extracting(Said::out).isEqualTo("BAD " + never + ": entry 1: no checkpoint covers the entries from here\n");
        assertThat(log).doesNotExist();
        int last = sample.marks.get(sample.marks.size() - 2);
        Path tail = record(sample.file(sample.entries, sample.marks.subList(0, sample.marks.size() - 1), sample.notes));
        assertThat(tiles(tail, log)).isEqualTo(verify(tail)).extracting(Said::out).isEqualTo("BAD " + tail + ": entry " + (last + 1) + ": no checkpoint covers the entries from here\n");
        assertThat(log).doesNotExist();
    }

    @Test
    void aReceiptIsNoRecord() throws Exception {
        List<byte[]> leaves = sample.entries.stream().map(entry -> Merkle.leaf(entry.digest())).toList();
        Path receipt = record(Receipt.text(sample.origin, List.of(sample.verifier), sample.entries.getFirst(), Merkle.inclusion(0, 300, MerkleTests.nodes(leaves)), sample.notes.getLast())
                .getBytes(StandardCharsets.UTF_8));
        Said said = tiles("--key", sample.verifier, receipt, folder.resolve("log"));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).isEqualTo("tiles: " + receipt + " is a receipt, of which no log can be made: take an exported record\n");
        assertThat(folder.resolve("log")).doesNotExist();
    }

    @Test
    void aFolderThatHoldsSomethingIsLeftAsItIs() throws Exception {
        Path full = Files.createDirectory(folder.resolve("full"));
        Files.writeString(full.resolve("mine"), "mine");
        Path record = record(sample.file());
        assertThat(tiles("--key", sample.verifier, record, full)).isEqualTo(new Said(2, "", "tiles: " + full + " is not empty: name a folder that is new or empty\n"));
        assertThat(read(full)).containsOnlyKeys("mine");
        assertThat(tiles("--key", sample.verifier, record, record)).isEqualTo(new Said(2, "", "tiles: " + record + " is no folder: name a folder that is new or empty\n"));
        assertThat(Files.readAllBytes(record)).isEqualTo(sample.file());
    }

    @Test
    void aFolderThatCannotBeMadeIsSaid() throws Exception {
        Path record = record(sample.file());
        Said said = tiles("--key", sample.verifier, record, record.resolve("log"));
        assertThat(said.code()).isEqualTo(2);
        assertThat(said.err()).startsWith("tiles: " + record.resolve("log") + " cannot be written: ");
    }

    @Test
    void whatCannotBeReadIsSaidAsVerifySaysIt() {
        Path log = folder.resolve("log");
        Path nowhere = folder.resolve("nowhere");
        assertThat(tiles(nowhere, log)).isEqualTo(verify(nowhere)).extracting(Said::code).isEqualTo(2);
        assertThat(tiles("--key", "none", nowhere, log)).isEqualTo(verify("--key", "none", nowhere)).extracting(Said::code).isEqualTo(2);
        assertThat(log).doesNotExist();
    }

    @Test
    void anyOtherNumberOfArgumentsIsAnsweredWithTheUsage() throws Exception {
        Path record = record(sample.file());
        Path log = folder.resolve("log");
        for (Object[] arguments : List.of(new Object[] {}, new Object[] {record}, new Object[] {record, log, log}, new Object[] {record, "--folder"})) {
            Said said = tiles(arguments);
            assertThat(said.code()).isEqualTo(2);
            assertThat(said.err()).startsWith("Usage: tiles [--key KEY]... [--witness FILE]... RECORD FOLDER\n");
        }
        assertThat(log).doesNotExist();
    }

    /// As a stranger starts it, with nothing set that the portal needs.
    @Test
    void theProgramKnowsTheCommand() throws Exception {
        Path log = folder.resolve("log");
        Path said = folder.resolve("said");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"), "dev.countersign.Countersign",
                "tiles", GOLDEN.toString(), log.toString()).redirectErrorStream(true).redirectOutput(said.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        assertThat(Files.readAllLines(said)).hasSize(3).last().asString().startsWith("wrote " + log + ": ");
        assertThat(log.resolve("checkpoint")).exists();
    }
}
