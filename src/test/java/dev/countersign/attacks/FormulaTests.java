package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.countersign.portal.Fixtures;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.portal.PortalTest;
import dev.countersign.tenancy.Tenants;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/// S32: no export becomes a program in a spreadsheet. 2,000 entries of the record, 10,000 cells, in which every text column of the
/// CSV carries what spreadsheets compute: after blanks nobody sees, in other widths, inside quotes, after every separator that a
/// spreadsheet of another country may split at. A reader of RFC 4180 gets every text back; no cell begins as a formula; and where
/// LibreOffice is installed, it opens the file and finds none, at comma, semicolon and tab.
@PortalTest
class FormulaTests {
    private static final int ROWS = 2_000;
    private static final List<String> STARTS = List.of("=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20", "\u2212",
            "\uFE62", "\uFE63", "\uFE66", "\uFE6B", "\u207A", "\u207B", "\u207C", "\u208A");
    private static final List<String> BEFORE = List.of("", "", "", " ", "   ", "\u00A0", "\u3000", "\u200B", "\uFEFF", "\u2060", "\u0001", "\u0085", "\u2028", "\"", "'", "''", "\"'",
            "a;", "a\t", "a\n", "a\r\n", "a,", "a|", "a\";", "a;\"", "a\"\n", ";", ";;", "\";\"", "\";\"\"", "\n\n", "a; ", "a;\u00A0");
    private static final List<String> AFTER = List.of("1+1", "cmd|' /C calc'!A0", "HYPERLINK(\"http://127.0.0.1/?\"&A1;\"open\")", "SUM(1;2)", "2+3\"", "WEBSERVICE(\"http://127.0.0.1/\")",
            "DDE(\"cmd\";\"/C calc\";\"x\")", "1", "A1", "\"1\"", "1;=1+1", "1\n=1+1", "1\t=1+1", "");

    @Autowired
    Fixtures fixtures;

    @Autowired
    Tenants tenants;

    @Autowired
    JdbcClient jdbc;

    private List<List<String>> planted(TestTenant tenant) {
        Random random = new Random(32);
        List<List<String>> rows = new ArrayList<>();
        tenants.inTenant(tenant.tenant().id(), () -> {
            for (int i = 0; i < ROWS; i++) {
                List<String> row = Stream.generate(() -> pick(random, BEFORE) + pick(random, STARTS) + pick(random, AFTER)).limit(5).toList();
                jdbc.sql("select append_audit_entry(:kind, 'SYSTEM', 'test', :actor, :subjectKind, :subject, :sentence, :content, '{}', '{}')")
                        .param("kind", row.get(0)).param("actor", row.get(1)).param("subjectKind", row.get(2)).param("subject", row.get(3)).param("sentence", row.get(4))
                        .param("content", content(row))
                        .query(Long.class).single();
                rows.add(row);
            }
            return rows;
        });
        return rows;
    }

    /// What the columns say, so that the record is whole.
    private static String content(List<String> row) {
        return new JsonMapper().writeValueAsString(new TreeMap<>(Map.of("kind", row.get(0), "actor", new TreeMap<>(Map.of("kind", "SYSTEM", "id", "test", "name", row.get(1))),
                "subject", new TreeMap<>(Map.of("kind", row.get(2), "id", row.get(3))), "sentence", row.get(4), "content", Map.of())));
    }

    private static String pick(Random random, List<String> some) {
        return some.get(random.nextInt(some.size()));
    }

