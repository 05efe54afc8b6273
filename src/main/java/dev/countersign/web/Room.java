package dev.countersign.web;

import java.util.List;
import java.util.Set;

/// A place in the bar. `section` is what a page names as its own; `roles` empty means everyone of the tenant.
public record Room(String section, String name, String path, Set<String> roles, boolean counted) {
    /// In the order of the bar. A room enters this list together with its first page.
    static final List<Room> ALL = List.of(
            new Room("home", "Home", "/", Set.of(), false),
            new Room("queue", "Queue", "/queue", Set.of(), true),
            new Room("requests", "Requests", "/requests", Set.of(), false),
            new Room("grants", "Grants", "/grants", Set.of(), false),
            new Room("services", "Services", "/services", Set.of(), false),
            new Room("check", "Check", "/simulate", Set.of(), false),
            new Room("clusters", "Clusters", "/clusters", Set.of(), false),
            new Room("audit", "Audit", "/audit", Set.of("AUDITOR", "SECURITY", "ADMINISTRATOR"), false),
            new Room("admin", "Administration", "/admin", Set.of("ADMINISTRATOR"), false));

    /// What the platform's operator has instead: no room of a tenant.
    private static final List<Room> OPERATOR = List.of(new Room("operator", "Tenants", "/operator", Set.of("OPERATOR"), false));

    static List<Room> of(Viewer viewer) {
        if (viewer.isOperator()) {
            return OPERATOR;
        }
        return ALL.stream().filter(room -> viewer.hasAnyOf(room.roles)).toList();
    }
}
