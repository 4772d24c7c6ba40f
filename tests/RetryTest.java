package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --retry}: what is tried again, what is not, and that nobody ever gets a second copy. */
final class RetryTest {
    private final List<String> warnings = new ArrayList<>();

    private static MailTool.Mail message(String... recipients) {
        return mail().from("a@example.org").to(String.join(", ", recipients)).subject("retry").text("Hello");
    }

    private MailTool.Delivery send(String url, int retries, MailTool.Mail mail) {
        try (MailTool.Smtp session = smtp(url).set("retry", Integer.toString(retries)).warnings(warnings::add).open()) {
            return session.send(mail);
        }
    }

    private MailTool.MailException failure(String url, int retries, MailTool.Mail mail) {
        return assertThrows(MailTool.MailException.class, () -> send(url, retries, mail));
    }

    private static String messageId(FakeSmtp.Received message) {
        Matcher field = Pattern.compile("\r\nMessage-ID: (<[^>]+>)\r\n").matcher(message.text());
        assertTrue(field.find(), message.text());
        return field.group(1);
    }

    // What is tried again

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT", "DATA", "."})
    void aTemporaryRefusalIsTriedAgain(String command) {
        try (FakeSmtp server = new FakeSmtp().once(command, "451 4.3.0 not now").start()) {
            assertTrue(send(server.url(), 1, message("b@example.org")).ok());
            assertEquals(1, server.messages().size());
            assertEquals(1, warnings.size());
            assertTrue(warnings.get(0).contains("451 4.3.0 not now"), warnings::toString);
        }
    }

    @Test
    void theSecondTryIsTheSameMessage() {
        try (FakeSmtp server = new FakeSmtp().once(".", "451 4.3.0 not now").start()) {
            MailTool.Delivery delivery = send(server.url(), 3, message("b@example.org"));
            assertEquals(2, server.attempts().size());
            assertEquals(server.attempts().get(0).text(), server.attempts().get(1).text());
            assertEquals(messageId(server.message()), delivery.messageId());
        }
    }

    @Test
    void theSecondTryOfACopyToFewerIsTheSameMessage() {
        try (FakeSmtp server = new FakeSmtp().once("RCPT TO:<c@", "450 4.2.0 not now").start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org,c@example.org", "--retry", "2", "--text", "Hello");
            assertEquals(0, result.exit(), result::toString);
            assertTrue(result.err().contains("450 4.2.0 not now"), result::toString);
            assertEquals(List.of(List.of("b@example.org"), List.of("c@example.org")), server.messages().stream().map(FakeSmtp.Received::to).toList());
            assertEquals(server.messages().get(0).text(), server.messages().get(1).text());
        }
    }

    @Test
    void lmtpTriesAgainForThoseWhoHaveItNot() {
        try (FakeSmtp server = new FakeSmtp().lmtp().once(". <c@", "452 4.2.2 full").start()) {
            assertTrue(send(server.url(), 1, message("b@example.org", "c@example.org")).ok());
            assertEquals(List.of(List.of("b@example.org", "c@example.org"), List.of("c@example.org")), server.messages().stream().map(FakeSmtp.Received::to).toList());
        }
    }

