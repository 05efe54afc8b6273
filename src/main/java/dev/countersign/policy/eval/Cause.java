package dev.countersign.policy.eval;

import java.util.Optional;

/// What a denied call failed at, without the rest of the explanation. One of three:
///
/// - A CUSTOM or DENY rule matched: its `policy` (`namespace/name`), its `rule` (index) and no `field`, for all of it matched.
/// - ALLOW policies stand and no rule of theirs matched: the nearest rule, and the first `field` that it lacks ("the path").
///   Nearest is the rule that lacks the fewest fields, each entry of `from` and `to` counted at its closest; of equals the
///   first by name of the policy, then by index. Rules that the proxy drops whole are not near.
/// - ALLOW policies stand that have no rule, or only dropped ones: the first of them by name, without `rule` and `field`.
///
/// ztunnel does not say which rule it was, so `rule` is empty there.
public record Cause(String policy, Optional<Integer> rule, Optional<String> field) {}
