package mailtool;

import static mailtool.MailTool.bulk;
import static mailtool.MailTool.journal;
import static mailtool.MailTool.smtp;
import static mailtool.MailTool.table;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigestSpi;
import java.security.Provider;
import java.security.Security;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import mailtool.MailTool.BulkOutcome;
import mailtool.MailTool.BulkSums;
import mailtool.MailTool.Exit;
import mailtool.MailTool.Fate;
import mailtool.MailTool.JournalRecord;
import mailtool.MailTool.MailException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run of bulk does when something ends it, when the server has its moods, and what it says of how it stands. */
class BulkRunTest {
    private final Scratch scratch = Scratch.create("bulk-run");
    private final FakeSmtp server = new FakeSmtp().ehlo("PIPELINING");
    private final List<BulkOutcome> outcomes = new ArrayList<>();
    private final Path template = scratch.write("bill.txt", "From: ops@example.org\nTo: {{email}}\nSubject: Bill\n\nHello\n");

    @AfterEach
    void close() {
        server.close();
        scratch.close();
    }

    private void people(String... rows) {
        scratch.write("people.csv", "id,email\n" + String.join("\n", rows) + "\n");
    }

    private void people(int count) {
        people(IntStream.rangeClosed(1, count).mapToObj(i -> i + ",u" + i + "@example.org").toArray(String[]::new));
    }

    private MailTool.Bulk campaign() {
        return bulk(table(scratch.resolve("people.csv"))).template(template).campaign("may").key("id");
    }

    private BulkSums send(MailTool.Bulk campaign) {
        outcomes.clear();
        return campaign.send(smtp(server.url()), outcomes::add);
    }

    private Map<String, List<String>> states() {
        try (Stream<JournalRecord> all = journal(scratch.resolve("people.csv.mailtool"))) {
            return all.collect(Collectors.groupingBy(JournalRecord::key, Collectors.mapping(JournalRecord::state, Collectors.toList())));
        }
    }

    private Tool tool() {
        return Tool.with().in(scratch.path());
    }

    private String[] words(String... more) {
        Stream<String> usual = Stream.of("bulk", "--data", "people.csv", "--template", "bill.txt", "--campaign", "may", "--key-column", "id", "-S", server.url());
        return Stream.concat(usual, Stream.of(more)).toArray(String[]::new);
    }

    private static void assertSums(String expected, Exit exit, BulkSums sums) {
        assertEquals(expected + ", " + exit, sums + ", " + sums.exit(), () -> sums.failure().toString());
    }

    // Ended from outside

    @Test
    void whatHasNoAnswerTenSecondsAfterCtrlCIsUnknownAndListed() {
        server.on(".", peer -> {
            if (server.attempts().size() > 2) {
                peer.stall();
            }
            peer.say("250 ok");
        }).start();
        people(9);
        try (RunningTool running = tool().start(words("--yes", "--json"))) {
            Eventually.until("the third end", () -> server.attempts().size() == 3);
            Tool.Result run = running.signal("INT").await();
            assertEquals(130, run.exit(), run::toString);
            assertTrue(run.out().contains("{\"key\":\"3\",\"row\":3,\"outcome\":\"unknown\""), run::toString);
            assertTrue(run.out().endsWith("{\"rows\":9,\"accepted\":2,\"before\":0,\"refused\":0,\"deferred\":6,\"unknown\":1,\"suppressed\":0}\n"), run::toString);
        }
        assertEquals(List.of("intent"), states().get("3"));
        assertEquals(List.of("intent", "deferred"), states().get("4"));
    }

    @Test
    void onSigtermWhatIsOnItsWayIsFinished() {
        server.start();
        people(50);
        try (RunningTool running = tool().start(words("--yes", "--rate", "5/s"))) {
            Eventually.until("two mails", () -> server.attempts().size() > 1);
            Tool.Result run = running.signal("TERM").await();
            assertEquals(143, run.exit(), run::toString);
            assertFalse(run.out().contains("unknown"), run::toString);
        }
        assertEquals(server.messages().size(), states().values().stream().filter(of -> of.contains("accepted")).count());
    }

