package dev.countersign.attacks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A right request for every route there is. A route without one fails `RecipesTests`, and so does a field that the program
/// reads and no recipe fills: whoever adds a route says here how it is asked, and with that how it is attacked.
final class Recipes {
    private static final String NUMBER = "{number:[0-9]{1,18}}";
    private static final String PLACE = "{place:[0-9]{1,2}}";
    private static final String SERVICE = "/services/{cluster}/{namespace}/{workload}";
    private static final String ROLLBACK = "/clusters/{name}/policies/{namespace}/{policy}/revisions/{revision:[0-9]{1,18}}/rollback";
    private static final String HOOK = "/admin/webhooks/" + NUMBER;
    private static final String LETTER = HOOK + "/events/{entry:[0-9]{1,18}}";
    private static final String TYPE = "dev.countersign.repository.resumed";
    private static final String REASON = "Checkout settles card payments when an order is placed.";
    static final String POLICY = """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: closed, namespace: $namespace}
            spec: {}
            """;

    private Recipes() {}

    static List<Recipe> all() {
        List<Recipe> all = new ArrayList<>(pages());
        all.addAll(administration());
        all.addAll(verbs());
        all.addAll(api());
        return all;
    }

    static Map<String, List<Recipe>> byRoute() {
        return all().stream().collect(Collectors.groupingBy(Recipe::route, LinkedHashMap::new, Collectors.toList()));
    }

    private static Recipe get(String by, String address, String... path) {
        return Recipe.of(by, "GET " + address, path);
    }

    private static Recipe post(String by, String address, String... path) {
        return Recipe.of(by, "POST " + address, path);
    }

