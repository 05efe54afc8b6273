package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.json.JsonMapper;

/// F26 and F41: a replica without room for temporary files and its log, and one without memory. `-Dfaults.runs=N` for more.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class StarvedReplicaTests {
    private static final int RUNS = Integer.getInteger("faults.runs", 1);
    /// What `-XX:+ExitOnOutOfMemoryError` ends with.
    private static final int OUT_OF_MEMORY = 3;
    private static final int CLIENTS = 32;

    @TempDir
    Path folder;

    @Autowired
    ApplicationContext context;

    /// F26: what was asked, decided and delivered is right, though nothing can be written beside the database.
    @Test
    void aFullTemporaryVolumeChangesNothing() throws Exception {
        try (Laboratory lab = new Laboratory(context, 26); SmallVolume volume = SmallVolume.mount(8)) {
            Map<String, String> settings = lab.settings(TestDatabase.server().port());
            Image image = Image.pack(settings).with("-Djava.io.tmpdir=" + volume.path);
            try (Replica replica = lab.ready(Replica.start(image, volume.path, settings))) {
                assertThat(volume.fill()).as("there was room before").isPositive();
                lab.couriersHere().stop();
                for (int run = 0; run < 2 * RUNS; run++) {
                    HttpResponse<String> asked = replica.post(lab.engineer, "/access-requests", UUID.randomUUID(), lab.ask());
                    assertThat(asked.statusCode()).as(asked.body()).isEqualTo(201);
                    // A body that is larger than what is kept in memory while it is read.
                    assertThat(replica.post(lab.engineer, "/policies/validation", UUID.randomUUID(), "#".repeat(1_000_000)).statusCode()).isLessThan(500);
                    long number = JsonMapper.shared().readTree(asked.body()).path("number").asLong();
                    assertThat(lab.review(replica, number, UUID.randomUUID()).statusCode()).isEqualTo(200);
                    lab.converges("the volume is full");
                }
                assertThat(replica.readiness()).isEqualTo(200);
                assertThat(Files.getFileStore(volume.path).getUsableSpace()).as("still full").isZero();
            }
            assertThat(lab.judge()).isEmpty();
            System.out.printf("F26 temporary files and log on a full volume: %d requests asked, decided and delivered%n", 2 * RUNS);
        }
    }

    /// F41: the image's own flags, and little memory; documents come until it is full. The replica ends at once instead of living on by
    /// half, and the other one delivers.
    @Test
    void withoutMemoryAReplicaEnds() throws Exception {
        for (int run = 0; run < RUNS; run++) {
            try (Laboratory lab = new Laboratory(context, 41 + run); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Map<String, String> settings = lab.settings(TestDatabase.server().port());
                List<String> flags = new ArrayList<>(flagsOfTheImage());
                // A collector that gives up early, for the heap is full long before it says so by itself.
                flags.addAll(List.of("-Xmx96m", "-XX:-UseSerialGC", "-XX:+UseParallelGC", "-XX:ParallelGCThreads=2", "-XX:GCTimeLimit=20", "-XX:GCHeapFreeLimit=30"));
                Image image = Image.pack(settings).with(flags.toArray(String[]::new));
                try (Replica victim = lab.ready(Replica.start(image, folder, settings))) {
                    long number = lab.submit();
                    long began = System.nanoTime();
                    List<Future<Integer>> clients = new ArrayList<>();
                    for (int client = 0; client < CLIENTS; client++) {
                        clients.add(threads.submit(() -> sendDocuments(lab, victim)));
                    }
                    lab.review(lab.here, number, UUID.randomUUID());
                    assertThat(victim.exit(Duration.ofSeconds(60))).isEqualTo(OUT_OF_MEMORY);
                    long millis = (System.nanoTime() - began) / 1_000_000;
                    lab.converges("a replica ran out of memory");
                    int answered = 0;
                    for (Future<Integer> client : clients) {
                        answered += client.get();
                    }
                    System.out.printf("F41 out of memory: ended with %d after %d ms of documents, of which %d were answered%n", OUT_OF_MEMORY, millis, answered);
                }
                assertThat(lab.judge()).isEmpty();
            }
        }
    }

    /// Until nobody answers.
    private static int sendDocuments(Laboratory lab, Replica victim) throws InterruptedException {
        String line = "- { a: [ b, c, d, e, f, g ] }\n";
        String document = line.repeat(1_000_000 / line.length());
        int answered = 0;
        try {
            while (victim.alive()) {
                victim.post(lab.engineer, "/policies/validation", UUID.randomUUID(), document);
                answered++;
            }
        } catch (IOException gone) {
            // it ended
        }
        return answered;
    }

    /// Those that say how it ends, without those that need the image's own files.
    private static List<String> flagsOfTheImage() throws IOException {
        String entry = Files.readAllLines(Path.of("Dockerfile")).stream().filter(line -> line.startsWith("ENTRYPOINT")).findFirst().orElseThrow();
        return Pattern.compile("\"(-XX:\\+[^\"]+)\"").matcher(entry).results().map(flag -> flag.group(1)).collect(Collectors.toList());
    }
}
