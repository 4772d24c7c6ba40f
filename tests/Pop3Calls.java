package mailtool;

import static mailtool.MailTool.pop3;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Message;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Server;

/** How tests of fetching call the tool and the DSL. */
final class Pop3Calls {
    private Pop3Calls() {
    }

    /** The tool, which knows the password and trusts the tests' authority. */
    static Tool tool() {
        return Tool.with().env("MAILTOOL_PASSWORD", FakePop3.PASSWORD);
    }

    static Tool.Result call(FakePop3 fake, String command, String... more) {
        return tool().call(words(fake, command, more));
    }

    static String[] words(FakePop3 fake, String command, String... more) {
        List<String> words = new ArrayList<>(List.of(command, "-S", fake.userUrl()));
        words.addAll(List.of(more));
        return words.toArray(new String[0]);
    }

    static Server<Pop3> server(FakePop3 fake) {
        return trusting(fake.userUrl());
    }

    static Server<Pop3> trusting(String url) {
        return pop3(url).password(FakePop3.PASSWORD).set("ca", TestCerts.caFile().toString());
    }

    /** In clear it needs no authority. */
    static Pop3 open(FakePop3 fake) {
        return pop3(fake.userUrl()).password(FakePop3.PASSWORD).open();
    }

    static List<Message> messages(Pop3 box) {
        return StreamSupport.stream(box.messages().spliterator(), false).toList();
    }

    static List<String> subjects(Pop3 box) {
        return messages(box).stream().map(Message::subject).toList();
    }

    /** Opening must fail, and soon. */
    static MailException refusal(Server<Pop3> server) {
        return failure(() -> server.open().close());
    }

    static MailException failure(Runnable work) {
        return assertTimeoutPreemptively(Eventually.DEADLINE, () -> assertThrows(MailException.class, work::run));
    }

    static Exit exit(Runnable work) {
        return failure(work).exit();
    }
}
