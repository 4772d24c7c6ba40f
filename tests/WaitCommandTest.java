package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code wait} as a user runs it. */
class WaitCommandTest {
    private static final String CODE = "Message-ID: <c@example.org>\r\nSubject: Your code\r\n\r\nYour code: 482913\r\n";

    @AutoClose
    private final Scratch scratch = Scratch.create("wait");

    private static RunningTool start(FakePop3 fake, String... more) {
        return Pop3Calls.tool().start(Pop3Calls.words(fake, "wait", more));
    }

    @Test
    void theCommandStartsWhenWhatIsThereIsKnownAndNothingOfItIsOurs() {
        try (FakePop3 fake = new FakePop3().message("old", CODE.replace("482913", "111111")).start();
            RunningTool wait = start(fake, "--code", "--for", "60s", "--", "sh", "-c", "echo \"$@\"; echo ${MAILTOOL_PASSWORD-none}", "--json", "--help", "-A", "--save", "ä b")) {
            wait.awaitOutput("--help -A --save ä b\nnone\n");
            fake.message("new", CODE);
            Tool.Result end = wait.await();
            assertEquals(0, end.exit(), end::toString);
            assertEquals("482913\n", end.out());
            assertEquals(List.of("TOP 2 0"), fake.commands("TOP"));
        }
    }

