package dev.countersign.notices;

import dev.countersign.audit.AuditEvent;
import dev.countersign.audit.AuditLog;
import dev.countersign.identity.CurrentPerson;
import dev.countersign.identity.Role;
import dev.countersign.identity.Scope;
import dev.countersign.notices.WebhookChange.Problem;
import dev.countersign.tenancy.CurrentTenant;
import dev.countersign.tenancy.Tenants;
import dev.countersign.web.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/// The front desk of webhooks: for administrators of the tenant. Every change is an entry of the record in the same transaction; the
/// record knows a receiver by its origin, never by path, query or secret.
@Service
public class WebhookDesk {
    public static final int MOST = 20;
    public static final int MOST_NAME = 60;
    public static final String ADMINISTRATORS = "Administrators manage webhooks. Ask one of them.";

    private final WebhookLedger ledger;
    private final Letters letters;
    private final Follower follower;
    private final ReceiverNetworks networks;
    private final AuditLog audit;
    private final Tenants tenants;
    private final NoticeBell bell;

    WebhookDesk(WebhookLedger ledger, Letters letters, Follower follower, ReceiverNetworks networks, AuditLog audit, Tenants tenants, NoticeBell bell) {
        this.ledger = ledger;
        this.letters = letters;
        this.follower = follower;
        this.networks = networks;
        this.audit = audit;
        this.tenants = tenants;
        this.bell = bell;
    }

    /// All of the tenant, at most `MOST`, by number.
    @Transactional(readOnly = true)
    public List<Webhook> list() {
        return ledger.all();
    }

    @Transactional(readOnly = true)
    public Optional<Webhook> find(long number) {
        return ledger.find(number);
    }

    /// At most `limit` (1 to 101) in these states (none: in any), newest first, below the entry `before`.
    @Transactional(readOnly = true)
    public List<WebhookDelivery> deliveries(Webhook webhook, Set<WebhookDelivery.State> states, Optional<Long> before, int limit) {
        return letters.list(webhook.id(), states, before.orElse(Long.MAX_VALUE), Math.clamp(limit, 1, 101));
    }

    @Transactional(readOnly = true)
    public Optional<WebhookDelivery.Story> delivery(Webhook webhook, long entry) {
        return letters.story(webhook.id(), entry);
    }

    /// The latest attempts, newest first.
    @Transactional(readOnly = true)
    public List<WebhookDelivery.Recent> recent(Webhook webhook, int limit) {
        return letters.recent(webhook.id(), limit);
    }

    /// From now on: what was recorded before is not told.
    @Transactional
    public WebhookChange register(CurrentPerson me, WebhookSetting setting) {
        Optional<WebhookChange> not = notYours(me);
        if (not.isPresent()) {
            return not.get();
        }
        return checked(setting, wanted -> {
            audit.hold();
            if (ledger.count() >= MOST) {
                return new WebhookChange.Conflict("A tenant has at most " + MOST + " webhooks. Remove one that is not needed any more.");
            }
            UUID id = UUID.randomUUID();
            long number = ledger.nextNumber();
            byte[] secret = Signature.newSecret();
            long entry = audit.append(new AuditEvent("webhook.registered", me.actor(), Webhook.subject(number), "registered webhook " + number + " (" + wanted.name() + ") at "
                    + wanted.address().origin() + " for " + kinds(wanted.kinds()), SettingFact.of(number, wanted)));
            ledger.write(id, number, wanted.name(), wanted.address(), wanted.kinds(), secret, entry);
            return new WebhookChange.Registered(number, Signature.written(secret));
        });
    }

    /// Makes the setting hold, and whether it is `enabled`, unless it is no longer version `base`. What waits already goes to the new address.
    @Transactional
    public WebhookChange change(CurrentPerson me, long number, int base, WebhookSetting setting, boolean enabled) {
        return held(me, number, webhook -> {
            if (webhook.version() != base) {
                return new WebhookChange.Stale("Somebody else changed this webhook meanwhile. Look at it and change it again.");
            }
            return checked(setting, wanted -> {
                boolean same = webhook.name().equals(wanted.name()) && webhook.url().equals(wanted.address().uri().toString()) && webhook.kinds().equals(wanted.kinds());
                if (!same) {
                    ledger.change(webhook.id(), wanted.name(), wanted.address(), wanted.kinds());
                    audit.append(new AuditEvent("webhook.changed", me.actor(), webhook.subject(), "changed webhook " + number + " (" + wanted.name() + "): "
                            + wanted.address().origin() + ", for " + kinds(wanted.kinds()), SettingFact.of(number, wanted)));
                }
                switched(me, webhook, wanted.address().origin(), enabled);
                return new WebhookChange.Changed(number);
            });
        });
    }

