package dev.countersign.identity;

import dev.countersign.tenancy.SecretBox;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.boot.web.server.Cookie;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.session.config.SessionRepositoryCustomizer;
import org.springframework.session.jdbc.JdbcIndexedSessionRepository;
import org.springframework.session.jdbc.PostgreSqlJdbcIndexedSessionRepositoryCustomizer;
import org.springframework.session.jdbc.config.annotation.web.http.EnableJdbcHttpSession;
import org.springframework.session.web.http.CookieSerializer;
import org.springframework.session.web.http.DefaultCookieSerializer;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/// Sessions are kept by Spring Session in PostgreSQL, used through `UnhurriedSessions`, and named by
/// `SignedSessionCookies`.
@Configuration(proxyBeanMethods = false)
@EnableJdbcHttpSession
class SessionConfiguration {
    /// The one that the session filter takes.
    @Bean
    @Primary
    UnhurriedSessions<?> unhurriedSessions(JdbcIndexedSessionRepository sessions) {
        return new UnhurriedSessions<>(sessions);
    }

    /// Written as `server.servlet.session.cookie` says; `Secure` where the request came by https, unless it says otherwise.
    @Bean
    CookieSerializer sessionCookies(ServerProperties server, SecretBox box) {
        Cookie cookie = server.getServlet().getSession().getCookie();
        DefaultCookieSerializer plain = new DefaultCookieSerializer();
        PropertyMapper map = PropertyMapper.get();
        map.from(cookie::getName).to(plain::setCookieName);
        map.from(cookie::getDomain).to(plain::setDomainName);
        map.from(cookie::getPath).to(plain::setCookiePath);
        map.from(cookie::getHttpOnly).to(plain::setUseHttpOnlyCookie);
        map.from(cookie::getSecure).to(plain::setUseSecureCookie);
        map.from(cookie::getMaxAge).asInt(Duration::toSeconds).to(plain::setCookieMaxAge);
        map.from(cookie::getSameSite).as(Cookie.SameSite::attributeValue).to(plain::setSameSite);
        map.from(cookie::getPartitioned).to(plain::setPartitioned);
        return new SignedSessionCookies(plain, box);
    }

    /// Two first requests of one session may save the same attribute at once: PostgreSQL's upsert lets both pass.
    @Bean
    PostgreSqlJdbcIndexedSessionRepositoryCustomizer sessionsByUpsert() {
        return new PostgreSqlJdbcIndexedSessionRepositoryCustomizer();
    }

    @Bean
    SessionsByDatabaseClock sessionsByDatabaseClock() {
        return new SessionsByDatabaseClock();
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
