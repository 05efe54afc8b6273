package dev.countersign.cluster;

import static dev.countersign.cluster.Api.MERGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// The contract of server-side apply: who owns a field keeps it, until another takes it by force or by hand.
class ApplyContractTests extends ClusterContract {

    @Test
    void applyCreatesThenUpdates() {
        var made = apply("ours", policy("a", "ALLOW", "x"));
        var changed = apply("ours", policy("a", "DENY", "x"));

        assertThat(made.status()).isEqualTo(201);
        assertThat(changed.status()).isEqualTo(200);
        assertThat(generation(changed)).isEqualTo(2);
        assertThat(changed.body().path("spec").path("action").asString()).isEqualTo("DENY");
    }

    @Test
    void applyingTheSameAgainChangesNothing() {
        var made = apply("ours", policy("a", "ALLOW", "x"));
        var again = apply("ours", policy("a", "ALLOW", "x"));

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.version()).isEqualTo(made.version());
        assertThat(again.body().path("metadata").path("managedFields"))
                .isEqualTo(made.body().path("metadata").path("managedFields"));
    }

    @Test
    void theOwnerOfEachFieldIsOnRecord() {
        var made = apply("ours", policy("a", "ALLOW", "x"));
        var entry = made.body().path("metadata").path("managedFields").get(0);

        assertThat(entry.path("manager").asString()).isEqualTo("ours");
        assertThat(entry.path("operation").asString()).isEqualTo("Apply");
        assertThat(entry.path("apiVersion").asString()).isEqualTo("security.istio.io/v1");
        assertThat(entry.path("fieldsType").asString()).isEqualTo("FieldsV1");
        assertThat(entry.path("fieldsV1").path("f:spec").has("f:rules")).isTrue();
        assertThat(entry.path("fieldsV1").path("f:spec").path("f:rules").size())
                .as("lists are atomic")
                .isZero();
        assertThat(entry.path("fieldsV1")
                        .path("f:spec")
                        .path("f:selector")
                        .path("f:matchLabels")
                        .has("f:app"))
                .isTrue();
    }

    @Test
    void anotherManagersFieldIsAConflictThatNamesBoth() {
        var made = apply("ours", policy("a", "ALLOW", "x"));
        var refused = apply("theirs", policy("a", "ALLOW", "x").replace("sa/b", "sa/c"));

        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.reason()).isEqualTo("Conflict");
        assertThat(refused.message()).isEqualTo("Apply failed with 1 conflict: conflict with \"ours\": .spec.rules");
        var cause = refused.body().path("details").path("causes").get(0);
        assertThat(cause.path("reason").asString()).isEqualTo("FieldManagerConflict");
        assertThat(cause.path("field").asString()).isEqualTo(".spec.rules");
        assertThat(cause.path("message").asString()).isEqualTo("conflict with \"ours\"");
        assertThat(api().get(policies + "/a").version()).isEqualTo(made.version());
    }

    @Test
    void everyConflictIsListed() {
        apply("ours", policy("a", "ALLOW", "x"));
        var refused = apply("theirs", policy("a", "DENY", "y"));

        assertThat(refused.message())
                .startsWith("Apply failed with 2 conflicts: conflicts with \"ours\":")
                .contains("- .spec.action")
                .contains("- .spec.selector.matchLabels.app");
    }

    @Test
    void forceTakesTheFieldAndTheFormerOwnerIsTold() {
        apply("ours", policy("a", "ALLOW", "x"));
        var forced = api().apply(policies + "/a?fieldManager=theirs&force=true", policy("a", "DENY", "x"));
        var later = apply("ours", policy("a", "ALLOW", "x"));

        assertThat(forced.status()).isEqualTo(200);
        assertThat(forced.body().path("spec").path("action").asString()).isEqualTo("DENY");
        assertThat(later.status()).isEqualTo(409);
        assertThat(later.message()).isEqualTo("Apply failed with 1 conflict: conflict with \"theirs\": .spec.action");
    }

    @Test
    void theSameValueIsShared() {
        apply("ours", policy("a", "ALLOW", "x"));
        var shared = apply("theirs", policy("a", "ALLOW", "x"));
        var dropped = apply("ours", policy("a", "ALLOW", "x").replace(",\"action\":\"ALLOW\"", ""));

        assertThat(shared.status()).isEqualTo(200);
        assertThat(dropped.body().path("spec").path("action").asString())
                .as("theirs still wants it")
                .isEqualTo("ALLOW");
    }

    @Test
    void whatAManagerNoLongerAppliesGoesAway() {
        apply("ours", policy("a", "ALLOW", "x"));
        var less = apply(
                "ours",
                "{\"apiVersion\":\"security.istio.io/v1\",\"kind\":\"AuthorizationPolicy\","
                        + "\"metadata\":{\"name\":\"a\"},\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"x\"}}}}");

        assertThat(less.body().path("spec").has("rules")).isFalse();
        assertThat(less.body().path("spec").has("action")).isFalse();
        assertThat(less.body()
                        .path("spec")
                        .path("selector")
                        .path("matchLabels")
                        .path("app")
                        .asString())
                .isEqualTo("x");
    }

    @Test
    void mapsAreSharedKeyByKey() {
        var template = "{\"apiVersion\":\"security.istio.io/v1\",\"kind\":\"AuthorizationPolicy\","
            + "\"metadata\":{\"name\":\"a\",\"labels\":{\"%1$s\":\"1\"}},\"spec\":{\"selector\":{\"matchLabels\":{\"%1$s\":\"1\"}}}}";
        apply("ours", template.formatted("one"));
        var both = apply("theirs", template.formatted("two"));
        var left = apply(
                "ours",
                "{\"apiVersion\":\"security.istio.io/v1\",\"kind\":\"AuthorizationPolicy\",\"metadata\":{\"name\":\"a\"}}");

        assertThat(both.status()).isEqualTo(200);
        assertThat(both.body().path("spec").path("selector").path("matchLabels").size())
                .isEqualTo(2);
        assertThat(both.body().path("metadata").path("labels").size()).isEqualTo(2);
        assertThat(left.body().path("spec").path("selector").path("matchLabels").has("one"))
                .isFalse();
        assertThat(left.body().path("metadata").path("labels").has("two")).isTrue();
    }

    @Test
    void anEditByHandTakesTheFieldOver() {
        apply("ours", policy("a", "ALLOW", "x"));
        var edited = api().patch(policies + "/a?fieldManager=kubectl-edit", MERGE, "{\"spec\":{\"action\":\"DENY\"}}");
        var refused = apply("ours", policy("a", "ALLOW", "x"));

        assertThat(edited.status()).isEqualTo(200);
        assertThat(edited.body().path("metadata").path("managedFields").toString())
                .contains("\"kubectl-edit\"");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.message())
                .isEqualTo("Apply failed with 1 conflict: conflict with \"kubectl-edit\" using security.istio.io/v1:"
                        + " .spec.action");
    }

    @Test
    void anEditByHandOfTheSameManagerNameIsAnotherOwner() {
        apply("ours", policy("a", "ALLOW", "x"));
        api().patch(policies + "/a?fieldManager=ours", MERGE, "{\"spec\":{\"action\":\"DENY\"}}");

        assertThat(apply("ours", policy("a", "ALLOW", "x")).status()).isEqualTo(409);
    }

    @Test
    void aVersionInTheAppliedObjectIsAPrecondition() {
        var made = apply("ours", policy("a", "ALLOW", "x"));
        var version = ",\"resourceVersion\":\"" + made.version() + "\"}";
        var right = apply("ours", policy("a", "DENY", "x").replace("\"a\"}", "\"a\"" + version));
        var stale = apply("ours", policy("a", "ALLOW", "x").replace("\"a\"}", "\"a\"" + version));

        assertThat(right.status()).isEqualTo(200);
        assertThat(stale.status()).isEqualTo(409);
        assertThat(stale.message()).contains("the object has been modified");
    }

    @Test
    void theStateOfWhatIsGoneIsNoStateOfItsSuccessor() {
        var former = apply("ours", policy("a", "ALLOW", "x"));
        var expected = policy("a", "DENY", "x")
                .replace(
                        "\"a\"}",
                        "\"a\",\"uid\":\"%s\",\"resourceVersion\":\"%s\"}"
                                .formatted(
                                        former.body()
                                                .path("metadata")
                                                .path("uid")
                                                .asString(),
                                        former.version()));
        api().delete(policies + "/a");

        for (var how : List.of("&dryRun=All", "")) {
            var absent = api().apply(policies + "/a?fieldManager=ours" + how, expected);
            assertThat(absent.status()).isEqualTo(409);
            assertThat(absent.message()).contains("uid mismatch").contains("no existing object was found");
        }
        api().post(policies, policy("a", "ALLOW", "x"));
        for (var how : List.of("&dryRun=All", "")) {
            var owned = api().apply(policies + "/a?fieldManager=ours" + how, expected);
            var forced = api().apply(policies + "/a?fieldManager=ours&force=true" + how, expected);
            assertThat(List.of(owned.status(), forced.status())).containsOnly(409);
            assertThat(owned.message())
                    .as("who owns what comes before which version it is")
                    .startsWith("Apply failed with 1 conflict");
            assertThat(forced.message()).contains("the object has been modified");
        }
        assertThat(api().get(policies + "/a").body().path("spec").path("action").asString())
                .isEqualTo("ALLOW");
    }

    @Test
    void anotherUidInTheStateAsItIsIsInvalid() {
        apply("ours", policy("a", "ALLOW", "x"));
        var refused = apply(
                "ours", policy("a", "DENY", "x").replace("\"a\"}", "\"a\",\"uid\":\"%s\"}".formatted(UUID.randomUUID())));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.message()).contains("metadata.uid").endsWith("field is immutable");
    }

    @Test
    void whatNobodyOwnedIsOwnedByWhoWasThereBeforeTheFirstApply() {
        var made = api().post(policies, policy("a", "ALLOW", "x"));
        var untracked = api().patch(policies + "/a", MERGE, "{\"metadata\":{\"managedFields\":[{}]}}");
        var edited = api().patch(policies + "/a?fieldManager=hand", MERGE, "{\"spec\":{\"action\":\"AUDIT\"}}");
        var refused = apply("ours", policy("a", "DENY", "x"));

        assertThat(made.body().path("metadata").has("managedFields")).isTrue();
        assertThat(untracked.body().path("metadata").has("managedFields")).isFalse();
        assertThat(edited.body().path("metadata").has("managedFields")).isFalse();
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.message())
                .isEqualTo("Apply failed with 1 conflict: conflict with \"before-first-apply\" using"
                        + " security.istio.io/v1: .spec.action");
    }

    @Test
    void whoOwnsWhatCanBeWrittenAnewInAnExactState() {
        var made = apply("first", policy("a", "ALLOW", "x"));
        var version = made.body().path("metadata").path("resourceVersion").asString();
        var fields = made.body().path("metadata").path("managedFields").toString();
        var renamed = "{\"metadata\":{\"resourceVersion\":\"%s\",\"managedFields\":%s}}".formatted(version, fields.replace("\"first\"", "\"second\""));
        var given = api().patch(policies + "/a?fieldManager=hand", MERGE, renamed);
        var late = api().patch(policies + "/a?fieldManager=hand", MERGE, renamed);
        var notTheirs = apply("first", policy("a", "DENY", "x"));
        var theirs = apply("second", policy("a", "DENY", "x"));

        assertThat(given.status()).isEqualTo(200);
        assertThat(given.body().path("metadata").path("managedFields")).hasToString(fields.replace("\"first\"", "\"second\""));
        assertThat(given.body().path("metadata").path("generation").asInt()).isEqualTo(1);
        assertThat(given.body().path("metadata").path("resourceVersion").asString()).isNotEqualTo(version);
        assertThat(late.status()).isEqualTo(409);
        assertThat(notTheirs.status()).isEqualTo(409);
        assertThat(notTheirs.message()).contains("conflict with \"second\"");
        assertThat(theirs.status()).isEqualTo(200);
    }

    @Test
    void whoOwnsWhatStaysWhereTheClientSaysNothingReadable() {
        var made = apply("first", policy("a", "ALLOW", "x"));
        for (var unreadable : List.of(
                "[]",
                "[{\"manager\":\"second\",\"operation\":\"Apply\",\"apiVersion\":\"security.istio.io/v1\",\"fieldsV1\":{}}]",
                "[{\"manager\":\"second\",\"operation\":\"Own\",\"apiVersion\":\"security.istio.io/v1\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{}}]")) {
            var said = api().patch(policies + "/a", MERGE, "{\"metadata\":{\"managedFields\":%s}}".formatted(unreadable));

            assertThat(said.status()).as(unreadable).isEqualTo(200);
            assertThat(said.body().path("metadata").path("managedFields")).as(unreadable)
                    .isEqualTo(made.body().path("metadata").path("managedFields"));
        }
    }

    @Test
    void everyPortIsOwnedByItself() {
        var peers = policies.replace("authorizationpolicies", "peerauthentications");
        var made = api().apply(
                        peers + "/a?fieldManager=ours",
                        "{\"apiVersion\":\"security.istio.io/v1\",\"kind\":\"PeerAuthentication\",\"metadata\":{\"name\":\"a\"},"
                                + "\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"x\"}},\"portLevelMtls\":{\"80\":{\"mode\":\"STRICT\"}}}}");
        var ports = made.body()
                .path("metadata")
                .path("managedFields")
                .get(0)
                .path("fieldsV1")
                .path("f:spec")
                .path("f:portLevelMtls");
        api().delete(peers + "/a");

        assertThat(ports.toString()).isEqualTo("{\"f:80\":{\".\":{},\"f:mode\":{}}}");
    }

    @Test
    void applyNeedsAManagerAndNoForceElsewhere() {
        var anonymous = api().apply(policies + "/a", policy("a", "ALLOW", "x"));
        assertThat(anonymous.status()).isEqualTo(422);
        assertThat(anonymous.message()).contains("fieldManager: Required value: is required for apply patch");

        apply("ours", policy("a", "ALLOW", "x"));
        var forced = api().patch(policies + "/a?force=true", MERGE, "{}");
        assertThat(forced.status()).isEqualTo(422);
        assertThat(forced.message()).contains("force: Forbidden: may not be specified for non-apply patch");
    }

    @Test
    void aNameThatIsNotTheOneOfTheUrlIsRefused() {
        assertThat(apply("ours", policy("b", "ALLOW", "x")).status()).isEqualTo(400);
        assertThat(apply("ours", policy("a", "ALLOW", "x").replace("{\"name\":\"a\"}", "{}"))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void theLibraryWeUseApplies() {
        var context = new ResourceDefinitionContext.Builder()
                .withGroup("security.istio.io")
                .withVersion("v1")
                .withKind("AuthorizationPolicy")
                .withPlural("authorizationpolicies")
                .withNamespaced(true)
                .build();
        var ours = Serialization.unmarshal(policy("a", "ALLOW", "x"), GenericKubernetesResource.class);
        var how = new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("ours")
                .withForce(false)
                .withFieldValidation("Strict")
                .build();

        var made = api().client()
                .genericKubernetesResources(context)
                .inNamespace(namespace)
                .resource(ours)
                .patch(how);

        assertThat(made.getMetadata().getUid()).isNotEmpty();
        var read = api().client()
                .genericKubernetesResources(context)
                .inNamespace(namespace)
                .withName("a")
                .get();
        assertThat(read.getMetadata().getManagedFields().getFirst().getManager())
                .isEqualTo("ours");
    }

    private Api.Reply apply(String manager, String body) {
        return api().apply(policies + "/a?fieldManager=" + manager, body);
    }
}
