package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.requests.RequestState;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/// S40: no step is skipped. Every state of a request, every command, every role, through the pages and through the API: the
/// table below is the specification, all of it is tried in every build (6 states x 5 commands x 6 roles x 2 ways, 360 calls, and
/// the states of a grant). A state or a command that lands later makes the table incomplete, and the test fails.
@PortalTest
class StepSkippingTests {
    /// `ok`: taken. Every other word is the status of the refusal.
    private static final String REQUESTS = """
            state              command  engineer  owner  security  security2  auditor  admin
            SUBMITTED          approve  403       ok     403       403        403      403
            SUBMITTED          reject   403       ok     403       403        403      403
            SUBMITTED          changes  403       ok     403       403        403      403
            SUBMITTED          withdraw ok        403    403       403        403      403
            SUBMITTED          revise   ok        403    403       403        403      403
            CHANGES_REQUESTED  approve  409       409    409       409        409      409
            CHANGES_REQUESTED  reject   409       409    409       409        409      409
            CHANGES_REQUESTED  changes  409       409    409       409        409      409
            CHANGES_REQUESTED  withdraw ok        403    403       403        403      403
            CHANGES_REQUESTED  revise   ok        403    403       403        403      403
            APPROVED           approve  409       409    409       409        409      409
            APPROVED           reject   409       409    409       409        409      409
            APPROVED           changes  409       409    409       409        409      409
            APPROVED           withdraw 409       403    403       403        403      403
            APPROVED           revise   409       403    403       403        403      403
            REJECTED           approve  409       409    409       409        409      409
            REJECTED           reject   409       409    409       409        409      409
            REJECTED           changes  409       409    409       409        409      409
            REJECTED           withdraw 409       403    403       403        403      403
            REJECTED           revise   409       403    403       403        403      403
            WITHDRAWN          approve  409       409    409       409        409      409
            WITHDRAWN          reject   409       409    409       409        409      409
            WITHDRAWN          changes  409       409    409       409        409      409
            WITHDRAWN          withdraw 409       403    403       403        403      403
            WITHDRAWN          revise   409       403    403       403        403      403
            LAPSED             approve  409       409    409       409        409      409
            LAPSED             reject   409       409    409       409        409      409
            LAPSED             changes  409       409    409       409        409      409
            LAPSED             withdraw 409       403    403       403        403      403
            LAPSED             revise   409       403    403       403        403      403
            """;

    private static final String GRANTS = """
            state    engineer  owner  security  security2  auditor  admin
            ACTIVE   ok        ok     ok        ok         403      ok
            REVOKED  409       409    409       409        403      409
            EXPIRED  409       409    409       409        403      409
            """;

    /// Of a request that is delivered at once, and of one whose first wave rests.
    private static final String ROLLOUTS = """
            state    engineer  owner  security  security2  auditor  admin
            NONE     404       404    404       404        404      404
            RESTING  403       403    ok        ok         403      ok
            """;

    /// Routes that change a request or a grant: whoever adds one adds its command to the table.
    private static final Set<String> COMMANDS = Set.of(
            "POST /requests/{number:[0-9]{1,18}}/withdrawal", "POST /requests/{number:[0-9]{1,18}}/edit", "POST /requests/{number:[0-9]{1,18}}/reviews",
            "POST /requests/{number:[0-9]{1,18}}/preview", "POST /grants/{number:[0-9]{1,18}}/revocation", "PUT /api/v1/access-requests/{number}/ask",
            "POST /api/v1/access-requests/{number}/withdrawal", "POST /api/v1/access-requests/{number}/reviews", "POST /api/v1/grants/{id}/revocation",
            "POST /requests/{number:[0-9]{1,18}}/rollout/continuation", "POST /api/v1/access-requests/{number}/rollout/continuation");

    private static Map<String, Map<String, String>> table(String text, int keys) {
        List<String[]> lines = text.lines().map(line -> line.strip().split("\\s+")).toList();
        Map<String, Map<String, String>> table = new LinkedHashMap<>();
        for (String[] line : lines.subList(1, lines.size())) {
            Map<String, String> row = new LinkedHashMap<>();
            for (int i = keys; i < line.length; i++) {
                row.put(lines.getFirst()[i], line[i]);
            }
            table.put(String.join(" ", List.of(line).subList(0, keys)), row);
        }
        return table;
    }

    /// Others compare tables of this world: what was aged here is not left for a job to find.
    @AfterEach
    void lapse(@Autowired ApplicationContext context) {
        Attacks.on(context).ours().lapse();
    }

    @Test
    void everyStepIsTakenByWhomTheTableSaysAndByNobodyElse(@Autowired ApplicationContext context) {
        Attacks attacks = Attacks.on(context);
        try (World world = World.found(attacks.rooms(), "hjklm", 0)) {
            everyStep(attacks, world);
        }
    }

