package mailtool;

import static mailtool.MailTool.pop3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Supplier;

import javax.net.ssl.SSLContext;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with POP3: from the first byte or by STLS, and whatever may be wrong with it. */
final class Pop3TlsTest {
    private static FakePop3 offering() {
        return new FakePop3().tls(TestCerts.good().context()).messages(1);
    }

    @Test
    void stlsIsUsedWhereItIsOffered() {
        try (FakePop3 fake = offering().start(); Pop3 box = Pop3Calls.server(fake).open()) {
            assertEquals("CAPA\r\nSTLS\r\n", fake.peer(0).receivedInClear());
            assertEquals(List.of("subject-1"), Pop3Calls.subjects(box));
            assertTrue(box.peer().tlsVersion().startsWith("TLSv1."), box.peer().toString());
        }
    }

    @Test
    void tlsMayComeFirst() {
        try (FakePop3 fake = new FakePop3().implicitTls(TestCerts.good().context()).messages(1).start(); Pop3 box = Pop3Calls.server(fake).open()) {
            assertEquals("", fake.peer(0).receivedInClear());
            assertEquals(List.of("subject-1"), Pop3Calls.subjects(box));
            assertTrue(fake.commands("STLS").isEmpty());
        }
    }

    @Test
    void theServerIsAskedForItsName() {
        for (FakePop3 fake : List.of(offering(), new FakePop3().implicitTls(TestCerts.good().context()))) {
            try (FakePop3 started = fake.start(); Pop3 box = Pop3Calls.server(started).set("sni", "mail.example.org").open()) {
                assertEquals(List.of("mail.example.org"), started.peer(0).serverNames());
            }
        }
    }

    @Test
    void aNameThatHostsAreNotToHaveIsTakenIfTheCertificateHasIt() {
        SSLContext context = TestCerts.naming("pop_3.example.test").context();
        for (FakePop3 fake : List.of(new FakePop3().tls(context).messages(1), new FakePop3().implicitTls(context).messages(1))) {
            try (FakePop3 started = fake.start(); Pop3 box = Pop3Calls.server(started).set("sni", "pop_3.example.test").open()) {
                assertEquals(List.of("subject-1"), Pop3Calls.subjects(box));
            }
        }
    }

    @Test
    void thePop3UrlMayBeTlsFromTheStartToo() {
        try (FakePop3 fake = new FakePop3().implicitTls(TestCerts.good().context()).messages(1).start();
            Pop3 box = Pop3Calls.trusting("pop3://ops@localhost:" + fake.port()).set("tls", "implicit").open()) {
            assertEquals(List.of("subject-1"), Pop3Calls.subjects(box));
        }
    }

    @Test
    void noneMeansNone() {
        try (FakePop3 fake = offering().start(); Pop3 box = pop3(fake.userUrl()).password(FakePop3.PASSWORD).set("tls", "none").open()) {
            assertEquals(List.of("subject-1"), Pop3Calls.subjects(box));
            assertTrue(fake.commands("STLS").isEmpty());
        }
    }

