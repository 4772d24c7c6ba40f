///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Measures speed and memory beside the rivals found on this machine, all against Postfix's smtp-sink.
//DESCRIPTION ./jbangw bench; ./jbangw bench --quick shows only that it works
//SOURCES ../MailTool.java
package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import mailtool.MailTool.Mail;

/** Every figure is the median of several runs of whole processes, from start to end; the contenders take turns. */
public final class Bench {
    private static final int PORT = 20_000 + (int) (ProcessHandle.current().pid() % 10_000);
    private static final String URL = "smtp://127.0.0.1:" + PORT;
    private static final String FROM = "a@example.org";
    private static final String TO = "b@example.org";
    private static final List<String> SMALL = List.of("send", "-S", URL, "-f", FROM, "-t", TO, "-s", "Hi", "--text", "Hello");

    private final boolean quick;
    private final int rounds;
    private final int megabytes;
    private final int messages;
    private final Path folder;
    private final Path root;

    /** What a program took: time, time of the processors, and the largest resident memory, 0 where the system doesn't tell. */
    private record Cost(double seconds, double cpuSeconds, double peakMegabytes) {
    }

    private Bench(boolean quick, Path folder, Path root) {
        this.quick = quick;
        this.rounds = quick ? 1 : 5;
        this.megabytes = quick ? 2 : 200;
        this.messages = quick ? 200 : 20_000;
        this.folder = folder;
        this.root = root;
    }

