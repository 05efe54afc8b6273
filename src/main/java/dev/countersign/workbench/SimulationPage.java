package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.policy.compile.Caller;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.policy.eval.MutualTls;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.model.Spiffe;
import dev.countersign.policy.model.TlsMode;
import dev.countersign.policy.reason.Repair;
import dev.countersign.web.Words;
import dev.countersign.workbench.Simulation.Ruling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriComponentsBuilder;

/// A simulation in words, in the order in which a person asks: yes or no, why, what else to know, what would change it, and
/// what every policy said.
public record SimulationPage(
        String kind,
        String word,
        String who,
        String call,
        CatalogWorkload target,
        String because,
        List<Caveat> caveats,
        @Nullable Change change,
        List<Line> policies,
        Map<String, String> seen) {
    /// Something that must be read with the answer; `kind` as a note has it.
    public record Caveat(String kind, String title, String text) {}

    /// The smallest change; `url` leads to the filled form of a request and is null where no grant helps.
    public record Change(String text, @Nullable String url) {}

    public record Line(
            String key, String action, boolean dryRun, String kind, String state, String because, boolean decides, Provenance provenance, String yaml) {}

    static SimulationPage of(Simulation simulation) {
        Question question = simulation.question();
        Ruling ruling = simulation.ruling();
        String kind = switch (ruling) {
            case YES -> simulation.enforced() ? "yes" : "unenforced";
            case NO -> "no";
            case DEPENDS -> "depends";
        };
        String word = switch (ruling) {
            case YES -> "Yes";
            case NO -> "No";
            case DEPENDS -> "It depends";
        };
        return new SimulationPage(
                kind,
                word,
                who(simulation),
                call(question),
                question.target(),
                because(simulation),
                caveats(simulation),
                simulation.repair().map(repair -> change(repair, question)).orElse(null),
                lines(simulation),
                seen(simulation));
    }

    private static String who(Simulation simulation) {
        String name = simulation.question().caller().map(Places.Caller::name).orElse("Anyone in plain text");
        return simulation.identified() || simulation.question().caller().isEmpty() ? name : name + " in plain text";
    }

    private static String call(Question question) {
        return question.http()
                .map(http -> http.method() + " " + http.path())
                .orElse("a TCP connection to port " + question.port());
    }

    private static String because(Simulation simulation) {
        String target = simulation.question().target().name();
        if (!simulation.enforced()) {
            return target + " has no proxy, so no policy is enforced: every call reaches it, this one too. With a proxy the answer would be "
                    + (simulation.verdict().allowed() ? "yes" : "no") + ": " + lowered(reason(simulation, target));
        }
        if (simulation.refusedByTls()) {
            return "Port " + simulation.question().port() + " takes mutual TLS only (STRICT, " + word(simulation.tls())
                    + "), and the call comes in plain text. The proxy closes the connection before any policy is asked.";
        }
        if (simulation.ruling() == Ruling.DEPENDS) {
            return "The external authorizer " + Words.join(simulation.providers(), "and")
                    + " is asked about this call, and what it answers is not known here. If it refuses, the call is denied; if not, it passes.";
        }
        return reason(simulation, target);
    }

    private static String reason(Simulation simulation, String target) {
        Verdict verdict = simulation.verdict();
        String by = verdict.decidedBy()
                .map(rule -> rule.policy() + rule.rule().map(number -> ", rule " + number).orElse(""))
                .orElse("");
        return switch (verdict.reason()) {
            case ALLOW_POLICY_MATCHED -> "The ALLOW policy " + by + " lets it pass.";
            case NO_ALLOW_POLICY -> "No ALLOW policy stands before " + target + ", so everything passes that no other policy denies.";
            case NO_ALLOW_POLICY_MATCHED -> {
                long allows = verdict.considered().stream()
                        .filter(policy -> policy.action() == dev.countersign.policy.model.Action.ALLOW && !policy.dryRun())
                        .count();
                yield allows == 1
                        ? "One ALLOW policy stands before " + target + ", and it does not allow this call. What no ALLOW policy allows is denied."
                        : Words.count(allows, "ALLOW policy stands", "ALLOW policies stand") + " before " + target
                                + ", and none of them allows this call. What no ALLOW policy allows is denied.";
            }
            case DENY_POLICY_MATCHED -> "The DENY policy " + by + " matches. A DENY wins over every ALLOW.";
            case CUSTOM_DENIED -> "The CUSTOM policy " + by + " hands the call to an external authorizer, which refuses it.";
            case CUSTOM_MISCONFIGURED -> "The CUSTOM policy " + by
                    + " matches, but its external authorizer cannot be asked: Istio denies every such call. A workload has one provider only.";
        };
    }

    private static String lowered(String sentence) {
        return sentence.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + sentence.substring(1);
    }

    private static String word(MutualTls tls) {
        return tls.policy().map(policy -> "by PeerAuthentication " + policy.metadata().key()).orElse("Istio's default");
    }

    private static List<Caveat> caveats(Simulation simulation) {
        Question question = simulation.question();
        CatalogWorkload target = question.target();
        List<Caveat> caveats = new ArrayList<>();
        if (!simulation.enforced()) {
            caveats.add(new Caveat("cuts", "Nothing is enforced.", "Bring " + target.name()
                    + " into the mesh first; a policy for it is accepted by the cluster and does nothing."));
        }
        if (target.membership() == Membership.UNKNOWN) {
            caveats.add(new Caveat("unsure", "No pod was seen.", "Whether a proxy stands before " + target.name()
                    + " shows when a pod of it runs; the answer holds if one does."));
        }
        if (target.membership() == Membership.AMBIENT) {
            caveats.add(new Caveat("unsure", "Ambient.", "ztunnel knows identity, address and port; an ALLOW rule that names methods or paths lets nothing pass there."));
        }
        question.caller().flatMap(Places.Caller::workload).filter(caller -> caller.membership() == Membership.NONE).ifPresent(caller ->
                caveats.add(new Caveat("waits", caller.name() + " has no proxy.", question.identified().equals(Optional.of(true))
                        ? "Today it calls in plain text, without an identity; the answer is for a call with one."
                        : "It calls in plain text, so no policy can know it by name.")));
        if (simulation.enforced() && simulation.tls().mode() == TlsMode.PERMISSIVE && simulation.identified()) {
            String plain = simulation.plain().filter(Verdict::allowed).isPresent()
                    ? "The same call passes without an identity as well. Require STRICT to know who calls."
                    : "The same call in plain text has no identity and is denied.";
            caveats.add(new Caveat(simulation.plain().filter(Verdict::allowed).isPresent() ? "cuts" : "",
                    "Port " + question.port() + " takes plain text too", "(PERMISSIVE, " + word(simulation.tls()) + "). " + plain));
        }
        if (simulation.tls().mode() == TlsMode.DISABLE) {
            caveats.add(new Caveat("cuts", "Mutual TLS is switched off", "on port " + question.port() + " (" + word(simulation.tls())
                    + "): no caller has an identity there."));
        }
        question.normalized().ifPresent(path -> caveats.add(new Caveat("", "The proxy reads the path as", path + ".")));
        question.remarks().forEach(remark -> caveats.add(new Caveat("", "", remark)));
        simulation.verdict().dryRun().forEach((action, dry) -> caveats.add(new Caveat("waits", "Dry run:", "the " + action
                + " policies on trial alone would " + (dry.result() == Verdict.Decision.ALLOW ? "let it pass" : "deny it")
                + dry.rule().map(rule -> " by " + rule.policy()).orElse("") + ".")));
        if (!simulation.unreadable().isEmpty()) {
            caveats.add(new Caveat("unsure", "Not counted:", Words.join(simulation.unreadable(), "and")
                    + " cannot be read, so what it allows or denies is not known. Correct it in the cluster."));
        }
        return caveats;
    }

    private static Change change(Repair repair, Question question) {
        return switch (repair) {
            case Repair.NotNeeded(Verdict verdict) -> new Change("Nothing: the call passes.", null);
            case Repair.Grant(Caller.Identity caller, GrantedOperation operation) -> new Change(
                    grant(caller.spiffe(), operation, question.target()), url(caller.spiffe(), operation, question.target()));
            case Repair.Forbidden forbidden -> new Change(forbidden.message(), null);
            case Repair.NoIdentity noIdentity -> new Change(noIdentity.message(), null);
            case Repair.Unnameable unnameable -> new Change(unnameable.message(), null);
        };
    }

    private static String grant(Spiffe caller, GrantedOperation operation, CatalogWorkload target) {
        String what = operation.methods().isEmpty() ? "call " + (operation.paths().isEmpty() ? "everything" : "")
                : String.join(", ", operation.methods()) + " " + (operation.paths().isEmpty() ? "any path" : String.join(", ", operation.paths()));
        return caller.serviceAccount() + (caller.namespace().equals(target.namespace()) ? "" : " of " + caller.namespace()) + " may " + what
                + (operation.ports().isEmpty() ? "" : " on port " + operation.ports().getFirst()) + " of " + target.name()
                + ". Nothing smaller lets this call pass.";
    }

    /// A service account of another cluster or mesh cannot be asked for by form: then the form is left to be filled.
    private static String url(Spiffe caller, GrantedOperation operation, CatalogWorkload target) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("from", caller.namespace() + "/sa/" + caller.serviceAccount());
        values.put("to", target.namespace() + "/" + target.name());
        values.put("cluster", target.cluster().name());
        operation.methods().stream().findFirst().ifPresent(method -> values.put("method", method));
        operation.paths().stream().findFirst().ifPresent(path -> values.put("path", path));
        operation.ports().stream().findFirst().ifPresent(port -> values.put("port", port.toString()));
        UriComponentsBuilder url = UriComponentsBuilder.fromPath("/requests/new");
        values.keySet().forEach(name -> url.queryParam(name, "{" + name + "}"));
        return url.encode().buildAndExpand(values).toUriString();
    }

    private static List<Line> lines(Simulation simulation) {
        Optional<String> decides = simulation.refusedByTls() || !simulation.enforced()
                ? Optional.empty()
                : simulation.verdict().decidedBy().map(Verdict.DecidingRule::policy);
        return simulation.considered().stream().map(standing -> line(standing, decides)).toList();
    }

    private static Line line(Simulation.Standing standing, Optional<String> decides) {
        Verdict.Considered said = standing.said();
        boolean stops = said.action() == dev.countersign.policy.model.Action.DENY || said.action() == dev.countersign.policy.model.Action.CUSTOM;
        String kind = !said.matched() || said.dryRun() ? "over" : stops ? "fails" : "done";
        return new Line(said.policy(), said.action().name(), said.dryRun(), kind, said.matched() ? "matches" : "does not match",
                said.because(), decides.equals(Optional.of(said.policy())), standing.provenance(), standing.yaml());
    }

    /// The call as the proxy sees it.
    private static Map<String, String> seen(Simulation simulation) {
        Question question = simulation.question();
        Map<String, String> seen = new LinkedHashMap<>();
        seen.put("Identity", simulation.identified()
                ? question.caller().map(caller -> caller.identity().principal()).orElse("none")
                : "none: plain text");
        question.http().ifPresent(http -> {
            seen.put("Method", http.method());
            seen.put("Path", http.path());
            seen.put("Host", http.host());
            if (!http.headers().isEmpty()) {
                seen.put("Headers", http.headers().entrySet().stream().map(header -> header.getKey() + ": " + String.join(",", header.getValue()))
                        .reduce((a, b) -> a + " · " + b).orElse(""));
            }
            seen.put("Token", http.claims().map(claims -> "claims " + String.join(", ", claims.keySet())).orElse("none"));
        });
        if (question.http().isEmpty()) {
            seen.put("Protocol", "TCP");
        }
        seen.put("Port", Integer.toString(question.port()));
        seen.put("From address", question.sourceIp());
        seen.put("Mutual TLS", simulation.tls().mode() + " (" + word(simulation.tls()) + ")");
        return seen;
    }
}
