package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * examples/engines/amqp.sh with the real amqp-consume. A mailtool of our own notes the first line of each mail and ends as {@code codes} says, line by line;
 * a sleep of our own notes each pause and makes it short.
 */
final class AmqpTest {
    private static final String LARGE = "\n" + "x".repeat(3_000_000);
    private final Scratch scratch = Scratch.create("amqp");
    private final InstalledTool tool = new InstalledTool(scratch);
    private final int port = LocalPorts.free();
    private FakeBroker broker;

    @BeforeEach
    void writePrograms() {
        Need.program("amqp-consume");
        tool.writeProgram("sleep", "[ $1 = 1 ] || echo \"pause $1\" >>calls; exec /bin/sleep 0.1\n");
        scratch.write("auth", "username:guest\npassword:guest\n");
        scratch.write("calls", "");
    }

    @AfterEach
    void close() {
        if (broker != null) {
            broker.close();
        }
        scratch.close();
    }

    private FakeBroker broker(String... mails) {
        broker = new FakeBroker(port).publish(mails);
        return broker;
    }

    private RunningTool start(String... codes) {
        scratch.write("codes", String.join("\n", codes) + "\n");
        tool.writeProgram("mailtool", """
            read -r mail
            echo "$mail" >>calls
            while [ -e hold ]; do /bin/sleep 0.05; done
            code=$(head -n 1 codes)
            sed -i 1d codes
            [ "$code" != kill ] || kill -9 $$
            exit "$code"
            """);
        return start();
    }

    private RunningTool start() {
        String script = new EngineFile("amqp.sh").set("PORT=", port).set("AUTHFILE=", scratch.resolve("auth")).text();
        return tool.program("sh", scratch.write("amqp.sh", script)).env("TMPDIR", scratch.folder("tmp")).in(scratch.path()).start();
    }

    /** The exit code of a run that needs no signal for its end. */
    private int run(String... codes) {
        try (RunningTool running = start(codes)) {
            return running.await().exit();
        }
    }

    private void awaitCalls(String... expected) {
        Eventually.until("calls " + List.of(expected), () -> calls().equals(List.of(expected)));
    }

    private List<String> calls() {
        try {
            return Files.readAllLines(scratch.resolve("calls"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatAnotherTryCannotChangeIsAcknowledgedAndAllElseComesAgainAfterAPause() throws IOException {
        broker("ok", "refused", "partly", "unknown", "later", "odd", "missing", "killed", "last");
        assertEquals(77, run("0", "65", "79", "81", "75", "75", "0", "1", "0", "127", "0", "kill", "0", "77"));
        assertEquals(List.of("ok", "refused", "partly", "unknown", "later", "odd", "missing", "killed"), broker.acknowledged());
        assertEquals(List.of("ok", "refused", "partly", "unknown", "later", "pause 60", "later", "pause 60", "later", "odd", "pause 60", "odd",
            "missing", "pause 60", "missing", "killed", "pause 60", "killed", "last"), calls());
        try (var left = Files.list(scratch.resolve("tmp"))) {
            assertEquals(Optional.empty(), left.findFirst());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 77, 78})
    void whatSomebodyHasToMendStopsItAndTheMailStays(int code) {
        broker("one", "two");
        assertEquals(code, run(String.valueOf(code)));
        Eventually.until("the mail is back", () -> broker.left().equals(List.of("one", "two")));
        assertEquals(List.of("one"), calls());
        assertEquals(List.of(), broker.acknowledged());
    }

    @Test
    void aMailThatIsNotReadToItsEndCountsAsOneThatIs() {
        broker("refused" + LARGE, "stop" + LARGE);
        assertEquals(78, run("65", "78"));
        assertEquals(List.of("refused"), broker.acknowledged());
        Eventually.until("the mail is back", () -> broker.left().equals(List.of("stop")));
    }

    @Test
    void aBrokerThatIsAwayIsAskedAgainAfterAPause() {
        try (RunningTool running = start("0")) {
            Eventually.until("a pause", () -> calls().contains("pause 60"));
            broker("one");
            Eventually.until("the mail is sent", () -> broker.acknowledged().equals(List.of("one")));
            assertEquals(0, running.signal("TERM").await().exit());
        }
    }

    @Test
    void anEmptyQueueIsWaitedForWithoutAPause() {
        broker();
        try (RunningTool running = start("0", "0")) {
            broker.awaitConsumer().publish("one");
            awaitCalls("one");
            assertEquals(0, running.signal("INT").await().exit());
        }
        assertEquals(List.of("one"), calls());
    }

    @Test
    void whenItIsStoppedTheMailInHandIsFinishedAndNoOtherIsTaken() {
        scratch.write("hold", "");
        broker("one", "two");
        try (RunningTool running = start("0", "0")) {
            awaitCalls("one");
            running.signal("TERM");
            release();
            assertEquals(0, running.await().exit());
        }
        assertEquals(List.of("one"), broker.acknowledged());
        assertEquals(List.of("two"), broker.left());
    }

    @Test
    void aKilledConsumerTakesNoMailAwayAndItsHandlerIsWaitedFor() {
        scratch.write("hold", "");
        broker("one");
        try (RunningTool running = start("0", "64")) {
            awaitCalls("one");
            running.process().children().filter(child -> child.info().command().orElse("").endsWith("amqp-consume")).forEach(ProcessHandle::destroyForcibly);
            Eventually.until("the mail is back", () -> broker.left().equals(List.of("one")));
            release();
            assertEquals(64, running.await().exit());
        }
        assertEquals(List.of("one", "one"), calls());
    }

    private void release() {
        try {
            Files.delete(scratch.resolve("hold"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aMailOfTheQueueIsSentAndItsLineOfJsonTells() {
        broker("To: b@example.org\nSubject: Hi\nMessage-ID: <1@example.org>\n\nHello\n");
        try (FakeSmtp smtp = new FakeSmtp().start()) {
            tool.account(smtp.url());
            try (RunningTool running = start()) {
                Eventually.until("the mail is sent", () -> broker.acknowledged().equals(List.of("To: b@example.org")));
                assertEquals(0, running.signal("TERM").await().exit());
                assertTrue(running.outSoFar().startsWith("{\"ok\":true,\"exit\":0,"), running::outSoFar);
                assertTrue(running.outSoFar().contains("\"messageId\":\"<1@example.org>\""), running::outSoFar);
            }
            assertEquals(List.of("b@example.org"), smtp.message().to());
        }
    }
}
