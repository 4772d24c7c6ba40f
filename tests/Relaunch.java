package mailtool;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs the tests again in a process with the environment that Testcontainers wants: it reads these settings from nowhere else. Our fixtures remove their containers
 * themselves, so that no second image has to be pulled for a container that would. Java's options are those of this process.
 */
final class Relaunch {
    private static final String NO_CLEANER = "TESTCONTAINERS_RYUK_DISABLED";
    private static final String ENGINE_ADDRESS = "TESTCONTAINERS_HOST_OVERRIDE";

    private Relaunch() {
    }

    static boolean isNeeded() {
        return System.getenv(NO_CLEANER) == null;
    }

    /** The exit code of the new process. */
    static int run(Class<?> mainClass, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // A debugger's port can't be had twice.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream().filter(option -> !option.startsWith("-agentlib:")).forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        addSettings(builder.environment());
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process)));
        return process.waitFor();
    }

    private static void addSettings(Map<String, String> environment) {
        environment.put(NO_CLEANER, "true");
        // Inside a container Testcontainers looks for the engine outside, also where it runs inside.
        if (engineIsHere()) {
            environment.putIfAbsent(ENGINE_ADDRESS, "127.0.0.1");
        }
    }

    private static boolean engineIsHere() {
        return ProcessHandle.allProcesses()
            .flatMap(process -> process.info().command().stream())
            .anyMatch(command -> command.endsWith("/dockerd"));
    }

    private static void end(Process process) {
        process.destroy();
        process.onExit().join();
    }
}
