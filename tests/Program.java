package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Any program in a process of its own, in our environment if not told otherwise: jbangw, an example, a shell. */
final class Program {
    /** JBang reads them in the working folder, those above it, and its own. Its compiler, to which they pass one option only, runs too shortly to need the best code itself. */
    static final String JBANG_SETTINGS = "compileoption = -J-XX:VMOptionsFile=" + inClone("tests/javac.options") + "\n";

    private final Scratch scratch = Scratch.create("program");
    private final ProcessBuilder builder;

    private Program(List<String> command) {
        builder = new ProcessBuilder(command);
        scratch.write("jbang.properties", JBANG_SETTINGS);
        builder.directory(scratch.path().toFile());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectOutput(scratch.resolve("stdout").toFile());
        builder.redirectError(scratch.resolve("stderr").toFile());
    }

    /** It works in a folder with nothing but settings for JBang. */
    static Program of(Object... words) {
        return new Program(Arrays.stream(words).map(Object::toString).toList());
    }

    /** The launcher of this clone. */
    static Program jbangw(Object... words) {
        List<Object> command = new ArrayList<>(List.of(inClone("jbangw")));
        command.addAll(List.of(words));
        return of(command.toArray());
    }

    /** A script without JBang, with these options for Java. */
    static Program script(List<String> options, Path source, Object... arguments) {
        List<Object> command = new ArrayList<>(Scripts.command(options, source));
        command.addAll(List.of(arguments));
        return of(command.toArray());
    }

    /** A main class among the classes of the tests. */
    static Program java(Object... words) {
        List<Object> command = new ArrayList<>(Java.command());
        command.addAll(List.of(words));
        return of(command.toArray());
    }

    /** A file of the clone that the tests run in. */
    static Path inClone(String name) {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("jbangw"))) {
            folder = folder.getParent();
        }
        Need.that(folder != null, "the tests don't run within a clone");
        return folder.resolve(name);
    }

    /** What a script wrote to stderr, without what JBang said before it. */
    static String withoutJbang(String err) {
        return err.lines().filter(line -> !line.startsWith("[jbang]")).map(line -> line + "\n").collect(Collectors.joining());
    }

    Program env(String name, Object value) {
        builder.environment().put(name, value.toString());
        return this;
    }

    /** Nothing but what {@link #env} adds after it. */
    Program withoutEnvironment() {
        builder.environment().clear();
        return this;
    }

    Program in(Path folder) {
        builder.directory(folder.toFile());
        return this;
    }

    /** Leaves the standard input to {@link RunningTool#type}. */
    Program typed() {
        builder.redirectInput(ProcessBuilder.Redirect.PIPE);
        return this;
    }

    Program stdin(String text) {
        return stdin(text.getBytes(StandardCharsets.UTF_8));
    }

    Program stdin(byte[] content) {
        builder.redirectInput(scratch.write("stdin", content).toFile());
        return this;
    }

    Tool.Result call() {
        try (RunningTool running = start()) {
            return running.await();
        }
    }

    RunningTool start() {
        try {
            return new RunningTool(builder.start(), scratch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
