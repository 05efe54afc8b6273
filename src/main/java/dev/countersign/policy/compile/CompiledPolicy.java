package dev.countersign.policy.compile;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.ObjectMeta;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The policy of one workload, and whence each of its rules comes.
///
/// - `digest`: `sha256:` and hex digits, over what Istio enforces (target, action, rules). Equal digests, equal meaning and
///   text; a revision changes nothing in it.
/// - `origins`: for each rule, in order, the grants that it fulfils.
public record CompiledPolicy(
        TargetWorkload target, AuthorizationPolicy policy, String digest, List<List<Origin>> origins) {
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String MANAGER = "countersign";
    public static final String TENANT = "countersign.dev/tenant";
    public static final String REQUESTS = "countersign.dev/requests";
    public static final String GRANTS = "countersign.dev/grants";
    public static final String REVISION = "countersign.dev/revision";
    public static final String DIGEST = "countersign.dev/digest";

    /// A grant and the request that led to it.
    public record Origin(String grantId, long requestNumber) {}

    public CompiledPolicy {
        origins = origins.stream().map(List::copyOf).toList();
        if (origins.size() != policy.rules().size()) {
            throw new IllegalArgumentException(policy.metadata().key() + ": every rule has its origins");
        }
    }

    /// Whether no grant is left and the policy only keeps the door closed.
    public boolean baselineOnly() {
        return policy.rules().isEmpty();
    }

    /// The object to deliver as this revision: the same, with the number in its annotations.
    public AuthorizationPolicy at(long revision) {
        ObjectMeta meta = policy.metadata();
        Map<String, String> annotations = new TreeMap<>(meta.annotations());
        annotations.put(REVISION, Long.toString(revision));
        return new AuthorizationPolicy(
                new ObjectMeta(meta.namespace(), meta.name(), meta.labels(), annotations, meta.creationTimestamp()),
                policy.target(),
                policy.action(),
                policy.provider(),
                policy.rules());
    }
}
