package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The programs that call sendmail, as they are: each mail arrives, with its envelope, and nobody sees Bcc. */
final class SendmailCallersTest {
    @AutoClose
    private final FakeSmtp server = new FakeSmtp().ehlo("8BITMIME", "DSN").start();
    @AutoClose
    private final SendmailProgram sendmail = new SendmailProgram("server = smtp://127.0.0.1:" + server.port(), "from = Ops <ops@example.org>", "domain = example.org");

    private FakeSmtp.Received sent(Program caller, String from, String... to) {
        Tool.Result run = caller.env("HOME", sendmail.resolve("")).call();
        assertEquals(0, run.exit(), run::toString);
        assertEquals(1, server.messages().size(), run::toString);
        FakeSmtp.Received mail = server.message();
        assertEquals(from, mail.from());
        assertEquals(List.of(to), mail.to());
        assertFalse(mail.text().toLowerCase().contains("bcc"), mail::text);
        assertTrue(Stream.of("From: ", "Date: ", "Message-I").allMatch(field -> mail.text().contains("\r\n" + field) || mail.text().startsWith(field)), mail::text);
        return mail;
    }

    @Test
    void gitSendsAPatch() throws IOException {
        Need.program("git");
        Path repository = Files.createDirectory(sendmail.resolve("repository"));
        String make = "git init -q && git config user.name 'Ann Ä' && git config user.email ann@example.net && echo 1 > a && git add a && git commit -qm 'Add a'"
            + " && git send-email --quiet --smtp-server=" + sendmail.path + " --to=you@example.org --bcc=bcc@example.org --envelope-sender=list@example.org --confirm=never -1";
        FakeSmtp.Received mail = sent(Program.of("sh", "-c", make).in(repository), "list@example.org", "you@example.org", "ann@example.net", "bcc@example.org");
        assertTrue(mail.text().contains("\r\nSubject: [PATCH] Add a\r\n"), mail::text);
        assertTrue(mail.text().contains("\r\n+1\r\n-- \r\n"), mail::text);
    }

    @Test
    void muttAsksForNotices() {
        String settings = "set sendmail='" + sendmail.path + " -oem -oi' use_envelope_from=yes envelope_from_address=mutt@example.org from=ann@example.org"
            + " dsn_notify=failure dsn_return=hdrs copy=no";
        FakeSmtp.Received mail = sent(Program.of(Need.program("mutt"), "-F", "/dev/null", "-e", settings, "-s", "from mutt", "-b", "bcc@example.org", "--", "to@example.org")
            .stdin("body\n.\nend\n"), "mutt@example.org", "to@example.org", "bcc@example.org");
        assertEquals(List.of("RET=HDRS"), mail.parameters());
        assertTrue(mail.recipients().get(1).parameters().contains("NOTIFY=FAILURE"), mail::toString);
        assertTrue(mail.text().endsWith("\r\nbody\r\n.\r\nend\r\n"), mail::text);
    }

    @Test
    void sNailNamesRecipientsInItsArguments() {
        sent(Program.of(Need.program("s-nail"), "-n", "-S", "mta=" + sendmail.path, "-S", "from=ann@example.org", "-s", "from s-nail", "-b", "bcc@example.org", "to@example.org")
            .stdin("body\n"), "ann@example.org", "to@example.org", "bcc@example.org");
    }

    @Test
    void bsdMailxHasNoFrom() {
        sendmail.write(".mailrc", "set sendmail=" + sendmail.path + "\n");
        FakeSmtp.Received mail = sent(Program.of(Need.program("bsd-mailx"), "-s", "from mailx", "-b", "bcc@example.org", "to@example.org").stdin("body\n"),
            "ops@example.org", "to@example.org", "bcc@example.org");
        assertTrue(mail.text().contains("\r\nFrom: Ops <ops@example.org>\r\n"), mail::text);
    }

    @Test
    void mailutilsNamesRecipientsInTheHeader() {
        sent(Program.of(Need.program("mail.mailutils"), "-E", "set sendmail=sendmail://" + sendmail.path, "-s", "from mailutils", "-a", "Bcc: bcc@example.org",
            "-r", "ann@example.org", "to@example.org").stdin("body\n"), "ann@example.org", "to@example.org", "bcc@example.org");
    }

    @Test
    void phpHasAFunctionForIt() {
        String script = "exit(mail('to@example.org', 'from PHP', \"body\\n.\\nend\", \"From: php@example.org\\r\\nBcc: bcc@example.org\", '-fbounces@example.org') ? 0 : 1);";
        FakeSmtp.Received mail = sent(Program.of(Need.program("php"), "-d", "sendmail_path=" + sendmail.path + " -t -i", "-r", script),
            "bounces@example.org", "to@example.org", "bcc@example.org");
        assertTrue(mail.text().endsWith("\r\nbody\r\n.\r\nend\r\n"), mail::text);
    }

    /** Its jobs of the daemon's start run at once; it has a mount namespace with a crontab and a sendmail of ours. */
    @Test
    void cronSendsWhatAJobPrints() throws IOException {
        Need.root("a crontab of its own");
        Path sendmailPlace = Need.program("sendmail").toRealPath();
        Path tabs = Files.createDirectory(sendmail.resolve("crontabs"));
        Files.setPosixFilePermissions(Files.writeString(tabs.resolve("root"), "@reboot echo 'cron says hi'; echo .; echo end\n"), PosixFilePermissions.fromString("rw-------"));
        Path none = Files.createDirectory(sendmail.resolve("none"));
        Path empty = sendmail.write("crontab", "");
        String inside = "mount --bind " + sendmail.path + " " + sendmailPlace + " && mount -t tmpfs none /run && mount --bind " + tabs + " /var/spool/cron/crontabs"
            + " && mount --bind " + none + " /etc/cron.d && mount --bind " + empty + " /etc/crontab && exec " + Need.program("cron") + " -f";
        String log;
        try (RunningTool cron = Program.of("unshare", "-m", "sh", "-e", "-c", inside).start()) {
            log = Eventually.forValue("a line of its mail", () -> Optional.of(Files.readString(sendmail.log())).filter(text -> text.endsWith("\n")));
        }
        FakeSmtp.Received mail = server.message();
        assertEquals("root@example.org", mail.from());
        assertEquals(List.of("root@example.org"), mail.to());
        assertTrue(mail.text().contains("\r\nFrom: root@example.org (Cron Daemon)\r\nTo: root\r\n"), mail::text);
        assertTrue(mail.text().endsWith("\r\ncron says hi\r\n.\r\nend\r\n"), mail::text);
        assertTrue(log.contains("by=cron from=<root@example.org> size=") && log.contains(" to=root@example.org\n"), log);
    }

    private static Stream<Arguments> callLines() {
        String header = "From: root@db1\nTo: root, ops@example.com\nSubject: s\n\nbody\n";
        return Stream.of(
            Arguments.of("cronie", List.of("-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "root"), header),
            Arguments.of("logwatch, smartd, mdadm", List.of("-oi", "-t", "-froot"), header));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("callLines")
    void thisLineIsUnderstood(String caller, List<String> words, String mail) {
        FakeSmtp.Received received = sent(sendmail.with(words.toArray()).stdin(mail), "root@example.org", "root@example.org", "ops@example.com");
        assertTrue(received.text().contains("\r\nFrom: root@db1\r\n"), received::text);
    }
}
