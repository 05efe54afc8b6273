package dev.countersign.audit;

import dev.countersign.git.GitRemote;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.util.SystemReader;

/// The repository of the operator's settings: a local path, https (http only for this machine), or ssh through the program that the
/// environment variable GIT_SSH names.
final class GitSetting {
    private GitSetting() {}

    /// Throws IllegalArgumentException with what to do where it cannot be meant; never with a value in it.
    static GitRemote remote(String url, String branch, String user, String password) {
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
        if (!GitRemote.isBranch(branch)) {
            throw new IllegalArgumentException("countersign.record.publish-git-branch is not the name of a branch");
        }
        return new GitRemote(address, branch, user, password, Optional.empty());
    }

    private static boolean isSsh(URIish address) {
        return "ssh".equals(address.getScheme()) || address.getScheme() == null && address.getHost() != null;
    }

    private static boolean isLocal(URIish address) {
        return address.getHost() == null && (address.getScheme() == null || address.getScheme().toLowerCase(Locale.ROOT).equals("file"))
                && address.getPath() != null && address.getPath().startsWith("/");
    }
}
