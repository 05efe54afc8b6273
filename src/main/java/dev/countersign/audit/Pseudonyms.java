package dev.countersign.audit;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/// How the record speaks of people: by marks that never change, in place of names that may have to go.
///
/// - `person#p<id>`: the full name (`engineer@acme`) of the person with this id, 32 hexadecimal digits.
/// - `shown#p<id>`: the name for colleagues (`Erin Engineer`).
/// - `sealed#p<id>#<text>`: a text under the person's own key.
///
/// Readers put names back for as long as the person was not erased. A mark is one word for full-text search: `p<id>`.
@Component
public class Pseudonyms {
    /// What is shown for a sealed text whose key is gone.
    public static final String GONE = "(erased)";

    private static final Pattern MARK = Pattern.compile("(person|shown)#p([0-9a-f]{32})(?![0-9a-f])|sealed#p([0-9a-f]{32})#([-_A-Za-z0-9]+)");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final PersonNames names;

    Pseudonyms(PersonNames names) {
        this.names = names;
    }

    /// The mark of a person's full name.
    public static String of(UUID person) {
        return "person#" + word(person);
    }

    /// The mark of a person's name for colleagues.
    public static String shown(UUID person) {
        return "shown#" + word(person);
    }

    /// What an erased person is called; two of them stay distinguishable.
    public static String erased(UUID person) {
        return "erased person " + hex(person).substring(0, 12);
    }

    /// The username of an erased person.
    public static String erasedUsername(UUID person) {
        return "erased-" + hex(person).substring(0, 12);
    }

    /// The text for the record, to be read again only while the person's key exists.
    public String seal(UUID person, String text) {
        return "sealed#" + word(person) + "#" + names.seal(person, text);
    }

    /// The text with every mark opened.
    public String open(String text) {
        return open(List.of(text)).get(text);
    }

    /// JSON text with every mark in its strings opened; it stays JSON.
    public String openJson(String json) {
        return replaced(json, names.known(ids(List.of(json))), Pseudonyms::escaped);
    }

    /// Each of the texts with every mark opened; one statement for all, none where there is no mark.
    Map<String, String> open(Collection<String> texts) {
        Opener opener = opener();
        opener.learn(texts);
        Map<String, String> opened = new HashMap<>();
        texts.forEach(text -> opened.put(text, opener.open(text)));
        return opened;
    }

    /// For reading many entries in one transaction: asks once for each person.
    Opener opener() {
        return new Opener(new HashMap<>());
    }

    /// Remembers whom it met; not longer than a reading.
    final class Opener {
        private final Map<UUID, Optional<PersonNames.Known>> met;

        private Opener(Map<UUID, Optional<PersonNames.Known>> met) {
            this.met = met;
        }

        void learn(Collection<String> texts) {
            Set<UUID> unknown = ids(texts);
            unknown.removeAll(met.keySet());
            if (!unknown.isEmpty()) {
                Map<UUID, PersonNames.Known> found = names.known(unknown);
                unknown.forEach(id -> met.put(id, Optional.ofNullable(found.get(id))));
            }
        }

        String open(String text) {
            learn(List.of(text));
            Map<UUID, PersonNames.Known> known = new HashMap<>();
            ids(List.of(text)).forEach(id -> met.get(id).ifPresent(person -> known.put(id, person)));
            return replaced(text, known, UnaryOperator.identity());
        }
    }

    private static Set<UUID> ids(Collection<String> texts) {
        Set<UUID> ids = new HashSet<>();
        for (String text : texts) {
            if (text.contains("#p")) {
                Matcher marks = MARK.matcher(text);
                while (marks.find()) {
                    ids.add(id(marks.group(2) == null ? marks.group(3) : marks.group(2)));
                }
            }
        }
        return ids;
    }

    private static String replaced(String text, Map<UUID, PersonNames.Known> known, UnaryOperator<String> written) {
        if (!text.contains("#p")) {
            return text;
        }
        return MARK.matcher(text).replaceAll(mark -> {
            UUID id = id(mark.group(2) == null ? mark.group(3) : mark.group(2));
            Optional<PersonNames.Known> person = Optional.ofNullable(known.get(id));
            String name = mark.group(1) == null ? person.flatMap(found -> found.open(mark.group(4))).orElse(GONE)
                    : mark.group(1).equals("shown") ? person.map(PersonNames.Known::displayName).orElseGet(() -> erased(id))
                    : person.map(PersonNames.Known::fullName).orElseGet(() -> erased(id));
            return Matcher.quoteReplacement(written.apply(name));
        });
    }

