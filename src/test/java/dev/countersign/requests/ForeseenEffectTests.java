package dev.countersign.requests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.TeamName;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Target;
import dev.countersign.portal.Approvals;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopCatalog;
import dev.countersign.requests.ForeseenEffect.Counts;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/// What a request was foreseen to do stays with it, whatever happens to the mesh afterwards.
@PortalTest
class ForeseenEffectTests {
    @Autowired
    Fixtures fixtures;

    @Autowired
    ShopCatalog catalog;

    @Autowired
    RequestDesk desk;

    @Autowired
    RequestProgress progress;

    @Autowired
    ForeseenEffects kept;

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

    private long submitted() {
        return ((Submission.Submitted) in(() -> desk.submit(engineer, Asks.body().draft()))).number();
    }

    private ForeseenEffect foreseen(long number) {
        return in(() -> desk.foreseen(number)).orElseThrow();
    }

    private Effect now(long number) {
        return in(() -> desk.foresight(number)).orElseThrow().effect().orElseThrow();
    }

    private void closeTheMesh() {
        shop.live(AuthorizationPolicy.allow(ObjectMeta.of("production", "default-deny"), Target.EVERYTHING, List.of()));
    }

    @Test
    void whatSubmittingSaidIsKeptWhole() {
        Effect said = in(() -> desk.preview(engineer, Asks.body().draft())).effect().orElseThrow();
        long number = submitted();
        ForeseenEffect seen = foreseen(number);
        assertThat(seen.version()).isEqualTo(1);
        assertThat(seen.effect()).isEqualTo(said);
        assertThat(seen.effect().newlyCut().getFirst().witness().keySet()).as("the order of a witness")
                .containsExactlyElementsOf(said.newlyCut().getFirst().witness().keySet());
        assertThat(seen.counts()).isEqualTo(new Counts(1, 0, said.newlyCut().size(), 0));
        assertThat(seen.leftOut()).isZero();
        assertThat(seen.takenAt()).isEqualTo(in(() -> desk.find(number)).orElseThrow().submittedAt());
        assertThat(seen.differsFrom(now(number))).isFalse();
        assertThat(in(() -> desk.foreseen(number + 1))).isEmpty();
    }

    @Test
    void anotherTenantSeesNothingOfIt() {
        long number = submitted();
        TestTenant other = fixtures.tenant();
        assertThat(tenants.inTenant(other.tenant().id(), () -> desk.foreseen(number))).isEmpty();
    }

    @Test
    void itStaysWhenTheMeshChangesAndTheRequestIsDecided() {
        long number = submitted();
        ForeseenEffect seen = foreseen(number);
        closeTheMesh();
        assertThat(now(number).verdict()).isEqualTo(Effect.Verdict.MORE_PERMISSIVE);
        assertThat(seen.differsFrom(now(number))).isTrue();
        in(() -> {
            progress.rejected(progress.lock(number).orElseThrow());
            return true;
        });
        assertThat(in(() -> desk.find(number)).orElseThrow().state()).isEqualTo(RequestState.REJECTED);
        assertThat(foreseen(number)).isEqualTo(seen);
        assertThat(seen.effect().verdict()).isEqualTo(Effect.Verdict.LESS_PERMISSIVE);
    }

    @Test
    void aNewVersionIsForeseenAnewAndTheOldRowStays() {
        long number = submitted();
        closeTheMesh();
        assertThat(in(() -> desk.revise(engineer, number, Asks.body().with("/grantFor", "P30D").draft(), OptionalInt.of(1))))
                .isEqualTo(new Revising.Revised(2));
        assertThat(foreseen(number).version()).isEqualTo(2);
        assertThat(foreseen(number).effect().verdict()).isEqualTo(Effect.Verdict.MORE_PERMISSIVE);
        assertThat(foreseen(number).differsFrom(now(number))).isFalse();
        assertThat(in(() -> jdbc.sql("select version from request_foresight order by version").query(Integer.class).list())).containsExactly(1, 2);
        for (String change : List.of("update request_foresight set content = '{}'", "delete from request_foresight")) {
            assertThatThrownBy(() -> in(() -> jdbc.sql(change).update())).as(change).isInstanceOf(DataAccessException.class);
        }
    }

