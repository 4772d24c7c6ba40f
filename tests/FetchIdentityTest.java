package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import mailtool.MailTool.Exit;

/** By what a message is known again, and listings that lie. */
final class FetchIdentityTest {
    private static final String ONE = "Message-ID: <1@example.org>\r\n\r\none\r\n";
    private static final String TWO = "Message-ID: <2@example.org>\r\n\r\ntwo\r\n";
    private static final String ALIKE = "Subject: same\r\n\r\n";
    private static final String THREE = "Message-ID: <3@example.org>\r\n\r\nthree\r\n";

    @AutoClose
    private final Scratch scratch = Scratch.create("identity");
    private final Path place = scratch.resolve("Maildir");

    private FetchRun fetch(FakePop3 pop3, String... options) {
        return FetchRun.of(pop3, FetchRun.plan("maildir", place, options));
    }

    private List<String> stored() {
        return new TestMaildir(place).messages().stream().sorted().toList();
    }

    private static List<String> lf(String... messages) {
        return List.of(messages).stream().map(StoredMail::withLf).sorted().toList();
    }

    // UIDs of all kinds

    @ParameterizedTest
    @ValueSource(strings = {"../../../tmp/x", "/etc/passwd", "a/b", "..", ".", "-rf", "with blanks  in it", "caf\u00E9", "100%25#x", "#", "##", "\u0001\u0007", "'$(true)'"})
    void whateverTheUidLooksLikeItIsFetchedOnceIntoTheStore(String uid) {
        try (FakePop3 pop3 = new FakePop3().message(uid, ONE).message("other", TWO).start()) {
            assertEquals(List.of(uid, "other"), fetch(pop3).stored());
            assertEquals(lf(ONE, TWO), stored());
            FetchRun second = fetch(pop3, "delete");
            assertEquals(List.of(0L, 2L), List.of(second.summary().fetched(), second.summary().deleted()));
            assertEquals(List.of(), pop3.uidsLeft());
        }
    }

    @Test
    void uidsMayBeLongAndDifferAtTheirEndsOnly() {
        String stem = "x".repeat(1000);
        try (FakePop3 pop3 = new FakePop3().message(stem + "1", ONE).message(stem + "2", TWO).start()) {
            assertEquals(2, fetch(pop3).summary().fetched());
            assertEquals(0, fetch(pop3).summary().fetched());
            assertEquals(lf(ONE, TWO), stored());
        }
    }

    @Test
    void severalBlanksMayStandBeforeAUid() {
        try (FakePop3 pop3 = new FakePop3().messages(1).once("UIDL", "+OK", "1    uid-1", ".").start()) {
            assertEquals(List.of("uid-1"), fetch(pop3).stored());
            assertEquals(0, fetch(pop3).summary().fetched());
        }
    }

    @Test
    void uidsThatDifferInTheCaseOfLettersDiffer() {
        try (FakePop3 pop3 = new FakePop3().message("a", ONE).message("A", TWO).start()) {
            assertEquals(2, fetch(pop3).summary().fetched());
        }
    }

    @Test
    void numbersThatShiftChangeNothing() {
        try (FakePop3 pop3 = new FakePop3().messages(4).start()) {
            fetch(pop3, "limit=3");
            pop3.withdraw("uid-1");
            assertEquals(List.of("uid-4"), fetch(pop3, "delete").stored());
            assertEquals(List.of("uid-2", "uid-3", "uid-4"), pop3.uidsRemoved());
        }
    }

    // UIDs that say nothing by themselves

    @ParameterizedTest
    @ValueSource(strings = {"same", ""})
    void messagesWithOneUidOrNoneAreToldApartByTheirHeaders(String uid) {
        try (FakePop3 pop3 = new FakePop3().message(uid, ONE).message("own", THREE).message(uid, TWO).start()) {
            assertEquals(3, fetch(pop3).summary().fetched());
            assertEquals(lf(ONE, TWO, THREE), stored());
            assertEquals(List.of("TOP 1 0", "TOP 3 0"), pop3.commands("TOP"));
            assertEquals(0, fetch(pop3).summary().fetched());
            fetch(pop3, "delete");
            assertEquals(List.of(), pop3.uidsLeft());
        }
    }

