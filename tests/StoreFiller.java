package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

import mailtool.MailTool.MailException;

/**
 * A process that stores the messages 0 to COUNT-1 of one maildrop, those that the store does not know: {@code StoreFiller KIND PLACE COUNT OCTETS}. Says
 * {@code open} when it begins, and exits as the tool would. Without COUNT it holds the store open until it is killed.
 */
@SuppressWarnings("auxiliaryclass")
final class StoreFiller {
    static final Maildrop MAILDROP = new Maildrop("ops", "mail.example.org");
    private static final int BATCH = 10;

    private StoreFiller() {
    }

    public static void main(String... arguments) throws InterruptedException {
        try (Store store = store(arguments[0], arguments[1]).open()) {
            System.out.println("open");
            if (arguments.length == 2) {
                Thread.currentThread().join();
            }
            fill(store, Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
        } catch (MailException e) {
            System.err.println(e.getMessage());
            System.exit(e.exit().code);
        }
    }

    private static Store store(String kind, String place) {
        return switch (kind) {
            case "maildir" -> Store.maildir(Path.of(place), Fingerprint::of);
            case "mbox" -> Store.mbox(Path.of(place));
            case "folder" -> Store.folder(Path.of(place), Fingerprint::of);
            default -> new PipeStore(place, false);
        };
    }

    private static void fill(Store store, int count, int octets) {
        Set<String> known = new HashSet<>();
        store.known(MAILDROP, (line, seconds) -> known.add(NoteLines.mail(line.text(1)).identity()));
        if (known.isEmpty()) {
            store.seen(MAILDROP).values().forEach(identity -> identity.get().ifPresent(known::add));
        }
        Batch batch = store.batch(MAILDROP);
        for (int number = 0; number < count; number++) {
            if (!known.contains(mail(number).identity())) {
                receive(batch, number, octets);
                batch.prove();
            }
            if (batch.messages.size() == BATCH) {
                commit(store, batch);
                batch = store.batch(MAILDROP);
            }
        }
        commit(store, batch);
    }

    private static void commit(Store store, Batch batch) {
        store.commit(batch).values().forEach(why -> {
            throw why;
        });
    }

    private static void receive(Batch batch, int number, int octets) {
        Incoming incoming = batch.next(() -> Optional.of(""));
        byte[] head = head(number);
        incoming.write(head, 0, head.length);
        byte[] line = "From here on there is nothing new.\r\n".getBytes(StandardCharsets.US_ASCII);
        for (long written = 0; written < octets; written += line.length) {
            incoming.write(line, 0, line.length);
        }
        byte[] end = ("end of " + number + "\r\n").getBytes(StandardCharsets.US_ASCII);
        incoming.write(end, 0, end.length);
        incoming.complete(mail(number));
    }

    private static byte[] head(int number) {
        return ("Subject: " + number + "\r\nMessage-ID: <" + number + "@example.org>\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    static MailId mail(int number) {
        Fingerprint print = Fingerprint.ofHeader();
        try {
            print.write(head(number), 0, head(number).length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new MailId("uid-" + number, print.identity());
    }
}
