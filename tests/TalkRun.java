package mailtool;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Server;
import mailtool.MailTool.Stage;

/** How a talk from a file went: its exit code, what it showed, each line of its transcript, and why it ended, "" if by itself. */
record TalkRun(Exit exit, String shown, List<String> transcript, String problem) {
    /** Without a login, from the EHLO or CAPA on. */
    static TalkRun of(String url, String... lines) {
        return of(Server.ofAny(url).set("ca", TestCerts.caFile().toString()), Stage.AUTH, String.join("\n", lines) + "\n");
    }

    static TalkRun of(Server<?> server, Stage last, String file) {
        StringBuilder shown = new StringBuilder();
        List<String> transcript = new ArrayList<>();
        try (Scratch scratch = Scratch.create("talk")) {
            server.transcript(transcript::add);
            new Conversation(shown::append, false, server.where().protocol(), Optional.of(scratch.write("a.talk", file).toString()))
                    .run(server.where(), server.upTo(last), server.sinks());
            return new TalkRun(Exit.OK, shown.toString(), transcript, "");
        } catch (MailException e) {
            return new TalkRun(e.exit(), shown.toString(), transcript, e.getMessage());
        }
    }

    /** What a server sent, a line each. */
    List<String> heard() {
        return shown.lines().filter(line -> line.startsWith("<<< ")).map(line -> line.substring(4)).toList();
    }
}
