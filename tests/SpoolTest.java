package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.spool;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What waits in a spool: how it lies there, when it goes, what is dead and who is told. */
final class SpoolTest {
    private static final String DOWN = "smtp://127.0.0.1:1";
    private static final Duration FIVE_DAYS = Duration.ofDays(5);

    @AutoClose
    private final Scratch scratch = Scratch.create("spool");
    private final Path folder = scratch.resolve("spool");
    private final MailTool.Spool spool = spool(folder);
    private final List<String> warnings = new ArrayList<>();

    private static MailTool.Mail letter(String subject, String... recipients) {
        return mail().from("Änne <a@example.org>").to(String.join(", ", recipients)).subject(subject).text("Grüße\n.\nfrom the spool\n");
    }

    private static String subject(FakeSmtp.Received received) {
        return received.text().lines().filter(line -> line.startsWith("Subject: ")).findFirst().orElseThrow().substring(9);
    }

    private static List<String> subjects(FakeSmtp server) {
        return server.messages().stream().map(SpoolTest::subject).toList();
    }

    private List<MailTool.Queued> flush(boolean now, Duration maxAge) {
        return spool.flush(new FlushPlan(List.of(), now, maxAge), MailTool.Spool::server, warnings::add).run().stream().map(SpoolListed::queued).toList();
    }

    private MailTool.Queued only() {
        assertEquals(1, spool.entries().size(), () -> spool.entries().toString());
        return spool.entries().get(0);
    }

    private List<MailTool.Queued> dead() {
        return spool.entries().stream().filter(MailTool.Queued::dead).toList();
    }

