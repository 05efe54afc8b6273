package dev.countersign.approval;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.tenancy.CurrentTenant;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The approval rules of the current tenant, in versions that never change. A request keeps the rule under which its present
/// version was submitted: a change of rules concerns what is submitted or revised from then on.
@Service
public class ApprovalRules {
    /// `version` 0 and no author: the built-in rules.
    record RuleSet(int version, Workflow workflow, Optional<Author> author) {
        record Author(String name, Instant at) {}

        boolean builtIn() {
            return version == 0;
        }
    }

    /// The rules as an administrator sees them; `author` and `at` are empty for the built-in ones.
    public record Present(int version, List<RuleForm> rules, Optional<String> author, Optional<Instant> at) {
        public Present {
            rules = List.copyOf(rules);
        }

        public boolean builtIn() {
            return version == 0;
        }
    }

    /// What became of changing the rules.
    public sealed interface Change {
        record Changed(int version) implements Change {}

        /// Somebody else changed them meanwhile.
        record Stale(int version, String message) implements Change {}

        record NotYours(String message) implements Change {}

        /// Rules that could leave a request without approvers, or that cannot be read.
        record Refused(String message) implements Change {}
    }

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final RuleForms forms;

    ApprovalRules(JdbcClient jdbc, AuditLog audit, RuleForms forms) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.forms = forms;
    }

    @Transactional(readOnly = true)
    public Present present() {
        RuleSet present = current();
        return new Present(present.version(), forms.of(present.workflow()), present.author().map(RuleSet.Author::name),
                present.author().map(RuleSet.Author::at));
    }

    /// Makes `rules` the rules, unless they are no longer version `base`. `what` completes "changed the approval rules: …".
    @Transactional
    public Change change(CurrentPerson me, int base, List<RuleForm> rules, String what) {
        try {
            return replace(me, base, forms.workflow(rules), what);
        } catch (IllegalArgumentException wrong) {
            String message = String.valueOf(wrong.getMessage());
            return new Change.Refused(Character.toUpperCase(message.charAt(0)) + message.substring(1) + ".");
        }
    }

    @Transactional(readOnly = true)
    RuleSet current() {
        return jdbc.sql("""
                        select version,
                               rules,
                               at,
                               actor_name
                        from approval_rule_set
                        order by version desc
                        limit 1""")
                .query((row, number) -> new RuleSet(row.getInt("version"), RuleText.readWorkflow(row.getString("rules")),
                        Optional.of(new RuleSet.Author(row.getString("actor_name"), row.getObject("at", OffsetDateTime.class).toInstant()))))
                .optional()
                .orElseGet(() -> new RuleSet(0, Workflow.builtIn(), Optional.empty()));
    }

    @Transactional
    Change replace(CurrentPerson me, int base, Workflow workflow, String what) {
        if (!me.is(Role.ADMINISTRATOR) || !me.mayUse(Scope.ADMIN)) {
            return new Change.NotYours("Administrators set the approval rules. Ask one of them.");
        }
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended('approval rules ' || :tenant, 0))")
                .param("tenant", CurrentTenant.require().toString())
                .query((row, number) -> true)
                .single();
        int present = jdbc.sql("select coalesce(max(version), 0) from approval_rule_set").query(Integer.class).single();
        if (present != base) {
            return new Change.Stale(present, "Somebody else changed the rules meanwhile. Look at version " + present + " and change that.");
        }
        int version = present + 1;
        jdbc.sql("""
                        insert into approval_rule_set (tenant_id, version, rules, at, actor_id, actor_name)
                        values (:tenant, :version, :rules, now(), :actor, :name)""")
                .param("tenant", CurrentTenant.require().value())
                .param("version", version)
                .param("rules", RuleText.write(workflow))
                .param("actor", me.actor().id())
                .param("name", me.actor().name())
                .update();
        audit.append(new AuditEvent("rules.changed", me.actor(), new Subject("rules", Integer.toString(version)),
                "changed the approval rules to version " + version + ": " + what, new RulesFact(version, RuleText.of(workflow))));
        return new Change.Changed(version);
    }

    private record RulesFact(int version, List<RuleText> rules) {}
}
