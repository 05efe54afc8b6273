package dev.countersign.policy.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bugs planted by hand into the engine, one at a time: each is compiled and the engine's own tests are run on it. A
/// bug that no test notices fails here, so the tests are known to be able to fail.
class PlantedBugsTests {
    private static final String SOURCES = "src/main/java/dev/countersign/policy/";
    private static final List<String> NOTICING = List.of(
            "dev.countersign.conformance.DecisionsTests",
            "dev.countersign.conformance.PathNormalizationTests",
            "dev.countersign.policy.eval.AuthorizerTests",
            "dev.countersign.policy.eval.AttachmentTests",
            "dev.countersign.policy.eval.TokenTests",
            "dev.countersign.policy.eval.PathNormalizationTests",
            "dev.countersign.policy.eval.PeerTests",
            "dev.countersign.policy.eval.PathTemplateTests",
            "dev.countersign.policy.eval.AddressBlockTests");

    private record Bug(String file, String right, String wrong) {}

    private static final List<Bug> BUGS = List.of(
            new Bug("eval/Authorizer", "first(Action.DENY, false, call)", "first(Action.DENY, true, call)"),
            new Bug("eval/Authorizer", "if (!any(Action.ALLOW, false, call))",
                    "if (!any(Action.ALLOW, false, call) && !any(Action.ALLOW, true, call))"),
            new Bug("eval/Authorizer", "first(Action.ALLOW, false, call)", "first(Action.AUDIT, false, call)"),
            new Bug("eval/Authorizer", "return custom(call)\n", "return Optional.<Outcome>empty()\n"),
            new Bug("eval/Authorizer", "providers.size() == 1", "providers.size() >= 1"),
            new Bug("eval/Authorizer", "(authorizer.get().http() && call.http().isEmpty())", "authorizer.get().http()"),
            new Bug("eval/Authorizer", ".sorted(Comparator.comparing(RuleReading::key))",
                    ".sorted(Comparator.comparing(RuleReading::index))"),
            new Bug("eval/Authorizer", ".sorted(Comparator.comparing(guard -> RuleReader.key(guard.policy(), 0)))", ""),
            new Bug("eval/Authorizer", "ztunnel ? Optional.empty() :", "!ztunnel ? Optional.empty() :"),
            new Bug("eval/Authorizer", "hit.isPresent() == (action == Action.ALLOW)", "hit.isPresent()"),
            new Bug("eval/Authorizer", "call.http().isPresent() ? onHttp : onTcp", "onHttp"),
            new Bug("eval/Authorizer", "first(Action.AUDIT, false, call).isPresent()",
                    "any(Action.AUDIT, false, call)"),
            new Bug("eval/RuleReading", "if (entries.isEmpty()) {\n            return true;",
                    "if (entries.isEmpty()) {\n            return false;"),
            new Bug("eval/RuleReading", "some(from, call) && some(to, call)", "(some(from, call) || some(to, call))"),
            new Bug("eval/RuleReading", "&& all(when, call);", ";"),
            new Bug("eval/RuleReading", "never.isEmpty() && some", "some"),
            new Bug("eval/RuleReader", "&& !some(none, call)", ""),
            new Bug("eval/RuleReader", "(any.isEmpty() || some(any, call))", "some(any, call)"),
            new Bug("eval/RuleReader", "Integer.parseInt(value)", "Integer.decode(value)"),
            new Bug("eval/EnvoyReader", "policy.action() == Action.ALLOW && !leftOut", "!leftOut"),
            new Bug("eval/EnvoyReader", "domains.principals(values.none())", "values.none()"),
            new Bug("eval/EnvoyReader", "block(value, Call::sourceIp)", "block(value, Call::remoteIp)"),
            new Bug("eval/EnvoyReader", "match.matchesAnyCase(http.host())", "match.matches(http.host())"),
            new Bug("eval/EnvoyReader", "match.matches(http.method())", "match.matchesAnyCase(http.method())"),
            new Bug("eval/EnvoyReader", "path.charAt(i) == '?' || ", ""),
            new Bug("eval/EnvoyReader", "value.equals(\"*\") || match.matches(text)", "match.matches(text)"),
            new Bug("eval/EnvoyReader", "String.join(\",\", lines)", "lines.getFirst()"),
            new Bug("eval/EnvoyReader", "List.of(\"aud\")", "List.of(\"azp\")"),
            new Bug("eval/EnvoyReader", "case \":authority\", \"host\"", "case \":authority\""),
            new Bug("eval/EnvoyReader", "call.sni().orElse(\"\")", "call.sni().orElse(\"none\")"),
            new Bug("eval/EnvoyReader", "found instanceof String text && match.matches(text);\n        };",
                    "match.matches(String.valueOf(found));\n        };"),
            new Bug("eval/ZtunnelReader", "policy.action() == Action.ALLOW && !nouns", "!nouns"),
            new Bug("eval/ZtunnelReader", "entries.stream().filter(clauses -> !clauses.isEmpty()).toList()", "entries"),
            new Bug("eval/ZtunnelReader", "|| when.size() < rule.when().size()", ""),
            new Bug("eval/ZtunnelReader", "slash < 0 ? policyNamespace :", "slash < 0 ? \"default\" :"),
            new Bug("eval/Attachment", "policy.action() == Action.DENY) && !policy.dryRun()",
                    "policy.action() == Action.DENY)"),
            new Bug("eval/Attachment", "|| policy.metadata().namespace().equals(mesh.rootNamespace())", ""),
            new Bug("eval/Attachment", "is(reference, GATEWAY_API, \"Gateway\") && isOwn(policy)",
                    "is(reference, GATEWAY_API, \"Gateway\") && isHere(policy)"),
            new Bug("eval/Attachment", " || is(reference, \"core\", \"Service\")", ""),
            new Bug("eval/Attachment", "&& policy.metadata().namespace().equals(service.namespace())",
                    "&& !service.name().isEmpty()"),
            new Bug("eval/Attachment", "workload.labels().entrySet().containsAll(labels.entrySet())",
                    "workload.labels().keySet().containsAll(labels.keySet())"),
            new Bug("eval/TrustDomainBundle", "domain.equals(POINTER)\n                ||", ""),
            new Bug("eval/TrustDomainBundle", "parts.length != 5 || ", ""),
            new Bug("eval/TrustDomainBundle", "covered ? value : domain + rest", "domain + rest"),
            new Bug("eval/TrustDomainBundle", "expanded.addAll(ours);", "expanded.add(value);"),
            new Bug("eval/Peer", "found + piece.length()", "found + 1"),
            new Bug("eval/Peer", "principal.indexOf(start, 1)", "principal.indexOf(start)"),
            new Bug("eval/Peer", "slash < 0 ? policyNamespace :", "slash < 0 ? value :"),
            new Bug("eval/Token", "value.lastIndexOf('/')", "value.indexOf('/')"),
            new Bug("eval/Token", "&& claims.get(\"sub\") instanceof String sub && subject.matches(sub)", ""),
            new Bug("eval/Token", "Set.of(\"scope\", \"permission\")", "Set.of(\"permission\")"),
            new Bug("eval/PathTemplate", "if (character == '/' || inSegment(character))", "if (inSegment(character))"),
            new Bug("eval/PathTemplate", "next.set(2 * token + 1);", ""),
            new Bug("eval/AddressBlock", "mask(length - 64)", "mask(length - 63)"),
            new Bug("eval/AddressBlock", "mask(length + 32)", "mask(length + 31)"),
            new Bug("eval/Address", "octet > 255", "octet > 256"),
            new Bug("eval/PathNormalization",
                    "case MERGE_SLASHES -> canonical(path).map(clean -> merged(clean) + query)",
                    "case MERGE_SLASHES -> canonical(path).map(clean -> clean + query)"),
            new Bug("eval/PathNormalization", "canonical(decoded(path))", "canonical(path)"),
            new Bug("eval/PathNormalization", "if (code == 0)", "if (code == 256)"),
            new Bug("model/StringMatch", "if (value.startsWith(\"*\")) {",
                    "if (value.startsWith(\"*\") && !value.endsWith(\"*\")) {"),
            new Bug("model/StringMatch", "case Present() -> !text.isEmpty();\n        };\n    }\n\n    /// As",
                    "case Present() -> true;\n        };\n    }\n\n    /// As"),
            new Bug("model/StringMatch", "exact.equals(text)", "exact.equalsIgnoreCase(text)"));

