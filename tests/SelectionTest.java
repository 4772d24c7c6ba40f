package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import mailtool.MailTool.Exit;
import mailtool.MailTool.Message;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Selection;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which messages are meant by --match, --since, --older, --max-size and -n, wherever they are given; and what it costs to know. */
final class SelectionTest {
    @AutoClose
    private final Scratch scratch = Scratch.create("selection");

    private static Selection selection(String options) {
        Selection selection = new Selection();
        for (String option : options.isEmpty() ? new String[0] : options.split(" ")) {
            String[] parts = option.split("=", 2);
            selection.set(parts[0], parts[1].replace('_', ' '));
        }
        return selection;
    }

    /** The numbers of what is meant, with an exclamation mark where the server does not show it. */
    private static String select(FakePop3 fake, String options, List<String> warnings) {
        List<String> numbers = new ArrayList<>();
        try (Pop3 box = FetchRun.server(fake.userUrl()).warnings(warnings::add).open()) {
            selection(options).each(box, List.of(), message -> numbers.add("" + message.number()), (message, why) -> numbers.add(message.number() + "!"));
        }
        return String.join(" ", numbers);
    }

    private static String select(FakePop3 fake, String options) {
        return select(fake, options, new ArrayList<>());
    }

    private static String date(Duration age) {
        return OffsetDateTime.now(ZoneOffset.UTC).minus(age).format(DateTimeFormatter.RFC_1123_DATE_TIME);
    }

    private static String received(Duration age, String comment) {
        return "Received: from a (b; c) by d;\r\n\t" + date(age) + comment + "\r\n";
    }

    private static String numbers(List<String> commands) {
        return commands.stream().map(command -> command.split(" ")[1]).collect(Collectors.joining(" "));
    }

    private static FakePop3 four() {
        return new FakePop3()
            .message("one", "From: a@example.org\r\nSubject: host=db1 is full\r\n\r\nneedle\r\n")
            .message("two", "From: b@example.org\r\nSubject: host=db2\r\nX-Job: nightly\r\n\r\n" + "hay\r\n".repeat(100))
            .message("three", "From: a@example.org\r\nSubject: page\r\nContent-Type: text/html\r\n\r\n<p>a <b>needle</b> in hay</p>\r\n")
            .message("four", "From: a@example.org\r\nSubject: =?utf-8?Q?=C3=9Cbung?=\r\n\r\nneedle\r\n");
    }

    // What fits

    @ParameterizedTest
    @CsvSource({"'', 1 2 3 4", "match=host=db1, ''", "match=subject=host=db1, 1", "match=^host=db, 1 2", "match=from=a@ match=subject=host, 1", "match=from=a@ match=from=b@, ''",
        "match=body=needle, 1 3 4", "match=body=a_needle_in, 3", "match=body=needle match=from=a@ last=1, 4", "max-size=200, 1 3 4", "max-size=200 last=2, 3 4", "max-size=200 last=0, ''",
        "last=3 match=uid=o, 1 2 4", "last=1 match=from=b, 2", "match=\u00fcbung, 4", "match=x-job=., 2", "last=9 match=from=a@, 1 3 4"})
    void allOfItMustHoldAndOfThatTheNewest(String options, String numbers) {
        for (FakePop3 fake : List.of(four(), four().pipelining())) {
            try (fake) {
                assertEquals(numbers, select(fake.start(), options));
            }
        }
    }

    /** By the topmost Received, else by Date; without either it is neither old nor new. What lies ahead is now. */
    @ParameterizedTest
    @CsvSource({"since=7d, 1 4 6", "older=7d, 2 5", "since=30d older=7d, 2", "older=30d, 5", "since=365d, 1 2 4 5 6"})
    void whenAMessageCame(String options, String numbers) {
        try (FakePop3 fake = new FakePop3()
            .message("new", received(Duration.ofDays(1), " (UTC; by clock)") + received(Duration.ofDays(50), "") + "Date: " + date(Duration.ofDays(50)) + "\r\n\r\n")
            .message("between", received(Duration.ofDays(20), "") + "Date: " + date(Duration.ofDays(1)) + "\r\n\r\n")
            .message("undated", "Subject: x\r\nDate: soon\r\n\r\n")
            .message("dated", "Received: from nowhere\r\nDate: " + date(Duration.ofDays(2)) + "\r\n\r\n")
            .message("old", "Date: " + date(Duration.ofDays(40)) + "\r\n\r\n")
            .message("ahead", received(Duration.ofDays(-9), "") + "\r\n").start()) {
            assertEquals(numbers, select(fake, options));
        }
    }

