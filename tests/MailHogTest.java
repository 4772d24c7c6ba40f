package mailtool;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static mailtool.MailTool.mail;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.UUID;

import com.google.gson.JsonObject;
import jakarta.mail.internet.MimeUtility;
import jakarta.mail.internet.ParameterList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What a real server in a container got, as its HTTP API tells. */
final class MailHogTest {
    private static final String PASSWORD = "s3cret Paßwort";

    private final String unique = "mailhog-" + UUID.randomUUID();

    @AutoClose
    private final Scratch files = Scratch.create("mailhog");

    @Test
    void aMessageArrivesWithItsStructureHeadersAndDecodedBytes() throws Exception {
        byte[] octets = new byte[10_000];
        new Random(2).nextBytes(octets);
        byte[] unixText = "one\ntwo\r\n.\nlast".getBytes(US_ASCII);
        Path data = files.write("Übersicht für März.bin", octets);
        Path image = files.write("chart.png", new byte[] {(byte) 0x89, 'P', 'N', 'G', 0, 13, 10, 26});
        Path log = files.write("app.log", unixText);
        Tool.Result result = Tool.run("send", "-S", url(), "-f", "Jürgen Müller <a@example.org>", "-t", "Bob <bob@example.org>, \"Quu, Xavier\" <quu@example.org>",
            "--cc", "carol@example.org", "--bcc", "hidden@example.org", "--reply-to", "answers@example.org", "-H", "X-Test: " + unique, "-s", "Grüße 😀 " + unique,
            "--text", "Grüße\n.\nEnde\n", "--html", "<p>Grüße <img src=\"cid:chart\"></p>", "--inline", "chart=" + image, "-a", data.toString(), "-a", log + ";type=text/plain;name=log.txt");
        assertEquals(0, result.exit(), result.toString());
        assertEquals("", result.out() + result.err());

        JsonObject message = MailHog.shared().waitFor(unique);
        assertEquals("a@example.org", MailHog.envelopeFrom(message));
        assertEquals(List.of("bob@example.org", "quu@example.org", "carol@example.org", "hidden@example.org"), MailHog.envelopeTo(message));
        assertEquals("Jürgen Müller <a@example.org>", MimeUtility.decodeText(header(message, "From")).replace("\"", ""));
        assertEquals("Bob <bob@example.org>, \"Quu, Xavier\" <quu@example.org>", header(message, "To"));
        assertEquals("carol@example.org", header(message, "Cc"));
        assertEquals("answers@example.org", header(message, "Reply-To"));
        assertEquals("Grüße 😀 " + unique, MimeUtility.decodeText(header(message, "Subject")));
        assertEquals(unique, header(message, "X-Test"));
        assertEquals("1.0", header(message, "MIME-Version"));
        assertTrue(header(message, "Message-ID").endsWith("@example.org>"), header(message, "Message-ID"));
        assertEquals(1, MailHog.header(message, "Date").size());

        assertEquals("multipart/mixed", type(message));
        List<JsonObject> mixed = parts(message);
        assertEquals(List.of("multipart/related", "application/octet-stream", "text/plain"), types(mixed));
        List<JsonObject> related = parts(mixed.get(0));
        assertEquals(List.of("multipart/alternative", "image/png"), types(related));
        List<JsonObject> forms = parts(related.get(0));
        assertEquals(List.of("text/plain", "text/html"), types(forms));
        assertEquals("Grüße\r\n.\r\nEnde", new String(decoded(forms.get(0)), UTF_8).strip());
        assertEquals("<p>Grüße <img src=\"cid:chart\"></p>", new String(decoded(forms.get(1)), UTF_8).strip());
        assertEquals(List.of("<chart>"), MailHog.header(related.get(1), "Content-ID"));
        assertArrayEquals(Files.readAllBytes(image), decoded(related.get(1)));
        assertArrayEquals(octets, decoded(mixed.get(1)));
        assertEquals("Übersicht für März.bin", fileName(mixed.get(1)));
        assertArrayEquals(unixText, decoded(mixed.get(2)));
        assertEquals("log.txt", fileName(mixed.get(2)));
    }

    @Test
    void bccReachesItsRecipientAndNobodySeesIt() {
        send(mail().from("a@example.org").to("b@example.org").bcc("Secret <hidden@example.org>").subject(unique));
        JsonObject message = MailHog.shared().waitFor(unique);
        assertEquals(List.of("b@example.org", "hidden@example.org"), MailHog.envelopeTo(message));
        assertEquals(List.of(), MailHog.header(message, "Bcc"));
        assertFalse(MailHog.source(message).contains("hidden"), MailHog.source(message));
    }

