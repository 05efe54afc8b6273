package dev.countersign.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.Call.ExternalAuthorizer;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.laws.AimedCalls;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.DataPlane;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.TrustDomains;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Istio's own golden files: what istiod sends to the proxies for a set of policies, evaluated by a reader of that
/// form, matches the very rules that the `Authorizer` says, on generated calls. The files are Istio's and not part of
/// this project; where they do not lie beside it, the tests say that they were skipped.
class GoldenTests {
    private static final int CALLS = 20_000;
    private static final long SEED = 20261123;

    private static Path upstream(String folder) {
        Path given = ConformanceFile.directory().resolve("upstream").resolve(folder);
        Path beside = Path.of("..", "shared", "conformance", "upstream", folder);
        Path found = Files.isDirectory(given) ? given : beside;
        if (!Files.isDirectory(found)) {
            System.out.println(folder + " skipped: no upstream data");
        }
        assumeTrue(Files.isDirectory(found), "skipped: no upstream data");
        return found;
    }

    @Test
    void envoysRulesMatchWhatTheAuthorizerSays() throws IOException {
        Path folder = upstream("rbac-golden");
        List<Map<String, Object>> pairs = JsonMapper.builder().build().readValue(
                Files.readString(folder.resolve("manifest.json")), new TypeReference<List<Map<String, Object>>>() {});
        List<String> complaints = new ArrayList<>();
        for (Map<String, Object> pair : pairs) {
            rbac(folder, pair).ifPresent(complaints::add);
        }
        System.out.println("rbac-golden " + (pairs.size() - complaints.size()) + "/" + pairs.size());
        assertThat(complaints).isEmpty();
    }

    private static Optional<String> rbac(Path folder, Map<String, Object> pair) throws IOException {
        Path place = folder.resolve(Objects.text(pair, "protocol", ""));
        List<AuthorizationPolicy> policies = policies(place.resolve(Objects.text(pair, "input", "")));
        List<Map<String, Object>> filters = new ArrayList<>();
        for (String output : Objects.strings(pair, "output")) {
            filters.add(Objects.map(yaml(place.resolve(output)), "typedConfig"));
        }
        Map<String, Object> workload = Objects.map(pair, "workload");
        MeshSettings mesh = new MeshSettings(
                Objects.text(pair, "rootNamespace", ""),
                new TrustDomains(Objects.text(pair, "trustDomain", ""), Objects.strings(pair, "trustDomainAliases")));
        Authorizer authorizer = Authorizer.of(mesh, policies, DecisionsTests.workload(workload, DataPlane.SIDECAR));
        String provider = Objects.text(pair, "extAuthzProvider", "");
        Map<String, ExternalAuthorizer> authorizers = provider.isEmpty() || provider.startsWith("invalid")
                ? Map.of()
                : Map.of("default", new ExternalAuthorizer(provider.startsWith("http"), false));
        AimedCalls calls = new AimedCalls(SEED, policies, Objects.text(workload, "namespace", ""));
        int matched = 0;
        for (int i = 0; i < CALLS; i++) {
            Call call = calls.next(place.endsWith("tcp"), authorizers);
            Map<String, Set<String>> wanted = filters.isEmpty() ? Map.of() : golden(filters, call);
            Verdict verdict = authorizer.decide(call);
            Map<String, Set<String>> found = filters.isEmpty() ? Map.of() : found(verdict);
            boolean allowed = goldenAllows(filters, policies, wanted);
            if (!wanted.equals(found) || allowed != verdict.allowed()) {
                return Optional.of(pair.get("name") + ": wanted " + wanted + " " + allowed + " found " + found + " "
                        + verdict
                        + " for " + call);
            }
            matched += wanted.isEmpty() ? 0 : 1;
        }
        System.out.println("  " + pair.get("name") + ": " + CALLS + " calls agree, " + matched + " match a rule");
        return Optional.empty();
    }

    /// Each dimension of each pair alone, so that rules that can match nothing as a whole are tried in their parts.
    @Test
    void everyDimensionAloneMatchesToo() throws IOException {
        Path folder = upstream("rbac-golden");
        List<Map<String, Object>> pairs = JsonMapper.builder().build().readValue(
                Files.readString(folder.resolve("manifest.json")), new TypeReference<List<Map<String, Object>>>() {});
        Tally tally = new Tally();
        for (Map<String, Object> pair : pairs) {
            Path place = folder.resolve(Objects.text(pair, "protocol", ""));
            List<AuthorizationPolicy> policies = policies(place.resolve(Objects.text(pair, "input", "")));
            for (String output : Objects.strings(pair, "output")) {
                Map<String, Object> filter = Objects.map(yaml(place.resolve(output)), "typedConfig");
                for (Projection.Dimension dimension : Projection.Dimension.values()) {
                    for (Projection.Sign sign : Projection.Sign.values()) {
                        alone(pair, place.endsWith("tcp"), policies, filter, new Projection(dimension, sign), tally);
                    }
                }
            }
        }
        System.out.println(
                "rbac-golden by dimension: " + tally.calls + " calls agree, " + tally.matched + " match a rule");
        assertThat(tally.matched).isBetween(tally.calls / 10, tally.calls - tally.calls / 100);
    }

    private static final class Tally {
        private int calls;
        private int matched;
    }

