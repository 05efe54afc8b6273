/// What is in the mesh: namespaces, workloads, service identities, owners, mesh membership, live policies; kept by watches,
/// answered from PostgreSQL.
@ApplicationModule(
        displayName = "catalog",
        allowedDependencies = {"clusters", "policy :: model", "policy :: yaml", "policy :: eval", "tenancy", "web", "audit", "identity"})
@NullMarked
package dev.countersign.catalog;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
