package dev.countersign.policy.check;

import static dev.countersign.policy.check.Layer.CRD;
import static dev.countersign.policy.check.Layer.LINT;
import static dev.countersign.policy.check.Layer.WEBHOOK;
import static dev.countersign.policy.check.Severity.ERROR;
import static dev.countersign.policy.check.Severity.INFO;
import static dev.countersign.policy.check.Severity.WARNING;

import java.util.Optional;

/// The numbered registry of everything the checker can say. Ordered; a number is never reused, a retired code stays.
/// Constants that are named like a rule of Istio (`A9`) are that rule (istio.md section 2); the others are our own
/// lint.
public enum FindingCode {
    M1(1001, WEBHOOK, ERROR, "Dry run on a kind that has none",
            "Remove the annotation istio.io/dry-run; only an AuthorizationPolicy can be tried out."),
    M2(1002, WEBHOOK, ERROR, "Dry-run annotation is neither true nor false",
            "Set istio.io/dry-run to \"true\" or \"false\"."),
    M3(1003, WEBHOOK, ERROR, "Dry run on AUDIT or CUSTOM",
            "Remove the annotation, or use action ALLOW or DENY."),
    M4(1004, WEBHOOK, ERROR, "Annotation that Istio keeps for itself",
            "Remove the internal annotation."),
    M5(1005, WEBHOOK, ERROR, "Istio cannot decode the value",
            "Write the value in the type that the field has; words are case-sensitive, durations look like 10s."),
    S1(1006, WEBHOOK, ERROR, "More than one way to choose workloads",
            "Keep one of selector, targetRef and targetRefs."),
    S2(1007, WEBHOOK, ERROR, "Selector label without a key",
            "Give the label a key."),
    S3(1008, WEBHOOK, ERROR, "Wildcard in a selector",
            "Write the whole label; selectors compare exactly."),
    S4(1009, WEBHOOK, WARNING, "Selector without labels",
            "Add labels, or leave the selector out if every workload of the namespace is meant."),
    S5(1010, WEBHOOK, ERROR, "Target without a name",
            "Name the Service, ServiceEntry, Gateway or GatewayClass."),
    S6(1011, WEBHOOK, ERROR, "Target in another namespace",
            "Remove the namespace and put the policy beside its target."),
    S7(1012, WEBHOOK, ERROR, "Target of a kind that cannot be one",
            "Use core Service, networking.istio.io ServiceEntry, or gateway.networking.k8s.io Gateway or "
                    + "GatewayClass."),
    A1(1013, WEBHOOK, ERROR, "CUSTOM without rules",
            "Add rules; an empty rule asks the provider about every call."),
    A2(1014, WEBHOOK, ERROR, "CUSTOM without a provider",
            "Set provider.name to an extension provider of the mesh."),
    A3(1015, WEBHOOK, ERROR, "CUSTOM cannot look at identities",
            "Move the identity to a separate ALLOW or DENY policy; CUSTOM rules may use addresses, hosts, ports, "
                    + "methods and paths."),
    A4(1016, WEBHOOK, ERROR, "CUSTOM condition on an identity or token",
            "Remove the condition; the token is verified after CUSTOM has decided."),
    A5(1017, WEBHOOK, ERROR, "Provider without CUSTOM",
            "Remove the provider, or set action CUSTOM."),
    A6(1018, WEBHOOK, ERROR, "DENY without rules",
            "Add rules. To deny by default write an ALLOW policy with an empty spec instead."),
    A7(1019, WEBHOOK, ERROR, "A from entry without source",
            "Put the fields under source, or remove the entry."),
    A8(1020, WEBHOOK, ERROR, "Service accounts mixed with principals or namespaces",
            "Use two from entries, or only one of the two ways."),
    A9(1021, WEBHOOK, ERROR, "Empty source",
            "Name at least one caller, or remove the from entry."),
    A10(1022, WEBHOOK, ERROR, "Not an IP address",
            "Write an IPv4 or IPv6 address without leading zeros, or a block such as 10.0.0.0/8."),
    A11(1023, WEBHOOK, ERROR, "Not an address block",
            "Write address/length, such as 10.0.0.0/8."),
    A12(1024, WEBHOOK, ERROR, "Empty value",
            "Remove the empty text, or write the value that is meant."),
    A13(1025, WEBHOOK, ERROR, "Too many service accounts",
            "Split the list over several from entries; one holds 16."),
    A14(1026, WEBHOOK, ERROR, "Wildcard in a service account",
            "Name each service account, or use namespaces or principals for a pattern."),
    A15(1027, WEBHOOK, ERROR, "Malformed service account",
            "Write name, or namespace/name."),
    A16(1028, WEBHOOK, ERROR, "Service account too long",
            "Shorten it to 320 characters."),
    A17(1029, WEBHOOK, ERROR, "Several wildcards in a trust domain",
            "Keep one star, at the start or at the end."),
    A18(1030, WEBHOOK, ERROR, "Wildcard inside a trust domain",
            "Put the star at the start or at the end."),
    A19(1031, WEBHOOK, ERROR, "Slash in a trust domain",
            "Write the trust domain alone; principals hold whole identities."),
    A20(1032, WEBHOOK, ERROR, "A to entry without operation",
            "Put the fields under operation, or remove the entry."),
    A21(1033, WEBHOOK, ERROR, "Empty operation",
            "Name at least one host, port, method or path, or remove the to entry."),
    A22(1034, WEBHOOK, ERROR, "Not a port",
            "Write each port as a number from 0 to 65535 in quotes; ranges and names are not understood."),
    A23(1035, WEBHOOK, ERROR, "Template goes on after {**}",
            "Let {**} be the last placeholder of the path."),
    A24(1036, WEBHOOK, ERROR, "Brace that is no placeholder",
            "A segment is {*} or {**} or has no braces; text beside a placeholder is not possible."),
    A25(1037, WEBHOOK, ERROR, "Template with a segment that Envoy refuses",
            "Remove empty segments and characters outside of URL paths; use {*} instead of *."),
    A26(1038, WEBHOOK, ERROR, "Condition without key",
            "Name the attribute, such as request.headers[x-channel]."),
    A27(1039, WEBHOOK, ERROR, "Condition without values",
            "Add values or notValues."),
    A28(1040, WEBHOOK, ERROR, "Condition key lacks its [name]",
            "Write the key as attribute[name], such as request.auth.claims[groups]."),
    A29(1041, WEBHOOK, ERROR, "Unknown condition key",
            "Use one of Istio's attributes; they are case-sensitive."),
    A30(1042, WEBHOOK, ERROR, "Retired condition key",
            "Use the policy's namespace, selector or targetRefs to choose the destination."),
    A31(1043, WEBHOOK, WARNING, "DENY on HTTP alone also denies every TCP connection",
            "Add ports to each operation of the rule."),
    P1(1044, WEBHOOK, ERROR, "Port modes need a selector",
            "Keep the mode for the namespace, and move portLevelMtls to a policy with a selector for the "
                    + "workload."),
    P2(1045, WEBHOOK, ERROR, "Empty portLevelMtls",
            "Name a port, or remove the field."),
    P3(1046, WEBHOOK, ERROR, "Port out of range",
            "Use a workload port from 1 to 65535."),
    J1(1047, WEBHOOK, ERROR, "Empty audience",
            "Remove it or name the audience."),
    J2(1048, WEBHOOK, ERROR, "Neither issuer nor jwksUri",
            "Name the issuer of the tokens."),
    J3(1049, WEBHOOK, ERROR, "jwksUri is not http or https",
            "Give the address of the keys with http:// or https://."),
    J4(1050, WEBHOOK, ERROR, "jwks is no key set",
            "Paste the JSON of the issuer's public key set, or use jwksUri."),
    J5(1051, WEBHOOK, ERROR, "Token header without name",
            "Name the header."),
    J6(1052, WEBHOOK, ERROR, "Empty query parameter",
            "Name the parameter or remove the entry."),
    J7(1053, WEBHOOK, ERROR, "Empty cookie name",
            "Name the cookie or remove the entry."),
    J8(1054, WEBHOOK, ERROR, "Claim header is incomplete",
            "Give both header and claim."),
    J9(1055, WEBHOOK, ERROR, "Not a header name",
            "Use letters, digits, - and _ only."),
    J10(1056, WEBHOOK, ERROR, "Duration below a millisecond",
            "Use 1ms or more."),
    J11(1057, WEBHOOK, ERROR, "Duration finer than a millisecond",
            "Round it to whole milliseconds."),
    J12(1058, WEBHOOK, WARNING, "Private key in a policy",
            "Replace the key by its public half and treat the private one as leaked."),
    D1(1059, WEBHOOK, ERROR, "Not a host name",
            "Write a DNS name; a star may only be the whole first label."),
    D2(1060, WEBHOOK, ERROR, "Traffic policy that says nothing",
            "Add a setting, or remove the policy."),
    D3(1061, WEBHOOK, ERROR, "Tunnel with proxy protocol",
            "Keep one of the two."),
    D4(1062, WEBHOOK, ERROR, "Connection pool that says nothing",
            "Add tcp or http limits, or remove connectionPool."),
    D5(1063, WEBHOOK, ERROR, "Negative limit",
            "Use zero or more."),
    D6(1064, WEBHOOK, ERROR, "Upgrade to HTTP/2 against the client's protocol",
            "Keep one of h2UpgradePolicy UPGRADE and useClientProtocol."),
    D7(1065, WEBHOOK, ERROR, "HTTP/2 keepalive is incomplete",
            "Give both interval and timeout."),
    D8(1066, WEBHOOK, ERROR, "Not a percentage",
            "Use 0 to 100."),
    D9(1067, WEBHOOK, ERROR, "Local origin failures without the split",
            "Set splitExternalLocalOriginErrors to true."),
    D10(1068, WEBHOOK, WARNING, "consecutiveErrors is retired",
            "Use consecutive5xxErrors or consecutiveGatewayErrors."),
    D11(1069, WEBHOOK, ERROR, "Two subsets of one name",
            "Rename one."),
    D12(1070, WEBHOOK, ERROR, "Subset name",
            "Use a DNS label: letters, digits and -, at most 63."),
    D13(1071, WEBHOOK, ERROR, "Port settings without port",
            "Add port.number."),
    D14(1072, WEBHOOK, ERROR, "TLS settings contradict each other",
            "Give certificate and key for MUTUAL; keep credentialName apart from files and insecureSkipVerify "
                    + "apart from CA and names."),
    D15(1073, WEBHOOK, ERROR, "exportTo contradicts itself",
            "Name each namespace once; * stands alone; ~ is not possible; with a workloadSelector only the own "
                    + "namespace."),
    D16(1074, WEBHOOK, ERROR, "Load balancer settings",
            "Correct the named setting."),
    D17(1075, WEBHOOK, WARNING, "minimumRingSize is retired",
            "Use ringHash.minimumRingSize."),
    E1(1076, WEBHOOK, WARNING, "EnvoyFilter reaches into the proxy",
            "Istio warns about every EnvoyFilter: check it again at each upgrade."),
    E2(1077, WEBHOOK, ERROR, "Patch without applyTo",
            "Say what the patch applies to."),
    E3(1078, WEBHOOK, ERROR, "Patch is incomplete",
            "Give operation and value; only REMOVE goes without a value."),
    E4(1079, WEBHOOK, ERROR, "proxyVersion is no pattern",
            "Write a regular expression such as ^1\\.29.*."),
    E5(1080, WEBHOOK, ERROR, "Match does not fit applyTo",
            "Match on the kind of object that the patch applies to."),
    E6(1081, WEBHOOK, ERROR, "Filter match is incomplete",
            "Name the filter; a subFilter needs HTTP_FILTER and the HTTP connection manager."),
    E7(1082, WEBHOOK, ERROR, "Envoy does not know the type",
            "Use a type of Envoy's v3 API."),
    E8(1083, WEBHOOK, WARNING, "Patch that may do nothing",
            "Correct the unknown field, add typed_config, or use the current name."),
    K1(1084, WEBHOOK, ERROR, "Sidecar says nothing",
            "Add egress, ingress, outboundTrafficPolicy or inboundConnectionPool."),
    K2(1085, WEBHOOK, ERROR, "Egress host",
            "Write namespace/dnsName, such as ./* or production/payments.example.com."),
    K3(1086, WEBHOOK, WARNING, "Sidecar setting without effect",
            "Remove what another entry already covers."),
    K4(1087, WEBHOOK, ERROR, "Catch-all listener is not the last",
            "Keep one egress listener without port, at the end."),
    K5(1088, WEBHOOK, ERROR, "Listener details",
            "Correct the named field of the listener."),
    K6(1089, WEBHOOK, ERROR, "Outbound traffic policy",
            "egressProxy goes with mode ALLOW_ANY and needs a port."),
    C1(1090, CRD, ERROR, "Unknown field",
            "Correct the spelling or the place; without strict validation the field is silently dropped."),
    C2(1091, CRD, ERROR, "Word that the field does not have",
            "Use one of the listed words; they are case-sensitive."),
    C3(1092, CRD, ERROR, "Wrong type",
            "Write the type that the field has."),
    C4(1093, CRD, ERROR, "Too long, too many, or out of range",
            "Stay within the limit, or split the object."),
    C5(1094, CRD, ERROR, "Missing field",
            "Add the field."),
    C6(1095, CRD, ERROR, "More than one way to choose workloads",
            "Keep one of selector, targetRef and targetRefs; an empty list counts."),
    C7(1096, CRD, ERROR, "Service accounts mixed with principals or namespaces",
            "Use two from entries; an empty list counts."),
    C8(1097, CRD, ERROR, "Port modes need a selector",
            "Keep the mode for the namespace, and move portLevelMtls to a policy with a selector for the "
                    + "workload."),
    C9(1098, CRD, ERROR, "The API server's rule for this field",
            "Correct the value as the message says."),

