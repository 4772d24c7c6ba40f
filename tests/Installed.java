package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** MailTool as {@code install} has put it into the home folder of an ordinary user: nobody where the tests run as root. */
final class Installed implements AutoCloseable {
    private static final Pattern CLASS = Pattern.compile("mailtool/(\\w+).*\\.class");
    private static final Path JARS = jars();
    private final Scratch scratch = Scratch.create("installed");
    private final Path java;
    final Path home = scratch.folder("home");
    final Path launcher = home.resolve(".local/bin/mailtool");
    final Path lib = home.resolve(".local/lib/mailtool");
    /** How the first installing went. */
    final Tool.Result first;

    private Installed(Path jdk, String... options) {
        java = jdk.resolve("bin/java");
        SystemCommand.run("chmod", "777", home);
        first = install(options);
    }

    static Installed on(Path jdk, String... options) {
        return new Installed(jdk, options);
    }

    /** Again from where it came from. */
    Tool.Result install(String... options) {
        List<Object> words = new ArrayList<>(List.of(java, "-XX:TieredStopAtLevel=1", "-cp", classPath(), "mailtool.MailTool", "install"));
        words.addAll(List.of(options));
        return run(words.toArray());
    }

    /** Into another home, with one more entry in the class path. */
    Tool.Result install(Path other, Path entry) {
        SystemCommand.run("chmod", "777", other);
        return program(java, "-XX:TieredStopAtLevel=1", "-cp", classPath() + ":" + entry, "mailtool.MailTool", "install")
            .env("HOME", other).env("PATH", "/usr/bin:/bin").call();
    }

    /** A command as that user runs it, with nothing in its environment but HOME and PATH. */
    Tool.Result run(Object... words) {
        return program(words).env("HOME", home).env("PATH", "/usr/bin:/bin").call();
    }

    /** A command as that user, with nothing in its environment. */
    static Program program(Object... words) {
        List<Object> command = new ArrayList<>();
        if (Need.isRoot()) {
            command.addAll(List.of(Need.program("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        command.addAll(List.of(words));
        return Program.of(command.toArray()).in(Path.of("/")).withoutEnvironment();
    }

    /** Writes a file anew, as that user. */
    void write(Path file, String text) {
        Tool.Result written = program("/bin/sh", "-c", "mkdir -p \"${1%/*}\"; cat > \"$1\"", "sh", file).env("PATH", "/usr/bin:/bin").stdin(text).call();
        if (written.exit() != 0) {
            throw new IllegalStateException(written.toString());
        }
    }

    static String classPath() {
        try (var files = Files.list(JARS)) {
            return String.join(":", files.map(Path::toString).sorted().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies of the tool's classes and libraries, as they may be in a home folder which others can't read, without the classes of the tests. */
    private static Path jars() {
        Scratch scratch = Scratch.create("jars");
        Runtime.getRuntime().addShutdownHook(new Thread(scratch::close));
        for (Path jar : Java.jars()) {
            copy(jar, scratch.resolve(jar.getFileName().toString()));
        }
        return scratch.path();
    }

    private static void copy(Path jar, Path target) {
        try (ZipFile from = new ZipFile(jar.toFile()); ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(target))) {
            to.setLevel(Deflater.NO_COMPRESSION);
            for (ZipEntry entry : Collections.list(from.entries())) {
                if (!isOfTests(entry.getName())) {
                    to.putNextEntry(new ZipEntry(entry.getName()));
                    from.getInputStream(entry).transferTo(to);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOfTests(String name) {
        Matcher ours = CLASS.matcher(name);
        return ours.matches() && Files.exists(Program.inClone("tests/" + ours.group(1) + ".java"));
    }

    /** The value of a line of what install has said. */
    static String said(Tool.Result run, String name) {
        Matcher line = Pattern.compile("(?m)^" + Pattern.quote(name) + " +(.*)$").matcher(run.out());
        if (!line.find()) {
            throw new AssertionError("no " + name + " in " + run);
        }
        return line.group(1);
    }

    @Override
    public void close() {
        scratch.close();
    }
}
