package dev.countersign.audit.proof;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// A record made up from a seed, and everything that can be done to it. What a forger with the whole database can do is done
/// well: chain and digests are made again, only the signing key is not there.
final class Sample {
    final String origin;
    final Ed25519 key;
    final VerifierKey verifier;
    final List<SealedEntry> entries;
    /// After how many entries a checkpoint stands, the last over all.
    final List<Integer> marks = new ArrayList<>();
    final List<String> notes = new ArrayList<>();

    Sample(String origin, Random random, int count) {
        this.origin = origin;
        byte[] seed = new byte[32];
        random.nextBytes(seed);
        this.key = Ed25519.ofSeed(seed);
        this.verifier = new VerifierKey(origin, key.publicKey());
        List<String> contents = new ArrayList<>();
        List<Long> times = new ArrayList<>();
        long micros = 1_790_000_000_000_000L;
        for (int i = 0; i < count; i++) {
            contents.add("{\"kind\":\"test.happened\",\"sentence\":\"did \u00e9 \\\"" + random.nextInt(1_000_000) + "\\\"\"}");
            times.add(micros += 1 + random.nextInt(1_000_000));
        }
        this.entries = chain(contents, times);
        for (int i = 1; i <= count; i++) {
            if (i == count || random.nextInt(4) == 0) {
                marks.add(i);
                notes.add(new Checkpoint(origin, i, root(entries.subList(0, i))).sign(key));
            }
        }
    }

    static List<SealedEntry> chain(List<String> contents, List<Long> times) {
        List<SealedEntry> made = new ArrayList<>();
        byte[] previous = new byte[32];
        for (int i = 0; i < contents.size(); i++) {
            SealedEntry entry = sealed(i + 1, times.get(i), previous, contents.get(i).getBytes(StandardCharsets.UTF_8));
            made.add(entry);
            previous = entry.digest();
        }
        return made;
    }

    private static SealedEntry sealed(long seq, long micros, byte[] previous, byte[] content) {
        return new SealedEntry(seq, micros, previous, new SealedEntry(seq, micros, previous, new byte[32], content).computedDigest(), content);
    }

    static byte[] root(List<SealedEntry> entries) {
        Merkle.Growing tree = new Merkle.Growing();
        entries.forEach(entry -> tree.add(Merkle.leaf(entry.digest())));
        return tree.root();
    }

    byte[] file() {
        return file(entries, marks, notes);
    }

    byte[] file(List<SealedEntry> lines, List<Integer> after, List<String> signed) {
        StringBuilder text = new StringBuilder("countersign record v1\norigin " + origin + "\nkey " + verifier + "\n");
        for (int i = 0; i < lines.size(); i++) {
            text.append(lines.get(i).line());
            int mark = after.indexOf(i + 1);
            if (mark >= 0) {
                text.append("checkpoint\n").append(signed.get(mark)).append('\n');
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// A mutated file and the entry from which on it is wrong; where digests were made again, any from `from` to that one may
    /// be named, since only the next checkpoint tells.
    record Mutant(String kind, byte[] file, long from, long wrong) {}

    static final List<String> KINDS = List.of("bit flip", "delete", "insert", "swap", "truncate", "duplicate", "back-date", "re-chain", "old backup", "cross-tenant");

    Mutant mutate(String kind, Random random, Sample other) {
        int n = entries.size();
        int at = random.nextInt(n);
        List<SealedEntry> lines = new ArrayList<>(entries);
        SealedEntry entry = lines.get(at);
        return switch (kind) {
            case "bit flip" -> {
                byte[] content = entry.content().clone();
                content[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
                lines.set(at, new SealedEntry(entry.seq(), entry.micros(), entry.previous(), entry.digest(), content));
                // The bytes of the file, not the text: a flipped bit may leave UTF-8.
                yield new Mutant(kind, bytes(lines, at, content), at + 1, at + 1);
            }
            case "delete" -> {
                lines.remove(at);
                // The last one gone: its checkpoint stands after too few.
                yield new Mutant(kind, file(lines, marks.stream().map(mark -> mark > at ? mark - 1 : mark).toList(), notes), at + 1, at + 1);
            }
            case "insert" -> {
                lines.add(at, sealed(at + 1, entry.micros(), entry.previous(), "{\"kind\":\"forged\"}".getBytes(StandardCharsets.UTF_8)));
                Mutant shifted = shifted(kind, lines, at);
                yield new Mutant(kind, shifted.file(), marks.stream().filter(mark -> mark <= at).mapToInt(Integer::intValue).max().orElse(0) + 1, at + 2);
            }
            case "swap" -> {
                int with = at == 0 ? 1 : at - 1;
                lines.set(at, lines.get(with));
                lines.set(with, entry);
                yield new Mutant(kind, file(lines, marks, notes), Math.min(at, with) + 1, Math.min(at, with) + 1);
            }
            case "truncate", "old backup" -> {
                // Whole and signed, only shorter: nothing but a witness can tell. The backup is one of the states there were.
                int mark = random.nextInt(marks.size() - 1);
                yield new Mutant(kind, file(lines.subList(0, marks.get(mark)), marks, notes), marks.get(mark) + 1, marks.get(mark) + 1);
            }
            case "duplicate" -> {
                lines.add(at, entry);
                Mutant shifted = shifted(kind, lines, at);
                yield new Mutant(kind, shifted.file(), at + 2, at + 2);
            }
            case "back-date" -> {
                lines.set(at, new SealedEntry(entry.seq(), entry.micros() - 1 - random.nextInt(1_000_000_000), entry.previous(), entry.digest(), entry.content()));
                yield new Mutant(kind, file(lines, marks, notes), at + 1, at + 1);
            }
            case "re-chain" -> {
                List<String> contents = new ArrayList<>(lines.stream().map(line -> new String(line.content(), StandardCharsets.UTF_8)).toList());
                contents.set(at, contents.get(at).replace("did", "undid"));
                long before = marks.stream().filter(mark -> mark <= at).mapToInt(Integer::intValue).max().orElse(0);
                yield new Mutant(kind, file(chain(contents, lines.stream().map(SealedEntry::micros).toList()), marks, notes), before + 1, at + 1);
            }
            case "cross-tenant" -> {
                lines.set(at, other.entries.get(Math.min(at, other.entries.size() - 1)));
                yield new Mutant(kind, file(lines, marks, notes), at == 0 ? 1 : at + 1, at == 0 ? marks.getFirst() + 1 : at + 1);
            }
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private Mutant shifted(String kind, List<SealedEntry> lines, int at) {
        return new Mutant(kind, file(lines, marks.stream().map(mark -> mark > at ? mark + 1 : mark).toList(), notes), at + 1, at + 2);
    }

    private byte[] bytes(List<SealedEntry> lines, int at, byte[] content) {
        byte[] whole = file();
        byte[] original = entries.get(at).content();
        int place = new String(whole, StandardCharsets.ISO_8859_1).indexOf(" " + new String(original, StandardCharsets.ISO_8859_1) + "\n") + 1;
        System.arraycopy(content, 0, whole, place, content.length);
        return whole;
    }
}
