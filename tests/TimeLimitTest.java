package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.pop3;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How long each step may take without {@code --timeout} (RFC 5321, 4.5.3.2), and what a person is told meanwhile. */
final class TimeLimitTest {
    /** More than the sockets of both sides can buffer. */
    private static final int LARGE = 48 * 1024 * 1024;

    @TempDir
    private static Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Told> told = new ArrayList<>();

    /** What a session should say, and says. */
    private record Told(String expected, List<String> lines) {
        void awaitExpected() {
            Eventually.until(expected, () -> lines.stream().anyMatch(line -> line.matches(expected)));
        }

        void awaitEnd() {
            Eventually.until("the end of " + expected, () -> lines.get(lines.size() - 1).isEmpty());
        }
    }

    // The table

    @ParameterizedTest
    @CsvSource({"CONNECT, 1, 1", "HANDSHAKE, 1, 1", "GREETING, 5, 1", "COMMAND, 5, 1", "DATA, 2, 1", "BLOCK, 3, 1", "END, 10, 10"})
    void eachStepHasItsMinutes(TimeLimit limit, int smtp, int pop3) {
        assertEquals(Duration.ofMinutes(smtp), of(limit, smtp("smtp://localhost")));
        assertEquals(Duration.ofMinutes(smtp), of(limit, smtp("lmtp://localhost")));
        assertEquals(Duration.ofMinutes(pop3), of(limit, pop3("pop3s://ops@localhost")));
    }

    @ParameterizedTest
    @EnumSource(TimeLimit.class)
    void theUsersLimitIsThatOfAllSteps(TimeLimit limit) {
        assertEquals(Duration.ofSeconds(3), of(limit, smtp("smtp://localhost").set("timeout", "3s")));
        assertEquals(Duration.ofHours(1), of(limit, pop3("pop3://ops@localhost").set("timeout", "1h")));
    }

    /** Commons Net has one of a minute for it. */
    @Test
    void theLibraryHasNoOtherLimitForConnecting() {
        try (FakeSmtp server = new FakeSmtp().start(); MailTool.Smtp session = smtp(server.url()).set("timeout", "1h").open()) {
            assertEquals(3_600_000, ((SmtpLink) session.sending.connection().opening.link()).getConnectTimeout());
        }
    }

    // Which step has which

    /** All at once, as each takes ten seconds. */
    @Test
    void whatIsWaitedForIsToldWithItsLimit() throws Exception {
        try {
            waiting("greeting", 300, smtp(url("smtp", ScriptedServer.start(ScriptedPeer::stall))));
            waiting("ehlo", 300, stalling(new FakeSmtp(), "EHLO"));
            waiting("tls", 300, stalling(new FakeSmtp().tls(TestCerts.good().context()), "STARTTLS"));
            waiting("tls", 60, smtp(url("smtps", ScriptedServer.start(ScriptedPeer::stall))));
            waiting("auth", 300, smtp(start(new FakeSmtp().ehlo("AUTH PLAIN").on("AUTH", ScriptedPeer::stall)).url("ops")).password("secret"));
            waiting("mail", 300, stalling(new FakeSmtp(), "MAIL"));
            waiting("rcpt", 300, stalling(new FakeSmtp(), "RCPT"));
            waiting("data", 120, stalling(new FakeSmtp(), "DATA"));
            waiting("data", 180, smtp(start(new FakeSmtp().on("DATA", peer -> peer.say("354 go").stall())).url()));
            waiting("data", 180, stalling(new FakeSmtp().ehlo("CHUNKING"), "BDAT 65536"));
            waiting("data", 600, stalling(new FakeSmtp(), "."));
            waiting("data", 600, stalling(new FakeSmtp().ehlo("CHUNKING"), "."));
            waiting("data", 600, stalling(new FakeSmtp().lmtp(), ". <b@"));
            waitingPop3("greeting", 60, pop3(url("pop3", ScriptedServer.start(ScriptedPeer::stall))));
            waitingPop3("retr", 60, pop3(start("RETR").userUrl()).password(FakePop3.PASSWORD));
            waitingPop3("quit", 600, pop3(start("QUIT").userUrl()).password(FakePop3.PASSWORD));
            told.forEach(Told::awaitExpected);
        } finally {
            for (AutoCloseable server : open) {
                server.close();
            }
        }
        told.forEach(Told::awaitEnd);
    }

