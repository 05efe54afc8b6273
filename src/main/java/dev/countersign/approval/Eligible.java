package dev.countersign.approval;

import dev.countersign.identity.Role;
import java.util.Optional;
import java.util.UUID;

/// Who may sit in a stage. Written as one word, in rules and in what the API says: `owner`, `role:SECURITY`, `team:…`, `person:…`.
sealed interface Eligible {
    /// The team that owns the called service, whoever that is at the moment of the decision.
    record Owner() implements Eligible {
        @Override
        public String word() {
            return "owner";
        }
    }

    /// Everyone with the role. An auditor changes nothing, so that role decides nothing.
    record Holder(Role role) implements Eligible {
        public Holder {
            if (role == Role.AUDITOR) {
                throw new IllegalArgumentException("an auditor reads and never decides; choose another role");
            }
        }

        @Override
        public String word() {
            return "role:" + role.name();
        }
    }

    record OfTeam(UUID team) implements Eligible {
        @Override
        public String word() {
            return "team:" + team;
        }
    }

    record Named(UUID person) implements Eligible {
        @Override
        public String word() {
            return "person:" + person;
        }
    }

    String word();

    /// Empty where the word means nobody.
    static Optional<Eligible> ofWord(String word) {
        try {
            if (word.equals("owner")) {
                return Optional.of(new Owner());
            }
            if (word.startsWith("role:")) {
                return Optional.of(new Holder(Role.valueOf(word.substring(5))));
            }
            if (word.startsWith("team:")) {
                return Optional.of(new OfTeam(UUID.fromString(word.substring(5))));
            }
            if (word.startsWith("person:")) {
                return Optional.of(new Named(UUID.fromString(word.substring(7))));
            }
            return Optional.empty();
        } catch (IllegalArgumentException unknown) {
            return Optional.empty();
        }
    }
}
