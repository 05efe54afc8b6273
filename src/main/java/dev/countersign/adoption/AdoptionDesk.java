package dev.countersign.adoption;

import dev.countersign.adoption.Adoption.AdoptedRule;
import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.audit.Subject;
import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.LivePolicy;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.clusters.ObjectVersion;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.policy.eval.Attachment;
import dev.countersign.requests.Draft;
import dev.countersign.requests.FieldProblem;
import dev.countersign.requests.Foresight;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestState;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.Submission;
import dev.countersign.requests.Terms;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The front desk of adoption: what nobody gave their word for, proposing to take it over, and how that stands.
@Service
public class AdoptionDesk {
    private final MeshCatalog catalog;
    private final Assessor assessor;
    private final AdoptionProof proofs;
    private final Adoptions adoptions;
    private final RequestDesk desk;
    private final AuditLog audit;
    private final Tenants tenants;

    AdoptionDesk(MeshCatalog catalog, Assessor assessor, AdoptionProof proofs, Adoptions adoptions, RequestDesk desk, AuditLog audit, Tenants tenants) {
        this.catalog = catalog;
        this.assessor = assessor;
        this.proofs = proofs;
        this.adoptions = adoptions;
        this.desk = desk;
        this.audit = audit;
        this.tenants = tenants;
    }

    /// A policy that concerns a service by nobody's word, and the last adoption of it, whatever became of that.
    public record Finding(Assessment assessment, Optional<Adoption> last) {
        /// Whether an adoption of exactly this object is not over.
        public boolean underWay() {
            return last.filter(adoption -> isUnderWay(adoption, assessment.policy())).isPresent();
        }
    }

    /// The policies in the service's own namespace that concern it and that the portal did not make, by name.
    @Transactional(readOnly = true)
    public List<Finding> findings(CatalogWorkload workload) {
        List<Finding> findings = new ArrayList<>();
        for (LivePolicy policy : catalog.policies(workload.cluster().id(), workload.namespace())) {
            boolean here = policy.namespace().equals(workload.namespace());
            boolean concerns = policy.policy().isEmpty() || !Attachment.attached(catalog.mesh(workload.cluster().id()),
                    List.of(policy.policy().get()), workload.asPoliciesSeeIt()).isEmpty();
            if (here && concerns && !ours(policy)) {
                findings.add(finding(workload.cluster(), policy));
            }
        }
        return findings;
    }

    /// One of them, found through the service; empty where it is not one.
    @Transactional(readOnly = true)
    public Optional<Finding> finding(CatalogWorkload workload, String policy) {
        return findings(workload).stream().filter(finding -> finding.assessment().policy().name().equals(policy)).findFirst();
    }

    private Finding finding(ClusterRef cluster, LivePolicy policy) {
        return new Finding(assessor.assess(cluster, policy), adoptions.of(cluster.id(), policy.namespace(), policy.name()).stream().findFirst());
    }

    private boolean ours(LivePolicy policy) {
        return adoptions.ours(policy.cluster(), policy.namespace(), policy.name(), policy.uid());
    }

    private static boolean isUnderWay(Adoption adoption, LivePolicy policy) {
        return adoption.version().uid().equals(policy.uid()) && switch (adoption.state()) {
            case OPEN, WAITING, REMOVING -> true;
            case ABANDONED, REMOVED, STOPPED -> false;
        };
    }

    /// Which policy, why, and for how long its rules are asked for.
    public record Proposal(String cluster, String namespace, String policy, Terms terms) {}

    /// Makes every rule of the policy a request, all or none, tied to exactly the object that the catalog saw. Recorded.
    @Transactional
    public Adopting propose(CurrentPerson me, Proposal proposal) {
        Optional<ClusterRef> cluster = catalog.cluster(proposal.cluster()).filter(known -> catalog.namespaces(known.id()).contains(proposal.namespace()));
        if (cluster.isEmpty()) {
            return new Adopting.Unknown();
        }
        long number = adoptions.nextNumber();
        Optional<LivePolicy> live = catalog.policy(cluster.get().id(), proposal.namespace(), proposal.policy());
        if (live.isEmpty()) {
            return new Adopting.Unknown();
        }
        if (ours(live.get())) {
            return refused("/policy", "The portal made this policy; requests stand behind it already. Nothing has to be done.");
        }
        Finding finding = finding(cluster.get(), live.get());
        if (finding.underWay()) {
            long before = finding.last().orElseThrow().number();
            return new Adopting.UnderWay(before, "Adoption " + before + " of this policy is under way. See how it stands, and withdraw its requests to propose it anew.");
        }
        Assessment assessment = finding.assessment();
        if (!assessment.adoptable()) {
            List<FieldProblem> problems = new ArrayList<>();
            assessment.hindrances().forEach(words -> problems.add(new FieldProblem("/policy", words)));
            assessment.rules().forEach(rule -> rule.hindrances().forEach(words -> problems.add(new FieldProblem("/policy", words))));
            return new Adopting.Refused(problems);
        }
        List<Draft> drafts = assessment.asks().stream().map(ask -> new Draft(ask, proposal.terms().justification(), proposal.terms().period())).toList();
        LinkedHashSet<FieldProblem> problems = new LinkedHashSet<>();
        drafts.forEach(draft -> desk.preview(me, draft).refusals().forEach(problem -> problems.add(placed(problem))));
        return problems.isEmpty() ? submit(me, number, cluster.get(), assessment, drafts) : new Adopting.Refused(List.copyOf(problems));
    }

    /// What is wrong with the Ask is wrong with the policy; reason and period were sent as they are.
    private static FieldProblem placed(FieldProblem problem) {
        return problem.pointer().isEmpty() || problem.pointer().startsWith("/ask") ? new FieldProblem("/policy", problem.message()) : problem;
    }

