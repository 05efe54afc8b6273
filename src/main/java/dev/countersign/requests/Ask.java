package dev.countersign.requests;

import dev.countersign.policy.compile.GrantedAccess;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a request asks for. Each kind describes itself, names whom it concerns and compiles; workflow, grants, delivery
/// and audit treat all kinds alike and never look inside.
///
/// - A value exists only in a form that Istio can enforce; `DraftReader` says what is wrong with any other input.
/// - `clusters()`: names of the tenant's clusters, sorted, at least one.
public sealed interface Ask permits ServiceAccess {
    /// The discriminator in JSON: `ServiceAccess`.
    String kind();

    List<String> clusters();

    AskTarget target();

    /// Every namespace that the Ask touches, sorted; what lists are filtered by.
    List<String> namespaces();

    /// What approval rules look at. `AskFact.PERMANENT` comes from the period: `AskFact.of`.
    Set<AskFact> facts();

    /// The request in one sentence, with the period at its end.
    Sentence sentence(GrantPeriod period);

    /// The Ask as JSON values in a fixed order, readable by `DraftReader`; `AskJson` makes text of it.
    Map<String, Object> tree();

    /// What a grant of this Ask means to the policy language in one place.
    List<GrantedAccess> compile(String grantId, long requestNumber, Place place);
}
