package dev.countersign.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.countersign.Countersign;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.modulith.core.ApplicationModules;
import org.springframework.stereotype.Controller;

/// The house as drawn: which rooms may call which, and the manners that hold in all of them.
class HouseTests {
    private static final JavaClasses HOUSE =
            new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.countersign");

    @Test
    void theArrowsAreTheOnesDrawn() {
        ApplicationModules.of(Countersign.class).verify();
    }

    @Test
    void theGroundIsPlainJava() {
        DescribedPredicate<JavaClass> packageInfo = simpleName("package-info");
        classes().that(resideInAPackage("dev.countersign.policy..").and(DescribedPredicate.not(packageInfo)))
                .should()
                .onlyDependOnClassesThat(resideInAPackage("java..")
                        .or(resideInAPackage("dev.countersign.policy.."))
                        .or(resideInAPackage("org.jspecify.."))
                        .or(resideInAPackage("org.snakeyaml.engine.."))
                        .or(DescribedPredicate.describe("primitive or array", type -> type.isPrimitive() || type.isArray())))
                .check(HOUSE);
    }

    @Test
    void onlyClustersSpeaksToKubernetes() {
        noClasses().that().resideOutsideOfPackage("dev.countersign.clusters..").and().resideOutsideOfPackage("dev.countersign.demo..")
                .should().dependOnClassesThat().resideInAPackage("io.fabric8..").check(HOUSE);
    }

    @Test
    void nothingImportsTheDemo() {
        noClasses().that().resideOutsideOfPackage("dev.countersign.demo..")
                .should().dependOnClassesThat().resideInAPackage("dev.countersign.demo..").check(HOUSE);
    }

    @Test
    void controllersAreNobodysBusiness() {
        classes().that().areAnnotatedWith(Controller.class).or().areMetaAnnotatedWith(Controller.class)
                .should().bePackagePrivate().check(HOUSE);
    }

    @Test
    void namesSayWhatAThingIsInTheDomain() {
        noClasses().should().haveSimpleNameEndingWith("Impl")
                .orShould().haveSimpleNameEndingWith("Util").orShould().haveSimpleNameEndingWith("Utils")
                .orShould().haveSimpleNameEndingWith("Helper").orShould().haveSimpleNameEndingWith("Manager")
                .orShould().haveSimpleNameEndingWith("Dto").orShould().haveSimpleNameEndingWith("DTO").check(HOUSE);
    }

    /// F29: whatever decides who may do what, when something ends and whose a claim is asks the database's clock, so that a replica
    /// whose own is wrong ends nothing too early and takes no claim. Who is named here only shows a time, bounds a question about the
    /// past by it, or says it to a receiver that lives by another clock.
    @Test
    void onlyWhatDecidesNothingAsksTheClockOfItsMachine() {
        Set<String> allowed = Set.of("AdminController", "AccountController", "CallersController", "PastCallersApi", "WebhookPlace", "WebConfiguration");
        noClasses().that().resideOutsideOfPackage("dev.countersign.demo..").and(DescribedPredicate.describe("are none of " + allowed, type -> !allowed.contains(type.getSimpleName())))
                .should().accessTargetWhere(DescribedPredicate.describe("the clock of the machine", access ->
                        (access.getTargetOwner().getPackageName().equals("java.time") && access.getName().matches("now|system.*|tick.*"))
                                || access.getTargetOwner().getName().equals("java.lang.System") && access.getName().equals("currentTimeMillis")
                                || access.getTargetOwner().getName().equals("java.util.Date") && access.getName().equals("<init>")))
                .check(HOUSE);
        assertThat(HOUSE.stream().filter(type -> allowed.contains(type.getSimpleName()))).hasSize(allowed.size());
    }

    @Test
    void nothingIsInjectedIntoAField() {
        fields().should().notBeAnnotatedWith(Autowired.class).check(HOUSE);
    }

    @Test
    void everyPackageSaysThatNullIsTheException() throws Exception {
        for (String name : HOUSE.stream().map(JavaClass::getPackageName).distinct().filter(name -> !name.equals("dev.countersign")).toList()) {
            org.assertj.core.api.Assertions.assertThat(Class.forName(name + ".package-info").isAnnotationPresent(org.jspecify.annotations.NullMarked.class)).as(name).isTrue();
        }
    }
}
