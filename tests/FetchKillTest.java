package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that are killed at any moment, against a real server: in the end every message is in the store once, and none is gone that isn't. */
final class FetchKillTest {
    private static final int MESSAGES = 300;
    private static final int BATCH = 40;
    private static final int KILLS_AT_A_COMMIT = 4;
    private static final int KILLS_AT_ANY_TIME = 2;
    private static final int LONGEST_MILLIS = 400;
    private static final Pattern NUMBER = Pattern.compile("Subject: killed (\\d+)\n\n(?:line\n)*end \\1\n");

    @AutoClose
    private final Scratch scratch = Scratch.create("kill");

    @ParameterizedTest
    @CsvSource({"maildir,", "maildir,--delete", "mbox,", "mbox,--delete"})
    void aKilledRunLosesAndDoublesNothing(String kind, String delete) throws Exception {
        long seed = System.nanoTime();
        String told = "seed " + seed;
        Path place = scratch.resolve(kind);
        String foreign = "From bob Mon Jan  1 00:00:00 2024\nSubject: foreign\n\nnot ours, and without its empty line";
        if (kind.equals("mbox")) {
            Files.writeString(place, foreign);
        }
        DovecotUser user = Dovecot.shared().newUser("kill");
        IntStream.rangeClosed(1, MESSAGES).forEach(number -> user.deposit(message(number)));
        List<String> words = words(user, kind, place, delete);
        Path lock = kind.equals("mbox") ? scratch.resolve(".mbox.mailtool-lock") : place.resolve(".mailtool-lock");
        Random random = new Random(seed);
        for (int kill = 0; kill < KILLS_AT_A_COMMIT + KILLS_AT_ANY_TIME; kill++) {
            Files.deleteIfExists(lock);
            Growth growth = Growth.of(kind, place);
            Moment atACommit = running -> {
                awaitWork(lock);
                growth.awaitMore(running);
            };
            Moment atAnyTime = running -> pauseAtRandom(running, lock, random);
            killOnce(words, kill < KILLS_AT_A_COMMIT ? atACommit : atAnyTime);
            List<Integer> safe = numbers(stored(kind, place));
            // A session that the kill left behind may still move files about.
            Eventually.until(told + ": all that is gone from the server to be stored", () -> safe.containsAll(missing(user)));
        }
        Tool.Result last = tool().call(words.toArray(String[]::new));
        assertEquals(0, last.exit(), () -> told + ": " + last);
        assertEquals(IntStream.rangeClosed(1, MESSAGES).boxed().toList(), numbers(stored(kind, place)), told);
        assertEquals(delete == null ? MESSAGES : 0, user.count(), told);
        if (kind.equals("mbox")) {
            assertTrue(StoredMail.text(place).startsWith(foreign + "\n\nFrom MAILER-DAEMON "), told);
            assertEquals(MESSAGES, Pattern.compile("(?m)^From MAILER-DAEMON ").matcher(StoredMail.text(place)).results().count(), told);
        }
    }

    private static List<String> words(DovecotUser user, String kind, Path place, String delete) {
        List<String> words = new ArrayList<>(List.of("fetch", "-S", user.url(), "--ca", TestCerts.caFile().toString(), "--" + kind, place.toString(), "--commit-every", String.valueOf(BATCH)));
        if (delete != null) {
            words.add(delete);
        }
        return words;
    }

    private interface Moment {
        void await(Process running) throws Exception;
    }

    private static void killOnce(List<String> words, Moment moment) throws Exception {
        try (RunningTool running = tool().start(words.toArray(String[]::new))) {
            moment.await(running.process());
            running.process().destroyForcibly();
            running.await();
        }
    }

    private static void pauseAtRandom(Process running, Path lock, Random random) throws Exception {
        awaitWork(lock);
        running.waitFor(random.nextInt(LONGEST_MILLIS), TimeUnit.MILLISECONDS);
    }

    /** Until it has its lock, which is when it begins to matter. */
    private static void awaitWork(Path lock) {
        Eventually.until("a run at work", () -> Files.exists(lock));
    }

    /** A store that is watched closely, for the moment when a batch appears in it and is not yet noted in the journal as stored. */
    private record Growth(Path watched, long before) {
        static Growth of(String kind, Path place) {
            Path watched = kind.equals("mbox") ? place : place.resolve("new");
            return new Growth(watched, size(watched));
        }

        void awaitMore(Process running) {
            while (running.isAlive() && size(watched) == before) {
                LockSupport.parkNanos(20_000);
            }
        }

        private static long size(Path watched) {
            File file = watched.toFile();
            return file.isDirectory() ? file.list().length : file.length();
        }
    }

    private static Tool tool() {
        return Tool.with().env("MAILTOOL_PASSWORD", Dovecot.PASSWORD);
    }

    private static String message(int number) {
        return "Subject: killed " + number + "\n\n" + "line\n".repeat(number % 50 * 40) + "end " + number + "\n";
    }

    /** The store as one text, torn ends and all. */
    private static String stored(String kind, Path place) throws IOException {
        if (kind.equals("mbox")) {
            return StoredMail.text(place);
        }
        return String.join("\0", new TestMaildir(place).messages());
    }

    private static List<Integer> numbers(String text) {
        return NUMBER.matcher(text).results().map(found -> Integer.parseInt(found.group(1))).sorted().toList();
    }

    private static List<Integer> missing(DovecotUser user) {
        List<Integer> there = numbers(new String(String.join("\0", user.messages()).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1));
        return IntStream.rangeClosed(1, MESSAGES).boxed().filter(number -> !there.contains(number)).toList();
    }
}
