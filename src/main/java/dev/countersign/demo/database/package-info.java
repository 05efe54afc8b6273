/// The embedded PostgreSQL server of the demo and of the tests.
@NullMarked
package dev.countersign.demo.database;

import org.jspecify.annotations.NullMarked;
