package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers to the end of a message that are none, are missing or contradict each other: exit 81, and nobody tries again. */
final class UnknownOutcomeTest {
    private final List<String> warnings = new ArrayList<>();
    private final List<MailTool.Delivery> results = new ArrayList<>();

    private static MailTool.Mail message(String... recipients) {
        return mail().from("a@example.org").to(String.join(", ", recipients)).subject("outcome").text("Hello");
    }

    private MailTool.Server<MailTool.Smtp> choose(FakeSmtp server) {
        return smtp(server.url()).set("timeout", "20s").warnings(warnings::add);
    }

    private MailTool.Delivery send(FakeSmtp server, MailTool.Mail mail) {
        try (MailTool.Smtp session = choose(server).set("retry", "3").open()) {
            return session.send(mail);
        }
    }

    private void assertUnknown(FakeSmtp server, String... recipients) {
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> send(server, message(recipients)));
        assertEquals(MailTool.Exit.UNKNOWN, problem.exit(), problem::getMessage);
        assertEquals(MailTool.Stage.DATA, problem.stage());
        assertTrue(problem.getMessage().contains("unknown"), problem::getMessage);
        assertFalse(problem.retryable());
        assertEquals(List.of(), warnings);
        assertEquals(1, server.attempts().size());
        assertEquals(1, server.peers().size());
    }

    private static List<Boolean> whoHasIt(MailTool.Delivery delivery) {
        return delivery.recipients().stream().map(MailTool.Recipient::ok).toList();
    }

    private static Tool.Result runSend(FakeSmtp server, String... more) {
        List<String> words = new ArrayList<>(List.of("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello"));
        words.addAll(List.of(more));
        return Tool.run(words.toArray(String[]::new));
    }

    // Answers that are none

    @ParameterizedTest
    @ValueSource(strings = {"354 go on", "334 more", "350 halfway", "150 wait", "199 odd", "600 what", "perhaps"})
    void whatIsNoAnswerLeavesTheOutcomeUnknown(String reply) {
        for (String extension : List.of("HELP", "PIPELINING", "CHUNKING")) {
            try (FakeSmtp server = new FakeSmtp().ehlo(extension).on(".", peer -> peer.say(reply).listen()).start()) {
                assertUnknown(server, "b@example.org");
                warnings.clear();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"250 2.0.0 ok|354 go", "250 2.0.0 ok|554 5.6.0 spam", "554 5.6.0 spam|250 2.0.0 ok", "451 4.3.0 later|250 2.0.0 ok",
        "250 2.0.0 ok|451 4.3.0 later", "421 4.3.2 down|250 2.0.0 ok", "550 5.7.1 no|554 5.7.1 no", "250 2.0.0 queued as A|250 2.0.0 queued as B",
        "250 ok|250 ok|250 ok", "250 ok|250 ok|554 no", "250 ok|garbage", "251 ok|250 ok"})
    void twoRepliesThatContradictEachOtherLeaveItUnknown(String replies) {
        for (String extension : List.of("HELP", "PIPELINING", "CHUNKING")) {
            try (FakeSmtp server = new FakeSmtp().ehlo(extension).on(".", peer -> peer.say(replies.split("\\|")).listen()).start()) {
                assertUnknown(server, "b@example.org");
            }
        }
    }

    @Test
    void theCommandEndsWith81() {
        try (FakeSmtp server = new FakeSmtp().on(".", peer -> peer.say("250 2.0.0 ok", "554 5.6.0 spam").listen()).start()) {
            Tool.Result run = runSend(server, "--retry", "2", "--json");
            assertEquals(81, run.exit(), run::toString);
            JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
            assertEquals("81 false data", json.get("exit").getAsInt() + " " + json.get("retryable").getAsBoolean() + " " + json.get("stage").getAsString());
            assertEquals(1, server.attempts().size());
        }
    }

    // Two equal answers

    @ParameterizedTest
    @ValueSource(strings = {"HELP", "PIPELINING", "CHUNKING", "CHUNKING PIPELINING"})
    void theSameAnswerTwiceIsADeliveryWithAWarning(String keywords) {
        String answer = "250 2.0.0 Ok: queued as TWICE";
        try (FakeSmtp server = new FakeSmtp().ehlo(keywords.split(" ")).on(".", peer -> peer.say(answer, answer).listen()).start()) {
            MailTool.Delivery delivery = send(server, message("b@example.org"));
            assertTrue(delivery.ok(), delivery::toString);
            assertEquals("TWICE", delivery.queueId());
            assertEquals(warnings, delivery.warnings());
            assertEquals(1, warnings.size());
            assertTrue(warnings.get(0).contains("twice"), warnings::toString);
        }
    }

    @Test
    void theWarningIsInTheJson() {
        try (FakeSmtp server = new FakeSmtp().on(".", peer -> peer.say("250 Gr\u00fc\u00dfe", "250 Gr\u00fc\u00dfe").listen()).start()) {
            Tool.Result run = runSend(server, "--json");
            assertEquals(0, run.exit(), run::toString);
            assertTrue(JsonParser.parseString(run.out()).getAsJsonObject().getAsJsonArray("warnings").get(0).getAsString().contains("twice"), run::toString);
            assertTrue(run.err().startsWith("mailtool: warning: localhost answered"), run::toString);
        }
    }

    @Test
    void aRefusalThatComesTwiceIsARefusal() {
        try (FakeSmtp server = new FakeSmtp().on(".", peer -> peer.say("554 5.6.0 spam", "554 5.6.0 spam").listen()).start()) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> send(server, message("b@example.org")));
            assertEquals(MailTool.Exit.DATA, problem.exit(), problem::getMessage);
            assertEquals("554 5.6.0 spam", problem.reply().orElseThrow().toString());
        }
    }

    @Test
    void aFarewellAfterTheAnswerChangesNothing() {
        try (FakeSmtp server = new FakeSmtp().on(".", peer -> peer.say("250 2.0.0 ok", "421 4.4.2 idle").hangUp()).start()) {
            assertTrue(send(server, message("b@example.org")).ok());
            assertEquals(List.of(), warnings);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HELP", "PIPELINING", "CHUNKING", "CHUNKING PIPELINING"})
    void sendAllGoesOnOverANewConnectionWhenAnswersComeTwice(String keywords) {
        String[] offered = (keywords + " AUTH=PLAIN").split(" ");
        try (FakeSmtp server = new FakeSmtp().ehlo(offered).login("ops", "secret").on(".", "250 2.0.0 Ok: queued", "250 2.0.0 Ok: queued").start();
            MailTool.Smtp session = smtp(server.url("ops")).password("secret").set("timeout", "20s").warnings(warnings::add).open()) {
            session.sendAll(IntStream.rangeClosed(1, 5).mapToObj(number -> message("user" + number + "@example.org")), results::add);
            assertEquals(List.of(true, true, true, true, true), results.stream().map(MailTool.Delivery::ok).toList());
            assertEquals(IntStream.rangeClosed(1, 5).mapToObj(number -> List.of("user" + number + "@example.org")).toList(),
                server.attempts().stream().map(FakeSmtp.Received::to).toList());
            assertTrue(server.attempts().stream().allMatch(message -> message.user().equals("ops")));
            assertEquals(5, server.peers().size());
            assertEquals(5, warnings.size(), warnings::toString);
            assertTrue(session.send(message("last@example.org")).ok());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HELP", "PIPELINING", "CHUNKING", "CHUNKING PIPELINING"})
    void aThirdAnswerIsOneTooMany(String keywords) {
        String answer = "250 2.0.0 Ok: queued as THRICE";
        try (FakeSmtp server = new FakeSmtp().ehlo(keywords.split(" ")).once(".", answer, answer, answer).start(); MailTool.Smtp session = choose(server).open()) {
            assertThrows(MailTool.MailException.class, () -> session.sendAll(List.of(message("b@example.org"), message("c@example.org")), results::add));
            assertEquals(MailTool.Exit.UNKNOWN, results.get(0).exit(), results::toString);
            assertTrue(results.stream().skip(1).noneMatch(delivery -> delivery.exit() == MailTool.Exit.UNKNOWN), results::toString);
        }
    }

    @Test
    void sendAllTellsOtherwiseThatAMessageMayHaveGone() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on(".", "250 2.0.0 queued as A", "250 2.0.0 queued as B").start(); MailTool.Smtp session = choose(server).open()) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class,
                () -> session.sendAll(List.of(message("b@example.org"), message("c@example.org"), message("d@example.org")), results::add));
            assertEquals(MailTool.Exit.UNKNOWN, problem.exit(), problem::getMessage);
            assertEquals(MailTool.Exit.UNKNOWN, results.get(0).exit(), results::toString);
            assertTrue(results.stream().skip(1).noneMatch(delivery -> delivery.exit() == MailTool.Exit.UNKNOWN), results::toString);
            assertEquals(1, server.attempts().size());
        }
    }

    @Test
    void anAnswerThatIsLeftOutIsNotReplacedByTheNextOne() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on("MAIL", "250 ok").on("RCPT", "250 ok").once(".", "250 ok").once(".", peer -> { }).start();
            MailTool.Smtp session = choose(server).open()) {
            assertThrows(MailTool.MailException.class, () -> session.sendAll(List.of(message("b@example.org"), message("c@example.org"), message("d@example.org")), results::add));
            assertEquals(List.of(MailTool.Exit.OK, MailTool.Exit.UNKNOWN, MailTool.Exit.PROTOCOL), results.stream().map(MailTool.Delivery::exit).toList());
        }
    }

    // LMTP

    @ParameterizedTest
    @CsvSource({"250 2.0.0 saved, true", "452 4.2.2 full, false", "550 5.1.1 nobody, false"})
    void oneMissingAnswerOfMany(String first, boolean ok) {
        try (FakeSmtp server = new FakeSmtp().lmtp().on(". <b@", first).on(". <c@", ScriptedPeer::hangUp).start()) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> send(server, message("b@example.org", "c@example.org")));
            assertEquals(MailTool.Exit.UNKNOWN, problem.exit(), problem::getMessage);
            assertEquals(List.of(ok, false), whoHasIt(problem.delivery().orElseThrow()));
            assertEquals(1, server.attempts().size());
        }
    }

    @Test
    void oneAnswerThatIsNoneOfMany() {
        try (FakeSmtp server = new FakeSmtp().lmtp().on(". <c@", "354 go").start()) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> send(server, message("b@example.org", "c@example.org")));
            assertEquals(MailTool.Exit.UNKNOWN, problem.exit(), problem::getMessage);
            assertEquals(List.of(true, false), whoHasIt(problem.delivery().orElseThrow()));
        }
    }

    @Test
    void theSameAnswerTwiceMayBeSomebodyElsesInLmtp() {
        try (FakeSmtp server = new FakeSmtp().lmtp().on(". <b@", "250 2.0.0 saved", "250 2.0.0 saved").start()) {
            assertUnknown(server, "b@example.org");
        }
    }

    // Interrupted

    @ParameterizedTest
    @ValueSource(strings = {"HELP", "CHUNKING"})
    void anInterruptBeforeTheAnswerIsAnUnknownOutcome(String extension) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).on(".", ScriptedPeer::stall).start()) {
            Tool.Result run = interrupted(server, () -> server.attempts().size() == 1);
            assertEquals(81, run.exit(), run::toString);
            assertEquals(1, run.err().lines().count(), run::toString);
            assertTrue(run.err().contains("interrupted") && run.err().contains("unknown"), run::toString);
        }
    }

    @Test
    void theJsonOfAnInterruptSaysItToo() {
        try (FakeSmtp server = new FakeSmtp().on(".", ScriptedPeer::stall).start()) {
            Tool.Result run = interrupted(server, () -> server.attempts().size() == 1, "--json");
            assertEquals(81, run.exit(), run::toString);
            assertEquals(81, JsonParser.parseString(run.out()).getAsJsonObject().get("exit").getAsInt());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT", "DATA"})
    void anInterruptBeforeTheEndIsNone(String command) {
        try (FakeSmtp server = new FakeSmtp().on(command, ScriptedPeer::stall).start()) {
            Tool.Result run = interrupted(server, () -> server.commands().stream().anyMatch(line -> line.startsWith(command)));
            assertEquals(130, run.exit(), run::toString);
            assertEquals("mailtool: interrupted: nobody got it\n", run.err());
        }
    }

    private interface Condition {
        boolean holds();
    }

    private static Tool.Result interrupted(FakeSmtp server, Condition when, String... more) {
        List<String> words = new ArrayList<>(List.of("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello", "--retry", "2"));
        words.addAll(List.of(more));
        try (RunningTool running = Tool.with().start(words.toArray(String[]::new))) {
            Eventually.until("the moment to interrupt", when::holds);
            return running.signal("INT").await();
        }
    }
}
