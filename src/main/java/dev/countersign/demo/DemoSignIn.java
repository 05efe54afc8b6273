package dev.countersign.demo;

import dev.countersign.identity.People;
import dev.countersign.identity.SignIn;
import dev.countersign.identity.SignInOffers;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Profile;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/// Each invented person by one click. Only under the profile `demo`, and only while the server listens on loopback alone:
/// anywhere else the offer is gone and the door answers 404.
@Controller
@Profile("demo")
class DemoSignIn implements SignInOffers {
    private final Tenants tenants;
    private final People people;
    private final SignIn signIn;
    private final boolean loopback;

    DemoSignIn(Tenants tenants, People people, SignIn signIn, @Value("${server.address:}") String address) {
        this.tenants = tenants;
        this.people = people;
        this.signIn = signIn;
        this.loopback = isLoopback(address);
    }

    /// An unset address means every interface.
    static boolean isLoopback(String address) {
        try {
            return !address.isBlank() && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    @Override
    public List<Group> offers() {
        if (!loopback) {
            return List.of();
        }
        return DemoPeople.TENANTS.stream()
                .map(tenant -> new Group(tenant.name(), "/demo/sign-in", tenant.people().stream()
                        .map(person -> new Offer(person.username() + "@" + tenant.slug(), person.name(), person.what()))
                        .toList()))
                .toList();
    }

    @PostMapping("/demo/sign-in")
    String signIn(@RequestParam String person, HttpServletRequest request, HttpServletResponse response) {
        boolean offered = offers().stream().flatMap(group -> group.people().stream()).anyMatch(offer -> offer.person().equals(person));
        if (!offered) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        String[] name = person.split("@", 2);
        Tenant tenant = tenants.bySlug(name[1]).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        Optional<UUID> id = tenants.inTenant(tenant.id(), () -> people.byUsername(name[0]));
        boolean signedIn = id.isPresent() && signIn.establish(tenant, id.get(), "the demo's one click", request, response);
        return signedIn ? "redirect:/" : "redirect:/sign-in?failed";
    }
}
