@NullMarked
package dev.countersign.audit.web;

import org.jspecify.annotations.NullMarked;
