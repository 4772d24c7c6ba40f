package mailtool;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Scripts, each compiled once for a run of the tests, as JBang does, and each into a folder of its own, as they know nothing of each other. */
final class Scripts implements AutoCloseable {
    private static final SharedFixture<Scripts> SHARED = new SharedFixture<>(Scripts::new);

    private final Scratch scratch = Scratch.create("scripts");
    private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    private final Map<Path, Path> compiled = new HashMap<>();

    /** A command that runs one, with these options for Java; its arguments are to follow. */
    static List<String> command(List<String> options, Path source) {
        List<String> command = new ArrayList<>(Java.commandWith(SHARED.get().compiled(source)));
        command.addAll(options);
        command.add(source.getFileName().toString().replace(".java", ""));
        return command;
    }

    private synchronized Path compiled(Path source) {
        return compiled.computeIfAbsent(source, this::compile);
    }

    private Path compile(Path source) {
        Path classes = scratch.folder(String.valueOf(compiled.size()));
        StringWriter said = new StringWriter();
        List<String> options = List.of("-proc:none", "-encoding", "UTF-8", "-cp", System.getProperty("java.class.path"), "-d", classes.toString());
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            if (!compiler.getTask(said, files, null, options, null, files.getJavaFileObjects(source)).call()) {
                throw new IllegalStateException("can't compile " + source + "\n" + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return classes;
    }

    @Override
    public void close() {
        scratch.close();
    }
}
