package mailtool;

import static mailtool.MailTool.fetching;
import static mailtool.MailTool.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

import mailtool.MailTool.Exit;
import mailtool.MailTool.Message;
import mailtool.MailTool.Pop3;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A maildrop in a script. */
final class Pop3DslTest {
    private static final String REPORT = """
        From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>
        To: team@example.org, boss@example.org
        Date: Tue, 3 Nov 2026 10:20:30 +0100
        Subject: backup =?utf-8?Q?=C3=A4?=
        Content-Type: multipart/mixed; boundary=b

        --b
        Content-Type: multipart/alternative; boundary=c

        --c
        Content-Type: text/plain

        the text
        --c
        Content-Type: text/html

        <b>the html</b>
        --c--
        --b
        Content-Disposition: attachment; filename=log.txt

        the log
        --b--
        """.replace("\n", "\r\n");

    @TempDir
    private Path folder;

    private static FakePop3 five() {
        return new FakePop3().messages(4).message("report", REPORT);
    }

    @Test
    void theAttachmentsOfMatchingMailsAreSaved() throws IOException {
        try (FakePop3 fake = five().start(); Pop3 box = Pop3Calls.open(fake)) {
            for (var m : box.messages()) {
                if (m.subject().contains("backup")) {
                    m.attachments().forEach(a -> a.saveTo(folder));
                }
            }
            assertEquals("the log", Files.readString(folder.resolve("log.txt")).strip());
            assertEquals(List.of("RETR 5"), fake.commands("RETR"));
        }
    }

    @Test
    void aMessageIsFetchedWhenItIsAskedFor() {
        try (FakePop3 fake = five().start(); Pop3 box = Pop3Calls.open(fake)) {
            Iterator<Message> messages = box.messages().iterator();
            Message first = messages.next();
            assertEquals("uid-1", first.uid());
            assertEquals(List.of(), fake.commands("TOP"));
            first.subject();
            first.from();
            assertEquals(List.of("TOP 1 0"), fake.commands("TOP"));
            assertEquals(List.of(), fake.commands("RETR"));
            first.text();
            first.html();
            first.raw();
            assertEquals(List.of("RETR 1"), fake.commands("RETR"));
        }
    }

    @Test
    void aMessageSaysWhatIsInIt() throws IOException {
        try (FakePop3 fake = five().start(); Pop3 box = Pop3Calls.open(fake)) {
            check(box.message("report"));
            assertEquals(REPORT.length(), box.message("5").size());
        }
        check(message(Files.writeString(folder.resolve("report.eml"), REPORT)));
        check(message(new ByteArrayInputStream(REPORT.getBytes(StandardCharsets.UTF_8))));
    }

