package dev.countersign.policy.check;

import static dev.countersign.policy.check.FindingCode.D16;
import static dev.countersign.policy.check.FindingCode.D17;

import java.math.BigInteger;
import java.util.List;

/// D16 and D17: load balancer settings.
final class LoadBalancerChecks {
    private static final double LARGEST_TABLE = 5_000_011;
    private static final List<String> TOPOLOGY =
            List.of("topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone");

    private LoadBalancerChecks() {}

    static void check(Node balancer, boolean outlierDetection, Findings findings) {
        Node hash = balancer.get("consistentHash");
        if (hash.get("httpCookie").isPresent()
                && hash.get("httpCookie").get("name").text().isEmpty()) {
            findings.add(D16, hash.get("httpCookie"), "the cookie has no name");
        }
        if (hash.get("minimumRingSize").number() != 0) {
            findings.add(D17, hash.get("minimumRingSize"), "the field is retired");
            if (hash.get("ringHash").isPresent() || hash.get("maglev").isPresent()) {
                findings.add(D16, hash, "minimumRingSize stands beside ringHash or maglev");
            }
        }
        if (hash.get("maglev").isPresent()) {
            maglev(hash.get("maglev").get("tableSize"), findings);
        }
        locality(balancer.get("localityLbSetting"), findings);
        warmup(balancer.get("warmup"), findings);
    }

    private static void maglev(Node size, Findings findings) {
        if (size.number() == 0) {
            findings.add(D16, size, "a maglev table needs a size");
        } else if (size.number() >= LARGEST_TABLE) {
            findings.add(D16, size, "the maglev table is not smaller than 5000011");
        } else if (!BigInteger.valueOf((long) size.number()).isProbablePrime(40)) {
            findings.add(D16, size, "the size of the maglev table is not a prime number");
        }
    }

    private static void warmup(Node warmup, Findings findings) {
        if (!warmup.isPresent()) {
            return;
        }
        if (warmup.get("duration").isPresent()) {
            Durations.check(warmup.get("duration"), findings);
        } else {
            findings.add(D16, warmup, "the warm-up has no duration");
        }
        if (warmup.get("minimumPercent").number() > 100) {
            findings.add(D16, warmup.get("minimumPercent"), "the warm-up begins above 100 percent");
        }
        if (warmup.get("aggression").isPresent() && warmup.get("aggression").number() < 1) {
            findings.add(D16, warmup.get("aggression"), "the aggression is below 1");
        }
    }

    private static void locality(Node locality, Findings findings) {
        List<Node> distribute = locality.get("distribute").items();
        List<Node> failover = locality.get("failover").items();
        if (!distribute.isEmpty() && !failover.isEmpty()) {
            findings.add(D16, locality, "distribute and failover stand together");
            return;
        }
        if (!failover.isEmpty()
                && locality.get("failoverPriority").texts().stream().anyMatch(TOPOLOGY::contains)) {
            findings.add(D16, locality, "failover stands beside a topology label in failoverPriority");
            return;
        }
        for (Node share : distribute) {
            double total = 0;
            for (var entry : share.get("to").entries()) {
                double weight = entry.getValue().number();
                total += weight;
                if (weight < 1 || weight > 100) {
                    findings.add(D16, entry.getValue(), "a weight is from 1 to 100");
                    return;
                }
            }
            if (total != 100) {
                findings.add(D16, share.get("to"), "the weights add up to " + (long) total + ", not to 100");
                return;
            }
        }
        for (Node step : failover) {
            String from = step.get("from").text();
            String to = step.get("to").text();
            if (from.equals(to)) {
                findings.add(D16, step, "failover stays in the same region");
            }
            if ((from + to).contains("/") || (from + to).contains("*")) {
                findings.add(D16, step, "failover names regions, without zone and wildcard");
            }
        }
    }
}
