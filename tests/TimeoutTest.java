package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that fall silent, or nearly so: {@code --timeout} limits every step. */
final class TimeoutTest {
    private static final String LIMIT = "2500ms";
    private static final Duration TRICKLE = Duration.ofMillis(100);
    /** More than the sockets of both sides can buffer. */
    private static final int LARGE = 48 * 1024 * 1024;

    @TempDir
    private static Path folder;

    private static Path largeFile;

    @BeforeAll
    static void writeLargeFile() throws IOException {
        largeFile = Files.write(folder.resolve("large.bin"), new byte[LARGE]);
    }

    /** Java's first handshake takes longer than any other: on a busy machine longer than the limit here. */
    @BeforeAll
    static void shakeHandsOnce() {
        try (FakeSmtp server = new FakeSmtp().tls(TestCerts.good().context()).start();
                MailTool.Smtp session = smtp(server.url()).set("ca", TestCerts.caFile().toString()).open()) {
            session.send(message());
        }
    }

    private static MailTool.Mail message() {
        return mail().from("a@example.org").to("b@example.org").subject("timeout").text("Hello");
    }

    private static MailTool.Server<MailTool.Smtp> choose(String url) {
        return smtp(url).set("timeout", LIMIT).set("ca", TestCerts.caFile().toString());
    }

    private static MailTool.MailException failure(String url, MailTool.Mail mail) {
        return assertTimeoutPreemptively(Eventually.DEADLINE, () -> assertThrows(MailTool.MailException.class, () -> send(url, mail)));
    }

    private static void send(String url, MailTool.Mail mail) {
        try (MailTool.Smtp session = choose(url).open()) {
            session.send(mail);
        }
    }

    private static void assertTimeout(MailTool.Stage stage, MailTool.MailException problem) {
        assertEquals(MailTool.Exit.TEMPORARY, problem.exit(), problem::getMessage);
        assertEquals(stage, problem.stage());
        assertTrue(problem.getMessage().contains("did not answer within"), problem.getMessage());
    }

