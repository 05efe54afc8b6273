package dev.countersign.clusters;

import dev.countersign.audit.Actor;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.clusters.Registration.Problem;
import dev.countersign.clusters.Registration.Refused;
import dev.countersign.clusters.Registration.Registered;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.ServerAddress;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.function.Supplier;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/// The front desk of the clusters of the current tenant. What needs an answer of a cluster asks it first and then stores
/// in a transaction of its own, so that no transaction waits for a network. Every change is recorded, without secrets.
@Service
public class ClusterRegistry {
    /// Up to so many namespaces each is watched by itself; beyond, the credentials must be able to list and watch them all.
    public static final int WATCHED_ONE_BY_ONE = 20;

    private static final int MAX_NAMESPACES = 500;
    private static final int MAX_ALIASES = 20;

    private final ClusterStore store;
    private final Connections connections;
    private final AuditLog audit;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;
    private final PodIdentity pod;

    ClusterRegistry(
            ClusterStore store, Connections connections, AuditLog audit, ApplicationEventPublisher events,
            PlatformTransactionManager transactions, PodIdentity pod) {
        this.store = store;
        this.connections = connections;
        this.audit = audit;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
        this.transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.pod = pod;
    }

    /// Looks at the cluster (some seconds at most), then registers it with its namespaces, or refuses with every reason found.
    public Registration register(Actor by, RegistrationForm form) {
        List<Problem> problems = new ArrayList<>(problems(form));
        Optional<Kubeconfig> kubeconfig = form.kubeconfig().isPresent() ? kubeconfig(form.kubeconfig().get(), problems) : ownCluster(problems);
        if (!problems.isEmpty() || kubeconfig.isEmpty()) {
            return new Refused(problems);
        }
        ClusterRef ref = new ClusterRef(UUID.randomUUID(), form.name());
        return look(ref, kubeconfig.get(), form.namespaces(), form.rootNamespace(), report -> inTransaction(ref.id(), () -> {
            Kubeconfig given = kubeconfig.get();
            ClusterStore.New row = new ClusterStore.New(ref, given.server().toString(), given.certificateAuthority(),
                    Connections.Sealed.kind(given.credentials()),
                    connections.seal(CurrentTenant.require(), ref.id(), given.credentials()), form, report, by.name());
            if (!store.insert(row)) {
                return refused("name", "A cluster named " + form.name() + " was registered before. Choose another name.");
            }
            List<String> taken = new ArrayList<>(form.namespaces());
            taken.removeAll(store.claim(ref.id(), report.uid(), form.namespaces()));
            if (!taken.isEmpty()) {
                return taken(taken);
            }
            store.answered(ref.id());
            audit.append(new AuditEvent("cluster.registered", by, subject(ref), "registered cluster " + ref.name(),
                    new ClusterFact(ref.id(), ref.name(), row.apiServer(), row.kind(), report.uid(), form.trustDomain(),
                            form.trustDomainAliases(), form.rootNamespace(), form.pathNormalization().name(), form.namespaces())));
            return new Registered(ref, report.warnings());
        }));
    }

    /// Sets exactly these namespaces. Refused where a new one does not exist, is another's, or is out of the credentials' reach.
    public Registration changeNamespaces(Actor by, UUID cluster, List<String> namespaces) {
        List<String> wanted = namespaces.stream().map(String::strip).filter(name -> !name.isEmpty()).distinct().sorted().toList();
        List<Problem> problems = namespaceProblems(wanted);
        Optional<ClusterView> found = transaction.execute(status -> find(cluster)).filter(view -> view.retirement().isEmpty());
        Optional<ClusterConnection> connection = transaction.execute(status -> connection(cluster));
        if (!problems.isEmpty() || found.isEmpty() || connection.isEmpty()) {
            return problems.isEmpty() ? unknown() : new Refused(problems);
        }
        ClusterView view = found.get();
        List<String> added = wanted.stream().filter(name -> !view.namespaces().contains(name)).toList();
        ClusterProbe.Report report = ClusterProbe.of(connection.get(), added, view.rootNamespace());
        if (!report.problems().isEmpty()) {
            return new Refused(report.problems());
        }
        if (!report.uid().equals(view.uid())) {
            return replaced();
        }
        return inTransaction(cluster, () -> {
            store.lock(cluster);
            List<String> before = find(cluster).orElseThrow().namespaces();
            store.release(cluster, before.stream().filter(name -> !wanted.contains(name)).toList());
            List<String> taken = new ArrayList<>(wanted.stream().filter(name -> !before.contains(name)).toList());
            taken.removeAll(store.claim(cluster, view.uid(), taken));
            if (!taken.isEmpty()) {
                return taken(taken);
            }
            audit.append(new AuditEvent("cluster.namespaces-changed", by, subject(view.ref()),
                    "set the namespaces of cluster " + view.name() + " to " + String.join(", ", wanted),
                    new NamespacesFact(cluster, view.name(), before, wanted)));
            return new Registered(view.ref(), report.warnings());
        });
    }

