package dev.countersign.policy.reason;

import dev.countersign.policy.eval.AddressBlock;
import java.util.List;
import java.util.Optional;

/// One value of one field as a set of what can stand in a dimension. Equal matchers are the same set.
sealed interface Matcher {
    /// As a person would write it.
    String label();

    record OfText(Text text) implements Matcher {
        @Override
        public String label() {
            return text.label();
        }
    }

    /// An identity by its three parts. `whole` instead, where a value reaches across them: then over `spiffe://...`.
    record OfPeer(Text trustDomain, Text namespace, Text account, Optional<Text> whole, String label)
            implements Matcher {
        /// Whether every identity is meant.
        boolean anyone() {
            return whole.isEmpty() && trustDomain.kind() == Text.Kind.NON_EMPTY
                    && namespace.kind() == Text.Kind.NON_EMPTY && account.kind() == Text.Kind.NON_EMPTY;
        }

        /// Whether exactly one identity is meant.
        boolean single() {
            return whole.isEmpty() && trustDomain.kind() == Text.Kind.EXACT && namespace.kind() == Text.Kind.EXACT
                    && account.kind() == Text.Kind.EXACT;
        }
    }

    /// Addresses of a block; a value that is none has no addresses.
    record OfBlock(Optional<AddressBlock> block, String label) implements Matcher {}

    record OfPort(int port) implements Matcher {
        @Override
        public String label() {
            return Integer.toString(port);
        }
    }

    /// Both claims `iss` and `sub`, as strings.
    record OfToken(Text issuer, Text subject, String label) implements Matcher {}

    /// A string, or a list with one such string, at a path of claims.
    record OfClaim(List<String> path, Text text) implements Matcher {
        @Override
        public String label() {
            return text.label();
        }
    }

    /// Envoy's dynamic metadata: a string, or (`list`) a list with one such string.
    record OfMetadata(boolean list, Text text) implements Matcher {
        @Override
        public String label() {
            return list ? "[" + text.label() + "]" : text.label();
        }
    }

    /// A yes or no: the call is HTTP; the external authorizer refuses.
    record Yes(String label) implements Matcher {}
}
