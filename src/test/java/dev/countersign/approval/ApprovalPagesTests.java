package dev.countersign.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.catalog.LivePolicyChanged;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Target;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import dev.countersign.requests.AskFact;
import dev.countersign.requests.RequestState;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;

/// The pages of approval and grants, as a browser without script sees them.
@PortalTest
class ApprovalPagesTests {
    /// Set to keep the pages as files for looking at.
    private static final String KEEP = System.getProperty("approval.pages", "");

    @Autowired
    Story stories;

    @Autowired
    Fixtures fixtures;

    @Autowired
    MockMvc mvc;

    @Autowired
    ApplicationEventPublisher events;

    @Autowired
    StandingRefresh refresh;

    @Autowired
    QueueStandings standings;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private String body(Story.Cast acme, String username, int status, MockHttpServletRequestBuilder request, String keep) throws Exception {
        MockHttpServletResponse response = mvc.perform(request.with(fixtures.as(acme.tenant(), username))).andReturn().getResponse();
        assertThat(response.getStatus()).as(keep + " " + response.getErrorMessage()).isEqualTo(status);
        String body = response.getContentAsString();
        if (!KEEP.isEmpty() && body.contains("<html")) {
            Files.writeString(Path.of(KEEP, keep + ".html"), body);
        }
        return body;
    }

    @Test
    void theQueueShowsWhatIsMineByRiskAndAge() throws Exception {
        var acme = stories.begin();
        long usual = acme.submit("engineer", Story.usual());
        long across = acme.submit("engineer", Story.across());
        long wide = acme.submit("engineer", Story.wide());
        String owners = body(acme, "owner", 200, get("/queue"), "queue");
        assertThat(owners).contains("id=\"r" + usual + "\"", "id=\"r" + across + "\"", "id=\"r" + wide + "\"");
        // The first ALLOW cuts everyone else, so all three are of high risk, and the oldest comes first.
        assertThat(owners.indexOf("id=\"r" + usual + "\"")).isLessThan(owners.indexOf("id=\"r" + wide + "\""));
        assertThat(body(acme, "owner", 200, get("/queue").param("risk", "high"), "queue-high")).contains("id=\"r" + wide + "\"");
        assertThat(body(acme, "owner", 200, get("/queue").param("namespace", "staging"), "queue-staging")).contains("id=\"r" + across + "\"").doesNotContain("id=\"r" + wide + "\"");
        String security = body(acme, "security", 200, get("/queue"), "queue-security");
        assertThat(security).doesNotContain("id=\"r" + usual + "\"").contains("id=\"r" + wide + "\"");
        assertThat(body(acme, "engineer", 200, get("/queue"), "queue-empty")).contains("All is decided");
        assertThat(body(acme, "engineer", 200, get("/queue").param("view", "open"), "queue-open")).contains("id=\"r" + wide + "\"").doesNotContain("name=\"pick\"");
        assertThat(body(acme, "owner", 200, get("/queue/count"), "count").strip()).isEqualTo("3");
        assertThat(body(acme, "engineer", 200, get("/queue/count"), "count").strip()).isEmpty();
        acme.decide("owner", across, Decision.APPROVE, "Fine.");
        assertThat(body(acme, "owner", 200, get("/queue"), "queue-after")).doesNotContain("id=\"r" + across + "\"");
        assertThat(body(acme, "owner", 200, get("/queue").param("view", "handled"), "queue-handled")).contains("you agreed: Fine.");
        assertThat(body(acme, "owner", 200, get("/queue/" + wide).header("HX-Request", "true"), "open")).contains("Open the request");
    }

