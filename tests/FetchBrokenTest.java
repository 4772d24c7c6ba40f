package mailtool;

import static mailtool.MailTool.fetching;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import mailtool.MailTool.Exit;
import mailtool.MailTool.Fetched;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Message;
import mailtool.MailTool.Pop3;

/** One message that breaks the session is left and named, the others come, and no octet of one is stored as another's. */
final class FetchBrokenTest {
    @AutoClose
    private final Scratch scratch = Scratch.create("broken");
    private final Path place = scratch.resolve("store");

    private FetchRun fetch(FakePop3 pop3, String... options) {
        return FetchRun.of(FetchRun.server(pop3.userUrl()).set("timeout", "2s"), FetchRun.plan("maildir", place, options));
    }

    private List<String> subjects() {
        return StoredMail.in("maildir", place).stream().map(message -> message.replaceAll("(?s).*Subject: subject-(\\d+).*", "$1")).sorted().toList();
    }

    /** Messages of which the second holds a dot that its server does not double. */
    private static FakePop3 unstuffed(String body, boolean pipelining) {
        FakePop3 pop3 = new FakePop3().messages(1).message("evil", "Subject: subject-2\r\n\r\nbefore\r\n.\r\n" + body + "\r\n");
        IntStream.rangeClosed(3, 5).forEach(number -> pop3.message("uid-" + number, "Subject: subject-" + number + "\r\n\r\nwhole\r\n"));
        pop3.altered("RETR 2", answer -> answer.replace("\r\n..", "\r\n."));
        return pipelining ? pop3.pipelining() : pop3;
    }

    // After its end

    @ParameterizedTest
    @ValueSource(strings = {"after", "+OK fine\\r\\nafter", "+OK\\r\\nafter\\r\\n.\\r\\n+OK 2 evil", "+OK 1 uid-1\\r\\nafter", "-ERR no\\r\\n-ERR no", "+OK\\r\\n2 other\\r\\n.", "+OK\\r\\n.",
        "+OK 3 uid-3\\r\\n+OK 54 octets"})
    void aMessageThatGoesOnAfterItsEndIsLeftAndNothingOfItIsTakenForAnother(String body) {
        for (boolean pipelining : new boolean[] {false, true}) {
            try (FakePop3 pop3 = unstuffed(body.translateEscapes(), pipelining).start(); Scratch other = Scratch.create("after")) {
                for (int run = 0; run < 2; run++) {
                    FetchRun fetched = FetchRun.of(FetchRun.server(pop3.userUrl()).set("timeout", "2s"), FetchRun.plan("dir", other.resolve("s"), "delete"));
                    assertEquals(Exit.PROTOCOL, fetched.exit(), fetched::failure);
                    assertEquals(List.of("evil"), fetched.messages().stream().filter(message -> !message.ok()).map(Fetched::uid).toList());
                    List<String> stored = StoredMail.in("dir", other.resolve("s"));
                    assertEquals(4, stored.size(), stored::toString);
                    assertTrue(stored.stream().noneMatch(message -> message.contains("after") || message.contains("before") || message.contains("OK")), stored::toString);
                    assertEquals(List.of("evil"), pop3.uidsLeft());
                    pop3.altered("RETR 1", answer -> answer.replace("\r\n..", "\r\n."));
                }
            }
        }
    }

