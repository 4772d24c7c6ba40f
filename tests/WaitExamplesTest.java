package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The examples with {@code wait} do what they say. */
class WaitExamplesTest {
    @AutoClose
    private final Scratch scratch = Scratch.create("wait-examples");

    private Program example(String name, Object... words) {
        Path tool = scratch.write("mailtool", "#!/bin/sh\nexec " + Java.quoted() + " mailtool.MailTool \"$@\"\n");
        tool.toFile().setExecutable(true);
        Object[] all = java.util.stream.Stream.concat(java.util.stream.Stream.of(Program.inClone("examples").resolve(name)), java.util.stream.Stream.of(words)).toArray();
        return Program.of(all).env("MAILTOOL", tool).env("MAILTOOL_PASSWORD", FakePop3.PASSWORD);
    }

    @Test
    void whatAFilterStopsAndWhatItLetsThrough() {
        try (FakePop3 pop3 = new FakePop3().start(); FakeSmtp smtp = new FakeSmtp().start()) {
            Tool.Result stopped = example("filter-test", smtp.url(), "ops@example.org", pop3.userUrl()).env("FOR", "3s").call();
            assertEquals("GTUBE was stopped\nEICAR was stopped\n", stopped.out(), stopped::toString);
            assertEquals(0, stopped.exit(), stopped::toString);
            assertTrue(new String(smtp.messages().get(0).content()).contains("GTUBE-STANDARD-ANTI-UBE"));
        }
    }

    @Test
    void theAlarmGoesOffWithItsReason() {
        Path alarm = scratch.write("alarm", "#!/bin/sh\necho \"alarm: $1\"\n");
        alarm.toFile().setExecutable(true);
        String now = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now().minusHours(20));
        try (FakePop3 fake = new FakePop3().message("a", "Date: " + now + "\r\nSubject: backup ok\r\n\r\nx\r\n").start()) {
            Tool.Result silent = example("dead-man", "subject=backup ok", "26h", alarm, "-S", fake.userUrl()).call();
            assertEquals(List.of(0, ""), List.of(silent.exit(), silent.out()), silent::toString);
            Tool.Result loud = example("dead-man", "subject=backup ok", "12h", alarm, "-S", fake.userUrl()).call();
            assertEquals("alarm: mailtool: no message found: 1 look, 0 new messages\n", loud.out(), loud::toString);
        }
    }
}