    /** As when its disk is unmounted, or a cleaner comes by: else the next run would send all again, and this one would not say so. */
    @Test
    void aJournalThatGoesAwayStopsItAndBroughtBackTheNextRunGoesOn() throws IOException {
        Path journal = scratch.resolve("people.csv.mailtool");
        server.once("RCPT TO:<u2@", peer -> {
            Files.move(journal, scratch.resolve("away"));
            peer.say("250 ok");
        }).start();
        people(300);
        Tool.Result gone = tool().call(words("--yes", "--json"));
        assertEquals(73, gone.exit(), gone::toString);
        assertTrue(gone.err().contains(journal + ": it is not there"), gone::toString);
        assertTrue(server.messages().size() < 300, gone::toString);
        Files.move(scratch.resolve("away"), journal);
        send(campaign());
        List<String> unknown = outcomes.stream().filter(one -> one.fate() == Fate.UNKNOWN).map(one -> "u" + one.key() + "@example.org").toList();
        BulkSums rest = send(campaign().set("again", "unknown"));
        assertEquals(300, rest.accepted() + rest.before(), rest::toString);
        Map<String, Long> counts = server.messages().stream().collect(Collectors.groupingBy(one -> one.to().get(0), Collectors.counting()));
        counts.forEach((to, count) -> assertTrue(count == 1 || unknown.contains(to), to + " has it twice, unknown were " + unknown));
    }

    @Test
    void aFullDiskStopsItAndTheNextRunGoesOn() {
        server.start();
        people(200);
        Tool.Result full = tool().through("ulimit -f 64; exec").call(words("--yes", "--json"));
        assertEquals(73, full.exit(), full::toString);
        assertTrue(server.messages().size() < 200, full::toString);
        send(campaign());
        List<String> unknown = outcomes.stream().filter(one -> one.fate() == Fate.UNKNOWN).map(one -> "u" + one.key() + "@example.org").toList();
        BulkSums rest = send(campaign().set("again", "unknown"));
        assertEquals(200, rest.accepted() + rest.before(), rest::toString);
        Map<String, Long> counts = server.messages().stream().collect(Collectors.groupingBy(one -> one.to().get(0), Collectors.counting()));
        assertEquals(200, counts.size());
        counts.forEach((to, count) -> assertTrue(count == 1 || unknown.contains(to), to + " has it twice, unknown were " + unknown));
    }

    @Test
    void whereTheFailedRowsCannotBeWrittenEachStillHasItsLine() {
        server.on("RCPT TO:", "550 5.1.1 nobody").start();
        people(IntStream.rangeClosed(1, 9).mapToObj(i -> i + ",u" + i + "@" + "long.".repeat(1_600) + "example.org").toArray(String[]::new));
        scratch.write("bill.txt", "From: ops@example.org\nTo: u{{id}}@example.org\nSubject: Bill\n\nHello\n");
        send(campaign());
        Tool.Result run = tool().through("ulimit -f 64; exec").call(words("--yes", "--json", "--failed", "failed.csv"));
        assertEquals(73, run.exit(), run::toString);
        assertEquals(9, run.out().lines().filter(line -> line.contains("\"outcome\":\"refused\"")).count(), run::toString);
        assertFalse(Files.exists(scratch.resolve("failed.csv")));
    }

    @Test
    void whatFeedsThemBackCanBePastedIntoAShell() throws IOException {
        server.on("RCPT TO:<u2@", "550 5.1.1 nobody").start();
        people(3);
        Path failed = scratch.resolve("joe's own rows.csv");
        Tool.Result run = tool().call(words("--yes", "--failed", failed.toString()));
        assertEquals(79, run.exit(), run::toString);
        String line = run.err().lines().filter(each -> each.contains("mailtool bulk --data ")).findFirst().orElseThrow();
        Files.writeString(failed, Files.readString(failed).replace("u2@", "right@"));
        String shell = "mailtool() { " + Java.quoted() + " mailtool.MailTool \"$@\"; }; " + line.substring(line.indexOf("mailtool bulk")) + " --yes";
        Tool.Result again = Program.of("/bin/sh", "-c", shell).in(scratch.path()).call();
        assertEquals(0, again.exit(), again::toString);
        assertEquals(List.of("intent", "refused", "intent", "accepted"), states().get("2"));
    }

    // In which order

