package dev.countersign.policy.reason;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// A call that a version of Istio lets in though the policies, read as documented, deny it.
///
/// - `witness`: the call as the workload takes it, which the `Authorizer` denies.
/// - `sent`: its path as it is written on the wire.
/// - `message`: a sentence for a person, with what to do.
public record VersionGap(Weakness weakness, Call witness, String sent, String message) {
    /// What a version gets wrong. Source: Istio's advisories and release notes.
    public enum Weakness {
        /// A dot in `serviceAccounts` stands for any character.
        SERVICE_ACCOUNT_DOTS("CVE-2026-39350"),
        /// So it does in `namespaces`, and in `principals` that begin with a star.
        IDENTITY_PATTERN_DOTS("istio/istio#59992"),
        /// `//` and `%2F` are not what the service takes them for.
        SLASHES("CVE-2021-31920"),
        /// What follows `#` is compared as part of the path.
        FRAGMENT("GHSA-hqxw-mm44-gc4r"),
        /// Hosts are compared with their case.
        HOST_CASE("GHSA-7774-7vr3-cc8j");

        private final String advisory;

        Weakness(String advisory) {
            this.advisory = advisory;
        }

        public String advisory() {
            return advisory;
        }

        /// Whether the release has it. Releases before 1.0 are not known.
        public boolean affects(IstioVersion version) {
            return switch (this) {
                case SERVICE_ACCOUNT_DOTS -> version.between("1.25.0", "1.27.9")
                        || version.between("1.28.0", "1.28.6") || version.between("1.29.0", "1.29.2");
                case IDENTITY_PATTERN_DOTS -> version.between("1.4.0", "1.28.7") || version.between("1.29.0", "1.29.3");
                case SLASHES -> version.between("1.0.0", "1.8.6") || version.between("1.9.0", "1.9.5");
                case FRAGMENT, HOST_CASE -> version.between("1.0.0", "1.9.8")
                        || version.between("1.10.0", "1.10.4") || version.between("1.11.0", "1.11.1");
            };
        }
    }

    /// All that are found, with one call for each; none for a version without the faults, and none at ztunnel, which
    /// compares literally and reads no HTTP. Identities and hosts exactly; paths by the ways of writing them that the
    /// advisories name. A mesh whose `pathNormalization` leaves slashes alone by choice is not judged here.
    public static List<VersionGap> of(
            IstioVersion version, MeshSettings mesh, Workload workload, Collection<AuthorizationPolicy> policies) {
        List<VersionGap> gaps = new ArrayList<>();
        if (workload.dataPlane() == DataPlane.ZTUNNEL) {
            return gaps;
        }
        for (Weakness weakness : Weakness.values()) {
            if (weakness.affects(version)) {
                switch (weakness) {
                    case SERVICE_ACCOUNT_DOTS, IDENTITY_PATTERN_DOTS, HOST_CASE ->
                        rewritten(weakness, version, mesh, workload, policies, gaps);
                    case SLASHES, FRAGMENT -> new PathGaps(weakness, mesh, workload, policies)
                            .each((call, sent) -> gaps.add(gap(weakness, version, call, sent)));
                }
            }
        }
        return gaps;
    }

    /// What the version makes of the policies, written as policies.
    private static void rewritten(
            Weakness weakness,
            IstioVersion version,
            MeshSettings mesh,
            Workload workload,
            Collection<AuthorizationPolicy> policies,
            List<VersionGap> gaps) {
        List<AuthorizationPolicy> enforced = policies.stream()
                .map(policy -> new AsEnforced(weakness).policy(policy))
                .toList();
        for (Region region : Comparison.of(mesh, workload, policies, enforced, Known.NOTHING).newlyAllowed()) {
            Call call = region.witness();
            gaps.add(gap(weakness, version, call, call.http().map(Call.Http::path).orElse("")));
        }
    }

    private static VersionGap gap(Weakness weakness, IstioVersion version, Call call, String sent) {
        String who = call.principal().orElse("a caller without identity");
        String what = switch (weakness) {
            case SERVICE_ACCOUNT_DOTS, IDENTITY_PATTERN_DOTS -> " in, because a dot in the policy stands for any character";
            case SLASHES, FRAGMENT -> " call " + sent + ", which the service may take for "
                    + call.http().map(Call.Http::path).orElse("");
            case HOST_CASE -> " call host " + call.http().map(Call.Http::host).orElse("")
                    + ", because hosts are compared with their case";
        };
        return new VersionGap(weakness, call, sent, "Istio " + version + " lets " + who + what + " ("
                + weakness.advisory() + "). Upgrade the mesh.");
    }
}
