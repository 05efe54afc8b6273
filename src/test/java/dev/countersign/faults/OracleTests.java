package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.MeshCatalog;
import dev.countersign.delivery.PolicyKey;
import dev.countersign.delivery.RollbackDesk;
import dev.countersign.delivery.RollingBack;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestPropertySource;

/// The oracle is worth something only if it speaks: a sound tenant gives no word, and each of the planted wrongs, what a bug of
/// the portal would have left behind, is found under its invariant.
@PortalTest
@TestPropertySource(properties = "countersign.delivery.sweep=1s")
class OracleTests {
    @Autowired
    ApplicationContext context;

    private Laboratory lab;

    @BeforeEach
    void aSoundTenant() throws Exception {
        lab = new Laboratory(context, 1);
        lab.approve();
        lab.approve();
        lab.submit();
        lab.converges("nothing");
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
    }

    private record Wrong(String what, String invariant, String... statements) {}

    private static final String SUSPENSION = "insert into suspension (tenant_id, number, cluster_id, cluster_name, namespace, workload, policy, from_revision, to_revision,"
            + " made_as, reason, actor_kind, actor_id, actor_name) select tenant_id, 1, cluster_id, cluster_name, namespace, workload, 'countersign-payment-service', 2, 1,"
            + " 'SECURITY', 'none', 'SYSTEM', 'test', 'test' from access_grant where tenant_id = $ and request_number = 1";

    private static final String ROLLOUT = "insert into rollout (tenant_id, request_id, request_number, plan_version) select tenant_id, id, number, 1 from access_request where tenant_id = $ and number = 1";
    private static final String WAVE = "insert into rollout_grant (tenant_id, grant_id, request_id, wave) select tenant_id, id, request_id, 2 from access_grant where tenant_id = $ and request_number = 1";

    private static final List<Wrong> IN_TABLES = List.of(
            new Wrong("a lost grant", "I1", "delete from access_grant where tenant_id = $ and request_number = 1"),
            new Wrong("an approved request whose grant was never written", "I1", "update access_request set state = 'APPROVED' where tenant_id = $ and number = 3"),
            new Wrong("two grants for one request", "I2",
                    "create temporary table twin on commit drop as select * from access_grant where tenant_id = $ and request_number = 1",
                    "alter table access_grant drop constraint access_grant_is_one_for_a_request_and_cluster",
                    "update twin set id = gen_random_uuid(), number = 999",
                    "insert into access_grant select * from twin"),
            new Wrong("a grant of a request that was not approved", "I3", "update access_request set state = 'REJECTED' where tenant_id = $ and number = 1"),
            new Wrong("a grant of other content", "I3", "update access_grant set digest = 'sha256:" + "0".repeat(64) + "' where tenant_id = $ and request_number = 1"),
            new Wrong("a vote on other content", "I3", "update review set digest = 'sha256:" + "0".repeat(64) + "' where tenant_id = $"),
            new Wrong("a vote of somebody who may not", "I3", "update review set person_id = (select id from person where tenant_id = $ and username = 'security') where tenant_id = $"),
            new Wrong("a vote of the requester", "I3", "update access_request set requester_id = (select v.person_id from review v where v.tenant_id = $ limit 1) where tenant_id = $ and number = 1"),
            new Wrong("a revision that is not in the record", "I4", "delete from audit_entry where tenant_id = $ and kind = 'policy.revised'"),
            new Wrong("an approval that is not in the record", "I4", "delete from audit_entry where tenant_id = $ and kind = 'request.approved'"),
            new Wrong("an entry about nothing", "I1", "delete from access_request where tenant_id = $ and number = 3"),
            new Wrong("a changed entry", "I5", "update audit_entry set content = content || ' ' where tenant_id = $ and seq = 3"),
            new Wrong("a cut out entry", "I4", "delete from audit_entry where tenant_id = $ and seq = 4"),
            new Wrong("a suspended grant that the cluster still lets in", "I3 the cluster lets calls pass for request 1, whose grant for payment-service is suspended", SUSPENSION,
                    "insert into suspended_grant (tenant_id, grant_id, suspension_number) select tenant_id, id, 1 from access_grant where tenant_id = $ and request_number = 1"),
            new Wrong("a held grant that the cluster lets in", "I3 the cluster lets calls pass for request 1, whose grant for payment-service is held until its wave", ROLLOUT, WAVE),
            new Wrong("a rollout that is not in the record", "I4 request 1 has 0 entries rollout.started", ROLLOUT),
            new Wrong("a plan that is not in the record", "I4 version 1 has 0 entries rollout.plan-changed",
                    "insert into rollout_plan (tenant_id, version, waves, actor_kind, actor_id, actor_name) values ($, 1, '[]', 'SYSTEM', 'test', 'test')"),
            new Wrong("a wave whose admission is not in the record", "I4 wave 2 of request 1 has 0 entries rollout.wave-admitted", ROLLOUT,
                    "insert into rollout_admission (tenant_id, request_id, wave) select tenant_id, request_id, 2 from rollout where tenant_id = $"),
            new Wrong("a continuation that is not in the record", "I4 wave 2 of request 1 has 0 entries rollout.continued", ROLLOUT,
                    "insert into rollout_continuation (tenant_id, request_id, wave, made_as, waived, reason, actor_kind, actor_id, actor_name)"
                            + " select tenant_id, request_id, 2, 'SECURITY', '{}', 'none', 'SYSTEM', 'test', 'test' from rollout where tenant_id = $"),
            new Wrong("a suspension that is not in the record", "I4 suspension 1 has 0 entries", SUSPENSION),
            new Wrong("applied before the cluster said so", "I9", "update policy_object set desired_revision = desired_revision + 1, applied_revision = applied_revision + 1 where tenant_id = $"));

