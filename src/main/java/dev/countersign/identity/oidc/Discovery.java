package dev.countersign.identity.oidc;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a provider says of itself at `/.well-known/openid-configuration`, as far as we go by it, and only what we can go by: every
/// address is one that the portal may visit, and it signs in a way that we check. Source: OpenID Connect Discovery 1.0.
///
/// - `algorithms`: which of ours it signs ID tokens with.
/// - `secretInForm`: whether the client's secret goes into the form instead of the `Authorization` header.
/// - `namesItself`: whether its answers say who they are from (RFC 9207); then one that does not is refused.
record Discovery(URI authorization, URI token, URI keys, Set<JWSAlgorithm> algorithms, boolean secretInForm, boolean namesItself, boolean saysPkce) {
    /// Signatures by a private key. Never `none`, never one that whoever knows the public key can make.
    static final List<JWSAlgorithm> OURS = List.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512,
            JWSAlgorithm.PS256, JWSAlgorithm.PS384, JWSAlgorithm.PS512, JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);

    static URI address(String issuer) {
        return URI.create((issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer) + "/.well-known/openid-configuration");
    }

    static Discovery parse(String issuer, String document) throws ProviderTrouble {
        OIDCProviderMetadata said = read(document);
        if (!said.getIssuer().getValue().equals(issuer)) {
            throw ProviderTrouble.away("says in its discovery document that it is another issuer than " + issuer + ": write the issuer exactly as it does, with or without a slash at the end");
        }
        Set<JWSAlgorithm> algorithms = new LinkedHashSet<>(OURS);
        algorithms.retainAll(orElse(said.getIDTokenJWSAlgs(), List.of()));
        if (algorithms.isEmpty()) {
            throw ProviderTrouble.away("signs ID tokens by no algorithm that the portal takes: one of RS, PS or ES with 256, 384 or 512 bits");
        }
        if (said.getResponseTypes() != null && !said.getResponseTypes().contains(ResponseType.CODE)) {
            throw ProviderTrouble.away("does not offer the authorization code flow (response type code)");
        }
        List<CodeChallengeMethod> challenges = orElse(said.getCodeChallengeMethods(), List.of());
        if (!challenges.isEmpty() && !challenges.contains(CodeChallengeMethod.S256)) {
            throw ProviderTrouble.away("does not offer PKCE by S256");
        }
        List<ClientAuthenticationMethod> methods = orElse(said.getTokenEndpointAuthMethods(), List.of());
        boolean basic = methods.isEmpty() || methods.contains(ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
        if (!basic && !methods.contains(ClientAuthenticationMethod.CLIENT_SECRET_POST)) {
            throw ProviderTrouble.away("takes no client secret, neither as client_secret_basic nor as client_secret_post");
        }
        return new Discovery(usable("authorization_endpoint", said.getAuthorizationEndpointURI()), usable("token_endpoint", said.getTokenEndpointURI()),
                usable("jwks_uri", said.getJWKSetURI()), Set.copyOf(algorithms), !basic, said.supportsAuthorizationResponseIssuerParam(), !challenges.isEmpty());
    }

    private static OIDCProviderMetadata read(String document) throws ProviderTrouble {
        try {
            return OIDCProviderMetadata.parse(document);
        } catch (ParseException | RuntimeException | StackOverflowError unreadable) {
            throw ProviderTrouble.away("has a discovery document that cannot be read");
        }
    }

    private static URI usable(String name, @org.jspecify.annotations.Nullable URI address) throws ProviderTrouble {
        if (address == null) {
            throw ProviderTrouble.away("names no " + name + " in its discovery document");
        }
        Optional<String> refusal = ProviderHttp.refuses(address);
        if (refusal.isPresent()) {
            throw ProviderTrouble.away("names a " + name + " that " + refusal.get());
        }
        return address;
    }

    private static <T> List<T> orElse(@org.jspecify.annotations.Nullable List<T> list, List<T> otherwise) {
        return list == null ? otherwise : list;
    }
}
