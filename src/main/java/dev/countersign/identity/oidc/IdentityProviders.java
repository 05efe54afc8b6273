package dev.countersign.identity.oidc;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.claims.AccessTokenHash;
import com.nimbusds.openid.connect.sdk.validators.AccessTokenValidator;
import com.nimbusds.openid.connect.sdk.validators.InvalidHashException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// The conversation with OpenID Connect providers: authorization code with PKCE (S256), state and nonce. Every answer is a value:
/// nothing that a provider says or fails to say throws. Nothing here touches the database: no connection waits for a provider.
@Component
public class IdentityProviders implements AutoCloseable {
    /// Of all visits together that one person's sign-in makes.
    static final Duration LONGEST = Duration.ofSeconds(8);
    private static final int MOST_KNOWN = 1_000;
    private static final int LONGEST_PARAMETER = 4_096;

    private final ProviderHttp http = new ProviderHttp();
    private final Map<String, KnownProvider> known = new ConcurrentHashMap<>();
    private volatile LongSupplier nanos = System::nanoTime;

    /// A sign-in begun, or not.
    public sealed interface Beginning {
        /// Lead the browser to `to`, and let it keep `way`.
        record Begun(URI to, Way way) implements Beginning {}

        record Away(String words) implements Beginning {}
    }

    /// What came of a sign-in.
    public sealed interface Ending {
        /// Who it is at the issuer: an id that never changes there.
        record Identified(String subject) implements Ending {}

        /// The provider says that the person did not sign in, or may not.
        record Denied() implements Ending {}

        /// Not believed; the words are for the log.
        record Refused(String words) implements Ending {}

        /// Not heard; the words are for the log.
        record Away(String words) implements Ending {}
    }

    /// What is wrong with a provider, completing "the provider …"; `remark` where nothing is.
    public sealed interface Check {
        record Right(String remark) implements Check {}

        record Wrong(String words) implements Check {}
    }

    /// Why this issuer is none, completing "the issuer …".
    public static Optional<String> refusesIssuer(String issuer) {
        try {
            URI address = URI.create(issuer);
            return issuer.contains("?") ? Optional.of("must have no query") : ProviderHttp.refuses(address);
        } catch (IllegalArgumentException noAddress) {
            return Optional.of("is not a URL; write it as https://host");
        }
    }

    public Beginning begin(Client client, Instant now) {
        try {
            Discovery discovery = known(client.issuer()).discovery(ProviderHttp.Deadline.in(ProviderHttp.ANSWER));
            CodeVerifier verifier = new CodeVerifier();
            State state = new State(32);
            Nonce nonce = new Nonce(32);
            URI to = new AuthenticationRequest.Builder(ResponseType.CODE, new Scope("openid"), new ClientID(client.id()), client.comesBackTo())
                    .endpointURI(discovery.authorization())
                    .state(state)
                    .nonce(nonce)
                    .codeChallenge(verifier, CodeChallengeMethod.S256)
                    .build()
                    .toURI();
            return new Beginning.Begun(to, new Way(client.issuer(), state.getValue(), nonce.getValue(), verifier.getValue(), now));
        } catch (ProviderTrouble trouble) {
            return new Beginning.Away(trouble.words());
        }
    }

    /// `answer`: the parameters that the browser brought, each with all its values, their state already compared with the way's and
    /// spent. `clock` is the database's.
    public Ending finish(Client client, Way way, Map<String, List<String>> answer, Supplier<Instant> clock) {
        try {
            return finished(client, way, answer, clock);
        } catch (ProviderTrouble trouble) {
            return trouble.isAway() ? new Ending.Away(trouble.words()) : new Ending.Refused(trouble.words());
        }
    }

