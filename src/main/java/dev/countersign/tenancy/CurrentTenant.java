package dev.countersign.tenancy;

import java.util.Optional;

/// The tenant on whose behalf this thread works. Bound for a scope, never set: it cannot leak into pooled threads.
public final class CurrentTenant {
    private static final ScopedValue<TenantId> BOUND = ScopedValue.newInstance();

    private CurrentTenant() {}

    public static Optional<TenantId> find() {
        return BOUND.isBound() ? Optional.of(BOUND.get()) : Optional.empty();
    }

    /// Throws IllegalStateException where no tenant is bound: a programming error, never a user's.
    public static TenantId require() {
        return find().orElseThrow(() -> new IllegalStateException("no tenant is bound to this thread"));
    }

    public static <T, X extends Throwable> T call(TenantId tenant, ScopedValue.CallableOp<T, X> work) throws X {
        return ScopedValue.where(BOUND, tenant).call(work);
    }

    public static void run(TenantId tenant, Runnable work) {
        ScopedValue.where(BOUND, tenant).run(work);
    }
}
