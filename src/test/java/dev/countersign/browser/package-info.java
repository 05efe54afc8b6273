/// A real browser for tests.
@NullMarked
package dev.countersign.browser;

import org.jspecify.annotations.NullMarked;
