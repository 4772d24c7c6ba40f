package mailtool;

import static mailtool.MailTool.pop3;
import static mailtool.MailTool.roundtrip;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.RoundTrip;
import mailtool.MailTool.RoundTripping;
import mailtool.MailTool.Server;
import mailtool.MailTool.Smtp;
import mailtool.MailTool.TripOutcome;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A probe mail sent and waited for: what each outcome is called, how its way is measured, and what is deleted. */
final class TripTest {
    @AutoClose
    private final Scratch scratch = Scratch.create("trip");
    private static final Pattern TOKEN = Pattern.compile("X-Mailtool-Probe: (\\S+)");

    /** What comes into the maildrop when the server has the whole message, made of that. */
    private static FakeSmtp delivering(FakePop3 box, UnaryOperator<String> made) {
        FakeSmtp fake = new FakeSmtp();
        return fake.on(".", peer -> {
            box.message("new", made.apply(fake.attempts().get(0).text()));
            peer.write("250 2.0.0 Ok: queued as FAKE1\r\n");
        });
    }

    private static RoundTripping between(FakeSmtp fake, FakePop3 box) {
        return between(smtp(fake.url()), box);
    }

    private static RoundTripping between(Server<Smtp> server, FakePop3 box) {
        return roundtrip(server, pop3(box.userUrl()).password(FakePop3.PASSWORD)).from("Ops <ops@example.org>").to("ann@example.org").set("crit", "20s");
    }