    /// Of two clusters one has a policy that cannot be extended any more: what the other would see is not what the request would do.
    @Test
    void whatCannotBeSaidOfEachClusterIsNotSaid(@Autowired Approvals approvals) {
        ClusterRef west = shop.cluster("west");
        Optional<TeamName> owner = in(() -> catalog.workload(new WorkloadKey(shop.demo().id(), "production", "payment-service"))).orElseThrow().owner();
        shop.add(west, "production", "order-service", Optional.empty(), Membership.SIDECAR);
        shop.add(west, "production", "payment-service", owner, Membership.SIDECAR);
        long number = ((Submission.Submitted) in(() -> desk.submit(engineer, Asks.body().with("/ask/clusters", List.of("demo", "west")).draft()))).number();
        approvals.approve(tenant, List.of("west"), "production", "order-service", "payment-service", "/api/v1/others/*", new GrantPeriod.For(Duration.ofDays(90)));
        assertThat(now(number).firstAllow()).containsExactly("demo");
        shop.put(new CatalogWorkload(west, "production", "payment-service", "Deployment", Map.of("app", "renamed"), Map.of("app", "renamed"), "payment-service",
                List.of(new CatalogWorkload.Port(8080, "http", "http")), List.of("payment-service"), Membership.SIDECAR, owner));
        Foresight foresight = in(() -> desk.foresight(number)).orElseThrow();
        assertThat(foresight.effect()).isEmpty();
        assertThat(foresight.refusals()).extracting(FieldProblem::pointer).contains("/ask");
        assertThat(in(() -> progress.outlook(progress.look(number).orElseThrow())).effect()).isEmpty();
        assertThat(in(() -> progress.approval(progress.lock(number).orElseThrow()).changed(Optional.empty()))).get().asString().contains("cannot be said now");
    }

    @Test
    void theRecordSaysTheVerdictAndTheCounts() {
        long number = submitted();
        closeTheMesh();
        in(() -> desk.revise(engineer, number, Asks.body().draft(), OptionalInt.empty()));
        List<String> contents = in(() -> jdbc.sql("select content from audit_entry where kind in ('request.submitted', 'request.revised') order by seq")
                .query(String.class).list());
        int cut = in(() -> desk.preview(engineer, Asks.body().draft())).effect().orElseThrow().newlyCut().size();
        assertThat(cut).as("closed already").isZero();
        assertThat(effect(contents.get(0))).containsEntry("verdict", "LESS_PERMISSIVE").containsEntry("firstAllow", List.of("demo"))
                .containsEntry("newlyAllowed", 0).containsEntry("uncertain", 0)
                .satisfies(fact -> assertThat((Integer) fact.get("newlyCut")).isPositive());
        assertThat(effect(contents.get(1))).containsEntry("verdict", "MORE_PERMISSIVE").containsEntry("firstAllow", List.of())
                .containsEntry("newlyCut", 0).containsEntry("newlyAllowed", foreseen(number).counts().newlyAllowed());
    }

