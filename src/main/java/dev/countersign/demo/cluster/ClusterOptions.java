package dev.countersign.demo.cluster;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How an embedded cluster is to be: where it listens, who may talk to it, what checks what is written.
///
/// @param name the name of cluster and context in its kubeconfigs
/// @param port 0 for any free one, or the one the state directory remembers
/// @param tls HTTPS under a certificate authority of its own, else plain HTTP on loopback
/// @param stateDirectory where objects, keys, tokens and the port survive a restart; none: all is forgotten
/// @param history how many changes of each kind a watch can at least look back on
/// @param remembered how many requests the log holds
public record ClusterOptions(
        String name,
        int port,
        boolean tls,
        List<ClusterUser> users,
        Optional<Path> stateDirectory,
        SchemaCheck schema,
        AdmissionCheck webhook,
        int history,
        int remembered,
        Duration bookmarkEvery,
        Clock clock) {

    /// HTTPS on any free port, Istio's schemas and webhook, nothing remembered, one administrator `admin`.
    public static ClusterOptions defaults() {
        return new ClusterOptions(
                "embedded",
                0,
                true,
                List.of(ClusterUser.admin("admin")),
                Optional.empty(),
                IstioChecks.schema(),
                IstioChecks.webhook(),
                5_000,
                10_000,
                Duration.ofSeconds(30),
                Clock.systemUTC());
    }

    public ClusterOptions named(String name) {
        return new ClusterOptions(
                name, port, tls, users, stateDirectory, schema, webhook, history, remembered, bookmarkEvery, clock);
    }

    public ClusterOptions onPort(int port) {
        return new ClusterOptions(
                name, port, tls, users, stateDirectory, schema, webhook, history, remembered, bookmarkEvery, clock);
    }

    public ClusterOptions withoutTls() {
        return new ClusterOptions(
                name, port, false, users, stateDirectory, schema, webhook, history, remembered, bookmarkEvery, clock);
    }

    public ClusterOptions withUser(ClusterUser user) {
        var more = new ArrayList<>(users);
        more.removeIf(known -> known.name().equals(user.name()));
        more.add(user);
        return new ClusterOptions(
                name,
                port,
                tls,
                List.copyOf(more),
                stateDirectory,
                schema,
                webhook,
                history,
                remembered,
                bookmarkEvery,
                clock);
    }

    public ClusterOptions keptIn(Path directory) {
        return new ClusterOptions(
                name,
                port,
                tls,
                users,
                Optional.of(directory),
                schema,
                webhook,
                history,
                remembered,
                bookmarkEvery,
                clock);
    }

    public ClusterOptions checkedBy(SchemaCheck schema, AdmissionCheck webhook) {
        return new ClusterOptions(
                name, port, tls, users, stateDirectory, schema, webhook, history, remembered, bookmarkEvery, clock);
    }

    /// @param history how many changes of each kind are kept; small values make watches expire soon
    public ClusterOptions withHistory(int history, Duration bookmarkEvery) {
        return new ClusterOptions(
                name, port, tls, users, stateDirectory, schema, webhook, history, remembered, bookmarkEvery, clock);
    }
}
