package dev.countersign.web;

import java.util.List;

/// A room that gives codes to people explains them: one bean a room.
@FunctionalInterface
public interface HelpTopics {
    List<HelpTopic> topics();
}