    @TempDir
    Path folder;

    @Test
    void theTestsAgreeWithTheEngineAsItIs() throws Exception {
        assertThat(noticed(folder)).as("a test that fails without a bug").isFalse();
    }

    @Test
    void everyPlantedBugIsNoticed() throws Exception {
        List<String> survivors = new ArrayList<>();
        for (int i = 0; i < BUGS.size(); i++) {
            Path classes = Files.createDirectory(folder.resolve("bug" + i));
            plant(BUGS.get(i), classes);
            if (!noticed(classes)) {
                survivors.add(BUGS.get(i).toString());
            }
        }
        System.out.println("planted bugs noticed " + (BUGS.size() - survivors.size()) + "/" + BUGS.size());
        assertThat(survivors).isEmpty();
    }

    private void plant(Bug bug, Path classes) throws IOException, URISyntaxException {
        String source = Files.readString(Path.of(SOURCES, bug.file() + ".java"));
        assertThat(source.split(java.util.regex.Pattern.quote(bug.right()), -1)).as(bug + " has one place").hasSize(2);
        Path planted = Files.createDirectories(classes.resolve("source").resolve(bug.file()).getParent())
                .resolve(Path.of(bug.file()).getFileName() + ".java");
        Files.writeString(planted, source.replace(bug.right(), bug.wrong()));
        Path engine = Path.of(Authorizer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        int result = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-nowarn", "-cp", engine.toString(), "-d", classes.toString(),
                        planted.toString());
        assertThat(result).as(bug + " compiles").isZero();
    }

