/// Who is asking: people, their roles and teams, sign-in, sessions and API tokens.
@ApplicationModule(displayName = "identity", allowedDependencies = {"tenancy", "web", "audit"})
@NullMarked
package dev.countersign.identity;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
