package dev.countersign.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.demo.database.EmbeddedDatabase;
import dev.countersign.portal.PortalTest;
import dev.countersign.portal.StatementRecorder;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// W4: how PostgreSQL would answer every statement that the pages, the API and the work behind them ask, planned as the pool's
/// role under row-level security for tables too large to be read through. Wherever rows of tenants are read, they are read by
/// an index whose condition is the tenant: no tenant pays for the others.
@PortalTest
class PlanTests {
    private static final JsonMapper JSON = new JsonMapper();

    private final Set<String> tenantTables = new TreeSet<>();
    private final Set<String> wrong = new LinkedHashSet<>();
    private final Set<String> unplanned = new LinkedHashSet<>();

    @Test
    void everyStatementReadsByTheTenant(@Autowired ApplicationContext context, @Autowired Environment environment) throws Exception {
        Attacks attacks = Attacks.on(context);
        Recipes.all().stream().filter(recipe -> !recipe.lasting() && !recipe.route().equals("GET /news"))
                .map(recipe -> recipe.in(attacks.ours().things()))
                .forEach(recipe -> attacks.undone(attacks.ours(), () -> attacks.send(recipe, attacks.caller(recipe.by()))));
        int planned = 0;
        try (Connection superuser = DriverManager.getConnection(environment.getRequiredProperty("spring.datasource.url") + "?preferQueryMode=simple", "postgres", "")) {
            find(superuser);
            prepare(superuser, attacks.ours().tenant().tenant().id().toString());
            try (Statement statement = superuser.createStatement()) {
                statement.execute("set local role " + EmbeddedDatabase.APP);
            }
            for (String text : StatementRecorder.everything()) {
                if (text.strip().matches("(?is)(select|insert|update|delete|with)\\b.*") && plan(superuser, text)) {
                    planned++;
                }
            }
        }
        System.out.println("W4 plans: " + planned + " statements over " + tenantTables.size() + " tables of tenants");
        assertThat(wrong).isEmpty();
        assertThat(unplanned).isEmpty();
        assertThat(planned).isGreaterThan(150);
    }

    /// What this test would say of a statement that row-level security does not hold to one tenant.
    @Test
    void aStatementThatReadsAllTenantsIsFound(@Autowired Environment environment) throws Exception {
        try (Connection superuser = DriverManager.getConnection(environment.getRequiredProperty("spring.datasource.url") + "?preferQueryMode=simple", "postgres", "")) {
            find(superuser);
            prepare(superuser, "00000000-0000-0000-0000-000000000000");
            plan(superuser, "select number from access_request where tenant_id = ? and number = ?");
            assertThat(wrong).isEmpty();
            plan(superuser, "select number from access_request where sentence = ?");
            plan(superuser, "select number from access_request where namespaces @> array[?]");
            assertThat(wrong).hasSize(2).allMatch(words -> words.contains("on access_request: "));
        }
        assertThat(unplanned).isEmpty();
    }

    private void find(Connection superuser) throws SQLException {
        try (Statement statement = superuser.createStatement(); ResultSet row = statement.executeQuery("""
                select c.relname from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relrowsecurity""")) {
            while (row.next()) {
                tenantTables.add(row.getString(1));
            }
        }
    }

    /// Until the connection ends, whose transaction is never committed.
    private void prepare(Connection superuser, String tenant) throws SQLException {
        superuser.setAutoCommit(false);
        try (Statement statement = superuser.createStatement()) {
            // The tables of a test are small enough to be read through; the plans of large ones are wanted, and not what
            // happened to be counted of the small ones.
            for (String table : tenantTables) {
                enlarge(superuser, table);
            }
            statement.execute("set enable_seqscan = off");
            statement.execute("set jit = off");
            statement.execute("set plan_cache_mode = force_generic_plan");
        }
        try (var statement = superuser.prepareStatement("select set_config('app.tenant', ?, false)")) {
            statement.setString(1, tenant);
            statement.execute();
        }
    }

    private static void enlarge(Connection superuser, String table) throws SQLException {
        try (var statement = superuser.prepareStatement("""
                select pg_restore_relation_stats('schemaname', 'public', 'relname', c.relname::text, 'relpages', 1,
                                                 'reltuples', case when pg_relation_size(c.oid) = 0 then -1 else 1000000 end::real),
                       (select count(pg_clear_attribute_stats('public', c.relname::text, a.attname::text, false))
                        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
                from pg_class c where c.relnamespace = 'public'::regnamespace and c.relname = ?""")) {
            statement.setString(1, table);
            statement.execute();
        }
    }

    private boolean plan(Connection superuser, String text) throws SQLException {
        Savepoint before = superuser.setSavepoint();
        try (Statement statement = superuser.createStatement(); ResultSet row = statement.executeQuery("explain (generic_plan, format json) " + numbered(text))) {
            row.next();
            walk(JSON.readTree(row.getString(1)).get(0).get("Plan"), text);
            return true;
        } catch (SQLException e) {
            superuser.rollback(before);
            unplanned.add(e.getMessage() + ": " + text);
            return false;
        }
    }

    private static String numbered(String text) {
        StringBuilder numbered = new StringBuilder();
        boolean quoted = false;
        int number = 0;
        for (char letter : text.toCharArray()) {
            quoted ^= letter == '\'';
            if (letter == '?' && !quoted) {
                numbered.append('$').append(++number);
            } else {
                numbered.append(letter);
            }
        }
        // The driver says that it is an array of texts.
        return numbered.toString().replaceAll("unnest\\((\\$[0-9]+)\\)", "unnest($1::text[])");
    }

    private void walk(JsonNode node, String text) {
        String kind = node.get("Node Type").asString();
        if (node.has("Relation Name") && tenantTables.contains(node.get("Relation Name").asString()) && !kind.equals("ModifyTable") && !byTenant(node)) {
            wrong.add(kind + " on " + node.get("Relation Name").asString() + ": " + text);
        }
        if (node.has("Plans")) {
            node.get("Plans").forEach(inner -> walk(inner, text));
        }
    }

    private static boolean byTenant(JsonNode node) {
        if (node.has("Index Cond") && node.get("Index Cond").asString().contains("tenant_id = ")) {
            return true;
        }
        boolean found = false;
        if (node.get("Node Type").asString().startsWith("Bitmap") && node.has("Plans")) {
            for (JsonNode inner : node.get("Plans")) {
                found |= byTenant(inner);
            }
        }
        return found;
    }
}
