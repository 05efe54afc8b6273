package dev.countersign.api;

import dev.countersign.api.ComparisonBody.PolicySource;
import dev.countersign.api.ComparisonBody.ComparedPods;
import dev.countersign.api.ComparisonBody.ComparedScope;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Comparison;
import dev.countersign.policy.reason.Known;
import dev.countersign.policy.reason.MeshComparison;
import dev.countersign.policy.yaml.Decoding;
import dev.countersign.policy.yaml.Document;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Compares two sets of policies, or the live set and a change, around one workload or many, storing nothing.
@RestController
class ComparisonsApi {
    /// Somebody waits for the answer.
    private static final MeshComparison.Limits LIMITS = new MeshComparison.Limits(Duration.ofSeconds(5), 1000);
    private static final int MOST_BEYOND = 20;

    private final Mesh mesh;
    private final Posts posts;

    ComparisonsApi(Mesh mesh, Posts posts) {
        this.mesh = mesh;
        this.posts = posts;
    }

    @Endpoint(summary = "What a change of policies opens and cuts", scope = Scope.READ, body = ComparisonBody.class, answer = ComparisonDocument.class,
            description = "The verdict in one word, with a witness for every region listed, both ways: for one workload, or (scope) for all of a namespace "
                    + "or of a cluster, as far as the namespaces are your tenant's. At most 50 differences are told, and 100 names in one; the rest is "
                    + "counted (leftOut) and counts in the verdict. What is not decided stands in uncertain. Only AuthorizationPolicy objects are compared. Up to 1 MB.")
    @PostMapping(path = "/api/v1/comparisons", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> compare(@AuthenticationPrincipal CurrentPerson me, @RequestBody(required = false) byte @org.jspecify.annotations.Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> Answer.of(compared(Member.body(body, ComparisonBody::read))));
    }

    private ComparisonDocument compared(ComparisonBody wanted) {
        return wanted.scope().orElse(ComparedScope.WORKLOAD) == ComparedScope.WORKLOAD ? one(wanted, wanted.to().orElseThrow()) : many(wanted);
    }

    private ComparisonDocument one(ComparisonBody wanted, ComparedPods to) {
        Optional<Mesh.Surroundings> around = wanted.cluster().map(cluster -> mesh.around(cluster, to.namespace(), to.workload().orElseThrow()));
        List<AuthorizationPolicy> before = wanted.before().map(source -> policies("/before", source)).orElseGet(() -> around.orElseThrow().policies());
        List<AuthorizationPolicy> after = wanted.after().map(source -> policies("/after", source)).orElseGet(() -> changed(before, wanted));
        boolean live = wanted.before().isEmpty();
        Comparison comparison = Comparison.of(
                around.map(Mesh.Surroundings::settings).orElse(MeshSettings.DEFAULT),
                around.map(Mesh.Surroundings::workload).orElseGet(() -> Workload.sidecar(to.namespace(), to.labels().orElseThrow())),
                before, after, around.map(mesh::known).orElse(Known.NOTHING));
        return ComparisonDocument.of(wanted.cluster(), to.namespace() + "/" + to.workload().orElse("pods"), comparison,
                live ? around.orElseThrow().unreadable() : List.of());
    }

    private ComparisonDocument many(ComparisonBody wanted) {
        Optional<String> namespace = wanted.to().map(ComparedPods::namespace);
        Mesh.Wide wide = mesh.wide(wanted.cluster().orElseThrow(), namespace);
        List<AuthorizationPolicy> before = wanted.before().map(source -> policies("/before", source)).orElse(wide.policies());
        List<AuthorizationPolicy> after = wanted.after().map(source -> policies("/after", source)).orElseGet(() -> changed(before, wanted));
        List<String> uncertain = new ArrayList<>(wanted.before().isEmpty() ? wide.unreadable() : List.of());
        uncertain.addAll(beyond(wide, namespace, before, after));
        MeshComparison comparison = MeshComparison.of(MeshComparison.Side.of(wide.settings(), wide.workloads(), before),
                MeshComparison.Side.of(wide.settings(), wide.workloads(), after), mesh.known(wide), LIMITS);
        return ComparisonDocument.of(wide.cluster().name(), comparison, uncertain);
    }

