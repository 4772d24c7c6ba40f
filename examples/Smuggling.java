///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Shows which wrong ends of a message a server takes for its end, as SMTP smuggling needs it. Only for a server of your own.
//DESCRIPTION ./jbangw examples/Smuggling.java smtp://localhost ops@example.org ops@example.org
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * Smuggling SERVER FROM TO sends 16 messages, each with a wrong end in its middle, so TO should be a mailbox of yours. SERVER is
 * smtp://[user@]host[:port], smtps://... or the name of an account. It exits with 80 if one is taken for the end.
 */
class Smuggling {
    /** Bare CR and LF on either side of the dot, and what NUL or one CR more makes of the right end, which is CRLF . CRLF. */
    static final List<String> ENDS = List.of("\n.\n", "\n.\r", "\n.\r\n", "\r.\n", "\r.\r", "\r.\r\n", "\r\n.\n", "\r\n.\r",
            "\r\n\0.\r\n", "\r\n.\0\r\n", "\r\n\0.\n", "\r\n\0.\r", "\r\0\n.\r\n", "\r\n.\r\0\n", "\r\n.\r\r\n", "\r\r\n.\r\r\n");

    public static void main(String... args) {
        if (args.length != 3) {
            System.err.println("usage: Smuggling SERVER FROM TO");
            System.exit(64);
        }
        try {
            System.exit(run(smtp(args[0]).timeout(Duration.ofSeconds(30)), args[1], args[2]).code);
        } catch (MailException e) {
            System.err.println(e.getMessage());
            System.exit(e.exit().code);
        }
    }

    static Exit run(Server<Smtp> server, String from, String to) {
        Exit exit = Exit.OK;
        for (String end : ENDS) {
            String verdict = verdict(server, from, to, end);
            System.out.printf("%-20s %s%n", end.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0"), verdict);
            exit = verdict.startsWith("taken") ? Exit.UNMET : exit;
        }
        return exit;
    }

    /** What follows a wrong end is the rest of the message, or, if that was taken for the end, commands that do not exist. */
    static String verdict(Server<Smtp> server, String from, String to, String end) {
        try (var smtp = server.open()) {
            smtp.expect("250", "MAIL FROM:<" + from + ">");
            smtp.expect("25x", "RCPT TO:<" + to + ">");
            smtp.expect("354", "DATA");
            String header = "From: <" + from + ">\r\nTo: <" + to + ">\r\nSubject: test of ends of messages\r\n\r\n";
            String message = header + "before" + end + "after\r\n.\r\n";
            Reply answer = smtp.raw(message.getBytes(StandardCharsets.ISO_8859_1));
            return !answer.positive() ? "refused: " + answer : isInStep(smtp) ? "part of the message" : "taken for the end";
        }
    }

    /** Whether the next command has the next answer; some hang up instead on what came too early. */
    static boolean isInStep(Smtp smtp) {
        try {
            return smtp.ask("NOOP").positive();
        } catch (MailException e) {
            return false;
        }
    }
}
