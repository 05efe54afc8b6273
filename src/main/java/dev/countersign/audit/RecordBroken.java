package dev.countersign.audit;

/// The record of a tenant is not what was sealed. `entry` is the number of the first entry that is not; the words complete
/// "the record is not whole: ".
final class RecordBroken extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final long entry;

    RecordBroken(long entry, String words) {
        super("from entry " + entry + " on, " + words, null, false, false);
        this.entry = entry;
    }

    long entry() {
        return entry;
    }

    String words() {
        return String.valueOf(getMessage());
    }
}
