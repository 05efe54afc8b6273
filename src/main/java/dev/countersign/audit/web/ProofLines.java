package dev.countersign.audit.web;

import dev.countersign.audit.RecordProofs;
import java.util.Base64;
import java.util.List;

/// The inclusion proof of an entry as a page shows it: hashes in base64, as the receipt has them.
public record ProofLines(long size, String root, List<String> path) {
    static ProofLines of(RecordProofs.Inclusion proof) {
        Base64.Encoder base64 = Base64.getEncoder();
        return new ProofLines(proof.size(), base64.encodeToString(proof.root()), proof.path().stream().map(base64::encodeToString).toList());
    }
}