    private List<String> files(String subfolder) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(subfolder))) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.matches("[a-z0-9-]+\\.\\d+(\\.sent)?")).sorted().toList();
        }
    }

    /** Changes what is known of the only entry. */
    private void rewrite(java.util.function.UnaryOperator<SpoolRecord> change) {
        SpoolFolder inside = new SpoolFolder(folder);
        SpoolListed one = inside.list().findFirst().orElseThrow();
        try (SpoolEntry entry = inside.hold(one.name()).orElseThrow()) {
            entry.note(change.apply(entry.record()), one.name().isDead());
        }
    }

    private static SpoolRecord at(SpoolRecord record, long created, long next) {
        return new SpoolRecord(created, record.size(), record.attempts(), next, record.code(), record.marks(), record.envelope(),
            record.messageId(), record.way(), record.why());
    }

    // How it lies there

    @ParameterizedTest
    @ValueSource(strings = {"smtp://localhost\n", "smtp://local\thost", "smtp//localhost:25", "pop3://localhost", "smtp://ops:secret@localhost", "imap://localhost"})
    void whatIsNoServerIsRefusedWhenAMailIsPut(String url) {
        assertEquals(MailTool.Exit.USAGE, assertThrows(MailTool.MailException.class, () -> spool.put(letter("one", "b@example.org"), url)).exit());
        assertEquals(List.of(), spool.entries());
    }

    @Test
    void whoIsInterruptedCanPutAMailAllTheSame() {
        Thread.currentThread().interrupt();
        spool.put(letter("one", "b@example.org"), "smtp://localhost:1");
        assertTrue(Thread.interrupted(), "the caller's own code can still see it");
        assertEquals(List.of("b@example.org"), only().to());
    }

    @Test
    void aFlushThatIsInterruptedTriesNothingMoreAndCountsNoTry() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            spool.put(letter("one", "b@example.org"), server.url());
            Thread.currentThread().interrupt();
            assertEquals(1, spool.flush().size());
            assertTrue(Thread.interrupted(), "the caller's own code can still see it");
            assertEquals(0, only().attempts());
            assertEquals(List.of(), spool.flush());
            assertEquals(List.of("one"), subjects(server));
        }
    }

    @Test
    void aMailIsAPrivateFileInAPrivateFolderAndGoesAsItIsThere() throws IOException {
        try (FakeSmtp server = new FakeSmtp().ehlo("8BITMIME", "SMTPUTF8", "DSN").start()) {
            String id = spool.put(letter("one", "b@example.org", "jürgen@example.org").envid("E1").ret("hdrs").notify("failure,delay"), server.url());
            Path file = folder.resolve(id + ".0");
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("dead"))));
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("index"))));
            MailTool.Queued queued = only();
            assertEquals(List.of("b@example.org", "jürgen@example.org"), queued.to());
            assertEquals(List.of("a@example.org", 0, "", 0, false, false), List.of(queued.from(), queued.attempts(), queued.error(), queued.code(), queued.unknown(), queued.dead()));
            String whole = Files.readString(file);
            assertEquals(List.of(), spool.flush());
            assertEquals(List.of(), spool.entries());
            FakeSmtp.Received received = server.message();
            assertTrue(whole.contains(new String(received.content(), java.nio.charset.StandardCharsets.UTF_8)), whole);
            assertEquals(queued.size(), received.content().length);
            assertTrue(received.parameters().containsAll(List.of("SMTPUTF8", "BODY=8BITMIME", "RET=HDRS", "ENVID=E1")), received::toString);
            assertTrue(received.recipients().get(0).parameters().contains("NOTIFY=FAILURE,DELAY"), received::toString);
            assertEquals(List.of(), files(""));
        }
    }

    @Test
    void theOldestGoFirstAllOverOneConnection() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start()) {
            List<String> names = Stream.iterate(1, n -> n + 1).limit(120).map(n -> "mail " + n).toList();
            names.forEach(name -> spool.put(letter(name, "b@example.org"), server.url()));
            assertEquals(List.of(), spool.flush());
            assertEquals(names, subjects(server));
            assertEquals(1, server.peers().size());
        }
    }

    @Test
    void whatTheIndexLacksIsLookedUpAndWhatItHasIsNotOpened() throws IOException {
        String first = spool.put(letter("one", "b@example.org"), DOWN);
        String second = spool.put(letter("two", "c@example.org"), DOWN);
        List<MailTool.Queued> known = spool.entries();
        Files.delete(folder.resolve("index"));
        assertEquals(known, spool.entries());
        Files.writeString(folder.resolve("index"), Files.readString(folder.resolve("index")).substring(0, 60) + second + ".0 17959", StandardOpenOption.TRUNCATE_EXISTING);
        assertEquals(known, spool.entries());
        assertEquals(known, spool.entries());
        Files.writeString(folder.resolve("index"), "junk\n\n", StandardOpenOption.TRUNCATE_EXISTING);
        assertEquals(known, spool.entries());
        Files.writeString(folder.resolve(first + ".0"), "unreadable", StandardOpenOption.TRUNCATE_EXISTING);
        assertEquals(known, spool.entries());
    }

    @Test
    void anIndexOfWhatIsGoneBeginsAnew() throws IOException {
        spool.put(letter("one", "b@example.org"), DOWN);
        Path index = folder.resolve("index");
        Files.writeString(index, Files.readString(index).repeat(2000));
        spool.entries();
        spool.entries();
        assertEquals(1, Files.readAllLines(index).size());
    }

    @Test
    void aDamagedFileIsListedAndSaidAndCanBeDropped() throws IOException {
        String id = spool.put(letter("one", "b@example.org"), DOWN);
        Files.delete(folder.resolve("index"));
        Files.writeString(folder.resolve(id + ".0"), "junk", StandardOpenOption.TRUNCATE_EXISTING);
        Files.writeString(folder.resolve("notes.txt"), "no entry");
        assertTrue(only().error().contains("damaged"), () -> only().error());
        assertEquals(1, flush(true, FIVE_DAYS).size());
        assertTrue(warnings.get(0).startsWith(id + " is not tried: its file is damaged"), warnings::toString);
        spool.drop(List.of(id));
        assertEquals(List.of(), spool.entries());
    }

    @Test
    void anEntryThatCantBeReadIsNamed() throws IOException {
        String id = spool.put(letter("one", "b@example.org"), DOWN);
        Path file = folder.resolve(id + ".0");
        Files.delete(file);
        Files.createDirectory(file);
        Files.delete(folder.resolve("index"));
        assertEquals(1, flush(true, FIVE_DAYS).size());
        assertEquals(List.of(id + " is not tried: can't read " + file + ": Is a directory"), warnings);
    }

    @Test
    void aNumberThatIsNoneDamagesOneEntryAndNoMore() throws IOException {
        String id = spool.put(letter("one", "b@example.org"), DOWN);
        spool.put(letter("two", "c@example.org"), DOWN);
        List<MailTool.Queued> known = spool.entries();
        Path index = folder.resolve("index");
        Files.writeString(index, Files.readString(index).replaceFirst(" (\\d+)\t", " $1x\t"));
        assertEquals(known, spool.entries());
        Files.delete(index);
        Path file = folder.resolve(id + ".0");
        Files.writeString(file, Files.readString(file).replaceFirst("\\n(\\d+)\t", "\n$1x\t"));
        assertTrue(spool.entries().get(0).error().contains("damaged"), () -> spool.entries().toString());
        assertEquals(known.get(1), spool.entries().get(1));
    }

    @Test
    void whatCouldNotBeReadOnceCanBeTriedLater() throws IOException {
        try (FakeSmtp server = new FakeSmtp().start()) {
            String id = spool.put(letter("one", "b@example.org"), server.url());
            Path file = folder.resolve(id + ".0");
            Path whole = Files.move(file, scratch.resolve("whole"));
            // Nothing is at its beginning.
            Files.createSymbolicLink(file, Path.of("/proc/self/mem"));
            assertEquals(1, flush(true, FIVE_DAYS).size());
            assertTrue(warnings.get(0).startsWith(id + " is not tried: can't read "), warnings::toString);
            Files.move(whole, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            assertEquals(List.of(), spool.flush());
            assertEquals("one", subject(server.message()));
        }
    }

    /** A look at its names would show at the folder. */
    @Test
    void whatIsPutThereIsNotLookedAt() throws IOException {
        spool.put(letter("one", "b@example.org"), DOWN);
        java.nio.file.attribute.FileTime longAgo = java.nio.file.attribute.FileTime.from(Instant.EPOCH);
        Files.setAttribute(folder, "lastAccessTime", longAgo);
        spool.put(letter("two", "b@example.org"), DOWN);
        assertEquals(longAgo, Files.getAttribute(folder, "lastAccessTime"));
    }

    @Test
    void whatCantBeReadIsNoEmptySpool() throws IOException {
        Files.writeString(folder, "a file");
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, spool::entries);
        assertEquals(MailTool.Exit.IO, problem.exit());
        assertTrue(problem.hint().endsWith(System.getProperty("user.name") + "'s own"), problem::hint);
    }

    @Test
    void looserRightsAreMended() throws IOException {
        spool.put(letter("one", "b@example.org"), DOWN);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        spool.put(letter("two", "b@example.org"), DOWN);
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    }

    @Test
    void aTornRecordCountsAsNone() throws IOException {
        try (FakeSmtp server = new FakeSmtp().start()) {
            String id = spool.put(letter("torn", "b@example.org"), server.url());
            Files.delete(folder.resolve("index"));
            Files.writeString(folder.resolve(id + ".0"), "17959177800", StandardOpenOption.APPEND);
            assertEquals(List.of("b@example.org"), only().to());
            assertEquals(List.of(), spool.flush());
            assertEquals("torn", subject(server.message()));
        }
    }

    @Test
    void whatAKilledProcessHasLeftHalfWrittenIsNoMail() throws IOException {
        spool.put(letter("whole", "b@example.org"), DOWN);
        Path old = Files.writeString(folder.resolve("." + SpoolName.timed(Instant.now().minusSeconds(7200)) + "zzzz"), "half");
        Path young = Files.writeString(folder.resolve("." + SpoolName.newId()), "half");
        spool.flush();
        assertEquals(1, spool.entries().size());
        assertFalse(Files.exists(old));
        assertTrue(Files.exists(young));
    }

    @Test
    void aFullDiskTakesNothingAndLosesNothing() throws IOException {
        Need.root("a file system of its own");
        Path mount = scratch.folder("mount");
        SystemCommand.run("mount", "-t", "tmpfs", "-o", "size=100k", "none", mount);
        try (FakeSmtp server = new FakeSmtp().start()) {
            MailTool.Spool small = spool(mount.resolve("spool"));
            List<String> taken = new ArrayList<>();
            MailTool.MailException full = assertThrows(MailTool.MailException.class, () -> {
                while (taken.size() < 1000) {
                    taken.add(small.put(letter("mail " + taken.size(), "b@example.org"), server.url()));
                }
            });
            assertEquals(MailTool.Exit.OUTPUT, full.exit(), full::getMessage);
            assertEquals(taken, small.entries().stream().map(MailTool.Queued::id).toList());
            Files.write(mount.resolve("rest"), new byte[100_000 > Files.getFileStore(mount).getUsableSpace() ? (int) Files.getFileStore(mount).getUsableSpace() : 0]);
            assertEquals(List.of(), small.flush());
            assertEquals(taken.size(), server.messages().size());
        } finally {
            SystemCommand.run("umount", "-l", mount);
        }
    }

    /** Who has it and who has not is noted where there is no room for more. */
    @Test
    void aDiskThatIsFullByThenDoublesNothing() throws IOException {
        Need.root("a file system of its own");
        Path mount = scratch.folder("mount");
        SystemCommand.run("mount", "-t", "tmpfs", "-o", "size=200k", "none", mount);
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on("RCPT TO:<slow", "450 4.2.0 later").on(".", peer -> {
            Files.write(mount.resolve("rest"), new byte[(int) Files.getFileStore(mount).getUsableSpace()]);
            peer.say("250 2.0.0 queued");
        }).start()) {
            MailTool.Spool small = spool(mount.resolve("spool"));
            String[] to = Stream.concat(Stream.of("good@example.org"), Stream.iterate(1, n -> n + 1).limit(200).map(n -> "slow" + n + "@department.example.org")).toArray(String[]::new);
            small.put(letter("to many", to), server.url());
            assertEquals(200, small.flush().get(0).to().size());
            assertEquals(200, small.flush(small.entries().get(0).id()).get(0).to().size());
            assertEquals(1, server.attempts().size());
            assertEquals(List.of("good@example.org"), server.attempts().get(0).to());
        } finally {
            SystemCommand.run("umount", "-l", mount);
        }
    }

    // When it goes

    @Test
    void aRelayThatIsDownMakesEachMailWaitLongerEachTime() {
        String id = spool.put(letter("one", "b@example.org"), DOWN);
        for (int minutes : new int[] {5, 10, 20, 40, 80, 160, 240, 240}) {
            long before = System.currentTimeMillis();
            assertEquals(List.of(id), spool.flush(id).stream().map(MailTool.Queued::id).toList());
            long pause = only().next().toEpochMilli() - before;
            assertTrue(pause >= minutes * 60_000L && pause < minutes * 60_000L + 60_000, minutes + ": " + pause);
        }
        assertEquals(8, only().attempts());
        assertTrue(only().error().contains("Connection refused"), () -> only().error());
    }

    @Test
    void onlyWhatIsDueIsTriedUnlessSomebodyWantsAllOfIt() {
        try (FakeSmtp server = new FakeSmtp().once("MAIL", "451 4.3.0 later").start()) {
            spool.put(letter("one", "b@example.org"), server.url());
            assertEquals(1, spool.flush().size());
            assertEquals(1, only().attempts());
            assertEquals(451, only().code());
            assertEquals(1, spool.flush().size());
            assertEquals(1, server.peers().size());
            assertEquals(List.of(), flush(true, FIVE_DAYS));
            assertEquals("one", subject(server.message()));
        }
    }

    @Test
    void aNextTryFurtherOffThanFourHoursIsDueAndAgeIsNeverNegative() {
        try (FakeSmtp server = new FakeSmtp().on("MAIL", "451 4.3.0 later").start()) {
            spool.put(letter("one", "b@example.org"), server.url());
            long future = System.currentTimeMillis() + Duration.ofDays(400).toMillis();
            rewrite(record -> at(record, future, future));
            assertTrue(only().next().isBefore(Instant.now().plusSeconds(1)), () -> only().toString());
            assertEquals(1, flush(false, Duration.ofMillis(1)).size());
            assertEquals(1, only().attempts());
            rewrite(record -> at(record, future, System.currentTimeMillis() + Duration.ofHours(3).toMillis()));
            flush(false, FIVE_DAYS);
            assertEquals(1, only().attempts());
        }
    }

    @Test
    void oneThatIsDeferredOrBreaksTheSessionDoesNotStopTheNext() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<slow", "450 4.7.1 greylisted").on("RCPT TO:<poison", ScriptedPeer::close).start()) {
            Stream.of("slow1", "poison", "good1", "slow2", "good2", "slow3", "good3").forEach(name -> spool.put(letter(name, name + "@example.org"), server.url()));
            List<MailTool.Queued> left = spool.flush();
            assertEquals(List.of("good1", "good2", "good3"), subjects(server));
            assertEquals(List.of("slow1@example.org", "poison@example.org", "slow2@example.org", "slow3@example.org"), left.stream().map(one -> one.to().get(0)).toList());
            assertTrue(left.stream().allMatch(one -> one.attempts() == 1 && !one.unknown()), left::toString);
        }
    }

    @Test
    void a421EndsThisServersTurnAndNoOtherOnes() {
        try (FakeSmtp busy = new FakeSmtp().mailsAtMost(2).start(); FakeSmtp other = new FakeSmtp().start()) {
            Stream.of("1", "2", "3", "4", "5").forEach(name -> spool.put(letter(name, name + "@example.org"), busy.url()));
            spool.put(letter("other", "b@example.org"), other.url());
            List<MailTool.Queued> left = spool.flush();
            assertEquals(List.of("1", "2"), subjects(busy));
            assertEquals(List.of("other"), subjects(other));
            assertEquals(1, busy.peers().size());
            assertEquals(List.of("3@example.org", "4@example.org", "5@example.org"), left.stream().map(one -> one.to().get(0)).toList());
            assertEquals(0, left.get(2).attempts());
            assertFalse(left.stream().anyMatch(MailTool.Queued::unknown), left::toString);
        }
    }

    @Test
    void aSessionThatTakesNoMoreForNowEndsNoTurn() {
        try (FakeSmtp server = new FakeSmtp().mailsAtMost(2, "451 4.7.1 Service unavailable - try again later").start()) {
            Stream.of("1", "2", "3", "4", "5").forEach(name -> spool.put(letter(name, name + "@example.org"), server.url()));
            assertEquals(List.of(), spool.flush());
            assertEquals(List.of("1", "2", "3", "4", "5"), subjects(server));
            assertEquals(3, server.peers().size());
        }
    }

    @Test
    void aServerThatBreaksAllSessionsIsLeftForLater() {
        try (FakeSmtp server = new FakeSmtp().on("MAIL", ScriptedPeer::close).start()) {
            Stream.iterate(1, n -> n + 1).limit(20).forEach(n -> spool.put(letter("mail " + n, "b@example.org"), server.url()));
            assertEquals(20, spool.flush().size());
            assertTrue(server.peers().size() < 12, () -> server.peers().size() + " sessions");
        }
    }

    @Test
    void anUnknownOutcomeIsSaidAndTriedAgainWithTheSameOctets() {
        try (FakeSmtp server = new FakeSmtp().once(".", ScriptedPeer::close).start()) {
            spool.put(letter("lost", "b@example.org"), server.url());
            assertEquals(1, flush(true, FIVE_DAYS).size());
            assertTrue(only().unknown());
            assertTrue(warnings.get(0).endsWith("; whether the message was accepted is unknown; it is sent again"), warnings::toString);
            assertEquals(List.of(), flush(true, FIVE_DAYS));
            assertEquals(2, server.attempts().size());
            assertArrayEquals(server.attempts().get(0).content(), server.attempts().get(1).content());
        }
    }

    @Test
    void whatAKillHasLeftMarkedIsUnknownAndGoesAgain() throws IOException {
        try (FakeSmtp server = new FakeSmtp().start()) {
            String id = spool.put(letter("marked", "b@example.org"), server.url());
            Files.move(folder.resolve(id + ".0"), folder.resolve(id + ".0.sent"));
            assertTrue(only().unknown());
            assertEquals(List.of(), spool.flush());
            assertEquals("marked", subject(server.message()));
        }
    }

    @Test
    void itIsMarkedBeforeItsFinalDot() throws IOException {
        List<String> seen = new ArrayList<>();
        try (FakeSmtp server = new FakeSmtp().on(".", peer -> {
            seen.addAll(files(""));
            peer.say("250 2.0.0 queued");
        }).start()) {
            String id = spool.put(letter("marked", "b@example.org"), server.url());
            assertEquals(List.of(), spool.flush());
            assertEquals(List.of(id + ".0.sent"), seen);
        }
    }

    @Test
    void onlyTheOneWhoseEndIsOutIsMarked() throws IOException {
        List<List<String>> seen = new ArrayList<>();
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on(".", peer -> {
            seen.add(files("").stream().filter(name -> name.endsWith(".sent")).toList());
            peer.say("250 2.0.0 queued");
        }).start()) {
            List<String> ids = Stream.of("1", "2", "3").map(name -> spool.put(letter(name, "b@example.org"), server.url())).toList();
            assertEquals(List.of(), spool.flush());
            assertEquals(ids.stream().map(id -> List.of(id + ".0.sent")).toList(), seen);
        }
    }

    @Test
    void whatCantBeMarkedIsNotSent() throws IOException {
        try (FakeSmtp server = new FakeSmtp().start()) {
            List<String> ids = Stream.of("1", "2", "3").map(name -> spool.put(letter(name, "b@example.org"), server.url())).toList();
            Path inTheWay = folder.resolve(ids.get(1) + ".0.sent");
            Files.createDirectories(inTheWay.resolve("x"));
            assertEquals(ids.get(2), flush(false, FIVE_DAYS).get(2).id());
            assertTrue(warnings.get(0).contains("can't write to " + folder), warnings::toString);
            assertEquals(List.of("1"), subjects(server));
            Files.delete(inTheWay.resolve("x"));
            Files.delete(inTheWay);
            assertEquals(List.of(), flush(true, FIVE_DAYS));
            assertEquals(List.of("1", "2", "3"), subjects(server));
        }
    }

    // Who works on it

    @Test
    void aSecondFlushIsRefusedAndNobodyWaitsForIt() throws IOException {
        try (FakeSmtp server = new FakeSmtp().start()) {
            spool.put(letter("one", "b@example.org"), server.url());
            try (StoreLock ours = new SpoolFolder(folder).lock()) {
                MailTool.MailException refused = assertThrows(MailTool.MailException.class, spool::flush);
                assertEquals(MailTool.Exit.TEMPORARY, refused.exit());
                assertTrue(refused.getMessage().contains("another run"), refused::getMessage);
                spool.put(letter("two", "b@example.org"), server.url());
            }
            assertEquals(List.of(), spool.flush());
            assertEquals(List.of("one", "two"), subjects(server));
        }
    }

    @Test
    void aFlushPassesOverAnEntryThatIsBeingTried() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            String tried = spool.put(letter("tried", "b@example.org"), server.url());
            spool.put(letter("other", "b@example.org"), server.url());
            SpoolFolder inside = new SpoolFolder(folder);
            try (SpoolEntry held = inside.hold(inside.list().findFirst().orElseThrow().name()).orElseThrow()) {
                assertEquals(List.of(tried), spool.flush().stream().map(MailTool.Queued::id).toList());
                assertEquals(MailTool.Exit.TEMPORARY, assertThrows(MailTool.MailException.class, () -> spool.drop(List.of(tried))).exit());
            }
            assertEquals(List.of("other"), subjects(server));
            spool.drop(List.of(tried));
            assertEquals(List.of(), spool.entries());
        }
    }

    @Test
    void anIdThatIsNotThereIsSaidAndNothingIsTried() {
        String id = spool.put(letter("one", "b@example.org"), DOWN);
        for (org.junit.jupiter.api.function.Executable call : List.<org.junit.jupiter.api.function.Executable>of(() -> spool.flush(id, "nobody"), () -> spool.drop(List.of(id, "nobody")))) {
            MailTool.MailException unknown = assertThrows(MailTool.MailException.class, call);
            assertEquals(MailTool.Exit.NO_INPUT, unknown.exit());
            assertTrue(unknown.getMessage().contains("nobody"), unknown::getMessage);
        }
        assertEquals(0, only().attempts());
    }

    // What is dead, and who is told

    @Test
    void aRefusalForGoodMakesItDeadAndIsToldToTheSenderOnce() throws IOException {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<gone@", "550 5.1.1 no such user").start()) {
            String id = spool.put(letter("dead one", "gone@example.org"), server.url());
            assertEquals(List.of(), spool.flush());
            assertEquals(List.of(id + ".1"), files("dead"));
            MailTool.Queued dead = only();
            assertEquals(List.of(true, 550, List.of("gone@example.org")), List.of(dead.dead(), dead.code(), dead.to()));
            FakeSmtp.Received notice = server.message();
            assertEquals("", notice.from());
            assertEquals(List.of("a@example.org"), notice.to());
            assertTrue(notice.text().contains("<gone@example.org> 550 5.1.1 no such user"), notice::text);
            assertTrue(notice.text().contains("\r\nSubject: dead one\r\n"), notice::text);
            assertTrue(notice.text().contains("\r\nAuto-Submitted: auto-replied\r\n"), notice::text);
            assertFalse(notice.text().contains("from the spool"), notice::text);
            assertEquals(List.of(), flush(true, FIVE_DAYS));
            assertEquals(List.of(), spool.flush(id));
            assertEquals(1, server.messages().size());
            assertTrue(only().dead());
            assertEquals(2, only().attempts());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"501 5.1.7 bad address", "451 4.1.7 bad address"})
    void aSenderToWhomNoMailCanBeWrittenIsNotToldAndHoldsUpNobody(String reply) {
        try (FakeSmtp server = new FakeSmtp().on("MAIL FROM:<a b@", reply).start()) {
            String id = spool.put(letter("bad", "b@example.org"), server.url());
            MailTool.Envelope odd = new MailTool.Envelope("a b@example.org", List.of("b@example.org"), "", "", "", false);
            long sixDaysAgo = System.currentTimeMillis() - Duration.ofDays(6).toMillis();
            rewrite(known -> new SpoolRecord(sixDaysAgo, known.size(), 0, 0, 0, "", odd, known.messageId(), known.way(), ""));
            spool.put(letter("good", "b@example.org"), server.url());
            assertEquals(List.of(), flush(true, FIVE_DAYS));
            assertEquals(List.of("good"), subjects(server));
            assertEquals(List.of(id), dead().stream().map(MailTool.Queued::id).toList());
            assertTrue(warnings.get(1).startsWith(id + ": nobody is told: can't read the address 'a b@example.org'"), warnings::toString);
        }
    }

    /** A tab or a line end in what is known of one made the whole spool unreadable. */
    @ParameterizedTest
    @ValueSource(strings = {"<a@x>\t(c)", "<a@x>\r\n (c)", "\r\n\t<a@x>", "<a@x>\r\n\t(c)\r\n\t(d=e)"})
    void aMessageIdMayBeOnSeveralLines(String messageId) {
        try (FakeSmtp server = new FakeSmtp().start()) {
            String content = "From: a@example.org\r\nMessage-ID: " + messageId + "\r\nSubject: odd\r\n\r\nhi\r\n";
            String id = spool.put(mail().eml(content.getBytes()).to("b@example.org"), server.url());
            assertEquals(List.of(id, "", false), List.of(only().id(), only().error(), only().dead()));
            assertEquals(List.of(), spool.flush());
            assertTrue(server.message().text().contains("\r\nMessage-ID: " + messageId + "\r\n"), server.message()::text);
        }
    }

    @Test
    void aDeadOneGoesOnceItIsTakenAfterAll() {
        try (FakeSmtp server = new FakeSmtp().once("RCPT TO:<gone@", "550 5.1.1 no such user").start()) {
            String id = spool.put(letter("dead one", "gone@example.org"), server.url());
            spool.flush();
            assertEquals(List.of(), spool.flush(id));
            assertEquals(List.of("Your mail was not sent", "dead one"), subjects(server));
            assertEquals(List.of(), spool.entries());
        }
    }

    @Test
    void whatWasCopiedFromTheDeadWaitsAndGoes() throws IOException {
        try (FakeSmtp server = new FakeSmtp().once("RCPT", "550 5.1.1 no such user").start()) {
            spool.put(letter("mail", "b@example.org").envelopeFrom(""), server.url());
            spool.flush();
            String name = files("dead").get(0);
            Files.copy(folder.resolve("dead").resolve(name), folder.resolve(name));
            assertEquals(List.of(true, false), spool.entries().stream().map(MailTool.Queued::dead).toList());
            assertEquals(List.of(), flush(true, FIVE_DAYS));
            assertEquals(List.of("mail"), subjects(server));
            assertTrue(only().dead());
        }
    }

    @Test
    void whoIsRefusedWhileOthersWaitIsToldOfAtOnceAndHasADeadCopy() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<gone@", "550 5.1.1 no such user").once("RCPT TO:<slow@", "450 4.2.0 later").start()) {
            String id = spool.put(letter("some", "good@example.org", "gone@example.org", "slow@example.org"), server.url());
            List<MailTool.Queued> left = spool.flush();
            assertEquals(List.of(List.of("slow@example.org")), left.stream().map(MailTool.Queued::to).toList());
            assertEquals(List.of(List.of("gone@example.org")), dead().stream().map(MailTool.Queued::to).toList());
            assertEquals(List.of(450, 550), List.of(left.get(0).code(), dead().get(0).code()));
            assertFalse(dead().get(0).id().equals(id));
            assertEquals(List.of("some", "Your mail was not sent"), subjects(server));
            assertFalse(server.messages().get(1).text().contains("slow@example.org> "), () -> server.messages().get(1).text());
            assertEquals(List.of(), flush(true, FIVE_DAYS));
            assertEquals(List.of("good@example.org"), server.messages().get(0).to());
            assertEquals(List.of("slow@example.org"), server.messages().get(2).to());
            assertArrayEquals(server.messages().get(0).content(), server.messages().get(2).content());
            assertEquals(3, server.messages().size());
        }
    }

    @Test
    void ageCountsOnlyAfterATryThatFailed() {
        try (FakeSmtp server = new FakeSmtp().once("MAIL FROM:<a@", "451 4.3.0 later").start()) {
            long sixDaysAgo = System.currentTimeMillis() - Duration.ofDays(6).toMillis();
            spool.put(letter("old", "b@example.org"), server.url());
            rewrite(record -> at(record, sixDaysAgo, sixDaysAgo));
            assertEquals(List.of(), spool.flush());
            assertTrue(only().dead());
            assertTrue(server.message().text().contains("451 4.3.0 later"), () -> server.message().text());
            spool.put(letter("fresh", "b@example.org"), server.url());
            assertEquals(List.of(), flush(false, Duration.ofMillis(1)));
            assertEquals("fresh", subjects(server).get(1));
        }
    }

    @Test
    void theAgeOfWhatWasPutBeforeTheClockWasSetCountsFromItsFirstTryAfterwards() {
        spool.put(letter("early", "b@example.org"), DOWN);
        rewrite(record -> at(record, 120_000, 120_000));
        assertEquals(1, flush(false, FIVE_DAYS).size());
        assertFalse(only().dead());
        assertTrue(only().created().isAfter(Instant.now().minusSeconds(600)), () -> only().toString());
        long sixDaysAgo = System.currentTimeMillis() - Duration.ofDays(6).toMillis();
        rewrite(record -> at(record, sixDaysAgo, sixDaysAgo));
        flush(false, FIVE_DAYS);
        assertEquals(List.of("b@example.org"), dead().get(0).to());
    }

    @Test
    void whatIsTooOldForARelayThatIsDownIsDeadToo() {
        long sixDaysAgo = System.currentTimeMillis() - Duration.ofDays(6).toMillis();
        spool.put(letter("old", "b@example.org"), DOWN);
        rewrite(record -> at(record, sixDaysAgo, sixDaysAgo));
        assertEquals(List.of(""), spool.flush().stream().map(MailTool.Queued::from).toList());
        assertEquals(List.of("a@example.org"), dead().stream().map(MailTool.Queued::from).toList());
    }

    @Test
    void aNoticeThatCantGoIsDroppedAndAMailWithoutSenderIsKeptWithoutNotice() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT", "550 5.1.1 no such user").start()) {
            spool.put(letter("mail", "b@example.org"), server.url());
            spool.put(letter("bounce", "c@example.org").envelopeFrom(""), server.url());
            spool.put(letter("unwanted", "d@example.org").notify("never"), server.url());
            assertEquals(List.of(), spool.flush());
            assertEquals(List.of("b@example.org", "c@example.org", "d@example.org"), dead().stream().map(one -> one.to().get(0)).toList());
            assertEquals(3, spool.entries().size());
            assertEquals(4, server.commands().stream().filter(line -> line.startsWith("RCPT")).count());
        }
    }

    // The first try

    private MailTool.Posted post(FakeSmtp server, String... recipients) {
        return post(Optional.of(new SpoolFolder(folder)), server.url(), recipients);
    }

    private MailTool.Posted post(Optional<SpoolFolder> place, String url, String... recipients) {
        MailTool.Server<MailTool.Smtp> server = MailTool.smtp(url).warnings(warnings::add);
        Relay relay = new Relay(server.toString(), server.where(), server.how(), server.sinks());
        MailTool.Arguments way = new MailTool.Arguments(List.of(Map.entry("server", url)), List.of());
        return new FirstTry(place, relay, MailLog.NONE).post(letter("first", recipients).prepare(), way);
    }

    @ParameterizedTest
    @CsvSource({
        "MAIL, 250 ok, 0, 0, 0",
        "MAIL, 550 5.7.1 no, 65, 65, 0",
        "MAIL, 451 4.3.0 later, 0, 75, 1",
        "RCPT, 550 5.1.1 no, 65, 65, 0",
        "RCPT, 450 4.2.0 later, 0, 75, 1",
        "RCPT TO:<b@, 550 5.1.1 no, 79, 79, 0",
        "RCPT TO:<b@, 450 4.2.0 later, 0, 75, 1",
        "DATA, 451 4.3.0 later, 0, 75, 1",
        "., 554 5.7.1 spam, 65, 65, 0",
        "., 451 4.3.0 later, 0, 75, 1",
        "EHLO, 421 4.3.2 closing, 0, 75, 1",
        "EHLO, 554 5.3.2 no, 0, 75, 1"})
    void theFirstTryEndsWith(String command, String reply, int exit, int exitWithoutSpool, int left) {
        try (FakeSmtp server = new FakeSmtp().on(command, reply).on("HELO", reply).start()) {
            MailTool.Posted posted = post(server, "b@example.org", "c@example.org");
            assertEquals(exit, posted.exit().code, posted::toString);
            assertEquals(left, spool.entries().size());
            assertEquals(posted.queued(), spool.entries().stream().map(MailTool.Queued::id).findFirst());
            assertEquals(exitWithoutSpool, post(Optional.empty(), server.url(), "b@example.org", "c@example.org").exit().code);
            assertEquals(left, spool.entries().size());
        }
    }

    @Test
    void whoIsRefusedAtTheFirstTryIsToldToTheCallerAndTheOthersStay() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<gone@", "550 5.1.1 no").on("RCPT TO:<slow@", "450 4.2.0 later").start()) {
            MailTool.Posted posted = post(server, "gone@example.org", "slow@example.org", "good@example.org");
            assertEquals(MailTool.Exit.PARTIAL, posted.exit());
            assertEquals(List.of("slow@example.org"), only().to());
            assertEquals(List.of("good@example.org"), server.message().to());
        }
    }

    @Test
    void anUnknownOutcomeOfTheFirstTryStaysAndIs75WithoutASpool() {
        try (FakeSmtp server = new FakeSmtp().on(".", ScriptedPeer::close).start()) {
            assertEquals(MailTool.Exit.OK, post(server, "b@example.org").exit());
            assertTrue(only().unknown());
            assertEquals(MailTool.Exit.TEMPORARY, post(Optional.empty(), server.url(), "b@example.org").exit());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"421 4.3.2 closing", "554 5.3.2 no"})
    void aServerThatHasFailedIsNotTriedForFiveMinutes(String greeting) throws IOException {
        try (FakeSmtp server = new FakeSmtp().greeting(greeting).start()) {
            post(server, "b@example.org");
            assertEquals(1, only().attempts());
            MailTool.Posted second = post(server, "c@example.org");
            assertEquals(1, server.peers().size());
            assertEquals(MailTool.Exit.OK, second.exit());
            MailTool.Queued untried = spool.entries().get(1);
            assertEquals(List.of(0, untried.created()), List.of(untried.attempts(), untried.next()));
            try (Stream<Path> notes = Files.list(folder.resolve("servers"))) {
                Files.setLastModifiedTime(notes.findFirst().orElseThrow(), java.nio.file.attribute.FileTime.from(Instant.now().plusSeconds(3600)));
            }
            post(server, "d@example.org");
            assertEquals(2, server.peers().size());
        }
    }

    @Test
    void aMessageThatIsDeferredIsNoFailureOfItsServerAndASuccessEndsOne() {
        try (FakeSmtp server = new FakeSmtp().once("MAIL", "451 4.3.0 later").start()) {
            post(server, "b@example.org");
            post(server, "c@example.org");
            assertEquals(1, server.messages().size());
            new SpoolFolder(folder).troubles().failed(MailTool.smtp(server.url()).toString(), new MailTool.MailException(MailTool.Exit.TEMPORARY, MailTool.Stage.CONNECT, "down"));
            post(server, "d@example.org");
            assertEquals(1, server.messages().size());
            assertEquals(List.of(), flush(true, FIVE_DAYS));
            post(server, "e@example.org");
            assertEquals(4, server.messages().size());
        }
    }

    @Test
    void afterARefusedLoginThereIsOneLoginAnHour() {
        try (FakeSmtp server = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "secret").start()) {
            scratch.write("password", "wrong\n");
            String url = server.url("ops");
            MailTool.Arguments way = new MailTool.Arguments(List.of(Map.entry("server", url), Map.entry("password-file", scratch.resolve("password").toString())), List.of());
            MailTool.Server<MailTool.Smtp> known = MailTool.Spool.server(way);
            new FirstTry(Optional.of(new SpoolFolder(folder)), new Relay(known.toString(), known.where(), known.how(), known.sinks()), MailLog.NONE)
                .post(letter("first", "b@example.org").prepare(), way);
            assertEquals(1, only().attempts());
            rewrite(record -> at(record, record.created(), record.created()));
            assertEquals(1, spool.flush().size());
            assertEquals(1, server.peers().size());
            assertEquals(1, only().attempts());
            assertEquals(1, flush(true, FIVE_DAYS).size());
            assertEquals(2, server.peers().size());
            scratch.write("password", "secret\n");
            assertEquals(List.of(), spool.flush(only().id()));
            assertEquals("first", subject(server.message()));
        }
    }
}
