package dev.countersign;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/// The access desk of a service mesh. Started by `mvn spring-boot:run`; what it is and for whom: README.md.
@SpringBootApplication
public class Countersign {
    public static void main(String[] arguments) {
        SpringApplication.run(Countersign.class, arguments);
    }
}
