package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many messages that each go their own way: {@code send --eml FILE...}, and what it stands on. */
final class ManyFilesTest {
    private final Map<Integer, MailTool.Delivery> outcomes = Collections.synchronizedMap(new LinkedHashMap<>());
    private final List<String> warnings = new ArrayList<>();

    @AutoClose
    private final Scratch files = Scratch.create("files");

    // Over sessions that end

    private static MailTool.Mail message(int number) {
        return mail().from("a@example.org").to("user" + number + "@example.org").subject("number " + number).text("Hello");
    }

    /** Messages 1 to count; what became of each is in {@link #outcomes}, in the order in which it was told. */
    private void send(String url, int retries, int count) {
        send(url, retries, IntStream.rangeClosed(1, count).mapToObj(ManyFilesTest::message).toList());
    }

    private void send(String url, int retries, List<MailTool.Mail> mails) {
        try (MailTool.Smtp session = smtp(url).set("retry", "" + retries).set("timeout", "20s").warnings(warnings::add).open()) {
            session.sending.sendEach(IntStream.range(0, mails.size()).mapToObj(i -> new Outgoing(mails.get(i)::prepare, delivery -> outcomes.put(i + 1, delivery))));
        }
    }

    private List<String> exits() {
        return outcomes.values().stream().map(delivery -> delivery.exit().name()).toList();
    }

    private static List<String> recipients(List<FakeSmtp.Received> messages) {
        return messages.stream().flatMap(message -> message.to().stream()).toList();
    }

    private static List<String> users(int... numbers) {
        return IntStream.of(numbers).mapToObj(number -> "user" + number + "@example.org").toList();
    }

