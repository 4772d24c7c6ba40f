package mailtool;

import static mailtool.MailTool.pop3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Endless, slow and lying servers, and maildrops of any size, against little memory. */
final class Pop3LimitsTest {
    private static final String SMALL_HEAP = "-Xmx64m";
    private static final int MILLION = 1_000_000;

    // Replies

    @ParameterizedTest
    @ValueSource(strings = {"CAPA", "USER", "PASS", "STAT", "UIDL", "LIST", "TOP", "RETR", "DELE"})
    void aReplyLineThatDoesNotEndIsAProtocolError(String command) {
        try (FakePop3 fake = new FakePop3().messages(1).endless(command, "+OK ", "x").start()) {
            MailException failure = Pop3Calls.failure(() -> all(Pop3Calls.server(fake)));
            assertEquals(Exit.PROTOCOL, failure.exit(), failure.getMessage());
        }
    }

    @Test
    void aGreetingThatDoesNotEndIsAProtocolError() {
        try (FakePop3 fake = new FakePop3().greeting("+OK " + "x".repeat(100_000)).start()) {
            assertEquals(Exit.PROTOCOL, Pop3Calls.refusal(Pop3Calls.server(fake)).exit());
        }
    }

    @ParameterizedTest
    @CsvSource({"4000, true", "5000, false"})
    void aReplyLineEndsWithin4Kb(int length, boolean taken) {
        try (FakePop3 fake = new FakePop3().messages(1).on("STAT", "+OK 1 1 " + "x".repeat(length)).start(); Pop3 box = Pop3Calls.open(fake)) {
            if (taken) {
                assertEquals(1, box.totals().messages());
            } else {
                assertEquals(Exit.PROTOCOL, Pop3Calls.exit(box::totals));
            }
        }
    }

    private static void all(Server<Pop3> server) {
        try (Pop3 box = server.open()) {
            box.messages().forEach(message -> {
                message.subject();
                message.text();
                box.delete(message);
            });
        }
    }