    private static List<Recipe> pages() {
        return List.of(
                get("engineer", "/"),
                get("engineer", "/find").form("q", "$workload"),
                get("engineer", "/news"),
                get("engineer", "/me"),
                get("engineer", "/me/tokens/{token}/revocation", "$mytoken"),
                get("engineer", "/help"),
                get("engineer", "/help/{code}", "CS9404"),
                get("engineer", "/sign-in").form("failed", ""),
                get("engineer", "/sign-in/provider").form("tenant", "$tenant"),
                get("engineer", "/sign-in/provider/{tenant}", "$tenant").form("told", "away"),
                get("engineer", "/sign-in/provider/{tenant}/begin", "$tenant"),
                get("engineer", "/sign-in/provider/{tenant}/callback", "$tenant").form("code", "a code", "state", "a state", "iss", World.PROVIDER.issuer(), "error", "access_denied"),
                post("engineer", "/sign-in/provider/{tenant}/link", "$tenant").form("code", "abcde-fghij-kmnpq-rstuv"),
                get("engineer", "/assets/{digest}/{*path}", "x", "countersign.css"),
                get("operator", "/operator").form("after", "a"),
                get("engineer", "/requests").form("state", "open", "mine", "true", "namespace", "$namespace", "q", "$reason", "before", "$before"),
                get("engineer", "/requests/new").form("from", "$namespace/$account", "to", "$namespace/$workload", "method", "GET", "path", "/a", "port", "8080", "cluster", "$cluster"),
                get("engineer", "/requests/" + NUMBER, "$request"),
                get("engineer", "/requests/" + NUMBER + "/edit", "$request"),
                get("engineer", "/requests/" + NUMBER + "/history", "$request"),
                get("engineer", "/requests/" + NUMBER + "/stages", "$request").form("effect", "$effect"),
                get("engineer", "/requests/" + NUMBER + "/stages/line", "$request").form("seen", "1 SUBMITTED"),
                get("engineer", "/requests/" + NUMBER + "/delivery", "$approved"),
                get("owner", "/queue").form("view", "mine", "namespace", "$namespace", "risk", "high", "after", "$after"),
                get("owner", "/queue/count"),
                get("owner", "/queue/" + NUMBER, "$request").header("HX-Request", "true"),
                get("owner", "/queue/" + NUMBER + "/missing", "$request").form("version", "1").header("HX-Request", "true"),
                get("engineer", "/grants").form("view", "all", "namespace", "$namespace", "workload", "$workload", "before", "$before"),
                get("engineer", "/grants/" + NUMBER, "$grant"),
                get("owner", "/grants/" + NUMBER + "/revocation", "$grant"),
                get("engineer", "/grants/of/{cluster}/{namespace}/{workload}", "$cluster", "$namespace", "$workload"),
                get("engineer", "/services").form("q", "$workload", "cluster", "$cluster", "namespace", "$namespace", "after", "$cluster/$namespace/$account"),
                get("engineer", "/services/options").form("q", "$workload", "cluster", "$cluster", "id", "service").header("HX-Request", "true"),
                get("engineer", SERVICE, "$cluster", "$namespace", "$workload"),
                get("engineer", SERVICE + "/callers", "$cluster", "$namespace", "$workload"),
                get("engineer", SERVICE + "/callers/then", "$cluster", "$namespace", "$workload").form("at", "2026-01-01T00:00"),
                get("engineer", SERVICE + "/callees", "$cluster", "$namespace", "$workload"),
                get("engineer", SERVICE + "/adoption", "$cluster", "$namespace", "$other"),
                get("engineer", SERVICE + "/adoption/{policy}", "$cluster", "$namespace", "$other", "$foreign"),
                get("engineer", "/adoptions/" + NUMBER, "$adoption"),
                get("engineer", "/simulate").form("from", "$cluster/$namespace/$account", "to", "$cluster/$namespace/$workload", "method", "POST", "path", "/api/v1/payments/7",
                        "host", "payments", "port", "8080", "tls", "mutual", "ip", "10.0.0.7", "headers", "x-channel: checkout", "claims", "iss: a"),
                get("engineer", "/policies"),
                post("engineer", "/policies").form("yaml", POLICY, "cluster", "$cluster"),
                get("engineer", "/clusters"),
                get("engineer", "/clusters/{name}", "$cluster"),
                get("engineer", "/clusters/{name}/hygiene", "$cluster").form("namespace", "$namespace"),
                get("engineer", "/clusters/{name}/reach", "$cluster").form("namespace", "$namespace"),
                get("engineer", "/clusters/{name}/policies", "$cluster"),
                get("engineer", "/clusters/{name}/policies/{namespace}/{policy}", "$cluster", "$namespace", "$policy"),
                get("engineer", "/delivery/of/{name}", "$cluster"),
                get("owner", "/delivery/of/{cluster}/{namespace}/{workload}", "$cluster", "$namespace", "$workload"),
                get("engineer", "/grants/" + NUMBER + "/delivery", "$grant"),
                get("owner", SERVICE + "/stop", "$cluster", "$namespace", "$workload"),
                get("security", "/clusters/{name}/stop", "$cluster"),
                get("security", "/stops/" + NUMBER + "/release", "$stop"),
                get("owner", ROLLBACK, "$cluster", "$namespace", "$policy", "1"),
                get("security", "/requests/" + NUMBER + "/rollout/continuation", "$rolling"),
                get("engineer", "/suspensions/" + NUMBER, "$suspension"),
                get("security", "/suspensions/" + NUMBER + "/resumption", "$suspension"),
                get("auditor", "/audit").form("q", "$reason", "who", "engineer", "kind", "request.submitted", "subject", "request $request", "from", "2026-01-01", "until", "2027-01-01", "before", "$before"),
                get("auditor", "/audit/{seq:[0-9]{1,18}}", "$entry"),
                get("auditor", "/audit/{seq:[0-9]{1,18}}/receipt", "1"),
                get("auditor", "/audit/export.record"),
                get("auditor", "/audit/export.csv"),
                get("auditor", "/audit/export.ndjson"));
    }

