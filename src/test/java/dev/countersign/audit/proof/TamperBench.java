package dev.countersign.audit.proof;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// L5: records are changed in every way of `Sample.KINDS`, many times each, and verified against the witness's last checkpoint: is each
/// found, and the first bad entry named? The records are exported ones of 2 to 41 entries made for this; what a superuser changes in the
/// stored tables is the matter of `SealingTests`. (L6, the second verifier in another language, is `RecordVerifierTests` with
/// `-Drecord.logs=1000`.)
///
/// `-Dl5.mutations=10000` (the target's 100,000). Last line: `L5 found, found of all, verdict`.
public final class TamperBench {
    private static final int MUTATIONS = Integer.getInteger("l5.mutations", Boolean.getBoolean("bench.quick") ? 1_000 : 10_000);

    private TamperBench() {}

    public static void main(String[] arguments) throws Exception {
        Random random = new Random(5);
        int found = 0;
        int named = 0;
        long start = System.nanoTime();
        for (int i = 0; i < MUTATIONS; i++) {
            Sample sample = new Sample("test/" + i, random, 2 + random.nextInt(40));
            while (sample.marks.size() < 2) {
                sample = new Sample("test/" + i, random, 2 + random.nextInt(40));
            }
            Sample.Mutant mutant = sample.mutate(Sample.KINDS.get(i % Sample.KINDS.size()), random, new Sample("test/other", random, 2 + random.nextInt(40)));
            if (new RecordVerifier(List.of(sample.verifier), List.of(sample.notes.getLast())).verify(new ByteArrayInputStream(mutant.file())) instanceof Verdict.Bad bad) {
                found++;
                named += bad.firstBad() >= mutant.from() && bad.firstBad() <= mutant.wrong() ? 1 : 0;
            }
        }
        System.out.printf(Locale.ROOT, "%d mutations of %d kinds in %.0f s: %d found, %d with their place%n", MUTATIONS, Sample.KINDS.size(), (System.nanoTime() - start) / 1e9, found, named);
        System.out.printf(Locale.ROOT, "L5 %d %.4f %s%n", found, (double) named / MUTATIONS, found == MUTATIONS && named == MUTATIONS ? "met" : "missed");
    }
}
