package dev.countersign.identity.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.EncryptedJWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import dev.countersign.identity.ProviderDesk;
import dev.countersign.identity.ProviderSetting;
import dev.countersign.identity.ProviderVisit;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import jakarta.servlet.http.Cookie;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;

/// S28, S16: sign-ins that are right in everything but one or two things. None opens the door, none is an accident. Every fault alone,
/// then pairs of them by chance up to `-Dforged.answers` (400); in between the right one, which passes.
@PortalTest
@ExtendWith(OutputCaptureExtension.class)
class ForgedAnswersTests {
    private static final int CASES = Integer.getInteger("forged.answers", 400);
    private static final long SEED = Long.getLong("forged.seed", 28);

    @Autowired
    MockMvc mvc;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    ProviderDesk desk;

    @Autowired
    IdentityProviders providers;

    @Autowired
    JdbcClient jdbc;

    private final TestProvider provider = TestProvider.start();
    private final TestProvider neighbour = TestProvider.start();
    private final RSAKey foreign = TestProvider.newKey("key-1");
    private final RSAKey small = weak();
    private TestTenant home;
    private TestTenant other;
    private long later;

    @BeforeEach
    void found() {
        home = enabled(provider);
        other = enabled(neighbour);
        link(home, provider);
        link(other, neighbour);
    }

    @AfterEach
    void close() {
        provider.close();
        neighbour.close();
        providers.measure(System::nanoTime);
    }

    private TestTenant enabled(TestProvider by) {
        TestTenant tenant = fixtures.tenant();
        CurrentTenant.run(tenant.tenant().id(), () -> {
            var admin = fixtures.current(tenant, "admin");
            assertThat(desk.set(admin, new ProviderSetting(by.issuer(), TestProvider.CLIENT_ID, TestProvider.SECRET, "Acme SSO", "http://localhost", "12")))
                    .isInstanceOf(ProviderDesk.Setting.Stored.class);
            desk.enable(admin);
        });
        return tenant;
    }

    private void link(TestTenant tenant, TestProvider by) {
        tenants.doInTenant(tenant.tenant().id(), () -> jdbc.sql("insert into person_link (tenant_id, person_id, issuer, subject) values (?, ?, ?, 'subject-1')")
                .params(tenant.tenant().id().value(), tenant.person("engineer"), by.issuer()).update());
    }

