/// The pages of asking: new request, list, one request.
@NullMarked
package dev.countersign.requests.web;

import org.jspecify.annotations.NullMarked;
