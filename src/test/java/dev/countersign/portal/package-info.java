/// The portal under test: the whole application on a real PostgreSQL, one context for all test classes, a tenant for each.
@NullMarked
package dev.countersign.portal;

import org.jspecify.annotations.NullMarked;
