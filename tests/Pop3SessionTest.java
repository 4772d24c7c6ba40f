package mailtool;

import static mailtool.MailTool.pop3;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Message;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Server;
import mailtool.MailTool.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A POP3 session: its server, its capabilities, its bytes and its ends. */
final class Pop3SessionTest {
    private static final String NASTY = "Subject: nasty\r\n\r\n.dot\r\n..\r\n.\n\n.\nLF . LF\n\0\u00e9\u0080\r\r\n.\r.\r\n.\r\r\n\r.\nend";

    // Where it goes

    @ParameterizedTest
    @CsvSource({"pop3://ops@mail.example.org, mail.example.org:110", "pop3s://ops@mail.example.org, mail.example.org:995",
        "pop3://mail.example.org:1100, mail.example.org:1100", "POP3S://mail.example.org/, mail.example.org:995"})
    void theSchemeDecidesThePort(String url, String target) {
        try (HttpProxy proxy = HttpProxy.refusing("403 Forbidden")) {
            MailException failure = Pop3Calls.refusal(pop3(url).password("x").set("user", "ops").set("proxy", "http://127.0.0.1:" + proxy.port()));
            assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
            assertEquals(List.of(target), proxy.targets());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"smtp://localhost", "imap://localhost", "localhost", "pop3://", "pop3://localhost:99999", "pop3://localhost/inbox"})
    void anyOtherUrlIsWrongUsage(String url) {
        assertEquals(Exit.USAGE, Pop3Calls.exit(() -> pop3(url)));
    }

    @Test
    void aSocksProxyFindsTheServerByItsName() {
        try (FakePop3 fake = new FakePop3().implicitTls(TestCerts.good().context()).messages(1).start(); SocksProxy proxy = SocksProxy.start();
            Pop3 box = Pop3Calls.server(fake).set("proxy", "socks5://127.0.0.1:" + proxy.port()).open()) {
            assertEquals(List.of("subject-1"), Pop3Calls.subjects(box));
            assertEquals(List.of("localhost"), proxy.targets().stream().map(SocksProxy.Target::host).toList());
        }
    }

    @Test
    void anAccountHasItsMaildrop() {
        try (FakePop3 fake = new FakePop3().messages(2).start(); Scratch scratch = Scratch.create("account")) {
            Path config = scratch.write("accounts", "ops.server = smtp://localhost\nops.pop3 = " + fake.userUrl() + "\nops.password-command = echo '" + FakePop3.PASSWORD + "'\n");
            Tool.Result result = Tool.run("inbox", "-A", "ops", "--config", config.toString());
            assertEquals(0, result.exit(), result::toString);
            assertEquals(2, result.out().lines().count());
        }
    }

    @Test
    void anAccountWithoutOneIsAWrongConfiguration() {
        try (Scratch scratch = Scratch.create("account")) {
            Path config = scratch.write("accounts", "ops.server = smtp://localhost\n");
            assertEquals(78, Tool.run("inbox", "-A", "ops", "--config", config.toString()).exit());
        }
    }

