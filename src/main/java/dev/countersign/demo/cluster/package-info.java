/// A small Kubernetes API server inside the program, for the demo, the tests and load. It speaks enough of the API that
/// the real `kubectl` and a real client library cannot tell it from a cluster while they read and write objects;
/// nothing
/// behind it runs: no controller, no scheduler, no proxy. `EmbeddedCluster` is the front desk and says what is missing.
@NullMarked
package dev.countersign.demo.cluster;

import org.jspecify.annotations.NullMarked;
