package dev.countersign.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.portal.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What must be true of every table, present and future. A table is either tenant data or says in its comment that it is
/// the platform's.
class SchemaTests {
    /// Platform tables by name: adding one is a decision, made here.
    private static final List<String> PLATFORM = List.of(
            "flyway_schema_history", "platform_operator", "sign_in_attempt", "spring_session", "spring_session_attributes", "tenant");

    /// Keys that cross tenants, by name: what only one tenant may hold, whoever comes first.
    private static final List<String> ACROSS_TENANTS = List.of("cluster_namespace_belongs_to_one_tenant");

    private static Connection database;

    @BeforeAll
    static void connect() throws SQLException {
        database = DriverManager.getConnection(TestDatabase.fresh(), "postgres", "");
    }

    @AfterAll
    static void disconnect() throws SQLException {
        database.close();
    }

    @Test
    void everyTableIsTenantDataOrKnownToBeThePlatforms() throws SQLException {
        assertThat(column("""
                select c.relname from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                  and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
                order by 1""")).isEqualTo(PLATFORM);
    }

    @Test
    void everyTenantTableForcesRowLevelSecurityForReadingAndWriting() throws SQLException {
        assertThat(column(TENANT_TABLES + " and not (c.relrowsecurity and c.relforcerowsecurity)")).isEmpty();
        assertThat(column(TENANT_TABLES + """
                 and not exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polpermissive
                                 and pg_get_expr(p.polqual, p.polrelid) = pg_get_expr(p.polwithcheck, p.polrelid)
                                 and pg_get_expr(p.polqual, p.polrelid) like '(tenant_id = ( SELECT (NULLIF(current_setting(''app.tenant''%')""")).isEmpty();
        assertThat(column(TENANT_TABLES + " and (select count(*) from pg_policy p where p.polrelid = c.oid) <> 1")).isEmpty();
    }

    @Test
    void everyKeyAndForeignKeyOfATenantTableBeginsWithTheTenant() throws SQLException {
        assertThat(column("""
                select c.conname from pg_constraint c
                join pg_attribute a on a.attrelid = c.conrelid and a.attname = 'tenant_id'
                where c.connamespace = 'public'::regnamespace and c.contype in ('p', 'u', 'f') and c.conkey[1] <> a.attnum"""))
                .isEqualTo(ACROSS_TENANTS);
        assertThat(column("""
                select i.indexrelid::regclass::text from pg_index i
                join pg_attribute a on a.attrelid = i.indrelid and a.attname = 'tenant_id'
                join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam
                join pg_class t on t.oid = i.indrelid
                where t.relnamespace = 'public'::regnamespace and m.amname = 'btree' and i.indkey[0] <> a.attnum"""))
                .isEqualTo(ACROSS_TENANTS);
    }

    @Test
    void everyTableHasAPrimaryKeyAndAComment() throws SQLException {
        assertThat(column("""
                select c.relname from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'flyway_schema_history'
                  and (obj_description(c.oid, 'pg_class') is null
                       or not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p'))""")).isEmpty();
    }

    @Test
    void noConstraintHasAGeneratedName() throws SQLException {
        assertThat(column("""
                select c.conname from pg_constraint c join pg_class t on t.oid = c.conrelid
                where c.connamespace = 'public'::regnamespace and c.contype in ('p', 'u', 'f', 'c') and t.relname <> 'flyway_schema_history'
                  and c.conname ~ '(_pkey|_fkey|_key|_check|_excl)[0-9]*$'""")).isEmpty();
    }

    @Test
    void theRoleOfThePoolOwnsNothingAndCannotBypass() throws SQLException {
        assertThat(column("select c.relname from pg_class c where pg_get_userbyid(c.relowner) = 'countersign_app'")).isEmpty();
        assertThat(column("select rolname from pg_roles where rolname in ('countersign_app', 'countersign_owner') and (rolsuper or rolbypassrls or rolcreaterole)")).isEmpty();
        assertThat(column("select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname = 'countersign_app'")).isEmpty();
    }

    @Test
    void theRoleOfThePoolCannotChangeTheRecord() throws SQLException {
        assertThat(column("""
                select privilege_type from information_schema.role_table_grants
                where grantee = 'countersign_app' and table_name = 'audit_entry' order by 1""")).containsExactly("INSERT", "SELECT");
    }

    @Test
    void noViewRunsWithItsOwnersRights() throws SQLException {
        assertThat(column("""
                select c.relname from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm')
                  and not coalesce(c.reloptions, '{}') @> array['security_invoker=true']
                  and c.relname not like 'pg_%'""")).isEmpty();
        assertThat(column("""
                select p.proname from pg_proc p left join pg_depend d on d.objid = p.oid and d.deptype = 'e'
                where p.pronamespace = 'public'::regnamespace and p.prosecdef and d.objid is null""")).isEmpty();
    }

    private static final String TENANT_TABLES = """
            select c.relname from pg_class c
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
              and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)""";

    private static List<String> column(String query) throws SQLException {
        try (var rows = database.createStatement().executeQuery(query)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }
}
