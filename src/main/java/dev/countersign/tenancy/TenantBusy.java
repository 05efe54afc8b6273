package dev.countersign.tenancy;

import org.springframework.transaction.CannotCreateTransactionException;

/// The tenant has as many connections of this replica as it may have: it is its own work that it waits for.
public final class TenantBusy extends CannotCreateTransactionException {
    private static final long serialVersionUID = 1L;

    TenantBusy(TenantId tenant) {
        super("no connection is free for tenant " + tenant);
    }
}
