package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import com.google.gson.JsonObject;
import jakarta.mail.MessagingException;
import org.junit.jupiter.api.Test;

/** Each fixture does what the other tests take for granted. */
final class FixturesTest {
    private static final String BODY = "first\r\n..dot\r\nlast\r\n.";
    private static final String STORED = "\n\nfirst\n.dot\nlast\n";

    // Real servers

    @Test
    void mailHogShowsWhatItGot() throws IOException {
        MailHog mailHog = MailHog.shared();
        try (RawClient client = RawClient.connect(mailHog.smtpPort())) {
            client.reply();
            client.ask("EHLO test.example.org");
            deliver(client, "mailhog-fixture", "bob@example.org");
        }
        JsonObject message = mailHog.waitFor("mailhog-fixture");
        assertEquals("a@example.org", MailHog.envelopeFrom(message));
        assertEquals(List.of("bob@example.org"), MailHog.envelopeTo(message));
        assertEquals(List.of("mailhog-fixture"), MailHog.header(message, "Subject"));
        assertEquals("Subject: mailhog-fixture\r\n\r\nfirst\r\n.dot\r\nlast", MailHog.source(message));
    }

    @Test
    void mailHogTakesLoginAndPlain() throws IOException {
        try (WireTap tap = WireTap.to(MailHog.shared().smtpPort())) {
            try (RawClient client = RawClient.connect(tap.port())) {
                client.reply();
                assertTrue(client.ask("EHLO test.example.org").endsWith("250 AUTH PLAIN"));
                assertCode("334", client.ask("AUTH LOGIN"));
                assertCode("334", client.ask(RawClient.base64("user")));
                assertCode("235", client.ask(RawClient.base64("secret")));
            }
            assertTrue(tap.fromClient().contains("AUTH LOGIN\r\n" + RawClient.base64("user") + "\r\n"));
            assertTrue(tap.fromServer().startsWith("220 "));
        }
    }

    @Test
    void dovecotAnswersForEachRecipientAfterTheData() throws IOException {
        Dovecot dovecot = Dovecot.shared();
        try (RawClient client = RawClient.connect(dovecot.lmtpPort())) {
            client.reply();
            assertTrue(client.ask("LHLO test.example.org").contains("PIPELINING"));
            assertCode("250", client.ask("MAIL FROM:<a@example.org>"));
            assertCode("550", client.ask("RCPT TO:<nobody@example.org>"));
            assertCode("250", client.ask("RCPT TO:<alice@example.org>"));
            assertCode("250", client.ask("RCPT TO:<" + Dovecot.FULL + ">"));
            assertCode("354", client.ask("DATA"));
            assertCode("250", client.ask("Subject: lmtp-fixture\r\n\r\n" + BODY));
            assertCode("552", client.reply());
        }
        assertTrue(dovecot.mailbox("alice").waitFor("lmtp-fixture").endsWith(STORED));
        assertTrue(dovecot.log().contains("saved mail to INBOX"));
    }

    @Test
    void dovecotServesPop3() throws IOException {
        Dovecot dovecot = Dovecot.shared();
        try (RawClient client = RawClient.connectTls(dovecot.pop3sPort())) {
            client.line();
            assertTrue(client.send("CAPA\r\n").toDot().contains("SCRAM-SHA-256 XOAUTH2 OAUTHBEARER"));
            client.send("USER carol@example.org\r\nPASS " + Dovecot.PASSWORD + "\r\nQUIT\r\n");
            assertEquals(List.of("+OK", "+OK Logged in.", "+OK Logging out."), List.of(client.line(), client.line(), client.line()));
        }
        try (RawClient client = RawClient.connect(dovecot.pop3Port())) {
            assertTrue(client.line().matches("\\+OK .* <.*@.*>"), "APOP's timestamp");
            assertTrue(client.send("CAPA\r\n").toDot().contains("STLS"));
        }
    }