    private static List<Recipe> administration() {
        return List.of(
                get("admin", "/admin"),
                get("admin", "/admin/tokens"),
                get("admin", "/admin/tokens/{token}/revocation", "$token"),
                get("admin", "/admin/people").form("q", "$person", "after", "$person"),
                get("admin", "/admin/new-person"),
                get("admin", "/admin/people/{username}", "$person"),
                get("admin", "/admin/people/{username}/deactivation", "$person"),
                get("admin", "/admin/people/{username}/erasure", "$gone"),
                get("admin", "/admin/people/{username}/password", "$person"),
                get("admin", "/admin/teams"),
                get("admin", "/admin/teams/{slug}", "$team"),
                get("admin", "/admin/ownership").form("service", "$cluster/$namespace/$workload"),
                get("admin", "/admin/clusters"),
                get("admin", "/admin/clusters/new"),
                get("admin", "/admin/clusters/{name}/edit", "$cluster"),
                get("admin", "/admin/clusters/{name}/retirement", "$cluster"),
                get("admin", "/admin/clusters/{name}/delivery", "$cluster"),
                get("admin", "/admin/clusters/{name}/delivery/direct", "$cluster"),
                get("admin", "/admin/settings"),
                get("admin", "/admin/sign-in"),
                get("admin", "/admin/sign-in/disabling"),
                get("admin", "/admin/people/{username}/unlinking", "$person"),
                get("admin", "/admin/rollout"),
                get("admin", "/admin/webhooks"),
                get("admin", "/admin/webhooks/new"),
                get("admin", HOOK, "$webhook"),
                get("admin", HOOK + "/edit", "$webhook"),
                get("admin", HOOK + "/secret", "$webhook"),
                get("admin", HOOK + "/removal", "$webhook"),
                get("admin", LETTER, "$webhook", "$letter"),
                post("admin", "/admin/webhooks").form("name", "Tickets", "url", "http://127.0.0.1:9/tickets", "types", TYPE),
                post("admin", HOOK, "$webhook").form("base", "1", "name", "Tickets", "url", "http://127.0.0.1:9/tickets", "types", TYPE),
                post("admin", HOOK + "/enabling", "$webhook").form("on", "false"),
                post("admin", HOOK + "/secret", "$webhook"),
                post("admin", HOOK + "/test", "$webhook"),
                post("admin", HOOK + "/removal", "$webhook"),
                post("admin", HOOK + "/redelivery", "$webhook"),
                post("admin", LETTER + "/redelivery", "$webhook", "$letter"),
                post("admin", LETTER + "/discard", "$webhook", "$letter"),
                get("admin", "/admin/rules"),
                get("admin", "/admin/rules/new"),
                get("admin", "/admin/rules/" + PLACE, "1"),
                post("admin", "/admin/tokens/{token}/revocation", "$token"),
                post("admin", "/admin/people").form("username", "newcomer", "displayName", "New Comer", "roles", "SECURITY"),
                post("admin", "/admin/people/{username}/roles", "$person").form("roles", "AUDITOR"),
                post("admin", "/admin/people/{username}/deactivation", "$person"),
                post("admin", "/admin/people/{username}/reactivation", "$gone"),
                post("admin", "/admin/people/{username}/erasure", "$gone").form("name", "$gone", "reason", "They asked for it in a letter."),
                post("admin", "/admin/people/{username}/password", "$person"),
                post("admin", "/admin/people/{username}/link-code", "$person"),
                post("admin", "/admin/people/{username}/unlinking", "$person"),
                post("admin", "/admin/sign-in").form("issuer", World.PROVIDER.issuer(), "clientId", "countersign-portal", "secret", "another secret", "label", "Acme SSO",
                        "portal", "https://portal.example.com", "hours", "8"),
                post("admin", "/admin/sign-in/check"),
                post("admin", "/admin/sign-in/enabling"),
                post("admin", "/admin/sign-in/disabling"),
                post("admin", "/admin/sign-in/passwords/closing").form("emergency", "admin"),
                post("admin", "/admin/sign-in/passwords/opening"),
                post("admin", "/admin/teams").form("slug", "crew", "name", "The crew"),
                post("admin", "/admin/teams/{slug}/members", "$team").form("person", "engineer"),
                post("admin", "/admin/teams/{slug}/members/{username}/removal", "$team", "$person"),
                post("admin", "/admin/ownership").form("service", "$cluster/$namespace/$account", "team", "$teamId"),
                post("admin", "/admin/ownership/removal").form("cluster", "$clusterId", "namespace", "$namespace", "workload", "$workload"),
                // The address of the kubeconfig answers to nobody: refused in words, after everything was read.
                post("admin", "/admin/clusters").form("name", "west", "kubeconfig", "$kubeconfig", "namespaces", "west", "trustDomain", "cluster.local",
                        "trustDomainAliases", "old.example", "rootNamespace", "istio-system", "pathNormalization", "BASE"),
                post("admin", "/admin/clusters/{name}/namespaces", "$cluster").form("namespaces", "$namespace").lasts(),
                post("admin", "/admin/clusters/{name}/trust-domain-aliases", "$cluster").form("trustDomainAliases", "old.example, older.example").lasts(),
                post("admin", "/admin/clusters/{name}/credentials", "$cluster").form("kubeconfig", "$kubeconfig").lasts(),
                // Nobody answers at the address; the setting is stored all the same, and the delivery tells of it.
                post("admin", "/admin/clusters/{name}/delivery", "$cluster").form("url", "http://127.0.0.1:9/policies.git", "branch", "main", "directory", "clusters/west",
                        "username", "robot", "password", "a token that may push"),
                post("admin", "/admin/clusters/{name}/delivery/direct", "$cluster"),
                post("admin", "/admin/clusters/{name}/retirement", "$cluster").form("reason", "The cluster moves.").lasts(),
                post("admin", "/admin/settings").form("reasonMinimum", "20", "reasonTemplate", "What for?", "requestLifetime", "14", "permanentAllowed", "true", "longestGrant", "365"),
                post("admin", "/admin/rules/" + PLACE, "0").form("base", "$rules", "name", "By the book", "match", "all", "when", "CROSS_NAMESPACE",
                        "stage", "Owner", "needed", "1", "eligible", "owner", "comment", "true"),
                post("admin", "/admin/rules/" + PLACE + "/move", "2").form("base", "$rules", "to", "up"),
                post("admin", "/admin/rules/" + PLACE + "/removal", "1").form("base", "$rules"),
                post("admin", "/admin/rollout").form("base", "$plan", "name", "Everywhere", "places", "", "pause", "0", "unit", "hours", "goes", "itself"),
                post("operator", "/operator/tenants").form("slug", "$fresh", "name", "New tenant", "username", "first", "displayName", "First Person").lasts());
    }

