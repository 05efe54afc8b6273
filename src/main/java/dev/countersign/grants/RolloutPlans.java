package dev.countersign.grants;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.clusters.ClusterRegistry;
import dev.countersign.clusters.ClusterView;
import dev.countersign.grants.RolloutPlan.Change;
import dev.countersign.grants.RolloutPlan.Problem;
import dev.countersign.grants.RolloutPlan.Spot;
import dev.countersign.grants.RolloutPlan.Wave;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.tenancy.CurrentTenant;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;

/// The rollout plan of the current tenant, in versions that never change. A rollout keeps what the plan said when its request was
/// approved: a change concerns what is approved from then on.
@Service
public class RolloutPlans {
    public static final int MOST_WAVES = 10;
    public static final Duration LONGEST_PAUSE = Duration.ofDays(30);
    public static final String ADMINISTRATORS = "Administrators set the rollout plan. Ask one of them.";
    private static final int MOST_NAME = 60;
    private static final int MOST_SPOTS = 50;
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final JsonMapper JSON = new JsonMapper();

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final ClusterRegistry clusters;

    RolloutPlans(JdbcClient jdbc, AuditLog audit, ClusterRegistry clusters) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.clusters = clusters;
    }

    @Transactional(readOnly = true)
    public RolloutPlan present() {
        return jdbc.sql("""
                        select version, waves, at, actor_name
                        from rollout_plan
                        where tenant_id = ?
                        order by version desc
                        limit 1""")
                .param(CurrentTenant.require().value())
                .query((row, number) -> new RolloutPlan(row.getInt("version"), waves(row.getString("waves")), Optional.of(row.getString("actor_name")),
                        Optional.of(row.getObject("at", OffsetDateTime.class).toInstant())))
                .optional()
                .orElse(RolloutPlan.NONE);
    }

    /// Makes `waves` the plan, or takes it away where there are none, unless it is no longer version `base`.
    @Transactional
    public Change change(CurrentPerson me, int base, List<Wave> waves) {
        if (!me.is(Role.ADMINISTRATOR)) {
            return new Change.NotYours(ADMINISTRATORS);
        }
        if (!me.mayUse(Scope.ADMIN)) {
            return new Change.NotYours("This token lacks the scope admin. Use one that has it.");
        }
        List<Problem> problems = problems(waves);
        if (!problems.isEmpty()) {
            return new Change.Refused(problems);
        }
        audit.hold();
        RolloutPlan before = present();
        if (before.version() != base) {
            return new Change.Stale(before.version(), "Somebody else changed the plan meanwhile. Look at version " + before.version() + " and change that.");
        }
        int version = base + 1;
        jdbc.sql("insert into rollout_plan (tenant_id, version, waves, actor_kind, actor_id, actor_name) values (?, ?, ?, ?, ?, ?)")
                .params(CurrentTenant.require().value(), version, JSON.writeValueAsString(waves.stream().map(WaveText::of).toList()), me.actor().kind().name(), me.actor().id(),
                        me.actor().name())
                .update();
        audit.append(new AuditEvent("rollout.plan-changed", me.actor(), new Subject("rollout-plan", Integer.toString(version)), waves.isEmpty()
                ? "took the rollout plan away (version " + version + "): what is approved from now on is delivered everywhere at once"
                : "set the rollout plan (version " + version + "): " + waves.stream().map(Wave::name).collect(Collectors.joining(", then ")),
                new PlanFact(version, waves.stream().map(WaveText::of).toList())));
        return new Change.Changed(version);
    }

    private List<Problem> problems(List<Wave> waves) {
        List<Problem> problems = new ArrayList<>();
        Set<String> known = clusters.list().stream().filter(cluster -> cluster.retirement().isEmpty()).map(ClusterView::name).collect(Collectors.toSet());
        Set<String> names = new HashSet<>();
        List<Spot> before = new ArrayList<>();
        if (waves.size() > MOST_WAVES) {
            problems.add(new Problem(MOST_WAVES, "name", "A plan has at most " + MOST_WAVES + " waves. Leave some out."));
        }
        for (int i = 0; i < Math.min(waves.size(), MOST_WAVES); i++) {
            Wave wave = waves.get(i);
            if (wave.name().isBlank() || wave.name().codePointCount(0, wave.name().length()) > MOST_NAME || wave.name().chars().anyMatch(c -> c < 0x20)) {
                problems.add(new Problem(i, "name", "Give the wave a name of 1 to " + MOST_NAME + " characters."));
            } else if (!names.add(wave.name().toLowerCase(Locale.ROOT))) {
                problems.add(new Problem(i, "name", "Another wave has this name. Give this one a name of its own."));
            }
            if (wave.pause().isNegative() || wave.pause().compareTo(LONGEST_PAUSE) > 0) {
                problems.add(new Problem(i, "pause", "A wave rests for 0 to 30 days."));
            }
            boolean last = i == waves.size() - 1;
            if (last != wave.spots().isEmpty()) {
                problems.add(new Problem(i, "places", last
                        ? "The last wave takes all the rest. Leave its places empty, or add another wave after it."
                        : "Only the last wave takes all the rest. Name the clusters or namespaces of this one."));
            }
            if (wave.spots().size() > MOST_SPOTS) {
                problems.add(new Problem(i, "places", "A wave names at most " + MOST_SPOTS + " places. Name whole clusters, or divide it."));
                continue;
            }
            for (Spot spot : wave.spots()) {
                Optional<String> wrong = wrong(spot, known, before);
                if (wrong.isPresent()) {
                    problems.add(new Problem(i, "places", wrong.get()));
                }
                before.add(spot);
            }
        }
        return problems;
    }

    private static Optional<String> wrong(Spot spot, Set<String> known, List<Spot> before) {
        if (!known.contains(spot.cluster())) {
            return Optional.of("There is no cluster \"" + spot.cluster() + "\" in use here. Choose one of the clusters' list.");
        }
        if (spot.namespace().filter(name -> !LABEL.matcher(name).matches()).isPresent()) {
            return Optional.of("\"" + spot.text() + "\" is no cluster and namespace. Write it like " + spot.cluster() + "/production.");
        }
        return before.stream().filter(earlier -> earlier.includes(spot)).findFirst()
                .map(earlier -> "\"" + spot.text() + "\" is taken already by \"" + earlier.text() + "\" before it. Name each place once, the smaller one first.");
    }

    private static List<Wave> waves(String text) {
        return List.of(JSON.readValue(text, WaveText[].class)).stream().map(WaveText::wave).toList();
    }

    /// A wave as stored text, and as the record keeps it; `places` empty: all the rest.
    private record WaveText(String name, List<String> places, long pauseSeconds, boolean byPerson) {
        static WaveText of(Wave wave) {
            return new WaveText(wave.name(), wave.spots().stream().map(Spot::text).toList(), wave.pause().toSeconds(), wave.byPerson());
        }

        Wave wave() {
            return new Wave(name, places.stream().map(Spot::of).toList(), Duration.ofSeconds(pauseSeconds), byPerson);
        }
    }

    private record PlanFact(int version, List<WaveText> waves) {}
}
