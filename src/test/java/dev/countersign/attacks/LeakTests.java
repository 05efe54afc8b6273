package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

import dev.countersign.audit.Actor;
import dev.countersign.identity.Scope;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.TestDatabase;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.test.web.servlet.MockMvc;

/// S20: canaries in every secret field go through every recipe, right and with each of its places wrong, and through what is
/// answered with an error. Then they are looked for in every answer (its headers too), in the log, in every column of every
/// table as the superuser reads it, and in what every component of the program says of itself: in plain, in base64 of every
/// alignment, in hexadecimal, as in an address, and backwards. The same search finds what is planted.
@PortalTest
@ExtendWith(OutputCaptureExtension.class)
class LeakTests {
    private static final List<String> INSIDE = List.of("/actuator", "/actuator/env", "/actuator/configprops", "/actuator/heapdump", "/actuator/beans", "/actuator/loggers",
            "/actuator/metrics", "/actuator/sessions", "/actuator/health", "/actuator/health/readiness", "/error", "/nothing", "/api/v1/nothing", "/h2-console", "/.env");

    @Autowired
    ConfigurableApplicationContext context;

    @Autowired
    MockMvc mvc;

    private Attacks attacks;
    private World ours;
    private final Map<String, String> canaries = new LinkedHashMap<>();
    private String bearer;
    private jakarta.servlet.http.Cookie session;

    @BeforeEach
    void plant() throws Exception {
        attacks = Attacks.on(context);
        ours = attacks.ours();
        String username = "canary" + Long.toHexString(System.nanoTime());
        String password = "Canary password " + System.nanoTime();
        bearer = ours.in(() -> ours.transacted(() -> {
            ours.people(username, "Nobody", password);
            return attacks.rooms().tokens().issue(Actor.system("test"), ours.tenant().person("admin"), "canary", Set.of(Scope.values()), Duration.ofDays(1)).secret();
        }));
        Door door = new Door(mvc, context.getBean(FilterChainProxy.class), context.getBean(CsrfTokenRepository.class));
        door.restore();
        session = door.signIn("admin@" + ours.tenant().tenant().slug(), "admin password");
        canaries.put("password", password);
        canaries.put("wrong password", "Wrong-canary-" + System.nanoTime());
        canaries.put("new password", "New-canary-password-" + System.nanoTime());
        // Its end: what stands between is random, and may look like what separates.
        canaries.put("API token", bearer.substring(bearer.length() - 32));
        String named = new String(Base64.getDecoder().decode(session.getValue()), StandardCharsets.UTF_8);
        // What the id alone is good for: SessionUseTests.
        canaries.put("session", named.substring(named.lastIndexOf('.') + 1));
        canaries.put("CSRF token", door.token(session, "/me"));
        canaries.put("kubeconfig token", "canary-kubeconfig-token-" + System.nanoTime());
        canaries.put("kubeconfig client key", "Q2FuYXJ5Q2xpZW50S2V5" + System.nanoTime());
        canaries.put("repository token", "canary-repository-token-" + System.nanoTime());
        canaries.put("stored kubeconfig token", ours.cluster().token("portal"));
        canaries.put("secret-box key", context.getEnvironment().getRequiredProperty("countersign.secrets.key"));
        canaries.put("record key", context.getEnvironment().getRequiredProperty("countersign.record.key"));
        // At the door: the right password, a wrong one, and a wrong name.
        for (String[] tried : new String[][] {{username, password}, {username, canaries.get("wrong password")}, {canaries.get("wrong password"), password}}) {
            Door.Page page = door.look();
            mvc.perform(org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post("/sign-in").cookie(page.cookie()).param("_csrf", page.token())
                    .param("username", tried[0] + "@" + ours.tenant().tenant().slug()).param("password", tried[1]));
        }
    }

    private record Leak(String secret, String spelling) {}

    private List<Leak> leaks(String text) {
        List<Leak> leaks = new ArrayList<>();
        canaries.forEach((name, secret) -> spellings(secret).forEach((spelling, wanted) -> {
            if (text.contains(wanted)) {
                leaks.add(new Leak(name, spelling));
            }
        }));
        return leaks;
    }

