package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import mailtool.MailTool.Exit;
import mailtool.MailTool.Fetched;

/** What is sent comes back byte for byte, and what a server has comes as it is. */
final class RoundTripTest {
    @AutoClose
    private final Scratch scratch = Scratch.create("round-trip");

    /** Dovecot puts its own fields on top; the message follows them. */
    @Test
    void nastyMessagesComeBackFromDovecotAsTheyWereSent() throws Exception {
        DovecotUser user = Dovecot.shared().newUser("round-trip");
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, byte[]> message : NastyMessages.all().entrySet()) {
            String text = new String(message.getValue(), ISO_8859_1);
            if (survivesDelivery(text)) {
                names.add(message.getKey());
                send(user, scratch.write(message.getKey(), message.getValue()));
            }
        }
        Path place = scratch.resolve("fetched");
        FetchRun run = FetchRun.of(user, FetchRun.plan("dir", place));
        assertEquals(names.size(), run.messages().size(), run::failure);
        for (Fetched fetched : run.messages()) {
            String name = names.get(fetched.number() - 1);
            String sent = new String(NastyMessages.get(name), ISO_8859_1);
            String came = StoredMail.text(Path.of(fetched.file()));
            assertEquals(sent, came.substring(Math.max(0, came.length() - sent.length())), name);
        }
    }

    private static boolean survivesDelivery(String text) {
        return text.length() < 300_000 && text.matches("(?s)[\\x01-\\x7f]*") && !text.replace("\r\n", "").matches("(?s).*[\r\n].*") && text.endsWith("\r\n")
            && text.contains("\r\n\r\n") && !text.startsWith("\r\n") && !text.startsWith("From ");
    }

    private void send(DovecotUser user, Path message) {
        try (MailTool.Smtp lmtp = MailTool.smtp("lmtp://localhost:" + Dovecot.shared().lmtpPort()).set("ca", TestCerts.caFile().toString()).open()) {
            lmtp.send(MailTool.mail().set("eml", message.toString()).from("a@example.org").to(user.address()));
        }
    }

    /** Here no server changes a byte. */
    @ParameterizedTest
    @ValueSource(strings = {"dir", "maildir", "mbox"})
    void nastyMessagesComeAsTheyAre(String kind) throws Exception {
        Path place = scratch.resolve(kind);
        Map<String, byte[]> all = NastyMessages.all();
        try (FakePop3 pop3 = new FakePop3().pipelining()) {
            all.forEach(pop3::message);
            FetchRun run = FetchRun.of(pop3.start(), FetchRun.plan(kind, place, "commit-every=7", "delete"));
            assertEquals(List.of(Exit.OK, (long) all.size()), List.of(run.exit(), run.summary().fetched()), run::failure);
            List<String> expected = new ArrayList<>();
            for (byte[] message : all.values()) {
                String text = new String(message, ISO_8859_1);
                expected.add(kind.equals("dir") ? withEnd(text) : StoredMail.withLf(text));
            }
            if (kind.equals("mbox")) {
                assertEquals(expected.stream().sorted().toList(), StoredMail.mbox(place).stream().sorted().toList());
                return;
            }
            for (Fetched fetched : run.messages()) {
                String wanted = expected.get(fetched.number() - 1);
                assertArrayEquals(wanted.getBytes(ISO_8859_1), Files.readAllBytes(Path.of(fetched.file())), fetched.uid());
            }
        }
    }

    /** Without a final line end a message gets one on its way; an empty one stays empty. */
    private static String withEnd(String message) {
        return message.isEmpty() || message.endsWith("\r\n") ? message : message + "\r\n";
    }
}
