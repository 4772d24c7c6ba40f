package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What lies in a store, as other programs read it: one byte a character, in no particular order. */
final class StoredMail {
    private static final Pattern QUOTED_FROM = Pattern.compile("^>(>*From )", Pattern.MULTILINE | Pattern.UNIX_LINES);
    private static final Pattern MESSAGE = Pattern.compile("From MAILER-DAEMON [^\\n]*\\n(.*?)\\n(?=From |\\z)", Pattern.DOTALL);

    private StoredMail() {
    }

    /** The messages of the store that an option names. */
    static List<String> in(String place, Path where) {
        return switch (place) {
            case "maildir" -> new TestMaildir(where).messages();
            case "mbox" -> mbox(where);
            case "dir" -> folder(where);
            default -> throw new IllegalArgumentException(place);
        };
    }

    private static List<String> folder(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".eml")).sorted().map(StoredMail::text).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads mboxrd: every message follows an empty line and loses one quote. */
    static List<String> mbox(Path file) {
        List<String> messages = new ArrayList<>();
        String whole = Files.exists(file) ? text(file) : "";
        Matcher message = MESSAGE.matcher(whole);
        int end = 0;
        while (message.find()) {
            if (message.start() != end) {
                throw new AssertionError("no message begins at " + end + " of " + file + ": " + whole.substring(end, Math.min(end + 200, whole.length())));
            }
            messages.add(QUOTED_FROM.matcher(message.group(1)).replaceAll("$1"));
            end = message.end();
        }
        if (end != whole.length()) {
            throw new AssertionError("no whole message at " + end + " of " + file);
        }
        return messages;
    }

    static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server's message as a store with LF line ends holds it; on its way it got a final line end. */
    static String withLf(String message) {
        String ended = message.isEmpty() || message.endsWith("\r\n") ? message : message + "\r\n";
        return ended.replace("\r\n", "\n");
    }

    /** Makes all in a store's journal look so much older. */
    static void age(Path journal, long seconds) {
        String aged = Pattern.compile("(?m)^begin (\\d+)").matcher(text(journal)).replaceAll(found -> "begin " + (Long.parseLong(found.group(1)) - seconds));
        try {
            Files.writeString(journal, aged, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
