package dev.countersign.policy.yaml;

import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.PeerAuthentication;
import dev.countersign.policy.model.RequestAuthentication;
import dev.countersign.policy.model.RequestAuthentication.ClaimHeader;
import dev.countersign.policy.model.RequestAuthentication.JwtRule;
import dev.countersign.policy.model.RequestAuthentication.TokenHeader;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.TlsMode;
import dev.countersign.policy.yaml.Fields.Notes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Trees to PeerAuthentications and RequestAuthentications.
final class SecurityDecoder {
    private static final Pattern PORT = Pattern.compile("[0-9]{1,9}");

    private SecurityDecoder() {}

    static Optional<PeerAuthentication> peerAuthentication(ObjectMeta metadata, Fields spec, Notes notes) {
        Optional<Fields> selector = spec.object("selector");
        Target target = selector.map(fields -> MetadataDecoder.labels(fields, "matchLabels"))
                .orElse(Target.EVERYTHING);
        selector.ifPresent(Fields::done);
        TlsMode mode = spec.object("mtls").map(SecurityDecoder::mode).orElse(TlsMode.UNSET);
        Map<Integer, TlsMode> ports = new TreeMap<>();
        Optional<Fields> section = spec.object("portLevelMtls");
        section.ifPresent(fields -> {
            for (String key : spec.tree("portLevelMtls").keySet()) {
                Optional<TlsMode> ofPort = fields.object(key).map(SecurityDecoder::mode);
                if (!PORT.matcher(key).matches()) {
                    fields.problem(key, "must be a port number");
                } else {
                    ports.put(Integer.parseInt(key), ofPort.orElse(TlsMode.UNSET));
                }
            }
        });
        spec.done();
        return notes.problems().isEmpty()
                ? Optional.of(new PeerAuthentication(metadata, target, mode, ports))
                : Optional.empty();
    }

    private static TlsMode mode(Fields mtls) {
        TlsMode mode = mtls.word("mode", TlsMode.class).orElse(TlsMode.UNSET);
        mtls.done();
        return mode;
    }

    static Optional<RequestAuthentication> requestAuthentication(ObjectMeta metadata, Fields spec, Notes notes) {
        Target target = MetadataDecoder.target(spec, notes);
        List<JwtRule> rules = spec.objects("jwtRules", (rule, _) -> Optional.of(jwtRule(rule)));
        spec.done();
        return notes.problems().isEmpty()
                ? Optional.of(new RequestAuthentication(metadata, target, rules))
                : Optional.empty();
    }

    private static JwtRule jwtRule(Fields rule) {
        String issuer = rule.text("issuer").orElse("");
        List<String> audiences = rule.texts("audiences");
        // The two spellings are the same field: the proto's own name and its JSON name.
        Optional<String> jwksUri = rule.text("jwksUri").or(() -> rule.text("jwks_uri"));
        Optional<String> jwks = rule.text("jwks");
        List<TokenHeader> headers = rule.objects("fromHeaders", (header, _) -> {
            TokenHeader decoded = new TokenHeader(
                    header.text("name").orElse(""), header.text("prefix").orElse(""));
            header.done();
            return Optional.of(decoded);
        });
        List<String> params = rule.texts("fromParams");
        List<String> cookies = rule.texts("fromCookies");
        Optional<String> payload = rule.text("outputPayloadToHeader").filter(text -> !text.isEmpty());
        boolean forward = rule.truth("forwardOriginalToken").orElse(false);
        List<ClaimHeader> claims = rule.objects("outputClaimToHeaders", (claim, _) -> {
            ClaimHeader decoded = new ClaimHeader(
                    claim.text("header").orElse(""), claim.text("claim").orElse(""));
            claim.done();
            return Optional.of(decoded);
        });
        Optional<Duration> timeout = rule.duration("timeout");
        rule.done();
        return new JwtRule(
                issuer, audiences, jwksUri, jwks, headers, params, cookies, payload, forward, claims, timeout);
    }
}
