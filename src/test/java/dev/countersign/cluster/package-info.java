/// The contract of a Kubernetes API server as far as Countersign relies on it, and the embedded server against it.
@NullMarked
package dev.countersign.cluster;

import org.jspecify.annotations.NullMarked;
