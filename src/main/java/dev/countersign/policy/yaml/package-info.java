/// Reads and writes Istio objects as text and as trees. Laws: `read(write(x))` is `x`; the same object gives the same
/// bytes; what is refused is refused with a line number; what is not known is kept and reported.
@NullMarked
@org.springframework.modulith.NamedInterface("yaml")
package dev.countersign.policy.yaml;

import org.jspecify.annotations.NullMarked;
