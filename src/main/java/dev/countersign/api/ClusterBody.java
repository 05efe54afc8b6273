package dev.countersign.api;

import dev.countersign.clusters.RegistrationForm;
import java.util.List;
import java.util.Optional;

/// A cluster to register, by the text of a kubeconfig with one server and one credential. The kubeconfig is stored encrypted and
/// never shown again.
record ClusterBody(
        String name, String kubeconfig, List<String> namespaces, Optional<String> trustDomain, Optional<List<String>> trustDomainAliases, Optional<String> rootNamespace,
        Optional<RegistrationForm.PathRule> pathNormalization) {
    static ClusterBody read(Member body) {
        body.objectOf("name", "kubeconfig", "namespaces", "trustDomain", "trustDomainAliases", "rootNamespace", "pathNormalization");
        if (body.of("namespaces").absent()) {
            body.of("namespaces").wrong("Name the namespaces that your tenant owns in the cluster.");
        }
        return new ClusterBody(body.of("name").text(63), body.of("kubeconfig").text(64 * 1024),
                body.of("namespaces").list(500, namespace -> namespace.text(63)), body.of("trustDomain").optionalText(253), aliases(body.of("trustDomainAliases")),
                body.of("rootNamespace").optionalText(63), body.of("pathNormalization").word(RegistrationForm.PathRule.class));
    }

    private static Optional<List<String>> aliases(Member given) {
        return given.absent() ? Optional.empty() : Optional.of(given.list(20, alias -> alias.text(253)));
    }

    RegistrationForm form() {
        return new RegistrationForm(name, Optional.of(kubeconfig), namespaces, trustDomain.orElse(RegistrationForm.TRUST_DOMAIN), trustDomainAliases.orElse(List.of()),
                rootNamespace.orElse(RegistrationForm.ROOT_NAMESPACE), pathNormalization.orElse(RegistrationForm.PathRule.BASE));
    }

    @Override
    public String toString() {
        return "ClusterBody[" + name + "]";
    }
}
