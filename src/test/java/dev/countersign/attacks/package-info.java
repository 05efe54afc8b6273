/// Attacks, each a class over all routes present and future: what is not listed here by name is closed.
@NullMarked
package dev.countersign.attacks;

import org.jspecify.annotations.NullMarked;
