package dev.countersign.identity;

import dev.countersign.tenancy.SecretBox;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.springframework.session.web.http.CookieSerializer;

/// The cookie of a session is the session's id and a mark of it under the deployment's key. Spring Session keeps ids as they are:
/// who reads its table, or a backup of it, or writes a row into it, has no cookie yet.
///
/// Format: id, a full stop, 32 bytes in base64 (URL alphabet, no padding).
final class SignedSessionCookies implements CookieSerializer {
    private static final String PURPOSE = "cookie of a session";

    private final CookieSerializer plain;
    private final SecretBox box;

    SignedSessionCookies(CookieSerializer plain, SecretBox box) {
        this.plain = plain;
        this.box = box;
    }

    @Override
    public void writeCookieValue(CookieValue cookie) {
        String id = cookie.getCookieValue();
        String value = id.isEmpty() ? id : id + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(box.mark(PURPOSE, id.getBytes(StandardCharsets.UTF_8)));
        plain.writeCookieValue(new CookieValue(cookie.getRequest(), cookie.getResponse(), value));
    }

    /// The ids that were given out by us.
    @Override
    public List<String> readCookieValues(HttpServletRequest request) {
        return plain.readCookieValues(request).stream().filter(this::isOurs).map(value -> value.substring(0, value.lastIndexOf('.'))).toList();
    }

    private boolean isOurs(String value) {
        int stop = value.lastIndexOf('.');
        if (stop < 1) {
            return false;
        }
        try {
            return box.marked(PURPOSE, value.substring(0, stop).getBytes(StandardCharsets.UTF_8), Base64.getUrlDecoder().decode(value.substring(stop + 1)));
        } catch (IllegalArgumentException noMark) {
            return false;
        }
    }
}
