package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Getting to a server and being let in: its addresses, our own, greetings, EHLO and HELO. */
final class ConnectTest {
    private static final String NAME = "mail.example.org";

    private static MailTool.Mail message() {
        return mail().from("a@example.org").to("b@example.org").subject("connect").text("Hello");
    }

    private static MailTool.Delivery send(MailTool.Server<MailTool.Smtp> server) {
        try (MailTool.Smtp session = server.open()) {
            return session.send(message());
        }
    }

    private static MailTool.MailException failure(MailTool.Server<MailTool.Smtp> server) {
        return assertThrows(MailTool.MailException.class, () -> send(server));
    }

    /** Of its own ports a machine has no more than 28,000 to one server, for a minute each. */
    @Test
    void whoHasNoPortLeftTriesLater() {
        Tool tool = Tool.with().through("exec " + Need.program("strace") + " -f -o /dev/null -e trace=connect -e inject=connect:error=EADDRNOTAVAIL");
        Tool.Result result = tool.call("send", "-S", "smtp://127.0.0.1:25", "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello");
        assertEquals(75, result.exit(), result::toString);
        assertTrue(result.err().contains("can't connect to 127.0.0.1 port 25: Cannot assign requested address"), result::toString);
    }

    private static Tool.Result send(Tool tool, int port, String... options) {
        List<String> words = new ArrayList<>(List.of("send", "-S", "smtp://" + NAME + ":" + port, "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello"));
        words.addAll(List.of(options));
        return tool.call(words.toArray(String[]::new));
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static void needIpv6() {
        try (ServerSocket socket = new ServerSocket(0, 1, address("::1"))) {
            assertTrue(socket.isBound());
        } catch (IOException e) {
            Need.miss("this machine has no IPv6");
        }
    }

    // The server's addresses

    @Test
    void ourNameIsSaidInAscii() {
        try (FakeSmtp fake = new FakeSmtp().start(); MailTool.Smtp session = MailTool.smtp(fake.url()).set("helo", "müller.example.org").open()) {
            assertEquals("EHLO xn--mller-kva.example.org", fake.commands().get(0));
        }
    }

    @Test
    void everyAddressOfTheHostIsTriedInTurn() {
        try (FakeSmtp server = new FakeSmtp().address(address("127.0.0.3")).start()) {
            Tool.Result result = send(Tool.with().hosts("127.0.0.1 " + NAME, "127.0.0.2 " + NAME, "127.0.0.3 " + NAME), server.port(), "-v", "--json");
            assertEquals(0, result.exit(), result::toString);
            assertEquals("127.0.0.3", JsonParser.parseString(result.out()).getAsJsonObject().get("address").getAsString());
            assertTrue(result.err().indexOf("127.0.0.2") > 0, result::toString);
            assertTrue(result.err().indexOf("127.0.0.2") < result.err().indexOf("127.0.0.3"), result::toString);
            assertEquals(1, server.messages().size());
        }
    }

    @Test
    void whenNoAddressAnswersItMayBeTriedAgain() {
        Tool.Result result = send(Tool.with().hosts("127.0.0.2 " + NAME, "127.0.0.3 " + NAME), LocalPorts.free());
        assertEquals(75, result.exit(), result::toString);
        assertTrue(result.err().contains("refused"), result::toString);
        assertEquals(1, result.err().lines().count(), result::toString);
    }

    @Test
    void anAddressThatAnswersIsNotTheLastOneWhenItGreetsBadly() {
        try (ScriptedServer busy = ScriptedServer.startOn(address("0.0.0.0"), peer -> peer.say("421 4.3.2 too busy"), peer -> {
            peer.say("220 hello").expect("EHLO").say("250 hello").expect("MAIL").say("250 ok").expect("RCPT").say("250 ok").expect("DATA").say("354 go").readToDot();
            peer.say("250 ok").expect("QUIT").say("221 bye");
        })) {
            Tool.Result result = send(Tool.with().hosts("127.0.0.2 " + NAME, "127.0.0.3 " + NAME), busy.port());
            assertEquals(0, result.exit(), result::toString);
        }
    }

    @Test
    void aHostNobodyKnowsIsSaidToBeUnknown() {
        Tool.Result result = send(Tool.with().hosts("127.0.0.1 other.example.org"), 25);
        assertEquals(68, result.exit(), result::toString);
        assertTrue(result.err().contains(NAME), result::toString);
    }

    @Test
    void onlyOneKindOfAddressMayBeWanted() {
        needIpv6();
        try (FakeSmtp server = new FakeSmtp().address(address("::1")).start()) {
            String[] both = {"127.0.0.1 " + NAME, "::1 " + NAME};
            Tool.Result six = send(Tool.with().hosts(both), server.port(), "-6");
            assertEquals(0, six.exit(), six::toString);
            assertTrue(server.commands().contains("EHLO [IPv6:0:0:0:0:0:0:0:1]") || server.commands().contains("EHLO [IPv6:::1]"), server.commands()::toString);
            Tool.Result four = send(Tool.with().hosts(both), server.port(), "-4");
            assertEquals(75, four.exit(), four::toString);
            assertEquals(1, server.messages().size());
        }
    }

    @Test
    void aHostWithoutTheWantedKindOfAddressIsUnknown() {
        MailTool.MailException problem = failure(smtp("smtp://127.0.0.1:25").set("ipv6", ""));
        assertEquals(MailTool.Exit.NO_HOST, problem.exit());
        assertTrue(problem.getMessage().contains("IPv6"), problem.getMessage());
    }

    @Test
    void anAddressInTheUrlNeedsNoName() {
        needIpv6();
        try (FakeSmtp server = new FakeSmtp().address(address("::1")).start()) {
            assertTrue(send(smtp("smtp://[::1]:" + server.port())).ok());
        }
    }

    // Our own address and name

    @Test
    void theConnectionMayComeFromAChosenAddress() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            assertTrue(send(smtp(server.url()).set("ipv4", "").set("bind", "127.0.0.9")).ok());
            assertEquals("127.0.0.9", server.peer(0).clientAddress().getAddress().getHostAddress());
            assertEquals("EHLO [127.0.0.9]", server.commands().get(0));
        }
    }

    @Test
    void anAddressThatIsNotOursCanNotBeChosen() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            MailTool.MailException problem = failure(smtp(server.url()).set("bind", "192.0.2.1"));
            assertEquals(MailTool.Exit.CONFIG, problem.exit());
            assertTrue(problem.getMessage().contains("192.0.2.1"), problem.getMessage());
        }
        assertEquals(MailTool.Exit.USAGE, assertThrows(MailTool.MailException.class, () -> smtp("smtp://127.0.0.1").set("bind", "here")).exit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"here", "999.1.1.1", "127.1", "127.0.0", "127.0.0.1.1", "1::2::3", "::x", "::1%nowhere0"})
    void whatIsNoAddressCanNotBeChosen(String address) {
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> smtp("smtp://127.0.0.1").set("bind", address));
        assertEquals(MailTool.Exit.USAGE, problem.exit(), problem::getMessage);
    }

    @Test
    void aProxyNobodyKnowsIsSaidToBeUnknown() {
        Tool.Result result = send(Tool.with().hosts("127.0.0.1 " + NAME), 25, "--proxy", "socks5://proxy.example.org");
        assertEquals(68, result.exit(), result::toString);
        assertTrue(result.err().contains("no host is called proxy.example.org"), result::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks5://127.0.0.1", "http://127.0.0.1", "socks5://localhost"})
    void aProxyThatDoesNotAnswerIsNamedAsItWasGiven(String proxy) {
        int port = LocalPorts.free();
        MailTool.MailException problem = failure(smtp("smtp://" + NAME).set("proxy", proxy + ":" + port));
        assertTrue(problem.getMessage().contains(" by the proxy " + proxy.replaceFirst(".*/", "") + ":" + port + ": "), problem::getMessage);
    }

    @Test
    void theOtherKindOfAddressCanNotBeChosen() {
        needIpv6();
        try (FakeSmtp server = new FakeSmtp().start()) {
            MailTool.MailException problem = failure(smtp("smtp://127.0.0.1:" + server.port()).set("bind", "::1"));
            assertEquals(MailTool.Exit.CONFIG, problem.exit(), problem::getMessage);
        }
    }

    @Test
    void weMayIntroduceOurselvesByName() {
        try (FakeSmtp server = new FakeSmtp().on("EHLO", "502 5.5.1 what").tls(TestCerts.good().context()).start()) {
            assertTrue(send(smtp(server.url()).set("helo", "client.example.org")).ok());
            assertEquals(List.of("EHLO client.example.org", "HELO client.example.org"), server.commands().subList(0, 2));
        }
        try (FakeSmtp server = new FakeSmtp().start()) {
            send(smtp("smtp://127.0.0.1:" + server.port()));
            assertEquals("EHLO [127.0.0.1]", server.commands().get(0));
        }
    }

    @Test
    void afterTlsWeIntroduceOurselvesAgain() {
        try (FakeSmtp server = new FakeSmtp().tls(TestCerts.good().context()).ehlo("SIZE 1").ehloUnderTls("SIZE 100000").start()) {
            assertTrue(send(smtp(server.url()).set("helo", "client.example.org").set("ca", TestCerts.caFile().toString())).ok());
            assertEquals(List.of("EHLO client.example.org", "STARTTLS", "EHLO client.example.org"), server.commands().subList(0, 3));
        }
    }

    // Greetings

    @ParameterizedTest
    @CsvSource({"+OK ready, POP3", "* OK ready, IMAP"})
    void aServerOfAnotherProtocolIsTold(String greeting, String protocol) {
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.say(greeting).listen())) {
            MailTool.MailException problem = failure(smtp("smtp://127.0.0.1:" + server.port()));
            assertEquals(MailTool.Exit.PROTOCOL, problem.exit(), problem::getMessage);
            assertTrue(problem.hint().contains(protocol) && problem.hint().contains("587"), problem::hint);
        }
    }

    @Test
    void aGreetingMayHaveManyLines() {
        try (FakeSmtp server = new FakeSmtp().greeting("220-fake.example.org ESMTP", "220-we do not relay", "220 welcome").start()) {
            assertTrue(send(smtp(server.url())).ok());
        }
    }

    @ParameterizedTest
    @CsvSource({"554 5.7.1 you are on a list, DATA", "421 4.3.2 too busy, TEMPORARY", "354 go ahead, PROTOCOL"})
    void aServerMayTurnUsAway(String greeting, MailTool.Exit exit) {
        try (FakeSmtp server = new FakeSmtp().greeting(greeting).start()) {
            MailTool.MailException problem = failure(smtp(server.url()));
            assertEquals(exit, problem.exit());
            assertEquals(MailTool.Stage.GREETING, problem.stage());
            assertTrue(problem.getMessage().contains(greeting), problem.getMessage());
            assertFalse(server.commands().stream().anyMatch(command -> command.startsWith("EHLO")));
        }
    }

    // EHLO and HELO

    @ParameterizedTest
    @ValueSource(strings = {"500 what", "502 5.5.1 not here", "550 5.0.0 no"})
    void whoKnowsNoEhloIsAskedByHelo(String refusal) {
        try (FakeSmtp server = new FakeSmtp().on("EHLO", refusal).start()) {
            assertTrue(send(smtp(server.url())).ok());
            assertTrue(server.commands().get(1).startsWith("HELO "), server.commands()::toString);
            assertEquals(List.of(), server.message().parameters());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"421 4.3.2 too busy", "451 4.3.0 not now"})
    void whoPutsEhloOffIsNotAskedByHelo(String reply) {
        try (FakeSmtp server = new FakeSmtp().on("EHLO", reply).start()) {
            MailTool.MailException problem = failure(smtp(server.url()));
            assertEquals(MailTool.Exit.TEMPORARY, problem.exit());
            assertEquals(MailTool.Stage.EHLO, problem.stage());
            assertTrue(problem.getMessage().contains(reply), problem.getMessage());
            assertFalse(server.awaitEnd().commands().stream().anyMatch(command -> command.startsWith("HELO")), server.commands()::toString);
        }
    }

    @Test
    void whoRefusesHeloTooIsNotToBeUsed() {
        try (FakeSmtp server = new FakeSmtp().on("EHLO", "502 5.5.1 no").on("HELO", "550 5.7.1 not you").start()) {
            MailTool.MailException problem = failure(smtp(server.url()));
            assertEquals(MailTool.Exit.DATA, problem.exit());
            assertTrue(problem.getMessage().contains("550 5.7.1 not you"), problem.getMessage());
        }
    }

    /** As OpenSMTPD does where a filter disconnects, and Exim where an ACL drops. */
    @Test
    void whoHangsUpAfterRefusingEhloHasSaidWhy() {
        for (String refused : List.of("EHLO", "HELO")) {
            try (FakeSmtp server = new FakeSmtp().on("HELO", ScriptedPeer::close).on("EHLO", peer -> {
                peer.say("550 5.7.1 not you");
                if (refused.equals("EHLO")) {
                    peer.close();
                }
            }).start()) {
                MailTool.MailException problem = failure(smtp(server.url()));
                assertEquals(MailTool.Exit.DATA, problem.exit());
                assertEquals(MailTool.Stage.EHLO, problem.stage());
                assertTrue(problem.getMessage().contains("EHLO at localhost: 550 5.7.1 not you"), problem.getMessage());
            }
        }
    }

    @Test
    void whoOnlyFallsSilentAfterRefusingEhloHasNot() {
        try (FakeSmtp server = new FakeSmtp().on("HELO", ScriptedPeer::stall).on("EHLO", "502 5.5.1 no").start()) {
            MailTool.MailException problem = failure(smtp(server.url()).timeout(Duration.ofSeconds(2)));
            assertEquals(MailTool.Exit.TEMPORARY, problem.exit(), problem::getMessage);
        }
    }

    @Test
    void afterHeloThereIsNoLogin() {
        try (FakeSmtp server = new FakeSmtp().on("EHLO", "502 5.5.1 no").login("ops", "secret").start()) {
            Tool.Result result = Tool.with().env("MAILTOOL_PASSWORD", "secret").call("send", "-S", server.url("ops"), "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello");
            assertEquals(77, result.exit(), result::toString);
            assertFalse(server.awaitEnd().commands().stream().anyMatch(command -> command.startsWith("AUTH") || command.startsWith("MAIL")), server.commands()::toString);
        }
    }

    @Test
    void lmtpHasNoHelo() {
        try (FakeSmtp server = new FakeSmtp().lmtp().on("LHLO", "502 5.5.1 no").start()) {
            assertEquals(MailTool.Exit.DATA, failure(smtp(server.url())).exit());
            assertEquals(1, server.awaitEnd().commands().stream().filter(command -> command.contains("LO ")).count());
        }
    }

    /** Dovecot, James and others, and who speaks SMTP alone. */
    @ParameterizedTest
    @CsvSource({"lmtp, LHLO, 500 5.5.1 Unknown command, smtp:", "smtp, EHLO, 502 5.5.1 Unknown command, lmtp:", "smtp, EHLO, 503 Bad command: LHLO expected, lmtp:",
        "smtp, EHLO, 554 5.5.1 this is LMTP, lmtp:", "smtp, EHLO, 554 5.7.1 go away, ''", "smtp, EHLO, 503 5.0.0 Duplicate HELO/EHLO, ''", "lmtp, LHLO, 554 5.7.1 go away, ''"})
    void whoSpeaksTheOtherProtocolIsTold(String scheme, String hello, String reply, String hint) {
        try (FakeSmtp server = new FakeSmtp().on(hello, reply).on("HELO", reply).start()) {
            MailTool.MailException refused = failure(smtp(scheme + "://localhost:" + server.port()));
            assertEquals(hint.isEmpty(), !refused.hint().contains("mtp: URL"), refused.hint());
            assertTrue(refused.hint().contains(hint), refused.hint());
        }
    }

    @Test
    void keywordsMayBeInAnyLetters() {
        try (FakeSmtp server = new FakeSmtp().ehlo("pipelining", "Size 10").holdReplies().start()) {
            assertEquals(MailTool.Exit.DATA, failure(smtp(server.url())).exit());
            assertTrue(send(smtp(server.url()).set("no", "size")).ok());
        }
    }

    @Test
    void theOldFormOfAuthIsUnderstood() {
        try (FakeSmtp server = new FakeSmtp().ehlo("AUTH=LOGIN PLAIN").login("ops", "secret").start()) {
            assertTrue(send(smtp(server.url("ops")).password("secret")).ok());
            assertEquals("ops", server.message().user());
        }
    }
}
