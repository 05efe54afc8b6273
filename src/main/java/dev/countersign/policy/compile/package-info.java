/// From promises to policies: all active grants of a cluster become one AuthorizationPolicy per called workload. Pure and
/// deterministic: the same grants, in any order, give the same objects.
@NullMarked
@org.springframework.modulith.NamedInterface("compile")
package dev.countersign.policy.compile;

import org.jspecify.annotations.NullMarked;
