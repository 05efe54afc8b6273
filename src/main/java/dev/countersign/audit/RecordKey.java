package dev.countersign.audit;

import dev.countersign.audit.proof.Ed25519;
import dev.countersign.audit.proof.VerifierKey;
import dev.countersign.tenancy.Tenant;
import java.util.Base64;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/// The key that signs checkpoints, from `countersign.record.key`: a seed of 32 random bytes in base64. One key for all tenants;
/// each tenant's record signs under its own name, `countersign/<slug>/<id>`, which the signature covers.
@Component
class RecordKey {
    private static final String MAKE_ONE = "; make one with: openssl rand -base64 32";
    private final Ed25519 key;

    RecordKey(@Value("${countersign.record.key:}") String base64) {
        byte[] seed;
        try {
            seed = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("countersign.record.key is not base64" + MAKE_ONE);
        }
        if (seed.length != 32) {
            throw new IllegalArgumentException("countersign.record.key must be 32 bytes, it is " + seed.length + MAKE_ONE);
        }
        java.util.BitSet distinct = new java.util.BitSet(256);
        for (byte b : seed) {
            distinct.set(b & 0xff);
        }
        if (distinct.cardinality() < 20) {
            throw new IllegalArgumentException("countersign.record.key is weak: it was not drawn at random" + MAKE_ONE);
        }
        this.key = Ed25519.ofSeed(seed);
    }

    Ed25519 key() {
        return key;
    }

    static String origin(Tenant tenant) {
        return "countersign/" + tenant.slug() + "/" + tenant.id();
    }

    VerifierKey verifierKey(Tenant tenant) {
        return new VerifierKey(origin(tenant), key.publicKey());
    }
}
