package mailtool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;

import javax.imageio.ImageIO;

import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The examples do what they say, started as a user starts them. */
@ResourceLock("jbangw")
final class ExamplesTest {
    @Test
    void theDemoReadsBackWhatItSentOverTlsWithALogin() {
        Tool.Result demo = Program.jbangw("demo").call();
        assertEquals(0, demo.exit(), demo::toString);
        List<String> lines = demo.out().lines().toList();
        assertEquals("The same, byte for byte.", lines.get(lines.size() - 1));
        String sent = lines.get(lines.size() - 3);
        String arrived = lines.get(lines.size() - 2);
        assertTrue(sent.matches("sent     \\d{4} bytes, SHA-256 [0-9a-f]{64}"), sent);
        assertEquals(sent.substring(9), arrived.substring(9));
        assertTrue(demo.out().contains(">>> STARTTLS"), demo::toString);
        assertTrue(demo.out().contains("*** TLSv1.3"), demo::toString);
        assertTrue(demo.out().contains(">>> AUTH PLAIN ****\n"), demo::toString);
        assertFalse(demo.out().contains("correct-horse"), demo::toString);
    }

    @Test
    void anAlertCarriesTheWholeLogAndTheCommandsExitCode() throws MessagingException, IOException {
        try (FakeSmtp server = new FakeSmtp().start()) {
            Tool.Result alert = example("Alert.java", server.url(), "cron@example.org", "ops@example.org", "sh", "-c", "seq 30; echo größer >&2; exit 3").call();
            assertEquals(3, alert.exit(), alert::toString);
            assertEquals("", alert.out());
            MimeMultipart parts = (MimeMultipart) parse(server.message()).getContent();
            String log = Stream.iterate(1, n -> n + 1).limit(30).map(n -> n + "\n").reduce("", String::concat) + "größer\n";
            assertArrayEquals(log.getBytes(StandardCharsets.UTF_8), content(parts.getBodyPart(1)));
            assertEquals("output.log", parts.getBodyPart(1).getFileName());
            String text = text(parts.getBodyPart(0));
            assertTrue(text.startsWith("sh failed with exit code 3. The end of its output:\r\n\r\n12\r\n"), text);
            assertTrue(text.endsWith("30\r\ngrößer\r\n"), text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Alert.java SERVER a@example.org b@example.org false", "Report.java SERVER a@example.org b@example.org"})
    void theNetworkNeedNotKnowThisMachine(String words) throws MessagingException {
        try (FakeSmtp server = new FakeSmtp().start()) {
            List<String> command = List.of(words.replace("SERVER", "smtp://127.0.0.1:" + server.port()).split(" "));
            Path example = Program.inClone("examples").resolve(command.get(0));
            Object[] arguments = command.stream().skip(1).toArray();
            Tool.Result run = Program.script(List.of("-Djdk.net.hosts.file=/dev/null"), example, arguments).call();
            assertFalse(run.err().contains("Exception"), run::toString);
            assertTrue(parse(server.message()).getSubject().contains(SystemCommand.run("uname", "-n").strip()), run::toString);
        }
    }

    @Test
    void noAlertWhenAllIsWell() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            Tool.Result alert = example("Alert.java", server.url(), "cron@example.org", "ops@example.org", "echo", "fine").call();
            assertEquals(0, alert.exit(), alert::toString);
            assertEquals("", alert.out() + Program.withoutJbang(alert.err()));
            assertEquals(List.of(), server.commands());
        }
    }

    @Test
    void aReportHasATableAndAChartInTheHtml() throws MessagingException, IOException {
        try (FakeSmtp server = new FakeSmtp().start()) {
            Tool.Result report = quickly("Report.java", server.url(), "ops@example.org", "team@example.org").call();
            assertEquals(0, report.exit(), report::toString);
            MimeMultipart related = (MimeMultipart) parse(server.message()).getContent();
            assertTrue(related.getContentType().startsWith("multipart/related"), related.getContentType());
            MimeMultipart alternative = (MimeMultipart) related.getBodyPart(0).getContent();
            String html = text(alternative.getBodyPart(1));
            long rows = html.lines().filter(line -> line.startsWith("<tr><td>")).count();
            assertTrue(rows > 0 && html.contains("<img src=\"cid:chart\""), html);
            assertEquals(rows, text(alternative.getBodyPart(0)).lines().count());
            assertEquals("<chart>", related.getBodyPart(1).getHeader("Content-ID")[0]);
            BufferedImage chart = ImageIO.read(new ByteArrayInputStream(content(related.getBodyPart(1))));
            assertEquals(24 * rows + 1, chart.getHeight());
        }
    }

    @Test
    void aNewsletterGoesToEverybodyOverOneConnection() throws MessagingException {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on("RCPT TO:<gone@", "550 5.1.1 no such user").start(); Scratch scratch = Scratch.create("newsletter")) {
            Path letter = scratch.write("letter.txt", """
                From: News <news@example.org>
                To: {{name}} <{{email}}>
                Subject: News for {{name}}

                Dear {{name}},
                all is well.
                """);
            String table = """
                email,name
                ann@example.org,"Ann, Dr"
                gone@example.org,Gone
                no address,Nobody
                bob@example.org,Böb
                """;
            Path people = scratch.write("people.csv", table);
            Supplier<Tool.Result> newsletter = () -> quickly("Newsletter.java", server.url(), "may", letter, people).call();
            Tool.Result faulty = newsletter.get();
            assertEquals(65, faulty.exit(), faulty::toString);
            assertTrue(faulty.err().contains("row 3 (line 4): column email: can't read the address 'no address'"), faulty.err());
            assertEquals(List.of(), server.commands());
            scratch.write("people.csv", table.replace("no address,Nobody\n", ""));
            Tool.Result run = newsletter.get();
            assertEquals(79, run.exit(), run::toString);
            assertEquals("3 rows, 2 accepted, 1 refused\n", run.out());
            assertTrue(run.err().contains("row 2, gone@example.org: REFUSED 550 5.1.1 no such user"), run.err());
            assertEquals(1, server.peers().size());
            assertEquals(List.of(List.of("ann@example.org"), List.of("bob@example.org")), server.messages().stream().map(FakeSmtp.Received::to).toList());
            assertEquals("News for Böb", parse(server.messages().get(1)).getSubject());
            assertTrue(server.messages().get(0).text().endsWith("Dear Ann, Dr,\r\nall is well.\r\n"), server.messages().get(0)::text);
            newsletter.get();
            assertEquals(2, server.messages().size());
        }
    }

