package dev.countersign.policy.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AddressBlockTests {
    @Test
    void hostBitsDoNotCount() {
        assertThat(block("10.1.2.3/16")).isEqualTo(block("10.1.0.0/16"));
        assertThat(contains("10.1.2.3/16", "10.1.255.255")).isTrue();
        assertThat(contains("10.1.2.3/16", "10.2.0.0")).isFalse();
    }

    @Test
    void anAddressAloneIsOneAddress() {
        assertThat(contains("10.1.2.3", "10.1.2.3")).isTrue();
        assertThat(contains("10.1.2.3", "10.1.2.2")).isFalse();
        assertThat(contains("2001:db8::1", "2001:db8:0:0::1")).isTrue();
        assertThat(contains("2001:db8::1", "2001:db8::2")).isFalse();
    }

    @Test
    void theFamiliesNeverMix() {
        assertThat(contains("0.0.0.0/0", "::1")).isFalse();
        assertThat(contains("::/0", "10.1.2.3")).isFalse();
        assertThat(contains("::/0", "::ffff:10.1.2.3")).isTrue();
    }

    @Test
    void everyPrefixLengthCutsWhereItSays() {
        for (int length = 0; length <= 128; length++) {
            AddressBlock block = block("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/" + length);
            for (int bit = 0; bit < 128; bit++) {
                Address flipped = bit < 64 ? new Address(true, -1L ^ 1L << (63 - bit), -1L) : new Address(true, -1L,
                        -1L ^ 1L << (127 - bit));
                assertThat(block.contains(flipped)).as("/" + length + " bit " + bit).isEqualTo(bit >= length);
            }
        }
        for (int length = 0; length <= 32; length++) {
            for (int bit = 0; bit < 32; bit++) {
                assertThat(block("255.255.255.255/" + length).contains(new Address(false, 0,
                        0xffffffffL ^ 1L << (31 - bit))))
                        .isEqualTo(bit >= length);
            }
        }
    }

    @Test
    void whatIsNoAddressIsNotRead() {
        for (String text : new String[] {
            "", "10", "10.1.2", "10.1.2.256", "10.1.2.03", "10.1.2.3.4", "10.1.2.", "a.b.c.d", "localhost",
                    "10.1.2.3/", "10.1.2.3/33",
            "10.1.2.3/08", "10.1.2.3/-1", "10.1.2.3/+1", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                    "1:2:3:4:5:6:7::8", "12345::",
            "::g", "fe80::1%eth0", "::/129", ":::", "1:", ":1", "::10.1.2", "1.2.3.4::", "٣.1.2.3", "::1.2.3.4:5"
        }) {
            assertThat(AddressBlock.parse(text)).as(text).isEmpty();
        }
    }

    @Test
    void itReadsWhatTheJdkReads() throws Exception {
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            for (int b = 0; b < 16; b += 2) {
                if (random.nextInt(2) == 0) {
                    bytes[b] = 0;
                    bytes[b + 1] = 0;
                }
            }
            bytes[0] = 0x20;
            String text = shortened(InetAddress.getByAddress(bytes).getHostAddress());
            Address address = Address.parse(text).orElseThrow();
            assertThat(java.nio.ByteBuffer.allocate(16).putLong(address.high()).putLong(address.low()).array())
                    .as(text)
                    .isEqualTo(bytes);
        }
    }

    /// The first run of zero groups as `::`.
    private static String shortened(String text) {
        return text.replaceFirst("(:0)+(?=:|$)", ":").replaceFirst("^([^:]*(?::[1-9a-f][^:]*)*):(?::)?$", "$1::");
    }

    private static AddressBlock block(String text) {
        return AddressBlock.parse(text).orElseThrow();
    }

    private static boolean contains(String block, String address) {
        return block(block).contains(Address.parse(address).orElseThrow());
    }
}
