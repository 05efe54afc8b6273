package dev.countersign.faults.next;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.tenancy.TenantId;
import dev.countersign.tenancy.Tenants;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;

/// The next version: named to Spring by `spring.main.sources`, and found by no scan. Several times a second it records what this version
/// does not know, uses tables and columns that it does not have, and says more by NOTIFY; and every session that it
/// sees gets an attribute of a class of its own.
public class NextVersion {
    @Bean
    ApplicationRunner admirer(Tenants tenants, AuditLog audit, JdbcClient jdbc, @Value("${next.tenant}") UUID tenant) {
        return _ -> Thread.ofVirtual().start(() -> admire(tenants, audit, jdbc, new TenantId(tenant)));
    }

    private static void admire(Tenants tenants, AuditLog audit, JdbcClient jdbc, TenantId tenant) {
        try {
            while (true) {
                try {
                    tenants.doInTenant(tenant, () -> admireOnce(audit, jdbc, tenant));
                } catch (RuntimeException passing) {
                    // Deadlocks and the end of the portal: the next round tries again.
                }
                Thread.sleep(200);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void admireOnce(AuditLog audit, JdbcClient jdbc, TenantId tenant) {
        jdbc.sql("select max(number) from access_request where tenant_id = ?").param(tenant.value()).query(Long.class).optional().ifPresent(number -> {
            audit.append(new AuditEvent("request.admired", Actor.system("admirer"), new Subject("admiration", Long.toString(number)), "admired request " + number,
                    Map.of("request", number, "stars", 5)).aboutRequests(List.of(number)));
            jdbc.sql("insert into admiration (tenant_id, request_number) values (?, ?)").params(tenant.value(), number).update();
            jdbc.sql("update policy_object set admired_at = now() where tenant_id = ? and lease_until is null").param(tenant.value()).update();
            jdbc.sql("select pg_notify('countersign_delivery', ?)").param(tenant + " admired=" + number).query((row, index) -> true).single();
            jdbc.sql("select pg_notify('countersign_news', ?)").param(UUID.randomUUID() + " " + tenant + " " + number + " admired=5").query((row, index) -> true).single();
        });
    }

    @Bean
    Filter liking() {
        return (request, response, chain) -> {
            HttpSession session = request instanceof HttpServletRequest http ? http.getSession(false) : null;
            if (session != null && session.getAttribute("liking") == null) {
                session.setAttribute("liking", new Liking("green"));
            }
            chain.doFilter(request, response);
        };
    }
}
