package dev.countersign.portal;

import dev.countersign.audit.Actor;
import dev.countersign.policy.compile.GrantedOperation;
import dev.countersign.portal.Fixtures.TestTenant;
import dev.countersign.requests.AskSource;
import dev.countersign.requests.AskTarget;
import dev.countersign.requests.Draft;
import dev.countersign.requests.GrantPeriod;
import dev.countersign.requests.Justification;
import dev.countersign.requests.RequestDesk;
import dev.countersign.requests.RequestProgress;
import dev.countersign.requests.ServiceAccess;
import dev.countersign.requests.Submission;
import dev.countersign.tenancy.Tenants;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.test.context.TestComponent;

/// Requests that the engineer submits and that are approved past the board: who may decide is another room's story.
@TestComponent
public class Approvals {
    private final Tenants tenants;
    private final Fixtures fixtures;
    private final RequestDesk desk;
    private final RequestProgress progress;

    Approvals(Tenants tenants, Fixtures fixtures, RequestDesk desk, RequestProgress progress) {
        this.tenants = tenants;
        this.fixtures = fixtures;
        this.desk = desk;
        this.progress = progress;
    }

    /// The number of a request for 90 days of POST to the path, between services of `production` in the cluster `demo`.
    public long approve(TestTenant tenant, String caller, String workload, String path) {
        return approve(tenant, "production", caller, workload, path, new GrantPeriod.For(Duration.ofDays(90)));
    }

    public long approve(TestTenant tenant, String namespace, String caller, String workload, String path, GrantPeriod period) {
        return approve(tenant, List.of("demo"), namespace, caller, workload, path, period);
    }

    /// The same in these clusters.
    public long approve(TestTenant tenant, List<String> clusters, String namespace, String caller, String workload, String path, GrantPeriod period) {
        ServiceAccess ask = new ServiceAccess(clusters, List.of(new AskSource.Account(namespace, caller)),
                AskTarget.workload(namespace, workload), List.of(GrantedOperation.of(List.of("POST"), List.of(path))), List.of());
        Draft draft = new Draft(ask, new Justification("Checkout settles card payments when an order is placed.", Optional.of("PAY-1432")), period);
        return tenants.inTenant(tenant.tenant().id(), () -> switch (desk.submit(fixtures.current(tenant, "engineer"), draft)) {
            case Submission.Submitted submitted -> {
                progress.approved(progress.lock(submitted.number()).orElseThrow(), Actor.system("test"));
                yield submitted.number();
            }
            case Submission other -> throw new IllegalStateException(other.toString());
        });
    }
}
