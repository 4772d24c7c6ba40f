package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the locale can't carry what the user gave, nothing of it goes out. */
final class LocaleTest {
    private static Tool inC(int jdk) {
        return Tool.with().on(jdk).without("LANG").env("LC_ALL", "C");
    }

    private static String[] send(FakeSmtp fake, String... more) {
        return Stream.concat(Stream.of("send", "-S", fake.url("ops"), "-f", "a@example.org", "-t", "b@example.org"), Stream.of(more)).toArray(String[]::new);
    }

    private static void assertRefused(FakeSmtp fake, Tool.Result result, String what) {
        assertSaid(result, what);
        assertEquals(List.of(), fake.peers());
    }

    private static void assertSaid(Tool.Result result, String what) {
        assertEquals(78, result.exit(), result::toString);
        assertTrue(result.err().contains("this locale can't carry") && result.err().contains(what), result::toString);
        assertTrue(result.err().contains("LC_ALL=C.UTF-8"), result::toString);
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void anArgumentIsRefused(int jdk) {
        try (FakeSmtp fake = new FakeSmtp().start()) {
            for (List<String> words : List.of(List.of("-s", "Gr\u00fc\u00dfe"), List.of("--text", "5 \u20ac"), List.of("-a", "M\u00e4rz.csv"), List.of("\u00fc"), List.of("--\u00fc"))) {
                assertRefused(fake, inC(jdk).env("MAILTOOL_PASSWORD", "x").call(send(fake, words.toArray(String[]::new))), "\ufffd");
            }
            Tool.Result json = inC(jdk).call(send(fake, "--json", "-s", "\u00fc"));
            assertEquals(78, json.exit(), json::toString);
            assertTrue(json.out().contains("\"exit\":78"), json::toString);
        }
    }

    @Test
    void whatElseGoesWrongIsSaidThoughHomeCantBeCarried() {
        Tool.Result run = inC(17).env("HOME", "/home/J\u00f6rg").call("fetch", "-S", "pop3://ops@127.0.0.1:1", "--maildir", "/proc/nothing", "--password-file", "/dev/null");
        assertEquals(73, run.exit(), run::toString);
        assertTrue(run.err().contains("can't write to /proc/nothing"), run::toString);
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void aSecretIsRefusedAndNotShown(int jdk, @TempDir Path folder) throws IOException {
        byte[] latin1 = "printf 'p\u00e4ss'".getBytes(StandardCharsets.ISO_8859_1);
        Path command = Files.write(folder.resolve("secret"), latin1);
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN XOAUTH2").start()) {
            assertRefused(fake, inC(jdk).env("MAILTOOL_PASSWORD", "p\u00e4ss").call(send(fake, "--text", "x")), "MAILTOOL_PASSWORD");
            Tool.Result result = inC(jdk).call(send(fake, "--text", "x", "--password-command", "sh " + command));
            assertSaid(result, "password for ops");
            assertFalse(result.err().contains("ss;"), result::toString);
            assertSaid(inC(jdk).call(send(fake, "--text", "x", "--token-command", "sh " + command)), "token for ops");
            assertTrue(fake.commands().stream().allMatch(line -> line.matches("EHLO .*|QUIT")), fake.commands()::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HOME", "NETRC", "XDG_CONFIG_HOME"})
    void aVariableOfOursIsRefused(String name) {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").start()) {
            String[] words = name.startsWith("XDG") ? new String[] {"send", "-A", "x"} : send(fake, "--text", "x");
            assertRefused(fake, inC(Runtime.version().feature()).env(name, "/tmp/\u00fc").call(words), name);
        }
    }

    @Test
    void aFileNameThatComesFromAnAccountIsRefused(@TempDir Path folder) throws IOException {
        Path accounts = Files.writeString(folder.resolve("accounts"), "work.server = smtp://localhost:1\nwork.ca = /tmp/\u00fc.pem\n");
        Files.setPosixFilePermissions(accounts, PosixFilePermissions.fromString("rw-------"));
        try (FakeSmtp fake = new FakeSmtp().start()) {
            Tool.Result result = inC(Runtime.version().feature()).call("send", "--config", accounts.toString(), "-A", "work", "-f", "a@example.org", "-t", "b@example.org", "--text", "x");
            assertRefused(fake, result, ".pem");
        }
    }

    @Test
    void soIsTheNameOfAnAttachmentToSave() {
        String mail = "Content-Disposition: attachment; filename*=UTF-8''%C3%BC.txt\n\nx\n";
        Tool.Result result = inC(Runtime.version().feature()).stdin(mail).call("read", "--eml", "-", "--save", "saved");
        assertEquals(78, result.exit(), result::toString);
        assertTrue(result.err().contains("LC_ALL=C.UTF-8"), result::toString);
    }

    @Test
    void whatIsTypedUnderUtf8IsSent() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "p\ufffd").start()) {
            for (String locale : List.of("C.UTF-8", "C.utf8")) {
                Tool.Result result = Tool.with().env("LC_ALL", locale).env("MAILTOOL_PASSWORD", "p\ufffd").call(send(fake, "-s", "\ufffd", "--text", "\ufffd"));
                assertEquals(0, result.exit(), result::toString);
            }
            assertEquals(2, fake.messages().size());
        }
    }

    @Test
    void whatIsAsciiNeedsNoLocale() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "plain").start()) {
            Tool.Result result = inC(Runtime.version().feature()).env("MAILTOOL_PASSWORD", "plain").stdin("Gr\u00fc\u00dfe \ufffd").call(send(fake, "--text-file", "-"));
            assertEquals(0, result.exit(), result::toString);
        }
    }

    /** Arabic, Persian, Bengali and Marathi have digits of their own, Turkish an i, and German a comma. */
    @ParameterizedTest
    @ValueSource(strings = {"ar-EG", "fa-IR", "bn-BD", "mr-IN", "tr-TR", "de-DE"})
    void numbersAreTheSameInAnyLanguage(String locale, @TempDir Path folder) throws IOException {
        Path mail = Files.writeString(folder.resolve("mail.eml"), """
            Received: from a.example.org by b.example.org; Sun, 29 Nov 2026 12:00:03 +0000
            Received: from [192.0.2.1] by a.example.org; Sun, 29 Nov 2026 12:00:00 +0000
            From: a@example.org
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: application/pdf; name=x.pdf

            %s
            --b--
            """.formatted("x".repeat(1234)));
        try (FakeSmtp fake = new FakeSmtp().start()) {
            List<List<String>> calls = List.of(List.of("help", "exit-codes"), List.of("read", "--eml", mail.toString()), List.of("trace", "--eml", mail.toString()),
                List.of("probe", "-S", fake.url(), "-v"), List.of("probe", "-S", fake.url(), "--count", "2"), List.of("probe", "-S", fake.url(), "--format", "nagios"),
                List.of("probe", "-S", fake.url(), "--format", "prometheus"), List.of("send", "-S", fake.url(), "-f", "a@example.org", "-t", "b@example.org", "-a", mail.toString(), "-v"));
            for (List<String> call : calls) {
                Tool.Result run = Tool.with().jvm("-Duser.language=" + locale.substring(0, 2), "-Duser.country=" + locale.substring(3)).call(call.toArray(String[]::new));
                assertEquals("", (run.out() + run.err()).replaceAll("[\\x00-\\x7f\u2013\u2026]", ""), () -> call + ": " + run);
                assertFalse((run.out() + run.err()).matches("(?s).*\\d,\\d.*"), () -> call + ": " + run);
            }
        }
    }
}
