///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Saves the attachments of all mails whose subject has a word. The mails stay where they are.
//DESCRIPTION ./jbangw examples/SaveAttachments.java pop3s://ops@mail.example.org invoice invoices
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * SaveAttachments MAILDROP WORD FOLDER. MAILDROP is pop3://user@host[:port], pop3s://... or the name of an account (see:
 * mailtool help accounts). What is in the folder already is never overwritten. It exits with 80 if no mail had the word.
 */
class SaveAttachments {
    public static void main(String... args) {
        if (args.length != 3) {
            System.err.println("usage: SaveAttachments MAILDROP WORD FOLDER");
            System.exit(64);
        }
        try {
            int mails = save(pop3(args[0]), args[1], Path.of(args[2]));
            System.exit(mails > 0 ? 0 : Exit.UNMET.code);
        } catch (MailException e) {
            System.err.println(e.getMessage());
            System.exit(e.exit().code);
        }
    }

    static int save(Server<Pop3> server, String word, Path folder) {
        try (var box = server.open()) {
            var mails = box.find("subject=" + Pattern.quote(word));
            for (var mail : mails) {
                mail.attachments().forEach(attachment -> System.out.println(attachment.saveTo(folder)));
            }
            return mails.size();
        }
    }
}
