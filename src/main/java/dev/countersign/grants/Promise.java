package dev.countersign.grants;

import dev.countersign.requests.Ask;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Sentence;
import java.util.ArrayList;
import java.util.List;

/// A request's sentence as a promise: "order-service may POST /a on payment-service". When it ends is said apart.
public final class Promise {
    private Promise() {}

    public static Sentence of(Ask ask) {
        List<Sentence.Part> parts = new ArrayList<>();
        for (Sentence.Part part : ask.sentence(new GrantPeriod.Permanent()).parts()) {
            parts.add(part.kind() == Sentence.Kind.WORDS ? saying(part, promised(part.text())) : part);
        }
        if (parts.getLast().kind() == Sentence.Kind.TIME) {
            parts.removeLast();
            parts.set(parts.size() - 1, saying(parts.getLast(), parts.getLast().text().replaceFirst("[,\\s]+$", "")));
        }
        return new Sentence(parts);
    }

    /// Words that stand together are one part: " asks to call anything on ".
    private static String promised(String words) {
        return words.replaceFirst(" asks? to ", " may ").replace(" and to ", " and ").replace(", to ", ", ");
    }

    private static Sentence.Part saying(Sentence.Part part, String words) {
        return new Sentence.Part(part.kind(), words, part.href());
    }
}
