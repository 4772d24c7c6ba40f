package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code inbox}: what is there, in a table, without changing it. */
final class InboxTest {
    private static final List<String> KEYS = List.of("number", "uid", "date", "from", "to", "subject", "size");

    /** Three messages that differ in each field. */
    private static FakePop3 three() {
        return new FakePop3()
            .message("first", "From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>\r\nTo: team@example.org\r\nDate: Tue, 3 Nov 2026 10:20:30 +0100\r\nSubject: backup done\r\n\r\n")
            .message("second", "From: backup@example.org\r\nCc: boss@example.org\r\nDate: nonsense\r\nSubject: =?utf-8?B?w4RyZ2Vy?=\r\nX-Job: nightly\r\n\r\n")
            .message("third", "from: c@example.org\r\ndate: Wed, 4 Nov 2026 00:00:00 +0000\r\nsubject: a\ttab\r\n \u001b[31mred\r\n\r\nbody\r\n");
    }

    // What is shown

    @Test
    void pipedItIsFieldsBetweenTabsTheNewestLast() {
        try (FakePop3 fake = three().start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox");
            assertEquals(0, result.exit(), result::toString);
            List<String> lines = result.out().lines().toList();
            assertEquals("1\t2026-11-03T10:20:30+01:00\tJ\u00fcrgen <j@example.org>\tbackup done\t" + fake.maildrop().get(0).content().length, lines.get(0));
            assertEquals("2\t\tbackup@example.org\t\u00c4rger\t" + fake.maildrop().get(1).content().length, lines.get(1));
            assertEquals(3, lines.size());
            assertEquals(5, lines.get(2).split("\t").length, "a tab in a subject is no tab between fields");
            assertFalse(result.out().contains("\u001b"), result::toString);
            assertEquals("", result.err());
        }
    }

    @Test
    void jsonIsOneObjectALine() {
        try (FakePop3 fake = three().start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox", "--json");
            assertEquals(0, result.exit(), result::toString);
            List<JsonObject> objects = result.out().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
            assertEquals(3, objects.size());
            objects.forEach(object -> assertEquals(KEYS, List.copyOf(object.keySet())));
            assertEquals("{\"number\":1,\"uid\":\"first\",\"date\":\"2026-11-03T10:20:30+01:00\",\"from\":\"J\u00fcrgen <j@example.org>\",\"to\":\"team@example.org\",\"subject\":\"backup done\",\"size\":"
                + fake.maildrop().get(0).content().length + "}", objects.get(0).toString());
            assertTrue(objects.get(1).get("date").isJsonNull());
            assertTrue(result.out().contains("\\u001b[31mred"), result::toString);
        }
    }

    @Test
    void whatTheServerDoesNotShowIsSaidAndHasAllKeys() {
        try (FakePop3 fake = new FakePop3().messages(3).on("TOP 2", "-ERR broken").start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox", "--json");
            assertEquals(75, result.exit(), result::toString);
            assertTrue(result.err().contains("did not show the header of 1 message: -ERR broken"), result::toString);
            JsonObject refused = JsonParser.parseString(result.out().lines().toList().get(1)).getAsJsonObject();
            assertEquals(KEYS, List.copyOf(refused.keySet()));
            assertEquals("uid-2", refused.get("uid").getAsString());
            assertTrue(List.of("date", "from", "to", "subject").stream().allMatch(key -> refused.get(key).isJsonNull()), refused::toString);
        }
    }

    @Test
    void anEmptyMaildropSaysSoOnATerminalOnly() {
        try (FakePop3 fake = new FakePop3().start()) {
            assertEquals("no messages\r\n", Pop3Calls.tool().onTerminal().call(Pop3Calls.words(fake, "inbox")).out());
            assertEquals("", Pop3Calls.call(fake, "inbox").out());
        }
    }

