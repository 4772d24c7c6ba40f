package mailtool;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A campaign with its journal beside {@code sendAll}, and beside mailmerge: whole processes. */
final class BenchBulk {
    private static final String TEXT = "A line of text that is seventy-one characters long with its line end.\n".repeat(25);
    private static final String TEMPLATE = "From: a@example.org\nTo: {{email}}\nSubject: Message {{id}}\n\nHello {{name}}\n" + TEXT;
    private static final String BULK = "installed mailtool bulk, its start included";
    private final BenchMeasure measure;
    private final Scratch scratch;
    private final String url;

    BenchBulk(BenchMeasure measure, Scratch scratch, String url) {
        this.measure = measure;
        this.scratch = scratch;
        this.url = url;
    }

    void run() throws Exception {
        scratch.write("bill.txt", TEMPLATE);
        besideSendAll(measure.isQuick() ? 200 : 100_000);
        besideMailmerge(measure.isQuick() ? 20 : 1_000);
    }

    private void besideSendAll(int rows) throws Exception {
        Path sessions = scratch.resolve("bulk-sessions");
        Map<String, BenchMeasure.Turn> contenders = new LinkedHashMap<>();
        contenders.put("mailtool, sendAll", () -> BenchPrograms.java("mailtool.Bench", List.of("send-all", url, "" + rows, sessions.toString())));
        contenders.put("mailtool bulk, with its journal", bulk("many.csv", rows, BenchPrograms.mailTool(List.of())));
        Map<String, BenchMeasure.Cost> costs = measure.compare(contenders);
        BenchMeasure.title("%,d rows of 2 KB over one connection", rows);
        costs.forEach(BenchBulk::row);
        double share = 100 * costs.get("mailtool, sendAll").seconds() / costs.get("mailtool bulk, with its journal").seconds();
        measure.verdict("of the rate of sendAll", share, 60, "%", share >= 60);
    }

    private void besideMailmerge(int rows) throws Exception {
        Optional<Path> program = BenchPrograms.find("mailmerge");
        if (program.isEmpty()) {
            BenchMeasure.title("mailmerge is not installed (pip install mailmerge), so bulk is not measured beside it");
            return;
        }
        Path folder = scratch.folder("mailmerge");
        Files.writeString(folder.resolve("mailmerge_server.conf"), "[smtp_server]\nhost = 127.0.0.1\nport = " + url.replaceFirst(".*:", "") + "\n");
        Files.writeString(folder.resolve("mailmerge_template.txt"), TEMPLATE);
        Files.writeString(folder.resolve("mailmerge_database.csv"), table(rows));
        Map<String, BenchMeasure.Turn> contenders = new LinkedHashMap<>();
        contenders.put("mailmerge", () -> List.of("sh", "-c", "cd '" + folder + "' && exec " + program.get() + " --no-dry-run --no-limit"));
        List<String> launcher = List.of(BenchPrograms.installed(scratch.folder("bulk-home"), Path.of(System.getProperty("java.home"))));
        contenders.put(BULK, bulk("few.csv", rows, launcher));
        Map<String, BenchMeasure.Cost> costs = measure.compare(contenders);
        BenchMeasure.title("%,d rows, beside mailmerge", rows);
        costs.forEach(BenchBulk::row);
        measure.timesAsFast("against mailmerge", costs.get(BULK), costs.get("mailmerge"), 2);
    }

    /** Each time with a journal of its own. */
    private BenchMeasure.Turn bulk(String name, int rows, List<String> program) {
        Path table = scratch.write(name, table(rows));
        return () -> {
            Files.deleteIfExists(scratch.resolve(name + ".mailtool"));
            List<String> words = List.of("bulk", "--data", table.toString(), "--template", scratch.resolve("bill.txt").toString(), "--campaign", "bench",
                "--key-column", "id", "--yes", "-S", url);
            return Stream.of(program, words).flatMap(List::stream).toList();
        };
    }

    private static String table(int rows) {
        return IntStream.range(0, rows).mapToObj(i -> i + ",u" + i + "@example.org,Name " + i + "\n").collect(Collectors.joining("", "id,email,name\n", ""));
    }

    private static void row(String name, BenchMeasure.Cost cost) {
        BenchMeasure.row(name, "%6.2f s  %5.2f s cpu  %4.0f MB".formatted(cost.seconds(), cost.cpuSeconds(), cost.peakMegabytes()));
    }
}
