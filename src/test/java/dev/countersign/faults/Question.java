package dev.countersign.faults;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is asked: the text of an SQL statement or the first line of a call, numbers and identifiers left out, so that the
/// same step reads the same each time.
final class Question {
    private static final Pattern CALL = Pattern.compile("((?:GET|POST|PUT|PATCH|DELETE) \\S+) HTTP/1\\.1\r\n");
    /// A Parse message of the extended protocol holds a statement's name, which is empty or short, and its text, each ended by a zero.
    private static final Pattern STATEMENT = Pattern.compile(
            "\0((?i:select|insert|update|delete|with|begin|commit|rollback|set|listen|unlisten|call|create|alter|drop|comment|grant|revoke|do)\\b[\\x20-\\x7e\\x80-\\xff\\s]*)\0");
    private static final Pattern VARYING = Pattern.compile("[0-9a-f]{8}-[0-9a-f-]{27}|\\d{2,}|(?<=/countersign-)[a-z-]+");

    private Question() {}

    /// Empty for what is neither (a handshake).
    static String of(byte[] bytes, int length) {
        String text = new String(bytes, 0, Math.min(length, 8192), StandardCharsets.ISO_8859_1);
        Matcher call = CALL.matcher(text);
        String asked = call.lookingAt() ? call.group(1) : statement(text);
        String line = VARYING.matcher(asked.strip().replaceAll("\\s+", " ")).replaceAll("#");
        return line.substring(0, Math.min(240, line.length()));
    }

    /// The last statement of the packet: what goes before it opens the transaction or sets the tenant.
    private static String statement(String packet) {
        Matcher statements = STATEMENT.matcher(packet);
        String last = "";
        while (statements.find()) {
            last = statements.group(1);
        }
        return last;
    }
}
