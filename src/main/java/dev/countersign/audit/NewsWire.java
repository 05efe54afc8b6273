package dev.countersign.audit;

import dev.countersign.tenancy.TenantId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/// Carries news to the other replicas by NOTIFY, and theirs to this one. Sent after the commit, in batches and by a thread of
/// its own: NOTIFY inside the transaction of a fact would make all commits of the database queue behind each other.
@Component
class NewsWire implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(NewsWire.class);
    static final String CHANNEL = "countersign_news";
    private static final int BATCH = 200;
    /// A payload of NOTIFY is at most 8,000 bytes; 100 numbers of 18 digits are less than a quarter of it.
    private static final int NUMBERS = 100;

    private final DataSource dataSource;
    private final String self = UUID.randomUUID().toString();
    private final BlockingQueue<String> outgoing = new ArrayBlockingQueue<>(10_000);
    private volatile BiConsumer<Optional<TenantId>, Set<String>> ear = (tenant, numbers) -> {};
    private volatile boolean running;

    NewsWire(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    void deliverTo(BiConsumer<Optional<TenantId>, Set<String>> listener) {
        ear = listener;
    }

    /// Never waits: where the wire is that far behind, other replicas' pages find out by asking.
    void send(TenantId tenant, Set<String> numbers) {
        String what = numbers.size() > NUMBERS ? News.ANYTHING : String.join(" ", numbers);
        outgoing.offer(self + " " + tenant.value() + " " + what);
    }

    @Override
    public void start() {
        running = true;
        Thread.ofVirtual().name("news-out").start(() -> untilStopped(this::carryOut));
        Thread.ofVirtual().name("news-in").start(() -> untilStopped(this::listen));
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private interface Work {
        void go() throws SQLException, InterruptedException;
    }

    private void untilStopped(Work work) {
        while (running) {
            try {
                work.go();
            } catch (InterruptedException e) {
                return;
            } catch (SQLException | RuntimeException e) {
                if (running) {
                    LOG.atWarn().setCause(e).log("The wire for news between replicas broke; it is laid again in a second");
                    pause();
                }
            }
        }
    }

    private void carryOut() throws SQLException, InterruptedException {
        String first = outgoing.poll(500, TimeUnit.MILLISECONDS);
        if (first == null) {
            return;
        }
        List<String> batch = new ArrayList<>(List.of(first));
        outgoing.drainTo(batch, BATCH - 1);
        try (Connection connection = dataSource.getConnection();
                PreparedStatement notify = connection.prepareStatement("select pg_notify(?, payload) from unnest(?) as news (payload)")) {
            connection.setAutoCommit(true);
            notify.setString(1, CHANNEL);
            notify.setArray(2, connection.createArrayOf("text", batch.toArray()));
            notify.execute();
        } catch (SQLException broken) {
            // Told once more where it had been told already.
            batch.forEach(outgoing::offer);
            throw broken;
        }
    }

    private void listen() throws SQLException {
        try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            statement.execute("listen " + CHANNEL);
            // What was told before this moment went by unheard.
            ear.accept(Optional.empty(), Set.of(News.ANYTHING));
            PGConnection postgres = connection.unwrap(PGConnection.class);
            while (running) {
                PGNotification[] heard = postgres.getNotifications(500);
                if (heard != null) {
                    Arrays.stream(heard).map(PGNotification::getParameter).filter(payload -> !payload.startsWith(self)).forEach(this::hear);
                }
            }
            statement.execute("unlisten *");
        }
    }

    private void hear(String payload) {
        Heard heard = Heard.of(payload);
        ear.accept(heard.tenant(), heard.numbers());
    }

    /// What is told: whose, and the numbers of requests or `News.ANYTHING`. A newer version may say more: words that are no numbers are left
    /// out, and what cannot be read at all may be anything.
    record Heard(Optional<TenantId> tenant, Set<String> numbers) {
        static Heard of(String payload) {
            String[] words = payload.split(" ");
            try {
                TenantId tenant = new TenantId(UUID.fromString(words[1]));
                return new Heard(Optional.of(tenant), Arrays.stream(words).skip(2)
                        .filter(word -> word.equals(News.ANYTHING) || word.matches("[0-9]{1,18}"))
                        .collect(Collectors.toUnmodifiableSet()));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException ofAnotherVersion) {
                return new Heard(Optional.empty(), Set.of(News.ANYTHING));
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
