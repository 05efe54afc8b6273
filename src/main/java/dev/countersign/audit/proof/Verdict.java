package dev.countersign.audit.proof;

/// What became of a file. `firstBad` is the number of the first entry that is not as it was sealed; where only a checkpoint
/// tells, the first entry that may be, and `why` names the range. 0: nothing that belongs to an entry.
public sealed interface Verdict {
    record Good(String origin, long size, long entries) implements Verdict {}

    record Bad(long firstBad, String why) implements Verdict {}
}
