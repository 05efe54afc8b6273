package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.Spiffe;
import java.util.Optional;

/// Calls that the rules of a workload do not tell apart, whoever makes them. The words and a call are found when asked for.
public final class OperationClass {
    private final CallClasses classes;
    private final AtomSet one;
    private final boolean http;

    OperationClass(CallClasses classes, AtomSet one, boolean http) {
        this.classes = classes;
        this.one = one;
        this.http = http;
    }

    /// As what follows "may": `GET or POST /api/*, but not call /api/admin`.
    public String description() {
        return classes.words(one);
    }

    /// One such call by the source; without one, by a caller without identity. Where an external authorizer is asked, the
    /// call does not say what it answers.
    public Call witness(Optional<Spiffe> source) {
        return classes.witness(one, source.map(Spiffe::principal), http);
    }

    CallClasses classes() {
        return classes;
    }

    /// Which of the operations it is.
    AtomSet members() {
        return one;
    }

    @Override
    public String toString() {
        return description();
    }
}
