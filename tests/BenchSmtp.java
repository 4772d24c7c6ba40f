package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import mailtool.MailTool.Mail;

/** Sending, against Postfix's smtp-sink. */
final class BenchSmtp {
    private static final int PORT = 20_000 + (int) (ProcessHandle.current().pid() % 10_000);
    private static final String URL = "smtp://127.0.0.1:" + PORT;
    private static final String FROM = "a@example.org";
    private static final String TO = "b@example.org";
    private static final String TEXT = "A line of text that is seventy-one characters long with its line end.\n".repeat(25);
    private static final String BARE = "a bare pipelined client, all ready-made";
    /** To MAIL, RCPT, DATA and the message. */
    private static final int REPLIES = 4;
    private static final List<String> SMALL = List.of("send", "-S", URL, "-f", FROM, "-t", TO, "-s", "Hi", "--text", "Hello");

    private final BenchMeasure measure;
    private final int megabytes;
    private final int messages;
    private final Scratch scratch;

    private BenchSmtp(BenchMeasure measure, Scratch scratch) {
        this.measure = measure;
        this.megabytes = measure.isQuick() ? 2 : 200;
        this.messages = measure.isQuick() ? 200 : 20_000;
        this.scratch = scratch;
    }

    static void run(BenchMeasure measure, Scratch scratch) throws Exception {
        Optional<Path> sink = BenchPrograms.find("smtp-sink");
        if (sink.isEmpty()) {
            BenchMeasure.title("Sending is not measured: smtp-sink, which comes with Postfix, is not installed");
            return;
        }
        BenchMeasure.title("Sending; not installed, so not measured: %s", BenchPrograms.missing("curl", "smtp-source", "swaks", "msmtp"));
        BenchSmtp bench = new BenchSmtp(measure, scratch);
        Process server = startSink(sink.get());
        try {
            bench.attachment();
            bench.many();
            new BenchBulk(measure, scratch, URL).run();
            bench.small();
            bench.installed();
        } finally {
            server.destroy();
        }
    }

    // The three figures

    private void attachment() throws Exception {
        Path file = scratch.resolve("attachment.bin");
        Path message = scratch.resolve("message.eml");
        writeRandom(file, megabytes);
        List<String> send = new ArrayList<>(SMALL);
        send.addAll(List.of("-a", file.toString()));
        List<String> dryRun = new ArrayList<>(send);
        dryRun.add("--dry-run");
        measure.cost(BenchPrograms.mailTool(dryRun), ProcessBuilder.Redirect.to(message.toFile()));

        Map<String, BenchMeasure.Turn> contenders = new LinkedHashMap<>();
        contenders.put("mailtool send -a, heap of 64 MB", () -> BenchPrograms.mailTool(send, "-Xmx64m"));
        rival(contenders, "curl -T, message ready-made", "curl", "-sS", "-T", message.toString(), "--mail-from", FROM, "--mail-rcpt", TO, URL);
        rival(contenders, "swaks --attach", "swaks", "-s", "127.0.0.1", "-p", "" + PORT, "-f", FROM, "-t", TO, "--attach", "@" + file, "--silent", "3");
        rival(contenders, "msmtp, message ready-made", "sh", "-c", "exec msmtp --host=127.0.0.1 --port=" + PORT + " -f " + FROM + " " + TO + " < " + message);
        Map<String, BenchMeasure.Cost> costs = measure.compare(contenders);
        BenchMeasure.Cost ours = costs.get("mailtool send -a, heap of 64 MB");
        BenchMeasure.title("One attachment of %d MB", megabytes);
        costs.forEach((name, cost) -> BenchMeasure.row(name, "%6.2f s  %5.2f s cpu  %4.0f MB".formatted(cost.seconds(), cost.cpuSeconds(), cost.peakMegabytes())));
        measure.atMost("time, against curl", ours, costs.get("curl -T, message ready-made"), 1.3);
        measure.verdict("peak memory", ours.peakMegabytes(), 128, "MB", ours.peakMegabytes() < 128);
    }