    @Test
    void everyWrongInTheTablesIsFound() throws Exception {
        Connection superuser = lab.superuser();
        assertThat(lab.judge()).isEmpty();
        superuser.setAutoCommit(false);
        for (Wrong wrong : IN_TABLES) {
            try (Statement statement = superuser.createStatement()) {
                // As the superuser, past triggers and foreign keys.
                statement.execute("set local session_replication_role = replica");
                int changed = 0;
                for (String sql : wrong.statements()) {
                    changed = statement.executeUpdate(sql.replace("$", "'" + lab.tenant.tenant().id().value() + "'"));
                }
                assertThat(changed).as(wrong.what()).isPositive();
                assertThat(lab.judge()).as(wrong.what()).anyMatch(word -> word.startsWith(wrong.invariant()));
            } finally {
                superuser.rollback();
            }
        }
        superuser.setAutoCommit(true);
        assertThat(lab.judge()).isEmpty();
    }

    /// What is rolled back, and lifted again, is no wrong: the suspended grant is not missing in the policy.
    @Test
    void aSuspensionIsNoWrong() throws Exception {
        RollbackDesk desk = context.getBean(RollbackDesk.class);
        PolicyKey key = new PolicyKey(context.getBean(Tenants.class).inTenant(lab.tenant.tenant().id(),
                () -> context.getBean(MeshCatalog.class).cluster("demo").orElseThrow().id()), "production", "countersign-payment-service");
        CurrentPerson security = context.getBean(Fixtures.class).current(lab.tenant, "security");
        assertThat(CurrentTenant.call(lab.tenant.tenant().id(), () -> desk.rollBack(security, key, 1, desk.look(key, 1).orElseThrow().digest(), "a leak")))
                .isInstanceOf(RollingBack.Suspended.class);
        lab.converges("a suspension");
        assertThat(lab.judge()).isEmpty();
        assertThat(CurrentTenant.call(lab.tenant.tenant().id(), () -> desk.resume(security, 1, desk.lookAtResuming(1).orElseThrow().digest(), "none")))
                .isInstanceOf(RollingBack.Resumed.class);
        lab.converges("a resumption");
        assertThat(lab.judge()).isEmpty();
    }

    private int write(String namespace, String query, String path) throws Exception {
        String body = """
                {"apiVersion":"security.istio.io/v1","kind":"AuthorizationPolicy","metadata":{"name":"countersign-payment-service"},
                 "spec":{"selector":{"matchLabels":{"app":"payment-service"}},"rules":[{"to":[{"operation":{"paths":["%s"]}}]}]}}""".formatted(path);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(URI.create(lab.cluster.url() + "/apis/security.istio.io/v1/namespaces/" + namespace
                            + "/authorizationpolicies/countersign-payment-service?fieldManager=countersign" + query))
                    .header("Authorization", "Bearer " + lab.cluster.token("admin"))
                    .header("Content-Type", "application/apply-patch+yaml")
                    .method("PATCH", HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString()).statusCode();
        }
    }

    @Test
    void aWriteOutsideTheTenantIsFound() throws Exception {
        assertThat(write("staging", "", "/a")).isEqualTo(201);
        assertThat(lab.judge()).anyMatch(word -> word.startsWith("I6"));
    }

    @Test
    void aForcedWriteIsFound() throws Exception {
        lab.couriersHere().stop();
        assertThat(write("production", "&force=true", "/a")).isEqualTo(200);
        assertThat(lab.judge()).anyMatch(word -> word.startsWith("I3 the portal forced"));
    }

    @Test
    void aSecondWriteForOneRevisionIsFound() throws Exception {
        lab.couriersHere().stop();
        for (int i = 0; i < 4; i++) {
            assertThat(write("production", "", "/again/" + i)).isEqualTo(200);
        }
        assertThat(lab.judge()).anyMatch(word -> word.startsWith("I2"));
    }
}
