package dev.countersign.api;

import dev.countersign.adoption.Adopting;
import dev.countersign.adoption.Adoption;
import dev.countersign.adoption.AdoptionDesk;
import dev.countersign.adoption.AdoptionDesk.Proposal;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Scope;
import dev.countersign.requests.FieldProblem;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Taking over policies that the portal did not make.
@RestController
class AdoptionsApi {
    private final AdoptionDesk desk;
    private final Posts posts;

    AdoptionsApi(AdoptionDesk desk, Posts posts) {
        this.desk = desk;
        this.posts = posts;
    }

    @Endpoint(summary = "Propose to adopt a live policy", scope = Scope.REQUEST, body = AdoptionBody.class, answer = AdoptionDocument.class, status = 201,
            refusals = 404, tagged = true,
            description = "Every rule becomes a request. Refused with every reason where a rule cannot be said as a request, nobody owns a caller, or it is not proven that nothing changes.")
    @PostMapping(path = "/api/v1/adoptions", consumes = "application/json", produces = "application/json")
    ResponseEntity<byte[]> propose(@AuthenticationPrincipal CurrentPerson me, @RequestBody(required = false) byte @Nullable [] sent, HttpServletRequest request) {
        byte[] body = Bodies.required(sent);
        return posts.once(me, request, body, () -> {
            AdoptionBody.Read wanted = AdoptionBody.read(body);
            return switch (desk.propose(me, new Proposal(wanted.cluster(), wanted.namespace(), wanted.policy(), wanted.terms()))) {
                case Adopting.Proposed(long number, var ignored) -> answer(number).created("/api/v1/adoptions/" + number);
                case Adopting.UnderWay(long number, String message) -> throw new Problem.Conflict(message, Map.of("adoption", number));
                case Adopting.Refused(List<FieldProblem> problems) -> throw new Problem.Refused("The policy cannot be adopted as it is. See errors: each says what to do.",
                        problems.stream().map(problem -> new Problem.Wrong(problem.pointer(), "CS9422", problem.message())).toList());
                case Adopting.Unknown() -> throw new Problem.NotFound("policy " + wanted.namespace() + "/" + wanted.policy() + " in a cluster " + wanted.cluster());
            };
        });
    }

    @Endpoint(summary = "One adoption with how it stands", scope = Scope.READ, answer = AdoptionDocument.class, tagged = true)
    @GetMapping(path = "/api/v1/adoptions/{number}", produces = "application/json")
    ResponseEntity<byte[]> one(@PathVariable long number, HttpServletRequest request) {
        Parameters.none(request);
        return EntityTag.read(request, answer(number));
    }

    private Answer answer(long number) {
        Adoption adoption = desk.find(number).orElseThrow(() -> new Problem.NotFound("adoption " + number));
        return Answer.tagged(AdoptionDocument.of(adoption, desk.proof(adoption)));
    }
}
