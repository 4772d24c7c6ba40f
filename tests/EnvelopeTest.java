package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets a message and who doesn't: the envelope, refusals, delivery notices and LMTP's reply for each recipient. */
final class EnvelopeTest {
    private static MailTool.Mail message(String... recipients) {
        return mail().from("a@example.org").to(String.join(", ", recipients)).subject("envelope").text("Hello");
    }

    private static MailTool.Delivery send(FakeSmtp server, MailTool.Mail mail) {
        try (MailTool.Smtp session = smtp(server.url()).open()) {
            return session.send(mail);
        }
    }

    private static MailTool.MailException refusal(FakeSmtp server, MailTool.Mail mail) {
        return assertThrows(MailTool.MailException.class, () -> send(server, mail));
    }

    private static List<String> addresses(List<MailTool.Recipient> recipients) {
        return recipients.stream().map(MailTool.Recipient::address).toList();
    }

    // Sender and recipients

    @Test
    void theEnvelopeHasTheSenderAndEachRecipientOnce() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "Ann <a@example.org>", "-t", "Bob <b@example.org>, c@example.org", "-t", "b@example.org",
                "--cc", "team: c@example.org, d@example.org;", "--bcc", "b@example.org, hidden@example.org", "--text", "Hello");
            assertEquals(0, result.exit(), result::toString);
            assertEquals("", result.out() + result.err());
            FakeSmtp.Received message = server.message();
            assertEquals("a@example.org", message.from());
            assertEquals(List.of("b@example.org", "c@example.org", "d@example.org", "hidden@example.org"), message.to());
            assertFalse(message.text().contains("hidden@example.org"), message.text());
        }
    }

    @Test
    void aDomainInOtherLettersIsTheSameRecipient() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            send(server, message("b@example.org").cc("b@EXAMPLE.org"));
            assertEquals(List.of("b@example.org"), server.message().to());
        }
    }

    @Test
    void bouncesMayGoElsewhere() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--envelope-from", "bounces@example.net", "--text", "Hello");
            assertEquals(0, result.exit(), result::toString);
            assertEquals("bounces@example.net", server.message().from());
            assertTrue(server.message().text().contains("From: a@example.org\r\n"), server.message().text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "<>", " <> "})
    void bouncesMayGoNowhere(String nowhere) {
        try (FakeSmtp server = new FakeSmtp().start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--envelope-from", nowhere, "--text", "Hello");
            assertEquals(0, result.exit(), result::toString);
            assertTrue(server.commands().contains("MAIL FROM:<>"), server.commands()::toString);
            assertEquals("", server.message().from());
        }
    }

    @ParameterizedTest
    @CsvSource({"550 5.7.1 not you, DATA, false", "451 4.7.1 not yet, TEMPORARY, true"})
    void aRefusedSenderEndsTheTransaction(String reply, MailTool.Exit exit, boolean retryable) {
        try (FakeSmtp server = new FakeSmtp().on("MAIL", reply).start()) {
            MailTool.MailException problem = refusal(server, message("b@example.org"));
            assertEquals(exit, problem.exit());
            assertEquals(MailTool.Stage.MAIL, problem.stage());
            assertEquals(retryable, problem.retryable());
            assertTrue(problem.getMessage().contains(reply), problem.getMessage());
            assertEquals(reply, problem.reply().orElseThrow().toString());
            assertTrue(problem.getMessage().contains("a@example.org"), problem.getMessage());
        }
    }

    // Refused recipients

    @Test
    void aRefusedRecipientDoesNotStopTheRest() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<b@", "550 5.1.1 no such user here").on("RCPT TO:<d@", "450 4.2.1 try later").start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org,c@example.org,d@example.org", "--text", "Hello");
            assertEquals(79, result.exit(), result::toString);
            assertEquals("", result.out());
            assertEquals(List.of("c@example.org"), server.message().to());
            assertEquals(3, result.err().lines().count(), result::toString);
            assertTrue(result.err().contains("1 of 3"), result::toString);
            assertTrue(result.err().contains("<b@example.org> 550 5.1.1 no such user here\n"), result::toString);
            assertTrue(result.err().contains("<d@example.org> 450 4.2.1 try later\n"), result::toString);
        }
    }

    @Test
    void theResultOfAPartialDeliveryTellsWhoHasIt() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").holdReplies().on("RCPT TO:<b@", "550 5.1.1 no such user").start()) {
            MailTool.Delivery delivery = send(server, message("b@example.org", "c@example.org"));
            assertFalse(delivery.ok());
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit());
            assertEquals(List.of("b@example.org"), addresses(delivery.refused()));
            assertEquals("550 5.1.1 no such user", delivery.refused().get(0).reply().orElseThrow().toString());
            assertEquals(List.of("b@example.org", "c@example.org"), addresses(delivery.recipients()));
            assertTrue(delivery.recipients().get(1).ok());
            assertEquals(List.of("c@example.org"), server.message().to());
        }
    }

    @ParameterizedTest
    @CsvSource({"550, 553, 65", "450, 550, 75", "550, 450, 75", "451, 452, 75"})
    void whenAllAreRefusedOneTemporaryRefusalMakesItTemporary(String first, String second, int exit) {
        for (String extension : List.of("PIPELINING", "CHUNKING", "HELP")) {
            try (FakeSmtp server = new FakeSmtp().ehlo(extension).on("RCPT TO:<b@", first + " first words").on("RCPT TO:<c@", second + " second words").start()) {
                MailTool.MailException problem = refusal(server, message("b@example.org", "c@example.org"));
                assertEquals(exit, problem.exit().code);
                assertEquals(MailTool.Stage.RCPT, problem.stage());
                assertEquals(exit == 75, problem.retryable());
                assertEquals(List.of(), server.attempts());
                List<MailTool.Recipient> recipients = problem.delivery().orElseThrow().recipients();
                assertEquals(List.of("first words", "second words"), recipients.stream().map(recipient -> recipient.reply().orElseThrow().text()).toList());
                assertEquals(List.of("RSET", "QUIT"), lastCommands(server, 2));
            }
        }
    }

    private static List<String> lastCommands(FakeSmtp server, int count) {
        List<String> commands = server.awaitEnd().commands();
        return commands.subList(commands.size() - count, commands.size());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "taro..yamada@docomo.example | taro..yamada@docomo.example",
        ".hanako@docomo.example | .hanako@docomo.example",
        "a.b.c...@ezweb.example | a.b.c...@ezweb.example",
        "T. Yamada <taro-..+x@docomo.example> | taro-..+x@docomo.example",
        "\"Y., Taro\" <ta/ro.@docomo.example> | ta/ro.@docomo.example",
        "=?UTF-8?Q?T=2E_Yam._?= <taro..@docomo.example> | taro..@docomo.example",
        "Team: .a@docomo.example; | .a@docomo.example",
        ".a.@docomo.example (Mr. Two..Dots) | .a.@docomo.example",
        "\u00fc..x.@docomo.example | \u00fc..x.@docomo.example",
        "\"..quoted..\"@docomo.example | \"..quoted..\"@docomo.example",
        "no..domain. | no..domain.@docomo.example"})
    void dotsInALocalPartStayAsTheyAre(String given, String address, @TempDir Path folder) throws IOException {
        staysAsItIs(given, address, folder);
    }

    /** A machine's name may have them, and what it sends has its name. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "root@my_host | root@my_host",
        "first_last@db_1.example.org | first_last@db_1.example.org",
        "Cron Daemon <root@my_host.local> | root@my_host.local",
        "root@my_host (Cron @my_host) | root@my_host",
        "\"Ann @my_co, Dr\" <a..b_c@_x.my_host> | a..b_c@_x.my_host",
        "=?UTF-8?Q?T=C3=A4_@a_b?= <a@b_c.d> | a@b_c.d",
        "Team_1: a@b_c.d; | a@b_c.d",
        "____@______________.______________.______________.______________ | ____@______________.______________.______________.______________"})
    void underscoresInADomainStayAsTheyAre(String given, String address, @TempDir Path folder) throws IOException {
        staysAsItIs(given, address, folder);
    }

    @Test
    void aLetterThatOnlyLooksLikeAnUnderscoreStays() {
        MailTool.Prepared mail = mail().from("x@y.z").to("a\u02cdb@c_d.e").text("Hello").prepare();
        assertEquals(List.of("a\u02cdb@c_d.e"), mail.envelope().recipients());
    }

    private static void staysAsItIs(String given, String address, Path folder) throws IOException {
        try (FakeSmtp server = new FakeSmtp().ehlo("SMTPUTF8", "8BITMIME").start(); MailTool.Smtp session = smtp(server.url()).open()) {
            session.send(mail().domain("docomo.example").from(given).to(given).to("x@example.org").text("Hello"));
            Path ready = Files.writeString(folder.resolve("ready.eml"), "From: " + given + "\nTo: x@example.org,\n " + given + "\nSubject: x\n\nHello\n");
            session.send(mail().domain("docomo.example").eml(ready.toString()));
            session.send(mail().domain("docomo.example").from("a@example.org").envelopeFrom(given).bcc(given).text("Hello"));
            for (FakeSmtp.Received message : server.messages()) {
                String octets = new String(address.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
                assertTrue(message.to().contains(octets), () -> message.to().toString());
                assertEquals(octets, message.from());
            }
            String header = new String(server.messages().get(0).content(), StandardCharsets.UTF_8);
            assertTrue(header.contains(address) && !header.contains("\u0080") && !header.contains("\u02cd"), header);
            assertEquals(given.contains("\"@"), header.contains("\"@"), header);
        }
    }

    @ParameterizedTest
    @CsvSource({"'', true", "ops, false"})
    void whoIsRefusedForWantOfALoginIsToldSo(String user, boolean told) {
        try (FakeSmtp server = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "secret").on("RCPT", "530 5.7.0 not authenticated").start()) {
            MailTool.Server<MailTool.Smtp> choice = user.isEmpty() ? smtp(server.url()) : smtp(server.url(user)).password("secret");
            try (MailTool.Smtp session = choice.open()) {
                MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.send(message("b@example.org")));
                assertEquals(told, problem.hint().contains("-u USER"), problem::hint);
            }
        }
    }

    // What became of it

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "250 2.0.0 Ok: queued as 4XyZ|4XyZ", "250 Ok: queued as ABC.|ABC", "250 OK id=1abC-0001-xY|1abC-0001-xY", "250 ok 1167836000 qp 29847|1167836000 qp 29847",
        "250 2.0.0 OK  1700000000 a1-2002si.12 - gsmtp|1700000000 a1-2002si.12", "250 2.6.0 <x@y> [InternalId=123, Hostname=EX.example.org] Queued mail for delivery|123",
        "250 Ok 0102018b2d3c4f5a-6b7c8d9e-0000-1111-2222-333344445555-000000|0102018b2d3c4f5a-6b7c8d9e-0000-1111-2222-333344445555-000000",
        "250 2.0.0 3f2A9b81 Message accepted for delivery|3f2A9b81", "250 2.0.0 <b@example.org> AbC+1 saved|AbC+1", "250 Ok thank you|''",
        "250 Message Queued (30D7B0BC-7FAD-4EE7-8C24-73AFEED9A662.1) (30D7B0BC-7FAD-4EE7-8C24-73AFEED9A662.1)|30D7B0BC-7FAD-4EE7-8C24-73AFEED9A662.1",
        "250 Queued (0.031 seconds)|''", "250 Queued (https://mail.example.org/queue)|''", "250 2.0.0 Message queued with id 2177003026.|2177003026", "250 Queued! <m@x> (Queue-Id: 4XyZ)|4XyZ",
        "250 Queued! 1167836000 qp 29847 <m@x>|1167836000 qp 29847", "250 2.0.0 Ok: queued on mx1.example.net as 1430081058-6ltg|1430081058-6ltg",
        "250 Ok. 0000000000220041.0000000053A04F92.00003D2C|0000000000220041.0000000053A04F92.00003D2C", "250 ok:  Message 36480124 accepted|36480124"})
    void theQueueIdIsFoundInTheWordsOfEachKindOfServer(String reply, String queueId) {
        try (FakeSmtp server = new FakeSmtp().on(".", reply).start()) {
            assertEquals(queueId, send(server, message("b@example.org")).queueId());
        }
    }

    @Test
    void eachStepHasItsTimeAlsoAfterAFailure() {
        List<Long> inTheEnvelope = nanos(transaction -> { });
        assertTrue(inTheEnvelope.get(0) > 0 && inTheEnvelope.get(1) == 0, inTheEnvelope::toString);
        List<Long> inTheBody = nanos(transaction -> transaction.times.bodyStarted = System.nanoTime());
        assertTrue(inTheBody.get(0) > 0 && inTheBody.get(1) > 0, inTheBody::toString);
    }

    /** What the envelope took and the body, until it failed after these steps. */
    private static List<Long> nanos(Consumer<Transaction> steps) {
        try (FakeSmtp fake = new FakeSmtp().start()) {
            MailTool.Server<MailTool.Smtp> server = smtp(fake.url());
            Transaction transaction = new Transaction(message("b@example.org").prepare());
            transaction.begins(SmtpSession.open(server.where(), server.how(), server.sinks()).connection);
            letTheClockGoOn();
            steps.accept(transaction);
            letTheClockGoOn();
            transaction.fail(new MailTool.MailException(MailTool.Exit.TEMPORARY, MailTool.Stage.DATA, "lost"));
            return List.of(transaction.times.envelope(), transaction.times.body());
        }
    }

    private static void letTheClockGoOn() {
        long before = System.nanoTime();
        while (System.nanoTime() == before) {
            Thread.onSpinWait();
        }
    }

    @Test
    void allRefusalsAreShown() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<b@", "550 5.1.1 first words").on("RCPT TO:<c@", "450 4.2.0 second words").start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org,c@example.org", "--text", "Hello");
            assertEquals(75, result.exit(), result::toString);
            assertTrue(result.err().contains("<b@example.org> 550 5.1.1 first words\n"), result::toString);
            assertTrue(result.err().contains("<c@example.org> 450 4.2.0 second words\n"), result::toString);
            assertEquals(3, result.err().lines().count(), result::toString);
        }
    }

    @Test
    void aForwardedRecipientIsAccepted() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT", "251 2.1.5 user not local; will forward").start()) {
            assertTrue(send(server, message("b@example.org")).ok());
        }
    }

    @Test
    void aThousandRecipientsGetOneCopy() {
        List<String> recipients = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            recipients.add("user" + i + "@example.org");
        }
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").on("RCPT TO:<user777@", "550 5.1.1 no such user").start()) {
            MailTool.Delivery delivery = send(server, message(recipients.toArray(String[]::new)));
            assertEquals(List.of("user777@example.org"), addresses(delivery.refused()));
            recipients.remove("user777@example.org");
            assertEquals(recipients, server.message().to());
        }
    }

    // All or nothing

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "HELP"})
    void allOrNothingAsksForEveryRecipientAndThenSendsNothing(String extension) {
        try (FakeSmtp server = new FakeSmtp().ehlo(extension).on("RCPT TO:<b@", "550 5.1.1 no such user").start()) {
            MailTool.MailException problem = refusal(server, message("b@example.org", "c@example.org", "d@example.org").allOrNothing());
            assertEquals(MailTool.Exit.DATA, problem.exit());
            assertEquals(550, problem.reply().orElseThrow().code());
            assertEquals(List.of("MAIL", "RCPT", "RCPT", "RCPT", "RSET", "QUIT"), verbs(server));
            assertEquals(List.of(), server.attempts());
        }
    }

    private static List<String> verbs(FakeSmtp server) {
        return server.awaitEnd().commands().stream().map(command -> command.split(" ")[0]).filter(verb -> !verb.equals("EHLO")).toList();
    }

    @Test
    void allOrNothingHasTheCodeOfTheRefusal() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<c@", "450 4.2.0 try later").start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org,c@example.org", "--all-or-nothing", "--text", "Hello");
            assertEquals(75, result.exit(), result::toString);
            assertTrue(result.err().contains("450 4.2.0 try later"), result::toString);
            assertFalse(server.awaitEnd().commands().contains("DATA"), server.commands()::toString);
        }
    }

    @Test
    void allOrNothingSendsToAllWhenNobodyIsRefused() {
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start()) {
            assertTrue(send(server, message("b@example.org", "c@example.org").allOrNothing()).ok());
            assertEquals(List.of("b@example.org", "c@example.org"), server.message().to());
        }
    }

    // Delivery notices

    @Test
    void noticesAreAskedForInTheEnvelope() {
        try (FakeSmtp server = new FakeSmtp().ehlo("DSN").start()) {
            Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "b+c=d@example.org", "--notify", "success,delay", "--ret", "hdrs",
                "--envid", "a+b=c d", "--text", "Hello");
            assertEquals(0, result.exit(), result::toString);
            FakeSmtp.Received message = server.message();
            assertEquals(List.of("RET=HDRS", "ENVID=a+2Bb+3Dc+20d"), message.parameters());
            assertEquals(List.of("NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;b+2Bc+3Dd@example.org"), message.recipients().get(0).parameters());
        }
    }

    /** RFC 6533, 3: each recipient as it is, and nothing that would end the parameter. */
    @Test
    void aNoticeNamesAnAddressInItsOwnAlphabet() {
        try (FakeSmtp server = new FakeSmtp().ehlo("DSN", "SMTPUTF8", "8BITMIME").start()) {
            send(server, message("j\u00fcrgen+a=b@example.org", "b+c@example.org").notify("failure"));
            List<String> originals = server.message().recipients().stream().map(recipient -> recipient.parameters().get(1)).map(EnvelopeTest::utf8).toList();
            assertEquals(List.of("ORCPT=utf-8;j\u00fcrgen\\x{2B}a\\x{3D}b@example.org", "ORCPT=rfc822;b+2Bc@example.org"), originals);
        }
    }

    private static String utf8(String octets) {
        return new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    @Test
    void noNoticeMayBeWanted() {
        try (FakeSmtp server = new FakeSmtp().ehlo("DSN").start()) {
            send(server, message("b@example.org").notify("never").ret("full"));
            assertEquals(List.of("RET=FULL"), server.message().parameters());
            assertEquals("NOTIFY=NEVER", server.message().recipients().get(0).parameters().get(0));
        }
    }

    @Test
    void whoAsksForNoNoticeSendsNoParameters() {
        try (FakeSmtp server = new FakeSmtp().ehlo("DSN").start()) {
            send(server, message("b@example.org"));
            assertEquals(List.of(), server.message().parameters());
            assertEquals(List.of(), server.message().recipients().get(0).parameters());
        }
    }

    @ParameterizedTest
    @CsvSource({"HELP, ''", "DSN, dsn"})
    void withoutDsnTheMailGoesWithAWarning(String offered, String turnedOff) {
        List<String> warnings = new ArrayList<>();
        try (FakeSmtp server = new FakeSmtp().ehlo(offered).start()) {
            MailTool.Server<MailTool.Smtp> choice = smtp(server.url()).warnings(warnings::add);
            if (!turnedOff.isEmpty()) {
                choice.set("no", turnedOff);
            }
            try (MailTool.Smtp session = choice.open()) {
                session.send(message("b@example.org").notify("success").ret("hdrs").envid("x"));
            }
            assertEquals(List.of(), server.message().parameters());
            assertEquals(List.of(), server.message().recipients().get(0).parameters());
            assertEquals(1, warnings.size());
            assertTrue(warnings.get(0).contains("DSN"), warnings::toString);
        }
    }

    @Test
    void postfixSendsTheNoticeThatWasAskedFor() {
        Postfix postfix = Postfix.shared();
        String subject = "notice-" + UUID.randomUUID();
        String id = "id-" + UUID.randomUUID();
        MailTool.Delivery delivery;
        try (MailTool.Smtp session = smtp("smtp://127.0.0.1:" + postfix.port()).set("ca", TestCerts.caFile().toString()).open()) {
            MailTool.Mail mail = mail().from("sender@example.org").to("bob@example.org").subject(subject).text("Hello");
            delivery = session.send(mail.notify("success").ret("hdrs").envid(id));
            assertFalse(delivery.queueId().isEmpty());
        }
        String notice = postfix.mailbox("sender").waitFor(text -> text.contains(subject) && text.contains("Action: delivered"));
        // Its log is written by another process, and is behind the answer to the message.
        assertTrue(postfix.log().contains(delivery.queueId()), delivery::toString);
        assertTrue(notice.contains("Original-Envelope-Id: " + id), notice);
        assertTrue(notice.contains("Original-Recipient: rfc822;bob@example.org"), notice);
        assertTrue(notice.contains("text/rfc822-headers"), notice);
    }

    @Test
    void postfixRefusesSomeAndTakesTheRest() {
        Postfix postfix = Postfix.shared();
        String subject = "partial-" + UUID.randomUUID();
        try (MailTool.Smtp session = smtp("smtp://127.0.0.1:" + postfix.port()).set("ca", TestCerts.caFile().toString()).open()) {
            MailTool.Mail mail = mail().from("sender@example.org").to("nobody@example.org, carol@example.org").cc(Postfix.DEFERRED).subject(subject).text("Hello");
            MailTool.Delivery delivery = session.send(mail);
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit());
            assertEquals(List.of("nobody@example.org", Postfix.DEFERRED), addresses(delivery.refused()));
            assertEquals("5.1.1", delivery.refused().get(0).reply().orElseThrow().enhanced());
            assertEquals("4.2.0", delivery.refused().get(1).reply().orElseThrow().enhanced());
        }
        postfix.mailbox("carol").waitFor(subject);
    }

    // LMTP

    @Test
    void dovecotRefusesOneRecipientAfterTheData() {
        Dovecot dovecot = Dovecot.shared();
        String subject = "lmtp-" + UUID.randomUUID();
        Tool.Result result = Tool.run("send", "-S", "lmtp://127.0.0.1:" + dovecot.lmtpPort(), "--ca", TestCerts.caFile().toString(), "-f", "a@example.org", "-t", "nobody@example.org, alice@example.org",
            "-t", Dovecot.FULL + ", bob@example.org", "-s", subject, "--text", "Hello");
        assertEquals(79, result.exit(), result::toString);
        assertTrue(result.err().contains("2 of 4"), result::toString);
        assertTrue(result.err().contains("<nobody@example.org> 550 5.1.1"), result::toString);
        assertTrue(result.err().contains("<" + Dovecot.FULL + "> 552 5.2.2"), result::toString);
        dovecot.mailbox("alice").waitFor(subject);
        dovecot.mailbox("bob").waitFor(subject);
    }

    @Test
    void dovecotRefusesTheOnlyRecipientAfterTheData() {
        try (MailTool.Smtp session = smtp("lmtp://127.0.0.1:" + Dovecot.shared().lmtpPort()).set("ca", TestCerts.caFile().toString()).open()) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> session.send(message(Dovecot.FULL)));
            assertEquals(MailTool.Exit.DATA, problem.exit());
            assertEquals(552, problem.reply().orElseThrow().code());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "CHUNKING", "HELP"})
    void lmtpAnswersForEachRecipient(String extension) {
        try (FakeSmtp server = new FakeSmtp().lmtp().ehlo(extension).on("RCPT TO:<b@", "550 5.1.1 no such user").on(". <d@", "452 4.2.2 full").start()) {
            MailTool.Delivery delivery = send(server, message("b@example.org", "c@example.org", "d@example.org", "e@example.org"));
            assertEquals(MailTool.Exit.PARTIAL, delivery.exit());
            assertEquals(List.of("b@example.org", "d@example.org"), addresses(delivery.refused()));
            assertEquals("452 4.2.2 full", delivery.refused().get(1).reply().orElseThrow().toString());
            assertTrue(server.commands().get(0).startsWith("LHLO "));
            assertEquals(List.of("c@example.org", "d@example.org", "e@example.org"), server.message().to());
        }
    }

    @ParameterizedTest
    @CsvSource({"552, 554, 65", "452, 554, 75", "554, 452, 75"})
    void lmtpThatRefusesAllAfterTheDataFailsAsAWhole(String first, String second, int exit) {
        try (FakeSmtp server = new FakeSmtp().lmtp().on(". <b@", first + " first words").on(". <c@", second + " second words").start()) {
            MailTool.MailException problem = refusal(server, message("b@example.org", "c@example.org"));
            assertEquals(exit, problem.exit().code);
            assertEquals(MailTool.Stage.DATA, problem.stage());
        }
    }

    @Test
    void lmtpThatStopsAnsweringLeavesTheRestUnknown() {
        try (FakeSmtp server = new FakeSmtp().lmtp().on(". <c@", ScriptedPeer::hangUp).start()) {
            MailTool.MailException problem = refusal(server, message("b@example.org", "c@example.org"));
            assertEquals(MailTool.Exit.UNKNOWN, problem.exit());
            assertFalse(problem.retryable());
            assertTrue(problem.getMessage().contains("unknown"), problem.getMessage());
            List<MailTool.Recipient> recipients = problem.delivery().orElseThrow().recipients();
            assertEquals(List.of(true, false), recipients.stream().map(MailTool.Recipient::ok).toList());
        }
    }
}
