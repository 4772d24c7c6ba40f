package mailtool;

import static mailtool.MailTool.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which server is meant by a URL, on which port, and the way to it. */
final class ServerTest {
    private static final String NAME = "mail.example.org";

    // URLs

    @ParameterizedTest
    @ValueSource(strings = {
        "", "localhost", "localhost:25", "//localhost", "smtp:localhost", "smtp:/localhost",
        "smtp://", "smtp://:25", "smtp://ops@", "smtp://host:", "smtp://host:0", "smtp://host:65536", "smtp://host:99999", "smtp://host:123456",
        "smtp://host:-1", "smtp://host:smtp", "smtp://host:25x", "smtp://host/path", "smtp://host?tls=none", "smtp://host#part", "smtp://a host",
        "smtp://[::1", "smtp://::1]", "smtp://[]", "smtp://host:25:25"
    })
    void whatIsNoServerUrlIsRefused(String url) {
        assertEquals(Exit.USAGE, refusal(url).exit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost", "imap://localhost", "pop3://localhost", "smtpx://localhost", "ssmtp://localhost"})
    void anUnknownSchemeIsRefusedWithAnExample(String url) {
        MailException refusal = refusal(url);
        assertEquals(Exit.USAGE, refusal.exit());
        assertTrue(refusal.hint().contains("smtp://"), refusal.hint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"smtp://local\nhost", "smtp://local\rhost", "smtp://local\0host", "smtp://o\u009bps@localhost", "smtp://ops%0D%0AQUIT@localhost", "smtp://ops%00@localhost"})
    void controlCharactersInAUrlAreRefused(String url) {
        MailException refusal = refusal(url);
        assertEquals(Exit.USAGE, refusal.exit());
        assertFalse(refusal.getMessage().chars().anyMatch(Character::isISOControl), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"smtp://ops:hidden@localhost", "smtp://ops:hidden@localhost:nowhere", "smtp://:hidden@localhost", "ftp://ops:hidden@localhost",
        "smtp://ops:hid/hidden@localhost", "smtp://ops:hid:hidden@localhost", "smtp://ops:hid@hidden@localhost", "smtp://ops:hidden\n@localhost"})
    void aPasswordInAUrlIsRefusedAndNotRepeated(String url) {
        MailException refusal = refusal(url);
        assertEquals(Exit.USAGE, refusal.exit());
        assertFalse((refusal.getMessage() + refusal.hint()).contains("hidden"), refusal.getMessage());
    }

    @Test
    void aPasswordInAUrlIsRefusedWithTheBetterWays() {
        assertTrue(refusal("smtp://ops:hidden@localhost").hint().contains("--password-file"));
    }

    @ParameterizedTest
    @CsvSource({
        "ops, ops",
        "ops%40example.org, ops@example.org",
        "ops@example.org, ops@example.org",
        "first+second, first+second",
        "a%2Bb%25c%3Ad%2Fe%20f, a+b%c:d/e f",
        "j%C3%BCrgen, jürgen",
        "jürgen, jürgen"
    })
    void theUserNameIsPercentDecoded(String written, String meant) {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login(meant, "secret").start()) {
            deliver(smtp(fake.url(written)).password("secret"));
            assertEquals(meant, fake.message().user());
        }
    }

    @Test
    void aUserOptionBeatsTheUserOfTheUrl() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("second", "secret").start()) {
            deliver(smtp(fake.url("first")).set("user", "second").password("secret"));
            assertEquals("second", fake.message().user());
        }
    }

    @Test
    void anIpv6AddressStandsInBrackets() throws IOException {
        InetAddress loopback = InetAddress.getByName("::1");
        Assumptions.assumeTrue(canListenOn(loopback), "this machine has no IPv6");
        try (FakeSmtp fake = new FakeSmtp().address(loopback).start()) {
            deliver(smtp("smtp://[::1]:" + fake.port()));
            assertEquals("EHLO [IPv6:0:0:0:0:0:0:0:1]", fake.commands().get(0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"smtp://127.0.0.1:%d", "smtp://127.0.0.1:%d/", "smtp://LOCALHOST:%d", "smtp://@localhost:%d"})
    void theFormsOfAUrlAreTaken(String form) {
        try (FakeSmtp fake = new FakeSmtp().start()) {
            deliver(smtp(form.formatted(fake.port())));
            assertEquals(1, fake.messages().size());
        }
    }

    @Test
    void withoutAServerOrAnAccountNothingIsDone() {
        Tool.Result result = Tool.run("send", "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello");
        assertEquals(64, result.exit(), result::toString);
        assertTrue(result.err().contains("-S"), result::toString);
        assertTrue(result.err().contains("-A"), result::toString);
        assertEquals(1, result.err().lines().count(), result::toString);
    }

    @Test
    void aHostThatDoesNotExistIsNamed() {
        Tool.Result result = Tool.with().hosts("127.0.0.1 localhost").call("send", "-S", "smtp://no-such-host.example.org", "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello");
        assertEquals(68, result.exit(), result::toString);
        assertTrue(result.err().contains("no-such-host.example.org"), result::toString);
    }

    // Ports

    @ParameterizedTest
    @CsvSource({
        "smtp://mail.example.org, 25",
        "smtp://ops@mail.example.org, 587",
        "smtps://mail.example.org, 465",
        "smtps://ops@mail.example.org, 465",
        "lmtp://mail.example.org, 24",
        "lmtp://ops@mail.example.org, 24",
        "smtp://mail.example.org:2525, 2525",
        "smtp://ops@mail.example.org:25, 25",
        "smtps://mail.example.org:65535, 65535",
        "lmtp://mail.example.org:1, 1"
    })
    void thePortFollowsFromSchemeAndLogin(String url, int port) {
        Server<Smtp> server = smtp(url);
        assertEquals(port, portOf(url.contains("@") ? server.password("secret") : server));
    }

    @Test
    void aUserOptionMakesItSubmission() {
        assertEquals(587, portOf(smtp("smtp://mail.example.org").set("user", "ops").password("secret")));
    }

    @Test
    void implicitTlsAsksForItsPort() {
        assertEquals(465, portOf(smtp("smtp://mail.example.org").set("tls", "implicit")));
        assertEquals(465, portOf(smtp("smtp://ops@mail.example.org").set("tls", "implicit").password("secret")));
        assertEquals(25, portOf(smtp("smtp://mail.example.org:25").set("tls", "implicit")));
    }

    @Test
    void aFailureNamesHostAndPort() {
        int port = LocalPorts.free();
        MailException failure = failure(smtp("smtp://localhost:" + port));
        assertEquals(Exit.TEMPORARY, failure.exit());
        assertEquals(Stage.CONNECT, failure.stage());
        assertTrue(failure.retryable());
        assertTrue(failure.getMessage().contains("localhost"), failure.getMessage());
        assertTrue(failure.getMessage().contains(Integer.toString(port)), failure.getMessage());
    }

    // Login and clear text

    @Test
    void aLoginInClearIsForLoopbackOnly() {
        Optional<InetAddress> own = LocalPorts.ownAddress();
        Assumptions.assumeTrue(own.isPresent(), "this machine has no address but loopback");
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN LOGIN").login("ops", "secret").address(own.orElseThrow()).start()) {
            for (String tls : List.of("auto", "none")) {
                MailException failure = failure(smtp(fake.url("ops")).password("secret").set("tls", tls));
                assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
                assertFalse(failure.retryable());
            }
            assertNoLogin(fake);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "none"})
    void aLoginInClearToLoopbackIsFine(String tls) {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "secret").start()) {
            deliver(smtp(fake.url("ops")).password("secret").set("tls", tls));
            assertEquals("ops", fake.message().user());
        }
    }

    // Proxies

    @Test
    void aSocksProxyLooksTheNameUp() {
        try (FakeSmtp fake = new FakeSmtp().start(); SocksProxy proxy = SocksProxy.start()) {
            deliver(smtp("smtp://" + NAME + ":" + fake.port()).set("proxy", proxy.url()));
            assertEquals(List.of(new SocksProxy.Target(NAME, fake.port(), true)), proxy.targets());
            assertEquals(1, fake.messages().size());
        }
    }

    @Test
    void anHttpProxyLooksTheNameUp() {
        try (FakeSmtp fake = new FakeSmtp().start(); HttpProxy proxy = HttpProxy.start()) {
            deliver(smtp("smtp://" + NAME + ":" + fake.port()).set("proxy", proxy.url()));
            assertEquals(List.of(NAME + ":" + fake.port()), proxy.targets());
            assertEquals(1, fake.messages().size());
        }
    }

    @Test
    void tlsThroughAProxyChecksTheNameOfTheServer() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "secret").tls(TestCerts.good().context()).start(); SocksProxy proxy = SocksProxy.start()) {
            deliver(smtp("smtp://ops@" + NAME + ":" + fake.port()).set("proxy", proxy.url()).set("ca", TestCerts.caFile().toString()).password("secret"));
            assertEquals("ops", fake.message().user());
            assertTrue(fake.message().underTls());
            Server<Smtp> misnamed = smtp("smtp://ops@other.example.com:" + fake.port()).set("proxy", proxy.url()).set("ca", TestCerts.caFile().toString()).password("secret");
            assertEquals(Exit.POLICY, failure(misnamed).exit());
        }
    }

    @Test
    void implicitTlsGoesThroughAnHttpProxy() {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(TestCerts.good().context()).start(); HttpProxy proxy = HttpProxy.start()) {
            deliver(smtp("smtps://" + NAME + ":" + fake.port()).set("proxy", proxy.url()).set("ca", TestCerts.caFile().toString()));
            assertTrue(fake.message().underTls());
        }
    }

    @Test
    void aSocksProxyThatRefusesIsNamed() {
        try (SocksProxy proxy = SocksProxy.refusing()) {
            assertProxyFailure(Exit.TEMPORARY, failure(smtp("smtp://" + NAME).set("proxy", proxy.url())));
        }
    }

    @Test
    void anHttpProxyThatRefusesIsQuoted() {
        try (HttpProxy proxy = HttpProxy.refusing("403 Forbidden")) {
            MailException failure = failure(smtp("smtp://" + NAME).set("proxy", proxy.url()));
            assertProxyFailure(Exit.TEMPORARY, failure);
            assertTrue(failure.getMessage().contains("403 Forbidden"), failure.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks5", "http"})
    void aProxyThatIsNotThereIsNamed(String scheme) {
        int port = LocalPorts.free();
        MailException failure = failure(smtp("smtp://" + NAME).set("proxy", scheme + "://localhost:" + port));
        assertProxyFailure(Exit.TEMPORARY, failure);
        assertTrue(failure.getMessage().contains(Integer.toString(port)), failure.getMessage());
    }

    @Test
    void aSocksProxyThatSpeaksHttpIsNotMistakenForAnUnknownHost() {
        try (ScriptedServer web = ScriptedServer.start(peer -> peer.say("HTTP/1.1 400 Bad Request", ""))) {
            assertProxyFailure(Exit.TEMPORARY, failure(smtp("smtp://" + NAME).set("proxy", "socks5://localhost:" + web.port())));
        }
    }

    @ParameterizedTest
    @CsvSource({"socks5, 220 mail.example.org ESMTP, the proxy does not speak SOCKS5", "socks5, HTTP/1.1 400 Bad Request, the proxy does not speak SOCKS5",
        "http, 220 mail.example.org ESMTP, the proxy said '220 mail.example.org ESMTP'", "http, HTTP/1.1 200 OK, the proxy said 'HTTP/1.1 200 OK'", "http, '', the proxy said ''"})
    void whatIsNoProxyIsSaidToBeNone(String scheme, String line, String words) {
        try (ScriptedServer other = ScriptedServer.start(peer -> peer.say(line))) {
            MailException failure = failure(smtp("smtp://" + NAME).set("proxy", scheme + "://localhost:" + other.port()));
            assertProxyFailure(Exit.TEMPORARY, failure);
            assertTrue(failure.getMessage().endsWith(": " + words), failure.getMessage());
            assertEquals("check that the proxy runs, wants no login, and may connect to this port", failure.hint());
        }
    }

    /** A mail server waits for more, and a proxy's header may be cut off by a reset, as it has not read all that we say. */
    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 407 Proxy Authentication Required", "220 mail.example.org ESMTP", "HTTP/1.1 302 Found", "HTTP/2 200"})
    void whatAProxySaysIsHeardThoughNothingFollows(String line) {
        try (ScriptedServer silent = ScriptedServer.start(peer -> peer.say(line).stall())) {
            MailException failure = failure(smtp("smtp://" + NAME).set("proxy", "http://localhost:" + silent.port()).set("timeout", "5s"));
            assertTrue(failure.getMessage().endsWith(": the proxy said '" + line + "'"), failure.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\n\n", "HTTP/1.0 200\nVia: x\n\n", "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n", "HTTP/1.1 200 \r\n\n"})
    void anHttpProxyMayEndItsLinesAsItLikes(String answer) {
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.write(answer + "220 hello\r\n").expect("CONNECT").expect("Host").expect("").expect("EHLO").say("554 5.7.1 no")
            .expect("HELO").say("554 5.7.1 no"))) {
            MailException failure = failure(smtp("smtp://" + NAME).set("proxy", "http://localhost:" + server.port()).set("timeout", "10s"));
            assertEquals(Stage.EHLO, failure.stage(), failure.getMessage());
        }
    }

    @Test
    void aProxyHasNoMoreTimeThanAServer() {
        try (ScriptedServer slow = ScriptedServer.start(peer -> peer.trickle("HTTP/1.1 200 OK\r\n\r\n", Duration.ofMillis(500)))) {
            MailException failure = failure(smtp("smtp://" + NAME).set("proxy", "http://localhost:" + slow.port()).set("timeout", "2s"));
            assertEquals(Stage.CONNECT, failure.stage(), failure.getMessage());
            assertTrue(failure.getMessage().contains("did not answer within 2 s"), failure.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost", "localhost:1080", "socks4://localhost", "socks://localhost", "https://localhost", "socks5://", "socks5://:1080",
        "http://localhost:0", "http://localhost:65536", "http://localhost:x", "http://localhost/path", "socks5://ops:hidden@localhost"})
    void whatIsNoProxyUrlIsRefused(String url) {
        MailException refusal = assertThrows(MailException.class, () -> smtp("smtp://localhost").set("proxy", url));
        assertEquals(Exit.USAGE, refusal.exit());
        assertFalse((refusal.getMessage() + refusal.hint()).contains("hidden"), refusal.getMessage());
    }

    @Test
    void noLoginInClearGoesThroughASocksProxyEvenToLoopback() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "secret").start(); SocksProxy proxy = SocksProxy.start()) {
            MailException failure = failure(smtp(fake.url("ops")).set("proxy", proxy.url()).password("secret"));
            assertEquals(Exit.POLICY, failure.exit());
            assertNoLogin(fake);
        }
    }

    @Test
    void noLoginInClearGoesThroughAnHttpProxyEvenToLoopback() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "secret").start(); HttpProxy proxy = HttpProxy.start()) {
            MailException failure = failure(smtp("smtp://ops@127.0.0.1:" + fake.port()).set("proxy", proxy.url()).password("secret"));
            assertEquals(Exit.POLICY, failure.exit());
            assertNoLogin(fake);
        }
    }

    private static MailException refusal(String url) {
        return assertThrows(MailException.class, () -> smtp(url));
    }

    private static int portOf(Server<Smtp> server) {
        try (SocksProxy proxy = SocksProxy.refusing()) {
            failure(server.set("proxy", proxy.url()));
            return proxy.targets().get(0).port();
        }
    }

    private static void assertProxyFailure(Exit exit, MailException failure) {
        assertEquals(exit, failure.exit(), failure.getMessage());
        assertEquals(Stage.CONNECT, failure.stage());
        assertTrue(failure.getMessage().contains("proxy"), failure.getMessage());
    }

    private static void assertNoLogin(FakeSmtp fake) {
        fake.awaitEnd();
        assertTrue(fake.commands().stream().noneMatch(command -> command.startsWith("AUTH") || command.startsWith("MAIL")), () -> fake.commands().toString());
    }

    private static boolean canListenOn(InetAddress address) {
        try (ServerSocket socket = new ServerSocket(0, 1, address)) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static void deliver(Server<Smtp> server) {
        try (Smtp session = server.open()) {
            session.send(mail().from("a@example.org").to("b@example.org").subject("server").text("Hello"));
        }
    }

    private static MailException failure(Server<Smtp> server) {
        return assertThrows(MailException.class, () -> deliver(server));
    }
}
