package dev.countersign.histories;

import dev.countersign.approval.SimulatedBoard;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.delivery.SimulatedLedger;
import dev.countersign.grants.SimulatedGrants;
import dev.countersign.identity.TeamName;
import dev.countersign.requests.SimulatedRequests;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// All rows of one tenant, its people, and the clusters that it registered.
final class Tenancy {
    static final TeamName PAYMENTS = new TeamName(new UUID(4, 1), "payments", "Payments");
    static final TeamName ORDERS = new TeamName(new UUID(4, 2), "orders", "Orders");

    final String slug;
    /// Where its workloads are: no namespace of a cluster belongs to two tenants (`ClusterRegistry`).
    final String namespace;
    final SimulatedRequests requests = new SimulatedRequests();
    final SimulatedGrants grants = new SimulatedGrants();
    final SimulatedBoard board;
    final SimulatedLedger ledger;
    final List<SimulatedBoard.Person> people = new ArrayList<>();
    final Map<UUID, SimulatedCluster> clusters = new LinkedHashMap<>();
    final Map<UUID, ClusterRef> refs = new LinkedHashMap<>();

    /// The requester is first; the last belongs to those who decide and to those who gain.
    Tenancy(int index, String slug, List<SimulatedCluster> registered, Judge judge, Bug bug, RandomGenerator chance) {
        this.slug = slug;
        namespace = slug + "-shop";
        for (int i = 0; i < 7; i++) {
            SimulatedBoard.Person person = new SimulatedBoard.Person(new UUID(index + 1L, 100 + i));
            person.security = i == 3 || i == 4 || i == 5;
            if (i == 1 || i == 2 || i == 5 || i == 6 || i == 0 && chance.nextInt(3) == 0) {
                person.teams.add(PAYMENTS.id());
            }
            if (i == 0 || i == 6) {
                person.teams.add(ORDERS.id());
            }
            people.add(person);
        }
        for (SimulatedCluster cluster : registered) {
            UUID id = new UUID(index + 1L, 1 + Long.parseLong(cluster.name.substring(1)));
            clusters.put(id, cluster);
            refs.put(id, new ClusterRef(id, cluster.name));
        }
        board = new SimulatedBoard(people, Map.of(PAYMENTS.id(), PAYMENTS.slug(), ORDERS.id(), ORDERS.slug()), bug);
        ledger = new SimulatedLedger(slug, grants, judge, bug, chance);
    }

    Judge.Office office() {
        Set<UUID> owners = new HashSet<>();
        Set<UUID> security = new HashSet<>();
        Set<UUID> gainers = new HashSet<>();
        Set<UUID> gone = new HashSet<>();
        for (SimulatedBoard.Person person : people) {
            if (person.teams.contains(PAYMENTS.id())) {
                owners.add(person.id);
            }
            if (person.security) {
                security.add(person.id);
            }
            if (person.teams.contains(ORDERS.id())) {
                gainers.add(person.id);
            }
            if (person.gone) {
                gone.add(person.id);
            }
        }
        return new Judge.Office(owners, security, gainers, gone);
    }
}
