package dev.countersign.requests;

import dev.countersign.requests.RequestStates.Command;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.annotations.TenantId;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/// A request: the question, its present version, and where it stands. Changes only by the commands of `RequestStates`, each
/// under the lock of its row.
@Entity
@Table(name = "access_request")
class AccessRequest implements Persistable<UUID> {
    @Id
    private UUID id;

    @TenantId
    @Column(name = "tenant_id")
    private @Nullable UUID tenantId;

    private long number;

    @Enumerated(EnumType.STRING)
    private RequestState state;

    private int version;

    private String digest;

    private UUID requesterId;

    private String requesterName;

    private String reason;

    private @Nullable String ticket;

    private @Nullable Long grantMinutes;

    private @Nullable Instant grantUntil;

    private String kind;

    private String ask;

    private String places;

    private String sentence;

    private String targetNamespace;

    private @Nullable String targetWorkload;

    @JdbcTypeCode(SqlTypes.ARRAY)
    @Column(columnDefinition = "text[]")
    private String[] namespaces;

    private Instant submittedAt;

    private Instant lapsesAt;

    @Version
    private @Nullable Long rowVersion;

    @SuppressWarnings("NullAway")
    protected AccessRequest() {}

    /// A new request at its version 1. `lapsesAt` must lie after `submittedAt`.
    @SuppressWarnings("NullAway") // the fields of the version are set by content()
    AccessRequest(UUID id, long number, UUID requesterId, String requesterName, Draft draft, List<Place> places,
            Instant submittedAt, Instant lapsesAt) {
        this.id = id;
        this.number = number;
        this.state = RequestState.SUBMITTED;
        this.version = 1;
        this.requesterId = requesterId;
        this.requesterName = requesterName;
        this.submittedAt = submittedAt;
        this.lapsesAt = lapsesAt;
        content(draft, places);
    }

    /// Carries out the command, or answers why not: the state that does not permit it.
    Optional<RequestState> become(Command command) {
        Optional<RequestState> next = RequestStates.after(state, command);
        if (next.isEmpty()) {
            return Optional.of(state);
        }
        state = next.get();
        return Optional.empty();
    }

    /// The next version, with a lifetime of its own.
    void revise(Draft draft, List<Place> places, Instant lapsesAt) {
        version++;
        this.lapsesAt = lapsesAt;
        content(draft, places);
    }

    private void content(Draft draft, List<Place> pinned) {
        Ask asked = draft.ask();
        reason = draft.justification().reason();
        ticket = draft.justification().ticket().orElse(null);
        grantMinutes = draft.period() instanceof GrantPeriod.For(Duration length) ? Long.valueOf(length.toMinutes()) : null;
        grantUntil = draft.period() instanceof GrantPeriod.Until(Instant end) ? end : null;
        kind = asked.kind();
        ask = AskJson.write(asked);
        places = AskJson.write(pinned);
        sentence = asked.sentence(draft.period()).text();
        targetNamespace = asked.target().namespace();
        targetWorkload = asked.target().workload().orElse(null);
        namespaces = asked.namespaces().toArray(String[]::new);
        digest = RequestDigest.of(number, version, draft, pinned);
    }

    @Override
    public UUID getId() {
        return id;
    }

    @Override
    public boolean isNew() {
        return rowVersion == null;
    }

    long number() {
        return number;
    }

    RequestState state() {
        return state;
    }

    int version() {
        return version;
    }

    String digest() {
        return digest;
    }

    /// Whether its lifetime is over while it was still open.
    boolean lapsed(Instant now) {
        return !state.terminal() && !lapsesAt.isAfter(now);
    }

    UUID requesterId() {
        return requesterId;
    }

    RequestView view() {
        GrantPeriod period = Periods.of(grantMinutes, grantUntil);
        Ask asked = AskJson.read(ask);
        return new RequestView(id, number, state, version, digest, new RequestView.Requester(requesterId, requesterName), asked,
                AskJson.readPlaces(places), new Justification(reason, Optional.ofNullable(ticket)), period,
                asked.sentence(period), submittedAt, lapsesAt);
    }
}
