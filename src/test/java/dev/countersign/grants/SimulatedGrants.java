package dev.countersign.grants;

import dev.countersign.policy.compile.GrantedAccess;
import dev.countersign.policy.compile.TargetWorkload;
import dev.countersign.requests.Place;
import dev.countersign.requests.RequestApproved;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// The rows of grants of one tenant in memory: `access_grant`, `grant_end` (one a grant: `grant_end_pk`), `suspended_grant` with
/// `resumption`, and `workload_baseline`. What a grant is and means is the product's (`GrantBook.granted`, `Grant.compile`).
public final class SimulatedGrants {
    private record Row(Grant grant, List<GrantedAccess> access) {}

    private final Map<UUID, Row> rows = new LinkedHashMap<>();
    private final Map<UUID, Integer> ends = new LinkedHashMap<>();
    private final Map<UUID, Integer> suspended = new LinkedHashMap<>();
    private final Map<UUID, Map<String, TargetWorkload>> baselines = new LinkedHashMap<>();
    private int suspensions;

    /// As `GrantBook.approved`: one grant for each place.
    public List<Grant> approved(RequestApproved approved) {
        List<Grant> granted = new ArrayList<>();
        for (Place place : approved.places()) {
            long number = rows.size() + 1;
            Grant grant = GrantBook.granted(approved, place, new UUID(9, number), number);
            rows.put(grant.id(), new Row(grant, grant.compile()));
            baselines.computeIfAbsent(place.cluster().id(), id -> new LinkedHashMap<>()).put(place.target().key(), place.target());
            granted.add(grant);
        }
        return granted;
    }

    /// `GrantLedger.IS_ACTIVE`, in one cluster; `timeless`, `loose`: faults, which forget ends by time and suspensions.
    public List<Grant> active(UUID cluster, Optional<TargetWorkload> only, Instant now, boolean timeless, boolean loose) {
        List<Grant> active = new ArrayList<>();
        for (Row row : rows.values()) {
            Grant grant = row.grant();
            if (grant.place().cluster().id().equals(cluster) && only.map(one -> one.key().equals(grant.place().target().key())).orElse(true)
                    && !ends.containsKey(grant.id()) && (timeless || grant.until().map(end -> end.isAfter(now)).orElse(true)) && (loose || !suspended.containsKey(grant.id()))) {
                active.add(grant);
            }
        }
        return active;
    }

    public List<GrantedAccess> compiled(Collection<Grant> grants) {
        return grants.stream().flatMap(grant -> rows.get(grant.id()).access().stream()).toList();
    }

    /// `GrantLedger.baselines` and `baseline`.
    public List<TargetWorkload> baselines(UUID cluster, Optional<TargetWorkload> only) {
        Map<String, TargetWorkload> known = baselines.getOrDefault(cluster, Map.of());
        return only.map(one -> Optional.ofNullable(known.get(one.key())).stream().toList()).orElseGet(() -> known.entrySet().stream().sorted(Map.Entry.comparingByKey())
                .map(Map.Entry::getValue).toList());
    }

    /// As `GrantBook.expireDue`: what is over by the database's clock and was not ended.
    public List<Grant> due(Instant now) {
        return rows.values().stream().map(Row::grant).filter(grant -> !ends.containsKey(grant.id()) && grant.until().map(end -> !end.isAfter(now)).orElse(false)).toList();
    }

    /// As `GrantBook.end`: false where it is ended already. `again`: a fault, without the key.
    public boolean end(Grant grant, boolean again) {
        return ends.merge(grant.id(), 1, Integer::sum) == 1 || again;
    }

    public boolean stands(Grant grant, Instant now) {
        return !ends.containsKey(grant.id()) && grant.until().map(end -> end.isAfter(now)).orElse(true);
    }

    /// As `Suspensions.suspend`; the number.
    public int suspend(Collection<Grant> grants) {
        suspensions++;
        grants.forEach(grant -> suspended.put(grant.id(), suspensions));
        return suspensions;
    }

    /// As `Suspensions.resume`: those that it kept out and that have not ended.
    public List<Grant> resume(int suspension, Instant now) {
        List<Grant> resumed = rows.values().stream().map(Row::grant).filter(grant -> Integer.valueOf(suspension).equals(suspended.get(grant.id()))).toList();
        resumed.forEach(grant -> suspended.remove(grant.id()));
        return resumed.stream().filter(grant -> stands(grant, now)).toList();
    }

    public Set<Integer> suspensions() {
        return Set.copyOf(suspended.values());
    }

    public List<Grant> all() {
        return rows.values().stream().map(Row::grant).toList();
    }
}
