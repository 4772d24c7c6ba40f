package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One connection, many messages: {@code send} again and again, and {@code sendAll}. */
final class ManyMessagesTest {
    private final List<MailTool.Delivery> results = new CopyOnWriteArrayList<>();

    @Test
    void whatIsOddAboutAMailIsAWarningOfItsServer() {
        List<String> warnings = new CopyOnWriteArrayList<>();
        try (Scratch scratch = Scratch.create("odd"); FakeSmtp server = new FakeSmtp().start();
            MailTool.Smtp session = MailTool.smtp(server.url()).warnings(warnings::add).open()) {
            String file = scratch.write("old.txt", new byte[] {'G', 'r', (byte) 0xfc, (byte) 0xdf, 'e'}).toString();
            session.send(message(1).set("text-file", file));
            session.sendAll(List.of(message(2).set("text-file", file)), results::add);
        }
        assertEquals(2, warnings.size(), warnings::toString);
        assertTrue(warnings.get(1).contains("windows-1252"), warnings::toString);
    }

    @Test
    void aResultStaysAsItIs() {
        try (FakeSmtp server = new FakeSmtp().start(); MailTool.Smtp session = open(server)) {
            List<MailTool.Recipient> recipients = session.send(message(1)).recipients();
            assertThrows(UnsupportedOperationException.class, recipients::clear);
        }
    }

    private static MailTool.Mail message(int number) {
        return mail().from("a@example.org").to("user" + number + "@example.org").subject("number " + number).text("Hello");
    }

    private static MailTool.Smtp open(FakeSmtp server) {
        return smtp(server.url()).set("timeout", "20s").open();
    }

    /** Messages 1 to count, each made when it is asked for. */
    private static Iterable<MailTool.Mail> messages(int count, IntFunction<MailTool.Mail> maker) {
        return () -> IntStream.rangeClosed(1, count).mapToObj(maker).iterator();
    }

    private static List<String> recipients(FakeSmtp server) {
        return server.messages().stream().flatMap(message -> message.to().stream()).toList();
    }

    private static List<String> users(int... numbers) {
        return IntStream.of(numbers).mapToObj(number -> "user" + number + "@example.org").toList();
    }

    private List<String> resultsFor() {
        return results.stream().flatMap(delivery -> delivery.recipients().stream()).map(MailTool.Recipient::address).toList();
    }

