package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/// What a page is drawn from is public: the compiler of the expression language compiles what reads public types only, and
/// everything else is read by reflection, row by row, at three times the price of the whole page.
@PortalTest
class PageRecordsTests {
    private final Set<String> hidden = new TreeSet<>();
    private final Set<String> pages = new TreeSet<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    @Test
    void everythingThatAPageIsDrawnFromIsPublic(@Autowired ApplicationContext context) throws Exception {
        Attacks attacks = Attacks.on(context);
        for (Recipe recipe : Recipes.all()) {
            if (!recipe.isApi() && !recipe.lasting() && !recipe.route().equals("GET /news")) {
                Attacks.Answer answer = attacks.undone(recipe, right -> right);
                for (Map.Entry<String, Object> value : answer.model().entrySet()) {
                    look(recipe.route() + " " + value.getKey(), value.getValue());
                    pages.add(recipe.route());
                }
            }
        }
        assertThat(hidden).isEmpty();
        assertThat(pages).as("pages whose model was looked at").hasSizeGreaterThan(30);
    }

    private void look(String where, @Nullable Object value) throws Exception {
        if (value == null || !seen.add(value)) {
            return;
        }
        switch (value) {
            case Optional<?> some -> look(where, some.orElse(null));
            case Map<?, ?> map -> {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    look(where, entry.getKey());
                    look(where, entry.getValue());
                }
            }
            case Iterable<?> many -> {
                for (Object one : many) {
                    look(where, one);
                }
            }
            default -> lookInside(where, value);
        }
    }

    private void lookInside(String where, Object value) throws Exception {
        Class<?> type = value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass();
        if (!type.getName().startsWith("dev.countersign.")) {
            return;
        }
        if (!Modifier.isPublic(type.getModifiers())) {
            hidden.add(type.getName() + " at " + where);
        }
        if (type.isRecord()) {
            for (RecordComponent component : type.getRecordComponents()) {
                component.getAccessor().setAccessible(true);
                look(where, component.getAccessor().invoke(value));
            }
        }
    }
}
