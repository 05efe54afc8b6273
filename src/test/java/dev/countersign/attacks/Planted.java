package dev.countersign.attacks;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/// A world in which somebody wrote payloads wherever a text can be written: by every place of every recipe that changes
/// something, by the cluster, and many times over where pages list much. What the portal took is stored for good; what it
/// refused it said again in its answer, which is kept.
final class Planted {
    private static final int PACK = 3_500;
    private static final Set<String> ONCE = Set.of("newcomer", "crew");
    private static final String KEY = "3f1c8a4e-6f1d-4f57-9a37-0a1d2b3c4d5e";

    private final Attacks attacks;
    private final World world;
    private final Payloads payloads;
    private final List<String> sinks = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private final Map<String, Attacks.Answer> answers = new LinkedHashMap<>();
    private final Map<String, int[]> taken = new TreeMap<>();
    private final List<String> accidents = new ArrayList<>();
    private int fresh;

    Planted(Attacks attacks, World world, long seed) {
        this.attacks = attacks;
        this.world = world;
        payloads = new Payloads(seed);
    }

    /// Where each payload was put, by its number.
    String sink(int number) {
        return sinks.get(number);
    }

    /// The payload itself, without its number.
    String text(int number) {
        return texts.get(number);
    }

    int count() {
        return sinks.size();
    }

    /// How many texts each place took and refused.
    Map<String, int[]> taken() {
        return taken;
    }

    /// Answers in which payloads stand, by what they answer.
    Map<String, Attacks.Answer> answers() {
        return answers;
    }

    /// What ended in an accident of the program.
    List<String> accidents() {
        return accidents;
    }

    /// The next payload, for that place.
    String next(String sink) {
        String template = payloads.template(texts.size());
        texts.add(template);
        sinks.add(sink);
        return Payloads.armed(template, texts.size() - 1);
    }

    /// As many as fit into so many characters, each on a line of its own.
    String pack(String sink, int room) {
        StringBuilder pack = new StringBuilder(next(sink));
        while (pack.length() < room - 300) {
            pack.append('\n').append(next(sink));
        }
        return pack.toString();
    }

    /// Every place of every recipe, `rounds` times with a payload of its own and once with as many as fit.
    void everywhere(int rounds) {
        for (Recipe recipe : Recipes.all()) {
            if (recipe.lasting() || recipe.route().equals("GET /news")) {
                continue;
            }
            List<String> places = places(recipe);
            for (int place = 0; place < places.size(); place++) {
                for (int round = 0; round <= rounds; round++) {
                    if (round == 0 && recipe.reads()) {
                        continue;
                    }
                    String sink = recipe.route() + " " + places.get(place);
                    String payload = round == 0 ? pack(sink, PACK) : next(sink);
                    send(recipe, place, sink, payload);
                }
            }
        }
    }

    private void send(Recipe recipe, int place, String sink, String payload) {
        send(unique(recipe).in(things(recipe)).each(text -> payload).get(place), sink);
    }

    /// Sends it for good, and keeps what was said.
    int send(Recipe ready, String sink) {
        Attacks.Answer answer = attacks.send(ready, attacks.caller(world, ready.by()));
        if (answer.status() >= 500) {
            accidents.add(sink + ": " + answer.status() + " for " + ready.path() + " " + ready.form() + " " + ready.json());
        }
        if (!ready.reads()) {
            taken.computeIfAbsent(sink, key -> new int[2])[answer.status() < 400 ? 0 : 1]++;
        }
        if (answer.body().contains(Payloads.WORD)) {
            answers.put(sink + " (" + answers.size() + ")", answer);
        }
        return answer.status();
    }

    /// Names of the places in the order in which `Recipe.each` changes them.
    private static List<String> places(Recipe recipe) {
        List<String> places = new ArrayList<>();
        recipe.form().forEach((name, values) -> values.forEach(value -> places.add(name)));
        recipe.headers().keySet().forEach(name -> places.add("header " + name));
        for (int at = 0; at < recipe.path().size(); at++) {
            places.add("path " + at);
        }
        for (int at = places.size(); at < recipe.count(); at++) {
            places.add("body " + (at - places.size()));
        }
        return places;
    }

    private Recipe unique(Recipe recipe) {
        return recipe.with(text -> ONCE.contains(text) ? text + fresh++ : text.equals(KEY) ? UUID.randomUUID().toString() : text);
    }

