package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A campaign that an engine sends in four shards, in two runs: first the server puts all off, so that each shard ends with 75; then it refuses one of the
 * {@link #ROWS}, gives no answer to another one, and takes the rest.
 */
final class EngineCampaign implements AutoCloseable {
    static final int ROWS = 40;
    private final Scratch scratch = Scratch.create("engine");
    private final InstalledTool tool = new InstalledTool(scratch);
    private FakeSmtp server = new FakeSmtp().on("RCPT", "450 4.2.1 later").start();

    EngineCampaign() {
        folder();
        scratch.write("campaign/bill.txt", "From: ops@example.org\nTo: {{email}}\nSubject: Bill\n\nHello {{id}}\n");
        scratch.write("campaign/people.csv", IntStream.rangeClosed(1, ROWS).mapToObj(i -> i + ",u" + i + "@example.org\n").collect(Collectors.joining("", "id,email\n", "")));
        tool.account(server.url());
    }

    Scratch scratch() {
        return scratch;
    }

    InstalledTool tool() {
        return tool;
    }

    /** With the table and the template. */
    Path folder() {
        return scratch.folder("campaign");
    }

    Program program(Object... words) {
        return tool.program(words).in(folder());
    }

    /** From now on the server takes mail. */
    void goOn() {
        server.close();
        server = new FakeSmtp().on("RCPT TO:<u1@", "550 5.1.1 nobody").once(".", ScriptedPeer::close).start();
        tool.account(server.url());
    }

    /** Each row but the refused one has come once, one of them without the sender's knowing. */
    void assertSentOnce() {
        List<String> expected = IntStream.rangeClosed(2, ROWS).mapToObj(i -> "u" + i + "@example.org").sorted().toList();
        assertEquals(expected, server.attempts().stream().flatMap(mail -> mail.to().stream()).sorted().toList());
        Tool.Result status = tool.run("bulk", "--status", "--campaign", "may", "--data", "people.csv", "--template", "bill.txt").in(folder()).call();
        assertEquals("81: 40 rows, 38 before, 1 refused, 1 unknown\n", status.exit() + ": " + status.out(), status::toString);
        assertEquals(IntStream.rangeClosed(1, 4).mapToObj(shard -> "people.csv.mailtool." + shard + "-of-4").toList(), journals());
    }

    private List<String> journals() {
        try (Stream<Path> files = Files.list(folder())) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith("people.csv.mailtool.") && !name.endsWith(".lock")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
        scratch.close();
    }
}
