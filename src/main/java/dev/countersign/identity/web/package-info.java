@NullMarked
package dev.countersign.identity.web;

import org.jspecify.annotations.NullMarked;
