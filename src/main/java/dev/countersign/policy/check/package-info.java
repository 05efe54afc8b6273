/// Says what Istio would say about an object before it is sent: the API server's schema and rules, istiod's webhook,
/// and our own lint for what both accept and people regret.
@NullMarked
@org.springframework.modulith.NamedInterface("check")
package dev.countersign.policy.check;

import org.jspecify.annotations.NullMarked;
