package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.requests.RequestState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/// S12: a word counts for exactly what was shown. Every digest that somebody may hold (of this version, of the one before, of
/// another request, of another tenant's, of what was rejected, withdrawn, lapsed or granted, copied badly or not at all) on a
/// request in every state, with every decision, through the page, both buttons of the queue and the API, by the person who may
/// decide. Only the open request with its own present digest takes it; whether it was taken is read from the table of reviews.
/// A build tries about 1,100; every person, and every digit of the digest changed, more than 60,000, with
/// `-Dcountersign.attacks=full`.
@PortalTest
class StaleApprovalTests {
    private static final List<String> DECISIONS = List.of("APPROVE", "REJECT", "REQUEST_CHANGES");

    /// Others compare tables of this world: what was aged here is not left for a job to find.
    @AfterEach
    void lapse(@Autowired ApplicationContext context) {
        Attacks.on(context).ours().lapse();
    }

    @Test
    void aWordCountsForExactlyWhatWasShown(@Autowired ApplicationContext context) {
        Attacks attacks = Attacks.on(context);
        World world = attacks.ours();
        Requests requests = Requests.of(world);
        Map<String, Long> targets = new LinkedHashMap<>();
        requests.in().forEach((state, number) -> targets.put(state.name(), number));
        targets.put("REVISED", requests.revised());
        Map<String, String> digests = new LinkedHashMap<>();
        targets.forEach((name, number) -> digests.put("of " + name, requests.digest(number)));
        digests.put("of the version before", requests.before());
        digests.put("of another tenant", attacks.theirs().things().get("digest"));
        digests.put("nothing", "");
        digests.put("a star", "*");
        digests.put("zeros", "sha256:" + "0".repeat(64));
        String own = requests.digest(requests.in().get(RequestState.SUBMITTED));
        digests.put("in capitals", own.toUpperCase(java.util.Locale.ROOT));
        digests.put("cut short", own.substring(0, own.length() - 1));
        digests.put("without its kind", own.substring("sha256:".length()));
        if (Attacks.FULL) {
            for (int at = 7; at < own.length(); at++) {
                for (char digit : "0123456789abcdef".toCharArray()) {
                    if (own.charAt(at) != digit) {
                        digests.put("digit " + at + " " + digit, own.substring(0, at) + digit + own.substring(at + 1));
                    }
                }
            }
        }
        List<String> people = Attacks.FULL ? Attacks.PEOPLE : List.of("owner");
        Set<String> taken = new LinkedHashSet<>();
        int calls = 0;
        int right = 0;
        for (Map.Entry<String, Long> target : targets.entrySet()) {
            for (Map.Entry<String, String> digest : digests.entrySet()) {
                boolean open = (target.getKey().equals("SUBMITTED") || target.getKey().equals("REVISED")) && digest.getKey().equals("of " + target.getKey());
                if (digest.getKey().startsWith("digit") && !target.getKey().equals("SUBMITTED")) {
                    continue;
                }
                for (String decision : DECISIONS) {
                    for (Recipe way : ways(decision)) {
                        for (String person : people) {
                            Map<String, String> things = new LinkedHashMap<>(world.things());
                            things.put("request", Long.toString(target.getValue()));
                            things.put("digest", digest.getValue());
                            Caller caller = Attacks.person(attacks, world, person, way.isApi());
                            boolean recorded = attacks.undone(world, () -> {
                                long before = reviews(attacks);
                                attacks.send(way.in(things), caller);
                                return reviews(attacks) != before;
                            });
                            calls++;
                            if (open && person.equals("owner")) {
                                right += recorded ? 1 : 0;
                            } else if (recorded) {
                                taken.add(decision + " by " + person + " on " + target.getKey() + " with the digest " + digest.getKey() + " by " + way.route());
                            }
                        }
                    }
                }
            }
        }
        System.out.println("S12 stale words: " + calls + " calls");
        assertThat(taken).isEmpty();
        assertThat(right).as("the right ones are taken").isEqualTo(2 * DECISIONS.size() * 4);
    }

    private static long reviews(Attacks attacks) {
        return attacks.rooms().jdbc().sql("select count(*) from review").query(Long.class).single();
    }

    private static List<Recipe> ways(String decision) {
        List<Recipe> ways = new ArrayList<>();
        ways.addAll(Recipes.byRoute().get("POST /requests/{number:[0-9]{1,18}}/reviews"));
        ways.addAll(Recipes.byRoute().get("POST /queue/decisions"));
        ways.addAll(Recipes.byRoute().get("POST /api/v1/access-requests/{number}/reviews"));
        return ways.stream().map(way -> way.with(text -> text.equals("APPROVE") ? decision : text)).toList();
    }
}
