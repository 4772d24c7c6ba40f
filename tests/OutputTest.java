package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the user sees, on a terminal and off it, and what a script reads. */
final class OutputTest {
    private static final List<String> KEYS = List.of("ok", "exit", "stage", "error", "retryable", "code", "enhanced", "reply", "hint", "messageId", "queueId", "bytes", "host", "address",
        "tls", "millis", "recipients", "warnings");
    private static final List<String> COMMANDS = List.of("send", "help", "completion");

    // Silence and one line

    @Test
    void successIsSilentOffATerminal() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            assertEquals("exit 0\n--- stdout\n\n--- stderr\n", send(server).toString());
        }
    }

    @Test
    void successIsOneLineOnATerminal() {
        try (FakeSmtp server = new FakeSmtp().on(".", "250 2.0.0 Ok: queued as 4XyZ").start()) {
            Tool.Result run = Tool.with().onTerminal().call(arguments(server.url(), "-t", "c@example.org"));
            assertEquals(0, run.exit(), run::toString);
            assertEquals("sent to b@example.org and 1 more, queued as 4XyZ\r\n", run.out());
        }
    }

    @Test
    void aFailureIsOneLineWithWhatWasTriedWhatCameBackAndWhatToDo() {
        Tool.Result run = Tool.run(arguments("smtp://localhost:" + LocalPorts.free()));
        assertEquals(75, run.exit());
        assertEquals("", run.out());
        assertTrue(run.err().matches("mailtool: can't connect to localhost port \\d+: Connection refused; .+\n"), run.err());
    }

    @Test
    void eachRefusedRecipientHasALineOfItsOwn() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<b@", "550 5.1.1 no such user").on("RCPT TO:<c@", "452 4.2.2 mailbox full").start()) {
            Tool.Result run = send(server, "-t", "c@example.org", "--cc", "d@example.org");
            assertEquals(79, run.exit(), run::toString);
            assertEquals("", run.out());
            List<String> lines = run.err().lines().toList();
            assertEquals(3, lines.size(), run::toString);
            assertTrue(lines.get(0).startsWith("mailtool: 1 of 3 recipients got it"), run::toString);
            assertTrue(lines.get(0).contains("queued as FAKE1"), run::toString);
            assertTrue(lines.get(1).contains("<b@example.org>") && lines.get(1).contains("550 5.1.1 no such user"), run::toString);
            assertTrue(lines.get(2).contains("<c@example.org>") && lines.get(2).contains("452 4.2.2 mailbox full"), run::toString);
        }
    }

    @Test
    void whatAServerSaysCanNotSteerTheTerminal() {
        String words = "no\u001b]0;evil\u0007 \u009b31m \u202egnp.exe\u0000 \u0001";
        String onTheWire = new String(words.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        try (FakeSmtp server = new FakeSmtp().on("MAIL", "550 " + onTheWire).start()) {
            Tool.Result plain = send(server);
            assertEquals(65, plain.exit());
            assertFalse(hasControl(plain.err()), plain::toString);
            assertTrue(plain.err().contains("no\\x1b]0;evil\\x07 \\x9b31m \\x202egnp.exe\\x00 \\x01"), plain::toString);
            Tool.Result verbose = send(server, "-v");
            assertFalse(hasControl(verbose.err()), verbose::toString);
            Tool.Result json = send(server, "--json");
            assertFalse(hasControl(json.out()), json::toString);
            assertEquals(words, json(json).get("reply").getAsString());
        }
    }

    private static boolean hasControl(String text) {
        return text.chars().anyMatch(c -> c != '\n' && Character.isISOControl(c) || c == 0x202e);
    }

    @Test
    void whoHasItIsSaidWhereItIsUnknownOfOthers() {
        try (FakeSmtp server = new FakeSmtp().lmtp().on(". <c@example.org>", "452 4.2.2 mailbox full").on(". <d@example.org>", ScriptedPeer::hangUp).start()) {
            Tool.Result run = send(server, "-t", "c@example.org", "-t", "d@example.org");
            assertEquals(81, run.exit(), run::toString);
            assertTrue(run.err().contains("mailtool:   <b@example.org> has it\n"), run::toString);
            assertTrue(run.err().contains("mailtool:   <c@example.org> 452 4.2.2 mailbox full\n"), run::toString);
            assertFalse(run.err().contains("<d@example.org>"), run::toString);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "MAIL | 530 5.7.0 Must issue a STARTTLS command first | TLS",
        "MAIL | 530 5.7.0 Authentication required             | -u USER",
        "RCPT | 554 5.7.1 <b@x.org>: Relay access denied      | -u USER",
        "RCPT | 530 5.7.1 Client was not authenticated        | -u USER",
        "RCPT | 550 5.1.1 no such user                        | recipient's address",
    })
    void aRefusalSaysWhatToDo(String command, String reply, String hint) {
        try (FakeSmtp server = new FakeSmtp().on(command, reply).start()) {
            Tool.Result run = send(server, "--json");
            String said = json(run).get("hint").isJsonNull() ? "" : json(run).get("hint").getAsString();
            assertTrue(hint.isEmpty() ? said.isEmpty() : said.contains(hint), run::toString);
            assertFalse(hint.equals("TLS") && said.contains("login"), run::toString);
        }
    }

    // The dialogue

    @Test
    void theDialogueHasTimesDirectionsTlsAndNoSecrets() {
        TestCerts.Identity identity = TestCerts.good();
        try (FakeSmtp server = new FakeSmtp().tls(identity.context()).ehloUnderTls("AUTH LOGIN PLAIN").login("ann", "s3cret-w0rd").start()) {
            Tool tool = Tool.with().env("MAILTOOL_PASSWORD", "s3cret-w0rd");
            Tool.Result run = tool.call(arguments(server.url("ann"), "--ca", TestCerts.caFile().toString(), "--auth", "LOGIN", "-v"));
            assertEquals(0, run.exit(), run::toString);
            assertEquals("", run.out());
            for (String line : run.err().lines().toList()) {
                assertTrue(line.matches(" *\\d+\\.\\d{3} (>>>|<<<|\\*\\*\\*) .*"), line);
            }
            assertTrue(run.err().matches("(?s).*\\*\\*\\* TLSv1\\.3, TLS_\\w+, certificate of CN=localhost, .* until \\d{4}-\\d\\d-\\d\\d\n.*"), run::toString);
            assertTrue(run.err().contains(">>> MAIL FROM:<a@example.org>\n"), run::toString);
            assertTrue(run.err().contains("<<< 220 fake.example.org ESMTP\n"), run::toString);
            assertTrue(run.err().contains(">>> QUIT\n"), run::toString);
            assertFalse(run.err().contains("s3cret-w0rd") || run.err().contains(RawClient.base64("s3cret-w0rd")), run::toString);
            assertTrue(server.message().user().equals("ann"));
        }
    }

    // JSON

    @Test
    void jsonTellsAllOfASuccess() {
        try (FakeSmtp server = new FakeSmtp().implicitTls(TestCerts.good().context()).on(".", "250 2.0.0 Ok: queued as 4XyZ").start()) {
            Tool.Result run = Tool.run(arguments(server.url(), "--ca", TestCerts.caFile().toString(), "-H", "Message-ID: <x@example.org>", "--json"));
            JsonObject json = json(run);
            assertEquals(0, run.exit(), run::toString);
            assertEquals("", run.err());
            assertEquals("true 0 null null false", texts(json, "ok", "exit", "stage", "error", "retryable"));
            assertEquals("250 2.0.0 Ok: queued as 4XyZ null", texts(json, "code", "enhanced", "reply", "hint"));
            assertEquals("<x@example.org> 4XyZ localhost 127.0.0.1", texts(json, "messageId", "queueId", "host", "address"));
            assertEquals(server.message().content().length, json.get("bytes").getAsLong());
            assertEquals("TLSv1.3", json.getAsJsonObject("tls").get("version").getAsString());
            assertTrue(json.getAsJsonObject("tls").get("cipher").getAsString().startsWith("TLS_"));
            assertEquals(Set.of("version", "cipher", "verified"), json.getAsJsonObject("tls").keySet());
            assertEquals(Set.of("connect", "tls", "auth", "envelope", "data", "total"), json.getAsJsonObject("millis").keySet());
            assertTrue(json.getAsJsonObject("millis").get("total").getAsLong() >= json.getAsJsonObject("millis").get("tls").getAsLong());
            JsonObject recipient = json.getAsJsonArray("recipients").get(0).getAsJsonObject();
            assertEquals("b@example.org true", texts(recipient, "address", "ok"));
            assertEquals(Set.of("address", "ok", "code", "enhanced", "reply"), recipient.keySet());
        }
    }

    @Test
    void jsonNamesRefusedRecipients() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT TO:<c@", "550 5.1.1 no such user").start()) {
            Tool.Result run = send(server, "-t", "c@example.org", "--json");
            JsonObject json = json(run);
            assertEquals(79, run.exit());
            assertEquals("false 79 rcpt", texts(json, "ok", "exit", "stage"));
            assertEquals("true", texts(json.getAsJsonArray("recipients").get(0).getAsJsonObject(), "ok"));
            assertEquals("c@example.org false 550 5.1.1 no such user", texts(json.getAsJsonArray("recipients").get(1).getAsJsonObject(), "address", "ok", "code", "enhanced", "reply"));
            assertEquals("", run.err());
        }
    }

    @Test
    void jsonTellsAllOfARefusal() {
        try (FakeSmtp server = new FakeSmtp().on("MAIL", "451 4.3.0 later").start()) {
            Tool.Result run = send(server, "--json");
            assertEquals("false 75 mail true 451 4.3.0 later localhost", texts(json(run), "ok", "exit", "stage", "retryable", "code", "enhanced", "reply", "host"));
            assertTrue(json(run).get("error").getAsString().contains("451 4.3.0 later"), run::toString);
            assertEquals(75, run.exit());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "64 input|send --json -f a@example.org -t b@example.org --text x --tex y",
        "64 input|send --json -f a@example.org -t b@example.org --text x",
        "64 input|send --json -S imap://localhost -f a@example.org -t b@example.org --text x",
        "64 input|send --json -S smtp://localhost --tls none --pin sha256:0000000000000000000000000000000000000000000000000000000000000000 -f a@example.org -t b@example.org --text x",
        "64 input|sned --json",
        "64 input|send --json stray",
        "65 input|send --json -S smtp://localhost -f a@example.org -t nowhere --text x",
        "66 input|send --json -S smtp://localhost -f a@example.org -t b@example.org -a /nowhere/file",
        "78 input|send --json -A nobody -f a@example.org -t b@example.org --text x",
        "68 resolve|send --json -S smtp://nowhere.invalid -f a@example.org -t b@example.org --text x"})
    void jsonComesForEveryKindOfFailure(String promiseAndArguments) {
        String[] parts = promiseAndArguments.split("\\|");
        Tool.Result run = Tool.with().hosts("127.0.0.1 localhost").call(parts[1].split(" "));
        JsonObject json = json(run);
        assertEquals("false " + parts[0] + " false", texts(json, "ok", "exit", "stage", "retryable"), run::toString);
        assertEquals(run.exit(), json.get("exit").getAsInt());
        assertEquals("", run.err());
        assertFalse(json.get("error").getAsString().isEmpty());
    }

    private static JsonObject json(Tool.Result run) {
        assertEquals(1, run.out().lines().count(), run::toString);
        JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
        assertEquals(KEYS, List.copyOf(json.keySet()));
        return json;
    }

    private static String texts(JsonObject json, String... names) {
        return String.join(" ", Stream.of(names).map(json::get).map(OutputTest::text).toList());
    }

    private static String text(JsonElement value) {
        return value.isJsonNull() ? "null" : value.getAsString();
    }

    // Printing the message

    @Test
    void aDryRunPrintsTheMessageThatWouldGoAndConnectsNowhere() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            Tool.Result printed = send(server, "--dry-run", "--bcc", "secret@example.org");
            assertEquals(0, printed.exit(), printed::toString);
            assertEquals("", printed.err());
            assertEquals(0, server.peers().size());
            assertFalse(printed.out().contains("secret@example.org"), printed::toString);
            Tool.Result sent = Tool.with().stdin(printed.stdout()).call("send", "-S", server.url(), "--eml", "-");
            assertEquals(0, sent.exit(), sent::toString);
            assertEquals(printed.out(), server.message().text());
        }
    }

    // Progress

    @Test
    void aLargeBodyHasAProgressBarOnATerminalOnly() {
        try (FakeSmtp server = new FakeSmtp().start(); Scratch scratch = Scratch.create("large")) {
            String large = scratch.write("large.bin", new byte[6_000_000]).toString();
            Tool.Result onTerminal = Tool.with().onTerminal().call(arguments(server.url(), "-a", large));
            assertTrue(onTerminal.out().contains("[#"), "a bar");
            assertTrue(onTerminal.out().contains("of 8.2 MB"), onTerminal.out());
            assertTrue(onTerminal.out().endsWith("\r\u001b[Ksent to b@example.org, queued as FAKE1\r\n"), onTerminal.out());
            assertEquals("", send(server, "-a", large).err());
            Tool.Result small = Tool.with().onTerminal().call(arguments(server.url(), "-a", scratch.write("small.bin", new byte[200_000]).toString()));
            assertEquals("sent to b@example.org, queued as FAKE3\r\n", small.out());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--all-or-nothing", "--json"})
    void aBarThatDoesNotGetToItsEndGivesWayToTheFailure(String option) {
        try (FakeSmtp server = new FakeSmtp().on("DATA", peer -> peer.say("354 go").stall()).start(); Scratch scratch = Scratch.create("large")) {
            String large = scratch.write("large.bin", new byte[60_000_000]).toString();
            Tool.Result run = Tool.with().onTerminal().call(arguments(server.url(), "-a", large, "--timeout", "2s", option));
            assertEquals(75, run.exit(), run::toString);
            assertTrue(run.out().contains(" MB\r\u001b[K"), run::toString);
            assertTrue(run.out().matches("(?s).*\u001b\\[K(mailtool: |\\{\"ok\":false)[^\r]*\r\n"), run::toString);
        }
    }

    // Help

    @Test
    void helpNamesEveryExitCode() {
        Tool.Result run = Tool.run("help", "exit-codes");
        assertEquals(0, run.exit());
        List<String> codes = run.out().lines().map(line -> line.strip().split(" ")[0]).filter(word -> word.matches("\\d+")).toList();
        assertEquals(List.of("0", "64", "65", "66", "68", "69", "73", "74", "75", "76", "77", "78", "79", "80", "81", "130"), codes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"send", "help", "completion"})
    void helpOfEveryCommandHasExamples(String command) {
        Tool.Result run = Tool.run(command, "--help");
        assertEquals(0, run.exit());
        assertTrue(run.out().startsWith("mailtool " + command), run::toString);
        assertTrue(run.out().lines().anyMatch(line -> line.startsWith("  ") && line.contains("mailtool " + command + " ")), run::toString);
        assertTrue(run.out().lines().allMatch(line -> line.length() <= 80), run::toString);
        assertEquals(run.out(), Tool.run("help", command).out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"send", "inbox", "read", "fetch", "delete", "stat", "probe", "mx", "help", "completion"})
    void theShortHelpIsOneScreenOfTheLongOne(String name) {
        MailTool.Command command = MailTool.Command.named(name);
        List<String> everything = command.everything().lines().toList();
        List<String> screen = command.screen().lines().toList();
        String options = screen.stream().filter(line -> line.startsWith("--", 6)).map(line -> line.replaceAll(".*--([\\w-]+).*", "$1")).toList().toString();
        assertTrue(screen.size() <= 24, () -> screen.size() + " lines");
        assertTrue(Stream.concat(everything.stream(), screen.stream()).noneMatch(line -> line.length() > 80 || line.contains("*")), command.screen());
        assertTrue(options.endsWith("help]") && options.split(",").length <= 16, options);
        String what = command.summary().substring(1) + ".";
        assertTrue(screen.stream().anyMatch(line -> line.endsWith(what)) && everything.stream().anyMatch(line -> line.endsWith(what)), command.screen());
        assertTrue(screen.stream().anyMatch(line -> line.startsWith("  ") && line.contains("mailtool " + name + " ")), command.screen());
        for (MailTool.Option option : MailTool.Option.in(command.help())) {
            assertEquals(1, everything.stream().filter(line -> (line + " ").startsWith("--" + option.name() + " ", 6)).count(), option.name());
        }
    }

    @Test
    void onTheCommandLineTheShortHelpIsThatOfTheLetter() {
        Tool.Result run = Tool.run("send", "-S", "smtp://localhost:1", "-s", "--help", "-v", "-h", "--text", "x");
        assertEquals(MailTool.Command.named("send").everything(), run.out(), "a value that is --help is rare, and everything is no loss");
        assertEquals("exit 0\n--- stdout\n" + MailTool.Command.named("send").screen() + "\n--- stderr\n", Tool.run("send", "-vh").toString());
    }

    @Test
    void aLongValueStandsOnALineOfItsOwn() {
        String help = MailTool.Command.named("send").everything();
        assertTrue(help.contains("""
                  --notify never|success,failure,delay
                                          when to send delivery notices
                """.indent(4)), help);
        assertTrue(help.contains("""
                  --auth auto|SCRAM-SHA-256|SCRAM-SHA-1|CRAM-MD5|PLAIN|LOGIN|OAUTHBEARER|
                         XOAUTH2|EXTERNAL
                                          how to log in
                """.indent(4)), help);
    }

    @Test
    void eachCommandOffersTheMechanismsOfItsProtocol() {
        assertFalse(MailTool.Command.named("send").everything().matches("(?s).*\\b(USER|APOP)\\b.*"));
        for (String name : List.of("inbox", "read", "fetch", "delete", "stat")) {
            assertTrue(MailTool.Command.named(name).everything().contains("EXTERNAL|USER|APOP\n"), name);
        }
    }

    @Test
    void otherHelpFitsTheScreenToo() {
        for (String page : List.of(AccountFile.HELP, MailTool.Exit.table(), MailTool.Help.overview())) {
            assertTrue(page.lines().count() <= 24 && page.lines().allMatch(line -> line.length() <= 80), page);
        }
    }

    @ParameterizedTest
    @CsvSource({"account, accounts", "acounts, accounts", "exit, exit-codes", "exitcodes, exit-codes", "sned, send", "fetsh, fetch"})
    void helpOnSomethingElseNamesTheNearTopic(String given, String near) {
        MailTool.Arguments arguments = new MailTool.Arguments(List.of(), List.of(given));
        MailTool.MailException refusal = assertThrows(MailTool.MailException.class, () -> MailTool.Help.run(arguments, new Terminal()));
        assertEquals("64 did you mean " + near + "?", refusal.exit().code + " " + refusal.hint());
    }

    @Test
    void withoutArgumentsItSaysWhatItCanDo() {
        Tool.Result run = Tool.run();
        assertEquals(64, run.exit());
        assertEquals("", run.out());
        assertTrue(COMMANDS.stream().allMatch(command -> run.err().contains("  " + command + " ")), run::toString);
        Tool.Result help = Tool.run("--help");
        assertEquals(0, help.exit());
        assertEquals(run.err(), help.out());
    }

    @Test
    void theVersionIsOneLine() {
        Tool.Result run = Tool.run("--version");
        assertEquals(0, run.exit());
        assertTrue(run.out().matches("mailtool \\d+\\.\\d+\\S* \\(Java \\d\\S*\\)\n"), run::toString);
        assertEquals(run.toString(), Tool.run("-V").toString());
    }

    @Test
    void anUnknownWordIsAnsweredWithTheNearOne() {
        assertEquals("exit 64\n--- stdout\n\n--- stderr\nmailtool: there is no command 'sned'; did you mean send?\n", Tool.run("sned").toString());
        Tool.Result option = Tool.run("send", "--subjekt", "x");
        assertEquals(64, option.exit());
        assertTrue(option.err().contains("--subjekt") && option.err().contains("--subject") && option.err().lines().count() == 1, option::toString);
        assertEquals(64, Tool.run("help", "nothing").exit());
    }

    // What a person should know

    @Test
    void warningsAreSaidAndStandInTheJson() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            String warning = "the HTML shows cid:chart, but there is no --inline chart=FILE";
            String[] words = {"send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "--html", "<img src='cid:chart'>", "--json"};
            Tool.Result run = Tool.run(words);
            assertEquals("mailtool: warning: " + warning + "\n", run.err());
            assertEquals(warning, json(run).get("warnings").getAsJsonArray().get(0).getAsString());
            words[words.length - 1] = "--dry-run";
            assertEquals(run.err(), Tool.run(words).err());
        }
    }

    @Test
    void onATerminalTheTextIsTyped() {
        try (FakeSmtp server = new FakeSmtp().start(); RunningTool tool = Tool.with().onTerminal().stdinOpen().start(bare(server))) {
            Tool.Result run = tool.awaitOutput("mailtool: type the text; Ctrl-D ends it").type("Grüße\nvon hier\n\u0004").await();
            assertEquals(0, run.exit(), run::toString);
            assertTrue(server.message().text().replaceAll("=C3=BC=C3=9F", "üß").endsWith("Grüße\r\nvon hier\r\n"), server.message()::text);
        }
    }

    @Test
    void ctrlCWhileTheTextIsTypedSendsNothing() {
        try (FakeSmtp server = new FakeSmtp().start(); RunningTool tool = Tool.with().onTerminal().stdinOpen().start(bare(server))) {
            assertEquals(130, tool.awaitOutput("Ctrl-D ends it").type("half a line\u0003").await().exit());
            assertTrue(server.peers().isEmpty(), "connected");
        }
    }

    @Test
    void nobodyTypesWhereAFileIsAttachedOrSomethingIsWrong() {
        try (Scratch scratch = Scratch.create("typed"); FakeSmtp server = new FakeSmtp().start()) {
            String file = scratch.write("a.txt", "x").toString();
            Tool.Result attached = Tool.with().onTerminal().stdinOpen().call("send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org", "-a", file);
            assertEquals(0, attached.exit(), attached::toString);
            Tool.Result nobody = Tool.with().onTerminal().stdinOpen().call("send", "-S", server.url(), "-f", "a@example.org");
            assertEquals("mailtool: no recipient; give -t ADDRESS\r\n", nobody.out());
        }
    }

    private static String[] bare(FakeSmtp server) {
        return new String[] {"send", "-S", server.url(), "-f", "a@example.org", "-t", "b@example.org"};
    }

    // Completion

    @Test
    void bashCompletesCommandsOptionsAndFiles() {
        Path bash = Need.program("bash");
        try (Scratch scratch = Scratch.create("bash")) {
            Path script = scratch.write("completion", completion("bash"));
            scratch.write("letter one.eml", "");
            String complete = """
                source '%s'
                try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); "$(complete -p mailtool | sed 's/.*-F \\([^ ]*\\).*/\\1/')" mailtool "${@: -1}" "${@: -2:1}"; printf '%%s|' "${COMPREPLY[@]}"; echo; }
                try mailtool se
                try mailtool send --envelope
                try mailtool send --pass
                try mailtool send --eml le
                try mailtool completion --he
                try mailtool send --tls ''
                try mailtool send --auth SC
                try mailtool inbox --auth US
                try mailtool send --auth US
                try mailtool inbox -A ''
                try mailtool fetch -A ops --account w
                try mailtool help send ''
                try mailtool help ex
                try mailtool completion zs
                try mailtool send -s inb
                """.formatted(script);
            Tool.Result run = Program.of(bash, "--norc", "-c", complete).env("XDG_CONFIG_HOME", accounts(scratch)).in(scratch.path()).call();
            assertEquals("", run.err());
            assertEquals(List.of("send|sendmail|", "--envelope-from|", "--password-file|--password-command|", "letter one.eml|", "--help|", "auto|required|implicit|none|",
                "SCRAM-SHA-256|SCRAM-SHA-1|", "USER|", "|", "lab|ops.eu|work|", "work|", "|", "explain|exit-codes|", "zsh|", "|"), run.out().lines().toList());
        }
    }

    /** The config folder in which accounts stand. */
    private static Path accounts(Scratch scratch) {
        scratch.folder("config/mailtool");
        scratch.write("config/mailtool/accounts", "default = work\n# old.server = x\nwork.server = smtp://a.example.org\nwork.user = me.server\n"
            + " ops.eu.pop3=pop3://b.example.org\nops.eu.header.X-One = 1\nlab.server : smtp://c.example.org\nlab.pop3 = pop3://c.example.org\n");
        return scratch.resolve("config");
    }

    @Test
    void fishOffersAccountsAfterTheirOptionAndCommandsWhereOneStands() {
        Path fish = Need.program("fish");
        try (Scratch scratch = Scratch.create("fish")) {
            Path script = scratch.write("completion", completion("fish"));
            String complete = "source " + script + "; for line in 'se' 'inbox -A ' 'send --account=w' 'help send se' 'help ex' 'send -s inbox --las' 'inbox --las'"
                + "; complete -C \"mailtool $line\" | string replace -r '\\t.*' '' | string join '|'; echo .; end";
            Tool.Result run = Program.of(fish, "--no-config", "-c", complete).env("XDG_CONFIG_HOME", accounts(scratch)).env("HOME", scratch.path())
                .in(scratch.path()).call();
            assertEquals("send|sendmail.lab|ops.eu|work.--account=work..exit-codes|explain..--last.", run.out().replace("\n", ""), run::toString);
        }
    }

    @Test
    void zshOffersAccountsAfterTheirOption() {
        Path zsh = Need.program("zsh");
        try (Scratch scratch = Scratch.create("zsh")) {
            Path script = scratch.write("completion", completion("zsh"));
            String drive = """
                zmodload zsh/zpty
                zpty shell 'TERM=dumb zsh -f -i'
                zpty -w shell 'autoload compinit; compinit -u -D; mailtool() { echo "got:$*"; }; source %s; echo REA""DY'
                zpty -r shell seen '*READY*'
                zpty -n -w shell $'mailtool inbox -A o\\t\\n'
                zpty -r shell seen '*got:inbox*'
                zpty -n -w shell $'mailtool sen\\t\\n'
                zpty -r shell last '*got:send*'
                print -r -- "$seen$last"
                """.formatted(script);
            Tool.Result run = Program.of(zsh, "-f", "-c", drive).env("XDG_CONFIG_HOME", accounts(scratch)).in(scratch.path()).call();
            assertTrue(run.out().contains("got:inbox -A ops.eu") && run.out().contains("got:send"), run::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void theShellReadsItsCompletion(String shell) {
        String script = completion(shell);
        assertTrue(script.contains("all-or-nothing"), script);
        Assumptions.assumeTrue(Need.find(shell).isPresent(), shell + " is not installed");
        Tool.Result run = Program.of(Need.program(shell), "-n").stdin(script).call();
        assertEquals("exit 0\n--- stdout\n\n--- stderr\n", run.toString());
    }

    @Test
    void fishCompletesValuesToo() {
        assertTrue(completion("fish").contains("in send' -l notify -x -a 'never success,failure,delay' -d '"));
    }

    @Test
    void completionOfAnotherShellIsRefused() {
        Tool.Result run = Tool.run("completion", "tcsh");
        assertEquals(64, run.exit());
        assertTrue(run.err().contains("bash") && run.err().contains("zsh") && run.err().contains("fish"), run::toString);
    }

    private static String completion(String shell) {
        Tool.Result run = Tool.run("completion", shell);
        assertEquals(0, run.exit(), run::toString);
        return run.out();
    }

    // Ends

    @ParameterizedTest
    @ValueSource(strings = {"--version", "help", "send -f a@example.org -t b@example.org --text x --dry-run", "completion bash"})
    void outputThatCanNotBeWrittenIsAnError(String arguments) {
        assertEquals(73, redirected(arguments, ">/dev/full").exit());
        Tool.Result closed = redirected(arguments, ">&-");
        assertEquals(73, closed.exit(), closed::toString);
        assertTrue(closed.err().startsWith("mailtool: "), closed::toString);
    }

    @Test
    void whoStopsReadingIsNotToldSo() {
        try (Scratch scratch = Scratch.create("gone")) {
            for (String shown : List.of("completion bash", "read --eml " + scratch.write("a.eml", "Subject: x\n\nx\n"))) {
                assertEquals("0\n", redirected(shown, "; echo $? >&2; } | exec true").err());
            }
        }
        assertEquals("73\n", redirected("send -f a@example.org -t b@example.org --text x --dry-run", "; echo $? >&2; } | exec true").err());
        Tool.Result full = redirected("completion bash", ">/dev/full");
        assertTrue(full.err().contains("No space left"), full::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--text-file -"})
    void withStdinClosedTheTextIsEmpty(String option) {
        Tool.Result run = redirected("send -f a@example.org -t b@example.org --dry-run " + option, "<&-");
        assertEquals(0, run.exit(), run::toString);
        assertTrue(run.out().endsWith("\r\n\r\n"), run::toString);
    }

    @Test
    void aFailureKeepsItsCodeWhereItsJsonCanNotBeWritten() {
        assertEquals(64, redirected("send --json", ">/dev/full").exit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"send --json", "inbox -S pop3://ann@127.0.0.1:1 --json", "read 1 --json", "probe --json", "fetch --json"})
    void aFailureIsSaidWhereItsJsonCanNotBeWritten(String arguments) {
        Tool.Result plain = redirected(arguments.replace(" --json", ""), "");
        for (String nowhere : List.of(">/dev/full", ">&-")) {
            Tool.Result run = redirected(arguments, nowhere);
            assertEquals(plain.exit(), run.exit(), run::toString);
            assertEquals(plain.err(), run.err());
        }
    }

    @Test
    void whatWasSentIsSaidWhereItsJsonCanNotBeWritten() {
        try (FakeSmtp smtp = new FakeSmtp().start()) {
            Tool.Result run = redirected("send -S " + smtp.url() + " -f a@example.org -t b@example.org --text x --json", ">/dev/full");
            assertEquals("mailtool: can't write to stdout: No space left on device; the message was sent\n", run.err());
            assertEquals(73, run.exit());
        }
    }

    /** As ssh and others leave a pipe that they share. */
    @Test
    void whatAnotherProgramHasMadeNonblockingGetsAllOfIt() {
        try (Scratch scratch = Scratch.create("nonblocking")) {
            String lines = "0123456789 a line\r\n".repeat(20_000);
            String words = "read --raw --eml " + scratch.write("a.eml", "Subject: x\r\n\r\n" + lines);
            String slow = "import os, sys, fcntl; fcntl.fcntl(1, fcntl.F_SETFL, os.O_NONBLOCK); os.execvp(sys.argv[1], sys.argv[1:])";
            String command = "{ " + Need.program("python3") + " -c '" + slow + "' " + Java.quoted() + " mailtool.MailTool " + words
                + "; echo $? >&2; } | { sleep 3; cat; }";
            Tool.Result run = Program.of("/bin/sh", "-c", command).call();
            assertEquals("0\n", run.err());
            assertEquals("Subject: x\r\n\r\n" + lines, run.out());
        }
    }

    /** Who is told that it failed sends it again. */
    @Test
    void aTerminalThatHasGoneIsNoFailureOfWhatWasSent() {
        try (FakeSmtp smtp = new FakeSmtp().start()) {
            String gone = "import os, subprocess, sys; there, here = os.openpty(); os.close(there);"
                + " sys.exit(subprocess.call(sys.argv[1:], stdout=here, stderr=here))";
            Tool.Result run = Tool.with().through("exec " + Need.program("python3") + " -c '" + gone + "'").call(arguments(smtp.url()));
            assertEquals(0, run.exit(), run::toString);
            assertEquals(1, smtp.messages().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"explain -", "talk -S smtp://127.0.0.1:"})
    void linesThatCanNotBeReadAreToldInPlainWords(String arguments) {
        try (FakeSmtp smtp = new FakeSmtp().start()) {
            Tool.Result run = redirected(arguments.replaceFirst(":$", ":" + smtp.port()), "<.");
            assertEquals("mailtool: can't read stdin: Is a directory\n", run.err());
            assertEquals(74, run.exit());
        }
    }

    private static Tool.Result redirected(String arguments, String redirection) {
        String command = (redirection.startsWith(";") ? "{ " : "exec ") + Java.quoted() + " mailtool.MailTool " + arguments + " " + redirection;
        return Program.of("/bin/sh", "-c", command).call();
    }

    @Test
    void interruptedItEndsWith130() {
        try (ScriptedServer server = ScriptedServer.start(ScriptedPeer::stall); RunningTool running = Tool.with().start(arguments("smtp://127.0.0.1:" + server.port(), "-v"))) {
            running.awaitOutput("*** connecting");
            Tool.Result run = running.signal("INT").await();
            assertEquals(130, run.exit(), run::toString);
            assertEquals("", run.out());
        }
    }

    private static Tool.Result send(FakeSmtp server, String... more) {
        return Tool.run(arguments(server.url(), more));
    }

    private static String[] arguments(String url, String... more) {
        Stream<String> usual = Stream.of("send", "-S", url, "-f", "a@example.org", "-t", "b@example.org", "-s", "Hi", "--text", "Hello");
        return Stream.concat(usual, Arrays.stream(more)).toArray(String[]::new);
    }
}