    private static RSAKey weak() {
        try {
            return new com.nimbusds.jose.jwk.gen.RSAKeyGenerator(1024, true).keyID("key-1").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A sign-in on its way: what the provider does, and what the browser brings back.
    private final class Scene {
        final ProviderVisit visit = new ProviderVisit(mvc, home.tenant().slug());
        String path = "/sign-in/provider/" + home.tenant().slug() + "/callback";
        List<String[]> brought = new ArrayList<>();

        void set(String name, String value) {
            drop(name);
            brought.add(new String[] {name, value});
        }

        void add(String name, String value) {
            brought.add(new String[] {name, value});
        }

        void drop(String name) {
            brought.removeIf(pair -> pair[0].equals(name));
        }

        String get(String name) {
            return brought.stream().filter(pair -> pair[0].equals(name)).map(pair -> pair[1]).findFirst().orElse("");
        }

        void bring(URI address) {
            TestProvider.parameters(address.getRawQuery()).forEach(this::add);
        }

        Cookie way() {
            return visit.cookie("countersign-way").orElseThrow();
        }

        void way(String value) {
            visit.keep(new Cookie("countersign-way", value));
        }

        String address() {
            StringBuilder query = new StringBuilder();
            brought.forEach(pair -> query.append(query.isEmpty() ? "?" : "&").append(TestProvider.encode(pair[0])).append('=').append(TestProvider.encode(pair[1])));
            return path + query;
        }
    }

    /// `before`: what the provider is told to do; `after`: what is done to what the browser brings.
    private record Fault(String name, Consumer<TestProvider> before, Consumer<Scene> after) {}

    private static final Consumer<TestProvider> NOTHING_BEFORE = provider -> {};
    private static final Consumer<Scene> NOTHING_AFTER = scene -> {};

    private List<Fault> brought() {
        List<Fault> all = new ArrayList<>();
        Map<String, Consumer<Scene>> ways = new LinkedHashMap<>();
        ways.put("no state", s -> s.drop("state"));
        ways.put("empty state", s -> s.set("state", ""));
        ways.put("another state", s -> s.set("state", "A".repeat(43)));
        ways.put("a part of the state", s -> s.set("state", s.get("state").substring(1)));
        ways.put("the state in other case", s -> s.set("state", swapped(s.get("state"))));
        ways.put("the state twice", s -> s.add("state", s.get("state")));
        ways.put("two states", s -> s.add("state", "other"));
        ways.put("the state of another browser", s -> s.set("state", TestProvider.parameters(String.valueOf(uncheckedBegin(home).getRawQuery())).getOrDefault("state", "none")));
        ways.put("no way", s -> s.way(""));
        ways.put("a way that is no base64", s -> s.way("%%%"));
        ways.put("a way that is short", s -> s.way("AQ"));
        ways.put("a way cut off", s -> s.way(s.way().getValue().substring(0, s.way().getValue().length() - 8)));
        ways.put("a way with one bit changed", s -> s.way(flipped(s.way().getValue())));
        ways.put("a way of another browser", s -> s.way(otherWay(home)));
        ways.put("a way of another tenant", s -> s.way(otherWay(other)));
        ways.put("a way that is huge", s -> s.way("A".repeat(5000)));
        ways.put("no code", s -> s.drop("code"));
        ways.put("empty code", s -> s.set("code", ""));
        ways.put("another code", s -> s.set("code", "1b4e28ba-2fa1-11d2-883f-0016d3cca427"));
        ways.put("the code twice", s -> s.add("code", s.get("code")));
        ways.put("two codes", s -> s.add("code", "other"));
        ways.put("a code that is long", s -> s.set("code", "c".repeat(5000)));
        ways.put("a code with lines", s -> s.set("code", "a\r\nAuthorization: Basic eA=="));
        ways.put("the code of another browser", s -> s.set("code", code(provider, uncheckedBegin(home))));
        ways.put("the code of another tenant's provider", s -> s.set("code", code(neighbour, uncheckedBegin(other))));
        ways.put("no issuer", s -> s.drop("iss"));
        ways.put("another tenant's issuer", s -> s.set("iss", neighbour.issuer()));
        ways.put("the issuer with a slash", s -> s.set("iss", provider.issuer() + "/"));
        ways.put("an empty issuer", s -> s.set("iss", ""));
        ways.put("the issuer twice", s -> s.add("iss", provider.issuer()));
        ways.put("an error too", s -> s.add("error", "access_denied"));
        ways.put("an error instead", s -> {
            s.drop("code");
            s.add("error", "access_denied");
        });
        ways.put("an error in markup", s -> {
            s.drop("code");
            s.add("error", "<script>alert(1)</script>");
            s.add("error_description", "<script>alert(1)</script>");
        });
        ways.put("out of order", s -> {
            s.drop("code");
            s.add("error", "temporarily_unavailable");
        });
        ways.put("nothing", s -> s.brought.clear());
        ways.put("at the other tenant's door", s -> s.path = "/sign-in/provider/" + other.tenant().slug() + "/callback");
        ways.put("at nobody's door", s -> s.path = "/sign-in/provider/nowhere/callback");
        ways.put("a second time", s -> unchecked(() -> {
            s.visit.fetch(s.address().replace(TestProvider.encode(s.get("code")), "spent"));
            return null;
        }));
        ways.forEach((name, after) -> all.add(new Fault(name, NOTHING_BEFORE, after)));
        return all;
    }

    private List<Fault> said() {
        List<Fault> all = new ArrayList<>();
        Map<String, UnaryOperator<JWTClaimsSet.Builder>> claims = new LinkedHashMap<>();
        claims.put("no iss", c -> c.issuer(null));
        claims.put("iss of the other provider", c -> c.issuer(neighbour.issuer()));
        claims.put("iss with a slash", c -> c.issuer(provider.issuer() + "/"));
        claims.put("iss as a list", c -> c.claim("iss", List.of(provider.issuer())));
        claims.put("no aud", c -> c.audience((String) null));
        claims.put("empty aud", c -> c.claim("aud", List.of()));
        claims.put("another aud", c -> c.audience("another-client"));
        claims.put("aud that begins alike", c -> c.audience(TestProvider.CLIENT_ID + "-2"));
        claims.put("two audiences without azp", c -> c.audience(List.of(TestProvider.CLIENT_ID, "another-client")));
        claims.put("two audiences for the other", c -> c.audience(List.of(TestProvider.CLIENT_ID, "another-client")).claim("azp", "another-client"));
        claims.put("another azp", c -> c.claim("azp", "another-client"));
        claims.put("azp as a list", c -> c.claim("azp", List.of(TestProvider.CLIENT_ID)));
        claims.put("no exp", c -> c.expirationTime(null));
        claims.put("exp two minutes ago", c -> c.expirationTime(in(-120)));
        claims.put("exp 0", c -> c.expirationTime(new Date(0)));
        claims.put("exp as a word", c -> c.claim("exp", "never"));
        claims.put("no iat", c -> c.issueTime(null));
        claims.put("iat in ten minutes", c -> c.issueTime(in(600)));
        claims.put("iat before the sign-in began", c -> c.issueTime(in(-3600)));
        claims.put("iat as a word", c -> c.claim("iat", "now"));
        claims.put("nbf in ten minutes", c -> c.notBeforeTime(in(600)));
        claims.put("no nonce", c -> c.claim("nonce", null));
        claims.put("another nonce", c -> c.claim("nonce", "A".repeat(43)));
        claims.put("nonce as a number", c -> c.claim("nonce", 7));
        claims.put("no sub", c -> c.subject(null));
        claims.put("empty sub", c -> c.subject(""));
        claims.put("blank sub", c -> c.subject("  "));
        claims.put("sub that is long", c -> c.subject("s".repeat(256)));
        claims.put("sub with a line", c -> c.subject("subject-1\n"));
        claims.put("sub as a number", c -> c.claim("sub", 1));
        claims.put("sub as a list", c -> c.claim("sub", List.of("subject-1")));
        claims.put("sub in other case", c -> c.subject("SUBJECT-1"));
        claims.put("sub with a space", c -> c.subject("subject-1 "));
        claims.put("hash of another access token", c -> c.claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"));
        claims.put("nothing at all", c -> new JWTClaimsSet.Builder());
        claims.forEach((name, change) -> all.add(new Fault(name, p -> p.claims = (right, code) -> change.apply(right), NOTHING_AFTER)));

        Map<String, TestProvider.Signing> signings = new LinkedHashMap<>();
        signings.put("alg none", (c, k) -> new PlainJWT(c).serialize());
        for (String none : List.of("none", "None", "NONE", "nOnE")) {
            signings.put("alg " + none + " with a signature", (c, k) -> header("{\"alg\":\"" + none + "\",\"kid\":\"key-1\"}") + TestProvider.signed(c, k).substring(TestProvider.signed(c, k).indexOf('.')));
            signings.put("alg " + none + " by hand", (c, k) -> header("{\"alg\":\"" + none + "\"}") + "." + body(c) + ".");
        }
        signings.put("HS256 by the public key", (c, k) -> hs("HS256", c, publicKey(k).getEncoded()));
        signings.put("HS256 by the public key in PEM", (c, k) -> hs("HS256", c, pem(publicKey(k))));
        signings.put("HS256 by the modulus", (c, k) -> hs("HS256", c, k.getModulus().decode()));
        signings.put("HS256 by the key's text", (c, k) -> hs("HS256", c, k.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8)));
        signings.put("HS256 by the client's secret", (c, k) -> hs("HS256", c, TestProvider.SECRET.getBytes(StandardCharsets.UTF_8)));
        signings.put("HS256 by nothing", (c, k) -> hs("HS256", c, new byte[] {0}));
        signings.put("HS512 by the public key", (c, k) -> hs("HS512", c, publicKey(k).getEncoded()));
        signings.put("another key of that name", (c, k) -> TestProvider.signed(c, foreign));
        signings.put("another key of no name", (c, k) -> sign(c, foreign, new JWSHeader.Builder(JWSAlgorithm.RS256)));
        signings.put("another key of another name", (c, k) -> sign(c, foreign, new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("key-9")));
        signings.put("another key, brought along", (c, k) -> sign(c, foreign, new JWSHeader.Builder(JWSAlgorithm.RS256).jwk(foreign.toPublicJWK())));
        signings.put("another key, to be fetched", (c, k) -> sign(c, foreign, new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("key-1").jwkURL(URI.create(neighbour.issuer() + "/keys"))));
        signings.put("the other provider's key", (c, k) -> TestProvider.signed(c, neighbour.key));
        signings.put("an algorithm that it does not name", (c, k) -> sign(c, k, new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("key-1")));
        signings.put("PSS, which it does not name", (c, k) -> sign(c, k, new JWSHeader.Builder(JWSAlgorithm.PS256).keyID("key-1")));
        signings.put("a key of 1024 bits", (c, k) -> small(c));
        signings.put("an access token's type", (c, k) -> sign(c, k, new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("key-1").type(new JOSEObjectType("at+jwt"))));
        signings.put("something critical that nobody knows", (c, k) -> sign(c, k, new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("key-1").criticalParams(java.util.Set.of("x")).customParam("x", 1)));
        signings.put("an elliptic curve's header", (c, k) -> header("{\"alg\":\"ES256\",\"kid\":\"key-1\"}") + TestProvider.signed(c, k).substring(TestProvider.signed(c, k).indexOf('.')));
        signings.put("an elliptic curve's empty signature", (c, k) -> header("{\"alg\":\"ES256\",\"kid\":\"key-1\"}") + "." + body(c) + "." + Base64URL.encode(new byte[64]));
        signings.put("no signature", (c, k) -> cut(TestProvider.signed(c, k)) + ".");
        signings.put("no third part", (c, k) -> cut(TestProvider.signed(c, k)));
        signings.put("half a signature", (c, k) -> TestProvider.signed(c, k).substring(0, TestProvider.signed(c, k).length() - 100));
        signings.put("a signature of zeros", (c, k) -> cut(TestProvider.signed(c, k)) + "." + Base64URL.encode(new byte[256]));
        signings.put("another payload under the signature", (c, k) -> {
            String[] parts = TestProvider.signed(c, k).split("\\.");
            return parts[0] + "." + body(new JWTClaimsSet.Builder(c).subject("subject-1").claim("more", true).build()) + "." + parts[2];
        });
        signings.put("four parts", (c, k) -> TestProvider.signed(c, k) + ".AAAA");
        signings.put("encrypted", (c, k) -> encrypted(c, k));
        signings.put("a payload that is no JSON", (c, k) -> {
            com.nimbusds.jose.JWSObject object = new com.nimbusds.jose.JWSObject(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("key-1").build(), new com.nimbusds.jose.Payload("subject-1"));
            object.sign(new RSASSASigner(k));
            return object.serialize();
        });
        signings.put("no token but words", (c, k) -> "subject-1");
        signings.put("an empty token", (c, k) -> "");
        signings.forEach((name, signing) -> all.add(new Fault(name, p -> p.signing = signing, NOTHING_AFTER)));

        Map<String, UnaryOperator<Map<String, Object>>> answers = new LinkedHashMap<>();
        answers.put("no ID token", t -> without(t, "id_token"));
        answers.put("an ID token that is null", t -> with(t, "id_token", null));
        answers.put("an ID token that is a number", t -> with(t, "id_token", 7));
        answers.put("an ID token in a list", t -> with(t, "id_token", List.of(t.get("id_token"))));
        answers.put("no access token", t -> without(t, "access_token"));
        answers.put("no kind of token", t -> without(t, "token_type"));
        answers.put("an error with status 200", t -> Map.of("error", "invalid_grant"));
        answers.forEach((name, change) -> all.add(new Fault(name, p -> p.tokens = change, NOTHING_AFTER)));
        return all;
    }

    private List<Fault> transported() {
        List<Fault> all = new ArrayList<>();
        Map<String, TestProvider.Answer> answers = new LinkedHashMap<>();
        answers.put("a redirect", exchange -> {
            exchange.getResponseHeaders().set("Location", neighbour.issuer() + exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(302, -1);
        });
        answers.put("a redirect that keeps the method", exchange -> {
            exchange.getResponseHeaders().set("Location", neighbour.issuer() + exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(307, -1);
        });
        answers.put("HTML", exchange -> TestProvider.send(exchange, 200, "text/html", "{\"keys\":[]}"));
        answers.put("JSON without saying so", exchange -> exchange.sendResponseHeaders(200, -1));
        answers.put("nothing", exchange -> TestProvider.send(exchange, 200, "application/json", ""));
        answers.put("half of it", exchange -> TestProvider.send(exchange, 200, "application/json", "{\"issuer\":"));
        answers.put("a list", exchange -> TestProvider.send(exchange, 200, "application/json", "[]"));
        answers.put("null", exchange -> TestProvider.send(exchange, 200, "application/json", "null"));
        answers.put("depth", exchange -> TestProvider.send(exchange, 200, "application/json", "{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000)));
        answers.put("depth in lists", exchange -> TestProvider.send(exchange, 200, "application/json", "{\"keys\":" + "[".repeat(100_000)));
        answers.put("a megabyte", exchange -> big(exchange, 1024 * 1024));
        answers.put("bytes that are no text", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 4);
            exchange.getResponseBody().write(new byte[] {(byte) 0xff, (byte) 0xfe, 0, (byte) 0x80});
        });
        answers.put("a connection that breaks", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('{');
            throw new IOException("broken on purpose");
        });
        for (int status : new int[] {201, 204, 400, 401, 403, 404, 429, 500, 503}) {
            answers.put("status " + status, exchange -> {
                if (status == 204) {
                    exchange.sendResponseHeaders(204, -1);
                } else {
                    TestProvider.json(exchange, status, Map.of("error", "invalid_request"));
                }
            });
        }
        for (String path : List.of("/token", "/keys", "/.well-known/openid-configuration")) {
            answers.forEach((name, answer) -> all.add(new Fault(path + " answers " + name, p -> p.instead.put(path, answer), NOTHING_AFTER)));
        }
        all.add(new Fault("keys that are secret", p -> p.instead.put("/keys", exchange -> TestProvider.send(exchange, 200, "application/json",
                "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"key-1\",\"alg\":\"HS256\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}")), NOTHING_AFTER));
        all.add(new Fault("the key for encryption alone", p -> p.instead.put("/keys", exchange -> TestProvider.send(exchange, 200, "application/json",
                "{\"keys\":[" + new RSAKey.Builder(p.key).keyUse(com.nimbusds.jose.jwk.KeyUse.ENCRYPTION).build().toPublicJWK().toJSONString() + "]}")), NOTHING_AFTER));
        all.add(new Fault("a key of 1024 bits, published", p -> {
            p.published = List.of(small);
            p.signing = (c, k) -> small(c);
        }, NOTHING_AFTER));
        Map<String, UnaryOperator<Map<String, Object>>> documents = new LinkedHashMap<>();
        documents.put("another issuer", d -> with(d, "issuer", neighbour.issuer()));
        documents.put("no issuer", d -> without(d, "issuer"));
        documents.put("a token endpoint elsewhere", d -> with(d, "token_endpoint", "http://10.0.0.1/token"));
        documents.put("a token endpoint in a file", d -> with(d, "token_endpoint", "file:///etc/passwd"));
        documents.put("keys at a cloud's metadata service", d -> with(d, "jwks_uri", "https://169.254.169.254/latest"));
        documents.put("keys at a number", d -> with(d, "jwks_uri", "http://2130706433/keys"));
        documents.put("keys with a user", d -> with(d, "jwks_uri", "http://a:b@127.0.0.1/keys"));
        documents.put("keys of the other provider", d -> with(d, "jwks_uri", neighbour.issuer() + "/keys"));
        documents.put("tokens of the other provider", d -> with(d, "token_endpoint", neighbour.issuer() + "/token"));
        documents.put("no algorithm but none and HS256", d -> with(d, "id_token_signing_alg_values_supported", List.of("none", "HS256")));
        documents.put("an algorithm that is a number", d -> with(d, "id_token_signing_alg_values_supported", List.of(7)));
        documents.put("no key address", d -> without(d, "jwks_uri"));
        documents.forEach((name, change) -> all.add(new Fault("discovery with " + name, p -> p.document = change, NOTHING_AFTER)));
        return all;
    }

    @Test
    void noForgedAnswerSignsAnybodyInAndNoneIsAnAccident(CapturedOutput log) throws Exception {
        List<Fault> all = new ArrayList<>(brought());
        all.addAll(said());
        all.addAll(transported());
        List<List<Fault>> cases = new ArrayList<>();
        all.forEach(fault -> cases.add(List.of(fault)));
        int alone = cases.size();
        Random chance = new Random(SEED);
        List<Fault> brought = brought();
        while (cases.size() < CASES) {
            Fault second = all.get(chance.nextInt(brought.size(), all.size()));
            cases.add(List.of(chance.nextBoolean() ? all.get(chance.nextInt(brought.size(), all.size())) : brought.get(chance.nextInt(brought.size())), second));
        }
        Collections.shuffle(cases, chance);
        Map<String, Integer> told = new TreeMap<>();
        List<String> wrong = new ArrayList<>();
        int right = 0;
        for (int i = 0; i < cases.size(); i++) {
            if (i % 25 == 0) {
                assertThat(played(List.of()).getRedirectedUrl()).as("the control").isEqualTo("/");
                right++;
            }
            List<Fault> faults = cases.get(i);
            String name = String.join(" + ", faults.stream().map(Fault::name).toList());
            MockHttpServletResponse answer = played(faults);
            String led = String.valueOf(answer.getRedirectedUrl());
            told.merge(led.replaceAll(".*told=|^/sign-in/provider$", ""), 1, Integer::sum);
            if (answer.getStatus() != 302 || !led.startsWith("/sign-in/provider")) {
                wrong.add(name + ": " + answer.getStatus() + " " + led);
            }
        }
        System.out.println("S28 " + cases.size() + " forged sign-ins, " + alone + " of one fault, " + right + " right ones between; told " + told);
        assertThat(wrong).isEmpty();
        assertThat(told.keySet()).containsExactlyInAnyOrder("", "again", "away", "denied", "refused", "unlinked");
        assertThat(log.getAll()).doesNotContain("of +the%", "eyJ", "access-", "Exception");
    }

    /// Begins, lets the provider answer, brings it back, all with these faults; and asserts that whoever comes so is in only without any.
    private MockHttpServletResponse played(List<Fault> faults) throws Exception {
        later += Duration.ofHours(1).toNanos();
        long now = later;
        // Everything that was known of the provider is too old: each case is by itself.
        providers.measure(() -> System.nanoTime() + now);
        restore();
        Scene scene = new Scene();
        faults.forEach(fault -> fault.before().accept(provider));
        URI begun = scene.visit.begin();
        if (begun.toString().startsWith(provider.issuer())) {
            scene.bring(provider.visit(begun));
        } else {
            scene.bring(URI.create("http://localhost/?code=x&state=y"));
            scene.way("x");
        }
        faults.forEach(fault -> fault.after().accept(scene));
        MockHttpServletResponse answer = scene.visit.fetch(scene.address());
        assertThat(scene.visit.isIn()).as(faults.toString()).isEqualTo(faults.isEmpty());
        return answer;
    }

    private void restore() {
        provider.instead.clear();
        provider.document = said -> said;
        provider.claims = (claims, code) -> claims;
        provider.signing = TestProvider::signed;
        provider.tokens = answer -> answer;
        provider.published = List.of(provider.key);
    }

    /// PKCE and nonce stand behind one another: a provider that checks no verifier still signs nobody in by a code that was stolen.
    @Test
    void aStolenCodeOpensNothingEvenWhereTheProviderChecksNoVerifier() throws Exception {
        provider.chargesPkce = false;
        Scene scene = new Scene();
        scene.bring(provider.visit(scene.visit.begin()));
        scene.set("code", code(provider, uncheckedBegin(home)));
        assertThat(scene.visit.fetch(scene.address()).getRedirectedUrl()).isEqualTo(scene.visit.page("refused"));
        assertThat(scene.visit.isIn()).isFalse();
    }

    private URI uncheckedBegin(TestTenant tenant) {
        return unchecked(() -> new ProviderVisit(mvc, tenant.tenant().slug()).begin());
    }

    private String otherWay(TestTenant tenant) {
        return unchecked(() -> {
            ProviderVisit visit = new ProviderVisit(mvc, tenant.tenant().slug());
            visit.begin();
            return visit.cookie("countersign-way").map(Cookie::getValue).orElse("none");
        });
    }

    private static String code(TestProvider provider, URI begun) {
        return begun.toString().startsWith(provider.issuer()) ? TestProvider.parameters(provider.visit(begun).getRawQuery()).get("code") : "none";
    }

    private static <T> T unchecked(java.util.concurrent.Callable<T> work) {
        try {
            return work.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String swapped(String text) {
        return text.equals(text.toLowerCase(java.util.Locale.ROOT)) ? text + "x" : text.toLowerCase(java.util.Locale.ROOT);
    }

    private static String flipped(String sealed) {
        byte[] bytes = Base64.getUrlDecoder().decode(sealed.equals("x") ? "AAAA" : sealed);
        bytes[bytes.length - 1] ^= 1;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Date in(long seconds) {
        return Date.from(Instant.now().plusSeconds(seconds));
    }

    private static Map<String, Object> with(Map<String, Object> said, String name, @org.jspecify.annotations.Nullable Object value) {
        Map<String, Object> other = new LinkedHashMap<>(said);
        other.put(name, value);
        return other;
    }

    private static Map<String, Object> without(Map<String, Object> said, String name) {
        Map<String, Object> other = new LinkedHashMap<>(said);
        other.remove(name);
        return other;
    }

    private static String header(String json) {
        return Base64URL.encode(json).toString();
    }

    private static String body(JWTClaimsSet claims) {
        return Base64URL.encode(claims.toString()).toString();
    }

    private static String cut(String token) {
        return token.substring(0, token.lastIndexOf('.'));
    }

    private static RSAPublicKey publicKey(RSAKey key) throws JOSEException {
        return key.toRSAPublicKey();
    }

    private static byte[] pem(RSAPublicKey key) {
        return ("-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded()) + "\n-----END PUBLIC KEY-----\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static String hs(String algorithm, JWTClaimsSet claims, byte[] key) {
        return unchecked(() -> {
            String signed = header("{\"alg\":\"" + algorithm + "\",\"kid\":\"key-1\",\"typ\":\"JWT\"}") + "." + body(claims);
            Mac mac = Mac.getInstance("HmacSHA" + algorithm.substring(2));
            mac.init(new SecretKeySpec(key, "RAW"));
            return signed + "." + Base64URL.encode(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
        });
    }

    private static String sign(JWTClaimsSet claims, RSAKey key, JWSHeader.Builder header) throws JOSEException {
        SignedJWT token = new SignedJWT(header.build(), claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    private String small(JWTClaimsSet claims) throws JOSEException {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("key-1").build(), claims);
        token.sign(new RSASSASigner(small.toPrivateKey(), java.util.Set.of(com.nimbusds.jose.crypto.opts.AllowWeakRSAKey.getInstance())));
        return token.serialize();
    }

    private static String encrypted(JWTClaimsSet claims, RSAKey key) throws JOSEException {
        EncryptedJWT token = new EncryptedJWT(new JWEHeader.Builder(JWEAlgorithm.RSA_OAEP_256, EncryptionMethod.A256GCM).keyID("key-1").build(), claims);
        token.encrypt(new RSAEncrypter(key.toRSAPublicKey()));
        return token.serialize();
    }

    private static void big(HttpExchange exchange, int size) throws IOException {
        TestProvider.send(exchange, 200, "application/json", "{\"x\":\"" + "x".repeat(size) + "\"}");
    }
}
