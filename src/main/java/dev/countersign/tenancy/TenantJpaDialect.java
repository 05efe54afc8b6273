package dev.countersign.tenancy;

import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceException;
import java.sql.SQLException;
import org.hibernate.Session;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;

/// Hands the current tenant to PostgreSQL as the first statement of every transaction, for its length only.
/// Without a tenant the setting is not made, and row-level security shows nothing. A hook here rather than in a
/// transaction listener: a listener that throws would leak the connection.
class TenantJpaDialect extends HibernateJpaDialect {
    private static final long serialVersionUID = 1L;

    @Override
    public Object beginTransaction(EntityManager entityManager, TransactionDefinition definition)
            throws PersistenceException, SQLException, TransactionException {
        Object transaction = super.beginTransaction(entityManager, definition);
        CurrentTenant.find()
                .ifPresent(tenant -> entityManager.unwrap(Session.class).doWork(connection -> {
                    try (var statement = connection.prepareStatement("select set_config('app.tenant', ?, true)")) {
                        statement.setString(1, tenant.toString());
                        statement.execute();
                    }
                }));
        return transaction;
    }
}