    @Test
    void aUidThatOthersHadTooIsStillKnownWhenItIsAlone() {
        try (FakePop3 pop3 = new FakePop3().message("same", ONE).message("same", TWO).on("DELE 2", "-ERR not now").start()) {
            fetch(pop3, "delete");
            assertEquals(List.of("same"), pop3.uidsLeft());
            assertEquals(0, fetch(pop3).summary().fetched());
            pop3.message("same", THREE);
            assertEquals(1, fetch(pop3).summary().fetched());
            assertEquals(lf(ONE, TWO, THREE), stored());
        }
    }

    @ParameterizedTest
    @CsvSource({"delete, 0", "commit-every=1, 2"})
    void ofTwoWithOneUidAndOneHeaderEachIsFetchedOnce(String option, int left) {
        try (FakePop3 pop3 = new FakePop3().message("same", ALIKE + "first\r\n").message("same", ALIKE + "second\r\n").start()) {
            for (int run = 0; run < 3; run++) {
                fetch(pop3, option);
                assertEquals(lf(ALIKE + "first\r\n", ALIKE + "second\r\n"), stored());
            }
            assertEquals(left, pop3.uidsLeft().size());
        }
    }

    @Test
    void ofTwoWithOneUidAndOneHeaderNoneGoesBeforeBothAreStored() {
        try (FakePop3 pop3 = new FakePop3().message("same", ALIKE + "first\r\n").message("same", ALIKE + "second\r\n").on("RETR 2", "-ERR not now").start()) {
            assertEquals(Exit.TEMPORARY, fetch(pop3, "delete").exit());
            assertEquals(2, pop3.uidsLeft().size());
        }
    }

    @Test
    void anAmbiguousMessageWhoseHeaderIsRefusedIsLeftAndNamed() {
        try (FakePop3 pop3 = new FakePop3().message("same", ONE).message("same", TWO).on("TOP 2", "-ERR [SYS/TEMP] no").start()) {
            FetchRun run = fetch(pop3, "delete");
            assertEquals(List.of(2), run.refused());
            assertEquals(lf(ONE), stored());
            assertEquals(Exit.TEMPORARY, run.exit());
            assertEquals(List.of("RETR 1"), pop3.commands("RETR"));
        }
    }

    // Without UIDL

    @Test
    void withoutUidlMessagesAreKnownByTheirHeaders() {
        try (FakePop3 pop3 = new FakePop3().message("", ONE).message("", TWO).without("UIDL").start()) {
            assertEquals(2, fetch(pop3).summary().fetched());
            pop3.message("", THREE);
            FetchRun second = fetch(pop3, "delete");
            assertEquals(List.of(1L, 2L, 3L), List.of(second.summary().fetched(), second.summary().known(), second.summary().deleted()));
            assertEquals(lf(ONE, TWO, THREE), stored());
        }
    }

    @Test
    void uidlThatIsOfferedAndRefusedEndsTheSession() {
        try (FakePop3 pop3 = new FakePop3().messages(2).on("UIDL", "-ERR [SYS/PERM] no").start()) {
            FetchRun run = fetch(pop3, "delete");
            assertEquals(Exit.TEMPORARY, run.exit());
            assertEquals(List.of(List.of(), List.of()), List.of(pop3.commands("RETR"), pop3.commands("TOP")));
        }
    }

    @Test
    void uidlIsTriedWhereCapaSaysNothing() {
        try (FakePop3 pop3 = new FakePop3().messages(2).without("CAPA").start()) {
            assertEquals(List.of("uid-1", "uid-2"), fetch(pop3).stored());
            assertEquals(0, fetch(pop3).summary().fetched());
        }
    }

    @Test
    void withNeitherUidlNorTopKeepingIsRefusedAndSaysWhy() {
        try (FakePop3 pop3 = new FakePop3().messages(2).without("UIDL").without("TOP").start()) {
            for (String[] options : new String[][] {{}, {"delete-after=14d"}}) {
                FetchRun run = fetch(pop3, options);
                assertEquals(Exit.DATA, run.exit());
                assertTrue(run.failure().contains("UIDL") && run.failure().contains("TOP"), run::failure);
            }
            assertEquals(List.of(), pop3.commands("RETR"));
        }
    }

