package mailtool;

import static mailtool.MailTool.direct;
import static mailtool.MailTool.mail;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import mailtool.MailTool.Delivery;
import mailtool.MailTool.Direct;
import mailtool.MailTool.Exit;
import mailtool.MailTool.Mail;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Recipient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mail straight to the hosts of a domain: which of them gets it, and when no other may. */
final class DirectTest {
    /** Of the hosts 127.0.0.2 and 127.0.0.3 the first comes first; nobody is at 127.0.0.9. */
    private static final String ZONE = """
        @ MX 10 first
        @ MX 20 second
        first A 127.0.0.2
        second A 127.0.0.3
        nobody MX 10 gone
        nobody MX 20 absent
        absent A 127.0.0.9
        late MX 10 absent
        late MX 20 second
        both MX 10 host
        host A 127.0.0.9
        host A 127.0.0.3
        null MX 0 .
        usual A 127.77.0.25
        """;
    private static NameServer names;
    private final int port = LocalPorts.free();
    private final List<FakeSmtp> hosts = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    @BeforeAll
    static void startNames() {
        names = NameServer.serving(Map.of("example.test", ZONE));
    }

    @AfterAll
    static void stopNames() {
        names.close();
    }

    @AfterEach
    void stop() {
        hosts.forEach(FakeSmtp::close);
    }

    private FakeSmtp host(int number, UnaryOperator<FakeSmtp> settings) throws IOException {
        FakeSmtp host = settings.apply(new FakeSmtp().address(InetAddress.getByName("127.0.0." + number)).port(port)).start();
        hosts.add(host);
        return host;
    }

    private FakeSmtp second() throws IOException {
        return host(3, host -> host);
    }

    private Direct bound() {
        return direct(names.place()).set("mx-port", String.valueOf(port)).set("timeout", "10s");
    }

    private static Mail to(String... recipients) {
        return mail().from("a@example.org").to(List.of(recipients)).subject("x").text("Hello");
    }

    private Delivery send(String... recipients) {
        return bound().send(to(recipients));
    }

    private MailException failure(String... recipients) {
        return assertThrows(MailException.class, () -> send(recipients));
    }

    private static int messages(FakeSmtp host) {
        return host.messages().size();
    }

    // Which host

    @Test
    void theBestHostGetsIt() throws IOException {
        FakeSmtp first = host(2, host -> host);
        FakeSmtp second = second();
        Delivery delivery = send("b@example.test", "c@EXAMPLE.test");
        assertEquals("first.example.test 127.0.0.2", delivery.peer().host() + " " + delivery.peer().address());
        assertEquals(List.of("b@example.test", "c@EXAMPLE.test"), first.messages().get(0).to());
        assertEquals(List.of(), second.commands());
    }

    @Test
    void thePortIs25() throws IOException {
        Need.root("port 25");
        try (FakeSmtp host = new FakeSmtp().address(InetAddress.getByName("127.77.0.25")).port(25).start()) {
            assertTrue(direct(names.place()).send(to("b@usual.example.test")).ok());
            assertEquals(1, messages(host));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"late", "both"})
    void whereNobodyAnswersTheNextAddressOrHostGetsIt(String domain) throws IOException {
        FakeSmtp second = second();
        assertEquals("127.0.0.3", send("b@" + domain + ".example.test").peer().address());
        assertEquals(1, messages(second));
    }

    @ParameterizedTest
    @CsvSource({"EHLO, 421 4.3.2 busy", "EHLO, 250-ok", "MAIL, 451 4.3.0 not now", "RCPT, 450 4.2.0 later", "MAIL, 421 4.3.2 going"})
    void oneThatCantNowLeavesItToTheNext(String command, String reply) throws IOException {
        FakeSmtp first = host(2, host -> host.on(command, peer -> peer.say(reply).hangUp()));
        FakeSmtp second = second();
        assertTrue(send("b@example.test").ok());
        assertEquals("0 1", messages(first) + " " + messages(second));
    }

    @ParameterizedTest
    @ValueSource(strings = {"554 5.7.1 go away", "421 4.3.2 busy", "* OK IMAP4"})
    void oneThatDoesNotGreetLeavesItToTheNext(String greeting) throws IOException {
        host(2, host -> host.greeting(greeting));
        FakeSmtp second = second();
        assertTrue(send("b@example.test").ok());
        assertEquals(1, messages(second));
    }