    private static Recipe ask(Recipe to) {
        return to.form("do", "submit", "from-0", "$namespace/$account", "to", "$cluster/$namespace/$workload", "clusters", "$cluster", "whole", "false",
                "methods-0", "GET", "paths-0", "/api/v1/receipts/*", "ports-0", "8080", "hosts-0", "", "condition-0", "request.headers[x-channel]", "values-0", "checkout",
                "not-0", "false", "reason", REASON, "ticket", "PAY-1", "period", "P30D", "until", "", "key", "3f1c8a4e-6f1d-4f57-9a37-0a1d2b3c4d5e", "version", "1");
    }

    private static List<Recipe> verbs() {
        return List.of(
                ask(post("engineer", "/requests/preview")),
                ask(post("engineer", "/requests")),
                ask(post("engineer", "/requests/" + NUMBER + "/preview", "$request")),
                ask(post("engineer", "/requests/" + NUMBER + "/edit", "$request")),
                post("engineer", "/requests/" + NUMBER + "/withdrawal", "$request").form("words", "Not needed any more."),
                post("owner", "/requests/" + NUMBER + "/reviews", "$request").form("decision", "APPROVE", "digest", "$digest", "effect", "", "comment", "Fine."),
                post("owner", "/queue/decisions").form("pick", "$request $digest", "only", "", "decision", "APPROVE", "comment", "Fine."),
                post("owner", "/queue/decisions").form("pick", "", "only", "$request $digest", "decision", "APPROVE", "comment", "Fine."),
                post("engineer", SERVICE + "/adoption/{policy}", "$cluster", "$namespace", "$other", "$foreign").form("reason", REASON, "ticket", "PAY-1", "period", "P30D"),
                post("owner", "/grants/" + NUMBER + "/revocation", "$grant").form("reason", "No longer needed."),
                post("security", "/clusters/{name}/reconciliation", "$cluster"),
                post("owner", SERVICE + "/stop", "$cluster", "$namespace", "$workload").form("reason", "We look into a leak."),
                post("security", "/clusters/{name}/stop", "$cluster").form("reason", "We look into a leak."),
                post("security", "/stops/" + NUMBER + "/release", "$stop").form("reason", "There was none."),
                post("owner", ROLLBACK, "$cluster", "$namespace", "$policy", "1").form("digest", "$rollback", "reason", "We look into a leak."),
                post("security", "/requests/" + NUMBER + "/rollout/continuation", "$rolling").form("digest", "$continuing", "reason", "The first wave looks well."),
                post("security", "/suspensions/" + NUMBER + "/resumption", "$suspension").form("digest", "$resuming", "reason", "There was none."),
                post("engineer", "/me/password").form("present", "engineer password", "wanted", "another long password", "repeated", "another long password"),
                post("engineer", "/me/tokens").form("name", "ci", "scopes", "read", "days", "30"),
                post("engineer", "/me/tokens/{token}/revocation", "$mytoken"),
                post("engineer", "/me/sessions/sign-out-others"));
    }

