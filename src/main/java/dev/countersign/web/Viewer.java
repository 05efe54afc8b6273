package dev.countersign.web;

import java.util.Set;

/// Who is looking at the page, as the bar shows it: "Olga Owner", `owner@acme`, "Acme". The roles only decide which rooms
/// the bar offers; every room asks again before it answers.
public record Viewer(String name, String username, String tenant, Set<String> roles) {
    public Viewer {
        roles = Set.copyOf(roles);
    }

    /// Runs the installation and belongs to no tenant.
    public boolean isOperator() {
        return roles.contains("OPERATOR");
    }

    boolean hasAnyOf(Set<String> wanted) {
        return wanted.isEmpty() || wanted.stream().anyMatch(roles::contains);
    }
}
