package dev.countersign.policy.eval;

import dev.countersign.policy.model.StringMatch;
import dev.countersign.policy.model.TrustDomains;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What a mesh makes of the trust domain in a policy value (istio.md 1.3): a value of ours stands for all of ours.
/// A mesh without a trust domain leaves every value as written.
public record TrustDomainBundle(List<String> ours) {
    private static final String POINTER = "cluster.local";

    public TrustDomainBundle {
        ours = List.copyOf(ours);
    }

    public static TrustDomainBundle of(TrustDomains domains) {
        return new TrustDomainBundle(domains.bundle().stream().filter(domain -> !domain.isEmpty()).toList());
    }

    /// `principals` as Envoy gets them.
    public List<String> principals(List<String> values) {
        if (ours.size() == 1 && areOf(ours.getFirst(), values)) {
            return values; // the one trust domain stands for itself
        }
        List<String> expanded = new ArrayList<>();
        for (String value : values) {
            expanded.addAll(principal(value));
        }
        return expanded;
    }

    private static boolean areOf(String domain, List<String> values) {
        for (String value : values) {
            if (!value.startsWith(domain) || value.length() == domain.length() || value.charAt(domain.length()) != '/') {
                return false;
            }
        }
        return true;
    }

    private Set<String> principal(String value) {
        String[] parts = value.split("/", -1);
        if (ours.isEmpty() || parts.length != 5 || parts[0].equals("*") || !isOurs(parts[0])) {
            return Set.of(value);
        }
        String rest = value.substring(parts[0].length());
        Set<String> expanded = new LinkedHashSet<>();
        for (String domain : ours) {
            boolean covered = parts[0].startsWith("*") && StringMatch.of(parts[0]).matches(domain);
            expanded.add(covered ? value : domain + rest);
        }
        return expanded;
    }

    private boolean isOurs(String domain) {
        return domain.equals(POINTER)
                || ours.stream()
                        .anyMatch(one -> StringMatch.of(domain).matches(one) || StringMatch.of(one).matches(domain));
    }

    /// `trustDomains` as Envoy gets them; `cluster.local` is no pointer here.
    public List<String> trustDomains(List<String> values) {
        List<String> expanded = new ArrayList<>();
        for (String value : values) {
            if (ours.contains(value)) {
                expanded.addAll(ours);
            } else {
                expanded.add(value);
            }
        }
        return expanded;
    }
}
