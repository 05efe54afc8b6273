package dev.countersign.policy.check;

import java.util.Optional;
import java.util.regex.Pattern;

/// Host names as istiod reads them. Each check says what is wrong, or nothing.
final class HostNames {
    private static final String LABEL = "[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?";
    private static final Pattern DNS_LABEL = Pattern.compile(LABEL);
    private static final Pattern FIRST_LABEL = Pattern.compile("\\*|(?:\\*-?)?" + LABEL);
    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_LABEL = 63;

    private HostNames() {}

    static boolean isLabel(String text) {
        return text.length() <= LONGEST_LABEL && DNS_LABEL.matcher(text).matches();
    }

    /// A name whose first label may be, or begin with, a star.
    static Optional<String> wildcardProblem(String host) {
        Optional<String> length = lengthProblem(host);
        if (length.isPresent()) {
            return length;
        }
        String[] parts = host.split("\\.", 2);
        if (parts[0].length() > LONGEST_LABEL || !FIRST_LABEL.matcher(parts[0]).matches()) {
            return Optional.of("the label \"" + parts[0] + "\" of \"" + host + "\" is not possible");
        }
        return parts.length > 1 ? labelsProblem(parts[1]) : Optional.empty();
    }

    static Optional<String> nameProblem(String host) {
        return lengthProblem(host).or(() -> labelsProblem(host));
    }

    private static Optional<String> lengthProblem(String host) {
        if (host.isEmpty()) {
            return Optional.of("the host is empty");
        }
        return host.length() > LONGEST_NAME ? Optional.of("the host is longer than 255 characters") : Optional.empty();
    }

    private static Optional<String> labelsProblem(String host) {
        String[] labels = host.split("\\.", -1);
        String last = labels[labels.length - 1];
        if (last.matches("[+-]?[0-9]+")) {
            return Optional.of("the last label \"" + last + "\" is a number");
        }
        for (int i = 0; i < labels.length; i++) {
            boolean trailingDot = i == labels.length - 1 && labels[i].isEmpty();
            if (!trailingDot && !isLabel(labels[i])) {
                return Optional.of("the label \"" + labels[i] + "\" of \"" + host + "\" is not possible");
            }
        }
        return Optional.empty();
    }
}
