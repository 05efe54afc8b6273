package dev.countersign.workbench;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.CatalogWorkload.Port;
import dev.countersign.policy.eval.Address;
import dev.countersign.policy.eval.Call;
import dev.countersign.policy.eval.PathNormalization;
import dev.countersign.web.FieldErrors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/// Reads a question. What was left open is filled with what such a call would carry, and said.
@Component
class QuestionReader {
    /// Protocols that Istio treats as bytes: no method, path, host, header or token is seen on them.
    static final Set<String> STREAMS = Set.of("tcp", "tls", "mongo", "mysql", "redis", "udp");

    private static final Pattern METHOD = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,31}");
    private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");
    private static final String SOURCE = "10.0.0.1";

    private final Places places;

    QuestionReader(Places places) {
        this.places = places;
    }

    sealed interface Reading {
        record Read(Question question) implements Reading {}

        record Unclear(FieldErrors errors) implements Reading {}
    }

    Reading read(SimulationForm form) {
        return new Work(form).reading();
    }

    private final class Work {
        private final SimulationForm form;
        private final List<String> remarks = new ArrayList<>();
        private FieldErrors errors = FieldErrors.NONE;

        Work(SimulationForm form) {
            this.form = form;
        }

        Reading reading() {
            Optional<CatalogWorkload> target = target();
            Optional<Boolean> identified = identified();
            Optional<Places.Caller> caller = target.flatMap(to -> caller(to, identified));
            int port = port(target);
            String ip = ip();
            Optional<Call.Http> http = target.flatMap(to -> http(to, port));
            if (target.isEmpty() || !errors.isEmpty()) {
                return new Reading.Unclear(errors);
            }
            Optional<String> normalized = http.map(Call.Http::path).filter(path -> !path.equals(form.path()) && !form.path().isEmpty());
            return new Reading.Read(new Question(caller, target.get(), identified, http, port, ip, normalized, List.copyOf(remarks)));
        }

        private void wrong(String field, String message) {
            errors = errors.with(field, message);
        }

        private Optional<CatalogWorkload> target() {
            if (form.to().isEmpty()) {
                wrong("to", "Choose the service that is called.");
                return Optional.empty();
            }
            return switch (places.service(form.to())) {
                case Places.Found.One<CatalogWorkload>(CatalogWorkload found) -> Optional.of(found);
                case Places.Found.Unclear<CatalogWorkload>(String reason) -> {
                    wrong("to", reason);
                    yield Optional.empty();
                }
            };
        }

        private Optional<Boolean> identified() {
            return switch (form.tls()) {
                case "" -> Optional.empty();
                case "mutual" -> Optional.of(true);
                case "plain" -> Optional.of(false);
                default -> {
                    wrong("tls", "Choose mutual TLS, plain text, or what the caller does today.");
                    yield Optional.empty();
                }
            };
        }

        private Optional<Places.Caller> caller(CatalogWorkload target, Optional<Boolean> identified) {
            if (form.from().isEmpty()) {
                if (!identified.equals(Optional.of(false))) {
                    wrong("from", "Choose who calls, or let the call come in plain text.");
                }
                return Optional.empty();
            }
            return switch (places.caller(form.from(), target)) {
                case Places.Found.One<Places.Caller>(Places.Caller found) -> Optional.of(found);
                case Places.Found.Unclear<Places.Caller>(String reason) -> {
                    wrong("from", reason);
                    yield Optional.empty();
                }
            };
        }

        /// As typed; else the first port of the container that speaks HTTP, else its first.
        private int port(Optional<CatalogWorkload> target) {
            if (!form.port().isEmpty()) {
                if (!form.port().matches("[0-9]{1,5}") || Integer.parseInt(form.port()) < 1 || Integer.parseInt(form.port()) > 65535) {
                    wrong("port", "Write a port of the container as a number from 1 to 65535.");
                    return 0;
                }
                return Integer.parseInt(form.port());
            }
            List<Port> ports = target.map(CatalogWorkload::ports).orElse(List.of());
            Optional<Port> usual = ports.stream().filter(port -> !STREAMS.contains(port.protocol())).findFirst()
                    .or(() -> ports.stream().findFirst());
            return usual.map(Port::number).orElse(80);
        }

        private String ip() {
            if (!form.ip().isEmpty() && Address.parse(form.ip()).isEmpty()) {
                wrong("ip", "Write an IP address such as 10.1.2.3.");
            }
            return form.ip().isEmpty() ? SOURCE : form.ip();
        }

        /// A port that carries a stream shows no HTTP to its proxy.
        private Optional<Call.Http> http(CatalogWorkload target, int port) {
            Optional<Port> known = target.ports().stream().filter(one -> one.number() == port).findFirst();
            if (known.isEmpty() && !target.ports().isEmpty()) {
                remarks.add("No container of " + target.name() + " opens port " + port
                        + " as far as the cluster says: the answer is about the policies, not about whether anybody listens.");
            }
            if (known.isPresent() && STREAMS.contains(known.get().protocol())) {
                remarks.add("Port " + port + " carries " + known.get().protocol()
                        + ": its proxy sees a connection, no method, path, host, header or token.");
                return Optional.empty();
            }
            String method = form.method().isEmpty() ? "GET" : form.method();
            if (!METHOD.matcher(method).matches()) {
                wrong("method", "Write one method, such as GET.");
            }
            String typed = form.path().isEmpty() ? "/" : form.path();
            if (!typed.startsWith("/")) {
                wrong("path", "Begin the path with a slash.");
            }
            Optional<String> path = typed.startsWith("/") ? PathNormalization.BASE.normalize(typed) : Optional.of("/");
            if (path.isEmpty()) {
                wrong("path", "Envoy refuses this path before any policy is asked (400). Write it without %00.");
            }
            String host = form.host().isEmpty()
                    ? (target.services().isEmpty() ? target.name() : target.services().getFirst()) + "." + target.namespace() + ".svc.cluster.local"
                    : form.host();
            return Optional.of(new Call.Http(method, path.orElse("/"), host, headers(), claims()));
        }

        private Map<String, List<String>> headers() {
            Map<String, List<String>> headers = new LinkedHashMap<>();
            for (String[] line : lines("headers", form.headers())) {
                if (!HEADER.matcher(line[0]).matches()) {
                    wrong("headers", "\"" + line[0] + "\" is no name of a header. Write a line each: x-channel: mobile");
                }
                headers.computeIfAbsent(line[0].toLowerCase(java.util.Locale.ROOT), name -> new ArrayList<>()).add(line[1]);
            }
            return headers;
        }

        /// `groups: admin` on two lines is a list; `realm[roles]: admin` is a claim within a claim. No line, no token.
        private Optional<Map<String, Object>> claims() {
            Map<String, Object> claims = new LinkedHashMap<>();
            for (String[] line : lines("claims", form.claims())) {
                String[] path = line[0].replace("]", "").split("\\[");
                Map<String, Object> at = claims;
                for (int i = 0; i < path.length - 1; i++) {
                    at = within(at, path[i]);
                }
                Object had = at.get(path[path.length - 1]);
                if (had instanceof Map<?, ?>) {
                    wrong("claims", "The claim " + line[0] + " cannot be a value and hold others.");
                    continue;
                }
                List<Object> values = new ArrayList<>(had instanceof List<?> list ? list : had == null ? List.of() : List.of(had));
                values.add(line[1]);
                at.put(path[path.length - 1], values.size() == 1 ? values.getFirst() : values);
            }
            return claims.isEmpty() ? Optional.empty() : Optional.of(claims);
        }

        @SuppressWarnings("unchecked")
        private Map<String, Object> within(Map<String, Object> claims, String name) {
            Object had = claims.computeIfAbsent(name, missing -> new LinkedHashMap<String, Object>());
            if (had instanceof Map<?, ?> map) {
                return (Map<String, Object>) map;
            }
            wrong("claims", "The claim " + name + " cannot be a value and hold others.");
            return new LinkedHashMap<>();
        }

        private List<String[]> lines(String field, String text) {
            List<String[]> lines = new ArrayList<>();
            for (String line : text.lines().filter(one -> !one.isBlank()).limit(100).toList()) {
                int colon = line.indexOf(':');
                if (colon < 1 || line.substring(0, colon).replaceAll("[\\[\\]\\s]", "").isEmpty()) {
                    wrong(field, "\"" + line.strip() + "\" is not name: value. Write a line each.");
                    continue;
                }
                lines.add(new String[] {line.substring(0, colon).strip(), line.substring(colon + 1).strip()});
            }
            return lines;
        }
    }
}