    @Test
    void postfixAnswersEachRecipient() throws IOException {
        try (RawClient client = RawClient.connect(Postfix.shared().port())) {
            client.reply();
            String capabilities = client.ask("EHLO test.example.org");
            for (String keyword : List.of("PIPELINING", "SIZE " + Postfix.SIZE_LIMIT, "STARTTLS", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING")) {
                assertTrue(capabilities.contains(keyword), keyword);
            }
            assertFalse(capabilities.contains("AUTH"));
            assertCode("552 5.3.4", client.ask("MAIL FROM:<sender@example.org> SIZE=" + (Postfix.SIZE_LIMIT + 1)));
            assertCode("250", client.ask("RSET"));
            assertCode("250 2.1.0", client.ask("MAIL FROM:<sender@example.org> SMTPUTF8"));
            assertCode("550 5.1.1", client.ask("RCPT TO:<nobody@example.org>"));
            assertCode("554 5.7.1", client.ask("RCPT TO:<alice@example.net>"));
            assertCode("450 4.2.0", client.ask("RCPT TO:<" + Postfix.DEFERRED + ">"));
            assertCode("250 2.1.5", client.ask("RCPT TO:<" + new String("jürgen".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1) + "@example.org>"));
        }
    }

    @Test
    void postfixDeliversAndNotifies() throws IOException {
        Postfix postfix = Postfix.shared();
        try (RawClient client = RawClient.connect(postfix.port())) {
            client.reply();
            client.ask("EHLO test.example.org");
            assertCode("250", client.ask("MAIL FROM:<sender@example.org> RET=HDRS ENVID=fixture"));
            assertCode("250", client.ask("RCPT TO:<" + Postfix.BOUNCING + ">"));
            assertCode("250", client.ask("RCPT TO:<alice@example.org> NOTIFY=SUCCESS"));
            assertCode("354", client.ask("DATA"));
            assertCode("250 2.0.0 Ok: queued as", client.ask("Subject: postfix-fixture\r\n\r\n" + BODY));
        }
        assertTrue(postfix.mailbox("alice").waitFor("postfix-fixture").endsWith(STORED));
        postfix.mailbox("sender").waitFor(text -> text.contains("postfix-fixture") && text.contains("Action: failed"));
        postfix.mailbox("sender").waitFor(text -> text.contains("postfix-fixture") && text.contains("Action: delivered"));
        assertTrue(postfix.log().contains("status=bounced (user unknown)"));
    }

    @Test
    void postfixAdmitsTheUsersOfDovecot() throws IOException {
        Postfix postfix = Postfix.shared();
        try (RawClient client = RawClient.connect(postfix.loginPort())) {
            client.reply();
            assertFalse(client.ask("EHLO test.example.org").contains("AUTH"));
            assertCode("220", client.ask("STARTTLS"));
            client.startTls(TestCerts.client().context());
            assertTrue(client.ask("EHLO test.example.org").contains("AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER"));
            assertCode("535", client.ask("AUTH PLAIN " + RawClient.base64("\0alice@example.org\0wrong")));
            assertCode("235", client.ask("AUTH PLAIN " + RawClient.base64("\0alice@example.org\0" + Dovecot.PASSWORD)));
        }
        try (RawClient client = RawClient.connectTls(postfix.tlsPort())) {
            assertCode("220", client.reply());
        }
    }

    @Test
    void smtpSinkKeepsMessages() throws IOException {
        try (SmtpSink sink = SmtpSink.keeping("-h", "sink.example.org")) {
            try (RawClient client = RawClient.connect(sink.port())) {
                assertCode("220 sink.example.org", client.reply());
                assertTrue(client.ask("EHLO test.example.org").contains("PIPELINING"));
                deliver(client, "sink-fixture", "bob@example.org");
            }
            String message = Eventually.forValue("the kept message", () -> sink.messages().stream().findFirst());
            assertTrue(message.contains("X-Rcpt-Args: <bob@example.org>"), message);
            assertTrue(message.contains(STORED), message);
        }
    }

    @Test
    void greenMailHasStartTlsAndPop3() throws IOException, MessagingException {
        try (GreenMailServer greenMail = GreenMailServer.start()) {
            greenMail.user("bob@example.org", "bob", "secret");
            try (RawClient client = RawClient.connect(greenMail.smtpPort())) {
                client.reply();
                assertTrue(client.ask("EHLO test.example.org").contains("250-STARTTLS"));
                assertCode("220", client.ask("STARTTLS"));
                client.startTls(TestCerts.client().context());
                assertTrue(client.ask("EHLO test.example.org").contains("AUTH PLAIN LOGIN XOAUTH2"));
                assertCode("535", client.ask("AUTH PLAIN " + RawClient.base64("\0bob\0wrong")));
                assertCode("235", client.ask("AUTH PLAIN " + RawClient.base64("\0bob\0secret")));
                deliver(client, "greenmail-fixture", "bob@example.org");
            }
            assertEquals("greenmail-fixture", greenMail.waitForMessage("bob@example.org").getSubject());
            try (RawClient client = RawClient.connectTls(greenMail.pop3sPort())) {
                client.line();
                client.send("USER bob\r\nPASS secret\r\nRETR 1\r\n");
                assertTrue(client.toDot().endsWith("first\n..dot\nlast\n"));
            }
            try (RawClient client = RawClient.connectTls(greenMail.smtpsPort())) {
                assertCode("220", client.reply());
            }
        }
    }

    // Certificates

    @Test
    void certificatesAreWhatTheirNamesSay() {
        assertThrows(CertificateExpiredException.class, TestCerts.expired().certificate()::checkValidity);
        assertThrows(CertificateNotYetValidException.class, TestCerts.notYetValid().certificate()::checkValidity);
        assertEquals(1024, ((RSAPublicKey) TestCerts.shortKey().certificate().getPublicKey()).getModulus().bitLength());
        assertTrue(TestCerts.ellipticCurve().certificate().getPublicKey() instanceof ECPublicKey);
        assertEquals(TestCerts.selfSigned().certificate().getSubjectX500Principal(), TestCerts.selfSigned().certificate().getIssuerX500Principal());
        assertTrue(TestCerts.unknownAuthority().certificate().getIssuerX500Principal().getName().endsWith("otherca"));
    }

    @Test
    void certificateFilesArePem() throws IOException {
        TestCerts.Identity identity = TestCerts.wildcard();
        assertTrue(Files.readString(identity.chainFile()).startsWith("-----BEGIN CERTIFICATE-----\n"));
        assertTrue(Files.readString(identity.keyFile()).startsWith("-----BEGIN PRIVATE KEY-----\n"));
        assertTrue(Files.readString(TestCerts.caFile()).endsWith("-----END CERTIFICATE-----\n"));
        assertTrue(identity.pin().matches("sha256:.{44}"));
        assertTrue(identity.hexPin().matches("sha256:[0-9a-f]{64}"));
    }

    // Servers by script

    @Test
    void scriptsTakeTurns() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(
            peer -> peer.say("220 first").expect("ehlo ").say("250-a", "250 b").listen(),
            peer -> peer.say("421 no more"))) {
            try (RawClient client = RawClient.connect(server.port())) {
                assertEquals("220 first", client.reply());
                assertEquals("250-a\n250 b", client.ask("EHLO test.example.org"));
                client.send("more");
            }
            for (int connection = 1; connection < 3; connection++) {
                try (RawClient client = RawClient.connect(server.port())) {
                    assertEquals("421 no more", client.reply());
                    assertTrue(client.isAtEnd());
                }
            }
            assertEquals("EHLO test.example.org\r\nmore", server.peer(0).awaitEnd().receivedText());
            assertEquals(3, server.peers().size());
        }
    }

    @Test
    void aScriptTellsWhatItDidNotExpect() throws IOException {
        ScriptedServer server = ScriptedServer.start(peer -> peer.say("220 hello").expect("EHLO"));
        try (RawClient client = RawClient.connect(server.port())) {
            client.reply();
            client.send("HELO test.example.org\r\n");
            assertTrue(client.isAtEnd());
        }
        AssertionError error = assertThrows(AssertionError.class, () -> server.awaitEnd().close());
        assertTrue(error.getCause().getMessage().contains("HELO test.example.org"));
    }

    @Test
    void connectionsEndInManyWays() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(
            peer -> peer.say("220 hello").reset(),
            peer -> peer.startTls(TestCerts.good().context()).say("220 hello").cut(),
            peer -> peer.trickle("220 slow\r\n", Duration.ofMillis(1)).stall())) {
            try (RawClient client = RawClient.connect(server.port())) {
                assertThrows(SocketException.class, () -> {
                    client.reply();
                    client.isAtEnd();
                });
            }
            try (RawClient client = RawClient.connectTls(server.port())) {
                assertEquals("220 hello", client.reply());
                assertTrue(client.isAtEnd());
            }
            try (RawClient client = RawClient.connect(server.port())) {
                assertEquals("220 slow", client.reply());
            }
        }
    }

    @Test
    void tlsIsRecordedApart() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(
            peer -> peer.say("220 hello").expect("STARTTLS").say("220 go").startTls(TestCerts.good().context(), socket -> socket.setNeedClientAuth(true)).listen())) {
            try (RawClient client = RawClient.connect(server.port())) {
                client.reply();
                client.ask("STARTTLS");
                client.startTls(TestCerts.client().context()).send("secret");
            }
            ScriptedPeer peer = server.peer(0).awaitEnd();
            assertEquals("STARTTLS\r\n", peer.receivedInClear());
            assertEquals("STARTTLS\r\nsecret", peer.receivedText());
            assertEquals("CN=ops, O=Example", peer.tls().getPeerPrincipal().toString());
        }
    }

    @Test
    void fakeSmtpTakesMessages() throws IOException {
        try (FakeSmtp smtp = new FakeSmtp().ehlo("PIPELINING", "SIZE 1000").on("RCPT TO:<b@", "550 5.1.1 no such user").once("MAIL", "450 4.3.0 later").start()) {
            try (RawClient client = RawClient.connect(smtp.port())) {
                client.reply();
                assertEquals("250-fake.example.org\n250-PIPELINING\n250 SIZE 1000", client.ask("EHLO test.example.org"));
                assertCode("450", client.ask("MAIL FROM:<a@example.org>"));
                assertCode("250", client.ask("MAIL FROM:<a@example.org> SIZE=99 BODY=8BITMIME"));
                assertCode("550", client.ask("RCPT TO:<b@example.org>"));
                assertCode("250", client.ask("RCPT TO:<c@example.org> NOTIFY=NEVER"));
                assertCode("354", client.ask("DATA"));
                assertCode("250", client.ask(BODY));
                assertCode("221", client.ask("QUIT"));
            }
            FakeSmtp.Received message = smtp.message();
            assertEquals("a@example.org", message.from());
            assertEquals(List.of("SIZE=99", "BODY=8BITMIME"), message.parameters());
            assertEquals(List.of(new FakeSmtp.Recipient("c@example.org", List.of("NOTIFY=NEVER"))), message.recipients());
            assertEquals("first\r\n.dot\r\nlast\r\n", message.text());
            assertEquals("QUIT", smtp.commands().get(smtp.commands().size() - 1));
        }
    }

    @Test
    void fakeSmtpTakesChunks() throws IOException {
        try (FakeSmtp smtp = new FakeSmtp().ehlo("CHUNKING").start(); RawClient client = RawClient.connect(smtp.port())) {
            begin(client, "EHLO");
            assertCode("250", client.send("BDAT 6\r\n.one\r\n").reply());
            assertCode("250", client.send("BDAT 5 LAST\r\n.two\n").reply());
            assertEquals(".one\r\n.two\n", smtp.message().text());
            assertEquals(List.of(6, 5), smtp.message().chunks());
        }
    }

    @Test
    void fakeLmtpAnswersForEachRecipient() throws IOException {
        try (FakeSmtp lmtp = new FakeSmtp().lmtp().on(". <carol@", "452 4.2.2 full").start(); RawClient client = RawClient.connect(lmtp.port())) {
            begin(client, "LHLO");
            client.ask("RCPT TO:<carol@example.org>");
            client.ask("DATA");
            assertCode("250", client.ask(BODY));
            assertCode("452", client.reply());
            assertEquals(List.of("bob@example.org", "carol@example.org"), lmtp.message().to());
        }
    }

    @Test
    void heldRepliesComeTogether() throws IOException {
        try (FakeSmtp smtp = new FakeSmtp().holdFinalReplies(1).start(); RawClient client = RawClient.connect(smtp.port())) {
            client.reply();
            client.ask("EHLO test.example.org");
            client.send("MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
            assertEquals(List.of("250", "250", "354"), codes(client, 3));
            client.send(BODY + "\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n");
            assertEquals(List.of("250", "250", "250", "354"), codes(client, 4));
            assertCode("250", client.ask(BODY));
            assertEquals(2, smtp.messages().size());
        }
    }

    @Test
    void aRuleMayBeAScript() throws IOException {
        try (FakeSmtp smtp = new FakeSmtp().on("DATA", peer -> {
            peer.say("354 go");
            peer.readBytes(3);
            peer.say("552 5.3.4 too big");
            peer.hangUp();
        }).on(".", "250 never").start(); RawClient client = RawClient.connect(smtp.port())) {
            begin(client, "EHLO");
            assertCode("354", client.ask("DATA"));
            assertCode("552", client.send("far too much").reply());
            assertTrue(client.isAtEnd());
            assertEquals(List.of(), smtp.attempts());
        }
    }

    @Test
    void theFinalReplyMayBeLost() throws IOException {
        try (FakeSmtp smtp = new FakeSmtp().once(".", ScriptedPeer::close).start(); RawClient client = RawClient.connect(smtp.port())) {
            begin(client, "EHLO");
            client.ask("DATA");
            client.send(BODY + "\r\n");
            assertTrue(client.isAtEnd());
            assertEquals(1, smtp.attempts().size());
            assertEquals(List.of(), smtp.messages());
        }
    }

    @Test
    void fakeSmtpKnowsItsUser() throws IOException {
        try (FakeSmtp smtp = new FakeSmtp().ehlo("AUTH PLAIN LOGIN").login("ops", "secret").tls(TestCerts.good().context()).start();
            RawClient client = RawClient.connect(smtp.port())) {
            client.reply();
            assertTrue(client.ask("EHLO test.example.org").endsWith("250 STARTTLS"));
            assertCode("220", client.ask("STARTTLS"));
            client.startTls(TestCerts.client().context());
            assertFalse(client.ask("EHLO test.example.org").contains("STARTTLS"));
            assertCode("535", client.ask("AUTH PLAIN " + RawClient.base64("\0ops\0wrong")));
            assertEquals("334 " + RawClient.base64("Username:"), client.ask("AUTH LOGIN"));
            assertEquals("334 " + RawClient.base64("Password:"), client.ask(RawClient.base64("ops")));
            assertCode("235", client.ask(RawClient.base64("secret")));
            deliver(client, "login", "bob@example.org");
            assertEquals("ops", smtp.message().user());
            assertTrue(smtp.message().underTls());
        }
    }

    // The tool

    @Test
    void theToolRunsApart() {
        Tool.Result result = Tool.run("no-such-command");
        assertTrue(result.exit() > 0, result::toString);
        assertFalse(result.err().isBlank(), result::toString);
    }

    @Test
    void theToolMayBeKilled() {
        try (RunningTool tool = Tool.with().stdinOpen().start("send", "--dry-run", "-f", "a@example.org", "-t", "b@example.org", "--eml", "-")) {
            tool.type("Subject: never ends\n");
            tool.signal("KILL");
            assertEquals(128 + 9, tool.await().exit());
        }
    }

    // Proxies

    @Test
    void socksProxyKeepsTheName() throws IOException {
        try (FakeSmtp smtp = new FakeSmtp().start(); SocksProxy proxy = SocksProxy.start(); RawClient client = RawClient.connect(proxy.port())) {
            client.send("\5\1\0\5\1\0\3\20mail.example.org" + (char) (smtp.port() >> 8) + (char) (smtp.port() & 0xFF));
            assertEquals("\5\0\5\0\0\1\0\0\0\0\0\0" + "220 fake.example.org ESMTP", client.line());
            assertEquals(List.of(new SocksProxy.Target("mail.example.org", smtp.port(), true)), proxy.targets());
        }
    }

    @Test
    void httpProxyKeepsTheName() throws IOException {
        try (FakeSmtp smtp = new FakeSmtp().start(); HttpProxy proxy = HttpProxy.start(); RawClient client = RawClient.connect(proxy.port())) {
            client.send("CONNECT mail.example.org:" + smtp.port() + " HTTP/1.1\r\n\r\n");
            assertEquals("HTTP/1.1 200 Connection established", client.line());
            assertEquals("", client.line());
            assertCode("220", client.reply());
            assertEquals(List.of("mail.example.org:" + smtp.port()), proxy.targets());
        }
        try (HttpProxy proxy = HttpProxy.refusing("403 Forbidden"); RawClient client = RawClient.connect(proxy.port())) {
            client.send("CONNECT mail.example.org:25 HTTP/1.1\r\n\r\n");
            assertEquals("HTTP/1.1 403 Forbidden", client.line());
        }
    }

    private static void begin(RawClient client, String hello) throws IOException {
        client.reply();
        assertCode("250", client.ask(hello + " test.example.org"));
        assertCode("250", client.ask("MAIL FROM:<a@example.org>"));
        assertCode("250", client.ask("RCPT TO:<bob@example.org>"));
    }

    private static List<String> codes(RawClient client, int count) throws IOException {
        List<String> codes = new ArrayList<>();
        while (codes.size() < count) {
            codes.add(client.reply().substring(0, 3));
        }
        return codes;
    }

    private static void deliver(RawClient client, String subject, String recipient) throws IOException {
        assertCode("250", client.ask("MAIL FROM:<a@example.org>"));
        assertCode("250", client.ask("RCPT TO:<" + recipient + ">"));
        assertCode("354", client.ask("DATA"));
        assertCode("250", client.ask("Subject: " + subject + "\r\n\r\n" + BODY));
        assertCode("221", client.ask("QUIT"));
    }

    private static void assertCode(String beginning, String reply) {
        assertTrue(reply.startsWith(beginning), () -> "expected " + beginning + ", got " + reply);
    }
}
