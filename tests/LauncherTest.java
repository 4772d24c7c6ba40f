package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** jbangw, and MailTool.java started by it, in all the surroundings that an ops person has. */
@ResourceLock("jbangw")
final class LauncherTest {
    private static final String JAR = "jbang-cli-0.132.1-all.jar";
    private static final List<String> DRY_RUN = List.of("send", "-f", "a@example.org", "-t", "b@example.org", "-s", "Größe ✓", "--text", "Hello", "--dry-run");
    private static final String ECHO = """
        class Echo {
            public static void main(String... args) throws Exception {
                for (String word : args) {
                    System.out.println(java.util.HexFormat.of().formatHex(word.getBytes("UTF-8")));
                }
                System.out.println(java.util.HexFormat.of().formatHex(System.in.readAllBytes()));
                System.exit(79);
            }
        }
        """;

    // Passing through

    @Test
    void argumentsInputAndExitCodePassUnchangedAlsoInDashAndInTheCLocale() {
        List<String> words = List.of("two words", "it's", "say \"hi\"", "$HOME `id` $(id)", "line\nbreak", "", "umlaut äöü €", "back\\slash", "*", "@file", "--help", "-", "a;b&c|d<e>f", "!x", "~");
        byte[] input = new byte[512];
        for (int i = 0; i < input.length; i++) {
            input[i] = (byte) i;
        }
        try (Scratch scratch = Scratch.create("echo")) {
            Path script = scratch.write("Echo.java", ECHO);
            Object[] command = Stream.concat(Stream.of(Need.program("dash"), Program.inClone("jbangw"), script), words.stream()).toArray();
            Tool.Result run = Program.of(command).env("LC_ALL", "C").stdin(input).call();
            Stream<String> expected = Stream.concat(words.stream().map(word -> HexFormat.of().formatHex(word.getBytes(StandardCharsets.UTF_8))), Stream.of(HexFormat.of().formatHex(input)));
            assertEquals(expected.map(line -> line + "\n").collect(Collectors.joining()), run.out(), run::toString);
            assertEquals(79, run.exit());
        }
    }

    @Test
    void anAliasWorksFromAnyFolder() {
        try (Scratch scratch = Scratch.create("elsewhere")) {
            scratch.folder("mailtool");
            Tool.Result run = Program.jbangw("mailtool", "--version").in(scratch.path()).call();
            assertEquals(0, run.exit(), run::toString);
            assertTrue(run.out().matches("mailtool \\d+\\.\\d+.*\n"), run::toString);
        }
    }

    @Test
    void aSignalEndsTheToolAndNothingStays() {
        try (ScriptedServer server = ScriptedServer.start(ScriptedPeer::stall)) {
            Program program = Program.jbangw("mailtool", "send", "-S", "smtp://127.0.0.1:" + server.port(), "-f", "a@example.org", "-t", "b@example.org", "--text", "x", "-v");
            try (RunningTool running = program.start()) {
                running.awaitOutput("*** connecting");
                assertEquals(0, running.process().descendants().count(), "processes beside the one that was started");
                assertEquals(143, running.signal("TERM").await().exit());
            }
        }
    }

    @Test
    void besideACopyWithoutTheCatalogItSaysHowThatIsRun() throws IOException {
        try (Scratch scratch = Scratch.create("copied")) {
            Files.copy(Program.inClone("jbangw"), scratch.resolve("jbangw"));
            Files.copy(Program.inClone("MailTool.java"), scratch.resolve("MailTool.java"));
            Tool.Result run = Program.of(Need.program("dash"), "./jbangw", "mailtool", "send", "--dry-run").in(scratch.path()).call();
            assertEquals(64, run.exit(), run::toString);
            assertEquals("", run.out());
            assertTrue(run.err().contains("run ./jbangw MailTool.java ..."), run::toString);
        }
    }

    @Test
    void theFileCanBeExecuted() {
        assertTrue(Files.isExecutable(Program.inClone("MailTool.java")));
    }

    /** As README says, without JBang at run time. */
    @Test
    void aFatJarNeedsJavaAloneAndALocaleForUmlauts() {
        try (Scratch scratch = Scratch.create("fatjar")) {
            Path jar = scratch.resolve("mailtool.jar");
            Tool.Result export = Program.jbangw("export", "fatjar", "-O", jar, Program.inClone("MailTool.java")).call();
            assertEquals(0, export.exit(), export::toString);
            Object[] command = Stream.concat(Stream.of(Path.of(System.getProperty("java.home"), "bin", "java"), "-jar", jar), DRY_RUN.stream()).toArray();
            assertPrintsTheMessage(Program.of(command).withoutEnvironment().env("LC_ALL", "C.UTF-8").call());
            Tool.Result inC = Program.of(command).withoutEnvironment().env("LC_ALL", "C").call();
            assertEquals(78, inC.exit(), inC::toString);
            assertTrue(inC.err().contains("LC_ALL=C.UTF-8"), inC::toString);
        }
    }