    @Test
    void aConnectionMustComeInTime() throws IOException {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, LocalPorts.LOOPBACK)) {
            fillUp(full, waiting);
            MailTool.MailException problem = failure("smtp://127.0.0.1:" + full.getLocalPort(), message());
            assertTimeout(MailTool.Stage.CONNECT, problem);
            assertTrue(problem.retryable());
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    /** Connections that nobody accepts, until the system lets no more in. */
    private static void fillUp(ServerSocket server, List<Socket> waiting) throws IOException {
        boolean full = false;
        while (!full) {
            Socket socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(new InetSocketAddress(LocalPorts.LOOPBACK, server.getLocalPort()), 2000);
            } catch (SocketTimeoutException e) {
                full = true;
            }
        }
    }

    @Test
    void theGreetingMustComeInTime() {
        try (ScriptedServer server = ScriptedServer.start(ScriptedPeer::stall)) {
            MailTool.MailException problem = failure("smtp://127.0.0.1:" + server.port(), message());
            assertTimeout(MailTool.Stage.GREETING, problem);
            assertTrue(problem.retryable());
        }
    }

    @Test
    void theHandshakeMustEndInTime() {
        try (ScriptedServer server = ScriptedServer.start(ScriptedPeer::stall)) {
            assertTimeout(MailTool.Stage.TLS, failure("smtps://localhost:" + server.port(), message()));
        }
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.say("220 hello").expect("EHLO").say("250-hello", "250 STARTTLS").expect("STARTTLS").say("220 go").stall())) {
            assertTimeout(MailTool.Stage.TLS, failure("smtp://localhost:" + server.port(), message()));
        }
    }

    @ParameterizedTest
    @CsvSource({"EHLO, EHLO", "STARTTLS, TLS", "MAIL, MAIL", "RCPT, RCPT", "DATA, DATA"})
    void everyReplyMustComeInTime(String command, MailTool.Stage stage) {
        try (FakeSmtp server = new FakeSmtp().tls(TestCerts.good().context()).on(command, ScriptedPeer::stall).start()) {
            MailTool.MailException problem = failure(server.url(), message());
            assertTimeout(stage, problem);
            assertTrue(problem.retryable());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "HELP"})
    void aMessageThatIsNotAnsweredInTimeHasAnUnknownOutcome(String extension) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).on(".", ScriptedPeer::stall).start()) {
            MailTool.MailException problem = failure(server.url(), message());
            assertEquals(MailTool.Exit.UNKNOWN, problem.exit(), problem::getMessage);
            assertEquals(MailTool.Stage.DATA, problem.stage());
            assertTrue(problem.getMessage().contains("did not answer within " + LIMIT.replace("ms", " ms")), problem.getMessage());
            assertTrue(problem.getMessage().contains("unknown"), problem.getMessage());
            assertFalse(problem.retryable());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerThatDoesNotReadIsNotWaitedFor(boolean tls) {
        FakeSmtp server = new FakeSmtp().on("DATA", peer -> peer.say("354 go").stall());
        try (FakeSmtp started = (tls ? server.implicitTls(TestCerts.good().context()) : server).start()) {
            MailTool.MailException problem = failure(started.url(), message().attach(largeFile));
            assertTimeout(MailTool.Stage.DATA, problem);
            assertTrue(problem.retryable());
        }
    }

    @Test
    void aServerThatReadsDropByDropDoesNotEscape() {
        try (FakeSmtp server = new FakeSmtp().on("DATA", peer -> {
            peer.say("354 go");
            while (true) {
                peer.readBytes(1024);
                Thread.sleep(TRICKLE.toMillis());
            }
        }).start()) {
            assertTimeout(MailTool.Stage.DATA, failure(server.url(), message().attach(largeFile)));
        }
    }

    @Test
    void aGreetingThatTricklesDoesNotEscape() {
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.trickle("220 " + "x".repeat(5000), TRICKLE))) {
            assertTimeout(MailTool.Stage.GREETING, failure("smtp://127.0.0.1:" + server.port(), message()));
        }
    }

    @Test
    void aReplyThatNeverEndsDoesNotEscape() {
        try (FakeSmtp server = new FakeSmtp().on("EHLO", peer -> peer.trickle("250-x\r\n".repeat(1000), TRICKLE)).start()) {
            assertTimeout(MailTool.Stage.EHLO, failure(server.url(), message()));
        }
    }

    @Test
    void aHandshakeThatTricklesDoesNotEscape() {
        // The header of a TLS record that announces 4 KB, and then one byte at a time.
        String record = "\u0016\u0003\u0003\u0010\u0000\u0002" + "\u0000".repeat(4000);
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.trickle(record, TRICKLE))) {
            assertTimeout(MailTool.Stage.TLS, failure("smtps://localhost:" + server.port(), message()));
        }
    }

    @Test
    void quitIsNotWaitedForAndChangesNothing() {
        try (FakeSmtp server = new FakeSmtp().on("QUIT", ScriptedPeer::stall).start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--timeout", "10m", "--text", "Hello");
            assertEquals(0, result.exit(), result::toString);
            assertEquals("", result.err());
        }
    }

    @Test
    void anAnswerToQuitThatTricklesIsNotWaitedFor() {
        try (FakeSmtp server = new FakeSmtp().on("QUIT", peer -> peer.trickle("221-x\r\n".repeat(1000), TRICKLE)).start()) {
            try (MailTool.Smtp session = smtp(server.url()).set("timeout", "10m").open()) {
                assertTrue(session.send(message()).ok());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"500 what", "554 never", "garbage", "221-bye", ""})
    void noAnswerToQuitChangesTheResult(String answer) {
        try (FakeSmtp server = new FakeSmtp().on("QUIT", peer -> {
            peer.write(answer.isEmpty() ? "" : answer + "\r\n");
            peer.hangUp();
        }).start()) {
            try (MailTool.Smtp session = choose(server.url()).open()) {
                assertTrue(session.send(message()).ok());
            }
        }
    }
}
