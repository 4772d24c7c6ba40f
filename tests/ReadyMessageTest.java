package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static mailtool.MailTool.mail;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A message given ready-made with {@code --eml}. Sources and messages are strings of one byte a character. */
final class ReadyMessageTest {
    private static final String HEADER = """
        Received: by somewhere
        Date: Mon, 1 Jan 2024 00:00:00 +0000
        from:   Alice  <alice@example.org>
        To: bob@example.org,
        \t carol@example.org
        Message-Id:
         <ready@example.org>
        Subject: =?utf-8?q?as_it_is?= and  so on
        """;
    private static final String BODY = "\nfirst\n.\n..dots\n  blanks  \n\tJ\u00fcrgen \u0001\u001b\n\nFrom the end\nBcc: this is text\n";

    @AutoClose
    private final Scratch files = Scratch.create("ready");

    // Byte for byte

    private static Stream<Arguments> lineEnds() {
        String source = HEADER + BODY;
        String windows = source.replace("\n", "\r\n");
        return Stream.of(
            Arguments.of("LF", source, windows),
            Arguments.of("CRLF", windows, windows),
            Arguments.of("CR", source.replace("\n", "\r"), windows),
            Arguments.of("mixed", source.replaceFirst("\n", "\r\n").replace("\n..", "\r.."), windows),
            Arguments.of("CR in a subject", "Subject: x\rBcc: eve@example.org\r\r\n" + source, "Subject: x Bcc: eve@example.org\r\n" + windows),
            Arguments.of("a million CR in a field", source.replaceFirst("\n", "\nX: x" + "\r".repeat(1_000_000) + "y\n"),
                windows.replaceFirst("\n", "\nX: x" + " ".repeat(1_000_000) + "y\r\n")),
            Arguments.of("CR before a field", HEADER + "\rBcc: eve@example.org\n", HEADER.replace("\n", "\r\n") + " Bcc: eve@example.org\r\n\r\n"),
            Arguments.of("header made CRLF twice", HEADER.replace("\n", "\r\r\n") + "\r\r\nbody", HEADER.replace("\n", "\r\n") + "\r\nbody\r\n"),
            Arguments.of("a first line of many KB", "X: " + "y ".repeat(50_000) + "z\n" + source, "X: " + "y ".repeat(50_000) + "z\r\n" + windows),
            Arguments.of("no last line end", source.strip(), windows.strip() + "\r\n"),
            Arguments.of("header only", HEADER, HEADER.replace("\n", "\r\n") + "\r\n"),
            Arguments.of("feed before return", HEADER + "\na\n\rb\n", HEADER.replace("\n", "\r\n") + "\r\na\r\n\r\nb\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lineEnds")
    void aCompleteMessageGoesByteForByteButForLineEnds(String name, String given, String sent) throws IOException {
        MailTool.Prepared prepared = mail().eml(file(given)).prepare();
        assertEquals(sent, source(prepared));
        assertEquals(sent.length(), prepared.size());
        assertEquals("<ready@example.org>", prepared.messageId());
        assertFalse(prepared.envelope().recipients().contains("eve@example.org"));
    }

    @Test
    void theServerGetsExactlyTheMessage() {
        try (FakeSmtp server = new FakeSmtp().ehlo("8BITMIME").start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "--eml", file(HEADER + BODY));
            assertEquals(0, result.exit(), result.toString());
            assertEquals((HEADER + BODY).replace("\n", "\r\n"), server.message().text());
            assertEquals("alice@example.org", server.message().from());
            assertEquals(List.of("bob@example.org", "carol@example.org"), server.message().to());
        }
    }

    @Test
    void aDashIsStdin() {
        Tool.Result result = Tool.with().stdin((HEADER + BODY).getBytes(ISO_8859_1)).call("send", "--dry-run", "--eml", "-");
        assertEquals(0, result.exit(), result.toString());
        assertEquals((HEADER + BODY).replace("\n", "\r\n"), new String(result.stdout(), ISO_8859_1));
    }

    @Test
    void aLargeMessageNeedsLittleMemory() {
        String line = "x".repeat(75) + "\n";
        Path file = files.write("large.eml", HEADER + "\n" + line.repeat(500_000));
        Tool.Result result = Tool.with().jvm("-Xmx32m").call("send", "--dry-run", "--eml", file.toString());
        assertEquals(0, result.exit(), result.err());
        assertEquals(HEADER.length() + HEADER.lines().count() + 2 + 500_000 * 77L, result.stdout().length);
    }

    @Test
    void theLineThatMboxFilesPutFirstIsDropped() throws IOException {
        for (String end : List.of("\n", "\r\n")) {
            String given = ("From alice@example.org Mon Jan  1 00:00:00 2024\n" + HEADER + BODY).replace("\n", end);
            assertEquals((HEADER + BODY).replace("\n", "\r\n"), source(mail().eml(file(given)).prepare()));
        }
    }

    /** What follows would go as text to those whom the first is for. */
    @ParameterizedTest
    @CsvSource({"From b@example.org Mon Jan  1 00:00:00 2024|Subject: y|, true", "From x  Mon Jan  1 00:00:00 2024|DKIM-Signature: y|, true", "From b@example.org|Subject: y|, true",
        "From b@example.org 2024-01-01T00:00:00Z|Subject: y|, true", "From b@example.org|Dear y|, false", "From b@example.org we have|Note: this|, false",
        "From b@example.org:|Note: y|, false", "'From b@example.org, Berlin 10115|Note: y|', false", "From here on at 10:00 in 2024|Subject: y|, false",
        "From b@example.org Mon Jan  1 00:00:00 2024|Dear y|, false", "From: now on|Subject: y|, false", ">From b@example.org Mon Jan  1 00:00:00 2024|Subject: y|, false", "From here|Subject: y|, false", "'', false"})
    void anMboxOfSeveralMailsIsRefused(String further, boolean refused) {
        for (String end : List.of("\n", "\r\n", "\r")) {
            String lines = HEADER + "\nfirst\n\n" + further.replace('|', '\n');
            String mbox = "From alice@example.org Mon Jan  1 00:00:00 2024\n" + lines;
            MailTool.Mail several = mail().eml(mbox.replace("\n", end).getBytes(ISO_8859_1));
            if (refused) {
                assertTrue(assertThrows(MailTool.MailException.class, several::prepare).getMessage().contains("several mails"));
                for (String first : List.of("\u00ef\u00bb\u00bf" + mbox, mbox.replaceFirst(" Mon.*", ""))) {
                    MailTool.Mail other = mail().eml(first.replace("\n", end).getBytes(ISO_8859_1));
                    assertThrows(MailTool.MailException.class, other::prepare);
                }
            } else {
                several.prepare();
            }
            mail().eml(lines.replace("\n", end).getBytes(ISO_8859_1)).prepare();
            mail().eml(mbox.replace("\n\nFrom", "\nFrom").replace("\n", end).getBytes(ISO_8859_1)).prepare();
        }
    }

    @Test
    void aQuotedOneIsDroppedTooAndSoIsBcc() throws IOException {
        String sent = source(mail().eml(file(">From alice@example.org Mon Jan  1 00:00:00 2024\n" + HEADER + "Bcc: hidden@example.org\n" + BODY)).prepare());
        assertEquals((HEADER + BODY).replace("\n", "\r\n"), sent);
    }

    @Test
    void aPathAndOctetsAreReadyMessagesToo() throws IOException {
        Path file = files.write("path.eml", (HEADER + BODY).getBytes(ISO_8859_1));
        byte[] octets = (HEADER + BODY).getBytes(ISO_8859_1);
        MailTool.Mail fromOctets = mail().eml(octets);
        Arrays.fill(octets, (byte) 'x');
        assertEquals((HEADER + BODY).replace("\n", "\r\n"), source(mail().eml(file).prepare()));
        assertEquals((HEADER + BODY).replace("\n", "\r\n"), source(fromOctets.prepare()));
        assertEquals(MailTool.Exit.DATA, assertThrows(MailTool.MailException.class, () -> mail().eml(new byte[0]).to("b@example.org").prepare()).exit());
        assertEquals(MailTool.Exit.NO_INPUT, assertThrows(MailTool.MailException.class, () -> mail().eml(Path.of("-"))).exit());
    }

    @Test
    void sendAllTakesReadyMessages() {
        try (FakeSmtp server = new FakeSmtp().ehlo("8BITMIME").start(); MailTool.Smtp session = MailTool.smtp(server.url()).open()) {
            session.sendAll(Stream.of(mail().eml((HEADER + BODY).getBytes(ISO_8859_1)), mail().eml(Path.of(file(HEADER + BODY)))), delivery -> { });
            assertEquals(List.of((HEADER + BODY).replace("\n", "\r\n"), (HEADER + BODY).replace("\n", "\r\n")), server.messages().stream().map(FakeSmtp.Received::text).toList());
        }
    }

    // What is added and removed

    @Test
    void missingDateMessageIdAndFromAreAdded() throws IOException {
        String sent = source(mail().eml(file("To: bob@example.org\nSubject: x\n\nbody\n")).from("Me <me@example.net>").prepare());
        List<String> header = header(sent);
        assertEquals(1, header.stream().filter(line -> line.matches("Date: \\w{3}, \\d{1,2} \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d [+-]\\d{4}")).count(), sent);
        assertEquals(1, header.stream().filter(line -> line.matches("Message-ID: <\\S+@example\\.net>")).count(), sent);
        assertEquals(1, header.stream().filter(line -> line.matches("From: .*\\bme@example\\.net>?")).count(), sent);
        assertTrue(header.containsAll(List.of("To: bob@example.org", "Subject: x")), sent);
        assertEquals(5, header.size(), sent);
        assertTrue(sent.endsWith("\r\n\r\nbody\r\n"), sent);
    }

    /** What a program leaves open says nothing, and servers refuse a mail for it. */
    @Test
    void whatIsEmptyIsMissingToo() throws IOException {
        MailTool.Prepared mail = mail().eml(file("DATE:\nTo: bob@example.org\nFrom: \n \nmessage-id:\t\nSubject:\n\nbody\n")).from("me@example.net").prepare();
        List<String> header = header(source(mail));
        assertEquals(List.of("Date", "From", "Message-ID", "Subject", "To"), header.stream().map(line -> line.replaceFirst(":.*", "")).sorted().toList());
        assertTrue(header.containsAll(List.of("From: me@example.net", "Message-ID: " + mail.messageId(), "Subject:")), header::toString);
        assertTrue(mail.messageId().matches("<\\S+@example\\.net>"), mail.messageId());
    }

    @Test
    void bccIsRemoved() throws IOException {
        String given = "From: a@example.org\nBcc: hidden1@example.org,\n hidden2@example.org,\n\thidden3@example.org\nSubject: x\nBCC: hidden4@example.org\nbcc:\n"
            + "To: bob@example.org\nResent-Bcc: hidden5@example.org\n\nbody\n";
        String sent = source(mail().eml(file(given)).to("bob@example.org").prepare());
        assertFalse(sent.contains("hidden"), sent);
        assertFalse(sent.toLowerCase().contains("bcc"), sent);
        assertTrue(sent.contains("Subject: x\r\nTo: bob@example.org\r\n"), sent);
    }

    @Test
    void aFileWithoutAHeaderIsABody() throws IOException {
        String sent = source(mail().eml(file("Hello Bob,\nnot: a header\n\nBye\n")).from("a@example.org").to("b@example.org").prepare());
        assertTrue(header(sent).stream().allMatch(line -> line.matches("(Date|From|Message-ID): .*")), sent);
        assertTrue(sent.endsWith("\r\n\r\nHello Bob,\r\nnot: a header\r\n\r\nBye\r\n"), sent);
    }

    @Test
    void aFileThatBeginsWithAnEmptyLineHasNoHeader() throws IOException {
        String sent = source(mail().eml(file("\nTo: text\n")).from("a@example.org").to("b@example.org").prepare());
        assertEquals(3, header(sent).size(), sent);
        assertTrue(sent.endsWith("\r\n\r\nTo: text\r\n"), sent);
    }

    // The envelope

    @Test
    void recipientsComeFromTheHeader() {
        String given = "From: a@example.org\nTo: \"B, C\" <b@example.org>, c@example.org (comment)\nTo: d@example.org\nCc: Team: e@example.org,\n f@example.org;, B@EXAMPLE.org\n"
            + "Bcc: g@example.org\nBcc: h@example.org\n\nTo: not@example.org\n";
        MailTool.Envelope envelope = mail().eml(file(given)).prepare().envelope();
        assertEquals("a@example.org", envelope.reversePath());
        List<String> expected = List.of("b@example.org", "c@example.org", "d@example.org", "e@example.org", "f@example.org", "B@EXAMPLE.org", "g@example.org", "h@example.org");
        assertEquals(expected, envelope.recipients());
    }

    @Test
    void aResentMessageGoesToThoseItIsResentTo() throws IOException {
        String given = HEADER + "Resent-From: r@example.org\nResent-To: s@example.org\nResent-Cc: t@example.org\nResent-Bcc: u@example.org\n\nbody\n";
        MailTool.Prepared prepared = mail().eml(file(given)).prepare();
        assertEquals("r@example.org", prepared.envelope().reversePath());
        assertEquals(List.of("s@example.org", "t@example.org", "u@example.org"), prepared.envelope().recipients());
        assertFalse(source(prepared).contains("u@example.org"));
    }

    @Test
    void addressesGivenBesideItAreTheEnvelopeAlone() throws IOException {
        MailTool.Prepared prepared = mail().eml(file(HEADER + BODY)).from("Other <other@example.org>").to("one@example.org").cc("two@example.org").bcc("three@example.org").prepare();
        assertEquals("other@example.org", prepared.envelope().reversePath());
        assertEquals(List.of("one@example.org", "two@example.org", "three@example.org"), prepared.envelope().recipients());
        assertEquals((HEADER + BODY).replace("\n", "\r\n"), source(prepared));
    }

    @Test
    void anEmptyEnvelopeSenderIsTheNullPath() {
        assertEquals("", mail().eml(file(HEADER + BODY)).envelopeFrom("").prepare().envelope().reversePath());
    }

    @Test
    void addressesThatCannotBeReadDoNotMatterWhereTheEnvelopeIsGiven() throws IOException {
        String given = "From: broken <\nSender: also broken <\nTo: ((\n\nbody\n";
        MailTool.Prepared prepared = mail().eml(file(given)).from("a@example.org").to("b@example.org").prepare();
        assertEquals("a@example.org", prepared.envelope().reversePath());
        assertTrue(source(prepared).contains("From: broken <\r\nSender: also broken <\r\nTo: ((\r\n"));
    }

    @Test
    void aCommentWithinAnAddressOfTheHeaderSendsTheMailToNobodyElse() {
        MailTool.MailException refusal = failure(mail -> mail, "From: a@example.org\nTo: b@example(c).org\n\nbody\n");
        assertEquals(MailTool.Exit.DATA, refusal.exit(), refusal.toString());
    }

    @Test
    void withoutAnyRecipientItIsAnError() {
        assertEquals(64, failure(mail -> mail, "From: a@example.org\nTo: undisclosed-recipients:;\n\nbody\n").exit().code);
    }

    @Test
    void withoutAnySenderItIsAnError() {
        assertEquals(64, failure(mail -> mail, "To: b@example.org\n\nbody\n").exit().code);
    }

    @Test
    void addressesOfTheHeaderWithoutADomainGetTheGivenOne() throws IOException {
        MailTool.Prepared prepared = mail().domain("example.net").eml(file("From: root\nTo: admin, b@example.org\n\nbody\n")).prepare();
        assertEquals("root@example.net", prepared.envelope().reversePath());
        assertEquals(List.of("admin@example.net", "b@example.org"), prepared.envelope().recipients());
        assertTrue(prepared.messageId().endsWith("@example.net>"), prepared.messageId());
        assertTrue(source(prepared).contains("\r\nFrom: root\r\nTo: admin, b@example.org\r\n"), source(prepared));
    }

    // Contradictions

    private Stream<Arguments> contradictions() {
        String picture = files.write("a.png", "x").toString();
        return Stream.of(
            Arguments.of("--subject", change(mail -> mail.subject("x"))),
            Arguments.of("--header", change(mail -> mail.header("X: y"))),
            Arguments.of("--text", change(mail -> mail.text("x"))),
            Arguments.of("--html", change(mail -> mail.html("x"))),
            Arguments.of("--attach", change(mail -> mail.attach(picture))),
            Arguments.of("--inline", change(mail -> mail.inline("a=" + picture))),
            Arguments.of("--reply-to", change(mail -> mail.replyTo("x@example.org"))));
    }

    @Test
    void thePartsOfAMessageContradictAReadyOne() {
        for (Arguments contradiction : contradictions().toList()) {
            @SuppressWarnings("unchecked")
            MailTool.MailException refusal = failure((UnaryOperator<MailTool.Mail>) contradiction.get()[1], HEADER + BODY);
            assertEquals(MailTool.Exit.USAGE, refusal.exit());
            assertTrue(refusal.getMessage().contains("--eml") && refusal.getMessage().contains((String) contradiction.get()[0]), refusal.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--text-file", "--html-file"})
    void aFileForABodyContradictsByItsOwnName(String option) {
        Tool.Result result = Tool.run("send", "--dry-run", "--eml", file(HEADER + BODY), option, files.write("body", "x").toString());
        assertEquals(64, result.exit(), result.toString());
        assertTrue(result.err().contains("--eml") && result.err().contains(option), result.err());
    }

    // What can't be sent

    @ParameterizedTest
    @ValueSource(strings = {"From: a@example.org\nTo: b@example.org\n\nbo\0dy\n", "From: a@example.org\nTo: b@example.org\nX: \0\n\nbody\n", ""})
    void aNulAndAnEmptyFileAreRefused(String given) {
        assertEquals(MailTool.Exit.DATA, failure(mail -> mail.from("a@example.org").to("b@example.org"), given).exit());
    }

    @Test
    void eightBitTextIsRefusedForAServerWithout8bitmime() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            MailTool.MailException refusal = assertThrows(MailTool.MailException.class, () -> send(server, HEADER + BODY));
            assertEquals(MailTool.Exit.DATA, refusal.exit());
            assertTrue(refusal.getMessage().contains("8BITMIME"), refusal.getMessage());
            assertFalse(server.commands().stream().anyMatch(command -> command.startsWith("DATA")), server.commands().toString());
        }
    }

    @Test
    void eightBitTextInTheHeaderIsRefusedToo() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            MailTool.MailException refusal = assertThrows(MailTool.MailException.class, () -> send(server, HEADER + "X: \u00fc\n\nbody\n"));
            assertEquals(MailTool.Exit.DATA, refusal.exit());
        }
    }

