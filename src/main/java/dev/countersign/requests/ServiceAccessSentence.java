package dev.countersign.requests;

import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.requests.Sentence.Kind;
import dev.countersign.requests.Sentence.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Says a `ServiceAccess` in one sentence of bounded length: the first few of everything are named, the rest is counted.
/// Ports and hosts are said only where nothing narrower is.
final class ServiceAccessSentence {
    private static final int NAMED = 3;

    private final ServiceAccess ask;
    private final GrantPeriod period;
    private final List<Part> parts = new ArrayList<>();

    ServiceAccessSentence(ServiceAccess ask, GrantPeriod period) {
        this.ask = ask;
        this.period = period;
    }

    Sentence sentence() {
        callers();
        words(ask.from().size() == 1 ? " asks to " : " ask to ");
        operations();
        target();
        if (ask.clusters().size() > 1) {
            words(", in the clusters ");
            list(ask.clusters(), "and", "clusters", name -> Part.link(Kind.CLUSTER, name, "/clusters/" + name));
            words(",");
        }
        if (!ask.conditions().isEmpty()) {
            words(ask.conditions().size() == 1 ? " under 1 condition" : " under " + ask.conditions().size() + " conditions");
        }
        time();
        return new Sentence(parts);
    }

    private void callers() {
        boolean fromOnePlace = commonNamespace() != null;
        list(ask.from(), "and", "callers", source -> caller(source, fromOnePlace));
    }

    private Part caller(AskSource source, boolean fromOnePlace) {
        return switch (source) {
            case AskSource.Account(String namespace, String account) ->
                Part.link(Kind.SERVICE, fromOnePlace ? account : namespace + "/" + account, "/services?q=" + account);
            case AskSource.WholeNamespace(String namespace) -> Part.words("every service in " + namespace);
            case AskSource.AnyIdentity() -> Part.words("any service of the mesh");
        };
    }

    private void operations() {
        if (ask.wholeService()) {
            words("call anything");
            return;
        }
        if (ask.operations().size() == 1) {
            operation(ask.operations().getFirst());
            return;
        }
        List<GrantedOperation> named = ask.operations().stream().limit(2).toList();
        operation(named.getFirst());
        int more = ask.operations().size() - 2;
        words(more == 0 ? " and to " : ", to ");
        operation(named.getLast());
        if (more > 0) {
            words(" and to do " + (more == 1 ? "1 more thing" : more + " more things"));
        }
    }

    private void operation(GrantedOperation operation) {
        if (operation.methods().isEmpty()) {
            words("call");
        } else {
            list(operation.methods(), "or", "methods", method -> Part.of(Kind.METHOD, method));
        }
        words(" ");
        if (operation.paths().isEmpty()) {
            words("anything");
        } else {
            list(operation.paths(), "or", "paths", path -> Part.of(Kind.PATH, path));
        }
        if (operation.methods().isEmpty() && operation.paths().isEmpty()) {
            if (!operation.hosts().isEmpty()) {
                words(" as host ");
                list(operation.hosts(), "or", "hosts", host -> Part.of(Kind.HOST, host));
            }
            if (!operation.ports().isEmpty()) {
                words(" at port ");
                list(operation.ports(), "or", "ports", port -> Part.of(Kind.PORT, port.toString()));
            }
        }
    }

    private void target() {
        words(" on ");
        String where = "/services/" + ask.clusters().getFirst() + "/" + ask.to().namespace() + "/" + ask.workload();
        parts.add(Part.link(Kind.SERVICE, ask.workload(), where));
        if (ask.facts().contains(AskFact.CROSS_NAMESPACE)) {
            words(" in ");
            parts.add(Part.of(Kind.NAMESPACE, ask.to().namespace()));
            String common = commonNamespace();
            if (common != null && ask.from().stream().anyMatch(AskSource.Account.class::isInstance)) {
                words(", from ");
                parts.add(Part.of(Kind.NAMESPACE, common));
                words(",");
            }
        }
    }

    private void time() {
        switch (period) {
            case GrantPeriod.For(var length) -> {
                words(" for ");
                parts.add(Part.of(Kind.TIME, PeriodWords.span(length)));
            }
            case GrantPeriod.Until(var end) -> {
                words(" until ");
                parts.add(Part.of(Kind.TIME, PeriodWords.moment(end)));
            }
            case GrantPeriod.Permanent() -> {
                words(" ");
                parts.add(Part.of(Kind.TIME, "without an end"));
            }
        }
    }

    /// The one namespace that all callers are in, null where there is none.
    private @org.jspecify.annotations.Nullable String commonNamespace() {
        List<String> namespaces =
                ask.from().stream().map(source -> source.home().orElse("*")).distinct().toList();
        return namespaces.size() == 1 ? namespaces.getFirst() : null;
    }

    /// "a", "a and b", "a, b and c", "a, b and 7 more callers".
    private <T> void list(List<T> items, String last, String noun, Function<T, Part> part) {
        int named = items.size() > NAMED ? NAMED - 1 : items.size();
        for (int i = 0; i < named; i++) {
            if (i > 0) {
                words(i == items.size() - 1 ? " " + last + " " : ", ");
            }
            parts.add(part.apply(items.get(i)));
        }
        if (named < items.size()) {
            words(" " + last + " " + (items.size() - named) + " more " + noun);
        }
    }

    private void words(String text) {
        int end = parts.size() - 1;
        if (end >= 0 && parts.get(end).kind() == Kind.WORDS) {
            parts.set(end, Part.words(parts.get(end).text() + text));
        } else {
            parts.add(Part.words(text));
        }
    }
}
