package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of the system to its end. Its output goes through a file, which no daemon it leaves behind can keep open. */
final class SystemCommand {
    private SystemCommand() {
    }

    /** The output, both streams together; a failure of the program is one of the caller. */
    static String run(Object... words) {
        List<String> command = Arrays.stream(words).map(Object::toString).toList();
        try {
            Path output = Files.createTempFile("mailtool-command-", ".txt");
            try {
                return run(command, output);
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String run(List<String> command, Path output) throws IOException {
        Process process = new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
        if (!ended(process)) {
            process.destroyForcibly();
            throw new IllegalStateException("does not end: " + command + "\n" + text(output));
        }
        if (process.exitValue() != 0) {
            throw new IllegalStateException("exit " + process.exitValue() + ": " + command + "\n" + text(output));
        }
        return text(output);
    }

    private static boolean ended(Process process) {
        try {
            return process.waitFor(Eventually.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static String text(Path output) throws IOException {
        return Files.readString(output, StandardCharsets.ISO_8859_1);
    }
}
