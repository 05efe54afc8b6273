package dev.countersign.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Target;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import dev.countersign.requests.Effect;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.MockMvc;

/// S11: an approval is to what was shown, and what was shown is what the request would open and cut, not only what it asks for.
/// Somebody else's change of a live policy between the look and the word makes the word stale.
@PortalTest
class ShownEffectTests {
    @Autowired
    Story stories;

    @Autowired
    Fixtures fixtures;

    @Autowired
    ReviewBoard board;

    @Autowired
    RequestDesk desk;

    @Autowired
    MockMvc mvc;

    private String shown(Story.Cast acme, long number) {
        return acme.in(() -> desk.foresight(number)).flatMap(foresight -> foresight.effect()).map(Effect::digest).orElseThrow();
    }

    private Deciding approve(Story.Cast acme, long number, Optional<String> effect) {
        var me = acme.person("owner");
        String digest = acme.request(number).digest();
        return acme.in(() -> board.decide(me, number, Decision.APPROVE, digest, effect, ""));
    }

    /// Nobody but those whom other ALLOWs name may call payment-service from now on.
    private static void close(Story.Cast acme) {
        acme.shop().live(AuthorizationPolicy.allow(ObjectMeta.of("production", "closed"), new Target.Selector(Map.of("app", "payment-service")), List.of()));
    }

    @Test
    void theEffectThatWasShownIsTheOneThatIsApproved() {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.usual());
        String before = shown(acme, number);
        close(acme);
        String now = shown(acme, number);
        assertThat(now).isNotEqualTo(before);
        assertThat(approve(acme, number, Optional.of(before))).isInstanceOf(Deciding.Stale.class);
        assertThat(acme.request(number).state()).isEqualTo(RequestState.SUBMITTED);
        assertThat(((Deciding.Recorded) approve(acme, number, Optional.of(now))).state()).isEqualTo(RequestState.APPROVED);
    }

    @Test
    void whatWasForeseenAtSubmissionCoversTheSameAndLess() {
        var acme = stories.begin();
        long same = acme.submit("engineer", Story.usual());
        assertThat(approve(acme, same, Optional.empty())).isInstanceOf(Deciding.Recorded.class);
        var other = stories.begin();
        long less = other.submit("engineer", Story.usual());
        close(other);
        assertThat(approve(other, less, Optional.empty())).as("the cut is somebody else's by now").isInstanceOf(Deciding.Recorded.class);
    }

    @Test
    void whatWasForeseenAtSubmissionDoesNotCoverMore() {
        var acme = stories.begin();
        close(acme);
        long number = acme.submit("engineer", Story.usual());
        acme.shop().open();
        assertThat(approve(acme, number, Optional.empty())).as("it would cut everyone now").isInstanceOf(Deciding.Stale.class);
        assertThat(acme.request(number).state()).isEqualTo(RequestState.SUBMITTED);
        assertThat(approve(acme, number, Optional.of(shown(acme, number)))).isInstanceOf(Deciding.Recorded.class);
    }

    @Test
    void aRejectionNeedsNoEffect() {
        var acme = stories.begin();
        close(acme);
        long number = acme.submit("engineer", Story.usual());
        acme.shop().open();
        assertThat(acme.decide("owner", number, Decision.REJECT, "One path is enough.")).isInstanceOf(Deciding.Recorded.class);
    }

    @Test
    void thePageSendsTheEffectThatItShows() throws Exception {
        var acme = stories.begin();
        long number = acme.submit("engineer", Story.usual());
        String before = shown(acme, number);
        String page = mvc.perform(get("/requests/" + number).with(fixtures.as(acme.tenant(), "owner"))).andReturn().getResponse().getContentAsString();
        assertThat(page).contains("/requests/" + number + "/stages?effect=" + before);
        String slot = mvc.perform(get("/requests/" + number + "/stages").param("effect", before).with(fixtures.as(acme.tenant(), "owner")))
                .andReturn().getResponse().getContentAsString();
        assertThat(slot).contains("name=\"effect\" value=\"" + before + "\"");
        close(acme);
        var refused = mvc.perform(post("/requests/" + number + "/reviews").with(csrf()).with(fixtures.as(acme.tenant(), "owner"))
                .param("decision", "APPROVE").param("digest", acme.request(number).digest()).param("effect", before)).andReturn().getResponse();
        assertThat(refused.getStatus()).isEqualTo(409);
        assertThat(refused.getContentAsString()).contains("has changed since you were shown it");
    }

    /// A bulk decision shows no effect of its own: it may not agree to more than was foreseen.
    @Test
    void aBulkDecisionRefusesWhatWouldDoMoreByNow() throws Exception {
        var acme = stories.begin();
        close(acme);
        long number = acme.submit("engineer", Story.usual());
        acme.shop().open();
        String answer = mvc.perform(post("/queue/decisions").with(csrf()).with(fixtures.as(acme.tenant(), "owner"))
                        .param("pick", number + " " + acme.request(number).digest()).param("decision", "APPROVE"))
                .andReturn().getResponse().getContentAsString();
        assertThat(answer).contains("changed meanwhile");
        assertThat(acme.request(number).state()).isEqualTo(RequestState.SUBMITTED);
    }
}
