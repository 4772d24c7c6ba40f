package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Measures whole processes, from start to end, and prints what they took. Every figure is the median of several runs; the contenders take turns. */
final class BenchMeasure {
    private final boolean quick;
    private final Path log;

    /** What a program took: time, time of the processors, and the largest resident memory, 0 where the system doesn't tell. */
    record Cost(double seconds, double cpuSeconds, double peakMegabytes) {
    }

    /** What a contender runs at its turn. What it prepares for that is not measured, and is on the disk before it runs. */
    interface Turn {
        List<String> command() throws Exception;
    }

    BenchMeasure(boolean quick, Path folder) {
        this.quick = quick;
        this.log = folder.resolve("log");
    }

    boolean isQuick() {
        return quick;
    }

    int rounds() {
        return quick ? 1 : 5;
    }

    // Measuring

    Map<String, Cost> compare(Map<String, Turn> contenders) throws Exception {
        return compare(contenders, rounds());
    }

    Map<String, Cost> compare(Map<String, Turn> contenders, int rounds) throws Exception {
        Map<String, List<Cost>> all = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, Turn> contender : contenders.entrySet()) {
                List<String> command = contender.getValue().command();
                settle();
                all.computeIfAbsent(contender.getKey(), name -> new ArrayList<>()).add(cost(command));
            }
        }
        Map<String, Cost> medians = new LinkedHashMap<>();
        all.forEach((name, costs) -> medians.put(name, median(costs)));
        return medians;
    }

    /** What others have left to be written is not to be paid by the next one's fsync. */
    private static void settle() {
        BenchPrograms.find("sync").ifPresent(SystemCommand::run);
    }

    private static Cost median(List<Cost> costs) {
        return new Cost(median(costs, Cost::seconds), median(costs, Cost::cpuSeconds), costs.stream().mapToDouble(Cost::peakMegabytes).max().orElse(0));
    }

    private static double median(List<Cost> costs, ToDoubleFunction<Cost> figure) {
        return median(costs.stream().mapToDouble(figure).toArray());
    }

    static double median(double... values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    Cost cost(List<String> command) throws Exception {
        return cost(command, ProcessBuilder.Redirect.DISCARD);
    }

    Cost cost(List<String> command, ProcessBuilder.Redirect output) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile()).redirectError(log.toFile()).redirectOutput(output);
        long started = System.nanoTime();
        Process process = builder.start();
        double cpu = 0;
        double peak = 0;
        do {
            cpu = process.info().totalCpuDuration().map(time -> time.toMillis() / 1e3).orElse(cpu);
            peak = Math.max(peak, peakMegabytes(process.pid()));
        } while (!process.waitFor(100, TimeUnit.MILLISECONDS));
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
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    // Printing

    static void title(String format, Object... values) {
        System.out.printf("%n" + format + "%n", values);
    }

    static void row(String name, String figures) {
        System.out.printf("  %-46s %s%n", name, figures);
    }

    /** Our time by theirs, which may be at most the limit; nothing where they weren't measured. */
    void atMost(String what, Cost ours, Cost theirs, double limit) {
        if (theirs != null) {
            verdict(what, ours.seconds / theirs.seconds, limit, "x", ours.seconds <= limit * theirs.seconds);
        }
    }

    /** How many times as fast we are, at least the limit; nothing where they weren't measured. */
    void timesAsFast(String what, Cost ours, Cost theirs, double limit) {
        if (theirs != null) {
            verdict(what, theirs.seconds / ours.seconds, limit, "x", theirs.seconds >= limit * ours.seconds);
        }
    }

    void verdict(String what, double value, double limit, String unit, boolean good) {
        String format = unit.equals("x") ? "%6.2f %s  (goal %.1f: %s)" : "%6.0f %s (goal %.0f: %s)";
        row("  " + what, format.formatted(value, unit, limit, quick ? "not for --quick" : good ? "met" : "missed"));
    }
}
