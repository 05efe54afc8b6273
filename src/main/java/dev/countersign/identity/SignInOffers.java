package dev.countersign.identity;

import java.util.List;

/// Ways to sign in that the sign-in page shows beside the password: one click for each person of the demo, an identity
/// provider later. Each is a form that posts to `action` with `person`.
public interface SignInOffers {
    /// Nothing while it is not safe to offer.
    List<Group> offers();

    record Group(String title, String action, List<Offer> people) {}

    record Offer(String person, String name, String does) {}
}
