///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Mails a file to yourself, waits until it is there, compares it byte for byte, and deletes that one mail again.
//DESCRIPTION ./jbangw examples/RoundTrip.java smtps://ops@mail.example.org pop3s://ops@mail.example.org ops@example.org backup.tar.gz
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.io.IOUtils;

/**
 * RoundTrip SERVER MAILDROP ADDRESS FILE. Both are URLs or names of accounts (see: mailtool help accounts). It exits with 80 if
 * nothing came back within a minute.
 */
class RoundTrip {
    static final int SECONDS = 60;

    public static void main(String... args) throws Exception {
        if (args.length != 4) {
            System.err.println("usage: RoundTrip SERVER MAILDROP ADDRESS FILE");
            System.exit(64);
        }
        try {
            System.exit(run(smtp(args[0]), pop3(args[1]), args[2], Path.of(args[3])).code);
        } catch (MailException e) {
            System.err.println(e.getMessage());
            System.exit(e.exit().code);
        }
    }

    static Exit run(Server<Smtp> server, Server<Pop3> maildrop, String address, Path file) throws Exception {
        Prepared mail = mail().from(address).to(address).subject("round trip of " + file.getFileName()).attach(file).prepare();
        try (var smtp = server.open()) {
            smtp.send(mail);
        }
        long sent = System.nanoTime();
        for (int second = 0; second < SECONDS; second++) {
            Optional<Boolean> same = lookFor(mail.messageId(), maildrop, file);
            if (same.isPresent()) {
                System.out.printf("%s after %.1f s%n", same.get() ? "the same, byte for byte," : "DIFFERENT", (System.nanoTime() - sent) / 1e9);
                return same.get() ? Exit.OK : Exit.DATA;
            }
            Thread.sleep(1000);
        }
        System.out.println("nothing came back within " + SECONDS + " s");
        return Exit.UNMET;
    }

    /** Whether the file came back as it was, if it is there; only our own mail is deleted. */
    static Optional<Boolean> lookFor(String messageId, Server<Pop3> maildrop, Path file) throws IOException {
        try (var box = maildrop.open()) {
            for (var mail : box.last(20)) {
                if (mail.messageId().equals(messageId)) {
                    boolean same = isSame(mail.attachments().get(0), file);
                    box.delete(mail);
                    return Optional.of(same);
                }
            }
        }
        return Optional.empty();
    }

    static boolean isSame(Attachment attachment, Path file) throws IOException {
        try (InputStream came = attachment.open(); InputStream went = Files.newInputStream(file)) {
            return IOUtils.contentEquals(came, went);
        }
    }
}
