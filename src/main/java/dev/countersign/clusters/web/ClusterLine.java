package dev.countersign.clusters.web;

import dev.countersign.clusters.ClusterView;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A cluster in a list: its state as a kind and a word, since when, and the words of a trouble.
public record ClusterLine(ClusterView view, String kind, String word, @Nullable Instant since, @Nullable String trouble) {
    static ClusterLine of(ClusterView view) {
        if (view.retirement().isPresent()) {
            return new ClusterLine(view, "over", "retired", view.retirement().get().at(), null);
        }
        ClusterView.State state = view.state();
        if (state.failingSince().isPresent()) {
            return new ClusterLine(view, "fails", "does not answer", state.failingSince().get(), state.lastError().orElse(null));
        }
        return state.lastOkAt().isPresent()
                ? new ClusterLine(view, "done", "answers", state.lastOkAt().get(), null)
                : new ClusterLine(view, "unsure", "not asked yet", null, null);
    }
}
