package dev.countersign.requests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.audit.Actor;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.Target;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopCatalog;
import dev.countersign.tenancy.Tenants;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@PortalTest
class RequestDeskTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopCatalog catalog;

    @Autowired
    RequestDesk desk;

    @Autowired
    RequestProgress progress;

    @Autowired
    LapseJob lapse;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private TestTenant tenant;
    private ShopCatalog.Shop shop;
    private CurrentPerson engineer;

    @BeforeEach
    void openShop() {
        tenant = fixtures.tenant();
        shop = catalog.open(tenant);
        engineer = fixtures.current(tenant, "engineer");
    }

    private <T> T in(Supplier<T> work) {
        return tenants.inTenant(tenant.tenant().id(), work);
    }

    private Submission submit(Asks body) {
        return in(() -> desk.submit(engineer, body.draft()));
    }

    private long submitted(Asks body) {
        return ((Submission.Submitted) submit(body)).number();
    }

    private Foresight preview(Asks body) {
        return in(() -> desk.preview(engineer, body.draft()));
    }

    private RequestView view(long number) {
        return in(() -> desk.find(number)).orElseThrow();
    }

    private List<String> auditKinds() {
        return in(() -> jdbc.sql("select kind from audit_entry where kind <> 'request.planned' and kind like 'request.%' order by seq").query(String.class).list());
    }

    // ---- submitting

    @Test
    void aRequestIsStoredAsItWasAsked() {
        RequestView view = view(submitted(Asks.body()));
        assertThat(view.number()).isEqualTo(1);
        assertThat(view.state()).isEqualTo(RequestState.SUBMITTED);
        assertThat(view.version()).isEqualTo(1);
        assertThat(view.ask()).isEqualTo(Asks.body().ask());
        assertThat(view.requester().name()).isEqualTo("engineer@" + tenant.tenant().slug());
        assertThat(view.justification().ticket()).contains("PAY-1432");
        assertThat(view.places()).singleElement().satisfies(place -> {
            assertThat(place.cluster()).isEqualTo(shop.demo());
            assertThat(place.target().selector()).containsEntry("app", "payment-service");
        });
        assertThat(view.lapsesAt()).isEqualTo(view.submittedAt().plus(TenantSettings.DEFAULT.requestLifetime()));
        assertThat(auditKinds()).containsExactly("request.submitted");
    }

    @Test
    void theDigestCoversWhatIsDecidedAndNothingElse() {
        RequestView view = view(submitted(Asks.body()));
        Draft draft = Asks.body().draft();
        assertThat(view.digest()).isEqualTo(RequestDigest.of(1, 1, draft, view.places()))
                .matches("sha256:[0-9a-f]{64}");
        assertThat(RequestDigest.of(2, 1, draft, view.places())).isNotEqualTo(view.digest());
        assertThat(RequestDigest.of(1, 2, draft, view.places())).isNotEqualTo(view.digest());
        assertThat(RequestDigest.of(1, 1, draft, List.of())).isNotEqualTo(view.digest());
        for (Asks other : List.of(Asks.body().permanent(), Asks.body().with("/grantFor", "P91D"), Asks.body().wholeService(),
                Asks.body().with("/justification/reason", "Another reason, long enough."), Asks.body().without("/justification/ticket"))) {
            assertThat(RequestDigest.of(1, 1, other.draft(), view.places())).isNotEqualTo(view.digest());
        }
    }

    @Test
    void numbersHaveNoGapsUnderConcurrencyAndFailure() throws Exception {
        int tries = 24;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> work = IntStream.range(0, tries).<Callable<Boolean>>mapToObj(i -> () -> {
                try {
                    return in(() -> {
                        desk.submit(engineer, Asks.body().draft());
                        if (i % 4 == 0) {
                            throw new IllegalStateException("rolled back");
                        }
                        return true;
                    });
                } catch (IllegalStateException rolledBack) {
                    return false;
                }
            }).toList();
            threads.invokeAll(work).forEach(done -> {});
        }
        List<Long> numbers = in(() -> jdbc.sql("select number from access_request order by number").query(Long.class).list());
        assertThat(numbers).isEqualTo(LongStream.rangeClosed(1, tries - tries / 4).boxed().toList());
    }

    @Test
    void aDoubleClickGivesOneRequest() throws Exception {
        CyclicBarrier together = new CyclicBarrier(8);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Submission>> clicks = IntStream.range(0, 8).<Callable<Submission>>mapToObj(i -> () -> {
                together.await();
                return in(() -> desk.submitOnce(engineer, "key-of-the-form", Asks.body().draft()));
            }).toList();
            for (var click : threads.invokeAll(clicks)) {
                assertThat(click.get()).isEqualTo(new Submission.Submitted(1));
            }
        }
        assertThat(in(() -> desk.list(RequestFilter.ALL, Optional.empty(), 50)).requests()).hasSize(1);
        assertThat(in(() -> desk.submitOnce(fixtures.current(tenant, "security"), "key-of-the-form", Asks.body().draft())))
                .as("a key belongs to its person").isEqualTo(new Submission.Submitted(2));
    }

    @Test
    void aRefusedFormKeepsItsKey() {
        assertThat(in(() -> desk.submitOnce(engineer, "k", Asks.body().with("/ask/to/workload", "nothing").draft())))
                .isInstanceOf(Submission.Refused.class);
        assertThat(in(() -> desk.submitOnce(engineer, "k", Asks.body().draft()))).isEqualTo(new Submission.Submitted(1));
    }

    // ---- refusing, each beside what is not refused

    @Test
    void whatDoesNotExistIsRefusedWhereItIsNamed() {
        assertThat(refusals(Asks.body().with("/ask/clusters", List.of("west")))).containsExactly("/ask/clusters");
        assertThat(refusals(Asks.body().with("/ask/to/namespace", "elsewhere"))).containsExactly("/ask/to/namespace");
        assertThat(refusals(Asks.body().with("/ask/to/workload", "nothing"))).containsExactly("/ask/to/workload");
        assertThat(refusals(Asks.body().from(Asks.source("production", "nobody")))).containsExactly("/ask/from/0/serviceAccount");
        assertThat(refusals(Asks.body().from(Asks.source("elsewhere", "*")))).containsExactly("/ask/from/0/namespace");
        assertThat(refusals(Asks.body())).isEmpty();
        assertThat(auditKinds()).isEmpty();
    }

    @Test
    void aNamespaceOfAnotherTenantIsAsIfItDidNotExist() {
        TestTenant other = fixtures.tenant();
        ShopCatalog.Shop theirs = catalog.open(other);
        theirs.add(theirs.demo(), "secret", "vault", Optional.empty(), Membership.SIDECAR);
        FieldProblem foreign = preview(Asks.body().with("/ask/to/namespace", "secret").with("/ask/to/workload", "vault")).refusals().getFirst();
        FieldProblem missing = preview(Asks.body().with("/ask/to/namespace", "nowhere").with("/ask/to/workload", "vault")).refusals().getFirst();
        assertThat(foreign.message().replace("secret", "nowhere")).isEqualTo(missing.message());
    }

    @Test
    void theTenantsRulesAreHeld() {
        assertThat(refusals(Asks.body().with("/justification/reason", "short"))).containsExactly("/justification/reason");
        assertThat(refusals(Asks.body().with("/grantFor", "P367D"))).containsExactly("/grantFor");
        assertThat(refusals(Asks.body().with("/grantFor", "P366D"))).isEmpty();
        assertThat(refusals(Asks.body().permanent().with("/until", "2001-01-01T00:00:00Z"))).containsExactly("/until");
        assertThat(refusals(Asks.body().permanent())).isEmpty();
        in(() -> jdbc.sql("insert into tenant_settings (tenant_id, permanent_allowed, reason_minimum) values (?, false, 1)")
                .param(tenant.tenant().id().value()).update());
        assertThat(refusals(Asks.body().permanent())).containsExactly("/grantFor");
        assertThat(refusals(Asks.body().with("/justification/reason", "short"))).isEmpty();
    }

    @Test
    void whatIstioRefusesIsRefusedHere() {
        assertThat(refusals(Asks.body().with("/ask/operations", List.of(Map.of("methods", List.of("GET"), "paths", List.of("/a/{**}/{*}"))))))
                .containsExactly("/ask/operations");
        assertThat(refusals(Asks.body().with("/ask/conditions", List.of(Map.of("key", "source.ip", "values", List.of("10.0.0.300"))))))
                .containsExactly("/ask/conditions");
    }

    @Test
    void aTargetWithDifferentOwnersInTwoClustersIsAskedForSeparately() {
        var west = shop.cluster("west");
        shop.add(west, "production", "payment-service", Optional.empty(), Membership.SIDECAR);
        shop.add(west, "production", "order-service", Optional.empty(), Membership.SIDECAR);
        assertThat(refusals(Asks.body().with("/ask/clusters", List.of("demo", "west")))).containsExactly("/ask/clusters");
        shop.add(west, "production", "payment-service", in(() -> desk.preview(engineer, Asks.body().draft())).beneficiaries().isEmpty()
                ? Optional.empty() : shopOwner(), Membership.SIDECAR);
        assertThat(refusals(Asks.body().with("/ask/clusters", List.of("demo", "west")))).isEmpty();
    }

    private Optional<dev.countersign.identity.TeamName> shopOwner() {
        return in(() -> catalog.workload(new dev.countersign.catalog.WorkloadKey(shop.demo().id(), "production", "payment-service")))
                .orElseThrow().owner();
    }

    private List<String> refusals(Asks body) {
        return preview(body).refusals().stream().map(FieldProblem::pointer).toList();
    }

    // ---- foreseeing

    @Test
    void theFirstAllowThatCutsEveryoneElseIsSaid() {
        Foresight foresight = preview(Asks.body());
        Effect effect = foresight.effect().orElseThrow();
        assertThat(effect.verdict()).isEqualTo(Effect.Verdict.LESS_PERMISSIVE);
        assertThat(effect.firstAllow()).containsExactly("demo");
        assertThat(effect.newlyAllowed()).isEmpty();
        assertThat(effect.newlyCut()).extracting(line -> line.witness().get("from")).contains("production/billing-service", "plain text");
        assertThat(effect.newlyCut()).allSatisfy(line -> assertThat(line.witness()).containsEntry("to", "production/payment-service"));
        assertThat(foresight.policies()).singleElement().satisfies(policy -> assertThat(policy.yaml()).contains("/api/v1/payments/*"));
    }

    @Test
    void behindABaselineTheAccessOnlyOpens() {
        shop.live(AuthorizationPolicy.allow(ObjectMeta.of("production", "default-deny"), Target.EVERYTHING, List.of()));
        Effect effect = preview(Asks.body()).effect().orElseThrow();
        assertThat(effect.verdict()).isEqualTo(Effect.Verdict.MORE_PERMISSIVE);
        assertThat(effect.firstAllow()).isEmpty();
        assertThat(effect.newlyCut()).isEmpty();
        assertThat(effect.newlyAllowed()).isNotEmpty().allSatisfy(line -> {
            assertThat(line.witness().get("from")).isEqualTo("production/order-service");
            assertThat(line.witness().get("path")).startsWith("/api/v1/payments/");
        });
    }

    @Test
    void whatIsAllowedAlreadyIsSaidAndNothingElseIs() {
        shop.live(AuthorizationPolicy.allow(ObjectMeta.of("production", "orders-may"), Target.EVERYTHING, List.of(
                new Rule(List.of(Source.principals(List.of("cluster.local/ns/production/sa/order-service"))), List.of(), List.of()))));
        Foresight foresight = preview(Asks.body());
        assertThat(foresight.effect().orElseThrow().changesNothing()).isTrue();
        assertThat(foresight.findings()).extracting(Finding::code).contains(AskFinding.ALREADY_ALLOWED.code());
        assertThat(preview(Asks.body().from(Asks.source("production", "frontend"))).findings()).extracting(Finding::code)
                .doesNotContain(AskFinding.ALREADY_ALLOWED.code());
    }

    @Test
    void aPolicyThatCannotBeReadIsUncertainNeverSilent() {
        shop.policies(new dev.countersign.catalog.LivePolicy(shop.demo().id(), "production", "odd", "u", "1", Map.of(), Optional.empty(),
                Optional.of("action MAYBE is unknown"), List.of("kubectl")));
        assertThat(preview(Asks.body()).effect().orElseThrow().uncertain()).singleElement()
                .satisfies(line -> assertThat(line.description()).contains("production/odd", "action MAYBE"));
    }

    @Test
    void beneficiariesAreTheTeamsOfTheCallers() {
        assertThat(preview(Asks.body()).beneficiaries()).extracting(team -> team.slug()).containsExactly("orders");
        assertThat(preview(Asks.body().from(Asks.source("production", "frontend"))).beneficiaries()).isEmpty();
        assertThat(preview(Asks.body().from(Asks.source("*", "*"))).beneficiaries()).extracting(team -> team.slug())
                .as("the owner's own services gain nothing by a pattern").containsExactly("orders");
    }

    // ---- changing and ending

    @Test
    void aNewVersionHasANewDigestAndKeepsTheOld() {
        long number = submitted(Asks.body());
        String first = view(number).digest();
        assertThat(revise(engineer, number, Asks.body().with("/grantFor", "P30D"), OptionalInt.of(1))).isEqualTo(new Revising.Revised(2));
        assertThat(view(number).digest()).isNotEqualTo(first);
        assertThat(view(number).version()).isEqualTo(2);
        assertThat(revise(engineer, number, Asks.body(), OptionalInt.of(1))).isEqualTo(new Revising.Stale(2));
        assertThat(in(() -> jdbc.sql("select digest from request_version order by version").query(String.class).list()))
                .containsExactly(first, view(number).digest());
        assertThat(auditKinds()).containsExactly("request.submitted", "request.revised");
    }

    @Test
    void onlyTheRequesterChangesOrWithdraws() {
        long number = submitted(Asks.body());
        for (String other : List.of("owner", "security", "admin", "auditor")) {
            CurrentPerson them = fixtures.current(tenant, other);
            assertThat(revise(them, number, Asks.body(), OptionalInt.empty())).isEqualTo(new Revising.NotYours());
            assertThat(in(() -> desk.withdraw(them, number, ""))).isEqualTo(new Withdrawal.NotYours());
        }
        assertThat(in(() -> desk.withdraw(engineer, number, "no longer needed"))).isEqualTo(new Withdrawal.Withdrawn());
        assertThat(view(number).state()).isEqualTo(RequestState.WITHDRAWN);
        assertThat(in(() -> desk.withdraw(engineer, number, ""))).isEqualTo(new Withdrawal.NotOpen(RequestState.WITHDRAWN));
        assertThat(revise(engineer, number, Asks.body(), OptionalInt.empty())).isEqualTo(new Revising.NotOpen(RequestState.WITHDRAWN));
        assertThat(auditKinds()).containsExactly("request.submitted", "request.withdrawn");
    }

    @Test
    void aForeignNumberIsUnknown() {
        submitted(Asks.body());
        TestTenant other = fixtures.tenant();
        catalog.open(other);
        assertThat(tenants.inTenant(other.tenant().id(), () -> desk.find(1))).isEmpty();
        assertThat(tenants.inTenant(other.tenant().id(), () -> desk.withdraw(fixtures.current(other, "engineer"), 1, "")))
                .isEqualTo(new Withdrawal.Unknown());
    }

    @Test
    void aRequestWhoseTimeIsOverCountsAsLapsedBeforeTheJobHasBeenThere() {
        long number = submitted(Asks.body());
        in(() -> jdbc.sql("update access_request set submitted_at = now() - interval '20 days', lapses_at = now() - interval '1 day'").update());
        assertThat(view(number).state()).isEqualTo(RequestState.LAPSED);
        assertThat(in(() -> progress.lock(number)).orElseThrow().state()).isEqualTo(RequestState.LAPSED);
        assertThat(revise(engineer, number, Asks.body(), OptionalInt.empty())).isEqualTo(new Revising.NotOpen(RequestState.LAPSED));
        assertThatThrownBy(() -> in(() -> {
            progress.approved(progress.lock(number).orElseThrow(), Actor.system("test"));
            return true;
        })).isInstanceOf(IllegalStateException.class);
        assertThat(in(lapse::batch)).isEqualTo(1);
        assertThat(in(lapse::batch)).isZero();
        assertThat(auditKinds()).containsExactly("request.submitted", "request.lapsed");
    }

    @Test
    void decidingMovesOnceAndOnlyFromWhatWasLocked() {
        long number = submitted(Asks.body());
        assertThat(in(() -> {
            RequestProgress.Locked locked = progress.lock(number).orElseThrow();
            Stakes stakes = progress.stakes(locked);
            assertThat(stakes.facts()).containsExactly(AskFact.SAME_NAMESPACE_PATHS);
            assertThat(stakes.owners()).extracting(team -> team.slug()).containsExactly("payments");
            assertThat(stakes.beneficiaries()).extracting(team -> team.slug()).containsExactly("orders");
            progress.changesRequested(locked);
            return true;
        })).isTrue();
        assertThat(view(number).state()).isEqualTo(RequestState.CHANGES_REQUESTED);
        assertThatThrownBy(() -> in(() -> {
            progress.rejected(progress.lock(number).orElseThrow());
            return true;
        })).isInstanceOf(IllegalStateException.class);
        revise(engineer, number, Asks.body(), OptionalInt.of(1));
        assertThat(view(number).state()).isEqualTo(RequestState.SUBMITTED);
        in(() -> {
            progress.rejected(progress.lock(number).orElseThrow());
            return true;
        });
        assertThat(view(number).state()).isEqualTo(RequestState.REJECTED);
    }

    private Revising revise(CurrentPerson who, long number, Asks body, OptionalInt version) {
        return in(() -> desk.revise(who, number, body.draft(), version));
    }

    // ---- lists

    @Test
    void listsAreNarrowedAndPagedByNumber() {
        for (int i = 0; i < 5; i++) {
            submitted(Asks.body());
        }
        submitted(Asks.body().with("/justification/reason", "Invoices are reconciled nightly by the importer."));
        submitted(Asks.body().from(Asks.source("staging", "order-service")));
        in(() -> desk.withdraw(engineer, 2, ""));
        RequestPage first = in(() -> desk.list(RequestFilter.ALL, Optional.empty(), 3));
        assertThat(numbers(first)).containsExactly(7L, 6L, 5L);
        RequestPage second = in(() -> desk.list(RequestFilter.ALL, first.next(), 3));
        assertThat(numbers(second)).containsExactly(4L, 3L, 2L);
        assertThat(in(() -> desk.list(RequestFilter.ALL, second.next(), 3)).next()).isEmpty();
        assertThat(numbers(list(Set.of(RequestState.WITHDRAWN), Optional.empty(), Optional.empty()))).containsExactly(2L);
        assertThat(numbers(list(Set.of(), Optional.of("staging"), Optional.empty()))).containsExactly(7L);
        assertThat(numbers(list(Set.of(), Optional.empty(), Optional.of("reconcile invoices")))).containsExactly(6L);
        assertThat(numbers(list(Set.of(), Optional.empty(), Optional.of("payment -importer")))).hasSize(6);
        assertThat(numbers(list(Set.of(), Optional.empty(), Optional.of("PAY-1432")))).hasSize(7);
        assertThat(in(() -> desk.list(new RequestFilter(Set.of(), Optional.of(tenant.person("owner")), Optional.empty(), Optional.empty()),
                Optional.empty(), 10)).requests()).isEmpty();
    }

    @Test
    void nothingTypedIntoASearchIsEverSql() {
        submitted(Asks.body());
        for (String text : List.of("'", "' or 1=1 --", "\"", "a & | ! <->", "(((", ":*", "%", "_", "\\", "'; select pg_sleep(1); --", "${x}", "-", "or",
                "\u202E", "$$", "set_config('app.tenant', '', true)")) {
            assertThat(list(Set.of(), Optional.of(text), Optional.of(text)).requests()).as(text).isEmpty();
            list(Set.of(), Optional.empty(), Optional.of(text));
        }
    }

    private RequestPage list(Set<RequestState> states, Optional<String> namespace, Optional<String> text) {
        return in(() -> desk.list(new RequestFilter(states, Optional.empty(), namespace, text), Optional.empty(), 50));
    }

    private static List<Long> numbers(RequestPage page) {
        return page.requests().stream().map(RequestView::number).toList();
    }

    // ---- the schema repeats the caps

    @Test
    void theSchemaRefusesWhatTheDomainShouldHave() {
        submitted(Asks.body());
        for (String change : List.of("reason = repeat('r', 4001)", "reason = ''", "ticket = repeat('t', 201)", "state = 'MAYBE'",
                "digest = 'sha256:x'", "version = 0", "grant_until = now()", "lapses_at = submitted_at", "number = null")) {
            assertThatThrownBy(() -> in(() -> jdbc.sql("update access_request set " + change).update())).as(change)
                    .isInstanceOf(org.springframework.dao.DataIntegrityViolationException.class);
        }
    }
}