    @ParameterizedTest
    @CsvSource({"MAIL, 550 5.7.1 no, DATA", "RCPT, 550 5.1.1 no, DATA", "DATA, 554 5.6.0 no, DATA", "DATA, 451 4.3.0 later, TEMPORARY", "., 452 4.3.1 full, TEMPORARY", "., 554 5.6.0 no, DATA"})
    void whatOneHasDecidedNoOtherIsAsked(String command, String reply, String exit) throws IOException {
        FakeSmtp first = host(2, host -> host.on(command, reply));
        FakeSmtp second = second();
        assertEquals(exit, failure("b@example.test").exit().name());
        assertEquals(List.of(), second.commands());
        assertTrue(first.commands().contains("MAIL FROM:<a@example.org>"), () -> first.commands().toString());
    }

    @Test
    void aLostAnswerToTheEndIsTriedNowhereElse() throws IOException {
        host(2, host -> host.on(".", peer -> peer.hangUp()));
        FakeSmtp second = second();
        MailException failure = assertThrows(MailException.class, () -> bound().set("retry", "2").send(to("b@example.test")));
        assertEquals("UNKNOWN []", failure.exit() + " " + second.commands());
    }

    @Test
    void whoWasPutOffWhereAnotherWasTakenIsTriedNowhereElse() throws IOException {
        FakeSmtp first = host(2, host -> host.on("RCPT TO:<later@", "450 4.2.0 later"));
        FakeSmtp second = second();
        Delivery delivery = send("b@example.test", "later@example.test");
        assertEquals("PARTIAL 1 []", delivery.exit() + " " + messages(first) + " " + second.commands());
    }

    @Test
    void aConnectionLostAfterOneWasTakenIsTriedNowhereElse() throws IOException {
        host(2, host -> host.on("RCPT TO:<lost@", peer -> peer.hangUp()));
        FakeSmtp second = second();
        assertEquals("TEMPORARY []", failure("b@example.test", "lost@example.test").exit() + " " + second.commands());
    }

    @Test
    void theNextIsAskedForThoseWhoWereNotRefusedForGood() throws IOException {
        host(2, host -> host.on("RCPT TO:<later@", "450 4.2.0 later").on("RCPT TO:<never@", "550 5.1.1 who?"));
        FakeSmtp second = second();
        Delivery delivery = send("never@example.test", "later@example.test");
        assertEquals(List.of("later@example.test"), second.messages().get(0).to());
        assertEquals(List.of("never@example.test"), delivery.refused().stream().map(Recipient::address).toList());
    }

    @Test
    void whenAllFailTheLastOneCounts() throws IOException {
        host(2, host -> host.greeting("421 4.3.2 busy"));
        host(3, host -> host.greeting("554 5.7.1 go away"));
        MailException failure = failure("b@example.test");
        assertEquals("DATA second.example.test", failure.exit() + " " + failure.delivery().orElseThrow().peer().host());
        assertEquals(Exit.TEMPORARY, failure("b@nobody.example.test").exit());
    }

    @Test
    void aRetryBeginsWithTheFirstHostAgain() throws IOException {
        FakeSmtp first = host(2, host -> host.once("MAIL", "451 4.3.0 not now"));
        host(3, host -> host.on("MAIL", "451 4.3.0 not now"));
        assertTrue(bound().set("retry", "1").send(to("b@example.test")).ok());
        assertEquals(1, messages(first));
    }

    // TLS

    @Test
    void aCertificateIsOnlyNoted() throws IOException {
        host(2, host -> host.tls(TestCerts.selfSigned().context()));
        Delivery delivery = send("b@example.test");
        assertTrue(delivery.peer().tlsVersion().startsWith("TLS") && !delivery.peer().verified(), () -> delivery.peer().toString());
        assertTrue(hosts.get(0).messages().get(0).underTls());
    }

    @Test
    void whereTlsIsRequiredTheCertificateHasToBeGood() throws IOException {
        host(2, host -> host.tls(TestCerts.selfSigned().context()));
        FakeSmtp second = host(3, host -> host.tls(TestCerts.naming("second.example.test").context()));
        Delivery delivery = bound().set("tls", "required").set("ca", TestCerts.caFile().toString()).send(to("b@example.test"));
        assertEquals("second.example.test true", delivery.peer().host() + " " + delivery.peer().verified());
        assertEquals(1, messages(second));
        second.close();
        assertEquals(Exit.TEMPORARY, assertThrows(MailException.class, () -> bound().set("tls", "required").send(to("b@example.test"))).exit());
    }

