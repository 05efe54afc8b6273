package dev.countersign.delivery;

import java.util.List;

/// The message of a commit: tenant, cluster, and of each policy its revision, digest and requests. Nobody's name, nobody's reason.
final class CommitWords {
    private CommitWords() {}

    static String of(String tenant, String cluster, List<FileOutcome.Holds> written) {
        boolean restores = written.stream().allMatch(one -> one.how() == FileOutcome.Holds.How.RESTORED);
        StringBuilder words = new StringBuilder(restores ? "Restore " : "Deliver ");
        words.append(written.size() == 1 ? written.getFirst().file().key().inCluster() : written.size() + " policies").append(" to cluster ").append(cluster).append("\n\nTenant: ")
                .append(tenant).append('\n');
        for (FileOutcome.Holds one : written) {
            WantedFile file = one.file();
            words.append('\n').append(file.key().inCluster()).append(" revision ").append(file.revision())
                    .append(one.how() == FileOutcome.Holds.How.RESTORED ? ", which another hand had " + one.what() : "").append('\n')
                    .append("  digest ").append(file.digest()).append('\n')
                    .append(file.requests().isEmpty() ? "  no grant is left: the policy matches nothing"
                            : "  requests " + String.join(", ", file.requests().stream().map(String::valueOf).toList())).append('\n');
        }
        return words.toString();
    }
}
