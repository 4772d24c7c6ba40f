package mailtool;

import static mailtool.MailTool.pop3;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Probe;
import mailtool.MailTool.ProbeStage;
import mailtool.MailTool.ProbeVerdict;
import mailtool.MailTool.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server looked at stage by stage: what each tells, what is a warning or a fault, and what is never tried. */
final class ProbeTest {
    private static FakeSmtp server() {
        return new FakeSmtp().tls(TestCerts.good().context()).ehlo("SIZE 10240000").ehloUnderTls("SIZE 10240000", "AUTH PLAIN LOGIN").login("ops", "secret");
    }

    private static <S> Server<S> trusting(Server<S> server) {
        return server.ca(TestCerts.caFile()).timeout(Duration.ofSeconds(5));
    }

    /** Each stage with its verdict, but for those that are well. */
    private static String told(Probe probe) {
        return probe.stages().stream()
                .map(stage -> stage.name() + (stage.verdict() == ProbeVerdict.OK ? "" : ":" + stage.verdict()) + code(stage))
                .collect(Collectors.joining(" "));
    }

    private static String code(ProbeStage stage) {
        return stage.reply().map(reply -> "=" + reply.status()).orElse("");
    }

    private static ProbeStage stage(Probe probe, String name) {
        return probe.stages().stream().filter(one -> one.name().equals(name)).reduce((first, last) -> last).orElseThrow();
    }

    private static void assertHinted(Probe probe) {
        assertTrue(probe.stages().stream().allMatch(one -> (one.verdict() == ProbeVerdict.OK) == one.hint().isEmpty()), probe.stages()::toString);
    }

    @Test
    void walksAllStagesThatAreAskedFor() {
        try (FakeSmtp fake = server().start()) {
            Probe probe = trusting(smtp(fake.url("ops"))).password("secret").probing().from("a@example.org").to("b@example.org, c@example.org").run();
            assertEquals("resolve connect greeting=220 ehlo=250 tls=220 certificate ehlo-tls=250 auth=235 mail=250 rcpt=250 rcpt=250 rset=250 quit=221", told(probe));
            assertTrue(probe.ok(), probe::toString);
            assertTrue(probe.certificate().orElseThrow().verified());
            assertEquals("b@example.org", probe.stages().get(9).text());
            assertTrue(probe.stages().get(0).text().contains("127.0.0.1"), probe.stages()::toString);
        }
    }

    @Test
    void nothingIsTriedThatWasNotAskedFor() {
        try (FakeSmtp fake = server().start()) {
            Probe probe = trusting(smtp(fake.url())).probe();
            assertEquals("resolve connect greeting=220 ehlo=250 tls=220 certificate ehlo-tls=250 quit=221", told(probe));
            List<String> verbs = fake.awaitEnd().commands().stream().map(line -> line.split(" ")[0]).toList();
            assertEquals(List.of("EHLO", "STARTTLS", "EHLO", "QUIT"), verbs);
        }
    }

    @Test
    void aMaildropIsLookedAtToo() {
        try (FakePop3 fake = new FakePop3().tls(TestCerts.good().context()).start()) {
            Probe probe = trusting(pop3(fake.url("ops"))).password("wrong").probe();
            assertEquals("resolve connect greeting=+OK capa:WARNING=+OK tls=+OK certificate capa-tls=+OK auth:FAULT=-ERR", told(probe));
            assertEquals(Exit.AUTH, probe.exit());
            assertTrue(stage(probe, "capa").text().contains("offers login in clear"), probe::toString);
            assertHinted(probe);
        }
    }

    @Test
    void tellsWhatIsOfferedAndWhatChangesInsideTls() {
        try (FakeSmtp fake = server().start()) {
            Probe probe = trusting(smtp(fake.url())).probe();
            assertEquals("offers SIZE 10240000, STARTTLS; largest message 10M", stage(probe, "ehlo").text());
            assertEquals("offers SIZE 10240000, AUTH PLAIN LOGIN; new inside TLS: AUTH PLAIN LOGIN; gone: STARTTLS; largest message 10M",
                    stage(probe, "ehlo-tls").text());
            assertTrue(stage(probe, "tls").text().matches("TLSv1\\.[23], TLS_\\w+"), probe::toString);
            String certificate = stage(probe, "certificate").text();
            assertTrue(certificate.startsWith("for localhost, mail.example.org, 127.0.0.1, "), certificate);
            assertTrue(certificate.contains("; issued by CN=MailTool test authority ca; 363 days left, until 20"), certificate);
            assertTrue(certificate.endsWith("; pin " + TestCerts.good().pin()), certificate);
        }
    }

