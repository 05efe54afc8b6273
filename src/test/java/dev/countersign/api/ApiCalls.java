package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.audit.Actor;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.tenancy.CurrentTenant;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/// Calls the API over real HTTP with a real token. Every answer is held against the description that the server itself gives:
/// path, method, status, media type, every member.
final class ApiCalls {
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final String base;
    private final Optional<String> token;
    private final Map<?, ?> description;

    private ApiCalls(String base, Optional<String> token, Map<?, ?> description) {
        this.base = base;
        this.token = token;
        this.description = description;
    }

    static ApiCalls at(int port) {
        ApiCalls bare = new ApiCalls("http://127.0.0.1:" + port, Optional.empty(), Map.of());
        return new ApiCalls(bare.base, Optional.empty(), JSON.readValue(bare.send("GET", "/api/v1/openapi.json", Optional.empty(), Map.of()).body(), Map.class));
    }

    ApiCalls withToken(String secret) {
        return new ApiCalls(base, Optional.of(secret), description);
    }

    ApiCalls as(ApiTokens tokens, TestTenant tenant, String username, Scope... scopes) {
        Set<Scope> wanted = scopes.length == 0 ? Set.of(Scope.values()) : Set.of(scopes);
        return withToken(CurrentTenant.call(tenant.tenant().id(),
                () -> tokens.issue(Actor.system("test"), tenant.person(username), "test", wanted, Duration.ofHours(1))).secret());
    }

    Map<?, ?> description() {
        return description;
    }

    record Said(int status, Map<String, List<String>> headers, String text, Map<String, Object> json) {
        Optional<String> header(String name) {
            return headers.entrySet().stream().filter(header -> header.getKey().equalsIgnoreCase(name)).map(header -> header.getValue().getFirst()).findFirst();
        }

        Object at(String pointer) {
            Object at = json;
            for (String part : pointer.substring(1).split("/")) {
                at = at instanceof List<?> list ? list.get(Integer.parseInt(part)) : ((Map<?, ?>) at).get(part);
            }
            return at;
        }

        String code() {
            return String.valueOf(json.get("code"));
        }

        List<String> pointers() {
            return json.get("errors") instanceof List<?> errors
                    ? errors.stream().map(error -> (String) ((Map<?, ?>) error).get("pointer")).toList()
                    : List.of();
        }

        Said is(int expected) {
            assertThat(status).as(text).isEqualTo(expected);
            return this;
        }
    }

    Said get(String path, String... headers) {
        return call("GET", path, Optional.empty(), headers);
    }

    Said post(String path, Object body, String... headers) {
        return call("POST", path, Optional.of(body instanceof String text ? text : JSON.writeValueAsString(body)), headers);
    }

    Said put(String path, Object body, String... headers) {
        return call("PUT", path, Optional.of(body instanceof String text ? text : JSON.writeValueAsString(body)), headers);
    }

    Said call(String method, String path, Optional<String> body, String... headers) {
        Map<String, String> all = new LinkedHashMap<>();
        body.ifPresent(ignored -> all.put("Content-Type", "application/json"));
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], headers[i + 1]);
        }
        HttpResponse<String> answer = send(method, path, body, all);
        String type = answer.headers().firstValue("Content-Type").orElse("");
        Map<String, Object> json = answer.body().isEmpty() ? Map.of() : object(answer.body());
        hold(method, path, answer.statusCode(), type, json);
        return new Said(answer.statusCode(), answer.headers().map(), answer.body(), json);
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(String json) {
        return JSON.readValue(json, Map.class);
    }

    private HttpResponse<String> send(String method, String path, Optional<String> body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(30))
                .method(method, body.map(text -> HttpRequest.BodyPublishers.ofString(text, StandardCharsets.UTF_8)).orElse(HttpRequest.BodyPublishers.noBody()));
        token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        headers.forEach(request::header);
        try {
            return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// An answer that the description does not promise is a failure, wherever it happens.
    private void hold(String method, String path, int status, String type, Map<String, Object> json) {
        Optional<Map<?, ?>> operation = operation(method, path.replaceAll("\\?.*", ""));
        if (operation.isEmpty()) {
            assertThat(status).as("an address that is not described").isIn(400, 401, 403, 404, 405, 406, 413);
            if (status != 400 || !type.isEmpty()) {
                assertThat(type).startsWith("application/problem+json");
                problem(json);
            }
            return;
        }
        Object response = ((Map<?, ?>) operation.get().get("responses")).get(Integer.toString(status));
        assertThat(response).as(method + " " + path + " answered " + status + ", which is not described: " + json).isNotNull();
        Object content = ((Map<?, ?>) response).get("content");
        if (content == null) {
            assertThat(json).isEmpty();
            return;
        }
        Object media = ((Map<?, ?>) content).get(type.replaceAll(";.*", ""));
        assertThat(media).as(method + " " + path + " answered " + status + " as " + type).isNotNull();
        assertThat(SchemaCheck.wrong(description, ((Map<?, ?>) media).get("schema"), json)).as(method + " " + path + " " + status).isEmpty();
        if (status >= 400) {
            problem(json);
        }
    }

    private void problem(Map<String, Object> json) {
        assertThat(SchemaCheck.wrong(description, Map.of("$ref", "#/components/schemas/Problem"), json)).isEmpty();
        assertThat((String) json.get("type")).isEqualTo("/help/" + json.get("code"));
    }

    private Optional<Map<?, ?>> operation(String method, String path) {
        String[] parts = path.split("/");
        Map<?, ?> paths = (Map<?, ?>) description.get("paths");
        return paths.entrySet().stream()
                .filter(entry -> fits(((String) entry.getKey()).split("/"), parts))
                .sorted(java.util.Comparator.comparing(entry -> ((String) entry.getKey()).contains("{")))
                .findFirst()
                .map(entry -> (Map<?, ?>) ((Map<?, ?>) entry.getValue()).get(method.toLowerCase(java.util.Locale.ROOT)));
    }

    private static boolean fits(String[] pattern, String[] parts) {
        if (pattern.length != parts.length) {
            return false;
        }
        for (int i = 0; i < parts.length; i++) {
            if (!pattern[i].startsWith("{") && !pattern[i].equals(parts[i])) {
                return false;
            }
        }
        return true;
    }
}
