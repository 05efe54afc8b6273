package dev.countersign.clusters;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Why a cluster did not do what it was asked. `words` are the cluster's own, or those of the failing connection: shown to
/// people as they are, cut at 2,000 characters, never with credentials in them.
public sealed interface ClusterTrouble extends ApplyOutcome, ReadOutcome, DeleteOutcome, ListOutcome, WatchOutcome {
    String words();

    /// What a person can do about it.
    String advice();

    /// The cluster understood and said no: schema, validation, admission. The same request will be refused again.
    /// Includes the 500 of a real API server for a field that its schema does not declare.
    record Rejected(int status, String words, List<Cause> causes) implements ClusterTrouble {
        /// One fault; `field` as the API server names it (`spec.rules[0].from[0].source`), empty where it names none.
        public record Cause(String reason, String field, String message) {}

        public Rejected {
            causes = List.copyOf(causes);
        }

        @Override
        public String advice() {
            return status == 404
                    ? "Create the namespace, or install Istio's CRDs in the cluster, then reconcile."
                    : "Read the cluster's words, correct the request or the cluster's admission rules, then ask again.";
        }
    }

    /// No answer, or one that says "later": connection, time-out, TLS, 429, 5xx. Worth trying again, not before
    /// `retryAfter` where the cluster named a time.
    record Unreachable(String words, Optional<Duration> retryAfter) implements ClusterTrouble {
        @Override
        public String advice() {
            return "Nothing to do unless it lasts: it is tried again. If it lasts, check the cluster's API server and the network.";
        }
    }

    /// The credentials are not accepted (401) or may not do this (403). Stop, and tell an administrator.
    record Forbidden(int status, String words) implements ClusterTrouble {
        @Override
        public String advice() {
            return status == 401
                    ? "An administrator renews the cluster's credentials under Administration, Clusters."
                    : "Grant the portal's account the missing right in the cluster, then reconcile.";
        }
    }
}
