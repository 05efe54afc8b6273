package dev.countersign.policy.laws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.model.IstioObject;
import dev.countersign.policy.yaml.Decoding;
import dev.countersign.policy.yaml.PolicyReader;
import dev.countersign.policy.yaml.PolicyWriter;
import dev.countersign.policy.yaml.Reading;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The law of reading and writing, over objects from a seed. `-Dlaws.readwrite=1000000` for the long run.
class WhatIsWrittenIsReadBackTests {
    private static final int COUNT = Integer.getInteger("laws.readwrite", 100_000);

    @Test
    void readAfterWriteIsTheSameObject() {
        GeneratedObjects objects = new GeneratedObjects(2026);
        for (int i = 0; i < COUNT; i++) {
            IstioObject object = objects.next();
            String text = PolicyWriter.text(object);
            Reading reading = PolicyReader.read(text);
            if (!(reading instanceof Reading.Read(var documents))
                    || documents.size() != 1
                    || !(documents.getFirst().decoding() instanceof Decoding.Understood(IstioObject read, var unknown))
                    || !read.equals(object)
                    || !unknown.isEmpty()
                    || !documents.getFirst().remarks().isEmpty()) {
                throw new AssertionError(
                        "case " + i + " is not read back:\n" + text + "\nwanted " + object + "\nread   " + reading);
            }
            assertThat(PolicyWriter.text(read)).isEqualTo(text);
        }
    }

    @Test
    void theTreeIsReadBackAndIsWhatTheTextSays() {
        GeneratedObjects objects = new GeneratedObjects(7);
        for (int i = 0; i < COUNT / 10; i++) {
            IstioObject object = objects.next();
            var tree = PolicyWriter.tree(object);
            assertThat(PolicyReader.decode(tree)).isEqualTo(new Decoding.Understood(object, List.of()));
            assertThat(PolicyReader.read(PolicyWriter.text(object)))
                    .isInstanceOfSatisfying(
                            Reading.Read.class,
                            read -> assertThat(read.documents().getFirst().tree())
                                    .isEqualTo(tree));
        }
    }

    @Test
    void nothingWrittenHoldsAnEmptyFromOrTo() {
        GeneratedObjects objects = new GeneratedObjects(99);
        for (int i = 0; i < COUNT / 10; i++) {
            assertThat(PolicyWriter.text(objects.authorizationPolicy()))
                    .doesNotContain("from: []", "to: []", "values: []");
        }
    }
}
