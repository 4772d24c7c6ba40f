package mailtool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code read N|UID}: one message from a server. */
final class ReadFromServerTest {
    private static final String WITH_FILE = """
        From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>
        To: team@example.org
        Cc: boss@example.org
        Date: Tue, 3 Nov 2026 10:20:30 +0100
        Message-ID: <1@example.org>
        Subject: report
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Gr=C3=BC=C3=9Fe
        --b
        Content-Type: text/csv; name=a.csv
        Content-Disposition: attachment; filename=a.csv
        Content-Transfer-Encoding: base64

        MSwyLDMK
        --b--
        """.replace("\n", "\r\n");

    private static FakePop3 report() {
        return new FakePop3().messages(1).message("report", WITH_FILE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "report", "uid=report", "number=2"})
    void byNumberOrByUid(String name) {
        try (FakePop3 fake = report().start()) {
            Tool.Result result = Pop3Calls.call(fake, "read", name);
            assertEquals(0, result.exit(), result::toString);
            assertTrue(result.out().contains("From: J\u00fcrgen <j@example.org>") && result.out().contains("Subject: report") && result.out().contains("Gr\u00fc\u00dfe"), result::toString);
            assertTrue(result.out().contains("a.csv"), result::toString);
            assertEquals(List.of("RETR 2"), fake.awaitEnd().commands("RETR"));
            assertEquals(List.of(), fake.commands("DELE"));
        }
    }

    @Test
    void jsonHasTheKeysOfTheTableAndMore() {
        try (FakePop3 fake = report().start()) {
            Tool.Result result = Pop3Calls.call(fake, "read", "2", "--json");
            JsonObject json = JsonParser.parseString(result.out()).getAsJsonObject();
            assertEquals(Set.of("number", "uid", "date", "from", "to", "subject", "size", "cc", "messageId", "text", "html", "attachments", "parts"), json.keySet());
            assertEquals("report", json.get("uid").getAsString());
            assertEquals(WITH_FILE.length(), json.get("size").getAsInt());
            assertEquals("[{\"part\":2,\"name\":\"a.csv\",\"type\":\"text/csv\",\"size\":6}]", json.get("attachments").toString());
        }
    }

    @Test
    void rawIsTheBytesAsTheyCame() {
        byte[] nasty = "Subject: x\r\n\r\n.\r\n..\r\n\n.\n\0\u00e9\r\r\nend\r\n".getBytes(StandardCharsets.ISO_8859_1);
        try (FakePop3 fake = new FakePop3().message("nasty", nasty).start()) {
            Tool.Result result = Pop3Calls.call(fake, "read", "1", "--raw");
            assertEquals(0, result.exit(), result::toString);
            assertArrayEquals(nasty, result.stdout());
        }
    }

    @Test
    void rawAndPartsDoNotGoToATerminal() {
        try (FakePop3 fake = report().start()) {
            for (String[] more : new String[][] {{"2", "--raw"}, {"2", "--part", "2"}}) {
                Tool.Result result = Pop3Calls.tool().onTerminal().call(Pop3Calls.words(fake, "read", more));
                assertEquals(64, result.exit(), result::toString);
                assertTrue(result.out().contains(">"), "names the way round");
            }
            assertEquals("1,2,3\n", Pop3Calls.call(fake, "read", "2", "--part", "2").out());
        }
    }