    @Test
    void aRowTellsWhatOthersDidWhileItWasOpen() throws Exception {
        var acme = stories.begin();
        long across = acme.submit("engineer", Story.across());
        MockHttpServletRequestBuilder cell = get("/queue/" + across + "/missing").param("version", "1").header("HX-Request", "true");
        assertThat(body(acme, "security", 200, cell, "missing").strip()).isEqualTo("owner and security");
        acme.decide("owner", across, Decision.APPROVE, "");
        assertThat(body(acme, "security", 200, cell, "missing").strip()).isEqualTo("security");
        assertThat(body(acme, "owner", 204, cell, "said").strip()).isEmpty();
        acme.decide("security2", across, Decision.APPROVE, "");
        MockHttpServletResponse settled = mvc.perform(cell.with(fixtures.as(acme.tenant(), "security"))).andReturn().getResponse();
        assertThat(settled.getHeader("HX-Retarget")).isEqualTo("#r" + across);
        assertThat(settled.getContentAsString()).contains("approved", "By the word of security2");
        assertThat(body(acme, "security", 302, get("/queue/" + across + "/missing").param("version", "1"), "without script")).isEmpty();
    }

    @Test
    void theQueueFollowsWhatIsLive() throws Exception {
        var acme = stories.begin();
        long usual = acme.submit("engineer", Story.usual());
        assertThat(standing(acme, usual)).matches("2 0 [1-9][0-9]*");
        acme.shop().live(AuthorizationPolicy.allow(ObjectMeta.of("production", "others"), new Target.Selector(Map.of("app", "payment-service")), List.of()));
        CurrentTenant.run(acme.id(), () -> events.publishEvent(new LivePolicyChanged(acme.id(), acme.shop().demo().id(), "AuthorizationPolicy", "elsewhere", "others", false)));
        refresh.reckonMoved();
        assertThat(standing(acme, usual)).matches("2 0 [1-9][0-9]*");
        CurrentTenant.run(acme.id(), () -> events.publishEvent(new LivePolicyChanged(acme.id(), acme.shop().demo().id(), "AuthorizationPolicy", "production", "others", false)));
        refresh.reckonMoved();
        // The portal's own clock may have taken the hint first, and be at it.
        for (int i = 0; i < 50 && !standing(acme, usual).equals("0 1 0"); i++) {
            Thread.sleep(100);
        }
        // Nobody could call any more, so the request cuts nothing, and opens what it names.
        assertThat(standing(acme, usual)).isEqualTo("0 1 0");
        assertThat(tenants.inTenant(acme.id(), () -> standings.longestUnreckoned(10))).isEmpty();
    }

    @Test
    void whatCannotBeReckonedIsOfHighRisk() throws Exception {
        var acme = stories.begin();
        acme.shop().live(AuthorizationPolicy.allow(ObjectMeta.of("production", "others"), new Target.Selector(Map.of("app", "payment-service")), List.of()));
        long usual = acme.submit("engineer", Story.usual());
        assertThat(standing(acme, usual)).isEqualTo("0 1 0");
        acme.shop().live(new AuthorizationPolicy(ObjectMeta.of("production", "asked-elsewhere"), new Target.Selector(Map.of("app", "payment-service")),
                Action.CUSTOM, Optional.of("authorizer"), List.of(Rule.ANY)));
        reckonAgain(acme, usual);
        assertThat(standing(acme, usual)).as("an external authorizer decides").startsWith("2 ");
        acme.shop().open();
        acme.shop().live(AuthorizationPolicy.allow(ObjectMeta.of("production", "others"), new Target.Selector(Map.of("app", "payment-service")), List.of()));
        reckonAgain(acme, usual);
        assertThat(standing(acme, usual)).isEqualTo("0 1 0");
        acme.shop().remove(new WorkloadKey(acme.shop().demo().id(), "production", "payment-service"));
        reckonAgain(acme, usual);
        assertThat(standing(acme, usual)).as("the workload is gone; the last counts stay").isEqualTo("2 1 0");
    }

    private void reckonAgain(Story.Cast acme, long number) {
        tenants.doInTenant(acme.id(), () -> standings.reckonAgain(number));
    }

    /// Risk, opened and cut regions, as the queue has them.
    private String standing(Story.Cast acme, long number) {
        return tenants.inTenant(acme.id(), () -> jdbc.sql("""
                        select s.risk || ' ' || s.opens || ' ' || s.cuts
                        from request_standing s
                        join access_request r on (r.tenant_id, r.id) = (s.tenant_id, s.request_id)
                        where r.number = ?""").param(number).query(String.class).single());
    }

