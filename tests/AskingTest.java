package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Millis;
import mailtool.MailTool.Server;
import mailtool.MailTool.Smtp;
import mailtool.MailTool.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a secret is asked for, and what becomes of a server that has to wait for it. */
final class AskingTest {
    private static final String USER = "ops";
    private static final String SECRET = "correct horse";
    @TempDir
    private Path folder;

    @Test
    void atATerminalThePasswordIsAskedForInsideTls() {
        try (FakeSmtp fake = offering("AUTH PLAIN").tls(TestCerts.good().context()).start();
                RunningTool tool = Tool.with().onTerminal().stdinOpen().start("send", "-S", fake.url(USER), "--ca", TestCerts.caFile().toString(),
                    "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello")) {
            tool.awaitOutput("Password of " + USER);
            assertEquals(List.of("EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]"), fake.commands());
            Tool.Result result = tool.type(SECRET + "\n").await();
            assertEquals(0, result.exit(), result::toString);
        }
    }

    /** As su -c runs what it is given. */
    @Test
    void inASessionWithoutATerminalOfItsOwnTheStreamsAreAsked() {
        try (FakePop3 fake = new FakePop3().messages(1).start();
                RunningTool tool = Tool.with().through(Need.program("setsid") + " -w").onTerminal().stdinOpen()
                    .start("delete", "-S", fake.userUrl(), "1")) {
            tool.awaitOutput("Password of ").type(FakePop3.PASSWORD + "\n");
            Tool.Result result = tool.awaitOutput("Delete 1 message? [y/N] ").type("y\n").await();
            assertEquals(0, result.exit(), result::toString);
            assertFalse(result.out().contains(FakePop3.PASSWORD), result::toString);
            assertEquals(List.of(), fake.uidsLeft());
        }
    }

