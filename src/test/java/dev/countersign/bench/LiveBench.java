package dev.countersign.bench;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.News;
import dev.countersign.audit.Subject;
import dev.countersign.identity.People;
import dev.countersign.portal.Fixtures;
import dev.countersign.tenancy.Tenants;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// W10: browsers that listen for news, twenty of a person as the portal allows. How much heap of the portal does each cost, how long after an entry of
/// the record begins to be written does each hear of it, and what is the answer when no place is left?
///
/// Counted is the live heap of the portal's process after collections, with all streams open, less that before the first was opened: all that the
/// portal, its container and the JDK keep for them. Not counted are the browsers, which are a process of their own (`Readers`), and what the
/// system keeps for sockets. Before it counts, as many streams as a container warms up with were opened and closed.
///
/// `-Dw10.clients=1000` (the target's 10,000 want more open files than a default has), `-Dw10.events=50`. No peer:
/// the ratio is the heap to 20 kB. Last line: `W10 p99, heap of a client to 20 kB, verdict`.
public final class LiveBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int CLIENTS = Integer.getInteger("w10.clients", QUICK ? 100 : 1_000);
    private static final int EVENTS = Integer.getInteger("w10.events", QUICK ? 10 : 50);
    private static final int WARM = 100;
    private static final int OF_A_PERSON = 20;
    private static final int MOST = 10_000;

    private final BenchPortal portal;
    private final Fixtures.TestTenant tenant;
    private final ConcurrentLinkedQueue<Double> heard = new ConcurrentLinkedQueue<>();
    private final ConcurrentHashMap<String, Long> told = new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();

    private LiveBench(BenchPortal portal) {
        this.portal = portal;
        this.tenant = portal.bean(Fixtures.class).tenant();
    }

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("server.tomcat.max-connections", "20000", "server.tomcat.accept-count", "2000"))) {
            new LiveBench(portal).run();
        }
        System.exit(0);
    }

    private void run() throws Exception {
        List<String> cookies = new ArrayList<>();
        People people = portal.bean(People.class);
        for (int i = 0; i < (Math.max(CLIENTS, WARM) + OF_A_PERSON - 1) / OF_A_PERSON; i++) {
            String name = "reader" + i;
            portal.bean(Tenants.class).doInTenant(tenant.tenant().id(), () -> people.create(Actor.system("bench"), name, "Reader " + name, Optional.of(name + " password"), Set.of()));
            BenchBrowser browser = BenchBrowser.signIn(portal.url(), name + "@" + tenant.tenant().slug(), name + " password");
            cookies.add(browser.cookie());
            browser.close();
        }
        leave(readers(WARM, cookies));
        double before = heap();
        Process readers = readers(CLIENTS, cookies);
        Thread.sleep(1_000);
        double each = (heap() - before) / CLIENTS;
        System.out.printf(Locale.ROOT, "%d clients opened, %d streams open, %.1f kB of the portal's heap each%n", CLIENTS, open.get(), each / 1e3);
        for (int i = 0; i < EVENTS; i++) {
            long number = 1_000 + i;
            told.put(Long.toString(number), System.nanoTime());
            portal.bean(Tenants.class).doInTenant(tenant.tenant().id(), () -> portal.bean(AuditLog.class).append(new AuditEvent("request.benched", Actor.system("bench"),
                    new Subject("request", Long.toString(number)), "benched request " + number, Map.of("number", number))));
            int wanted = (i + 1) * open.get();
            for (int waited = 0; waited < 2_000 && heard.size() < wanted; waited++) {
                Thread.sleep(1);
            }
        }
        int listening = open.get();
        Spread waits = new Spread(heard.stream().mapToDouble(Double::doubleValue).toArray());
        System.out.printf(Locale.ROOT, "%d of %d pieces of news heard, ms after the entry was begun: %s%n", heard.size(), EVENTS * CLIENTS, waits);
        boolean sheds = sheds();
        double p99 = waits.at(0.99);
        System.out.printf(Locale.ROOT, "W10 %.0fms %.2f %s%n", p99, each / 20_000,
                listening == CLIENTS && heard.size() == EVENTS * CLIENTS && p99 <= 200 && each <= 20_000 && sheds ? "met" : "missed");
        leave(readers);
    }

    /// That many, whose streams are answered; at most 40 seconds, for a stream lasts 60.
    private Process readers(int clients, List<String> cookies) throws Exception {
        open.set(0);
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"),
                Readers.class.getName(), portal.url(), Integer.toString(clients), Integer.toString(OF_A_PERSON)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Thread.ofPlatform().daemon().start(() -> new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).lines().forEach(this::hear));
        PrintStream to = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        cookies.forEach(to::println);
        to.println();
        for (int i = 0; i < 400 && open.get() < clients; i++) {
            Thread.sleep(100);
        }
        return process;
    }

    private static void leave(Process readers) throws Exception {
        readers.getOutputStream().close();
        readers.waitFor();
        Thread.sleep(1_000);
    }

    private void hear(String line) {
        switch (line) {
            case "open" -> open.incrementAndGet();
            case "over" -> open.decrementAndGet();
            default -> {
                String[] words = line.split(" ");
                Long at = told.get(words[0]);
                if (at == null) {
                    System.out.println(line);
                } else {
                    heard.add((Long.parseLong(words[1]) - at) / 1e6);
                }
            }
        }
    }

    /// Takes all places that are left, and asks for one more.
    private boolean sheds() throws Exception {
        News news = portal.bean(News.class);
        List<News.Listener> fillers = new ArrayList<>();
        for (int i = 0; i <= MOST; i++) {
            news.listen(tenant.tenant().id(), "filler " + i).ifPresent(fillers::add);
        }
        try (BenchBrowser late = BenchBrowser.signIn(portal.url(), "owner@" + tenant.tenant().slug(), "owner password")) {
            HttpResponse<String> answer = late.get("/news");
            String wait = answer.headers().firstValue("Retry-After").orElse("");
            System.out.printf("with no place left: %d, Retry-After: %s%n", answer.statusCode(), wait);
            return answer.statusCode() == 503 && !wait.isEmpty();
        } finally {
            fillers.forEach(News.Listener::close);
        }
    }

    private static double heap() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(200);
        }
        return java.lang.management.ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
