package dev.countersign.grants;

import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.requests.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// In which waves the tenant lets an approval into its places: one namespace, one cluster, then all, with a pause between.
///
/// - `version`: counts within the tenant; 0 where there never was a plan. A plan without waves is none.
/// - `author`, `at`: of this version.
public record RolloutPlan(int version, List<Wave> waves, Optional<String> author, Optional<Instant> at) {
    public static final RolloutPlan NONE = new RolloutPlan(0, List.of(), Optional.empty(), Optional.empty());

    public RolloutPlan {
        waves = List.copyOf(waves);
    }

    /// - `spots`: the places of this wave that no wave before it takes; empty: all the rest, which is said of the last wave and of no other.
    /// - `pause`: how long it rests, from the moment at which every grant of it is delivered.
    /// - `byPerson`: then a person lets the next wave in; else it goes on by itself if nothing is wrong.
    public record Wave(String name, List<Spot> spots, Duration pause, boolean byPerson) {
        public Wave {
            name = name.strip();
            spots = List.copyOf(spots);
        }

        boolean takes(Place place) {
            return spots.isEmpty() || spots.stream().anyMatch(spot -> spot.covers(place.cluster().name(), place.target()));
        }
    }

    /// A namespace of a cluster, or the whole cluster.
    public record Spot(String cluster, Optional<String> namespace) {
        /// `demo` or `demo/production`; every text is read, and what names nothing is for `RolloutPlans` to refuse.
        public static Spot of(String text) {
            int slash = text.indexOf('/');
            return slash < 0 ? new Spot(text.strip(), Optional.empty()) : new Spot(text.substring(0, slash).strip(), Optional.of(text.substring(slash + 1).strip()));
        }

        boolean covers(String name, TargetWorkload target) {
            return cluster.equals(name) && namespace.map(target.namespace()::equals).orElse(true);
        }

        boolean includes(Spot other) {
            return cluster.equals(other.cluster) && (namespace.isEmpty() || namespace.equals(other.namespace));
        }

        public String text() {
            return namespace.map(known -> cluster + "/" + known).orElse(cluster);
        }
    }

    public boolean none() {
        return waves.isEmpty();
    }

    /// What was decided about the plan. Every refusal's `message` says what to do.
    public sealed interface Change {
        record Changed(int version) implements Change {}

        /// Somebody else changed it meanwhile.
        record Stale(int version, String message) implements Change {}

        record NotYours(String message) implements Change {}

        record Refused(List<Problem> problems) implements Change {}
    }

    /// What is wrong, in the wave at `index` (counted from 0): with its `name`, its `places` or its `pause`.
    public record Problem(int index, String field, String message) {}
}
