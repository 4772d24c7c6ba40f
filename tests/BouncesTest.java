package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Reports as servers write them, joined with a campaign's journal by the example; all in one run of it, as that takes a JVM. */
final class BouncesTest {
    private static final String RECORD = """
        {"campaign":"may","key":"%s","state":"%s","messageId":"<%1$s@news.example.org>","date":"","to":["%s"],"at":"2026-05-04T10:00:00Z","code":0,"reply":""}
        """;
    @AutoClose
    private final Scratch scratch = Scratch.create("bounces");
    @AutoClose
    private final FakePop3 box = new FakePop3();

    @Test
    void whatIsPermanentAndAboutTheAddressIsSuppressedAndNothingElse() throws IOException {
        Path journal = journal("may.journal", record("ann", "Ann@example.net"), record("bob", "bob@example.net"), record("cleo", "cleo@example.net"),
            record("dan", "dan@example.net"), record("team", "team@example.net\",\"eve@example.net"));
        journal("may.journal.2-of-3", record("fay", "fay@example.net"), record("gus", "gus@example.net"),
            record("hal", "häl@example.net").replace("key\":\"hal", "key\":\"h\\tal"));
        journal("may.journal.old", record("other", "other@example.net"));
        reports();
        Path gone = scratch.write("gone.txt", "ANN@example.net");
        Tool.Result run = bounces(box.start().userUrl(), journal, gone);
        assertEquals(0, run.exit(), run::toString);
        assertEquals("""
            ann\tAnn@example.net\t5.1.1\tpermanent
            ann\tAnn@example.net\t5.1.1\tpermanent
            bob\tbob@example.net\t5.1.1\tpermanent
            cleo\tcleo@example.net\t5.1.10\tpermanent
            dan\tdan@example.net\t5.2.1\tpermanent
            team\teve@example.net\t5.7.1\tpermanent
            team\tteam@example.net\t4.4.7\ttemporary
            team\tstranger@example.com\t5.1.1\tpermanent
            fay\tfay@example.net\tcomplaint\tpermanent
            gus\tgus@example.net\t5.1.2\tpermanent
            h?al\thäl@example.net\t5.1.1\tpermanent
            h?al\thäl@example.net\t5.1.6\tpermanent
            cleo\tcleo@example.net\t5.1.3\tpermanent
            cleo\tcleo@example.net\t5.1.4\tpermanent
            dan\tdan@example.net\t5.7.1\tpermanent
            dan\tdan@example.net\t5.2.2\tpermanent
            """, run.out(), run::toString);
        assertEquals("ANN@example.net\nbob@example.net\ncleo@example.net\ndan@example.net\nfay@example.net\ngus@example.net\nhäl@example.net\n",
            Files.readString(gone));
        assertEquals(List.of(), box.commands("DELE"));
        assertFalse(box.commands().contains("RETR " + box.uidsLeft().size()), "its header says that it is no report");
    }

