package dev.countersign.api;

import java.util.Optional;

/// Why it is taken back, if one wants to say so.
record WithdrawalBody(Optional<String> words) {
    static WithdrawalBody read(Member body) {
        body.objectOf("words");
        return new WithdrawalBody(body.of("words").optionalText(1_000));
    }
}
