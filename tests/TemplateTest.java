package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Message;
import mailtool.MailTool.Prepared;
import mailtool.MailTool.Row;
import mailtool.MailTool.Template;

/** A mail for each row: whatever is in a value, the mail is what the template says. */
class TemplateTest {
    private static final String LETTER = "From: Me <me@example.org>\nTo: {{name}} <{{email}}>\nSubject: Hi {{name}}\n\nDear {{name}}\n";
    @TempDir
    Path scratch;
    private Path folder;

    @BeforeEach
    void files() throws IOException {
        folder = Files.createDirectories(scratch.resolve("letters"));
        Files.writeString(scratch.resolve("secret.txt"), "secret");
        Files.createDirectories(folder.resolve("bills"));
        Files.writeString(folder.resolve("bills/17.txt"), "bill 17");
        Files.writeString(folder.resolve("logo.png"), "\u0089PNG");
        Files.createSymbolicLink(folder.resolve("link.txt"), scratch.resolve("secret.txt"));
    }

    private Template template(String text) throws IOException {
        return MailTool.template(Files.writeString(folder.resolve("letter.txt"), text));
    }

    private static Row row(Object... pairs) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            values.put((String) pairs[i], pairs[i + 1]);
        }
        return new Row(3, 7, values);
    }

    private static String source(Prepared mail) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        mail.writeTo(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static Message read(Prepared mail) throws IOException {
        return MailTool.message(new ByteArrayInputStream(source(mail).getBytes(StandardCharsets.UTF_8)));
    }

    /** As it is read again. */
    private Message mail(String text, Object... pairs) throws IOException {
        return read(template(text).mail(row(pairs)).prepare());
    }

    /** What comes after the row and its line. */
    private String fault(String text, Object... pairs) {
        MailException failure = assertThrows(MailException.class, () -> template(text).mail(row(pairs)).prepare());
        assertEquals(Exit.DATA, failure.exit());
        assertTrue(failure.getMessage().startsWith("row 3 (line 7): "), failure.getMessage());
        return failure.getMessage().substring(16);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bob", "Doe, John", "\"Q\" \\ <x@y.org>, z@z", "x@y.org", "=?utf-8?q?a?=", "Änne", "a <b@c.org>, d@e.org", "{{email}}",
        "{{#name}}", "<script>", "Group: a@b.org;", "(c)", "qxvalue1xq", "$1 \\1", "Bcc: z@z.org", "\ud83d\ude00"})
    void aNameGivesOneRecipientWhateverItHolds(String name) throws IOException {
        Prepared mail = template(LETTER).mail(row("name", name, "email", "a@example.org")).prepare();
        assertEquals(List.of("a@example.org"), mail.envelope().recipients());
        Message read = read(mail);
        assertEquals(name.contains("=?") ? "Hi a" : "Hi " + name, read.subject());
        assertEquals("Dear " + name, read.text().strip());
        assertTrue(read.header("To").get(0).endsWith("<a@example.org>"), read.header("To").toString());
    }

    @Test
    void aSeparatorOfUnicodeEndsNoLine() throws IOException {
        Message read = mail("From: me@example.org\nTo: a@b.org\nSubject: a\u2028{{n}}\nX-N: {{n}}\n\nx", "n", "b\u2029c");
        assertEquals("a\u2028b\u2029c", read.subject());
        assertEquals(List.of("b\u2029c"), read.header("X-N"));
    }

    /** Some programs show a blank between two encoded-words of a name. */
    @ParameterizedTest
    @ValueSource(strings = {"Jörg Müller-Lüdenscheid", "Hélène \"Léa\" Dupré", "Иван Петрович", "\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67"})
    void aNameIsOneEncodedWord(String name) throws IOException {
        String source = source(template(LETTER).mail(row("name", name, "email", "a@example.org")).prepare());
        assertTrue(source.contains("\r\nTo: =?UTF-8?B?") && source.contains("?= <a@example.org>"), source);
        assertFalse(source.contains("?= =?"), source);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nBcc: evil@example.org", "a\nb", "a\rb", "a\0b", "a\tb", "\ud800", "\u0002x\u0003y\u0004"})
    void aValueNeverBreaksOutOfItsLine(String name) {
        String fault = fault(LETTER, "name", name, "email", "a@example.org");
        assertTrue(fault.startsWith("column name: it is too long for a header or has control characters"), fault);
        assertTrue(fault("From: me@example.org\nTo: a@b.org\nX-Name: {{{name}}}\n\nx", "name", name).startsWith("column name: "));
    }

    @Test
    void aTextTakesLinesAndAMegabyteButAHeaderDoesNot() throws IOException {
        String much = "x\n{{y}}\r\n".repeat(100_000);
        String text = "From: me@example.org\nTo: a@b.org\n\n{{name}}";
        assertEquals(much.replace("\r", "").strip(), mail(text, "name", much).text().replace("\r", "").strip());
        String fault = fault(LETTER, "name", "x".repeat(1 << 20), "email", "a@example.org");
        assertTrue(fault.startsWith("column name: it is too long for a header") && fault.length() < 300, fault);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a@b, c@d", "a b@x.org", "x@y>, <z@w", "Bob <b@x.org>", "a\n@x.org", "a@\u00df.de", "G: a@b.org;", "((((((((((",
        "Bob Bob <b@x.org>", "\u00a0a@b.org", "a\u200b@b.org", "\ufeffa@b.org", "a@b\u200b.org", "a@b.org\u00a0"})
    void aBrokenAddressIsNamedByItsColumn(String email) {
        String fault = fault(LETTER, "name", "Bob", "email", email);
        assertTrue(fault.contains("column email: "), fault);
        assertFalse(fault.matches(".*[\u00a0\u200b\ufeff].*"), fault);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bob", " \"bob\""})
    void whatIsWrongLaterIsNamedByItsColumnToo(String email) throws IOException {
        Row row = row("name", "Bob", "email", email, "id", "17");
        MailException failure = assertThrows(MailException.class, () -> template(LETTER).mail(row).prepare());
        String told = "row 3 (line 7): column email: the address '" + email.strip() + "' has no domain";
        assertEquals(told, row.fault(failure).getMessage());
    }

    @Test
    void aLoneAddressMayBeSeveralOrNone() throws IOException {
        String text = "From: me@example.org\nTo: {{to}}\nCc: {{cc}}\n\nx";
        Row row = row("to", "a@b.org, \"Doe, J\" <c@d.org>, G: e@f.org;", "cc", "");
        assertEquals(List.of("a@b.org", "c@d.org", "e@f.org"), template(text).mail(row).prepare().envelope().recipients());
        assertEquals("column to: column cc: there is no recipient", fault(text, "to", "", "cc", ""));
        assertTrue(fault(text, "to", "a b@c.org", "cc", "").startsWith("column to: can't read the address 'a b@c.org' in To"));
    }

    @Test
    void addressesAreReadBeforeValuesTakeTheirPlaces() throws IOException {
        Message mail = mail("From: \"Team {{id}}\" <me+{{id}}@example.org>\nTo: {{first}} {{last}} <{{user}}@{{host}}>, boss@example.org,\n {{other}}, "
                + "Team: {{other}}, x@y.org;\nreply-to: r+{{id}}@example.org\nSender: {{first}} <{{user}}@{{host}}>\nX-Id: <{{id}}>\n\nx",
                "id", "7", "first", "A,", "last", "B", "user", "u", "host", "h.org", "other", "o@o.org");
        assertEquals("Team 7 <me+7@example.org>", mail.header("From").get(0));
        assertEquals("\"A, B\" <u@h.org>, boss@example.org, o@o.org, Team: o@o.org, x@y.org;", mail.header("To").get(0));
        assertEquals("r+7@example.org", mail.header("Reply-To").get(0));
        assertEquals("\"A,\" <u@h.org>", mail.header("Sender").get(0));
        assertEquals("<7>", mail.header("X-Id").get(0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{{a}} {{&a}} {{{a}}}                                   | <\"&'> <\"&'> <\"&'>",
        "{{#zero}}0{{/zero}}{{#no}}n{{/no}}{{#empty}}e{{/empty}}{{^empty}}E{{/empty}} | 0nE",
        "{{#false}}f{{/false}}{{^false}}F{{/false}}{{#true}}t{{/true}}{{true}}        | Fttrue",
        "{{#none}}x{{/none}}{{^none}}y{{/none}}                 | y",
        "{{#items}}{{name}}={{price}}{{^-last}}, {{/-last}}{{/items}}   | A=1.50, B=",
        "{{#tags}}<{{.}}>{{/tags}}{{^list}}no list{{/list}}     | <x><y>no list",
        "{{place.city}}{{#place}}, {{street}}{{/place}}         | Ulm, Hof 1",
        "{{#empty}}x{{/empty}}{{#a}}{{length}}{{value}}{{/a}}   | LV",
        "{{=<% %>=}}<%zero%> {{a}}                              | 0 {{a}}",
        "{{! no word }}{{first name}} {{a.b}}                   | Jo dot",
    })
    void sectionsAreThoseOfMustache(String text, String expected) throws IOException {
        assertEquals(expected, mail("From: me@example.org\nTo: a@b.org\n\n" + text, "a", "<\"&'>", "zero", "0", "no", "no", "empty", "",
                "false", false, "true", true, "items", List.of(Map.of("name", "A", "price", "1.50"), Map.of("name", "B", "price", "")),
                "tags", List.of("x", "y"), "list", List.of(), "place", Map.of("city", "Ulm", "street", "Hof 1"), "length", "L",
                "value", "V", "first name", "Jo", "a.b", "dot").text().strip());
    }

    @Test
    void sectionsWorkInAHeaderToo() throws IOException {
        String text = "From: me@example.org\nTo: a@b.org\n{{#cc}}\nCc: {{cc}}\n{{/cc}}\n{{#bills}}\nAttach: bills/{{.}}\n{{/bills}}\nSubject: {{#n}}no. {{n}}{{/n}}\n\nx";
        Message with = mail(text, "cc", "c@d.org", "bills", List.of("17.txt", "17.txt"), "n", "0");
        assertEquals("c@d.org", with.header("Cc").get(0));
        assertEquals("no. 0", with.subject());
        assertEquals(2, with.attachments().size());
        Message without = mail(text, "cc", "", "bills", List.of(), "n", "");
        assertEquals(List.of(), without.header("Cc"));
        assertEquals(0, without.attachments().size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{{nope}} | column nope is missing", "{{place.nope}} | column place.nope is missing",
        "{{place}} | column place: a list or an object is no text; {{#place}} goes through it"})
    void aColumnThatIsMissingIsNamed(String text, String fault) {
        assertEquals(fault, fault("From: me@example.org\nTo: a@b.org\n\n" + text, "place", Map.of("city", "Ulm")));
        assertEquals(fault, fault("From: me@example.org\nTo: a@b.org\nX-A: " + text + "\n\nx", "place", Map.of("city", "Ulm")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Message-ID: <x@y.org>", "date: today", "MIME-Version: 1.0", "Content-Type: text/html", "content-language: de", "no colon",
        "Subject: x\nSUBJECT: y", "{{name}}: x", "X{{name}}: x", "Resent-Bcc: a@b.org", "ATTACHMENT: bill.pdf", "Attachments : {{name}}.pdf", "attach_file: bill.pdf", "Inlined: a=b.png", "Attach-File: bill.pdf", "inline-image: a=b.png"})
    void aLineThatHasNoPlaceInAHeaderIsRefused(String line) {
        fault("From: me@example.org\nTo: a@b.org\n" + line + "\n\nx", "name", "Bcc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\ntext", "From: a@b.org\nX-A: a\u0001b\n\nx", "From: a@b.org\n\n{{>part}}", "From: a@b.org\n\n{{ < part }}{{/part}}",
        "From: a@b.org\n\nDear {{name", "From: a@b.org\n\nDear {{name, {{email}}", "From: a@b.org\n\n{{}}", "From: a@b.org\n\n{{#a}}", "From: {{/a}}\n\nx",
        "From: {{#a}}x\n\ny{{/a}}", "From: a@b.org\n\n{{{a}}",
        "From: a@b.org\n\n{{ .Subscriber.Name }}", "From: a@b.org\n\n{{#.a}}x{{/.a}}"})
    void whatIsNoTemplateIsAFault(String text) {
        MailException failure = assertThrows(MailException.class, () -> template(text));
        assertEquals(Exit.DATA, failure.exit());
        assertTrue(failure.getMessage().contains("letter.txt"), failure.getMessage());
    }

    @Test
    void noTemplateIs66() throws IOException {
        assertEquals(Exit.NO_INPUT, assertThrows(MailException.class, () -> MailTool.template(folder.resolve("none"))).exit());
        Template template = template(LETTER);
        assertEquals(Exit.NO_INPUT, assertThrows(MailException.class, () -> template.html(folder)).exit());
    }

    private static String attaching(String file) {
        return "From: me@example.org\nTo: a@b.org\nAttach: " + file + "\n\nx";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{{f}} | bills/17.txt", "bills/{{f}} | 17.txt", "bills/{{f}}.txt | 17", "../{{f}} | secret.txt",
        "../secret.txt | x", "link.txt | x", "{{f}} | bills/../bills/17.txt"})
    void filesCountFromTheTemplatesFolder(String file, String value) throws IOException {
        assertEquals(1, mail(attaching(file), "f", value).attachments().size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{{f}} | ../secret.txt", "{{f}} | link.txt", "{{f}} | bills/../../secret.txt", "bills/{{f}} | ../logo.png",
        "{{f}} | none.txt", "bills/{{f}}.txt | 18", "{{f}} | bills", "{{f}} | bills/", "{{f}} | ..", "{{f}};type=text/x-a | logo.png;type=text/x-b"})
    void aValueLeavesNoFolderAndAddsNothing(String file, String value) {
        String fault = fault(attaching(file), "f", value);
        assertTrue(fault.startsWith("column f: "), fault);
        String absolute = scratch.resolve("secret.txt").toString();
        assertTrue(fault(attaching("{{f}}"), "f", absolute).startsWith("column f: '" + absolute + "' leaves its folder"));
    }

    @Test
    void anEmptyValueAttachesNothing() throws IOException {
        for (String file : List.of("{{f}}", "bills/{{f}}", "{{f}};type=text/csv")) {
            assertEquals(0, mail(attaching(file), "f", "").attachments().size());
        }
        assertEquals("none", assertThrows(MailException.class, () -> mail(attaching("none{{f}}"), "f", "")).getMessage().replaceFirst(".*/", ""));
    }

    @Test
    void theTemplateGivesTypeAndName() throws IOException {
        Message mail = mail(attaching("bills/{{f}};type=text/x-bill;name=bill {{n}}.txt"), "f", "17.txt", "n", "1;type=x");
        assertEquals("bill 1;type=x.txt", mail.attachments().get(0).name());
        assertTrue(mail.attachments().get(0).type().startsWith("text/x-bill"), mail.attachments().get(0).type());
    }

    @Test
    void htmlStandsBesideTheTextAndIsEscaped() throws IOException {
        Path html = Files.writeString(folder.resolve("letter.html"), "<img src=cid:logo>{{a}}{{{a}}}");
        Template template = template("From: me@example.org\nTo: a@b.org\nInline: logo={{f}}\n\n{{a}}").html(html);
        Prepared mail = template.mail(row("a", "<b>&", "f", "logo.png")).prepare();
        assertEquals(List.of(), mail.warnings());
        String source = source(mail);
        assertTrue(source.contains("\r\n<b>&\r\n") && source.contains("<img src=cid:logo>&lt;b&gt;&amp;<b>&"), source);
        assertTrue(source.contains("Content-ID: <logo>"), source);
        assertFalse(source(template.mail(row("a", "x", "f", "")).prepare()).contains("Content-ID"));
    }

    @Test
    void theEnvelopeSenderMayHaveColumns() throws IOException {
        Template template = template(LETTER).envelopeFrom("b+{{id}}@example.org");
        assertEquals("b+17@example.org", template.mail(row("name", "Bob", "email", "a@b.org", "id", "17")).prepare().envelope().reversePath());
        MailException failure = assertThrows(MailException.class, () -> template.mail(row("name", "Bob", "email", "a@b.org", "id", "1 7")));
        assertTrue(failure.getMessage().startsWith("row 3 (line 7): column id: "), failure.getMessage());
        assertEquals("", template.envelopeFrom("").mail(row("name", "Bob", "email", "a@b.org")).prepare().envelope().reversePath());
        assertThrows(MailException.class, () -> template.envelopeFrom("a@b.org\nBcc: c@d.org"));
    }

    @Test
    void itsDigestIsThatOfItsFiles() throws Exception {
        Path html = Files.writeString(folder.resolve("letter.html"), "<p>\u00e4");
        byte[] digest = MessageDigest.getInstance("SHA-256").digest((LETTER + "<p>\u00e4").getBytes(StandardCharsets.UTF_8));
        assertEquals(HexFormat.of().formatHex(digest).substring(0, 16), template(LETTER).html(html).digest());
    }

    @Test
    void linesMayEndAsTheyLikeAndBeFolded() throws IOException {
        Message mail = mail("From: me@example.org\r\nTo: a@b.org\r\nSubject: a\r\n\tb\r\n \r\nText\r\n\r\nmore");
        assertEquals("a b", mail.subject());
        assertEquals("Text\n\nmore", mail.text().replace("\r", "").strip());
    }

    @Test
    void manyFramesAreNotKept() throws IOException {
        Template template = template("From: me@example.org\nTo: a@b.org\nX-A: {{#n}}a{{/n}}\n\n{{m}}");
        for (int i = 0; i < 2500; i++) {
            String length = "a".repeat(i % 1250);
            Message mail = i % 500 == 7 ? read(template.mail(row("n", List.of(length.split("")), "m", "" + i)).prepare()) : null;
            template.mail(row("n", List.of(length.split("")), "m", "" + i));
            assertTrue(mail == null || mail.text().strip().equals("" + i));
        }
    }
}
