package dev.countersign.clusters.web;

import dev.countersign.clusters.RegistrationForm;
import dev.countersign.clusters.RegistrationForm.PathRule;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the registration form sends. The kubeconfig is never drawn again, not even after a refusal.
public record ClusterForm(
        @Nullable String name,
        @Nullable String kubeconfig,
        @Nullable String namespaces,
        @Nullable String trustDomain,
        @Nullable String trustDomainAliases,
        @Nullable String rootNamespace,
        @Nullable String pathNormalization) {
    static final ClusterForm EMPTY =
            new ClusterForm("", "", "", RegistrationForm.TRUST_DOMAIN, "", RegistrationForm.ROOT_NAMESPACE, PathRule.BASE.name());

    RegistrationForm parsed() {
        return new RegistrationForm(text(name), Optional.of(text(kubeconfig)).filter(text -> !text.isBlank()), names(text(namespaces)),
                text(trustDomain), names(text(trustDomainAliases)), text(rootNamespace), rule());
    }

    /// Separated by anything that no name has.
    static List<String> names(String text) {
        return Arrays.stream(text.split("[\\s,;]+")).filter(name -> !name.isEmpty()).limit(1_000).toList();
    }

    private PathRule rule() {
        return Arrays.stream(PathRule.values()).filter(rule -> rule.name().equals(pathNormalization)).findFirst().orElse(PathRule.BASE);
    }

    static Map<String, String> rules() {
        Map<String, String> rules = new LinkedHashMap<>();
        rules.put("BASE", "BASE (Istio's default)");
        rules.put("NONE", "NONE");
        rules.put("MERGE_SLASHES", "MERGE_SLASHES");
        rules.put("DECODE_AND_MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES");
        return rules;
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text.strip();
    }

    /// Without the kubeconfig, which is secret.
    @Override
    public String toString() {
        return "ClusterForm[" + name + "]";
    }
}
