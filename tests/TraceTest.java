package mailtool;

import static mailtool.MailTool.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import mailtool.MailTool.Dkim;
import mailtool.MailTool.DkimResult;
import mailtool.MailTool.Hop;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Message;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Results;
import mailtool.MailTool.TextRecords;
import mailtool.MailTool.Trace;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code trace} and {@link Message#trace}: hops, delays, and what is said beside them. */
final class TraceTest {
    private static final String SAMPLE = """
        Return-Path: <bounce@example.net>
        Authentication-Results: mx.example.com; dkim=pass
         header.d=example.org
        Received: by store.example.com with LMTP; Tue, 3 Nov 2026 10:20:41 +0100
        Received: from a by mx.example.com with ESMTPS; Tue, 3 Nov 2026 10:20:30 +0100
        Received: by lost.example.com with SMTP; yesterday
        Received: by mail.example.org with SMTP; Tue, 3 Nov 2026 09:20:35 +0000
        Received: by laptop with HTTP; Tue, 3 Nov 2026 09:20:33 +0000
        ARC-Seal: i=1; cv=none
        ARC-Message-Signature: i=1
        arc-authentication-results: i=1; mx.example.com; spf=pass
        Received-SPF: pass (mx.example.com)
        From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>
        from: x@example.org
        Reply-To: other@example.net
        Subject: one
        Subject: two
        Message-Id: <1@example.org>
        MESSAGE-ID: <2@example.org>
        Comments: a
        Comments: b
        DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=one; h=from; bh=aa==; b=bb==

        text
        """;
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f\\u202e]");
    @AutoClose
    private final Scratch files = Scratch.create("trace");

    private static Trace trace(String source) {
        return message(new ByteArrayInputStream(source.getBytes(StandardCharsets.UTF_8))).trace("127.0.0.1:1");
    }

    private static JsonObject json(String source) {
        return JsonParser.parseString(Results.of(trace(source)).json()).getAsJsonObject();
    }

    private static Hop hop(String received) {
        return trace("Received: " + received + "\n\n").hops().get(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[192.0.2.1]", "(192.0.2.1)", "[IPv6:2001:db8::1]", "(2001:db8:208:ab::12)", "(::1)"})
    void theAddressOfThePeerIsShown(String address) {
        assertEquals("from a " + address + " by b with SMTP", hop("from a (HELO x) " + address + " by b (192.0.2.9) with SMTP; Tue, 3 Nov 2026 10:20:30 +0100").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"(8.15.2)", "(Exim 4.97)", "(dead.beef)", "(from: [x])"})
    void whatIsNoAddressIsNotShownAsOne(String comment) {
        assertEquals("from a by b with SMTP", hop("from a " + comment + " by b (192.0.2.9) with SMTP; Tue, 3 Nov 2026 10:20:30 +0100").toString());
    }

    private static List<String> said(Hop hop) {
        return List.of(hop.from(), hop.by(), hop.with(), hop.id(), hop.recipient(), hop.tls(), hop.time().map(Object::toString).orElse(""));
    }

    private static String lines(List<List<String>> hops) {
        return hops.stream().map(hop -> String.join(" | ", hop)).collect(Collectors.joining("\n"));
    }

    // Received fields

    @Test
    void thereAreChainsOfManyKinds() {
        assertTrue(TraceChains.all().size() >= 40, () -> TraceChains.all().size() + " chains");
    }

    @ParameterizedTest
    @MethodSource("mailtool.TraceChains#all")
    void aChainIsReadAsItsServersMeantIt(TraceChains chain) {
        List<Hop> newestFirst = new ArrayList<>(trace(chain.message()).hops());
        Collections.reverse(newestFirst);
        assertEquals(lines(chain.said()), lines(newestFirst.stream().map(TraceTest::said).toList()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "with ESMTPS | TLS", "with ESMTPSA | TLS", "with esmtps | TLS", "with SMTPS | TLS", "with LMTPS | TLS", "with UTF8LMTPSA | TLS", "with ESMTP | ''",
        "with ESMTPA | ''", "with UTF8SMTP | ''", "with HTTP | ''", "with HTTPS | TLS", "with ESMTP (using TLS) | TLS", "(using TLSv1.2 with cipher X) | TLSv1.2",
        "(version=TLS1_2 cipher=X) | TLSv1.2", "(version=TLSv1_3) | TLSv1.3", "(TLS-1.2:X:256) | TLSv1.2", "(SSLv3:X) | SSLv3", "with ESMTP (TLS) | TLS",
        "with ESMTP (no TLS) | ''", "with ESMTP (unencrypted) | ''", "with ESMTP (cipher=none) | ''", "with ESMTP id TLSv | ''"})
    void tlsIsItsVersionOrJustThere(String words, String tls) {
        assertEquals(tls, hop("by b.example.org " + words + "; Tue, 3 Nov 2026 09:20:30 +0000").tls());
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "\"", "\\\"", "x ", "a; ", "by ", "(from ", "Tue, 3 Nov 2026 10:20:30 ", "=?utf-8?Q?x?= ", "1"})
    void aFieldOfAMegabyteTakesNoTime(String piece) {
        String field = piece.repeat(1_000_000 / piece.length());
        Trace read = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> trace("Received: " + field + "\nReceived: by b; Tue, 3 Nov 2026 09:20:30 +0000\n\n"));
        assertEquals(2, read.hops().size());
        assertEquals("b", read.hops().get(0).by());
    }

    @Test
    void thousandsOfFieldsAreThousandsOfHops() {
        String many = IntStream.range(0, 5000).mapToObj(i -> "Received: from a by b" + i + "; Tue, 3 Nov 2026 09:20:30 +0000\n").collect(Collectors.joining());
        Trace read = trace(many + "\n");
        assertEquals(5000, read.hops().size());
        assertEquals(Optional.of(Duration.ZERO), read.total());
    }

    // Delays

    @Test
    void delaysAreSinceTheLastKnownTime() {
        Trace trace = trace(SAMPLE);
        assertEquals(List.of("laptop", "mail.example.org", "lost.example.com", "mx.example.com", "store.example.com"), trace.hops().stream().map(Hop::by).toList());
        List<Long> delays = trace.hops().stream().map(hop -> hop.delay().map(Duration::toSeconds).orElse(null)).collect(Collectors.toList());
        assertEquals(Arrays.asList(null, 2L, null, -5L, 11L), delays);
        assertEquals(List.of(false, false, false, true, false), trace.hops().stream().map(Hop::clockIsOff).toList());
        assertEquals(Optional.of(Duration.ofSeconds(8)), trace.total());
        assertEquals(Optional.of(4), trace.slowest());
    }

    @ParameterizedTest
    @CsvSource({"30, false", "29, false", "28, false", "27, true", "26, true"})
    void aClockIsOffBeyondTwoSeconds(int second, boolean off) {
        String later = "Received: by b; Tue, 3 Nov 2026 09:20:" + second + " +0000\n";
        assertEquals(off, trace(later + "Received: by a; Tue, 3 Nov 2026 09:20:30 +0000\n\n").hops().get(1).clockIsOff());
    }

    @Test
    void aSumNeedsTwoTimes() {
        for (String source : List.of("\n", "Received: by a\n\n", "Received: by a; Tue, 3 Nov 2026 09:20:30 +0000\nReceived: by b\n\n")) {
            JsonObject json = json(source);
            assertTrue(json.get("totalSeconds").isJsonNull() && json.get("slowest").isJsonNull(), json::toString);
        }
    }

    // What else is said

    @Test
    void sendersAndWhatWasFoundOutAreShownAsTheyStandThere() {
        Trace trace = trace(SAMPLE);
        assertEquals("bounce@example.net", trace.returnPath());
        assertEquals("J\u00fcrgen <j@example.org>, x@example.org", trace.from());
        assertEquals("other@example.net", trace.replyTo());
        assertEquals(List.of("Authentication-Results: mx.example.com; dkim=pass header.d=example.org", "ARC-Seal: i=1; cv=none",
            "arc-authentication-results: i=1; mx.example.com; spf=pass", "Received-SPF: pass (mx.example.com)"), trace.recorded());
        assertEquals(List.of("From", "Message-ID", "Subject"), trace.duplicates());
    }

    @Test
    void jsonHasItsKeysAlways() {
        JsonObject json = json(SAMPLE);
        assertEquals(Set.of("hops", "totalSeconds", "slowest", "duplicates", "dkim"), json.keySet());
        for (JsonElement hop : json.getAsJsonArray("hops")) {
            assertEquals(Set.of("from", "by", "with", "id", "for", "tls", "time", "delaySeconds", "raw"), hop.getAsJsonObject().keySet());
        }
        assertEquals("{\"from\":\"a\",\"by\":\"mx.example.com\",\"with\":\"ESMTPS\",\"id\":null,\"for\":null,\"tls\":true,\"time\":\"2026-11-03T09:20:30Z\",\"delaySeconds\":-5,"
            + "\"raw\":\"from a by mx.example.com with ESMTPS; Tue, 3 Nov 2026 10:20:30 +0100\"}", json.getAsJsonArray("hops").get(3).toString());
        assertEquals("[8,4,[\"From\",\"Message-ID\",\"Subject\"]]", List.of(json.get("totalSeconds"), json.get("slowest"), json.get("duplicates")).toString().replace(", ", ","));
        JsonObject dkim = json.getAsJsonArray("dkim").get(0).getAsJsonObject();
        assertEquals(Set.of("domain", "selector", "algorithm", "result", "reason"), dkim.keySet());
        JsonObject none = json("Subject: x\n\ntext\n");
        assertEquals("{\"hops\":[],\"totalSeconds\":null,\"slowest\":null,\"duplicates\":[],\"dkim\":[]}", none.toString());
    }

    // Keys

    @Test
    void aKeyIsAskedForOnceAndASilentServerHasTheTimeOfOneLookUp() throws IOException {
        try (DatagramSocket silent = new DatagramSocket(0, LocalPorts.LOOPBACK)) {
            TextRecords keys = Dns.at("127.0.0.1:" + silent.getLocalPort(), Optional.of(Duration.ofSeconds(2)), line -> { }).once();
            MailException first = assertThrows(MailException.class, () -> keys.of("a.example.org"));
            assertSame(first, assertThrows(MailException.class, () -> keys.of("a.example.org")));
            MailException other = assertThrows(MailException.class, () -> keys.of("b.example.org"));
            assertEquals("TEMPORARY no time is left to look up b.example.org", other.exit() + " " + other.getMessage());
        }
    }

    // The command

    @Test
    void aServerIsAskedForTheHeaderOnlyUnlessToldOtherwise() {
        byte[] content = SAMPLE.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
        try (FakePop3 fake = new FakePop3().messages(1).message("sample", content).start()) {
            Tool.Result header = Pop3Calls.call(fake, "trace", "last", "--json");
            assertEquals(0, header.exit(), header::toString);
            assertTrue(header.out().contains("\"result\":\"none\",\"reason\":\"body not read\""), header::toString);
            assertEquals(List.of("TOP 2 0"), fake.awaitEnd().commands("TOP"));
            assertEquals(List.of(), fake.commands("RETR"));
            Tool.Result body = Pop3Calls.call(fake, "trace", "sample", "--body", "--dns", "127.0.0.1:1");
            assertEquals(0, body.exit(), body::toString);
            assertTrue(body.out().contains("DKIM temperror ("), body::toString);
            assertEquals(List.of("RETR 2"), fake.awaitEnd().commands("RETR"));
        }
    }

    @Test
    void aScriptHasTheBodyVerifiedOnceItHasReadIt() {
        byte[] content = SAMPLE.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
        try (FakePop3 fake = new FakePop3().message("sample", content).start(); Pop3 box = Pop3Calls.open(fake)) {
            Message message = box.message("last");
            Dkim unread = message.trace().dkim().get(0);
            assertEquals("none example.org", unread.result().name().toLowerCase(java.util.Locale.ROOT) + " " + unread.domain());
            assertEquals("text\n", message.text().replace("\r", ""));
            assertEquals(List.of(DkimResult.TEMPERROR), message.trace("127.0.0.1:1").dkim().stream().map(Dkim::result).toList());
        }
    }

    @Test
    void aPersonSeesATableWhoseBarsAreDelays() {
        Tool.Result result = Tool.with().stdin(SAMPLE).call("trace", "--eml", "-", "--dns", "127.0.0.1:1");
        assertEquals(0, result.exit(), result::toString);
        String bar = "#".repeat(40);
        assertTrue(result.out().startsWith("""
            Return-Path bounce@example.net
            From        J\u00fcrgen <j@example.org>, x@example.org
            Reply-To    other@example.net
            hops        5
            under way   0:08, longest in hop 5: 0:11
            repeated    From, Message-ID, Subject

              1  2026-11-03T09:20:33Z
                 by laptop with HTTP

              2  2026-11-03T09:20:35Z      0:02  ########
                 by mail.example.org with SMTP

              3  no time
                 by lost.example.com with SMTP; yesterday

              4  2026-11-03T09:20:30Z     -0:05  a clock is off
                 from a by mx.example.com with ESMTPS, TLS

              5  2026-11-03T09:20:41Z      0:11  %s
                 by store.example.com with LMTP

            Authentication-Results: mx.example.com; dkim=pass header.d=example.org
            """.formatted(bar)), result::toString);
    }

    @Test
    void nothingMovesTheCursorAndATableFitsItsTerminal() {
        String evil = "Received: by late; Tue, 3 Nov 2026 09:21:30 +0000\nReceived: from \u001b[2J\u009b5m by " + "b".repeat(200) + ".example.org\u202e; Tue, 3 Nov 2026 09:20:30 +0000\nReceived: \u001b]0;x\u0007\nFrom: \u001b[1m\nReturn-Path: \u001b[2m\n"
            + "Authentication-Results: \u001b[3m\nDKIM-Signature: v=1; d=\u001b[4m; s=\u001b[5m; a=\u001b[6m; b=x\nno field\nSubject: x\n\n";
        Tool.Result shown = Tool.with().onTerminalBut("<" + files.write("evil", evil)).env("COLUMNS", "60").env("TERM", "dumb").call("trace", "--eml", "-");
        assertEquals(0, shown.exit(), shown::toString);
        for (String out : List.of(shown.out(), Results.of(trace(evil)).json())) {
            assertFalse(CONTROL.matcher(out.replaceAll("[\r\n]", "")).find(), out);
        }
        assertTrue(shown.out().lines().filter(line -> line.contains("bbb")).anyMatch(line -> line.length() <= 60 && line.endsWith("\u2026")), shown::toString);
        assertTrue(shown.out().lines().filter(line -> line.contains("1:00  #")).allMatch(line -> line.length() <= 60 && line.endsWith("#")), shown::toString);
        assertTrue(shown.toString().contains("what is no field is left out of a header: no field"), shown::toString);
    }

    @ParameterizedTest
    @CsvSource({"64, '', trace takes one message", "64, 1 2 -S pop3://a@localhost, trace takes one message", "64, --eml x 1, trace takes one message", "64, 1, no server",
        "64, --eml x -A y, contradict each other", "66, --eml missing.eml, no such file: missing.eml", "64, --eml FILE --dns ':53', can't read the name server", "64, --eml FILE --dns=, --dns is empty"})
    void whatIsWrongIsSaid(int exit, String words, String problem) {
        List<String> all = new ArrayList<>(List.of("trace"));
        all.addAll(words.isEmpty() ? List.of() : List.of(words.replace("FILE", files.write("sample.eml", SAMPLE).toString()).split(" ")));
        RunInProcess run = RunInProcess.of(all);
        assertEquals(exit, run.exit(), run::toString);
        assertTrue(run.problem().contains(problem), run::toString);
    }

    /** What a call comes to that fails before it writes anything. */
    private record RunInProcess(int exit, String problem) {
        static RunInProcess of(List<String> words) {
            try {
                MailTool.Command command = MailTool.Command.named(words.get(0));
                return new RunInProcess(command.run().apply(new MailTool.OptionParser(command).parse(words.subList(1, words.size())), new Terminal()).code, "");
            } catch (MailException e) {
                return new RunInProcess(e.exit().code, e.getMessage());
            }
        }
    }
}
