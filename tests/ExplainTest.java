package mailtool;

import static mailtool.MailTool.explain;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import mailtool.MailTool.Exit;
import mailtool.MailTool.Explanation;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Smtp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What replies mean, and which of the numbers in the line of a log is one. */
final class ExplainTest {
    // What a reply means

    /** Code, what its meaning or hint says, and whether trying again helps. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "211 | information | ''", "214 | help | ''", "220 | ready | ''", "221 | ends | ''", "235 | logged in | ''", "250 | done | ''", "251 | elsewhere | ''",
        "252 | not known | ''", "334 | base64 | ''", "354 | message | ''", "2.1.5 | done | ''", "250 2.7.0 | done | ''", "+OK | done | ''",
        "421 | ends the session | true", "432 | password | true", "450 | mailbox | true", "451 | went wrong | true", "452 | disk | true", "454 | TLS or login | true",
        "455 | parameter | true", "500 | does not know | false", "501 | parameter | false", "502 | does not know | false", "503 | not at this point | false",
        "504 | parameter | false", "521 | takes no mail | false", "523 | TLS | false", "525 | account is disabled | false", "530 | login | false", "534 | mechanism | false",
        "535 | user name and password | false", "538 | mechanism | false", "550 | no such mailbox | false", "551 | elsewhere | false", "552 | full | false",
        "553 | address | false", "554 | no mail from here | false", "555 | parameter | false", "556 | takes no mail | false", "599 | says no | false", "498 | could not | true",
        "4.2.0 | mailbox | true", "4.4.2 | in time | true", "5.1.1 | no such mailbox | false", "5.1.2 | domain | false", "5.1.3 | address | false", "5.1.6 | elsewhere | false",
        "5.1.8 | sender | false", "5.1.10 | takes no mail | false", "5.2.1 | closed | false", "4.2.2 | full | true", "5.2.3 | large | false", "4.3.1 | disk | true",
        "4.3.2 | ends the session | true", "5.3.3 | receiving system | false", "5.3.4 | large | false", "5.4.1 | answer | false", "5.4.4 | DNS | false", "5.4.6 | circle | false",
        "4.4.7 | in time | true", "5.5.1 | command | false", "4.5.3 | recipients | true", "5.5.4 | parameter | false", "5.6.1 | content | false", "5.6.7 | ASCII | false",
        "5.7.0 | security | false", "5.7.1 | rule | false", "5.7.4 | mechanism | false", "5.7.8 | password | false", "5.7.9 | mechanism | false", "5.7.10 | TLS | false",
        "5.7.11 | mechanism | false", "5.7.13 | account is disabled | false", "5.7.20 | DKIM | false", "5.7.23 | SPF | false", "5.7.25 | PTR | false", "5.7.26 | DMARC | false",
        "4.7.28 | too much | true", "5.7.30 | REQUIRETLS | false", "5.7.999 | security | false", "5.4.99 | network | false", "5.9.9 | says no | false", "5.12.3 | says no | false",
        "-ERR | says no | false", "-ERR [IN-USE] | another session | true", "-ERR [LOGIN-DELAY] x | login | true", "-ERR [SYS/TEMP] x | trouble | true",
        "-ERR [SYS/PERM] x | changes | false", "-ERR [AUTH] x | password | false", "-ERR [UTF8] x | ASCII | false", "-ERR [NOVEL] x | says no | false",
        "-ERR mailbox is locked by another session | another session | true"
    })
    void aCodeByItself(String reply, String words, String again) {
        Explanation answer = explain(reply);
        String text = answer.meaning() + " " + answer.hint();
        assertTrue(text.contains(words), answer::toString);
        assertEquals(again, answer.retryable().map(String::valueOf).orElse(""));
        assertEquals(again.isEmpty(), answer.hint().isEmpty(), answer::toString);
    }

    /** The words of Google, Microsoft, Yahoo, Apple, Tencent and NetEase, of Postfix, Exim, Sendmail and Dovecot. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "550-5.7.26 This mail has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. 550 5.7.26 x - gsmtp | SPF",
        "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from your DKIM domain [x 35]. - gsmtp | too much",
        "550-5.7.1 [192.0.2.1 12] Our system has detected that this message is likely unsolicited mail. - gsmtp | spam",
        "550-5.7.1 [192.0.2.1 7] Messages with multiple addresses in From: header are not accepted. | header",
        "550-5.7.1 Unauthenticated email from example.org is not accepted due to domain's DMARC policy. | DMARC",
        "450 4.1.2 <b@x.example>: Recipient address rejected: Domain not found | this domain", "450 4.1.8 <a@x.example>: Sender address rejected: Domain not found | sender",
        "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list | block list", "553 5.7.1 [BL23] Connections not accepted | block list",
        "550-5.4.5 Daily user sending limit exceeded. - gsmtp | too much", "552-5.2.2 The recipient's inbox is out of storage space. | full",
        "550-5.7.29 Your email was not sent over a TLS connection. Gmail requires all bulk senders to use TLS | TLS", "550-5.7.27 SPF [x] did not pass | SPF",
        "550-5.7.30 DKIM did not pass | DKIM", "550-5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record setup | PTR",
        "552-5.7.0 This message was blocked because its content presents a potential security issue. | attached",
        "535-5.7.8 Username and Password not accepted. - gsmtp | user name and password", "534-5.7.9 Application-specific password required. | app password",
        "534-5.7.14 <https://accounts.google.com/signin/continue> Please log in via your web browser | app password",
        "550 5.7.515 Access denied, sending domain EXAMPLE.ORG doesn't meet the required authentication level. Spf= Fail, Dkim= Pass, DMARC= Pass | SPF",
        "550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification | DMARC",
        "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [X.PROD.OUTLOOK.COM 2026-11-28T10:00:00.000Z 08DC] | --token-command",
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. | --token-command",
        "550 5.7.30 Basic authentication is not supported for Client Submission. | --token-command", "530 5.7.57 Client not authenticated to send mail. | login",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender | -f", "554 5.2.252 SendAsDenied; a@example.org not allowed to send as b@example.org | -f",
        "550 5.7.64 TenantAttribution; Relay Access Denied | does not relay", "550 5.7.501 Access denied, spam abuse detected from IP | Microsoft",
        "550 5.7.513 Service unavailable, client host blocked by recipient using customer block list | recipient's organisation",
        "550 5.7.606 Access denied, banned sending IP [192.0.2.1] | sender.office.com", "550 5.7.649 Access denied, banned sending IP [192.0.2.1] | sender.office.com",
        "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP | Microsoft", "550 5.1.8 Access denied, bad outbound sender | Microsoft",
        "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775) | send less", "451 4.7.500 Server busy. (S77714) | Microsoft",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup | no such mailbox",
        "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) | no such mailbox", "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302) | no such mailbox",
        "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Part of their network is on our block list (S3150). | olcsupport.office.com",
        "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints | Yahoo", "421 4.7.1 [TS03] All messages permanently deferred | Yahoo",
        "554 5.7.9 Message not accepted for policy reasons. | DMARC", "554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0] | no such mailbox",
        "550 5.7.1 [CS01] Message rejected due to local policy. | spam", "535 Login Fail. Please enter your authorization code to login. | authorization code",
        "550 User has no permission | switch it on", "550 Ip frequency limited | too much", "550 Mail content denied | spam", "554 DT:SPM 163 smtp1 | 163", "550 MI:SPB 163 smtp | 163",
        "421 HL:ICC 163 smtp | 163", "501 Mail from address must be same as authorization user. | -f",
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org | block list", "450 4.2.0 <b@x>: Recipient address rejected: Greylisted | greylisting",
        "450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1] | PTR", "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname | --helo",
        "450 4.1.8 <a@x>: Sender address rejected: Domain not found | sender", "553 5.7.1 <a@x>: Sender address rejected: not owned by user ops | -f",
        "454 4.7.1 <b@x>: Relay access denied | does not relay", "550 relay not permitted | does not relay", "550 Unrouteable address | no such mailbox",
        "550 Sender verify failed | sender", "550 5.1.1 <b@x>... User unknown | no such mailbox", "554 SMTP synchronization error | --no", "552 5.3.4 Message size exceeds fixed limit | large",
        "550 5.7.30 REQUIRETLS support required | RFC 8689", "451 5.7.3 STARTTLS is required to send mail | --tls none", "554 5.4.6 Too many hops | circle",
        "-ERR [AUTH] Plaintext authentication disallowed on non-secure (SSL/TLS) connections. | TLS", "-ERR [SYS/PERM] Your account is not enabled for POP access. | switch it on",
        "-ERR Unable to log on | authorization code", "-ERR Login fail. Account is abnormal, or the password is incorrect. | authorization code",
        "-ERR [AUTH] Username and password not accepted. | user name and password"
    })
    void whatServersSay(String reply, String words) {
        assertSays(reply, words);
    }

    /** What blames the one thing where another is to be mended costs a night; the words decide where a code is used loosely. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered. | too much at once",
        "450 4.2.1 Mailbox is being moved | recipient's mailbox", "421 4.7.0 Too many connections from your host | too much at once", "550 5.2.2 Submission quota exceeded | too much at once",
        "421 4.7.1 Max messages per hour exceeded | too much at once", "550 5.1.1 <b@x.example> - 192.0.2.1 has sent to too many recipients this hour | too much at once",
        "550 5.7.0 Mail relay denied. Invalid credentials for relay | does not relay", "550 5.7.1 This system is not configured to relay mail | does not relay", "550 no relaying | does not relay",
        "550 SPF authentication failed | SPF", "550 5.7.1 Sender Policy Framework violation | SPF", "550 Rejected by anti-spoofing policy | SPF", "554 password protected attachments are not taken | attached",
        "535 5.7.8 authentication failed | user name and password", "-ERR Login failed. | user name and password", "-ERR [AUTH] LOGIN failed | user name and password",
        "503 This server requires authentication when sending to others | login", "421 4.7.0 TLS required for this domain | TLS",
        "421 4.7.23 The sending IP address doesn't have a PTR record, or its SPF does not fit | PTR", "550 Rejected - no rDNS | PTR", "450 4.7.1 Access denied. IP name lookup failed | PTR",
        "550 5.4.1 Recipient address rejected: Access denied [BL2NAM02FT061.eop-nam02.prod.protection.outlook.com] | no such mailbox", "553 5.7.1 [BL23] Connections not accepted | block list",
        "554 IP=192.0.2.1 - A problem occurred. (Ask your postmaster for help.) (BL) | block list", "550 isn't allowed to relay | does not relay", "550 5.7.1 Relaying disabled | does not relay",
        "503 5.5.0 Sender already specified | at this point", "503 5.5.1 TLS already active | at this point", "550 Access denied - Invalid HELO name | --helo", "554 Access denied, connection closed | no mail from here",
        "421 Too many errors, closing connection | ends the session", "451 Requested action aborted: local error in processing | should pass", "-ERR Too many connections from your host | it says no", "550 5.5.4 Your IP is listed by us | block list",
        "550 Access from IP address 192.0.2.1 blocked | block list", "554 5.7.1 We take no mail from dynamic IPs | block list", "550 Please use the SMTP server of your ISP | block list",
        "550 5.7.1 IP address blacklisted by recipient | ask the recipient", "550 5.1.1 Refused due to recipient preferences | ask the recipient", "553 User refused to receive this mail | ask the recipient",
        "552 sorry, mailbox ann is over quota temporarily (#5.1.1) | full", "550 5.1.1 User has exceeded quota | full", "552 5.3.4 Your message exceeded the size limits. See how to send attachments | large",
        "550 domain does not exist | mailtool mx DOMAIN", "550 Host unknown | mailtool mx DOMAIN", "5.4.4 Host or domain name not found. Name service error | mailtool mx DOMAIN", "450 4.4.0 Name service error | DNS",
        "550 5.1.2 <b@x.example>: Recipient address rejected: Domain not found | mailtool mx DOMAIN", "4.4.7 Name server: example.org.: host name lookup failure | mailtool mx DOMAIN",
        "550 5.1.8 <a@x.example>: Sender address rejected: Domain not found | check -f", "550 Unroutable sender address | check -f", "550 5.1.0 <a@x.example> sender rejected | check -f",
        "554 Message rejected: Email address is not verified. | check -f", "451 deferred due to unresolvable RFC.5321 from domain | check -f", "553 sorry, your envelope sender domain must exist | check -f",
        "551 not our customer | no such mailbox", "550 is not a known user | no such mailbox", "550 unknown user<ann@example.org> | no such mailbox", "550 sorry, no mailbox here by that name | no such mailbox",
        "5.0.0 The account that you tried to reach does not exist. | no such mailbox", "550 BAD_RECIPIENT | no such mailbox", "554 Rcpt <b@x.example> does not exist | no such mailbox", "550 Utilisateur inconnu | no such mailbox",
        "550 Account is not active | closed", "551 <b@x.example> is a deactivated mailbox | closed", "550 Mailbox is frozen | closed", "550 this address no longer accepts mail | closed", "550 user status is locked | closed",
        "554 5.6.0 Duplicate header | header", "554 5.7.0 Header error | header", "550 5.7.1 Headers are not RFC compliant | header", "550 You are not allowed to post to this group | members",
        "451 4.7.5 Remote certificate failed MTA-STS validation | certificate", "550 5.7.322 certificate-expired | certificate", "450 4.7.5 Server certificate not trusted | certificate",
        "550 5.3.5 System config error | fault of its own", "554 5.3.0 unknown mailer error 255 | receiving system", "451 4.3.0 Error: queue file write error | fault of its own", "550 Denied by policy | rule", "554 5.7.1 Rejected as bulk mail | spam",
        "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation. If you believe that this failure is in error, please contact the intended recipient via alternate means. | spam",
        "550 the user wasn't found here | no such mailbox", "550 the account doesn't exist | no such mailbox", "554 recipient's network feeds a blackhole list | it does not take the message",
        "550 5.7.27 <a@x.example>: Sender address rejected: Domain x.example does not accept mail (nullMX) | check -f", "550 5.7.27 SPF [x.example] with ip: [192.0.2.1] = Did not pass | SPF",
        "550 Unauthenticated senders not allowed | wants a login first", "554 5.7.0 Too many unauthenticated commands | policy", "550 5.7.1 Unauthenticated email from x.example is not accepted | SPF",
        "521 5.5.2 mx.example.org Error: bare <LF> received | CR LF", "550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds, which cannot be sent via DATA | CR LF",
        "451 See http://pobox.com/~djb/docs/smtplf.html. | CR LF", "550 5.7.1 we barely know you | rule",
        "538 5.7.11 Encryption required for requested authentication mechanism | only within TLS", "550 5.4.12 SMTP; Container hop count exceeded | circle",
        "550 5.4.6 Unusual sending activity detected. Please try after sometime | too much at once", "451 Authentication failed: Maximum credits exceeded | too much at once", "450 4.2.1 mailbox locked by another process | another session", "450 4.2.0 the account is frozen | closed",
        "501 5.0.0 HELO requires domain address | --helo", "550 OU-002 (SNT004) Unfortunately, messages from 192.0.2.1 weren't sent. | olcsupport.office.com",
        "535 5.7.0 NEOBHODIM parol prilozheniya / Application password is REQUIRED | app password", "-ERR [AUTH] Web login required: https://support.google.com/mail/answer/78754 | app password",
        "450 Requested mail action not taken: mailbox unavailable (e.g., mailbox busy or temporarily blocked for policy reasons) | block list",
        "450 4.2.1 The user's mailbox is busy: greylisted | greylisting", "452 4.2.2 mailbox full; the store is busy | full", "451 4.3.2 Mailbox server is too busy | too busy",
        "450 4.2.1 Mailbox locked due to inactivity | closed", "450 4.2.2 Mailbox locked: over quota | full", "450 4.2.1 Mailbox locked by administrator | closed",
        "451 4.3.0 Mailbox is locked by POP server | another session", "450 4.2.0 cannot update mailbox /var/mail/b for user b. unable to lock for exclusive access | another session",
        "550 we barely recognise you | a rule forbids it", "550 5.7.1 bare credit card number found | a rule forbids it", "550 5.7.1 bare recipient address not allowed | a rule forbids it",
        "554 5.6.11 bare CR not allowed | CR LF", "550 bare line feed | CR LF", "550 5.5.2 Bare carriage return | CR LF",
        "550 Please use our web login to whitelist yourself | a rule forbids it", "550 5.7.1 Unauthenticated sender domain | SPF",
        "550 5.7.1 unusual sender address | a rule forbids it", "550 Message contains unusual string | a rule forbids it", "450 4.2.1 unusual rate of mail | too much at once",
        "503 EHLO required before MAIL FROM | not at this point", "503 5.5.1 Error: send HELO first, required | not at this point", "550 HELO involving nobody | a rule forbids it",
        "501 EHLO requires a host name | --helo", "550 need a valid HELO | --helo", "550 MOU-0021 | a rule forbids it", "550 SC-001 x | olcsupport.office.com",
        "550 5.1.1 client cert not needed, no such user | no such mailbox", "550 5.7.1 client did not present a certificate | --cert", "554 client certificate is required | --cert",
        "550 4.4.7 Message expired | does not answer", "426 connection timed out | does not answer", "421 4.7.0 Connection expired, try reconnecting | ends the session"
    })
    void theRightOneIsBlamed(String reply, String words) {
        assertSays(reply, words);
    }

    private static void assertSays(String reply, String words) {
        Explanation answer = explain(reply);
        String text = answer.meaning() + " " + answer.hint();
        assertTrue(text.contains(words), answer::toString);
    }

    /** A person reads them at night, and on a terminal of 80 columns. */
    @Test
    void allWordsAreShort() {
        for (MailTool.Hint hint : MailTool.Hints.ALL) {
            assertTrue(hint.meaning().length() <= 80, hint::toString);
            assertTrue(hint.text().length() <= 145, hint::toString);
        }
    }

