package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What sendmail makes of its words, of its input, and of names of this machine. Messages are strings of one octet a character. */
final class SendmailTest {
    private static final String HOST = host();
    private static final LocalNames PLAIN = new LocalNames(Map.of(), "", "", Optional.empty());
    private static final LocalNames IN_DOMAIN = new LocalNames(Map.of(), "example.org", "", Optional.empty());
    private static final LocalNames AT = new LocalNames(Map.of(), "example.org", "example.com", Optional.empty());
    private static final LocalNames BY = new LocalNames(Map.of(), "example.org", "", Optional.of(new Address("Ops", "ops@example.com", List.of())));

    @AutoClose
    private final Scratch files = Scratch.create("sendmail");

    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    // Words

    private static String read(String words) {
        MailTool.Arguments read = MailTool.Letters.parse(words.isEmpty() ? List.of() : List.of(words.split(" ")));
        String options = read.options().stream().map(option -> option.getKey() + "=" + option.getValue()).collect(Collectors.joining(" "));
        return (options + " | " + String.join(" ", read.operands())).strip();
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " => ", value = {
        // git, cron, cronie, mutt, s-nail, bsd-mailx, mailutils, PHP, logwatch, mdadm
        "-f a@b.c -i d@e.f g@h.i => f=a@b.c whole=true | d@e.f g@h.i",
        "-FCronDaemon -i -B8BITMIME -oem root => F=CronDaemon whole=true | root",
        "-FCronDaemon -i -odi -oem -oi -t -f from => F=CronDaemon whole=true whole=true to-header=true f=from |",
        "-oem -oi -f a -N failure -R hdrs -- b c => whole=true f=a N=failure R=hdrs | b c",
        "-i -f a -- b => whole=true f=a | b",
        "-i -t => whole=true to-header=true |",
        "-oi -f a -t => whole=true f=a to-header=true |",
        "-t -i -fa@b.c => to-header=true whole=true f=a@b.c |",
        "-oi -t => whole=true to-header=true |",
        // Glued, repeated, in any order
        "-tiv a => to-header=true whole=true verbose=true | a",
        "-tifa => to-header=true whole=true f=a |",
        "-tf a b => to-header=true f=a | b",
        "a -f b -r c d => f=b r=c | a d",
        "-V id -Nnever -Rfull => V=id N=never R=full |",
        "-o i a => whole=true | a",
        "-f -t => f=-t |",
        "-- -t -f => | -t -f",
        // Ignored
        "-bm -G -m -n -U a => | a",
        "-A c -B x -h 3 -L tag -O A=b -p ESMTP -X log -o Q/x a => | a",
        "-Ac -Bx -h3 -Ltag -OA=b -pESMTP -Xlog -odq -oMa -om a => | a",
        "-GmnUt a => to-header=true | a",
        // Others of sendmail, and ours
        "-bp => list=true |",
        "-q => flush=true |",
        "-q1h30m => flush=true |",
        "--account ops -t => account=ops to-header=true |",
        "--account=ops --help => account=ops help=true |"})
    void itsLettersAreGluedOrNotAndComeInAnyOrder(String words, String read) {
        assertEquals(read, read(words));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-bs", "-bd", "-bt", "-bi", "-bv", "-b", "-C", "-C/etc/x", "-x", "-tx", "-s", "-d9", "--to a", "--json", "--accounts a", "-f", "-tf", "--account", "-O"})
    void whatCantBeDoneIsWrongUsageWithTheWord(String words) {
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> read(words));
        assertEquals(MailTool.Exit.USAGE, problem.exit());
        String letter = words.equals("-tx") ? "-x" : words.equals("-tf") ? "-f" : words.split(" ")[0].replaceFirst("^(-[Cd]).*", "$1");
        assertTrue(problem.getMessage().contains(letter), problem::toString);
    }