    private void many() throws Exception {
        Map<String, BenchMeasure.Turn> contenders = new LinkedHashMap<>();
        Path sessions = scratch.resolve("sessions");
        Path bareSessions = scratch.resolve("bare-sessions");
        contenders.put("mailtool, sendAll", () -> BenchPrograms.java("mailtool.Bench", List.of("send-all", URL, "" + messages, sessions.toString())));
        List<String> bare = List.of("send-bare", "" + PORT, "" + messages, bareSessions.toString());
        contenders.put(BARE, () -> BenchPrograms.java("mailtool.Bench", bare));
        rival(contenders, "smtp-source -s 1 -d", "smtp-source", "-s", "1", "-d", "-l", "2048", "-m", "" + messages, "-f", FROM, "-t", TO, "127.0.0.1:" + PORT);
        Map<String, BenchMeasure.Cost> costs = measure.compare(contenders);
        BenchMeasure.title("%,d messages of 2 KB over one connection", messages);
        costs.forEach((name, cost) -> BenchMeasure.row(name, "%6.2f s  %5.2f s cpu, %3.0f \u00b5s a message  %,7.0f a second"
            .formatted(cost.seconds(), cost.cpuSeconds(), 1e6 * cost.cpuSeconds() / messages, messages / cost.seconds())));
        double session = session(sessions);
        double bareSession = session(bareSessions);
        BenchMeasure.row("  sendAll from open() to close()", "%6.2f s".formatted(session));
        BenchMeasure.row("  the bare client from open() to close()", "%6.2f s".formatted(bareSession));
        double share = 100 * bareSession / session;
        measure.verdict("of the bare client's rate, from open() to close()", share, 60, "%", share >= 60);
        BenchMeasure.Cost rival = costs.get("smtp-source -s 1 -d");
        if (rival != null) {
            double times = rival.seconds() / session;
            BenchMeasure.row("  against smtp-source, whole processes", "%6.2f x".formatted(rival.seconds() / costs.get("mailtool, sendAll").seconds()));
            measure.verdict("against smtp-source, from open() to close()", times, 4, "x", times >= 4);
        }
    }

    private static double session(Path sessions) throws IOException {
        return BenchMeasure.median(Files.readAllLines(sessions).stream().mapToDouble(Double::parseDouble).toArray());
    }

    private void small() throws Exception {
        Path empty = Files.writeString(scratch.resolve("Empty.java"), "class Empty { public static void main(String[] args) { } }");
        measure.cost(List.of(BenchPrograms.ofJdk("javac"), "-d", scratch.path().toString(), empty.toString()));
        Path archive = scratch.resolve("mailtool.jsa");
        measure.cost(BenchPrograms.mailTool(SMALL, "-XX:ArchiveClassesAtExit=" + archive));
        List<String> jbang = new ArrayList<>(List.of(BenchPrograms.root().resolve("jbangw").toString(), BenchPrograms.root().resolve("MailTool.java").toString()));
        jbang.addAll(SMALL);
        measure.cost(jbang);

        Map<String, BenchMeasure.Turn> contenders = new LinkedHashMap<>();
        contenders.put("empty Java program", () -> List.of(BenchPrograms.ofJdk("java"), "-cp", scratch.path().toString(), "Empty"));
        contenders.put("mailtool, the JVM's part", () -> BenchPrograms.mailTool(SMALL, "-XX:SharedArchiveFile=" + archive));
        contenders.put("mailtool, without the archive", () -> BenchPrograms.mailTool(SMALL));
        contenders.put("./jbangw MailTool.java", () -> jbang);
        rival(contenders, "swaks", "swaks", "-s", "127.0.0.1", "-p", "" + PORT, "-f", FROM, "-t", TO, "--silent", "3");
        Map<String, BenchMeasure.Cost> costs = measure.compare(contenders);
        BenchMeasure.title("One small message");
        costs.forEach((name, cost) -> BenchMeasure.row(name, "%6.0f ms".formatted(1000 * cost.seconds())));
        measure.atMost("the JVM's part, against an empty program", costs.get("mailtool, the JVM's part"), costs.get("empty Java program"), 2.5);
        BenchMeasure.row("  what JBang adds", "%6.0f ms".formatted(1000 * (costs.get("./jbangw MailTool.java").seconds() - costs.get("mailtool, the JVM's part").seconds())));
    }

    /** What a process of its own does: sends so many messages and adds the seconds from open() to close() to the file. */
    static void sendAll(String url, int count, Path sessions) throws IOException {
        Stream<Mail> mails = IntStream.range(0, count).mapToObj(i -> mail().from(FROM).to(TO).subject("Message " + i).text(TEXT));
        int[] sent = new int[1];
        long started = System.nanoTime();
        try (var smtp = smtp(url).open()) {
            smtp.sendAll(mails, delivery -> sent[0] += delivery.ok() ? 1 : 0);
        }
        if (sent[0] != count) {
            throw new IllegalStateException(sent[0] + " of " + count + " sent");
        }
        noteSession(sessions, started);
    }

