/// Whose data this is. The current tenant is bound for the length of a request or a piece of background work; every
/// transaction hands it to PostgreSQL, whose row-level security hides everything else. Secrets at rest
/// are sealed for their tenant here too.
@ApplicationModule(displayName = "tenancy", allowedDependencies = {})
@NullMarked
package dev.countersign.tenancy;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
