package dev.countersign.policy.reason;

import dev.countersign.policy.model.Spiffe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Some of the known sources of a mesh; "anyone else" (the empty one) is a caller without identity, and one whose identity no
/// policy in question has a word for.
public final class CallerSet {
    private final KnownSources sources;
    private final SourceSet members;

    CallerSet(KnownSources sources, SourceSet members) {
        this.sources = sources;
        this.members = members;
    }

    public int size() {
        return members.size();
    }

    public boolean isEmpty() {
        return members.isEmpty();
    }

    /// Empty for anyone else.
    public boolean contains(Optional<Spiffe> source) {
        return sources.number(source).filter(members::has).isPresent();
    }

    /// By namespace, trust domain and service account; anyone else comes last.
    public List<Optional<Spiffe>> list() {
        List<Optional<Spiffe>> list = new ArrayList<>();
        members.forEach(number -> list.add(sources.source(number)));
        return list;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CallerSet that && members.equals(that.members)
                && sources.identities().equals(that.sources.identities());
    }

    @Override
    public int hashCode() {
        return members.hashCode();
    }

    @Override
    public String toString() {
        return list().toString();
    }
}
