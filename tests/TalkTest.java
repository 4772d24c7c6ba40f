package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.pop3;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Reply;
import mailtool.MailTool.Smtp;
import mailtool.MailTool.Stage;

/** Asking a server by hand: typed, piped, from a file, and from a script. */
final class TalkTest {
    private static final String MAIL = "From: a@example.org\r\nSubject: one\r\n\r\nHello\r\n..dot\r\n";

    private static FakeSmtp smtpServer() {
        return new FakeSmtp().ehlo("SIZE 1000000", "AUTH PLAIN LOGIN").login("ops", "secret phrase").start();
    }

    private static FakePop3 pop3Server() {
        return new FakePop3().message("uid-1", MAIL).message("uid-2", "Subject: two\r\n\r\n" + "x".repeat(70_000) + "\r\n").start();
    }

    private static TalkRun inClear(FakePop3 fake, String... lines) {
        return TalkRun.of("pop3://localhost:" + fake.port(), lines);
    }

    // Whole sessions

    @Test
    void aWholeSessionByHandDeliversWhatStandsThere() {
        try (FakeSmtp fake = smtpServer()) {
            TalkRun talk = TalkRun.of(MailTool.Server.ofAny(fake.url()), Stage.CONNECT, """
                # by hand
                expect 220 /ESMTP/
                EHLO client.example.org
                expect 250 /^SIZE \\d+$/

                MAIL FROM:<a@example.org>
                RCPT TO:<b@example.org>
                expect 25x
                DATA
                  expect 354
                Subject: größer
                # no comment

                expect 250
                !help
                ..dot
                .
                expect 250
                QUIT
                expect 221
                """);
            assertEquals(Exit.OK, talk.exit(), talk.problem());
            String text = new String(fake.message().content(), StandardCharsets.UTF_8);
            assertEquals("Subject: größer\r\n# no comment\r\n\r\nexpect 250\r\n!help\r\n.dot\r\n", text);
            assertTrue(talk.shown().contains(">>> Subject: größer\n"), talk.shown());
            assertEquals("221 2.0.0 bye", talk.heard().get(talk.heard().size() - 1));
        }
    }

    @Test
    void repliesOfManyLinesAreOne() {
        try (FakePop3 fake = pop3Server()) {
            TalkRun talk = inClear(fake, "USER ops", "PASS " + FakePop3.PASSWORD, "expect +OK", "STAT", "LIST", "expect +OK /^2 \\d+$/", "LIST 1",
                "UIDL", "expect +OK /^1 uid-1$/", "UIDL 1", "expect +OK /uid-1/", "TOP 1 0", "expect +OK /^Subject: one$/", "RETR 1",
                "expect +OK /^\\.\\.dot$/", "CAPA", "expect +OK /^TOP$/", "RETR 9", "expect -ERR", "DELE 1", "NOOP", "RSET", "QUIT", "expect +OK");
            assertEquals(Exit.OK, talk.exit(), talk.problem());
            assertFalse(talk.shown().contains("horse"), talk.shown());
            assertEquals(">>> PASS ****", talk.shown().lines().filter(line -> line.contains("PASS")).findFirst().orElseThrow());
        }
    }

    @Test
    void aLineThatIsTooLongEndsTheSession() {
        try (FakePop3 fake = pop3Server()) {
            TalkRun talk = inClear(fake, "USER ops", "PASS " + FakePop3.PASSWORD, "RETR 2");
            assertEquals(Exit.PROTOCOL, talk.exit(), talk.problem());
        }
    }

    @Test
    void overLmtpTheReplyForEachRecipientIsRead() {
        try (FakeSmtp fake = new FakeSmtp().lmtp().once(". <b@", "452 4.2.2 b is full").start()) {
            TalkRun talk = TalkRun.of(fake.url(), "MAIL FROM:<>", "RCPT TO:<a@x.example>", "RCPT TO:<b@x.example>", "RCPT TO:<c@x.example>", "DATA",
                "Hello", ".", "expect 250", "NOOP", "expect 250 /ok/");
            assertEquals(Exit.OK, talk.exit(), talk.shown());
            assertTrue(talk.heard().contains("452 4.2.2 b is full"), talk.shown());
        }
    }

