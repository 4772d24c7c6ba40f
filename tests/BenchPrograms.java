package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Command lines of the contenders. */
final class BenchPrograms {
    private BenchPrograms() {
    }

    /** MailTool as JBang starts it, with the options in the head of its file. */
    static List<String> mailTool(List<String> words, String... jvmOptions) {
        return java("mailtool.MailTool", words, jvmOptions);
    }

    /** The launcher that install makes in this home folder, for this JDK. */
    static String installed(Path home, Path jdk) {
        SystemCommand.run("env", "HOME=" + home, jdk.resolve("bin/java"), "-Duser.name=bench", "-cp", System.getProperty("java.class.path"), "mailtool.MailTool", "install");
        return home.resolve(".local/bin/mailtool").toString();
    }

    static List<String> java(String mainClass, List<String> words, String... jvmOptions) {
        List<String> command = new ArrayList<>(List.of(ofJdk("java")));
        command.addAll(options());
        command.addAll(Arrays.asList(jvmOptions));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(words);
        return command;
    }

    private static List<String> options() {
        try (Stream<String> lines = Files.lines(root().resolve("MailTool.java"))) {
            return lines.filter(line -> line.startsWith("//JAVA_OPTIONS ")).flatMap(line -> Stream.of(line.split(" ")).skip(1)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String ofJdk(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    static Optional<Path> find(String program) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/bin:/bin";
        return Stream.of(path.split(":")).map(folder -> Path.of(folder, program)).filter(Files::isExecutable).findFirst();
    }

    /** The homes of the JDKs of this machine, each once. */
    static List<Path> jdks() throws IOException {
        try (Stream<Path> homes = Files.exists(Path.of("/usr/lib/jvm")) ? Files.list(Path.of("/usr/lib/jvm")) : Stream.of(Path.of(System.getProperty("java.home")))) {
            return homes.filter(home -> Files.exists(home.resolve("release"))).filter(home -> !Files.isSymbolicLink(home)).sorted().toList();
        }
    }

    /** Which of these programs are not there, for a person. */
    static String missing(String... programs) {
        List<String> missing = Stream.of(programs).filter(program -> find(program).isEmpty()).toList();
        return missing.isEmpty() ? "nothing" : String.join(", ", missing);
    }

    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("jbangw"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("run it within the clone");
        }
        return folder;
    }
}
