package dev.countersign.requests;

import java.time.Duration;

/// What a tenant decides about requests.
///
/// - `reasonMinimum`: characters of a reason at least; `reasonTemplate`: what the empty field shows.
/// - `requestLifetime`: how long a request waits for its decision before it lapses.
/// - `permanentAllowed`: whether access without an end may be asked for; `longestGrant`: the longest otherwise.
public record TenantSettings(
        int reasonMinimum, String reasonTemplate, Duration requestLifetime, boolean permanentAllowed, Duration longestGrant) {
    public static final TenantSettings DEFAULT =
            new TenantSettings(20, "", Duration.ofDays(14), true, Duration.ofDays(366));
}