    /// Sets exactly these aliases, as the mesh's configuration has them. The portal cannot see whether it does: what calls are
    /// decided by hangs on it from now on, on its pages and in its proofs.
    public Registration changeTrustDomainAliases(Actor by, UUID cluster, List<String> aliases) {
        Optional<ClusterView> found = transaction.execute(status -> find(cluster)).filter(view -> view.retirement().isEmpty());
        if (found.isEmpty()) {
            return unknown();
        }
        List<String> wanted = RegistrationForm.names(aliases).stream().filter(alias -> !alias.equals(found.get().trustDomain())).toList();
        List<Problem> problems = aliasProblems(wanted);
        if (!problems.isEmpty()) {
            return new Refused(problems);
        }
        return inTransaction(cluster, () -> {
            store.lock(cluster);
            ClusterView view = find(cluster).orElseThrow();
            if (!view.trustDomainAliases().equals(wanted)) {
                store.changeTrustDomainAliases(cluster, wanted);
                audit.append(new AuditEvent("cluster.trust-domain-aliases-changed", by, subject(view.ref()),
                        wanted.isEmpty() ? "said that the mesh of cluster " + view.name() + " has no trust domain aliases"
                                : "set the trust domain aliases of cluster " + view.name() + " to " + String.join(", ", wanted),
                        new AliasesFact(cluster, view.name(), view.trustDomainAliases(), wanted)));
            }
            return new Registered(view.ref(), List.of());
        });
    }

    /// Other credentials, and perhaps another address, of the same cluster. The old connection ends.
    public Registration rotateCredentials(Actor by, UUID cluster, String kubeconfigText) {
        List<Problem> problems = new ArrayList<>();
        Optional<Kubeconfig> kubeconfig = kubeconfig(kubeconfigText, problems);
        Optional<ClusterView> found = transaction.execute(status -> find(cluster)).filter(view -> view.retirement().isEmpty());
        if (kubeconfig.isEmpty() || found.isEmpty()) {
            return problems.isEmpty() ? unknown() : new Refused(problems);
        }
        ClusterView view = found.get();
        return look(view.ref(), kubeconfig.get(), view.namespaces(), view.rootNamespace(), report -> {
            if (!report.uid().equals(view.uid())) {
                return replaced();
            }
            return inTransaction(cluster, () -> {
                store.lock(cluster);
                Kubeconfig given = kubeconfig.get();
                String kind = Connections.Sealed.kind(given.credentials());
                store.rotate(cluster, given.server().toString(), given.certificateAuthority(), kind,
                        connections.seal(CurrentTenant.require(), cluster, given.credentials()), report);
                store.answered(cluster);
                audit.append(new AuditEvent("cluster.credentials-rotated", by, subject(view.ref()),
                        "renewed the credentials of cluster " + view.name(),
                        new RotationFact(cluster, view.name(), given.server().toString(), kind)));
                return new Registered(view.ref(), report.warnings());
            });
        });
    }

