package dev.countersign.policy.eval;

import dev.countersign.policy.eval.RuleReading.Clause;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// Turns policies into what one kind of proxy makes of them.
sealed interface RuleReader permits EnvoyReader, ZtunnelReader {
    RuleReading read(AuthorizationPolicy policy, int rule);

    /// `ns[NS]-policy[NAME]-rule[I]`.
    static String key(AuthorizationPolicy policy, int rule) {
        return "ns[" + policy.metadata().namespace() + "]-policy[" + policy.metadata().name() + "]-rule[" + rule + "]";
    }

    /// Some value of `any` (or none given) and no value of `none`. Absent data matches no value, so it passes `none`.
    static Predicate<Call> values(Values values, Function<String, Predicate<Call>> one) {
        // Most values are never looked at: another field of their rule has failed before.
        Once<List<Predicate<Call>>> positive = new Once<>(() -> each(values.any(), one));
        Once<List<Predicate<Call>>> negative = new Once<>(() -> each(values.none(), one));
        return call -> {
            List<Predicate<Call>> any = positive.get();
            List<Predicate<Call>> none = negative.get();
            return (any.isEmpty() || some(any, call)) && !some(none, call);
        };
    }

    private static List<Predicate<Call>> each(List<String> values, Function<String, Predicate<Call>> one) {
        List<Predicate<Call>> tests = new ArrayList<>(values.size());
        for (String value : values) {
            tests.add(one.apply(value));
        }
        return tests;
    }

    private static boolean some(List<Predicate<Call>> tests, Call call) {
        for (Predicate<Call> test : tests) {
            if (test.test(call)) {
                return true;
            }
        }
        return false;
    }

    /// An address inside the block; a value or an address that is none matches nothing.
    static Predicate<Call> block(String value, Function<Call, String> address) {
        Optional<AddressBlock> block = AddressBlock.parse(value);
        return call -> block.isPresent()
                && Address.parse(address.apply(call)).filter(block.get()::contains).isPresent();
    }

    /// The port as a number: `08080` is 8080.
    static Predicate<Call> port(String value) {
        int port = number(value);
        return call -> call.destinationPort() == port;
    }

    private static int number(String value) {
        if (value.isEmpty() || value.length() > 9 || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        return Integer.parseInt(value);
    }

    static Clause clause(String noun, Values values, Function<String, Predicate<Call>> one) {
        return new Clause(noun, values(values, one));
    }

    static String noun(SourceField field) {
        return switch (field) {
            case PRINCIPALS -> "the principal";
            case REQUEST_PRINCIPALS -> "the request principal";
            case NAMESPACES -> "the source namespace";
            case SERVICE_ACCOUNTS -> "the service account";
            case TRUST_DOMAINS -> "the trust domain";
            case IP_BLOCKS -> "the source address";
            case REMOTE_IP_BLOCKS -> "the client address";
        };
    }

    static String noun(OperationField field) {
        return switch (field) {
            case HOSTS -> "the host";
            case PORTS -> "the port";
            case METHODS -> "the method";
            case PATHS -> "the path";
        };
    }
}