    /// The things of the world; what the recipe may use up is made for it.
    private Map<String, String> things(Recipe recipe) {
        Map<String, String> things = new HashMap<>(world.things());
        Set<String> names = recipe.names();
        if (recipe.reads()) {
            return things;
        }
        if (names.contains("request") || names.contains("digest")) {
            long number = world.submit("/fresh/" + fresh++);
            things.put("request", Long.toString(number));
            things.put("digest", world.view(number).digest());
        }
        if (names.contains("grant")) {
            things.put("grant", Long.toString(world.granted("/granted/" + fresh++)));
        }
        if (names.contains("stop")) {
            things.put("stop", Long.toString(world.stop()));
        }
        if (names.contains("rollback") || names.contains("resuming") || names.contains("continuing")) {
            things.putAll(world.look());
        }
        if (names.contains("mytoken")) {
            things.put("mytoken", world.token(world.tenant().person("engineer"), "mine " + fresh++).toString());
        }
        if (names.contains("token") || names.contains("person")) {
            UUID person = world.people("fresh" + fresh, "Fresh " + fresh);
            things.put("person", "fresh" + fresh++);
            things.put("token", world.token(person, "theirs").toString());
        }
        if (names.contains("plan")) {
            things.put("plan", Integer.toString(world.in(() -> world.transacted(() ->
                    attacks.rooms().plans().present().version()))));
        }
        if (names.contains("rules")) {
            things.put("rules", Integer.toString(world.in(() -> world.transacted(() ->
                    attacks.rooms().jdbc().sql("select coalesce(max(version), 0) from approval_rule_set").query(Integer.class).single()))));
        }
        return things;
    }

    /// So many more requests, people, teams and tokens, with payloads in all their texts at once: pages of lists are full of them.
    void many(int times) {
        Recipe ask = recipe("POST /requests");
        for (int i = 0; i < times; i++) {
            Recipe ready = unique(ask).in(world.things());
            // Some payloads are no text, or no path, and are refused with all that stands beside them: then others are taken.
            for (int tried = 0, status = 422; tried < 12 && status >= 400; tried++) {
                status = send(with(ready, Map.of("reason", pack("many reason", PACK), "ticket", next("many ticket"), "values-0", next("many values"),
                        "paths-0", path(next("many paths")), "hosts-0", "", "version", "")), "many requests");
            }
            send(with(unique(recipe("POST /admin/people")), Map.of("displayName", next("many displayName"))), "many people");
            send(with(unique(recipe("POST /admin/teams")), Map.of("name", next("many team names"))), "many teams");
            send(with(unique(recipe("POST /me/tokens")), Map.of("name", next("many token names"))), "many tokens");
            long number = world.submit("/many/" + i);
            Recipe decide = recipe("POST /requests/{number:[0-9]{1,18}}/reviews").in(Map.of("request", Long.toString(number), "digest", world.view(number).digest()));
            send(with(decide, Map.of("comment", pack("many comments", PACK), "decision", List.of("APPROVE", "REJECT", "REQUEST_CHANGES").get(i % 3))), "many decisions");
        }
    }

    /// As much of a payload as a path may be.
    private static String path(String payload) {
        return "/" + payload.replaceAll("[\\s?#*{}\\p{Cntrl}]", "");
    }

    private static Recipe recipe(String route) {
        return Recipes.byRoute().get(route).getFirst();
    }

    private static Recipe with(Recipe recipe, Map<String, String> values) {
        Map<String, List<String>> form = new LinkedHashMap<>(recipe.form());
        values.forEach((name, value) -> form.put(name, List.of(value)));
        return new Recipe(recipe.route(), recipe.by(), recipe.path(), form, recipe.json(), recipe.headers(), recipe.lasting());
    }

    /// Documents with a payload in the place of each value in turn, for those who read them: kubeconfigs and policies.
    void documents() {
        String policy = """
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: "closed", namespace: "$namespace", labels: {"app": "x"}, annotations: {"note": "x"}}
                spec:
                  selector: {matchLabels: {"app": "x"}}
                  action: "ALLOW"
                  rules:
                  - from: [{source: {principals: ["cluster.local/ns/a/sa/b"], namespaces: ["x"], ipBlocks: ["10.0.0.0/8"]}}]
                    to: [{operation: {methods: ["GET"], paths: ["/a"], hosts: ["x"], ports: ["8080"]}}]
                    when: [{key: "request.headers[x]", values: ["x"]}]
                """.replace("$namespace", world.things().get("namespace"));
        variants(policy, "\"([^\"]*)\"").forEach(text -> send(with(recipe("POST /policies"), Map.of("yaml", text.document(), "cluster", world.things().get("cluster"))), text.sink("policy")));
        String kubeconfig = world.things().get("kubeconfig");
        variants(kubeconfig, "(?m): (?!\\|)(\"?[^\\s\"\\[{][^\\n]*)$").forEach(text ->
                send(with(recipe("POST /admin/clusters").in(world.things()), Map.of("kubeconfig", text.document())), text.sink("kubeconfig")));
    }

