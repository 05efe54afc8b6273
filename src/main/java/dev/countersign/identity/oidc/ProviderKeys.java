package dev.countersign.identity.oidc;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.util.List;

/// The public keys of a provider that a signature may be checked with: RSA from 2,048 to 8,192 bits and elliptic curves. Others in
/// the document are passed over, secret keys too.
final class ProviderKeys {
    private static final int MOST = 100;

    private ProviderKeys() {}

    static JWKSet parse(String document) throws ProviderTrouble {
        try {
            List<JWK> usable = JWKSet.parse(document).getKeys().stream().filter(ProviderKeys::isUsable).map(JWK::toPublicJWK).limit(MOST).toList();
            if (usable.isEmpty()) {
                throw ProviderTrouble.away("has no key that an ID token could be checked with");
            }
            return new JWKSet(usable);
        } catch (ParseException | RuntimeException | StackOverflowError unreadable) {
            throw ProviderTrouble.away("has a document of keys that cannot be read");
        }
    }

    private static boolean isUsable(JWK key) {
        return key instanceof RSAKey && key.size() >= 2048 && key.size() <= 8192 || key instanceof ECKey;
    }
}
