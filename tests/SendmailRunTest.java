package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** sendmail as a whole: which account, which exit code, and that nothing but one line on stderr is said. */
final class SendmailRunTest {
    private static final String MAIL = "From: ann@Example.NET\nTo: b@example.org\n\nx\n";

    @AutoClose
    private final FakeSmtp server = new FakeSmtp().ehlo("8BITMIME").on("RCPT TO:<no", "550 5.1.1 unknown").on("RCPT TO:<later", "450 4.2.0 later").start();
    private final String url = "smtp://127.0.0.1:" + server.port();

    private static Tool.Result quiet(Program program, int exit, String... words) {
        Tool.Result run = program.call();
        assertEquals(exit, run.exit(), run::toString);
        assertEquals("", run.out());
        assertEquals(exit == 0 ? 0 : 1, run.err().lines().count(), run::toString);
        for (String word : words) {
            assertTrue(run.err().contains(word), run::toString);
        }
        return run;
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " => ", value = {
        "-t -f bob@example.org => bob@example.org",
        "-t -f eve@example.org => ann@Example.NET",
        "-t -f eve@example.org --account bob => bob@example.org",
        "b@example.org -f eve@example.org => eve@example.org"})
    void itGoesByTheAccountOfItsSender(String words, String account) {
        // Each account masks its mails as its own.
        try (SendmailProgram sendmail = new SendmailProgram("server = " + url, "from = ops@example.org",
            "ann.server = " + url, "ann.from = Ann <ann@EXAMPLE.net>", "ann.masquerade = ann@Example.NET", "bob.server = " + url, "bob.from = bob@example.org", "bob.masquerade = Bob <bob@example.org>")) {
            String mail = words.startsWith("b@") ? "\nx\n" : MAIL;
            quiet(sendmail.with((Object[]) words.split(" ")).stdin(mail), 0);
            assertEquals(account, server.message().from());
        }
    }

    @Test
    void theDomainOfASenderNeedsNoSmtpUtf8() {
        try (SendmailProgram sendmail = new SendmailProgram("server = " + url, "from = ops@example.org", "ann.server = " + url, "ann.masquerade = Ann <ann@bücher.example>")) {
            quiet(sendmail.with("-f", "a@bücher.example", "b@example.org").stdin("x\n"), 0);
            assertEquals("a@xn--bcher-kva.example", server.messages().get(0).from());
            assertTrue(new String(server.messages().get(0).content(), ISO_8859_1).contains("From: a@xn--bcher-kva.example\r\n"), "the header has it too");
            quiet(sendmail.with("-f", "jürgen@bücher.example", "b@example.org").stdin("x\n"), 65, "does not offer SMTPUTF8");
            quiet(sendmail.with("-f", "a@straße.example", "b@example.org").stdin("x\n"), 65, "xn--");
            quiet(sendmail.with("--account", "ann", "c@example.org").stdin("From: root\n\nx\n"), 0);
            assertEquals("ann@xn--bcher-kva.example", server.messages().get(1).from());
            assertTrue(new String(server.messages().get(1).content(), ISO_8859_1).contains("From: Ann <ann@xn--bcher-kva.example>\r\n"), "and of a masquerade");
        }
    }

    @Test
    void refusalsAreToldAtOnceAndTheRestWaits() {
        try (SendmailProgram sendmail = new SendmailProgram("server = " + url, "from = ops@example.org")) {
            quiet(sendmail.with("no@example.org", "no2@example.org").stdin("x\n"), 65, "<no2@example.org> 550 5.1.1 unknown");
            quiet(sendmail.with("no@example.org", "ok@example.org").stdin("x\n"), 79, "<no@example.org> 550 5.1.1 unknown");
            assertEquals("Mail queue is empty\n", sendmail.with("-bp").call().out());
            quiet(sendmail.with("later@example.org").stdin("x\n"), 0);
            String list = sendmail.with("-bp").call().out();
            assertTrue(list.contains("450 4.2.0 later") && list.endsWith("\n-- 1 Kbytes in 1 Request.\n"), list);
        }
    }

    @Test
    void aSenderOnSeveralLinesIsOneInTheSpool() {
        try (SendmailProgram sendmail = new SendmailProgram("server = " + url, "from = ops@example.org")) {
            quiet(sendmail.with("later@example.org").stdin("From: Ann <\"ann\n\tlee\"@example.org>\nMessage-ID: <x@y>\n\t(c)\n\nx\n"), 0);
            assertTrue(server.commands().contains("MAIL FROM:<\"ann lee\"@example.org>"), server.commands()::toString);
            String list = sendmail.with("-bp").call().out();
            assertTrue(list.contains("450 4.2.0 later") && list.endsWith("\n-- 1 Kbytes in 1 Request.\n"), list);
            quiet(sendmail.with("later@example.org").stdin("From: <ann\001@example.org>\n\nx\n"), 65, "the envelope sender has a control character");
        }
    }

