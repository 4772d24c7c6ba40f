package mailtool;

import static mailtool.MailTool.fetching;
import static mailtool.MailTool.mail;
import static mailtool.MailTool.message;
import static mailtool.MailTool.pop3;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.lang.reflect.Executable;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Match;
import mailtool.MailTool.Message;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Server;
import mailtool.MailTool.Smtp;
import mailtool.MailTool.Stage;
import mailtool.MailTool.Tls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers, sessions and maildrops as a script uses them, and as a person sees them in jshell. */
final class ScriptServerTest {
    private static MailException failure(Runnable attempt) {
        return assertThrows(MailException.class, attempt::run);
    }

    // Servers

    @ParameterizedTest
    @ValueSource(strings = {"smtp.gmail.com", "localhost", "localhost:1025", "ops@mail.example.org", "mail.example.org:587", "http://example.org", ""})
    void aHostWithoutASchemeIsNoAccount(String server) {
        for (Runnable attempt : List.<Runnable>of(() -> smtp(server), () -> pop3(server))) {
            MailException failure = failure(attempt);
            assertEquals(Exit.USAGE, failure.exit());
            assertTrue(failure.hint().matches("write it as (smtp|pop3)://.*"), failure.hint());
        }
    }

    @Test
    void settersSayWhatTheOptionsSay() {
        Server<Smtp> server = smtp("smtp://mail.example.org").user("ops").password("secret").tls(Tls.REQUIRED).ca(TestCerts.caFile()).ca(TestCerts.caFile().toString())
            .auth("PLAIN").timeout(Duration.ofSeconds(20)).retry(3).proxy("socks5://localhost:1080");
        assertEquals("ops", server.how().credentials().user());
        assertEquals("PLAIN", server.how().credentials().mechanism());
        assertEquals(Tls.REQUIRED, server.how().tls().mode());
        assertEquals(Optional.of(TestCerts.caFile()), server.how().tls().ca());
        assertEquals(Optional.of(Duration.ofSeconds(20)), server.how().timeout());
        assertTrue(server.how().reach().proxy().isPresent());
        String pin = "sha256:" + "A".repeat(43) + "=";
        assertEquals(pin, "sha256:" + pop3("pop3s://ops@mail.example.org").pin(pin).how().tls().pin());
        List<Runnable> wrong = List.of(() -> server.user(" "), () -> server.tls(null), () -> server.pin("x"), () -> server.auth("x"), () -> server.timeout(Duration.ZERO),
            () -> server.timeout(Duration.ofDays(2)), () -> server.retry(-1), () -> server.proxy("x"), () -> server.user(null));
        wrong.forEach(attempt -> assertEquals(Exit.USAGE, failure(attempt).exit()));
        assertEquals(Exit.NO_INPUT, failure(() -> server.ca(Path.of("missing"))).exit());
        assertEquals("smtp://ops@mail.example.org:587", server.toString());
        assertEquals("pop3s://mail.example.org:995", pop3("pop3s://mail.example.org").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "no", "0", " ", "True"})
    void aSwitchIsNotTurnedOnByAnotherWordThanTrue(String value) {
        Server<Smtp> server = smtp("smtp://localhost");
        Map<String, Function<String, Object>> switches = Map.of("insecure", name -> server.set(name, value), "ipv4", name -> server.set(name, value), "all-or-nothing", name -> mail().set(name, value),
            "delete", name -> fetching().set(name, value), "all", name -> fetching().set(name, value), "newest-first", name -> fetching().set(name, value));
        switches.forEach((name, set) -> {
            MailException failure = failure(() -> set.apply(name));
            assertEquals(Exit.USAGE, failure.exit());
            assertEquals("--" + name + " is a switch and takes no '" + value + "'", failure.getMessage());
        });
        for (String on : List.of("", "true")) {
            fetching().set("delete", on).set("all", on);
            assertTrue(mail().from("a@example.org").to("b@example.org").text("x").set("all-or-nothing", on).prepare().envelope().allOrNothing());
        }
    }

