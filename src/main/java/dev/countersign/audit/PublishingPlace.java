package dev.countersign.audit;

import dev.countersign.tenancy.Tenant;
import java.util.List;
import java.util.Optional;

/// A place outside the database that keeps the latest checkpoint of each tenant: a signed note.
interface PublishingPlace {
    /// Where it is, for the log: nothing that is secret.
    String words();

    /// Whether what was published can be read back, and so be compared with the record.
    boolean isReadable();

    /// Hands over what stands there of each tenant to be compared with the record, and publishes what that answers. Throws
    /// `PlaceAway` where the place cannot be read or written at present: what was compared until then stays compared.
    void exchange(List<Tenant> tenants, Comparison comparison) throws PlaceAway, InterruptedException;

    /// The tenant's file, in places that have files.
    static String file(Tenant tenant) {
        return tenant.id() + ".checkpoint";
    }

    interface Comparison {
        /// The note to publish, asked for after `published` was read; empty where there is nothing to publish.
        Optional<String> latest(Tenant tenant, Optional<String> published);
    }
}
