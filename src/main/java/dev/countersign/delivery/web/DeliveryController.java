package dev.countersign.delivery.web;

import dev.countersign.catalog.MeshCatalog;
import dev.countersign.clusters.ClusterRef;
import dev.countersign.delivery.DeliveryBoard;
import dev.countersign.delivery.DeliveryBoard.Standing;
import dev.countersign.delivery.DeliveryStop.Held;
import dev.countersign.delivery.ModeDesk;
import dev.countersign.delivery.PolicyKey;
import dev.countersign.delivery.RolloutDesk;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.web.Htmx;
import dev.countersign.web.Notice;
import dev.countersign.web.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/// How policies stand in their clusters: the footer of a request, the list of a cluster, one policy with its history.
@Controller
class DeliveryController {
    private final DeliveryBoard board;
    private final MeshCatalog catalog;
    private final StopViews stops;
    private final ModeDesk modes;
    private final RolloutDesk rollouts;

    DeliveryController(DeliveryBoard board, MeshCatalog catalog, StopViews stops, ModeDesk modes, RolloutDesk rollouts) {
        this.rollouts = rollouts;
        this.modes = modes;
        this.stops = stops;
        this.board = board;
        this.catalog = catalog;
    }

    /// The slot on a request's page.
    @GetMapping("/requests/{number:[0-9]{1,18}}/delivery")
    String ofRequest(@AuthenticationPrincipal CurrentPerson me, @PathVariable long number, Model model, HttpServletRequest request) {
        List<StandingLine> lines = board.forRequest(number).stream().map(StandingLine::of).toList();
        Optional<RolloutView> rollout = rollouts.look(number).map(progress -> RolloutView.of(progress, rollouts.mayGoOn(me, number)));
        model.addAttribute("rollout", rollout.orElse(null));
        model.addAttribute("number", number);
        model.addAttribute("lines", lines);
        model.addAttribute("refusals", board.refusalsOfRequest(number));
        model.addAttribute("moving", lines.isEmpty() && rollout.isEmpty() || lines.stream().anyMatch(StandingLine::moving));
        return Htmx.view(request, "delivery/policies/request", "standing");
    }

    @GetMapping("/clusters/{name}/policies")
    @Transactional(readOnly = true)
    String ofCluster(@PathVariable String name, @AuthenticationPrincipal CurrentPerson me, Model model) {
        ClusterRef cluster = cluster(name);
        model.addAttribute("cluster", cluster);
        model.addAttribute("lines", board.forCluster(cluster.id()).stream().map(StandingLine::of).toList());
        model.addAttribute("refusals", board.refusals(cluster.id()));
        model.addAttribute("breaker", board.breakers().get(cluster.id()));
        model.addAttribute("stops", stops.of(me, cluster.id()));
        model.addAttribute("repository", modes.repository(cluster.id()).orElse(null));
        model.addAttribute("mayChangeMode", me.is(Role.ADMINISTRATOR));
        model.addAttribute("mayReconcile", mayReconcile(me));
        return "delivery/policies/index";
    }

    /// The slot on a cluster's page: how its policies stand, in one line each.
    @GetMapping("/delivery/of/{name}")
    @Transactional(readOnly = true)
    String slotOfCluster(@PathVariable String name, @AuthenticationPrincipal CurrentPerson me, Model model, HttpServletRequest request) {
        ofCluster(name, me, model);
        return Htmx.view(request, "delivery/policies/index", "standings");
    }

    @GetMapping("/clusters/{name}/policies/{namespace}/{policy}")
    @Transactional(readOnly = true)
    String show(@PathVariable String name, @PathVariable String namespace, @PathVariable String policy, @AuthenticationPrincipal CurrentPerson me, Model model) {
        ClusterRef cluster = cluster(name);
        PolicyKey key = new PolicyKey(cluster.id(), namespace, policy);
        Standing standing = board.forCluster(cluster.id()).stream()
                .filter(known -> known.namespace().equals(namespace) && known.name().equals(policy))
                .findFirst()
                .orElseThrow(() -> new Problem.NotFound("policy " + namespace + "/" + policy));
        model.addAttribute("cluster", cluster);
        model.addAttribute("line", StandingLine.of(standing));
        model.addAttribute("desired", board.revision(key, standing.desiredRevision()).orElseThrow());
        model.addAttribute("revisions", board.revisions(key));
        model.addAttribute("mayRollBack", stops.mayRollBack(me, cluster, namespace, standing.workload()));
        model.addAttribute("suspensions", stops.suspensions(me, cluster.id(), new Held(namespace, standing.workload())));
        model.addAttribute("attempts", board.attempts(key));
        model.addAttribute("live", live(key));
        model.addAttribute("file", modes.file(key).orElse(null));
        return "delivery/policies/show";
    }

    private String live(PolicyKey key) {
        return catalog.policy(key.cluster(), key.namespace(), key.name())
                .map(LiveText::of)
                .orElse("");
    }

    @PostMapping("/clusters/{name}/reconciliation")
    String reconcile(@PathVariable String name, @AuthenticationPrincipal CurrentPerson me, RedirectAttributes flash) {
        if (!mayReconcile(me)) {
            throw new Problem.Forbidden("Reconciling is for the security team and administrators.");
        }
        ClusterRef cluster = cluster(name);
        int due = board.reconcile(me.actor(), cluster);
        flash.addFlashAttribute("notice", Notice.done("Reconciling.", due == 1 ? "One policy is checked and put right." : due + " policies are checked and put right."));
        return "redirect:/clusters/" + cluster.name() + "/policies";
    }

    private static boolean mayReconcile(CurrentPerson me) {
        return me.is(Role.SECURITY) || me.is(Role.ADMINISTRATOR);
    }

    private ClusterRef cluster(String name) {
        return Optional.of(name).flatMap(catalog::cluster).orElseThrow(() -> new Problem.NotFound("cluster " + name));
    }
}
