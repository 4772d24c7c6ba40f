package mailtool;

import static mailtool.MailTool.pop3;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import mailtool.MailTool.Exit;
import mailtool.MailTool.Probe;
import mailtool.MailTool.ProbeStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code probe} as people, scripts, Nagios and Prometheus read it, and against real servers. */
final class ProbeCommandTest {
    /** What the guidelines for plugins of monitoring programs ask for. */
    private static final String NUMBER = "-?\\d+(\\.\\d+)?";
    private static final String DATUM = "[^ '=|]+=" + NUMBER + "s;(" + NUMBER + ")?;(" + NUMBER + ")?;0";
    private static final String PLUGIN_LINE = "PROBE (OK|WARNING|CRITICAL|UNKNOWN) - [^|\\p{Cntrl}]+( \\| " + DATUM + "( " + DATUM + ")*)?\n";
    private static final String STAGES = "resolve connect greeting ehlo tls certificate ehlo-tls auth mail rcpt rset quit";
    @TempDir
    private Path folder;

    private static Tool.Result probe(FakeSmtp fake, String... more) {
        return Tool.run(Stream.concat(Stream.of("probe", "-S", fake.url()), Stream.of(more)).toArray(String[]::new));
    }

    @Test
    void aPersonReadsALineForEachStage() {
        try (FakeSmtp fake = new FakeSmtp().on("RCPT", "550 5.1.1 no \033[2J such user").start()) {
            Tool.Result run = probe(fake, "-f", "", "-t", "b@example.org");
            List<String> lines = run.out().lines().toList();
            assertEquals(65, run.exit(), run::toString);
            assertTrue(lines.get(2).matches("ok {7}greeting +\\d+\\.\\d ms {2}220 fake.example.org ESMTP"), run::toString);
            assertTrue(lines.get(5).matches("fault {4}rcpt +\\d+\\.\\d ms {2}.*550 5\\.1\\.1 no \\\\x1b\\[2J such user.*"), run::toString);
            assertEquals("", run.err());
        }
    }

    @Test
    void aScriptReadsOneObject() {
        try (FakeSmtp fake = new FakeSmtp().on("MAIL", "530 5.7.0 log in").start()) {
            Tool.Result run = probe(fake, "-f", "a@example.org", "--format", "json");
            JsonObject all = JsonParser.parseString(run.out()).getAsJsonObject();
            assertEquals(65, run.exit(), run::toString);
            assertEquals("[ok, exit, stage, error, hint, host, port, address, tls, stages]", all.keySet().toString());
            assertEquals("{\"version\":null,\"cipher\":null,\"verified\":null}", all.get("tls").toString());
            assertEquals(fake.port(), all.get("port").getAsInt());
            assertEquals("mail", all.get("stage").getAsString());
            JsonObject mail = all.getAsJsonArray("stages").get(4).getAsJsonObject();
            assertEquals("[stage, verdict, code, enhanced, reply, millis, text, hint]", mail.keySet().toString());
            assertEquals("fault 530 5.7.0", mail.get("verdict").getAsString() + " " + mail.get("code") + " " + mail.get("enhanced").getAsString());
        }
    }

    @ParameterizedTest
    @CsvSource({"GREETING, 220 fake, --crit=9s, 0, OK", "EHLO, 250 fake, --warn=1ms, 1, WARNING", "EHLO, 421 a | b, --warn=9s, 2, CRITICAL",
        "EHLO, 250 fake, --stop-after=nowhere, 3, UNKNOWN", "EHLO, 250 fake, --nonsense, 3, UNKNOWN"})
    void nagiosReadsOneLine(String command, String reply, String option, int exit, String state) {
        try (FakeSmtp fake = new FakeSmtp().on(command, reply).start()) {
            Tool.Result run = probe(fake, "--format", "nagios", option);
            assertEquals(exit, run.exit(), run::toString);
            assertTrue(run.out().matches(PLUGIN_LINE) && run.out().startsWith("PROBE " + state + " - "), run::toString);
            assertEquals("", run.err());
        }
    }

