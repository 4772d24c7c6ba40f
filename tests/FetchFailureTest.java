package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import mailtool.MailTool.Exit;
import mailtool.MailTool.Fetched;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Summary;

/** Whatever goes wrong: nothing is lost, nothing doubled, nothing deleted that is not stored, and the exit code says what to do. */
final class FetchFailureTest {
    @AutoClose
    private final Scratch scratch = Scratch.create("failure");

    private Path place(String kind) {
        return scratch.resolve(kind);
    }

    private FetchRun fetch(FakePop3 pop3, String kind, String... options) {
        return FetchRun.of(FetchRun.server(pop3.userUrl()).set("timeout", "2s"), FetchRun.plan(kind, place(kind), options));
    }

    private List<String> subjects(String kind) {
        return StoredMail.in(kind, place(kind)).stream().map(message -> message.replaceAll("(?s).*subject-(\\d+).*", "$1")).sorted().toList();
    }

    // One message

    @ParameterizedTest
    @CsvSource({"-ERR no such message,TEMPORARY", "-ERR [SYS/TEMP] later,TEMPORARY", "-ERR [SYS/PERM] never,PARTIAL", "-ERR [IN-USE] no,TEMPORARY", "-ERR [AUTH] no,TEMPORARY"})
    void aMessageThatTheServerRefusesIsSkippedReportedAndTriedNextTime(String reply, Exit exit) {
        try (FakePop3 pop3 = new FakePop3().messages(3).pipelining().once("RETR 2", reply).start()) {
            FetchRun run = fetch(pop3, "maildir", "delete");
            assertEquals(List.of(2), run.refused());
            assertEquals(exit, run.exit());
            assertTrue(run.failure().contains("refused 1 message: "), run::failure);
            assertEquals(List.of("uid-2"), pop3.uidsLeft());
            FetchRun next = fetch(pop3, "maildir", "delete");
            assertEquals(List.of("uid-2"), next.stored());
            assertEquals(List.of("1", "2", "3"), subjects("maildir"));
        }
    }

    @Test
    void aRefusedDeletionConcernsItsMessageOnly() {
        try (FakePop3 pop3 = new FakePop3().messages(3).once("DELE 2", "-ERR [IN-USE] no").start()) {
            FetchRun run = fetch(pop3, "mbox", "delete");
            assertEquals(List.of(2L, 3L, Exit.TEMPORARY), List.of(run.summary().deleted(), run.summary().fetched(), run.exit()));
            assertEquals(List.of(1, 2, 3), run.messages().stream().map(message -> message.number()).toList());
            assertEquals(List.of(2), run.refused());
            assertEquals(List.of("uid-2"), pop3.uidsLeft());
            assertEquals(0, fetch(pop3, "mbox", "delete").summary().fetched());
            assertEquals(List.of(), pop3.uidsLeft());
        }
    }

    @Test
    void aHomeThatCanNotBeWrittenHasAWayRound() {
        scratch.write(".local", "no folder");
        Tool.Result result = Pop3Calls.tool().home(scratch.path()).call("fetch", "-S", "pop3://ops@localhost:1", "--pipe", "cat");
        assertEquals(73, result.exit(), result::toString);
        assertTrue(result.err().contains("XDG_STATE_HOME"), result::toString);
        assertEquals(75, Pop3Calls.tool().home(scratch.path()).env("XDG_STATE_HOME", scratch.folder("state").toString())
            .call("fetch", "-S", "pop3://ops@localhost:1", "--pipe", "cat").exit());
    }

    @Test
    void refusalsAtGreetingAndLoginEndTheSession() {
        assertEquals(Exit.POLICY, login("-ERR [SYS/PERM] no"));
        assertEquals(Exit.AUTH, login("-ERR no"));
        assertEquals(Exit.TEMPORARY, login("-ERR [IN-USE] locked"));
        try (FakePop3 pop3 = new FakePop3().greeting("-ERR [SYS/TEMP] full").start()) {
            assertEquals(Exit.TEMPORARY, assertThrows(MailException.class, () -> fetch(pop3, "maildir")).exit());
        }
    }

