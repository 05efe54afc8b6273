package dev.countersign.approval;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.identity.TeamName;
import dev.countersign.requests.ApprovalForesight;
import dev.countersign.requests.ApprovalPlan;
import dev.countersign.requests.AskFact;
import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.RequestSubmitted;
import dev.countersign.requests.Stakes;
import dev.countersign.tenancy.CurrentTenant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/// Under which rule each version of a request is decided: foreseen before submission, written down with it.
@Component
class Plans implements ApprovalForesight {
    private final JdbcClient jdbc;
    private final ApprovalRules rules;
    private final Rosters rosters;
    private final RequestProgress requests;
    private final QueueStandings standings;
    private final AuditLog audit;

    Plans(JdbcClient jdbc, ApprovalRules rules, Rosters rosters, RequestProgress requests, QueueStandings standings, AuditLog audit) {
        this.jdbc = jdbc;
        this.rules = rules;
        this.rosters = rosters;
        this.requests = requests;
        this.standings = standings;
        this.audit = audit;
    }

    @Override
    @Transactional(readOnly = true)
    public ApprovalPlan plan(Stakes stakes, UUID requester) {
        ApprovalRule rule = rules.current().workflow().ruleFor(stakes.facts());
        Concern concern = Plan.concern(stakes, requester);
        Eligibility eligibility = Eligibility.of(rule, concern, rosters.of(rule, concern, Optional.empty()));
        String reason = reason(rule, stakes.facts());
        List<ApprovalPlan.PlannedStage> stages = eligibility.stages().stream()
                .map(stage -> new ApprovalPlan.PlannedStage(stage.name(), stage.needed(), stage.eligible(), stage.people().size(), reason))
                .toList();
        return new ApprovalPlan(stages, eligibility.possible(), eligibility.why());
    }

    /// Fixes the rule in force now for this version, in the transaction of its submission.
    @EventListener
    @Transactional(propagation = Propagation.MANDATORY)
    public void submitted(RequestSubmitted submitted) {
        RequestProgress.Locked request = requests.look(submitted.number()).orElseThrow();
        ApprovalRules.RuleSet present = rules.current();
        RequestProgress.Outlook outlook = submitted.outlook();
        ApprovalRule rule = present.workflow().ruleFor(outlook.stakes().facts());
        Set<UUID> beneficiaries = outlook.stakes().beneficiaries().stream().map(TeamName::id).collect(Collectors.toSet());
        Plan plan = new Plan(submitted.requestId(), submitted.version(), present.version(), rule, beneficiaries, rosters.membersOf(beneficiaries));
        write(plan);
        standings.begin(request, outlook, tally(plan, plan.concern(request, outlook.stakes())));
        audit.append(new AuditEvent("request.planned", Actor.system("approval rules"), new Subject("request", Long.toString(submitted.number())),
                "decided that version " + submitted.version() + " goes by \"" + rule.name() + "\": " + StageWords.of(rule),
                new PlanFact(plan.request(), submitted.number(), plan.version(), plan.ruleSet(), RuleText.of(rule),
                        plan.beneficiaries().stream().sorted().toList(), plan.barred().stream().sorted().toList())));
    }

    private Tally tally(Plan plan, Concern concern) {
        return Tally.of(Eligibility.of(plan.rule(), concern, rosters.of(plan.rule(), concern, Optional.empty())), List.of());
    }

    private void write(Plan plan) {
        jdbc.sql("""
                        insert into request_plan (tenant_id, request_id, version, rule_set, rule, beneficiaries, barred, at)
                        values (:tenant, :request, :version, :ruleSet, :rule, :beneficiaries, :barred, now())""")
                .param("tenant", CurrentTenant.require().value())
                .param("request", plan.request())
                .param("version", plan.version())
                .param("ruleSet", plan.ruleSet())
                .param("rule", RuleText.write(plan.rule()))
                .param("beneficiaries", plan.beneficiaries().toArray(UUID[]::new))
                .param("barred", plan.barred().toArray(UUID[]::new))
                .update();
    }

    /// The plan that was written with this version; every submitted version has one.
    Plan of(UUID request, int version) {
        return jdbc.sql("""
                        select rule_set,
                               rule,
                               beneficiaries,
                               barred
                        from request_plan
                        where request_id = :request
                          and version = :version""")
                .param("request", request)
                .param("version", version)
                .query((row, number) -> new Plan(request, version, row.getInt("rule_set"), RuleText.read(row.getString("rule")),
                        Rosters.uuids(row.getArray("beneficiaries")), Rosters.uuids(row.getArray("barred"))))
                .optional()
                .orElseThrow(() -> new IllegalStateException("request " + request + " version " + version + " has no plan"));
    }

    private static String reason(ApprovalRule rule, Set<AskFact> facts) {
        List<String> because = rule.when().stream().filter(facts::contains).sorted().map(FactWords::of).toList();
        return because.isEmpty() ? rule.name() : dev.countersign.web.Words.join(because, "and");
    }

    private record PlanFact(
            UUID request, long number, int version, int ruleSet, RuleText rule, List<UUID> beneficiaries, List<UUID> barred) {}
}
