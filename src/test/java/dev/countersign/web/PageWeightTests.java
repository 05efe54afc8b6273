package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.Story;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/// W6: what a page weighs on a first visit, gzip, with its style sheet and scripts: every page without a variable in its
/// address, present and future, and those of a request; lists are full.
@PortalTest
class PageWeightTests {
    private static final int MOST = 50_000;
    private static final int ROWS = 50;

    @Autowired
    MockMvc mvc;

    @Autowired
    @Qualifier("requestMappingHandlerMapping")
    RequestMappingHandlerMapping mapping;

    @Autowired
    Assets assets;

    @Autowired
    Fixtures fixtures;

    @Autowired
    Story stories;

    @Test
    void everyPageWeighsLessThanFiftyKilobytes() throws Exception {
        Story.Cast acme = stories.begin();
        long number = 0;
        for (int i = 0; i <= ROWS; i++) {
            number = acme.submit("engineer", Story.usual());
        }
        long request = number;
        int brings = assetsWeight();
        List<String> paths = new ArrayList<>(pages());
        Stream.of("", "/history", "/delivery", "/stages").forEach(part -> paths.add("/requests/" + request + part));
        Map<String, Integer> weights = new TreeMap<>();
        for (String path : paths) {
            for (String person : List.of("engineer", "owner", "admin")) {
                MvcResult result = mvc.perform(get(path).with(fixtures.as(acme.tenant(), person))).andReturn();
                MockHttpServletResponse answer = result.getResponse();
                if (!result.getRequest().isAsyncStarted() && answer.getStatus() == 200 && String.valueOf(answer.getContentType()).startsWith("text/html")) {
                    weights.merge(path, brings + gzipped(answer.getContentAsByteArray()), Math::max);
                }
            }
        }
        assertThat(weights).hasSizeGreaterThan(20).containsKeys("/requests", "/queue", "/audit", "/requests/" + request);
        System.out.println("heaviest page, gzip, with assets: " + weights.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow());
        assertThat(weights).allSatisfy((path, weight) -> assertThat(weight).as(path).isLessThanOrEqualTo(MOST));
    }

    private List<String> pages() {
        return mapping.getHandlerMethods().entrySet().stream()
                .filter(entry -> entry.getValue().getBeanType().getName().startsWith("dev.countersign"))
                .filter(entry -> entry.getKey().getMethodsCondition().getMethods().contains(RequestMethod.GET))
                .flatMap(entry -> entry.getKey().getPatternValues().stream())
                .filter(path -> !path.contains("{") && !path.startsWith("/api/"))
                .distinct()
                .sorted()
                .toList();
    }

    private int assetsWeight() throws IOException {
        int weight = Stream.of("countersign.css", "vendor/htmx.min.js", "mark.svg").mapToInt(file -> assets.find(file).orElseThrow().gzipped().length).sum();
        try (Stream<Path> modules = Files.list(Path.of("frontend", "static", "js"))) {
            return weight + modules.mapToInt(file -> assets.find("js/" + file.getFileName()).orElseThrow().gzipped().length).sum();
        }
    }

    private static int gzipped(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.size();
    }
}
