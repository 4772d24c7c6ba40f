package mailtool;

import static mailtool.MailTool.bulk;
import static mailtool.MailTool.journal;
import static mailtool.MailTool.smtp;
import static mailtool.MailTool.table;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import mailtool.MailTool.Account;
import mailtool.MailTool.BulkOutcome;
import mailtool.MailTool.BulkSums;
import mailtool.MailTool.Exit;
import mailtool.MailTool.Fate;
import mailtool.MailTool.JournalRecord;
import mailtool.MailTool.MailException;
import org.apache.commons.io.function.Erase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A mail for each row, once, whatever the server says and however many runs it takes. */
class BulkTest {
    private final Scratch scratch = Scratch.create("bulk");
    private final FakeSmtp server = new FakeSmtp().ehlo("PIPELINING");
    private final List<BulkOutcome> outcomes = new ArrayList<>();
    private Path template;

    @BeforeEach
    void writeTemplate() {
        template = scratch.write("bill.txt", "From: ops@example.org\nTo: {{email}}\nSubject: Bill for {{name}}\n\nHello {{name}}\n");
    }

    @AfterEach
    void close() {
        server.close();
        scratch.close();
    }

    private Path people(String... rows) {
        return scratch.write("people.csv", "id,email,name\n" + String.join("\n", rows) + "\n");
    }

    private Path people(int count) {
        return people(IntStream.rangeClosed(1, count).mapToObj(i -> i + ",u" + i + "@example.org,Name " + i).toArray(String[]::new));
    }

    private MailTool.Bulk campaign() {
        return bulk(table(scratch.resolve("people.csv"))).template(template).campaign("may").key("id");
    }

    private BulkSums send(MailTool.Bulk campaign) {
        outcomes.clear();
        return campaign.send(smtp(server.url()), outcomes::add);
    }

    private List<JournalRecord> records() {
        try (Stream<JournalRecord> all = journal(scratch.resolve("people.csv.mailtool"))) {
            return all.toList();
        }
    }

    private String told() {
        return outcomes.stream().map(one -> one.key() + " " + one.fate()).collect(Collectors.joining(", "));
    }

    private List<String> received() {
        return server.messages().stream().flatMap(message -> message.to().stream()).toList();
    }

    private static void assertSums(String expected, Exit exit, BulkSums sums) {
        assertEquals(expected + ", " + exit, sums + ", " + sums.exit(), () -> sums.failure().toString());
    }

