package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * MailTool as a user runs it: in a process of its own, whose environment holds nothing but PATH, a UTF-8 locale and an empty home folder, which it also
 * works in. {@code Tool.run("send", …)} is short for {@code Tool.with().call("send", …)}.
 */
final class Tool {
    /** What does much at a time, as the installed launcher has it. */
    private static final Map<String, String> COMPILED_SOONER = Map.of("bulk", "-XX:CompileThresholdScaling=0.5",
        "queue", "-XX:CompileThresholdScaling=0.5", "fetch", "-XX:CompileThresholdScaling=2");

    private final Scratch scratch = Scratch.create("tool");
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<String> jvmOptions = new ArrayList<>();
    private byte[] stdin = {};
    private boolean stdinOpen;
    private boolean terminal;
    private String redirections = "";
    private List<String> prefix = List.of();
    private Path folder = scratch.folder("home");
    private List<String> java = Java.command();

    /** How a run ended. */
    record Result(int exit, byte[] stdout, String err) {
        String out() {
            return new String(stdout, StandardCharsets.UTF_8);
        }

        /** Both streams, for the message of an assertion. */
        @Override
        public String toString() {
            return "exit " + exit + "\n--- stdout\n" + out() + "\n--- stderr\n" + err;
        }
    }

    private Tool() {
        environment.put("PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
        environment.put("LANG", "C.UTF-8");
        environment.put("HOME", folder.toString());
    }

    static Tool with() {
        return new Tool();
    }

    static Result run(String... arguments) {
        return with().call(arguments);
    }

    Tool stdin(String text) {
        return stdin(text.getBytes(StandardCharsets.UTF_8));
    }

    Tool stdin(byte[] content) {
        stdin = content;
        return this;
    }

    /** Leaves the standard input to {@link RunningTool#type}, for {@link #start}. */
    Tool stdinOpen() {
        stdinOpen = true;
        return this;
    }

    Tool env(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Tool without(String name) {
        environment.remove(name);
        return this;
    }

    Tool home(Path home) {
        return env("HOME", home.toString());
    }

    /** On another JDK than that of the tests, if it can run what that has compiled. */
    Tool on(int version) {
        Need.that(version >= Runtime.version().feature(), "what this JDK has compiled does not run on " + version);
        java = Java.commandOn(Jdks.needed(version));
        return this;
    }

    /** The working folder. */
    Tool in(Path folder) {
        this.folder = folder;
        return this;
    }

    /** By a shell's words before the command, for example {@code "ulimit -f 64; exec"}. */
    Tool through(String words) {
        prefix = List.of("/bin/sh", "-c", words + " \"$@\"", "sh");
        return this;
    }

    /** For example {@code -Xmx64m}. */
    Tool jvm(String... options) {
        jvmOptions.addAll(List.of(options));
        return this;
    }

    /** The only host names the tool can look up, as lines of a hosts file: {@code "127.0.0.1 mail.example.org"}. */
    Tool hosts(String... lines) {
        Path file = scratch.write("hosts", String.join("\n", lines) + "\n");
        return jvm("-Djdk.net.hosts.file=" + file);
    }

    /** Runs it on a pseudo terminal, where its output comes as stdout, both streams together, with CRLF. */
    Tool onTerminal() {
        terminal = true;
        return this;
    }

    /** On a terminal that some of its streams are not, for example {@code "<letter.txt >log"}. */
    Tool onTerminalBut(String redirections) {
        this.redirections = " " + redirections;
        return onTerminal();
    }

    /** Runs it to its end, which must come within the deadline. */
    Result call(String... arguments) {
        try (RunningTool running = start(arguments)) {
            return running.await();
        }
    }

    RunningTool start(String... arguments) {
        List<String> command = command(arguments);
        ProcessBuilder builder = new ProcessBuilder(terminal ? onTerminal(command) : withoutTerminal(command));
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.directory(folder.toFile());
        builder.redirectOutput(scratch.resolve("stdout").toFile());
        builder.redirectError(scratch.resolve("stderr").toFile());
        if (!stdinOpen) {
            builder.redirectInput(scratch.write("stdin", stdin).toFile());
        }
        try {
            return new RunningTool(builder.start(), scratch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(java);
        Stream.of(arguments).limit(1).map(COMPILED_SOONER::get).filter(Objects::nonNull).forEach(command::add);
        command.addAll(jvmOptions);
        command.add("mailtool.MailTool");
        command.addAll(List.of(arguments));
        return command;
    }

    /** Not even the one that the tests were started on, where it could ask for a password. */
    private static List<String> withoutTerminal(List<String> command) {
        return Need.find("setsid").map(setsid -> Stream.concat(Stream.of(setsid.toString()), command.stream()).toList()).orElse(command);
    }

    private List<String> onTerminal(List<String> command) {
        String quoted = command.stream().map(word -> "'" + word.replace("'", "'\\''") + "'").collect(Collectors.joining(" "));
        return List.of(Need.program("script").toString(), "-q", "-e", "-c", quoted + redirections, "/dev/null");
    }
}
