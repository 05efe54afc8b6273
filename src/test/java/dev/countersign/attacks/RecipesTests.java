package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.web.bind.annotation.RequestParam;

/// What all attacks stand on: every route there is has a recipe, every field that the program reads is in one, and every recipe
/// is in order, so that what is refused in an attack is the attack.
@PortalTest
class RecipesTests {
    private Attacks attacks;

    @BeforeEach
    void look(@Autowired ApplicationContext context) {
        attacks = Attacks.on(context);
    }

    @Test
    void everyRouteHasARecipe() {
        Set<String> routes = attacks.routes().stream().map(Routes.Route::toString).collect(Collectors.toCollection(TreeSet::new));
        Set<String> recipes = new TreeSet<>(Recipes.byRoute().keySet());
        Set<String> gone = new TreeSet<>(recipes);
        gone.removeAll(routes);
        routes.removeAll(recipes);
        assertThat(routes).as("routes that nobody attacks: write a recipe").isEmpty();
        assertThat(gone).as("recipes of routes that are gone").isEmpty();
    }

    @Test
    void everyRecipeIsInOrder() {
        List<String> refused = new ArrayList<>();
        for (Recipe recipe : Recipes.all()) {
            Attacks.Answer answer = attacks.undone(recipe, UnaryOperator.identity());
            // Registering asks a cluster that nobody answers for: everything was read, and the words are about the network.
            boolean unreachable = recipe.names().contains("kubeconfig") && answer.status() == 422 && answer.body().contains("does not answer as it should");
            if (answer.status() >= 400 && !unreachable) {
                refused.add(recipe + ": " + answer.status() + " " + answer.body().replaceAll("(?s)<head>.*?</head>|<nav.*?</nav>|<[^>]*>", " ").replaceAll("\\s+", " "));
            }
        }
        assertThat(refused).isEmpty();
    }

    @Test
    void everyFieldThatIsReadIsInARecipe() {
        List<String> missing = new ArrayList<>();
        Map<String, List<Recipe>> recipes = Recipes.byRoute();
        for (Routes.Route route : attacks.routes()) {
            Set<String> read = declared(route);
            Set<String> filled = new TreeSet<>();
            for (Recipe recipe : recipes.getOrDefault(route.toString(), List.of())) {
                filled.addAll(recipe.form().keySet());
                if (!route.isApi()) {
                    read.addAll(attacks.undone(recipe, UnaryOperator.identity()).looked());
                }
            }
            read.removeAll(filled);
            Arrays.stream(route.handler().getMethod().getParameterTypes()).forEach(type -> read.remove(java.beans.Introspector.decapitalize(type.getSimpleName())));
            // What the container and Spring ask of every request.
            read.removeAll(Set.of("_csrf", "_method", "continue", "jsessionid"));
            read.removeIf(name -> name.endsWith("[]"));
            // Rows of a form are asked for until one is not there.
            read.removeIf(name -> name.matches("[a-z]+-[1-9][0-9]*"));
            read.forEach(name -> missing.add(route + " reads " + name));
        }
        assertThat(missing).isEmpty();
    }

    /// What the signature of the handler binds.
    private static Set<String> declared(Routes.Route route) {
        Set<String> names = new TreeSet<>();
        for (Parameter parameter : route.handler().getMethod().getParameters()) {
            if (parameter.isAnnotationPresent(RequestParam.class) && !Map.class.isAssignableFrom(parameter.getType())) {
                names.add(parameter.getName());
            } else if (parameter.getAnnotations().length == 0 && parameter.getType().isRecord()) {
                Arrays.stream(parameter.getType().getRecordComponents()).forEach(component -> names.add(component.getName()));
            }
        }
        return names;
    }
}
