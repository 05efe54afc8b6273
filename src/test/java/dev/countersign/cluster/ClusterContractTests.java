package dev.countersign.cluster;

import static dev.countersign.cluster.Api.APPLY;
import static dev.countersign.cluster.Api.MERGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// The contract of objects: created, read, changed, refused, deleted, each once and by its rules.
class ClusterContractTests extends ClusterContract {
    @Test
    void aNewObjectGetsAnIdentityAVersionAndItsFirstGeneration() {
        var made = api().post(policies, policy("a", "ALLOW", "x"));

        assertThat(made.status()).isEqualTo(201);
        var metadata = made.body().path("metadata");
        assertThat(metadata.path("uid").asString()).hasSize(36);
        assertThat(metadata.path("creationTimestamp").asString()).endsWith("Z");
        assertThat(metadata.path("generation").asInt()).isEqualTo(1);
        assertThat(made.version()).isNotEmpty();
        assertThat(metadata.path("namespace").asString()).isEqualTo(namespace);
    }

    @Test
    void whatIsMissingIsNotFound() {
        var reply = api().get(policies + "/nobody");

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.reason()).isEqualTo("NotFound");
        assertThat(reply.message()).isEqualTo("authorizationpolicies.security.istio.io \"nobody\" not found");
    }

    @Test
    void anObjectIsCreatedOnce() {
        api().post(policies, policy("a", "ALLOW", "x"));
        var again = api().post(policies, policy("a", "ALLOW", "x"));

        assertThat(again.status()).isEqualTo(409);
        assertThat(again.reason()).isEqualTo("AlreadyExists");
        assertThat(again.message()).isEqualTo("authorizationpolicies.security.istio.io \"a\" already exists");
    }

    @Test
    void theNamespaceMustExist() {
        var elsewhere = policies.replace(namespace, "no-such-namespace");
        var created = api().post(elsewhere, policy("a", "ALLOW", "x"));
        var applied = api().apply(elsewhere + "/a?fieldManager=m", policy("a", "ALLOW", "x"));

        assertThat(created.status()).isEqualTo(404);
        assertThat(created.message()).isEqualTo("namespaces \"no-such-namespace\" not found");
        assertThat(applied.status()).isEqualTo(404);
        assertThat(applied.message()).isEqualTo("namespaces \"no-such-namespace\" not found");
    }

    @Test
    void aBadNameIsInvalid() {
        var reply = api().post(policies, policy("Not_A_Name", "ALLOW", "x"));

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.reason()).isEqualTo("Invalid");
        assertThat(reply.body()
                        .path("details")
                        .path("causes")
                        .get(0)
                        .path("field")
                        .asString())
                .isEqualTo("metadata.name");
    }

    @Test
    void aBadLabelIsInvalid() {
        var reply = api().post(
                        policies,
                        policy("a", "ALLOW", "x")
                                .replace("\"metadata\":{", "\"metadata\":{\"labels\":{\"a\":\"b c\"},"));

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.body()
                        .path("details")
                        .path("causes")
                        .get(0)
                        .path("field")
                        .asString())
                .isEqualTo("metadata.labels");
    }

    @Test
    void aStaleUpdateIsAConflict() {
        var first = api().post(policies, policy("a", "ALLOW", "x"));
        var stale = first.body().toString().replace("ALLOW", "DENY");
        assertThat(api().patch(policies + "/a", MERGE, "{\"metadata\":{\"annotations\":{\"k\":\"v\"}}}")
                        .status())
                .isEqualTo(200);

        var reply = api().put(policies + "/a", stale);

        assertThat(reply.status()).isEqualTo(409);
        assertThat(reply.reason()).isEqualTo("Conflict");
        assertThat(reply.message())
                .isEqualTo("Operation cannot be fulfilled on authorizationpolicies.security.istio.io \"a\": the "
                        + "object has been modified; please apply your changes to the latest version and try again");
    }

    @Test
    void anUpdateMustSayOfWhichVersion() {
        api().post(policies, policy("a", "ALLOW", "x"));

        var reply = api().put(policies + "/a", policy("a", "DENY", "x"));

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.message()).contains("metadata.resourceVersion").contains("must be specified for an update");
    }

    @Test
    void anUpdateWithoutChangeKeepsTheVersion() {
        var first = api().post(policies, policy("a", "ALLOW", "x"));

        var second = api().put(policies + "/a", first.body());

        assertThat(second.status()).isEqualTo(200);
        assertThat(second.version()).isEqualTo(first.version());
    }

    @Test
    void theGenerationRisesOnlyWithTheSpec() {
        var made = api().post(policies, policy("a", "ALLOW", "x"));
        var annotated = api().patch(policies + "/a", MERGE, "{\"metadata\":{\"annotations\":{\"k\":\"v\"}}}");
        var changed = api().patch(policies + "/a", MERGE, "{\"spec\":{\"action\":\"DENY\"}}");

        assertThat(generation(made)).isEqualTo(1);
        assertThat(generation(annotated)).isEqualTo(1);
        assertThat(annotated.version()).isNotEqualTo(made.version());
        assertThat(generation(changed)).isEqualTo(2);
    }

    @Test
    void statusIsWrittenBesideTheObjectAndLeavesTheGeneration() {
        api().post(policies, policy("a", "ALLOW", "x"));
        var aside = api().patch(policies + "/a", MERGE, "{\"status\":{\"observedGeneration\":7}}");
        var status = api().patch(
                        policies + "/a/status",
                        MERGE,
                        "{\"status\":{\"observedGeneration\":7},\"spec\":{\"action\":\"DENY\"}}");

        assertThat(aside.body().path("status").isMissingNode()).isTrue();
        assertThat(status.body().path("status").path("observedGeneration").asInt())
                .isEqualTo(7);
        assertThat(status.body().path("spec").path("action").asString()).isEqualTo("ALLOW");
        assertThat(generation(status)).isEqualTo(1);
    }

    @Test
    void aJsonPatchTestsBeforeItChanges() {
        api().post(policies, policy("a", "ALLOW", "x"));
        var type = "application/json-patch+json";
        var refused = api().patch(
                        policies + "/a",
                        type,
                        "[{\"op\":\"test\",\"path\":\"/spec/action\",\"value\":\"DENY\"},{\"op\":\"remove\",\"path\":\"/spec/rules\"}]");
        var done = api().patch(
                        policies + "/a",
                        type,
                        "[{\"op\":\"test\",\"path\":\"/spec/action\",\"value\":\"ALLOW\"},{\"op\":\"replace\",\"path\":\"/spec/action\",\"value\":\"DENY\"}]");

        assertThat(refused.status()).isEqualTo(422);
        assertThat(done.status()).isEqualTo(200);
        assertThat(done.body().path("spec").path("action").asString()).isEqualTo("DENY");
        assertThat(done.body().path("spec").path("rules").size()).isEqualTo(1);
    }

    @Test
    void deletionKeepsItsPreconditions() {
        var made = api().post(policies, policy("a", "ALLOW", "x"));
        var options = "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"preconditions\":{\"%s\":\"%s\"}}";
        var otherUid = api().delete(policies + "/a", options.formatted("uid", UUID.randomUUID()));
        var otherVersion = api().delete(policies + "/a", options.formatted("resourceVersion", "1"));
        var right = api().delete(
                        policies + "/a",
                        options.formatted(
                                "uid", made.body().path("metadata").path("uid").asString()));

        assertThat(otherUid.status()).isEqualTo(409);
        assertThat(otherUid.message()).contains("the UID in the precondition (").contains("does not match the UID in record");
        assertThat(otherVersion.status()).isEqualTo(409);
        assertThat(right.status()).isEqualTo(200);
        assertThat(api().get(policies + "/a").status()).isEqualTo(404);
        assertThat(api().delete(policies + "/a").status()).isEqualTo(404);
    }

    @Test
    void whatHasFinalizersStaysUntilTheLastOfThemIsGone() {
        var held = policy("a", "ALLOW", "x").replace("\"metadata\":{", "\"metadata\":{\"finalizers\":[\"example.com/wait\"],");
        api().post(policies, held);
        var deleted = api().delete(policies + "/a");
        var waiting = api().get(policies + "/a");
        var changed = api().patch(policies + "/a", MERGE, "{\"spec\":{\"action\":\"DENY\"}}");
        var freed = api().patch(policies + "/a", MERGE, "{\"metadata\":{\"finalizers\":null}}");

        assertThat(deleted.status()).isEqualTo(200);
        assertThat(deleted.body().path("kind").asString())
                .as("the object as it waits, not a success")
                .isEqualTo("AuthorizationPolicy");
        assertThat(waiting.status()).isEqualTo(200);
        assertThat(waiting.body().path("metadata").path("deletionTimestamp").asString())
                .endsWith("Z");
        assertThat(generation(waiting)).isEqualTo(2);
        assertThat(changed.status()).as("it can still be changed").isEqualTo(200);
        assertThat(freed.status()).isEqualTo(200);
        assertThat(api().get(policies + "/a").status()).isEqualTo(404);
    }

    @Test
    void aNullIsDroppedOnCreationAndRefusedUnderApply() {
        var body = policy("a", "ALLOW", "x").replace("\"ALLOW\"", "null");
        var created = api().post(policies + "?dryRun=All&fieldValidation=Strict", body);
        var applied = api().apply(policies + "/a?fieldManager=m&dryRun=All", body);

        assertThat(created.status()).as(created.message()).isEqualTo(201);
        assertThat(created.body().path("spec").has("action")).isFalse();
        assertThat(applied.status()).isEqualTo(422);
        assertThat(applied.message()).contains("spec.action in body must be of type string: \"null\"");
    }

    @Test
    void howAWriteIsToBeDoneIsCheckedFirst() {
        var refusals = List.of(
                api().apply(policies + "/a?fieldManager=" + "m".repeat(129), policy("a", "ALLOW", "x")),
                api().apply(policies + "/a?fieldManager=m&dryRun=Some", policy("a", "ALLOW", "x")),
                api().post(policies + "?fieldValidation=Hard", policy("a", "ALLOW", "x")));

        assertThat(refusals).extracting(Api.Reply::status).containsOnly(422);
        assertThat(refusals.get(0).message()).endsWith("fieldManager: Too long: may not be more than 128 bytes");
        assertThat(refusals.get(1).message()).contains("dryRun: Unsupported value: [\"Some\"]");
        assertThat(refusals.get(2).message()).contains("fieldValidation: Unsupported value: \"Hard\"");
        assertThat(api().get(policies + "/a").status()).isEqualTo(404);
    }

    @Test
    void aLabelIsText() {
        var numbered = policy("a", "ALLOW", "x").replace("\"metadata\":{", "\"metadata\":{\"labels\":{\"k\":1},");

        assertThat(api().apply(policies + "/a?fieldManager=m", numbered).message())
                .contains("failed to create typed patch object", ".metadata.labels.k: expected string");
    }

    @Test
    void bothVersionsShowTheSameObject() {
        var made = api().post(policies, policy("a", "ALLOW", "x"));
        var older = api().get(policies.replace("/v1/", "/v1beta1/") + "/a");

        assertThat(older.body().path("apiVersion").asString()).isEqualTo("security.istio.io/v1beta1");
        assertThat(older.version()).isEqualTo(made.version());
        assertThat(older.body().path("spec")).isEqualTo(made.body().path("spec"));
    }

    @Test
    void aDryRunStoresNothing() {
        var created = api().post(policies + "?dryRun=All", policy("a", "ALLOW", "x"));
        assertThat(created.status()).isEqualTo(201);
        assertThat(api().get(policies + "/a").status()).isEqualTo(404);

        var applied = api().apply(policies + "/a?fieldManager=m&dryRun=All", policy("a", "ALLOW", "x"));
        assertThat(applied.status()).isEqualTo(201);
        assertThat(api().get(policies + "/a").status()).isEqualTo(404);

        var real = api().apply(policies + "/a?fieldManager=m", policy("a", "ALLOW", "x"));
        var changed = api().apply(policies + "/a?fieldManager=m&dryRun=All", policy("a", "DENY", "x"));
        assertThat(changed.body().path("spec").path("action").asString()).isEqualTo("DENY");
        assertThat(api().delete(policies + "/a?dryRun=All").status()).isEqualTo(200);
        var after = api().get(policies + "/a");
        assertThat(after.version()).isEqualTo(real.version());
        assertThat(after.body().path("spec").path("action").asString()).isEqualTo("ALLOW");
    }

    @Test
    void anUnknownFieldIsRefusedWarnedOfOrDropped() {
        var body = policy("a", "ALLOW", "x").replace("\"action\"", "\"foo\":1,\"action\"");
        var strict = api().post(policies + "?fieldValidation=Strict", body);
        var warned = api().post(policies + "?fieldValidation=Warn&dryRun=All", body);
        var ignored = api().post(policies + "?fieldValidation=Ignore&dryRun=All", body);

        assertThat(strict.status()).isEqualTo(400);
        assertThat(strict.message()).contains("strict decoding error: unknown field \"spec.foo\"");
        assertThat(warned.status()).isEqualTo(201);
        assertThat(header(warned, "warning")).contains("unknown field").contains("spec.foo");
        assertThat(warned.body().path("spec").has("foo")).isFalse();
        assertThat(ignored.status()).isEqualTo(201);
        assertThat(header(ignored, "warning")).isEmpty();
        assertThat(ignored.body().path("spec").has("foo")).isFalse();
    }

    @Test
    void anUnknownFieldUnderApplyIsAnInternalError() {
        var body = policy("a", "ALLOW", "x").replace("\"action\"", "\"foo\":1,\"action\"");
        var reply = api().apply(policies + "/a?fieldManager=m&fieldValidation=Strict", body);

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.message()).contains(".spec.foo: field not declared in schema");
    }

    @Test
    void aBadEnumIsInvalidAndHidesTheOtherRules() {
        var reply = api().apply(policies + "/a?fieldManager=m", policy("a", "PERHAPS", "x"));

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.reason()).isEqualTo("Invalid");
        assertThat(reply.message())
                .contains("spec.action: Unsupported value: \"PERHAPS\": supported values:")
                .contains("some validation rules were not checked");
        assertThat(reply.body()
                        .path("details")
                        .path("causes")
                        .get(0)
                        .path("reason")
                        .asString())
                .isEqualTo("FieldValueNotSupported");
    }

    @Test
    void aSelectorAndATargetTogetherAreInvalid() {
        var body = policy("a", "ALLOW", "x")
                .replace(
                        "\"action\"",
                        "\"targetRefs\":[{\"group\":\"\",\"kind\":\"Service\",\"name\":\"s\"}],\"action\"");
        var reply = api().post(policies + "?dryRun=All", body);

        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.message()).contains("only one of targetRefs or selector can be set");
    }

    @Test
    void aNamespaceThatIsBeingDeletedTakesNothingNew() {
        assertThat(api().delete("/api/v1/namespaces/" + namespace).status()).isIn(200, 202);

        var refused = api().post(policies, policy("late", "ALLOW", "x"));

        assertThat(refused.status()).as(refused.message()).isIn(403, 404);
    }

    @Test
    void aDeletedNamespaceTakesItsContentAlong() {
        api().post(policies, policy("a", "ALLOW", "x"));
        assertThat(api().delete("/api/v1/namespaces/" + namespace).status()).isIn(200, 202);
        assumeFalse(isAbandoned(api(), namespace), "skipped: this API server runs without a namespace controller");

        for (int i = 0; i < 300 && api().get("/api/v1/namespaces/" + namespace).status() != 404; i++) {
            pause();
        }

        assertThat(api().get("/api/v1/namespaces/" + namespace).status()).isEqualTo(404);
        assertThat(api().get(policies + "/a").status()).isEqualTo(404);
    }

    @Test
    void oneMayAskWhatOneMayDo() {
        var reply = api().post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", """
            {"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":
            {"namespace":"%s","verb":"patch","group":"security.istio.io","resource":"authorizationpolicies"}}}\
            """.formatted(namespace));

        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.body().path("status").path("allowed").asBoolean()).isTrue();
    }

    @Test
    void discoveryNamesTheKindsAndTheirVerbs() {
        var resources = api().get("/apis/security.istio.io/v1").body().path("resources");
        var names = new ArrayList<String>();
        resources.forEach(resource -> names.add(resource.path("name").asString()));
        var crd = api().get(
                        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/authorizationpolicies.security.istio.io");

        assertThat(names).contains("authorizationpolicies", "peerauthentications", "requestauthentications");
        resources.forEach(resource -> {
            if (resource.path("name").asString().equals("authorizationpolicies")) {
                assertThat(Api.texts(resource.path("verbs")))
                        .contains("get", "list", "watch", "create", "patch", "delete");
            }
        });
        assertThat(crd.body().path("spec").path("group").asString()).isEqualTo("security.istio.io");
        assertThat(api().get("/version").body().path("gitVersion").asString()).startsWith("v1.");
    }

    @Test
    void aKindThatIsNotThereIsNoStatus() {
        var missing = api().get(policies.replace("authorizationpolicies", "nothings"));
        var version = api().apply(policies.replace("/v1/", "/v9/") + "/a?fieldManager=m", policy("a", "ALLOW", "x"));

        assertThat(List.of(missing.status(), version.status())).containsOnly(404);
        assertThat(missing.text()).isEqualTo("404 page not found\n");
    }

    @Test
    void aTableIsServedToWhoAsksForOne() {
        api().post(policies, policy("a", "DENY", "x"));
        var table = api().get(policies, "application/json;as=Table;g=meta.k8s.io;v=v1")
                .body();

        assertThat(table.path("kind").asString()).isEqualTo("Table");
        assertThat(table.path("columnDefinitions").get(0).path("name").asString())
                .isEqualTo("Name");
        assertThat(Api.texts(table.path("rows").get(0).path("cells"))).startsWith("a", "DENY");
    }

    @Test
    void aPatchOfAnUnknownTypeIsRefused() {
        api().post(policies, policy("a", "ALLOW", "x"));

        assertThat(api().patch(policies + "/a", "text/plain", "{}").status()).isEqualTo(415);
        assertThat(api().patch(policies + "/a", "application/strategic-merge-patch+json", "{}")
                        .status())
                .as("only of built-in kinds")
                .isEqualTo(415);
        assertThat(api().patch(policies + "/a", APPLY, policy("a", "ALLOW", "x"))
                        .status())
                .isEqualTo(422);
    }
}
