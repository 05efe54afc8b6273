package dev.countersign.identity;

import dev.countersign.identity.oidc.IdentityProviders;
import dev.countersign.web.FieldErrors;
import java.util.Optional;

/// What an administrator says about the tenant's identity provider, as typed. `secret` is empty to keep the one there is; `portal` is
/// the address under which people know the portal; `hours` is how long a session lasts at most.
public record ProviderSetting(String issuer, String clientId, String secret, String label, String portal, String hours) {
    private static final int LONGEST_ISSUER = 1024;

    public ProviderSetting {
        issuer = issuer.strip();
        clientId = clientId.strip();
        secret = secret.strip();
        label = label.strip();
        portal = portal.strip().replaceAll("/+$", "");
        hours = hours.strip();
    }

    FieldErrors refuses(boolean secretIsKept) {
        FieldErrors errors = FieldErrors.NONE;
        Optional<String> issuerRefusal = issuer.isEmpty() || issuer.length() > LONGEST_ISSUER ? Optional.of("is empty or longer than 1,024 characters") : IdentityProviders.refusesIssuer(issuer);
        if (issuerRefusal.isPresent()) {
            errors = errors.with("issuer", "The issuer " + issuerRefusal.get() + ".");
        }
        if (!clientId.matches("[\\x21-\\x7e]{1,255}")) {
            errors = errors.with("clientId", "Copy the client id from the provider: up to 255 characters without spaces.");
        }
        if (secret.isEmpty() && !secretIsKept) {
            errors = errors.with("secret", "Give the client secret. A secret is never sent to an issuer, or for a client, that it was not given for.");
        } else if (!secret.matches("[\\x20-\\x7e]{0,500}")) {
            errors = errors.with("secret", "Copy the client secret from the provider: up to 500 plain characters.");
        }
        if (label.isEmpty() || label.length() > 60 || label.chars().anyMatch(Character::isISOControl)) {
            errors = errors.with("label", "Say in 1 to 60 characters what people know the provider as, like Acme SSO.");
        }
        Optional<String> portalRefusal = portal.isEmpty() || portal.length() > LONGEST_ISSUER ? Optional.of("is empty or longer than 1,024 characters") : IdentityProviders.refusesIssuer(portal);
        if (portalRefusal.isPresent()) {
            errors = errors.with("portal", "The address " + portalRefusal.get() + ".");
        }
        if (!hours.matches("[0-9]{1,3}") || longestHours() < 1 || longestHours() > 720) {
            errors = errors.with("hours", "Say a number of hours from 1 to 720.");
        }
        return errors;
    }

    int longestHours() {
        return Integer.parseInt(hours);
    }

    /// Without the secret.
    @Override
    public String toString() {
        return "ProviderSetting[" + issuer + "]";
    }
}
