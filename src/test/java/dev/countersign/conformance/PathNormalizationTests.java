package dev.countersign.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.policy.eval.PathNormalization;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Every line of `path-normalization.jsonl`: what real proxies made of a path.
class PathNormalizationTests {
    @Test
    void everyPathBecomesWhatEnvoyMakesOfIt() {
        Optional<ConformanceFile> file = ConformanceFile.find("path-normalization.jsonl");
        assumeTrue(file.isPresent(), "skipped: no path-normalization.jsonl in the folder");
        file.get().run(one -> {
            String mode = one.fields().get("mode").toString();
            PathNormalization normalization = mode.equals("DEFAULT") ? PathNormalization.BASE
                    : PathNormalization.valueOf(mode);
            String in = one.fields().get("in").toString();
            String out = normalization.normalize(in).orElse("400");
            return out.equals(one.fields().get("out"))
                    ? Optional.empty()
                    : Optional.of(mode + " " + in + " became " + out + ", wanted " + one.fields().get("out"));
        });
    }
}
