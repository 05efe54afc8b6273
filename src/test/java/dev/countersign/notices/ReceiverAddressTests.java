package dev.countersign.notices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// S16: where events may be posted. Nothing of this asks a name server.
class ReceiverAddressTests {
    private static final ReceiverNetworks CLOSED = new ReceiverNetworks(List.of());
    private static final ReceiverNetworks OPEN = new ReceiverNetworks(List.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "::1/128", "fc00::/7"));

    private static final String NEVER = """
            http://hooks.example.com/x
            http://93.184.216.34/x
            ftp://hooks.example.com/x
            file:///etc/passwd
            //hooks.example.com/x
            hooks.example.com/x
            https://
            https:///x
            https://user@hooks.example.com/x
            https://user:secret@hooks.example.com/x
            https://hooks.example.com/x#part
            https://hooks.example.com:0/x
            https://hooks.example.com:99999/x
            https://hooks.example.com/a b
            https://hooks.example.com/ü
            https://hooks。example.com/x
            https://ｈooks.example.com/x
            https://hooks..example.com/x
            https://-hooks.example.com/x
            https://hooks_1.example.com/x
            https://2130706433/x
            https://0x7f000001/x
            https://0x7f.1/x
            https://127.1/x
            https://0177.0.0.1/x
            https://010.0.0.1/x
            https://10.0.0.256/x
            https://1.2.3/x
            https://0.0.0.0/x
            https://0.1.2.3/x
            https://169.254.169.254/latest/meta-data
            https://169.254.0.1/x
            https://192.0.0.192/x
            https://192.0.2.1/x
            https://192.88.99.1/x
            https://198.18.0.1/x
            https://198.51.100.1/x
            https://203.0.113.1/x
            https://224.0.0.1/x
            https://240.0.0.1/x
            https://255.255.255.255/x
            https://100.100.100.200/x
            https://168.63.129.16/x
            https://metadata/x
            https://metadata.google.internal/x
            https://instance-data.ec2.internal/x
            https://[::]/x
            https://[::127.0.0.1]/x
            https://[::ffff:169.254.169.254]/x
            https://[64:ff9b::a9fe:a9fe]/x
            https://[2002:7f00:1::]/x
            https://[2001::1]/x
            https://[2001:db8::1]/x
            https://[3fff::1]/x
            https://[fe80::1]/x
            https://[fe80::1%25eth0]/x
            https://[fec0::1]/x
            https://[ff02::1]/x
            https://[fd00:ec2::254]/x
            https://[100::1]/x
            """;

    private static final String PRIVATE = """
            https://10.0.0.7/x
            https://172.16.0.1/x
            https://172.31.255.255/x
            https://192.168.1.1/x
            https://100.64.0.1/x
            https://127.0.0.1/x
            https://127.9.9.9/x
            http://127.0.0.1:8080/x
            http://localhost/x
            https://localhost/x
            https://[::1]/x
            https://[::ffff:10.0.0.1]/x
            https://[fd12:3456::1]/x
            """;

    private static final String PUBLIC = """
            https://hooks.example.com
            https://hooks.example.com/
            https://hooks.example.com:8443/a/b?token=x&y=%20z
            HTTPS://Hooks.Example.COM/A
            https://1.1.1.1/x
            https://172.32.0.1/x
            https://100.128.0.1/x
            https://[2606:4700::1111]/x
            https://xn--bcher-kva.example/x
            """;

    private static boolean refused(String url, ReceiverNetworks networks) {
        try {
            ReceiverAddress.of(url, networks);
            return false;
        } catch (ReceiverNetworks.Refused refused) {
            assertThat(refused.words()).as(url).isNotBlank().doesNotContain("secret").doesNotContain("token");
            return true;
        }
    }

    @Test
    void theTableHolds() {
        List<String> wrong = new ArrayList<>();
        NEVER.lines().filter(url -> !refused(url, CLOSED) || !refused(url, OPEN)).forEach(url -> wrong.add("taken: " + url));
        PRIVATE.lines().filter(url -> !refused(url, CLOSED)).forEach(url -> wrong.add("taken though private: " + url));
        PRIVATE.lines().filter(url -> refused(url, OPEN)).forEach(url -> wrong.add("refused though opened: " + url));
        PUBLIC.lines().filter(url -> refused(url, CLOSED)).forEach(url -> wrong.add("refused: " + url));
        assertThat(wrong).isEmpty();
    }

    @Test
    void onlyWhatWasOpenedIsOpen() throws ReceiverNetworks.Refused {
        ReceiverNetworks some = new ReceiverNetworks(List.of("10.20.0.0/16", " "));
        assertThat(refused("https://10.20.3.4/x", some)).isFalse();
        assertThat(refused("https://10.21.3.4/x", some)).isTrue();
        assertThat(ReceiverAddress.of("HTTPS://Hooks.Example.COM/A?t=1", some)).hasToString("https://hooks.example.com");
        assertThatThrownBy(() -> ReceiverAddress.of("https://10.21.3.4/x", some)).hasMessageContaining("countersign.webhooks.networks");
    }

    @Test
    void whatCannotBeOpenedStopsTheProgram() {
        for (String network : List.of("169.254.0.0/16", "0.0.0.0/0", "8.8.8.0/24", "9.0.0.0/7", "::/0", "fe80::/10", "10.0.0.0", "10.0.0.0/33", "inside", "10.0.0/8")) {
            assertThatThrownBy(() -> new ReceiverNetworks(List.of(network))).as(network).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("countersign.webhooks.networks");
        }
    }

    /// Every public IPv4 block beside a private one, and the edges of each.
    @Test
    void theEdgesAreWhereTheyAreSaidToBe() {
        for (String inside : List.of("10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.0",
                "127.255.255.255", "169.254.0.0", "169.254.255.255", "224.0.0.0", "255.255.255.254", "0.255.255.255")) {
            assertThat(refused("https://" + inside + "/", CLOSED)).as(inside).isTrue();
        }
        for (String outside : List.of("9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
                "128.0.0.0", "169.253.255.255", "169.255.0.0", "223.255.255.255", "1.0.0.0")) {
            assertThat(refused("https://" + outside + "/", CLOSED)).as(outside).isFalse();
        }
    }
}
