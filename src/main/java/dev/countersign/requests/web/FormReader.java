package dev.countersign.requests.web;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.requests.DraftReader;
import dev.countersign.requests.FieldProblem;
import dev.countersign.requests.Draft;
import dev.countersign.requests.web.AskForm.ConditionRow;
import dev.countersign.requests.web.AskForm.OperationRow;
import dev.countersign.web.FieldErrors;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/// Brings a form into the shape of the API's body, so that one parser serves both, and leads what it says back to the fields.
/// Services are typed by name: whoever means one of several is asked which.
@Component
class FormReader {
    private static final Pattern INDEXED = Pattern.compile("/ask/(from|operations|conditions)/([0-9]{1,4})(/([a-zA-Z]+))?.*");

    private final MeshCatalog catalog;

    FormReader(MeshCatalog catalog) {
        this.catalog = catalog;
    }

    sealed interface Reading {
        record Read(Draft draft, Rows rows) implements Reading {}

        record Unreadable(FieldErrors errors) implements Reading {}
    }

    /// Which row of the form became which entry of the body: empty rows are left out.
    record Rows(List<Integer> from, List<Integer> operations, List<Integer> conditions) {
        /// The problems by field of the form; those of no field under "".
        FieldErrors errors(List<FieldProblem> problems) {
            FieldErrors errors = FieldErrors.NONE;
            for (FieldProblem problem : problems) {
                errors = errors.with(field(problem.pointer()), problem.message());
            }
            return errors;
        }

        String field(String pointer) {
            Matcher indexed = INDEXED.matcher(pointer);
            if (indexed.matches()) {
                int at = Integer.parseInt(indexed.group(2));
                String member = indexed.group(4) == null ? "" : indexed.group(4);
                return switch (indexed.group(1)) {
                    case "from" -> "from-" + row(from, at);
                    case "operations" -> (Set.of("methods", "ports", "hosts").contains(member) ? member : "paths") + "-" + row(operations, at);
                    default -> (member.equals("key") || member.isEmpty() ? "condition" : "values") + "-" + row(conditions, at);
                };
            }
            if (pointer.startsWith("/ask/to")) {
                return "to";
            }
            return switch (pointer) {
                case "/ask/from" -> "from-0";
                case "/ask/operations", "/ask/wholeService" -> "paths-0";
                case "/ask/conditions" -> "condition-0";
                case "/ask/clusters" -> "clusters";
                case "/justification/reason" -> "reason";
                case "/justification/ticket" -> "ticket";
                case "/grantFor" -> "period";
                case "/until" -> "until";
                default -> "";
            };
        }

        private static int row(List<Integer> rows, int at) {
            return at < rows.size() ? rows.get(at) : 0;
        }
    }

    @Transactional(readOnly = true)
    public Reading read(AskForm form) {
        return new Work(form).reading();
    }

    /// A service as typed; `account`: a service account was named, not a workload.
    private record Named(Optional<String> cluster, String namespace, String name, boolean account) {}

