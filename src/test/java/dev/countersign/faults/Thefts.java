package dev.countersign.faults;

import java.sql.SQLException;
import java.util.List;

/// Watches, in the database and by its clock, that no delivery is claimed while another's lease on it holds. Nobody may stop
/// deliveries or change a cluster's mode meanwhile: that takes claims away by right.
final class Thefts implements AutoCloseable {
    private final Laboratory lab;

    Thefts(Laboratory lab) throws SQLException {
        this.lab = lab;
        execute("""
                create table theft (at timestamptz not null, what text not null)""");
        execute("""
                create function note_theft() returns trigger language plpgsql security definer as $$
                begin
                    insert into public.theft
                    values (clock_timestamp(), old.name || ' claimed at ' || now() || ', leased until ' || old.lease_until);
                    return new;
                end $$""");
        execute("""
                create trigger theft before update on policy_object for each row
                when (new.fence > old.fence and old.lease_until >= now()) execute function note_theft()""");
    }

    List<String> found() throws SQLException {
        String found = lab.one("select string_agg(what, '; ') from theft where ?::uuid is not null");
        return found.isEmpty() ? List.of() : List.of(found);
    }

    private void execute(String sql) throws SQLException {
        try (var statement = lab.superuser().createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        execute("drop trigger theft on policy_object");
        execute("drop function note_theft");
        execute("drop table theft");
    }
}
