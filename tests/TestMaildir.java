package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The messages a server has delivered into a Maildir. */
record TestMaildir(Path folder) {
    /** New and read messages, one byte a character, as the server stored them: with LF. */
    List<String> messages() {
        return Stream.of("new", "cur").map(folder::resolve).flatMap(TestMaildir::files).sorted().map(TestMaildir::text).toList();
    }

    String waitFor(Predicate<String> wanted) {
        return Eventually.forValue("a message in " + folder, () -> messages().stream().filter(wanted).findFirst());
    }

    /** For a text that only the awaited message holds, its Message-ID or subject say. */
    String waitFor(String text) {
        return waitFor(message -> message.contains(text));
    }

    private static Stream<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Stream.empty();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reading a file the server moves away meanwhile gives nothing. */
    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