    /** It knows its own number and UID, and what is asked for after it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMessageThatAnswersForTheServerProvesNothing(boolean pipelining) {
        FakePop3 pop3 = new FakePop3().message("1", "Subject: evil\r\n\r\nbefore\r\n.\r\n+OK 1 1\r\nafter\r\n")
            .altered("RETR 1", answer -> answer.replace("\r\n..", "\r\n."));
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            FetchRun run = fetch(server, "delete");
            assertEquals(Exit.PROTOCOL, run.exit(), run::failure);
            assertEquals(List.of(), StoredMail.in("maildir", place));
            assertEquals(List.of("1"), server.uidsLeft());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMessageThatEndsWithoutACarriageReturnIsLeft(boolean pipelining) {
        FakePop3 pop3 = new FakePop3().messages(4).altered("RETR 2", answer -> answer.replaceFirst("\r\n\\.\r\n$", "\r\n.\n"));
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            FetchRun run = fetch(server, "delete");
            assertTrue(run.exit() == Exit.TEMPORARY || run.exit() == Exit.PROTOCOL, run::failure);
            assertEquals(List.of("1", "3", "4"), subjects());
            assertEquals(List.of("uid-2"), server.uidsLeft());
            assertTrue(StoredMail.in("maildir", place).stream().noneMatch(message -> message.contains("OK")));
        }
    }

    @Test
    void aCommandGetsNothingThatIsUnproven() {
        Path log = scratch.resolve("log");
        try (FakePop3 pop3 = unstuffed("after", true).start()) {
            Tool.Result result = Tool.with().home(scratch.folder("home")).env("MAILTOOL_PASSWORD", FakePop3.PASSWORD)
                .call("fetch", "-S", pop3.userUrl(), "--pipe", "cat >> " + log, "--delete", "--json");
            assertEquals(76, result.exit(), result::toString);
            assertFalse(StoredMail.text(log).contains("before"));
            JsonObject left = result.out().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).filter(line -> line.has("uid"))
                .filter(line -> line.get("uid").getAsString().equals("evil")).findFirst().orElseThrow();
            assertTrue(left.get("error").getAsString().contains("after its end"), left::toString);
        }
    }

    @Test
    void whoReadsOneMessageIsToldThatItGoesOn() {
        try (FakePop3 pop3 = unstuffed("after", false).start()) {
            Tool.Result result = Pop3Calls.call(pop3, "read", "2");
            assertEquals(76, result.exit(), result::toString);
            assertTrue(result.err().contains("message 2 goes on after its end"), result::toString);
            try (Pop3 box = Pop3Calls.open(pop3)) {
                Message message = box.message("2");
                assertEquals(Exit.PROTOCOL, assertThrows(MailException.class, message::text).exit());
            }
        }
    }

    /** As Dovecot does where it can't make UIDs of what is configured. */
    @ParameterizedTest
    @CsvSource({"top, true", "uidl, false"})
    void whoHangsUpOnUidlMayBeAskedWithout(String without, boolean hint) {
        try (FakePop3 pop3 = new FakePop3().messages(1).on(hint ? "UIDL" : "STAT", ScriptedPeer::hangUp).start(); Pop3 box = Pop3Calls.server(pop3).set("no", without).open()) {
            MailException lost = assertThrows(MailException.class, box::messages);
            assertEquals(List.of(Exit.TEMPORARY, hint), List.of(lost.exit(), lost.hint().contains("--no uidl")), lost.hint());
        }
    }

    /** The end of TLS is no content: what has been closed rightly is whole. */
    @Test
    void whatCameBeforeTheEndOfTlsCounts() throws IOException {
        String message = "Message-ID: <1@example.org>\r\nSubject: subject-1\r\n\r\n";
        FakePop3 pop3 = new FakePop3().message("1", message).message("2", message.replace('1', '2')).implicitTls(TestCerts.good().context());
        pop3.once("RETR 1", peer -> peer.say("+OK", message + ".").hangUp()).once("RETR 1", peer -> {
            peer.say("+OK", message + ".");
            String number = peer.readLine().split(" ")[1];
            peer.say("+OK " + number + " " + number).hangUp();
        });
        try (FakePop3 server = pop3.start()) {
            try (Pop3 box = FetchRun.server(server.userUrl()).open()) {
                assertEquals(message, new String(box.message("1").raw().readAllBytes(), StandardCharsets.ISO_8859_1));
            }
            FetchRun run = FetchRun.of(server, FetchRun.plan("maildir", place, "delete"));
            assertEquals(List.of(Exit.TEMPORARY, List.of(2), List.of("1")), List.of(run.exit(), run.refused(), server.uidsRemoved()), run::failure);
        }
    }

    // Before its beginning

