package dev.countersign.policy.yaml;

import java.util.List;
import java.util.Map;

/// One object of a text.
///
/// - `line`: where it begins, counted from 1.
/// - `tree`: everything it says, known or not, as JSON values (see `Tree`).
/// - `lines`: the line of each path.
/// - `decoding`: the value it stands for, where it is one.
/// - `remarks`: words that other readers take for something else (`yes`, `0777`).
public record Document(
        int line, Map<String, Object> tree, Map<String, Integer> lines, Decoding decoding, List<Remark> remarks) {
    public Document {
        remarks = List.copyOf(remarks);
    }

    /// The line of `path`, or of the nearest place above it that is there.
    public int lineOf(String path) {
        for (String at = path; !at.isEmpty(); at = YamlPath.parent(at)) {
            Integer found = lines.get(at);
            if (found != null) {
                return found;
            }
        }
        return line;
    }
}
