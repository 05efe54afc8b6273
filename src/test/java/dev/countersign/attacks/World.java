package dev.countersign.attacks;

import dev.countersign.adoption.Adopting;
import dev.countersign.adoption.AdoptionDesk;
import dev.countersign.audit.Actor;
import dev.countersign.approval.Decision;
import dev.countersign.approval.ReviewBoard;
import dev.countersign.catalog.CatalogSync;
import dev.countersign.catalog.Ownership;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.Registration;
import dev.countersign.clusters.RegistrationForm;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.delivery.DeliveryState;
import dev.countersign.delivery.DeliveryStop;
import dev.countersign.delivery.ModeChange;
import dev.countersign.delivery.ModeDesk;
import dev.countersign.delivery.RollbackDesk;
import dev.countersign.delivery.RolloutDesk;
import dev.countersign.delivery.RolloutProgress;
import dev.countersign.delivery.StopDesk;
import dev.countersign.delivery.Stopping;
import dev.countersign.demo.cluster.ClusterOptions;
import dev.countersign.demo.cluster.DemoShop;
import dev.countersign.demo.cluster.EmbeddedCluster;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.RolloutPlan;
import dev.countersign.grants.RolloutPlans;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.People;
import dev.countersign.identity.ProviderDesk;
import dev.countersign.identity.ProviderSetting;
import dev.countersign.identity.Scope;
import dev.countersign.identity.oidc.TestProvider;
import dev.countersign.notices.EventKind;
import dev.countersign.notices.WebhookChange;
import dev.countersign.notices.WebhookDesk;
import dev.countersign.notices.WebhookSetting;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.ShopFixture;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.Draft;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestSettings;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.Submission;
import dev.countersign.requests.TenantSettings;
import dev.countersign.requests.Terms;
import dev.countersign.tenancy.CurrentTenant;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/// A tenant that has one thing of every kind, in a cluster of its own, each thing with a word that stands nowhere else.
/// Recipes name the things by `$`. A kind that lands later is added here, and in the recipes that name it.
final class World implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    /// The identity provider of all worlds, for as long as the tests run.
    static final TestProvider PROVIDER = TestProvider.start();

    private final Rooms rooms;
    private final String word;
    private final TestTenant tenant;
    private final EmbeddedCluster cluster;
    private final ClusterRef ref;
    private final Map<String, String> things = new LinkedHashMap<>();
    /// The revision that its policy goes back to: the first, but in a world that is ahead.
    private long revision;

    /// The rooms that are needed to furnish it.
    record Rooms(
            Fixtures fixtures, ClusterRegistry registry, CatalogSync sync, Ownership ownership, People people, ApiTokens tokens, RequestDesk desk,
            ReviewBoard board, GrantLedger ledger, DeliveryBoard deliveries, StopDesk stops, RollbackDesk rollbacks, RolloutPlans plans, RolloutDesk rollouts, ModeDesk modes, AdoptionDesk adoptions, WebhookDesk webhooks, RequestSettings settings, ProviderDesk provider, JdbcClient jdbc,
            org.springframework.transaction.PlatformTransactionManager transactions, org.springframework.core.env.Environment environment) {
        /// The name of its database on the server of all tests.
        String database() {
            return environment.getRequiredProperty("spring.datasource.url").replaceAll(".*/", "");
        }

        static Rooms of(AutowireCapableBeanFactory beans) {
            return (Rooms) beans.autowire(Rooms.class, AutowireCapableBeanFactory.AUTOWIRE_CONSTRUCTOR, false);
        }
    }

    private World(Rooms rooms, String word) {
        this.rooms = rooms;
        this.word = word;
        tenant = rooms.fixtures().tenant();
        cluster = EmbeddedCluster.start(ClusterOptions.defaults().named(word).withUser(ShopFixture.portalUser("ns" + word)));
        new DemoShop(List.of("ns" + word), List.of(workload("caller" + word), workload("callee" + word), workload("other" + word))).openIn(cluster);
        ref = in(() -> switch (rooms.registry().register(Actor.system("test"), RegistrationForm.of("cluster" + word, cluster.kubeconfig("portal"), List.of("ns" + word)))) {
            case Registration.Registered registered -> registered.cluster();
            case Registration.Refused refused -> throw new IllegalStateException(refused.problems().toString());
        });
    }

    /// A word of the same length that nobody has.
    static String nobodys(String word) {
        return word.chars().mapToObj(c -> "tvwxz".substring((c * 7) % 5, (c * 7) % 5 + 1)).collect(java.util.stream.Collectors.joining());
    }

    private static String spelt(int count, String letters) {
        StringBuilder word = new StringBuilder();
        for (int rest = count * 7919 + 9_765_625; word.length() < 10; rest = rest / 5 + 31 * word.length()) {
            word.append(letters.charAt(rest % 5));
        }
        return word.toString();
    }

    private static DemoShop.Workload workload(String name) {
        return new DemoShop.Workload(name, Map.of("http", 8080), true);
    }

    /// - `letters`: five, of which its word is made. Worlds of other letters are not taken for it by a search that forgives errors.
    /// - `ahead`: the number of its first grant, for a world whose numbers must lie beyond those of others; 0: they begin at one.
    static World found(Rooms rooms, String letters, int ahead) {
        World world = new World(rooms, spelt(COUNT.incrementAndGet(), letters));
        CurrentTenant.run(world.tenant.tenant().id(), () -> world.furnish(ahead));
        return world;
    }

    private void furnish(int ahead) {
        Actor setup = Actor.system("test");
        cluster.seed("kubectl", List.of(foreign("foreign" + word), foreign("adopted" + word)));
        rooms.sync().syncNow(ref.id()).ifPresent(trouble -> {
            throw new IllegalStateException(trouble.toString());
        });
        String namespace = "ns" + word;
        rooms.ownership().own(setup, new WorkloadKey(ref.id(), namespace, "callee" + word), tenant.team("payments"));
        rooms.ownership().own(setup, new WorkloadKey(ref.id(), namespace, "caller" + word), tenant.team("orders"));
        rooms.ownership().own(setup, new WorkloadKey(ref.id(), namespace, "other" + word), tenant.team("payments"));
        rooms.settings().change(setup, new TenantSettings(20, "template " + word, Duration.ofDays(14), true, Duration.ofDays(366)));
        // Numbers count within a tenant: every world begins elsewhere, so that no number of one is a number of another.
        begin(70_000L * COUNT.get());
        if (ahead > 0) {
            long first = submit("/first/" + word);
            decide("owner", first, Decision.APPROVE);
            begin("update access_grant set number = " + ahead + " where tenant_id = '" + tenant.tenant().id() + "'");
            transacted(() -> {
                for (int entry = 0; entry < 150; entry++) {
                    rooms.people().join(setup, tenant.team("payments"), tenant.person("auditor"));
                    rooms.people().leave(setup, tenant.team("payments"), tenant.person("auditor"));
                }
                return true;
            });
        }
        long approved = submit("/approved/" + word);
        decide("owner", approved, Decision.APPROVE);
        long rejected = submit("/rejected/" + word);
        decide("owner", rejected, Decision.REJECT);
        long open = submit("/open/" + word);
        long another = submit("/another/" + word);
        long adoption = adopt("adopted" + word);
        UUID person = people("person" + word, "Name " + word);
        UUID gone = people("gone" + word, "Gone " + word);
        UUID crew = transacted(() -> {
            rooms.people().deactivate(setup, gone);
            UUID team = rooms.people().createTeam(setup, "team" + word, "Crew " + word);
            rooms.people().join(setup, team, person);
            return team;
        });
        provide();
        things.put("tenant", tenant.tenant().slug());
        things.put("person", "person" + word);
        things.put("personId", person.toString());
        things.put("gone", "gone" + word);
        things.put("team", "team" + word);
        things.put("teamId", crew.toString());
        things.put("token", token(person, "token" + word).toString());
        things.put("mytoken", token(tenant.person("engineer"), "mytoken" + word).toString());
        things.put("cluster", ref.name());
        things.put("clusterId", ref.id().toString());
        things.put("namespace", namespace);
        things.put("account", "caller" + word);
        things.put("workload", "callee" + word);
        things.put("request", Long.toString(open));
        things.put("another", Long.toString(another));
        things.put("rejected", Long.toString(rejected));
        things.put("approved", Long.toString(approved));
        things.put("digest", rooms.desk().find(open).orElseThrow().digest());
        things.put("effect", rooms.desk().foresight(open).flatMap(dev.countersign.requests.Foresight::effect).orElseThrow().digest());
        things.put("grant", Long.toString(rooms.ledger().ofRequest(approved).getFirst().number()));
        things.put("policy", policy(approved));
        begin("insert into delivery_stop (tenant_id, number, cluster_id, cluster_name, namespace, workload, made_as, reason, actor_kind, actor_id, actor_name) values ('"
                + tenant.tenant().id() + "', " + 70_000L * COUNT.get() + ", '" + ref.id() + "', 'gone', 'gone', 'gone', 'SECURITY', 'none', 'SYSTEM', 'test', 'test')");
        things.put("stop", Long.toString(stop()));
        rollBack();
        things.put("other", "other" + word);
        things.put("foreign", "foreign" + word);
        things.put("adoption", Long.toString(adoption));
        things.put("entry", Long.toString(transacted(() -> rooms.jdbc().sql("select max(seq) from audit_entry").query(Long.class).single())));
        things.put("reason", "reason " + word);
        things.put("rules", "0");
        things.put("plan", "1");
        things.put("until", Instant.now().plus(60, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS).toString());
        things.put("before", "999999999");
        things.put("after", "");
        things.put("etag", "*");
        hook();
        things.put("kubeconfig", cluster.kubeconfig("portal").replaceAll("127\\.0\\.0\\.1:[0-9]+", "127.0.0.1:1"));
    }

    /// A webhook for what never happens here, at an address where nobody listens, with a dead letter.
    private void hook() {
        if (!(in(() -> rooms.webhooks().register(rooms.fixtures().current(tenant, "admin"), new WebhookSetting("Hook " + word, "http://127.0.0.1:9/hook/" + word,
                Set.of(EventKind.REPOSITORY_RESUMED.type())))) instanceof WebhookChange.Registered)) {
            throw new IllegalStateException("the webhook was refused");
        }
        long number = 70_000L * COUNT.get();
        begin("update webhook set number = " + number + " where tenant_id = '" + tenant.tenant().id() + "'");
        begin("insert into webhook_delivery (tenant_id, webhook_id, seq, kind, body, state, attempts) select tenant_id, id, " + things.get("entry")
                + ", 'request.submitted', '{\"data\": \"letter " + word + "\"}', 'DEAD', 9 from webhook where tenant_id = '" + tenant.tenant().id() + "'");
        things.put("webhook", Long.toString(number));
        things.put("letter", things.get("entry"));
    }

    /// An identity provider, by which the administrator comes in, and a code for somebody else.
    private void provide() {
        var admin = rooms.fixtures().current(tenant, "admin");
        boolean set = in(() -> rooms.provider().set(admin, provider())) instanceof ProviderDesk.Setting.Stored;
        boolean enabled = in(() -> rooms.provider().enable(admin)) instanceof dev.countersign.identity.Administering.Done;
        if (!set || !enabled || !(in(() -> rooms.provider().makeCode(admin, "person" + word)) instanceof dev.countersign.identity.Administering.LinkCode)) {
            throw new IllegalStateException("the identity provider was refused");
        }
        transacted(() -> rooms.jdbc().sql("insert into person_link (tenant_id, person_id, issuer, subject) values (?, ?, ?, ?)")
                .params(tenant.tenant().id().value(), tenant.person("admin"), PROVIDER.issuer(), "subject " + word).update());
    }

    private ProviderSetting provider() {
        return new ProviderSetting(PROVIDER.issuer(), TestProvider.CLIENT_ID, "secret " + word, "Provider " + word, "http://localhost", "12");
    }

    /// A plan; and a request of two waves, the first of which waits for a person. What is granted next takes the second out of the policy. Its grants are of one cluster: no request of this world has two.
    private void roll() {
        if (!(in(() -> rooms.plans().change(rooms.fixtures().current(tenant, "admin"), 0, List.of(
                new RolloutPlan.Wave("canary " + word, List.of(RolloutPlan.Spot.of(ref.name() + "/ns" + word)), Duration.ofHours(1), true),
                new RolloutPlan.Wave("rest " + word, List.of(), Duration.ZERO, false)))) instanceof RolloutPlan.Change.Changed)) {
            throw new IllegalStateException("the plan was refused");
        }
        long first = granted("/first/wave/" + word);
        long rolling = submit("/rolling/" + word);
        decide("owner", rolling, Decision.APPROVE);
        String of = " from access_request where tenant_id = '" + tenant.tenant().id() + "' and number = " + rolling;
        begin("insert into rollout (tenant_id, request_id, request_number, plan_version) select tenant_id, id, number, 1" + of);
        begin("insert into rollout_wave (tenant_id, request_id, wave, name, pause_seconds, by_person, state, delivered_at) select tenant_id, id, 1, 'canary " + word
                + "', 0, true, 'WAITING_FOR_PERSON', now()" + of);
        begin("insert into rollout_wave (tenant_id, request_id, wave, name, pause_seconds, by_person, state) select tenant_id, id, 2, 'rest " + word + "', 0, false, 'WAITING'" + of);
        begin("insert into rollout_admission (tenant_id, request_id, wave) select tenant_id, id, 1" + of);
        begin("insert into rollout_grant (tenant_id, grant_id, request_id, wave) select g.tenant_id, g.id, r.id, case when g.number = " + first + " then 1 else 2 end"
                + " from access_grant g join access_request r on r.tenant_id = g.tenant_id and r.number = " + rolling + " where g.tenant_id = '" + tenant.tenant().id()
                + "' and (g.number = " + first + " or g.request_number = " + rolling + ")");
        things.put("rolling", Long.toString(rolling));
    }

    /// The policy goes back to the revision of its first grant, and is opened again for a later one: there is something to lift, and
    /// something to suspend.
    private void rollBack() {
        revision = rooms.deliveries().revisions(key()).getFirst().number();
        granted("/suspended/" + word);
        begin("insert into suspension (tenant_id, number, cluster_id, cluster_name, namespace, workload, policy, from_revision, to_revision, made_as, reason, actor_kind, actor_id, actor_name)"
                + " select tenant_id, " + 70_000L * COUNT.get() + ", cluster_id, 'gone', namespace, 'gone', name, number + 1, number, 'SECURITY', 'none', 'SYSTEM', 'test', 'test' from revision"
                + " where cluster_id = '" + ref.id() + "' and number = " + revision);
        if (!(in(() -> rooms.rollbacks().rollBack(rooms.fixtures().current(tenant, "security"), key(), revision, seen(), "The suspension " + word + "."))
                instanceof dev.countersign.delivery.RollingBack.Suspended(long number))) {
            throw new IllegalStateException("the roll back was refused");
        }
        things.put("suspension", Long.toString(number));
        roll();
        granted("/later/" + word);
        settle();
        awaitRound();
        look();
    }

    /// A round over the rollouts that saw deliveries under way says so of the first wave, and the next one, some seconds later, that it waits for a
    /// person: until then something of this world would change by itself.
    private void awaitRound() {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
        while (transacted(() -> rooms.jdbc().sql("select count(*) from rollout_wave where wave = 1 and state = 'WAITING_FOR_PERSON' and words = ''").query(Long.class).single()) == 0) {
            if (Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("the rollout does not wait for a person: " + transacted(() -> rooms.jdbc().sql("select wave, state, words from rollout_wave").query().listOfRows()));
            }
            java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    /// The digests of what a roll back, a resumption and a continuation would do now.
    Map<String, String> look() {
        things.put("rollback", seen());
        things.put("continuing", continuing());
        things.put("resuming", in(() -> rooms.rollbacks().lookAtResuming(Long.parseLong(things.get("suspension")))).map(dev.countersign.delivery.Resuming::digest).orElse("gone"));
        return things;
    }

    private String continuing() {
        return in(() -> rooms.rollouts().look(Long.parseLong(things.get("rolling")))).map(RolloutProgress::digest).orElse("gone");
    }

    private String seen() {
        return in(() -> rooms.rollbacks().look(key(), revision)).orElseThrow().digest();
    }

    private dev.countersign.delivery.PolicyKey key() {
        return new dev.countersign.delivery.PolicyKey(ref.id(), "ns" + word, things.get("policy"));
    }

    /// As the superuser: there is no way in the program to give a number.
    private void begin(String sql) {
        try (var connection = dev.countersign.portal.TestDatabase.server().connect(rooms.database()); var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What was aged lapses now, as a job would let it within a minute: nothing of it changes later, while somebody compares.
    void lapse() {
        begin("update access_request set state = 'LAPSED', row_version = row_version + 1 where tenant_id = '" + tenant.tenant().id()
                + "' and state in ('SUBMITTED', 'CHANGES_REQUESTED') and lapses_at <= now()");
    }

    private void begin(long number) {
        transacted(() -> rooms.jdbc().sql("insert into request_counter (tenant_id, last_number) values (?, ?)").params(tenant.tenant().id().value(), number).update());
    }

    long submit(String path) {
        return in(() -> switch (rooms.desk().submit(rooms.fixtures().current(tenant, "engineer"), draft(path))) {
            case Submission.Submitted(long number) -> number;
            case Submission.Refused(var foresight) -> throw new IllegalStateException("refused: " + foresight.refusals());
        });
    }

    /// A policy that nobody gave their word for, on a workload that nothing else is about.
    private Map<String, Object> foreign(String name) {
        return Map.of("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy", "metadata", Map.of("namespace", "ns" + word, "name", name),
                "spec", Map.of("selector", Map.of("matchLabels", Map.of("app", "other" + word)), "action", "ALLOW", "rules", List.of(Map.of(
                        "from", List.of(Map.of("source", Map.of("principals", List.of("cluster.local/ns/ns" + word + "/sa/caller" + word)))),
                        "to", List.of(Map.of("operation", Map.of("methods", List.of("GET"), "paths", List.of("/" + name))))))));
    }

    /// Proposed, and given a number that no other world has.
    private long adopt(String policy) {
        Terms terms = new Terms(new Justification("The reason " + word + ": nobody wrote down why.", Optional.of("PAY-1432")), new GrantPeriod.For(Duration.ofDays(20)));
        if (!(in(() -> rooms.adoptions().propose(rooms.fixtures().current(tenant, "engineer"), new AdoptionDesk.Proposal(ref.name(), "ns" + word, policy, terms)))
                instanceof Adopting.Proposed(long ignored, var requests))) {
            throw new IllegalStateException("the adoption of " + policy + " was refused");
        }
        long number = 70_000L * COUNT.get() + requests.getFirst();
        begin("update adoption set number = " + number + " where tenant_id = '" + tenant.tenant().id() + "'");
        return number;
    }

    private Draft draft(String path) {
        ServiceAccess ask = new ServiceAccess(List.of(ref.name()), List.of(new AskSource.Account("ns" + word, "caller" + word)),
                AskTarget.workload("ns" + word, "callee" + word), List.of(GrantedOperation.of(List.of("POST"), List.of(path))), List.of());
        return new Draft(ask, new Justification("The reason " + word + ": checkout settles card payments.", Optional.of("PAY-1432")), new GrantPeriod.For(Duration.ofDays(20)));
    }

    void revise(long number, String path) {
        in(() -> rooms.desk().revise(rooms.fixtures().current(tenant, "engineer"), number, draft(path), java.util.OptionalInt.empty()));
    }

    void withdraw(long number) {
        in(() -> rooms.desk().withdraw(rooms.fixtures().current(tenant, "engineer"), number, "not needed"));
    }

    dev.countersign.requests.RequestView view(long number) {
        return in(() -> rooms.desk().find(number)).orElseThrow();
    }

    /// The number of the grant of a request that its owner approved.
    long granted(String path) {
        long number = submit(path);
        decide("owner", number, Decision.APPROVE);
        return in(() -> rooms.ledger().ofRequest(number)).getFirst().number();
    }

    /// The number of a stop over a workload that nothing is delivered to; of the one that holds, where it is stopped already.
    long stop() {
        Optional<DeliveryStop.Held> caller = Optional.of(new DeliveryStop.Held("ns" + word, "caller" + word));
        return switch (in(() -> rooms.stops().stop(rooms.fixtures().current(tenant, "security"), ref.name(), caller, "The stop " + word + "."))) {
            case Stopping.Stopped(long number) -> number;
            case Stopping.Already(long number, String ignored) -> number;
            case Stopping other -> throw new IllegalStateException(other.toString());
        };
    }

    /// Releases every stop, and has the portal write to the cluster itself: what was approved is delivered again.
    void goOn() {
        for (int i = 0; in(() -> rooms.modes().toDirect(rooms.fixtures().current(tenant, "admin"), ref.name())) instanceof ModeChange.UnderWay under; i++) {
            if (i == 1_000) {
                throw new IllegalStateException(under.message());
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        in(() -> rooms.stops().list(Optional.empty(), Optional.of(true), Optional.empty(), 100)).forEach(stop ->
                in(() -> rooms.stops().release(rooms.fixtures().current(tenant, "security"), stop.number(), "over")));
    }

    String database() {
        return rooms.database();
    }

    void decide(String username, long number, Decision decision) {
        in(() -> rooms.board().decide(rooms.fixtures().current(tenant, username), number, decision, rooms.desk().find(number).orElseThrow().digest(), "comment " + word));
    }

    UUID people(String username, String name) {
        return people(username, name, "password " + word);
    }

    UUID people(String username, String name, String password) {
        return in(() -> transacted(() -> rooms.people().create(Actor.system("test"), username, name, Optional.of(password), Set.of())));
    }

    UUID token(UUID person, String name) {
        return in(() -> transacted(() -> rooms.tokens().issue(Actor.system("test"), person, name, Set.of(Scope.READ), Duration.ofDays(1)).id()));
    }

    /// What was approved last is in the cluster: nothing moves by itself any more.
    private void settle() {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
        while (!rooms.deliveries().forCluster(ref.id()).stream().allMatch(one -> one.state() == DeliveryState.APPLIED && one.appliedRevision().equals(Optional.of(one.desiredRevision())))) {
            if (Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("what was approved was not applied in time");
            }
            java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        sync();
    }

    private String policy(long request) {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
        while (Instant.now().isBefore(deadline)) {
            Optional<DeliveryBoard.Standing> standing = rooms.deliveries().forRequest(request).stream().filter(one -> one.state() == DeliveryState.APPLIED).findFirst();
            if (standing.isPresent()) {
                return standing.get().name();
            }
            java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        throw new IllegalStateException("the policy of request " + request + " was not applied in time");
    }

    /// Several more of everything that is listed, for whoever asks whether a page costs more with more rows.
    void grow(int times) {
        Actor setup = Actor.system("test");
        in(() -> {
            for (int i = 0; i < times; i++) {
                String more = "more" + i + word;
                UUID person = people(more, "More " + i);
                transacted(() -> {
                    UUID team = rooms.people().createTeam(setup, more, "More " + more);
                    rooms.people().join(setup, team, person);
                    rooms.people().join(setup, UUID.fromString(things.get("teamId")), person);
                    rooms.people().join(setup, tenant.team("payments"), person);
                    return team;
                });
                token(tenant.person("engineer"), more);
                token(person, more);
                submit("/more/open/" + i);
                decide("owner", submit("/more/rejected/" + i), Decision.REJECT);
                decide("owner", submit("/more/approved/" + i), Decision.APPROVE);
            }
            return true;
        });
    }

    <T> T in(java.util.function.Supplier<T> work) {
        return CurrentTenant.call(tenant.tenant().id(), work::get);
    }

    <T> T transacted(java.util.function.Supplier<T> work) {
        return new org.springframework.transaction.support.TransactionTemplate(rooms.transactions()).execute(status -> work.get());
    }

    TestTenant tenant() {
        return tenant;
    }

    /// The word in everything that a person or a cluster of this tenant named.
    String word() {
        return word;
    }

    Map<String, String> things() {
        things.put("fresh", "fresh" + COUNT.incrementAndGet());
        return Map.copyOf(things);
    }

    EmbeddedCluster cluster() {
        return cluster;
    }

    /// Lists the cluster anew, as the portal does by itself now and then.
    void sync() {
        in(() -> rooms.sync().syncNow(ref.id())).ifPresent(trouble -> {
            throw new IllegalStateException(trouble.toString());
        });
    }

    @Override
    public void close() {
        CurrentTenant.run(tenant.tenant().id(), () -> rooms.registry().retire(Actor.system("test"), ref.id(), "the test is over"));
        cluster.close();
    }
}
