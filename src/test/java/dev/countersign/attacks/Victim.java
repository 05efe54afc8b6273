package dev.countersign.attacks;

import dev.countersign.audit.Actor;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.People;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.Story;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.jdbc.core.simple.JdbcClient;

/// A tenant that owns one thing of every kind, each with a word that no other tenant knows. A room that lands later adds its
/// kind here: one line with the id, one that nobody has, and the page where the owner finds it.
final class Victim {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Story stories;
    private final Tenants tenants;
    private final People people;
    private final ApiTokens tokens;
    private final JdbcClient jdbc;

    Victim(Story stories, Tenants tenants, People people, ApiTokens tokens, JdbcClient jdbc) {
        this.stories = stories;
        this.tenants = tenants;
        this.people = people;
        this.tokens = tokens;
        this.jdbc = jdbc;
    }

    /// An id of the victim's, one of the same form that nobody has, and the page that shows it to its owner (may be empty text).
    record Id(String kind, String foreign, String missing, String page) {}

    record Loot(TestTenant tenant, List<Id> ids, List<String> canaries) {}

    Loot found() {
        Story.Cast cast = stories.begin();
        TestTenant tenant = cast.tenant();
        // Numbers count within a tenant: these begin beyond whatever an attacker has of their own.
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("insert into request_counter (tenant_id, last_number) values (?, 70000)").param(tenant.tenant().id().value()).update());
        long asked = cast.submit("engineer", Story.usual());
        int number = COUNT.incrementAndGet();
        String person = "canaryperson" + number;
        String team = "canaryteam" + number;
        return tenants.inTenant(tenant.tenant().id(), () -> {
            Actor setup = Actor.system("test");
            UUID anna = people.create(setup, person, "Canaryname " + number, Optional.of("Canarypassword " + number), Set.of());
            UUID crew = people.createTeam(setup, team, "Canarycrew " + number);
            people.join(setup, crew, anna);
            ApiTokens.Issued token = tokens.issue(setup, anna, "canarytoken" + number, Set.of(Scope.READ), Duration.ofDays(1));
            for (int i = 0; i < 80; i++) {
                people.join(setup, tenant.team("orders"), anna);
                people.leave(setup, tenant.team("orders"), anna);
            }
            long entry = jdbc.sql("select max(seq) from audit_entry").query(Long.class).single();
            List<Id> ids = new ArrayList<>(List.of(
                    new Id("person", person, person.replace("canary", "nobody"), "/admin/people/" + person),
                    new Id("team", team, team.replace("canary", "nobody"), "/admin/teams/" + team),
                    new Id("token", token.id().toString(), UUID.randomUUID().toString(), "/admin/tokens/" + token.id() + "/revocation"),
                    new Id("entry", Long.toString(entry), Long.toString(entry + 900_000), "/audit/" + entry),
                    new Id("request", Long.toString(asked), Long.toString(asked + 900_000), ""),
                    new Id("person id", anna.toString(), UUID.randomUUID().toString(), ""),
                    new Id("team id", crew.toString(), UUID.randomUUID().toString(), "")));
            return new Loot(tenant, ids, List.of(person, team, "Canaryname " + number, "Canarycrew " + number, "canarytoken" + number,
                    token.id().toString(), anna.toString(), crew.toString()));
        });
    }
}
