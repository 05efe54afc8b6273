package dev.countersign.api;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.http.ResponseEntity;

/// How a page of a list is answered: `next` in the body, and the same as a Link header (RFC 8288).
final class Listing {
    private Listing() {}

    static ResponseEntity<byte[]> answer(HttpServletRequest request, Parameters parameters, Object document, Optional<String> next) {
        ResponseEntity<byte[]> plain = Answer.of(document).entity();
        return next.map(cursor -> ResponseEntity.status(plain.getStatusCode())
                        .headers(plain.getHeaders())
                        .header("Link", "<" + parameters.address(request, cursor) + ">; rel=\"next\"")
                        .body(plain.getBody()))
                .orElse(plain);
    }
}
