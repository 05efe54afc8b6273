package dev.countersign.web;

import java.time.Clock;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

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

    @Bean
    ShellDialect shellDialect(ObjectProvider<ViewerSource> viewers, Assets assets, Times times) {
        String version = Optional.ofNullable(WebConfiguration.class.getPackage().getImplementationVersion())
                .orElse("development");
        return new ShellDialect(
                () -> new Shell(
                        Optional.ofNullable(viewers.getIfAvailable()).flatMap(ViewerSource::current), assets, version),
                times);
    }
}
