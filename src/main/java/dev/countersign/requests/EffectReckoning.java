package dev.countersign.requests;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.Resident;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.policy.eval.Attachment;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.IstioVersion;
import dev.countersign.policy.reason.Known;
import dev.countersign.policy.reason.Region;
import dev.countersign.policy.reason.VersionGap;
import dev.countersign.requests.Effect.Line;
import dev.countersign.requests.Grounding.Ground;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/// What a change of our policies does to calls: over all policies that live in the cluster and select the target, ours
/// replaced by what is granted, without and with the change.
@Component
class EffectReckoning {
    /// Enough to tell callers by name; the verdict does not depend on it.
    private static final int KNOWN_IDENTITIES = 200;

    /// So many namespaces are asked for at once.
    private static final int TOGETHER = 8;

    /// Of one name there may be a workload of each kind.
    private static final int KINDS = 3;

    private final MeshCatalog catalog;

    EffectReckoning(MeshCatalog catalog) {
        this.catalog = catalog;
    }

    /// Our policies of a target without and with the change, and all that live around it. `before` is empty of rules, or empty, where
    /// nothing is granted.
    record Change(Ground ground, List<CompiledPolicy> before, List<CompiledPolicy> after, List<LivePolicy> live) {}

    /// As of what lives now.
    Change change(Ground ground, List<CompiledPolicy> before, List<CompiledPolicy> after) {
        return new Change(ground, before, after, catalog.policies(ground.cluster().id(), ground.target().namespace()));
    }

    Effect of(List<Change> changes) {
        List<String> firstAllow = new ArrayList<>();
        List<Line> opened = new ArrayList<>();
        List<Line> cut = new ArrayList<>();
        List<Line> uncertain = new ArrayList<>();
        boolean undecided = false;
        for (Change change : changes) {
            Ground ground = change.ground();
            String cluster = ground.cluster().name();
            List<LivePolicy> live = change.live();
            List<AuthorizationPolicy> before = with(change.before(), live);
            List<AuthorizationPolicy> after = with(change.after(), live);
            Workload workload = ground.target().asPoliciesSeeIt();
            Comparison comparison = Comparison.of(ground.mesh(), workload, before, after, known(ground));
            comparison.newlyAllowed().forEach(region -> opened.add(line(ground, region)));
            comparison.newlyCut().forEach(region -> cut.add(line(ground, region)));
            comparison.uncertain().forEach(words -> uncertain.add(new Line(cluster, words, Map.of())));
            unreadable(live, workload, ground).forEach(uncertain::add);
            unenforced(ground).ifPresent(uncertain::add);
            undecided |= comparison.verdict() == Comparison.Verdict.INCOMPARABLE;
            if (!allows(ground, before, workload) && allows(ground, after, workload)) {
                firstAllow.add(cluster);
            }
        }
        return new Effect(verdict(!opened.isEmpty(), !cut.isEmpty(), undecided), firstAllow, opened, cut, uncertain);
    }

    /// What the release of Istio in each cluster would let in beyond what the policies say, this change included: one warning
    /// for each fault, with a call.
    List<Finding> weaknesses(List<Change> changes) {
        List<Finding> findings = new ArrayList<>();
        for (Change change : changes) {
            Ground ground = change.ground();
            ground.in().istioVersion().flatMap(IstioVersion::parse).ifPresent(version -> {
                List<AuthorizationPolicy> after = with(change.after(), change.live());
                Set<VersionGap.Weakness> told = EnumSet.noneOf(VersionGap.Weakness.class);
                for (VersionGap gap : VersionGap.of(version, ground.mesh(), ground.target().asPoliciesSeeIt(), after)) {
                    if (told.add(gap.weakness())) {
                        findings.add(AskFinding.WEAK_VERSION.at("/ask", "in cluster " + ground.cluster().name() + ", " + words(gap)));
                    }
                }
            });
        }
        return findings;
    }

