package mailtool;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Fetching, from Dovecot's Maildir. Every run has a user and a store of its own, unless it is a second run that shall find nothing new. */
final class BenchPop3 {
    private static final int TEMPLATES = 64;
    private static final int TYPICAL_BYTES = 2900;
    private static final int SMALL_BYTES = 400;
    private static final Duration ROUND_TRIP = Duration.ofMillis(20);
    private static final String FETCH = "mailtool fetch";
    private static final String START = "the JVM's start (help exit-codes)";

    private final BenchMeasure measure;
    private final Scratch scratch;
    private final Dovecot dovecot;
    private final BenchFetchers fetchers;
    private final Path archive;
    private final List<Scratch> stores = new ArrayList<>();

    private BenchPop3(BenchMeasure measure, Scratch scratch, Dovecot dovecot) {
        this.measure = measure;
        this.scratch = scratch;
        this.dovecot = dovecot;
        this.fetchers = new BenchFetchers(scratch);
        this.archive = scratch.resolve("fetch.jsa");
    }

    static void run(BenchMeasure measure, Scratch scratch) throws Exception {
        if (!BenchPrograms.missing("dovecot", "doveadm").equals("nothing")) {
            BenchMeasure.title("Fetching is not measured: Dovecot is not installed");
            return;
        }
        BenchMeasure.title("Fetching; not installed, so not measured: %s", BenchPrograms.missing("mpop", "fetchmail", "curl"));
        new BenchPop3(measure, scratch, Dovecot.shared()).run();
    }

    private void run() throws Exception {
        try {
            warmUp();
            manyIntoMaildir();
            manyIntoMbox();
            farAway();
            nothingNew();
            oneHugeMessage();
        } finally {
            removeStores();
        }
    }

    /** Writes the archive of classes that JBang's //CDS would write at the first real run. */
    private void warmUp() throws Exception {
        DovecotUser user = filled("warm", 10, SMALL_BYTES);
        measure.cost(fetchers.mailTool(user, dovecot.pop3Port(), "--maildir", newStore(), "-XX:ArchiveClassesAtExit=" + archive));
    }

    // The figures

    private void manyIntoMaildir() throws Exception {
        int count = measure.isQuick() ? 100 : 10_000;
        Map<String, BenchMeasure.Turn> contenders = new LinkedHashMap<>();
        contenders.put(FETCH, () -> ours(filled("many", count, TYPICAL_BYTES), "--maildir", newStore()));
        contend(contenders, "mpop", () -> fetchers.mpop(filled("many", count, TYPICAL_BYTES), dovecot.pop3Port(), "maildir", BenchFetchers.maildir(newStore())));
        Map<String, BenchMeasure.Cost> costs = measure.compare(contenders);
        rates("%,d messages of 2.9 KB into a Maildir", count, costs);
        measure.timesAsFast("against mpop", costs.get(FETCH), costs.get("mpop"), 2);
    }

    private void manyIntoMbox() throws Exception {
        int count = measure.isQuick() ? 100 : 10_000;
        Map<String, BenchMeasure.Turn> contenders = new LinkedHashMap<>();
        contenders.put(FETCH, () -> ours(filled("mbox", count, TYPICAL_BYTES), "--mbox", newStore()));
        contend(contenders, "mpop", () -> fetchers.mpop(filled("mbox", count, TYPICAL_BYTES), dovecot.pop3Port(), "mbox", newStore()));
        contend(contenders, "fetchmail", () -> fetchers.fetchmail(filled("mbox", count, TYPICAL_BYTES), dovecot.pop3Port(), newStore()));
        Map<String, BenchMeasure.Cost> costs = measure.compare(contenders);
        rates("%,d messages of 2.9 KB into an mbox, from fetchmail into a file of BSMTP", count, costs);
        measure.timesAsFast("against mpop", costs.get(FETCH), costs.get("mpop"), 2);
    }

