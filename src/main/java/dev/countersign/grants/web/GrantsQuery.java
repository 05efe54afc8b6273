package dev.countersign.grants.web;

import dev.countersign.grants.GrantFilter;
import dev.countersign.grants.GrantState;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriComponentsBuilder;

/// The address of a list of grants: `?view=ending&namespace=production&workload=payment-service`. Words that mean nothing count
/// as absent; without a view the active ones are shown.
public record GrantsQuery(@Nullable String view, @Nullable String namespace, @Nullable String workload) {
    static final int SOON = 30;

    GrantFilter filter(UUID me) {
        return new GrantFilter(
                switch (viewWord()) {
                    case "ended" -> Set.of(GrantState.EXPIRED, GrantState.REVOKED);
                    case "held" -> Set.of(GrantState.HELD);
                    case "suspended" -> Set.of(GrantState.SUSPENDED);
                    case "all" -> Set.of();
                    case "mine", "ending" -> Set.of(GrantState.ACTIVE, GrantState.HELD, GrantState.SUSPENDED);
                    default -> Set.of(GrantState.ACTIVE);
                },
                Optional.empty(), name(namespace), name(workload), viewWord().equals("mine") ? Optional.of(me) : Optional.empty(),
                viewWord().equals("ending") ? Optional.of(SOON) : Optional.empty());
    }

    public String viewWord() {
        return view != null && Set.of("active", "mine", "ending", "held", "suspended", "ended", "all").contains(view) ? view : "active";
    }

    public String namespaceWord() {
        return name(namespace).orElse("");
    }

    public String workloadWord() {
        return name(workload).orElse("");
    }

    public boolean narrowed() {
        return name(namespace).isPresent() || name(workload).isPresent();
    }

    public String in(String other) {
        return address(other).build().encode().toUriString();
    }

    String before(long number) {
        return address(viewWord()).queryParam("before", number).build().encode().toUriString();
    }

    private UriComponentsBuilder address(String inView) {
        UriComponentsBuilder address = UriComponentsBuilder.fromPath("/grants").queryParam("view", inView);
        name(namespace).ifPresent(word -> address.queryParam("namespace", word));
        name(workload).ifPresent(word -> address.queryParam("workload", word));
        return address;
    }

    private static Optional<String> name(@Nullable String text) {
        return Optional.ofNullable(text).map(String::strip).filter(word -> !word.isEmpty() && word.length() <= 253);
    }
}