    private Ending finished(Client client, Way way, Map<String, List<String>> answer, Supplier<Instant> clock) throws ProviderTrouble {
        if (!way.issuer().equals(client.issuer())) {
            throw ProviderTrouble.wrong("is another one than when the sign-in began");
        }
        ProviderHttp.Deadline deadline = ProviderHttp.Deadline.in(LONGEST);
        KnownProvider provider = known(client.issuer());
        Optional<String> from = single(answer, "iss");
        if (from.isPresent() && !from.get().equals(client.issuer())) {
            throw ProviderTrouble.wrong("is not the one that the answer is from");
        }
        Optional<String> error = single(answer, "error");
        Optional<String> code = single(answer, "code");
        if (error.isPresent() == code.isPresent()) {
            throw ProviderTrouble.wrong("sent neither a code nor an error, or both");
        }
        Discovery discovery = provider.discovery(deadline);
        if (discovery.namesItself() && from.isEmpty()) {
            throw ProviderTrouble.wrong("says in every answer who it is from, and did not in this one");
        }
        if (error.isPresent()) {
            return List.of("temporarily_unavailable", "server_error").contains(error.get()) ? new Ending.Away("says that it is out of order") : new Ending.Denied();
        }
        return provider.visit(() -> {
            OIDCTokenResponse tokens = tokens(client, way, code.orElseThrow(), discovery, deadline);
            JWT token = tokens.getOIDCTokens().getIDToken();
            if (token == null) {
                throw ProviderTrouble.wrong("sent no ID token");
            }
            JWKSet keys = provider.keys(deadline);
            if (!IdToken.namesOneOf(token, keys)) {
                keys = provider.keysInsteadOf(keys, deadline);
            }
            String subject = IdToken.verified(token, client, way, discovery, keys, clock.get());
            checkHash(token, tokens.getTokens().getAccessToken());
            return new Ending.Identified(subject);
        });
    }

    private OIDCTokenResponse tokens(Client client, Way way, String code, Discovery discovery, ProviderHttp.Deadline deadline) throws ProviderTrouble {
        Secret secret = new Secret(client.secret());
        ClientAuthentication who = discovery.secretInForm() ? new ClientSecretPost(new ClientID(client.id()), secret) : new ClientSecretBasic(new ClientID(client.id()), secret);
        AuthorizationCodeGrant grant = new AuthorizationCodeGrant(new AuthorizationCode(code), client.comesBackTo(), new CodeVerifier(way.verifier()));
        HTTPResponse answer = http.post(new TokenRequest.Builder(discovery.token(), who, grant).build().toHTTPRequest(), deadline);
        try {
            TokenResponse read = OIDCTokenResponseParser.parse(answer);
            if (!read.indicatesSuccess()) {
                String error = read.toErrorResponse().getErrorObject().getCode();
                throw ProviderTrouble.wrong("did not take the code" + (error != null && error.matches("[a-z_]{1,40}") ? ": " + error : ""));
            }
            return (OIDCTokenResponse) read.toSuccessResponse();
        } catch (ParseException | RuntimeException | StackOverflowError unreadable) {
            throw ProviderTrouble.wrong("sent an answer that cannot be read");
        }
    }

    /// That the access token beside it is the one it was issued with; we use it for nothing, but another there means another's answer.
    private static void checkHash(JWT token, @Nullable AccessToken beside) throws ProviderTrouble {
        try {
            String hash = token.getJWTClaimsSet().getStringClaim("at_hash");
            if (hash != null && beside != null) {
                AccessTokenValidator.validate(beside, ((SignedJWT) token).getHeader().getAlgorithm(), new AccessTokenHash(hash));
            }
        } catch (InvalidHashException | java.text.ParseException other) {
            throw ProviderTrouble.wrong("sent an ID token that belongs to another access token");
        }
    }

    private static Optional<String> single(Map<String, List<String>> answer, String name) throws ProviderTrouble {
        List<String> values = answer.getOrDefault(name, List.of());
        if (values.size() > 1 || values.stream().anyMatch(value -> value.isBlank() || value.length() > LONGEST_PARAMETER)) {
            throw ProviderTrouble.wrong("sent " + name + " more than once, or empty, or too long");
        }
        return values.stream().findFirst();
    }

    /// Asks the provider now, whatever is known of it.
    public Check check(String issuer) {
        KnownProvider asked = new KnownProvider(issuer, http, nanos);
        ProviderHttp.Deadline deadline = ProviderHttp.Deadline.in(LONGEST);
        try {
            Discovery discovery = asked.discovery(deadline);
            int keys = asked.keys(deadline).size();
            return new Check.Right("It answers, and has " + (keys == 1 ? "one key" : keys + " keys") + " that ID tokens are checked with."
                    + (discovery.saysPkce() ? "" : " It does not say whether it checks PKCE; the portal sends it all the same."));
        } catch (ProviderTrouble trouble) {
            return new Check.Wrong(trouble.words());
        }
    }

    private KnownProvider known(String issuer) {
        if (known.size() > MOST_KNOWN) {
            known.clear();
        }
        return known.computeIfAbsent(issuer, wanted -> new KnownProvider(wanted, http, () -> nanos.getAsLong()));
    }

    @Override
    public void close() {
        http.close();
    }

    /// For tests: another measure of time, by which what is known grows old.
    void measure(LongSupplier otherNanos) {
        nanos = otherNanos;
    }
}