    private Exit login(String reply) {
        try (FakePop3 pop3 = new FakePop3().messages(1).on("PASS", reply).start()) {
            return assertThrows(MailException.class, () -> fetch(pop3, "maildir")).exit();
        }
    }

    // The network

    static List<Object[]> cuts() {
        List<Object[]> cuts = new ArrayList<>();
        for (String kind : List.of("maildir", "mbox")) {
            for (int after : new int[] {0, 1, 5, 13, 14, 15, 16, 40, 67, 69, 70, 71}) {
                cuts.add(new Object[] {kind, after});
            }
        }
        return cuts;
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void aBodyThatEndsAnywhereIsNotStoredTheOthersAreAndTheNextRunHasItOnce(String kind, int after) throws IOException {
        for (ScriptedServer.Script end : List.<ScriptedServer.Script>of(ScriptedPeer::close, ScriptedPeer::reset)) {
            try (FakePop3 pop3 = new FakePop3().messages(4).pipelining().cutOnce("RETR 3", after, end).start()) {
                FetchRun cut = fetch(pop3, kind, "delete");
                assertEquals(Exit.TEMPORARY, cut.exit(), cut::failure);
                assertEquals(List.of("1", "2", "4"), subjects(kind));
                assertEquals(List.of("uid-3"), pop3.uidsLeft());
                assertEquals(List.of(3), cut.refused());
                assertEquals(Exit.OK, fetch(pop3, kind, "delete").exit());
                assertEquals(List.of("1", "2", "3", "4"), subjects(kind));
                assertEquals(List.of(), pop3.uidsLeft());
            }
            try (Stream<Path> all = Files.walk(scratch.path())) {
                all.filter(Files::isRegularFile).forEach(file -> file.toFile().delete());
            }
        }
    }

    /** Who waits in vain within a flight can't know which of its messages is to blame. */
    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox"})
    void aBodyThatStallsOnceComesOverANewConnection(String kind) {
        try (FakePop3 pop3 = new FakePop3().messages(4).pipelining().cutOnce("RETR 3", 40, ScriptedPeer::stall).start()) {
            assertEquals(Exit.OK, fetch(pop3, kind, "delete").exit());
            assertEquals(List.of("1", "2", "3", "4"), subjects(kind));
            assertEquals(List.of(), pop3.uidsLeft());
            assertEquals(2, pop3.peers().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CAPA", "USER", "PASS", "STAT", "UIDL", "DELE"})
    void aConnectionThatEndsAtAnyCommandIsToTryAgain(String command) {
        try (FakePop3 pop3 = new FakePop3().messages(3).cutOnce(command, 2, ScriptedPeer::close).start()) {
            assertEquals(Exit.TEMPORARY, exit(pop3));
            assertEquals(command.equals("DELE") ? List.of("uid-1") : List.of("uid-1", "uid-2", "uid-3"), pop3.uidsLeft());
            assertEquals(Exit.OK, exit(pop3));
            assertEquals(List.of("1", "2", "3"), subjects("mbox"));
            assertEquals(List.of(), pop3.uidsLeft());
        }
    }

    private Exit exit(FakePop3 pop3) {
        try {
            return fetch(pop3, "mbox", "delete").exit();
        } catch (MailException e) {
            return e.exit();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLostReplyToQuitIsSaidAndCostsNothing(boolean carriedOut) {
        try (FakePop3 pop3 = new FakePop3().messages(3).start()) {
            if (carriedOut) {
                pop3.cutOnce("QUIT", 0, ScriptedPeer::close);
            } else {
                pop3.once("QUIT", ScriptedPeer::close);
            }
            FetchRun run = fetch(pop3, "mbox", "delete");
            assertEquals(List.of(Exit.TEMPORARY, 0L), List.of(run.exit(), run.summary().deleted()));
            assertTrue(run.failure().contains("QUIT"), run::failure);
            assertTrue(run.summary().failure().orElseThrow().hint().contains("next run"), run::toString);
            assertTrue(run.messages().stream().noneMatch(message -> message.deleted()), run::toString);
            assertEquals(carriedOut ? 0 : 3, pop3.awaitEnd().uidsLeft().size());
            assertEquals(Exit.OK, fetch(pop3, "mbox", "delete").exit());
            assertEquals(List.of("1", "2", "3"), subjects("mbox"));
            assertEquals(List.of(), pop3.uidsLeft());
        }
    }

    @Test
    void aRefusedQuitIsSaidAndTriedAgain() {
        try (FakePop3 pop3 = new FakePop3().messages(2).once("QUIT", "-ERR some not removed").start()) {
            FetchRun run = fetch(pop3, "mbox", "delete");
            assertEquals(List.of(Exit.TEMPORARY, 0L), List.of(run.exit(), run.summary().deleted()));
            assertEquals(Exit.OK, fetch(pop3, "mbox", "delete").exit());
            assertEquals(List.of("1", "2"), subjects("mbox"));
            assertEquals(List.of(), pop3.uidsLeft());
        }
    }

    @Test
    void aBodyThatTricklesIsGivenUp() {
        try (FakePop3 pop3 = new FakePop3().messages(2).trickle("RETR 1", Duration.ofMillis(500)).start()) {
            FetchRun run = fetch(pop3, "maildir", "delete");
            assertEquals(Exit.TEMPORARY, run.exit());
            assertEquals(List.of("2"), subjects("maildir"));
            assertEquals(List.of("uid-1"), pop3.uidsLeft());
        }
    }

    @Test
    void aReplyThatIsNoneIsAnErrorOfTheServer() {
        try (FakePop3 pop3 = new FakePop3().messages(3).once("RETR 2", "HTTP/1.1 400 Bad Request").start()) {
            FetchRun run = fetch(pop3, "maildir", "delete");
            assertEquals(Exit.PROTOCOL, run.exit());
            assertEquals(List.of("1", "3"), subjects("maildir"));
            assertEquals(List.of("uid-2"), pop3.uidsLeft());
            assertEquals(List.of(2), run.refused());
        }
    }

    @Test
    void anEndlessBodyIsCutAtMaxSize() {
        try (FakePop3 pop3 = new FakePop3().messages(1).endless("RETR", "+OK\r\n", "more\r\n").start()) {
            assertEquals(Exit.TEMPORARY, fetch(pop3, "maildir", "max-size=1M").exit());
            assertEquals(List.of(), files(place("maildir").resolve("tmp")));
        }
    }

    @Test
    void aBareLfEndsNoBody() {
        String body = "Subject: subject-1\r\n\r\none\n.\ntwo\r\n";
        try (FakePop3 pop3 = new FakePop3().message("a", body).start()) {
            assertEquals(Exit.OK, fetch(pop3, "dir").exit());
            assertEquals(List.of(body), StoredMail.in("dir", place("dir")));
        }
    }

    // The disk

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox", "dir"})
    void aFullDiskIsSaidAndLosesNothing(String kind) {
        Need.root("mounting a file system");
        Path mount = scratch.folder("mount");
        SystemCommand.run("mount", "-t", "tmpfs", "-o", "size=300k", "none", mount);
        try (FakePop3 pop3 = new FakePop3().pipelining().start()) {
            for (int number = 1; number <= 20; number++) {
                pop3.message("uid-" + number, "Subject: subject-" + number + "\r\n\r\n" + ("x".repeat(70) + "\r\n").repeat(400));
            }
            Path store = mount.resolve("store");
            FetchRun full = FetchRun.of(pop3, FetchRun.plan(kind, store, "delete", "commit-every=3"));
            assertEquals(Exit.OUTPUT, full.exit(), full::failure);
            assertEquals(List.of(), pop3.uidsRemoved());
            assertTrue(full.summary().fetched() > 0, full::toString);
            SystemCommand.run("mount", "-o", "remount,size=3m", mount);
            FetchRun rest = FetchRun.of(pop3, FetchRun.plan(kind, store, "delete", "commit-every=3"));
            assertEquals(Exit.OK, rest.exit(), rest::failure);
            assertEquals(20, full.summary().fetched() + rest.summary().fetched());
            assertEquals(20, StoredMail.in(kind, store).stream().distinct().count());
            assertEquals(20, StoredMail.in(kind, store).size());
            assertEquals(List.of(), pop3.uidsLeft());
        } finally {
            SystemCommand.run("umount", mount);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--maildir place/store", "--dir place/store", "--mbox place/store", "--pipe cat"})
    void aStoreThatGoesAwayInTheMidstIsOneFailure(String where) {
        Path place = scratch.resolve(where.contains("pipe") ? "state/mailtool" : "place");
        try (FakePop3 pop3 = new FakePop3().messages(3).once("RETR 2", peer -> {
            Files.move(place, scratch.resolve("gone"));
            peer.say("+OK", "Subject: subject-2", "", "x", ".");
        }).start()) {
            String[] words = ("fetch -S " + pop3.userUrl() + " --json --delete --commit-every 1 "
                + where.replace("place", place.toString())).split(" ");
            Tool.Result run = tool().env("XDG_STATE_HOME", scratch.resolve("state").toString()).call(words);
            assertEquals(73, run.exit(), run::toString);
            String sums = run.out().lines().reduce("", (before, line) -> line);
            assertEquals(2, sums.split("\"account\":").length, sums);
            assertEquals(List.of(), pop3.commands("DELE"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox"})
    void aJournalThatCannotBeReplacedIsSaidBeforeAnythingIsAsked(String kind) {
        scratch.folder("maildir/.mailtool-journal");
        scratch.folder(".mbox.mailtool-journal");
        try (FakePop3 pop3 = new FakePop3().messages(1).start()) {
            Tool.Result result = tool().call("fetch", "-S", pop3.userUrl(), "--" + kind, place(kind).toString(), "--delete");
            assertEquals(73, result.exit(), result::toString);
            assertEquals(List.of(), pop3.commands());
        }
    }

    @Test
    void aJournalOfSomebodyElsesIsNotTouched() {
        scratch.folder("maildir");
        Path journal = scratch.write("maildir/.mailtool-journal", "something else\n");
        try (FakePop3 pop3 = new FakePop3().messages(1).start()) {
            assertEquals(Exit.OUTPUT, fetch(pop3, "maildir", "delete").exit());
            assertEquals("something else\n", StoredMail.text(journal));
            assertEquals(List.of(), pop3.commands("RETR"));
        }
    }

    // Two at once

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox"})
    void aSecondRunStopsAtOnceAndNamesTheLock(String kind) throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(2).on("RETR 2", ScriptedPeer::stall).start();
            RunningTool first = tool().start("fetch", "-S", pop3.userUrl(), "--" + kind, place(kind).toString())) {
            Eventually.until("a stalled run", () -> !pop3.commands("RETR").isEmpty());
            int before = pop3.peers().size();
            Tool.Result second = tool().call("fetch", "-S", pop3.userUrl(), "--" + kind, place(kind).toString());
            assertEquals(75, second.exit(), second::toString);
            String lock = kind.equals("mbox") ? scratch.resolve(".mbox.mailtool-lock").toString() : place(kind).resolve(".mailtool-lock").toString();
            assertTrue(second.err().contains(lock), second::toString);
            assertEquals(before, pop3.peers().size());
            first.process().destroyForcibly().onExit().join();
        }
        try (FakePop3 pop3 = new FakePop3().messages(2).start()) {
            assertEquals(Exit.OK, fetch(pop3, kind).exit());
            assertEquals(List.of("1", "2"), subjects(kind));
        }
    }

    // Signals

    @ParameterizedTest
    @CsvSource({"INT,130,maildir", "TERM,143,mbox"})
    void aSignalEndsItWithoutQuitAndWhatIsStoredIsJournalled(String signal, int exit, String kind) {
        try (FakePop3 pop3 = new FakePop3().messages(3).message("uid-4", "Subject: subject-4\r\n\r\n" + "x".repeat(400_000)).pipelining()
            .cutOnce("RETR 4", 300_000, ScriptedPeer::stall).start()) {
            try (RunningTool running = tool().start("fetch", "-S", pop3.userUrl(), "--" + kind, place(kind).toString(), "--delete", "--json")) {
                Eventually.until("the beginning of the fourth message", () -> hasBegunTheFourth(kind));
                Tool.Result result = running.signal(signal).await();
                assertEquals(exit, result.exit(), result::toString);
                assertEquals(List.of("1", "2", "3"), subjects(kind));
                assertEquals(3, result.out().lines().filter(line -> line.contains("\"ok\":true") && line.contains("uid-")).count(), result::toString);
                assertEquals(List.of(List.of(), List.of()), List.of(pop3.commands("QUIT"), pop3.commands("DELE")));
                assertEquals(List.of(), drafts(kind));
                String sums = result.out().lines().reduce((first, last) -> last).orElse("");
                assertTrue(sums.contains("\"fetched\":3") && sums.contains("interrupted"), result::toString);
            }
            FetchRun rest = fetch(pop3, kind, "delete");
            assertEquals(List.of(3L, 1L), List.of(rest.summary().known(), rest.summary().fetched()));
            assertEquals(List.of("1", "2", "3", "4"), subjects(kind));
        }
    }

    private List<String> drafts(String kind) {
        Path folder = kind.equals("mbox") ? scratch.path() : place(kind).resolve("tmp");
        return files(folder).stream().filter(name -> kind.equals("maildir") || name.contains("spool")).toList();
    }

    private boolean hasBegunTheFourth(String kind) {
        if (kind.equals("mbox")) {
            return drafts(kind).stream().anyMatch(spool -> StoredMail.text(scratch.resolve(spool)).contains("subject-4"));
        }
        return files(place(kind).resolve("tmp")).size() == 4;
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox", "dir"})
    void aScriptThatIsInterruptedKeepsWhatIsWhole(String kind) {
        try (FakePop3 pop3 = new FakePop3().messages(20).start()) {
            FetchRun run;
            try (Pop3 box = FetchRun.server(pop3.userUrl()).open()) {
                List<Fetched> messages = new ArrayList<>();
                Summary summary = box.fetch(FetchRun.plan(kind, place(kind), "commit-every=2"), message -> {
                    messages.add(message);
                    Thread.currentThread().interrupt();
                });
                run = new FetchRun(messages, summary);
            } finally {
                assertTrue(Thread.interrupted());
            }
            assertEquals(Exit.INTERRUPTED, run.exit(), run::failure);
            assertTrue(run.stored().size() >= 2 && run.stored().size() < 20, run::toString);
            assertEquals(20 - run.stored().size(), fetch(pop3, kind).summary().fetched());
            assertEquals(20, new HashSet<>(subjects(kind)).size());
            assertEquals(20, subjects(kind).size());
        }
    }

    /** What is proven is stored all the same. */
    @Test
    void aScriptThatFailsAtOneMessageLosesNoOther() {
        try (FakePop3 pop3 = new FakePop3().messages(5).start(); Pop3 box = FetchRun.server(pop3.userUrl()).open()) {
            List<String> uids = new ArrayList<>();
            IllegalStateException failure = assertThrows(IllegalStateException.class, () ->
                box.fetch(FetchRun.plan("maildir", place("maildir"), "commit-every=1"), message -> {
                    uids.add(message.uid());
                    if (uids.size() == 1) {
                        throw new IllegalStateException("once");
                    }
                }));
            assertEquals(0, failure.getSuppressed().length, () -> "" + failure.getSuppressed()[0]);
            assertEquals(uids.size() - 1, subjects("maildir").size(), uids::toString);
            assertEquals(List.of("uid-1", "uid-1", "uid-2"), uids.subList(0, 3));
        }
    }

    @Test
    void aSignalBeforeTheServerSpeaksEndsIt() {
        try (ScriptedServer silent = ScriptedServer.start(ScriptedPeer::stall);
            RunningTool running = tool().start("fetch", "-S", "pop3://ops@localhost:" + silent.port(), "--maildir", place("maildir").toString())) {
            silent.peer(0);
            assertEquals(143, running.signal("TERM").await().exit());
        }
    }

    private static Tool tool() {
        return Tool.with().env("MAILTOOL_PASSWORD", FakePop3.PASSWORD);
    }

    private static List<String> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
