package mailtool;

import static mailtool.MailTool.fetching;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import mailtool.MailTool.Exit;
import mailtool.MailTool.Fetched;
import mailtool.MailTool.Summary;

/** What fetch brings, where to, in which order, and what it says. */
final class FetchTest {
    private static final String NASTY = "Subject: nasty\r\n\r\n.dot\r\n\n.\nFrom bare\nFrom \r\n>From quoted\r\n\0\u00E9\r\r\n..\r\nno end";
    private static final long DAY = 24 * 60 * 60;

    @AutoClose
    private final Scratch scratch = Scratch.create("fetch");
    private final Path place = scratch.resolve("store");

    // What is stored, and once

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox", "dir"})
    void eachMessageIsFetchedOnce(String kind) {
        try (FakePop3 pop3 = new FakePop3().messages(3).start()) {
            FetchRun first = FetchRun.of(pop3, FetchRun.plan(kind, place));
            assertEquals(List.of("uid-1", "uid-2", "uid-3"), first.stored());
            pop3.message("uid-4", "Subject: later\r\n\r\n");
            FetchRun second = FetchRun.of(pop3, FetchRun.plan(kind, place));
            assertEquals(List.of("uid-4"), second.stored());
            assertEquals(3, second.summary().known());
            assertEquals(4, StoredMail.in(kind, place).size());
            assertEquals(List.of(Exit.OK, Exit.OK), List.of(first.exit(), second.exit()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox"})
    void maildirAndMboxHoldLfLineEndsAndEveryOtherByteAsItCame(String kind) {
        try (FakePop3 pop3 = new FakePop3().message("a", NASTY).message("b", "").message("c", "\r\n").start()) {
            FetchRun.of(pop3, FetchRun.plan(kind, place));
            assertEquals(sorted(StoredMail.withLf(NASTY), "", "\n"), sorted(StoredMail.in(kind, place)));
        }
    }

    @Test
    void anMboxQuotesFromAfterABareLfToo() {
        try (FakePop3 pop3 = new FakePop3().message("a", NASTY).start()) {
            FetchRun.of(pop3, FetchRun.plan("mbox", place));
            String mbox = StoredMail.text(place);
            assertTrue(mbox.contains("\n>From bare\n>From \n>>From quoted\n"), mbox);
            assertTrue(mbox.endsWith("no end\n\n"), mbox);
        }
    }

    @Test
    void aFolderHoldsEachMessageAsItCame() {
        try (FakePop3 pop3 = new FakePop3().message("a", NASTY).start()) {
            FetchRun run = FetchRun.of(pop3, FetchRun.plan("dir", place));
            assertEquals(List.of(NASTY + "\r\n"), StoredMail.in("dir", place));
            assertEquals(NASTY + "\r\n", StoredMail.text(Path.of(run.messages().get(0).file())));
        }
    }

    @Test
    void aFetchedMessageIsNamedByTheFileItIsIn() {
        try (FakePop3 pop3 = new FakePop3().messages(1).start()) {
            Fetched message = FetchRun.of(pop3, FetchRun.plan("maildir", place)).messages().get(0);
            assertEquals("From: a@example.org\nSubject: subject-1\n\nbody of 1\n", StoredMail.text(Path.of(message.file())));
            assertEquals(54, message.size());
            assertEquals("uid-1", message.uid());
        }
    }

    // Pipes

    @Test
    void aCommandGetsEachMessageWithAStableIdAndItsAccount() throws IOException {
        Path log = scratch.resolve("log");
        String command = "cat >> " + log + "; echo id=$MAILTOOL_ID account=$MAILTOOL_ACCOUNT >> " + log;
        try (FakePop3 pop3 = new FakePop3().message("a", "Subject: A\r\n\r\n.dot\r\n").start()) {
            fetchByTool(pop3, "--pipe", command);
            String first = StoredMail.text(log);
            assertTrue(first.matches("Subject: A\n\n\\.dot\nid=[0-9a-f]{64} account=ops@localhost\n"), first);
            fetchByTool(pop3, "--pipe", command);
            assertEquals(first, StoredMail.text(log));
            fetchByTool(pop3, "--pipe", command, "--all");
            assertEquals(first + first, StoredMail.text(log));
        }
    }

    @Test
    void onlyAMessageWhoseCommandExitsWithZeroIsStored() throws IOException {
        Path log = scratch.resolve("log");
        Path poison = scratch.write("poison", "");
        String command = "grep -q '^Subject: subject-2' && test -e " + poison + " && exit 3; echo $MAILTOOL_ID >> " + log;
        try (FakePop3 pop3 = new FakePop3().messages(3).pipelining().start()) {
            Tool.Result first = fetchByTool(pop3, "--pipe", command, "--delete");
            assertEquals(75, first.exit(), first::toString);
            assertTrue(first.err().contains("uid-2"), first::toString);
            assertTrue(first.err().contains("3"), first::toString);
            assertEquals(List.of("uid-2"), pop3.uidsLeft());
            assertEquals(2, StoredMail.text(log).lines().distinct().count());
            Files.delete(poison);
            Tool.Result second = fetchByTool(pop3, "--pipe", command, "--delete");
            assertEquals(0, second.exit(), second::toString);
            assertEquals(List.of(), pop3.uidsLeft());
            assertEquals(3, StoredMail.text(log).lines().distinct().count());
        }
    }

    @Test
    void aCommandMayLeaveTheMessageUnread() {
        try (FakePop3 pop3 = new FakePop3().message("big", "Subject: big\r\n\r\n" + "x".repeat(300_000) + "\r\n").start()) {
            Tool.Result result = fetchByTool(pop3, "--pipe", "true");
            assertEquals(0, result.exit(), result::toString);
        }
    }

    // What is known

    @Test
    void whatIsKnownIsKnownPerUserAndHostWhateverThePort() {
        try (FakePop3 ops = new FakePop3().messages(2).start(); FakePop3 again = new FakePop3().messages(2).start();
            FakePop3 web = new FakePop3().messages(2).login("web", FakePop3.PASSWORD).start()) {
            assertEquals(2, FetchRun.of(ops, FetchRun.plan("maildir", place)).summary().fetched());
            assertEquals(0, FetchRun.of(again, FetchRun.plan("maildir", place)).summary().fetched());
            String otherCase = again.userUrl().replace("localhost", "LocalHost");
            assertEquals(0, FetchRun.of(FetchRun.server(otherCase), FetchRun.plan("maildir", place)).summary().fetched());
            assertEquals(2, FetchRun.of(web, FetchRun.plan("maildir", place)).summary().fetched());
            String otherName = again.userUrl().replace("localhost", "127.0.0.1");
            assertEquals(2, FetchRun.of(FetchRun.server(otherName), FetchRun.plan("maildir", place)).summary().fetched());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox", "dir"})
    void allIgnoresTheJournal(String kind) {
        try (FakePop3 pop3 = new FakePop3().messages(2).start()) {
            FetchRun.of(pop3, FetchRun.plan(kind, place));
            Summary again = FetchRun.of(pop3, FetchRun.plan(kind, place, "all", "limit=1")).summary();
            assertEquals(List.of(1L, 1L), List.of(again.fetched(), again.known()), "what is fetched again is not known");
            assertEquals(1, FetchRun.of(pop3, FetchRun.plan(kind, place, "all", "match=uid=uid-2")).summary().fetched());
            assertEquals(4, StoredMail.in(kind, place).size());
            assertEquals(0, FetchRun.of(pop3, FetchRun.plan(kind, place)).summary().fetched());
        }
    }

    @Test
    void whatItsOwnerMovedOrRemovedIsNotFetchedAgainAndCountsAsStored() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(2).start()) {
            FetchRun run = FetchRun.of(pop3, FetchRun.plan("maildir", place));
            Path file = Path.of(run.messages().get(0).file());
            Files.move(file, place.resolve("cur").resolve(file.getFileName() + ":2,S"));
            Files.delete(Path.of(run.messages().get(1).file()));
            FetchRun second = FetchRun.of(pop3, FetchRun.plan("maildir", place, "delete"));
            assertEquals(List.of(0L, 2L), List.of(second.summary().fetched(), second.summary().deleted()));
            assertEquals(List.of(), pop3.uidsLeft());
        }
    }

    // Deleting

    @Test
    void mailStaysOnTheServerUnlessToldOtherwise() {
        try (FakePop3 pop3 = new FakePop3().messages(2).start()) {
            FetchRun.of(pop3, FetchRun.plan("maildir", place));
            assertEquals(List.of(), pop3.commands("DELE"));
            assertEquals(1, pop3.commands("QUIT").size());
            assertEquals(2, pop3.uidsLeft().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox", "dir"})
    void deleteRemovesWhatIsStoredAlsoByEarlierRuns(String kind) {
        try (FakePop3 pop3 = new FakePop3().messages(2).start()) {
            FetchRun.of(pop3, FetchRun.plan(kind, place));
            pop3.message("uid-3", "Subject: later\r\n\r\n");
            FetchRun run = FetchRun.of(pop3, FetchRun.plan(kind, place, "delete"));
            assertEquals(List.of(1L, 3L), List.of(run.summary().fetched(), run.summary().deleted()));
            assertEquals(List.of(), pop3.uidsLeft());
            assertTrue(run.messages().stream().allMatch(message -> message.ok() && message.deleted()), run::toString);
        }
    }

    @Test
    void deleteLeavesWhatIsNotStored() {
        try (FakePop3 pop3 = new FakePop3().messages(3).on("RETR 2", "-ERR not now").start()) {
            FetchRun run = FetchRun.of(pop3, FetchRun.plan("maildir", place, "delete", "match=subject-[12]"));
            assertEquals(List.of("uid-2", "uid-3"), pop3.uidsLeft());
            assertEquals(1, run.summary().deleted());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox"})
    void deleteAfterCountsFromTheDayItWasStored(String kind) {
        Path journal = kind.equals("mbox") ? place.resolveSibling(".store.mailtool-journal") : place.resolve(".mailtool-journal");
        try (FakePop3 pop3 = new FakePop3().messages(2).start()) {
            assertEquals(0, FetchRun.of(pop3, FetchRun.plan(kind, place, "delete-after=14d")).summary().deleted());
            StoredMail.age(journal, 14 * DAY - 3600);
            assertEquals(0, FetchRun.of(pop3, FetchRun.plan(kind, place, "delete-after=14d")).summary().deleted());
            pop3.message("uid-3", "Subject: later\r\n\r\n");
            StoredMail.age(journal, 3600);
            FetchRun last = FetchRun.of(pop3, FetchRun.plan(kind, place, "delete-after=14d"));
            assertEquals(List.of(1L, 2L), List.of(last.summary().fetched(), last.summary().deleted()));
            assertEquals(List.of("uid-3"), pop3.uidsLeft());
        }
    }

    private void fetchBeforeTheClockWasSet(FakePop3 pop3, Path journal) throws IOException {
        FetchRun.of(pop3, FetchRun.plan("maildir", place));
        Files.writeString(journal, Files.readString(journal).replaceAll("begin \\d+", "begin 120"));
    }

    @Test
    void whatWasStoredBeforeTheClockWasSetCountsFromTheFirstRunAfterwards() throws IOException {
        Path journal = place.resolve(".mailtool-journal");
        try (FakePop3 pop3 = new FakePop3().messages(2).start()) {
            fetchBeforeTheClockWasSet(pop3, journal);
            assertEquals(0, FetchRun.of(pop3, FetchRun.plan("maildir", place, "delete-after=14d")).summary().deleted());
            assertEquals(2, pop3.uidsLeft().size());
            long later = System.currentTimeMillis() / 1000 - 14 * DAY;
            Files.writeString(journal, Files.readString(journal).replaceAll("at \\d+", "at " + later));
            FetchRun last = FetchRun.of(pop3, FetchRun.plan("maildir", place, "delete-after=14d"));
            assertEquals(List.of(0L, 2L), List.of(last.summary().fetched(), last.summary().deleted()));
        }
    }

    @Test
    void whatWasStoredBeforeTheClockWasSetGoesAtOnceIfThatIsWanted() throws IOException {
        Path journal = place.resolve(".mailtool-journal");
        try (FakePop3 pop3 = new FakePop3().messages(2).start()) {
            fetchBeforeTheClockWasSet(pop3, journal);
            assertEquals(2, FetchRun.of(pop3, FetchRun.plan("maildir", place, "delete")).summary().deleted());
        }
    }

    @Test
    void whatIsFetchedAgainCountsFromThenOn() {
        try (FakePop3 pop3 = new FakePop3().messages(1).start()) {
            FetchRun.of(pop3, FetchRun.plan("maildir", place));
            StoredMail.age(place.resolve(".mailtool-journal"), 14 * DAY);
            FetchRun.of(pop3, FetchRun.plan("maildir", place, "all"));
            assertEquals(0, FetchRun.of(pop3, FetchRun.plan("maildir", place, "delete-after=14d")).summary().deleted());
            StoredMail.age(place.resolve(".mailtool-journal"), 14 * DAY);
            assertEquals(1, FetchRun.of(pop3, FetchRun.plan("maildir", place, "delete-after=14d")).summary().deleted());
        }
    }

    // Which messages

    @Test
    void limitTakesTheFirstNewOnes() {
        try (FakePop3 pop3 = new FakePop3().messages(5).start()) {
            assertEquals(List.of("uid-1", "uid-2"), FetchRun.of(pop3, FetchRun.plan("mbox", place, "limit=2")).stored());
            assertEquals(List.of("uid-3", "uid-4"), FetchRun.of(pop3, FetchRun.plan("mbox", place, "limit=2")).stored());
        }
    }

    @Test
    void newestFirstBeginsAtTheEnd() {
        try (FakePop3 pop3 = new FakePop3().messages(4).start()) {
            assertEquals(List.of("uid-4", "uid-3"), FetchRun.of(pop3, FetchRun.plan("mbox", place, "limit=2", "newest-first")).stored());
            assertEquals(List.of("uid-2", "uid-1"), FetchRun.of(pop3, FetchRun.plan("mbox", place, "newest-first")).stored());
            assertEquals(List.of("RETR 4", "RETR 3", "RETR 2", "RETR 1"), pop3.commands("RETR"));
        }
    }

    @Test
    void largerOnesThanMaxSizeStayOnTheServer() {
        try (FakePop3 pop3 = new FakePop3().message("small", "Subject: small\r\n\r\n").message("large", "Subject: large\r\n\r\n" + "x".repeat(3000)).start()) {
            FetchRun run = FetchRun.of(pop3, FetchRun.plan("maildir", place, "max-size=1K", "delete"));
            assertEquals(List.of("small"), run.stored());
            assertEquals(List.of(1L, Exit.OK), List.of(run.summary().skipped(), run.exit()));
            assertEquals(List.of("large"), pop3.uidsLeft());
            assertEquals(List.of("RETR 1"), pop3.commands("RETR"));
        }
    }

    @Test
    void aMessageOfExactlyMaxSizeIsFetchedHoweverManyDotsItHas() {
        String dots = "Subject: dots\r\n\r\n" + ".\r\n".repeat(100);
        try (FakePop3 pop3 = new FakePop3().message("dots", dots).start()) {
            FetchRun run = FetchRun.of(pop3, FetchRun.plan("dir", place, "max-size=" + dots.length()));
            assertEquals(List.of(dots), StoredMail.in("dir", place), run::failure);
        }
    }

    @Test
    void matchChoosesBySubjectOrByTheFieldItNames() {
        String message = "From: %s@example.org\r\nSubject: %s\r\nX-Kind: %s\r\n\r\nbody\r\n";
        try (FakePop3 pop3 = new FakePop3().message("1", message.formatted("ops", "Backup done", "a")).message("2", message.formatted("ann", "Hello", "b"))
            .message("3", message.formatted("ops", "=?utf-8?B?YmFja3Vw?=", "c")).start()) {
            assertEquals(List.of("2"), FetchRun.of(pop3, FetchRun.plan("mbox", scratch.resolve("1"), "match=from=^ann")).stored());
            assertEquals(List.of("1", "3"), FetchRun.of(pop3, FetchRun.plan("mbox", scratch.resolve("2"), "match=backup")).stored());
            assertEquals(List.of("3"), FetchRun.of(pop3, FetchRun.plan("mbox", scratch.resolve("3"), "match=x-kind=c")).stored());
            assertEquals(List.of("RETR 2", "RETR 1", "RETR 3", "RETR 3"), pop3.commands("RETR"));
        }
    }

    @Test
    void matchNeedsTopUnlessTheUidDecides() {
        try (FakePop3 pop3 = new FakePop3().messages(2).without("TOP").start()) {
            FetchRun byUid = FetchRun.of(pop3, FetchRun.plan("mbox", place, "match=uid=-2$"));
            assertEquals(List.of("uid-2"), byUid.stored());
            FetchRun bySubject = FetchRun.of(pop3, FetchRun.plan("mbox", place, "match=subject-1"));
            assertEquals(Exit.DATA, bySubject.exit());
            assertTrue(bySubject.failure().contains("TOP"), bySubject::failure);
            assertEquals(List.of(), pop3.commands("TOP"));
        }
    }

    @Test
    void whereThereIsNoMessageNoHeaderIsMissed() {
        try (FakePop3 pop3 = new FakePop3().without("CAPA").start()) {
            FetchRun run = FetchRun.of(pop3, FetchRun.plan("mbox", place, "match=subject-1"));
            assertEquals(Exit.OK, run.exit(), run::failure);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1000})
    void theSizeOfCommitsChangesNothing(int every) {
        try (FakePop3 pop3 = new FakePop3().messages(50).pipelining().start()) {
            FetchRun run = FetchRun.of(pop3, FetchRun.plan("mbox", place, "commit-every=" + every, "delete"));
            assertEquals(50, run.stored().size());
            assertEquals(bodies(50), sorted(StoredMail.mbox(place)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox"})
    void nothingIsMixedUpWhileManyBatchesAreCommitted(String kind) {
        try (FakePop3 pop3 = new FakePop3().messages(200).pipelining().start()) {
            FetchRun run = FetchRun.of(pop3, FetchRun.plan(kind, place, "commit-every=5"));
            assertEquals(200, run.stored().size());
            assertEquals(bodies(200), sorted(StoredMail.in(kind, place)));
        }
    }

    // Pipelining

    @Test
    void whereItIsOfferedManyCommandsAreOnTheirWay() {
        try (FakePop3 pop3 = new FakePop3().messages(20).pipelining().patient().start()) {
            FetchRun.of(pop3, FetchRun.plan("mbox", place));
            int closing = pop3.commands("UIDL").size() - 1;
            assertEquals(5, closing, "after 1, 3, 7, 15 and 20 messages");
            assertEquals(20 + closing, pop3.mostInFlight());
        }
    }

    @Test
    void whereItIsNotOfferedOneCommandWaitsForTheOther() {
        try (FakePop3 pop3 = new FakePop3().messages(30).start()) {
            FetchRun.of(pop3, FetchRun.plan("mbox", place, "delete"));
            assertEquals(1, pop3.mostInFlight());
            assertEquals(List.of(), pop3.uidsLeft());
        }
    }

    // Accounts

    @Test
    void accountsKeepApartInPathsThatNameThem() {
        try (FakePop3 ops = new FakePop3().messages(2).start(); FakePop3 web = new FakePop3().messages(3).login("web", FakePop3.PASSWORD).start()) {
            Tool.Result result = Tool.with().env("XDG_CONFIG_HOME", accounts(ops, web).toString()).call("fetch", "-A", "ops", "-A", "web", "--maildir", place + "/{account}", "--delete");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(List.of(2, 3), List.of(StoredMail.in("maildir", place.resolve("ops")).size(), StoredMail.in("maildir", place.resolve("web")).size()));
            assertTrue(result.out().contains("ops: 2 fetched"), result::toString);
            assertTrue(result.out().contains("web: 3 fetched"), result::toString);
            assertEquals(List.of(), ops.uidsLeft());
            assertEquals(List.of(), web.uidsLeft());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox"})
    void accountsOfOneRunShareAStore(String kind) {
        try (FakePop3 ops = new FakePop3().messages(40).pipelining().start();
            FakePop3 web = new FakePop3().messages(60).pipelining().login("web", FakePop3.PASSWORD).start()) {
            Tool.Result result = Tool.with().env("XDG_CONFIG_HOME", accounts(ops, web).toString()).call("fetch", "-A", "ops", "-A", "web", "--" + kind, place.toString(), "--commit-every", "3", "--delete");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(100, StoredMail.in(kind, place).size());
            assertEquals(bodies(60), sorted(Set.copyOf(StoredMail.in(kind, place))));
            assertEquals(List.of(), ops.uidsLeft());
            assertEquals(List.of(), web.uidsLeft());
        }
    }

    @Test
    void oneFailingAccountDoesNotStopTheOthers() {
        try (FakePop3 ops = new FakePop3().messages(2).on("PASS", "-ERR [AUTH] no").start();
            FakePop3 web = new FakePop3().messages(3).login("web", FakePop3.PASSWORD).start()) {
            Tool.Result result = Tool.with().env("XDG_CONFIG_HOME", accounts(ops, web).toString()).call("fetch", "-A", "ops", "-A", "web", "--maildir", place.toString(), "--json");
            assertEquals(77, result.exit(), result::toString);
            assertEquals(3, StoredMail.in("maildir", place).size());
            JsonObject last = lastLine(result);
            assertEquals(3, last.get("fetched").getAsInt());
            assertEquals(77, last.get("exit").getAsInt());
        }
    }

    @Test
    void aStoreThatFailsStopsOnlyItsOwnAccount() {
        scratch.write("web", "this is no folder");
        try (FakePop3 ops = new FakePop3().messages(2).start(); FakePop3 web = new FakePop3().messages(3).login("web", FakePop3.PASSWORD).start()) {
            Tool.Result result = Tool.with().env("XDG_CONFIG_HOME", accounts(ops, web).toString()).call("fetch", "-A", "ops", "-A", "web", "--maildir", scratch.path() + "/{account}");
            assertEquals(73, result.exit(), result::toString);
            assertEquals(2, StoredMail.in("maildir", scratch.resolve("ops")).size());
            assertEquals(List.of(), web.commands("RETR"));
        }
    }

    @Test
    void failuresOfSeveralAccountsNameTheirAccount() {
        try (FakePop3 ops = new FakePop3().greeting("-ERR [SYS/TEMP] later").start(); FakePop3 web = new FakePop3().login("web", FakePop3.PASSWORD).start()) {
            Tool.Result result = Tool.with().env("XDG_CONFIG_HOME", accounts(ops, web).toString()).call("fetch", "-A", "ops", "-A", "web", "--maildir", scratch.path() + "/{account}");
            assertEquals(75, result.exit(), result::toString);
            assertTrue(result.err().startsWith("mailtool: ops: "), result::toString);
        }
    }

    /** Each command is content only if no other one runs. */
    @Test
    void oneSecretIsAskedForAfterTheOtherAndOneThatFailsStopsNoOther() {
        String alone = "mkdir %1$s && sleep 0.3 && rmdir %1$s && echo %2$s".formatted(scratch.resolve("one"), FakePop3.PASSWORD);
        try (FakePop3 ops = new FakePop3().messages(1).start(); FakePop3 web = new FakePop3().messages(1).login("web", FakePop3.PASSWORD).start()) {
            Path file = scratch.write("secrets", "a.pop3 = %s\na.password-command = %s\nb.pop3 = %s\nb.password-command = exit 1\nc.pop3 = %s\nc.password-command = %s\n"
                .formatted(ops.userUrl(), alone, ops.url("none"), web.url("web"), alone));
            Tool.Result result = Tool.with().call("fetch", "--config", file.toString(), "-A", "a", "-A", "b", "-A", "c", "--maildir", scratch.path() + "/{account}");
            assertEquals(78, result.exit(), result::toString);
            assertEquals(List.of("a: 1 fetched (54)", "b: 0 fetched", "c: 1 fetched (54)"), result.out().lines().sorted().toList());
        }
    }

    @Test
    void aCommandDoesNotWriteBetweenTheJson() {
        try (FakePop3 pop3 = new FakePop3().messages(1).start()) {
            Tool.Result result = fetchByTool(pop3, "--pipe", "cat", "--json");
            result.out().lines().forEach(JsonParser::parseString);
            assertEquals(2, result.out().lines().count(), result::toString);
            assertTrue(result.err().contains("body of 1"), result::toString);
            assertTrue(fetchByTool(pop3, "--pipe", "cat", "--all").out().contains("body of 1"));
        }
    }

    @Test
    void aFullStdoutIsSaidOnce() {
        try (FakePop3 pop3 = new FakePop3().messages(1).start()) {
            Tool.Result result = Program.of("/bin/sh", "-c", "exec " + Java.quoted() + " mailtool.MailTool fetch -S " + pop3.userUrl()
                + " --maildir store >/dev/full").env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call();
            assertEquals(73, result.exit(), result::toString);
            assertEquals(1, result.err().lines().count(), result::toString);
        }
    }

    @Test
    void oneMaildropIsNotFetchedTwiceAtATimeIntoOneStore() {
        try (FakePop3 ops = new FakePop3().messages(2).start()) {
            String config = accounts(ops, ops).toString();
            Tool.Result twice = Tool.with().env("XDG_CONFIG_HOME", config).call("fetch", "-A", "ops", "-A", "ops", "--maildir", place.toString());
            assertEquals(64, twice.exit(), twice::toString);
            assertEquals(List.of(), ops.commands());
        }
    }

    private Path accounts(FakePop3 ops, FakePop3 web) {
        scratch.folder("config/mailtool");
        Path file = scratch.write("config/mailtool/accounts", """
            ops.pop3 = %s
            ops.password-command = echo %s
            web.pop3 = %s
            web.password-command = echo %s
            """.formatted(ops.userUrl(), FakePop3.PASSWORD, web.url("web"), FakePop3.PASSWORD));
        file.toFile().setReadable(false, false);
        file.toFile().setReadable(true, true);
        return scratch.resolve("config");
    }

    // What is said

    @Test
    void aSummaryEndsTheRun() {
        try (FakePop3 pop3 = new FakePop3().messages(3).on("RETR 2", "-ERR broken").start()) {
            Tool.Result result = fetchByTool(pop3, "--maildir", place.toString(), "--delete");
            assertEquals("ops@localhost: 2 fetched (108), 1 left, 2 deleted\n", result.out());
            assertTrue(result.err().contains("message 2 (uid-2): -ERR broken"), result::toString);
            assertEquals(75, result.exit());
            pop3.messages(1);
            Tool.Result next = fetchByTool(pop3, "--maildir", place.toString(), "--max-size", "50");
            assertEquals("ops@localhost: 0 fetched, 2 too large\n", next.out(), "after its deletion uid-1 may be another's");
            assertEquals(0, next.exit());
        }
    }

    @Test
    void jsonIsOneLineAMessageAndALastOneWithTheSums() {
        try (FakePop3 pop3 = new FakePop3().messages(3).on("RETR 2", "-ERR broken \u001b[2J").start()) {
            Tool.Result result = fetchByTool(pop3, "--maildir", place.toString(), "--delete", "--json");
            List<JsonObject> lines = result.out().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
            assertEquals(4, lines.size(), result::toString);
            for (JsonObject line : lines.subList(0, 3)) {
                assertEquals(Set.of("account", "number", "uid", "ok", "file", "size", "deleted", "reply", "error"), line.keySet());
                boolean ok = line.get("number").getAsInt() != 2;
                assertEquals(List.of(ok, ok, !ok, !ok, !ok), List.of(line.get("ok").getAsBoolean(), line.get("deleted").getAsBoolean(),
                    line.get("file").isJsonNull(), !line.get("reply").isJsonNull(), !line.get("error").isJsonNull()), line::toString);
                assertEquals("ops@localhost", line.get("account").getAsString());
                assertEquals("uid-" + line.get("number").getAsInt(), line.get("uid").getAsString());
            }
            JsonObject sums = lines.get(3);
            assertEquals(List.of(2, 1, 2, 75), Stream.of("fetched", "refused", "deleted", "exit").map(key -> sums.get(key).getAsInt()).toList());
            assertFalse(result.out().contains("\u001b"));
        }
    }

    private String shownBy(String terminal) {
        try (FakePop3 pop3 = new FakePop3().messages(1).message("big", "Subject: big\r\n\r\n" + "x".repeat(3_000_000)).start()) {
            Tool.Result result = Tool.with().env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).env("TERM", terminal).onTerminal()
                .call("fetch", "-S", pop3.userUrl(), "--maildir", place.toString());
            assertEquals(0, result.exit(), result::toString);
            assertTrue(result.out().contains("2 fetched"), result::toString);
            return result.out();
        }
    }

    @Test
    void aDumbTerminalShowsNothingThatItCantTakeBack() {
        String shown = shownBy("dumb");
        assertFalse(shown.contains("\u001b"), shown);
    }

    @Test
    void aTerminalShowsHowFarItIs() {
        String shown = shownBy("xterm");
        assertTrue(shown.contains("of 3.0 MB"), shown);
    }

    @Test
    void aScriptGetsWhatBecameOfEachMessageAndTheSums() {
        DovecotUser user = Dovecot.shared().newUser("dsl").deposit("Subject: one\n\n").deposit("Subject: two\n\n");
        FetchRun run = FetchRun.of(user, fetching().maildir(place).delete());
        assertEquals(List.of(1, 2), run.messages().stream().map(Fetched::number).toList());
        assertTrue(run.messages().stream().allMatch(message -> message.ok() && message.deleted() && message.reply().isEmpty()));
        assertEquals(List.of(2L, 2L, 0L), List.of(run.summary().fetched(), run.summary().deleted(), run.summary().known()));
        assertEquals(0, user.count());
    }

    @Test
    void thereIsOnePlaceAndOneFateOfWhatIsStored() {
        String url = "pop3://ops@localhost:1";
        assertEquals(64, Tool.run("fetch", "-S", url).exit());
        assertEquals(64, Tool.run("fetch", "-S", url, "--maildir", "a", "--mbox", "b").exit());
        assertEquals(64, Tool.run("fetch", "-S", url, "--maildir", "a", "--delete", "--delete-after", "1d").exit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--maildir", "--mbox", "--dir", "--pipe"})
    void anEmptyPlaceIsAVariableThatIsNotSet(String option) {
        try (FakePop3 pop3 = new FakePop3().messages(2).start()) {
            for (String empty : List.of("", " ")) {
                Tool.Result result = fetchByTool(pop3, option, empty, "--delete");
                assertEquals(64, result.exit(), result::toString);
                assertTrue(result.err().contains(option + " is empty"), result::toString);
            }
            assertEquals(2, pop3.uidsLeft().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--maildir a --maildir b", "--maildir a --delete-after 1d --delete-after 2d", "--maildir a --delete-after 14"})
    void whatCouldFetchOrDeleteTheWrongMailIsRefused(String options) {
        Tool.Result result = Tool.run(("fetch -S pop3://ops@localhost:1 " + options).split(" "));
        assertEquals(64, result.exit(), result::toString);
        assertTrue(result.err().contains("is given twice") || result.err().contains("with its unit"), result::toString);
    }

    // Many

    @Test
    void manyKnownMessagesNeedLittleMemory() {
        scratch.folder("store/new");
        String uids = IntStream.rangeClosed(1, 20_000).mapToObj(number -> "+" + "0".repeat(MailId.DIGITS) + " uid-" + number + "\n").collect(Collectors.joining());
        scratch.write("store/.mailtool-journal", "mailtool journal 2\nbegin 1763700000\nfrom ops@localhost\n" + uids + "done\n");
        try (FakePop3 pop3 = new FakePop3().messages(20_001).start()) {
            Tool.Result result = Tool.with().jvm("-Xmx32m").env("MAILTOOL_PASSWORD", FakePop3.PASSWORD)
                .call("fetch", "-S", pop3.userUrl(), "--maildir", place.toString());
            assertEquals("ops@localhost: 1 fetched (62), 20000 known\n", result.out(), result::toString);
        }
    }

    @Test
    void manyNewMessagesNeedLittleMemory() {
        try (FakePop3 pop3 = new FakePop3().messages(30_000).start()) {
            Tool.Result result = Tool.with().jvm("-Xmx10m").env("MAILTOOL_PASSWORD", FakePop3.PASSWORD)
                .call("fetch", "-S", pop3.userUrl(), "--mbox", scratch.resolve("many").toString());
            assertTrue(result.out().startsWith("ops@localhost: 30000 fetched"), result::toString);
        }
    }

    // Short forms

    /** All runs of a test have one home. */
    private Tool.Result fetchByTool(FakePop3 pop3, String... options) {
        String[] words = Stream.concat(Stream.of("fetch", "-S", pop3.userUrl()), Stream.of(options)).toArray(String[]::new);
        return Tool.with().home(scratch.folder("home")).env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call(words);
    }

    private static JsonObject lastLine(Tool.Result result) {
        List<String> lines = result.out().lines().toList();
        return JsonParser.parseString(lines.get(lines.size() - 1)).getAsJsonObject();
    }

    private static List<String> bodies(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(number -> "From: a@example.org\nSubject: subject-" + number + "\n\nbody of " + number + "\n").sorted().toList();
    }

    private static List<String> sorted(String... messages) {
        return Stream.of(messages).sorted().toList();
    }

    private static List<String> sorted(Collection<String> messages) {
        return messages.stream().sorted().toList();
    }
}
