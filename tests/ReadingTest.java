package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static mailtool.MailTool.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a message says when a script reads it. Sources are strings of one octet a character. */
final class ReadingTest {
    @AutoClose
    private final Scratch files = Scratch.create("reading");

    private static MailTool.Message read(String source) {
        return message(new ByteArrayInputStream(source.getBytes(ISO_8859_1)));
    }

    private static MailTool.Message nasty(String name) {
        return message(new ByteArrayInputStream(NastyMessages.get(name)));
    }

    private static String content(MailTool.Attachment attachment) throws IOException {
        try (InputStream in = attachment.open()) {
            return new String(in.readAllBytes(), ISO_8859_1);
        }
    }

    // Every message

    private static Stream<String> nastyNames() {
        return NastyMessages.all().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("nastyNames")
    void everyMessageIsRead(String name) throws IOException {
        MailTool.Message message = nasty(name);
        assertEquals(NastyMessages.get(name).length, message.size());
        String all = message.from() + message.to() + message.cc() + message.subject() + message.date() + message.messageId() + message.text() + message.html();
        assertFalse(all.contains("null"), all);
        for (MailTool.Attachment attachment : message.attachments()) {
            assertEquals(attachment.size(), content(attachment).length());
        }
    }

    @ParameterizedTest
    @MethodSource("nastyNames")
    void theBytesComeAsTheyAre(String name) throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        nasty(name).writeTo(written);
        assertArrayEquals(NastyMessages.get(name), written.toByteArray());
    }

