package dev.countersign.api;

import dev.countersign.api.Parameters.Name;
import dev.countersign.audit.AuditReader;
import dev.countersign.audit.RecordProofs;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// What makes the record checkable by a stranger. Checkpoints, consistency and tiles say nothing of what happened and are for
/// everyone of the tenant; what holds an entry is for those who may read that entry.
@RestController
class RecordApi {
    /// As C2SP tlog-tiles writes a tile's place: `x001/x234/067`, with `.p/<width>` where it is not full.
    private static final Pattern TILE = Pattern.compile("/((?:x[0-9]{3}/){0,5})([0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");

    private final RecordProofs proofs;
    private final AuditReader record;

    RecordApi(RecordProofs proofs, AuditReader record) {
        this.proofs = proofs;
        this.record = record;
    }

    /// `note` is a C2SP signed note that holds a checkpoint; `keys` are all that ever signed, as C2SP writes verifier keys.
    record CheckpointDocument(long size, String note, List<String> keys) {}

    /// Hashes in base64; the path goes from the leaf upwards (RFC 6962). The leaf's data is the entry's digest.
    record InclusionDocument(long entry, long size, String leafHash, String rootHash, List<String> path) {}

    record ConsistencyDocument(long from, long to, String fromRootHash, String toRootHash, List<String> path) {}

    @Endpoint(summary = "The last signed checkpoint of the record", scope = Scope.READ, answer = CheckpointDocument.class, refusals = 404,
            description = "How long the record was and its Merkle root, signed. Keep one: a record that does not contain it was changed.")
    @GetMapping(path = "/api/v1/audit/checkpoint", produces = "application/json")
    ResponseEntity<byte[]> checkpoint(HttpServletRequest request) {
        Parameters.none(request);
        RecordProofs.Signed signed = proofs.checkpoint().orElseThrow(() -> new Problem.NotFound("checkpoint yet"));
        return Answer.of(new CheckpointDocument(signed.size(), signed.note(), proofs.keys())).entity();
    }

    @Endpoint(summary = "That an entry is in the record", scope = Scope.READ, answer = InclusionDocument.class, query = {"entry", "size"}, refusals = 404,
            description = "The audit path of the entry in the tree over the first size entries; without size, over all that are sealed.")
    @GetMapping(path = "/api/v1/audit/proofs/inclusion", produces = "application/json")
    ResponseEntity<byte[]> inclusion(@AuthenticationPrincipal CurrentPerson me, HttpServletRequest request) {
        Parameters wanted = Parameters.of(request, Name.entry, Name.size);
        Optional<Long> entry = required(wanted, Name.entry);
        Optional<Long> size = wanted.number(Name.size, 1, Long.MAX_VALUE);
        wanted.check();
        readable(me, entry.orElseThrow());
        RecordProofs.Inclusion proof = proofs.inclusion(entry.get(), size.or(this::sealed).orElse(0L))
                .orElseThrow(() -> new Problem.NotFound("such entry among so many sealed ones"));
        return Answer.of(new InclusionDocument(proof.entry(), proof.size(), base64(proof.leaf()), base64(proof.root()), base64(proof.path()))).entity();
    }

    @Endpoint(summary = "That the record only grew", scope = Scope.READ, answer = ConsistencyDocument.class, query = {"from", "to"}, refusals = 404,
            description = "The consistency path between the trees over the first from and the first to entries; without to, all that are sealed.")
    @GetMapping(path = "/api/v1/audit/proofs/consistency", produces = "application/json")
    ResponseEntity<byte[]> consistency(HttpServletRequest request) {
        Parameters wanted = Parameters.of(request, Name.from, Name.to);
        Optional<Long> from = required(wanted, Name.from);
        Optional<Long> to = wanted.number(Name.to, 1, Long.MAX_VALUE);
        wanted.check();
        RecordProofs.Consistency proof = proofs.consistency(from.orElseThrow(), to.or(this::sealed).orElse(0L))
                .orElseThrow(() -> new Problem.NotFound("so long a sealed record"));
        return Answer.of(new ConsistencyDocument(proof.from(), proof.to(), base64(proof.fromRoot()), base64(proof.toRoot()), base64(proof.path()))).entity();
    }

    @Endpoint(summary = "The receipt of an entry", scope = Scope.READ, answer = String.class, type = "text/plain", query = "entry", refusals = 404,
            description = "The stored bytes of the entry, its inclusion proof and the checkpoint, as one file that is checked offline: java -jar countersign.jar verify FILE.")
    @GetMapping(path = "/api/v1/audit/receipt", produces = "text/plain")
    ResponseEntity<byte[]> receipt(@AuthenticationPrincipal CurrentPerson me, HttpServletRequest request) {
        Parameters wanted = Parameters.of(request, Name.entry);
        Optional<Long> entry = required(wanted, Name.entry);
        wanted.check();
        readable(me, entry.orElseThrow());
        String receipt = proofs.receipt(entry.get()).orElseThrow(() -> new Problem.NotFound("sealed entry " + entry.get() + " yet"));
        return text(receipt);
    }

