package dev.countersign.demo;

import dev.countersign.identity.Role;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The invented people of the demo's two tenants.
final class DemoPeople {
    record DemoPerson(String username, String name, Set<Role> roles, List<String> teams, String what) {}

    /// `owns`: workload to team, in every namespace of the tenant.
    record DemoTenant(String slug, String name, List<String> teams, Map<String, String> owns, List<DemoPerson> people) {}

    static final List<DemoTenant> TENANTS = List.of(
            new DemoTenant("acme", "Acme Payments", List.of("orders", "payments", "accounts"),
                    Map.of("order-service", "orders", "payment-service", "payments", "billing-service", "orders", "user-profile", "accounts", "frontend", "accounts"), List.of(
                    new DemoPerson("engineer", "Erin Engineer", Set.of(), List.of("orders"), "asks for access for order-service"),
                    new DemoPerson("owner", "Olga Owner", Set.of(), List.of("payments", "accounts"), "owns payment-service"),
                    new DemoPerson("security", "Sam Security", Set.of(Role.SECURITY), List.of(), "works the queue"),
                    new DemoPerson("security2", "Sofia Security", Set.of(Role.SECURITY), List.of(), "the second pair of eyes"),
                    new DemoPerson("auditor", "Ada Auditor", Set.of(Role.AUDITOR), List.of(), "reads the record"),
                    new DemoPerson("admin", "Adam Admin", Set.of(Role.ADMINISTRATOR), List.of(), "runs the tenant"))),
            new DemoTenant("globex", "Globex Store", List.of("store", "catalog"), Map.of("web", "store", "catalog", "catalog"), List.of(
                    new DemoPerson("engineer", "Greta Engineer", Set.of(), List.of("store"), "asks for access for web"),
                    new DemoPerson("owner", "Gus Owner", Set.of(), List.of("catalog"), "owns catalog"),
                    new DemoPerson("security", "Gina Security", Set.of(Role.SECURITY), List.of(), "works the queue"),
                    new DemoPerson("admin", "Gary Admin", Set.of(Role.ADMINISTRATOR), List.of(), "runs the tenant"))));

    private DemoPeople() {}
}
