package dev.countersign.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.tenancy.TenantId;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// What is read of a payload, whatever version of the portal sent it.
class NewsWireTests {
    private static final UUID SENDER = UUID.randomUUID();
    private static final UUID TENANT = UUID.randomUUID();

    @Test
    void numbersAreRead() {
        assertThat(NewsWire.Heard.of(SENDER + " " + TENANT + " 7 42")).isEqualTo(new NewsWire.Heard(Optional.of(new TenantId(TENANT)), Set.of("7", "42")));
        assertThat(NewsWire.Heard.of(SENDER + " " + TENANT + " *").numbers()).containsExactly(News.ANYTHING);
    }

    @Test
    void whatANewerVersionSaysBesideThemIsLeftOut() {
        assertThat(NewsWire.Heard.of(SENDER + " " + TENANT + " 7 by=42 x7")).isEqualTo(new NewsWire.Heard(Optional.of(new TenantId(TENANT)), Set.of("7")));
    }

    @Test
    void whatCannotBeReadMayBeAnything() {
        for (String payload : new String[] {"", "v2", "v2 {\"tenant\":1} 7"}) {
            assertThat(NewsWire.Heard.of(payload)).as(payload).isEqualTo(new NewsWire.Heard(Optional.empty(), Set.of(News.ANYTHING)));
        }
    }
}
