package mailtool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static mailtool.MailTool.mail;
import static mailtool.MailTool.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;

import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import mailtool.MailTool.Exit;
import mailtool.MailTool.Mail;
import mailtool.MailTool.MailException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a script gives a mail: content from octets, streams and files, names and addresses, mails that came. */
final class ScriptMailTest {
    private static final byte[] DATA = "größe;1\n".getBytes(UTF_8);
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n', 0, 0, 0, 13};

    @AutoClose
    private final Scratch files = Scratch.create("script");

    private static Mail letter() {
        return mail().from("a@example.org").to("b@example.org");
    }

    private static byte[] source(Mail mail) throws IOException {
        ByteArrayOutputStream source = new ByteArrayOutputStream();
        mail.prepare().writeTo(source);
        return source.toByteArray();
    }

    private static MimeMessage read(Mail mail) throws Exception {
        return new MimeMessage(null, new ByteArrayInputStream(source(mail)));
    }

    private static MimeBodyPart part(Mail mail, int number) throws Exception {
        return (MimeBodyPart) ((MimeMultipart) read(mail).getContent()).getBodyPart(number);
    }

    private static byte[] content(MimeBodyPart part) throws Exception {
        return part.getInputStream().readAllBytes();
    }

    private static MailException failure(Runnable attempt) {
        return assertThrows(MailException.class, attempt::run);
    }

    // Content