    private static Map<?, ?> map(Object value) {
        return (Map<?, ?>) value;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> effect(String entry) {
        return (Map<String, Object>) map(map(AskJson.MAPPER.readValue(entry, Map.class)).get("content")).get("effect");
    }

    // ---- what is too much to keep

    private static Effect.Line line(int number, String words) {
        return new Effect.Line("demo", words + number, Map.of("from", "production/order-service", "port", "80"));
    }

    private static Effect effect(List<Effect.Line> opens) {
        return new Effect(Effect.Verdict.MORE_PERMISSIVE, List.of(), opens, List.of(), List.of(line(0, "not known ")));
    }

    @Test
    void moreRegionsThanAreWorthKeepingAreCounted() {
        Effect full = effect(IntStream.range(0, ForeseenEffect.LINES).mapToObj(i -> line(i, "region ")).toList());
        assertThat(ForeseenEffect.of(1, full, Instant.EPOCH).effect()).isEqualTo(full);
        assertThat(ForeseenEffect.of(1, full, Instant.EPOCH).leftOut()).isZero();

        Effect more = effect(IntStream.range(0, ForeseenEffect.LINES + 60).mapToObj(i -> line(i, "region ")).toList());
        ForeseenEffect seen = ForeseenEffect.of(1, more, Instant.EPOCH);
        assertThat(seen.effect().newlyAllowed()).isEqualTo(more.newlyAllowed().subList(0, ForeseenEffect.LINES));
        assertThat(seen.counts()).isEqualTo(new Counts(0, ForeseenEffect.LINES + 60, 0, 1));
        assertThat(seen.leftOut()).isEqualTo(60);
        assertThat(seen.differsFrom(more)).isFalse();
        assertThat(seen.differsFrom(full)).isTrue();
    }

    @Test
    void aLineLongerThanTheRoomIsLeftOutAndItsNeighbourIsKept() {
        Effect.Line huge = line(1, "x".repeat(ForeseenEffect.CHARACTERS));
        ForeseenEffect seen = ForeseenEffect.of(1, effect(List.of(huge, line(2, "region "))), Instant.EPOCH);
        assertThat(seen.effect().newlyAllowed()).containsExactly(line(2, "region "));
        assertThat(seen.leftOut()).isEqualTo(1);
    }

    @Test
    void theSchemaHasRoomForTheMostThatIsKept() {
        long number = submitted();
        RequestView view = in(() -> desk.find(number)).orElseThrow();
        List<Effect.Line> worst = Collections.nCopies(ForeseenEffect.LINES, new Effect.Line("c".repeat(100), "\u0001".repeat(380), Map.of("from", "")));
        Effect most = new Effect(Effect.Verdict.INCOMPARABLE, Collections.nCopies(Limits.CLUSTERS, "c".repeat(253)), worst, worst, worst);
        in(() -> {
            jdbc.sql("""
                    insert into request_version (tenant_id, request_id, version, digest, ask, places, sentence, reason, at)
                    select tenant_id, request_id, 2, digest, ask, places, sentence, reason, at from request_version""").update();
            jdbc.sql("update access_request set version = 2").update();
            RequestView second = new RequestView(view.id(), number, view.state(), 2, view.digest(), view.requester(), view.ask(), view.places(),
                    view.justification(), view.period(), view.sentence(), view.submittedAt(), view.lapsesAt());
            return kept.keep(second, new Foresight(view.sentence(), List.of(), List.of(), List.of(), Optional.of(most),
                    Optional.empty(), List.of()), view.submittedAt());
        });
        assertThat(foreseen(number).effect()).isEqualTo(most);
        assertThat(foreseen(number).leftOut()).isZero();
    }

    // ---- words

    @Test
    void aWitnessReadsAsACall() {
        assertThat(new Effect.Line("demo", "", Map.of("from", "production/order-service", "to", "production/payment-service", "method", "POST",
                "path", "/api/v1/payments/0", "host", "payments", "port", "8080")).call())
                .contains("POST /api/v1/payments/0 :8080 as production/order-service");
        assertThat(new Effect.Line("demo", "", Map.of("from", "plain text", "port", "5432")).call()).contains("TCP :5432 in plain text");
        assertThat(new Effect.Line("demo", "a policy cannot be read", Map.of()).call()).isEmpty();
    }

    @Test
    void everyCodeOfAskingHasItsPage() {
        assertThat(new AskFindingHelp().topics()).hasSameSizeAs(AskFinding.values()).allSatisfy(topic -> {
            assertThat(topic.code()).matches("CS2\\d{3}");
            assertThat(topic.title()).isNotBlank().doesNotEndWith(".");
            assertThat(topic.text()).endsWith(".");
        });
    }
}
