package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over the line and what may come back: extensions, bodies byte for byte, and servers that break the rules. */
final class WireTest {
    private static final String HEADER = "Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nFrom: a@example.org\r\nTo: b@example.org\r\nMessage-ID: <wire@example.org>\r\nSubject: wire\r\n\r\n";
    /** More than the sockets of both sides can buffer, so that the server's word comes while the client is still writing. */
    private static final int LARGE = 48 * 1024 * 1024;
    private static final int BLOCK = 64 * 1024;

    @TempDir
    private static Path folder;

    private static Path largeMessage;

    @BeforeAll
    static void writeLargeMessage() throws IOException {
        String lines = ("x".repeat(62) + "\r\n").repeat(1024);
        largeMessage = folder.resolve("large.eml");
        Files.writeString(largeMessage, HEADER);
        for (int size = 0; size < LARGE; size += lines.length()) {
            Files.writeString(largeMessage, lines, StandardOpenOption.APPEND);
        }
    }

    private static MailTool.Mail message() {
        return mail().from("a@example.org").to("b@example.org").subject("wire").text("Hello");
    }

    private static MailTool.Mail ready(Path file) {
        return mail().eml(file.toString());
    }

    private static MailTool.Mail ready(String content) throws IOException {
        return ready(Files.writeString(Files.createTempFile(folder, "ready", ".eml"), content, StandardCharsets.ISO_8859_1));
    }

    private static MailTool.Server<MailTool.Smtp> choose(FakeSmtp server) {
        return smtp(server.url()).set("ca", TestCerts.caFile().toString());
    }

    private static MailTool.Server<MailTool.Smtp> choose(ScriptedServer server) {
        return smtp("smtp://127.0.0.1:" + server.port());
    }

    private static MailTool.Delivery send(MailTool.Server<MailTool.Smtp> server, MailTool.Mail mail) {
        try (MailTool.Smtp session = server.open()) {
            return session.send(mail);
        }
    }

    private static MailTool.MailException failure(MailTool.Server<MailTool.Smtp> server, MailTool.Mail mail) {
        return assertThrows(MailTool.MailException.class, () -> send(server, mail));
    }

    private static FakeSmtp server(boolean tls) {
        FakeSmtp server = new FakeSmtp();
        return tls ? server.implicitTls(TestCerts.good().context()) : server;
    }

    private static void assertNeverEnded(FakeSmtp server) {
        String received = server.peer(0).awaitEnd().receivedText();
        assertFalse(received.contains("\r\n.\r\n"), "the server must not see an end");
        assertFalse(received.contains(" LAST\r\n"), "the server must not see a last chunk");
        assertEquals(List.of(), server.attempts());
    }

    // PIPELINING

