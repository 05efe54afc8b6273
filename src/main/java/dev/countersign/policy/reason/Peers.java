package dev.countersign.policy.reason;

import dev.countersign.policy.reason.Matcher.OfPeer;
import dev.countersign.policy.reason.Text.Item;
import dev.countersign.policy.reason.Text.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What `principals`, `namespaces`, `serviceAccounts` and `trustDomains` say about an identity `td/ns/NS/sa/SA`, and the
/// atoms of identities. Identities are those that Istio issues; the absence of one (plain text) is an atom of its own.
final class Peers {
    private static final Text ANY = Text.NON_EMPTY;
    private static final OfPeer NEVER = new OfPeer(Text.NEVER, ANY, ANY, Optional.empty(), "nobody");

    private Peers() {}

    static OfPeer principal(String value) {
        Text text = Text.generic(value);
        String[] parts = text.value().split("/", -1);
        return switch (text.kind()) {
            case NON_EMPTY -> new OfPeer(ANY, ANY, ANY, Optional.empty(), value);
            case EXACT -> parts.length == 5 && parts[1].equals("ns") && parts[3].equals("sa")
                    ? peer(Text.exact(parts[0]), Text.exact(parts[2]), Text.exact(parts[4]), value)
                    : NEVER;
            case PREFIX -> prefix(parts, value);
            case SUFFIX -> suffix(parts, value);
            case ANYTHING, GLOB, NEVER -> throw new IllegalStateException("not a principal: " + value);
        };
    }

    private static OfPeer prefix(String[] parts, String value) {
        int last = parts.length - 1;
        String rest = parts[last];
        if (last > 4 || last >= 2 && !parts[1].equals("ns") || last >= 4 && !parts[3].equals("sa")
                || last == 1 && !"ns".startsWith(rest) || last == 3 && !"sa".startsWith(rest)) {
            return NEVER;
        }
        Text domain = last == 0 ? open(Kind.PREFIX, rest) : Text.exact(parts[0]);
        Text namespace = last < 2 ? ANY : last == 2 ? open(Kind.PREFIX, rest) : Text.exact(parts[2]);
        Text account = last < 4 ? ANY : open(Kind.PREFIX, rest);
        return peer(domain, namespace, account, value);
    }

    private static OfPeer suffix(String[] parts, String value) {
        int count = parts.length - 1;
        String rest = parts[0];
        if (count > 4 || count >= 2 && !parts[count - 1].equals("sa") || count >= 4 && !parts[count - 3].equals("ns")
                || count == 1 && !"sa".endsWith(rest) || count == 3 && !"ns".endsWith(rest)) {
            return NEVER;
        }
        Text account = count == 0 ? open(Kind.SUFFIX, rest) : Text.exact(parts[count]);
        Text namespace = count < 2 ? ANY : count == 2 ? open(Kind.SUFFIX, rest) : Text.exact(parts[count - 2]);
        Text domain = count < 4 ? ANY : open(Kind.SUFFIX, rest);
        return peer(domain, namespace, account, value);
    }

    private static Text open(Kind kind, String value) {
        return value.isEmpty() ? ANY : Text.of(kind, value);
    }

    private static OfPeer peer(Text domain, Text namespace, Text account, String label) {
        for (Text part : List.of(domain, namespace, account)) {
            if (part.kind() == Kind.EXACT && part.value().isEmpty()) {
                return NEVER;
            }
        }
        return new OfPeer(domain, namespace, account, Optional.empty(), label);
    }

    /// Envoy's `.*/ns/VALUE/.*` over the whole SAN. It can find `/ns/` or an end in other places than the namespace: those
    /// values go to the automaton.
    static OfPeer namespace(String value) {
        Text text = Text.generic(value);
        String v = text.value();
        String label = "namespace " + value;
        boolean elsewhere = v.indexOf('*') >= 0 || v.indexOf('/') >= 0
                || switch (text.kind()) {
                    case EXACT -> v.equals("ns") || v.equals("sa") || v.isEmpty();
                    case PREFIX -> "ns".startsWith(v) || "sa".startsWith(v);
                    case SUFFIX -> "ns".endsWith(v) || "sa".endsWith(v);
                    default -> false;
                };
        if (!elsewhere) {
            return new OfPeer(ANY, text, ANY, Optional.empty(), label);
        }
        List<Item> items = new ArrayList<>();
        items.add(new Item(Chars.Some.ANY, true));
        items.addAll(Text.literal("/ns/"));
        for (char c : value.toCharArray()) {
            items.add(c == '*' ? new Item(Chars.Some.ANY, true) : new Item(new Chars.One(c), false));
        }
        items.add(new Item(new Chars.One('/'), false));
        items.add(new Item(Chars.Some.ANY, true));
        return new OfPeer(ANY, ANY, ANY, Optional.of(Text.glob(value, items)), label);
    }

    /// ztunnel compares the namespace itself.
    static OfPeer namespaceAtZtunnel(String value) {
        return new OfPeer(ANY, Text.generic(value), ANY, Optional.empty(), "namespace " + value);
    }

    static OfPeer serviceAccount(String value, String policyNamespace) {
        int slash = value.indexOf('/');
        String namespace = slash < 0 ? policyNamespace : value.substring(0, slash);
        String account = value.substring(slash + 1);
        return account.indexOf('/') >= 0
                ? NEVER
                : peer(ANY, Text.exact(namespace), Text.exact(account), "service account " + namespace + "/" + account);
    }

