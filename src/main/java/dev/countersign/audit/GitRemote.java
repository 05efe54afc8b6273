package dev.countersign.audit;

import java.io.IOException;
import java.net.URISyntaxException;
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
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.UsernamePasswordCredentialsProvider;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/// One branch of a Git repository elsewhere: a local path, https (http only for this machine), or ssh through the program that the
/// environment variable GIT_SSH names. Only the newest commit is fetched; a push moves the branch forward from what was
/// fetched, or not at all. The machine's own Git configuration is not read.
final class GitRemote {
    private static final int TIMEOUT_SECONDS = 20;
    private static final int LONGEST_WORDS = 300;

    private final URIish url;
    private final String branch;
    private final String user;
    private final String password;

    private GitRemote(URIish url, String branch, String user, String password) {
        this.url = url;
        this.branch = branch;
        this.user = user;
        this.password = password;
    }

    sealed interface Pushed {
        record Forward() implements Pushed {}

        /// Somebody else was faster, or the repository does not want it.
        record Refused(String words) implements Pushed {}
    }

    static GitRemote of(String url, String branch, String user, String password) {
        URIish address;
        try {
            address = new URIish(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("countersign.record.publish-git-url is not the address of a Git repository");
        }
        if (address.getPass() != null || address.getUser() != null && !isSsh(address) || address.getHost() != null && url.matches(".*[?#].*")) {
            throw new IllegalArgumentException("countersign.record.publish-git-url must hold no credentials and no query; use countersign.record.publish-git-user and .publish-git-password");
        }
        if (isSsh(address) && SystemReader.getInstance().getenv("GIT_SSH") == null) {
            throw new IllegalArgumentException("countersign.record.publish-git-url is an ssh address: set the environment variable GIT_SSH to the ssh program to use");
        }
        if (!isSsh(address) && !isLocal(address) && !(address.getHost() != null && SafeAddress.allows(String.valueOf(address.getScheme()), address.getHost()))) {
            throw new IllegalArgumentException("countersign.record.publish-git-url must be an absolute path, or begin with https:// or ssh:// (http:// only for this machine)");
        }
        if (!Repository.isValidRefName(Constants.R_HEADS + branch)) {
            throw new IllegalArgumentException("countersign.record.publish-git-branch is not the name of a branch");
        }
        GitMachine.ignored();
        return new GitRemote(address, Constants.R_HEADS + branch, user, password);
    }

    private static boolean isSsh(URIish address) {
        return "ssh".equals(address.getScheme()) || address.getScheme() == null && address.getHost() != null;
    }

    private static boolean isLocal(URIish address) {
        return address.getHost() == null && (address.getScheme() == null || address.getScheme().toLowerCase(Locale.ROOT).equals("file"))
                && address.getPath() != null && address.getPath().startsWith("/");
    }

    String words() {
        String path = String.valueOf(url.getPath());
        String host = url.getHost() == null ? "" : url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort()) + (path.startsWith("/") ? "" : "/");
        return "Git repository " + host + path + ", branch " + branch.substring(Constants.R_HEADS.length());
    }

    /// The branch's newest commit, which is then in `work` without those before it; empty where there is no such branch.
    Optional<ObjectId> fetch(Repository work) throws IOException {
        try (Transport transport = open(work)) {
            ObjectId tip;
            try (FetchConnection connection = transport.openFetch()) {
                Ref ref = connection.getRef(branch);
                if (ref == null || ref.getObjectId() == null) {
                    return Optional.empty();
                }
                tip = ref.getObjectId();
            }
            transport.setDepth(1);
            Ref fetched = transport.fetch(NullProgressMonitor.INSTANCE, List.of(new RefSpec("+" + branch + ":" + branch))).getAdvertisedRef(branch);
            return Optional.of(fetched == null || fetched.getObjectId() == null ? tip : fetched.getObjectId());
        }
    }

    /// Moves the branch from `tip` to `commit`, never otherwise.
    Pushed push(Repository work, Optional<ObjectId> tip, ObjectId commit) throws IOException {
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
        if (!password.isEmpty()) {
            transport.setCredentialsProvider(new UsernamePasswordCredentialsProvider(user, password));
        }
        return transport;
    }

    /// What went wrong, on one line, without what is secret.
    String harmless(IOException e) {
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
