package dev.countersign.delivery;

import dev.countersign.audit.AuditReader;
import dev.countersign.audit.Subject;
import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Known;
import dev.countersign.policy.reason.Reach;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The time machine: who could call a workload at a moment of the past, by which revision and by whose approval. Folds the record
/// up to that moment, that moment included, into the revisions that the cluster had confirmed, and asks the policy engine.
/// Knows what the record knows; the rest it says as not known.
@Service
public class PastCallers {
    private static final Set<String> GRANT_ENDS = Set.of("grant.revoked", "grant.expired");

    private final AuditReader record;
    private final MeshCatalog catalog;
    private final JsonMapper json = JsonMapper.builder().build();

    PastCallers(AuditReader record, MeshCatalog catalog) {
        this.record = record;
        this.catalog = catalog;
    }

    /// What was said about a request by then; `entry` is where the record says it.
    public record Word(long request, long entry, Instant at, String actor, String sentence) {}

    /// A policy as the cluster held it from `since` on, by confirmation in entry `entry`; `ways` are the calls it let through.
    public record InForce(String policy, long revision, Instant since, long entry, List<Long> requests, List<String> ways, List<Word> words) {}

    /// Grants that a roll back kept out, and that had not ended by then; `entry` is where the record says it.
    public record KeptOut(String policy, long suspension, long revision, long entry, Instant at, List<Long> grants, List<Long> requests, String actor) {}

    /// A grant that had not ended by then, and whose wave had not been let in; `entry` is where the record says which wave.
    public record Held(long grant, long request, int wave, String name, long entry) {}

    /// - `suspended`, `held`: what was approved and let nobody in.
    /// - `open`: what passed by no rule, because no ALLOW policy of the portal stood.
    /// - `uncertain`: what the record cannot tell.
    public record Then(Instant at, List<String> open, List<InForce> policies, List<KeptOut> suspended, List<Held> held, List<String> uncertain) {}

    private record Confirmed(long revision, Instant since, long entry, String yaml, List<Long> requests, Optional<AuthorizationPolicy> policy) {}

    /// `workload` is the service as policies see it now, `known` the callers to tell by name.
    @Transactional(readOnly = true)
    public Then at(CatalogWorkload service, Workload workload, Known known, Instant at) {
        MeshSettings mesh = catalog.mesh(service.cluster().id());
        List<String> unread = new ArrayList<>();
        Fold fold = new Fold(service.cluster().id().toString());
        Set<String> namespaces = new TreeSet<>(List.of(service.namespace(), mesh.rootNamespace()));
        namespaces.forEach(namespace -> record.upTo(at, "policy", service.cluster().name() + "/" + namespace + "/", line -> read(line, unread, fold::take)));
        List<String> uncertain = new ArrayList<>();
        Map<String, Confirmed> inForce = new TreeMap<>();
        fold.confirmed.forEach((key, confirmed) -> confirmed.policy().ifPresentOrElse(policy -> inForce.put(key, confirmed),
                () -> uncertain.add("Revision " + confirmed.revision() + " of " + key + " was in force, and its text is not in the record.")));
        uncertain.addAll(fold.drifted.values());
        List<Held> held = held(service, at, unread);
        uncertain.addAll(unread);
        Reach reach = Reach.into(mesh, workload, inForce.values().stream().flatMap(confirmed -> confirmed.policy().stream()).toList(), known);
        uncertain.addAll(reach.uncertain());
        List<String> open = new ArrayList<>();
        Map<String, List<String>> ways = new LinkedHashMap<>();
        for (Reach.Access access : reach.accesses()) {
            access.by().ifPresentOrElse(rule -> ways.computeIfAbsent(rule.policy(), key -> new ArrayList<>()).add(access.region().description()),
                    () -> open.add(access.region().description()));
        }
        List<InForce> policies = ways.entrySet().stream().filter(way -> inForce.containsKey(way.getKey())).map(way -> {
            Confirmed confirmed = inForce.get(way.getKey());
            return new InForce(way.getKey(), confirmed.revision(), confirmed.since(), confirmed.entry(), confirmed.requests(), way.getValue(),
                    words(confirmed.requests(), at));
        }).toList();
        String foreign = catalog.policies(service.cluster().id(), service.namespace()).stream()
                .filter(live -> !ours(live)).map(live -> live.namespace() + "/" + live.name()).limit(20).collect(Collectors.joining(", "));
        if (!foreign.isEmpty()) {
            uncertain.add("Policies that are not the portal's are live today (" + foreign + "). What they were then, the record does not say.");
        }
        uncertain.add("The labels of " + service.name() + " and the identities of callers are those of today.");
        return new Then(at, open, policies, suspended(fold.suspended.values(), service, at), held, uncertain);
    }

    /// Without the grants that had ended by then: a suspension ends with its grant.
    private List<KeptOut> suspended(Collection<Suspended> all, CatalogWorkload service, Instant at) {
        List<Suspended> suspensions = all.stream().filter(one -> one.namespace().equals(service.namespace()) && one.workload().equals(service.name())).toList();
        Set<String> numbers = new TreeSet<>();
        suspensions.forEach(one -> one.requests().keySet().forEach(grant -> numbers.add(grant.toString())));
        Set<String> ended = record.told("grant", numbers, GRANT_ENDS, at);
        List<KeptOut> kept = new ArrayList<>();
        for (Suspended one : suspensions) {
            Map<Long, Long> lasting = new TreeMap<>(one.requests());
            lasting.keySet().removeIf(grant -> ended.contains(grant.toString()));
            if (!lasting.isEmpty()) {
                kept.add(new KeptOut(one.namespace() + "/" + one.policy(), one.number(), one.to(), one.line().seq(), one.line().at(), List.copyOf(lasting.keySet()),
                        List.copyOf(new TreeSet<>(lasting.values())), one.line().actor().name()));
            }
        }
        return kept;
    }

