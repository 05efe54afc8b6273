package dev.countersign.tenancy;

import com.zaxxer.hikari.HikariConfig;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizers;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.transaction.PlatformTransactionManager;

@Configuration(proxyBeanMethods = false)
class PoolsConfiguration {
    @Bean(destroyMethod = "close")
    Pools pools(Environment environment, DataSourceProperties properties, ObjectProvider<JdbcConnectionDetails> details) {
        HikariConfig settings = new HikariConfig();
        JdbcConnectionDetails connection = details.getIfAvailable();
        settings.setJdbcUrl(connection == null ? properties.determineUrl() : connection.getJdbcUrl());
        settings.setUsername(connection == null ? properties.determineUsername() : connection.getUsername());
        settings.setPassword(connection == null ? properties.determinePassword() : connection.getPassword());
        Binder.get(environment).bind("spring.datasource.hikari", Bindable.ofInstance(settings));
        return new Pools(settings);
    }

    @Bean
    DataSource dataSource(Pools pools) {
        return new LaneDataSource(pools);
    }

    @Bean
    PlatformTransactionManager transactionManager(Pools pools, ObjectProvider<TransactionManagerCustomizers> customizers) {
        SharingTransactions transactions = new SharingTransactions(pools);
        customizers.ifAvailable(customizer -> customizer.customize(transactions));
        return transactions;
    }
}
