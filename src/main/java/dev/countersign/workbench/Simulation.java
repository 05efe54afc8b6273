package dev.countersign.workbench;

import dev.countersign.policy.eval.MutualTls;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.reason.Repair;
import java.util.List;
import java.util.Optional;

/// What became of a question.
///
/// - `ruling`: the answer, all known things counted.
/// - `enforced`: a proxy stands before the target; without one, `verdict` is what would hold if it did.
/// - `identified`: the call carries its caller's identity.
/// - `tls`: what the port demands; where it refuses the call, no policy was asked.
/// - `repair`: the smallest change; empty where nothing needs repair or the policies are not what refuses.
/// - `plain`: what becomes of the same call in plain text, where the port takes both.
record Simulation(
        Question question,
        Ruling ruling,
        boolean enforced,
        boolean identified,
        MutualTls tls,
        Verdict verdict,
        List<Standing> considered,
        Optional<Repair> repair,
        Optional<Verdict> plain,
        List<String> providers,
        List<String> unreadable) {
    enum Ruling {
        YES,
        NO,
        /// An external authorizer decides, and what it answers is not known.
        DEPENDS
    }

    /// A policy that stands before the target, what it said of the call, whose word it is, and its text.
    record Standing(Verdict.Considered said, Provenance provenance, String yaml) {}

    /// The port takes mutual TLS only, and the call comes in plain text.
    boolean refusedByTls() {
        return enforced && !identified && tls.mode() == dev.countersign.policy.model.TlsMode.STRICT;
    }
}
