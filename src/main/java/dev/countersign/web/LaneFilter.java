package dev.countersign.web;

import dev.countersign.tenancy.Lane;
import dev.countersign.tenancy.Turn;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.web.filter.OncePerRequestFilter;

/// Gives each request its turn at the database, before anything asks it. Signing in belongs to the lane of administration: who
/// wants to come in is known only afterwards.
final class LaneFilter extends OncePerRequestFilter {
    private static final String TURN = LaneFilter.class.getName() + ".turn";
    private static final List<String> ADMINISTRATION = List.of("/actuator", "/admin", "/operator", "/sign-in", "/sign-out");

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain) throws ServletException, IOException {
        // The error page belongs to the turn of what failed.
        Turn turn = request.getAttribute(TURN) instanceof Turn before ? before : new Turn(lane(request.getRequestURI()));
        request.setAttribute(TURN, turn);
        try {
            turn.call(() -> {
                chain.doFilter(request, response);
                return true;
            });
        } catch (ServletException | IOException | RuntimeException e) {
            boolean answerable = request.getDispatcherType() == DispatcherType.REQUEST && !response.isCommitted();
            if (!answerable || !(ProblemAdvice.problem(ErrorPages.root(e)) instanceof Problem.Unavailable)) {
                throw e;
            }
            refuse(turn, e, request, response);
        } catch (Exception e) {
            throw new ServletException(e);
        }
    }

    /// Thrown by a filter, such as the one that reads who asks. Left to the container it would be an accident with a long trace in
    /// the log, for each of those who are turned away; it is an answer.
    private static void refuse(Turn turn, Exception thrown, HttpServletRequest request, HttpServletResponse response) throws IOException {
        turn.end();
        request.setAttribute(ErrorPages.REFUSAL, thrown);
        response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    }

    static Lane lane(String path) {
        return ADMINISTRATION.stream().anyMatch(room -> path.equals(room) || path.startsWith(room + "/")) ? Lane.ADMINISTRATION : Lane.REQUESTS;
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }
}