    @Test
    void anExampleNamesWhatWentWrong() {
        Tool.Result report = quickly("Report.java", "smtp://localhost:" + LocalPorts.free(), "ops@example.org", "team@example.org").call();
        assertEquals(75, report.exit(), report::toString);
        assertTrue(report.err().contains("can't connect to localhost port "), report.err());
        assertEquals(64, quickly("Report.java").call().exit());
    }

    @Test
    void whoSignsUpFollowsTheLinkInTheMail() {
        Tool.Result run = example("SignUpTest.java").call();
        assertEquals(0, run.exit(), run::toString);
        assertTrue(run.out().contains("1 tests successful"), run::toString);
    }

    /** Each may be started as it is; here most are started without JBang, which compiles the tool anew for each of them. */
    @Test
    void everyExampleBeginsAsJbangReadsIt() throws IOException {
        try (Stream<Path> examples = Files.list(Program.inClone("examples"))) {
            for (Path example : examples.filter(file -> file.toString().endsWith(".java")).toList()) {
                List<String> lines = Files.readAllLines(example);
                if (lines.stream().noneMatch(line -> line.contains("void main(String"))) {
                    continue;
                }
                List<String> head = lines.stream().takeWhile(line -> line.startsWith("//")).toList();
                assertEquals("///usr/bin/env jbang \"$0\" \"$@\" ; exit $?", head.get(0), example::toString);
                assertTrue(head.containsAll(List.of("//JAVA 17+", "//SOURCES ../MailTool.java")), example::toString);
                assertTrue(head.stream().anyMatch(line -> line.startsWith("//DESCRIPTION ./jbangw ")), example::toString);
            }
        }
    }

    // Other ways to use it

    @Test
    void aJshellScriptSends() {
        Need.that(Files.isExecutable(Path.of(System.getProperty("java.home"), "bin", "jshell")), "this JDK has no jshell");
        try (FakeSmtp server = new FakeSmtp().start()) {
            Tool.Result run = example("hello.jsh").env("SERVER", server.url()).call();
            assertEquals(0, run.exit(), run::toString);
            assertEquals(List.of("bob@example.org"), server.message().to());
            assertTrue(server.message().text().contains("Message-ID: " + run.out().strip()), run::toString);
        }
    }

