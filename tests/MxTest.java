package mailtool;

import static mailtool.MailTool.direct;
import static mailtool.MailTool.mail;
import static mailtool.MailTool.mx;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Mx;
import mailtool.MailTool.MxHost;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which hosts take the mail of a domain, and what is broken about them, as a real name server tells it. */
final class MxTest {
    private static final String ZONE = """
        @ MX 20 b
        @ MX 10 MXz
        @ MX 10 mxa
        mxa A 192.0.2.1
        mxa AAAA 2001:db8::1
        mxz A 192.0.2.2
        b A 192.0.2.3
        null MX 0 .
        beside MX 0 .
        beside MX 10 mxa
        alias CNAME mxa
        toalias MX 10 alias
        toaddress MX 10 192.0.2.1.
        tonumber MX 10 127.1.
        toipv6 MX 10 2001:db8::1.
        togone MX 10 gone
        text TXT "no address"
        totext MX 10 text
        self CNAME self
        toself MX 10 self
        one CNAME two
        two CNAME one
        toloop MX 10 one
        dangling CNAME gone
        todangling MX 10 dangling
        twice MX 10 mxa
        twice MX 20 MXA
        under_score MX 10 my_mx
        my_mx A 192.0.2.4
        escaped MX 10 a\\.b
        escaped MX 20 c\\027\\091d
        a\\.b A 192.0.2.5
        fallback A 192.0.2.6
        fallback6 AAAA 2001:db8::6
        domainalias CNAME example.test.
        hostalias CNAME fallback
        private MX 10 inside
        inside A 10.0.0.1
        inside AAAA fd00::1
        *.wild MX 10 mxa
        tobroken MX 10 mx.broken.test.
        halfbroken MX 10 mx.broken.test.
        halfbroken MX 20 mxa
        xn--bcher-kva MX 10 mxa
        elsewhere CNAME key.other.test.
        strings TXT "v=DKIM1; " "p=abc" "" "d\\"e\\\\f g"
        strings TXT second
        """;
    private static NameServer names;

    @BeforeAll
    static void start() {
        String many = IntStream.range(0, 60).mapToObj(i -> "many MX " + i + " a-host-with-a-long-name-" + i + "\na-host-with-a-long-name-" + i + " A 192.0.2.1\n").collect(Collectors.joining());
        names = NameServer.serving(Map.of("example.test", ZONE + many + key("rsa2048", 392) + key("rsa4096", 736), "other.test", "key TXT \"from the other zone\"\n"));
    }

    @AfterAll
    static void stop() {
        names.close();
    }

    /** As long as the keys of DKIM are, in strings of 255. */
    private static String key(String name, int length) {
        return name + " TXT " + "k".repeat(length).replaceAll(".{1,255}", "\"$0\" ") + "\n";
    }

    private static Mx at(String name) {
        return mx(name + ".example.test", names.place());
    }

    private static Dns dns(String place, Duration limit) {
        return Dns.at(place, Optional.of(limit), line -> { });
    }

    private static Dns dns() {
        return dns(names.place(), Duration.ofSeconds(20));
    }

    private static String exit(Mx mx) {
        return mx.failure().map(MailException::exit).orElse(Exit.OK).name();
    }

    // The hosts

    @ParameterizedTest
    @ValueSource(strings = {"example.test", "EXAMPLE.test", "example.test."})
    void hostsComeByPreferenceAndThenByName(String domain) {
        Mx mx = mx(domain, names.place());
        assertEquals(List.of(new MxHost("mxa.example.test", 10, List.of("192.0.2.1", "2001:db8::1"), "", ""), new MxHost("mxz.example.test", 10, List.of("192.0.2.2"), "", ""),
            new MxHost("b.example.test", 20, List.of("192.0.2.3"), "", "")), mx.hosts());
        assertEquals("example.test OK false false", mx.domain() + " " + exit(mx) + " " + mx.nullMx() + " " + mx.fallback());
    }

    @Test
    void moreThanADatagramCarriesComesByTcp() {
        assertEquals(60, at("many").hosts().size());
    }