    /// `requests`: by the grant that each led to.
    private record Suspended(AuditReader.Line line, long number, String namespace, String policy, String workload, long to, Map<Long, Long> requests) {
        static Suspended of(AuditReader.Line line, JsonNode fact) {
            Map<Long, Long> requests = new TreeMap<>();
            fact.path("grants").forEach(grant -> requests.put(grant.path("number").asLong(), grant.path("request").asLong()));
            return new Suspended(line, fact.path("suspension").asLong(), fact.path("namespace").asString(), fact.path("name").asString(), fact.path("workload").asString(),
                    fact.path("to").asLong(), requests);
        }
    }

    private List<Held> held(CatalogWorkload service, Instant at, List<String> unread) {
        Map<Long, Held> held = new TreeMap<>();
        record.upTo(at, "rollout", "", entry -> read(entry, unread, line -> {
            JsonNode fact = json.readTree(line.entry().content()).path("content");
            switch (line.kind()) {
                case "rollout.started" -> fact.path("waves").forEach(wave -> wave.path("grants").forEach(grant -> {
                    if (grant.path("clusterId").asString().equals(service.cluster().id().toString()) && grant.path("namespace").asString().equals(service.namespace())
                            && grant.path("workload").asString().equals(service.name())) {
                        held.put(grant.path("number").asLong(), new Held(grant.path("number").asLong(), fact.path("request").asLong(), wave.path("wave").asInt(),
                                wave.path("name").asString(), line.seq()));
                    }
                }));
                case "rollout.wave-admitted" -> fact.path("grants").forEach(grant -> held.remove(grant.path("number").asLong()));
                default -> {}
            }
        }));
        Set<String> ended = record.told("grant", held.keySet().stream().map(String::valueOf).collect(Collectors.toSet()), GRANT_ENDS, at);
        return held.values().stream().filter(one -> !ended.contains(Long.toString(one.grant()))).toList();
    }

    /// An entry that cannot be read hides no other, and is told.
    private static void read(AuditReader.Line line, List<String> unread, Consumer<AuditReader.Line> reader) {
        try {
            reader.accept(line);
        } catch (JacksonException e) {
            unread.add("Entry " + line.seq() + " of the record (" + line.kind() + " of " + line.subject().id() + ") cannot be read. What follows from it is not known.");
        }
    }

    private static boolean ours(LivePolicy live) {
        return live.managers().contains(CompiledPolicy.MANAGER);
    }

    private List<Word> words(List<Long> requests, Instant at) {
        return requests.stream().limit(50).flatMap(number -> record.of(new Subject("request", Long.toString(number))).stream()
                .filter(line -> !line.at().isAfter(at) && (line.kind().equals("request.reviewed") || line.kind().equals("request.approved")))
                .map(line -> new Word(number, line.seq(), line.at(), line.actor().name(), line.sentence()))).toList();
    }

    /// A revision counts from the moment its apply was confirmed; drift, from when it was seen until the next confirmation.
    private final class Fold {
        private final String cluster;
        private final Map<String, Map<Long, JsonNode>> written = new TreeMap<>();
        private final Map<String, Confirmed> confirmed = new TreeMap<>();
        private final Map<String, String> drifted = new TreeMap<>();
        private final Map<Long, Suspended> suspended = new TreeMap<>();

        Fold(String cluster) {
            this.cluster = cluster;
        }

        void take(AuditReader.Line line) {
            JsonNode fact = json.readTree(line.entry().content()).path("content");
            if (!fact.path("clusterId").asString().equals(cluster)) {
                return;
            }
            String key = fact.path("namespace").asString() + "/" + fact.path("name").asString();
            long revision = fact.path("revision").asLong();
            switch (line.kind()) {
                case "policy.revised" -> written.computeIfAbsent(key, ignored -> new TreeMap<>()).put(revision, fact);
                case "policy.applied", "policy.taken-back" -> {
                    JsonNode text = written.getOrDefault(key, Map.of()).getOrDefault(revision, json.createObjectNode());
                    List<Long> requests = new ArrayList<>();
                    text.path("requests").forEach(number -> requests.add(number.asLong()));
                    confirmed.put(key, new Confirmed(revision, line.at(), line.seq(), text.path("yaml").asString(), requests, policy(text.path("yaml").asString())));
                    written.getOrDefault(key, new TreeMap<>()).keySet().removeIf(older -> older < revision);
                    drifted.remove(key);
                }
                case "policy.drifted", "policy.contested" -> drifted.put(key, "The policy " + key + " was changed in the cluster by another hand (entry "
                        + line.seq() + "), and not yet put right. What it let through meanwhile is not known; said below is what revision "
                        + Optional.ofNullable(confirmed.get(key)).map(Confirmed::revision).orElse(0L) + " allows.");
                case "grants.suspended" -> suspended.put(fact.path("suspension").asLong(), Suspended.of(line, fact));
                case "grants.resumed" -> suspended.remove(fact.path("suspension").asLong());
                default -> {}
            }
        }

        private Optional<AuthorizationPolicy> policy(String yaml) {
            return PolicyReader.read(yaml) instanceof Reading.Read read
                    ? read.documents().stream().flatMap(document -> document.decoding().as(AuthorizationPolicy.class).stream()).findFirst()
                    : Optional.empty();
        }
    }
}
