package dev.countersign.web;

import java.util.Optional;

/// Tells the shell who is looking. One bean of it lives in `identity`; without it every page is drawn as for a stranger.
@FunctionalInterface
public interface ViewerSource {
    Optional<Viewer> current();
}
