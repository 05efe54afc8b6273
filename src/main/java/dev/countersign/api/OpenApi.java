package dev.countersign.api;

import static dev.countersign.api.Schemas.ordered;

import dev.countersign.web.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.http.MediaType;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;

/// The description of the API, OpenAPI 3.1, made from the addresses that are really there and from the records that are really
/// written. An address without an `Endpoint` stops the program.
final class OpenApi {
    private final Schemas schemas = new Schemas();

    private OpenApi() {}

    static Map<String, Object> of(Map<RequestMappingInfo, HandlerMethod> handlers) {
        return new OpenApi().document(handlers);
    }

    private Map<String, Object> document(Map<RequestMappingInfo, HandlerMethod> handlers) {
        Map<String, Map<String, Object>> paths = new TreeMap<>();
        handlers.forEach((info, handler) -> {
            if (!handler.getBeanType().getPackageName().equals(OpenApi.class.getPackageName()) || handler.getBeanType() == OpenApiApi.class) {
                return;
            }
            Endpoint endpoint = handler.getMethodAnnotation(Endpoint.class);
            if (endpoint == null) {
                throw new IllegalStateException(handler + " has no @Endpoint");
            }
            String method = info.getMethodsCondition().getMethods().iterator().next().name();
            info.getPatternValues().forEach(path -> paths.computeIfAbsent(path.replace("{*", "{"), ignored -> new TreeMap<>())
                    .put(method.toLowerCase(java.util.Locale.ROOT), operation(method, path, info, handler, endpoint)));
        });
        Map<String, Object> problem = problem();
        Map<String, Object> components = ordered("schemas", new TreeMap<>(schemas.named()), "securitySchemes",
                Map.of("token", ordered("type", "http", "scheme", "bearer", "description",
                        "A token of a person or machine of one tenant: cs_... It has scopes (read, request, review, admin) and an expiry, and acts for its person.")));
        @SuppressWarnings("unchecked")
        Map<String, Object> named = (Map<String, Object>) components.get("schemas");
        named.put("Problem", problem);
        return ordered(
                "openapi", "3.1.0",
                "info", ordered("title", "Countersign", "version", "1", "description",
                        "The access desk of a service mesh: everything that people do in the browser, for programs. Times are RFC 3339 UTC, durations ISO 8601. "
                                + "Unknown and repeated members are refused. The tenant is the token's."),
                "servers", List.of(Map.of("url", "/")),
                "security", List.of(Map.of("token", List.of())),
                "paths", paths,
                "components", components);
    }

