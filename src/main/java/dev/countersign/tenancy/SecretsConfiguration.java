package dev.countersign.tenancy;

import java.util.Arrays;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class SecretsConfiguration {
    /// `former-keys`: comma-separated, for secrets that were sealed before the key was changed.
    @Bean
    SecretBox secretBox(
            @Value("${countersign.secrets.key:}") String key, @Value("${countersign.secrets.former-keys:}") String formerKeys) {
        List<SecretKey> former = Arrays.stream(formerKeys.split(",")).filter(text -> !text.isBlank()).map(SecretKey::of).toList();
        return new SecretBox(SecretKey.of(key), former);
    }
}
