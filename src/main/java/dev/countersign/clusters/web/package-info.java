@NullMarked
package dev.countersign.clusters.web;

import org.jspecify.annotations.NullMarked;
