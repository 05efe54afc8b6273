/// Who must agree, and whether they have: rules, reviews, and the board that decides.
@ApplicationModule(displayName = "approval", allowedDependencies = {"requests", "tenancy", "web", "audit", "identity"})
@NullMarked
package dev.countersign.approval;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
