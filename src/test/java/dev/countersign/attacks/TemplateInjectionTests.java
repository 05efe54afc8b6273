package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.PortalTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.thymeleaf.context.Context;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.templatemode.TemplateMode;
import org.thymeleaf.templateresolver.StringTemplateResolver;

/// S8: no text of a request is an expression, a fragment or the name of a view. Every place of every recipe gets expressions that
/// multiply two numbers: their product stands in no answer and no line of the log, and nothing ends in an accident.
@PortalTest
@ExtendWith(OutputCaptureExtension.class)
class TemplateInjectionTests {
    private static final int EACH = Attacks.FULL ? Integer.MAX_VALUE : 4;

    private static final String FIRST = "7919";
    private static final String SECOND = "104729";
    private static final String PRODUCT = Long.toString(7919L * 104_729);

    /// What Thymeleaf, SpEL and their neighbours evaluate; `¤` stands for the multiplication.
    private static final List<String> EXPRESSIONS = List.of(
            "__${¤}__", "__${¤}__::x", "__${¤}__::.x", "::__${¤}__", "__*{¤}__", "__#{¤}__", "__@{/}${¤}__", "${¤}", "*{¤}", "#{¤}", "@{/${¤}}", "@{/(x=${¤})}", "~{::x}", "~{${¤}}",
            "~{layout/page :: page(${¤}, '', '')}", "layout/page :: page", "identity/operator/show", "help/index :: ${¤}", "redirect:/${¤}", "forward:/me?x=${¤}", "redirect:__${¤}__",
            "[[${¤}]]", "[(${¤})]", "${{¤}}", "${T(java.lang.Math).multiplyExact(A,B)}", "__${T(java.lang.Math).multiplyExact(A,B)}__::x",
            "${T(java.lang.Runtime).getRuntime().exec('id')}", "__${new java.util.Scanner(T(java.lang.Runtime).getRuntime().exec('id').getInputStream()).next()}__::x",
            "${@environment.getProperty('user.dir')}", "${#ctx}", "${#vars}", "${#shell.htmx}", "${#execInfo}", "#{T(java.lang.Math).multiplyExact(A,B)}",
            "|${¤}|", "'+${¤}+'", "' + ¤ + '", "'}__${¤}__{'", "\")}+${¤}+{(\"", "<p th:text=\"${¤}\">", "<th:block th:utext=\"${¤}\"/>", "%{¤}", "{{¤}}", "{{=¤}}", "<%= ¤ %>", "#set($x=¤)${x}",
            "<#assign x=¤>${x}", "@(¤)", "${jndi:ldap://127.0.0.1/¤}", "${sys:user.dir}", "{¤}", "#this", "¤", "A * B", "class.module.classLoader", "T(java.lang.Math).multiplyExact(A,B)");

    private Attacks attacks;

    @BeforeEach
    void look(@Autowired ApplicationContext context) {
        attacks = Attacks.on(context);
    }

    private static String armed(String expression) {
        return expression.replace("¤", FIRST + "*" + SECOND).replace("A,B", FIRST + "," + SECOND).replace("A * B", FIRST + " * " + SECOND);
    }

    @Test
    void noPlaceOfAnyRouteIsEvaluated(CapturedOutput log) {
        Random random = new Random(8);
        List<String> wrong = new ArrayList<>();
        Set<String> routes = new TreeSet<>();
        int sent = 0;
        for (Recipe recipe : Recipes.all()) {
            if (recipe.route().equals("GET /news") || recipe.lasting() && !Attacks.FULL) {
                continue;
            }
            int places = recipe.count();
            for (int place = 0; place < places; place++) {
                int at = place;
                int from = random.nextInt(EXPRESSIONS.size());
                for (int turn = 0; turn < Math.min(EACH, EXPRESSIONS.size()); turn++) {
                    String expression = armed(EXPRESSIONS.get((from + turn * 13) % EXPRESSIONS.size()));
                    // Instead of the value, and behind it.
                    boolean behind = turn % 2 == 1;
                    // For a page, and for a fragment of it.
                    boolean part = turn % 4 > 1 && !recipe.isApi();
                    judge(recipe + " place " + at + " " + expression, attacks.undone(recipe, right -> {
                        Recipe changed = right.each(value -> behind ? value + expression : expression).get(at);
                        return part ? changed.header("HX-Request", "true") : changed;
                    }), wrong);
                    sent++;
                }
            }
            routes.add(recipe.route());
        }
        System.out.println("S8 " + sent + " requests to " + routes.size() + " routes");
        assertThat(wrong).isEmpty();
        assertThat(log.getAll()).doesNotContain(PRODUCT);
        assertThat(sent).isGreaterThan(1_000);
    }

