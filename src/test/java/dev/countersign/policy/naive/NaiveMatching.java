package dev.countersign.policy.naive;

import dev.countersign.policy.eval.Call;
import dev.countersign.policy.model.Values;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;

/// Istio's ways to match a text, each as plainly as it can be said, and how they are joined.
final class NaiveMatching {
    private static final Map<String, String> BITS = new ConcurrentHashMap<>();

    private NaiveMatching() {}

    /// `*` is any text but the empty one, `*x` ends in x, `x*` begins with x; a leading star wins.
    static boolean smatch(String value, String text) {
        if (value.equals("*")) {
            return !text.isEmpty();
        }
        if (value.startsWith("*")) {
            return text.endsWith(value.substring(1));
        }
        if (value.endsWith("*")) {
            return text.startsWith(value.substring(0, value.length() - 1));
        }
        return text.equals(value);
    }

    /// Whether the address lies in the block (`10.1.2.3`, `10.1.0.0/16`): it begins with the block's leading bits.
    static Predicate<Call> block(String block, Function<Call, String> address) {
        int slash = block.indexOf('/');
        String network = bits(slash < 0 ? block : block.substring(0, slash));
        int length = slash < 0 ? network.length() - 1 : Integer.parseInt(block.substring(slash + 1));
        String leading = network.substring(0, 1 + length);
        return call -> BITS.computeIfAbsent(address.apply(call), NaiveMatching::bits).startsWith(leading);
    }

    /// The family (4 or 6) and then every bit, as zeros and ones.
    private static String bits(String address) {
        InetAddress parsed = InetAddress.ofLiteral(address);
        StringBuilder bits = new StringBuilder(parsed instanceof Inet4Address ? "4" : "6");
        for (byte one : parsed.getAddress()) {
            bits.append(Integer.toBinaryString(256 + (one & 255)).substring(1));
        }
        return bits.toString();
    }

    /// Some value of `any` (when there are any), and none of `none`.
    static Predicate<Call> holds(Values values, Function<String, Predicate<Call>> matcher) {
        Predicate<Call> wanted = any(values.any().stream().map(matcher).toList());
        Predicate<Call> forbidden = any(values.none().stream().map(matcher).toList());
        boolean anything = values.any().isEmpty();
        return call -> (anything || wanted.test(call)) && !forbidden.test(call);
    }

    static Predicate<Call> any(List<Predicate<Call>> parts) {
        return call -> {
            for (Predicate<Call> part : parts) {
                if (part.test(call)) {
                    return true;
                }
            }
            return false;
        };
    }

    static Predicate<Call> all(List<Predicate<Call>> parts) {
        return call -> {
            for (Predicate<Call> part : parts) {
                if (!part.test(call)) {
                    return false;
                }
            }
            return true;
        };
    }
}
