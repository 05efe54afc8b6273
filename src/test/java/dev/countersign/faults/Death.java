package dev.countersign.faults;

/// A boundary to be struck at: in which deed, at which exchange of the victim with its database or a cluster, and when.
record Death(Deed deed, Gate.Step step, Boundary.Moment moment) {
    /// A write to a cluster.
    boolean atWrite() {
        return step.question().startsWith("PATCH ");
    }

    /// A statement that changes something, locks something, or ends a transaction.
    boolean atChange() {
        return step.question().matches("(insert|update|delete|commit|with) .*|select (append_|pg_).*");
    }

    @Override
    public String toString() {
        return deed + " " + moment + " " + step;
    }
}
