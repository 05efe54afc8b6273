package dev.countersign.clusters;

/// How the portal proves itself to a cluster. Never shown: `toString` tells the kind only.
sealed interface Credentials {
    /// A bearer token, as of a service account.
    record BearerToken(String token) implements Credentials {
        @Override
        public String toString() {
            return "BearerToken[hidden]";
        }
    }

    /// A client certificate with its key, both PEM.
    record ClientCertificate(String certificate, String key) implements Credentials {
        @Override
        public String toString() {
            return "ClientCertificate[hidden]";
        }
    }

    /// The service account of the pod that the portal runs in; its token is read from the standard mount at each use,
    /// because Kubernetes renews it there. Only by explicit configuration, never from a kubeconfig.
    record InCluster() implements Credentials {}
}