    // send

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "HELP"})
    void manyMessagesGoOverOneConnection(String extension) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).start()) {
            try (MailTool.Smtp session = open(server)) {
                for (int i = 1; i <= 50; i++) {
                    assertEquals("FAKE" + i, session.send(message(i)).queueId());
                }
            }
            assertEquals(50, server.messages().size());
            assertEquals(1, server.peers().size());
            assertEquals("QUIT", server.awaitEnd().commands().get(server.commands().size() - 1));
        }
    }

    @Test
    void aRefusedMessageLeavesTheConnectionToTheNext() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<user2@", "550 5.1.1 no such user").once(".", "554 5.6.0 spam").start(); MailTool.Smtp session = open(server)) {
            assertThrows(MailTool.MailException.class, () -> session.send(message(1)));
            assertThrows(MailTool.MailException.class, () -> session.send(message(2)));
            assertTrue(session.send(message(3)).ok());
            assertEquals(1, server.peers().size());
        }
    }

    @Test
    void oneMessageMayBeSentTwice() {
        try (FakeSmtp server = new FakeSmtp().start(); MailTool.Smtp session = open(server)) {
            MailTool.Prepared prepared = message(1).prepare();
            session.send(prepared);
            session.send(prepared);
            assertEquals(server.messages().get(0).text(), server.messages().get(1).text());
        }
    }

    @Test
    void aLostConnectionIsMadeAgainForTheNextMessage() {
        try (FakeSmtp server = new FakeSmtp().once("MAIL", "421 4.3.2 going down").start(); MailTool.Smtp session = open(server)) {
            assertThrows(MailTool.MailException.class, () -> session.send(message(1)));
            assertTrue(session.send(message(2)).ok());
            assertEquals(2, server.peers().size());
        }
    }

    // sendAll

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "PIPELINING CHUNKING", "HELP"})
    void resultsComeInTheOrderOfTheMessages(String keywords) {
        try (FakeSmtp server = new FakeSmtp().ehlo(keywords.split(" ")).start()) {
            try (MailTool.Smtp session = open(server)) {
                session.sendAll(messages(200, ManyMessagesTest::message), results::add);
            }
            assertEquals(IntStream.rangeClosed(1, 200).mapToObj(i -> "FAKE" + i).toList(), results.stream().map(MailTool.Delivery::queueId).toList());
            assertEquals(recipients(server), resultsFor());
            assertEquals(1, server.peers().size());
        }
    }

    @Test
    void aStreamWillDo() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); MailTool.Smtp session = open(server)) {
            session.sendAll(Stream.of(message(1), message(2)), results::add);
            session.sendAll(Stream.of(), results::add);
            session.sendAll(List.of(message(3)), results::add);
            assertEquals(users(1, 2, 3), resultsFor());
        }
    }

    @Test
    void theNextEnvelopeGoesWithTheEndOfTheLastMessage() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").holdFinalReplies(9).start(); MailTool.Smtp session = open(server)) {
            session.sendAll(messages(10, ManyMessagesTest::message), results::add);
            assertEquals(10, server.messages().size());
            assertTrue(results.stream().allMatch(MailTool.Delivery::ok));
        }
    }

    @Test
    void messagesAreTakenAsTheyAreNeeded() {
        AtomicInteger taken = new AtomicInteger();
        List<Integer> ahead = new CopyOnWriteArrayList<>();
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); MailTool.Smtp session = open(server)) {
            session.sendAll(messages(100, number -> {
                taken.set(number);
                return message(number);
            }), delivery -> {
                results.add(delivery);
                ahead.add(taken.get() - results.size());
            });
        }
        assertTrue(ahead.stream().allMatch(count -> count <= 17), ahead::toString);
    }

    @Test
    void anEndlessStreamEndsWhenTheConsumerThrows() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); MailTool.Smtp session = open(server)) {
            IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> session.sendAll(Stream.iterate(1, i -> i + 1).map(ManyMessagesTest::message), delivery -> {
                results.add(delivery);
                if (results.size() == 3) {
                    throw new IllegalStateException("enough");
                }
            }));
            assertEquals("enough", thrown.getMessage());
            assertEquals(users(1, 2, 3), resultsFor().subList(0, 3));
            assertEquals(resultsFor().stream().distinct().toList(), resultsFor(), "no result comes twice");
            assertTrue(session.send(message(99)).ok());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "HELP"})
    void refusedMessagesDoNotStopTheRest(String extension) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension, "SIZE 5000").on("RCPT TO:<user2@", "550 5.1.1 no such user").on("MAIL FROM:<banned@", "554 5.7.1 not you").start();
            MailTool.Smtp session = open(server)) {
            List<MailTool.Mail> mails = List.of(
                message(1),
                message(2),
                mail().from("banned@example.org").to("user3@example.org").text("Hello"),
                message(4).text("too large\n".repeat(1000)),
                mail().from("a@example.org").text("to nobody"),
                message(6),
                message(7).to("user2@example.org"));
            session.sendAll(mails, results::add);
            assertEquals(List.of("OK", "DATA", "DATA", "DATA", "USAGE", "OK", "PARTIAL"), results.stream().map(delivery -> delivery.exit().name()).toList());
            assertEquals(users(1, 6, 7), recipients(server));
            assertEquals("550 5.1.1 no such user", results.get(1).failure().orElseThrow().reply().orElseThrow().toString());
            assertEquals("554 5.7.1 not you", results.get(2).failure().orElseThrow().reply().orElseThrow().toString());
            assertTrue(session.send(message(8)).ok());
        }
    }

    @Test
    void aMessageRefusedAtItsEndDoesNotStopTheRest() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").once(".", "250 2.0.0 Ok").once(".", "554 5.6.0 spam").start(); MailTool.Smtp session = open(server)) {
            session.sendAll(messages(4, ManyMessagesTest::message), results::add);
            assertEquals(List.of(true, false, true, true), results.stream().map(MailTool.Delivery::ok).toList());
            assertEquals(users(1, 3, 4), recipients(server));
        }
    }

    @Test
    void lmtpAnswersForEachRecipientOfEachMessage() {
        try (FakeSmtp server = new FakeSmtp().lmtp().ehlo("PIPELINING").on(". <user2@", "452 4.2.2 full").start(); MailTool.Smtp session = open(server)) {
            session.sendAll(messages(3, number -> message(number).cc("user2@example.org, user9@example.org")), results::add);
            assertEquals(List.of(2, 1, 2), results.stream().map(delivery -> delivery.recipients().size() - delivery.refused().size()).toList());
        }
    }

    // A slow producer

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 16, 17, 40})
    void aMessageIsNotHeldBackUntilTheNextOneComes(int quickOnes) {
        CountDownLatch allHaveResults = new CountDownLatch(quickOnes);
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); MailTool.Smtp session = open(server)) {
            Iterator<MailTool.Mail> slow = IntStream.rangeClosed(1, quickOnes + 1).mapToObj(number -> {
                if (number > quickOnes) {
                    assertTrue(await(allHaveResults, 20), "the results of the messages so far must come first");
                }
                return message(number);
            }).iterator();
            session.sendAll(() -> slow, delivery -> {
                results.add(delivery);
                allHaveResults.countDown();
            });
            assertEquals(quickOnes + 1, results.size());
        }
    }

    private static boolean await(CountDownLatch latch, long seconds) {
        try {
            return latch.await(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    @Test
    void aProducerMayTakeLongerThanTheServer() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); MailTool.Smtp session = smtp(server.url()).set("timeout", "2s").open()) {
            CountDownLatch never = new CountDownLatch(1);
            session.sendAll(messages(4, number -> {
                if (number == 4) {
                    assertFalse(await(never, 4));
                }
                return message(number);
            }), results::add);
            assertEquals(4, results.stream().filter(MailTool.Delivery::ok).count());
        }
    }

    @Test
    void aSessionMayRestBetweenTwoLots() throws InterruptedException {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); MailTool.Smtp session = smtp(server.url()).set("timeout", "2s").open()) {
            session.sendAll(messages(2, ManyMessagesTest::message), results::add);
            Thread.sleep(3000);
            session.sendAll(messages(2, ManyMessagesTest::message), results::add);
            assertEquals(4, results.stream().filter(MailTool.Delivery::ok).count());
        }
    }

    // Failures on the way

    /** Other languages throw what they don't declare; and nobody may wait for a source that is interrupted. */
    @Test
    void whatAProducerThrowsComesThroughAsItIs() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); MailTool.Smtp session = open(server)) {
            for (Throwable problem : List.of(new IOException("the table is gone"), new InterruptedException("enough"), new StackOverflowError())) {
                assertSame(problem, assertThrows(Throwable.class, () -> assertTimeoutPreemptively(Eventually.DEADLINE, () -> session.sendAll(messages(9, number -> {
                    if (number == 2) {
                        throw ManyMessagesTest.<RuntimeException>undeclared(problem);
                    }
                    return message(number);
                }), results::add))));
            }
            assertEquals(users(1, 1, 1), resultsFor());
            assertTrue(session.send(message(3)).ok());
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E undeclared(Throwable problem) throws E {
        throw (E) problem;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void aProducerThatThrowsLosesNothing(int good) {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); MailTool.Smtp session = open(server)) {
            IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> session.sendAll(messages(100, number -> {
                if (number > good) {
                    throw new IllegalStateException("no more");
                }
                return message(number);
            }), results::add));
            assertEquals("no more", thrown.getMessage());
            assertEquals(IntStream.rangeClosed(1, good).mapToObj(number -> "user" + number + "@example.org").toList(), recipients(server));
            assertEquals(recipients(server), resultsFor());
            assertTrue(results.stream().allMatch(MailTool.Delivery::ok), results::toString);
            assertTrue(session.send(message(99)).ok());
        }
    }

    @Test
    void anInterruptIsNoEndOfTheMessages() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); MailTool.Smtp session = open(server)) {
            Thread.currentThread().interrupt();
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.sendAll(messages(2, ManyMessagesTest::message), results::add));
            assertTrue(Thread.interrupted(), "the caller's own code can still see it");
            assertEquals(MailTool.Exit.INTERRUPTED, problem.exit(), problem::getMessage);
            assertEquals(List.of(), server.messages());
        } finally {
            Thread.interrupted();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void anInterruptInTheMiddleIsThrownAfterTheResultsSoFar(int last) {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); MailTool.Smtp session = open(server)) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.sendAll(messages(100, ManyMessagesTest::message), delivery -> {
                results.add(delivery);
                if (results.size() == last) {
                    Thread.currentThread().interrupt();
                }
            }));
            assertTrue(Thread.interrupted());
            assertEquals(MailTool.Exit.INTERRUPTED, problem.exit(), problem::getMessage);
            assertEquals(recipients(server), resultsFor());
            assertTrue(results.size() >= last && results.size() < 100, results::toString);
            assertTrue(session.send(message(101)).ok());
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void aLostConnectionIsThrownAfterTheResultsSoFar() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").once(".", "250 2.0.0 Ok").once(".", ScriptedPeer::hangUp).start(); MailTool.Smtp session = open(server)) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.sendAll(messages(100, ManyMessagesTest::message), results::add));
            assertEquals(MailTool.Exit.UNKNOWN, problem.exit());
            assertEquals(users(1, 2), resultsFor().subList(0, 2));
            assertEquals(resultsFor().stream().distinct().toList(), resultsFor(), "no result comes twice");
            assertTrue(results.get(0).ok());
            assertTrue(results.get(1).failure().orElseThrow().getMessage().contains("unknown"), results::toString);
            assertTrue(results.stream().skip(2).noneMatch(MailTool.Delivery::ok), results::toString);
            assertTrue(results.stream().skip(2).noneMatch(delivery -> delivery.failure().orElseThrow().getMessage().contains("unknown")), results::toString);
            assertTrue(results.size() <= 4, results::toString);
        }
    }

    @Test
    void aConnectionLostAfterTheLastMessageIsThrownToo() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").once(".", "250 2.0.0 Ok").once(".", ScriptedPeer::hangUp).start(); MailTool.Smtp session = open(server)) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.sendAll(messages(2, ManyMessagesTest::message), results::add));
            assertEquals(MailTool.Exit.UNKNOWN, problem.exit());
            assertEquals(List.of(true, false), results.stream().map(MailTool.Delivery::ok).toList());
            assertTrue(results.get(1).failure().orElseThrow().getMessage().contains("unknown"), results::toString);
        }
    }

    @Test
    void a421InTheMiddleIsThrownWithTheServersWords() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on("RCPT TO:<user3@", "421 4.7.0 too many").start(); MailTool.Smtp session = open(server)) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.sendAll(messages(9, ManyMessagesTest::message), results::add));
            assertEquals(MailTool.Exit.TEMPORARY, problem.exit());
            assertTrue(problem.getMessage().contains("421 4.7.0 too many"), problem.getMessage());
            assertEquals(List.of(true, true, false), results.stream().map(MailTool.Delivery::ok).limit(3).toList());
            assertEquals(users(1, 2), recipients(server));
        }
    }

    /** It would wait for the end of what waits for it. */
    @Test
    void whatMakesTheMailsMayUseAnotherSessionButNotThisOne() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); FakeSmtp other = new FakeSmtp().start();
                MailTool.Smtp session = smtp(server.url()).set("timeout", "20s").open(); MailTool.Smtp second = smtp(other.url()).open()) {
            List<java.util.function.Consumer<MailTool.Smtp>> uses = List.of(smtp -> smtp.send(message(9)), smtp -> smtp.ask("NOOP"),
                    smtp -> smtp.raw("NOOP\r\n".getBytes()), smtp -> smtp.sendAll(List.of(message(9)), delivery -> { }), MailTool.Smtp::close);
            for (java.util.function.Consumer<MailTool.Smtp> use : uses) {
                results.clear();
                Stream<MailTool.Mail> mails = Stream.of(1, 2).peek(number -> use.accept(number == 1 ? second : session)).map(ManyMessagesTest::message);
                if (use == uses.get(4)) {
                    mails = Stream.of(1, 2).peek(number -> use.accept(session)).map(ManyMessagesTest::message);
                }
                Stream<MailTool.Mail> all = mails;
                MailTool.MailException problem = assertThrows(MailTool.MailException.class,
                        () -> assertTimeoutPreemptively(Eventually.DEADLINE, () -> session.sendAll(all, results::add)));
                assertEquals(MailTool.Exit.USAGE, problem.exit(), problem::getMessage);
                assertTrue(problem.getMessage().contains("this session sends the mails that use it"), problem::getMessage);
                assertEquals(use == uses.get(4) ? 0 : 1, results.size());
            }
            session.sendAll(List.of(message(1), message(2)), delivery -> results.add(session.send(message(3))));
            assertTrue(results.stream().allMatch(MailTool.Delivery::ok), results::toString);
            assertEquals(8, server.messages().size());
            assertEquals(2, other.messages().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "PIPELINING CHUNKING", "HELP"})
    void whoIsToldOfAMailMaySendMoreOverTheSameSession(String keywords) {
        List<String> more = new CopyOnWriteArrayList<>();
        try (FakeSmtp server = new FakeSmtp().ehlo(keywords.split(" ")).on("RCPT TO:<user2@", "550 5.1.1 no such user").start(); MailTool.Smtp session = open(server)) {
            session.sendAll(List.of(message(1), message(2), message(3), message(4)), delivery -> {
                results.add(delivery);
                int first = 10 * results.size();
                session.sendAll(List.of(message(first), message(first + 1)), one -> more.add(one.recipients().get(0).address()));
            });
            assertEquals(users(1, 2, 3, 4), resultsFor());
            assertEquals(List.of(true, false, true, true), results.stream().map(MailTool.Delivery::ok).toList());
            assertEquals(users(10, 11, 20, 21, 30, 31, 40, 41), more);
            assertEquals(11, recipients(server).stream().distinct().count());
            assertEquals(11, server.messages().size());
            assertEquals(1, server.peers().size());
        }
    }

    @Test
    void whatIsThrownOfFurtherMailsTakesNoResultFromTheOthers() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start(); MailTool.Smtp session = open(server)) {
            session.sendAll(messages(5, ManyMessagesTest::message), delivery -> {
                results.add(delivery);
                assertThrows(IllegalStateException.class, () -> session.sendAll(messages(4, number -> message(number + 10)), one -> {
                    throw new IllegalStateException("enough");
                }));
            });
            assertEquals(users(1, 2, 3, 4, 5), resultsFor());
            assertTrue(results.stream().allMatch(MailTool.Delivery::ok), results::toString);
        }
    }

    @Test
    void aConnectionLostByFurtherMailsIsToldOfAllThatAreUnderWay() {
        List<MailTool.Delivery> more = new CopyOnWriteArrayList<>();
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on("RCPT TO:<user10@", "421 4.7.0 too many").start(); MailTool.Smtp session = open(server)) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.sendAll(messages(5, ManyMessagesTest::message), delivery -> {
                results.add(delivery);
                if (results.size() == 1) {
                    session.sendAll(List.of(message(10)), more::add);
                }
            }));
            assertTrue(problem.getMessage().contains("421 4.7.0 too many"), problem.getMessage());
            assertEquals(1, more.size());
            assertEquals(recipients(server), resultsFor());
            assertTrue(results.stream().allMatch(MailTool.Delivery::ok), results::toString);
        }
    }

    @Test
    void withoutASinkOfResultsNothingIsSent() {
        try (FakeSmtp server = new FakeSmtp().start(); MailTool.Smtp session = open(server)) {
            MailTool.MailException refusal = assertThrows(MailTool.MailException.class, () -> session.sendAll(List.of(message(1)), null));
            assertEquals(MailTool.Exit.USAGE, refusal.exit());
            assertEquals("the sink of results is null", refusal.getMessage());
            assertEquals(List.of(), server.messages());
            assertTrue(session.send(message(2)).ok());
        }
    }

    /** It is told as a mail that can't be composed is, and the others go. */
    @Test
    void amongManyOneThatIsMissingIsARefusalOfItsOwn() {
        try (FakeSmtp server = new FakeSmtp().start(); MailTool.Smtp session = open(server)) {
            assertEquals("the mails is null", assertThrows(MailTool.MailException.class,
                () -> session.sendAll((Stream<MailTool.Mail>) null, any -> { })).getMessage());
            List<String> told = new ArrayList<>();
            session.sendAll(Arrays.asList(message(1), null, message(2)),
                one -> told.add(one.failure().map(MailTool.MailException::getMessage).orElse("ok")));
            assertEquals(List.of("ok", "the mail is null", "ok"), told);
            assertEquals(2, server.messages().size());
        }
    }

    /** As Courier MTA does with what has come when it reads the end of a message: from then on nothing comes before the answer. It is known by XEXDATA. */
    @ParameterizedTest
    @CsvSource({"HELP, 1", "XEXDATA, 0"})
    void whatAServerDropsBehindAnEndIsSentBehindNoOther(String extension, int drops) throws Exception {
        AtomicInteger dropped = new AtomicInteger();
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING", extension).on("DATA", peer -> {
            peer.say("354 go").readToDot();
            boolean comesEarly = peer.hasMoreWithin(Duration.ofSeconds(2));
            while (peer.hasMore()) {
                peer.readLine();
            }
            dropped.addAndGet(comesEarly ? 1 : 0);
            peer.say("250 2.0.0 taken");
        }).start(); MailTool.Smtp session = smtp(server.url()).set("timeout", "5s").open()) {
            List<MailTool.Delivery> results = new ArrayList<>();
            session.sending.sendEach(IntStream.range(0, 4).mapToObj(number -> new Outgoing(message(number)::prepare, results::add)));
            assertEquals(4, results.stream().filter(MailTool.Delivery::ok).count(), results::toString);
            assertEquals(drops, dropped.get());
            assertEquals(1 + drops, server.peers().size());
        }
    }

    /** As Dovecot's submission does, though it offers PIPELINING: from then on nothing comes before the answer, so one mail alone is in doubt. */
    @ParameterizedTest
    @ValueSource(strings = {"250 PIPELINING", "250 CHUNKING"})
    void aServerThatDiesOfWhatIsBehindAnEndLeavesOneMailInDoubt(String last) throws Exception {
        AtomicInteger sessions = new AtomicInteger();
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            sessions.incrementAndGet();
            peer.say("220 hello").expect("EHLO").say("250-hello", "250-PIPELINING", last);
            for (String line = peer.readLine(); !line.equals("QUIT"); line = peer.readLine()) {
                boolean isEnd = line.startsWith("BDAT");
                if (isEnd) {
                    peer.readBytes(Integer.parseInt(line.split(" ")[1]));
                } else if (line.equals("DATA")) {
                    peer.say("354 go").readToDot();
                    isEnd = true;
                }
                if (isEnd && peer.hasMoreWithin(Duration.ofSeconds(2))) {
                    peer.cut();
                    return;
                }
                peer.say("250 2.0.0 ok");
            }
            peer.say("221 bye");
        }); MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "20s").open()) {
            List<MailTool.Delivery> results = new ArrayList<>();
            session.sending.sendEach(IntStream.range(0, 4).mapToObj(number -> new Outgoing(message(number)::prepare, results::add)));
            assertEquals(List.of(MailTool.Exit.UNKNOWN, MailTool.Exit.OK, MailTool.Exit.OK, MailTool.Exit.OK),
                results.stream().map(MailTool.Delivery::exit).toList(), results::toString);
            assertEquals(2, sessions.get());
        }
    }

    /** RFC 2920, 3.1 sends a lone dot where no recipient was accepted; where one was, he would get an empty mail. */
    @ParameterizedTest
    @ValueSource(strings = {"550 5.1.1 nobody", "503 5.5.1 MAIL first", "250 2.1.5 ok"})
    void nobodyGetsAnEmptyMailWhereTheSenderWasRefusedAndDataWasNot(String reply) {
        boolean taken = reply.startsWith("250");
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").once("MAIL", "550 5.7.1 not you").once("RCPT", "550 5.1.1 no").once("RCPT", reply)
                .once("DATA", "354 go").start(); MailTool.Smtp session = smtp(server.url()).set("timeout", "20s").open()) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class,
                    () -> session.send(message(1).cc("user2@example.org")));
            assertEquals("550 5.7.1 not you", problem.reply().orElseThrow().toString());
            assertEquals(MailTool.Exit.DATA, problem.exit());
            assertTrue(session.send(message(2)).ok());
            assertEquals(taken ? 1 : 2, server.attempts().size());
            assertEquals(taken ? 2 : 1, server.peers().size());
        }
    }
}
