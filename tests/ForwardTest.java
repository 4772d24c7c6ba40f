package mailtool;

import static mailtool.MailTool.fetching;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import mailtool.MailTool.Exit;
import mailtool.MailTool.Fetching;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Server;
import mailtool.MailTool.Smtp;

/** Fetched messages that go on by SMTP or LMTP: what arrives, what is known afterwards, and what is left and why. */
final class ForwardTest {
    private static final String ANN = "ann@example.org";
    private static final String BOB = "bob@example.org";

    @AutoClose
    private final Scratch scratch = Scratch.create("forward");

    /** To a server as the DSL does it, but with its journal in a folder of the test's own. */
    private Fetching plan(FakeSmtp target, String... recipients) {
        return plan(target, Optional.empty(), recipients);
    }

    private Fetching plan(FakeSmtp target, Optional<String> reversePath, String... recipients) {
        Server<Smtp> server = smtp(target.url()).set("tls", "none").set("timeout", "20s");
        Fetching plan = fetching();
        plan.store = Optional.of(new ForwardStore(scratch.path(), new Target(server.where(), server.how(), server.sinks(), 0,
                new TreeSet<>(Set.of(recipients)), reversePath)));
        return plan;
    }

    private static void assertCame(FakeSmtp target, String... subjects) {
        assertEquals(List.of(subjects), target.messages().stream().map(message -> subject(message.text())).toList());
    }

    private static String subject(String message) {
        return message.replaceFirst("(?s).*?Subject: ([^\r\n]*).*", "$1");
    }

    // What arrives

    @ParameterizedTest
    @CsvSource({"'', false", "'8BITMIME,PIPELINING', false", "'8BITMIME,CHUNKING,SIZE 1000000', false", "'8BITMIME,PIPELINING', true"})
    void messagesGoByteForByteOverOneConnectionAndOnce(String offers, boolean lmtp) {
        String nasty = "X-Odd : yes\r\nBcc: secret@example.org\r\nSubject: one\r\n\r\n.dot\r\n..\r\n\u00e4\u0000\u00ff" + "x".repeat(2000) + "\r\n\r\n";
        FakeSmtp smtp = new FakeSmtp().ehlo(offers.split(","));
        try (FakePop3 pop3 = new FakePop3().message("1", nasty).message("2", "Subject: two\r\n\r\n").message("3", "Subject: three\r\n\r\nx\r\n").start();
            FakeSmtp target = (lmtp ? smtp.lmtp() : smtp).start()) {
            FetchRun run = FetchRun.of(pop3, plan(target, ANN));
            assertEquals(List.of(3L, Exit.OK), List.of(run.summary().fetched(), run.exit()), run::failure);
            assertCame(target, "one", "two", "three");
            assertEquals(nasty, target.messages().get(0).text());
            assertEquals(offers.contains("8BITMIME"), target.messages().get(0).parameters().contains("BODY=8BITMIME"));
            assertEquals(1, target.peers().size());
            FetchRun again = FetchRun.of(pop3, plan(target, ANN));
            assertEquals(List.of(0L, 3L), List.of(again.summary().fetched(), again.summary().known()));
            assertEquals(3, target.attempts().size());
            assertEquals(1, target.peers().size(), "nothing new, so nobody is asked");
        }
    }