    private static String hop(Duration ago) {
        return "Received: from a by b with LMTP id X;\r\n " + DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.now().minus(ago).atOffset(ZoneOffset.UTC)) + "\r\n";
    }

    private static void assertCameTo(TripOutcome outcome, Exit exit, RoundTrip trip) {
        assertEquals(List.of(outcome, exit), List.of(trip.outcome(), trip.exit()), trip::toString);
    }

    // Real servers

    private static Server<Smtp> postfix(String scheme, int port) {
        return smtp(scheme + "://alice%40example.org@localhost:" + port).ca(TestCerts.caFile()).password(Dovecot.PASSWORD);
    }

    private static Server<Pop3> maildrop(DovecotUser user) {
        return pop3(user.url()).ca(TestCerts.caFile()).password(Dovecot.PASSWORD);
    }

    @Test
    void postfixInFrontOfDovecotIsMeasuredPhaseByPhase() {
        DovecotUser user = Dovecot.shared().newUser(Postfix.BEHIND);
        RoundTrip trip = roundtrip(postfix("smtp", Postfix.shared().loginPort()), maildrop(user)).to(user.address()).run();
        assertCameTo(TripOutcome.OK, Exit.OK, trip);
        assertEquals(List.of("connect", "tls", "auth", "accepted", "delivered", "found"), List.copyOf(trip.phases().keySet()));
        assertTrue(trip.phases().values().stream().noneMatch(Duration::isNegative), trip.phases()::toString);
        Eventually.until("Postfix's line", () -> Postfix.shared().log().contains(trip.queueId() + ": to=<" + user.address() + ">"));
        assertEquals(List.of(trip.queueId()), trip.trace().orElseThrow().hops().stream().limit(1).map(hop -> hop.id()).toList());
        assertEquals(363L, trip.certificateDays().orElseThrow());
        assertEquals(0, user.count());
    }

    @ParameterizedTest
    @CsvSource({Dovecot.FULL + ", FULL", Postfix.BOUNCING + ", REFUSED"})
    void whatPostfixReturnsEndsTheWait(String recipient, TripOutcome outcome) {
        DovecotUser user = Dovecot.shared().newUser(Postfix.BEHIND);
        RoundTrip trip = roundtrip(postfix("smtps", Postfix.shared().tlsPort()), maildrop(user)).from(user.address()).to(recipient).set("crit", "20s").run();
        assertCameTo(outcome, Exit.DATA, trip);
        assertEquals(List.of("connect", "tls", "auth", "accepted"), List.copyOf(trip.phases().keySet()));
        assertEquals(1, user.count());
    }

    @ParameterizedTest
    @CsvSource({"nobody@example.org, REFUSED, DATA", Postfix.DEFERRED + ", DEFERRED, TEMPORARY"})
    void whatPostfixDoesNotTakeIsNotWaitedFor(String recipient, TripOutcome outcome, Exit exit) {
        try (FakePop3 box = new FakePop3().start()) {
            assertCameTo(outcome, exit, between(postfix("smtp", Postfix.shared().loginPort()), box).to(recipient).run());
            assertEquals(List.of(), box.commands());
        }
    }

    // Outcomes

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"RCPT|550 5.1.1 no|REFUSED|DATA", "RCPT|451 4.7.1 later|DEFERRED|TEMPORARY", "EHLO|421 busy|DEFERRED|TEMPORARY",
        "RCPT|452 4.2.2 full|FULL|TEMPORARY", "RCPT|552 5.2.2 full|FULL|DATA", ".|452 no room|FULL|TEMPORARY", ".|552 no room|FULL|DATA",
        ".|552 5.3.4 too large|REFUSED|DATA", "RCPT|452 4.5.3 too many|DEFERRED|TEMPORARY", "AUTH|535 5.7.8 no|LOGIN|AUTH", "AUTH|454 4.7.0 later|DEFERRED|TEMPORARY",
        "EHLO|what|UNREACHABLE|PROTOCOL", ".|hang up|UNKNOWN|UNKNOWN", "MAIL|hang up|UNREACHABLE|TEMPORARY"})
    void aSendFailureHasItsWord(String command, String reply, TripOutcome outcome, Exit exit) {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "secret"); FakePop3 box = new FakePop3().start()) {
            fake.on(command, peer -> {
                if (reply.equals("hang up")) {
                    peer.hangUp();
                } else {
                    peer.say(reply);
                }
            }).start();
            assertCameTo(outcome, exit, between(smtp(fake.url("ops")).password("secret"), box).run());
            assertEquals(List.of(), box.commands());
        }
    }

    @Test
    void aServerThatIsAwayOrTooSlowIsUnreachable() {
        try (FakePop3 box = new FakePop3().start(); FakeSmtp silent = new FakeSmtp().on("EHLO", peer -> peer.stall()).start()) {
            assertCameTo(TripOutcome.UNREACHABLE, Exit.TEMPORARY, between(smtp("smtp://127.0.0.1:" + LocalPorts.free()), box).run());
            assertCameTo(TripOutcome.UNREACHABLE, Exit.TEMPORARY, between(silent, box).set("crit", "2s").run());
        }
    }

    @Test
    void tlsThatIsNotGoodIsNamedOnEitherSide() {
        try (FakeSmtp fake = new FakeSmtp().tls(TestCerts.expired().context()).start(); FakeSmtp clear = new FakeSmtp().start();
                FakePop3 box = new FakePop3().tls(TestCerts.selfSigned().context()).start()) {
            assertCameTo(TripOutcome.TLS, Exit.POLICY, between(smtp(fake.url()).ca(TestCerts.caFile()), box).run());
            RoundTrip trip = between(clear, box).run();
            assertCameTo(TripOutcome.TLS, Exit.POLICY, trip);
            assertEquals(List.of("connect", "accepted"), List.copyOf(trip.phases().keySet()));
        }
    }

    @Test
    void aLoginThatIsRefusedAtTheMaildropEndsItAtOnce() {
        try (FakeSmtp fake = new FakeSmtp().start(); FakePop3 box = new FakePop3().on("PASS", "-ERR [AUTH] no").start()) {
            assertCameTo(TripOutcome.LOGIN, Exit.AUTH, between(fake, box).run());
            assertEquals(1, box.commands("PASS").size());
        }
    }

    @Test
    void whatDoesNotComeIsLateAndAMaildropThatIsAwayIsNot() {
        try (FakeSmtp fake = new FakeSmtp().start(); FakePop3 box = new FakePop3().messages(3).start()) {
            RoundTrip late = between(fake, box).set("crit", "2s").run();
            assertCameTo(TripOutcome.LATE, Exit.UNMET, late);
            assertEquals("FAKE1", late.queueId());
            assertTrue(late.toString().contains("the mail to ann@example.org did not come within 2 s (--crit)"), late::toString);
            assertEquals(3, box.uidsLeft().size());
            box.on("PASS", "-ERR [IN-USE] no");
            assertCameTo(TripOutcome.UNREACHABLE, Exit.TEMPORARY, between(fake, box).set("crit", "2s").run());
        }
    }

    @Test
    void whatComesAfterWarnIsSlow() {
        try (FakePop3 box = new FakePop3().start(); FakeSmtp fake = delivering(box, mail -> hop(Duration.ZERO) + mail).start()) {
            RoundTrip slow = between(fake, box).set("warn", "1ms").run();
            assertCameTo(TripOutcome.SLOW, Exit.OK, slow);
            assertTrue(slow.success());
        }
    }

    // The mail

    @Test
    void theProbeNamesItself() {
        try (FakePop3 box = new FakePop3().start(); FakeSmtp fake = delivering(box, mail -> mail).start()) {
            RoundTrip trip = between(fake, box).run();
            assertCameTo(TripOutcome.OK, Exit.OK, trip);
            assertEquals(List.of("connect", "accepted", "found"), List.copyOf(trip.phases().keySet()));
            String text = fake.attempts().get(0).text();
            Matcher token = TOKEN.matcher(text);
            assertTrue(token.find() && token.group(1).length() > 30 && text.contains("\r\nAuto-Submitted: auto-generated\r\n"), text);
            assertTrue(text.contains("Message-ID: <" + token.group(1) + "@example.org>") && text.contains("From: Ops <ops@example.org>"), text);
            assertEquals("ops@example.org", fake.attempts().get(0).from());
            assertEquals(List.of("ann@example.org"), fake.attempts().get(0).to());
        }
    }

    @Test
    void hopsAndFindingsAreThoseOfItsHeader() {
        String results = "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=example.org\r\n";
        try (FakePop3 box = new FakePop3().start(); FakeSmtp fake = delivering(box, mail -> results + hop(Duration.ZERO) + hop(Duration.ofSeconds(90)) + mail).start()) {
            RoundTrip trip = between(fake, box).run();
            assertEquals(2, trip.trace().orElseThrow().hops().size());
            assertEquals(List.of(results.strip()), trip.trace().orElseThrow().recorded());
            assertTrue(trip.phases().containsKey("delivered"), trip.phases()::toString);
        }
    }

    /** The clock of the other is wrong by an hour. */
    @ParameterizedTest
    @ValueSource(ints = {3600, -3600})
    void noPhaseIsLongerThanItCanBe(int seconds) {
        try (FakePop3 box = new FakePop3().start(); FakeSmtp fake = delivering(box, mail -> hop(Duration.ofSeconds(seconds)) + mail).start()) {
            RoundTrip trip = between(fake, box).run();
            assertTrue(trip.phases().values().stream().allMatch(time -> !time.isNegative() && time.toSeconds() < 20), trip.phases()::toString);
        }
    }

    // What is deleted

    private static String stale(String from, Duration age, String field) {
        return hop(age) + "From: " + from + "\r\n" + field + "Subject: old\r\n\r\nx\r\n";
    }

    @Test
    void onlyItsOwnAndStaleProbesOfItsOwnAreDeleted() {
        String ours = "X-Mailtool-Probe: 1\r\n";
        Duration days = Duration.ofDays(2);
        try (FakePop3 box = new FakePop3().pipelining().start(); FakeSmtp fake = delivering(box, mail -> hop(Duration.ZERO) + mail).start()) {
            box.message("too far", stale("ops@example.org", days, ours)).messages(93);
            box.message("stale", stale("Ops <OPS@example.org>", days, ours)).message("another's", stale("web@example.org", days, ours))
                    .message("two", stale("ops@example.org, web@example.org", days, ours)).message("young", stale("ops@example.org", Duration.ofHours(23), ours))
                    .message("no probe", stale("ops@example.org", days, "")).message("no hop", "From: ops@example.org\r\n" + ours + "Date: 1 Jan 2020 00:00:00 +0000\r\n\r\nx\r\n");
            assertCameTo(TripOutcome.OK, Exit.OK, between(fake, box).run());
            assertEquals(Set.of("stale", "new"), Set.copyOf(box.uidsRemoved()));
            assertEquals(1, box.commands("PASS").size());
            assertEquals(1, box.commands("RETR").size());
        }
    }

    /** Where all are late, nobody else would. */
    @Test
    void staleProbesGoThoughTheProbeIsLate() {
        try (FakePop3 box = new FakePop3().start(); FakeSmtp fake = new FakeSmtp().start()) {
            box.message("stale", stale("ops@example.org", Duration.ofDays(2), "X-Mailtool-Probe: 1\r\n"));
            assertCameTo(TripOutcome.LATE, Exit.UNMET, between(fake, box).set("crit", "1s").run());
            assertEquals(List.of("stale"), box.uidsRemoved());
        }
    }

    @Test
    void aStaleProbeThatCannotBeDeletedKeepsNoOther() {
        try (FakePop3 box = new FakePop3().once("DELE", "-ERR no").start(); FakeSmtp fake = delivering(box, mail -> hop(Duration.ZERO) + mail).start()) {
            box.message("stale", stale("ops@example.org", Duration.ofDays(2), "X-Mailtool-Probe: 1\r\n"));
            assertCameTo(TripOutcome.OK, Exit.OK, between(fake, box).run());
            assertEquals(List.of("stale"), box.uidsLeft());
        }
    }

    /** A number that was a stale one's in a look that broke is another's in the next. */
    @Test
    void whatALookThatBrokeHasSeenIsNotDeletedByTheNext() {
        try (FakePop3 box = new FakePop3(); FakeSmtp fake = new FakeSmtp().start()) {
            box.message("gone", "Subject: x\r\n\r\nx\r\n").message("stale", stale("ops@example.org", Duration.ofDays(2), "X-Mailtool-Probe: 1\r\n"));
            box.once("TOP 1", peer -> {
                box.withdraw("gone").message("another's", "Subject: y\r\n\r\ny\r\n").message("new", hop(Duration.ZERO) + fake.attempts().get(0).text());
                box.once("TOP 2", "-ERR [SYS/TEMP] not now");
                peer.hangUp();
            }).start();
            assertCameTo(TripOutcome.OK, Exit.OK, between(fake, box).run());
            assertEquals(Set.of("stale", "new"), Set.copyOf(box.uidsRemoved()));
        }
    }

    /** The look goes on after it, for stale ones. */
    @Test
    void whatBreaksAfterTheProbeWasFoundIsNoFailure() {
        try (FakePop3 box = new FakePop3().message("old", "Subject: x\r\n\r\nx\r\n").on("TOP 1", peer -> peer.hangUp()).start();
                FakeSmtp fake = delivering(box, mail -> hop(Duration.ZERO) + mail).start()) {
            assertCameTo(TripOutcome.OK, Exit.OK, between(fake, box).run());
        }
    }

    @Test
    void manyMailsThatComeAtTheSameTimeHideNothing() {
        try (FakePop3 box = new FakePop3().pipelining().start(); FakeSmtp fake = new FakeSmtp()) {
            fake.on(".", peer -> {
                box.message("new", hop(Duration.ZERO) + fake.attempts().get(0).text());
                for (int number = 1; number <= 150; number++) {
                    box.message("other-" + number, hop(Duration.ZERO) + "Subject: other\r\n\r\nx\r\n");
                }
                peer.write("250 2.0.0 Ok: queued as FAKE1\r\n");
            }).start();
            assertCameTo(TripOutcome.OK, Exit.OK, between(fake, box).set("crit", "3s").run());
            assertEquals(List.of("new"), box.uidsRemoved());
        }
    }

    @Test
    void theCertificateOfTheMaildropCountsAlsoInVain() {
        try (FakePop3 box = new FakePop3().tls(TestCerts.good().context()).on("PASS", "-ERR [AUTH] no").start(); FakeSmtp fake = new FakeSmtp().start()) {
            RoundTrip trip = roundtrip(smtp(fake.url()), pop3(box.userUrl()).password(FakePop3.PASSWORD).ca(TestCerts.caFile()))
                    .from("ops@example.org").to("ann@example.org").run();
            assertCameTo(TripOutcome.LOGIN, Exit.AUTH, trip);
            assertTrue(trip.certificateDays().isPresent());
        }
    }

    @Test
    void aProbeThatCannotBeDeletedIsFoundAllTheSame() {
        try (FakePop3 box = new FakePop3().on("DELE", "-ERR no").start(); FakeSmtp fake = delivering(box, mail -> hop(Duration.ZERO) + mail).start()) {
            assertCameTo(TripOutcome.OK, Exit.OK, between(fake, box).run());
            assertEquals(List.of("new"), box.uidsLeft());
        }
    }

    // What comes back

    private static final String REPORT = """
        From: %s
        Subject: Undelivered
        Content-Type: multipart/report; report-type=delivery-status; boundary=b

        --b

        It could not be delivered.
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.org

        Final-Recipient: rfc822; ann@example.org
        Action: %s
        Status: %s
        Diagnostic-Code: %s

        --b
        Content-Type: text/rfc822-headers

        Message-ID: <%s@example.org>
        --b--
        """;

    private static UnaryOperator<String> report(String from, String action, String status, String diagnostic, boolean ours) {
        return mail -> {
            Matcher token = TOKEN.matcher(mail);
            return hop(Duration.ZERO) + REPORT.formatted(from, action, status, diagnostic, token.find() && ours ? token.group(1) : "another").replace("\n", "\r\n");
        };
    }

    /** Exim, Postfix and qmail have ways of their own. */
    @ParameterizedTest
    @CsvSource({"failed, 5.0.0, 'smtp; 552 5.2.2 over\n quota', 552 5.2.2 over quota", "failed, 5.2.2, x-unix; full, 5.2.2 full",
        "Failed, 4.4.1, 'smtp; nobody answers', 4.4.1 nobody answers", "failed, 5.4.4, 'X-Postfix; Host or domain name not found.\n Name service error', 5.4.4 Host or domain name not found. Name service error",
        "failed, 5.0.0 (permanent failure), 'smtp;550 5.1.1 no such user', 550 5.1.1 no such user", "failed, 5.0.0 (failure), x-unix; died, 5.0.0 (failure) died",
        "failed, 5.1.1, 550 5.1.1 untyped; gone, 550 5.1.1 untyped; gone", "failed, 4.4.7, 'SMTP; ', 4.4.7",
        "delayed, 4.4.1, smtp; 451 no, ", "relayed, 2.1.5, smtp; 250 ok, "})
    void aReportTellsWhyItCameBack(String action, String status, String diagnostic, String why) {
        Path file = scratch.write("report", report("x@example.org", action, status, diagnostic, true).apply("X-Mailtool-Probe: the-token\r\n"));
        assertEquals(Optional.ofNullable(why), DeliveryReport.reason(file, "the-token"));
        assertEquals(Optional.empty(), DeliveryReport.reason(file, "another-token"));
    }

    @Test
    void aReportMayGoOnForLong() {
        Path file = scratch.write("report", report("x@example.org", "failed", "5.1.1", "smtp; 550 5.1.1 no" + "\n x".repeat(60_000), true)
            .apply("X-Mailtool-Probe: the-token\r\n"));
        assertTrue(DeliveryReport.reason(file, "the-token").orElseThrow().startsWith("550 5.1.1 no x x x"));
    }

    /** Some call also the words for people so. */
    @Test
    void allPartsThatAreDeliveryReportsTellWhyItCameBack() {
        String words = "--b\nContent-Type: message/delivery-status\n\nThis message could not be delivered.\n";
        Path file = scratch.write("report", REPORT.formatted("x@example.org", "failed", "5.3.0", "smtp; nobody", "the-token").replaceFirst("(?=--b\n)", words));
        assertEquals(Optional.of("5.3.0 nobody"), DeliveryReport.reason(file, "the-token"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "; charset=iso-8859-1"})
    void aReportIsReadInItsCharset(String parameter) {
        String text = REPORT.formatted("x@example.org", "failed", "5.1.1", "smtp; 550 5.1.1 Empf\u00e4nger unbekannt", "the-token");
        String labelled = text.replace("message/delivery-status", "message/delivery-status" + parameter);
        Path file = scratch.write("report", labelled.getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(Optional.of("550 5.1.1 Empf\u00e4nger unbekannt"), DeliveryReport.reason(file, "the-token"));
    }

    @ParameterizedTest
    @CsvSource({"MAILER-DAEMON@example.org, Remote_host_said:_550_5.1.1_no", "MAILER-DAEMON <>, Remote_host_said:_550_5.1.1_no",
        "Mail Delivery System <MAILER-DAEMON>, Remote_host_said:_550_5.1.1_no", "ann@example.org, ", "mailer-daemon <ann@example.org>, "})
    void aDaemonMaySayItInItsOwnWordsAndNobodyElse(String from, String why) {
        Path file = scratch.write("report", "From: " + from + "\r\nSubject: failure notice\r\n\r\nHi. This is the qmail-send program. Length: 399\r\n354 go\r\n"
                + "Remote_host_said:_550_5.1.1_no\r\n\r\n--- Below this line is a copy of the message.\r\n\r\nX-Mailtool-Probe: the-token\r\n");
        assertEquals(Optional.ofNullable(why), DeliveryReport.reason(file, "the-token"));
    }

    @Test
    void aReportEndsTheWaitAtOnceAndStays() {
        UnaryOperator<String> failed = report("x@example.org", "failed", "5.1.1", "smtp; 550 5.1.1 no such user", true);
        try (FakePop3 box = new FakePop3().start(); FakeSmtp fake = delivering(box, failed).start()) {
            RoundTrip trip = between(fake, box).run();
            assertCameTo(TripOutcome.REFUSED, Exit.DATA, trip);
            assertTrue(trip.toString().startsWith("refused, it came back: 550 5.1.1 no such user"), trip::toString);
            assertEquals(List.of("new"), box.uidsLeft());
        }
    }

    // Wrong usage

    @Test
    void wrongUsageIsThrown() {
        Server<Smtp> server = smtp("smtp://localhost");
        Server<Pop3> box = pop3("pop3://ops@localhost").password("x");
        Stream.of(roundtrip(server, box), roundtrip(server, pop3("pop3://localhost")).to("a@example.org"), roundtrip(server, box).to("a@example.org, b@example.org"),
                roundtrip(server, box).to("nobody"), roundtrip(server, box).from("x").to("a@example.org")).forEach(wrong ->
                assertEquals(Exit.USAGE, assertThrows(MailException.class, wrong::run).exit(), () -> wrong.toString().toLowerCase(Locale.ROOT)));
        assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> roundtrip(server, box).set("crit", "soon")).exit());
        MailException never = assertThrows(MailException.class, () -> roundtrip(server, box).to("a@example.org").set("warn", "3m").run());
        assertEquals("64 --warn is longer than --crit", never.exit().code + " " + never.getMessage());
    }
}
