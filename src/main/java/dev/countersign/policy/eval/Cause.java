package dev.countersign.policy.eval;

import java.util.Optional;

/// What a denied call failed at, without the rest of the explanation.
///
/// - `policy`: `namespace/name`. `rule`: its index; empty for ztunnel, which does not say, and for a policy without rules.
/// - `field`: empty where the rule matched and denies; else no ALLOW rule matched, this is the rule that lacks the fewest
///   fields (of equals the first by name of the policy and index), and this is the first that it lacks: "the path".
///   Empty too where the proxy drops every ALLOW rule, or no ALLOW policy has one.
public record Cause(String policy, Optional<Integer> rule, Optional<String> field) {}
