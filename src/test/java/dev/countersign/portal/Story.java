package dev.countersign.portal;

import dev.countersign.approval.Deciding;
import dev.countersign.approval.Decision;
import dev.countersign.approval.ReviewBoard;
import dev.countersign.grants.GrantLedger;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.Draft;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestView;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.Submission;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.boot.test.context.TestComponent;

/// Tells how people ask and decide, in a tenant with the demo's shop: `var acme = stories.begin(); acme.submit("engineer", Story.usual())`.
@TestComponent
public class Story {
    private final Fixtures fixtures;
    private final ShopCatalog shops;
    private final RequestDesk desk;
    private final ReviewBoard board;
    private final GrantLedger ledger;

    Story(Fixtures fixtures, ShopCatalog shops, RequestDesk desk, ReviewBoard board, GrantLedger ledger) {
        this.fixtures = fixtures;
        this.shops = shops;
        this.desk = desk;
        this.board = board;
        this.ledger = ledger;
    }

    public Cast begin() {
        Fixtures.TestTenant tenant = fixtures.tenant();
        return new Cast(tenant, shops.open(tenant));
    }

    /// order-service may POST payments, within production, for 90 days: the owner decides.
    public static Draft usual() {
        return draft(List.of(new AskSource.Account("production", "order-service")), paths("/api/v1/payments/*"), new GrantPeriod.For(Duration.ofDays(90)));
    }

    /// The same from staging: security decides too.
    public static Draft across() {
        return draft(List.of(new AskSource.Account("staging", "order-service")), paths("/api/v1/payments/*"), new GrantPeriod.For(Duration.ofDays(90)));
    }

    /// The whole service: two of security.
    public static Draft wide() {
        return draft(List.of(new AskSource.Account("production", "order-service")), List.of(), new GrantPeriod.For(Duration.ofDays(90)));
    }

    public static List<GrantedOperation> paths(String... paths) {
        return List.of(GrantedOperation.of(List.of("POST"), List.of(paths)));
    }

    public static Draft draft(List<AskSource> from, List<GrantedOperation> operations, GrantPeriod period) {
        return new Draft(new ServiceAccess(List.of("demo"), from, AskTarget.workload("production", "payment-service"), operations, List.of()),
                new Justification("Checkout settles card payments when an order is placed.", Optional.of("PAY-1432")), period);
    }

    /// One tenant, its people and its shop.
    public final class Cast {
        private final Fixtures.TestTenant tenant;
        private final ShopCatalog.Shop shop;

        Cast(Fixtures.TestTenant tenant, ShopCatalog.Shop shop) {
            this.tenant = tenant;
            this.shop = shop;
        }

        public Fixtures.TestTenant tenant() {
            return tenant;
        }

        public ShopCatalog.Shop shop() {
            return shop;
        }

        public TenantId id() {
            return tenant.tenant().id();
        }

        public CurrentPerson person(String username) {
            return fixtures.current(tenant, username);
        }

        /// Within the tenant, without a transaction around it.
        public <T> T in(Supplier<T> work) {
            return CurrentTenant.call(id(), work::get);
        }

        public long submit(String username, Draft draft) {
            return switch (in(() -> desk.submit(person(username), draft))) {
                case Submission.Submitted(long number) -> number;
                case Submission.Refused(var foresight) -> throw new IllegalStateException("refused: " + foresight.refusals());
            };
        }

        public RequestView request(long number) {
            return in(() -> desk.find(number)).orElseThrow();
        }

        /// On what the request says now.
        public Deciding decide(String username, long number, Decision decision, String comment) {
            return decide(username, number, decision, request(number).digest(), comment);
        }

        public Deciding decide(String username, long number, Decision decision, String digest, String comment) {
            CurrentPerson me = person(username);
            return in(() -> board.decide(me, number, decision, digest, comment));
        }

        /// A request that its owner approved; answers the number of its one grant.
        public long granted(Draft draft) {
            long number = submit("engineer", draft);
            decide("owner", number, Decision.APPROVE, "");
            decide("security", number, Decision.APPROVE, "");
            decide("security2", number, Decision.APPROVE, "");
            return in(() -> ledger.ofRequest(number)).getFirst().number();
        }
    }
}
