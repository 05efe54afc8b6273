package dev.countersign.audit.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The tree against the test vectors of Certificate Transparency's reference implementation, and proofs against the definition.
class MerkleTests {
    private static final List<String> INPUTS = List.of("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f");
    private static final List<String> ROOTS = List.of(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    /// The definition, as RFC 6962 writes it.
    private static byte[] naive(List<byte[]> leaves) {
        if (leaves.isEmpty()) {
            return Merkle.sha256();
        }
        if (leaves.size() == 1) {
            return leaves.getFirst().clone();
        }
        int k = Integer.highestOneBit(leaves.size() - 1);
        return Merkle.node(naive(leaves.subList(0, k)), naive(leaves.subList(k, leaves.size())));
    }

    static Merkle.Nodes nodes(List<byte[]> leaves) {
        return (height, index) -> naive(leaves.subList((int) (index << height), (int) ((index + 1) << height)));
    }

    @Test
    void theRootsAreThoseOfTheReference() {
        Merkle.Growing growing = new Merkle.Growing();
        List<byte[]> leaves = new ArrayList<>();
        for (int size = 0; size <= INPUTS.size(); size++) {
            assertThat(HexFormat.of().formatHex(growing.root())).isEqualTo(ROOTS.get(size));
            assertThat(HexFormat.of().formatHex(Merkle.root(size, nodes(leaves)))).isEqualTo(ROOTS.get(size));
            if (size < INPUTS.size()) {
                leaves.add(Merkle.leaf(HexFormat.of().parseHex(INPUTS.get(size))));
                growing.add(leaves.getLast());
            }
        }
    }

    @Test
    void everyProofHoldsAndNoOther() {
        Random random = new Random(1);
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            leaves.add(Merkle.leaf(new byte[] {(byte) i}));
        }
        Merkle.Nodes nodes = nodes(leaves);
        for (int size = 1; size <= leaves.size(); size++) {
            byte[] root = naive(leaves.subList(0, size));
            for (int index = 0; index < size; index++) {
                List<byte[]> path = Merkle.inclusion(index, size, nodes);
                assertThat(Merkle.verifyInclusion(leaves.get(index), index, size, path, root)).isTrue();
                assertThat(Merkle.verifyInclusion(leaves.get((index + 1) % 70), index, size, path, root)).isFalse();
                if (size > 1) {
                    assertThat(Merkle.verifyInclusion(leaves.get(index), (index + 1) % size, size, path, root)).isFalse();
                    path.get(random.nextInt(path.size()))[random.nextInt(32)] ^= 1;
                    assertThat(Merkle.verifyInclusion(leaves.get(index), index, size, path, root)).isFalse();
                }
            }
            for (int old = 0; old <= size; old++) {
                byte[] oldRoot = naive(leaves.subList(0, old));
                List<byte[]> path = Merkle.consistency(old, size, nodes);
                assertThat(Merkle.verifyConsistency(old, size, path, oldRoot, root)).as(old + " in " + size).isTrue();
                if (old > 0 && old < size) {
                    assertThat(Merkle.verifyConsistency(old, size, path, root, root)).isFalse();
                    path.get(random.nextInt(path.size()))[random.nextInt(32)] ^= 1;
                    assertThat(Merkle.verifyConsistency(old, size, path, oldRoot, root)).as(old + " in " + size).isFalse();
                }
            }
        }
    }

    @Test
    void aKeyOfASeedIsTheOneOfRfc8032() {
        Ed25519 key = Ed25519.ofSeed(HexFormat.of().parseHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        assertThat(HexFormat.of().formatHex(key.publicKey())).isEqualTo("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assertThat(HexFormat.of().formatHex(key.sign(new byte[0]))).startsWith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155");
    }

    /// The example of C2SP signed-note.
    @Test
    void aVerifierKeyIsWrittenAsTheSpecificationDoes() {
        VerifierKey key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        assertThat(key.name()).isEqualTo("PeterNeumann");
        assertThat(HexFormat.of().formatHex(key.hash())).isEqualTo("c74f20a3");
    }
}