    /// A writer for one entry of `actor`, in the tenant with this slug: closes its texts alike.
    Closer closer(Actor actor, String slug) {
        return new OfPeople(actor, "@" + slug);
    }

    /// Closes nothing.
    static final Closer NOBODY = new Closer() {
        @Override
        public String json(String json) {
            return json;
        }

        @Override
        public String text(String text) {
            return text;
        }
    };

    /// The texts of one entry with marks in place of names.
    interface Closer {
        /// The JSON text of the whole entry; closed first, for it holds every name that the columns hold.
        String json(String json);

        String text(String text);
    }

    /// Found is `username@tenant`, wherever it stands.
    private final class OfPeople implements Closer {
        private final String at;
        private final Map<String, UUID> people = new HashMap<>();
        private final Set<String> asked = new HashSet<>();
        private final Optional<Closed> token;

        private record Closed(String open, String openJson, String closed) {}

        OfPeople(Actor actor, String at) {
            this.at = at;
            int end = actor.name().indexOf(at);
            boolean person = (actor.kind() == Actor.Kind.PERSON || actor.kind() == Actor.Kind.TOKEN) && end > 0;
            String token = person ? actor.name().substring(end + at.length()) : "";
            if (person) {
                UUID id = UUID.fromString(actor.id());
                people.put(actor.name().substring(0, end), id);
                asked.add(actor.name().substring(0, end));
                this.token = token.startsWith(BY_TOKEN)
                        ? Optional.of(new Closed(actor.name(), escaped(actor.name()), of(id) + BY_TOKEN + seal(id, token.substring(BY_TOKEN.length()))))
                        : Optional.empty();
            } else {
                this.token = Optional.empty();
            }
        }

        @Override
        public String json(String json) {
            return close(token.map(known -> json.replace(known.openJson(), known.closed())).orElse(json), true);
        }

        @Override
        public String text(String text) {
            return close(token.map(known -> text.replace(known.open(), known.closed())).orElse(text), false);
        }

        private String close(String text, boolean json) {
            Set<String> candidates = new HashSet<>();
            scan(text, json, username -> {
                candidates.add(username);
                return null;
            });
            candidates.removeAll(asked);
            if (!candidates.isEmpty()) {
                people.putAll(names.ids(candidates));
                asked.addAll(candidates);
            }
            return scan(text, json, people::get);
        }

        /// The text with each name of somebody that `whose` knows replaced by their mark.
        private String scan(String text, boolean json, Whose whose) {
            StringBuilder out = new StringBuilder();
            int done = 0;
            for (int to = text.indexOf(at); to >= 0; to = text.indexOf(at, to + 1)) {
                int from = begin(text, done, to, json);
                UUID person = from < to && ends(text, to + at.length()) ? whose.of(text.substring(from, to)) : null;
                if (person != null) {
                    out.append(text, done, from).append(of(person));
                    done = to + at.length();
                }
            }
            return out.append(text, done, text.length()).toString();
        }
    }

    private interface Whose {
        @Nullable UUID of(String username);
    }

    private static final String BY_TOKEN = " by token ";

    /// Where the name that ends at `to` begins. In JSON, a backslash and what it escapes are no part of a name.
    private static int begin(String text, int least, int to, boolean json) {
        int from = to;
        while (from > least && named(text.charAt(from - 1))) {
            from--;
        }
        if (json && from > 0 && text.charAt(from - 1) == '\\') {
            int slashes = 0;
            while (from - slashes > 0 && text.charAt(from - 1 - slashes) == '\\') {
                slashes++;
            }
            if (slashes % 2 == 1) {
                from = Math.min(to, from + (text.charAt(from) == 'u' ? 5 : 1));
            }
        }
        return from;
    }

    /// A name may end a sentence; it does not go on as a longer host name.
    private static boolean ends(String text, int at) {
        return at >= text.length() || !(Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '-' || text.charAt(at) == '_'
                || text.charAt(at) == '.' && at + 1 < text.length() && Character.isLetterOrDigit(text.charAt(at + 1)));
    }

    private static boolean named(char c) {
        return Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.';
    }

    private static String escaped(String text) {
        String quoted = JSON.writeValueAsString(text);
        return quoted.substring(1, quoted.length() - 1);
    }

    private static String word(UUID person) {
        return "p" + hex(person);
    }

    private static String hex(UUID person) {
        return person.toString().replace("-", "");
    }

    private static UUID id(String hex) {
        return new UUID(Long.parseUnsignedLong(hex, 0, 16, 16), Long.parseUnsignedLong(hex, 16, 32, 16));
    }
}
