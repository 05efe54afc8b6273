package dev.countersign.policy.model;

/// Any Istio object that Countersign understands.
public sealed interface IstioObject
        permits AuthorizationPolicy, DestinationRule, EnvoyFilter, PeerAuthentication, RequestAuthentication, Sidecar {
    ObjectMeta metadata();
}
