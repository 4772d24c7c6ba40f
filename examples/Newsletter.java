///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Mails one text to each person in a CSV file, over one connection, and names those who could not be reached.
//DESCRIPTION ./jbangw examples/Newsletter.java smtp://localhost:1025 news@example.org "News in May" letter.txt people.csv
//DEPS org.apache.commons:commons-csv:1.14.1
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/**
 * Newsletter SERVER FROM SUBJECT LETTER PEOPLE. SERVER is smtp://[user@]host[:port], smtps://... or the name of an account
 * (see: mailtool help accounts). PEOPLE is a CSV file with a head line and a column "address"; {name} in the subject or the
 * letter stands for what the column "name" has, and so on. It exits with 79 if somebody could not be reached.
 */
class Newsletter {
    final String from;
    final String subject;
    final String letter;
    int sent;
    int failed;

    Newsletter(String from, String subject, String letter) {
        this.from = from;
        this.subject = subject;
        this.letter = letter;
    }

    public static void main(String... args) throws IOException {
        if (args.length != 5) {
            System.err.println("usage: Newsletter SERVER FROM SUBJECT LETTER PEOPLE");
            System.exit(64);
        }
        Newsletter newsletter = new Newsletter(args[1], args[2], Files.readString(Path.of(args[3])));
        System.exit(newsletter.run(smtp(args[0]), Path.of(args[4])).code);
    }

    Exit run(Server<Smtp> server, Path people) throws IOException {
        CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).setTrim(true).get();
        try (Reader file = Files.newBufferedReader(people); var smtp = server.open()) {
            smtp.sendAll(format.parse(file).stream().flatMap(this::mailTo), this::note);
        } catch (MailException e) {
            System.err.println("stopped: " + e.getMessage());
            return e.exit();
        } finally {
            System.out.println(sent + " sent, " + failed + " failed");
        }
        return failed == 0 ? Exit.OK : Exit.PARTIAL;
    }

    Stream<Mail> mailTo(CSVRecord person) {
        try {
            return Stream.of(mail()
                    .from(from)
                    .to(person.get("address"))
                    .subject(filled(subject, person))
                    .text(filled(letter, person)));
        } catch (MailException e) {
            fail("person " + (person.getRecordNumber()) + ": " + e.getMessage());
            return Stream.empty();
        }
    }

    static String filled(String text, CSVRecord person) {
        for (Map.Entry<String, String> column : person.toMap().entrySet()) {
            text = text.replace("{" + column.getKey() + "}", column.getValue());
        }
        return text;
    }

    void note(Delivery delivery) {
        if (delivery.ok()) {
            sent++;
        } else {
            fail(delivery.failure().map(MailException::getMessage).orElse(delivery.refused().toString()));
        }
    }

    void fail(String why) {
        failed++;
        System.err.println(why);
    }
}
