package dev.countersign.demo.cluster;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the server tells about itself: version, groups, resources, and just enough OpenAPI v3 for `kubectl` to learn
/// that
/// dry run and field validation happen on the server. No schemas are published, so `kubectl explain` has nothing to
/// say.
final class Discovery {
    private static final List<String> VERBS_OF_STATUS = List.of("get", "patch", "update");
    private static final Map<String, String> VERSION = Map.of(
            "major",
            "1",
            "minor",
            "36",
            "gitVersion",
            "v1.36.0+countersign-demo",
            "gitCommit",
            "none",
            "gitTreeState",
            "clean",
            "buildDate",
            "2026-01-01T00:00:00Z",
            "goVersion",
            "none",
            "compiler",
            "none",
            "platform",
            "none");

    private Discovery() {}

    static Optional<Object> answer(List<String> path) {
        return switch (path.size()) {
            case 1 ->
                switch (path.getFirst()) {
                    case "version" -> Optional.of(VERSION);
                    case "api" ->
                        Optional.of(Tree.of(
                                "kind",
                                "APIVersions",
                                "versions",
                                List.of("v1"),
                                "serverAddressByClientCIDRs",
                                List.of()));
                    case "apis" ->
                        Optional.of(Tree.of(
                                "kind",
                                "APIGroupList",
                                "apiVersion",
                                "v1",
                                "groups",
                                groups().stream().map(Discovery::group).toList()));
                    default -> Optional.empty();
                };
            case 2 ->
                switch (path.getFirst()) {
                    case "api" -> resources("", path.get(1));
                    case "apis" -> groups().contains(path.get(1)) ? Optional.of(group(path.get(1))) : Optional.empty();
                    case "openapi" -> path.get(1).equals("v3") ? Optional.of(openApiIndex()) : Optional.empty();
                    default -> Optional.empty();
                };
            case 3 -> path.getFirst().equals("apis") ? resources(path.get(1), path.get(2)) : Optional.empty();
            case 4, 5 -> path.getFirst().equals("openapi") ? openApi(path.subList(2, path.size())) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Set<String> groups() {
        var groups = new LinkedHashSet<String>();
        ApiKinds.ALL.forEach(kind -> groups.add(kind.group()));
        groups.remove("");
        groups.add(Reviews.AUTHORIZATION);
        groups.add(Reviews.AUTHENTICATION);
        return groups;
    }

    private static List<String> versions(String group) {
        var versions = new LinkedHashSet<String>();
        ApiKinds.ALL.stream()
                .filter(kind -> kind.group().equals(group))
                .forEach(kind -> versions.addAll(kind.versions()));
        return versions.isEmpty() ? List.of("v1") : List.copyOf(versions);
    }

    private static Map<String, Object> group(String group) {
        var versions = versions(group).stream()
                .map(version -> Tree.of("groupVersion", group + "/" + version, "version", version))
                .toList();
        return Tree.of(
                "kind",
                "APIGroup",
                "apiVersion",
                "v1",
                "name",
                group,
                "versions",
                versions,
                "preferredVersion",
                versions.getFirst());
    }

    private static Optional<Object> resources(String group, String version) {
        var resources = new ArrayList<Map<String, Object>>();
        for (var kind : ApiKinds.ALL) {
            if (kind.group().equals(group) && kind.versions().contains(version)) {
                resources.add(Tree.of(
                        "name",
                        kind.plural(),
                        "singularName",
                        kind.singular(),
                        "namespaced",
                        kind.namespaced(),
                        "kind",
                        kind.kind(),
                        "verbs",
                        kind.verbs(),
                        "shortNames",
                        kind.shortNames()));
                if (kind.is(ApiKind.Trait.STATUS)) {
                    resources.add(Tree.of(
                            "name",
                            kind.plural() + "/status",
                            "singularName",
                            "",
                            "namespaced",
                            kind.namespaced(),
                            "kind",
                            kind.kind(),
                            "verbs",
                            VERBS_OF_STATUS));
                }
            }
        }
        if (version.equals("v1")) {
            Reviews.RESOURCES.forEach((resource, kind) -> {
                if (Reviews.groupOf(resource).equals(group)) {
                    resources.add(Tree.of(
                            "name",
                            resource,
                            "singularName",
                            kind.toLowerCase(java.util.Locale.ROOT),
                            "namespaced",
                            false,
                            "kind",
                            kind,
                            "verbs",
                            List.of("create")));
                }
            });
        }
        return resources.isEmpty()
                ? Optional.empty()
                : Optional.of(Tree.of(
                        "kind",
                        "APIResourceList",
                        "apiVersion",
                        "v1",
                        "groupVersion",
                        group.isEmpty() ? version : group + "/" + version,
                        "resources",
                        resources));
    }

    private static Map<String, Object> openApiIndex() {
        var paths = new LinkedHashMap<String, Object>();
        for (var kind : ApiKinds.ALL) {
            for (var version : kind.versions()) {
                var path = (kind.group().isEmpty() ? "api/" : "apis/") + kind.apiVersion(version);
                paths.put(path, Map.of("serverRelativeURL", "/openapi/v3/" + path));
            }
        }
        return Tree.of("paths", paths);
    }

    private static Optional<Object> openApi(List<String> path) {
        var group = path.size() == 3 ? path.get(1) : "";
        var version = path.getLast();
        var paths = new LinkedHashMap<String, Object>();
        for (var kind : ApiKinds.ALL) {
            if (kind.group().equals(group) && kind.versions().contains(version)) {
                var prefix = "/" + String.join("/", path) + (kind.namespaced() ? "/namespaces/{namespace}/" : "/");
                var gvk = Map.of("group", group, "version", version, "kind", kind.kind());
                var parameters = List.of("dryRun", "fieldManager", "fieldValidation", "force").stream()
                        .map(name -> Tree.of(
                                "name",
                                name,
                                "in",
                                "query",
                                "schema",
                                Map.of("type", name.equals("force") ? "boolean" : "string")))
                        .toList();
                paths.put(
                        prefix + kind.plural() + "/{name}",
                        Map.of(
                                "patch",
                                Map.of(
                                        "x-kubernetes-action",
                                        "patch",
                                        "x-kubernetes-group-version-kind",
                                        gvk,
                                        "parameters",
                                        parameters,
                                        "responses",
                                        Map.of("200", Map.of("description", "OK")))));
            }
        }
        return paths.isEmpty()
                ? Optional.empty()
                : Optional.of(Tree.of(
                        "openapi",
                        "3.0.0",
                        "info",
                        Map.of("title", "Kubernetes", "version", "v1.36.0"),
                        "paths",
                        paths,
                        "components",
                        Map.of("schemas", Map.of())));
    }
}
