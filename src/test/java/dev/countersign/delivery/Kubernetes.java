package dev.countersign.delivery;

import dev.countersign.demo.cluster.EmbeddedCluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The outsider at the cluster: looks and meddles with the Kubernetes client, as an administrator of the cluster.
public final class Kubernetes {
    private static final ResourceDefinitionContext POLICIES = new ResourceDefinitionContext.Builder()
            .withGroup("security.istio.io").withVersion("v1").withKind("AuthorizationPolicy").withPlural("authorizationpolicies").withNamespaced(true).build();

    private final KubernetesClient client;

    public Kubernetes(EmbeddedCluster cluster) {
        this.client = new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(cluster.kubeconfig("admin"))).build();
    }

    public Optional<Map<String, Object>> policy(String namespace, String name) {
        return Optional.ofNullable(client.genericKubernetesResources(POLICIES).inNamespace(namespace).withName(name).get()).map(Kubernetes::tree);
    }

    /// Replaces the rules by one that lets everyone in, as another field manager, by force.
    public void openToEveryone(String namespace, String name, String manager) {
        GenericKubernetesResource open = resource(namespace, name);
        open.setAdditionalProperty("spec", Map.of("rules", List.of(Map.of())));
        client.genericKubernetesResources(POLICIES).inNamespace(namespace).resource(open)
                .patch(new PatchContext.Builder().withPatchType(PatchType.SERVER_SIDE_APPLY).withFieldManager(manager).withForce(true).build());
    }

    /// As Argo CD or Flux applies a file of a repository.
    public void applyFile(String yaml, String manager) {
        GenericKubernetesResource resource = new io.fabric8.kubernetes.client.utils.KubernetesSerialization().unmarshal(yaml, GenericKubernetesResource.class);
        client.genericKubernetesResources(POLICIES).inNamespace(resource.getMetadata().getNamespace()).resource(resource)
                .patch(new PatchContext.Builder().withPatchType(PatchType.SERVER_SIDE_APPLY).withFieldManager(manager).withForce(true).build());
    }

    /// By hand: the policy then matches nothing.
    void closeToEveryone(String namespace, String name) {
        client.genericKubernetesResources(POLICIES).inNamespace(namespace).withName(name).edit(policy -> {
            Map<String, Object> spec = new java.util.HashMap<>((Map<String, Object>) policy.getAdditionalProperties().get("spec"));
            spec.remove("rules");
            policy.setAdditionalProperty("spec", spec);
            return policy;
        });
    }

    public void delete(String namespace, String name) {
        client.genericKubernetesResources(POLICIES).inNamespace(namespace).withName(name).delete();
    }

    void deleteNamespace(String name) {
        client.namespaces().withName(name).delete();
    }

    void createNamespace(String name) {
        client.namespaces().resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build()).create();
    }

    /// A change that no call feels.
    public void label(String namespace, String name, String label, String value) {
        client.genericKubernetesResources(POLICIES).inNamespace(namespace).withName(name).edit(policy -> {
            Map<String, String> labels = new java.util.HashMap<>(Optional.ofNullable(policy.getMetadata().getLabels()).orElse(Map.of()));
            labels.put(label, value);
            policy.getMetadata().setLabels(labels);
            return policy;
        });
    }

    Map<String, Object> foreignPolicy(String namespace, String name) {
        return foreignPolicy(namespace, name, Map.of());
    }

    Map<String, Object> foreignPolicy(String namespace, String name, Map<String, String> labels) {
        return Map.of("apiVersion", "security.istio.io/v1", "kind", "AuthorizationPolicy", "metadata", Map.of("namespace", namespace, "name", name, "labels", labels),
                "spec", Map.of("rules", List.of(Map.of("from", List.of(Map.of("source", Map.of("principals", List.of("cluster.local/ns/foreign/sa/foreign"))))))));
    }

    @SuppressWarnings("unchecked")
    public List<Map<String, Object>> rules(Map<String, Object> policy) {
        Map<String, Object> spec = (Map<String, Object>) policy.get("spec");
        return (List<Map<String, Object>>) spec.getOrDefault("rules", List.of());
    }

    @SuppressWarnings("unchecked")
    public List<String> principals(Map<String, Object> policy) {
        return rules(policy).stream()
                .flatMap(rule -> ((List<Map<String, Object>>) rule.getOrDefault("from", List.of())).stream())
                .flatMap(from -> ((List<String>) ((Map<String, Object>) from.get("source")).get("principals")).stream())
                .sorted()
                .toList();
    }

    @SuppressWarnings("unchecked")
    Map<String, Object> selector(Map<String, Object> policy) {
        return (Map<String, Object>) ((Map<String, Object>) ((Map<String, Object>) policy.get("spec")).get("selector")).get("matchLabels");
    }

    @SuppressWarnings("unchecked")
    String annotation(Map<String, Object> policy, String name) {
        return ((Map<String, String>) ((Map<String, Object>) policy.get("metadata")).get("annotations")).get(name);
    }

    @SuppressWarnings("unchecked")
    long generation(Map<String, Object> policy) {
        return ((Number) ((Map<String, Object>) policy.get("metadata")).get("generation")).longValue();
    }

    private static GenericKubernetesResource resource(String namespace, String name) {
        GenericKubernetesResource resource = new GenericKubernetesResource();
        resource.setApiVersion("security.istio.io/v1");
        resource.setKind("AuthorizationPolicy");
        resource.setMetadata(new io.fabric8.kubernetes.api.model.ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        return resource;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> tree(HasMetadata object) {
        return new io.fabric8.kubernetes.client.utils.KubernetesSerialization().convertValue(object, Map.class);
    }
}
