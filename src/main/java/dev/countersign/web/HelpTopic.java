package dev.countersign.web;

/// The help page of one code: what it means and what to do. `code` is like "CS0107".
public record HelpTopic(String code, String title, String text) {}
