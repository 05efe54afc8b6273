package dev.countersign.attacks;

import dev.countersign.approval.Decision;
import dev.countersign.portal.TestDatabase;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.RequestView;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.Map;

/// One request of a world in every state, brought there by the people whose step it is. The owner of the called service decides.
record Requests(World world, Map<RequestState, Long> in, long revised, String before) {
    static Requests of(World world) {
        Map<RequestState, Long> in = new EnumMap<>(RequestState.class);
        in.put(RequestState.SUBMITTED, world.submit("/in/submitted"));
        in.put(RequestState.CHANGES_REQUESTED, decided(world, "/in/changes", Decision.REQUEST_CHANGES));
        in.put(RequestState.REJECTED, decided(world, "/in/rejected", Decision.REJECT));
        in.put(RequestState.APPROVED, decided(world, "/in/approved", Decision.APPROVE));
        long withdrawn = world.submit("/in/withdrawn");
        world.withdraw(withdrawn);
        in.put(RequestState.WITHDRAWN, withdrawn);
        long lapsed = world.submit("/in/lapsed");
        lapse(world, lapsed);
        in.put(RequestState.LAPSED, lapsed);
        long revised = world.submit("/in/revised");
        String before = view(world, revised).digest();
        world.revise(revised, "/in/revised/otherwise");
        return new Requests(world, in, revised, before);
    }

    private static long decided(World world, String path, Decision decision) {
        long number = world.submit(path);
        world.decide("owner", number, decision);
        return number;
    }

    /// Time cannot be waited for: as the superuser.
    private static void lapse(World world, long number) {
        try (var connection = TestDatabase.server().connect(world.database());
                var statement = connection.prepareStatement("update access_request set lapses_at = now() - interval '1 hour', submitted_at = now() - interval '20 days' where tenant_id = ? and number = ?")) {
            statement.setObject(1, world.tenant().tenant().id().value());
            statement.setLong(2, number);
            if (statement.executeUpdate() != 1) {
                throw new IllegalStateException("no request " + number);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static RequestView view(World world, long number) {
        return world.view(number);
    }

    String digest(long number) {
        return view(world, number).digest();
    }
}
