package dev.countersign.policy.compile;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What may be called: any of the methods on any of the paths, ports and hosts. An empty list is "any"; all empty is the
/// whole service. Values are patterns in Istio's own writing, sorted and without repetition.
public record GrantedOperation(List<String> methods, List<String> paths, List<Integer> ports, List<String> hosts) {
    public static final GrantedOperation WHOLE_SERVICE =
            new GrantedOperation(List.of(), List.of(), List.of(), List.of());

    public GrantedOperation {
        methods = sorted(methods);
        paths = sorted(paths);
        ports = List.copyOf(new TreeSet<>(ports));
        hosts = sorted(hosts);
        for (int port : ports) {
            if (port < 1 || port > 65535) {
                throw new IllegalArgumentException("port " + port + " is outside 1..65535");
            }
        }
    }

    public static GrantedOperation of(Collection<String> methods, Collection<String> paths) {
        return new GrantedOperation(List.copyOf(methods), List.copyOf(paths), List.of(), List.of());
    }

    public boolean wholeService() {
        return methods.isEmpty() && paths.isEmpty() && ports.isEmpty() && hosts.isEmpty();
    }

    /// Whether nothing is asked of HTTP, so that connections of any protocol may be meant.
    boolean anyProtocol() {
        return methods.isEmpty() && paths.isEmpty() && hosts.isEmpty();
    }

    private static List<String> sorted(Collection<String> values) {
        Set<String> set = new TreeSet<>(values);
        if (set.contains("")) {
            throw new IllegalArgumentException("an operation has no empty values");
        }
        return List.copyOf(set);
    }
}
