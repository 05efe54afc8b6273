package dev.countersign.clusters;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// S17: a kubeconfig is data. Whatever it says, nothing is executed and nothing is read from the disk.
class KubeconfigTests {
    private static final String CERTIFICATE = Base64.getEncoder()
            .encodeToString("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".getBytes(StandardCharsets.US_ASCII));
    private static final String KEY = Base64.getEncoder()
            .encodeToString("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n".getBytes(StandardCharsets.US_ASCII));

    private static String kubeconfig(String cluster, String user, String rest) {
        return """
                apiVersion: v1
                kind: Config
                clusters:
                - name: a
                  cluster:
                    server: https://10.0.0.1:6443
                %s
                users:
                - name: a
                  user:
                    token: sesame
                %s
                contexts:
                - name: a
                  context:
                    cluster: a
                    user: a
                %s
                """.formatted(cluster, user, rest);
    }

    private static List<String> refused(String text) {
        assertThat(Kubeconfig.read(text)).as(text).isInstanceOf(Kubeconfig.Reading.Refused.class);
        return ((Kubeconfig.Reading.Refused) Kubeconfig.read(text)).reasons();
    }

    @Test
    void aTokenAndAnAuthorityAreRead() {
        assertThat(Kubeconfig.read(kubeconfig("    certificate-authority-data: " + CERTIFICATE, "", "current-context: a")))
                .isInstanceOfSatisfying(Kubeconfig.Reading.Read.class, read -> {
                    assertThat(read.kubeconfig().server()).hasToString("https://10.0.0.1:6443");
                    assertThat(read.kubeconfig().certificateAuthority()).isPresent();
                    assertThat(read.kubeconfig().credentials()).isEqualTo(new Credentials.BearerToken("sesame"));
                    assertThat(read.toString()).doesNotContain("sesame");
                });
    }

