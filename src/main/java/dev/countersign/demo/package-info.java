/// The roof garden: an embedded real PostgreSQL, an embedded Kubernetes API server and two invented tenants, so that one
/// command shows the whole product. Only under the profile `demo`; nothing imports it.
@ApplicationModule(displayName = "demo")
@NullMarked
package dev.countersign.demo;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
