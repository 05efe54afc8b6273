package dev.countersign.grants;

import dev.countersign.requests.Ask;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Sentence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A request's sentence as a promise: "order-service may POST /a on payment-service". When it ends is said apart.
final class Promise {
    private Promise() {}

    static Sentence of(Ask ask) {
        List<Sentence.Part> parts = new ArrayList<>();
        for (Sentence.Part part : ask.sentence(new GrantPeriod.Permanent()).parts()) {
            boolean asks = part.kind() == Sentence.Kind.WORDS && part.text().matches(" asks? to ");
            parts.add(asks ? new Sentence.Part(Sentence.Kind.WORDS, " may ", Optional.empty()) : part);
        }
        if (parts.getLast().kind() == Sentence.Kind.TIME) {
            parts.removeLast();
            parts.set(parts.size() - 1, stripped(parts.getLast()));
        }
        return new Sentence(parts);
    }

    private static Sentence.Part stripped(Sentence.Part part) {
        return new Sentence.Part(part.kind(), part.text().stripTrailing(), part.href());
    }
}
