package dev.countersign.audit;

import dev.countersign.git.GitTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.PersonIdent;

/// The checkpoints of one commit, or of none, and the commit that comes after it.
final class CheckpointTree {
    /// No note is longer; whoever put more there is told that it is no note.
    private static final int LONGEST = 4_000;
    private static final PersonIdent AUTHOR = new PersonIdent("Countersign", "record@countersign.invalid");

    private final GitTree files;

    private CheckpointTree(GitTree files) {
        this.files = files;
    }

    static CheckpointTree at(FileRepository repository, Optional<ObjectId> tip) throws IOException {
        return new CheckpointTree(GitTree.at(repository, tip));
    }

    /// What a file holds; empty where there is none.
    Optional<String> read(String file) throws IOException {
        return files.read(file, LONGEST).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }

    ObjectId commit(Map<String, String> news) throws IOException {
        Map<String, byte[]> notes = new TreeMap<>();
        news.forEach((file, note) -> notes.put(file, note.getBytes(StandardCharsets.UTF_8)));
        return files.commit(AUTHOR, "Publish checkpoints of " + news.size() + (news.size() == 1 ? " record\n" : " records\n"), notes);
    }
}
