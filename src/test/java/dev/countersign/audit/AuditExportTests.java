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

    /// A spreadsheet that splits at semicolons or tabs knows no quotes in the middle of a line.
    @Test
    void noPieceOfACellBecomesAFormulaWhereASpreadsheetSplitsElsewhere() {
        for (String separator : List.of(";", "\t", "\r\n", "\n")) {
            for (String start : List.of("=", " =", "\u00A0=", "\u200B+", "\"=", "\uFF1D", "\uFE63")) {
                assertThat(AuditExport.cell("a" + separator + start + "1+1")).isEqualTo("\"a" + separator + "'" + start.replace("\"", "\"\"") + "1+1\"");
            }
        }
    }

    @Test
    void anApostropheOfTheTextIsToldFromOursByAnother() {
        assertThat(AuditExport.cell("'=1")).isEqualTo("\"''=1\"");
        assertThat(AuditExport.cell("a;'b")).isEqualTo("\"a;''b\"");
        assertThat(AuditExport.cell("it's")).isEqualTo("\"it's\"");
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
