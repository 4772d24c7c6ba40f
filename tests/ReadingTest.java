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
import java.util.Collections;
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
            Arguments.of("cr-in-boundary", "--a\rb\n\ntext\n--a\rb--\n"),
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

    /** Each may take the square of its length. */
    @Test
    void ofManyListsOfAddressesTheBeginningsAreRead() {
        String several = "To: " + "a@example.org, ".repeat(1500) + "\n";
        String shown = read(several.repeat(30) + "\n").to();
        assertTrue(shown.startsWith("a@example.org, a@example.org") && shown.length() < 40_000, shown.length() + "");
        assertEquals(30, shown.split(" …", -1).length - 1);
    }

    @Test
    void aNameCannotPoseAsAnotherAddress() {
        assertEquals("\"boss@example.org\" <x@example.net>", read("From: =?utf-8?Q?boss=40example.org?= <x@example.net>\n\n").from());
        assertEquals("\"a, b\" <x@example.net>", read("From: =?utf-8?Q?a=2C_b?= <x@example.net>\n\n").from());
    }

    @ParameterizedTest
    @CsvSource({"\"boss@example.org\" <local>, local", "boss@example.org <local>, local", "local (boss@example.org), local", "\"boss@example.org\" <>, ''",
        "\"local\" <boss@example.org>, boss@example.org"})
    void theAddressIsWhatStandsInItsPlaceWhateverTheNameLooksLike(String field, String address) {
        assertEquals(address, read("From: " + field + "\n\n").fromAddress());
    }

    /** As people and programs write them that quote nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"Doe, John <a@example.org>", "Doe, Dr. John <a@example.org>, b@example.org", "John <a@example.org", "John a@example.org", "John a@example.org>",
        "<<a@example.org>>", "team: a@example.org, b@example.org;", "John: Doe <a@example.org>", "John; <a@example.org>", "<mailto:a@example.org>", "<@b.example,@c.example:a@example.org>",
        "=?utf-8?Q?Doe=2C_John?= <a@example.org>", "=?utf-8?Q?=22J=22?= <a@example.org", "a@example.org", "a@example.org b@example.org", "<a@example.org,b@example.org>",
        "team: John <a@example.org>, b@example.org;"})
    void theAddressIsFoundThoughTheFieldIsNotWellFormed(String field) {
        assertEquals("a@example.org", read("From: " + field + "\n\n").fromAddress());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '!', value = {"\"a b\"@example.org | \"a b\"@example.org", "\"a:b <c@d>\"@example.org | \"a:b <c@d>\"@example.org",
        "\"boss@example.com <boss@example.com>\"@example.org | \"boss@example.com <boss@example.com>\"@example.org",
        "a@[IPv6:2001:db8::1] | a@[IPv6:2001:db8::1]", "/G=John/S=Doe/@example.org | /G=John/S=Doe/@example.org", "root | root", "root, daemon | root",
        "=?utf-8?Q?boss=40example.com_?=@example.org | boss@example.com @example.org", "=?utf-8?Q?x_<boss=40example.com>?=@example.org | boss=40example.com",
        "boss@example.org <local | boss@example.org <local", "a@b@example.org | a@b@example.org", "undisclosed-recipients:; | !!", "<> | !!"})
    void anAddressThatIsWellFormedOrNoneStaysAsItIs(String field, String address) {
        assertEquals(address, read("From: " + field + "\n\n").fromAddress());
    }

    /** RFC 5322, 4.5. The line of an mbox has no colon there. */
    @Test
    void aFieldMayHaveBlanksBeforeItsColonAlsoWhereItIsTheFirst() {
        assertEquals("a@example.org", read("From : a@example.org\nSubject: x\n\nHello\n").fromAddress());
        assertEquals("a@example.org", read("From \t: a@example.org\nSubject: x\n\nHello\n").fromAddress());
        assertEquals("x", read("From a@example.org Sat Nov 21 06:17:07 2026\nSubject: x\n\nHello\n").subject());
        assertEquals("", read("From a@example.org Sat Nov 21 06:17:07 2026\nSubject: x\n\nHello\n").fromAddress());
    }

    @Test
    void aLineThatIsContinuedBehindATabIsOneWithABlank() {
        String source = "Subject: Your order\n\thas come\nContent-Type: multipart/mixed;\n\tboundary=\"a\n\tb\"\n\n--a b\nContent-Disposition: attachment;\n\tfilename=\"long\n\tname.txt\"\n\nx\n--a b--\n";
        assertEquals("Your order has come", read(source).subject());
        assertEquals(List.of("long name.txt"), read(source).attachments().stream().map(MailTool.Attachment::name).toList());
        assertEquals("a\tb  c", read("Subject: a\tb\n  c\n\n").subject());
    }

    @ParameterizedTest
    @CsvSource({"=?utf-8?B?8J+YgA==\ud83d\ude00?=, \ud83d\ude00", "=?utf-8?Q?=C3=BC\ud83d\ude00?=, \u00fc\ud83d\ude00"})
    void aWordMayHaveLettersThatItShouldMask(String word, String shown) {
        assertEquals(shown, read("Subject: " + new String(word.getBytes(UTF_8), ISO_8859_1) + "\n\n").subject());
    }

    @Test
    void blanksDoNotCountWhereAGroupOfBase64IsSplit() {
        assertEquals("Gr\u00fc\u00dfe a", read("Subject: =?utf-8?B?R3LDvMO ?= =?utf-8?B?fZSBh?=\n\n").subject());
    }

    @ParameterizedTest
    @CsvSource({"R3LDvMOfZSBhdXM, IE3DvG5jaGVu, Gr\u00fc\u00dfe aus M\u00fcnchen", "R3LDvMOfZSBhdXMg, TcO8bmNoZW4, Gr\u00fc\u00dfe aus M\u00fcnchen",
        "R3LDvMOfZSBhdX!z, IE3DvG5jaGVu, Gr\u00fc\u00dfe au| M\u00fcnchen", "R3LDvMOfZSBhdXMgTcO, 8bmNoZW4=, Gr\u00fc\u00dfe aus M\u00fcnchen"})
    void aWordOfBase64IsReadByItselfUnlessItsLastGroupGoesOn(String first, String second, String text) {
        assertEquals(text, read("Subject: =?utf-8?B?" + first + "?= =?utf-8?B?" + second + "?=\n\n").subject());
    }

    @ParameterizedTest
    @CsvSource({"=??Q?Gr=FC=DFe?=", "=??B?R3LDvMOfZQ==?="})
    void aWordWithoutACharsetIsDecodedAsOneOfAnUnknownOne(String word) {
        assertEquals("Gr\u00fc\u00dfe", read("Subject: " + word + "\n\n").subject());
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
    @CsvSource(delimiter = '|', value = {
        "Tue, 5 Mar 2024 08:09:10 GMT -0330 | 2024-03-05T08:09:10-03:30",
        "Tue, 5 Mar 2024 08:09:10 UTC+2 | 2024-03-05T08:09:10+02:00",
        "Tue, 5 Mar 2024 08:09:10.987654 -0800 | 2024-03-05T08:09:10-08:00",
        "Tue, 5 Mar 2024 08:09:10,5 -0800 | 2024-03-05T08:09:10-08:00",
        "Tue, 5 Mar 2024 08:09:10 PM -0800 | 2024-03-05T20:09:10-08:00",
        "Tue, 5 Mar 2024 12:09 am +0000 | 2024-03-05T00:09Z",
        "Mar 5, 2024 8:09:10 PM | 2024-03-05T20:09:10Z",
        "Tue Mar 05 2024 08:09:10 GMT+0100 (CET) | 2024-03-05T08:09:10+01:00",
        "Tue Mar  5 08:09:10 PDT 2024 | 2024-03-05T15:09:10Z",
        "(one) Tue (two (three)), 5 (\\)) Mar 2024 08:09:10 (four) +0100 (five | 2024-03-05T08:09:10+01:00",
        "Tue, 5 Mar 2024 08:09:10 +0100 CET | 2024-03-05T08:09:10+01:00",
        "2024-03-05T08:09:10.123+01:00 | 2024-03-05T08:09:10+01:00",
        "2024-03-05 08:09 -0100 | 2024-03-05T08:09-01:00",
        "20240305T080910Z | 2024-03-05T08:09:10Z",
        "2024-02-29 | 2024-02-29T00:00Z",
        "Sat, 31 Dec 2016 23:59:60 +0000 | 2016-12-31T23:59:59Z",
        "Sun, 1 Jan 2017 00:59:60.5 +0100 | 2017-01-01T00:59:59+01:00",
        "2016-12-31T23:59:60Z | 2016-12-31T23:59:59Z",
        "Tue, 5 Mar 2024 08:09:10 (EST) | 2024-03-05T13:09:10Z",
        "Tue, 5 Mar 2024 08:09 (-0330) | 2024-03-05T08:09-03:30",
        "Tue, 5 Mar 2024 08:09:10 ( GMT ) | 2024-03-05T08:09:10Z",
        "Tue, 5 Mar 2024 08:09:10 PM (one) +0100 (EST) | 2024-03-05T20:09:10+01:00",
        "5-Mar-99 8:9:10 EST | 1999-03-05T13:09:10Z",
        "Tue, 5 Mar 104 08:09:10 Z | 2004-03-05T08:09:10Z"})
    void datesOfScriptsAndOtherCountriesAreReadWholly(String field, String date) {
        assertEquals(date, read("Date: " + field + "\n\n").date().orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"30 Feb 2024 10:00:00 +0000", "29 Feb 2023 10:00:00 +0000", "5 Mar 2024 24:00:00 +0000", "5 Mar 2024 10:60:00 +0000",
        "5 Mar 2024 10:00:99 +0000", "5 Mar 2024 10:00:060 +0000",
                "5 Mar 2024 10:00:61 +0000", "5 Mar 2024 10:00:00 +0160", "5 Mar 2024 10:00:00 +9900", "5 Mar 2024 13:00 PM", "5 Mar 2024 0:30 AM",
        "5 Mar 2024 10:00:00 CET", "5 Mar 2024 10:00:00 A", "5 Mar 2024 10:00:00 +0100 EST", "5 Mar 2024 10:00:00 +0100 +0200", "5 Mar 2024 10:00:00 +100",
        "5 Mar 2024 10:00:00 +0100 or so", "5 Mar 2024 10:00 11:00", "2024-13-05", "2024-03-05T", "03/05/2024", "5 Mar 2024 1\u00b2:00:00 +0000",
        "\u00d9\u00a5 Mar 2024 10:00:00 +0000", "5 Mar 20245 10:00:00 +0000", "5 Mars 2024 10:00:00 +0000",
        "5 Mar 2024 10:00:00 (CET)", "5 Mar 2024 10:00 (Central European Time)", "5 Mar 2024 10:00:00( -0400 (EDT)", "5 Mar 2024 10:00:00 (-0400"})
    void aDateThatCannotBeReadWhollyIsNone(String field) {
        assertEquals(Optional.empty(), read("Date: " + field + "\n\n").date());
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

    /** Programs that count octets cut letters; so do we, at the end of very long texts. */
    @ParameterizedTest
    @ValueSource(strings = {"", "; charset=windows-1252"})
    void aTextWithALetterCutInTwoIsStillUtf8(String charset) {
        String words = "\u041f\u0440\u0438\u0432\u0435\u0442 \u0432\u0441\u0435\u043c";
        String cut = new String(words.getBytes(UTF_8), ISO_8859_1).replaceFirst(".$", "");
        String shown = words.replaceFirst(".$", "\ufffd");
        MailTool.Message message = read("From: \"" + cut + "\" <a@example.org>\nContent-Type: text/plain" + charset + "\nContent-Disposition: attachment; filename=\"" + cut + ".txt\"\n\n");
        assertEquals(shown + " <a@example.org>", message.from());
        assertEquals(shown + ".txt", message.attachments().get(0).name());
        assertEquals(shown, read("\n" + cut).text());
        assertEquals("\u00cf\u00f0\u00e8\u00e2\u00e5\u00f2 \u00c3\u00a9", read("\n\u00cf\u00f0\u00e8\u00e2\u00e5\u00f2 \u00c3\u00a9").text());
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

    @ParameterizedTest
    @CsvSource({"gb2312,81fe,\u4fa2", "chinese,81fe,\u4fa2", "ks_c_5601-1987,8c63,\ub620", "korean,b0a1,\uac00", "latin1,80,\u20ac", "l1,99,\u2122", "US-ASCII,e9,\u00e9",
        "us-ascii,c3a9,\u00c3\u00a9", "iso-8859-9,80,\u20ac", "latin5,fe,\u015f", "x-sjis,8740,\u2460", "ms_kanji,82a0,\u3042", "euc-jp,ada1,\u2460", "csiso2022jp,1b24422d211b2842,\u2460",
        "tis-620,80,\u20ac", "unicode11utf8,c3a9,\u00e9", "utf-16,e900,\u00e9", "unicodefffe,00e9,\u00e9", "cp866,80,\u0410", "logical,e0,\u05d0", "sun_eu_greek,e1,\u03b1",
        "koi8_r,c1,\u0430", "latin6,bd41,\u2015A", "iso885914,a1,\u1e02", "x-mac-roman,8a,\u00e4", "cn-big5,a440,\u4e00", "'\" Latin2 \"',b1,\u0105", "iso-8859-1 (Western),80,\u20ac", "cp437,81,\u00fc", "x-none,c3a9,\u00e9"})
    void aLabelMeansWhatTheEncodingStandardSays(String label, String octets, String text) {
        String raw = new String(java.util.HexFormat.of().parseHex(octets), ISO_8859_1);
        assertEquals(text, read("Content-Type: text/plain; charset=" + label + "\n\n" + raw).text());
    }

    @ParameterizedTest
    @CsvSource({"gb2312,e4bda0e5a5bdefbc8131,\u4f60\u597d\uff011", "iso-2022-jp,c3bc,\u00fc", "euc-kr,47c3b6e284a2,G\u00f6\u2122", "us-ascii,e2889e9d,\u00e2\u02c6\u017e\ufffd",
        "us-ascii,e2889de2849d,\u221d\u211d", "utf-8,c3bc20f6,\u00fc \ufffd", "utf-8,4bc3bc7374c3,K\u00fcst\ufffd", "utf-8,efbfbd,\ufffd",
        "gb2312,c4e3ff,\u4f60\ufffd", "iso-2022-jp,1b24422473ff,\u3093\ufffd"})
    void aLabelThatCanNotBeTrueIsNotBelieved(String label, String octets, String text) {
        byte[] raw = java.util.HexFormat.of().parseHex(octets);
        assertEquals(text, read("Content-Type: text/plain; charset=" + label + "\n\n" + new String(raw, ISO_8859_1)).text());
        String word = "=?" + label + "?B?" + java.util.Base64.getEncoder().encodeToString(raw) + "?=";
        assertEquals(text, read("Subject: " + word + "\n\n").subject());
    }

    @ParameterizedTest
    @CsvSource({"utf-8,efbbbf48c3a9", "iso-8859-1,efbbbf48c3a9", "'',efbbbf48c3a9", "utf-16,feff004800e9", "utf-16be,fffe4800e900", "'',fffe4800e900"})
    void aByteOrderMarkTellsTheCharsetAndIsLeftOut(String label, String octets) {
        String raw = new String(java.util.HexFormat.of().parseHex(octets), ISO_8859_1);
        assertEquals("H\u00e9", read("Content-Type: text/plain; charset=" + label + "\n\n" + raw).text());
    }

    @Test
    void japaneseIsReadWithoutALabel() {
        String raw = "\u001b$B$3$s\u001b(B <\u001b$@$K\u001b(J>";
        assertEquals("\u3053\u3093 <\u306b>", read("\n" + raw).text());
        assertEquals("\u3053\u3093 <\u306b>", read("Content-Type: text/plain; charset=us-ascii\n\n" + raw).text());
        assertEquals("\u3053\u3093 <\u306b>", read("Subject: " + raw + "\n\n").subject());
        assertEquals("\u3053\u3093 <a@example.org>", read("From: \u001b$B$3$s\u001b(B <a@example.org>\n\n").from());
        assertEquals(raw, read("Content-Type: text/plain; charset=iso-8859-1\n\n" + raw).text());
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

    // Where a header ends

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Subject: s#No empty line before this#and more##last# | No empty line before this#and more##last# | ''",
        "Subject: s#-- #sig# | -- #sig# | ''",
        "Subject: s#http://example.org/##more# | http://example.org/##more# | ''",
        "Subject: s#odd one# continued#X-A: b##text# | text# | odd one continued",
        "Subject: s#odd one#X-A: b#the body##text# | the body##text# | odd one",
        "junk before#Subject: s##text# | text# | junk before",
        "\tcontinues nothing#Subject: s##text# | text# | continues nothing"})
    void aLineThatIsNoFieldBeginsTheBodyUnlessAFieldFollows(String source, String text, String leftOut) {
        MailTool.Message message = read(source.replace('#', '\n'));
        assertEquals("s", message.subject());
        assertEquals(text.replace('#', '\n'), message.text());
        assertEquals(leftOut.isEmpty() ? List.of() : List.of("what is no field is left out of a header: " + leftOut), message.warnings());
    }

    @Test
    void aParameterGoesOnWithItsFieldThoughItsBlanksGotLost() throws IOException {
        String part = "Content-Type: text/csv;\nname=\"a:b.csv\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; \r\nfilename*0=\"la\";\n"
            + "filename*1=\"st.csv\"\n\nMSwyCg==\n";
        MailTool.Message message = read("Content-Type: multipart/mixed;\nboundary=\"b:1\"\nSubject: s;\n\nintro\n--b:1\n" + part + "--b:1--\n");
        assertEquals("s;", message.subject());
        assertEquals(List.of("last.csv"), message.parts().stream().map(MailTool.Attachment::name).toList());
        assertEquals("1,2\n", content(message.parts().get(0)));
        assertEquals(List.of("what stands outside of the parts is left out: intro"), message.warnings());
        assertEquals("a=b\n", read("Subject: s\na=b\n").text());
        assertEquals("a b=c;\n", read("Subject: s;\na b=c;\n").text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--(x)y", "--(x)y \t", "--(x)y\r"})
    void aDelimiterEndsTheHeaderThatDeclaresIt(String delimiter) {
        String source = "Content-Type: multipart/mixed; x=y;\n boundary=(x)y\nSubject: s\n" + delimiter + "\n\none\n--(x)y\nContent-Type: text/html\n\ntwo\n--(x)y--\n";
        assertEquals("one two", read(source).text() + " " + read(source).html());
        assertEquals(List.of(), read(source).warnings());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type: multipart/mixed; boundary=b\n--b c\n\nx\n", "Content-Type: multipart/mixed; boundary=b\n--bc\n\nx\n", "Content-Type: text/plain; boundary=b\n--b\n\nx\n"})
    void whatOnlyLooksLikeADelimiterIsText(String source) {
        assertEquals(source.substring(source.indexOf('\n') + 1), read(source).text());
    }

    /** As on old Macs. */
    @Test
    void linesMayEndWithCrAlone() throws IOException {
        String source = "Subject: old\rContent-Type: multipart/mixed; boundary=b\r\r--b\r\rone\rtwo\r--b\rContent-Type: x/y; name=a\rContent-Transfer-Encoding: base64\r\rYWJj\r--b--\r";
        MailTool.Message message = read(source);
        assertEquals(List.of("old", "one\ntwo", "abc"), List.of(message.subject(), message.text(), content(message.attachments().get(0))));
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        message.writeTo(raw);
        assertEquals(source, raw.toString(ISO_8859_1));
    }

    @Test
    void aMultipartWithinMayHaveTheSameBoundary() throws IOException {
        String within = "--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nplain%1$s\n--b\nContent-Type: text/html\n\n"
            + "<p>page%1$s\n--b--\n\n";
        String file = "--b\nContent-Type: text/csv; name=last.csv\nContent-Transfer-Encoding: base64\n\nMSwyCg==\n";
        String head = "Content-Type: multipart/mixed; boundary=b\n\n";
        MailTool.Message message = read(head + within.formatted(1) + within.formatted(2) + file + "--b--\nRead this!\n");
        assertEquals("plain1\nplain2", message.text());
        assertEquals("<p>page1\n<p>page2", message.html());
        assertEquals(List.of("last.csv"), message.attachments().stream().map(MailTool.Attachment::name).toList());
        assertEquals("1,2\n", content(message.attachments().get(0)));
        assertEquals(List.of("what stands outside of the parts is left out: Read this!"), message.warnings());
    }

    @Test
    void manyOfTheSameBoundaryEndSomewhere() {
        String within = "--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b--\n";
        MailTool.Message message = read("Content-Type: multipart/mixed; boundary=b\n\n" + within.repeat(2000));
        assertTrue(message.parts().size() > 80, () -> message.parts().size() + " parts");
        assertEquals("parts that are nested deeper than 50 levels are left together", message.warnings().get(0));
        assertTrue(message.warnings().get(1).startsWith("what stands outside of the parts is left out: --b "), message.warnings()::toString);
    }

    @Test
    void textBesideThePartsIsNotHiddenWithoutAWord() {
        String parts = "--b\n\ntext\n--b--\n";
        String head = "Content-Type: multipart/mixed; boundary=b\n\n";
        assertEquals(List.of("what stands outside of the parts is left out: Read this!"), read(head + "Read this!\n" + parts).warnings());
        assertEquals(List.of("what stands outside of the parts is left out: --b hidden"), read(head + parts + "--b\n\nhidden\n").warnings());
        assertEquals(List.of("what stands outside of the parts is left out: --b Content-Type: multipart/mixed"),
            read(head + parts + "--b\nContent-Type: multipart/mixed\n").warnings());
        assertEquals(List.of(), read(head + "This is a multi-part message in MIME format.\n\n" + parts + "\n").warnings());
        assertEquals(List.of(), read(head + "This is a multi-part message in MIME format.\n----------\n" + parts + "\n").warnings());
    }

    // Decoding

    private static MailTool.Attachment encoded(String encoding, String body) {
        return read("Content-Type: application/x; name=a\nContent-Transfer-Encoding: " + encoding + "\n\n" + body).attachments().get(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "YWJj#ZA==#ZWY=#Zw | abcdefg", "YWJjZA==ZWZn | abcdefg", "YWJj ZGVm  ZA== | abcdefd", "YWJj####ZGVm# | abcdef", "YW=#Yw | ac", "a-b_ | k\u00e6\u00ff", "YQ==== | a"})
    void base64IsReadToItsEnd(String body, String content) throws IOException {
        assertEquals(content, content(encoded("base64", body.replace('#', '\n'))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"These are just words.\nAnd more: 5%.\n", "word\n\nand another one\n", "Hello,\n", "Hello\nWorld\n", "<p>x</p>", "a,b,c\n1,2,3\n", "key=12\n",
        "From: a@example.org\n\n" + "QUJD", "-----BEGIN X-----\nQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD\n", "\u0089PNG\r\n\u001a\n\0\0"})
    void whatIsSaidToBeBase64AndIsNoneIsGivenAsItIs(String body) throws IOException {
        assertEquals(body, content(encoded("base64", body)));
        String source = "Content-Transfer-Encoding: base64\n\n" + body;
        MailTool.Message message = read(source);
        assertEquals(body.replace("\r\n", "\n"), new String(message.text().getBytes(Charset.forName("windows-1252")), Charset.forName("windows-1252")).replace('\u2030', '\u0089'));
        assertEquals(List.of("part 1: it is said to be base64, what is not is given as it is"), message.warnings());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n-- \nYou get this as a member of X.\n", "_______________________\nlist mailing list\n", "*** scanned, clean ***\n"})
    void textBehindBase64IsGivenAsItIs(String footer) {
        for (String base64 : List.of("b2sK\n", "bGluZQo=\n", "YSBsaW5lCg==\n", "YWJj".repeat(19).concat("\n").repeat(100))) {
            String body = new String(java.util.Base64.getMimeDecoder().decode(base64), ISO_8859_1);
            MailTool.Message message = read("Content-Transfer-Encoding: base64\n\n" + base64 + footer);
            assertEquals(body + footer.stripLeading(), message.text());
            assertEquals(List.of("part 1: it is said to be base64, what is not is given as it is"), message.warnings());
        }
    }

    @Test
    void whatIsLeftOutOfBase64IsSaid() throws IOException {
        MailTool.Message message = read("Content-Transfer-Encoding: base64\n\nYWJj\0ZGVm\nZ2!hpYQ==");
        assertEquals("abcdefghia", message.text());
        assertEquals(List.of("part 1: characters that are not base64 are left out"), message.warnings());
        message = read("Content-Transfer-Encoding: base64\n\nYWJjZ");
        assertEquals("abc", message.text());
        assertEquals(List.of("part 1: its base64 breaks off"), message.warnings());
    }

    /** As the JDK does, and what else reads mail. */
    @ParameterizedTest
    @CsvSource({"0, 10, !", "3, 40, %", "2, 75, :", "1, 0, \u00ff", "2, 1, *?"})
    void ofAFullLineOfBase64OnlyWhatIsNoDigitIsLeftOut(int line, int column, String odd) throws IOException {
        for (int replaced = 0; replaced < 2; replaced++) {
            List<String> lines = new ArrayList<>(Collections.nCopies(4, "AbC+".repeat(19)));
            lines.set(line, new StringBuilder(lines.get(line)).replace(column, column + replaced, odd).toString());
            String body = String.join("\n", lines);
            assertEquals(new String(java.util.Base64.getMimeDecoder().decode(body), ISO_8859_1), content(encoded("base64", body)));
            assertEquals(List.of("part 1: characters that are not base64 are left out"), spoken(read("Content-Transfer-Encoding: base64\n\n" + body)));
        }
    }

    private static List<String> spoken(MailTool.Message message) {
        message.text();
        return message.warnings();
    }

    @Test
    void anyContentComesBackFromBase64() throws IOException {
        java.util.Random random = new java.util.Random(7);
        for (int i = 0; i < 600; i++) {
            byte[] octets = new byte[random.nextInt(i % 10 == 0 ? 70_000 : 300)];
            random.nextBytes(octets);
            String lines = java.util.Base64.getMimeEncoder(List.of(4, 60, 76, 1 << 20).get(i % 4), "\r\n".substring(i % 2).getBytes(ISO_8859_1)).encodeToString(octets);
            assertEquals(new String(octets, ISO_8859_1), content(encoded("base64", lines)));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, value = {
        "begin 644 x~$86)C9   ~`~end~begin 644 y~!90  ~end~|abcde", "begin 644 x~$86)C9~`~end~|abcd", "begin 644 x~#```!~end~|NNA", "~begin 644 x~%~end~~|NNNNN"})
    void uuencodedFilesAreReadToTheirEnd(String lines, String content) throws IOException {
        assertEquals(content.replace('N', '\0').replace('A', '\1'), content(encoded("x-uuencode", lines.replace('~', '\n'))));
    }

    @Test
    void aUuencodedFileMayHaveANameInAnyLetters() throws IOException {
        String name = new String("\u00c5 \u0445.txt".getBytes(UTF_8), ISO_8859_1);
        assertEquals("Cat", content(encoded("x-uuencode", "begin 644 " + name + "\r\n#0V%T\r\n`\r\nend\r\n")));
        assertEquals("a\u0085begin 644 x\n", content(encoded("x-uuencode", "a\u0085begin 644 x\n")));
    }

    @Test
    void textAroundUuencodedLinesIsGivenAsItIs() {
        MailTool.Message message = read("Content-Transfer-Encoding: x-uuencode\n\nHere it is:\nbegin 644 x\n#86)C\nsome words\n`\nend\n\nregards\n");
        assertEquals("Here it is:\nabcsome words\nregards\n", message.text());
        assertEquals(List.of("part 1: it is said to be uuencoded, what is not is given as it is"), message.warnings());
    }

    @Test
    void nothingGetsLostInQuotedPrintable() throws IOException {
        String blanks = " \t".repeat(20_000);
        assertEquals("a == b\r\n=3 =Z" + blanks + "c", content(encoded("quoted-printable", "a == b  \n=3 =\t\n=Z" + blanks + "c")));
        String line = "=41=".repeat(30_000);
        assertEquals("A=".repeat(30_000), content(encoded("quoted-printable", line)));
    }

    // Attachments

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "filename=Offer [2] (signed).doc | Offer [2] (signed).doc", "filename=a (1).txt; size=5 | a (1).txt", "filename*0=a (1; filename*1=).txt | a (1).txt",
        "(x) filename=\"a (1).txt\" (y) | a (1).txt", "filename=\"The \"new\" one.txt\"; x=y | The \"new\" one.txt", "filename=:-).txt | :-).txt",
        "filename=\"a;b\\\"c.txt\" | a;b\"c.txt", "x; y=; filename=z.txt | z.txt"})
    void whatIsNotQuotedInANameStays(String parameters, String name) {
        assertEquals(List.of(name), read("Content-Disposition: attachment; " + parameters + "\n\nx").attachments().stream().map(MailTool.Attachment::name).toList());
        assertEquals(List.of(name), read("Content-Type: application/x; " + parameters + "\n\nx").attachments().stream().map(MailTool.Attachment::name).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"attachment filename=\"a b.txt\" | a b.txt", "attachment; filename=\"a b.txt\" size=3 | a b.txt", "attachment; size=3 filename=a.txt | a.txt",
        "attachment\t filename*=utf-8''a%20b.txt | a b.txt"})
    void aSemicolonMayBeMissingBeforeAParameter(String disposition, String name) {
        List<MailTool.Attachment> parts = read("Content-Type: multipart/mixed\n boundary=b\n\n--b\nContent-Type: text/plain charset=koi8-r\n\n\u00c1\n--b\nContent-Type: image/gif name=\"no.gif\"\n"
            + "Content-Disposition: " + disposition + "\n\nx\n--b--\n").parts();
        assertEquals(List.of("text/plain", "image/gif"), parts.stream().map(MailTool.Attachment::type).toList());
        assertEquals(List.of("", name), parts.stream().map(MailTool.Attachment::name).toList());
        assertEquals("\u0430", read("Content-Type: text/plain charset=koi8-r\n\n\u00c1").text());
    }

    @Test
    void aPageThatIsAllThereIsIsAPageThoughItHasAName() {
        MailTool.Message message = read("Content-Type: text/html; name=a.html\nContent-Disposition: inline\n\n<p>Hello <b>you</b>");
        assertEquals(List.of("", "<p>Hello <b>you</b>", "Hello you\n"), List.of(message.text(), message.html(), message.readable()));
        assertTrue(message.parts().get(0).isShown());
        assertTrue(message.parts().get(0).isAttached());
    }

    @ParameterizedTest
    @ValueSource(strings = {"boundary=a(b)c", "boundary=a(b)c (comment)", "charset=x; boundary=a(b)c ; y=z", "boundary = \"a(b)c\" (comment)"})
    void aBoundaryMayHaveBrackets(String parameters) {
        assertEquals("text", read("Content-Type: multipart/mixed (comment; boundary=no); " + parameters + "\n\n--a(b)c\n\ntext\n--a(b)c--\n").text());
    }

    @Test
    void aBoundaryMayHaveLettersThatItMayNot() {
        assertEquals("text", read("Content-Type: multipart/mixed; boundary=\u00c3\u00bc\n--\u00c3\u00bc\n\ntext\n--\u00c3\u00bc--\n").text());
    }

    @Test
    void allPartsAreThereWithWhatTellsThemApart() {
        String source = "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nplain\n--c\nContent-Type: text/html\n\nhtml\n--c--\n"
            + "--b\nContent-Type: image/gif\nContent-ID: <i@x>\n\nGIF\n--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=d\n\n--d\n\nx\n--d--\n--b--\n";
        List<MailTool.Attachment> parts = read(source).parts();
        assertEquals(List.of(1, 2, 3, 4), parts.stream().map(MailTool.Attachment::part).toList());
        assertEquals(List.of("text/plain", "text/html", "image/gif", "message/rfc822"), parts.stream().map(MailTool.Attachment::type).toList());
        assertEquals(List.of("", "", "i@x", ""), parts.stream().map(MailTool.Attachment::contentId).toList());
        assertEquals(List.of(true, true, false, false), parts.stream().map(MailTool.Attachment::isShown).toList());
        assertEquals(List.of(false, false, false, true), parts.stream().map(MailTool.Attachment::isAttached).toList());
    }

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
        MailTool.Message message = new MailTool.Message(7, "uid", 42, Optional.of(() -> {
            fetched.add("header");
            return "Subject: header\nFrom: a@example.org\n\n".getBytes(UTF_8);
        }), () -> {
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
        MailTool.Message message = new MailTool.Message(1, "uid", 1, Optional.of(() -> {
            throw new AssertionError("the header was fetched");
        }), () -> file);
        assertEquals("text\n", message.text());
        assertEquals("body", message.subject());
    }

    @Test
    void aMissingFileIsAnError() {
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> message(files.resolve("none.eml")));
        assertEquals(MailTool.Exit.NO_INPUT, problem.exit());
    }
}
