/// A second opinion on Istio's authorization: slow, obvious, written from Istio's documented behaviour without sight of
/// `policy.eval`, and set against it on generated cases.
@NullMarked
package dev.countersign.policy.naive;

import org.jspecify.annotations.NullMarked;