    @Test
    void riskIsWhatAnAskCouldDo() {
        assertThat(QueueStandings.risk(Set.of(AskFact.SAME_NAMESPACE_PATHS), 0)).isEqualTo(QueueStandings.USUAL);
        assertThat(QueueStandings.risk(Set.of(AskFact.CROSS_NAMESPACE), 0)).isEqualTo(QueueStandings.RAISED);
        assertThat(QueueStandings.risk(Set.of(AskFact.CROSS_NAMESPACE, AskFact.PERMANENT), 0)).isEqualTo(QueueStandings.HIGH);
        assertThat(QueueStandings.risk(Set.of(AskFact.SAME_NAMESPACE_PATHS), 1)).isEqualTo(QueueStandings.HIGH);
    }

    @Test
    void bulkDecidesEachOnItsOwn() throws Exception {
        var acme = stories.begin();
        long mine = acme.submit("engineer", Story.usual());
        long changed = acme.submit("engineer", Story.across());
        String page = body(acme, "owner", 200, post("/queue/decisions").with(csrf())
                .param("pick", mine + " " + acme.request(mine).digest(), changed + " sha256:" + "0".repeat(64), "99 sha256:x", "junk")
                .param("decision", "APPROVE"), "decisions");
        assertThat(page).contains("approved", "changed meanwhile", "There is no request 99 here");
        assertThat(acme.request(mine).state()).isEqualTo(RequestState.APPROVED);
        assertThat(acme.request(changed).state()).isEqualTo(RequestState.SUBMITTED);
        assertThat(body(acme, "engineer", 200, post("/queue/decisions").with(csrf())
                .param("only", changed + " " + acme.request(changed).digest()).header("HX-Request", "true"), "row")).contains("not yours").doesNotContain("<html");
    }

