package dev.countersign.policy.yaml;

import dev.countersign.policy.model.IstioObject;
import java.util.List;
import java.util.Optional;

/// What a tree stands for.
public sealed interface Decoding {
    /// An object of ours. `unknown` are its fields that we do not model; they stay in the tree.
    record Understood(IstioObject object, List<Remark> unknown) implements Decoding {
        public Understood {
            unknown = List.copyOf(unknown);
        }
    }

    /// One of our kinds, but malformed: the value cannot exist. `policy.check` says more.
    record Malformed(String kind, List<Remark> problems, List<Remark> unknown) implements Decoding {
        public Malformed {
            problems = List.copyOf(problems);
            unknown = List.copyOf(unknown);
        }
    }

    /// Something else, such as a Deployment. Empty texts where it does not even say what it is.
    record OtherKind(String apiVersion, String kind) implements Decoding {}

    /// The object, if it is of this type and well-formed.
    default <T extends IstioObject> Optional<T> as(Class<T> type) {
        return this instanceof Understood understood && type.isInstance(understood.object())
                ? Optional.of(type.cast(understood.object()))
                : Optional.empty();
    }
}
