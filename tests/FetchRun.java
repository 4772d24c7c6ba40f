package mailtool;

import static mailtool.MailTool.fetching;
import static mailtool.MailTool.pop3;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import mailtool.MailTool.Exit;
import mailtool.MailTool.Fetched;
import mailtool.MailTool.Fetching;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Server;
import mailtool.MailTool.Summary;

/** Fetching as a script does it, in this process, from a {@link FakePop3} or {@link Dovecot}. */
record FetchRun(List<Fetched> messages, Summary summary) {
    /** The options are those of the command line: {@code "delete"}, {@code "limit=3"}. */
    static Fetching plan(String place, Path where, String... options) {
        Fetching plan = fetching().set(place, where.toString());
        for (String option : options) {
            String[] parts = option.split("=", 2);
            plan.set(parts[0], parts.length > 1 ? parts[1] : "");
        }
        return plan;
    }

    static FetchRun of(FakePop3 pop3, Fetching plan) {
        return of(server(pop3.userUrl()), plan);
    }

    static FetchRun of(DovecotUser user, Fetching plan) {
        return of(server(user.url()), plan);
    }

    static FetchRun of(Server<Pop3> server, Fetching plan) {
        List<Fetched> messages = Collections.synchronizedList(new ArrayList<>());
        try (Pop3 box = server.open()) {
            return new FetchRun(messages, box.fetch(plan, messages::add));
        }
    }

    /** All passwords here are the same. */
    static Server<Pop3> server(String url) {
        return pop3(url).password(FakePop3.PASSWORD).set("ca", TestCerts.caFile().toString()).set("timeout", "20s");
    }

    Exit exit() {
        return summary.exit();
    }

    String failure() {
        return summary.failure().map(MailException::getMessage).orElse("");
    }

    /** The UIDs of what was stored, in the order it was said in. */
    List<String> stored() {
        return messages.stream().filter(Fetched::ok).filter(message -> !message.file().isEmpty()).map(Fetched::uid).toList();
    }

    /** The numbers of what was refused. */
    List<Integer> refused() {
        return messages.stream().filter(message -> !message.ok()).map(Fetched::number).toList();
    }
}
