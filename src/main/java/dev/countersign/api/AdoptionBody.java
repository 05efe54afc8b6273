package dev.countersign.api;

import dev.countersign.api.AccessRequestBody.JustificationBody;
import dev.countersign.requests.DraftReader;
import dev.countersign.requests.FieldProblem;
import dev.countersign.requests.Terms;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Which live policy is to be adopted, why, and for how long its rules are asked for (`grantFor`, or `until`, or neither for access
/// without an end).
record AdoptionBody(String cluster, String namespace, String policy, JustificationBody justification, Optional<String> grantFor, Optional<Instant> until) {
    /// As it was read: the terms by the same reader as a request's.
    record Read(String cluster, String namespace, String policy, Terms terms) {}

    static Read read(byte[] body) {
        return Member.body(body, member -> {
            member.objectOf("cluster", "namespace", "policy", "justification", "grantFor", "until");
            return new Read(member.of("cluster").text(253), member.of("namespace").text(63), member.of("policy").text(253),
                    switch (DraftReader.readTerms(member.tree())) {
                        case DraftReader.TermsReading.Read(Terms terms) -> terms;
                        case DraftReader.TermsReading.Unreadable(List<FieldProblem> problems) -> throw AccessRequestBody.refused(problems, "");
                    });
        });
    }
}
