package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Message;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Server;
import org.junit.jupiter.api.Test;

/** Waiting for a mail in a script. */
class AwaitTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static Server<Pop3> server(FakePop3 fake) {
        return MailTool.pop3(fake.userUrl()).password(FakePop3.PASSWORD);
    }

    /** What arrives when the first look has learned what is there. */
    private static Server<Pop3> server(FakePop3 fake, Runnable arrival) {
        return server(fake).transcript(line -> {
            if (line.endsWith("*** ready")) {
                arrival.run();
            }
        });
    }

    @Test
    void whatWasThereIsOldAndWhatComesIsFound() {
        try (FakePop3 fake = new FakePop3().messages(3).start()) {
            Server<Pop3> server = server(fake, () -> fake.message("new", "Subject: subject-4\r\n\r\nhello\r\n"));
            Message found = server.await("subject-", LONG);
            assertEquals("new", found.uid());
            assertEquals("hello\n", found.text());
            assertEquals(List.of("TOP 4 0"), fake.commands("TOP"));
            assertEquals(List.of("RETR 4"), fake.commands("RETR"));
            assertEquals(List.of(), fake.commands("LIST"));
            assertEquals(2, fake.commands("QUIT").size());
        }
    }

    @Test
    void inVainItIsUnmet() {
        try (FakePop3 fake = new FakePop3().messages(3).start()) {
            MailException why = assertThrows(MailException.class, () -> server(fake).await("subject-", Duration.ZERO));
            assertEquals(Exit.UNMET, why.exit());
            assertTrue(why.getMessage().contains("1 look, 0 new messages"), why::getMessage);
        }
    }
}
