/// Adoption: a live policy that nobody here gave their word for becomes rules that somebody answers for, and nothing changes for
/// any call on the way.
///
/// - **Proposal.** Each rule of a foreign ALLOW policy on one workload of the tenant is read as an Ask, exactly or not at all
///   (`RuleReader`), and its callers need a team that owns them (`Assessor`). What cannot be said as an Ask, or is owned by nobody,
///   is a reason that says what to do; one reason refuses the whole proposal. Otherwise every rule becomes an ordinary request,
///   tied to the others as an adoption of exactly this object: uid and resourceVersion.
/// - **Proof.** The policies that live in the cluster against the same without the foreign object and with every rule of the
///   adoption among our own (`AdoptionProof`): it must be Equivalent and proven when it is proposed, at every approval (else the
///   approval is refused as stale) and, over what the cluster itself then lists, directly before anything is removed.
/// - **Delivery.** Approved rules are grants like all others and reach the cluster in our own policy of the workload. Both ALLOW
///   policies beside each other allow their union, which is either of them.
/// - **Removal.** Once every rule is approved there is a row of `adoption_removal`, claimed by lease and fence. Only while all
///   grants of the adoption are active, and the cluster confirmed our policy that carries them, and the foreign object is still the
///   one that was adopted, and the proof holds: the whole object is put on the record (REMOVING), then deleted with that uid and
///   resourceVersion as the precondition, then read again (REMOVED). Whoever stops in between is followed by another who sees
///   from the row and the cluster what is left to do. An object that was changed is never deleted: the removal STOPPED, which is a
///   finding, and both policies stay.
///
/// So an object that the portal did not make is never touched without an approved adoption of exactly that object. The one who
/// fakes uid and resourceVersion is the cluster itself. There is no way here to remove a policy without adopting it: that changes
/// what is allowed, and is a decision of another kind.
///
/// The room stands above `delivery`, whose confirmation a removal waits for, and is asked from below through
/// `requests.RequestTies`. `clusters` is in the list for reading and removing the adopted object.
@ApplicationModule(
        displayName = "adoption",
        allowedDependencies = {
            "delivery", "grants", "requests", "catalog", "clusters", "policy :: model", "policy :: yaml", "policy :: compile", "policy :: eval",
            "policy :: reason", "tenancy", "web", "audit", "identity"
        })
@NullMarked
package dev.countersign.adoption;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
