/// Branches of Git repositories elsewhere: what stands there, and moving them forward. Shared by the record, whose checkpoints are
/// published so, and by delivery. The only room that speaks to a Git server.
@ApplicationModule(displayName = "git", allowedDependencies = {})
@NullMarked
package dev.countersign.git;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
