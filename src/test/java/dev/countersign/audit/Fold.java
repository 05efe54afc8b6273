package dev.countersign.audit;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Requests, reviews and grants as the record alone tells them. Knows no class of the portal.
final class Fold {
    private static final JsonMapper JSON = new JsonMapper();

    /// By number: state, version and what that version says.
    final Map<Long, String> requests = new TreeMap<>();

    /// By request, version and person: what they said.
    final Map<String, String> reviews = new TreeMap<>();

    /// By number: what is promised, and how it ended.
    final Map<Long, String> grants = new TreeMap<>();

    /// By number: what was proposed, as which requests, and what became of the object.
    final Map<Long, String> adoptions = new TreeMap<>();

    /// By number: what was stopped by which right, and how it was released.
    final Map<Long, String> stops = new TreeMap<>();

    /// By number: which policy went back from where to where, what that suspended, and how it was lifted.
    final Map<Long, String> suspensions = new TreeMap<>();

    /// By version: the waves of a rollout plan.
    final Map<Integer, String> plansOfRollouts = new TreeMap<>();

    /// By request: its waves with their grants, which were let in and delivered, and by whose word.
    final Map<Long, String> rollouts = new TreeMap<>();

    /// By cluster: the repository that its policies go by; without those that are written to directly.
    final Map<String, String> repositories = new TreeMap<>();

    /// By cluster and policy: the revision that its file holds, and the commit.
    final Map<String, String> files = new TreeMap<>();

    private final Map<Long, String> states = new TreeMap<>();
    private final Map<Long, String> versions = new TreeMap<>();
    private final Map<Long, String> plans = new TreeMap<>();
    private final Map<Long, String> promises = new TreeMap<>();

    static Fold of(List<String> contents) {
        Fold fold = new Fold();
        for (String content : contents) {
            JsonNode entry = JSON.readTree(content);
            fold.take(entry.path("kind").asString(), entry.path("content"));
        }
        return fold;
    }

    /// All of it, a line each, in their order.
    String inWords() {
        StringBuilder words = new StringBuilder();
        Map<String, Map<?, String>> parts = new TreeMap<>(Map.of("adoption", adoptions, "file", files, "grant", grants, "plan of rollouts", plansOfRollouts, "repository", repositories,
                "request", requests, "review", reviews, "rollout", rollouts, "stop", stops, "suspension", suspensions));
        parts.forEach((part, lines) -> lines.forEach((key, line) -> words.append(part).append(' ').append(key).append(": ").append(line).append('\n')));
        return words.toString();
    }

