package dev.countersign.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.countersign.approval.Decision;
import dev.countersign.audit.proof.RecordVerifier;
import dev.countersign.audit.proof.Verdict;
import dev.countersign.audit.proof.VerifierKey;
import dev.countersign.audit.proof.VerifyCommand;
import dev.countersign.catalog.Ownership;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.grants.GrantLedger;
import dev.countersign.grants.Revocation;
import dev.countersign.identity.Administering;
import dev.countersign.identity.Administration;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.People;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.ShopFixture;
import dev.countersign.portal.Story;
import dev.countersign.requests.RequestDesk;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;

/// L8: who was erased is named in no table and no export, and the record is the same to whoever checks it.
@PortalTest
class ErasureTests {
    private static final String WHY = "Asked for in a letter of 3 March.";

    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Story stories;

    @Autowired
    ShopFixture shops;

    @Autowired
    Tenants tenants;

    @Autowired
    People people;

    @Autowired
    Administration administration;

    @Autowired
    ApiTokens tokens;

    @Autowired
    RequestDesk desk;

    @Autowired
    GrantLedger ledger;

    @Autowired
    Ownership ownership;

    @Autowired
    AuditReader reader;

    @Autowired
    AuditExport exports;

    @Autowired
    RecordProofs proofs;

    @Autowired
    Sequencer sequencer;

    @Autowired
    Rounds rounds;

    @Autowired
    Pseudonyms pseudonyms;

    @Autowired
    PersonNames names;

    @Autowired
    JdbcClient jdbc;

    @Value("${spring.datasource.url}")
    String url;

    /// Somebody whose names occur nowhere else.
    private record Somebody(UUID id, String username, String displayName, String fullName) {
        List<String> names() {
            return List.of(username, displayName);
        }
    }

    private Somebody somebody(Story.Cast cast, String username, Role role) {
        String shown = "Quirin " + username.substring(0, 1).toUpperCase(Locale.ROOT) + username.substring(1) + "sson";
        UUID id = tenants.inTenant(cast.id(), () -> people.create(Actor.system("test"), username, shown, Optional.of(username + " password"), Set.of(role)));
        cast.tenant().persons().put(username, id);
        return new Somebody(id, username, shown, username + "@" + cast.tenant().tenant().slug());
    }

    /// A column that keeps the name of somebody who did something is one that the erasure sets anew. (The record keeps marks. A Git
    /// server's account is a setting: an administrator gives another one.)
    @Test
    void everyColumnThatKeepsANameIsGoneThrough() {
        assertThat(jdbc.sql("""
                        select c.relname || '.' || a.attname
                        from pg_attribute a
                        join pg_class c on c.oid = a.attrelid
                        where c.relkind = 'r'
                          and c.relrowsecurity
                          and c.relname <> 'audit_entry'
                          and (c.relname, a.attname) <> ('delivery_repository', 'username')
                          and a.atttypid = 'text'::regtype
                          and a.attname ~ '^(([a-z]+_)?(actor|requester|person|proposer|author)_name|display_name|username|([a-z]+_)?by)$'
                          and (select string_agg(prosrc, ' ') from pg_proc where proname in ('erase_person', 'erase_person_before_suspensions', 'erase_person_before_rollouts', 'erase_person_before_providers')) !~ ('update ' || c.relname || ' [a-z]\\s+set [^;]*\\m' || a.attname || ' = ')
                        order by 1""")
                .query(String.class).list()).isEmpty();
    }

    @Test
    void afterTheErasureNoTableAndNoExportNamesThemAndTheRecordVerifies(@TempDir Path folder) throws Exception {
        Story.Cast acme = stories.begin();
        Story.Cast globex = stories.begin();
        List<Somebody> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(somebody(acme, "zwentibold" + i, i % 2 == 0 ? Role.SECURITY : Role.ADMINISTRATOR));
        }
        Somebody twin = somebody(globex, "zwentibold0", Role.SECURITY);
        long granted = deeds(acme, all);