    /// Sending goes on or ends; switching on what is on already changes nothing.
    @Transactional
    public WebhookChange enable(CurrentPerson me, long number, boolean enabled) {
        return held(me, number, webhook -> {
            switched(me, webhook, webhook.origin(), enabled);
            return new WebhookChange.Changed(number);
        });
    }

    private void switched(CurrentPerson me, Webhook webhook, String origin, boolean enabled) {
        if (enabled == webhook.disabled().isEmpty()) {
            return;
        }
        if (enabled) {
            ledger.enable(webhook.id());
        } else {
            ledger.disable(webhook.id(), Webhook.DisabledAs.BY_PERSON);
        }
        audit.append(new AuditEvent(enabled ? "webhook.enabled" : "webhook.disabled", me.actor(), webhook.subject(), "switched webhook " + webhook.number()
                + (enabled ? " on: " : " off: ") + origin, new WebhookLedger.SwitchFact(webhook.number(), origin, Webhook.DisabledAs.BY_PERSON.name())));
        bell.afterCommit(CurrentTenant.require());
    }

    /// A new secret signs from now on; for 24 hours the one before it signs beside it.
    @Transactional
    public WebhookChange rotate(CurrentPerson me, long number) {
        return held(me, number, webhook -> {
            byte[] secret = Signature.newSecret();
            ledger.rotate(webhook.id(), secret);
            audit.append(new AuditEvent("webhook.secret-rotated", me.actor(), webhook.subject(), "gave webhook " + number + " a new secret; the one before it signs for 24 hours more",
                    new NumberFact(number, webhook.origin())));
            return new WebhookChange.Rotated(number, Signature.written(secret));
        });
    }

    /// Nothing is sent any more, and what waited is never sent.
    @Transactional
    public WebhookChange remove(CurrentPerson me, long number) {
        return held(me, number, webhook -> {
            ledger.remove(webhook.id());
            audit.append(new AuditEvent("webhook.removed", me.actor(), webhook.subject(), "removed webhook " + number + " (" + webhook.name() + ") at " + webhook.origin(),
                    new NumberFact(number, webhook.origin())));
            return new WebhookChange.Changed(number);
        });
    }

    /// Queues an event that says nothing but that it is a test, for this webhook alone.
    @Transactional
    public WebhookChange test(CurrentPerson me, long number) {
        return held(me, number, webhook -> {
            if (webhook.disabled().isPresent()) {
                return new WebhookChange.Conflict("This webhook is switched off, so nothing is sent. Switch it on first.");
            }
            if (webhook.standing().waiting() >= Follower.MOST_WAITING) {
                return new WebhookChange.Conflict("Too much waits for this receiver already. See what it answers.");
            }
            long entry = audit.append(new AuditEvent(EventKind.TEST, me.actor(), webhook.subject(), "sent a test event to webhook " + number + " at " + webhook.origin(),
                    new NumberFact(number, webhook.origin())));
            follower.test(tenants.byId(CurrentTenant.require()).orElseThrow(), webhook, entry);
            bell.afterCommit(CurrentTenant.require());
            return new WebhookChange.Tested(number, entry);
        });
    }

    /// Sends dead letters again, one of them or all; of all, a thousand at a time.
    @Transactional
    public WebhookChange sendAgain(CurrentPerson me, long number, Optional<Long> entry) {
        return held(me, number, webhook -> {
            List<Long> again = letters.sendAgain(webhook.id(), entry);
            if (again.isEmpty()) {
                return noLetter(webhook, entry);
            }
            audit.append(new AuditEvent("webhook.letters-sent-again", me.actor(), webhook.subject(), "sent " + Words.count(again.size(), "dead letter", "dead letters")
                    + " of webhook " + number + " again" + named(again), new LettersFact(number, webhook.origin(), again)));
            bell.afterCommit(CurrentTenant.require());
            return new WebhookChange.Decided(number, again.size(), letters.dead(webhook.id()));
        });
    }

