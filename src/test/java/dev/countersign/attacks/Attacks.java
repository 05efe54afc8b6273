package dev.countersign.attacks;

import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.asyncDispatch;

import dev.countersign.audit.Actor;
import dev.countersign.identity.CurrentOperator;
import dev.countersign.identity.Scope;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.UriUtils;
import tools.jackson.databind.json.JsonMapper;

/// Sends recipes to the program of one context. One pair of worlds serves all attacks of a test run: `ours`, where the attackers belong, and `theirs`.
/// What would change `ours` for the next attack is sent by `undone`: the program runs in a transaction that is rolled back.
final class Attacks {
    private static final Map<ApplicationContext, Attacks> OF = new ConcurrentHashMap<>();

    static final List<String> PEOPLE = List.of("engineer", "owner", "security", "security2", "auditor", "admin");
    private static final JsonMapper JSON = new JsonMapper();

    /// The full volumes of the table of attacks instead of the share that every build runs: `-Dcountersign.attacks=full`.
    static final boolean FULL = "full".equals(System.getProperty("countersign.attacks"));

    private final MockMvc mvc;
    private final World.Rooms rooms;
    private final TransactionTemplate transaction;
    private final List<Routes.Route> routes;
    private final Door door;
    private final Map<String, Caller> browsers = new LinkedHashMap<>();
    private final Map<String, Caller> callers = new LinkedHashMap<>();
    private Optional<World> ours = Optional.empty();
    private Optional<World> theirs = Optional.empty();
    private Optional<World> spare = Optional.empty();

