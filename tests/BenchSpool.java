package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.spool;

import java.io.IOException;
import java.nio.file.Path;

/** A flush of many mails beside single sends, and a look at a spool of 100,000 beside a bare start. */
final class BenchSpool {
    private BenchSpool() {
    }

    static void run(boolean quick, Scratch scratch) throws IOException {
        int mails = quick ? 100 : 1000;
        int sends = quick ? 3 : 50;
        try (CountingSink sink = new CountingSink()) {
            scratch.folder("config/mailtool");
            scratch.write("config/mailtool/accounts", "default = w\nw.server = " + sink.url() + "\nw.spool = " + scratch.resolve("waiting") + "\n");
            fill(scratch.resolve("waiting"), mails, sink.url());
            // The first process that is started waits for the archive of classes.
            tool(scratch, "help");
            double flush = seconds(() -> tool(scratch, "flush"));
            double send = seconds(() -> {
                for (int i = 0; i < sends; i++) {
                    tool(scratch, "send", "-S", sink.url(), "-f", "a@example.org", "-t", "b@example.org", "--text", "Hello");
                }
            }) / sends;
            System.out.printf("%nflush of %d mails %.2f s, a single send %.2f s: %.0f times faster%n", mails, flush, send, send * mails / flush);
            int waiting = quick ? 1000 : 100_000;
            scratch.write("config/mailtool/accounts", "default = w\nw.server = " + sink.url() + "\nw.spool = " + scratch.resolve("large") + "\n");
            double put = seconds(() -> fill(scratch.resolve("large"), waiting, sink.url()));
            double start = seconds(() -> tool(scratch, "help"));
            System.out.printf("%d mails put into a spool, %.2f ms each; queue %.2f s, queue --json %.2f s beyond a start of %.2f s%n", waiting, put * 1000 / waiting,
                seconds(() -> tool(scratch, "queue")) - start, seconds(() -> tool(scratch, "queue", "--json")) - start, start);
        }
    }

    private static void fill(Path folder, int mails, String url) {
        for (int i = 0; i < mails; i++) {
            spool(folder).put(mail().from("a@example.org").to("user" + i + "@example.org").subject("mail " + i).text("Hello\n"), url);
        }
    }

    private static void tool(Scratch scratch, String... words) {
        Tool.Result result = Tool.with().env("XDG_CONFIG_HOME", scratch.resolve("config").toString()).call(words);
        if (result.exit() != 0) {
            throw new IllegalStateException(result.toString());
        }
    }

    private static double seconds(Runnable work) {
        long begin = System.nanoTime();
        work.run();
        return (System.nanoTime() - begin) / 1e9;
    }
}
