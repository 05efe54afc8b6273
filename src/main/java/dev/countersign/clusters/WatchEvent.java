package dev.countersign.clusters;

/// What a watch tells.
public sealed interface WatchEvent {
    /// The object is now like this, new or changed.
    record Put(ClusterObject object) implements WatchEvent {}

    /// The object is gone; its last state.
    record Gone(ClusterObject object) implements WatchEvent {}

    /// Nothing happened up to this version.
    record Bookmark(String resourceVersion) implements WatchEvent {}
}