    private void farAway() throws Exception {
        int count = measure.isQuick() ? 50 : 1000;
        try (DelayProxy proxy = DelayProxy.to(dovecot.pop3Port(), ROUND_TRIP)) {
            Map<String, BenchMeasure.Turn> contenders = new LinkedHashMap<>();
            contenders.put(FETCH, () -> fetchers.mailTool(filled("far", count, TYPICAL_BYTES), proxy.port(), "--maildir", newStore(), archived()));
            contend(contenders, "mpop", () -> fetchers.mpop(filled("far", count, TYPICAL_BYTES), proxy.port(), "maildir", BenchFetchers.maildir(newStore())));
            contenders.put(START, this::start);
            Map<String, BenchMeasure.Cost> costs = measure.compare(contenders);
            BenchMeasure.Cost start = costs.remove(START);
            rates("%,d messages of 2.9 KB, 20 ms away there and back, into a Maildir", count, costs);
            withinStart(costs, start);
        }
    }

    private void nothingNew() throws Exception {
        int few = measure.isQuick() ? 20 : 1000;
        int many = measure.isQuick() ? 100 : 50_000;
        BenchMeasure.Cost small = secondRun(few).get(FETCH);
        Map<String, BenchMeasure.Cost> costs = secondRun(many);
        BenchMeasure.title("Nothing new in %,d", many);
        costs.forEach((name, cost) -> BenchMeasure.row(name, "%6.2f s  %4.0f MB".formatted(cost.seconds(), cost.peakMegabytes())));
        withinStart(costs, costs.get(START));
        double growth = costs.get(FETCH).peakMegabytes() - small.peakMegabytes();
        measure.verdict("peak memory, against that of %,d messages".formatted(few), growth, 16, "MB more", growth <= 16);
    }

    private Map<String, BenchMeasure.Cost> secondRun(int count) throws Exception {
        DovecotUser user = filled("kept", count, SMALL_BYTES);
        Map<String, BenchMeasure.Turn> contenders = new LinkedHashMap<>();
        List<String> fetch = ours(user, "--maildir", newStore());
        measure.cost(fetch);
        contenders.put(FETCH, () -> fetch);
        if (BenchPrograms.find("mpop").isPresent()) {
            List<String> mpop = fetchers.mpop(user, dovecot.pop3Port(), "maildir", BenchFetchers.maildir(newStore()));
            measure.cost(mpop);
            contenders.put("mpop", () -> mpop);
        }
        contenders.put(START, this::start);
        return measure.compare(contenders);
    }

    private void oneHugeMessage() throws Exception {
        int megabytes = measure.isQuick() ? 2 : 500;
        Path message = scratch.resolve("huge.eml");
        writeHuge(message, megabytes);
        DovecotUser user = dovecot.newUser("huge").depositLink(message);
        settle(user);
        Map<String, BenchMeasure.Turn> contenders = new LinkedHashMap<>();
        contenders.put(FETCH, () -> ours(user, "--maildir", newLargeStore()));
        contenders.put("mailtool read --save", () -> fetchers.read(user, dovecot.pop3Port(), newLargeStore(), archived()));
        contend(contenders, "mpop", () -> fetchers.mpop(user, dovecot.pop3Port(), "maildir", BenchFetchers.maildir(newLargeStore())));
        contend(contenders, "curl", () -> fetchers.curl(user, dovecot.pop3Port(), newLargeStore()));
        Map<String, BenchMeasure.Cost> costs = measure.compare(contenders);
        BenchMeasure.title("One message of %d MB", megabytes);
        costs.forEach((name, cost) -> BenchMeasure.row(name, "%6.2f s  %5.2f s cpu  %4.0f MB".formatted(cost.seconds(), cost.cpuSeconds(), cost.peakMegabytes())));
        for (String name : List.of(FETCH, "mailtool read --save")) {
            double peak = costs.get(name).peakMegabytes();
            measure.verdict("peak memory of " + name, peak, 128, "MB", peak < 128);
        }
    }

    private static void rates(String title, int count, Map<String, BenchMeasure.Cost> costs) {
        BenchMeasure.title(title, count);
        costs.forEach((name, cost) -> BenchMeasure.row(name, "%6.2f s  %5.2f s cpu  %4.0f MB  %,7.0f a second"
            .formatted(cost.seconds(), cost.cpuSeconds(), cost.peakMegabytes(), count / cost.seconds())));
    }

    private void withinStart(Map<String, BenchMeasure.Cost> costs, BenchMeasure.Cost start) {
        BenchMeasure.Cost mpop = costs.get("mpop");
        if (mpop != null) {
            double allowed = mpop.seconds() + start.seconds();
            double taken = costs.get(FETCH).seconds();
            measure.verdict("against mpop and the JVM's start of %.2f s".formatted(start.seconds()), taken / allowed, 1, "x", taken <= allowed);
        }
    }

