package dev.countersign.policy.yaml;

/// Something to tell a person about the place `path` of a document (see `YamlPath`).
public record Remark(String path, String message) {}