    private static void alone(
            Map<String, Object> pair,
            boolean tcp,
            List<AuthorizationPolicy> policies,
            Map<String, Object> filter,
            Projection projection,
            Tally tally) {
        Map<String, Object> workload = Objects.map(pair, "workload");
        MeshSettings mesh = new MeshSettings(
                Objects.text(pair, "rootNamespace", ""),
                new TrustDomains(Objects.text(pair, "trustDomain", ""), Objects.strings(pair, "trustDomainAliases")));
        List<AuthorizationPolicy> narrowed = policies.stream().map(projection::of).toList();
        Authorizer authorizer = Authorizer.of(mesh, narrowed, DecisionsTests.workload(workload, DataPlane.SIDECAR));
        AimedCalls calls = new AimedCalls(SEED, narrowed, Objects.text(workload, "namespace", ""));
        for (String part : List.of("rules", "shadowRules")) {
            Map<String, Object> rules = projection.of(Objects.map(filter, part));
            // Rules that Istio left out of the filter are not compared: narrowed, they would no longer be left out.
            Set<String> sent = plain(Objects.map(rules, "policies").keySet());
            for (int i = 0; i < CALLS / 40 && !sent.isEmpty(); i++) {
                Call call = calls.next(tcp, Map.of());
                Set<String> wanted = plain(EnvoyRbac.matching(rules, call));
                Set<String> found = new TreeSet<>();
                found(authorizer.decide(call)).values().forEach(found::addAll);
                found.retainAll(sent);
                assertThat(found).as(pair.get("name") + " " + projection + " " + call).isEqualTo(wanted);
                tally.calls++;
                tally.matched += wanted.isEmpty() ? 0 : 1;
            }
        }
    }

    private static Set<String> plain(Set<String> keys) {
        Set<String> plain = new TreeSet<>();
        keys.forEach(key ->
                plain.add(key.substring(key.indexOf("ns[")).replace("-deny-due-to-bad-CUSTOM-action", "")));
        return plain;
    }

    /// What matches, by action and whether it is a rehearsal. The shadow rules named `istio_ext_authz_` are CUSTOM's.
    private static Map<String, Set<String>> golden(List<Map<String, Object>> filters, Call call) {
        Map<String, Set<String>> matching = new TreeMap<>();
        for (Map<String, Object> filter : filters) {
            for (String part : List.of("rules", "shadowRules")) {
                Map<String, Object> rules = Objects.map(filter, part);
                for (String key : EnvoyRbac.matching(rules, call)) {
                    boolean custom = key.startsWith("istio-ext-authz-");
                    String action = custom ? "CUSTOM" : Objects.text(rules, "action", "ALLOW");
                    String name = part.equals("rules") || custom ? action : action + " dry run";
                    matching.computeIfAbsent(name, unused -> new TreeSet<>())
                            .add(key.substring(key.indexOf("ns[")).replace("-deny-due-to-bad-CUSTOM-action", ""));
                }
            }
        }
        return matching;
    }

    /// The providers of these tests refuse whatever they are asked.
    private static boolean goldenAllows(
            List<Map<String, Object>> filters, List<AuthorizationPolicy> policies, Map<String, Set<String>> matching) {
        boolean allows = policies.stream().anyMatch(policy -> policy.action() == Action.ALLOW && !policy.dryRun());
        return !matching.containsKey("CUSTOM") && !matching.containsKey("DENY")
                && (!allows || matching.containsKey("ALLOW"));
    }

    private static Map<String, Set<String>> found(Verdict verdict) {
        Map<String, Set<String>> found = new TreeMap<>();
        verdict.considered().forEach(one -> one.matchedRules().forEach(rule -> found.computeIfAbsent(
                        one.action() + (one.dryRun() ? " dry run" : ""), unused -> new TreeSet<>())
                .add("ns[" + one.policy().replace("/", "]-policy[") + "]-rule[" + rule + "]")));
        return found;
    }

    @Test
    void ztunnelsRulesMatchWhatTheAuthorizerSays() throws IOException {
        Path folder = upstream("ambient-golden");
        List<Path> inputs;
        try (var files = Files.list(folder)) {
            inputs = files.filter(file -> file.toString().endsWith("-in.yaml")).sorted().toList();
        }
        int agreed = 0;
        int others = 0;
        for (Path input : inputs) {
            List<AuthorizationPolicy> policies = policies(input);
            if (policies.isEmpty()) {
                others++; // PeerAuthentication
                continue;
            }
            Map<String, Object> output = yaml(Path.of(input.toString().replace("-in.yaml", "-out.yaml")));
            String namespace = policies.getFirst().metadata().namespace();
            Workload workload = new Workload(namespace, Map.of(), DataPlane.ZTUNNEL, List.of());
            Authorizer authorizer = Authorizer.of(MeshSettings.DEFAULT, policies, workload);
            AimedCalls calls = new AimedCalls(SEED, policies, namespace);
            for (int i = 0; i < CALLS; i++) {
                Call call = calls.next(true, Map.of());
                assertThat(authorizer.allows(call)).as(input.getFileName() + " " + call)
                        .isEqualTo(ZtunnelRbac.matches(output, call));
            }
            agreed++;
        }
        System.out.println("ambient-golden " + agreed + "/" + (inputs.size() - others) + " (" + others
                + " pairs of PeerAuthentication are not decisions)");
        assertThat(agreed).isPositive();
    }

    private static List<AuthorizationPolicy> policies(Path file) throws IOException {
        Reading.Read read = (Reading.Read) PolicyReader.read(Files.readString(file));
        return read.documents().stream()
                .flatMap(document -> document.decoding().as(AuthorizationPolicy.class).stream())
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> yaml(Path file) throws IOException {
        return (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    }
}
