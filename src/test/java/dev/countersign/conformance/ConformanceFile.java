package dev.countersign.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// One data file of facts about Istio, one JSON object a line, found in the folder named by the system property
/// `conformance.dir`, or in the project's own copy when that is empty. A file that the folder does not hold is absent.
final class ConformanceFile {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final String name;
    private final List<Case> cases;

    private ConformanceFile(String name, List<Case> cases) {
        this.name = name;
        this.cases = cases;
    }

    /// One line; `id` is the field of that name, else the line's number.
    record Case(String id, Map<String, Object> fields) {
        @SuppressWarnings("unchecked")
        Map<String, Object> map(String field) {
            return (Map<String, Object>) fields.get(field);
        }

        @SuppressWarnings("unchecked")
        List<Object> list(String field) {
            return (List<Object>) fields.get(field);
        }
    }

    /// Says what is wrong with a case, or nothing when it agrees.
    interface Check {
        Optional<String> complaint(Case one);
    }

    static Path directory() {
        String given = System.getProperty("conformance.dir", "");
        return given.isEmpty() ? Path.of("src", "test", "resources", "conformance") : Path.of(given);
    }

    /// The file `name` (`decisions.jsonl`), or empty when the folder does not hold it.
    static Optional<ConformanceFile> find(String name) {
        Path file = directory().resolve(name);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(file)) {
            List<Case> cases = new ArrayList<>();
            for (String line : (Iterable<String>) lines::iterator) {
                if (!line.isBlank()) {
                    Map<String, Object> fields = JSON.readValue(line, new TypeReference<Map<String, Object>>() {});
                    cases.add(new Case(String.valueOf(fields.getOrDefault("id", cases.size() + 1)), fields));
                }
            }
            return Optional.of(new ConformanceFile(name, cases));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /// The names of the files in a sub-folder (`validation`) that end in `.jsonl`, sorted.
    static List<String> list(String folder) {
        Path directory = directory().resolve(folder);
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".jsonl"))
                    .sorted()
                    .map(file -> folder + "/" + file)
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    List<Case> cases() {
        return cases;
    }

    /// Runs every case, prints one line (`decisions 200/200`, with the failing ids), and fails unless all agree.
    void run(Check check) {
        List<String> failing = new ArrayList<>();
        List<String> complaints = new ArrayList<>();
        for (Case one : cases) {
            Optional<String> complaint;
            try {
                complaint = check.complaint(one);
            } catch (RuntimeException accident) {
                complaint = Optional.of(accident.toString());
            }
            complaint.ifPresent(said -> {
                failing.add(one.id());
                complaints.add(one.id() + ": " + said);
            });
        }
        String title = name.replaceFirst("\\.jsonl$", "");
        System.out.println(title + " " + (cases.size() - failing.size()) + "/" + cases.size()
                + (failing.isEmpty() ? "" : " failing: " + String.join(" ", failing)));
        assertThat(cases).as("cases of " + name).isNotEmpty();
        assertThat(complaints).as(name).isEmpty();
    }
}
