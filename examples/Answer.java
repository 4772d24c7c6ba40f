///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Answers a mail in an account's maildrop: your text above what it said, in the same thread.
//DESCRIPTION ./jbangw examples/Answer.java ops 12 "Thank you, it is mended."
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;

/** Answer ACCOUNT N|UID TEXT. The account has server, pop3 and from (see: mailtool help accounts). */
class Answer {
    public static void main(String... args) {
        if (args.length != 3) {
            System.err.println("usage: Answer ACCOUNT N|UID TEXT");
            System.exit(64);
        }
        try (var box = pop3(args[0]).open()) {
            var mail = box.message(args[1]);
            System.out.println(account(args[0]).send(mail.reply().text(args[2])));
        } catch (MailException e) {
            System.err.println(e.getMessage());
            System.exit(e.exit().code);
        }
    }
}