    public static void main(String... args) throws Exception {
        if (args.length > 0 && args[0].equals("send-all")) {
            double seconds = sendAll(args[1], Integer.parseInt(args[2]));
            Files.writeString(Path.of(args[3]), seconds + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return;
        }
        Optional<Path> sink = find("smtp-sink");
        if (sink.isEmpty()) {
            System.err.println("bench needs smtp-sink, which comes with Postfix");
            System.exit(69);
        }
        Path folder = Files.createTempDirectory("mailtool-bench-");
        Process server = startSink(sink.get());
        try {
            new Bench(List.of(args).contains("--quick"), folder, root()).run();
        } finally {
            server.destroy();
            try (Stream<Path> files = Files.list(folder)) {
                files.forEach(file -> file.toFile().delete());
            }
            Files.delete(folder);
        }
    }

    private void run() throws Exception {
        System.out.printf("%s, %d processors, %s %s, %s%n", processor(), Runtime.getRuntime().availableProcessors(), System.getProperty("os.name"), System.getProperty("os.version"), LocalDate.now());
        List<String> missing = Stream.of("curl", "smtp-source", "swaks", "msmtp").filter(rival -> find(rival).isEmpty()).toList();
        System.out.printf("not installed, so not measured: %s%n", missing.isEmpty() ? "nothing" : String.join(", ", missing));
        System.out.printf("MailTool on %s %s; median of %d, whole processes from start to end%n", System.getProperty("java.vm.name"), System.getProperty("java.version"), rounds);
        attachment();
        many();
        small();
    }

    // The three figures

    private void attachment() throws Exception {
        Path file = folder.resolve("attachment.bin");
        Path message = folder.resolve("message.eml");
        writeRandom(file, megabytes);
        List<String> send = new ArrayList<>(SMALL);
        send.addAll(List.of("-a", file.toString()));
        List<String> dryRun = new ArrayList<>(send);
        dryRun.add("--dry-run");
        cost(mailTool(dryRun), message);

        Map<String, List<String>> contenders = new LinkedHashMap<>();
        contenders.put("mailtool send -a, heap of 64 MB", mailTool(send, "-Xmx64m"));
        rival(contenders, "curl -T, message ready-made", "curl", "-sS", "-T", message.toString(), "--mail-from", FROM, "--mail-rcpt", TO, URL);
        rival(contenders, "swaks --attach", "swaks", "-s", "127.0.0.1", "-p", "" + PORT, "-f", FROM, "-t", TO, "--attach", "@" + file, "--silent", "3");
        rival(contenders, "msmtp, message ready-made", "sh", "-c", "exec msmtp --host=127.0.0.1 --port=" + PORT + " -f " + FROM + " " + TO + " < " + message);
        Map<String, Cost> costs = measure(contenders);
        Cost ours = costs.get("mailtool send -a, heap of 64 MB");
        System.out.printf("%nOne attachment of %d MB%n", megabytes);
        costs.forEach((name, cost) -> row(name, "%6.2f s  %5.2f s cpu  %4.0f MB".formatted(cost.seconds, cost.cpuSeconds, cost.peakMegabytes)));
        ratio("time, against curl", ours, costs.get("curl -T, message ready-made"), 1.3);
        verdict("peak memory", ours.peakMegabytes, 128, "MB", ours.peakMegabytes < 128);
    }

    private void many() throws Exception {
        Map<String, List<String>> contenders = new LinkedHashMap<>();
        Path sessions = folder.resolve("sessions");
        contenders.put("mailtool, sendAll", java("mailtool.Bench", List.of("send-all", URL, "" + messages, sessions.toString())));
        rival(contenders, "smtp-source -s 1 -d", "smtp-source", "-s", "1", "-d", "-l", "2048", "-m", "" + messages, "-f", FROM, "-t", TO, "127.0.0.1:" + PORT);
        Map<String, Cost> costs = measure(contenders);
        System.out.printf(Locale.ROOT, "%n%,d messages of 2 KB over one connection%n", messages);
        costs.forEach((name, cost) -> row(name, "%6.2f s  %5.2f s cpu  %,7.0f a second".formatted(cost.seconds, cost.cpuSeconds, messages / cost.seconds)));
        double session = median(Files.readAllLines(sessions).stream().mapToDouble(Double::parseDouble).toArray());
        row("  of it from open() to close()", "%6.2f s".formatted(session));
        Cost rival = costs.get("smtp-source -s 1 -d");
        if (rival != null) {
            double times = rival.seconds / session;
            row("  against smtp-source, whole processes", "%6.2f x".formatted(rival.seconds / costs.get("mailtool, sendAll").seconds));
            verdict("against smtp-source, from open() to close()", times, 4, "x", times >= 4);
        }
    }

    private void small() throws Exception {
        Path empty = Files.writeString(folder.resolve("Empty.java"), "class Empty { public static void main(String[] args) { } }");
        cost(List.of(program("javac"), "-d", folder.toString(), empty.toString()), null);
        Path archive = folder.resolve("mailtool.jsa");
        cost(mailTool(SMALL, "-XX:ArchiveClassesAtExit=" + archive), null);
        List<String> jbang = new ArrayList<>(List.of(root.resolve("jbangw").toString(), root.resolve("MailTool.java").toString()));
        jbang.addAll(SMALL);
        cost(jbang, null);

        Map<String, List<String>> contenders = new LinkedHashMap<>();
        contenders.put("empty Java program", List.of(program("java"), "-cp", folder.toString(), "Empty"));
        contenders.put("mailtool, the JVM's part", mailTool(SMALL, "-XX:SharedArchiveFile=" + archive));
        contenders.put("mailtool, without the archive", mailTool(SMALL));
        contenders.put("./jbangw MailTool.java", jbang);
        rival(contenders, "swaks", "swaks", "-s", "127.0.0.1", "-p", "" + PORT, "-f", FROM, "-t", TO, "--silent", "3");
        Map<String, Cost> costs = measure(contenders);
        System.out.printf("%nOne small message%n");
        costs.forEach((name, cost) -> row(name, "%6.0f ms".formatted(1000 * cost.seconds)));
        ratio("the JVM's part, against an empty program", costs.get("mailtool, the JVM's part"), costs.get("empty Java program"), 2.5);
        row("  what JBang adds", "%6.0f ms".formatted(1000 * (costs.get("./jbangw MailTool.java").seconds - costs.get("mailtool, the JVM's part").seconds)));
    }

    private static double sendAll(String url, int count) {
        String text = "A line of text that is seventy-one characters long with its line end.\n".repeat(25);
        Stream<Mail> mails = IntStream.range(0, count).mapToObj(i -> mail().from(FROM).to(TO).subject("Message " + i).text(text));
        int[] sent = new int[1];
        long started = System.nanoTime();
        try (var smtp = smtp(url).open()) {
            smtp.sendAll(mails, delivery -> sent[0] += delivery.ok() ? 1 : 0);
        }
        if (sent[0] != count) {
            throw new IllegalStateException(sent[0] + " of " + count + " sent");
        }
        return (System.nanoTime() - started) / 1e9;
    }

    // Contenders

    /** MailTool as JBang starts it, with the options in the head of its file. */
    private List<String> mailTool(List<String> words, String... more) throws IOException {
        return java("mailtool.MailTool", words, more);
    }

    private List<String> java(String mainClass, List<String> words, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(program("java")));
        try (Stream<String> lines = Files.lines(root.resolve("MailTool.java"))) {
            lines.filter(line -> line.startsWith("//JAVA_OPTIONS ")).forEach(line -> command.addAll(List.of(line.split(" ")).subList(1, line.split(" ").length)));
        }
        command.addAll(Arrays.asList(more));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(words);
        return command;
    }

