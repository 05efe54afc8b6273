package dev.countersign.web;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the frame of a page needs to know, asked for by templates as `#shell`. Built only when a template asks: a fragment
/// for htmx costs nothing of it.
public final class Shell {
    /// How htmx behaves here: no inline indicator styles, no evaluated text, no scripts from answers, no other origins. A
    /// refusal (422) and an error are swapped in like any answer; the error fragment says itself where it belongs.
    private static final String HTMX = """
            {"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,"historyCacheSize":0,\
            "refreshOnHistoryMiss":true,"defaultSettleDelay":0,"scrollIntoViewOnBoost":false,"responseHandling":[{"code":"204","swap":false},\
            {"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"[45]..","swap":true,"error":true}]}""";

    private final Optional<Viewer> viewer;
    private final Assets assets;
    private final String version;

    Shell(Optional<Viewer> viewer, Assets assets, String version) {
        this.viewer = viewer;
        this.assets = assets;
        this.version = version;
    }

    public @Nullable Viewer getViewer() {
        return viewer.orElse(null);
    }

    public List<Room> getRooms() {
        return viewer.map(Room::of).orElse(List.of());
    }

    public String getHtmx() {
        return HTMX;
    }

    public String getVersion() {
        return version;
    }

    public String asset(String path) {
        return assets.address(path);
    }
}
