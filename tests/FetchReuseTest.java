package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import mailtool.MailTool.Exit;

/** UIDs that come again, are left out, or lie: what is the same mail is never stored twice, and what is another's never deleted unread. */
final class FetchReuseTest {
    private static final String DAY_ONE = "Message-ID: <one@example.org>\r\nSubject: day one\r\n\r\nfirst\r\n";
    private static final String DAY_TWO = "Message-ID: <two@example.org>\r\nSubject: day two\r\n\r\nsecond\r\n";
    private static final String THIRD = "Message-ID: <third@example.org>\r\n\r\nthird\r\n";
    private static final String DATED = "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nSubject: same\r\n\r\n";
    private static final String WEAK_ONE = "Subject: same\r\n\r\nfirst\r\n";
    private static final String WEAK_TWO = "Subject: same\r\n\r\nsecond\r\n";

    @AutoClose
    private final Scratch scratch = Scratch.create("reuse");
    private final Path place = scratch.resolve("store");

    private FetchRun fetch(FakePop3 pop3, String kind, String... options) {
        return FetchRun.of(pop3, FetchRun.plan(kind, place, options));
    }

    private List<String> stored(String kind) {
        return StoredMail.in(kind, place).stream().map(message -> message.replace("\r\n", "\n")).sorted().toList();
    }

    private static List<String> lf(String... messages) {
        return Stream.of(messages).map(StoredMail::withLf).sorted().toList();
    }

    // After a deletion

    @ParameterizedTest
    @CsvSource({"maildir, TOP, true", "mbox, TOP, true", "dir, TOP, true", "maildir, X, true", "mbox, X, true", "maildir, TOP, false", "mbox, TOP, false", "dir, X, false"})
    void aUidThatComesAgainAfterItsDeletionIsAnotherMail(String kind, String without, boolean strong) {
        String one = strong ? DAY_ONE : WEAK_ONE;
        String two = strong ? DAY_TWO : WEAK_TWO;
        for (String option : List.of("delete", "limit=5")) {
            try (Scratch other = Scratch.create("again"); FakePop3 pop3 = new FakePop3().message("1", one).without(without).start()) {
                assertEquals(1, FetchRun.of(pop3, FetchRun.plan(kind, other.resolve("s"), "delete")).summary().deleted());
                pop3.message("1", two);
                FetchRun again = FetchRun.of(pop3, FetchRun.plan(kind, other.resolve("s"), option));
                assertEquals(List.of(1L, Exit.OK), List.of(again.summary().fetched(), again.exit()), again::failure);
                assertEquals(lf(one, two), StoredMail.in(kind, other.resolve("s")).stream().map(message -> message.replace("\r\n", "\n")).sorted().toList());
                assertEquals(option.equals("delete") ? List.of() : List.of("1"), pop3.uidsLeft());
            }
        }
    }

