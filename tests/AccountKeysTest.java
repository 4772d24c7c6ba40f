package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import mailtool.MailTool.Account;
import mailtool.MailTool.Exit;
import mailtool.MailTool.Mail;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Smtp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an account holds beside server and login, and in which commands each of its keys counts. */
final class AccountKeysTest {
    private static final String MESSAGE = """
        work.from = Ops <ops@example.org>
        work.to = team@example.org
        work.bcc = archive@example.org
        work.reply-to = Jürgen <reply@example.org>
        work.header.X-Host = db1
        work.header.X-Wo = Köln
        work.envelope-from = bounces@example.org
        work.notify = failure
        """;
    @TempDir
    private Path folder;

    // Where mail is sent

    @Test
    void keysOfAMessageCountWhereMailIsSent() throws IOException {
        FakeSmtp.Received message = sent("", account -> account.mail().subject("x").text("Hello"));
        assertEquals("bounces@example.org", message.from());
        assertEquals(List.of("team@example.org", "archive@example.org"), message.to());
        assertEquals("NOTIFY=FAILURE", message.recipients().get(0).parameters().get(0));
        assertHas(message, "To: team@example.org", "Reply-To: =?UTF-8?B?SsO8cmdlbg==?= <reply@example.org>", "X-Host: db1", "X-Wo: =?UTF-8?B?S8O2bG4=?=");
        assertFalse(message.text().contains("archive"), message.text());
    }

    @Test
    void whatTheMailSaysItselfTakesTheirPlace() throws IOException {
        FakeSmtp.Received message = sent("", account -> account.mail().from("b@example.org").to("other@example.org").replyTo("c@example.org")
            .set("header", "x-host: db2").envelopeFrom("d@example.org").notify("never").text("Hello"));
        assertEquals("d@example.org", message.from());
        assertEquals(List.of("other@example.org", "archive@example.org"), message.to());
        assertEquals("NOTIFY=NEVER", message.recipients().get(0).parameters().get(0));
        assertHas(message, "From: b@example.org", "To: other@example.org", "Reply-To: c@example.org", "x-host: db2", "X-Wo: =?UTF-8?B?S8O2bG4=?=");
        assertFalse(message.text().contains("db1"), message.text());
    }

    @Test
    void aReadyMessageHasItsHeaderAndRecipientsAlready() throws IOException {
        Path ready = Files.writeString(folder.resolve("ready.eml"), "From: x@example.org\nTo: y@example.org\nSubject: ready\n\nHello\n");
        FakeSmtp.Received message = sent("", account -> account.mail().eml(ready.toString()));
        assertEquals(List.of("y@example.org"), message.to());
        assertEquals("bounces@example.org", message.from());
        assertTrue(message.text().endsWith("\r\nFrom: x@example.org\r\nTo: y@example.org\r\nSubject: ready\r\n\r\nHello\r\n"), message.text());
        assertFalse(message.text().contains("db1") || message.text().contains("reply@"), message.text());
    }

    @Test
    void onTheCommandLineItIsTheSame() throws IOException {
        try (FakeSmtp fake = new FakeSmtp().ehlo("DSN").start()) {
            Path file = accounts(MESSAGE + "work.server = " + fake.url() + "\nwork.maildir = nowhere\nwork.delete = true\n");
            Tool.Result result = Tool.with().call("send", "--config", file.toString(), "-A", "work", "-t", "b@example.org", "-H", "X-Host: db2", "--text", "x");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(List.of("b@example.org", "archive@example.org"), fake.message().to());
            assertHas(fake.message(), "X-Host: db2", "X-Wo: =?UTF-8?B?S8O2bG4=?=");
        }
    }

    // In each protocol

