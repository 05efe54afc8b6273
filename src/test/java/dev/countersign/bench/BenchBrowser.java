package dev.countersign.bench;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A person with a session: signs in by the form, keeps the cookie, sends forms with their token. Follows no redirect.
final class BenchBrowser implements AutoCloseable {
    private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");

    private final String base;
    private final CookieManager cookies = new CookieManager();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .cookieHandler(cookies)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private String token = "";

    private BenchBrowser(String base) {
        this.base = base;
    }

    static BenchBrowser signIn(String base, String username, String password) throws IOException, InterruptedException {
        BenchBrowser browser = new BenchBrowser(base);
        browser.token = token(browser.get("/sign-in").body());
        HttpResponse<String> answer = browser.post("/sign-in", Map.of("username", username, "password", password));
        if (answer.statusCode() != 302 || answer.headers().firstValue("Location").orElse("").contains("failed")) {
            throw new IllegalStateException(username + " cannot sign in: " + answer.statusCode() + " " + answer.headers().firstValue("Location").orElse(""));
        }
        browser.token = token(browser.get("/requests").body());
        return browser;
    }

    private static String token(String page) {
        Matcher found = TOKEN.matcher(page);
        if (!found.find()) {
            throw new IllegalStateException("no token in the page: " + page.substring(0, Math.min(400, page.length())));
        }
        return found.group(1);
    }

    /// The header that speaks for the session.
    String cookie() {
        return cookies.getCookieStore().getCookies().stream().map(cookie -> cookie.getName() + "=" + cookie.getValue()).collect(Collectors.joining("; "));
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    /// As htmx asks for a part of a page.
    HttpResponse<String> part(String path, String target) throws IOException, InterruptedException {
        return http.send(request(path).header("HX-Request", "true").header("HX-Target", target).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, Map<String, String> form) throws IOException, InterruptedException {
        String body = form.entrySet().stream()
                .map(field -> encoded(field.getKey()) + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&", "_csrf=" + encoded(token) + "&", ""));
        return http.send(request(path).header("Content-Type", "application/x-www-form-urlencoded").header("Origin", base)
                .POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(30));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        http.close();
    }
}
