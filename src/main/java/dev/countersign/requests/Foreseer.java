package dev.countersign.requests;

import dev.countersign.policy.compile.Compilation;
import dev.countersign.policy.compile.CompiledPolicy;
import dev.countersign.policy.compile.GrantCompiler;
import dev.countersign.policy.compile.GrantedAccess;
import dev.countersign.policy.yaml.PolicyWriter;
import dev.countersign.requests.Foresight.PolicyText;
import dev.countersign.requests.Grounding.Found;
import dev.countersign.requests.Grounding.Ground;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/// Says before the fact what a draft would do: what is wrong with it, what it opens and cuts, who must agree, and the policy.
@Component
class Foreseer {
    /// Stands for the number of a request that has none yet.
    private static final long UNNUMBERED = 0;

    /// Stands for the id of the grant that there would be.
    private static final String THIS = "this-request";

    private final Grounding grounding;
    private final RequestSettings settings;
    private final DatabaseTime time;
    private final ObjectProvider<ActiveGrants> grants;
    private final ObjectProvider<ApprovalForesight> approval;
    private final EffectReckoning effects;

    Foreseer(Grounding grounding, RequestSettings settings, DatabaseTime time, ObjectProvider<ActiveGrants> grants,
            ObjectProvider<ApprovalForesight> approval, EffectReckoning effects) {
        this.grounding = grounding;
        this.settings = settings;
        this.time = time;
        this.grants = grants;
        this.approval = approval;
        this.effects = effects;
    }

    /// A foresight together with the places that it was made for, and with whom it concerns.
    record Seen(Foresight foresight, List<Place> places, Stakes stakes) {
        RequestProgress.Outlook outlook() {
            return new RequestProgress.Outlook(stakes, foresight.effect());
        }
    }

    Seen see(String tenant, UUID requester, Draft draft) {
        return see(tenant, requester, draft, UNNUMBERED);
    }

    /// As of now for a request that exists: `number` appears in the policy's annotations.
    Seen see(String tenant, UUID requester, Draft draft, long number) {
        Found found = grounding.find(draft.ask());
        List<FieldProblem> refusals = new ArrayList<>(TenantRules.refusals(draft, settings.current(), time.now()));
        refusals.addAll(found.problems());
        List<Finding> findings = new ArrayList<>();
        if (draft.ask() instanceof ServiceAccess access) {
            findings.addAll(AskLint.findings(access, found.grounds()));
        }
        List<PolicyText> texts = new ArrayList<>();
        List<EffectReckoning.Change> changes = new ArrayList<>();
        for (Ground ground : found.grounds()) {
            compiled(tenant, draft.ask().compile(THIS, number, ground.place()), findings)
                    .ifPresent(alone -> findings.addAll(PolicyFindings.of(alone, ground.target())));
            change(tenant, draft.ask(), number, ground, findings).ifPresent(change -> {
                changes.add(change);
                change.after().forEach(policy -> texts.add(new PolicyText(ground.cluster().name(),
                        policy.policy().metadata().namespace(), policy.policy().metadata().name(), PolicyWriter.text(policy.policy()))));
            });
        }
        Optional<Effect> effect = effect(found, changes);
        findings.addAll(effects.weaknesses(changes));
        effect.filter(Effect::changesNothing).ifPresent(nothing -> findings.add(
                AskFinding.ALREADY_ALLOWED.at("/ask", "all of this is allowed already")));
        findings.stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                .forEach(error -> refusals.add(new FieldProblem(error.path(), error.message() + ". " + error.help())));
        Stakes stakes = stakes(draft.ask(), draft.period(), found);
        Optional<ApprovalPlan> plan = plan(requester, stakes, found);
        plan.filter(stages -> !stages.possible()).ifPresent(never -> refusals.add(new FieldProblem("", never.why())));
        List<Finding> ordered = findings.stream().distinct().sorted(Comparator.comparing(Finding::severity)).toList();
        return new Seen(
                new Foresight(draft.ask().sentence(draft.period()), refusals, ordered, found.beneficiaries(), effect, plan, texts),
                found.places(), stakes);
    }

    /// One look at the mesh, from which follows whom the Ask concerns and what it would do: asked for one by one, of the same mesh.
    Look look(Ask ask) {
        return new Look(ask, grounding.find(ask));
    }

    final class Look {
        private final Ask ask;
        private final Found found;

        private Look(Ask ask, Found found) {
            this.ask = ask;
            this.found = found;
        }

        Stakes stakes(GrantPeriod period) {
            return Foreseer.stakes(ask, period, found);
        }

        /// What granting the Ask would do to calls, by what is granted and what lives now; empty where that cannot be said of each of its
        /// clusters.
        Optional<Effect> effect(String tenant, long number) {
            return Foreseer.this.effect(found, changes(tenant, ask, number, found));
        }
    }

    private List<EffectReckoning.Change> changes(String tenant, Ask ask, long number, Found found) {
        return found.grounds().stream().flatMap(ground -> change(tenant, ask, number, ground, new ArrayList<>()).stream()).toList();
    }

    private static Stakes stakes(Ask ask, GrantPeriod period, Found found) {
        return new Stakes(ask, period, AskFact.of(ask, period), found.owners(), found.beneficiaries());
    }

    /// Of part of the clusters nothing is said: who reads it would take it for all.
    private Optional<Effect> effect(Found found, List<EffectReckoning.Change> changes) {
        boolean complete = found.problems().isEmpty() && !changes.isEmpty() && changes.size() == found.grounds().size();
        return complete ? Optional.of(effects.of(changes)) : Optional.empty();
    }

    private Optional<ApprovalPlan> plan(UUID requester, Stakes stakes, Found found) {
        ApprovalForesight rules = approval.getIfAvailable();
        if (rules == null || found.grounds().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(rules.plan(stakes, requester));
    }

    private Optional<EffectReckoning.Change> change(String tenant, Ask ask, long number, Ground ground, List<Finding> findings) {
        ActiveGrants ledger = grants.getIfAvailable();
        Place place = ground.place();
        List<GrantedAccess> active = ledger == null ? List.of()
                : ledger.of(ground.cluster().id(), place.target().namespace(), place.target().workload());
        List<GrantedAccess> more = Stream.concat(active.stream(), ask.compile(THIS, number, place).stream()).toList();
        Optional<List<CompiledPolicy>> before = compiled(tenant, active, findings);
        Optional<List<CompiledPolicy>> after = compiled(tenant, more, findings);
        return before.flatMap(was -> after.map(will -> effects.change(ground, was, will)));
    }

    private static Optional<List<CompiledPolicy>> compiled(String tenant, List<GrantedAccess> grants, List<Finding> findings) {
        return switch (GrantCompiler.compile(tenant, grants, List.of())) {
            case Compilation.Complete(var policies) -> Optional.of(policies.policies());
            case Compilation.Partial(var policies, var refusals) -> {
                refusals.forEach(refusal -> findings.add(AskFinding.NOT_COMPILED.at("/ask", refusal.message())));
                yield Optional.empty();
            }
        };
    }
}
