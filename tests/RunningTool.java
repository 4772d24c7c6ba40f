package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;

/** A {@link Tool} at work. */
final class RunningTool implements AutoCloseable {
    private static final long DEADLINE_SECONDS = 300;

    private final Process process;
    private final Scratch scratch;

    RunningTool(Process process, Scratch scratch) {
        this.process = process;
        this.scratch = scratch;
    }

    Process process() {
        return process;
    }

    String outSoFar() {
        return new String(content("stdout"), StandardCharsets.UTF_8);
    }

    String errSoFar() {
        return new String(content("stderr"), StandardCharsets.UTF_8);
    }

    RunningTool awaitOutput(String text) {
        Eventually.until("the output <" + text + ">", () -> outSoFar().contains(text) || errSoFar().contains(text));
        return this;
    }

    RunningTool type(String text) {
        try {
            process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For example INT. */
    RunningTool signal(String name) {
        SystemCommand.run("kill", "-" + name, process.pid());
        return this;
    }

    Tool.Result await() {
        try {
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("still running after " + DEADLINE_SECONDS + " s\n--- stdout\n" + outSoFar() + "\n--- stderr\n" + errSoFar());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return new Tool.Result(process.exitValue(), content("stdout"), errSoFar());
    }

    private byte[] content(String name) {
        try {
            return Files.readAllBytes(scratch.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills what still runs. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
        scratch.close();
    }
}
