package dev.countersign.clusters;

import dev.countersign.tenancy.SecretBox;
import dev.countersign.tenancy.SecretBox.Place;
import dev.countersign.tenancy.ServerAddress;
import dev.countersign.tenancy.TenantId;
import jakarta.annotation.PreDestroy;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/// The open connections, one for each cluster and version of its credentials. The version in the caller's row decides: a
/// rotation on another replica is noticed at the next use.
@Component
class Connections {
    private final SecretBox secrets;
    private final PodIdentity pod;
    private final int perSecond;
    private final Map<UUID, Open> open = new ConcurrentHashMap<>();
    /// They outlive a change of credentials.
    private final Map<UUID, RequestPace> paces = new ConcurrentHashMap<>();

    private record Open(long version, ClusterConnection connection) {}

    Connections(SecretBox secrets, PodIdentity pod, @Value("${countersign.clusters.requests-per-second:50}") int perSecond) {
        this.perSecond = perSecond;
        this.secrets = secrets;
        this.pod = pod;
    }

    ClusterConnection of(TenantId tenant, ClusterStore.Row row) {
        Open current = open.compute(row.ref().id(), (id, known) -> {
            if (known != null && known.version >= row.version()) {
                return known;
            }
            if (known != null) {
                known.connection.close();
            }
            return new Open(row.version(), connect(tenant, row));
        });
        return current.connection;
    }

    private ClusterConnection connect(TenantId tenant, ClusterStore.Row row) {
        Credentials credentials = Sealed.open(row.kind(), secrets.open(place(tenant, row.ref().id()), row.credential()));
        try {
            RequestPace pace = paces.computeIfAbsent(row.ref().id(), id -> new RequestPace(perSecond, System::nanoTime));
            return connect(row.ref(), ServerAddress.of(row.apiServer()), row.authority(), credentials, pod, Optional.of(pace));
        } catch (GeneralSecurityException | ServerAddress.Refusal impossible) {
            throw new IllegalStateException("the stored cluster " + row.ref().id() + " cannot be connected to: " + impossible.getMessage());
        }
    }

    /// A connection that belongs to the caller, who closes it; for the few questions that a person waits for, at no pace.
    static ClusterConnection connect(ClusterRef ref, ServerAddress server, Optional<String> authority, Credentials credentials, PodIdentity pod)
            throws GeneralSecurityException {
        return connect(ref, server, authority, credentials, pod, Optional.empty());
    }

    private static ClusterConnection connect(ClusterRef ref, ServerAddress server, Optional<String> authority, Credentials credentials, PodIdentity pod,
            Optional<RequestPace> pace) throws GeneralSecurityException {
        return new ClusterConnection(ref, new ClusterHttp(server, ClusterTls.of(authority, credentials), bearer(credentials, pod), pace));
    }

    private static ClusterHttp.Bearer bearer(Credentials credentials, PodIdentity pod) {
        return switch (credentials) {
            case Credentials.BearerToken(String token) -> () -> Optional.of(token);
            case Credentials.ClientCertificate _ -> Optional::empty;
            case Credentials.InCluster _ -> () -> Optional.of(pod.token());
        };
    }

    byte[] seal(TenantId tenant, UUID cluster, Credentials credentials) {
        return secrets.seal(place(tenant, cluster), Sealed.bytes(credentials));
    }

    void close(UUID cluster) {
        Open gone = open.remove(cluster);
        if (gone != null) {
            gone.connection.close();
        }
    }

    @PreDestroy
    void closeAll() {
        open.keySet().forEach(this::close);
    }

    private static Place place(TenantId tenant, UUID cluster) {
        return new Place(tenant, cluster, "cluster.credential");
    }

    /// The bytes inside the seal: one line of key and certificate each, or the token.
    static final class Sealed {
        private static final char SEPARATOR = '\u001f';

        private Sealed() {}

        static String kind(Credentials credentials) {
            return switch (credentials) {
                case Credentials.BearerToken _ -> "TOKEN";
                case Credentials.ClientCertificate _ -> "CERTIFICATE";
                case Credentials.InCluster _ -> "IN_CLUSTER";
            };
        }

        static byte[] bytes(Credentials credentials) {
            return (switch (credentials) {
                        case Credentials.BearerToken(String token) -> token;
                        case Credentials.ClientCertificate(String certificate, String key) -> certificate + SEPARATOR + key;
                        case Credentials.InCluster _ -> "";
                    })
                    .getBytes(StandardCharsets.UTF_8);
        }

        static Credentials open(String kind, byte[] bytes) {
            String text = new String(bytes, StandardCharsets.UTF_8);
            return switch (kind) {
                case "TOKEN" -> new Credentials.BearerToken(text);
                case "CERTIFICATE" -> new Credentials.ClientCertificate(
                        text.substring(0, text.indexOf(SEPARATOR)), text.substring(text.indexOf(SEPARATOR) + 1));
                case "IN_CLUSTER" -> new Credentials.InCluster();
                default -> throw new IllegalStateException("unknown kind of credentials: " + kind);
            };
        }
    }
}
