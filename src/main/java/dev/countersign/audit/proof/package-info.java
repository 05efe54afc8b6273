/// What a stranger needs to check the record, in plain Java: the RFC 6962 tree, C2SP signed notes and checkpoints, proofs, and
/// the verifier of exported files. Knows no Spring, no SQL and no class of the portal. The file formats: docs/record.md.
@NullMarked
@org.springframework.modulith.NamedInterface("proof")
package dev.countersign.audit.proof;

import org.jspecify.annotations.NullMarked;
