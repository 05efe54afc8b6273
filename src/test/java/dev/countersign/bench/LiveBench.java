package dev.countersign.bench;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.News;
import dev.countersign.audit.Subject;
import dev.countersign.identity.People;
import dev.countersign.portal.Fixtures;
import dev.countersign.tenancy.Tenants;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/// W10: browsers that listen for news, twenty of a person as the portal allows, on sockets of this process. How much heap does each cost
/// (this side's sockets included), how long after an entry of the record begins to be written does each hear of it, and what is the
/// answer when no place is left?
///
/// `-Dw10.clients=300` (the target's 10,000 want more open files and container threads than a default has), `-Dw10.events=50`. No peer:
/// the ratio is the heap to 20 kB. Last line: `W10 p99, heap of a client to 20 kB, verdict`.
public final class LiveBench {
    private static final boolean QUICK = Boolean.getBoolean("bench.quick");
    private static final int CLIENTS = Integer.getInteger("w10.clients", QUICK ? 100 : 300);
    private static final int EVENTS = Integer.getInteger("w10.events", QUICK ? 10 : 50);
    private static final int OF_A_PERSON = 20;
    private static final int MOST = 10_000;

    private final BenchPortal portal;
    private final Fixtures.TestTenant tenant;
    private final Selector selector;
    private final ConcurrentLinkedQueue<Double> heard = new ConcurrentLinkedQueue<>();
    private volatile long told;
    private volatile int open;

    private LiveBench(BenchPortal portal) throws Exception {
        this.portal = portal;
        this.tenant = portal.bean(Fixtures.class).tenant();
        this.selector = Selector.open();
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
        for (int i = 0; i < CLIENTS / OF_A_PERSON; i++) {
            String name = "reader" + i;
            portal.bean(Tenants.class).doInTenant(tenant.tenant().id(), () -> people.create(Actor.system("bench"), name, "Reader " + name, Optional.of(name + " password"), Set.of()));
            BenchBrowser browser = BenchBrowser.signIn(portal.url(), name + "@" + tenant.tenant().slug(), name + " password");
            cookies.add(browser.cookie());
            browser.close();
        }
        Thread.ofPlatform().daemon().start(this::listen);
        double before = heap();
        List<SocketChannel> sockets = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            sockets.add(connect(cookies.get(i / OF_A_PERSON)));
        }
        for (int i = 0; i < 200 && open < CLIENTS; i++) {
            Thread.sleep(100);
        }
        Thread.sleep(1_000);
        double each = (heap() - before) / CLIENTS;
        System.out.printf(Locale.ROOT, "%d clients opened, %d streams answered, %.1f kB of heap each (both ends)%n", CLIENTS, open, each / 1e3);
        for (int i = 0; i < EVENTS; i++) {
            long number = 1_000 + i;
            told = System.nanoTime();
            portal.bean(Tenants.class).doInTenant(tenant.tenant().id(), () -> portal.bean(AuditLog.class).append(new AuditEvent("request.benched", Actor.system("bench"),
                    new Subject("request", Long.toString(number)), "benched request " + number, Map.of("number", number))));
            int wanted = (i + 1) * open;
            for (int waited = 0; waited < 2_000 && heard.size() < wanted; waited++) {
                Thread.sleep(1);
            }
        }
        Spread waits = new Spread(heard.stream().mapToDouble(Double::doubleValue).toArray());
        System.out.printf(Locale.ROOT, "%d of %d pieces of news heard, ms after the entry was begun: %s%n", heard.size(), EVENTS * open, waits);
        boolean sheds = sheds();
        double p99 = waits.at(0.99);
        System.out.printf(Locale.ROOT, "W10 %.0fms %.2f %s%n", p99, each / 20_000, open == CLIENTS && heard.size() == EVENTS * open && p99 <= 200 && each <= 20_000 && sheds ? "met" : "missed");
        for (SocketChannel socket : sockets) {
            socket.close();
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

    private SocketChannel connect(String cookie) throws Exception {
        URI url = URI.create(portal.url());
        SocketChannel socket = SocketChannel.open(new InetSocketAddress("127.0.0.1", url.getPort()));
        socket.write(ByteBuffer.wrap(("GET /news HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nAccept: text/event-stream\r\nCookie: " + cookie + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
        socket.configureBlocking(false);
        socket.register(selector, SelectionKey.OP_READ);
        selector.wakeup();
        return socket;
    }

    private void listen() {
        ByteBuffer buffer = ByteBuffer.allocate(16_384);
        while (true) {
            try {
                selector.select(50);
                for (SelectionKey key : selector.selectedKeys()) {
                    buffer.clear();
                    if (((SocketChannel) key.channel()).read(buffer) < 0) {
                        key.cancel();
                        continue;
                    }
                    String said = new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
                    if (said.startsWith("HTTP/1.1 200")) {
                        open++;
                    } else if (said.startsWith("HTTP/1.1")) {
                        System.out.println(said.lines().findFirst().orElse(""));
                    }
                    if (said.contains("event:request")) {
                        heard.add((System.nanoTime() - told) / 1e6);
                    }
                }
                selector.selectedKeys().clear();
            } catch (java.io.IOException | java.nio.channels.ClosedSelectorException | java.nio.channels.CancelledKeyException over) {
                selector.selectedKeys().clear();
            }
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
