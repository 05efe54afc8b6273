package dev.countersign.audit;

/// What an entry is about: `request` 42, `grant` …, `cluster` demo, `person` …, `policy` demo/production/countersign-a.
public record Subject(String kind, String id) {}
