package dev.countersign.audit;

import dev.countersign.git.GitFolder;
import dev.countersign.git.GitRemote;
import dev.countersign.tenancy.Tenant;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectId;

/// Keeps the checkpoints on a branch of a Git repository, a file a tenant, a commit a round in which there was news. The branch is
/// fetched and compared first, each time anew into a folder that is thrown away, and is only ever moved forward: where
/// another replica was faster, it is fetched and compared again.
final class GitPlace implements PublishingPlace {
    private static final int TRIES = 5;

    private final GitRemote remote;

    GitPlace(GitRemote remote) {
        this.remote = remote;
    }

    @Override
    public String words() {
        return remote.words();
    }

    @Override
    public boolean isReadable() {
        return true;
    }

    @Override
    public void exchange(List<Tenant> tenants, Comparison comparison) throws PlaceAway, InterruptedException {
        try (GitFolder folder = GitFolder.make()) {
            in(folder.repository(), tenants, comparison);
        } catch (IOException e) {
            throw new PlaceAway(remote.harmless(e));
        }
    }

    private void in(FileRepository work, List<Tenant> tenants, Comparison comparison) throws IOException, PlaceAway, InterruptedException {
        GitRemote.Pushed pushed = new GitRemote.Pushed.Forward();
        for (int attempt = 1; attempt <= TRIES; attempt++) {
            Optional<ObjectId> tip = remote.fetch(work);
            CheckpointTree tree = CheckpointTree.at(work, tip);
            Map<String, String> news = news(tenants, tree, comparison);
            if (news.isEmpty()) {
                return;
            }
            pushed = remote.push(work, tip, tree.commit(news));
            if (pushed instanceof GitRemote.Pushed.Forward) {
                return;
            }
            Thread.sleep(ThreadLocalRandom.current().nextLong(50, 400));
        }
        throw new PlaceAway("the branch could not be moved forward, " + TRIES + " times" + (pushed instanceof GitRemote.Pushed.Refused refused ? ": " + refused.words() : ""));
    }

    private static Map<String, String> news(List<Tenant> tenants, CheckpointTree tree, Comparison comparison) throws IOException {
        Map<String, String> news = new TreeMap<>();
        for (Tenant tenant : tenants) {
            String file = PublishingPlace.file(tenant);
            Optional<String> published = tree.read(file);
            comparison.latest(tenant, published).filter(latest -> !Optional.of(latest).equals(published)).ifPresent(latest -> news.put(file, latest));
        }
        return news;
    }
}
