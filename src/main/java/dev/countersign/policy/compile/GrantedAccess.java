package dev.countersign.policy.compile;

import dev.countersign.policy.model.Condition;
import java.util.List;
import java.util.Set;

/// One active grant as the policy language needs it: any of the callers may do any of the operations on the target while
/// every condition holds. No operation means the whole service.
///
/// - `grantId`: stable over the grant's life; written into the policy so that a live rule leads back to its grant.
/// - `requestNumber`: the request that a person finds it under.
public record GrantedAccess(
        String grantId,
        long requestNumber,
        Set<Caller> callers,
        TargetWorkload target,
        List<GrantedOperation> operations,
        List<Condition> conditions) {
    public GrantedAccess {
        if (grantId.isEmpty() || grantId.contains(",")) {
            throw new IllegalArgumentException("a grant's id is not empty and has no comma: \"" + grantId + "\"");
        }
        if (callers.isEmpty()) {
            // An empty `from` means "anyone", plain text included: the opposite of what was granted.
            throw new IllegalArgumentException("grant " + grantId + " names no caller");
        }
        callers = Set.copyOf(callers);
        operations = List.copyOf(operations);
        conditions = List.copyOf(conditions);
    }

    public boolean wholeService() {
        return operations.isEmpty() || operations.stream().anyMatch(GrantedOperation::wholeService);
    }
}