    @Test
    void withoutASpoolWhatWouldWaitIsForTheCaller() {
        try (SendmailProgram sendmail = new SendmailProgram("server = " + url, "from = ops@example.org", "spool = none")) {
            quiet(sendmail.with("later@example.org").stdin("x\n"), 75, "450 4.2.0 later");
            assertEquals("Mail queue is empty\n", sendmail.with("-bp").call().out());
        }
    }

    @Test
    void wrongConfigurationAndInputAreNamedAndLogged() throws IOException {
        try (SendmailProgram sendmail = new SendmailProgram("server = " + url, "from = ops@example.org", "aliases = /nowhere/aliases")) {
            quiet(sendmail.with("b@example.org").stdin("x\n"), 78, "/nowhere/aliases");
            quiet(sendmail.with("--account", "nobody", "b@example.org").stdin("x\n"), 78, "nobody");
            quiet(sendmail.with().stdin("x\n"), 64, "no recipient");
            quiet(sendmail.with("-bs", "--json"), 64, "-t -i");
            quiet(sendmail.with("-t", "more@example.org").stdin(MAIL), 78, "/nowhere/aliases");
            String log = Files.readString(sendmail.log());
            assertTrue(log.lines().allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT\\S+ by=java .*outcome=refused words=.*")), log);
            List<String> lines = log.lines().toList();
            assertEquals(5, lines.size(), log);
            assertTrue(lines.get(3).contains(" from=\"\" outcome=refused words=\"sendmail does not take -bs\" to=\"\""), log);
            assertTrue(lines.get(4).contains(" from=<ann@Example.NET> ") && lines.get(4).endsWith(" to=more@example.org,b@example.org"), log);
        }
    }

    @Test
    void whatIsWrongWithALetterIsSaidOfThatLetter() throws IOException {
        try (SendmailProgram sendmail = new SendmailProgram("server = " + url, "from = ops@example.org")) {
            quiet(sendmail.with("-r", "a\nb@example.org", "b@example.org").stdin("x\n"), 65, " -r ");
            quiet(sendmail.with("-F", "a\rb", "b@example.org").stdin("x\n"), 64, " -F ");
            quiet(sendmail.with("-N", "nevr", "b@example.org").stdin("x\n"), 64, " -N ");
            quiet(sendmail.with("-t").stdin("Subject: x\n\nx\n"), 64, "give a To, Cc or Bcc field, or addresses after the options");
            quiet(sendmail.with("-t", "-f", "<>").stdin("To: b@@example.org, Ä <c@example.org>\nCc: d@example.org\n\n"), 65, "b@@example.org");
            String[] lines = Files.readString(sendmail.log()).split("\n");
            assertTrue(lines[4].contains(" from=<> ") && lines[4].endsWith(" to=b@@example.org,c@example.org,d@example.org"), lines[4]);
        }
    }

    /** As some programs do that are called logger. */
    @Test
    void syslogIsToldTheOutcomeBeforeTheRecipientsAndSaysNothingItself() throws IOException {
        try (SendmailProgram sendmail = new SendmailProgram("server = " + url, "from = ops@example.org", "log = syslog")) {
            java.nio.file.Path logger = sendmail.write("logger", "#!/bin/sh\nfor line; do :; done\necho \"$line\" | tee -a " + sendmail.log() + " >&2\necho out\nexit 1\n");
            Files.setPosixFilePermissions(logger, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
            Object[] many = java.util.stream.IntStream.range(0, 5000).mapToObj(n -> "recipient" + n + "@example.org").toArray();
            String path = logger.getParent() + ":" + System.getenv("PATH");
            quiet(sendmail.with(many).env("PATH", path).stdin("x\n"), 0);
            many[50] = "no@example.org";
            quiet(sendmail.with(many).env("PATH", path).stdin("x\n"), 79);
            String[] lines = Files.readString(sendmail.log()).split("\n");
            assertTrue(lines[0].indexOf(" outcome=sent ") > 0 && lines[0].indexOf(" outcome=sent ") < 500, lines[0]);
            assertTrue(lines[1].matches(".{1,500} outcome=partial words=\"<no@example.org> 550 5.1.1 unknown\" to=recipient0@example.org,.*"), lines[1]);
            assertEquals(2, lines.length);
        }
    }

    @Test
    void anEmptyFromIsNone() {
        try (SendmailProgram sendmail = new SendmailProgram("server = " + url, "from = Ops <ops@example.org>")) {
            quiet(sendmail.with("-t").stdin("Subject: x\nFrom: \nTo: b@example.org\n\nx\n"), 0);
            assertEquals("ops@example.org", server.message().from());
            assertTrue(server.message().text().contains("Subject: x\r\nFrom: Ops <ops@example.org>\r\nTo: "), server.message()::text);
        }
    }

    @Test
    void withoutAnyAccountThereIsNoServer() {
        Tool.Result run = Tool.with().without("HOME").stdin("x\n").call("sendmail", "root@example.org");
        assertEquals(78, run.exit(), run::toString);
        assertTrue(run.err().matches("mailtool: no server: .*\n"), run::toString);
    }

    /** In a mount namespace with a copy of /etc. */
    @Test
    void accountsOfTheSystemAreForWhoHasNone() throws IOException {
        Need.root("a mount");
        try (SendmailProgram sendmail = new SendmailProgram("server = " + url, "password = secret", "from = system@example.org")) {
            Files.createDirectories(sendmail.resolve("etc/mailtool"));
            Files.move(sendmail.resolve("config/mailtool/accounts"), sendmail.resolve("etc/mailtool/accounts"));
            String inside = "cp -a /etc/. etc && chmod $0 etc/mailtool/accounts && mount --bind etc /etc && exec " + sendmail.path + " b@example.org";
            quiet(Program.of("unshare", "-m", "sh", "-e", "-c", inside, "640").in(sendmail.resolve("")).stdin("x\n"), 0);
            assertEquals("system@example.org", server.message().from());
            quiet(Program.of("unshare", "-m", "sh", "-e", "-c", inside, "644").in(sendmail.resolve("")).stdin("x\n"), 78, "/etc/mailtool/accounts holds a secret", "chmod 640 ");
            String other = inside.replace("exec ", "chown 65534:65534 etc/mailtool/accounts && exec setpriv --bounding-set=-all ");
            quiet(Program.of("unshare", "-m", "sh", "-e", "-c", other, "640").in(sendmail.resolve("")).stdin("x\n"), 78, "/etc/mailtool/accounts; you need to be in its group");
        }
    }

    @Test
    void nobodyIsAskedForAPasswordAlsoAtATerminal() {
        try (SendmailProgram sendmail = new SendmailProgram("server = smtp://ann@127.0.0.1:" + server.port(), "spool = none");
            FakeSmtp asking = new FakeSmtp().ehlo("AUTH PLAIN").login("ann", "secret").start()) {
            sendmail.write("config/mailtool/accounts", "default = ops\nops.spool = none\nops.from = a@example.org\nops.server = smtp://ann@127.0.0.1:" + asking.port() + "\n");
            Program atTerminal = Program.of(Need.program("script"), "-q", "-e", "-c", sendmail.path + " b@example.org < /dev/null", "/dev/null").env("HOME", "/nowhere");
            Tool.Result run = atTerminal.call();
            assertEquals(75, run.exit(), run::toString);
            assertTrue(run.out().contains("no password for ann"), run::toString);
            assertFalse(run.out().contains("Password of"), run::toString);
        }
    }

    @Test
    void aMailOfAnySizeFitsIntoALittleMemory() throws IOException {
        try (CountingSink sink = new CountingSink();
            SendmailProgram sendmail = new SendmailProgram("-Xmx64m", new String[] {"server = " + sink.url(), "from = ops@example.org"})) {
            String write = "yes '0123456789 0123456789 0123456789 0123456789 0123456789 0123456789' | head -c 100000000 | " + sendmail.path + " -t -f a@example.org b@example.org";
            quiet(Program.of("sh", "-c", write), 0);
            // A slow machine needs more than the ten seconds of the first try.
            boolean waits = !MailTool.spool(sendmail.resolve("spool")).entries().isEmpty();
            assertEquals(waits ? Map.of() : Map.of("b@example.org", 1), sink.accepted());
            assertTrue(Files.readString(sendmail.log()).matches("(?s).* size=10\\d{7} .*"), () -> "the log has another size");
        }
    }

    /** Neither Jakarta Mail, which looks for services in every library, nor a name server is asked for what is not needed. */
    @Test
    void itStartsWithLittle() {
        try (SendmailProgram sendmail = new SendmailProgram("-Xlog:class+load", new String[] {"server = " + url, "from = ops@example.org"})) {
            Tool.Result run = sendmail.with("-t").stdin(MAIL).call();
            assertEquals(0, run.exit(), run::toString);
            assertTrue(run.out().contains("mailtool.ReadyMessage "), run::toString);
            for (String slow : List.of("jakarta.mail.internet.MimeUtility", "java.util.ServiceLoader$", "java.net.InetAddress$NameServiceAddresses")) {
                assertFalse(run.out().contains(" " + slow), slow);
            }
        }
    }

    @Test
    void theDialogueGoesToStderr() {
        try (SendmailProgram sendmail = new SendmailProgram("server = " + url, "from = ops@example.org", "log = /nowhere/log")) {
            Tool.Result run = sendmail.with("-v", "b@example.org").stdin("x\n").call();
            assertEquals(0, run.exit(), run::toString);
            assertEquals("", run.out());
            assertTrue(run.err().contains(">>> RCPT TO:<b@example.org>"), run::toString);
        }
    }

    @Test
    void helpIsOnItsPage() {
        Tool.Result run = Tool.run("sendmail", "--help");
        assertEquals(0, run.exit(), run::toString);
        assertTrue(run.out().contains("--account NAME") && List.of("-bp", "-oi", "-N WHEN").stream().allMatch(run.out()::contains), run::toString);
        assertTrue(run.out().lines().allMatch(line -> line.length() <= 80), run::toString);
    }
}
