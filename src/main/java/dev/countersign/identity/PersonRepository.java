package dev.countersign.identity;

import java.util.Optional;
import java.util.UUID;

interface PersonRepository extends org.springframework.data.jpa.repository.JpaRepository<Person, UUID> {


    Optional<Person> findByUsername(String username);

    boolean existsByUsername(String username);
}