    private Attacks(ApplicationContext context) {
        this.mvc = context.getBean(MockMvc.class);
        this.door = new Door(mvc, context.getBean(FilterChainProxy.class), context.getBean(CsrfTokenRepository.class));
        door.restore();
        this.rooms = World.Rooms.of(context.getAutowireCapableBeanFactory());
        this.transaction = new TransactionTemplate(rooms.transactions());
        this.routes = Routes.of(context.getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class));
        ((DefaultListableBeanFactory) context.getAutowireCapableBeanFactory()).registerDisposableBean("attacks", this::close);
    }

    /// Those of this program; its worlds end with it.
    static Attacks on(ApplicationContext context) {
        return OF.computeIfAbsent(context, Attacks::new);
    }

    /// The answer, what was asked of the request on the way, and its words; `model` is what a page was drawn from.
    record Answer(int status, Map<String, String> headers, String body, Set<String> looked, Map<String, Object> model) {}

    World.Rooms rooms() {
        return rooms;
    }

    /// Every route but the one on which errors are dispatched, which is no address of anybody's.
    List<Routes.Route> routes() {
        return routes.stream().filter(route -> !route.pattern().equals("/error")).toList();
    }

    synchronized World ours() {
        if (ours.isEmpty()) {
            ours = Optional.of(World.found(rooms, "bcdfg", 0));
        }
        return ours.get();
    }

    /// Founded after `ours`, with numbers beyond all of ours.
    synchronized World theirs() {
        if (theirs.isEmpty()) {
            ours();
            theirs = Optional.of(World.found(rooms, "npqrs", 80_000));
        }
        return theirs.get();
    }

    synchronized World spare() {
        if (spare.isEmpty()) {
            spare = Optional.of(World.found(rooms, "hjklm", 0));
        }
        return spare.get();
    }

    /// The caller that the recipe names, of our own world.
    Caller caller(String by) {
        return caller(ours(), by);
    }

    Caller caller(World world, String by) {
        return callers.computeIfAbsent(world.word() + " " + by, key -> made(world, by));
    }

    private Caller made(World world, String by) {
        if (by.equals("anonymous")) {
            return Caller.anonymous();
        }
        if (by.equals("operator")) {
            UUID id = rooms.jdbc().sql("select id from platform_operator where username = 'operator'").query(UUID.class).single();
            return Caller.operator(new CurrentOperator(id, "operator"));
        }
        if (by.contains(":")) {
            String[] parts = by.split(":");
            Set<Scope> scopes = parts[1].equals("all") ? Set.of(Scope.values()) : Set.of(Scope.ofWord(parts[1]).orElseThrow());
            // In a transaction of its own: who is first named within work that is undone is known afterwards too.
            TransactionTemplate lasting = new TransactionTemplate(rooms.transactions());
            lasting.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
            return Caller.token(by, world.in(() -> lasting.execute(status ->
                    rooms.tokens().issue(Actor.system("test"), world.tenant().person(parts[0]), "by " + parts[1], scopes, Duration.ofDays(1)).secret())));
        }
        return new Caller(by, asked -> asked.with(csrf().asHeader()).with(rooms.fixtures().as(world.tenant(), by)));
    }

    /// A caller who signed in at the door; for reading.
    Caller browser(String name, String password) {
        return browsers.computeIfAbsent(name, key -> {
            try {
                door.restore();
                jakarta.servlet.http.Cookie session = door.signIn(name, password);
                return new Caller(name, asked -> asked.cookie(session));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    Answer send(Recipe recipe, Caller caller) {
        return ready(recipe, caller).get();
    }

    /// The request, signed; nothing is sent before it is asked for.
    java.util.function.Supplier<Answer> ready(Recipe recipe, Caller caller) {
        Asked asked = caller.signed().apply(asked(recipe));
        return () -> {
            try {
                MvcResult result = mvc.perform(asked).andReturn();
                if (result.getRequest().isAsyncStarted() && !recipe.route().equals("GET /news")) {
                    result = mvc.perform(asyncDispatch(result)).andReturn();
                }
                return answer(result, asked);
            } catch (Exception e) {
                throw new AssertionError(recipe + " " + recipe.path() + " " + recipe.form() + ": " + e, e);
            }
        };
    }

    /// As `send`, of our own world; whatever it did to the database is undone. What lasts is tried on a spare world instead.
    Answer undone(Recipe recipe, UnaryOperator<Recipe> change) {
        World world = recipe.lasting() ? spare() : ours();
        Recipe changed = change.apply(recipe.in(world.things()));
        Caller caller = caller(world, recipe.by());
        return recipe.lasting() ? send(changed, caller) : undone(world, changed, caller);
    }

    Answer undone(World world, Recipe recipe, Caller caller) {
        return undone(world, () -> send(recipe, caller));
    }

    /// Everything that `work` does and sees, as if it never happened.
    <T> T undone(World world, java.util.function.Supplier<T> work) {
        return world.in(() -> transaction.execute(status -> {
            status.setRollbackOnly();
            return work.get();
        }));
    }

    static Caller person(Attacks attacks, World world, String username, boolean api) {
        return attacks.caller(world, api ? username + ":all" : username);
    }

    private static Asked asked(Recipe recipe) {
        String[] parts = recipe.route().split(" ", 2);
        Asked asked = new Asked(HttpMethod.valueOf(parts[0]), URI.create(address(parts[1], recipe.path())));
        recipe.form().forEach((name, values) -> asked.param(name, values.toArray(String[]::new)));
        recipe.headers().forEach(asked::header);
        recipe.json().ifPresent(body -> asked.contentType(MediaType.APPLICATION_JSON).content(JSON.writeValueAsString(body)));
        return asked;
    }

    /// Where a browser goes for it: path and query.
    static String address(Recipe recipe) {
        String query = recipe.form().entrySet().stream()
                .flatMap(field -> field.getValue().stream().map(value -> field.getKey() + "=" + java.net.URLEncoder.encode(value, StandardCharsets.UTF_8)))
                .collect(java.util.stream.Collectors.joining("&"));
        return address(recipe.route().split(" ", 2)[1], recipe.path()) + (query.isEmpty() ? "" : "?" + query);
    }

    private static String address(String pattern, List<String> path) {
        Routes.Route route = new Routes.Route(HttpMethod.GET, pattern, null);
        return route.with(at -> pattern.contains("{*") && at == path.size() - 1 ? UriUtils.encodePath(path.get(at), StandardCharsets.UTF_8) : UriUtils.encodePathSegment(path.get(at), StandardCharsets.UTF_8));
    }

    private static Answer answer(MvcResult result, Asked asked) throws Exception {
        MockHttpServletResponse response = result.getResponse();
        Map<String, String> headers = new java.util.TreeMap<>();
        response.getHeaderNames().forEach(name -> headers.put(name, String.join(", ", response.getHeaders(name))));
        return new Answer(response.getStatus(), headers, response.getContentAsString(StandardCharsets.UTF_8), new TreeSet<>(asked.looked()),
                result.getModelAndView() == null ? Map.of() : result.getModelAndView().getModel());
    }

    static List<String> tokens() {
        List<String> tokens = new ArrayList<>();
        for (String person : PEOPLE) {
            tokens.add(person + ":all");
        }
        for (Scope scope : Scope.values()) {
            tokens.add("admin:" + scope.word());
        }
        return tokens;
    }

    private void close() {
        ours.ifPresent(World::close);
        theirs.ifPresent(World::close);
        spare.ifPresent(World::close);
    }
}