    @Test
    void javaAloneRunsAScriptWithJbangsClassPath() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            Program.jbangw("build", Program.inClone("MailTool.java")).call();
            String classPath = Program.jbangw("info", "classpath", Program.inClone("MailTool.java")).call().out().strip();
            Tool.Result run = Program.of(Path.of(System.getProperty("java.home"), "bin", "java"), "-cp", classPath, Program.inClone("examples/Alert.java"),
                server.url(), "cron@example.org", "ops@example.org", "false").call();
            assertEquals(1, run.exit(), run::toString);
            assertEquals(List.of("ops@example.org"), server.message().to());
        }
    }

    @Test
    void jshellFindsTheClassPathByJbang() {
        Path jshell = Path.of(System.getProperty("java.home"), "bin", "jshell");
        Need.that(Files.isExecutable(jshell), "this JDK has no jshell");
        String classPath = Program.jbangw("info", "classpath", Program.inClone("MailTool.java")).call().out().strip();
        Tool.Result run = Program.of(jshell, "-J-XX:TieredStopAtLevel=1", "--class-path", classPath, "-").stdin("""
            import static mailtool.MailTool.*
            System.out.println(mail().from("a@example.org").to("b@example.org").text("x").prepare().envelope().recipients())
            /exit
            """).call();
        assertEquals("[b@example.org]\n", run.out(), run::toString);
    }

    @Test
    void aCompactSourceFileOfJava25Sends() {
        try (FakeSmtp server = new FakeSmtp().start(); Scratch scratch = Scratch.create("compact")) {
            Path script = scratch.write("hello.java", """
                //JAVA 25+
                //SOURCES %s
                import static mailtool.MailTool.*;

                void main(String... args) {
                    try (var smtp = smtp(args[0]).open()) {
                        IO.println(smtp.send(mail().from("a@example.org").to("b@example.org").subject("Hi").text("Hello")).ok());
                    }
                }
                """.formatted(Program.inClone("MailTool.java")));
            Tool.Result run = Program.jbangw(script, server.url()).env("JAVA_HOME", Jdks.needed(25)).call();
            assertEquals(0, run.exit(), run::toString);
            assertEquals("true\n", run.out());
            assertTrue(server.message().text().endsWith("\r\n\r\nHello\r\n"), server.message().text());
        }
    }


    @Test
    void theAttachmentsOfMatchingMailsAreSavedAndNothingIsOverwritten() throws IOException {
        String mail = "From: a@example.org\r\nSubject: %s\r\nContent-Type: text/csv; name=data.csv\r\nContent-Disposition: attachment; filename=data.csv\r\n\r\n%s\r\n";
        try (Scratch scratch = Scratch.create("attachments"); FakePop3 server = new FakePop3().message("u1", mail.formatted("Your INVOICE", "one")).message("u2", mail.formatted("Hello", "two"))
                .message("u3", mail.formatted("invoice again", "three")).start()) {
            Path folder = scratch.resolve("invoices");
            Tool.Result run = quickly("SaveAttachments.java", server.userUrl(), "invoice", folder).env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call();
            assertEquals(0, run.exit(), run::toString);
            List<String> saved = run.out().lines().toList();
            assertEquals(2, saved.size(), run::toString);
            assertEquals("one", Files.readString(Path.of(saved.get(0))).strip());
            assertEquals("three", Files.readString(Path.of(saved.get(1))).strip());
            assertEquals(80, quickly("SaveAttachments.java", server.userUrl(), "offer", folder).env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call().exit());
        }
    }

    @Test
    void theTableShowsWhoFillsTheBox() {
        try (FakePop3 server = new FakePop3().message("u1", "From: Ann <ann@example.org>\r\n\r\nshort\r\n").message("u2", "From: bob@example.org\r\n\r\n" + "long\r\n".repeat(500))
                .message("u3", "From: Ann <ann@example.org>\r\n\r\nshort\r\n").start()) {
            Tool.Result run = quickly("Senders.java", server.userUrl()).env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call();
            assertEquals(0, run.exit(), run::toString);
            List<String> rows = run.out().lines().map(String::strip).toList();
            assertTrue(rows.get(1).matches("1 +3\\.0  bob@example\\.org"), run::toString);
            assertTrue(rows.get(2).matches("2 +0\\.1  Ann <ann@example\\.org>"), run::toString);
        }
    }

    @Test
    void aFileMailedToOneselfComesBackAsItWas() throws IOException {
        DovecotUser user = Dovecot.shared().newUser("roundtrip");
        try (Scratch scratch = Scratch.create("roundtrip")) {
            byte[] content = new byte[100_000];
            new Random(1).nextBytes(content);
            Path file = Files.write(scratch.resolve("größe.bin"), content);
            Path accounts = Files.createDirectories(scratch.resolve("mailtool")).resolve("accounts");
            Files.writeString(accounts, "out.server = lmtp://localhost:" + Dovecot.shared().lmtpPort() + "\nout.insecure = true\nbox.pop3 = " + user.url() + "\nbox.insecure = true\n");
            Tool.Result run = quickly("RoundTrip.java", "out", "box", user.address(), file).env("MAILTOOL_PASSWORD", Dovecot.PASSWORD).env("XDG_CONFIG_HOME", scratch.path().toString()).call();
            assertEquals(0, run.exit(), run::toString);
            assertTrue(run.out().startsWith("the same, byte for byte, after "), run::toString);
            assertEquals(0, user.count());
        }
    }

    @Test
    void anAnswerGoesByAnAccountAndWhatMatchesIsForwardedAsItCame() throws MessagingException, IOException {
        String mail = "From: Ann <ann@example.org>\r\nSubject: Lottery\r\nMessage-ID: <1@example.org>\r\n\r\nyou won\r\n";
        try (Scratch scratch = Scratch.create("answer"); FakePop3 box = new FakePop3().messages(1).message("won", mail).start();
                FakeSmtp server = new FakeSmtp().on(".", "250 2.0.0 Ok: queued as 4XyZ").start()) {
            Path accounts = Files.createDirectories(scratch.resolve("mailtool")).resolve("accounts");
            Files.writeString(accounts, "ops.server = " + server.url() + "\nops.pop3 = " + box.userUrl() + "\nops.from = Ops <ops@example.org>\n");
            Tool.Result answer = quickly("Answer.java", "ops", "won", "No.").env("XDG_CONFIG_HOME", scratch.path()).env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call();
            assertEquals("sent to ann@example.org, queued as 4XyZ\n", answer.out(), answer::toString);
            Tool.Result forward = quickly("Forward.java", "ops", "ops", "me@example.org", "abuse@example.org", "subject=lottery").env("XDG_CONFIG_HOME", scratch.path())
                .env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call();
            assertEquals("sent to abuse@example.org, queued as 4XyZ\n", forward.out(), forward::toString);
            MimeMessage answered = parse(server.messages().get(0));
            assertEquals("Ops <ops@example.org>", answered.getHeader("From", null));
            assertEquals("<1@example.org>", answered.getHeader("In-Reply-To", null));
            assertEquals("No.\r\n\r\nAnn <ann@example.org> wrote:\r\n> you won\r\n", answered.getContent());
            BodyPart forwarded = ((MimeMultipart) parse(server.messages().get(1)).getContent()).getBodyPart(1);
            assertEquals("Lottery.eml", forwarded.getFileName());
            assertTrue(server.messages().get(1).text().contains("\r\n\r\n" + mail), server.messages().get(1)::text);
        }
    }

    /** Without JBang, with the tool's classes as they are. */
    private static Program quickly(String name, Object... arguments) {
        return Program.script(List.of(), Program.inClone("examples").resolve(name), arguments);
    }

    private static Program example(String name, Object... arguments) {
        Object[] words = Stream.concat(Stream.of(Program.inClone("examples").resolve(name)), Stream.of(arguments)).toArray();
        return Program.jbangw(words);
    }

    private static MimeMessage parse(FakeSmtp.Received message) throws MessagingException {
        return new MimeMessage(null, new ByteArrayInputStream(message.content()));
    }

    private static byte[] content(BodyPart part) throws MessagingException, IOException {
        try (InputStream content = part.getInputStream()) {
            return content.readAllBytes();
        }
    }

    private static String text(BodyPart part) throws MessagingException, IOException {
        return new String(content(part), StandardCharsets.UTF_8);
    }
}