    /** The same by the least client there can be, which sends a ready-made message before the last one is answered. */
    static void sendBare(int port, int count, Path sessions) throws IOException {
        String envelope = "MAIL FROM:<" + FROM + ">\r\nRCPT TO:<" + TO + ">\r\nDATA\r\n";
        byte[] transaction = (envelope + bareMessage() + "\r\n.\r\n").getBytes(StandardCharsets.US_ASCII);
        long started = System.nanoTime();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            InputStream replies = socket.getInputStream();
            OutputStream commands = socket.getOutputStream();
            byte[] block = new byte[8192];
            skipLines(replies, block, 1);
            commands.write("HELO localhost\r\n".getBytes(StandardCharsets.US_ASCII));
            skipLines(replies, block, 1);
            commands.write(transaction);
            int early = 0;
            for (int sent = 1; sent < count; sent++) {
                commands.write(transaction);
                early = skipLines(replies, block, REPLIES - early);
            }
            skipLines(replies, block, REPLIES - early);
        }
        noteSession(sessions, started);
    }

    private static String bareMessage() throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        mail().from(FROM).to(TO).subject("Message 12345").text(TEXT).prepare().writeTo(message);
        return message.toString(StandardCharsets.US_ASCII).strip();
    }

    /** Returns how many more lines came with them. */
    private static int skipLines(InputStream in, byte[] block, int wanted) throws IOException {
        int seen = 0;
        while (seen < wanted) {
            int read = in.read(block);
            if (read < 0) {
                throw new IllegalStateException("the server hung up");
            }
            for (int i = 0; i < read; i++) {
                seen += block[i] == '\n' ? 1 : 0;
            }
        }
        return seen - wanted;
    }

    private static void noteSession(Path sessions, long started) throws IOException {
        double seconds = (System.nanoTime() - started) / 1e9;
        Files.writeString(sessions, seconds + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Beside an empty program on the same Java, started as cheaply as it can be without an archive of its own. */
    private void installed() throws Exception {
        Map<String, BenchMeasure.Turn> contenders = new LinkedHashMap<>();
        Map<String, Double> goals = new LinkedHashMap<>();
        for (Path jdk : BenchPrograms.jdks()) {
            String java = " " + jdk.getFileName();
            Path home = scratch.folder("home-" + jdk.getFileName());
            List<String> launcher = new ArrayList<>(List.of(BenchPrograms.installed(home, jdk)));
            launcher.addAll(SMALL);
            contenders.put("empty," + java, () -> List.of(jdk + "/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", scratch.path().toString(), "Empty"));
            contenders.put("mailtool, installed," + java, () -> launcher);
            goals.put(java, Files.readString(jdk.resolve("release")).contains("JAVA_VERSION=\"17") ? 3.0 : 2.2);
        }
        String mail = "printf 'From: " + FROM + "\\nTo: " + TO + "\\nSubject: Hi\\n\\nHello\\n' | ";
        rival(contenders, "swaks", "swaks", "-s", "127.0.0.1", "-p", "" + PORT, "-f", FROM, "-t", TO, "--silent", "3");
        rival(contenders, "msmtp", "sh", "-c", mail + "msmtp --host=127.0.0.1 --port=" + PORT + " -f " + FROM + " " + TO);
        rival(contenders, "curl", "sh", "-c", mail + "curl -sS -T - --mail-from " + FROM + " --mail-rcpt " + TO + " " + URL);
        rival(contenders, "python3, smtplib", "python3", "-c", "import smtplib; smtplib.SMTP('127.0.0.1', " + PORT + ").sendmail('" + FROM + "', '" + TO + "', 'Subject: Hi\\n\\nHello')");
        Map<String, BenchMeasure.Cost> costs = measure.compare(contenders, 4 * measure.rounds() + 1);
        BenchMeasure.title("One small message by the launcher that install makes, sh included");
        costs.forEach((name, cost) -> BenchMeasure.row(name, "%6.0f ms".formatted(1000 * cost.seconds())));
        goals.forEach((java, goal) -> measure.atMost("against an empty program on" + java, costs.get("mailtool, installed," + java), costs.get("empty," + java), goal));
    }

    // Contenders

    private static void rival(Map<String, BenchMeasure.Turn> contenders, String name, String... command) {
        String program = name.replaceFirst("[ ,].*", "");
        Optional<Path> found = BenchPrograms.find(program);
        if (found.isPresent()) {
            List<String> words = new ArrayList<>(List.of(command));
            words.replaceAll(word -> word.equals(program) ? found.get().toString() : word);
            contenders.put(name, () -> words);
        }
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
}