    private Adopting submit(CurrentPerson me, long number, ClusterRef cluster, Assessment assessment, List<Draft> drafts) {
        LivePolicy policy = assessment.policy();
        List<AdoptedRule> rules = new ArrayList<>();
        for (Draft draft : drafts) {
            rules.add(switch (desk.submit(me, draft)) {
                case Submission.Submitted(long request) -> new AdoptedRule(rules.size() + 1, request, RequestState.SUBMITTED);
                // Undoes the others: all or none.
                case Submission.Refused(Foresight foresight) -> throw new IllegalStateException("previewed and then refused: " + foresight.refusals());
            });
        }
        Adoption adoption = new Adoption(UUID.randomUUID(), number, cluster, policy.namespace(), policy.name(),
                new ObjectVersion(policy.uid(), policy.resourceVersion()), policy.tree(), assessment.workload().orElseThrow().name(), me.getName(), adoptions.now(),
                rules, AdoptionState.OPEN, "", "");
        adoptions.write(adoption, me.id());
        audit.append(new AuditEvent("adoption.proposed", me.actor(), subject(number),
                "proposed to adopt " + adoption.inCluster() + " in cluster " + cluster.name() + " as " + requests(adoption.requests()),
                ProposedFact.of(adoption)).aboutRequests(adoption.requests()));
        return new Adopting.Proposed(number, adoption.requests());
    }

    private static Adopting refused(String pointer, String message) {
        return new Adopting.Refused(List.of(new FieldProblem(pointer, message)));
    }

    @Transactional(readOnly = true)
    public Optional<Adoption> find(long number) {
        return adoptions.find(number);
    }

    /// The adoption that the request is part of.
    @Transactional(readOnly = true)
    public Optional<Adoption> ofRequest(long request) {
        return adoptions.ofRequest(request);
    }

    /// The number of the adoption that each of the requests is part of; without those that are part of none.
    @Transactional(readOnly = true)
    public Map<Long, Long> ofRequests(Collection<Long> requests) {
        return adoptions.ofRequests(requests);
    }

    /// What taking it over would do at this moment; empty once it is over, or where the service is gone.
    @Transactional(readOnly = true)
    public Optional<Proof> proof(Adoption adoption) {
        if (adoption.state() != AdoptionState.OPEN && adoption.state() != AdoptionState.WAITING) {
            return Optional.empty();
        }
        List<ServiceAccess> open = new ArrayList<>();
        adoption.rules().stream().filter(rule -> !rule.state().terminal()).forEach(rule -> desk.find(rule.request()).ifPresent(view -> {
            if (view.ask() instanceof ServiceAccess access) {
                open.add(access);
            }
        }));
        String tenant = tenants.byId(CurrentTenant.require()).orElseThrow().slug();
        return catalog.workload(new WorkloadKey(adoption.cluster().id(), adoption.namespace(), adoption.workload()))
                .map(workload -> proofs.foreseen(tenant, workload, adoption.inCluster(), open));
    }

    /// Why the adoption cannot go on as it was proposed; empty where it can.
    @Transactional(readOnly = true)
    public Optional<String> hindrance(Adoption adoption) {
        if (adoption.state() == AdoptionState.ABANDONED) {
            String over = adoption.rules().stream().filter(rule -> rule.state().terminal() && rule.state() != RequestState.APPROVED)
                    .map(rule -> "request " + rule.request() + " is " + rule.state().name().toLowerCase(java.util.Locale.ROOT)).findFirst().orElseThrow();
            return Optional.of("It cannot be completed: " + over + ". The policy stays in the cluster. Propose the adoption anew, or ask for the access by itself.");
        }
        Optional<LivePolicy> live = catalog.policy(adoption.cluster().id(), adoption.namespace(), adoption.name());
        if (live.isEmpty()) {
            return Optional.of("The policy " + adoption.inCluster() + " is not in the cluster any more. Withdraw, and ask for the access by itself.");
        }
        if (!adoption.version().equals(new ObjectVersion(live.get().uid(), live.get().resourceVersion()))) {
            return Optional.of("The policy " + adoption.inCluster() + " was changed in the cluster since it was proposed. Withdraw, look at it as it is now, and propose that.");
        }
        Optional<Proof> proof = proof(adoption);
        if (proof.isEmpty()) {
            return Optional.of("The service " + adoption.workload() + " is gone. Withdraw the requests.");
        }
        return proof.filter(one -> !one.holds()).map(one -> "It is not proven any more that nothing changes: " + one.why()
                + ". Withdraw, look at the policy as it is now, and propose that.");
    }

    static Subject subject(long number) {
        return new Subject("adoption", Long.toString(number));
    }

    static String requests(List<Long> numbers) {
        return (numbers.size() == 1 ? "request " : "requests ") + String.join(", ", numbers.stream().map(String::valueOf).toList());
    }

    /// The whole proposal, as the record keeps it.
    private record ProposedFact(
            UUID id, long number, UUID clusterId, String cluster, String namespace, String name, String uid, String resourceVersion, String workload,
            String proposer, Instant at, List<RuleFact> rules, Map<String, Object> object) {
        static ProposedFact of(Adoption adoption) {
            return new ProposedFact(adoption.id(), adoption.number(), adoption.cluster().id(), adoption.cluster().name(), adoption.namespace(), adoption.name(),
                    adoption.version().uid(), adoption.version().resourceVersion(), adoption.workload(), adoption.proposer(), adoption.at(),
                    adoption.rules().stream().map(rule -> new RuleFact(rule.rule(), rule.request())).toList(), adoption.object());
        }
    }

    private record RuleFact(int rule, long request) {}
}