    /** A size that nobody knows is no small one, as what is meant may be deleted. */
    @Test
    void whatCanNotBeJudgedIsNotMeant() {
        List<String> warnings = new ArrayList<>();
        try (FakePop3 fake = four().on("LIST", "-ERR no").start()) {
            assertEquals("", select(fake, "max-size=1M", warnings));
            assertEquals(List.of("4 messages left out, as the server does not tell the size for --max-size"), warnings);
        }
        try (FakePop3 fake = four().on("TOP 2", "-ERR broken").on("RETR 4", "-ERR broken").start()) {
            assertEquals("1 2! 3 4", select(fake, "match=from=."));
            assertEquals("4! 3", select(fake, "match=body=needle match=subject=. last=1"));
        }
    }

    // What is said

    @ParameterizedTest
    @CsvSource({"match=host=db1, host", "match=HOST=db1, host", "match=g\u00f6\u00dfe=5, g\u00f6\u00dfe", "match=my_word=x, ''", "match=subject=nothing match=host=db1, host", "since=1d match=host=db1, host",
        "match=cc=boss, cc", "match=x-job=daily, ''", "match=body=nothing, ''", "match=nothing, ''", "match=subject=nothing, ''", "max-size=1 match=host=db1, ''", "match=uid=x, ''", "match=host=a match=disk=b, host disk"})
    void aFieldThatNoMessageHasIsNamed(String options, String fields) {
        List<String> warnings = new ArrayList<>();
        try (FakePop3 fake = four().pipelining().start()) {
            assertEquals("", select(fake, options, warnings));
        }
        assertEquals(fields, warnings.stream().map(warning -> warning.replaceAll("no message has a field '(.*?)';.*", "$1")).collect(Collectors.joining(" ")));
        assertTrue(warnings.isEmpty() || options.contains("=b") || warnings.get(0).contains("write --match 'subject=" + fields + "="), warnings::toString);
    }

    @Test
    void inAnEmptyMaildropNothingIsSaid() {
        List<String> warnings = new ArrayList<>();
        try (FakePop3 fake = new FakePop3().start()) {
            select(fake, "match=host=db1", warnings);
        }
        assertEquals(List.of(), warnings);
    }

    // What it costs

    @Test
    void fromTheNewestBackUntilThereAreEnough() {
        try (FakePop3 fake = new FakePop3().messages(1000).pipelining().start()) {
            assertEquals("990 1000", select(fake, "match=0$ last=2"));
            assertTrue(fake.commands("TOP").size() <= 100, fake.commands("TOP")::toString);
        }
        try (FakePop3 fake = new FakePop3().messages(50).start()) {
            assertEquals("40 50", select(fake, "match=0$ last=2"));
            assertEquals(11, fake.commands("TOP").size());
        }
    }

    @ParameterizedTest
    @CsvSource({"max-size=200, '', ''", "last=2, '', ''", "match=uid=e$, '', ''", "max-size=200 match=from=., 1 3 4, ''", "match=uid=t match=from=., 2 3, ''", "match=body=needle, '', 1 2 3 4",
        "match=body=needle match=from=b, 1 2 3 4, 2", "match=body=needle max-size=200, '', 1 3 4", "match=body=needle last=1, '', 4", "match=body=x match=host=y, 1 2 3 4, ''"})
    void nothingIsAskedForThatIsNotNeeded(String options, String headers, String bodies) {
        try (FakePop3 fake = four().pipelining().start()) {
            select(fake, options);
            assertEquals(headers, numbers(fake.commands("TOP")));
            assertEquals(bodies, numbers(fake.commands("RETR")));
        }
    }

    // Names