    @Test
    void ofARefusedCertificateNothingIsSaidThatIsRefusedHere() throws IOException {
        host(2, host -> host.tls(TestCerts.selfSigned().context()));
        MailException failure = assertThrows(MailException.class, () -> bound().set("tls", "required").send(to("b@[127.0.0.2]")));
        assertEquals("POLICY without --tls required a certificate is only noted", failure.exit() + " " + failure.hint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"454 4.7.0 not now", "220 go\r\n250 surplus", "220 go"})
    void whereTlsIsOfferedNothingGoesInClear(String reply) throws IOException {
        FakeSmtp first = host(2, host -> host.ehlo("STARTTLS").on("STARTTLS", peer -> peer.say(reply).hangUp()));
        assertFalse(failure("b@example.test").getMessage().isEmpty());
        assertEquals(List.of("EHLO [127.0.0.1]", "STARTTLS"), first.commands());
        second();
        assertEquals("second.example.test", send("b@example.test").peer().host());
    }

    // Whom

    @Test
    void anAddressInBracketsIsTheHost() throws IOException {
        FakeSmtp first = host(2, host -> host);
        assertEquals("127.0.0.2", send("b@[127.0.0.2]").peer().host());
        assertEquals(1, messages(first));
        assertEquals(Exit.TEMPORARY, failure("b@[IPv6:::1]").exit());
        for (String unreadable : List.of("b@[127.0.0]", "b@[::1]", "b@[IPv6:127.0.0.2]")) {
            assertEquals(Exit.DATA, failure(unreadable).exit());
        }
    }

    @Test
    void noHostAtAllIsSaid() {
        assertEquals(Exit.DATA, failure("b@null.example.test").exit());
        assertEquals(Exit.NO_HOST, failure("b@gone.example.test").exit());
        assertEquals(Exit.TEMPORARY, failure("b@broken.test").exit());
        assertEquals(Exit.NO_HOST, assertThrows(MailException.class, () -> bound().set("ipv6", "").send(to("b@example.test"))).exit());
    }

    @Test
    void severalDomainsAreWrongUsage() {
        MailException failure = assertThrows(MailException.class, () -> bound().send(to("b@example.test").bcc("c@example.org")));
        assertEquals(Exit.USAGE, failure.exit());
    }

    @ParameterizedTest
    @CsvSource({"user, x", "auth, PLAIN", "pin, sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "sni, x", "proxy, socks5://localhost", "tls, implicit"})
    void whatBelongsToAServerOfOursIsWrongUsage(String option, String value) {
        assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> bound().set(option, value).send(to("b@example.test"))).exit());
    }

    // The command

    private Tool.Result run(String... more) {
        Stream<String> usual = Stream.of("send", "--mx", "--mx-port", String.valueOf(port), "--dns", names.place(), "-f", "a@example.org", "-t", "b@example.test", "--text", "Hello");
        return Tool.run(Stream.concat(usual, Stream.of(more)).toArray(String[]::new));
    }

    @Test
    void theResultNamesTheHostAndWhetherItsCertificateIsGood() throws IOException {
        host(3, host -> host.tls(TestCerts.selfSigned().context()));
        Tool.Result run = run("--json");
        assertEquals(0, run.exit(), run::toString);
        assertTrue(run.out().contains("\"host\":\"second.example.test\",\"address\":\"127.0.0.3\",\"tls\":{\"version\":\"TLSv1.3\""), run::toString);
        assertTrue(run.out().contains("\"verified\":false"), run::toString);
        assertTrue(run.err().contains("first.example.test") && run.err().contains("; trying the next host"), run::toString);
    }

    @Test
    void thePortForTestsIsSuggestedToNobody() {
        MailException failure = assertThrows(MailException.class, () -> new MailTool.OptionParser(MailTool.Command.named("send")).parse(List.of("--mxport", "25")));
        assertEquals("there is no option --mxport; did you mean --mx?", failure.getMessage() + "; " + failure.hint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-S smtp://localhost", "-u x", "--eml a b"})
    void whatContradictsIsRefused(String more) {
        assertEquals(64, run(more.split(" ")).exit());
    }

    @Test
    void ofAnAccountTheServerAndLoginAreLeftAside(@TempDir Path folder) throws IOException {
        FakeSmtp first = host(2, host -> host);
        Path file = Files.writeString(folder.resolve("accounts"), "ops.server = smtps://ops@mail.example.org\nops.password = x\nops.from = Ops <ops@example.org>\nops.helo = ours.example.org\n");
        file.toFile().setReadable(false, false);
        file.toFile().setReadable(true, true);
        Tool.Result run = Tool.run("send", "--mx", "--mx-port", String.valueOf(port), "--dns", names.place(), "--config", file.toString(), "-A", "ops", "-t", "b@example.test", "--text", "Hello");
        assertEquals(0, run.exit(), run::toString);
        assertEquals(List.of("EHLO ours.example.org", "MAIL FROM:<ops@example.org>"), first.commands().subList(0, 2));
    }
}
