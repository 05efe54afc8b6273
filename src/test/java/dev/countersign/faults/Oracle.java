package dev.countersign.faults;

import dev.countersign.demo.cluster.EmbeddedCluster;
import dev.countersign.demo.cluster.RequestLog;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Judges a tenant by the invariants I1 to I6, I8 and I9, from outside: tables read by the superuser, the cluster's own log and
/// objects, digests computed anew. It shares no code with the portal; I7 (it converges) is the caller's to wait for.
final class Oracle {
    /// What is not there yet is made under a name of its own.
    private static final String CREATION = "countersign-creation-";

    private final Connection superuser;
    private final EmbeddedCluster cluster;
    private final UUID tenant;
    private final Set<String> hands;
    private final List<String> violations = new ArrayList<>();

    private Oracle(Connection superuser, EmbeddedCluster cluster, UUID tenant, Set<String> hands) {
        this.superuser = superuser;
        this.cluster = cluster;
        this.tenant = tenant;
        this.hands = hands;
    }

    /// What is violated, each with the invariant first; empty when all is well. `hands`: field managers that the laboratory let
    /// write to the cluster beside the portal; each of their writes may be taken back by one of the portal, by force and on the record.
    static List<String> judge(Connection superuser, EmbeddedCluster cluster, UUID tenant, Set<String> hands) throws SQLException {
        Oracle oracle = new Oracle(superuser, cluster, tenant, hands);
        oracle.noApprovedRequestIsLost();
        oracle.everyApprovalWasValid();
        oracle.theRecordIsComplete();
        oracle.theRecordVerifies();
        oracle.theClusterHoldsWhatWasApproved();
        return oracle.violations;
    }

    /// The request log of a cluster may forget its oldest entries; whoever asks for exact counts keeps below its bound.
    private List<RequestLog.Entry> writes() {
        return cluster.requests().writes();
    }

    private boolean byAnotherHand(RequestLog.Entry write) {
        return hands.contains(write.fieldManager());
    }

    private long writesByOtherHands(String namespace, String name) {
        return writes().stream().filter(write -> write.stored() && byAnotherHand(write) && write.namespace().equals(namespace) && write.name().equals(name)).count();
    }

    /// What only says whose fields are which: that it changes nothing else shows in the generation, which may not be more than what is counted.
    private static boolean isAboutOwnersAlone(RequestLog.Entry write) {
        boolean settles = write.method().equals("PATCH") && !write.query().contains("force=");
        boolean madeAgain = write.fieldManager().startsWith(CREATION) && write.status() == 200;
        return settles || madeAgain;
    }

    private void noApprovedRequestIsLost() throws SQLException {
        each("""
                select r.number
                from access_request r
                where r.tenant_id = ?
                  and r.state = 'APPROVED'
                  and not exists (select from access_grant g where g.tenant_id = r.tenant_id and g.request_id = r.id)""",
                row -> violations.add("I1 request " + row.getLong(1) + " is approved and has no grant"));
        each("""
                select g.request_number, count(*)
                from access_grant g
                where g.tenant_id = ?
                group by g.request_number, g.cluster_id
                having count(*) > 1""",
                row -> violations.add("I2 request " + row.getLong(1) + " has " + row.getLong(2) + " grants in one cluster"));
        each("""
                select g.request_number
                from access_grant g
                join access_request r on r.tenant_id = g.tenant_id and r.id = g.request_id
                where g.tenant_id = ?
                  and (r.state <> 'APPROVED' or g.digest <> r.digest)""",
                row -> violations.add("I3 a grant exists for request " + row.getLong(1) + ", which is not approved with that content"));
    }

    /// In the laboratory every request is the usual one: its owner decides, one word is enough.
    private void everyApprovalWasValid() throws SQLException {
        each("""
                select r.number
                from access_request r
                where r.tenant_id = ?
                  and r.state = 'APPROVED'
                  and not exists (select
                                  from review v
                                  join team_member m on m.tenant_id = v.tenant_id and m.person_id = v.person_id
                                  join team t on t.tenant_id = m.tenant_id and t.id = m.team_id and t.slug = 'payments'
                                  where v.tenant_id = r.tenant_id
                                    and v.request_id = r.id
                                    and v.version = r.version
                                    and v.digest = r.digest
                                    and v.decision = 'APPROVE'
                                    and v.person_id <> r.requester_id)""",
                row -> violations.add("I3 request " + row.getLong(1) + " is approved without a word of its owner on that content"));
        each("""
                select r.number, count(*)
                from review v
                join access_request r on r.tenant_id = v.tenant_id and r.id = v.request_id
                where r.tenant_id = ?
                group by r.number, v.version, v.person_id
                having count(*) > 1""",
                row -> violations.add("I3 request " + row.getLong(1) + " counts a person twice"));
    }