    NOT_CHECKED(1201, LINT, INFO, "Not a kind that is checked here",
            "Nothing to do; only Istio's security and the related networking kinds are checked."),
    EMPTY_FROM(1202, LINT, WARNING, "An empty list of callers means everyone",
            "Remove from if everyone is meant; else name the callers."),
    EMPTY_TO(1203, LINT, WARNING, "An empty list of operations means every operation",
            "Remove to if everything is meant; else name the operations."),
    ALLOWS_NOTHING(1204, LINT, INFO, "This ALLOW policy allows nothing",
            "Right for a default deny; else add rules."),
    DENIES_EVERYTHING(1205, LINT, WARNING, "This DENY refuses every call for ever",
            "A DENY wins over any ALLOW. For a default deny write an ALLOW policy with an empty spec: spec: {}"),
    SPIFFE_PREFIX(1206, LINT, WARNING, "Principals are written without spiffe://",
            "Remove spiffe://; with it the value never matches."),
    ODD_PRINCIPAL(1207, LINT, WARNING, "Not the form of a service identity",
            "Write trust-domain/ns/namespace/sa/service-account."),
    RELATIVE_PATH(1208, LINT, WARNING, "Path without leading slash",
            "Begin the path with a slash; a call's path always does."),
    REFUSED_TEMPLATE(1209, LINT, ERROR, "Istio accepts this template, Envoy refuses it",
            "Begin with one slash and leave no segment empty; otherwise the proxy rejects its whole "
                    + "configuration."),
    HTTP_ON_TCP(1210, LINT, WARNING, "HTTP fields on a port that carries TCP",
            "Remove the HTTP fields for this port, or declare the port as HTTP."),
    ADMITS_ANONYMOUS(1211, LINT, WARNING, "A negative match admits callers without identity",
            "Add principals: [\"*\"] beside it, or require mutual TLS; a call without the attribute passes a "
                    + "not-match."),
    MISSES_COLLECTION(1212, LINT, INFO, "The path covers the items, not the collection",
            "Add the path without the last /* if the collection is called as well."),
    HOST_WITHOUT_PORT(1213, LINT, INFO, "Host without its variant with a port",
            "Add the same host with :* ; the port is part of what is compared."),
    STAR_SUBJECT(1214, LINT, WARNING, "*/* matches only a subject that is a star",
            "Write * for any verified token."),
    INNER_WILDCARD(1215, LINT, WARNING, "A star inside a value is an ordinary character",
            "Use a star only at the start or at the end, or a path template."),
    CLOSED_PORT(1216, LINT, WARNING, "No container opens this port",
            "Use the container's port, not the Service's."),
    UNKNOWN_NAMESPACE(1217, LINT, WARNING, "The namespace does not exist",
            "Correct the name, or create the namespace first."),
    SELECTS_NOTHING(1218, LINT, WARNING, "The selector selects no workload",
            "Compare the labels with those of the pods."),
    UNKNOWN_PROVIDER(1219, LINT, WARNING, "The mesh has no such provider",
            "Define the extension provider first; until then every matching call is denied."),
    SPLIT_CALLER(1220, LINT, WARNING, "Two rules where one may be meant",
            "Rules are alternatives. Remove the dash before to if callers and operations belong together."),
    DENY_MISSES_PLAINTEXT(1221, LINT, WARNING, "A DENY on identities does not stop callers without one",
            "Add a DENY with notPrincipals: [\"*\"], or require mutual TLS."),
    PORTS_WITHOUT_SELECTOR(1222, LINT, WARNING, "Port modes have no effect without a selector",
            "Keep the mode for the namespace, and write a second policy with a selector for the workload and its "
                    + "port."),
    SAID_BY_KUBECTL(1223, LINT, WARNING, "Other readers take this word for something else",
            "Put the word in quotes."),
    OWN_TLS(1224, LINT, WARNING, "TLS settings of a DestinationRule switch automatic mutual TLS off",
            "Leave trafficPolicy.tls out for services of the mesh."),
    OTHER_REFUSAL(1225, WEBHOOK, ERROR, "Istio refuses the value",
            "Correct the value as the message says."),
    WIDENS_ON_TCP(1226, LINT, WARNING, "This DENY also refuses TCP connections",
            "Add ports to each operation of the rule; on TCP the HTTP fields fall away and the rest remains."),
    BEYOND_ZTUNNEL(1227, LINT, WARNING, "ztunnel does not understand this",
            "Put a waypoint before the service and write the policy with targetRefs, or keep to identities, addresses and ports."),
    ADDRESS_OF_LAST_HOP(1228, LINT, INFO, "The address is that of the last hop",
            "Behind a load balancer or another proxy use remoteIpBlocks, and tell the mesh how many proxies it may believe (numTrustedProxies)."),
    ADDRESS_AS_TOLD(1229, LINT, INFO, "The address is what a header says",
            "It counts only where the mesh knows how many proxies stand before it (numTrustedProxies); otherwise a caller can choose it."),
    PATH_SPELT_OTHERWISE(1230, LINT, INFO, "A refused path can be spelt otherwise",
            "Paths are compared letter by letter: another case, ;parameters or, by the mesh's normalization, // pass by. Where the service takes "
                    + "those for the same, list what is allowed instead."),
    CUTS_SCRAPES(1231, LINT, INFO, "What collects metrics from outside the mesh is refused as well",
            "Add an ALLOW rule for the port that is scraped. Kubelet probes and the proxy's own ports are not concerned."),
    OTHER_TRUST_DOMAIN(1232, LINT, WARNING, "Another trust domain than the mesh's is named",
            "Write the mesh's own trust domain; Istio translates cluster.local and the mesh's aliases in whole identities of principals only."),
    PREFLIGHT_WITHOUT_TOKEN(1233, LINT, INFO, "A browser's preflight call has no token",
            "Where browsers call it from other origins, add a rule for method OPTIONS without the demand for a token."),
    TOKEN_NOT_DEMANDED(1234, LINT, INFO, "Bad tokens are refused, missing ones are not",
            "Demand one with an AuthorizationPolicy: an ALLOW rule with requestPrincipals: [\"*\"]."),
    REACHES_EVERY_NAMESPACE(1235, LINT, WARNING, "A selector in the root namespace also reaches pods behind ztunnel",
            "If a gateway is meant, name it with targetRefs.");

    private final int number;
    private final Layer layer;
    private final Severity severity;
    private final String title;
    private final String help;

    FindingCode(int number, Layer layer, Severity severity, String title, String help) {
        this.number = number;
        this.layer = layer;
        this.severity = severity;
        this.title = title;
        this.help = help;
    }

    /// `CS1021`.
    public String code() {
        return "CS" + number;
    }

    /// Istio's rule (`A9`), empty for our own.
    public String istioRule() {
        return number <= 1098 ? name() : "";
    }

    public Layer layer() {
        return layer;
    }

    public Severity severity() {
        return severity;
    }

    /// A few words without a full stop, to head a help page.
    public String title() {
        return title;
    }

    /// What to do, in plain sentences.
    public String help() {
        return help;
    }

    /// The code that is written so; empty for a number that was never given.
    public static Optional<FindingCode> of(String code) {
        for (FindingCode known : values()) {
            if (known.code().equals(code)) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
    }
}