    /** Not all that it shows: a pager has one short line. */
    @Test
    void nagiosIsToldWhatIsNotWell() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("SIZE 5000", "AUTH PLAIN").start()) {
            Tool.Result run = probe(fake, "--format", "nagios", "-f", "a@example.org");
            assertTrue(run.out().matches("(?s).* ms; ehlo: offers login in clear; mail: takes mail without TLS [|] .*"), run::toString);
        }
    }

    @Test
    void aWarningThatCouldNeverComeIsWrongUsage() {
        Tool.Result run = Tool.run("probe", "-S", "smtp://localhost:1", "--warn", "5s", "--crit", "2s");
        assertEquals(64, run.exit(), run::toString);
        assertEquals("mailtool: --warn is longer than --crit; the warning comes first\n", run.err());
    }

    @Test
    void wrongUsageIsToldToNagiosHoweverItIsWritten() {
        Tool.Result run = Tool.run("probe", "--nonsense", "--format=NAGIOS");
        assertEquals(3, run.exit(), run::toString);
        assertTrue(run.out().matches(PLUGIN_LINE) && run.err().isEmpty(), run::toString);
    }

    /** As Prometheus' own client (Debian: python3-prometheus-client) reads it: a line for each sample. */
    private static List<String> samples(String text) {
        String reader = "import sys\nfrom prometheus_client.parser import text_string_to_metric_families as families\n"
                + "for family in families(sys.stdin.read()):\n for one in family.samples: print(one.name, one.labels.get('stage', ''), one.value)";
        Tool.Result read = Program.of("/usr/bin/python3", "-c", reader).stdin(text).call();
        assertEquals(0, read.exit(), read::toString);
        return read.out().lines().toList();
    }

    @Test
    void prometheusReadsEveryStageAlways() {
        try (FakeSmtp fake = new FakeSmtp().on("EHLO", "421 no").start()) {
            Tool.Result run = probe(fake, "--format", "prometheus");
            List<String> samples = samples(run.out());
            assertEquals(75, run.exit(), run::toString);
            assertEquals("mailtool_probe_success  0.0", samples.get(0));
            List<String> stages = samples.subList(1, samples.size()).stream().map(line -> line.split(" ")[1]).toList();
            assertEquals(STAGES, String.join(" ", stages));
            assertTrue(samples.get(4).matches("mailtool_probe_stage_seconds ehlo \\d.*") && samples.get(5).endsWith(" tls nan"), samples::toString);
            assertTrue(run.out().contains("{host=\"localhost\",port=\"" + fake.port() + "\",stage=\"quit\"} NaN\n"), run::toString);
        }
    }

    @Test
    void theFigureIsMovedToItsPlaceWhole() throws IOException {
        Path figures = folder.resolve("mail.prom");
        String java = String.join(" ", Java.command()) + " mailtool.MailTool";
        Path script = Program.inClone("examples/probe-metrics");
        String closed = "smtp://127.0.0.1:" + LocalPorts.free();
        Tool.Result run = Program.of(script, figures, "-S", closed).env("MAILTOOL", java).call();
        assertEquals(0, run.exit(), run::toString);
        assertEquals(13, samples(Files.readString(figures)).size());
        Tool.Result wrong = Program.of(script, figures, "-S", closed, "--nonsense").env("MAILTOOL", java).call();
        assertEquals(64, wrong.exit(), wrong::toString);
        assertEquals(13, samples(Files.readString(figures)).size());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(figures), files.toList());
        }
    }

    @Test
    void roundsHaveTheirSumsAlsoWhenInterrupted() {
        try (FakeSmtp fake = new FakeSmtp().once("EHLO", "421 no").start();
                RunningTool running = Tool.with().start("probe", "-S", fake.url(), "--count", "1000", "--json")) {
            Tool.Result run = running.awaitOutput("\"stage\":\"quit\"").signal("INT").await();
            List<String> lines = run.out().lines().toList();
            assertEquals(130, run.exit(), run::toString);
            assertTrue(lines.get(0).startsWith("{\"ok\":false,\"exit\":75,\"stage\":\"ehlo\""), run::toString);
            JsonObject sums = JsonParser.parseString(lines.get(lines.size() - 1)).getAsJsonObject();
            assertEquals("[rounds, failed, stages]", sums.keySet().toString());
            assertEquals(1, sums.get("failed").getAsInt());
            assertEquals(lines.size() - 1, sums.get("rounds").getAsInt());
            assertEquals("[stage, min, average, max]", sums.getAsJsonArray("stages").get(0).getAsJsonObject().keySet().toString());
        }
    }

    @Test
    void roundsHaveTheWorstCode() {
        try (FakeSmtp fake = new FakeSmtp().once("EHLO", "421 no").start()) {
            Tool.Result run = probe(fake, "--count", "2");
            assertEquals(75, run.exit(), run::toString);
            List<String> lines = run.out().lines().toList();
            assertTrue(lines.get(0).startsWith("fault ") && lines.get(1).startsWith("ok ") && lines.get(2).equals("2 rounds, 1 failed"), run::toString);
        }
    }

    @Test
    void anotherAddressIsAWarning() {
        try (FakeSmtp fake = new FakeSmtp().start()) {
            Tool.Result run = Tool.with().hosts("127.0.0.9 mail.example.org", "127.0.0.1 mail.example.org")
                    .call("probe", "-S", "smtp://mail.example.org:" + fake.port());
            assertEquals(0, run.exit(), run::toString);
            assertEquals(1, run.out().lines().filter(line -> line.startsWith("warning  connect")).count(), run::toString);
        }
    }

    private static void assertWent(String stages, Exit exit, Probe probe) {
        assertEquals(stages, probe.stages().stream().map(ProbeStage::name).collect(Collectors.joining(" ")), probe.stages()::toString);
        assertEquals(exit, probe.exit(), probe.stages()::toString);
    }

    @Test
    void realServersAreLookedAt() {
        Postfix postfix = Postfix.shared();
        Dovecot dovecot = Dovecot.shared();
        String ca = TestCerts.caFile().toString();
        String login = "smtp://alice%40example.org@localhost:" + postfix.loginPort();
        assertWent(STAGES.replace(" rcpt", " rcpt rcpt"), Exit.PARTIAL, smtp(login).set("ca", ca).password(Dovecot.PASSWORD).probing().from("alice@example.org")
                .to("bob@example.org").to("nobody@example.org").run());
        assertWent("resolve connect tls certificate greeting capa auth quit", Exit.OK,
                pop3("pop3s://alice%40example.org@localhost:" + dovecot.pop3sPort()).set("ca", ca).password(Dovecot.PASSWORD).probe());
        Probe lmtp = smtp("lmtp://localhost:" + dovecot.lmtpPort()).set("ca", ca).probing().from("").to("alice@example.org").expect("rcpt=250").run();
        assertTrue(lmtp.ok(), lmtp.stages()::toString);
    }

    @Test
    void postfixTakesTheProxyHeader() {
        Postfix postfix = Postfix.shared();
        Probe probe = smtp("smtp://localhost:" + postfix.proxyPort()).set("ca", TestCerts.caFile().toString())
                .set("proxy-protocol", "192.0.2.7:4711 192.0.2.1:25").probe();
        assertTrue(probe.ok(), probe.stages()::toString);
        Eventually.until("the client in Postfix' log", () -> postfix.log().contains("connect from unknown[192.0.2.7]"));
    }
}
