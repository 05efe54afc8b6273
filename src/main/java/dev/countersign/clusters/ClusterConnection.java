package dev.countersign.clusters;

import dev.countersign.clusters.ApplyOutcome.Applied;
import dev.countersign.clusters.ClusterHttp.Answer;
import dev.countersign.clusters.ClusterHttp.Body;
import dev.countersign.clusters.ClusterHttp.Exchange;
import dev.countersign.clusters.ClusterTrouble.Unreachable;
import dev.countersign.policy.model.Tree;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// The way to one cluster with the portal's credentials. Every call is bounded in time and size and answers an outcome;
/// none throws for what a cluster says or fails to say. Safe for any number of threads. Got from `ClusterRegistry`, which
/// also closes it.
public final class ClusterConnection implements AutoCloseable {
    /// Under this name the portal owns fields in a cluster.
    public static final String FIELD_MANAGER = "countersign";

    private static final int PAGE = 500;
    private static final int MAX_PAGES = 2_000;
    /// The server is asked to end a watch after five minutes; bookmarks come every minute or so.
    private static final Duration WATCH = Duration.ofMinutes(5);
    private static final Duration SILENCE = WATCH.plusSeconds(30);

    private final ClusterRef cluster;
    private final ClusterHttp http;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    ClusterConnection(ClusterRef cluster, ClusterHttp http) {
        this.cluster = cluster;
        this.http = http;
    }

    public ClusterRef cluster() {
        return cluster;
    }

    /// Server-side apply of what is not there yet, with strict field validation. Where it is there by now, with other content, this
    /// conflicts, also with a creation of the portal's own (`FieldManagers`). The object is one of `ApiResource`, with metadata.namespace
    /// and metadata.name; it is settled afterwards.
    public ApplyOutcome create(Map<String, Object> tree) {
        return patch(tree, Optional.empty(), FieldManagers.creation(), false);
    }

    /// Lets the portal itself own what its creations made, in exactly this state; nothing else changes.
    public ApplyOutcome settle(ClusterObject made) {
        ApiResource resource = resource(made.tree());
        Map<String, Object> metadata = Tree.map("uid", made.uid(), "resourceVersion", made.resourceVersion(), "managedFields", FieldManagers.settled(made.managedFields()));
        String path = ClusterHttp.withQuery(resource.path(made.namespace(), made.name()), List.of("fieldManager=" + FIELD_MANAGER, "fieldValidation=Strict"));
        return switch (http.send("PATCH", path, Optional.of(new Body("application/merge-patch+json", Json.write(Tree.map("metadata", metadata)))))) {
            case Exchange.Failed(Unreachable trouble) -> trouble;
            case Exchange.Answered(Answer answer) when answer.status() == 404 -> new ApplyOutcome.Stale(Answers.words(answer));
            case Exchange.Answered(Answer answer) -> applied(answer, Optional.of(made.version()));
        };
    }

    /// Server-side apply to an object in exactly the expected state, with strict field validation, not forced.
    public ApplyOutcome apply(Map<String, Object> tree, ObjectVersion expected) {
        return patch(tree, Optional.of(expected), FIELD_MANAGER, false);
    }

    /// As `apply`, taking the fields back from whoever took them over. For objects of ours only, and never silently: the caller records
    /// from whom.
    public ApplyOutcome takeBack(Map<String, Object> tree, ObjectVersion expected) {
        return patch(tree, Optional.of(expected), FIELD_MANAGER, true);
    }

    private ApplyOutcome patch(Map<String, Object> tree, Optional<ObjectVersion> expected, String manager, boolean force) {
        ClusterObject object = new ClusterObject(tree);
        String path = ClusterHttp.withQuery(resource(tree).path(object.namespace(), object.name()),
                List.of("fieldManager=" + manager, "force=" + force, "fieldValidation=Strict"));
        // JSON is YAML: the media type is the only one that servers of every age take.
        Body body = new Body("application/apply-patch+yaml", Json.write(expected.map(version -> expecting(tree, version)).orElse(tree)));
        return switch (http.send("PATCH", path, Optional.of(body))) {
            case Exchange.Failed(Unreachable trouble) -> trouble;
            case Exchange.Answered(Answer answer) -> applied(answer, expected);
        };
    }

