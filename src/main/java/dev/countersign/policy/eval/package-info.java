/// Decides calls: the executable specification of Istio's authorization. Checked against `reason`, which computes
/// regions.
@NullMarked
@org.springframework.modulith.NamedInterface("eval")
package dev.countersign.policy.eval;

import org.jspecify.annotations.NullMarked;
