package dev.countersign.git;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jgit.errors.NotSupportedException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.PushResult;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.RemoteRefUpdate;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.UsernamePasswordCredentialsProvider;
import org.jspecify.annotations.Nullable;

/// One branch of a Git repository elsewhere. Only the newest commit is fetched; a push moves the branch forward from what was
/// fetched, or not at all. The machine's own Git configuration is not read, and no redirect is followed. Whoever makes one has
/// looked at the address first.
public final class GitRemote {
    private static final int TIMEOUT_SECONDS = 20;
    private static final int LONGEST_WORDS = 300;

    private final URIish url;
    private final String branch;
    private final String user;
    private final String password;
    private final Optional<GitBounds> bounds;

    /// `branch`: its short name, one that `isBranch`; `password`: empty for none; `bounds`: for http and https only.
    public GitRemote(URIish url, String branch, String user, String password, Optional<GitBounds> bounds) {
        if (!isBranch(branch)) {
            throw new IllegalArgumentException("not the name of a branch");
        }
        GitMachine.ignored();
        this.url = url;
        this.branch = Constants.R_HEADS + branch;
        this.user = user;
        this.password = password;
        this.bounds = bounds;
    }

    public static boolean isBranch(String name) {
        return Repository.isValidRefName(Constants.R_HEADS + name);
    }

    public sealed interface Pushed {
        record Forward() implements Pushed {}

        /// Somebody else was faster, or the repository does not want it.
        record Refused(String words) implements Pushed {}
    }

    /// The newest commit of the branch and of the repository's own default branch; empty where there is no such branch.
    public record Heads(Optional<ObjectId> branch, Optional<ObjectId> standard) {}

    public String words() {
        String path = String.valueOf(url.getPath());
        String host = url.getHost() == null ? "" : url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort()) + (path.startsWith("/") ? "" : "/");
        return "Git repository " + host + path + ", branch " + branch.substring(Constants.R_HEADS.length());
    }

    /// What stands there, without fetching any of it.
    public Heads heads(Repository work) throws IOException {
        try (Transport transport = open(work); FetchConnection connection = transport.openFetch()) {
            return new Heads(id(connection.getRef(branch)), id(connection.getRef(Constants.HEAD)));
        }
    }

    /// The branch's newest commit, which is then in `work` without those before it; empty where there is no such branch.
    public Optional<ObjectId> fetch(Repository work) throws IOException {
        return heads(work).branch().isEmpty() ? Optional.empty() : fetch(work, branch);
    }

    /// The same for the repository's default branch.
    public Optional<ObjectId> fetchStandard(Repository work) throws IOException {
        return heads(work).standard().isEmpty() ? Optional.empty() : fetch(work, Constants.HEAD);
    }

    private Optional<ObjectId> fetch(Repository work, String ref) throws IOException {
        try (Transport transport = open(work)) {
            transport.setDepth(1);
            String here = ref.equals(Constants.HEAD) ? Constants.R_REMOTES + "standard" : ref;
            return id(transport.fetch(NullProgressMonitor.INSTANCE, List.of(new RefSpec("+" + ref + ":" + here))).getAdvertisedRef(ref));
        }
    }

    private static Optional<ObjectId> id(@Nullable Ref ref) {
        return ref == null ? Optional.empty() : Optional.ofNullable(ref.getObjectId());
    }

    /// Moves the branch from `tip` to `commit`, never otherwise; without `tip` the branch must not be there yet.
    public Pushed push(Repository work, Optional<ObjectId> tip, ObjectId commit) throws IOException {
        try (Transport transport = open(work)) {
            RemoteRefUpdate update = new RemoteRefUpdate(work, commit.name(), commit, branch, false, null, tip.orElse(ObjectId.zeroId()));
            PushResult result = transport.push(NullProgressMonitor.INSTANCE, List.of(update));
            RemoteRefUpdate done = result.getRemoteUpdate(branch);
            return switch (done.getStatus()) {
                case OK, UP_TO_DATE -> new Pushed.Forward();
                default -> new Pushed.Refused(harmless(done.getStatus().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                        + (done.getMessage() == null ? "" : ", " + done.getMessage())));
            };
        }
    }

    private Transport open(Repository work) throws IOException {
        work.getConfig().setBoolean("http", null, "followRedirects", false);
        Transport transport;
        try {
            transport = Transport.open(work, url);
        } catch (NotSupportedException e) {
            throw new IOException("there is no repository", e);
        }
        transport.setTimeout(TIMEOUT_SECONDS);
        if (transport instanceof TransportHttp http) {
            bounds.ifPresent(limits -> http.setHttpConnectionFactory(new BoundedHttp(limits)));
        }
        if (!password.isEmpty()) {
            transport.setCredentialsProvider(new UsernamePasswordCredentialsProvider(user, password));
        }
        return transport;
    }

    /// What went wrong, on one line, without what is secret.
    public String harmless(IOException e) {
        return harmless(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    }

    private String harmless(@Nullable String words) {
        String line = String.valueOf(words).replace(url + ": ", "").replace(String.valueOf(url), "the repository");
        if (!password.isEmpty()) {
            line = line.replace(password, "***");
        }
        line = line.replaceAll("\\p{Cntrl}+", " ");
        return line.length() > LONGEST_WORDS ? line.substring(0, LONGEST_WORDS) + "..." : line;
    }
}