    private static Map<String, String> spellings(String secret) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        Map<String, String> spellings = new LinkedHashMap<>();
        spellings.put("plain", secret);
        spellings.put("backwards", new StringBuilder(secret).reverse().toString());
        spellings.put("address", URLEncoder.encode(secret, StandardCharsets.UTF_8));
        spellings.put("hex", HexFormat.of().formatHex(bytes));
        spellings.put("HEX", HexFormat.of().withUpperCase().formatHex(bytes));
        for (int shift = 0; shift < 3; shift++) {
            // Whatever goes before and after it: the characters that hold nothing but it.
            byte[] shifted = new byte[bytes.length + shift];
            System.arraycopy(bytes, 0, shifted, shift, bytes.length);
            int whole = shifted.length / 3 * 3;
            String all = Base64.getEncoder().encodeToString(Arrays.copyOf(shifted, whole)).substring(shift == 0 ? 0 : 4);
            spellings.put("base64, " + shift, all);
            spellings.put("base64 of addresses, " + shift, all.replace('+', '-').replace('/', '_'));
        }
        // A key in base64 is also the bytes that it means.
        if (secret.matches("[A-Za-z0-9+/]{43}=")) {
            spellings.put("bytes in hex", HexFormat.of().formatHex(Base64.getDecoder().decode(secret)));
        }
        return spellings;
    }

    private Caller canary(Recipe recipe) {
        return recipe.isApi() ? Caller.token("canary", bearer) : new Caller("canary", asked -> asked.with(csrf().asHeader()).cookie(session));
    }

    /// With secrets wherever a recipe takes one.
    private Map<String, String> things(World world) {
        Map<String, String> things = new LinkedHashMap<>(world.things());
        things.put("kubeconfig", """
                apiVersion: v1
                kind: Config
                current-context: c
                clusters: [{name: c, cluster: {server: "https://127.0.0.1:1", certificate-authority-data: "%s"}}]
                contexts: [{name: c, context: {cluster: c, user: u}}]
                users: [{name: u, user: {token: "%s", client-key-data: "%s"}}]
                """.formatted(canaries.get("kubeconfig client key"), canaries.get("kubeconfig token"), canaries.get("kubeconfig client key")));
        return things;
    }

    private Recipe secretly(Recipe recipe) {
        return recipe.with(text -> text.equals("engineer password") ? canaries.get("password") : text.equals("another long password") ? canaries.get("new password")
                : text.equals("a token that may push") ? canaries.get("repository token") : text);
    }

    @Test
    void noCanaryComesOutAnywhere(CapturedOutput log) throws Exception {
        // What lasts is tried on a world that nobody needs afterwards.
        try (World used = World.found(attacks.rooms(), "hjklm", 0)) {
            lookFor(used, log);
        }
    }

    private void lookFor(World used, CapturedOutput log) throws Exception {
        Set<String> leaks = new LinkedHashSet<>();
        int answers = 0;
        long bytes = 0;
        for (Recipe recipe : Recipes.all()) {
            if (recipe.route().equals("GET /news")) {
                continue;
            }
            World world = recipe.lasting() ? used : ours;
            Recipe right = secretly(recipe).in(things(world));
            List<Recipe> sent = new ArrayList<>(List.of(right));
            // A secret where none belongs is said again by whoever says what was wrong; so what is wrong is not the secret.
            sent.addAll(right.each(text -> canaries.values().stream().anyMatch(text::contains) ? text + "\u0000" : "\u00ffwrong"));
            for (Recipe one : sent) {
                // An erasure takes notices out of sessions: undone, it would keep the session's own row from being written.
                boolean another = recipe.lasting() || recipe.route().equals("POST /admin/people/{username}/erasure");
                Caller caller = another ? attacks.caller(world, recipe.by()) : canary(recipe);
                Attacks.Answer answer = recipe.lasting() || recipe.reads() ? attacks.send(one, caller) : attacks.undone(world, one, caller);
                String said = answer.status() + " " + answer.headers() + "\n" + answer.body();
                answers++;
                bytes += said.length();
                leaks(said).stream()
                        // A page carries its own token on purpose.
                        .filter(leak -> !leak.secret().equals("CSRF token"))
                        .forEach(leak -> leaks.add(recipe.route() + " " + answer.status() + ": " + leak));
            }
        }
        for (String path : INSIDE) {
            for (Caller caller : List.of(Caller.anonymous(), Caller.token("canary", bearer), Caller.token("nearly", bearer + "x"), new Caller("session", asked -> asked.cookie(session)))) {
                Attacks.Answer answer = attacks.send(Recipe.of(caller.name(), "GET " + path), caller);
                answers++;
                leaks(answer.headers() + answer.body()).stream().filter(leak -> !leak.secret().equals("CSRF token")).forEach(leak -> leaks.add(path + ": " + leak));
            }
        }
        leaks(log.getAll()).forEach(leak -> leaks.add("log: " + leak));
        Map<String, String> tables = tables();
        tables.forEach((table, rows) -> leaks(rows)
                .forEach(leak -> leaks.add("table " + table + ": " + leak)));
        Map<String, String> beans = beans();
        beans.forEach((bean, said) -> leaks(said).forEach(leak -> leaks.add("bean " + bean + ": " + leak)));
        System.out.println("S20 " + canaries.size() + " canaries, " + spellings("x".repeat(20)).size() + " spellings; " + answers + " answers of " + bytes + " characters, "
                + log.getAll().length() + " of log, " + tables.size() + " tables of " + tables.values().stream().mapToLong(String::length).sum() + ", " + beans.size() + " components");
        assertThat(answers).isGreaterThan(500);
        assertThat(tables).hasSizeGreaterThan(30);
        assertThat(leaks).isEmpty();
    }

    /// Without this the other could not fail: one leak of each kind, and each is found.
    @Test
    void whatIsPlantedIsFound(CapturedOutput log) throws Exception {
        for (Map.Entry<String, String> canary : canaries.entrySet()) {
            for (Map.Entry<String, String> spelling : spellings(canary.getValue()).entrySet()) {
                assertThat(leaks("<p>" + spelling.getValue() + "</p>")).as("%s, %s", canary.getKey(), spelling.getKey()).extracting(Leak::secret).contains(canary.getKey());
            }
            for (String before : List.of("", "a", "ab")) {
                assertThat(leaks(Base64.getEncoder().encodeToString((before + canary.getValue() + "c").getBytes(StandardCharsets.UTF_8)))).as(canary.getKey()).isNotEmpty();
            }
        }
        LoggerFactory.getLogger("planted").warn("a token {}", canaries.get("API token"));
        assertThat(leaks(log.getAll())).extracting(Leak::secret).contains("API token");
        try (Connection connection = TestDatabase.server().connect(attacks.rooms().database()); var statement = connection.createStatement()) {
            statement.execute("create table planted_leak as select convert_to('" + canaries.get("kubeconfig token") + "', 'UTF8') as said");
            try {
                assertThat(leaks(tables().get("planted_leak"))).containsExactly(new Leak("kubeconfig token", "hex"));
            } finally {
                statement.execute("drop table planted_leak");
            }
        }
    }

    /// All rows of every table of the program, as text.
    private Map<String, String> tables() throws SQLException {
        Map<String, String> tables = new LinkedHashMap<>();
        try (Connection connection = TestDatabase.server().connect(attacks.rooms().database()); var statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (var rows = statement.executeQuery("select tablename from pg_tables where schemaname = 'public' order by 1")) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
            for (String name : names) {
                StringBuilder all = new StringBuilder();
                try (var rows = statement.executeQuery("select t::text from \"" + name + "\" t")) {
                    while (rows.next()) {
                        all.append(rows.getString(1)).append('\n');
                    }
                }
                tables.put(name, all.toString());
            }
        }
        return tables;
    }

    /// What every component says of itself, as a log line or a debugger would have it.
    private Map<String, String> beans() {
        Map<String, String> beans = new LinkedHashMap<>();
        Stream.of(context.getBeanFactory().getSingletonNames()).forEach(name -> beans.put(name, String.valueOf(context.getBeanFactory().getSingleton(name))));
        return beans;
    }
}
