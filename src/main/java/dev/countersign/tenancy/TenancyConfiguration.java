package dev.countersign.tenancy;

import java.util.Map;
import java.util.UUID;
import org.hibernate.cfg.MultiTenancySettings;
import org.hibernate.context.spi.CurrentTenantIdentifierResolver;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.JpaVendorAdapter;
import org.springframework.orm.jpa.vendor.Database;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;

@Configuration(proxyBeanMethods = false)
class TenancyConfiguration {
    /// Stands for "no tenant" towards Hibernate, which insists on one. No tenant has it: nothing can be read or written.
    private static final UUID NOBODY = new UUID(0, 0);

    @Bean
    JpaVendorAdapter jpaVendorAdapter() {
        HibernateJpaDialect dialect = new TenantJpaDialect();
        HibernateJpaVendorAdapter adapter = new HibernateJpaVendorAdapter() {
            @Override
            public HibernateJpaDialect getJpaDialect() {
                return dialect;
            }
        };
        adapter.setDatabase(Database.POSTGRESQL);
        return adapter;
    }

    @Bean
    HibernatePropertiesCustomizer tenantResolver() {
        CurrentTenantIdentifierResolver<UUID> resolver = new CurrentTenantIdentifierResolver<>() {
            @Override
            public UUID resolveCurrentTenantIdentifier() {
                return CurrentTenant.find().map(TenantId::value).orElse(NOBODY);
            }

            @Override
            public boolean validateExistingCurrentSessions() {
                return true;
            }
        };
        return properties -> properties.putAll(Map.of(MultiTenancySettings.MULTI_TENANT_IDENTIFIER_RESOLVER, resolver));
    }
}
