///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Runs a command and, if it fails, mails an alert with its output attached. For cron, in place of the command.
//DESCRIPTION ./jbangw examples/Alert.java smtp://localhost:1025 cron@example.org ops@example.org backup.sh --full
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Alert SERVER FROM TO COMMAND [ARGUMENT...] says and sends nothing while all is well, and exits as the command did.
 * SERVER is smtp://[user@]host[:port], smtps://... or the name of an account (see: mailtool help accounts).
 */
class Alert {
    static final int LINES_SHOWN = 20;

    public static void main(String... args) throws Exception {
        if (args.length < 4) {
            System.err.println("usage: Alert SERVER FROM TO COMMAND [ARGUMENT...]");
            System.exit(64);
        }
        List<String> command = Arrays.asList(args).subList(3, args.length);
        Path log = Files.createTempFile("alert-", ".log");
        int exit = run(command, log);
        if (exit != 0) {
            alert(args[0], args[1], args[2], command.get(0) + " failed with exit code " + exit, log);
        }
        Files.delete(log);
        System.exit(exit);
    }

    static int run(List<String> command, Path log) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
        } catch (IOException e) {
            Files.writeString(log, e.getMessage() + "\n");
            return 127;
        }
    }

    static void alert(String server, String from, String to, String what, Path log) throws IOException {
        try (var smtp = server(server).set("retry", "3").open()) {
            smtp.send(mail()
                    .from(from)
                    .to(to)
                    .subject("[" + InetAddress.getLocalHost().getHostName() + "] " + what)
                    .text(what + ". The end of its output:\n\n" + end(log))
                    .attach(log + ";type=text/plain;name=output.log"));
        } catch (MailException e) {
            System.err.println("no alert sent: " + e.getMessage());
            System.err.write(Files.readAllBytes(log));
        }
    }

    static Server<Smtp> server(String urlOrAccount) {
        return urlOrAccount.contains("://") ? smtp(urlOrAccount) : account(urlOrAccount).smtp();
    }

    static String end(Path log) throws IOException {
        List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size())) + "\n";
    }
}