    // Surroundings

    @Test
    void aCopyOfTheFileAloneRunsWithoutHomeOrEnvironment() throws IOException {
        try (Scratch scratch = Scratch.create("alone")) {
            Path copy = Files.copy(Program.inClone("MailTool.java"), scratch.folder("empty").resolve("MailTool.java"));
            provideJbang(privateCache(scratch));
            Program program = Program.jbangw(words("./" + copy.getFileName(), DRY_RUN)).in(copy.getParent()).withoutEnvironment();
            assertPrintsTheMessage(program.env("PATH", System.getenv("PATH")).env("TMPDIR", scratch.path()).call());
        }
    }

    @Test
    void aHomeThatCanNotBeWrittenToIsLeftAlone() throws IOException {
        try (Scratch scratch = Scratch.create("nohome")) {
            provideJbang(privateCache(scratch));
            Program program = Program.jbangw(words("mailtool", DRY_RUN)).env("HOME", "/dev/null").env("TMPDIR", scratch.path());
            assertPrintsTheMessage(program.env("LC_ALL", "C").call());
        }
    }

    @Test
    void itRunsWithoutANetworkOnceItsDependenciesAreThere() {
        Need.root("a network of its own");
        assertPrintsTheMessage(Program.jbangw(words("mailtool", DRY_RUN)).call());
        Object[] offline = Stream.concat(Stream.of(Need.program("unshare"), "-n", Program.inClone("jbangw")), Stream.of(words("mailtool", DRY_RUN))).toArray();
        assertPrintsTheMessage(Program.of(offline).call());
    }

    @Test
    void itRunsOnJava17() {
        assertPrintsTheMessage(Program.jbangw(words("mailtool", DRY_RUN)).env("JAVA_HOME", Jdks.needed(17)).call());
    }

    @Test
    void itRunsOnJava25() {
        assertPrintsTheMessage(Program.jbangw(words("mailtool", DRY_RUN)).env("JAVA_HOME", Jdks.needed(25)).call());
    }

    private static void assertPrintsTheMessage(Tool.Result run) {
        assertEquals(0, run.exit(), run::toString);
        assertTrue(run.out().startsWith("Date: "), run::toString);
        assertEquals("Größe ✓", subject(run.stdout()), run::toString);
        assertTrue(run.out().endsWith("\r\nHello\r\n"), run::toString);
    }

    private static String subject(byte[] message) {
        try {
            return new MimeMessage(null, new ByteArrayInputStream(message)).getSubject();
        } catch (MessagingException e) {
            throw new AssertionError(e);
        }
    }

    private static Object[] words(String script, List<String> arguments) {
        return Stream.concat(Stream.of(script), arguments.stream()).toArray();
    }

    // For everybody

    @Test
    void rootInstallsItForEverybody() {
        Need.root("a /usr of its own");
        try (Scratch scratch = Scratch.create("usr")) {
            Path upper = scratch.folder("upper");
            String overlay = "mount -t overlay -o lowerdir=/usr,upperdir=" + upper + ",workdir=" + scratch.folder("work") + " overlay /usr";
            Need.that(Program.of("unshare", "-m", "sh", "-c", overlay).call().exit() == 0, "no mount namespace with an overlay can be had here");
            Path foreign = Path.of("/usr/sbin/sendmail");
            String script = overlay + """

                rm -f /usr/lib/sendmail /usr/bin/mailq; ln -s nowhere /usr/bin/mailq
                echo '#!/bin/sh' > /usr/sbin/sendmail
                %s mailtool install --as-sendmail; echo "exit $?"
                cat /usr/sbin/sendmail; rm /usr/sbin/sendmail
                umask 077
                mailtool install 2>&1; echo "exit $?"
                readlink -f /usr/sbin/sendmail /usr/lib/sendmail /usr/bin/mailq
                stat -c %%a /usr/local/lib/mailtool /usr/local/lib/mailtool/send.archive /usr/local/bin/mailtool
                mailtool install --bin /usr/local/new/bin > /dev/null 2>&1
                stat -c %%a /usr/local/new /usr/local/new/bin /usr/local/new/bin/mailtool
                exec setpriv --reuid=65534 --regid=65534 --clear-groups env -i /usr/local/new/bin/mailtool -V
                """.formatted(Program.inClone("jbangw"));
            Tool.Result run = Program.of("unshare", "-m", "sh", "-c", script).call();
            String launcher = "/usr/local/bin/mailtool\n";
            String expected = "(?s).*exit 78\n#!/bin/sh\n.*exit 0\n" + launcher.repeat(3) + "755\n644\n755\n755\n755\n755\nmailtool \\d+\\.\\d+ \\(Java .*\\)\n";
            assertTrue(run.out().matches(expected), run::toString);
            assertTrue(run.err().contains("mailtool: " + foreign + " is another's"), run::toString);
        }
    }

    // What is missing

