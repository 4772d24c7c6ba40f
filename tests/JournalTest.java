package mailtool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A journal: batches, torn ends, versions, replacement. */
final class JournalTest {
    private static final String WHOSE = "ops@mail.example.org";
    @TempDir
    private Path folder;

    private static Note note(int number) {
        return new Note('+', WHOSE, new MailId("uid" + number, Integer.toString(number).repeat(MailId.DIGITS)), 0);
    }

    private Path file() {
        return folder.resolve("journal");
    }

    private Journal opened() throws IOException {
        Journal journal = new Journal(file());
        journal.open();
        return journal;
    }

    private static List<Note> notes(Journal journal) throws IOException {
        List<Note> notes = new ArrayList<>();
        journal.known(Maildrop.named(WHOSE), (line, seconds) -> notes.add(new Note(line.kind(), WHOSE, NoteLines.mail(line.text(1)), 0)));
        return notes;
    }

    @Test
    void whatIsDoneIsThereWhenItIsOpenedAgain() throws IOException {
        try (Journal journal = opened()) {
            journal.record(List.of(note(1)));
            journal.begin("", List.of(note(2), note(3)));
            journal.done();
        }
        try (Journal journal = opened()) {
            assertEquals(List.of(note(1), note(2), note(3)), notes(journal));
            assertTrue(journal.pending.isEmpty());
        }
    }

    @Test
    void whatWasBegunAndNotEndedIsHandedOverAndSettled() throws IOException {
        try (Journal journal = opened()) {
            journal.record(List.of(note(1)));
            journal.begin(" 17 at its end", List.of(note(2), note(3)));
        }
        try (Journal journal = opened()) {
            assertEquals(List.of(note(1)), notes(journal));
            assertEquals(List.of(note(2), note(3)), journal.pending.orElseThrow().notes());
            assertEquals(" 17 at its end", journal.pending.orElseThrow().place());
            assertThrows(IOException.class, () -> journal.record(List.of(note(4))));
            journal.settle(List.of(note(3)));
            journal.record(List.of(note(4)));
        }
        try (Journal journal = opened()) {
            assertEquals(List.of(note(1), note(3), note(4)), notes(journal));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"b", "begin 17", "+0123", "don", "done", "\0\0"})
    void aTornEndIsCut(String torn) throws IOException {
        try (Journal journal = opened()) {
            journal.record(List.of(note(1)));
        }
        Files.writeString(file(), torn, StandardOpenOption.APPEND);
        try (Journal journal = opened()) {
            journal.record(List.of(note(2)));
            assertEquals(List.of(note(1), note(2)), notes(journal));
        }
    }

    @Test
    void behindALongLineIsKnownWhatIsNotedThere() throws IOException {
        try (Journal journal = opened()) {
            journal.record(List.of(note(1)));
        }
        Files.writeString(file(), Files.readString(file()).replaceFirst("\n", "\n" + "x".repeat(200_000) + "\n"));
        try (Journal journal = opened()) {
            journal.record(List.of(note(2)));
            assertEquals(List.of(note(1), note(2)), notes(journal));
        }
    }

    @Test
    void oneThatIsTooLongToBeReadIsSaid() throws IOException {
        try (RandomAccessFile made = new RandomAccessFile(file().toFile(), "rw")) {
            made.write("mailtool campaigns 1\n".getBytes(StandardCharsets.US_ASCII));
            made.seek(100_000_100);
            made.write("\n{}\n".getBytes(StandardCharsets.US_ASCII));
        }
        try (JournalText text = JournalText.of(file())) {
            MailException problem = assertThrows(MailException.class, text::next);
            assertTrue(problem.getMessage().endsWith(": the line at octet 21 has more than 100000000 octets"), problem::getMessage);
        }
    }

    @Test
    void whatIsUndoneIsForgotten() throws IOException {
        try (Journal journal = opened()) {
            journal.begin("", List.of(note(1)));
            journal.undo();
            journal.record(List.of(note(2)));
            assertEquals(List.of(note(2)), notes(journal));
        }
    }

    @Test
    void nothingIsNotedInOneThatWasRemoved() throws IOException {
        try (Journal journal = opened()) {
            journal.record(List.of(note(1)));
            Files.move(file(), folder.resolve("away"));
            assertThrows(IOException.class, () -> journal.record(List.of(note(2))));
            Files.move(folder.resolve("away"), file());
            journal.record(List.of(note(3)));
        }
        try (Journal journal = opened()) {
            assertEquals(List.of(note(1), note(3)), notes(journal));
        }
    }

    /** As an editor's save, logrotate, a copy brought back, and another run whose lock was lost do. */
    @ParameterizedTest
    @ValueSource(strings = {"cp journal away; mv away journal", "mv journal away; cp away journal", "truncate -s 19 journal",
        "truncate -s -1 journal", "truncate -s +4096 journal", "echo done >> journal"})
    void nothingIsNotedInOneThatAnotherProgramHasChanged(String change) throws Exception {
        try (Journal journal = opened()) {
            journal.record(List.of(note(1)));
            journal.begin("", List.of(note(2)));
            changed(change);
            byte[] theirs = Files.readAllBytes(file());
            IOException refused = assertThrows(IOException.class, journal::done);
            assertTrue(refused.getMessage().endsWith("/journal: another program has replaced it or written to it"), refused.getMessage());
            assertArrayEquals(theirs, Files.readAllBytes(file()));
        }
    }

    @Test
    void oneThatAnotherProgramHasReplacedIsNotCompacted() throws Exception {
        try (Journal journal = opened()) {
            journal.record(List.of(note(1)));
            changed("cp journal away; echo theirs >> away; mv away journal");
            assertThrows(IOException.class, () -> journal.rewrite((lines, out) -> { }));
            assertTrue(Files.readString(file()).endsWith("done\ntheirs\n"));
        }
    }

    private void changed(String how) throws Exception {
        assertEquals(0, new ProcessBuilder("/bin/sh", "-c", how).directory(folder.toFile()).start().waitFor());
    }

    @Test
    void itIsReplacedInOneStep() throws IOException {
        try (Journal journal = opened()) {
            journal.record(List.of(note(1), note(2)));
            journal.rewrite((lines, out) -> {
                while (lines.next()) {
                    if (!lines.text(0).equals(note(1).line())) {
                        lines.copyTo(out);
                    }
                }
                assertTrue(Files.exists(folder.resolve("journal.new")));
                assertTrue(Files.readString(file()).contains(note(1).line()));
            });
            assertEquals(List.of(note(2)), notes(journal));
        }
        assertEquals(List.of(file()), StoreProcess.files(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mailtool journal 1\n", "mailtool journal 22\n", "mailtool campaigns 1\n", "", "mailtool journal 2"})
    void oneOfAnotherVersionIsRefused(String title) throws IOException {
        Files.writeString(file(), title);
        MailException refused = assertThrows(MailException.class, this::opened);
        assertEquals(Exit.OUTPUT, refused.exit());
        assertTrue(refused.hint().startsWith("move it away: "), refused::hint);
        assertEquals(title, Files.readString(file()));
    }
}
