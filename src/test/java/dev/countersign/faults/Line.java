package dev.countersign.faults;

/// Who listens to one connection of a proxy, and may stop what goes over it. Each of the three may take its time: what it is
/// called for waits.
interface Line {
    /// A question, or its first part. False when it shall never arrive.
    boolean asked(byte[] bytes, int length) throws InterruptedException;

    /// A part of the answer, before it goes on. False when it shall never arrive.
    boolean answered(byte[] bytes, int length, boolean first) throws InterruptedException;

    /// The first part of the answer went on.
    void delivered();
}
