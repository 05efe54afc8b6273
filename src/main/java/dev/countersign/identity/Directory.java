package dev.countersign.identity;

import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// Who and which teams there are in the current tenant, for reading: lists by keyset, one by its name.
@Service
public class Directory {
    private static final String PEOPLE = """
            select p.id,
                   p.username,
                   p.display_name,
                   p.created_at,
                   p.deactivated_at,
                   p.deactivated_by,
                   p.erased_at,
                   p.password_hash is not null as has_password,
                   array(select r.role from person_role r
                         where r.tenant_id = p.tenant_id and r.person_id = p.id order by r.role) as roles,
                   array(select t.slug from team_member m
                         join team t on t.tenant_id = m.tenant_id and t.id = m.team_id
                         where m.tenant_id = p.tenant_id and m.person_id = p.id order by t.slug) as teams
            from person p
            where p.tenant_id = :tenant
            """;

    private final JdbcClient jdbc;

    Directory(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// A person as an administrator sees them. `teams` are slugs; `deactivatedBy` is who took the access away;
    /// since `erasedAt` both names are a pseudonym.
    public record Entry(
            UUID id, String username, String displayName, List<Role> roles, List<String> teams, Instant createdAt,
            Optional<Instant> deactivatedAt, Optional<String> deactivatedBy, Optional<Instant> erasedAt, boolean hasPassword) {
        public boolean active() {
            return deactivatedAt.isEmpty();
        }

        public boolean erased() {
            return erasedAt.isPresent();
        }
    }

    /// `next`: pass it as `after` for the following page; empty at the end.
    public record Page(List<Entry> people, Optional<String> next) {}

    public record Team(UUID id, String slug, String name, int members) {}

    /// People whose username or name contains `text` in any case, by username, from behind `after`; at most `limit`.
    @Transactional(readOnly = true)
    public Page people(String text, Optional<String> after, int limit) {
        List<Entry> found = jdbc.sql(PEOPLE + """
                          and p.username > :after
                          and (position(lower(:text) in p.username) > 0 or position(lower(:text) in lower(p.display_name)) > 0)
                        order by p.username
                        limit :limit""")
                .param("tenant", CurrentTenant.require().value())
                .param("after", after.orElse(""))
                .param("text", text.strip())
                .param("limit", limit + 1)
                .query(Directory::entry)
                .list();
        boolean more = found.size() > limit;
        List<Entry> page = more ? found.subList(0, limit) : found;
        return new Page(List.copyOf(page), more ? Optional.of(page.getLast().username()) : Optional.empty());
    }

    @Transactional(readOnly = true)
    public Optional<Entry> person(String username) {
        return jdbc.sql(PEOPLE + " and p.username = :username")
                .param("tenant", CurrentTenant.require().value())
                .param("username", PersonName.of(username))
                .query(Directory::entry)
                .optional();
    }

    /// All teams, by slug; at most 1,000.
    @Transactional(readOnly = true)
    public List<Team> teams() {
        return jdbc.sql(TEAMS + " order by t.slug limit 1000")
                .param("tenant", CurrentTenant.require().value())
                .query(Directory::team)
                .list();
    }

    @Transactional(readOnly = true)
    public Optional<Team> team(String slug) {
        return jdbc.sql(TEAMS + " and t.slug = :slug")
                .param("tenant", CurrentTenant.require().value())
                .param("slug", slug)
                .query(Directory::team)
                .optional();
    }

    /// By username; at most 1,000.
    @Transactional(readOnly = true)
    public List<Entry> members(UUID team) {
        return jdbc.sql(PEOPLE + """
                          and exists (select from team_member m
                                      where m.tenant_id = p.tenant_id and m.person_id = p.id and m.team_id = :team)
                        order by p.username
                        limit 1000""")
                .param("tenant", CurrentTenant.require().value())
                .param("team", team)
                .query(Directory::entry)
                .list();
    }

    private static final String TEAMS = """
            select t.id,
                   t.slug,
                   t.name,
                   (select count(*) from team_member m where m.tenant_id = t.tenant_id and m.team_id = t.id) as members
            from team t
            where t.tenant_id = :tenant
            """;

    private static Team team(ResultSet row, int number) throws SQLException {
        return new Team(row.getObject("id", UUID.class), row.getString("slug"), row.getString("name"), row.getInt("members"));
    }

    private static Entry entry(ResultSet row, int number) throws SQLException {
        return new Entry(row.getObject("id", UUID.class), row.getString("username"), row.getString("display_name"),
                Arrays.stream((String[]) row.getArray("roles").getArray()).map(Role::valueOf).toList(),
                Arrays.asList((String[]) row.getArray("teams").getArray()),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                Optional.ofNullable(row.getObject("deactivated_at", OffsetDateTime.class)).map(OffsetDateTime::toInstant),
                Optional.ofNullable(row.getString("deactivated_by")),
                Optional.ofNullable(row.getObject("erased_at", OffsetDateTime.class)).map(OffsetDateTime::toInstant),
                row.getBoolean("has_password"));
    }
}
