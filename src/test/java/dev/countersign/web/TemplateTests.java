package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.api.Test;

/// Holds every template, present and future, to what the Content-Security-Policy allows.
class TemplateTests {
    private static final Path TEMPLATES = Path.of("frontend", "templates");
    private static final List<Pattern> FORBIDDEN = List.of(
            Pattern.compile("th:utext|data-th-utext|\\[\\(", Pattern.CASE_INSENSITIVE),
            Pattern.compile("<style\\b", Pattern.CASE_INSENSITIVE),
            Pattern.compile("\\s(th:)?style\\s*=", Pattern.CASE_INSENSITIVE),
            Pattern.compile("\\s(th:)?on[a-z]+\\s*=", Pattern.CASE_INSENSITIVE),
            Pattern.compile("hx-on|hx-vals\\s*=\\s*.js:|hx-headers\\s*=\\s*.js:", Pattern.CASE_INSENSITIVE),
            Pattern.compile("javascript:", Pattern.CASE_INSENSITIVE),
            Pattern.compile("<script\\b(?![^>]*\\bth:src=)", Pattern.CASE_INSENSITIVE),
            Pattern.compile("(?:src|href)=\"(?:https?:)?//", Pattern.CASE_INSENSITIVE),
            // th:replace takes the element away before its condition is asked.
            Pattern.compile("<[^>]*\\sth:(?:if|unless|each|with)=\"[^\"]*\"[^>]*\\sth:replace=|<[^>]*\\sth:replace=\"[^\"]*\"[^>]*\\sth:(?:if|unless|each|with)="),
            // Every row has a time: an attribute costs a fifth of a part.
            Pattern.compile(":: *(?:when|until)\\("),
            // Called without a fragment of this name, and ~{::time} would select the element.
            Pattern.compile("th:fragment=\"(?:time|form|section|nav|table|header|footer|aside|article|details|dialog|main)\\b"));

    static List<Path> templates() throws IOException {
        try (Stream<Path> files = Files.walk(TEMPLATES)) {
            return files.filter(file -> file.toString().endsWith(".html")).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("templates")
    void noTemplateCarriesScriptOrStyleOrRawText(Path template) throws IOException {
        String text = Files.readString(template);

        FORBIDDEN.forEach(pattern -> assertThat(pattern.matcher(text).results().map(found -> found.group()))
                .as("%s in %s", pattern, template)
                .isEmpty());
    }

    @Test
    void theRulesSpeak() {
        List<String> offences = List.of("<p th:utext=\"x\">", "<style>", "<p style=\"a\">", "<a onclick=\"b()\">", "<a hx-on:click=\"\">",
                "<a href=\"javascript:1\">", "<script>1</script>", "<img src=\"//elsewhere\">", "<p th:if=\"a\" th:replace=\"b\">", "<p th:fragment=\"time(at)\">",
                "<time th:replace=\"~{layout/_parts :: when(${at})}\">");

        assertThat(offences).allSatisfy(offence ->
                assertThat(FORBIDDEN).anyMatch(pattern -> pattern.matcher(offence).find()));
    }
}