    private void theRecordIsComplete() throws SQLException {
        counted("request.submitted", "select r.number::text from access_request r where r.tenant_id = ?", "request");
        counted("request.approved", "select r.number::text from access_request r where r.tenant_id = ? and r.state = 'APPROVED'", "request");
        counted("grant.created", "select g.number::text from access_grant g where g.tenant_id = ?", "grant");
        counted("grant.revoked", """
                select g.number::text
                from grant_end e
                join access_grant g on g.tenant_id = e.tenant_id and g.id = e.grant_id
                where e.tenant_id = ?
                  and e.state = 'REVOKED'""", "grant");
        named("grants.suspended", "suspension", "select s.number::text from suspension s where s.tenant_id = ?");
        named("grants.resumed", "suspension", "select r.suspension_number::text from resumption r where r.tenant_id = ?");
        named("rollout.started", "request", "select o.request_number::text from rollout o where o.tenant_id = ?");
        named("rollout.plan-changed", "version", "select p.version::text from rollout_plan p where p.tenant_id = ?");
        counted("rollout.wave-admitted", "rollout_admission");
        counted("rollout.continued", "rollout_continuation");
        each("""
                select v.namespace, v.name, v.number, count(e.seq)
                from revision v
                left join audit_entry e on e.tenant_id = v.tenant_id
                    and e.kind = 'policy.revised'
                    and e.content::jsonb -> 'content' ->> 'namespace' = v.namespace
                    and e.content::jsonb -> 'content' ->> 'name' = v.name
                    and (e.content::jsonb -> 'content' ->> 'revision')::bigint = v.number
                where v.tenant_id = ?
                group by v.namespace, v.name, v.number
                having count(e.seq) <> 1""",
                row -> violations.add("I4 revision " + row.getLong(3) + " of " + row.getString(1) + "/" + row.getString(2) + " has "
                        + row.getLong(4) + " entries"));
        each("""
                select o.namespace, o.name, o.applied_revision, count(e.seq), count(e.seq) filter (where e.kind = 'policy.applied')
                from policy_object o
                left join audit_entry e on e.tenant_id = o.tenant_id
                    and e.kind in ('policy.applied', 'policy.taken-back')
                    and e.content::jsonb -> 'content' ->> 'namespace' = o.namespace
                    and e.content::jsonb -> 'content' ->> 'name' = o.name
                    and (e.content::jsonb -> 'content' ->> 'revision')::bigint = o.applied_revision
                where o.tenant_id = ?
                  and o.applied_revision is not null
                group by o.namespace, o.name, o.applied_revision
                having count(e.seq) <> 1""",
                row -> {
                    long takenBack = row.getLong(4) - row.getLong(5);
                    if (row.getLong(4) == 0 || row.getLong(5) > 1 || takenBack > writesByOtherHands(row.getString(1), row.getString(2))) {
                        violations.add("I4 applied revision " + row.getLong(3) + " of " + row.getString(1) + "/" + row.getString(2) + " has "
                                + row.getLong(4) + " entries");
                    }
                });
    }

    /// Each of the facts has exactly one entry of that kind, and there is no entry without its fact.
    private void counted(String kind, String facts, String subject) throws SQLException {
        each("""
                with fact (id) as (%s),
                     entry as (select subject_id as id, count(*) as entries
                               from audit_entry
                               where tenant_id = ? and kind = '%s' and subject_kind = '%s'
                               group by subject_id)
                select coalesce(fact.id, entry.id), fact.id is not null, coalesce(entry.entries, 0)
                from fact
                full join entry on entry.id = fact.id
                where fact.id is null or coalesce(entry.entries, 0) <> 1""".formatted(facts, kind, subject),
                row -> violations.add((row.getBoolean(2) ? "I4 " : "I1 ") + subject + " " + row.getString(1) + " has " + row.getLong(3) + " entries " + kind
                        + (row.getBoolean(2) ? "" : " and does not exist")));
    }

    /// The same, of facts that their entries name by a number in the content.
    private void named(String kind, String member, String facts) throws SQLException {
        each("""
                with fact (id) as (%s),
                     entry as (select content::jsonb -> 'content' ->> '%s' as id, count(*) as entries
                               from audit_entry
                               where tenant_id = ? and kind = '%s'
                               group by 1)
                select coalesce(fact.id, entry.id), fact.id is not null, coalesce(entry.entries, 0)
                from fact
                full join entry on entry.id = fact.id
                where fact.id is null or coalesce(entry.entries, 0) <> 1""".formatted(facts, member, kind),
                row -> violations.add("I4 " + member + " " + row.getString(1) + " has " + row.getLong(3) + " entries " + kind
                        + (row.getBoolean(2) ? "" : " and does not exist")));
    }