    private static void check(Message message) throws IOException {
        assertEquals("J\u00fcrgen <j@example.org>", message.from());
        assertEquals("team@example.org, boss@example.org", message.to());
        assertEquals("backup \u00e4", message.subject());
        assertEquals(Optional.of(OffsetDateTime.parse("2026-11-03T10:20:30+01:00")), message.date());
        assertEquals("the text", message.text().strip());
        assertEquals("<b>the html</b>", message.html().strip());
        assertEquals(List.of("log.txt"), message.attachments().stream().map(MailTool.Attachment::name).toList());
        assertEquals("the log", new String(message.attachments().get(0).open().readAllBytes(), StandardCharsets.UTF_8).strip());
        assertEquals(REPORT, new String(message.raw().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void aServerWithoutTopGivesTheWholeMessage() {
        try (FakePop3 fake = five().without("TOP").start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals(List.of("subject-1", "subject-2", "subject-3", "subject-4", "backup \u00e4"), Pop3Calls.subjects(box));
        }
    }

    @Test
    void whatIsDeletedHasGoneWhenItIsClosed() {
        try (FakePop3 fake = five().start()) {
            try (Pop3 box = Pop3Calls.open(fake)) {
                for (Message message : box.messages()) {
                    if (message.subject().endsWith("2")) {
                        box.delete(message);
                    }
                }
                assertEquals(List.of(), fake.uidsRemoved());
            }
            assertEquals(List.of("uid-2"), fake.awaitEnd().uidsRemoved());
        }
    }

    /** Its session ends with the deletions, before each of them is told. */
    @Test
    void whoeverIsToldOfAFetchMayAskTheMaildropForMore() {
        try (FakePop3 fake = five().start(); Pop3 box = Pop3Calls.open(fake)) {
            List<Integer> left = new ArrayList<>();
            box.fetch(fetching().maildir(folder.resolve("mail")).delete(), fetched -> left.add(box.messages().size()));
            assertEquals(List.of(0, 0, 0, 0, 0), left);
        }
    }

    @Test
    void whatAScriptThrowsOfAFetchLeavesTheMaildropOpen() {
        try (FakePop3 fake = five().start(); Pop3 box = Pop3Calls.open(fake)) {
            IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> box.fetch(fetching().maildir(folder.resolve("mail")).delete(), fetched -> {
                throw new IllegalStateException("enough");
            }));
            assertEquals("enough", thrown.getMessage());
            assertEquals(0, box.messages().size());
        }
    }

    @Test
    void aMessageIsDeletedInTheSessionThatItIsOfAndInNoOther() throws IOException {
        try (FakePop3 fake = five().start()) {
            Pop3 earlier = Pop3Calls.open(fake);
            Message old = earlier.message("2");
            earlier.close();
            fake.withdraw("uid-1");
            try (Pop3 box = Pop3Calls.open(fake)) {
                var failure = Pop3Calls.failure(() -> box.delete(old));
                assertEquals(Exit.USAGE, failure.exit());
                assertTrue(failure.hint().contains("uid="), failure.hint());
                Message file = message(Files.writeString(folder.resolve("report.eml"), REPORT));
                assertEquals(Exit.USAGE, Pop3Calls.exit(() -> box.delete(file)));
                box.delete(box.message("uid=" + old.uid()));
            }
            assertEquals(List.of("uid-2"), fake.awaitEnd().uidsRemoved());
        }
    }

    @Test
    void keepTakesAllDeletionsBack() {
        try (FakePop3 fake = five().start()) {
            try (Pop3 box = Pop3Calls.open(fake)) {
                box.delete(box.message("1"));
                box.keep();
                box.delete(box.message("2"));
            }
            assertEquals(List.of("uid-2"), fake.awaitEnd().uidsRemoved());
        }
    }

    @Test
    void closingSaysWhenDeletionsDoNotCount() {
        try (FakePop3 fake = five().on("QUIT", ScriptedPeer::hangUp).start()) {
            Pop3 box = Pop3Calls.open(fake);
            box.delete(box.message("1"));
            assertEquals(Exit.TEMPORARY, Pop3Calls.exit(box::close));
            box.close();
        }
    }

    @Test
    void aMessageWithoutALoginIsWrongUsage() {
        try (FakePop3 fake = five().start(); Pop3 box = MailTool.pop3(fake.url()).open()) {
            assertEquals(Exit.USAGE, Pop3Calls.exit(box::messages));
            assertFalse(box.capabilities().isEmpty());
        }
    }

    @Test
    void afterTheEndNothingCanBeAskedFor() {
        try (FakePop3 fake = five().start()) {
            Pop3 box = Pop3Calls.open(fake);
            Message message = box.message("1");
            box.close();
            box.close();
            var failure = Pop3Calls.failure(message::text);
            assertEquals(Exit.USAGE, failure.exit(), failure.getMessage());
            assertTrue(failure.getMessage().contains("closed"), failure.getMessage());
        }
    }

    @Test
    void aBrokenSessionRefusesMore() {
        try (FakePop3 fake = five().cut("RETR 2", 20, ScriptedPeer::hangUp).start(); Pop3 box = Pop3Calls.open(fake)) {
            Message first = box.message("1");
            assertEquals(Exit.TEMPORARY, Pop3Calls.exit(() -> box.message("2").text()));
            assertEquals(Exit.TEMPORARY, Pop3Calls.exit(first::text));
            assertEquals(List.of("RETR 2"), fake.commands("RETR"));
        }
    }

    /** UIDL does not know them any more, and it must not be asked for one of them to prove that others are whole. */
    @Test
    void othersAreReadAfterSomeWereDeleted() {
        for (int deleted = 1; deleted <= 4; deleted++) {
            try (FakePop3 fake = new FakePop3().messages(4).pipelining().start(); Pop3 box = Pop3Calls.open(fake)) {
                List<Message> all = box.messages();
                all.subList(0, deleted).forEach(box::delete);
                List<String> left = all.subList(deleted, 4).stream().map(Message::subject).toList();
                assertEquals(List.of("subject-2", "subject-3", "subject-4").subList(deleted - 1, 3), left);
                assertEquals(Exit.DATA, Pop3Calls.exit(() -> all.get(0).subject()));
                box.close();
                assertEquals(4 - deleted, fake.uidsLeft().size());
            }
        }
    }

    /** They keep their numbers, and STAT does not count them. */
    @ParameterizedTest
    @ValueSource(strings = {"NOOP", "UIDL"})
    void whatIsLeftIsFetchedAfterSomeWereDeleted(String missing) {
        try (FakePop3 fake = new FakePop3().messages(4).without(missing).start(); Pop3 box = Pop3Calls.open(fake)) {
            box.delete(box.message("1"));
            box.delete(box.message("3"));
            List<String> stored = new ArrayList<>();
            assertEquals(Exit.OK, box.fetch(fetching().folder(folder.resolve("store")), one -> stored.add(one.number() + " " + one.ok())).exit());
            assertEquals(List.of("2 true", "4 true"), stored);
            box.close();
            assertEquals(List.of("uid-2", "uid-4"), fake.uidsLeft());
        }
    }

    @Test
    void aSessionThatLostStepIsNotTalkedToAnyMore() {
        try (FakePop3 fake = new FakePop3().messages(4).once("UIDL", "+OK", "9 x", "1 uid-1", ".").start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals(Exit.PROTOCOL, box.fetch(fetching().folder(folder.resolve("store")), one -> { }).exit());
            assertEquals(4, box.messages().size());
            assertEquals(2, fake.commands("PASS").size());
        }
    }

    /** A loop over all bodies takes the room of one. */
    @Test
    void aMessageThatIsNoLongerNeededTakesNoRoom() throws IOException {
        try (FakePop3 fake = new FakePop3().messages(40).start(); Scratch scratch = Scratch.create("loop")) {
            Path script = scratch.write("Loop.java", """
                import static mailtool.MailTool.*;

                public class Loop {
                    public static void main(String[] arguments) throws Exception {
                        long most = 0;
                        try (var box = pop3(arguments[0]).open()) {
                            for (var message : box.messages()) {
                                message.text();
                                System.gc();
                                Thread.sleep(2);
                                try (var files = java.nio.file.Files.list(java.nio.file.Path.of(System.getProperty("java.io.tmpdir")))) {
                                    most = Math.max(most, files.count());
                                }
                            }
                        }
                        System.out.println(most < 20 ? "few" : "many " + most);
                    }
                }
                """);
            Tool.Result result = Program.script(List.of("-Djava.io.tmpdir=" + scratch.folder("tmp")), script, fake.userUrl()).env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call();
            assertEquals("few\n", result.out(), result::toString);
        }
    }
}
