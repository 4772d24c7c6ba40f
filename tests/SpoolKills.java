package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A spool whose users and flushes are killed at random points: each mail of which somebody was told that it waits or went is accepted, and none is accepted
 * twice but one for each kill.
 */
final class SpoolKills {
    private final Random random = new Random();
    private final int kills;
    private int told;

    SpoolKills(int kills) {
        this.kills = kills;
    }

    void run() throws IOException, InterruptedException {
        try (Scratch scratch = Scratch.create("spool-kills"); CountingSink sink = new CountingSink()) {
            Path folder = scratch.resolve("spool");
            Set<String> expected = new HashSet<>();
            for (int kill = 0; kill < kills; kill++) {
                fill(folder, sink, expected);
                try (RunningTool running = kill % 4 == 3 ? post(scratch, sink) : tool(scratch).start("flush", "--now")) {
                    int more = sink.accepted().size() + random.nextInt(40);
                    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(700));
                    while (running.process().isAlive() && (sink.accepted().size() < more || System.nanoTime() < until)) {
                        running.process().waitFor(1, TimeUnit.MILLISECONDS);
                    }
                    running.process().destroyForcibly().waitFor();
                }
            }
            Tool.Result last = tool(scratch).call("flush", "--now");
            if (last.exit() != 0) {
                throw new AssertionError(last.toString());
            }
            verify(expected, sink.accepted());
        }
    }

    private void fill(Path folder, CountingSink sink, Set<String> expected) {
        for (int i = 0; i < 20; i++) {
            String to = "u" + told++ + "@example.org";
            spool(folder).put(mail().from("a@example.org").to(to).subject("mail").text("Hello\n"), sink.url());
            expected.add(to);
        }
    }

    private static Tool tool(Scratch scratch) {
        scratch.folder("home/mailtool");
        scratch.write("home/mailtool/accounts", "default = w\nw.server = smtp://localhost\nw.spool = " + scratch.resolve("spool") + "\n");
        return Tool.with().env("XDG_CONFIG_HOME", scratch.resolve("home").toString());
    }

    private RunningTool post(Scratch scratch, CountingSink sink) {
        return tool(scratch).start("send", "--spool", "-S", sink.url(), "-f", "a@example.org", "-t", "killed" + told++ + "@example.org", "--text", "Hello");
    }

    private void verify(Set<String> expected, Map<String, Integer> accepted) {
        List<String> lost = expected.stream().filter(to -> !accepted.containsKey(to)).toList();
        List<String> doubled = new ArrayList<>();
        accepted.forEach((to, count) -> {
            for (int i = 1; i < count; i++) {
                doubled.add(to);
            }
        });
        if (!lost.isEmpty() || doubled.size() > kills) {
            throw new AssertionError("lost " + lost + ", doubled " + doubled);
        }
        System.out.println(expected.size() + " mails in a spool, " + kills + " kills: none lost, " + doubled.size() + " doubled");
    }
}
