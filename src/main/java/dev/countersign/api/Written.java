package dev.countersign.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// A member that is written by a room itself, in the shape of this record; the record only describes it. In such a record an
/// empty `Optional` means that the member may be left out.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Written {
    Class<? extends Record> value();
}