    private static Stream<Arguments> texts() {
        return Stream.of(
            Arguments.of("eight-bit", "Grüße\n"),
            Arguments.of("nul", "before\0after\n\0\n"),
            Arguments.of("bare-lf", "one\ntwo\n.\nthree\nFrom four\n"),
            Arguments.of("bare-cr", "one\rtwo\r\rthree\n"),
            Arguments.of("leading-dots", ".\n..\n...\n.text\n..text\n.\nend\n"),
            Arguments.of("no-final-newline", "no line end"),
            Arguments.of("empty-body", ""),
            Arguments.of("header-only", ""),
            Arguments.of("no-header", "Subject: this is text\n\nmore\n"),
            Arguments.of("text-only", "Hello Bob,\nthis has no header.\n"),
            Arguments.of("lf-lines", "one\ntwo\n"),
            Arguments.of("mbox-from-line", "text\n"),
            Arguments.of("byte-order-mark", "text\n"),
            Arguments.of("never-ending-header", "This text comes without an empty line\nbefore it.\n"),
            Arguments.of("blank-in-the-empty-line", "The line before has a blank in it.\n\n"),
            Arguments.of("boundary-never-comes", "This is the text.\nSecond line.\n"),
            Arguments.of("no-boundary-parameter", "This is the text.\n--x\n"),
            Arguments.of("empty-boundary", "This is the text.\n"),
            Arguments.of("no-closing-boundary", "first"),
            Arguments.of("boundary-with-blanks", "text"),
            Arguments.of("odd-boundary", "text"),
            Arguments.of("boundary-in-segments", "text"),
            Arguments.of("two-semicolons", "text"),
            Arguments.of("parts-without-header", "no header: here\njust text"),
            Arguments.of("digest", "second"),
            Arguments.of("message-in-message", "see below"),
            Arguments.of("bad-types", "one\ntwo\nthree\nfour\nfive"),
            Arguments.of("alternatives", "the text"),
            Arguments.of("unknown-charset", "Grüße \n"),
            Arguments.of("wrong-charset", "Gr\ufffd\ufffde\n"),
            Arguments.of("no-charset-utf8", "Grüße €\n"),
            Arguments.of("unknown-encoding", "as it is\n"),
            Arguments.of("unpadded-base64", "Hello World"),
            Arguments.of("base64-with-rubbish", "Hello World-- \nfooter\n"),
            Arguments.of("broken-quoted-printable", "Grüße =zz =4 = joined end="),
            Arguments.of("broken-uuencode", "this is none\n"),
            Arguments.of("utf-16", "Grüße\n"),
            Arguments.of("iso-2022-jp", "こんにちは\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void theTextIsDecodedAsFarAsItCanBe(String name, String text) {
        assertEquals(text, nasty(name).text());
    }

    @Test
    void aLineOfAMegabyteIsText() {
        assertEquals("x".repeat(1 << 20) + "\nend\n", nasty("long-lines").text());
    }

    @Test
    void whatIsNestedTooDeepIsShownAsItIs() {
        assertTrue(nasty("thousand-levels").text().endsWith("\nthe innermost text\n"));
    }

    @Test
    void htmlIsThereBesideTheText() {
        assertEquals("<p>the html</p>", nasty("alternatives").html());
        assertEquals("the footer", nasty("html-with-footer").text());
        assertEquals("", nasty("eight-bit").html());
    }

    // Boundaries

    @ParameterizedTest
    @ValueSource(strings = {"outer-boundary-is-a-prefix", "inner-boundary-is-a-prefix"})
    void aBoundaryThatBeginsLikeAnotherIsNotMistakenForIt(String name) {
        List<Long> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            expected.addAll(List.of(1000L + i, 1000L + 3 * i));
        }
        assertEquals(expected, nasty(name).attachments().stream().map(MailTool.Attachment::size).toList());
    }

    @Test
    void aBoundaryThatBeginsLikeAnotherIsNotMistakenForItAtTheEdgeOfABuffer() throws IOException {
        for (int length = 3700; length < 4200; length++) {
            String source = "Content-Type: multipart/mixed; boundary=abc\n\n--abc\nContent-Type: multipart/mixed; boundary=abcdef\n\n" + "p".repeat(length)
                + "\n--abcdef\nContent-Type: text/plain; name=inner\n\ninner\n--abcdef--\n--abc\n\nouter\n--abc--\n";
            MailTool.Message message = read(source);
            assertEquals(List.of("inner"), List.of(content(message.attachments().get(0))));
            assertEquals("outer", message.text());
        }
    }

    @Test
    void aBoundaryWithinALineIsNone() throws IOException {
        MailTool.Message message = nasty("boundary-within-lines");
        assertEquals(600, message.text().lines().filter("> --abc"::equals).count());
        assertEquals(600, message.text().lines().filter(line -> line.endsWith("x--abc")).count());
        assertEquals("second", content(message.attachments().get(0)));
    }

    @ParameterizedTest
    @ValueSource(ints = {4000, 4040, 4060, 4070, 4080, 4090, 4096, 8100, 8150, 8180, 8190, 8192})
    void aPartMayEndAnywhereInABuffer(int length) throws IOException {
        for (int more = 0; more < 12; more++) {
            String first = "a".repeat(length + more - 61) + "\r\n" + "b".repeat(59);
            String source = "Content-Type: multipart/mixed; boundary=abc\n\n--abc\nContent-Type: text/plain; name=a\n\n" + first
                + "\r\n--abc\r\nContent-Type: text/plain; name=b\n\nsecond\n\n--abc--\n";
            List<MailTool.Attachment> parts = read(source).attachments();
            assertEquals(List.of(first, "second\n"), List.of(content(parts.get(0)), content(parts.get(1))));
        }
    }

    // Header fields

    @ParameterizedTest
    @CsvSource(ignoreLeadingAndTrailingWhitespace = false, value = {
        "encoded-words,Grüße", "encoded-lower-case,grüßeü", "encoded-letter-split,Grüße", "encoded-base64-split,Grüße", "encoded-unpadded,Grüße",
        "encoded-with-blanks,Grüße to all", "encoded-side-by-side,Grüße", "encoded-within-text,aGrüßeb", "encoded-language,Grüße",
        "encoded-unknown-charset,Grüße", "encoded-unknown-encoding,=?utf-8?X?abc?=", "encoded-not-closed,=?utf-8?Q?Gr=C3=BC ße",
        "encoded-raw-octets,Grüße", "encoded-iso-2022-jp,こんにちは", "encoded-gb2312,中文", "raw-utf8-header,Grüße €", "raw-latin1-header,Grüße €"})
    void wordsAreDecodedInEveryForm(String name, String words) {
        assertEquals(words, nasty(name).subject());
        assertEquals(words + " <a@example.org>", nasty(name).from());
    }

    @Test
    void quotationMarksAroundAnEncodedNameGo() {
        assertEquals("\"Grüße\"", nasty("encoded-in-quotes").subject());
        assertEquals("Grüße <a@example.org>", nasty("encoded-in-quotes").from());
    }

    @Test
    void manyWordsTakeLittleTime() {
        assertTrue(nasty("quadratic-words").subject().startsWith("=?a?q?=?a?q?"));
        assertTrue(nasty("quadratic-good-words").subject().length() > 7_000);
        assertTrue(nasty("parentheses").from().startsWith("("));
    }

    @Test
    void fieldsAreFoundHoweverTheyAreWritten() {
        MailTool.Message message = nasty("odd-header");
        assertEquals("nasty odd-header", message.subject());
        assertEquals("a@example.org", message.from());
        assertEquals("b@example.org, c@example.org", message.to());
        assertEquals(List.of(""), message.header("x-empty"));
        assertEquals(List.of(), message.header("X-None"));
        assertEquals(List.of("nasty many-subjects", "second"), nasty("many-subjects").header("SUBJECT"));
    }

    @Test
    void addressesAreShownWithTheirNames() {
        MailTool.Message message = nasty("odd-addresses");
        assertEquals("Ann <ann@example.org>", message.from());
        assertTrue(message.to().startsWith("\"Doe, \\\"Joe\\\"\" <joe@example.org>, "), message.to());
        assertTrue(message.to().contains("x@example.org"), message.to());
        assertFalse(message.cc().isEmpty());
    }

    @Test
    void aNameCannotPoseAsAnotherAddress() {
        assertEquals("\"boss@example.org\" <x@example.net>", read("From: =?utf-8?Q?boss=40example.org?= <x@example.net>\n\n").from());
        assertEquals("\"a, b\" <x@example.net>", read("From: =?utf-8?Q?a=2C_b?= <x@example.net>\n\n").from());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Mon, 1 Jan 2024 10:00:00 +0100 | 2024-01-01T10:00+01:00",
        "Mon, 01 Jan 2024 10:00:00 +0100 (CET) | 2024-01-01T10:00+01:00",
        "1 Jan 2024 10:00:00 GMT | 2024-01-01T10:00Z",
        "1 Jan 2024 10:00 -0230 | 2024-01-01T10:00-02:30",
        "Fri, 1 Jan 2024 10:00:00 +0100 | 2024-01-01T10:00+01:00",
        "Mon,  1  Jan  2024 10:00:00   +0100 | 2024-01-01T10:00+01:00",
        "Mon, 1 Jan 24 10:00:00 EST | 2024-01-01T15:00Z",
        "Mon, 1 Jan 24 10:00:00 +0100 | 2024-01-01T10:00+01:00",
        "Mon, 1 Jan 2024 10:00:00 +01:00 | 2024-01-01T10:00+01:00",
        "Mon, 1 Jan 2024 10:00:00 GMT+0100 | 2024-01-01T10:00+01:00",
        "Mon, 1 Jan 2024 10:00 UTC-05:30 | 2024-01-01T10:00-05:30",
        "Mon, 1 Jan 2024 10:00:00 +0100 (GMT+02:00) | 2024-01-01T10:00+01:00",
        "Mon Jan  1 10:00:00 2024 | 2024-01-01T10:00Z",
        "Mon Jan 1 10:00:00 EST 2024 | 2024-01-01T15:00Z",
        "Mon Jan 1 10:00:00 2024 +0100 | 2024-01-01T10:00+01:00",
        "Monday, 1 January 2024 10:00:00 +0100 | 2024-01-01T10:00+01:00",
        "1 January 2024 | 2024-01-01T00:00Z",
        "Mon, 1-Jan-2024 | 2024-01-01T00:00Z",
        "Mon, 1 Jan 24 10:00:00 EST | 2024-01-01T15:00Z",
        "Mon, 1 Jan 2024 10:00:00 | 2024-01-01T10:00Z"})
    void datesAreReadAsPeopleWriteThem(String field, String date) {
        assertEquals(date, read("Date: " + field + "\n\n").date().orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yesterday", "2024", "Mon, 99 Foo 2024 10:00:00 +0100", "Mon, 1 Jan 999999999 10:00:00 +0100"})
    void aDateWithoutSenseIsNone(String field) {
        assertEquals(Optional.empty(), read("Date: " + field + "\n\n").date());
        assertEquals(Optional.empty(), read("Subject: x\n\n").date());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Subject: x#Content-Type: text/plain; charset=koi8-r## | \u041f\u0440\u0438\u0432\u0435\u0442 | koi8-r",
        "Subject: x#Content-Type: text/plain; charset=utf-8## | \u041f\u0440\u0438\u0432\u0435\u0442 | utf-8",
        "Subject: x#Content-Type: text/plain; charset=koi8-r## | \u041f\u0440\u0438\u0432\u0435\u0442 | utf-8",
        "Subject: x#Content-Type: text/plain; charset=utf-8## | Gr\u00fc\u00dfe | windows-1252",
        "Subject: x## | Gr\u00fc\u00dfe | windows-1252"})
    void rawOctetsInAHeaderAreInTheCharsetOfTheText(String source, String words, String charset) {
        String raw = new String(words.getBytes(Charset.forName(charset)), ISO_8859_1);
        assertEquals(words, read(source.replace("x#", raw + "#").replace("#", "\n")).subject());
        assertEquals(List.of(words), read("X-Y: " + raw + "\n" + source.replace("#", "\n")).header("X-Y"));
    }

    // Text in old and odd forms

    @ParameterizedTest
    @ValueSource(strings = {"<meta charset=koi8-r>", "<META CHARSET='KOI8-R'>", "<html><head><meta http-equiv=Content-Type content=\"text/html; charset=koi8-r\">"})
    void aPageWithoutACharsetNamesItItself(String head) {
        String page = head + new String("\u041f\u0440\u0438\u0432\u0435\u0442".getBytes(Charset.forName("koi8-r")), ISO_8859_1);
        assertEquals(head + "\u041f\u0440\u0438\u0432\u0435\u0442", read("Content-Type: text/html\n\n" + page).html());
        assertEquals(page, read("Content-Type: text/html; charset=iso-8859-1\n\n" + page).html());
        assertFalse(read("Content-Type: text/plain\n\n" + page).text().contains("\u041f"));
    }

    @ParameterizedTest
    @CsvSource({"Fr+APY-sche,Fr\u00f6sche", "1 +- 1,1 + 1", "+BB8EQAQ4BDIENQRC!,\u041f\u0440\u0438\u0432\u0435\u0442!", "+2D3eAA-,\ud83d\ude00", "a+,a+", "+A,''", "+AGEA-b,ab"})
    void utf7IsDecoded(String octets, String text) {
        for (String name : List.of("utf-7", "UTF-7", "unicode-1-1-utf-7")) {
            assertEquals(text, read("Content-Type: text/plain; charset=" + name + "\n\n" + octets).text());
        }
    }

    @Test
    void utf7InAWordIsDecoded() {
        assertEquals("Fr\u00f6sche", read("Subject: =?utf-7?Q?Fr+APY-sche?=\n\n").subject());
    }

    private static Stream<Arguments> flowed() {
        return Stream.of(
            Arguments.of("one \ntwo\nthree\n", "one two\nthree\n"),
            Arguments.of("one \n two", "one two"),
            Arguments.of("> one \n> two\n>> three \n> four\n", "> one two\n>> three \n> four\n"),
            Arguments.of("one \n> two\n", "one \n> two\n"),
            Arguments.of(">one \n>\n>two\n", "> one \n>\n> two\n"),
            Arguments.of("end \n-- \nname \nplace\n", "end \n-- \nname place\n"),
            Arguments.of(" >no quote\n From here\n", ">no quote\nFrom here\n"),
            Arguments.of("\n\none\n\n", "\n\none\n\n"),
            Arguments.of("", ""));
    }

    @ParameterizedTest
    @MethodSource("flowed")
    void paragraphsThatWereBrokenToFlowAreWhole(String lines, String text) {
        assertEquals(text, read("Content-Type: text/plain; format=Flowed\n\n" + lines).text());
        assertEquals(lines, read("Content-Type: text/plain\n\n" + lines).text());
    }

    @Test
    void anAddressThatWasBrokenWithABlankToDeleteIsWhole() {
        String source = "Content-Type: text/plain; format=flowed; delsp=yes\n\nhttp://example.org/a \n/long/path\n-- \nme\n";
        assertEquals("http://example.org/a/long/path\n-- \nme\n", read(source).text());
    }

    @Test
    void aLineOfBlanksEndsAHeaderIfTextFollows() {
        String text = "The line before has a blank in it.\n\nMore.\n";
        assertEquals(text, read("Subject: x\n \n" + text).text());
        assertEquals("text", read("Content-Type: multipart/mixed; boundary=b\n\t\n--b\n\ntext\n--b--\n").text());
        String parts = "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n \nfirst one\n\nsecond\n--b--\n";
        assertEquals("first one\n\nsecond", read(parts).text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Subject: x\n \nTo: b@example.org\n\ntext", "Subject: x\n \n y\nTo: b@example.org\n\ntext", "To: b@example.org\n \n\ntext"})
    void aLineOfBlanksDoesNotEndAHeaderThatGoesOn(String source) {
        assertEquals("b@example.org", read(source).to());
        assertEquals("text", read(source).text());
    }

    // Attachments

    @Test
    void namesOfAttachmentsAreDecodedInEveryForm() {
        assertEquals(List.of("Grüße €.txt", "one €.txt", "Bob's two+two.txt", "A%41lost", "O'Brien.txt", "Grüße.txt", "Grüße.txt", "Grüße.txt", "Grüße.txt", "two words.txt",
            "C:\\Temp\\new.txt", "not closed.txt", "folded name.txt", "only in the type.txt"),
            nasty("names").attachments().stream().map(MailTool.Attachment::name).toList());
    }

    @Test
    void anAttachmentHasANameOrIsMarkedAsOneOrIsAMessage() {
        String source = """
            Content-Type: multipart/mixed; boundary=b

            --b

            the text
            --b
            Content-Type: text/plain
            Content-Disposition: attachment

            marked
            --b
            Content-Type: image/png; name=a.png
            Content-Disposition: inline

            named
            --b
            Content-Type: image/gif
            Content-Disposition: inline

            neither
            --b
            Content-Type: message/rfc822

            Subject: inner

            --b--
            """;
        List<MailTool.Attachment> attachments = read(source).attachments();
        assertEquals(List.of(2, 3, 5), attachments.stream().map(MailTool.Attachment::part).toList());
        assertEquals(List.of("text/plain", "image/png", "message/rfc822"), attachments.stream().map(MailTool.Attachment::type).toList());
        assertEquals(List.of("", "a.png", ""), attachments.stream().map(MailTool.Attachment::name).toList());
        assertEquals("the text", read(source).text());
    }

    @Test
    void contentIsDecodedByteForByte() throws IOException {
        String octets = new String(NastyMessages.get("all-octets"), ISO_8859_1);
        assertEquals(octets.substring(octets.indexOf("\r\n\r\n") + 4), content(nasty("all-octets").attachments().get(0)));
        assertEquals("hello world", content(nasty("uuencode").attachments().get(0)).toLowerCase());
        assertTrue(content(nasty("message-in-base64").attachments().get(0)).startsWith("Subject: inner\r\n"));
        assertEquals("Subject: inner", message(nasty("message-in-message").attachments().get(0).open()).header("Subject").stream().map("Subject: "::concat).findFirst().orElse(""));
    }

    @Test
    void partsBeyondTheTenThousandthAreLeftOut() {
        assertEquals(5000, nasty("five-thousand-parts").attachments().size());
        assertEquals(10_000, nasty("million-parts").parts().size());
    }

    @Test
    void attachmentsCanBeReadInAnyOrderAndAgain() throws IOException {
        List<MailTool.Attachment> attachments = nasty("five-thousand-parts").attachments();
        for (int part : List.of(5000, 1, 2500, 5000)) {
            assertEquals("part " + part, content(attachments.get(part - 1)));
        }
    }

    // Laziness

    @Test
    void theBodyIsFetchedOnlyWhenItIsNeeded() {
        List<String> fetched = new ArrayList<>();
        Path file = files.write("lazy.eml", "Subject: body\n\ntext\n");
        MailTool.Message message = new MailTool.Message(7, "uid", 42, () -> {
            fetched.add("header");
            return "Subject: header\nFrom: a@example.org\n\n".getBytes(UTF_8);
        }, () -> {
            fetched.add("body");
            return file;
        });
        assertEquals("7 uid 42", message.number() + " " + message.uid() + " " + message.size());
        assertEquals(List.of(), fetched);
        assertEquals("header a@example.org", message.subject() + " " + message.from());
        assertEquals(List.of("header"), fetched);
        assertEquals("text\n", message.text() + message.html());
        assertEquals(List.of("header", "body"), fetched);
    }

    @Test
    void theHeaderComesFromTheBodyIfThatIsThere() {
        Path file = files.write("whole.eml", "Subject: body\n\ntext\n");
        MailTool.Message message = new MailTool.Message(1, "uid", 1, () -> {
            throw new AssertionError("the header was fetched");
        }, () -> file);
        assertEquals("text\n", message.text());
        assertEquals("body", message.subject());
    }

    @Test
    void aMissingFileIsAnError() {
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> message(files.resolve("none.eml")));
        assertEquals(MailTool.Exit.NO_INPUT, problem.exit());
    }
}
