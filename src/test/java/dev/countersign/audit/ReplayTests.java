package dev.countersign.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.adoption.Adopting;
import dev.countersign.adoption.AdoptionDesk;
import dev.countersign.approval.Decision;
import dev.countersign.approval.ReviewBoard;
import dev.countersign.audit.proof.RecordVerifier;
import dev.countersign.audit.proof.Verdict;
import dev.countersign.audit.proof.VerifierKey;
import dev.countersign.catalog.CatalogSync;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.delivery.DeliveryStop;
import dev.countersign.delivery.GitServer;
import dev.countersign.delivery.ModeChange;
import dev.countersign.delivery.ModeDesk;
import dev.countersign.delivery.PolicyKey;
import dev.countersign.delivery.RepositorySetting;
import dev.countersign.delivery.RollbackDesk;
import dev.countersign.delivery.RolloutDesk;
import dev.countersign.delivery.StopDesk;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.RolloutPlan;
import dev.countersign.grants.RolloutPlans;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.Story;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.Draft;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.Submission;
import dev.countersign.requests.Terms;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.util.ReflectionTestUtils;

/// The record is complete: folding the entries of a tenant from the first rebuilds every request, review and grant. The fold
/// reads nothing but `audit_entry.content`, with the marks of people opened.
@PortalTest
class ReplayTests {
    private static final int HISTORIES = Integer.getInteger("replay.histories", 4);
    private static final int STEPS = 60;

    @Autowired
    Story stories;

    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopFixture shops;

    @Autowired
    CatalogSync sync;

    @Autowired
    AdoptionDesk desks;

    @Autowired
    ReviewBoard board;

    @Autowired
    RequestDesk desk;

    @Autowired
    GrantLedger ledger;

    @Autowired
    StopDesk stops;

    @Autowired
    RollbackDesk rollbacks;

    @Autowired
    MeshCatalog catalog;

    @Autowired
    Sequencer sequencer;

    @Autowired
    RecordProofs proofs;

    @Autowired
    Approvals approvals;

    @Autowired
    RolloutPlans plans;

    @Autowired
    RolloutDesk rollouts;

    @Autowired
    Tenants tenants;

    @Autowired
    Pseudonyms pseudonyms;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    ApplicationContext context;

    @Value("${spring.datasource.url}")
    String url;

    @Test
    void foldingTheEntriesRebuildsEveryRequestReviewAndGrant() throws Exception {
        int grants = 0;
        int reviews = 0;
        int suspended = 0;
        long resumed = 0;
        for (int history = 0; history < HISTORIES; history++) {
            var acme = stories.begin();
            live(acme, new Random(history));
            Fold folded = Fold.of(opened(acme.id(), column(acme, "select content from audit_entry order by seq")));
            assertThat(folded.requests).isEqualTo(requests(acme));
            assertThat(folded.reviews).isEqualTo(reviews(acme));
            assertThat(folded.grants).isEqualTo(grants(acme.id()));
            assertThat(folded.suspensions).isEqualTo(suspensions(acme));
            keep("history-" + history, acme.id());
            suspended += folded.suspensions.size();
            resumed += folded.suspensions.values().stream().filter(words -> words.contains(" RESUMED: ")).count();
            grants += folded.grants.size();
            reviews += folded.reviews.size();
        }
        assertThat(grants).as("histories in which something happens").isGreaterThan(HISTORIES);
        assertThat(reviews).isGreaterThan(2 * HISTORIES);
        assertThat(suspended).isGreaterThan(1);
        assertThat(resumed).isPositive();
    }