    @Test
    void whoWantsSmtpOnStdinIsToldWhatToUse() {
        assertEquals("use -t -i", assertThrows(MailTool.MailException.class, () -> read("-bs")).hint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-bi", "-bv", "-b", "-bz"})
    void whoWantsAnotherModeIsToldWhichThereAre(String mode) {
        String hint = assertThrows(MailTool.MailException.class, () -> read(mode)).hint();
        assertTrue(hint.contains("-bm") && hint.contains("-bp"), hint);
    }

    @Test
    void hAloneIsForHelpAndElseTheHopCount() {
        assertEquals("help=true |", read("-h"));
        assertEquals("| a", read("-h 3 a"));
        assertThrows(MailTool.MailException.class, () -> read("a -h"));
    }

    @Test
    void theLastOfSeveralCounts() {
        assertEquals(Optional.of(Map.entry("f", "c")), MailTool.Submission.sender(MailTool.Letters.parse(List.of("-f", "a", "-rb", "-f", "c"))));
        assertEquals(Optional.of(Map.entry("r", "b")), MailTool.Submission.sender(MailTool.Letters.parse(List.of("-f", "a", "-rb"))));
    }

    // Input

    private static String upToDot(String input) throws IOException {
        return new String(new UpToDot(new ByteArrayInputStream(input.getBytes(ISO_8859_1))).readAllBytes(), ISO_8859_1);
    }

    @Test
    void aLoneDotEndsIt() throws IOException {
        for (String end : List.of("\n", "\r", "\r\n")) {
            assertEquals("a" + end, upToDot("a" + end + "." + end + "b" + end), end);
            assertEquals("a" + end, upToDot("a" + end + "."));
            assertEquals("", upToDot("." + end + "b"));
            assertEquals(".a" + end + ".." + end + ". " + end + "b.", upToDot(".a" + end + ".." + end + ". " + end + "b."));
        }
        assertEquals("\u00ff\u0000\n", upToDot("\u00ff\u0000\n.\n\n"));
    }

    private record Sent(MailTool.Envelope envelope, String text) {
        String header() {
            return text.substring(0, text.indexOf("\r\n\r\n") + 2).replaceAll("(?m)^(Date|Message-ID): .*\r\n", "");
        }

        String body() {
            return text.substring(text.indexOf("\r\n\r\n") + 4);
        }
    }

    private static Sent sent(String message, LocalNames locals, Optional<String> sender, List<String> recipients) throws IOException {
        ReadyMessage ready = ReadyMessage.asFound(() -> new ByteArrayInputStream(message.getBytes(ISO_8859_1)));
        List<String> all = recipients.isEmpty() ? ready.recipients().flatMap(Addresses::bare).toList() : recipients;
        MailTool.Prepared mail = ready.handedOver(sender, new Address("Cron Daemon", sender.filter(given -> !given.isEmpty()).orElse("root"), List.of()), all, new Wishes(Optional.empty(), "", "", "", false), locals);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        mail.writeTo(out);
        assertEquals(mail.size(), out.size());
        return new Sent(mail.envelope(), out.toString(ISO_8859_1));
    }

    private static Sent sent(String message, LocalNames locals) throws IOException {
        return sent(message, locals, Optional.empty(), List.of());
    }

    @Test
    void linesEndAsTheyLikeAndTheLastOneNeedNot() throws IOException {
        Sent sent = sent("From ann Thu Jan  1 00:00:00 1970\rFrom: a@b.c\r\nTo: d@e.f\nSubject: s\n\nx\ry\r\n.\nz", PLAIN);
        assertEquals("From: a@b.c\r\nTo: d@e.f\r\nSubject: s\r\n", sent.header());
        assertEquals("x\r\ny\r\n.\r\nz\r\n", sent.body());
    }

    @Test
    void aHeaderEndsAtTheFirstLineThatIsNoneOfIt() throws IOException {
        Sent sent = sent("From: a@b.c\nTo: d@e.f\nSubject: s\n folded: x\nHello\nSubject: text\n\nmore\n", PLAIN);
        assertEquals("From: a@b.c\r\nTo: d@e.f\r\nSubject: s\r\n folded: x\r\n", sent.header());
        assertEquals("Hello\r\nSubject: text\r\n\r\nmore\r\n", sent.body());
        assertEquals("no header\r\n", sent("no header", PLAIN, Optional.of("a@b.c"), List.of("d@e.f")).body());
    }

    @Test
    void whatIsMissingIsAdded() throws IOException {
        Sent sent = sent("Subject: s\n\nx\n", IN_DOMAIN, Optional.empty(), List.of("d@e.f"));
        assertEquals("Subject: s\r\nFrom: Cron Daemon <root@example.org>\r\n", sent.header());
        assertTrue(sent.text().matches("(?s).*Date: \\w+, .*Message-ID: <.+@example.org>\r\n.*"), sent::text);
        assertEquals("root@example.org", sent.envelope().reversePath());
        assertEquals("From: Cron Daemon <x@y.z>\r\n", sent("\nx\n", PLAIN, Optional.of("x@y.z"), List.of("d@e.f")).header());
    }

    @Test
    void aNulIsLeftOut() throws IOException {
        Sent sent = sent("From: a@b.c\nSubject: \0a\0\0b\0\n\n\0\0\0\nH\0i\0\0\n", PLAIN, Optional.empty(), List.of("d@e.f"));
        assertEquals("From: a@b.c\r\nSubject: ab\r\n", sent.header());
        assertEquals("\r\nHi\r\n", sent.body());
    }

    // Recipients

    @Test
    void whereAMailIsResentOnlyTheResentFieldsCount() throws IOException {
        assertEquals(List.of("a@b.c", "d@e.f", "g@h.i", "j@k.l"),
            sent("From: x@y.z\nTo: A <a@b.c>, d@e.f (D)\nCc: Team: g@h.i, d@E.f;\nbCC: j@k.l, a@B.c\n\n", PLAIN).envelope().recipients());
        Sent resent = sent("Resent-From: x@y.z\nResent-To: a@b.c\nResent-Bcc: g@h.i\nFrom: o@p.q\nTo: d@e.f\nBcc: j@k.l\n\n", PLAIN);
        assertEquals(List.of("a@b.c", "g@h.i"), resent.envelope().recipients());
        assertEquals("x@y.z", resent.envelope().reversePath());
        assertFalse(resent.text().toLowerCase().contains("bcc"), resent::text);
    }

    /** Each sending on adds its fields on top of those that came. */
    @ParameterizedTest
    @ValueSource(strings = {
        "Resent-From: x@y.z\nResent-To: a@b.c\nReceived: by h\nResent-From: d@e.f\nResent-To: g@h.i\nResent-Cc: j@k.l\n",
        "Received: by m\nResent-To: a@b.c\nResent-From: x@y.z\nResent-To: g@h.i\nResent-From: d@e.f\n",
        "Resent-From: x@y.z\nX-Note: not in one block\nResent-To: a@b.c\n",
        "Resent-From: x@y.z\nResent-To: a@b.c\nX-Note: within\nResent-Bcc:\nResent-From: d@e.f\nresent-bcc: g@h.i\n"})
    void ofAMailThatWasResentBeforeTheLatestTimeCounts(String resent) throws IOException {
        MailTool.Envelope envelope = sent(resent + "From: o@p.q\nTo: d@e.f\n\n", PLAIN).envelope();
        assertEquals(List.of("a@b.c"), envelope.recipients());
        assertEquals("x@y.z", envelope.reversePath());
    }

    @Test
    void eachOfSeveralSendersIsRewrittenInItsPlace() throws IOException {
        Sent sent = sent("Resent-From: root\nResent-To: a@b.c\nReceived: x\nResent-From:  d@e.f\nFrom: o@p.q\n\n", AT);
        assertEquals("Resent-From: root@example.com\r\nResent-To: a@b.c\r\nReceived: x\r\nResent-From:  d@e.f\r\nFrom: o@p.q\r\n", sent.header());
    }

    @Test
    void localNamesStandForWhomTheAliasesName() throws IOException {
        Path file = files.write("aliases", """
            # comment
            Root: ann, "bob"@example.com,
               cyd@example.net

            ann: Ann <ann@example.net>
              # within
            loop: pool
            pool: loop@localhost
            cmd: "|/bin/true"
            cmd2: |/bin/true
            file: /dev/null
            list: :include:/etc/list
            args: ann@example.net, "|/bin/true -x"
            args2: |/bin/true -x, ann@example.net
            name: "Doe, /x" <ann@example.net>
            default: nobody@example.net
            """);
        LocalNames locals = new LocalNames(ThisMachine.aliases(file), "example.org", "", Optional.empty());
        List<String> root = List.of("ann@example.net", "\"bob\"@example.com", "cyd@example.net");
        for (String name : List.of("root", "ROOT", "root@localhost", "Root@LocalHost.localdomain", "root@" + HOST, "root@" + HOST.toUpperCase())) {
            assertEquals(root, locals.recipients(List.of(name)), name);
        }
        assertEquals(List.of("nobody@example.net", "root@example.org"), locals.recipients(List.of("eve", "root@example.org")));
        assertEquals(List.of("ann@example.net"), locals.recipients(List.of("name")));
        for (String name : List.of("loop", "cmd", "cmd2", "file", "list", "args", "args2")) {
            MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> locals.recipients(List.of(name)), name);
            assertEquals(MailTool.Exit.DATA, problem.exit());
            assertTrue(name.equals("loop") || problem.hint().startsWith(":include:, |command and /file are not followed"), problem::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"b\uFFFDc@example.org", "b@ex\uFFFDmple.org", "A <b\uFFFDc@example.org>"})
    void whatIsNoUtf8IsNoAddress(String address) {
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> Addresses.parse("To", "a@example.org, " + address));
        assertEquals(MailTool.Exit.DATA, problem.exit());
        assertTrue(problem.getMessage().contains("\uFFFD") && !problem.getMessage().contains("a@example.org"), problem::getMessage);
        assertEquals("J\uFFFDrgen", Addresses.parse("To", "J\uFFFDrgen <a@example.org>").get(0).name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"@b@c", " x@b.c", "(b@c", "\u0001@b.c", "\\x@b.c", "@\u00dfb.c"})
    void longAddressesAreShortenedWhereTheyAreNamed(String end) {
        String address = "a".repeat(100_000) + end;
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> PLAIN.recipients(Addresses.bare(Addresses.parse("To", address)).toList()));
        assertEquals(MailTool.Exit.DATA, problem.exit());
        assertTrue(problem.inOneLine().length() < 400, () -> problem.inOneLine().substring(0, 400));
        String nowhere = "a".repeat(100_000);
        assertTrue(assertThrows(MailTool.MailException.class, () -> PLAIN.recipients(List.of(nowhere))).inOneLine().length() < 400);
        assertTrue(assertThrows(MailTool.MailException.class, () -> PLAIN.sender(nowhere + "@b@c")).inOneLine().length() < 400);
        assertTrue(assertThrows(MailTool.MailException.class, () -> Addresses.alone("To", nowhere + "@b.c, d@e.f")).inOneLine().length() < 400);
        assertTrue(assertThrows(MailTool.MailException.class, () -> Addresses.single("it", nowhere + "@b.c, d@e.f", "")).inOneLine().length() < 400);
    }

