package dev.countersign.bench;

import dev.countersign.audit.Actor;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.People;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.TestDatabase;
import dev.countersign.tenancy.Tenants;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// S3, its half of time: whether the clock tells a thing of another tenant from one that nobody has. Pairs of both, one right
/// after the other in an order that is drawn, over loopback HTTP, by pages and by the API; of each route a rank sum test
/// (Mann and Whitney, two-sided, with ties). As many routes as are tested, as many chances to err: the smallest p is
/// multiplied by their number (Bonferroni). The same is done with missing things on both sides and half a millisecond put
/// on one of them, which it has to find.
///
/// `-Ds3.pairs=10000` over all routes. Last line: `S3 p ratio verdict`: the ratio is that of the medians that differ most.
public final class ExistenceBench {
    private static final int PAIRS = Integer.getInteger("s3.pairs", 10_000);
    private static final int WARM_UP = Math.min(500, PAIRS / 20);
    private static final int KINDS = 20;
    private static final double DOUBT = 0.01;
    private static final Duration PLANTED = Duration.ofNanos(500_000);

    private final BenchPortal portal;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();
    private final TestTenant ours;
    private final TestTenant theirs;
    private final SplittableRandom random = new SplittableRandom(3);
    private String token = "";

    private ExistenceBench(BenchPortal portal) {
        this.portal = portal;
        ours = portal.bean(Fixtures.class).tenant();
        theirs = portal.bean(Fixtures.class).tenant();
    }

    /// Addresses of the same length and form; `%s` of the route is exchanged.
    private record Route(String address, List<String> present, List<String> missing, boolean api) {
        @Override
        public String toString() {
            return address;
        }
    }