    /// Ends the use of a cluster: its namespaces are free again, nothing in the cluster itself is touched. False where there
    /// is nothing to retire.
    public boolean retire(Actor by, UUID cluster, String reason) {
        String words = reason.isBlank() ? "no reason given" : reason.strip().substring(0, Math.min(1_000, reason.strip().length()));
        Boolean retired = transaction.execute(status -> {
            Optional<ClusterView> view = find(cluster);
            if (view.isEmpty() || !store.retire(cluster, by.name(), words)) {
                return false;
            }
            store.release(cluster, view.get().namespaces());
            audit.append(new AuditEvent("cluster.retired", by, subject(view.get().ref()), "retired cluster " + view.get().name(),
                    new RetirementFact(cluster, view.get().name(), words)));
            return true;
        });
        if (Boolean.TRUE.equals(retired)) {
            connections.close(cluster);
            events.publishEvent(new ClusterChanged(CurrentTenant.require(), cluster));
        }
        return Boolean.TRUE.equals(retired);
    }

    /// All of the tenant, the retired ones last.
    @Transactional(readOnly = true)
    public List<ClusterView> list() {
        return store.views(Optional.empty(), Optional.empty());
    }

    @Transactional(readOnly = true)
    public Optional<ClusterView> find(String name) {
        return store.views(Optional.of(name), Optional.empty()).stream().findFirst();
    }

    @Transactional(readOnly = true)
    public Optional<ClusterView> find(UUID cluster) {
        return store.views(Optional.empty(), Optional.of(cluster)).stream().findFirst();
    }

    /// The way to a cluster of the current tenant; empty for an unknown and for a retired one. Never close it. Nothing is
    /// sent yet.
    @Transactional(readOnly = true)
    public Optional<ClusterConnection> connection(UUID cluster) {
        return store.row(cluster).map(row -> connections.of(CurrentTenant.require(), row));
    }

    /// The way to a cluster, and the uid of the one that was registered (`checkIdentity`).
    public record Way(ClusterConnection connection, String uid) {}

    /// As `connection`, to several: those that are unknown or retired are left out.
    @Transactional(readOnly = true)
    public Map<UUID, Way> ways(Collection<UUID> clusters) {
        return store.rows(clusters).stream().collect(Collectors.toMap(row -> row.ref().id(), row -> new Way(connections.of(CurrentTenant.require(), row), row.uid())));
    }

    /// Whether the server at the other end is still the cluster that was registered; empty where it is, or the reason.
    /// Asks the cluster: call it outside a transaction.
    public Optional<ClusterTrouble> checkIdentity(ClusterConnection connection, String uid) {
        return switch (ClusterProbe.fingerprint(connection)) {
            case ClusterProbe.Fingerprint.Known(String found) -> found.equals(uid) ? Optional.empty() : Optional.of(new ClusterTrouble.Forbidden(0, REPLACED));
            case ClusterProbe.Fingerprint.Unknown(ClusterTrouble trouble) -> Optional.of(trouble);
        };
    }

    /// Notes that the cluster answered.
    @Transactional
    public void answered(UUID cluster) {
        store.answered(cluster);
    }

    /// Notes that it did not, in the words of the trouble.
    @Transactional
    public void failed(UUID cluster, ClusterTrouble trouble) {
        store.failed(cluster, ClusterWords.clean(trouble.words()));
    }

    private static final String REPLACED = "another cluster answers at this address: its namespace kube-system has another uid";

    private Registration look(
            ClusterRef ref, Kubeconfig given, List<String> namespaces, String root, java.util.function.Function<ClusterProbe.Report, Registration> then) {
        ClusterProbe.Report report;
        try (ClusterConnection connection = Connections.connect(ref, given.server(), given.certificateAuthority(), given.credentials(), pod)) {
            report = ClusterProbe.of(connection, namespaces, root);
        } catch (GeneralSecurityException unusable) {
            return refused("kubeconfig", "The certificates or the key of the kubeconfig cannot be used. Check that they are complete PEM.");
        }
        return report.problems().isEmpty() ? then.apply(report) : new Refused(report.problems());
    }

    /// A refusal leaves nothing behind; a success is told to the other rooms after the commit.
    private Registration inTransaction(UUID cluster, Supplier<Registration> work) {
        Registration outcome = transaction.execute(status -> {
            Registration done = work.get();
            if (done instanceof Refused) {
                status.setRollbackOnly();
            }
            return done;
        });
        if (outcome instanceof Registered) {
            events.publishEvent(new ClusterChanged(CurrentTenant.require(), cluster));
        }
        return outcome;
    }

