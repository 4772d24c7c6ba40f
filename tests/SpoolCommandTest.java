package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** send --spool, flush and queue as a user calls them, by an account. */
final class SpoolCommandTest {
    @AutoClose
    private final Scratch scratch = Scratch.create("spool-command");
    private final Path log = scratch.resolve("mail.log");

    private void account(String url) {
        scratch.folder("config/mailtool");
        scratch.write("config/mailtool/accounts", "default = w\nw.server = " + url + "\nw.from = Ops <ops@example.org>\nw.spool = " + scratch.resolve("spool")
            + "\nw.log = " + log + "\nother.server = smtp://localhost:1\n");
    }

    private Tool tool() {
        return Tool.with().env("XDG_CONFIG_HOME", scratch.resolve("config").toString());
    }

    private Tool.Result send(String... more) {
        return tool().env("MAILTOOL_PASSWORD", "geheim-42").call(java.util.stream.Stream.concat(java.util.stream.Stream.of("send", "--spool", "-t", "b@example.org", "--text", "Hello", "--json"),
            java.util.stream.Stream.of(more)).toArray(String[]::new));
    }

    private static JsonObject json(Tool.Result result) {
        return JsonParser.parseString(result.out()).getAsJsonObject();
    }

    private String whole() throws IOException {
        StringBuilder text = new StringBuilder();
        for (MailTool.Queued one : MailTool.spool(scratch.resolve("spool")).entries()) {
            text.append(Files.readString(scratch.resolve("spool").resolve(one.id() + "." + one.attempts())));
        }
        return text.toString();
    }

    /** Each such system call fails, or each about this file of the spool. */
    private Tool failing(String call, String... files) {
        String only = Stream.of(files).map(file -> " -P '" + scratch.resolve("spool").resolve(file) + "'").collect(Collectors.joining());
        return tool().through("exec " + Need.program("strace") + " -f -o /dev/null" + only + " -e trace=" + call + " -e inject=" + call + ":error=EIO");
    }

    private void allIsSentByTheNextFlush(FakeSmtp server, int mails) {
        Tool.Result flushed = tool().call("flush", "--now");
        assertEquals("0 ", flushed.exit() + " " + flushed.err());
        assertEquals(mails, server.messages().size());
        assertEquals(0, MailTool.spool(scratch.resolve("spool")).entries().size());
    }

    /** Who is told that it failed will try again, and the mail would go twice. */
    @Test
    void whatCantBeSyncedIsNotThere() {
        account("smtp://127.0.0.1:1");
        assertEquals(0, send().exit());
        Tool.Result failed = failing("fsync", "").call("send", "--spool", "-t", "b@example.org", "--text", "Hello");
        assertEquals(73, failed.exit(), failed::toString);
        assertEquals(1, MailTool.spool(scratch.resolve("spool")).entries().size());
    }

    @Test
    void whatWasSentAndCantBeRemovedIsNotSentAgain() {
        try (FakeSmtp server = new FakeSmtp().start()) {
            account(server.url());
            Tool.Result sent = failing("unlink").call("send", "--spool", "-t", "b@example.org", "--text", "Hello");
            assertEquals(0, sent.exit(), sent::toString);
            assertTrue(sent.err().contains("Input/output error"), sent::toString);
            allIsSentByTheNextFlush(server, 1);
        }
    }

    @Test
    void whatAFlushCantRemoveKeepsNothingElseFromGoing() {
        account("smtp://127.0.0.1:1");
        String id = json(send()).get("queued").getAsString();
        send();
        try (FakeSmtp server = new FakeSmtp().start()) {
            account(server.url());
            Tool.Result failed = failing("unlink", id + ".1.sent").call("flush", "--now");
            assertEquals(75, failed.exit(), failed::toString);
            assertTrue(failed.err().contains("Input/output error"), failed::toString);
            allIsSentByTheNextFlush(server, 2);
        }
    }

    @Test
    void aNoticeThatWasRefusedAndCantBeRemovedIsNotTriedAgain() {
        account("smtp://127.0.0.1:1");
        send();
        try (FakeSmtp server = new FakeSmtp().on("RCPT", "550 5.1.1 no such user").start()) {
            account(server.url());
            Tool.Result failed = failing("unlink").call("flush", "--now");
            assertEquals(0, failed.exit(), failed::toString);
            assertTrue(failed.err().contains("n does not wait any more, but its file stays: "), failed::toString);
            assertEquals(2, server.commands().stream().filter(line -> line.startsWith("RCPT")).count());
            assertEquals(0, tool().call("flush", "--now").exit());
            assertEquals(2, server.commands().stream().filter(line -> line.startsWith("RCPT")).count());
            assertEquals(List.of(true), MailTool.spool(scratch.resolve("spool")).entries().stream().map(MailTool.Queued::dead).toList());
        }
    }

