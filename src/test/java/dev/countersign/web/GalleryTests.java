package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GalleryTests {
    private static final Gallery GALLERY = new Gallery();

    static java.util.List<String> pages() {
        return Gallery.PAGES;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyPageIsDrawnWhole(String page) throws Exception {
        String html = GALLERY.draw(page);

        assertThat(html).contains("<main id=\"main\"").contains("</html>").doesNotContain("th:");
        Path folder = Files.createDirectories(Path.of("target", "gallery"));
        Files.writeString(folder.resolve(page + ".html"), html);
    }
}