    /** Some programs take U+2028 for the end of a line. */
    @Test
    void noSubjectEndsItsLine() {
        try (FakePop3 fake = new FakePop3().message("a", "Subject: =?utf-8?B?4oCoTFPigKlQUw==?=\r\n\r\n").start()) {
            assertTrue(Pop3Calls.call(fake, "inbox").out().contains("\\x2028LS\\x2029PS"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 64, 80, 132})
    void onATerminalItsLinesAreAsWideAsThat(int columns) {
        try (FakePop3 fake = three().message("wide", "From: \u5c71\u7530\u592a\u90ce <y@example.org>\r\nSubject: =?utf-8?B?5pel5pys6Kqe44Gu6ZW344GE5Lu25ZCN44Gn44GZ44CC5pel5pys6Kqe44Gu6ZW344GE5Lu25ZCN44Gn44GZ44CC?= and on and on and on and on and on and on\r\n\r\n").start()) {
            Tool.Result result = Pop3Calls.tool().env("COLUMNS", "" + columns).onTerminal().call(Pop3Calls.words(fake, "inbox"));
            assertEquals(0, result.exit(), result::toString);
            List<String> lines = result.out().lines().toList();
            assertEquals(5, lines.size(), result::toString);
            assertTrue(lines.get(0).matches(" +No  Date +From +Subject +Size"), result::toString);
            assertTrue(columns < 64 || lines.get(1).contains("  J\u00fcrgen  "), "names without addresses");
            lines.forEach(line -> assertEquals(columns, cells(line), line));
            assertTrue(lines.get(4).contains("\u2026"), result::toString);
        }
    }

    /** Those of East Asia are twice as wide. */
    private static int cells(String line) {
        return line.codePoints().map(letter -> letter >= 0x3000 && letter < 0xffe7 ? 2 : 1).sum();
    }

    /** Dim and red help where somebody looks who wants them; the time is that of {@code read}. */
    @Test
    void colourIsForATerminalAlone() {
        try (FakePop3 fake = three().on("TOP 2", "-ERR broken").start()) {
            Tool.Result result = Pop3Calls.tool().env("TERM", "xterm").env("TZ", "Asia/Tokyo").onTerminal().call(Pop3Calls.words(fake, "inbox"));
            List<String> lines = result.out().lines().toList();
            assertTrue(lines.get(0).matches("\u001b\\[2m.*Subject.*\u001b\\[m"), result::toString);
            assertTrue(lines.get(1).contains("  2026-11-03 18:20  ") && !lines.get(1).contains("\u001b"), result::toString);
            assertTrue(lines.get(2).matches("\u001b\\[31m.*-ERR broken.*\u001b\\[m"), result::toString);
            assertFalse(Pop3Calls.tool().env("TERM", "xterm").env("NO_COLOR", "1").onTerminal().call(Pop3Calls.words(fake, "inbox")).out().contains("\u001b["));
            String read = Pop3Calls.tool().env("TZ", "Asia/Tokyo").onTerminal().call(Pop3Calls.words(fake, "read", "1")).out();
            assertTrue(read.contains("Date: Tue, 3 Nov 2026 18:20:30 +0900"), read);
        }
    }

    @Test
    void nothingInAMessageMovesTheCursor() {
        String evil = "Subject: \u001b]0;title\u0007\u009b2J\u202eevil\r\n\r\n";
        try (FakePop3 fake = new FakePop3().message("uid\u001b[2J", evil.getBytes(StandardCharsets.UTF_8)).start()) {
            for (String[] more : new String[][] {{}, {"--json"}}) {
                Tool.Result piped = Pop3Calls.call(fake, "inbox", more);
                Tool.Result terminal = Pop3Calls.tool().onTerminal().call(Pop3Calls.words(fake, "inbox", more));
                for (String out : List.of(piped.out(), terminal.out().replace("\r\n", "\n"))) {
                    assertTrue(out.codePoints().noneMatch(letter -> letter == 0x202e || Character.isISOControl(letter) && letter != '\n' && letter != '\t'), out);
                }
            }
        }
    }

    @Test
    void anEmptyMaildropIsNothing() {
        try (FakePop3 fake = new FakePop3().start()) {
            for (String option : List.of("--json", "--ipv4")) {
                Tool.Result result = Pop3Calls.call(fake, "inbox", option);
                assertEquals(0, result.exit(), result::toString);
                assertEquals("", result.out() + result.err());
            }
        }
    }

    // What is chosen

    @ParameterizedTest
    @CsvSource({"1, 5", "2, 4 5", "5, 1 2 3 4 5", "9, 1 2 3 4 5", "0, ''", "1000000, 1 2 3 4 5"})
    void theLastOfThemAndOnlyTheirHeaders(String last, String numbers) {
        try (FakePop3 fake = new FakePop3().messages(5).pipelining().start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox", "-n", last);
            assertEquals(0, result.exit(), result::toString);
            assertEquals(numbers, String.join(" ", result.out().lines().map(line -> line.split("\t")[0]).toList()));
            assertEquals(numbers, String.join(" ", fake.commands("TOP").stream().map(command -> command.split(" ")[1]).toList()));
        }
    }

    @ParameterizedTest
    @CsvSource({"backup, 1", "BACKUP, 1", "subject=\u00e4rger, 2", "from=backup, 2", "from=J\u00fcrgen, 1", "to=team, 1", "cc=boss, 2", "uid=^third$, 3", "x-job=night, 2", "X-Job=., 2", "'', 1 2 3",
        "from=example, 1 2 3", "nothing, ''", "no-such-field=., ''"})
    void aPatternMatchesTheSubjectUnlessAFieldIsNamed(String pattern, String numbers) {
        try (FakePop3 fake = three().start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox", "--match", pattern);
            assertEquals(0, result.exit(), result::toString);
            assertEquals(numbers, String.join(" ", result.out().lines().map(line -> line.split("\t")[0]).toList()));
        }
    }

    @ParameterizedTest
    @CsvSource({"--match, '('", "-n, many", "-n, -1", "--older, 3", "--since, 3", "--max-size, x", "--matsch, x"})
    void whatCanNotBeMeantIsWrongUsage(String option, String value) {
        try (FakePop3 fake = three().start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox", option, value);
            assertEquals(64, result.exit(), result::toString);
            assertTrue(fake.peers().isEmpty(), "seen before connecting");
        }
    }

    // What it does

    @Test
    void itChangesNothing() {
        try (FakePop3 fake = three().pipelining().start()) {
            Pop3Calls.call(fake, "inbox", "--match", ".");
            List<String> verbs = fake.awaitEnd().commands().stream().map(FakePop3Session::verb).distinct().toList();
            assertEquals(List.of("CAPA", "USER", "PASS", "STAT", "UIDL", "LIST", "TOP", "QUIT"), verbs);
            fake.commands("TOP").forEach(command -> assertTrue(command.endsWith(" 0"), command));
        }
    }

    @Test
    void withoutTopThereAreNumbersUidsAndSizesAndOneLineSaysWhy() {
        try (FakePop3 fake = three().without("TOP").start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox");
            assertEquals(0, result.exit(), result::toString);
            assertEquals("2\tsecond\t" + fake.maildrop().get(1).content().length, result.out().lines().toList().get(1));
            assertEquals(1, result.err().lines().count(), result::toString);
            assertTrue(result.err().contains("TOP"), result::toString);
            assertEquals(List.of(), fake.commands("RETR"));
            Tool.Result json = Pop3Calls.call(fake, "inbox", "--json");
            assertTrue(json.out().startsWith("{\"number\":1,\"uid\":\"first\","), json::toString);
            assertEquals(List.of(), fake.commands("RETR"));
        }
    }

    @Test
    void aServerThatSaysNothingOfWhatItKnowsIsAskedOnceForTop() {
        try (FakePop3 fake = three().without("CAPA").without("TOP").start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(1, result.err().lines().count(), result::toString);
            assertTrue(result.err().contains("TOP"), result::toString);
            assertTrue(result.out().startsWith("1\tfirst\t"), result::toString);
            assertEquals(List.of("TOP 1 0"), fake.commands("TOP"));
        }
        try (FakePop3 empty = new FakePop3().without("CAPA").start()) {
            assertEquals("", Pop3Calls.call(empty, "inbox").err());
        }
    }

    /** A pattern that needs a header can't be looked for then, and nothing may look as if it had not been found. */
    @Test
    void withoutTopAPatternCanOnlyMatchUids() {
        try (FakePop3 fake = three().without("TOP").start()) {
            Tool.Result uid = Pop3Calls.call(fake, "inbox", "--match", "uid=second");
            assertEquals(0, uid.exit(), uid::toString);
            assertEquals(1, uid.out().lines().count(), uid::toString);
            Tool.Result subject = Pop3Calls.call(fake, "inbox", "--match", "backup");
            assertTrue(subject.exit() != 0, subject::toString);
            assertEquals(List.of(), fake.commands("RETR"));
        }
    }

    @Test
    void theUserCanForbidTop() {
        try (FakePop3 fake = three().start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox", "--no", "top");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(List.of(), fake.commands("TOP"));
        }
    }

    @Test
    void withoutUidlTheRestIsShown() {
        try (FakePop3 fake = three().without("UIDL").start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox", "--json");
            assertEquals(0, result.exit(), result::toString);
            assertEquals(3, result.out().lines().filter(line -> line.contains("\"uid\":null")).count());
        }
    }

    @Test
    void aMessageWithoutAUidIsNamed() {
        try (FakePop3 fake = three().altered("UIDL", answer -> answer.replace("2 second\r\n", "")).start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox");
            assertEquals(76, result.exit(), result::toString);
            assertEquals(2, result.out().lines().count());
            assertTrue(result.err().contains("message 2"), result::toString);
        }
    }

    @Test
    void aLostConnectionKeepsWhatWasShown() {
        try (FakePop3 fake = new FakePop3().messages(3).cut("TOP 3", 10, ScriptedPeer::hangUp).start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox");
            assertEquals(75, result.exit(), result::toString);
            assertEquals(2, result.out().lines().count(), result::toString);
        }
    }

    @Test
    void dovecotShowsItsMaildrop() {
        DovecotUser user = Dovecot.shared().newUser("inbox");
        IntStream.rangeClosed(1, 150).forEach(number -> user.deposit("Subject: m" + number + "\n\n"));
        Tool.Result result = Tool.with().env("MAILTOOL_PASSWORD", Dovecot.PASSWORD).call("inbox", "-S", user.tlsUrl(), "--ca", TestCerts.caFile().toString());
        assertEquals(0, result.exit(), result::toString);
        assertEquals(IntStream.rangeClosed(1, 150).mapToObj(number -> "m" + number).toList(), result.out().lines().map(line -> line.split("\t")[3]).toList());
        assertEquals(150, user.count());
    }

    // Ends

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void aSignalEndsItWithoutQuit(String signal, int exit) {
        try (FakePop3 fake = new FakePop3().messages(3).on("TOP 2", ScriptedPeer::listen).start();
            RunningTool running = Pop3Calls.tool().start(Pop3Calls.words(fake, "inbox"))) {
            Eventually.until("TOP 2", () -> fake.commands().contains("TOP 2 0"));
            assertEquals(exit, running.signal(signal).await().exit());
            assertEquals(List.of(), fake.awaitEnd().commands("QUIT"));
            assertFalse(fake.peer(0).receivedText().contains("QUIT"));
        }
    }

    @Test
    void aReaderWhoHasEnoughEndsIt() {
        try (FakePop3 fake = new FakePop3().messages(5_000).pipelining().start()) {
            List<String> words = new ArrayList<>(List.of("bash", "-c", "set -o pipefail; \"$@\" | head -1", "sh"));
            words.addAll(Java.command());
            words.add("mailtool.MailTool");
            words.addAll(List.of(Pop3Calls.words(fake, "inbox")));
            Tool.Result result = Program.of(words.toArray()).env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call();
            assertEquals(0, result.exit(), result::toString);
            assertEquals(1, result.out().lines().count(), result::toString);
            assertEquals("", result.err());
            assertTrue(fake.awaitEnd().commands("TOP").size() < 1_000, () -> fake.commands("TOP").size() + " headers for one line");
        }
    }

    @Test
    void anOutputThatIsFullIsSaid() {
        try (FakePop3 fake = new FakePop3().messages(10).start()) {
            Tool.Result result = Program.of("sh", "-c", Java.quoted() + " mailtool.MailTool inbox -S " + fake.userUrl() + " >/dev/full").env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call();
            assertEquals(73, result.exit(), result::toString);
        }
    }

    @Test
    void neitherHomeNorLocaleIsNeeded() {
        try (FakePop3 fake = three().start()) {
            Tool.Result result = Pop3Calls.tool().without("HOME").without("LANG").env("LC_ALL", "C").call(Pop3Calls.words(fake, "inbox"));
            assertEquals(0, result.exit(), result::toString);
            assertTrue(result.out().contains("J\u00fcrgen"), result::toString);
        }
    }

    @Test
    void manyMessagesFitIntoLittleMemory() {
        int count = 30_000;
        FakePop3 fake = new FakePop3().pipelining().on("STAT", "+OK " + count + " " + count).on("TOP", "+OK", "Subject: one of many", "", ".");
        try (FakePop3 started = fake.on("UIDL", listing(count, "uid")).on("LIST", listing(count, "")).start()) {
            Tool.Result result = Pop3Calls.tool().jvm("-Xmx64m").call(Pop3Calls.words(started, "inbox"));
            assertEquals(0, result.exit(), () -> "exit " + result.exit() + result.err());
            assertEquals(count, result.out().lines().count());
        }
    }

    private static String[] listing(int count, String prefix) {
        List<String> lines = new ArrayList<>(List.of("+OK"));
        IntStream.rangeClosed(1, count).forEach(number -> lines.add(number + " " + prefix + number));
        lines.add(".");
        return lines.toArray(new String[0]);
    }
}
