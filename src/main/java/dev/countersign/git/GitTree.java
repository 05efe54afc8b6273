package dev.countersign.git;

import java.io.IOException;
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

/// The files of one commit, or of none, and the commit that comes after it. Files that are not named are kept as they are.
/// All that a commit adds is one pack: a file an object takes seconds with a thousand tenants.
public final class GitTree {
    private final FileRepository repository;
    private final Optional<ObjectId> tip;
    private final DirCache files;

    private GitTree(FileRepository repository, Optional<ObjectId> tip, DirCache files) {
        this.repository = repository;
        this.tip = tip;
        this.files = files;
    }

    public static GitTree at(FileRepository repository, Optional<ObjectId> tip) throws IOException {
        DirCache files = DirCache.newInCore();
        if (tip.isPresent()) {
            DirCacheBuilder builder = files.builder();
            try (RevWalk walk = new RevWalk(repository); ObjectReader reader = repository.newObjectReader()) {
                builder.addTree(new byte[0], DirCacheEntry.STAGE_0, reader, walk.parseCommit(tip.get()).getTree());
            }
            builder.finish();
        }
        return new GitTree(repository, tip, files);
    }

    /// What a file holds; nothing at all of what is longer than `longest` bytes or no plain file, and empty where there is none.
    public Optional<byte[]> read(String file, int longest) throws IOException {
        DirCacheEntry entry = files.getEntry(file);
        if (entry == null) {
            return Optional.empty();
        }
        if (entry.getFileMode() != FileMode.REGULAR_FILE) {
            return Optional.of(new byte[0]);
        }
        ObjectLoader loader = repository.open(entry.getObjectId(), Constants.OBJ_BLOB);
        return Optional.of(loader.getSize() > longest ? new byte[0] : loader.getBytes());
    }

    /// What would have to go for such a file to be: something else than a folder on its way, or a folder of its own name.
    public Optional<String> inTheWay(String file) {
        for (int slash = file.indexOf('/'); slash > 0; slash = file.indexOf('/', slash + 1)) {
            if (files.getEntry(file.substring(0, slash)) != null) {
                return Optional.of(file.substring(0, slash));
            }
        }
        return files.getEntriesWithin(file).length > 0 ? Optional.of(file) : Optional.empty();
    }

    /// The commit that holds `news` too, each under its path; nothing may be in the way of any.
    public ObjectId commit(PersonIdent author, String message, Map<String, byte[]> news) throws IOException {
        try (ObjectInserter inserter = repository.getObjectDatabase().newPackInserter()) {
            DirCacheEditor editor = files.editor();
            for (Map.Entry<String, byte[]> one : news.entrySet()) {
                ObjectId blob = inserter.insert(Constants.OBJ_BLOB, one.getValue());
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
            PersonIdent now = new PersonIdent(author);
            commit.setAuthor(now);
            commit.setCommitter(now);
            commit.setMessage(message);
            ObjectId id = inserter.insert(commit);
            inserter.flush();
            return id;
        }
    }
}
