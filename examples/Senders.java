///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Shows who fills a maildrop: a table of senders, with the number and the size of their mails, largest first.
//DESCRIPTION ./jbangw examples/Senders.java pop3s://ops@mail.example.org
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/** Senders MAILDROP. MAILDROP is pop3://user@host[:port], pop3s://... or the name of an account (see: mailtool help accounts). */
class Senders {
    record Share(int mails, long octets) {
        Share plus(Share other) {
            return new Share(mails + other.mails, octets + other.octets);
        }
    }

    public static void main(String... args) {
        if (args.length != 1) {
            System.err.println("usage: Senders MAILDROP");
            System.exit(64);
        }
        try {
            print(shares(pop3(args[0])));
        } catch (MailException e) {
            System.err.println(e.getMessage());
            System.exit(e.exit().code);
        }
    }

    static Map<String, Share> shares(Server<Pop3> server) {
        Map<String, Share> shares = new TreeMap<>();
        try (var box = server.open()) {
            for (var mail : box.messages()) {
                shares.merge(mail.from(), new Share(1, mail.size()), Share::plus);
            }
        }
        return shares;
    }

    static void print(Map<String, Share> shares) {
        System.out.printf("%6s %10s  %s%n", "mails", "KB", "sender");
        shares.entrySet().stream()
                .sorted(Comparator.comparing(entry -> -entry.getValue().octets()))
                .forEach(entry -> System.out.printf("%6d %10.1f  %s%n", entry.getValue().mails(), entry.getValue().octets() / 1000.0, printable(entry.getKey())));
    }

    /** A sender's name is a stranger's text: no control character of it should reach the terminal. */
    static String printable(String text) {
        return text.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
    }
}