    private void take(String kind, JsonNode fact) {
        long number = fact.path("number").asLong();
        switch (kind) {
            case "request.submitted", "request.revised" -> {
                states.put(number, "SUBMITTED");
                versions.put(number, "v" + fact.path("version").asInt() + " " + fact.path("digest").asString() + " " + fact.path("requesterName").asString() + " "
                        + fact.path("reason").asString() + " " + fact.path("sentence").asString());
            }
            case "request.planned" -> plans.put(number, "rules " + fact.path("ruleSet").asInt());
            case "request.reviewed" -> review(number, fact);
            case "request.approved" -> settle(number, fact, "APPROVED");
            case "request.rejected" -> settle(number, fact, "REJECTED");
            case "request.changes-requested" -> settle(number, fact, "CHANGES_REQUESTED");
            case "request.withdrawn" -> states.put(number, "WITHDRAWN");
            case "request.lapsed" -> states.put(number, "LAPSED");
            case "grant.created" -> {
                promises.put(number, "of " + fact.path("requestNumber").asLong() + " v" + fact.path("requestVersion").asInt() + " " + fact.path("digest").asString()
                        + " " + fact.path("cluster").asString() + " " + fact.path("trustDomain").asString() + " " + fact.path("namespace").asString() + "/"
                        + fact.path("workload").asString() + " ");
                grants.put(number, promises.get(number) + "ACTIVE");
            }
            case "grant.revoked", "grant.expired" -> grants.put(number, promises.get(number) + fact.path("state").asString() + " by "
                    + fact.path("by").path("name").asString() + ": " + fact.path("reason").asString());
            case "delivery.stopped" -> stops.put(fact.path("stop").asLong(), fact.path("clusterId").asString() + " " + fact.path("namespace").asString("") + "/"
                    + fact.path("workload").asString("") + " " + fact.path("madeAs").asString() + ": " + fact.path("reason").asString());
            case "delivery.released" -> stops.merge(fact.path("stop").asLong(), " RELEASED: " + fact.path("reason").asString(), String::concat);
            case "grants.suspended" -> {
                StringBuilder suspended = new StringBuilder();
                fact.path("grants").forEach(grant -> suspended.append(' ').append(grant.path("number").asLong()));
                suspensions.put(fact.path("suspension").asLong(), fact.path("clusterId").asString() + " " + fact.path("namespace").asString() + "/" + fact.path("name").asString()
                        + " " + fact.path("workload").asString() + " from " + fact.path("from").asLong() + " to " + fact.path("to").asLong() + " " + fact.path("madeAs").asString()
                        + ":" + suspended + ": " + fact.path("reason").asString());
                fact.path("grants").forEach(grant -> grants.put(grant.path("number").asLong(), promises.get(grant.path("number").asLong()) + "SUSPENDED "
                        + fact.path("suspension").asLong()));
            }
            case "grants.resumed" -> {
                suspensions.merge(fact.path("suspension").asLong(), " RESUMED: " + fact.path("reason").asString(), String::concat);
                fact.path("grants").forEach(grant -> grants.put(grant.path("number").asLong(), promises.get(grant.path("number").asLong()) + "ACTIVE"));
            }
            case "rollout.plan-changed" -> {
                StringBuilder waves = new StringBuilder();
                fact.path("waves").forEach(wave -> waves.append(' ').append(wave.path("name").asString()).append(' ').append(wave.path("places").size()).append(' ')
                        .append(wave.path("pauseSeconds").asLong()).append(' ').append(wave.path("byPerson").asBoolean()));
                plansOfRollouts.put(fact.path("version").asInt(), waves.toString());
            }
            case "rollout.started" -> {
                StringBuilder waves = new StringBuilder("plan " + fact.path("plan").asInt());
                fact.path("waves").forEach(wave -> {
                    waves.append("; ").append(wave.path("wave").asInt()).append(' ').append(wave.path("name").asString()).append(':');
                    wave.path("grants").forEach(grant -> {
                        waves.append(' ').append(grant.path("number").asLong());
                        grants.put(grant.path("number").asLong(), promises.get(grant.path("number").asLong()) + "HELD");
                    });
                });
                rollouts.put(fact.path("request").asLong(), waves.toString());
            }
            case "rollout.wave-admitted" -> {
                rollouts.merge(fact.path("request").asLong(), "; let in " + fact.path("wave").asInt(), String::concat);
                fact.path("grants").forEach(grant -> grants.put(grant.path("number").asLong(), promises.get(grant.path("number").asLong()) + "ACTIVE"));
            }
            case "rollout.continued" -> rollouts.merge(fact.path("request").asLong(), " by " + fact.path("madeAs").asString() + ": " + fact.path("reason").asString(), String::concat);
            case "cluster.delivery-changed" -> mode(fact.path("clusterId").asString(), fact.path("repository"));
            case "policy.pushed", "policy.restored" -> files.put(fact.path("clusterId").asString() + " " + fact.path("namespace").asString() + "/" + fact.path("name").asString(),
                    fact.path("revision").asLong() + " by " + fact.path("commit").asString());
            case "adoption.proposed" -> {
                StringBuilder rules = new StringBuilder();
                fact.path("rules").forEach(rule -> rules.append(' ').append(rule.path("rule").asInt()).append(':').append(rule.path("request").asLong()));
                adoptions.put(number, fact.path("clusterId").asString() + " " + fact.path("namespace").asString() + "/" + fact.path("name").asString() + " "
                        + fact.path("uid").asString() + " " + fact.path("resourceVersion").asString() + " for " + fact.path("workload").asString() + " by "
                        + fact.path("proposer").asString() + rules);
            }
            case "adoption.removing" -> adoptions.merge(number, " REMOVING", String::concat);
            case "adoption.removed", "adoption.stopped" -> adoptions.compute(number, (key, before) -> String.valueOf(before).replace(" REMOVING", "")
                    + " " + fact.path("state").asString() + ": " + fact.path("words").asString());
            default -> {}
        }
        if (kind.startsWith("request.") && versions.containsKey(number)) {
            requests.put(number, states.get(number) + " " + versions.get(number) + " " + plans.get(number));
        }
    }

    private void mode(String cluster, JsonNode repository) {
        String place = repository.path("url").asString("") + " " + repository.path("branch").asString("") + " " + repository.path("directory").asString("");
        if (!place.equals(repositories.get(cluster))) {
            files.keySet().removeIf(file -> file.startsWith(cluster + " "));
        }
        repositories.remove(cluster);
        if (!place.isBlank()) {
            repositories.put(cluster, place);
        }
    }

    private void settle(long number, JsonNode fact, String state) {
        review(number, fact);
        states.put(number, state);
    }

    private void review(long number, JsonNode fact) {
        JsonNode review = fact.path("review");
        reviews.put(number + " v" + review.path("version").asInt() + " " + review.path("person").asString(),
                review.path("decision").asString() + " " + review.path("digest").asString() + " " + review.path("comment").asString());
    }
}
