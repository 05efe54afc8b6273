/// What the next version of the portal does beside what this one does: a jar more on the class path of a replica.
@NullMarked
package dev.countersign.faults.next;

import org.jspecify.annotations.NullMarked;
