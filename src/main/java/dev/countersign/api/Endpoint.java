package dev.countersign.api;

import dev.countersign.identity.Scope;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// What an address of the API promises. `ScopeGate` holds every request to it and `OpenApi` describes it from here, so that
/// neither can differ from the other; an address without it refuses to start.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Endpoint {
    String summary();

    String description() default "";

    /// The scope that a token needs.
    Scope scope();

    /// The record that the answer is written from.
    Class<?> answer();

    /// The record that the body is read into; `Void` where there is none.
    Class<?> body() default Void.class;

    /// Another record that the body may be.
    Class<?> orBody() default Void.class;

    boolean bodyRequired() default true;

    int status() default 200;

    /// The media type of the answer; `answer` describes only JSON.
    String type() default "application/json";

    /// Names of `Parameters`.
    String[] query() default {};

    /// Statuses of refusals beyond those that follow from method, path and body.
    int[] refusals() default {};

    /// Whether the answer carries an ETag.
    boolean tagged() default false;
}
