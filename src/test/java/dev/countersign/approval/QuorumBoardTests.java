package dev.countersign.approval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.grants.GrantLedger;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.People;
import dev.countersign.identity.Role;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.Submission;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/// S39 against the board itself and its database: people say what they like, twice and as whoever they were when they signed in,
/// while roles, teams, accounts and the tenant's rules change between their words. A reference of a few lines, which knows only
/// who is what, says what must have come of it. `-Dapproval.boards=10000` plays more.
@PortalTest
class QuorumBoardTests {
    private static final int SEQUENCES = Integer.getInteger("approval.boards", 60);
    private static final int STEPS = 16;
    private static final int OF_ONE_TENANT = 12;
    private static final Actor SETUP = Actor.system("test");
    private static final List<String> PEOPLE = List.of("engineer", "owner", "security", "security2", "auditor");
    /// One person of the tenant is enough.
    private static final ApprovalRule LAX = new ApprovalRule("Lax", ApprovalRule.Match.ANY, Set.of(), List.of(new Stage("Anybody of security", 1, List.of(new Eligible.Holder(Role.SECURITY)))), false);

    @Autowired
    Story stories;

    @Autowired
    ReviewBoard board;

    @Autowired
    RequestDesk desk;

    @Autowired
    GrantLedger ledger;

    @Autowired
    People people;

    @Autowired
    Tenants tenants;

    @Autowired
    ApprovalRules rules;

    private final Random random = new Random(3939);

    /// What everyone is, as the reference keeps it.
    private static final class Office {
        final Set<String> owners = new HashSet<>(Set.of("owner"));
        final Set<String> security = new HashSet<>(Set.of("security", "security2"));
        final Set<String> gainers = new HashSet<>(Set.of("engineer"));
        final Set<String> gone = new HashSet<>();

        /// Whether one owner and `others` more of security are among those who agreed.
        boolean enough(Set<String> agreed, Set<String> gainedThen, int others) {
            Set<String> counted = new HashSet<>(agreed);
            counted.removeIf(one -> !may(one, gainedThen));
            return counted.stream().filter(owners::contains)
                    .anyMatch(owner -> counted.stream().filter(other -> !other.equals(owner) && security.contains(other)).count() >= others);
        }

        boolean may(String one, Set<String> gainedThen) {
            return !one.equals("engineer") && !gone.contains(one) && !gainers.contains(one) && !gainedThen.contains(one)
                    && (owners.contains(one) || security.contains(one));
        }
    }

    @Test
    void noSequenceSettlesARequestOtherwiseThanItsPeopleDid() {
        Map<RequestState, Integer> ends = new HashMap<>();
        Map<Class<?>, Integer> answers = new HashMap<>();
        Story.Cast acme = stories.begin();
        for (int sequence = 0; sequence < SEQUENCES; sequence++) {
            if (sequence % OF_ONE_TENANT == 0) {
                acme = stories.begin();
            }
            ends.merge(play(acme, sequence, answers), 1, Integer::sum);
        }
        System.out.println("S39 board: " + SEQUENCES + " sequences, " + ends + ", " + answers.entrySet().stream().map(one -> one.getKey().getSimpleName() + "=" + one.getValue()).sorted().toList());
        assertThat(ends.keySet()).contains(RequestState.APPROVED, RequestState.REJECTED, RequestState.CHANGES_REQUESTED, RequestState.SUBMITTED);
        assertThat(answers.keySet()).contains(Deciding.Recorded.class, Deciding.NotEligible.class, Deciding.AlreadySaid.class);
    }

