package mailtool;

import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import mailtool.MailTool.Hint;
import mailtool.MailTool.Hints;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Reply;
import mailtool.MailTool.Smtp;
import mailtool.MailTool.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The one table of what refusals mean, with the words of real servers. */
final class HintsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [X.PROD.OUTLOOK.COM 2026-11-28T10:00:00.000Z] | by password is turned off | --token-command",
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled | turned off | --token-command",
        "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. | by password is turned off | --token-command",
        "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. | check user name and password | --token-command",
        "550 5.7.30 Basic authentication is not supported for Client Submission. | by password is turned off | --token-command",
        "535 5.7.30 Basic Auth is over | by password is turned off | --token-command",
        "550 5.7.30 REQUIRETLS support required | REQUIRETLS | RFC 8689",
        "504 5.7.4 Unrecognized authentication type | not the password | --auth",
        "534 5.7.9 Authentication mechanism is too weak | not the password | --auth",
        "534 5.7.9 Application-specific password required | app password | security settings",
        "500 5.5.1 unsupported authentication method | not the password | --auth",
        "550 5.7.1 mechanism PLAIN: invalid credentials | check user name and password | ''",
        "503 5.5.1 Error: authentication not enabled | takes no login here | --tls",
        "535 5.7.8 Error: authentication failed | check user name and password | ''",
        "530 5.7.0 Must issue a STARTTLS command first | --tls none | TLS",
        "503 5.5.1 Already authenticated | leave out -u | ''",
        "503 AUTH command used when not advertised | takes no login here | --tls",
        "503 5.5.1 bad sequence of commands | takes no login here | --tls",
        "503 you're already logged in | leave out -u | ''",
        "454 4.7.0 Temporary authentication failure | try again later | ''",
        "454 4.7.0 Invalid username or password | check user name and password | ''",
        "501 5.5.4 undefined error! | check user name and password | ''",
        "501 5.5.4 unsupported auth type | not the password | --auth"
    })
    void aRefusedLogin(String line, String words, String more) {
        String hint = Hints.of(Stage.AUTH, "AUTH PLAIN of PLAIN LOGIN", "mail.example.org", reply(line));
        assertTrue(hint.contains(words) && hint.contains(more), hint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "530 5.7.57 Client not authenticated to send mail. [X.PROD.OUTLOOK.COM] | -u USER",
        "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM | -u USER",
        "530 5.7.1 Client was not authenticated | -u USER",
        "530 5.7.0 Authentication Required. For more information, go to https://support.google.com/accounts/troubleshooter/2402620 - gsmtp | -u USER",
        "530 5.7.0 Must issue a STARTTLS command first | --tls none",
        "451 5.7.3 STARTTLS is required to send mail [X.PROD.OUTLOOK.COM] | --tls none",
        "554 5.7.1 <b@example.net>: Relay access denied | -u USER",
        "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain | -u USER",
        "550 relay not permitted | -u USER",
        "550 Please turn on SMTP Authentication in your mail client. | -u USER",
        "553 5.7.1 <a@example.org>: Sender address rejected: not logged in | -u USER",
        "550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM. | domain",
        "550 5.7.30 Basic authentication is not supported for Client Submission. | --token-command",
        "550 5.1.1 User unknown | recipient's address"
    })
    void aRefusedSender(String line, String words) {
        String hint = Hints.of(Stage.MAIL, "MAIL without login", "mail.example.org", reply(line));
        assertTrue(words.isEmpty() ? hint.isEmpty() : hint.contains(words), hint);
        boolean aboutLogin = hint.contains("-u USER");
        assertFalse(Hints.of(Stage.MAIL, "MAIL", "mail.example.org", reply(line)).contains("-u USER"), hint);
        assertEquals(words.equals("-u USER"), aboutLogin, hint);
    }

    /** As Sendmail, OpenSMTPD, Courier and Postfix say it. */
    @ParameterizedTest
    @ValueSource(strings = {"550 5.1.1 <dnsbl@example.org>... User unknown", "550 Invalid recipient: <spam@example.org>",
        "550 User <virus> unknown", "550 5.1.1 dkim@example.org: Recipient address rejected: User unknown in local recipient table"})
    void theWordsOfAnAddressAreNoReason(String line) {
        assertEquals("check the recipient's address", MailTool.explain(line).hint());
    }

    /** As Dovecot, Postfix and Sendmail say what neither a password nor a rule is to blame for. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-ERR [AUTH] Client didn't present valid SSL certificate | give --cert and --key",
        "421 4.7.1 mx.example.org Error: No client certificate presented | give --cert and --key",
        "451 4.7.1 Please try again later | try again later",
        "451 4.7.1 Service unavailable - try again later | try again later",
        "450 4.7.1 Error: too much mail from 192.0.2.1 | wait before you go on",
        "421 4.7.0 mx.example.org Error: too many errors | leave out who was refused",
        "421 4.7.0 mx.example.org Too many bad commands; closing connection | leave out who was refused",
        "421 4.7.0 mx.example.org Error: too many connections from 192.0.2.1 | wait before you go on",
        "450 4.7.1 <b@example.org>: Recipient address rejected: Access denied | who sees which",
        "-ERR Message 6 expunged. | look again",
        "-ERR [SYS/PERM] The message is no longer available | look again",
        "-ERR [SYS/PERM] This service is no longer available | ask the one who runs the server",
        "-ERR [AUTH] account no longer available | check user name and password",
        "552 Error: Too much mail data | send less; tell the recipient",
        "451 4.7.1 Access against policy | who sees which",
        "550 This client is certainly listed on spamhaus | block lists",
        "421 4.7.0 Too many errors from your host; too many connections | wait before you go on",
        "454 4.7.0 Invalid username or password | user name and password",
        "454 4.7.0 invalid credentials | user name and password",
        "451 4.7.1 Bad attachment: password protected archive | scan it",
        "450 4.1.1 Invalid user | recipient's address",
        "554 5.6.0 Message contains invalid header | check From and -H",
        "554 5.6.0 Message contains NUL characters | read its words",
        "500 5.4.0 Too long line, closing connection | wrap it",
        "500 Line too long (see RFC5321 4.5.3.1.6) | wrap it",
        "550 message has lines too long for transport | wrap it",
        "554 5.6.0 Line 12 is too long | wrap it",
        "500 The deadline was too long ago | see the dialogue",
        "500 5.5.2 command line too long | see the dialogue",
        "-ERR line too long | read its words",
        "421 4.4.2 idle on the line for too long, closing | try again later",
        "450 4.7.1 You were in line for too long | who sees which",
        "501 5.1.3 local part length exceeds limit of 64 | log in",
        "501 HELO name length exceeds 255 | see the dialogue",
        "421 4.3.2 queue length exceeds limit | try again later",
        "552 Message length exceeds maximum | send less",
        "534 SIZE=Message too big. | send less",
        "534 5.7.9 Authentication mechanism is too weak | about the mechanism",
        "534 5.7.9 Key length too short for this mechanism | about the mechanism",
        "523 Message length (10485783 bytes) exceeds administrative limit(10485760). | send less",
        "523 5.7.10 Encryption needed | leave out --tls none",
        "523 5.7.10 Encryption needed: key length is too short | leave out --tls none",
        "-ERR Unsupported SASL selected | about the mechanism",
        "-ERR SASL login failed | user name and password"
    })
    void noWrongOneIsBlamed(String line, String words) {
        String hint = MailTool.explain(line).hint();
        assertTrue(hint.contains(words), hint);
    }

    @Test
    void anAccountMayBeClosed() {
        assertEquals("the mailbox is closed", MailTool.explain("550 This account has been closed").meaning());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"531 what now | check user name and password", "525 5.7.13 what now | ask the one who runs the server", "535 5.7.8 what now | check user name and password",
        "454 4.7.0 what now | try again later"})
    void whatTheStageKnowsStandsBehindNoEmptyWords(String line, String hint) {
        assertEquals(hint, Hints.of(Stage.AUTH, "AUTH PLAIN of PLAIN", "mail.example.org", reply(line)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "LOGIN"})
    void noMechanismIsNamedInPlaceOfItself(String refused) {
        String hint = Hints.of(Stage.AUTH, "AUTH " + refused + " of CRAM-MD5", "mail.example.org", reply("504 5.3.3 AUTH mechanism not available"));
        assertTrue(hint.contains("--auth") && !hint.contains(refused), hint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "AUTH CRAM-MD5 of CRAM-MD5 PLAIN | 535 5.7.8 no | true", "AUTH CRAM-MD5 of LOGIN CRAM-MD5 | 535 no | true", "AUTH CRAM-MD5 of CRAM-MD5 | 535 no | false",
        "AUTH CRAM-MD5 of CRAM-MD5 PLAIN | 454 4.7.0 no | false", "AUTH PLAIN of CRAM-MD5 PLAIN | 535 no | false"})
    void whoRefusesCramMd5MayTakePlain(String command, String line, boolean told) {
        String hint = Hints.of(Stage.AUTH, command, "mail.example.org", reply(line));
        assertEquals(told, hint.contains("--auth PLAIN"), hint);
    }

    /** As mailutils' server does, which always greets with a timestamp. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"AUTH APOP of APOP USER | true", "AUTH APOP of APOP | false", "AUTH USER of APOP USER | false"})
    void whoRefusesApopMayTakeUser(String command, boolean told) {
        String hint = Hints.of(Stage.AUTH, command, "mail.example.org", Reply.of("-ERR", List.of("[AUTH] Bad login")));
        assertEquals(told, hint.contains("--auth USER"), hint);
    }

    /** As popa3d, which says no more than that to whatever it does not know. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"AUTH PLAIN of | try --auth USER", "AUTH CRAM-MD5 of | try --auth USER", "AUTH USER of USER | user name and password",
        "AUTH APOP of APOP | user name and password"})
    void aRefusalWithoutWordsSendsNobodyToReadThem(String command, String words) {
        String hint = Hints.of(Stage.AUTH, command, "pop.example.org", Reply.of("-ERR", List.of("")));
        assertTrue(hint.contains(words) && !hint.contains("its words"), hint);
        assertEquals(words.contains("--auth"), hint.contains("--auth"), hint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"430 Authentication required | lmtpd -a", "503 AUTH first (#5.5.1) | log in",
        "503 This mail server requires authentication when attempting to send to a non-local e-mail address. | log in",
        "554 SMTP synchronization error | --no pipelining"})
    void aRefusedMail(String line, String words) {
        String hint = Hints.of(Stage.MAIL, "MAIL", "mail.example.org", reply(line));
        assertTrue(hint.contains(words), hint);
    }

    /** Neither the name of a host nor an address is the stage. */
    @ParameterizedTest
    @ValueSource(strings = {"550 5.1.1 no such user", "503 5.5.1 out of order", "550 5.7.1 a rule"})
    void aHostThatIsCalledAuthIsToldOfNoLogin(String line) {
        String hint = Hints.of(Stage.RCPT, "RCPT", "smtp-auth.outlook.com", reply(line));
        assertEquals(Hints.of(Stage.RCPT, "RCPT", "mail.example.org", reply(line)), hint);
    }

    /** As Exim says it for all that an ACL denies: where no address was given none is to be checked. */
    @ParameterizedTest
    @CsvSource({"GREETING, false", "EHLO, false", "DATA, false", "MAIL, true", "RCPT, true"})
    void a550IsAboutAnAddressWhereOneWasGiven(Stage stage, boolean isAboutOne) {
        String hint = Hints.of(stage, "", "data.example.org", reply("550 Administrative prohibition"));
        assertEquals(isAboutOne, hint.contains("check the address"), hint);
        assertTrue(hint.contains("postmaster"), hint);
    }

    /** As Cyrus says it of a wrong password (LMTP), Sendmail and Postfix of a name in EHLO, Exim of an address. */
    @ParameterizedTest
    @CsvSource({"AUTH, 501 5.5.4 undefined error!, user name", "EHLO, 501 5.0.0 Invalid domain name, --helo", "EHLO, 501 Syntax: EHLO hostname, --helo",
        "MAIL, 501 Syntax error in parameters, the addresses", "RCPT, 501 5.5.4 Syntax: RCPT TO:<address>, the addresses"})
    void a501IsAboutWhatWasSaid(Stage stage, String line, String words) {
        String hint = Hints.of(stage, stage == Stage.AUTH ? "AUTH PLAIN of PLAIN" : "", "mail.example.org", reply(line));
        assertTrue(hint.contains(words), hint);
        assertEquals(words.contains("addresses"), hint.contains("addresses"), hint);
    }

    @Test
    void extensionsAreNotToBlameForARefusedLogin() {
        assertFalse(Hints.of(Stage.AUTH, "AUTH PLAIN of PLAIN", "mail.example.org", reply("503 5.5.1 out of order")).contains("--no"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Not implemented", "unknown command", "Unrecognized command", "Syntax error, AUTH command unrecognized", "Unknown POP3 command",
        "command not implemented yet", "Command is not valid in this state", "Bad command", "Invalid command.", "no such command", "Command AUTH unsupported"})
    void whoDoesNotKnowAuthHasJudgedNoPassword(String words) {
        assertTrue(Hints.isAboutMechanism(Reply.of("-ERR", List.of(words))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"authentication command unsuccessful", "AUTH command failed", "invalid password", "command unauthorized", "Bad login", "unknown user"})
    void whoHasJudgedThePasswordDoesNotBlameTheMechanism(String words) {
        assertFalse(Hints.isAboutMechanism(Reply.of("-ERR", List.of(words))));
    }

    @Test
    void cramMd5AloneRefusedSaysSo() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH CRAM-MD5 PLAIN").on("AUTH CRAM-MD5", "535 5.7.8 authentication failed").login("ops", "secret").start()) {
            MailException failure = assertThrows(MailException.class, () -> smtp(fake.url("ops")).password("secret").open());
            assertTrue(failure.hint().contains("--auth PLAIN"), failure.hint());
            smtp(fake.url("ops")).password("secret").set("auth", "PLAIN").open().close();
        }
    }

    @ParameterizedTest
    @CsvSource({"500 5.5.2 unrecognized command, true", "502 5.5.1 not implemented, true", "550 5.7.1 spam, false", "552 5.3.4 too big, false", "500 5.4.0 Too long line, false"})
    void whoDoesNotKnowBdatIsToBeAskedWithoutIt(String answer, boolean told) {
        for (int size : List.of(10, 100_000)) {
            try (FakeSmtp fake = new FakeSmtp().ehlo("CHUNKING").on("BDAT", answer).start(); Smtp session = smtp(fake.url()).open()) {
                MailException failure = assertThrows(MailException.class,
                    () -> session.send(MailTool.mail().from("a@example.org").to("b@example.org").text("x\n".repeat(size))));
                assertEquals(told, failure.hint().contains("--no chunking"), failure.hint());
            }
        }
    }

    @Test
    void aRefusedDataIsNoMatterOfBdat() {
        try (FakeSmtp fake = new FakeSmtp().on("DATA", "502 5.5.1 not implemented").start(); Smtp session = smtp(fake.url()).open()) {
            MailException failure = assertThrows(MailException.class, () -> session.send(MailTool.mail().from("a@example.org").to("b@example.org").text("x")));
            assertEquals(MailTool.explain("502 5.5.1 not implemented").hint(), failure.hint());
        }
    }

    /** So that a table of them can be printed. */
    @Test
    void everyRowIsReadableAndCanBeReached() {
        Set<String> keys = new HashSet<>();
        for (Hint hint : Hints.ALL) {
            boolean adds = !hint.place().pattern().isEmpty();
            assertEquals(adds, hint.meaning().isEmpty(), hint::toString);
            assertTrue(!adds || !hint.text().isBlank(), hint::toString);
            assertFalse((hint.meaning() + hint.text()).matches(".*([{}@/]| {2}|->).*"), hint::toString);
            assertTrue(keys.add(hint.codes() + "|" + hint.words() + "|" + hint.place()), hint::toString);
        }
    }

    private static Reply reply(String line) {
        return Reply.of(line.substring(0, 3), List.of(line.substring(4)));
    }
}
