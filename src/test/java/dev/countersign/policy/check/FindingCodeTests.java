package dev.countersign.policy.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FindingCodeTests {
    @Test
    void theNumbersRiseAndEveryCodeIsFoundByItsText() {
        assertThat(Arrays.stream(FindingCode.values()).map(FindingCode::code).toList())
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(FindingCode.values())
                .allSatisfy(code -> assertThat(FindingCode.of(code.code())).contains(code));
        assertThat(FindingCode.of("CS9999")).isEmpty();
    }

    @Test
    void everyCodeSaysWhatToDo() {
        assertThat(FindingCode.values()).allSatisfy(code -> {
            assertThat(code.title()).isNotBlank().doesNotEndWith(".");
            assertThat(code.help()).isNotBlank();
        });
    }

    @Test
    void everyRuleOfIstioHasItsCodeWithTheSameLayerAndSeverity() throws Exception {
        JsonNode rules;
        try (var stream = getClass().getResourceAsStream("/conformance/validation/rules.json")) {
            rules = JsonMapper.builder().build().readTree(stream);
        }
        assertThat(rules).hasSize(98);
        for (JsonNode rule : rules) {
            FindingCode code = FindingCode.valueOf(rule.get("id").asString());
            assertThat(code.istioRule()).isEqualTo(rule.get("id").asString());
            assertThat(code.layer().name())
                    .isEqualToIgnoringCase(rule.get("layer").asString());
            assertThat(code.severity().name())
                    .isEqualToIgnoringCase(rule.get("severity").asString());
        }
        Set<String> ours =
                Arrays.stream(FindingCode.values()).map(FindingCode::istioRule).collect(Collectors.toSet());
        assertThat(ours).hasSize(99); // and the empty one
    }
}