    @Test
    void whatIsMissingIsRefusedWhereItIsGiven() {
        Server<Smtp> server = smtp("smtp://localhost");
        List<Runnable> nothing = List.of(() -> mail().set(null, "x"), () -> mail().set("text", null), () -> server.set(null, "x"), () -> fetching().set(null, "x"), () -> server.probing().set(null, "x"),
            () -> mail().eml((String) null), () -> mail().eml((byte[]) null), () -> mail().attach((Path) null), () -> mail().attach((Message) null), () -> mail().to((List<String>) null),
            () -> mail().inline(null, new byte[1]), () -> mail().notify(null), () -> mail().ret(null), () -> MailTool.account(null), () -> MailTool.message((java.io.InputStream) null),
            () -> MailTool.bulk(null), () -> MailTool.spool(null), () -> MailTool.journal(null), () -> MailTool.mx(null), () -> Match.of(null), () -> server.ca((Path) null),
            () -> server.timeout(null), () -> server.open(null), () -> fetching().maildir(null), () -> fetching().forward(null), () -> MailTool.direct().send(null));
        nothing.forEach(attempt -> {
            MailException failure = failure(attempt);
            assertEquals(Exit.USAGE, failure.exit());
            assertTrue(failure.getMessage().endsWith(" is null"), failure::getMessage);
        });
    }

    @Test
    void aLimitThatIsEndlessIsTooLong() {
        assertEquals(Exit.USAGE, failure(() -> smtp("smtp://localhost").timeout(Duration.ofSeconds(Long.MAX_VALUE))).exit());
    }