    @ParameterizedTest
    @CsvSource({"+OK, false", "+OK 1 54, true", "-ERR no, false", "-ERR no, true"})
    void aReplyTooManyIsNoPartOfAMail(String reply, boolean pipelining) {
        FakePop3 pop3 = new FakePop3().messages(5).altered("RETR 2", answer -> reply + "\r\n" + answer);
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            FetchRun run = fetch(server, "delete");
            assertEquals(List.of(Exit.PROTOCOL, List.of(2), List.of("uid-2")), List.of(run.exit(), run.refused(), server.uidsLeft()), run::failure);
            assertEquals(List.of(), StoredMail.in("maildir", place).stream().filter(message -> message.startsWith("+OK")).toList());
        }
    }

    /** What it was read for is told, and nothing is read for another message. */
    @ParameterizedTest
    @ValueSource(strings = {"+OK", "-ERR no"})
    void whoReadsAMessageIsGivenNoReplyTooMany(String reply) {
        FakePop3 pop3 = new FakePop3().messages(3).altered("RETR 2", answer -> reply + "\r\n" + answer).altered("TOP 2", answer -> reply + "\r\n" + answer);
        for (Function<Message, Object> asked : List.<Function<Message, Object>>of(Message::text, Message::subject)) {
            try (FakePop3 server = pop3.start(); Pop3 box = Pop3Calls.open(server)) {
                assertThrows(MailException.class, () -> asked.apply(box.message("2")));
                assertEquals(Exit.PROTOCOL, assertThrows(MailException.class, () -> asked.apply(box.message("3"))).exit());
            }
        }
    }

    // How a server answers

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void allUidsInPlaceOfOneProveItToo(boolean pipelining) {
        FakePop3 pop3 = new FakePop3().messages(3).on("UIDL", "+OK", "1 uid-1", "2 uid-2", "3 uid-3", ".");
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            assertEquals(List.of("uid-1", "uid-2", "uid-3"), fetch(server).stored());
            assertEquals(1, server.peers().size());
        }
    }

    /** As Twisted, which leaves the number out. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aUidWithoutItsNumberProvesItToo(boolean pipelining) {
        FakePop3 pop3 = new FakePop3().messages(3);
        IntStream.rangeClosed(1, 3).forEach(number -> pop3.on("UIDL " + number, "+OK uid-" + number));
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            FetchRun run = fetch(server, "delete");
            assertEquals(List.of(Exit.OK, List.of("uid-1", "uid-2", "uid-3")), List.of(run.exit(), run.stored()), run::failure);
            assertEquals(List.of(), server.uidsLeft());
        }
    }

    /** Without its number, that of another message is no proof. */
    @Test
    void theUidOfAnotherMessageProvesNothing() {
        FakePop3 pop3 = new FakePop3().messages(1).on("UIDL 1", "+OK uid-2");
        try (FakePop3 server = pop3.start()) {
            assertEquals(List.of(), fetch(server, "delete").stored());
            assertEquals(List.of("uid-1"), server.uidsLeft());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereNoUidIsGivenAloneItsSizeProvesIt(boolean pipelining) {
        FakePop3 pop3 = withoutOneUid(new FakePop3().messages(130));
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            try (Pop3 box = Pop3Calls.open(server)) {
                assertEquals("subject-7", box.messages().get(6).subject());
                assertEquals("body of 8\n", box.messages().get(7).text());
            }
            FetchRun run = fetch(server, "delete");
            assertEquals(List.of(Exit.OK, 130), List.of(run.exit(), run.stored().size()), run::failure);
            assertEquals(List.of(List.of(), 2), List.of(server.uidsLeft(), server.peers().size()));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereNoUidIsGivenAloneAMessageThatGoesOnIsLeftToo(boolean pipelining) {
        try (FakePop3 pop3 = withoutOneUid(unstuffed("-ERR no\r\n+OK 3 22\r\n+OK", pipelining)).start()) {
            FetchRun run = fetch(pop3, "delete");
            assertEquals(List.of(Exit.PROTOCOL, List.of(2), List.of("evil")), List.of(run.exit(), run.refused(), pop3.uidsLeft()), run::failure);
            assertEquals(List.of("1", "3", "4", "5"), subjects());
        }
    }

    /** It knows how many messages are there, and what they are asked for. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whereNoUidIsGivenAloneNoGuessOfASizeProvesAMessage(boolean pipelining) {
        FakePop3 pop3 = withoutOneUid(unstuffed("-ERR no\r\n+OK 2 40", pipelining));
        IntStream.rangeClosed(3, 5).forEach(number -> pop3.withdraw("uid-" + number));
        try (FakePop3 server = pop3.start()) {
            FetchRun run = fetch(server, "delete");
            assertEquals(List.of(Exit.PROTOCOL, List.of(2), List.of("evil")), List.of(run.exit(), run.refused(), server.uidsLeft()), run::failure);
            assertEquals(List.of("1"), subjects());
        }
    }

    private static FakePop3 withoutOneUid(FakePop3 pop3) {
        IntStream.rangeClosed(1, 130).forEach(number -> pop3.on("UIDL " + number, "-ERR syntax"));
        return pop3;
    }

    // Breaks

    @ParameterizedTest
    @CsvSource({"RETR 2, true", "RETR 2, false", "RETR 1, true", "RETR 4, false"})
    void aMessageAtWhichTheConnectionAlwaysBreaksBlocksNoOther(String command, boolean pipelining) {
        String number = command.replace("RETR ", "");
        FakePop3 pop3 = new FakePop3().messages(4).on(command, ScriptedPeer::hangUp);
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            FetchRun run = fetch(server);
            assertEquals(Exit.TEMPORARY, run.exit(), run::failure);
            assertEquals(List.of(Integer.valueOf(number)), run.refused());
            assertEquals(IntStream.rangeClosed(1, 4).mapToObj(String::valueOf).filter(any -> !any.equals(number)).toList(), subjects());
            assertEquals(2, server.peers().size());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMessageThatAlwaysBreaksBlocksNoOtherWhereEachSessionHasNewUids(boolean pipelining) {
        FakePop3 pop3 = new FakePop3().on("RETR 2", ScriptedPeer::hangUp);
        IntStream.rangeClosed(1, 5).forEach(number -> pop3.message("uid-" + number, "Message-ID: <" + number + "@example.org>\r\nSubject: subject-" + number + "\r\n\r\n"));
        pop3.altered("UIDL", answer -> answer.replace("uid-", "session-" + pop3.peers().size() + "-"));
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            FetchRun run = fetch(server, "delete");
            assertEquals(Exit.TEMPORARY, run.exit(), run::failure);
            assertEquals(List.of(2), run.refused());
            assertEquals(List.of("1", "3", "4", "5"), subjects());
            assertEquals(List.of("uid-2"), server.uidsLeft());
            assertEquals(2, server.peers().size());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void afterTwelveNewConnectionsTheRunEndsAndNamesTheWaysRound(boolean pipelining) {
        FakePop3 pop3 = new FakePop3().messages(20);
        IntStream.rangeClosed(1, 14).forEach(number -> pop3.on("RETR " + number, ScriptedPeer::hangUp));
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            FetchRun run = fetch(server);
            assertEquals(Exit.TEMPORARY, run.exit(), run::failure);
            assertEquals(13, server.peers().size());
            String hint = run.summary().failure().orElseThrow().hint();
            assertTrue(hint.contains("--newest-first") && hint.contains("delete"), hint);
            assertEquals(6, fetch(server, "newest-first").stored().size());
        }
    }

    @Test
    void whoBrokeTheProtocolDecidesTheCode() {
        FakePop3 pop3 = unstuffed("after", false).on("RETR 4", ScriptedPeer::hangUp).on("RETR 5", "-ERR [SYS/PERM] no");
        try (FakePop3 server = pop3.start()) {
            FetchRun run = fetch(server);
            assertEquals(Exit.PROTOCOL, run.exit());
            assertEquals(List.of(2, 4, 5), run.refused().stream().sorted().toList());
            assertTrue(run.failure().startsWith("3 messages left: "), run::failure);
        }
    }

    @Test
    void aNewConnectionThatIsRefusedAsBusyEndsTheRun() {
        try (FakePop3 pop3 = new FakePop3().messages(3).once("PASS", "+OK").on("PASS", "-ERR [IN-USE] locked").on("RETR 2", ScriptedPeer::hangUp).start()) {
            FetchRun run = fetch(pop3);
            assertEquals(Exit.TEMPORARY, run.exit());
            assertTrue(run.failure().contains("locked"), run::failure);
            assertEquals(List.of("1"), subjects());
            assertEquals(2, pop3.peers().size());
        }
    }

    // Nonsense

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nonsenseInAnswerToOneRetrLeavesThatOne(boolean pipelining) {
        FakePop3 pop3 = new FakePop3().messages(6).on("RETR 5", "HTTP/1.1 400 Bad Request");
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            FetchRun run = fetch(server, "delete");
            assertEquals(Exit.PROTOCOL, run.exit());
            assertEquals(List.of(5), run.refused());
            assertEquals(List.of("uid-5"), server.uidsLeft());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nonsenseInAnswerToOneTopOrDeleLeavesThatOne(boolean pipelining) {
        FakePop3 pop3 = new FakePop3();
        IntStream.rangeClosed(1, 8).forEach(number -> pop3.message("uid-" + number, "Message-ID: <" + number + "@example.org>\r\nSubject: subject-" + number + "\r\n\r\n"));
        pop3.on("TOP 4", "nonsense").on("DELE 6", "nonsense");
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            fetch(server);
            FetchRun run = fetch(server, "delete");
            assertEquals(Exit.PROTOCOL, run.exit());
            assertEquals(List.of(4, 6), run.refused().stream().sorted().toList());
            assertEquals(List.of("uid-4", "uid-6"), server.uidsLeft());
            assertEquals(8, subjects().size());
        }
    }

    @Test
    void aHeaderThatIsFarTooLargeIsLeft() {
        FakePop3 pop3 = new FakePop3();
        IntStream.rangeClosed(1, 3).forEach(number -> pop3.message("uid-" + number, "Message-ID: <" + number + "@example.org>\r\nSubject: subject-" + number + "\r\n\r\n"));
        try (FakePop3 server = pop3.endless("TOP 2", "+OK\r\n", "X: y\r\n").start()) {
            fetch(server);
            FetchRun run = fetch(server, "delete");
            assertEquals(Exit.PROTOCOL, run.exit(), run::failure);
            assertTrue(run.failure().contains("16 MB"), run::failure);
            assertEquals(List.of("uid-2"), server.uidsLeft());
        }
    }

    @ParameterizedTest
    @CsvSource({"'', TEMPORARY", "nonsense, PROTOCOL", "-ERR no, TEMPORARY"})
    void whereTopHasToBeTriedTheMessageAtWhichItFailsBlocksNoOther(String answer, Exit exit) {
        FakePop3 pop3 = new FakePop3().without("CAPA");
        IntStream.rangeClosed(1, 3).forEach(number -> pop3.message("uid-" + number, "Message-ID: <" + number + "@example.org>\r\nSubject: subject-" + number + "\r\n\r\n"));
        try (FakePop3 server = pop3.start()) {
            fetch(server);
            server.on("TOP 1", peer -> {
                if (answer.isEmpty()) {
                    peer.close();
                } else {
                    peer.say(answer);
                }
            });
            FetchRun chosen = FetchRun.of(FetchRun.server(server.userUrl()), FetchRun.plan("maildir", scratch.resolve("chosen"), "match=subject-"));
            assertEquals(List.of(exit, List.of(1), List.of("uid-2", "uid-3")), List.of(chosen.exit(), chosen.refused(), chosen.stored()), chosen::failure);
            FetchRun run = fetch(server, "delete");
            assertEquals(List.of(exit, List.of(1)), List.of(run.exit(), run.refused()), run::failure);
            assertEquals(List.of("uid-1"), server.uidsLeft());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMessageLargerThanItsListSaysIsLeftAndTheOthersCome(boolean pipelining) {
        FakePop3 pop3 = new FakePop3().messages(2).message("large", "Subject: subject-3\r\n\r\n" + "x".repeat(5000)).message("uid-4", "Subject: subject-4\r\n\r\n")
            .on("LIST", "+OK", "1 54 seen", "2 54", "3 10", "4 22", ".");
        try (FakePop3 server = (pipelining ? pop3.pipelining() : pop3).start()) {
            FetchRun run = fetch(server, "max-size=1K");
            assertEquals(Exit.TEMPORARY, run.exit());
            assertEquals(List.of("1", "2", "4"), subjects());
        }
    }

    @Test
    void whatIsHiddenInTheNextSessionIsNotTakenFromWhatIsKnown() {
        FakePop3 pop3 = new FakePop3().messages(3);
        pop3.once("RETR 2", peer -> {
            pop3.withdraw("uid-1");
            peer.close();
        });
        try (FakePop3 server = pop3.start()) {
            FetchRun run = fetch(server);
            assertEquals(List.of(Exit.TEMPORARY, 2L, 0L), List.of(run.exit(), run.summary().fetched(), run.summary().known()), run::failure);
        }
    }

    // In a script

    @Test
    void aFetchLeavesTheBoxOpenUnlessItDeletes() {
        try (FakePop3 pop3 = new FakePop3().messages(2).start(); Pop3 box = Pop3Calls.open(pop3)) {
            Message old = box.message("1");
            box.fetch(fetching().maildir(place), message -> { });
            assertEquals("subject-1", old.subject());
            assertEquals(1, pop3.peers().size());
            assertEquals(2, box.fetch(fetching().maildir(place).delete(), message -> { }).deleted());
            pop3.message("uid-3", "Subject: subject-3\r\n\r\n");
            assertEquals(List.of("subject-3"), Pop3Calls.subjects(box));
            assertEquals(2, pop3.peers().size());
            assertEquals(Exit.USAGE, assertThrows(MailException.class, old::text).exit());
            assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> box.delete(old)).exit());
        }
    }

    @Test
    void deletionsBeforeAFetchThatLosesTheSessionAreSaidNotToCount() {
        try (FakePop3 pop3 = new FakePop3().messages(3).on("RETR 2", ScriptedPeer::hangUp).start()) {
            Pop3 box = Pop3Calls.open(pop3);
            box.delete(box.message("3"));
            box.fetch(fetching().maildir(place), message -> { });
            assertEquals(Exit.TEMPORARY, assertThrows(MailException.class, box::close).exit());
            assertEquals(3, pop3.uidsLeft().size());
        }
    }
}
