package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ctrl-C and kill: what had been done is said, nothing else happens after that, and the terminal is left clean. */
final class InterruptTest {
    private static final String CTRL_C = "\u0003";
    private final Scratch scratch = Scratch.create("interrupt");

    @AfterEach
    void close() {
        scratch.close();
    }

    // send

    @Test
    void inABodyItSaysHowFarItWasInPlaceOfTheBar() {
        String large = scratch.write("large.bin", new byte[60_000_000]).toString();
        CountDownLatch begun = new CountDownLatch(1);
        FakeSmtp stalling = new FakeSmtp().on("DATA", peer -> {
            peer.say("354 go").readBytes(1_000_000);
            begun.countDown();
            peer.stall();
        });
        try (FakeSmtp server = stalling.start(); RunningTool running = onTerminal().start(words(server, "-a", large))) {
            Eventually.until("a part of the body", () -> begun.getCount() == 0);
            Tool.Result run = running.awaitOutput("of 82 MB").type(CTRL_C).await();
            assertEquals(130, run.exit(), run::toString);
            assertTrue(run.out().matches("(?s).*\r\u001b\\[Kmailtool: interrupted after \\d+ of 82 MB: nobody got it\r\n"), run::toString);
        }
    }

    @Test
    void betweenTwoTriesItSaysWhoHasIt() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<c@", "451 4.3.0 later").start();
            RunningTool running = onTerminal().start(words(server, "-t", "c@example.org", "--retry", "9"))) {
            Tool.Result run = running.awaitOutput("trying again in 4 s (3 of 9)\r\n").type(CTRL_C).await();
            assertEquals(130, run.exit(), run::toString);
            assertTrue(run.out().contains("\r\u001b[Ktrying again in 1 s (2 of 9)\r\u001b[K"), run::toString);
            assertTrue(run.out().endsWith("\r\u001b[Kmailtool: interrupted: 1 of 2 recipients got it\r\nmailtool:   <b@example.org> has it\r\n"
                + "mailtool:   <c@example.org> 451 4.3.0 later\r\n"), run::toString);
        }
    }

    @Test
    void aScriptGetsItsJsonEvenBeforeAnybodyHasAnswered() {
        try (ScriptedServer silent = ScriptedServer.start(ScriptedPeer::stall);
            RunningTool running = Tool.with().start("send", "-S", "smtp://localhost:" + silent.port(), "-f", "a@example.org", "-t", "b@example.org", "--text", "x", "--json")) {
            silent.peer(0);
            Tool.Result run = running.signal("TERM").await();
            assertEquals(List.of(143, ""), List.of(run.exit(), run.err()), run::toString);
            JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
            assertEquals("interrupted: nobody got it", json.get("error").getAsString());
            assertEquals(List.of(1, 1L), List.of(json.get("recipients").getAsJsonArray().size(), run.out().lines().count()));
        }
    }

    @Test
    void noCopyOfStdinIsLeftWhereTheOutcomeIsUnknown() throws IOException {
        Path folder = scratch.folder("temporary");
        try (FakeSmtp server = new FakeSmtp().on(".", ScriptedPeer::stall).start();
            RunningTool running = Tool.with().stdin("Subject: x\r\n\r\nHello\r\n").jvm("-Djava.io.tmpdir=" + folder)
                .start("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--eml", "-")) {
            Eventually.until("the end of the message", () -> server.attempts().size() == 1);
            assertEquals(81, running.signal("INT").await().exit());
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(List.of(), files.toList());
            }
        }
    }

    @Test
    void whatIsSaidToNobodyIsThenSentToNobody() {
        for (String extension : List.of("HELP", "CHUNKING")) {
            try (FakeSmtp server = new FakeSmtp().ehlo(extension).start()) {
                MailTool.Server<MailTool.Smtp> settings = smtp(server.url()).set("timeout", "20s");
                Courier courier = new Courier(SmtpSession.open(settings.where(), settings.how(), settings.sinks()), false);
                Transaction transaction = new Transaction(mail().from("a@example.org").to("b@example.org").text("Hello").prepare());
                transaction.beforeEnd(() -> assertEquals("interrupted: nobody got it", transaction.interrupted().interrupted().getMessage()));
                courier.begin(transaction);
                courier.close();
                server.awaitEnd();
                assertEquals(List.of(), server.attempts());
                assertEquals(MailTool.Exit.INTERRUPTED, transaction.delivery().failure().orElseThrow().exit());
            }
        }
    }

    // inbox, delete

    @Test
    void inAListItSaysHowFarItWasAndEveryLineIsWhole() throws IOException {
        Path out = scratch.resolve("out");
        try (FakePop3 fake = new FakePop3().messages(150).on("TOP 120 0", ScriptedPeer::stall).start();
            RunningTool running = onTerminalBut(">" + out).start(Pop3Calls.words(fake, "inbox", "--json"))) {
            Tool.Result run = running.awaitOutput(" of 150 mails").type(awaited(CTRL_C, fake, "TOP 120 0")).await();
            assertEquals(130, run.exit(), run::toString);
            assertTrue(run.out().endsWith("\r\u001b[K"), run::toString);
            List<String> lines = Files.readAllLines(out);
            lines.forEach(JsonParser::parseString);
            assertTrue(lines.get(lines.size() - 1).contains("interrupted after 119 of 150 mails"), lines::toString);
        }
    }

    /** Waits until that command has come, and then is what to type. */
    private static String awaited(String typed, FakePop3 fake, String command) {
        Eventually.until(command, () -> fake.commands().contains(command));
        return typed;
    }

    @Test
    void atTheQuestionNothingIsDeleted() {
        try (FakePop3 fake = new FakePop3().messages(3).start();
            RunningTool running = onTerminal().start(Pop3Calls.words(fake, "delete", "2"))) {
            Tool.Result run = running.awaitOutput("[y/N]").type(CTRL_C).await();
            assertEquals(130, run.exit(), run::toString);
            assertTrue(run.out().matches("(?s).*\\[y/N] (\\^C)?\r\n[^\n]*\r\u001b\\[Kmailtool: interrupted: nothing was deleted\r\n"), run::toString);
            assertEquals(List.of(), fake.commands("DELE"));
        }
    }

    @Test
    void whatThePeerIsAskedToDeleteMayBeGone() {
        try (FakePop3 fake = new FakePop3().messages(3).on("QUIT", ScriptedPeer::stall).start();
            RunningTool running = Pop3Calls.tool().start(Pop3Calls.words(fake, "delete", "2", "--yes"))) {
            Eventually.until("QUIT", () -> fake.commands().contains("QUIT"));
            Tool.Result run = running.signal("INT").await();
            assertEquals(130, run.exit(), run::toString);
            assertTrue(run.err().startsWith("mailtool: warning: perhaps deleted: 2 "), run::toString);
            assertTrue(run.err().endsWith("mailtool: interrupted before it was confirmed\n"), run::toString);
        }
    }

    // fetch

    @Test
    void eachAccountIsNamedAlsoThatWhichHasNotAnswered() {
        try (FakePop3 one = new FakePop3().messages(3).on("RETR 3", ScriptedPeer::stall).start(); ScriptedServer silent = ScriptedServer.start(ScriptedPeer::stall)) {
            String accounts = "one.pop3 = " + one.userUrl() + "\ntwo.pop3 = pop3://ops@localhost:" + silent.port() + "\n";
            Path config = scratch.write("accounts", accounts);
            try (RunningTool running = Pop3Calls.tool().start("fetch", "--config", config.toString(), "-A", "one", "-A", "two", "--maildir", scratch.path() + "/{account}", "--json")) {
                silent.peer(0);
                Eventually.until("RETR 3", () -> one.commands().contains("RETR 3"));
                Tool.Result run = running.signal("INT").await();
                assertEquals(130, run.exit(), run::toString);
                JsonObject sums = JsonParser.parseString(run.out().lines().reduce((first, last) -> last).orElseThrow()).getAsJsonObject();
                assertTrue(sums.get("fetched").getAsInt() > 0 && sums.get("exit").getAsInt() == 130, run::toString);
                assertEquals(List.of("one", "two"), sums.get("accounts").getAsJsonArray().asList().stream()
                    .map(account -> account.getAsJsonObject().get("account").getAsString()).sorted().toList());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sleep 60", "trap '' INT; sleep 2"})
    void noFurtherCommandBeginsAfterTheOneThatRuns(String rest) throws IOException {
        Path runs = scratch.resolve("runs");
        try (FakePop3 fake = new FakePop3().messages(3).start();
            RunningTool running = onTerminal().start(Pop3Calls.words(fake, "fetch", "--pipe", "cat >/dev/null; echo run >>" + runs + "; " + rest))) {
            Eventually.until("a command", () -> Files.exists(runs) && !Files.readAllLines(runs).isEmpty());
            Tool.Result run = running.type(CTRL_C).await();
            assertEquals(130, run.exit(), run::toString);
            assertEquals(List.of("run"), Files.readAllLines(runs));
            String stored = rest.contains("trap") ? "1 fetched" : "0 fetched";
            assertTrue(run.out().contains("ops@localhost: " + stored), run::toString);
        }
    }

    // The bar

    @ParameterizedTest
    @ValueSource(ints = {80, 40})
    void aBarHasMailsAndOctetsOfAllAccountsAndFits(int columns) {
        try (FakePop3 one = many().start(); FakePop3 two = many().start()) {
            String accounts = "one.pop3 = " + one.userUrl() + "\ntwo.pop3 = " + two.userUrl() + "\n";
            Path config = scratch.write("accounts", accounts);
            Tool.Result run = onTerminal().env("COLUMNS", "" + columns)
                .call("fetch", "--config", config.toString(), "-A", "one", "-A", "two", "--maildir", scratch.path() + "/{account}");
            assertEquals(0, run.exit(), run::toString);
            List<String> drawn = Stream.of(run.out().split("\r\u001b\\[K|\n")).filter(line -> line.contains(" of ")).toList();
            assertTrue(drawn.stream().anyMatch(line -> line.matches("(\\[#* *] )?[\\d,]+ of 1,200 mails, \\d\\.\\d of 2\\.4 MB(, \\d:\\d\\d left)?")), drawn::toString);
            assertTrue(drawn.stream().allMatch(line -> line.length() < columns), drawn::toString);
            assertTrue(columns == 40 || drawn.stream().anyMatch(line -> line.startsWith("[#")), drawn::toString);
            assertTrue(run.out().matches("(?s).*(two|one): 600 fetched \\(1.2M\\)\r\n"), run::toString);
        }
    }

    @Test
    void aBarGivesWayToAllThatIsPrintedWhileItIsDrawn() {
        Tool.Result run = onTerminal().jvm(Drawing.class.getName()).call();
        assertEquals(0, run.exit(), run::toString);
        String bar = "[##############################] 200 of 200 mails";
        List<String> torn = Stream.of(run.out().split("\r\u001b\\[K|\r\n")).filter(seen -> !List.of(bar, Drawing.LINE, "").contains(seen)).toList();
        assertEquals(List.of(), torn);
    }

    /** Prints on one thread, and draws on another; the long lines give both of them time to meet. */
    static final class Drawing {
        static final String LINE = "x".repeat(4_000);

        public static void main(String[] arguments) throws InterruptedException {
            Terminal terminal = new Terminal();
            MailTool.Progress lane = terminal.bar.lane();
            Thread printing = new Thread(() -> IntStream.range(0, 6_000).forEach(number -> terminal.print(LINE + "\n")));
            printing.start();
            while (printing.isAlive()) {
                lane.mails(200, 200);
            }
            terminal.end();
        }
    }

    private static FakePop3 many() {
        FakePop3 fake = new FakePop3().pipelining();
        for (int number = 1; number <= 600; number++) {
            fake.message("uid-" + number, "Message-ID: <" + number + "@example.org>\r\n\r\n" + "x".repeat(1_950) + "\r\n");
        }
        return fake;
    }

    @Test
    void itSaysWhatAPersonWantsToKnow() {
        assertEquals("83 of 410 MB", MailTool.Texts.megabytes(83_000_000, 410_000_000));
        assertEquals("4.1 of 9.9 MB", MailTool.Texts.megabytes(4_100_000, 9_900_000));
        assertEquals("1,234 of 3,000 mails, 4.1 of 9.9 MB", new Amount(1_234, 3_000, 4_100_000, 9_900_000).toString());
        assertEquals("1,234 of 3,000 mails", new Amount(1_234, 3_000, 0, 0).toString());
        assertEquals(List.of("0:07", "10:00", "1:02:03"), Stream.of(7L, 600L, 3_723L).map(MailTool.Texts::clock).toList());
    }

    private static Tool onTerminal() {
        return Pop3Calls.tool().onTerminal().stdinOpen();
    }

    private static Tool onTerminalBut(String redirections) {
        return Pop3Calls.tool().onTerminalBut(redirections).stdinOpen();
    }

    private static String[] words(FakeSmtp server, String... more) {
        Stream<String> usual = Stream.of("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello");
        return Stream.concat(usual, Stream.of(more)).toArray(String[]::new);
    }
}