    /// Ends a dead letter, or an event that waits and keeps others waiting: it is never sent.
    @Transactional
    public WebhookChange discard(CurrentPerson me, long number, long entry) {
        return held(me, number, webhook -> {
            if (!letters.discard(webhook.id(), entry)) {
                return noLetter(webhook, Optional.of(entry));
            }
            audit.append(new AuditEvent("webhook.letter-discarded", me.actor(), webhook.subject(), "discarded event " + entry + " of webhook " + number + ": it is not sent",
                    new LettersFact(number, webhook.origin(), List.of(entry))));
            bell.afterCommit(CurrentTenant.require());
            return new WebhookChange.Decided(number, 1, letters.dead(webhook.id()));
        });
    }

    private WebhookChange noLetter(Webhook webhook, Optional<Long> entry) {
        if (entry.isPresent() && letters.story(webhook.id(), entry.get()).isEmpty()) {
            return new WebhookChange.Unknown("event " + entry.get() + " of webhook " + webhook.number());
        }
        return new WebhookChange.Conflict(entry.isPresent()
                ? "This event is no dead letter: it waits, is being sent, was delivered, or was decided on already. Look at the webhook again."
                : "There is no dead letter. Nothing has to be done.");
    }

    private WebhookChange held(CurrentPerson me, long number, Function<Webhook, WebhookChange> work) {
        Optional<WebhookChange> not = notYours(me);
        if (not.isPresent()) {
            return not.get();
        }
        // Looked at again once it is held.
        return ledger.find(number).filter(webhook -> ledger.hold(webhook.id())).flatMap(ignored -> ledger.find(number)).map(work)
                .orElseGet(() -> new WebhookChange.Unknown("webhook " + number));
    }

    private static Optional<WebhookChange> notYours(CurrentPerson me) {
        if (!me.is(Role.ADMINISTRATOR)) {
            return Optional.of(new WebhookChange.NotYours(ADMINISTRATORS));
        }
        return me.mayUse(Scope.ADMIN) ? Optional.empty() : Optional.of(new WebhookChange.NotYours("This token lacks the scope admin. Use one that has it."));
    }

    private record Wanted(String name, ReceiverAddress address, List<EventKind> kinds) {}

    private WebhookChange checked(WebhookSetting setting, Function<Wanted, WebhookChange> work) {
        List<Problem> problems = new ArrayList<>();
        String name = setting.name().strip();
        if (name.isEmpty() || name.codePointCount(0, name.length()) > MOST_NAME || name.chars().anyMatch(c -> c < 0x20)) {
            problems.add(new Problem("name", "Give the webhook a name of 1 to " + MOST_NAME + " characters."));
        }
        Optional<ReceiverAddress> address = Optional.empty();
        try {
            address = Optional.of(ReceiverAddress.of(setting.url().strip(), networks));
        } catch (ReceiverNetworks.Refused refused) {
            problems.add(new Problem("url", "The address " + refused.words() + "."));
        }
        List<EventKind> kinds = new ArrayList<>();
        for (String type : setting.types()) {
            EventKind.ofType(type).ifPresentOrElse(kinds::add, () -> problems.add(new Problem("types", "There is no such type of event. Choose from the list.")));
        }
        if (setting.types().isEmpty()) {
            problems.add(new Problem("types", "Choose at least one type of event."));
        }
        kinds.sort(Comparator.naturalOrder());
        return problems.isEmpty() ? work.apply(new Wanted(name, address.orElseThrow(), List.copyOf(kinds))) : new WebhookChange.Refused(problems);
    }

    private static String kinds(List<EventKind> kinds) {
        return kinds.size() == EventKind.values().length ? "all events" : Words.count(kinds.size(), "kind of event", "kinds of events");
    }

    private static String named(List<Long> entries) {
        return entries.size() > 10 ? "" : ": events " + String.join(", ", entries.stream().map(String::valueOf).toList());
    }

    private record SettingFact(long number, String name, String origin, List<String> kinds) {
        static SettingFact of(long number, Wanted wanted) {
            return new SettingFact(number, wanted.name(), wanted.address().origin(), wanted.kinds().stream().map(EventKind::entry).toList());
        }
    }

    private record NumberFact(long number, String origin) {}

    private record LettersFact(long number, String origin, List<Long> entries) {}
}
