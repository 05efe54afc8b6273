package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.A10;
import static dev.countersign.policy.check.FindingCode.A11;
import static dev.countersign.policy.check.FindingCode.A12;
import static dev.countersign.policy.check.FindingCode.A13;
import static dev.countersign.policy.check.FindingCode.A14;
import static dev.countersign.policy.check.FindingCode.A15;
import static dev.countersign.policy.check.FindingCode.A16;
import static dev.countersign.policy.check.FindingCode.A17;
import static dev.countersign.policy.check.FindingCode.A18;
import static dev.countersign.policy.check.FindingCode.A19;
import static dev.countersign.policy.check.FindingCode.A22;
import static dev.countersign.policy.check.FindingCode.A23;
import static dev.countersign.policy.check.FindingCode.A24;
import static dev.countersign.policy.check.FindingCode.A25;

import dev.countersign.policy.model.PathTemplates;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// A10 to A19 and A22 to A25: the values of one list. Where istiod stops at the first wrong value of a list, so does
/// this.
final class ValueChecks {
    private static final Pattern PORT = Pattern.compile("[0-9]{1,10}");
    private static final Pattern LITERAL = Pattern.compile("[a-zA-Z0-9\\-._~%!$&'()+,;:@=]+");
    private static final int MOST_SERVICE_ACCOUNTS = 16;
    private static final int LONGEST_SERVICE_ACCOUNT = 320;

    private ValueChecks() {}

    /// Each wrong value is told.
    static void addresses(Node list, Findings findings) {
        list.items().forEach(item -> {
            String text = item.text();
            if (text.contains("/") && !Addresses.isBlock(text)) {
                findings.add(A11, item, "\"" + text + "\" is not an address block");
            } else if (!text.contains("/") && !Addresses.isAddress(text)) {
                findings.add(A10, item, "\"" + text + "\" is not an IP address");
            }
        });
    }

    /// Each wrong value is told.
    static void ports(Node list, Findings findings) {
        list.items().forEach(item -> {
            String text = item.text();
            String digits = text.replaceFirst("^0+(?=[0-9])", "");
            if (!PORT.matcher(digits).matches() || Long.parseLong(digits) > 65535) {
                findings.add(A22, item, "\"" + text + "\" is not a port");
            }
        });
    }

    static boolean notEmpty(Node list, Findings findings) {
        for (Node item : list.items()) {
            if (item.text().isEmpty()) {
                findings.add(A12, item, "a value is empty");
                return false;
            }
        }
        return true;
    }

    static void serviceAccounts(Node list, Findings findings) {
        if (list.size() > MOST_SERVICE_ACCOUNTS) {
            findings.add(A13, list, list.size() + " service accounts are more than " + MOST_SERVICE_ACCOUNTS);
            return;
        }
        for (Node item : list.items()) {
            String text = item.text();
            int slash = text.indexOf('/');
            if (text.isEmpty()) {
                findings.add(A12, item, "a value is empty");
            } else if (text.contains("*")) {
                findings.add(A14, item, "\"" + text + "\" holds a wildcard");
            } else if (slash != text.lastIndexOf('/')) {
                findings.add(A15, item, "\"" + text + "\" is neither name nor namespace/name");
            } else if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST_SERVICE_ACCOUNT) {
                findings.add(
                        A16, item, "the service account is longer than " + LONGEST_SERVICE_ACCOUNT + " characters");
            } else if (slash == 0 || slash > 0 && slash == text.length() - 1) {
                findings.add(A15, item, "\"" + text + "\" lacks a namespace or a name");
            } else {
                continue;
            }
            return;
        }
    }

    /// `slashes` tells whether a slash is refused: in a source it is, in a condition it is not.
    static void trustDomains(Node list, boolean slashes, Findings findings) {
        for (Node item : list.items()) {
            String text = item.text();
            if (text.isEmpty()) {
                findings.add(A12, item, "a value is empty");
            } else if (slashes && text.contains("/")) {
                findings.add(A19, item, "\"" + text + "\" holds a slash");
            } else if (text.indexOf('*') != text.lastIndexOf('*')) {
                findings.add(A17, item, "\"" + text + "\" holds more than one star");
            } else if (text.indexOf('*') > 0 && text.indexOf('*') < text.length() - 1) {
                findings.add(A18, item, "\"" + text + "\" holds a star in the middle");
            } else {
                continue;
            }
            return;
        }
    }

    static void paths(Node list, Findings findings) {
        for (Node item : list.items()) {
            if (!path(item, findings)) {
                return;
            }
        }
    }

    private static boolean path(Node item, Findings findings) {
        String path = item.text();
        boolean template = PathTemplates.isTemplate(path);
        boolean rest = false;
        for (String segment : trimmed(path).split("/", -1)) {
            boolean placeholder = segment.equals("{*}") || segment.equals("{**}");
            if (placeholder && rest) {
                findings.add(A23, item, "\"" + path + "\" goes on with " + segment + " after {**}");
                return false;
            }
            rest |= segment.equals("{**}");
            if (!placeholder && (segment.contains("{") || segment.contains("}"))) {
                findings.add(A24, item, "\"" + path + "\" holds a brace outside of {*} and {**}");
                return false;
            }
            if (template && !placeholder && !LITERAL.matcher(segment).matches()) {
                findings.add(
                        A25, item, "the segment \"" + segment + "\" of \"" + path + "\" cannot stand in a template");
                return false;
            }
        }
        return true;
    }

    private static String trimmed(String path) {
        return path.replaceFirst("^/+", "").replaceFirst("/+$", "");
    }
}