    private static ApiResource resource(Map<String, Object> tree) {
        return ApiResource.of(tree).orElseThrow(() -> new IllegalArgumentException("not a kind that is applied: " + tree.get("kind")));
    }

    private static ApplyOutcome applied(Answer answer, Optional<ObjectVersion> expected) {
        if (answer.status() == 200 || answer.status() == 201) {
            return Json.object(answer.body())
                    .<ApplyOutcome>map(tree -> {
                        ClusterObject object = new ClusterObject(tree);
                        boolean same = answer.status() == 200 && expected.isPresent()
                                && expected.get().resourceVersion().equals(object.resourceVersion());
                        return new Applied(object, !same);
                    })
                    .orElseGet(Answers::notKubernetes);
        }
        return answer.status() == 409 ? Answers.conflict(answer) : Answers.trouble(answer);
    }

    private static Map<String, Object> expecting(Map<String, Object> tree, ObjectVersion version) {
        Map<String, Object> metadata = new LinkedHashMap<>(JsonTree.map(tree, "metadata"));
        metadata.put("uid", version.uid());
        metadata.put("resourceVersion", version.resourceVersion());
        Map<String, Object> copy = new LinkedHashMap<>(tree);
        copy.put("metadata", metadata);
        return copy;
    }

    public ReadOutcome read(ApiResource resource, String namespace, String name) {
        return get(resource.path(namespace, name));
    }

    private ReadOutcome get(String path) {
        return switch (http.send("GET", path, Optional.empty())) {
            case Exchange.Failed(Unreachable trouble) -> trouble;
            case Exchange.Answered(Answer answer) when answer.status() == 404 -> new ReadOutcome.Absent();
            case Exchange.Answered(Answer answer) when answer.status() != 200 -> Answers.trouble(answer);
            case Exchange.Answered(Answer answer) -> Json.object(answer.body())
                    .<ReadOutcome>map(tree -> new ReadOutcome.Found(new ClusterObject(tree)))
                    .orElseGet(Answers::notKubernetes);
        };
    }

    /// Deletes the object in exactly the expected state: nobody's later change goes with it.
    public DeleteOutcome delete(ApiResource resource, String namespace, String name, ObjectVersion expected) {
        Map<String, Object> options = Tree.map("apiVersion", "v1", "kind", "DeleteOptions", "preconditions",
                Tree.map("uid", expected.uid(), "resourceVersion", expected.resourceVersion()));
        return switch (http.send("DELETE", resource.path(namespace, name), Optional.of(new Body("application/json", Json.write(options))))) {
            case Exchange.Failed(Unreachable trouble) -> trouble;
            case Exchange.Answered(Answer answer) -> switch (answer.status()) {
                case 200, 202 -> new DeleteOutcome.Deleted();
                case 404 -> new DeleteOutcome.AlreadyGone();
                case 409 -> new ApplyOutcome.Stale(Answers.words(answer));
                default -> Answers.trouble(answer);
            };
        };
    }

    /// Hands over every object of the kind (in one namespace, or in all), page by page. Where it does not end in `Listed`,
    /// what was handed over is not all there is.
    public ListOutcome list(ApiResource resource, Optional<String> namespace, Consumer<ClusterObject> each) {
        String next = "";
        for (int page = 0; page < MAX_PAGES; page++) {
            List<String> parameters = new ArrayList<>(List.of("limit=" + PAGE));
            if (!next.isEmpty()) {
                parameters.add(ClusterHttp.query("continue", next));
            }
            switch (get(ClusterHttp.withQuery(resource.path(namespace), parameters))) {
                case ReadOutcome.Found(ClusterObject list) -> {
                    // The items of a list carry neither apiVersion nor kind.
                    JsonTree.maps(list.tree().get("items")).forEach(item -> each.accept(new ClusterObject(typed(item, resource))));
                    Map<String, Object> metadata = JsonTree.map(list.tree(), "metadata");
                    next = JsonTree.text(metadata, "continue").orElse("");
                    if (next.isEmpty()) {
                        return new ListOutcome.Listed(JsonTree.text(metadata, "resourceVersion").orElse(""));
                    }
                }
                case ReadOutcome.Absent _ -> {
                    return new ClusterTrouble.Rejected(404, "the cluster does not know " + resource.groupResource(), List.of());
                }
                case ClusterTrouble trouble -> {
                    return trouble;
                }
            }
        }
        return new Unreachable("the list of " + resource.plural() + " does not end", Optional.empty());
    }

