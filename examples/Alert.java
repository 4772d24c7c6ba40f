///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Runs a command and, if it fails, mails an alert with its output attached. For cron, in place of the command.
//DESCRIPTION ./jbangw examples/Alert.java smtp://localhost:1025 cron@example.org ops@example.org backup.sh --full
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Alert SERVER FROM TO COMMAND [ARGUMENT...] says and sends nothing while all is well, and exits as the command did.
 * SERVER is smtp://[user@]host[:port], smtps://... or the name of an account (see: mailtool help accounts).
 */
class Alert {
    static final int LINES_SHOWN = 20;

    record Outcome(int exit, byte[] output) {
    }

    public static void main(String... args) throws Exception {
        if (args.length < 4) {
            System.err.println("usage: Alert SERVER FROM TO COMMAND [ARGUMENT...]");
            System.exit(64);
        }
        List<String> command = Arrays.asList(args).subList(3, args.length);
        Outcome outcome = run(command);
        if (outcome.exit != 0) {
            alert(args[0], args[1], args[2], command.get(0) + " failed with exit code " + outcome.exit, outcome.output);
        }
        System.exit(outcome.exit);
    }

    static Outcome run(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .start();
            byte[] output = process.getInputStream().readAllBytes();
            return new Outcome(process.waitFor(), output);
        } catch (IOException e) {
            return new Outcome(127, (e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    static void alert(String server, String from, String to, String what, byte[] output) throws IOException, InterruptedException {
        try (var smtp = smtp(server).retry(3).open()) {
            smtp.send(mail()
                    .from(from)
                    .to(to)
                    .subject("[" + host() + "] " + what)
                    .text(what + ". The end of its output:\n\n" + end(output))
                    .attach("output.log", output));
        } catch (MailException e) {
            System.err.println("no alert sent: " + e.getMessage());
            System.err.write(output);
        }
    }

    /** Also where the network does not know it. */
    static String host() throws InterruptedException {
        return new String(run(List.of("uname", "-n")).output, StandardCharsets.UTF_8).strip();
    }

    static String end(byte[] output) {
        List<String> lines = new String(output, StandardCharsets.UTF_8).lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size())) + "\n";
    }
}
