package dev.countersign.demo;

import java.util.List;

/// What `data/demo/access.json` holds, so that scripts and tests can begin (mode 0600).
record DemoAccess(String baseUrl, String kubeconfig, List<Entry> people) {
    record Entry(String tenant, String username, List<String> roles, List<String> teams, String password, String token) {}

    DemoAccess at(String url) {
        return new DemoAccess(url, kubeconfig, people);
    }
}
