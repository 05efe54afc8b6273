package dev.countersign.identity.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What must be true of an ID token before its subject is believed. Source: OpenID Connect Core 1.0, 3.1.3.7.
final class IdToken {
    static final Duration SKEW = Duration.ofSeconds(60);
    private static final int LONGEST_SUBJECT = 255;

    private IdToken() {}

    /// Whether the key that it names is among these; also where it names none.
    static boolean namesOneOf(JWT token, JWKSet keys) {
        return !(token instanceof SignedJWT signed) || signed.getHeader().getKeyID() == null || keys.getKeyByKeyId(signed.getHeader().getKeyID()) != null;
    }

    /// The subject. `now` is by the database's clock, as `way.begunAt()` is.
    static String verified(JWT token, Client client, Way way, Discovery discovery, JWKSet keys, Instant now) throws ProviderTrouble {
        if (!(token instanceof SignedJWT signed)) {
            throw ProviderTrouble.wrong("sent an ID token that is not signed");
        }
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(discovery.algorithms(), new ImmutableJWKSet<>(keys)));
        processor.setJWTClaimsSetVerifier(new Claims(client, way, now));
        try {
            return processor.process(signed, null).getSubject();
        } catch (BadJWTException refused) {
            throw ProviderTrouble.wrong("sent an ID token that says other than it must: who it is from, for whom, when, or in answer to what");
        } catch (BadJOSEException | JOSEException | RuntimeException | StackOverflowError unsigned) {
            throw ProviderTrouble.wrong("sent an ID token whose signature is by no key of its own");
        }
    }

    private static final class Claims extends DefaultJWTClaimsVerifier<SecurityContext> {
        private final Client client;
        private final Way way;
        private final Instant now;

        Claims(Client client, Way way, Instant now) {
            super(client.id(), new JWTClaimsSet.Builder().issuer(client.issuer()).claim("nonce", way.nonce()).build(), Set.of("sub", "iat", "exp", "aud"));
            this.client = client;
            this.way = way;
            this.now = now;
            setMaxClockSkew((int) SKEW.toSeconds());
        }

        @Override
        protected Date currentTime() {
            return Date.from(now);
        }

        @Override
        public void verify(JWTClaimsSet claims, @Nullable SecurityContext context) throws BadJWTException {
            super.verify(claims, context);
            List<String> audience = claims.getAudience();
            Object party = claims.getClaim("azp");
            if (party == null ? audience.size() != 1 : !party.equals(client.id())) {
                throw new BadJWTException("for another party");
            }
            Instant issued = issued(claims);
            if (issued.isAfter(now.plus(SKEW)) || issued.isBefore(way.begunAt().minus(SKEW))) {
                throw new BadJWTException("issued at another time");
            }
            String subject = claims.getSubject();
            if (subject.isBlank() || subject.length() > LONGEST_SUBJECT || subject.chars().anyMatch(Character::isISOControl)) {
                throw new BadJWTException("no subject");
            }
        }

        private static Instant issued(JWTClaimsSet claims) throws BadJWTException {
            try {
                return claims.getDateClaim("iat").toInstant();
            } catch (ParseException noTime) {
                throw new BadJWTException("no time");
            }
        }
    }
}
