package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import jakarta.mail.internet.MimeUtility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Named accounts in a properties file: where it is found, what it may say, and what is wrong with it. */
final class AccountTest {
    @TempDir
    private Path folder;

    // Where

    @Test
    void anAccountNamesServerLoginAndSender() throws IOException {
        try (FakeSmtp fake = fake()) {
            Path file = write("accounts", """
                # all it takes
                work.server = %s
                work.user = ops
                work.from = Jürgen Müller <ops@example.org>
                work.password-command = echo secret
                work.pop3 = pop3s://ops@mail.example.org
                other.server = smtp://mail.example.org
                """.formatted(fake.url()));
            assertSent(Tool.with(), "--config", file.toString(), "-A", "work");
            FakeSmtp.Received message = fake.message();
            assertEquals("ops", message.user());
            assertEquals("ops@example.org", message.from());
            String sender = message.text().lines().filter(line -> line.startsWith("From: ")).findFirst().orElseThrow();
            assertTrue(sender.chars().allMatch(letter -> letter < 128), sender);
            assertEquals("From: Jürgen Müller <ops@example.org>", MimeUtility.decodeText(sender));
        }
    }

    @Test
    void whoHasNoHomeHasNoneInWhicheverFolderThatIs() throws IOException {
        try (FakeSmtp fake = fake()) {
            write("?/.config/mailtool/accounts", "default = work\n" + minimal(fake));
            Tool.Result result = Tool.with().home(folder).without("HOME").jvm("-Duser.home=?").call("send", "-t", "b@example.org", "--text", "x");
            assertEquals(64, result.exit(), result::toString);
            assertEquals(List.of(), fake.commands());
        }
    }

    @Test
    void theConfigFolderOfTheUserHoldsTheFile() throws IOException {
        try (FakeSmtp fake = fake()) {
            write("elsewhere/mailtool/accounts", "default = work\n" + minimal(fake));
            assertSent(Tool.with().env("XDG_CONFIG_HOME", folder.resolve("elsewhere").toString()));
            assertEquals(1, fake.messages().size());
        }
    }

    @Test
    void withoutAConfigFolderItIsInTheHomeFolder() throws IOException {
        try (FakeSmtp fake = fake()) {
            write(".config/mailtool/accounts", "default = work\n" + minimal(fake));
            assertSent(Tool.with().home(folder));
            assertSent(Tool.with().home(folder).env("XDG_CONFIG_HOME", ""), "--account", "work");
            assertEquals(2, fake.messages().size());
        }
    }

    @Test
    void aNamedAccountBeatsTheDefault() throws IOException {
        try (FakeSmtp fake = fake()) {
            Path file = write("accounts", "default = other\nother.server = smtp://localhost:1\n" + minimal(fake));
            assertSent(Tool.with(), "--config", file.toString(), "-A", "work");
            assertEquals(1, fake.messages().size());
        }
    }

    @Test
    void withoutAHomeFolderAServerIsEnough() {
        try (FakeSmtp fake = fake()) {
            assertSent(Tool.with().without("HOME"), "-S", fake.url(), "-f", "a@example.org");
            assertEquals(1, fake.messages().size());
        }
    }

    @Test
    void withoutAnyFileAnAccountIsMissed() {
        Tool.Result result = send(Tool.with().home(folder), "-A", "work");
        assertEquals(78, result.exit(), result::toString);
        assertTrue(result.err().contains("'work'"), result::toString);
        assertTrue(result.err().contains(folder.resolve(".config/mailtool/accounts").toString()), result::toString);
    }

    @Test
    void aNamedFileThatIsMissingIsMissed() {
        Tool.Result result = send(Tool.with(), "--config", "no-such-file", "-A", "work");
        assertEquals(66, result.exit(), result::toString);
        assertTrue(result.err().contains("no-such-file"), result::toString);
    }

