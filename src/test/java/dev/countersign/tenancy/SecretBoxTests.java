package dev.countersign.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.tenancy.SecretBox.Place;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// S21: secrets at rest.
class SecretBoxTests {
    private static final Place HERE = new Place(new TenantId(UUID.randomUUID()), UUID.randomUUID(), "cluster.credential");
    private static final byte[] SECRET = "a canary".getBytes(StandardCharsets.UTF_8);

    private static SecretKey key() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return new SecretKey(bytes);
    }

    @Test
    void whatIsSealedOpensInItsPlace() {
        SecretBox box = new SecretBox(key(), List.of());
        byte[] sealed = box.seal(HERE, SECRET);
        assertThat(box.open(HERE, sealed)).isEqualTo(SECRET);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("canary");
    }

    @Test
    void noNonceComesTwice() {
        SecretBox box = new SecretBox(key(), List.of());
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            assertThat(seen.add(new String(Arrays.copyOfRange(box.seal(HERE, SECRET), 9, 21), StandardCharsets.ISO_8859_1))).isTrue();
        }
    }

    @Test
    void itOpensInNoOtherPlace() {
        SecretBox box = new SecretBox(key(), List.of());
        byte[] sealed = box.seal(HERE, SECRET);
        for (Place elsewhere : List.of(new Place(new TenantId(UUID.randomUUID()), HERE.row(), HERE.column()),
                new Place(HERE.tenant(), UUID.randomUUID(), HERE.column()), new Place(HERE.tenant(), HERE.row(), "cluster.other"),
                new Place(new TenantId(HERE.row()), HERE.tenant().value(), HERE.column()))) {
            assertThatThrownBy(() -> box.open(elsewhere, sealed)).hasMessageContaining("changed or moved").hasMessageNotContaining("canary");
        }
    }

    @Test
    void aMarkIsOfOneTextOnePurposeAndItsKeys() {
        byte[] text = "text".getBytes(StandardCharsets.UTF_8);
        SecretKey old = key();
        SecretKey current = key();
        byte[] mark = new SecretBox(old, List.of()).mark("purpose", text);
        assertThat(mark).hasSize(32);
        SecretBox box = new SecretBox(current, List.of(old));
        assertThat(box.marked("purpose", text, mark)).isTrue();
        assertThat(box.marked("purpose", text, box.mark("purpose", text))).isTrue();
        assertThat(box.mark("purpose", text)).isNotEqualTo(mark);
        assertThat(box.marked("purpose", SECRET, mark)).isFalse();
        assertThat(box.marked("purposes", text, mark)).isFalse();
        assertThat(box.marked("purpose", text, Arrays.copyOf(mark, 31))).isFalse();
        assertThat(new SecretBox(current, List.of()).marked("purpose", text, mark)).isFalse();
    }

    @Test
    void noByteCanBeChanged() {
        SecretBox box = new SecretBox(key(), List.of());
        byte[] sealed = box.seal(HERE, SECRET);
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> box.open(HERE, changed)).as("byte " + i).isInstanceOf(IllegalStateException.class);
        }
        for (int length = 0; length < sealed.length; length++) {
            byte[] cut = Arrays.copyOf(sealed, length);
            assertThatThrownBy(() -> box.open(HERE, cut)).as("length " + length).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aFormerKeyOpensAndNeverSeals() {
        SecretKey old = key();
        SecretKey current = key();
        byte[] sealed = new SecretBox(old, List.of()).seal(HERE, SECRET);
        SecretBox box = new SecretBox(current, List.of(old));
        assertThat(box.open(HERE, sealed)).isEqualTo(SECRET);
        assertThat(new SecretBox(current, List.of()).open(HERE, box.seal(HERE, SECRET))).isEqualTo(SECRET);
        assertThatThrownBy(() -> new SecretBox(current, List.of()).open(HERE, sealed)).hasMessageContaining("former-keys");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "not base64!", "c2hvcnQ=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHQ=",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=", "Y2hhbmdlLW1lLWNoYW5nZS1tZS1jaGFuZ2UtbWUtY2g="
    })
    void aMissingShortOrWeakKeyIsRefusedInOneLineThatSaysWhatToDo(String text) {
        assertThatThrownBy(() -> SecretKey.of(text)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("countersign.secrets.key").hasMessageEndingWith("openssl rand -base64 32").hasMessageNotContaining("\n");
    }

    @Test
    void randomKeysAreAccepted() {
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[32];
            random.nextBytes(bytes);
            assertThat(SecretKey.of(Base64.getEncoder().encodeToString(bytes)).toString()).isEqualTo("SecretKey[hidden]");
        }
    }
}