    @Test
    void withNeitherUidlNorTopAMessageIsKnownByAllOfIt() {
        try (FakePop3 pop3 = new FakePop3().message("", ONE).message("", TWO).without("UIDL").without("TOP").on("DELE", "-ERR not now").start()) {
            fetch(pop3, "delete");
            assertEquals(lf(ONE, TWO), stored());
            pop3.message("", THREE);
            fetch(pop3, "delete");
            assertEquals(lf(ONE, TWO, THREE), stored());
        }
        try (FakePop3 pop3 = new FakePop3().message("", ONE).message("", TWO).message("", THREE).without("UIDL").without("TOP").start()) {
            assertEquals(3, fetch(pop3, "delete").summary().deleted());
            assertEquals(List.of(), pop3.uidsLeft());
            assertEquals(lf(ONE, TWO, THREE), stored());
        }
    }

    /** Such a server is too old for CAPA as well. */
    @Test
    void withNeitherCapaUidlNorTopItIsTheSame() {
        try (FakePop3 pop3 = new FakePop3().message("", ONE).message("", TWO).without("CAPA").without("UIDL").without("TOP").start()) {
            FetchRun keeping = fetch(pop3);
            assertEquals(Exit.DATA, keeping.exit());
            assertTrue(keeping.failure().contains("UIDL") && keeping.failure().contains("TOP"), keeping::failure);
            FetchRun run = fetch(pop3, "delete");
            assertEquals(List.of(2L, Exit.OK), List.of(run.summary().deleted(), run.exit()), run::failure);
            assertEquals(lf(ONE, TWO), stored());
        }
    }

    @Test
    void withoutCapaAndUidlMessagesAreKnownByTheirHeaders() {
        try (FakePop3 pop3 = new FakePop3().message("", ONE).message("", TWO).without("CAPA").without("UIDL").start()) {
            assertEquals(2, fetch(pop3).summary().fetched());
            assertEquals(List.of(0L, 2L), List.of(fetch(pop3).summary().fetched(), fetch(pop3).summary().known()));
        }
    }

    @Test
    void aMessageKnownByAllOfItThatTheCommandDoesNotTakeStaysTwinsToo() {
        try (FakePop3 pop3 = new FakePop3().message("", ONE).message("", ONE).without("UIDL").without("TOP").start()) {
            Tool.Result result = Tool.with().env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call("fetch", "-S", pop3.userUrl(), "--pipe", "false", "--delete");
            assertEquals(75, result.exit(), result::toString);
            assertEquals(2, pop3.uidsLeft().size());
        }
    }

    // Listings that lie

    @ParameterizedTest
    @ValueSource(strings = {"0 zero", "4 beyond", "1 again", "99999999999999999999 huge", "-1 minus", "x", "2uid 2"})
    void aListingWithAWrongNumberIsAnErrorBeforeAnythingIsFetched(String line) {
        try (FakePop3 pop3 = new FakePop3().messages(3).on("UIDL", "+OK", "1 uid-1", line, "2 uid-2", "3 uid-3", ".").start()) {
            FetchRun run = fetch(pop3, "delete");
            assertEquals(Exit.PROTOCOL, run.exit());
            assertEquals(List.of(List.of(), List.of()), List.of(pop3.commands("RETR"), pop3.commands("DELE")));
        }
    }

    @Test
    void messagesWithoutAUidLineAreLeftAloneAndNamedAndNothingIsDeleted() {
        try (FakePop3 pop3 = new FakePop3().messages(3).on("UIDL", "+OK", "1 uid-1", "3 uid-3", ".").start()) {
            FetchRun run = fetch(pop3, "delete");
            assertEquals(List.of("uid-1", "uid-3"), run.stored());
            assertEquals(Exit.PROTOCOL, run.exit());
            assertTrue(run.failure().contains("2"), run::failure);
            assertEquals(List.of(), pop3.commands("DELE"));
        }
    }

    /** What is kept of each number must not take gigabytes for a few octets of a server. */
    @ParameterizedTest
    @ValueSource(strings = {"+OK 67108864 1", "+OK 2097153 1", "-ERR no"})
    void aNumberBeyondAllMaildropsIsAnError(String stat) {
        try (FakePop3 pop3 = new FakePop3().messages(1).on("STAT", stat).on("UIDL", "+OK", "67108864 x", ".").start()) {
            assertEquals(Exit.PROTOCOL, fetch(pop3).exit());
        }
        try (FakePop3 pop3 = new FakePop3().messages(1).without("UIDL").on("STAT", "+OK 67108864 1").start()) {
            assertEquals(Exit.PROTOCOL, fetch(pop3, "delete").exit());
        }
    }

