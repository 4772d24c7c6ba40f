package mailtool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.net.ServerSocketFactory;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The launcher that {@code install} makes: what it needs, what it does without, and what is mended. */
class InstallTest {
    private static final String VERSION = "mailtool \\d+\\.\\d+ \\(Java .*\\)\n";
    private static Installed installed;

    @BeforeAll
    static void install() {
        installed = Installed.on(Path.of(System.getProperty("java.home")), "--as-sendmail");
    }

    @AfterAll
    static void remove() {
        installed.close();
    }

    private static void starts(Tool.Result run) {
        assertEquals("", run.err());
        assertTrue(run.out().matches(VERSION), run::toString);
        assertEquals(0, run.exit());
    }

    // What it makes and says

    @Test
    void itSaysWhatItFound() throws IOException {
        Tool.Result run = installed.first;
        assertEquals("", run.err());
        assertEquals(0, run.exit(), run::toString);
        assertTrue(Installed.said(run, "java").endsWith("/bin/java"), run::toString);
        assertTrue(Installed.said(run, "libraries").matches("\\d+ in " + installed.lib + "/mailtool.jar, copied"), run::toString);
        assertEquals("2 in " + installed.lib + ", made", Installed.said(run, "archives"));
        assertEquals("none", Installed.said(run, "accounts"));
        assertEquals(installed.launcher + " (its folder is not on PATH)", Installed.said(run, "launcher"));
        String launchers = installed.launcher + " " + installed.launcher.resolveSibling("sendmail") + " " + installed.launcher.resolveSibling("mailq");
        assertTrue(Installed.said(run, "to be rid").startsWith("rm -r " + installed.lib + " " + launchers), run::toString);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(installed.lib)));
        SystemCommand.run("/bin/sh", "-c", "cd " + installed.lib + " && sha256sum -c SHA256SUMS");
    }

    // What it needs

    @Test
    void itNeedsNoEnvironmentAndWorksFromALink() throws IOException {
        try (Scratch scratch = Scratch.create("link")) {
            Path link = Files.createSymbolicLink(scratch.resolve("any name"), installed.launcher);
            starts(Installed.program(link, "-V").call());
        }
    }

    @Test
    void nothingOfJavaIsPrintedAndItsOwnOptionsAreTaken() {
        Program program = Installed.program(installed.launcher, "-V").env("MAILTOOL_JAVA_OPTIONS", "-Xmx64m -Xss1m");
        for (String variable : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")) {
            program.env(variable, "-Xmx32m");
        }
        starts(program.call());
        Tool.Result other = Installed.program(installed.launcher, "-V").env("MAILTOOL_JAVA_OPTIONS", "-Xmx64m --version").call();
        assertTrue(other.out().startsWith("openjdk "), other::toString);
    }

    @Test
    void lettersOfAnyLanguageAreReadInAnyLocale() {
        for (String locale : List.of("C", "de_DE.UTF-8", "de_DE")) {
            Tool.Result run = Installed.program(installed.launcher, "send", "-f", "a@example.org", "-t", "b@example.org", "-s", "x", "--text", "Größe ✓", "--dry-run")
                .env("LC_ALL", locale).call();
            assertTrue(run.out().contains("R3LDtsOfZSDinJM="), () -> locale + ": " + run);
        }
    }

    @Test
    void aHomeThatCantBeWrittenToWillDo() {
        installed.run("/bin/chmod", "-R", "a-w", installed.home);
        try {
            starts(installed.run(installed.launcher, "-V"));
        } finally {
            SystemCommand.run("chmod", "-R", "u+w", installed.home);
        }
    }

    @Test
    void aFolderThatIsGoneWillDo() {
        String command = "cd \"$1\" && mkdir gone && cd gone && rmdir ../gone && \"$2\" \"$3\" $4";
        Tool.Result run = installed.run("/bin/sh", "-c", command, "sh", installed.home, installed.launcher, "-V", "");
        assertTrue(run.out().startsWith("mailtool "), run::toString);
        assertEquals(0, run.exit(), run::toString);
        Tool.Result nothing = installed.run("/bin/sh", "-c", command, "sh", installed.home, installed.launcher, "explain", "550");
        assertEquals(0, nothing.exit(), nothing::toString);
    }

    @Test
    void itsNameIsACommandOfMailtool() throws IOException {
        String text = Files.readString(installed.launcher).replaceFirst("java=.*", "java=/bin/echo");
        for (List<String> call : List.of(List.of("sendmail", "sendmail -t a@b"), List.of("mailq", "sendmail -bp -t a@b"), List.of("mailtool", "-t a@b"))) {
            Path copy = installed.home.resolve("named/" + call.get(0));
            installed.write(copy, text);
            Tool.Result run = installed.run("/bin/sh", copy, "-t", "a@b");
            assertTrue(run.out().endsWith(" mailtool.MailTool " + call.get(1) + "\n"), run::toString);
        }
        assertEquals(installed.launcher.toRealPath(), installed.launcher.resolveSibling("sendmail").toRealPath());
    }

    @Test
    void anotherJavaIsTakenWhenItsOwnIsGone() throws IOException {
        Path copy = installed.home.resolve("elsewhere/mailtool");
        installed.write(copy, Files.readString(installed.launcher).replaceFirst("java=.*", "java=/nowhere/bin/java"));
        Path jdk = Path.of(System.getProperty("java.home"));
        starts(Installed.program("/bin/sh", copy, "-V").env("JAVA_HOME", jdk).call());
        starts(Installed.program("/bin/sh", copy, "-V").env("PATH", jdk.resolve("bin")).call());
    }

    @Test
    void oneAndAHalfGigabytesOfAddressesWillDoAndWithLessNothingIsOnStdout() {
        starts(limited("1500000", installed.launcher));
        Tool.Result less = limited("300000", installed.launcher);
        assertEquals("1 ''", less.exit() + " '" + less.out() + "'");
        assertFalse(less.err().isBlank(), less::toString);
    }

    @Test
    void theSameForSeveralAccountsSideBySide() {
        try (FakePop3 box = new FakePop3().messages(20).start()) {
            Path config = installed.home.resolve("several");
            String accounts = Stream.of("a", "b", "c", "d").map(name -> "%1$s.pop3 = %2$s\n%1$s.password = %3$s\n"
                .formatted(name, box.userUrl(), FakePop3.PASSWORD)).collect(Collectors.joining());
            installed.write(config.resolve("mailtool/accounts"), accounts);
            SystemCommand.run("chmod", "600", config.resolve("mailtool/accounts"));
            String command = "ulimit -v 1500000; exec $0 fetch -A a -A b -A c -A d --maildir $1/{account}";
            Tool.Result run = Installed.program("/bin/sh", "-c", command, installed.launcher, config).env("XDG_CONFIG_HOME", config)
                .env("XDG_STATE_HOME", config).call();
            assertEquals("0 ''", run.exit() + " '" + run.err() + "'", run::toString);
            assertEquals(4, run.out().lines().filter(line -> line.contains(": 20 fetched")).count(), run::toString);
        }
    }

    /** Who is told that it failed will try again, and the mail would go twice. */
    @Test
    void whatCouldStartNoThreadWaitsInTheSpoolOnlyIfThatIsNoFailure() {
        Need.root("a user with few processes");
        try (FakeSmtp server = new FakeSmtp().start()) {
            Path config = installed.home.resolve("few");
            Path accounts = config.resolve("mailtool/accounts");
            installed.write(accounts, "default = ops\nops.server = smtp://127.0.0.1:%d\nops.from = a@example.org\nops.spool = %s\n"
                .formatted(server.port(), config.resolve("spool")));
            SystemCommand.run("chmod", "600", accounts);
            int exit = 1;
            for (int most = 10; exit != 0; most++) {
                Tool.Result run = Installed.program(Need.program("prlimit"), "--nproc=" + most, installed.launcher, "sendmail", "b@example.org")
                    .env("XDG_CONFIG_HOME", config).stdin("x\n").call();
                exit = run.exit();
                String waiting = Installed.program(installed.launcher, "sendmail", "-bp").env("XDG_CONFIG_HOME", config).call().out();
                assertTrue(exit == 0 || waiting.equals("Mail queue is empty\n"), () -> run + waiting);
            }
        }
    }

    private static Tool.Result limited(String kilobytes, Path launcher) {
        return Installed.program("/bin/sh", "-c", "ulimit -v $1; exec $2 -V", "sh", kilobytes, launcher).call();
    }

    // Archives

    @Test
    void everyCommandHasItsClassesInAnArchiveAndWhatDoesMuchIsCompiledSooner() throws IOException {
        installed.write(installed.home.resolve("people.csv"), "email\nb@example.org\n");
        installed.write(installed.home.resolve("bill.txt"), "From: a@example.org\nTo: {{email}}\n\nHello\n");
        inArchive("Campaign", "bulk", "--data", installed.home.resolve("people.csv"), "--template", installed.home.resolve("bill.txt"), "--campaign", "may", "--dry-run");
        inArchive("Composer", "send", "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello", "--dry-run");
        inArchive("MailTool$Read", "read", "--eml", installed.home.resolve("bill.txt"));
        assertTrue(flags("bulk").contains(" 0.5"), () -> flags("bulk"));
        assertTrue(flags("queue").contains(" 0.5"), () -> flags("queue"));
        assertTrue(flags("fetch").contains(" 2.0"), () -> flags("fetch"));
        assertTrue(flags("send").contains(" 10.0"), () -> flags("send"));
    }

    /** Not even one class of the run is taken from the jar. */
    private static void inArchive(String sample, Object... words) throws IOException {
        String loaded = loaded(0, words);
        assertTrue(loaded.contains("mailtool." + sample + " source: shared objects file"), "made without it");
        assertEquals(List.of(), loaded.lines().filter(line -> line.contains("mailtool.jar")).toList());
    }

    /** The classes of a run that ends with this, and where each was found. */
    private static String loaded(int exit, Object... words) throws IOException {
        Path log = installed.home.resolve("loaded");
        List<Object> command = new ArrayList<>(List.of(installed.launcher));
        command.addAll(List.of(words));
        Tool.Result run = Installed.program(command.toArray()).env("MAILTOOL_JAVA_OPTIONS", "-Xlog:class+load:file=" + log).call();
        assertEquals(exit, run.exit(), run::toString);
        return Files.readString(log);
    }

    /** As nearly every server wants it. */
    @Test
    void tlsAndTheLoginWithinHaveTheirClassesInBothArchives() throws IOException {
        Path password = installed.home.resolve("password");
        installed.write(password, "secret\n");
        try (FakeSmtp secure = new FakeSmtp().implicitTls(TestCerts.ellipticCurve().context()).ehlo("AUTH PLAIN").login("ops", "secret").start()) {
            List<String> server = List.of("-S", secure.url().replace("//", "//ops@"), "--ca", TestCerts.caFile().toString(), "--password-file", password.toString());
            hasTls(loaded(0, with(server, "probe")));
            hasTls(loaded(0, with(server, "send", "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello")));
        }
    }

    private static Object[] with(List<String> options, String... words) {
        return Stream.concat(Stream.of(words), options.stream()).toArray();
    }

    private static void hasTls(String loaded) {
        for (String sample : List.of("sun.security.ssl.ClientHello$ClientHelloMessage", "sun.security.x509.X509CertImpl", "sun.security.ssl.Finished", "com.sun.security.sasl.PlainClient")) {
            assertTrue(loaded.contains(sample + " source: shared objects file"), "made without " + sample);
        }
        assertEquals(List.of(), loaded.lines().filter(line -> line.contains("mailtool.jar")).toList());
    }

    /** A client that finds no TLS may drop the connection; the next one would have waited for a greeting. */
    @Test
    void whoBreaksOffDoesNotEndTheServersOfTheWarmUp() throws Exception {
        String[] server = MailTool.WarmUp.serve(ServerSocketFactory.getDefault(), "220 x\r\n", Map.of("EHLO", "250 x\r\n")).split(":");
        for (int client = 0; client < 3; client++) {
            try (Socket socket = new Socket(server[0], Integer.parseInt(server[1]))) {
                socket.setSoTimeout(20_000);
                assertEquals("220 x", new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII));
                socket.getOutputStream().write("EHLO x\r\n".getBytes(StandardCharsets.US_ASCII));
                assertEquals("\r\n250 x\r\n", new String(socket.getInputStream().readNBytes(9), StandardCharsets.US_ASCII));
                socket.setSoLinger(true, 0);
            }
        }
    }

    private String flags(String command) {
        Tool.Result run = Installed.program(installed.launcher, command).env("MAILTOOL_JAVA_OPTIONS", "-XX:+PrintFlagsFinal -version").call();
        return run.err().lines().filter(line -> line.contains(" CompileThresholdScaling ")).findFirst().orElseThrow();
    }

    @Test
    void anArchiveIsDoneWithoutWhateverIsWrongWithIt() throws IOException {
        doesWithoutArchive(installed);
        Tool.Result mended = installed.run(installed.launcher, "install");
        assertTrue(Installed.said(mended, "archives").endsWith(", made"), mended::toString);
        Tool.Result again = installed.run(installed.launcher, "install");
        assertTrue(Installed.said(again, "archives").endsWith(", fit"), again::toString);
        assertEquals("", again.err());
    }

    @Test
    void alsoOnTheJavaThatComplainsOnStdout() throws IOException {
        try (Installed newer = Installed.on(Jdks.needed(25))) {
            assertEquals(0, newer.first.exit(), newer.first::toString);
            starts(newer.run(newer.launcher, "-V"));
            starts(Installed.program(newer.launcher, "-V").env("MAILTOOL_JAVA_OPTIONS", "-XX:AOTMode=on").call());
            doesWithoutArchive(newer);
        }
    }

    private static void doesWithoutArchive(Installed one) throws IOException {
        Path archive = one.lib.resolve("other.archive");
        byte[] good = Files.readAllBytes(archive);
        byte[] spoiled = good.clone();
        Arrays.fill(spoiled, good.length / 4, good.length / 2, (byte) 'x');
        for (byte[] bad : List.of(new byte[0], "not an archive".getBytes(), Arrays.copyOf(good, good.length / 2), spoiled)) {
            Files.write(archive, bad);
            starts(one.run(one.launcher, "-V"));
        }
        Files.write(archive, good);
        SystemCommand.run("chmod", "0", archive);
        starts(one.run(one.launcher, "-V"));
    }

    // Mending

    @Test
    void aSpoiledJarIsMendedFromWhereItCame() throws IOException {
        Path jar = installed.lib.resolve("mailtool.jar");
        byte[] good = Files.readAllBytes(jar);
        for (String how : List.of("launcher", "origin")) {
            spoil(jar, "org/jsoup/Jsoup.class");
            Tool.Result run = how.equals("launcher") ? installed.run(installed.launcher, "install") : installed.install();
            assertTrue(Installed.said(run, "libraries").endsWith(", mended"), run::toString);
            assertTrue(Installed.said(run, "archives").endsWith(", made"), run::toString);
            assertEquals(0, run.exit(), run::toString);
            assertArrayEquals(good, Files.readAllBytes(jar));
            SystemCommand.run("/bin/sh", "-c", "cd " + installed.lib + " && sha256sum -c SHA256SUMS");
        }
    }

    @Test
    void aJarThatIsNoneAnyMoreIsSaidInPlainWords() throws IOException {
        Path jar = installed.lib.resolve("mailtool.jar");
        byte[] good = Files.readAllBytes(jar);
        String words = "mailtool: no Java can run " + jar + ": install one if need be, then ./jbangw mailtool install\n";
        for (int octets : new int[] {0, 1000, good.length / 2}) {
            Files.write(jar, Arrays.copyOf(good, octets));
            Tool.Result run = installed.run(installed.launcher, "-V");
            assertEquals("78 " + words, run.exit() + " " + run.out() + run.err());
        }
        Files.delete(jar);
        assertEquals(words, installed.run(installed.launcher, "-V").err());
        assertTrue(Installed.said(installed.install(), "libraries").endsWith(", mended"));
        starts(installed.run(installed.launcher, "-V"));
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
        starts(installed.run(installed.launcher, "-V"));
        assertArrayEquals(good, Files.readAllBytes(jar));
    }

    @Test
    void aClassThatIsNoneAnyMoreIsOneLineAndACodeOfOurs() throws IOException {
        Path jar = installed.lib.resolve("mailtool.jar");
        Path page = installed.home.resolve("page.eml");
        installed.write(page, "From: a@example.org\nContent-Type: text/html\n\n<p>Hello</p>\n");
        spoil(jar, "org/jsoup/parser/Parser.class");
        Tool.Result run = installed.run(installed.launcher, "read", "--eml", page);
        assertEquals(74, run.exit(), run::toString);
        assertTrue(run.err().matches("mailtool: unexpected: .*jsoup.*: run ./jbangw mailtool install\n"), run::toString);
        assertTrue(Installed.said(installed.install(), "libraries").endsWith(", mended"));
    }

    @Test
    void ofTwoAtOnceTheSecondIsRefused() throws IOException {
        try (Scratch scratch = Scratch.create("two")) {
            Path jar = Path.of(Installed.classPath().split(":")[0]);
            Path lib = scratch.resolve("home/.local/lib/mailtool");
            Path home = scratch.folder("home");
            CompletableFuture<Tool.Result> first = CompletableFuture.supplyAsync(() -> installed.install(home, jar));
            Eventually.until("the first one", () -> Files.exists(lib.resolve("lock")));
            Tool.Result second = installed.install(home, jar);
            assertEquals(75, second.exit(), second::toString);
            assertTrue(second.err().contains(lib.resolve("lock") + "; wait for it to end"), second::toString);
            assertEquals(0, first.join().exit(), () -> first.join().toString());
            SystemCommand.run("/bin/sh", "-c", "cd " + lib + " && sha256sum -c SHA256SUMS");
        }
    }

    /** So that no program that calls it meanwhile fails, nor one that runs from what an earlier install has left. */
    @Test
    void whileItIsMendedNothingIsGone() throws IOException, InterruptedException {
        Path old = installed.lib.resolve("MailTool-0.jar");
        installed.write(old, "of an earlier install");
        installed.write(installed.lib.resolve("SHA256SUMS"), "# " + old + "\n" + "0".repeat(64) + "  MailTool-0.jar\n");
        spoil(installed.lib.resolve("mailtool.jar"), "org/jsoup/Jsoup.class");
        SystemCommand.run("chmod", "600", installed.lib.resolve("send.archive"));
        assertEquals(List.of(), goneDuring(() -> installed.install()));
        assertTrue(Files.exists(old));
        SystemCommand.run("chmod", "640", installed.lib.resolve("mailtool.jar"));
        assertEquals(List.of("MailTool-0.jar"), goneDuring(() -> installed.install()));
        for (String name : List.of("mailtool.jar", "send.archive", "other.archive", "SHA256SUMS")) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(installed.lib.resolve(name))), name);
        }
    }

    /** The names that are removed from the folders of the launcher and its libraries, for however short a time. */
    private static List<String> goneDuring(Supplier<Tool.Result> step) throws IOException, InterruptedException {
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            installed.lib.register(watch, StandardWatchEventKinds.ENTRY_DELETE);
            installed.launcher.getParent().register(watch, StandardWatchEventKinds.ENTRY_DELETE);
            Tool.Result run = step.get();
            assertEquals(0, run.exit(), run::toString);
            List<String> gone = new ArrayList<>();
            for (WatchKey key = watch.poll(2, TimeUnit.SECONDS); key != null; key = watch.poll()) {
                key.pollEvents().forEach(event -> gone.add(event.context().toString()));
            }
            gone.removeIf(name -> name.endsWith(".new"));
            return gone;
        }
    }

    /** The octets after that name. */
    private static void spoil(Path file, String name) throws IOException {
        byte[] octets = Files.readAllBytes(file);
        int at = new String(octets, StandardCharsets.ISO_8859_1).indexOf(name) + name.length();
        Arrays.fill(octets, at + 20, at + 40, (byte) 'x');
        Files.write(file, octets);
    }

    @Test
    void anothersSendmailAndAnOpenAccountFileAreLeftToAPerson() throws IOException {
        Path foreign = installed.launcher.resolveSibling("mailq");
        Path accounts = installed.home.resolve(".config/mailtool/accounts");
        Files.delete(foreign);
        installed.write(foreign, "#!/bin/sh\n");
        installed.write(accounts, "ops.server = smtp://ops@localhost\nops.password = secret\n");
        SystemCommand.run("chmod", "644", accounts);
        Tool.Result run = installed.run(installed.launcher, "install");
        assertEquals(78, run.exit(), run::toString);
        assertTrue(run.err().contains("mailtool: " + foreign + " is another's"), run::toString);
        assertTrue(run.err().contains("chmod 600 " + accounts), run::toString);
        assertEquals("#!/bin/sh\n", Files.readString(foreign));
        Files.delete(foreign);
        SystemCommand.run("chmod", "600", accounts);
        Tool.Result again = installed.run(installed.launcher, "install");
        assertEquals(0, again.exit(), again::toString);
        assertEquals(installed.launcher, foreign.toRealPath());
        Files.delete(accounts);
    }

    @Test
    void onlyLibrariesAreInstalled() throws IOException {
        try (Scratch scratch = Scratch.create("classes")) {
            scratch.write("no.jar", "no library");
            for (Path other : List.of(scratch.folder("classes"), scratch.resolve("no.jar"), scratch.resolve("gone.jar"))) {
                Tool.Result run = installed.install(scratch.folder("home"), other);
                assertEquals(78, run.exit(), run::toString);
                assertTrue(run.err().contains(other.toString()) && run.err().contains("jbangw mailtool install"), run::toString);
                assertFalse(Files.exists(scratch.resolve("home/.local")));
            }
        }
    }

    @Test
    void aFolderThatNoClassPathCanNameIsRefused() {
        try (Scratch scratch = Scratch.create("colon")) {
            Tool.Result run = installed.install(scratch.folder("a:b"), Path.of(Installed.classPath().split(":")[0]));
            assertEquals(78, run.exit(), run::toString);
            assertTrue(run.err().contains("Java takes no : in the name of a folder"), run::toString);
            assertFalse(Files.exists(scratch.resolve("a:b/.local")));
        }
    }

    @Test
    void whatCouldNotBeWrittenDoesNotStay() throws IOException {
        try (Scratch scratch = Scratch.create("half")) {
            Path file = scratch.write("file", "as it was");
            assertThrows(IOException.class, () -> Disk.put(file, "rw-------", fresh -> {
                Files.writeString(fresh, "half");
                throw new IOException("the disk is full");
            }));
            assertEquals("as it was", Files.readString(file));
            assertArrayEquals(new String[] {"file"}, scratch.path().toFile().list());
        }
    }

    @Test
    void ofTwoFilesWithOneNameTheFirstCountsAndServicesAddUp() throws IOException {
        try (Scratch scratch = Scratch.create("twice")) {
            Path other = scratch.resolve("other.jar");
            String provider = "META-INF/services/jakarta.mail.Provider";
            try (FileSystem jar = FileSystems.newFileSystem(other, Map.of("create", "true"))) {
                Files.createDirectories(jar.getPath("META-INF/services"));
                Files.createDirectories(jar.getPath("mailtool"));
                Files.writeString(jar.getPath(provider), "org.example.Other");
                Files.writeString(jar.getPath("META-INF/SIGNED.SF"), "Signature-Version: 1.0");
                Files.writeString(jar.getPath("mailtool/MailTool.class"), "none");
            }
            Tool.Result run = installed.install(scratch.folder("home"), other);
            assertEquals(0, run.exit(), run::toString);
            try (FileSystem jar = FileSystems.newFileSystem(scratch.resolve("home/.local/lib/mailtool/mailtool.jar"))) {
                String providers = Files.readString(jar.getPath(provider));
                assertTrue(providers.contains("\norg.example.Other\n") && providers.contains("org.eclipse.angus"), providers);
                assertFalse(Files.exists(jar.getPath("META-INF/SIGNED.SF")));
            }
            Path launcher = scratch.resolve("home/.local/bin/mailtool");
            starts(Installed.program(launcher, "-V").call());
            Tool.Result again = Installed.program(launcher, "install").env("HOME", scratch.resolve("home")).call();
            assertTrue(Installed.said(again, "libraries").endsWith("sum is right"), again::toString);
        }
    }

    // For everybody

    @Test
    void rootTakesAJavaThatOthersCanRun() {
        Need.root("a /usr of its own");
        try (Scratch scratch = Scratch.create("jbangs")) {
            Path jdk = scratch.folder(".jbang/jdk");
            String script = "mount --bind " + System.getProperty("java.home") + " " + jdk + " && mount -t tmpfs none /usr/local && "
                + "exec " + jdk + "/bin/java -cp \"$1\" mailtool.MailTool install";
            Tool.Result run = Program.of("unshare", "-m", "sh", "-c", script, "sh", Installed.classPath()).env("PATH", jdk.resolve("bin") + ":/usr/bin:/bin").call();
            Need.that(!run.err().contains("mount"), "no mount namespace can be had here");
            assertEquals(0, run.exit(), run::toString);
            assertFalse(Installed.said(run, "java").contains("jbang"), run::toString);
            Path tools = scratch.folder("tools");
            SystemCommand.run("ln", "-s", Need.program("mount"), tools);
            Tool.Result alone = Program.of(Need.program("unshare"), "-m", "/bin/sh", "-c", script, "sh", Installed.classPath()).env("PATH", tools).call();
            assertEquals(78, alone.exit(), alone::toString);
            assertTrue(alone.err().contains(jdk + "/bin/java"), alone::toString);
        }
    }
}
