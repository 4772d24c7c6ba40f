package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code roundtrip} as people, scripts, Nagios and Prometheus read it; who logs in where; and the examples that run it. */
final class RoundTripCommandTest {
    private static final String NUMBER = "-?\\d+(\\.\\d+)?";
    private static final String DATUM = "[^ '=|]+=" + NUMBER + "s;(" + NUMBER + ")?;(" + NUMBER + ")?;0";
    /** What the guidelines for plugins of monitoring programs ask for. */
    private static final String PLUGIN_LINE = "ROUNDTRIP (OK|WARNING|CRITICAL|UNKNOWN) - [^|\\p{Cntrl}]+( \\| " + DATUM + "( " + DATUM + ")*)?\n";
    private static final String PHASES = "connect tls auth accepted delivered found";
    private static final String JAVA = String.join(" ", Java.command()) + " mailtool.MailTool";
    @AutoClose
    private final Scratch scratch = Scratch.create("roundtrip");
    @AutoClose
    private final FakePop3 box = new FakePop3().start();

    /** What it takes comes into the maildrop. */
    private FakeSmtp server() {
        FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "secret");
        return fake.on(".", peer -> {
            box.message("new-" + fake.attempts().size(), "Received: from a by b; 1 Jan 2026 00:00:00 +0000\r\n" + fake.attempts().get(fake.attempts().size() - 1).text());
            peer.write("250 2.0.0 Ok: queued as FAKE1\r\n");
        });
    }

    /** One that sends and gets, and another that only gets. */
    private Path accounts(FakeSmtp server) {
        return scratch.write("accounts", """
            a.server = %s
            a.pop3 = %s
            a.from = Ops <ops@example.org>
            a.cc = boss@example.org
            a.header.X-Host = db1
            a.password-command = echo correct horse
            b.pop3 = %s
            b.from = web@example.org
            b.password-command = echo correct horse
            """.formatted(server.url(), box.userUrl(), box.userUrl()));
    }

    private Tool.Result run(FakeSmtp server, String... words) {
        return Tool.run(words(server, words));
    }

    private String[] words(FakeSmtp server, String... words) {
        return Stream.concat(Stream.of("roundtrip", "--config", accounts(server).toString()), Stream.of(words)).toArray(String[]::new);
    }

    @Test
    void aPersonReadsALineForEachPhase() {
        try (FakeSmtp server = server().start()) {
            Tool.Result run = run(server, "-A", "a");
            assertEquals(0, run.exit(), run::toString);
            assertTrue(run.out().matches("outcome {5}ok\n((connect|accepted|delivered|found) +[0-9.]+ ms\n){4}"), run::toString);
            assertEquals("", run.err());
            FakeSmtp.Received probe = server.attempts().get(0);
            assertEquals(List.of("ops@example.org"), probe.to());
            assertEquals(null, probe.user());
            assertFalse(probe.text().contains("boss@") || probe.text().contains("db1"), probe::text);
        }
    }

    /** The variable is for -A, the account's own password for --into. */
    @Test
    void aScriptReadsOneObjectAndEachServerHasItsOwnLogin() {
        try (FakeSmtp server = server().start()) {
            Tool.Result run = Tool.with().env("MAILTOOL_PASSWORD", "secret")
                    .call(words(server, "-A", "a", "-u", "ops", "--into", "b", "--json"));
            assertEquals(0, run.exit(), run::toString);
            JsonObject all = JsonParser.parseString(run.out()).getAsJsonObject();
            assertEquals("[success, outcome, phases, queueId, hops, authentication, certificateDays, error, hint]", all.keySet().toString());
            assertEquals("[" + PHASES.replace(" ", ", ") + "]", all.getAsJsonObject("phases").keySet().toString());
            assertTrue(all.getAsJsonObject("phases").get("tls").isJsonNull() && all.getAsJsonObject("phases").get("auth").getAsDouble() > 0, run::toString);
            assertEquals("true ok null", all.get("success") + " " + all.get("outcome").getAsString() + " " + all.get("certificateDays"));
            assertEquals("b", all.getAsJsonArray("hops").get(0).getAsJsonObject().get("by").getAsString());
            assertEquals("ops [web@example.org]", server.attempts().get(0).user() + " " + server.attempts().get(0).to());
            assertEquals(List.of(), box.uidsLeft());
        }
    }

    // Nagios

    /** Objects of Nagios: nothing but comments and definitions of directives. */
    private static Map<String, Map<String, String>> objects(List<String> lines) {
        Map<String, Map<String, String>> objects = new LinkedHashMap<>();
        Map<String, String> current = null;
        for (String line : lines) {
            Matcher begins = Pattern.compile("define (\\w+) \\{").matcher(line);
            Matcher directive = Pattern.compile("\\s+(\\w+)\\s+(\\S.*)").matcher(line);
            if (begins.matches()) {
                current = new LinkedHashMap<>();
                objects.put(begins.group(1), current);
            } else if (directive.matches() && current != null) {
                current.put(directive.group(1), directive.group(2));
            } else {
                current = line.equals("}") ? null : current;
                assertTrue(line.equals("}") || line.isBlank() || line.startsWith("#"), line);
            }
        }
        return objects;
    }

    @ParameterizedTest
    @CsvSource({"a!20s!50s, ok, 0, OK", "a!1ms!50s, ok, 1, WARNING", "a!20s!50s, refused, 2, CRITICAL", "nobody!20s!50s, ok, 3, UNKNOWN"})
    void nagiosReadsOneLine(String arguments, String how, int exit, String state) throws IOException {
        try (FakeSmtp server = (how.equals("ok") ? server() : new FakeSmtp().on("RCPT", "550 5.1.1 no | such \033[2J user")).start()) {
            Map<String, Map<String, String>> objects = objects(Files.readAllLines(Program.inClone("examples/nagios.cfg")));
            assertEquals("check_mail_roundtrip!ops!20s!50s", objects.get("service").get("check_command"));
            assertEquals("check_mail_roundtrip", objects.get("command").get("command_name"));
            String[] given = arguments.split("!");
            String line = objects.get("command").get("command_line").replace("$ARG1$", given[0]).replace("$ARG2$", given[1]).replace("$ARG3$", given[2])
                    .replace("/usr/local/bin/mailtool", JAVA).replace("/etc/nagios/mailtool-accounts", accounts(server).toString());
            Tool.Result run = Program.of("/bin/sh", "-c", line).call();
            assertEquals(exit, run.exit(), run::toString);
            assertTrue(run.out().matches(PLUGIN_LINE) && run.out().startsWith("ROUNDTRIP " + state + " - ") && run.out().lines().count() == 1, run::toString);
            assertEquals("", run.err());
        }
    }

    // Prometheus

    /** As Prometheus' own client (Debian: python3-prometheus-client) reads it: a line for each sample. */
    private static List<String> samples(Path file) throws IOException {
        String reader = "import sys\nfrom prometheus_client.parser import text_string_to_metric_families as families\n"
                + "for family in families(sys.stdin.read()):\n for one in family.samples: print(one.name, one.labels['account'], one.labels.get('phase', ''), one.value)";
        Tool.Result read = Program.of("/usr/bin/python3", "-c", reader).stdin(Files.readString(file)).call();
        assertEquals(0, read.exit(), read::toString);
        return read.out().lines().toList();
    }

    @Test
    void theTimerWritesEverySeriesAlwaysAndTheFileWhole() throws IOException {
        try (FakeSmtp server = server().start()) {
            String unit = Files.readString(Program.inClone("examples/mailtool-roundtrip.service"));
            Path folder = scratch.folder("figures");
            Path figures = folder.resolve("roundtrip.prom");
            String line = unit.lines().filter(any -> any.startsWith("ExecStart=")).findFirst().orElseThrow().substring(10)
                    .replace("/usr/local/bin/roundtrip-metrics", Program.inClone("examples/roundtrip-metrics").toString()).replace("/var/lib/prometheus/node-exporter/roundtrip.prom", figures.toString())
                    .replace("/etc/mailtool/accounts", accounts(server).toString());
            Tool.Result run = Program.of("/bin/sh", "-c", line.replace("-A ops", "-A a")).env("MAILTOOL", JAVA).call();
            assertEquals("0", run.exit() + run.out() + run.err(), run::toString);
            List<String> samples = samples(figures);
            assertEquals("mailtool_roundtrip_success a  1.0", samples.get(0));
            assertEquals(PHASES, samples.stream().skip(1).map(sample -> sample.split(" ")[2]).collect(Collectors.joining(" ")));
            assertEquals(2, samples.stream().filter(sample -> sample.endsWith(" nan")).count(), samples::toString);
            Tool.Result wrong = Program.of("/bin/sh", "-c", line.replace("-A ops", "-A a --nonsense")).env("MAILTOOL", JAVA).call();
            assertEquals(64, wrong.exit(), wrong::toString);
            assertEquals(samples, samples(figures));
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(List.of(figures), files.toList());
            }
        }
    }

    @Test
    void systemdTakesServiceAndTimer() throws IOException {
        String analyze = Need.program("systemd-analyze").toString();
        for (String name : List.of("mailtool-roundtrip.service", "mailtool-roundtrip.timer")) {
            String unit = Files.readString(Program.inClone("examples/" + name)).replace("/usr/local/bin/roundtrip-metrics", "/bin/true");
            scratch.write(name, unit);
        }
        Tool.Result run = Program.of(analyze, "verify", "--man=no", scratch.resolve("mailtool-roundtrip.timer")).call();
        assertEquals("", run.out() + run.err().lines().filter(line -> line.contains("mailtool-roundtrip")).collect(Collectors.joining("\n")));
    }

    /** What fails, what is slow, and that a series without a number is neither. */
    @Test
    void prometheusTakesTheAlerts() throws IOException {
        String promtool = Need.program("promtool").toString();
        Path rules = Program.inClone("examples/roundtrip-alerts.yml");
        scratch.write("test.yml", """
            rule_files:
              - %s
            tests:
              - interval: 5m
                input_series:
                  - series: mailtool_roundtrip_success{account="a"}
                    values: 1 0 0 0 0
                  - series: mailtool_roundtrip_phase_seconds{account="a",phase="accepted"}
                    values: 1 1 1 1 1
                  - series: mailtool_roundtrip_phase_seconds{account="a",phase="found"}
                    values: 1 NaN NaN NaN NaN
                  - series: mailtool_roundtrip_phase_seconds{account="b",phase="found"}
                    values: 40 40 40 40 40
                alert_rule_test:
                  - eval_time: 15m
                    alertname: MailRoundtripFails
                  - eval_time: 20m
                    alertname: MailRoundtripFails
                    exp_alerts:
                      - exp_labels: {severity: critical, account: a}
                        exp_annotations:
                          summary: "Mail of a does not come through"
                          description: "mailtool roundtrip -A a says why."
                  - eval_time: 20m
                    alertname: MailRoundtripSlow
                    exp_alerts:
                      - exp_labels: {severity: warning, account: b}
                        exp_annotations:
                          summary: "Mail of b takes 40s"
            """.formatted(rules));
        Tool.Result check = Program.of(promtool, "check", "rules", rules).call();
        assertEquals(0, check.exit(), check::toString);
        Tool.Result test = Program.of(promtool, "test", "rules", scratch.resolve("test.yml")).call();
        assertEquals(0, test.exit(), test::toString);
    }

    // Ctrl-C

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void whoEndsItWaitsForNothingAndNothingIsLeft(String signal, int exit) throws IOException {
        try (FakeSmtp server = new FakeSmtp().start();
                RunningTool running = Tool.with().jvm("-Djava.io.tmpdir=" + scratch.folder("tmp-" + signal)).start(words(server, "-A", "a", "--json"))) {
            Eventually.until("a look", () -> box.commands("QUIT").size() > 0);
            Tool.Result run = running.signal(signal).await();
            assertEquals(exit, run.exit(), run::toString);
            assertTrue(run.out().startsWith("{\"ok\":false,\"exit\":130,"), run::toString);
            try (Stream<Path> files = Files.list(scratch.resolve("tmp-" + signal))) {
                assertEquals(List.of(), files.toList());
            }
        }
    }
}