    @Test
    void lineEndsBecomeThoseOfTheWire() {
        try (FakePop3 pop3 = new FakePop3().message("1", "Subject: x\r\n\r\na\nb\rc\r\n").start(); FakeSmtp target = new FakeSmtp().start()) {
            assertEquals(Exit.OK, FetchRun.of(pop3, plan(target, ANN)).exit());
            assertEquals("Subject: x\r\n\r\na\r\nb\r\nc\r\n", target.message().text());
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '|', value = {
        "Return-Path: <a@example.org>, a@example.org", "Return-Path:a@example.org, a@example.org", "Return-Path: <>, ||", "X: y, ||",
        "Return-Path: <root>, root", "Return-Path: <first@x.org>\\r\\nReturn-Path: <second@x.org>, first@x.org",
        "Return-Path:\\r\\n <folded@x.org>, folded@x.org", "Return-Path: <a@x.org> SIZE=1, ||", "Return-Path: <a@x.org>\u001b<b@x.org>, ||"})
    void theEnvelopeSenderIsTheTopmostReturnPath(String field, String sender) {
        String message = field.translateEscapes() + "\r\nFrom: c@example.org\r\nSubject: x\r\n\r\n";
        try (FakePop3 pop3 = new FakePop3().message("1", message).start(); FakeSmtp target = new FakeSmtp().start()) {
            assertEquals(Exit.OK, FetchRun.of(pop3, plan(target, ANN)).exit());
            assertEquals(sender, target.message().from());
        }
    }

    @Test
    void theEnvelopeSenderMayBeGiven() {
        try (FakePop3 pop3 = new FakePop3().message("1", "Return-Path: <a@x.org>\r\n\r\n").start(); FakeSmtp target = new FakeSmtp().start()) {
            assertEquals(Exit.OK, FetchRun.of(pop3, plan(target, Optional.of("b@x.org"), ANN)).exit());
            assertEquals("b@x.org", target.message().from());
        }
    }

    // What is left

    @Test
    void oneRefusedForNowStaysAndOneForGoodIsTriedAgainAndAgain() {
        try (FakePop3 pop3 = new FakePop3().messages(3).start();
            FakeSmtp target = new FakeSmtp().once(".", "451 4.3.0 later").once(".", "554 5.6.0 never").once(".", "250 ok").once(".", "250 ok").once(".", "554 5.6.0 never").start()) {
            FetchRun run = FetchRun.of(pop3, plan(target, ANN).delete());
            assertEquals(List.of(Exit.TEMPORARY, List.of(1, 2), List.of("uid-3")), List.of(run.exit(), run.refused(), pop3.uidsRemoved()));
            FetchRun second = FetchRun.of(pop3, plan(target, ANN).delete());
            assertEquals(List.of(Exit.PARTIAL, List.of(2), List.of("uid-2")), List.of(second.exit(), second.refused(), pop3.uidsLeft()));
        }
    }

    @Test
    void theServerIsNamedThatRefuses() {
        try (FakePop3 pop3 = new FakePop3().messages(1).start(); FakeSmtp target = new FakeSmtp().on("RCPT", "550 5.1.1 nobody").start()) {
            for (int run = 0; run < 2; run++) {
                FetchRun refused = FetchRun.of(pop3, plan(target, ANN).delete());
                assertEquals(Exit.PARTIAL, refused.exit());
                assertTrue(refused.failure().contains("localhost refused <ann@example.org>: 550 5.1.1 nobody"), refused::failure);
                assertEquals(List.of("uid-1"), pop3.uidsLeft());
            }
        }
    }

    @Test
    void whatIsTooLargeIsNamed() {
        try (FakePop3 pop3 = new FakePop3().messages(1).start(); FakeSmtp target = new FakeSmtp().ehlo("SIZE 10").start()) {
            FetchRun run = FetchRun.of(pop3, plan(target, ANN));
            assertEquals(Exit.PARTIAL, run.exit());
            assertTrue(run.failure().contains("localhost takes 10"), run::failure);
        }
    }

    @ParameterizedTest
    @CsvSource({"29, OK", "30, PARTIAL", "40, PARTIAL"})
    void aLoopIsLeft(int hops, Exit exit) {
        try (FakePop3 pop3 = new FakePop3().message("1", "Received: by x; y\r\n".repeat(hops) + "\r\n").start(); FakeSmtp target = new FakeSmtp().start()) {
            FetchRun run = FetchRun.of(pop3, plan(target, ANN).delete());
            assertEquals(exit, run.exit(), run::failure);
            assertEquals(exit == Exit.OK ? 1 : 0, target.attempts().size());
            assertEquals(exit == Exit.OK ? List.of() : List.of("1"), pop3.uidsLeft());
        }
    }

    /** Of a letter of UTF-8 an octet may be a line's end elsewhere. */
    @Test
    void aLoopIsSeenWhateverLettersItsHopsHave() {
        String hop = new String("Received: by x for <\u0445@example.org>; y\r\n".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        try (FakePop3 pop3 = new FakePop3().message("1", hop.repeat(30) + "\r\n").start(); FakeSmtp target = new FakeSmtp().start()) {
            assertEquals(Exit.PARTIAL, FetchRun.of(pop3, plan(target, ANN)).exit());
            assertEquals(List.of(), target.attempts());
        }
    }

    // A connection that is lost

    @Test
    void withoutTheLastAnswerItGoesAgainInTheNextRunAndOthersGoNow() {
        try (FakePop3 pop3 = new FakePop3().messages(3).start(); FakeSmtp target = new FakeSmtp().once(".", "250 ok").once(".", ScriptedPeer::close).start()) {
            FetchRun run = FetchRun.of(pop3, plan(target, ANN));
            assertEquals(List.of(Exit.TEMPORARY, List.of(2), 2L), List.of(run.exit(), run.refused(), run.summary().fetched()));
            assertTrue(run.failure().contains("whether the message was accepted is unknown"), run::failure);
            assertTrue(run.failure().contains("goes again"), run::failure);
            assertEquals(2, target.peers().size());
            assertEquals(1, FetchRun.of(pop3, plan(target, ANN)).summary().fetched());
            assertCame(target, "subject-1", "subject-3", "subject-2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT", "DATA"})
    void theOneUnderWayWhenTheConnectionBreaksStays(String command) {
        try (FakePop3 pop3 = new FakePop3().messages(2).start(); FakeSmtp target = new FakeSmtp().once(command, ScriptedPeer::close).start()) {
            FetchRun run = FetchRun.of(pop3, plan(target, ANN));
            assertEquals(List.of(Exit.TEMPORARY, List.of(1), 1L), List.of(run.exit(), run.refused(), run.summary().fetched()));
            assertCame(target, "subject-2");
        }
    }

    @Test
    void whereTheServerIsAwayNothingIsFetched() {
        FakeSmtp target = new FakeSmtp().start();
        target.close();
        try (FakePop3 pop3 = new FakePop3().messages(3).start()) {
            FetchRun run = FetchRun.of(pop3, plan(target, ANN));
            assertEquals(Exit.TEMPORARY, run.exit());
            assertTrue(run.failure().contains("localhost"), run::failure);
            assertEquals(List.of(), pop3.commands("RETR"));
            assertEquals(List.of(), pop3.commands("DELE"));
        }
    }

    @Test
    void aServerThatGoesAwayIsAskedAgainWithTheNextBatchAndNoOftener() {
        try (FakePop3 pop3 = new FakePop3().messages(40).start();
            FakeSmtp target = new FakeSmtp().once("EHLO", "250 fake").once(".", "250 ok").once(".", ScriptedPeer::close).on("EHLO", "421 4.3.2 going down").start()) {
            FetchRun run = FetchRun.of(pop3, plan(target, ANN).set("commit-every", "10"));
            assertEquals(List.of(Exit.TEMPORARY, 1L, 3), List.of(run.exit(), run.summary().fetched(), target.peers().size()));
            assertTrue(run.failure().contains("421 4.3.2 going down"), run::failure);
        }
    }

    // Several recipients

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoHasItDoesNotGetItAgain(boolean lmtp) {
        String rule = lmtp ? ". <" + BOB : "RCPT TO:<" + BOB;
        FakeSmtp smtp = new FakeSmtp().once(rule, "451 4.2.2 full").once(rule, "451 4.2.2 full");
        try (FakePop3 pop3 = new FakePop3().messages(2).start(); FakeSmtp target = (lmtp ? smtp.lmtp() : smtp).start()) {
            FetchRun run = FetchRun.of(pop3, plan(target, ANN, BOB).delete());
            assertEquals(List.of(Exit.TEMPORARY, 0L, 2), List.of(run.exit(), run.summary().fetched(), pop3.uidsLeft().size()));
            assertTrue(run.failure().contains("1 of 2 recipients have it; localhost refused <bob@example.org> 451 4.2.2 full"), run::failure);
            FetchRun second = FetchRun.of(pop3, plan(target, ANN, BOB));
            assertEquals(List.of(Exit.OK, 2L), List.of(second.exit(), second.summary().fetched()), second::failure);
            assertEquals(List.of(List.of(BOB), List.of(BOB)), target.messages().subList(2, 4).stream().map(FakeSmtp.Received::to).toList());
            assertEquals(2, FetchRun.of(pop3, plan(target, ANN, BOB).set("all", "")).summary().fetched());
            assertEquals(List.of(ANN, BOB), target.messages().get(5).to());
        }
    }

    @Test
    void thatAllHaveItIsNotedAtOnceWithWhoHadIt() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(1).start(); FakeSmtp target = new FakeSmtp().once("RCPT TO:<" + BOB, "451 4.2.2 full").start()) {
            Fetching plan = plan(target, ANN, BOB);
            assertEquals(Exit.TEMPORARY, FetchRun.of(pop3, plan).exit());
            assertEquals(Exit.OK, FetchRun.of(pop3, plan).exit());
            String journal = Files.readString(plan.store.orElseThrow().own("journal"));
            assertEquals(2, journal.lines().filter("done"::equals).count(), journal);
        }
    }

    @Test
    void whoIsRefusedForGoodKeepsItBackFromNobodyAndIsNamed() {
        try (FakePop3 pop3 = new FakePop3().messages(1).start(); FakeSmtp target = new FakeSmtp().on("RCPT TO:<" + BOB, "550 5.1.1 nobody").start()) {
            FetchRun run = FetchRun.of(pop3, plan(target, ANN, BOB));
            assertEquals(Exit.PARTIAL, run.exit());
            assertTrue(run.failure().contains("1 of 2 recipients have it; localhost refused <bob@example.org> 550 5.1.1 nobody"), run::failure);
            FetchRun again = FetchRun.of(pop3, plan(target, ANN, BOB));
            assertEquals(List.of(Exit.OK, 1L), List.of(again.exit(), again.summary().known()));
            assertEquals(1, target.attempts().size());
        }
    }

    // Real servers

    @Test
    void postfixGetsWhatDovecotHas() {
        Server<Smtp> postfix = smtp("smtp://localhost:" + Postfix.shared().port());
        assertForwarded(postfix, "carol@example.org", Postfix.shared().mailbox("carol"));
    }

    @Test
    void dovecotGetsByLmtpWhatItHas() {
        Server<Smtp> dovecot = smtp("lmtp://localhost:" + Dovecot.shared().lmtpPort());
        assertForwarded(dovecot, "bob@example.org", Dovecot.shared().mailbox("bob"));
    }

    private void assertForwarded(Server<Smtp> server, String recipient, TestMaildir mailbox) {
        String id = "forwarded-" + UUID.randomUUID();
        String message = "Subject: " + id + "\r\nMessage-Id: <" + id + "@x>\r\nDate: Sat, 28 Nov 2026 20:03:40 +0000\r\nFrom: a@example.org\r\n\r\n.dot\r\n\u00e4\r\n";
        DovecotUser user = Dovecot.shared().newUser("forward").deliver(message);
        server.set("ca", TestCerts.caFile().toString());
        Fetching plan = fetching().delete();
        plan.store = Optional.of(new ForwardStore(scratch.path(), new Target(server.where(), server.how(), server.sinks(), 0,
                new TreeSet<>(Set.of(recipient, "nobody@example.org")), Optional.empty())));
        FetchRun run = FetchRun.of(user, plan);
        assertEquals(Exit.PARTIAL, run.exit());
        assertTrue(run.failure().contains("1 of 2 recipients have it; localhost refused <nobody@example.org> 550 5.1.1"), run::failure);
        String came = mailbox.waitFor(id);
        assertTrue(came.startsWith("Return-Path: <a@example.org>\n"), came);
        assertTrue(came.endsWith(message.replace("\r\n", "\n")), came);
        FetchRun next = FetchRun.of(user, plan);
        assertEquals(List.of(Exit.OK, 1L), List.of(next.exit(), next.summary().deleted()));
    }

    // The command

    @Test
    void theServerGetsItsOwnPasswordAndNeverTheMaildrops() {
        try (FakePop3 pop3 = new FakePop3().messages(1).start(); FakeSmtp target = new FakeSmtp().ehlo("AUTH PLAIN").login("relay", "own").start()) {
            String accounts = "relay.server = " + target.url("relay") + "\nrelay.envelope-from = bounces@example.org\nrelay.password-file = "
                + scratch.write("own", "own") + "\nbare.server = " + target.url("relay") + "\n";
            String[] words = {"fetch", "-S", pop3.userUrl(), "--config", scratch.write("accounts", accounts).toString(), "-t", ANN, "--forward"};
            Tool.Result without = Tool.with().env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call(with(words, "bare"));
            assertEquals(64, without.exit(), without::toString);
            assertTrue(without.err().contains("no password for relay"), without::toString);
            assertEquals(List.of(), target.commands().stream().filter(command -> command.startsWith("AUTH")).toList());
            Tool.Result result = Tool.with().env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call(with(words, "relay"));
            assertEquals(0, result.exit(), result::toString);
            assertEquals(List.of("relay", "bounces@example.org"), List.of(target.message().user(), target.message().from()));
        }
    }

    private static String[] with(String[] words, String last) {
        return Stream.concat(Stream.of(words), Stream.of(last)).toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {"forward=smtp://localhost", "to=a@example.org", "envelope-from=a@example.org", "to=a@example.org;maildir=x"})
    void serverAndRecipientGoTogether(String options) {
        Fetching plan = fetching();
        Stream.of(options.split(";")).forEach(option -> plan.set(option.split("=")[0], option.split("=")[1]));
        MailException refusal = assertThrows(MailException.class, plan::plan);
        assertEquals(List.of(Exit.USAGE, "--forward goes with -t, and --envelope-from with both"), List.of(refusal.exit(), refusal.getMessage()));
    }

    @Test
    void aLoginThatIsRefusedNamesTheServer() {
        try (FakePop3 pop3 = new FakePop3().messages(1).start(); FakeSmtp target = new FakeSmtp().ehlo("AUTH PLAIN").login("relay", "own").start()) {
            Server<Smtp> server = smtp(target.url("relay")).password("wrong");
            Fetching plan = fetching();
            plan.store = Optional.of(new ForwardStore(scratch.path(), new Target(server.where(), server.how(), server.sinks(), 0,
                    new TreeSet<>(Set.of(ANN)), Optional.empty())));
            FetchRun run = FetchRun.of(pop3, plan);
            assertEquals(Exit.AUTH, run.exit());
            assertTrue(run.failure().contains("localhost refused the login of relay"), run::failure);
            assertEquals(List.of(), pop3.commands("RETR"));
        }
    }
}
