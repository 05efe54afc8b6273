package dev.countersign.identity;

import dev.countersign.tenancy.Tenants;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.web.DefaultRedirectStrategy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.context.SecurityContextHolderFilter;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.csrf.CsrfTokenRepository;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;

/// Two doors, beside files for everyone: pages by session with CSRF tokens, `/api/` by bearer token without a session. Everything is closed except the
/// list of public paths; what is left wants a person of a tenant, and rooms decide the rest by role. A platform operator is
/// no such person: `/operator` is theirs alone, and nothing else.
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
    /// The closed list of what anyone may fetch.
    private static final String[] PUBLIC = {
        "/sign-in", "/sign-in/provider", "/sign-in/provider/**", "/demo/sign-in", "/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness", "/help", "/help/**", "/error"
    };

    /// bcrypt behind Spring Security's delegating format, so that a later change of algorithm needs no migration.
    @Bean
    PasswordEncoder passwordEncoder(@Value("${countersign.passwords.bcrypt-strength}") int strength) {
        return new DelegatingPasswordEncoder("bcrypt", Map.of("bcrypt", new BCryptPasswordEncoder(strength)));
    }

    /// Nobody reads measurements of single filters; without them a request passes the filters and nothing around each.
    @Bean
    SecurityObservationSettings securityObservations() {
        return SecurityObservationSettings.noObservations();
    }

    @Bean
    AuthenticationManager authenticationManager(PasswordSignIn passwordSignIn) {
        return new ProviderManager(passwordSignIn);
    }

    @Bean
    CsrfTokenRepository csrfTokens() {
        return new CsrfTokens();
    }

    /// A stylesheet is the same for everyone: no session is read, and none kept alive, for it.
    @Bean
    @Order(0)
    SecurityFilterChain files(HttpSecurity http) throws Exception {
        return http.securityMatcher("/assets/**")
                .csrf(csrf -> csrf.disable())
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .requestCache(cache -> cache.disable())
                .logout(logout -> logout.disable())
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .headers(headers -> headers.disable())
                .build();
    }

    @Bean
    @Order(1)
    SecurityFilterChain api(HttpSecurity http, ApiTokens tokens, People people, Operators operators, Tenants tenants) throws Exception {
        return http.securityMatcher("/api/**")
                .csrf(csrf -> csrf.disable())
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .requestCache(cache -> cache.disable())
                .logout(logout -> logout.disable())
                .addFilterAfter(new ApiTokenFilter(tokens), SecurityContextHolderFilter.class)
                .addFilterAfter(new CurrentPersonFilter(people, operators, tenants), AnonymousAuthenticationFilter.class)
                .authorizeHttpRequests(requests -> requests
                        .requestMatchers("/api/v1/openapi.json").permitAll()
                        .anyRequest().authenticated())
                .exceptionHandling(errors -> errors
                        .authenticationEntryPoint((request, response, problem) -> {
                            response.setHeader("WWW-Authenticate", "Bearer");
                            response.sendError(HttpStatus.UNAUTHORIZED.value());
                        }))
                .headers(headers -> headers.disable())
                .build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain pages(HttpSecurity http, CsrfTokenRepository csrfTokens, People people, Operators operators, Tenants tenants) throws Exception {
        return http
                .addFilterBefore(new CrossSiteFilter(), CsrfFilter.class)
                .addFilterAfter(new CurrentPersonFilter(people, operators, tenants), AnonymousAuthenticationFilter.class)
                .authorizeHttpRequests(requests -> requests
                        .requestMatchers(PUBLIC).permitAll()
                        .requestMatchers("/audit", "/audit/export.*").hasAnyRole("AUDITOR", "SECURITY", "ADMINISTRATOR")
                        .requestMatchers("/admin", "/admin/**").hasRole("ADMINISTRATOR")
                        .requestMatchers("/operator", "/operator/**").hasRole("OPERATOR")
                        .requestMatchers("/").authenticated()
                        .anyRequest().access((who, context) -> new AuthorizationDecision(who.get().getPrincipal() instanceof CurrentPerson)))
                .csrf(csrf -> csrf.csrfTokenRepository(csrfTokens).csrfTokenRequestHandler(new ReadableCsrfTokens()))
                .requestCache(cache -> cache.requestCache(pagesOnly()))
                .formLogin(form -> form.loginPage("/sign-in").defaultSuccessUrl("/", false).failureHandler(SecurityConfiguration::backToTheDoor))
                .logout(logout -> logout.logoutUrl("/sign-out").logoutSuccessUrl("/sign-in").deleteCookies("countersign"))
                .headers(headers -> headers.disable())
                .build();
    }

    /// Remembers nothing of the attempt. What Spring Security would keep in the session, and so in the database, has the password in it.
    private static void backToTheDoor(HttpServletRequest request, HttpServletResponse response, AuthenticationException failure) throws IOException {
        new DefaultRedirectStrategy().sendRedirect(request, response, "/sign-in?failed");
    }

    /// Where to lead somebody after signing in: the page they wanted, never a part of one that htmx fetched in the background.
    /// Nothing with a bearer token: the token would be kept with the address, in the session.
    private static HttpSessionRequestCache pagesOnly() {
        HttpSessionRequestCache cache = new HttpSessionRequestCache();
        cache.setMatchingRequestParameterName(null);
        cache.setRequestMatcher(request -> request.getMethod().equals("GET")
                && request.getHeader("HX-Request") == null
                && request.getHeader("Authorization") == null
                && !"XMLHttpRequest".equals(request.getHeader("X-Requested-With"))
                && !request.getRequestURI().contains("favicon"));
        return cache;
    }
}