    private record Document(String document, int at) {
        String sink(String kind) {
            return kind + " value " + at;
        }
    }

    private List<Document> variants(String document, String value) {
        List<Document> all = new ArrayList<>();
        var found = java.util.regex.Pattern.compile(value).matcher(document);
        while (found.find()) {
            String payload = next("value of a document");
            String quoted = "\"" + payload.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\t", "\\t").replace("\u2028", "\\L") + "\"";
            int start = document.charAt(found.start()) == '"' ? found.start() : found.start(1);
            int end = document.charAt(found.start()) == '"' ? found.end() : found.end(1);
            all.add(new Document(document.substring(0, start) + quoted + document.substring(end), all.size()));
        }
        return all;
    }

    /// What a cluster says that somebody else rules: names, labels, annotations, field managers, values of policies, and why it
    /// refuses. Names that no API server would give are not even listed; what has such a name is there all the same.
    void cluster(int times) throws InterruptedException {
        String namespace = world.things().get("namespace");
        for (int i = 0; i < times; i++) {
            live(namespace, "hostile-" + i, i);
            live(namespace, next("name of a policy"), i);
            runs(namespace, "hostile-" + i);
            runs(namespace, next("name of a workload"));
        }
        world.sync();
        world.goOn();
        world.cluster().webhook((kind, object) -> java.util.Optional.of(pack("refusal of the cluster", 1_500)));
        long refused = world.submit("/refused/by/the/cluster");
        world.decide("owner", refused, dev.countersign.approval.Decision.APPROVE);
        Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
        while (world.in(() -> attacks.rooms().deliveries().forRequest(refused)).stream().noneMatch(one -> one.words().contains(Payloads.WORD))) {
            if (Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("the cluster's refusal was not heard: " + world.in(() -> attacks.rooms().deliveries().forRequest(refused)));
            }
            Thread.sleep(50);
        }
    }

    private void live(String namespace, String name, int at) {
        world.cluster().seed(next("field manager"), List.of(Map.of(
                "apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy",
                "metadata", Map.of("name", name, "namespace", namespace, "labels", Map.of(next("key of a label"), next("label")),
                        "annotations", Map.of(next("key of an annotation"), pack("annotation", 1_500))),
                "spec", Map.of(
                        "selector", Map.of("matchLabels", at % 2 == 0 ? Map.of("app", "callee" + world.word()) : Map.of(next("key of a selector"), next("selector"))),
                        "action", "ALLOW",
                        "rules", List.of(Map.of(
                                "from", List.of(Map.of("source", Map.of("principals", List.of(next("principal")), "namespaces", List.of(next("namespace"))))),
                                "to", List.of(Map.of("operation", Map.of("paths", List.of(next("live path")), "hosts", List.of(next("live host")), "methods", List.of(next("live method"))))),
                                "when", List.of(Map.of("key", "request.headers[x]", "values", List.of(next("live value"))))))))));
    }

    private void runs(String namespace, String name) {
        Map<String, Object> labels = Map.of("app", name, next("key of a label of pods"), next("label of pods"));
        world.cluster().seed("helm", List.of(Map.of(
                "apiVersion", "apps/v1", "kind", "Deployment",
                "metadata", Map.of("name", name, "namespace", namespace, "labels", labels, "annotations", Map.of("note", next("note of a workload"))),
                "spec", Map.of("replicas", 1L, "selector", Map.of("matchLabels", labels), "template", Map.of(
                        "metadata", Map.of("labels", labels),
                        "spec", Map.of("serviceAccountName", next("service account"), "containers", List.of(Map.of("name", next("container"), "image", next("image"),
                                "ports", List.of(Map.of("name", next("name of a port"), "containerPort", 8080L))))))))));
    }

    /// Distinct payloads, and distinct pairs of a payload's text and the place where it was put.
    Set<String> pairs(Set<Integer> numbers) {
        Set<String> pairs = new TreeSet<>();
        numbers.forEach(number -> {
            if (number < texts.size()) {
                pairs.add(sink(number) + " | " + text(number));
            }
        });
        return pairs;
    }
}
