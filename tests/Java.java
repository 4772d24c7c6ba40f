package mailtool;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.net.ServerSocketFactory;

/**
 * Processes of the Java that the tests run with and of the tool's classes and those of the tests. They start fast, as installed ones do and with the same options:
 * the classes lie in one jar, those of the usual commands in an archive too, both made for one run of the tests.
 */
final class Java implements AutoCloseable {
    private static final List<String> QUICK = List.of(Jvm.OPTIONS.split(" "));
    private static final Pattern NEEDED = Pattern.compile("^(Tests|Bench|Kills)\\.jar"
        + "|^commons-(net|io|email|cli)|angus|jakarta|scram|prep|gson|error_prone|mime4j|jsoup|fastcsv|jmustache");
    private static final SharedFixture<Java> SHARED = new SharedFixture<>(Java::new);

    private final Scratch scratch = Scratch.create("archive");
    private final Path jar = scratch.resolve("mailtool.jar");
    private final Path archive = scratch.resolve("classes");

    private Java() throws IOException {
        new MergedJar(jars()).writeTo(Files.newOutputStream(jar));
        List<String> command = new ArrayList<>(command(program(), jar, List.of("-XX:ArchiveClassesAtExit=" + archive)));
        command.addAll(List.of(WarmUp.class.getName(), scratch.path().toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectInput(new File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().keySet().removeIf(name -> name.startsWith("XDG_"));
        builder.environment().put("HOME", scratch.folder("home").toString());
        builder.environment().put("MAILTOOL_PASSWORD", "secret");
        int exit = builder.start().onExit().join().exitValue();
        if (exit != 0) {
            throw new IllegalStateException("the warm-up did not get to its end: exit " + exit);
        }
    }

    /** The jars of the tool's classes and libraries. */
    static List<Path> jars() {
        return Stream.of(System.getProperty("java.class.path").split(":")).map(Path::of)
            .filter(jar -> NEEDED.matcher(jar.getFileName().toString()).find()).toList();
    }

    /** Java, its options and its class path; a main class is to follow, or further options. */
    static List<String> command() {
        Java shared = SHARED.get();
        return command(program(), shared.jar, Files.exists(shared.archive) ? List.of("-XX:SharedArchiveFile=" + shared.archive) : List.of());
    }

    /** The same with further classes. */
    static List<String> commandWith(Path classes) {
        List<String> command = new ArrayList<>(command());
        command.add(command.remove(command.size() - 1) + ":" + classes);
        return command;
    }

    /** The same for a shell. */
    static String quoted() {
        return command().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    }

    /** By a JDK that may be another one, which the archive does not fit. */
    static List<String> commandOn(Path jdk) {
        Path other = jdk.resolve("bin/java");
        return other.equals(program()) ? command() : command(other, SHARED.get().jar, List.of());
    }

    private static List<String> command(Path program, Path jar, List<String> options) {
        return Stream.of(List.of(program.toString()), QUICK, options, List.of("-cp", jar.toString())).flatMap(List::stream).toList();
    }

    private static Path program() {
        return Path.of(System.getProperty("java.home"), "bin/java");
    }

    @Override
    public void close() {
        scratch.close();
    }

    /** The usual commands, with servers that know just enough for them. */
    static final class WarmUp {
        private static final Map<String, String> ANSWERS = Map.of(
            "CAPA", "+OK\r\nUIDL\r\nTOP\r\nUSER\r\nPIPELINING\r\n.\r\n",
            "USER", "+OK\r\n",
            "PASS", "+OK\r\n",
            "STAT", "+OK 1 40\r\n",
            "LIST", "+OK\r\n1 40\r\n.\r\n",
            "UIDL", "+OK\r\n1 one\r\n.\r\n",
            "TOP", "+OK\r\nFrom: a@example.org\r\nSubject: one\r\n\r\n.\r\n",
            "RETR", "+OK\r\nFrom: a@example.org\r\nSubject: one\r\n\r\nHello\r\n.\r\n",
            "QUIT", "+OK\r\n");

        public static void main(String... words) throws IOException {
            Path folder = Path.of(words[0]);
            Path mail = Files.writeString(folder.resolve("mail.eml"), "From: a@example.org\nSubject: one\nContent-Type: text/html\n\n<p>Hello");
            String box = MailTool.WarmUp.serve(ServerSocketFactory.getDefault(), "+OK\r\n", ANSWERS);
            List<String> calls = List.of(
                "read --eml " + mail,
                "read --json --save " + folder.resolve("saved") + " --eml " + mail,
                "inbox -S pop3://ops@" + box,
                "inbox --json -S pop3://ops@" + box,
                "fetch -S pop3://ops@" + box + " --maildir " + folder.resolve("Maildir"),
                "fetch -S pop3s://ops@" + box + " --mbox " + folder.resolve("mbox"),
                "stat --json -S pop3://ops@" + box,
                "send --dry-run -f a@example.org -t b@example.org -a " + mail,
                "send -v -S smtp://127.0.0.1:1 -f a@example.org -t b@example.org --text Hello",
                "send --json -S smtp://127.0.0.1:1 -f a@example.org -t b@example.org --text Hello",
                "probe --json -S smtp://127.0.0.1:1",
                "send --help",
                "send --nonsense");
            calls.forEach(call -> MailTool.run(new Terminal(), List.of(call.split(" "))));
            MailTool.WarmUp.main("other.archive");
        }
    }
}
