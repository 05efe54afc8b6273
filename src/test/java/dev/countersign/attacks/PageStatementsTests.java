package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import dev.countersign.portal.StatementRecorder;
import dev.countersign.portal.StatementRecorder.Recording;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/// W7: what a page asks of the database does not grow with the rows it shows, and how much it asks is written down: a page may
/// ask less than its line in the table, never more. Every GET page of the route table, in a world with few rows and in the same
/// world after it grew eightfold.
@PortalTest
class PageStatementsTests {
    private static final Map<String, Integer> MOST = new LinkedHashMap<>();

    @Test
    void aPageAsksNoMoreWithMoreRows(@Autowired ApplicationContext context) throws Exception {
        Attacks attacks = Attacks.on(context);
        try (World world = World.found(attacks.rooms(), "hjklm", 0)) {
            Map<String, Recording> few = costs(attacks, world);
            world.grow(8);
            Map<String, Recording> many = costs(attacks, world);
            List<String> grown = new ArrayList<>();
            if (Boolean.getBoolean("countersign.statements")) {
                many.forEach((page, cost) -> System.out.println("W7 " + page + "\n    " + String.join("\n    ", cost.statements().stream().map(StatementRecorder::normal).toList())));
            }
            few.forEach((page, cost) -> {
                System.out.println("W7 " + page + " " + cost.statements().size() + " -> " + many.get(page).statements().size() + " statements, " + cost.transactions() + " transactions");
                if (many.get(page).statements().size() > cost.statements().size()) {
                    grown.add(page + " " + cost.statements().size() + " -> " + many.get(page).statements().size() + ": " + more(cost, many.get(page)));
                }
            });
            assertThat(grown).isEmpty();
        }
    }

    private static Map<String, Recording> costs(Attacks attacks, World world) throws Exception {
        Map<String, Recording> costs = new LinkedHashMap<>();
        for (Recipe recipe : Recipes.all()) {
            if (recipe.reads() && !recipe.route().equals("GET /news")) {
                Caller caller = recipe.by().contains(":") ? attacks.caller(world, recipe.by()) : signedIn(attacks, world, recipe.by());
                attacks.send(recipe.in(world.things()), caller);
                Attacks.Answer[] answer = new Attacks.Answer[1];
                Recording cost = StatementRecorder.during(() -> answer[0] = attacks.send(recipe.in(world.things()), caller));
                assertThat(answer[0].status()).as(recipe.toString()).isLessThan(400);
                costs.put(recipe.route() + (costs.containsKey(recipe.route()) ? " (2)" : ""), cost);
            }
        }
        return costs;
    }

    /// By a session, as a browser has it: looking it up is part of a page.
    private static Caller signedIn(Attacks attacks, World world, String username) throws Exception {
        return attacks.browser(username.equals("operator") ? username : username + "@" + world.tenant().tenant().slug(), username + " password");
    }

    private static Map<String, Integer> more(Recording few, Recording many) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        many.statements().forEach(text -> counts.merge(StatementRecorder.normal(text), 1, Integer::sum));
        few.statements().forEach(text -> counts.merge(StatementRecorder.normal(text), -1, Integer::sum));
        counts.values().removeIf(count -> count <= 0);
        return counts;
    }
}
