package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.apache.commons.io.function.Uncheck;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where fetched messages go: octet by octet, and what stands in the way. */
@SuppressWarnings("auxiliaryclass")
class StoreTest {
    private static final Maildrop OPS = new Maildrop("ops", "mail.example.org");
    private static final String FROM_LINE = "From MAILER-DAEMON (Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 123]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}\n";
    private final Scratch scratch = Scratch.create("store");
    private final Path maildir = scratch.resolve("Maildir");
    private final Path mbox = scratch.resolve("mbox");
    private final Path journal = scratch.resolve(".mbox.mailtool-journal");

    @AfterEach
    void removeScratch() {
        scratch.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        a\\r\\nb\\r\\n                | a\\nb\\n
        a\\rb\\r\\n                   | a\\rb\\n
        a\\nb\\r\\n                   | a\\nb\\n
        a\\r\\r\\nb\\r\\n             | a\\r\\nb\\n
        a\\n\\rb\\r\\n                | a\\n\\rb\\n
        nul\\0and\\351\\r\\n          | nul\\0and\\351\\n
        no end                        | no end
        ends with\\r                  | ends with\\r
        From x\\r\\n                  | From x\\n
        """)
    void aMaildirHoldsLfLineEndsAndEveryOtherOctetAsItCame(String came, String stored) throws IOException {
        for (int piece : new int[] {1, 2, 3, 1000}) {
            store(Store.maildir(maildir, Fingerprint::of), "uid-" + piece, octets(came), piece);
        }
        for (Path file : StoreProcess.files(maildir.resolve("new"))) {
            assertEquals(text(octets(stored)), text(Files.readAllBytes(file)));
        }
        assertEquals(4, StoreProcess.files(maildir.resolve("new")).size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        a\\r\\n                       | a\\n
        a                             | a\\n
        From x\\r\\n                  | >From x\\n
        a\\r\\nFrom x\\r\\n           | a\\n>From x\\n
        a\\nFrom x\\r\\n              | a\\n>From x\\n
        a\\rFrom x\\r\\n              | a\\rFrom x\\n
        a\\r\\n>From x\\r\\n          | a\\n>>From x\\n
        a\\r\\n>>>From x\\r\\n        | a\\n>>>>From x\\n
        a\\r\\n> From x\\r\\n         | a\\n> From x\\n
        a\\r\\nFrom: x\\r\\n          | a\\nFrom: x\\n
        a\\r\\nFromage\\r\\n          | a\\nFromage\\n
        a\\r\\nFroFrom x\\r\\n        | a\\nFroFrom x\\n
        a\\r\\nFro\\r\\nFrom x\\r\\n  | a\\nFro\\n>From x\\n
        a\\r\\nFrom                   | a\\nFrom\\n
        a\\r\\n\\r\\n\\r\\n           | a\\n\\n\\n
        nul\\0and\\351\\r             | nul\\0and\\351\\r\\n
        """)
    void anMboxQuotesWhatLooksLikeABeginning(String came, String stored) throws IOException {
        StringBuilder expected = new StringBuilder();
        for (int piece : new int[] {1, 2, 5, 1000}) {
            store(Store.mbox(mbox), "uid-" + piece, octets(came), piece);
            expected.append("FROM\n").append(text(octets(stored))).append("\n");
        }
        assertEquals(expected.toString(), read(mbox).replaceAll(FROM_LINE, "FROM\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ''                     | ''
        \\n                    | \\n
        From x\\n\\nhello\\n\\n | From x\\n\\nhello\\n\\n
        From x\\n\\nhello\\n   | From x\\n\\nhello\\n\\n
        From x\\n\\nhello      | From x\\n\\nhello\\n\\n
        """)
    void anMboxGetsTheEmptyLineThatOthersLeftOut(String before, String then) throws IOException {
        Files.write(mbox, octets(before));
        store(Store.mbox(mbox), "uid", octets("a\\r\\n"), 10);
        assertEquals(text(octets(then)) + "FROM\na\n\n", read(mbox).replaceAll(FROM_LINE, "FROM\n"));
    }

    @Test
    void aFolderHoldsTheOctetsAsTheyCame() throws IOException {
        byte[] came = octets("a\\r\\nb\\rc\\nd\\0\\351\\r\\nFrom x");
        store(Store.folder(scratch.resolve("mails"), Fingerprint::of), "uid", came, 3);
        Path file = only(emls(scratch.resolve("mails")));
        assertEquals(text(came), text(Files.readAllBytes(file)));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(scratch.resolve("mails"))));
    }

    @Test
    void aNameInAMaildirTellsWhoseMessageItIs() throws IOException {
        store(Store.maildir(maildir, Fingerprint::of), "uid", octets("a\\r\\n"), 10);
        String name = only(StoreProcess.files(maildir.resolve("new"))).getFileName().toString();
        assertTrue(name.matches("\\d{10,}\\.I[0-9a-f]{64}P\\d+Q\\d+\\.[A-Za-z0-9_.-]+"), name);
        assertTrue(name.contains(OPS.id(mail("uid", "a\r\n"))), name);
        assertEquals(OPS.id(mail("uid", "a")), new Maildrop("ops", "MAIL.Example.org").id(mail("uid", "a")));
        List<MailId> others = List.of(mail("uid", "b"), mail("other", "a"));
        assertEquals(3, Stream.concat(others.stream(), Stream.of(mail("uid", "a"))).map(OPS::id).distinct().count());
        others.forEach(other -> assertTrue(OPS.id(other).startsWith(OPS.mark()), other::toString));
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox", "folder"})
    void whatIsAbandonedOrNeverCommittedLeavesNothing(String kind) throws IOException {
        try (Store store = named(kind).open()) {
            Batch batch = store.batch(OPS);
            receive(batch, octets("half"), 10).close();
            try (Incoming closed = batch.next(Optional::empty)) {
                closed.write('x');
            }
            complete(batch, "kept", "kept\\r\\n");
            receive(batch, octets("half"), 10).close();
            unproven(batch, "unproven", "half too\\r\\n");
            store.commit(batch);
            complete(store.batch(OPS), "forgotten", "forgotten\\r\\n");
        }
        assertEquals(List.of("kept"), known(named(kind)));
        String all = everythingIn(scratch.path());
        assertTrue(all.contains("kept\n"), all);
        assertFalse(all.contains("half") || all.contains("x") || all.contains("forgotten"), all);
    }

    @Test
    void messagesComeInWhileOthersAreCommitted() throws IOException {
        try (Store store = Store.mbox(mbox).open()) {
            List<CompletableFuture<Void>> accounts = new ArrayList<>();
            for (String user : List.of("one", "two", "three")) {
                accounts.add(CompletableFuture.runAsync(() -> fetch(store, new Maildrop(user, "mail.example.org"), 500)));
            }
            accounts.forEach(CompletableFuture::join);
        }
        String[] messages = read(mbox).split(FROM_LINE);
        List<String> expected = new ArrayList<>(List.of(""));
        for (String user : List.of("one", "two", "three")) {
            IntStream.range(0, 500).forEach(number -> expected.add("Subject: " + user + number + "\n\n" + "x".repeat(number) + "\n\n"));
        }
        assertEquals(expected.stream().sorted().toList(), List.of(messages).stream().sorted().toList());
    }

    /** Commits in a thread of its own, one batch while the next comes in. */
    private static void fetch(Store store, Maildrop maildrop, int count) {
        CompletableFuture<Void> commit = CompletableFuture.completedFuture(null);
        Batch batch = store.batch(maildrop);
        for (int number = 0; number < count; number++) {
            Incoming incoming = batch.next(Optional::empty);
            byte[] message = ("Subject: " + maildrop.user() + number + "\r\n\r\n" + "x".repeat(number) + "\r\n").getBytes(US_ASCII);
            incoming.write(message, 0, message.length);
            incoming.complete(mail("uid-" + number, ""));
            batch.prove();
            if (batch.messages.size() == 20) {
                commit.join();
                Batch whole = batch;
                commit = CompletableFuture.runAsync(() -> store.commit(whole));
                batch = store.batch(maildrop);
            }
        }
        commit.join();
        store.commit(batch);
    }

    @Test
    void aLargeMessageNeedsLittleMemory() throws IOException {
        Tool.Result result = new StoreProcess("", scratch.path()).run("mbox", mbox, 1, 150_000_000);
        assertEquals(0, result.exit(), result::toString);
        assertTrue(Files.size(mbox) > 150_000_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "mbox", "folder"})
    void aSecondRunStopsAndNamesTheLock(String kind) throws IOException {
        try (RunningTool first = new StoreProcess("", scratch.path()).start(kind, place(kind))) {
            first.awaitOutput("open");
            MailException refused = assertThrows(MailException.class, () -> named(kind).open());
            assertEquals(Exit.TEMPORARY, refused.exit());
            assertTrue(refused.getMessage().contains("mailtool-lock"), refused.getMessage());
            first.process().destroyForcibly().onExit().join();
            named(kind).open().close();
        }
    }

    @Test
    void aRunIsRefusedByItsOwnStoreUntilTheLastUserClosesIt() {
        Store store = Store.maildir(maildir, Fingerprint::of).open();
        store.open();
        store.close();
        assertEquals(Exit.TEMPORARY, assertThrows(MailException.class, () -> Store.maildir(maildir, Fingerprint::of).open()).exit());
        Tool.Result other = new StoreProcess("", scratch.path()).run("maildir", maildir, 1, 1);
        assertEquals(75, other.exit(), other::toString);
        store.close();
        Store.maildir(maildir, Fingerprint::of).open().close();
    }

    @Test
    void anMboxWithAForeignDotLockIsLeftAlone() throws IOException {
        Files.writeString(scratch.resolve("mbox.lock"), "1\n");
        try (Store store = MboxStore.of(mbox, Duration.ofSeconds(2)).open()) {
            MailException refused = assertThrows(MailException.class, () -> store.commit(complete(store.batch(OPS), "uid", "a\\r\\n")));
            assertEquals(Exit.TEMPORARY, refused.exit());
            assertTrue(refused.getMessage().contains("mbox.lock"), refused.getMessage());
            assertFalse(Files.exists(mbox));
            Files.delete(scratch.resolve("mbox.lock"));
            store.commit(complete(store.batch(OPS), "uid", "a\\r\\n"));
        }
        assertEquals("FROM\na\n\n", read(mbox).replaceAll(FROM_LINE, "FROM\n"));
    }

    @Test
    void anMboxThatAnotherProgramHasLockedIsLeftAlone() throws IOException {
        Files.writeString(mbox, "");
        String holder = "import fcntl,sys,time; f=open(sys.argv[1],'r+'); fcntl.lockf(f, fcntl.LOCK_EX); print('held',flush=True); time.sleep(100)";
        try (RunningTool other = Program.of(Need.program("python3"), "-c", holder, mbox).start();
                Store store = MboxStore.of(mbox, Duration.ofSeconds(2)).open()) {
            other.awaitOutput("held");
            Batch batch = complete(store.batch(OPS), "uid", "a\\r\\n");
            assertEquals(Exit.TEMPORARY, assertThrows(MailException.class, () -> store.commit(batch)).exit());
            assertFalse(Files.exists(scratch.resolve("mbox.lock")));
            assertEquals("", read(mbox));
        }
    }

    @Test
    void whatShrinksWhileItIsCopiedIsNotTakenForWhole() throws IOException {
        int length = 3 * BlockOutput.BLOCK;
        for (int left : List.of(0, BlockOutput.BLOCK, length - 1)) {
            try (AsynchronousFileChannel file = Disk.create(scratch.resolve("file" + left))) {
                Disk.write(file, 0, ByteBuffer.allocate(length));
                OutputStream cutting = new BlockOutput() {
                    @Override
                    public void write(byte[] octets, int offset, int count) throws IOException {
                        file.truncate(left);
                    }
                };
                assertThrows(EOFException.class, () -> Disk.copy(file, 0, length, cutting));
            }
        }
    }

    @Test
    void aFileThatIsNoMboxIsNotSpoilt() throws IOException {
        Files.writeString(mbox, "my notes\n");
        MailException refused = assertThrows(MailException.class, () -> store(Store.mbox(mbox), "uid", octets("a\\r\\n"), 10));
        assertEquals(Exit.OUTPUT, refused.exit());
        assertEquals("my notes\n", read(mbox));
    }

    @Test
    void theDotLockOfAKilledRunDoesNotBlock() throws IOException {
        Files.writeString(scratch.resolve(".mbox.mailtool-dotlock"), "1\n");
        Files.createLink(scratch.resolve("mbox.lock"), scratch.resolve(".mbox.mailtool-dotlock"));
        store(Store.mbox(mbox), "uid", octets("a\\r\\n"), 10);
        assertEquals(List.of("uid"), known(Store.mbox(mbox)));
        assertFalse(Files.exists(scratch.resolve("mbox.lock")));
    }

    /** Whatever the umask leaves to others: who could write into it could make it look like that of somebody else. */
    @Test
    void theDotLockIsItsOwnersAlone() throws IOException {
        try (MboxLock lock = MboxLock.take(mbox, scratch.resolve(".mbox.mailtool-dotlock"), Duration.ZERO)) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(lock.dotLock())));
            assertTrue(read(lock.dotLock()).startsWith(ProcessHandle.current().pid() + " "));
        }
    }

    /** As on FAT. */
    @Test
    void anMboxIsLockedWhereThereAreNoLinks() throws IOException {
        String traced = "set -- " + Need.program("strace") + " -f -o /dev/null -e trace=link,linkat -e inject=link,linkat:error=EPERM \"$@\"; ";
        Tool.Result result = new StoreProcess(traced, scratch.path()).run("mbox", mbox, 2, 10);
        assertEquals(0, result.exit(), result::toString);
        assertEquals(2, read(mbox).split("(?m)^From ", -1).length - 1);
        assertFalse(Files.exists(scratch.resolve("mbox.lock")));
        assertFalse(Files.exists(scratch.resolve(".mbox.mailtool-dotlock")));
    }

    /** As one is where there are no links. */
    @Test
    void aCopiedDotLockIsKnownByWhatItSays() throws IOException {
        Files.writeString(scratch.resolve(".mbox.mailtool-dotlock"), "7 1234\n");
        Files.writeString(scratch.resolve("mbox.lock"), "7 1235\n");
        assertThrows(MailException.class, () -> MboxLock.take(mbox, scratch.resolve(".mbox.mailtool-dotlock"), Duration.ZERO));
        Files.writeString(scratch.resolve(".mbox.mailtool-dotlock"), "7 1235\n");
        MboxLock.take(mbox, scratch.resolve(".mbox.mailtool-dotlock"), Duration.ZERO).close();
        assertFalse(Files.exists(scratch.resolve("mbox.lock")));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 10, 25})
    void anAppendWithoutAnEndIsCut(int octets) throws IOException {
        tear("From x\n\nforeign\n", "From y\n\nours, all of it\n\n", octets, "");
        assertEquals(List.of("uid-0"), known(Store.mbox(mbox)));
        String[] parts = read(mbox).split("From x");
        assertEquals("\n\nforeign\n", parts[1]);
    }

    @Test
    void anAppendThatIsWholeIsKept() throws IOException {
        String ours = "From y\n\nours, all of it\n\n";
        tear("From x\n\nforeign\n\n", ours, ours.length(), "From z\n\nforeign too\n\n");
        assertEquals(List.of("uid-0", "uid-torn"), known(Store.mbox(mbox)));
        assertTrue(read(mbox).endsWith("foreign\n\nFrom y\n\nours, all of it\n\nFrom z\n\nforeign too\n\n"), read(mbox));
    }

    @Test
    void foreignMailAfterATornAppendIsNotCut() throws IOException {
        tear("From x\n\nforeign\n\n", "From y\n\nours, all of it\n\n", 12, "From z\n\nforeign too\n\n");
        assertEquals(List.of("uid-0"), known(Store.mbox(mbox)));
        assertTrue(read(mbox).endsWith("From y\n\noursFrom z\n\nforeign too\n\n"), read(mbox));
    }

    @Test
    void whatOthersMadeShorterIsNotTouched() throws IOException {
        tear("From x\n\nforeign\n\n", "From y\n\nours, all of it\n\n", 5, "");
        Files.writeString(mbox, "From x\n\nless\n\n");
        assertEquals(List.of("uid-0"), known(Store.mbox(mbox)));
        assertEquals("From x\n\nless\n\n", read(mbox));
    }

    @Test
    void whatAKilledRunHasAppendedIsSyncedBeforeItIsKnown() throws IOException {
        String ours = "From y\n\nours, all of it\n\n";
        tear("From x\n\nforeign\n\n", ours, ours.length(), "");
        assertSyncedBefore("mbox", mbox, "/mbox>", "/.mbox.mailtool-journal.new>");
        assertEquals(List.of("uid-0", "uid-torn"), known(Store.mbox(mbox)));
    }

    @Test
    void whatAKilledRunHasRenamedIsSyncedBeforeItIsKnown() throws IOException {
        store(Store.maildir(maildir, Fingerprint::of), "uid-0", octets("a\\r\\n"), 10);
        String begin = "begin 1700000000\nfrom ops@mail.example.org\n" + line("uid-1", "1");
        Files.writeString(maildir.resolve(".mailtool-journal"), begin, StandardOpenOption.APPEND);
        Files.writeString(maildir.resolve("new/1700000000.I" + OPS.id(mail("uid-1", "1")) + "P1Q1.host"), "1");
        assertSyncedBefore("maildir", maildir, "/Maildir/new>", "/.mailtool-journal.new>");
        assertEquals(List.of("uid-0", "uid-1"), known(Store.maildir(maildir, Fingerprint::of)));
    }

    /** Looks at the system calls of a run that has nothing to do but to mend. */
    private void assertSyncedBefore(String kind, Path place, String first, String then) throws IOException {
        Path trace = scratch.resolve("trace");
        String traced = "set -- " + Need.program("strace") + " -f -y -e trace=fsync,fdatasync -o '" + trace + "' \"$@\"; ";
        Tool.Result result = new StoreProcess(traced, scratch.path()).run(kind, place, 0, 1);
        assertEquals(0, result.exit(), result::toString);
        String calls = read(trace);
        assertTrue(calls.contains(first) && calls.contains(then), calls);
        assertTrue(calls.indexOf(first) < calls.indexOf(then), calls);
    }

    /** An mbox with a message of ours and a foreign one, and the first octets of an append that was begun and never ended. */
    private void tear(String foreign, String ours, int octets, String after) throws IOException {
        store(Store.mbox(mbox), "uid-0", octets("a\\r\\n"), 10);
        Files.writeString(mbox, foreign, StandardOpenOption.APPEND);
        long offset = Files.size(mbox);
        String begin = "begin 1700000000 " + offset + " " + ours.length() + " 7\nfrom ops@mail.example.org\n" + line("uid-torn", "") + "+uid-to";
        Files.writeString(journal, begin, StandardOpenOption.APPEND);
        scratch.write(".mbox.mailtool-spool-7", ours);
        String gap = foreign.endsWith("\n\n") ? "" : "\n";
        String written = (gap + ours).substring(0, Math.min(octets, (gap + ours).length()));
        Files.writeString(mbox, written + after, StandardOpenOption.APPEND);
    }

    @ParameterizedTest
    @ValueSource(strings = {"b", "begin 17", "begin 1700000000\n", "begin 1700000000\nfrom ops@mail.example.org\n", "done", "\0\0\0\0", "begin 1\ngarbage\n"})
    void aTornEndOfTheJournalDoesNoHarm(String torn) throws IOException {
        Path file = maildir.resolve(".mailtool-journal");
        store(Store.maildir(maildir, Fingerprint::of), "uid-0", octets("a\\r\\n"), 10);
        Files.writeString(file, torn, StandardOpenOption.APPEND);
        store(Store.maildir(maildir, Fingerprint::of), "uid-1", octets("a\\r\\n"), 10);
        assertEquals(List.of("uid-0", "uid-1"), known(Store.maildir(maildir, Fingerprint::of)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"begin 1\n+IDENTITY uid\n", "begin 1\nfrom ops\n+IDENTITY uid\n", "begin 1\nat soon\n", "begin 1 some where\nfrom ops@mail.example.org\n+IDENTITY uid\n"})
    void norDoesOneThatNobodyHasWritten(String garbage) throws IOException {
        for (Supplier<Store> place : List.<Supplier<Store>>of(() -> Store.maildir(maildir, Fingerprint::of), () -> Store.mbox(mbox))) {
            store(place.get(), "uid-0", octets("a\\r\\n"), 10);
            Files.writeString(place.get().own("journal"), garbage.replace("IDENTITY", "0".repeat(32)), StandardOpenOption.APPEND);
            store(place.get(), "uid-1", octets("a\\r\\n"), 10);
            assertEquals(List.of("uid-0", "uid-1"), known(place.get()));
        }
    }

    @Test
    void ofABatchThatWasBeingRenamedTheJournalKeepsWhatIsThere() throws IOException {
        store(Store.maildir(maildir, Fingerprint::of), "uid-0", octets("a\\r\\n"), 10);
        String begin = "begin 1700000000\nfrom ops@mail.example.org\n" + line("uid-1", "1") + line("uid-2", "2") + line("uid-3", "3");
        Files.writeString(maildir.resolve(".mailtool-journal"), begin, StandardOpenOption.APPEND);
        Files.writeString(maildir.resolve("new/1700000000.I" + OPS.id(mail("uid-1", "1")) + "P1Q1.host"), "1");
        Files.writeString(maildir.resolve("cur/1700000000.I" + OPS.id(mail("uid-2", "2")) + "P1Q2.host:2,S"), "2");
        Files.writeString(maildir.resolve("tmp/1700000000.mailtoolP1Q3.host"), "3");
        Files.writeString(maildir.resolve("tmp/foreign"), "not ours");
        List<String> known = known(Store.maildir(maildir, Fingerprint::of));
        assertEquals(List.of("uid-0", "uid-1", "uid-2"), known.stream().sorted().toList());
        assertEquals("foreign", only(StoreProcess.files(maildir.resolve("tmp"))).getFileName().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "folder"})
    void whatIsInTheStoreIsKnownByItsHeadersWhereTheJournalWasLost(String kind) throws IOException {
        store(named(kind), "uid-0", octets("a\\r\\n"), 10);
        Path folder = Path.of(place(kind));
        Files.delete(folder.resolve(".mailtool-journal"));
        if (kind.equals("maildir")) {
            Path shown = only(StoreProcess.files(folder.resolve("new")));
            Files.move(shown, folder.resolve("cur").resolve(shown.getFileName() + ":2,RS"));
        }
        try (Store store = named(kind).open()) {
            assertEquals(Set.of(), store.seen(new Maildrop("other", "mail.example.org")).keySet());
            MailId mail = mail("uid-0", "a\n");
            assertEquals(Set.of(OPS.id(mail)), store.seen(OPS).keySet());
            assertEquals(Optional.of(mail.identity()), store.seen(OPS).get(OPS.id(mail)).get());
        }
    }

    @Test
    void maildropsAreToldApartAndTheTimeIsThatOfStoring() {
        Maildrop odd = new Maildrop("o p@s\u00e9\u202e", "mail.example.org");
        long before = System.currentTimeMillis() / 1000;
        try (Store store = Store.maildir(maildir, Fingerprint::of).open()) {
            store.commit(complete(store.batch(OPS), "uid-1", "a"));
            store.commit(complete(store.batch(odd), "uid-2", ""));
            store.deleted(OPS, mails(List.of("uid-1")), key -> false);
            List<String> keys = new ArrayList<>();
            store.known(odd, (line, seconds) -> {
                keys.add(uid(line.text(1)));
                assertTrue(seconds >= before && seconds <= before + 1000, "seconds: " + seconds);
            });
            assertEquals(List.of("uid-2"), keys);
        }
        assertEquals(List.of("uid-1"), known(Store.maildir(maildir, Fingerprint::of)));
    }

    @Test
    void aJournalLongerThanABlockIsReadWhole() {
        try (Store store = Store.mbox(mbox).open()) {
            Batch batch = store.batch(OPS);
            for (int number = 0; number < 5000; number++) {
                complete(batch, "uid-" + number + "x".repeat(number % 70), "a");
            }
            store.commit(batch);
        }
        assertEquals(IntStream.range(0, 5000).mapToObj(number -> "uid-" + number + "x".repeat(number % 70)).toList(), known(Store.mbox(mbox)));
    }

    @Test
    void aLongJournalForgetsWhatWasDeletedAndIsGone() throws IOException {
        List<String> keys = IntStream.range(0, 6000).mapToObj(number -> "uid-" + number).toList();
        try (Store store = Store.mbox(mbox).open()) {
            Batch batch = store.batch(OPS);
            keys.forEach(key -> complete(batch, key, "a"));
            store.commit(batch);
            store.deleted(OPS, mails(keys.subList(0, 4997)), key -> true);
            store.deleted(OPS, mails(keys.subList(4997, 4998)), key -> keys.indexOf(key) >= 2700);
            store.deleted(new Maildrop("other", "mail.example.org"), mails(List.of("uid")), key -> false);
            assertEquals(keys, known(store));
            store.deleted(OPS, mails(keys.subList(4998, 4999)), key -> keys.indexOf(key) >= 2800);
            assertEquals(keys.subList(2800, 6000), known(store));
            store.commit(complete(store.batch(OPS), "uid-new", "a"));
        }
        assertEquals(3201, known(Store.mbox(mbox)).size());
        assertFalse(Files.readString(journal).contains("uid-2799"));
    }

    @Test
    void nothingElseIsNotedWhileABatchIsOpen() throws IOException {
        Path file = scratch.resolve("journal");
        try (Journal open = new Journal(file)) {
            open.open();
            open.begin("", List.of(Note.stored(OPS, mail("uid-1", ""))));
            assertThrows(IOException.class, () -> open.record(List.of(Note.deleted(OPS, mail("uid-0", "")))));
            assertThrows(IOException.class, () -> open.begin("", List.of()));
        }
        try (Journal killed = new Journal(file)) {
            killed.open();
            assertEquals(List.of(Note.stored(OPS, mail("uid-1", ""))), killed.pending.orElseThrow().notes());
        }
    }

    @Test
    void aStoreThatCouldNotBeOpenedCanBeClosedAndOpenedLater() throws IOException {
        Files.writeString(maildir, "in the way");
        Store store = Store.maildir(maildir, Fingerprint::of);
        assertThrows(MailException.class, store::open);
        store.close();
        Files.delete(maildir);
        store(store, "uid", octets("a\\r\\n"), 10);
        store(store, "uid-2", octets("a\\r\\n"), 10);
        assertEquals(List.of("uid", "uid-2"), known(store));
    }

    @Test
    void aFileThatIsNoJournalIsNotOverwritten() throws IOException {
        Files.createDirectories(maildir);
        Files.writeString(maildir.resolve(".mailtool-journal"), "precious");
        assertEquals(Exit.OUTPUT, assertThrows(MailException.class, () -> Store.maildir(maildir, Fingerprint::of).open()).exit());
        assertEquals("precious", Files.readString(maildir.resolve(".mailtool-journal")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tmp", "new", "cur"})
    void aLinkInPlaceOfAMaildirsFolderIsRefused(String name) throws IOException {
        Files.createDirectories(maildir);
        Files.createSymbolicLink(maildir.resolve(name), scratch.folder("elsewhere"));
        MailException refused = assertThrows(MailException.class, () -> Store.maildir(maildir, Fingerprint::of).open());
        assertEquals(Exit.OUTPUT, refused.exit());
        assertTrue(refused.getMessage().contains("symbolic link"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {".mailtool-lock", ".mailtool-journal"})
    void aLinkInPlaceOfAFileOfOursIsNamed(String name) throws IOException {
        Files.createDirectories(maildir);
        Files.createSymbolicLink(maildir.resolve(name), scratch.resolve("elsewhere"));
        MailException refused = assertThrows(MailException.class, () -> Store.maildir(maildir, Fingerprint::of).open());
        assertEquals("can't write to " + maildir.resolve(name) + ": it is a symbolic link", refused.getMessage());
    }

    @Test
    void ofARenameThatFailsBothPlacesAreNamed() throws IOException {
        Files.createDirectories(maildir.resolve("new"));
        try (Store store = Store.maildir(maildir, Fingerprint::of).open()) {
            Batch batch = complete(store.batch(OPS), "uid", "a\\r\\n");
            Files.delete(maildir.resolve("new"));
            Files.writeString(maildir.resolve("new"), "");
            MailException refused = assertThrows(MailException.class, () -> store.commit(batch));
            assertTrue(refused.getMessage().matches("can't write to .*/tmp/.*, or move it to .*/new/.*: Not a directory"), refused.getMessage());
        }
    }

    /** Its new file may come at any time: tried until it came while messages were being appended to the old one. */
    @Test
    void whatIsAppendedToAnMboxThatIsReplacedMeanwhileIsNotTakenForStored() throws Exception {
        for (int i = 0; i < 50; i++) {
            Files.writeString(mbox, "");
            Files.deleteIfExists(scratch.resolve("old"));
            Files.createLink(scratch.resolve("old"), mbox);
            Files.writeString(scratch.resolve("saved"), "");
            try (Store store = Store.mbox(mbox).open()) {
                Batch batch = complete(store.batch(OPS), "uid" + i, "a".repeat(20_000_000));
                CompletableFuture<Path> saving = CompletableFuture.supplyAsync(this::saveOnceItGrows);
                try {
                    store.commit(batch);
                } catch (MailException e) {
                    assertEquals("can't write to " + mbox + ": another program has replaced it", e.getMessage());
                    assertEquals(0, Files.size(scratch.resolve("old")));
                    store.commit(complete(store.batch(OPS), "uid" + i, "a"));
                    return;
                }
                saving.join();
            }
        }
        throw new AssertionError("never seen");
    }

    private Path saveOnceItGrows() {
        return Uncheck.get(() -> {
            while (Files.size(mbox) == 0) {
                Thread.onSpinWait();
            }
            return Files.move(scratch.resolve("saved"), mbox, StandardCopyOption.ATOMIC_MOVE);
        });
    }

    @Test
    void anMboxThatCantBeOpenedIsNotLeftLocked() throws IOException {
        Files.createSymbolicLink(mbox, scratch.resolve("elsewhere"));
        assertThrows(IOException.class, () -> MboxLock.take(mbox, scratch.resolve("own"), Duration.ZERO));
        assertEquals(List.of(), StoreProcess.files(scratch.path()).stream().filter(file -> !Files.isSymbolicLink(file)).toList());
    }

    /** As where rights are the file system's own. */
    @Test
    void foldersWhoseRightsCantBeChangedAreMadeAtOnce() throws IOException {
        String traced = "set -- " + Need.program("strace") + " -f -o /dev/null -e trace=chmod,fchmodat -e inject=chmod,fchmodat:error=EPERM \"$@\"; ";
        Tool.Result result = new StoreProcess(traced, scratch.path()).run("maildir", maildir, 2, 10);
        assertEquals(0, result.exit(), result::toString);
        assertEquals(2, StoreProcess.files(maildir.resolve("new")).size());
    }

    @ParameterizedTest
    @ValueSource(strings = {".mailtool-journal", ".mailtool-lock"})
    void aLinkInPlaceOfOneOfOurFilesIsNotFollowed(String name) throws IOException {
        Files.createDirectories(maildir);
        Path target = scratch.write("target", "precious");
        Files.createSymbolicLink(maildir.resolve(name), target);
        assertEquals(Exit.OUTPUT, assertThrows(MailException.class, () -> Store.maildir(maildir, Fingerprint::of).open()).exit());
        assertEquals("precious", Files.readString(target));
    }

    @Test
    void anMboxBehindALinkIsWrittenWhereItIs() throws IOException {
        Path real = scratch.folder("real").resolve("inbox");
        Files.writeString(real, "");
        Files.createSymbolicLink(mbox, real);
        store(Store.mbox(mbox), "uid", octets("a\\r\\n"), 10);
        assertTrue(Files.isSymbolicLink(mbox));
        assertTrue(Files.exists(scratch.resolve("real/.inbox.mailtool-journal")));
        assertEquals(List.of("uid"), known(Store.mbox(real)));
    }

    @Test
    void whatIsNoMboxIsRefused() {
        MailException refused = assertThrows(MailException.class, () -> Store.mbox(scratch.folder("folder")).open());
        assertEquals(Exit.OUTPUT, refused.exit());
        assertTrue(refused.getMessage().contains("no regular file"), refused.getMessage());
    }

    @Test
    void aFolderThatCantBeMadeIsNamed() {
        Path file = scratch.write("file\u202e", "");
        MailException refused = assertThrows(MailException.class, () -> Store.maildir(file.resolve("Maildir"), Fingerprint::of).open());
        assertEquals(Exit.OUTPUT, refused.exit());
        assertTrue(refused.getMessage().contains("file\\x202e"), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"mbox, mbox", "maildir, Maildir", "folder, mails"})
    void aFullDiskIsToldAndTheNextRunHasEveryMessageOnce(String kind, String name) throws IOException {
        Path place = scratch.resolve(name);
        Files.writeString(mbox, "From x\n\nforeign\n\n");
        // No file may grow beyond 512 octets times 200.
        Tool.Result full = new StoreProcess("ulimit -f 200; ", scratch.path()).run(kind, place, 40, kind.equals("mbox") ? 4000 : 200_000);
        assertEquals(73, full.exit(), full::toString);
        assertTrue(full.err().contains("can't write"), full.err());
        String half = kind.equals("mbox") ? read(mbox) : everythingIn(place.resolve(kind.equals("maildir") ? "new" : "."));
        assertEquals(half.split("Subject: ").length, half.split("end of ").length);
        Tool.Result then = new StoreProcess("", scratch.path()).run(kind, place, 40, 4000);
        assertEquals(0, then.exit(), then::toString);
        String all = kind.equals("mbox") ? read(mbox) : everythingIn(place.resolve(kind.equals("maildir") ? "new" : "."));
        assertEquals(40, all.split("Subject: ").length - 1);
        assertEquals(40, all.split("end of ").length - 1);
    }

    @Test
    void nothingIsStoredWhereTheFolderIsGone() throws IOException {
        Path disk = scratch.folder("disk");
        try (Store store = Store.mbox(disk.resolve("mbox")).open(); Batch batch = complete(store.batch(OPS), "uid-0", "a")) {
            Files.move(disk, scratch.resolve("away"));
            scratch.folder("disk");
            assertEquals(Exit.OUTPUT, assertThrows(MailException.class, () -> store.commit(batch)).exit());
            assertEquals(List.of(), StoreProcess.files(disk));
        }
    }

    @Test
    void aReadOnlyFileSystemIsTold() {
        Need.root("mounting a file system");
        Path mount = scratch.folder("mount");
        SystemCommand.run("mount", "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", mount);
        try {
            for (Store store : List.of(Store.maildir(mount, Fingerprint::of), Store.mbox(mount.resolve("mbox")), Store.folder(mount, Fingerprint::of))) {
                MailException refused = assertThrows(MailException.class, store::open);
                assertEquals(Exit.OUTPUT, refused.exit());
                assertTrue(refused.getMessage().contains("Read-only"), refused.getMessage());
            }
        } finally {
            SystemCommand.run("umount", mount);
        }
    }

    @Test
    void aDiskThatIsFullLeavesForeignMailAndTheNextRunGoesOn() throws IOException {
        Need.root("mounting a file system");
        Path mount = scratch.folder("mount");
        SystemCommand.run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount);
        try {
            Path file = mount.resolve("mbox");
            Files.writeString(file, "From x\n\nforeign\n\n");
            Tool.Result full = new StoreProcess("", scratch.path()).run("mbox", file, 100, 4000);
            assertEquals(73, full.exit(), full::toString);
            String half = read(file);
            assertTrue(half.startsWith("From x\n\nforeign\n\n"), half);
            assertEquals(half.split("Subject: ").length, half.split("end of ").length);
            SystemCommand.run("mount", "-o", "remount,size=4m", mount);
            Tool.Result then = new StoreProcess("", scratch.path()).run("mbox", file, 100, 4000);
            assertEquals(0, then.exit(), then::toString);
            assertEquals(100, read(file).split("end of ").length - 1);
        } finally {
            SystemCommand.run("umount", mount);
        }
    }

    @Test
    void aCommandGetsLfLinesAnIdAndTheAccountButNoPassword() throws IOException {
        Path out = scratch.resolve("out");
        String command = "(echo \"$MAILTOOL_ID $MAILTOOL_ACCOUNT [$MAILTOOL_PASSWORD]\"; cat) >> '" + out + "'";
        Tool.Result result = new StoreProcess("", scratch.path()).run("pipe", command, 1, 1);
        assertEquals(0, result.exit(), result::toString);
        String expected = OPS.id(StoreFiller.mail(0)) + " ops@mail.example.org []\nSubject: 0\nMessage-ID: <0@example.org>\n\nFrom here on there is nothing new.\nend of 0\n";
        assertEquals(expected, read(out));
        assertEquals(0, new StoreProcess("", scratch.path()).run("pipe", command, 1, 1).exit());
        assertEquals(expected, read(out));
    }

    @ParameterizedTest
    @CsvSource({"exit 3, ended with 3", "kill -9 $$, ended by signal 9", "no-such-command, ended with 127", "exit 255, ended with 255"})
    void aCommandThatFailsHasNotStored(String command, String told) {
        for (int run = 0; run < 2; run++) {
            Tool.Result result = new StoreProcess("", scratch.path()).run("pipe", command, 1, 1);
            assertEquals(75, result.exit(), result::toString);
            assertTrue(result.err().contains(told), result.err());
        }
        assertEquals(2, StoreProcess.files(scratch.resolve("mailtool")).size());
    }

    @Test
    void aCommandNeedNotReadItsInput() {
        Tool.Result result = new StoreProcess("", scratch.path()).run("pipe", "true", 2, 1_000_000);
        assertEquals(0, result.exit(), result::toString);
    }

    private String place(String kind) {
        return scratch.resolve(kind.equals("maildir") ? "Maildir" : kind.equals("mbox") ? "mbox" : "mails").toString();
    }

    private Store named(String kind) {
        Path place = Path.of(place(kind));
        return kind.equals("maildir") ? Store.maildir(place, Fingerprint::of) : kind.equals("mbox") ? Store.mbox(place) : Store.folder(place, Fingerprint::of);
    }

    private static void store(Store store, String key, byte[] message, int piece) {
        try (store) {
            store.open();
            Batch batch = store.batch(OPS);
            Received received = receive(batch, message, piece).complete(mail(key, text(message)));
            assertEquals(message.length, received.octets());
            batch.prove();
            store.commit(batch);
        }
    }

    private static Incoming receive(Batch batch, byte[] message, int piece) {
        Incoming incoming = batch.next(Optional::empty);
        for (int i = 0; i < message.length; i += piece) {
            incoming.write(message, i, Math.min(piece, message.length - i));
        }
        return incoming;
    }

    private static Batch complete(Batch batch, String key, String message) {
        unproven(batch, key, message).prove();
        return batch;
    }

    private static Batch unproven(Batch batch, String key, String message) {
        receive(batch, octets(message), 1000).complete(mail(key, text(octets(message))));
        return batch;
    }

    /** As its content, or what a store makes of it, is known by. */
    private static MailId mail(String uid, String content) {
        Fingerprint print = Fingerprint.ofHeader();
        try {
            print.write(octets(content), 0, octets(content).length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new MailId(uid, print.identity());
    }

    private static List<MailId> mails(List<String> uids) {
        return uids.stream().map(uid -> mail(uid, "a")).toList();
    }

    private static String line(String uid, String content) {
        return Note.stored(OPS, mail(uid, content)).line() + "\n";
    }

    private static String uid(String mail) {
        return mail.substring(MailId.DIGITS + 1);
    }

    private static List<String> known(Store store) {
        try (store) {
            store.open();
            List<String> keys = new ArrayList<>();
            store.known(OPS, (line, seconds) -> {
                if (line.kind() == '+') {
                    keys.add(uid(line.text(1)));
                }
            });
            return keys;
        }
    }

    /** Java's escapes, so that a row of a table can hold every octet. */
    private static byte[] octets(String escaped) {
        return escaped.translateEscapes().getBytes(ISO_8859_1);
    }

    private static String text(byte[] octets) {
        return new String(octets, ISO_8859_1);
    }

    private static String read(Path file) throws IOException {
        return text(Files.readAllBytes(file));
    }

    private static Path only(List<Path> files) {
        assertEquals(1, files.size(), files::toString);
        return files.get(0);
    }

    private static List<Path> emls(Path folder) {
        return StoreProcess.files(folder).stream().filter(file -> file.toString().endsWith(".eml")).toList();
    }

    private static String everythingIn(Path folder) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).filter(file -> !file.toString().contains("journal")).toList()) {
                all.append(read(file).replace("\r", ""));
            }
        }
        return all.toString();
    }
}
