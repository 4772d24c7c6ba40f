package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a transaction calls before its final dot or BDAT LAST: nothing of the end goes out until that returns. */
final class BeforeEndTest {
    private final List<String> calls = new ArrayList<>();

    private static MailTool.Prepared message(String text) {
        return mail().from("a@example.org").to("b@example.org, c@example.org").subject("end").text(text).prepare();
    }

    /** Sends each transaction over one session, as {@code Smtp} does. */
    private static void carry(FakeSmtp server, Transaction... transactions) {
        Courier courier = new Courier(session(server), false);
        for (Transaction transaction : transactions) {
            courier.begin(transaction);
        }
        courier.close();
    }

    private static boolean hasEnd(FakeSmtp server) {
        String received = server.peer(0).receivedText();
        return received.contains("\r\n.\r\n") || received.contains(" LAST\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HELP", "PIPELINING", "CHUNKING"})
    void nothingOfTheEndGoesOutUntilItReturns(String extension) {
        for (String text : List.of("Hello", "many words\n".repeat(20_000))) {
            try (FakeSmtp server = new FakeSmtp().ehlo(extension).start()) {
                Transaction transaction = new Transaction(message(text)).beforeEnd(() -> {
                    calls.add("before the end");
                    assertFalse(hasEnd(server));
                    assertEquals(List.of(), server.attempts());
                });
                carry(server, transaction);
                assertTrue(transaction.delivery().ok(), transaction.delivery()::toString);
                assertEquals(1, server.messages().size());
            }
        }
        assertEquals(2, calls.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"HELP", "PIPELINING"})
    void whereTheBodyIsAskedForAfterAnInterruptNobodyGetsAnEmptyMessage(String extension) {
        Transaction transaction = new Transaction(message("Hello"));
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).on("DATA", peer -> {
            transaction.interrupted();
            peer.say("354 go on");
        }).start()) {
            carry(server, transaction);
            assertFalse(hasEnd(server));
            assertEquals(MailTool.Exit.INTERRUPTED, transaction.delivery().exit());
            assertEquals(List.of(), server.messages());
        }
    }

    @ParameterizedTest
    @CsvSource({"HELP, OUTPUT", "PIPELINING, OUTPUT", "CHUNKING, OUTPUT", "HELP, IO", "CHUNKING, IO"})
    void whatItThrowsKeepsTheEndBack(String extension, MailTool.Exit exit) {
        RuntimeException thrown = exit == MailTool.Exit.IO ? new IllegalStateException("the journal is full")
            : new MailTool.MailException(exit, MailTool.Stage.STORE, "the journal is full");
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).start()) {
            Transaction transaction = new Transaction(message("Hello")).beforeEnd(() -> {
                throw thrown;
            });
            carry(server, transaction);
            MailTool.MailException problem = transaction.delivery().failure().orElseThrow();
            assertEquals(exit, problem.exit(), problem::getMessage);
            assertTrue(problem.getMessage().contains("the journal is full"), problem::getMessage);
            server.awaitEnd();
            assertFalse(hasEnd(server));
            assertEquals(List.of(), server.attempts());
        }
    }

    @Test
    void itIsNotCalledForWhatIsRefusedBefore() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT", "550 5.1.1 nobody").start()) {
            carry(server, new Transaction(message("Hello")).beforeEnd(() -> calls.add("refused")), new Transaction(message("too")).beforeEnd(() -> calls.add("refused")));
            assertEquals(List.of(), calls);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HELP", "PIPELINING"})
    void eachMessageHasItsOwnAndTheLastIsAnsweredBefore(String extension) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).start()) {
            carry(server, new Transaction(message("one")).beforeEnd(() -> calls.add("one after " + server.messages().size())),
                new Transaction(message("two")).beforeEnd(() -> calls.add("two after " + server.messages().size())));
            assertEquals(List.of("one after 0", "two after 1"), calls);
        }
    }

    @Test
    void aFurtherTransactionCallsItAgain() {
        try (FakeSmtp server = new FakeSmtp().recipientsAtMost(1, "452 4.5.3 too many").start()) {
            Transaction first = new Transaction(message("Hello")).beforeEnd(() -> calls.add("end"));
            Courier courier = new Courier(session(server), false);
            courier.begin(first);
            courier.begin(first.goOn().orElseThrow());
            courier.close();
            assertTrue(first.delivery().ok());
            assertEquals(List.of("end", "end"), calls);
        }
    }

    private static SmtpSession session(FakeSmtp fake) {
        MailTool.Server<MailTool.Smtp> server = smtp(fake.url()).set("timeout", "20s");
        return SmtpSession.open(server.where(), server.how(), server.sinks());
    }
}
