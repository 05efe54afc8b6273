package dev.countersign.policy.reason;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.eval.Authorizer;
import dev.countersign.policy.laws.Worlds;
import dev.countersign.policy.laws.Worlds.World;
import dev.countersign.policy.model.Action;
import dev.countersign.policy.model.AuthorizationPolicy;
import dev.countersign.policy.model.MeshSettings;
import dev.countersign.policy.model.ObjectMeta;
import dev.countersign.policy.model.Operation;
import dev.countersign.policy.model.OperationField;
import dev.countersign.policy.model.Rule;
import dev.countersign.policy.model.Source;
import dev.countersign.policy.model.SourceField;
import dev.countersign.policy.model.Target;
import dev.countersign.policy.model.Values;
import dev.countersign.policy.model.Workload;
import dev.countersign.policy.reason.VersionGap.Weakness;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionGapTests {
    private static final Workload SHOP = Workload.sidecar("shop", Map.of("app", "shop"));
    private static final AuthorizationPolicy CERT_MANAGER =
            policy(Action.ALLOW, from(SourceField.SERVICE_ACCOUNTS, "infra/cert-manager.io"));
    private static final AuthorizationPolicy NO_ADMIN = policy(Action.DENY, to(OperationField.PATHS, "/admin"));
    private static final AuthorizationPolicy NO_BACKSTAGE = policy(Action.DENY, to(OperationField.HOSTS, "backstage.example"));

    @Test
    void aDotInAServiceAccountLetsAnotherAccountIn() {
        assertThat(gaps("1.29.1", CERT_MANAGER)).singleElement().satisfies(gap -> {
            assertThat(gap.weakness().advisory()).isEqualTo("CVE-2026-39350");
            assertThat(gap.witness().principal()).contains("cluster.local/ns/infra/sa/cert-managerxio");
            assertThat(gap.message()).isEqualTo("Istio 1.29.1 lets cluster.local/ns/infra/sa/cert-managerxio in,"
                    + " because a dot in the policy stands for any character (CVE-2026-39350). Upgrade the mesh.");
        });
    }

    @Test
    void aDotInASuffixOfAPrincipalLetsAnotherTrustDomainIn() {
        AuthorizationPolicy partners = policy(Action.ALLOW, from(SourceField.PRINCIPALS, "*.partner/ns/a/sa/b"));

        assertThat(gaps("1.28.6", partners)).extracting(VersionGap::weakness).containsExactly(Weakness.IDENTITY_PATTERN_DOTS);
        assertThat(gaps("1.28.7", partners)).isEmpty();
    }

    @Test
    void moreSlashesWalkAroundADenial() {
        assertThat(gaps("1.9.4", NO_ADMIN))
                .filteredOn(gap -> gap.weakness() == Weakness.SLASHES)
                .anySatisfy(gap -> {
                    assertThat(gap.sent()).isEqualTo("//admin");
                    assertThat(gap.witness().http().orElseThrow().path()).isEqualTo("/admin");
                });
    }

    @Test
    void anEscapedSlashLeavesAnAllowedPrefix() {
        AuthorizationPolicy open = policy(Action.ALLOW, to(OperationField.PATHS, "/public/*"));

        assertThat(gaps("1.8.5", open))
                .filteredOn(gap -> gap.weakness() == Weakness.SLASHES)
                .extracting(VersionGap::sent)
                .anyMatch(sent -> sent.startsWith("/public/") && sent.contains("..%2F"));
    }

    @Test
    void aFragmentWalksAroundADenial() {
        assertThat(gaps("1.11.0", NO_ADMIN))
                .filteredOn(gap -> gap.weakness() == Weakness.FRAGMENT)
                .extracting(VersionGap::sent)
                .contains("/admin#x");
    }

    @Test
    void anotherCaseOfTheHostWalksAroundADenial() {
        assertThat(gaps("1.10.3", NO_BACKSTAGE))
                .filteredOn(gap -> gap.weakness() == Weakness.HOST_CASE)
                .isNotEmpty()
                .allSatisfy(gap -> assertThat(gap.witness().http().orElseThrow().host())
                        .isEqualToIgnoringCase("backstage.example")
                        .isNotEqualTo("backstage.example"));
    }

    @ParameterizedTest
    @CsvSource({"1.27.9", "1.28.6", "1.29.2", "1.24.0", "1.30.0"})
    void whereServiceAccountsAreComparedLiterallyNobodyElseIsLetIn(String version) {
        assertThat(gaps(version, CERT_MANAGER)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1.9.8", "1.10.4", "1.11.1", "1.30.4"})
    void whereAllIsMendedNothingIsSaid(String version) {
        assertThat(gaps(version, NO_ADMIN, NO_BACKSTAGE)).isEmpty();
    }

    @Test
    void aPolicyThatDependsOnNoneOfItIsNotBlamed() {
        AuthorizationPolicy plain = policy(Action.ALLOW, from(SourceField.PRINCIPALS, "cluster.local/ns/a/sa/b.c"));

        assertThat(gaps("1.9.0", plain)).isEmpty();
        assertThat(gaps("1.29.0", plain)).isEmpty();
    }

    /// The policies as documented deny every witness, whatever the world; a mended release has none.
    @Test
    void everyWitnessIsDeniedAsDocumented() {
        Worlds worlds = Worlds.seeded(8);
        int gaps = 0;
        for (int i = 0; i < 200; i++) {
            World world = worlds.world();
            Authorizer authorizer = Authorizer.of(world.mesh(), world.policies(), world.workload());
            for (VersionGap gap : VersionGap.of(IstioVersion.of("1.8.0"), world.mesh(), world.workload(), world.policies())) {
                gaps++;
                assertThat(authorizer.allows(gap.witness())).as("%s %s", gap, world).isFalse();
            }
            assertThat(VersionGap.of(IstioVersion.of("1.30.4"), world.mesh(), world.workload(), world.policies())).isEmpty();
        }
        assertThat(gaps).isGreaterThan(100);
    }

    @Test
    void aVersionIsReadWithItsSuffix() {
        assertThat(IstioVersion.parse("1.29.1-distroless")).contains(new IstioVersion(1, 29, 1));
        assertThat(IstioVersion.parse("latest")).isEmpty();
    }

    private static List<VersionGap> gaps(String version, AuthorizationPolicy... policies) {
        return VersionGap.of(IstioVersion.of(version), MeshSettings.DEFAULT, SHOP, List.of(policies));
    }

    private static AuthorizationPolicy policy(Action action, Rule rule) {
        return new AuthorizationPolicy(ObjectMeta.of("shop", "p"), Target.EVERYTHING, action, Optional.empty(), List.of(rule));
    }

    private static Rule from(SourceField field, String... values) {
        return new Rule(List.of(Source.of(field, Values.any(values))), List.of(), List.of());
    }

    private static Rule to(OperationField field, String... values) {
        return new Rule(List.of(), List.of(Operation.of(field, Values.any(values))), List.of());
    }
}