    @Test
    void foldingTheEntriesRebuildsPlansRolloutsAndWhatTheyHold() throws Exception {
        Fixtures.TestTenant tenant = fixtures.tenant();
        TenantId id = tenant.tenant().id();
        List<String> both = List.of("demo", "west");
        try (ShopFixture.Shop _ = shops.open(tenant); ShopFixture.Shop _ = shops.open(tenant, "west")) {
            CurrentTenant.run(id, () -> {
                plans.change(fixtures.current(tenant, "admin"), 0, List.of(new RolloutPlan.Wave("One \"\u2028\\", List.of(RolloutPlan.Spot.of("demo")), Duration.ofDays(1), true),
                        new RolloutPlan.Wave("Rest", List.of(), Duration.ZERO, false)));
                long one = approvals.approve(tenant, both, "production", "order-service", "payment-service", "/a", new GrantPeriod.Permanent());
                long two = approvals.approve(tenant, both, "production", "frontend", "payment-service", "/b", new GrantPeriod.Permanent());
                approvals.approve(tenant, both, "production", "billing-service", "payment-service", "/c", new GrantPeriod.Permanent());
                rollouts.goOn(fixtures.current(tenant, "security"), one, tenants.inTenant(id, () -> rollouts.look(one)).orElseThrow().digest(), "early, says \"security\" \u2028");
                ledger.revoke(fixtures.current(tenant, "security"), tenants.inTenant(id, () -> ledger.ofRequest(two)).getLast().number(), "not there");
                plans.change(fixtures.current(tenant, "admin"), 1, List.of());
            });
            Fold folded = Fold.of(opened(id, tenants.inTenant(id, () -> jdbc.sql("select content from audit_entry order by seq").query(String.class).list())));
            assertThat(folded.grants).isEqualTo(grants(id)).hasSize(6);
            assertThat(folded.grants.values().stream().filter(grant -> grant.endsWith(" HELD"))).as("of the third request alone").hasSize(1);
            assertThat(folded.plansOfRollouts).containsExactly(Map.entry(1, " One \"\u2028\\ 1 86400 true Rest 0 0 false"), Map.entry(2, ""));
            assertThat(folded.rollouts).isEqualTo(rollouts(id)).hasSize(3);
            ByteArrayOutputStream export = export(id);
            keep("rollouts", id);
            assertThat(export.toString(StandardCharsets.UTF_8)).contains("rollout.plan-changed", "rollout.started", "rollout.wave-admitted", "rollout.continued");
            assertThat(new RecordVerifier(tenants.inTenant(id, proofs::keys).stream().map(VerifierKey::parse).toList(), List.of())
                    .verify(new ByteArrayInputStream(export.toByteArray()))).isInstanceOf(Verdict.Good.class);
        }
    }

    private Map<Long, String> rollouts(TenantId tenant) {
        Map<Long, String> rows = new TreeMap<>();
        tenants.doInTenant(tenant, () -> jdbc.sql("""
                        select o.request_number,
                               'plan ' || o.plan_version
                                   || (select string_agg('; ' || w.wave || ' ' || w.name || ':' || (select string_agg(' ' || g.number, '' order by g.number)
                                                                                                   from rollout_grant d
                                                                                                   join access_grant g on g.tenant_id = d.tenant_id and g.id = d.grant_id
                                                                                                   where d.request_id = w.request_id and d.wave = w.wave), '' order by w.wave)
                                       from rollout_wave w
                                       where w.request_id = o.request_id)
                                   || (select string_agg('; let in ' || a.wave || coalesce(' by ' || c.made_as || ': ' || c.reason, ''), '' order by a.wave)
                                       from rollout_admission a
                                       left join rollout_continuation c on c.request_id = a.request_id and c.wave = a.wave
                                       where a.request_id = o.request_id)
                        from rollout o""").query(row -> {
                            rows.put(row.getLong(1), row.getString(2));
                        }));
        return rows;
    }