    @Test
    void aRefusalForGoodDoesNotKeepTheOthersFromASecondTry() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<b@", "550 5.1.1 no such user").once("RCPT TO:<d@", "450 4.2.0 not now").start()) {
            MailTool.Delivery delivery = send(server.url(), 1, message("b@example.org", "c@example.org", "d@example.org"));
            assertEquals(List.of(List.of("c@example.org"), List.of("d@example.org")), server.messages().stream().map(FakeSmtp.Received::to).toList());
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit());
            assertEquals(List.of("b@example.org"), delivery.refused().stream().map(MailTool.Recipient::address).toList());
        }
    }

    @Test
    void aGreetingThatPutsOffIsTriedAgain() {
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.say("421 4.3.2 too busy"), RetryTest::serveOne)) {
            assertTrue(send("smtp://127.0.0.1:" + server.port(), 1, message("b@example.org")).ok());
            assertEquals(2, server.peers().size());
            assertTrue(warnings.get(0).contains("421 4.3.2 too busy"), warnings::toString);
        }
    }

    @Test
    void aConnectionLostInTheEnvelopeIsMadeAgain() {
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.say("220 hello").expect("EHLO").say("250 hello").expect("MAIL"), RetryTest::serveOne)) {
            assertTrue(send("smtp://127.0.0.1:" + server.port(), 1, message("b@example.org")).ok());
            assertEquals(2, server.peers().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "what?", "220 hm"})
    void whoIsRefusedForGoodIsSoWhateverBecomesOfTheSession(String rest) {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            pipelined(peer, 1).say("250 ok", "550 5.7.1 blocked");
            (rest.isEmpty() ? peer : peer.say(rest)).close();
        })) {
            MailTool.MailException failure = failure("smtp://127.0.0.1:" + server.port(), 2, message("b@example.org"));
            assertEquals(MailTool.Exit.DATA, failure.exit(), failure::toString);
            assertTrue(failure.getMessage().contains("550 5.7.1 blocked"), failure::toString);
            assertEquals(List.of(), warnings);
            assertEquals(1, server.peers().size());
        }
    }

    @Test
    void ofSeveralWhoAreRefusedBeforeASessionBreaksOneForNowIsTriedAgain() {
        try (ScriptedServer server = ScriptedServer.start(peer -> pipelined(peer, 2).say("250 ok", "550 5.1.1 no", "450 4.2.0 later").close(), RetryTest::serveOne)) {
            MailTool.Delivery delivery = send("smtp://127.0.0.1:" + server.port(), 1, message("b@example.org", "c@example.org"));
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit());
            assertEquals(List.of("b@example.org"), delivery.refused().stream().map(MailTool.Recipient::address).toList());
            assertTrue(warnings.get(0).contains("450 4.2.0 later"), warnings::toString);
        }
    }

    @Test
    void whoWasTakenBeforeASessionBreaksIsTriedAgainAlone() {
        try (ScriptedServer server = ScriptedServer.start(peer -> pipelined(peer, 2).say("250 ok", "550 5.1.1 no", "250 ok").close(), RetryTest::serveOne)) {
            MailTool.Delivery delivery = send("smtp://127.0.0.1:" + server.port(), 1, message("b@example.org", "c@example.org"));
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit());
            assertTrue(warnings.get(0).contains("lost the connection"), warnings::toString);
        }
    }

    private static ScriptedPeer pipelined(ScriptedPeer peer, int recipients) throws java.io.IOException {
        peer.say("220 hello").expect("EHLO").say("250-hello", "250 PIPELINING").expect("MAIL");
        for (int i = 0; i < recipients; i++) {
            peer.expect("RCPT");
        }
        return peer.expect("DATA");
    }

    @Test
    void aServerThatHangsUpWhileWeWaitCostsNoTry() {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250 hello").expect("MAIL").say("250 ok").expect("RCPT").say("450 4.2.0 greylisted").expect("RSET").say("250 ok");
            peer.close();
        }, RetryTest::serveOne)) {
            assertTrue(send("smtp://127.0.0.1:" + server.port(), 1, message("b@example.org")).ok());
            assertEquals(2, server.peers().size());
        }
    }

    @Test
    void aSessionEndsBeforeAWaitAndTheNextTryHasOneOfItsOwn() {
        try (FakeSmtp server = new FakeSmtp().once("RCPT", "450 4.2.0 greylisted").start()) {
            assertTrue(send(server.url(), 1, message("b@example.org")).ok());
            assertEquals(List.of("EHLO", "MAIL", "RCPT", "RSET", "QUIT", "EHLO", "MAIL", "RCPT", "DATA", "QUIT"),
                server.awaitEnd().commands().stream().map(command -> command.split(" ")[0]).toList());
        }
    }

    private static void serveOne(ScriptedPeer peer) throws Exception {
        peer.say("220 hello").expect("EHLO").say("250 hello").expect("MAIL").say("250 ok").expect("RCPT").say("250 ok").expect("DATA").say("354 go").readToDot();
        peer.say("250 ok").expect("QUIT").say("221 bye");
    }

    @Test
    void aRefusedConnectionIsTriedAsOftenAsWanted() {
        MailTool.MailException problem = failure("smtp://127.0.0.1:" + LocalPorts.free(), 2, message("b@example.org"));
        assertEquals(MailTool.Exit.TEMPORARY, problem.exit());
        assertEquals(MailTool.Stage.CONNECT, problem.stage());
        assertTrue(problem.retryable());
        assertEquals(2, warnings.size());
        assertTrue(warnings.get(0).contains("refused"), warnings::toString);
        assertTrue(warnings.get(0).contains("again in 1 s"), warnings::toString);
        assertTrue(warnings.get(1).contains("again in 2 s"), warnings::toString);
    }

    @Test
    void inTheEndTheLastFailureCounts() {
        try (FakeSmtp server = new FakeSmtp().on(".", "451 4.3.0 never now").start()) {
            MailTool.MailException problem = failure(server.url(), 1, message("b@example.org"));
            assertEquals(MailTool.Exit.TEMPORARY, problem.exit());
            assertTrue(problem.retryable());
            assertEquals(2, server.attempts().size());
        }
    }

    // What is not

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT", "DATA", "."})
    void aRefusalForGoodIsNotTriedAgain(String command) {
        try (FakeSmtp server = new FakeSmtp().on(command, "554 5.7.1 never").start()) {
            MailTool.MailException problem = failure(server.url(), 3, message("b@example.org"));
            assertEquals(MailTool.Exit.DATA, problem.exit());
            assertEquals(1, server.commands().stream().filter(line -> line.startsWith("MAIL")).count());
            assertEquals(List.of(), warnings);
        }
    }

    @Test
    void withoutRetryNothingIsTriedAgain() {
        try (FakeSmtp server = new FakeSmtp().once(".", "451 4.3.0 not now").start()) {
            MailTool.MailException problem = failure(server.url(), 0, message("b@example.org"));
            assertTrue(problem.retryable());
            assertEquals(1, server.attempts().size());
        }
    }

    private interface Ending {
        void end(ScriptedPeer peer) throws Exception;
    }

    private enum Loss {
        HANG_UP(ScriptedPeer::hangUp), CLOSE(ScriptedPeer::close), RESET(ScriptedPeer::reset), HALF_A_REPLY(peer -> peer.write("250 2.0").hangUp());

        private final Ending ending;

        Loss(Ending ending) {
            this.ending = ending;
        }
    }

    @ParameterizedTest
    @CsvSource({"HANG_UP, DATA", "CLOSE, DATA", "RESET, DATA", "HALF_A_REPLY, DATA", "HANG_UP, CHUNKING", "HANG_UP, PIPELINING"})
    void aLostReplyToTheMessageIsAnUnknownOutcomeAndNotTriedAgain(Loss loss, String extension) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).on(".", peer -> loss.ending.end(peer)).start()) {
            MailTool.MailException problem = failure(server.url(), 3, message("b@example.org"));
            assertEquals(MailTool.Exit.UNKNOWN, problem.exit());
            assertTrue(problem.getMessage().contains("unknown"), problem.getMessage());
            assertFalse(problem.retryable());
            assertEquals(1, server.attempts().size());
            assertEquals(1, server.peers().size());
            assertEquals(List.of(), warnings);
        }
    }

    @Test
    void theUserIsToldThatTheOutcomeIsUnknown() {
        try (FakeSmtp server = new FakeSmtp().on(".", ScriptedPeer::hangUp).start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--retry", "3", "--text", "Hello");
            assertEquals(81, result.exit(), result::toString);
            assertTrue(result.err().contains("unknown"), result::toString);
            assertEquals(1, result.err().lines().count(), result::toString);
            assertEquals(1, server.attempts().size());
        }
    }

    @Test
    void anUnknownOutcomeOfASecondTryIsNotTriedAgain() {
        try (FakeSmtp server = new FakeSmtp().once("RCPT TO:<c@", "450 4.2.0 not now").once(".", "250 2.0.0 Ok").once(".", ScriptedPeer::hangUp).start()) {
            MailTool.Exit exit = exitOf(() -> send(server.url(), 3, message("b@example.org", "c@example.org")));
            assertEquals(List.of(List.of("b@example.org"), List.of("c@example.org")), server.attempts().stream().map(FakeSmtp.Received::to).toList());
            assertEquals(MailTool.Exit.UNKNOWN, exit);
        }
    }

    private interface Sending {
        MailTool.Delivery send();
    }

    private static MailTool.Exit exitOf(Sending sending) {
        try {
            return sending.send().exit();
        } catch (MailTool.MailException e) {
            return e.exit();
        }
    }

    @Test
    void aServerThatIsGoneForTheSecondTryLeavesAPartialDelivery() {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250 hello").expect("MAIL").say("250 ok").expect("RCPT").say("250 ok").expect("RCPT").say("450 not now");
            peer.expect("DATA").say("354 go").readToDot();
            peer.say("250 ok").expect("QUIT").say("221 bye");
        }, peer -> peer.say("421 still down"))) {
            MailTool.Delivery delivery = send("smtp://127.0.0.1:" + server.port(), 2, message("b@example.org", "c@example.org"));
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit());
            assertEquals(List.of("c@example.org"), delivery.refused().stream().map(MailTool.Recipient::address).toList());
            assertEquals(2, warnings.size());
        }
    }

    @Test
    void allOrNothingStaysAllOrNothing() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<b@", "550 5.1.1 no such user").once("RCPT TO:<c@", "450 4.2.0 not now").start()) {
            exitOf(() -> send(server.url(), 2, message("b@example.org", "c@example.org", "d@example.org").allOrNothing()));
            assertEquals(List.of(), server.attempts());
        }
    }
}
