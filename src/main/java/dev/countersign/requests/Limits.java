package dev.countersign.requests;

/// How much of anything a request may carry. The schema repeats the caps of texts (V0007).
public final class Limits {
    /// Characters (code points) of a reason.
    public static final int REASON = 4_000;
    public static final int TICKET = 200;
    public static final int CLUSTERS = 20;
    public static final int SOURCES = 50;
    public static final int OPERATIONS = 50;
    public static final int METHODS = 20;
    public static final int PATHS = 100;
    public static final int PORTS = 20;
    public static final int HOSTS = 20;
    public static final int CONDITIONS = 20;
    public static final int VALUES = 50;
    /// Characters of a path, host or value of a condition.
    public static final int VALUE = 1_024;

    private Limits() {}

    /// Characters as PostgreSQL's `length` counts them.
    static int characters(String text) {
        return text.codePointCount(0, text.length());
    }
}