    @Test
    void aClientCertificateIsRead() {
        String text = kubeconfig("", "", "").replace("token: sesame", "client-certificate-data: " + CERTIFICATE + "\n    client-key-data: " + KEY);
        assertThat(Kubeconfig.read(text)).isInstanceOfSatisfying(Kubeconfig.Reading.Read.class,
                read -> assertThat(read.kubeconfig().credentials()).isInstanceOf(Credentials.ClientCertificate.class));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "insecure-skip-tls-verify: true | clusters.cluster.insecure-skip-tls-verify",
        "certificate-authority: /etc/passwd | clusters.cluster.certificate-authority",
        "proxy-url: http://10.0.0.2 | clusters.cluster.proxy-url",
        "tls-server-name: other | clusters.cluster.tls-server-name",
        "disable-compression: true | clusters.cluster.disable-compression",
        "extensions: [] | clusters.cluster.extensions"
    })
    void aFieldOfTheClusterThatIsNotAllowedIsRefusedByItsPath(String field, String path) {
        assertThat(refused(kubeconfig("    " + field, "", "")).toString()).contains(path + ": is not accepted");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "exec: {command: /bin/sh, args: [-c, id]} | users.user.exec",
        "auth-provider: {name: gcp, config: {cmd-path: /bin/sh}} | users.user.auth-provider",
        "client-certificate: /etc/passwd | users.user.client-certificate",
        "client-key: /etc/passwd | users.user.client-key",
        "tokenFile: /etc/passwd | users.user.tokenFile",
        "as: admin | users.user.as",
        "as-groups: [system:masters] | users.user.as-groups",
        "username: a | users.user.username",
        "password: a | users.user.password",
        "Exec: {} | users.user.Exec"
    })
    void aFieldOfTheUserThatIsNotAllowedIsRefusedByItsPath(String field, String path) {
        assertThat(refused(kubeconfig("", "    " + field, "")).toString()).contains(path + ": is not accepted");
    }

    @Test
    void somethingForbiddenInAnEntryThatIsNotInUseIsRefusedToo() {
        String text = kubeconfig("", "", "").replace("users:\n", "users:\n- name: b\n  user: {exec: {command: id}}\n");
        assertThat(refused(text).toString()).contains("users.user.exec");
    }

    @Test
    void severalContextsNeedACurrentOne() {
        String two = kubeconfig("", "", "- name: b\n  context: {cluster: a, user: a}");
        assertThat(refused(two).toString()).contains("current-context");
        assertThat(Kubeconfig.read(two + "current-context: b\n")).isInstanceOf(Kubeconfig.Reading.Read.class);
        assertThat(refused(two + "current-context: c\n").toString()).contains("no context of that name");
    }

    @Test
    void anchorsTagsSecondDocumentsAndBulkAreRefused() {
        assertThat(refused(kubeconfig("", "", "").replace("token: sesame", "token: &a sesame")).toString()).contains("anchor");
        assertThat(refused(kubeconfig("", "", "").replace("token: sesame", "token: !!java.net.URL [x]")).toString()).contains("tag");
        assertThat(refused(kubeconfig("", "", "") + "---\n" + kubeconfig("", "", ""))).isNotEmpty();
        assertThat(refused("a".repeat(Kubeconfig.MAX_BYTES + 1)).toString()).contains("longer than");
        assertThat(refused(kubeconfig("    certificate-authority-data: " + "A".repeat(70_000), "", "")).toString()).contains("at most");
        assertThat(refused("").toString()).contains("empty");
        assertThat(refused("kind: Pod\napiVersion: v1").toString()).contains("not a kubeconfig");
    }

    @Test
    void aTokenThatCouldBreakAHeaderIsRefusedAndNotRepeated() {
        assertThat(refused(kubeconfig("", "", "").replace("token: sesame", "token: \"ses\\r\\name: x\"")).toString())
                .contains("printable").doesNotContain("ses\r");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "http://10.0.0.1:6443", "http://cluster.example.com", "ftp://10.0.0.1", "file:///etc/passwd", "https://", "https://user:pw@host",
        "https://host/?a=b", "https://host/#f", "https://169.254.169.254", "https://[fe80::1]", "https://[fd00:ec2::254]", "https://0.0.0.0",
        "https://[::]", "https://[::ffff:169.254.169.254]", "https://[::169.254.169.254]", "https://[64:ff9b::a9fe:a9fe]", "https://[2002:a9fe:a9fe::]",
        "https://2852039166", "https://0xa9fea9fe", "https://0251.0376.0251.0376", "https://169.254.43518", "https://metadata.google.internal",
        "https://METADATA.google.internal", "https://100.100.100.200", "https://224.0.0.1", "https://host/a/../b", "https://host/%2e%2e/", "https://ho st",
        "https://hôst", "https://169。254。169。254", "https://host..name", "jar:https://host!/", "//host", "host:6443", "http://127.0.0.1.nip.io",
        "http://localhost.example.com"
    })
    void anAddressThatIsNoPlaceForAnApiServerIsRefused(String server) {
        assertThat(refused(kubeconfig("", "", "").replace("https://10.0.0.1:6443", "\"" + server + "\"")).toString()).contains("clusters.cluster.server");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "https://10.0.0.1:6443", "https://cluster.example.com", "http://127.0.0.1:6443", "http://localhost:8080", "http://[::1]:6443",
        "https://[2001:db8::1]:6443", "https://rancher.example.com/k8s/clusters/c-abc"
    })
    void anAddressOfAnApiServerIsAccepted(String server) {
        assertThat(Kubeconfig.read(kubeconfig("", "", "").replace("https://10.0.0.1:6443", "\"" + server + "\""))).isInstanceOf(Kubeconfig.Reading.Read.class);
    }

    /// Random files from weapons and harmless parts. One that is accepted holds nothing of the weapons; none leaves a trace.
    @Test
    void noGeneratedFileMakesThePortalRunOrReadAnything(@TempDir Path directory) throws IOException {
        Path trace = directory.resolve("trace");
        Path bait = Files.writeString(directory.resolve("bait"), "the content of a file");
        List<String> weapons = List.of(
                "exec: {apiVersion: client.authentication.k8s.io/v1, command: touch, args: [%s]}".formatted(trace),
                "exec: {command: %s}".formatted(bait), "auth-provider: {name: oidc, config: {cmd-path: touch, cmd-args: %s}}".formatted(trace),
                "tokenFile: %s".formatted(bait), "client-certificate: %s".formatted(bait), "client-key: %s".formatted(bait),
                "certificate-authority: %s".formatted(bait), "proxy-url: \"http://127.0.0.1:1\"", "insecure-skip-tls-verify: true",
                "as: root", "token: !!javax.script.ScriptEngineManager [x]", "? exec : {command: touch}", "\"\\x65xec\": {command: touch}",
                "<<: {exec: {command: touch}}", "&a exec: {command: touch}", "token: {file: %s}".formatted(bait), "token: [a]", "token: 1");
        List<String> harmless = List.of("token: sesame", "client-certificate-data: " + CERTIFICATE, "client-key-data: " + KEY, "certificate-authority-data: " + CERTIFICATE);
        List<String> servers = List.of("https://10.0.0.1", "https://cluster.example.com:6443", "file://%s".formatted(bait), "http://10.0.0.1", "unix:///var/run/x");
        Random random = new Random(17);
        int accepted = 0;
        for (int i = 0; i < 4_000; i++) {
            boolean armed = false;
            StringBuilder cluster = new StringBuilder();
            StringBuilder user = new StringBuilder();
            for (int n = random.nextInt(3); n >= 0; n--) {
                boolean weapon = random.nextInt(3) == 0;
                String field = weapon ? weapons.get(random.nextInt(weapons.size())) : harmless.get(random.nextInt(harmless.size()));
                (random.nextBoolean() ? cluster : user).append("\n    ").append(field);
                armed |= weapon;
            }
            String server = servers.get(random.nextInt(servers.size()));
            String text = "apiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster:\n    server: " + server + cluster
                    + "\nusers:\n- name: a\n  user:" + (random.nextBoolean() ? "\n    token: open" : "") + user
                    + "\ncontexts:\n- name: a\n  context: {cluster: a, user: a}\n";
            if (Kubeconfig.read(text) instanceof Kubeconfig.Reading.Read read) {
                accepted++;
                assertThat(armed).as(text).isFalse();
                assertThat(server).startsWith("https://");
                assertThat(read.kubeconfig().toString()).doesNotContain("bait").doesNotContain("sesame");
            }
        }
        assertThat(accepted).as("some are good").isPositive();
        assertThat(trace).doesNotExist();
    }
}