    @Test
    void theLastIsTheNewest() {
        try (FakePop3 fake = four().start(); Pop3 box = FetchRun.server(fake.userUrl()).open()) {
            assertEquals(4, box.message("last").number());
        }
        try (FakePop3 fake = four().message("last", "Subject: x\r\n\r\n").message("six", "Subject: x\r\n\r\n").start(); Pop3 box = FetchRun.server(fake.userUrl()).open()) {
            assertEquals(Exit.USAGE, Pop3Calls.exit(() -> box.message("last")));
            assertEquals(5, box.message("uid=last").number());
        }
        try (FakePop3 fake = new FakePop3().start(); Pop3 box = FetchRun.server(fake.userUrl()).open()) {
            assertEquals(Exit.DATA, Pop3Calls.exit(() -> box.message("last")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"match=(", "since=7", "since=soon", "older=", "max-size=big", "last=-1", "limit=3"})
    void whatCanNotBeMeantIsWrongUsage(String option) {
        assertEquals(Exit.USAGE, Pop3Calls.exit(() -> selection(option)));
    }

    // Fetching

    private String fetched(FakePop3 fake, String place, String... options) {
        FetchRun run = FetchRun.of(fake, FetchRun.plan("dir", scratch.resolve(place), options));
        return run.exit() + " " + String.join(" ", run.stored());
    }

    @Test
    void fetchingChoosesInTheSameWay() {
        try (FakePop3 fake = four().message("five", "From: b@example.org\r\nDate: " + date(Duration.ofDays(3)) + "\r\n\r\nneedle\r\n").pipelining().start()) {
            assertEquals("OK one two", fetched(fake, "a", "match=^host=", "match=from=."));
            assertEquals("OK one", fetched(fake, "b", "match=body=needle", "match=from=a@", "limit=1"));
            assertEquals("OK four five", fetched(fake, "c", "match=body=needle", "last=2"));
            assertEquals("OK five", fetched(fake, "d", "since=7d"));
            assertEquals("OK ", fetched(fake, "e", "older=7d"));
            assertEquals("OK four", fetched(fake, "f", "max-size=200", "last=1", "match=from=a@"));
        }
    }

    /** With a limit the next run brings the next ones; the newest are the same in each run. */
    @Test
    void theNewestAreCountedKnownOrNot() {
        try (FakePop3 fake = new FakePop3().messages(5).pipelining().start()) {
            assertEquals("OK uid-4 uid-5", fetched(fake, "newest", "last=2"));
            assertEquals("OK ", fetched(fake, "newest", "last=2"));
            assertEquals("OK uid-3", fetched(fake, "newest", "last=3", "match=from=a"));
            assertEquals("OK uid-1", fetched(fake, "newest", "limit=1"));
            fake.message("uid-6", "Subject: new\r\n\r\n");
            assertEquals("OK uid-6", fetched(fake, "newest", "last=1"));
            assertEquals("OK uid-5 uid-4 uid-3", fetched(fake, "backwards", "last=3", "newest-first", "match=subject-"));
        }
    }

    @Test
    void fetchingNamesAFieldThatNoMessageHas() {
        List<String> warnings = new ArrayList<>();
        try (FakePop3 fake = four().pipelining().start()) {
            FetchRun.of(FetchRun.server(fake.userUrl()).warnings(warnings::add), FetchRun.plan("dir", scratch.resolve("x"), "match=host=db1"));
            assertEquals(List.of("localhost: no message has a field 'host'; for text of the subject write --match 'subject=host=db1'"), warnings);
        }
    }

    /** What breaks while it is only looked at is left, and another connection brings the others. */
    @Test
    void aMessageThatCanNotBeLookedIntoIsLeft() {
        try (FakePop3 fake = four().pipelining().cut("RETR 3", 20, ScriptedPeer::hangUp).on("RETR 1", "-ERR broken").start()) {
            assertEquals("TEMPORARY four", fetched(fake, "broken", "match=body=needle"));
            assertEquals("OK four", fetched(fake, "newest", "match=body=needle", "last=1"));
        }
    }

    // What is shown

    @ParameterizedTest
    @CsvSource({"abc, 5, 'abc  '", "abcdef, 5, abcd\u2026", "e\u0301e\u0301e\u0301, 2, e\u0301\u2026", "\u65e5\u672c\u8a9e, 6, \u65e5\u672c\u8a9e", "\u65e5\u672c\u8a9e, 5, \u65e5\u672c\u2026", "\u65e5\u672c\u8a9e, 4, '\u65e5\u2026 '",
        "\u2705 ok, 5, \u2705 ok", "\u26a0\ufe0f!, 3, \u26a0\ufe0f!", "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67x, 3, \ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67x", "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67x, 2, '\u2026 '",
        "\ud83c\udde9\ud83c\uddea\ud83c\uddeb\ud83c\uddf7, 4, \ud83c\udde9\ud83c\uddea\ud83c\uddeb\ud83c\uddf7", "\ud83c\udde9\ud83c\uddea\ud83c\uddeb\ud83c\uddf7, 3, \ud83c\udde9\ud83c\uddea\u2026", "\ud83d\udc4d\ud83c\udffdab, 3, \ud83d\udc4d\ud83c\udffd\u2026", "'', 2, '  '"})
    void textIsCutBetweenLetters(String text, int cells, String shown) {
        assertEquals(shown, MailTool.Widths.cut(text, cells));
    }

    @Test
    void aFieldOfAHeaderIsOneLine() {
        Path file = scratch.write("folded.eml", "Received: from a\r\n\tby b;\r\n        now\r\nSubject: a\r\n \tb\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of("Received: from a by b; now", "Subject: a b"), Message.in(file).headerLines());
    }

    @Test
    void everyCommandThatChoosesHasTheSameHelp() {
        for (String command : List.of("inbox", "read", "fetch", "delete")) {
            String help = MailTool.Command.named(command).help();
            assertTrue(help.contains(Selection.OPTIONS) && help.contains("(RETR)"), command);
        }
    }
}
