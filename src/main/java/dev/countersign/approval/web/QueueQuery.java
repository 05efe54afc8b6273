package dev.countersign.approval.web;

import dev.countersign.approval.QueueFilter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriComponentsBuilder;

/// The queue's address: `?view=handled&namespace=production&risk=high`. Words that mean nothing count as absent.
public record QueueQuery(@Nullable String view, @Nullable String namespace, @Nullable String risk) {
    QueueFilter filter() {
        return new QueueFilter(word(QueueFilter.View.values(), view).orElse(QueueFilter.View.MINE),
                Optional.ofNullable(namespace).map(String::strip).filter(name -> !name.isEmpty() && name.length() <= 63),
                word(QueueFilter.Risk.values(), risk));
    }

    public String viewWord() {
        return filter().view().name().toLowerCase(Locale.ROOT);
    }

    public String namespaceWord() {
        return filter().namespace().orElse("");
    }

    public String riskWord() {
        return filter().risk().map(word -> word.name().toLowerCase(Locale.ROOT)).orElse("");
    }

    public boolean narrowed() {
        return filter().namespace().isPresent() || filter().risk().isPresent();
    }

    /// The address of another view with the same narrowing.
    public String in(String other) {
        return address(other).build().encode().toUriString();
    }

    /// The address of the page after the cursor.
    String after(String cursor) {
        return address(viewWord()).queryParam("after", cursor).build().encode().toUriString();
    }

    private UriComponentsBuilder address(String inView) {
        UriComponentsBuilder address = UriComponentsBuilder.fromPath("/queue").queryParam("view", inView);
        filter().namespace().ifPresent(name -> address.queryParam("namespace", name));
        filter().risk().ifPresent(word -> address.queryParam("risk", riskWord()));
        return address;
    }

    private static <E extends Enum<E>> Optional<E> word(E[] values, @Nullable String word) {
        return Arrays.stream(values).filter(value -> value.name().equalsIgnoreCase(word)).findFirst();
    }
}
