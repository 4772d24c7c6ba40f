package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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

/** A journal of any kind of record: batches, torn ends, versions, replacement. */
final class JournalTest {
    @TempDir
    private Path folder;

    /** Records that are JSON, a line each. */
    private static final class JsonLines implements JournalFormat<String> {
        @Override
        public String title() {
            return "test journal 3";
        }

        @Override
        public String adviceOnOthers() {
            return "move it away";
        }

        @Override
        public void write(List<String> records, Appendable lines) throws IOException {
            for (String record : records) {
                lines.append(record).append('\n');
            }
        }

        @Override
        public List<String> read(List<String> lines) {
            return lines.stream().filter(line -> line.startsWith("{")).toList();
        }
    }

    private Path file() {
        return folder.resolve("journal");
    }

    private Journal<String> opened() throws IOException {
        Journal<String> journal = new Journal<>(file(), new JsonLines());
        journal.open();
        return journal;
    }

    private static List<String> records(Journal<String> journal) throws IOException {
        List<String> records = new ArrayList<>();
        journal.read(lines -> {
            while (lines.next()) {
                if (lines.kind() == '{') {
                    records.add(lines.text());
                }
            }
        });
        return records;
    }

    @Test
    void whatIsDoneIsThereWhenItIsOpenedAgain() throws IOException {
        try (Journal<String> journal = opened()) {
            journal.record(List.of("{\"n\":1}"));
            journal.begin("", List.of("{\"n\":2}", "{\"n\":3}"));
            journal.done();
        }
        try (Journal<String> journal = opened()) {
            assertEquals(List.of("{\"n\":1}", "{\"n\":2}", "{\"n\":3}"), records(journal));
            assertTrue(journal.pending().isEmpty());
        }
    }

    @Test
    void whatWasBegunAndNotEndedIsHandedOverAndSettled() throws IOException {
        try (Journal<String> journal = opened()) {
            journal.record(List.of("{\"n\":1}"));
            journal.begin(" 17 at its end", List.of("{\"n\":2}", "{\"n\":3}"));
        }
        try (Journal<String> journal = opened()) {
            assertEquals(List.of("{\"n\":1}"), records(journal));
            assertEquals(List.of("{\"n\":2}", "{\"n\":3}"), journal.pending().orElseThrow().records());
            assertEquals(" 17 at its end", journal.pending().orElseThrow().place());
            assertThrows(IOException.class, () -> journal.record(List.of("{\"n\":4}")));
            journal.settle(List.of("{\"n\":3}"));
            journal.record(List.of("{\"n\":4}"));
        }
        try (Journal<String> journal = opened()) {
            assertEquals(List.of("{\"n\":1}", "{\"n\":3}", "{\"n\":4}"), records(journal));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"b", "begin 17", "{\"n\":", "don", "done", "\0\0"})
    void aTornEndIsCut(String torn) throws IOException {
        try (Journal<String> journal = opened()) {
            journal.record(List.of("{\"n\":1}"));
        }
        Files.writeString(file(), torn, StandardOpenOption.APPEND);
        try (Journal<String> journal = opened()) {
            journal.record(List.of("{\"n\":2}"));
            assertEquals(List.of("{\"n\":1}", "{\"n\":2}"), records(journal));
        }
    }

    @Test
    void whatIsUndoneIsForgotten() throws IOException {
        try (Journal<String> journal = opened()) {
            journal.begin("", List.of("{\"n\":1}"));
            journal.undo();
            journal.record(List.of("{\"n\":2}"));
            assertEquals(List.of("{\"n\":2}"), records(journal));
        }
    }

    @Test
    void itIsReplacedInOneStep() throws IOException {
        try (Journal<String> journal = opened()) {
            journal.record(List.of("{\"n\":1}", "{\"n\":2}"));
            journal.rewrite((lines, out) -> {
                while (lines.next()) {
                    if (!lines.text().contains("1")) {
                        lines.copyTo(out);
                    }
                }
                assertTrue(Files.exists(folder.resolve("journal.new")));
                assertTrue(Files.readString(file()).contains("{\"n\":1}"));
            });
            assertEquals(List.of("{\"n\":2}"), records(journal));
        }
        assertEquals(List.of(file()), StoreProcess.files(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"test journal 2\n", "test journal 33\n", "mailtool journal 2\n", "", "test journal 3"})
    void oneOfAnotherVersionIsRefused(String title) throws IOException {
        Files.writeString(file(), title);
        MailException refused = assertThrows(MailException.class, this::opened);
        assertEquals(Exit.OUTPUT, refused.exit());
        assertEquals("move it away", refused.hint());
        assertEquals(title, Files.readString(file()));
    }
}
