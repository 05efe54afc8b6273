package dev.countersign.faults;

/// A replica that is to be struck, with a proxy of its own before its database.
record Victim(Replica replica, FaultProxy database, Switchboard board) implements AutoCloseable {
    @Override
    public void close() {
        replica.close();
        database.close();
    }
}
