package dev.countersign.api;

import dev.countersign.audit.Actor;
import java.util.UUID;

/// A person by id and name; the name is `username@tenant` as it was at that time.
record PersonDocument(String id, String name) {
    static PersonDocument of(UUID id, String name) {
        return new PersonDocument(id.toString(), name);
    }

    static PersonDocument of(Actor actor) {
        return new PersonDocument(actor.id(), actor.name());
    }
}