    @Test
    void requiredWithoutAnOfferIsRefusedWithoutTrying() {
        try (FakePop3 fake = new FakePop3().start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake).set("tls", "required"));
            assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
            assertEquals(Stage.TLS, failure.stage());
            assertTrue(fake.commands("STLS").isEmpty());
            assertTrue(fake.commands("USER").isEmpty());
        }
        try (FakePop3 fake = offering().without("CAPA").start()) {
            assertEquals(Exit.POLICY, Pop3Calls.refusal(Pop3Calls.server(fake).set("tls", "required")).exit());
            assertTrue(fake.commands("STLS").isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"auto | -ERR no", "required | -ERR no", "auto | -ERR [SYS/TEMP] no entropy", "auto | -ERR [IN-USE] busy", "required | -ERR [SYS/TEMP] later"})
    void anOfferThatIsRefusedIsNoWayOn(String when, String reply) {
        try (FakePop3 fake = offering().on("STLS", reply).start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake).set("tls", when));
            assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
            assertEquals(Stage.TLS, failure.stage());
            assertTrue(fake.commands("USER").isEmpty() && fake.commands("AUTH").isEmpty());
        }
    }

    /** How the handshake fails. */
    private enum Handshake {
        HANG_UP(peer -> peer.say("+OK")),
        RESET(peer -> peer.say("+OK").reset()),
        CLEAR_TEXT(peer -> {
            peer.say("+OK");
            peer.readBytes(5);
            peer.say("+OK let's go on in clear");
        });

        private final ScriptedServer.Script script;

        Handshake(ScriptedServer.Script script) {
            this.script = script;
        }

        private ScriptedServer.Script script() {
            return peer -> {
                script.play(peer);
                peer.hangUp();
            };
        }
    }

    @ParameterizedTest
    @EnumSource(Handshake.class)
    void anOfferThatFailsIsNoWayOn(Handshake handshake) {
        try (FakePop3 fake = offering().on("STLS", handshake.script()).start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake));
            assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
            assertTrue(fake.commands("USER").isEmpty());
        }
    }

    @Test
    void whatFollowsTheReplyInClearIsRefused() {
        try (FakePop3 fake = offering().on("STLS", "+OK", "+OK injected").start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake));
            assertEquals(Exit.PROTOCOL, failure.exit(), failure.getMessage());
            assertTrue(fake.commands("USER").isEmpty());
        }
    }

    /** A certificate that is no good, and what is said of it. */
    private enum Bad {
        EXPIRED(TestCerts::expired, "expired"),
        WRONG_HOST(TestCerts::wrongHost, "other.example.net"),
        SELF_SIGNED(TestCerts::selfSigned, "self-signed"),
        UNKNOWN(TestCerts::unknownAuthority, "--ca"),
        NO_NAME(TestCerts::nameInSubjectOnly, "names no host");

        private final Supplier<TestCerts.Identity> identity;
        private final String words;

        Bad(Supplier<TestCerts.Identity> identity, String words) {
            this.identity = identity;
            this.words = words;
        }
    }

    @ParameterizedTest
    @EnumSource(Bad.class)
    void aBadCertificateIsRefusedAndExplained(Bad bad) {
        for (FakePop3 fake : List.of(new FakePop3().tls(bad.identity.get().context()), new FakePop3().implicitTls(bad.identity.get().context()))) {
            try (FakePop3 started = fake.start()) {
                MailException failure = Pop3Calls.refusal(Pop3Calls.server(started));
                assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
                assertTrue((failure.getMessage() + failure.hint()).contains(bad.words), failure.getMessage());
                assertTrue(started.commands("USER").isEmpty());
            }
        }
    }

    @Test
    void aPinnedKeyIsEnough() {
        try (FakePop3 fake = new FakePop3().tls(TestCerts.selfSigned().context()).messages(1).start();
            Pop3 box = pop3(fake.userUrl()).password(FakePop3.PASSWORD).set("pin", TestCerts.selfSigned().pin()).open()) {
            assertEquals(1, box.totals().messages());
        }
    }

    @Test
    void aPortInClearThatWasToSpeakTlsIsExplained() {
        try (FakePop3 fake = new FakePop3().start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.trusting("pop3s://ops@localhost:" + fake.port()));
            assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
            assertTrue(failure.hint().contains("pop3://localhost:" + fake.port()), failure.hint());
        }
    }

    @Test
    void aPortWithTlsThatWasToSpeakInClearIsExplained() {
        try (FakePop3 fake = new FakePop3().implicitTls(TestCerts.good().context()).start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.trusting("pop3://ops@localhost:" + fake.port()).set("timeout", "2s"));
            assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
            assertTrue(failure.hint().contains("pop3s://localhost:" + fake.port()), failure.hint());
        }
    }

    /** A cut connection has no closing alert, so that the end of a message could be anybody's. */
    @Test
    void anEndWithinAMessageIsAnErrorUnderTlsToo() {
        for (ScriptedServer.Script end : List.<ScriptedServer.Script>of(ScriptedPeer::cut, ScriptedPeer::hangUp)) {
            try (FakePop3 fake = new FakePop3().implicitTls(TestCerts.good().context()).messages(1).cut("RETR", 40, end).start(); Pop3 box = Pop3Calls.server(fake).open()) {
                MailException failure = Pop3Calls.failure(() -> box.message("1").raw());
                assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pop3", "pop3s"})
    void dovecotAndTheCommandLine(String scheme) {
        DovecotUser user = Dovecot.shared().newUser("tls").deposit("Subject: hello\n\n");
        Tool.Result result = Tool.with().env("MAILTOOL_PASSWORD", Dovecot.PASSWORD)
            .call("inbox", "-S", scheme.equals("pop3") ? user.url() : user.tlsUrl(), "--ca", TestCerts.caFile().toString(), "-v");
        assertEquals(0, result.exit(), result::toString);
        assertTrue(result.out().contains("hello"), result::toString);
        assertTrue(result.err().contains("TLSv1.3"), result::toString);
        assertFalse(result.err().contains(Dovecot.PASSWORD), result::toString);
    }
}
