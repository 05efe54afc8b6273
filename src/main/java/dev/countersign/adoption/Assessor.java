package dev.countersign.adoption;

import dev.countersign.adoption.Assessment.AssessedRule;
import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.identity.TeamName;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Target;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/// Says of a policy that the portal did not make whether it can be adopted: everything that stands against it, each with what to
/// do, and the proof. It approximates nothing and stores nothing.
@Component
class Assessor {
    /// Each rule is a request that people decide on.
    static final int MOST_RULES = 20;

    /// The whole object goes into entries of the record.
    private static final int MOST_CHARACTERS = 300_000;

    private final MeshCatalog catalog;
    private final AdoptionProof proofs;
    private final Tenants tenants;

    Assessor(MeshCatalog catalog, AdoptionProof proofs, Tenants tenants) {
        this.catalog = catalog;
        this.proofs = proofs;
        this.tenants = tenants;
    }

    /// `live` stands in a namespace of the tenant.
    Assessment assess(ClusterRef cluster, LivePolicy live) {
        List<String> hindrances = new ArrayList<>();
        if (live.policy().isEmpty()) {
            hindrances.add("It cannot be read: " + live.problem().orElse("no reason known") + ". Correct it in the cluster first.");
            return new Assessment(live, Optional.empty(), List.of(), hindrances, Optional.empty());
        }
        AuthorizationPolicy policy = live.policy().get();
        wrongKind(policy).ifPresent(hindrances::add);
        heldByOthers(live).ifPresent(hindrances::add);
        Optional<CatalogWorkload> workload = workload(cluster, policy, hindrances);
        if (workload.isEmpty()) {
            return new Assessment(live, workload, List.of(), hindrances, Optional.empty());
        }
        if (policy.metadata().name().equals(AdoptionProof.ourName(workload.get()))) {
            hindrances.add("It has the name under which the portal writes its own policy of this service. Give it another name in the cluster first.");
        }
        MeshSettings mesh = catalog.mesh(cluster.id());
        List<AssessedRule> rules = new ArrayList<>();
        for (int i = 0; i < Math.min(policy.rules().size(), MOST_RULES); i++) {
            RuleReader.RuleReading reading = RuleReader.read(cluster.name(), policy.metadata().namespace(), workload.get().name(), mesh, policy.rules().get(i));
            rules.add(answered(cluster, i + 1, reading));
        }
        boolean readable = hindrances.isEmpty() && rules.stream().allMatch(rule -> rule.ask().isPresent());
        Assessment unproven = new Assessment(live, workload, rules, hindrances, Optional.empty());
        if (!readable) {
            return unproven;
        }
        String tenant = tenants.byId(CurrentTenant.require()).orElseThrow().slug();
        Proof proof = proofs.foreseen(tenant, workload.get(), policy.metadata().key(), unproven.asks());
        if (!proof.holds()) {
            hindrances.add("It is not proven that nothing changes: " + proof.why() + ". Make the policy say it so that each rule stands for itself, or ask for the access anew.");
        }
        return new Assessment(live, workload, rules, hindrances, Optional.of(proof));
    }

    private static Optional<String> wrongKind(AuthorizationPolicy policy) {
        if (policy.action() != Action.ALLOW) {
            return Optional.of("Its action is " + policy.action() + ". Only what allows can be adopted, for a grant only allows; leave it in the cluster.");
        }
        if (policy.dryRun()) {
            return Optional.of("It is a dry run: it allows nothing and only reports. Remove the annotation " + AuthorizationPolicy.DRY_RUN + " first, or the policy.");
        }
        if (policy.rules().isEmpty()) {
            return Optional.of("It has no rule, so there is nothing to answer for: it only closes the service, as the portal's own policy does from the first grant on.");
        }
        if (policy.rules().size() > MOST_RULES) {
            return Optional.of("It has " + policy.rules().size() + " rules; at most " + MOST_RULES + " are adopted at a time, since each is decided on. Split it in the cluster first.");
        }
        return Optional.empty();
    }

    /// Who would make it again, or is deleting it; or that it is larger than can be recorded.
    private static Optional<String> heldByOthers(LivePolicy live) {
        if (Adoptions.JSON.writeValueAsString(live.tree()).length() > MOST_CHARACTERS) {
            return Optional.of("It is larger than the record can hold in one entry. Split it in the cluster first.");
        }
        Map<?, ?> metadata = live.tree().get("metadata") instanceof Map<?, ?> found ? found : Map.of();
        if (metadata.get("deletionTimestamp") != null) {
            return Optional.of("It is being deleted from the cluster already. Wait until it is gone.");
        }
        return metadata.get("ownerReferences") instanceof List<?> owners && !owners.isEmpty()
                ? Optional.of("Another object of the cluster owns it (ownerReferences), and its controller would make it again. Remove it there, then ask for the access anew.")
                : Optional.empty();
    }

