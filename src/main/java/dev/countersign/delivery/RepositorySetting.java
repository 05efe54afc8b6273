package dev.countersign.delivery;

import dev.countersign.tenancy.ServerAddress;
import dev.countersign.delivery.ModeChange.Problem;
import dev.countersign.git.GitRemote;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What an administrator gives to have a cluster's policies written to a Git repository.
///
/// - `password`: empty to keep the one that is stored, which works for the same address only.
public record RepositorySetting(String url, String branch, String directory, String username, Optional<String> password) {
    /// What a directory may be called, one segment after the other; none begins with a dot.
    private static final Pattern DIRECTORY = Pattern.compile("[A-Za-z0-9_][-A-Za-z0-9_.]*(/[A-Za-z0-9_][-A-Za-z0-9_.]*)*");
    private static final int MOST = 200;
    private static final int MOST_PASSWORD = 256;

    public RepositorySetting {
        url = url.strip();
        branch = branch.strip();
        directory = directory.strip().replaceAll("/+$", "");
        username = username.strip();
        password = password.filter(given -> !given.isEmpty());
    }

    /// Everything that is wrong with it, each with what to do; empty where it can be meant.
    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        try {
            ServerAddress.of(url);
        } catch (ServerAddress.Refusal refusal) {
            problems.add(new Problem("url", "The address " + refusal.words() + "."));
        }
        if (branch.length() > MOST || branch.isEmpty() || branch.startsWith("-") || !GitRemote.isBranch(branch)) {
            problems.add(new Problem("branch", "Give the name of a branch, such as main or countersign/west, at most " + MOST + " characters."));
        }
        if (directory.length() > MOST || !directory.isEmpty() && !DIRECTORY.matcher(directory).matches()) {
            problems.add(new Problem("directory", "Give a path of letters, digits, hyphens, dots and underscores, such as clusters/west; leave it empty for the root of the repository."));
        }
        if (username.length() > MOST || hasControls(username)) {
            problems.add(new Problem("username", "Give a user name of at most " + MOST + " characters."));
        }
        if (password.filter(given -> given.length() > MOST_PASSWORD || hasControls(given)).isPresent()) {
            problems.add(new Problem("password", "Give a password or an access token of at most " + MOST_PASSWORD + " characters on one line."));
        }
        return problems;
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    /// Only of a setting without problems.
    RepositoryPlace place() {
        try {
            return new RepositoryPlace(ServerAddress.of(url).toString(), branch, directory);
        } catch (ServerAddress.Refusal refusal) {
            throw new IllegalStateException("the address " + refusal.words());
        }
    }

    /// Without the password, which is secret.
    @Override
    public String toString() {
        return "RepositorySetting[" + branch + ", " + directory + "]";
    }
}
