package dev.countersign.bench;

import dev.countersign.clusters.ClusterRef;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.requests.AskJson;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.Place;
import dev.countersign.requests.ServiceAccess;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Fills `access_request` with generated requests of 200 tenants, straight into the table. One tenant, that of the fixtures, has
/// a twentieth of them; the others share the rest. Two connections fill at once; the indexes are built afterwards.
final class ManyRequests {
    static final int TENANTS = 200;
    private static final List<String> INDEXES = List.of(
            "create index access_request_by_state on access_request (tenant_id, state, number)",
            "create index access_request_by_requester on access_request (tenant_id, requester_id, number)",
            "create index access_request_by_target on access_request (tenant_id, target_namespace, target_workload, number)",
            "create index access_request_by_namespaces on access_request using gin (namespaces)",
            "create index access_request_by_words on access_request using gin (words)",
            "create index access_request_by_lapse on access_request (tenant_id, lapses_at) where state in ('SUBMITTED', 'CHANGES_REQUESTED')");

    private ManyRequests() {}

    interface Connecting {
        Connection connect() throws SQLException;
    }

    /// Brings the table from `before` to `after` rows. Answers how many seconds that took.
    static double fill(Connecting database, TestTenant tenant, long before, long after) throws Exception {
        long start = System.nanoTime();
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.execute("insert into tenant (id, slug, name) select gen_random_uuid(), 'many-' || n, 'Many ' || n from generate_series(1, "
                    + (TENANTS - 1) + ") n on conflict do nothing");
            // Asking by these is no part of the rows under test; what a page needs stays: the keys.
            for (String index : INDEXES) {
                statement.execute("drop index if exists " + index.split(" ")[2]);
            }
        }
        Thread[] hands = new Thread[2];
        Exception[] failures = new Exception[hands.length];
        for (int hand = 0; hand < hands.length; hand++) {
            int mine = hand;
            hands[hand] = Thread.ofPlatform().start(() -> {
                try {
                    fill(database, tenant, before, after, mine);
                } catch (SQLException | RuntimeException e) {
                    failures[mine] = e;
                }
            });
        }
        for (Thread hand : hands) {
            hand.join();
        }
        for (Exception failure : failures) {
            if (failure != null) {
                throw failure;
            }
        }
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.execute("set maintenance_work_mem = '512MB'");
            for (String index : INDEXES) {
                statement.execute(index);
            }
            statement.execute("vacuum (analyze) access_request");
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static void fill(Connecting database, TestTenant tenant, long before, long after, int hand) throws SQLException {
        try (Connection connection = database.connect(); Statement settings = connection.createStatement()) {
            settings.execute("set session_replication_role = replica");
            settings.execute("set synchronous_commit = off");
            // The big tenant by one hand, the others by both, in the order in which they would have come.
            if (hand == 0) {
                insert(connection, "select id, 0 as share from tenant where id = ?", tenant, before / 20 + 1, after / 20);
            }
            for (long from = others(before) + 1; from <= others(after); from += 2_000) {
                insert(connection, "select id, 0 as share from tenant where id <> ? and slug like 'many-%' and hashtext(slug) % 2 " + (hand == 0 ? "= 0" : "<> 0"),
                        tenant, from, Math.min(from + 1_999, others(after)));
            }
        }
    }

    private static long others(long rows) {
        return (rows - rows / 20) / (TENANTS - 1);
    }

    private static void insert(Connection connection, String tenants, TestTenant tenant, long from, long to) throws SQLException {
        UUID engineer = tenant.person("engineer");
        ServiceAccess ask = new ServiceAccess(List.of("demo"), List.of(new AskSource.Account("production", "order-service")),
                AskTarget.workload("production", "payment-service"),
                List.of(GrantedOperation.of(List.of("POST"), List.of("/api/v1/payments/*"))), List.of());
        String place = AskJson.write(new Place(new ClusterRef(new UUID(1, 1), "demo"), "cluster.local",
                new TargetWorkload("production", "payment-service", Map.of("app", "payment-service"))));
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into access_request (tenant_id, id, number, state, version, digest, requester_id, requester_name, reason, ticket, grant_minutes, kind, ask,
                                            places, sentence, target_namespace, target_workload, namespaces, submitted_at, lapses_at)
                select t.id, uuidv7(), n, case mod(n, 7) when 0 then 'REJECTED' when 1 then 'SUBMITTED' else 'APPROVED' end, 1, 'sha256:' || repeat('0', 64), ?,
                       'engineer@tenant', 'Checkout number ' || n || ' settles card payments', 'PAY-' || n, 129600, 'SERVICE_ACCESS', ?, ?,
                       'order-service asks to POST /api/v1/payments/* on payment-service for 90 days', 'production', 'payment-service', '{production}',
                       now() - make_interval(secs => (? - n)), now() + interval '14 days'
                from generate_series(?::bigint, ?::bigint) n
                cross join (%s) t""".formatted(tenants))) {
            statement.setObject(1, engineer);
            statement.setString(2, AskJson.write(ask));
            statement.setString(3, "[" + place + "]");
            statement.setLong(4, to);
            statement.setLong(5, from);
            statement.setLong(6, to);
            statement.setObject(7, tenant.tenant().id().value());
            statement.executeUpdate();
        }
    }
}
