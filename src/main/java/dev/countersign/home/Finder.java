package dev.countersign.home;

import dev.countersign.catalog.CatalogWorkload;
import dev.countersign.catalog.MeshCatalog;
import dev.countersign.grants.Grant;
import dev.countersign.grants.GrantFilter;
import dev.countersign.grants.GrantLedger;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestFilter;
import dev.countersign.requests.RequestView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.util.UriComponentsBuilder;

/// Finds any page, service, request or grant of the tenant by a few letters or a number.
@Service
public class Finder {
    private static final int EACH = 6;

    private final MeshCatalog catalog;
    private final RequestDesk requests;
    private final GrantLedger grants;

    Finder(MeshCatalog catalog, RequestDesk requests, GrantLedger grants) {
        this.catalog = catalog;
        this.requests = requests;
        this.grants = grants;
    }

    /// A place that was found: `url` is an address of this portal; `under` says where or what it is, may be empty text.
    public record Found(String url, String words, String under) {}

    /// Places of one kind, best first, never empty.
    public record Group(String name, List<Found> found) {}

    private record Place(String url, String words, String under, Optional<Role> role) {
        static Place forAll(String url, String words, String under) {
            return new Place(url, words, under, Optional.empty());
        }

        static Place forAdministrators(String url, String words, String under) {
            return new Place(url, words, under, Optional.of(Role.ADMINISTRATOR));
        }
    }

    private static final List<Place> PAGES = List.of(
            Place.forAll("/requests/new", "Ask for access", "a new request"),
            Place.forAll("/queue", "Queue", "what waits for your word"),
            Place.forAll("/requests", "Requests", "everything that was asked"),
            Place.forAll("/grants", "Grants", "who may call whom, until when"),
            Place.forAll("/services", "Services", "the inventory of the mesh"),
            Place.forAll("/clusters", "Clusters", "reachability, revisions, drift"),
            Place.forAll("/me", "Your account", "password, tokens, sessions"),
            Place.forAll("/help", "Help", "codes and what to do"),
            Place.forAdministrators("/admin", "Administration", ""),
            Place.forAdministrators("/admin/people", "People", "administration"),
            Place.forAdministrators("/admin/teams", "Teams", "administration"),
            Place.forAdministrators("/admin/ownership", "Ownership", "administration"),
            Place.forAdministrators("/admin/rules", "Approval rules", "administration"),
            Place.forAdministrators("/admin/rollout", "Rollout", "administration"),
            Place.forAdministrators("/admin/webhooks", "Webhooks", "administration"),
            Place.forAdministrators("/admin/tokens", "Tokens", "administration"),
            Place.forAdministrators("/admin/settings", "Settings", "administration"));

    @Transactional(readOnly = true)
    public List<Group> find(CurrentPerson me, String text) {
        String wanted = text.strip();
        List<Group> groups = new ArrayList<>();
        add(groups, "Pages", pages(me, wanted));
        if (!wanted.isEmpty()) {
            add(groups, "Services", catalog.search(wanted, Optional.empty(), Optional.empty(), EACH).stream().map(Finder::service).toList());
            add(groups, "Requests", requests(wanted).map(Finder::request).toList());
            add(groups, "Grants", grants(wanted).map(Finder::grant).toList());
        }
        return groups;
    }

    private static void add(List<Group> groups, String name, List<Found> found) {
        if (!found.isEmpty()) {
            groups.add(new Group(name, found));
        }
    }

    private static List<Found> pages(CurrentPerson me, String wanted) {
        String low = wanted.toLowerCase(Locale.ROOT);
        return Stream.concat(PAGES.stream(), Stream.of(Place.forAll("/audit", "The record", "everything that happened"))
                        .filter(record -> me.is(Role.AUDITOR) || me.is(Role.SECURITY) || me.is(Role.ADMINISTRATOR)))
                .filter(page -> page.role().map(me::is).orElse(true))
                .filter(page -> (page.words() + " " + page.under()).toLowerCase(Locale.ROOT).contains(low))
                .map(page -> new Found(page.url(), page.words(), page.under()))
                .toList();
    }

    private Stream<RequestView> requests(String wanted) {
        Optional<Long> number = number(wanted);
        return number.isPresent()
                ? requests.find(number.get()).stream()
                : requests.list(new RequestFilter(Set.of(), Optional.empty(), Optional.empty(), Optional.of(wanted)), Optional.empty(), EACH).requests().stream();
    }

    private Stream<Grant> grants(String wanted) {
        Optional<Long> number = number(wanted);
        return number.isPresent()
                ? grants.find(number.get()).stream()
                : grants.list(new GrantFilter(Set.of(), Optional.empty(), Optional.empty(), Optional.of(wanted), Optional.empty(), Optional.empty()), Optional.empty(), EACH).grants().stream();
    }

    /// "42", "#42", "request 42", "grant 7".
    private static Optional<Long> number(String wanted) {
        String digits = wanted.toLowerCase(Locale.ROOT).replaceFirst("^(request|grant)?\\s*#?", "");
        return digits.matches("[0-9]{1,18}") ? Optional.of(Long.parseLong(digits)) : Optional.empty();
    }

    private static Found service(CatalogWorkload workload) {
        String url = UriComponentsBuilder.fromPath("/services/{cluster}/{namespace}/{name}").encode()
                .buildAndExpand(workload.cluster().name(), workload.namespace(), workload.name()).toUriString();
        return new Found(url, workload.name(), workload.namespace() + " in " + workload.cluster().name()
                + workload.owner().map(team -> ", team " + team.name()).orElse(""));
    }

    private static Found request(RequestView request) {
        return new Found("/requests/" + request.number(), request.sentence().text(), "request " + request.number() + " by " + request.requester().name());
    }

    private static Found grant(Grant grant) {
        return new Found("/grants/" + grant.number(), grant.sentence().text(), "grant " + grant.number() + " in " + grant.place().cluster().name());
    }
}