    private final class Work {
        private final AskForm form;
        private final Map<String, Object> ask = new LinkedHashMap<>();
        private final Map<String, Object> body = new LinkedHashMap<>();
        private final Set<String> clusters = new LinkedHashSet<>();
        private final Rows rows = new Rows(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        private FieldErrors errors = FieldErrors.NONE;

        Work(AskForm form) {
            this.form = form;
            this.clusters.addAll(form.clusters());
        }

        Reading reading() {
            ask.put("kind", "ServiceAccess");
            target();
            sources();
            List<ClusterRef> known = catalog.clusters();
            if (clusters.isEmpty() && known.size() == 1) {
                clusters.add(known.getFirst().name());
            }
            ask.put("clusters", List.copyOf(clusters));
            operations();
            conditions();
            body.put("ask", ask);
            Map<String, Object> justification = new LinkedHashMap<>();
            justification.put("reason", form.reason());
            if (!form.ticket().isBlank()) {
                justification.put("ticket", form.ticket().strip());
            }
            body.put("justification", justification);
            period();
            return switch (DraftReader.read(body)) {
                case DraftReader.Reading.Read(Draft draft) when errors.isEmpty() -> new Reading.Read(draft, rows);
                case DraftReader.Reading.Read(Draft draft) -> new Reading.Unreadable(errors);
                case DraftReader.Reading.Unreadable(var problems) -> {
                    for (FieldProblem problem : problems) {
                        errors = errors.with(rows.field(problem.pointer()), problem.message());
                    }
                    yield new Reading.Unreadable(errors);
                }
            };
        }

        private void target() {
            named(form.to(), "to").ifPresent(named -> {
                named.cluster().filter(cluster -> form.clusters().isEmpty()).ifPresent(clusters::add);
                ask.put("to", Map.of("namespace", named.namespace(), "workload", named.name()));
            });
        }

        private void sources() {
            List<Map<String, Object>> from = new ArrayList<>();
            for (int i = 0; i < form.from().size(); i++) {
                String typed = form.from().get(i).strip();
                if (!typed.isEmpty()) {
                    rows.from().add(i);
                    source(typed, "from-" + i).ifPresentOrElse(from::add, () -> from.add(Map.of("namespace", "unknown", "serviceAccount", "unknown")));
                }
            }
            ask.put("from", from);
        }

        private Optional<Map<String, Object>> source(String typed, String field) {
            if (typed.equals("*") || typed.equals("*/*")) {
                return Optional.of(Map.of("namespace", "*", "serviceAccount", "*"));
            }
            return named(typed, field).map(named -> {
                named.cluster().filter(cluster -> form.clusters().isEmpty()).ifPresent(clusters::add);
                return Map.of("namespace", named.namespace(), "serviceAccount", named.account() ? named.name() : account(named));
            });
        }

        /// The account that the workload of that name runs as; the name itself where no workload has it.
        private String account(Named named) {
            return catalog.clusters().stream()
                    .filter(cluster -> clusters.isEmpty() || clusters.contains(cluster.name()))
                    .flatMap(cluster -> catalog.workload(new WorkloadKey(cluster.id(), named.namespace(), named.name())).stream())
                    .map(CatalogWorkload::serviceAccount)
                    .filter(account -> !account.isEmpty())
                    .findFirst()
                    .orElse(named.name());
        }

        private Optional<Named> named(String typed, String field) {
            String[] parts = typed.strip().split("/", -1);
            if (typed.isBlank()) {
                errors = errors.with(field, "Name a service: begin to type and choose, or write namespace/service.");
                return Optional.empty();
            }
            return switch (parts.length) {
                case 1 -> byName(parts[0], field);
                case 2 -> Optional.of(new Named(Optional.empty(), parts[0], parts[1], false));
                case 3 -> Optional.of(parts[1].equals("sa")
                        ? new Named(Optional.empty(), parts[0], parts[2], true)
                        : new Named(Optional.of(parts[0]), parts[1], parts[2], false));
                default -> {
                    errors = errors.with(field, "Write namespace/service, or cluster/namespace/service.");
                    yield Optional.empty();
                }
            };
        }

        private Optional<Named> byName(String name, String field) {
            List<CatalogWorkload> found = catalog.search(name, Optional.empty(), Optional.empty(), 100).stream()
                    .filter(workload -> workload.name().equals(name))
                    .filter(workload -> clusters.isEmpty() || clusters.contains(workload.cluster().name()))
                    .toList();
            List<String> places = found.stream().map(CatalogWorkload::namespace).distinct().sorted().toList();
            if (places.size() == 1) {
                Optional<String> cluster = found.size() == 1 ? Optional.of(found.getFirst().cluster().name()) : Optional.empty();
                return Optional.of(new Named(cluster, places.getFirst(), name, false));
            }
            errors = errors.with(field, places.isEmpty()
                    ? "There is no service " + shortened(name) + " in your namespaces. Begin to type and choose, or write namespace/service."
                    : "There are several: " + String.join(", ", places.stream().limit(5).map(place -> place + "/" + name).toList()) + ". Say which.");
            return Optional.empty();
        }

        private void operations() {
            if (form.whole()) {
                ask.put("wholeService", true);
                return;
            }
            List<Map<String, Object>> operations = new ArrayList<>();
            for (int i = 0; i < form.operations().size(); i++) {
                OperationRow row = form.operations().get(i);
                if (row.blank()) {
                    continue;
                }
                rows.operations().add(i);
                Map<String, Object> operation = new LinkedHashMap<>();
                operation.put("methods", row.methods());
                operation.put("paths", AskForm.items(row.paths()));
                operation.put("ports", AskForm.items(row.ports()).stream().map(Work::port).toList());
                operation.put("hosts", AskForm.items(row.hosts()));
                operations.add(operation);
                if (row.paths().isBlank() && row.ports().isBlank() && row.hosts().isBlank()) {
                    errors = errors.with("paths-" + i, "Name a path, as /api/v1/payments/*. If every path is meant, say that the whole service is.");
                }
            }
            ask.put("operations", operations);
            if (operations.isEmpty()) {
                errors = errors.with("paths-0", "Name what may be called, as /api/v1/payments/*, or say that the whole service is meant.");
            }
        }

        private static Object port(String typed) {
            return typed.matches("[0-9]{1,9}") ? (Object) Integer.valueOf(typed) : typed;
        }

        private void conditions() {
            List<Map<String, Object>> conditions = new ArrayList<>();
            for (int i = 0; i < form.conditions().size(); i++) {
                ConditionRow row = form.conditions().get(i);
                if (!row.blank()) {
                    rows.conditions().add(i);
                    List<String> values = row.values().lines().map(String::strip).filter(value -> !value.isEmpty()).toList();
                    conditions.add(Map.of("key", row.attribute(), row.not() ? "notValues" : "values", values));
                }
            }
            ask.put("conditions", conditions);
        }

        private void period() {
            switch (form.period()) {
                case "permanent" -> { }
                case "until" -> {
                    try {
                        body.put("until", LocalDate.parse(form.until().strip()) + "T00:00:00Z");
                    } catch (DateTimeParseException e) {
                        errors = errors.with("until", "Name the first day without the access, as 2027-03-01.");
                    }
                }
                default -> body.put("grantFor", form.period());
            }
        }
    }

    private static String shortened(String name) {
        return name.length() > 80 ? name.substring(0, 80) + "…" : name;
    }
}
