package dev.countersign.attacks;

import dev.countersign.portal.TestDatabase;
import dev.countersign.tenancy.TenantId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// All that a tenant has in the database, table by table, as the superuser sees it: rows, and the sum of a hash of each.
record Snapshot(Map<String, String> tables) {
    /// What moves by itself: when somebody last looked, and marks of machines at work.
    private static final Set<String> MOVING = Set.of("last_ok_at", "last_used_at", "listed_at", "resource_version", "heartbeat_at", "due_at", "lease_until", "checked_at", "held_until");

    /// Made from the record by a machine of its own, some time after its entries.
    private static final Set<String> DERIVED = Set.of("audit_tree", "audit_tile", "audit_checkpoint", "webhook_cursor", "rollout_round");

    /// The question, for a database: its tables stay what they are.
    private static final Map<String, String> QUESTIONS = new ConcurrentHashMap<>();

    static Snapshot of(String database, TenantId tenant) {
        try (Connection connection = TestDatabase.server().connect(database)) {
            String question = QUESTIONS.get(database);
            if (question == null) {
                question = columns(connection).entrySet().stream().map(table -> digest(table.getKey(), table.getValue())).collect(Collectors.joining("\nunion all\n"));
                QUESTIONS.put(database, question);
            }
            Map<String, String> tables = new LinkedHashMap<>();
            try (var statement = connection.prepareStatement("with asked as (select ?::uuid as tenant)\n" + question)) {
                statement.setObject(1, tenant.value());
                try (var rows = statement.executeQuery()) {
                    while (rows.next()) {
                        tables.put(rows.getString(1), rows.getString(2));
                    }
                }
            }
            return new Snapshot(tables);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, List<String>> columns(Connection connection) throws SQLException {
        Map<String, List<String>> columns = new LinkedHashMap<>();
        try (var rows = connection.createStatement().executeQuery("""
                select c.table_name, c.column_name
                from information_schema.columns c
                join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
                where c.table_schema = 'public'
                order by c.table_name, c.ordinal_position""")) {
            while (rows.next()) {
                columns.computeIfAbsent(rows.getString(1), name -> new ArrayList<>()).add(rows.getString(2));
            }
        }
        columns.keySet().removeAll(DERIVED);
        columns.values().removeIf(names -> !names.contains("tenant_id"));
        columns.values().forEach(names -> names.removeAll(MOVING));
        return columns;
    }

    private static String digest(String table, List<String> columns) {
        String listed = String.join(", ", columns.stream().map(name -> "t.\"" + name + "\"").toList());
        return "(select '" + table + "' as name, count(*) || ' ' || coalesce(sum(hashtextextended(r, 0)), 0) as rows from (select row(" + listed + ")::text as r from \""
                + table + "\" t where t.tenant_id = (select tenant from asked)) rows)";
    }

    /// Tables that differ, with what they hold now.
    Set<String> changedSince(Snapshot before) {
        Set<String> changed = new TreeSet<>();
        tables.forEach((table, rows) -> {
            if (!rows.equals(before.tables().get(table))) {
                changed.add(table + ": " + before.tables().get(table) + " -> " + rows);
            }
        });
        return changed;
    }
}
