package mailtool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import mailtool.MailTool.JournalRecord;

/** A campaign in four shards whose processes are killed at random points, and whose number changes: each row is accepted once. */
final class BulkKills {
    private static final Pattern UNKNOWN = Pattern.compile("\"key\":\"(\\d+)\",\"row\":\\d+,\"outcome\":\"unknown\"");
    private static final int KILLED = 128 + 9;
    private final Random random = new Random();
    private final int rows;
    private final int kills;
    private int killed;

    BulkKills(int rows, int kills) {
        this.rows = rows;
        this.kills = kills;
    }

    /** The disk is full once, too. Throws if a row was accepted twice, or never though it is not listed as unknown, or too many are. */
    void run() throws IOException, InterruptedException {
        try (Scratch scratch = Scratch.create("bulk-kills"); CountingSink sink = new CountingSink()) {
            scratch.write("bill.txt", "From: ops@example.org\nTo: u{{id}}@example.org\nSubject: Bill\n\nHello {{id}}\n");
            scratch.write("people.csv", IntStream.range(0, rows).mapToObj(String::valueOf).collect(Collectors.joining("\n", "id\n", "\n")));
            for (int begun = 0; begun < kills; begun += 4) {
                int shards = random.nextInt(3) + 3;
                killAll(scratch.path(), sink, shards, Math.min(4, kills - begun));
                if (begun == kills / 8 * 4) {
                    fillDisk(scratch.path(), sink);
                }
            }
            Tool.Result last = tool(scratch.path()).call(words(sink, "--json"));
            verify(last, sink.accepted());
        }
    }

    /** Of each shard that is killed at most a hundred more may be unknown. */
    private void killAll(Path folder, CountingSink sink, int shards, int count) throws InterruptedException {
        List<RunningTool> running = new ArrayList<>();
        List<Path> journals = IntStream.rangeClosed(1, count).mapToObj(shard -> folder.resolve("people.csv.mailtool." + shard + "-of-" + Math.max(shards, 4))).toList();
        List<Integer> before = journals.stream().map(BulkKills::unknown).toList();
        for (int shard = 1; shard <= count; shard++) {
            running.add(tool(folder).start(words(sink, "--shard", shard + "/" + Math.max(shards, 4))));
        }
        for (RunningTool one : running) {
            int more = sink.accepted().size() + random.nextInt(rows / kills / 4 + 1);
            while (one.process().isAlive() && sink.accepted().size() < more) {
                one.process().waitFor(1, TimeUnit.MILLISECONDS);
            }
            killed += one.process().destroyForcibly().waitFor() == KILLED ? 1 : 0;
            one.close();
        }
        for (int i = 0; i < count; i++) {
            int more = unknown(journals.get(i)) - before.get(i);
            if (more > 100) {
                throw new AssertionError(more + " more unknown in " + journals.get(i));
            }
        }
    }

    /** Keys whose last record of this shard is an intent. */
    private static int unknown(Path journal) {
        Set<String> open = new HashSet<>();
        if (Files.exists(journal)) {
            try (Stream<JournalRecord> records = MailTool.journal(journal)) {
                records.forEach(record -> {
                    open.remove(record.key());
                    Optional.of(record).filter(one -> one.state().equals("intent")).map(JournalRecord::key).ifPresent(open::add);
                });
            }
        }
        return open.size();
    }

    /** Of one shard, whose journal may grow by 32 KB. */
    private static void fillDisk(Path folder, CountingSink sink) throws IOException {
        Path journal = folder.resolve("people.csv.mailtool.1-of-4");
        long blocks = (Files.exists(journal) ? Files.size(journal) : 0) / 512 + 64;
        Tool.Result full = tool(folder).through("ulimit -f " + blocks + "; exec").call(words(sink, "--shard", "1/4"));
        if (full.exit() != 73) {
            throw new AssertionError("the disk was full, but: " + full);
        }
    }

    private static Tool tool(Path folder) {
        return Tool.with().in(folder);
    }

    private static String[] words(CountingSink sink, String... more) {
        List<String> words = new ArrayList<>(List.of("bulk", "--data", "people.csv", "--template", "bill.txt", "--campaign", "may", "--key-column", "id",
            "-S", sink.url(), "--yes"));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    private void verify(Tool.Result last, Map<String, Integer> accepted) throws IOException {
        List<String> unknown = new ArrayList<>();
        Matcher lines = UNKNOWN.matcher(last.out());
        while (lines.find()) {
            unknown.add(lines.group(1));
        }
        List<String> faults = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            int count = accepted.getOrDefault("u" + row + "@example.org", 0);
            if (count > 1 || count == 0 && !unknown.contains(String.valueOf(row))) {
                faults.add(row + " was accepted " + count + " times");
            }
        }
        int expected = unknown.isEmpty() ? 0 : 81;
        if (!faults.isEmpty() || killed < kills / 2 || last.exit() != expected) {
            throw new AssertionError(faults + ", " + unknown.size() + " unknown, " + killed + " killed, exit " + last.exit() + "\n" + last.err());
        }
        System.out.println(rows + " rows, " + killed + " of " + kills + " killed: each accepted once, " + unknown.size() + " unknown");
    }
}