    private static String program(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private static void rival(Map<String, List<String>> contenders, String name, String... command) {
        String program = name.replaceFirst("[ ,].*", "");
        if (find(program).isPresent()) {
            List<String> words = new ArrayList<>(List.of(command));
            words.replaceAll(word -> word.equals(program) ? find(program).get().toString() : word);
            contenders.put(name, words);
        }
    }

    private static Optional<Path> find(String program) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/bin:/bin";
        return Stream.of(path.split(":")).map(folder -> Path.of(folder, program)).filter(Files::isExecutable).findFirst();
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("jbangw"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("run it within the clone");
        }
        return folder;
    }

    private static Process startSink(Path sink) throws Exception {
        List<String> command = new ArrayList<>(List.of(sink.toString()));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("-u", "nobody"));
        }
        command.addAll(List.of("127.0.0.1:" + PORT, "100"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        for (int attempt = 0; !answers(); attempt++) {
            if (attempt == 500 || !process.isAlive()) {
                throw new IllegalStateException("smtp-sink does not start on port " + PORT);
            }
            Thread.sleep(10);
        }
        return process;
    }

    private static boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), PORT)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void writeRandom(Path file, int megabytes) throws IOException {
        Random random = new Random(1);
        byte[] block = new byte[1_000_000];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < megabytes; i++) {
                random.nextBytes(block);
                out.write(block);
            }
        }
    }

    // Measuring

    private Map<String, Cost> measure(Map<String, List<String>> contenders) throws Exception {
        Map<String, List<Cost>> all = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, List<String>> contender : contenders.entrySet()) {
                all.computeIfAbsent(contender.getKey(), name -> new ArrayList<>()).add(cost(contender.getValue(), null));
            }
        }
        Map<String, Cost> medians = new LinkedHashMap<>();
        all.forEach((name, costs) -> medians.put(name, new Cost(
            median(costs.stream().mapToDouble(Cost::seconds).toArray()),
            median(costs.stream().mapToDouble(Cost::cpuSeconds).toArray()),
            costs.stream().mapToDouble(Cost::peakMegabytes).max().orElse(0))));
        return medians;
    }

    private static double median(double... values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private Cost cost(List<String> command, Path output) throws Exception {
        Path log = folder.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile()).redirectError(log.toFile());
        builder.redirectOutput(output == null ? ProcessBuilder.Redirect.DISCARD : ProcessBuilder.Redirect.to(output.toFile()));
        long started = System.nanoTime();
        Process process = builder.start();
        double cpu = 0;
        double peak = 0;
        do {
            cpu = process.info().totalCpuDuration().map(time -> time.toMillis() / 1e3).orElse(cpu);
            peak = Math.max(peak, peakMegabytes(process.pid()));
        } while (!process.waitFor(25, TimeUnit.MILLISECONDS));
        double seconds = (System.nanoTime() - started) / 1e9;
        if (process.exitValue() != 0) {
            throw new IllegalStateException("exit " + process.exitValue() + ": " + command + "\n" + Files.readString(log));
        }
        return new Cost(seconds, cpu, peak);
    }

    /** The high-water mark of resident memory, which Linux keeps. */
    private static double peakMegabytes(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:")).mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024.0).findFirst().orElse(0);
        } catch (IOException | java.io.UncheckedIOException e) {
            return 0;
        }
    }

    // Printing

    private static void row(String name, String figures) {
        System.out.printf("  %-46s %s%n", name, figures);
    }

    private void ratio(String what, Cost ours, Cost theirs, double limit) {
        if (theirs != null) {
            double times = ours.seconds / theirs.seconds;
            verdict(what, times, limit, "x", times <= limit);
        }
    }

    private void verdict(String what, double value, double limit, String unit, boolean good) {
        String format = unit.equals("x") ? "%6.2f %s  (goal %.1f: %s)" : "%6.0f %s (goal %.0f: %s)";
        row("  " + what, format.formatted(value, unit, limit, quick ? "not for --quick" : good ? "met" : "missed"));
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name")).map(line -> line.replaceFirst(".*: ", "")).findFirst().orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
