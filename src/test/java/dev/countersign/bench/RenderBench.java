package dev.countersign.bench;

import dev.countersign.identity.CurrentPerson;
import dev.countersign.portal.Fixtures;
import dev.countersign.portal.TestDatabase;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestFilter;
import dev.countersign.requests.RequestLine;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.web.Times;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.expression.spel.standard.SpelCompiler;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.csrf.DefaultCsrfToken;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockMvcRequestBuilders;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.View;
import org.thymeleaf.cache.ExpressionCacheKey;
import org.thymeleaf.cache.ICache;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;

/// W5: the list of requests with 50 rows, drawn by the portal's own view from the model that its controller made, against the
/// same bytes written by hand in Java, in turns on one thread; processor time of that thread. What the hand-written page says
/// is compared with the drawn one first. Its frame is a constant, which a real one could not be.
///
/// W6: the same for the fragment that htmx asks for, against the page.
///
/// Last lines: `W5 microseconds ratio verdict` and `W6 ...`.
public final class RenderBench {
    private static final int ROUNDS = 9;
    private static final int LOOPS = Integer.getInteger("w5.loops", 2_000);
    private static final Locale LOCALE = Locale.ENGLISH;

    private final WebApplicationContext context;
    private final Map<String, Object> model;
    private final List<RequestLine> lines;
    private final Times times = new Times(Clock.systemUTC());
    private String head = "";
    private String foot = "";

    private RenderBench(WebApplicationContext context, Map<String, Object> model, List<RequestLine> lines) {
        this.context = context;
        this.model = model;
        this.lines = lines;
    }

    public static void main(String[] arguments) throws Exception {
        try (BenchPortal portal = BenchPortal.start(Map.of("spring.task.scheduling.enabled", "false"))) {
            Fixtures fixtures = portal.bean(Fixtures.class);
            Fixtures.TestTenant tenant = fixtures.tenant();
            String url = portal.property("spring.datasource.url");
            ManyRequests.fill(() -> TestDatabase.server().connect(url.substring(url.lastIndexOf('/') + 1)), tenant, 0, 20 * 120);
            CurrentPerson engineer = fixtures.current(tenant, "engineer");
            SecurityContextHolder.getContext().setAuthentication(UsernamePasswordAuthenticationToken.authenticated(engineer, null, List.of()));
            WebApplicationContext context = portal.context();
            MockMvc mvc = MockMvcBuilders.webAppContextSetup(context).build();
            ModelAndView answered = Objects.requireNonNull(CurrentTenant.call(engineer.tenant(),
                    () -> mvc.perform(MockMvcRequestBuilders.get("/requests")).andReturn().getModelAndView()));
            List<RequestLine> lines = CurrentTenant.call(engineer.tenant(), () -> portal.bean(RequestDesk.class)
                    .lines(new RequestFilter(Set.of(), Optional.empty(), Optional.empty(), Optional.empty()), Optional.empty(), 50)).lines();
            new RenderBench(context, answered.getModel(), lines).run();
        }
        System.exit(0);
    }

