package dev.countersign.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.file.FileRepository;

/// An empty repository in a folder of this machine, thrown away with everything in it when it is closed.
public final class GitFolder implements AutoCloseable {
    private final Path folder;
    private final FileRepository repository;

    private GitFolder(Path folder, FileRepository repository) {
        this.folder = folder;
        this.repository = repository;
    }

    public static GitFolder make() throws IOException {
        Path folder = Files.createTempDirectory("countersign-git");
        FileRepository repository = new FileRepository(folder.toFile());
        GitFolder made = new GitFolder(folder, repository);
        try {
            repository.create(true);
        } catch (IOException | RuntimeException e) {
            made.close();
            throw e;
        }
        return made;
    }

    public FileRepository repository() {
        return repository;
    }

    @Override
    public void close() throws IOException {
        repository.close();
        List<Path> all;
        try (Stream<Path> paths = Files.walk(folder)) {
            all = paths.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }
}
