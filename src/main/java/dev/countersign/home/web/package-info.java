@NullMarked
package dev.countersign.home.web;

import org.jspecify.annotations.NullMarked;
