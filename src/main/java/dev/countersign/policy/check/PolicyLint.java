package dev.countersign.policy.check;
final class PolicyLint {
    private PolicyLint() {}
    static void check(String kind, Node object, CheckContext context, Findings findings) {}
}
