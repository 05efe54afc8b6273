package dev.countersign.identity.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// A small OpenID provider on this machine that is right in everything, and wrong wherever a test says so. Whoever comes to it is
/// `subject` at once, without being asked.
///
/// `main` runs one for a person who tries the portal by hand: TestProvider PORT SUBJECT.
public final class TestProvider implements AutoCloseable {
    public static final String CLIENT_ID = "countersign-portal";
    /// With what must be encoded in a header and in a form.
    public static final String SECRET = "a secret: of +the% client &=";
    private static final HttpClient BROWSER = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();

    private final HttpServer server;
    private final Map<String, Given> codes = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> hits = new ConcurrentHashMap<>();
    /// Answers in place of what stands at a path.
    public final Map<String, Answer> instead = new ConcurrentHashMap<>();
    public volatile String subject = "subject-1";
    public volatile RSAKey key = newKey("key-1");
    public volatile List<RSAKey> published = List.of(key);
    public volatile boolean namesItself = true;
    public volatile UnaryOperator<Map<String, Object>> document = said -> said;
    public volatile Claims claims = (claims, code) -> claims;
    public volatile Signing signing = TestProvider::signed;
    public volatile UnaryOperator<Map<String, Object>> tokens = answer -> answer;
    public volatile boolean chargesPkce = true;

    /// What a code stands for.
    public record Given(String clientId, String redirect, String nonce, String challenge, String subject) {}

    @FunctionalInterface
    public interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    @FunctionalInterface
    public interface Claims {
        JWTClaimsSet.Builder of(JWTClaimsSet.Builder right, Given code);
    }

    @FunctionalInterface
    public interface Signing {
        String sign(JWTClaimsSet claims, RSAKey key) throws JOSEException;
    }

    private TestProvider(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    public static TestProvider start() {
        return new TestProvider(0);
    }

    public static void main(String[] arguments) {
        TestProvider provider = new TestProvider(Integer.parseInt(arguments[0]));
        provider.subject = arguments.length > 1 ? arguments[1] : "subject-1";
        System.out.println("issuer " + provider.issuer() + ", client " + CLIENT_ID + ", secret " + SECRET);
    }

    public static RSAKey newKey(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).keyUse(KeyUse.SIGNATURE).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public int hits(String path) {
        return hits.getOrDefault(path, new AtomicInteger()).get();
    }

    /// Signs with another key from now on, and publishes no other.
    public void rotate(String id) {
        key = newKey(id);
        published = List.of(key);
    }

    /// What a browser does with `address`: follows it here, and answers where it is led to, the address with the code in it.
    public URI visit(URI address) {
        try {
            HttpResponse<Void> answer = BROWSER.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.discarding());
            return URI.create(answer.headers().firstValue("Location").orElseThrow(() -> new IllegalStateException("the provider answered " + answer.statusCode())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static String signed(JWTClaimsSet claims, RSAKey key) throws JOSEException {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).type(JOSEObjectType.JWT).build(), claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        hits.computeIfAbsent(path, _ -> new AtomicInteger()).incrementAndGet();
        try (exchange) {
            Answer other = instead.get(path);
            if (other != null) {
                other.to(exchange);
                return;
            }
            switch (path) {
                case "/.well-known/openid-configuration" -> json(exchange, 200, document.apply(discovery()));
                case "/keys" -> send(exchange, 200, "application/json", new JWKSet(List.copyOf(published)).toString(true));
                case "/authorize" -> authorize(exchange);
                case "/token" -> token(exchange);
                default -> send(exchange, 404, "text/plain", "nothing");
            }
        }
    }

    private Map<String, Object> discovery() {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("issuer", issuer());
        said.put("authorization_endpoint", issuer() + "/authorize");
        said.put("token_endpoint", issuer() + "/token");
        said.put("jwks_uri", issuer() + "/keys");
        said.put("response_types_supported", List.of("code"));
        said.put("subject_types_supported", List.of("public"));
        said.put("id_token_signing_alg_values_supported", List.of("RS256", "ES256", "HS256", "none"));
        said.put("code_challenge_methods_supported", List.of("S256"));
        if (namesItself) {
            said.put("authorization_response_iss_parameter_supported", true);
        }
        return said;
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> asked = parameters(exchange.getRequestURI().getRawQuery());
        String code = UUID.randomUUID().toString();
        codes.put(code, new Given(asked.get("client_id"), asked.get("redirect_uri"), asked.get("nonce"), asked.get("code_challenge"), subject));
        String back = asked.get("redirect_uri") + "?code=" + code + "&state=" + encode(asked.get("state")) + (namesItself ? "&iss=" + encode(issuer()) : "");
        exchange.getResponseHeaders().set("Location", back);
        exchange.sendResponseHeaders(302, -1);
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> asked = parameters(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String who = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse("");
        String expected = "Basic " + Base64.getEncoder().encodeToString((encode(CLIENT_ID) + ":" + encode(SECRET)).getBytes(StandardCharsets.UTF_8));
        boolean inForm = CLIENT_ID.equals(asked.get("client_id")) && SECRET.equals(asked.get("client_secret"));
        if (!who.equals(expected) && !inForm) {
            json(exchange, 401, Map.of("error", "invalid_client"));
            return;
        }
        Given given = codes.remove(String.valueOf(asked.get("code")));
        if (given == null || !given.redirect().equals(asked.get("redirect_uri")) || chargesPkce && !s256(String.valueOf(asked.get("code_verifier"))).equals(given.challenge())) {
            json(exchange, 400, Map.of("error", "invalid_grant"));
            return;
        }
        try {
            JWTClaimsSet.Builder right = new JWTClaimsSet.Builder().issuer(issuer()).subject(given.subject()).audience(given.clientId()).claim("nonce", given.nonce())
                    .issueTime(Date.from(Instant.now())).expirationTime(Date.from(Instant.now().plusSeconds(300)));
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("access_token", "access-" + UUID.randomUUID());
            answer.put("token_type", "Bearer");
            answer.put("expires_in", 300);
            answer.put("id_token", signing.sign(claims.of(right, given).build(), key));
            json(exchange, 200, tokens.apply(answer));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String s256(String verifier) {
        try {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void json(HttpExchange exchange, int status, Map<String, Object> answer) throws IOException {
        send(exchange, status, "application/json", com.nimbusds.jose.util.JSONObjectUtils.toJSONString(answer));
    }

    public static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    public static Map<String, String> parameters(String text) {
        return Arrays.stream(text.split("&")).filter(part -> !part.isEmpty()).map(part -> part.split("=", 2))
                .collect(Collectors.toMap(part -> decode(part[0]), part -> part.length > 1 ? decode(part[1]) : "", (first, _) -> first, LinkedHashMap::new));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
