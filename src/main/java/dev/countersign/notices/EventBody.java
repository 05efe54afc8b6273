package dev.countersign.notices;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.countersign.audit.Subject;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.TenantId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/// Writes an entry of the record as a CloudEvent 1.0 in structured mode: a thin one. It says that something happened, to what, and
/// where to look; numbers and names of clusters, namespaces, workloads and policies, never a person, never words that people wrote.
@Component
class EventBody {
    /// A policy may carry thousands of requests.
    private static final int MOST_REQUESTS = 100;

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_EMPTY))
            .build();

    private final String base;

    /// `base`: where people reach the portal; without it links are paths.
    EventBody(@Value("${countersign.url:}") String base) {
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        if (!this.base.isEmpty() && !this.base.matches("https?://[^/?#\\s]+(/[^?#\\s]*)?")) {
            throw new IllegalArgumentException("countersign.url must be the address of the portal, like https://access.example.com");
        }
    }

    /// What is read of an entry: its place in the record, and of its content only this. A member is null where the kind has none.
    record Entry(
            long seq, Instant at, String kind, Subject subject, List<Long> requests, @Nullable Long number, @Nullable Integer version, @Nullable String cluster,
            @Nullable String namespace, @Nullable String policy, @Nullable String workload, @Nullable Long revision, @Nullable Integer wave, List<Long> grants) {}

    @JsonPropertyOrder({"specversion", "id", "source", "type", "subject", "time", "sequence", "datacontenttype", "data"})
    private record Event(
            String specversion, String id, String source, String type, String subject, Instant time, String sequence, String datacontenttype, Data data) {}

    @JsonPropertyOrder({"entry", "request", "requests", "requestCount", "version", "state", "grant", "grants", "suspension", "stop", "adoption", "wave", "cluster",
        "namespace", "workload", "policy", "revision", "webhook", "links"})
    private record Data(
            long entry, @Nullable Long request, List<Long> requests, @Nullable Integer requestCount, @Nullable Integer version, @Nullable String state, @Nullable Long grant,
            List<Long> grants, @Nullable Long suspension, @Nullable Long stop, @Nullable Long adoption, @Nullable Integer wave, @Nullable String cluster,
            @Nullable String namespace, @Nullable String workload, @Nullable String policy, @Nullable Long revision, @Nullable Long webhook, Links links) {}

    /// For people, and for programs.
    private record Links(String page, @Nullable String api) {}

    /// The id of event and message: one and the same for whoever is told of this entry, however often.
    static String id(TenantId tenant, long entry) {
        return "msg_" + tenant.toString().replace("-", "") + "_" + entry;
    }

    String of(Tenant tenant, Entry entry) {
        return JSON.writeValueAsString(new Event("1.0", id(tenant.id(), entry.seq()), "/tenants/" + tenant.slug(), EventKind.type(entry.kind()), subject(entry), entry.at(),
                "%020d".formatted(entry.seq()), "application/json", data(entry)));
    }

    private Data data(Entry entry) {
        String family = entry.kind().substring(0, entry.kind().indexOf('.'));
        List<Long> requests = entry.requests();
        boolean one = requests.size() == 1;
        boolean many = requests.size() > MOST_REQUESTS;
        return new Data(entry.seq(), one ? requests.getFirst() : null, one ? List.of() : many ? requests.subList(0, MOST_REQUESTS) : requests,
                many ? Integer.valueOf(requests.size()) : null, family.equals("request") ? entry.version() : null, state(entry.kind()),
                family.equals("grant") ? entry.number() : null, entry.grants(), family.equals("grants") ? entry.number() : null, family.equals("delivery") ? entry.number() : null,
                family.equals("adoption") ? entry.number() : null, family.equals("rollout") ? entry.wave() : null, entry.cluster(), entry.namespace(), entry.workload(),
                entry.policy(), entry.revision(), family.equals("webhook") ? entry.number() : null, links(entry, family, requests));
    }

    /// What a request or a grant is from then on; empty where it stays what it was, or is no longer told in one word.
    private static @Nullable String state(String kind) {
        return switch (kind) {
            case "request.submitted", "request.revised", "request.reviewed" -> "SUBMITTED";
            case "request.approved", "request.rejected", "request.changes-requested", "request.withdrawn", "request.lapsed", "grant.revoked", "grant.expired" ->
                kind.substring(kind.indexOf('.') + 1).replace('-', '_').toUpperCase(Locale.ROOT);
            default -> null;
        };
    }

    private static String subject(Entry entry) {
        return entry.subject().kind() + "/" + entry.subject().id();
    }

    private Links links(Entry entry, String family, List<Long> requests) {
        List<String> cluster = segments(Optional.ofNullable(entry.cluster()));
        return switch (family) {
            case "grant" -> new Links(link("grants", String.valueOf(entry.number())), link("api", "v1", "grants", String.valueOf(entry.number())));
            case "grants" -> new Links(link("suspensions", String.valueOf(entry.number())), link("api", "v1", "suspensions", String.valueOf(entry.number())));
            case "delivery" -> new Links(link(cluster.toArray(String[]::new)), link("api", "v1", "delivery-stops", String.valueOf(entry.number())));
            case "adoption" -> new Links(link("adoptions", String.valueOf(entry.number())), link("api", "v1", "adoptions", String.valueOf(entry.number())));
            case "policy" -> new Links(entry.namespace() == null || entry.policy() == null ? link(cluster.toArray(String[]::new))
                    : link(cluster.get(0), cluster.get(1), "policies", entry.namespace(), entry.policy()), link("api", "v1", "clusters", cluster.get(1), "policies"));
            case "cluster", "repository" -> new Links(link(cluster.toArray(String[]::new)), link("api", "v1", "clusters", cluster.get(1)));
            case "webhook" -> new Links(link("admin", "webhooks", entry.subject().id()), link("api", "v1", "webhooks", entry.subject().id()));
            default -> {
                String number = String.valueOf(requests.getFirst());
                yield new Links(link("requests", number), link("api", "v1", "access-requests", number));
            }
        };
    }

    private static List<String> segments(Optional<String> cluster) {
        List<String> segments = new ArrayList<>(List.of("clusters"));
        cluster.ifPresent(segments::add);
        return segments;
    }

    private String link(String... segments) {
        return base + org.springframework.web.util.UriComponentsBuilder.newInstance().pathSegment(segments).encode().build().toUriString();
    }
}