    /// Whether some test fails when classes of `planted` stand in the place of the engine's.
    private static boolean noticed(Path planted) throws Exception {
        PrintStream out = System.out;
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        try {
            ClassLoader loader = new PlantedLoader(planted);
            for (String name : NOTICING) {
                if (fails(loader.loadClass(name))) {
                    return true;
                }
            }
            return false;
        } finally {
            System.setOut(out);
        }
    }

    private static boolean fails(Class<?> tests) throws Exception {
        Constructor<?> constructor = tests.getDeclaredConstructor();
        constructor.setAccessible(true);
        for (Method method : tests.getDeclaredMethods()) {
            if (method.isAnnotationPresent(Test.class)) {
                method.setAccessible(true);
                try {
                    method.invoke(constructor.newInstance());
                } catch (InvocationTargetException failed) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Loads everything of ours anew, planted classes first.
    private static final class PlantedLoader extends ClassLoader {
        private final Path planted;

        PlantedLoader(Path planted) {
            super(PlantedBugsTests.class.getClassLoader());
            this.planted = planted;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null) {
                    return loaded;
                }
                if (!Stream.of("dev.countersign.policy.", "dev.countersign.conformance.").anyMatch(name::startsWith)) {
                    return super.loadClass(name, resolve);
                }
                byte[] bytes = bytes(name.replace('.', '/') + ".class");
                return defineClass(name, bytes, 0, bytes.length);
            }
        }

        private byte[] bytes(String file) throws ClassNotFoundException {
            try {
                if (Files.exists(planted.resolve(file))) {
                    return Files.readAllBytes(planted.resolve(file));
                }
                try (InputStream original = getParent().getResourceAsStream(file)) {
                    if (original == null) {
                        throw new ClassNotFoundException(file);
                    }
                    return original.readAllBytes();
                }
            } catch (IOException unreadable) {
                throw new ClassNotFoundException(file, unreadable);
            }
        }
    }
}
