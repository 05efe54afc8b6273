package dev.countersign.delivery;

/// Where the files of a cluster stand: `<directory>/<namespace>/<policy>.yaml` on a branch; nothing secret is in it.
///
/// - `directory`: empty for the root of the repository.
public record RepositoryPlace(String url, String branch, String directory) {
    /// The path of a policy's file.
    public String file(String namespace, String name) {
        return (directory.isEmpty() ? "" : directory + "/") + namespace + "/" + name + ".yaml";
    }

    /// "branch main of https://git.example/policies.git".
    public String words() {
        return "branch " + branch + " of " + url;
    }
}
