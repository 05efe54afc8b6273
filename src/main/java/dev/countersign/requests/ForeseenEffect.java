package dev.countersign.requests;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What a version of a request was foreseen to do at the moment it was submitted. Written once; what would happen today is
/// `RequestDesk.foresight`.
///
/// - `effect`: as it was, its lists cut to what is worth keeping.
/// - `counts`: of the whole effect, before anything was left out.
public record ForeseenEffect(int version, Effect effect, Counts counts, Instant takenAt) {
    /// Lines that are kept of each kind. The schema bounds the whole (V0027).
    static final int LINES = 40;

    /// Characters that the kept lines of each kind have together.
    static final int CHARACTERS = 20_000;

    /// How many places get their first ALLOW, and how many regions open, are cut, or cannot be decided.
    public record Counts(int firstAllow, int newlyAllowed, int newlyCut, int uncertain) {
        static Counts of(Effect effect) {
            return new Counts(effect.firstAllow().size(), effect.newlyAllowed().size(), effect.newlyCut().size(), effect.uncertain().size());
        }
    }

    static ForeseenEffect of(int version, Effect effect, Instant now) {
        Effect kept = new Effect(effect.verdict(), effect.firstAllow(), kept(effect.newlyAllowed()), kept(effect.newlyCut()), kept(effect.uncertain()));
        return new ForeseenEffect(version, kept, Counts.of(effect), now);
    }

    /// Lines that were foreseen and are not in `effect`.
    public int leftOut() {
        Counts kept = Counts.of(effect);
        return counts.newlyAllowed() - kept.newlyAllowed() + counts.newlyCut() - kept.newlyCut() + counts.uncertain() - kept.uncertain();
    }

    /// Whether what it would do now has another verdict, or other counts.
    public boolean differsFrom(Effect now) {
        return effect.verdict() != now.verdict() || !counts.equals(Counts.of(now));
    }

    /// Whether who was shown this has been shown enough to agree to `now`: it cuts no more, leaves no more open to doubt, and opens
    /// no more. Where it was the first ALLOW then, everyone could call, and whom it names was what was decided: what it opens there
    /// today, because another grant closed the door first, was shown. A line that was left out was not shown.
    public boolean covers(Effect now) {
        return of(version, now, takenAt).equals(this)
                || effect.firstAllow().containsAll(now.firstAllow())
                && words(effect.newlyCut()).containsAll(words(now.newlyCut()))
                && words(effect.uncertain()).containsAll(words(now.uncertain()))
                && words(effect.newlyAllowed()).containsAll(words(now.newlyAllowed().stream()
                        .filter(line -> !effect.firstAllow().contains(line.cluster()))
                        .toList()));
    }

    /// Lines without their witnesses: another call of the same region is the same news.
    private static Set<List<String>> words(List<Effect.Line> lines) {
        return lines.stream().map(line -> List.of(line.cluster(), line.description())).collect(Collectors.toSet());
    }

    /// The first lines that there is room for. A line is kept whole or not at all: half a witness is no call.
    private static List<Effect.Line> kept(List<Effect.Line> lines) {
        List<Effect.Line> kept = new ArrayList<>();
        int room = CHARACTERS;
        for (Effect.Line line : lines) {
            int length = length(line);
            if (kept.size() < LINES && length <= room) {
                kept.add(line);
                room -= length;
            }
        }
        return kept;
    }

    private static int length(Effect.Line line) {
        return line.cluster().length() + line.description().length() + line.witness().values().stream().mapToInt(String::length).sum();
    }
}
