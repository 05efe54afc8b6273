package dev.countersign.identity;

import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.session.config.SessionRepositoryCustomizer;
import org.springframework.session.jdbc.JdbcIndexedSessionRepository;
import org.springframework.session.jdbc.PostgreSqlJdbcIndexedSessionRepositoryCustomizer;
import org.springframework.session.jdbc.config.annotation.web.http.EnableJdbcHttpSession;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/// Sessions are kept by Spring Session in PostgreSQL, and used through `UnhurriedSessions`.
@Configuration(proxyBeanMethods = false)
@EnableJdbcHttpSession
class SessionConfiguration {
    /// The one that the session filter takes.
    @Bean
    @Primary
    UnhurriedSessions<?> unhurriedSessions(JdbcIndexedSessionRepository sessions) {
        return new UnhurriedSessions<>(sessions);
    }

    /// Two first requests of one session may save the same attribute at once: PostgreSQL's upsert lets both pass.
    @Bean
    PostgreSqlJdbcIndexedSessionRepositoryCustomizer sessionsByUpsert() {
        return new PostgreSqlJdbcIndexedSessionRepositoryCustomizer();
    }

    @Bean
    SessionRepositoryCustomizer<JdbcIndexedSessionRepository> sessionTimeout(@Value("${spring.session.timeout}") Duration timeout) {
        return sessions -> sessions.setDefaultMaxInactiveInterval(timeout);
    }

    /// A session is read by one statement, which needs no transaction; whatever transaction is open is left alone. Of a session
    /// that is written there may be left a part that nobody can use: its id was not handed out yet.
    @Bean
    TransactionOperations springSessionTransactionOperations(PlatformTransactionManager transactions) {
        TransactionTemplate none = new TransactionTemplate(transactions);
        none.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
        return none;
    }
}