    private static List<Problem> problems(RegistrationForm form) {
        List<Problem> problems = new ArrayList<>();
        if (!ObjectName.isLabel(form.name())) {
            problems.add(new Problem("name", "Give a name of lower-case letters, digits and hyphens, at most 63, beginning with a letter or digit."));
        }
        if (!ObjectName.isLabel(form.rootNamespace())) {
            problems.add(new Problem("rootNamespace", "Give the mesh's root namespace, usually istio-system."));
        }
        if (!ObjectName.isSubdomain(form.trustDomain())) {
            problems.add(new Problem("trustDomain", "Give the mesh's trust domain, usually cluster.local."));
        }
        problems.addAll(aliasProblems(form.trustDomainAliases()));
        problems.addAll(namespaceProblems(form.namespaces()));
        return problems;
    }

    private static List<Problem> aliasProblems(List<String> aliases) {
        if (aliases.size() > MAX_ALIASES) {
            return List.of(new Problem("trustDomainAliases", "Name at most " + MAX_ALIASES + " aliases."));
        }
        return aliases.stream()
                .filter(alias -> !ObjectName.isSubdomain(alias))
                .limit(5)
                .map(alias -> new Problem("trustDomainAliases", ClusterWords.clean(alias.substring(0, Math.min(63, alias.length()))) + " is not a trust domain."))
                .toList();
    }

    private static List<Problem> namespaceProblems(List<String> namespaces) {
        if (namespaces.isEmpty()) {
            return List.of(new Problem("namespaces", "Name at least one namespace that your tenant owns."));
        }
        if (namespaces.size() > MAX_NAMESPACES) {
            return List.of(new Problem("namespaces", "Name at most " + MAX_NAMESPACES + " namespaces."));
        }
        return namespaces.stream()
                .filter(name -> !ObjectName.isLabel(name))
                .limit(5)
                .map(name -> new Problem("namespaces", ClusterWords.clean(name.substring(0, Math.min(63, name.length()))) + " is not the name of a namespace."))
                .toList();
    }

    private static Optional<Kubeconfig> kubeconfig(String text, List<Problem> problems) {
        return switch (Kubeconfig.read(text)) {
            case Kubeconfig.Reading.Read(Kubeconfig kubeconfig) -> Optional.of(kubeconfig);
            case Kubeconfig.Reading.Refused(List<String> reasons) -> {
                reasons.forEach(reason -> problems.add(new Problem("kubeconfig", reason)));
                yield Optional.empty();
            }
        };
    }

    private Optional<Kubeconfig> ownCluster(List<Problem> problems) {
        if (!pod.allowed()) {
            problems.add(new Problem("kubeconfig", "Paste a kubeconfig. (The portal's own cluster can be used where countersign.clusters.in-cluster is true.)"));
            return Optional.empty();
        }
        try {
            return Optional.of(pod.kubeconfig());
        } catch (IOException | ServerAddress.Refusal outside) {
            problems.add(new Problem("kubeconfig", "The portal does not run in a cluster, or its service account is not mounted. Paste a kubeconfig."));
            return Optional.empty();
        }
    }

    private static Registration taken(List<String> namespaces) {
        return refused("namespaces", String.join(", ", namespaces)
                + (namespaces.size() == 1 ? " belongs" : " belong") + " to another tenant or another registration of this cluster. Name only namespaces that are yours.");
    }

    private static Registration unknown() {
        return refused("", "There is no such cluster in use.");
    }

    private static Registration replaced() {
        return refused("kubeconfig", "This is not the registered cluster: " + REPLACED + ". Register it as a new one.");
    }

    private static Registration refused(String field, String message) {
        return new Refused(List.of(new Problem(field, message)));
    }

    private static Subject subject(ClusterRef ref) {
        return new Subject("cluster", ref.name());
    }

    private record ClusterFact(UUID id, String name, String apiServer, String credentials, String uid, String trustDomain,
            List<String> trustDomainAliases, String rootNamespace, String pathNormalization, List<String> namespaces) {}

    private record NamespacesFact(UUID id, String name, List<String> before, List<String> namespaces) {}

    private record AliasesFact(UUID id, String name, List<String> before, List<String> trustDomainAliases) {}

    private record RotationFact(UUID id, String name, String apiServer, String credentials) {}

    private record RetirementFact(UUID id, String name, String reason) {}
}
