package dev.countersign.approval;

import dev.countersign.histories.Bug;
import dev.countersign.identity.Role;
import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.Stakes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/// The rows of approval of one tenant in memory: people with their roles and teams as they are now (`Rosters.of`), the plan of every
/// version (`request_plan`), and reviews, one a person and version (the primary key of `review`). Whether a word is heard and what it
/// comes to is the product's (`Workflow`, `Plan`, `Eligibility`, `Hearing`, `Tally`).
public final class SimulatedBoard {
    private static final Workflow RULES = Workflow.builtIn();

    /// A row of `person` with its roles and teams.
    public static final class Person {
        public final UUID id;
        public final Set<UUID> teams = new HashSet<>();
        public boolean security;
        public boolean gone;

        public Person(UUID id) {
            this.id = id;
        }
    }

    /// What became of a word: `after` is the state that the request has to take, the same where nothing follows.
    public record Answer(boolean heard, RequestState after) {}

    private final Map<UUID, Person> people = new TreeMap<>();
    private final Map<String, Plan> plans = new HashMap<>();
    private final Map<String, List<Review>> reviews = new HashMap<>();
    private final Map<String, Roster> rosters = new HashMap<>();
    private final Map<UUID, String> teamNames;
    private final Bug bug;

    public SimulatedBoard(List<Person> people, Map<UUID, String> teamNames, Bug bug) {
        people.forEach(person -> this.people.put(person.id, person));
        this.teamNames = teamNames;
        this.bug = bug;
    }

    /// As `Plans.plan`: whether the right people exist, or nothing is submitted.
    public boolean possible(UUID requester, Stakes stakes) {
        ApprovalRule rule = RULES.ruleFor(stakes.facts());
        return Eligibility.of(rule, Plan.concern(stakes, requester), roster()).possible();
    }

    /// As `Plans.submitted`, in the transaction of the submission.
    public void submitted(RequestProgress.Locked request, Stakes stakes) {
        Set<UUID> beneficiaries = new HashSet<>();
        stakes.beneficiaries().forEach(team -> beneficiaries.add(team.id()));
        Set<UUID> barred = new HashSet<>();
        people.values().stream().filter(person -> person.teams.stream().anyMatch(beneficiaries::contains)).forEach(person -> barred.add(person.id));
        boolean forgotten = bug == Bug.BENEFICIARY_COUNTS;
        plans.put(key(request), new Plan(request.id(), request.version(), 0, RULES.ruleFor(stakes.facts()), forgotten ? Set.of() : beneficiaries,
                forgotten || bug == Bug.GAINED_THEN_FORGOTTEN ? Set.of() : barred));
        rosters.put(key(request), roster());
    }

    /// As `ReviewBoard.decide`, in one transaction under the lock of the request.
    public Answer decide(RequestProgress.Locked request, Stakes stakes, UUID me, Decision decision, String digest, Instant now) {
        Answer unheard = new Answer(false, request.state());
        if (request.state() != RequestState.SUBMITTED || bug != Bug.DIGEST_NOT_COMPARED && Hearing.stale(request, digest).isPresent()) {
            return unheard;
        }
        List<Review> before = reviews.getOrDefault(key(request), List.of());
        Plan plan = plans.get(key(request));
        Roster roster = bug == Bug.ROLES_OF_YESTERDAY ? rosters.get(key(request)) : roster();
        Hearing hearing = Hearing.of(plan, plan.concern(request, withBugs(stakes)), roster, before);
        if (hearing.refuses(me, decision, "words").isPresent()) {
            return unheard;
        }
        List<Review> all = hearing.with(new Review(me, "somebody", request.version(), digest, decision, "words", now));
        reviews.put(key(request), all);
        boolean counted = bug == Bug.WORDS_COUNTED_NOT_SEATS && all.stream().filter(one -> one.decision() == Decision.APPROVE).count() >= needed(plan);
        return new Answer(true, counted ? RequestState.APPROVED : Hearing.after(hearing.tally(all)));
    }

    private static int needed(Plan plan) {
        return plan.rule().stages().stream().mapToInt(Stage::needed).sum();
    }

    /// The fault of that name.
    private Stakes withBugs(Stakes stakes) {
        return bug != Bug.BENEFICIARY_COUNTS ? stakes : new Stakes(stakes.ask(), stakes.period(), stakes.facts(), stakes.owners(), List.of());
    }

    private Roster roster() {
        List<Roster.Member> members = new ArrayList<>();
        for (Person person : people.values()) {
            if (!person.gone) {
                members.add(new Roster.Member(person.id, "somebody", person.security ? Set.of(Role.SECURITY) : Set.of(), person.teams));
            }
        }
        return Roster.of(members, teamNames);
    }

    private static String key(RequestProgress.Locked request) {
        return request.number() + " " + request.version();
    }
}
