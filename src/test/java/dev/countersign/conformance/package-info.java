/// Runs the facts about Istio (one JSON object a line) against the engine: `mvn -Pconformance verify
/// -Dconformance.dir=DIR`, or the project's own copy without the property. One test class a kind of file.
@NullMarked
package dev.countersign.conformance;

import org.jspecify.annotations.NullMarked;