    /// The one workload that the policy selects, by exactly the labels by which a grant would select it: only then do both bind the
    /// same pods, today and after the next deployment.
    private Optional<CatalogWorkload> workload(ClusterRef cluster, AuthorizationPolicy policy, List<String> hindrances) {
        return switch (policy.target()) {
            case Target.Everything ignored -> {
                hindrances.add("It has no selector and binds the whole namespace; a grant is for one service. Give it the labels of one service in the cluster first.");
                yield Optional.empty();
            }
            case Target.References ignored -> {
                hindrances.add("It is attached by targetRefs; a grant selects a service by its labels. Give it a selector in the cluster first.");
                yield Optional.empty();
            }
            case Target.Selector(Map<String, String> labels) -> {
                List<CatalogWorkload> selected = catalog.workloads(cluster.id(), policy.metadata().namespace()).stream()
                        .filter(workload -> workload.podLabels().entrySet().containsAll(labels.entrySet()))
                        .toList();
                if (selected.isEmpty()) {
                    hindrances.add("It selects no service that runs. Remove it from the cluster, or deploy the service first.");
                    yield Optional.empty();
                }
                if (selected.size() > 1) {
                    hindrances.add("It selects " + selected.size() + " services (" + String.join(", ", selected.stream().map(CatalogWorkload::name).limit(10).toList())
                            + "); a grant is for one. Give each a policy of its own in the cluster first.");
                    yield Optional.empty();
                }
                if (!selected.getFirst().selectorLabels().equals(labels)) {
                    hindrances.add("It selects pods by " + labels + ", and " + selected.getFirst().name() + " is selected by " + selected.getFirst().selectorLabels()
                            + ": these need not be the same pods. Give it exactly the labels of the service in the cluster first.");
                    yield Optional.empty();
                }
                yield Optional.of(selected.getFirst());
            }
        };
    }

    private AssessedRule answered(ClusterRef cluster, int number, RuleReader.RuleReading reading) {
        if (reading.ask().isEmpty()) {
            return new AssessedRule(number, Optional.empty(), List.of(), reading.reasons().stream()
                    .map(reason -> "Rule " + number + " cannot be said as a request: " + reason + ".".repeat(reason.endsWith(".") ? 0 : 1)
                            + " Change it in the cluster first, or ask for the access anew.")
                    .toList());
        }
        ServiceAccess ask = reading.ask().get();
        Set<TeamName> owners = new LinkedHashSet<>();
        List<String> hindrances = new ArrayList<>();
        ask.from().forEach(source -> answerer(cluster, number, source, owners).ifPresent(hindrances::add));
        return new AssessedRule(number, reading.ask(), owners.stream().sorted(Comparator.comparing(TeamName::slug)).toList(), hindrances);
    }

    /// Adds the teams that answer for a caller, or says why nobody does.
    private Optional<String> answerer(ClusterRef cluster, int rule, AskSource source, Set<TeamName> owners) {
        return switch (source) {
            case AskSource.AnyIdentity() -> Optional.of("Rule " + rule + " lets in every identity, and no team answers for all of them."
                    + " Name the callers in the cluster first, or ask for the access anew.");
            case AskSource.WholeNamespace(String namespace) -> catalog.namespaces(cluster.id()).contains(namespace)
                    ? answerer(rule, "any service of " + namespace, catalog.workloads(cluster.id(), namespace), owners)
                    : Optional.of(stranger(rule, namespace));
            case AskSource.Account(String namespace, String account) -> catalog.namespaces(cluster.id()).contains(namespace)
                    ? answerer(rule, namespace + "/" + account, catalog.runningAs(cluster.id(), namespace, account), owners)
                    : Optional.of(stranger(rule, namespace));
        };
    }

    private static Optional<String> answerer(int rule, String caller, List<CatalogWorkload> callers, Set<TeamName> owners) {
        if (callers.isEmpty()) {
            return Optional.of("Nobody answers for rule " + rule + ": nothing runs as " + caller + ". Take the caller out of the rule in the cluster, or deploy it first.");
        }
        List<String> unowned = callers.stream().filter(workload -> workload.owner().isEmpty()).map(CatalogWorkload::name).sorted().toList();
        callers.stream().flatMap(workload -> workload.owner().stream()).forEach(owners::add);
        return unowned.isEmpty() ? Optional.empty() : Optional.of("Nobody answers for rule " + rule + ": " + String.join(", ", unowned.stream().limit(10).toList())
                + " has no owner. An administrator says under Services which team it is; then adopt.");
    }

    private static String stranger(int rule, String namespace) {
        return "Nobody answers for rule " + rule + ": its caller is in " + namespace + ", which is not a namespace of yours. Ask for the access anew once it is, or leave the rule.";
    }
}
