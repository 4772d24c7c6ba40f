///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Forwards the mails that match, each as an attachment that can be opened as it came; to report spam, for example.
//DESCRIPTION ./jbangw examples/Forward.java pop3s://ops@mail.example.org smtps://ops@mail.example.org ops@example.org abuse@example.org subject=lottery
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;

/**
 * Forward MAILDROP SERVER FROM TO MATCH. MAILDROP and SERVER are URLs or names of accounts (see: mailtool help accounts), MATCH
 * is what --match takes. The mails stay where they are. It exits with 80 if none matched.
 */
class Forward {
    public static void main(String... args) {
        if (args.length != 5) {
            System.err.println("usage: Forward MAILDROP SERVER FROM TO MATCH");
            System.exit(64);
        }
        try {
            System.exit(run(pop3(args[0]), smtp(args[1]), args).code);
        } catch (MailException e) {
            System.err.println(e.getMessage());
            System.exit(e.exit().code);
        }
    }

    static Exit run(Server<Pop3> maildrop, Server<Smtp> server, String... args) {
        try (var box = maildrop.open(); var smtp = server.open()) {
            var found = box.find(args[4]);
            for (var mail : found) {
                System.out.println(smtp.send(forward(mail).from(args[2]).to(args[3])));
            }
            return found.isEmpty() ? Exit.UNMET : Exit.OK;
        }
    }

    /** Control characters in a stranger's subject would be refused. */
    static Mail forward(Message mail) {
        return mail()
                .subject("Fwd: " + mail.subject().replaceAll("\\p{Cntrl}", " "))
                .text("A mail from " + mail.fromAddress() + " is attached.")
                .attach(mail);
    }
}