    @Test
    void withPipeliningTheEnvelopeGoesInOneFlight() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").holdReplies().start()) {
            assertTrue(send(choose(server), message().cc("c@example.org")).ok());
            assertEquals(2, server.message().recipients().size());
        }
    }

    @ParameterizedTest
    @CsvSource({"PIPELINING, pipelining", "HELP, ''"})
    void withoutPipeliningEveryCommandWaitsForTheReplyBefore(String offered, String turnedOff) {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250-hello", "250 " + offered);
            expectAlone(peer, "MAIL").say("250 ok");
            expectAlone(peer, "RCPT").say("250 ok");
            expectAlone(peer, "RCPT").say("250 ok");
            expectAlone(peer, "DATA").say("354 go");
            peer.readToDot();
            assertFalse(peer.hasMore());
            peer.say("250 ok").expect("QUIT").say("221 bye");
        })) {
            MailTool.Server<MailTool.Smtp> choice = choose(server);
            if (!turnedOff.isEmpty()) {
                choice.set("no", turnedOff);
            }
            assertTrue(send(choice, message().cc("c@example.org")).ok());
        }
    }

    private static ScriptedPeer expectAlone(ScriptedPeer peer, String command) throws IOException {
        peer.expect(command);
        assertFalse(peer.hasMore(), command + " came with more");
        return peer;
    }

    // SIZE

    @Test
    void aMessageThatIsTooLargeIsNotSent() {
        try (FakeSmtp server = new FakeSmtp().ehlo("SIZE 200").start()) {
            MailTool.MailException problem = failure(choose(server), message().header("X-Long: " + "x ".repeat(100)));
            assertEquals(MailTool.Exit.DATA, problem.exit());
            assertTrue(problem.getMessage().contains("takes 200"), problem.getMessage());
            assertFalse(problem.retryable());
            assertEquals(List.of("EHLO", "QUIT"), server.awaitEnd().commands().stream().map(command -> command.split(" ")[0]).toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIZE", "SIZE 0", "SIZE 99999999", "SIZE 99999999999999999999999", "SIZE lots"})
    void theSizeIsToldToAServerThatHasRoom(String keyword) {
        try (FakeSmtp server = new FakeSmtp().ehlo(keyword).start()) {
            MailTool.Delivery delivery = send(choose(server), message());
            assertEquals(List.of("SIZE=" + server.message().content().length), server.message().parameters());
            assertEquals(server.message().content().length, delivery.bytes());
        }
    }

    @Test
    void sizeMayBeTurnedOff() {
        try (FakeSmtp server = new FakeSmtp().ehlo("SIZE 10").start()) {
            assertTrue(send(choose(server).set("no", "size"), message()).ok());
            assertEquals(List.of(), server.message().parameters());
        }
    }

    // 8BITMIME and SMTPUTF8

    @Test
    void eightBitTextIsDeclared() throws IOException {
        try (FakeSmtp server = new FakeSmtp().ehlo("8BITMIME").start()) {
            send(choose(server), ready(HEADER + "gr\u00fc\u00dfe\r\n"));
            send(choose(server), message());
            assertEquals(List.of("BODY=8BITMIME"), server.messages().get(0).parameters());
            assertEquals(HEADER + "gr\u00fc\u00dfe\r\n", server.messages().get(0).text());
            assertEquals(List.of(), server.messages().get(1).parameters());
        }
    }

    @ParameterizedTest
    @CsvSource({"HELP, ''", "8BITMIME, 8bitmime"})
    void eightBitTextIsNotSentToAServerThatCanNotTakeIt(String offered, String turnedOff) {
        try (FakeSmtp server = new FakeSmtp().ehlo(offered).start()) {
            MailTool.Server<MailTool.Smtp> choice = choose(server);
            if (!turnedOff.isEmpty()) {
                choice.set("no", turnedOff);
            }
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> send(choice, ready(HEADER + "gr\u00fc\u00dfe\r\n")));
            assertEquals(MailTool.Exit.DATA, problem.exit());
            assertTrue(problem.getMessage().contains("8BITMIME"), problem.getMessage());
            assertFalse(server.awaitEnd().commands().stream().anyMatch(command -> command.startsWith("MAIL")), server.commands()::toString);
        }
    }

    @Test
    void anAddressThatNeedsItGoesWithSmtputf8() {
        try (FakeSmtp server = new FakeSmtp().ehlo("SMTPUTF8", "8BITMIME").start()) {
            send(choose(server), mail().from("a@example.org").to("j\u00fcrgen@example.org").text("Hello"));
            send(choose(server), message());
            assertTrue(server.messages().get(0).parameters().contains("SMTPUTF8"), server.commands()::toString);
            assertEquals("j\u00fcrgen@example.org", new String(server.messages().get(0).to().get(0).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
            assertEquals(List.of(), server.messages().get(1).parameters());
        }
    }

    @ParameterizedTest
    @CsvSource({"8BITMIME, ''", "SMTPUTF8, smtputf8"})
    void anAddressThatNeedsSmtputf8IsNotSentWithout(String offered, String turnedOff) {
        try (FakeSmtp server = new FakeSmtp().ehlo(offered).start()) {
            MailTool.Server<MailTool.Smtp> choice = choose(server);
            if (!turnedOff.isEmpty()) {
                choice.set("no", turnedOff);
            }
            MailTool.MailException problem = failure(choice, mail().from("a@example.org").to("j\u00fcrgen@example.org").text("Hello"));
            assertEquals(MailTool.Exit.DATA, problem.exit());
            assertTrue(problem.getMessage().contains("SMTPUTF8"), problem.getMessage());
            assertFalse(server.awaitEnd().commands().stream().anyMatch(command -> command.startsWith("MAIL")), server.commands()::toString);
        }
    }

    @Test
    void postfixDeliversToAnAddressInUnicode() {
        Postfix postfix = Postfix.shared();
        String subject = "unicode-" + UUID.randomUUID();
        MailTool.Server<MailTool.Smtp> choice = smtp("smtp://127.0.0.1:" + postfix.port()).set("ca", TestCerts.caFile().toString());
        assertTrue(send(choice, mail().from("sender@example.org").to("j\u00fcrgen@example.org").subject(subject).text("Hello")).ok());
        postfix.mailbox("j\u00fcrgen").waitFor(subject);
    }

    // Bodies

    private static final String DOTS = ".\r\n..\r\n.dot\r\nno .dot\r\n\r\n.\r\nMAIL FROM:<evil@example.org>\r\nRCPT TO:<evil@example.org>\r\nDATA\r\n.\r\n";

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "HELP"})
    void dotsArriveAsTheyWere(String extension) throws IOException {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).start()) {
            send(choose(server), ready(HEADER + DOTS));
            assertEquals(HEADER + DOTS, server.message().text());
            assertFalse(server.commands().stream().anyMatch(command -> command.contains("evil")), server.commands()::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n.\nMAIL FROM:<evil@example.org>\n", "\r.\rMAIL FROM:<evil@example.org>\r", "\r\n.\nMAIL FROM:<evil@example.org>\n",
        "\n.\r\nMAIL FROM:<evil@example.org>\r\n", "\r\n.\rMAIL FROM:<evil@example.org>\r", "\r\r\n.\r\n"})
    void noKindOfLineEndLetsABodySpeakToTheServer(String body) throws IOException {
        try (FakeSmtp server = new FakeSmtp().start()) {
            send(choose(server), ready(HEADER + body));
            assertEquals(HEADER + body.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n"), server.message().text());
            assertFalse(server.commands().stream().anyMatch(command -> command.contains("evil")), server.commands()::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {".\r\nMAIL FROM:<evil@example.org>\r\n", "..\r\n", ".x: y\r\n\r\nbody\r\n"})
    void aMessageThatStartsWithADotCanNotSpeakToTheServer(String content) throws IOException {
        try (FakeSmtp server = new FakeSmtp().start()) {
            send(choose(server), ready(content).from("a@example.org").to("b@example.org"));
            assertTrue(("\r\n" + server.message().text()).contains("\r\n" + content.split("\r\n\r\n")[0]), server.message().text());
            assertFalse(server.commands().stream().anyMatch(command -> command.contains("evil")), server.commands()::toString);
        }
    }

    @Test
    void aTextThatIsNothingButADotArrives() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            send(choose(server), mail().from("a@example.org").to("b@example.org").text(".\n.\nQUIT\n."));
            assertTrue(server.message().text().contains("\r\n\r\n.\r\n.\r\nQUIT\r\n."), server.message().text());
        }
    }

    /** A body goes in blocks. */
    @ParameterizedTest
    @ValueSource(ints = {-3, -2, -1, 0, 1, 2, 3})
    void aDotNearTheEndOfABlockArrivesAsItWas(int beside) throws IOException {
        String before = HEADER + "y".repeat(BLOCK - HEADER.length() - 2 + beside) + "\r\n";
        try (FakeSmtp server = new FakeSmtp().start()) {
            send(choose(server), ready(before + DOTS));
            assertEquals(before + DOTS, server.message().text());
        }
    }

    // CHUNKING

    private static String threeChunks() {
        return HEADER + (".dot\r\n.\r\n" + "y".repeat(70) + "\r\n").repeat(2 * BLOCK / 80);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CHUNKING", "CHUNKING PIPELINING"})
    void chunksAreNeverStuffed(String keywords) throws IOException {
        String content = threeChunks();
        try (FakeSmtp server = new FakeSmtp().ehlo(keywords.split(" ")).start()) {
            MailTool.Delivery delivery = send(choose(server), ready(content));
            assertArrayEquals(content.getBytes(StandardCharsets.ISO_8859_1), server.message().content());
            assertTrue(server.message().chunks().size() > 2, server.message().chunks()::toString);
            assertFalse(server.commands().contains("DATA"));
            assertEquals("FAKE1", delivery.queueId());
        }
    }

    @Test
    void chunkingMayBeTurnedOff() throws IOException {
        try (FakeSmtp server = new FakeSmtp().ehlo("CHUNKING", "PIPELINING").start()) {
            send(choose(server).set("no", "pipelining,chunking"), ready(HEADER + DOTS));
            assertEquals(HEADER + DOTS, server.message().text());
            assertEquals(List.of(), server.message().chunks());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CHUNKING", "CHUNKING PIPELINING"})
    void aRefusedChunkEndsTheMessageButNotTheSession(String keywords) throws IOException {
        try (FakeSmtp server = new FakeSmtp().ehlo(keywords.split(" ")).once("BDAT 65536", "250 2.0.0 fine").once("BDAT", "552 5.3.4 that is too much").start()) {
            MailTool.Mail mail = ready(threeChunks());
            try (MailTool.Smtp session = choose(server).open()) {
                MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.send(mail));
                assertEquals(MailTool.Exit.DATA, problem.exit());
                assertTrue(problem.getMessage().contains("552 5.3.4 that is too much"), problem.getMessage());
                assertTrue(session.send(message()).ok());
            }
            assertTrue(server.message().text().contains("Hello"), server.message().text());
            assertEquals(1, server.peers().size());
        }
    }

    @ParameterizedTest
    @CsvSource({"552 5.3.4 that is too much, DATA", "421 4.3.2 going down, TEMPORARY", "'', TEMPORARY"})
    void whatIsSaidOfChunksOnTheirWayIsNoAnswerTooEarly(String reply, MailTool.Exit exit) throws IOException {
        // More than fits into any buffers, so that we are writing when the server hangs up.
        String content = HEADER + ("y".repeat(998) + "\r\n").repeat(24_000);
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250-hello", "250-CHUNKING", "250 PIPELINING").expect("MAIL").expect("RCPT").say("250 ok", "250 ok").expect("BDAT 65536");
            peer.readBytes(65536);
            Thread.sleep(500);
            (reply.isEmpty() ? peer.say("250 2.0.0 fine") : peer.say("250 2.0.0 fine", reply)).close();
        })) {
            MailTool.MailException problem = failure(choose(server), ready(content));
            assertEquals(exit, problem.exit(), problem.getMessage());
            assertTrue(problem.getMessage().contains(reply.isEmpty() ? "lost the connection" : reply), problem.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"554 5.6.0 no, DATA", "452 4.3.1 full, TEMPORARY"})
    void aRefusedLastChunkIsARefusal(String reply, MailTool.Exit exit) throws IOException {
        try (FakeSmtp server = new FakeSmtp().ehlo("CHUNKING").on(".", reply).start()) {
            MailTool.MailException problem = failure(choose(server), ready(threeChunks()));
            assertEquals(exit, problem.exit());
            assertTrue(problem.getMessage().contains(reply), problem.getMessage());
        }
    }

    @Test
    void postfixGetsChunksByteForByte() throws IOException {
        Postfix postfix = Postfix.shared();
        String subject = "chunks-" + UUID.randomUUID();
        String content = threeChunks().replace("Subject: wire", "Subject: " + subject);
        List<String> transcript = new ArrayList<>();
        MailTool.Server<MailTool.Smtp> choice = smtp("smtp://127.0.0.1:" + postfix.port()).set("ca", TestCerts.caFile().toString()).transcript(transcript::add);
        assertTrue(send(choice, ready(content).to("bob@example.org")).ok());
        assertTrue(transcript.stream().anyMatch(line -> line.contains("BDAT 65536")), transcript::toString);
        String stored = postfix.mailbox("bob").waitFor(subject);
        assertTrue(stored.endsWith(content.replace("\r\n", "\n")), () -> stored.substring(0, 2000));
    }

    // After a failure

    @Test
    void aRefusedMessageIsFollowedByRsetAndTheNext() {
        try (FakeSmtp server = new FakeSmtp().once("DATA", "451 4.3.0 not now").start(); MailTool.Smtp session = choose(server).open()) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.send(message()));
            assertEquals(MailTool.Exit.TEMPORARY, problem.exit());
            assertTrue(problem.getMessage().contains("451 4.3.0 not now"), problem.getMessage());
            assertTrue(session.send(message()).ok());
            List<String> verbs = server.commands().stream().map(command -> command.split(" ")[0]).toList();
            assertEquals(List.of("EHLO", "MAIL", "RCPT", "DATA", "RSET", "MAIL", "RCPT", "DATA"), verbs);
        }
    }

    @ParameterizedTest
    @CsvSource({"250 2.0.0 what data, PROTOCOL", "554 5.5.1 no data here, DATA", "451 4.3.0 later, TEMPORARY"})
    void onlyThePromptLetsTheBodyGo(String reply, MailTool.Exit exit) {
        try (FakeSmtp server = new FakeSmtp().on("DATA", peer -> peer.say(reply)).start()) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(exit, problem.exit());
            assertTrue(problem.getMessage().contains(reply), problem.getMessage());
            assertFalse(server.peer(0).awaitEnd().receivedText().contains("Hello"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "HELP"})
    void aPromptAlthoughAllWereRefusedBringsNothingOut(String extension) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).on("RCPT", "550 5.1.1 no such user").on("DATA", "354 go").start()) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Exit.DATA, problem.exit());
            assertTrue(problem.getMessage().contains("550 5.1.1 no such user"), problem.getMessage());
            assertFalse(server.peer(0).awaitEnd().receivedText().contains("Hello"));
            assertEquals("QUIT", server.commands().get(server.commands().size() - 1));
        }
    }

    // 421

    @ParameterizedTest
    @ValueSource(strings = {"EHLO", "AUTH", "MAIL", "RCPT TO:<b@", "RCPT TO:<c@", "DATA", "."})
    void a421EndsTheSessionWithTheServersWords(String command) {
        for (String extension : List.of("HELP", "PIPELINING")) {
            try (FakeSmtp server = new FakeSmtp().ehlo(extension, "AUTH PLAIN").login("ops", "secret").on(command, "421 4.3.2 going down").start()) {
                MailTool.Server<MailTool.Smtp> choice = smtp(server.url("ops")).password("secret");
                MailTool.MailException problem = failure(choice, message().cc("c@example.org"));
                assertEquals(MailTool.Exit.TEMPORARY, problem.exit(), problem::getMessage);
                assertTrue(problem.getMessage().contains("421 4.3.2 going down"), problem.getMessage());
                assertTrue(problem.retryable());
                assertEquals(421, problem.reply().orElseThrow().code());
                assertEquals(List.of(), server.messages());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"STARTTLS", "BDAT 65536", "BDAT"})
    void a421EndsAlsoTlsAndChunks(String command) {
        try (FakeSmtp server = new FakeSmtp().ehlo("CHUNKING").tls(TestCerts.good().context()).on(command, "421 4.3.2 going down").start()) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> send(choose(server), ready(threeChunks())));
            assertEquals(MailTool.Exit.TEMPORARY, problem.exit(), problem::getMessage);
            assertTrue(problem.getMessage().contains("421 4.3.2 going down"), problem.getMessage());
        }
    }

    @Test
    void a421InsteadOfAGreetingIsTemporary() {
        try (FakeSmtp server = new FakeSmtp().greeting("421 4.3.2 too busy").start()) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Exit.TEMPORARY, problem.exit());
            assertTrue(problem.getMessage().contains("421 4.3.2 too busy"), problem.getMessage());
        }
    }

    @Test
    void a421AfterTheMessageChangesNothing() {
        try (FakeSmtp server = new FakeSmtp().on("QUIT", "421 4.3.2 going down").start()) {
            assertTrue(send(choose(server), message()).ok());
        }
    }

    @Test
    void a421BetweenMessagesCostsTheNextOneATryAtMost() {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.say("220 hello").expect("EHLO").say("250 hello").expect("MAIL").say("250 ok").expect("RCPT").say("250 ok").expect("DATA").say("354 go").readToDot();
            peer.say("250 ok", "421 4.4.2 idle for too long");
        }); MailTool.Smtp session = choose(server).set("retry", "1").open()) {
            assertTrue(session.send(message()).ok());
            assertTrue(session.send(message()).ok());
            assertEquals(2, server.peers().size());
        }
    }

    // Replies that come too early

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReplyGluedToThePromptIsNoSuccess(boolean tls) {
        try (FakeSmtp server = server(tls).on("DATA", peer -> peer.say("354 go", "250 2.0.0 queued as EARLY").listen()).start()) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Exit.PROTOCOL, problem.exit());
            assertTrue(problem.getMessage().contains("queued as EARLY"), problem.getMessage());
            assertFalse(problem.retryable());
            assertNeverEnded(server);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReplyInMidBodyIsNoSuccess(boolean tls) {
        try (FakeSmtp server = server(tls).on("DATA", peer -> {
            peer.say("354 go").readBytes(BLOCK);
            peer.say("250 2.0.0 queued as EARLY").listen();
        }).start()) {
            MailTool.MailException problem = failure(choose(server), ready(largeMessage));
            assertEquals(MailTool.Exit.PROTOCOL, problem.exit());
            assertTrue(problem.getMessage().contains("queued as EARLY"), problem.getMessage());
            assertNeverEnded(server);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReplyBeforeTheLastChunkIsNoSuccess(boolean tls) throws IOException {
        try (FakeSmtp server = server(tls).ehlo("CHUNKING").on("RCPT", peer -> peer.say("250 2.1.5 ok", "250 2.0.0 queued as EARLY").listen()).start()) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Exit.PROTOCOL, problem.exit());
            assertNeverEnded(server);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CHUNKING", "CHUNKING PIPELINING", "PIPELINING", "HELP"})
    void oneReplyTooManyIsNeverTakenForTheLastOne(String keywords) {
        try (FakeSmtp server = new FakeSmtp().ehlo(keywords.split(" ")).on("EHLO", helloAndMore(keywords)).on(".", "552 5.3.4 refused in the end").start()) {
            MailTool.MailException problem = failure(choose(server), message());
            assertTrue(List.of(MailTool.Exit.PROTOCOL, MailTool.Exit.DATA).contains(problem.exit()), problem::toString);
            assertEquals(List.of(), server.messages());
        }
    }

    @Test
    void aReplyToNothingDoesNotShiftTheOthers() {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            // Whoever takes the last line for the answer to MAIL runs one reply ahead of the server, and takes RCPT's for the message's.
            peer.say("220 hello").expect("EHLO").say("250-hello", "250 CHUNKING", "250 nobody asked");
            peer.expect("MAIL").expect("RCPT").say("250 2.1.0 sender ok").expect("BDAT").say("250 2.1.5 recipient ok").expect("QUIT").say("552 5.3.4 refused in the end");
        })) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Exit.PROTOCOL, problem.exit(), problem::getMessage);
            assertTrue(problem.hint().contains("do not take"), problem::hint);
        }
    }

    private static String[] helloAndMore(String keywords) {
        List<String> lines = new ArrayList<>(List.of("250-fake.example.org"));
        List.of(keywords.split(" ")).forEach(keyword -> lines.add("250-" + keyword));
        lines.addAll(List.of("250 HELP", "250 nobody asked"));
        return lines.toArray(String[]::new);
    }

    @Test
    void aTlsMessageInMidBodyIsNoReply() {
        AtomicReference<SSLSocket> secured = new AtomicReference<>();
        try (FakeSmtp server = server(true).tlsSettings(secured::set).on("DATA", peer -> {
            peer.say("354 go").readBytes(BLOCK);
            // In TLS 1.3 a second handshake is a key update.
            secured.get().startHandshake();
            peer.readToDot();
            peer.say("250 2.0.0 Ok: queued as LATE");
        }).start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "--ca", TestCerts.caFile().toString(), "--eml", largeMessage.toString(), "--json");
            assertEquals(0, result.exit(), result::toString);
            assertTrue(result.out().contains("LATE"), result::toString);
        }
    }

    // Replies that are none

    @ParameterizedTest
    @ValueSource(strings = {"2500 ok\r\n", "25 ok\r\n", "250ok\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "+OK ready\r\n", "\r\n",
        "220-hello\r\nthere\r\n", " 220 hello\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "199 odd\r\n", "620 odd\r\n", "\u0000\u0000\u0000\r\n", "22\u00b2 hello\r\n"})
    void whatIsNoReplyBreaksTheProtocol(String greeting) {
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.write(greeting).listen())) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Exit.PROTOCOL, problem.exit(), problem::getMessage);
            assertEquals(MailTool.Stage.GREETING, problem.stage());
            assertEquals("", server.peer(0).awaitEnd().receivedText());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2500 ok\r\n", "25 ok\r\n", "250ok\r\n", "queued\r\n"})
    void whatIsNoReplyToTheMessageIsNoSuccess(String reply) {
        try (FakeSmtp server = new FakeSmtp().on(".", peer -> peer.write(reply).listen()).start()) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Exit.UNKNOWN, problem.exit(), problem::toString);
            assertTrue(problem.getMessage().contains("unknown"), problem.getMessage());
            assertFalse(problem.retryable());
        }
    }

    // Replies with several codes: the last one is the verdict

    @ParameterizedTest
    @CsvSource({"220-welcome, 554 5.7.1 not you, DATA", "220-welcome, 421 4.3.2 too busy, TEMPORARY", "554-no, 421 4.3.2 too busy, TEMPORARY"})
    void theLastLineOfAGreetingDecides(String first, String last, MailTool.Exit exit) {
        try (FakeSmtp server = new FakeSmtp().greeting(first, last).start()) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(exit, problem.exit(), problem::getMessage);
            assertEquals(last, problem.reply().orElseThrow().toString());
            assertEquals(exit == MailTool.Exit.TEMPORARY, problem.retryable());
        }
    }

    @ParameterizedTest
    @CsvSource({"550-no, 550 5.7.1 not you, 5.7.1", "550-5.7.1 no, 550 not you, 5.7.1", "550-5.7.1 no, 550 5.1.1 not you, 5.1.1"})
    void anEnhancedCodeIsReadFromWhicheverLineHasIt(String first, String last, String code) {
        try (FakeSmtp server = new FakeSmtp().greeting(first, last).start()) {
            assertEquals(code, failure(choose(server), message()).reply().orElseThrow().enhanced());
        }
    }

    @Test
    void aGreetingThatEndsWellIsOne() {
        try (FakeSmtp server = new FakeSmtp().greeting("554-wait", "220 hello").start()) {
            assertTrue(send(choose(server), message()).ok());
        }
    }

    @ParameterizedTest
    @CsvSource({"EHLO, EHLO", "MAIL, MAIL", "RCPT, RCPT", "DATA, DATA", "., DATA"})
    void theLastLineOfAReplyDecidesAtEveryStage(String command, MailTool.Stage stage) {
        for (String extension : List.of("HELP", "PIPELINING")) {
            try (FakeSmtp server = new FakeSmtp().ehlo(extension).on("HELO", "502 no").on(command, "250-2.0.0 fine", "354-go on", "451 4.7.1 not now").start()) {
                MailTool.MailException problem = failure(choose(server), message());
                assertEquals(MailTool.Exit.TEMPORARY, problem.exit(), problem::getMessage);
                assertEquals(stage, problem.stage());
                assertEquals("451 4.7.1 not now", problem.reply().orElseThrow().toString());
            }
        }
    }

    @Test
    void aMessageIsDeliveredIfTheLastLineSaysSo() {
        try (FakeSmtp server = new FakeSmtp().on(".", peer -> peer.say("451-4.7.1 looking", "250 2.0.0 Ok: queued as LAST")).start()) {
            assertEquals("LAST", send(choose(server), message()).queueId());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2", "220", "220 he", "220-hello\r\n", "220-hello\r\n220"})
    void aReplyCutShortIsALostConnection(String greeting) {
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.write(greeting))) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Exit.TEMPORARY, problem.exit(), problem::getMessage);
            assertTrue(problem.retryable());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "250", "250 2.0.0 Ok", "250-2.0.0 Ok\r\n"})
    void aFinalReplyCutShortIsNoSuccess(String reply) {
        try (FakeSmtp server = new FakeSmtp().on(".", peer -> {
            peer.write(reply);
            peer.hangUp();
        }).start()) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Exit.UNKNOWN, problem.exit());
            assertTrue(problem.getMessage().contains("unknown"), problem.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"220", "220 ", "220-\r\n220", "220-hello\r\n220-there\r\n220 you", "220\t"})
    void aGreetingNeedsNoWords(String greeting) {
        boolean odd = greeting.endsWith("\t");
        try (FakeSmtp server = new FakeSmtp().greeting(greeting).start()) {
            if (odd) {
                assertEquals(MailTool.Exit.PROTOCOL, failure(choose(server), message()).exit());
            } else {
                assertTrue(send(choose(server), message()).ok());
            }
        }
    }

    @Test
    void bareLineFeedsAreTolerated() {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            peer.write("220 hello\n").expect("EHLO").write("250-hello\n250-PIPELINING\n250\n").expect("MAIL").expect("RCPT").expect("DATA");
            peer.write("250 ok\n250 ok\n354 go\n").readToDot();
            peer.write("250-ok\n250 2.0.0 queued as LF\n").expect("QUIT").write("221 bye\n");
        })) {
            assertEquals("LF", send(choose(server), message()).queueId());
        }
    }

    @Test
    void aLineOfEightKilobytesIsTheLongest() {
        try (FakeSmtp server = new FakeSmtp().greeting("220 " + "x".repeat(8000)).start()) {
            assertTrue(send(choose(server), message()).ok());
        }
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.write("220 " + "x".repeat(9000)).listen())) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Exit.PROTOCOL, problem.exit());
            assertTrue(problem.getMessage().contains("8 KB"), problem.getMessage());
        }
    }

    @Test
    void aReplyOfOneMegabyteIsTheLongest() {
        String line = "250-" + "x".repeat(1000) + "\r\n";
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.say("220 hello").expect("EHLO").write(line.repeat(1100)).listen())) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Exit.PROTOCOL, problem.exit());
            assertTrue(problem.getMessage().contains("1 MB"), problem.getMessage());
        }
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.say("220 hello").expect("EHLO").write(line.repeat(900)).say("250 end").expect("MAIL").say("550 stop").expect("RSET").say("250 ok"))) {
            MailTool.MailException problem = failure(choose(server), message());
            assertEquals(MailTool.Stage.MAIL, problem.stage());
        }
    }

    // Rejection in mid-body

    private interface Ending {
        void end(ScriptedPeer peer) throws IOException;
    }

    private enum Farewell {
        HANG_UP(ScriptedPeer::hangUp), CLOSE(ScriptedPeer::close), RESET(ScriptedPeer::reset);

        private final Ending ending;

        Farewell(Ending ending) {
            this.ending = ending;
        }
    }

    @ParameterizedTest
    @CsvSource({"false, HANG_UP", "false, CLOSE", "false, RESET", "true, HANG_UP", "true, CLOSE"})
    void aRejectionInMidBodyIsReportedInTheServersWords(boolean tls, Farewell farewell) {
        try (FakeSmtp server = server(tls).on("DATA", peer -> {
            peer.say("354 go").readBytes(BLOCK);
            peer.say("552 5.3.4 that is too big for us");
            farewell.ending.end(peer);
        }).start()) {
            MailTool.MailException problem = failure(choose(server), ready(largeMessage));
            assertEquals(MailTool.Exit.DATA, problem.exit(), problem::getMessage);
            assertEquals(MailTool.Stage.DATA, problem.stage());
            assertTrue(problem.getMessage().contains("552 5.3.4 that is too big for us"), problem.getMessage());
            assertFalse(problem.retryable());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRejectionOfAnAttachmentInMidBodyIsReportedInTheServersWords(boolean tls) {
        try (FakeSmtp server = server(tls).on("DATA", peer -> {
            peer.say("354 go").readBytes(BLOCK);
            peer.say("452 4.3.1 no room").hangUp();
        }).start()) {
            MailTool.MailException problem = failure(choose(server), message().attach(largeMessage));
            assertEquals(MailTool.Exit.TEMPORARY, problem.exit(), problem::getMessage);
            assertTrue(problem.getMessage().contains("452 4.3.1 no room"), problem.getMessage());
            assertTrue(problem.retryable());
        }
    }

    @ParameterizedTest
    @CsvSource({"false, CLOSE", "false, RESET", "true, CLOSE", "true, RESET"})
    void aConnectionLostInMidBodyMayBeTriedAgain(boolean tls, Farewell farewell) {
        try (FakeSmtp server = server(tls).on("DATA", peer -> {
            peer.say("354 go").readBytes(BLOCK);
            farewell.ending.end(peer);
        }).start()) {
            MailTool.MailException problem = failure(choose(server), ready(largeMessage));
            assertEquals(MailTool.Exit.TEMPORARY, problem.exit(), problem::getMessage);
            assertTrue(problem.retryable());
            assertFalse(problem.getMessage().contains("unknown"), problem.getMessage());
        }
    }

    // Messages that change under way

    private static final String SEVERAL_BLOCKS = HEADER + ("z".repeat(70) + "\r\n").repeat(4 * BLOCK / 72);

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "CHUNKING PIPELINING"})
    void aFileThatShrankIsNeverTakenForWhole(String keywords) throws IOException {
        Path file = folder.resolve("shrinks.eml");
        for (int left : List.of(HEADER.length() + 72, 3 * BLOCK)) {
            Files.writeString(file, SEVERAL_BLOCKS);
            try (FakeSmtp server = new FakeSmtp().ehlo(keywords.split(" ")).start(); MailTool.Smtp session = choose(server).open()) {
                MailTool.Prepared prepared = ready(file).prepare();
                Files.writeString(file, SEVERAL_BLOCKS.substring(0, left));
                MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.send(prepared));
                assertEquals(MailTool.Exit.IO, problem.exit(), problem::getMessage);
                assertFalse(problem.retryable());
                assertNeverEnded(server);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING"})
    void anAttachmentThatVanishedIsNeverTakenForWhole(String keyword) throws IOException {
        Path file = Files.writeString(folder.resolve("vanishes.txt"), SEVERAL_BLOCKS);
        try (FakeSmtp server = new FakeSmtp().ehlo(keyword).start(); MailTool.Smtp session = choose(server).open()) {
            MailTool.Prepared prepared = message().attach(file).prepare();
            Files.delete(file);
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.send(prepared));
            assertEquals(MailTool.Exit.IO, problem.exit(), problem::getMessage);
            assertNeverEnded(server);
        }
    }

    @ParameterizedTest
    @CsvSource({"PIPELINING, IO", "CHUNKING, IO", "PIPELINING, OUTPUT", "CHUNKING, OUTPUT"})
    void aContentThatThrowsInMidBodyIsNeverTakenForWhole(String keyword, MailTool.Exit exit) {
        RuntimeException thrown = exit == MailTool.Exit.IO ? new IllegalStateException("a fault of a script")
            : new MailTool.MailException(exit, MailTool.Stage.INPUT, "a fault of ours");
        MailTool.Envelope envelope = message().prepare().envelope();
        byte[] begun = SEVERAL_BLOCKS.getBytes(StandardCharsets.US_ASCII);
        MailTool.Prepared faulty = new MailTool.Composed("<wire@example.org>", envelope, begun.length + 100, false, false, List.of(), out -> {
            out.write(begun);
            throw thrown;
        });
        try (FakeSmtp server = new FakeSmtp().ehlo(keyword).start()) {
            try (MailTool.Smtp session = choose(server).open()) {
                MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.send(faulty));
                assertEquals(exit, problem.exit(), problem::getMessage);
                assertTrue(problem.getMessage().contains(thrown.getMessage()), problem::getMessage);
                assertFalse(problem.retryable());
                assertNeverEnded(server);
                assertFalse(server.peer(0).receivedText().contains("QUIT"), "what looks like a command would be content");
                assertTrue(session.send(message()).ok(), "the next one goes over a new connection");
            }
            assertEquals(1, server.messages().size());
        }
    }

    @Test
    void aFileThatShrinksWhileItIsSentEndsWith74() throws IOException {
        Path file = Files.writeString(folder.resolve("cut.eml"), SEVERAL_BLOCKS);
        try (FakeSmtp server = new FakeSmtp().on("DATA", peer -> {
            Files.writeString(file, HEADER + "half\r\n");
            peer.say("354 go").listen();
        }).start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "--eml", file.toString());
            assertEquals(74, result.exit(), result::toString);
            assertEquals(1, result.err().lines().count(), result::toString);
            assertNeverEnded(server);
        }
    }
}