    private static Map<String, Object> body() {
        return Map.of(
                "ask", Map.of("kind", "ServiceAccess", "clusters", List.of("$cluster"), "from", List.of(Map.of("namespace", "$namespace", "serviceAccount", "$account")),
                        "to", Map.of("namespace", "$namespace", "workload", "$workload"),
                        "operations", List.of(Map.of("methods", List.of("GET"), "paths", List.of("/api/v1/receipts/*"), "ports", List.of(8080), "hosts", List.of("payments"))),
                        "conditions", List.of(Map.of("key", "request.headers[x-channel]", "values", List.of("checkout")))),
                "justification", Map.of("reason", REASON, "ticket", "PAY-1"),
                "grantFor", "P30D");
    }

    private static List<Recipe> api() {
        String requests = "/api/v1/access-requests";
        Map<String, Object> pods = Map.of("namespace", "$namespace", "workload", "$workload");
        return List.of(
                get("engineer:read", "/api/v1/openapi.json"),
                get("engineer:read", "/api/v1/me"),
                get("engineer:read", requests).form("state", "SUBMITTED", "q", "$reason", "namespace", "$namespace", "mine", "true", "limit", "10"),
                get("engineer:read", requests).form("decidable", "true", "namespace", "$namespace"),
                get("engineer:read", requests + "/{number}", "$request"),
                post("engineer:request", requests + "/preview").json(body()),
                post("engineer:request", requests + "/preview").json(Map.of(
                        "ask", Map.of("kind", "ServiceAccess", "clusters", List.of("$cluster"), "from", List.of(Map.of("namespace", "$namespace", "serviceAccount", "$account")),
                                "to", Map.of("namespace", "$namespace", "workload", "$workload"), "wholeService", true,
                                "conditions", List.of(Map.of("key", "request.headers[x-channel]", "notValues", List.of("shop")))),
                        "justification", Map.of("reason", REASON), "until", "$until")),
                post("engineer:request", requests).json(body()),
                Recipe.of("engineer:request", "PUT " + requests + "/{number}/ask", "$request").json(body()).header("If-Match", "$etag"),
                post("owner:review", requests + "/{number}/reviews", "$request").json(Map.of("decision", "APPROVE", "digest", "$digest", "comment", "Fine.")),
                post("engineer:request", requests + "/{number}/withdrawal", "$request").json(Map.of("words", "Not needed.")),
                get("engineer:read", "/api/v1/grants").form("state", "ACTIVE", "cluster", "$cluster", "namespace", "$namespace", "workload", "$workload", "mine", "true", "endingWithinDays", "100", "limit", "10"),
                get("engineer:read", "/api/v1/grants/{id}", "$grant"),
                post("owner:review", "/api/v1/grants/{id}/revocation", "$grant").json(Map.of("reason", "No longer needed.")),
                get("engineer:read", "/api/v1/delivery-stops").form("state", "HOLDING", "cluster", "$cluster", "limit", "10"),
                get("engineer:read", "/api/v1/delivery-stops/{number}", "$stop"),
                post("owner:review", "/api/v1/delivery-stops").json(Map.of("cluster", "$cluster", "namespace", "$namespace", "workload", "$workload", "reason", "We look into a leak.")),
                post("security:review", "/api/v1/delivery-stops/{number}/release", "$stop").json(Map.of("reason", "There was none.")),
                get("engineer:read", "/api/v1/clusters/{name}/policies/{namespace}/{policy}/revisions/{revision}/rollback", "$cluster", "$namespace", "$policy", "1"),
                get("engineer:read", "/api/v1/rollout-plan"),
                Recipe.of("admin:admin", "PUT /api/v1/rollout-plan").header("If-Match", "*").json(Map.of("waves", List.of(
                        Map.of("name", "Canary", "places", List.of("$cluster"), "pause", "PT1H", "continues", "PERSON"), Map.of("name", "Everywhere", "places", List.of())))),
                post("security:review", requests + "/{number}/rollout/continuation", "$rolling").json(Map.of("digest", "$continuing", "reason", "The first wave looks well.")),
                get("engineer:read", "/api/v1/suspensions").form("state", "HOLDING", "cluster", "$cluster", "limit", "10"),
                get("engineer:read", "/api/v1/suspensions/{number}", "$suspension"),
                get("engineer:read", "/api/v1/suspensions/{number}/resumption", "$suspension"),
                post("owner:review", "/api/v1/suspensions").json(Map.of("cluster", "$cluster", "namespace", "$namespace", "policy", "$policy", "revision", 1,
                        "digest", "$rollback", "reason", "We look into a leak.")),
                post("security:review", "/api/v1/suspensions/{number}/resumption", "$suspension").json(Map.of("digest", "$resuming", "reason", "There was none.")),
                get("engineer:read", "/api/v1/services").form("q", "$workload", "cluster", "$cluster", "namespace", "$namespace", "limit", "10"),
                post("engineer:request", "/api/v1/adoptions").json(Map.of("cluster", "$cluster", "namespace", "$namespace", "policy", "$foreign",
                        "justification", Map.of("reason", REASON, "ticket", "PAY-1"), "grantFor", "P30D")),
                post("engineer:request", "/api/v1/adoptions").json(Map.of("cluster", "$cluster", "namespace", "$namespace", "policy", "$foreign",
                        "justification", Map.of("reason", REASON), "until", "$until")),
                get("engineer:read", "/api/v1/adoptions/{number}", "$adoption"),
                get("engineer:read", "/api/v1/clusters"),
                get("engineer:read", "/api/v1/clusters/{name}", "$cluster"),
                post("admin:admin", "/api/v1/clusters").json(Map.of("name", "west", "kubeconfig", "$kubeconfig", "namespaces", List.of("west"), "trustDomain", "cluster.local",
                        "trustDomainAliases", List.of("old.example"), "rootNamespace", "istio-system", "pathNormalization", "BASE")),
                get("engineer:read", "/api/v1/clusters/{name}/policies", "$cluster"),
                get("engineer:read", "/api/v1/clusters/{name}/delivery", "$cluster"),
                Recipe.of("admin:admin", "PUT /api/v1/clusters/{name}/delivery", "$cluster").header("If-Match", "*").json(Map.of("mode", "REPOSITORY", "repository",
                        Map.of("url", "http://127.0.0.1:9/policies.git", "branch", "main", "directory", "clusters/west", "username", "robot", "password", "a token that may push"))),
                get("admin:admin", "/api/v1/webhooks"),
                post("admin:admin", "/api/v1/webhooks").json(Map.of("name", "Tickets", "url", "http://127.0.0.1:9/tickets", "types", List.of(TYPE), "enabled", true)),
                get("admin:admin", "/api/v1/webhooks/{number}", "$webhook"),
                Recipe.of("admin:admin", "PUT /api/v1/webhooks/{number}", "$webhook").header("If-Match", "*").json(
                        Map.of("name", "Tickets", "url", "http://127.0.0.1:9/tickets", "types", List.of(TYPE), "enabled", false)),
                Recipe.of("admin:admin", "DELETE /api/v1/webhooks/{number}", "$webhook"),
                post("admin:admin", "/api/v1/webhooks/{number}/secret-rotation", "$webhook").json(Map.of()),
                post("admin:admin", "/api/v1/webhooks/{number}/test", "$webhook").json(Map.of()),
                post("admin:admin", "/api/v1/webhooks/{number}/redelivery", "$webhook").json(Map.of()),
                get("admin:admin", "/api/v1/webhooks/{number}/deliveries", "$webhook").form("state", "DEAD", "limit", "10"),
                get("admin:admin", "/api/v1/webhooks/{number}/deliveries/{entry}", "$webhook", "$letter"),
                post("admin:admin", "/api/v1/webhooks/{number}/deliveries/{entry}/redelivery", "$webhook", "$letter").json(Map.of()),
                post("admin:admin", "/api/v1/webhooks/{number}/deliveries/{entry}/discard", "$webhook", "$letter").json(Map.of()),
                get("engineer:read", "/api/v1/clusters/{name}/hygiene", "$cluster").form("namespace", "$namespace"),
                get("engineer:read", "/api/v1/clusters/{name}/reach", "$cluster").form("identity", "$namespace/$account"),
                post("admin:admin", "/api/v1/clusters/{name}/reconciliation", "$cluster").json(Map.of()),
                get("auditor:read", "/api/v1/audit/checkpoint"),
                get("auditor:read", "/api/v1/audit/proofs/inclusion").form("entry", "1", "size", "2"),
                get("auditor:read", "/api/v1/audit/proofs/consistency").form("from", "1", "to", "2"),
                get("auditor:read", "/api/v1/audit/receipt").form("entry", "1"),
                get("auditor:read", "/api/v1/audit/export"),
                get("auditor:read", "/api/v1/audit/tile/{level}/{*place}", "0", "000.p/1"),
                get("auditor:read", "/api/v1/audit/log/checkpoint"),
                get("auditor:read", "/api/v1/audit/log/tile/{level}/{*place}", "0", "000.p/1"),
                get("engineer:read", "/api/v1" + SERVICE + "/callers", "$cluster", "$namespace", "$workload").form("at", "2026-01-01T00:00:00Z"),
                get("auditor:read", "/api/v1/audit/entries").form("after", "1", "limit", "10"),
                post("engineer:read", "/api/v1/policies/validation").json(Map.of("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy",
                        "metadata", Map.of("name", "closed", "namespace", "$namespace"), "spec", Map.of("action", "ALLOW"))),
                post("engineer:read", "/api/v1/comparisons").json(Map.of("cluster", "$cluster", "to", pods, "change", Map.of("yaml", POLICY), "remove", List.of())),
                post("engineer:read", "/api/v1/comparisons").json(Map.of("cluster", "$cluster", "scope", "NAMESPACE", "to", Map.of("namespace", "$namespace"),
                        "before", Map.of("yaml", POLICY), "after", Map.of("policies", List.of()))),
                post("engineer:read", "/api/v1/comparisons").json(Map.of("cluster", "$cluster", "scope", "CLUSTER", "change", Map.of("yaml", POLICY))),
                post("engineer:read", "/api/v1/comparisons").json(Map.of("to", Map.of("namespace", "$namespace", "labels", Map.of("app", "x")),
                        "before", Map.of("policies", List.of()), "after", Map.of("yaml", POLICY))),
                post("engineer:read", "/api/v1/simulations").json(Map.of("cluster", "$cluster", "from", Map.of("namespace", "$namespace", "serviceAccount", "$account"),
                        "to", pods, "call", Map.of("protocol", "http", "mtls", true, "method", "POST", "path", "/a", "host", "payments", "port", 8080,
                                "headers", Map.of("x-channel", "checkout"), "sourceIp", "10.0.0.7"))));
    }
}
