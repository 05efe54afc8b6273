package dev.countersign.adoption.web;

import dev.countersign.adoption.Adopting;
import dev.countersign.adoption.Adoption;
import dev.countersign.adoption.AdoptionDesk;
import dev.countersign.adoption.AdoptionDesk.Finding;
import dev.countersign.adoption.AdoptionDesk.Proposal;
import dev.countersign.adoption.AdoptionState;
import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.catalog.WorkloadKey;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.requests.DraftReader;
import dev.countersign.requests.FieldProblem;
import dev.countersign.requests.RequestDesk;
import dev.countersign.web.FieldErrors;
import dev.countersign.web.Htmx;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// Policies by nobody's word, on the page of the service that they concern; proposing to adopt one; and how an adoption stands.
@Controller
class AdoptionsController {
    private static final String SERVICE = "/services/{cluster}/{namespace}/{workload}/adoption";
    private static final Map<String, String> PERIODS = periods();

    private final AdoptionDesk adoptions;
    private final MeshCatalog catalog;
    private final RequestDesk requests;

    AdoptionsController(AdoptionDesk adoptions, MeshCatalog catalog, RequestDesk requests) {
        this.adoptions = adoptions;
        this.catalog = catalog;
        this.requests = requests;
    }

    /// The slot of the service's page, and a page of its own without script.
    @GetMapping(SERVICE)
    String findings(@PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload, HttpServletRequest request, Model model) {
        CatalogWorkload service = service(cluster, namespace, workload);
        model.addAttribute("service", service).addAttribute("findings", adoptions.findings(service).stream().map(FindingView::of).toList());
        return Htmx.view(request, "adoption/index", "findings");
    }

    @GetMapping(SERVICE + "/{policy}")
    String ask(@PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload, @PathVariable String policy, Model model) {
        return form(service(cluster, namespace, workload), policy, new AdoptionForm("", "", "P90D"), FieldErrors.NONE, model);
    }

    /// As it was typed.
    public record AdoptionForm(String reason, String ticket, String period) {}

    @PostMapping(SERVICE + "/{policy}")
    String propose(@AuthenticationPrincipal CurrentPerson me, @PathVariable String cluster, @PathVariable String namespace, @PathVariable String workload,
            @PathVariable String policy, @RequestParam(defaultValue = "") String reason, @RequestParam(defaultValue = "") String ticket,
            @RequestParam(defaultValue = "P90D") String period, HttpServletResponse response, RedirectAttributes flash, Model model) {
        CatalogWorkload service = service(cluster, namespace, workload);
        finding(service, policy);
        AdoptionForm form = new AdoptionForm(reason, ticket, period);
        return switch (DraftReader.readTerms(body(form))) {
            case DraftReader.TermsReading.Unreadable(List<FieldProblem> problems) -> refused(service, policy, form, problems, response, model);
            case DraftReader.TermsReading.Read(var terms) -> switch (adoptions.propose(me, new Proposal(cluster, namespace, policy, terms))) {
                case Adopting.Proposed(long number, List<Long> asked) -> {
                    flash.addFlashAttribute("notice", Notice.done("Proposed.", asked.size() == 1 ? "Its rule is a request now." : "Its " + asked.size() + " rules are requests now."));
                    yield "redirect:/adoptions/" + number;
                }
                case Adopting.UnderWay(long number, String message) -> {
                    flash.addFlashAttribute("notice", Notice.waits("It is under way.", message));
                    yield "redirect:/adoptions/" + number;
                }
                case Adopting.Refused(List<FieldProblem> problems) -> refused(service, policy, form, problems, response, model);
                case Adopting.Unknown() -> throw new Problem.NotFound("policy of that name");
            };
        };
    }

    @GetMapping("/adoptions/{number:[0-9]{1,18}}")
    String show(@PathVariable long number, Model model) {
        Adoption adoption = adoptions.find(number).orElseThrow(() -> new Problem.NotFound("adoption " + number));
        boolean open = adoption.state() == AdoptionState.OPEN || adoption.state() == AdoptionState.ABANDONED;
        model.addAttribute("adoption", AdoptionView.of(adoption, adoptions.proof(adoption), open ? adoptions.hindrance(adoption) : Optional.empty(),
                request -> requests.find(request).map(view -> view.sentence().text()).orElse("")));
        return "adoption/show";
    }

    private String refused(CatalogWorkload service, String policy, AdoptionForm form, List<FieldProblem> problems, HttpServletResponse response, Model model) {
        FieldErrors errors = FieldErrors.NONE;
        for (FieldProblem problem : problems) {
            errors = errors.with(switch (problem.pointer()) {
                case "/justification/reason", "/justification" -> "reason";
                case "/justification/ticket" -> "ticket";
                case "/grantFor", "/until" -> "period";
                default -> "policy";
            }, problem.message());
        }
        response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
        return form(service, policy, form, errors, model);
    }

    private String form(CatalogWorkload service, String policy, AdoptionForm form, FieldErrors errors, Model model) {
        model.addAttribute("service", service)
                .addAttribute("finding", FindingView.of(finding(service, policy)))
                .addAttribute("form", form)
                .addAttribute("periods", PERIODS)
                .addAttribute("errors", errors);
        return "adoption/new";
    }

    private Finding finding(CatalogWorkload service, String policy) {
        return adoptions.finding(service, policy).orElseThrow(() -> new Problem.NotFound("policy of that name that the portal did not make"));
    }

    private CatalogWorkload service(String cluster, String namespace, String workload) {
        return catalog.cluster(cluster)
                .map(ClusterRef::id)
                .flatMap(id -> catalog.workload(new WorkloadKey(id, namespace, workload)))
                .orElseThrow(() -> new Problem.NotFound("service of that name"));
    }

    private static Map<String, Object> body(AdoptionForm form) {
        Map<String, Object> body = new LinkedHashMap<>();
        Map<String, Object> justification = new LinkedHashMap<>();
        justification.put("reason", form.reason());
        if (!form.ticket().isBlank()) {
            justification.put("ticket", form.ticket());
        }
        body.put("justification", justification);
        if (!form.period().equals("permanent")) {
            body.put("grantFor", form.period());
        }
        return body;
    }

    private static Map<String, String> periods() {
        Map<String, String> periods = new LinkedHashMap<>();
        periods.put("P30D", "30 days from approval");
        periods.put("P90D", "90 days from approval");
        periods.put("P180D", "180 days from approval");
        periods.put("P365D", "365 days from approval");
        periods.put("permanent", "without an end");
        return periods;
    }
}
