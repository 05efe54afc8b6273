@NullMarked
package dev.countersign.catalog.web;

import org.jspecify.annotations.NullMarked;
