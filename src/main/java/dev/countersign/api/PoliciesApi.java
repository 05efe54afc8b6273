package dev.countersign.api;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.policy.yaml.Document;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.Reading;
import dev.countersign.policy.yaml.YamlLimits;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Says what Istio would say about policies, storing nothing.
@RestController
class PoliciesApi {
    private static final YamlLimits LIMITS = new YamlLimits(1024 * 1024, JsonText.DEPTH, 100_000, 500);

    private final Posts posts;

    PoliciesApi(Posts posts) {
        this.posts = posts;
    }

    @Endpoint(summary = "What Istio and our lint say about objects", scope = Scope.READ, body = PolicyText.class, answer = ValidationDocument.class,
            description = "The body is YAML (several documents) or JSON (an object, or a List) of Istio objects, up to 1 MB.")
    @PostMapping(path = "/api/v1/policies/validation", consumes = {"application/json", "application/yaml"}, produces = "application/json")
    ResponseEntity<byte[]> validate(@AuthenticationPrincipal CurrentPerson me, @RequestBody(required = false) byte @org.jspecify.annotations.Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> Answer.of(ValidationDocument.of(read(body, LIMITS))));
    }

    /// Stands for the text in the description of the API.
    record PolicyText() {}

    static List<Document> read(byte[] body, YamlLimits limits) {
        return switch (PolicyReader.read(JsonText.utf8(body), limits)) {
            case Reading.Read(List<Document> documents) -> documents;
            case Reading.Refused refused -> throw new Problem.Unreadable(upper(refused.sentence()));
        };
    }

    private static String upper(String sentence) {
        return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }
}
