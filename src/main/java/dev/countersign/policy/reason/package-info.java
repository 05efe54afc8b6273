/// Reasons about whole sets of policies: what a change opens and what it cuts, exactly, as regions of calls, each with a
/// witness that `eval` confirms. Reads the language by itself, so that the two check each other.
@NullMarked
@org.springframework.modulith.NamedInterface("reason")
package dev.countersign.policy.reason;

import org.jspecify.annotations.NullMarked;
