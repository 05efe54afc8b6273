/// The record: an append-only entry, in the transaction of the fact, for everything that happened.
@ApplicationModule(displayName = "audit", allowedDependencies = {"tenancy", "web", "git"})
@NullMarked
package dev.countersign.audit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
