package dev.countersign.web;

import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.thymeleaf.context.IExpressionContext;
import org.thymeleaf.dialect.AbstractProcessorDialect;
import org.thymeleaf.dialect.IExpressionObjectDialect;
import org.thymeleaf.expression.IExpressionObjectFactory;
import org.thymeleaf.processor.IProcessor;
import org.thymeleaf.standard.StandardDialect;

/// Gives every template `#shell`, `#times` and `#words`, on error pages and in fragments alike, without a model attribute; and
/// `<time ui:when="...">` with `<time ui:until="...">`.
final class ShellDialect extends AbstractProcessorDialect implements IExpressionObjectDialect, IExpressionObjectFactory {
    private final Supplier<Shell> shell;
    private final Times times;
    private final Words words = new Words();

    ShellDialect(Supplier<Shell> shell, Times times) {
        super("countersign", "ui", StandardDialect.PROCESSOR_PRECEDENCE);
        this.shell = shell;
        this.times = times;
    }

    @Override
    public Set<IProcessor> getProcessors(String prefix) {
        return Set.of(new TimeProcessor(prefix, "when", times, Times::relative), new TimeProcessor(prefix, "until", times, Times::end));
    }

    @Override
    public IExpressionObjectFactory getExpressionObjectFactory() {
        return this;
    }

    @Override
    public Set<String> getAllExpressionObjectNames() {
        return Set.of("shell", "times", "words");
    }

    @Override
    public @Nullable Object buildObject(IExpressionContext context, String name) {
        return switch (name) {
            case "shell" -> shell.get();
            case "times" -> times;
            case "words" -> words;
            default -> null;
        };
    }

    @Override
    public boolean isCacheable(String name) {
        return true;
    }
}