    /** Nor can it be renamed: the folder is another's. */
    @Test
    void whatIsDroppedAndCantBeRemovedWaitsNoMore() {
        account("smtp://127.0.0.1:1");
        String id = json(send()).get("queued").getAsString();
        for (String calls : java.util.List.of("unlink", "unlink,rename")) {
            Tool.Result dropped = failing(calls).call("queue", "--drop", id);
            assertEquals(73, dropped.exit(), () -> calls + dropped);
            assertTrue(dropped.err().contains(id + " does not wait any more, but its file stays: can't write to "), dropped::toString);
            assertEquals(" ", tool().call("queue").out() + " " + tool().call("queue").err());
        }
        try (FakeSmtp server = new FakeSmtp().start()) {
            account(server.url());
            Tool.Result flushed = tool().call("flush", "--now");
            assertEquals("0 ", flushed.exit() + " " + flushed.err());
            assertEquals(0, server.peers().size());
            assertEquals(66, tool().call("queue", "--drop", id).exit());
        }
    }

    @Test
    void whatCantGoStaysAndGoesByTheAccountAsItIsThen() throws IOException {
        account("smtp://ops@127.0.0.1:1");
        Tool.Result sent = send();
        assertEquals(0, sent.exit(), sent::toString);
        String id = json(sent).get("queued").getAsString();
        assertFalse(whole().contains("geheim-42"));
        assertTrue(whole().contains("account=w"));
        JsonObject queued = json(tool().call("queue", "--json"));
        assertEquals(List.of("id", "created", "size", "from", "to", "attempts", "next", "error", "code", "unknown", "dead"), List.copyOf(queued.keySet()));
        assertEquals(id, queued.get("id").getAsString());
        assertTrue(queued.get("created").getAsString().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d[+-]\\d\\d:\\d\\d"), queued::toString);
        assertEquals(75, tool().call("flush", id).exit());
        try (FakeSmtp server = new FakeSmtp().start()) {
            account(server.url());
            Tool.Result flushed = tool().call("flush", "--now");
            assertEquals("exit 0\n--- stdout\n\n--- stderr\n", flushed.toString());
            assertEquals("ops@example.org", server.message().from());
        }
        List<String> lines = Files.readAllLines(log);
        assertEquals(3, lines.size(), lines::toString);
        assertTrue(lines.get(0).contains(" id=" + id + " by=") && lines.get(0).contains(" outcome=queued "), lines.get(0));
        assertTrue(lines.get(2).contains("from=<ops@example.org> size=") && lines.get(2).matches(".* code=250 outcome=sent .* to=b@example.org"), lines.get(2));
    }

    @Test
    void anAccountThatIsGoneIsSaidAndTheMailStaysHoweverOld() {
        account("smtp://127.0.0.1:1");
        assertEquals(0, send("-A", "other", "-f", "a@example.org").exit());
        scratch.write("config/mailtool/accounts", "default = w\nw.server = smtp://127.0.0.1:1\nw.spool = " + scratch.resolve("spool") + "\n");
        Tool.Result flush = tool().call("flush", "--now", "--max-age", "1ms");
        assertEquals(75, flush.exit(), flush::toString);
        assertTrue(flush.err().contains("no account 'other'"), flush::toString);
        MailTool.Queued queued = MailTool.spool(scratch.resolve("spool")).entries().get(0);
        assertTrue(queued.error().contains("no account 'other'") && !queued.dead() && queued.attempts() == 1, queued::toString);
    }

    @Test
    void aServersOptionsAreKeptAndFilesByTheirWholeName() throws IOException {
        account("smtp://127.0.0.1:1");
        scratch.write("pw", "geheim-42\n");
        tool().in(scratch.path()).call("send", "--spool", "-S", "smtp://me@127.0.0.1:1", "-f", "a@example.org", "-t", "b@example.org", "--text", "x", "--password-file", "pw", "--timeout", "7s");
        assertTrue(whole().contains("server=smtp://me@127.0.0.1:1") && whole().contains("password-file=" + scratch.resolve("pw")) && whole().contains("timeout=7s"), this.toString());
        assertFalse(whole().contains("geheim-42"));
    }

    @Test
    void refusalsAreToldAtOnce() {
        try (FakeSmtp server = new FakeSmtp().on("RCPT", "550 5.1.1 no such user").start()) {
            account(server.url());
            Tool.Result refused = send();
            assertEquals(65, refused.exit(), refused::toString);
            assertTrue(json(refused).get("queued").isJsonNull(), refused::toString);
            assertEquals(65, json(refused).get("exit").getAsInt());
            assertEquals(List.of(), MailTool.spool(scratch.resolve("spool")).entries());
            Tool.Result queue = tool().call("queue");
            assertEquals("exit 0\n--- stdout\n\n--- stderr\n", queue.toString());
            assertEquals(66, tool().call("queue", "--drop", "nobody").exit());
        }
    }

    @Test
    void nobodyIsAskedForAPasswordAlsoAtATerminal() {
        try (FakeSmtp server = new FakeSmtp().ehlo("AUTH PLAIN").login("ann", "secret").start()) {
            account("smtp://ann@127.0.0.1:" + server.port());
            MailTool.spool(scratch.resolve("spool")).put(MailTool.mail().from("a@example.org").to("b@example.org").text("x"), "smtp://ann@127.0.0.1:" + server.port());
            Tool.Result flush = tool().onTerminal().call("flush", "--now");
            assertEquals(75, flush.exit(), flush::toString);
            assertTrue(flush.out().contains("no password for ann") && !flush.out().contains("Password of"), flush::toString);
        }
    }

    @Test
    void ofWhatWasNotTriedThatIsSaid() {
        account("smtp://127.0.0.1:1");
        MailTool.spool(scratch.resolve("spool")).put(MailTool.mail().from("a@example.org").to("b@example.org").text("x"), "smtp://127.0.0.1:1");
        String listed = tool().call("queue").out();
        assertTrue(listed.endsWith("\n    no try so far; due\n"), listed);
    }

    @Test
    void noneKeepsNothing() {
        scratch.folder("config/mailtool");
        scratch.write("config/mailtool/accounts", "default = w\nw.server = smtp://127.0.0.1:1\nw.from = a@example.org\nw.spool = none\n");
        Tool.Result sent = send();
        assertEquals(75, sent.exit(), sent::toString);
        assertTrue(json(sent).get("queued").isJsonNull(), sent::toString);
        assertEquals(0, tool().call("flush").exit());
    }

    @Test
    void aRealRelayTakesRefusesAndDefers() {
        Postfix postfix = Postfix.shared();
        MailTool.Spool spool = MailTool.spool(scratch.resolve("spool"));
        MailTool.Arguments way = new MailTool.Arguments(List.of(Map.entry("server", "smtp://localhost:" + postfix.port()), Map.entry("ca", TestCerts.caFile().toString())), List.of());
        MailTool.Prepared mail = MailTool.mail().from("alice@example.org").to("bob@example.org, nobody@example.org, " + Postfix.DEFERRED).subject("to three").text("Hello").prepare();
        new SpoolFolder(scratch.resolve("spool")).add(SpoolName.newId(), SpoolRecord.of(mail, way, ""), false, mail::writeTo).close();
        List<MailTool.Queued> left = spool.flush();
        assertEquals(List.of(List.of(Postfix.DEFERRED)), left.stream().map(MailTool.Queued::to).toList());
        assertEquals(450, left.get(0).code());
        assertEquals(List.of("nobody@example.org"), spool.entries().stream().filter(MailTool.Queued::dead).flatMap(one -> one.to().stream()).toList());
        Eventually.until("both mails", () -> postfix.mailbox("bob").messages().stream().anyMatch(got -> got.contains("to three"))
            && postfix.mailbox("alice").messages().stream().anyMatch(got -> got.contains("<nobody@example.org> 550 5.1.1")));
    }

    @Test
    void theExamplesAreWhatSystemdAndCronRead() throws IOException {
        Optional<Path> verifier = Need.find("systemd-analyze");
        Path units = scratch.folder("units");
        for (String unit : List.of("mailtool-flush.service", "mailtool-flush.timer")) {
            Files.writeString(units.resolve(unit), Files.readString(Path.of("examples", unit)).replace(" mailtool flush", " true"));
        }
        verifier.ifPresent(program -> assertEquals("", SystemCommand.run(program, "verify", units.resolve("mailtool-flush.service"), units.resolve("mailtool-flush.timer"))));
        assertTrue(Files.readString(units.resolve("mailtool-flush.service")).contains("\nSuccessExitStatus=75\n"));
        String line = Files.readAllLines(Path.of("examples", "mailtool-flush.cron")).stream().filter(one -> !one.startsWith("#")).findFirst().orElseThrow();
        Path called = scratch.resolve("called");
        Path stub = scratch.folder("home/.local/bin").resolve("mailtool");
        Files.writeString(stub, "#!/bin/sh\necho \"$@\" >" + called + "\n");
        stub.toFile().setExecutable(true);
        assertTrue(line.matches("(\\S+ ){5}PATH=\"\\$HOME.*"), line);
        SystemCommand.run("env", "HOME=" + scratch.resolve("home"), "sh", "-c", line.replaceFirst("(\\S+ ){5}", ""));
        assertEquals("flush\n", Files.readString(called));
        String service = Files.readAllLines(Path.of("examples", "mailtool-flush.service")).stream().filter(one -> one.startsWith("ExecStart=")).findFirst().orElseThrow();
        for (String started : List.of(line, service)) {
            assertTrue(started.contains("/usr/local/bin:"), "root's is not found: " + started);
        }
    }
}