    // Listings

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"CAPA | X-LINE", "UIDL | 1 uid-1", "UIDL | 7 uid-7", "LIST | 1 100", "LIST | 77 1", "LIST | nonsense", "UIDL | ''", "LIST | ''"})
    void aListingEndsWithTheCountOfStat(String command, String line) {
        try (FakePop3 fake = new FakePop3().messages(3).endless(command, "+OK\r\n", line + "\r\n").start()) {
            MailException failure = Pop3Calls.failure(() -> all(Pop3Calls.server(fake)));
            assertEquals(Exit.PROTOCOL, failure.exit(), failure.getMessage());
            assertTrue(fake.commands("DELE").isEmpty());
        }
    }

    @Test
    void aLineOfAListingEndsWithin4Kb() {
        for (String command : List.of("CAPA", "UIDL", "LIST")) {
            try (FakePop3 fake = new FakePop3().messages(3).endless(command, "+OK\r\n1 ", "x").start()) {
                assertEquals(Exit.PROTOCOL, Pop3Calls.exit(() -> all(Pop3Calls.server(fake))));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1 a|1 b", "1 a|3 c", "0 a", "2147483648 a", "99999999999999999999 a", "-1 a", "x", "a 1", "1 a|2 b|3 c"})
    void aNumberThatIsNoneOrIsThereTwiceIsAProtocolError(String lines) {
        String[] answer = ("+OK|" + lines + "|.").split("\\|");
        try (FakePop3 fake = new FakePop3().messages(2).on("UIDL", answer).start()) {
            MailException failure = Pop3Calls.failure(() -> all(Pop3Calls.server(fake)));
            assertEquals(Exit.PROTOCOL, failure.exit(), failure.getMessage());
            assertEquals(List.of(), fake.commands("DELE"));
            assertEquals(List.of(), fake.commands("RETR"));
        }
    }

    @Test
    void uidsMayBeAnything() {
        String longUid = "u".repeat(300);
        try (FakePop3 fake = new FakePop3().message("../../etc/passwd", "Subject: path\r\n\r\n").message(longUid, "Subject: long\r\n\r\n").message("a b  c", "Subject: blanks\r\n\r\n")
            .message("100%#\u00e9", "Subject: signs\r\n\r\n").start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals("path", box.message("../../etc/passwd").subject());
            assertEquals("long", box.message(longUid).subject());
            assertEquals("blanks", box.message("a b  c").subject());
            assertEquals("signs", box.message("100%#\u00e9").subject());
            assertEquals("100%#\u00e9", box.message("4").uid());
        }
    }

    @Test
    void aUidlThatIsOfferedAndRefusedIsTriedAgainLater() {
        try (FakePop3 fake = new FakePop3().messages(2).on("UIDL", "-ERR not now").start()) {
            assertEquals(75, Pop3Calls.call(fake, "inbox").exit());
        }
    }

    /** Nothing is lost by it: the other two say what there is. */
    @ParameterizedTest
    @ValueSource(strings = {"CAPA", "STAT", "LIST"})
    void aRefusedCapaStatOrListIsNoFailure(String command) {
        try (FakePop3 fake = new FakePop3().messages(3).on(command, "-ERR no").start()) {
            for (String[] words : List.of(Pop3Calls.words(fake, "inbox"), Pop3Calls.words(fake, "read", "2"), Pop3Calls.words(fake, "stat"),
                Pop3Calls.words(fake, "delete", "--yes", "uid-2"))) {
                Tool.Result result = Pop3Calls.tool().call(words);
                assertEquals(0, result.exit(), () -> words[0] + ": " + result);
            }
            assertEquals(List.of("uid-2"), fake.uidsRemoved());
        }
    }

    @Test
    void withoutStatAndUidlTheListSaysWhatThereIs() {
        try (FakePop3 fake = new FakePop3().messages(3).without("UIDL").without("STAT").start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals(List.of("subject-1", "subject-2", "subject-3"), Pop3Calls.subjects(box));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "9223372036854775808", "99999999999999999999999", "many", ""})
    void sizesThatLieAreIgnored(String size) {
        try (FakePop3 fake = new FakePop3().messages(2).on("STAT", "+OK 2 " + size).on("LIST", "+OK", "1 " + size, "2 7", ".").start()) {
            Tool.Result inbox = Pop3Calls.call(fake, "inbox");
            assertEquals(0, inbox.exit(), inbox::toString);
            assertEquals(2, inbox.out().lines().count());
            assertTrue(inbox.out().lines().toList().get(1).endsWith("\t7"), inbox::toString);
            Tool.Result stat = Pop3Calls.call(fake, "stat", "--json");
            assertEquals(0, stat.exit(), stat::toString);
            assertTrue(stat.out().contains("\"messages\":2,\"octets\":null"), stat::toString);
        }
    }

    @Test
    void aMessageMayBeLongerOrShorterThanItsSize() throws IOException {
        try (FakePop3 fake = new FakePop3().messages(2).on("LIST", "+OK", "1 1", "2 999999", ".").start(); Pop3 box = Pop3Calls.open(fake)) {
            for (int number = 1; number <= 2; number++) {
                assertEquals(fake.maildrop().get(number - 1).content().length, box.message("" + number).raw().readAllBytes().length);
            }
        }
    }

    // Bare LF

    @Test
    void aDotBetweenBareLfsDoesNotEndAMessage() throws IOException {
        try (FakePop3 fake = new FakePop3().message("smuggled", "Subject: x\r\n\r\none\n.\nDELE 1\n.\r\nthree\r\n").message("next", "Subject: next\r\n\r\n").start();
            Pop3 box = Pop3Calls.open(fake)) {
            assertEquals("Subject: x\r\n\r\none\n.\nDELE 1\n.\r\nthree\r\n", new String(box.message("1").raw().readAllBytes()));
            assertEquals("next", box.message("2").subject());
        }
    }

    @Test
    void aMessageWhoseLinesEndInLfOnlyNeverEnds() {
        try (FakePop3 fake = new FakePop3().messages(1).altered("RETR", answer -> answer.replaceFirst("\r\n", "CRLF").replace("\r\n", "\n").replace("CRLF", "\r\n")).start();
            Pop3 box = pop3(fake.userUrl()).password(FakePop3.PASSWORD).set("timeout", "2s").open()) {
            assertEquals(Exit.TEMPORARY, Pop3Calls.exit(() -> box.message("1").raw()));
        }
    }

    @Test
    void aBareLfDoesNotEndALineOfAListing() {
        try (FakePop3 fake = new FakePop3().messages(2).on("UIDL", peer -> peer.write("+OK\r\n1 a\n.\n2 b\r\n2 c\r\n.\r\n")).start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals(List.of("a\n.\n2 b", "c"), Pop3Calls.messages(box).stream().map(MailTool.Message::uid).toList());
        }
    }

    // Time

    @ParameterizedTest
    @ValueSource(strings = {"RETR", "TOP", "UIDL", "LIST", "CAPA"})
    void whatTricklesIsTriedAgainLater(String command) {
        try (FakePop3 fake = new FakePop3().message("slow", "Subject: x\r\nX: " + "y".repeat(500) + "\r\n\r\n").capa("USER", "TOP", "UIDL", "X".repeat(200))
            .trickle(command, Duration.ofMillis(500)).on("DELE", "-ERR").start()) {
            MailException failure = Pop3Calls.failure(() -> all(Pop3Calls.server(fake).set("timeout", "2s")));
            assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
        }
    }

    @Test
    void aBodyThatBringsAKilobyteInTimeMayTakeLonger() throws IOException {
        try (FakePop3 fake = new FakePop3().messages(1).on("RETR", peer -> {
            peer.write("+OK\r\n");
            for (int i = 0; i < 12; i++) {
                peer.trickle("#", Duration.ofMillis(250)).write("x".repeat(2000) + "\r\n");
            }
            peer.say(".");
        }).start(); Pop3 box = pop3(fake.userUrl()).password(FakePop3.PASSWORD).set("timeout", "2s").open()) {
            assertEquals(12 * 2003, box.message("1").raw().readAllBytes().length);
        }
    }

    // One message

    @Test
    void aRefusedTopIsListedAndConcernsThatMessageOnly() {
        try (FakePop3 fake = new FakePop3().messages(5).pipelining().on("TOP 3", "-ERR [SYS/PERM] broken\u001b[0m").start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox");
            assertEquals(79, result.exit(), result::toString);
            assertEquals(5, result.out().lines().count());
            assertTrue(result.out().contains("broken\\x1b[0m"), result::toString);
            assertTrue(result.out().contains("subject-5"), result::toString);
            assertTrue(fake.commands("TOP").size() <= 6, () -> "asked " + fake.commands("TOP"));
        }
        try (FakePop3 fake = new FakePop3().messages(2).on("TOP 1", "-ERR [IN-USE] moment").start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox", "--json");
            assertEquals(75, result.exit(), result::toString);
            assertEquals(2, result.out().lines().count());
        }
    }

    @Test
    void whereEveryTopIsRefusedEachIsAskedForOnce() {
        try (FakePop3 fake = new FakePop3().messages(250).pipelining().on("TOP", "-ERR no").start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox");
            assertEquals(75, result.exit(), result::toString);
            assertEquals(250, result.out().lines().count());
            assertEquals(250, fake.commands("TOP").size());
        }
    }

    @Test
    void aRefusedRetrOrDeleConcernsThatMessageOnly() {
        try (FakePop3 fake = new FakePop3().messages(3).on("RETR 1", "-ERR [SYS/TEMP] later").on("DELE 2", "-ERR [SYS/PERM] never").start()) {
            try (Pop3 box = Pop3Calls.open(fake)) {
                assertEquals(Exit.TEMPORARY, Pop3Calls.exit(() -> box.message("1").text()));
                assertEquals("body of 2\n", box.message("2").text());
                box.delete(box.message("3"));
                assertEquals(Exit.DATA, Pop3Calls.exit(() -> box.delete(box.message("2"))));
                box.delete(box.message("1"));
            }
            assertEquals(List.of("uid-1", "uid-3"), fake.awaitEnd().uidsRemoved());
        }
    }

    // Many messages

    /** A maildrop that exists in its listings only. */
    private static FakePop3 huge(String uidTail) {
        return new FakePop3().pipelining().on("STAT", "+OK " + MILLION + " " + 3_000L * MILLION)
            .on("UIDL", listing(number -> number + " " + number + uidTail + "\r\n"))
            .on("LIST", listing(number -> number + " 3000\r\n"))
            .on("TOP", "+OK", "Subject: one of many", "", ".");
    }

    private static ScriptedServer.Script listing(java.util.function.IntFunction<String> line) {
        return peer -> {
            StringBuilder block = new StringBuilder("+OK\r\n");
            for (int number = 1; number <= MILLION; number++) {
                block.append(line.apply(number));
                if (block.length() > 60_000) {
                    peer.write(block.toString());
                    block.setLength(0);
                }
            }
            peer.write(block + ".\r\n");
        };
    }

    @Test
    void aMillionMessagesFitIntoLittleMemory() {
        try (FakePop3 fake = huge("-000000aa5f0c1e2b3d").start()) {
            Tool.Result result = Pop3Calls.tool().jvm(SMALL_HEAP).call(Pop3Calls.words(fake, "inbox", "-n", "3"));
            assertEquals(0, result.exit(), result::toString);
            assertEquals(List.of("999998", "999999", "1000000"), result.out().lines().map(line -> line.split("\t")[0]).toList());
            assertEquals(3, fake.commands("TOP").size());
        }
    }

    @Test
    void oneOfAMillionIsFoundByItsUid() {
        try (FakePop3 fake = huge("-x").on("RETR", "+OK", "Subject: found", "", ".").start()) {
            Tool.Result result = Pop3Calls.tool().jvm(SMALL_HEAP).call(Pop3Calls.words(fake, "read", "777777-x"));
            assertEquals(0, result.exit(), result::toString);
            assertTrue(fake.commands().contains("RETR 777777"), result::toString);
        }
    }

    @Test
    void aHeaderOfAnySizeFitsIntoLittleMemory() {
        try (FakePop3 fake = new FakePop3().messages(120).pipelining().on("TOP", peer -> {
            peer.write("+OK\r\nSubject: large\r\n");
            String block = "X-Large: " + "x".repeat(990) + "\r\n";
            for (int i = 0; i < 1_000; i++) {
                peer.write(block);
            }
            peer.write("\r\n.\r\n");
        }).start()) {
            Tool.Result result = Pop3Calls.tool().jvm(SMALL_HEAP).call(Pop3Calls.words(fake, "inbox"));
            assertEquals(0, result.exit(), result::toString);
            assertEquals(120, result.out().lines().filter(line -> line.contains("\tlarge\t")).count());
        }
    }
}
