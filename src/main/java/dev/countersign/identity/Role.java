package dev.countersign.identity;

/// What a person may do beyond asking for access (everyone) and deciding for the workloads of their teams (team members).
public enum Role {
    /// Works the queue, sees the effect, decides.
    SECURITY,
    /// Reads everything, changes nothing.
    AUDITOR,
    /// Runs the tenant: people, teams, ownership, clusters, approval rules, tokens.
    ADMINISTRATOR;

    /// As Spring Security writes it: `ROLE_SECURITY`.
    public String authority() {
        return "ROLE_" + name();
    }
}
