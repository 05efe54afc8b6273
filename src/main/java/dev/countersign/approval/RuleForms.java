package dev.countersign.approval;

import dev.countersign.identity.Role;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Turns what an administrator writes into rules, and back. Names are looked up in the tenant; a name that means nobody, and a
/// stage that not enough people could fill today, is refused with what to do.
@Component
class RuleForms {
    private final JdbcClient jdbc;

    RuleForms(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<RuleForm> of(Workflow workflow) {
        return workflow.rules().stream()
                .map(rule -> new RuleForm(rule.name(), rule.match() == ApprovalRule.Match.ALL, rule.when().stream().sorted().toList(),
                        rule.stages().stream()
                                .map(stage -> new RuleForm.StageForm(stage.name(), stage.needed(),
                                        stage.eligible().stream().map(this::word).collect(Collectors.joining(", "))))
                                .toList(),
                        rule.comment()))
                .toList();
    }

    /// Throws IllegalArgumentException, whose message says what to change.
    Workflow workflow(List<RuleForm> forms) {
        Workflow workflow = new Workflow(forms.stream().map(this::rule).toList());
        workflow.rules().forEach(rule -> rule.stages().forEach(stage -> enough(rule, stage)));
        return workflow;
    }

    private ApprovalRule rule(RuleForm form) {
        Set<dev.countersign.requests.AskFact> when = form.when().isEmpty() ? Set.of() : EnumSet.copyOf(form.when());
        List<Stage> stages = form.stages().stream()
                .map(stage -> new Stage(stage.name(), stage.needed(), eligible(stage)))
                .toList();
        return new ApprovalRule(form.name(), form.all() ? ApprovalRule.Match.ALL : ApprovalRule.Match.ANY, when, stages, form.comment());
    }

    private List<Eligible> eligible(RuleForm.StageForm stage) {
        List<Eligible> found = new ArrayList<>();
        for (String part : stage.eligible().split(",")) {
            String word = part.strip().toLowerCase(Locale.ROOT);
            if (!word.isEmpty()) {
                found.add(one(stage.name(), word));
            }
        }
        return found;
    }

    private Eligible one(String stage, String word) {
        if (word.startsWith("team:")) {
            return new Eligible.OfTeam(id("select id from team where slug = ?", word.substring(5).strip())
                    .orElseThrow(() -> new IllegalArgumentException("stage \"" + stage + "\" names " + word + ", and there is no such team")));
        }
        if (word.startsWith("person:")) {
            return new Eligible.Named(id("select id from person where username = ? and deactivated_at is null", word.substring(7).strip())
                    .orElseThrow(() -> new IllegalArgumentException("stage \"" + stage + "\" names " + word + ", and there is no such person")));
        }
        return switch (word) {
            case "owner" -> new Eligible.Owner();
            case "security" -> new Eligible.Holder(Role.SECURITY);
            case "administrator" -> new Eligible.Holder(Role.ADMINISTRATOR);
            default -> throw new IllegalArgumentException("stage \"" + stage + "\" names \"" + word
                    + "\", which means nobody; write owner, security, administrator, team:name or person:name");
        };
    }

    /// Whoever owns a service is not known here; every other stage must have enough active people today.
    private void enough(ApprovalRule rule, Stage stage) {
        if (stage.asksTheOwner()) {
            return;
        }
        int people = jdbc.sql("""
                        select count(*)
                        from person p
                        where p.deactivated_at is null
                          and (exists (select from person_role r
                                       where r.tenant_id = p.tenant_id and r.person_id = p.id and 'role:' || r.role = any(:words))
                               or exists (select from team_member m
                                          where m.tenant_id = p.tenant_id and m.person_id = p.id and 'team:' || m.team_id = any(:words))
                               or 'person:' || p.id = any(:words))""")
                .param("words", stage.eligible().stream().map(Eligible::word).toArray(String[]::new))
                .query(Integer.class)
                .single();
        if (people < stage.needed()) {
            throw new IllegalArgumentException("rule \"" + rule.name() + "\", stage \"" + stage.name() + "\" needs " + stage.needed()
                    + " people, and only " + people + " could sit in it today; add people first, or need fewer");
        }
    }

    private String word(Eligible eligible) {
        return switch (eligible) {
            case Eligible.Owner ignored -> "owner";
            case Eligible.Holder(var role) -> role.name().toLowerCase(Locale.ROOT);
            case Eligible.OfTeam(var team) -> "team:" + name("select slug from team where id = ?", team);
            case Eligible.Named(var person) -> "person:" + name("select username from person where id = ?", person);
        };
    }

    private Optional<UUID> id(String sql, String name) {
        return jdbc.sql(sql).param(name).query(UUID.class).optional();
    }

    private String name(String sql, UUID id) {
        return jdbc.sql(sql).param(id).query(String.class).optional().orElse(id.toString());
    }
}