    static OfPeer trustDomain(String value) {
        Text text = Text.generic(value);
        String label = "trust domain " + value;
        if (text.value().indexOf('/') < 0) {
            return peer(text, ANY, ANY, label);
        }
        // Only `when` lets a slash pass: then the value is compared with the start of the SAN.
        List<Item> items = new ArrayList<>(Text.literal("spiffe://"));
        if (text.kind() == Kind.SUFFIX) {
            items.add(new Item(Chars.Some.NOT_SLASH, true));
        }
        items.addAll(Text.literal(text.value()));
        if (text.kind() == Kind.PREFIX) {
            items.add(new Item(Chars.Some.NOT_SLASH, true));
        }
        items.add(new Item(new Chars.One('/'), false));
        items.add(new Item(Chars.Some.ANY, true));
        return new OfPeer(ANY, ANY, ANY, Optional.of(Text.glob(value, items)), label);
    }

    static boolean matches(OfPeer peer, dev.countersign.policy.model.Spiffe identity) {
        return peer.whole()
                .map(whole -> whole.matches("spiffe://" + identity.principal()))
                .orElseGet(() -> peer.trustDomain().matches(identity.trustDomain())
                        && peer.namespace().matches(identity.namespace())
                        && peer.account().matches(identity.serviceAccount()));
    }

    /// Combinations of the matchers with a principal each. Plain text, which no matcher matches, is not among them.
    static Combinations<Optional<String>> combinations(List<OfPeer> peers) {
        Map<AtomSet, Optional<String>> found = new LinkedHashMap<>();
        if (peers.stream().allMatch(peer -> peer.whole().isEmpty())) {
            byParts(peers).forEach((set, principal) -> found.put(set, Optional.of(principal)));
            return Combinations.all(found);
        }
        List<Text> texts = peers.stream().map(Peers::wholeText).toList();
        Combinations<String> sans = ProductAutomaton.combinations(texts, Universe.IDENTITY);
        sans.found().forEach((set, san) -> found.put(set, Optional.of(san.substring("spiffe://".length()))));
        return new Combinations<>(found, sans.complete());
    }

    private static Map<AtomSet, String> byParts(List<OfPeer> peers) {
        Map<AtomSet, String> domains = part(peers.stream().map(OfPeer::trustDomain).toList(), Universe.TRUST_DOMAIN);
        Map<AtomSet, String> namespaces = part(peers.stream().map(OfPeer::namespace).toList(), Universe.NAME);
        Map<AtomSet, String> accounts = part(peers.stream().map(OfPeer::account).toList(), Universe.NAME);
        Map<AtomSet, String> found = new LinkedHashMap<>();
        Set<AtomSet> done = new HashSet<>();
        domains.forEach((domainSet, domain) -> namespaces.forEach((namespaceSet, namespace) -> {
            AtomSet both = domainSet.and(namespaceSet);
            // Accounts only take away: a pair that lets the same matchers through adds nothing new.
            if (done.add(both)) {
                accounts.forEach((accountSet, account) -> found.putIfAbsent(
                        both.and(accountSet), domain + "/ns/" + namespace + "/sa/" + account));
            }
        }));
        return found;
    }

    /// Combinations over one part; parts that several matchers share are looked at once.
    private static Map<AtomSet, String> part(List<Text> texts, Universe universe) {
        Map<Text, Integer> index = new HashMap<>();
        List<Text> distinct = new ArrayList<>();
        for (Text text : texts) {
            index.computeIfAbsent(text, t -> {
                distinct.add(t);
                return distinct.size() - 1;
            });
        }
        Map<AtomSet, String> found = new LinkedHashMap<>();
        StringAtoms.of(distinct, universe).found().forEach((set, text) -> {
            boolean[] members = new boolean[texts.size()];
            for (int t = 0; t < members.length; t++) {
                members[t] = set.has(index.get(texts.get(t)));
            }
            found.put(AtomSet.of(members.length, members), text);
        });
        return found;
    }

    private static Text wholeText(OfPeer peer) {
        if (peer.whole().isPresent()) {
            return peer.whole().get();
        }
        List<Item> items = new ArrayList<>(Text.literal("spiffe://"));
        items.addAll(partItems(peer.trustDomain()));
        items.addAll(Text.literal("/ns/"));
        items.addAll(partItems(peer.namespace()));
        items.addAll(Text.literal("/sa/"));
        items.addAll(partItems(peer.account()));
        return peer.trustDomain().kind() == Kind.NEVER ? Text.NEVER : Text.glob(peer.label(), items);
    }

    private static List<Item> partItems(Text part) {
        Item rest = new Item(Chars.Some.NOT_SLASH, true);
        List<Item> items = new ArrayList<>();
        if (part.kind() == Kind.SUFFIX) {
            items.add(rest);
        }
        items.addAll(Text.literal(part.value()));
        if (part.kind() == Kind.NON_EMPTY) {
            items.add(new Item(Chars.Some.NOT_SLASH, false));
        }
        if (part.kind() == Kind.PREFIX || part.kind() == Kind.NON_EMPTY) {
            items.add(rest);
        }
        return items;
    }
}
