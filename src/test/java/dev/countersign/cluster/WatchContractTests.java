package dev.countersign.cluster;

import static dev.countersign.cluster.Api.MERGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The contract of lists and watches: a list is one view with a version, and a watch goes on exactly from there.
class WatchContractTests extends ClusterContract {

    @Test
    void aListIsReadInPages() {
        for (var name : List.of("a", "b", "c")) {
            api().post(policies, policy(name, "ALLOW", "x"));
        }
        var first = api().get(policies + "?limit=2").body();
        var token = first.path("metadata").path("continue").asString("");
        api().post(policies, policy("d", "ALLOW", "x"));
        var second = api().get(policies + "?limit=2&continue=" + token).body();

        assertThat(names(first.path("items"))).containsExactly("a", "b");
        assertThat(first.path("metadata").path("remainingItemCount").asInt()).isEqualTo(1);
        assertThat(names(second.path("items")))
                .as("as it was when the list began")
                .containsExactly("c");
        assertThat(second.path("metadata").path("continue").asString("")).isEmpty();
        assertThat(second.path("metadata").path("resourceVersion").asString())
                .isEqualTo(first.path("metadata").path("resourceVersion").asString());
    }

    @Test
    void theVersionZeroIsReadWhole() {
        for (var name : List.of("a", "b")) {
            api().post(policies, policy(name, "ALLOW", "x"));
        }
        var version = api().get(policies).version();
        api().watch(policies + "?watch=true&timeoutSeconds=1&resourceVersion=" + version)
                .join(); // by then even a cache has heard of both

        var whole = api().get(policies + "?limit=1&resourceVersion=0").body();

        assertThat(names(whole.path("items"))).containsExactly("a", "b");
        assertThat(whole.path("metadata").path("continue").asString("")).isEmpty();
    }

    @Test
    void aTokenToContinueWithIsTheServersOwn() {
        assertThat(api().get(policies + "?limit=1&continue=abc").status()).isEqualTo(400);
        assertThat(api().get(policies + "?labelSelector=a%3D%3D%3D").status()).isEqualTo(400);
    }

    @Test
    void aListOfAllNamespacesHoldsThisOne() {
        api().post(policies, policy("a", "ALLOW", "x"));
        var all = api().get("/apis/security.istio.io/v1/authorizationpolicies?fieldSelector=metadata.namespace="
                        + namespace)
                .body();

        assertThat(all.path("kind").asString()).isEqualTo("AuthorizationPolicyList");
        assertThat(names(all.path("items"))).containsExactly("a");
    }

    @Test
    void labelsAndFieldsSelect() {
        labelled("a", "{\"app\":\"x\",\"tier\":\"front\"}");
        labelled("b", "{\"app\":\"y\"}");
        labelled("c", "{}");

        assertThat(selected("labelSelector=app=x")).containsExactly("a");
        assertThat(selected("labelSelector=app!=x")).containsExactly("b", "c");
        assertThat(selected("labelSelector=app")).containsExactly("a", "b");
        assertThat(selected("labelSelector=!app")).containsExactly("c");
        assertThat(selected("labelSelector=app+in+(x,y),tier")).containsExactly("a");
        assertThat(selected("labelSelector=app+notin+(x)")).containsExactly("b", "c");
        assertThat(selected("fieldSelector=metadata.name=b")).containsExactly("b");
        assertThat(api().get(policies + "?fieldSelector=spec.rules=b").status()).isEqualTo(400);
    }