    static Stream<Arguments> sources() {
        return Stream.of(
            Arguments.of("octets", (Function<Path, Mail>) file -> letter().text("x").attach("Größe, \"neu\".csv", DATA)),
            Arguments.of("a stream", (Function<Path, Mail>) file -> letter().text("x").attach("Größe, \"neu\".csv", new ByteArrayInputStream(DATA))),
            Arguments.of("a file", (Function<Path, Mail>) file -> letter().text("x").attach("Größe, \"neu\".csv", file)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sources")
    void anAttachmentHasTheNameAndTheOctetsThatItWasGiven(String from, Function<Path, Mail> mail) throws Exception {
        MimeBodyPart part = part(mail.apply(Files.write(files.resolve("data.bin"), DATA)), 1);
        assertArrayEquals(DATA, content(part));
        assertEquals("Größe, \"neu\".csv", part.getFileName());
        assertEquals("text/csv", part.getContentType().replaceFirst(";(?s).*", ""));
    }

    @Test
    void aMediaTypeMayFollowWithItsParameters() throws Exception {
        MimeBodyPart part = part(letter().attach("list", "a;b".getBytes(UTF_8), "text/csv; charset=ISO-8859-1; header=present"), 1);
        assertTrue(part.getContentType().startsWith("text/csv; charset=ISO-8859-1; header=present;"), part.getContentType());
        MimeBodyPart parameters = part(letter().attach("list", files.write("list", "a"), "text/csv", "header=absent"), 1);
        assertTrue(parameters.getContentType().contains("header=absent"), parameters.getContentType());
        byte[] calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n".getBytes(UTF_8);
        Mail invited = letter().text("come").attach("inv.ics", new ByteArrayInputStream(calendar), "text/calendar; method=REQUEST");
        assertTrue(read(invited).getContentType().startsWith("multipart/alternative"), read(invited).getContentType());
        assertEquals(Exit.USAGE, failure(() -> letter().attach("x", DATA, "csv")).exit());
        assertEquals(Exit.DATA, failure(() -> letter().attach("x", DATA, "text/csv\r\nX: y")).exit());
    }

    @Test
    void aStreamIsReadWhenTheMailIsPreparedOnceAndClosed() throws Exception {
        AtomicInteger read = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        InputStream stream = new FilterInputStream(new ByteArrayInputStream(DATA)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                read.incrementAndGet();
                return super.read(target, offset, length);
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
        Mail mail = letter().text("x").attach("data.csv", stream);
        assertEquals(0, read.get());
        try (FakeSmtp server = new FakeSmtp().once(".", "451 4.3.0 later").start(); var smtp = MailTool.smtp(server.url()).retry(1).open()) {
            smtp.send(mail);
            assertEquals(2, server.attempts().size());
            assertArrayEquals(server.attempts().get(0).content(), server.message().content());
            assertTrue(server.message().text().contains("Z3LDtsOfZTsxCg=="), server.message().text());
        }
        assertEquals(1, closed.get());
        assertArrayEquals(DATA, content(part(mail, 1)));
    }

    @Test
    void aStreamThatBreaksIsNamed() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the disk is gone");
            }
        };
        MailException failure = failure(() -> letter().attach("log.txt", broken).prepare());
        assertEquals(Exit.IO, failure.exit());
        assertEquals("can't read log.txt: the disk is gone", failure.getMessage());
        assertEquals(Exit.NO_INPUT, failure(() -> letter().attach("log.txt", Path.of("missing"))).exit());
    }

    /** Some go on after a failure, or begin anew where they are closed: what they say then is no content. */
    @Test
    void whatIsLeftOfAStreamThatBrokeOffIsNotSent() {
        List<Function<InputStream, Mail>> ways = List.of(in -> letter().attach("log.txt", in), in -> letter().html("<img src=\"cid:chart\">").inline("chart", in));
        for (Function<InputStream, Mail> way : ways) {
            AtomicInteger reads = new AtomicInteger();
            Mail mail = way.apply(new InputStream() {
                @Override
                public int read() {
                    throw new AssertionError();
                }

                @Override
                public int read(byte[] block, int from, int most) throws IOException {
                    if (reads.incrementAndGet() == 2) {
                        throw new IOException("not now");
                    }
                    block[from] = 'x';
                    return reads.get() > 4 ? -1 : 1;
                }
            });
            assertTrue(failure(mail::prepare).getMessage().endsWith(": not now"));
            MailException again = failure(mail::prepare);
            assertEquals(Exit.IO, again.exit());
            assertTrue(again.getMessage().endsWith(": it broke off before"), again::getMessage);
            assertEquals(2, reads.get());
        }
    }

    /** A file of that name may be here too, with another content. */
    @Test
    void aFileInAnArchiveIsNotTakenForOneOfItsNameHere() throws Exception {
        Path here = Files.writeString(files.resolve("same.eml"), "From: a@example.org\nTo: b@example.org\n\nanother\n");
        try (FileSystem zip = FileSystems.newFileSystem(URI.create("jar:" + files.resolve("a.zip").toUri()), Map.of("create", "true"))) {
            Path there = zip.getPath(here.toString());
            Files.createDirectories(there.getParent());
            Files.copy(here, there);
            List<Runnable> uses = List.of(() -> letter().attach(there), () -> letter().attach("a.txt", there), () -> letter().inline("a", there), () -> letter().eml(there),
                () -> message(there), () -> message(here).part(1).saveTo(there), () -> MailTool.table(there), () -> MailTool.template(there), () -> MailTool.spool(there),
                () -> MailTool.journal(there), () -> MailTool.smtp("smtp://localhost").ca(there), () -> MailTool.fetching().maildir(there), () -> MailTool.fetching().mbox(there),
                () -> MailTool.fetching().folder(there), () -> MailTool.bulk(MailTool.table(here)).template(there), () -> MailTool.bulk(MailTool.table(here)).htmlTemplate(there),
                () -> MailTool.bulk(MailTool.table(here)).journal(there));
            for (Runnable use : uses) {
                MailException failure = failure(use);
                assertEquals(Exit.USAGE, failure.exit());
                assertEquals(there + " is in a file system of its own", failure.getMessage());
            }
            assertEquals("another", message(Files.newInputStream(there)).text().strip());
        }
    }

    @Test
    void anInlineImageIsNamedByItsIdAndTypedByItsOctets() throws Exception {
        Mail mail = letter().html("<img src=\"cid:chart\"><img src=\"cid:logo.gif\"><img src=\"cid:photo\"><img src=\"cid:file\">").inline("chart", PNG)
            .inline("logo.gif", new ByteArrayInputStream(PNG)).inline("photo", PNG, "image/webp").inline("file", Files.write(files.resolve("x.jpg"), PNG));
        List<String> types = Stream.of(1, 2, 3, 4).map(number -> {
            try {
                return part(mail, number).getContentID() + " " + part(mail, number).getContentType().replaceFirst(";(?s).*", "");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }).toList();
        assertEquals(List.of("<chart> image/png", "<logo.gif> image/gif", "<photo> image/webp", "<file> image/jpeg"), types);
        assertArrayEquals(PNG, content(part(mail, 2)));
        assertEquals(Exit.USAGE, failure(() -> letter().inline("a b", PNG)).exit());
        assertEquals(Exit.USAGE, failure(() -> letter().inline("a", PNG).inline("a", PNG)).exit());
    }

    @Test
    void aMessageIsAttachedAsOneUnderItsSubject() throws Exception {
        String came = "From: c@example.org\r\nSubject: Re: a/b\r\n\r\nbödy\r\n";
        MimeBodyPart part = part(letter().text("see").attach(message(new ByteArrayInputStream(came.getBytes(UTF_8)))), 1);
        assertEquals("message/rfc822", part.getContentType().replaceFirst(";(?s).*", ""));
        assertEquals("Re a b.eml", part.getFileName());
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        part.writeTo(whole);
        assertTrue(whole.toString(UTF_8).endsWith("\r\n\r\n" + came), whole.toString(UTF_8));
        String longLine = "From: c@example.org\r\n\r\n" + "x".repeat(1200) + "\r\n";
        MimeBodyPart file = part(letter().attach(message(new ByteArrayInputStream(longLine.getBytes(UTF_8)))), 1);
        assertEquals("message.eml", file.getFileName());
        assertTrue(file.getContentType().startsWith("application/octet-stream"), file.getContentType());
        assertArrayEquals(longLine.getBytes(UTF_8), content(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nBcc: x@example.org", "a\u0000", "\u0085", "a\ud800"})
    void controlCharactersAreRefusedWhereverTheyAreGiven(String bad) {
        List<Runnable> attempts = List.of(() -> mail().from(bad, "a@example.org"), () -> mail().to("Ann", "a@example.org" + bad), () -> mail().to(List.of(bad)),
            () -> mail().header(bad, "x"), () -> mail().header("X-A", bad), () -> mail().attach(bad, DATA), () -> letter().attach(bad, InputStream.nullInputStream()).prepare());
        attempts.forEach(attempt -> assertEquals(Exit.DATA, failure(attempt).exit()));
        assertEquals(Exit.DATA, failure(() -> mail().inline(bad, PNG)).exit());
    }

    // People and fields

    @ParameterizedTest
    @ValueSource(strings = {"Ann", "Müller, Jürgen", "Ann \"the boss\" O'Neil", "a\\b", "😀 (team)", "=?UTF-8?Q?x?=", "ops@example.org via list", "b@example.org", "Dr. Who; <x>"})
    void aNameMayHaveAnyLetters(String name) throws Exception {
        MimeMessage message = read(mail().from(name, "b@example.org").to(name, "b@example.org").cc(name, "b@example.org").replyTo(name, "b@example.org"));
        List<jakarta.mail.Address> all = List.of(message.getFrom()[0], message.getAllRecipients()[0], message.getAllRecipients()[1], message.getReplyTo()[0]);
        for (jakarta.mail.Address one : all) {
            assertEquals("b@example.org", ((InternetAddress) one).getAddress());
            assertEquals(name, ((InternetAddress) one).getPersonal());
        }
        assertEquals(List.of("b@example.org"), mail().from("a@example.org").bcc(name, "b@example.org").prepare().envelope().recipients());
    }

    @Test
    void twoAddressesAreNoNameAndAddress() {
        for (Runnable attempt : List.<Runnable>of(() -> mail().to("a@example.org", "b@example.org"), () -> mail().from("ops@example.org", "Ops"))) {
            MailException failure = failure(attempt);
            assertEquals(Exit.USAGE, failure.exit());
            assertTrue(failure.hint().startsWith("the name comes first"), failure.hint());
        }
        for (String several : List.of("a@example.org, b@example.org", "Ann <a@example.org>", "Team: a@example.org;", "")) {
            assertEquals(Exit.DATA, failure(() -> mail().cc("Ann", several)).exit());
        }
    }

    @Test
    void recipientsMayBeACollection() {
        Mail mail = mail().from("a@example.org").to(List.of("b@example.org", "Cee <c@example.org>, d@example.org")).to(List.of());
        assertEquals(List.of("b@example.org", "c@example.org", "d@example.org"), mail.prepare().envelope().recipients());
    }

    @Test
    void aHeaderHasANameAndAValue() throws Exception {
        MimeMessage message = read(letter().header("X-Host", "db1: größer").header("X-Other:", " b "));
        assertEquals("db1: größer", jakarta.mail.internet.MimeUtility.decodeText(message.getHeader("X-Host", null)));
        assertEquals("b", message.getHeader("X-Other", null).strip());
        for (String name : List.of("", "X Y", "X:Y", "X-Ü", "Subject", "To")) {
            assertEquals(Exit.USAGE, failure(() -> mail().header(name, "x")).exit(), name);
        }
    }

    // Answers

    private static Mail reply(String header, String text) {
        String came = header.replace("\n", "\r\n") + "\r\n\r\n" + text;
        return message(new ByteArrayInputStream(came.getBytes(UTF_8))).reply().from("me@example.org");
    }

    @Test
    void anAnswerGoesToTheSenderInTheSameThreadAboveTheQuote() throws Exception {
        Mail mail = reply("""
            From: =?utf-8?Q?J=C3=BCrgen_=22J=22_M=2C?= <j@example.org>
            Date: Tue, 3 Nov 2026 10:20:30 +0100
            Subject: =?utf-8?Q?R=C3=BCben?=
            Message-ID: <2@example.org>
            References: <0@example.org>
             <1@example.org>
            In-Reply-To: <9@example.org>""", "one\r\n\r\n> two\r\n").text("Yes.\n");
        MimeMessage answer = read(mail);
        assertEquals(List.of("j@example.org"), mail.prepare().envelope().recipients());
        assertEquals("Jürgen \"J\" M,", ((InternetAddress) answer.getAllRecipients()[0]).getPersonal());
        assertEquals("Re: Rüben", answer.getSubject());
        assertEquals("<2@example.org>", answer.getHeader("In-Reply-To", null));
        assertEquals("<0@example.org> <1@example.org> <2@example.org>", answer.getHeader("References", null));
        assertEquals("Yes.\n\nOn Tue, 3 Nov 2026 10:20:30 +0100, \"Jürgen \\\"J\\\" M,\" <j@example.org> wrote:\n> one\n> \n> > two\n",
            answer.getContent().toString().replace("\r\n", "\n"));
    }

    @Test
    void anAnswerFollowsReplyToAndAThreadThatBegins() throws Exception {
        MimeMessage answer = read(reply("From: a@example.org\nReply-To: List <list@example.org>, b@example.org\nSubject: RE: x\nMessage-ID: <2@x>\nIn-Reply-To: <1@x>", ""));
        assertEquals("List <list@example.org>, b@example.org", answer.getHeader("To", null));
        assertEquals("Re: x", answer.getSubject());
        assertEquals("<1@x> <2@x>", answer.getHeader("References", null));
        MimeMessage several = read(reply("From: a@example.org\nMessage-ID: <2@x>\nIn-Reply-To: <0@x> <1@x>", ""));
        assertEquals("<2@x>", several.getHeader("References", null));
        MimeMessage two = read(reply("From: a@example.org\nMessage-ID: <1@x> <2@x>", ""));
        assertEquals("<1@x> <2@x>", String.join("|", two.getHeader("In-Reply-To")));
        MimeMessage none = read(reply("From: a@example.org\nSubject: =?utf-8?Q?a=0D=0ABcc=3A_x?=", ""));
        assertEquals("Re: a Bcc: x", none.getSubject());
        assertEquals(null, none.getHeader("References"));
        assertEquals(null, none.getHeader("In-Reply-To"));
        MimeMessage html = read(reply("From: a@example.org", "quoted").html("<b>Yes</b>"));
        assertEquals("text/html; charset=UTF-8", html.getContentType());
        assertEquals(Exit.DATA, failure(() -> reply("Subject: from nobody", "")).exit());
    }

    // For people

    @Test
    void aMailIsSeenAsALine() {
        assertEquals("mail to b@example.org, c@example.org: disk \\x1bfull", mail().to("B <b@example.org>, c@example.org").set("subject", "disk full").toString()
            .replace("disk full", "disk \\x1bfull"));
        assertEquals("mail to nobody yet: (no subject)", mail().toString());
        String prepared = letter().text("x").prepare().toString();
        assertTrue(prepared.matches("message <\\S+@example.org> to b@example.org, \\d+"), prepared);
        assertFalse(prepared.contains("Lambda"));
    }
}