    @Test
    void aCommandGetsBothUnderDifferentIds() {
        Path log = scratch.resolve("log");
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).start()) {
            pipe(pop3, log);
            pop3.message("1", DAY_TWO);
            pipe(pop3, log);
            assertEquals(2, StoredMail.text(log).lines().distinct().count());
            assertEquals(List.of(), pop3.uidsLeft());
        }
    }

    private void pipe(FakePop3 pop3, Path log) {
        Tool.Result result = Tool.with().home(scratch.folder("home")).env("MAILTOOL_PASSWORD", FakePop3.PASSWORD)
            .call("fetch", "-S", pop3.userUrl(), "--pipe", "echo $MAILTOOL_ID >> " + log, "--delete");
        assertEquals(0, result.exit(), result::toString);
    }

    @ParameterizedTest
    @CsvSource({"maildir, TOP", "mbox, TOP", "maildir, X", "mbox, X"})
    void aServerThatConfirmsDeletionsAndDeletesNothingDoublesNothing(String kind, String without) {
        try (FakePop3 pop3 = new FakePop3().messages(2).message("3", DAY_ONE).without(without).once("QUIT", peer -> peer.say("+OK bye")).start()) {
            assertEquals(3, fetch(pop3, kind, "delete").summary().deleted());
            assertEquals(3, pop3.uidsLeft().size());
            FetchRun again = fetch(pop3, kind, "delete");
            assertEquals(List.of(0L, 3L, 3L), List.of(again.summary().fetched(), again.summary().known(), again.summary().deleted()), again::failure);
            assertEquals(List.of(), pop3.uidsLeft());
            assertEquals(3, stored(kind).size());
        }
    }

    @Test
    void aMailThatIsBackUnderAnotherDeletedUidIsKnown() {
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).message("2", DAY_TWO).start()) {
            fetch(pop3, "maildir", "delete");
            pop3.message("2", DAY_ONE);
            FetchRun again = fetch(pop3, "maildir", "delete");
            assertEquals(List.of(0L, 1L, 1L), List.of(again.summary().fetched(), again.summary().known(), again.summary().deleted()), again::failure);
            assertEquals(lf(DAY_ONE, DAY_TWO), stored("maildir"));
        }
    }

    @ParameterizedTest
    @CsvSource({"maildir, X", "mbox, X", "dir, TOP"})
    void aMailThatIsBackUnderANewUidWhileItsOwnIsAnothersIsKnown(String kind, String without) {
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).without(without).start()) {
            fetch(pop3, kind, "delete");
            pop3.message("1", DAY_TWO).message("2", DAY_ONE);
            FetchRun again = fetch(pop3, kind, "delete");
            assertEquals(List.of(1L, 1L, 2L), List.of(again.summary().fetched(), again.summary().known(), again.summary().deleted()), again::failure);
            assertEquals(lf(DAY_ONE, DAY_TWO), stored(kind));
        }
    }

    @Test
    void whatComesUnderAUsedUidIsChosenAsAnyOther() {
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).start()) {
            fetch(pop3, "maildir", "delete");
            pop3.message("1", DAY_TWO);
            assertEquals(0, fetch(pop3, "maildir", "delete", "match=nothing").summary().fetched());
            assertEquals(1, fetch(pop3, "maildir", "delete", "max-size=10").summary().skipped());
            assertEquals(0, fetch(pop3, "maildir", "delete", "limit=0").summary().fetched());
            assertEquals(List.of("1"), pop3.uidsLeft());
            assertEquals(0, fetch(pop3, "maildir", "delete-after=1d").summary().deleted());
            assertEquals(lf(DAY_ONE, DAY_TWO), stored("maildir"));
        }
    }

    // Before a deletion

    @ParameterizedTest
    @CsvSource({"maildir, true, X", "mbox, true, X", "maildir, false, X", "maildir, true, TOP", "mbox, false, TOP"})
    void noMailIsDeletedThatIsNotTheOneThatWasStored(String kind, boolean strong, String without) {
        String one = strong ? DAY_ONE : WEAK_ONE;
        String two = strong ? DAY_TWO : WEAK_TWO;
        try (FakePop3 pop3 = new FakePop3().message("1", one).without(without).start()) {
            fetch(pop3, kind);
            pop3.withdraw("1").message("1", two);
            FetchRun run = fetch(pop3, kind, "delete");
            assertEquals(List.of(1L, 1L), List.of(run.summary().fetched(), run.summary().deleted()), run::failure);
            assertEquals(lf(one, two), stored(kind));
        }
    }

    @Test
    void aHeaderThatTopShowsWrongMakesNoNewMail() {
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).start()) {
            fetch(pop3, "maildir");
        }
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).on("TOP 1", "+OK", "Message-ID: <x@example.org>", "", ".").start()) {
            FetchRun run = fetch(pop3, "maildir", "delete");
            assertEquals(List.of(0L, 1L), List.of(run.summary().fetched(), run.summary().deleted()), run::failure);
            assertEquals(lf(DAY_ONE), stored("maildir"));
        }
    }

    @ParameterizedTest
    @CsvSource({"-ERR no, TEMPORARY", "-ERR [SYS/PERM] no, PARTIAL"})
    void whereTopIsRefusedForOneMessageItStays(String reply, Exit exit) {
        try (FakePop3 pop3 = new FakePop3().messages(3).start()) {
            fetch(pop3, "maildir");
        }
        try (FakePop3 pop3 = new FakePop3().messages(3).on("TOP 2", reply).start()) {
            FetchRun run = fetch(pop3, "maildir", "delete");
            assertEquals(List.of(exit, 2L), List.of(run.exit(), run.summary().deleted()));
            assertEquals(List.of(2), run.refused());
            assertEquals(List.of("uid-2"), pop3.uidsLeft());
        }
    }

    @Test
    void theHeadersOfManyCostOneRoundTripAHundred() {
        FakePop3 pop3 = new FakePop3().pipelining();
        for (int number = 1; number <= 300; number++) {
            pop3.message("uid-" + number, "Message-ID: <" + number + "@example.org>\r\n\r\n");
        }
        try (FakePop3 server = pop3.start()) {
            fetch(server, "mbox");
            assertEquals(List.of(), server.commands("TOP"));
            FetchRun run = fetch(server, "mbox", "delete");
            assertEquals(List.of(0L, 300L), List.of(run.summary().fetched(), run.summary().deleted()), run::failure);
            assertEquals(300, server.commands("TOP").size());
            assertEquals(300, server.commands("RETR").size());
        }
    }

    // Left out of a listing

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox"})
    void aUidThatWasLeftOutIsLookedAtOnceWhenItIsBack(String kind) {
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).message("2", DAY_TWO).start()) {
            fetch(pop3, kind);
            pop3.withdraw("1").withdraw("2");
            fetch(pop3, kind);
            pop3.message("1", DAY_ONE);
            FetchRun back = fetch(pop3, kind);
            assertEquals(List.of(0L, 1L), List.of(back.summary().fetched(), back.summary().known()), back::failure);
            assertEquals(1, pop3.commands("TOP").size());
            assertEquals(1, fetch(pop3, kind).summary().known());
            assertEquals(1, pop3.commands("TOP").size());
            pop3.message("2", "Message-ID: <three@example.org>\r\n\r\n");
            assertEquals(1, fetch(pop3, kind).summary().fetched());
            assertEquals(3, stored(kind).size());
        }
    }

    @Test
    void itsTimeIsThatOfBefore() {
        Path journal = place.resolve(".mailtool-journal");
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).start()) {
            fetch(pop3, "maildir");
            StoredMail.age(journal, 15L * 24 * 60 * 60);
            pop3.withdraw("1");
            fetch(pop3, "maildir");
            pop3.message("1", DAY_ONE);
            fetch(pop3, "maildir");
            assertEquals(1, fetch(pop3, "maildir", "delete-after=14d").summary().deleted());
        }
    }

    @Test
    void aListingThatIsNotWholeSaysNothing() {
        try (FakePop3 pop3 = new FakePop3().messages(2).start()) {
            fetch(pop3, "maildir");
        }
        try (FakePop3 pop3 = new FakePop3().messages(2).once("UIDL", "+OK", "1 uid-1", ".").start()) {
            fetch(pop3, "maildir");
            assertEquals(2, fetch(pop3, "maildir").summary().known());
            assertEquals(List.of(), pop3.commands("TOP"));
        }
    }

    // A journal that was lost

    @ParameterizedTest
    @CsvSource({"maildir, X, true", "maildir, TOP, true", "dir, X, true", "maildir, X, false", "dir, TOP, false"})
    void withoutItsJournalAStoreKnowsItsMailsByTheirHeaders(String kind, String without, boolean strong) throws IOException {
        String one = strong ? DAY_ONE : WEAK_ONE;
        String two = strong ? DAY_TWO : WEAK_TWO;
        try (FakePop3 pop3 = new FakePop3().message("1", one).message("2", two).without(without).start()) {
            FetchRun first = fetch(pop3, kind);
            if (kind.equals("maildir")) {
                Path file = Path.of(first.messages().get(0).file());
                Files.move(file, place.resolve("cur").resolve(file.getFileName() + ":2,S"));
            }
            Files.delete(place.resolve(".mailtool-journal"));
            FetchRun again = fetch(pop3, kind);
            assertEquals(List.of(0L, 2L), List.of(again.summary().fetched(), again.summary().known()), again::failure);
            Files.delete(place.resolve(".mailtool-journal"));
            pop3.withdraw("1").message("1", "Message-ID: <three@example.org>\r\n\r\n");
            FetchRun reused = fetch(pop3, kind, "delete");
            assertEquals(List.of(1L, 2L), List.of(reused.summary().fetched(), reused.summary().deleted()), reused::failure);
            assertEquals(3, stored(kind).size());
        }
    }

    /** A folder, as the tests may run as root, whom no file is closed to. */
    @ParameterizedTest
    @ValueSource(strings = {"maildir", "dir"})
    void withoutItsJournalAMailThatCanNotBeReadIsNamed(String kind) throws IOException {
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).start()) {
            Path file = Path.of(fetch(pop3, kind).messages().get(0).file());
            Files.delete(place.resolve(".mailtool-journal"));
            Files.delete(file);
            Files.createDirectory(file);
            FetchRun again = fetch(pop3, kind);
            assertEquals(Exit.IO, again.exit());
            assertTrue(again.failure().contains("can't read") && again.failure().contains(file.getFileName().toString()), again::failure);
            assertEquals(List.of(), again.refused());
        }
    }

    @Test
    void renumberedAndWithoutItsJournalItStillKnowsThem() throws IOException {
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).message("2", DAY_TWO).start()) {
            fetch(pop3, "maildir");
            Files.delete(place.resolve(".mailtool-journal"));
            pop3.withdraw("1").withdraw("2").message("1", DAY_TWO).message("2", DAY_ONE);
            assertEquals(2, fetch(pop3, "maildir").summary().known());
            assertEquals(lf(DAY_ONE, DAY_TWO), stored("maildir"));
        }
    }

    @ParameterizedTest
    @CsvSource({"maildir, TOP", "mbox, TOP", "maildir, X"})
    void renumberedItKnowsThemAndACopyOfOneThatIsStillThereIsNew(String kind, String without) {
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).message("2", DAY_TWO).without(without).start()) {
            fetch(pop3, kind);
            pop3.withdraw("1").withdraw("2").message("3", DAY_TWO).message("4", DAY_ONE);
            assertEquals(List.of(0L, 2L), known(fetch(pop3, kind)));
            pop3.withdraw("3").message("5", DAY_ONE);
            assertEquals(List.of(1L, 1L), known(fetch(pop3, kind)));
            assertEquals(lf(DAY_ONE, DAY_ONE, DAY_TWO), stored(kind));
        }
    }

    @Test
    void renumberedBetweenTwoConnectionsOfARunEachIsFetchedOnce() {
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).message("2", DAY_TWO).start()) {
            pop3.once("RETR 2", peer -> {
                pop3.withdraw("1").withdraw("2").message("3", DAY_ONE).message("4", DAY_TWO);
                peer.close();
            });
            assertEquals(1, fetch(pop3, "maildir", "commit-every=1").summary().fetched());
            assertEquals(List.of(1L, 1L), known(fetch(pop3, "maildir")));
            assertEquals(lf(DAY_ONE, DAY_TWO), stored("maildir"));
        }
    }

    @ParameterizedTest
    @CsvSource({"maildir, TOP, delete", "mbox, X, delete", "dir, TOP, delete limit=1"})
    void renumberedAfterDeletionsThatWereNoneItStoresNothingTwice(String kind, String without, String options) {
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).message("2", DAY_TWO).without(without).once("QUIT", peer -> peer.say("+OK bye")).start()) {
            fetch(pop3, kind, options.split(" "));
            pop3.withdraw("1").withdraw("2").message("3", DAY_TWO).message("4", DAY_ONE).message("5", THIRD);
            FetchRun again = fetch(pop3, kind, options.split(" "));
            assertEquals(Exit.OK, again.exit(), again::failure);
            fetch(pop3, kind, "delete");
            assertEquals(lf(DAY_ONE, DAY_TWO, THIRD), stored(kind));
            assertEquals(List.of(), pop3.uidsLeft());
        }
    }

    @Test
    void whatWasStoredMakesRoomForOthersWhereItIsRenumbered() {
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).once("QUIT", peer -> peer.say("+OK bye")).start()) {
            fetch(pop3, "mbox", "delete");
            pop3.withdraw("1").message("2", DAY_ONE).message("3", DAY_TWO);
            FetchRun again = fetch(pop3, "mbox", "delete", "limit=1");
            assertEquals(List.of(1L, 2L), List.of(again.summary().fetched(), again.summary().deleted()), again::failure);
        }
    }

    @Test
    void aDateAloneDoesNotMakeTwoMailsOneUnderANewUid() {
        try (FakePop3 pop3 = new FakePop3().message("1", DATED + "first\r\n").start()) {
            fetch(pop3, "maildir", "delete");
            pop3.message("2", DATED + "second\r\n");
            assertEquals(List.of("2"), fetch(pop3, "maildir", "delete").stored());
        }
    }

    @Test
    void anEmptyMailThatHasGoneIsNoOther() {
        try (FakePop3 pop3 = new FakePop3().message("1", "").start()) {
            fetch(pop3, "maildir", "delete");
            pop3.message("2", DAY_ONE).message("3", "");
            FetchRun again = fetch(pop3, "maildir", "delete");
            assertEquals(List.of("2"), again.stored());
            assertEquals(2, again.summary().deleted());
        }
    }

    @Test
    void thoseWithOneUidStayKnownWhenAnotherHasGone() {
        try (FakePop3 pop3 = new FakePop3().message("same", DAY_ONE).message("same", DAY_TWO).message("own", THIRD).start()) {
            fetch(pop3, "mbox");
            pop3.withdraw("own");
            assertEquals(List.of(0L, 2L), known(fetch(pop3, "mbox")));
        }
    }

    // A journal that lost a part

    @ParameterizedTest
    @CsvSource({"maildir, X, 2", "dir, TOP, 2", "maildir, TOP, 1"})
    void aJournalThatLostALineMakesNothingTwiceThatIsStillThere(String kind, String without, int withdrawn) throws IOException {
        Path journal = place.resolve(".mailtool-journal");
        try (FakePop3 pop3 = new FakePop3().message("1", DAY_ONE).message("2", DAY_TWO).message("3", THIRD).without(without).start()) {
            fetch(pop3, kind);
            Files.write(journal, Files.readAllLines(journal).stream().filter(line -> !line.endsWith(" 3")).toList());
            pop3.withdraw("" + withdrawn);
            assertEquals(List.of(0L, 2L), known(fetch(pop3, kind)));
            assertEquals(2, fetch(pop3, kind, "delete").summary().deleted());
            assertEquals(lf(DAY_ONE, DAY_TWO, THIRD), stored(kind));
        }
    }

    @Test
    void whoseLinesFollowASpoiltOneIsNotGuessed() throws IOException {
        Path journal = place.resolve(".mailtool-journal");
        try (FakePop3 ops = new FakePop3().messages(1).start(); FakePop3 web = new FakePop3().messages(2).login("web", FakePop3.PASSWORD).start()) {
            fetch(ops, "maildir");
            fetch(web, "maildir");
            String text = Files.readString(journal);
            int begin = text.lastIndexOf("begin");
            int note = text.indexOf('+', begin);
            Files.writeString(journal, text.substring(0, begin) + "\0".repeat(note - begin) + text.substring(note));
            ops.message("uid-2", DAY_TWO);
            assertEquals(List.of("uid-2"), fetch(ops, "maildir").stored());
        }
    }

    /** It is no long time ago. */
    @Test
    void whatWasStoredNobodyKnowsWhenIsNotDeleted() throws IOException {
        Path journal = place.resolve(".mailtool-journal");
        try (FakePop3 pop3 = new FakePop3().messages(1).start()) {
            fetch(pop3, "maildir");
            Files.writeString(journal, Files.readString(journal).replaceFirst("begin \\d+", "begin \0"));
            FetchRun again = fetch(pop3, "maildir", "delete-after=14d");
            assertEquals(List.of(0L, 0L), List.of(again.summary().deleted(), again.summary().fetched()));
        }
    }

    private static List<Long> known(FetchRun run) {
        return List.of(run.summary().fetched(), run.summary().known());
    }

    @Test
    void aNewAccountInASharedStoreIsNotLookedAtTwice() {
        try (FakePop3 ops = new FakePop3().messages(2).start(); FakePop3 web = new FakePop3().messages(2).login("web", FakePop3.PASSWORD).start()) {
            fetch(ops, "maildir");
            assertEquals(2, fetch(web, "maildir").summary().fetched());
            assertEquals(List.of(), web.commands("TOP"));
        }
    }

    @Test
    void aJournalOfAnEarlierVersionIsRefusedWithTheWayRound() {
        scratch.folder("store");
        scratch.write("store/.mailtool-journal", "mailtool journal 1\nbegin 1763700000\nfrom ops@localhost\n+uid-1\ndone\n");
        try (FakePop3 pop3 = new FakePop3().messages(1).start()) {
            FetchRun run = fetch(pop3, "maildir");
            assertEquals(Exit.OUTPUT, run.exit());
            assertEquals("move it away: a Maildir and a folder know their mails by their headers, mbox and pipe get all again",
                run.summary().failure().orElseThrow().hint());
        }
    }

    // The From line of an mbox

    @ParameterizedTest
    @CsvSource({"Return-Path: <bounce@example.org>, bounce@example.org", "Return-Path: <>, MAILER-DAEMON", "X: y, MAILER-DAEMON", "Return-Path: <\"a b\"@example.org>, MAILER-DAEMON"})
    void anMboxNamesTheSender(String field, String sender) {
        try (FakePop3 pop3 = new FakePop3().message("1", field + "\r\nSubject: x\r\n\r\n" + "y\r\n".repeat(50_000)).message("2", DAY_TWO).start()) {
            fetch(pop3, "mbox");
            String mbox = StoredMail.text(place);
            assertTrue(mbox.startsWith("From " + sender + " "), () -> mbox.substring(0, 80));
            assertTrue(mbox.contains("\ny\n\nFrom MAILER-DAEMON "));
        }
    }
}