    /// Each row of the table, a wave of a rollout, has exactly one entry of that kind, and there is no entry without its row.
    private void counted(String kind, String table) throws SQLException {
        each("""
                with fact (request, wave) as (select o.request_number, t.wave
                                              from %s t
                                              join rollout o on o.tenant_id = t.tenant_id and o.request_id = t.request_id
                                              where t.tenant_id = ?),
                     entry as (select (content::jsonb -> 'content' ->> 'request')::bigint as request, (content::jsonb -> 'content' ->> 'wave')::int as wave, count(*) as entries
                               from audit_entry
                               where tenant_id = ? and kind = '%s'
                               group by 1, 2)
                select coalesce(fact.request, entry.request), coalesce(fact.wave, entry.wave), coalesce(entry.entries, 0), fact.wave is null
                from fact
                full join entry on (entry.request, entry.wave) = (fact.request, fact.wave)
                where fact.wave is null or coalesce(entry.entries, 0) <> 1""".formatted(table, kind),
                row -> violations.add("I4 wave " + row.getInt(2) + " of request " + row.getLong(1) + " has " + row.getLong(3) + " entries " + kind
                        + (row.getBoolean(4) ? " and does not exist" : "")));
    }

    private void theRecordVerifies() throws SQLException {
        long[] next = {1};
        byte[][] previous = {new byte[32]};
        each("""
                select seq, (extract(epoch from at) * 1000000)::bigint, content, previous_digest, digest
                from audit_entry
                where tenant_id = ?
                order by seq""",
                row -> {
                    if (row.getLong(1) != next[0]++) {
                        violations.add("I4 the record has a gap before entry " + row.getLong(1));
                        next[0] = row.getLong(1) + 1;
                    }
                    MessageDigest sha = sha256();
                    sha.update(row.getBytes(4));
                    sha.update(ByteBuffer.allocate(16).putLong(row.getLong(1)).putLong(row.getLong(2)).array());
                    sha.update(row.getString(3).getBytes(StandardCharsets.UTF_8));
                    if (!Arrays.equals(row.getBytes(4), previous[0]) || !Arrays.equals(row.getBytes(5), sha.digest())) {
                        violations.add("I5 entry " + row.getLong(1) + " does not follow from the one before");
                    }
                    previous[0] = row.getBytes(5);
                });
    }

    private void theClusterHoldsWhatWasApproved() throws SQLException {
        each("""
                select o.namespace, o.name, o.state, o.desired_revision, o.applied_revision, encode(v.content, 'hex')
                from policy_object o
                left join revision v on v.tenant_id = o.tenant_id and v.cluster_id = o.cluster_id and v.namespace = o.namespace
                    and v.name = o.name and v.number = o.applied_revision
                where o.tenant_id = ?""",
                row -> {
                    String namespace = row.getString(1);
                    String name = row.getString(2);
                    long stored = writes().stream().filter(write -> write.stored() && !isAboutOwnersAlone(write)
                            && write.namespace().equals(namespace) && write.name().equals(name)).count();
                    Optional<JsonNode> live = live(namespace, name);
                    if (row.getString(3).equals("APPLIED")) {
                        String revision = live.map(object -> object.path("metadata").path("annotations").path("countersign.dev/revision").asString("")).orElse("");
                        if (!revision.equals(Long.toString(row.getLong(5))) || row.getLong(5) != row.getLong(4)) {
                            violations.add("I9 " + namespace + "/" + name + " is said to be applied at " + row.getLong(5) + " of " + row.getLong(4)
                                    + "; the cluster holds " + (revision.isEmpty() ? "nothing" : revision));
                        }
                    }
                    // Another hand's write, and the one that takes it back.
                    long others = 2 * writesByOtherHands(namespace, name);
                    live.ifPresent(object -> {
                        long generation = object.path("metadata").path("generation").asLong();
                        if (generation > stored || generation > number(object) + others) {
                            violations.add("I2 " + namespace + "/" + name + " has generation " + generation + " after " + stored
                                    + " writes at revision " + number(object));
                        }
                        if (stored > number(object) + others) {
                            violations.add("I2 " + namespace + "/" + name + " was written " + stored + " times for " + number(object) + " revisions");
                        }
                    });
                });
        long forced = 0;
        long othersWrites = writes().stream().filter(write -> write.stored() && byAnotherHand(write)).count();
        for (RequestLog.Entry write : writes()) {
            if (byAnotherHand(write)) {
                continue;
            }
            boolean ours = write.fieldManager().equals("countersign") || write.fieldManager().startsWith(CREATION);
            if (!write.namespace().equals("production") || !write.name().startsWith("countersign-") || !ours) {
                violations.add("I6 the portal wrote " + write.namespace() + "/" + write.name() + " as " + write.fieldManager());
            }
            if (write.force() && (othersWrites == 0 || !write.dryRun() && ++forced > othersWrites)) {
                violations.add("I3 the portal forced " + write.namespace() + "/" + write.name());
            }
        }
        everyRuleHasAnApprovedRequest();
    }