    private String url(String scheme, ScriptedServer server) {
        open.add(server);
        return scheme + "://localhost:" + server.port();
    }

    private FakeSmtp start(FakeSmtp server) {
        open.add(server);
        return server.start();
    }

    private FakePop3 start(String command) {
        FakePop3 server = new FakePop3().messages(2).on(command, ScriptedPeer::stall);
        open.add(server);
        return server.start();
    }

    private MailTool.Server<MailTool.Smtp> stalling(FakeSmtp server, String command) {
        return smtp(start(server.on(command, ScriptedPeer::stall)).url());
    }

    private void waiting(String step, int seconds, MailTool.Server<MailTool.Smtp> server) throws Exception {
        Path large = folder.resolve("large.bin");
        boolean block = seconds == 180;
        if (block && Files.notExists(large)) {
            Files.write(large, new byte[LARGE]);
        }
        MailTool.Mail mail = mail().from("a@example.org").to("b@example.org").text("Hello");
        inBackground(step, seconds, server, smtp -> smtp.send(block ? mail.attach(large) : mail));
    }

    private void waitingPop3(String step, int seconds, MailTool.Server<MailTool.Pop3> server) {
        inBackground(step, seconds, server, box -> {
            MailTool.Message first = box.messages().iterator().next();
            first.text();
            box.delete(first);
            box.close();
        });
    }

    private <S extends AutoCloseable> void inBackground(String step, int seconds, MailTool.Server<S> server, Consumer<S> work) {
        List<String> lines = new CopyOnWriteArrayList<>();
        String what = step.equals("data") && seconds == 600 ? " to answer the end of the message" : " \\(" + step + "\\)";
        told.add(new Told("waiting for localhost" + what + ", 0:\\d\\d of " + seconds / 60 + ":00", lines));
        server.waiting = lines::add;
        server.set("ca", TestCerts.caFile().toString());
        Thread thread = new Thread(() -> {
            try (S session = server.open()) {
                work.accept(session);
            } catch (Exception e) {
                // The server goes when it has been seen what is waited for.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    /** A hosts file that nobody writes to is a look-up that never ends. */
    @Test
    void theLookUpOfANameCountsAsConnecting() {
        Path silent = folder.resolve("hosts");
        SystemCommand.run("mkfifo", silent);
        Tool.Result run = Tool.with().jvm("-Djdk.net.hosts.file=" + silent)
            .call("send", "-S", "smtp://mail.example.org", "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello", "--timeout", "2s");
        assertEquals(75, run.exit(), run::toString);
        assertTrue(run.err().startsWith("mailtool: mail.example.org was not found within 2 s; "), run::toString);
    }

    // On a terminal

    @Test
    void aTerminalShowsOneLineThatIsGoneInTheEnd() {
        CountDownLatch enough = new CountDownLatch(1);
        try (FakeSmtp server = new FakeSmtp().on(".", peer -> {
            enough.await();
            peer.say("250 2.0.0 Ok: queued as SLOW");
        }).start();
            RunningTool running = Tool.with().onTerminal().start("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello")) {
            running.awaitOutput("\r\u001b[Kwaiting for localhost to answer the end of the message, 0:12 of 10:00");
            enough.countDown();
            Tool.Result run = running.await();
            assertEquals(0, run.exit(), run::toString);
            assertTrue(run.out().matches("(waiting for localhost to answer the end of the message, 0:\\d\\d of 10:00\r\u001b\\[K)+sent to b@example.org, queued as SLOW\r\n"), run::toString);
        }
    }

    @Test
    void theErrorNamesTheLimitThatPassed() {
        try (FakeSmtp server = new FakeSmtp().on("MAIL", ScriptedPeer::stall).start()) {
            MailTool.Server<MailTool.Smtp> choice = smtp(server.url()).set("timeout", "2s");
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> {
                try (MailTool.Smtp session = choice.open()) {
                    session.send(mail().from("a@example.org").to("b@example.org").text("Hello"));
                }
            });
            assertTrue(problem.getMessage().contains("did not answer within 2 s (mail)"), problem::getMessage);
        }
    }

    private static Duration of(TimeLimit limit, MailTool.Server<?> server) {
        return limit.of(server.where(), server.how());
    }
}
