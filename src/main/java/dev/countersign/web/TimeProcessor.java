package dev.countersign.web;

import java.time.Instant;
import java.util.function.BiFunction;
import org.thymeleaf.context.ITemplateContext;
import org.thymeleaf.engine.AttributeName;
import org.thymeleaf.model.IProcessableElementTag;
import org.thymeleaf.processor.element.AbstractAttributeTagProcessor;
import org.thymeleaf.processor.element.IElementTagStructureHandler;
import org.thymeleaf.standard.expression.StandardExpressions;
import org.thymeleaf.templatemode.TemplateMode;
import org.unbescape.html.HtmlEscape;

/// `<time ui:when="${row.submittedAt}">`: an Instant as people say it, exact in `datetime` and `title`. One attribute and not a
/// part with three expressions: every row of every list has a time.
final class TimeProcessor extends AbstractAttributeTagProcessor {
    /// After `th:each` and `th:if`, where `th:text` stands.
    private static final int PRECEDENCE = 1300;

    private final Times times;
    private final BiFunction<Times, Instant, String> words;

    TimeProcessor(String prefix, String name, Times times, BiFunction<Times, Instant, String> words) {
        super(TemplateMode.HTML, prefix, "time", false, name, true, PRECEDENCE, true);
        this.times = times;
        this.words = words;
    }

    @Override
    protected void doProcess(ITemplateContext context, IProcessableElementTag tag, AttributeName attribute, String value, IElementTagStructureHandler structure) {
        Object found = StandardExpressions.getExpressionParser(context.getConfiguration()).parseExpression(context, value).execute(context);
        if (!(found instanceof Instant at)) {
            throw new IllegalArgumentException(value + " is no moment: " + found);
        }
        structure.setAttribute("datetime", times.iso(at));
        structure.setAttribute("title", times.exact(at));
        structure.setBody(HtmlEscape.escapeHtml4Xml(words.apply(times, at)), false);
    }
}
