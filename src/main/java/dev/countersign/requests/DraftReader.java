package dev.countersign.requests;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Turns JSON values into a `Draft`, or says everything that is wrong with them, each at its JSON Pointer. The form and the API
/// share it: the form is first brought into the shape of the API's body.
public final class DraftReader {
    private static final Pattern WEEKS = Pattern.compile("P([0-9]{1,4})W");
    private static final Duration LONGEST = Duration.ofDays(3_660);
    private static final Duration SHORTEST = Duration.ofMinutes(5);

    private DraftReader() {}

    public sealed interface Reading {
        record Read(Draft draft) implements Reading {}

        record Unreadable(List<FieldProblem> problems) implements Reading {}
    }

    public sealed interface AskReading {
        record Read(Ask ask) implements AskReading {}

        record Unreadable(List<FieldProblem> problems) implements AskReading {}
    }

    /// Reads the body of the API: `ask`, `justification`, and `grantFor` or `until` or neither. Values are maps, lists, texts,
    /// whole numbers, booleans and null.
    public static Reading read(Map<String, ?> body) {
        List<FieldProblem> problems = new ArrayList<>();
        Node root = new Node(body, "", problems);
        root.objectOf("ask", "justification", "grantFor", "until");
        Optional<Ask> ask = ask(root.member("ask"));
        Optional<Justification> justification = justification(root.member("justification"));
        Optional<GrantPeriod> period = period(root.member("grantFor"), root.member("until"));
        if (!problems.isEmpty()) {
            return new Reading.Unreadable(List.copyOf(problems));
        }
        return new Reading.Read(new Draft(ask.orElseThrow(), justification.orElseThrow(), period.orElseThrow()));
    }

    public sealed interface TermsReading {
        record Read(Terms terms) implements TermsReading {}

        record Unreadable(List<FieldProblem> problems) implements TermsReading {}
    }

    /// Reads `justification`, and `grantFor` or `until` or neither, by the rules of `read`; other members are the caller's.
    public static TermsReading readTerms(Map<String, ?> body) {
        List<FieldProblem> problems = new ArrayList<>();
        Node root = new Node(body, "", problems);
        Optional<Justification> justification = justification(root.member("justification"));
        Optional<GrantPeriod> period = period(root.member("grantFor"), root.member("until"));
        return problems.isEmpty()
                ? new TermsReading.Read(new Terms(justification.orElseThrow(), period.orElseThrow()))
                : new TermsReading.Unreadable(List.copyOf(problems));
    }

    /// Reads an Ask alone; pointers begin at `/ask`.
    public static AskReading readAsk(@Nullable Object tree) {
        List<FieldProblem> problems = new ArrayList<>();
        Optional<Ask> ask = ask(new Node(tree, "/ask", problems));
        return problems.isEmpty()
                ? new AskReading.Read(ask.orElseThrow())
                : new AskReading.Unreadable(List.copyOf(problems));
    }

    private static Optional<Ask> ask(Node node) {
        if (node.absent()) {
            node.refuse("Say what is asked for.");
            return Optional.empty();
        }
        Optional<String> kind = node.member("kind").text(100);
        if (kind.isEmpty()) {
            return Optional.empty();
        }
        if (!kind.get().equals(ServiceAccess.KIND)) {
            node.member("kind").refuse("There is no such kind of request. Known is " + ServiceAccess.KIND + ".");
            return Optional.empty();
        }
        return ServiceAccessReader.read(node).map(ask -> ask);
    }

    private static Optional<Justification> justification(Node node) {
        if (!node.objectOf("reason", "ticket")) {
            return Optional.empty();
        }
        Optional<String> reason = node.member("reason").text(Limits.REASON).map(Texts::lines);
        if (reason.isPresent() && reason.get().isEmpty()) {
            node.member("reason").refuse("Say why: what breaks without it, and for whom?");
            return Optional.empty();
        }
        Optional<String> ticket = Optional.empty();
        if (!node.member("ticket").absent()) {
            ticket = node.member("ticket").text(Limits.TICKET).map(String::strip).filter(text -> !text.isEmpty());
            if (ticket.isPresent() && ticket.get().contains("\n")) {
                node.member("ticket").refuse("A ticket is one line.");
                return Optional.empty();
            }
        }
        Optional<String> kept = ticket;
        return reason.map(text -> new Justification(text, kept));
    }

    private static Optional<GrantPeriod> period(Node grantFor, Node until) {
        if (!grantFor.absent() && !until.absent()) {
            until.refuse("Say either how long (grantFor) or until when (until), not both.");
            return Optional.empty();
        }
        if (!grantFor.absent()) {
            return grantFor.text(40).flatMap(text -> length(grantFor, text));
        }
        if (!until.absent()) {
            return until.text(40).flatMap(text -> end(until, text));
        }
        return Optional.of(new GrantPeriod.Permanent());
    }

    private static Optional<GrantPeriod> length(Node node, String text) {
        String upper = text.strip().toUpperCase(Locale.ROOT);
        if (!upper.startsWith("P") || upper.matches("P[^T]*[YM].*")) {
            node.refuse("Write the length in ISO 8601 in days, hours or minutes, as P90D or PT12H; months and years have no fixed length.");
            return Optional.empty();
        }
        Duration length;
        try {
            var weeks = WEEKS.matcher(upper);
            length = weeks.matches() ? Duration.ofDays(7L * Integer.parseInt(weeks.group(1))) : Duration.parse(upper);
        } catch (DateTimeException | ArithmeticException e) {
            node.refuse("Write the length in ISO 8601, as P90D or PT12H.");
            return Optional.empty();
        }
        if (length.compareTo(SHORTEST) < 0 || length.compareTo(LONGEST) > 0
                || !length.equals(length.truncatedTo(ChronoUnit.MINUTES))) {
            node.refuse("Ask for whole minutes, from 5 minutes to " + LONGEST.toDays() + " days.");
            return Optional.empty();
        }
        return Optional.of(new GrantPeriod.For(length));
    }

    private static Optional<GrantPeriod> end(Node node, String text) {
        Instant end;
        try {
            end = OffsetDateTime.parse(text.strip()).toInstant();
        } catch (DateTimeException e) {
            node.refuse("Write the end as an RFC 3339 time, as 2027-03-01T00:00:00Z.");
            return Optional.empty();
        }
        if (!end.equals(end.truncatedTo(ChronoUnit.SECONDS))
                || end.isBefore(Instant.EPOCH) || end.isAfter(Instant.parse("2200-01-01T00:00:00Z"))) {
            node.refuse("Name a whole second before the year 2200.");
            return Optional.empty();
        }
        return Optional.of(new GrantPeriod.Until(end));
    }
}