        Map<String, Set<String>> before = tablesThatName(all);
        assertThat(before.keySet()).as("the control: where names are before").contains("person", "access_request", "access_grant", "review", "request_decision",
                "request_withdrawal", "grant_end", "approval_rule_set", "api_token", "idempotency_key", "spring_session", "spring_session_attributes");
        assertThat(before.keySet()).as("not even before").doesNotContain("audit_entry", "audit_mention");
        String csv = csv(acme);
        all.forEach(one -> assertThat(csv).contains(one.fullName()));
        assertThat(csv).contains("by token laptop of zwentibold0");
        all.forEach(one -> one.names().forEach(name -> assertThat(ndjson(acme)).doesNotContain(name)));
        Path kept = verified(acme, folder, "before");
        String folded = folded(acme);
        assertThat(folded).contains(all.getFirst().fullName()).isEqualTo(stored(acme));
        assertThat(acme.in(() -> reader.search(search("zwentibold0"), Optional.empty(), 100))).isNotEmpty();
        assertThat(acme.in(() -> reader.search(words("zwentibold0 grant"), Optional.empty(), 100))).isNotEmpty();
        assertThat(acme.in(() -> reader.search(words(all.getFirst().fullName()), Optional.empty(), 100))).isNotEmpty();

        for (Somebody one : all) {
            assertThat(post(acme, "/admin/people/" + one.username() + "/deactivation").getStatus()).isEqualTo(302);
            MockHttpServletResponse erased = post(acme, "/admin/people/" + one.username() + "/erasure", "name", one.displayName(), "reason", WHY);
            assertThat(erased.getRedirectedUrl()).as(erased.getContentAsString()).isEqualTo("/admin/people");
        }

        Map<String, Set<String>> after = tablesThatName(all);
        after.values().forEach(rows -> rows.removeIf(row -> row.contains(globex.id().toString())));
        after.values().removeIf(Set::isEmpty);
        assertThat(after).isEmpty();
        String emptied = csv(acme);
        all.forEach(one -> one.names().forEach(name -> assertThat(emptied).doesNotContain(name)));
        all.forEach(one -> assertThat(emptied).contains(Pseudonyms.erased(one.id())));
        assertThat(emptied).contains(Pseudonyms.erased(all.getFirst().id()) + " by token (erased)");
        all.forEach(one -> one.names().forEach(name -> assertThat(ndjson(acme)).doesNotContain(name)));
        Path later = verified(acme, folder, "after");
        assertThat(Files.readString(later)).as("the entries of before").contains(Files.readString(kept).lines().filter(line -> line.startsWith("entry ")).toList());
        assertThat(folded(acme)).isEqualTo(stored(acme)).contains(Pseudonyms.erased(all.getFirst().id())).doesNotContain("zwentibold");
        tenants.doInTenant(acme.id(), () -> rounds.walk(acme.tenant().tenant(), 100_000));
        Map<String, String> pages = Map.of("/requests/" + granted, "Checkout settles", "/requests/" + granted + "/history", "erased person", "/audit", "erased person",
                "/admin/people", "Erased person", "/admin/tokens", "erased-");
        for (Map.Entry<String, String> page : pages.entrySet()) {
            assertThat(page(acme, page.getKey())).as(page.getKey()).contains(page.getValue()).doesNotContain("zwentibold", "Zwentibold");
        }
        assertThat(acme.in(() -> reader.search(search("zwentibold0"), Optional.empty(), 100))).isEmpty();
        assertThat(acme.in(() -> reader.search(words("zwentibold0"), Optional.empty(), 100))).isEmpty();
        assertThat(acme.in(() -> reader.search(search(Pseudonyms.erasedUsername(all.getFirst().id())), Optional.empty(), 100))).isNotEmpty();

