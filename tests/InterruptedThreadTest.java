package mailtool;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static mailtool.MailTool.bulk;
import static mailtool.MailTool.journal;
import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static mailtool.MailTool.spool;
import static mailtool.MailTool.table;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import mailtool.MailTool.BulkSums;
import mailtool.MailTool.Exit;
import mailtool.MailTool.JournalRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A thread of a script that is interrupted while it works with files of ours: Java would close some of them, and nothing more could be noted. */
class InterruptedThreadTest {
    private static final int COUNT = 300;
    private static final Maildrop OPS = new Maildrop("ops", "mail.example.org");
    private final Scratch scratch = Scratch.create("interrupted");

    @AfterEach
    void removeScratch() {
        Thread.interrupted();
        scratch.close();
    }

    private interface Work {
        void run() throws IOException;
    }

    /** Whoever does that is interrupted again and again, wherever it is. */
    private static void nagged(Work work) throws IOException, InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        Thread worker = Thread.currentThread();
        Thread nagging = new Thread(() -> {
            while (!done.get()) {
                worker.interrupt();
            }
        });
        nagging.start();
        try {
            work.run();
        } finally {
            done.set(true);
            while (nagging.isAlive()) {
                Thread.interrupted();
                LockSupport.parkNanos(1_000_000);
            }
            Thread.interrupted();
        }
    }

    private static MailId id(int number) {
        return new MailId("uid-" + number, String.format("%032x", number));
    }

    private static JournalRecord record(int number) {
        return new JournalRecord("may", "key-" + number, "accepted", "<" + number + "@example.org>", "", List.of("b@example.org"), Instant.EPOCH, 250, "ok", "");
    }

    @Test
    void aCampaignNotesAndReadsAll() throws Exception {
        Path path = scratch.resolve("journal");
        List<String> read = new ArrayList<>();
        nagged(() -> {
            try (CampaignJournal journal = CampaignJournal.open(path, Optional.empty())) {
                IntStream.range(0, COUNT).forEach(number -> {
                    journal.note(List.of(record(number)));
                    journal.sync();
                });
            }
            try (Stream<JournalRecord> records = CampaignJournal.records(path)) {
                records.map(JournalRecord::key).forEach(read::add);
            }
        });
        assertEquals(IntStream.range(0, COUNT).mapToObj(number -> "key-" + number).toList(), read);
    }

    @Test
    void aJournalOfMailsIsWrittenReplacedAndRead() throws Exception {
        List<String> read = new ArrayList<>();
        nagged(() -> {
            try (Journal journal = new Journal(scratch.resolve("journal"))) {
                journal.open();
                for (int number = 0; number < COUNT; number++) {
                    journal.begin("", List.of(Note.stored(OPS, id(number))));
                    journal.done();
                }
                journal.rewrite((lines, out) -> {
                    while (lines.next()) {
                        lines.copyTo(out);
                    }
                });
                journal.known(OPS, (line, seconds) -> read.add(NoteLines.mail(line.text(1)).uid()));
            }
        });
        assertEquals(IntStream.range(0, COUNT).mapToObj(number -> "uid-" + number).toList(), read);
    }

    @ParameterizedTest
    @ValueSource(strings = {"maildir", "folder", "mbox"})
    void aStoreTakesAll(String kind) throws Exception {
        Path place = scratch.resolve("store");
        int count = 60;
        Set<String> known = new TreeSet<>();
        Store closed = switch (kind) {
            case "maildir" -> Store.maildir(place, Fingerprint::of);
            case "folder" -> Store.folder(place, Fingerprint::of);
            default -> Store.mbox(place);
        };
        nagged(() -> {
            try (Store store = closed.open()) {
                for (int number = 0; number < count; number++) {
                    Batch batch = store.batch(OPS);
                    Incoming incoming = batch.next(Optional::empty);
                    incoming.write(("Subject: " + number + "\r\n\r\n" + "x".repeat(9_000) + "\r\n").getBytes(US_ASCII));
                    incoming.complete(id(number));
                    batch.prove();
                    assertEquals(0, store.commit(batch).size());
                }
                store.known(OPS, (line, seconds) -> known.add(NoteLines.mail(line.text(1)).uid()));
            }
        });
        assertEquals(count, known.size());
        Path folder = kind.equals("maildir") ? place.resolve("new") : place;
        List<Path> files = kind.equals("mbox") ? List.of(place) : StoreProcess.files(folder);
        List<String> subjects = new ArrayList<>();
        for (Path file : files) {
            Files.readAllLines(file).stream().filter(line -> line.startsWith("Subject: ")).forEach(subjects::add);
        }
        assertEquals(IntStream.range(0, count).mapToObj(number -> "Subject: " + number).sorted().toList(), subjects.stream().sorted().toList());
    }

    @Test
    void aSpoolTakesAllAndSaysSo() throws Exception {
        MailTool.Spool spool = spool(scratch.resolve("spool"));
        nagged(() -> IntStream.range(0, 60)
                .forEach(number -> spool.put(mail().from("a@example.org").to("b@example.org").subject("" + number).text("x"), "smtp://localhost:1")));
        assertEquals(60, spool.entries().size());
    }

    @Test
    void noLineOfALogIsLost() throws Exception {
        Path log = scratch.resolve("log");
        nagged(() -> {
            for (int number = 0; number < COUNT; number++) {
                Disk.append(log, number + "\n");
            }
        });
        assertEquals(COUNT, Files.readAllLines(log).size());
    }

    @Test
    void aMessageIsReadToItsEnd() throws Exception {
        String part = "--b\r\nContent-Type: text/plain; name=p.txt\r\n\r\nHello\r\n";
        Path file = scratch.write("mail.eml", "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part.repeat(COUNT) + "--b--\r\n");
        nagged(() -> assertEquals(COUNT, MailTool.message(file).attachments().size()));
    }

    /** At any instant: the run ends, what was accepted is known, and the next one brings the rest. */
    @ParameterizedTest
    @ValueSource(strings = {"", "2000/s"})
    void aCampaignThatIsInterruptedAnywhereKnowsWhatWasAccepted(String rate) throws Exception {
        Path template = scratch.write("t.txt", "From: a@example.org\nTo: {{email}}\nSubject: x\n\nHello\n");
        String rows = IntStream.rangeClosed(1, COUNT).mapToObj(number -> number + ",u" + number + "@example.org\n").collect(Collectors.joining());
        Random random = new Random(17);
        for (int round = 0; round < 3; round++) {
            Path people = scratch.write("people" + round + ".csv", "id,email\n" + rows);
            MailTool.Bulk campaign = bulk(table(people)).template(template).campaign("may").key("id");
            try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING")) {
                server.start();
                Thread worker = Thread.currentThread();
                int enough = random.nextInt(COUNT - 100);
                Thread interrupting = new Thread(() -> {
                    Eventually.until("some mails", () -> server.messages().size() >= enough);
                    worker.interrupt();
                });
                interrupting.start();
                BulkSums sums = (rate.isEmpty() ? campaign : campaign.rate(rate)).send(smtp(server.url()), outcome -> { });
                assertTrue(Set.of(Exit.OK, Exit.INTERRUPTED).contains(sums.exit()), () -> sums + " " + sums.failure());
                while (interrupting.isAlive()) {
                    LockSupport.parkNanos(1_000_000);
                }
                Thread.interrupted();
                try (Stream<JournalRecord> records = journal(scratch.resolve(people.getFileName() + ".mailtool"))) {
                    Set<String> accepted = records.filter(one -> one.state().equals("accepted")).map(JournalRecord::key).collect(Collectors.toSet());
                    assertEquals(server.messages().size(), accepted.size(), sums::toString);
                }
                campaign.send(smtp(server.url()), outcome -> { });
                assertEquals(COUNT, server.messages().size());
            }
        }
    }
}
