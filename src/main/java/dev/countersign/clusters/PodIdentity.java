package dev.countersign.clusters;

import dev.countersign.tenancy.ServerAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/// The service account of the pod that the portal runs in, as Kubernetes mounts it. The only files that this package ever
/// reads, at a place that configuration alone names. Kubernetes renews the token there, so it is read at each use.
@Component
class PodIdentity {
    private final boolean allowed;
    private final Path mount;
    private final String server;

    PodIdentity(
            @Value("${countersign.clusters.in-cluster:false}") boolean allowed,
            @Value("${countersign.clusters.in-cluster-mount:/var/run/secrets/kubernetes.io/serviceaccount}") Path mount,
            @Value("${countersign.clusters.in-cluster-server:https://kubernetes.default.svc}") String server) {
        this.allowed = allowed;
        this.mount = mount;
        this.server = server;
    }

    /// Whether the configuration lets the portal's own cluster be registered.
    boolean allowed() {
        return allowed;
    }

    /// The portal's own cluster; throws IOException outside a cluster.
    Kubeconfig kubeconfig() throws IOException, ServerAddress.Refusal {
        token();
        return new Kubeconfig(ServerAddress.of(server), Optional.of(read("ca.crt")), new Credentials.InCluster());
    }

    String token() throws IOException {
        return read("token").strip();
    }

    private String read(String file) throws IOException {
        return Files.readString(mount.resolve(file), StandardCharsets.US_ASCII);
    }
}