    @ParameterizedTest
    @ValueSource(strings = {"chunking, top", "TOP CHUNKING", "chunking,uidl,top"})
    void whatIsTurnedOffMayBeOfEitherProtocol(String words) throws IOException {
        try (FakeSmtp smtp = new FakeSmtp().ehlo("CHUNKING").start(); FakePop3 pop3 = new FakePop3().messages(1).start()) {
            Account account = account(MESSAGE + both(smtp, pop3) + "work.no = " + words + "\n");
            try (Smtp session = account.smtp().open(); Pop3 box = account.pop3().password(FakePop3.PASSWORD).open()) {
                session.send(account.mail().text("Hello"));
                assertEquals(List.of(), smtp.message().chunks());
                assertFalse(box.showsHeaders());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"auth, APOP", "auth, user", "no, top", "no, 'uidl,TOP'"})
    void aValueOfPop3AloneIsPassedOverWhereMailIsSent(String key, String value) throws IOException {
        FakeSmtp.Received message = sent("work." + key + " = " + value + "\nwork.password = secret\nwork.user = ops\n", account -> account.mail().text("Hello"));
        assertEquals("ops", message.user());
    }

    @ParameterizedTest
    @ValueSource(strings = {"chunking", "size, DSN"})
    void aValueOfSmtpAloneIsPassedOverInAMaildrop(String value) throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(1).start();
                Pop3 box = account("work.pop3 = " + pop3.userUrl() + "\nwork.no = " + value + "\nwork.retry = 3\n").pop3().password(FakePop3.PASSWORD).open()) {
            assertTrue(box.showsHeaders());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no = choping", "no = top, choping", "no =", "auth = NTLM", "auth = APOP, NTLM", "auth ="})
    void whatNoProtocolKnowsIsAMistakeInBoth(String line) throws IOException {
        Account account = account("work.server = smtp://ops@localhost\nwork.pop3 = pop3://ops@localhost\nwork." + line + "\n");
        assertEquals(Exit.CONFIG, assertThrows(MailException.class, account::smtp).exit());
        assertEquals(Exit.CONFIG, assertThrows(MailException.class, account::pop3).exit());
    }

    // Where mail is fetched

    @Test
    void keysOfAStoreMakeABareFetchWork() throws IOException {
        try (FakePop3 one = new FakePop3().messages(2).start(); FakePop3 two = new FakePop3().messages(1).start()) {
            Path file = accounts("""
                default = one
                one.pop3 = %s
                one.maildir = ~/Mail/{account}
                one.delete = true
                one.match = subject-1
                one.to = team@example.org
                one.envelope-from = bounces@example.org
                two.pop3 = %s
                two.dir = ~/two
                """.formatted(one.userUrl(), two.userUrl()));
            Tool.Result bare = Pop3Calls.tool().home(folder).call("fetch", "--config", file.toString(), "-A", "one", "-A", "two");
            assertEquals(0, bare.exit(), bare::toString);
            assertEquals(1, files("Mail/one/new"));
            assertEquals(1, files("two"));
            assertEquals(List.of("DELE 1"), one.commands("DELE"));
            Tool.Result elsewhere = Pop3Calls.tool().home(folder).call("fetch", "--config", file.toString(), "--mbox", folder.resolve("mbox").toString(), "--match", "subject-");
            assertEquals(0, elsewhere.exit(), elsewhere::toString);
            assertTrue(Files.readString(folder.resolve("mbox")).contains("subject-2"), elsewhere::toString);
            assertEquals(1, one.commands("DELE").size());
        }
    }

    @Test
    void anAccountMayForward() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(1).start(); FakeSmtp target = new FakeSmtp().start()) {
            Path file = accounts("work.pop3 = " + pop3.userUrl() + "\nwork.forward = " + target.url() + "\nwork.to = c@example.org\nwork.envelope-from = d@example.org\n");
            Tool.Result result = Pop3Calls.tool().home(folder).call("fetch", "--config", file.toString(), "-A", "work");
            assertEquals(0, result.exit(), result::toString);
            assertEquals("d@example.org to [c@example.org]", target.message().from() + " to " + target.message().to());
        }
    }

    @Test
    void onePlaceIsNoMaildirForOneAndAFolderForAnother() throws IOException {
        Path file = accounts("one.pop3 = pop3://a@localhost:1\none.maildir = same\ntwo.pop3 = pop3://b@localhost:1\ntwo.dir = same\n");
        Tool.Result result = Pop3Calls.tool().call("fetch", "--config", file.toString(), "-A", "one", "-A", "two");
        assertEquals(64, result.exit(), result::toString);
        assertTrue(result.err().contains("same can't be a Maildir for one account and a folder for two"), result::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "dir"})
    void onePlaceMayBeWrittenInTwoWays(String kind) throws IOException {
        try (FakePop3 one = new FakePop3().messages(1).start(); FakePop3 two = new FakePop3().messages(1).start()) {
            Path file = accounts("one.pop3 = " + one.userUrl() + "\none." + kind + " = " + folder + "/same\ntwo.pop3 = "
                + two.userUrl().replace("localhost", "127.0.0.1") + "\ntwo." + kind + " = " + folder + "/./same\n");
            Tool.Result result = Pop3Calls.tool().home(folder).call("fetch", "--config", file.toString(), "-A", "one", "-A", "two");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(2, StoreProcess.files(folder.resolve(kind.equals("dir") ? "same" : "same/new")).stream()
                .filter(mail -> !mail.getFileName().toString().startsWith(".")).count());
        }
    }

    @Test
    void twoStoresInOneAccountAreAMistake() throws IOException {
        Path file = accounts("work.pop3 = pop3://ops@localhost:1\nwork.maildir = a\nwork.mbox = b\n");
        Tool.Result result = Pop3Calls.tool().call("fetch", "--config", file.toString(), "-A", "work");
        assertEquals(78, result.exit(), result::toString);
        assertTrue(result.err().contains("account 'work': --maildir and --mbox contradict each other"), result::toString);
    }

    // What is wrong with it

    @ParameterizedTest
    @CsvSource({
        "maildri, did you mean work.maildir?",
        "heder.X-Host, did you mean work.header?",
        "timeout.X, did you mean work.timeout?",
        "text, see mailtool help accounts",
        "verbose, see mailtool help accounts"})
    void whatNoCommandHasIsNamed(String key, String hint) throws IOException {
        MailException failure = assertThrows(MailException.class, () -> account("work.server = smtp://localhost\nwork." + key + " = x\n"));
        assertEquals(Exit.CONFIG, failure.exit());
        assertTrue(failure.getMessage().endsWith("'work." + key + "' means nothing"), failure.getMessage());
        assertEquals(hint, failure.hint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"delete = yes", "all = no", "newest-first =", "all-or-nothing = 1", "insecure = TRUE"})
    void aSwitchIsTrueOrFalseAndNothingElse(String line) {
        MailException failure = assertThrows(MailException.class, () -> account("work.server = smtp://localhost\nwork." + line + "\n"));
        assertEquals(Exit.CONFIG, failure.exit());
        assertTrue(failure.getMessage().contains("takes true or false"), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"header.Subject = x", "header. = x", "envelope-from = \\u0007", "notify = often", "reply-to = A <a@example.org"})
    void aBrokenMessageKeyIsOfConfiguration(String line) throws IOException {
        Account account = account("work.server = smtp://localhost\nwork." + line + "\n");
        assertEquals(Exit.CONFIG, assertThrows(MailException.class, account::mail).exit());
    }

    @Test
    void theNamesOfFieldsAreNoAccounts() {
        MailException failure = assertThrows(MailException.class, () -> Account.find(Optional.of(accounts(MESSAGE)), Optional.of("nothing")));
        assertEquals("it has work", failure.hint());
    }

    private Path accounts(String content) throws IOException {
        return Files.writeString(folder.resolve("accounts"), content);
    }

    private Account account(String content) throws IOException {
        return Account.find(Optional.of(accounts(content)), Optional.of("work")).orElseThrow();
    }

    private static String both(FakeSmtp smtp, FakePop3 pop3) {
        return "work.server = " + smtp.url() + "\nwork.pop3 = " + pop3.userUrl() + "\n";
    }

    private interface Writer {
        Mail mail(Account account);
    }

    private FakeSmtp.Received sent(String more, Writer writer) throws IOException {
        try (FakeSmtp fake = new FakeSmtp().ehlo("DSN", "AUTH PLAIN").login("ops", "secret").start()) {
            Path file = accounts(MESSAGE + "work.server = " + fake.url() + "\n" + more);
            file.toFile().setReadable(false, false);
            file.toFile().setReadable(true, true);
            Account account = Account.find(Optional.of(file), Optional.of("work")).orElseThrow();
            try (Smtp session = account.smtp().open()) {
                session.send(writer.mail(account));
            }
            return fake.message();
        }
    }

    private static void assertHas(FakeSmtp.Received message, String... lines) {
        List<String> all = message.text().lines().toList();
        for (String line : lines) {
            assertEquals(1, all.stream().filter(line::equals).count(), () -> line + " in " + message.text());
        }
    }

    private long files(String name) throws IOException {
        try (Stream<Path> all = Files.list(folder.resolve(name))) {
            return all.filter(file -> !file.getFileName().toString().startsWith(".")).count();
        }
    }
}
