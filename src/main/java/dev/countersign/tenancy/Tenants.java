package dev.countersign.tenancy;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/// The directory of tenants: the only table that is read before a tenant is known. Also the way for background work to
/// act within a tenant: `inTenant` binds it and opens the transaction.
@Service
public class Tenants {
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    /// Tenants are never renamed or deleted while the program runs, so what was found stays true.
    private final ConcurrentHashMap<String, Tenant> bySlug = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<TenantId, Tenant> byId = new ConcurrentHashMap<>();

    Tenants(JdbcClient jdbc, PlatformTransactionManager transactions) {
        this.jdbc = jdbc;
        this.transaction = new TransactionTemplate(transactions);
    }

    public Optional<Tenant> bySlug(String slug) {
        String wanted = slug.toLowerCase(Locale.ROOT);
        Tenant known = bySlug.get(wanted);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<Tenant> found = jdbc.sql("select id, slug, name from tenant where slug = ?")
                .param(wanted)
                .query(Tenants::tenant)
                .optional();
        found.ifPresent(tenant -> bySlug.put(wanted, tenant));
        return found;
    }

    public Optional<Tenant> byId(TenantId id) {
        return Optional.ofNullable(byId.get(id))
                .or(() -> {
                    Optional<Tenant> found = jdbc.sql("select id, slug, name from tenant where id = ?")
                            .param(id.value())
                            .query(Tenants::tenant)
                            .optional();
                    found.ifPresent(tenant -> byId.put(id, tenant));
                    return found;
                });
    }

    /// All tenants, by slug. For background work; pages of a tenant never need it.
    public List<Tenant> all() {
        return jdbc.sql("select id, slug, name from tenant order by slug").query(Tenants::tenant).list();
    }

    public Tenant found(String slug, String name) {
        Tenant tenant = new Tenant(new TenantId(UUID.randomUUID()), slug.toLowerCase(Locale.ROOT), name);
        insert(tenant);
        return tenant;
    }

    /// Founds a tenant and does the first things in it, in one transaction: there is never a tenant without them.
    public Tenant found(String slug, String name, Consumer<Tenant> first) {
        Tenant tenant = new Tenant(new TenantId(UUID.randomUUID()), slug.toLowerCase(Locale.ROOT), name);
        doInTenant(tenant.id(), () -> {
            insert(tenant);
            first.accept(tenant);
        });
        return tenant;
    }

    private void insert(Tenant tenant) {
        jdbc.sql("insert into tenant (id, slug, name) values (?, ?, ?)")
                .params(tenant.id().value(), tenant.slug(), tenant.name())
                .update();
    }

    /// Runs `work` with the tenant bound, in a transaction of its own (or the one that is already open for this tenant).
    public <T> T inTenant(TenantId tenant, java.util.function.Supplier<T> work) {
        return CurrentTenant.call(tenant, () -> transaction.execute(status -> work.get()));
    }

    /// As `inTenant`, for work without an answer.
    public void doInTenant(TenantId tenant, Runnable work) {
        CurrentTenant.run(tenant, () -> transaction.executeWithoutResult(status -> work.run()));
    }

    private static Tenant tenant(java.sql.ResultSet row, int number) throws java.sql.SQLException {
        return new Tenant(new TenantId(row.getObject("id", UUID.class)), row.getString("slug"), row.getString("name"));
    }
}