    private void reports() {
        String postfix = status("X-Postfix-Queue-ID: 4XyZ", "Ann@example.net", "failed", "5.1.1", """
            Remote-MTA: dns; mx.example.net
            Diagnostic-Code: smtp; 550 5.1.1 <Ann@example.net>: Recipient address rejected:
                User unknown in virtual mailbox table""").replace("Final-", "Original-Recipient: rfc822;Ann@example.net\nFinal-");
        report("message/delivery-status", postfix, "message/rfc822", "ann");
        report("message/delivery-status", postfix, "text/rfc822-headers", "ann");
        report("message/delivery-status", status("", "bob@example.net", "failed", "5.0.0", "Remote-MTA: dns; mx.example.net\n"
            + "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.\n 550 5.1.1 see 5.7.1"), "message/rfc822", "bob");
        report("message/delivery-status", status("Received-From-MTA: dns;AM0PR01.example.com", "cleo@example.net", "failed", "5.1.10",
            "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient cleo@example.net not found").replace(": rfc822; ", ": rfc822;"), "message/rfc822", "cleo");
        report("message/delivery-status", status("X-Original-Message-ID: <dan@news.example.org>", "dan.behind@example.com", "failed (bounced)", "5.2.1 (disabled)",
            "Last-Attempt-Date: Mon, 04 May 2026 03:00:00 -0700 (PDT)").replace("Action", "ACTION"), "message/rfc822", "dan");
        report("message/delivery-status", status("", "eve@example.net", "failed", "5.7.1", "") + "\n" + recipient("team@example.net", "failed", "4.4.7", "")
            + "\n" + recipient("stranger@example.com", "failed", "5.1.1", "") + "\n" + recipient("eve@example.net", "delivered", "2.1.5", ""), "message/rfc822", "team");
        report("message/feedback-report", feedback("abuse"), "message/rfc822", "fay");
        report("message/feedback-report", feedback("not-spam"), "message/rfc822", "gus");
        report("message/delivery-status", status("", "gus@example.net", "failed", "5.1.2", ""), "text/rfc822-headers", "gus");
        report("message/global-delivery-status", status("", "häl@example.net", "failed", "5.1.1", "").replace("rfc822;", "utf-8;"), "message/global-headers", "hal");
        report("message/delivery-status", status("", "h\\x{E4}l@example.net (Hal)", "failed", "5.1.6 (moved)", "").replace("rfc822;", "utf-8;"), "text/plain", "hal");
        report("message/delivery-status", status("", "cleo@example.net", "failed (x (y))", "5.1.3", ""), "X-None: no type\n\nMessage-ID: (of <bob@news.example.org>) <cleo@news.example.org>", "ann");
        report("message/delivery-status", status("X-Original-Message-ID: <cleo@news.example.org>", "cleo@example.net", "failed", "5.1.4", ""), "text/plain\n\nNothing is returned", "ann");
        report("message/delivery-status", status("", "dan@example.net", "failed", "5.1.1", "Diagnostic-Code: SMTP; 550 5.7.1 IP address blacklisted by recipient"), "message/rfc822", "dan");
        report("message/delivery-status", status("", "dan@example.net", "failed", "5.0.0 (permanent failure)",
            "Diagnostic-Code: smtp; 5.1.0 - Unknown address error 550-'5.2.2 Mailbox Full' (delivery attempts: 0)"), "message/rfc822", "dan");
        report("message/delivery-status", status("", "bob@example.net", "delayed", "4.4.1", "Will-Retry-Until: Sat, 9 May 2026 10:00:00 +0000"), "message/rfc822", "bob");
        report("message/delivery-status", status("", "bob@example.net", "failed", "5.1.1", ""), "message/rfc822", "nobody-of-ours");
        report("message/delivery-status", status("", "other@example.net", "failed", "5.1.1", ""), "message/rfc822", "other");
        report("message/disposition-notification", "Final-Recipient: rfc822; bob@example.net\nDisposition: automatic-action/MDN-sent-automatically; deleted\n", "message/rfc822", "bob");
        add("From: bob@example.net\nSubject: Out of office\nAuto-Submitted: auto-replied\nIn-Reply-To: <bob@news.example.org>\n\nI am away. 5.1.1\n");
    }

    /** A report of three parts (RFC 6522) about the mail of that key. */
    private void report(String type, String content, String returned, String key) {
        add("""
            From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
            Subject: Undelivered Mail Returned to Sender
            MIME-Version: 1.0
            Content-Type: Multipart/Report; report-type=%s;
            \tboundary="4XyZ/mx.example.com"

            --4XyZ/mx.example.com
            Content-Type: text/plain; charset=us-ascii

            I'm sorry to have to inform you. Message-ID: <ann@news.example.org>
            --4XyZ/mx.example.com
            Content-Type: %s

            %s
            --4XyZ/mx.example.com
            Content-Type: %s

            Received: by mx.example.com; Mon, 4 May 2026 10:00:02 +0000
            From: news@example.org
            Message-Id:
             <%s@news.example.org>
            Subject: May

            Message-ID: <ann@news.example.org>

            --4XyZ/mx.example.com--
            """.formatted(type.substring(8), type, content, returned, key));
    }

    private void add(String mail) {
        box.message("u" + box.uidsLeft().size(), mail.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String status(String more, String address, String action, String code, String rest) {
        return "Reporting-MTA: dns; mx.example.com\n" + (more + "\n").stripLeading() + "Arrival-Date: Mon,  4 May 2026 10:00:01 +0000 (UTC)\n\n"
            + recipient(address, action, code, rest);
    }

    private static String recipient(String address, String action, String code, String rest) {
        return "Final-Recipient: rfc822; %s\nAction: %s\nStatus: %s\n%s".formatted(address, action, code, (rest + "\n").stripLeading());
    }

    private static String feedback(String type) {
        return "Feedback-Type: %s\nUser-Agent: SomeGenerator/1.0\nVersion: 1\nOriginal-Mail-From: <news@example.org>\nOriginal-Rcpt-To: <redacted>\n".formatted(type);
    }

    /** As it stands after its first try and after its last. */
    private static String record(String key, String to) {
        return RECORD.formatted(key, "intent", to) + RECORD.formatted(key, "accepted", to);
    }

    private Path journal(String name, String... records) {
        return scratch.write(name, "mailtool campaigns 1\n" + String.join("", records));
    }

    private Tool.Result bounces(Object... arguments) {
        return Program.script(List.of("-Dstdout.encoding=UTF-8"), Program.inClone("examples/Bounces.java"), arguments).env("MAILTOOL_PASSWORD", FakePop3.PASSWORD).call();
    }
}