    @Test
    void eightBitTextIsAnnouncedWhereTheServerTakesIt() {
        try (FakeSmtp server = new FakeSmtp().ehlo("8BITMIME").start()) {
            send(server, HEADER + BODY);
            assertEquals(List.of("BODY=8BITMIME"), server.message().parameters());
        }
    }

    @Test
    void aLongLineGoesAsItIsWithAWarning() {
        String body = "x".repeat(998) + "\n" + "y".repeat(999) + "\n";
        Tool.Result result = Tool.run("send", "--dry-run", "--eml", file(HEADER + "\n" + body));
        assertEquals(0, result.exit(), result.toString());
        assertTrue(result.out().endsWith("\r\n\r\n" + body.replace("\n", "\r\n")));
        assertTrue(result.err().contains("999"), result.err());
        Tool.Result quiet = Tool.run("send", "--dry-run", "--eml", file(HEADER + "\n" + "x".repeat(998) + "\n"));
        assertEquals("", quiet.err());
    }

    @Test
    void whatIsKeptForASecondReadingIsPrivate() throws IOException {
        Path copy = Inputs.spooled(new ByteArrayInputStream(HEADER.getBytes(ISO_8859_1)), "a pipe");
        assertEquals(HEADER, Files.readString(copy, ISO_8859_1));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)));
    }

    @Test
    void whatCanNotBeKeptForASecondReadingIsNoFaultOfStdin() {
        String folder = files.folder("tmp").toString();
        Tool.Result run = Tool.with().jvm("-Djava.io.tmpdir=" + folder).through("ulimit -f 64; exec").stdin(HEADER + BODY + "x\n".repeat(100_000))
            .call("send", "-S", "smtp://localhost:1", "--eml", "-", "--json");
        assertEquals(74, run.exit(), run::toString);
        assertTrue(run.out().contains("can't write " + folder + "/mailtool") && run.out().contains("File too large"), run::toString);
        assertTrue(run.out().contains("\"stage\":\"input\""), run::toString);
    }

    // Helpers

    private String file(String source) {
        return files.write("ready.eml", source.getBytes(ISO_8859_1)).toString();
    }

    private static UnaryOperator<MailTool.Mail> change(UnaryOperator<MailTool.Mail> change) {
        return change;
    }

    private MailTool.MailException failure(UnaryOperator<MailTool.Mail> change, String source) {
        return assertThrows(MailTool.MailException.class, () -> change.apply(mail().eml(file(source))).prepare());
    }

    private void send(FakeSmtp server, String source) {
        try (MailTool.Smtp smtp = MailTool.smtp(server.url()).open()) {
            smtp.send(mail().eml(file(source)));
        }
    }

    private static String source(MailTool.Prepared prepared) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        prepared.writeTo(out);
        return out.toString(ISO_8859_1);
    }

    private static List<String> header(String source) {
        return Arrays.asList(source.substring(0, source.indexOf("\r\n\r\n")).split("\r\n"));
    }
}
