/// The fault laboratory: replicas as processes of their own, killed for real at the boundaries that a proxy finds in their
/// traffic; proxies that delay, cut and corrupt; and an oracle that shares no code with the portal.
@NullMarked
package dev.countersign.faults;

import org.jspecify.annotations.NullMarked;
