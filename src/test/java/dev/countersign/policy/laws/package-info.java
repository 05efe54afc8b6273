/// What holds for every set of policies, one law a class, tried on generated worlds.
@NullMarked
package dev.countersign.policy.laws;

import org.jspecify.annotations.NullMarked;
