package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import mailtool.MailTool.Exit;
import mailtool.MailTool.Server;
import mailtool.MailTool.Stage;

/** The talk files among the examples, and what a script tries by hand, with real servers where they can be had. */
final class ExamplesTalkTest {
    private static TalkRun talk(String url, Stage last, String example, String... replaced) {
        String text;
        try {
            text = Files.readString(Program.inClone("examples/" + example));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (int i = 0; i < replaced.length; i += 2) {
            assertTrue(text.contains(replaced[i]), replaced[i]);
            text = text.replace(replaced[i], replaced[i + 1]);
        }
        return TalkRun.of(Server.ofAny(url).set("ca", TestCerts.caFile().toString()), last, text);
    }

    @Test
    void anSmtpSessionByHandDelivers() {
        String subject = "by hand " + UUID.randomUUID();
        TalkRun talk = talk("smtp://localhost:" + Postfix.shared().loginPort(), Stage.CONNECT, "smtp.talk", "!b64 ops@example.org", "!b64 alice@example.org",
            "SECRET", Dovecot.PASSWORD, "RCPT TO:<ops@", "RCPT TO:<alice@", "by hand\n\n", subject + "\n\n");
        assertEquals(Exit.OK, talk.exit(), talk.problem() + "\n" + talk.shown());
        String mail = Postfix.shared().mailbox("alice").waitFor(subject);
        assertTrue(mail.contains("\n.like this"), mail);
        assertTrue(talk.shown().contains(">>> ****") && !talk.shown().contains(Dovecot.PASSWORD), talk.shown());
    }

    @Test
    void aPop3SessionByHandKeepsWhatItFound() {
        DovecotUser user = Dovecot.shared().newUser("byhand").deposit("From: a@example.org\nSubject: one\n\nHello\n").deposit("From: b@example.org\nSubject: two\n\n");
        String url = "pop3://localhost:" + Dovecot.shared().pop3Port();
        for (int i = 0; i < 2; i++) {
            TalkRun talk = talk(url, Stage.TLS, "pop3.talk", "USER ops", "USER " + user.address(), "SECRET", Dovecot.PASSWORD);
            assertEquals(Exit.OK, talk.exit(), talk.problem() + "\n" + talk.shown());
        }
    }

    @ParameterizedTest
    @CsvSource({"'', OK", "'user@', UNMET", "'user%example.com@', UNMET", "'\"user@example.com\"@', UNMET", "'@mail.example.org:', UNMET"})
    void anOpenRelayIsFound(String taken, Exit exit) {
        FakeSmtp fake = new FakeSmtp().on("RCPT TO:<" + (taken.isEmpty() ? "none" : taken), "250 2.1.5 why not").on("RCPT", "554 5.7.1 relay access denied");
        try (FakeSmtp started = fake.start()) {
            TalkRun talk = talk(fake.url(), Stage.AUTH, "open-relay.talk");
            assertEquals(exit, talk.exit(), talk.problem());
            assertTrue(fake.commands().stream().noneMatch(line -> line.equals("DATA")));
        }
    }

    @Test
    void postfixIsNoOpenRelay() {
        TalkRun talk = talk("smtp://localhost:" + Postfix.shared().port(), Stage.AUTH, "open-relay.talk", "mail.example.org", "mx.example.org");
        assertEquals(Exit.OK, talk.exit(), talk.problem());
    }

    @Test
    void whatPostfixDoesWithStrangersIsSeenByXclient() {
        TalkRun talk = talk("smtp://localhost:" + Postfix.shared().strangersPort(), Stage.AUTH, "xclient.talk");
        assertEquals(Exit.OK, talk.exit(), talk.problem() + "\n" + talk.shown());
        assertEquals(Exit.UNMET, talk("smtp://localhost:" + Postfix.shared().port(), Stage.AUTH, "xclient.talk").exit(), "it lets nobody say so there");
    }

    @ParameterizedTest
    @CsvSource({"'', , OK", "AUTH PLAIN, , UNMET", "'', AUTH LOGIN, UNMET"})
    void aServerThatTakesALoginInClearIsFound(String offer, String taken, Exit exit) {
        FakeSmtp fake = new FakeSmtp().tls(TestCerts.good().context()).on(taken == null ? "none" : taken, "334 VXNlcm5hbWU6").on("AUTH", "538 5.7.11 TLS first");
        try (FakeSmtp started = fake.ehlo(offer.isEmpty() ? new String[] {"SIZE"} : new String[] {"SIZE", offer}).start()) {
            TalkRun talk = talk(fake.url(), Stage.CONNECT, "auth-downgrade.talk");
            assertEquals(exit, talk.exit(), talk.problem() + "\n" + talk.shown());
        }
    }

    @Test
    void postfixTakesNoLoginInClear() {
        TalkRun talk = talk("smtp://localhost:" + Postfix.shared().loginPort(), Stage.CONNECT, "auth-downgrade.talk");
        assertEquals(Exit.OK, talk.exit(), talk.problem() + "\n" + talk.shown());
    }

    @Test
    void aServerThatTakesWrongEndsOfAMessageIsFound() {
        try (ScriptedServer lenient = ScriptedServer.start(ExamplesTalkTest::takeAnyLineEnd); FakeSmtp strict = new FakeSmtp().start()) {
            Tool.Result found = smuggling("smtp://localhost:" + lenient.port());
            assertEquals(80, found.exit(), found::toString);
            List<String> taken = found.out().lines().filter(line -> line.contains("taken")).map(line -> line.split(" ")[0]).toList();
            assertEquals(List.of("\\n.\\n", "\\n.\\r\\n", "\\r\\n.\\n", "\\r\\0\\n.\\r\\n"), taken, found::toString);
            assertEquals(16, found.out().lines().distinct().count(), found::toString);
            Tool.Result none = smuggling(strict.url());
            assertEquals(0, none.exit(), none::toString);
            assertEquals(16, strict.messages().size());
        }
    }

    /** By Java alone, with the class path that the tests have. */
    private static Tool.Result smuggling(String url) {
        return Program.script(List.of(), Program.inClone("examples/Smuggling.java"), url, "a@example.org", "b@example.org").call();
    }

    /** As many servers once did: LF ends a line, and CR before it does not count. */
    private static void takeAnyLineEnd(ScriptedPeer peer) throws IOException {
        peer.say("220 lenient");
        for (String line = peer.readLine(); !line.equals("QUIT"); line = peer.readLine()) {
            if (line.equals("DATA")) {
                peer.say("354 go on");
                while (!peer.readLine().equals(".")) {
                    // The message.
                }
            }
            peer.say(line.matches("after|\\.|.*[\0\r].*") ? "500 5.5.2 what" : "250 2.0.0 ok");
        }
        peer.say("221 bye");
    }
}
