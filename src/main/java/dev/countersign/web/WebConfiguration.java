package dev.countersign.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.time.Clock;
import java.util.EnumSet;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.util.function.SingletonSupplier;

/// Wires the shell. Where the static files lie is `spring.web.resources.static-locations`, so that
/// `--spring.web.resources.static-locations=file:frontend/static/` edits them live.
@Configuration(proxyBeanMethods = false)
class WebConfiguration {
    @Bean
    Assets assets(
            @Value("${spring.web.resources.static-locations:classpath:/frontend/static/}") String location) {
        return new Assets(location);
    }

    @Bean
    Times times(ObjectProvider<Clock> clock) {
        return new Times(clock.getIfAvailable(Clock::systemUTC));
    }

    /// Before everything, and for errors too.
    @Bean
    FilterRegistrationBean<SecurityHeaders> securityHeaders() {
        return everywhere(new SecurityHeaders(), Ordered.HIGHEST_PRECEDENCE);
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> containerHeaders() {
        return container -> container.addEngineValves(new ContainerHeaders());
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> promptHttp() {
        return container -> container.setProtocol(PromptHttp.class.getName());
    }

    @Bean
    FilterRegistrationBean<RequestSize> requestSize() {
        return everywhere(new RequestSize(), Ordered.HIGHEST_PRECEDENCE + 1);
    }

    @Bean
    FilterRegistrationBean<LaneFilter> lanes() {
        return everywhere(new LaneFilter(), Ordered.HIGHEST_PRECEDENCE + 2);
    }

    private static <F extends Filter> FilterRegistrationBean<F> everywhere(F filter, int order) {
        FilterRegistrationBean<F> registration = new FilterRegistrationBean<>(filter);
        registration.setOrder(order);
        registration.setDispatcherTypes(EnumSet.of(DispatcherType.REQUEST, DispatcherType.ERROR, DispatcherType.ASYNC));
        return registration;
    }

    @Bean
    ShellDialect shellDialect(ObjectProvider<ViewerSource> viewers, Assets assets, Times times) {
        String version = Optional.ofNullable(WebConfiguration.class.getPackage().getImplementationVersion())
                .orElse("development");
        // Looked for once, when the first page asks: it is made of what needs the shell.
        SingletonSupplier<Optional<ViewerSource>> source = SingletonSupplier.of(() -> Optional.ofNullable(viewers.getIfAvailable()));
        return new ShellDialect(() -> new Shell(source.obtain().flatMap(ViewerSource::current), assets, version), times);
    }
}
