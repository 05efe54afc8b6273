package dev.countersign.policy.reason;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A release of Istio: `1.27.3`. What follows the patch number (`-distroless`, `-alpha.0`) is left out.
public record IstioVersion(int major, int minor, int patch) implements Comparable<IstioVersion> {
    private static final Pattern TEXT = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,4}))?(?:[-+].*)?");
    private static final Comparator<IstioVersion> ORDER = Comparator.comparingInt(IstioVersion::major)
            .thenComparingInt(IstioVersion::minor)
            .thenComparingInt(IstioVersion::patch);

    public static Optional<IstioVersion> parse(String text) {
        Matcher parts = TEXT.matcher(text);
        return parts.matches()
                ? Optional.of(new IstioVersion(
                        Integer.parseInt(parts.group(1)),
                        Integer.parseInt(parts.group(2)),
                        parts.group(3) == null ? 0 : Integer.parseInt(parts.group(3))))
                : Optional.empty();
    }

    public static IstioVersion of(String text) {
        return parse(text).orElseThrow(() -> new IllegalArgumentException("not a version of Istio: " + text));
    }

    /// From the first release with a fault to before the one without it.
    boolean between(String from, String fixed) {
        return compareTo(of(from)) >= 0 && compareTo(of(fixed)) < 0;
    }

    @Override
    public int compareTo(IstioVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