    @Endpoint(summary = "The whole record as one checkable file", scope = Scope.READ, answer = String.class, type = "application/octet-stream",
            description = "Every sealed entry as stored, every checkpoint, the keys. For auditors, security and administrators.")
    @GetMapping(path = "/api/v1/audit/export", produces = "application/octet-stream")
    void export(@AuthenticationPrincipal CurrentPerson me, HttpServletRequest request, HttpServletResponse response) throws IOException {
        Parameters.none(request);
        if (!reader(me)) {
            throw new Problem.Forbidden("Exporting the record needs the role AUDITOR, SECURITY or ADMINISTRATOR. Ask an administrator of your tenant.");
        }
        // Written by this thread: an asynchronous answer would be dispatched again, and that without the token.
        response.setContentType(MediaType.APPLICATION_OCTET_STREAM_VALUE);
        BufferedOutputStream out = new BufferedOutputStream(response.getOutputStream(), 1 << 16);
        proofs.export(out);
        out.flush();
    }

    @Endpoint(summary = "The last signed checkpoint, as a log's clients read it (C2SP tlog-tiles)", scope = Scope.READ, answer = String.class, type = "text/plain", refusals = 404,
            description = "The signed note alone. With the tiles beside it, /api/v1/audit/log/ is the prefix of a C2SP tlog-tiles log, which programs that know such logs can check.")
    @GetMapping(path = "/api/v1/audit/log/checkpoint", produces = "text/plain")
    ResponseEntity<byte[]> logCheckpoint(HttpServletRequest request) {
        Parameters.none(request);
        RecordProofs.Signed signed = proofs.checkpoint().orElseThrow(() -> new Problem.NotFound("checkpoint yet"));
        return text(signed.note());
    }

    @Endpoint(summary = "A tile of the log (C2SP tlog-tiles)", scope = Scope.READ, answer = String.class, type = "application/octet-stream", refusals = 404,
            description = "level is 0 to 7, or entries for a bundle of log entries, each the 32 bytes of an entry's digest. place is written as C2SP does: 000, x001/234, 067.p/12.")
    @GetMapping(path = "/api/v1/audit/log/tile/{level}/{*place}", produces = "application/octet-stream")
    ResponseEntity<byte[]> logTile(@PathVariable String level, @PathVariable String place, HttpServletRequest request) {
        return tile(level, place, request);
    }

    @Endpoint(summary = "A tile of the tree", scope = Scope.READ, answer = String.class, type = "application/octet-stream", refusals = 404,
            description = "The same as /api/v1/audit/log/tile/{level}/{place}.")
    @GetMapping(path = "/api/v1/audit/tile/{level}/{*place}", produces = "application/octet-stream")
    ResponseEntity<byte[]> tile(@PathVariable String level, @PathVariable String place, HttpServletRequest request) {
        Parameters.none(request);
        Matcher parts = TILE.matcher(place);
        Problem.NotFound absent = new Problem.NotFound("such tile");
        if (!parts.matches() || !level.matches("[0-7]|entries")) {
            throw absent;
        }
        long number = Long.parseLong(parts.group(1).replace("x", "").replace("/", "") + parts.group(2));
        int width = parts.group(3) == null ? 256 : Integer.parseInt(parts.group(3));
        if (width > 256 || parts.group(3) != null && width == 256) {
            throw absent;
        }
        byte[] bytes = (level.equals("entries") ? proofs.bundle(number, width) : proofs.tile(Integer.parseInt(level), number, width)).orElseThrow(() -> absent);
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_OCTET_STREAM)
                .cacheControl(CacheControl.maxAge(java.time.Duration.ofDays(365)).cachePrivate().immutable()).body(bytes);
    }

    private Optional<Long> required(Parameters wanted, Name name) {
        Optional<Long> number = wanted.number(name, 1, Long.MAX_VALUE);
        if (!wanted.has(name)) {
            wanted.refuse(name.name(), "This is needed.");
        }
        return number;
    }

    private Optional<Long> sealed() {
        return proofs.checkpoint().map(RecordProofs.Signed::size);
    }

    private void readable(CurrentPerson me, long entry) {
        record.entry(entry).filter(line -> reader(me) || line.tellsAStory()).orElseThrow(() -> new Problem.NotFound("entry " + entry));
    }

    private static ResponseEntity<byte[]> text(String words) {
        return ResponseEntity.ok().contentType(new MediaType("text", "plain", java.nio.charset.StandardCharsets.UTF_8))
                .body(words.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static boolean reader(CurrentPerson me) {
        return Stream.of(Role.AUDITOR, Role.SECURITY, Role.ADMINISTRATOR).anyMatch(me::is);
    }

    private static String base64(byte[] hash) {
        return Base64.getEncoder().encodeToString(hash);
    }

    private static List<String> base64(List<byte[]> path) {
        return path.stream().map(RecordApi::base64).toList();
    }
}
