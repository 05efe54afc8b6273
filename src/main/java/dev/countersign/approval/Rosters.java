package dev.countersign.approval;

import dev.countersign.identity.Role;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Reads the people who can matter for a rule as they are at this moment: never from a session, never from a cache.
@Component
class Rosters {
    private final JdbcClient jdbc;

    Rosters(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Everyone active whom the rule names, and `me`. One statement, whatever the number of people, and one where the rule names a team.
    Roster of(ApprovalRule rule, Concern concern, Optional<UUID> me) {
        Set<String> roles = new HashSet<>();
        Set<UUID> teams = new HashSet<>();
        Set<UUID> named = new HashSet<>(me.map(Set::of).orElse(Set.of()));
        rule.stages().stream().flatMap(stage -> stage.eligible().stream()).forEach(eligible -> {
            switch (eligible) {
                case Eligible.Owner ignored -> concern.owners().forEach(owner -> teams.add(owner.id()));
                case Eligible.Holder(var role) -> roles.add(role.name());
                case Eligible.OfTeam(var team) -> teams.add(team);
                case Eligible.Named(var person) -> named.add(person);
            }
        });
        List<Roster.Member> members = jdbc.sql("""
                        select p.id,
                               p.display_name,
                               array(select r.role from person_role r
                                     where r.tenant_id = p.tenant_id and r.person_id = p.id) as roles,
                               array(select m.team_id from team_member m
                                     where m.tenant_id = p.tenant_id and m.person_id = p.id) as teams
                        from person p
                        where p.deactivated_at is null
                          and (p.id = any(:named)
                               or exists (select from person_role r
                                          where r.tenant_id = p.tenant_id and r.person_id = p.id and r.role = any(:roles))
                               or exists (select from team_member m
                                          where m.tenant_id = p.tenant_id and m.person_id = p.id and m.team_id = any(:teams)))""")
                .param("named", named.toArray(UUID[]::new))
                .param("roles", roles.toArray(String[]::new))
                .param("teams", teams.toArray(UUID[]::new))
                .query(Rosters::member)
                .list();
        Map<UUID, String> names = new HashMap<>();
        concern.owners().stream().filter(owner -> teams.remove(owner.id())).forEach(owner -> names.put(owner.id(), owner.slug()));
        names.putAll(names(teams));
        return Roster.of(members, names);
    }

    /// The people who belong to one of the teams.
    Set<UUID> membersOf(Set<UUID> teams) {
        return Set.copyOf(jdbc.sql("""
                        select distinct m.person_id
                        from team_member m
                        where m.team_id = any(:teams)""")
                .param("teams", teams.toArray(UUID[]::new))
                .query(UUID.class)
                .list());
    }

    private Map<UUID, String> names(Set<UUID> teams) {
        Map<UUID, String> names = new HashMap<>();
        if (!teams.isEmpty()) {
            jdbc.sql("select id, slug from team where id = any(:teams)")
                    .param("teams", teams.toArray(UUID[]::new))
                    .query(row -> {
                        names.put(row.getObject("id", UUID.class), row.getString("slug"));
                    });
        }
        return names;
    }

    private static Roster.Member member(ResultSet row, int number) throws SQLException {
        Set<Role> roles = Arrays.stream((String[]) row.getArray("roles").getArray()).map(Role::valueOf).collect(Collectors.toSet());
        return new Roster.Member(row.getObject("id", UUID.class), row.getString("display_name"), roles, uuids(row.getArray("teams")));
    }

    static Set<UUID> uuids(Array array) throws SQLException {
        return Set.of((UUID[]) array.getArray());
    }
}
