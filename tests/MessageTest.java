package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static mailtool.MailTool.mail;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import jakarta.mail.Address;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.ContentType;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.internet.MimePart;
import jakarta.mail.internet.MimeUtility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A message composed of its parts: what is written is read again with the parser of Jakarta Mail. */
final class MessageTest {
    private static final String HTML = "<p>Hello</p>";

    @AutoClose
    private final Scratch files = Scratch.create("message");

    // Addresses

    @Test
    void addressListsHoldNamesCommentsAndGroups() throws Exception {
        MailTool.Mail mail = mail()
            .from("Alice <alice@example.org>")
            .to("Bob <bob@example.org>, \"Quu, Xavier\" <quu@example.org>, carol@example.org (a comment)")
            .to("dave@example.org")
            .cc("Team: erin@example.org, \"F, G\" <frank@example.org>;")
            .replyTo("answers@example.org, more@example.org");
        assertEquals("alice@example.org", mail.prepare().envelope().reversePath());
        List<String> everybody = List.of("bob@example.org", "quu@example.org", "carol@example.org", "dave@example.org", "erin@example.org", "frank@example.org");
        assertEquals(everybody, mail.prepare().envelope().recipients());
        MimeMessage message = read(source(mail));
        List<InternetAddress> to = addresses(message.getRecipients(RecipientType.TO));
        assertEquals(everybody.subList(0, 4), to.stream().map(InternetAddress::getAddress).toList());
        assertEquals(Arrays.asList("Bob", "Quu, Xavier", "a comment", null), to.stream().map(InternetAddress::getPersonal).toList());
        List<InternetAddress> cc = addresses(message.getRecipients(RecipientType.CC));
        assertEquals(1, cc.size());
        assertTrue(cc.get(0).isGroup());
        assertEquals(everybody.subList(4, 6), Stream.of(cc.get(0).getGroup(true)).map(InternetAddress::getAddress).toList());
        assertEquals("answers@example.org, more@example.org", InternetAddress.toString(message.getReplyTo()));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "Jürgen Müller <j@example.org>",
        "\"Müller, Jürgen\" <j@example.org>",
        "\"Jürgen \\\"der Große\\\" Müller\" <j@example.org>",
        "Почта 😀 <j@example.org>",
        "j@example.org (Jürgen Müller)",
        "=?UTF-8?Q?J=C3=BCrgen?= <j@example.org>",
        "O'Neil (ops) <j@example.org>",
    })
    void aDisplayNameArrivesAsItWasWritten(String given) throws Exception {
        InternetAddress expected = InternetAddress.parse(given, true)[0];
        byte[] source = source(letter().to(given).replyTo(given));
        assertAscii(source);
        MimeMessage message = read(source);
        for (Address read : List.of(message.getRecipients(RecipientType.TO)[1], message.getReplyTo()[0])) {
            InternetAddress address = (InternetAddress) read;
            assertEquals(expected.getPersonal(), address.getPersonal());
            assertEquals("j@example.org", address.getAddress());
        }
    }

    @Test
    void theSendersNameIsEncoded() throws Exception {
        byte[] source = source(mail().from("Jürgen Müller <j@example.org>").to("b@example.org"));
        assertAscii(source);
        assertEquals("Jürgen Müller", ((InternetAddress) read(source).getFrom()[0]).getPersonal());
    }

    @Test
    void namesInAndOfAGroupAreEncoded() throws Exception {
        byte[] source = source(letter().cc("Köche: Jürgen <j@example.org>, k@example.org;"));
        assertAscii(source);
        String list = MimeUtility.decodeText(MimeUtility.unfold(read(source).getHeader("Cc", ",")));
        assertTrue(list.matches("\"?Köche\"?: ?\"?Jürgen\"? <j@example\\.org>, k@example\\.org;"), list);
    }

    @Test
    void theQuotesOfAGroupsNameAreNoPartOfIt() throws Exception {
        byte[] source = source(letter().cc("\"Köche\": k@example.org;"));
        assertEquals("Köche: k@example.org;", MimeUtility.decodeText(read(source).getHeader("Cc", ",")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@example.org (c)", "a@example.org(c(d))", "(c)a@example.org", "Ann (c) <a@example.org>", "(c (d)) Ann <a@example.org> (e, <f>)", "\"A(n\" <a@example.org>",
        "\"A <n>, m\" <a@example.org>", "Team (c): a@example.org(d);", "A (x > y) <a@example.org>", "(a\\)b) a@example.org", "\"A\\\"(\" <a@example.org>"})
    void commentsBesideAnAddressAreFine(String given) {
        assertEquals(List.of("a@example.org"), mail().from("s@example.org").to(given).prepare().envelope().recipients());
    }

    @Test
    void aDisplayNameNeedsNoSmtputf8() {
        assertFalse(letter().to("Jürgen Müller <j@example.org>").prepare().utf8());
    }

    @Test
    void aDomainInAnyLettersGoesAsItsAsciiForm() throws Exception {
        MailTool.Mail mail = mail().from("a@bücher.example").to("Bob <b@münchen.example>").cc("Team: c@bücher.example;").envelopeFrom("bounces@bücher.example");
        byte[] source = source(mail);
        assertAscii(source);
        assertEquals("bounces@xn--bcher-kva.example", mail.prepare().envelope().reversePath());
        assertEquals(List.of("b@xn--mnchen-3ya.example", "c@xn--bcher-kva.example"), mail.prepare().envelope().recipients());
        assertEquals("a@xn--bcher-kva.example", read(source).getFrom()[0].toString());
        assertTrue(read(source).getMessageID().endsWith("@xn--bcher-kva.example>"));
        assertFalse(mail.prepare().utf8());
    }

    /** Two domains of two owners (RFC 5894, 7.2), which the JDK's older rules make one. */
    @Test
    void aSharpSInADomainIsNotTakenForTwoLetters() {
        String outcome;
        try {
            outcome = letter().to("c@straße.example").prepare().envelope().recipients().toString();
        } catch (MailTool.MailException refusal) {
            assertEquals(MailTool.Exit.DATA, refusal.exit());
            outcome = refusal.getMessage();
        }
        assertFalse(outcome.contains("strasse"), outcome);
    }

    @Test
    void aLocalPartInOtherLettersAsksForSmtputf8() {
        try (FakeSmtp server = new FakeSmtp().ehlo("SMTPUTF8", "8BITMIME").start()) {
            MailTool.Mail mail = mail().from("a@example.org").to("jürgen@example.org").text("hi");
            try (MailTool.Smtp smtp = MailTool.smtp(server.url()).open()) {
                assertTrue(smtp.send(mail).ok());
            }
            assertTrue(server.message().parameters().contains("SMTPUTF8"), server.commands().toString());
            assertTrue(new String(server.message().content(), UTF_8).contains("To: jürgen@example.org\r\n"));
        }
    }

    @Test
    void aLocalPartInOtherLettersIsAClearErrorWhereTheServerLacksSmtputf8() {
        try (FakeSmtp server = new FakeSmtp().ehlo("8BITMIME").start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "jürgen@example.org", "--text", "hi");
            assertEquals(65, result.exit(), result.toString());
            assertTrue(result.err().contains("SMTPUTF8"), result.toString());
            assertEquals(List.of(), server.attempts());
        }
    }

    @Test
    void bccNeverLeaves() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            MailTool.Mail mail = letter().cc("c@example.org").bcc("Secret <hidden@example.org>").bcc("also.hidden@example.org");
            try (MailTool.Smtp smtp = MailTool.smtp(server.url()).open()) {
                smtp.send(mail);
            }
            assertEquals(List.of("b@example.org", "c@example.org", "hidden@example.org", "also.hidden@example.org"), server.message().to());
            assertFalse(server.message().text().toLowerCase().contains("hidden"), server.message().text());
            assertFalse(server.message().text().toLowerCase().contains("bcc"), server.message().text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bcc", "BCC", "Resent-Bcc"})
    void noHeaderGivenByHandShowsABcc(String name) {
        MailTool.MailException refusal = assertThrows(MailTool.MailException.class, () -> letter().header(name + ": hidden@example.org").prepare());
        assertEquals(MailTool.Exit.USAGE, refusal.exit());
    }

    // Subject and other header fields

    @ParameterizedTest
    @CsvSource({"Date, Mon 1 Jan", "Message-ID, <1@x>", "Sender, a@example.org", "In-Reply-To, <1@x>", "references, <1@x>"})
    void aFieldThatAMessageHasOnceIsNotAddedTwice(String name, String value) {
        MailTool.Mail mail = letter().header(name, value);
        MailTool.MailException refusal = assertThrows(MailTool.MailException.class, () -> mail.header(name.toUpperCase(), value));
        assertEquals(MailTool.Exit.USAGE, refusal.exit());
        assertTrue(refusal.getMessage().contains("twice"), refusal.getMessage());
    }

    private static Stream<String> headerTexts() {
        return Stream.of(
            "Hi",
            "Grüße aus Köln",
            "mixed ASCII words and a single ü in a line that is long enough to be folded at least once or twice",
            "日本語の件名",
            "😀 emoji 👩‍👩‍👧 at 😀 every 😀 cut 😀 of 😀 a 😀 long 😀 subject 😀 line 😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
            "two  blanks   and    more",
            "copied\u2028from a\u2029page",
            "a=b?c_d =? ?=",
            "ü".repeat(500),
            "x".repeat(3000),
            "x".repeat(900),
            "x".repeat(2000) + " and " + "y".repeat(2000),
            "word ".repeat(600).strip(),
            "a" + " ".repeat(2000) + "b");
    }

    @ParameterizedTest
    @MethodSource("headerTexts")
    void aSubjectArrivesAsItWasWritten(String subject) throws Exception {
        byte[] source = source(letter().subject(subject));
        assertAscii(source);
        assertLinesWithin998(source);
        assertNoBlankHeaderLine(source);
        assertEquals(subject, read(source).getSubject());
    }

    @ParameterizedTest
    @MethodSource("headerTexts")
    void anAddedHeaderArrivesAsItWasWritten(String value) throws Exception {
        byte[] source = source(letter().header("X-Custom: " + value));
        assertAscii(source);
        assertLinesWithin998(source);
        assertNoBlankHeaderLine(source);
        assertEquals(value, MimeUtility.decodeText(MimeUtility.unfold(read(source).getHeader("X-Custom")[0])));
    }

    @Test
    void severalHeadersOfOneNameKeepTheirOrder() throws Exception {
        MailTool.Mail mail = letter()
            .header("X-Seen: 1").header("X-Other: between").header("X-Seen: 2").header("X-Seen:3").header("X-Empty:")
            .header("Received: the newest").header("Received: the oldest");
        MimeMessage message = read(source(mail));
        assertEquals(List.of("1", "2", "3"), List.of(message.getHeader("X-Seen")));
        assertEquals("", message.getHeader("X-Empty")[0]);
        assertEquals(List.of("the newest", "the oldest"), List.of(message.getHeader("Received")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Sender", "Resent-From", "Disposition-Notification-To"})
    void anAddedHeaderOfAddressesHasOnlyTheirNamesEncoded(String name) throws Exception {
        byte[] source = source(letter().header(name + ": Jürgen Müller <j@example.org>"));
        assertAscii(source);
        InternetAddress address = InternetAddress.parse(read(source).getHeader(name)[0], true)[0];
        assertEquals("j@example.org", address.getAddress());
        assertEquals("Jürgen Müller", address.getPersonal());
    }

    @Test
    void dateMimeVersionAndMessageIdAreAlwaysThere() throws Exception {
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        MimeMessage message = read(source(letter()));
        Instant date = ZonedDateTime.parse(message.getHeader("Date", null), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        assertFalse(date.isBefore(before));
        assertFalse(date.isAfter(Instant.now()));
        assertEquals(List.of("1.0"), List.of(message.getHeader("MIME-Version")));
        assertTrue(message.getMessageID().matches("<[\\w.$-]+@example\\.org>"), message.getMessageID());
        assertNotEquals(message.getMessageID(), read(source(letter())).getMessageID());
    }

    @Test
    void anOwnDateOrMessageIdReplacesOurs() throws Exception {
        MimeMessage message = read(source(letter().header("date: Mon, 1 Jan 2024 00:00:00 +0000").header("message-id: <own@example.org>")));
        assertEquals(List.of("Mon, 1 Jan 2024 00:00:00 +0000"), List.of(message.getHeader("Date")));
        assertEquals(List.of("<own@example.org>"), List.of(message.getHeader("Message-ID")));
    }

    // Lines

    @Test
    void aHugeAddressListIsFolded() throws Exception {
        List<String> all = IntStream.range(0, 1000).mapToObj(number -> "Number " + number + " <u" + number + "@example.org>").toList();
        byte[] source = source(mail().from("a@example.org").to(String.join(",", all)));
        assertLinesWithin998(source);
        assertEquals(1000, read(source).getRecipients(RecipientType.TO).length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "ü"})
    void aHugeDisplayNameIsFolded(String letter) throws Exception {
        String name = letter.repeat(1500);
        byte[] source = source(letter().to(name + " <c@example.org>"));
        assertLinesWithin998(source);
        InternetAddress address = (InternetAddress) read(source).getRecipients(RecipientType.TO)[1];
        assertEquals(name, address.getPersonal());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "ü", "Ж ", "日本"})
    void aHugeFileNameIsFolded(String letters) throws Exception {
        String name = letters.repeat(1000).strip() + ".bin";
        byte[] source = source(letter().attach(file("a", "x") + ";name=" + name));
        assertLinesWithin998(source);
        assertEquals(name, parts(read(source)).get(1).getFileName());
    }

    @Test
    void whatNoLineCanHoldIsRefused() {
        String huge = "x".repeat(1100);
        assertRefused(() -> source(letter().to(huge + "@example.org")));
        assertRefused(() -> source(letter().to("c@" + huge + ".org")));
        assertRefused(() -> source(letter().header("X-" + huge + ": v")));
        assertRefused(() -> source(letter().attach(file("a", "x") + ";type=text/csv;" + huge + "=v")));
    }

    @Test
    void aHeaderWithALongNameAndALongWordStaysWithinTheLimit() throws Exception {
        String name = "X-" + "n".repeat(200);
        byte[] source = source(letter().header(name + ": " + "v".repeat(890)));
        assertLinesWithin998(source);
        assertEquals("v".repeat(890), MimeUtility.decodeText(MimeUtility.unfold(read(source).getHeader(name)[0])));
    }

    // Text and HTML

    private static Stream<String> texts() {
        return Stream.of(
            "",
            "no newline at the end",
            "one line\n",
            "Windows\r\nlines\r\n",
            "\n\n\nblank lines\n\n\n",
            ".",
            ".\n..\n.hidden\n.\n",
            "From the start\nFrom here\n",
            "trailing blanks   \nand tabs\t\t\n \n",
            "Grüße\n",
            "Grüße ohne Ende",
            "日本語\nだけ",
            "😀\n",
            "NUL \0 ESC \u001b[31m BEL \u0007 DEL \u007f NEL \u0085\n",
            "=3D = =\n soft=\n",
            "x".repeat(5000),
            "x".repeat(997) + "\n" + "x".repeat(998) + "\n" + "x".repeat(999) + "\n",
            "ü".repeat(3000) + "\n" + " ".repeat(2000) + "\n");
    }

    @ParameterizedTest
    @MethodSource("texts")
    void aTextArrivesAsItWasWritten(String text) throws Exception {
        byte[] source = source(letter().text(text));
        assertAscii(source);
        assertLinesWithin998(source);
        MimeMessage message = read(source);
        assertEquals("text/plain; charset=utf-8", message.getContentType().toLowerCase());
        assertText(text, message);
    }

    @ParameterizedTest
    @MethodSource("texts")
    void theHtmlFormAndItsAlternativeArriveAsTheyWereWritten(String text) throws Exception {
        byte[] source = source(letter().text(text).html(text));
        assertAscii(source);
        assertLinesWithin998(source);
        List<MimePart> forms = parts(read(source));
        assertText(text, forms.get(0));
        assertText(text, forms.get(1));
        assertEquals("text/html; charset=utf-8", forms.get(1).getContentType().toLowerCase());
    }

    @Test
    void aBareReturnInATextEndsALine() throws Exception {
        byte[] source = source(letter().text("old\rMac\rlines\r"));
        assertOnlyCrlf(source);
        assertText("old\nMac\nlines\n", read(source));
    }

    @Test
    void aTextFileInAnotherCharsetIsReadAsWindows1252WithAWarning() throws Exception {
        Path file = files.write("old.txt", "Grüße für 5 €".getBytes(Charset.forName("windows-1252")));
        Tool.Result result = dryRun(Tool.with(), "--text-file", file.toString());
        assertText("Grüße für 5 €", read(result.stdout()));
        assertTrue(result.err().contains("old.txt is not in UTF-8"), result.toString());
    }

    @Test
    void aByteOrderMarkIsNoText() throws Exception {
        Path file = files.write("bom.txt", "\uFEFFGrüße");
        assertText("Grüße", read(dryRun(Tool.with(), "--text-file", file.toString()).stdout()));
    }

    @Test
    void whatIsPipedInIsTheText() throws Exception {
        Tool.Result result = dryRun(Tool.with().stdin("disk füll\n"), "-s", "Hi");
        assertText("disk füll\n", read(result.stdout()));
    }

    @Test
    void whatIsPipedInIsTheTextBesideAnAttachment() throws Exception {
        Tool.Result result = dryRun(Tool.with().stdin("see the file\n"), "-a", file("log.txt", "log"));
        assertText("see the file\n", parts(read(result.stdout())).get(0));
    }

    @Test
    void aDashIsStdin() throws Exception {
        Tool.Result result = dryRun(Tool.with().stdin(HTML), "--html-file", "-", "--text", "plain");
        List<MimePart> forms = parts(read(result.stdout()));
        assertText("plain", forms.get(0));
        assertText(HTML, forms.get(1));
        assertText("piped", read(dryRun(Tool.with().stdin("piped"), "--text-file", "-").stdout()));
    }

    @Test
    void stdinIsLeftAloneWhereAnOptionIsTheBody() {
        try (RunningTool running = Tool.with().stdinOpen().start("send", "--dry-run", "-f", "a@example.org", "-t", "b@example.org", "--text", "body")) {
            assertEquals(0, running.await().exit());
        }
    }

    // Attachments

    private static Stream<Arguments> contents() {
        byte[] everyOctet = new byte[256 * 20];
        for (int i = 0; i < everyOctet.length; i++) {
            everyOctet[i] = (byte) i;
        }
        byte[] large = new byte[1_000_003];
        new Random(1).nextBytes(large);
        return Stream.of(
            Arguments.of("nothing", new byte[0]),
            Arguments.of("one octet", new byte[] {7}),
            Arguments.of("LF only", "a\nb\n\n".getBytes(US_ASCII)),
            Arguments.of("CRLF", "a\r\nb\r\n".getBytes(US_ASCII)),
            Arguments.of("CR only", "a\rb\r".getBytes(US_ASCII)),
            Arguments.of("mixed line ends", "a\r\r\nb\n\rc".getBytes(US_ASCII)),
            Arguments.of("dots", ".\r\n.\r\n..\r\n".getBytes(US_ASCII)),
            Arguments.of("NUL", new byte[300]),
            Arguments.of("exactly one line of base64", new byte[57]),
            Arguments.of("exactly one more octet", new byte[58]),
            Arguments.of("every octet", everyOctet),
            Arguments.of("a megabyte", large));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("contents")
    void anAttachmentArrivesByteForByte(String name, byte[] content) throws Exception {
        Path file = files.write("data.bin", content);
        MailTool.Prepared prepared = letter().html("see").attach(file).inline("it=" + file).prepare();
        byte[] source = written(prepared);
        assertAscii(source);
        assertLinesWithin998(source);
        List<MimePart> parts = leaves(read(source));
        assertEquals(3, parts.size());
        assertArrayEquals(content, bytes(parts.get(1)));
        assertArrayEquals(content, bytes(parts.get(2)));
        assertEquals(source.length, prepared.size(), "the size that the server is told");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "x-UTF-16LE-BOM", "UTF-8"})
    void aTextFileIsReadAsItsMarkSays(String charset) throws Exception {
        Path file = files.write("text.txt", "\uFEFFGrüße 😀\n".substring(charset.contains("16") ? 1 : 0).getBytes(java.nio.charset.Charset.forName(charset)));
        MailTool.Prepared prepared = letter().set("text-file", file.toString()).prepare();
        assertEquals(List.of(), prepared.warnings());
        assertEquals("Grüße 😀", read(written(prepared)).getContent().toString().strip());
    }

    @Test
    void aPathIsAFileWhateverItsName() {
        MailTool.MailException refusal = assertThrows(MailTool.MailException.class, () -> letter().attach(Path.of("-")));
        assertEquals("no such file: ./-", refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"report.pdf", "two words.txt", "a;type=text.txt", "Übersicht für März.csv", "😀.bin", "a\"quote.txt", "back\\slash.txt", "100%41.txt", "it's.txt",
        "=?UTF-8?Q?x?=.txt", "no suffix", "日本語.txt", "(comment) <x@y>, [z].txt", "-s"})
    void aFileKeepsItsName(String name) throws Exception {
        Path file = files.write(name, "content");
        for (MailTool.Mail mail : List.of(letter().attach(file), letter().attach(file.toString()))) {
            byte[] source = source(mail);
            assertAscii(source);
            MimePart attachment = parts(read(source)).get(1);
            assertEquals(name, attachment.getFileName());
            assertEquals("attachment", attachment.getDisposition());
            assertArrayEquals("content".getBytes(US_ASCII), bytes(attachment));
        }
    }

    @Test
    void anAttachmentGoesAsLongAsItWasOrNotAtAll() throws Exception {
        Path file = Path.of(file("data.bin", "x".repeat(200)));
        MailTool.Prepared prepared = letter().attach(file).prepare();
        Files.writeString(file, "x".repeat(300));
        assertEquals(prepared.size(), written(prepared).length);
        Files.writeString(file, "x".repeat(195));
        IOException shrunk = assertThrows(IOException.class, () -> prepared.writeTo(OutputStream.nullOutputStream()));
        assertTrue(shrunk.getMessage().endsWith("has shrunk by 5 octets"), shrunk.getMessage());
    }

    /** In quotes many programs take such a name for an encoded-word all the same. */
    @Test
    void aNameThatLooksEncodedIsNotDecoded() throws Exception {
        String name = "=?UTF-8?Q?a?=.txt";
        byte[] source = source(letter().attach(file("a.txt", "x") + ";name=" + name));
        assertEquals(name, parts(read(source)).get(1).getFileName());
        assertFalse(new String(source, US_ASCII).contains("=?"), new String(source, US_ASCII));
    }

    @Test
    void anAttachmentTakesATypeAndAName() throws Exception {
        String file = file("data", "1;2");
        MimePart attachment = parts(read(source(letter().attach(file + ";type=text/csv;name=Größen.csv")))).get(1);
        assertTrue(attachment.isMimeType("text/csv"), attachment.getContentType());
        assertEquals("Größen.csv", attachment.getFileName());
        assertArrayEquals("1;2".getBytes(US_ASCII), bytes(attachment));
        MimePart reversed = parts(read(source(letter().attach(file + ";name=a.csv;type=text/csv")))).get(1);
        assertTrue(reversed.isMimeType("text/csv"), reversed.getContentType());
        assertEquals("a.csv", reversed.getFileName());
    }

    @Test
    void anAttachmentTakesAnyParameterOfAType() throws Exception {
        String given = file("data", "1;2") + ";type=text/csv; Header=present;profile=\"a;b \\\"c\\\"\";name=d.csv;who=J\u00fcrgen;long=" + "x".repeat(90);
        byte[] source = source(letter().attach(given));
        assertAscii(source);
        ContentType type = new ContentType(parts(read(source)).get(1).getContentType());
        assertEquals("text/csv", type.getBaseType());
        assertEquals(List.of("present", "a;b \"c\"", "J\u00fcrgen", "x".repeat(90), "d.csv"),
            Stream.of("header", "profile", "who", "long", "name").map(type::getParameter).toList());
    }

    private static final String MEETING = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n";

    @ParameterizedTest
    @CsvSource({"ascii, 7bit", "Gr\u00fc\u00dfe, base64", "LONG, base64"})
    void aCalendarWithAMethodIsTheLastFormOfTheText(String word, String encoding) throws Exception {
        String calendar = MEETING.replace("METHOD", "SUMMARY:" + word.replace("LONG", "x".repeat(2000)) + "\nMETHOD");
        String given = file("inv.ics", calendar) + ";type=text/calendar;method=REQUEST";
        String both = structure(read(source(letter().text("come").html("<b>come</b>").attach(given))));
        assertEquals("multipart/alternative(text/plain, text/html, text/calendar)", both);
        MailTool.Mail all = letter().text("come").html("<b>come</b>").inline(picture("logo")).attach(file("agenda.pdf", "x")).attach(given);
        assertEquals("multipart/mixed(multipart/related(multipart/alternative(text/plain, text/html, text/calendar), image/png), application/pdf)",
            structure(read(source(all))));
        byte[] source = source(letter().text("come").attach(given));
        assertAscii(source);
        MimePart last = parts(read(source)).get(1);
        assertEquals("text/calendar; charset=UTF-8; method=REQUEST", last.getContentType());
        assertEquals(encoding, last.getEncoding());
        assertNull(last.getFileName());
        assertNull(last.getDisposition());
        assertEquals(calendar.replace("\n", "\r\n"), new String(bytes(last), UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ascii", "Gr\u00fc\u00dfe"})
    void aCalendarWithAMethodMayBeAllThereIs(String word) throws Exception {
        String calendar = MEETING.replace("METHOD", "SUMMARY:" + word + "\nMETHOD").strip();
        String given = file("inv.ics", "\ufeff" + calendar) + ";METHOD=cancel";
        for (MailTool.Mail mail : List.of(letter().attach(given), letter().text("").attach(given))) {
            MailTool.Prepared prepared = mail.prepare();
            byte[] source = written(prepared);
            assertEquals(source.length, prepared.size());
            assertTrue(new String(source, UTF_8).endsWith("\r\n"));
            assertEquals("text/calendar; charset=UTF-8; method=cancel", read(source).getContentType());
            assertEquals(calendar.replace("\n", "\r\n") + "\r\n", new String(bytes(read(source)), UTF_8));
        }
    }

    @Test
    void aCalendarThatIsNotInUtf8BecomesSoWithAWarning() throws Exception {
        Path file = files.write("inv.ics", "SUMMARY:Gr\u00fc\u00dfe\n".getBytes(ISO_8859_1));
        MailTool.Prepared prepared = letter().attach(file + ";type=text/calendar;method=REQUEST").prepare();
        assertEquals("SUMMARY:Gr\u00fc\u00dfe\r\n", new String(bytes(read(written(prepared))), UTF_8));
        assertTrue(prepared.warnings().get(0).contains("windows-1252"), prepared.warnings()::toString);
    }

    @Test
    void aCalendarWithoutAMethodIsAFile() throws Exception {
        for (String given : List.of("", ";type=text/calendar", ";type=text/calendar;component=VEVENT;name=b.ics")) {
            byte[] source = source(letter().text("come").attach(file("a.ics", MEETING) + given));
            assertEquals("multipart/mixed(text/plain, text/calendar)", structure(read(source)));
            assertEquals("attachment", parts(read(source)).get(1).getDisposition());
            assertArrayEquals(MEETING.getBytes(US_ASCII), bytes(parts(read(source)).get(1)));
        }
        byte[] other = source(letter().text("come").attach(file("a.csv", MEETING) + ";method=REQUEST"));
        assertEquals("multipart/mixed(text/plain, text/csv)", structure(read(other)));
    }

    @Test
    void anExistingFileOfTheWholeNameWins() throws Exception {
        file("data", "the wrong one");
        String whole = file("data;type=text-csv;name=b", "the right one");
        MimePart attachment = parts(read(source(letter().attach(whole)))).get(1);
        assertEquals("data;type=text-csv;name=b", attachment.getFileName());
        assertArrayEquals("the right one".getBytes(US_ASCII), bytes(attachment));
    }

    @Test
    void theTypeFollowsFromTheNameWhereNoneIsGiven() throws Exception {
        MailTool.Mail mail = letter().attach(file("a.png", "x")).attach(file("a.pdf", "x")).attach(file("a.unheard-of", "x")).attach(file("a", "x") + ";name=b.html");
        assertEquals("multipart/mixed(text/plain, image/png, application/pdf, application/octet-stream, text/html)", structure(read(source(mail))));
    }

    @Test
    void commonFilesHaveTheirTypes() throws Exception {
        MailTool.Mail mail = letter();
        List.of("a.log", "a.TXT", "a.md", "a.csv", "a.json", "a.yaml", "a.ics", "a.patch").forEach(name -> mail.attach(file(name, "x")));
        assertEquals("multipart/mixed(text/plain, text/plain, text/plain, text/markdown, text/csv, application/json, application/yaml, text/calendar, text/x-patch)",
            structure(read(source(mail))));
    }

    @Test
    void anAttachedTextNamesItsCharsetIfThatIsUtf8() throws Exception {
        assertEquals("UTF-8", charset(files.write("a.csv", "Grüße €")));
        assertEquals("UTF-8", charset(files.write("b.csv", "plain")));
        assertEquals("UTF-8", charset(files.write("cut-in-a-letter.csv", "x" + "ü".repeat(40_000))));
        assertNull(charset(files.write("c.csv", "Grüße".getBytes(ISO_8859_1))));
        assertNull(charset(files.write("c.png", "Grüße")));
        assertEquals("ISO-8859-1", charset(Path.of(files.write("d.csv", "Grüße") + ";charset=ISO-8859-1")));
    }

    private static String charset(Path attached) throws Exception {
        return new ContentType(parts(read(source(letter().attach(attached.toString())))).get(1).getContentType()).getParameter("charset");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Subject: inner\n\ntext\n", "Subject: inner\r\n\r\ntext", "Subject: inner\n\nGrüße\n"})
    void anAttachedMessageCanBeReadAsOne(String inner) throws Exception {
        MailTool.Prepared prepared = letter().text("see").attach(file("inner", inner) + ";type=message/rfc822;name=inner.eml").prepare();
        byte[] source = written(prepared);
        assertOnlyCrlf(source);
        assertEquals(prepared.size(), source.length);
        boolean ascii = inner.chars().allMatch(c -> c < 128);
        assertEquals(ascii, !prepared.eightBit());
        assertEquals(ascii ? null : "8bit", read(source).getEncoding());
        MimePart attached = parts(read(source)).get(1);
        assertEquals(ascii ? "7bit" : "8bit", attached.getEncoding());
        assertEquals("inner.eml", attached.getFileName());
        MimeMessage message = (MimeMessage) attached.getContent();
        assertEquals("inner", message.getSubject());
        assertEquals(inner.strip().lines().skip(2).toList(), new String(bytes(message), UTF_8).lines().toList());
    }

    @Test
    void aMessageFileIsCalledAMessageOnlyIfThatDoesNotChangeIt() throws Exception {
        String lines = "Subject: inner\r\n\r\ntext\r\n";
        for (String other : List.of(lines.replace("\r\n", "\n"), lines + "no end", lines + "ü\r\n", lines + "\0\r\n", lines + "x".repeat(999) + "\r\n")) {
            MimePart attached = parts(read(source(letter().attach(file("inner.eml", other))))).get(1);
            assertTrue(attached.isMimeType("application/octet-stream"), attached.getContentType());
            assertArrayEquals(other.getBytes(UTF_8), bytes(attached));
        }
        assertTrue(parts(read(source(letter().attach(file("inner.eml", lines))))).get(1).isMimeType("message/rfc822"));
    }

    @Test
    void aPipeIsAttachedToo() throws Exception {
        Path pipe = files.resolve("pipe");
        SystemCommand.run("mkfifo", pipe);
        Process writer = new ProcessBuilder("sh", "-c", "printf 'from a pipe' > \"$1\"", "sh", pipe.toString()).start();
        MimePart attachment = parts(read(source(letter().attach(pipe)))).get(1);
        assertArrayEquals("from a pipe".getBytes(US_ASCII), bytes(attachment));
        assertEquals(0, writer.waitFor());
    }

    @Test
    void aFileThatSaysItIsEmptyAndIsNotGoesWhole() throws Exception {
        Path version = Path.of("/proc/version");
        Need.that(version.toFile().exists(), "this system has no /proc");
        MimePart attachment = parts(read(source(letter().attach(version)))).get(1);
        assertTrue(new String(bytes(attachment), US_ASCII).startsWith("Linux version"));
    }

    // Structure

    private Stream<Arguments> structures() {
        return Stream.of(
            Arguments.of(letter(), "text/plain"),
            Arguments.of(letter().text("x"), "text/plain"),
            Arguments.of(letter().html(HTML), "text/html"),
            Arguments.of(letter().text("x").html(HTML), "multipart/alternative(text/plain, text/html)"),
            Arguments.of(letter().html(HTML).inline(picture("i")), "multipart/related(text/html, image/png)"),
            Arguments.of(letter().text("x").html(HTML).inline(picture("i")), "multipart/related(multipart/alternative(text/plain, text/html), image/png)"),
            Arguments.of(letter().text("x").attach(file("a.pdf", "x")), "multipart/mixed(text/plain, application/pdf)"),
            Arguments.of(letter().html(HTML).attach(file("a.pdf", "x")), "multipart/mixed(text/html, application/pdf)"),
            Arguments.of(letter().attach(file("a.pdf", "x")).attach(file("b.pdf", "x")), "multipart/mixed(text/plain, application/pdf, application/pdf)"),
            Arguments.of(letter().text("x").html(HTML).attach(file("a.pdf", "x")), "multipart/mixed(multipart/alternative(text/plain, text/html), application/pdf)"),
            Arguments.of(letter().text("x").html(HTML).inline(picture("i")).inline(picture("j")).attach(file("a.pdf", "x")),
                "multipart/mixed(multipart/related(multipart/alternative(text/plain, text/html), image/png, image/png), application/pdf)"));
    }

    @Test
    void textAndHtmlAreAlternativesInlinesRelatedAttachmentsMixed() throws Exception {
        for (Arguments expected : structures().toList()) {
            byte[] source = source((MailTool.Mail) expected.get()[0]);
            assertOnlyCrlf(source);
            assertEquals(expected.get()[1], structure(read(source)));
        }
    }

    @Test
    void anInlineImageHasTheContentIdThatTheHtmlNames() throws Exception {
        MimePart image = leaves(read(source(letter().html("<img src=\"cid:chart@1\">").inline(picture("chart@1"))))).get(1);
        assertEquals("<chart@1>", ((MimeBodyPart) image).getContentID());
        assertEquals("inline", image.getDisposition());
        assertTrue(image.isMimeType("image/png"), image.getContentType());
    }

    /** Each is an HTML text that shows a picture, or does not, as a browser reads it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', value = {
        "<img src=\"cid:logo\">                                        | true",
        "<IMG width=1 SRC = 'CID:logo'/>                               | true",
        "<img src=cid:logo>                                            | true",
        "<img alt=\"a > b\" src=\" cid:logo\">                         | true",
        "<img src=\"cid:l%6Fgo\">                                      | true",
        "<td background='cid:logo'>                                    | true",
        "<img srcset='cid:other 1x, cid:logo 2x'>                      | true",
        "<td style=\"background:url(&quot;cid:logo&quot;)\">            | true",
        "<STYLE type='text/css'>td {background: url(cid:logo)}</STYLE> | true",
        "<!--[if mso]><v:fill src=\"cid:logo\"/><![endif]-->           | true",
        "<!--[if !mso]><!--><img src='cid:logo'><!--<![endif]-->       | true",
        "<p>cid:logo</p>                                               | false",
        "<code>&lt;img src=\"cid:logo\"&gt;</code>                     | false",
        "<!-- <img src=\"cid:logo\"> -->                               | false",
        "<a href=\"https://example.org/acid:logo\">                    | false",
        "<img src='cid:logo2'>                                         | false",
        "<img src='cid:LOGO'>                                          | false",
    })
    void aPictureThatIsNotShownOrNotThereIsAWarning(String html, boolean shown) {
        String unused = "the HTML does not show --inline logo, as <img src=\"cid:logo\"> would";
        String missing = "the HTML shows cid:logo, but there is no --inline logo=FILE";
        assertEquals(!shown, letter().html(html).inline(picture("logo")).prepare().warnings().contains(unused));
        assertEquals(shown, letter().html(html).prepare().warnings().contains(missing));
    }

    @Test
    void picturesThatFitAreNoWarning() {
        MailTool.Mail mail = letter().html("<img src='cid:a%40b'><img src='cid:c+d'><img src='cid:a@b'>").inline(picture("a@b")).inline(picture("c+d"));
        assertEquals(List.of(), mail.prepare().warnings());
        assertEquals(List.of("the HTML shows cid:50%, but there is no --inline 50%=FILE"), letter().html("<img src='cid:50%'>").prepare().warnings());
    }

    @Test
    void htmlThatNeverEndsIsLookedThroughOnce() {
        for (String html : List.of("<", "<!--", "<a b=\"x ", "<style>", "<a 'cid:x")) {
            assertEquals(1, letter().html("<img src='cid:x'>" + html.repeat(2_000_000 / html.length())).prepare().warnings().size(), html);
        }
    }

    @Test
    void anEmptyMailIsAWarning() {
        String warning = "the message is empty: no text, no HTML, no attachment";
        for (MailTool.Mail mail : List.of(letter(), letter().text(""), letter().text(" \r\n\t"), letter().html("\n"), letter().text("").html(""))) {
            assertEquals(List.of(warning), mail.prepare().warnings());
            assertEquals(List.of(warning), mail.prepare().warnings(), "once, though it is prepared again");
        }
        for (MailTool.Mail mail : List.of(letter().text("x"), letter().html("<br>"), letter().attach(file("empty", "")), letter().text("").attach(file("a", "x")))) {
            assertEquals(List.of(), mail.prepare().warnings());
        }
    }

    // The command line

    @Test
    void whatIsPipedInCanBeAnAttachment() throws Exception {
        byte[] octets = new byte[300];
        Tool.Result named = dryRun(Tool.with().stdin("a,b\n"), "--text", "see", "-a", "-;name=Bericht ü.csv");
        assertEquals("", named.err());
        List<MimePart> leaves = leaves(read(named.stdout()));
        assertText("see", leaves.get(0));
        assertEquals(Arrays.asList(null, "Bericht ü.csv"), names(leaves));
        assertArrayEquals("a,b\n".getBytes(US_ASCII), bytes(leaves.get(1)));
        assertTrue(leaves.get(1).isMimeType("text/csv"), leaves.get(1).getContentType());
        MimePart binary = leaves(read(dryRun(Tool.with().stdin(octets), "-a", "-").stdout())).get(1);
        assertArrayEquals(octets, bytes(binary));
        assertEquals("stdin.bin application/octet-stream", binary.getFileName() + " " + binary.getContentType().replaceFirst(";(?s).*", ""));
        MimePart text = leaves(read(dryRun(Tool.with().stdin("Grüße\n"), "--attach=-").stdout())).get(1);
        assertEquals("stdin.txt", text.getFileName());
        assertTrue(text.getContentType().startsWith("text/plain; charset=UTF-8"), text.getContentType());
        assertEquals("stdin.json", leaves(read(dryRun(Tool.with().stdin("{}"), "-a", "-;type=application/json").stdout())).get(1).getFileName());
    }

    @Test
    void everyMessageOptionWorksOnTheCommandLine() throws Exception {
        Tool.Result result = Tool.run("send", "--dry-run",
            "--from", "Ä <a@example.org>", "--to", "b@example.org", "-t", "c@example.org", "--cc", "d@example.org", "--cc", "e@example.org",
            "--bcc", "hidden@example.org", "--reply-to", "r@example.org", "--subject", "Überschrift", "--header", "X-One: 1", "-H", "X-Two: zwö",
            "--text", "Täxt", "--html", "<b>Täxt</b><img src='cid:logo'>", "--attach", file("Ä.csv", "data"), "-a", file("b", "x") + ";type=text/csv;name=ö.csv", "--inline", picture("logo"));
        assertEquals(0, result.exit(), result.toString());
        assertEquals("", result.err());
        assertAscii(result.stdout());
        MimeMessage message = read(result.stdout());
        assertEquals("Ä", ((InternetAddress) message.getFrom()[0]).getPersonal());
        assertEquals("b@example.org, c@example.org", InternetAddress.toString(message.getRecipients(RecipientType.TO)));
        assertEquals("d@example.org, e@example.org", InternetAddress.toString(message.getRecipients(RecipientType.CC)));
        assertEquals("r@example.org", InternetAddress.toString(message.getReplyTo()));
        assertEquals("Überschrift", message.getSubject());
        assertEquals("1", message.getHeader("X-One", null));
        assertEquals("zwö", MimeUtility.decodeText(message.getHeader("X-Two", null)));
        List<MimePart> leaves = leaves(message);
        assertText("Täxt", leaves.get(0));
        assertText("<b>Täxt</b><img src='cid:logo'>", leaves.get(1));
        assertEquals(Arrays.asList(null, null, "logo.png", "Ä.csv", "ö.csv"), names(leaves));
        assertFalse(result.out().contains("hidden"));
    }

    @Test
    void aDryRunPrintsExactlyWhatIsSentAndConnectsNowhere() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            String[] command = {"send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "-H", "Date: Mon, 1 Jan 2024 00:00:00 +0000",
                "-H", "Message-ID: <dry@example.org>", "-s", "Grüße", "--text", ".\nlast line without end"};
            String[] dry = Stream.concat(Stream.of(command), Stream.of("--dry-run")).toArray(String[]::new);
            Tool.Result printed = Tool.run(dry);
            assertEquals(0, printed.exit(), printed.toString());
            assertEquals(List.of(), server.peers());
            assertEquals(0, Tool.run(command).exit());
            assertEquals(new String(printed.stdout(), ISO_8859_1), server.message().text());
        }
    }

    @Test
    void aPreparedMessageIsTheSameEachTime() throws IOException {
        MailTool.Prepared prepared = letter().text("x").html(HTML).attach(file("a", "x")).prepare();
        assertArrayEquals(written(prepared), written(prepared));
    }

    @Test
    void fiveMegabytesOfTextFitIntoASmallHeap() {
        Path file = files.write("large.txt", "Zeile mit Umläuten\n".repeat(260_000));
        Tool.Result result = dryRun(Tool.with().jvm("-Xmx64m"), "--text-file", file.toString());
        assertTrue(result.stdout().length > 5_000_000);
    }

    // Helpers

    private static MailTool.Mail letter() {
        return mail().from("a@example.org").to("b@example.org");
    }

    private static Tool.Result dryRun(Tool tool, String... more) {
        String[] start = {"send", "--dry-run", "-f", "a@example.org", "-t", "b@example.org"};
        Tool.Result result = tool.call(Stream.concat(Stream.of(start), Stream.of(more)).toArray(String[]::new));
        assertEquals(0, result.exit(), result.err());
        return result;
    }

    private String file(String name, String content) {
        return files.write(name, content).toString();
    }

    private String picture(String contentId) {
        return contentId + "=" + file("logo.png", "a picture");
    }

    private static byte[] source(MailTool.Mail mail) throws IOException {
        return written(mail.prepare());
    }

    private static byte[] written(MailTool.Prepared prepared) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        prepared.writeTo(out);
        return out.toByteArray();
    }

    private static MimeMessage read(byte[] source) throws MessagingException {
        return new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(source));
    }

    private static List<InternetAddress> addresses(Address[] addresses) {
        return Stream.of(addresses).map(InternetAddress.class::cast).toList();
    }

    private static List<MimePart> parts(MimePart multipart) throws MessagingException {
        MimeMultipart content = new MimeMultipart(multipart.getDataHandler().getDataSource());
        List<MimePart> parts = new ArrayList<>();
        for (int i = 0; i < content.getCount(); i++) {
            parts.add((MimePart) content.getBodyPart(i));
        }
        return parts;
    }

    private static List<MimePart> leaves(MimePart part) throws MessagingException {
        if (!part.isMimeType("multipart/*")) {
            return List.of(part);
        }
        List<MimePart> leaves = new ArrayList<>();
        for (MimePart child : parts(part)) {
            leaves.addAll(leaves(child));
        }
        return leaves;
    }

    private static List<String> names(List<MimePart> parts) throws MessagingException {
        List<String> names = new ArrayList<>();
        for (MimePart part : parts) {
            names.add(part.getFileName());
        }
        return names;
    }

    private static String structure(MimePart part) throws MessagingException {
        String type = part.getContentType().replaceFirst(";(?s:.*)", "").strip();
        if (!part.isMimeType("multipart/*")) {
            return type;
        }
        List<String> children = new ArrayList<>();
        for (MimePart child : parts(part)) {
            children.add(structure(child));
        }
        return type + "(" + String.join(", ", children) + ")";
    }

    private static byte[] bytes(MimePart part) throws Exception {
        return part.getInputStream().readAllBytes();
    }

    /** Line ends are CRLF on the way and a missing last one may be added. */
    private static void assertText(String expected, MimePart part) throws Exception {
        String text = new String(bytes(part), UTF_8);
        assertFalse(text.replace("\r\n", "").matches("(?s).*[\r\n].*"), "a bare CR or LF");
        String lines = text.replace("\r\n", "\n");
        String wanted = expected.replace("\r\n", "\n");
        assertEquals(wanted, !wanted.endsWith("\n") && lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines);
    }

    private static void assertAscii(byte[] source) {
        String text = new String(source, ISO_8859_1);
        String odd = text.lines().filter(line -> !line.chars().allMatch(c -> c >= ' ' && c < 127 || c == '\t')).collect(Collectors.joining("\n"));
        assertEquals("", odd, "lines that need 8BITMIME or no server takes");
    }

    private static void assertLinesWithin998(byte[] source) {
        assertOnlyCrlf(source);
        int longest = new String(source, ISO_8859_1).lines().mapToInt(String::length).max().orElse(0);
        assertTrue(longest <= 998, "a line of " + longest + " octets");
    }

    private static void assertOnlyCrlf(byte[] source) {
        String text = new String(source, ISO_8859_1);
        assertFalse(text.replace("\r\n", "").matches("(?s).*[\r\n].*"), "a bare CR or LF");
    }

    /** Some programs take a line of blanks for the end of the header (RFC 5322, 3.2.2). */
    private static void assertNoBlankHeaderLine(byte[] source) {
        String header = new String(source, ISO_8859_1).split("\r\n\r\n", 2)[0];
        assertTrue(header.lines().noneMatch(String::isBlank), "a line of nothing but blanks in the header");
    }

    private static void assertRefused(Executable attempt) {
        MailTool.MailException refusal = assertThrows(MailTool.MailException.class, attempt);
        assertTrue(List.of(64, 65).contains(refusal.exit().code), refusal.toString());
    }
}
