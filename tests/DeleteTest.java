package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code delete}: what goes, what stays, and when it counts. */
final class DeleteTest {
    private static Tool.Result delete(FakePop3 fake, String... more) {
        return Pop3Calls.call(fake, "delete", more);
    }

    private static FakePop3 aged(Duration... ages) {
        FakePop3 fake = new FakePop3();
        for (Duration age : ages) {
            String date = OffsetDateTime.now(ZoneOffset.UTC).minus(age).format(DateTimeFormatter.RFC_1123_DATE_TIME);
            fake.message("age-" + age.toDays(), "From: a@example.org\r\nDate: " + date + "\r\nSubject: " + age.toDays() + " days\r\n\r\n");
        }
        return fake;
    }

    // What goes

    @ParameterizedTest
    @CsvSource({"2, uid-2", "uid-3, uid-3", "1 uid-4, uid-1 uid-4", "4 1 1 uid-1, uid-1 uid-4", "uid=uid-2, uid-2", "number=2, uid-2"})
    void numbersAndUids(String names, String removed) {
        try (FakePop3 fake = new FakePop3().messages(4).start()) {
            Tool.Result result = delete(fake, ("--yes " + names).split(" "));
            assertEquals(0, result.exit(), result::toString);
            assertEquals(List.of(removed.split(" ")), fake.awaitEnd().uidsRemoved());
            assertEquals(List.of(), fake.commands("RETR"));
        }
    }

    @Test
    void whatMatches() {
        try (FakePop3 fake = new FakePop3().messages(120).pipelining().start()) {
            Tool.Result result = delete(fake, "--yes", "--match", "subject-1.$");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(IntStream.range(10, 20).mapToObj(number -> "uid-" + number).toList(), fake.awaitEnd().uidsRemoved());
        }
    }

    /** A message without a date that can be read is not known to be old. */
    @Test
    void whatIsOlder() {
        try (FakePop3 fake = aged(Duration.ofDays(40), Duration.ofDays(31), Duration.ofDays(29), Duration.ofDays(-3)).message("undated", "Subject: x\r\n\r\n").start()) {
            Tool.Result result = delete(fake, "--yes", "--older", "30d");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(List.of("age-40", "age-31"), fake.awaitEnd().uidsRemoved());
        }
    }

    @Test
    void bothTogetherMeanBoth() {
        try (FakePop3 fake = aged(Duration.ofDays(40), Duration.ofDays(41), Duration.ofDays(1)).start()) {
            assertEquals(0, delete(fake, "--yes", "--older", "30d", "--match", "41|1 days").exit());
            assertEquals(List.of("age-41"), fake.awaitEnd().uidsRemoved());
            assertEquals(0, delete(fake, "--yes", "--since", "50d", "--match", "days", "-n", "1").exit());
            assertEquals(List.of("age-41", "age-1"), fake.awaitEnd().uidsRemoved());
        }
    }

    @Test
    void eachIsNamedByDateFromAndSubject() {
        try (FakePop3 fake = new FakePop3().message("a", "From: boss@example.org\r\nDate: Tue, 3 Nov 2026 10:20:30 +0000\r\nSubject: gone\u001b[31m\r\n\r\n").messages(1).start()) {
            Tool.Result result = delete(fake, "--yes", "a");
            assertEquals(1, result.out().lines().count(), result::toString);
            assertTrue(result.out().startsWith("1\t2026-11-03T10:20:30Z\tboss@example.org\tgone\\x1b[31m\t"), result::toString);
        }
    }

    @Test
    void jsonNamesEachOnALine() {
        try (FakePop3 fake = new FakePop3().messages(3).start()) {
            Tool.Result result = delete(fake, "--yes", "--json", "1", "2");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(2, result.out().lines().filter(line -> line.startsWith("{\"number\":") && line.contains("\"subject\":\"subject-")).count());
        }
    }

    // Asking

    @Test
    void dryRunShowsAndKeeps() {
        try (FakePop3 fake = new FakePop3().messages(3).start()) {
            Tool.Result result = delete(fake, "--dry-run", "--match", "-[12]");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(2, result.out().lines().count());
            assertEquals(List.of(), fake.awaitEnd().commands("DELE"));
        }
    }

