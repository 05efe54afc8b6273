package dev.countersign.faults;

import dev.countersign.faults.Boundary.Moment;
import dev.countersign.faults.Gate.Speaker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;

/// The boundaries in a random order, each suit by itself: what was drawn comes again when all of its suit had their turn. Of some there
/// can be few in a hand, for what they hold the victim has only once, or a few times.
final class Deck {
    private enum Suit {
        CLAIM(1),
        SEAL(1),
        /// Of the couriers who may be at the database at a time (`delivery/Turns`) one is left to serve the others. Who has an answer
        /// of the cluster goes there next.
        COURIER(3),
        CLUSTER(Integer.MAX_VALUE),
        CHANGE(Integer.MAX_VALUE),
        READ(Integer.MAX_VALUE);

        private final int most;

        Suit(int most) {
            this.most = most;
        }

        static Suit of(Death death) {
            return switch (death.step().speaker()) {
                case CLAIMER -> CLAIM;
                case SEALER -> SEAL;
                case COURIER -> COURIER;
                case AT_CLUSTER -> death.moment() == Moment.AFTER ? COURIER : CLUSTER;
                case REQUEST -> death.atChange() ? CHANGE : READ;
            };
        }
    }

    private final Map<Suit, List<Death>> all = new EnumMap<>(Suit.class);
    private final Map<Suit, Deque<Death>> left = new EnumMap<>(Suit.class);
    private final Random random;
    private final int size;

    Deck(List<Death> deaths, SplittableRandom random) {
        this.random = Random.from(random);
        size = deaths.size();
        for (Suit suit : Suit.values()) {
            all.put(suit, deaths.stream().filter(death -> Suit.of(death) == suit).toList());
            left.put(suit, new ArrayDeque<>());
        }
    }

    int size() {
        return size;
    }

    /// So many that can be held at the same time. Of those in requests, two thirds where something changes.
    List<Death> hand(int count) {
        List<Death> hand = new ArrayList<>();
        draw(Suit.CLAIM, Suit.CLAIM.most, hand);
        draw(Suit.SEAL, Suit.SEAL.most, hand);
        draw(Suit.COURIER, Suit.COURIER.most, hand);
        int rest = count - hand.size();
        draw(Suit.CLUSTER, rest / 4, hand);
        draw(Suit.CHANGE, rest / 2, hand);
        draw(Suit.READ, count - hand.size(), hand);
        Collections.shuffle(hand, random);
        return hand;
    }

    private void draw(Suit suit, int count, List<Death> hand) {
        Deque<Death> pile = left.get(suit);
        for (int i = 0; i < count; i++) {
            if (pile.isEmpty()) {
                List<Death> shuffled = new ArrayList<>(all.get(suit));
                Collections.shuffle(shuffled, random);
                pile.addAll(shuffled);
            }
            hand.add(pile.removeFirst());
        }
    }
}
