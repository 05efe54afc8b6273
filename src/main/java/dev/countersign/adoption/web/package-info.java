/// The pages of adoption: what nobody gave their word for, proposing, and how an adoption stands.
@NullMarked
package dev.countersign.adoption.web;

import org.jspecify.annotations.NullMarked;
