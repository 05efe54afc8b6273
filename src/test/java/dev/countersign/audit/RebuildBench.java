package dev.countersign.audit;

import dev.countersign.bench.BenchPortal;
import dev.countersign.bench.Spread;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.TestDatabase;
import dev.countersign.tenancy.Tenants;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;

/// L7: the read models of requests and grants are folded from the entries alone (`Fold`, the fold of `ReplayTests`, where whole histories
/// are compared), against a loop that reads the same entries and does nothing with them, in turns. The history of
/// `-Dl7.requests=300` approved requests is read `-Dl7.times=20` times from PostgreSQL, its marks of people unopened; once, opened, what
/// was folded is compared with the tables of grants.
///
/// Last line: `L7 entries/s, ratio to the reading, verdict`; the target, 10 million in 120 s, is 83,333 a second.
public final class RebuildBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int REQUESTS = Integer.getInteger("l7.requests", QUICK ? 40 : 300);
    private static final int TIMES = Integer.getInteger("l7.times", QUICK ? 5 : 20);
    private static final int ROUNDS = QUICK ? 2 : 5;

    private RebuildBench() {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("countersign.catalog.watch", "false"))) {
            Fixtures.TestTenant tenant = portal.bean(Fixtures.class).tenant();
            String url = portal.property("spring.datasource.url");
            try (ShopFixture.Shop _ = portal.bean(ShopFixture.class).open(tenant);
                    Connection look = TestDatabase.server().connect(url.substring(url.lastIndexOf('/') + 1))) {
                for (int i = 0; i < REQUESTS; i++) {
                    portal.bean(Approvals.class).approve(tenant, "order-service", "payment-service", "/things-" + i % 40 + "/*");
                }
                run(portal, tenant, look);
            }
        }
        System.exit(0);
    }

    private static void run(BenchPortal portal, Fixtures.TestTenant tenant, Connection look) throws Exception {
        Pseudonyms pseudonyms = portal.bean(Pseudonyms.class);
        List<String> contents = read(look, tenant);
        Map<Long, String> folded = portal.bean(Tenants.class).inTenant(tenant.tenant().id(), () -> Fold.of(contents.stream().map(pseudonyms::openJson).toList())).grants;
        boolean equal = folded.equals(grants(portal, tenant)) && folded.size() == REQUESTS;
        double[] rates = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        for (int round = -1; round < ROUNDS; round++) {
            long start = System.nanoTime();
            long count = 0;
            for (int i = 0; i < TIMES; i++) {
                count += read(look, tenant).size();
            }
            double reading = count / ((System.nanoTime() - start) / 1e9);
            start = System.nanoTime();
            count = 0;
            for (int i = 0; i < TIMES; i++) {
                List<String> entries = read(look, tenant);
                Fold.of(entries);
                count += entries.size();
            }
            double rate = count / ((System.nanoTime() - start) / 1e9);
            System.out.printf(Locale.ROOT, "round %d: %d entries: read %.0f/s, read and folded %.0f/s, ratio %.2f%n", round, count, reading, rate, rate / reading);
            if (round >= 0) {
                rates[round] = rate;
                ratios[round] = rate / reading;
            }
        }
        double rate = new Spread(rates).median();
        System.out.println("ratios: " + new Spread(ratios) + "; the folded grants are " + (equal ? "those of the tables" : "NOT those of the tables"));
        System.out.printf(Locale.ROOT, "L7 %.0f/s %.2f %s%n", rate, new Spread(ratios).median(), equal && rate >= 10_000_000 / 120.0 ? "met" : "missed");
    }

    private static List<String> read(Connection look, Fixtures.TestTenant tenant) throws Exception {
        List<String> contents = new ArrayList<>();
        try (PreparedStatement statement = look.prepareStatement("select content from audit_entry where tenant_id = ? order by seq")) {
            statement.setObject(1, tenant.tenant().id().value());
            ResultSet rows = statement.executeQuery();
            while (rows.next()) {
                contents.add(rows.getString(1));
            }
        }
        return contents;
    }

    private static Map<Long, String> grants(BenchPortal portal, Fixtures.TestTenant tenant) {
        Map<Long, String> rows = new TreeMap<>();
        portal.bean(Tenants.class).doInTenant(tenant.tenant().id(), () -> portal.bean(JdbcClient.class).sql("""
                        select g.number, 'of ' || g.request_number || ' v' || g.request_version || ' ' || g.digest || ' ' || g.cluster_id || ' ' || g.trust_domain
                                   || ' ' || g.namespace || '/' || g.workload || ' ACTIVE'
                        from access_grant g""").query(row -> {
                            rows.put(row.getLong(1), row.getString(2));
                        }));
        return rows;
    }
}
