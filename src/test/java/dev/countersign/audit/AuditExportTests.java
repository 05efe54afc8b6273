package dev.countersign.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AuditExportTests {
    @Test
    void noCellBecomesAFormula() {
        for (String start : List.of("=", "+", "-", "@", "\t", "\r", "\n", " =", "  +", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20", "\u2212", "\t=")) {
            String cell = AuditExport.cell(start + "cmd|' /C calc'!A0");
            assertThat(cell).as(start).startsWith("\"'").endsWith("\"");
        }
    }

    @Test
    void otherCellsStayAsTheyAre() {
        assertThat(AuditExport.cell("order-service asks to POST /a")).isEqualTo("\"order-service asks to POST /a\"");
        assertThat(AuditExport.cell("")).isEqualTo("\"\"");
    }

    @Test
    void quotesAndLinesStayInsideTheirCell() {
        assertThat(AuditExport.row(List.of("a\"b", "c,d\r\ne"))).isEqualTo("\"a\"\"b\",\"c,d\r\ne\"\r\n");
    }
}
