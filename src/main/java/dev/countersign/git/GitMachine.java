package dev.countersign.git;

import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/// The machine without Git configuration: neither somebody's rewritten addresses nor a program `git` that is asked for its files
/// decide where something is pushed. The environment stays, for GIT_SSH.
final class GitMachine extends SystemReader.Delegate {
    private GitMachine(SystemReader machine) {
        super(machine);
    }

    static synchronized void ignored() {
        if (!(SystemReader.getInstance() instanceof GitMachine)) {
            SystemReader.setInstance(new GitMachine(SystemReader.getInstance()));
        }
    }

    @Override
    public FileBasedConfig openUserConfig(@Nullable Config parent, FS files) {
        return new Nothing(parent, files);
    }

    @Override
    public FileBasedConfig openSystemConfig(@Nullable Config parent, FS files) {
        return new Nothing(parent, files);
    }

    @Override
    public FileBasedConfig openJGitConfig(@Nullable Config parent, FS files) {
        return new Nothing(parent, files);
    }

    private static final class Nothing extends FileBasedConfig {
        Nothing(@Nullable Config parent, FS files) {
            super(parent, null, files);
        }

        @Override
        public void load() {
            // There is nothing.
        }

        @Override
        public void save() {
            // Nor does anything stay.
        }

        @Override
        public boolean isOutdated() {
            return false;
        }
    }
}
