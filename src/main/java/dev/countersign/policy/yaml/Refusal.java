package dev.countersign.policy.yaml;

/// Carries a refusal out of the depth of a parse; never leaves this package.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Reading.Refused refused;

    Refusal(int line, int column, String reason, String advice) {
        super(reason, null, false, false);
        this.refused = new Reading.Refused(line, column, reason, advice);
    }

    Reading.Refused refused() {
        return refused;
    }
}
