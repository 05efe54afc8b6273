@NullMarked
package dev.countersign.delivery.web;

import org.jspecify.annotations.NullMarked;