    private record Told(double p, double ratio) {}

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("spring.task.scheduling.enabled", "false"))) {
            new ExistenceBench(portal).run();
        }
        System.exit(0);
    }

    private void run() throws Exception {
        token = portal.bean(Tenants.class).inTenant(ours.tenant().id(), () -> portal.bean(ApiTokens.class)
                .issue(Actor.system("bench"), ours.person("admin"), "s3", Set.of(Scope.values()), Duration.ofDays(1)).secret());
        people(theirs, "stranger");
        String url = portal.property("spring.datasource.url");
        requests(url.substring(url.lastIndexOf('/') + 1));
        try (ShopFixture.Shop shop = portal.bean(ShopFixture.class).open(theirs);
                BenchBrowser admin = BenchBrowser.signIn(portal.url(), "admin@" + ours.tenant().slug(), "admin password")) {
            List<String> people = names("stranger");
            List<String> nobody = names("stringer");
            List<Route> foreign = List.of(
                    new Route("/requests/%s", numbers(500_000), numbers(700_000), false),
                    new Route("/api/v1/access-requests/%s", numbers(500_000), numbers(700_000), true),
                    new Route("/admin/people/%s", people, nobody, false),
                    new Route("/clusters/%s", List.of("demo"), List.of("dema"), false),
                    new Route("/api/v1/clusters/%s", List.of("demo"), List.of("dema"), true),
                    new Route("/services/demo/production/%s", List.of("payment-service", "billing-service"), List.of("paymend-service", "billind-service"), false));
            double p = 1;
            double ratio = 1;
            for (Route route : foreign) {
                Told one = told(route, admin, Duration.ZERO, PAIRS / foreign.size() + 1);
                p = Math.min(p, one.p() * foreign.size());
                ratio = Math.abs(Math.log(one.ratio())) > Math.abs(Math.log(ratio)) ? one.ratio() : ratio;
            }
            Told planted = told(new Route("/api/v1/access-requests/%s", numbers(600_000), numbers(700_000), true), admin, PLANTED, PAIRS / foreign.size() + 1);
            if (planted.p() > DOUBT) {
                throw new IllegalStateException("the clock does not even find " + PLANTED + ": p " + planted.p());
            }
            System.out.printf(Locale.ROOT, "S3 %.4f %.3f %s%n", Math.min(1, p), ratio, p > DOUBT ? "met" : "missed");
        }
    }

    private void people(TestTenant tenant, String name) {
        portal.bean(Tenants.class).doInTenant(tenant.tenant().id(), () -> names(name)
                .forEach(one -> portal.bean(People.class).create(Actor.system("bench"), one, "Somebody", Optional.empty(), Set.of())));
    }

    private static List<String> names(String name) {
        return IntStream.range(10, 10 + KINDS).mapToObj(i -> name + i).toList();
    }

    private static List<String> numbers(long from) {
        return IntStream.range(0, KINDS).mapToObj(i -> Long.toString(from + i)).toList();
    }

    /// Of the other tenant, whose numbers begin where ours do not reach.
    private void requests(String database) throws Exception {
        ManyRequests.fill(() -> TestDatabase.server().connect(database), theirs, 0, 20L * KINDS * 10);
        try (var connection = TestDatabase.server().connect(database); var statement = connection.prepareStatement("""
                update access_request
                set number = number + 499999
                where tenant_id = ?""")) {
            statement.setObject(1, theirs.tenant().id().value());
            if (statement.executeUpdate() < KINDS) {
                throw new IllegalStateException("the other tenant has too few requests");
            }
        }
    }

    /// - `more`: what is put on the time of what is present.
    private Told told(Route route, BenchBrowser person, Duration more, int pairs) throws Exception {
        double[] present = new double[pairs];
        double[] missing = new double[pairs];
        for (int i = -WARM_UP; i < pairs; i++) {
            boolean first = random.nextBoolean();
            double one = first ? millis(route, route.present(), person) : 0;
            double other = millis(route, route.missing(), person);
            one = first ? one : millis(route, route.present(), person);
            if (i >= 0) {
                present[i] = one + more.toNanos() / 1e6;
                missing[i] = other;
            }
        }
        double p = p(present, missing);
        double ratio = new Spread(present).median() / new Spread(missing).median();
        System.out.printf(Locale.ROOT, "%-34s %d pairs, ms: there %s | missing %s | medians %.3f, p %.4f%s%n", route, pairs, new Spread(present), new Spread(missing), ratio, p,
                more.isZero() ? "" : ", with " + more + " planted");
        return new Told(p, ratio);
    }

    private double millis(Route route, List<String> names, BenchBrowser person) throws Exception {
        String path = String.format(route.address(), names.get(random.nextInt(names.size())));
        long start = System.nanoTime();
        HttpResponse<String> answer = route.api()
                ? http.send(HttpRequest.newBuilder(URI.create(portal.url() + path)).header("Authorization", "Bearer " + token).GET().build(), HttpResponse.BodyHandlers.ofString())
                : person.get(path);
        double millis = (System.nanoTime() - start) / 1e6;
        if (answer.statusCode() != 404) {
            throw new IllegalStateException(path + " answers " + answer.statusCode());
        }
        return millis;
    }

    private record Value(double millis, boolean first) {}

    /// Two-sided, by the normal approximation, which at such numbers is exact enough.
    private static double p(double[] first, double[] second) {
        List<Value> all = new ArrayList<>(Stream.concat(
                Arrays.stream(first).mapToObj(value -> new Value(value, true)), Arrays.stream(second).mapToObj(value -> new Value(value, false))).toList());
        all.sort(Comparator.comparingDouble(Value::millis));
        double ranks = 0;
        double ties = 0;
        for (int from = 0, until; from < all.size(); from = until) {
            until = from + 1;
            while (until < all.size() && all.get(until).millis() == all.get(from).millis()) {
                until++;
            }
            double rank = (from + 1 + until) / 2.0;
            double same = until - from;
            ties += same * same * same - same;
            ranks += rank * all.subList(from, until).stream().filter(Value::first).count();
        }
        double n = first.length;
        double m = second.length;
        double expected = n * (n + m + 1) / 2;
        double deviation = Math.sqrt(n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
        return 2 * (1 - normal(Math.abs(ranks - expected) / deviation));
    }

    /// The share of a normal distribution below `z` >= 0; Abramowitz and Stegun 26.2.17, wrong by less than 1e-7.
    private static double normal(double z) {
        double t = 1 / (1 + 0.2316419 * z);
        double tail = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI)
                * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return Math.min(1, 1 - tail);
    }
}
