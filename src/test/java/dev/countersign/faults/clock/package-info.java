/// A clock that strays, inside a replica: a Java agent that the tests pack themselves (`StrayClock`). Nothing here may use
/// anything but the JDK.
@NullMarked
package dev.countersign.faults.clock;

import org.jspecify.annotations.NullMarked;
