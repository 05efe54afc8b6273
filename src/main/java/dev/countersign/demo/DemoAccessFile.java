package dev.countersign.demo;

import dev.countersign.audit.Actor;
import dev.countersign.identity.ApiTokens;
import dev.countersign.identity.People;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.tenancy.Tenant;
import dev.countersign.tenancy.Tenants;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.context.annotation.Profile;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/// Writes the demo's access file, last of all: whoever finds it can begin, with the services of the demo cluster in the
/// inventory. Passwords and tokens are random for every installation; where the file was lost, new ones are made.
@Component
@Profile("demo")
@Order(3)
class DemoAccessFile implements ApplicationRunner {
    private static final Logger LOG = LoggerFactory.getLogger(DemoAccessFile.class);
    private static final Actor FIRST_START = Actor.system("demo");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Tenants tenants;
    private final People people;
    private final ApiTokens tokens;
    private final Environment environment;
    private final Path folder;
    private final JsonMapper json = JsonMapper.builder().enable(tools.jackson.databind.SerializationFeature.INDENT_OUTPUT).build();

    DemoAccessFile(Tenants tenants, People people, ApiTokens tokens, Environment environment, @Value("${countersign.data-directory}") Path data) {
        this.tenants = tenants;
        this.people = people;
        this.tokens = tokens;
        this.environment = environment;
        this.folder = data.resolve("demo");
    }

    @Override
    public void run(ApplicationArguments arguments) {
        String url = "http://" + environment.getProperty("server.address", "127.0.0.1") + ":" + environment.getProperty("local.server.port");
        Path file = folder.resolve("access.json");
        try {
            DemoAccess access = Files.exists(file) ? json.readValue(file, DemoAccess.class).at(url) : newAccess(url);
            PrivateFiles.write(file, json.writeValueAsString(access) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("the demo's access file " + file + " can be neither read nor made", e);
        }
        LOG.atInfo().addKeyValue("url", url).addKeyValue("access", file).log("The demo is ready: open the URL and choose a person");
    }

    private DemoAccess newAccess(String url) {
        List<DemoAccess.Entry> entries = new ArrayList<>();
        for (DemoPeople.DemoTenant demo : DemoPeople.TENANTS) {
            Tenant tenant = tenants.bySlug(demo.slug()).orElseThrow();
            tenants.doInTenant(tenant.id(), () -> demo.people().forEach(person -> entries.add(entry(demo, person))));
        }
        return new DemoAccess(url, folder.resolve("kubeconfig").toString(), entries);
    }

    private DemoAccess.Entry entry(DemoPeople.DemoTenant demo, DemoPeople.DemoPerson person) {
        UUID id = people.byUsername(person.username()).orElseThrow();
        String password = random();
        people.setPassword(FIRST_START, id, password);
        Set<Scope> scopes = EnumSet.of(Scope.READ, Scope.REQUEST, Scope.REVIEW);
        if (person.roles().contains(Role.ADMINISTRATOR)) {
            scopes.add(Scope.ADMIN);
        }
        ApiTokens.Issued token = tokens.issue(FIRST_START, id, "demo", scopes, Duration.ofDays(365));
        return new DemoAccess.Entry(demo.slug(), person.username() + "@" + demo.slug(),
                person.roles().stream().map(Enum::name).sorted().collect(Collectors.toList()), person.teams(), password, token.secret());
    }

    private static String random() {
        byte[] bytes = new byte[18];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
