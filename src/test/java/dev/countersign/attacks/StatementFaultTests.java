package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.portal.StatementRecorder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/// F23: the database refuses each statement of each request in turn, as it does when transactions collide, deadlock, wait too
/// long for a lock or are cancelled. What is answered is a clear refusal that may be tried again, and nothing is half done; or
/// it was tried again within, and the request is done.
///
/// Statements of the session are left out: they come before the work or after it, and what comes after leaves a change that is
/// whole. A build strikes every writing place of every change and every other statement once, the kinds in turn; every kind at
/// every place with `-Dcountersign.attacks=full`.
@PortalTest
class StatementFaultTests {
    /// Serialization failure, deadlock, lock not available, query cancelled.
    private static final List<String> STATES = List.of("40001", "40P01", "55P03", "57014");

    private static final Pattern WRITES = Pattern.compile("(?i)^(insert|update|delete)|for (no key )?update");

    /// Left to the container.
    private static final int LEFT = 0;

    @Autowired
    JdbcClient jdbc;

    private Attacks attacks;

    @BeforeEach
    void look(@Autowired ApplicationContext context) {
        jdbc.sql("delete from sign_in_attempt").update();
        attacks = Attacks.on(context);
    }

    @Test
    void aRefusedStatementLeavesNothingHalfDone() {
        World world = attacks.ours();
        List<String> wrong = new ArrayList<>();
        Map<Integer, Integer> answers = new TreeMap<>();
        Set<String> known = new HashSet<>();
        int struck = 0;
        int turn = 0;
        for (Recipe recipe : Recipes.all()) {
            if (recipe.lasting() || recipe.route().equals("GET /news")) {
                continue;
            }
            Recipe ready = recipe.in(world.things());
            Caller caller = attacks.caller(world, recipe.by());
            List<String> statements = statements(world, ready, caller);
            for (int place = 1; place <= statements.size(); place++) {
                String text = StatementRecorder.normal(statements.get(place - 1));
                boolean again = !known.add(text) && (recipe.reads() || !WRITES.matcher(text).find());
                if (text.contains("SPRING_SESSION") || again && !Attacks.FULL) {
                    continue;
                }
                for (String state : Attacks.FULL ? STATES : List.of(STATES.get(turn++ % STATES.size()))) {
                    // That reading changes nothing is seen to by `SideEffectsTests`.
                    Optional<Snapshot> before = recipe.reads() ? Optional.empty() : Optional.of(snapshot(world));
                    Attacks.Answer[] answer = {null};
                    Supplier<Attacks.Answer> request = attacks.ready(ready, caller);
                    StatementRecorder.Fault fault = StatementRecorder.failing(place, state, () -> answer[0] = answer(request));
                    struck++;
                    answers.merge(answer[0].status(), 1, Integer::sum);
                    String where = recipe + ", " + state + " at " + place + " (" + StatementRecorder.normal(fault.text()) + "): " + answer[0].status();
                    Set<String> changed = before.map(then -> snapshot(world).changedSince(then)).orElse(Set.of());
                    if (fault.text().isEmpty() || !changed.isEmpty()) {
                        wrong.add(where + " changed " + changed);
                    } else if (answer[0].status() >= 400) {
                        wrong.addAll(unclear(where, recipe, answer[0]));
                    }
                }
            }
        }
        System.out.println("F23 " + struck + " statements refused, answers " + answers);
        assertThat(wrong).isEmpty();
    }

    private Snapshot snapshot(World world) {
        return Snapshot.of(attacks.rooms().database(), world.tenant().tenant().id());
    }

    /// Statements of the request when all goes well.
    private List<String> statements(World world, Recipe recipe, Caller caller) {
        Supplier<Attacks.Answer> request = attacks.ready(recipe, caller);
        return attacks.undone(world, () -> {
            try {
                return StatementRecorder.during(request::get).statements();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /// What a filter throws is answered by the container, which MockMvc has not: `ExhaustedPoolTests` sees to its words.
    private static Attacks.Answer answer(Supplier<Attacks.Answer> request) {
        try {
            Attacks.Answer answer = request.get();
            return answer.status() == 503 && answer.body().isBlank() ? new Attacks.Answer(LEFT, Map.of(), "said by the container", Set.of(), Map.of()) : answer;
        } catch (AssertionError thrown) {
            if (!(thrown.getCause() instanceof Exception)) {
                throw thrown;
            }
            return new Attacks.Answer(LEFT, Map.of(), thrown.getCause().toString(), Set.of(), Map.of());
        }
    }

    private static List<String> unclear(String where, Recipe recipe, Attacks.Answer answer) {
        List<String> wrong = new ArrayList<>();
        // 409: another was first, look again. 503: try again, and when.
        if (answer.status() != 409 && (answer.status() != 503 || !answer.headers().containsKey("Retry-After"))) {
            wrong.add(where + " does not say that it may be tried again");
        }
        if (answer.body().isBlank() || answer.body().contains("planted") || answer.body().contains("Exception")) {
            wrong.add(where + " says: " + answer.body());
        }
        if (recipe.isApi() != answer.headers().getOrDefault("Content-Type", "").startsWith("application/problem+json")) {
            wrong.add(where + " is " + answer.headers().get("Content-Type"));
        }
        return wrong;
    }
}
