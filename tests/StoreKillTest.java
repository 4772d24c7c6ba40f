package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stores whose process is killed with SIGKILL, again and again: the next run ends with every message exactly once. */
@SuppressWarnings("auxiliaryclass")
class StoreKillTest {
    private static final int COUNT = 4000;
    private static final int OCTETS = 300;
    private static final int KILLS = 20;
    private final Scratch scratch = Scratch.create("kill");
    private final StoreProcess process = new StoreProcess("", scratch.path());
    private final Random random = new Random();

    @AfterEach
    void removeScratch() {
        scratch.close();
    }

    @Test
    void aMaildirHoldsEveryMessageOnceWhateverRunWasKilled() throws IOException {
        Path maildir = scratch.resolve("Maildir");
        killAgainAndAgain("maildir", maildir);
        assertEquals(List.of(), StoreProcess.files(maildir.resolve("tmp")));
        assertEveryMessageOnce(contents(StoreProcess.files(maildir.resolve("new"))));
    }

    @Test
    void aFolderHoldsEveryMessageOnceWhateverRunWasKilled() throws IOException {
        Path folder = scratch.resolve("mails");
        killAgainAndAgain("folder", folder);
        List<Path> shown = StoreProcess.files(folder).stream().filter(file -> file.toString().endsWith(".eml")).toList();
        assertEveryMessageOnce(contents(shown));
        assertEquals(List.of(), StoreProcess.files(folder.resolve(".mailtool-tmp")));
    }

    @Test
    void anMboxHoldsEveryMessageOnceAndForeignMailUntouchedWhateverRunWasKilled() throws IOException {
        Path mbox = scratch.write("mbox", "From someone Sat Nov 21 06:17:07 2026\nSubject: foreign\n\nhello\n\n");
        killAgainAndAgain("mbox", mbox);
        String[] messages = Files.readString(mbox).split("(?m)^From .* \\d{4}\n");
        assertEquals("Subject: foreign\n\nhello\n\n", messages[1]);
        assertEveryMessageOnce(List.of(messages).subList(2, messages.length));
        List<String> left = StoreProcess.files(scratch.path()).stream().map(file -> file.getFileName().toString()).toList();
        assertEquals(List.of(".mbox.mailtool-journal", ".mbox.mailtool-lock", "mbox"), left);
    }

    @Test
    void aCommandGetsEveryMessageAtLeastOnceWhateverRunWasKilled() throws IOException {
        Path log = scratch.resolve("ids.txt");
        String command = "echo $MAILTOOL_ID >> " + log;
        for (int kill = 0; kill < 5; kill++) {
            process.runAndKill(random.nextInt(40_000), "pipe", command, 40, OCTETS);
        }
        Tool.Result last = process.run("pipe", command, 40, OCTETS);
        assertEquals(0, last.exit(), last::toString);
        List<String> ids = Files.readAllLines(log);
        List<String> expected = IntStream.range(0, 40).mapToObj(number -> StoreFiller.MAILDROP.id(StoreFiller.mail(number))).toList();
        assertEquals(new HashSet<>(expected), new HashSet<>(ids));
        assertTrue(ids.size() <= 45, "a kill costs one message at most: " + ids.size());
    }

    private void killAgainAndAgain(String kind, Path place) {
        for (int kill = 0; kill < KILLS; kill++) {
            process.runAndKill(random.nextInt(40_000), kind, place, COUNT, OCTETS);
        }
        Tool.Result last = process.run(kind, place, COUNT, OCTETS);
        assertEquals(0, last.exit(), last::toString);
    }

    private static List<String> contents(List<Path> files) throws IOException {
        List<String> contents = new ArrayList<>();
        for (Path file : files) {
            contents.add(Files.readString(file, StandardCharsets.ISO_8859_1).replace("\r", ""));
        }
        return contents;
    }

    private static void assertEveryMessageOnce(List<String> messages) {
        Map<String, Integer> copies = new HashMap<>();
        for (String message : messages) {
            String number = message.lines().findFirst().orElse("").replace("Subject: ", "");
            assertTrue(message.strip().endsWith("end of " + number), () -> "not whole: " + message);
            copies.merge(number, 1, Integer::sum);
        }
        List<String> wrong = IntStream.range(0, COUNT)
            .mapToObj(String::valueOf)
            .filter(number -> copies.getOrDefault(number, 0) != 1)
            .map(number -> number + " is there " + copies.getOrDefault(number, 0) + " times")
            .toList();
        assertEquals(List.of(), wrong);
        assertEquals(COUNT, copies.size());
    }
}
