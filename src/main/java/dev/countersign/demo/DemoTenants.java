package dev.countersign.demo;

import dev.countersign.audit.Actor;
import dev.countersign.identity.People;
import dev.countersign.tenancy.Tenants;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.annotation.Profile;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/// Founds the demo's tenants and people at the first start.
@Component
@Profile("demo")
@Order(1)
class DemoTenants implements ApplicationRunner {
    private static final Actor FIRST_START = Actor.system("demo");

    private final Tenants tenants;
    private final People people;

    DemoTenants(Tenants tenants, People people) {
        this.tenants = tenants;
        this.people = people;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        DemoPeople.TENANTS.stream().filter(tenant -> tenants.bySlug(tenant.slug()).isEmpty()).forEach(this::found);
    }

    private void found(DemoPeople.DemoTenant demo) {
        tenants.found(demo.slug(), demo.name(), tenant -> {
            Map<String, UUID> teams = new TreeMap<>();
            demo.teams().forEach(team -> teams.put(team, people.createTeam(FIRST_START, team, Character.toUpperCase(team.charAt(0)) + team.substring(1))));
            for (DemoPeople.DemoPerson person : demo.people()) {
                UUID id = people.create(FIRST_START, person.username(), person.name(), Optional.empty(), person.roles());
                person.teams().forEach(team -> people.join(FIRST_START, teams.get(team), id));
            }
        });
    }
}
