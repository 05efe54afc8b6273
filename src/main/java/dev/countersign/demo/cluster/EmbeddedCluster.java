package dev.countersign.demo.cluster;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A Kubernetes API server that lives inside the program, on loopback only.
///
/// It does: discovery; get, list in pages, and watch with versions, selectors, bookmarks and 410; create, update,
/// delete
/// with preconditions; merge and JSON patches; server-side apply with field owners, conflicts and force; dry run;
/// unknown
/// fields by `fieldValidation`; schemas and an admission webhook for Istio's kinds where `ClusterOptions` names them;
/// namespaces that must exist and take their content along; finalizers; bearer tokens with simple access rules; tables. `kubectl`
/// works against it. `Faults` makes it misbehave, `RequestLog` tells what it was asked.
///
/// It does not: run anything (no controllers, so a Deployment makes no Pods), serve roles and bindings as objects,
/// graceful deletion, owner references, subresources other than `status`, schemas of built-in kinds, lists
/// merged by key, protobuf (but for what `kubectl` cannot do without), web sockets, HTTP/2. `ApiKinds` is the whole
/// list of what it holds.
///
/// Any number of instances can live in one program; each has its own store, port, certificate authority and tokens.
public final class EmbeddedCluster implements AutoCloseable {
    static {
        // Without it every answer on a kept connection waits some 40 ms for the peer's delayed acknowledgement.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
    }

    private final ClusterOptions options;
    private final ObjectStore store;
    private final Optional<ClusterFiles> files;
    private final Admission admission;
    private final Reads reads;
    private final Faults faults;
    private final RequestLog log;
    private final Optional<SelfSignedAuthority> authority;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile List<ClusterUser> users;

    private EmbeddedCluster(ClusterOptions options) throws IOException {
        this.options = options;
        var journal = new ArrayList<ClusterFiles>(1);
        this.store = new ObjectStore(options.history(), change -> journal.forEach(file -> file.record(change)));
        this.files = options.stateDirectory().map(directory -> new ClusterFiles(directory, store::everything));
        var identity = files.map(ClusterFiles::identity).orElseGet(TreeMap::new);
        this.users = withTokens(options.users(), Tree.mapAt(identity, "tokens"));
        this.authority = options.tls()
                ? Optional.of(Tree.at(identity, "keys")
                        .map(keys -> SelfSignedAuthority.restore(Tree.map(keys)))
                        .orElseGet(SelfSignedAuthority::create))
                : Optional.empty();
        this.log = new RequestLog(options.remembered());
        this.faults = new Faults(store);
        this.admission = new Admission(store, options.schema(), options.webhook());
        this.reads = new Reads(store, options.clock());
        files.ifPresent(file -> {
            file.loadInto(store);
            file.compact();
            journal.add(file);
        });
        new Seeding(store, options.clock()).basics();
        this.server = bound(((Number) identity.getOrDefault("port", 0L)).intValue());
        var handler = new ApiServer(
                () -> users,
                reads,
                new Watching(store, reads, options.bookmarkEvery()),
                new Writes(store, admission, options.clock()),
                new Deletes(store, options.clock()),
                faults,
                log,
                options.clock());
        server.createContext("/", handler);
        server.setExecutor(threads);
        files.ifPresent(file -> file.identity(identityNow()));
        server.start();
    }

    /// Starts a cluster; it answers when this returns.
    public static EmbeddedCluster start(ClusterOptions options) {
        try {
            return new EmbeddedCluster(options);
        } catch (BindException e) {
            throw new UncheckedIOException("port %d is taken: choose another".formatted(options.port()), e);
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded cluster could not start", e);
        }
    }

    public URI url() {
        return URI.create("%s://127.0.0.1:%d"
                .formatted(options.tls() ? "https" : "http", server.getAddress().getPort()));
    }

    /// The certificate authority that signed the server's certificate, as PEM; empty without TLS.
    public Optional<String> caPem() {
        return authority.map(SelfSignedAuthority::pem);
    }

    public String token(String user) {
        return users.stream()
                .filter(known -> known.name().equals(user))
                .findFirst()
                .map(ClusterUser::token)
                .orElseThrow(() -> new NoSuchElementException("the cluster has no user " + user));
    }

    /// A kubeconfig for one user: `kubectl`, the portal's registration and the contract tests take it as it is.
    public String kubeconfig(String user) {
        var trust = caPem().map(pem -> "\n    certificate-authority-data: "
                        + Base64.getEncoder().encodeToString(pem.getBytes()))
                .orElse("");
        return """
            apiVersion: v1
            kind: Config
            clusters:
            - name: %1$s
              cluster:
                server: %2$s%3$s
            users:
            - name: %4$s
              user:
                token: %5$s
            contexts:
            - name: %1$s
              context:
                cluster: %1$s
                user: %4$s
            current-context: %1$s
            """.formatted(options.name(), url(), trust, user, token(user));
    }

    public Faults faults() {
        return faults;
    }

    public RequestLog requests() {
        return log;
    }

    /// Replaces what a user may do, or their token, or adds them; an empty token keeps the old one or makes a new one.
    public void user(ClusterUser user) {
        var kept = new TreeMap<String, Object>();
        users.forEach(known -> kept.put(known.name(), known.token()));
        var next = new ArrayList<>(users);
        next.removeIf(known -> known.name().equals(user.name()));
        next.add(user);
        users = withTokens(next, kept);
        files.ifPresent(file -> file.identity(identityNow()));
    }

    /// Switches the admission webhook; `AdmissionCheck.NONE` turns it off.
    public void webhook(AdmissionCheck webhook) {
        admission.webhook(webhook);
    }

    /// Stores those of `objects` that are not there yet, as if `manager` had created them, past all checks and the log.
    /// An object's status is stored too. Namespaces come before what lies in them.
    public void seed(String manager, List<Map<String, Object>> objects) {
        new Seeding(store, options.clock()).absent(manager, objects);
    }

    /// Forgets all history: older watches and continue tokens get 410 from now on.
    public void compact() {
        store.compact();
        reads.compact();
    }

    /// The version of the last change, whatever the kind.
    public long revision() {
        return store.revision();
    }

    @Override
    public void close() {
        store.close();
        faults.clear();
        server.stop(0);
        threads.shutdownNow();
        files.ifPresent(ClusterFiles::close);
    }

    private HttpServer bound(int remembered) throws IOException {
        var wanted = options.port() == 0 ? remembered : options.port();
        try {
            return listening(wanted);
        } catch (BindException e) {
            if (options.port() != 0) {
                throw e;
            }
            return listening(0);
        }
    }

    private HttpServer listening(int port) throws IOException {
        var address = new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        if (authority.isEmpty()) {
            return HttpServer.create(address, 0);
        }
        var secure = HttpsServer.create(address, 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(authority.get().serverContext()));
        return secure;
    }

    private Map<String, Object> identityNow() {
        var tokens = new TreeMap<String, Object>();
        users.forEach(user -> tokens.put(user.name(), user.token()));
        var identity = Tree.of("port", (long) server.getAddress().getPort(), "tokens", tokens);
        authority.ifPresent(keys -> identity.put("keys", keys.store()));
        return identity;
    }

    private static List<ClusterUser> withTokens(List<ClusterUser> users, Map<String, Object> known) {
        return users.stream()
                .map(user -> user.token().isEmpty()
                        ? user.withToken(Optional.ofNullable(known.get(user.name()))
                                .map(String::valueOf)
                                .orElseGet(EmbeddedCluster::token))
                        : user)
                .toList();
    }

    private static String token() {
        var bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