        assertThat(globex.in(() -> reader.search(words("zwentibold0"), Optional.empty(), 100))).as("another tenant's twin").isNotEmpty();
        assertThat(csv(globex)).contains(twin.fullName());
        assertThat(people(acme).size()).as("the name is free again").isEqualTo(0);
        somebody(acme, "zwentibold0", Role.AUDITOR);
        assertThat(csv(acme)).as("and its past is not the newcomer's").contains(Pseudonyms.erased(all.getFirst().id()));
    }

    private List<UUID> people(Story.Cast cast) {
        return tenants.inTenant(cast.id(), () -> names.called("zwentibold0"));
    }

    /// Each asks, decides, withdraws, revokes, signs in, makes tokens and acts by them; answers the number of a request.
    private long deeds(Story.Cast acme, List<Somebody> all) throws Exception {
        long first = 0;
        for (Somebody one : all) {
            String me = one.username();
            assertThat(mvc.perform(org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post("/sign-in").with(csrf()).param("username", one.fullName()).param("password", me + " password")).andReturn().getResponse()
                    .getRedirectedUrl()).isEqualTo("/");
            mvc.perform(org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post("/sign-in").with(csrf()).param("username", one.fullName()).param("password", "wrong")).andReturn();
            tenants.doInTenant(acme.id(), () -> {
                people.join(acme.person("admin").actor(), acme.tenant().team("payments"), one.id());
                people.setPassword(Actor.system("test"), one.id(), me + " password");
            });
            ApiTokens.Issued token = tenants.inTenant(acme.id(), () -> tokens.issue(acme.person(me).actor(), one.id(), "laptop of " + me, Set.of(Scope.READ, Scope.REQUEST, Scope.REVIEW),
                    Duration.ofDays(3)));
            CurrentPerson byToken = byToken(acme.person(me), token, "laptop of " + me);
            tenants.inTenant(acme.id(), () -> tokens.issue(byToken.actor(), one.id(), "second of " + me, Set.of(Scope.READ), Duration.ofDays(3)));
            long number = acme.submit(me, Story.usual());
            acme.in(() -> desk.withdraw(byToken, number, "Not needed."));
            long asked = acme.submit("engineer", Story.usual());
            acme.decide(me, asked, Decision.APPROVE, "");
            acme.decide("owner", asked, Decision.APPROVE, "");
            acme.in(() -> ledger.ofRequest(asked)).forEach(grant -> assertThat(acme.in(() -> ledger.revoke(byToken, grant.number(), "Too wide.")))
                    .isInstanceOf(Revocation.Revoked.class));
            long own = acme.submit(me, Story.across());
            acme.decide("owner", own, Decision.APPROVE, "");
            acme.decide("security", own, Decision.APPROVE, "");
            acme.decide("security2", own, Decision.APPROVE, "");
            acme.in(() -> desk.find(own)).filter(view -> view.state() == dev.countersign.requests.RequestState.SUBMITTED)
                    .ifPresent(view -> acme.in(() -> desk.withdraw(acme.person(me), own, "")));
            if (first == 0) {
                first = asked;
            }
            tenants.doInTenant(acme.id(), () -> {
                UUID revoked = tokens.issue(acme.person("engineer").actor(), acme.tenant().person("engineer"), "ci", Set.of(Scope.READ), Duration.ofDays(1)).id();
                tokens.revoke(byToken.actor(), revoked);
                UUID left = people.create(byToken.actor(), "left-by-" + all.indexOf(one), "Left", Optional.empty(), Set.of());
                people.deactivate(acme.person(me).actor(), left);
                jdbc.sql("""
                                insert into idempotency_key (tenant_id, person_id, route, key, body_digest, status, content_type, answer)
                                values (?, ?, 'POST /x', ?, ?, 201, 'application/json', ?)""")
                        .params(acme.id().value(), acme.tenant().person("engineer"), "key" + one.id(), new byte[32],
                                ("{\"requester\":{\"name\":\"" + one.fullName() + "\",\"shown\":\"" + one.displayName() + "\"}}").getBytes(StandardCharsets.UTF_8))
                        .update();
            });
        }
        // A version of the rules by each, by token.
        all.forEach(one -> tenants.doInTenant(acme.id(), () -> jdbc.sql("""
                        insert into approval_rule_set (tenant_id, version, rules, at, actor_id, actor_name)
                        select ?, ?, '[' || p.rule || ']', now(), ?, ?
                        from request_plan p
                        limit 1""")
                .params(acme.id().value(), 1 + all.indexOf(one), one.id().toString(), one.fullName() + " by token laptop of " + one.username())
                .update()));
        return first;
    }

    private static CurrentPerson byToken(CurrentPerson me, ApiTokens.Issued token, String name) {
        return new CurrentPerson(me.tenant(), me.tenantSlug(), me.tenantName(), me.id(), me.username(), me.displayName(), me.roles(), me.teams(),
                Optional.of(new CurrentPerson.TokenUse(token.id(), name, Set.of(Scope.READ, Scope.REQUEST, Scope.REVIEW))));
    }

    /// By table, rows that hold a name: in text, or in the bytes of a column. Read as the superuser, across all tenants.
    private Map<String, Set<String>> tablesThatName(List<Somebody> all) throws SQLException {
        Map<String, Set<String>> found = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection(url, "postgres", "")) {
            List<String> tables = new ArrayList<>();
            try (ResultSet rows = connection.createStatement().executeQuery("select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'm')")) {
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
            }
            List<String> needles = all.stream().flatMap(one -> one.names().stream())
                    .flatMap(name -> java.util.stream.Stream.of(name, HexFormat.of().formatHex(name.getBytes(StandardCharsets.UTF_8))))
                    .map(name -> name.toLowerCase(Locale.ROOT)).toList();
            for (String table : tables) {
                try (ResultSet rows = connection.createStatement().executeQuery("select t::text from " + table + " t")) {
                    while (rows.next()) {
                        String row = rows.getString(1).toLowerCase(Locale.ROOT);
                        if (needles.stream().anyMatch(row::contains)) {
                            found.computeIfAbsent(table, ignored -> new TreeSet<>()).add(row);
                        }
                    }
                }
            }
        }
        return found;
    }

    private String csv(Story.Cast cast) {
        StringWriter out = new StringWriter();
        tenants.doInTenant(cast.id(), () -> exports.csv(out));
        return out.toString();
    }

    private String ndjson(Story.Cast cast) {
        StringWriter out = new StringWriter();
        tenants.doInTenant(cast.id(), () -> exports.ndjson(out));
        return out.toString();
    }

    /// The record as a file, found good by both programs that check it.
    private Path verified(Story.Cast cast, Path folder, String name) throws Exception {
        for (int i = 0; i < 200 && sequencer.seal(cast.tenant().tenant()) != Sequencer.Sealed.ALL; i++) {
            Thread.sleep(20);
        }
        ByteArrayOutputStream export = new ByteArrayOutputStream();
        tenants.doInTenant(cast.id(), () -> proofs.export(export));
        List<VerifierKey> keys = tenants.inTenant(cast.id(), proofs::keys).stream().map(VerifierKey::parse).toList();
        assertThat(new RecordVerifier(keys, List.of()).verify(new ByteArrayInputStream(export.toByteArray()))).isInstanceOf(Verdict.Good.class);
        assertThat(export.toString(StandardCharsets.UTF_8)).doesNotContain("zwentibold", "Zwentibold");
        Path file = Files.write(folder.resolve(name + ".countersign"), export.toByteArray());
        List<String> arguments = new ArrayList<>();
        keys.forEach(key -> arguments.addAll(List.of("--key", key.toString())));
        arguments.add(file.toString());
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        assertThat(VerifyCommand.run(arguments, new PrintStream(said, true, StandardCharsets.UTF_8), System.err)).as(said.toString()).isZero();
        for (String place : System.getenv().getOrDefault("PATH", "").split(java.io.File.pathSeparator)) {
            if (Files.isExecutable(Path.of(place, "node"))) {
                Path output = folder.resolve(name + ".output");
                List<String> command = new ArrayList<>(List.of(Path.of(place, "node").toString(), "deploy/verify/verify.mjs"));
                command.addAll(arguments);
                Process node = new ProcessBuilder(command).redirectOutput(output.toFile())
                        .redirectErrorStream(true).start();
                assertThat(node.waitFor(120, TimeUnit.SECONDS)).isTrue();
                assertThat(node.exitValue()).as(Files.readString(output)).isZero();
                assertThat(Files.readString(output)).isEqualTo(said.toString(StandardCharsets.UTF_8));
                break;
            }
        }
        return file;
    }

    /// Requests and grants as the record tells them, names put back where there are any.
    private String folded(Story.Cast cast) {
        Fold fold = tenants.inTenant(cast.id(), () -> Fold.of(jdbc.sql("select content from audit_entry order by seq").query(String.class).list().stream()
                .map(pseudonyms::openJson).toList()));
        return fold.requests + "\n" + fold.grants;
    }

    /// The same as the tables tell them.
    private String stored(Story.Cast cast) {
        Map<Long, String> requests = new TreeMap<>();
        Map<Long, String> grants = new TreeMap<>();
        tenants.doInTenant(cast.id(), () -> {
            jdbc.sql("""
                    select r.number, r.state || ' v' || r.version || ' ' || r.digest || ' ' || r.requester_name || ' ' || r.reason || ' ' || r.sentence
                               || ' rules ' || p.rule_set
                    from access_request r
                    join request_plan p on p.tenant_id = r.tenant_id and p.request_id = r.id and p.version = r.version""").query(row -> {
                        requests.put(row.getLong(1), row.getString(2));
                    });
            jdbc.sql("""
                    select g.number, 'of ' || g.request_number || ' v' || g.request_version || ' ' || g.digest || ' ' || g.cluster_id || ' ' || g.trust_domain
                               || ' ' || g.namespace || '/' || g.workload || ' ' || coalesce(e.state || ' by ' || e.actor_name || ': ' || e.reason, 'ACTIVE')
                    from access_grant g
                    left join grant_end e on e.tenant_id = g.tenant_id and e.grant_id = g.id""").query(row -> {
                        grants.put(row.getLong(1), row.getString(2));
                    });
        });
        return requests + "\n" + grants;
    }

    private static AuditReader.Search search(String actor) {
        return new AuditReader.Search(Optional.empty(), Optional.of(actor), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static AuditReader.Search words(String words) {
        return new AuditReader.Search(Optional.of(words), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private MockHttpServletResponse post(Story.Cast cast, String path, String... parameters) throws Exception {
        var request = org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post(path).with(csrf()).with(fixtures.as(cast.tenant(), "admin"));
        for (int i = 0; i < parameters.length; i += 2) {
            request.param(parameters[i], parameters[i + 1]);
        }
        return mvc.perform(request).andReturn().getResponse();
    }

    private String page(Story.Cast cast, String path) throws Exception {
        MockHttpServletResponse answer = mvc.perform(get(path).with(fixtures.as(cast.tenant(), "admin"))).andReturn().getResponse();
        assertThat(answer.getStatus()).as(path).isEqualTo(200);
        return answer.getContentAsString();
    }

    @Test
    void clustersAndOwnersNoLongerSayWhoSetThem() throws Exception {
        Fixtures.TestTenant tenant = fixtures.tenant();
        TenantId id = tenant.tenant().id();
        CurrentPerson engineer = fixtures.current(tenant, "engineer");
        try (ShopFixture.Shop shop = shops.open(tenant)) {
            shop.approve("order-service");
            tenants.doInTenant(id, () -> {
                jdbc.sql("update cluster set registered_by = ? where tenant_id = ?").params(engineer.getName(), id.value()).update();
                assertThat(ownership.own(engineer.actor(), new WorkloadKey(shop.ref().id(), "production", "frontend"), tenant.team("payments")))
                        .isInstanceOf(Ownership.Outcome.Set.class);
                jdbc.sql("insert into cluster_retirement (tenant_id, cluster_id, by, reason) values (?, ?, ?, 'Replaced.')").params(id.value(), shop.ref().id(), engineer.getName()).update();
                jdbc.sql("""
                                insert into delivery_stop (tenant_id, number, cluster_id, cluster_name, made_as, reason, actor_kind, actor_id, actor_name)
                                values (?, 1, ?, 'demo', 'SECURITY', 'A leak.', 'PERSON', ?, ?)""")
                        .params(id.value(), shop.ref().id(), engineer.id().toString(), engineer.getName()).update();
                jdbc.sql("insert into delivery_stop_release (tenant_id, stop_number, reason, actor_kind, actor_id, actor_name) values (?, 1, 'Found.', 'TOKEN', ?, ?)")
                        .params(id.value(), engineer.id().toString(), engineer.getName() + " by token laptop").update();
                jdbc.sql("""
                                insert into policy_object (tenant_id, cluster_id, namespace, name, workload, desired_revision, desired_content, state)
                                values (?, ?, 'production', 'kept', 'kept', 2, sha256(''), 'WAITING')""").params(id.value(), shop.ref().id()).update();
                jdbc.sql("""
                                insert into revision (tenant_id, cluster_id, namespace, name, number, content, yaml, rules, grant_ids, request_numbers)
                                select ?, ?, 'production', 'kept', n, sha256(''), 'none', 0, array[]::text[], array[]::bigint[] from generate_series(1, 2) n""")
                        .params(id.value(), shop.ref().id()).update();
                jdbc.sql("""
                                insert into suspension (tenant_id, number, cluster_id, cluster_name, namespace, workload, policy, from_revision, to_revision, made_as, reason, actor_kind, actor_id, actor_name)
                                values (?, 1, ?, 'demo', 'production', 'kept', 'kept', 2, 1, 'SECURITY', 'A leak.', 'PERSON', ?, ?)""")
                        .params(id.value(), shop.ref().id(), engineer.id().toString(), engineer.getName()).update();
                jdbc.sql("insert into resumption (tenant_id, suspension_number, reason, actor_kind, actor_id, actor_name) values (?, 1, 'Found.', 'TOKEN', ?, ?)")
                        .params(id.value(), engineer.id().toString(), engineer.getName() + " by token laptop").update();
                jdbc.sql("insert into rollout_plan (tenant_id, version, waves, actor_kind, actor_id, actor_name) values (?, 1, '[]', 'PERSON', ?, ?)")
                        .params(id.value(), engineer.id().toString(), engineer.getName()).update();
                jdbc.sql("insert into rollout (tenant_id, request_id, request_number, plan_version) select tenant_id, id, number, 1 from access_request").update();
                jdbc.sql("insert into rollout_wave (tenant_id, request_id, wave, name, pause_seconds, by_person, state) select tenant_id, request_id, 1, 'One', 0, false, 'DONE' from rollout").update();
                jdbc.sql("insert into rollout_admission (tenant_id, request_id, wave) select tenant_id, request_id, 1 from rollout").update();
                jdbc.sql("""
                                insert into rollout_continuation (tenant_id, request_id, wave, made_as, waived, reason, actor_kind, actor_id, actor_name)
                                select tenant_id, request_id, 1, 'SECURITY', array[]::text[], 'It looks well.', 'PERSON', ?, ? from rollout""")
                        .params(engineer.id().toString(), engineer.getName()).update();
                people.join(Actor.system("test"), tenant.team("orders"), tenant.person("owner"));
                administration.deactivate(fixtures.current(tenant, "admin"), "engineer");
                assertThat(administration.erase(fixtures.current(tenant, "admin"), "engineer", "Erin Engineer", WHY)).isInstanceOf(Administering.Done.class);
            });
            assertThat(tenants.inTenant(id, () -> jdbc.sql("select registered_by from cluster").query(String.class).single())).isEqualTo(Pseudonyms.erased(engineer.id()));
            assertThat(tenants.inTenant(id, () -> jdbc.sql("select set_by from workload_owner where workload = 'frontend'").query(String.class).single()))
                    .isEqualTo(Pseudonyms.erased(engineer.id()));
            assertThat(tenants.inTenant(id, () -> jdbc.sql("select by from cluster_retirement").query(String.class).single())).isEqualTo(Pseudonyms.erased(engineer.id()));
            assertThat(tenants.inTenant(id, () -> jdbc.sql("select actor_name from delivery_stop").query(String.class).single())).isEqualTo(Pseudonyms.erased(engineer.id()));
            assertThat(tenants.inTenant(id, () -> jdbc.sql("select actor_name from suspension").query(String.class).single())).isEqualTo(Pseudonyms.erased(engineer.id()));
            assertThat(tenants.inTenant(id, () -> jdbc.sql("select actor_name from resumption").query(String.class).single()))
                    .isEqualTo(Pseudonyms.erased(engineer.id()) + " by token (erased)");
            assertThat(tenants.inTenant(id, () -> jdbc.sql("select actor_name from rollout_plan").query(String.class).single())).isEqualTo(Pseudonyms.erased(engineer.id()));
            assertThat(tenants.inTenant(id, () -> jdbc.sql("select actor_name from rollout_continuation").query(String.class).single())).isEqualTo(Pseudonyms.erased(engineer.id()));
            assertThat(tenants.inTenant(id, () -> jdbc.sql("select actor_name from delivery_stop_release").query(String.class).single()))
                    .isEqualTo(Pseudonyms.erased(engineer.id()) + " by token (erased)");
        }
    }

    @Test
    void eachRefusalSaysWhatToDoAndErasesNothing() throws Exception {
        Story.Cast acme = stories.begin();
        String path = "/admin/people/engineer/erasure";
        assertThat(page(acme, path)).contains("Erase the names of", "Erin Engineer");
        refused(acme, path, "engineer is active. Deactivate them first", "name", "Erin Engineer", "reason", WHY);
        assertThat(post(acme, "/admin/people/admin/deactivation").getContentAsString()).contains("You cannot deactivate yourself");
        refused(acme, "/admin/people/admin/erasure", "admin is active", "name", "admin", "reason", WHY);
        long open = acme.submit("engineer", Story.usual());
        post(acme, "/admin/people/engineer/deactivation");
        refused(acme, path, "This is not their name. Type Erin Engineer or engineer.", "name", "Erin", "reason", WHY);
        refused(acme, path, "Say in 1 to 1,000 characters why", "name", "Erin Engineer", "reason", " ");
        refused(acme, path, "Say in 1 to 1,000 characters why", "name", "Erin Engineer", "reason", "x".repeat(1001));
        refused(acme, path, "This names the person", "name", "Erin Engineer", "reason", "ERIN ENGINEER left.");
        refused(acme, path, "This names the person", "name", "Erin Engineer", "reason", "Asked by engineer@" + acme.tenant().tenant().slug());
        refused(acme, path, "Team orders has no other member.", "name", "Erin Engineer", "reason", WHY);
        tenants.doInTenant(acme.id(), () -> people.join(Actor.system("test"), acme.tenant().team("orders"), acme.tenant().person("auditor")));
        refused(acme, path, "Requests of theirs are open: " + open + ".", "name", "Erin Engineer", "reason", WHY);
        assertThat(tenants.inTenant(acme.id(), () -> jdbc.sql("select count(*) from audit_entry where kind = 'person.erased'").query(Long.class).single())).isZero();
        assertThat(post(acme, "/admin/people/nobody/erasure", "name", "nobody", "reason", WHY).getStatus()).isEqualTo(404);
        assertThat(mvc.perform(org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post(path).with(csrf()).with(fixtures.as(acme.tenant(), "security"))
                .param("name", "Erin Engineer").param("reason", WHY)).andReturn().getResponse().getStatus()).isEqualTo(403);

        acme.decide("owner", open, Decision.REJECT, "No.");
        assertThat(post(acme, path, "name", "ENGINEER@" + acme.tenant().tenant().slug(), "reason", WHY).getRedirectedUrl()).isEqualTo("/admin/people");
        UUID engineer = acme.tenant().person("engineer");
        String gone = "/admin/people/" + Pseudonyms.erasedUsername(engineer);
        assertThat(page(acme, gone)).contains("Their names were erased", "E" + Pseudonyms.erased(engineer).substring(1)).doesNotContain("Reactivate", "Erin");
        assertThat(post(acme, gone + "/reactivation").getStatus()).isEqualTo(422);
        assertThat(post(acme, gone + "/password").getStatus()).isEqualTo(422);
        assertThat(post(acme, gone + "/roles", "roles", "SECURITY").getStatus()).isEqualTo(422);
        assertThat(post(acme, gone + "/erasure", "name", "x", "reason", WHY).getStatus()).isEqualTo(302);
        List<AuditReader.Line> entries = acme.in(() -> reader.search(new AuditReader.Search(Optional.empty(), Optional.empty(), Optional.of("person.erased"),
                Optional.empty(), Optional.empty(), Optional.empty()), Optional.empty(), 10));
        assertThat(entries).singleElement().satisfies(line -> {
            assertThat(line.actor().name()).isEqualTo("admin@" + acme.tenant().tenant().slug());
            assertThat(line.sentence()).isEqualTo("erased the names of " + Pseudonyms.erased(engineer));
            assertThat(line.entry().content()).contains(WHY).doesNotContainIgnoringCase("erin");
        });
    }

    private void refused(Story.Cast cast, String path, String words, String... parameters) throws Exception {
        MockHttpServletResponse answer = post(cast, path, parameters);
        assertThat(answer.getStatus()).as(words).isEqualTo(422);
        assertThat(answer.getContentAsString()).contains(words);
        assertThat(tenants.inTenant(cast.id(), () -> jdbc.sql("select count(*) from person where erased_at is not null").query(Long.class).single())).isZero();
    }

    @Test
    void aSealedTextOpensOnlyForItsPersonAndTenantAndOnlyWhileTheKeyExists() throws Exception {
        Fixtures.TestTenant acme = fixtures.tenant();
        Fixtures.TestTenant globex = fixtures.tenant();
        UUID engineer = acme.person("engineer");
        UUID owner = acme.person("owner");
        String sealed = tenants.inTenant(acme.tenant().id(), () -> pseudonyms.seal(engineer, "Zoë \"quoted\" \\ text"));
        assertThat(sealed).doesNotContain("text").isNotEqualTo(tenants.inTenant(acme.tenant().id(), () -> pseudonyms.seal(engineer, "Zoë \"quoted\" \\ text")));
        assertThat(open(acme, "says " + sealed + ".")).isEqualTo("says Zoë \"quoted\" \\ text.");
        assertThat(tenants.inTenant(acme.tenant().id(), () -> pseudonyms.openJson("{\"a\":\"" + sealed + "\"}"))).isEqualTo("{\"a\":\"Zoë \\\"quoted\\\" \\\\ text\"}");
        String others = sealed.replace(engineer.toString().replace("-", ""), owner.toString().replace("-", ""));
        assertThat(open(acme, others)).as("as if it were another's").isEqualTo(Pseudonyms.GONE);
        assertThat(open(globex, sealed)).as("in another tenant").isEqualTo(Pseudonyms.GONE);
        assertThat(open(globex, Pseudonyms.of(engineer))).as("a name of another tenant").isEqualTo(Pseudonyms.erased(engineer));
        assertThat(tenants.inTenant(globex.tenant().id(), () -> jdbc.sql("select count(*) from person_key where tenant_id = ?").param(acme.tenant().id().value())
                .query(Long.class).single())).as("keys of another tenant").isZero();
        assertThat(jdbc.sql("select count(*) from person_key").query(Long.class).single()).as("without a tenant").isZero();
        assertThat(tenants.inTenant(globex.tenant().id(), () -> jdbc.sql("delete from person_key where tenant_id = ?").param(acme.tenant().id().value()).update())).isZero();

        assertThatThrownBy(() -> tenants.doInTenant(globex.tenant().id(), () -> people.erase(Actor.system("test"), engineer, WHY)))
                .isInstanceOf(org.springframework.dao.EmptyResultDataAccessException.class);
        assertThat(open(acme, sealed)).startsWith("Zoë");
        tenants.doInTenant(acme.tenant().id(), () -> {
            people.deactivate(Actor.system("test"), engineer);
            people.erase(Actor.system("test"), engineer, WHY);
        });
        assertThat(open(acme, sealed)).isEqualTo(Pseudonyms.GONE);
        assertThat(open(acme, Pseudonyms.of(engineer) + " and " + Pseudonyms.of(owner))).isEqualTo(Pseudonyms.erased(engineer) + " and owner@" + acme.tenant().slug());
        assertThatThrownBy(() -> tenants.inTenant(acme.tenant().id(), () -> pseudonyms.seal(engineer, "again"))).isInstanceOf(IllegalStateException.class);
    }

    private String open(Fixtures.TestTenant tenant, String text) {
        return tenants.inTenant(tenant.tenant().id(), () -> pseudonyms.open(text));
    }

    @Test
    void aNameIsFoundWhereverItStandsAndNothingElseIsTakenForOne() {
        Fixtures.TestTenant acme = fixtures.tenant();
        String at = "@" + acme.tenant().slug();
        UUID engineer = acme.person("engineer");
        String mark = Pseudonyms.of(engineer);
        Map<String, String> expected = new TreeMap<>();
        expected.put("engineer" + at, mark);
        expected.put("By engineer" + at + ".", "By " + mark + ".");
        expected.put("line\nengineer" + at + "\n", "line\n" + mark + "\n");
        expected.put("tab\tengineer" + at + "\u2028", "tab\t" + mark + "\u2028");
        expected.put("a\\engineer" + at + "\"", "a\\" + mark + "\"");
        expected.put("\u0001engineer" + at, "\u0001" + mark);
        expected.put("engineer" + at + "engineer" + at, "engineer" + at + "engineer" + at);
        expected.put("(engineer" + at + ",engineer" + at + ")", "(" + mark + "," + mark + ")");
        expected.put("xengineer" + at, "xengineer" + at);
        expected.put("engineer" + at + ".example", "engineer" + at + ".example");
        expected.put("engineer" + at + "2", "engineer" + at + "2");
        expected.put("nobody" + at, "nobody" + at);
        expected.put("engineer", "engineer");
        expected.put(at, at);
        expected.forEach((text, closed) -> {
            long entry = tenants.inTenant(acme.tenant().id(), () -> audit.append(new AuditEvent("test.happened", Actor.system("test"), new Subject("test", "1"), text,
                    Map.of("text", text))));
            AuditReader.Line line = tenants.inTenant(acme.tenant().id(), () -> reader.entry(entry)).orElseThrow();
            var tree = new tools.jackson.databind.json.JsonMapper().readTree(line.entry().content());
            assertThat(tree.path("content").path("text").asString()).isEqualTo(closed);
            assertThat(tree.path("sentence").asString()).isEqualTo(closed);
            assertThat(line.sentence()).isEqualTo(text);
        });
    }

    @Autowired
    AuditLog audit;
}