    @Test
    void theStagesSayWhoCanActAndTakeTheDecision() throws Exception {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.across());
        String digest = acme.request(number).digest();
        assertThat(body(acme, "owner", 200, get("/requests/" + number + "/stages"), "stages")).contains("you can act", "Sam Security or Sofia Security can act",
                "You decide on version");
        assertThat(body(acme, "engineer", 200, get("/requests/" + number + "/stages").header("HX-Request", "true"), "slot"))
                .doesNotContain("<html").contains("You asked for this yourself").doesNotContain("name=\"decision\"");
        assertThat(body(acme, "owner", 422, post("/requests/" + number + "/reviews").with(csrf()).param("decision", "REJECT").param("digest", digest), "refused"))
                .contains("Say why you reject it");
        assertThat(body(acme, "owner", 409, post("/requests/" + number + "/reviews").with(csrf()).param("decision", "APPROVE").param("digest", "x")
                .param("comment", "typed words"), "stale")).contains("is not what you were shown", "typed words");
        assertThat(body(acme, "auditor", 403, post("/requests/" + number + "/reviews").with(csrf()).param("decision", "APPROVE").param("digest", digest), "forbidden"))
                .contains("Your roles and teams name none of them");
        body(acme, "owner", 302, post("/requests/" + number + "/reviews").with(csrf()).param("decision", "APPROVE").param("digest", digest).param("comment", "Fine <b>."), "done");
        assertThat(body(acme, "security", 200, get("/requests/" + number + "/stages"), "stages-half")).contains("Fine &lt;b&gt;.", "data-state=\"done\"");
        acme.decide("security", number, Decision.APPROVE, "");
        assertThat(body(acme, "engineer", 200, get("/requests/" + number + "/stages"), "stages-done")).contains("approved", "by the word of");
        body(acme, "owner", 404, get("/requests/999/stages"), "unknown");
        body(stories.begin(), "owner", 404, get("/requests/" + number + "/stages"), "foreign");
        assertThat(body(acme, "owner", 403, post("/requests/" + number + "/reviews").param("decision", "APPROVE").param("digest", digest), "csrf")).isNotNull();
    }

    @Test
    void rulesAreReadWrittenAndPutInOrder() throws Exception {
        var acme = stories.begin();
        assertThat(body(acme, "admin", 200, get("/admin/rules"), "rules")).contains("built-in defaults", "Across namespaces");
        body(acme, "admin", 200, get("/admin/rules/2"), "rule");
        body(acme, "owner", 403, get("/admin/rules"), "rules-forbidden");
        assertThat(body(acme, "admin", 422, post("/admin/rules/2").with(csrf()).param("base", "0").param("name", "Across").param("match", "any")
                .param("when", "CROSS_NAMESPACE").param("stage", "Security", "").param("needed", "0", "1").param("eligible", "security", ""), "rule-refused"))
                .contains("needs 1 to 9 people, not 0");
        assertThat(body(acme, "admin", 422, post("/admin/rules/2").with(csrf()).param("base", "0").param("name", "Across").param("match", "any")
                .param("when", "CROSS_NAMESPACE").param("stage", "Security").param("needed", "3").param("eligible", "security"), "rule-refused")).contains("only 2 could sit");
        assertThat(body(acme, "admin", 422, post("/admin/rules/3").with(csrf()).param("base", "0").param("name", "Last").param("match", "any")
                .param("when", "PERMANENT").param("stage", "Owner").param("needed", "1").param("eligible", "owner"), "rule-refused")).contains("last rule must apply to every request");
        body(acme, "admin", 302, post("/admin/rules/0").with(csrf()).param("base", "0").param("name", "Endless").param("match", "any")
                .param("when", "PERMANENT").param("stage", "Payments").param("needed", "1").param("eligible", "team:payments, person:security").param("comment", "true"), "saved");
        String own = body(acme, "admin", 200, get("/admin/rules"), "rules-own");
        assertThat(own).contains("Version", "Endless", "team:payments, person:security", "with words");
        assertThat(body(acme, "admin", 409, post("/admin/rules/2").with(csrf()).param("base", "0").param("name", "Across").param("match", "any")
                .param("when", "CROSS_NAMESPACE").param("stage", "Owner").param("needed", "1").param("eligible", "owner"), "rule-stale")).contains("Somebody else changed the rules");
        body(acme, "admin", 302, post("/admin/rules/3/move").with(csrf()).param("base", "1").param("to", "up"), "moved");
        body(acme, "admin", 302, post("/admin/rules/2/removal").with(csrf()).param("base", "2"), "removed");
        assertThat(body(acme, "admin", 200, get("/admin/rules"), "rules-after")).doesNotContain("Endless").contains("Across namespaces");
    }

    @Test
    void grantsAreShownWithTheirWordsAndRevoked() throws Exception {
        var acme = stories.begin();
        long number = acme.granted(Story.usual());
        assertThat(body(acme, "engineer", 200, get("/grants"), "grants")).contains("order-service may POST /api/v1/payments/* on payment-service");
        assertThat(body(acme, "engineer", 200, get("/grants/" + number), "grant")).contains("Checkout settles card payments", "sha256:");
        assertThat(body(acme, "engineer", 200, get("/grants/of/demo/production/payment-service").header("HX-Request", "true"), "of")).contains("agreed by").doesNotContain("<html");
        assertThat(body(acme, "engineer", 200, get("/grants/of/demo/production/frontend"), "of-none")).contains("No grant lets anyone call it");
        body(acme, "owner", 200, get("/grants/" + number + "/revocation"), "revocation");
        assertThat(body(acme, "owner", 422, post("/grants/" + number + "/revocation").with(csrf()), "revocation-refused")).contains("why the access ends");
        body(acme, "auditor", 403, post("/grants/" + number + "/revocation").with(csrf()).param("reason", "x"), "revocation-forbidden");
        body(acme, "owner", 302, post("/grants/" + number + "/revocation").with(csrf()).param("reason", "Not used."), "revoked");
        assertThat(body(acme, "engineer", 200, get("/grants/" + number), "grant-over")).contains("revoked", "Not used.");
        assertThat(body(acme, "engineer", 200, get("/grants").param("view", "ended"), "grants-ended")).contains("revoked");
        body(stories.begin(), "security", 404, get("/grants/" + number), "foreign");
    }
}