    @Test
    void theNextEnvelopeGoesWithTheEndOfTheLastMessage() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").holdFinalReplies(9).start()) {
            send(server.url(), 0, 10);
            assertEquals(Collections.nCopies(10, "OK"), exits());
            assertEquals(1, server.peers().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "HELP"})
    void aServerMayHangUpAfterEachMessage(String extension) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).on(".", peer -> peer.say("250 2.0.0 Ok").hangUp()).start()) {
            send(server.url(), 0, 8);
            assertEquals(Collections.nCopies(8, "OK"), exits());
            assertEquals(users(1, 2, 3, 4, 5, 6, 7, 8), recipients(server.attempts()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL FROM", "RCPT TO:<user2@", "DATA"})
    void whatIsLostBeforeItsEndGoesAgainAtItsPlace(String command) {
        try (FakeSmtp server = new FakeSmtp().ehlo("HELP").once(command, ScriptedPeer::hangUp).start()) {
            send(server.url(), 0, 3);
            assertEquals(List.of("OK", "OK", "OK"), exits());
            assertEquals(users(1, 2, 3), recipients(server.attempts()));
            assertEquals(2, server.peers().size());
        }
    }

    @ParameterizedTest
    @CsvSource({"PIPELINING, 0", "HELP, 0", "PIPELINING, 3"})
    void whatMayHaveGoneIsNotSentAgainAndTheRestGoes(String extension, int retries) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).once(".", "250 2.0.0 Ok").once(".", ScriptedPeer::hangUp).start()) {
            send(server.url(), retries, 5);
            assertEquals(List.of("OK", "UNKNOWN", "OK", "OK", "OK"), exits());
            assertEquals(users(1, 2, 3, 4, 5), recipients(server.attempts()));
            assertEquals(2, server.peers().size());
        }
    }

    @Test
    void aMessageThatEndsEachSessionIsLeftAndTheOthersGo() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on("RCPT TO:<user2@", ScriptedPeer::hangUp).on("RCPT TO:<user4@", "421 4.7.0 not you").start()) {
            send(server.url(), 0, 5);
            assertEquals(List.of("OK", "TEMPORARY", "OK", "TEMPORARY", "OK"), exits());
            assertEquals(users(1, 3, 5), recipients(server.messages()));
        }
    }

    @Test
    void aServerThatNeverAnswersAnEndIsSoonLeftAlone() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on(".", ScriptedPeer::hangUp).start()) {
            assertThrows(MailTool.MailException.class, () -> send(server.url(), 0, 100));
            assertEquals(3, server.peers().size());
            assertEquals(3, server.attempts().size());
            assertEquals(List.of("UNKNOWN", "UNKNOWN", "UNKNOWN"), exits().subList(0, 3));
        }
    }

    @Test
    void aServerThatIsBusyNowIsAskedOnce() {
        ScriptedServer.Script one = peer -> {
            peer.say("220 hello").expect("EHLO").say("250 hello").expect("MAIL").say("250 ok").expect("RCPT").say("250 ok").expect("DATA").say("354 go").readToDot();
            peer.say("250 ok").hangUp();
        };
        try (ScriptedServer server = ScriptedServer.start(one, peer -> peer.say("421 4.3.2 too busy"))) {
            MailTool.MailException why = assertThrows(MailTool.MailException.class, () -> send("smtp://127.0.0.1:" + server.port(), 0, 50));
            assertTrue(why.getMessage().contains("421 4.3.2 too busy"), why.getMessage());
            assertEquals(2, server.peers().size());
            assertEquals(List.of("OK"), exits());
        }
    }

    @Test
    void anEndOfTheLastMessageThatIsUnknownAsksNoServerAgain() {
        try (FakeSmtp server = new FakeSmtp().once(".", "250 2.0.0 Ok").once(".", ScriptedPeer::hangUp).start()) {
            send(server.url(), 0, 2);
            assertEquals(List.of("OK", "UNKNOWN"), exits());
            assertEquals(1, server.peers().size());
        }
    }

    // --retry

    @Test
    void whatIsRefusedForNowIsTriedAgainAfterTheOthers() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").once("RCPT TO:<user1@", "450 4.2.0 not now").once("RCPT TO:<user3@", "450 4.2.0 not now").start()) {
            send(server.url(), 1, 4);
            assertEquals(users(2, 4, 1, 3), recipients(server.messages()));
            assertEquals(List.of(2, 4, 1, 3), List.copyOf(outcomes.keySet()));
            assertEquals(List.of("OK", "OK", "OK", "OK"), exits());
            assertEquals(2, server.peers().size());
            assertEquals(1, warnings.size(), warnings::toString);
            assertTrue(warnings.get(0).contains("2 messages"), warnings::toString);
        }
    }

    @Test
    void eachIsTriedAsOftenAsSaidAndNoMore() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<user1@", "450 4.2.0 not now").on("RCPT TO:<user2@", "550 5.1.1 no").start()) {
            send(server.url(), 1, 3);
            assertEquals(2, server.commands().stream().filter(command -> command.contains("<user1@")).count());
            assertEquals(1, server.commands().stream().filter(command -> command.contains("<user2@")).count());
            assertEquals(MailTool.Exit.TEMPORARY, outcomes.get(1).exit());
            assertEquals(MailTool.Exit.DATA, outcomes.get(2).exit());
        }
    }

    @Test
    void theSecondTryIsTheSameMessageForThoseWhoHaveItNot() {
        try (FakeSmtp server = new FakeSmtp().once("RCPT TO:<c@", "450 4.2.0 not now").start()) {
            send(server.url(), 1, List.of(message(1).to("c@example.org")));
            assertEquals(List.of(List.of("user1@example.org"), List.of("c@example.org")), server.messages().stream().map(FakeSmtp.Received::to).toList());
            assertEquals(server.messages().get(0).text(), server.messages().get(1).text());
            assertTrue(outcomes.get(1).ok(), outcomes::toString);
        }
    }

    // Which files

    private String file(String name, String text) {
        return files.write(name, text).toString();
    }

    private String mailTo(String name, String recipient) {
        return file(name, "From: a@example.org\nTo: " + recipient + "\n\n" + name + "\n");
    }

    private List<String> names(String folder) {
        return Inputs.mails(List.of(files.resolve(folder).toString())).stream().map(name -> files.path().relativize(Path.of(name)).toString()).toList();
    }

    @Test
    void ofAFolderItsEmlFilesInTheOrderOfTheirNames() {
        files.folder("out/b.eml");
        for (String name : List.of("out/c.eml", "out/a b.eml", "out/.hidden.eml", "out/note.txt", "out/ä.eml", "out/a.eml.part")) {
            file(name, "x");
        }
        assertEquals(List.of("out/a b.eml", "out/b.eml", "out/c.eml", "out/ä.eml"), names("out"));
    }

    @Test
    void ofAMaildirAllOfCurAndNew() {
        Stream.of("box/cur", "box/new", "box/tmp").forEach(files::folder);
        for (String name : List.of("box/cur/2.x:2,S", "box/cur/.lock", "box/new/1.x", "box/new/3.x", "box/tmp/0.x", "box/4.eml")) {
            file(name, "x");
        }
        assertEquals(List.of("box/new/1.x", "box/cur/2.x:2,S", "box/new/3.x"), names("box"));
    }

    @Test
    void aFolderWithoutAnyIsNoInput() {
        files.folder("none");
        assertEquals(MailTool.Exit.NO_INPUT, assertThrows(MailTool.MailException.class, () -> names("none")).exit());
    }

    private static MailTool.MailException refusal(String... words) {
        MailTool.Command send = MailTool.Command.named("send");
        return assertThrows(MailTool.MailException.class, () -> send.run().apply(new MailTool.OptionParser(send).parse(List.of(words)), new Terminal()));
    }

    @Test
    void wordsThatCannotBeMeantOpenNothing() {
        String one = mailTo("1.eml", "b@example.org");
        String server = "smtp://127.0.0.1:1";
        assertEquals(64, refusal("-S", server, "--eml", one, "--eml", one).exit().code);
        assertEquals(64, refusal("-S", server, "--eml", one, "-").exit().code);
        assertEquals(64, refusal("-S", server, "--eml", one, one, "-s", "Hi").exit().code);
        assertEquals(64, refusal("-S", server, "--eml", one, one, "--dry-run").exit().code);
        assertEquals(64, refusal("-S", server, "--eml", "-t", "b@example.org").exit().code);
        assertEquals(64, refusal("-S", server, "--eml=" + one, one).exit().code);
        assertEquals(66, refusal("-S", server, "--eml", "").exit().code);
    }

    @Test
    void whereThereIsNoServerAtAllEachFileHasItsObject() {
        List<String> files = List.of(mailTo("1.eml", "b@example.org"), mailTo("2.eml", "b@example.org"));
        Tool.Result run = Tool.run("send", "-S", "smtp://127.0.0.1:" + LocalPorts.free(), "--json", "--eml", files.get(0), files.get(1));
        assertEquals(75, run.exit(), run::toString);
        List<JsonObject> objects = run.out().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
        assertEquals(files, objects.stream().map(object -> object.get("file").getAsString()).toList());
        assertEquals(List.of(75, 75), objects.stream().map(object -> object.get("exit").getAsInt()).toList());
        assertEquals(1, run.err().lines().count(), run::toString);
    }

    // What it came to

    @ParameterizedTest
    @CsvSource({"OK OK, OK", "OK UNKNOWN DATA TEMPORARY PARTIAL, UNKNOWN", "DATA DATA, DATA", "DATA OK, PARTIAL", "DATA TEMPORARY, PARTIAL", "PARTIAL, PARTIAL",
        "PARTIAL DATA, PARTIAL", "OK TEMPORARY, TEMPORARY", "TEMPORARY, TEMPORARY"})
    void theExitCodeIsThatOfAllTogether(String each, MailTool.Exit all) {
        assertEquals(all, MailTool.Verdict.ofMessages(Stream.of(each.split(" ")).map(MailTool.Exit::valueOf).toList()));
    }

    @Test
    void aLineForEachFileAndTheSums() {
        files.folder("out/4.eml");
        mailTo("out/1.eml", "b@example.org, c@example.org");
        mailTo("out/2.eml", "nobody@example.org");
        mailTo("out/3.eml", "b@example.org, nobody@example.org");
        file("out/5.eml", "");
        file("out/6.eml", "From: a@example.org\n\nto whom?\n");
        mailTo("out/7 e.eml", "later@example.org");
        file("out/8.eml", "From: a@example.org\nTo: b@example.org\n\n\0");
        mailTo("out/9.eml", "z@example.org");
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on("RCPT TO:<nobody@", "550 5.1.1 no such user").on("RCPT TO:<later@", "450 4.2.0 not now").start()) {
            Tool.Result run = Tool.with().in(files.path()).call("send", "-S", server.url(), "--eml", "out");
            assertEquals(79, run.exit(), run::toString);
            assertEquals(List.of("out/1.eml: sent to b@example.org and 1 more, queued as FAKE1", "out/9.eml: sent to z@example.org, queued as FAKE3",
                "2 sent, 5 refused, 1 left, 1 sent in part"), run.out().lines().toList());
            List<String> complaints = run.err().lines().toList();
            assertEquals(8, complaints.size(), run::toString);
            assertTrue(complaints.get(0).startsWith("mailtool: out/2.eml: localhost refused <nobody@example.org>: 550"), run::toString);
            assertEquals("mailtool: out/3.eml: 1 of 2 recipients got it, queued as FAKE2, refused were:", complaints.get(1));
            assertEquals("mailtool:   <nobody@example.org> 550 5.1.1 no such user", complaints.get(2));
            assertTrue(complaints.get(3).contains("out/4.eml is a folder"), run::toString);
            assertTrue(complaints.get(4).startsWith("mailtool: out/5.eml: the ready message is empty"), run::toString);
            assertTrue(complaints.get(5).startsWith("mailtool: out/6.eml: no recipient"), run::toString);
            assertTrue(complaints.get(6).startsWith("mailtool: out/7 e.eml: ") && complaints.get(6).contains("450 4.2.0 not now"), run::toString);
            assertTrue(complaints.get(7).startsWith("mailtool: out/8.eml: "), run::toString);
            assertEquals(1, server.peers().size());
        }
    }

    @Test
    void anObjectForEachFileAndItsEnvelopeGiven() {
        String one = mailTo("1.eml", "b@example.org");
        String two = file("2.eml", "no header at all\n");
        String gone = files.resolve("gone.eml").toString();
        try (FakeSmtp server = new FakeSmtp().start()) {
            Tool.Result run = Tool.run("send", "-S", server.url(), "--json", "--eml", one, gone, two, "-f", "f@example.org", "-t", "t@example.org");
            assertEquals(79, run.exit(), run::toString);
            List<JsonObject> objects = run.out().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
            assertEquals(List.of(one, gone, two), objects.stream().map(object -> object.get("file").getAsString()).toList());
            assertEquals(List.of(0, 66, 0), objects.stream().map(object -> object.get("exit").getAsInt()).toList());
            assertEquals(List.of("t@example.org", "t@example.org"), recipients(server.messages()));
            assertTrue(server.messages().stream().allMatch(message -> message.from().equals("f@example.org")));
        }
    }

    @Test
    void aRunThatIsInterruptedSaysWhichIsUnknown() {
        String[] words = {"send", "-S", "", "--eml", mailTo("1.eml", "b@example.org"), mailTo("2.eml", "c@example.org"), mailTo("3.eml", "d@example.org")};
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").once(".", "250 2.0.0 Ok").once(".", ScriptedPeer::stall).start()) {
            words[2] = server.url();
            try (RunningTool running = Tool.with().start(words)) {
                running.awaitOutput("1.eml: sent to");
                Eventually.until("the second message", () -> server.attempts().size() == 2);
                Tool.Result run = running.signal("INT").await();
                assertEquals(130, run.exit(), run::toString);
                assertEquals(1, run.out().lines().count(), run::toString);
                assertTrue(run.err().contains("2.eml: interrupted; whether the message was accepted is unknown"), run::toString);
                assertTrue(run.err().contains("interrupted: 1 sent, 1 left, 1 unknown"), run::toString);
                assertFalse(run.err().contains("3.eml"), run::toString);
            }
        }
    }

    @Test
    void postfixTakesAFolderOverOneConnection() {
        Postfix postfix = Postfix.shared();
        files.folder("real");
        String mark = "folder" + System.nanoTime();
        for (int i = 0; i < 5; i++) {
            file("real/" + i + ".eml", "From: sender@example.org\nTo: carol@example.org\nSubject: " + mark + "\n\n" + i + "\n");
        }
        Tool.Result run = Tool.with().in(files.path()).call("send", "-S", "smtp://localhost:" + postfix.port(), "--tls", "none", "--eml", "real");
        assertEquals(0, run.exit(), run::toString);
        assertTrue(run.out().lines().limit(5).allMatch(line -> line.matches("real/\\d\\.eml: sent to carol@example\\.org, queued as \\w+")), run::toString);
        assertEquals("5 sent", run.out().lines().skip(5).findFirst().orElseThrow());
    }
}