    @Test
    void aDomainInAnyScriptIsAskedForInAscii() {
        assertEquals("xn--bcher-kva.example.test", at("bücher").domain());
        assertEquals("OK", exit(at("bücher")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "beside     | OK        | means that there is no host, beside others",
        "toalias    | OK        | is an alias (CNAME)",
        "toaddress  | DATA      | is an address, not a name",
        "tonumber   | DATA      | is an address, not a name",
        "toipv6     | DATA      | is an address, not a name",
        "togone     | DATA      | gone.example.test does not exist",
        "totext     | DATA      | text.example.test has no address",
        "toself     | DATA      | self.example.test is an alias without end",
        "toloop     | DATA      | one.example.test is an alias without end",
        "todangling | DATA      | gone.example.test does not exist",
        "twice      | OK        | is listed twice",
        "under_score| OK        | is no valid name of a host",
        "tobroken   | TEMPORARY | can't find CNAME of mx.broken.test at PLACE: DNS server failure [response code 2]",
        "halfbroken | OK        | can't find CNAME of mx.broken.test at PLACE: DNS server failure [response code 2]",
        "private    | OK        | ",
        "x.y.wild   | OK        | ",
    })
    void whatIsBrokenIsSaid(String name, String exit, String fault) {
        Mx mx = at(name);
        String faults = mx.hosts().stream().map(MxHost::fault).filter(any -> !any.isEmpty()).collect(Collectors.joining("\n"));
        assertEquals(exit + " " + String.valueOf(fault == null ? "" : fault).replace("PLACE", names.place()), exit(mx) + " " + faults);
        assertFalse(mx.fallback() || mx.nullMx());
        assertEquals(exit.equals("OK"), mx.hosts().stream().anyMatch(host -> !host.addresses().isEmpty()));
    }

    @Test
    void anAliasIsFollowedAndNamed() {
        MxHost host = at("toalias").hosts().get(0);
        assertEquals("alias.example.test mxa.example.test [192.0.2.1, 2001:db8::1]", host.host() + " " + host.cname() + " " + host.addresses());
    }

    @Test
    void aNameWithADotOrAnEscapeInItIsShownAndCantMoveTheCursor() {
        assertEquals(List.of("a\\.b.example.test", "c\033[d.example.test"), at("escaped").hosts().stream().map(MxHost::host).toList());
        Tool.Result run = Tool.run("mx", "--dns", names.place(), "escaped.example.test");
        assertTrue(run.exit() == 0 && run.out().contains("c\\x1b[d.example.test") && !(run.out() + run.err()).contains("\033"), run::toString);
    }

    @ParameterizedTest
    @CsvSource({"fallback, fallback.example.test, 192.0.2.6, ''", "fallback6, fallback6.example.test, 2001:db8::6, ''", "hostalias, hostalias.example.test, 192.0.2.6, fallback.example.test"})
    void withoutMxTheDomainItselfIsTheHost(String name, String host, String address, String cname) {
        Mx mx = at(name);
        assertTrue(mx.fallback() && !mx.nullMx() && mx.failure().isEmpty(), mx::toString);
        assertEquals(List.of(new MxHost(host, 0, List.of(address), cname, "")), mx.hosts());
    }

    @Test
    void theMxOfADomainThatIsAnAliasIsThatOfTheOther() {
        assertEquals(mx("example.test", names.place()).hosts(), at("domainalias").hosts());
    }

    @ParameterizedTest
    @CsvSource({"null, DATA, true", "nothing.here, NO_HOST, false", "text, NO_HOST, false", "dangling, NO_HOST, false", "self, NO_HOST, false", "one, NO_HOST, false"})
    void aDomainWithoutHostsSaysWhy(String name, String exit, boolean nullMx) {
        Mx mx = at(name);
        assertEquals(exit + " " + nullMx + " false []", exit(mx) + " " + mx.nullMx() + " " + mx.fallback() + " " + mx.hosts());
    }

    @Test
    void addressesThatMeanNothingElsewhereAreTold() throws IOException {
        for (String address : List.of("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "::1", "fe80::1", "fc00::1", "fdff::1", "0.0.0.0")) {
            assertTrue(Route.isPrivate(InetAddress.getByName(address)), address);
        }
        for (String address : List.of("192.0.2.1", "172.32.0.1", "2001:db8::1", "fe00::1")) {
            assertFalse(Route.isPrivate(InetAddress.getByName(address)), address);
        }
    }

    @Test
    void theyAreFaultsUnlessTheNameServerIsOurs(@TempDir Path folder) throws IOException {
        Need.root("port 53");
        Path unshare = Need.program("unshare");
        assumeTrue(Program.of(unshare, "-m", "true").call().exit() == 0, "no file system of its own is to be had here");
        Path resolver = Files.writeString(folder.resolve("resolv.conf"), "nameserver 127.77.0.53\n");
        try (NameServer system = NameServer.serving(Map.of("example.test", ZONE), "127.77.0.53")) {
            Tool.Result run = Program.of(unshare, "-m", "sh", "-c", "mount --bind \"$0\" /etc/resolv.conf && exec " + Java.quoted() + " mailtool.MailTool \"$@\"", resolver,
                "mx", "private.example.test", "fallback.example.test").call();
            assertEquals("private.example.test\n   10  inside.example.test  10.0.0.1, fd00::1\n       fault: 10.0.0.1 can't be reached from elsewhere\n"
                + "fallback.example.test  (no MX: its own address)\n    0  fallback.example.test  192.0.2.6\n", run.out(), run::toString);
            assertEquals(List.of(""), mx("private.example.test", system.place()).hosts().stream().map(MxHost::fault).toList());
        }
    }

    // The name server

    @Test
    void itIsFoundByIpv6Too() {
        assertEquals("OK", exit(mx("example.test", names.placeByIpv6())));
    }

    @Test
    void aServerThatDoesNotKnowIsNoAnswer() {
        assertEquals("TEMPORARY", exit(mx(NameServer.BROKEN, names.place())));
        assertEquals("TEMPORARY", exit(mx("somewhere.else", names.place())), "REFUSED");
        assertEquals("TEMPORARY", exit(mx("example.test", "127.0.0.1:" + LocalPorts.free())));
        assertEquals(Exit.NO_HOST, assertThrows(MailException.class, () -> mx("example.test", "no-such-host.invalid")).exit());
    }

    @Test
    void aServerThatIsNotThereIsSaidNotToBe() {
        String nobody = "127.0.0.1:" + LocalPorts.free();
        assertEquals("can't find MX of example.test at " + nobody + ": no name server is there", mx("example.test", nobody).failure().orElseThrow().getMessage());
    }

    @Test
    void aServerThatIsSilentHasItsTime() throws IOException {
        try (DatagramSocket silent = new DatagramSocket(0, LocalPorts.LOOPBACK)) {
            Dns dns = dns("127.0.0.1:" + silent.getLocalPort(), Duration.ofSeconds(2));
            MailException failure = assertThrows(MailException.class, () -> dns.of("example.test"));
            assertTrue(failure.exit() == Exit.TEMPORARY && failure.getMessage().endsWith(" was not found within 2 s"), failure::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"host:port", "1.2.3.4:99999", "a b", "http://x", "user@host", "[::1", "x:1:2"})
    void aServerThatCantBeReadIsWrongUsage(String server) {
        assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> mx("example.test", server)).exit());
    }

    // Other records

    @Test
    void theStringsOfATextAreOne() {
        assertEquals(List.of("second", "v=DKIM1; p=abcd\"e\\f g"), dns().of("strings.example.test").stream().sorted().toList());
        assertEquals(List.of(), dns().of("gone.example.test"));
        assertEquals(List.of(), dns().of("mxa.example.test"));
        assertEquals(List.of("from the other zone"), dns().of("elsewhere.example.test"));
    }

    /** As nsd does, most servers send the records of the other name along. Whatever a is asked for, it is an alias of b, which has a TXT record. */
    @Test
    void anAliasIsFollowedWhereTheServerDoesNotDoIt() throws IOException {
        try (DatagramSocket socket = answering(question -> Optional.of(question.startsWith("\1a") ? "\300\14\0\5\0\1\0\0\0\74\0\3\1b\0" : type(question) == 16 ? "\300\14\0\20\0\1\0\0\0\74\0\4\3yes" : ""))) {
            assertEquals(List.of("yes"), dns("127.0.0.1:" + socket.getLocalPort(), Duration.ofSeconds(20)).of("a"));
        }
    }

    @ParameterizedTest
    @CsvSource({"28, OK [192.0.2.1]", "1, OK [2001:db8::1]", "1 28, TEMPORARY "})
    void whatAServerDoesNotTellHidesNothingElse(String untold, String expected) throws IOException {
        Map<Integer, String> records = Map.of(1, "\300\14\0\1\0\1\0\0\0\74\0\4\300\0\2\1", 28, "\300\14\0\34\0\1\0\0\0\74\0\20\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1");
        List<String> refused = List.of(untold.split(" "));
        try (DatagramSocket socket = answering(question -> Optional.of(records.getOrDefault(type(question), "")).filter(any -> !refused.contains("" + type(question))))) {
            Mx mx = mx("a", "127.0.0.1:" + socket.getLocalPort());
            assertEquals(expected.strip(), (exit(mx) + " " + mx.hosts().stream().map(host -> host.addresses().toString()).collect(Collectors.joining())).strip());
        }
    }

    /** A family that is wanted and not told of may be told the next time: that is no reason to give a mail up. */
    @ParameterizedTest
    @CsvSource({"a, 1, ipv4, TEMPORARY", "a, 28, ipv6, TEMPORARY", "a, 15, ipv4, TEMPORARY", "d, 1, ipv4, TEMPORARY", "a, 99, ipv4, NO_HOST", "d, 99, ipv4, NO_HOST"})
    void whatIsNotToldOfTheWantedFamilyMayComeLater(String domain, int untold, String family, Exit expected) throws IOException {
        int other = family.equals("ipv4") ? 28 : 1;
        String address = other == 28 ? "\300\14\0\34\0\1\0\0\0\74\0\20\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1" : "\300\14\0\1\0\1\0\0\0\74\0\4\300\0\2\1";
        try (DatagramSocket socket = answering(question -> type(question) == untold ? Optional.empty() : Optional.of(type(question) == other ? address
            : type(question) == 15 && question.startsWith("\1d") ? "\300\14\0\17\0\1\0\0\0\74\0\5\0\12\1e\0" : ""))) {
            MailTool.Direct direct = direct("127.0.0.1:" + socket.getLocalPort()).set(family, "true");
            MailException failure = assertThrows(MailException.class, () -> direct.send(mail().from("a@example.org").to("b@" + domain).subject("x").text("Hello")));
            assertEquals(expected, failure.exit(), failure.getMessage());
        }
    }

    private static int type(String question) {
        return question.charAt(4);
    }

    /** For names of one letter; whatever has no answer fails. */
    private static DatagramSocket answering(Function<String, Optional<String>> answers) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, LocalPorts.LOOPBACK);
        Thread server = new Thread(() -> answer(socket, answers));
        server.setDaemon(true);
        server.start();
        return socket;
    }

    private static void answer(DatagramSocket socket, Function<String, Optional<String>> answers) {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        try {
            while (true) {
                socket.receive(packet);
                String asked = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.ISO_8859_1);
                String question = asked.substring(12);
                Optional<String> record = answers.apply(question);
                String status = record.isEmpty() ? "\201\202\0\1\0\0" : record.get().isEmpty() ? "\201\200\0\1\0\0" : "\201\200\0\1\0\1";
                byte[] octets = (asked.substring(0, 2) + status + "\0\0\0\0" + question + record.orElse("")).getBytes(StandardCharsets.ISO_8859_1);
                socket.send(new DatagramPacket(octets, octets.length, packet.getSocketAddress()));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Test
    void longKeysComeWhole() {
        assertEquals(List.of("k".repeat(392)), dns().of("rsa2048.example.test"));
        assertEquals(List.of("k".repeat(736)), dns().of("rsa4096.example.test"));
    }

    @Test
    void noSuchNameIsNotNoSuchRecord() {
        assertEquals(Optional.empty(), dns().records("gone.example.test", "A"));
        assertEquals(Optional.of(List.of()), dns().records("text.example.test", "A"));
        for (String impossible : List.of("a..example.test", "x".repeat(64) + ".example.test", "x.".repeat(128) + "test")) {
            assertEquals(Optional.empty(), dns().records(impossible, "A"));
        }
    }

    // The command

    @Test
    void eachDomainIsALineAndTheWorstIsTheExitCode() {
        Tool.Result run = Tool.run("mx", "--dns", names.place(), "--json", "toalias.example.test", "null.example.test", "broken.test", "fallback.example.test", "gone.example.test");
        assertEquals("""
            {"domain":"toalias.example.test","nullMx":false,"fallback":false,"hosts":[{"host":"alias.example.test","preference":10,"addresses":["192.0.2.1","2001:db8::1"],"cname":"mxa.example.test","fault":"is an alias (CNAME)"}]}
            {"domain":"null.example.test","nullMx":true,"fallback":false,"hosts":[]}
            {"domain":"broken.test","nullMx":false,"fallback":false,"hosts":[]}
            {"domain":"fallback.example.test","nullMx":false,"fallback":true,"hosts":[{"host":"fallback.example.test","preference":0,"addresses":["192.0.2.6"],"cname":null,"fault":null}]}
            {"domain":"gone.example.test","nullMx":false,"fallback":false,"hosts":[]}
            """, run.out());
        assertEquals(65, run.exit(), run::toString);
        assertTrue(run.err().contains("null.example.test takes no mail (null MX)\n"), run::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a@example.test", "192.0.2.1", "a b", "smtp://example.test", "[192.0.2.1]", "::1"})
    void whatIsNoDomainIsWrongUsage(String domain) {
        assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> mx(domain, names.place())).exit());
    }
}
