package dev.countersign.audit.proof;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Checks an exported record or a receipt, reading it once. Trusts the `keys` it is given, or, without any, those that the file
/// names. `witnesses` are notes seen elsewhere: a record of the same origin must contain what they say.
/// deploy/verify/verify.mjs is the same in another language; a test holds the two together.
public final class RecordVerifier {
    static final int LONGEST_LINE = 2 << 20;
    private static final String HEAD = "countersign record v1";
    private static final String RECEIPT = "countersign receipt v1";
    private static final Pattern ENTRY = Pattern.compile("entry ([1-9][0-9]{0,14}) (0|[1-9][0-9]{0,15}) ([0-9a-f]{64}) ([0-9a-f]{64}) ");
    private static final Pattern HASH = Pattern.compile("[A-Za-z0-9+/]{43}=");

    /// Is told what a record holds, each thing once it was checked. A later line can still show that all of it is bad: it counts only
    /// with a good verdict. Of a receipt nothing is told.
    interface Follower {
        Follower NOBODY = new Follower() {
            @Override
            public void entry(SealedEntry entry) {}

            @Override
            public void checkpoint(String note, List<VerifierKey> keys) {}
        };

        void entry(SealedEntry entry);

        /// `note` covers every entry told so far and is signed by at least one of `keys`.
        void checkpoint(String note, List<VerifierKey> keys);
    }

    private final List<VerifierKey> trusted;
    private final List<String> witnesses;

    public RecordVerifier(List<VerifierKey> trusted, List<String> witnesses) {
        this.trusted = List.copyOf(trusted);
        this.witnesses = List.copyOf(witnesses);
    }

    public Verdict verify(InputStream file) throws IOException {
        return verify(file, Follower.NOBODY);
    }

    Verdict verify(InputStream file, Follower follower) throws IOException {
        try {
            Lines lines = new Lines(file);
            String head = lines.next();
            return switch (head) {
                case HEAD -> new Reading(lines).record(follower);
                case RECEIPT -> new Reading(lines).receipt();
                default -> throw new Flaw(0, "the file is neither a record nor a receipt");
            };
        } catch (Flaw flaw) {
            return new Verdict.Bad(flaw.entry, flaw.words);
        }
    }

    private final class Reading {
        private final Lines lines;
        private String origin = "";
        private List<VerifierKey> keys = List.of();
        private List<Checkpoint> seen = List.of();

        Reading(Lines lines) {
            this.lines = lines;
        }

        /// `origin` and `key` lines, and the witnesses of this origin.
        private String preamble() throws IOException, Flaw {
            String line = lines.next();
            if (!line.matches("origin [!-*,-~]{1,200}")) {
                throw new Flaw(0, "the second line names no origin");
            }
            origin = line.substring(7);
            List<VerifierKey> named = new ArrayList<>();
            line = lines.next();
            while (line.startsWith("key ") && named.size() < 1000) {
                try {
                    named.add(VerifierKey.parse(line.substring(4)));
                } catch (IllegalArgumentException e) {
                    throw new Flaw(0, "a key is not readable");
                }
                line = lines.next();
            }
            keys = (trusted.isEmpty() ? named : trusted).stream().filter(key -> key.name().equals(origin)).toList();
            List<Checkpoint> mine = new ArrayList<>();
            for (String note : witnesses) {
                if (note.startsWith(origin + "\n")) {
                    mine.add(open(note, 0, "a witness: "));
                }
            }
            seen = mine;
            return line;
        }

        private Checkpoint open(String note, long entry, String prefix) throws Flaw {
            Checkpoint checkpoint;
            try {
                checkpoint = Checkpoint.open(note, keys);
            } catch (IllegalArgumentException e) {
                throw new Flaw(entry, prefix + e.getMessage());
            }
            if (!checkpoint.origin().equals(origin)) {
                throw new Flaw(entry, prefix + "the checkpoint is of another record");
            }
            return checkpoint;
        }

        Verdict record(Follower follower) throws IOException, Flaw {
            Merkle.Growing tree = new Merkle.Growing();
            byte[] previous = new byte[Merkle.HASH];
            long sealed = 0;
            boolean signed = false;
            String line = preamble();
            while (!lines.ended) {
                if (line.equals("checkpoint")) {
                    long first = sealed + 1;
                    String note = note();
                    Checkpoint checkpoint = open(note, first, "");
                    if (checkpoint.size() != tree.size()) {
                        throw new Flaw(Math.min(checkpoint.size(), tree.size()) + 1,
                                "a checkpoint over " + checkpoint.size() + " entries stands after entry " + tree.size());
                    }
                    compare(checkpoint, tree, first, "the checkpoint");
                    sealed = tree.size();
                    signed = true;
                    follower.checkpoint(note, keys);
                } else {
                    SealedEntry entry = entry(line, tree.size() + 1);
                    if (entry.seq() != tree.size() + 1) {
                        throw new Flaw(tree.size() + 1, "entry " + (tree.size() + 1) + " is missing; " + entry.seq() + " stands in its place");
                    }
                    if (!Arrays.equals(entry.previous(), previous)) {
                        throw new Flaw(entry.seq(), "it does not carry the digest of the entry before");
                    }
                    if (!Arrays.equals(entry.computedDigest(), entry.digest())) {
                        throw new Flaw(entry.seq(), "number, time or content are not what its digest covers");
                    }
                    previous = entry.digest();
                    tree.add(Merkle.leaf(previous));
                    for (Checkpoint witness : seen) {
                        if (witness.size() == tree.size()) {
                            compare(witness, tree, sealed + 1, "a witness");
                        }
                    }
                    follower.entry(entry);
                }
                line = lines.next();
            }
            if (!signed || sealed != tree.size()) {
                throw new Flaw(sealed + 1, "no checkpoint covers the entries from here");
            }
            for (Checkpoint witness : seen) {
                if (witness.size() > tree.size()) {
                    throw new Flaw(tree.size() + 1, "the record ends here, but a witness has seen " + witness.size() + " entries");
                }
            }
            return new Verdict.Good(origin, tree.size(), tree.size());
        }

