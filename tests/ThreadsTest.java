package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.message;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import mailtool.MailTool.Attachment;
import mailtool.MailTool.Mail;
import mailtool.MailTool.Message;
import mailtool.MailTool.Server;
import mailtool.MailTool.Smtp;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Values of a script that several threads use at once. */
final class ThreadsTest {
    private static final int THREADS = 6;
    /** So often, as threads meet by chance. */
    private static final int ROUNDS = 20;

    @AutoClose
    private final Scratch folder = Scratch.create("threads");

    private static <T> List<T> together(Callable<T> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            CyclicBarrier start = new CyclicBarrier(THREADS);
            List<Future<T>> running = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                running.add(threads.submit(() -> {
                    start.await();
                    return work.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> one : running) {
                results.add(one.get());
            }
            return results;
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void aServerAsksForItsPasswordOnceWhoeverOpensIt() throws Exception {
        Path asked = folder.resolve("asked");
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "secret").start()) {
            Server<Smtp> server = smtp(fake.url("ops")).set("password-command", "echo x >>'" + asked + "'; sleep 0.2; echo secret");
            together(() -> {
                server.open().close();
                return true;
            });
            assertEquals(List.of("x"), Files.readAllLines(asked));
        }
    }

    @Test
    void aStreamIsWholeInWhateverIsPreparedOfItsMail() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] content = new byte[300_000];
            new Random(round).nextBytes(content);
            Mail mail = mail().from("a@example.org").to("b@example.org").text("x").attach("data.bin", new ByteArrayInputStream(content));
            for (byte[] source : together(() -> source(mail))) {
                try (InputStream in = message(new ByteArrayInputStream(source)).attachments().get(0).open()) {
                    assertArrayEquals(content, in.readAllBytes());
                }
            }
        }
    }

    private static byte[] source(Mail mail) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        mail.prepare().writeTo(octets);
        return octets.toByteArray();
    }

    @Test
    void aMessageTellsEachOfThemAllThatIsWrongWithIt() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Message message = message(spoilt());
            for (int warnings : together(() -> {
                int most = 0;
                for (Attachment part : message.attachments()) {
                    part.size();
                    most = Math.max(most, message.warnings().size());
                }
                return most;
            })) {
                assertEquals(100, warnings);
            }
        }
    }

    @Test
    void partsOfOneNameAreSavedUnderAsManyNames() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Path saved = folder.resolve("saved" + round);
            Message message = message(spoilt());
            List<List<Path>> places = together(() -> message.attachments().stream().map(part -> part.saveTo(saved)).toList());
            try (Stream<Path> files = Files.list(saved)) {
                assertEquals(places.stream().flatMap(List::stream).sorted().toList(), files.sorted().toList());
            }
        }
    }

    /** As one does who ends the run from outside, while a message that goes again forgets why. */
    @Test
    void whatBecameOfAMessageIsToldWheneverSomebodyAsks() throws Exception {
        Transaction message = new Transaction(mail().from("a@example.org").to("b@example.org").text("x").prepare());
        List<Boolean> told = together(() -> {
            for (int i = 0; i < 100_000; i++) {
                message.fail(MailTool.MailException.usage("refused"));
                message.delivery();
                message.revoke(false);
            }
            return true;
        });
        assertEquals(THREADS, told.size());
    }

    /** A hundred parts, each of which says that it is base64 and is none. */
    private static ByteArrayInputStream spoilt() {
        String part = "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=f.txt\nContent-Transfer-Encoding: base64\n\n%%$ no: %d\n";
        String parts = IntStream.range(0, 100).mapToObj(number -> part.replace("%d", "" + number)).collect(Collectors.joining());
        String head = "From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n";
        return new ByteArrayInputStream((head + parts + "--b--\n").getBytes(StandardCharsets.US_ASCII));
    }
}
