package dev.countersign.audit.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever is done to a record is found, with the place. Full volume: -Drecord.mutations=100000 -Drecord.logs=1000.
class RecordVerifierTests {
    private static final int MUTATIONS = Integer.getInteger("record.mutations", 500);
    private static final int LOGS = Integer.getInteger("record.logs", 60);

    private static Verdict verdict(Sample sample, byte[] file) throws IOException {
        return new RecordVerifier(List.of(sample.verifier), List.of(sample.notes.getLast())).verify(new ByteArrayInputStream(file));
    }

    private static Sample sample(Random random, int number) {
        return new Sample("test/" + number, random, 2 + random.nextInt(40));
    }

    /// With two checkpoints at least, so that it can be cut.
    private static Sample cuttable(Random random, int number) {
        Sample sample = sample(random, number);
        while (sample.marks.size() < 2) {
            sample = sample(random, number);
        }
        return sample;
    }

    @Test
    void everyMutationIsFoundAtItsPlace() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < MUTATIONS; i++) {
            Sample sample = cuttable(random, i);
            assertThat(verdict(sample, sample.file())).isEqualTo(new Verdict.Good(sample.origin, sample.entries.size(), sample.entries.size()));
            Sample.Mutant mutant = sample.mutate(Sample.KINDS.get(i % Sample.KINDS.size()), random, sample(random, -1));
            Verdict verdict = verdict(sample, mutant.file());
            assertThat(verdict).as("seed 7, round " + i + ", " + mutant.kind()).isInstanceOf(Verdict.Bad.class);
            assertThat(((Verdict.Bad) verdict).firstBad()).as("round " + i + ", " + mutant.kind() + ": " + verdict).isBetween(mutant.from(), mutant.wrong());
        }
    }

    @Test
    void aRecordSignedByAnotherKeyIsRefusedThoughItNamesTheKey() throws Exception {
        Sample real = new Sample("test/real", new Random(1), 9);
        Sample forged = new Sample("test/real", new Random(2), 9);
        assertThat(verdict(real, forged.file())).isInstanceOf(Verdict.Bad.class);
        assertThat(new RecordVerifier(List.of(), List.of()).verify(new ByteArrayInputStream(forged.file()))).isInstanceOf(Verdict.Good.class);
    }

    @Test
    void aFormerKeyStillCountsAfterARotation() throws Exception {
        Sample sample = cuttable(new Random(5), 1);
        Ed25519 next = Ed25519.ofSeed("0123456789abcdefghijklmnopqrstuv".getBytes(StandardCharsets.US_ASCII));
        sample.notes.set(sample.notes.size() - 1, new Checkpoint(sample.origin, sample.entries.size(), Sample.root(sample.entries)).sign(next));
        List<VerifierKey> both = List.of(sample.verifier, new VerifierKey(sample.origin, next.publicKey()));
        assertThat(new RecordVerifier(both, List.of()).verify(new ByteArrayInputStream(sample.file()))).isInstanceOf(Verdict.Good.class);
        assertThat(new RecordVerifier(List.of(both.getLast()), List.of()).verify(new ByteArrayInputStream(sample.file()))).isInstanceOf(Verdict.Bad.class);
    }

    @Test
    void bothVerifiersAgreeOnGoodAndBadRecords(@TempDir Path folder) throws Exception {
        assumeTrue(node() != null, "no node on this machine");
        Random random = new Random(11);
        List<String> arguments = new ArrayList<>();
        List<String> files = new ArrayList<>();
        int bad = 0;
        for (int i = 0; i < LOGS; i++) {
            Sample sample = cuttable(random, i);
            arguments.addAll(List.of("--key", sample.verifier.toString(), "--witness", write(folder, i + ".witness", sample.notes.getLast().getBytes(StandardCharsets.UTF_8))));
            files.add(write(folder, i + ".good", sample.file()));
            files.add(write(folder, i + ".bad", sample.mutate(Sample.KINDS.get(i % Sample.KINDS.size()), random, sample(random, -1)).file()));
            byte[] flipped = sample.file();
            flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
            files.add(write(folder, i + ".flipped", flipped));
            files.add(write(folder, i + ".receipt", receipt(sample, random, false)));
            files.add(write(folder, i + ".forged", receipt(sample, random, true)));
            bad += 2;
        }
        arguments.addAll(files);
        ByteArrayOutputStream ours = new ByteArrayOutputStream();
        int code = VerifyCommand.run(arguments, new PrintStream(ours, true, StandardCharsets.UTF_8), System.err);
        List<String> command = new ArrayList<>(List.of(java.util.Objects.requireNonNull(node()), "deploy/verify/verify.mjs"));
        command.addAll(arguments);
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command).redirectOutput(output.toFile()).redirectErrorStream(true).start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(code).isEqualTo(1);
        assertThat(Files.readAllLines(output)).isEqualTo(ours.toString(StandardCharsets.UTF_8).lines().toList()).hasSize(files.size());
        List<String> lines = Files.readAllLines(output);
        assertThat(lines.stream().filter(line -> line.startsWith("good") && line.contains(".good:")).count()).isEqualTo(LOGS);
        assertThat(lines.stream().filter(line -> line.startsWith("good") && line.contains(".receipt:")).count()).isEqualTo(LOGS);
        assertThat(lines.stream().filter(line -> line.startsWith("BAD") && (line.contains(".bad:") || line.contains(".forged:"))).count()).isEqualTo(bad);
    }

    private static byte[] receipt(Sample sample, Random random, boolean forged) {
        int at = random.nextInt(sample.entries.size());
        SealedEntry entry = sample.entries.get(at);
        List<byte[]> leaves = sample.entries.stream().map(one -> Merkle.leaf(one.digest())).toList();
        List<byte[]> path = Merkle.inclusion(at, leaves.size(), MerkleTests.nodes(leaves));
        if (forged) {
            SealedEntry other = new SealedEntry(entry.seq(), entry.micros() + 1, entry.previous(), entry.digest(), entry.content());
            entry = random.nextBoolean() ? other : new SealedEntry(entry.seq(), entry.micros() + 1, entry.previous(), other.computedDigest(), entry.content());
        }
        return Receipt.text(sample.origin, List.of(sample.verifier), entry, path, sample.notes.getLast()).getBytes(StandardCharsets.UTF_8);
    }

    private static String write(Path folder, String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes).toString();
    }

    private static @org.jspecify.annotations.Nullable String node() {
        for (String place : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(place, "node"))) {
                return Path.of(place, "node").toString();
            }
        }
        return null;
    }
}
