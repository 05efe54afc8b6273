package dev.countersign.api;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.jspecify.annotations.Nullable;

/// Serves the description of the API, to anyone: it holds nothing of a tenant.
@RestController
class OpenApiApi {
    private final RequestMappingHandlerMapping addresses;
    private volatile @Nullable Answer description;

    OpenApiApi(@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping addresses) {
        this.addresses = addresses;
    }

    /// At the start, so that an address that is not described stops it.
    @EventListener(ContextRefreshedEvent.class)
    void describe() {
        description = Answer.tagged(OpenApi.of(addresses.getHandlerMethods()));
    }

    @GetMapping(path = "/api/v1/openapi.json", produces = "application/json")
    ResponseEntity<byte[]> description(HttpServletRequest request) {
        return EntityTag.read(request, java.util.Objects.requireNonNull(description));
    }
}
