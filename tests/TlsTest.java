package mailtool;

import static mailtool.MailTool.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When TLS is used, whom it trusts, and that nothing goes out in clear when it fails. */
final class TlsTest {
    private static final String NAME = "mail.example.org";

    // When

    @Test
    void autoTakesStartTlsWhereItIsOffered() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            deliver(trusting(fake));
            assertTrue(fake.message().underTls());
            assertFalse(fake.peer(0).receivedInClear().contains("MAIL"));
        }
    }

    @Test
    void autoGoesInClearWhereNothingIsOffered() {
        try (FakeSmtp fake = new FakeSmtp().start()) {
            deliver(smtp(fake.url()));
            assertFalse(fake.message().underTls());
        }
    }

    @Test
    void noneIgnoresTheOffer() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            deliver(smtp(fake.url()).set("tls", "none"));
            assertFalse(fake.message().underTls());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "auto, 454 4.7.0 TLS not available, TEMPORARY",
        "required, 454 4.7.0 TLS not available, TEMPORARY",
        "auto, 421 4.3.0 too busy, TEMPORARY",
        "auto, 501 5.5.4 no, POLICY",
        "auto, 502 5.5.1 not implemented, POLICY",
        "auto, 554 5.7.3 unable, POLICY",
        "required, 554 5.7.3 unable, POLICY"
    })
    void aRefusedStartTlsNeverGoesOnInClear(String tls, String reply, Exit exit) {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "secret").tls(TestCerts.good().context()).on("STARTTLS", reply).start()) {
            MailException failure = failure(smtp(fake.url("ops")).password("secret").set("tls", tls));
            assertEquals(exit, failure.exit(), failure.getMessage());
            assertEquals(exit == Exit.TEMPORARY, failure.retryable());
            assertEquals(Stage.TLS, failure.stage());
            assertTrue(failure.getMessage().contains(reply), failure.getMessage());
            assertEndedBy(fake, "STARTTLS");
        }
    }

    @Test
    void anOddAnswerToStartTlsNeverGoesOnInClear() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).on("STARTTLS", "250 fine, go on in clear").start()) {
            failure(trusting(fake));
            fake.awaitEnd();
            assertFalse(fake.peer(0).receivedInClear().contains("MAIL"));
        }
    }

    @Test
    void aStartTlsThatIsNoTlsNeverGoesOnInClear() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("STARTTLS").on("STARTTLS", "220 2.0.0 but there is none").start()) {
            MailException failure = failure(trusting(fake).set("timeout", "20s"));
            assertEquals(Stage.TLS, failure.stage());
            assertTrue(failure.hint().contains("in between"), failure.hint());
            fake.awaitEnd();
            assertFalse(fake.peer(0).receivedInClear().contains("MAIL"));
        }
    }

    @Test
    void requiredFailsWithoutAnOffer() {
        try (FakeSmtp fake = new FakeSmtp().start()) {
            MailException failure = failure(smtp(fake.url()).set("tls", "required"));
            assertEquals(Exit.POLICY, failure.exit());
            assertTrue(failure.getMessage().contains("STARTTLS"), failure.getMessage());
            assertEndedBy(fake, "EHLO");
        }
    }

    @Test
    void requiredTakesStartTls() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            deliver(trusting(fake).set("tls", "required"));
            assertTrue(fake.message().underTls());
        }
    }

    @Test
    void requiredFailsAfterHelo() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).on("EHLO", "502 5.5.1 what").start()) {
            assertEquals(Exit.POLICY, failure(trusting(fake).set("tls", "required")).exit());
            assertEndedBy(fake, "HELO");
        }
    }

    @Test
    void implicitTlsBeginsAtOnce() {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(TestCerts.good().context()).start()) {
            deliver(trusting(fake));
            deliver(smtp(fake.url().replace("smtps:", "smtp:")).set("tls", "implicit").set("ca", authority()));
            assertEquals(2, fake.messages().size());
            assertEquals("", fake.peer(0).receivedInClear() + fake.peer(1).receivedInClear());
        }
    }

    @ParameterizedTest
    @CsvSource({"tls, none", "pin, none", "ca, none", "cert, none"})
    void settingsThatContradictNoTlsAreRefused(String other, String tls) {
        String certificate = TestCerts.client().chainFile().toString();
        String value = other.equals("pin") ? TestCerts.good().pin() : certificate;
        Server<Smtp> server = other.equals("tls") ? smtp("smtps://localhost") : smtp("smtp://localhost").set(other, value);
        MailException refusal = failure(server.set("tls", tls));
        assertEquals(Exit.USAGE, refusal.exit());
        assertTrue(refusal.getMessage().contains("--tls none"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(other.equals("tls") ? "smtps" : "--" + other), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"tls, always", "tls, ''", "tls-min, 1.1", "tls-min, 1", "tls-min, TLSv1.3"})
    void unknownChoicesAreRefusedWithTheKnown(String option, String value) {
        MailException refusal = assertThrows(MailException.class, () -> smtp("smtp://localhost").set(option, value));
        assertEquals(Exit.USAGE, refusal.exit());
        assertTrue(refusal.hint().contains(option.equals("tls") ? "required" : "1.3"), refusal.hint());
    }

    @Test
    void whatTheServerOffersUnderTlsIsWhatCounts() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("SIZE 10", "PIPELINING").ehloUnderTls("SIZE 100000", "AUTH PLAIN").login("ops", "secret").tls(TestCerts.good().context()).start()) {
            deliver(trusting(fake).set("user", "ops").password("secret"));
            assertEquals("ops", fake.message().user());
            assertEquals(2, fake.commands().stream().filter(command -> command.startsWith("EHLO")).count());
        }
    }

    @Test
    void whatTheServerOfferedBeforeTlsIsForgotten() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").ehloUnderTls("PIPELINING").login("ops", "secret").tls(TestCerts.good().context()).start()) {
            MailException failure = failure(trusting(fake).set("user", "ops").password("secret"));
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertTrue(fake.commands().stream().noneMatch(command -> command.startsWith("AUTH")));
        }
    }

    // Attacks

    @Test
    void aStrippedStartTlsGetsNoCredential() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN LOGIN").login("ops", "secret").start(); SocksProxy proxy = SocksProxy.start()) {
            MailException failure = failure(smtp("smtp://ops@" + NAME + ":" + fake.port()).set("proxy", proxy.url()).password("secret"));
            assertEquals(Exit.POLICY, failure.exit());
            assertFalse(failure.retryable());
            assertNoCredential(fake);
        }
    }

    @Test
    void aStrippedStartTlsGetsNoCredentialWithoutAProxyEither() {
        Optional<InetAddress> own = LocalPorts.ownAddress();
        Assumptions.assumeTrue(own.isPresent(), "this machine has no address but loopback");
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN LOGIN").login("ops", "secret").address(own.orElseThrow()).start()) {
            MailException failure = failure(smtp(fake.url("ops")).password("secret"));
            assertEquals(Exit.POLICY, failure.exit());
            assertNoCredential(fake);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"220 2.0.0 go ahead\r\n250 injected\r\n", "220 2.0.0 go ahead\r\n250-injected\r\n250 AUTH PLAIN\r\n", "220 2.0.0 go ahead\r\nx"})
    void whatFollowsTheAnswerToStartTlsInClearEndsTheSession(String answer) {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).on("STARTTLS", peer -> {
            peer.write(answer);
            peer.startTls(TestCerts.good().context());
        }).start()) {
            MailException failure = failure(trusting(fake));
            assertEquals(Exit.PROTOCOL, failure.exit(), failure.getMessage());
            assertEquals(Stage.TLS, failure.stage());
            assertTrue(failure.getMessage().contains("STARTTLS"), failure.getMessage());
            assertTrue(failure.hint().contains("in between"), failure.hint());
            assertEndedBy(fake, "STARTTLS");
        }
    }

    // Whom it trusts

    static Stream<Arguments> badCertificates() {
        return Stream.of(
            Arguments.of("expired", "it expired 3 days ago"),
            Arguments.of("not yet valid", "not valid before"),
            Arguments.of("wrong host", "it is for other.example.net, not for localhost"),
            Arguments.of("name in subject only", "subjectAltName"),
            Arguments.of("short key", "1024 bits"),
            Arguments.of("self-signed", "it is self-signed"),
            Arguments.of("unknown authority", "otherca"));
    }

    private static TestCerts.Identity bad(String name) {
        return switch (name) {
            case "expired" -> TestCerts.expired();
            case "not yet valid" -> TestCerts.notYetValid();
            case "wrong host" -> TestCerts.wrongHost();
            case "name in subject only" -> TestCerts.nameInSubjectOnly();
            case "short key" -> TestCerts.shortKey();
            case "self-signed" -> TestCerts.selfSigned();
            default -> TestCerts.unknownAuthority();
        };
    }

    @ParameterizedTest
    @MethodSource("badCertificates")
    void aBadCertificateIsRefusedInClearWords(String name, String words) {
        try (FakeSmtp fake = new FakeSmtp().tls(bad(name).context()).start()) {
            MailException failure = failure(trusting(fake));
            assertCertificateRefused(failure, words);
            assertEndedBy(fake, "STARTTLS");
        }
    }

    @ParameterizedTest
    @MethodSource("badCertificates")
    void soItIsWithImplicitTls(String name, String words) {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(bad(name).context()).start()) {
            assertCertificateRefused(failure(trusting(fake)), words);
            fake.awaitEnd();
            assertEquals(List.of(), fake.commands());
        }
    }

    @Test
    void theAuthoritiesOfTheSystemDoNotKnowOurs() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            MailException failure = failure(smtp(fake.url()));
            assertCertificateRefused(failure, "is not known here");
            assertTrue((failure.getMessage() + failure.hint()).contains("--ca"), failure.getMessage());
        }
    }

    @Test
    void theNameIsNeverTakenFromTheSubject(@TempDir Path folder) throws Exception {
        Lonely certificate = Lonely.make(folder, "rsa", "CN=localhost", "san=ip:192.0.2.1,email:ops@example.org");
        try (FakeSmtp fake = new FakeSmtp().tls(certificate.context()).start()) {
            MailException failure = failure(smtp(fake.url()).set("ca", certificate.file().toString()));
            assertCertificateRefused(failure, "localhost");
        }
    }

    @Test
    void anAddressIsCheckedLikeAName() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start(); FakeSmtp named = new FakeSmtp().tls(TestCerts.wildcard().context()).start()) {
            deliver(smtp("smtp://127.0.0.1:" + fake.port()).set("ca", authority()));
            assertTrue(fake.message().underTls());
            assertCertificateRefused(failure(smtp("smtp://127.0.0.1:" + named.port()).set("ca", authority())), "127.0.0.1");
        }
    }

    @Test
    void ellipticCurvesAreFine() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.ellipticCurve().context()).start()) {
            deliver(trusting(fake));
            assertTrue(fake.message().underTls());
        }
    }

    @Test
    void anAuthorityFileMayBeTheServersOwnCertificate() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.selfSigned().context()).start()) {
            deliver(smtp(fake.url()).set("ca", TestCerts.selfSigned().chainFile().toString()));
            assertTrue(fake.message().underTls());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"expired", "not yet valid"})
    void itsDaysCountThenToo(String name) {
        try (FakeSmtp fake = new FakeSmtp().tls(bad(name).context()).start()) {
            String words = name.equals("expired") ? "it expired 3 days ago" : "not valid before";
            assertCertificateRefused(failure(smtp(fake.url()).set("ca", bad(name).chainFile().toString())), words);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nothing like a certificate", "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n"})
    void anAuthorityFileWithoutAnAuthorityIsAMistakeOfConfiguration(String content, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("authority.pem"), content);
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            MailException failure = failure(smtp(fake.url()).set("ca", file.toString()));
            assertEquals(Exit.CONFIG, failure.exit(), failure.getMessage());
            assertTrue(failure.getMessage().contains("authority.pem"), failure.getMessage());
            assertEquals(List.of(), fake.peers());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca", "cert", "key"})
    void aMissingFileIsMissedBeforeConnecting(String option) {
        MailException refusal = assertThrows(MailException.class, () -> smtp("smtp://localhost").set(option, "no-such.pem"));
        assertEquals(Exit.NO_INPUT, refusal.exit());
        assertTrue(refusal.getMessage().contains("no-such.pem"), refusal.getMessage());
    }

    // Pins, and other ways where a certificate is refused

    @ParameterizedTest
    @MethodSource("badCertificates")
    void thePinIsShownWheneverItHelps(String name, String words) {
        try (FakeSmtp fake = new FakeSmtp().tls(bad(name).context()).start()) {
            String hint = failure(trusting(fake)).hint();
            boolean helps = !name.equals("short key");
            assertEquals(helps, hint.endsWith("trust it with --pin " + bad(name).pin()), hint);
            assertTrue(hint.startsWith("on this machine --tls none without --ca will do"), hint);
            Server<Smtp> pinned = smtp(fake.url()).set("pin", bad(name).pin());
            if (helps) {
                deliver(pinned);
            } else {
                assertCertificateRefused(failure(pinned), words);
            }
        }
    }

    @Test
    void whereAPinIsThereAlreadyNoneIsOffered() {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(TestCerts.good().context()).start()) {
            String hint = failure(smtp(fake.url()).set("pin", TestCerts.ellipticCurve().pin())).hint();
            assertEquals("on this machine --tls none without --pin will do, on the port without TLS", hint);
        }
    }

    @Test
    void behindAProxyItIsNotThisMachine() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.selfSigned().context()).start(); SocksProxy proxy = SocksProxy.start()) {
            String hint = failure(smtp(fake.url()).set("proxy", proxy.url())).hint();
            assertEquals("if it is the right one, trust it with --pin " + TestCerts.selfSigned().pin(), hint);
        }
    }

    /** As Debian makes one for itself. */
    @Test
    void anAuthorityThatIsTheCertificateOfAnotherNameIsNotBlamed(@TempDir Path folder) throws Exception {
        Lonely certificate = Lonely.make(folder, "snakeoil", "CN=debian", "san=dns:debian");
        try (FakeSmtp fake = new FakeSmtp().tls(certificate.context()).start()) {
            MailException failure = failure(smtp(fake.url()).set("ca", certificate.file().toString()));
            assertTrue(failure.getMessage().endsWith("it is for debian, not for localhost"), failure.getMessage());
            assertTrue(failure.hint().contains("--pin sha256:"), failure.hint());
        }
    }

    @Test
    void thePinInTheErrorOfASelfSignedCertificateWorks() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.selfSigned().context()).start()) {
            MailException failure = failure(smtp(fake.url()));
            Matcher pin = Pattern.compile("--pin (sha256:\\S+)").matcher(failure.getMessage() + " " + failure.hint());
            assertTrue(pin.find(), failure.getMessage());
            deliver(smtp(fake.url()).set("pin", pin.group(1)));
            assertTrue(fake.message().underTls());
        }
    }

    static Stream<String> writings() {
        String hex = TestCerts.selfSigned().hexPin().replace("sha256:", "");
        return Stream.of(
            TestCerts.selfSigned().pin(),
            "sha256:" + hex,
            "sha256:" + hex.toUpperCase(Locale.ROOT),
            "SHA256:" + hex,
            "sha256:" + hex.replaceAll("..(?!$)", "$0:"));
    }

    @ParameterizedTest
    @MethodSource("writings")
    void aPinIsBase64OrHex(String pin) {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.selfSigned().context()).start()) {
            deliver(smtp(fake.url()).set("pin", pin));
            assertTrue(fake.message().underTls());
        }
    }

    @Test
    void aPinTrustsThatKeyAloneInsteadOfTheChain() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            deliver(smtp(fake.url()).set("pin", TestCerts.good().pin()));
            MailException failure = failure(smtp(fake.url()).set("pin", TestCerts.ellipticCurve().pin()));
            assertCertificateRefused(failure, TestCerts.good().pin());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha256:", "sha256:abc", "sha1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85", "sha256:::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85500", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855a",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8:5"})
    void whatIsNoPinIsRefused(String pin) {
        MailException refusal = assertThrows(MailException.class, () -> smtp("smtp://localhost").set("pin", pin));
        assertEquals(Exit.USAGE, refusal.exit());
        assertTrue(refusal.hint().contains("sha256:"), refusal.hint());
    }

    @Test
    void waysOfTrustContradictEachOther() {
        Tool.Result result = Tool.run("send", "-S", "smtp://localhost", "--insecure", "--pin", TestCerts.good().pin(), "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello");
        assertEquals(64, result.exit(), result::toString);
        assertTrue(result.err().contains("--insecure") && result.err().contains("--pin"), result::toString);
    }

    // Our own certificate

    @Test
    void ourCertificateIsShownToAServerThatWantsOne() throws Exception {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).tlsSettings(socket -> socket.setNeedClientAuth(true)).start()) {
            deliver(withClient(trusting(fake)));
            assertEquals("CN=ops, O=Example", fake.peer(0).tls().getPeerPrincipal().toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aServerThatWantsACertificateIsUnderstood(String version) {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(TestCerts.good().context()).tlsSettings(socket -> {
            socket.setEnabledProtocols(new String[] {version});
            socket.setNeedClientAuth(true);
        }).start()) {
            MailException failure = failure(trusting(fake));
            assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
            assertTrue((failure.getMessage() + failure.hint()).contains("--cert"), failure.getMessage() + failure.hint());
        }
    }

    /** In TLS 1.3 the handshake is over for the client by then. */
    @Test
    void aServerThatHangsUpForWantOfACertificateIsUnderstoodToo() {
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.startTls(TestCerts.good().context()))) {
            MailException failure = failure(smtp("smtps://localhost:" + server.port()).set("ca", authority()));
            assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
            assertTrue(failure.hint().contains("--cert"), failure.hint());
            assertTrue(failure.hint().endsWith("or what is behind its TLS is down"), failure.hint());
        }
    }

    @Test
    void aServerThatDoesNotTakeOurCertificateIsUnderstood() {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(TestCerts.good().context()).tlsSettings(socket -> {
            onlyTls12(socket);
            socket.setNeedClientAuth(true);
        }).start()) {
            MailException failure = failure(withCertificate(trusting(fake), TestCerts.selfSigned()));
            assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
            assertTrue(failure.hint().contains("not take our certificate"), failure.hint());
        }
    }

    /** Bad, unsupported, revoked, expired, unknown, of an authority that it does not know, without access, required. */
    @ParameterizedTest
    @ValueSource(ints = {42, 43, 44, 45, 46, 48, 49, 116})
    void whateverItsAlertSaysOfOurCertificateIsUnderstood(int alert) {
        try (ScriptedServer server = ScriptedServer.start(peer -> {
            byte[] head = peer.readBytes(5);
            peer.readBytes((head[3] & 255) << 8 | head[4] & 255);
            peer.write(new byte[] {21, 3, 3, 0, 2, 2, (byte) alert}).listen();
        })) {
            MailException failure = failure(withCertificate(smtp("smtps://localhost:" + server.port()), TestCerts.selfSigned()));
            assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
            assertEquals("it may not take our certificate", failure.hint(), failure.getMessage());
        }
    }

    @Test
    void postfixSeesOurCertificate() {
        Postfix postfix = Postfix.shared();
        String subject = "certificate " + System.nanoTime();
        Server<Smtp> server = withClient(smtp("smtp://localhost:" + postfix.port()).set("ca", authority()));
        deliver(server, "bob@example.org", subject);
        String message = postfix.mailbox("bob").waitFor(subject);
        assertTrue(message.contains("Client CN \"ops\""), message);
        assertTrue(message.contains("verified OK"), message);
    }

    @Test
    void ourKeyMayBeOneOfEdwards() throws Exception {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).tlsSettings(socket -> socket.setNeedClientAuth(true)).start()) {
            deliver(withCertificate(trusting(fake), TestCerts.edwards()));
            assertEquals("CN=ops, O=Example", fake.peer(0).tls().getPeerPrincipal().toString());
        }
    }

    /** A server that knows its clients by their certificates, not by who signed them, names others as authorities. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void ourCertificateIsShownWhateverAuthoritiesTheServerNames(String version) throws Exception {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.contextThatKnowsUnknownAuthority()).tlsSettings(socket -> {
            socket.setEnabledProtocols(new String[] {version});
            socket.setWantClientAuth(true);
        }).start()) {
            deliver(withCertificate(trusting(fake), TestCerts.unknownAuthority()));
            assertEquals("CN=localhost", fake.peer(0).tls().getPeerPrincipal().toString());
        }
    }

    @Test
    void certificateAndKeyMayStandInOneFile(@TempDir Path folder) throws Exception {
        String certificate = Files.readString(TestCerts.client().chainFile());
        String key = Files.readString(TestCerts.client().keyFile());
        for (String both : List.of(key + certificate, certificate + key, "\ufeff" + certificate.replace("\n", "\r\n") + key)) {
            String file = Files.writeString(folder.resolve("both.pem"), both).toString();
            try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).tlsSettings(socket -> socket.setNeedClientAuth(true)).start()) {
                deliver(trusting(fake).set("cert", file).set("key", file));
                assertEquals("CN=ops, O=Example", fake.peer(0).tls().getPeerPrincipal().toString());
            }
        }
    }

    /** What stands beside the certificates in such files does no harm; a file without any is refused. */
    @Test
    void authoritiesAreFoundAmongOtherThings(@TempDir Path folder) throws IOException {
        String authority = Files.readString(TestCerts.caFile());
        String revoked = "-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n";
        String key = Files.readString(TestCerts.client().keyFile());
        for (String content : List.of("\ufeff" + authority, authority + revoked, key + authority, "  " + authority.replace("\n", "\n  "),
                "# of -----BEGIN to END-----\r\n" + authority.replace("\n", "\r\n") + "that was all", authority.replace("CERTIFICATE", "X509 CERTIFICATE"))) {
            Path file = Files.writeString(folder.resolve("ca.pem"), content);
            try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
                deliver(smtp(fake.url()).set("ca", file.toString()));
            }
        }
        Path none = Files.writeString(folder.resolve("none.pem"), key);
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            assertEquals(Exit.CONFIG, failure(smtp(fake.url()).set("ca", none.toString())).exit());
        }
    }

    @Test
    void thatItIsTheAuthoritysWhichHasEndedIsSaid() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.belowExpired().context()).start()) {
            assertCertificateRefused(failure(trusting(fake)), "that of an authority of it has expired");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cert", "key"})
    void certificateAndKeyGoTogether(String only) {
        MailException refusal = failure(smtp("smtp://localhost").set(only, TestCerts.client().chainFile().toString()));
        assertEquals(Exit.USAGE, refusal.exit());
        assertTrue(refusal.getMessage().contains("--cert") && refusal.getMessage().contains("--key"), refusal.getMessage());
    }

    @Test
    void aKeyOfAnotherCertificateIsAMistakeOfConfiguration() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            Server<Smtp> server = trusting(fake).set("cert", TestCerts.client().chainFile().toString()).set("key", TestCerts.good().keyFile().toString());
            assertEquals(Exit.CONFIG, failure(server).exit());
        }
    }

    @Test
    void aKeyOfAnotherKindIsAMistakeOfConfiguration() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            Server<Smtp> server = trusting(fake).set("cert", TestCerts.client().chainFile().toString()).set("key", TestCerts.ellipticCurve().keyFile().toString());
            assertEquals(Exit.CONFIG, failure(server).exit());
        }
    }

    /** Left out it would be missed only where it is needed. */
    @Test
    void aFileThatIsTornIsNotReadInPart(@TempDir Path folder) throws IOException {
        String whole = Files.readString(TestCerts.caFile());
        for (String content : List.of(whole + whole.substring(0, 200), whole.substring(0, 200) + "\n" + whole)) {
            Path file = Files.writeString(folder.resolve("torn.pem"), content);
            assertEquals(Exit.CONFIG, assertThrows(MailException.class, () -> KeyFiles.authorities(file)).exit(), content);
        }
    }

    @Test
    void aKeyInAnOldFormIsRefusedWithTheCommandThatConvertsIt(@TempDir Path folder) throws IOException {
        Path key = Files.writeString(folder.resolve("old.key"), "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n");
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            MailException failure = failure(trusting(fake).set("cert", TestCerts.client().chainFile().toString()).set("key", key.toString()));
            assertEquals(Exit.CONFIG, failure.exit());
            assertTrue(failure.hint().contains("openssl pkcs8 -topk8 -nocrypt -in "), failure.hint());
        }
    }

    // Versions and names

    @Test
    void theLowestVersionIsKept() {
        try (FakeSmtp old = new FakeSmtp().tls(TestCerts.good().context()).tlsSettings(TlsTest::onlyTls12).start(); FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            assertEquals("TLSv1.2", deliver(trusting(old)).peer().tlsVersion());
            assertEquals("TLSv1.3", deliver(trusting(fake)).peer().tlsVersion());
            assertEquals("TLSv1.3", deliver(trusting(fake).set("tls-min", "1.3")).peer().tlsVersion());
            MailException failure = failure(trusting(old).set("tls-min", "1.3"));
            assertEquals(Exit.POLICY, failure.exit());
            assertTrue((failure.getMessage() + failure.hint()).contains("1.3"), failure.getMessage() + failure.hint());
            assertEquals(1, old.messages().size());
        }
    }

    @Test
    void theServerIsAskedForTheNameOfTheUrl() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start(); SocksProxy proxy = SocksProxy.start()) {
            deliver(smtp("smtp://" + NAME + ":" + fake.port()).set("proxy", proxy.url()).set("ca", authority()));
            assertEquals(List.of(NAME), fake.peer(0).serverNames());
        }
    }

    @Test
    void anotherNameIsAskedForAndChecked() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.wildcard().context()).start()) {
            deliver(trusting(fake).set("sni", "smtp.example.org"));
            assertEquals(List.of("smtp.example.org"), fake.peer(0).serverNames());
            assertCertificateRefused(failure(trusting(fake)), "*.example.org, not for localhost");
            assertCertificateRefused(failure(trusting(fake).set("sni", "smtp.example.net")), "smtp.example.net");
            assertCertificateRefused(failure(trusting(fake).set("sni", "too.deep.example.org")), "too.deep.example.org");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "my_mail, my_mail",
        "my_mail.example.test, my_mail.example.test",
        "*.example.test, my_mail.example.test",
        "*.lan_, host.lan_",
        "_smtp.MX_1.example.test, _SMTP.mx_1.example.TEST",
        "-odd-.example.test, -odd-.example.test",
        "*.example.test, -odd-.example.test",
        "mx.example.test., mx.example.test",
        "mx.example.test, mx.example.test.",
        "xn--mnchen-3ya.test, m\u00fcnchen.test",
        "*.example.test, xn--mnchen-3ya.example.test"
    })
    void aNameThatStandsInTheCertificateIsTaken(String certified, String host) {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.naming("other.example.net", certified).context()).start(); SocksProxy proxy = SocksProxy.start()) {
            deliver(trusting(fake).set("sni", host));
            deliver(smtp("smtp://" + host + ":" + fake.port()).set("proxy", proxy.url()).set("ca", authority()));
            assertTrue(fake.messages().stream().allMatch(FakeSmtp.Received::underTls));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "*.example.test, example.test",
        "*.example.test, a.my_mail.example.test",
        "my*.example.test, my_mail.example.test",
        "*mail.example.test, my_mail.example.test",
        "my_mail.*.test, my_mail.example.test",
        "*.*.test, my_mail.example.test",
        "*, my_mail",
        "*., my_mail",
        "my_mail.example.test, my-mail.example.test",
        "my_mail.example.test, my_mail",
        "127.0.0.1, 127.0.0.1",
        "*.0.0.1, 127.0.0.1",
        "::1, ::1"
    })
    void aNameThatIsOnlySimilarIsNot(String certified, String host) {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.naming(certified).context()).start()) {
            assertCertificateRefused(failure(trusting(fake).set("sni", host)), "it is for " + certified + ", not for " + host);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"::1", "0:0:0:0:0:0:0:1", "127.0.0.1"})
    void anAddressMayBeWrittenInAnyWay(String address) {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            deliver(trusting(fake).set("sni", address));
            assertTrue(fake.message().underTls());
        }
    }

    @Test
    void anAddressThatIsThereAsANameIsSaidToBeOne() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.naming("a.test", "127.0.0.1").context()).start()) {
            assertCertificateRefused(failure(trusting(fake).set("sni", "127.0.0.1")), "it is for a.test, 127.0.0.1, not for 127.0.0.1 as an address, only as a name (dNSName)");
            MailException failure = failure(trusting(fake).set("sni", "127.0.0.2"));
            assertTrue(failure.getMessage().endsWith("it is for a.test, 127.0.0.1, not for 127.0.0.2"), failure.getMessage());
        }
    }

    @Test
    void aNameThatHostsAreNotToHaveIsNoMatterOfTheAuthority() {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(TestCerts.naming("my_mail").context()).start()) {
            assertEquals(0, sent("smtps://my_mail:" + fake.port(), authority()).exit());
            Tool.Result result = sent("smtps://your_mail:" + fake.port(), authority());
            assertEquals(69, result.exit(), result::toString);
            assertTrue(result.err().contains("it is for my_mail, not for your_mail"), result::toString);
            Tool.Result unknown = sent("smtps://my_mail:" + fake.port(), TestCerts.selfSigned().chainFile().toString());
            assertEquals(69, unknown.exit(), unknown::toString);
            assertTrue(unknown.err().contains("is not known here"), unknown::toString);
        }
    }

    private static Tool.Result sent(String url, String authority) {
        return Tool.with().hosts("127.0.0.1 my_mail", "127.0.0.1 your_mail")
            .call("send", "-S", url, "--ca", authority, "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello");
    }

    /** Trusted, and yet not good for another reason than its issuer. */
    @ParameterizedTest
    @CsvSource({"san=dns:other.example.net, it is for other.example.net", "ku=keyCertSign, subjectAltName"})
    void aTrustedCertificateThatIsItsOwnIssuerIsNotBlamedForThat(String extension, String words, @TempDir Path folder) throws Exception {
        Lonely certificate = Lonely.make(folder, "lonely", "CN=localhost", extension);
        try (FakeSmtp fake = new FakeSmtp().tls(certificate.context()).start()) {
            MailException failure = failure(smtp(fake.url()).set("ca", certificate.file().toString()));
            assertCertificateRefused(failure, words);
            assertFalse(failure.getMessage().contains("self-signed"), failure.getMessage());
        }
    }

    // Insecure

    @Test
    void insecureWarnsOnEveryRun() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.expired().context()).start()) {
            List<String> warnings = new ArrayList<>();
            for (int run = 1; run < 3; run++) {
                deliver(smtp(fake.url()).set("insecure", "").warnings(warnings::add));
                assertEquals(run, warnings.size());
            }
            Tool.Result result = Tool.run("send", "-S", fake.url(), "--insecure", "--json", "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello");
            assertEquals(0, result.exit(), result::toString);
            assertTrue(result.err().matches("mailtool: warning: .*certificate.*\n"), result::toString);
            assertTrue(result.out().contains("\"ok\":true"), result::toString);
        }
    }

    @Test
    void withoutAWarningNothingIsSaidOnStderr() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            Tool.Result result = Tool.run("send", "-S", fake.url(), "--ca", authority(), "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello");
            assertEquals("exit 0\n--- stdout\n\n--- stderr\n", result.toString());
        }
    }

    // What a JDK says of a handshake is only in its words, so each is asked

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void everyJdksWordsAreUnderstood(int jdk) throws GeneralSecurityException {
        assertExplains(jdk, new FakeSmtp(), "smtps://localhost:", "does not speak TLS from the start: smtp://localhost:", "--ca", authority());
        assertExplains(jdk, new FakeSmtp().ehlo("STARTTLS").on("STARTTLS", "220 2.0.0 but there is none"), "smtp://localhost:", "in between", "--ca", authority());
        assertExplains(jdk, good().tlsSettings(TlsTest::onlyTls12), "smtps://localhost:", "may not know TLS 1.3", "--ca", authority(), "--tls-min", "1.3");
        SSLContext empty = SSLContext.getInstance("TLS");
        empty.init(null, null, null);
        assertExplains(jdk, new FakeSmtp().implicitTls(empty), "smtps://localhost:", "it may have no certificate, or no cipher", "--ca", authority());
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            assertExplains(jdk, good().tlsSettings(socket -> {
                socket.setEnabledProtocols(new String[] {version});
                socket.setNeedClientAuth(true);
            }), "smtps://localhost:", "--cert and --key", "--ca", authority());
        }
        assertExplains(jdk, new FakeSmtp().implicitTls(TestCerts.ellipticCurve().context()).tlsSettings(socket -> {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"});
        }), "smtps://localhost:", "or no cipher or signature in common with us, or it may want a certificate of ours: --cert and --key", "--ca", authority());
        assertExplains(jdk, good(), "smtps://localhost:", "is not known here");
        assertExplains(jdk, new FakeSmtp().implicitTls(TestCerts.selfSigned().context()), "smtps://localhost:", "it is self-signed");
        assertExplains(jdk, new FakeSmtp().implicitTls(TestCerts.expired().context()), "smtps://localhost:", "it expired", "--ca", authority());
        assertExplains(jdk, new FakeSmtp().implicitTls(TestCerts.wrongHost().context()), "smtps://localhost:", "not for localhost", "--ca", authority());
        assertExplains(jdk, new FakeSmtp().implicitTls(TestCerts.naming("my_mail").context()), "smtps://localhost:", "not for my-mail", "--ca", authority(), "--sni", "my-mail");
    }

    private static FakeSmtp good() {
        return new FakeSmtp().implicitTls(TestCerts.good().context());
    }

    private static void assertExplains(int jdk, FakeSmtp fake, String url, String words, String... options) {
        try (FakeSmtp started = fake.start()) {
            String[] start = {"send", "-S", url + started.port(), "-f", "a@example.org", "-t", "b@example.org", "--text", "x"};
            Tool.Result result = Tool.with().on(jdk).call(Stream.concat(Stream.of(start), Stream.of(options)).toArray(String[]::new));
            assertEquals(69, result.exit(), result::toString);
            assertTrue(result.err().contains(words), result::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void everyJdkTakesANameThatHostsAreNotToHave(int jdk) {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(TestCerts.naming("*.example.test").context()).start()) {
            Tool.Result result = Tool.with().on(jdk).call("send", "-S", fake.url(), "--sni", "my_mail.example.test", "--ca", authority(),
                "-f", "a@example.org", "-t", "b@example.org", "--text", "x");
            assertEquals(0, result.exit(), result::toString);
        }
    }

    // The wrong port

    @Test
    void aServerInClearBehindSmtpsIsExplained() {
        try (FakeSmtp fake = new FakeSmtp().start()) {
            MailException failure = failure(smtp("smtps://localhost:" + fake.port()));
            assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
            assertTrue(failure.hint().contains("smtp://localhost:" + fake.port()), failure.hint());
        }
    }

    @Test
    void aServerThatSpeaksTlsAtOnceBehindSmtpIsExplained() {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(TestCerts.good().context()).start()) {
            MailException failure = failure(smtp("smtp://localhost:" + fake.port()).set("timeout", "2s"));
            assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
            assertTrue(failure.hint().contains("smtps://"), failure.hint());
        }
    }

    // Real servers

    @Test
    void greenMailIsReachedByStartTlsAndByImplicitTls() {
        GreenMailServer greenMail = GreenMailServer.shared();
        deliver(smtp("smtp://localhost:" + greenMail.smtpPort()).set("ca", authority()).set("tls", "required"), "starttls@example.org", "by STARTTLS");
        deliver(smtp("smtps://localhost:" + greenMail.smtpsPort()).set("ca", authority()), "smtps@example.org", "by smtps");
        assertNotNull(greenMail.waitForMessage("starttls@example.org"));
        assertNotNull(greenMail.waitForMessage("smtps@example.org"));
    }

    @Test
    void postfixIsReachedByStartTls() {
        Postfix postfix = Postfix.shared();
        String subject = "starttls " + System.nanoTime();
        Delivery delivery = deliver(smtp("smtp://localhost:" + postfix.port()).set("ca", authority()), "alice@example.org", subject);
        assertEquals("TLSv1.3", delivery.peer().tlsVersion());
        assertTrue(postfix.mailbox("alice").waitFor(subject).contains("using TLSv1.3 with cipher " + delivery.peer().cipher()));
    }

    @Test
    void postfixIsReachedByImplicitTls() {
        Postfix postfix = Postfix.shared();
        String subject = "smtps " + System.nanoTime();
        deliver(smtp("smtps://localhost:" + postfix.tlsPort()).set("ca", authority()), "alice@example.org", subject);
        assertTrue(postfix.mailbox("alice").waitFor(subject).contains("using TLSv1.3"));
    }

    @Test
    void theDialogueShowsVersionCipherAndCertificate() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start()) {
            List<String> dialogue = new ArrayList<>();
            deliver(trusting(fake).transcript(dialogue::add));
            String tls = dialogue.stream().filter(line -> line.contains("TLSv1.3")).findFirst().orElseThrow();
            assertTrue(tls.contains("TLS_AES_"), tls);
            assertTrue(tls.contains("CN=localhost") && tls.contains("CN=MailTool test authority ca"), tls);
        }
    }

    /** A certificate signed by nobody but itself, with its key in a context for a server. */
    private record Lonely(Path file, SSLContext context) {
        private static final char[] PASSWORD = "changeit".toCharArray();

        static Lonely make(Path folder, String alias, String subject, String extension) throws GeneralSecurityException, IOException {
            Path store = folder.resolve("lonely.p12");
            SystemCommand.run(Path.of(System.getProperty("java.home"), "bin", "keytool"), "-J-XX:TieredStopAtLevel=1", "-genkeypair", "-keystore", store,
                "-storetype", "PKCS12", "-storepass", new String(PASSWORD), "-alias", alias, "-dname", subject, "-ext", extension, "-keyalg", "EC", "-groupname", "secp256r1");
            KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
            KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
            managers.init(keys, PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(keys.getCertificate(alias).getEncoded());
            Path file = folder.resolve("lonely.pem");
            Files.writeString(file, "-----BEGIN CERTIFICATE-----\n" + lines + "\n-----END CERTIFICATE-----\n", StandardCharsets.US_ASCII);
            return new Lonely(file, context);
        }
    }

    private static void onlyTls12(SSLSocket socket) {
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
    }

    @Test
    void anAuthorityMayComeFromAPipe() throws IOException {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).start();
            RunningTool tool = Tool.with().stdinOpen().start("send", "-S", fake.url(), "-f", "a@example.org", "-t", "b@example.org", "--text", "x", "--ca", "/dev/stdin")) {
            tool.type(Files.readString(TestCerts.caFile()));
            tool.process().getOutputStream().close();
            Tool.Result result = tool.await();
            assertEquals(0, result.exit(), result::toString);
        }
    }

    private static String authority() {
        return TestCerts.caFile().toString();
    }

    private static Server<Smtp> trusting(FakeSmtp fake) {
        return smtp(fake.url()).set("ca", authority());
    }

    private static Server<Smtp> withClient(Server<Smtp> server) {
        return withCertificate(server, TestCerts.client());
    }

    private static Server<Smtp> withCertificate(Server<Smtp> server, TestCerts.Identity ours) {
        return server.set("cert", ours.chainFile().toString()).set("key", ours.keyFile().toString());
    }

    private static Delivery deliver(Server<Smtp> server) {
        return deliver(server, "b@example.org", "tls");
    }

    private static Delivery deliver(Server<Smtp> server, String recipient, String subject) {
        try (Smtp session = server.open()) {
            return session.send(mail().from("a@example.org").to(recipient).subject(subject).text("Hello"));
        }
    }

    private static MailException failure(Server<Smtp> server) {
        return assertThrows(MailException.class, () -> deliver(server));
    }

    private static void assertCertificateRefused(MailException failure, String words) {
        assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
        assertEquals(Stage.CERTIFICATE, failure.stage());
        assertFalse(failure.retryable());
        assertTrue(failure.getMessage().contains("certificate"), failure.getMessage());
        assertTrue(failure.getMessage().contains(words), failure.getMessage());
    }

    /** This was the last command but for a QUIT, and nothing was delivered. */
    private static void assertEndedBy(FakeSmtp fake, String last) {
        fake.awaitEnd();
        List<String> verbs = fake.commands().stream().map(command -> command.split(" ")[0]).filter(verb -> !verb.equals("QUIT")).toList();
        assertEquals(last, verbs.get(verbs.size() - 1), verbs::toString);
        assertEquals(List.of(), fake.attempts());
    }

    private static void assertNoCredential(FakeSmtp fake) {
        fake.awaitEnd();
        String sent = fake.peer(0).receivedText();
        assertFalse(sent.contains("AUTH"), sent);
        assertFalse(sent.contains("secret"), sent);
        assertFalse(sent.contains(RawClient.base64("secret")), sent);
        assertFalse(sent.contains(RawClient.base64("\0ops\0secret")), sent);
    }
}