    @Test
    void noCellIsAFormulaAndEveryTextComesBack(@Autowired ApplicationContext context, @TempDir Path folder) throws Exception {
        TestTenant tenant = fixtures.tenant();
        List<List<String>> planted = planted(tenant);
        String csv = export(context, tenant);
        List<List<String>> cells = rows(csv);
        List<List<String>> ours = cells.subList(cells.size() - ROWS, cells.size());
        List<String> starting = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            assertThat(ours.get(i)).hasSize(8);
            ours.get(i).stream().filter(FormulaTests::begins).forEach(starting::add);
            assertThat(ours.get(i).subList(2, 7).stream().map(FormulaTests::text).toList()).isEqualTo(planted.get(i));
        }
        assertThat(starting).as("cells that begin as a formula").isEmpty();
        System.out.println("S32 cells: " + ROWS * 5);
        spreadsheet(csv, planted, folder);
    }

    /// Whoever adds an export as CSV is told here to attack it as well.
    @Test
    void thereIsOneExportAsCsv(@Autowired ApplicationContext context) {
        Attacks attacks = Attacks.on(context);
        Set<String> exports = new TreeSet<>();
        for (Recipe recipe : Recipes.all()) {
            if (recipe.reads() && attacks.send(recipe.in(attacks.ours().things()), attacks.caller(recipe.by())).headers().getOrDefault("Content-Type", "").contains("csv")) {
                exports.add(recipe.route());
            }
        }
        assertThat(exports).containsExactly("GET /audit/export.csv");
    }

    private String export(ApplicationContext context, TestTenant tenant) {
        Caller auditor = new Caller("auditor", asked -> asked.with(fixtures.as(tenant, "auditor")));
        return Attacks.on(context).send(Recipes.byRoute().get("GET /audit/export.csv").getFirst(), auditor).body();
    }

    /// Where a cell begins, or a line or a piece behind a semicolon or a tab, one apostrophe is not the text's own.
    private static String text(String cell) {
        return cell.replaceAll("(^|(?<=[;\t\r\n]))'", "");
    }

    /// The first character that is seen, in its usual width.
    private static boolean begins(String cell) {
        if (cell.startsWith("\t") || cell.startsWith("\r") || cell.startsWith("\n")) {
            return true;
        }
        return cell.codePoints()
                .filter(c -> !Character.isWhitespace(c) && !Character.isSpaceChar(c) && !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT)
                .limit(1).anyMatch(c -> "=+-@\u2212".contains(Normalizer.normalize(Character.toString(c), Normalizer.Form.NFKC)));
    }

    /// RFC 4180: fields between commas, quotes doubled, CR LF between records.
    private static List<List<String>> rows(String csv) {
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean inside = false;
        for (int i = 0; i < csv.length(); i++) {
            char c = csv.charAt(i);
            if (inside) {
                if (c != '"') {
                    cell.append(c);
                } else if (i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
                    cell.append('"');
                    i++;
                } else {
                    inside = false;
                }
            } else if (c == '"') {
                assertThat(cell).isEmpty();
                inside = true;
            } else if (c == ',') {
                row.add(cell.toString());
                cell.setLength(0);
            } else if (c == '\r') {
                assertThat(csv.charAt(++i)).isEqualTo('\n');
                row.add(cell.toString());
                cell.setLength(0);
                rows.add(row);
                row = new ArrayList<>();
            } else {
                throw new AssertionError("outside of quotes: " + (int) c);
            }
        }
        assertThat(inside).isFalse();
        return rows;
    }

    /// The unguarded texts are opened as well: were none of them computed, the others would prove nothing.
    private static void spreadsheet(String csv, List<List<String>> planted, Path folder) throws Exception {
        Optional<Path> office = Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(place -> Path.of(place, "soffice")).filter(Files::isExecutable).findFirst();
        assumeThat(office).as("LibreOffice is installed").isPresent();
        StringBuilder bare = new StringBuilder();
        planted.forEach(row -> bare.append(String.join(",", row.stream().map(cell -> '"' + cell.replace("\"", "\"\"") + '"').toList())).append("\r\n"));
        assertThat(formulas(office.get(), bare.toString(), 44, folder)).isPositive();
        for (int separator : new int[] {',', ';', '\t'}) {
            assertThat(formulas(office.get(), csv, separator, folder)).as("formulas, fields separated by " + (char) separator).isZero();
        }
    }

    private static long formulas(Path office, String csv, int separator, Path folder) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("export.csv"), csv);
        // Separator, quote, UTF-8, from the first line; detect numbers; evaluate formulas.
        Process process = new ProcessBuilder(office.toString(), "--headless", "-env:UserInstallation=" + folder.resolve("profile").toUri(),
                "--infilter=CSV:" + separator + ",34,76,1,,1033,false,true,false,false,false,-1,true", "--convert-to", "fods", "--outdir", folder.toString(), file.toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("office.log").toFile()).start();
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("LibreOffice did not end");
        }
        Path made = folder.resolve("export.fods");
        assertThat(made).as(Files.readString(folder.resolve("office.log"))).exists();
        String text = Files.readString(made);
        Files.delete(made);
        long found = Pattern.compile("table:formula=").matcher(text).results().count();
        System.out.println("S32 LibreOffice, separator " + separator + ": " + found + " formulas in " + Pattern.compile("<table:table-cell").matcher(text).results().count() + " cells");
        return found;
    }
}