    private void everyRuleHasAnApprovedRequest() throws SQLException {
        Map<String, List<String>> approved = new HashMap<>();
        Map<String, List<String>> suspended = new HashMap<>();
        Map<String, List<String>> held = new HashMap<>();
        each("""
                select g.namespace || '/' || g.workload, g.request_number::text,
                       exists (select
                               from suspended_grant d
                               where d.tenant_id = g.tenant_id
                                 and d.grant_id = g.id
                                 and not exists (select from resumption r where r.tenant_id = d.tenant_id and r.suspension_number = d.suspension_number)),
                       exists (select
                               from rollout_grant d
                               where d.tenant_id = g.tenant_id
                                 and d.grant_id = g.id
                                 and not exists (select from rollout_admission a where (a.tenant_id, a.request_id, a.wave) = (d.tenant_id, d.request_id, d.wave)))
                from access_grant g
                where g.tenant_id = ?
                  and not exists (select from grant_end e where e.tenant_id = g.tenant_id and e.grant_id = g.id)""",
                row -> (row.getBoolean(3) ? suspended : row.getBoolean(4) ? held : approved).computeIfAbsent(row.getString(1), service -> new ArrayList<>()).add(row.getString(2)));
        record Settled(String namespace, String name, String workload) {}
        List<Settled> settled = new ArrayList<>();
        each("select namespace, name, workload from policy_object where tenant_id = ? and state = 'APPLIED'",
                row -> settled.add(new Settled(row.getString(1), row.getString(2), row.getString(3))));
        for (Settled one : settled) {
            String requests = live(one.namespace(), one.name())
                    .map(object -> object.path("metadata").path("annotations").path("countersign.dev/requests").asString("")).orElse("");
            List<String> named = requests.isBlank() ? List.of() : Arrays.stream(requests.split("[ ,]+")).toList();
            List<String> granted = approved.getOrDefault(one.namespace() + "/" + one.workload(), List.of());
            List<String> out = suspended.getOrDefault(one.namespace() + "/" + one.workload(), List.of());
            List<String> later = held.getOrDefault(one.namespace() + "/" + one.workload(), List.of());
            named.stream().filter(later::contains)
                    .forEach(number -> violations.add("I3 the cluster lets calls pass for request " + number + ", whose grant for " + one.workload() + " is held until its wave"));
            named.stream().filter(out::contains)
                    .forEach(number -> violations.add("I3 the cluster lets calls pass for request " + number + ", whose grant for " + one.workload() + " is suspended"));
            named.stream().filter(number -> !granted.contains(number) && !out.contains(number) && !later.contains(number))
                    .forEach(number -> violations.add("I3 the cluster lets calls pass for request " + number + ", which holds no grant for " + one.workload()));
            granted.stream().filter(number -> !named.contains(number))
                    .forEach(number -> violations.add("I1 request " + number + " is granted and missing in the applied " + one.namespace() + "/" + one.name()));
        }
    }

    private static long number(JsonNode object) {
        return Long.parseLong(object.path("metadata").path("annotations").path("countersign.dev/revision").asString("0"));
    }

    private Optional<JsonNode> live(String namespace, String name) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create(cluster.url()
                            + "/apis/security.istio.io/v1/namespaces/" + namespace + "/authorizationpolicies/" + name))
                    .header("Authorization", "Bearer " + cluster.token("admin")).build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? Optional.of(JsonMapper.shared().readTree(answer.body())) : Optional.empty();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Row {
        void read(ResultSet row) throws SQLException;
    }

    /// Every `?` is the tenant.
    private void each(String sql, Row read) throws SQLException {
        try (PreparedStatement statement = superuser.prepareStatement(sql)) {
            for (int i = 1; i <= statement.getParameterMetaData().getParameterCount(); i++) {
                statement.setObject(i, tenant);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    read.read(rows);
                }
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