    @Test
    void noEndGoesOutBeforeItsIntentIsSynced() throws IOException {
        server.start();
        people(120);
        Path trace = scratch.resolve("trace");
        String strace = Need.program("strace") + " -f -y -s 200000 -e trace=pwrite64,write,fdatasync -o '" + trace + "'";
        Tool.Result run = tool().through("exec " + strace).call(words("--yes"));
        Need.that(!run.err().contains("ptrace"), "ptrace is not allowed here: " + run.err());
        assertEquals(0, run.exit(), run::toString);
        int[] intents = new int[1];
        int[] synced = new int[1];
        int[] ends = new int[1];
        Map<String, Integer> syncing = new HashMap<>();
        for (String line : Files.readAllLines(trace)) {
            String thread = line.replaceFirst(" .*", "");
            intents[0] += line.contains(".mailtool>, ") ? count("\\\\\"state\\\\\":\\\\\"intent", line) : 0;
            if (line.contains("fdatasync(")) {
                syncing.put(thread, intents[0]);
            }
            if (line.contains("fdatasync") && line.endsWith("= 0")) {
                synced[0] = Math.max(synced[0], syncing.get(thread));
            }
            ends[0] += line.contains("<TCP") || line.contains("<socket:") ? count("\\\\r\\\\n[.]\\\\r\\\\n", line) : 0;
            assertTrue(ends[0] <= synced[0], () -> ends[0] + " ends, " + synced[0] + " of " + intents[0] + " intents synced");
        }
        assertEquals(List.of(120, 120), List.of(intents[0], ends[0]));
        assertTrue(syncing.size() > 1 || synced[0] == 120, syncing::toString);
    }

    private static int count(String regex, String text) {
        return (int) Pattern.compile(regex).matcher(text).results().count();
    }

    // The question

    @ParameterizedTest
    @CsvSource({"y, 3", "n, 0", "'', 0"})
    void theQuestionIsAskedOnTheTerminal(String answer, int sent) {
        server.start();
        people(3);
        try (RunningTool running = tool().onTerminalBut("</dev/null").stdinOpen().start(words())) {
            Tool.Result run = running.awaitOutput("Send? [y/N] ").type(answer.isEmpty() ? "\u0004" : answer + "\n").await();
            assertEquals(0, run.exit(), run::toString);
            assertEquals(sent == 0, run.out().contains("mailtool: nothing sent"), run::toString);
            assertEquals(sent, server.messages().size());
        }
    }

    /** As it may have attachments larger than the memory. */
    @Test
    void ofTheMailThatIsShownOnlyTheBeginningIsKept() throws IOException {
        server.start();
        people(1);
        scratch.write("large.bin", new byte[60_000_000]);
        Files.writeString(template, "From: ops@example.org\nTo: {{email}}\nSubject: Bill\nAttach: large.bin\n\nHello\n");
        Tool.Result run = tool().jvm("-Xmx64m").call(words());
        assertEquals(64, run.exit(), run::toString);
        assertTrue(run.err().contains("Subject: Bill\n") && run.err().contains("there is no terminal to ask on"), run::toString);
    }

    // How far it is

    @Test
    void aLineForALogHasTheRateAndTheTimeLeft() {
        server.start();
        AtomicLong now = new AtomicLong();
        MailTool.BulkReport report = new MailTool.BulkReport(new Terminal(), false, now::get);
        report.begins(600);
        assertEquals("0 of 600 mails", report.soFar());
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        for (int row = 1; row <= 120; row++) {
            report.told(new BulkOutcome("" + row, row, Fate.ACCEPTED, 250, "", "", ""));
        }
        assertEquals("120 of 600 mails, 2.0/s, 4:00 left", report.soFar());
        report.told(new BulkOutcome("x", 121, Fate.DEFERRED, 450, "", "", ""));
        assertEquals("121 of 600 mails, 2.0/s, 3:58 left; deferred: 1", report.soFar());
    }

    @Test
    void theBarCountsFromWhereItBegan() {
        server.start();
        AtomicLong now = new AtomicLong();
        Speed speed = new Speed(now::get);
        assertEquals("", speed.of(new Amount(100, 400, 0, 0)));
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertEquals("", speed.of(new Amount(110, 400, 0, 0)));
        now.addAndGet(Duration.ofSeconds(9).toNanos());
        assertEquals(", 10.0/s, 0:20 left", speed.of(new Amount(200, 400, 0, 0)));
        now.addAndGet(Duration.ofMinutes(90).toNanos());
        assertEquals(", 3.3/m, 0:00 left", speed.of(new Amount(399, 400, 0, 0)).replaceFirst("\\d:\\d\\d left", "0:00 left"));
    }

