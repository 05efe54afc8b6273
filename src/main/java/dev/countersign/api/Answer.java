package dev.countersign.api;

import dev.countersign.web.Problem;
import java.net.URI;
import java.util.Optional;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/// An answer as its exact bytes, so that a retry can be answered by the same ones; or by `retried`, where the first answer holds
/// something that is said once and stored nowhere.
record Answer(int status, MediaType type, Optional<String> location, Optional<String> etag, byte[] body, byte[] retried) {
    Answer(int status, MediaType type, Optional<String> location, Optional<String> etag, byte[] body) {
        this(status, type, location, etag, body, body);
    }

    /// Members in the order of their record, times in RFC 3339, absent values as null.
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    static Answer of(Object document) {
        return new Answer(200, MediaType.APPLICATION_JSON, Optional.empty(), Optional.empty(), JSON.writeValueAsBytes(document));
    }

    /// With the entity tag of these bytes.
    static Answer tagged(Object document) {
        Answer plain = of(document);
        return new Answer(plain.status, plain.type, plain.location, Optional.of(EntityTag.of(plain.body)), plain.body);
    }

    static Answer of(Problem problem, String path) {
        var document = problem.document();
        document.setInstance(URI.create(path));
        return new Answer(problem.status(), MediaType.APPLICATION_PROBLEM_JSON, Optional.empty(), Optional.empty(),
                PROBLEMS.writeValueAsBytes(document));
    }

    Answer status(int other) {
        return new Answer(other, type, location, etag, body, retried);
    }

    Answer created(String at) {
        return new Answer(201, type, Optional.of(at), etag, body, retried);
    }

    /// A retry is answered by this document instead.
    Answer retriedBy(Object document) {
        return new Answer(status, type, location, etag, body, JSON.writeValueAsBytes(document));
    }

    ResponseEntity<byte[]> entity() {
        ResponseEntity.BodyBuilder entity = ResponseEntity.status(status).contentType(type);
        location.ifPresent(at -> entity.header("Location", at));
        etag.ifPresent(tag -> entity.header("ETag", tag));
        return entity.body(body);
    }

    /// Problem details have members of any name, which Spring's mixin spreads out.
    private static final JsonMapper PROBLEMS = JsonMapper.builder()
            .addMixIn(org.springframework.http.ProblemDetail.class, org.springframework.http.converter.json.ProblemDetailJacksonMixin.class)
            .build();

    static byte[] json(Object document) {
        return JSON.writeValueAsBytes(document);
    }
}
