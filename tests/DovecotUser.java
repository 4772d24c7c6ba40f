package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A user of {@link Dovecot} of a test's own, with a maildrop that begins empty. Messages are numbered in the order they were deposited in.
 *
 * <p>Dovecot sends a file as it is but for its line ends: LF becomes CRLF, and a last line without one gets one.
 */
final class DovecotUser {
    private final Dovecot dovecot;
    private final String name;
    private final Path folder;
    private int deposited;

    DovecotUser(Dovecot dovecot, String name, Path folder) {
        this.dovecot = dovecot;
        this.name = name;
        this.folder = folder;
    }

    /** The address, which is what logs in, with {@link Dovecot#PASSWORD}. */
    String address() {
        return name + "@example.org";
    }

    /** The URL of POP3 with STLS, the user in it. */
    String url() {
        return url("pop3", dovecot.pop3Port());
    }

    String tlsUrl() {
        return url("pop3s", dovecot.pop3sPort());
    }

    /** By way of another port: a tap, a delay. */
    String urlAt(int port) {
        return url("pop3", port);
    }

    private String url(String scheme, int port) {
        return scheme + "://" + URLEncoder.encode(address(), StandardCharsets.UTF_8) + "@localhost:" + port;
    }

    /** Puts a file with exactly these bytes into the Maildir. */
    DovecotUser deposit(byte[] message) {
        return deposit(temporary -> Files.write(temporary, message));
    }

    /** One byte a character. */
    DovecotUser deposit(String message) {
        return deposit(message.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Puts it there as a further link to the same file, for thousands of messages that take no room. */
    DovecotUser depositLink(Path message) {
        return deposit(temporary -> Files.createLink(temporary, message));
    }

    private interface Writer {
        void write(Path file) throws IOException;
    }

    private synchronized DovecotUser deposit(Writer writer) {
        deposited++;
        // Dovecot numbers new files by the time in their names.
        String file = "%d.M%06dP1.test".formatted(1_700_000_000 + deposited / 1_000_000, deposited % 1_000_000);
        Path temporary = folder.resolve("tmp").resolve(file);
        try {
            writer.write(temporary);
            Files.move(temporary, folder.resolve("new").resolve(file));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Delivers it by LMTP, so that it looks like any other mail: with Return-Path, Delivered-To and Received. */
    DovecotUser deliver(String message) {
        try (RawClient client = RawClient.connect(dovecot.lmtpPort())) {
            client.reply();
            client.ask("LHLO test.example.org");
            client.ask("MAIL FROM:<a@example.org>");
            client.ask("RCPT TO:<" + address() + ">");
            client.ask("DATA");
            String stuffed = ("\r\n" + message).replace("\r\n.", "\r\n..").substring(2);
            String reply = client.ask(stuffed + (stuffed.endsWith("\r\n") ? "." : "\r\n."));
            if (!reply.startsWith("250")) {
                throw new AssertionError("Dovecot says " + reply);
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is still in the maildrop, as Dovecot stores it. */
    List<String> messages() {
        return new TestMaildir(folder).messages();
    }

    int count() {
        return messages().size();
    }
}