    @Test
    void aFileWithoutADefaultNeedsAName() throws IOException {
        Path file = write("accounts", "work.server = smtp://localhost:1\n");
        Tool.Result result = send(Tool.with(), "--config", file.toString());
        assertEquals(64, result.exit(), result::toString);
        assertTrue(result.err().contains("-A"), result::toString);
    }

    // What is given beside it

    @Test
    void whatIsGivenBesideItCounts() throws IOException {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN LOGIN").login("second", "secret").start()) {
            Path file = write("accounts", """
                work.server = smtp://ops@localhost:1
                work.user = first
                work.from = a@example.org
                work.helo = first.example.org
                work.auth = PLAIN
                work.password-command = echo secret
                """);
            assertSent(Tool.with(), "--config", file.toString(), "-A", "work", "-S", fake.url("second"), "-f", "b@example.org", "--helo", "second.example.org", "--auth", "LOGIN");
            assertEquals("second", fake.message().user());
            assertEquals("b@example.org", fake.message().from());
            assertEquals(List.of("EHLO second.example.org", "AUTH LOGIN"), fake.commands().subList(0, 2));
        }
    }

    @Test
    void aPasswordGivenBesideItBeatsItsToken() throws IOException {
        try (FakeSmtp fake = fake()) {
            Path file = write("accounts", minimal(fake) + "work.token-command = echo token\n");
            assertSent(Tool.with(), "--config", file.toString(), "-A", "work", "-u", "ops", "--password-command", "echo secret");
            assertEquals("ops", fake.message().user());
        }
    }

    @Test
    void aServerAloneUsesNoAccount() throws IOException {
        try (FakeSmtp fake = fake()) {
            write(".config/mailtool/accounts", "default = work\nwork.server = smtp://localhost:1\nwork.user = ops\nwork.nonsense = 1\n");
            assertSent(Tool.with().home(folder), "-S", fake.url(), "-f", "a@example.org");
            assertEquals(null, fake.message().user());
        }
    }

    @Test
    void theDomainCompletesNames() throws IOException {
        try (FakeSmtp fake = fake()) {
            Path file = write("accounts", "work.server = %s\nwork.from = cron\nwork.domain = example.net\n".formatted(fake.url()));
            assertSent(Tool.with(), "--config", file.toString(), "-A", "work", "--cc", "root");
            assertEquals("cron@example.net", fake.message().from());
            assertEquals(List.of("b@example.org", "root@example.net"), fake.message().to());
        }
    }

    // What it may say

    @Test
    void optionsOfTlsStandInIt() throws IOException {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.wildcard().context()).start()) {
            Path file = write("accounts", minimal(fake) + """
                work.tls = required
                work.tls-min = 1.3
                work.sni = smtp.example.org
                work.ca = %s
                pinned.server = %s
                pinned.from = a@example.org
                pinned.pin = %s
                """.formatted(TestCerts.caFile(), fake.url(), TestCerts.wildcard().pin()));
            assertSent(Tool.with(), "--config", file.toString(), "-A", "work");
            assertEquals(List.of("smtp.example.org"), fake.peer(0).serverNames());
            assertEquals("TLSv1.3", fake.peer(0).tls().getProtocol());
            assertSent(Tool.with(), "--config", file.toString(), "-A", "pinned");
            assertEquals(2, fake.messages().size());
        }
    }

    @Test
    void aSwitchIsTrueOrFalse() throws IOException {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.selfSigned().context()).start()) {
            Path file = write("accounts", minimal(fake) + "work.insecure = true\nwork.ipv4 = true\nwork.ipv6 = false\n" + minimal(fake).replace("work.", "safe.") + "safe.insecure = false\n");
            Tool.Result careless = send(Tool.with(), "--config", file.toString(), "-A", "work");
            assertEquals(0, careless.exit(), careless::toString);
            assertTrue(careless.err().contains("warning"), careless::toString);
            Tool.Result safe = send(Tool.with(), "--config", file.toString(), "-A", "safe");
            assertEquals(69, safe.exit(), safe::toString);
        }
    }

    @Test
    void aScriptUsesTheSameAccounts() throws IOException {
        try (FakeSmtp fake = fake()) {
            write(".config/mailtool/accounts", minimal(fake));
            Path script = Files.writeString(folder.resolve("Script.java"), """
                import static mailtool.MailTool.*;

                public class Script {
                    public static void main(String[] arguments) {
                        var work = account("work");
                        try (var smtp = work.smtp().open()) {
                            smtp.send(work.mail().to("b@example.org").text("Hello"));
                        }
                    }
                }
                """);
            ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
                "-cp", System.getProperty("java.class.path"), script.toString());
            builder.environment().put("HOME", folder.toString());
            builder.environment().remove("XDG_CONFIG_HOME");
            assertEquals(0, builder.inheritIO().start().onExit().join().exitValue());
            assertEquals("ops@example.org", fake.message().from());
        }
    }

    // What is wrong with it

    @ParameterizedTest
    @CsvSource({
        "wrok, wrok, work",
        "work, work.servr, work.server",
        "work, work.password-comand, work.password-command",
        "work, work.Timeout, work.timeout"
    })
    void whatItDoesNotKnowIsNamedWithTheNearest(String account, String unknown, String nearest) throws IOException {
        String line = unknown.contains(".") ? unknown + " = x\n" : "";
        Path file = write("accounts", "work.server = smtp://localhost:1\nwork.from = a@example.org\n" + line);
        Tool.Result result = send(Tool.with(), "--config", file.toString(), "-A", account);
        assertEquals(78, result.exit(), result::toString);
        assertTrue(result.err().contains(unknown), result::toString);
        assertTrue(result.err().replace(unknown, "").contains(nearest), result::toString);
        assertTrue(result.err().contains(file.toString()), result::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "work.from = a@example.org",
        "work.server = localhost",
        "work.server = smtp://ops:secret@localhost",
        "work.server = smtp://localhost\nwork.timeout = soon",
        "work.server = smtp://localhost\nwork.tls = always",
        "work.server = smtp://localhost\nwork.auth = NTLM",
        "work.server = smtp://localhost\nwork.pin = 123",
        "work.server = smtp://localhost\nwork.retry = often",
        "work.server = smtp://localhost\nwork.insecure = no",
        "work.server = smtp://localhost\nwork.from = \\u12",
        "default = other\nwork.server = smtp://localhost"
    })
    void aMistakeInItIsOfConfiguration(String content) throws IOException {
        Path file = write("accounts", content + "\n");
        List<String> arguments = new ArrayList<>(List.of("--config", file.toString(), "-f", "a@example.org"));
        if (!content.startsWith("default")) {
            arguments.addAll(List.of("-A", "work"));
        }
        Tool.Result result = send(Tool.with(), arguments.toArray(String[]::new));
        assertEquals(78, result.exit(), result::toString);
        assertEquals(1, result.err().lines().count(), result::toString);
        assertFalse(result.err().contains("secret"), result::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"work.from = A <a@example.org", "work.domain = @example.org", "work.domain = example org", "work.domain = example.org."})
    void aBrokenSenderOrDomainIsOfConfiguration(String line) throws IOException {
        Path file = write("accounts", "work.server = smtp://localhost:1\n" + line + "\n");
        Tool.Result result = send(Tool.with(), "--config", file.toString(), "-A", "work", "-f", "root@example.org");
        assertEquals(78, result.exit(), result::toString);
        assertTrue(result.err().contains("account 'work'"), result::toString);
    }

    @Test
    void theNearestKeyIsNamedOnlyWhereItIsNear() throws IOException {
        Path file = write("accounts", "work.server = smtp://localhost:1\nwork.colour = red\n");
        Tool.Result result = send(Tool.with(), "--config", file.toString(), "-A", "work");
        assertTrue(result.err().endsWith("'work.colour' means nothing; see mailtool help accounts\n"), result::toString);
        Tool.Result other = send(Tool.with(), "--config", file.toString(), "-A", "nothing");
        assertTrue(other.err().endsWith("has no account 'nothing'; it has work\n"), other::toString);
    }

    @Test
    void itsCarelessnessContradictsAPinBesideIt() throws IOException {
        Path file = write("accounts", "work.server = smtp://localhost:1\nwork.from = a@example.org\nwork.insecure = true\n");
        Tool.Result result = send(Tool.with(), "--config", file.toString(), "-A", "work", "--pin", "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assertEquals(64, result.exit(), result::toString);
        assertTrue(result.err().contains("--insecure and --pin contradict each other"), result::toString);
    }

    @Test
    void aTildeIsTheHomeFolderInTheNamesOfFiles() throws IOException {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "~/secret").start()) {
            write("password", "~/secret\n");
            Path file = write("accounts", minimal(fake) + "work.user = ops\nwork.password-file = ~/password\n");
            assertSent(Tool.with().home(folder), "--config", file.toString(), "-A", "work");
            Path other = write("others", minimal(fake) + "work.user = ops\nwork.password = ~/secret\n");
            assertSent(Tool.with().home(folder), "--config", other.toString(), "-A", "work");
        }
    }

    /** A shell expands it only where it begins a word, systemd never. */
    @ParameterizedTest
    @CsvSource({"--maildir, ~/Mail/ops, Mail/ops/new", "--dir, ~/Mail/{account}, Mail/work", "--mbox, ~/mbox, mbox"})
    void aTildeIsTheHomeFolderOnTheCommandLineToo(String option, String store, String written) throws IOException {
        Path home = Files.createDirectories(folder.resolve("home"));
        try (FakePop3 fake = new FakePop3().messages(1).start()) {
            Path file = write("accounts", "work.pop3 = " + fake.userUrl() + "\n");
            Tool.Result result = Pop3Calls.tool().home(home).in(folder).call("fetch", "--config", file.toString(), "-A", "work", option + "=" + store);
            assertEquals(0, result.exit(), result::toString);
            assertTrue(Files.exists(home.resolve(written)) && Files.notExists(folder.resolve("~")), result::toString);
        }
    }

    @Test
    void aTildeIsTheHomeFolderInAnAttachmentAndATemplateToo() throws IOException {
        write("data.csv", "a,b\n");
        write("table", "to,file\nb@example.org,data.csv\n");
        write("other", "to,file\nc@example.org,~/data.csv\n");
        write("template", "From: a@example.org\nTo: {{to}}\nAttach: ~/{{file}}\n\nx\n");
        Tool.Result attached = Tool.with().home(folder).call("send", "-f", "a@example.org", "-t", "b@example.org", "-a", "~/data.csv;type=text/plain", "--dry-run");
        assertTrue(attached.out().contains("filename=\"data.csv\""), attached::toString);
        Tool.Result filled = Tool.with().home(folder).call("bulk", "--data", "~/table", "--template", "~/template", "--campaign", "may", "--dry-run");
        assertTrue(filled.out().contains("filename=\"data.csv\""), filled::toString);
        Tool.Result value = Tool.with().home(folder).call("bulk", "--data", "~/other", "--template", "~/template", "--campaign", "may", "--dry-run");
        assertEquals(65, value.exit(), value::toString);
    }

    @ParameterizedTest
    @CsvSource({"~/a, ./~/a", "-, ./-", "~, ~", "a/~/b, a/~/b", "~a/b, ~a/b"})
    void aScriptsPathIsTheFileOfThatName(String path, String word) {
        assertEquals(word, Inputs.word(Path.of(path)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[work]\nserver = smtp://localhost", "[ work ]\nserver = smtp://localhost", "work.server = smtp://localhost\n[other]\n"})
    void sectionsAreSaidNotToBe(String text) throws IOException {
        Path file = write("accounts", text);
        MailTool.MailException refusal = assertThrows(MailTool.MailException.class, () -> AccountFile.find(Optional.of(file), Optional.of("work"), List.of(), (name, settings) -> name));
        assertEquals(78, refusal.exit().code);
        assertTrue(refusal.getMessage().contains("there are no sections, so not ["), refusal.getMessage());
        assertEquals("write the account's name before each of its keys: work.server = URL", refusal.hint());
    }

    @ParameterizedTest
    @CsvSource({
        "defualt = work, defualt, did you mean default?",
        "timeout = 3, timeout, write the account's name before each of its keys: work.server = URL",
        "host mail.example.org, host, write the account's name before each of its keys: work.server = URL",
        "; a comment of another program, ;, write the account's name before each of its keys: work.server = URL",
        ".from = a@example.org, .from, write the account's name before each of its keys: work.server = URL"})
    void aKeyOfNoAccountIsNotTakenInSilence(String line, String key, String hint) throws IOException {
        Path file = write("accounts", "work.server = smtp://localhost\n" + line + "\n");
        MailTool.MailException refusal = assertThrows(MailTool.MailException.class, () -> AccountFile.find(Optional.of(file), Optional.of("work"), List.of(), (name, settings) -> name));
        assertEquals("78 " + file + ": '" + key + "' means nothing; " + hint, refusal.exit().code + " " + refusal.getMessage() + "; " + refusal.hint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.server = x", "a.b.server = x", "default = a", "a.header.X-Y = z", "# any", "a.password = [x"})
    void whatBelongsToAnAccountIsRead(String line) throws IOException {
        assertEquals(line.startsWith("#") ? 0 : 1, AccountFile.load(write("accounts", line + "\n")).size());
    }

    @Test
    void theHelpSaysThatABackslashIsDoubled() {
        assertTrue(Tool.run("help", "accounts").out().contains("A backslash is written twice."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rwxrwxrwx"})
    void aSecretThatOthersCanReadIsRefused(String rights) throws IOException {
        try (FakeSmtp fake = fake()) {
            Path file = write("accounts", minimal(fake) + "work.user = ops\nwork.password = secret\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
            Tool.Result result = send(Tool.with(), "--config", file.toString(), "-A", "work");
            assertEquals(78, result.exit(), result::toString);
            assertTrue(result.err().contains("chmod 600 " + file), result::toString);
            assertFalse(result.err().contains("secret\n"), result::toString);
            assertEquals(List.of(), fake.peers());
        }
    }

    @Test
    void aSecretOfAnotherAccountCountsAsWell() throws IOException {
        try (FakeSmtp fake = fake()) {
            Path file = write("accounts", minimal(fake) + "other.password = secret\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            assertEquals(78, send(Tool.with(), "--config", file.toString(), "-A", "work").exit());
        }
    }

    @Test
    void aFileWithoutASecretMayBeReadByAll() throws IOException {
        try (FakeSmtp fake = fake()) {
            Path file = write("accounts", minimal(fake) + "work.user = ops\nwork.password-command = echo secret\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            assertSent(Tool.with(), "--config", file.toString(), "-A", "work");
            assertEquals("ops", fake.message().user());
        }
    }

    // Help

    private static FakeSmtp fake() {
        return new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "secret").start();
    }

    private static String minimal(FakeSmtp fake) {
        return "work.server = " + fake.url() + "\nwork.from = ops@example.org\n";
    }

    /** For its owner alone. */
    private Path write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static Tool.Result send(Tool tool, String... more) {
        List<String> all = new ArrayList<>(List.of("send", "-t", "b@example.org", "--text", "Hello"));
        all.addAll(List.of(more));
        return tool.call(all.toArray(String[]::new));
    }

    private static void assertSent(Tool tool, String... more) {
        Tool.Result result = send(tool, more);
        assertEquals("exit 0\n--- stdout\n\n--- stderr\n", result.toString());
    }
}
