package mailtool;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

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
            case "maildir" -> Store.maildir(Path.of(place));
            case "mbox" -> Store.mbox(Path.of(place));
            case "folder" -> Store.folder(Path.of(place));
            default -> Store.pipe(place);
        };
    }

    private static void fill(Store store, int count, int octets) {
        Set<String> known = new HashSet<>();
        store.known(MAILDROP, (line, offset, length, seconds) -> known.add(new String(line, offset, length, StandardCharsets.US_ASCII)));
        if (known.isEmpty()) {
            known.addAll(store.adopt(MAILDROP, IntStream.range(0, count).mapToObj(number -> "uid-" + number)));
        }
        Batch batch = store.batch(MAILDROP);
        for (int number = 0; number < count; number++) {
            if (!known.contains("uid-" + number)) {
                receive(batch, number, octets);
            }
            if (batch.messages.size() == BATCH) {
                store.commit(batch);
                batch = store.batch(MAILDROP);
            }
        }
        store.commit(batch);
    }

    private static void receive(Batch batch, int number, int octets) {
        Incoming incoming = batch.next();
        byte[] head = ("Subject: " + number + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        incoming.write(head, 0, head.length);
        byte[] line = "From here on there is nothing new.\r\n".getBytes(StandardCharsets.US_ASCII);
        for (long written = 0; written < octets; written += line.length) {
            incoming.write(line, 0, line.length);
        }
        byte[] end = ("end of " + number + "\r\n").getBytes(StandardCharsets.US_ASCII);
        incoming.write(end, 0, end.length);
        incoming.complete("uid-" + number);
    }
}
