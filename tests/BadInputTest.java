package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.commons.io.function.Uncheck;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with the input is told before anything connects. The server of each test must stay alone. */
final class BadInputTest {
    private static final int USAGE = 64;
    private static final int DATA = 65;
    private static final int NO_INPUT = 66;
    private static final String LONE_SURROGATE = "a\ud83d";

    @AutoClose
    private final Scratch files = Scratch.create("bad-input");
    @AutoClose
    private final FakeSmtp server = new FakeSmtp().start();

    @AfterEach
    void nobodyHasConnected() throws IOException {
        // Connections are accepted in their order, so this one comes after any other.
        try (RawClient client = RawClient.connect(server.port())) {
            client.reply();
        }
        assertEquals(1, server.peers().size(), "connections, our own among them");
    }

    // Files

    @Test
    void aMissingFileIsNoInput() {
        assertRejected(NO_INPUT, List.of("missing.txt"), "--text", "x", "-a", "missing.txt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--text-file", "--html-file", "--eml", "--password-file", "--ca", "--config"})
    void everyOptionThatNamesAFileWantsItToExist(String option) {
        assertRejected(NO_INPUT, List.of("missing.txt"), option, "missing.txt");
    }

    @Test
    void anAttachmentThatIsNoFileToSendIsNoInput() {
        String folder = files.folder("folder").toString();
        String file = files.write("f", "x").toString();
        Map<String, String> said = new LinkedHashMap<>();
        said.put("missing.txt", "missing.txt");
        said.put("missing.txt;type=text/plain;name=a", "missing.txt");
        said.put(folder, "folder");
        said.put(folder + "/", "folder");
        said.put(folder + ";name=a.zip", "folder");
        said.put("", "empty");
        said.put(";name=a", "empty");
        said.put(file + "/below", "below");
        said.forEach((attachment, word) -> {
            MailTool.MailException refusal = assertThrows(MailTool.MailException.class, () -> letter().attach(attachment), attachment);
            assertEquals(NO_INPUT, refusal.exit().code, attachment);
            assertTrue(refusal.getMessage().contains(word), refusal.getMessage());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "folder", "missing"})
    void anInlineImageOrReadyMessageThatIsNoFileIsNoInput(String name) {
        String given = name.isEmpty() ? "" : files.resolve(name).toString();
        files.folder("folder");
        assertEquals(NO_INPUT, failure(() -> letter().inline("cid=" + given)).exit().code);
        assertEquals(NO_INPUT, failure(() -> mail().eml(given)).exit().code);
    }

    @Test
    void anUnreadableFileIsNoInput() throws Exception {
        Path locked = files.write("locked.txt", "secret");
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("---------"));
        List<String> command = new ArrayList<>();
        if (Need.isRoot()) {
            // Only without its privileges can root be kept from reading.
            command.addAll(List.of(Need.program("setpriv").toString(), "--inh-caps=-all", "--bounding-set=-all"));
        }
        command.addAll(Java.command());
        command.addAll(List.of("mailtool.MailTool", "send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--text", "x", "-a", locked.toString()));
        Path err = files.resolve("err");
        Process process = new ProcessBuilder(command).redirectError(err.toFile()).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        process.getOutputStream().close();
        assertEquals(NO_INPUT, process.waitFor(), Files.readString(err));
        assertTrue(Files.readString(err).contains("locked.txt"), Files.readString(err));
    }

    // Addresses

    @Test
    void withoutARecipientThereIsNothingToDo() {
        Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-s", "x", "--text", "x");
        assertEquals(USAGE, result.exit(), result.toString());
        assertTrue(result.err().contains("no recipient"), result.err());
        assertEquals(USAGE, failure(() -> mail().from("a@example.org").to("nobody:;").prepare()).exit().code);
    }

