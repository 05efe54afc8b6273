package dev.countersign.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Plain HTTP to the API server of a kubeconfig, with whatever credentials it holds; no retries, no interpretation.
final class Api implements AutoCloseable {
    static final String JSON = "application/json";
    static final String APPLY = "application/apply-patch+yaml";
    static final String MERGE = "application/merge-patch+json";
    private static final JsonMapper MAPPER = new JsonMapper();

    /// An answer; `body` is missing where there was none.
    record Reply(int status, JsonNode body, Map<String, List<String>> headers, String text) {
        String message() {
            return body.path("message").asString("");
        }

        String reason() {
            return body.path("reason").asString("");
        }

        String version() {
            return body.path("metadata").path("resourceVersion").asString("");
        }

        /// The lines of a watch.
        List<JsonNode> events() {
            return text.lines()
                    .filter(line -> !line.isBlank())
                    .map(MAPPER::readTree)
                    .toList();
        }
    }

    private final KubernetesClient client;

    Api(String kubeconfig) {
        var config = Config.fromKubeconfig(kubeconfig);
        config.setRequestRetryBackoffLimit(0);
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    KubernetesClient client() {
        return client;
    }

    Reply get(String path) {
        return send("GET", path, "", "", JSON);
    }

    Reply get(String path, String accept) {
        return send("GET", path, "", "", accept);
    }

    Reply post(String path, String body) {
        return send("POST", path, JSON, body, JSON);
    }

    Reply put(String path, Object body) {
        return send("PUT", path, JSON, body.toString(), JSON);
    }

    Reply apply(String path, String body) {
        return send("PATCH", path, APPLY, body, JSON);
    }

    Reply patch(String path, String type, String body) {
        return send("PATCH", path, type, body, JSON);
    }

    Reply delete(String path) {
        return send("DELETE", path, JSON, "", JSON);
    }

    Reply delete(String path, String options) {
        return send("DELETE", path, JSON, options, JSON);
    }

    /// Begins a watch and answers when it has ended by itself.
    CompletableFuture<Reply> watch(String path) {
        return sent("GET", path, "", "", JSON);
    }

    Reply send(String method, String path, String type, String body, String accept) {
        try {
            return sent(method, path, type, body, accept).get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(method + " " + path + " was not answered", e);
        }
    }

    static JsonNode tree(String json) {
        return MAPPER.readTree(json);
    }

    static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(item -> texts.add(item.asString()));
        return texts;
    }

    @Override
    public void close() {
        client.close();
    }

    private CompletableFuture<Reply> sent(String method, String path, String type, String body, String accept) {
        var http = client.getHttpClient();
        var base = client.getConfiguration().getMasterUrl().replaceAll("/$", "");
        var request = http.newHttpRequestBuilder().uri(base + path).header("Accept", accept);
        if (body.isEmpty()) {
            request = method.equals("GET") ? request : request.method(method, null, (String) null);
        } else {
            request = request.method(method, type, body);
        }
        return http.sendAsync(request.build(), String.class).thenApply(Api::reply);
    }

    private static Reply reply(HttpResponse<String> response) {
        var text = response.body() == null ? "" : response.body();
        var isOneDocument = text.startsWith("{") && text.strip().indexOf("\n{") < 0 && !text.startsWith("{\"type\"");
        var body = isOneDocument ? MAPPER.readTree(text) : MAPPER.createObjectNode();
        return new Reply(response.code(), body, response.headers(), text);
    }
}