    /** As Exim and Dovecot do, which say in one line what they take. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"AUTH CRAM-MD5|AUTH PLAIN CRAM-MD5|AUTH PLAIN|nothing", "AUTH LOGIN PLAIN|AUTH PLAIN LOGIN|nothing|nothing",
        "SIZE 10|SIZE 20|SIZE 20|SIZE 10", "AUTHX PLAIN|AUTH PLAIN|AUTH PLAIN|AUTHX PLAIN", "DSN|DSN|nothing|nothing",
        "' '|AUTH PLAIN|AUTH PLAIN|nothing"})
    void whatChangesIsToldWordByWord(String inClear, String insideTls, String added, String gone) {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).ehlo(inClear).ehloUnderTls("STARTTLS", insideTls).start()) {
            String text = stage(trusting(smtp(fake.url())).probe(), "ehlo-tls").text();
            assertTrue((text + ";").contains("new inside TLS: " + added + "; gone: " + gone + ";"), text);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"AUTH XOAUTH2|offers only XOAUTH2|ehlo", "AUTH PLAIN|offers login in clear|ehlo", "SIZE 5|takes mail without TLS|mail",
        "SIZE 0|takes mail without TLS|mail"})
    void tellsWhatHadBetterBeOtherwise(String keyword, String words, String name) {
        try (FakeSmtp fake = new FakeSmtp().ehlo(keyword).start()) {
            Probe probe = smtp(fake.url()).probing().from("").run();
            assertTrue(stage(probe, name).text().contains(words), probe.stages()::toString);
            assertEquals(Exit.OK, probe.exit());
            assertHinted(probe);
            assertTrue(fake.awaitEnd().commands().contains("MAIL FROM:<>"), fake.commands()::toString);
        }
    }

    /** Whoever gave no --tls none has none to leave out. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"SIZE 5|auto|let it offer STARTTLS", "SIZE 5|none|let it offer STARTTLS", "STARTTLS|none|leave out --tls none"})
    void mailInClearIsMendedWhereItsFaultIs(String keyword, String tls, String advice) {
        try (FakeSmtp fake = new FakeSmtp().ehlo(keyword).start()) {
            String text = stage(smtp(fake.url()).set("tls", tls).probing().from("a@example.org").run(), "mail").toString();
            assertTrue(text.endsWith("takes mail without TLS; " + advice), text);
        }
    }

    @ParameterizedTest
    @CsvSource({"EHLO, 421 no, TEMPORARY, ehlo:FAULT=421", "EHLO, 502 no, OK, ehlo:WARNING=502 mail:WARNING=250 rcpt=250 rcpt=250 rset=250 quit=221",
        "MAIL, 451 no, TEMPORARY, mail:FAULT=451 quit=221", "MAIL, 530 no, DATA, mail:FAULT=530 quit=221", "MAIL, 421 no, TEMPORARY, mail:FAULT=421",
        "RCPT TO:<b, 550 no, PARTIAL, rcpt:FAULT=550 rcpt=250 rset=250 quit=221", "RCPT, 550 no, DATA, rcpt:FAULT=550 rcpt:FAULT=550 rset=250 quit=221",
        "RCPT, 451 no, TEMPORARY, rcpt:FAULT=451 rcpt:FAULT=451 rset=250 quit=221", "RSET, 500 no, DATA, rset:FAULT=500 quit=221",
        "QUIT, 500 no, OK, quit:WARNING=500", "RSET, nonsense, PROTOCOL, rset:FAULT", "MAIL, 354 no, PROTOCOL, mail:FAULT=354"})
    void aFaultHasTheCodeOfSend(String command, String reply, Exit exit, String end) {
        try (FakeSmtp fake = new FakeSmtp().on(command, reply).start()) {
            Probe probe = smtp(fake.url()).probing().from("a@example.org").to("b@example.org").to("c@example.org").run();
            assertEquals(exit, probe.exit(), probe::toString);
            assertTrue(told(probe).endsWith(" " + end), told(probe));
            assertEquals(exit == Exit.OK, probe.failure().isEmpty());
            assertHinted(probe);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EHLO", "MAIL", "RCPT", "RSET"})
    void twoRepliesAtOnceAreAFault(String command) {
        try (FakeSmtp fake = new FakeSmtp().on(command, "250 one", "250 two").start()) {
            Probe probe = smtp(fake.url()).probing().from("a@example.org").to("b@example.org").run();
            assertEquals(Exit.PROTOCOL, probe.exit(), probe::toString);
            assertEquals(command.toLowerCase(java.util.Locale.ROOT), probe.failure().orElseThrow().place());
        }
    }

    @ParameterizedTest
    @CsvSource({"EHLO, 502 no, 554 no", "EHLO, 502 no, 421 no"})
    void whatIsExpectedOfEhloIsItsOwnReply(String command, String own, String helo) {
        try (FakeSmtp fake = new FakeSmtp().on(command, own).on("HELO", "250 fake").start()) {
            assertTrue(smtp(fake.url()).probing().expect("ehlo=502").run().ok());
        }
        try (FakeSmtp fake = new FakeSmtp().on(command, own).on("HELO", "554 no").start()) {
            assertTrue(smtp(fake.url()).probing().expect("ehlo=502").run().ok());
        }
    }

    @ParameterizedTest
    @CsvSource({"rcpt=550, false", "rcpt=5xx, false", "rcpt=ok, false", "mail=250, true", "mail=ok, true", "starttls=none, true", "auth=none, true", "mail=none, false",
        "greeting=220, true", "quit=221, true", "rset=2xx, true", "connect=ok, true", "certificate=none, true", "certificate=expired, false", "auth=535, false"})
    void anExpectationHoldsOrDoesNot(String expectation, boolean holds) {
        try (FakeSmtp fake = new FakeSmtp().on("RCPT TO:<b", "550 no").start()) {
            Probe probe = smtp(fake.url()).probing().from("a@example.org").to("b@example.org, c@example.org").expect(expectation).run();
            assertEquals(holds ? Exit.OK : Exit.UNMET, probe.exit(), probe::toString);
        }
    }

    @Test
    void whatMustBeRefusedCanBeWatched() {
        try (FakeSmtp fake = server().on("RCPT", "550 no").start()) {
            Server<?> server = trusting(smtp(fake.url("ops"))).password("wrong");
            assertTrue(server.probing().expect("auth=535").run().ok());
            assertTrue(trusting(smtp(fake.url())).probing().from("").to("b@example.org, c@example.org").expect("rcpt=550").expect("tls=220").run().ok());
        }
        assertEquals(Exit.UNMET, smtp("smtp://127.0.0.1:" + LocalPorts.free()).probing().expect("greeting=220").run().exit());
        assertEquals(Exit.UNMET, smtp("smtp://127.0.0.1:" + LocalPorts.free()).probing().expect("rcpt=250").run().exit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "rcpt", "rcpt=", "rcpt=999", "rcpt=expired", "data=250", "ehlo-tls=250", "greting=220", "auth=-ERR", "connect=220", "certificate=550"})
    void whatNoServerCanFulfilIsWrongUsage(String expectation) {
        MailException failure = assertThrows(MailException.class, () -> smtp("smtp://localhost").probing().expect(expectation));
        assertEquals(Exit.USAGE, failure.exit());
        assertFalse(failure.hint().isEmpty());
    }

    @Test
    void addressesWithoutASenderOrWithPop3AreWrongUsage() {
        assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> smtp("smtp://localhost").probing().to("b@example.org").run()).exit());
        assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> pop3("pop3://localhost").probing().from("").run()).exit());
        assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> smtp("smtp://localhost").probing().from("nobody")).exit());
        assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> pop3("pop3://localhost").probing().expect("auth=535")).exit());
    }

    @ParameterizedTest
    @CsvSource({"resolve, resolve", "connect, resolve connect", "greeting, resolve connect greeting=220 quit=221",
        "starttls, resolve connect greeting=220 ehlo=250 tls=220 certificate quit=221",
        "helo, resolve connect greeting=220 ehlo=250 tls=220 certificate ehlo-tls=250 quit=221",
        "mail, resolve connect greeting=220 ehlo=250 tls=220 certificate ehlo-tls=250 mail=250 quit=221",
        "rcpt, resolve connect greeting=220 ehlo=250 tls=220 certificate ehlo-tls=250 mail=250 rcpt=250 quit=221"})
    void stopsAfterAStage(String stage, String expected) {
        try (FakeSmtp fake = server().start()) {
            assertEquals(expected, told(trusting(smtp(fake.url())).probing().from("").to("b@example.org").set("stop-after", stage).run()));
        }
    }

    @ParameterizedTest
    @CsvSource({"data, it takes resolve", "dele, it takes resolve", "ehlo-tls, did you mean ehlo?", "mial, did you mean mail?"})
    void aStageThatDoesNotComeUpHereIsWrongUsage(String stage, String hint) {
        MailException failure = assertThrows(MailException.class, () -> smtp("smtp://localhost").probing().set("stop-after", stage));
        assertTrue(failure.exit() == Exit.USAGE && failure.hint().startsWith(hint), failure::toString);
    }

    /** Its end, and whether it is among what --expect can name. */
    private static Probe lookAt(TestCerts.Identity identity, String expectation) {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(identity.context()).start()) {
            var probing = trusting(smtp("smtps://localhost:" + fake.port())).probing();
            return (expectation.isEmpty() ? probing : probing.expect(expectation)).run();
        }
    }

    @Test
    void aCertificateIsRefusedForWhatIsWrongWithIt() {
        assertTrue(lookAt(TestCerts.expired(), "certificate=expired").ok());
        assertTrue(lookAt(TestCerts.wrongHost(), "certificate=name").ok());
        assertTrue(lookAt(TestCerts.selfSigned(), "certificate=self-signed").ok());
        assertTrue(lookAt(TestCerts.unknownAuthority(), "certificate=unknown").ok());
        assertFalse(lookAt(TestCerts.unknownAuthority(), "certificate=self-signed").ok());
        assertTrue(lookAt(TestCerts.good(), "certificate=ok").ok());
        Probe weak = lookAt(TestCerts.shortKey(), "");
        assertEquals("resolve connect tls certificate:FAULT", told(weak));
        assertTrue(weak.exit() == Exit.POLICY && weak.toString().contains("1024 bits"), weak::toString);
    }

    /** What a server of TLS 1.2 answers to a ClientHello: a ServerHello, and a certificate that is none. */
    private static byte[] withoutCertificate() {
        String hello = "16030300310200002d0303" + "00".repeat(32) + "00c02f000005ff01000100";
        return HexFormat.of().parseHex(hello + "160303000c0b0000080000050000026869");
    }

    @Test
    void aCertificateThatCannotBeReadIsAFaultOfItsOwn() {
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.write(withoutCertificate()).stall())) {
            Probe probe = smtp("smtps://localhost:" + server.port()).timeout(Duration.ofSeconds(5)).probe();
            assertEquals("resolve connect certificate:FAULT", told(probe));
            assertEquals(Exit.POLICY, probe.exit());
        }
    }

    @Test
    void aCertificateThatEndsSoonIsAWarningAndThenAFault() {
        assertEquals(ProbeVerdict.OK, stage(lookAt(TestCerts.endingIn(16), ""), "certificate").verdict());
        Probe soon = lookAt(TestCerts.endingIn(10), "");
        assertTrue(soon.ok() && stage(soon, "certificate").verdict() == ProbeVerdict.WARNING, soon::toString);
        assertTrue(stage(soon, "certificate").warning().matches("\\d+ days left, until [-\\d]+"), soon::toString);
        Probe tooSoon = lookAt(TestCerts.endingIn(2), "");
        assertEquals("resolve connect tls certificate:FAULT greeting=220 ehlo=250 quit=221", told(tooSoon));
        assertEquals(Exit.POLICY, tooSoon.exit());
        assertEquals("renew it", tooSoon.failure().orElseThrow().hint());
    }

    @Test
    void whatIsUnderWayIsCutAtTheDeadline() {
        try (FakeSmtp fake = new FakeSmtp().on("EHLO", ScriptedPeer::stall).start()) {
            Probe probe = smtp(fake.url()).timeout(Duration.ofMinutes(5)).probing().set("crit", "2s").run();
            assertEquals(Exit.UNMET, probe.exit());
            assertEquals("resolve connect greeting=220 ehlo:FAULT", told(probe));
            assertTrue(probe.toString().endsWith("was not done within 2 s (--crit)"), probe::toString);
            assertEquals(Exit.UNMET, smtp(fake.url()).probing().set("crit", "2s").expect("greeting=220").run().exit());
        }
    }

    @Test
    void aStepThatWasOverTooLateIsAFaultToo() {
        try (FakeSmtp fake = new FakeSmtp().start()) {
            Probe probe = smtp(fake.url()).transcript(line -> LockSupport.parkNanos(5_000_000)).probing().set("crit", "1ms").run();
            assertEquals(Exit.UNMET, probe.exit(), probe::toString);
            assertTrue(told(probe).matches(".*:FAULT(=2\\d\\d)?"), told(probe));
        }
    }

    @Test
    void aCommandThatIsAskedForThePasswordIsCutAtTheDeadline() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").start()) {
            Probe probe = smtp(fake.url("ops")).set("password-command", "sleep 31; echo secret").probing().set("crit", "2s").run();
            assertEquals("resolve connect greeting=220 ehlo:WARNING=250 auth:FAULT", told(probe));
            assertEquals(Exit.UNMET, probe.exit());
            Eventually.until("the command has ended", () -> ProcessHandle.current().descendants()
                    .noneMatch(one -> one.info().commandLine().orElse("").contains("sleep 31")));
        }
    }

    @Test
    void aRunThatTakesLongIsAWarning() {
        ScriptedServer.Script slow = peer -> {
            Thread.sleep(20);
            peer.say("250 hello");
        };
        try (FakeSmtp fake = new FakeSmtp().on("EHLO", slow).start()) {
            Probe probe = smtp(fake.url()).probing().set("warn", "1ms").run();
            assertTrue(probe.ok() && probe.slow(), probe::toString);
            assertEquals(1, probe.stages().stream().filter(one -> one.text().contains("longer than --warn")).count());
            assertFalse(smtp(fake.url()).probing().set("warn", "1h").run().slow());
        }
    }

    /** A balancer whose servers are down, a rule of a firewall: who speaks TLS from the start would have waited. */
    @Test
    void whoHangsUpBeforeAGreetingMayBeAloneOrKeepUsOut() {
        try (ScriptedServer server = ScriptedServer.start(peer -> { })) {
            Probe probe = smtp("smtp://localhost:" + server.port()).probe();
            assertEquals(Exit.TEMPORARY, probe.exit());
            assertTrue(stage(probe, "greeting").hint().startsWith("what is behind this port is down, or keeps us out"), probe.stages()::toString);
        }
    }

    @Test
    void whoSpeaksTlsFromTheStartWaitsForUs() {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(TestCerts.good().context()).start()) {
            Probe probe = smtp("smtp://localhost:" + fake.port()).timeout(Duration.ofSeconds(2)).probe();
            assertEquals(Exit.TEMPORARY, probe.exit());
            assertTrue(stage(probe, "greeting").hint().endsWith("speaks TLS from the start: smtps://localhost:" + fake.port()), probe.stages()::toString);
        }
    }

    @Test
    void theProxyHeaderComesBeforeTls() {
        ScriptedServer.Script script = peer -> {
            peer.expect("PROXY TCP6 2001:db8::1 2001:db8::2 4711 465");
            peer.startTls(TestCerts.good().context()).say("220 fake ESMTP");
            peer.expect("EHLO");
            peer.say("250 fake");
            peer.expect("QUIT");
            peer.say("221 bye");
        };
        try (ScriptedServer server = ScriptedServer.start(script)) {
            Server<?> through = trusting(smtp("smtps://localhost:" + server.port())).set("proxy-protocol", "[2001:db8::1]:4711 [2001:db8::2]:465");
            assertTrue(through.probe().ok());
        }
    }

    @Test
    void whoAnswersTheProxyHeaderDoesNotKnowIt() {
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.say("220 fake ESMTP", "500 what?").stall())) {
            Probe probe = smtp("smtp://localhost:" + server.port()).set("proxy-protocol", "192.0.2.1:1 192.0.2.2:25").probe();
            assertEquals("it may not know the PROXY protocol", stage(probe, "greeting").hint());
            assertEquals(Exit.PROTOCOL, probe.exit());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "192.0.2.1:1", "192.0.2.1:1 [::1]:2", "192.0.2.1:99999 192.0.2.2:1", "a:1 b:2", "2001:db8::1:1 ::2:2", "[192.0.2.1]:1 [192.0.2.2]:2",
        "192.0.2.256:1 192.0.2.1:2"})
    void whatIsNoProxyHeaderIsWrongUsage(String ends) {
        assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> smtp("smtp://localhost").set("proxy-protocol", ends)).exit());
    }

    @Test
    void theWorstIsTheCode() {
        assertEquals(Exit.POLICY, MailTool.Verdict.worst(List.of(Exit.TEMPORARY, Exit.AUTH, Exit.POLICY)));
        assertEquals(Exit.DATA, MailTool.Verdict.worst(List.of(Exit.PARTIAL, Exit.PROTOCOL, Exit.DATA, Exit.OK)));
        assertEquals(Exit.UNMET, MailTool.Verdict.worst(List.of(Exit.TEMPORARY, Exit.PARTIAL, Exit.UNMET)));
        assertEquals(Exit.OK, MailTool.Verdict.worst(List.of(Exit.OK)));
    }
}