        private void compare(Checkpoint checkpoint, Merkle.Growing tree, long first, String who) throws Flaw {
            if (!Arrays.equals(checkpoint.root(), tree.root())) {
                throw new Flaw(Math.min(first, tree.size()), who + " over " + tree.size() + " entries has another root: an entry from " + first + " to " + tree.size()
                        + " is not the one that was sealed");
            }
        }

        Verdict receipt() throws IOException, Flaw {
            SealedEntry entry = entry(preamble(), 0);
            if (!Arrays.equals(entry.computedDigest(), entry.digest())) {
                throw new Flaw(entry.seq(), "number, time or content are not what its digest covers");
            }
            String line = lines.next();
            List<byte[]> path = new ArrayList<>();
            while (HASH.matcher(line).matches() && path.size() < 64) {
                path.add(Base64.getDecoder().decode(line));
                line = lines.next();
            }
            if (!line.equals("checkpoint")) {
                throw new Flaw(entry.seq(), "the proof is not readable");
            }
            Checkpoint checkpoint = open(note(), entry.seq(), "");
            if (!lines.next().isEmpty() || !lines.ended) {
                throw new Flaw(entry.seq(), "something follows the checkpoint");
            }
            if (!Merkle.verifyInclusion(Merkle.leaf(entry.digest()), entry.seq() - 1, checkpoint.size(), path, checkpoint.root())) {
                throw new Flaw(entry.seq(), "the entry is not in the tree of the checkpoint");
            }
            for (Checkpoint witness : seen) {
                if (witness.size() == checkpoint.size() && !Arrays.equals(witness.root(), checkpoint.root())) {
                    throw new Flaw(entry.seq(), "a witness over as many entries has another root");
                }
            }
            return new Verdict.Good(origin, checkpoint.size(), 1);
        }

        private SealedEntry entry(String line, long expected) throws Flaw {
            Matcher parts = ENTRY.matcher(line);
            if (!parts.lookingAt()) {
                throw new Flaw(expected, "the line is not readable");
            }
            HexFormat hex = HexFormat.of();
            return new SealedEntry(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)), hex.parseHex(parts.group(3)), hex.parseHex(parts.group(4)),
                    line.substring(parts.end()).getBytes(StandardCharsets.ISO_8859_1));
        }

        /// The lines after `checkpoint`: three of text, an empty one, and signatures until an empty one.
        private String note() throws IOException, Flaw {
            StringBuilder note = new StringBuilder();
            for (int i = 0; i < 4; i++) {
                note.append(lines.next()).append('\n');
            }
            String line = lines.next();
            for (int i = 0; i < 9 && !line.isEmpty(); i++) {
                note.append(line).append('\n');
                line = lines.next();
            }
            return new String(note.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        }
    }

    private static final class Flaw extends Exception {
        private static final long serialVersionUID = 1;
        private final long entry;
        private final String words;

        Flaw(long entry, String words) {
            super(words, null, false, false);
            this.entry = entry;
            this.words = words;
        }
    }

    /// Lines as bytes, each byte one character: content is compared as it is, never decoded. After the last line come empty ones,
    /// and `ended` says so.
    private static final class Lines {
        private final InputStream in;
        private final byte[] buffer = new byte[1 << 16];
        private int from;
        private int to;
        private boolean ended;

        Lines(InputStream in) {
            this.in = in;
        }

        String next() throws IOException, Flaw {
            ByteArrayOutputStream line = null;
            while (true) {
                if (from == to) {
                    to = in.read(buffer);
                    from = 0;
                    if (to <= 0) {
                        from = to = 0;
                        ended = line == null;
                        return line == null ? "" : line.toString(StandardCharsets.ISO_8859_1);
                    }
                }
                int end = from;
                while (end < to && buffer[end] != '\n') {
                    end++;
                }
                if (end < to && line == null) {
                    String whole = new String(buffer, from, end - from, StandardCharsets.ISO_8859_1);
                    from = end + 1;
                    return whole;
                }
                line = line == null ? new ByteArrayOutputStream(1 << 12) : line;
                line.write(buffer, from, end - from);
                if (line.size() > LONGEST_LINE) {
                    throw new Flaw(0, "a line is longer than 2 MiB");
                }
                from = Math.min(end + 1, to);
                if (end < to) {
                    return line.toString(StandardCharsets.ISO_8859_1);
                }
            }
        }
    }
}
