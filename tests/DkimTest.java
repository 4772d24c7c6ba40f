package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import mailtool.MailTool.Dkim;
import mailtool.MailTool.DkimResult;
import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Stage;
import mailtool.MailTool.TextRecords;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signatures made by dkimpy are verified by ourselves. */
final class DkimTest {
    private static final String HEADER = "Received: from a by b\r\nReceived: from c\r\n\tby d\r\nfrom:  \"A  B\" <a@example.org> \r\nTO: b@example.com\r\nSubject:\tone\r\n\t two \u00fc \r\n"
        + "X-Empty:\r\nDate: Tue, 3 Nov 2026 10:20:30 +0100\r\n";
    /** What canonical forms differ in. */
    private static final Map<String, String> BODIES = new TreeMap<>(Map.of("plain", "one\r\ntwo\r\n", "none", "", "empty", "\r\n", "ends", "x\r\n\r\n\r\n\r\n", "blanks", " \t a  b\t\r\n  \r\n\t\r\n",
        "open", "x\r\ny", "octets", "\u00fc\u00ff\0\u000b\r\n\rz\ry\r\n.\r\n..\r\nFrom x\r\n", "gaps", "a\r\n\r\n \r\n\r\nb \r\n"));
    private static final List<String> FORMS = List.of("simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed");
    private static final String USUAL = "relaxed/relaxed";
    private static Dkimpy dkimpy;

    @AutoClose
    private final Scratch files = Scratch.create("dkim");

    @BeforeAll
    static void sign() {
        dkimpy = new Dkimpy().key("rsa", 2048).key("short", 1024).key("weak", 768).key("edwards", 0);
        names().forEach(name -> {
            String[] parts = name.split("_");
            String message = HEADER + "\r\n" + BODIES.get(parts[2]);
            dkimpy.add(name, Dkimpy.Job.of(parts[0], parts[1].replace('-', '/')), message);
            dkimpy.add(name + "_l", new Dkimpy.Job(parts[0], parts[1].replace('-', '/'), true, "from:subject:received:received:x-none:subject", ""), message);
        });
        String message = HEADER + "\r\nfirst line\r\nlast line\r\n";
        dkimpy.add("usual", Dkimpy.Job.of("rsa", USUAL), message).add("simple", Dkimpy.Job.of("rsa", "simple/simple"), message);
        dkimpy.add("limited", new Dkimpy.Job("edwards", USUAL, true, "", ""), message).add("short", Dkimpy.Job.of("short", USUAL), message);
        dkimpy.add("weak", Dkimpy.Job.of("weak", USUAL), message).add("fromOnly", new Dkimpy.Job("edwards", USUAL, false, "from", ""), message);
        dkimpy.add("identity", new Dkimpy.Job("edwards", USUAL, false, "", "a@sub.example.org"), message);
        dkimpy.add("edwards", Dkimpy.Job.of("edwards", USUAL), message).sign();
    }

    @AfterAll
    static void stop() {
        dkimpy.close();
    }

    private static String record(String name) {
        return dkimpy.record(name.replaceFirst("[.].*", ""));
    }

    private List<Dkim> all(String message, TextRecords keys) {
        return DkimSignature.verified(files.write("message.eml", message.getBytes(ISO_8859_1)), keys);
    }

    private String verdict(String message, TextRecords keys) {
        Dkim one = all(message, keys).get(0);
        return (one.result().name().toLowerCase() + " " + one.reason()).strip();
    }

    private String verdict(String message) {
        return verdict(message, name -> List.of(record(name)));
    }

    // What fits

