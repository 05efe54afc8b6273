@NullMarked
package dev.countersign.notices.web;

import org.jspecify.annotations.NullMarked;
