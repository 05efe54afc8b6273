package dev.countersign.notices;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The list of what is told is closed: a kind of entry that a room comes to write is put on it, or on the list of what is not told.
class EventKindTests {
    /// Families of which something is told, and what of them is not: steps inside the portal, and administration.
    private static final Pattern KIND = Pattern.compile("\"((?:request|grants?|rollout|policy|delivery|repository|cluster|adoption)\\.[a-z]+(?:-[a-z]+)*)\"");
    private static final Set<String> NOT_TOLD = Set.of("request.planned", "rollout.plan-changed", "cluster.registered", "cluster.namespaces-changed", "cluster.trust-domain-aliases-changed",
            "cluster.credentials-rotated", "cluster.retired", "cluster.reconciled", "cluster.delivery-changed");
    /// No kinds of entries, but written alike.
    private static final Set<String> OTHER_WORDS = Set.of("cluster.local", "cluster.credential");

    @Test
    void everyKindThatIsRecordedIsToldOrSaidNotToBe() throws IOException {
        Set<String> written = new TreeSet<>();
        try (var files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java") && !path.toString().contains("/notices/") && !path.toString().contains("/policy/")).toList()) {
                Matcher kinds = KIND.matcher(Files.readString(file));
                while (kinds.find()) {
                    written.add(kinds.group(1));
                }
            }
        }
        written.removeAll(OTHER_WORDS);
        // Names of Istio's conditions.
        written.removeIf(kind -> kind.startsWith("request.auth") || kind.startsWith("request.headers"));
        Set<String> known = EventKind.all().stream().map(EventKind::entry).collect(Collectors.toCollection(TreeSet::new));
        known.addAll(NOT_TOLD);
        assertThat(written).isEqualTo(known);
    }

    @Test
    void theTableOfTheDocumentIsTheList() throws IOException {
        String text = Files.readString(Path.of("docs/webhooks.md"));
        for (EventKind kind : EventKind.all()) {
            assertThat(text).contains("| `" + kind.entry() + "` | " + kind.words() + " |");
            assertThat(EventKind.ofType(kind.type())).contains(kind);
        }
        assertThat(text.lines().filter(line -> line.matches("\\| `(request|grants?|rollout|policy|delivery|repository|cluster|adoption)\\.[a-z-]+` \\|.*")).count()).isEqualTo(EventKind.all().size());
    }
}
