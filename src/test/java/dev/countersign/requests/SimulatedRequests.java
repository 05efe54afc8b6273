package dev.countersign.requests;

import dev.countersign.requests.RequestStates.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// The rows of requests of one tenant in memory, with the product's own entity (`AccessRequest`) and its table of states. Each method
/// is one transaction or a part of one, under the row lock of the request (`RequestLists.lock`, `AccessRequests.findByNumber`).
public final class SimulatedRequests {
    private record Row(AccessRequest request, Draft draft, List<Place> places, Instant lapsesAt) {}

    private final Map<Long, Row> rows = new TreeMap<>();
    /// `submission_key`: one number a person and key.
    private final Map<String, Long> keys = new HashMap<>();

    /// As `Requests.submitOnce`: a key that was used answers the number that it became.
    public long submitOnce(UUID person, String key, Draft draft, List<Place> places, Instant now, Duration lifetime) {
        Long before = keys.get(person + " " + key);
        if (before != null) {
            return before;
        }
        long number = rows.size() + 1;
        Instant lapsesAt = now.plus(lifetime);
        rows.put(number, new Row(new AccessRequest(new UUID(7, number), number, person, "requester", draft, places, now, lapsesAt), draft, places, lapsesAt));
        keys.put(person + " " + key, number);
        return number;
    }

    /// As `Requests.revise`: only what is open, and the version that was looked at. The new version, or 0.
    public int revise(long number, int expectedVersion, Draft draft, Instant now, Duration lifetime) {
        Row row = rows.get(number);
        AccessRequest request = row.request();
        if (request.lapsed(now) || RequestStates.after(request.state(), Command.REVISE).isEmpty() || expectedVersion != request.version()) {
            return 0;
        }
        request.become(Command.REVISE);
        Instant lapsesAt = now.plus(lifetime);
        request.revise(draft, row.places(), lapsesAt);
        rows.put(number, new Row(request, draft, row.places(), lapsesAt));
        return request.version();
    }

    /// As `Requests.withdraw`.
    public boolean withdraw(long number, Instant now) {
        AccessRequest request = rows.get(number).request();
        return !request.lapsed(now) && request.become(Command.WITHDRAW).isEmpty();
    }

    /// As `LapseJob.batch`, for one request.
    public boolean lapse(long number, Instant now) {
        AccessRequest request = rows.get(number).request();
        return request.lapsed(now) && request.become(Command.LAPSE).isEmpty();
    }

    /// As `Progress.lock`: lapsed from the moment on at which its lifetime is over.
    public RequestProgress.Locked lock(long number, Instant now) {
        Row row = rows.get(number);
        AccessRequest request = row.request();
        return new RequestProgress.Locked(request.getId(), number, request.version(), request.lapsed(now) ? RequestState.LAPSED : request.state(), request.digest(),
                request.requesterId(), "requester", row.draft().ask(), row.draft().period(), row.places(), now, row.lapsesAt());
    }

    /// As `Progress.become` for the state that a decision leads to. Throws where the state does not permit it, as that does.
    public void become(long number, RequestState after) {
        Command command = switch (after) {
            case APPROVED -> Command.APPROVE;
            case REJECTED -> Command.REJECT;
            case CHANGES_REQUESTED -> Command.REQUEST_CHANGES;
            case SUBMITTED, WITHDRAWN, LAPSED -> throw new IllegalStateException("no decision leads to " + after);
        };
        Optional<RequestState> hindered = rows.get(number).request().become(command);
        if (hindered.isPresent()) {
            throw new IllegalStateException(command + " is not possible in " + hindered.get());
        }
    }

    public Draft draft(long number) {
        return rows.get(number).draft();
    }

    public List<Place> places(long number) {
        return rows.get(number).places();
    }

    public RequestState state(long number) {
        return rows.get(number).request().state();
    }

    public int version(long number) {
        return rows.get(number).request().version();
    }

    public String digest(long number) {
        return rows.get(number).request().digest();
    }

    public Iterable<Long> numbers() {
        return rows.keySet();
    }
}
