package mailtool;

import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import mailtool.MailTool.Server;
import mailtool.MailTool.Smtp;
import mailtool.MailTool.Stage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The one queue of commands in flight: whose answer is which, what is left when none will come, and how many fit. */
final class CommandQueueTest {
    private final List<String> answers = new ArrayList<>();
    private FakeSmtp fake;
    private CommandQueue<String> queue;

    @BeforeEach
    void connect() {
        fake = new FakeSmtp().on("VRFY one", "250 first").on("VRFY two", "550 second").on("VRFY three", "252 third").start();
        Server<Smtp> server = smtp(fake.url()).set("timeout", "20s");
        queue = new CommandQueue<>(SmtpSession.open(server.where(), server.how(), server.sinks()).connection);
    }

    @AfterEach
    void close() {
        fake.close();
    }

    private void send(String about) throws IOException {
        queue.send(about, Stage.MAIL, TimeLimit.COMMAND, "VRFY " + about, reply -> answers.add(about + ": " + reply));
    }

    private void takeAll() throws IOException {
        while (!queue.isEmpty()) {
            queue.take(queue.read());
        }
    }

    private List<String> asked() {
        return fake.peer(0).receivedText().lines().filter(line -> line.startsWith("VRFY")).toList();
    }

    @Test
    void eachAnswerGoesToTheCommandThatIsDueFirst() throws IOException {
        send("one");
        send("two");
        send("three");
        assertEquals("one", queue.first().about());
        takeAll();
        assertEquals(List.of("one: 250 first", "two: 550 second", "three: 252 third"), answers);
        assertEquals(List.of("VRFY one", "VRFY two", "VRFY three"), asked());
    }

    @Test
    void nothingGoesOutBeforeAReplyIsAskedFor() throws IOException {
        send("one");
        send("two");
        assertEquals(List.of(), asked());
        queue.read();
        assertEquals("VRFY one", asked().get(0));
    }

    @Test
    void aReplyStaysDueUntilItIsTaken() throws IOException {
        send("one");
        MailTool.Reply reply = queue.read();
        assertEquals(List.of(), answers);
        assertEquals(1, queue.size());
        queue.take(reply);
        assertEquals(List.of("one: 250 first"), answers);
        assertTrue(queue.isEmpty());
    }

    @Test
    void aReplyThatNoCommandAsksForHasItsPlace() throws IOException {
        fake.on("VRFY both", "250-one\r\n250 reply\r\n251 another");
        send("both");
        queue.expect("the rest", Stage.DATA, TimeLimit.END, reply -> answers.add("the rest: " + reply));
        send("two");
        takeAll();
        assertEquals(List.of("both: 250 one reply", "the rest: 251 another", "two: 550 second"), answers);
    }

    @Test
    void whatIsAbandonedIsWhatWasNotAnswered() throws IOException {
        send("one");
        send("two");
        send("three");
        queue.take(queue.read());
        assertEquals(List.of("two", "three"), queue.abandon());
        assertTrue(queue.isEmpty());
        assertEquals(List.of(), queue.abandon());
        assertEquals(List.of("one: 250 first"), answers);
    }

    @Test
    void whoFailsToTakeAnAnswerIsNotAskedAgain() throws IOException {
        queue.send("bad", Stage.MAIL, TimeLimit.COMMAND, "VRFY one", reply -> {
            throw new IOException("full");
        });
        send("two");
        assertThrows(IOException.class, this::takeAll);
        assertEquals(List.of("two"), queue.abandon());
    }

    @Test
    void itIsFullWhenAWindowOfThemIsOnTheWay() throws IOException {
        for (int i = 1; i < CommandQueue.WINDOW; i++) {
            send("one");
        }
        assertFalse(queue.isFull());
        send("two");
        assertTrue(queue.isFull());
        queue.take(queue.read());
        assertFalse(queue.isFull());
        takeAll();
        assertEquals(CommandQueue.WINDOW, answers.size());
        assertEquals("two: 550 second", answers.get(CommandQueue.WINDOW - 1));
    }
}
