package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AssetsTests {
    private final Assets assets = new Assets("classpath:/frontend/static/");

    @Test
    void everyPartOfTheStylesheetIsInTheOneFile() throws IOException {
        String whole = new String(assets.find("countersign.css").orElseThrow().plain());

        try (Stream<Path> parts = Files.list(Path.of("frontend", "static", "css"))) {
            for (Path part : parts.filter(file -> !file.endsWith("countersign.css")).toList()) {
                assertThat(whole).as(part.toString()).contains(Files.readString(part));
            }
        }
        assertThat(whole).doesNotContain("@import");
    }

    @Test
    void everyModuleIsLoadedByTheEntry() throws IOException {
        String entry = new String(assets.find("js/countersign.js").orElseThrow().plain());

        try (Stream<Path> modules = Files.list(Path.of("frontend", "static", "js"))) {
            modules.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("countersign.js"))
                    .forEach(name -> {
                        assertThat(entry).contains("\"./" + name + "\"");
                        assertThat(assets.find("js/" + name)).isPresent();
                    });
        }
    }

    /// What a page brings with it on a first visit; a page's own HTML may take the rest of the 50 kB.
    @Test
    void allOfThemTogetherWeighLessThanThirtyFiveKilobytes() throws IOException {
        int weight = assets.find("countersign.css").orElseThrow().gzipped().length
                + assets.find("vendor/htmx.min.js").orElseThrow().gzipped().length
                + assets.find("mark.svg").orElseThrow().gzipped().length;
        try (Stream<Path> modules = Files.list(Path.of("frontend", "static", "js"))) {
            weight += modules.mapToInt(file -> assets.find("js/" + file.getFileName()).orElseThrow().gzipped().length).sum();
        }
        System.out.println("assets, gzip: " + weight + " bytes");
        assertThat(weight).isLessThan(35_000);
    }

    @Test
    void anAssetThatIsNotThereIsAMistakeOfTheTemplate() {
        assertThatIllegalArgumentException().isThrownBy(() -> assets.address("none.css"));
        assertThat(assets.find("../templates/layout/page.html")).isEmpty();
    }

    @Test
    void theAddressChangesWithTheContentsOnly() {
        assertThat(assets.address("mark.svg")).isEqualTo(new Assets("classpath:/frontend/static/").address("mark.svg"));
        assertThat(assets.lasting(assets.address("mark.svg").split("/")[2])).isTrue();
        assertThat(assets.lasting("000000000000")).isFalse();
    }
}
