package dev.countersign.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/// Everything static that a page may ask for, read once at start and held in memory, compressed: a closed list, so no path
/// can lead out of it. The stylesheet's parts are put into one file in the order its imports say. The address carries a
/// digest of all contents, so an answer may be kept for ever. Read from `file:` the contents are read anew for every page.
final class Assets {
    private static final Pattern IMPORT = Pattern.compile("@import url\\(\"([a-z-]+\\.css)\"\\) layer\\(([a-z]+)\\);");
    private static final String HTMX = "classpath*:/META-INF/resources/webjars/htmx.org/*/dist/htmx.min.js";
    private static final Map<String, String> TYPES = Map.of(
            "css", "text/css;charset=utf-8", "js", "text/javascript;charset=utf-8", "svg", "image/svg+xml");

    private final String root;
    private final boolean live;
    private volatile Shelf shelf;

    /// `root` is a resource location ending in a slash, such as `classpath:/frontend/static/`.
    Assets(String root) {
        this.root = root;
        this.live = root.startsWith("file:");
        this.shelf = read();
    }

    /// One static file. `gzipped` is smaller and says the same.
    record Asset(String type, byte[] plain, byte[] gzipped) {}

    record Shelf(String digest, Map<String, Asset> byPath) {}

    String address(String path) {
        if (live) shelf = read();
        if (!shelf.byPath.containsKey(path)) throw new IllegalArgumentException("no asset " + path);
        return "/assets/" + shelf.digest + "/" + path;
    }

    Optional<Asset> find(String path) {
        return Optional.ofNullable(shelf.byPath.get(path));
    }

    /// Whether an answer under this digest can never change. A page of another version of the program may ask under its own.
    boolean lasting(String digest) {
        return !live && shelf.digest.equals(digest);
    }

    private Shelf read() {
        Map<String, byte[]> contents = new TreeMap<>();
        contents.put("countersign.css", stylesheet().getBytes(StandardCharsets.UTF_8));
        contents.put("vendor/htmx.min.js", bytes(only(HTMX)));
        contents.put("mark.svg", bytes(only(root + "mark.svg")));
        for (Resource script : all(root + "js/*.js")) contents.put("js/" + script.getFilename(), bytes(script));

        Map<String, Asset> byPath = new TreeMap<>();
        contents.forEach((path, plain) -> byPath.put(path, new Asset(type(path), plain, gzip(plain))));
        return new Shelf(digest(contents), Map.copyOf(byPath));
    }

    private String stylesheet() {
        String contents = text(only(root + "css/countersign.css"));
        Matcher imports = IMPORT.matcher(contents);
        return imports.replaceAll(found -> Matcher.quoteReplacement("@layer " + found.group(2) + " {\n"
                + text(only(root + "css/" + found.group(1))) + "}"));
    }

    private static Resource only(String location) {
        Resource[] found = all(location);
        if (found.length != 1) throw new IllegalStateException(found.length + " resources at " + location);
        return found[0];
    }

    private static Resource[] all(String location) {
        try {
            return new PathMatchingResourcePatternResolver().getResources(location);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String text(Resource resource) {
        return new String(bytes(resource), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Resource resource) {
        try {
            return resource.getContentAsByteArray();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String type(String path) {
        return TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    }

    private static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(plain);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return packed.toByteArray();
    }

    private static String digest(Map<String, byte[]> contents) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            contents.forEach((path, plain) -> {
                sha.update(path.getBytes(StandardCharsets.UTF_8));
                sha.update(plain);
            });
            return HexFormat.of().formatHex(sha.digest(), 0, 6);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
