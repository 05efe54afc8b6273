package dev.countersign.audit.proof;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/// L5: records are changed in every way of `Sample.KINDS`, many times each, and verified against the witness's last checkpoint: is each
/// found, and the first bad entry named? The records are exported ones of 2 to 41 entries made for this; what a superuser changes in the
/// stored tables is the matter of `SealingTests`. (L6, the second verifier in another language, is `RecordVerifierTests` with
/// `-Drecord.logs=1000`.)
///
/// `-Dl5.mutations=10000` (the target's 100,000). Last line: `L5 found, found of all, verdict`.
public final class TamperBench {
    private static final int MUTATIONS = Integer.getInteger("l5.mutations", Boolean.getBoolean("bench.quick") ? 1_000 : 10_000);

    private TamperBench() {}

    public static void main(String[] arguments) {
        long start = System.nanoTime();
        List<Judged> judged = IntStream.range(0, MUTATIONS).parallel().mapToObj(TamperBench::judge).toList();
        long found = judged.stream().filter(Judged::found).count();
        long named = judged.stream().filter(Judged::named).count();
        System.out.printf(Locale.ROOT, "%d mutations of %d kinds in %.0f s: %d found, %d with their place%n", MUTATIONS, Sample.KINDS.size(), (System.nanoTime() - start) / 1e9, found, named);
        System.out.printf(Locale.ROOT, "L5 %d %.4f %s%n", found, (double) named / MUTATIONS, found == MUTATIONS && named == MUTATIONS ? "met" : "missed");
    }

    private record Judged(boolean found, boolean named) {}

    /// Its number is its seed.
    private static Judged judge(int number) {
        Random random = new Random(number);
        Sample sample = sample(number, random);
        while (sample.marks.size() < 2) {
            sample = sample(number, random);
        }
        Sample.Mutant mutant = sample.mutate(Sample.KINDS.get(number % Sample.KINDS.size()), random, new Sample("test/other", random, 2 + random.nextInt(40)));
        Verdict verdict;
        try {
            verdict = new RecordVerifier(List.of(sample.verifier), List.of(sample.notes.getLast())).verify(new ByteArrayInputStream(mutant.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return verdict instanceof Verdict.Bad bad ? new Judged(true, bad.firstBad() >= mutant.from() && bad.firstBad() <= mutant.wrong()) : new Judged(false, false);
    }

    private static Sample sample(int number, Random random) {
        return new Sample("test/" + number, random, 2 + random.nextInt(40));
    }
}
