package dev.countersign.home;

import dev.countersign.approval.Queue;
import dev.countersign.approval.QueueFilter;
import dev.countersign.approval.QueuePage;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantFilter;
import dev.countersign.grants.GrantLedger;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestFilter;
import dev.countersign.requests.RequestView;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// What lies on a person's desk when they come in: read in one transaction, so that the parts agree.
@Service
public class Desktop {
    static final int ROWS = 5;
    static final int SOON_DAYS = 30;
    /// Grants looked through for the ones that concern this person.
    private static final int LOOKED_THROUGH = 50;

    private final Queue queue;
    private final RequestDesk requests;
    private final GrantLedger grants;
    private final MeshCatalog catalog;

    Desktop(Queue queue, RequestDesk requests, GrantLedger grants, MeshCatalog catalog) {
        this.queue = queue;
        this.requests = requests;
        this.grants = grants;
        this.catalog = catalog;
    }

    /// - `waiting`: what wants this person's word, riskiest first; `waitingInAll` counts on to 100.
    /// - `mine`: their own requests, newest first; `ending`: grants of theirs and their teams that end within 30 days.
    /// - `first`: what a person should do who has nothing here yet; empty for everyone else.
    public record Desk(
            List<QueuePage.Row> waiting, int waitingInAll, List<RequestView> mine, boolean moreOfMine, List<Grant> ending, Optional<FirstStep> first) {}

    /// One thing to do first: why, where, and the word on its button; `url` empty where the person can only wait.
    public record FirstStep(String title, String text, Optional<String> url, String action) {}

    @Transactional(readOnly = true)
    public Desk of(CurrentPerson me) {
        List<QueuePage.Row> waiting = queue.page(me, new QueueFilter(QueueFilter.View.MINE, Optional.empty(), Optional.empty()), Optional.empty(), ROWS).rows();
        int inAll = waiting.size() < ROWS ? waiting.size() : queue.counts(me).mine();
        var mine = requests.list(new RequestFilter(Set.of(), Optional.of(me.id()), Optional.empty(), Optional.empty()), Optional.empty(), ROWS);
        List<Grant> ending = ending(me);
        boolean nothing = waiting.isEmpty() && mine.requests().isEmpty() && ending.isEmpty();
        return new Desk(waiting, inAll, mine.requests(), mine.next().isPresent(), ending, nothing || catalog.clusters().isEmpty() ? first(me) : Optional.empty());
    }

    private List<Grant> ending(CurrentPerson me) {
        GrantFilter soon = new GrantFilter(Set.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(SOON_DAYS));
        return grants.list(soon, Optional.empty(), LOOKED_THROUGH).grants().stream()
                .filter(grant -> grant.requester().equals(me.id()) || ownedByMine(me, grant))
                .sorted(Comparator.comparing(grant -> grant.until().orElse(Instant.MAX)))
                .limit(ROWS)
                .toList();
    }

    private boolean ownedByMine(CurrentPerson me, Grant grant) {
        return !me.teams().isEmpty()
                && catalog.owners(List.of(new WorkloadKey(grant.place().cluster().id(), grant.place().target().namespace(), grant.place().target().workload()))).stream()
                        .anyMatch(team -> me.memberOf(team.id()));
    }

    private Optional<FirstStep> first(CurrentPerson me) {
        if (catalog.clusters().isEmpty()) {
            return Optional.of(me.is(Role.ADMINISTRATOR)
                    ? new FirstStep("Connect your first cluster", "Paste a kubeconfig; then the services of your mesh appear and people can ask for access. After that: make teams, and say which service they own.",
                            Optional.of("/admin/clusters/new"), "Connect a cluster")
                    : new FirstStep("No cluster is connected yet", "Your administrator connects the mesh first. Then you find its services here and can ask for one to call another.", Optional.empty(), ""));
        }
        if (me.is(Role.ADMINISTRATOR)) {
            return Optional.of(new FirstStep("The mesh is connected", "Say which team owns which service: owners are who decides. Then send people here to ask for access.", Optional.of("/admin"), "Administration"));
        }
        if (me.is(Role.AUDITOR)) {
            return Optional.of(new FirstStep("Nothing waits for you", "You read the record: who asked, who agreed, what was applied, and when. Search it or take it with you.", Optional.of("/audit"), "Open the record"));
        }
        if (me.is(Role.SECURITY)) {
            return Optional.of(new FirstStep("Nothing waits for your word", "A request appears here as soon as it needs security. Meanwhile see what is granted now.", Optional.of("/grants"), "See the grants"));
        }
        return Optional.of(new FirstStep("Ask for access", "Name the service that calls, the one it calls, and say why. You see at once what it opens and who must agree, and follow it here.",
                Optional.of("/requests/new"), "Ask for access"));
    }
}
