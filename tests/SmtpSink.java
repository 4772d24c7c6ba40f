package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Postfix's smtp-sink: fast, and without end. With {@link #keeping} it writes each message to a file. */
final class SmtpSink implements AutoCloseable {
    private static final int BACKLOG = 100;

    private final Scratch scratch = Scratch.create("sink");
    private final int port = LocalPorts.free();
    private final Process process;

    private SmtpSink(Path program, List<String> options) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        if (Need.isRoot()) {
            command.addAll(List.of("-u", "nobody"));
        }
        command.addAll(options);
        command.addAll(List.of("127.0.0.1:" + port, Integer.toString(BACKLOG)));
        process = start(command);
        Eventually.until("smtp-sink", this::isUp);
    }

    /** Options are those of smtp-sink(1), for example {@code "-r", "RCPT"} to refuse recipients for now, or {@code "-L"} for LMTP. */
    static SmtpSink start(String... options) {
        return new SmtpSink(Need.program("smtp-sink"), List.of(options));
    }

    /** Keeps the messages. */
    static SmtpSink keeping(String... options) {
        List<String> all = new ArrayList<>(List.of("-d", "message."));
        all.addAll(List.of(options));
        return start(all.toArray(String[]::new));
    }

    int port() {
        return port;
    }

    /** What was kept: lines X-Client-Addr, X-Client-Proto, X-Helo-Args, X-Mail-Args, X-Rcpt-Args and Received, then the message, with LF. */
    List<String> messages() {
        try (Stream<Path> files = Files.list(scratch.path())) {
            return files.filter(file -> file.getFileName().toString().startsWith("message.")).sorted().map(SmtpSink::text).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process start(List<String> command) {
        try {
            // It has given up root by the time it writes.
            Files.setPosixFilePermissions(scratch.path(), PosixFilePermissions.fromString("rwxrwxrwx"));
            return new ProcessBuilder(command)
                .directory(scratch.path().toFile())
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("log").toFile())
                .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isUp() {
        if (!process.isAlive()) {
            throw new AssertionError("smtp-sink ended: " + text(scratch.resolve("log")));
        }
        return LocalPorts.answers(port);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
        scratch.close();
    }
}