    @Test
    void whatARateLetsWaitIsNotToldButAPauseIs() {
        server.start();
        List<String> told = new ArrayList<>();
        MailTool.Server<MailTool.Smtp> settings = smtp("smtp://localhost");
        settings.waiting = told::add;
        Tempo tempo = new Tempo(Duration.ofMillis(20), Duration.ofHours(1), settings.sinks());
        tempo.await();
        tempo.await();
        assertEquals(List.of(), told);
        tempo.slowDown();
        tempo.await();
        assertTrue(told.get(0).startsWith("the next one in "), told::toString);
    }

    @Test
    void whatIsPutOffIsToldOnceAPauseWithTheServersWords() {
        server.once("RCPT TO:<u2@", "451 4.7.1 come back").on("RCPT TO:<u3@", "550 5.1.1 nobody").start();
        people(3);
        List<String> warnings = new ArrayList<>();
        List<String> waiting = new ArrayList<>();
        MailTool.Server<MailTool.Smtp> settings = smtp(server.url()).warnings(warnings::add);
        settings.waiting = waiting::add;
        assertSums("3 rows, 2 accepted, 1 refused", Exit.PARTIAL, campaign().send(settings, outcomes::add));
        String words = " in \\d s; 1 mail put off: 451 4[.]7[.]1 come back";
        assertTrue(warnings.stream().filter(line -> line.matches("trying again" + words)).count() == 1, warnings::toString);
        assertTrue(waiting.stream().anyMatch(line -> line.matches("trying again" + words)), waiting::toString);
    }

    @Test
    void theFirstRowsThatArePutOffAreNamedAndTheRestCounted() {
        server.on("RCPT", "450 4.2.1 busy").start();
        people(7);
        Tool.Result run = tool().call(words("--yes", "--retry-for", "1ms"));
        assertEquals(75, run.exit(), run::toString);
        String named = IntStream.rangeClosed(1, 5).mapToObj(i -> "mailtool: row " + i + " (" + i + "): deferred: 4.2.1 busy\n").collect(Collectors.joining());
        assertTrue(run.err().endsWith(named + "mailtool: 2 more rows: deferred\n"), run::toString);
    }

    @Test
    void whatIsNotTriedIsCountedAndNotNamed() {
        server.start();
        people(3);
        Tool.Result run = tool().call(words("--yes", "--limit", "1"));
        assertEquals(75, run.exit(), run::toString);
        assertFalse(run.err().contains("deferred"), run::toString);
        assertTrue(run.err().endsWith("mailtool: 2 rows not tried: --limit\n"), run::toString);
        server.close();
        Tool.Result down = tool().call(words("--yes"));
        assertEquals(75, down.exit(), down::toString);
        assertTrue(down.err().contains("mailtool: 2 rows not tried\nmailtool: can't connect"), down::toString);
    }

    // The server's moods

    @ParameterizedTest
    @ValueSource(strings = {"", "421 4.7.0 too many errors"})
    void twentyRefusalsAreWhatEndsItAlsoIfTheServerHasEnoughOfUsThen(String farewell) {
        people(30);
        server.on("RCPT TO:<u21@", peer -> (farewell.isEmpty() ? peer : peer.say(farewell)).close()).on("RCPT", "554 5.7.1 policy").start();
        BulkSums sums = send(campaign());
        assertSums("30 rows, 30 deferred", Exit.DATA, sums);
        assertTrue(sums.failure().orElseThrow().getMessage().startsWith("20 mails in a row were refused, and not for their address: 554 5.7.1"), sums.failure()::toString);
    }

    @Test
    void a421AfterEachFiftyAndA452AfterAHundredRecipientsLoseNothing() {
        server.mailsAtMost(50).recipientsAtMost(100, "452 4.5.3 too many").start();
        String many = IntStream.rangeClosed(1, 150).mapToObj(i -> "m" + i + "@example.org").collect(Collectors.joining(", ", "\"", "\""));
        people(Stream.concat(Stream.of("0," + many), IntStream.rangeClosed(1, 120).mapToObj(i -> i + ",u" + i + "@example.org")).toArray(String[]::new));
        assertSums("121 rows, 121 accepted", Exit.OK, send(campaign()));
        List<String> to = server.messages().stream().flatMap(message -> message.to().stream()).toList();
        assertEquals(List.of(270L, 270L), List.of(to.stream().distinct().count(), (long) to.size()));
    }

