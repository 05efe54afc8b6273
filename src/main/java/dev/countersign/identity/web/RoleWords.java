package dev.countersign.identity.web;

import dev.countersign.identity.Role;
import dev.countersign.web.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Roles as pages say them.
public record RoleWords(String name, String title, String does) {
    static final List<RoleWords> ALL = List.of(
            new RoleWords("SECURITY", "Security", "works the queue: sees what a request opens and cuts, and decides"),
            new RoleWords("AUDITOR", "Auditor", "reads everything, the record too, and changes nothing"),
            new RoleWords("ADMINISTRATOR", "Administrator", "runs the tenant: people, teams, clusters, rules, tokens"));

    /// The roles that a form ticked; a word that is none was not sent by our form.
    static List<Role> parse(List<String> words) {
        List<Role> roles = new ArrayList<>();
        for (String word : words) {
            roles.add(Arrays.stream(Role.values()).filter(role -> role.name().equals(word)).findFirst()
                    .orElseThrow(() -> new Problem.Unreadable("There is no such role. Use the form of the page.")));
        }
        return roles;
    }
}