    // Which code it is

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Nov 28 10:00:01 mx postfix/smtp[550]: 4XyZ421: to=<452@x>, relay=mx[1.2.3.4]:25, delay=1.2, dsn=5.1.1, status=bounced (host mx[1.2.3.4] said: 550 5.1.1 <x>: Recipient address rejected (in reply to RCPT TO command)) | 550 5.1.1",
        "Nov 28 10:00:01 mx postfix/smtp[421]: A1: to=<b@x>, relay=mx[1.2.3.4]:25, delay=30, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZ) | 250 2.0.0",
        "postfix/smtpd[421]: NOQUEUE: reject: RCPT from unknown[1.2.3.4]: 554 5.7.1 <b@y>: Relay access denied; from=<a@x> to=<b@y> proto=ESMTP helo=<550> | 554 5.7.1",
        "1abc-550-XY ** b@x R=dnslookup T=remote_smtp H=mx [1.2.3.4]: SMTP error from remote mail server after RCPT TO:<b@x>: 550-5.1.1 The account does not exist.\\n550 5.1.1 x - gsmtp | 550 5.1.1",
        "1abc => b@x R=dnslookup H=mx [1.2.3.4] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C=\"250 2.0.0 OK 1700000000 ab12si - gsmtp\" QT=2s | 250 2.0.0",
        "sm-mta[450]: ruleset=check_rcpt, arg1=<b@x>, relay=[1.2.3.4], reject=550 5.7.1 <b@x>... Relaying denied | 5.7.1",
        "host=mx tls=on from=a@x recipients=b@x mailsize=421 smtpstatus=550 smtpmsg='550 5.7.1 relay denied' errormsg='not accepted' exitcode=EX_UNAVAILABLE | 550 5.7.1",
        "2026-11-28T10:00:00.000Z,Outbound,08D,5,10.0.0.1:25,1.2.3.4:25,<,550 5.1.1 User unknown, | 550 5.1.1",
        "[{LRT=11/28/2026 10:00:00 AM};{LED=441 4.4.1 Error encountered. Winsock error code: 10060, Attempted failover};{FQDN=x};{IP=1.2.3.4}] | 4.4.1",
        "Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found' | 550 5.1.10", "#< #5.1.1 smtp;550 5.1.1 User unknown> #SMTP# | 550 5.1.1",
        "Action: failed Status: 5.1.1 Diagnostic-Code: smtp; 550 5.1.1 User unknown | 550 5.1.1", "550 5.1.1 User unknown Status: 5.1.1 | 550 5.1.1",
        "failure: 1.2.3.4_does_not_like_recipient./Remote_host_said:_550_5.1.1_<b@x>:_User_unknown/Giving_up_on_1.2.3.4./ | 550 5.1.1",
        "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1) | 553 5.7.1", "Sorry, no mailbox here by that name. (#5.1.1) | 5.1.1",
        "550 #5.1.0 Address rejected. | 550 5.1.0", "550-'5.1.1 <x>: User unknown' | 550 5.1.1", "smtplib.SMTPAuthenticationError: (535, b'5.7.8 not accepted') | 535 5.7.8",
        "fetchmail: POP3< -ERR [AUTH] Authentication failed. | -ERR AUTH", "+OK 3 550 | +OK", "+OK Dovecot (Debian) 2.3.16 ready. | +OK", "-ERR no message 421 5.1.1 here | -ERR",
        "+OK hello -ERR [IN-USE] later | -ERR IN-USE", "220 mx ESMTP Exim 4.94.2 Sat, 28 Nov 2026 10:00:00 +0100 | 220", "220 mx ESMTP Postfix 2.8.1 | 220",
        "first 450 4.2.0 try later, then 550 5.1.1 User unknown | 550 5.1.1", "550 5.1.1 gone, then 451 try later | 451", "550-192.0.2.1 is blocked | 550",
        "250-mx 250-SIZE 52428800 250 SMTPUTF8 | 250", "553 Mail from 1.2.3.4 not allowed - 5.7.1 [BL23] see http://x/550-bl23.html [550] | 553 5.7.1",
        "Ümläut 550 5.1.1 <bücher@exämple.org>: Empfänger unbekannt ☃ | 550 5.1.1", "5.1.1 | 5.1.1", "451 5.7.3 STARTTLS is required | 451 5.7.3", "550. | 550",
        "550 5.1.1 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [x.uk1] | 550 5.1.1", "552 5.3.4 too large, see https://x.example/limits#421 | 552 5.3.4", "said #550 5.1.1 x | 550 5.1.1",
        "554 5.3.0 unknown mailer error 255 | 554 5.3.0", "550 5.7.1 Client host rejected: #216 (see Microsoft 365) | 550 5.7.1", "553 5.3.0 DNSBL:RBL 521< 192.0.2.1 >_is_blocked | 553 5.3.0", "-err [in-use] x | -ERR IN-USE"
    })
    void theLastThatStandsAloneIsTheReply(String line, String code) {
        Explanation answer = explain(line);
        assertEquals(code, (answer.code() + " " + answer.enhanced()).strip());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "hello", "[550]", "smtp[550]: x", "dsn=5.1.1", "code = 550", "550@example.org", "<550@example.org>", "a@550.example.org", "10.5.1.1", "5.1.1.2", "1.2.3.4:550",
        "host:421", "port 465", "size 552", "550 bytes", "552KB", "took 421 ms", "250 s", "12:34:55.421", "2026-11-28", "1,550", "550,000", "5501", "x550", "550x", "550/551", "550%",
        "v5.1.1", "5.1.1-2", "600", "999", "5.1", "4.2.2026", "postfix/smtp[421]: A1: to=<b@x>, relay=none, delay=30, dsn=4.4.1, status=deferred (connect to mx[1.2.3.4]:25: timed out)",
        "sendmail[450]: xASA1: to=<b@x>, delay=00:00:01, pri=120550, dsn=5.1.1, stat=User unknown", "-ERRATIC", "+OKAY"})
    void otherNumbersAreNone(String line) {
        MailException refusal = assertThrows(MailException.class, () -> explain(line), () -> explain(line).toString());
        assertEquals(Exit.DATA, refusal.exit());
        assertFalse(refusal.getMessage().contains("\u001b"), refusal.getMessage());
    }

    @Test
    void whatIsNullIsWrongUsage() {
        assertEquals(Exit.USAGE, assertThrows(MailException.class, () -> explain(null)).exit());
    }

    @Test
    void veryLongLinesTakeNoLongTime() {
        String noise = "relay must require [1.2.3.4 550] mailbox user 5.5 ".repeat(20_000);
        assertEquals("550 5.1.1", codes(explain(noise + "550 5.1.1 " + noise + "<x>")));
        assertThrows(MailException.class, () -> explain("[".repeat(300_000) + "-".repeat(300_000)));
    }

    private static String codes(Explanation answer) {
        return answer.code() + " " + answer.enhanced();
    }

    // The same words everywhere

    @ParameterizedTest
    @ValueSource(strings = {"550 5.1.1 no such user", "452 4.2.2 mailbox full", "554 5.7.1 Relay access denied", "550 5.7.26 unauthenticated", "503 5.5.1 bad sequence", "450 later"})
    void aFailureHasTheHintOfItsReplyAndThenThatOfItsPlace(String reply) {
        try (FakeSmtp fake = new FakeSmtp().on("RCPT", reply).start(); Smtp session = smtp(fake.url()).open()) {
            MailException failure = assertThrows(MailException.class,
                () -> session.send(MailTool.mail().from("a@example.org").to("b@example.org").text("x")));
            String place = reply.contains("Relay") ? "; give -u USER" : "";
            assertEquals(explain(reply).hint() + place, failure.hint());
        }
    }

    @Test
    void whatIsNotSentInClearIsSaidBehindTheHint() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("STARTTLS").on("STARTTLS", "454 4.7.0 TLS not available").start()) {
            MailException failure = assertThrows(MailException.class, () -> smtp(fake.url()).open());
            assertEquals(explain("454 4.7.0 TLS not available").hint() + "; nothing was sent in clear", failure.hint());
        }
    }

    // The command

    @Test
    void aLineOfStdinHasOneAnswer() {
        byte[] noise = new byte[3000];
        new Random(7).nextBytes(noise);
        List<String> lines = List.of("550 5.7.515 a\r", "no code", "", "-ERR [IN-USE] busy", "5.9.9", "354 go \u001b[31m\u202e", "421 " + "x".repeat(1_000_000), "+OK");
        byte[] input = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] both = Arrays.copyOf(input, input.length + noise.length);
        System.arraycopy(noise, 0, both, input.length, noise.length);
        Tool.Result run = Tool.with().stdin(both).call("explain", "--json", "-");
        assertEquals(65, run.exit(), run::toString);
        assertEquals("", run.err());
        List<String> told = new ArrayList<>();
        for (String line : run.out().lines().limit(lines.size()).toList()) {
            JsonObject json = JsonParser.parseString(line).getAsJsonObject();
            told.add(json.get("code") + " " + json.get("enhanced") + " " + json.get("retryable") + (json.has("ok") ? " " + json.get("exit") : ""));
        }
        assertEquals(List.of("550 \"5.7.515\" false", "null null false 65", "null null false 65", "\"-ERR\" \"IN-USE\" true", "null \"5.9.9\" false", "354 null null", "421 null true",
            "\"+OK\" null null"), told);
        assertFalse(run.out().chars().anyMatch(c -> c != '\n' && Character.isISOControl(c) || c == 0x202e));
        JsonObject first = JsonParser.parseString(run.out().lines().findFirst().orElseThrow()).getAsJsonObject();
        assertEquals(List.of("code", "enhanced", "meaning", "hint", "retryable"), List.copyOf(first.keySet()));
    }

    @Test
    void allWordsAreOneLineAndARefusalOfPop3IsNoOption() {
        Tool.Result run = Tool.run("explain", "-ERR", "[SYS/PERM]", "no", "--json");
        JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
        assertEquals("-ERR SYS/PERM", json.get("code").getAsString() + " " + json.get("enhanced").getAsString(), run::toString);
        assertEquals(0, run.exit());
        Tool.Result text = Tool.run("explain", "550-5.7.26", "no", "\u001b[2J", "550", "5.7.26", "x");
        assertEquals(0, text.exit(), text::toString);
        assertTrue(text.out().matches("(?s)code +550\nenhanced +5\\.7\\.26\nmeaning +\\S.*\nhint +\\S.*\nretryable +false\n\n"), text::toString);
        assertEquals("", text.err());
    }

    @Test
    void whatHasNoCodeIsSaidSo() {
        Tool.Result run = Tool.run("explain", "-ERROR\u001b[31m", "of [550]");
        assertEquals(65, run.exit(), run::toString);
        assertTrue(run.err().matches("mailtool: no code in '-ERROR\\\\x1b\\[31m of \\[550]'; .*\n"), run::toString);
        Tool.Result empty = Tool.with().stdin("").call("explain", "-");
        assertEquals(65, empty.exit(), empty::toString);
        assertEquals(1, empty.err().lines().count());
        assertEquals(64, Tool.run("explain").exit());
    }

    /** Nothing of the table is loaded by a send that goes well. */
    @Test
    void theTableIsMadeForWhatFailsOnly() {
        try (FakeSmtp fake = new FakeSmtp().start()) {
            Tool.Result run = Tool.with().jvm("-Xlog:class+load:stderr").call("send", "-S", fake.url(), "-f", "a@example.org", "-t", "b@example.org", "--text", "x");
            assertEquals(0, run.exit(), run::toString);
            assertTrue(run.err().contains("mailtool.MailTool$Reply "), run::toString);
            assertFalse(run.err().contains("mailtool.MailTool$Hint"), run::toString);
            assertFalse(run.err().contains("mailtool.MailTool$Pasted"), run::toString);
        }
    }
}
