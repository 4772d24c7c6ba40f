package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** More recipients or messages than a server takes at a time: 452 and 552 (RFC 5321, 4.5.3.1.10), LIMITS (RFC 9422), 421 between messages. */
final class ManyRecipientsTest {
    private static final String TOO_MANY = "452 4.5.3 too many recipients";
    private final List<String> warnings = new ArrayList<>();
    private final List<MailTool.Delivery> results = new ArrayList<>();

    private static List<String> users(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(number -> "user" + number + "@example.org").toList();
    }

    private static MailTool.Mail message(List<String> recipients) {
        return mail().from("a@example.org").to(String.join(", ", recipients)).subject("many").text("Hello");
    }

    private static MailTool.Mail message(int number) {
        return message(users(number, number));
    }

    private MailTool.Server<MailTool.Smtp> choose(FakeSmtp server) {
        return smtp(server.url()).set("timeout", "20s").warnings(warnings::add);
    }

    private MailTool.Delivery send(FakeSmtp server, MailTool.Mail mail) {
        try (MailTool.Smtp session = choose(server).open()) {
            return session.send(mail);
        }
    }

    private MailTool.MailException failure(FakeSmtp server, MailTool.Mail mail) {
        return assertThrows(MailTool.MailException.class, () -> send(server, mail));
    }

    private static List<List<String>> envelopes(FakeSmtp server) {
        return server.messages().stream().map(FakeSmtp.Received::to).toList();
    }

    private static long count(FakeSmtp server, String verb) {
        return server.awaitEnd().commands().stream().filter(command -> command.startsWith(verb)).count();
    }

    private static List<String> refused(MailTool.Delivery delivery) {
        return delivery.refused().stream().map(MailTool.Recipient::address).toList();
    }

    // Sessions that end

    private static FakeSmtp endingAtRefusals(String keywords, String... words) {
        return new FakeSmtp().ehlo(keywords.split(" ")).on("RCPT TO:<bad", peer -> {
            peer.say(words);
            peer.hangUp();
        });
    }

    /** Nobody was refused for good: the same may go well later. */
    @ParameterizedTest
    @ValueSource(strings = {"421 4.7.0 busy", "450 4.2.0 greylisted"})
    void aSessionThatEndsForNowIsTriedLater(String words) {
        for (String keywords : List.of("HELP", "PIPELINING", "CHUNKING")) {
            try (FakeSmtp server = endingAtRefusals(keywords, words).start()) {
                MailTool.MailException failure = failure(server, message(List.of("user1@example.org", "bad1@example.org")));
                assertEquals(MailTool.Exit.TEMPORARY, failure.exit(), failure::getMessage);
                assertEquals(List.of(), envelopes(server));
                assertEquals(1, count(server, "EHLO"));
            }
        }
    }

    // 452 and 552

    @ParameterizedTest
    @ValueSource(strings = {TOO_MANY, "552 5.5.3 too many recipients", "452 4.3.1 no space", "552 5.2.2 over quota",
        "451 4.5.3 Too many recipients: Too many recipients", "531 Too many recipients."})
    void whoFindsNoRoomGetsAFurtherTransactionOnTheSameConnection(String reply) {
        for (String extension : List.of("HELP", "PIPELINING", "CHUNKING", "CHUNKING PIPELINING")) {
            try (FakeSmtp server = new FakeSmtp().ehlo(extension.split(" ")).recipientsAtMost(10, reply).start()) {
                MailTool.Delivery delivery = send(server, message(users(1, 25)));
                assertTrue(delivery.ok(), delivery::toString);
                assertEquals("FAKE1", delivery.queueId());
                assertEquals(users(1, 25), delivery.recipients().stream().map(MailTool.Recipient::address).toList());
                assertEquals(List.of(users(1, 10), users(11, 20), users(21, 25)), envelopes(server));
                assertEquals(1, server.messages().stream().map(FakeSmtp.Received::text).distinct().count());
                assertEquals(1, server.peers().size());
                assertEquals(List.of(), warnings);
            }
        }
    }

    /** As Exim with recipients_max_reject: who was taken before the surplus would be taken alone. */
    @ParameterizedTest
    @ValueSource(strings = {"HELP", "PIPELINING", "CHUNKING", "CHUNKING PIPELINING"})
    void whereTooManySpoilTheMessageItGoesAgainToAsManyAsWereTaken(String extensions) {
        for (int size : List.of(10, 200_000)) {
            try (FakeSmtp server = new FakeSmtp().ehlo(extensions.split(" ")).on("RCPT TO:<user2@", "550 5.1.1 unknown")
                    .recipientsAtMost(5, "552 too many recipients").thenRefusingAll("554 Too many recipients").start();
                    MailTool.Smtp session = choose(server).open()) {
                MailTool.Delivery delivery = session.send(message(users(1, 13)).text("x\n".repeat(size / 2)));
                session.send(message(users(21, 27)));
                assertEquals(List.of("user2@example.org"), refused(delivery));
                assertEquals(users(1, 13), delivery.recipients().stream().map(MailTool.Recipient::address).toList());
                List<String> got = envelopes(server).stream().flatMap(List::stream).toList();
                assertEquals(19, got.stream().distinct().count());
                assertEquals(19, got.size());
                assertEquals(1, server.peers().size());
            }
        }
    }

