package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.audit.proof.VerifyCommand;
import dev.countersign.catalog.CatalogSync;
import dev.countersign.catalog.Ownership;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.Registration;
import dev.countersign.clusters.RegistrationForm;
import dev.countersign.demo.cluster.ClusterOptions;
import dev.countersign.demo.cluster.DemoShop;
import dev.countersign.demo.cluster.EmbeddedCluster;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.ShopFixture;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.env.Environment;
import tools.jackson.databind.json.JsonMapper;

/// One tenant with the shop in a cluster behind a proxy, a proxy before the database for replicas that are to suffer, and the
/// replica of this process, which suffers from the cluster's proxy alone. Its requests are the usual ones: the engineer asks
/// for one path more of payment-service, the owner decides.
final class Laboratory implements AutoCloseable {
    /// How many times as long everything may take, on a machine that has little time for it.
    static final int SLOWNESS = Integer.getInteger("faults.slowness", 1);
    private static final Duration CONVERGES = Duration.ofSeconds(10).multipliedBy(SLOWNESS);

    final Boundary boundary = new Boundary();
    final Gate gate;
    final TestTenant tenant;
    final EmbeddedCluster cluster;
    final FaultProxy database;
    /// Where the cluster is reached over HTTPS: what stands between the proxy and the cluster.
    final Optional<TlsDoor> door;
    final FaultProxy apiServer;
    final Replica here;
    final String engineer;
    final String owner;

    private final ApplicationContext context;
    private final Environment environment;
    private Connection superuser;
    private final SplittableRandom random;
    private final Deque<Long> granted = new ArrayDeque<>();
    private final Deque<String> targets = new ArrayDeque<>(List.of("payment-service"));

    Laboratory(ApplicationContext context, long seed) {
        this(context, seed, false);
    }

    Laboratory(ApplicationContext context, long seed, boolean https) {
        this(context, seed, https, false, Optional.empty());
    }

    /// One of several whose tenants share a victim: the way to its cluster leads through its gate. Beside the first of them.
    Laboratory(ApplicationContext context, long seed, Optional<Laboratory> first) {
        this(context, seed, false, true, first);
    }

    private Laboratory(ApplicationContext context, long seed, boolean https, boolean gated, Optional<Laboratory> first) {
        this.context = context;
        random = new SplittableRandom(seed);
        environment = context.getEnvironment();
        tenant = context.getBean(Fixtures.class).tenant();
        gate = new Gate(tenant.tenant());
        database = new FaultProxy(databasePort(), boundary::line);
        cluster = EmbeddedCluster.start(ClusterOptions.defaults().named("demo").withoutTls().withUser(ShopFixture.portalUser("production", "staging")));
        DemoShop.acme().openIn(cluster);
        door = https ? Optional.of(new TlsDoor(cluster.url().getPort())) : Optional.empty();
        apiServer = new FaultProxy(door.map(TlsDoor::port).orElse(cluster.url().getPort()), gated ? gate::toCluster : boundary::line);
        here = Replica.here(Integer.parseInt(environment.getRequiredProperty("local.server.port")));
        superuser = first.isPresent() ? first.get().superuser : connect();
        CurrentTenant.run(tenant.tenant().id(), this::enrol);
        engineer = token("engineer");
        owner = token("owner");
    }

    private void enrol() {
        Actor setup = Actor.system("test");
        Ownership ownership = context.getBean(Ownership.class);
        String trust = door.map(tls -> "\n    certificate-authority-data: " + Base64.getEncoder().encodeToString(tls.authorityPem().getBytes(StandardCharsets.US_ASCII)))
                .orElse("");
        String address = (door.isPresent() ? "https" : "http") + "://127.0.0.1:" + apiServer.port();
        String kubeconfig = cluster.kubeconfig("portal").replace(cluster.url().toString(), address + trust);
        ClusterRef ref = ((Registration.Registered) registry().register(setup, RegistrationForm.of("demo", kubeconfig, List.of("production", "staging")))).cluster();
        assertThat(context.getBean(CatalogSync.class).syncNow(ref.id())).isEmpty();
        ownership.ownByDefault(setup, ref.id(), "production", tenant.team("orders"));
        ownership.own(setup, new WorkloadKey(ref.id(), "production", "payment-service"), tenant.team("payments"));
    }

    private ClusterRegistry registry() {
        return context.getBean(ClusterRegistry.class);
    }

