package dev.countersign.portal;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.ContextConfiguration;

/// The whole application with a real server on a random port and a real database, and MockMvc on top. All test classes that
/// carry it share one context: make a tenant of your own by `Fixtures.tenant()`, and never count across tenants.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@AutoConfigureMockMvc
@ContextConfiguration(initializers = TestDatabase.class)
@Import({Fixtures.class, Approvals.class, ShopCatalog.class, ShopFixture.class, Story.class, StatementRecorder.class})
public @interface PortalTest {}
