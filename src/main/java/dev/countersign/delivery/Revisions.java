package dev.countersign.delivery;

import dev.countersign.policy.compile.Compilation;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.policy.yaml.PolicyWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Which revisions follow from what was compiled: one for every policy whose content is not the one that stands, counted on from it.
/// Same grants, same bytes, no revision; a policy that would not decide as its grants do gets none, and stays as it is.
record Revisions(List<Written> written, List<Compilation.Refusal> refusals) {
    /// `content`: SHA-256 of the policy's text without its number.
    record Written(CompiledPolicy policy, byte[] content, long number) {}

    /// The revision that stands.
    record Standing(long number, byte[] content) {}

    /// `known`: by `namespace/name`; `refused`: why a policy that would be new must not be delivered.
    static Revisions of(Compilation compilation, Map<String, Standing> known, Function<CompiledPolicy, Optional<Compilation.Refusal>> refused) {
        List<Written> written = new ArrayList<>();
        List<Compilation.Refusal> refusals = new ArrayList<>(compilation instanceof Compilation.Partial partial ? partial.refusals() : List.of());
        for (CompiledPolicy policy : compilation.policies().policies()) {
            byte[] content = Planner.sha256(PolicyWriter.text(policy.policy()));
            Standing before = known.get(policy.policy().metadata().key());
            if (before != null && Arrays.equals(before.content(), content)) {
                continue;
            }
            refused.apply(policy).ifPresentOrElse(refusals::add, () -> written.add(new Written(policy, content, before == null ? 1 : before.number() + 1)));
        }
        return new Revisions(written, refusals);
    }
}
