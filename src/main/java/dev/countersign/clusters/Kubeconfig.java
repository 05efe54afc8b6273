package dev.countersign.clusters;

import dev.countersign.tenancy.ServerAddress;
import java.util.List;
import java.util.Optional;

/// What a kubeconfig says that the portal accepts: one server, its certificate authority (PEM; empty: the machine's own
/// list of authorities), one credential.
record Kubeconfig(ServerAddress server, Optional<String> certificateAuthority, Credentials credentials) {
    /// More than any kubeconfig that kubectl writes for one cluster.
    static final int MAX_BYTES = 256 * 1024;

    /// What a text was read as.
    sealed interface Reading {
        record Read(Kubeconfig kubeconfig) implements Reading {}

        /// Every reason that was found, each with what to do.
        record Refused(List<String> reasons) implements Reading {
            public Refused {
                reasons = List.copyOf(reasons);
            }
        }
    }

    /// Reads by allow-list and never throws. Nothing that the text says is executed, opened or looked up.
    static Reading read(String text) {
        return KubeconfigReader.read(text);
    }
}