    private static void everyStep(Attacks attacks, World world) {
        Requests requests = Requests.of(world);
        Map<String, Map<String, String>> table = table(REQUESTS, 2);
        assertThat(table.keySet().stream().map(key -> key.split(" ")[0]).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(List.of(RequestState.values()).stream().map(Enum::name).toList());
        Set<String> wrong = new LinkedHashSet<>();
        int calls = 0;
        for (Map.Entry<String, Map<String, String>> line : table.entrySet()) {
            String[] key = line.getKey().split(" ");
            long number = requests.in().get(RequestState.valueOf(key[0]));
            for (Map.Entry<String, String> cell : line.getValue().entrySet()) {
                for (boolean api : new boolean[] {false, true}) {
                    Recipe step = step(key[1], api).in(things(world, number, requests.digest(number)));
                    Attacks.Answer answer = attacks.undone(world, step, Attacks.person(attacks, world, cell.getKey(), api));
                    calls++;
                    String got = answer.status() < 400 ? "ok" : Integer.toString(answer.status());
                    if (!got.equals(cell.getValue())) {
                        wrong.add(line.getKey() + " by " + cell.getKey() + (api ? " (API)" : "") + ": " + got + ", not " + cell.getValue());
                    }
                }
            }
        }
        System.out.println("S40 steps: " + calls + " calls");
        assertThat(wrong).isEmpty();
    }

    @Test
    void aGrantEndsOnceAndByWhomTheTableSays(@Autowired ApplicationContext context) throws Exception {
        Attacks attacks = Attacks.on(context);
        try (World world = World.found(attacks.rooms(), "hjklm", 0)) {
            everyEnd(attacks, world);
        }
    }

    private static void everyEnd(Attacks attacks, World world) throws Exception {
        Map<String, Long> in = Map.of("ACTIVE", world.granted("/grant/active"), "REVOKED", world.granted("/grant/revoked"), "EXPIRED", world.granted("/grant/expired"));
        assertThat(attacks.send(Recipes.byRoute().get("POST /grants/{number:[0-9]{1,18}}/revocation").getFirst().in(things(world, in.get("REVOKED"), "")), attacks.caller(world, "owner")).status()).isLessThan(400);
        try (var connection = dev.countersign.portal.TestDatabase.server().connect(world.database()); var statement = connection.createStatement()) {
            statement.execute("update access_grant set starts_at = now() - interval '2 days', ends_at = now() - interval '1 day' where tenant_id = '" + world.tenant().tenant().id() + "' and number = " + in.get("EXPIRED"));
        }
        Set<String> wrong = new LinkedHashSet<>();
        table(GRANTS, 1).forEach((state, row) -> row.forEach((role, expected) -> {
            for (boolean api : new boolean[] {false, true}) {
                Recipe step = Recipes.byRoute().get(api ? "POST /api/v1/grants/{id}/revocation" : "POST /grants/{number:[0-9]{1,18}}/revocation").getFirst();
                int status = attacks.undone(world, step.in(things(world, in.get(state), "")), Attacks.person(attacks, world, role, api)).status();
                // The page says kindly that it had ended, and leads back: nothing is done either way.
                String got = status < 400 ? !api && !state.equals("ACTIVE") ? "409" : "ok" : Integer.toString(status);
                if (!got.equals(expected)) {
                    wrong.add(state + " by " + role + (api ? " (API)" : "") + ": " + got + ", not " + expected);
                }
            }
        }));
        assertThat(wrong).isEmpty();
    }

    @Test
    void aRolloutIsContinuedByWhomTheTableSays(@Autowired ApplicationContext context) {
        Attacks attacks = Attacks.on(context);
        World world = attacks.ours();
        Map<String, Long> in = Map.of("NONE", Requests.of(world).in().get(RequestState.APPROVED), "RESTING", Long.valueOf(world.things().get("rolling")));
        Set<String> wrong = new LinkedHashSet<>();
        table(ROLLOUTS, 1).forEach((state, row) -> row.forEach((role, expected) -> {
            for (boolean api : new boolean[] {false, true}) {
                Map<String, String> things = new LinkedHashMap<>(world.look());
                things.put("rolling", Long.toString(in.get(state)));
                Recipe step = Recipes.byRoute().get(api ? "POST /api/v1/access-requests/{number}/rollout/continuation" : "POST /requests/{number:[0-9]{1,18}}/rollout/continuation")
                        .getFirst().in(things);
                int status = attacks.undone(world, step, Attacks.person(attacks, world, role, api)).status();
                String got = status < 400 ? "ok" : Integer.toString(status);
                if (!got.equals(expected)) {
                    wrong.add(state + " by " + role + (api ? " (API)" : "") + ": " + got + ", not " + expected);
                }
            }
        }));
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyCommandOfTheRouteTableIsInTheSpecification(@Autowired ApplicationContext context) {
        Set<String> commands = Attacks.on(context).routes().stream()
                .filter(route -> !route.reads() && route.pattern().matches(".*/(requests|access-requests|grants)/\\{.*"))
                .map(Routes.Route::toString).collect(Collectors.toCollection(TreeSet::new));
        assertThat(commands).containsExactlyInAnyOrderElementsOf(COMMANDS);
    }

    private static Map<String, String> things(World world, long number, String digest) {
        Map<String, String> things = new LinkedHashMap<>(world.things());
        things.put("request", Long.toString(number));
        things.put("grant", Long.toString(number));
        things.put("digest", digest);
        return things;
    }

    private static Recipe step(String command, boolean api) {
        String path = api ? " /api/v1/access-requests/{number}" : " /requests/{number:[0-9]{1,18}}";
        Recipe recipe = Recipes.byRoute().get(switch (command) {
            case "withdraw" -> "POST" + path + "/withdrawal";
            case "revise" -> api ? "PUT" + path + "/ask" : "POST" + path + "/edit";
            default -> "POST" + path + "/reviews";
        }).getFirst();
        String decision = switch (command) {
            case "reject" -> "REJECT";
            case "changes" -> "REQUEST_CHANGES";
            default -> "APPROVE";
        };
        return recipe.with(text -> text.equals("APPROVE") ? decision : text);
    }
}