    @Test
    void aCertificateThatIsRefusedKeepsItFromBeingAskedFor() {
        try (FakeSmtp fake = offering("AUTH PLAIN").tls(TestCerts.selfSigned().context()).start()) {
            assertEquals(Exit.POLICY, failureWithoutAsking(smtp(fake.url(USER))).exit());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIZE", "AUTH GSSAPI", "AUTH"})
    void whereThereIsNoWayToLogInNobodyIsAsked(String offer) {
        try (FakeSmtp fake = offering(offer).start()) {
            assertEquals(Exit.AUTH, failureWithoutAsking(smtp(fake.url(USER))).exit());
        }
    }

    @Test
    void aClosedPortKeepsItFromBeingAskedFor() {
        assertEquals(Exit.TEMPORARY, failureWithoutAsking(smtp("smtp://ops@localhost:" + LocalPorts.free())).exit());
    }

    @Test
    void overPop3NobodyIsAskedEither() {
        try (FakePop3 fake = new FakePop3().capa("TOP", "SASL GSSAPI").start()) {
            MailException failure = Pop3Calls.refusal(MailTool.pop3(fake.userUrl()).set("password-command", noting()));
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertFalse(Files.exists(folder.resolve("asked")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"password-command", "token-command"})
    void theTimeItTakesIsNoStepsTime(String option) {
        try (FakeSmtp fake = offering("AUTH PLAIN XOAUTH2").start();
                Smtp session = smtp(fake.url(USER)).set(option, after("2.5")).set("timeout", "2s").open()) {
            Millis millis = session.send(mail().from("a@example.org").to("b@example.org").text("Hello")).millis();
            assertTrue(millis.auth() < 2500 && millis.total() >= 2500, millis::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"password-command, printf 's3\\344cret'", "token-command, printf 's3\\377'", "password-command, printf 's3\\0cret'", "token-command, printf 's3\\0cret'", "token-command, head -c 70000 /dev/zero | tr '\\0' s"})
    void whatCanBeNoSecretIsRefusedAndNotShown(String option, String command) {
        try (FakeSmtp fake = offering("AUTH PLAIN XOAUTH2").start()) {
            MailException failure = assertThrows(MailException.class, () -> smtp(fake.url(USER)).set(option, command).open().close());
            assertEquals(Exit.CONFIG, failure.exit(), failure.getMessage());
            assertFalse(failure.getMessage().contains("s3") || failure.getMessage().contains("ssss"), failure.getMessage());
            assertTrue(fake.commands().stream().noneMatch(line -> line.startsWith("AUTH")), fake.commands()::toString);
        }
    }

    @Test
    void aServerThatSaysFarewellMeanwhileIsUnderstood() {
        MailException failure = failureAtAServerThatGoes(peer -> peer.say("250-fake", "250 AUTH PLAIN", "421 4.4.2 timeout exceeded"));
        assertTrue(failure.getMessage().endsWith("hung up before the login: 421 4.4.2 timeout exceeded"), failure.getMessage());
    }

    @Test
    void aServerThatGoesWithoutAWordIsUnderstood() {
        MailException failure = failureAtAServerThatGoes(peer -> {
            peer.say("250-fake", "250 AUTH PLAIN");
            peer.hangUp();
        });
        assertTrue(failure.getMessage().startsWith("lost the connection to localhost"), failure.getMessage());
    }

    @Test
    void aPop3ServerThatSaysFarewellHasNotRefusedThePassword() {
        try (FakePop3 fake = new FakePop3().on("CAPA", "+OK", "USER", ".", "-ERR Disconnected for inactivity.").start()) {
            MailException failure = Pop3Calls.refusal(MailTool.pop3(fake.userUrl()).set("password-command", after("1.1")));
            assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
            assertTrue(failure.getMessage().endsWith("-ERR Disconnected for inactivity."), failure.getMessage());
            assertEquals(List.of(), fake.commands("USER"));
        }
    }

    @Test
    void theNextTryNeedsNoSecondAnswer() throws IOException {
        Path asked = folder.resolve("asked");
        ScriptedServer.Script impatient = peer -> peer.say("250-fake", "250 AUTH PLAIN", "421 4.4.2 timeout exceeded");
        try (FakeSmtp fake = offering("AUTH PLAIN").once("EHLO", impatient).start();
                Smtp session = smtp(fake.url(USER)).set("password-command", "echo x >>'" + asked + "'; " + after("1.1")).set("retry", "1").open()) {
            session.send(mail().from("a@example.org").to("b@example.org").text("Hello"));
            assertEquals(2, fake.peers().size());
            assertEquals(List.of("x"), Files.readAllLines(asked));
        }
    }

    @Test
    void aDeadlineThatPassesEndsNoCommandOfOthers() {
        Path asked = folder.resolve("asked");
        try (FakeSmtp fake = offering("AUTH PLAIN").start()) {
            Server<Smtp> slow = smtp(fake.url(USER)).set("password-command", "touch '" + asked + "'; " + after("5"));
            CompletableFuture<Void> other = CompletableFuture.runAsync(() -> slow.open().close());
            Eventually.until("the other asks", () -> Files.exists(asked));
            smtp(fake.url(USER)).set("password-command", "echo late").probing().set("crit", "2s").run();
            assertDoesNotThrow(other::join);
        }
    }

    private static FakeSmtp offering(String offer) {
        return new FakeSmtp().ehlo(offer).login(USER, SECRET);
    }

    private static String after(String seconds) {
        return "sleep " + seconds + "; echo '" + SECRET + "'";
    }

    private String noting() {
        return "touch '" + folder.resolve("asked") + "'; echo secret";
    }

    private MailException failureWithoutAsking(Server<Smtp> server) {
        MailException failure = assertThrows(MailException.class, () -> server.set("password-command", noting()).open().close());
        assertFalse(Files.exists(folder.resolve("asked")));
        return failure;
    }

    private static MailException failureAtAServerThatGoes(ScriptedServer.Script script) {
        try (FakeSmtp fake = offering("AUTH PLAIN").on("EHLO", script).start()) {
            MailException failure = assertThrows(MailException.class, () -> smtp(fake.url(USER)).set("password-command", after("1.1")).open().close());
            assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
            assertEquals(Stage.AUTH, failure.stage());
            assertTrue(failure.retryable());
            String said = failure.reply().map(reply -> MailTool.explain(reply.toString()).hint() + "; ").orElse("");
            assertTrue(failure.hint().startsWith(said + "it had waited 1 s for the secret"), failure.hint());
            return failure;
        }
    }
}
