package dev.countersign.catalog;

import dev.countersign.catalog.CatalogWorkload.Membership;
import dev.countersign.catalog.CatalogWorkload.Port;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.identity.TeamName;
import dev.countersign.tenancy.CurrentTenant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/// Workloads from their rows: two statements for any number of them, one for the rows, one for the Services that could select them.
@Component
class WorkloadRows {
    /// Only namespaces that the tenant owns in a cluster in use: the join on cluster_namespace.
    static final String SELECT = """
            select w.cluster_id, c.name as cluster, w.namespace, w.name, w.kind, w.selector_labels, w.pod_labels, w.service_account, w.ports,
                   w.membership, t.id as team_id, t.slug as team_slug, t.name as team_name
            """;
    static final String FROM = """
            from catalog_workload w
            join cluster_namespace n on n.tenant_id = w.tenant_id and n.cluster_id = w.cluster_id and n.namespace = w.namespace
            join cluster c on c.tenant_id = w.tenant_id and c.id = w.cluster_id
            left join workload_owner o on o.tenant_id = w.tenant_id and o.cluster_id = w.cluster_id and o.namespace = w.namespace
                                          and o.workload = w.name
            left join workload_owner d on d.tenant_id = w.tenant_id and d.cluster_id = w.cluster_id and d.namespace = w.namespace
                                          and d.workload = ''
            left join team t on t.tenant_id = w.tenant_id and t.id = coalesce(o.team_id, d.team_id)
            where w.tenant_id = :tenant
            """;

    /// Of few workloads the database picks the Services that select them. Of many it would hold each Service against each: then all of
    /// the places are read, and picked from here.
    static final int FEW = 8;

    private final JdbcClient jdbc;
    private final JsonMapper json = JsonMapper.builder().build();

    WorkloadRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Place(UUID cluster, String namespace) {}

    private record Service(String name, Map<String, String> selector, List<Map<String, Object>> ports) {
        boolean selects(Map<String, String> labels) {
            return !selector.isEmpty() && labels.entrySet().containsAll(selector.entrySet());
        }
    }

    /// `statement` selects what `SELECT` names; `:tenant` is given here.
    List<CatalogWorkload> query(StatementSpec statement) {
        List<CatalogWorkload> bare = statement.param("tenant", CurrentTenant.require().value()).query(this::row).list();
        if (bare.isEmpty()) {
            return bare;
        }
        Map<Place, List<Service>> services = services(bare);
        return bare.stream()
                .map(workload -> withServices(workload, services.getOrDefault(new Place(workload.cluster().id(), workload.namespace()), List.of())))
                .toList();
    }

    private CatalogWorkload row(ResultSet row, int number) throws SQLException {
        List<Port> ports = maps(row.getString("ports")).stream()
                .map(port -> new Port(number(port.get("number")), text(port, "name"), protocol("", text(port, "name"), text(port, "transport"))))
                .toList();
        return new CatalogWorkload(new ClusterRef(row.getObject("cluster_id", UUID.class), row.getString("cluster")), row.getString("namespace"),
                row.getString("name"), row.getString("kind"), texts(row.getString("selector_labels")), texts(row.getString("pod_labels")),
                row.getString("service_account"), ports, List.of(), Membership.valueOf(row.getString("membership")), owner(row));
    }

    static Optional<TeamName> owner(ResultSet row) throws SQLException {
        UUID team = row.getObject("team_id", UUID.class);
        return team == null ? Optional.empty() : Optional.of(new TeamName(team, row.getString("team_slug"), row.getString("team_name")));
    }