    @Test
    void attachmentsAreSavedForTheirOwnerAlone() throws IOException {
        try (FakePop3 fake = report().start(); Scratch scratch = Scratch.create("save")) {
            Path folder = scratch.resolve("new");
            Tool.Result result = Pop3Calls.call(fake, "read", "2", "--save", folder.toString());
            assertEquals(0, result.exit(), result::toString);
            assertEquals("1,2,3\n", Files.readString(folder.resolve("a.csv")));
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("a.csv"))));
        }
    }

    @ParameterizedTest
    @CsvSource({"'', 64", "1 2 --raw, 64", "--part 1 --match x, 64", "1 -n 1, 64", "1 nobody, 65", "--eml x -n 1, 64", "7, 65", "nobody, 65", "1 --eml x, 64"})
    void exactlyOneMessageIsRead(String names, int exit) {
        try (FakePop3 fake = report().start()) {
            Tool.Result result = Pop3Calls.call(fake, "read", names.isEmpty() ? new String[0] : names.split(" "));
            assertEquals(exit, result.exit(), result::toString);
            assertEquals(List.of(), fake.commands("RETR"));
        }
    }

    @Test
    void severalAreReadOneAfterTheOther() {
        try (FakePop3 fake = report().message("html", "Subject: page\r\nContent-Type: text/html\r\n\r\n<p>Hello <b>World</b></p>\r\n").pipelining().on("RETR 1", "-ERR broken").start();
            Scratch scratch = Scratch.create("several")) {
            Tool.Result pages = Pop3Calls.call(fake, "read", "2", "1", "last");
            assertEquals(75, pages.exit(), pages::toString);
            assertTrue(pages.out().matches("(?s)==> message 2 <==\n\nFrom: J.*Gr\u00fc\u00dfe.*\n==> message 3 <==\n\nSubject: page\n\nHello World\n"), pages::toString);
            assertEquals("mailtool: warning: message 1: -ERR broken\n", pages.err());
            Tool.Result json = Pop3Calls.call(fake, "read", "--json", "--match", "subject=report|page", "--save", scratch.resolve("saved").toString());
            List<JsonObject> objects = json.out().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
            assertEquals(List.of("Gr\u00fc\u00dfe", "Hello World"), objects.stream().map(object -> object.get("text").getAsString().strip()).toList());
            assertTrue(Files.exists(scratch.resolve("saved/a.csv")));
            Tool.Result newest = Pop3Calls.call(fake, "read", "--match", "from=j@", "-n", "1", "--raw");
            assertEquals(WITH_FILE, newest.out());
        }
    }

    @ParameterizedTest
    @CsvSource({"-ERR broken, 65", "-ERR [SYS/TEMP] later, 75", "-ERR [IN-USE] later, 75", "nonsense, 76"})
    void aRefusalSaysWhy(String reply, int exit) {
        try (FakePop3 fake = report().on("RETR 2", reply).start()) {
            Tool.Result result = Pop3Calls.call(fake, "read", "2");
            assertEquals(exit, result.exit(), result::toString);
            assertTrue(result.err().contains(reply.replaceAll("^-ERR ", "")), result::toString);
            assertEquals("", result.out());
        }
    }

    @Test
    void halfAMessageIsNotShown() {
        for (String option : List.of("--raw", "--json", "--headers")) {
            try (FakePop3 fake = report().cut("RETR 2", 500, ScriptedPeer::hangUp).start()) {
                Tool.Result result = Pop3Calls.call(fake, "read", "2", option);
                // Headers come by TOP.
                assertEquals(option.equals("--headers") ? 0 : 75, result.exit(), result::toString);
                assertFalse(result.out().contains("Grü") || result.out().contains("MSwy"), result::toString);
            }
        }
    }

    @Test
    void aTemporaryFolderThatIsFullIsALocalFailure() {
        try (FakePop3 fake = report().start()) {
            Tool.Result result = Pop3Calls.tool().jvm("-Djava.io.tmpdir=/nowhere").call(Pop3Calls.words(fake, "read", "2"));
            assertEquals(74, result.exit(), result::toString);
        }
    }

    @Test
    void aSignalLeavesNothingBehind() throws IOException {
        try (FakePop3 fake = report().cut("RETR 2", 300, ScriptedPeer::listen).start(); Scratch scratch = Scratch.create("temporary");
            RunningTool running = Pop3Calls.tool().jvm("-Djava.io.tmpdir=" + scratch.path()).start(Pop3Calls.words(fake, "read", "2"))) {
            Eventually.until("RETR", () -> fake.commands().contains("RETR 2"));
            assertEquals(130, running.signal("INT").await().exit());
            try (var files = Files.list(scratch.path())) {
                assertEquals(List.of(), files.toList());
            }
            assertFalse(fake.peer(0).receivedText().contains("QUIT"));
        }
    }
}