    @Test
    void afterBdatSoManyOctetsFollow() {
        try (FakeSmtp fake = smtpServer()) {
            TalkRun talk = TalkRun.of(fake.url(), "MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "BDAT 9", "!b64", "QUIT", "expect 250 /9 octets/",
                "bdat 4 last", ".", "", "expect 250", "BDAT 0 LAST", "expect 503");
            assertEquals(Exit.OK, talk.exit(), talk.problem() + talk.shown());
            assertEquals("!b64\r\nQUI.\r\n\r", fake.message().text());
        }
    }

    @Test
    void tlsBeginsByTheHelperOrByHandAndLoginAsksAgainWhatIsOffered() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).ehloUnderTls("AUTH PLAIN").login("ops", "secret phrase").start()) {
            MailTool.Server<?> server = MailTool.Server.ofAny(fake.url("ops")).password("secret phrase").set("ca", TestCerts.caFile().toString());
            for (String start : List.of("!starttls", "STARTTLS")) {
                TalkRun talk = TalkRun.of(server, Stage.CONNECT, start + "\nexpect 220\n!login\nexpect 235\nNOOP\nexpect 250\n");
                assertEquals(Exit.OK, talk.exit(), talk.problem() + talk.shown());
                assertTrue(talk.shown().contains("*** TLSv1.3"), talk.shown());
                assertTrue(talk.shown().contains(">>> EHLO [127.0.0.1]\n<<< 250-fake.example.org\n<<< 250 AUTH PLAIN\n>>> AUTH PLAIN ****"), talk.shown());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"CONNECT, QUIT", "EHLO, EHLO QUIT", "AUTH, EHLO AUTH QUIT"})
    void itStopsWhereItShould(Stage last, String commands) {
        try (FakeSmtp fake = smtpServer()) {
            assertEquals(Exit.OK, TalkRun.of(MailTool.Server.ofAny(fake.url("ops")).password("secret phrase"), last, "").exit());
            assertEquals(commands, String.join(" ", fake.commands().stream().map(line -> line.split(" ")[0]).toList()));
        }
    }

    @ParameterizedTest
    @CsvSource({"CONNECT, expect 554;NOOP;expect 250, OK, ''", "AUTH, '# it must;;expect 5xx', OK, ''", "AUTH, expect 220, UNMET, line 1: expected 220", "CONNECT, NOOP;expect 250, OK, ''",
        "AUTH, NOOP, DATA, the greeting of localhost: 554 5.7.1 not you"})
    void aGreetingThatRefusesIsAReplyLikeOthers(Stage last, String lines, Exit exit, String problem) {
        try (FakeSmtp fake = smtpServer().greeting("554 5.7.1 not you")) {
            TalkRun talk = TalkRun.of(MailTool.Server.ofAny(fake.url()), last, lines.replace(';', '\n'));
            assertEquals(exit, talk.exit(), talk.problem());
            assertTrue(talk.problem().startsWith(problem), talk.problem());
            fake.awaitEnd();
            assertEquals("QUIT", fake.commands().get(fake.commands().size() - 1));
        }
    }

    @Test
    void whatOptionsAskForCanBeRefusedAsExpected() {
        try (FakeSmtp fake = smtpServer().on("EHLO", "502 5.5.1 what").on("AUTH", "535 5.7.8 no")) {
            assertEquals(Exit.OK, TalkRun.of(fake.url(), "expect 250").exit(), "HELO was answered last");
            TalkRun talk = TalkRun.of(MailTool.Server.ofAny(fake.url("ops")).password("secret phrase").set("auth", "PLAIN"), Stage.AUTH, "expect 535\nNOOP\nexpect 250");
            assertEquals(Exit.OK, talk.exit(), talk.problem());
        }
    }

    @Test
    void whoClosesWithoutAFarewellHasDoneAllThatWasAsked() {
        try (FakeSmtp fake = smtpServer().on("QUIT", ScriptedPeer::close)) {
            assertEquals(Exit.OK, TalkRun.of(fake.url(), "NOOP").exit());
        }
    }

    // What is expected

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"250", "2xx", "25X /ok/", "250 /^2\\.0\\.0 ok$/", "250 /^250 2\\.0\\.0/", "250   /ok/  "})
    void whatHoldsIsPassed(String expected) {
        try (FakeSmtp fake = smtpServer()) {
            TalkRun talk = TalkRun.of(fake.url(), "NOOP", "expect " + expected);
            assertEquals(Exit.OK, talk.exit(), talk.problem());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"251", "5xx", "250 /nothing/", "250 /^OK/", "+OK", "-ERR"})
    void theFirstThatDoesNotHoldEndsIt(String expected) {
        try (FakeSmtp fake = smtpServer()) {
            TalkRun talk = TalkRun.of(fake.url(), "NOOP", "expect 250", "expect " + expected, "RSET");
            assertEquals(Exit.UNMET, talk.exit());
            assertEquals("line 3: expected " + expected + ", not '250 2.0.0 ok'", talk.problem());
            fake.awaitEnd();
            assertEquals(List.of("EHLO [127.0.0.1]", "NOOP", "QUIT"), fake.commands());
        }
    }

    @Test
    void whatFailsWithinAMessageNeverEndsIt() {
        try (FakeSmtp fake = smtpServer()) {
            TalkRun talk = TalkRun.of(fake.url(), "MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA", "expect 250", "Hello", ".");
            assertEquals(Exit.UNMET, talk.exit());
            fake.awaitEnd();
            assertEquals(List.of(), fake.attempts());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"554 5.5.1 no valid recipients | DATA", "451 4.3.0 later | TEMPORARY"})
    void ofAMessageThatIsRefusedNothingGoesOut(String reply, Exit exit) {
        try (FakeSmtp fake = smtpServer().on("DATA", reply)) {
            TalkRun talk = TalkRun.of(fake.url(), "DATA", "expect " + reply.substring(0, 3), "QUIT", "VRFY secret", ".", "NOOP");
            assertEquals(exit, talk.exit(), talk.problem());
            assertTrue(talk.problem().startsWith("line 3: localhost refused DATA: " + reply), talk.problem());
            fake.awaitEnd();
            assertEquals(List.of("EHLO [127.0.0.1]", "DATA", "QUIT"), fake.commands());
        }
    }

    /** Piped, it is no matter whether the message has an end. */
    @ParameterizedTest
    @ValueSource(strings = {"DATA\nQUIT\n", "DATA\nVRFY secret\n.\n", "DATA\n!file nix\n"})
    void ofAMessageThatIsRefusedAPipeSendsNothing(String lines) {
        try (FakeSmtp fake = smtpServer().on("DATA", "554 5.5.1 no valid recipients")) {
            Tool.Result talk = Tool.with().stdin(lines).call("talk", "-S", fake.url());
            assertEquals(0, talk.exit(), talk::toString);
            fake.awaitEnd();
            assertEquals(List.of("EHLO [127.0.0.1]", "DATA", "QUIT"), fake.commands());
        }
    }

    @Test
    void whatCanBeReadOnceOnlyIsNotReadBefore() {
        try (FakeSmtp fake = smtpServer(); Scratch scratch = Scratch.create("talk")) {
            Path pipe = scratch.resolve("pipe");
            SystemCommand.run("mkfifo", pipe);
            Background.thread("writer", () -> scratch.write("pipe", "Hello\n")).start();
            TalkRun talk = assertTimeoutPreemptively(Duration.ofSeconds(30),
                () -> TalkRun.of(fake.url(), "MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA", "!file " + pipe));
            assertEquals(Exit.OK, talk.exit(), talk.problem());
            assertEquals("Hello\r\n", fake.message().text());
        }
    }

    @Test
    void aHelperThatIsRefusedEndsItUnlessThatIsExpected() {
        try (FakeSmtp fake = smtpServer().on("STARTTLS", "454 4.7.0 not now")) {
            TalkRun expected = TalkRun.of(fake.url(), "!starttls", "", "# it must not", "expect 454", "NOOP", "expect 250");
            assertEquals(Exit.OK, expected.exit(), expected.problem());
            TalkRun unexpected = TalkRun.of(fake.url(), "!starttls", "NOOP");
            assertEquals(Exit.TEMPORARY, unexpected.exit());
            assertFalse(unexpected.shown().contains("NOOP"), unexpected.shown());
        }
    }

    @Test
    void aFarewellCanBeExpected() {
        try (FakeSmtp fake = smtpServer().on("NOOP", peer -> peer.say("421 4.4.2 too long").hangUp())) {
            assertEquals(Exit.OK, TalkRun.of(fake.url(), "NOOP", "expect 421").exit());
            TalkRun talk = TalkRun.of(fake.url(), "NOOP", "RSET");
            assertEquals(Exit.TEMPORARY, talk.exit());
            assertEquals("line 1: localhost ended the session: 421 4.4.2 too long", talk.problem());
        }
    }

    @Test
    void whenTheEndOfAMessageIsNotAnsweredNobodyKnows() {
        try (FakeSmtp fake = smtpServer().on(".", ScriptedPeer::close)) {
            TalkRun talk = TalkRun.of(fake.url(), "MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA", "Hello", ".");
            assertEquals(Exit.UNKNOWN, talk.exit(), talk.problem());
        }
    }

    // A file that is not right, before anything is said

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "NOOP;expect 250 /(/          | 64 | line 2: can't read the pattern '('",
        "NOOP;expect                  | 64 | line 2: can't read what is expected: ''",
        "NOOP;;expect 2500            | 64 | line 3: can't read what is expected: '2500'",
        "expect 250 ok                | 64 | line 1: can't read what is expected: '250 ok'",
        "!starttlz                    | 64 | line 1: there is no helper !starttlz",
        "NOOP;!                       | 64 | line 2: there is no helper !",
        "!file x                      | 64 | line 1: !file goes directly after DATA",
        "DATA;expect 354;!file nix    | 66 | line 3: no such file: nix",
        "MAIL;DATA;Hello              | 64 | line 2: the message does not end",
        "DATA                         | 64 | line 1: the message does not end",
        "DATA;expect 354;x;.;DATA;x   | 64 | line 5: the message does not end",
        "BDAT 10;12345                | 64 | line 1: the message does not end",
        "'NOOP\u0007x'                | 64 | line 1: a command has a control character"})
    void aFileIsLookedThroughBeforeItConnects(String lines, int exit, String problem) {
        TalkRun talk = TalkRun.of("smtp://localhost:" + LocalPorts.free(), lines.split(";"));
        assertEquals(exit, talk.exit().code, talk.problem());
        assertTrue(talk.problem().startsWith(problem), talk.problem());
    }

    // What nobody is to see

    @Test
    void whatIsSaidInALoginIsMasked() {
        String secret = "geheim 7";
        String plain = Base64.getEncoder().encodeToString(("\0ops\0" + secret).getBytes(StandardCharsets.UTF_8));
        String password = Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.UTF_8));
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN LOGIN CRAM-MD5")
                .on("AUTH LOGIN", peer -> {
                    peer.say("334 VXNlcm5hbWU6").readLine();
                    peer.say("334 UGFzc3dvcmQ6").readLine();
                    peer.say("535 5.7.8 '" + secret + "' is wrong, " + password);
                }).on("AUTH PLAIN", "504 5.5.4 '" + secret + "', " + plain).on("AUTH CRAM-MD5", peer -> {
                    peer.say("334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+").readLine();
                    peer.say("501 5.7.0 cancelled");
                }).start()) {
            for (String last : List.of("AUTH LOGIN;!b64 ops;" + password, "AUTH PLAIN " + plain)) {
                TalkRun refused = TalkRun.of(fake.url(), (last + ";expect 235").split(";"));
                assertEquals(Exit.UNMET, refused.exit());
                assertFalse(refused.problem().contains(secret) || refused.problem().contains(password) || refused.problem().contains(plain), refused.problem());
            }
            TalkRun old = TalkRun.of(fake.url(), "AUTH=PLAIN " + plain);
            assertFalse((old.shown() + old.transcript()).contains(plain), old.shown());
            assertEquals("line 1: a command has a control character", TalkRun.of(fake.url(), "PASS " + secret + "\u0007").problem());
            TalkRun talk = TalkRun.of(fake.url(), "!b64 \\0x\\0" + secret, "expect 500", "AUTH LOGIN", "!b64 ops", password, "expect 535", "auth plain " + plain, plain, "NOOP", "expect 250",
                "AUTH CRAM-MD5", "expect 334", "*", "expect 501", "MAIL FROM:<ops@example.org>", "expect 250");
            assertEquals(Exit.OK, talk.exit(), talk.problem() + talk.shown());
            for (String text : List.of(talk.shown(), String.join("\n", talk.transcript()))) {
                assertFalse(text.contains(secret) || text.contains(plain) || text.contains(password) || text.contains("b3Bz"), text);
                assertTrue(text.contains(">>> auth plain ****") && text.contains(">>> *\n") && text.contains("<ops@example.org>"), text);
            }
        }
    }

    /** Whatever it answers: who goes on by heart, or from a file, says the secret to it all the same. */
    @ParameterizedTest
    @CsvSource({"AUTH LOGIN, 235 2.7.0 in", "AUTH LOGIN b3Bz, 235 2.7.0 in", "auth  plain, 250 ok", "AUTH PLAIN, 535 5.7.8 no", "X-EXPS LOGIN, 235 in", "AUTH=LOGIN, 503 later",
        "AUTH LOGIN, 354 go on"})
    void whatIsSaidInALoginThatIsAnsweredTooSoonIsMasked(String login, String reply) {
        List<String> lines = new ArrayList<>();
        String secret = Base64.getEncoder().encodeToString("geheim7".getBytes(StandardCharsets.UTF_8));
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN LOGIN").on(login.strip(), reply).on(secret, "500 what is " + secret).start();
                Smtp smtp = smtp(fake.url()).transcript(lines::add).open()) {
            smtp.raw((login + "\r\n").getBytes(StandardCharsets.US_ASCII));
            smtp.ask(secret);
            smtp.ask("NOOP");
            smtp.ask(secret);
            TalkRun talk = TalkRun.of(fake.url(), login, "expect " + reply.substring(0, 3), "!b64 ops", secret, secret, "X-EXPS PLAIN " + secret, "NOOP", secret, "LAST", "VERB", "ETRN x.example", "MAIL FROM:<a@x.example>", "FOO");
            String all = talk.shown() + talk.transcript() + lines;
            assertEquals(Exit.OK, talk.exit(), talk.problem());
            assertFalse(all.contains(secret), all);
            assertTrue(talk.shown().contains(">>> LAST") && talk.shown().contains(">>> VERB") && talk.shown().contains(">>> MAIL FROM:<a@x.example>") && talk.shown().contains(">>> FOO"), all);
        }
    }

    @Test
    void nothingThatAServerSaysMovesTheCursor() {
        try (FakeSmtp fake = new FakeSmtp().on("VRFY", "550-\u001b[2Jrelay", "550 denied\u009b0m").start()) {
            TalkRun talk = TalkRun.of(fake.url(), "VRFY x", "expect 550 /relay/");
            assertEquals(Exit.OK, talk.exit(), talk.problem());
            assertEquals(List.of(), talk.shown().chars().filter(c -> Character.isISOControl(c) && c != '\n').boxed().toList());
        }
    }

    /** Who looks at the dialogue is not sent there. */
    @ParameterizedTest
    @CsvSource({"500 5.5.2 what, it does not know the command", "501 5.5.4 what, it does not take a parameter"})
    void aRefusalOfACommandIsPutIntoWords(String reply, String words) {
        try (FakeSmtp fake = smtpServer().on("BLAH", reply)) {
            TalkRun talk = TalkRun.of(fake.url(), "BLAH", "NOOP");
            assertTrue(talk.shown().contains("<<< " + reply + "\n*** " + words), talk.shown());
            assertFalse(talk.shown().contains("-v"), talk.shown());
        }
    }

    @Test
    void aRefusalIsExplainedInItsPlace() {
        try (FakeSmtp fake = smtpServer().on("RCPT TO", "554 5.7.1 relay access denied")) {
            TalkRun talk = TalkRun.of(fake.url(), "MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "NOOP");
            List<String> lines = talk.shown().lines().toList();
            int refusal = lines.indexOf("<<< 554 5.7.1 relay access denied");
            assertTrue(lines.get(refusal + 1).startsWith("*** "), talk.shown());
            assertTrue(lines.get(refusal + 1).contains("log in"), talk.shown());
            assertEquals(">>> NOOP", lines.get(refusal + 2));
        }
    }

    // As a command

    @Test
    void fromAPipeItJustRuns() {
        try (FakeSmtp fake = smtpServer()) {
            Tool.Result talk = Tool.with().stdin("EXPECT 250\n\nDATA\n!file nix\n!!x\nMAIL FROM:<a@x.example>\nRCPT TO:<b@x.example>\nDATA\n\n!x\n.\n")
                .call("talk", "-S", fake.url());
            assertEquals(0, talk.exit(), talk::toString);
            fake.awaitEnd();
            assertEquals(List.of("EHLO [127.0.0.1]", "EXPECT 250", "", "DATA", "!x", "MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA", "QUIT"), fake.commands());
            assertEquals("\r\n!x\r\n", fake.message().text());
        }
    }

    @Test
    void aFileWhoseNameIsMistypedMayBeNamedAgain() throws IOException {
        try (FakeSmtp fake = smtpServer(); Scratch scratch = Scratch.create("again"); RunningTool tool = Tool.with().onTerminal().stdinOpen().start("talk", "-S", fake.url())) {
            Path mail = Files.writeString(scratch.resolve("mail.eml"), "Subject: x\n\nhi\n");
            tool.awaitOutput("250 AUTH PLAIN LOGIN").type("MAIL FROM:<a@x.example>\n").awaitOutput("250 2.1.0 sender ok");
            tool.type("RCPT TO:<b@x.example>\n").awaitOutput("<<< 250 2.1.5").type("DATA\n").awaitOutput("<<< 354").type("!file " + mail + ".no\n");
            tool.awaitOutput("no such file").type("!file " + mail + "\n").awaitOutput("<<< 250 2.0.0").type("QUIT\n");
            assertEquals(0, tool.await().exit());
            assertEquals(1, fake.messages().size());
        }
    }

    @Test
    void aPersonSeesWhatTheServerSaysUnasked() {
        try (FakeSmtp fake = smtpServer().on("VRFY", peer -> {
            peer.say("252 2.5.0 perhaps");
            peer.hasMoreWithin(Duration.ofSeconds(2));
            peer.say("421 4.4.2 you take too long").hangUp();
        }); RunningTool tool = Tool.with().onTerminal().stdinOpen().start("talk", "-S", fake.url())) {
            tool.awaitOutput("250 AUTH PLAIN LOGIN").type("!starttlz\n").awaitOutput("did you mean !starttls?").type("VRFY x\n");
            Tool.Result talk = tool.awaitOutput("252 2.5.0 perhaps").await();
            assertTrue(talk.out().contains("<<< 421 4.4.2 you take too long"), talk::toString);
            assertFalse(talk.out().contains(">>> VRFY"), talk::toString);
            assertEquals(75, talk.exit(), talk::toString);
        }
    }

    @Test
    void aPasswordThatIsAskedForIsNoLineOfTheTalk() {
        try (FakeSmtp fake = smtpServer(); RunningTool tool = Tool.with().onTerminal().stdinOpen()
                .start("talk", "-S", fake.url("ops"), "--auth", "PLAIN", "--stop-after", "connect")) {
            tool.awaitOutput("220 ").type("!login\n").awaitOutput("Password of ops").type("secret phrase\n");
            Tool.Result talk = tool.awaitOutput("<<< 235").type("QUIT\n").await();
            assertEquals(0, talk.exit(), talk::toString);
            assertEquals(List.of("EHLO", "AUTH", "QUIT"), fake.commands().stream().map(line -> line.split(" ")[0]).toList());
        }
    }

    @Test
    void stagesAndFilesThatDoNotExistAreWrongUsage() {
        String url = "smtp://localhost:" + LocalPorts.free();
        for (List<String> words : List.of(List.of("--stop-after", "data"), List.of("--stop-after", "ehlo-tls"), List.of("--stop-after", "resolve"), List.of("a", "b"))) {
            List<String> all = new ArrayList<>(List.of("talk", "-S", url));
            all.addAll(words);
            assertEquals(Exit.USAGE, MailTool.run(new Terminal(), all), words::toString);
        }
    }

    // From a script

    @Test
    void aScriptAsksBetweenItsMails() {
        try (FakeSmtp fake = smtpServer(); Smtp smtp = smtp(fake.url()).open()) {
            smtp.send(mail().from("a@x.example").to("b@x.example").text("one"));
            assertEquals(252, smtp.ask("VRFY x").code());
            assertEquals(List.of("2.0.0 ok", "ok"), List.of(smtp.expect("250 /ok/", "NOOP").toString().substring(4), smtp.ask("RSET").text()));
            smtp.send(mail().from("a@x.example").to("b@x.example").text("two"));
            assertEquals(List.of(2, 1), List.of(fake.messages().size(), fake.peers().size()));
        }
    }

    @Test
    void anExpectationThatFailsLeavesTheSession() {
        try (FakeSmtp fake = smtpServer(); Smtp smtp = smtp(fake.url()).open(Stage.EHLO)) {
            MailException failure = assertThrows(MailException.class, () -> smtp.expect("5xx", "MAIL FROM:<a@x.example>"));
            assertEquals(List.of(Exit.UNMET, Stage.MAIL, 250), List.of(failure.exit(), failure.stage(), failure.reply().orElseThrow().code()));
            assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> smtp.expect("nonsense", "NOOP")).exit());
            assertEquals(Exit.DATA, assertThrows(MailException.class, () -> smtp.ask("NOOP\r\nQUIT")).exit());
            assertEquals(250, smtp.ask("RSET").code());
        }
    }

    @Test
    void octetsGoAsTheyAre() {
        try (FakeSmtp fake = smtpServer(); Smtp smtp = smtp(fake.url()).open(Stage.CONNECT)) {
            smtp.raw("EHLO x\n".getBytes(StandardCharsets.US_ASCII));
            smtp.raw("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n".getBytes(StandardCharsets.US_ASCII));
            assertEquals(List.of(250, 354), List.of(smtp.raw(new byte[0]).code(), smtp.raw(new byte[0]).code()));
            assertEquals(250, smtp.raw("a\nb\0\r\n.\r\n".getBytes(StandardCharsets.US_ASCII)).code());
            assertEquals("a\nb\0\r\n", fake.message().text());
        }
    }

    @Test
    void afterASessionThatHasLostStepItRefuses() {
        try (FakeSmtp fake = smtpServer().on("NOOP", peer -> peer.say("nonsense")); Smtp smtp = smtp(fake.url()).open()) {
            assertEquals(Exit.PROTOCOL, assertThrows(MailException.class, () -> smtp.ask("NOOP")).exit());
            assertEquals(Exit.TEMPORARY, assertThrows(MailException.class, () -> smtp.ask("RSET")).exit());
            smtp.send(mail().from("a@x.example").to("b@x.example").text("over a new one"));
            assertEquals(2, fake.peers().size());
        }
    }

    @Test
    void aMaildropIsAskedInTheSameWay() {
        try (FakePop3 fake = pop3Server(); Pop3 box = pop3("pop3://localhost:" + fake.port()).open(Stage.CAPA)) {
            box.expect("+OK", "USER ops");
            box.expect("+OK", "PASS " + FakePop3.PASSWORD);
            Reply list = box.ask("LIST");
            assertEquals(3, list.lines().size(), list::toString);
            assertEquals(List.of("1 " + MAIL.length(), "-ERR"), List.of(list.lines().get(1), box.ask("RETR 7").status()));
            assertTrue(box.raw("TOP 1 0\r\n".getBytes(StandardCharsets.US_ASCII)).lines().contains("Subject: one"));
            assertEquals("+OK", box.ask("QUIT").status());
            assertEquals(Exit.TEMPORARY, assertThrows(MailException.class, () -> box.ask("NOOP")).exit());
        }
    }

    @Test
    void aFileIsAMessageWithItsDotsDoubled() {
        try (FakeSmtp fake = smtpServer(); Scratch scratch = Scratch.create("talk")) {
            Path message = scratch.write("one two.eml", ".\nbare\rreturn\r\n..\nno end");
            TalkRun talk = TalkRun.of(fake.url(), "MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA", "expect 354", "!file " + message, "expect 250");
            assertEquals(Exit.OK, talk.exit(), talk.problem());
            assertEquals(".\r\nbare\r\nreturn\r\n..\r\nno end\r\n", fake.message().text());
        }
    }
}