    @Test
    void withoutASenderThereIsNothingToDo() {
        MailTool.MailException refusal = failure(() -> mail().to("b@example.org").prepare());
        assertEquals(USAGE, refusal.exit().code);
        assertTrue(refusal.getMessage().contains("no sender"), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "Root <root>", "\"a@b\"", "\"@\"", "Team: a@example.org, root;", "a@", "@example.org", "a b@example.org", "a@exam ple.org", "a@b@example.org",
        "..@example.org", "a@example..org", "a..b@example..org", "a..b@.example.org", "<>", "<a@example.org", "a@example.org>", "a@example.org b@example.org", "", " ", ",", "\"unclosed", "(unclosed", "Team: a@example.org"})
    void anAddressThatIsNoneIsRefused(String address) {
        List<BiConsumer<MailTool.Mail, String>> setters = List.of(MailTool.Mail::from, MailTool.Mail::to, MailTool.Mail::cc, MailTool.Mail::bcc, MailTool.Mail::replyTo);
        for (BiConsumer<MailTool.Mail, String> setter : setters) {
            MailTool.Mail mail = letter();
            MailTool.MailException refusal = failure(() -> {
                setter.accept(mail, address);
                mail.prepare();
            });
            assertEquals(DATA, refusal.exit().code, refusal.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@example(c).org", "a(c)@example.org", "\"a\"(c)@example.org", "a.(c)b@example.org", "a(b(c)d)@example.org", "b@example.org, a(c)@example.org",
        "Team: b@example.org, a(c)@example.org;"})
    void aCommentWithinAnAddressSendsTheMailToNobodyElse(String address) {
        MailTool.MailException refusal = failure(() -> letter().domain("example.net").to(address).prepare());
        assertEquals(DATA, refusal.exit().code, refusal.getMessage());
        assertTrue(refusal.getMessage().contains("comment"), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Ann <a@example.org> Lee", "<a@example.org> \"Lee\", b@example.org", "Team: Ann <a@example.org> Lee;", "\\a@example.org", ":a@example.org;"})
    void whatNoAddressHasIsNotLost(String address) {
        assertEquals(DATA, failure(() -> letter().to(address).prepare()).exit().code);
    }

    @Test
    void aNameWithACommaIsToldToBeQuoted() {
        for (MailTool.Mail mail : List.of(letter(), letter().domain("example.net"))) {
            MailTool.MailException refusal = failure(() -> mail.to("Müller, Jürgen <j@example.org>").prepare());
            assertTrue(refusal.hint().contains("comma"), refusal.hint());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "a@b@c", "a@example.org, b@example.org"})
    void anEnvelopeSenderThatIsNoneIsRefused(String address) {
        assertEquals(DATA, failure(() -> letter().envelopeFrom(address).prepare()).exit().code);
    }

    @Test
    void whatTheJdkSaysOfADomainIsToldWithoutItsTypes() {
        String problem = failure(() -> smtp("smtp://localhost").set("sni", "\u0378.example")).getMessage();
        assertTrue(problem.contains("is no domain: An unassigned code point"), problem);
    }

    @Test
    void aPatternThatEndsWithABackslashIsToldHowToWriteIt() {
        String hint = failure(() -> MailTool.fetching().set("match", "C:\\")).hint();
        assertTrue(hint.endsWith("\\\\ for a backslash"), hint);
    }

    @Test
    void anAddressWithoutADomainIsToldOnTheCommandLine() {
        assertRejected(DATA, List.of("'root'", "no domain"), "--text", "x", "-t", "root");
    }

    @Test
    void theDomainOfTheAccountCompletesAnAddress() {
        String accounts = files.write("accounts", "ops.server = smtp://localhost\nops.domain = example.net\nops.from = cron\n").toString();
        Tool.Result result = Tool.run("send", "--dry-run", "--config", accounts, "-A", "ops", "-t", "root, Bob <bob>, c@example.org", "--text", "x");
        assertEquals(0, result.exit(), result.toString());
        assertTrue(result.out().contains("To: root@example.net, Bob <bob@example.net>, c@example.org\r\n"), result.out());
        assertTrue(result.out().contains("From: cron@example.net\r\n"), result.out());
    }

    // Control characters

    private static Stream<String> controls() {
        return Stream.of("\0", "\u0001", "\t", "\n", "\r", "\r\nRCPT TO:<evil@example.org>", "\u001b[31m", "\u007f", "\u0080", "\u0085", "\u009b", "\u009f", LONE_SURROGATE, "\udc00");
    }

    @ParameterizedTest
    @MethodSource("controls")
    void aControlCharacterInAPartOfTheMessageOrEnvelopeIsRefused(String control) {
        String file = files.write("f", "x").toString();
        String bad = "a" + control + "b";
        Map<String, Runnable> parts = new LinkedHashMap<>();
        parts.put("from", () -> mail().from(bad + "@example.org"));
        parts.put("to", () -> letter().to(bad + "@example.org"));
        parts.put("display name", () -> letter().to("\"" + bad + "\" <c@example.org>"));
        parts.put("domain", () -> letter().to("c@" + bad + ".org"));
        parts.put("cc", () -> letter().cc("Team: " + bad + "@example.org;"));
        parts.put("bcc", () -> letter().bcc(bad + "@example.org"));
        parts.put("reply-to", () -> letter().replyTo("(" + bad + ") c@example.org"));
        parts.put("subject", () -> letter().subject(bad));
        parts.put("header value", () -> letter().header("X: " + bad));
        parts.put("attachment name", () -> letter().attach(file + ";name=" + bad));
        parts.put("attachment type", () -> letter().attach(file + ";type=text/" + bad));
        parts.put("attachment charset", () -> letter().attach(file + ";type=text/plain;charset=" + bad));
        parts.put("content id", () -> letter().inline(bad + "=" + file));
        parts.put("envelope sender", () -> letter().envelopeFrom(bad + "@example.org"));
        parts.put("envelope id", () -> letter().envid(bad));
        parts.put("domain of all", () -> letter().domain(bad));
        assertAll(parts.entrySet().stream().map(part -> () -> assertDataRefused(part.getKey(), part.getValue())));
    }

    @Test
    void aFileWhoseOwnNameHasAControlCharacterIsRefused() {
        Path file = files.write("two\nlines", "x");
        assertDataRefused("file name", () -> letter().attach(file));
    }

    @Test
    void aHeaderNameHasNoControlCharacter() {
        assertTrue(List.of(USAGE, DATA).contains(failure(() -> letter().header("X\u0001Y: v")).exit().code));
        assertTrue(List.of(USAGE, DATA).contains(failure(() -> letter().header("X Y: v")).exit().code));
    }

    @Test
    void aTextMayHoldWhatMimeCanEncodeButNoHalfCharacter() {
        assertEquals(1, letter().text("\0\u0001\u001b\u007f\u009b").html("\0").prepare().envelope().recipients().size());
        assertDataRefused("text", () -> letter().text(LONE_SURROGATE));
        assertDataRefused("text", () -> letter().text("What? \u00fc \ud83d\ude00 and " + LONE_SURROGATE));
        assertEquals(1, letter().text("What? \u00fc \ud83d\ude00 \u6f22?").prepare().envelope().recipients().size());
        assertDataRefused("html", () -> letter().html("\udc00x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--account", "--config", "--user", "--password-file", "--password-command", "--token-command", "--auth", "--tls", "--ca", "--pin", "--tls-min", "--sni",
        "--helo", "--timeout", "--bind", "--proxy", "--no", "--retry"})
    void aControlCharacterInAnOptionIsRefused(String option) {
        Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--text", "x", option, likely(option) + "\u0001");
        assertEquals(USAGE, result.exit(), result.toString());
        assertFalse(result.err().contains("\u0001"), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @Test
    void aControlCharacterInTheServerIsRefused() {
        Tool.Result result = Tool.run("send", "-S", server.url() + "/\u0001", "-f", "a@example.org", "-t", "b@example.org", "--text", "x");
        assertEquals(USAGE, result.exit(), result.toString());
        assertTrue(result.err().contains("control character"), result.err());
    }

    /** A good value but for the control character, where the option takes any words. */
    private static String likely(String option) {
        return switch (option) {
            case "--proxy" -> "socks5://localhost";
            case "--password-command", "--token-command" -> "echo secret";
            case "--auth" -> "PLAIN";
            case "--tls" -> "auto";
            case "--no" -> "size";
            default -> "name";
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "helo", "sni", "proxy", "auth", "no"})
    void aScriptsServerRefusesControlCharactersAndHalfCharacters(String option) {
        for (String bad : List.of("a\nb", "a\u009bb", LONE_SURROGATE)) {
            MailTool.Server<MailTool.Smtp> target = smtp(server.url());
            assertEquals(USAGE, failure(() -> target.set(option, bad)).exit().code);
        }
        assertEquals(USAGE, failure(() -> smtp("smtp://local" + LONE_SURROGATE)).exit().code);
    }

    @Test
    void aControlCharacterNeverReachesTheTerminal() {
        Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "-s", "a\u001b]0;evil\u0007b", "--text", "x");
        assertEquals(DATA, result.exit(), result.toString());
        assertFalse(result.err().matches("(?s).*[\u001b\u0007].*"), result.err());
        assertTrue(result.err().contains("subject"), result.err());
    }

    // Contradictions

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--text x --text-file FILE                  | --text           | --text-file",
        "--html x --html-file FILE                  | --html           | --html-file",
        "--text-file - --html-file -                | --text-file      | --html-file",
        "--eml FILE -s x                            | --eml            | --subject",
        "--eml FILE -H X:y                          | --eml            | --header",
        "--eml FILE --text x                        | --eml            | --text",
        "--eml FILE -a FILE                         | --eml            | --attach",
        "-4 -6                                      | --ipv4           | --ipv6",
        "--password-file FILE --password-command ls | --password-file  | --password-command",
        "--password-command ls --token-command ls   | --password-command | --token-command",
        "--insecure --ca FILE                       | --insecure       | --ca",
        "--insecure --pin sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= | --insecure | --pin",
        "--tls none --pin sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= | --tls none | --pin",
        "--tls none --ca FILE                       | --tls none       | --ca",
        "--notify never,failure                     | never            | failure",
    })
    void optionsThatContradictEachOtherAreBothNamed(String options, String one, String other) {
        String file = files.write("file", "From: a@example.org\nTo: b@example.org\n\nx").toString();
        assertRejected(USAGE, List.of(one, other), options.replace("FILE", file).split(" +"));
    }

    @Test
    void aServerUnderTlsContradictsNoTls() {
        MailTool.MailException refusal = failure(() -> smtp("smtps://localhost:" + server.port()).set("tls", "none").open());
        assertEquals(USAGE, refusal.exit().code);
        assertTrue(refusal.getMessage().contains("smtps://") && refusal.getMessage().contains("--tls none"), refusal.getMessage());
    }

    // Options

    @ParameterizedTest
    @CsvSource({"--subjet, --subject", "--atach, --attach", "--form, --from", "--replyto, --reply-to", "--dryrun, --dry-run", "--pasword-file, --password-file", "--subj, --subject",
        "--envelope, --envelope-from", "--verbos, --verbose", "--sub, --subject", "--auth-user, --user", "--auth-password, --password-file", "--mail-from, --from",
        "--cacert, --ca", "--tlsc, --tls", "--textfile, --text-file", "--envelope-frm, --envelope-from",
        "--replay-to, --reply-to", "--envelop-from, --envelope-from", "--text-f, --text-file", "--user-, --user"})
    void anUnknownOptionSuggestsTheNearOne(String given, String near) {
        assertRejected(USAGE, List.of("there is no option " + given, "did you mean " + near + "?"), given, "x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--dry-run=yes", "--insecure=no", "--all-or-nothing=", "--json=true"})
    void aSwitchIsSaidToTakeNoValue(String given) {
        assertRejected(USAGE, List.of(given.replaceFirst("=.*", "") + " is a switch and takes no value"), given);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--no=,", "--no= ", "--notify=,", "--notify= , "})
    void anOptionThatTakesWordsWantsOne(String given) {
        assertRejected(USAGE, List.of(given.replaceFirst("=.*", "") + " does not take ''"), given, "--text", "x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--port", "--body", "--zzz", "--zzzz-", "--a-b", "-q", "--bogus"})
    void whatIsNearToNoOptionSuggestsTheHelp(String given) {
        Tool.Result result = Tool.run("send", given, "x");
        assertEquals("mailtool: there is no option " + given + "; see mailtool send -h, or --help for all of it\n", result.err());
    }

    @ParameterizedTest
    @CsvSource({"version, see mailtool help", "ls, see mailtool help", "recv, see mailtool help", "inbx, did you mean inbox?", "sned, did you mean send?",
        "-A, the command comes first", "--account=ops, the command comes first"})
    void onlyANearCommandIsSuggested(String given, String hint) {
        assertEquals("mailtool: there is no command '" + given + "'; " + hint + "\n", Tool.run(given).err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u2013A", "\u2013-json", "\u2014subject", "\u2212v", "\u2011s"})
    void aDashThatAnEditorHasPutForAHyphenIsSaidToBeNone(String given) {
        String refusal = "unexpected argument '" + given + "'; an option begins with a plain -";
        assertRejected(USAGE, List.of(refusal), given, "--text", "x");
        assertTrue(Tool.run("inbox", given, "ops").err().contains(refusal));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-S smtp://localhost:1 --text x", "-A one -A two --text x"})
    void anOptionGivenTwiceIsRefusedWhereTheLastWouldGoToTheWrongPlace(String options) {
        assertRejected(USAGE, List.of("is given twice"), options.split(" "));
    }

    @Test
    void optionsThatAddUpMayBeGivenOften() {
        Tool.Result result = Tool.run("send", "-f", "a@example.org", "-t", "b@example.org", "-t", "c@example.org", "-H", "X-A: 1", "-H", "X-A: 2", "--text", "x", "--dry-run");
        assertTrue(result.out().contains("X-A: 1\r\nX-A: 2\r\n") && result.out().contains("b@example.org, c@example.org"), result::toString);
    }

    /** Of every command, so that a new option is refused too unless its help says that it may be given several times. */
    @Test
    void everyOptionIsGivenOnceButThoseThatAddUp() {
        Map<String, List<String>> often = new LinkedHashMap<>();
        for (String name : MailTool.COMMANDS) {
            MailTool.OptionParser parser = new MailTool.OptionParser(MailTool.Command.named(name));
            for (MailTool.Option option : MailTool.Option.in(MailTool.Command.named(name).help())) {
                List<String> twice = option.takesArgument() ? List.of("--" + option.name(), "one", "--" + option.name() + "=two")
                    : List.of("--" + option.name(), "--" + option.name());
                try {
                    parser.parse(twice);
                    if (option.takesArgument()) {
                        often.computeIfAbsent(name, any -> new ArrayList<>()).add(option.name());
                    }
                } catch (MailTool.MailException e) {
                    assertEquals("64 --" + option.name() + " is given twice", e.exit().code + " " + e.getMessage());
                    assertTrue(option.takesArgument(), "a switch twice is one");
                }
            }
        }
        List<String> matches = List.of("match");
        assertEquals(Map.of("send", List.of("from", "to", "cc", "bcc", "reply-to", "header", "attach", "inline"), "fetch", List.of("to", "match", "account"),
            "inbox", matches, "read", matches, "delete", matches, "wait", matches, "probe", List.of("to", "expect"), "bulk", List.of("again"),
            "queue", List.of("drop")), often);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-s usual --subject today --text x", "--eml a --eml b", "--text x --text y", "--timeout 1s --timeout 2s --text x"})
    void theLastOfTwoDoesNotWin(String options) {
        assertRejected(USAGE, List.of("is given twice"), options.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--text-file - --html-file -", "--text-file - -a -", "--eml - -a -;name=a", "-a - -a -;type=text/csv", "--html-file - --attach=-"})
    void stdinIsReadOnce(String options) {
        MailTool.Arguments arguments = new MailTool.OptionParser(MailTool.Command.named("send")).parse(List.of(options.split(" ")));
        MailTool.MailException refusal = failure(() -> MailTool.Send.run(arguments, new Terminal()));
        assertEquals(USAGE, refusal.exit().code);
        assertTrue(refusal.getMessage().contains(" contradict each other") && refusal.hint().equals("stdin can be read once"), refusal.getMessage());
    }

    @Test
    void nothingIsOpenedForAnEmptyMailThatIsToBeSkipped() {
        String[] words = {"send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--skip-empty"};
        assertEquals("exit 0\n--- stdout\n\n--- stderr\n", Tool.with().stdin(" \n").call(words).toString());
        Tool.Result seen = Tool.with().onTerminal().call(Stream.concat(Stream.of(words), Stream.of("--text", "")).toArray(String[]::new));
        assertEquals("exit 0\n--- stdout\nthe message is empty, so it is not sent\r\n\n--- stderr\n", seen.toString());
        Tool.Result json = Tool.run(Stream.concat(Stream.of(words), Stream.of("--json", "--text", "")).toArray(String[]::new));
        assertTrue(json.out().startsWith("{\"ok\":true,\"exit\":0,") && json.err().isEmpty(), json::toString);
        assertRejected(USAGE, List.of("--eml", "--skip-empty"), "--eml", "-", "--skip-empty");
    }

    @ParameterizedTest
    @CsvSource({"imap://mail.example.org, true", "imaps://ops@mail.example.org:993/INBOX, true", "IMAPS://mail.example.org, true", "imap:mail.example.org, true", "imapx://mail.example.org, false"})
    void imapIsSaidNotToBeSpoken(String url, boolean imap) {
        MailTool.MailException pop3 = failure(() -> MailTool.pop3(url));
        assertEquals(imap, pop3.getMessage().contains("IMAP is not spoken"), pop3.getMessage());
        assertEquals("64 write it as pop3:// or pop3s://[user@]host[:port]", pop3.exit().code + " " + pop3.hint());
        MailTool.MailException smtp = failure(() -> MailTool.smtp(url));
        assertEquals(imap, smtp.getMessage().contains("IMAP is not spoken"), smtp.getMessage());
        assertTrue(smtp.hint().contains("smtps://"), smtp.hint());
    }

    @Test
    void aValueGluedToItsLetterMayHaveAnEqualsSign() {
        Tool.Result result = Tool.run("send", "-fa=c@example.org", "-tb@example.org", "-sa=b", "-HX-A: b=c", "--text", "x", "--dry-run");
        assertEquals(0, result.exit(), result::toString);
        for (String field : List.of("From: a=c@example.org", "To: b@example.org", "Subject: a=b", "X-A: b=c")) {
            assertTrue(result.out().contains(field + "\r\n"), result::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-u", "--sni"})
    void anEmptyNameIsAVariableThatIsNotSet(String option) {
        assertRejected(USAGE, List.of("is empty"), "--text", "x", option, "");
    }

    @Test
    void aMechanismWantsAUser() {
        assertRejected(USAGE, List.of("--auth PLAIN without a user", "-u"), "--text", "x", "--auth", "PLAIN");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9999999h", "25h"})
    void aTimeLimitIsADayAtMost(String time) {
        assertRejected(USAGE, List.of("--timeout takes at most 24h"), "--text", "x", "--timeout", time);
    }

    @Test
    void anImageInTheHtmlNeedsHtml() {
        String image = files.write("chart.png", "x").toString();
        assertRejected(USAGE, List.of("--inline", "--html"), "--text", "x", "--inline", "chart=" + image);
    }

    @Test
    void aDashIsNoPicture() {
        assertRejected(NO_INPUT, List.of("no such file: -", "/dev/stdin"), "--html", "x", "--inline", "a=-");
    }

    @Test
    void anEnvelopeIdIsAscii() {
        assertEquals(USAGE, failure(() -> letter().envid("ü")).exit().code);
    }

    @Test
    void nothingIsNotAnArgument() {
        for (Runnable attempt : List.<Runnable>of(() -> mail().to((String) null), () -> mail().subject(null), () -> mail().text(null), () -> mail().envelopeFrom(null))) {
            MailTool.MailException refusal = failure(attempt);
            assertEquals(USAGE, refusal.exit().code);
            assertTrue(refusal.getMessage().endsWith("is null"), refusal.getMessage());
        }
    }

    /** Later it could only be told far from the line that forgot it. */
    @Test
    void whatIsMissingIsSaidAtOnce() {
        InputStream some = InputStream.nullInputStream();
        MailTool.Server<MailTool.Smtp> here = smtp(server.url());
        MailTool.Server<MailTool.Pop3> there = MailTool.pop3("pop3://ops@localhost");
        Map<String, Runnable> attempts = new LinkedHashMap<>();
        attempts.put("the password", () -> here.password(null));
        attempts.put("the transcript's sink", () -> here.transcript(null));
        attempts.put("the sink of warnings", () -> there.warnings(null));
        attempts.put("the sink of progress", () -> there.progress(null));
        attempts.put("the command", () -> MailTool.fetching().pipe(null));
        attempts.put("the time", () -> MailTool.fetching().deleteAfter(null));
        attempts.put("the server", () -> MailTool.roundtrip(null, there));
        attempts.put("the maildrop", () -> MailTool.roundtrip(here, null));
        attempts.put("the sender", () -> MailTool.roundtrip(here, there).from(null));
        attempts.put("the recipient", () -> MailTool.roundtrip(here, there).to(null));
        attempts.put("the attachment's name", () -> mail().attach(null, some));
        attempts.put("the content of a.csv", () -> mail().attach("a.csv", (InputStream) null));
        attempts.put("the content of chart", () -> mail().inline("chart", (InputStream) null));
        attempts.put("a header's name", () -> MailTool.message(InputStream.nullInputStream()).header(null));
        attempts.put("the file", () -> mail().eml((Path) null));
        attempts.put("the content of b.csv", () -> mail().attach("b.csv", (byte[]) null));
        attempts.put("the content of logo", () -> mail().inline("logo", (byte[]) null));
        attempts.put("the pattern", () -> MailTool.message(InputStream.nullInputStream()).capture(null));
        attempts.put("the stream", () -> Uncheck.run(() -> MailTool.message(InputStream.nullInputStream()).writeTo(null)));
        attempts.put("the name server", () -> MailTool.mx("example.org", null));
        attempts.put("the mail", () -> MailTool.spool(files.path()).put(null));
        attempts.put("the ids", () -> MailTool.spool(files.path()).flush((String[]) null));
        attempts.put("an id", () -> MailTool.spool(files.path()).flush("x", null));
        attempts.put("the addresses", () -> MailTool.fetching().forward(here, (String[]) null));
        attempts.put("the option", () -> MailTool.roundtrip(here, there).set(null, "x"));
        attempts.put("the message", () -> MailTool.Match.of("x").isIn(null));
        attempts.put("the recipients", () -> letter().prepare().to(null));
        attempts.forEach((what, attempt) -> {
            MailTool.MailException refusal = failure(attempt);
            assertEquals(what + " is null", refusal.getMessage());
            assertEquals(USAGE, refusal.exit().code);
        });
        assertEquals("the file is null", failure(() -> MailTool.table(null)).getMessage());
        assertEquals("the file is null", failure(() -> MailTool.template(null)).getMessage());
        assertEquals("the stream is null", failure(() -> Uncheck.run(() -> letter().prepare().writeTo(null))).getMessage());
        String[] type = null;
        Path file = files.write("a.csv", "x");
        List.<Runnable>of(() -> mail().attach("a.csv", file, type), () -> mail().attach("a.csv", new byte[1], type),
            () -> mail().inline("a", file, type), () -> mail().inline("a", new byte[1], type))
            .forEach(attempt -> assertEquals("the media type is null", failure(attempt).getMessage()));
    }

    @Test
    void noMailIsOldBeforeItIsThere() {
        MailTool.MailException refusal = failure(() -> MailTool.fetching().deleteAfter(Duration.ofDays(-1)));
        assertEquals(USAGE, refusal.exit().code);
        assertEquals("the time is negative: PT-24H", refusal.getMessage());
    }

    /** Gives the tool a word that no command line can have. */
    static final class Unforeseen {
        public static void main(String... words) {
            System.exit(MailTool.run(new Terminal(), Stream.concat(Stream.of(words), Stream.of((String) null)).collect(Collectors.toList())).code);
        }
    }

    @Test
    void whatNobodyThoughtOfIsOneLineToo() {
        Tool.Result plain = Program.java(Unforeseen.class.getName(), "send").call();
        assertEquals(74, plain.exit(), plain::toString);
        assertEquals(1, plain.err().lines().count(), plain::toString);
        Tool.Result json = Program.java(Unforeseen.class.getName(), "send", "--json").call();
        assertTrue(json.out().startsWith("{\"ok\":false,\"exit\":74,"), json::toString);
    }

    /** Reads from a stdin that can't get a thread, or memory. */
    static final class Limited {
        public static void main(String... words) {
            System.setIn(new InputStream() {
                @Override
                public int read() {
                    throw new OutOfMemoryError(words[0]);
                }
            });
            System.exit(MailTool.run(new Terminal(), List.of(words).subList(1, words.length)).code);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "unable to create native thread: possibly out of memory or process/resource limits reached | can't start a thread; allow about 40",
        "Java heap space | out of memory; attach what is large"})
    void whatRunsOutIsNamed(String cause, String said) {
        Tool.Result run = Program.java(Limited.class.getName(), cause, "send", "-f", "a@example.org", "-t", "b@example.org", "--text-file", "-", "--dry-run").call();
        assertEquals(74, run.exit(), run::toString);
        assertTrue(run.err().startsWith("mailtool: " + said) && run.err().lines().count() == 1, run::toString);
    }

    @Test
    void anUnknownLetterIsNamed() {
        assertRejected(USAGE, List.of("-x"), "-x");
    }

    @ParameterizedTest
    @CsvSource({"-s, --subject", "--text, --text", "-a, --attach", "--retry, --retry"})
    void anOptionWithoutItsValueSaysSo(String option, String name) {
        assertRejected(USAGE, List.of(name, "needs a value"), option);
    }

    @Test
    void aWordThatBelongsToNoOptionIsRefused() {
        assertRejected(USAGE, List.of("'b@example.org'", "-t"), "b@example.org");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no colon", ": no name", "a b: c", "Ü: c", "", "Content-Type: text/html"})
    void aHeaderThatIsNoneIsRefused(String header) {
        assertEquals(USAGE, failure(() -> letter().header(header)).exit().code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Date:", "date: ", "Message-ID:", "MESSAGE-ID : "})
    void whatEveryMessageHasIsNotEmptied(String header) {
        assertEquals(USAGE, failure(() -> letter().header(header)).exit().code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "no-equals", "=FILE", "a b=FILE", "a\"b=FILE"})
    void anInlineImageWithoutAUsableIdIsRefused(String given) {
        String file = files.write("f.png", "x").toString();
        assertEquals(USAGE, failure(() -> letter().inline(given.replace("FILE", file))).exit().code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"type=nonsense", "type=", "type=text/", "typ=text/plain", "nonsense", "type=text/plain\"; x=\"y", "type=multipart/mixed", "type=Multipart/Related",
        "charset=\u00fc", "charset=a b", "charset=\"x\""})
    void anAttachmentsTypeMustBeOne(String attribute) {
        String file = files.write("f", "x").toString();
        assertEquals(USAGE, failure(() -> letter().attach(file + ";" + attribute)).exit().code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"method=REQUEST;name=a.ics", "method=REQUEST;charset=ISO-8859-1", "method=REQUEST;method=CANCEL", "method=", "method=A;x", "method=A;\u00fc=1",
        "method=A;x*=1", "Names=a", "method=\"A\"x;"})
    void anInvitationIsWellDescribed(String attributes) {
        String file = files.write("inv.ics", "BEGIN:VCALENDAR\n").toString();
        assertEquals(USAGE, failure(() -> letter().attach(file + ";type=text/calendar;" + attributes)).exit().code);
    }

    @Test
    void aMessageHasOneInvitation() {
        String file = files.write("inv.ics", "BEGIN:VCALENDAR\n") + ";type=text/calendar;method=REQUEST";
        MailTool.MailException refusal = failure(() -> letter().attach(file).attach(file));
        assertEquals(USAGE, refusal.exit().code);
        assertTrue(refusal.getMessage().contains("one invitation"), refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Subject: x\n\n\0\n", "Subject: x\n\nLONG\n"})
    void aMessageThatNoLineCanCarryIsNotAttachedAsOne(String message) {
        String file = files.write("m.eml", message.replace("LONG", "x".repeat(999))).toString();
        assertEquals(USAGE, failure(() -> letter().attach(file + ";type=message/rfc822")).exit().code);
        assertEquals(List.of(), letter().attach(file).prepare().warnings());
    }

    @Test
    void withoutAServerItIsAUsageError() {
        Tool.Result result = Tool.run("send", "-f", "a@example.org", "-t", "b@example.org", "--text", "x");
        assertEquals(USAGE, result.exit(), result.toString());
        assertTrue(result.err().contains("-S") && result.err().contains("-A"), result.err());
    }

    @Test
    void anErrorIsOneLineThatSaysWhatToDo() {
        Tool.Result result = Tool.run("send", "-S", server.url(), "-f", "a@example.org", "-t", "root", "--text", "x");
        assertEquals(1, result.err().lines().count(), result.err());
        assertEquals("", result.out());
        assertTrue(result.err().startsWith("mailtool: "), result.err());
    }

    // Helpers

    private static MailTool.Mail letter() {
        return mail().from("a@example.org").to("b@example.org");
    }

    private static MailTool.MailException failure(Runnable attempt) {
        return assertThrows(MailTool.MailException.class, attempt::run);
    }

    private static void assertDataRefused(String part, Runnable attempt) {
        MailTool.MailException refusal = assertThrows(MailTool.MailException.class, attempt::run, part);
        assertEquals(DATA, refusal.exit().code, part + ": " + refusal.getMessage());
        assertEquals(MailTool.Stage.INPUT, refusal.stage());
    }

    private void assertRejected(int exit, List<String> words, String... options) {
        String[] start = {"send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org"};
        Tool.Result result = Tool.run(Stream.concat(Stream.of(start), Stream.of(options)).toArray(String[]::new));
        assertEquals(exit, result.exit(), result.toString());
        words.forEach(word -> assertTrue(result.err().contains(word), word + " is missing in: " + result.err()));
    }
}