    private RequestState play(Story.Cast acme, int sequence, Map<Class<?>, Integer> answers) {
        Office office = reset(acme);
        boolean wide = random.nextBoolean();
        long number = submit(acme, sequence, wide);
        Set<String> gainedThen = Set.copyOf(office.gainers);
        Map<String, CurrentPerson> signedIn = new HashMap<>();
        PEOPLE.forEach(one -> signedIn.put(one, acme.person(one)));
        String digest = acme.request(number).digest();
        Set<String> agreed = new HashSet<>();
        Set<String> spoke = new HashSet<>();
        List<String> story = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            String one = PEOPLE.get(random.nextInt(PEOPLE.size()));
            int what = random.nextInt(10);
            if (what < 4) {
                story.add(changed(acme, office, one, what));
                continue;
            }
            Decision decision = random.nextInt(10) > 0 ? Decision.APPROVE : random.nextBoolean() ? Decision.REJECT : Decision.REQUEST_CHANGES;
            Deciding answer = acme.in(() -> board.decide(signedIn.get(one), number, decision, digest, "Said at a step."));
            answers.merge(answer.getClass(), 1, Integer::sum);
            story.add(one + " " + decision + " -> " + answer);
            String told = "sequence " + sequence + ": " + String.join("\n", story);
            if (!office.may(one, gainedThen)) {
                assertThat(answer).as(told).isInstanceOf(Deciding.NotEligible.class);
                continue;
            }
            if (!spoke.add(one)) {
                assertThat(answer).as(told).isInstanceOf(Deciding.AlreadySaid.class);
                continue;
            }
            if (decision == Decision.APPROVE) {
                agreed.add(one);
            }
            RequestState wanted = switch (decision) {
                case REJECT -> RequestState.REJECTED;
                case REQUEST_CHANGES -> RequestState.CHANGES_REQUESTED;
                case APPROVE -> office.enough(agreed, gainedThen, wide ? 2 : 1) ? RequestState.APPROVED : RequestState.SUBMITTED;
            };
            assertThat(answer).as(told).isInstanceOfSatisfying(Deciding.Recorded.class, recorded -> assertThat(recorded.state()).isEqualTo(wanted));
            assertThat(acme.request(number).state()).as(told).isEqualTo(wanted);
            assertThat(acme.in(() -> ledger.ofRequest(number))).as(told).hasSize(wanted == RequestState.APPROVED ? 1 : 0);
            if (wanted != RequestState.SUBMITTED) {
                return wanted;
            }
        }
        return RequestState.SUBMITTED;
    }

    private long submit(Story.Cast acme, int sequence, boolean wide) {
        var period = new GrantPeriod.For(Duration.ofDays(90));
        var draft = wide
                ? Story.draft(List.of(new AskSource.Account("production", "order-service")), List.of(), period)
                : Story.draft(List.of(new AskSource.Account("staging", "order-service")), Story.paths("/api/v1/payments/" + sequence), period);
        Submission submission = acme.in(() -> desk.submit(acme.person("engineer"), draft));
        return ((Submission.Submitted) submission).number();
    }

    /// Everyone is again what the tenant began with, under the built-in rules or ones that say the same.
    private Office reset(Story.Cast acme) {
        Office office = new Office();
        tenants.doInTenant(acme.id(), () -> {
            for (String one : PEOPLE) {
                var id = acme.tenant().person(one);
                people.reactivate(SETUP, id);
                people.setRoles(SETUP, id, office.security.contains(one) ? Set.of(Role.SECURITY) : Set.of());
                member(acme, "payments", one, office.owners.contains(one));
                member(acme, "orders", one, office.gainers.contains(one));
            }
        });
        rules(acme, Workflow.builtIn());
        return office;
    }

    private String changed(Story.Cast acme, Office office, String one, int what) {
        if (random.nextInt(8) == 0) {
            rules(acme, new Workflow(List.of(LAX)));
            return "one person is enough by the rules now";
        }
        boolean now = toggled(switch (what) {
            case 0 -> office.owners;
            case 1 -> office.security;
            case 2 -> office.gainers;
            default -> office.gone;
        }, one);
        tenants.doInTenant(acme.id(), () -> {
            var id = acme.tenant().person(one);
            switch (what) {
                case 0 -> member(acme, "payments", one, now);
                case 1 -> people.setRoles(SETUP, id, now ? Set.of(Role.SECURITY) : Set.of());
                case 2 -> member(acme, "orders", one, now);
                default -> {
                    if (now) {
                        people.deactivate(SETUP, id);
                    } else {
                        people.reactivate(SETUP, id);
                    }
                }
            }
        });
        return one + " " + List.of("owner", "security", "gains", "gone").get(what) + " " + now;
    }

    private static boolean toggled(Set<String> held, String one) {
        if (held.remove(one)) {
            return false;
        }
        held.add(one);
        return true;
    }

    private void member(Story.Cast acme, String team, String one, boolean in) {
        if (in) {
            people.join(SETUP, acme.tenant().team(team), acme.tenant().person(one));
        } else {
            people.leave(SETUP, acme.tenant().team(team), acme.tenant().person(one));
        }
    }

    private void rules(Story.Cast acme, Workflow workflow) {
        CurrentPerson admin = acme.person("admin");
        assertThat(acme.in(() -> rules.replace(admin, rules.current().version(), workflow, "for a test"))).isInstanceOf(ApprovalRules.Change.Changed.class);
    }
}
