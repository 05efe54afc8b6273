package dev.countersign.policy.compile;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/// The name of a workload's policy: `countersign-<workload>`, by the workload's name alone, so that it never depends on
/// what else is granted. A name that is too long or no DNS subdomain becomes `countersign--<rest>-<hash>`; no regular
/// name begins with a hyphen, so the two kinds cannot meet.
final class PolicyNames {
    private static final int LIMIT = 253;
    private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private PolicyNames() {}

    static String of(TargetWorkload target) {
        String plain = CompiledPolicy.MANAGER + "-" + target.workload();
        if (plain.length() <= LIMIT && SUBDOMAIN.matcher(target.workload()).matches()) {
            return plain;
        }
        String hash = HexFormat.of()
                .formatHex(SpecDigest.sha256(target.workload().getBytes(StandardCharsets.UTF_8)), 0, 10);
        String rest = target.workload().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        rest = rest.substring(0, Math.min(rest.length(), 200)).replaceAll("^-+|-+$", "");
        return CompiledPolicy.MANAGER + "--" + (rest.isEmpty() ? "" : rest + "-") + hash;
    }
}
