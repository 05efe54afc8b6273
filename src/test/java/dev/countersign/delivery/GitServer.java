package dev.countersign.delivery;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.portal.GitBackend;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
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
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.ReceivePack;
import org.eclipse.jgit.transport.RefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;
import org.eclipse.jgit.treewalk.TreeWalk;

/// A forge in small: one bare repository over HTTP on this machine, for user `robot` with a password, and the hands of people who
/// commit to it past the portal. Served by JGit, or by Git's own server.
public final class GitServer implements AutoCloseable {
    private final FileRepository repository;
    private final HttpServer server;
    private final Optional<GitBackend> backend;
    private final AtomicInteger pushes = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile String password = "the right password";
    private volatile boolean down;
    private volatile boolean losesReplies;
    private final AtomicInteger lostReplies = new AtomicInteger();
    private volatile Runnable beforePush = () -> {};

    public GitServer(Path folder) throws IOException {
        this(folder, Optional.empty());
    }

    GitServer(Path folder, Optional<GitBackend> backend) throws IOException {
        this.backend = backend;
        repository = new FileRepository(folder.resolve("policies.git").toFile());
        repository.create(true);
        repository.updateRef(Constants.HEAD).link("refs/heads/main");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            try {
                answer(exchange);
            } catch (IOException | RuntimeException e) {
                exchange.sendResponseHeaders(500, -1);
            } finally {
                exchange.close();
            }
        });
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/policies.git";
    }

    int pushes() {
        return pushes.get();
    }

    /// How often somebody came with a wrong password, or none.
    int refused() {
        return refused.get();
    }

    void password(String wanted) {
        password = wanted;
    }

    void down(boolean isDown) {
        down = isDown;
    }

    /// Takes what is pushed, and hangs up.
    void losesReplies(boolean loses) {
        losesReplies = loses;
    }

    /// To pushes that were taken.
    int lostReplies() {
        return lostReplies.get();
    }

    /// Runs once, when the next push has arrived and nothing was done about it.
    void beforeNextPush(Runnable work) {
        beforePush = () -> {
            beforePush = () -> {};
            work.run();
        };
    }

    private void answer(HttpExchange exchange) throws IOException {
        if (down) {
            exchange.sendResponseHeaders(503, -1);
            return;
        }
        String wanted = "Basic " + Base64.getEncoder().encodeToString(("robot:" + password).getBytes(StandardCharsets.UTF_8));
        if (!wanted.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            refused.incrementAndGet();
            exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"git\"");
            exchange.sendResponseHeaders(401, -1);
            return;
        }
        String path = exchange.getRequestURI().getPath().replace("/policies.git", "");
        if (backend.isPresent()) {
            if (path.equals("/git-receive-pack")) {
                beforePush.run();
                pushes.incrementAndGet();
            }
            backend.get().handle(exchange);
            return;
        }
        byte[] body = exchange.getRequestBody().readAllBytes();
        InputStream sent = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding")) ? new GZIPInputStream(new ByteArrayInputStream(body)) : new ByteArrayInputStream(body);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        switch (path) {
            case "/info/refs" -> advertise(exchange, out);
            case "/git-upload-pack" -> {
                UploadPack upload = new UploadPack(repository);
                upload.setBiDirectionalPipe(false);
                upload.upload(sent, out, null);
                exchange.getResponseHeaders().add("Content-Type", "application/x-git-upload-pack-result");
            }
            case "/git-receive-pack" -> {
                beforePush.run();
                pushes.incrementAndGet();
                ReceivePack receive = new ReceivePack(repository);
                receive.setBiDirectionalPipe(false);
                receive.receive(sent, out, null);
                if (losesReplies) {
                    lostReplies.incrementAndGet();
                    return;
                }
                exchange.getResponseHeaders().add("Content-Type", "application/x-git-receive-pack-result");
            }
            default -> {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
        }
        exchange.sendResponseHeaders(200, out.size());
        exchange.getResponseBody().write(out.toByteArray());
    }

    private void advertise(HttpExchange exchange, ByteArrayOutputStream out) throws IOException {
        String service = exchange.getRequestURI().getQuery().replace("service=", "");
        exchange.getResponseHeaders().add("Content-Type", "application/x-" + service + "-advertisement");
        PacketLineOut lines = new PacketLineOut(out);
        lines.writeString("# service=" + service + "\n");
        lines.end();
        RefAdvertiser refs = new RefAdvertiser.PacketLineOutRefAdvertiser(lines);
        if (service.equals("git-upload-pack")) {
            UploadPack upload = new UploadPack(repository);
            upload.setBiDirectionalPipe(false);
            upload.sendAdvertisedRefs(refs);
        } else {
            ReceivePack receive = new ReceivePack(repository);
            receive.setBiDirectionalPipe(false);
            receive.sendAdvertisedRefs(refs);
        }
    }

    private static <T> T io(java.util.concurrent.Callable<T> work) {
        try {
            return work.call();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public Optional<ObjectId> tip(String branch) {
        return io(() -> Optional.ofNullable(repository.resolve("refs/heads/" + branch)));
    }

    /// What a file of the branch holds; empty where there is none.
    public Optional<String> file(String branch, String path) {
        return tip(branch).flatMap(tip -> io(() -> {
            try (RevWalk walk = new RevWalk(repository); TreeWalk found = TreeWalk.forPath(repository, path, walk.parseCommit(tip).getTree())) {
                return found == null ? Optional.<String>empty() : Optional.of(new String(repository.open(found.getObjectId(0)).getBytes(), StandardCharsets.UTF_8));
            }
        }));
    }

    /// All files of the branch, by path.
    public List<String> files(String branch) {
        return io(() -> {
            List<String> files = new ArrayList<>();
            try (RevWalk walk = new RevWalk(repository); TreeWalk tree = new TreeWalk(repository)) {
                tree.addTree(walk.parseCommit(tip(branch).orElseThrow()).getTree());
                tree.setRecursive(true);
                while (tree.next()) {
                    files.add(tree.getPathString());
                }
            }
            return files;
        });
    }

    /// The commits of the branch, newest first.
    List<RevCommit> commits(String branch) {
        return io(() -> {
            List<RevCommit> commits = new ArrayList<>();
            try (RevWalk walk = new RevWalk(repository)) {
                Optional<ObjectId> tip = tip(branch);
                if (tip.isPresent()) {
                    walk.markStart(walk.parseCommit(tip.get()));
                    walk.forEach(commits::add);
                }
            }
            return commits;
        });
    }

    /// As somebody commits who may: the file with this content, or without it where there is none.
    void commit(String branch, String path, Optional<String> content) {
        io(() -> {
            Optional<ObjectId> tip = tip(branch);
            try (ObjectInserter inserter = repository.newObjectInserter(); RevWalk walk = new RevWalk(repository)) {
                DirCache files = DirCache.newInCore();
                if (tip.isPresent()) {
                    DirCacheBuilder builder = files.builder();
                    builder.addTree(new byte[0], DirCacheEntry.STAGE_0, repository.newObjectReader(), walk.parseCommit(tip.get()).getTree());
                    builder.finish();
                }
                DirCacheEditor editor = files.editor();
                if (content.isEmpty()) {
                    editor.add(new DirCacheEditor.DeletePath(path));
                } else {
                    ObjectId blob = inserter.insert(Constants.OBJ_BLOB, content.get().getBytes(StandardCharsets.UTF_8));
                    editor.add(new DirCacheEditor.PathEdit(path) {
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
                commit.setAuthor(new PersonIdent("Mallory", "mallory@example.invalid"));
                commit.setCommitter(commit.getAuthor());
                commit.setMessage("By another hand");
                ObjectId id = inserter.insert(commit);
                inserter.flush();
                RefUpdate update = repository.updateRef("refs/heads/" + branch);
                update.setNewObjectId(id);
                RefUpdate.Result result = update.update();
                if (result != RefUpdate.Result.NEW && result != RefUpdate.Result.FAST_FORWARD) {
                    throw new IllegalStateException(result.name());
                }
            }
            return true;
        });
    }

    /// As people do who have merged it.
    void delete(String branch) {
        io(() -> {
            RefUpdate update = repository.updateRef("refs/heads/" + branch);
            update.setForceUpdate(true);
            return update.delete();
        });
    }

    @Override
    public void close() {
        server.stop(0);
        repository.close();
    }
}