    @Test
    void whatIsAcceptedIsNeverSentAgain() {
        server.start();
        people(3);
        assertSums("3 rows, 3 accepted", Exit.OK, send(campaign()));
        assertEquals("1 ACCEPTED, 2 ACCEPTED, 3 ACCEPTED", told());
        people("3,u3@example.org,Name", "4,u4@example.org,Name", "1,u1@example.org,Name");
        assertSums("3 rows, 1 accepted, 2 before", Exit.OK, send(campaign()));
        assertEquals("4 ACCEPTED", told());
        assertEquals(List.of("u1@example.org", "u2@example.org", "u3@example.org", "u4@example.org"), received());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "100/s"})
    void whoIsInterruptedHasNotedWhatWasSentAndGoesOnTheNextTime(String rate) {
        server.start();
        people(120);
        MailTool.Bulk first = rate.isEmpty() ? campaign() : campaign().rate(rate);
        BulkSums sums = first.send(smtp(server.url()), outcome -> {
            outcomes.add(outcome);
            Thread.currentThread().interrupt();
        });
        assertTrue(Thread.interrupted(), "the caller's own code can still see it");
        assertEquals(Exit.INTERRUPTED, sums.exit(), sums::toString);
        assertEquals(120, outcomes.size(), this::told);
        assertEquals(0, sums.unknown(), sums::toString);
        assertEquals(server.messages().size(), sums.accepted(), sums::toString);
        assertTrue(sums.deferred() > 0, sums::toString);
        send(campaign());
        assertEquals(120, Set.copyOf(received()).size());
        assertEquals(120, received().size());
    }

    @Test
    void whoIsInterruptedBeforehandSendsNothingAndLeavesNoLock() {
        server.start();
        people(2);
        Thread.currentThread().interrupt();
        assertSums("2 rows, 2 deferred", Exit.INTERRUPTED, send(campaign()));
        assertTrue(Thread.interrupted());
        assertSums("2 rows, 2 accepted", Exit.OK, send(campaign()));
    }

    @Test
    void aJournalThatCantBeReadIsNotHeldAnyLonger() throws IOException {
        server.start();
        people(1);
        Path another = Files.createDirectory(scratch.resolve("people.csv.mailtool.1-of-2"));
        assertEquals(Exit.NO_INPUT, assertThrows(MailException.class, () -> send(campaign())).exit());
        Files.delete(another);
        assertSums("1 row, 1 accepted", Exit.OK, send(campaign()));
    }

    @Test
    void theJournalHasTheSettledKeysAndIsPrivate() throws IOException {
        server.start();
        people(1);
        send(campaign());
        Path file = scratch.resolve("people.csv.mailtool");
        List<String> lines = Files.readAllLines(file);
        String name = "\"campaign\":\"may\",\"key\":\"1\",\"state\":";
        String rest = ",\"messageId\":\"<[0-9a-f]{64}@example.org>\",\"date\":\"[^\"]+\",\"to\":\\[\"u1@example.org\"],\"at\":\"\\d{4}-[^\"]+Z\",\"code\":";
        assertEquals("mailtool campaigns 1", lines.get(0));
        assertTrue(lines.get(1).matches("\\{" + name + "\"intent\"" + rest + "0,\"reply\":\"\",\"template\":\"[0-9a-f]{16}\"}"), lines.get(1));
        assertTrue(lines.get(2).matches("\\{" + name + "\"accepted\"" + rest + "250,\"reply\":\"[^\"]*\"}"), lines.get(2));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void aCopyIsRecognisedByItsMessageIdAndDate() {
        server.once(".", "451 4.3.0 not now").start();
        people(1);
        assertSums("1 row, 1 deferred", Exit.TEMPORARY, send(campaign().set("retry-for", "1ms")));
        assertSums("1 row, 1 accepted", Exit.OK, send(campaign()));
        List<String> copies = server.attempts().stream().map(one -> one.text().replaceFirst("(?s)\r\n\r\n.*", "")).toList();
        assertEquals(copies.get(0), copies.get(1));
    }

    @Test
    void theAnswerThatIsMissingIsHeldUntilSomebodySaysSo() {
        server.once(".", ScriptedPeer::close).start();
        people(3);
        assertSums("3 rows, 2 accepted, 1 unknown", Exit.UNKNOWN, send(campaign()));
        assertSums("3 rows, 2 before, 1 unknown", Exit.UNKNOWN, send(campaign()));
        assertEquals("1 UNKNOWN", told());
        assertSums("3 rows, 1 accepted, 2 before", Exit.OK, send(campaign().set("again", "unknown")));
    }

    @Test
    void suppressionSettlesAnUnknownOne() {
        server.once(".", ScriptedPeer::close).start();
        people(2);
        send(campaign());
        Path gone = scratch.write("gone", "U1@Example.org\n");
        assertSums("2 rows, 1 before, 1 suppressed", Exit.OK, send(campaign().set("suppress", gone.toString())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"u1@example.org", "\"U1@example.org\"", "  <u1@EXAMPLE.org>  ", "u1@example.org (left in May)", "Uwe Ä. <u1@example.org>", "u1@example.org\t"})
    void anAddressIsSuppressedHoweverItIsWritten(String line) {
        server.start();
        people(2);
        Path gone = scratch.write("gone", "email\n\n# told us, not @work\n" + line + "\n");
        assertSums("2 rows, 1 accepted, 1 suppressed", Exit.OK, send(campaign().set("suppress", gone.toString())));
    }

    @Test
    void ofASuppressedAddressTheDomainMayBeInEitherForm() {
        server.start();
        people("1,u1@münchen.example,A", "2,u2@xn--mnchen-3ya.example,B", "3,u3@example.org,C");
        Path gone = scratch.write("gone", "u1@XN--mnchen-3ya.example\nu2@München.example\n");
        assertSums("3 rows, 1 accepted, 2 suppressed", Exit.OK, send(campaign().set("suppress", gone.toString())));
    }

    /** Else who is meant would get the mail, and nobody know why. */
    @ParameterizedTest
    @ValueSource(strings = {"u1@example.org,hard bounce", "u1@example.org,1", "u1@example.org;x", "\"u1@example.org\",\"left\"", "u1@example.org u2@example.org",
        "u1@example.org\tleft", "mailto:u1@example.org", "u1@example.org # left", "u1@example.org\u200b", "u1@example.org\0", "\u00a0u1@example.org", "u1@", "@example.org"})
    void aSuppressedLineThatIsNoAddressStopsAll(String line) {
        server.start();
        people(2);
        Path gone = scratch.write("gone", "u2@example.org\n" + line + "\n");
        MailException refusal = assertThrows(MailException.class, () -> campaign().set("suppress", gone.toString()));
        assertEquals(Exit.DATA, refusal.exit(), refusal::toString);
        assertTrue(refusal.getMessage().contains("a line of " + gone), refusal::getMessage);
    }

    @Test
    void whatIsRefusedStaysSoUntilItsRecipientChanges() {
        server.on("RCPT TO:<u2@", "550 5.1.1 nobody").start();
        people(3);
        assertSums("3 rows, 2 accepted, 1 refused", Exit.PARTIAL, send(campaign()));
        assertSums("3 rows, 2 before, 1 refused", Exit.PARTIAL, send(campaign()));
        assertEquals("2 REFUSED", told());
        assertEquals(550, outcomes.get(0).code());
        send(campaign().set("again", "refused"));
        assertEquals(2, server.commands().stream().filter(line -> line.contains("<u2@")).count());
        people("1,u1@example.org,x", "2,right@example.org,x", "3,u3@example.org,x");
        assertSums("3 rows, 1 accepted, 2 before", Exit.OK, send(campaign()));
    }

    @Test
    void whatIsRefusedForNowGoesToTheEndOnANewConnection() {
        server.once("RCPT TO:<u1@", "450 4.2.1 busy").start();
        people(3);
        assertSums("3 rows, 3 accepted", Exit.OK, send(campaign()));
        assertEquals(List.of("u2@example.org", "u3@example.org", "u1@example.org"), received());
        assertEquals(2, server.peers().size());
    }

    @Test
    void a421BetweenMailsTakesNothingFromThem() {
        server.mailsAtMost(2).start();
        people(5);
        assertSums("5 rows, 5 accepted", Exit.OK, send(campaign()));
        assertEquals(5, received().stream().distinct().count());
        assertEquals(5, received().size());
    }

    @Test
    void ofSeveralRecipientsTheTemporaryOnesAreTriedAlone() {
        server.once("RCPT TO:<b@", "450 4.2.1 busy").on("RCPT TO:<c@", "550 5.1.1 nobody").start();
        people("1,\"a@example.org, b@example.org, c@example.org\",x");
        BulkSums sums = send(campaign());
        assertSums("1 row, 1 accepted", Exit.OK, new BulkSums(1, sums.accepted(), 0, 0, sums.deferred(), 0, 0, false, sums.failure()));
        assertEquals(List.of("a@example.org", "b@example.org"), received());
        assertEquals("[b@example.org]", records().stream().filter(one -> one.state().equals("deferred")).findFirst().orElseThrow().to().toString());
    }

    @ParameterizedTest
    @CsvSource({"MAIL, 550 5.7.1 not you, DATA", "'', 554 go away, DATA", "EHLO, 550 no, DATA"})
    void whatIsNotAboutARowStopsTheRunAndMarksNone(String command, String reply, Exit exit) {
        FakeSmtp unwilling = command.isEmpty() ? server.greeting(reply) : server.on(command, reply).on("HELO", reply);
        unwilling.start();
        people(3);
        assertSums("3 rows, 3 deferred", exit, send(campaign()));
        assertEquals(List.of(), records());
    }

    @Test
    void aSenderOfItsOwnIsTheRows() {
        server.on("MAIL FROM:<b+2@", "550 5.7.1 not you").start();
        people(3);
        assertSums("3 rows, 2 accepted, 1 refused", Exit.PARTIAL, send(campaign().set("envelope-from", "b+{{id}}@example.org")));
    }

    @Test
    void aSenderOnAContinuedLineIsTheRowsToo() {
        scratch.write("bill.txt", "From: Bills\n <b+{{id}}@example.org>\nTo: {{email}}\n\nHello\n");
        server.on("MAIL FROM:<b+2@", "550 5.7.1 not you").start();
        people(3);
        assertSums("3 rows, 2 accepted, 1 refused", Exit.PARTIAL, send(campaign()));
    }

    @Test
    void theTemplateMayBeAPipe() throws Exception {
        Path pipe = scratch.resolve("template");
        SystemCommand.run("mkfifo", pipe);
        server.start();
        people(3);
        Process writer = new ProcessBuilder("sh", "-c", "cat \"$1\" > \"$2\"", "sh", scratch.resolve("bill.txt").toString(), pipe.toString()).start();
        assertSums("3 rows, 3 accepted", Exit.OK, send(campaign().template(pipe)));
        assertEquals(0, writer.waitFor());
    }

    @Test
    void aSenderIsNotSoughtInATextThatBeginsWithABlank() {
        scratch.write("bill.txt", "To: {{email}}\n\n  Hello\nFrom: {{name}}\n");
        server.on("MAIL", "550 5.7.1 not you").start();
        people(3);
        Path accounts = scratch.write("accounts", "work.server = " + server.url() + "\nwork.from = ops@example.org\n");
        assertSums("3 rows, 3 deferred", Exit.DATA, campaign().send(
            Account.find(Optional.of(accounts), Optional.of("work")).orElseThrow().smtp(), outcomes::add));
    }

    @Test
    void twentyRefusalsInARowStopTheRunAndAreTriedAgain() {
        server.on(".", "554 5.7.1 spam").start();
        people(30);
        BulkSums sums = send(campaign());
        assertSums("30 rows, 30 deferred", Exit.DATA, new BulkSums(30, 0, 0, sums.refused(), sums.deferred(), 0, 0, false, sums.failure()));
        assertTrue(outcomes.stream().filter(one -> one.fate() == Fate.REFUSED).count() >= 20);
    }

    /** As Exim and OpenSMTPD say it, who have no enhanced code for it: a list may begin with dead addresses. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"550 Unknown user | true", "550 Invalid recipient: <x@example.org> | true", "550 Unrouteable address | true",
        "550 5.1.1 nobody | true", "550 relay not permitted | false", "550 Administrative prohibition | false", "550 5.7.1 Unknown user | false"})
    void whoIsUnknownDoesNotStopTheRun(String reply, boolean goesOn) {
        server.on("RCPT TO:", reply).start();
        people(25);
        BulkSums sums = send(campaign());
        assertEquals(goesOn ? 0 : 25, sums.deferred(), sums::toString);
        assertEquals(goesOn ? 25 : 0, goesOn ? sums.refused() : 0, sums::toString);
    }

    @Test
    void nothingIsSentIfOneRowIsFaultyAndAllOfTheseAreNamed() throws IOException {
        server.start();
        people("1,u1@example.org,x", "2,not an address,x", "3,u3@example.org,x", "3,u4@example.org,x");
        Path failed = scratch.resolve("failed.csv");
        MailException problem = assertThrows(MailException.class, () -> send(campaign().set("failed", failed.toString())));
        assertEquals(Exit.DATA, problem.exit());
        assertEquals(List.of(), server.peers());
        List<String> lines = Files.readAllLines(failed);
        assertEquals("id,email,name,error", lines.get(0));
        assertEquals(3, lines.size(), lines::toString);
        assertTrue(lines.get(1).startsWith("2,not an address,x,"), lines.get(1));
    }

    @Test
    void anImageByRowIsShownInTheHtml() {
        server.start();
        people("1,u1@example.org,logo");
        scratch.write("logo.png", "png");
        scratch.write("bill.txt", "From: ops@example.org\nTo: {{email}}\nInline: logo={{name}}.png\n\nHello\n");
        Path html = scratch.write("bill.html", "<img src=cid:logo>");
        assertSums("1 row, 1 accepted", Exit.OK, send(campaign().template(template).htmlTemplate(html)));
        scratch.write("bill.html", "{{nobody}}");
        MailTool.Bulk june = campaign().template(template).htmlTemplate(html).campaign("june");
        assertEquals(Exit.DATA, assertThrows(MailException.class, () -> send(june)).exit());
    }

    @Test
    void aJournalThatCannotBeThereIsToldInPlainWords() throws IOException {
        server.start();
        people(1);
        Files.createSymbolicLink(scratch.resolve("link"), scratch.resolve("bill.txt"));
        assertRefused(scratch.path().resolve("nowhere/journal"), "/nowhere: it is not there");
        assertRefused(scratch.resolve("link"), "/link: it is a symbolic link");
    }

    private void assertRefused(Path journal, String words) {
        MailException problem = assertThrows(MailException.class, () -> send(campaign().journal(journal)));
        assertEquals(Exit.OUTPUT, problem.exit());
        assertTrue(problem.getMessage().endsWith(words), problem::getMessage);
    }

    @Test
    void aTemplateThatIsNoneIsToldOnceAndIsNoFaultOfARow() {
        server.start();
        people(3);
        scratch.write("bill.txt", "From: ops@example.org\nTo: {{email}}\n\n{{#name}}Hello\n");
        Path failed = scratch.path().resolve("failed.csv");
        MailException problem = assertThrows(MailException.class, () -> send(campaign().set("failed", failed.toString())));
        assertEquals(Exit.DATA, problem.exit());
        assertTrue(problem.getMessage().contains("bill.txt is no template: "), problem::getMessage);
        assertTrue(Files.notExists(failed));
    }

    @Test
    void anAddressWithoutADomainIsAFaultOfItsRowWhereItIsTheKeyToo() {
        server.start();
        people("1,bad,x");
        MailTool.Bulk byRecipient = bulk(table(scratch.resolve("people.csv"))).template(template).campaign("may");
        MailException problem = assertThrows(MailException.class, () -> send(byRecipient));
        assertEquals(Exit.DATA, problem.exit());
        assertTrue(problem.getMessage().startsWith("nothing is sent, because of 1 faulty row, such as row 1 (line 2): "), problem::getMessage);
    }

    @Test
    void aTableFromStdinIsThereToTheEnd() {
        server.start();
        MailTool.Bulk piped = bulk(piped("id,email,name\n1,u1@example.org,x\n")).template(template).campaign("may")
            .journal(scratch.resolve("journal"));
        System.gc();
        assertSums("1 row, 1 accepted", Exit.OK, send(piped));
        System.gc();
        assertSums("1 row, 1 before", Exit.OK, send(piped));
    }

    private static MailTool.Table piped(String text) {
        return table(Inputs.spooled(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "stdin"));
    }

    /** A file comes in its place: as root that would be the end of a device for all. */
    @ParameterizedTest
    @ValueSource(strings = {"mkfifo", "ln -s people.csv", "ln -s nowhere"})
    void whatWentWrongReplacesNothingThatIsNoFile(String making) throws Exception {
        server.start();
        people(1);
        Path failed = scratch.path().resolve("failed.csv");
        ProcessBuilder maker = new ProcessBuilder("/bin/sh", "-c", making + " failed.csv").directory(scratch.path().toFile());
        assertEquals(0, maker.start().waitFor());
        MailException problem = assertThrows(MailException.class, () -> send(campaign().set("failed", failed.toString())));
        assertEquals(Exit.OUTPUT, problem.exit());
        assertEquals("can't write to " + failed + ": it is no regular file", problem.getMessage());
        assertEquals(List.of(), server.peers());
    }

    @ParameterizedTest
    @ValueSource(strings = {"nowhere/failed.csv", "."})
    void whereWhatGoesWrongCannotBeWrittenNothingIsSent(String failed) {
        server.start();
        people(1);
        String path = scratch.path().resolve(failed).toString();
        MailException problem = assertThrows(MailException.class, () -> send(campaign().set("failed", path)));
        assertEquals(Exit.OUTPUT, problem.exit());
        assertEquals(List.of(), server.peers());
    }

    @ParameterizedTest
    @ValueSource(strings = {"people.csv", "people.csv.mailtool", "./people.csv.mailtool"})
    void whatWentWrongReplacesNeitherTheTableNorTheJournal(String failed) {
        server.on("RCPT TO:", "550 5.1.1 nobody").start();
        people(1);
        String path = scratch.path() + "/" + failed;
        MailException problem = assertThrows(MailException.class, () -> send(campaign().set("failed", path)));
        assertEquals(Exit.USAGE, problem.exit());
    }

    @Test
    void whatWentWrongCanBeFedBack() throws IOException {
        server.on("RCPT TO:<u2@", "550 5.1.1 nobody").start();
        people(3);
        Path failed = scratch.resolve("failed.csv");
        send(campaign().set("failed", failed.toString()));
        assertEquals(List.of("id,email,name,error", "2,u2@example.org,Name 2,5.1.1 nobody"), Files.readAllLines(failed));
        scratch.write("fixed.csv", Files.readString(failed).replace("u2@", "right@"));
        BulkSums sums = bulk(table(scratch.resolve("fixed.csv"))).template(template).campaign("may").key("id")
            .journal(scratch.resolve("people.csv.mailtool")).send(smtp(server.url()), outcomes::add);
        assertSums("1 row, 1 accepted", Exit.OK, sums);
    }

    /** It is no failure of the session, over which the next mail would go with nobody to note its end. */
    @ParameterizedTest
    @ValueSource(strings = {"CHUNKING PIPELINING", "HELP"})
    void whoeverIsToldMayThrowWhatCanBeTriedAgainAndNoRowIsInDoubt(String keywords) {
        server.ehlo(keywords.split(" ")).start();
        people(3);
        MailException thrown = new MailException(Exit.TEMPORARY, MailTool.Stage.CONNECT, "another server is away");
        BulkSums sums = campaign().send(smtp(server.url()), outcome -> thrown.raise());
        assertSame(thrown, sums.failure().orElseThrow());
        assertSums("3 rows, 1 accepted, 2 deferred", Exit.TEMPORARY, sums);
        assertSums("3 rows, 2 accepted, 1 before", Exit.OK, send(campaign()));
        assertEquals(3, server.messages().size());
    }

    /** Other languages throw what they don't declare: no failure of the session either, though it looks like one. */
    @ParameterizedTest
    @ValueSource(strings = {"CHUNKING PIPELINING", "HELP"})
    void whoeverIsToldMayThrowWhatIsNotDeclared(String keywords) {
        server.ehlo(keywords.split(" ")).start();
        people(3);
        for (Throwable thrown : List.of(new IOException("the list is gone"), new StackOverflowError())) {
            assertSame(thrown, assertThrows(Throwable.class, () -> campaign().send(smtp(server.url()), outcome -> Erase.rethrow(thrown))));
        }
        assertSums("3 rows, 1 accepted, 2 before", Exit.OK, send(campaign()));
        assertEquals(3, server.messages().size());
    }

    @Test
    void theFirstOfThoseNotDoneUpToALimit() {
        server.start();
        people(5);
        assertSums("5 rows, 2 accepted, 3 deferred", Exit.TEMPORARY, send(campaign().set("limit", "2")));
        assertSums("5 rows, 2 accepted, 2 before, 1 deferred", Exit.TEMPORARY, send(campaign().set("limit", "2")));
        assertSums("5 rows, 1 accepted, 4 before", Exit.OK, send(campaign().set("limit", "2")));
        assertEquals(5, received().size());
    }

    @Test
    void shardsPartTheRowsAndTheirNumberMayChange() {
        server.start();
        people(40);
        long first = send(campaign().shard(1, 3)).accepted();
        long second = send(campaign().shard(2, 4)).accepted();
        assertTrue(Files.exists(scratch.resolve("people.csv.mailtool.1-of-3")) && Files.exists(scratch.resolve("people.csv.mailtool.2-of-4")));
        BulkSums rest = send(campaign());
        assertSums("40 rows, " + (40 - first - second) + " accepted, " + (first + second) + " before", Exit.OK, rest);
        assertEquals(40, received().stream().distinct().count());
        assertEquals(40, received().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0/8", "9/8", "1", "a/b", "-1/2"})
    void aShardCountsFromOne(String shard) {
        server.start();
        people(1);
        MailException problem = assertThrows(MailException.class, () -> campaign().set("shard", shard));
        assertEquals(Exit.USAGE, problem.exit());
        assertTrue(problem.hint().contains("counts from 1"), problem.hint());
    }

    @ParameterizedTest
    @CsvSource({"people.csv.mailtool.lock, 0", "people.csv.mailtool.1-of-3.lock, 2"})
    void aSecondRunOnTheSameJournalIsRefused(String lock, int of) throws IOException {
        server.start();
        people(1);
        try (StoreLock held = StoreLock.take(scratch.resolve(lock))) {
            MailException problem = assertThrows(MailException.class, () -> send(of == 0 ? campaign() : campaign().shard(1, of)));
            assertEquals(Exit.TEMPORARY, problem.exit());
            assertTrue(problem.getMessage().contains(lock), problem::getMessage);
        }
        assertEquals(List.of(), server.peers());
    }

    @Test
    void aTornEndOfOursIsCutAndThatOfAnotherShardIgnored() throws IOException {
        server.start();
        people(2);
        send(campaign());
        Path own = scratch.resolve("people.csv.mailtool");
        Files.writeString(own, Files.readString(own) + "{\"campaign\":\"ma");
        Files.writeString(scratch.resolve("people.csv.mailtool.1-of-2"), "mailtool campaigns 1\n{\"campaign\":\"may\",\"key\":\"9");
        assertSums("2 rows, 2 before", Exit.OK, send(campaign()));
        assertTrue(Files.readString(own).endsWith("\"}\n"));
    }

    @Test
    void aJournalThatIsBrokenInTheMiddleIsNamedByItsLineAndIsNoFaultOfARow() throws IOException {
        server.start();
        people(2);
        send(campaign());
        Path file = scratch.resolve("people.csv.mailtool");
        Files.writeString(file, Files.readString(file).replace("\"2\",\"state\":\"accepted\"", "\"2\",\"state\":\"gone\""));
        MailException failure = assertThrows(MailException.class, () -> send(campaign()));
        assertTrue(failure.getMessage().matches("can't read the line at octet \\d+ of " + file), failure.getMessage());
        assertEquals(Exit.CONFIG, failure.exit());
        Files.writeString(file, Files.readString(file).replace("\n", "\r\n"));
        assertTrue(assertThrows(MailException.class, () -> send(campaign())).hint().startsWith("bring back a copy"));
        assertEquals(2, received().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2026-11-3", "2026-11-30T15:13:00.838647", "20x6-11-30T15:13:00.838647Z\",\"code\":250,\"reply\":\"\"}",
        "2026-13-30T15:13:00.838647Z\",\"code\":250,\"reply\":\"\"}"})
    void aLineWhoseTimeIsNoneIsNamed(String end) throws IOException {
        server.start();
        people(1);
        send(campaign());
        Path file = scratch.resolve("people.csv.mailtool");
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.lastIndexOf("\"at\":\"") + 6) + end + "\n");
        MailException failure = assertThrows(MailException.class, () -> send(campaign()));
        assertTrue(failure.getMessage().startsWith("can't read the line at octet "), failure.getMessage());
    }

    @Test
    void aTimeFarAheadStopsNothing() throws IOException {
        server.start();
        people(1);
        send(campaign());
        Path file = scratch.resolve("people.csv.mailtool");
        Files.writeString(file, Files.readString(file).replace("\"at\":\"20", "\"at\":\"99"));
        people(2);
        assertSums("2 rows, 1 accepted, 1 before", Exit.OK, send(campaign()));
        assertSums("2 rows, 2 before", Exit.OK, send(campaign()));
    }

    @Test
    void aTornEndOfManyBlocksIsCut() throws IOException {
        server.start();
        people(2);
        send(campaign());
        Path own = scratch.resolve("people.csv.mailtool");
        byte[] whole = Files.readAllBytes(own);
        for (int torn : List.of(BlockOutput.BLOCK - 1, BlockOutput.BLOCK, BlockOutput.BLOCK + 1, 1_000_000)) {
            Files.write(own, new byte[torn], StandardOpenOption.APPEND);
            assertSums("2 rows, 2 before", Exit.OK, send(campaign()));
            assertArrayEquals(whole, Files.readAllBytes(own));
        }
    }

    @Test
    void ofSeveralRecordsTheLatestCountsButNothingUndoesAccepted() throws IOException {
        server.start();
        people(3);
        String line = "{\"campaign\": \"may\", \"key\": \"%s\", \"state\": \"%s\", \"to\": [\"u%s@example.org\"], \"at\": \"2026-01-0%dT00:00:00Z\", \"code\": 0, \"reply\": null}\n";
        Files.writeString(scratch.resolve("people.csv.mailtool.1-of-2"), "mailtool campaigns 1\n" + line.formatted(1, "accepted", 1, 2)
            + line.formatted(2, "intent", 2, 3) + line.formatted(3, "deferred", 3, 4));
        Files.writeString(scratch.resolve("people.csv.mailtool.2-of-2"), "mailtool campaigns 1\n" + line.formatted(1, "deferred", 1, 5)
            + line.formatted(2, "deferred", 2, 2) + line.formatted(3, "intent", 3, 1));
        assertSums("3 rows, 1 accepted, 1 before, 1 unknown", Exit.UNKNOWN, send(campaign()));
        assertEquals("3 ACCEPTED, 2 UNKNOWN", told());
    }

    @Test
    void theDefaultKeyIsTheRecipientWithItsDomainInLowerCase() {
        server.start();
        people("1,Ann@Example.ORG,x");
        bulk(table(scratch.resolve("people.csv"))).template(template).campaign("may").send(smtp(server.url()), outcomes::add);
        assertEquals("Ann@example.org ACCEPTED", told());
    }

    @Test
    void intentsAreSyncedTogetherBeforeTheirEnds() {
        server.start();
        people(120);
        send(campaign());
        List<String> states = records().stream().map(JournalRecord::state).toList();
        assertTrue(states.indexOf("accepted") >= 49, states::toString);
        int open = 0;
        for (String state : states) {
            open += state.equals("intent") ? 1 : -1;
            assertTrue(open <= 100, "intents without an outcome: " + open);
        }
    }

    @Test
    void withARateEachMailHasItsIntentAlone() {
        server.start();
        people(4);
        send(campaign().rate("100/s"));
        assertEquals(List.of("intent", "accepted", "intent", "accepted", "intent", "accepted", "intent", "accepted"),
            records().stream().map(JournalRecord::state).toList());
    }

    /** It is told of what became of one while the next is on its way, and is no fault of that. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4})
    void whatAScriptThrowsIsWhatItSees(int after) {
        server.start();
        people(5);
        List<BulkOutcome> told = new ArrayList<>();
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> campaign().send(smtp(server.url()), outcome -> {
            told.add(outcome);
            if (told.size() > after) {
                throw new IllegalStateException("enough");
            }
        }));
        assertEquals("enough", thrown.getMessage());
        assertEquals(after + 1, told.size());
        assertTrue(records().stream().noneMatch(record -> record.reply().contains("enough")), () -> records().toString());
        send(campaign());
        assertEquals(5, server.messages().size());
        assertEquals(5, server.messages().stream().map(mail -> mail.to().get(0)).distinct().count());
    }

    @Test
    void aJournalThatCannotBeWrittenStopsItAtOnce() throws IOException {
        server.start();
        people(3);
        Files.createDirectory(scratch.resolve("people.csv.mailtool"));
        assertEquals(Exit.OUTPUT, assertThrows(MailException.class, () -> send(campaign())).exit());
        assertEquals(List.of(), server.attempts());
    }

    @Test
    void aTableThatChangesStopsTheRun() {
        Path people = people(120);
        server.once("MAIL", peer -> {
            Files.writeString(people, "id,email,name\n7,other@example.org,x\n");
            peer.say("250 ok");
        }).start();
        BulkSums sums = send(campaign());
        assertEquals(Exit.TEMPORARY, sums.exit());
        assertFalse(received().contains("other@example.org"));
    }

    @Test
    void aDryRunPrintsTheMailOfOneRowAloneAndSendsNothing() {
        server.start();
        people(3);
        Tool.Result run = Tool.with().in(scratch.path()).call("bulk", "--data", "people.csv", "--template", "bill.txt", "--campaign", "may",
            "--key-column", "id", "--dry-run", "--only", "2");
        assertEquals(0, run.exit(), run::toString);
        assertTrue(run.out().startsWith("From: ops@example.org\r\nTo: u2@example.org\r\n"), run::toString);
        assertTrue(run.out().endsWith("\r\n\r\nHello Name 2\r\n"), run::toString);
        assertFalse(Files.exists(scratch.resolve("people.csv.mailtool")));
    }

    @Test
    void eachRowIsALineOfJsonAndTheLastHasTheSums() {
        server.on("RCPT TO:<u2@", "550 5.1.1 nobody").start();
        people(2);
        Tool.Result run = Tool.with().in(scratch.path()).call("bulk", "--data", "people.csv", "--template", "bill.txt", "--campaign", "may",
            "--key-column", "id", "-S", server.url(), "--yes", "--json");
        assertEquals(79, run.exit(), run::toString);
        List<String> lines = run.out().lines().toList();
        assertTrue(lines.get(0).startsWith("{\"key\":\"1\",\"row\":1,\"outcome\":\"accepted\",\"code\":250,\"reply\":"), run::toString);
        assertEquals("{\"rows\":2,\"accepted\":1,\"before\":0,\"refused\":1,\"deferred\":0,\"unknown\":0,\"suppressed\":0}", lines.get(2));
        Tool.Result status = Tool.with().in(scratch.path()).call("bulk", "--status", "--journal", "people.csv.mailtool", "--campaign", "may", "--json");
        assertEquals(79, status.exit(), status::toString);
        assertTrue(status.out().startsWith("{\"key\":\"2\",\"outcome\":\"refused\"}\n"), status::toString);
    }
}