    /** As Exim with smtp_accept_max_per_connection too: the mail that was refused was the last that the session took. */
    @ParameterizedTest
    @ValueSource(strings = {"HELP", "PIPELINING", "CHUNKING PIPELINING"})
    void whatASessionTaughtHoldsInTheNextOne(String extensions) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extensions.split(" ")).mailsAtMost(1).recipientsAtMost(5, "552 too many recipients")
                .thenRefusingAll("554 Too many recipients").start();
                MailTool.Smtp session = choose(server).open()) {
            assertTrue(assertTimeoutPreemptively(Eventually.DEADLINE, () -> session.send(message(users(1, 12)))).ok());
            assertEquals(List.of(users(1, 5), users(6, 10), users(11, 12)), envelopes(server));
            assertEquals(4, server.peers().size());
        }
    }

    @Test
    void whoSaysTooManyOfAnyNumberIsNotAskedForEver() {
        try (FakeSmtp server = new FakeSmtp().recipientsAtMost(5, TOO_MANY).on("DATA", "554 Too many recipients").start()) {
            assertEquals(MailTool.Exit.DATA, failure(server, message(users(1, 12))).exit());
            assertEquals(4, count(server, "DATA"));
        }
    }

    @Test
    void noMoreAreAskedForThanWereOnTheirWay() {
        try (FakeSmtp server = new FakeSmtp().recipientsAtMost(10, TOO_MANY).start()) {
            send(server, message(users(1, 30)));
            assertEquals(32, count(server, "RCPT"));
        }
    }

    @Test
    void theCommandNeedsNoRetryAndEndsWith0() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").recipientsAtMost(100, TOO_MANY).start()) {
            Tool.Result run = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", String.join(",", users(1, 250)), "--text", "Gr\u00fc\u00dfe", "--json");
            assertEquals(0, run.exit(), run::toString);
            assertEquals(List.of(100, 100, 50), envelopes(server).stream().map(List::size).toList());
            JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
            assertEquals("FAKE1", json.get("queueId").getAsString());
            assertEquals(250, json.getAsJsonArray("recipients").size());
            assertEquals(1, server.peers().size());
        }
    }

    @ParameterizedTest
    @CsvSource({"452 4.2.2 mailbox full, TEMPORARY", "552 5.2.2 mailbox full, DATA"})
    void whoIsRefusedAsTheFirstIsRefused(String reply, MailTool.Exit alone) {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on("RCPT TO:<user2@", reply).start()) {
            assertEquals(alone, failure(server, message(2)).exit());
            MailTool.Delivery delivery = send(server, message(users(1, 4)));
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit());
            assertEquals(List.of("user2@example.org"), refused(delivery));
            assertEquals(reply, delivery.refused().get(0).reply().orElseThrow().toString());
            assertEquals(List.of(List.of("user1@example.org", "user3@example.org", "user4@example.org")), envelopes(server));
        }
    }

    @Test
    void theFirstOnesMayBeRefusedAndTheOthersNot() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<user1@", TOO_MANY).on("RCPT TO:<user2@", "550 5.1.1 nobody").recipientsAtMost(2, TOO_MANY).start()) {
            MailTool.Delivery delivery = send(server, message(users(1, 6)));
            assertEquals(List.of("user1@example.org", "user2@example.org"), refused(delivery));
            assertEquals(List.of(users(3, 4), users(5, 6)), envelopes(server));
        }
    }

    @Test
    void eachHasTheReplyOfHisOwnTransaction() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").recipientsAtMost(2, TOO_MANY).once(".", "250 2.0.0 queued as A").once(".", "554 5.6.0 spam")
            .on("RCPT TO:<user5@", "550 5.1.1 nobody").start()) {
            MailTool.Delivery delivery = send(server, message(users(1, 6)));
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit());
            assertEquals("A", delivery.queueId());
            assertEquals(List.of("250 2.1.5 recipient ok", "250 2.1.5 recipient ok", "554 5.6.0 spam", "554 5.6.0 spam", "550 5.1.1 nobody", "250 2.1.5 recipient ok"),
                delivery.recipients().stream().map(recipient -> recipient.reply().orElseThrow().toString()).toList());
        }
    }

    @ParameterizedTest
    @CsvSource({"554, 554, DATA", "554, 451, TEMPORARY", "451, 554, TEMPORARY"})
    void whenNobodyGetsItTheCodeIsAsIfItWereOne(String first, String second, MailTool.Exit exit) {
        try (FakeSmtp server = new FakeSmtp().recipientsAtMost(2, TOO_MANY).once(".", first + " no").once(".", second + " no").start()) {
            MailTool.MailException problem = failure(server, message(users(1, 4)));
            assertEquals(exit, problem.exit(), problem::getMessage);
            assertEquals(4, problem.delivery().orElseThrow().recipients().size());
        }
    }

    @Test
    void aFurtherTransactionThatIsRefusedAtMailIsTheirRefusal() {
        try (FakeSmtp server = new FakeSmtp().recipientsAtMost(2, TOO_MANY).once("MAIL", "250 2.1.0 sender ok").once("MAIL", "550 5.7.1 once is enough").start()) {
            MailTool.Delivery delivery = send(server, message(users(1, 4)));
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit());
            assertEquals(List.of("550 5.7.1 once is enough", "550 5.7.1 once is enough"),
                delivery.refused().stream().map(recipient -> recipient.reply().orElseThrow().toString()).toList());
        }
    }

    @Test
    void anUnknownOutcomeOfAFurtherTransactionIsOneOfTheWhole() {
        try (FakeSmtp server = new FakeSmtp().recipientsAtMost(2, TOO_MANY).once(".", "250 2.0.0 ok").once(".", ScriptedPeer::hangUp).start();
            MailTool.Smtp session = choose(server).set("retry", "3").open()) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.send(message(users(1, 6))));
            assertEquals(MailTool.Exit.UNKNOWN, problem.exit(), problem::getMessage);
            assertFalse(problem.retryable());
            assertEquals(List.of(true, true, false, false, false, false), problem.delivery().orElseThrow().recipients().stream().map(MailTool.Recipient::ok).toList());
            assertEquals(2, server.attempts().size());
            assertEquals(1, server.peers().size());
        }
    }

    @Test
    void whoWasNotReachedIsTriedAgainLater() {
        try (FakeSmtp server = new FakeSmtp().recipientsAtMost(2, "552 5.5.3 too many").once("MAIL", "250 2.1.0 sender ok").once("MAIL", ScriptedPeer::hangUp).start();
            MailTool.Smtp session = choose(server).set("retry", "1").open()) {
            assertTrue(session.send(message(users(1, 4))).ok());
            assertEquals(List.of(users(1, 2), users(3, 4)), envelopes(server));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DATA", "."})
    void whoFoundNoRoomInATransactionThatFailedIsTriedAgainToo(String command) {
        try (FakeSmtp server = new FakeSmtp().recipientsAtMost(2, "552 5.5.3 too many").once(command, "421 4.3.2 going down").start();
            MailTool.Smtp session = choose(server).set("retry", "1").open()) {
            assertTrue(session.send(message(users(1, 5))).ok());
            assertEquals(List.of(users(1, 2), users(3, 4), users(5, 5)), envelopes(server));
        }
    }

    @Test
    void lmtpHasFurtherTransactionsToo() {
        try (FakeSmtp server = new FakeSmtp().lmtp().recipientsAtMost(2, TOO_MANY).on(". <user3@", "452 4.2.2 full").start()) {
            assertEquals(List.of("user3@example.org"), refused(send(server, message(users(1, 5)))));
            assertEquals(List.of(users(1, 2), users(3, 4), users(5, 5)), envelopes(server));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HELP", "PIPELINING"})
    void sendAllHasFurtherTransactionsToo(String extension) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).recipientsAtMost(2, TOO_MANY).start(); MailTool.Smtp session = choose(server).open()) {
            session.sendAll(List.of(message(users(1, 5)), message(6), message(users(7, 9))), results::add);
            assertEquals(List.of(5, 1, 3), results.stream().map(delivery -> delivery.recipients().size()).toList());
            assertTrue(results.stream().allMatch(MailTool.Delivery::ok), results::toString);
            assertEquals(List.of(users(1, 2), users(3, 4), users(5, 5), users(6, 6), users(7, 8), users(9, 9)), envelopes(server));
            assertEquals(1, server.peers().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TOO_MANY, "552 5.5.3 too many recipients"})
    void allOrNothingSendsToNobody(String reply) {
        for (String extension : List.of("HELP", "PIPELINING", "CHUNKING")) {
            try (FakeSmtp server = new FakeSmtp().ehlo(extension).recipientsAtMost(3, reply).start()) {
                MailTool.MailException problem = failure(server, message(users(1, 5)).allOrNothing());
                assertEquals(MailTool.Exit.TEMPORARY, problem.exit(), problem::getMessage);
                assertTrue(problem.getMessage().contains(reply), problem::getMessage);
                assertEquals(List.of(), server.attempts());
                assertEquals(List.of("RSET", "QUIT"), server.awaitEnd().commands().subList(server.commands().size() - 2, server.commands().size()));
            }
        }
    }

    // LIMITS

    @ParameterizedTest
    @ValueSource(strings = {"LIMITS RCPTMAX=2", "LIMITS mailmax=50 rcptmax=02 RCPTDOMAINMAX=1"})
    void noMoreRecipientsAreNamedThanTheServerSaysItTakes(String limits) {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING", limits).recipientsAtMost(2, "503 5.5.1 you were told").start()) {
            assertTrue(send(server, message(users(1, 5))).ok());
            assertEquals(5, count(server, "RCPT"));
        }
    }

    @Test
    void aWholeTransactionMayBeRefusedAndTheRestNot() {
        try (FakeSmtp server = new FakeSmtp().ehlo("LIMITS RCPTMAX=1").on("RCPT TO:<user1@", "550 5.1.1 nobody").start()) {
            MailTool.Delivery delivery = send(server, message(users(1, 3)));
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit());
            assertEquals(List.of("user1@example.org"), refused(delivery));
        }
    }

    @Test
    void aRefusedSenderIsNotOfferedAgain() {
        try (FakeSmtp server = new FakeSmtp().ehlo("LIMITS RCPTMAX=1").on("MAIL", "550 5.7.1 not you").start()) {
            assertEquals(MailTool.Exit.DATA, failure(server, message(users(1, 3))).exit());
            assertEquals(1, count(server, "MAIL"));
        }
    }

    @Test
    void allOrNothingIsNotTriedWhereTheServerTakesTooFew() {
        try (FakeSmtp server = new FakeSmtp().ehlo("LIMITS RCPTMAX=2").start()) {
            assertEquals(MailTool.Exit.TEMPORARY, failure(server, message(users(1, 3)).allOrNothing()).exit());
            assertEquals(0, count(server, "MAIL"));
            assertTrue(send(server, message(users(1, 2)).allOrNothing()).ok());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAILMAX=0", "MAILMAX=-1", "MAILMAX=", "MAILMAX", "MAILMAX=many", "MAILMAX=1x", "XMAILMAX=1", "MAILMAX=99999999999999999999", ""})
    void whatIsNoNumberFrom1IsNoLimit(String limit) {
        try (FakeSmtp server = new FakeSmtp().ehlo("LIMITS " + limit, "PIPELINING").start(); MailTool.Smtp session = choose(server).open()) {
            session.sendAll(List.of(message(1), message(2), message(3)), results::add);
            assertEquals(1, server.peers().size());
            assertTrue(results.stream().allMatch(MailTool.Delivery::ok), results::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "HELP"})
    void afterSoManyMessagesTheSessionIsRenewedWithItsLogin(String extension) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension, "AUTH PLAIN", "LIMITS MAILMAX=2").login("ops", "secret").mailsAtMost(2).start();
            MailTool.Smtp session = smtp(server.url("ops")).password("secret").set("timeout", "20s").open()) {
            session.sendAll(List.of(message(1), message(2), message(3), message(4)), results::add);
            assertTrue(session.send(message(5)).ok());
            assertEquals(users(1, 5), server.messages().stream().flatMap(message -> message.to().stream()).toList());
            assertTrue(server.messages().stream().allMatch(message -> message.user().equals("ops")));
            assertEquals(3, server.peers().size());
            assertEquals(2, server.commands().stream().filter("QUIT"::equals).count());
            assertTrue(results.stream().allMatch(MailTool.Delivery::ok), results::toString);
        }
    }

    @Test
    void furtherTransactionsCountAsWell() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING", "LIMITS MAILMAX=1 RCPTMAX=2").mailsAtMost(1).recipientsAtMost(2, "503 you were told").start()) {
            MailTool.Delivery delivery = send(server, message(users(1, 5)));
            assertTrue(delivery.ok(), delivery::toString);
            assertEquals(List.of(users(1, 2), users(3, 4), users(5, 5)), envelopes(server));
            assertEquals(3, server.peers().size());
        }
    }

    @Test
    void limitsAreReadAgainAfterStarttls() {
        try (FakeSmtp server = new FakeSmtp().tls(TestCerts.good().context()).ehlo("LIMITS RCPTMAX=1").ehloUnderTls("LIMITS RCPTMAX=3").start()) {
            try (MailTool.Smtp session = choose(server).set("ca", TestCerts.caFile().toString()).open()) {
                session.send(message(users(1, 5)));
            }
            assertEquals(List.of(users(1, 3), users(4, 5)), envelopes(server));
        }
    }

    @Test
    void limitsMayBeTurnedOff() {
        try (FakeSmtp server = new FakeSmtp().ehlo("LIMITS RCPTMAX=1").start(); MailTool.Smtp session = choose(server).set("no", "limits").open()) {
            session.send(message(users(1, 3)));
            assertEquals(List.of(users(1, 3)), envelopes(server));
        }
    }

    @Test
    void aSessionThatCanNotBeRenewedIsThrownAfterTheResultsSoFar() {
        try (ScriptedServer server = ScriptedServer.start(ManyRecipientsTest::serveOne, peer -> peer.say("554 5.7.1 enough for today"));
            MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "20s").open()) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.sendAll(List.of(message(1), message(2), message(3)), results::add));
            assertTrue(problem.getMessage().contains("enough for today"), problem::getMessage);
            assertEquals(List.of(MailTool.Exit.OK, MailTool.Exit.DATA), results.stream().map(MailTool.Delivery::exit).toList());
        }
    }

    private static void serveOne(ScriptedPeer peer) throws Exception {
        peer.say("220 hello").expect("EHLO").say("250-hello", "250 LIMITS MAILMAX=1").expect("MAIL").say("250 ok").expect("RCPT").say("250 ok");
        peer.expect("DATA").say("354 go").readToDot();
        peer.say("250 ok").expect("QUIT").say("221 bye");
    }

    private static FakeSmtp endingAfter(int mails, String... greeting) {
        FakeSmtp server = new FakeSmtp().ehlo("PIPELINING", "LIMITS MAILMAX=" + mails + " RCPTMAX=2");
        return server.once("QUIT", peer -> {
            server.greeting(greeting);
            peer.say("221 2.0.0 bye");
            peer.hangUp();
        }).start();
    }

    /** It was about the session, and nobody said anything of them. */
    @ParameterizedTest
    @ValueSource(strings = {"554 5.7.1 enough for today", "550 5.7.1 listed", "421 4.3.2 busy", "no SMTP at all"})
    void whatASessionSaysThatCanNotBeOpenedIsNoVerdictAboutWhoIsLeft(String greeting) {
        try (FakeSmtp server = endingAfter(1, greeting)) {
            MailTool.Delivery delivery = send(server, message(users(1, 5)));
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit(), delivery::toString);
            assertEquals(users(3, 5), refused(delivery));
            assertEquals(List.of(), delivery.refused().stream().flatMap(one -> one.reply().stream()).toList());
            assertEquals(users(3, 5), Fates.of(delivery).rest());
        }
    }

    /** Nor where those before them were refused for good. */
    @ParameterizedTest
    @ValueSource(strings = {"554 5.7.1 enough for today", "421 4.3.2 busy"})
    void norWhereTheFirstOnesWereRefused(String greeting) {
        for (String refusing : List.of("RCPT", "DATA", ".")) {
            try (FakeSmtp server = endingAfter(1, greeting).on(refusing, "550 5.7.1 no")) {
                MailTool.Delivery delivery = failure(server, message(users(1, 4))).delivery().orElseThrow();
                assertTrue(Fates.of(delivery).rest().containsAll(users(3, 4)), () -> refusing + " " + delivery);
            }
        }
    }

    @Test
    void whoIsLeftForThatIsTriedAgain() {
        try (FakeSmtp server = endingAfter(1, "554 5.7.1 enough for today");
                MailTool.Smtp session = choose(server).set("retry", "1").warnings(warning -> server.greeting("220 here again")).open()) {
            assertTrue(session.send(message(users(1, 3))).ok());
            assertEquals(List.of(users(1, 2), users(3, 3)), envelopes(server));
        }
    }

    /** 550 and the end of the session: one of them is refused for good, the others may have it later. */
    @ParameterizedTest
    @ValueSource(strings = {"HELP", "PIPELINING", "CHUNKING", "CHUNKING PIPELINING"})
    void whoIsRefusedByTheLastWordOfASessionKeepsHisRefusal(String keywords) {
        for (List<String> users : List.of(List.of("bad1@example.org", "user1@example.org"), List.of("user1@example.org", "bad1@example.org"),
                List.of("user1@example.org", "bad1@example.org", "user2@example.org"))) {
            try (FakeSmtp server = endingAtRefusals(keywords, "550 5.1.1 nobody").start()) {
                MailTool.MailException failure = failure(server, message(users));
                MailTool.Delivery delivery = failure.delivery().orElseThrow();
                assertEquals(MailTool.Exit.TEMPORARY, failure.exit(), failure::getMessage);
                assertEquals(List.of("bad1@example.org"), Fates.of(delivery).those(MailTool.Fate.REFUSED));
                assertEquals(users.size() - 1, delivery.worthRetrying().size());
                assertTrue(delivery.refused().toString().contains("<bad1@example.org> 550 5.1.1 nobody"), delivery::toString);
            }
        }
    }

    // 421 between two messages

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "CHUNKING PIPELINING", "HELP"})
    void a421BetweenTwoMessagesCostsNeitherOfThem(String keywords) {
        String[] offered = (keywords + " AUTH=PLAIN").split(" ");
        try (FakeSmtp server = new FakeSmtp().ehlo(offered).login("ops", "secret").mailsAtMost(2).start();
            MailTool.Smtp session = smtp(server.url("ops")).password("secret").set("timeout", "20s").warnings(warnings::add).open()) {
            session.sendAll(List.of(message(1), message(2), message(users(3, 4)), message(5)), results::add);
            assertTrue(session.send(message(6)).ok());
            assertEquals(users(1, 6), server.messages().stream().flatMap(message -> message.to().stream()).toList());
            assertTrue(server.messages().stream().allMatch(message -> message.user().equals("ops")));
            assertTrue(results.stream().allMatch(MailTool.Delivery::ok), results::toString);
            assertEquals(List.of(), warnings);
        }
    }

    /** Not to the first message of a session, and not after the end of one: what became of that is unknown. */
    @ParameterizedTest
    @CsvSource({"HELP, false", "PIPELINING, false", "HELP, true", "PIPELINING, true"})
    void aServerThatGoesBetweenTwoMessagesWithoutAWordCostsNeitherOfThem(String keyword, boolean byReset) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250-hello", "250 " + keyword);
            envelope(peer).readToDot();
            peer.say("250 ok").readLine();
            if (byReset) {
                peer.reset();
            }
        }); MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "20s").open()) {
            session.sendAll(List.of(message(1), message(2), message(3)), results::add);
            assertEquals(List.of(true, true, true), results.stream().map(MailTool.Delivery::ok).toList());
            assertTrue(session.send(message(4)).ok());
            assertEquals(4, server.peers().size());
        }
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.say("220 hello").expect("EHLO").say("250-hello", "250 " + keyword).expect("MAIL"));
                MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "20s").open()) {
            MailTool.MailException lost = assertThrows(MailTool.MailException.class, () -> session.sendAll(List.of(message(1), message(2)), delivery -> { }));
            assertEquals(MailTool.Exit.TEMPORARY, lost.exit());
            assertEquals(1, server.peers().size());
        }
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250-hello", "250 " + keyword);
            envelope(peer).readToDot();
            peer.say("250 ok");
            envelope(peer).readToDot();
        }); MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "20s").open()) {
            MailTool.MailException lost = assertThrows(MailTool.MailException.class, () -> session.sendAll(List.of(message(1), message(2)), delivery -> { }));
            assertEquals(MailTool.Exit.UNKNOWN, lost.exit());
            assertEquals(1, server.peers().size());
        }
    }

    /** It did not go, and each further message might cost as long. */
    @ParameterizedTest
    @ValueSource(strings = {"HELP", "PIPELINING"})
    void aServerThatDoesNotAnswerTheNextMessageIsNotTakenForOneThatWent(String keyword) {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250-hello", "250 " + keyword);
            envelope(peer).readToDot();
            peer.say("250 ok").expect("MAIL").readToDot();
        }); MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "2s").open()) {
            List<MailTool.Mail> mails = List.of(message(1), message(2), message(3));
            MailTool.MailException late = assertThrows(MailTool.MailException.class, () -> session.sendAll(mails, results::add));
            assertEquals(MailTool.Exit.TEMPORARY, late.exit());
            assertEquals(MailTool.Stage.MAIL, late.stage());
            assertTrue(results.get(0).ok());
            assertEquals(1, server.peers().size());
        }
    }

    @Test
    void soDoesOneThatComesUnasked() {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250 hello").expect("MAIL").say("250 ok").expect("RCPT").say("250 ok").expect("DATA").say("354 go").readToDot();
            peer.say("250 ok", "421 4.4.2 idle");
        }); MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "20s").open()) {
            session.sendAll(List.of(message(1), message(2), message(3)), results::add);
            assertEquals(List.of(true, true, true), results.stream().map(MailTool.Delivery::ok).toList());
            assertTrue(session.send(message(4)).ok());
            assertEquals(4, server.peers().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING PIPELINING", "HELP"})
    void soDoesEnoughOfASessionsMessages(String keywords) {
        String enough = "452 4.5.3 Too many recipients: Too many messages sent";
        allGoAfterTwo(keywords, enough);
        try (FakeSmtp server = new FakeSmtp().ehlo(keywords.split(" ")).mailsAtMost(0, enough).start()) {
            assertEquals(enough, failure(server, message(1)).reply().orElseThrow().toString());
            assertEquals(1, server.peers().size());
        }
    }

    /** As Postfix answers every MAIL once its filter was away, though that is back; as others do where it is one too many. */
    @ParameterizedTest
    @CsvSource({"HELP, 451 4.7.1 Service unavailable - try again later", "PIPELINING, 450 4.7.1 Error: too much mail from 192.0.2.1",
        "CHUNKING PIPELINING, 452 Too many messages in this session", "PIPELINING, 451 4.3.0 no resources"})
    void soDoesASessionThatTakesNoMoreForNow(String keywords, String reply) {
        allGoAfterTwo(keywords, reply);
    }

    /** Each session takes two and says this to a third: five mails take three. */
    private void allGoAfterTwo(String keywords, String reply) {
        try (FakeSmtp server = new FakeSmtp().ehlo(keywords.split(" ")).mailsAtMost(2, reply).start();
            MailTool.Smtp session = choose(server).open()) {
            session.sendAll(List.of(message(1), message(2), message(users(3, 4)), message(5)), results::add);
            assertTrue(session.send(message(6)).ok());
            assertEquals(users(1, 6), server.messages().stream().flatMap(message -> message.to().stream()).toList());
            assertTrue(results.stream().allMatch(MailTool.Delivery::ok), results::toString);
            assertEquals(3, server.peers().size());
        }
    }

    /** No session is to blame that has taken nothing, nor where the sender is. */
    @ParameterizedTest
    @CsvSource({"0, 451 4.7.1 Service unavailable, 0", "1, 451 4.1.8 Domain of sender address does not resolve, 1", "1, 550 5.7.1 no more from you, 1"})
    void whatASessionIsNotToBlameForCostsNone(int taken, String reply, int accepted) {
        try (FakeSmtp server = new FakeSmtp().mailsAtMost(taken, reply).start(); MailTool.Smtp session = choose(server).open()) {
            session.sendAll(List.of(message(1), message(2), message(3)), results::add);
            assertEquals(accepted, results.stream().filter(MailTool.Delivery::ok).count());
            assertEquals(3, results.size());
            assertEquals(1, server.peers().size());
        }
    }

    @Test
    void a421ToTheFirstMessageOfASessionIsTheServersVerdict() {
        try (FakeSmtp server = new FakeSmtp().mailsAtMost(0).start()) {
            assertEquals(MailTool.Exit.TEMPORARY, failure(server, message(1)).exit());
            assertEquals(1, server.peers().size());
        }
    }

    @Test
    void withoutPipeliningTheNextMessageWaitsForTheAnswer() {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250 hello");
            for (int i = 0; i < 3; i++) {
                peer.expect("MAIL").say("250 ok").expect("RCPT").say("250 ok").expect("DATA").say("354 go").readToDot();
                assertFalse(peer.hasMore(), "MAIL came before the answer");
                peer.say("250 ok");
            }
            peer.expect("QUIT").say("221 bye");
        }); MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "20s").open()) {
            session.sendAll(List.of(message(1), message(2), message(3)), results::add);
            assertEquals(List.of(true, true, true), results.stream().map(MailTool.Delivery::ok).toList());
        }
    }

    /** aiosmtpd after an exception in a handler: the envelope stays, and any further MAIL is a nested one. */
    @Test
    void aRefusedMessageThatIsStillOpenThereTakesNothingFromTheNext() {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250 hello").expect("MAIL").say("250 ok").expect("RCPT").say("250 ok").expect("DATA").say("354 go").readToDot();
            peer.say("500 Error: (KeyError) 'x'");
            String next = peer.readLine();
            peer.say(next.equals("RSET") ? "250 ok" : "503 Error: nested MAIL command");
            peer.expect("MAIL").say("250 ok").expect("RCPT").say("250 ok").expect("DATA").say("354 go").readToDot();
            peer.say("250 ok").expect("QUIT").say("221 bye");
        }); MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "20s").open()) {
            session.sendAll(List.of(message(1), message(2)), results::add);
            assertEquals(List.of("500 Error: (KeyError) 'x'", "250 ok"), results.stream().map(delivery -> delivery.reply().orElseThrow().toString()).toList());
            assertEquals(List.of(false, true), results.stream().map(MailTool.Delivery::ok).toList());
        }
    }

    /** mox after a message that it refused at its end: MAIL is refused, RCPT adds to the old envelope, and DATA is granted. */
    @Test
    void whatAServerAddsToAnEnvelopeThatItKeptGoesOverASessionOfItsOwn() {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250-hello", "250 PIPELINING");
            envelope(peer).readToDot();
            peer.say("451 4.7.1 too many").expect("MAIL").say("503 5.5.1 already have MAIL").expect("RCPT").say("250 ok").expect("DATA").say("354 go");
            assertThrows(IOException.class, peer::readLine, "something went to both");
        }, peer -> {
            peer.say("220 hello").expect("EHLO").say("250-hello", "250 PIPELINING");
            envelope(peer).readToDot();
            peer.say("451 4.7.1 too many").expect("RSET").say("250 ok");
            envelope(peer).readToDot();
            peer.say("250 ok").expect("QUIT").say("221 bye");
        }); MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "20s").open()) {
            session.sendAll(List.of(message(1), message(2), message(3)), results::add);
            assertEquals(List.of("451 4.7.1 too many", "451 4.7.1 too many", "250 ok"), results.stream().map(delivery -> delivery.reply().orElseThrow().toString()).toList());
        }
    }

    /** What ended it was not the server. */
    @Test
    void oneThatIsInterruptedBeforeItsBodyStaysSo() {
        List<MailTool.Smtp> sessions = new ArrayList<>();
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            envelope(peer.say("220 hello").expect("EHLO").say("250 hello")).readToDot();
            peer.say("250 ok").expect("MAIL").say("250 ok").expect("RCPT").say("250 ok").expect("DATA");
            sessions.get(0).sending.interrupted();
            peer.say("354 go");
        }); MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "20s").open()) {
            sessions.add(session);
            assertThrows(MailTool.MailException.class, () -> session.sendAll(List.of(message(1), message(2)), results::add));
            assertEquals(List.of(MailTool.Exit.OK, MailTool.Exit.INTERRUPTED), results.stream().map(MailTool.Delivery::exit).toList());
        }
    }

    /** Haraka, against smuggling, although RFC 2920, 3.1 lets the next commands come: each is refused, and has to come again. */
    @ParameterizedTest
    @CsvSource({"250 kept, true", "550 spam, false"})
    void whatIsRefusedForComingBeforeTheAnswerGoesAgainAndTheNextOnesWait(String answer, boolean first) {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250-hello", "250 PIPELINING");
            envelope(peer).readToDot();
            peer.expect("MAIL").expect("RCPT").expect("DATA").say(answer);
            for (int i = 0; i < 3; i++) {
                peer.say("503 Bad sequence of commands - pipelined after end of DATA");
            }
            peer.expect("RSET").say("250 ok");
            for (int i = 0; i < 3; i++) {
                envelope(peer).readToDot();
                assertFalse(peer.hasMore(), "MAIL came before the answer");
                peer.say("250 ok");
            }
            peer.expect("QUIT").say("221 bye");
        }); MailTool.Smtp session = smtp("smtp://127.0.0.1:" + server.port()).set("timeout", "20s").open()) {
            session.sendAll(List.of(message(1), message(2), message(3), message(4)), results::add);
            assertEquals(List.of(first, true, true, true), results.stream().map(MailTool.Delivery::ok).toList());
        }
    }

    /** It goes again once, not for ever. */
    @Test
    void whatIsRefusedThenTooIsRefused() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on("MAIL FROM:<sender2@", "503 5.5.1 not you").start();
                MailTool.Smtp session = smtp(server.url()).set("timeout", "20s").open()) {
            session.sendAll(List.of(message(1), mail().from("sender2@example.org").to("b@example.org").text("Hello"), message(3)), results::add);
            assertEquals(List.of(true, false, true), results.stream().map(MailTool.Delivery::ok).toList());
            assertEquals(2, server.commands().stream().filter(line -> line.startsWith("MAIL FROM:<sender2@")).count());
        }
    }

    private static ScriptedPeer envelope(ScriptedPeer peer) throws Exception {
        return peer.expect("MAIL").say("250 ok").expect("RCPT").say("250 ok").expect("DATA").say("354 go");
    }

    @Test
    void everyWarningOfAMessageIsInItsResult() {
        try (FakeSmtp server = new FakeSmtp().recipientsAtMost(1, TOO_MANY).start()) {
            MailTool.Delivery delivery = send(server, message(users(1, 3)).notify("failure"));
            assertEquals(1, delivery.warnings().size(), delivery::toString);
            assertTrue(delivery.warnings().get(0).contains("DSN"), delivery::toString);
            assertEquals(delivery.warnings(), warnings.stream().distinct().collect(Collectors.toList()));
        }
    }
}