    private static Map<String, Object> typed(Map<String, Object> item, ApiResource resource) {
        Map<String, Object> typed = new LinkedHashMap<>();
        typed.put("apiVersion", resource.apiVersion());
        typed.put("kind", resource.kind());
        typed.putAll(item);
        return typed;
    }

    /// Tells what happens after `resourceVersion`, in order, on a thread of the transport: `each` must not block for long.
    /// Returns when the watch ends, at the latest after some minutes; `stop` ends it early.
    public WatchOutcome watch(
            ApiResource resource, Optional<String> namespace, String resourceVersion, CompletableFuture<Void> stop, Consumer<WatchEvent> each) {
        Watching watching = new Watching(resource, resourceVersion, each);
        String path = ClusterHttp.withQuery(resource.path(namespace), List.of("watch=1", "allowWatchBookmarks=true",
                "timeoutSeconds=" + WATCH.toSeconds(), ClusterHttp.query("resourceVersion", resourceVersion)));
        CompletableFuture<Void> end = new CompletableFuture<>();
        stop.whenComplete((_, _) -> end.complete(null));
        closed.whenComplete((_, _) -> end.complete(null));
        return switch (http.lines(path, SILENCE, end, watching::line)) {
            case Exchange.Failed _ when watching.expired() -> new WatchOutcome.Expired();
            case Exchange.Failed(Unreachable trouble) -> watching.reached().<WatchOutcome>map(WatchOutcome.Ended::new).orElse(trouble);
            case Exchange.Answered(Answer answer) when answer.status() == 410 -> new WatchOutcome.Expired();
            case Exchange.Answered(Answer answer) when answer.status() != 200 -> Answers.trouble(answer);
            case Exchange.Answered _ -> watching.outcome();
        };
    }

    /// The cluster's Kubernetes version, "v1.32.4".
    ReadOutcome version() {
        return get("/version");
    }

    /// The kinds of a group version; `Absent` where it has none.
    ReadOutcome kinds(String group, String version) {
        return get("/apis/" + ObjectName.checked(group) + "/" + ObjectName.checked(version));
    }

    /// Whether the credentials may do this: a SelfSubjectAccessReview. `namespace` empty means all.
    ReadOutcome access(String verb, String group, String resource, String namespace) {
        Map<String, Object> review = Tree.map("apiVersion", "authorization.k8s.io/v1", "kind", "SelfSubjectAccessReview", "spec",
                Tree.map("resourceAttributes", Tree.map("verb", verb, "group", group, "resource", resource, "namespace", namespace)));
        Body body = new Body("application/json", Json.write(review));
        return switch (http.send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", Optional.of(body))) {
            case Exchange.Failed(Unreachable trouble) -> trouble;
            case Exchange.Answered(Answer answer) when answer.status() == 200 || answer.status() == 201 -> Json.object(answer.body())
                    .<ReadOutcome>map(tree -> new ReadOutcome.Found(new ClusterObject(tree)))
                    .orElseGet(Answers::notKubernetes);
            case Exchange.Answered(Answer answer) -> Answers.trouble(answer);
        };
    }

    /// Ends every watch; calls that are under way come to an end as `Unreachable`.
    @Override
    public void close() {
        closed.complete(null);
        http.close();
    }
}
