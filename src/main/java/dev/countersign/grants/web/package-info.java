/// The pages of grants: what is allowed now, one grant, and by whose word a service may be called.
@NullMarked
package dev.countersign.grants.web;

import org.jspecify.annotations.NullMarked;