    @Test
    void foldingTheEntriesRebuildsEveryStop() throws Exception {
        Fixtures.TestTenant tenant = fixtures.tenant();
        try (ShopFixture.Shop ignored = shops.open(tenant)) {
            Optional<DeliveryStop.Held> service = Optional.of(new DeliveryStop.Held("production", "payment-service"));
            CurrentTenant.run(tenant.tenant().id(), () -> {
                stops.stop(fixtures.current(tenant, "owner"), "demo", service, "A \"leak\" \u2028 \\");
                stops.release(fixtures.current(tenant, "owner"), 1, "none");
                stops.stop(fixtures.current(tenant, "security"), "demo", service, "again");
                stops.stop(fixtures.current(tenant, "admin"), "demo", Optional.empty(), "everything");
                stops.release(fixtures.current(tenant, "security"), 3, "not everything");
            });
            Map<Long, String> rows = new TreeMap<>();
            tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("""
                            select s.number, s.cluster_id || ' ' || coalesce(s.namespace, '') || '/' || coalesce(s.workload, '') || ' ' || s.made_as || ': ' || s.reason
                                       || coalesce(' RELEASED: ' || r.reason, '')
                            from delivery_stop s
                            left join delivery_stop_release r on r.tenant_id = s.tenant_id and r.stop_number = s.number""").query(row -> {
                                rows.put(row.getLong(1), row.getString(2));
                            }));
            assertThat(rows).hasSize(3);
            List<String> contents = tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select content from audit_entry order by seq").query(String.class).list());
            assertThat(Fold.of(contents).stops).isEqualTo(rows);
            keep("stops", tenant.tenant().id());
        }
    }

    /// Pushed, changed by another hand, pushed at another place, switched back.
    @Test
    void foldingTheEntriesRebuildsHowAClusterIsDelivered(@TempDir Path folder, @Autowired ModeDesk modes) throws Exception {
        Fixtures.TestTenant tenant = fixtures.tenant();
        try (ShopFixture.Shop ignored = shops.open(tenant); GitServer git = new GitServer(folder)) {
            switched(modes, tenant, git, "first");
            grant(tenant, "order-service");
            isFolded(tenant, 1, 1);
            switched(modes, tenant, git, "second");
            isFolded(tenant, 1, 1);
            grant(tenant, "billing-service");
            isFolded(tenant, 1, 2);
            for (int i = 0; i < 200 && CurrentTenant.call(tenant.tenant().id(), () -> modes.toDirect(fixtures.current(tenant, "admin"), "demo")) instanceof ModeChange.UnderWay; i++) {
                Thread.sleep(50);
            }
            assertThat(Fold.of(contents(tenant)).repositories).isEmpty();
            assertThat(Fold.of(contents(tenant)).files).isEmpty();
            keep("repositories", tenant.tenant().id());
        }
    }

    private void switched(ModeDesk modes, Fixtures.TestTenant tenant, GitServer git, String directory) throws Exception {
        for (int i = 0; i < 200 && CurrentTenant.call(tenant.tenant().id(), () -> modes.toRepository(fixtures.current(tenant, "admin"), "demo", new RepositorySetting(git.url(),
                "main", directory, "robot", Optional.of("the right password")))) instanceof ModeChange.UnderWay; i++) {
            Thread.sleep(50);
        }
    }

    private void grant(Fixtures.TestTenant tenant, String caller) {
        Draft draft = Story.draft(List.of(new AskSource.Account("production", caller)), Story.paths("/" + caller), new GrantPeriod.Permanent());
        CurrentTenant.run(tenant.tenant().id(), () -> {
            long number = ((Submission.Submitted) desk.submit(fixtures.current(tenant, "engineer"), draft)).number();
            for (String person : List.of("owner", "security", "security2")) {
                board.decide(fixtures.current(tenant, person), number, Decision.APPROVE, desk.find(number).orElseThrow().digest(), "Fine.");
            }
        });
    }

    private List<String> contents(Fixtures.TestTenant tenant) {
        return tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select content from audit_entry order by seq").query(String.class).list());
    }

    private void isFolded(Fixtures.TestTenant tenant, int repositories, long revision) throws Exception {
        Map<String, String> files = new TreeMap<>();
        for (int i = 0; i < 400 && !files.toString().contains("=" + revision + " by "); i++) {
            Thread.sleep(50);
            files.clear();
            tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("select cluster_id || ' ' || namespace || '/' || name, revision || ' by ' || commit_id from delivery_file").query(row -> {
                files.put(row.getString(1), row.getString(2));
            }));
        }
        Map<String, String> places = new TreeMap<>();
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("select cluster_id::text, url || ' ' || branch || ' ' || directory from delivery_repository").query(row -> {
            places.put(row.getString(1), row.getString(2));
        }));
        Fold folded = Fold.of(contents(tenant));
        assertThat(folded.repositories).hasSize(repositories).isEqualTo(places);
        assertThat(folded.files).hasSize(1).isEqualTo(files);
    }

    /// One is completed, one is abandoned, one was stopped by a hand that changed the object.
    @Test
    void foldingTheEntriesRebuildsEveryAdoption() throws Exception {
        Fixtures.TestTenant tenant = fixtures.tenant();
        try (ShopFixture.Shop shop = shops.open(tenant)) {
            for (String name : List.of("first", "second", "third")) {
                shop.seed("kubectl", Map.of("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy", "metadata", Map.of("namespace", "production", "name", name),
                        "spec", Map.of("selector", Map.of("matchLabels", Map.of("app", "payment-service")), "rules", List.of(Map.of(
                                "from", List.of(Map.of("source", Map.of("principals", List.of("cluster.local/ns/production/sa/order-service")))),
                                "to", List.of(Map.of("operation", Map.of("paths", List.of("/" + name)))))))));
            }
            CurrentTenant.run(tenant.tenant().id(), () -> {
                sync.syncNow(shop.ref().id());
                adopt(tenant, "first", Decision.APPROVE);
                adopt(tenant, "second", Decision.REJECT);
            });
            shop.cluster().faults().on("delete", "authorizationpolicies.security.istio.io").named("third").answer(409);
            CurrentTenant.run(tenant.tenant().id(), () -> adopt(tenant, "third", Decision.APPROVE));
            Map<Long, String> rows = adoptions(tenant);
            for (int i = 0; i < 400 && !(rows.getOrDefault(1L, "").contains("REMOVED") && rows.getOrDefault(3L, "").contains("STOPPED")); i++) {
                Thread.sleep(100);
                rows = adoptions(tenant);
            }
            assertThat(rows.get(1L)).contains("REMOVED");
            assertThat(rows.get(3L)).contains("STOPPED");
            List<String> contents = tenants.inTenant(tenant.tenant().id(), () -> jdbc.sql("select content from audit_entry order by seq").query(String.class).list());
            assertThat(Fold.of(opened(tenant.tenant().id(), contents)).adoptions).isEqualTo(rows);
            keep("adoptions", tenant.tenant().id());
        }
    }

    private ByteArrayOutputStream export(TenantId tenant) throws Exception {
        for (int i = 0; i < 200 && sequencer.seal(tenants.byId(tenant).orElseThrow()) != Sequencer.Sealed.ALL; i++) {
            Thread.sleep(20);
        }
        ByteArrayOutputStream export = new ByteArrayOutputStream();
        tenants.doInTenant(tenant, () -> proofs.export(export));
        return export;
    }

    /// With `-Drecord.keep=FOLDER` what a release wrote is kept for those after it: `GoldenRecordTests` say how.
    private void keep(String name, TenantId tenant) throws Exception {
        if (System.getProperty("record.keep") != null) {
            Path folder = Files.createDirectories(Path.of(System.getProperty("record.keep")));
            Files.write(folder.resolve(name + ".record"), export(tenant).toByteArray());
            Files.writeString(folder.resolve(name + ".fold"), Fold.of(GoldenRecordTests.contents(export(tenant).toString(StandardCharsets.UTF_8))).inWords());
        }
    }

    private List<String> opened(TenantId tenant, List<String> contents) {
        return tenants.inTenant(tenant, () -> contents.stream().map(pseudonyms::openJson).toList());
    }

    private void adopt(Fixtures.TestTenant tenant, String policy, Decision decision) {
        Terms terms = new Terms(new Justification("It has always been like that; nobody wrote it down.", Optional.empty()), new GrantPeriod.For(Duration.ofDays(30)));
        Adopting.Proposed proposed = (Adopting.Proposed) desks.propose(fixtures.current(tenant, "engineer"), new AdoptionDesk.Proposal("demo", "production", policy, terms));
        for (long request : proposed.requests()) {
            for (String person : List.of("owner", "security", "security2")) {
                board.decide(fixtures.current(tenant, person), request, decision, desk.find(request).orElseThrow().digest(), "As it always was.");
            }
        }
    }

    private Map<Long, String> adoptions(Fixtures.TestTenant tenant) {
        Map<Long, String> rows = new TreeMap<>();
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("""
                        select a.number, a.cluster_id || ' ' || a.namespace || '/' || a.name || ' ' || a.uid || ' ' || a.resource_version || ' for ' || a.workload
                                   || ' by ' || a.proposer_name
                                   || (select string_agg(' ' || r.rule || ':' || r.request_number, '' order by r.rule) from adoption_rule r where r.adoption_id = a.id)
                                   || case when m.state in ('REMOVED', 'STOPPED') then ' ' || m.state || ': ' || m.words
                                           when m.state = 'REMOVING' then ' REMOVING' else '' end
                        from adoption a
                        left join adoption_removal m on m.tenant_id = a.tenant_id and m.adoption_id = a.id""").query(row -> {
                            rows.put(row.getLong(1), row.getString(2));
                        }));
        return rows;
    }

    private void live(Story.Cast acme, Random random) throws Exception {
        List<String> people = List.copyOf(acme.tenant().persons().keySet());
        int requests = 0;
        for (int step = 0; step < STEPS; step++) {
            long number = requests == 0 ? 0 : 1 + random.nextInt(requests);
            String someone = people.get(random.nextInt(people.size()));
            switch (number == 0 ? 0 : random.nextInt(15)) {
                case 0, 1 -> {
                    acme.submit("engineer", draft(random));
                    requests++;
                }
                case 2 -> acme.in(() -> desk.revise(acme.person("engineer"), number, draft(random), OptionalInt.empty()));
                case 3 -> {
                    if (random.nextInt(3) == 0) {
                        acme.in(() -> desk.withdraw(acme.person("engineer"), number, "never mind"));
                    }
                }
                case 4 -> {
                    if (random.nextInt(3) == 0) {
                        outOfTime(acme, number);
                    }
                }
                case 5 -> acme.in(() -> ledger.revoke(acme.person(someone), 1 + random.nextInt(4), "not used, says " + someone));
                case 6 -> over(acme, 1 + random.nextInt(6), random);
                case 8 -> rollBack(acme, random);
                case 9 -> acme.in(() -> rollbacks.lookAtResuming(1 + random.nextInt(3)).map(shown ->
                        rollbacks.resume(acme.person("security"), shown.suspension().number(), shown.digest(), "none, says \"security\" \u2028")));
                case 7 -> acme.decide(someone, number, random.nextBoolean() ? Decision.REJECT : Decision.REQUEST_CHANGES, "narrower \"please\" \u2028 \\");
                default -> acme.decide(random.nextInt(3) == 0 ? someone : List.of("owner", "security", "security2").get(random.nextInt(3)), number,
                        Decision.APPROVE, random.nextBoolean() ? "" : "Fine.");
            }
        }
    }

    /// To any earlier revision, on what is shown.
    private void rollBack(Story.Cast acme, Random random) {
        PolicyKey key = new PolicyKey(tenants.inTenant(acme.id(), () -> catalog.cluster("demo").orElseThrow().id()), "production", "countersign-payment-service");
        acme.in(() -> rollbacks.look(key, 1 + random.nextInt(4)).map(shown ->
                rollbacks.rollBack(acme.person(random.nextBoolean() ? "owner" : "security"), key, shown.revision(), shown.digest(), "a \"leak\" \u2028 \\")));
    }

    private static Draft draft(Random random) {
        GrantPeriod period = random.nextInt(4) == 0 ? new GrantPeriod.Permanent() : new GrantPeriod.For(Duration.ofDays(1 + random.nextInt(90)));
        String path = "/p/" + random.nextInt(1_000_000);
        return Story.draft(List.of(new AskSource.Account(random.nextBoolean() ? "production" : "staging", "order-service")), Story.paths(path), period);
    }

    /// As if its lifetime had passed; then the job comes by.
    private void outOfTime(Story.Cast acme, long number) {
        tenants.doInTenant(acme.id(), () -> jdbc.sql("""
                        update access_request
                        set submitted_at = now() - interval '2 hours',
                            lapses_at = now() - interval '1 hour'
                        where number = ? and state in ('SUBMITTED', 'CHANGES_REQUESTED')""").param(number).update());
        ReflectionTestUtils.invokeMethod(context.getBean("lapseJob"), "everyTenant");
    }

    /// As if the grant's time had passed; then the job comes by.
    private void over(Story.Cast acme, long number, Random random) throws Exception {
        if (random.nextInt(3) > 0) {
            return;
        }
        try (Connection owner = DriverManager.getConnection(url, "postgres", "")) {
            owner.createStatement().execute("update access_grant set starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour' where tenant_id = '"
                    + acme.id() + "' and number = " + number + " and ends_at is not null");
        }
        ReflectionTestUtils.invokeMethod(context.getBean("expiryJob"), "everyTenant");
    }

    private List<String> column(Story.Cast acme, String sql) {
        return tenants.inTenant(acme.id(), () -> jdbc.sql(sql).query(String.class).list());
    }

    private Map<Long, String> requests(Story.Cast acme) {
        Map<Long, String> rows = new TreeMap<>();
        tenants.doInTenant(acme.id(), () -> jdbc.sql("""
                        select r.number, r.state || ' v' || r.version || ' ' || r.digest || ' ' || r.requester_name || ' ' || r.reason || ' ' || r.sentence
                                   || ' rules ' || p.rule_set
                        from access_request r
                        join request_plan p on p.tenant_id = r.tenant_id and p.request_id = r.id and p.version = r.version""").query(row -> {
                            rows.put(row.getLong(1), row.getString(2));
                        }));
        return rows;
    }

    private Map<Long, String> suspensions(Story.Cast acme) {
        Map<Long, String> rows = new TreeMap<>();
        tenants.doInTenant(acme.id(), () -> jdbc.sql("""
                        select s.number, s.cluster_id || ' ' || s.namespace || '/' || s.policy || ' ' || s.workload || ' from ' || s.from_revision || ' to ' || s.to_revision
                                   || ' ' || s.made_as || ':'
                                   || (select string_agg(' ' || g.number, '' order by g.number)
                                       from suspended_grant d
                                       join access_grant g on g.tenant_id = d.tenant_id and g.id = d.grant_id
                                       where d.suspension_number = s.number)
                                   || ': ' || s.reason || coalesce(' RESUMED: ' || r.reason, '')
                        from suspension s
                        left join resumption r on r.tenant_id = s.tenant_id and r.suspension_number = s.number""").query(row -> {
                            rows.put(row.getLong(1), row.getString(2));
                        }));
        return rows;
    }

    private Map<String, String> reviews(Story.Cast acme) {
        Map<String, String> rows = new TreeMap<>();
        tenants.doInTenant(acme.id(), () -> jdbc.sql("""
                        select r.number || ' v' || v.version || ' ' || v.person_id, v.decision || ' ' || v.digest || ' ' || v.comment
                        from review v
                        join access_request r on r.tenant_id = v.tenant_id and r.id = v.request_id""").query(row -> {
                            rows.put(row.getString(1), row.getString(2));
                        }));
        return rows;
    }

    private Map<Long, String> grants(TenantId tenant) {
        Map<Long, String> rows = new TreeMap<>();
        tenants.doInTenant(tenant, () -> jdbc.sql("""
                        select g.number, 'of ' || g.request_number || ' v' || g.request_version || ' ' || g.digest || ' ' || g.cluster_id || ' ' || g.trust_domain
                                   || ' ' || g.namespace || '/' || g.workload || ' ' || coalesce(e.state || ' by ' || e.actor_name || ': ' || e.reason, 'SUSPENDED ' || s.number,
                                        case when h.grant_id is not null then 'HELD' end, 'ACTIVE')
                        from access_grant g
                        left join grant_end e on e.tenant_id = g.tenant_id and e.grant_id = g.id
                        left join (select d.grant_id, d.suspension_number as number
                                   from suspended_grant d
                                   left join resumption r on r.tenant_id = d.tenant_id and r.suspension_number = d.suspension_number
                                   where r.reason is null) s on s.grant_id = g.id
                        left join (select d.grant_id
                                   from rollout_grant d
                                   left join rollout_admission a on (a.tenant_id, a.request_id, a.wave) = (d.tenant_id, d.request_id, d.wave)
                                   where a.at is null) h on h.grant_id = g.id""").query(row -> {
                            rows.put(row.getLong(1), row.getString(2));
                        }));
        return rows;
    }
}