    static Stream<String> names() {
        Stream<String> edwards = FORMS.stream().flatMap(forms -> BODIES.keySet().stream().map(body -> "edwards_" + forms.replace('/', '-') + "_" + body));
        return Stream.concat(edwards, FORMS.stream().map(forms -> "short_" + forms.replace('/', '-') + "_octets"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatDkimpySignsHoldsWhateverItsLineEnds(String name) {
        String signed = dkimpy.signed(name);
        assertEquals("pass", verdict(signed));
        assertEquals("pass", verdict(signed.replace("\r\n", "\n")));
        String limited = dkimpy.signed(name + "_l");
        assertEquals("pass the last 0 octets of the body are not signed", verdict(limited));
        assertEquals("pass", verdict("From sender Tue Nov  3 10:20:30 2026\r\n" + signed));
    }

    /** RFC 8463, A.2. */
    @Test
    void theExampleOfTheStandardHolds() {
        String message = """
            DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
             d=football.example.com; i=@football.example.com;
             q=dns/txt; s=brisbane; t=1528637909; h=from : to :
             subject : date : message-id : from : subject : date;
             bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
             b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
             Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
            From: Joe SixPack <joe@football.example.com>
            To: Suzie Q <suzie@shopping.example.net>
            Subject: Is dinner ready?
            Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
            Message-ID: <20030712040037.46341.5F8J@football.example.com>

            Hi.

            We lost the game.  Are you hungry yet?

            Joe.
            """;
        String key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        assertEquals("pass", verdict(message, name -> name.equals("brisbane._domainkey.football.example.com") ? List.of(key) : List.of()));
    }

    @Test
    void blanksThatDoNotCountMayChange() {
        String changed = dkimpy.signed("usual").replace("Subject:\tone\r\n\t two", "SUBJECT : one two").replace("first line\r\n", "first \t line  \r\n") + "\r\n \r\n";
        assertEquals("pass", verdict(changed));
        assertEquals("fail the body does not fit", verdict(dkimpy.signed("simple").replace("first line", "first  line")));
        assertEquals("fail the signature does not fit", verdict(dkimpy.signed("simple").replace("Subject:\t", "Subject: ")));
    }

    /** A copied header field (z=) may look like a signature. */
    @Test
    void theSignatureIsFoundAmongOtherTags() {
        String signed = dkimpy.signed("usual").replace("; q=dns/txt", "; z=To:b=40example|b=1; q=dns/txt");
        assertEquals("fail the signature does not fit", verdict(signed));
        String own = "DKIM-Signature: z=To:b=40example|From:x;\r\n b = AA\r\n BB ; h=from";
        byte[] text = new DkimSignature(own).signed(new RawHeader(List.of("From: a", own)));
        assertEquals("From: a\r\nDKIM-Signature: z=To:b=40example|From:x;\r\n b =; h=from", new String(text, ISO_8859_1));
    }

    @Test
    void fieldsAreTakenFromTheBottom() {
        String signed = dkimpy.signed("edwards_simple-simple_plain_l");
        assertEquals("pass the last 0 octets of the body are not signed", verdict("Received: one more\r\n" + signed));
        assertEquals("fail the signature does not fit", verdict(signed.replace("X-Empty:\r\n", "X-Empty:\r\nReceived: one more\r\n")));
        assertEquals("fail the signature does not fit", verdict(signed.replace("X-Empty:\r\n", "X-Empty:\r\nX-None: there\r\n")));
        assertEquals("fail the signature does not fit", verdict("Subject: above\r\n" + signed));
        assertEquals("pass", verdict("Subject: above\r\n" + dkimpy.signed("fromOnly")));
        assertEquals("fail the signature does not fit", verdict("From: other@example.net\r\n" + dkimpy.signed("fromOnly")));
    }

    @Test
    void whatIsAddedAfterItsLengthIsCounted() {
        String more = "more: \u00fc\r\n";
        assertEquals("pass the last " + more.length() + " octets of the body are not signed", verdict(dkimpy.signed("limited") + more));
        assertEquals("fail the body does not fit", verdict(dkimpy.signed("limited").replace("last line\r\n", "")));
        assertEquals("fail the body does not fit", verdict(dkimpy.signed("limited").replaceFirst(" l=\\d+;", " l=5000;")));
    }

    // What does not

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"first line | first lime | the body does not fit", "last line\\r\\n | last line\\r\\n\\r\\nx | the body does not fit", "a@example.org | b@example.org | the signature does not fit",
        "one\\r\\n | one\\r\\n  and | the signature does not fit", "bh=(.{4})(.{4}) | bh=$2$1 | the body does not fit", "; t=(\\d) | ; t=9$1 | the signature does not fit", "; t= | ; x=1700000000; t= | it was valid until 2023-11-14T22:13:20Z", "; t= | ; x=999999999999999999; t= | the signature does not fit",
        "h=from : | h= | the signature does not fit"})
    void aChangeIsAFailure(String what, String to, String reason) {
        String changed = dkimpy.signed("usual").replaceFirst("(?s)" + what, to.replace("\\r", "\r").replace("\\n", "\n"));
        assertEquals("fail " + reason, verdict(changed));
    }

    @Test
    void aSignatureOfAnotherLengthIsAFailure() {
        for (String name : List.of("usual", "edwards")) {
            assertEquals("fail the signature does not fit", verdict(dkimpy.signed(name).replaceFirst("(?s)([; ]b=).*?\r\n(?=Received)", "$1AAAA\r\n")));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"v=1; | v=2; | its version is unknown", "v=1; | '' | v= is missing", "rsa-sha256 | rsa-sha1 | rsa-sha1 is unsafe or unknown", "rsa-sha256 | rsa-md5 | rsa-md5 is unsafe or unknown",
        "rsa-sha256 | ed25519-sha256 | the key is no ed25519 key", "relaxed/relaxed | relaxed/odd | c= or q= is unknown", "dns/txt | http | c= or q= is unknown", "d=example.org; | '' | d= is missing",
        "@example.org | @example.net | i= is not within d=", "@example.org | @notexample.org | i= is not within d=", "from | sender | h= lacks From", "; t= | ; v=1; t= | it is malformed", "; t= | ; nonsense; t= | it is malformed",
        "; t= | ; l=-1; t= | l= is no number", "; t= | ; x=soon; t= | x= is no number", "; t= | ; x=; t= | x= is no number", "t=1 | t=-1 | t= is no number", "bh= | bh=* | Illegal base64 character 2a", " b= | ' b=*' | Illegal base64 character 2a",
        "d=example.org | d=a..b | Empty label is not a legal name"})
    void aMalformedSignatureIsAnErrorForGood(String what, String to, String reason) {
        String field = dkimpy.signed("usual");
        int end = field.indexOf("Received");
        String identity = what.equals("d=example.org") ? field.substring(0, end).replace("i=@example.org", "i=@a..b") : field.substring(0, end);
        assertEquals("permerror " + reason, verdict(identity.replace(what, to) + field.substring(end)));
    }

    // Keys

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"v=DKIM1; k=rsa; p=KEY | pass", "p=KEY | pass", "p=KEY; | pass", " v = DKIM1 ; k = rsa ; n=a note; z=1; t=y; h=sha1:sha256; s=*; p = SPACED | pass", "v=DKIM1; s=other:email; p=KEY | pass", "p=BARE | pass",
        "v=DKIM1; t=s; p=KEY | pass", "v=DKIM1; p= | permerror the key is revoked", "v=DKIM1 | permerror the key is malformed", "v=DKIM2; p=KEY | permerror the key is malformed", "p=KEY; p=KEY | permerror the key is malformed",
        "hello world | permerror the key is malformed", "v=DKIM1; h=sha1; p=KEY | permerror the key is not for sha256", "v=DKIM1; s=tlsrpt; p=KEY | permerror the key is not for mail", "k=ed25519; p=KEY | permerror the key is no rsa key",
        "k=dsa; p=KEY | permerror the key is no rsa key", "p=AAAA | permerror *", "p=*** | permerror Illegal base64 character 2a", "p=EDWARDS | permerror *", "p=WEAK | permerror the key has only 768 bits", "p=SHORT | fail the signature does not fit"})
    void aKeyRecordIsReadAsTheStandardHasIt(String record, String expected) {
        String base64 = dkimpy.base64("rsa");
        String key = record.replace("KEY", base64).replace("BARE", dkimpy.bareBase64("rsa")).replace("SPACED", base64.replaceAll("(.{40})", "$1 ")).replace("EDWARDS", dkimpy.base64("edwards"))
            .replace("WEAK", dkimpy.base64("weak")).replace("SHORT", dkimpy.base64("short"));
        String verdict = verdict(dkimpy.signed("usual"), name -> List.of(key));
        assertTrue(expected.endsWith("*") ? verdict.startsWith(expected.replace("*", "")) : verdict.equals(expected), verdict);
    }

    @Test
    void bareKeysOfEachSizeAreRead() {
        assertEquals("pass", verdict(dkimpy.signed("short")));
        assertEquals("pass", verdict(dkimpy.signed("short"), name -> List.of("p=" + dkimpy.bareBase64("short"))));
        assertEquals("permerror the key has only 768 bits", verdict(dkimpy.signed("weak")));
        assertEquals("permerror the key has only 768 bits", verdict(dkimpy.signed("weak"), name -> List.of("p=" + dkimpy.bareBase64("weak"))));
    }

    @Test
    void aKeyMayBeForItsDomainOnly() {
        String strict = dkimpy.record("edwards") + "; t=y:s";
        assertEquals("pass", verdict(dkimpy.signed("edwards"), name -> List.of(strict)));
        assertEquals("pass", verdict(dkimpy.signed("identity")));
        assertEquals("permerror the key is for d= only, not for i=", verdict(dkimpy.signed("identity"), name -> List.of(strict)));
    }

    @Test
    void oneOfSeveralRecordsIsEnough() {
        List<String> records = List.of("v=spf1 -all", "v=DKIM1; p=", dkimpy.record("rsa"));
        assertEquals("pass", verdict(dkimpy.signed("usual"), name -> records));
        assertEquals("permerror the key is malformed", verdict(dkimpy.signed("usual"), name -> records.subList(0, 2)));
        assertEquals("permerror there is no key at rsa._domainkey.example.org", verdict(dkimpy.signed("usual"), name -> List.of()));
    }

    @Test
    void whereTheNameServerFailsNobodyKnows() {
        assertEquals("temperror it is away", verdict(dkimpy.signed("usual"), name -> {
            throw new MailException(Exit.TEMPORARY, Stage.CONNECT, "it is away");
        }));
    }

    @Test
    void namesAreAskedForInAscii() {
        List<String> asked = new ArrayList<>();
        String utf8 = new String("m\u00fcller.example".getBytes(java.nio.charset.StandardCharsets.UTF_8), ISO_8859_1);
        String message = dkimpy.signed("edwards").replace("d=example.org", "d=" + utf8).replace("i=@example.org", "i=@" + utf8);
        Dkim one = all(message, name -> {
            asked.add(name);
            return List.of();
        }).get(0);
        assertEquals(List.of("edwards._domainkey.xn--mller-kva.example"), asked);
        assertEquals("m\u00fcller.example", one.domain());
    }

    // Several, and none

    @Test
    void eachIsVerifiedAndTheTwentyFirstIsLeftOut() {
        String signed = dkimpy.signed("edwards");
        String broken = signed.substring(0, signed.indexOf("Received")).replace("s=edwards", "s=gone");
        List<Dkim> all = all(broken + dkimpy.signed("edwards"), name -> name.startsWith("gone") ? List.of() : List.of(record(name)));
        assertEquals(List.of(DkimResult.PERMERROR, DkimResult.PASS), all.stream().map(Dkim::result).toList());
        assertEquals(20, all(broken.repeat(30) + signed, name -> List.of()).size());
        assertEquals(List.of(), all("From: a@example.org\r\n\r\ntext\r\n", name -> List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ";;;;", "v", "=", "v=1; a=rsa-sha256; b=; bh=; d=; h=; s=", "\u00ff\0\u001b[2J", "v=1;\r\n\t\r\n", "v=1; a=rsa-sha256; b=AA==; bh=AA==; d=.; h=from; s=..", "v=1; a=rsa-sha256; b=AA==; bh=AA==; d=x; h=from; s=x; l=99999999999999999999",
        "v=1; a=rsa-sha256; b=AA==; bh=AA==; d=x; h=from; s=x; x=99999999999999999999"})
    void noFieldOfAnyKindStopsIt(String field) {
        assertEquals(DkimResult.PERMERROR, all("DKIM-Signature:" + field + "\r\nFrom: a@example.org\r\n\r\n", name -> List.of("v=DKIM1; p=AA==")).get(0).result());
    }

    @Test
    void aHostileHeaderTakesNoTime() {
        String names = "from" + ":a".repeat(200_000);
        String message = ("DKIM-Signature: v=1; a=rsa-sha256; b=AA==; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; c=relaxed/relaxed; d=x; s=x; h=" + names + "\r\n").repeat(5) + "a:" + " ".repeat(500_000) + "\r\n"
            + "a: \t".repeat(200_000) + "\r\n\r\n";
        assertEquals("fail the signature does not fit", verdict(message, name -> List.of(record("rsa"))));
    }

    // With a name server

    @Test
    void keysComeFromTheNameServer() {
        String rsa = dkimpy.base64("rsa");
        String strings = IntStream.iterate(0, i -> i < rsa.length(), i -> i + 200).mapToObj(i -> '"' + rsa.substring(i, Math.min(i + 200, rsa.length())) + '"').collect(Collectors.joining(" "));
        String zone = "rsa._domainkey TXT \"v=DKIM1; k=rsa; p=\" " + strings + "\nedwards._domainkey CNAME keys\nkeys TXT \"" + dkimpy.record("edwards") + "\"\n";
        String field = dkimpy.signed("edwards").replace("d=example.org", "d=broken.test").replace("i=@example.org", "i=@broken.test");
        String broken = field.substring(0, field.indexOf("Received"));
        try (NameServer server = NameServer.serving(Map.of("example.org", zone))) {
            String signed = dkimpy.signed("usual").substring(0, dkimpy.signed("usual").indexOf("Received")) + broken + broken.replace("d=broken.test", "d=nobody.example.org").replace("@broken.test", "@nobody.example.org") + dkimpy.signed("edwards");
            Tool.Result run = Tool.with().stdin(signed.getBytes(ISO_8859_1)).call("trace", "--eml", "-", "--json", "--dns", server.place());
            assertEquals(0, run.exit(), run::toString);
            JsonArray dkim = JsonParser.parseString(run.out()).getAsJsonObject().getAsJsonArray("dkim");
            assertEquals(List.of("pass", "temperror", "permerror", "pass"), dkim.asList().stream().map(one -> one.getAsJsonObject().get("result").getAsString()).toList(), run::toString);
            assertEquals("{\"domain\":\"example.org\",\"selector\":\"rsa\",\"algorithm\":\"rsa-sha256\",\"result\":\"pass\",\"reason\":null}", dkim.get(0).toString());
        }
    }
}