    @Test
    void bccOfAReadyMessageIsGoneToo() {
        String given = "From: a@example.org\nTo: b@example.org\nBcc: hidden@example.org,\n hidden2@example.org\nSubject: " + unique + "\n\nbody\n";
        send(mail().eml(files.write("ready.eml", given).toString()));
        JsonObject message = MailHog.shared().waitFor(unique);
        assertEquals(List.of("b@example.org", "hidden@example.org", "hidden2@example.org"), MailHog.envelopeTo(message));
        assertFalse(MailHog.source(message).contains("hidden"), MailHog.source(message));
    }

    @Test
    void dotLinesStayIntact() {
        String body = ".\n..\n...\n.first\nmiddle.\n\n.\n.";
        String given = "From: a@example.org\nTo: b@example.org\nSubject: " + unique + "\nDate: Mon, 1 Jan 2024 00:00:00 +0000\nMessage-ID: <" + unique + ">\n\n" + body;
        send(mail().eml(files.write("dots.eml", given).toString()));
        // MailHog leaves out the line end that belongs to the final dot.
        assertEquals(given.replace("\n", "\r\n"), MailHog.source(MailHog.shared().waitFor(unique)));
    }

    @Test
    void aBodyThatLooksLikeCommandsIsABody() {
        String body = ".\nMAIL FROM:<evil@example.org>\nRCPT TO:<evil@example.org>\nDATA\n.\n" + unique;
        send(mail().from("a@example.org").to("b@example.org").subject("innocent").text(body));
        JsonObject message = MailHog.shared().waitFor(unique);
        assertEquals("a@example.org", MailHog.envelopeFrom(message));
        assertEquals(body.replace("\n", "\r\n"), MailHog.source(message).split("\r\n\r\n", 2)[1].strip());
    }

    @Test
    void authLoginIsSeenOnTheWireAndNotInTheTranscript() {
        try (WireTap tap = WireTap.to(MailHog.shared().smtpPort())) {
            Tool.Result result = Tool.with().env("MAILTOOL_PASSWORD", PASSWORD)
                .call("send", "-v", "-S", "smtp://localhost:" + tap.port(), "-u", "ops", "--auth", "LOGIN", "-f", "a@example.org", "-t", "b@example.org", "-s", unique, "--text", "hi");
            assertEquals(0, result.exit(), result.toString());
            List<String> lines = tap.fromClient().lines().toList();
            int login = lines.indexOf("AUTH LOGIN");
            assertTrue(login > 0, tap.fromClient());
            assertEquals("ops", fromBase64(lines.get(login + 1)));
            assertEquals(PASSWORD, fromBase64(lines.get(login + 2)));
            assertTrue(result.err().contains("AUTH LOGIN"), result.err());
            assertFalse(result.err().contains(lines.get(login + 2)), result.err());
            assertFalse(result.err().contains(PASSWORD), result.err());
            MailHog.shared().waitFor(unique);
        }
    }

    // Helpers

    private static String url() {
        return "smtp://" + MailHog.shared().host() + ":" + MailHog.shared().smtpPort();
    }

    private static void send(MailTool.Mail mail) {
        try (MailTool.Smtp smtp = MailTool.smtp(url()).open()) {
            assertTrue(smtp.send(mail).ok());
        }
    }

    private static String header(JsonObject messageOrPart, String name) {
        List<String> values = MailHog.header(messageOrPart, name);
        assertEquals(1, values.size(), name);
        return MimeUtility.unfold(values.get(0));
    }

    private static String type(JsonObject messageOrPart) {
        return header(messageOrPart, "Content-Type").replaceFirst(";.*", "").strip();
    }

    /** MailHog takes the rest of the closing delimiter for one more part. */
    private static List<JsonObject> parts(JsonObject messageOrPart) {
        List<JsonObject> parts = MailHog.parts(messageOrPart);
        assertEquals("--", parts.get(parts.size() - 1).get("Body").getAsString());
        return parts.subList(0, parts.size() - 1);
    }

    private static List<String> types(List<JsonObject> parts) {
        return parts.stream().map(MailHogTest::type).toList();
    }

    private static byte[] decoded(JsonObject part) throws Exception {
        String encoding = header(part, "Content-Transfer-Encoding");
        byte[] body = part.get("Body").getAsString().getBytes(UTF_8);
        return MimeUtility.decode(new ByteArrayInputStream(body), encoding).readAllBytes();
    }

    private static String fileName(JsonObject part) throws Exception {
        String parameters = header(part, "Content-Disposition").replaceFirst("^attachment", "");
        return new ParameterList(parameters).get("filename");
    }

    private static String fromBase64(String line) {
        return new String(Base64.getDecoder().decode(line), UTF_8);
    }
}