    private Map<String, Object> operation(String method, String path, RequestMappingInfo info, HandlerMethod handler, Endpoint endpoint) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("operationId", handler.getBeanType().getSimpleName().replace("Api", "") + "_" + handler.getMethod().getName());
        operation.put("summary", endpoint.summary());
        operation.put("description", (endpoint.description().isEmpty() ? "" : endpoint.description() + " ") + "Needs the scope " + endpoint.scope().word() + ".");
        operation.put("parameters", parameters(method, path, endpoint));
        if (endpoint.body() != Void.class) {
            operation.put("requestBody", body(info, endpoint));
        }
        Map<String, Object> responses = new TreeMap<>();
        responses.put(Integer.toString(endpoint.status()), answer(endpoint));
        if (endpoint.tagged() && method.equals("GET")) {
            responses.put("304", ordered("description", "You have it already (If-None-Match)."));
        }
        for (int status : refusals(method, path, endpoint)) {
            responses.put(Integer.toString(status), refusal(status));
        }
        operation.put("responses", responses);
        return operation;
    }

    private static List<Object> parameters(String method, String path, Endpoint endpoint) {
        List<Object> parameters = new ArrayList<>();
        for (String part : path.split("/")) {
            if (part.startsWith("{")) {
                String name = part.substring(1, part.length() - 1).replace("*", "");
                parameters.add(ordered("name", name, "in", "path", "required", true, "schema",
                        List.of("name", "level", "place", "cluster", "namespace", "workload").contains(name) ? Map.of("type", "string") : ordered("type", "integer", "format", "int64", "minimum", 1)));
            }
        }
        for (String name : endpoint.query()) {
            Parameters.Name parameter = Parameters.Name.valueOf(name);
            parameters.add(ordered("name", name, "in", "query", "required", false, "description", parameter.words, "schema", switch (parameter.kind) {
                case "number" -> Map.of("type", "integer");
                case "truth" -> Map.of("type", "boolean");
                default -> Map.of("type", "string");
            }));
        }
        if (method.equals("POST")) {
            parameters.add(header("Idempotency-Key", false,
                    "1 to 255 visible ASCII characters. The same key and body give the same answer for 24 hours; the same key with another body is 422."));
        }
        if (endpoint.tagged() && method.equals("GET")) {
            parameters.add(header("If-None-Match", false, "The ETag that you have: 304 if it is still so."));
        }
        if (method.equals("PUT") || endpoint.tagged() && !method.equals("GET") && List.of(boxed(endpoint.refusals())).contains(412)) {
            parameters.add(header("If-Match", method.equals("PUT"), "The ETag that you saw: 412 if it is not so any more."));
        }
        return parameters;
    }

    private static Integer[] boxed(int[] numbers) {
        return java.util.Arrays.stream(numbers).boxed().toArray(Integer[]::new);
    }

    private static Map<String, Object> header(String name, boolean required, String description) {
        return ordered("name", name, "in", "header", "required", required, "description", description, "schema", Map.of("type", "string"));
    }

    private Map<String, Object> body(RequestMappingInfo info, Endpoint endpoint) {
        Map<String, Object> content = new LinkedHashMap<>();
        for (MediaType type : new TreeSet<>(info.getConsumesCondition().getConsumableMediaTypes())) {
            content.put(type.toString(), endpoint.body() == PoliciesApi.PolicyText.class
                    ? Map.of("schema", type.getSubtype().equals("json") ? Map.of("type", "object") : Map.of("type", "string"))
                    : withExample(endpoint.body().getSimpleName(), ordered("schema", endpoint.orBody() == Void.class
                            ? schemas.body(endpoint.body())
                            : Map.of("oneOf", List.of(schemas.body(endpoint.body()), schemas.body(endpoint.orBody()))))));
        }
        return ordered("required", endpoint.bodyRequired(), "content", content);
    }

    private static Map<String, Object> withExample(String name, Map<String, Object> content) {
        Examples.of(name).ifPresent(example -> content.put("example", example));
        return content;
    }

    private Map<String, Object> answer(Endpoint endpoint) {
        Map<String, Object> headers = new LinkedHashMap<>();
        if (endpoint.tagged()) {
            headers.put("ETag", headerOut("Changes with the representation; send it back in If-Match or If-None-Match."));
        }
        if (endpoint.status() == 201) {
            headers.put("Location", headerOut("The address of what was made."));
        }
        if (List.of(endpoint.query()).contains("cursor")) {
            headers.put("Link", headerOut("RFC 8288: the next page, rel=next, unless this is the last."));
        }
        Map<String, Object> answer = ordered("description", endpoint.summary());
        if (!headers.isEmpty()) {
            answer.put("headers", headers);
        }
        answer.put("content", Map.of(endpoint.type(), ordered("schema",
                endpoint.type().equals("application/json") ? schemas.answer(endpoint.answer()) : Map.of("type", "string"))));
        return answer;
    }

    private static Map<String, Object> headerOut(String description) {
        return ordered("description", description, "schema", Map.of("type", "string"));
    }

    private static TreeSet<Integer> refusals(String method, String path, Endpoint endpoint) {
        TreeSet<Integer> statuses = new TreeSet<>(List.of(401, 403, 406, 422, 500, 503));
        if (path.contains("{")) {
            statuses.add(404);
        }
        if (!method.equals("GET")) {
            statuses.addAll(List.of(400, 409, 413, 415));
        }
        if (endpoint.tagged()) {
            statuses.add(412);
        }
        if (method.equals("PUT")) {
            statuses.add(428);
        }
        for (int status : endpoint.refusals()) {
            statuses.add(status);
        }
        return statuses;
    }

    private static Map<String, Object> refusal(int status) {
        Map<String, Object> refusal = ordered("description", switch (status) {
            case 400 -> "Not readable";
            case 401 -> "No token, or not a valid one";
            case 403 -> "The token lacks the scope, or the person the role";
            case 404 -> "Unknown, or another tenant's";
            case 406 -> "Only application/json can be answered";
            case 409 -> "The state does not allow it, or it changed meanwhile";
            case 412 -> "It is not the version that If-Match names";
            case 413 -> "Larger than 64 kB (1 MB for policies and comparisons)";
            case 415 -> "Not a media type that is read here";
            case 422 -> "Understood and refused; errors point at what to change";
            case 428 -> "If-Match is missing";
            case 500 -> "An accident, with a reference for the operator";
            case 503 -> "Something does not answer; nothing was changed";
            default -> throw new IllegalStateException("no words for " + status);
        });
        if (status == 401) {
            refusal.put("headers", Map.of("WWW-Authenticate", headerOut("Bearer")));
        }
        refusal.put("content", Map.of("application/problem+json", Map.of("schema", Map.of("$ref", "#/components/schemas/Problem"))));
        return refusal;
    }

    /// RFC 9457. Some refusals add members: the digest that is current, the state that stands.
    private Map<String, Object> problem() {
        Map<String, Object> wrong = schemas.answer(Problem.Wrong.class);
        return ordered("type", "object",
                "properties", ordered(
                        "type", ordered("type", "string", "format", "uri-reference", "description", "The help page of the code."),
                        "title", Map.of("type", "string"),
                        "status", Map.of("type", "integer"),
                        "detail", ordered("type", "string", "description", "What is so, and what to do."),
                        "instance", Map.of("type", "string"),
                        "code", ordered("type", "string", "pattern", "^CS[0-9]{4}$"),
                        "reference", ordered("type", "string", "description", "For the operator, with status 500."),
                        "errors", ordered("type", "array", "items", wrong, "description",
                                "Each with a JSON Pointer into the body, or ?name for a parameter.")),
                "required", List.of("type", "title", "status", "detail", "code"));
    }
}