    String token(String username) {
        return context.getBean(Tenants.class).inTenant(tenant.tenant().id(), () -> context.getBean(ApiTokens.class).issue(Actor.system("test"),
                tenant.person(username), "faults", EnumSet.of(Scope.READ, Scope.REQUEST, Scope.REVIEW), Duration.ofDays(1))).secret();
    }

    String databaseName() {
        return environment.getRequiredProperty("spring.datasource.url").replaceAll(".*/([^?]+).*", "$1");
    }

    /// By which the replica of this process reaches its database.
    int databasePort() {
        return Integer.parseInt(environment.getRequiredProperty("spring.datasource.url").replaceAll(".*:([0-9]+)/.*", "$1"));
    }

    /// As the superuser.
    Connection connect() {
        try {
            return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + databasePort() + "/" + databaseName(), "postgres", "");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /// For a replica that reaches the database by this port.
    Map<String, String> settings(int port) {
        Map<String, String> settings = new LinkedHashMap<>();
        // The text of every statement goes over the wire, so that a report can say where the replica was struck.
        settings.put("spring.datasource.url", "jdbc:postgresql://127.0.0.1:" + port + "/" + databaseName() + "?prepareThreshold=0&ApplicationName=replica");
        settings.put("spring.datasource.username", environment.getRequiredProperty("spring.datasource.username"));
        settings.put("spring.datasource.hikari.maximum-pool-size", "12");
        settings.put("spring.flyway.enabled", "false");
        settings.put("spring.flyway.url", "unused");
        settings.put("spring.flyway.user", "unused");
        settings.put("countersign.secrets.key", environment.getRequiredProperty("countersign.secrets.key"));
        settings.put("countersign.record.key", environment.getRequiredProperty("countersign.record.key"));
        settings.put("countersign.catalog.watch", "false");
        settings.put("countersign.webhooks.networks", "127.0.0.0/8, ::1/128");
        settings.put("countersign.delivery.sweep", "1s");
        settings.put("countersign.passwords.bcrypt-strength", "4");
        return settings;
    }

    /// Waits for the replica, and makes sure that it is a portal that knows this tenant.
    Replica ready(Replica replica) throws Exception {
        replica.ready();
        assertThat(replica.get(engineer, "/me").statusCode()).isEqualTo(200);
        return replica;
    }

    /// The couriers of this process: stop them, and only other replicas deliver.
    SmartLifecycle couriersHere() {
        return context.getBean("deliveryLoop", SmartLifecycle.class);
    }

    /// Whoever reaches the database by its proxy reaches nothing from now on, as if it had been killed.
    void unplug() {
        database.hold(true);
        database.cut();
        apiServer.cut();
    }

    void plugIn() {
        database.hold(false);
    }

    /// Time passes: what was claimed is free again.
    void leasesRunOut() throws SQLException {
        try (PreparedStatement statement = superuser().prepareStatement("""
                update policy_object
                set lease_until = now()
                where tenant_id = ?
                  and lease_until > now()""")) {
            statement.setObject(1, tenant.tenant().id().value());
            statement.executeUpdate();
        }
    }

    /// Whoever would append to the tenant's record waits from now on.
    void holdRecord() throws SQLException {
        one("select pg_advisory_lock(hashtextextended('audit ' || ?::text, 0))");
    }

    void releaseRecord() throws SQLException {
        one("select pg_advisory_unlock(hashtextextended('audit ' || ?::text, 0))");
    }

    /// Until so many sessions of other replicas wait for a lock.
    void awaitWaiting(int sessions) throws Exception {
        for (long end = System.nanoTime() + CONVERGES.toNanos(); !waiting(sessions); Thread.sleep(10)) {
            assertThat(System.nanoTime()).as("so many requests are not under way").isLessThan(end);
        }
    }

    private boolean waiting(int sessions) throws SQLException {
        try (PreparedStatement statement = superuser().prepareStatement("""
                select count(*) >= ?
                from pg_stat_activity
                where application_name = 'replica'
                  and datname = current_database()
                  and wait_event_type = 'Lock'""")) {
            statement.setInt(1, sessions);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    List<String> judge() throws SQLException {
        return judge(Set.of());
    }

    /// As `judge`, after these field managers wrote to the cluster too.
    List<String> judge(Set<String> hands) throws SQLException {
        return Oracle.judge(superuser(), cluster, tenant.tenant().id().value(), hands);
    }

    /// Another one when the server went away meanwhile.
    Connection superuser() throws SQLException {
        if (!superuser.isValid(1)) {
            superuser = connect();
        }
        return superuser;
    }

    /// From now on asks for these services in turn: each has a policy of its own, and no delivery waits for the pause after another.
    void askInTurn(List<String> workloads) {
        CurrentTenant.run(tenant.tenant().id(), () -> workloads.forEach(workload -> context.getBean(Ownership.class).own(Actor.system("test"),
                new WorkloadKey(registry().list().getFirst().id(), "production", workload), tenant.team("payments"))));
        targets.clear();
        targets.addAll(workloads);
    }

    synchronized String ask() {
        String target = targets.removeFirst();
        targets.addLast(target);
        return """
                { "ask": { "kind": "ServiceAccess", "clusters": ["demo"],
                           "from": [ { "namespace": "production", "serviceAccount": "order-service" } ],
                           "to": { "namespace": "production", "workload": "%s" },
                           "operations": [ { "methods": ["POST"], "paths": ["/api/v1/payments/%s"] } ] },
                  "justification": { "reason": "Checkout settles card payments when an order is placed." },
                  "grantFor": "P90D" }""".formatted(target, Long.toHexString(random.nextLong()));
    }

    interface Asking {
        HttpResponse<String> answer() throws Exception;
    }

    /// Comes again while it is told to or something broke, for five seconds, and where a connection was closed under its hands.
    static HttpResponse<String> insist(Asking asking) throws Exception {
        return insist(asking, () -> false);
    }

    /// As `insist`, until it is enough.
    static HttpResponse<String> insist(Asking asking, BooleanSupplier enough) throws Exception {
        for (int again = 0; ; again++) {
            try {
                HttpResponse<String> answer = asking.answer();
                if (answer.statusCode() < 500 || again >= 50 * SLOWNESS || enough.getAsBoolean()) {
                    return answer;
                }
            } catch (IOException closed) {
                if (again >= 2 || enough.getAsBoolean()) {
                    throw closed;
                }
            }
            Thread.sleep(100);
        }
    }

    long submit() throws Exception {
        UUID key = UUID.randomUUID();
        String ask = ask();
        HttpResponse<String> answer = insist(() -> here.post(engineer, "/access-requests", key, ask));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return JsonMapper.shared().readTree(answer.body()).path("number").asLong();
    }

    HttpResponse<String> review(Replica replica, long number, UUID key) throws Exception {
        return review(replica, number, digest(number), key);
    }

    String digest(long number) throws Exception {
        HttpResponse<String> request = insist(() -> here.get(owner, "/access-requests/" + number));
        assertThat(request.statusCode()).as(request.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(request.body()).path("digest").asString();
    }

    HttpResponse<String> review(Replica replica, long number, String digest, UUID key) throws Exception {
        return replica.post(owner, "/access-requests/" + number + "/reviews", key, "{\"decision\":\"APPROVE\",\"digest\":\"%s\"}".formatted(digest));
    }

    /// Approved here, delivered by whoever does.
    long approve() throws Exception {
        long number = submit();
        UUID key = UUID.randomUUID();
        HttpResponse<String> answer = insist(() -> review(here, number, key));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return number;
    }

    /// A request whose grant is in the cluster and may be revoked; made by the handful, for one delivery serves them all.
    long granted() throws Exception {
        if (granted.isEmpty()) {
            for (int i = 0; i < 4; i++) {
                mayRevoke(approve());
            }
            converges("some approvals");
        }
        return granted.removeFirst();
    }

    /// It was approved for another purpose.
    void mayRevoke(long number) {
        granted.addLast(number);
    }

    HttpResponse<String> revoke(Replica replica, long number, UUID key) throws Exception {
        String grant = one("select number::text from access_grant where tenant_id = ? and request_number = " + number);
        return replica.post(owner, "/grants/" + grant + "/revocation", key, "{\"reason\":\"No longer needed.\"}");
    }

    /// As an administrator who asks for everything to be delivered now.
    void reconcile() throws Exception {
        String administrator = context.getBean(Tenants.class).inTenant(tenant.tenant().id(), () -> context.getBean(ApiTokens.class).issue(Actor.system("test"),
                tenant.person("admin"), "reconcile " + UUID.randomUUID(), EnumSet.allOf(Scope.class), Duration.ofDays(1))).secret();
        HttpResponse<String> answer = here.post(administrator, "/clusters/demo/reconciliation", UUID.randomUUID(), "{}");
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
    }

    /// The first column of the first row as text, read by the superuser; `?` is the tenant.
    String one(String sql) throws SQLException {
        try (PreparedStatement statement = superuser().prepareStatement(sql)) {
            statement.setObject(1, tenant.tenant().id().value());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getString(1) != null ? rows.getString(1) : "";
            }
        }
    }

    boolean settled() throws SQLException {
        return one("select count(*) from policy_object where tenant_id = ? and not (state = 'APPLIED' and applied_revision = desired_revision)").equals("0");
    }

    /// Whether a checkpoint is signed over all that was appended.
    boolean sealed() throws SQLException {
        return one("""
                select coalesce((select max(size) from audit_checkpoint where tenant_id = t), 0) = (select max(seq) from audit_entry where tenant_id = t)
                from (select ?::uuid as t) asked""").equals("t");
    }

    /// That the record, as it is exported, is whole by the program for strangers, every checkpoint of the way included.
    void verify(Path folder) throws Exception {
        Path record = folder.resolve("record-" + tenant.tenant().slug() + ".txt");
        String auditor = token("auditor");
        awaitSealed();
        String checkpoints = "select count(*) from audit_checkpoint where tenant_id = ?";
        long before = Long.parseLong(one(checkpoints));
        HttpResponse<String> export = insist(() -> here.get(auditor, "/audit/export"));
        assertThat(export.statusCode()).as(export.body()).isEqualTo(200);
        Files.writeString(record, export.body());
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        assertThat(VerifyCommand.run(List.of(record.toString()), out, out)).as(said.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(export.body().lines().filter("checkpoint"::equals).count()).isBetween(before, Long.parseLong(one(checkpoints)));
    }

    /// I7: everything granted is in the cluster within ten seconds of the end of a fault.
    void converges(String after) throws Exception {
        long end = System.nanoTime() + CONVERGES.toNanos();
        while (!settled()) {
            assertThat(System.nanoTime()).as("I7 not converged %s after %s: %s", CONVERGES, after, one("""
                    select string_agg(name || ' ' || state || ' ' || coalesce(applied_revision, 0) || '/' || desired_revision || ' ' || words, ', ')
                    from policy_object
                    where tenant_id = ?""")).isLessThan(end);
            Thread.sleep(20);
        }
    }

    /// Until a checkpoint is signed over the last entry.
    void awaitSealed() throws Exception {
        for (long end = System.nanoTime() + CONVERGES.toNanos(); !sealed(); Thread.sleep(30)) {
            assertThat(System.nanoTime()).as("not sealed after %s", CONVERGES).isLessThan(end);
        }
    }

    /// The cluster is no longer looked at.
    void retire() {
        CurrentTenant.run(tenant.tenant().id(), () -> registry().list().stream().filter(view -> view.retirement().isEmpty())
                .forEach(view -> registry().retire(Actor.system("test"), view.id(), "over")));
    }

    /// Deletes all rows of these tenants, past triggers and foreign keys.
    void forget(List<UUID> tenants) throws SQLException {
        try (Statement statement = superuser().createStatement()) {
            statement.execute("set session_replication_role = replica");
            List<String> tables = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery("""
                    select c.table_name
                    from information_schema.columns c
                    join information_schema.tables t using (table_schema, table_name)
                    where c.table_schema = 'public'
                      and c.column_name = 'tenant_id'
                      and t.table_type = 'BASE TABLE'""")) {
                while (rows.next()) {
                    tables.add("delete from " + rows.getString(1) + " where tenant_id = any (?)");
                }
            }
            tables.add("delete from tenant where id = any (?)");
            for (String sql : tables) {
                try (PreparedStatement delete = superuser().prepareStatement(sql)) {
                    delete.setArray(1, superuser().createArrayOf("uuid", tenants.toArray()));
                    delete.executeUpdate();
                }
            }
            statement.execute("set session_replication_role = origin");
        }
    }

    @Override
    public void close() throws SQLException, IOException {
        apiServer.fault(FaultProxy.Fault.NONE);
        if (!couriersHere().isRunning()) {
            couriersHere().start();
        }
        retire();
        database.close();
        apiServer.close();
        if (door.isPresent()) {
            door.get().close();
        }
        superuser.close();
        cluster.close();
    }
}
