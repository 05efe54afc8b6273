package dev.countersign.demo.cluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.countersign.demo.cluster.Faults.Armed;
import dev.countersign.demo.cluster.Faults.Effect;
import java.io.IOException;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// One request from its bytes to its answer: who asks, what for, whether they may, and what comes of it; with the
/// faults
/// in between and an entry in the log at the end.
final class ApiServer implements HttpHandler {
    static final int LARGEST_BODY = 3 * 1024 * 1024;
    private static final Set<String> OPEN_PATHS = Set.of("/version", "/healthz", "/livez", "/readyz");
    private static final Set<String> PATCH_TYPES = Set.of(
            "application/merge-patch+json", "application/strategic-merge-patch+json", "application/json-patch+json");
    private static final Set<String> CUSTOM_PATCH_TYPES =
            Set.of("application/merge-patch+json", "application/json-patch+json");
    private static final Set<String> BODY_TYPES = Set.of("application/json", "application/yaml", Protobuf.MEDIA_TYPE);

    private final Supplier<List<ClusterUser>> users;
    private final Reads reads;
    private final Watching watching;
    private final Writes writes;
    private final Deletes deletes;
    private final Faults faults;
    private final RequestLog log;
    private final Clock clock;

    ApiServer(
            Supplier<List<ClusterUser>> users,
            Reads reads,
            Watching watching,
            Writes writes,
            Deletes deletes,
            Faults faults,
            RequestLog log,
            Clock clock) {
        this.users = users;
        this.reads = reads;
        this.watching = watching;
        this.writes = writes;
        this.deletes = deletes;
        this.faults = faults;
        this.log = log;
        this.clock = clock;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var call = ApiCall.read(exchange);
            var target = Target.of(call);
            var user = user(call);
            var fault = target.flatMap(faults::take);
            Optional<Answer> answer;
            try {
                answer = answered(call, target, user, fault);
            } catch (Refused refused) {
                answer = Optional.of(Answer.refused(refused));
            } catch (RuntimeException accident) {
                System.getLogger("dev.countersign.demo.cluster")
                        .log(System.Logger.Level.ERROR, "request failed", accident);
                answer = Optional.of(Answer.refused(Refused.unclassified("the embedded server failed: " + accident)));
            }
            var cut = answer.isEmpty()
                    || fault.map(Armed::effect)
                            .filter(Effect.LoseReply.class::isInstance)
                            .isPresent();
            log(call, target, user, answer, cut);
            if (fault.isPresent() && fault.get().effect() instanceof Effect.HoldReply) {
                fault.get().awaitRelease();
            }
            if (!cut) {
                new Sending(exchange).send(answer.get(), fault.map(Armed::effect));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Empty where a fault cuts the connection before anything is done.
    private Optional<Answer> answered(
            ApiCall call, Optional<Target> target, Optional<ClusterUser> user, Optional<Armed> fault)
            throws InterruptedException {
        switch (fault.map(Armed::effect).orElse(null)) {
            case Effect.Cut() -> {
                return Optional.empty();
            }
            case Effect.Answer(var status, var message, var retryAfter) ->
                throw Refused.fault(status, reason(status), message.isEmpty() ? words(status) : message, (int)
                        retryAfter.toSeconds());
            case Effect.Delay(var pause) -> Thread.sleep(pause);
            case Effect.HoldRequest() -> fault.get().awaitRelease();
            case null, default -> {}
        }
        if (call.body().length > LARGEST_BODY) {
            throw Refused.tooLarge();
        }
        if (OPEN_PATHS.contains(call.pathText())) {
            return Optional.of(
                    call.pathText().equals("/version")
                            ? Answer.json(200, Discovery.answer(call.path()).orElseThrow())
                            : Answer.text(200, "ok"));
        }
        var asking = user.orElseThrow(Refused::unauthorized);
        if (Reviews.isReview(call)) {
            return Optional.of(Reviews.answer(call, asking));
        }
        if (target.isPresent()) {
            return Optional.of(served(call, target.get(), asking, fault.map(Armed::effect)));
        }
        // What no API serves is no Status either.
        return Optional.of(Discovery.answer(call.path())
                .map(told -> Answer.json(200, told))
                .orElseGet(() -> Answer.text(404, "404 page not found\n")));
    }

    private Answer served(ApiCall call, Target target, ClusterUser user, Optional<Effect> fault) {
        authorize(target, user, target.verb());
        if (target.kind().is(ApiKind.Trait.READ_ONLY)
                && !Set.of("get", "list", "watch").contains(target.verb())) {
            throw Refused.methodNotAllowed();
        }
        Map<ApiKind, ObjectStore.Listing> stale =
                fault.orElse(null) instanceof Effect.Stale(var then) ? then : Map.of();
        UnaryOperator<Map<String, Object>> mutation =
                fault.orElse(null) instanceof Effect.Mutate(var change) ? change : UnaryOperator.identity();
        return switch (target.verb()) {
            case "get" -> reads.get(call, target, stale);
            case "list" -> reads.list(call, target, stale);
            case "watch" -> watching.watch(call, target, fault);
            case "create" -> {
                if (!target.name().isEmpty()) {
                    throw Refused.methodNotAllowed();
                }
                if (target.kind().namespaced() && target.namespace().isEmpty()) {
                    throw Refused.methodNotAllowed();
                }
                yield done(call, target, writes.create(withBody(call, BODY_TYPES), target, mutation));
            }
            case "update" -> done(call, target, writes.update(withBody(call, BODY_TYPES), target, mutation));
            case "patch" ->
                call.mediaType().equals("application/apply-patch+yaml")
                        ? done(
                                call,
                                target,
                                writes.apply(call, target, () -> authorize(target, user, "create"), mutation))
                        : done(call, target, writes.patch(
                                withBody(call, target.kind().is(ApiKind.Trait.CUSTOM) ? CUSTOM_PATCH_TYPES : PATCH_TYPES),
                                target,
                                mutation));
            case "delete" -> done(call, target, deletes.delete(call, target));
            case "deletecollection" -> done(call, target, deletes.deleteAll(call, target));
            default -> throw Refused.methodNotAllowed();
        };
    }

    private Answer done(ApiCall call, Target target, Writes.Done done) {
        var answer = Answer.json(
                done.status(),
                "Status".equals(done.tree().get("kind"))
                        ? done.tree()
                        : reads.shown(call, target, done.tree(), Map.of()),
                done.stored());
        if (!done.warnings().isEmpty()) {
            answer.headers()
                    .put(
                            "Warning",
                            String.join(
                                    ", ",
                                    done.warnings().stream()
                                            .map(text -> "299 - \""
                                                    + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"")
                                            .toList()));
        }
        return answer;
    }

    private static ApiCall withBody(ApiCall call, Set<String> types) {
        if (!types.contains(call.mediaType())) {
            throw Refused.unsupportedMediaType(call.mediaType());
        }
        return call;
    }

    private static void authorize(Target target, ClusterUser user, String verb) {
        if (user.isAllowed(verb, target.groupResource(), target.namespace())) {
            return;
        }
        var where = target.namespace().isEmpty()
                ? "at the cluster scope"
                : "in the namespace \"" + target.namespace() + "\"";
        var resource = target.kind().plural() + (target.subresource().isEmpty() ? "" : "/" + target.subresource());
        throw Refused.forbidden(
                target.kind(),
                target.name(),
                "User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s"
                        .formatted(user.name(), verb, resource, target.kind().group(), where));
    }

    private Optional<ClusterUser> user(ApiCall call) {
        var authorization = call.header("Authorization");
        return authorization.startsWith("Bearer ")
                ? users.get().stream()
                        .filter(user ->
                                user.token().equals(authorization.substring(7).strip()))
                        .findFirst()
                : Optional.empty();
    }

    private void log(
            ApiCall call, Optional<Target> target, Optional<ClusterUser> user, Optional<Answer> answer, boolean cut) {
        var dryRun = Arrays.asList(call.rawQuery().split("&")).contains("dryRun=All");
        log.add(new RequestLog.Entry(
                clock.instant(),
                user.map(ClusterUser::name).orElse(""),
                call.method(),
                call.pathText(),
                call.rawQuery(),
                target.map(Target::verb).orElse(""),
                target.map(Target::groupResource).orElse(""),
                target.map(Target::namespace).orElse(""),
                target.map(Target::name).orElse(""),
                call.fieldManager(),
                dryRun,
                call.param("force").equals("true"),
                cut ? 0 : answer.map(Answer::status).orElse(0),
                answer.map(Answer::stored).orElse(false)));
    }

    private static String reason(int status) {
        return switch (status) {
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "NotFound";
            case 409 -> "Conflict";
            case 410 -> "Expired";
            case 422 -> "Invalid";
            case 429 -> "TooManyRequests";
            case 500 -> "InternalError";
            case 503 -> "ServiceUnavailable";
            case 504 -> "Timeout";
            default -> "";
        };
    }

    private static String words(int status) {
        return switch (status) {
            case 429 -> "Too many requests, please try again later.";
            case 500 -> "Internal error occurred";
            case 503 -> "the server is currently unable to handle the request";
            case 504 -> "Timeout: request did not complete within the allotted timeout";
            default -> "the server answered " + status;
        };
    }
}
