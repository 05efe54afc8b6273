package dev.countersign.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.TenantId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TogetherTests {
    private static final TenantId TENANT = new TenantId(UUID.randomUUID());

    private final Turns turns = new Turns();
    private final List<List<Integer>> asked = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch goOn = new CountDownLatch(1);

    /// An odd one has no answer but alone, and 13 makes every batch fail.
    private final Together<Integer, String> together = new Together<>(turns, batch -> {
        asked.add(batch);
        if (batch.contains(13)) {
            throw new IllegalStateException("13 fails");
        }
        return batch.stream().map(one -> one % 2 == 0 ? Optional.of("with others " + one) : Optional.<String>empty()).toList();
    }, one -> {
        asked.add(List.of(one));
        if (one == 13) {
            throw new IllegalStateException("13 fails");
        }
        return "alone " + one;
    });

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String ask(int question) throws Exception {
        return CurrentTenant.call(TENANT, () -> together.ask(question));
    }

    /// All places are taken, so that those who ask wait.
    private List<Future<String>> whileAllPlacesAreTaken(ExecutorService threads, List<Integer> questions) throws Exception {
        for (int i = 0; i < Turns.AT_ONCE; i++) {
            threads.submit(() -> turns.take(() -> {
                await(goOn);
                return true;
            }));
        }
        while (turns.places() > 0) {
            Thread.sleep(1);
        }
        List<Future<String>> answers = new ArrayList<>();
        for (int question : questions) {
            answers.add(threads.submit(() -> ask(question)));
        }
        while (turns.waiting() < questions.size()) {
            Thread.sleep(1);
        }
        goOn.countDown();
        return answers;
    }

    @Test
    void oneAloneIsAskedAlone() throws Exception {
        assertThat(ask(2)).isEqualTo("alone 2");
        assertThat(asked).containsExactly(List.of(2));
    }

    @Test
    void whoWaitsIsAskedTogether() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> answer : whileAllPlacesAreTaken(threads, List.of(2, 4, 6, 8))) {
                assertThat(answer.get()).startsWith("with others");
            }
        }
        assertThat(asked).hasSize(1);
        assertThat(asked.getFirst()).containsExactlyInAnyOrder(2, 4, 6, 8);
        assertThat(turns.waiting()).isZero();
    }

    @Test
    void oneWithoutAnAnswerAsksAlone() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = whileAllPlacesAreTaken(threads, List.of(2, 3));
            assertThat(answers.get(0).get()).isEqualTo("with others 2");
            assertThat(answers.get(1).get()).isEqualTo("alone 3");
        }
    }

    @Test
    void oneThatFailsTakesNobodyElseWithIt() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> answers = whileAllPlacesAreTaken(threads, List.of(2, 13, 4));
            assertThat(answers.get(0).get()).isEqualTo("alone 2");
            assertThatThrownBy(() -> answers.get(1).get()).hasMessageContaining("13 fails");
            assertThat(answers.get(2).get()).isEqualTo("alone 4");
        }
        assertThat(ask(6)).as("the next is served").isEqualTo("alone 6");
    }

    @Test
    void noBatchIsLargerThanItMayBe() throws Exception {
        List<Integer> many = IntStream.range(1, 71).map(i -> 2 * i).boxed().toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<String> answer : whileAllPlacesAreTaken(threads, many)) {
                answer.get();
            }
        }
        assertThat(asked).allMatch(batch -> batch.size() <= Together.MOST);
        assertThat(asked.stream().flatMap(List::stream).toList()).containsExactlyInAnyOrderElementsOf(many);
    }
}