    /// At least those that select one of the workloads, by name.
    private Map<Place, List<Service>> services(List<CatalogWorkload> bare) {
        record Row(Place place, Service service) {}
        List<Place> places = bare.stream().map(w -> new Place(w.cluster().id(), w.namespace())).distinct().toList();
        Set<Map<String, String>> labels = bare.stream().map(CatalogWorkload::podLabels).collect(Collectors.toSet());
        Map<Place, List<Service>> services = new HashMap<>();
        jdbc.sql("""
                        select o.cluster_id, o.namespace, o.name, o.facts -> 'selector' as selector, o.facts -> 'ports' as ports
                        from catalog_object o
                        join unnest(:clusters::uuid[], :namespaces::text[]) as p (cluster_id, namespace)
                          on p.cluster_id = o.cluster_id and p.namespace = o.namespace
                        where o.tenant_id = :tenant
                          and o.kind = 'Service'
                          and o.facts -> 'selector' <> '{}'
                          and (:all or exists (select
                                               from unnest(:labels::jsonb[]) as pods (labels)
                                               where pods.labels @> (o.facts -> 'selector')))
                        order by o.name""")
                .param("all", labels.size() > FEW)
                .param("labels", labels.size() > FEW ? new String[0] : labels.stream().map(json::writeValueAsString).toArray(String[]::new))
                .param("tenant", CurrentTenant.require().value())
                .param("clusters", places.stream().map(Place::cluster).toArray(UUID[]::new))
                .param("namespaces", places.stream().map(Place::namespace).toArray(String[]::new))
                .query((row, number) -> new Row(new Place(row.getObject("cluster_id", UUID.class), row.getString("namespace")),
                        new Service(row.getString("name"), texts(row.getString("selector")), maps(row.getString("ports")))))
                .list()
                .forEach(row -> services.computeIfAbsent(row.place, place -> new ArrayList<>()).add(row.service));
        return services;
    }

    /// The Services that select the pods, and what their ports say about the protocol of the container's.
    private static CatalogWorkload withServices(CatalogWorkload workload, List<Service> all) {
        List<Service> services = all.stream().filter(service -> service.selects(workload.podLabels())).toList();
        Map<Integer, Port> ports = new LinkedHashMap<>();
        workload.ports().forEach(port -> ports.put(port.number(), port));
        for (Service service : services) {
            for (Map<String, Object> port : service.ports()) {
                String target = text(port, "target");
                String protocol = protocol(text(port, "appProtocol"), text(port, "name"), text(port, "transport"));
                int number = target.isEmpty() ? number(port.get("port")) : target.matches("[0-9]{1,5}") ? Integer.parseInt(target)
                        : workload.ports().stream().filter(named -> named.name().equals(target)).map(Port::number).findFirst().orElse(0);
                if (number > 0) {
                    ports.merge(number, new Port(number, text(port, "name"), protocol),
                            (known, told) -> new Port(number, known.name().isEmpty() ? told.name() : known.name(),
                                    told.protocol().equals("unknown") ? known.protocol() : told.protocol()));
                }
            }
        }
        return new CatalogWorkload(workload.cluster(), workload.namespace(), workload.name(), workload.kind(), workload.selectorLabels(),
                workload.podLabels(), workload.serviceAccount(), List.copyOf(ports.values()), services.stream().map(Service::name).toList(),
                workload.membership(), workload.owner());
    }

    private static final List<String> PROTOCOLS =
            List.of("http", "http2", "https", "grpc", "grpc-web", "tcp", "tls", "mongo", "mysql", "redis", "udp");

    /// Istio's rule of explicit protocol selection: appProtocol, else the port's name up to its hyphen; UDP is never meshed.
    static String protocol(String appProtocol, String name, String transport) {
        if (transport.equals("UDP")) {
            return "udp";
        }
        String said = switch (appProtocol) {
            case "kubernetes.io/h2c" -> "http2";
            case "kubernetes.io/ws", "kubernetes.io/wss" -> "http";
            case "" -> name.startsWith("grpc-web") ? "grpc-web" : name.contains("-") ? name.substring(0, name.indexOf('-')) : name;
            default -> appProtocol.toLowerCase(java.util.Locale.ROOT);
        };
        return PROTOCOLS.contains(said) ? said : "unknown";
    }

    private static int number(Object value) {
        return value instanceof Number number ? number.intValue() : 0;
    }

    private static String text(Map<String, Object> map, String key) {
        return JsonTree.text(map, key).orElse("");
    }

    Map<String, String> texts(String text) {
        return JsonTree.texts(json.readValue(text, Object.class));
    }

    private List<Map<String, Object>> maps(String text) {
        return JsonTree.maps(json.readValue(text, Object.class));
    }
}
