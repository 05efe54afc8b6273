/// The pages of approval: the queue, the stages of a request with its decision form, the approval rules.
@NullMarked
package dev.countersign.approval.web;

import org.jspecify.annotations.NullMarked;