    // Contenders

    private static void contend(Map<String, BenchMeasure.Turn> contenders, String program, BenchMeasure.Turn turn) {
        if (BenchPrograms.find(program).isPresent()) {
            contenders.put(program, turn);
        }
    }

    private List<String> ours(DovecotUser user, String storeOption, Path store) {
        return fetchers.mailTool(user, dovecot.pop3Port(), storeOption, store, archived());
    }

    private String archived() {
        return "-XX:SharedArchiveFile=" + archive;
    }

    private List<String> start() {
        return BenchPrograms.mailTool(List.of("help", "exit-codes"), archived());
    }

    // Maildrops and stores

    /** A new user with so many messages, among them TEMPLATES different ones, which Dovecot already knows. What earlier runs stored is removed. */
    private DovecotUser filled(String name, int count, int bytes) throws IOException {
        List<Path> templates = templates(bytes);
        DovecotUser user = dovecot.newUser(name);
        for (int number = 0; number < count; number++) {
            user.depositLink(templates.get(number % TEMPLATES));
        }
        settle(user);
        return user;
    }

    /** Has Dovecot index the maildrop, which it otherwise did at the first delivery. */
    private void settle(DovecotUser user) throws IOException {
        try (RawClient client = RawClient.connect(dovecot.pop3Port())) {
            client.line();
            client.send("USER " + user.address() + "\r\nPASS " + Dovecot.PASSWORD + "\r\nLIST\r\nUIDL\r\n");
            client.toDot();
            client.toDot();
            client.send("QUIT\r\n").line();
        }
    }

    private List<Path> templates(int bytes) throws IOException {
        List<Path> templates = new ArrayList<>();
        Random random = new Random(bytes);
        for (int number = 0; number < TEMPLATES; number++) {
            Path file = scratch.resolve("message-" + bytes + "-" + number + ".eml");
            if (!Files.exists(file)) {
                Files.writeString(file, message(number, bytes, random), StandardCharsets.US_ASCII);
            }
            templates.add(file);
        }
        return templates;
    }

    private static String message(int number, int bytes, Random random) {
        StringBuilder text = new StringBuilder("""
            Received: from mail.example.org (mail.example.org [192.0.2.1])
            \tby mx.example.net with ESMTPS id 4F2B91
            \tfor <bench@example.net>; Sat, 21 Nov 2026 06:00:00 +0000
            From: Backup <backup@example.org>
            To: bench@example.net
            Subject: Report %d
            Message-ID: <%d.bench@example.org>
            Date: Sat, 21 Nov 2026 06:00:00 +0000

            """.formatted(number, number));
        byte[] line = new byte[54];
        while (text.length() < bytes - 73) {
            random.nextBytes(line);
            text.append(Base64.getEncoder().encodeToString(line)).append('\n');
        }
        return text.append("x".repeat(Math.max(0, bytes - text.length() - 1))).append('\n').toString();
    }

    private static void writeHuge(Path file, int megabytes) throws IOException {
        byte[] line = new byte[57];
        Random random = new Random(1);
        long lines = megabytes * 1_000_000L / 77;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            out.write("""
                From: a@example.org
                Subject: huge
                Message-ID: <huge.bench@example.org>
                Date: Sat, 21 Nov 2026 06:00:00 +0000
                MIME-Version: 1.0
                Content-Type: application/octet-stream
                Content-Disposition: attachment; filename=huge.bin
                Content-Transfer-Encoding: base64

                """.getBytes(StandardCharsets.US_ASCII));
            random.nextBytes(line);
            for (long number = 0; number < lines; number++) {
                line[(int) (number % line.length)]++;
                out.write(Base64.getEncoder().encode(line));
                out.write('\n');
            }
        }
    }

    /** A place for what the next run stores. Nothing is removed before the end: file systems are slow to create where much was just removed. */
    private Path newStore() {
        Scratch store = Scratch.create("bench-store");
        stores.add(store);
        return store.resolve("mail");
    }

    /** The last one makes room for it. */
    private Path newLargeStore() {
        removeStores();
        return newStore();
    }

    private void removeStores() {
        stores.forEach(Scratch::close);
        stores.clear();
    }
}
