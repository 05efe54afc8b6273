package dev.countersign.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEditor;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.revwalk.RevWalk;

/// The files of one commit, or of none, and the commit that comes after it. Files that are not ours are kept as they are.
/// All that a commit adds is one pack: a file an object takes seconds with a thousand tenants.
final class CheckpointTree {
    /// No note is longer; whoever put more there is told that it is no note.
    private static final int LONGEST = 4_000;
    private static final PersonIdent AUTHOR = new PersonIdent("Countersign", "record@countersign.invalid");

    private final FileRepository repository;
    private final Optional<ObjectId> tip;
    private final DirCache files;

    private CheckpointTree(FileRepository repository, Optional<ObjectId> tip, DirCache files) {
        this.repository = repository;
        this.tip = tip;
        this.files = files;
    }

    static CheckpointTree at(FileRepository repository, Optional<ObjectId> tip) throws IOException {
        DirCache files = DirCache.newInCore();
        if (tip.isPresent()) {
            DirCacheBuilder builder = files.builder();
            try (RevWalk walk = new RevWalk(repository); ObjectReader reader = repository.newObjectReader()) {
                builder.addTree(new byte[0], DirCacheEntry.STAGE_0, reader, walk.parseCommit(tip.get()).getTree());
            }
            builder.finish();
        }
        return new CheckpointTree(repository, tip, files);
    }

    /// What a file holds; empty where there is none.
    Optional<String> read(String file) throws IOException {
        DirCacheEntry entry = files.getEntry(file);
        if (entry == null) {
            return Optional.empty();
        }
        if (entry.getFileMode() != FileMode.REGULAR_FILE) {
            return Optional.of("");
        }
        ObjectLoader loader = repository.open(entry.getObjectId(), Constants.OBJ_BLOB);
        return Optional.of(loader.getSize() > LONGEST ? "" : new String(loader.getBytes(), StandardCharsets.UTF_8));
    }

    ObjectId commit(Map<String, String> news) throws IOException {
        try (ObjectInserter inserter = repository.getObjectDatabase().newPackInserter()) {
            DirCacheEditor editor = files.editor();
            for (Map.Entry<String, String> one : news.entrySet()) {
                ObjectId blob = inserter.insert(Constants.OBJ_BLOB, one.getValue().getBytes(StandardCharsets.UTF_8));
                editor.add(new DirCacheEditor.PathEdit(one.getKey()) {
                    @Override
                    public void apply(DirCacheEntry entry) {
                        entry.setFileMode(FileMode.REGULAR_FILE);
                        entry.setObjectId(blob);
                    }
                });
            }
            editor.finish();
            CommitBuilder commit = new CommitBuilder();
            commit.setTreeId(files.writeTree(inserter));
            tip.ifPresent(commit::setParentId);
            PersonIdent now = new PersonIdent(AUTHOR);
            commit.setAuthor(now);
            commit.setCommitter(now);
            commit.setMessage("Publish checkpoints of " + news.size() + (news.size() == 1 ? " record\n" : " records\n"));
            ObjectId id = inserter.insert(commit);
            inserter.flush();
            return id;
        }
    }
}
