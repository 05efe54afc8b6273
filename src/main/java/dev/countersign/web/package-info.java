/// The shell around every page: the frame and its rooms, the assets, htmx answers, error pages, security headers, and the
/// words that pages share (times, plurals). It knows nothing of requests, grants or clusters.
@ApplicationModule(displayName = "web", allowedDependencies = {"tenancy"})
@NullMarked
package dev.countersign.web;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
