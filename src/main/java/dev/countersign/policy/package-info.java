/// The ground: the language of Istio's policies and all reasoning about them. Plain Java; imports no other room.
@ApplicationModule(displayName = "policy", allowedDependencies = {})
@NullMarked
package dev.countersign.policy;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
