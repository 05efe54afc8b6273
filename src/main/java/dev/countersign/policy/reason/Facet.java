package dev.countersign.policy.reason;

import java.util.List;

/// What a region says about one attribute: some of `any` (everything, when there are none) but none of `except`. Values are
/// in the policy language; `approximate` when it has no words for the set and `any` are examples of it.
///
/// `attribute`: `method`, `path`, `host`, `protocol`, or as `when` writes it: `destination.port`, `request.headers[x-channel]`.
public record Facet(String attribute, List<String> any, List<String> except, boolean approximate) {
    public Facet {
        any = List.copyOf(any);
        except = List.copyOf(except);
    }
}
