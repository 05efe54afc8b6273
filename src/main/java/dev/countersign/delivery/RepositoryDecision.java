package dev.countersign.delivery;

import dev.countersign.git.GitTree;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.yaml.Document;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;

/// What is to be done about each file, by what stands at its path in one commit. Writes nothing.
///
/// - A file that the portal wrote is put back when another hand changed or removed it: in a new commit, with that on the record.
/// - A file that it did not write is never touched, nor is a folder or anything else at the path. It counts as ours where it is,
///   byte for byte, a revision of that very policy: so is found what was pushed when nobody could write it down any more.
/// - While a stop holds, only what is proven to open nothing is written, over what the file says and over what the cluster holds.
///
/// - `ours`: whether the text is a revision of the policy, whichever.
/// - `guards`: the guard over a policy while a stop holds; `live`: what the cluster holds of it, as last seen, with an inner empty for
///   what cannot be read.
record RepositoryDecision(
        GitTree tree, RepositoryPlace place, BiPredicate<PolicyKey, String> ours, Function<PolicyKey, Optional<StopGuard>> guards,
        Function<PolicyKey, Optional<Optional<AuthorizationPolicy>>> live) {
    /// How often another hand's change is put right in a row before a person has to decide.
    static final int ROUNDS = 5;
    /// No revision is longer (`revision_yaml_is_bounded`).
    private static final int LONGEST = 4 * 1024 * 1024;

    /// `PUSHED` and `RESTORED` say what is to be written.
    FileOutcome of(WantedFile file) throws IOException {
        String path = place.file(file.key().namespace(), file.key().name());
        Optional<String> obstacle = tree.inTheWay(path);
        if (obstacle.isPresent()) {
            return new FileOutcome.Foreign(file, "the repository has something else at " + obstacle.get() + ", where the file " + path + " would have to be",
                    "Move it, or give another directory under Administration, Clusters. It is looked at again every minute.");
        }
        Optional<byte[]> found = tree.read(path, LONGEST);
        if (found.isPresent() && Arrays.equals(found.get(), bytes(file.yaml()))) {
            return new FileOutcome.Holds(file, FileOutcome.Holds.How.FOUND, "");
        }
        FileOutcome wanted = wanted(file, path, found);
        return wanted instanceof FileOutcome.Holds ? held(file, found).map(FileOutcome.class::cast).orElse(wanted) : wanted;
    }

    private FileOutcome wanted(WantedFile file, String path, Optional<byte[]> found) {
        if (file.known().isEmpty()) {
            return found.isEmpty() || ours.test(file.key(), text(found.get())) ? new FileOutcome.Holds(file, FileOutcome.Holds.How.PUSHED, "")
                    : new FileOutcome.Foreign(file, "the repository already has a file " + path + " that the portal did not write",
                            "Move or remove that file, or give another directory under Administration, Clusters. It is looked at again every minute.");
        }
        WantedFile.Known known = file.known().get();
        if (found.isPresent() && Arrays.equals(found.get(), bytes(known.yaml()))) {
            return new FileOutcome.Holds(file, FileOutcome.Holds.How.PUSHED, "");
        }
        String what = found.isEmpty() ? "removed" : "changed";
        return known.revision() == file.revision() && known.restores() >= ROUNDS
                ? new FileOutcome.Contested(file, "the file " + path + " was put right " + known.restores() + " times, and another hand " + what + " it again",
                        "Find out who changes it, and let that end; then reconcile.")
                : new FileOutcome.Holds(file, FileOutcome.Holds.How.RESTORED, what);
    }

    private Optional<FileOutcome.Held> held(WantedFile file, Optional<byte[]> found) {
        Optional<StopGuard> guard = guards.apply(file.key());
        if (guard.isEmpty()) {
            return Optional.empty();
        }
        StopGuard stop = guard.get();
        AuthorizationPolicy wanted = policy(file.yaml()).orElseThrow(() -> new IllegalStateException("revision " + file.revision() + " of " + file.key() + " is not a policy"));
        Optional<Optional<AuthorizationPolicy>> inCluster = live.apply(file.key());
        Optional<AuthorizationPolicy> present = inCluster.flatMap(Function.identity());
        Optional<AuthorizationPolicy> inFile = found.flatMap(bytes -> policy(text(bytes)));
        // What cannot be read is not compared: it counts as closed.
        boolean unreadable = inCluster.isPresent() && present.isEmpty() || found.isPresent() && inFile.isEmpty();
        if (!unreadable && !stop.mayOpen(present, wanted) && (inFile.isEmpty() || !stop.mayOpen(inFile, wanted))) {
            return Optional.empty();
        }
        Receipt.Held receipt = stop.held(present, wanted);
        return Optional.of(new FileOutcome.Held(file, receipt.words(), receipt.advice()));
    }

    static byte[] bytes(String yaml) {
        return yaml.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static Optional<AuthorizationPolicy> policy(String yaml) {
        return PolicyReader.read(yaml) instanceof Reading.Read(List<Document> documents) && documents.size() == 1
                ? PolicyReader.authorizationPolicy(documents.getFirst().tree())
                : Optional.empty();
    }
}
