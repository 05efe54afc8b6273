/// What is said between the portal and an OpenID Connect provider, and what of it is believed. Knows no tenants and no database.
@NullMarked
package dev.countersign.identity.oidc;

import org.jspecify.annotations.NullMarked;
