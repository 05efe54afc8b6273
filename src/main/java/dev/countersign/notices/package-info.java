/// Webhooks: what is recorded in a tenant is told to the receivers that its administrators registered. Listens, never answers.
///
/// - **Following.** A webhook has a cursor over the tenant's record (`Follower`). Entries beyond it become deliveries of the kinds that
///   are wanted, and the cursor moves, in one transaction: no fact waits for a receiver, none is missed, none is made up.
/// - **Order.** A delivery stands in the queue of everything that its entry is about: the request, the grant, the policy (`Queues`).
///   It is sent when it is the first in all of them; it leaves them when it was taken (2xx), given up or discarded.
/// - **Sending.** Deliveries that are due are claimed by row lock, lease and fence (`Outbox`), by any number of replicas, and posted
///   (`Post`): CloudEvents in structured mode, signed as Standard Webhooks has it, at least once.
/// - **Bounds.** A few at a time to one receiver and of one tenant, each for at most 15 seconds (`NoticeLoop`): one that hangs keeps
///   nobody else waiting. What a receiver answers is read for 2 KiB and kept for 300 characters.
///
/// The row of `webhook_cursor` is the lock of a webhook: who changes anything of it takes that row first, and the record after it.
@ApplicationModule(displayName = "notices", allowedDependencies = {"tenancy", "web", "audit", "identity"})
@NullMarked
package dev.countersign.notices;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
