package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A {@link StoreFiller} in a process of its own. */
final class StoreProcess {
    private final String limits;
    private final Path state;

    /** {@code limits} is what a shell does before; pipes keep their journal in {@code state}. */
    StoreProcess(String limits, Path state) {
        this.limits = limits;
        this.state = state;
    }

    Tool.Result run(Object... arguments) {
        try (RunningTool running = start(arguments)) {
            return running.await();
        }
    }

    RunningTool start(Object... arguments) {
        List<Object> command = new ArrayList<>(List.of("/bin/sh", "-c", limits + "exec \"$@\"", "sh"));
        command.addAll(Java.command());
        command.addAll(List.of("-Xmx48m", "mailtool.StoreFiller"));
        command.addAll(List.of(arguments));
        return Program.of(command.toArray()).env("XDG_STATE_HOME", state).env("MAILTOOL_PASSWORD", "secret").start();
    }

    /** Kills one at work, some time after it has opened its store. */
    void runAndKill(long micros, Object... arguments) {
        try (RunningTool running = start(arguments)) {
            running.awaitOutput("open");
            Thread.sleep(micros / 1000, (int) (micros % 1000) * 1000);
            running.process().destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Those of a folder, in order. */
    static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
