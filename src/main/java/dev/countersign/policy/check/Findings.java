package dev.countersign.policy.check;

import java.util.ArrayList;
import java.util.List;

/// The findings of one check, in the order in which they were made.
final class Findings {
    private final List<Finding> all = new ArrayList<>();

    void add(FindingCode code, Node where, String message) {
        all.add(new Finding(code, where.path(), message));
    }

    void add(FindingCode code, String path, String message) {
        all.add(new Finding(code, path, message));
    }

    void add(FindingCode code, Node where, String message, String advice) {
        all.add(new Finding(code, where.path(), message, advice));
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    List<Finding> list() {
        return List.copyOf(all);
    }
}