    @Test
    void withoutJavaItSaysHowToGetOne() throws IOException {
        try (Scratch scratch = Scratch.create("nojava")) {
            Tool.Result run = bare(scratch, "mailtool", "--version").call();
            assertEquals(4, run.exit(), run::toString);
            assertTrue(run.err().startsWith("jbangw: needs Java 17 or newer") && run.err().contains("apt install openjdk-17-jdk-headless"), run::toString);
            assertEquals("", run.out());
        }
    }

    @Test
    void withoutJbangAndMavenItSaysHowToGetOne() throws IOException {
        try (Scratch scratch = Scratch.create("nojbang")) {
            Tool.Result run = bare(scratch, "mailtool", "--version").env("JAVA_HOME", System.getProperty("java.home")).call();
            assertEquals(127, run.exit(), run::toString);
            assertTrue(run.err().contains("install Maven") && run.err().contains("JBANGW_JAR"), run::toString);
        }
    }

    @Test
    void aJarWithTheWrongSumIsNotUsed() throws IOException {
        try (Scratch scratch = Scratch.create("wrongsum")) {
            Path jar = scratch.write("bad.jar", "not JBang");
            Tool.Result run = bare(scratch, "mailtool", "--version").env("JAVA_HOME", System.getProperty("java.home")).env("JBANGW_JAR", jar).call();
            assertEquals(127, run.exit(), run::toString);
            assertTrue(run.err().contains(JAR + " with the SHA-256 "), run::toString);
            assertFalse(Files.exists(scratch.resolve("home/.jbang/cache/" + JAR)));
        }
    }

    @Test
    void aJarThatIsNamedIsCheckedAndKept() throws IOException {
        try (Scratch scratch = Scratch.create("named")) {
            Path script = scratch.write("Echo.java", ECHO);
            Path home = scratch.folder("home");
            Tool.Result run = bare(scratch, script, "word").env("JAVA_HOME", System.getProperty("java.home")).env("HOME", home).env("JBANGW_JAR", jbangJar()).call();
            assertEquals(79, run.exit(), run::toString);
            assertTrue(Files.exists(home.resolve(".jbang/cache/" + JAR)));
        }
    }

    /** A PATH with the few tools that jbangw needs, and neither Java nor anything that fetches. */
    private static Program bare(Scratch scratch, Object... words) throws IOException {
        Path programs = scratch.folder("bin");
        for (String name : List.of("sh", "bash", "grep", "mkdir", "mktemp", "rm", "mv", "cp", "id", "find", "sha256sum", "readlink", "uname", "dirname")) {
            Files.createSymbolicLink(programs.resolve(name), Need.program(name));
        }
        return Program.jbangw(words).withoutEnvironment().env("PATH", programs).env("HOME", scratch.folder("home"));
    }

    /** Where jbangw keeps its things without a home. */
    private static Path privateCache(Scratch scratch) {
        String user = SystemCommand.run("id", "-u").strip();
        Path cache = scratch.folder("jbangw-" + user);
        SystemCommand.run("chmod", "700", cache);
        return cache;
    }

    /** Spares the test what it is not about: fetching JBang and the dependencies, and a slow compiler. */
    private static void provideJbang(Path cache) throws IOException {
        Files.copy(jbangJar(), cache.resolve(JAR));
        Files.writeString(cache.resolve("jbang.properties"), Program.JBANG_SETTINGS);
        Path known = jbangJar().resolveSibling("dependency_cache.json");
        if (Files.exists(known)) {
            Files.copy(known, cache.resolve("dependency_cache.json"));
        }
    }

    /** In JBang's cache since jbangw started the tests; where JBang itself is installed there may be none. */
    private static Path jbangJar() {
        String folder = System.getenv().getOrDefault("JBANG_CACHE_DIR", System.getProperty("user.home") + "/.jbang/cache");
        Path jar = Path.of(folder, JAR);
        Need.that(Files.exists(jar), "jbangw did not start the tests: there is no " + jar);
        return jar;
    }

    // The files

    @Test
    void theCatalogDescribesEachAlias() throws IOException {
        JsonObject catalog = JsonParser.parseString(Files.readString(Program.inClone("jbang-catalog.json"))).getAsJsonObject();
        Map<String, JsonElement> aliases = catalog.getAsJsonObject("aliases").asMap();
        assertEquals(Set.of("mailtool", "demo", "bounces", "test", "bench", "kills"), aliases.keySet());
        aliases.forEach((name, alias) -> {
            assertTrue(alias.getAsJsonObject().get("description").getAsString().length() > 20, name);
            assertTrue(Files.exists(Program.inClone(alias.getAsJsonObject().get("script-ref").getAsString())), name);
        });
    }

    @Test
    void jbangwNamesNoRepositoryHost() throws IOException {
        Set<String> hosts = new TreeSet<>();
        Pattern.compile("[a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.(?:org|com|net|io|dev)\\b").matcher(Files.readString(Program.inClone("jbangw")))
            .results().forEach(found -> hosts.add(found.group()));
        assertEquals(Set.of("sh.jbang.dev"), hosts);
    }
}