    @Test
    void aWatchTellsWhatHappensAfterItsVersion() throws Exception {
        api().post(policies, policy("before", "ALLOW", "x"));
        var from = api().get(policies).version();
        var watch = api().watch(policies + "?watch=true&timeoutSeconds=3&resourceVersion=" + from);
        api().post(policies, policy("a", "ALLOW", "x"));
        api().patch(policies + "/a", MERGE, "{\"spec\":{\"action\":\"DENY\"}}");
        api().delete(policies + "/a");

        var events = watch.get(30, TimeUnit.SECONDS).events();

        assertThat(events).extracting(e -> e.path("type").asString()).containsExactly("ADDED", "MODIFIED", "DELETED");
        assertThat(events)
                .allMatch(e -> e.path("object")
                        .path("metadata")
                        .path("name")
                        .asString()
                        .equals("a"));
        assertThat(events.get(1).path("object").path("spec").path("action").asString())
                .isEqualTo("DENY");
        assertThat(events)
                .extracting(e -> Long.parseLong(e.path("object")
                        .path("metadata")
                        .path("resourceVersion")
                        .asString()))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void aWatchResumesWithoutLossOrRepetition() throws Exception {
        var from = api().get(policies).version();
        var first = api().post(policies, policy("a", "ALLOW", "x"));
        api().post(policies, policy("b", "ALLOW", "x"));

        var all = api().watch(policies + "?watch=true&timeoutSeconds=1&resourceVersion=" + from)
                .get(30, TimeUnit.SECONDS);
        var rest = api().watch(policies + "?watch=true&timeoutSeconds=1&resourceVersion=" + first.version())
                .get(30, TimeUnit.SECONDS);

        assertThat(all.events()).hasSize(2);
        assertThat(rest.events()).hasSize(1);
        assertThat(rest.events()
                        .getFirst()
                        .path("object")
                        .path("metadata")
                        .path("name")
                        .asString())
                .isEqualTo("b");
    }

    @Test
    void aWatchWithoutAVersionBeginsWithWhatIsThere() throws Exception {
        api().post(policies, policy("a", "ALLOW", "x"));
        var events = api().watch(policies + "?watch=true&timeoutSeconds=1")
                .get(30, TimeUnit.SECONDS)
                .events();

        assertThat(events).hasSize(1);
        assertThat(events.getFirst().path("type").asString()).isEqualTo("ADDED");
    }

    @Test
    void whatLeavesTheSelectionIsDeletedForTheWatcher() throws Exception {
        labelled("a", "{\"app\":\"x\"}");
        var from = api().get(policies).version();
        var watch = api().watch(policies + "?watch=true&timeoutSeconds=2&labelSelector=app=x&resourceVersion=" + from);
        api().patch(policies + "/a", MERGE, "{\"metadata\":{\"labels\":{\"app\":\"y\"}}}");
        api().patch(policies + "/a", MERGE, "{\"metadata\":{\"labels\":{\"app\":\"x\"}}}");

        var events = watch.get(30, TimeUnit.SECONDS).events();

        assertThat(events).extracting(e -> e.path("type").asString()).containsExactly("DELETED", "ADDED");
    }

    @Test
    void aVersionLongGoneIsExpired() throws Exception {
        var events = api().watch(policies + "?watch=true&timeoutSeconds=5&resourceVersion=1")
                .get(30, TimeUnit.SECONDS)
                .events();

        assertThat(events).hasSize(1);
        assertThat(events.getFirst().path("type").asString()).isEqualTo("ERROR");
        assertThat(events.getFirst().path("object").path("code").asInt()).isEqualTo(410);
        assertThat(events.getFirst().path("object").path("reason").asString()).isEqualTo("Expired");
    }

    @Test
    void anInformerOfTheLibraryWeUseSeesEveryChange() throws Exception {
        var seen = new LinkedBlockingQueue<String>();
        var maps = api().client().configMaps().inNamespace(namespace);
        try (var informer = maps.inform(new ResourceEventHandler<ConfigMap>() {
            @Override
            public void onAdd(ConfigMap map) {
                seen.add("added " + map.getMetadata().getName());
            }

            @Override
            public void onUpdate(ConfigMap before, ConfigMap after) {
                seen.add("changed " + after.getMetadata().getName());
            }

            @Override
            public void onDelete(ConfigMap map, boolean unknown) {
                seen.add("deleted " + map.getMetadata().getName());
            }
        })) {
            var one = new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName("one")
                    .endMetadata()
                    .addToData("k", "v")
                    .build();
            maps.resource(one).create();
            maps.withName("one")
                    .edit(map -> new ConfigMapBuilder(map).addToData("k", "w").build());
            maps.withName("one").delete();

            var told = new ArrayList<String>();
            while (told.size() < 3) {
                var next = seen.poll(20, TimeUnit.SECONDS);
                assertThat(next).as("after %s", told).isNotNull();
                if (next.endsWith("one")) {
                    told.add(next);
                }
            }
            assertThat(told).containsExactly("added one", "changed one", "deleted one");
            assertThat(informer.isRunning()).isTrue();
        }
    }

    private void labelled(String name, String labels) {
        var made = api().post(
                        policies,
                        policy(name, "ALLOW", "x")
                                .replace("\"metadata\":{", "\"metadata\":{\"labels\":" + labels + ","));
        assertThat(made.status()).isEqualTo(201);
    }

    private List<String> selected(String query) {
        return names(api().get(policies + "?" + query).body().path("items"));
    }

    private static List<String> names(tools.jackson.databind.JsonNode items) {
        var names = new ArrayList<String>();
        items.forEach(item -> names.add(item.path("metadata").path("name").asString()));
        return names;
    }
}
