package dev.countersign.clusters;

import java.util.regex.Pattern;

/// What may stand as a name in a path of the API: RFC 1123, so that no name can reach another path.
final class ObjectName {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

    private ObjectName() {}

    static boolean isLabel(String name) {
        return LABEL.matcher(name).matches();
    }

    static boolean isSubdomain(String name) {
        return SUBDOMAIN.matcher(name).matches() && !name.contains("..");
    }

    static String checked(String name) {
        if (!isSubdomain(name)) {
            throw new IllegalArgumentException("not the name of an object: " + name);
        }
        return name;
    }
}