    @Test
    void aSessionThatTakesNoMoreForNowPutsNobodyOff() {
        server.mailsAtMost(3, "451 4.3.0 no resources").start();
        people(8);
        assertSums("8 rows, 8 accepted", Exit.OK, send(campaign()));
        assertEquals(10, server.awaitEnd().commands().stream().filter(command -> command.startsWith("MAIL")).count());
    }

    @Test
    void dropsAfterTheDotAndChangedMindsLoseNothing() {
        Random random = new Random(1);
        List<String> accepted = new ArrayList<>();
        server.on(".", peer -> {
            String to = server.attempts().get(server.attempts().size() - 1).to().get(0);
            int mood = random.nextInt(10);
            if (mood == 0) {
                peer.close();
            }
            if (mood > 1) {
                accepted.add(to);
            }
            if (mood == 2) {
                peer.close();
            }
            peer.say(mood == 1 ? "451 4.3.0 not now" : "250 ok");
        }).start();
        people(60);
        BulkSums first = send(campaign().set("retry-for", "1ms"));
        for (int run = 0; run < 9 && first.deferred() > 0; run++) {
            first = send(campaign().set("retry-for", "1ms"));
        }
        assertEquals(accepted.stream().distinct().count(), accepted.size());
        List<String> unknown = outcomes.stream().filter(one -> one.fate() == Fate.UNKNOWN).map(one -> "u" + one.key() + "@example.org").toList();
        List<String> known = IntStream.rangeClosed(1, 60).mapToObj(i -> "u" + i + "@example.org").filter(to -> !unknown.contains(to)).toList();
        assertTrue(accepted.containsAll(known), accepted + " but " + unknown);
        assertEquals(60, first.before() + first.accepted() + first.unknown(), first::toString);
    }

    @Test
    void whoWasRefusedIsStillSoWhenAnotherOfTheMailGetsItLater() {
        server.once("RCPT TO:<b@", "450 4.2.1 busy").on("RCPT TO:<c@", "550 5.1.1 nobody").start();
        people("1,\"a@example.org, b@example.org, c@example.org\"");
        assertSums("1 row, 1 accepted", Exit.PARTIAL, send(campaign()));
        assertSums("1 row, 1 before", Exit.PARTIAL, send(campaign()));
        assertEquals(1, server.commands().stream().filter(line -> line.contains("<c@")).count());
    }

    @Test
    void whoIsRefusedBesideABusyOneIsNotForgottenEither() {
        server.once("RCPT TO:<b@", "450 4.2.1 busy").on("RCPT TO:<c@", "550 5.1.1 nobody").start();
        people("1,\"b@example.org, c@example.org\"");
        assertSums("1 row, 1 accepted", Exit.PARTIAL, send(campaign()));
    }

    // What is said

    @Test
    void ofTwoRowsWithOneKeyTheLaterIsToBlame() {
        server.start();
        people(Stream.concat(IntStream.rangeClosed(1, 64).mapToObj(i -> i + ",u" + i + "@example.org"), Stream.of("1,v@example.org")).toArray(String[]::new));
        MailException problem = assertThrows(MailException.class, () -> send(campaign()));
        assertEquals("nothing is sent, because of 1 faulty row, such as row 65 (line 66): it has the key '1' of row 1", problem.getMessage());
    }

    @Test
    void aJournalOrACampaignThatIsNotThereIsSaid() {
        server.start();
        people(1);
        send(campaign());
        MailException noJournal = assertThrows(MailException.class, () -> status("typo.mailtool", "may"));
        assertEquals(Exit.NO_INPUT, noJournal.exit());
        MailException noCampaign = assertThrows(MailException.class, () -> status("people.csv.mailtool", "mya"));
        assertEquals(Exit.USAGE, noCampaign.exit());
        assertEquals("it has may", noCampaign.hint());
        List<String> warnings = new ArrayList<>();
        try (Campaign mistyped = campaign().campaign("mya").open(Optional.empty(), false, warnings::add)) {
            assertSums("1 row, 1 deferred", Exit.TEMPORARY, mistyped.status((key, fate) -> { }));
        }
        assertTrue(warnings.get(0).contains("has no campaign 'mya'; it has may"), warnings::toString);
    }