    /// The gap's sentence without its end, which the finding's help says, and the call.
    private static String words(VersionGap gap) {
        String sentence = gap.message().replaceFirst("\\. Upgrade the mesh\\.$", "");
        String call = gap.witness().http().map(http -> http.method() + " " + gap.sent()).orElse("a connection");
        return sentence + ", for example " + call + " to port " + gap.witness().destinationPort() + " as "
                + gap.witness().principal().orElse("nobody known");
    }

    private static Effect.Verdict verdict(boolean more, boolean less, boolean undecided) {
        if (undecided || (more && less)) {
            return Effect.Verdict.INCOMPARABLE;
        }
        return more ? Effect.Verdict.MORE_PERMISSIVE : less ? Effect.Verdict.LESS_PERMISSIVE : Effect.Verdict.EQUIVALENT;
    }

    /// The live policies, those of ours replaced. Where nothing is granted, what lives under our name stays: it may be the
    /// baseline that an earlier grant left behind.
    private static List<AuthorizationPolicy> with(List<CompiledPolicy> ours, List<LivePolicy> live) {
        Set<String> names = ours.stream().map(policy -> policy.policy().metadata().key()).collect(Collectors.toSet());
        return Stream.concat(
                        live.stream()
                                .flatMap(policy -> policy.policy().stream())
                                .filter(policy -> !names.contains(policy.metadata().key())),
                        ours.stream().map(CompiledPolicy::policy))
                .toList();
    }

    private static boolean allows(Ground ground, List<AuthorizationPolicy> policies, Workload workload) {
        return Attachment.attached(ground.mesh(), policies, workload).stream()
                .anyMatch(policy -> policy.action() == Action.ALLOW && !policy.dryRun());
    }

    private Known known(Ground ground) {
        String domain = ground.mesh().trustDomains().trustDomain();
        Set<Spiffe> identities = new LinkedHashSet<>();
        ground.callers().values().forEach(callers -> callers.forEach(caller -> identities.add(caller.identity(domain))));
        Set<String> namespaces = new LinkedHashSet<>(Set.of(ground.target().namespace()));
        namespaces.addAll(ground.in().namespaces());
        List<String> order = List.copyOf(namespaces);
        for (int from = 0; from < order.size() && identities.size() < KNOWN_IDENTITIES; from += TOGETHER) {
            List<String> some = order.subList(from, Math.min(order.size(), from + TOGETHER));
            Map<String, List<Resident>> residents = catalog.residents(ground.cluster().id(), some, KNOWN_IDENTITIES + KINDS).stream()
                    .filter(resident -> !resident.key().equals(ground.target().key()))
                    .collect(Collectors.groupingBy(resident -> resident.key().namespace()));
            for (String namespace : some) {
                if (identities.size() < KNOWN_IDENTITIES) {
                    residents.getOrDefault(namespace, List.of()).stream()
                            .limit(KNOWN_IDENTITIES)
                            .forEach(resident -> identities.add(resident.identity(domain)));
                }
            }
        }
        return new Known(identities, ground.target().ports().stream()
                .map(CatalogWorkload.Port::number)
                .collect(Collectors.toCollection(LinkedHashSet::new)));
    }

    /// A policy that cannot be decoded may say anything.
    private static List<Line> unreadable(List<LivePolicy> live, Workload workload, Ground ground) {
        return live.stream()
                .filter(policy -> policy.policy().isEmpty())
                .map(policy -> new Line(ground.cluster().name(), "The policy " + policy.namespace() + "/" + policy.name()
                        + " cannot be read (" + policy.problem().orElse("no reason known")
                        + "), so what it allows or denies is not known. Correct it in the cluster", Map.of()))
                .toList();
    }

    private static Optional<Line> unenforced(Ground ground) {
        return ground.target().membership() == Membership.NONE
                ? Optional.of(new Line(ground.cluster().name(), ground.target().name()
                        + " has no sidecar: nothing is enforced today. This is what would change once it has one", Map.of()))
                : Optional.empty();
    }

    private static Line line(Ground ground, Region region) {
        return Line.of(ground.cluster().name(), ground.target().namespace() + "/" + ground.target().name(), region);
    }
}