    /// Parameters that no room asks for, names of parameters, and addresses that a controller without a view name would take for one.
    @Test
    void nothingBesidesTheFieldsIsEvaluatedEither(CapturedOutput log) {
        List<String> wrong = new ArrayList<>();
        int sent = 0;
        for (Recipe recipe : Recipes.all()) {
            if (recipe.route().equals("GET /news") || recipe.lasting()) {
                continue;
            }
            for (int turn = 0; turn < (Attacks.FULL ? EXPRESSIONS.size() : 2); turn++) {
                String expression = armed(EXPRESSIONS.get((sent * 7 + turn) % EXPRESSIONS.size()));
                judge(recipe + " more " + expression, attacks.undone(recipe, right -> right.form("view", expression, "fragment", expression, "template", expression,
                        "lang", expression, expression, expression, "_" + expression, "")), wrong);
                judge(recipe + " headers " + expression, attacks.undone(recipe, right -> right.header("HX-Target", expression).header("HX-Trigger-Name", expression)
                        .header("HX-Current-URL", expression).header("Accept-Language", expression).header("Referer", expression).header("X-Forwarded-Prefix", expression)), wrong);
                sent += 2;
            }
        }
        for (String expression : EXPRESSIONS) {
            judge("an address", attacks.send(Recipe.of("engineer", "GET /{anything}", armed(expression).replace("/", "")), attacks.caller("engineer")), wrong);
            judge("a page of help", attacks.send(Recipe.of("engineer", "GET /help/{code}", armed(expression).replace("/", "")), attacks.caller("engineer")), wrong);
            sent += 2;
        }
        System.out.println("S8 " + sent + " requests with more than was asked for");
        assertThat(wrong).isEmpty();
        assertThat(log.getAll()).doesNotContain(PRODUCT);
    }

    private static void judge(String what, Attacks.Answer answer, List<String> wrong) {
        if (answer.status() >= 500) {
            wrong.add(answer.status() + " " + what);
        }
        String said = answer.headers() + answer.body();
        if (said.contains(PRODUCT) || said.contains("uid=") || said.contains(System.getProperty("user.dir"))) {
            wrong.add("evaluated: " + what);
        }
    }

    /// Without this, what stands above could not fail: the engine of the portal does evaluate these, where a template holds them.
    @ParameterizedTest
    @ValueSource(strings = {"[[${¤}]]", "[(${¤})]", "<p th:text=\"${¤}\">x</p>", "<p th:text=\"__${¤}__\">x</p>", "<p th:text=\"|${¤}|\">x</p>", "<p th:with=\"x=*{¤}\" th:text=\"${x}\">x</p>"})
    void aTemplateThatIsMadeOfATextIsFoundOut(String template) {
        SpringTemplateEngine engine = new SpringTemplateEngine();
        StringTemplateResolver texts = new StringTemplateResolver();
        texts.setTemplateMode(TemplateMode.HTML);
        engine.setTemplateResolver(texts);
        String page = engine.process(armed(template), new Context());
        List<String> wrong = new ArrayList<>();
        judge(template, new Attacks.Answer(200, Map.of(), page, Set.of(), Map.of()), wrong);
        assertThat(wrong).containsExactly("evaluated: " + template);
    }
}
