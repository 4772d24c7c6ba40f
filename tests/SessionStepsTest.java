package mailtool;

import static mailtool.MailTool.pop3;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Server;
import mailtool.MailTool.Sinks;
import mailtool.MailTool.Stage;
import mailtool.MailTool.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The base of all sessions: its steps in their order, each with its reply, its time and its failure, up to any of them. */
final class SessionStepsTest {
    private final List<Step> steps = new ArrayList<>();

    private void open(Server<?> server, Stage last) {
        Sinks sinks = new Sinks(Optional.empty(), Optional.empty(), warning -> { }, line -> { }, steps::add);
        Server<?> ready = server.set("ca", TestCerts.caFile().toString());
        if (ready.where().protocol().isPop3()) {
            Pop3Session.open(ready.where(), ready.how().upTo(last), sinks).connection.drop();
        } else {
            SmtpSession.open(ready.where(), ready.how().upTo(last), sinks).connection.drop();
        }
    }

    private String stages() {
        return String.join(" ", steps.stream().map(Step::name).toList());
    }

    private static FakeSmtp smtpServer() {
        return new FakeSmtp().tls(TestCerts.good().context()).ehlo("AUTH PLAIN").login("ops", "secret").start();
    }

    private static FakePop3 pop3Server() {
        return new FakePop3().tls(TestCerts.good().context()).login("ops", "secret").messages(1).start();
    }

    @ParameterizedTest
    @CsvSource({"CONNECT, resolve connect", "GREETING, resolve connect greeting", "TLS, resolve connect greeting ehlo tls certificate",
        "EHLO, resolve connect greeting ehlo tls certificate ehlo-tls", "AUTH, resolve connect greeting ehlo tls certificate ehlo-tls auth",
        "QUIT, resolve connect greeting ehlo tls certificate ehlo-tls auth"})
    void smtpGoesAsFarAsItIsAsked(Stage last, String expected) {
        try (FakeSmtp fake = smtpServer()) {
            open(smtp(fake.url("ops")).password("secret"), last);
            assertEquals(expected, stages());
        }
    }

    @ParameterizedTest
    @CsvSource({"CONNECT, resolve connect", "TLS, resolve connect greeting capa tls certificate",
        "CAPA, resolve connect greeting capa tls certificate capa-tls", "AUTH, resolve connect greeting capa tls certificate capa-tls auth"})
    void pop3GoesAsFarAsItIsAsked(Stage last, String expected) {
        try (FakePop3 fake = pop3Server()) {
            open(pop3("pop3://ops@localhost:" + fake.port()).password("secret"), last);
            assertEquals(expected, stages());
        }
    }

    @Test
    void nothingIsSaidBeyondTheLastStep() {
        try (FakeSmtp fake = smtpServer()) {
            open(smtp(fake.url("ops")).password("secret"), Stage.GREETING);
            assertEquals(List.of(), fake.awaitEnd().commands());
        }
    }

    @Test
    void tlsThatComesFirstIsAStepBeforeTheGreeting() {
        try (FakeSmtp fake = new FakeSmtp().implicitTls(TestCerts.good().context()).start()) {
            open(smtp(fake.url()), Stage.AUTH);
            assertEquals("resolve connect tls certificate greeting ehlo", stages());
        }
    }

    @Test
    void aStepHasItsReplyAndItsTime() {
        try (FakeSmtp fake = smtpServer()) {
            open(smtp(fake.url("ops")).password("secret"), Stage.AUTH);
            assertEquals("220 fake.example.org ESMTP", steps.get(2).reply().orElseThrow().toString());
            assertEquals(235, steps.get(7).reply().orElseThrow().code());
            assertTrue(steps.stream().allMatch(step -> step.nanos() > 0 && step.failure().isEmpty()), steps::toString);
        }
    }

    @Test
    void aStepThatFailsIsTheLastOne() {
        try (FakeSmtp fake = smtpServer()) {
            assertThrows(MailException.class, () -> open(smtp(fake.url("ops")).password("wrong"), Stage.AUTH));
            Step last = steps.get(steps.size() - 1);
            assertEquals(Stage.AUTH, last.stage());
            assertEquals(Exit.AUTH, last.failure().orElseThrow().exit());
            assertEquals(535, last.reply().orElseThrow().code());
        }
    }
}
