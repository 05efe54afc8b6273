package dev.countersign.requests;

import jakarta.persistence.LockModeType;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.repository.Repository;

/// The stored requests of the current tenant, for changing them: reads for pages go by SQL.
interface AccessRequests extends Repository<AccessRequest, UUID> {
    AccessRequest saveAndFlush(AccessRequest request);

    /// Locks the row until the transaction ends.
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    Optional<AccessRequest> findByNumber(long number);

    /// Writes pending changes, so that what follows by SQL sees them.
    void flush();
}
