package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code read --eml} shows, writes and saves. */
final class ReadCommandTest {
    private static final String REPORT = """
        From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>
        To: b@example.org, c@example.org
        Cc: d@example.org
        Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=
        Date: Mon, 1 Jan 2024 10:00:00 +0100
        Message-ID: <report@example.org>
        X-Secret: none
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain; charset=utf-8

        See the report.
        --b
        Content-Type: application/pdf; name="=?utf-8?Q?Gr=C3=BC=C3=9Fe.pdf?="
        Content-Transfer-Encoding: base64

        SGVsbG8gV29ybGQ=
        --b
        Content-Type: message/rfc822

        Subject: inner

        inner text
        --b--
        """;
    private static final String HTML = """
        Subject: html
        Content-Type: text/html; charset=utf-8

        <html><head><title>no</title><style>p { color: red }</style></head><body><h1>Title</h1>
        <p>Hello&nbsp;<b>World</b>, see <a href="https://example.org/a?b=1&amp;c=2">this page</a> or
        <a href="https://example.org/">https://example.org/</a>.</p><script>alert(1)</script>
        <ul><li>one<li>two</ul><table><tr><td>a<td>b</tr><tr><td>c<td>d</tr></table>
        <blockquote>quoted<br>twice</blockquote><pre>  as
            it is</pre><img alt="a chart"><div style="display: none">hidden</div>
        """;
    /** What could move the cursor or turn the text around. */
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]");

    @AutoClose
    private final Scratch files = Scratch.create("read");

    private String eml(String source) {
        return files.write("message.eml", source.getBytes(UTF_8)).toString();
    }

    private String nasty(String name) {
        return files.write(name, NastyMessages.get(name)).toString();
    }

    private static String good(Tool.Result result) {
        assertEquals(0, result.exit(), result.toString());
        return result.out();
    }

    private static void refused(int exit, String words, Tool.Result result) {
        assertEquals(exit, result.exit(), result.toString());
        assertTrue(result.err().contains(words), result.toString());
        assertEquals("", result.out());
    }

    @Test
    void whereAnswersGoIsShownIfThatIsNotTheSender() {
        String elsewhere = good(Tool.run("read", "--eml", eml("From: a@example.org\nReply-To: b@example.org\n\nx\n")));
        assertEquals("From: a@example.org\nReply-To: b@example.org\n\nx\n", elsewhere);
        assertEquals("From: a@example.org\n\nx\n", good(Tool.run("read", "--eml", eml("From: a@example.org\nReply-To: a@example.org\n\nx\n"))));
    }

    @Test
    void nothingToSaveIsSaid() {
        String scan = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: application/pdf\n\n%PDF\n--b--\n";
        Tool.Result result = Tool.run("read", "--eml", eml(scan), "--save", files.resolve("saved").toString());
        assertEquals("mailtool: warning: no attachments to save; other parts, for --part: 2 application/pdf\n", result.err());
        refused(64, "--save is empty", Tool.run("read", "--eml", eml(scan), "--save", ""));
        refused(64, "--part is given twice", Tool.run("read", "--eml", eml(scan), "--part", "1", "--part", "2"));
    }

    // For a person

    @Test
    void aPersonSeesTheFieldsThatMatterTheTextAndTheAttachments() {
        assertEquals("""
            From: Jürgen <j@example.org>
            To: b@example.org, c@example.org
            Cc: d@example.org
            Date: Mon, 1 Jan 2024 10:00:00 +0100
            Subject: Grüße

            See the report.

            Attachments:
               2  Grüße.pdf  application/pdf, 11 octets
               3  (no name)  message/rfc822, 26 octets
            """, good(Tool.run("read", "--eml", eml(REPORT))));
    }

    @Test
    void htmlIsReadableTextWithItsLinks() {
        assertEquals("""
            Subject: html

            Title

            Hello\u00a0World, see this page <https://example.org/a?b=1&c=2> or https://example.org/.

            * one
            * two

            a b
            c d

            > quoted
            > twice

              as
                it is

            [a chart]
            """, good(Tool.run("read", "--eml", eml(HTML))));
    }

    @Test
    void listsKeepTheirNumbersAndTheirNesting() {
        String html = "<ol><li>first<li>second<ul><li>inner</ul></ol><blockquote>old<p>older<blockquote>oldest</blockquote></blockquote>";
        String out = good(Tool.run("read", "--eml", eml("Subject: list\nContent-Type: text/html\n\n" + html)));
        assertEquals("Subject: list\n\n1. first\n2. second\n   * inner\n\n> old\n>\n> older\n>\n>> oldest\n", out);
    }

    @Test
    void aListBeginsAndGoesOnWithTheNumbersThatItIsGiven() {
        String html = "<ol start=3><li>three<li>four</ol><ol start=x><li>one<li value=7>seven<li value=-1>eight</ol><ol start=5><li value=2>two</ol>";
        String out = good(Tool.run("read", "--eml", eml("Content-Type: text/html\n\n" + html)));
        assertEquals("\n3. three\n4. four\n\n1. one\n7. seven\n8. eight\n\n2. two\n", out);
    }

    /** As in Persian; in other places it only fills a line. */
    @Test
    void aJoinThatIsForbiddenStaysForbidden() {
        String html = "<p>\u0645\u06cc&zwnj;\u062e\u0648\u0627\u0647\u0645 Pay&zwnj;ment &zwnj;&nbsp;&zwnj;1</p>";
        String out = good(Tool.run("read", "--json", "--eml", eml("Content-Type: text/html; charset=utf-8\n\n" + html)));
        assertTrue(out.contains("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 Payment \u00a01"), out);
    }

    @Test
    void aLinkedImageStandsApartFromItsAddress() {
        String html = "<a href='https://example.org/'><img alt=logo></a>";
        assertEquals("\n[logo] <https://example.org/>\n", good(Tool.run("read", "--eml", eml("Content-Type: text/html\n\n" + html))));
    }

    @Test
    void aReportAndAnInvitationHideNoPart() {
        String source = "Content-Type: multipart/report; boundary=b\n\n--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\nStatus: 5.1.1\n--b\n"
            + "Content-Type: text/rfc822-headers\n\nSubject: x\n--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n--b--\n";
        String out = good(Tool.run("read", "--eml", eml(source)));
        assertTrue(out.contains("   2  (no name)  message/delivery-status, 13 octets\n   3  (no name)  text/rfc822-headers, 10 octets\n"), out);
        assertTrue(out.contains("   4  (no name)  text/calendar, 15 octets\n"), out);
    }

    @Test
    void anInvitationThatIsAllThereIsIsShownOnce() {
        String out = good(Tool.run("read", "--eml", eml("Subject: Lunch\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n")));
        assertEquals("Subject: Lunch\n\nBEGIN:VCALENDAR\n", out);
    }

    @Test
    void aMessageWithoutTextIsItsAttachments() {
        String out = good(Tool.run("read", "--eml", eml("Subject: forwarded\nContent-Type: message/rfc822\n\nSubject: inner\n\ntext\n")));
        assertEquals("Subject: forwarded\n\nAttachments:\n   1  (no name)  message/rfc822, 21 octets\n", out);
    }

    @Test
    void htmlStandsInOnlyWhereThereIsNoText() {
        assertFalse(good(Tool.run("read", "--eml", nasty("alternatives"))).contains("the html"));
        String both = good(Tool.run("read", "--eml", nasty("html-with-footer")));
        assertTrue(both.contains("the html\nthe footer\n"), both);
        String empty = "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n \n--b\nContent-Type: text/html\n\n<p>the html\n--b--\n";
        assertTrue(good(Tool.run("read", "--eml", eml(empty))).contains("the html"));
    }

    @Test
    void aPartThatIsNeitherTextNorAttachmentIsNamedToo() {
        String out = good(Tool.run("read", "--eml", nasty("alternatives")));
        assertTrue(out.endsWith("\nOther parts:\n   3  (no name)  image/png, 3 octets\n"), out);
    }

    @Test
    void aDashIsStdin() {
        assertTrue(good(Tool.with().stdin(REPORT).call("read", "--eml", "-")).contains("See the report.\n"));
    }

    @Test
    void allHeaderFieldsAreShownDecodedInTheirOrder() {
        List<String> lines = good(Tool.run("read", "--headers", "--eml", eml(REPORT))).lines().toList();
        assertEquals(8, lines.size(), lines.toString());
        assertEquals("From: Jürgen <j@example.org>", lines.get(0));
        assertEquals("X-Secret: none", lines.get(6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"escape-sequences", "escape-sequences-in-html", "encoded-controls", "nul", "bare-cr", "all-octets", "names"})
    void nothingInAMessageMovesTheCursor(String name) {
        for (List<String> options : List.of(List.<String>of(), List.of("--headers"), List.of("--json"))) {
            List<String> words = new ArrayList<>(List.of("read", "--eml", nasty(name)));
            words.addAll(options);
            String out = good(Tool.run(words.toArray(new String[0])));
            assertFalse(CONTROL.matcher(out).find(), () -> name + options + ": " + out.replaceAll(CONTROL.pattern(), "<CONTROL>"));
        }
    }

    @Test
    void escapeSequencesAreShownAsSuch() {
        String out = good(Tool.run("read", "--eml", nasty("escape-sequences")));
        assertTrue(out.contains("\\x1b[2J\\x1b[Hcleared \\x9b2J \\x202egnp.exe \\x2066x\\x2069 \\x200fy\\x61c \\x08\\x7f\n"), out);
    }

    // For a script

    @Test
    void jsonHasAllKeys() {
        JsonObject json = JsonParser.parseString(good(Tool.run("read", "--json", "--eml", eml(REPORT)))).getAsJsonObject();
        assertEquals(List.of("number", "uid", "date", "from", "to", "subject", "size", "cc", "messageId", "text", "html", "attachments", "parts"), List.copyOf(json.keySet()));
        assertTrue(json.get("number").isJsonNull());
        assertEquals("2024-01-01T10:00:00+01:00", json.get("date").getAsString());
        assertEquals("Jürgen <j@example.org>", json.get("from").getAsString());
        assertEquals("b@example.org, c@example.org", json.get("to").getAsString());
        assertEquals("Grüße", json.get("subject").getAsString());
        assertEquals(REPORT.length(), json.get("size").getAsLong());
        assertEquals("d@example.org", json.get("cc").getAsString());
        assertEquals("<report@example.org>", json.get("messageId").getAsString());
        assertEquals("See the report.", json.get("text").getAsString());
        assertEquals("", json.get("html").getAsString());
        JsonObject attachment = json.getAsJsonArray("attachments").get(0).getAsJsonObject();
        assertEquals("{\"part\":2,\"name\":\"Grüße.pdf\",\"type\":\"application/pdf\",\"size\":11}", attachment.toString());
    }

    @Test
    void anUnreadableDateIsNullInJson() {
        String out = good(Tool.run("read", "--json", "--eml", eml("Date: soon\n\n")));
        assertTrue(JsonParser.parseString(out).getAsJsonObject().get("date").isJsonNull(), out);
    }

    @Test
    void jsonKeepsWhatItEscapes() {
        String text = JsonParser.parseString(good(Tool.run("read", "--json", "--eml", nasty("escape-sequences")))).getAsJsonObject().get("text").getAsString();
        assertEquals("\u001b[2J\u001b[Hcleared \u009b2J \u202egnp.exe \u2066x\u2069 \u200fy\u061c \b\u007f\n", text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"all-octets", "bare-lf", "no-final-newline", "mbox-from-line", "nothing"})
    void rawIsTheBytesAsTheyCame(String name) {
        Tool.Result result = Tool.run("read", "--raw", "--eml", nasty(name));
        assertArrayEquals(NastyMessages.get(name), result.stdout());
    }

    @Test
    void aPartIsWrittenDecodedUnderTheNumberOfTheList() {
        assertEquals("See the report.", good(Tool.run("read", "--part", "1", "--eml", eml(REPORT))));
        assertEquals("Hello World", good(Tool.run("read", "--part", "2", "--eml", eml(REPORT))));
        assertEquals("Subject: inner\n\ninner text", good(Tool.run("read", "--part", "3", "--eml", eml(REPORT))));
    }

    // What is refused

    @Test
    void aPartThatIsNotThereIsNamed() {
        refused(66, "there is no part 4; there are parts 1 to 3", Tool.run("read", "--part", "4", "--eml", eml(REPORT)));
        refused(66, "there is no part 0", Tool.run("read", "--part", "0", "--eml", eml(REPORT)));
        refused(64, "--part takes a number, not 'x'", Tool.run("read", "--part", "x", "--eml", eml(REPORT)));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        refused(66, "no such file: none.eml", Tool.run("read", "--eml", "none.eml"));
    }

    @Test
    void rawOctetsDoNotGoToATerminal() {
        for (List<String> option : List.of(List.of("--raw"), List.of("--part", "1"))) {
            List<String> words = new ArrayList<>(List.of("read", "--eml", nasty("escape-sequences")));
            words.addAll(option);
            Tool.Result result = Tool.with().onTerminal().call(words.toArray(new String[0]));
            assertEquals(64, result.exit(), result.toString());
            assertTrue(result.out().contains(option.get(0) + " does not write to a terminal; add > "), result.toString());
        }
    }

    private static Stream<Arguments> contradictions() {
        return Stream.of(
            Arguments.of(List.of("--raw", "--headers"), "--raw and --headers"),
            Arguments.of(List.of("--raw", "--json"), "--raw and --json"),
            Arguments.of(List.of("--headers", "--json"), "--headers and --json"),
            Arguments.of(List.of("--part", "1", "--json"), "--json and --part"),
            Arguments.of(List.of("--part", "1", "--save", "x"), "--part and --save"),
            Arguments.of(List.of("--raw", "--save", "x"), "--raw and --save"),
            Arguments.of(List.of("-S", "pop3://localhost"), "--eml and --server"),
            Arguments.of(List.of("-A", "ops"), "--eml and --account"));
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void whatContradictsEachOtherIsNamed(List<String> options, String named) {
        List<String> words = new ArrayList<>(List.of("read", "--eml", eml(REPORT)));
        words.addAll(options);
        Tool.Result result = Tool.run(words.toArray(new String[0]));
        assertEquals(64, result.exit(), result.toString());
        assertTrue((result.err() + result.out()).contains(named + " contradict each other"), result.toString());
    }

    @Test
    void aNumberBesideAFileIsRefused() {
        refused(64, "unexpected argument '12'", Tool.run("read", "12", "--eml", eml(REPORT)));
        refused(64, "no message is named", Tool.run("read", "-S", "pop3://localhost"));
    }

    // Little memory

    private static Iterable<String> huge() {
        return NastyMessages.huge();
    }

    @ParameterizedTest
    @MethodSource("huge")
    void hugeMessagesAreReadInLittleMemory(String name) {
        String file = nasty(name);
        for (String option : List.of("--json", "--headers", "--verbose")) {
            Tool.Result result = Tool.with().jvm("-Xmx64m").call("read", option, "--eml", file);
            assertEquals(0, result.exit(), result.err());
            assertFalse(result.err().contains("Exception"), result.err());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"five-thousand-parts", "thousand-levels", "thousand-messages", "long-lines"})
    void manyPartsAreReadInLittleMemory(String name) {
        Tool.Result result = Tool.with().jvm("-Xmx64m").call("read", "--eml", nasty(name));
        assertEquals(0, result.exit(), result.err());
    }

    @Test
    void whatIsLeftOutIsSaid() {
        assertTrue(Tool.run("read", "--eml", nasty("thousand-levels")).err().contains("warning: parts that are nested deeper than 50 levels"));
        assertTrue(Tool.run("read", "--eml", nasty("million-parts")).err().contains("warning: more than 10000 parts"));
        assertTrue(Tool.run("read", "--eml", nasty("million-headers")).err().contains("warning: a header is too long"));
    }

    @Test
    void aLargeAttachmentIsSavedAsAStream() throws IOException {
        Path file = files.resolve("large.eml");
        byte[] line = ("QUJD".repeat(19) + "\r\n").getBytes(ISO_8859_1);
        int lines = 2_000_000;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            out.write("Content-Type: application/zip; name=large.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n".getBytes(ISO_8859_1));
            for (int i = 0; i < lines; i++) {
                out.write(line);
            }
        }
        Path folder = files.resolve("large");
        good(Tool.with().jvm("-Xmx64m").call("read", "--save", folder.toString(), "--eml", file.toString()));
        assertEquals(lines * 57L, Files.size(folder.resolve("large.zip")));
    }

    // All parts

    private static final String PARTS = """
        Content-Type: multipart/mixed; boundary=b

        --b

        See below.
        --b
        Content-Type: image/webp
        Content-ID: <pic@example.org>

        WEBP
        --b
        Content-Type: message/delivery-status

        Status: 5.1.1
        --b
        Content-Type: text/calendar; method=REQUEST

        BEGIN:VCALENDAR
        --b
        Content-Type: application/x-unheard; name=a/b.bin
        Content-Transfer-Encoding: base64

        bm8gYmFzZTY0IGF0IGFsbCwgd2VsbA==
        --b--
        """;

    @Test
    void jsonListsEveryPart() {
        JsonObject json = JsonParser.parseString(good(Tool.run("read", "--json", "--eml", eml(PARTS)))).getAsJsonObject();
        assertEquals("{\"number\":1,\"type\":\"text/plain\",\"name\":\"\",\"contentId\":null,\"size\":10,\"shown\":true,\"attachment\":false}", json.getAsJsonArray("parts").get(0).toString());
        assertEquals("{\"number\":2,\"type\":\"image/webp\",\"name\":\"\",\"contentId\":\"pic@example.org\",\"size\":4,\"shown\":false,\"attachment\":false}",
            json.getAsJsonArray("parts").get(1).toString());
        assertEquals("{\"number\":5,\"type\":\"application/x-unheard\",\"name\":\"a/b.bin\",\"contentId\":null,\"size\":22,\"shown\":false,\"attachment\":true}",
            json.getAsJsonArray("parts").get(4).toString());
        assertEquals(5, json.getAsJsonArray("parts").size());
        assertEquals(1, json.getAsJsonArray("attachments").size());
    }

    @Test
    void allPartsAreSavedUnderTheirNumbersAndTheEndingsOfTheirTypes() throws IOException {
        Path folder = files.resolve("all");
        String out = good(Tool.run("read", "--save", folder.toString(), "--all-parts", "--eml", eml(PARTS)));
        assertEquals(List.of("part-1.txt", "part-2.webp", "part-3.txt", "part-4.ics", "b.bin"), out.lines().map(line -> line.substring(folder.toString().length() + 1)).toList());
        assertEquals("WEBP", Files.readString(folder.resolve("part-2.webp")));
        assertEquals("no base64 at all, well", Files.readString(folder.resolve("b.bin")));
        Path again = files.resolve("again");
        JsonObject json = JsonParser.parseString(good(Tool.run("read", "--json", "--save", again.toString(), "--all-parts", "--eml", eml(PARTS)))).getAsJsonObject();
        assertEquals(again.resolve("part-3.txt").toString(), json.getAsJsonArray("parts").get(2).getAsJsonObject().get("file").getAsString());
    }

    @Test
    void allPartsNeedAFolder() {
        refused(64, "--all-parts without --save; add --save DIR", Tool.run("read", "--all-parts", "--eml", eml(PARTS)));
    }

    @Test
    void whatIsWrongWithAPartIsSaidHoweverItIsRead() {
        String source = "Subject: s\nnot a field\nX-A: b\nContent-Type: text/plain; name=a\nContent-Transfer-Encoding: base64\n\nNo base64 at all.\n";
        String header = "mailtool: warning: what is no field is left out of a header: not a field\n";
        String part = "mailtool: warning: part 1: it is said to be base64, what is not is given as it is\n";
        for (List<String> options : List.of(List.<String>of(), List.of("--json"), List.of("--part", "1"), List.of("--save", files.resolve("odd").toString()))) {
            List<String> words = new ArrayList<>(List.of("read", "--eml", eml(source)));
            words.addAll(options);
            assertEquals(header + part, Tool.run(words.toArray(new String[0])).err(), options.toString());
        }
        assertEquals(header, Tool.run("read", "--headers", "--eml", eml(source)).err());
        assertEquals("No base64 at all.\n", good(Tool.run("read", "--part", "1", "--eml", eml(source))));
    }

    // Saving

    private String attachments(String... names) {
        StringBuilder source = new StringBuilder("Content-Type: multipart/mixed; boundary=b\n\n");
        for (String name : names) {
            source.append("--b\nContent-Disposition: attachment; filename*=UTF-8''").append(percent(name)).append("\n\ncontent of ").append(source.length()).append("\n");
        }
        return eml(source.append("--b--\n").toString());
    }

    private static String percent(String name) {
        StringBuilder coded = new StringBuilder();
        for (byte octet : name.getBytes(UTF_8)) {
            coded.append("%%%02X".formatted(octet & 0xff));
        }
        return coded.toString();
    }

    private List<String> savedAs(String... names) throws IOException {
        Path folder = files.resolve("saved");
        List<String> printed = good(Tool.run("read", "--save", folder.toString(), "--eml", attachments(names))).lines().toList();
        try (Stream<Path> all = Files.list(folder)) {
            assertEquals(names.length, all.count());
        }
        return printed.stream().map(line -> line.substring(folder.toString().length() + 1)).toList();
    }

    @Test
    void attachmentsAreSavedForTheOwnerAlone() throws IOException {
        Path folder = files.resolve("new").resolve("folder");
        String out = good(Tool.run("read", "--save", folder.toString(), "--eml", eml(REPORT)));
        assertEquals(folder.resolve("Grüße.pdf") + "\n" + folder.resolve("part-3.eml") + "\n", out);
        assertEquals("Hello World", Files.readString(folder.resolve("Grüße.pdf")));
        assertEquals("Subject: inner\n\ninner text", Files.readString(folder.resolve("part-3.eml")));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("Grüße.pdf"))));
    }

    @Test
    void pathsInNamesGoNowhere() throws IOException {
        assertEquals(List.of("passwd", "evil.txt", "a.txt", "x", "part-5.txt", "part-6.txt", "part-7.txt", "b"),
            savedAs("/etc/passwd", "..\\..\\evil.txt", "C:\\Windows\\a.txt", "../../x", "..", ".", "a/", "C:/x\\../b"));
        assertFalse(Files.exists(files.resolve("x")));
    }

    @Test
    void namesAreMadeHarmless() throws IOException {
        assertEquals(List.of("profile", "_rf", "ssh", "a_b_c.txt", "exe_gnp.txt", "a__b___.txt", "end", "part-8.txt", "_CON", "_nul.txt", "_com1.tar.gz", "console.txt", "_LPT9"),
            savedAs(".profile", "-rf", "~/.ssh", "a\u001bb\nc.txt", "exe\u202egnp.txt", "a:<b>|?.txt", "end. . ", " ", "CON", "nul.txt", "com1.tar.gz", "console.txt", "LPT9 "));
    }

    @Test
    void anOverlongNameIsCutButKeepsItsEnding() throws IOException {
        List<String> names = savedAs("x".repeat(5000) + ".pdf", "\u20ac".repeat(500) + ".pdf", "\ud83d\ude00".repeat(300), "." + "y".repeat(1000));
        for (String name : names) {
            assertTrue(name.getBytes(UTF_8).length <= 200, name);
            assertFalse(name.contains("?"), name);
        }
        assertTrue(names.get(0).endsWith("x.pdf") && names.get(1).endsWith("\u20ac.pdf"), names.toString());
    }

    @Test
    void whatIsCalledTheSameGetsANumber() throws IOException {
        assertEquals(List.of("a.txt", "a-2.txt", "a-3.txt", "noending", "noending-2"), savedAs("a.txt", "x/a.txt", "a.txt", "noending", "noending"));
    }

    @Test
    void nothingIsOverwrittenAndNoLinkIsFollowed() throws IOException {
        Path folder = files.folder("linked");
        Path target = files.resolve("target");
        Files.writeString(folder.resolve("a.txt"), "mine");
        Files.createSymbolicLink(folder.resolve("b.txt"), target);
        Files.createSymbolicLink(folder.resolve("c.txt"), folder.resolve("a.txt"));
        good(Tool.run("read", "--save", folder.toString(), "--eml", attachments("a.txt", "b.txt", "c.txt")));
        assertEquals("mine", Files.readString(folder.resolve("a.txt")));
        assertFalse(Files.exists(target));
        for (String name : List.of("a-2.txt", "b-2.txt", "c-2.txt")) {
            assertTrue(Files.isRegularFile(folder.resolve(name), LinkOption.NOFOLLOW_LINKS), name);
        }
    }

    @Test
    void aFolderThatIsALinkIsRefused() throws IOException {
        Path link = files.resolve("link");
        Files.createSymbolicLink(link, files.folder("elsewhere"));
        refused(73, "link is a symbolic link; name the folder that it points to", Tool.run("read", "--save", link.toString(), "--eml", attachments("a.txt")));
        refused(73, "link is a symbolic link", Tool.run("read", "--save", link + "/", "--eml", attachments("a.txt")));
    }

    @Test
    void aFolderThatCannotBeWrittenIs73() {
        Path file = files.write("file", "x");
        refused(73, "can't save part 1 in " + file + ": something else is in its place", Tool.run("read", "--save", file.toString(), "--eml", attachments("a.txt")));
    }

    @Test
    void whyAFolderCannotBeWrittenIsSaid() {
        Tool.Result refused = Tool.with().through("exec " + Need.program("strace") + " -f -o /dev/null -P '" + files.resolve("parts/a.txt")
            + "' -e trace=openat -e inject=openat:error=EACCES").call("read", "--save", files.resolve("parts").toString(), "--eml", attachments("a.txt"));
        refused(73, "can't save part 1 in " + files.resolve("parts") + ": permission denied", refused);
    }

    @Test
    void fiveThousandAttachmentsOfOneNameAreAllSaved() throws IOException {
        Path folder = files.resolve("many");
        good(Tool.with().jvm("-Xmx64m").call("read", "--save", folder.toString(), "--eml", nasty("five-thousand-parts")));
        assertEquals("part 1", Files.readString(folder.resolve("same.txt")));
        assertEquals("part 5000", Files.readString(folder.resolve("same-5000.txt")));
    }

    @Test
    void withJsonTheSavedFilesAreNamed() {
        Path folder = files.resolve("both");
        JsonObject json = JsonParser.parseString(good(Tool.run("read", "--json", "--save", folder.toString(), "--eml", attachments("a.txt")))).getAsJsonObject();
        assertEquals(folder.resolve("a.txt").toString(), json.getAsJsonArray("attachments").get(0).getAsJsonObject().get("file").getAsString());
    }
}