    /** All have one hash in Java, or in any that adds the letters' multiples of powers. */
    @ParameterizedTest
    @CsvSource({"aA, BB", "abbabaabbaababbabaababbaabbabaabbaababbaabbabaababbabaabbaababba, baababbaabbabaababbabaabbaababbaabbabaabbaababbabaababbaabbabaab"})
    void uidsThatMeetInOneSlotAreAsSoonTold(String one, String other) {
        Keys keys = new Keys();
        for (int number = 1; number <= 60_000; number++) {
            StringBuilder key = new StringBuilder();
            for (int bit = 0; bit < 16; bit++) {
                key.append((number >> bit & 1) == 0 ? one : other);
            }
            keys.put(number, key.toString().getBytes(US_ASCII), 0);
        }
        assertTimeoutPreemptively(Eventually.DEADLINE, () -> assertEquals(0, keys.ambiguous().cardinality()));
    }

    @Test
    void anEndlessListingIsAnError() {
        try (FakePop3 pop3 = new FakePop3().messages(3).endless("UIDL", "+OK\r\n", "1 uid-1\r\n").start()) {
            assertEquals(Exit.PROTOCOL, fetch(pop3).exit());
        }
        try (FakePop3 pop3 = new FakePop3().messages(3).endless("LIST", "+OK\r\n", "1 54\r\n").start()) {
            assertEquals(Exit.PROTOCOL, fetch(pop3, "max-size=1M").exit());
        }
        try (FakePop3 pop3 = new FakePop3().messages(3).endless("UIDL", "+OK\r\n", "x").start()) {
            assertEquals(Exit.PROTOCOL, fetch(pop3).exit());
        }
    }

    @Test
    void sizesThatLieAreIgnored() {
        try (FakePop3 pop3 = new FakePop3().messages(4).on("STAT", "+OK 4 1")
            .on("LIST", "+OK", "1 0", "2 9223372036854775808", "3 -1", "4", ".").start()) {
            FetchRun run = fetch(pop3, "max-size=1M", "delete");
            assertEquals(List.of(4L, Exit.OK), List.of(run.summary().fetched(), run.exit()), run::failure);
            assertEquals(List.of(), pop3.uidsLeft());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-9223372036854775809", "9223372036854775808", "0 octets"})
    void aLyingSizeNamesItsMessageAsWell(String size) {
        try (FakePop3 pop3 = new FakePop3().messages(1).without("UIDL").on("LIST 1", "+OK 1 " + size).start()) {
            FetchRun run = fetch(pop3, "delete");
            assertEquals(List.of(1L, Exit.OK), List.of(run.summary().deleted(), run.exit()), run::failure);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CAPA", "STAT", "LIST"})
    void aRefusalOfWhatIsNotNeededIsNoFailure(String command) {
        try (FakePop3 pop3 = new FakePop3().messages(3).on(command, "-ERR no").start()) {
            FetchRun run = fetch(pop3, "max-size=1M", "delete");
            assertEquals(List.of(3L, 3L, Exit.OK), List.of(run.summary().fetched(), run.summary().deleted(), run.exit()), run::failure);
        }
    }

    @Test
    void aLyingSizeDoesNotLetALargerMessageIn() {
        try (FakePop3 pop3 = new FakePop3().message("large", "Subject: large\r\n\r\n" + "x".repeat(5000)).on("LIST", "+OK", "1 10", ".").start()) {
            FetchRun run = fetch(pop3, "max-size=1K", "delete");
            assertEquals(Exit.TEMPORARY, run.exit());
            assertTrue(run.failure().contains("message 1") && run.failure().contains("1000 octets") && run.failure().contains("LIST said 10"), run::failure);
            assertTrue(run.summary().failure().orElseThrow().hint().contains("larger --max-size"), run::toString);
            assertEquals(List.of(), stored());
            assertEquals(List.of("large"), pop3.uidsLeft());
        }
    }

    @Test
    void anEmptyMaildropIsNoFailure() {
        try (FakePop3 pop3 = new FakePop3().start()) {
            FetchRun run = fetch(pop3, "delete");
            assertEquals(Exit.OK, run.exit(), run::failure);
            assertTrue(Files.isDirectory(place.resolve("new")));
            assertFalse(pop3.commands("QUIT").isEmpty());
        }
    }
}