    @Test
    void aCommandThatFailsOrIsNotThereEndsIt() {
        try (FakePop3 fake = new FakePop3().start()) {
            Tool.Result failed = Pop3Calls.call(fake, "wait", "--", "sh", "-c", "exit 7");
            assertEquals(74, failed.exit(), failed::toString);
            assertTrue(failed.err().contains("the command ended with 7"), failed::toString);
            Tool.Result missing = Pop3Calls.call(fake, "wait", "--", "/no/such");
            assertEquals(74, missing.exit(), missing::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130"})
    void aSignalIsPassedOnAndNothingIsLeft(String signal, int exit) {
        Path temporary = scratch.folder("tmp");
        try (FakePop3 fake = new FakePop3().start();
            RunningTool wait = Pop3Calls.tool().jvm("-Djava.io.tmpdir=" + temporary).start(Pop3Calls.words(fake, "wait", "--match", "x", "--", "sh", "-c",
                "trap 'echo got " + signal + "; exit 0' " + signal + "; echo begun; while :; do sleep 0.05; done"))) {
            wait.awaitOutput("begun").signal(signal);
            Tool.Result end = wait.await();
            assertEquals(exit, end.exit(), end::toString);
            wait.awaitOutput("got " + signal);
            fake.awaitEnd();
            assertEquals(List.of(), List.of(temporary.toFile().list()));
        }
    }

    @Test
    void aDeletionCountsAfterTheAnswerToQuit() {
        try (FakePop3 fake = new FakePop3().message("a", CODE).message("b", CODE.replace("Your", "No")).on("QUIT", ScriptedPeer::close).start()) {
            Tool.Result unsure = Pop3Calls.call(fake, "wait", "--since", "1h", "--for", "0s", "--match", "Your", "--delete", "--code");
            assertEquals(80, unsure.exit(), unsure::toString);
        }
        String now = "Date: " + java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME.format(java.time.ZonedDateTime.now()) + "\r\n";
        try (FakePop3 fake = new FakePop3().message("a", now + CODE).message("b", now + CODE.replace("Your", "No")).start()) {
            String[] words = {"--since", "1h", "--for", "0s", "--match", "Your", "--delete", "--json"};
            fake.once("QUIT", ScriptedPeer::close);
            Tool.Result unsure = Pop3Calls.call(fake, "wait", words);
            assertEquals(75, unsure.exit(), unsure::toString);
            assertTrue(unsure.out().contains("\"otp\":\"482913\",") && unsure.out().matches("(?s)\\{.*\"waited\":[0-9.]+}\n\\{.*"), unsure::toString);
            assertEquals(List.of("a", "b"), fake.uidsLeft());
            Tool.Result sure = Pop3Calls.call(fake, "wait", words);
            assertEquals(0, sure.exit(), sure::toString);
            assertEquals(List.of("b"), fake.uidsLeft());
        }
    }

    /** Only the wall clock jumps, as a machine's does; a day ahead the time would be over. */
    @Test
    void aClockThatJumpsChangesNothing() throws Exception {
        Path library = Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1");
        Need.that(Files.exists(library), "faketime is not installed");
        Path clock = scratch.write("clock", "+0\n");
        try (FakePop3 fake = new FakePop3().message("old", CODE).start();
            RunningTool wait = Pop3Calls.tool().env("LD_PRELOAD", library.toString()).env("FAKETIME_TIMESTAMP_FILE", clock.toString())
                .env("FAKETIME_NO_CACHE", "1").env("DONT_FAKE_MONOTONIC", "1")
                .start(Pop3Calls.words(fake, "wait", "--code", "--for", "60s", "--every", "2s", "-v", "--", "echo", "begun"))) {
            wait.awaitOutput("begun\n");
            Files.writeString(clock, "+1d\n");
            fake.peer(1);
            Files.writeString(clock, "-1d\n");
            fake.message("new", CODE.replace("482913", "555123"));
            Tool.Result end = wait.await();
            assertEquals(0, end.exit(), end::toString);
            assertEquals("555123\n", end.out());
            assertTrue(end.err().contains("*** ready\n"), end::toString);
        }
    }

    @Test
    void onATerminalItSaysHowLongItStillWaits() {
        try (FakePop3 fake = new FakePop3().start()) {
            Tool.Result seen = Pop3Calls.tool().onTerminal().call(Pop3Calls.words(fake, "wait", "--for", "2s"));
            assertEquals(80, seen.exit(), seen::toString);
            assertTrue(seen.out().contains("waiting for a message, 0:0"), seen::toString);
            Tool.Result unseen = Pop3Calls.call(fake, "wait", "--for", "2s");
            assertEquals("", unseen.out());
            assertEquals(1, unseen.err().lines().count(), unseen::toString);
        }
    }

    @Test
    void whatCanNotBeMeantIsRefusedBeforeAnyLook() {
        try (FakePop3 fake = new FakePop3().start()) {
            for (String words : List.of("--code --link", "--raw --code", "--raw --count 2", "code", "code -- ./sign-up", "--", "--for 5x", "--older 1d")) {
                String[] all = Pop3Calls.words(fake, "wait", words.split(" "));
                Terminal terminal = new Terminal();
                assertEquals(MailTool.Exit.USAGE, MailTool.run(terminal, List.of(all)), words);
            }
            assertEquals(List.of(), fake.commands());
        }
    }

    /** Postfix hands it to Dovecot, where it is waited for. */
    @Test
    void aMailThatWasSentIsWaitedFor() {
        DovecotUser user = Dovecot.shared().newUser("trip-wait");
        int port = Postfix.shared().port();
        try (RunningTool wait = Tool.with().env("MAILTOOL_PASSWORD", Dovecot.PASSWORD).start("wait", "-S", user.tlsUrl(), "--ca", TestCerts.caFile().toString(),
            "--match", "to=" + user.address(), "--link", "--delete", "--for", "60s", "--", "echo", "begun")) {
            wait.awaitOutput("begun\n");
            try (MailTool.Smtp smtp = MailTool.smtp("smtp://localhost:" + port).set("ca", TestCerts.caFile().toString()).open()) {
                smtp.send(MailTool.mail().from("sender@example.org").to(user.address()).subject("Confirm")
                    .html("<a href='https://example.org/confirm?t=1&amp;u=2'>Confirm</a>"));
            }
            Tool.Result end = wait.await();
            assertEquals(0, end.exit(), end::toString);
            assertEquals("https://example.org/confirm?t=1&u=2\n", end.out());
        }
        try (MailTool.Pop3 box = MailTool.pop3(user.tlsUrl()).password(Dovecot.PASSWORD).set("ca", TestCerts.caFile().toString()).open()) {
            assertFalse(box.totals().messages() > 0);
        }
    }
}
