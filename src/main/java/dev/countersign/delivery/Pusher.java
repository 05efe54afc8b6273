package dev.countersign.delivery;

import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.tenancy.ServerAddress;
import dev.countersign.git.GitBounds;
import dev.countersign.git.GitFolder;
import dev.countersign.git.GitRemote;
import dev.countersign.git.GitTree;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.io.IOException;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.transport.URIish;
import org.springframework.stereotype.Component;

/// Makes one visit to a cluster's repository: looks, decides about each file, and pushes one commit with all that has to change.
/// Holds no state; what it learned is the report. Call it within a tenant, outside a transaction.
///
/// - What is already as it should be is not pushed again: a push whose answer was lost is found.
/// - The branch is only ever moved forward, from the commit that was looked at; where somebody was faster, it is fetched and decided
///   on anew. A branch that is not there begins at the repository's default branch.
/// - Whether the claim still holds is asked after the fetch and directly before the push: who slept through the lease either does not
///   push, or pushes from a commit that the next holder has moved on from, and is refused.
@Component
class Pusher {
    private static final int TRIES = 5;
    private static final long MOST_BYTES = 256L * 1024 * 1024;
    /// Of one call to the server.
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final PersonIdent AUTHOR = new PersonIdent("Countersign", "delivery@countersign.invalid");

    private final RepositoryLedger ledger;
    private final StopGuards guards;
    private final MeshCatalog catalog;
    private final Tenants tenants;

    Pusher(RepositoryLedger ledger, StopGuards guards, MeshCatalog catalog, Tenants tenants) {
        this.ledger = ledger;
        this.guards = guards;
        this.catalog = catalog;
        this.tenants = tenants;
    }

    PushReport visit(Tenant tenant, RepositoryClaim claim) {
        GitRemote remote = remote(claim);
        try (GitFolder folder = GitFolder.make()) {
            return visit(tenant, claim, remote, folder.repository());
        } catch (IOException e) {
            return away(remote.harmless(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return away("the portal is stopping");
        }
    }

    private PushReport visit(Tenant tenant, RepositoryClaim claim, GitRemote remote, FileRepository work) throws IOException, InterruptedException {
        GitRemote.Heads heads = remote.heads(work);
        if (heads.branch().isPresent() && heads.branch().map(ObjectId::name).equals(claim.head()) && tenants.inTenant(CurrentTenant.require(), () -> ledger.isQuiet(claim))) {
            return new PushReport.Visited(claim.head(), Optional.empty(), List.of());
        }
        String refusal = "";
        for (int attempt = 1; attempt <= TRIES; attempt++) {
            Optional<ObjectId> tip = remote.fetch(work);
            Optional<ObjectId> base = tip.isPresent() ? tip : remote.fetchStandard(work);
            GitTree tree = GitTree.at(work, base);
            List<FileOutcome> outcomes = decide(tenant, claim, tree);
            Map<String, byte[]> news = new TreeMap<>();
            List<FileOutcome.Holds> written = new ArrayList<>();
            for (FileOutcome outcome : outcomes) {
                if (outcome instanceof FileOutcome.Holds holds && holds.how() != FileOutcome.Holds.How.FOUND) {
                    news.put(claim.place().file(holds.file().key().namespace(), holds.file().key().name()), RepositoryDecision.bytes(holds.file().yaml()));
                    written.add(holds);
                }
            }
            if (news.isEmpty()) {
                return new PushReport.Visited(base.map(ObjectId::name), Optional.empty(), outcomes);
            }
            ObjectId commit = tree.commit(AUTHOR, CommitWords.of(tenant.slug(), claim.cluster().name(), written), news);
            if (!ledger.renew(claim)) {
                return new PushReport.Overtaken();
            }
            switch (remote.push(work, tip, commit)) {
                case GitRemote.Pushed.Forward() -> {
                    return new PushReport.Visited(Optional.of(commit.name()), Optional.of(commit.name()), outcomes);
                }
                case GitRemote.Pushed.Refused(String words) -> refusal = words;
            }
            Thread.sleep(ThreadLocalRandom.current().nextLong(50, 400));
        }
        return away("the branch could not be moved forward, " + TRIES + " times: " + refusal);
    }

    /// Of the policies as they are wanted at this moment.
    private List<FileOutcome> decide(Tenant tenant, RepositoryClaim claim, GitTree tree) throws IOException {
        List<FileOutcome> outcomes = new ArrayList<>();
        Optional<IOException> unread = tenants.inTenant(tenant.id(), () -> {
            RepositoryDecision decision = new RepositoryDecision(tree, claim.place(), ledger::isRevision, guards::over, this::live);
            try {
                for (WantedFile file : ledger.wanted(claim.cluster().id())) {
                    outcomes.add(decision.of(file));
                }
                return Optional.empty();
            } catch (IOException e) {
                return Optional.of(e);
            }
        });
        if (unread.isPresent()) {
            throw unread.get();
        }
        return outcomes;
    }

    private Optional<Optional<AuthorizationPolicy>> live(PolicyKey key) {
        return catalog.policy(key.cluster(), key.namespace(), key.name())
                .map(LivePolicy::policy);
    }

    private static PushReport.Away away(String words) {
        boolean locked = words.contains("not authorized") || words.contains("not permitted") || words.contains("uthentication");
        return new PushReport.Away(words, locked
                ? "An administrator gives a user and a token that may push, under Administration, Clusters, How it is delivered. It is tried again by itself."
                : "Nothing to do unless it lasts: it is tried again. If it lasts, check the address, the branch's rules and the network.");
    }

    private GitRemote remote(RepositoryClaim claim) {
        try {
            ServerAddress address = ServerAddress.of(claim.place().url());
            GitBounds.AddressCheck check = () -> {
                try {
                    address.checkResolved();
                } catch (ServerAddress.Refusal refusal) {
                    throw new IOException("the address " + refusal.words());
                }
            };
            return new GitRemote(new URIish(address.toString()), claim.place().branch(), claim.username(), ledger.password(claim),
                    Optional.of(new GitBounds(check, MOST_BYTES, LONGEST)));
        } catch (ServerAddress.Refusal | URISyntaxException impossible) {
            throw new IllegalStateException("the stored repository of cluster " + claim.cluster().id() + " cannot be gone to");
        }
    }
}
