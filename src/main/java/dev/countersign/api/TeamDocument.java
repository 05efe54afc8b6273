package dev.countersign.api;

import dev.countersign.identity.TeamName;

record TeamDocument(String slug, String name) {
    static TeamDocument of(TeamName team) {
        return new TeamDocument(team.slug(), team.name());
    }
}
