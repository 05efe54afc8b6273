package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.policy.eval.Attachment;
import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.MutualTls;
import dev.countersign.policy.eval.Verdict;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.TlsMode;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.Repair;
import dev.countersign.policy.yaml.PolicyWriter;
import dev.countersign.requests.RequestDesk;
import dev.countersign.web.FieldErrors;
import dev.countersign.workbench.Simulation.Ruling;
import dev.countersign.workbench.Simulation.Standing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// Puts a question to the policies that live in the cluster, as its proxies would: first whether anything is enforced at
/// all, then mutual TLS, then the policies.
@Component
class Simulator {
    private final MeshCatalog catalog;
    private final QuestionReader reader;
    private final RequestDesk requests;

    Simulator(MeshCatalog catalog, QuestionReader reader, RequestDesk requests) {
        this.catalog = catalog;
        this.reader = reader;
        this.requests = requests;
    }

    sealed interface Outcome {
        record Answered(Simulation simulation) implements Outcome {}

        record Unclear(FieldErrors errors) implements Outcome {}
    }

    @Transactional(readOnly = true)
    public Outcome simulate(SimulationForm form) {
        return switch (reader.read(form)) {
            case QuestionReader.Reading.Unclear(FieldErrors errors) -> new Outcome.Unclear(errors);
            case QuestionReader.Reading.Read(Question question) -> new Outcome.Answered(answer(question));
        };
    }

    private Simulation answer(Question question) {
        CatalogWorkload target = question.target();
        MeshSettings mesh = catalog.mesh(target.cluster().id());
        Workload workload = target.asPoliciesSeeIt();
        List<LivePolicy> live = catalog.policies(target.cluster().id(), target.namespace());
        List<AuthorizationPolicy> policies = live.stream().flatMap(policy -> policy.policy().stream()).toList();
        List<String> providers = providers(mesh, policies, workload);
        MutualTls tls = MutualTls.effective(
                mesh.rootNamespace(),
                catalog.peerAuthentications(target.cluster().id(), target.namespace()),
                target.namespace(),
                target.podLabels(),
                question.port());
        boolean enforced = target.membership() != Membership.NONE;
        boolean identified = identified(question, tls);

        Authorizer authorizer = Authorizer.of(mesh, policies, workload);
        Verdict permitted = authorizer.decide(answering(question.call(identified), providers, true));
        Verdict refused = authorizer.decide(answering(question.call(identified), providers, false));
        boolean strict = enforced && !identified && tls.mode() == TlsMode.STRICT;
        Ruling ruling = !enforced ? Ruling.YES
                : strict ? Ruling.NO
                : permitted.allowed() != refused.allowed() ? Ruling.DEPENDS
                : permitted.allowed() ? Ruling.YES : Ruling.NO;
        Verdict verdict = permitted.allowed() ? refused : permitted;
        Optional<Repair> repair = permitted.allowed() || strict
                ? Optional.empty()
                : Optional.of(Repair.of(mesh, policies, workload, answering(question.call(identified), providers, true)));
        Optional<Verdict> plain = enforced && identified && tls.mode() == TlsMode.PERMISSIVE
                ? Optional.of(authorizer.decide(answering(question.call(false), providers, false)))
                : Optional.empty();
        return new Simulation(question, ruling, enforced, identified, tls, verdict, standing(verdict, live), repair, plain, providers,
                live.stream().filter(policy -> policy.policy().isEmpty()).map(policy -> policy.namespace() + "/" + policy.name()).toList());
    }

    /// What was asked for; else what the caller does today. A port with mutual TLS switched off learns no identity.
    private static boolean identified(Question question, MutualTls tls) {
        boolean speaks = question.identified().orElseGet(() -> question.caller()
                .flatMap(Places.Caller::workload)
                .map(workload -> workload.membership() != Membership.NONE)
                .orElse(question.caller().isPresent()));
        return speaks && tls.mode() != TlsMode.DISABLE;
    }

    private static List<String> providers(MeshSettings mesh, List<AuthorizationPolicy> policies, Workload workload) {
        return Attachment.attached(mesh, policies, workload).stream()
                .filter(policy -> policy.action() == Action.CUSTOM && !policy.dryRun())
                .flatMap(policy -> policy.provider().stream())
                .distinct()
                .toList();
    }

    /// The call, with every external authorizer answering the same.
    private static Call answering(Call call, List<String> providers, boolean allows) {
        Map<String, Call.ExternalAuthorizer> answers = providers.stream()
                .collect(Collectors.toMap(name -> name, name -> new Call.ExternalAuthorizer(false, allows), (a, b) -> a, LinkedHashMap::new));
        return new Call(call.principal(), call.sourceIp(), call.remoteIp(), call.destinationIp(), call.destinationPort(), call.sni(),
                call.http(), call.filterMetadata(), answers);
    }

    private List<Standing> standing(Verdict verdict, List<LivePolicy> live) {
        Map<String, LivePolicy> byKey = live.stream()
                .collect(Collectors.toMap(policy -> policy.namespace() + "/" + policy.name(), policy -> policy, (a, b) -> a));
        Set<Long> known = requests.known(Provenance.named(verdict.considered().stream().map(said -> byKey.get(said.policy())).toList()));
        return verdict.considered().stream()
                .map(said -> {
                    LivePolicy policy = byKey.get(said.policy());
                    return new Standing(said, Provenance.of(policy, known), PolicyWriter.text(policy.policy().orElseThrow()));
                })
                .toList();
    }
}
