package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Message;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Server;
import mailtool.MailTool.Sought;
import mailtool.MailTool.Stage;
import mailtool.MailTool.Waiting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Waiting for a mail in a script, and which mails are new. */
class AwaitTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofSeconds(2);

    private static Server<Pop3> server(FakePop3 fake) {
        return Pop3Calls.server(fake);
    }

    /** With what happens when the first look has learned what is there. */
    private static Server<Pop3> server(FakePop3 fake, Runnable arrival) {
        return server(server(fake), arrival);
    }

    private static Server<Pop3> server(Server<Pop3> server, Runnable arrival) {
        return server.transcript(line -> {
            if (line.endsWith("*** ready")) {
                arrival.run();
            }
        });
    }

    /** A mail whose last hop is so many seconds from now. */
    private static String mail(String subject, int seconds) {
        String time = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(seconds));
        return "Received: from a by b; " + time + "\r\nMessage-ID: <" + subject.replace(' ', '-') + "@example.org>\r\nSubject: " + subject + "\r\n\r\nhello\r\n";
    }

    /** What the command would wait for. */
    private static List<Message> found(FakePop3 fake, Waiting waiting, Runnable arrival) {
        List<Message> found = new ArrayList<>();
        Server<Pop3> server = server(fake, arrival);
        AwaitPlan plan = waiting.plan(server.where(), server.upTo(Stage.AUTH), server.sinks(), false, new Companion(List.of()));
        Waiting.each(plan, message -> found.add(Waiting.message(message)));
        return found;
    }

    /** That which a script gets, but with short pauses. */
    private static Message await(FakePop3 fake, String match, Runnable arrival) {
        return found(fake, waiting("match", match, "for", "1m", "every", "10ms"), arrival).get(0);
    }

    private static MailException inVain(FakePop3 fake, String match, String time) {
        return Pop3Calls.failure(() -> found(fake, waiting("match", match, "for", time, "every", "10ms"), () -> { }));
    }

    private static Waiting waiting(String... namesAndValues) {
        Waiting waiting = new Waiting(Duration.ZERO);
        IntStream.range(0, namesAndValues.length / 2).forEach(i -> waiting.set(namesAndValues[2 * i], namesAndValues[2 * i + 1]));
        return waiting;
    }

    private static List<String> subjects(List<Message> messages) {
        return messages.stream().map(Message::subject).toList();
    }

    // What is asked, and what is new

    @Test
    void whatWasThereIsOldAndWhatComesIsFound() {
        try (FakePop3 fake = new FakePop3().messages(3).start()) {
            Server<Pop3> server = server(fake, () -> fake.message("new", "Subject: subject-4\r\n\r\nhello\r\n"));
            Message found = server.await("subject-", LONG);
            assertEquals("new", found.uid());
            assertEquals("hello\n", found.text());
            assertEquals(List.of("TOP 4 0"), fake.commands("TOP"));
            assertEquals(List.of("RETR 4"), fake.commands("RETR"));
            assertEquals(List.of(), fake.commands("LIST"));
            assertEquals(List.of(2, 2), List.of(fake.commands("QUIT").size(), fake.commands("USER").size()));
        }
    }

    @Test
    void ofFiftyThousandOldMailsOnlyTheUidsAreAskedFor() {
        StringBuilder uids = new StringBuilder("+OK\r\n");
        IntStream.rangeClosed(1, 50_000).forEach(number -> uids.append(number).append(" u").append(number).append("\r\n"));
        AtomicInteger looks = new AtomicInteger();
        try (FakePop3 fake = new FakePop3().on("STAT", peer -> peer.write("+OK " + (looks.incrementAndGet() == 1 ? "50000" : "50001") + " 1\r\n"))
            .on("UIDL", peer -> peer.write(uids + (looks.get() == 1 ? "" : "50001 new\r\n") + ".\r\n"))
            .on("TOP 50001", "+OK", "Subject: here", "", ".").on("RETR 50001", "+OK", "Subject: here", "", "x", ".").start()) {
            assertEquals("new", await(fake, "here", () -> { }).uid());
            assertEquals(List.of("TOP 50001 0"), fake.commands("TOP"));
            assertEquals(List.of("RETR 50001"), fake.commands("RETR"));
        }
    }

    /** Of those by UID: new names each time, none, one for several. */
    @ParameterizedTest
    @ValueSource(strings = {"anew", "none", "same"})
    void whereUidsTellNothingTheHeaderDoes(String kind) {
        FakePop3 fake = new FakePop3();
        AtomicInteger session = new AtomicInteger();
        List.of("one", "two").forEach(name -> fake.message(kind.equals("same") ? "x" : name, mail("code " + name, -3600)));
        if (kind.equals("anew")) {
            fake.altered("UIDL", answer -> answer.replaceAll("(?m)^(\\d+ )", "$1" + session.incrementAndGet() + "-"));
        } else if (kind.equals("none")) {
            fake.without("UIDL");
        }
        try (fake) {
            Message found = await(fake.start(), "code", () -> fake.message("x", mail("code three", 3600)).message("y", mail("other", 3600)));
            assertEquals("code three", found.subject());
            assertEquals(List.of("RETR 3"), fake.commands("RETR"));
        }
    }

    /** It is not to be taken where nothing tells whether it is new. */
    @Test
    void whatCanNotBeToldFromOldIsNotTaken() {
        AtomicInteger session = new AtomicInteger();
        try (FakePop3 fake = new FakePop3().message("a", mail("code", -60)).message("b", mail("old", -60))
            .altered("UIDL", answer -> answer.replaceAll("(?m)^(\\d+ )", "$1" + session.incrementAndGet() + "-")).start()) {
            MailException why = inVain(fake, "code", "200ms");
            assertEquals(Exit.UNMET, why.exit());
            assertEquals(List.of(), fake.commands("RETR"));
            assertTrue(why.getMessage().contains(", 0 new messages"), why::getMessage);
        }
    }

    /** Some go meanwhile, and that makes the others no newer. */
    @Test
    void whereAllAreNamedAnewAndOneHasGoneTheOthersStayOld() {
        AtomicInteger session = new AtomicInteger();
        try (FakePop3 fake = new FakePop3().message("a", mail("code one", -60)).message("b", mail("code two", -60)).message("c", mail("code three", -60))
            .altered("UIDL", answer -> answer.replaceAll("(?m)^(\\d+ )", "$1" + session.incrementAndGet() + "-")).start()) {
            MailException why = Pop3Calls.failure(() -> found(fake, waiting("match", "code", "for", "200ms", "every", "10ms"), () -> fake.withdraw("a")));
            assertEquals(List.of(Exit.UNMET, List.of()), List.of(why.exit(), fake.commands("RETR")), why::getMessage);
        }
    }

    /** UIDs that have lasted from one look to the next are no new names for what was there. */
    @Test
    void whereUidsLastFewerThanHaveGoneAreNew() {
        AtomicInteger looks = new AtomicInteger();
        try (FakePop3 fake = new FakePop3().on("STAT", peer -> peer.write(looks.incrementAndGet() < 3 ? "+OK 3 1\r\n" : "+OK 2 1\r\n"))
            .on("UIDL", peer -> peer.write(looks.get() < 3 ? "+OK\r\n1 a\r\n2 b\r\n3 c\r\n.\r\n" : "+OK\r\n1 d\r\n2 e\r\n.\r\n"))
            .on("TOP 1", "+OK", "Subject: x", "", ".").on("TOP 2", "+OK", "Subject: code", "", ".").on("RETR 2", "+OK", "Subject: code", "", "x", ".").start()) {
            assertEquals("e", found(fake, waiting("match", "code", "for", "2s", "every", "10ms"), () -> { }).get(0).uid());
        }
    }

    /** A hop tells no less than seconds: it may be that in which the wait began. */
    @Test
    void aMailThatComesWhileTheOnlyOneGoesIsFoundByItsHop() {
        try (FakePop3 fake = new FakePop3().message("a", mail("code", -60)).start()) {
            Runnable exchange = () -> fake.withdraw("a").message("b", mail("code", 0));
            assertEquals("b", found(fake, waiting("for", "5s", "every", "10ms"), exchange).get(0).uid());
        }
    }

    @Test
    void intoAnEmptyMaildropWithoutUidlAnythingIsNew() {
        try (FakePop3 fake = new FakePop3().without("UIDL").start()) {
            assertEquals("s", await(fake, "s", () -> fake.message("a", "Subject: s\r\n\r\nx\r\n")).subject());
        }
    }

    @Test
    void whatAServerHidesOnceItWasFetchedIsFetchedOnceAndWhole() {
        FakePop3 fake = new FakePop3().messages(1);
        fake.once("RETR 3", peer -> {
            fake.withdraw("second");
            peer.write("+OK\r\nSubject: code\r\n\r\n12345\r\n.\r\n");
        });
        try (fake) {
            Message found = await(fake.start(), "code", () -> fake.message("first", "Subject: x\r\n\r\n12345\r\n").message("second", "Subject: code\r\n\r\n12345\r\n"));
            assertEquals("12345\n", found.text());
            assertEquals("code", found.subject());
            assertEquals(List.of("RETR 3"), fake.commands("RETR"));
        }
    }

    @Test
    void withoutTopTheNewOnesAreFetched() {
        try (FakePop3 fake = new FakePop3().messages(2).without("TOP").start()) {
            assertEquals("hello\n", await(fake, "code", () -> fake.message("new", mail("code", 0))).text());
            assertEquals(List.of("RETR 3"), fake.commands("RETR"));
            assertEquals(List.of(), fake.commands("TOP"));
        }
        try (FakePop3 fake = new FakePop3().messages(2).without("TOP").without("UIDL").start()) {
            assertEquals("hello\n", await(fake, "code", () -> fake.message("new", mail("code", 0))).text());
        }
    }

    @Test
    void oneThatIsNotShownIsLookedAtAgain() {
        try (FakePop3 fake = new FakePop3().once("TOP 1", "-ERR [SYS/TEMP] not now").once("RETR 1", "-ERR gone?").start()) {
            assertEquals("new", await(fake, "code", () -> fake.message("new", mail("code", 0))).uid());
            assertEquals(3, fake.commands("TOP").size());
            assertEquals(2, fake.commands("RETR").size());
        }
    }

    @Test
    void whatIsOnlyShownWholeIsFetched() {
        try (FakePop3 fake = new FakePop3().on("TOP 1", "-ERR no").start()) {
            assertEquals("new", await(fake, "code", () -> fake.message("new", mail("code", 0))).uid());
            assertEquals(List.of("RETR 1"), fake.commands("RETR"));
        }
    }

    // Which of several, and how far back

    @Test
    void ofSeveralItIsTheNewestAndOfSoManyTheOldest() {
        try (FakePop3 fake = new FakePop3().start()) {
            assertEquals(List.of("subject-4"), subjects(found(fake, waiting("match", "subject", "for", "1m", "every", "10ms"), () -> fake.messages(4))));
        }
        try (FakePop3 fake = new FakePop3().start()) {
            assertEquals(List.of("subject-1", "subject-2", "subject-3"),
                subjects(found(fake, waiting("count", "3", "match", "subject", "for", "1m", "every", "10ms"), () -> fake.messages(4))));
        }
    }

    @Test
    void sinceGoesByTheLastHopElseTheDateAndTheFutureIsNow() {
        try (FakePop3 fake = new FakePop3().message("old", mail("old", -3600)).message("in", mail("in", -300)).message("future", mail("future", 86_400))
            .message("date", mail("date", -300).replaceFirst("Received: from a by b;", "Date:")).message("neither", "Subject: neither\r\n\r\nx\r\n")
            .message("forged", "Date: " + mail("x", -60).substring(24, 53) + "\r\n" + mail("forged", -3600)).start()) {
            assertEquals(List.of("in", "future", "date"), subjects(found(fake, waiting("count", "3", "since", "10m"), () -> { })));
            assertEquals(0, fake.commands("LIST").size());
        }
    }

    @Test
    void itLooksBackUntilAHundredAreTooOld() {
        FakePop3 fake = new FakePop3();
        IntStream.range(0, 300).forEach(i -> fake.message("u" + i, mail("s" + i, i == 280 ? -60 : -3600)));
        try (fake) {
            assertEquals(List.of("s280"), subjects(found(fake.start(), waiting("since", "10m", "match", "s280"), () -> { })));
            assertThrows(MailException.class, () -> found(fake, waiting("since", "10m", "match", "no"), () -> { }));
            assertEquals(20 + 120, fake.commands("TOP").size());
        }
    }

    // Codes

    @Test
    void oneWithoutACodeDoesNotEndTheWait() {
        Waiting waiting = waiting("for", "1m", "every", "10ms");
        waiting.sought = java.util.Optional.of(new Sought("code", java.util.Optional.empty()));
        try (FakePop3 fake = new FakePop3().start()) {
            assertEquals("b", found(fake, waiting, () -> fake.message("b", "Subject: b\r\n\r\nYour code: 482913\r\n").message("a", "Subject: a\r\n\r\nx\r\n"))
                .get(0).uid());
        }
    }

    @Test
    void twoEqualCodesAreBothNamedAtTheEndHoweverManyCome() {
        Waiting waiting = waiting("since", "1h");
        waiting.sought = java.util.Optional.of(new Sought("code", java.util.Optional.empty()));
        FakePop3 fake = new FakePop3();
        IntStream.range(0, 5).forEach(i -> fake.message("u" + i, mail("mail " + i, -60)));
        fake.message("twice", mail("twice", -60).replace("hello", "code: 482913\r\n\r\ncode: 555123"));
        try (fake) {
            MailException why = assertThrows(MailException.class, () -> found(fake.start(), waiting, () -> { }));
            assertEquals(Exit.UNMET, why.exit());
            assertTrue(why.getMessage().contains("482913") && why.getMessage().contains("555123"), why::getMessage);
        }
    }

    // The end

    @Test
    void inVainTheLastThreeAreToldAndWhatTheyLacked() {
        try (FakePop3 fake = new FakePop3().messages(3).start()) {
            MailException why = Pop3Calls.failure(() -> server(fake).await("subject-", Duration.ZERO));
            assertEquals(Exit.UNMET, why.exit());
            assertEquals("no message found: 1 look, 0 new messages", why.getMessage());
            assertEquals(1, fake.commands("USER").size());
        }
        try (FakePop3 fake = new FakePop3().start()) {
            MailException why = Pop3Calls.failure(() -> found(fake, waiting("match", "zz", "for", "2s", "every", "10ms"), () -> fake.messages(5)));
            assertTrue(why.getMessage().matches("no message found within 2 s: \\d+ looks, 5 new messages; 'subject-3.*'subject-4.*'subject-5': no subject=zz"), why::getMessage);
            assertEquals(3, why.getMessage().split("no subject=zz", -1).length - 1, why::getMessage);
        }
    }

    @ParameterizedTest
    @CsvSource({"PASS, -ERR [AUTH] no, AUTH", "PASS, -ERR no, AUTH", "PASS, -ERR [SYS/PERM] gone, POLICY"})
    void aRefusedLoginEndsItAtOnce(String command, String answer, Exit exit) {
        try (FakePop3 fake = new FakePop3().on(command, answer).start()) {
            assertEquals(exit, Pop3Calls.exit(() -> server(fake).await("x", LONG)));
            assertEquals(1, fake.commands("PASS").size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-ERR [IN-USE] locked", "-ERR [LOGIN-DELAY] later", "-ERR [SYS/TEMP] trouble", "-ERR maildrop is locked", "nonsense"})
    void whatPassesIsTriedAgain(String answer) {
        try (FakePop3 fake = new FakePop3().once("PASS", answer).start()) {
            assertEquals("new", await(fake, "s", () -> fake.message("new", mail("s", 0))).uid());
            assertEquals(3, fake.commands("PASS").size());
        }
    }

    @Test
    void whatComesBeforeTheFirstLookThatIsNotRefusedIsNewByItsLastHop() {
        try (FakePop3 fake = new FakePop3().message("old", mail("code", -60)).message("new", mail("code", 60)).message("last", mail("other", -60))
            .once("PASS", "-ERR [IN-USE] busy").start()) {
            assertEquals("new", await(fake, "code", () -> { }).uid());
        }
    }

    @Test
    void aBrokenConnectionIsTriedAgainAndNoMailIsLost() {
        try (FakePop3 fake = new FakePop3().message("old", mail("code", -60)).cutOnce("UIDL", 5, ScriptedPeer::close).cutOnce("TOP", 20, ScriptedPeer::close)
            .cutOnce("RETR", 20, ScriptedPeer::close).start()) {
            assertEquals("new", await(fake, "code", () -> fake.message("new", mail("code", 0))).uid());
            assertEquals(2, fake.commands("RETR").size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TOP 2", "RETR 2"})
    void oneThatBreaksEverySessionDoesNotStandBeforeTheOthers(String command) {
        try (FakePop3 fake = new FakePop3().on(command, ScriptedPeer::close).start()) {
            Runnable arrival = () -> fake.message("good", mail("code a", 0)).message("bad", mail("code b", 0));
            assertEquals("good", await(fake, "code", arrival).uid());
        }
    }

    /** The first that is tried may be refused for its own sake. */
    @Test
    void whereTopHasToBeTriedOneRefusalDoesNotFetchAllOthers() {
        try (FakePop3 fake = new FakePop3().without("CAPA").on("TOP 4", "-ERR can't parse it").start()) {
            assertEquals("code a", await(fake, "code", () -> fake.message("good", mail("code a", 0)).messages(2).message("bad", mail("other", 0))).subject());
            assertEquals(List.of("RETR 4", "RETR 1"), fake.commands("RETR"));
        }
    }

    @Test
    void aTimeWithoutEndIsALongOne() {
        try (FakePop3 fake = new FakePop3().start()) {
            Runnable arrival = () -> fake.message("new", mail("code", 0));
            assertEquals("new", server(fake, arrival).await("code", ChronoUnit.FOREVER.getDuration()).uid());
        }
    }

    @Test
    void norWhereTopHasToBeTried() {
        try (FakePop3 fake = new FakePop3().without("CAPA").on("TOP 1", ScriptedPeer::close).start()) {
            Runnable arrival = () -> fake.message("bad", mail("code a", 0)).message("good", mail("code b", 0));
            assertEquals("good", await(fake, "code", arrival).uid());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TOP 3", "RETR 3"})
    void norWhereAllAreNamedAnewInEachSession(String command) {
        AtomicInteger session = new AtomicInteger();
        try (FakePop3 fake = new FakePop3().message("old", mail("code", -60)).on(command, ScriptedPeer::close)
            .altered("UIDL", answer -> answer.replaceAll("(?m)^(\\d+ )", "$1" + session.incrementAndGet() + "-")).start()) {
            Runnable arrival = () -> fake.message("good", mail("code a", 3600)).message("bad", mail("code b", 3600));
            assertEquals("code a", await(fake, "code", arrival).subject());
        }
    }

    /** The session is over in which it had its number. */
    @Test
    void whatCanNotBeDeletedAnyMoreIsNotTakenForDeleted() {
        Waiting waiting = waiting("count", "2", "match", "code", "since", "1h", "for", "1m", "every", "10ms");
        List<Awaited> found = new ArrayList<>();
        try (FakePop3 fake = new FakePop3().message("a", mail("code a", 0)).message("b", mail("code b", 0)).cutOnce("RETR 2", 0, ScriptedPeer::close).start()) {
            Server<Pop3> server = server(fake);
            AwaitPlan plan = waiting.plan(server.where(), server.upTo(Stage.AUTH), server.sinks(), true, new Companion(List.of()));
            assertEquals(Exit.TEMPORARY, Pop3Calls.exit(() -> Waiting.each(plan, found::add)));
            assertEquals(1, found.size());
            assertEquals(List.of("a", "b"), fake.uidsLeft());
        }
    }

    @Test
    void ifTheLastLookFailedNobodyKnows() {
        try (FakePop3 fake = new FakePop3().on("STAT", ScriptedPeer::close).start()) {
            MailException why = inVain(fake, "x", "200ms");
            assertEquals(Exit.TEMPORARY, why.exit());
            assertTrue(why.getMessage().contains("the last look failed: lost the connection"), why::getMessage);
        }
        try (FakePop3 fake = new FakePop3().on("STAT", "nonsense").start()) {
            assertEquals(Exit.TEMPORARY, Pop3Calls.exit(() -> server(fake).await("x", Duration.ZERO)));
        }
    }

    @Test
    void theEndOfTheTimeCutsALookAndOneMoreIsMade() {
        try (FakePop3 fake = new FakePop3().message("old", mail("code", -60)).once("STAT", ScriptedPeer::stall).start()) {
            MailException why = Pop3Calls.failure(() -> server(fake).await("code", SHORT));
            assertEquals(Exit.UNMET, why.exit());
            assertTrue(why.getMessage().contains("2 looks"), why::getMessage);
        }
    }

    @Test
    void aServerThatWantsAMinuteBetweenLoginsIsNotAskedAgain() {
        try (FakePop3 fake = new FakePop3().capa("USER", "TOP", "UIDL", "LOGIN-DELAY 60").start()) {
            assertEquals(Exit.UNMET, inVain(fake, "x", "200ms").exit());
            assertEquals(1, fake.commands("USER").size());
        }
    }

    @Test
    void aPauseGrowsAndIsNeverShorterThanTheServerWants() {
        Pauses pauses = new Pauses(Duration.ofSeconds(4));
        assertEquals(List.of(4L, 6L, 9L, 10L, 10L), IntStream.range(0, 5).mapToObj(i -> pauses.next().toSeconds()).toList());
        Pauses rare = new Pauses(Duration.ofSeconds(30));
        assertEquals(List.of(30L, 30L), List.of(rare.next().toSeconds(), rare.next().toSeconds()));
        rare.loggedIn(java.util.Map.of("login", List.of("UIDL", "LOGIN-DELAY 3600 USER")));
        assertTrue(rare.next().toSeconds() > 3500);
        assertFalse(rare.areOver());
        Pauses refused = new Pauses(Duration.ofSeconds(1));
        IntStream.range(0, 20).forEach(i -> {
            refused.refused("LOGIN-DELAY");
            refused.next();
        });
        assertTrue(refused.next().toSeconds() > 60);
    }

    // A maildrop that is open

    @Test
    void anOpenMaildropIsClosedAndOpenedAnew() {
        try (FakePop3 fake = new FakePop3().messages(3).start(); Pop3 box = server(fake, () -> fake.message("new", mail("code", 0))).open()) {
            Message before = box.messages().get(1);
            box.delete(box.messages().get(0));
            Message found = box.await("code", LONG);
            assertEquals(List.of("uid-1"), fake.uidsRemoved());
            assertEquals(3, fake.commands("USER").size());
            assertThrows(MailException.class, before::text);
            assertEquals(List.of("subject-2", "subject-3", "code"), Pop3Calls.subjects(box));
            box.delete(found);
            box.close();
            assertEquals(List.of("uid-2", "uid-3"), fake.uidsLeft());
            assertEquals(3, fake.commands("USER").size());
        }
    }

    @Test
    void inVainAMaildropCanStillBeUsed() {
        try (FakePop3 fake = new FakePop3().messages(2).start(); Pop3 box = server(fake).open()) {
            assertEquals(Exit.UNMET, Pop3Calls.exit(() -> box.await("code", Duration.ZERO)));
            assertEquals(2, box.messages().size());
        }
    }

    @Test
    void whereThereIsNoMaildropNobodyWaits() {
        assertEquals(Exit.USAGE, Pop3Calls.exit(() -> MailTool.smtp("smtp://a@localhost").password("x").await("x", LONG)));
        assertEquals(Exit.USAGE, Pop3Calls.exit(() -> MailTool.pop3("pop3://localhost").await("x", LONG)));
    }

    @Test
    void whatIsToldOfTheServerIsToldOnce() {
        List<String> warnings = new ArrayList<>();
        try (FakePop3 fake = new FakePop3().implicitTls(TestCerts.good().context()).start()) {
            Server<Pop3> server = MailTool.pop3(fake.userUrl()).password(FakePop3.PASSWORD).set("insecure", "").warnings(warnings::add);
            server(server, () -> fake.message("new", mail("code", 0))).await("code", LONG);
            assertTrue(fake.commands("USER").size() > 1);
            assertEquals(1, warnings.size(), warnings::toString);
        }
    }
}
