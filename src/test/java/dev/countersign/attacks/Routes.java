package dev.countersign.attacks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.http.HttpMethod;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/// The route table as the running program has it: what lands later is in it without a change here.
final class Routes {
    private static final Pattern VARIABLE = Pattern.compile("\\{(\\*?)([A-Za-z]+)(?::((?:[^{}]|\\{[^{}]*\\})*))?\\}");

    private Routes() {}

    /// One method on one pattern, and what answers it.
    record Route(HttpMethod method, String pattern, HandlerMethod handler) {
        boolean reads() {
            return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
        }

        boolean isApi() {
            return pattern.startsWith("/api/");
        }

        List<String> variables() {
            List<String> names = new ArrayList<>();
            Matcher found = VARIABLE.matcher(pattern);
            while (found.find()) {
                names.add(found.group(2));
            }
            return names;
        }

        /// The address with every variable filled in, in the order of the pattern.
        String with(Function<Integer, String> value) {
            int[] at = {0};
            return VARIABLE.matcher(pattern).replaceAll(found -> Matcher.quoteReplacement(
                    (found.group(1).isEmpty() ? "" : "/") + value.apply(at[0]++))).replace("//", "/");
        }

        @Override
        public String toString() {
            return method + " " + pattern;
        }
    }

    /// Every route of ours, by pattern. A mapping without a method answers GET and POST.
    static List<Route> of(RequestMappingHandlerMapping mapping) {
        return mapping.getHandlerMethods().entrySet().stream()
                .filter(entry -> entry.getValue().getBeanType().getName().startsWith("dev.countersign"))
                .flatMap(entry -> routes(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparing(Route::pattern).thenComparing(route -> route.method().name()))
                .toList();
    }

    private static Stream<Route> routes(RequestMappingInfo info, HandlerMethod handler) {
        List<HttpMethod> methods = info.getMethodsCondition().getMethods().isEmpty()
                ? List.of(HttpMethod.GET, HttpMethod.POST)
                : info.getMethodsCondition().getMethods().stream().map(RequestMethod::asHttpMethod).toList();
        return info.getPatternValues().stream().flatMap(pattern -> methods.stream().map(method -> new Route(method, pattern, handler)));
    }
}
