package dev.countersign.grants;

import dev.countersign.audit.Actor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// That the grants of a request are delivered in waves.
///
/// - `request`: the request's number.
/// - `plan`: the version of the plan that said so; 0 where none did, and the one wave waits for a baseline (`Baselines`).
/// - `waves`: in order, counted from one without gaps; each has a grant at least.
public record Rollout(UUID requestId, long request, int plan, Instant startedAt, List<Wave> waves) {
    public Rollout {
        waves = List.copyOf(waves);
    }

    public enum State {
        /// It has not been let in.
        WAITING,
        /// It was let in; not every grant of it is delivered.
        RUNNING,
        /// It is delivered, and rests; the next one goes by itself if nothing is wrong.
        PAUSED,
        /// It is delivered, and a person lets the next one in.
        WAITING_FOR_PERSON,
        /// It is delivered, and the next one was let in; or nothing of it is left to deliver.
        DONE,
        /// Nothing more of the rollout is let in: until a stop is released, or a person decides.
        STOPPED
    }

    /// - `since`: of the state. `words`: why it is STOPPED, else "".
    /// - `admittedAt`: empty before it is let in, `deliveredAt`: before every grant of it was delivered.
    /// - `restsUntil`: when its pause is over, by the database's clock, as is `rested`.
    /// - `continued`: there where a person let it in.
    public record Wave(
            int number, String name, Duration pause, boolean byPerson, State state, Instant since, String words, Optional<Instant> admittedAt, Optional<Instant> deliveredAt,
            Optional<Instant> restsUntil, boolean rested, Optional<Continuation> continued, List<UUID> grants) {
        public Wave {
            grants = List.copyOf(grants);
        }

        public boolean letIn() {
            return admittedAt.isPresent();
        }
    }

    /// A person's word that let a wave in. `waived`: the keys of what had stopped the rollout (`Halt`).
    public record Continuation(Actor by, Instant at, MadeAs madeAs, String reason, List<String> waived) {
        public Continuation {
            waived = List.copyOf(waived);
        }
    }

    public enum MadeAs {
        SECURITY,
        ADMINISTRATOR
    }

    /// What stops a rollout until a person decides: a grant of it was rolled back or revoked. `key`: `suspension 3`, `grant 7`.
    public record Halt(String key, String words) {}

    public boolean over() {
        return waves.stream().allMatch(wave -> wave.state() == State.DONE);
    }

    /// The last one that was let in.
    public Optional<Wave> current() {
        return waves.stream().filter(Wave::letIn).reduce((first, second) -> second);
    }

    public Optional<Wave> waveOf(UUID grant) {
        return waves.stream().filter(wave -> wave.grants().contains(grant)).findFirst();
    }
}