    /** Otherwise the first one would go on as another user, or as nobody. */
    @Test
    void whatIsSetOnAServerLaterIsForLaterSessions() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").mailsAtMost(1).login("ops", "secret").start()) {
            Server<Smtp> server = smtp(fake.url()).user("ops").password("secret");
            try (Smtp first = server.open()) {
                assertTrue(first.send(mail().from("a@example.org").to("b@example.org").text("one")).ok());
                server.open(Stage.EHLO).close();
                assertEquals(Exit.AUTH, failure(() -> server.user("another").password("other").open()).exit());
                assertTrue(first.send(mail().from("a@example.org").to("b@example.org").text("two")).ok());
            }
            assertEquals(List.of("ops", "ops"), fake.messages().stream().map(FakeSmtp.Received::user).toList());
        }
    }

    @Test
    void whatAServerOffersIsOnlyShown() {
        try (FakeSmtp fake = new FakeSmtp().start(); Smtp smtp = smtp(fake.url()).open(); FakePop3 three = three().start(); Pop3 box = Pop3Calls.open(three)) {
            assertThrows(UnsupportedOperationException.class, () -> smtp.capabilities().clear());
            assertThrows(UnsupportedOperationException.class, () -> box.capabilities().clear());
        }
    }

    @Test
    void aSessionSaysWhomItTalksToAndWhatThatCanDo() throws Exception {
        try (FakeSmtp fake = new FakeSmtp().ehlo("PIPELINING", "SIZE 1000000").ehloUnderTls("SIZE 2000000").tls(TestCerts.good().context()).start();
                Smtp smtp = smtp(fake.url()).ca(TestCerts.caFile()).open()) {
            assertEquals("localhost", smtp.peer().host());
            assertTrue(smtp.peer().tlsVersion().startsWith("TLSv1."), smtp.peer()::toString);
            assertEquals(List.of("PIPELINING", "SIZE 1000000", "STARTTLS"), smtp.capabilities().get("clear").stream().sorted().toList());
            assertEquals(Map.of("TLS", List.of("SIZE 2000000")).get("TLS"), smtp.capabilities().get("TLS"));
            assertEquals("session with localhost", smtp.toString());
        }
    }

    @Test
    void aDeliveryIsSeenAsALine() {
        try (FakeSmtp fake = new FakeSmtp().on(".", "250 2.0.0 Ok: queued as 4XyZ").on("RCPT TO:<gone", "550 5.1.1 no such user").start();
                Smtp smtp = smtp(fake.url()).open()) {
            assertEquals("sent to b@example.org, queued as 4XyZ", smtp.send(mail().from("a@example.org").to("b@example.org")).toString());
            assertEquals("sent to b@example.org and 1 more, queued as 4XyZ; refused: <gone@example.org> 550 5.1.1 no such user",
                smtp.send(mail().from("a@example.org").to(List.of("b@example.org", "c@example.org", "gone@example.org"))).toString());
            MailException failure = failure(() -> smtp.send(mail().from("a@example.org").to("gone@example.org")));
            assertTrue(failure.toString().startsWith("MailException: " + failure.getMessage()), failure::toString);
            assertEquals(failure.getMessage(), failure.delivery().orElseThrow().toString());
        }
    }

    // Maildrops

    private static FakePop3 three() {
        return new FakePop3().message("u1", "From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>\r\nSubject: backup =?utf-8?Q?=1B=5B2J?=\r\nDate: Tue, 3 Nov 2026 10:20:30 +0000\r\n\r\none\r\n")
            .message("u2", "Subject: hello\r\n\r\ntwo\r\n").message("u3", "From: Team:;, Ann <ann@example.org>\r\nSubject: Backup 2\r\n\r\nthree\r\n");
    }

    @Test
    void messagesAreFoundAndStreamed() {
        try (FakePop3 fake = three().start(); Pop3 box = Pop3Calls.open(fake)) {
            assertEquals(List.of("u1", "u3"), box.find("subject=backup").stream().map(Message::uid).toList());
            assertEquals(List.of("u1", "u3"), box.find("backup").stream().map(Message::uid).toList());
            assertEquals(List.of(), box.find("from=nobody"));
            assertEquals(Exit.USAGE, failure(() -> box.find("(")).exit());
            int before = fake.commands("RETR").size();
            assertEquals("one", box.stream().map(message -> message.text().strip()).findFirst().orElseThrow());
            assertEquals(before + 1, fake.commands("RETR").size());
            assertTrue(Match.of("from=ann@").isIn(box.messages().get(2)));
            assertEquals(List.of("j@example.org", "", "ann@example.org"), box.stream().map(Message::fromAddress).toList());
            assertThrows(IndexOutOfBoundsException.class, () -> box.last(2).get(2));
            assertEquals(List.of(), box.last(0));
            for (int wrong : new int[] {-1, Integer.MIN_VALUE}) {
                MailException refusal = failure(() -> box.last(wrong));
                assertEquals(Exit.USAGE, refusal.exit());
                assertEquals("last takes a number, not '" + wrong + "'", refusal.getMessage());
            }
            assertEquals(3, box.last(Integer.MAX_VALUE).size());
            assertEquals("the sink of results is null", failure(() -> box.fetch(MailTool.fetching().pipe("false"), null)).getMessage());
            assertEquals(3, box.messages().size());
        }
    }

    @Test
    void messagesAreSeenAsLines() {
        try (FakePop3 fake = three().start(); Pop3 box = Pop3Calls.open(fake)) {
            List<String> lines = box.messages().toString().lines().map(line -> line.strip().replaceAll(" {2,}", "|")).toList();
            assertEquals(3, lines.size());
            assertTrue(lines.get(0).matches("1\\|2026-11-0\\d \\d\\d:20\\|Jürgen <j@example.org>\\|backup \\\\x1b\\[2J\\|\\d+"), lines::toString);
            assertEquals(lines.get(1), box.message("u2").toString().strip().replaceAll(" {2,}", "|"));
            assertEquals("2|hello|" + box.message("2").size(), lines.get(1));
            assertEquals(1, box.find("hello").toString().lines().count());
            assertEquals("maildrop of ops at localhost", box.toString());
        }
    }

    @Test
    void ofManyMessagesTheNewestAreSeen() {
        try (FakePop3 fake = new FakePop3().messages(103).start(); Pop3 box = Pop3Calls.open(fake)) {
            List<String> lines = box.messages().toString().lines().toList();
            assertEquals("… 3 before these", lines.get(0));
            assertEquals(101, lines.size());
            assertTrue(lines.get(100).contains("subject-103"), lines::toString);
        }
    }

    @Test
    void aMessageOfASessionThatHasEndedThrowsWhenMoreOfItIsAskedFor() {
        try (FakePop3 fake = new FakePop3().messages(3).start(); Scratch scratch = Scratch.create("ended"); Pop3 box = Pop3Calls.open(fake)) {
            Message known = box.message("1");
            assertEquals("subject-1", known.subject());
            Message unknown = box.message("2");
            Iterator<Message> all = box.messages().iterator();
            box.fetch(MailTool.fetching().maildir(scratch.resolve("Mail")).delete(), fetched -> { });
            assertEquals("subject-1", known.subject());
            assertEquals(Exit.USAGE, failure(known::text).exit());
            assertEquals(Exit.USAGE, failure(unknown::subject).exit());
            assertEquals(Exit.USAGE, failure(() -> all.next().subject()).exit());
            assertTrue(unknown.toString().contains("uid-2"), unknown::toString);
            assertEquals(List.of(), box.messages());
            assertEquals(Exit.USAGE, failure(unknown::text).exit());
        }
    }

    @Test
    void whatBecameOfFetchingIsSeenAsALine() {
        try (FakePop3 fake = new FakePop3().messages(2).on("RETR 2", "-ERR no").start(); Scratch scratch = Scratch.create("seen"); Pop3 box = Pop3Calls.open(fake)) {
            StringBuilder each = new StringBuilder();
            var summary = box.fetch(MailTool.fetching().maildir(scratch.resolve("Mail")), fetched -> each.append(fetched).append('\n'));
            assertTrue(each.toString().matches("message 2 \\(uid-2\\): -ERR no\nmessage 1 \\(uid-1\\): stored, \\d+\n"), each::toString);
            assertTrue(summary.toString().matches("1 fetched \\(\\d+\\), 1 left.*"), summary::toString);
        }
    }

    @Test
    void partsAreSeenAsLinesAndHadByNumber() {
        String mail = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nthe text\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"a\u001b.pdf\"\r\n\r\n%PDF\r\n--b--\r\n";
        Message message = message(new ByteArrayInputStream(mail.getBytes(StandardCharsets.ISO_8859_1)));
        assertEquals("2  a\\x1b.pdf  application/pdf, 4 octets", message.part(2).toString().strip());
        assertEquals(Exit.NO_INPUT, failure(() -> message.part(3)).exit());
        assertEquals("the text", message.readable().strip());
        assertEquals(List.of(), message.warnings());
    }

    // What is public

    @Test
    void noPublicSignatureNamesInternals() {
        List<Class<?>> visible = Stream.concat(Stream.of(MailTool.class), Stream.of(MailTool.class.getDeclaredClasses()).filter(type -> Modifier.isPublic(type.getModifiers())))
            .collect(Collectors.toList());
        List<String> faults = visible.stream()
            .flatMap(type -> Stream.<Executable>concat(Stream.of(type.getDeclaredMethods()), Stream.of(type.getDeclaredConstructors())))
            .filter(one -> Modifier.isPublic(one.getModifiers()) && !one.isSynthetic())
            .filter(one -> named(one).anyMatch(type -> !type.startsWith("java.") && visible.stream().noneMatch(ours -> ours.getName().equals(type))))
            .map(Executable::toString).toList();
        assertEquals(List.of(), faults);
        assertFalse(visible.contains(MailTool.Source.class));
        assertTrue(visible.contains(Match.class));
    }

    private static Stream<String> named(Executable one) {
        Type returned = one instanceof java.lang.reflect.Method method ? method.getGenericReturnType() : void.class;
        return Stream.concat(Stream.of(returned), Stream.of(one.getGenericParameterTypes())).map(Type::getTypeName)
            .flatMap(name -> java.util.regex.Pattern.compile("[\\w.$]+\\.[\\w.$]+").matcher(name).results().map(java.util.regex.MatchResult::group));
    }
}
