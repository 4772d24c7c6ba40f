///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Mails a letter to each person in a CSV file, once, over one connection, and names those who could not be reached.
//DESCRIPTION ./jbangw examples/Newsletter.java smtp://localhost:1025 may letter.txt people.csv
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;

import java.nio.file.Path;

/**
 * Newsletter SERVER CAMPAIGN LETTER PEOPLE. SERVER is smtp://[user@]host[:port], smtps://... or the name of an account (see:
 * mailtool help accounts). PEOPLE is a CSV file with a head line and a column "email"; LETTER has header lines, an empty line and
 * the text, with {{name}} for what the column "name" has, and so on. Run again it goes on where it ended; 79 is that somebody
 * could not be reached.
 */
class Newsletter {
    public static void main(String... args) {
        if (args.length != 4) {
            System.err.println("usage: Newsletter SERVER CAMPAIGN LETTER PEOPLE");
            System.exit(64);
        }
        try {
            BulkSums sums = bulk(table(Path.of(args[3])))
                    .template(Path.of(args[2]))
                    .campaign(args[1])
                    .key("email")
                    .rate("14/s")
                    .send(smtp(args[0]).warnings(System.err::println), Newsletter::note);
            System.out.println(sums);
            sums.failure().ifPresent(why -> System.err.println("stopped: " + why.getMessage()));
            System.exit(sums.exit().code);
        } catch (MailException e) {
            System.err.println(e.getMessage());
            System.exit(e.exit().code);
        }
    }

    static void note(BulkOutcome outcome) {
        if (outcome.fate() != Fate.ACCEPTED) {
            System.err.println("row " + outcome.row() + ", " + outcome.key() + ": " + outcome.fate() + " " + outcome.code() + " " + outcome.reply());
        }
    }
}
