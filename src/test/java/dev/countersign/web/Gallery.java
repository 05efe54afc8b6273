package dev.countersign.web;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockServletContext;
import org.springframework.security.web.csrf.DefaultCsrfToken;
import org.thymeleaf.context.WebContext;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.templateresolver.ClassLoaderTemplateResolver;
import org.thymeleaf.web.servlet.JakartaServletWebApplication;

/// Draws the pages of `gallery/` as the program would, without starting it: every part in every state, to be looked at and
/// to be walked by axe.
final class Gallery {
    static final List<String> PAGES = List.of("home", "request", "queue", "new", "signin");
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    final Assets assets = new Assets("classpath:/frontend/static/");
    private final SpringTemplateEngine engine = engine();

    record Line(String sentence, @Nullable String witness, @Nullable String calls) {}

    record Effect(String verdict, String summary, String proof, List<Line> opens, List<Line> cuts, List<Line> uncertain) {}

    record Stage(String state, String name, String need, List<String> lines, @Nullable String words) {}

    record Entry(Instant at, String url, String sentence, @Nullable String words) {}

    String draw(String page) {
        MockServletContext servlets = new MockServletContext();
        MockHttpServletRequest request = new MockHttpServletRequest(servlets, "GET", "/" + page);
        request.setAttribute("_csrf", new DefaultCsrfToken("X-CSRF-TOKEN", "_csrf", "token"));
        var exchange = JakartaServletWebApplication.buildApplication(servlets)
                .buildExchange(request, new MockHttpServletResponse());
        return engine.process("gallery/" + page, new WebContext(exchange, null, model()));
    }

    private SpringTemplateEngine engine() {
        SpringTemplateEngine engine = new SpringTemplateEngine();
        engine.setEnableSpringELCompiler(true);
        engine.addTemplateResolver(resolver("frontend/templates/", Set.of("layout/*", "error/*")));
        engine.addTemplateResolver(resolver("", Set.of("gallery/*")));
        Viewer viewer = new Viewer("Sana Security", "security@acme", "Acme", Set.of("SECURITY", "ADMINISTRATOR"));
        engine.addDialect(new ShellDialect(
                () -> new Shell(Optional.of(viewer), assets, "0.1"), new Times(Clock.fixed(NOW, ZoneOffset.UTC))));
        return engine;
    }

    private static ClassLoaderTemplateResolver resolver(String prefix, Set<String> names) {
        ClassLoaderTemplateResolver resolver = new ClassLoaderTemplateResolver();
        resolver.setPrefix(prefix);
        resolver.setSuffix(".html");
        resolver.setResolvablePatterns(names);
        return resolver;
    }

    private static Map<String, Object> model() {
        var opens = List.of(
                new Line("order-service may POST payments", "POST /api/v1/payments/0 :8080 as production/order-service", null),
                new Line("order-service may GET payments", "GET /api/v1/payments/0 :8080 as production/order-service", null));
        var cuts = List.of(
                new Line("billing-service loses everything", "POST /api/v1/refunds/0 :8080 as production/billing-service",
                        "41,200 calls in 30 days"),
                new Line("frontend loses everything", "GET /healthz :8080 as production/frontend", "12 calls in 30 days"),
                new Line("callers without identity lose everything", "GET / :8080 in plain text", null));
        var unsure = List.of(new Line("One CUSTOM policy asks an external authorizer; what it answers is not known here.", null, null));
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("effect", new Effect("Incomparable", "opens 2 regions, cuts 3", "exact, over 14 policies", opens, cuts, unsure));
        model.put("small", new Effect("Incomparable", "opens 2, cuts 1", "exact", opens, cuts.subList(0, 1), List.of()));
        model.put("stages", List.of(
                new Stage("done", "Owner of payment-service", "", List.of("Olga Owner agreed today 09:14"), "Fine for checkout."),
                new Stage("waits", "Security", "1 of 1 needed", List.of("you, or one of 3 others"), null),
                new Stage("", "Applied", "to demo and west", List.of(), null)));
        model.put("timeline", List.of(
                new Entry(Instant.parse("2026-11-22T09:14:03Z"), "/audit/9", "Olga Owner agreed to version 2.",
                        "Fine for checkout; refunds stay with billing."),
                new Entry(Instant.parse("2026-11-22T08:51:40Z"), "/audit/8",
                        "Emil Engineer changed the request to version 2: the path is now /api/v1/payments/*. One review of version 1 no longer counts.", null),
                new Entry(Instant.parse("2026-11-21T16:02:11Z"), "/audit/7", "Submitted. Needs the owner of payment-service and one of security.", null)));
        model.put("yaml", "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: countersign-payment-service\n  namespace: production\nspec:\n  selector:\n    matchLabels:\n      app: payment-service\n  action: ALLOW\n");
        model.put("reason", "Checkout settles card payments when an order is placed; today this goes through the batch importer, which we retire on 1 December.");
        model.put("soon", NOW.plusSeconds(5 * 86400 + 60));
        model.put("past", NOW.minusSeconds(1500));
        model.put("long", "a-service-with-a-very-long-name.".repeat(8).substring(0, 253));
        Map<String, String> spans = new LinkedHashMap<>();
        spans.put("P30D", "30 days");
        spans.put("P90D", "90 days");
        model.put("spans", spans);
        model.put("errors", FieldErrors.NONE.with("reason", "8 of at least 40 characters. Say what breaks without it."));
        model.put("notice", Notice.done("Submitted.", "Request 42 waits for the owner of payment-service."));
        return model;
    }
}
