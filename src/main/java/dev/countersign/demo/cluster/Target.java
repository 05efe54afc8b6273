package dev.countersign.demo.cluster;

import java.util.List;
import java.util.Optional;

/// What a request is about: a kind in one of its versions, where, which one, and the verb that access rules speak of.
record Target(ApiKind kind, String version, String namespace, String name, String subresource, String verb) {
    String apiVersion() {
        return kind.apiVersion(version);
    }

    /// The resource as access rules name it, with its subresource: `pods/status`.
    String groupResource() {
        return subresource.isEmpty()
                ? kind.groupResource()
                : kind.plural() + "/" + subresource + (kind.group().isEmpty() ? "" : "." + kind.group());
    }

    /// Reads the path of a request for objects; empty where the path names no kind that the server holds.
    static Optional<Target> of(ApiCall call) {
        var path = call.path();
        if (path.size() >= 3 && path.getFirst().equals("api")) {
            return of(call, "", path.get(1), path.subList(2, path.size()));
        }
        if (path.size() >= 4 && path.getFirst().equals("apis")) {
            return of(call, path.get(1), path.get(2), path.subList(3, path.size()));
        }
        return Optional.empty();
    }

    private static Optional<Target> of(ApiCall call, String group, String version, List<String> rest) {
        var inNamespace = rest.size() > 2
                && rest.getFirst().equals("namespaces")
                && !(group.isEmpty() && List.of("status", "finalize").contains(rest.get(2)));
        var namespace = inNamespace ? rest.get(1) : "";
        var here = inNamespace ? rest.subList(2, rest.size()) : rest;
        if (here.isEmpty() || here.size() > 3) {
            return Optional.empty();
        }
        var name = here.size() > 1 ? here.get(1) : "";
        var subresource = here.size() > 2 ? here.get(2) : "";
        return ApiKinds.find(group, version, here.getFirst())
                .filter(kind -> kind.namespaced() || namespace.isEmpty())
                .filter(kind -> subresource.isEmpty() || subresource.equals("status") && kind.is(ApiKind.Trait.STATUS))
                .map(kind -> {
                    var own = kind == ApiKinds.NAMESPACE ? name : namespace;
                    return new Target(kind, version, own, name, subresource, verb(call, name));
                });
    }

    /// The namespace the object is filed under: a namespace itself lies in none, though access rules treat it as its
    /// own.
    String shelfNamespace() {
        return kind.namespaced() ? namespace : "";
    }

    private static String verb(ApiCall call, String name) {
        return switch (call.method()) {
            case "GET", "HEAD" -> call.flag("watch") ? "watch" : name.isEmpty() ? "list" : "get";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> name.isEmpty() ? "deletecollection" : "delete";
            default -> "";
        };
    }
}