    @Test
    void withoutATerminalItNeedsYes() {
        try (FakePop3 fake = new FakePop3().messages(3).start()) {
            Tool.Result result = delete(fake, "1");
            assertEquals(64, result.exit(), result::toString);
            assertTrue(result.err().contains("--yes"), result::toString);
            assertTrue(fake.peers().isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource({"y, uid-2", "Yes, uid-2", "n, ''", "'', ''", "yesterday, ''"})
    void onATerminalItShowsTheListAndAsks(String answer, String removed) {
        try (FakePop3 fake = new FakePop3().messages(3).start();
            RunningTool running = Pop3Calls.tool().onTerminal().stdinOpen().start(Pop3Calls.words(fake, "delete", "2"))) {
            running.awaitOutput("Delete 1 message?");
            assertTrue(running.outSoFar().contains("subject-2"));
            assertEquals(List.of(), fake.commands("DELE"));
            Tool.Result result = running.type(answer + "\n").await();
            assertEquals(0, result.exit(), result::toString);
            assertEquals(removed, String.join(" ", fake.awaitEnd().uidsRemoved()));
            assertEquals(2, result.out().split("subject-2", -1).length, "the list is shown once");
        }
    }

    @Test
    void whoSaysNoIsToldThatNothingWent() {
        try (FakePop3 fake = new FakePop3().messages(1).start();
            RunningTool running = Pop3Calls.tool().onTerminal().stdinOpen().start(Pop3Calls.words(fake, "delete", "1"))) {
            Tool.Result result = running.awaitOutput("[y/N]").type("n\n").await();
            assertTrue(result.out().endsWith("nothing deleted\r\n"), result::toString);
        }
    }

    @Test
    void nothingToDeleteIsNotAskedAbout() {
        try (FakePop3 fake = new FakePop3().messages(3).start()) {
            Tool.Result result = Pop3Calls.tool().onTerminal().call(Pop3Calls.words(fake, "delete", "--match", "nothing"));
            assertEquals(0, result.exit(), result::toString);
            assertFalse(result.out().contains("?"), result::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1 --match x", "1 --older 3d", "--older never", "--match (", "--yes --older 30", "--yes --match from=", "1 -n 1", "1 --since 1d", "--match x --match from=",
        "--yes --older 1d --older 2d"})
    void whatCanNotBeMeantIsWrongUsage(String words) {
        try (FakePop3 fake = new FakePop3().messages(3).start()) {
            Tool.Result result = delete(fake, ("--yes " + words).strip().split(" "));
            assertEquals(64, result.exit(), result::toString);
            assertTrue(fake.peers().isEmpty(), "seen before connecting");
        }
    }

    @Test
    void theHelpSaysThatNumbersShift() {
        String help = Tool.run("delete", "--help").out();
        assertTrue(help.contains("Numbers can shift") && help.contains("UIDs don't"), help);
    }

    // Whom it means

    @ParameterizedTest
    @CsvSource({"9, 65", "nobody, 65", "0, 65", "uid=2, 65", "number=7, 65"})
    void whatIsNotThereIsSaidBeforeAnythingIsDeleted(String name, int exit) {
        try (FakePop3 fake = new FakePop3().messages(3).start()) {
            Tool.Result result = delete(fake, "--yes", "1", name);
            assertEquals(exit, result.exit(), result::toString);
            assertEquals(List.of(), fake.awaitEnd().commands("DELE"));
        }
    }

    /** Servers that number their UIDs are common, and after the first deletion every number is another message's UID. */
    @Test
    void aNumberThatIsAnothersUidMustBeSaidToBeWhich() {
        try (FakePop3 fake = new FakePop3().message("2", "Subject: first\r\n\r\n").message("3", "Subject: second\r\n\r\n").message("4", "Subject: third\r\n\r\n").start()) {
            Tool.Result result = delete(fake, "--yes", "2");
            assertEquals(64, result.exit(), result::toString);
            assertTrue(result.err().contains("uid="), result::toString);
            assertEquals(0, delete(fake, "--yes", "uid=2").exit());
            assertEquals(List.of("2"), fake.awaitEnd().uidsRemoved());
            assertEquals(0, delete(fake, "--yes", "number=2").exit());
            assertEquals(List.of("2", "4"), fake.awaitEnd().uidsRemoved());
            assertEquals(0, delete(fake, "--yes", "1").exit());
        }
    }

    @Test
    void aUidOfTwoMessagesNamesNeither() {
        try (FakePop3 fake = new FakePop3().message("same", "Subject: first\r\n\r\n").message("same", "Subject: second\r\n\r\n").start()) {
            Tool.Result result = delete(fake, "--yes", "same");
            assertEquals(64, result.exit(), result::toString);
            assertEquals(List.of(), fake.awaitEnd().uidsRemoved());
            assertEquals(0, delete(fake, "--yes", "2").exit());
        }
    }

    @Test
    void aListingThatLeavesMessagesOutIsAnErrorBeforeAnythingIsDeleted() {
        try (FakePop3 fake = new FakePop3().messages(3).altered("UIDL", answer -> answer.replace("2 uid-2\r\n", "")).start()) {
            Tool.Result result = delete(fake, "--yes", "--match", ".");
            assertEquals(76, result.exit(), result::toString);
            assertTrue(result.err().contains("message 2"), result::toString);
            assertEquals(List.of(), fake.awaitEnd().commands("DELE"));
        }
    }

    // Refusals

    @ParameterizedTest
    @CsvSource({"-ERR no, 75", "-ERR [IN-USE] no, 75", "-ERR [SYS/PERM] no, 79"})
    void aRefusedMessageStaysAndTheOthersGo(String reply, int exit) {
        try (FakePop3 fake = new FakePop3().messages(4).pipelining().on("DELE 2", reply).start()) {
            Tool.Result result = delete(fake, "--yes", "1", "2", "3");
            assertEquals(exit, result.exit(), result::toString);
            assertEquals(List.of("uid-1", "uid-3"), fake.awaitEnd().uidsRemoved());
            assertEquals(2, result.out().lines().count(), result::toString);
            assertTrue(result.err().contains("message 2 stays"), result::toString);
        }
    }

    /** A message that the server can't show may be the very one that has to go. */
    @Test
    void aMessageThatTheServerDoesNotShowCanStillBeNamed() {
        try (FakePop3 fake = new FakePop3().messages(3).on("TOP 2", "-ERR broken").start()) {
            Tool.Result result = delete(fake, "--yes", "2", "3");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(List.of("uid-2", "uid-3"), fake.awaitEnd().uidsRemoved());
            assertTrue(result.out().contains("(-ERR broken)"), result::toString);
        }
    }

    @Test
    void aMessageThatTheServerDoesNotShowDoesNotMatch() {
        try (FakePop3 fake = new FakePop3().messages(3).pipelining().on("TOP 2", "-ERR broken").start()) {
            Tool.Result result = delete(fake, "--yes", "--match", ".");
            assertEquals(75, result.exit(), result::toString);
            assertEquals(List.of("uid-1", "uid-3"), fake.awaitEnd().uidsRemoved());
            assertTrue(result.err().contains("message 2"), result::toString);
        }
    }

    // When it counts

    @ParameterizedTest
    @CsvSource({"-ERR some stay, 75, did not carry out", "nonsense, 76, may not count"})
    void withoutTheYesToQuitItDoesNotCount(String reply, int exit, String words) {
        try (FakePop3 fake = new FakePop3().messages(3).on("QUIT", reply).start()) {
            Tool.Result result = delete(fake, "--yes", "1", "2");
            assertEquals(exit, result.exit(), result::toString);
            assertTrue(result.err().contains(words), result::toString);
            assertEquals("", result.out());
        }
    }

    @Test
    void aQuitThatIsNotAnsweredNamesWhatMayHaveGone() {
        try (FakePop3 fake = new FakePop3().messages(3).on("QUIT", ScriptedPeer::hangUp).start()) {
            Tool.Result result = delete(fake, "--yes", "--match", "[13]");
            assertEquals(75, result.exit(), result::toString);
            assertEquals(List.of("subject-1", "subject-3"),
                result.err().lines().filter(line -> line.contains("perhaps deleted: ")).map(line -> line.replaceAll(".*(subject-.).*", "$1")).toList());
            assertEquals("", result.out());
        }
    }

    @Test
    void aQuitThatIsNotAnsweredIsSaid() {
        for (ScriptedServer.Script end : List.<ScriptedServer.Script>of(ScriptedPeer::hangUp, ScriptedPeer::reset, ScriptedPeer::listen)) {
            try (FakePop3 fake = new FakePop3().messages(3).on("QUIT", end).start()) {
                Tool.Result result = delete(fake, "--yes", "--timeout", "2s", "1");
                assertEquals(75, result.exit(), result::toString);
                assertTrue(result.err().contains("the deletion may not count"), result::toString);
            }
        }
    }

    @Test
    void aConnectionThatIsLostBeforeQuitDeletesNothing() {
        try (FakePop3 fake = new FakePop3().messages(3).cut("DELE 2", 2, ScriptedPeer::reset).start()) {
            Tool.Result result = delete(fake, "--yes", "1", "2", "3");
            assertEquals(75, result.exit(), result::toString);
            assertEquals(List.of(), fake.awaitEnd().uidsRemoved());
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void aSignalEndsItWithoutQuitSoThatNothingGoes(String signal, int exit) {
        try (FakePop3 fake = new FakePop3().messages(3).on("DELE 2", ScriptedPeer::listen).start();
            RunningTool running = Pop3Calls.tool().start(Pop3Calls.words(fake, "delete", "--yes", "1", "2"))) {
            Eventually.until("DELE 2", () -> fake.commands().contains("DELE 2"));
            assertEquals(exit, running.signal(signal).await().exit());
            assertEquals(List.of(), fake.awaitEnd().uidsRemoved());
            assertFalse(fake.peer(0).receivedText().contains("QUIT"));
        }
    }

    @Test
    void dovecotForgetsThem() {
        DovecotUser user = Dovecot.shared().newUser("delete").deposit("Subject: one\n\n").deposit("Subject: two\n\n").deposit("Subject: three\n\n");
        Tool.Result result = Tool.with().env("MAILTOOL_PASSWORD", Dovecot.PASSWORD).call("delete", "-S", user.url(), "--ca", TestCerts.caFile().toString(), "--match", "^t", "--yes");
        assertEquals(0, result.exit(), result::toString);
        assertEquals(List.of("Subject: one\n\n"), user.messages());
    }
}