    private BulkSums status(String journal, String name) {
        MailTool.Bulk campaign = new MailTool.Bulk(Optional.empty()).campaign(name).journal(scratch.resolve(journal));
        try (Campaign known = campaign.open(Optional.empty(), false, warning -> { })) {
            return known.status((key, fate) -> { });
        }
    }

    @Test
    void theStatusOfATableWithAFaultyRowHasItsSums() {
        server.start();
        people("1,u1@example.org", "2", "3,u3@example.org");
        List<String> warnings = new ArrayList<>();
        try (Campaign known = campaign().open(Optional.empty(), false, warnings::add)) {
            assertSums("2 rows, 2 deferred", Exit.DATA, known.status((key, fate) -> { }));
        }
        assertEquals("row 2 (line 3): it has 1 cell, the head line 2", warnings.get(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"may", "m\u00e4i \"x\"", "\\u006day"})
    void aKeyIsTheSameHoweverALineIsWritten(String name) throws IOException {
        server.start();
        String head = "mailtool campaigns 1\n";
        String rest = "\"to\":[\"a@[10.0.0.1]\"],\"at\":\"2026-01-0%dT00:00:00.000001Z\",\"code\":0,\"reply\":\"\"}\n";
        String campaign = RowHandler.GSON.toJson(name);
        List<String> lines = List.of(
            "{\"campaign\":" + campaign + ",\"key\":\"a\\\"b\",\"state\":\"accepted\",\"messageId\":\"\",\"date\":\"\"," + rest.formatted(1),
            "{\"key\":\"a\\u0022b\",\"campaign\":" + campaign + ",\"state\":\"deferred\"," + rest.formatted(2),
            "{\"key\":\"plain\",\"campaign\":" + campaign + ",\"state\":\"refused\"," + rest.formatted(2),
            "{\"campaign\":" + campaign + ",\"key\":\"plain\",\"state\":\"accepted\",\"messageId\":\"\",\"date\":\"\"," + rest.formatted(3),
            "{\"campaign\":\"another\",\"key\":\"c\",\"state\":\"accepted\",\"messageId\":\"\",\"date\":\"\"," + rest.formatted(4),
            "{ \"campaign\": " + campaign + ", \"state\": \"intent\", \"key\": \"d\", " + rest.formatted(5).replace(".000001Z", "+01:00"));
        Files.writeString(scratch.resolve("journal"), head + String.join("", lines));
        assertSums("3 rows, 2 before, 1 unknown", Exit.UNKNOWN, status("journal", name));
    }

    @Test
    void keysAreHashedWithASecretThatIsAnotherEachTime() {
        server.start();
        Standings standings = new Standings();
        Set<ByteBuffer> hashes = new HashSet<>();
        for (String key : List.of("", "a", "ba", "xa", "a")) {
            byte[] octets = key.getBytes(StandardCharsets.US_ASCII);
            hashes.add(standings.hash(ByteBuffer.wrap(octets, Math.max(0, octets.length - 1), Math.min(1, octets.length))));
        }
        assertEquals(2, hashes.size(), "only the octets that are meant count");
        assertFalse(hashes.contains(new Standings().hash(ByteBuffer.allocate(0))));
    }

    /** A Java that must not use MD5, as FIPS 140 wants it. */
    static final class WithoutMd5 {
        /** Refuses whatever is asked. */
        public static final class Refused extends MessageDigestSpi {
            @Override
            protected void engineUpdate(byte octet) {
                throw new IllegalStateException("MD5");
            }

            @Override
            protected void engineUpdate(byte[] octets, int offset, int length) {
                throw new IllegalStateException("MD5");
            }

            @Override
            protected byte[] engineDigest() {
                throw new IllegalStateException("MD5");
            }

            @Override
            protected void engineReset() {
            }
        }

        public static void main(String... words) {
            Provider strict = new Provider("strict", "1", "") { };
            strict.put("MessageDigest.MD5", Refused.class.getName());
            Security.insertProviderAt(strict, 1);
            new Standings().hash(ByteBuffer.allocate(1));
        }
    }

    @Test
    void keysAreHashedAlsoWhereMd5IsForbidden() {
        server.start();
        Tool.Result run = Program.java(WithoutMd5.class.getName()).call();
        assertEquals(0, run.exit(), run::toString);
    }
}
