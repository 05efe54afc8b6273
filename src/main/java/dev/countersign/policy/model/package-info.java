/// The Istio objects that Countersign reads, reasons about and writes, as plain values. A value here is well-formed in
/// shape; whether Istio would accept it is `policy.check`'s question.
@NullMarked
@org.springframework.modulith.NamedInterface("model")
package dev.countersign.policy.model;

import org.jspecify.annotations.NullMarked;