    @Test
    void withoutAnAliasTheyAreCompletedByTheDomain() {
        assertEquals(List.of("Root@example.org", "eve@example.org"), IN_DOMAIN.recipients(List.of("Root", "eve@localhost")));
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> PLAIN.recipients(List.of("root")));
        assertEquals(MailTool.Exit.DATA, problem.exit());
        assertTrue(problem.toString().contains("domain"), problem::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-x@example.org", "|cmd", "/dev/null", ":include:/x", "a@b@c", "\"|cmd\"@example.org", "/a@example.org"})
    void whatCouldBeAnOptionACommandOrAFileIsNoAddress(String address) {
        assertEquals(MailTool.Exit.DATA, assertThrows(MailTool.MailException.class, () -> IN_DOMAIN.recipients(List.of(address))).exit());
        assertEquals(MailTool.Exit.DATA, assertThrows(MailTool.MailException.class, () -> IN_DOMAIN.sender(address)).exit());
    }

    @Test
    void quotedLocalPartsMayHaveAnything() {
        assertEquals(List.of("\"a@b\"@example.com"), IN_DOMAIN.recipients(List.of("\"a@b\"@example.com")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "root ops@example.org"})
    void aLineOfAliasesThatIsNoneIsNamed(String line) {
        Path file = files.write("odd", "a: b\n" + line + "\n");
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> ThisMachine.aliases(file));
        assertEquals(MailTool.Exit.CONFIG, problem.exit());
        assertTrue(problem.getMessage().contains(line), problem::toString);
    }

    // Senders

    @ParameterizedTest
    @CsvSource(delimiterString = " => ", value = {
        "root (Cron Daemon) => root@example.com (Cron Daemon)",
        "\"Doe, (J) <x@localhost>\" <j@localhost> (at localhost, root) => \"Doe, (J) <x@localhost>\" <j@example.com> (at localhost, root)",
        "A <a@localhost>, b, C <c@elsewhere.org> => A <a@example.com>, b@example.com, C <c@elsewhere.org>",
        "=?utf-8?q?J=C3=B6?= <root> => =?utf-8?q?J=C3=B6?= <root@example.com>",
        "Team: root, x@y.z; => Team: root@example.com, x@y.z;",
        "< root > => < root@example.com >",
        "\"two words\"@localhost => \"two words\"@example.com",
        "Cron Daemon => Cron Daemon"})
    void aDomainIsForLocalSendersAndNamesAndCommentsStay(String from, String going) throws IOException {
        Sent sent = sent("From: " + from + "\nSender: s\nReply-To: r@localhost\nResent-From: f@" + HOST + "\nTo: root@localhost\n\nFrom: root\n", AT, Optional.of("root"), List.of("d@e.f"));
        assertEquals("From: " + going + "\r\nSender: s@example.com\r\nReply-To: r@example.com\r\nResent-From: f@example.com\r\nTo: root@localhost\r\n", sent.header());
        assertEquals("root@example.com", sent.envelope().reversePath());
        assertEquals("From: root\r\n", sent.body());
    }

    @Test
    void foldingStaysToo() throws IOException {
        assertEquals("From: Cron\r\n Daemon\r\n\t<root@example.com>\r\n", sent("From: Cron\n Daemon\n\t<root>\n\n", AT, Optional.empty(), List.of("d@e.f")).header());
    }

    @Test
    void anAddressIsForEverySenderAndTheOldFromIsAnswered() throws IOException {
        Sent sent = sent("From: Ann <ann@elsewhere.org>\nSender: s@t.u\n\n", BY, Optional.of("ann@elsewhere.org"), List.of("d@e.f"));
        assertEquals("From: Ops <ops@example.com>\r\nReply-To: Ann <ann@elsewhere.org>\r\n", sent.header());
        assertEquals("ops@example.com", sent.envelope().reversePath());
        Sent answered = sent("From: root (Cron)\nReply-To: r@s.t\n\n", BY, Optional.of(""), List.of("d@e.f"));
        assertEquals("From: Ops <ops@example.com>\r\nReply-To: r@s.t\r\nX-Original-From: root@example.org (Cron)\r\n", answered.header());
        assertEquals("", answered.envelope().reversePath());
        assertEquals("From: O <ops@example.com>\r\n", sent("From: O <ops@example.com>\n\n", BY, Optional.empty(), List.of("d@e.f")).header());
    }

    /** In the header each octet is a character. */
    @Test
    void addressesMayHaveUmlauts() throws IOException {
        String octets = new String("jürgen@b.c".getBytes(java.nio.charset.StandardCharsets.UTF_8), ISO_8859_1);
        Sent sent = sent("From: J <" + octets + ">\n\n", PLAIN, Optional.empty(), List.of("d@e.f"));
        assertEquals("jürgen@b.c", sent.envelope().reversePath());
        assertEquals("From: J <" + octets + ">\r\n", sent.header());
        assertEquals("From: Cron Daemon <" + octets + ">\r\n", sent("\n", PLAIN, Optional.of("jürgen@b.c"), List.of("d@e.f")).header());
        LocalNames as = new LocalNames(Map.of(), "", "", Optional.of(new Address("", "jürgen@b.c", List.of())));
        assertEquals("From: J <" + octets + ">\r\n", sent("From: J <" + octets + ">\n\n", as, Optional.empty(), List.of("d@e.f")).header());
        assertTrue(sent("From: X <x@y.z>\n\n", as, Optional.empty(), List.of("d@e.f")).header().startsWith("From: X <" + octets + ">\r\n"));
    }

    /** Only a local part takes SMTPUTF8. */
    @Test
    void theDomainOfASenderGoesInAscii() throws IOException {
        Sent sent = sent("From: J <" + new String("a@bücher.example".getBytes(java.nio.charset.StandardCharsets.UTF_8), ISO_8859_1) + ">\n\n", PLAIN, Optional.empty(), List.of("d@e.f"));
        assertEquals("a@xn--bcher-kva.example", sent.envelope().reversePath());
        assertEquals("jürgen@xn--bcher-kva.example", sent("\n", PLAIN, Optional.of("jürgen@bücher.example"), List.of("d@e.f")).envelope().reversePath());
        assertEquals("\"a@b\"@xn--bcher-kva.example", sent("\n", PLAIN, Optional.of("\"a@b\"@bücher.example"), List.of("d@e.f")).envelope().reversePath());
        assertEquals("a@B.example", sent("\n", PLAIN, Optional.of("a@B.example"), List.of("d@e.f")).envelope().reversePath());
    }

    @Test
    void anAddressWithoutANameLeavesTheName() throws IOException {
        LocalNames bare = new LocalNames(Map.of(), "", "", Optional.of(new Address("", "ops@example.com", List.of())));
        assertEquals("From: Ann <ops@example.com> (x)\r\nReply-To: Ann <a@b.c> (x)\r\n", sent("From: Ann <a@b.c> (x)\n\n", bare, Optional.empty(), List.of("d@e.f")).header());
    }

    @Test
    void withoutAMasqueradeOnlyTheDomainIsCompleted() throws IOException {
        Sent sent = sent("From: root\nReply-To: x@localhost\n\n", IN_DOMAIN, Optional.empty(), List.of("d@e.f"));
        assertEquals("From: root@example.org\r\nReply-To: x@localhost\r\n", sent.header());
        assertEquals("root@example.org", sent.envelope().reversePath());
        assertTrue(PLAIN.sender("root").startsWith("root@" + HOST.split("[.]")[0]), PLAIN.sender("root"));
    }
}