    @Test
    void theTranscriptHasNoSecret() {
        for (String auth : List.of("USER", "APOP", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256")) {
            List<String> lines = new ArrayList<>();
            try (FakePop3 fake = new FakePop3().apop().capa("USER", "SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256").start();
                Pop3 box = pop3(fake.userUrl()).password(FakePop3.PASSWORD).set("auth", auth).transcript(lines::add).open()) {
                String secret = String.join("\n", fake.peer(0).receivedLines().stream().filter(line -> line.length() > 30 || line.startsWith("PASS")).toList());
                String seen = String.join("\n", lines);
                assertFalse(seen.contains(FakePop3.PASSWORD), seen);
                assertFalse(secret.lines().anyMatch(seen::contains), seen);
                assertTrue(seen.contains(">>> CAPA"), seen);
            }
        }
    }

    @Test
    void aPasswordThatCanNotBeSentIsNotShownEither() {
        try (FakePop3 fake = new FakePop3().start()) {
            MailException failure = Pop3Calls.refusal(pop3(fake.userUrl()).password("secret\u0001word"));
            assertFalse(failure.getMessage().contains("secret"), failure.getMessage());
            assertTrue(fake.commands("PASS").isEmpty());
        }
    }

    // Capabilities

    @Test
    void capabilitiesAreAskedForAgainAfterTlsAndAfterLogin() {
        FakePop3 fake = new FakePop3().tls(TestCerts.good().context()).capa("USER").capaUnderTls("SASL PLAIN").capaAfterLogin("TOP", "UIDL", "PIPELINING").messages(3);
        assertEquals(3, topsInFlight(fake, ""), "PIPELINING came after login");
        assertEquals(List.of("CAPA", "STLS", "CAPA", "AUTH", "CAPA"), fake.commands().stream().map(FakePop3Session::verb).limit(5).toList());
    }

    @Test
    void whatIsOfferedOnlyBeforeLoginCountsNoLonger() {
        assertEquals(1, topsInFlight(new FakePop3().messages(3).pipelining().capaAfterLogin("TOP", "UIDL"), ""));
    }

    @Test
    void aServerWithoutCapaIsTakenAtRfc1939() {
        try (FakePop3 fake = new FakePop3().without("CAPA").messages(2).start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals(List.of("subject-1", "subject-2"), Pop3Calls.subjects(box));
        }
    }

    @Test
    void capabilitiesAreReadInAnyCaseAndWithAnyBlanks() {
        try (FakePop3 fake = new FakePop3().capa("sasl   plain  login", " Top", "uidl ").messages(1).start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals(List.of("subject-1"), Pop3Calls.subjects(box));
            assertEquals(1, fake.commands("AUTH").size());
        }
    }

    // Pipelining

    @Test
    void neverMoreThanTheWindowIsInFlight() {
        int inFlight = topsInFlight(new FakePop3().messages(350).pipelining(), "");
        assertTrue(inFlight > 20 && inFlight <= 100, () -> "in flight " + inFlight);
    }

    @Test
    void withoutPipeliningOneCommandIsInFlight() {
        assertEquals(1, topsInFlight(new FakePop3().messages(5), ""));
    }

    @Test
    void theUidsAreAskedForTogetherWithTheirNumber() {
        String[] offers = {"+OK", "USER", "UIDL", "TOP", "PIPELINING", "."};
        ScriptedServer.Script script = peer -> peer.say("+OK").expect("CAPA").say(offers).expect("USER").say("+OK").expect("PASS").say("+OK").expect("CAPA").say(offers)
            .expect("STAT").expect("UIDL").say("+OK 2 20", "+OK", "1 a", "2 b", ".").expect("LIST").say("+OK", "1 10", "2 10", ".").expect("QUIT").say("+OK");
        try (ScriptedServer server = ScriptedServer.start(script); Pop3 box = pop3("pop3://ops@localhost:" + server.port()).password("secret").open()) {
            assertEquals(List.of("a", "b"), Pop3Calls.messages(box).stream().map(Message::uid).toList());
        }
    }

    @Test
    void theUserCanForbidPipelining() {
        assertEquals(1, topsInFlight(new FakePop3().messages(5).pipelining(), "pipelining"));
    }

    /** The server answers no TOP, so that it gets all that is sent ahead, and goes when that is all. */
    private static int topsInFlight(FakePop3 fake, String forbidden) {
        ScriptedServer.Script leaving = peer -> {
            while (peer.hasMoreWithin(Duration.ofSeconds(2))) {
                peer.readLine();
            }
            peer.cut();
        };
        try (FakePop3 silent = fake.on("TOP", leaving).start()) {
            Server<Pop3> server = Pop3Calls.server(silent);
            MailException failure = Pop3Calls.failure(() -> {
                try (Pop3 box = (forbidden.isEmpty() ? server : server.set("no", forbidden)).open()) {
                    Pop3Calls.subjects(box);
                }
            });
            assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
            return (int) silent.awaitEnd().peer(0).receivedLines().stream().filter(line -> line.startsWith("TOP ")).count();
        }
    }

    // Bytes

    @Test
    void everyByteComesAsItIs() throws IOException {
        try (FakePop3 fake = new FakePop3().message("nasty", NASTY).start(); Pop3 box = Pop3Calls.open(fake)) {
            ByteArrayOutputStream raw = new ByteArrayOutputStream();
            box.message("1").writeTo(raw);
            assertArrayEquals((NASTY + "\r\n").getBytes(StandardCharsets.ISO_8859_1), raw.toByteArray());
        }
    }

    @Test
    void bytesThatComeOneByOneAreTheSame() throws IOException {
        try (FakePop3 fake = new FakePop3().message("nasty", NASTY).trickle("RETR", Duration.ofMillis(1)).start(); Pop3 box = Pop3Calls.open(fake)) {
            ByteArrayOutputStream raw = new ByteArrayOutputStream();
            box.message("1").writeTo(raw);
            assertArrayEquals((NASTY + "\r\n").getBytes(StandardCharsets.ISO_8859_1), raw.toByteArray());
        }
    }

    @Test
    void anEmptyMessageIsEmpty() throws IOException {
        try (FakePop3 fake = new FakePop3().on("RETR", "+OK", ".").message("a", "x").start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals(0, box.message("1").raw().readAllBytes().length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 18, 40, 69, 70})
    void anEndWithinAMessageIsAnError(int bytes) {
        for (ScriptedServer.Script end : List.<ScriptedServer.Script>of(ScriptedPeer::hangUp, ScriptedPeer::reset)) {
            try (FakePop3 fake = new FakePop3().messages(1).cut("RETR", bytes, end).start(); Pop3 box = Pop3Calls.open(fake)) {
                int whole = 14 + fake.maildrop().get(0).content().length + 3;
                assertTrue(bytes < whole, "all of it would be no end within it");
                MailException failure = Pop3Calls.failure(() -> box.message("1").raw());
                assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
                assertEquals(Stage.RETR, failure.stage());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"CAPA, CAPA", "STAT, LIST", "UIDL, LIST", "LIST, LIST", "TOP, TOP"})
    void anEndWithinAnyOtherAnswerIsAnErrorToo(String command, Stage stage) {
        try (FakePop3 fake = new FakePop3().messages(3).cut(command, 8, ScriptedPeer::hangUp).start()) {
            MailException failure = Pop3Calls.failure(() -> {
                try (Pop3 box = Pop3Calls.open(fake)) {
                    Pop3Calls.subjects(box);
                }
            });
            assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
            assertEquals(stage, failure.stage());
        }
    }

    @ParameterizedTest
    @CsvSource({"STAT", "UIDL", "LIST", "TOP", "RETR", "DELE"})
    void anAnswerThatNeverComesIsTriedAgainLater(String command) {
        try (FakePop3 fake = new FakePop3().messages(1).on(command, ScriptedPeer::listen).start()) {
            MailException failure = Pop3Calls.failure(() -> {
                try (Pop3 box = pop3(fake.userUrl()).password(FakePop3.PASSWORD).set("timeout", "2s").open()) {
                    Message message = box.message("1");
                    message.subject();
                    message.text();
                    box.delete(message);
                }
            });
            assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
            assertTrue(fake.commands("QUIT").isEmpty(), "a session that lost step says nothing more");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"OK", "+OKAY", "", "250 ok", "-ERROR", "*", " +OK", "+ok"})
    void aMalformedReplyIsAProtocolError(String reply) {
        try (FakePop3 fake = new FakePop3().messages(1).on("STAT", reply).start()) {
            MailException failure = Pop3Calls.failure(() -> {
                try (Pop3 box = Pop3Calls.open(fake)) {
                    box.messages();
                }
            });
            assertEquals(Exit.PROTOCOL, failure.exit(), failure.getMessage());
            assertTrue(fake.commands("QUIT").isEmpty());
        }
    }

    @Test
    void sizesMayBeLargerThanAnInt() {
        try (FakePop3 fake = new FakePop3().messages(2).on("STAT", "+OK 2 5000000000").on("LIST", "+OK", "1 4999999999", "2 1", ".").start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals(5_000_000_000L, box.totals().octets());
            assertEquals(4_999_999_999L, box.message("1").size());
        }
    }

    @Test
    void aGreetingThatComesSlowlyIsAnswered() {
        try (FakePop3 fake = new FakePop3().greeting("+OK").messages(1).start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals(1, box.totals().messages());
        }
    }

    // Ends

    @ParameterizedTest
    @CsvSource({"-ERR go away, TEMPORARY", "-ERR [IN-USE] busy, TEMPORARY", "-ERR [SYS/TEMP] later, TEMPORARY", "-ERR [LOGIN-DELAY] wait, TEMPORARY", "220 SMTP here, PROTOCOL"})
    void aRefusingGreetingEndsTheSession(String greeting, Exit exit) {
        try (FakePop3 fake = new FakePop3().greeting(greeting).start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake));
            assertEquals(exit, failure.exit(), failure.getMessage());
            assertEquals(List.of(), fake.awaitEnd().commands("USER"));
        }
    }

    @Test
    void aSessionEndsWithQuit() {
        try (FakePop3 fake = new FakePop3().messages(1).start()) {
            Pop3Calls.open(fake).close();
            assertEquals("QUIT", fake.awaitEnd().commands().get(fake.commands().size() - 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-ERR no", "nonsense", ""})
    void whatQuitIsAnsweredDoesNotMatterWhereNothingWasDeleted(String reply) {
        try (FakePop3 fake = new FakePop3().messages(1).on("QUIT", reply).start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals(1, box.totals().messages());
        }
    }

    @ParameterizedTest
    @CsvSource({"220 mail.example.org ESMTP, SMTP", "220-mail.example.org ESMTP, SMTP", "* OK ready, IMAP"})
    void aServerOfAnotherProtocolIsTold(String greeting, String protocol) {
        try (FakePop3 fake = new FakePop3().greeting(greeting).start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake));
            assertEquals(Exit.PROTOCOL, failure.exit(), failure.getMessage());
            assertTrue(failure.hint().contains(protocol) && failure.hint().contains("995"), failure.hint());
        }
    }

    @Test
    void aDeadServerIsTriedAgainLater() {
        assertEquals(75, Pop3Calls.tool().call("inbox", "-S", "pop3://ops@localhost:" + LocalPorts.free()).exit());
    }

    @Test
    void anUnknownHostIsSaidToBeUnknown() {
        Tool.Result result = Pop3Calls.tool().hosts("127.0.0.1 localhost").call("stat", "-S", "pop3://ops@nowhere.example.org", "--json");
        assertEquals(68, result.exit(), result::toString);
        assertTrue(result.out().contains("\"stage\":\"resolve\""), result::toString);
    }

    @Test
    void afterTheEndOfASessionNothingIsLeftBehind() throws IOException {
        try (FakePop3 fake = new FakePop3().messages(1).start(); Scratch scratch = Scratch.create("temporary")) {
            Path temporary = scratch.folder("tmp");
            Tool.Result result = Pop3Calls.tool().jvm("-Djava.io.tmpdir=" + temporary).call(Pop3Calls.words(fake, "read", "1"));
            assertEquals(0, result.exit(), result::toString);
            try (var files = Files.list(temporary)) {
                assertEquals(List.of(), files.toList());
            }
        }
    }
}