    private void run() throws Exception {
        ThymeleafViewResolver views = context.getBean(ThymeleafViewResolver.class);
        View page = Objects.requireNonNull(views.resolveViewName("requests/index", LOCALE));
        View rows = Objects.requireNonNull(views.resolveViewName("requests/index :: rows", LOCALE));
        String drawn = draw(page);
        int from = drawn.indexOf("<ul class=\"list\">");
        int to = drawn.indexOf("</ul>", from);
        head = drawn.substring(0, from);
        foot = drawn.substring(to);
        if (!byHand().equals(draw(page))) {
            throw new IllegalStateException("the two pages differ:\n" + draw(page).substring(from, from + 2_000) + "\n\n" + byHand().substring(from, from + 2_000));
        }
        String part = draw(rows);
        for (int i = 0; i < 12; i++) {
            micros(() -> draw(page));
            micros(() -> draw(rows));
            micros(this::byHand);
        }
        double[] ours = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        double[] fragments = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            double hand = micros(this::byHand);
            ours[round] = micros(() -> draw(page));
            ratios[round] = ours[round] / hand;
            fragments[round] = micros(() -> draw(rows)) / ours[round];
            System.out.printf(LOCALE, "round %d: page %.0f us, by hand %.0f us, ratio %.2f, fragment to page %.2f%n", round + 1, ours[round], hand, ratios[round], fragments[round]);
        }
        System.out.println("interpreted still: " + interpreted());
        double micros = new Spread(ours).median();
        double ratio = new Spread(ratios).median();
        System.out.println("page, us:  " + new Spread(ours));
        System.out.println("ratios:    " + new Spread(ratios));
        System.out.printf(LOCALE, "W6 fragment of 50 rows to its page: bytes %.2f, drawing %.2f%n", (double) bytes(part) / bytes(drawn), new Spread(fragments).median());
        System.out.printf(LOCALE, "W5 %.0fus %.2f %s%n", micros, ratio, micros <= 350 && ratio <= 5 ? "met" : "missed");
    }

    /// The expressions that the compiler of the expression language did not take, after thousands of pages.
    private List<String> interpreted() {
        ICache<ExpressionCacheKey, Object> cache = context.getBean(SpringTemplateEngine.class).getConfiguration().getCacheManager().getExpressionCache();
        return cache.keySet().stream()
                .filter(key -> key.getType().equals("spel"))
                .filter(key -> !SpelCompiler.compile((SpelExpression) Objects.requireNonNull(new DirectFieldAccessor(cache.get(key)).getPropertyValue("expression"))))
                .map(ExpressionCacheKey::getExpression0)
                .sorted()
                .toList();
    }

    private String draw(View view) throws Exception {
        MockHttpServletRequest request = new MockHttpServletRequest(context.getServletContext(), "GET", "/requests");
        request.setAttribute("_csrf", new DefaultCsrfToken("X-CSRF-TOKEN", "_csrf", "token"));
        MockHttpServletResponse response = new MockHttpServletResponse();
        view.render(model, request, response);
        return response.getContentAsString(StandardCharsets.UTF_8);
    }

    private String byHand() throws Exception {
        MockHttpServletResponse response = new MockHttpServletResponse();
        response.setContentType("text/html;charset=UTF-8");
        PrintWriter out = response.getWriter();
        StringBuilder text = new StringBuilder(32_768).append(head).append("<ul class=\"list\">\n");
        for (RequestLine line : lines) {
            text.append("      <li>\n        <a dir=\"auto\" href=\"/requests/").append(line.number()).append("\">");
            escape(text, line.sentence());
            text.append("</a>\n        <p class=\"under soft\">").append(line.number()).append(" · <bdi>");
            escape(text, line.requester());
            text.append("</bdi> · <time datetime=\"").append(times.iso(line.submittedAt())).append("\" title=\"");
            escape(text, times.exact(line.submittedAt()));
            text.append("\">");
            escape(text, times.relative(line.submittedAt()));
            String[] state = switch (line.state()) {
                case SUBMITTED -> new String[] {"waits", "waits for a decision"};
                case REJECTED -> new String[] {"fails", "rejected"};
                case APPROVED -> new String[] {"done", "approved"};
                default -> throw new IllegalStateException(line.toString());
            };
            text.append("</time></p>\n        <span class=\"end\"><span class=\"state\" data-state=\"").append(state[0]).append("\">").append(state[1])
                    .append("</span></span>\n      </li>\n");
        }
        out.write(text.append("    ").append(foot).toString());
        out.flush();
        return response.getContentAsString(StandardCharsets.UTF_8);
    }

    private static void escape(StringBuilder text, String words) {
        for (int i = 0; i < words.length(); i++) {
            switch (words.charAt(i)) {
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '&' -> text.append("&amp;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> text.append(words.charAt(i));
            }
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /// Processor time of this thread for one call, over `LOOPS` of them.
    private static double micros(Callable<String> work) throws Exception {
        var threads = ManagementFactory.getThreadMXBean();
        long begin = threads.getCurrentThreadCpuTime();
        long length = 0;
        for (int i = 0; i < LOOPS; i++) {
            length += work.call().length();
        }
        if (length == 0) {
            throw new IllegalStateException("nothing was drawn");
        }
        return (threads.getCurrentThreadCpuTime() - begin) / 1e3 / LOOPS;
    }
}
