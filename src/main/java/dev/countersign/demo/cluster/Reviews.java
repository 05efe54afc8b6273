package dev.countersign.demo.cluster;

import java.util.List;
import java.util.Map;

/// Questions about oneself: may I, what may I, who am I. They are answered and not stored.
final class Reviews {
    static final String AUTHORIZATION = "authorization.k8s.io";
    static final String AUTHENTICATION = "authentication.k8s.io";
    static final Map<String, String> RESOURCES = Map.of(
            "selfsubjectaccessreviews", "SelfSubjectAccessReview",
            "selfsubjectrulesreviews", "SelfSubjectRulesReview",
            "selfsubjectreviews", "SelfSubjectReview");

    private Reviews() {}

    static String groupOf(String resource) {
        return resource.equals("selfsubjectreviews") ? AUTHENTICATION : AUTHORIZATION;
    }

    static boolean isReview(ApiCall call) {
        var path = call.path();
        return path.size() == 4
                && path.getFirst().equals("apis")
                && RESOURCES.containsKey(path.getLast())
                && path.get(1).equals(groupOf(path.getLast()))
                && path.get(2).equals("v1");
    }

    static Answer answer(ApiCall call, ClusterUser user) {
        if (!call.method().equals("POST")) {
            throw Refused.methodNotAllowed();
        }
        var review = Wire.object(call.body(), call.mediaType());
        var answered = Tree.copy(review);
        answered.put(
                "status",
                switch (call.path().getLast()) {
                    case "selfsubjectaccessreviews" -> access(review, user);
                    case "selfsubjectrulesreviews" ->
                        rules(Tree.text(review, "spec", "namespace").orElse(""), user);
                    default ->
                        Tree.of(
                                "userInfo",
                                Tree.of("username", user.name(), "groups", List.of("system:authenticated")));
                });
        return Answer.json(201, answered);
    }

    private static Map<String, Object> access(Map<String, Object> review, ClusterUser user) {
        var asked = Tree.mapAt(review, "spec", "resourceAttributes");
        if (asked.isEmpty()) {
            return Tree.of("allowed", true);
        }
        var group = Tree.text(asked, "group").orElse("");
        var resource = Tree.text(asked, "resource").orElse("*");
        var subresource = Tree.text(asked, "subresource")
                .filter(s -> !s.isEmpty())
                .map(s -> "/" + s)
                .orElse("");
        var full = resource + subresource + (group.isEmpty() || resource.equals("*") ? "" : "." + group);
        var allowed = user.isAllowed(
                Tree.text(asked, "verb").orElse(""),
                full,
                Tree.text(asked, "namespace").orElse(""));
        return Tree.of("allowed", allowed);
    }

    private static Map<String, Object> rules(String namespace, ClusterUser user) {
        var rules = user.rules().stream()
                .filter(rule ->
                        rule.namespaces().contains("*") || rule.namespaces().contains(namespace))
                .flatMap(rule -> rule.resources().stream().map(resource -> {
                    var dot = resource.indexOf('.');
                    return Tree.of(
                            "verbs",
                            List.copyOf(rule.verbs()),
                            "apiGroups",
                            List.of(resource.equals("*") ? "*" : dot < 0 ? "" : resource.substring(dot + 1)),
                            "resources",
                            List.of(dot < 0 ? resource : resource.substring(0, dot)));
                }))
                .toList();
        return Tree.of("resourceRules", rules, "nonResourceRules", List.of(), "incomplete", false);
    }
}