    /// What the change may do where nothing is compared, in sentences.
    private static List<String> beyond(Mesh.Wide wide, Optional<String> namespace, List<AuthorizationPolicy> before, List<AuthorizationPolicy> after) {
        Set<AuthorizationPolicy> changing = new LinkedHashSet<>(before);
        after.forEach(policy -> {
            if (!changing.remove(policy)) {
                changing.add(policy);
            }
        });
        Set<String> compared = new HashSet<>(namespace.map(List::of).orElse(wide.namespaces()));
        Set<String> sentences = new LinkedHashSet<>();
        for (AuthorizationPolicy policy : changing) {
            String here = policy.metadata().namespace();
            if (here.equals(wide.settings().rootNamespace())) {
                sentences.add(policy.metadata().key() + " can span the whole mesh: what it changes outside of the namespaces compared is not told here.");
            } else if (!compared.contains(here)) {
                sentences.add(policy.metadata().key() + " is not in a namespace that is compared: what it changes there is not told here.");
            }
        }
        List<String> told = new ArrayList<>(sentences.stream().limit(MOST_BEYOND).toList());
        if (sentences.size() > MOST_BEYOND) {
            told.add("The same holds for " + (sentences.size() - MOST_BEYOND) + " more policies.");
        }
        return told;
    }

    private static List<AuthorizationPolicy> changed(List<AuthorizationPolicy> before, ComparisonBody wanted) {
        List<AuthorizationPolicy> change = wanted.change().map(source -> policies("/change", source)).orElse(List.of());
        Set<String> gone = change.stream().map(policy -> policy.metadata().key()).collect(Collectors.toSet());
        for (String removed : wanted.remove().orElse(List.of())) {
            if (before.stream().noneMatch(policy -> policy.metadata().key().equals(removed))) {
                throw refused("/remove", "There is no policy " + removed + " before. Write namespace/name of one that is there.");
            }
            gone.add(removed);
        }
        List<AuthorizationPolicy> after = new ArrayList<>(before.stream().filter(policy -> !gone.contains(policy.metadata().key())).toList());
        after.addAll(change);
        return after;
    }

    private static List<AuthorizationPolicy> policies(String pointer, PolicySource source) {
        List<Map<String, Object>> trees = source.policies().orElseGet(() -> trees(pointer, source.yaml().orElseThrow()));
        List<AuthorizationPolicy> policies = new ArrayList<>();
        for (int i = 0; i < trees.size(); i++) {
            String here = pointer + (source.policies().isPresent() ? "/policies/" + i : "/yaml");
            switch (PolicyReader.decode(trees.get(i))) {
                case Decoding.Understood understood when understood.object() instanceof AuthorizationPolicy policy -> policies.add(policy);
                case Decoding.Malformed malformed -> throw refused(here, "Object " + i + " is not a well-formed " + malformed.kind() + ": "
                        + malformed.problems().getFirst().path() + " " + malformed.problems().getFirst().message()
                        + ". POST /api/v1/policies/validation says everything about it.");
                case Decoding.Understood ignored -> throw notCompared(here, i);
                case Decoding.OtherKind ignored -> throw notCompared(here, i);
            }
        }
        Set<String> names = new HashSet<>();
        policies.stream().map(policy -> policy.metadata().key()).filter(key -> !names.add(key)).findFirst().ifPresent(key -> {
            throw refused(pointer, "The policy " + key + " stands twice. Keep one of them.");
        });
        return policies;
    }

    private static List<Map<String, Object>> trees(String pointer, String yaml) {
        return switch (PolicyReader.read(yaml)) {
            case Reading.Read(List<Document> documents) -> documents.stream().map(Document::tree).toList();
            case Reading.Refused refused -> throw refused(pointer + "/yaml", "The text cannot be read: " + refused.sentence());
        };
    }

    private static Problem.Refused notCompared(String pointer, int index) {
        return refused(pointer, "Object " + index + " is no AuthorizationPolicy of security.istio.io. Only those are compared; leave it out.");
    }

    private static Problem.Refused refused(String pointer, String message) {
        return new Problem.Refused(message, List.of(new Problem.Wrong(pointer, "CS9422", message)));
    }
}
