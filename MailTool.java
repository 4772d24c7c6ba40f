///usr/bin/env LC_ALL=C.UTF-8 jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Sends and fetches mail from the command line and from Java scripts, and says exactly what happened to it.
//DESCRIPTION jbang MailTool.java send -S smtp://localhost:1025 -f a@example.org -t b@example.org -s Hi --text Hello
//DESCRIPTION jbang MailTool.java fetch -S pop3s://ops@mail.example.org --maildir ~/Mail
//JAVAC_OPTIONS -encoding UTF-8 -XDstringConcat=inline
//JAVA_OPTIONS -Xlog:disable -XX:+UseSerialGC -Xmn16m -XX:TieredStopAtLevel=1 -XX:-UsePerfData
//CDS
//DEPS commons-net:commons-net:3.13.0
//DEPS commons-io:commons-io:2.21.0
//DEPS org.apache.commons:commons-email2-jakarta:2.0.0-M1@fatjar
//DEPS org.apache.commons:commons-email2-core:2.0.0-M1
//DEPS org.eclipse.angus:angus-mail:2.0.5
//DEPS commons-cli:commons-cli:1.11.0
//DEPS com.ongres.scram:scram-client:3.1
//DEPS com.google.code.gson:gson:2.13.2
//DEPS org.apache.james:apache-mime4j-core:0.8.14
//DEPS org.jsoup:jsoup:1.22.2
//DEPS de.siegmar:fastcsv:4.4.0
//DEPS com.samskivert:jmustache:1.16
package mailtool;

import com.google.gson.*;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.*;
import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.exception.ScramException;
import com.samskivert.mustache.BasicCollector;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import de.siegmar.fastcsv.reader.*;
import de.siegmar.fastcsv.writer.*;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.*;
import jakarta.mail.util.StreamProvider;
import java.io.*;
import java.io.ByteArrayOutputStream;
import java.math.*;
import java.net.*;
import java.nio.*;
import java.nio.channels.*;
import java.nio.charset.*;
import java.nio.file.*;
import java.nio.file.attribute.*;
import java.security.*;
import java.security.cert.*;
import java.security.cert.Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.*;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.concurrent.locks.LockSupport;
import java.util.function.*;
import java.util.regex.*;
import java.util.stream.*;
import javax.naming.*;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import javax.net.SocketFactory;
import javax.net.ssl.*;
import javax.security.auth.callback.*;
import javax.security.auth.x500.X500Principal;
import javax.security.sasl.*;
import org.apache.commons.cli.*;
import org.apache.commons.cli.ParseException;
import org.apache.commons.io.FileCleaningTracker;
import org.apache.commons.io.IOUtils;
import org.apache.commons.io.function.*;
import org.apache.commons.io.input.*;
import org.apache.commons.io.output.*;
import org.apache.commons.mail2.jakarta.MultiPartEmail;
import org.apache.commons.net.*;
import org.apache.commons.net.pop3.*;
import org.apache.commons.net.smtp.*;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.stream.*;
import org.eclipse.angus.mail.util.MailStreamProvider;
import org.jsoup.Jsoup;
import org.jsoup.nodes.*;
import org.jsoup.parser.Parser;

import mailtool.MailTool.*;

import static java.nio.charset.StandardCharsets.*;

/**
 * Mail from the command line and from Java scripts, in one file that can be copied anywhere.
 *
 * <pre>
 * jbang MailTool.java send -S smtp://localhost:1025 -f a@example.org -t b@example.org -s Hi --text Hello
 * jbang MailTool.java fetch -S pop3s://ops@mail.example.org --maildir ~/Mail
 *
 * import static mailtool.MailTool.*;
 * try (var smtp = smtp("smtps://ops@mail.example.org").password(secret).open()) {
 *   smtp.send(mail().from("ops@example.org").to("team@example.org").subject("disk full").attach(log));
 * }
 * </pre>
 *
 * From top to bottom, in the order of a message's way:
 * <pre>
 *  1 Words everybody uses
 *    1.1   Failures                     MailException: what went wrong; Exit: which exit code is chosen, and why
 *    1.2   Replies                      Reply: code and enhanced status code; the reply in a line of a log
 *    1.3   Messages, deliveries         Prepared, Envelope; Delivery, Recipient: who got it
 *    1.4   Fetched messages             Fetched, Summary, Totals
 *    1.5   Where and how                Where, How: host, port, login, TLS, proxy, limits; Sinks: who is told
 *    1.6   Words as given               Option: a line of help is its declaration; Arguments: the words of a command
 *    1.7   Texts                        control characters escaped, sizes, counts, what a Throwable says
 *    1.8   The table of hints           what each reply means, and what to do about it
 *    1.9   Probes                       Probe: how a server did, stage by stage; its certificate
 *    1.10  Traces                       Trace, Hop, Dkim: the way a message took, and its signatures
 *    1.11  Rows                         a row of a table, and one that can't be read
 *    1.12  Campaigns                    what became of a row; a line of a campaign's journal
 *  2 Entry and options
 *    2.1   Entry                        main, dispatch; an exception becomes one line
 *    2.2   Options                      the words after a command checked against its help
 *  3 Commands
 *    3.1   What a command is            Command: its help, the server that its options name
 *    3.2   send                         send a message, or ready ones
 *    3.3   help, completion, explain    topics; what shells complete; what a reply means
 *    3.4   inbox, read                  look at a maildrop, read a message, save its parts
 *    3.5   delete, stat, mx             delete after a question; what a server can do; the hosts of a domain
 *    3.6   fetch                        several accounts, one store
 *    3.7   probe                        look at a server stage by stage; told to a person, a script, Nagios, Prometheus
 *    3.8   talk                         a session by hand, or from a file
 *    3.9   trace                        the way of a message as a table
 *    3.10  bulk                         a mail for each row of a table, once
 *    3.11  Outcomes                     an outcome told to a person or a script, and as an exit code
 *    3.12  Results                      the keys of each --json
 *    3.13  Views                        a message as a page, messages as a table, sums, widths
 *  4 DSL
 *    4.1   Messages to send             mail(): its options; who, what
 *    4.2   Envelopes                    envelopeFrom, notify; set for every option; prepare
 *    4.3   What goes with them          attach, inline: from files, octets and streams
 *    4.4   Messages that came           message(): who it is from, its text, its header
 *    4.20  What is found in them        code(), links(), capture(); an answer to them
 *    4.5   Their parts                  Attachment: a part that is a file of its own
 *    4.6   Which are meant              --match, --older
 *    4.7   Servers                      smtp(), pop3(): by URL or account; the options in the help
 *    4.8   Settings                     user, tls, timeout, retry, and set for every option; open
 *    4.9   URLs                         smtp://user@host:port, and the usual ports
 *    4.10  Accounts, sending            account(); Smtp: send, sendAll
 *    4.11  A maildrop                   Pop3: list, read, delete, keep
 *    4.12  Its session                  renewed after a fetch, closed for good
 *    4.13  Fetching                     fetching(): where to, and what
 *    4.14  Hosts for mail               mx(), direct(): the hosts of a domain, and mail straight to them
 *    4.15  Probing                      server.probe(), probing(): how far, as whom, what is expected
 *    4.16  Replies in words             explain(): what a reply means
 *    4.17  Tables, templates            table(), template(): a personal mail for each row
 *    4.18  Campaigns                    bulk(), journal(): a mail for each row, once
 *    4.19  What is sought in messages   --code, --link, --capture
 *  5 Runs
 *    5.1   Waiting                      the one way to wait
 *    5.2   Sending                      a message and its retries; many, each its own way
 *    5.3   Mails to come                fetched by a thread of their own, composed while the server is busy
 *    5.4   Accounts side by side        several maildrops in one run, and Ctrl-C
 *    5.5   A run                        a mail that breaks the session is left, another session brings the rest
 *    5.6   A session's part             the order of steps that loses nothing; who is looked at by TOP
 *    5.7   What is known                which UID stands for which stored mail, and which is in doubt
 *    5.8   Choosing                     what is new, small enough, and wanted
 *    5.9   Receiving                    RETR into batches; what is proven is committed
 *    5.10  Deleting                     DELE for what this session has shown to be stored
 *    5.11  Forwarding                   each message by SMTP or LMTP; which of several recipients have it
 *    5.12  Delivery by MX               the hosts of a domain, what is broken about them; each is tried
 *    5.13  Probing                      a server looked at stage by stage; rounds
 *    5.14  What stages tell             offers, certificates: what a step shows and means; what is expected of it
 *    5.15  Talking by hand              what each line of a talk is: command, helper, expectation, message
 *    5.16  Outbox                       who keeps book of items; when the next mail may begin
 *    5.17  Groups                       items that are intended together; retries, reconnects
 *    5.18  Campaigns                    the rows of a table, each checked before anything is sent
 *    5.19  Its run                      each sent once; what became of it, and what stops it all
 *    5.20  A campaign's books           what its journals say of a row, and what is noted there
 *    5.21  Rows that went wrong         a table of them, to be fed back
 *  6 SMTP
 *    6.1   Session                      greeting, EHLO, AUTH; replies of several lines
 *    6.2   Transactions                 MAIL, RCPT, DATA: one message after another over a session
 *    6.3   Answers                      which are due, come too early, twice or not at all; 421
 *    6.4   The body                     where a dot is stuffed; BDAT; the final dot
 *    6.5   Recipients                   what was said of each of them; times; the queue id
 *    6.6   One message                  what was asked and answered, what became of it; a further transaction
 *  7 POP3
 *    7.1   Session                      CAPA; RETR into a file; QUIT for good
 *    7.2   USER, APOP                   the logins that POP3 has of its own
 *    7.3   Flights                      commands about messages, each flight closed by an answer that names its message
 *    7.4   Listing                      what STAT, UIDL and LIST say
 *    7.5   Keys                         by what a message is known, a million of them
 *    7.6   Headers                      TOP, many in one flight
 *    7.7   Identities                   a mail told by its header
 *  8 Connection
 *    8.1   Steps                        resolve, connect, greeting, EHLO or CAPA, TLS, login; up to any of them; their times
 *    8.2   Talking                      one connection: asking, within limits
 *    8.3   Offers, commands in flight   what a server offers; the one queue of commands
 *    8.4   Commons Net                  the three classes that name it: connect, handshake
 *    8.5   Failures of the network      what an IOException means; what the JDK says of TLS
 *    8.6   Key files                    authorities, our own certificate and key
 *    8.7   Certificates                 whose it is, and why it is refused; pins
 *    8.8   Login                        which mechanism is tried, and the exchange (SASL)
 *    8.9   Mechanisms                   SCRAM, LOGIN, tokens: what is answered to a challenge
 *    8.10  Routes                       addresses, proxies
 *    8.11  DNS                          records of a name: MX, TXT, CNAME, addresses; aliases followed
 *    8.12  Time                         the limits of all steps, and what ends a step
 *    8.13  Octets that came             a buffer of what the server sent; whether there is more
 *    8.14  Wire                         lines and contents: reading a dot, writing a command
 *    8.15  By hand                      what is asked line by line: whole replies, secrets, what comes unasked
 *  9 Messages that go
 *    9.1   Letters                      what a message is made of; its header and multiparts
 *    9.2   Parts                        texts and their encodings; images in the HTML; fields that the user adds
 *    9.3   Attachments                  a file with its type and parameters; invitations
 *    9.4   Addresses                    address lists and groups, domains in ASCII
 *    9.5   Words                        encoded words, folding, long parameters
 *    9.6   Envelopes, ready messages    who gets it; --eml as it is, without Bcc
 *    9.7   Line ends                    every line ends with CRLF; what a message asks of a server
 *    9.8   Templates                    texts with {{column}} in them, filled with a row
 *    9.9   Filled headers               what a line of a template says to a mail: addresses, files
 * 10 Messages that came
 *    10.1  What a person reads          the texts of a message; flowed text
 *    10.2  HTML                         a page as text
 *    10.3  What a person keeps          safe file names, nothing overwritten
 *    10.4  Parts                        where each part stands in the file
 *    10.5  Header                       the fields of a header, and where its body begins
 *    10.6  Lines                        a message read line by line; the ends of parts
 *    10.7  Words                        encoded words, charsets and their labels
 *    10.8  Parameters, addresses        boundaries and file names; who it is from
 *    10.9  Dates                        any date, or none
 *    10.10 Transfer encodings           quoted-printable; octets that are decoded line by line
 *    10.11 base64                       groups of base64, also in pieces; text that is called base64
 *    10.12 uuencode                     files between begin and end
 *    10.13 Hops                         what a Received field says, whoever wrote it
 *    10.14 Signatures                   DKIM: which are there, and whether they fit
 *    10.15 What is signed               header and body in canonical form
 *    10.16 Codes                        the one-time code in what a person sees
 *    10.17 Words beside codes           what they say of a number, in ten languages; numbers of a known kind
 *    10.18 Links                        where a message leads
 * 11 Stores
 *    11.1  Stores                       what all have: lock, batches, what is known
 *    11.2  Batches                      messages that become visible together
 *    11.3  Maildir, folder              a file for each message
 *    11.4  Takers                       who takes messages one by one, such as a command
 *    11.5  mbox                         appending, mending
 *    11.6  mbox: lines and locks        From lines and their quoting; FILE.lock and fcntl
 *    11.7  Journals                     the one writer: version line, batches, sync, torn end
 *    11.8  Its file and lines           appended to or replaced as a whole; read a block at a time
 *    11.9  What is stored               which mail was stored when, in lines of a journal
 *    11.10 The lock of a run            a second run is refused
 *    11.11 Campaigns                    journals of what was sent to whom, a file for each shard
 *    11.12 Their lines                  records as lines of JSON
 *    11.13 A glance at them             what a line says of a key, without making texts of the rest
 *    11.14 Where keys stand             what those journals say of each key, a million of them
 * 12 Edges
 *    12.1  Words of options             numbers, times, sizes, stages, near misses
 *    12.2  Accounts                     the account file
 *    12.3  Secrets                      passwords and tokens: file, command, .netrc, prompt
 *    12.4  Input                        files and stdin; what a locale can't carry
 *    12.5  Disk                         private files, synced; streams in blocks; hashes
 *    12.6  Terminal                     stdout and stderr; what is said at the end, and at Ctrl-C
 *    12.7  Asking                       a password typed unseen; how wide the terminal is
 *    12.8  Transcript                   the dialogue as -v shows it, and where a password is masked
 *    12.9  Facts                        the one printer: JSON, lines; dates as mail has them
 *    12.10 Bars                         how far it is, and how long it will take
 *    12.11 Tables                       CSV and NDJSON, row by row
 * </pre>
 */
public final class MailTool {
    // ==== 1. Words everybody uses ====================================================================================
    // What happened, how it is said, and the values that chapters hand to each other. Everybody may call it; it calls nobody.

    // ---- 1.1 Failures -----------------------------------------------------------------------------------------------

    /** How far it was when something happened. */
    public enum Stage {
        INPUT, RESOLVE, CONNECT, GREETING, EHLO, CAPA, TLS, CERTIFICATE, AUTH, MAIL, RCPT, DATA, RSET, LIST, TOP, RETR, STORE,
        DELE, QUIT;

        /** Those up to which a session can be opened. */
        static final Set<Stage> OPENING = Set.of(CONNECT, GREETING, EHLO, CAPA, TLS, CERTIFICATE, AUTH);

        static Stage named(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }

        /** Whether a server is asked what it offers, by either protocol's command. */
        boolean isHello() {
            return this == EHLO || this == CAPA;
        }

        boolean isAboutTls() {
            return this == TLS || this == CERTIFICATE;
        }
    }

    /** Exit codes, those of sysexits.h as far as it has them. */
    public enum Exit {
        OK(0, "done"), NAGIOS_WARNING(1, "a warning, with --format nagios"), NAGIOS_CRITICAL(2, "a fault, with --format nagios"),
        NAGIOS_UNKNOWN(3, "wrong usage or configuration, with --format nagios"),
        USAGE(64, "wrong usage"), DATA(65, "message, address or session refused for good"),
        NO_INPUT(66, "an input file is missing or unreadable"), NO_HOST(68, "unknown host"), POLICY(69, "TLS or policy"),
        OUTPUT(73, "can't write the output"), IO(74, "local input or output failed"),
        TEMPORARY(75, "failed for now, try again"), PROTOCOL(76, "the server broke the protocol"),
        AUTH(77, "login refused or not offered"), CONFIG(78, "wrong configuration"),
        PARTIAL(79, "done in part: some recipients or messages were refused for good"),
        UNMET(80, "the answer was not the one asked for"),
        UNKNOWN(81, "sent, but the answer is missing: it may have been accepted"), INTERRUPTED(130, "interrupted");

        public final int code;
        public final String meaning;

        Exit(int code, String meaning) {
            this.code = code;
            this.meaning = meaning;
        }

        static String table() {
            return Stream.of(values()).filter(exit -> !exit.name().startsWith("NAGIOS"))
                    .map(exit -> "%4d  %s\n".formatted(exit.code, exit.meaning)).collect(Collectors.joining());
        }
    }

    /** Which exit code it is, where several things decide. */
    static final class Verdict {
        /** What a look at a server can come to. */
        static final List<Exit> WORST_FIRST = List.of(Exit.POLICY, Exit.AUTH, Exit.DATA, Exit.NO_HOST, Exit.PROTOCOL,
                Exit.UNMET, Exit.PARTIAL, Exit.TEMPORARY);

        /** A refusal means what its stage makes of it; a POP3 server that refuses without a code when it greets is busy. */
        static Exit ofRefusal(Stage stage, Reply reply) {
            boolean login = stage == Stage.AUTH || reply.enhanced().equals("AUTH");
            boolean policy = stage == Stage.TLS || stage == Stage.AUTH && reply.enhanced().equals("SYS/PERM");
            boolean busy = stage == Stage.GREETING && reply.status().equals("-ERR") && reply.enhanced().isEmpty();
            Exit lasting = policy ? Exit.POLICY : login ? Exit.AUTH : Exit.DATA;
            return reply.temporary() || busy ? Exit.TEMPORARY : reply.permanent() ? lasting : Exit.PROTOCOL;
        }

        /** Some messages were refused: what is refused for good gives no hope for the next time. */
        static Exit ofRefused(List<Reply> refusals) {
            boolean forGood = refusals.stream().allMatch(reply -> reply.enhanced().equals("SYS/PERM"));
            return refusals.isEmpty() ? Exit.OK : forGood ? Exit.PARTIAL : Exit.TEMPORARY;
        }

        /** Some messages are left, each for its reason: who broke the protocol will do so again. */
        static Exit ofLeft(Collection<MailException> reasons) {
            boolean broken = reasons.stream().anyMatch(why -> why.exit() == Exit.PROTOCOL);
            boolean forGood = reasons.stream().allMatch(why -> why.exit() == Exit.PARTIAL);
            return broken ? Exit.PROTOCOL : forGood ? Exit.PARTIAL : Exit.TEMPORARY;
        }

        /** Several messages, sent, in part, refused, unknown or left: what may have gone must not go again, so that is first. */
        static Exit ofMessages(List<Exit> each) {
            boolean refused = each.contains(Exit.DATA) || each.contains(Exit.PARTIAL);
            Exit hopeful = each.contains(Exit.TEMPORARY) ? Exit.TEMPORARY : Exit.OK;
            Exit known = Set.copyOf(each).equals(Set.of(Exit.DATA)) ? Exit.DATA : refused ? Exit.PARTIAL : hopeful;
            return each.contains(Exit.UNKNOWN) ? Exit.UNKNOWN : known;
        }

        /** Several things fail in one look at a server, or in several: what gives least hope. */
        static Exit worst(Collection<Exit> exits) {
            return WORST_FIRST.stream().filter(exits::contains).findFirst().orElse(Exit.OK);
        }

        /** Several accounts: one that may go well next time leaves hope. */
        static Exit ofAll(List<Exit> exits) {
            Exit first = exits.stream().filter(exit -> exit != Exit.OK).findFirst().orElse(Exit.OK);
            return exits.contains(Exit.TEMPORARY) ? Exit.TEMPORARY : first;
        }
    }

    /** Every failure: what was tried, what came back, what to do, and what a script needs to decide. */
    public static final class MailException extends RuntimeException {
        private final Exit exit;
        private final Stage stage;
        private final boolean retryable;
        private final transient Optional<Reply> reply;
        private String hint = "";
        private String place = "";
        private transient Optional<Delivery> delivery = Optional.empty();

        MailException(Exit exit, Stage stage, String message) {
            this(exit, stage, message, exit == Exit.TEMPORARY, Optional.empty());
        }

        MailException(Exit exit, Stage stage, String message, boolean retryable, Optional<Reply> reply) {
            super(message);
            this.exit = exit;
            this.stage = stage;
            this.retryable = retryable;
            this.reply = reply;
        }

        static MailException usage(String message) {
            return new MailException(Exit.USAGE, Stage.INPUT, message);
        }

        static MailException config(String message) {
            return new MailException(Exit.CONFIG, Stage.INPUT, message);
        }

        static MailException data(String message) {
            return new MailException(Exit.DATA, Stage.INPUT, message);
        }

        static MailException interrupted(String what) {
            return new MailException(Exit.INTERRUPTED, Stage.INPUT, "interrupted" + what);
        }

        /** Nobody answered the end of a message. */
        static MailException unknown(MailException problem) {
            String what = problem.getMessage() + "; whether the message was accepted is unknown";
            return new MailException(Exit.UNKNOWN, Stage.DATA, what).hint("look on the server before you send it again");
        }

        static MailException contradiction(String one, String other) {
            return usage(one + " and " + other + " contradict each other");
        }

        /** A refusal in the server's words; what it means depends on the stage. */
        static MailException refused(Stage stage, String what, Reply reply) {
            return refused(Verdict.ofRefusal(stage, reply), stage, what, reply);
        }

        static MailException refused(Exit exit, Stage stage, String what, Reply reply) {
            return new MailException(exit, stage, what + ": " + reply, exit == Exit.TEMPORARY, Optional.of(reply))
                    .hint(Hints.of(stage, "", "", reply));
        }

        MailException hint(String whatToDo) {
            hint = whatToDo;
            return this;
        }

        /** What only the stage knows comes behind what the reply means. */
        MailException also(String whatToDo) {
            return hint(hint.isEmpty() || whatToDo.isEmpty() ? hint + whatToDo : hint + "; " + whatToDo);
        }

        MailException delivery(Delivery soFar) {
            delivery = Optional.of(soFar);
            return this;
        }

        @Override
        public String toString() {
            return "MailException: " + inOneLine();
        }

        String inOneLine() {
            return getMessage() + (hint.isEmpty() ? "" : "; " + hint);
        }

        /** The exit code that the command line would give. */
        public Exit exit() {
            return exit;
        }

        public Stage stage() {
            return stage;
        }

        /** The same, of a line of a file. */
        MailException inLine(int number) {
            return new MailException(exit, stage, "line " + number + ": " + getMessage(), retryable, reply).hint(hint);
        }

        MailException at(Step step) {
            place = step.name();
            return this;
        }

        /** The stage's name; that of what is asked for the second time, within TLS, says so: {@code ehlo-tls}. */
        String place() {
            return place.isEmpty() ? Texts.name(stage) : place;
        }

        /** Whether trying again may help and can't make a second copy. */
        public boolean retryable() {
            return retryable;
        }

        public Optional<Reply> reply() {
            return reply;
        }

        boolean isUnknown() {
            return exit == Exit.UNKNOWN;
        }

        /** What the server said; if it was not the server, this goes on. */
        Reply refusal() {
            return reply.orElseThrow(() -> this);
        }

        /** What to do about it, or "". */
        public String hint() {
            return hint;
        }

        /** How far the message came, if there was one. */
        public Optional<Delivery> delivery() {
            return delivery;
        }
    }

    // ---- 1.2 Replies ------------------------------------------------------------------------------------------------

    /** One reply: status ({@code 250}, {@code +OK}), enhanced status code (RFC 3463; in POP3 RFC 2449, 8) or "", and its text. */
    public record Reply(String status, String enhanced, List<String> lines) {
        private static final Pattern ENHANCED = Pattern.compile("([245]\\.\\d{1,3}\\.\\d{1,3})(?:\\s+|$)");
        private static final Pattern RESPONSE_CODE = Pattern.compile("\\[([A-Za-z0-9][A-Za-z0-9/-]*)](?:\\s+|$)");
        private static final Set<String> NOT_NOW = Set.of("IN-USE", "LOGIN-DELAY", "SYS/TEMP");
        private static final Set<String> NEVER = Set.of("AUTH", "SYS/PERM");
        private static final String BOX = "\\b(maildrop|mailbox)\\b";
        private static final String TAKEN = "\\b(lock|locked|in[ -]use|busy)\\b";
        /** What servers without response codes say of a maildrop that another session has open. */
        static final String LOCKED = BOX + ".*" + TAKEN + "|" + TAKEN + ".*" + BOX;
        private static final Pattern IS_LOCKED = Pattern.compile(LOCKED, Pattern.CASE_INSENSITIVE);

        static Reply of(String status, List<String> lines) {
            List<String> words = new ArrayList<>(lines.size());
            String enhanced = "";
            for (String line : lines) {
                Matcher code = (Character.isDigit(status.charAt(0)) ? ENHANCED : RESPONSE_CODE).matcher(line);
                boolean coded = code.lookingAt();
                enhanced = coded && words.isEmpty() ? code.group(1).toUpperCase(Locale.ROOT) : enhanced;
                words.add(coded ? line.substring(code.end()) : line);
            }
            return new Reply(status, enhanced, List.copyOf(words));
        }

        /** The three digits of SMTP, 0 in POP3. */
        public int code() {
            return Character.isDigit(status.charAt(0)) ? Integer.parseInt(status) : 0;
        }

        /** Whether it says yes: 2yz (RFC 5321, 4.2.1) or +OK. */
        public boolean positive() {
            return status.startsWith("2") || status.equals("+OK");
        }

        /** Whether a login goes on: 334 in SMTP, + in POP3 (RFC 4954, 4; RFC 5034, 4). */
        boolean asksOn() {
            return status.equals("334") || status.equals("+");
        }

        /** Whether it says not now: 4yz, or -ERR with a code for that (RFC 2449, 8.1; RFC 3206) or with the words for a lock. */
        public boolean temporary() {
            return status.startsWith("4") || status.equals("-ERR") && (NOT_NOW.contains(enhanced) || saysItIsLocked());
        }

        private boolean saysItIsLocked() {
            return !NEVER.contains(enhanced) && IS_LOCKED.matcher(text()).find();
        }

        /** Whether it says no: 5yz, or any other -ERR. */
        public boolean permanent() {
            return status.startsWith("5") || status.equals("-ERR") && !temporary();
        }

        public String text() {
            return String.join(" ", lines).strip();
        }

        Reply with(List<String> content) {
            return new Reply(status, enhanced, Stream.concat(lines.stream(), content.stream()).toList());
        }

        @Override
        public String toString() {
            String code = status.equals("-ERR") && !enhanced.isEmpty() ? "[" + enhanced + "]" : enhanced;
            return Texts.escape(String.join(" ", status, code, text()).replace("  ", " ").strip());
        }
    }

    /** The code that a reply is asked to have: {@code 250}, {@code 5xx}; {@code +OK}, {@code -ERR}, {@code +}. */
    record ReplyPattern(String code) {
        private static final Pattern DIGITS = Pattern.compile("[2-5][0-9x]{2}");
        private static final Set<String> WORDS = Set.of("+OK", "-ERR", "+");

        static Optional<ReplyPattern> of(String given) {
            boolean known = DIGITS.matcher(given.toLowerCase(Locale.ROOT)).matches();
            String code = known ? given.toLowerCase(Locale.ROOT) : given.toUpperCase(Locale.ROOT);
            return known || WORDS.contains(code) ? Optional.of(new ReplyPattern(code)) : Optional.empty();
        }

        boolean matches(Reply reply) {
            return WORDS.contains(code) ? reply.status().equals(code) : reply.status().matches(code.replace("x", "[0-9]"));
        }
    }

    /** What a reply is asked to be: {@code 250}, or {@code +OK /REGEX/} with what is looked for in all of its lines. */
    record Expected(String given, ReplyPattern code, Pattern words) {
        private static final Pattern FORM = Pattern.compile("([^\\s/]+)\\s*(/.*/|)");

        static Expected of(String given) {
            Matcher parts = FORM.matcher(given.strip());
            ReplyPattern code = Optional.of(parts).filter(Matcher::matches).flatMap(form -> ReplyPattern.of(form.group(1)))
                    .orElseThrow(() -> MailException.usage("can't read what is expected: '" + Texts.escape(given.strip()) + "'")
                            .hint("give a code, and a pattern if you like: 250, 5xx, +OK /[1-9]/"));
            return new Expected(given.strip(), code, Texts.pattern(parts.group(2).replaceAll("^/|/$", ""), Pattern.MULTILINE));
        }

        /** Each line is looked at without its codes, and with them. */
        Reply require(Stage stage, Reply reply) {
            String all = reply + "\n" + reply.lines().stream().flatMap(line -> {
                String coded = (reply.enhanced() + " " + line).strip();
                return Stream.of(line, coded, reply.status() + " " + coded, reply.status() + "-" + coded);
            }).collect(Collectors.joining("\n"));
            if (!code.matches(reply) || !words.matcher(all).find()) {
                String what = "expected " + Texts.escape(given) + ", not '" + Texts.shortened(reply.toString()) + "'";
                throw new MailException(Exit.UNMET, stage, what, false, Optional.of(reply));
            }
            return reply;
        }
    }

    /** What a reply means, what to do about it, and whether trying again may help: empty for one that refuses nothing. */
    public record Explanation(String code, String enhanced, String meaning, String hint, Optional<Boolean> retryable) {
    }

    /** What stands for a reply in what people paste: the reply itself, a line of a log, a bounce. */
    record Pasted(String status, String enhanced, boolean goesOn, int end) {
        private static final String BEFORE = "(?<![\\p{L}\\p{N}.@/:=+\\[-]|[\\p{L}\\p{N}]_|= |\\d,|\\b(?:port|size|pid|line) )";
        private static final String AFTER = "(?![\\p{L}\\p{N}@/%\\]]|[.-]\\d)";
        private static final String UNIT = " ?(?:[kmg]?i?b|bytes|octets|m?s|secs?|seconds|minutes|hours|days|messages)\\b";
        private static final String STATUS = "[2-5]\\d\\d(?![\\p{L}\\p{N}@/%>\\]]|[.:]\\d|,\\d{3}|-\\d++(?!\\.)|" + UNIT + ")";
        /** What stands in brackets; or a code that stands alone: a status, perhaps with an enhanced code, or that by itself. */
        private static final Pattern CODE = Pattern.compile("(?i)\\[[^\\[\\]{]*+]|" + BEFORE
                + "(?:(-ERR(?!\\S)|\\+OK(?!\\S)|" + STATUS + ")(-)?(?:[ _]*#?([245]\\.\\d{1,3}\\.\\d{1,3}" + AFTER + "))?"
                + "|((?:^[245]\\.\\d{1,3}|[245]\\.\\d)\\.\\d{1,3}" + AFTER + "))");
        private static final Pasted NOTHING = new Pasted("", "", false, 0);

        /** The last code is the reply, of an enhanced one alone its first digit. In a log line ends may stand as \n. */
        static Optional<Reply> in(String line) {
            String text = line.replace("\\n", "\n").strip();
            Pasted last = CODE.matcher(text).results().map(Pasted::of).reduce(NOTHING, Pasted::then);
            String words = (last.enhanced + " " + text.substring(last.end)).strip();
            return Optional.of(last).filter(found -> !found.equals(NOTHING)).map(found -> Reply.of(found.status, List.of(words)));
        }

        private static Pasted of(MatchResult code) {
            String enhanced = Optional.ofNullable(code.group(3)).orElse(Objects.toString(code.group(4), ""));
            String status = Objects.toString(code.group(1), enhanced.substring(0, Math.min(1, enhanced.length())));
            return new Pasted(status.toUpperCase(Locale.ROOT), enhanced, code.group(2) != null, code.end());
        }

        /** What comes next is a number in the text of this one, its enhanced code, a line of it (RFC 5321, 4.2.1), or another. */
        private Pasted then(Pasted next) {
            boolean inPop3 = status.matches("-ERR|\\+OK") && next.status.matches("\\d+");
            boolean version = next.status.equals("2") && !equals(NOTHING);
            boolean enhances = next.status.length() == 1 && status.length() == 3 && status.startsWith(next.status);
            if (inPop3 || version || next.status.isEmpty()) {
                return this;
            }
            boolean more = goesOn && status.equals(next.status) || enhances;
            return more ? new Pasted(status, enhanced.isEmpty() ? next.enhanced : enhanced, next.goesOn, end) : next;
        }
    }

    // ---- 1.3 Messages, deliveries -----------------------------------------------------------------------------------

    /** Something that writes itself, the same each time, with CRLF line ends. */
    interface Source {
        void writeTo(OutputStream out) throws IOException;
    }

    /** A message ready to go, any number of times: its size in octets, and whether it needs 8BITMIME or SMTPUTF8. */
    public sealed interface Prepared {
        String messageId();
        Envelope envelope();
        long size();
        boolean eightBit();
        boolean utf8();
        List<String> warnings();

        /** The same message for these alone. */
        Prepared to(List<String> recipients);

        /** Writes the message as it goes out: CRLF line ends, no Bcc. */
        void writeTo(OutputStream out) throws IOException;
    }

    record Composed(String messageId, Envelope envelope, long size, boolean eightBit, boolean utf8, List<String> warnings,
            Source source) implements Prepared {
        @Override
        public void writeTo(OutputStream out) throws IOException {
            source.writeTo(out);
        }

        @Override
        public Prepared to(List<String> recipients) {
            return new Composed(messageId, envelope.to(recipients), size, eightBit, utf8, warnings, source);
        }

        @Override
        public String toString() {
            return "message " + messageId + " to " + String.join(", ", envelope.recipients) + ", " + Texts.size(size);
        }
    }

    /** What the server is told beside the message: reverse-path, forward-paths, and the notices wanted (RFC 3461). */
    public record Envelope(String reversePath, List<String> recipients, String notices, String ret, String envid,
            boolean allOrNothing) {
        Envelope to(List<String> others) {
            return new Envelope(reversePath, others, notices, ret, envid, allOrNothing);
        }

        /** RFC 3461, 4. */
        static String xtext(String text) {
            StringBuilder coded = new StringBuilder();
            for (byte octet : text.getBytes(UTF_8)) {
                boolean plain = octet > ' ' && octet < 127 && octet != '+' && octet != '=';
                coded.append(plain ? String.valueOf((char) octet) : String.format("+%02X", octet & 0xff));
            }
            return coded.toString();
        }
    }

    public record Delivery(String messageId, String queueId, long bytes, Peer peer, Millis millis, Optional<Reply> reply,
            List<Recipient> recipients, Optional<MailException> failure, List<String> warnings) {
        public Delivery {
            recipients = List.copyOf(recipients);
            warnings = List.copyOf(warnings);
        }

        /** It did not come as far as a message. */
        static Delivery nothing(Peer peer, Millis millis, Optional<MailException> failure) {
            return new Delivery("", "", 0, peer, millis, failure.flatMap(MailException::reply), List.of(), failure, List.of());
        }

        static Delivery untried(Prepared mail, MailException failure) {
            List<Recipient> nobody = mail.envelope().recipients.stream()
                    .map(address -> new Recipient(address, false, Optional.empty())).toList();
            Delivery session = failure.delivery.orElse(nothing(Peer.NONE, Millis.NONE, Optional.of(failure)));
            Delivery untried = new Delivery(mail.messageId(), "", 0, session.peer, session.millis, failure.reply(), nobody,
                    Optional.of(failure), mail.warnings());
            failure.delivery(untried);
            return untried;
        }

        /** Whether everybody gets it. */
        public boolean ok() {
            return exit() == Exit.OK;
        }

        /** OK, PARTIAL, or the exit code of the failure. */
        public Exit exit() {
            return failure.map(MailException::exit).orElse(refused().isEmpty() ? Exit.OK : Exit.PARTIAL);
        }

        /** Those who do not get it. */
        public List<Recipient> refused() {
            return recipients.stream().filter(recipient -> !recipient.ok).toList();
        }

        /** Whether trying again may help somebody and can't make a second copy. */
        boolean mayBeRetried() {
            return failure.map(MailException::retryable).orElse(!worthRetrying().isEmpty());
        }

        /** The message for those who have not got it yet. */
        Prepared rest(Prepared mail) {
            return mail.to(mail.envelope().allOrNothing() ? mail.envelope().recipients() : worthRetrying());
        }

        /** Those who do not have it and were not refused for good. */
        List<String> worthRetrying() {
            return refused().stream().filter(recipient -> recipient.reply.filter(Reply::permanent).isEmpty())
                    .map(Recipient::address).toList();
        }

        /** Why not everybody has it. */
        MailException problem() {
            Stream<Reply> replies = refused().stream().flatMap(recipient -> recipient.reply.stream());
            Optional<MailException> refused = replies.min(Comparator.comparing(reply -> !reply.temporary()))
                    .map(reply -> MailException.refused(Stage.RCPT, "some recipients were refused", reply));
            return failure.or(() -> refused)
                    .orElseGet(() -> new MailException(Exit.PARTIAL, Stage.RCPT, "some recipients were not reached"));
        }

        /** This attempt and the next, which went to those who had not got it, as one. */
        Delivery followedBy(Delivery next) {
            return joined(next, next.queueId.isEmpty() ? this : next, next.recipients, next.failure);
        }

        /** This transaction and a further one, for those who found no room in it, as if they were one. */
        Delivery with(Delivery further) {
            Optional<Reply> refusal = further.failure.flatMap(MailException::reply);
            List<Recipient> others = further.recipients.stream()
                    .map(one -> one.ok ? one : new Recipient(one.address, false, one.reply.or(() -> refusal))).toList();
            Optional<MailException> hopeful = failureThatIs(MailException::retryable, further);
            Delivery named = queueId.isEmpty() ? further : this;
            return joined(further, named, others, hopeful.or(() -> failure).or(() -> further.failure));
        }

        /** Where somebody has it, and nobody may have it, there is no failure of the whole. */
        private Delivery joined(Delivery next, Delivery named, List<Recipient> others, Optional<MailException> problem) {
            Map<String, Recipient> last = new LinkedHashMap<>();
            Stream.concat(recipients.stream(), others.stream()).forEach(recipient -> last.put(recipient.address, recipient));
            boolean somebody = last.values().stream().anyMatch(Recipient::ok);
            Optional<MailException> unknown = failureThatIs(MailException::isUnknown, next);
            Optional<MailException> whole = unknown.or(() -> somebody ? Optional.empty() : problem);
            List<String> all = Stream.concat(warnings.stream(), next.warnings.stream()).distinct().toList();
            Delivery both = new Delivery(messageId, named.queueId, Math.max(bytes, next.bytes), next.peer,
                    millis.with(next.millis), named.reply, List.copyOf(last.values()), whole, all);
            whole.ifPresent(failed -> failed.delivery(both));
            return both;
        }

        /** What a run that is ended from outside says of it: who has it, unless somebody may have it. */
        MailException interrupted() {
            long have = recipients.stream().filter(Recipient::ok).count();
            String some = have == recipients.size() ? "it was sent" : have + " of " + recipients.size() + " recipients got it";
            String how = failure.filter(why -> why.exit == Exit.INTERRUPTED).map(MailException::getMessage).orElse("interrupted");
            Stage stage = failure.map(MailException::stage).orElse(Stage.RCPT);
            MailException known = new MailException(Exit.INTERRUPTED, stage, how + ": " + (have == 0 ? "nobody got it" : some));
            MailException why = failure.filter(MailException::isUnknown).orElse(known);
            return why.delivery(new Delivery(messageId, queueId, bytes, peer, millis, reply, recipients, Optional.of(why),
                    warnings));
        }

        private Optional<MailException> failureThatIs(Predicate<MailException> kind, Delivery next) {
            return Stream.of(failure, next.failure).flatMap(Optional::stream).filter(kind).findFirst();
        }

        String queued() {
            return queueId.isEmpty() ? "" : ", queued as " + queueId;
        }

        @Override
        public String toString() {
            List<String> sent = recipients.stream().filter(Recipient::ok).map(Recipient::address).toList();
            String more = sent.size() > 1 ? " and " + (sent.size() - 1) + " more" : "";
            String others = ok() ? "" : "; refused: "
                    + refused().stream().map(Recipient::toString).collect(Collectors.joining(", "));
            String all = sent.isEmpty() ? "nobody" : sent.get(0) + more + queued() + others;
            return Texts.escape(failure.map(MailException::getMessage).orElse("sent to " + all));
        }
    }

    /** A recipient and what the server said of it. */
    public record Recipient(String address, boolean ok, Optional<Reply> reply) {
        @Override
        public String toString() {
            return Texts.escape("<" + address + "> " + reply.map(Reply::toString).orElse(ok ? "has it" : "not tried"));
        }
    }

    /** Whom we talked to; "" for what there was not. It is verified if its certificate is good, be that wanted or not. */
    public record Peer(String host, String address, String tlsVersion, String cipher, boolean verified) {
        static final Peer NONE = new Peer("", "", "", "", false);
    }

    public record Millis(long connect, long tls, long auth, long envelope, long data, long total) {
        static final Millis NONE = new Millis(0, 0, 0, 0, 0, 0);

        Millis with(Millis next) {
            return new Millis(next.connect, next.tls, next.auth, envelope + next.envelope, data + next.data, next.total);
        }
    }

    // ---- 1.4 Fetched messages ---------------------------------------------------------------------------------------

    /** What became of a message that was to be fetched; file is "" where it has none of its own. One that is left says why. */
    public record Fetched(String account, int number, String uid, boolean ok, String file, long size, boolean deleted,
            Optional<Reply> reply, Optional<MailException> failure) {
        Fetched deletedToo() {
            return new Fetched(account, number, uid, ok, file, size, true, reply, failure);
        }

        Fetched left(MailException why) {
            return new Fetched(account, number, uid, false, file, size, false, why.reply(), Optional.of(why));
        }

        static String whose(String account) {
            return account.isEmpty() ? "" : account + ": ";
        }

        @Override
        public String toString() {
            String name = whose(account) + "message " + number + (uid.isEmpty() ? "" : " (" + uid + ")");
            String why = reply.map(Reply::toString).or(() -> failure.map(MailException::getMessage)).orElse("not stored");
            return Texts.escape(name + ": " + (ok ? "stored, " + Texts.size(size) + (deleted ? ", deleted" : "") : why));
        }
    }

    /** What became of all of them, also when something went wrong; skipped are those that are too large. */
    public record Summary(String account, long fetched, long octets, long known, long skipped, long refused, long deleted,
            Optional<MailException> failure) {
        static Summary failed(String account, MailException failure) {
            return new Summary(account, 0, 0, 0, 0, 0, 0, Optional.of(failure));
        }

        /** What it comes to; the failure is told apart. */
        String counts() {
            String octetsToo = fetched > 0 ? " (" + Texts.size(octets) + ")" : "";
            return Texts.escape(Fetched.whose(account) + fetched + " fetched" + octetsToo + counted(known, "known")
                    + counted(skipped, "too large") + counted(refused, "refused") + counted(deleted, "deleted"));
        }

        private static String counted(long count, String what) {
            return count > 0 ? ", " + count + " " + what : "";
        }

        @Override
        public String toString() {
            return counts() + failure.map(why -> "; " + why.getMessage()).orElse("");
        }

        /** OK, or why something is left for the next time. */
        public Exit exit() {
            return failure.map(MailException::exit).orElse(Exit.OK);
        }
    }

    /** Where a message leads, and the words that stand there for it; "" in plain text. */
    public record Link(String url, String text) {
        @Override
        public String toString() {
            return Texts.escape(url + (text.isEmpty() ? "" : " " + text));
        }
    }

    /** What a maildrop holds; -1 octets where the server gives no number that can be true. */
    public record Totals(long messages, long octets) {
    }

    // ---- 1.5 Where and how ------------------------------------------------------------------------------------------

    /** Told how many octets of how many have gone or come, and where there are many, how many mails. */
    public interface Progress {
        void sent(long octets, long total);

        default void mails(long done, long total) {
        }
    }

    /** When TLS is used: whenever offered, always by STARTTLS, from the first byte, never. */
    public enum Tls { AUTO, REQUIRED, IMPLICIT, NONE }

    /** How a server is spoken to: RFC 5321, RFC 2033, RFC 1939. */
    public enum Protocol {
        SMTP, LMTP, POP3;

        boolean isPop3() {
            return this == POP3;
        }

        /** The stages of a session in which nothing is sent or fetched, by name. */
        List<String> stageNames() {
            return List.of((isPop3() ? "resolve connect greeting capa tls certificate capa-tls auth quit"
                    : "resolve connect greeting ehlo tls certificate ehlo-tls auth mail rcpt rset quit").split(" "));
        }

        List<Stage> stages() {
            return stageNames().stream().filter(name -> !name.endsWith("-tls")).map(Stage::named).toList();
        }

        /** Octets of a command line, without CRLF (RFC 5321, 4.5.3.1.4; RFC 5034, 4). */
        int longestCommand() {
            return isPop3() ? 253 : 510;
        }
    }

    /** Where a server is, whether it speaks TLS from the first byte, the name in its certificate; its address, if it is known. */
    record Where(Protocol protocol, String host, int port, boolean tlsFirst, String certificateName,
            Optional<InetAddress> address) {
        String schemeWithTls() {
            return protocol.isPop3() ? "pop3s" : "smtps";
        }
    }

    /** How we talk to a server, whichever it is, and up to which stage its sessions are opened: fixed once one opens. */
    record How(Credentials credentials, TlsPolicy tls, Reach reach, Optional<Duration> timeout, String helo,
            Set<String> without, Stage last, Optional<Deadline> deadline) {
        How upTo(Stage stage) {
            return new How(credentials, tls, reach, timeout, helo, without, stage, deadline);
        }

        /** With these limits of each step, unless the user has set one, and of the whole. */
        How within(Duration step, Deadline whole) {
            return new How(credentials, tls, reach, timeout.or(() -> Optional.of(step)), helo, without, last, Optional.of(whole));
        }

        /** What is left of a step's limit. */
        Duration rest(Duration step) {
            return deadline.map(Deadline::left).filter(left -> left.compareTo(step) < 0).orElse(step);
        }

        boolean isLate() {
            return deadline.filter(Deadline::isOver).isPresent();
        }

        boolean logsIn() {
            return credentials.wanted() && last.compareTo(Stage.AUTH) >= 0;
        }
    }

    /** When all of a run must be done; what is under way is cut then. It is told with the option that set it. */
    static final class Deadline {
        private final Duration limit;
        private final String option;
        private final long began = System.nanoTime();

        Deadline(Duration limit, String option) {
            this.limit = limit;
            this.option = option;
        }

        Duration spent() {
            return Duration.ofNanos(System.nanoTime() - began);
        }

        Duration left() {
            return limit.minus(spent());
        }

        boolean isOver() {
            return spent().compareTo(limit) >= 0;
        }

        MailException passed(Stage stage, String who) {
            String what = who + " was not done within " + Texts.seconds(limit) + " (" + option + ")";
            return new MailException(Exit.UNMET, stage, what).hint("see which step took its time");
        }
    }

    /** Who logs in by which mechanism, and who knows with what: each is found first, asked when it is needed, and once. */
    record Credentials(String user, String mechanism, Supplier<Supplier<String>> password, Optional<Supplier<String>> token) {
        boolean wanted() {
            return !user.isEmpty() || mechanism.equals("EXTERNAL");
        }

        /** Who knows what the login needs, if it needs anything; throws if nobody does. Nobody is asked yet. */
        Optional<Supplier<String>> secret() {
            if (mechanism.matches("OAUTHBEARER|XOAUTH2") || mechanism.equals("AUTO") && token.isPresent()) {
                return Optional.of(token.orElseThrow(() ->
                        MailException.usage("no OAuth token for " + user).hint("give --token-command")));
            }
            return wanted() && !mechanism.equals("EXTERNAL") ? Optional.of(password.get()) : Optional.empty();
        }
    }

    /** What is wrong with a certificate ends the session, unless it is only noted. */
    record TlsPolicy(Tls mode, Optional<Path> ca, Optional<Path> cert, Optional<Path> key, String pin, String lowest,
            boolean insecure, boolean noting) {
    }

    /** From where and through what; with the line that says for whom, as a balancer does. */
    record Reach(Class<? extends InetAddress> family, Optional<InetAddress> bind, Optional<Proxy> proxy,
            Optional<String> header) {
    }

    /** Who is told what happens: each line of the dialogue, how much is sent, what a person should know, each step. */
    record Sinks(Optional<Consumer<Said>> transcript, Optional<Progress> progress, Consumer<String> warnings,
            Consumer<String> waiting, Consumer<Step> steps) {
        Sinks with(Consumer<Said> dialogue) {
            return new Sinks(Optional.of(dialogue), progress, warnings, waiting, steps);
        }

        void progress(long octets, long total) {
            progress.ifPresent(sink -> sink.sent(octets, total));
        }

        void mails(long done, long total) {
            progress.ifPresent(sink -> sink.mails(done, total));
        }
    }

    /** A line of a dialogue, without secrets and controls: when, whose (>>> ours, <<< the server's, *** a note), and what. */
    record Said(double seconds, String whose, String text) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%7.3f %s %s", seconds, whose, text);
        }
    }

    /** One step of a session: how long it took, the answer, what it was about or found, and why it failed if it did. */
    record Step(Stage stage, boolean again, long nanos, Optional<Reply> reply, String what, Optional<MailException> failure) {
        /** That of what is asked again, within TLS, says so. */
        String name() {
            return Texts.name(stage) + (again && stage.isHello() ? "-tls" : "");
        }
    }

    /**
     * Where the mail of a domain goes (RFC 5321, 5.1): its hosts, best first, equal ones by name. With fallback it is the
     * domain itself; with null MX it takes none (RFC 7505). The failure is why there is no host to send to: 65, 68 or 75.
     */
    public record Mx(String domain, boolean nullMx, boolean fallback, List<MxHost> hosts, Optional<MailException> failure) {
    }

    /** A host for mail: its addresses, the name that its name stands for, and what is wrong with it; "" if there is none. */
    public record MxHost(String host, int preference, List<String> addresses, String cname, String fault) {
        MxHost with(String found) {
            return new MxHost(host, preference, addresses, cname, found);
        }
    }

    /** Finds TXT records. */
    interface TextRecords {
        /** The TXT records of a name, the strings of each joined; none if it has none. Throws (75) if the name server fails. */
        List<String> of(String name);
    }

    // ---- 1.6 Words as given -----------------------------------------------------------------------------------------

    /** One option, as a line of a help text has it: its letter or "", its name, its argument or "" for a switch, its help. */
    record Option(String letter, String name, String argument, String help) {
        static List<Option> in(String help) {
            return help.lines().filter(line -> line.startsWith("--", 6)).map(Option::of).toList();
        }

        private static Option of(String line) {
            int nameEnd = line.indexOf(' ', 6);
            int end = line.indexOf("  ", 6);
            String argument = line.substring(nameEnd, end).strip();
            return new Option(line.substring(3, 4).strip(), line.substring(8, nameEnd), argument, line.substring(end).strip());
        }

        /** Whether a help text has that option; each start asks, and only the command's own help is worth taking apart then. */
        static boolean isIn(String help, String name) {
            return help.contains(" --" + name + " ");
        }

        boolean takesArgument() {
            return !argument.isEmpty();
        }

        boolean isRepeatable() {
            return argument.isEmpty() || argument.matches("\\S+[.]{3}");
        }

        /** Whether all words up to the next option are its values. */
        boolean takesMany() {
            return argument.endsWith("...]");
        }

        /** Whether it takes one of a few words; what stands for a word is in capitals. */
        boolean hasValues() {
            return argument.contains("|") && !argument.matches("[A-Z|]+");
        }

        String values() {
            return argument.replace('|', ' ');
        }
    }

    /** The words after a command: its options as they were given, each with its value ("true" for a switch), and the rest. */
    record Arguments(List<Map.Entry<String, String>> options, List<String> operands) {
        boolean has(String name) {
            return options.stream().anyMatch(option -> option.getKey().equals(name));
        }

        Optional<String> value(String name) {
            return values(name).stream().reduce((first, last) -> last);
        }

        List<String> values(String name) {
            List<String> all = options.stream().filter(option -> option.getKey().equals(name)).map(Map.Entry::getValue).toList();
            all.forEach(value -> Texts.plain(Exit.USAGE, "--" + name, value));
            return all;
        }

        Arguments without(String name) {
            return new Arguments(options.stream().filter(option -> !option.getKey().equals(name)).toList(), operands);
        }

        void refuseOperands(String hint) {
            if (!operands.isEmpty()) {
                throw MailException.usage("unexpected argument '" + operands.get(0) + "'").hint(hint);
            }
        }

        /** Of the options named in each of these, one can be given. */
        void refuseBoth(String... alternatives) {
            for (String names : alternatives) {
                List<String> given = Stream.of(names.split(" ")).filter(this::has).toList();
                if (given.size() > 1) {
                    throw MailException.contradiction("--" + given.get(0), "--" + given.get(1));
                }
            }
        }

        /** Hands over those of a help text's options that were given, in the order they were given in. */
        void given(String help, BiConsumer<String, String> setting) {
            options.stream().filter(option -> Option.isIn(help, option.getKey()))
                    .forEach(option -> setting.accept(option.getKey(), option.getValue()));
        }
    }

    // ---- 1.7 Texts --------------------------------------------------------------------------------------------------

    /** A value that is made when it is first asked for, and then kept. */
    static final class Lazy<T> implements Supplier<T> {
        private final Supplier<T> source;
        private Optional<T> value = Optional.empty();

        Lazy(Supplier<T> source) {
            this.source = source;
        }

        @Override
        public T get() {
            value = value.or(() -> Optional.of(source.get()));
            return value.get();
        }

        boolean isKnown() {
            return value.isPresent();
        }
    }

    /** A list that makes its elements when they are asked for, and that a person sees as lines: the last ones. */
    static final class Rows<T> extends AbstractList<T> {
        private static final int SHOWN = 100;
        private final int size;
        private final IntFunction<T> element;

        Rows(int size, IntFunction<T> element) {
            this.size = size;
            this.element = element;
        }

        static <T> List<T> of(List<T> all) {
            return new Rows<>(all.size(), all::get);
        }

        @Override
        public T get(int index) {
            return element.apply(Objects.checkIndex(index, size));
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public String toString() {
            String earlier = size > SHOWN ? "… " + (size - SHOWN) + " before these\n" : "";
            List<T> last = subList(Math.max(0, size - SHOWN), size);
            return last.stream().map(T::toString).collect(Collectors.joining("\n", earlier, ""));
        }
    }

    /** Words of others, and what they may do to a terminal or a protocol; numbers and failures in words. */
    static final class Texts {
        /** Controls, other ends of lines, and what turns the direction of text. */
        private static final Pattern UNSHOWABLE =
                Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]");

        /** What a letter for each octet stands for. */
        static String utf8(String octets) {
            return new String(octets.getBytes(ISO_8859_1), UTF_8);
        }

        static String plain(Exit exit, String what, String value) {
            if (hasControl(known(what, value))) {
                throw new MailException(exit, Stage.INPUT, what + " has a control character: '" + escape(value) + "'");
            }
            return value;
        }

        static Pattern pattern(String regex, int flags) {
            try {
                return Pattern.compile(regex, flags);
            } catch (PatternSyntaxException e) {
                throw MailException.usage("can't read the pattern '" + escape(regex) + "': " + e.getDescription())
                        .hint("write \\( for a bracket that is meant");
            }
        }

        static String known(String what, String value) {
            if (value == null) {
                throw MailException.usage(what + " is null");
            }
            return value;
        }

        static boolean hasControl(String text) {
            for (int i = 0; i < text.length(); i++) {
                if (Character.isISOControl(text.charAt(i))) {
                    return true;
                }
            }
            return !isWhole(text);
        }

        /** Whether no half of a surrogate pair stands alone. */
        static boolean isWhole(String text) {
            for (int i = latinLength(text); i < text.length(); i++) {
                if (Character.isSurrogate(text.charAt(i)) && text.codePointAt(i++) < Character.MIN_SUPPLEMENTARY_CODE_POINT) {
                    return false;
                }
            }
            return true;
        }

        /** How many letters of Latin-1 come first; any other becomes a question mark, and octets are faster to look through. */
        private static int latinLength(String text) {
            byte[] octets = text.getBytes(ISO_8859_1);
            int at = 0;
            while (at < octets.length && (octets[at] != '?' || text.charAt(at) == '?')) {
                at++;
            }
            return at;
        }

        static boolean isAscii(String text) {
            for (int i = 0; i < text.length(); i++) {
                if (text.charAt(i) > 127) {
                    return false;
                }
            }
            return true;
        }

        static String escape(String text) {
            return escaped(UNSHOWABLE, "\\x%02x", text);
        }

        /** Text of several lines: line ends and tabs stay. */
        static String escapedLines(String text) {
            String lines = text.replace("\r\n", "\n").replace('\r', '\n');
            return escaped(Pattern.compile("[" + UNSHOWABLE + "&&[^\\n\\t]]"), "\\x%02x", lines);
        }

        static String escapedInJson(String json) {
            return escaped(UNSHOWABLE, "\\u%04x", json);
        }

        private static String escaped(Pattern unshowable, String form, String text) {
            return unshowable.matcher(text)
                    .replaceAll(found -> Matcher.quoteReplacement(form.formatted((int) found.group().charAt(0))));
        }

        static String shortened(String text) {
            return escape(text.length() > 80 ? text.substring(0, 80) + "…" : text);
        }

        static String inLine(String text) {
            return shortened(text.strip().replaceAll("\\s+", " "));
        }

        static String name(Enum<?> stage) {
            return stage.name().toLowerCase(Locale.ROOT);
        }

        static String count(long number, String what) {
            return number + " " + what + (number == 1 ? "" : "s");
        }

        /** Octets in three digits or so. */
        static String size(long octets) {
            double size = octets;
            int unit = 0;
            for (; size >= 1000 && unit < 4; unit++) {
                size /= 1000;
            }
            return unit == 0 ? String.valueOf(octets)
                    : String.format(Locale.ROOT, size < 10 ? "%.1f%c" : "%.0f%c", size, " KMGT".charAt(unit));
        }

        static String megabytes(long octets, long total) {
            String format = total < 10_000_000 ? "%.1f of %.1f MB" : "%,.0f of %,.0f MB";
            return String.format(Locale.ROOT, format, octets / 1e6, total / 1e6);
        }

        static String clock(long seconds) {
            String hours = seconds < 3600 ? "" : seconds / 3600 + ":";
            return hours + String.format(Locale.ROOT, hours.isEmpty() ? "%d:%02d" : "%02d:%02d", seconds / 60 % 60, seconds % 60);
        }

        static String seconds(Duration duration) {
            return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
        }

        static String millis(Duration duration) {
            return String.format(Locale.ROOT, "%.1f ms", duration.toNanos() / 1e6);
        }

        static boolean hasCause(Throwable problem, Class<? extends Throwable> kind) {
            return kind.isInstance(problem) || problem.getCause() != null && hasCause(problem.getCause(), kind);
        }

        static Throwable root(Throwable problem) {
            return problem.getCause() == null ? problem : root(problem.getCause());
        }

        /** RFC 5322, 3.2.4. */
        static String quoted(String text) {
            return "\"" + text.replaceAll("([\\\\\"])", "\\\\$1") + "\"";
        }

        /** The innermost message, which says most. */
        static String cause(Throwable problem) {
            Throwable cause = problem.getCause();
            if (cause != null && cause.getMessage() != null && !(problem instanceof CertificateException)) {
                return cause(cause);
            }
            return Optional.ofNullable(problem.getMessage()).orElse(problem.getClass().getSimpleName());
        }
    }

    // ---- 1.8 The table of hints -------------------------------------------------------------------------------------

    /** What a reply means by its code and words and where it came ("" is any), and what to do; some only add what to do. */
    record Hint(Pattern codes, Pattern words, Pattern place, String meaning, String text) {
        private static final Pattern KEY = Pattern.compile("(.+?)(?: /(.+)/)?(?: @(.+)@)?");

        static Hint of(String given, String meaning, String text) {
            Matcher key = KEY.matcher(given);
            key.matches();
            String codes = key.group(1).replaceFirst("^no$", "[45]xx,-ERR").replaceAll("(^|,)x\\.", "$1[45].");
            String escaped = codes.replace(".", "\\.").replace("+", "\\+").replace("x", "\\d*").replace(',', '|');
            return new Hint(pattern("(" + escaped + ")(?!\\d)"), pattern(key.group(2)), pattern(key.group(3)), meaning, text);
        }

        private static Pattern pattern(String given) {
            return Pattern.compile(Objects.toString(given, ""), Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
        }

        boolean fits(Reply reply, String text, String where) {
            String code = reply.status() + " " + reply.enhanced();
            boolean coded = codes.matcher(code.strip()).lookingAt() || codes.matcher(reply.enhanced()).matches();
            return coded && place.matcher(where).find() && words.matcher(text).find();
        }
    }

    /** What is known about replies: the one table, for explain and for the hint of every refusal. */
    static final class Hints {
        private static final int LONGEST = 2000;
        private static final String MECHANISM = "about the mechanism, not the password: name another one, such as --auth LOGIN";
        /**
         * Abbreviations; then rows: codes (x: any digits; no: any refusal), /words/, @place@, or others; meaning -> what to do.
         * The first that fits counts. Where nothing is to do, it is what always is: to wait, or to read.
         */
        private static final String TABLE = """
        {app}  it wants an app password instead of your own: create one in the account's security settings
        {code}  it wants an authorization code instead of your password: create one in the webmail's settings
        {token}  --auth XOAUTH2 --token-command COMMAND
        {no password}  login by password is turned off there: use a token: {token}
        {way}  (mechanism|auth\\w* (type|method|scheme))
        {no}  (not|no|un\\w+|invalid|disabled)
        {mechanism}  ^(?!.*(password|credential|account|user|fail|wrong|incorrect)).*({way}\\b.*\\b{no}\\b|\\b{no}\\b.*{way})
        {dns}  have the sender's domain let this machine send (SPF, DKIM), or give -S a server of that domain
        {slower}  send less at once, and only to who wants it; wait before you go on
        {spam}  look the address and all links up on block lists, and ask there; or send through your provider (-S)
        {relay}  relay.*(denied|not permitted|not allowed|prohibited)|(unable|not permitted|not allowed) to relay|rcpthosts
        {no login}  not (been )?authenticated|not logged in|auth\\w* req|turn on smtp
        {nobody}  (unknown|no such|invalid|unr.*) (us|re|ma|ad|ac|lo)|(user|recip|mailbox|addr|acc).{0,60}(unkn|n.t ?(f|e|hav))
        {tls}  (must|need|require|issue)\\w* .*tls\\b|tls is req|non-secure|encryption needed
        523,x.7.10,x.7.29 or no /{tls}/  it does this only within TLS -> the server wants TLS: leave out --tls none
        no /has no permission|not enabled for (pop|smtp)/  POP3 or SMTP is off for this mailbox -> switch it on in the webmail
        IN-USE or -ERR$ /{locked}/  another session has the mailbox open -> another program may have it open; try again later
        LOGIN-DELAY,SYS/TEMP  the server has trouble, or takes this login only now and then -> try again later, and less often
        SYS/PERM  it will not work until somebody changes something there -> ask the one who runs the server
        5.7.14 or no /(application-specific|app) password|web browser/  the account's own password is not taken -> {app}
        5.7.139 /credentials were incorrect/  the login is wrong -> check user name and password; {no password}
        5.7.139 or no /basic auth|SmtpClientAuth/  passwords, or all logins by SMTP, are turned off there -> {no password}
        no /authorization code|login fail|unable to log on/  QQ, 163 or alike refuses the login -> {code}
        no /too many.*\\b(login|auth)|too much fail/  too many logins failed -> mend the password, then wait
        534,538,x.7.4,5 5.7.9,x.7.11 or 5(?!35)xx,-ERR$ /{mechanism}/  it does not take this way to log in -> {other}
        504 @AUTH@  -> {other}
        50[0-3] @AUTH@  -> it takes no login here: check the port, and --tls
        5xx,-ERR @AUTH (XOAUTH2|OAUTHBEARER) @  -> check the token: its user, scope and age
        5xx @AUTH.*\\b(outlook|office365|hotmail|live)[.]com$@  -> use --auth XOAUTH2 --token-command, or an app password
        5xx,-ERR @AUTH.*\\b(gmail|google|yahoo|aol|icloud|me)[.]com$@  -> {app}
        5xx,-ERR @AUTH.*\\b(qq|163|126|foxmail|yeah)[.](com|net)$@  -> {code}
        535,-ERR @AUTH CRAM-MD5 .*\\b(PLAIN|LOGIN)\\b@  -> or try --auth PLAIN or LOGIN: many offer CRAM-MD5 but can't check it
        5xx,-ERR @AUTH@  -> check user name and password
        AUTH,535,x.7.8 or 5xx,-ERR /credential|password|auth\\w* fail/  the login is wrong -> check user name and password
        -ERR @GREETING@  -> it may be busy; try again later
        50x @BDAT@  -> it may not know BDAT although it offers it: try --no chunking
        x.7.28,5.4.5,5.7.508,5.7.23[23],5.1.90,5.2.12[12]  too much mail at once or in a day, or it was taken for spam -> {slower}
        55x 5.7.9,5.7.5(09|15),x.7.(2[0-467]|32|40) or no /\\b(spf|dkim|dmarc)\\b|unauthent/  SPF, DKIM or DMARC fails -> {dns}
        530 @without login@ or no /{relay}|{no login}/ @without login@  -> give -u USER
        5.7.54,5.7.64 or no /{relay}|credentials for relay/  it does not relay for you -> log in, or use your own server
        530,5.7.57 or no /{no login}/  it wants a login first -> log in; this server takes nothing from strangers
        5.7.60,5.2.252 or no /send as|not owned|same as auth|equal auth/  it may not send as that one -> give -f its own address
        no /(frequency|rate)[ -]limit|unusual rate|too (fast|quick)|(daily|sending) .*(limit|quota)/  too much at once -> {slower}
        5.7.511,5.7.60[6-9],5.7.6[1-4]x  Microsoft blocks this address -> ask at sender.office.com
        no /S31[45]0|SC-00\\d/  outlook.com blocks this address -> ask at olcsupport.office.com
        5.7.50[1-3],5.7.7[0-5]x or 5.1.8 /outbound/  Microsoft has blocked sender or tenant -> change passwords; ask its support
        5.7.50[457],5.7.51[03],5.7.12x,5.7.13[3-6]  the recipient's organisation keeps this sender out -> ask the recipient
        5.7.506 or no /[he][eh]lo .*(reject|invalid|denied|fail)/  it refuses the name in our EHLO -> give another with --helo
        5.7.512 or no /multiple .*from:|missing .*(header|from:)|rfc ?5322/  its header breaks the rules -> check From and -H
        4.7.[567]xx or no /\\[TSS?\\d+]/  Microsoft or Yahoo holds this address back: new, or known for spam -> {slower}
        no /\\b(HL|RP|MI|DT|WM|IP):[A-Z]{3}\\b/  163 takes mail, sender or address for spam, or had too much of it -> {spam}
        no /gr[ea]y-?list/  greylisting: who is unknown has to come again -> try again later, in some minutes
        no /virus|malware|infected|security issue|attachment/  it refuses what is attached, or a link in it -> scan it
        no /blocked (-|for|by|us)|bl[ao]ck.?list|spam(haus|cop)|\\[bl\\d|\\b(u?r|dns)bls?\\b/  we are on a block list -> {spam}
        x.4.6,5.4.14 or no /too many hops|loop/  it goes in a circle -> look for forwardings and MX records that lead back
        x.7.25 or no /reverse (dns|host)|\\bptr\\b|find your|name look/  our address has no good name in DNS -> set its PTR record
        521,556,x.1.2 or x.1.10 /^(?!.*found)/  this domain or host is unknown, or takes no mail -> check it: mailtool mx DOMAIN
        x.1.[78] or no /(domain|sender).*(not (found|exist)|verify)|verificat/  the sender can't be found -> check -f
        x.1.1 or 5.4.1 /access denied/ or [45][15]x /{nobody}/  there is no such mailbox -> check the recipient's address
        x.2.2 or no /(mailbox|quota|account) .*(full|exceed|over|out of)|over ?quota/  the mailbox is full -> tell its owner
        525,x.2.1,x.7.13 or [45]5x /disabled|inactive|suspended/  the mailbox or account is closed -> ask its owner by another way
        x.2.3,x.3.4 or no /too (big|large)|exceed.* size|size .*exceed/  it is too large -> send less, or a link
        no /unsolicited|spam|junk|reputation|suspicious|content (rej|den)|(local|policy) (po|re)/  it looks like spam -> {spam}
        UTF8,x.6.[6-9],x.6.10  letters other than ASCII, in an address, a name or the header -> use addresses in ASCII
        553,x.1.[345]  it does not take the address, or not for you -> check the address; log in
        551,x.1.6  the mailbox is elsewhere now -> take the address that it names, or ask the recipient
        452,x.3.1,x.5.3 or no /too many rec/  its disk is full, or it wants fewer recipients -> send to fewer at once, or later
        x.4.[127],x.4.316  a server on the way does not answer, or not in time
        421,x.3.2,x.4.5  it ends the session: it goes down, is too busy, or has enough of us
        x.4.[34],x.4.31[02]  DNS does not tell where the mail should go -> check the domain: mailtool mx DOMAIN
        50[023],x.5.[126] or no /pipelining|synchroni/  it does not know the command, or not at this point -> see -v, or try --no
        455,501,504,555,x.5.4  it does not take a parameter of the command -> check the addresses; see the dialogue with -v
        432,x.7.12  the password has to be set anew for this way to log in -> log in once by --auth PLAIN, within TLS
        x.7.1  a rule forbids it, for this sender, recipient or address -> ask the postmaster there, who sees which
        x.7.30 or no /requiretls/  TLS not kept all the way; Microsoft: no passwords -> see REQUIRETLS (RFC 8689), or {token}
        x.1.x  it is about an address
        x.2.x  it is about the recipient's mailbox
        x.3.x  it is about the receiving system
        x.4.x  it is about the network, or the way to the next server
        x.5.x  it is about the protocol, between the two programs
        x.6.x  it is about the content, or its encoding
        x.7.x  it is about security, or a policy
        211,214  information, or help
        220,221  it is ready, or ends the session as was asked
        235  logged in
        25[12]  taken, though the mailbox is elsewhere, or not known to exist
        334  the login goes on: what it asks for is in base64
        354  it waits for the message, up to a line with a dot alone
        450  the mailbox can't be had now: it is busy, or who is unknown has to come again
        451  something went wrong there, which should pass
        454  TLS or login can't be had now
        550  there is no such mailbox, or a rule forbids it -> check the recipient's address; ask the postmaster there
        552  the mailbox is full, or the message too large -> send less; tell the recipient by another way
        554  it does not take the message, or no mail from here at all -> ask the postmaster there, who sees why
        2xx,+OK  done
        4xx,4.x.x  it could not be done now
        5xx,5.x.x,-ERR  it says no
        xxx  it waits for more
        """;
        static final List<Hint> ALL = rows();

        private static List<Hint> rows() {
            Map<String, String> words = new HashMap<>(Map.of("{other}", MECHANISM, "{locked}", Reply.LOCKED));
            List<Hint> rows = new ArrayList<>();
            for (String row : TABLE.lines().toList()) {
                for (String name : words.keySet()) {
                    row = row.replace(name, words.get(name));
                }
                String[] cells = (row + " -> ").split("  | ?-> ", -1);
                if (row.startsWith("{")) {
                    words.put(cells[0], cells[1]);
                } else {
                    Stream.of(cells[0].split(" or ")).forEach(key -> rows.add(Hint.of(key, cells[1], cells[2])));
                }
            }
            return rows;
        }

        private static Hint first(Reply reply, String where) {
            String text = reply.text().substring(0, Math.min(LONGEST, reply.text().length()));
            return ALL.stream().filter(hint -> hint.fits(reply, text, where)).findFirst().orElseThrow();
        }

        static Explanation explain(Reply reply) {
            Hint hint = first(reply, "");
            Optional<Boolean> again = Optional.of(reply.temporary()).filter(later -> later || reply.permanent());
            String usual = again.map(later -> later ? "try again later" : "read its words: unchanged it fails again").orElse("");
            String code = reply.status().length() < 3 ? "" : reply.status();
            return new Explanation(code, reply.enhanced(), hint.meaning(), hint.text().isEmpty() ? usual : hint.text(), again);
        }

        /** Whether it refuses how to log in before a secret was judged (RFC 4954, 4 and 6). */
        static boolean isAboutMechanism(Reply reply) {
            return of(Stage.AUTH, "", "", reply).endsWith(MECHANISM);
        }

        /** What explain says to do; behind it what stage, command and host add. */
        static String of(Stage stage, String command, String host, Reply reply) {
            String said = explain(reply).hint();
            String here = first(reply, stage + " " + command + " at " + host).text();
            return said.contains(here) ? said : said + "; " + here;
        }
    }

    // ---- 1.9 Probes -------------------------------------------------------------------------------------------------

    /** How a stage of a probe went; a warning changes no exit code. */
    public enum ProbeVerdict { OK, WARNING, FAULT }

    /** How a server did when it was looked at: the exit code of the command line, why, and each stage that was reached. */
    public record Probe(Exit exit, Protocol protocol, int port, Peer peer, Optional<ServerCertificate> certificate,
            List<ProbeStage> stages, Optional<MailException> failure, Duration time, boolean slow) {
        public boolean ok() {
            return exit == Exit.OK;
        }

        /** How many seconds each stage took that was reached. */
        Map<String, Double> seconds() {
            Map<String, Double> all = new LinkedHashMap<>();
            stages.forEach(stage -> all.merge(stage.name, stage.time.toNanos() / 1e9, Double::sum));
            return all;
        }

        String warnings() {
            return stages.stream().filter(stage -> stage.verdict == ProbeVerdict.WARNING)
                    .map(stage -> "; " + stage.name + ": " + stage.text).collect(Collectors.joining());
        }

        @Override
        public String toString() {
            String where = peer.host + " port " + port + " in " + Texts.millis(time);
            return Texts.escape(where + failure.map(why -> ": " + why.getMessage()).orElse(""));
        }
    }

    /** A stage that a probe reached: the server's words, what they mean, and what to do if it is not {@code OK}. */
    public record ProbeStage(Stage stage, String name, ProbeVerdict verdict, Duration time, Optional<Reply> reply, String text,
            String hint, Optional<MailException> failure) {
        @Override
        public String toString() {
            // What else is in the reply to EHLO is in the text.
            String said = reply.map(whole -> stage.isHello() ? (whole.status() + " " + whole.lines().get(0)).strip() : whole + "")
                    .filter(words -> !text.contains(words)).orElse("");
            String words = Stream.of(said, text, hint).filter(any -> !any.isEmpty()).collect(Collectors.joining("; "));
            String how = verdict.name().toLowerCase(Locale.ROOT);
            return Texts.escape("%-8s %-12s %10s  %s".formatted(how, name, Texts.millis(time), words));
        }
    }

    /** For whom a server's certificate is, by whom, until when; its key as {@code --pin} takes it; why it is not good, or "". */
    public record ServerCertificate(List<String> names, String issuer, Instant expires, String pin, String problem) {
        public boolean verified() {
            return problem.isEmpty();
        }

        boolean expiresWithin(int days) {
            return daysLeft() < days;
        }

        public long daysLeft() {
            return Math.floorDiv(Duration.between(Instant.now(), expires).toSeconds(), 86_400);
        }
    }

    // ---- 1.10 Traces ------------------------------------------------------------------------------------------------

    /**
     * The way of a message, as its header tells it: the hops as it travelled, the senders, the fields that say what was found out
     * on the way, the names of which there are several fields although one is allowed (RFC 5322, 3.6), and the signatures.
     */
    public record Trace(List<Hop> hops, String returnPath, String from, String replyTo, List<String> recorded,
            List<String> duplicates, List<Dkim> dkim) {
        /** From the first known time to the last, if there are two. */
        public Optional<Duration> total() {
            List<Instant> times = hops.stream().flatMap(hop -> hop.time.stream()).toList();
            return slowest().map(any -> Duration.between(times.get(0), times.get(times.size() - 1)));
        }

        /** The index of the hop with the longest delay, if any has one. */
        public Optional<Integer> slowest() {
            return IntStream.range(0, hops.size()).boxed().filter(index -> hops.get(index).delay.isPresent())
                    .max(Comparator.comparing(index -> hops.get(index).delay.get()));
        }
    }

    /**
     * What a Received field says (RFC 5321, 4.4), or ""; {@code tls} is the version, or "TLS" where only that is known;
     * {@code delay} is the time since the last hop that tells its own; {@code raw} is the whole field.
     */
    public record Hop(String from, String by, String with, String id, String recipient, String tls, Optional<Instant> time,
            Optional<Duration> delay, String raw) {
        private static final Pattern ADDRESS = Pattern.compile("\\[(IPv6:)?[0-9a-fA-F:]*[.:][0-9a-fA-F.:]*]");

        /** Nothing arrives before it was sent, but two seconds are usual. */
        public boolean clockIsOff() {
            return delay.filter(since -> since.toSeconds() < -2).isPresent();
        }

        @Override
        public String toString() {
            String sender = from.isEmpty() ? "" : "from " + from + " " + address();
            String words = sender + "by " + by + (with.isEmpty() ? "" : " with " + with) + (tls.isEmpty() ? "" : ", " + tls);
            return Texts.escape(by.isEmpty() || time.isEmpty() ? raw : words);
        }

        private String address() {
            Stream<String> all = ADDRESS.matcher(raw.replaceFirst("(?s)\\sby\\s.*", "")).results().map(MatchResult::group);
            return all.findFirst().filter(one -> !from.contains(one)).map(one -> one + " ").orElse("");
        }
    }

    /** Whether a signature holds, as in RFC 8601, 2.7.1; {@code NONE} where nobody has read the body. */
    public enum DkimResult { PASS, FAIL, NONE, TEMPERROR, PERMERROR }

    /** A signature (RFC 6376) and whether it holds; the reason says why not, or what is left unsigned. */
    public record Dkim(String domain, String selector, String algorithm, DkimResult result, String reason) {
        @Override
        public String toString() {
            String outcome = "DKIM " + result.name().toLowerCase(Locale.ROOT) + (reason.isEmpty() ? "" : " (" + reason + ")");
            return Texts.escape(outcome + ": " + domain + ", selector " + selector + ", " + algorithm);
        }
    }

    // ---- 1.11 Rows --------------------------------------------------------------------------------------------------

    /**
     * A row of a table: its number, from 1 after the head line, the line where it begins, and its values by column. A value is a
     * String, "" for null; in NDJSON also a Boolean, a Number that prints as it was written, or a List or Map of values.
     */
    public record Row(long number, long line, Map<String, Object> values) {
        /** A value as text; throws a {@link MailException} with exit code 65 for a column that is missing. */
        public String text(String column) {
            Object value = values.get(column);
            if (value == null) {
                throw fault("column " + column + " is missing");
            }
            return value.toString();
        }

        /** What is wrong with it, told with its place; of a value of a megabyte the beginning is enough. */
        MailException fault(String problem) {
            String shown = problem.length() > 500 ? problem.substring(0, 500) + "…" : problem;
            return MailException.data("row " + number + " (line " + line + "): " + shown);
        }

        /** The same of what was made of it; told with the columns whose values the problem quotes. */
        MailException fault(MailException why) {
            String quoted = values.entrySet().stream().filter(value -> why.getMessage().contains("'" + value.getValue() + "'"))
                    .map(value -> "column " + value.getKey() + ": ").collect(Collectors.joining());
            boolean told = why.getMessage().startsWith("column ");
            return fault((told ? "" : quoted) + why.getMessage()).hint(why.hint());
        }
    }

    /** A row that can't be read: where it is, its cells as far as there are any (in NDJSON its line), and why. */
    record BadRow(long number, long line, List<String> cells, MailException why) {
    }

    // ---- 1.12 Campaigns ---------------------------------------------------------------------------------------------

    /** What became of a row of a campaign. */
    public enum Fate {
        /** Somebody of it has it, now or before. */
        ACCEPTED,
        /** Nobody will get it. */
        REFUSED,
        /** Another run may bring it. */
        DEFERRED,
        /** Its end went out, and nobody knows whether it was accepted. */
        UNKNOWN,
        /** All its recipients are left out. */
        SUPPRESSED
    }

    /** What became of a row in a run; the code is 0, the texts are "" where there are none. */
    public record BulkOutcome(String key, long row, Fate fate, int code, String reply, String messageId, String queueId) {
    }

    /** How many rows became what; before are those that an earlier run has done. */
    public record BulkSums(long rows, long accepted, long before, long refused, long deferred, long unknown, long suppressed,
            boolean inPart, Optional<MailException> failure) {
        /** OK if all are accepted; what another run can change goes before what it can't. */
        public Exit exit() {
            Exit some = refused > 0 || inPart ? Exit.PARTIAL : Exit.OK;
            Exit counted = deferred > 0 ? Exit.TEMPORARY : unknown > 0 ? Exit.UNKNOWN : some;
            return failure.map(MailException::exit).orElse(counted);
        }

        @Override
        public String toString() {
            Map<String, Long> parts = new LinkedHashMap<>();
            parts.put("accepted", accepted);
            parts.put("before", before);
            parts.put("refused", refused);
            parts.put("deferred", deferred);
            parts.put("unknown", unknown);
            parts.put("suppressed", suppressed);
            return Texts.count(rows, "row") + parts.entrySet().stream().filter(part -> part.getValue() > 0)
                    .map(part -> ", " + part.getValue() + " " + part.getKey()).collect(Collectors.joining());
        }
    }

    /**
     * A line of a campaign's journal. States are {@code intent} (its end may have gone out), {@code accepted}, {@code refused},
     * {@code deferred}; the code is 0, the template and the texts are "" where there are none.
     */
    public record JournalRecord(String campaign, String key, String state, String messageId, String date, List<String> to,
            Instant at, int code, String reply, String template) {
        boolean is(String name) {
            return state.equals(name);
        }
    }

    // ==== 2. Entry and options =======================================================================================
    // From words to a command, and from its outcome to an exit code. Calls the commands.

    // ---- 2.1 Entry --------------------------------------------------------------------------------------------------

    private MailTool() {
    }

    static final String VERSION = "1.0";
    static final List<String> COMMANDS = List.of("send", "bulk", "inbox", "read", "fetch", "delete", "stat", "probe", "talk",
            "explain", "mx", "trace", "help", "completion");

    /** Runs one command and exits with its code; {@code help exit-codes} lists them. */
    public static void main(String... words) {
        Terminal terminal = new Terminal();
        Runtime.getRuntime().addShutdownHook(new Thread(terminal::interrupt));
        Exit exit = run(terminal, List.of(words));
        terminal.end();
        System.exit(exit.code);
    }

    static Exit run(Terminal terminal, List<String> words) {
        Report report = new Report(terminal, words.contains("--json"));
        terminal.teller = report::tell;
        Function<MailException, Exit> failed = words.indexOf("probe") != 0 ? report::failed
                : why -> ProbeCommand.failed(terminal, Format.in(words), why);
        try {
            words.forEach(word -> Inputs.carried("'" + word + "'", word));
            return dispatch(terminal, words);
        } catch (MailException e) {
            // Who reads what these print may stop when it is enough, as head does; what was to be saved then may not be.
            boolean onlyShows = words.get(0).matches("inbox|read|stat|probe|explain|mx|trace|help|completion|-h|--help")
                    && words.stream().noneMatch(word -> word.startsWith("--save"));
            return onlyShows && terminal.hasLostReader() ? Exit.OK : failed.apply(e);
        } catch (OutOfMemoryError e) {
            return failed.apply(new MailException(Exit.IO, Stage.INPUT, "out of memory")
                    .hint("attach what is large instead of giving it as text; JAVA_TOOL_OPTIONS=-Xmx1g allows more"));
        } catch (RuntimeException e) {
            return failed.apply(new MailException(Exit.IO, Stage.INPUT, "unexpected: " + e));
        }
    }

    private static Exit dispatch(Terminal terminal, List<String> words) {
        if (words.isEmpty()) {
            terminal.err.print(Help.overview());
            return Exit.USAGE;
        }
        String first = words.get(0).matches("-h|--help") ? "help" : words.get(0);
        if (first.matches("-V|--version")) {
            terminal.print("mailtool " + VERSION + " (Java " + System.getProperty("java.version") + ")\n");
            return Exit.OK;
        }
        Command command = Command.named(first);
        Arguments arguments = new OptionParser(command).parse(words.subList(1, words.size()));
        if (arguments.has("help")) {
            terminal.print(words.contains("--help") ? command.everything() : command.screen());
            return Exit.OK;
        }
        return command.run.apply(arguments, terminal);
    }

    // ---- 2.2 Options ------------------------------------------------------------------------------------------------

    record OptionParser(Command command, List<Option> table) {
        OptionParser(Command command) {
            this(command, Option.in(command.help() + (Option.isIn(command.help(), "mx") ? Direct.HIDDEN : "")));
        }

        Arguments parse(List<String> words) {
            String seeHelp = "see mailtool " + command.name() + " -h, or --help for all of it";
            DefaultParser.Builder parser = DefaultParser.builder().setAllowPartialMatching(false);
            try {
                CommandLine line = parser.setStripLeadingAndTrailingQuotes(false).get()
                        .parse(options(), glued(words).toArray(new String[0]));
                refuseTwice(line);
                List<Map.Entry<String, String>> given = Stream.of(line.getOptions())
                        .flatMap(option -> (option.hasArg() ? option.getValuesList() : List.of("true")).stream()
                                .map(value -> Map.entry(option.getLongOpt(), value))).toList();
                return new Arguments(given, line.getArgList());
            } catch (UnrecognizedOptionException e) {
                String word = e.getOption().replaceFirst("=.*", "");
                List<String> names = Option.in(command.help()).stream().map(option -> "--" + option.name()).toList();
                throw MailException.usage("there is no option " + word).hint(Given.suggestion(word, names, seeHelp));
            } catch (MissingArgumentException e) {
                throw MailException.usage("--" + e.getOption().getLongOpt() + " needs a value").hint(seeHelp);
            } catch (ParseException e) {
                throw MailException.usage(e.getMessage());
            }
        }

        private Options options() {
            Options options = new Options();
            for (Option option : table) {
                String letter = option.letter().isEmpty() ? null : option.letter();
                options.addOption(new org.apache.commons.cli.Option(letter, option.name(), option.takesArgument(), null));
                if (option.takesMany()) {
                    options.getOption(option.name()).setArgs(org.apache.commons.cli.Option.UNLIMITED_VALUES);
                }
            }
            return options;
        }

        private void refuseTwice(CommandLine line) {
            List<String> names = Stream.of(line.getOptions()).map(org.apache.commons.cli.Option::getLongOpt).toList();
            for (Option option : table) {
                if (!option.isRepeatable() && Collections.frequency(names, option.name()) > 1) {
                    throw MailException.usage("--" + option.name() + " is given twice");
                }
            }
        }

        /** A value may look like an option: {@code -s "-5 degrees"} becomes {@code --subject=-5 degrees}, {@code -sa=b} too. */
        private List<String> glued(List<String> words) {
            Map<String, String> takers = new HashMap<>();
            table.stream().filter(option -> option.takesArgument() && !option.takesMany()).forEach(option -> {
                takers.put("--" + option.name(), "--" + option.name());
                takers.put("-" + option.letter(), "--" + option.name());
            });
            takers.remove("-");
            List<String> glued = new ArrayList<>();
            for (int i = 0; i < words.size(); i++) {
                String word = words.get(i);
                String beforeValue = word.substring(0, Math.max(0, word.indexOf('=')));
                String letter = beforeValue.length() > 2 && !takers.containsKey("-" + beforeValue) ? word.substring(0, 2) : "";
                if (takers.containsKey(word) && i + 1 < words.size()) {
                    glued.add(takers.get(word) + "=" + words.get(++i));
                } else {
                    glued.add(takers.containsKey(letter) ? takers.get(letter) + "=" + word.substring(2) : word);
                }
            }
            // A refusal of POP3 is no option.
            glued.replaceAll(word -> word.startsWith("-ERR") ? " " + word : word);
            return glued;
        }
    }

    // ==== 3. Commands ================================================================================================
    // Each has a help text, whose lines are its options, and a run in the words of the DSL. Names 1, 4, 5 and 12 only.

    // ---- 3.1 What a command is --------------------------------------------------------------------------------------

    /**
     * One word after {@code mailtool}: its help with examples and options, and what it does. An option is one line of the help,
     * with a star if {@code -h} shows it, and {@code VALUE...} if it may be given several times.
     */
    record Command(String name, String summary, String help, BiFunction<Arguments, Terminal, Exit> run) {
        static final String RUN = """

                Run:
                * -v, --verbose               show the dialogue on stderr, secrets masked
                """;
        static final String HELP = """
                * -h, --help                  -h shows the usual options, --help all of them
                """;

        /** A switch, as each start should load the one command that it runs. */
        static Command named(String name) {
            return switch (name) {
                case "send" -> Send.COMMAND;
                case "bulk" -> SendBulk.COMMAND;
                case "inbox" -> Inbox.COMMAND;
                case "read" -> Read.COMMAND;
                case "fetch" -> Fetch.COMMAND;
                case "delete" -> Delete.COMMAND;
                case "stat" -> Stat.COMMAND;
                case "probe" -> ProbeCommand.COMMAND;
                case "talk" -> Talk.COMMAND;
                case "explain" -> Explain.COMMAND;
                case "mx" -> MxCommand.COMMAND;
                case "trace" -> TraceCommand.COMMAND;
                case "help" -> Help.COMMAND;
                case "completion" -> Completion.COMMAND;
                default -> throw MailException.usage("there is no command '" + name + "'")
                        .hint(Given.suggestion(name, COMMANDS, "see mailtool help"));
            };
        }

        static Stream<Command> all() {
            return COMMANDS.stream().map(Command::named);
        }

        static Command forMaildrop(String name, String summary, String help, BiFunction<Arguments, Terminal, Exit> run) {
            return new Command(name, summary, help + Server.POP3_OPTIONS + RUN + HELP, run);
        }

        String everything() {
            return page(help.lines());
        }

        /** What fits on a screen: the examples, and of each usual option what is said first. */
        String screen() {
            Stream<String> examples = help.lines().takeWhile(line -> !line.matches("[A-Z].*:"));
            Stream<String> options = help.lines().filter(line -> line.startsWith("*")).map(line -> line.replaceFirst(";.*", ""));
            return page(Stream.concat(examples, options));
        }

        private String page(Stream<String> lines) {
            String what = "\n" + summary.substring(0, 1).toUpperCase(Locale.ROOT) + summary.substring(1) + ".\n\n";
            return lines.map(line -> line.startsWith("--", 6) ? laidOut(line) : line)
                    .collect(Collectors.joining("\n", "", "\n")).replaceFirst("\n\n", what);
        }

        /** On 80 columns; what is too long for its column stands on lines of its own. */
        private static String laidOut(String line) {
            int end = line.indexOf("  ", 6);
            String option = wrapped(line.substring(0, end).replace('*', ' '), 80, line.indexOf(' ', 6) + 1);
            String column = end > 28 ? option + "\n" + " ".repeat(30) : "%-30s".formatted(option);
            return column + wrapped(line.substring(end).strip(), 50, 30);
        }

        private static String wrapped(String text, int width, int indent) {
            return text.replaceAll("(.{1," + width + "})( |$|(?<=\\|))", "$1\n" + " ".repeat(indent)).stripTrailing();
        }

        /** The server that options and account name, with all its settings, seen on the terminal: warnings, dialogue or bar. */
        static <S> Server<S> server(Arguments arguments, Optional<Account> account, Terminal terminal,
                Function<Account, Server<S>> byAccount, Function<String, Server<S>> byUrl) {
            arguments.refuseBoth("ipv4 ipv6", "password-file password-command token-command", "insecure pin ca");
            Optional<Server<S>> byOption = arguments.value("server").map(byUrl);
            byOption.ifPresent(server -> account.ifPresent(a -> a.applyTo(server)));
            Server<S> server = byOption.or(() -> account.map(byAccount))
                    .orElseThrow(() -> MailException.usage("no server").hint("give -S URL or -A ACCOUNT"));
            return applied(arguments, server, terminal);
        }

        static <S> Server<S> applied(Arguments arguments, Server<S> server, Terminal terminal) {
            arguments.given(Server.OPTIONS + Server.SMTP_OPTIONS + Direct.OPTIONS + Direct.HIDDEN, server::set);
            server.check();
            server.warnings(terminal::warn);
            if (arguments.has("verbose")) {
                server.transcript(terminal.err::println);
            } else if (terminal.errIsTerminal) {
                server.progress(terminal.bar.lane());
                server.waiting = terminal::waiting;
            }
            return server;
        }

        static Pop3 open(Arguments arguments, Terminal terminal) {
            return server(arguments, Account.chosen(arguments), terminal, Account::pop3, Server::ofPop3).open();
        }
    }

    // ---- 3.2 send ---------------------------------------------------------------------------------------------------

    /** {@code send}: one message, from its parts or ready-made, to one server. */
    static final class Send {
        static final Command COMMAND = new Command("send", "send a message", """
                mailtool send -S URL -f FROM -t TO [options]

                  mailtool send -S smtp://localhost -f a@example.org -t b@example.org --text Hi
                  df -h | mailtool send -A ops -t team@example.org -s "disks of $(hostname)"
                  mailtool send -A ops -t you@example.org --html-file report.html -a data.csv
                  mailtool send -A ops --eml failed
                """ + Mail.OPTIONS + Server.CHOICE + Server.OPTIONS + Server.SMTP_OPTIONS + Direct.OPTIONS + Command.RUN + """
                *     --json                  print the outcome as one JSON object
                *     --dry-run               print the message and connect nowhere
                      --skip-empty            send nothing if there is no text, HTML or attachment
                """ + Command.HELP, Send::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            arguments.refuseOperands("recipients go with -t, files with -a");
            // Also in those that are not used this time.
            arguments.given(Server.OPTIONS + Server.SMTP_OPTIONS, (option, value) -> arguments.values(option));
            List<String> readers = readersOfStdin(arguments);
            if (readers.size() > 1) {
                throw MailException.contradiction(readers.get(0), readers.get(1)).hint("stdin can be read once");
            }
            arguments.refuseBoth("dry-run json", "text text-file", "html html-file", "eml text-file", "eml html-file",
                    "eml subject", "eml header", "eml reply-to", "eml text", "eml html", "eml attach", "eml inline",
                    "eml skip-empty");
            Optional<Account> account = Account.chosen(arguments);
            Mail mail = account.map(Account::mail).orElseGet(Mail::new);
            List<String> ready = arguments.values("eml");
            arguments.without("eml").given(Mail.OPTIONS, mail::set);
            List<String> files = Inputs.mails(ready);
            Report report = new Report(terminal, arguments.has("json"));
            boolean nowhere = arguments.has("dry-run") && !arguments.has("server") && !arguments.has("mx") && account.isEmpty();
            Optional<Server<Smtp>> server = nowhere ? Optional.empty() : Optional.of(server(arguments, account, terminal));
            if (files.size() > 1 || !files.equals(ready)) {
                arguments.refuseBoth("eml dry-run", "eml mx");
                return new Sendings(report, new LinkedList<>(files), new ArrayList<>()).send(mail, server.orElseThrow());
            }
            ready.forEach(mail::eml);
            if (!mail.hasBody() && readers.isEmpty()) {
                readText(mail, terminal);
            }
            return one(arguments, mail, server, report);
        }

        private static Server<Smtp> server(Arguments arguments, Optional<Account> account, Terminal terminal) {
            arguments.refuseBoth("mx server");
            if (arguments.has("dns") && !arguments.has("mx")) {
                throw MailException.usage("--dns without --mx").hint("a server of ours is found by the system");
            }
            return arguments.has("mx") ? Command.applied(arguments, Direct.server(account), terminal)
                    : Command.server(arguments, account, terminal, Account::smtp, Server::ofSmtp);
        }

        private static Exit one(Arguments arguments, Mail mail, Optional<Server<Smtp>> server, Report report) {
            Terminal terminal = report.terminal();
            Prepared prepared = mail.prepare();
            if (arguments.has("skip-empty") && mail.isEmpty()) {
                return report.notSent("the message is empty");
            }
            if (arguments.has("dry-run")) {
                prepared.warnings().forEach(terminal::warn);
                terminal.write(prepared::writeTo);
                return Exit.OK;
            }
            terminal.whenInterrupted(() -> Delivery.untried(prepared, MailException.interrupted("")).interrupted());
            try (Smtp smtp = open(server.orElseThrow(), prepared)) {
                terminal.whenInterrupted(smtp.sending::interrupted);
                return report.delivered(smtp.send(prepared));
            }
        }

        private static List<String> readersOfStdin(Arguments arguments) {
            return arguments.options().stream().map(option -> "--" + option.getKey() + " " + option.getValue())
                    .filter(option -> option.matches("--(text-file|html-file|eml) -|--attach -(;.*)?")).toList();
        }

        /** What is piped in, or typed; whatever else is wrong is told before somebody types. */
        private static void readText(Mail mail, Terminal terminal) {
            if (terminal.inIsPiped) {
                mail.set("text-file", "-");
            } else if (terminal.inIsTerminal && mail.isEmpty()) {
                mail.prepare();
                terminal.complain("type the text; Ctrl-D ends it");
                mail.set("text-file", "-");
            }
        }

        private static Smtp open(Server<Smtp> server, Prepared prepared) {
            try {
                return server.isDirect() ? new Direct(server).open(prepared) : server.open();
            } catch (MailException e) {
                Delivery.untried(prepared, e);
                throw e;
            }
        }
    }

    // ---- 3.3 help, completion, explain ------------------------------------------------------------------------------

    /** {@code help}: the commands, one command, or a topic. */
    static final class Help {
        static final Command COMMAND = new Command("help", "show help, also: help exit-codes, help accounts", """
                mailtool help [COMMAND | exit-codes | accounts]

                  mailtool help send

                Run:
                """ + Command.HELP, Help::run);

        static final String TOPICS = Completion.NAMES + " exit-codes accounts";

        static Exit run(Arguments arguments, Terminal terminal) {
            String topic = String.join(" ", arguments.operands());
            terminal.print(switch (topic) {
                case "" -> overview();
                case "exit-codes" -> Exit.table();
                case "accounts" -> AccountFile.HELP;
                default -> Command.named(Given.oneOf("help", topic, TOPICS.split(" "))).everything();
            });
            return Exit.OK;
        }

        static String overview() {
            String commands = Command.all().map(command -> "  %-11s %s\n".formatted(command.name, command.summary))
                    .collect(Collectors.joining());
            return """
                    mailtool sends and fetches mail and says exactly what happened to it.

                    %s
                      mailtool send -S smtp://localhost -f a@example.org -t b@example.org --text Hi
                      mailtool inbox -S pop3s://ops@mail.example.org -n 20

                    mailtool COMMAND -h shows its usual options, --help all that it can do.
                    """.formatted(commands);
        }
    }

    /** {@code completion}: what a shell needs to complete the commands and options. */
    static final class Completion {
        static final Command COMMAND = new Command("completion", "print completion for bash, zsh or fish", """
                mailtool completion bash|zsh|fish

                  source <(mailtool completion bash)
                  mailtool completion fish > ~/.config/fish/completions/mailtool.fish

                Run:
                """ + Command.HELP, Completion::run);

        private static final String NAMES = String.join(" ", COMMANDS);
        /** Prints the names of those that have a server; Java would take too long to start. */
        private static final String ACCOUNTS = """
                sed -nE 's/^[[:blank:]]*([^#!=:[:blank:]]+)\\.(server|pop3)[[:blank:]]*[=:].*/\\1/p' \
                "${XDG_CONFIG_HOME:-$HOME/.config}/mailtool/accounts" 2>/dev/null | sort -u""";

        static Exit run(Arguments arguments, Terminal terminal) {
            terminal.print(switch (String.join(" ", arguments.operands())) {
                case "bash" -> bash();
                case "zsh" -> "autoload -U +X bashcompinit && bashcompinit\n" + bash();
                case "fish" -> fish();
                default -> throw MailException.usage("completion is for bash, zsh or fish").hint("try: mailtool completion bash");
            });
            return Exit.OK;
        }

        private static String bash() {
            StringBuilder cases = new StringBuilder();
            StringBuilder values = new StringBuilder();
            Command.all().forEach(command -> {
                List<Option> options = Option.in(command.help);
                String names = options.stream().map(option -> "--" + option.name()).collect(Collectors.joining(" "));
                cases.append(shellCase(command.name + "\\ -*", names));
                options.stream().filter(Option::hasValues).forEach(option ->
                        values.append(shellCase("*\\ " + command.name + "\\ --" + option.name(), option.values())));
            });
            return """
                    _mailtool() {
                        local current="${COMP_WORDS[COMP_CWORD]}" words=''
                        COMPREPLY=()
                        case "$COMP_CWORD ${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD-1]}" in
                            1\\ *) words='%1$s' ;;
                            2\\ help\\ *) words='--help %2$s' ;;
                            2\\ completion\\ *) words='--help bash zsh fish' ;;
                            *\\ -A | *\\ --account) words="$(%3$s)" ;;
                    %4$s        *) case "${COMP_WORDS[1]} $current" in
                    %5$s            help\\ * | completion\\ *) ;;
                                *) local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$current")); return ;;
                            esac ;;
                        esac
                        COMPREPLY=($(compgen -W "$words" -- "$current"))
                    }
                    complete -o filenames -F _mailtool mailtool
                    """.formatted(NAMES, Help.TOPICS, ACCOUNTS, values, cases);
        }

        private static String shellCase(String word, String choices) {
            return "            %s) words='%s' ;;\n".formatted(word, choices);
        }

        private static String fish() {
            StringBuilder text = new StringBuilder("""
                    function __mailtool_accounts; sh -c '%3$s'; end
                    function __mailtool_in; contains -- (commandline -opc)[2] $argv; end
                    function __mailtool_at; test (count (commandline -opc)) = $argv; end
                    complete -c mailtool -n '__mailtool_at 1' -f -a '%1$s'
                    complete -c mailtool -n '__mailtool_in help; and __mailtool_at 2' -f -a '%2$s'
                    complete -c mailtool -n '__mailtool_in completion; and __mailtool_at 2' -f -a 'bash zsh fish'
                    """.formatted(NAMES, Help.TOPICS, ACCOUNTS.replace("'", "\\'")));
            Command.all().forEach(command -> {
                for (Option option : Option.in(command.help)) {
                    String letter = option.letter().isEmpty() ? "" : " -s " + option.letter();
                    String accounts = option.name().equals("account") ? "(__mailtool_accounts)" : "";
                    String values = option.hasValues() ? option.values() : accounts;
                    String argument = !values.isEmpty() ? " -x -a '" + values + "'" : option.takesArgument() ? " -r" : "";
                    text.append("complete -c mailtool -n '__mailtool_in %s' -l %s%s%s -d '%s'\n"
                            .formatted(command.name, option.name(), letter, argument, option.help().replace("'", "\\'")));
                }
            });
            return text.toString();
        }
    }

    /** {@code explain}: what a reply means, be it given or read. */
    record Explain(Report report) {
        static final Command COMMAND = new Command("explain", "explain a server's reply, or a line of a log", """
                mailtool explain CODE... | -

                  mailtool explain 550 5.7.515
                  mailtool explain "-ERR [SYS/PERM] mailbox is disabled"
                  grep status=bounced /var/log/mail.log | mailtool explain - --json

                The last code of the line counts; without any it is exit code 65. - reads lines.

                Output:
                *     --json                  print code, enhanced, meaning, hint, retryable as one JSON object
                """ + Command.HELP, Explain::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            Explain explain = new Explain(new Report(terminal, arguments.has("json")));
            if (arguments.operands().isEmpty()) {
                throw MailException.usage("nothing to explain").hint("try: mailtool explain 550 5.7.1");
            }
            String given = String.join(" ", arguments.operands());
            Stream<String> lines = given.equals("-") ? Inputs.lines("-").map(Texts::utf8) : Stream.of(given);
            return lines.map(explain::answer).max(Comparator.naturalOrder()).orElseGet(() -> explain.answer(""));
        }

        private Exit answer(String line) {
            Facts facts;
            try {
                facts = Results.of(MailTool.explain(line));
            } catch (MailException e) {
                report.tell(e);
                report.terminal().out.flush();
                return e.exit();
            }
            report.terminal().print(report.json() ? facts.json() + "\n" : facts.lines() + "\n");
            return Exit.OK;
        }
    }

    // ---- 3.4 inbox, read --------------------------------------------------------------------------------------------

    /** {@code inbox}: a table of what is there; it changes nothing. */
    static final class Inbox {
        static final Command COMMAND = Command.forMaildrop("inbox", "list the messages in a maildrop", """
                mailtool inbox -S URL [options]

                  mailtool inbox -S pop3s://ops@mail.example.org -n 20
                  mailtool inbox -A ops --match 'from=backup@'
                  mailtool inbox -A ops --json | jq -r .subject
                """ + Selection.OPTIONS + """

                Output:
                *     --json                  print each message as one JSON object on a line
                """, Inbox::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            arguments.refuseOperands("messages are chosen with -n, --match and the like");
            Selection selection = Selection.of(arguments);
            try (Pop3 box = Command.open(arguments, terminal)) {
                boolean headers = box.showsHeaders();
                if (!headers) {
                    noHeaders(box.peer().host(), selection, terminal);
                }
                MessageTable table = new MessageTable(terminal, arguments.has("json"), headers);
                List<Reply> refused = new ArrayList<>();
                selection.each(box, List.of(), message -> table.print(table.line(message)), (message, why) -> {
                    refused.add(why.refusal());
                    table.print(table.line(message, why.refusal()));
                });
                if (table.isEmpty) {
                    terminal.note("no messages");
                }
                if (!refused.isEmpty()) {
                    String count = Texts.count(refused.size(), "message");
                    terminal.warn(box.peer().host() + " did not show the header of " + count + ": " + refused.get(0));
                }
                return Verdict.ofRefused(refused);
            }
        }

        private static void noHeaders(String host, Selection selection, Terminal terminal) {
            String problem = host + " can't show headers (no TOP)";
            if (selection.needsHeader()) {
                throw new MailException(Exit.DATA, Stage.TOP, problem).hint("only uid= and body= can be looked for there");
            }
            terminal.warn(problem + ", so there are only UIDs and sizes");
        }
    }

    /** {@code read}: messages from a server or a file, as text, as JSON, or part by part. */
    static final class Read {
        static final Command COMMAND = Command.forMaildrop("read", "read messages", """
                mailtool read N|UID|last... -S URL [options]
                mailtool read --match REGEX | -n N ... -S URL [options]
                mailtool read --eml FILE [options]

                  mailtool read -A ops last --save attachments
                  mailtool read -A ops --match 'from=backup@' --since 1d
                  mailtool read --eml message.eml --part 2 > report.pdf
                  mailtool read -A ops 12 --json | jq -r .text
                """ + Selection.OPTIONS + """

                Output:
                *     --eml FILE              read this message instead, - for stdin
                      --headers               show all header fields
                *     --raw                   write the bytes as they came
                *     --part K                write the content of part K, decoded
                *     --save DIR              save the attachments in DIR
                      --all-parts             save all other parts too
                """ + Sought.OPTIONS.replace('*', ' ') + """
                *     --json                  print each message as one JSON object on a line
                """, Read::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            arguments.refuseBoth("raw headers json part", "raw headers part save", "eml server account");
            Sought.of(arguments);
            if (arguments.has("all-parts") && !arguments.has("save")) {
                throw MailException.usage("--all-parts without --save").hint("add --save DIR");
            }
            // What a message holds could do anything to a terminal.
            refuse(arguments, terminal.outIsTerminal, "does not write to a terminal", "add > FILE, or | less");
            Optional<String> file = arguments.value("eml");
            if (file.isPresent()) {
                arguments.refuseOperands("--eml names the message");
                arguments.refuseBoth("eml match", "eml since", "eml older", "eml max-size", "eml last");
                show(Message.in(Inputs.spooled(file.get())), arguments, terminal, terminal::warn);
                return Exit.OK;
            }
            Selection selection = Selection.besideNames(arguments);
            List<String> names = arguments.operands();
            boolean several = names.size() > 1 || names.isEmpty() && selection.last > 1;
            refuse(arguments, several, "writes one message", "name one, or add -n 1");
            List<Reply> refused = new ArrayList<>();
            Set<Integer> shown = new HashSet<>();
            try (Pop3 box = Command.open(arguments, terminal)) {
                selection.each(box, names, message -> {
                    String which = "message " + message.number();
                    boolean plain = several && Stream.of("json", "save", "code", "link", "capture").noneMatch(arguments::has);
                    terminal.print(plain ? (shown.isEmpty() ? "" : "\n") + "==> " + which + " <==\n\n" : "");
                    shown.add(message.number());
                    show(message, arguments, terminal, what -> terminal.warn((several ? which + ": " : "") + what));
                }, (message, why) -> {
                    if (names.size() == 1) {
                        throw why;
                    }
                    refused.add(why.refusal());
                    terminal.warn("message " + message.number() + ": " + why.refusal());
                });
            }
            return Verdict.ofRefused(refused);
        }

        private static void refuse(Arguments arguments, boolean refused, String problem, String hint) {
            Stream.of("raw", "part").filter(option -> refused && arguments.has(option)).forEach(option -> {
                throw MailException.usage("--" + option + " " + problem).hint(hint);
            });
        }

        private static void show(Message message, Arguments arguments, Terminal terminal, Consumer<String> warnings) {
            Optional<Integer> part = arguments.value("part").map(given -> Given.number("--part", given));
            if (arguments.has("raw")) {
                terminal.write(message::writeTo);
            } else if (part.isPresent()) {
                terminal.write(message.part(part.get())::writeTo);
                message.warnings().forEach(warnings);
            } else if (arguments.has("headers")) {
                terminal.lines(message.headerLines().stream());
                message.headerWarnings().forEach(warnings);
            } else {
                whole(message, arguments, terminal, warnings);
            }
        }

        private static void whole(Message message, Arguments arguments, Terminal terminal, Consumer<String> warnings) {
            Optional<Sought> sought = Sought.of(arguments);
            List<String> found = sought.map(asked -> asked.in(message).orThrow()).orElse(List.of());
            Map<Integer, Path> saved = new LinkedHashMap<>();
            List<Attachment> wanted = arguments.has("all-parts") ? message.parts() : message.attachments();
            terminal.whenInterrupted(() -> MailException.interrupted(saved.isEmpty() ? "" : "; parts saved: " + saved.size()));
            arguments.value("save").map(folder -> Inputs.path(Given.some("--save", folder)))
                    .ifPresent(folder -> wanted.forEach(part -> saved.put(part.part(), part.saveTo(folder))));
            if (arguments.has("save") && saved.isEmpty()) {
                String others = message.otherParts().stream().map(part -> part.part() + " " + part.type())
                        .collect(Collectors.joining(", "));
                warnings.accept("no attachments to save" + (others.isEmpty() ? "" : "; other parts, for --part: " + others));
            }
            if (arguments.has("json")) {
                terminal.print(Results.of(message, saved, sought).json() + "\n");
            } else if (!found.isEmpty()) {
                terminal.lines(found.stream());
            } else if (arguments.has("save")) {
                terminal.lines(saved.values().stream().map(Path::toString));
            } else {
                new Page(terminal).show(message);
            }
            message.warnings().forEach(warnings);
        }
    }

    // ---- 3.5 delete, stat, mx ---------------------------------------------------------------------------------------

    /**
     * {@code delete}: messages go from the server. Of those chosen it has by number the line that names each, as afterwards
     * nobody can; there may be very many.
     */
    record Delete(Terminal terminal, Pop3 box, MessageTable table, SortedMap<Integer, String> chosen, List<Reply> refused) {
        static final Command COMMAND = Command.forMaildrop("delete", "delete messages on the server", """
                mailtool delete N|UID... -S URL [options]
                mailtool delete --match REGEX | --older TIME ... -S URL [options]

                  mailtool delete -A ops 3 5
                  mailtool delete -A ops --older 30d --match '^backup' --yes

                Numbers can shift between two sessions, UIDs don't: see mailtool inbox --json.
                What fetch can't read goes by number or UID; try mailtool read N --raw first.
                """ + Selection.OPTIONS + """

                Output:
                *     --dry-run               only show what would be deleted
                * -y, --yes                   do not ask
                *     --json                  print each message as one JSON object on a line
                """, Delete::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            Selection selection = Selection.besideNames(arguments);
            boolean dryRun = arguments.has("dry-run");
            boolean asks = !arguments.has("yes") && !dryRun;
            if (asks && !Terminal.canAsk()) {
                throw MailException.usage("there is no terminal to ask on").hint("add --yes, or --dry-run to look first");
            }
            selection.refuseEmptyPattern();
            terminal.whenInterrupted(() -> MailException.interrupted(terminal.bar.soFar() + ": nothing was deleted"));
            try (Pop3 box = Command.open(arguments, terminal)) {
                box.requireWholeListing();
                MessageTable lines = new MessageTable(terminal, arguments.has("json"), true);
                Delete delete = new Delete(terminal, box, lines, new TreeMap<>(), new ArrayList<>());
                List<String> names = arguments.operands();
                selection.each(box, names, message -> delete.chosen.put(message.number(), delete.table.line(message)),
                        (message, why) -> delete.unseen(message, why.refusal(), !names.isEmpty()));
                if (dryRun || asks) {
                    delete.chosen.values().forEach(delete.table::print);
                }
                String question = "Delete " + Texts.count(delete.chosen.size(), "message") + "?";
                if (!dryRun && !delete.chosen.isEmpty() && (!asks || terminal.agrees(question))) {
                    delete.go(!asks);
                } else if (asks) {
                    terminal.note("nothing deleted");
                }
                return Verdict.ofRefused(delete.refused);
            }
        }

        /** It may be the very message that has to go; one that nobody named can't be told to be meant. */
        private void unseen(Message message, Reply reply, boolean named) {
            if (named) {
                chosen.put(message.number(), table.line(message, reply));
            } else {
                stays(message.number(), reply);
            }
        }

        private void stays(int number, Reply reply) {
            refused.add(reply);
            terminal.warn("message " + number + " stays: " + reply);
        }

        /** They have gone when QUIT is answered; if it is not, nobody else knows which may have. */
        private void go(boolean shows) {
            box.delete(IntStream.of(chosen.keySet().stream().mapToInt(number -> number).toArray()), (reply, number) -> {
                if (!reply.positive()) {
                    chosen.remove(number);
                    stays(number, reply);
                }
            });
            terminal.whenInterrupted(() -> table.doubt(chosen.values(), MailException.interrupted(" before it was confirmed")));
            try {
                box.close();
            } catch (MailException e) {
                throw table.doubt(chosen.values(), e);
            }
            terminal.whenInterrupted(() -> MailException.interrupted("; deleted: " + chosen.size()));
            chosen.values().stream().filter(line -> shows).forEach(table::print);
            terminal.note(Texts.count(chosen.size(), "message") + " deleted");
        }
    }

    /** {@code stat}: what a maildrop holds, and what its server can do. */
    static final class Stat {
        static final Command COMMAND = Command.forMaildrop("stat", "show what a maildrop holds and what its server can do", """
                mailtool stat -S URL [options]

                  mailtool stat -S pop3s://ops@mail.example.org
                  mailtool stat -S pop3://mail.example.org    (without a login: what it offers)

                Output:
                *     --json                  print it as one JSON object
                """, Stat::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            arguments.refuseOperands("the server goes with -S or -A");
            try (Pop3 box = Command.open(arguments, terminal)) {
                Optional<Totals> totals = box.isLoggedIn() ? totals(box, terminal) : Optional.empty();
                Facts facts = arguments.has("json") ? Results.of(totals, box.capabilities(), box.peer()) : shown(totals, box);
                String text = arguments.has("json") ? facts.json() + "\n" : facts.lines();
                terminal.atLast(() -> terminal.print(text));
            }
            return Exit.OK;
        }

        /** A server that refuses STAT may still say what it can do. */
        private static Optional<Totals> totals(Pop3 box, Terminal terminal) {
            try {
                return Optional.of(box.totals());
            } catch (MailException e) {
                terminal.warn("STAT: " + e.refusal());
                return Optional.empty();
            }
        }

        private static Facts shown(Optional<Totals> totals, Pop3 box) {
            Facts facts = Facts.of();
            totals.ifPresent(held -> facts.and("messages", held.messages()));
            totals.filter(held -> held.octets() >= 0).ifPresent(held -> facts.and("octets", held.octets()));
            Peer peer = box.peer();
            facts.and("session", peer.tlsVersion().isEmpty() ? "without TLS" : peer.tlsVersion() + ", " + peer.cipher());
            String inClear = peer.tlsVersion().isEmpty() ? "login" : "TLS";
            Map<String, String> names = Map.of("clear", "before " + inClear, "TLS", "before login", "login", "after login");
            box.capabilities().forEach((when, lines) -> facts.and("offered " + names.get(when), String.join(", ", lines)));
            return facts;
        }
    }

    /** {@code mx}: the hosts that take the mail of a domain. */
    record MxCommand(Terminal terminal, boolean json) {
        static final Command COMMAND = new Command("mx", "show which hosts take the mail of a domain", """
                mailtool mx DOMAIN... [options]

                  mailtool mx example.org
                  mailtool mx --dns 192.0.2.53 example.org example.com

                DNS:
                *     --dns HOST[:PORT]       ask this name server instead of the system's
                      --timeout TIME          limit of each look-up, 500ms, 30s, 2m (default: 1 minute)

                Output:
                *     --json                  print each domain as one JSON object on a line

                Run:
                """ + Command.HELP, MxCommand::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            if (arguments.operands().isEmpty()) {
                throw MailException.usage("no domain").hint("try: mailtool mx example.org");
            }
            List<String> domains = arguments.operands().stream().map(Exchangers::domain).toList();
            String nameServer = arguments.value("dns").map(given -> Given.some("--dns", given)).orElse("");
            Exchangers exchangers = new Exchangers(nameServer, arguments.value("timeout").map(Given::timeout), terminal::waiting);
            MxCommand command = new MxCommand(terminal, arguments.has("json"));
            return Verdict.worst(domains.stream().map(exchangers::of).map(command::show).toList());
        }

        private Exit show(Mx mx) {
            String note = mx.nullMx() ? "  (null MX)" : mx.fallback() ? "  (no MX: its own address)" : "";
            Stream<String> lines = Stream.concat(Stream.of(mx.domain() + note), mx.hosts().stream().flatMap(MxCommand::lines));
            terminal.lines(json ? Stream.of(Results.of(mx).json()) : lines);
            mx.failure().map(Report::told).ifPresent(terminal::complain);
            return mx.failure().map(MailException::exit).orElse(Exit.OK);
        }

        private static Stream<String> lines(MxHost host) {
            String alias = host.cname().isEmpty() ? "" : " = " + host.cname();
            String line = "%5d  %s%s  %s".formatted(host.preference(), host.host(), alias, String.join(", ", host.addresses()));
            Stream<String> all = Stream.of(line.stripTrailing(), "       fault: " + host.fault());
            return all.limit(host.fault().isEmpty() ? 1 : 2);
        }
    }

    // ---- 3.6 fetch --------------------------------------------------------------------------------------------------

    /** {@code fetch}: what is new goes into a store, once. */
    static final class Fetch {
        private static final String SUMMARY = "fetch new messages into a Maildir, mbox, folder, command or server";
        static final Command COMMAND = new Command("fetch", SUMMARY, """
                mailtool fetch -S URL --maildir DIR [options]

                  mailtool fetch -S pop3s://ops@mail.example.org --maildir ~/Mail
                  mailtool fetch -A ops --mbox ~/mbox --delete-after 14d
                  mailtool fetch -A ops -A web --maildir ~/Mail/{account} --delete
                  mailtool fetch -A tickets --pipe ./import-ticket --delete
                  mailtool fetch -A ops --forward lmtp://localhost -t ops@example.org --delete
                """ + Fetching.OPTIONS + """

                Output:
                *     --json                  print a line of JSON for each message; the last one has the sums
                """ + Server.POP3_OPTIONS.replace("account NAME   ", "account NAME...") + Command.RUN + Command.HELP, Fetch::run);

        private static final String PLACES = "maildir mbox dir pipe forward";
        private static final String FATES = "delete delete-after";

        static Exit run(Arguments arguments, Terminal terminal) {
            arguments.refuseOperands("the place goes with --maildir, --mbox, --dir, --pipe or --forward");
            arguments.refuseBoth(PLACES, FATES);
            List<Optional<Account>> accounts = Account.allChosen(arguments);
            if (accounts.size() > 1) {
                arguments.refuseBoth("server account");
            }
            List<FetchJob> jobs = accounts.stream().map(account -> job(arguments, account, terminal)).toList();
            Fetchings seen = new Fetchings(terminal, arguments.has("json"), jobs.stream().map(FetchJob::account).toList());
            FetchJobs all = new FetchJobs(FetchJob.sharing(jobs), seen);
            terminal.whenEnded(all::interrupted);
            return all.run();
        }

        private static FetchJob job(Arguments arguments, Optional<Account> account, Terminal terminal) {
            Server<Pop3> server = Command.server(arguments, account, terminal, Account::pop3, Server::ofPop3);
            Fetching fetching = fetching();
            fetching.besideJson = arguments.has("json");
            fetching.accounts = Account.file(arguments);
            fetching.account = account.map(known -> known.name).orElse(server.user + "@" + server.url.host());
            String inPaths = fetching.account.replaceAll("[/\\p{Cntrl}]|^\\.+", "_");
            BiConsumer<String, String> setting = (option, value) -> fetching.set(option, value.replace("{account}", inPaths));
            account.ifPresent(known -> known.given(Fetching.OPTIONS, (option, value) -> {
                if (!isReplaced(option, arguments, known)) {
                    setting.accept(option, value);
                }
            }, PLACES, FATES));
            arguments.given(Fetching.OPTIONS, setting);
            fetching.target.ifPresent(target -> target.warnings(terminal::warn).transcript = server.transcript);
            return new FetchJob(server.where(), server.how(), server.sinks(), fetching.plan());
        }

        /** Whether the command line takes the place of an account's option; a place stands for what is deleted, too. */
        private static boolean isReplaced(String option, Arguments arguments, Account account) {
            boolean elsewhere = Stream.of(PLACES.split(" ")).anyMatch(arguments::has);
            boolean forwards = !elsewhere && account.settings.has("forward");
            String replaced = (elsewhere ? PLACES + " " + FATES : "") + (forwards ? "" : " to envelope-from");
            return arguments.has(option) || List.of(replaced.split(" ")).contains(option);
        }
    }

    // ---- 3.7 probe --------------------------------------------------------------------------------------------------

    /** For whom outcomes are told. */
    enum Format {
        TEXT, JSON, NAGIOS, PROMETHEUS;

        static Format of(Arguments arguments) {
            arguments.refuseBoth("json format");
            String[] names = Stream.of(values()).map(Format::name).toArray(String[]::new);
            Optional<Format> given = arguments.value("format").map(word -> valueOf(Given.oneOf("--format", word, names)));
            return arguments.has("json") ? JSON : given.orElse(TEXT);
        }

        /** Before the options are read, as they may be wrong. */
        static Format in(List<String> words) {
            String all = (" " + String.join(" ", words) + " ").toLowerCase(Locale.ROOT).replace("--format=", "--format ");
            return all.contains(" --json ") || all.contains(" --format json ") ? JSON
                    : all.contains(" --format nagios ") ? NAGIOS : TEXT;
        }
    }

    /** {@code probe}: a server looked at stage by stage, and told to a person, a script, Nagios or Prometheus. */
    record ProbeCommand(Terminal terminal, Format format, ProbePlan plan) {
        static final Command COMMAND = new Command("probe", "look at a server, stage by stage", """
                mailtool probe -S URL [options]

                  mailtool probe -S smtp://mail.example.org --count 10
                  mailtool probe -A ops -f ops@example.org -t a@example.org -t b@example.org
                  mailtool probe -S pop3s://mail.example.org --format nagios --crit 10s

                No login is tried without a user, no MAIL without -f, and no message is sent.
                Each step has 20 s unless --timeout is given. A warning changes no exit code.
                """ + Probing.OPTIONS + """

                Output:
                *     --format text|json|nagios|prometheus  for a person, a script, Nagios (exit code 0 to 3), Prometheus
                      --json                  the same as --format json
                *     --count N               N rounds, one a second; then the least, average and most time of each stage
                """ + Server.ANY_OPTIONS + Command.RUN + Command.HELP, ProbeCommand::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            arguments.refuseOperands("the server goes with -S or -A");
            Server<?> server = Command.server(arguments, Account.chosen(arguments), terminal, Account::any, Server::ofAny);
            Probing probing = server.probing();
            arguments.given(Probing.OPTIONS, probing::set);
            ProbeCommand command = new ProbeCommand(terminal, Format.of(arguments), probing.plan());
            return arguments.value("count").map(count -> command.rounds(Given.number("--count", count))).orElseGet(command::once);
        }

        /** Wrong usage, in the format that was asked for. */
        static Exit failed(Terminal terminal, Format format, MailException why) {
            if (format != Format.NAGIOS) {
                return new Report(terminal, format == Format.JSON).failed(why);
            }
            terminal.print(Facts.nagios("PROBE", Exit.NAGIOS_UNKNOWN, Report.told(why), Facts.of()) + "\n");
            return Exit.NAGIOS_UNKNOWN;
        }

        private Exit once() {
            ProbeRun run = new ProbeRun(plan, this::show);
            terminal.whenEnded(() -> tell(run.interrupted()));
            Probe probe = run.run();
            terminal.atLast(() -> tell(probe));
            return exit(probe);
        }

        private Exit rounds(int count) {
            if (count == 0 || format == Format.NAGIOS || format == Format.PROMETHEUS) {
                throw MailException.usage("--count takes a number from 1, with --format text or json");
            }
            ProbeRounds rounds = new ProbeRounds();
            terminal.whenEnded(() -> {
                tell(rounds);
                return Exit.INTERRUPTED;
            });
            Exit exit = rounds.run(plan, count, this::showRound);
            terminal.atLast(() -> tell(rounds));
            return exit;
        }

        private void show(ProbeStage stage) {
            String line = stage.toString();
            if (format == Format.TEXT) {
                terminal.print((stage.verdict() == ProbeVerdict.FAULT ? terminal.styled(Terminal.RED, line) : line) + "\n");
            }
        }

        /** Not while somebody says farewell. */
        private void showRound(Probe round) {
            String line = format == Format.JSON ? Results.of(round).json() : (round.ok() ? "ok     " : "fault  ") + round;
            synchronized (terminal) {
                terminal.lines(Stream.of(line));
            }
        }

        private void tell(ProbeRounds rounds) {
            terminal.print(format == Format.JSON ? Results.of(rounds).json() + "\n" : rounds.toString());
        }

        private Exit tell(Probe probe) {
            switch (format) {
                case JSON -> terminal.print(Results.of(probe).json() + "\n");
                case NAGIOS -> terminal.print(
                        Facts.nagios("PROBE", exit(probe), probe + probe.warnings(), measured(probe)) + "\n");
                case PROMETHEUS -> terminal.print(Results.metrics(probe));
                default -> probe.failure()
                        .filter(why -> probe.stages().stream().noneMatch(stage -> stage.failure().equals(probe.failure())))
                        .ifPresent(why -> terminal.complain(Report.told(why)));
            }
            return exit(probe);
        }

        private Exit exit(Probe probe) {
            boolean warns = probe.slow() || probe.certificate().filter(shown -> shown.expiresWithin(14)).isPresent();
            Exit measured = !probe.ok() ? Exit.NAGIOS_CRITICAL : warns ? Exit.NAGIOS_WARNING : Exit.OK;
            return format != Format.NAGIOS ? probe.exit() : probe.exit() == Exit.INTERRUPTED ? Exit.NAGIOS_UNKNOWN : measured;
        }

        private Facts measured(Probe probe) {
            Facts times = Facts.of("time", Facts.measured(probe.time().toNanos() / 1e9, plan.warn(), plan.crit()));
            probe.seconds().forEach((stage, seconds) ->
                    times.and(stage, Facts.measured(seconds, Optional.empty(), Optional.empty())));
            return times;
        }
    }

    // ---- 3.8 talk ---------------------------------------------------------------------------------------------------

    /** {@code talk}: a session by hand, line by line, or from a file. */
    static final class Talk {
        static final Command COMMAND = new Command("talk", "talk to a server by hand, with TLS and login", """
                mailtool talk -S URL [FILE|-] [options]

                  mailtool talk -S smtps://ops@mail.example.org
                  mailtool talk -S pop3://mail.example.org --stop-after connect
                  mailtool talk -A ops check.talk

                What is typed or piped goes out as it is, but for these
                """ + Conversation.HELPERS + """

                In a FILE (- is stdin):
                  Empty lines and # comments are skipped. expect CODE [/REGEX/] is about the
                  last reply: expect 250, expect 5xx /relay/, expect +OK. The first that does
                  not hold ends it (exit code 80). After DATA comes a message as it stands, up
                  to a line with a lone dot. Loops and cases are Java: smtp.ask("VRFY x").

                Session:
                *     --stop-after STAGE      go no further by itself: connect, tls, ehlo or capa, auth (default)
                """ + Server.CHOICE.replaceFirst("smtp:.*", "smtp://[user@]host[:port], smtps://, lmtp://, pop3:// or pop3s://")
                + Server.OPTIONS.replace("|EXTERNAL ", "|EXTERNAL|USER|APOP ") + """
                      --helo NAME             introduce ourselves as (default: our address)
                """ + Command.RUN + Command.HELP, Talk::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            if (arguments.operands().size() > 1) {
                throw MailException.usage("one file, not " + arguments.operands().size());
            }
            Server<?> server = Command.server(arguments, Account.chosen(arguments), terminal, Account::any, Server::ofAny);
            Protocol protocol = server.url.protocol();
            Stage last = arguments.value("stop-after")
                    .map(word -> Stages.named("--stop-after", word, protocol.stages())).orElse(Stage.AUTH);
            Conversation talk = new Conversation(terminal::print, terminal.inIsTerminal, protocol,
                    arguments.operands().stream().findFirst());
            talk.run(server.where(), server.upTo(last.compareTo(Stage.AUTH) > 0 ? Stage.AUTH : last), server.sinks());
            return Exit.OK;
        }
    }

    // ---- 3.9 trace --------------------------------------------------------------------------------------------------

    /** {@code trace}: the way a message took, and whether its signatures hold. */
    static final class TraceCommand {
        static final Command COMMAND = Command.forMaildrop("trace", "show the way a message took, verify its signatures", """
                mailtool trace N|UID|last -S URL [options]
                mailtool trace --eml FILE [options]

                  mailtool trace -A ops last --body
                  mailtool trace --eml message.eml --json | jq .dkim

                Message:
                *     --eml FILE              trace this message instead, - for stdin
                *     --body                  fetch all of it (RETR), not the header only (TOP); without it DKIM is not verified
                *     --dns HOST[:PORT]       ask this name server for the keys of signatures

                Output:
                *     --json                  print it as one JSON object
                """, TraceCommand::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            arguments.refuseBoth("eml server account");
            Optional<String> file = arguments.value("eml");
            if (arguments.operands().size() != (file.isPresent() ? 0 : 1)) {
                throw MailException.usage("trace takes one message").hint("give a number, a UID or last; or --eml FILE");
            }
            if (file.isPresent()) {
                return show(Message.in(Inputs.spooled(file.get())), arguments, terminal);
            }
            try (Pop3 box = Command.open(arguments, terminal)) {
                return show(box.message(arguments.operands().get(0)), arguments, terminal);
            }
        }

        private static Exit show(Message message, Arguments arguments, Terminal terminal) {
            if (arguments.has("body")) {
                message.body.get();
            }
            String nameServer = arguments.value("dns").map(given -> Given.some("--dns", given)).orElse("");
            Trace trace = message.trace(nameServer, arguments.value("timeout").map(Given::timeout), terminal::waiting);
            message.headerWarnings().forEach(terminal::warn);
            if (arguments.has("json")) {
                terminal.print(Results.of(trace).json() + "\n");
            } else {
                new Way(terminal, trace).show();
            }
            return Exit.OK;
        }
    }

    /** What a person sees of a trace; of a hop on two lines, as names are long. */
    record Way(Terminal terminal, Trace trace) {
        void show() {
            Duration longest = trace.slowest().flatMap(index -> trace.hops().get(index).delay()).orElse(Duration.ZERO);
            String slowest = trace.slowest().map(index -> ", longest in hop " + (index + 1) + ": " + clock(longest)).orElse("");
            String replyTo = trace.replyTo().isEmpty() ? "none" : trace.replyTo();
            terminal.print(Facts.of("Return-Path", trace.returnPath(), "From", trace.from(), "Reply-To", replyTo)
                    .and("hops", trace.hops().size(), "under way", trace.total().map(Way::clock).orElse("unknown") + slowest)
                    .and("repeated", trace.duplicates().isEmpty() ? "no field" : String.join(", ", trace.duplicates())).lines());
            int room = (terminal.outIsTerminal ? terminal.columns() : 80) - 37;
            double scale = Math.max(1.0, Math.min(40, room)) / Math.max(1, longest.toSeconds());
            terminal.lines(IntStream.range(0, trace.hops().size()).boxed().flatMap(index -> hop(index, scale)));
            terminal.lines(Stream.concat(trace.recorded().stream(), trace.dkim().stream().map(Dkim::toString))
                    .flatMap(line -> Stream.of("", line)));
        }

        private Stream<String> hop(int index, double scale) {
            Hop hop = trace.hops().get(index);
            String time = hop.time().map(Instant::toString).orElse("no time");
            String delay = hop.delay().map(Way::clock).orElse("");
            int length = (int) Math.ceil(scale * Math.max(0, hop.delay().orElse(Duration.ZERO).toSeconds()));
            String bar = hop.clockIsOff() ? "a clock is off" : "#".repeat(length);
            return Stream.of("", "%3d  %-20s %9s  %s".formatted(index + 1, time, delay, bar), "     " + hop)
                    .map(line -> terminal.outIsTerminal ? Widths.cut(line, terminal.columns()) : line).map(String::stripTrailing);
        }

        private static String clock(Duration delay) {
            return (delay.isNegative() ? "-" : "") + Texts.clock(delay.abs().toSeconds());
        }
    }

    // ---- 3.10 bulk --------------------------------------------------------------------------------------------------

    /** {@code bulk}: a mail for each row of a table, once, however many runs it takes. */
    static final class SendBulk {
        static final Command COMMAND = new Command("bulk", "send a mail to each row of a table, once", """
                mailtool bulk --data FILE --template FILE --campaign NAME -S URL [options]

                  mailtool bulk -A ops --data a.csv --template a.txt --campaign may --dry-run
                  mailtool bulk -A ops --data a.csv --template a.txt --campaign may --rate 14/s

                Run it again after whatever happened: what was accepted is never sent again.
                """ + Bulk.OPTIONS + """

                Output:
                *     --dry-run               only print the first mail; or that of --only
                *     --status                only say how the campaign stands
                * -y, --yes                   do not ask
                *     --json                  print a line of JSON for each row; the last one has the sums
                """ + Server.CHOICE + Server.OPTIONS + Server.SMTP_OPTIONS.replaceFirst(".*--retry .*\n", "") + Command.RUN
                + Command.HELP, SendBulk::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            arguments.refuseOperands("the table goes with --data");
            arguments.refuseBoth("dry-run json", "dry-run status", "dry-run yes", "status yes", "status only");
            Bulk bulk = new Bulk(arguments.value("data").map(Bulk::read));
            arguments.given(Bulk.OPTIONS, bulk::set);
            bulk.warnings().forEach(terminal::warn);
            BulkReport report = new BulkReport(terminal, arguments.has("json"));
            if (arguments.has("status")) {
                try (Campaign campaign = bulk.open(Optional.empty(), false, terminal::complain)) {
                    return report.sums(campaign.status(report::stands));
                }
            }
            Optional<Account> account = Account.chosen(arguments);
            if (arguments.has("dry-run")) {
                return show(bulk.open(account, false, terminal::complain), terminal);
            }
            Server<Smtp> server = Command.server(arguments, account, terminal, Account::smtp, Server::ofSmtp);
            try (Campaign campaign = bulk.open(account, true, terminal::complain).check()) {
                return send(campaign, bulk, server, report, arguments);
            }
        }

        private static Exit show(Campaign campaign, Terminal terminal) {
            try (campaign) {
                terminal.complain(counted(campaign.check()));
                campaign.sample().ifPresent(mail -> terminal.write(mail::writeTo));
                return Exit.OK;
            }
        }

        private static String counted(Campaign campaign) {
            return campaign.count() + " of " + Texts.count(campaign.rows(), "mail") + " to send";
        }

        private static Exit send(Campaign campaign, Bulk bulk, Server<Smtp> server, BulkReport report, Arguments arguments) {
            Terminal terminal = report.terminal();
            campaign.doneAt().ifPresent(when -> terminal.complain("all of it was done by " + when));
            if (campaign.templateHasChanged()) {
                terminal.warn("the template is not the one that others of this campaign were made of");
            }
            if (campaign.count() > 0) {
                campaign.sample().ifPresent(report::shown);
                terminal.complain(counted(campaign));
                if (!arguments.has("yes") && !agreed(terminal)) {
                    return Exit.OK;
                }
            }
            terminal.whenEnded(() -> report.told(campaign.interrupted()));
            BulkSums sums = bulk.send(campaign, server, report::told);
            campaign.failed().map(file -> again(arguments, file, campaign.journal())).ifPresent(terminal::complain);
            return report.sums(sums);
        }

        /** The line that feeds back what went wrong. */
        private static String again(Arguments arguments, Path failed, Path journal) {
            Set<String> others = Set.of("data", "journal", "failed", "shard", "limit", "only", "yes", "json");
            String rest = arguments.options().stream().filter(option -> !others.contains(option.getKey()))
                    .map(option -> "--" + option.getKey() + " " + quoted(option.getValue())).collect(Collectors.joining(" "))
                    .replaceAll("(--(insecure|ipv4|ipv6|verbose)) true", "$1");
            return "once mended, these go by: mailtool bulk --data " + quoted(failed.toString()) + " --journal "
                    + quoted(journal.toString()) + " " + rest;
        }

        private static String quoted(String word) {
            return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
        }

        private static boolean agreed(Terminal terminal) {
            Optional<String> answer = terminal.errIsTerminal ? Asking.typed("Send? [y/N] ") : Optional.empty();
            String words = answer.orElseThrow(() -> MailException.usage("there is no terminal to ask on")
                    .hint("add --yes, or --dry-run to look first"));
            boolean agrees = words.strip().matches("(?i)y|yes");
            terminal.note(agrees ? "" : "nothing sent");
            return agrees;
        }
    }

    /** What becomes of a campaign's rows, as it happens: to a script each of them, to a person what went wrong. */
    static final class BulkReport {
        private static final long MINUTE_NANOS = 60_000_000_000L;
        private static final int SHOWN = 4000;
        private final Terminal terminal;
        private final boolean json;
        private final Map<Fate, Integer> counts = new EnumMap<>(Fate.class);
        private long nextLine = System.nanoTime() + MINUTE_NANOS;

        BulkReport(Terminal terminal, boolean json) {
            this.terminal = terminal;
            this.json = json;
        }

        Terminal terminal() {
            return terminal;
        }

        /** What a person looks at before anything is sent. */
        void shown(Prepared mail) {
            ByteArrayOutputStream octets = new ByteArrayOutputStream();
            try {
                mail.writeTo(octets);
            } catch (IOException e) {
                throw new MailException(Exit.IO, Stage.INPUT, "can't read the mail: " + Texts.cause(e));
            }
            String text = octets.toString(UTF_8);
            terminal.err.println(Texts.escapedLines(text.substring(0, Math.min(SHOWN, text.length()))));
        }

        void told(BulkOutcome outcome) {
            counts.merge(outcome.fate(), 1, Integer::sum);
            if (json) {
                terminal.print(Results.of(outcome).json() + "\n");
            } else if (outcome.fate() == Fate.REFUSED || outcome.fate() == Fate.UNKNOWN) {
                terminal.complain("row " + outcome.row() + " (" + outcome.key() + "): " + Texts.name(outcome.fate())
                        + (outcome.reply().isEmpty() ? "" : ": " + outcome.reply()));
            }
            if (!terminal.errIsTerminal && System.nanoTime() - nextLine > 0) {
                nextLine += MINUTE_NANOS;
                terminal.complain(counts.toString());
            }
        }

        /** A key that is not accepted, for who only looks. */
        void stands(String key, Fate fate) {
            String name = Texts.name(fate);
            terminal.print(json ? Facts.of("key", key, "outcome", name).json() + "\n" : "");
        }

        Exit sums(BulkSums sums) {
            terminal.atLast(() -> told(sums));
            return sums.exit();
        }

        Exit told(BulkSums sums) {
            terminal.out.print((json ? Results.of(sums).json() : sums) + "\n");
            sums.failure().ifPresent(why -> terminal.complain(Report.told(why)));
            return sums.exit();
        }
    }

    // ---- 3.11 Outcomes ----------------------------------------------------------------------------------------------

    /** How an outcome is told: to a script as one JSON object, to a person in a line or two, and as an exit code. */
    record Report(Terminal terminal, boolean json) {
        Exit failed(MailException problem) {
            terminal.atLast(() -> tell(problem));
            return problem.exit();
        }

        void tell(MailException problem) {
            if (json) {
                terminal.out.print(Results.of(problem).json() + "\n");
            } else if (problem.stage() != Stage.INPUT || !terminal.hasLostReader()) {
                // Who stops reading, as head does, knows it.
                terminal.complain(told(problem));
                problem.delivery().ifPresent(this::refused);
            }
        }

        static String told(MailException problem) {
            return problem.inOneLine();
        }

        Exit delivered(Delivery delivery) {
            terminal.atLast(() -> tell("", () -> Results.of(delivery), delivery, terminal::note));
            return delivery.exit();
        }

        /** One of several, told whoever is looking. */
        void delivered(String file, Delivery delivery) {
            Supplier<Facts> facts = () -> Facts.of("file", file).and(Results.of(delivery));
            tell(file + ": ", facts, delivery, line -> terminal.lines(Stream.of(line)));
        }

        private void tell(String which, Supplier<Facts> facts, Delivery delivery, Consumer<String> goodNews) {
            if (json) {
                terminal.print(facts.get().json() + "\n");
            } else if (delivery.ok()) {
                goodNews.accept(which + told(delivery));
            } else {
                terminal.complain(which + told(delivery));
                refused(delivery);
            }
        }

        private static String told(Delivery delivery) {
            int all = delivery.recipients().size();
            int accepted = all - delivery.refused().size();
            String inPart = accepted + " of " + all + " recipients got it" + delivery.queued() + ", refused were:";
            return delivery.failure().map(Report::told).orElseGet(() -> accepted < all ? inPart : delivery.toString());
        }

        Exit notSent(String why) {
            terminal.complain(why + ", so it is not sent");
            terminal.print(json ? Results.of(Results.NOTHING).json() + "\n" : "");
            return Exit.OK;
        }

        private void refused(Delivery delivery) {
            if (delivery.failure().isPresent()) {
                delivery.recipients().stream().filter(Recipient::ok)
                        .forEach(recipient -> terminal.complain("  <" + recipient.address() + "> has it"));
            }
            delivery.refused().stream().filter(one -> delivery.recipients().size() > 1 && one.reply().isPresent())
                    .forEach(one -> terminal.complain("  " + one));
        }
    }

    // ---- 3.12 Results -----------------------------------------------------------------------------------------------

    /** What became of things, as facts: always the same names, with null for what there was not. */
    static final class Results {
        private static final Delivery NOTHING = Delivery.nothing(Peer.NONE, Millis.NONE, Optional.empty());

        static Facts of(MailException problem) {
            return outcome(problem.exit(), Optional.of(problem), problem.delivery().orElse(NOTHING));
        }

        static Facts of(Delivery delivery) {
            return outcome(delivery.exit(), delivery.ok() ? Optional.empty() : Optional.of(delivery.problem()), delivery);
        }

        private static Facts outcome(Exit exit, Optional<MailException> problem, Delivery delivery) {
            List<Facts> recipients = delivery.recipients().stream().map(Results::recipient).toList();
            return exit(exit)
                    .and(problem(problem))
                    .and("retryable", problem.map(MailException::retryable).orElse(false))
                    .and(reply(problem.flatMap(MailException::reply).or(delivery::reply)))
                    .and(hint(problem))
                    .and("messageId", text(delivery.messageId()), "queueId", text(delivery.queueId()), "bytes", delivery.bytes())
                    .and(peer(delivery.peer()))
                    .and("millis", delivery.millis(), "recipients", recipients, "warnings", delivery.warnings());
        }

        private static Facts problem(Optional<MailException> problem) {
            Optional<String> stage = problem.map(MailException::place);
            return Facts.of("stage", stage, "error", problem.map(MailException::getMessage));
        }

        private static Facts hint(Optional<MailException> problem) {
            return Facts.of("hint", problem.flatMap(found -> text(found.hint())));
        }

        private static Facts recipient(Recipient recipient) {
            return Facts.of("address", recipient.address(), "ok", recipient.ok()).and(reply(recipient.reply()));
        }

        private static Facts reply(Optional<Reply> reply) {
            Optional<String> enhanced = reply.flatMap(found -> text(found.enhanced()));
            return Facts.of("code", reply.map(Reply::code), "enhanced", enhanced, "reply", reply.map(Reply::text));
        }

        private static Facts peer(Peer peer) {
            return Facts.of("host", text(peer.host()), "address", text(peer.address()), "tls", tls(peer));
        }

        private static Facts tls(Peer peer) {
            Optional<Boolean> verified = text(peer.tlsVersion()).map(version -> peer.verified());
            return Facts.of("version", text(peer.tlsVersion()), "cipher", text(peer.cipher()), "verified", verified);
        }

        private static Facts exit(Exit exit) {
            return Facts.of("ok", exit == Exit.OK, "exit", exit.code);
        }

        static Facts of(Optional<Totals> totals, Map<String, List<String>> capabilities, Peer peer) {
            return exit(Exit.OK)
                    .and("messages", totals.map(Totals::messages), "octets", totals.flatMap(held -> size(held.octets())))
                    .and(peer(peer))
                    .and("capabilities", capabilities);
        }

        /** A round, or the only one. */
        static Facts of(Probe probe) {
            return exit(probe.exit()).and(problem(probe.failure())).and(hint(probe.failure()))
                    .and("host", probe.peer().host(), "port", probe.port()).and(peer(probe.peer()))
                    .and("stages", probe.stages().stream().map(Results::stage).toList());
        }

        private static Facts stage(ProbeStage stage) {
            Optional<Object> code = stage.reply().map(reply -> reply.code() > 0 ? reply.code() : reply.status());
            return Facts.of("stage", stage.name(), "verdict", stage.verdict().name().toLowerCase(Locale.ROOT))
                    .and(reply(stage.reply())).and("code", code)
                    .and("millis", stage.time().toMillis(), "text", text(stage.text()), "hint", text(stage.hint()));
        }

        /** As Prometheus reads it. */
        static String metrics(Probe probe) {
            Supplier<Facts> labels = () -> Facts.of("host", probe.peer().host(), "port", probe.port());
            Map<Facts, Double> success = Map.of(labels.get(), probe.ok() ? 1.0 : 0.0);
            Map<Facts, Double> seconds = new LinkedHashMap<>();
            probe.protocol().stageNames().forEach(stage ->
                    seconds.put(labels.get().and("stage", stage), probe.seconds().getOrDefault(stage, Double.NaN)));
            return Facts.prometheus("mailtool_probe_success", "Whether all went well.", success)
                    + Facts.prometheus("mailtool_probe_stage_seconds", "Time of each stage, NaN if it was not reached.", seconds);
        }

        static Facts of(ProbeRounds rounds) {
            List<Facts> stages = new ArrayList<>();
            rounds.seconds.forEach((stage, all) -> stages.add(Facts.of("stage", stage, "min", millis(all.getMin()))
                    .and("average", millis(all.getAverage()), "max", millis(all.getMax()))));
            return Facts.of("rounds", rounds.rounds, "failed", rounds.failed, "stages", stages);
        }

        private static double millis(double seconds) {
            return Math.round(seconds * 1e4) / 10.0;
        }

        static Facts of(Message message) {
            return known(message)
                    .and("date", message.date().map(DateTimeFormatter.ISO_OFFSET_DATE_TIME::format), "from", message.from())
                    .and("to", message.to(), "subject", message.subject(), "size", size(message.size()));
        }

        /** Of a message whose header the server does not show. */
        static Facts withoutHeader(Message message) {
            return known(message).and("date", null, "from", null, "to", null, "subject", null, "size", size(message.size()));
        }

        private static Facts known(Message message) {
            return Facts.of("number", Optional.of(message.number()).filter(any -> any > 0), "uid", text(message.uid()));
        }

        /** A message, and where its parts were saved. */
        static Facts of(Message message, Map<Integer, Path> saved) {
            Stream<Facts> attachments = message.attachments().stream().map(part -> attachment(part).and(file(part, saved)));
            Stream<Facts> parts = message.parts().stream().map(part -> part(part).and(file(part, saved)));
            return of(message)
                    .and("cc", message.cc(), "messageId", message.messageId())
                    .and("text", message.text().isBlank() ? message.readable() : message.text(), "html", message.html())
                    .and("attachments", attachments.toList(), "parts", parts.toList());
        }

        static Facts of(Message message, Map<Integer, Path> saved, Optional<Sought> sought) {
            return of(message, saved).and(sought.isEmpty() ? Facts.of() : found(message, sought));
        }

        /** What is found in a message, whatever is sought. */
        static Facts found(Message message, Optional<Sought> sought) {
            List<Facts> links = message.links().stream().map(link -> Facts.of("url", link.url(), "text", link.text())).toList();
            return Facts.of("otp", Optional.of(message.codes()).filter(codes -> codes.size() == 1).map(codes -> codes.get(0)))
                    .and("links", links, "capture", sought.flatMap(asked -> asked.captured(message)));
        }

        private static Facts attachment(Attachment part) {
            return Facts.of("part", part.part(), "name", part.name(), "type", part.type(), "size", part.size());
        }

        private static Facts part(Attachment part) {
            return Facts.of("number", part.part(), "type", part.type(), "name", part.name(), "contentId", text(part.contentId()))
                    .and("size", part.size(), "shown", part.isShown(), "attachment", part.isAttached());
        }

        private static Facts file(Attachment part, Map<Integer, Path> saved) {
            return saved.containsKey(part.part()) ? Facts.of("file", saved.get(part.part()).toString()) : Facts.of();
        }

        static Facts of(Trace trace) {
            return Facts.of("hops", trace.hops().stream().map(Results::hop).toList())
                    .and("totalSeconds", trace.total().map(Duration::toSeconds), "slowest", trace.slowest())
                    .and("duplicates", trace.duplicates(), "dkim", trace.dkim().stream().map(Results::signature).toList());
        }

        private static Facts hop(Hop hop) {
            Optional<Object> tls = text(hop.tls()).map(known -> known.equals("TLS") ? (Object) true : known);
            return Facts.of("from", text(hop.from()), "by", text(hop.by()), "with", text(hop.with()), "id", text(hop.id()))
                    .and("for", text(hop.recipient()), "tls", tls, "time", hop.time().map(Instant::toString))
                    .and("delaySeconds", hop.delay().map(Duration::toSeconds), "raw", hop.raw());
        }

        private static Facts signature(Dkim dkim) {
            return Facts.of("domain", text(dkim.domain()), "selector", text(dkim.selector()))
                    .and("algorithm", text(dkim.algorithm()), "result", dkim.result().name().toLowerCase(Locale.ROOT))
                    .and("reason", text(dkim.reason()));
        }

        static Facts of(Fetched message) {
            return Facts.of("account", message.account(), "number", message.number(), "uid", text(message.uid()))
                    .and("ok", message.ok(), "file", text(message.file()), "size", message.size(), "deleted", message.deleted())
                    .and("reply", message.reply().map(Reply::toString))
                    .and("error", message.failure().map(MailException::getMessage));
        }

        static Facts of(Explanation reply) {
            Object code = reply.code().matches("\\d+") ? Integer.valueOf(reply.code()) : text(reply.code());
            return Facts.of("code", code, "enhanced", text(reply.enhanced()))
                    .and("meaning", reply.meaning(), "hint", text(reply.hint()), "retryable", reply.retryable());
        }

        static Facts of(Mx mx) {
            List<Facts> hosts = mx.hosts().stream().map(host -> Facts.of("host", host.host(), "preference", host.preference())
                    .and("addresses", host.addresses(), "cname", text(host.cname()), "fault", text(host.fault()))).toList();
            return Facts.of("domain", mx.domain(), "nullMx", mx.nullMx(), "fallback", mx.fallback(), "hosts", hosts);
        }

        static Facts of(BulkOutcome row) {
            Optional<Integer> code = Optional.of(row.code()).filter(known -> known > 0);
            return Facts.of("key", row.key(), "row", row.row(), "outcome", Texts.name(row.fate()), "code", code)
                    .and("reply", text(row.reply()), "messageId", text(row.messageId()), "queueId", text(row.queueId()));
        }

        static Facts of(BulkSums sums) {
            return Facts.of("rows", sums.rows(), "accepted", sums.accepted(), "before", sums.before(), "refused", sums.refused())
                    .and("deferred", sums.deferred(), "unknown", sums.unknown(), "suppressed", sums.suppressed());
        }

        static Facts of(List<Summary> summaries, Exit exit) {
            return exit(exit).and(sums(summaries)).and("accounts", summaries.stream().map(Results::account).toList());
        }

        private static Facts account(Summary summary) {
            return Facts.of("account", summary.account()).and(exit(summary.exit())).and(sums(List.of(summary)))
                    .and(problem(summary.failure())).and(hint(summary.failure()));
        }

        private static Facts sums(List<Summary> all) {
            return Facts.of("fetched", sum(all, Summary::fetched), "size", sum(all, Summary::octets))
                    .and("known", sum(all, Summary::known), "skipped", sum(all, Summary::skipped))
                    .and("refused", sum(all, Summary::refused), "deleted", sum(all, Summary::deleted));
        }

        private static long sum(List<Summary> all, ToLongFunction<Summary> number) {
            return all.stream().mapToLong(number).sum();
        }

        private static Optional<String> text(String value) {
            return Optional.of(value).filter(known -> !known.isEmpty());
        }

        private static Optional<Long> size(long octets) {
            return Optional.of(octets).filter(known -> known >= 0);
        }
    }

    // ---- 3.13 Views -------------------------------------------------------------------------------------------------

    record Page(Terminal terminal) {
        void show(Message message) {
            ZoneId here = ZoneId.systemDefault();
            String date = message.date().map(then -> terminal.outIsTerminal ? then.atZoneSameInstant(here) : then)
                    .map(DateTimeFormatter.RFC_1123_DATE_TIME::format)
                    .orElseGet(() -> String.join(" ", message.header("Date")));
            field("From", message.from());
            field("To", message.to());
            field("Cc", message.cc());
            field("Reply-To", message.replyTo().equals(message.from()) ? "" : message.replyTo());
            field("Date", date);
            field("Subject", message.subject());
            String text = Texts.escapedLines(message.readable());
            terminal.print(text.isEmpty() ? "" : "\n" + text + (text.endsWith("\n") ? "" : "\n"));
            show("Attachments", message.attachments());
            show("Other parts", message.otherParts());
        }

        private void field(String name, String value) {
            terminal.lines(Stream.of(value).filter(there -> !there.isEmpty()).map(there -> name + ": " + there));
        }

        private void show(String title, List<Attachment> parts) {
            if (!parts.isEmpty()) {
                terminal.print("\n" + title + ":\n");
                terminal.lines(parts.stream().map(Attachment::toString));
            }
        }
    }

    /** Messages as a table on a terminal, as lines of fields between tabs in a pipe, or as one JSON object on each line. */
    static final class MessageTable {
        /** A name and its address; a name that looks like an address may be there to deceive. */
        private static final Pattern NAMED = Pattern.compile("(?:\"([^\"\\\\@]+)\"|([^\"<>,@]+)) <[^<>]*>");
        private final Terminal terminal;
        private final boolean json;
        private final boolean headers;
        private final int date;
        private final int from;
        private final int subject;
        boolean isEmpty = true;

        MessageTable(Terminal terminal, boolean json, boolean headers) {
            this.terminal = terminal;
            this.json = json;
            this.headers = headers;
            int columns = terminal.outIsTerminal ? terminal.columns() : 80;
            date = columns < 64 ? "2026-11-03".length() : "2026-11-03 10:20".length();
            int left = Math.max(10, columns - date - 18);
            from = Math.min(24, left / 3);
            subject = left - from;
        }

        String line(Message message) {
            if (json) {
                return (headers ? Results.of(message) : Results.withoutHeader(message)).json();
            }
            if (!headers) {
                return tabbed(message.number(), message.uid(), size(message));
            }
            return row(message, message.date(), message.from(), message.subject());
        }

        /** A message whose header the server does not show. */
        String line(Message message, Reply refusal) {
            return terminal.styled(Terminal.RED, json ? Results.withoutHeader(message).json()
                    : row(message, Optional.empty(), "", "(" + refusal + ")"));
        }

        private String row(Message message, Optional<OffsetDateTime> written, String sender, String words) {
            if (!terminal.outIsTerminal) {
                String iso = written.map(DateTimeFormatter.ISO_OFFSET_DATE_TIME::format).orElse("");
                return tabbed(message.number(), iso, sender, words, size(message));
            }
            Optional<LocalDateTime> here = written.map(then -> then.atZoneSameInstant(ZoneId.systemDefault()).toLocalDateTime());
            String when = here.map(then -> then.toString().replace('T', ' ').substring(0, date)).orElse("");
            String size = message.size() < 0 ? "" : Texts.size(message.size());
            return row(message.number(), when, NAMED.matcher(sender).replaceAll("$1$2"), words, size);
        }

        private String row(Object number, String when, String sender, String words, String size) {
            return "%5s  %s  %s  %s  %5s".formatted(number, Widths.cut(when, date), Widths.cut(sender, from),
                    Widths.cut(words.replaceAll("\\s+", " "), subject), size);
        }

        private static String tabbed(Object... fields) {
            return Stream.of(fields).map(field -> Texts.escape(field.toString())).collect(Collectors.joining("\t"));
        }

        private static String size(Message message) {
            return message.size() < 0 ? "" : String.valueOf(message.size());
        }

        /** Messages of which nobody knows whether they are deleted, and why. */
        MailException doubt(Collection<String> lines, MailException why) {
            lines.forEach(line -> terminal.warn("perhaps deleted: " + line.replaceAll("\\t|\033\\[\\d*m", " ")));
            return why;
        }

        /** Each line at once, so that a reader who has enough ends it. */
        void print(String line) {
            if (isEmpty && headers && !json && terminal.outIsTerminal) {
                terminal.print(terminal.styled(Terminal.DIM, row("No", "Date", "From", "Subject", "Size")) + "\n");
            }
            isEmpty = false;
            terminal.print(line + "\n");
        }
    }

    /** How wide text is on a terminal: East Asian letters and pictures take two cells, marks none (UAX 11, UAX 29). */
    static final class Widths {
        private static final Pattern LETTER = Pattern.compile("\\X");
        private static final Pattern MARK = Pattern.compile("[\\p{Mn}\\p{Me}\\p{Cf}]");
        /** With what makes a picture of any other letter. */
        private static final Pattern WIDE = Pattern.compile("[⌚⌛⏩-⏬⏰⏳◽◾☔☕♈-♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓-❕❗➕-➗➰➿⬛⬜⭐⭕"
                + "\\u1100-\\u115f\\u2329\\u232a\\u2e80-\\u303e\\u3041-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe0f"
                + "\\ufe10-\\ufe19\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6\\x{16fe0}-\\x{1b2ff}\\x{1f004}\\x{1f0cf}"
                + "\\x{1f18e}-\\x{1f64f}\\x{1f680}-\\x{1f6ff}\\x{1f7e0}-\\x{1f7f0}\\x{1f900}-\\x{1faff}\\x{20000}-\\x{3fffd}]");

        /** The text, escaped, in exactly so many cells, cut or filled up. */
        static String cut(String text, int cells) {
            List<String> letters = LETTER.matcher(Texts.escape(text)).results().map(MatchResult::group).toList();
            boolean fits = letters.stream().mapToInt(Widths::of).sum() <= cells;
            int room = fits ? cells : cells - 1;
            StringBuilder cut = new StringBuilder();
            for (String letter : letters) {
                if (of(letter) > room) {
                    break;
                }
                cut.append(letter);
                room -= of(letter);
            }
            return cut + (fits ? "" : "…") + " ".repeat(room);
        }

        private static int of(String letter) {
            String base = MARK.matcher(letter).replaceAll("");
            return WIDE.matcher(letter).find() ? 2 : base.codePointCount(0, base.length());
        }
    }

    /** What is seen of fetching: what each account's messages came to, and the sums. */
    record Fetchings(Terminal terminal, boolean json, List<String> accounts, List<Summary> summaries, AtomicBoolean ended)
            implements FetchView {
        Fetchings(Terminal terminal, boolean json, List<String> accounts) {
            this(terminal, json, accounts, new ArrayList<>(), new AtomicBoolean());
        }

        @Override
        public synchronized void add(Fetched message) {
            if (json) {
                terminal.out.println(Results.of(message).json());
            } else if (!message.ok()) {
                terminal.warn(message.toString());
            }
        }

        @Override
        public synchronized void add(Summary summary) {
            summaries.add(summary);
            if (!json) {
                terminal.out.println(summary.counts());
                terminal.out.flush();
                summary.failure().ifPresent(problem ->
                        terminal.complain((accounts.size() > 1 ? summary.account() + ": " : "") + Report.told(problem)));
            }
        }

        /** Tells the sums, once; of whom nothing is known by then, that was interrupted. */
        @Override
        public synchronized Exit end() {
            List<String> known = summaries.stream().map(Summary::account).toList();
            accounts.stream().filter(account -> !known.contains(account))
                    .forEach(account -> add(Summary.failed(account, MailException.interrupted(""))));
            Exit exit = Verdict.ofAll(summaries.stream().map(Summary::exit).toList());
            boolean first = !ended.getAndSet(true);
            terminal.print(json && first ? Results.of(summaries, exit).json() + "\n" : "");
            return exit;
        }
    }

    /** Several ready messages on their way: what became of each, which are left, and the sums. */
    record Sendings(Report report, List<String> rest, List<Exit> exits) {
        private static final Map<Exit, String> KINDS = Map.of(Exit.OK, "sent", Exit.PARTIAL, "sent in part", Exit.DATA, "refused",
                Exit.UNKNOWN, "unknown", Exit.TEMPORARY, "left");
        private static final Set<Exit> NO_GOOD = Set.of(Exit.USAGE, Exit.NO_INPUT, Exit.IO, Exit.CONFIG);

        /** All with the envelope that this mail may have. */
        Exit send(Mail mail, Server<Smtp> server) {
            List<String> files = List.copyOf(rest);
            Progress bar = server.progress.orElse((octets, all) -> { });
            server.progress((octets, all) -> bar.mails(exits.size(), files.size()));
            try (Smtp smtp = server.open()) {
                report.terminal.whenInterrupted(() -> interrupted(smtp));
                smtp.sending.sendEach(files.stream()
                        .map(file -> new Outgoing(() -> mail.eml(file).prepare(), delivery -> add(file, delivery))));
            } catch (MailException e) {
                return notTried(e);
            }
            tellSums();
            return Verdict.ofMessages(exits);
        }

        /** There is no session for the rest, or for any. */
        private Exit notTried(MailException why) {
            boolean any = !exits.isEmpty();
            if (!rest.isEmpty()) {
                report.terminal.complain((any ? "the rest was not tried: " : "") + Report.told(why));
            }
            leaveRest(why);
            tellSums();
            return any ? Verdict.ofMessages(exits) : why.exit();
        }

        private synchronized void add(String file, Delivery delivery) {
            if (rest.remove(file)) {
                Exit exit = NO_GOOD.contains(delivery.exit()) ? Exit.DATA : delivery.exit();
                exits.add(KINDS.containsKey(exit) ? exit : Exit.TEMPORARY);
                report.delivered(file, delivery);
            }
        }

        private synchronized void leaveRest(MailException why) {
            if (report.json) {
                Facts left = Results.of(new MailException(Exit.TEMPORARY, why.stage(), "not tried: " + Report.told(why)));
                rest.forEach(file -> report.terminal.print(Facts.of("file", file).and(left).json() + "\n"));
            }
            exits.addAll(Collections.nCopies(rest.size(), Exit.TEMPORARY));
            rest.clear();
        }

        private MailException interrupted(Smtp smtp) {
            smtp.sending.interrupted();
            leaveRest(MailException.interrupted(""));
            return MailException.interrupted(": " + sums());
        }

        private void tellSums() {
            report.terminal.atLast(() -> report.terminal.print(report.json ? "" : sums() + "\n"));
        }

        private String sums() {
            return KINDS.keySet().stream().sorted().filter(exits::contains)
                    .map(kind -> Collections.frequency(exits, kind) + " " + KINDS.get(kind)).collect(Collectors.joining(", "));
        }
    }

    // ==== 4. DSL =====================================================================================================
    // What a script says: builders make values and hand them down. No later chapter names them.

    // ---- 4.1 Messages to send ---------------------------------------------------------------------------------------

    public static Mail mail() {
        return new Mail();
    }

    /**
     * A message to be sent. Addresses are given as a header has them: several with commas, display names, comments, groups
     * (RFC 5322, 3.4). Setters return the same mail; they throw {@link MailException} with exit code 65 for control characters
     * and broken addresses, 66 for files that can't be read, 64 for what can't be meant.
     */
    public static final class Mail {
        static final String OPTIONS = """

                Message:
                * -f, --from ADDRESS...       who it is from
                * -t, --to ADDRESS...         who gets it; commas or several -t for more
                      --cc ADDRESS...         who gets a copy
                      --bcc ADDRESS...        who gets a copy that the others don't see
                      --reply-to ADDRESS...   where answers go
                  -H, --header FIELD...       one more header field, 'Name: value'
                * -s, --subject TEXT          the subject
                *     --text TEXT             the text; where no option gives a text, HTML or message, what is piped in
                *     --text-file FILE        the text from a file, - for stdin; with HTML: --text-file - --html HTML
                      --html HTML             the HTML form
                *     --html-file FILE        the HTML form from a file, - for stdin
                * -a, --attach FILE...        attach a file; 'FILE;type=text/csv;name=a.csv', or another parameter; - for stdin
                      --inline CID=FILE...    an image for <img src="cid:CID"> in the HTML
                *     --eml FILE [FILE...]    ready messages, or a folder of them, - for stdin; -f and -t are then the envelope

                Envelope:
                      --envelope-from ADDRESS  where bounces go, if not to the sender; '' for nowhere
                      --all-or-nothing        send to nobody if one recipient is refused
                      --notify never|success,failure,delay  when to send delivery notices
                      --ret full|hdrs         what a notice brings back
                      --envid ID              the identifier that a notice shows
                """;
        private static final String CID_EXAMPLE = "write it as CID=FILE, such as logo=logo.png";
        private final Map<String, List<Address>> people = new LinkedHashMap<>();
        private final List<Field> headers = new ArrayList<>();
        private final List<Supplier<AttachedFile>> attachments = new ArrayList<>();
        private final Map<String, Supplier<AttachedFile>> inlines = new LinkedHashMap<>();
        private final List<String> warnings = new ArrayList<>();
        private Optional<String> subject = Optional.empty();
        private Optional<String> text = Optional.empty();
        private Optional<String> html = Optional.empty();
        private Optional<IOSupplier<InputStream>> eml = Optional.empty();
        private Optional<String> envelopeFrom = Optional.empty();
        private String notify = "";
        private String ret = "";
        private String envid = "";
        private String domain = "";
        /** Its Message-ID, or what stands before the sender's domain in it, if that is not to be made up. */
        private String id = "";
        /** Whose people, fields and wishes count where this mail has none of that name. */
        private Optional<Mail> usual = Optional.empty();
        private boolean allOrNothing;
        private boolean invited;
        /** What stands below the text of an answer. */
        private String quote = "";

        static {
            // Otherwise Jakarta Mail searches the class path for it, once for every part.
            System.getProperties().putIfAbsent(StreamProvider.class.getName(), MailStreamProvider.class.getName());
        }

        Mail() {
        }

        /** Who it is from. With several, the first is the Sender as well (RFC 5322, 3.6.2). */
        public Mail from(String addresses) {
            return add("From", Addresses.parse("From", addresses));
        }

        /** One address with a name of any letters, not quoted nor encoded; so with {@code to}, {@code cc} and the others. */
        public Mail from(String name, String address) {
            return add("From", Addresses.named("From", name, address));
        }

        public Mail to(String addresses) {
            return add("To", Addresses.parse("To", addresses));
        }

        public Mail to(String name, String address) {
            return add("To", Addresses.named("To", name, address));
        }

        /** Several, each as {@link #to(String)} takes it. */
        public Mail to(Collection<String> addresses) {
            addresses.forEach(this::to);
            return this;
        }

        public Mail cc(String addresses) {
            return add("Cc", Addresses.parse("Cc", addresses));
        }

        public Mail cc(String name, String address) {
            return add("Cc", Addresses.named("Cc", name, address));
        }

        /** Recipients that no header names. */
        public Mail bcc(String addresses) {
            return add("Bcc", Addresses.parse("Bcc", addresses));
        }

        public Mail bcc(String name, String address) {
            return add("Bcc", Addresses.named("Bcc", name, address));
        }

        public Mail replyTo(String addresses) {
            return add("Reply-To", Addresses.parse("Reply-To", addresses));
        }

        public Mail replyTo(String name, String address) {
            return add("Reply-To", Addresses.named("Reply-To", name, address));
        }

        private Mail add(String field, List<Address> addresses) {
            people.computeIfAbsent(field, any -> new ArrayList<>()).addAll(addresses);
            return this;
        }

        /** The subject, in any language (RFC 2047). */
        public Mail subject(String words) {
            subject = Optional.of(Texts.plain(Exit.DATA, "the subject", words));
            return this;
        }

        /** One more header field, {@code "Name: value"}; several of one name stay several. */
        public Mail header(String field) {
            headers.add(Field.parse(field));
            return this;
        }

        /** The same as name and value: {@code header("X-Host", "db1")}. */
        public Mail header(String name, String value) {
            String known = Texts.known("the header " + name, value);
            return header(Texts.known("a header's name", name).replace(':', ' ') + ": " + known);
        }

        /** The plain text, of any length, lines ending as they like. */
        public Mail text(String words) {
            text = Optional.of(encodable("the text", words));
            return this;
        }

        /** The HTML form; with a text as well it is the alternative. */
        public Mail html(String markup) {
            html = Optional.of(encodable("the HTML", markup));
            return this;
        }

        /** A ready message that is sent as it is; {@code -} is stdin. Addresses given beside it are the envelope alone. */
        public Mail eml(String file) {
            Path ready = Inputs.spooled(file);
            eml = Optional.of(() -> Files.newInputStream(ready));
            return this;
        }

        /** A ready message in a file, which is read when it is prepared and sent; throws exit code 66 if it can't be. */
        public Mail eml(Path file) {
            return eml(Inputs.word(file));
        }

        /** A ready message as octets, lines ending as they like, Bcc left out as it goes (RFC 5322, 3.6.3). */
        public Mail eml(byte[] message) {
            byte[] copy = message.clone();
            eml = Optional.of(() -> new ByteArrayInputStream(copy));
            return this;
        }

        // ---- 4.2 Envelopes ------------------------------------------------------------------------------------------

        /** The reverse-path when it is not the sender; {@code ""} is the null reverse-path (RFC 5321, 4.5.5). */
        public Mail envelopeFrom(String address) {
            envelopeFrom = Optional.of(Texts.plain(Exit.DATA, "the envelope sender", address));
            return this;
        }

        public Mail allOrNothing() {
            allOrNothing = true;
            return this;
        }

        /** When a delivery notice is wanted: {@code never}, or some of {@code success,failure,delay} (RFC 3461, 4.1). */
        public Mail notify(String when) {
            notify = Given.words("--notify", when, "NEVER", "SUCCESS", "FAILURE", "DELAY");
            if (notify.contains("NEVER,") || notify.contains(",NEVER")) {
                throw MailException.usage("--notify never contradicts --notify " + when);
            }
            return this;
        }

        /** What a delivery notice brings back, {@code full} or {@code hdrs} (RFC 3461, 4.3). */
        public Mail ret(String what) {
            ret = Given.oneOf("--ret", what, "FULL", "HDRS");
            return this;
        }

        /** The identifier that a delivery notice shows (RFC 3461, 4.4). */
        public Mail envid(String id) {
            envid = Texts.plain(Exit.DATA, "the envelope id", id);
            if (id.isEmpty() || Envelope.xtext(id).length() > 100 || !Texts.isAscii(id)) {
                throw MailException.usage("--envid takes 1 to 100 ASCII characters");
            }
            return this;
        }

        /** Where addresses without a domain belong. */
        public Mail domain(String name) {
            domain = Addresses.asciiDomain(Texts.plain(Exit.DATA, "the domain", name));
            if (!domain.matches("[\\w-]+(\\.[\\w-]+)*|\\[[\\w.:]+]")) {
                throw MailException.data("'" + name + "' is no domain").hint("write it as example.org");
            }
            return this;
        }

        /** Sets or adds what the command line calls {@code --name}, such as {@code set("header", "X-Host: db1")}. */
        public Mail set(String name, String value) {
            return switch (name) {
                case "from" -> from(value);
                case "to" -> to(value);
                case "cc" -> cc(value);
                case "bcc" -> bcc(value);
                case "reply-to" -> replyTo(value);
                case "subject" -> subject(value);
                case "header" -> header(value);
                case "text" -> text(value);
                case "text-file" -> text(Inputs.text(value, warnings));
                case "html" -> html(value);
                case "html-file" -> html(Inputs.text(value, warnings));
                case "attach" -> attach(value);
                case "inline" -> inline(value);
                case "eml" -> eml(value);
                case "envelope-from" -> envelopeFrom(value);
                case "all-or-nothing" -> allOrNothing();
                case "notify" -> notify(value);
                case "ret" -> ret(value);
                case "envid" -> envid(value);
                default -> throw MailException.usage("there is no option " + name);
            };
        }

        /** By a Message-ID, or what stands before the sender's domain in it, and a date. */
        Mail identify(String id, String date) {
            this.id = id;
            return header("Date", date);
        }

        private static String encodable(String what, String words) {
            if (!Texts.isWhole(Texts.known(what, words))) {
                throw MailException.data(what + " has half a character (a lone surrogate)");
            }
            return words;
        }

        boolean hasBody() {
            return text.isPresent() || html.isPresent() || eml.isPresent();
        }

        boolean isEmpty() {
            return text.orElse("").isBlank() && html.orElse("").isBlank() && attachments.isEmpty() && eml.isEmpty();
        }

        /** Checks all of it and fixes Date and Message-ID, so that what is sent twice is the same message. */
        public Prepared prepare() {
            return prepare(Optional.empty());
        }

        /** As this account sends it. */
        private Prepared prepare(Optional<Account> by) {
            Mail rest = usual.or(() -> by.map(Account::usual)).orElse(this);
            String home = domain.isEmpty() ? rest.domain : domain;
            Map<String, List<Address>> all = new HashMap<>(eml.isPresent() ? Map.of() : rest.people);
            all.put("From", rest.people.getOrDefault("From", List.of()));
            all.putAll(people);
            List<Field> fields = new ArrayList<>(headers);
            rest.headers.stream().filter(field -> eml.isEmpty() && headers.stream().map(Field::name)
                    .noneMatch(field.name()::equalsIgnoreCase)).forEach(fields::add);
            Wishes wishes = wishes().or(rest.wishes());
            List<AttachedFile> files = attachments.stream().map(Supplier::get).toList();
            List<AttachedFile> images = inlines.values().stream().map(Supplier::get).toList();
            List<String> remarks = new ArrayList<>(warnings);
            remarks.addAll(isEmpty() ? List.of("the message is empty: no text, no HTML, no attachment") : List.of());
            html.ifPresent(markup -> ContentIds.compare(markup, images, remarks::add));
            return new Letter(all, home, id, subject, fields, textAndQuote(), html, files, images, eml, wishes, remarks)
                    .prepared();
        }

        private Wishes wishes() {
            return new Wishes(envelopeFrom, notify, ret, envid, allOrNothing);
        }

        /** HTML alone has no place for a quote. */
        private Optional<String> textAndQuote() {
            boolean alone = quote.isEmpty() || text.isEmpty() && html.isPresent();
            return alone ? text : Optional.of(text.map(words -> words.stripTrailing() + "\n\n").orElse("") + quote);
        }

        @Override
        public String toString() {
            String to = Addresses.bare(people.getOrDefault("To", List.of())).collect(Collectors.joining(", "));
            return Texts.escape("mail to " + (to.isEmpty() ? "nobody yet" : to) + ": " + subject.orElse("(no subject)"));
        }

        // ---- 4.3 What goes with them --------------------------------------------------------------------------------

        /**
         * Attaches {@code FILE}, {@code -} for stdin, or {@code FILE;type=text/csv;name=a.csv}; a file of that whole name wins. A
         * calendar with a method, {@code inv.ics;type=text/calendar;method=REQUEST}, is an invitation: another form of the text.
         */
        public Mail attach(String file) {
            return attach(AttachedFile.parse(file));
        }

        /** Attaches a file under its own name, byte for byte. */
        public Mail attach(Path file) {
            return attach(String.valueOf(file.getFileName()), file);
        }

        /** Attaches a message as one that can be opened (message/rfc822). */
        public Mail attach(Message message) {
            return attach(AttachedFile.ofMessage(message.body.get(), message.subject()));
        }

        /** Attaches a file by a name, whose ending tells the media type, unless one follows: {@code "text/csv"}. */
        public Mail attach(String name, Path content, String... type) {
            return attach(AttachedFile.of(Inputs.spooled(Inputs.word(content)), name, type));
        }

        public Mail attach(String name, byte[] content, String... type) {
            return attach(AttachedFile.of(Inputs.spooled(new ByteArrayInputStream(content), name), name, type));
        }

        /** Attaches what a stream has; it is read to its end, into a private file, and closed when the mail is first prepared. */
        public Mail attach(String name, InputStream content, String... type) {
            attachments.add(new Lazy<>(() -> counted(AttachedFile.of(Inputs.spooled(content, name), name, type))));
            return this;
        }

        private Mail attach(AttachedFile file) {
            counted(file);
            attachments.add(() -> file);
            return this;
        }

        private AttachedFile counted(AttachedFile file) {
            if (file.isInvitation() && invited) {
                throw MailException.usage("a message has one invitation").hint("attach the other without its method");
            }
            invited |= file.isInvitation();
            return file;
        }

        /** An image that the HTML shows as {@code <img src="cid:ID">}, given as {@code ID=FILE} (RFC 2392). */
        public Mail inline(String idAndFile) {
            String[] pair = Texts.plain(Exit.DATA, "the inline image", idAndFile).split("=", 2);
            if (pair.length < 2) {
                throw MailException.usage("can't read the inline image '" + idAndFile + "'").hint(CID_EXAMPLE);
            }
            return inline(pair[0], Inputs.readable(pair[1]));
        }

        /** The same from a file, whose ending tells the media type, unless one follows. */
        public Mail inline(String id, Path content, String... type) {
            Path file = Inputs.spooled(Inputs.word(content));
            AttachedFile image = AttachedFile.of(file, String.valueOf(content.getFileName()), type);
            return inline(id, () -> image);
        }

        public Mail inline(String id, byte[] content, String... type) {
            AttachedFile image = AttachedFile.of(Inputs.spooled(new ByteArrayInputStream(content), id), id, type);
            return inline(id, () -> image);
        }

        /** The same from a stream, which is read as an attached one is. */
        public Mail inline(String id, InputStream content, String... type) {
            return inline(id, new Lazy<>(() -> AttachedFile.of(Inputs.spooled(content, id), id, type)));
        }

        private Mail inline(String id, Supplier<AttachedFile> image) {
            if (!id.matches("[\\w.@+-]+")) {
                throw MailException.usage("no inline image is called '" + Texts.escape(id) + "'").hint(CID_EXAMPLE);
            }
            if (inlines.putIfAbsent(id, new Lazy<>(() -> image.get().inline(id))) != null) {
                throw MailException.usage("two inline images are called " + id);
            }
            return this;
        }
    }

    // ---- 4.4 Messages that came -------------------------------------------------------------------------------------

    /** A message in a file; it is read when something of it is asked for. */
    public static Message message(Path file) {
        return Message.in(Inputs.spooled(Inputs.word(file)));
    }

    /** A message from a stream, which is read to its end into a private file that goes when we go. */
    public static Message message(InputStream in) {
        return Message.in(Inputs.spooled(in, "the message"));
    }

    /**
     * A message that came: its header is fetched when a field is asked for, the rest when more is. What can't be decoded is
     * shown as it is; only a message that can't be fetched or read throws {@link MailException}.
     */
    public static final class Message {
        private static final Pattern MESSAGE_ID = Pattern.compile("<[!-;=?-~]+>");
        private final int number;
        private final String uid;
        private final long size;
        private final Lazy<HeaderFields> header;
        private final Lazy<Anatomy> anatomy;
        private final Lazy<Path> body;
        private final Lazy<List<Attachment>> parts = new Lazy<>(this::taken);
        private final Saving saving = new Saving();
        /** Where its number means this message. */
        Optional<Pop3Session> session = Optional.empty();

        /** Each source is asked at most once; without one of its own the header is taken from the file, which must stay. */
        Message(int number, String uid, long size, Optional<Supplier<byte[]>> header, Supplier<Path> body) {
            this.number = number;
            this.uid = uid;
            this.size = size;
            this.body = new Lazy<>(body);
            anatomy = new Lazy<>(() -> new Anatomy(this.body.get()));
            this.header = new Lazy<>(() -> header.isEmpty() || this.body.isKnown() ? anatomy.get().header
                    : HeaderFields.of(header.get().get()));
        }

        static Message in(Path file) {
            return new Message(0, "", Inputs.size(file), Optional.empty(), () -> file);
        }

        /** Its number in this session, 0 for a file. Numbers can shift between sessions, UIDs don't. */
        public int number() {
            return number;
        }

        /** Its unique id as the server lists it, "" where there is none (RFC 1939, 7). */
        public String uid() {
            return uid;
        }

        /** Its size in octets, as the server or the file system says. */
        public long size() {
            return size;
        }

        /** Who it says it is from, such as {@code Jürgen <j@example.org>}; several with commas. */
        public String from() {
            return people("From");
        }

        /** The bare address of the first of those, or "". */
        public String fromAddress() {
            return header.get().first("From").map(ReceivedAddresses::first).orElse("");
        }

        public String to() {
            return people("To");
        }

        public String cc() {
            return people("Cc");
        }

        private String people(String field) {
            return ReceivedAddresses.shown(header.get().all(field));
        }

        public String subject() {
            return header.get().first("Subject").map(EncodedWords::decoded).orElse("");
        }

        /** When it says it was written, if that can be read. */
        public Optional<OffsetDateTime> date() {
            return header.get().first("Date").flatMap(ReceivedDates::read);
        }

        /** When it came here, as its topmost Received says; else when it was written, if that can be read. */
        Optional<Instant> came() {
            return header.get().first("Received").flatMap(ReceivedDates::received).or(this::date).map(OffsetDateTime::toInstant);
        }

        /** Its Message-ID with angle brackets, or "". */
        public String messageId() {
            return header.get().first("Message-ID").map(EncodedWords::decoded).orElse("");
        }

        /** The decoded values of all header fields of that name. */
        public List<String> header(String name) {
            return header.get().all(name).stream().map(EncodedWords::decoded).toList();
        }

        public String replyTo() {
            return people("Reply-To");
        }

        /** The plain text, "" if there is none, as in much mail that is {@link #html} only. At most 2 MB are decoded. */
        public String text() {
            return reading().text();
        }

        /** The HTML form, "" if there is none. At most 2 MB are decoded. */
        public String html() {
            return reading().html();
        }

        /** The parts that have a file name or are marked as attachments, and messages within this one. */
        public List<Attachment> attachments() {
            return Rows.of(parts().stream().filter(Attachment::isAttached).toList());
        }

        /** All parts but those that only hold others, in their order; a message within this one is one part. */
        public List<Attachment> parts() {
            return parts.get();
        }

        /** What could not be read as it should, as far as it has been read by now. */
        public List<String> warnings() {
            return List.copyOf(anatomy.get().warnings);
        }

        /** Its way, with keys from the name servers of the system. */
        public Trace trace() {
            return trace("");
        }

        /** Its way, with keys from the name server {@code HOST[:PORT]}; a body that nobody has fetched is not fetched. */
        public Trace trace(String nameServer) {
            return trace(nameServer, Optional.empty(), line -> { });
        }

        Trace trace(String nameServer, Optional<Duration> timeout, Consumer<String> waiting) {
            TextRecords keys = Dns.at(nameServer, timeout.or(() -> Optional.of(Duration.ofSeconds(20))), waiting).once();
            return ReceivedField.trace(header.get(), headerLines(), body.isKnown() ? DkimSignature.verified(body.get(), keys)
                    : DkimSignature.unread(header.get().all("DKIM-Signature")));
        }

        /** The bytes as they came. */
        public InputStream raw() {
            return Inputs.stream(body.get());
        }

        public void writeTo(OutputStream out) throws IOException {
            try (InputStream in = raw()) {
                in.transferTo(out);
            }
        }

        /** All fields as a person reads them. */
        List<String> headerLines() {
            return header.get().entries().stream()
                    .map(field -> field.name() + ": " + EncodedWords.decoded(field.value()).replaceAll("[ \\t]+", " ")).toList();
        }

        /** What of the header could not be read as it should. */
        List<String> headerWarnings() {
            return header.get().warnings();
        }

        /** The text for a person, made of the HTML where a text is missing. At most 2 MB are decoded. */
        public String readable() {
            return reading().shown();
        }

        // ---- 4.20 What is found in them ----------------------------------------------------------------------------

        /**
         * The one-time code: 4 to 8 digits, or as many capitals and digits, near a word for a code or alone on a line of the
         * subject, the text or the HTML, without blanks and dashes. Throws {@link MailException} with exit code 80 if there are
         * two that are equally good.
         */
        public Optional<String> code() {
            List<String> codes = codes();
            if (codes.size() > 1) {
                throw Sought.lacking(Sought.manyCodes(codes));
            }
            return codes.stream().findFirst();
        }

        /** Those that are equally good. */
        List<String> codes() {
            return Codes.in(subject(), text(), html());
        }

        /** Its http and https links in their order, each once: those of the HTML, then what only the text has. */
        public List<Link> links() {
            return Rows.of(Links.in(html(), text()));
        }

        /** What the pattern finds first, in the subject, else in {@link #readable}: its first group, or all of it without one. */
        public Optional<String> capture(Pattern pattern) {
            return Stream.<Supplier<String>>of(this::subject, this::readable).map(text -> pattern.matcher(text.get()))
                    .filter(Matcher::find).findFirst()
                    .map(found -> found.groupCount() > 0 && found.group(1) != null ? found.group(1) : found.group());
        }

        private List<Attachment> taken() {
            Reading reading = reading();
            Anatomy found = anatomy.get();
            return Rows.of(found.leaves.stream()
                    .map(leaf -> new Attachment(leaf, body.get(), saving, reading.shows(leaf), found.warnings::add)).toList());
        }

        /** The part of that number, from 1; throws {@link MailException} with exit code 66 if there is none. */
        public Attachment part(int number) {
            List<Attachment> parts = parts();
            if (number < 1 || number > parts.size()) {
                String there = parts.size() == 1 ? "there is only part 1" : "there are parts 1 to " + parts.size();
                throw new MailException(Exit.NO_INPUT, Stage.INPUT, "there is no part " + number).hint(there);
            }
            return parts.get(number - 1);
        }

        /** Those that are neither shown nor attached. */
        List<Attachment> otherParts() {
            return parts().stream().filter(part -> !part.isAttached() && !part.isShown()).toList();
        }

        /**
         * An answer to Reply-To or else From, in the same thread (RFC 5322, 3.6.4). What {@link Mail#text} says stands above
         * the quoted text.
         */
        public Mail reply() {
            List<String> own = ids(messageId());
            List<String> answered = ids(String.join(" ", header("In-Reply-To")));
            List<String> thread = new ArrayList<>(ids(String.join(" ", header("References"))));
            thread.addAll(thread.isEmpty() && answered.size() == 1 ? answered : List.of());
            thread.addAll(own);
            Mail reply = new Mail().to(inLine(replyTo().isEmpty() ? from() : replyTo()));
            own.forEach(id -> reply.header("In-Reply-To", id));
            if (!thread.isEmpty()) {
                reply.header("References", String.join(" ", thread));
            }
            String when = date().map(then -> "On " + DateTimeFormatter.RFC_1123_DATE_TIME.format(then) + ", ").orElse("");
            String quoted = readable().lines().map(line -> "> " + line + "\n").collect(Collectors.joining());
            reply.quote = when + from() + " wrote:\n" + quoted;
            return reply.subject(inLine(subject()).replaceFirst("(?i)^(re:)? *", "Re: "));
        }

        private static List<String> ids(String field) {
            return MESSAGE_ID.matcher(field).results().map(MatchResult::group).toList();
        }

        private static String inLine(String text) {
            return text.replaceAll("[\\p{Cc}\\p{Cs}]+", " ");
        }

        /** A line as in a list of messages; without date, sender and subject where the server does not show them. */
        @Override
        public String toString() {
            String known;
            try {
                String when = date().map(then -> then.atZoneSameInstant(ZoneId.systemDefault()).toLocalDateTime()
                        .toString().replace('T', ' ').substring(0, 16)).orElse("");
                known = "%-16s  %-30s  %s".formatted(when, from(), subject());
            } catch (MailException e) {
                known = uid;
            }
            return Texts.escape("%5s  %s  %s".formatted(number == 0 ? "" : number, known, size < 0 ? "" : Texts.size(size)));
        }

        private Reading reading() {
            return new Reading(anatomy.get(), body.get());
        }
    }

    // ---- 4.5 Their parts --------------------------------------------------------------------------------------------

    /** A part of a message, most often one that is a file of its own. */
    public static final class Attachment {
        private final Leaf leaf;
        private final Path message;
        private final Saving saving;
        private final boolean shown;
        private final Consumer<String> warnings;
        private final Lazy<Long> size = new Lazy<>(() -> Inputs.reading(Exit.IO, "part " + part(),
                () -> writeTo(OutputStream.nullOutputStream())));

        Attachment(Leaf leaf, Path message, Saving saving, boolean shown, Consumer<String> warnings) {
            this.leaf = leaf;
            this.message = message;
            this.saving = saving;
            this.shown = shown;
            this.warnings = warnings;
        }

        /** The number by which {@code read --part} knows it. */
        public int part() {
            return leaf.number();
        }

        /** Its name as the message gives it, or ""; not safe as a file name, {@link #saveTo} makes a safe one of it. */
        public String name() {
            return leaf.name();
        }

        /** Its media type in lower case, such as {@code image/png}. */
        public String type() {
            return leaf.type();
        }

        /** The id by which HTML names it after {@code cid:}, or "". */
        public String contentId() {
            return leaf.contentId();
        }

        /** Whether {@link Message#text} or {@link Message#html} has it. */
        public boolean isShown() {
            return shown;
        }

        /** Whether it is one of {@link Message#attachments}. */
        public boolean isAttached() {
            return leaf.isAttached();
        }

        public long size() {
            return size.get();
        }

        public InputStream open() {
            return leaf.open(message, warnings);
        }

        long writeTo(OutputStream out) throws IOException {
            try (InputStream in = open()) {
                return in.transferTo(out);
            }
        }

        @Override
        public String toString() {
            String name = name().isEmpty() ? "(no name)" : name();
            return Texts.escape("%4d  %s  %s, %d octets".formatted(part(), name, type(), size()));
        }

        /**
         * Saves it in a folder under a safe form of its name and says where. The folder is made if it isn't there, for its
         * owner alone; a name that is taken gets a number; nothing is overwritten and no link is followed.
         */
        public Path saveTo(Path folder) {
            return saving.save(leaf, this::open, folder);
        }
    }

    // ---- 4.6 Which are meant ----------------------------------------------------------------------------------------

    /** Which messages are meant, as options say: all of it must hold. It asks for no more of a message than it takes to know. */
    static final class Selection {
        static final String OPTIONS = """

                Messages:
                *     --match REGEX...        in the subject, or FIELD=REGEX; all must hold
                *     --since TIME            what came within that time, 12h, 7d
                *     --older TIME            what came before that, 12h, 30d
                      --max-size SIZE         no larger ones, 500K, 10M, 2G (K is 1000)
                * -n, --last N                the newest N of what else fits

                WORD=REGEX is always a field: from, to, cc, subject, uid, body, or any of the
                header. For host=db1 in the subject write --match 'subject=host=db1'. body= is
                the text that read shows; where all else fits it is fetched (RETR). A message
                came when its topmost Received says, else its Date; without either neither
                --since nor --older means it.
                """;
        private static final int ALL = Integer.MAX_VALUE;
        long maxSize = Pop3Session.LARGEST;
        private int last = ALL;
        private Optional<Duration> since = Optional.empty();
        private Optional<Duration> older = Optional.empty();
        private final List<Match> matches = new ArrayList<>();
        private long unsized;
        /** Whether a message had the field. */
        private final Map<Match, Boolean> seen = new LinkedHashMap<>();

        static Selection of(Arguments arguments) {
            Selection selection = new Selection();
            arguments.given(OPTIONS, selection::set);
            return selection;
        }

        /** For a command whose messages are named or else described. */
        static Selection besideNames(Arguments arguments) {
            boolean named = !arguments.operands().isEmpty();
            if (named == Option.in(OPTIONS).stream().map(Option::name).anyMatch(arguments::has)) {
                throw MailException.usage(named ? "messages are either named or described by options" : "no message is named")
                        .hint("give numbers, UIDs or last; or --match, --since, --older, --max-size, -n");
            }
            return of(arguments);
        }

        /** Sets what the command line calls {@code --name}. */
        void set(String name, String value) {
            Texts.plain(Exit.USAGE, "--" + name, value);
            switch (name) {
                case "match" -> matches.add(Match.of(value));
                case "since" -> since = Optional.of(Given.age("--since", value));
                case "older" -> older = Optional.of(Given.age("--older", value));
                case "max-size" -> maxSize = Given.size("--max-size", value);
                case "last" -> last = Given.number("-n", value);
                default -> throw MailException.usage("there is no option " + name);
            }
        }

        /** Every message has nothing somewhere. */
        void refuseEmptyPattern() {
            if (matches.stream().anyMatch(match -> match.pattern().pattern().isEmpty())) {
                throw MailException.usage("--match without a pattern means every message").hint("write .* if that is meant");
            }
        }

        Wanted wanted() {
            return new Wanted(last, needsHeader(),
                    one -> has(new Message(0, one.uid(), 0, Optional.of(one.header()), one.body())), this::warnings);
        }

        boolean needsHeader() {
            return since.isPresent() || older.isPresent() || matches.stream().anyMatch(match -> match.needs() == Needs.HEADER);
        }

        /** Hands over those that are named, or else those that are meant, the newest last; and what the server does not show. */
        void each(Pop3 box, List<String> names, Consumer<Message> meant, BiConsumer<Message, MailException> refused) {
            Stream<Message> messages = names.isEmpty() ? found(box, refused) : names.stream().map(box::message).toList().stream();
            messages.forEach(message -> attempt(message, refused, () -> {
                meant.accept(message);
                return true;
            }));
            warnings().forEach(box.sinks.warnings());
            if (names.isEmpty()) {
                box.requireWholeListing();
            }
        }

        private Stream<Message> found(Pop3 box, BiConsumer<Message, MailException> refused) {
            Predicate<Message> fits = message -> attempt(message, refused, () -> has(message));
            boolean asks = needsHeader() || matches.stream().anyMatch(match -> match.needs() == Needs.BODY);
            if (last == ALL || !asks) {
                return inTurn(box, last, 1).filter(fits);
            }
            Deque<Message> newest = new ArrayDeque<>();
            inTurn(box, ALL, -1).filter(fits).limit(last).forEach(newest::addFirst);
            return newest.stream();
        }

        private Stream<Message> inTurn(Pop3 box, int count, int direction) {
            List<Message> all = box.chosen(this::mayBe, count, direction);
            return IntStream.range(0, all.size()).peek(index -> box.sinks.mails(index, all.size())).mapToObj(all::get);
        }

        private static boolean attempt(Message message, BiConsumer<Message, MailException> refused, BooleanSupplier work) {
            try {
                return work.getAsBoolean();
            } catch (MailException e) {
                refused.accept(message, e);
                return false;
            }
        }

        private boolean has(Message message) {
            return mayBe(message) && (!needsHeader() || isInTime(message) & matches(message, Needs.HEADER))
                    && matches(message, Needs.BODY);
        }

        /** As far as it is listed. */
        private boolean mayBe(Message message) {
            boolean isUnknown = message.size() < 0 && maxSize < Pop3Session.LARGEST;
            unsized += isUnknown ? 1 : 0;
            return !isUnknown && message.size() <= maxSize && matches(message, Needs.LISTING);
        }

        private boolean isInTime(Message message) {
            Optional<Duration> age = Optional.of(message).filter(any -> since.isPresent() || older.isPresent())
                    .flatMap(Message::came).map(time -> Duration.between(time, Instant.now()));
            return since.map(most -> age.filter(old -> old.compareTo(most) <= 0).isPresent()).orElse(true)
                    && older.map(least -> age.filter(old -> old.compareTo(least) > 0).isPresent()).orElse(true);
        }

        private boolean matches(Message message, Needs needs) {
            List<Match> asked = matches.stream().filter(match -> match.needs() == needs).toList();
            asked.forEach(match -> seen.merge(match, match.isThere(message), Boolean::logicalOr));
            return asked.stream().allMatch(match -> match.isIn(message));
        }

        private List<String> warnings() {
            String sizes = Texts.count(unsized, "message") + " left out, as the server does not tell the size for --max-size";
            Stream<String> fields = seen.keySet().stream().filter(match -> !seen.get(match)).map(match ->
                    "no message has a field '%1$s'; for text of the subject write --match 'subject=%1$s=%2$s'"
                            .formatted(match.field(), match.pattern()));
            return Stream.concat(fields, Stream.of(sizes).filter(any -> unsized > 0)).toList();
        }
    }

    /** What has to be asked for to know whether a message is meant. */
    enum Needs { LISTING, HEADER, BODY }

    /** A field of a message and what is looked for in it; the fields are subject, from, to, cc, uid, body, any header field. */
    public record Match(String field, Pattern pattern) {
        /** Whatever may look like a field is one, as nobody should find nothing for ever without being told. */
        private static final Pattern FIELD = Pattern.compile("([\\p{L}\\p{N}_-]+)=(.*)", Pattern.DOTALL);

        /** Reads {@code REGEX}, which means the subject, or {@code FIELD=REGEX}. */
        public static Match of(String given) {
            Matcher parts = FIELD.matcher(given);
            boolean named = parts.matches();
            String field = named ? parts.group(1).toLowerCase(Locale.ROOT) : "subject";
            int flags = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
            return new Match(field, Texts.pattern(named ? parts.group(2) : given, flags));
        }

        Needs needs() {
            return field.equals("uid") ? Needs.LISTING : field.equals("body") ? Needs.BODY : Needs.HEADER;
        }

        public boolean isIn(Message message) {
            return values(message).stream().anyMatch(value -> pattern.matcher(value).find());
        }

        /** A subject and a body are always there, be they empty. */
        boolean isThere(Message message) {
            return field.matches("subject|body") || values(message).stream().anyMatch(value -> !value.isEmpty());
        }

        private List<String> values(Message message) {
            return switch (field) {
                case "from", "to", "cc" -> List.of(message.people(field));
                case "subject" -> List.of(message.subject());
                case "uid" -> List.of(message.uid());
                case "body" -> List.of(message.readable());
                default -> message.header(field);
            };
        }
    }

    // ---- 4.7 Servers ------------------------------------------------------------------------------------------------

    /**
     * The server at {@code smtp://[user@]host[:port]}, {@code smtps://…} (TLS from the start), {@code lmtp://…} (RFC 2033), or
     * that of an account, if it is a word without {@code ://}.
     */
    public static Server<Smtp> smtp(String urlOrAccount) {
        return Account.isName(urlOrAccount) ? account(urlOrAccount).smtp() : Server.ofSmtp(urlOrAccount);
    }

    /** The maildrop at {@code pop3://[user@]host[:port]}, {@code pop3s://…} (RFC 1939, RFC 8314), or that of an account. */
    public static Server<Pop3> pop3(String urlOrAccount) {
        return Account.isName(urlOrAccount) ? account(urlOrAccount).pop3() : Server.ofPop3(urlOrAccount);
    }

    /** A server and how to talk to it; {@link #open} connects. S is the session that it opens. */
    public static final class Server<S> {
        static final String CHOICE = """

                Server:
                * -S, --server URL            smtp://[user@]host[:port], smtps:// or lmtp://
                * -A, --account NAME          an account, see: mailtool help accounts
                      --config FILE           the account file
                """;

        static final String OPTIONS = """

                Connection and login:
                  -u, --user NAME             log in as
                *     --password-file FILE    the password is the file's first line
                      --password-command COMMAND  the password is what this prints
                      --token-command COMMAND  an OAuth token is what this prints
                      --auth auto|SCRAM-SHA-256|SCRAM-SHA-1|CRAM-MD5|PLAIN|LOGIN|OAUTHBEARER|XOAUTH2|EXTERNAL  how to log in
                      --tls auto|required|implicit|none  whether to use TLS (default auto: whenever it is offered)
                      --ca FILE               trust these authorities (PEM) and no others
                      --cert FILE             our certificate (PEM)
                      --key FILE              our certificate's private key (PEM)
                      --pin sha256:HASH       trust the server with this public key, no other
                      --tls-min 1.2|1.3       the lowest TLS version
                      --sni NAME              ask for this name, and find it in the certificate
                      --insecure              do not check the certificate
                      --timeout TIME          limit of each step, 500ms, 30s, 2m (default: 1 to 10 minutes, by step)
                  -4, --ipv4                  IPv4 only
                  -6, --ipv6                  IPv6 only
                      --bind ADDRESS          connect from this local address
                      --proxy URL             socks5://host[:port] or http://host[:port]
                      --no EXTENSIONS         ignore what the server offers, such as pipelining
                """;

        static final String POP3_OPTIONS = CHOICE.replaceFirst("smtp:.*", "pop3://[user@]host[:port] or pop3s://")
                + OPTIONS.replace("|EXTERNAL ", "|EXTERNAL|USER|APOP ");

        private static final String INTRODUCTION = """
                      --helo NAME             introduce ourselves as (default: our address)
                      --proxy-protocol ENDS   say for whom we connect, as a balancer does; 'SRC:PORT DST:PORT' (PROXY, version 1)
                """;

        static final String SMTP_OPTIONS = "\nSending:\n" + INTRODUCTION + """
                      --retry N               try N more times after temporary failures; with growing waits
                """;

        static final String ANY_OPTIONS = CHOICE.replaceFirst("smtp:.*", "smtp://[user@]host[:port]; smtps, lmtp, pop3, pop3s")
                + OPTIONS.replace("|EXTERNAL ", "|EXTERNAL|USER|APOP ") + INTRODUCTION;

        private static final Set<String> SWITCHES = Set.of("insecure", "ipv4", "ipv6", "mx");

        final ServerUrl url;
        String user;
        /** The password of MAILTOOL_PASSWORD, unless another one is given. */
        private Optional<Supplier<String>> environment = Secrets.environment();
        private Optional<Supplier<String>> secret = Optional.empty();
        private Optional<Account> account = Optional.empty();
        /** Asked for once, however often the server is opened. */
        private Supplier<Supplier<String>> password = new Lazy<>(this::findPassword);
        private Optional<Supplier<String>> token = Optional.empty();
        private String auth = "AUTO";
        private Tls tls = Tls.AUTO;
        private Optional<Path> ca = Optional.empty();
        private Optional<Path> cert = Optional.empty();
        private Optional<Path> key = Optional.empty();
        private String pin = "";
        private String tlsMin = "1.2";
        private Stage upTo = Stage.AUTH;
        private String sni = "";
        private boolean insecure;
        private String helo = "";
        private Optional<Duration> timeout = Optional.empty();
        private Class<? extends InetAddress> family = InetAddress.class;
        private Optional<InetAddress> bind = Optional.empty();
        private Optional<Proxy> proxy = Optional.empty();
        private Optional<String> header = Optional.empty();
        private String without = "";
        private int retries;
        String nameServer = "";
        int mxPort = 25;
        private Optional<Consumer<Said>> transcript = Optional.empty();
        private Consumer<String> warnings = line -> { };
        private Optional<Progress> progress = Optional.empty();
        /** Gets the line that says what is waited for, and "" when that is over. */
        Consumer<String> waiting = line -> { };
        private final Function<Server<S>, S> opener;

        Server(ServerUrl url, Function<Server<S>, S> opener) {
            this.url = url;
            this.opener = opener;
            user = url.user();
        }

        static Server<Smtp> ofSmtp(String url) {
            return new Server<>(ServerUrl.of(url, "smtp", "smtps", "lmtp"), Smtp::new);
        }

        static Server<Pop3> ofPop3(String url) {
            return new Server<>(ServerUrl.of(url, "pop3", "pop3s"), Pop3::new);
        }

        /** Whichever protocol the URL names. */
        static Server<AutoCloseable> ofAny(String url) {
            ServerUrl any = ServerUrl.of(url, "smtp", "smtps", "lmtp", "pop3", "pop3s");
            return new Server<>(any, any.protocol().isPop3() ? Pop3::new : Smtp::new);
        }

        // ---- 4.8 Settings -------------------------------------------------------------------------------------------

        /** The password of the URL's user. Without one it comes from MAILTOOL_PASSWORD, the account, .netrc or a prompt. */
        public Server<S> password(String password) {
            secret(Optional.of(() -> password));
            return this;
        }

        private void secret(Optional<Supplier<String>> given) {
            secret = given;
            environment = Optional.empty();
            password = new Lazy<>(this::findPassword);
            token = Optional.empty();
        }

        private Supplier<String> findPassword() {
            return Secrets.password(environment.or(() -> secret), user, url.host());
        }

        /** Sets what the command line calls {@code --name}, such as {@code set("timeout", "20s")}; "" for a switch. */
        public Server<S> set(String name, String value) {
            Texts.plain(Exit.USAGE, "--" + name, value);
            if (SWITCHES.contains(name) && !value.matches("|true")) {
                throw MailException.usage("--" + name + " is a switch and takes no '" + value + "'");
            }
            switch (name) {
                case "user" -> user = Given.some("--user", value);
                case "password-file" -> secret(Secrets.file(value));
                case "password-command" -> secret(Secrets.command(value));
                case "token-command" -> token = Secrets.command(value);
                case "auth" -> auth = Given.oneOf("--auth", value, words(name, url.protocol().isPop3()));
                case "tls" -> tls = Tls.valueOf(Given.oneOf("--tls", value, "AUTO", "REQUIRED", "IMPLICIT", "NONE"));
                case "ca" -> ca = Optional.of(Inputs.rereadable(value));
                case "cert" -> cert = Optional.of(Inputs.rereadable(value));
                case "key" -> key = Optional.of(Inputs.readable(value));
                case "pin" -> pin = Trust.pin(value);
                case "tls-min" -> tlsMin = Given.oneOf("--tls-min", value, "1.2", "1.3");
                case "sni" -> sni = Addresses.asciiDomain(Given.some("--sni", value));
                case "insecure" -> insecure = true;
                case "helo" -> helo = Addresses.asciiDomain(Given.word("--helo", value));
                case "timeout" -> timeout = Optional.of(Given.timeout(value));
                case "ipv4" -> family = Inet4Address.class;
                case "ipv6" -> family = Inet6Address.class;
                case "bind" -> bind = Optional.of(Route.literal(value).orElseThrow(() ->
                        MailException.usage("--bind takes an IP address, not '" + value + "'")));
                case "proxy" -> proxy = Optional.of(Route.proxy(value));
                case "no" -> without = Given.words("--no", value, words(name, url.protocol().isPop3()));
                case "mx" -> { }
                case "dns" -> nameServer = Given.some("--dns", value);
                case "mx-port" -> mxPort = Given.port(String.valueOf(Given.number("--mx-port", value)));
                case "retry" -> retries = Given.number("--retry", value);
                case "proxy-protocol" -> header = Optional.of(Route.header(value));
                default -> throw MailException.usage("there is no option " + name);
            }
            return this;
        }

        public Server<S> user(String name) {
            return set("user", name);
        }

        /** How to log in, such as {@code PLAIN}; {@code auto} takes the strongest that is offered. */
        public Server<S> auth(String mechanism) {
            return set("auth", mechanism);
        }

        public Server<S> tls(Tls when) {
            return set("tls", String.valueOf(when));
        }

        /** Trusts the authorities in this PEM file and no others. */
        public Server<S> ca(Path file) {
            return set("ca", file.toString());
        }

        public Server<S> ca(String file) {
            return set("ca", file);
        }

        /** Trusts the server with this public key, {@code sha256:HASH}, and no other. */
        public Server<S> pin(String hash) {
            return set("pin", hash);
        }

        /** Limits each step, at most 24 hours. */
        public Server<S> timeout(Duration limit) {
            return set("timeout", limit.toMillis() + "ms");
        }

        /** Tries so many more times after a temporary failure. */
        public Server<S> retry(int times) {
            return set("retry", String.valueOf(times));
        }

        /** Connects by {@code socks5://host[:port]} or {@code http://host[:port]}. */
        public Server<S> proxy(String proxy) {
            return set("proxy", proxy);
        }

        @Override
        public String toString() {
            Where where = where();
            return Texts.escape(url.scheme() + "://" + (user.isEmpty() ? "" : user + "@") + where.host() + ":" + where.port());
        }

        /** What an option takes, where each protocol has words of its own. */
        static String[] words(String option, boolean pop3) {
            String[] extensions = pop3 ? Pop3Session.OPTIONAL : SmtpSession.OPTIONAL;
            return option.equals("auth") ? Login.mechanisms(pop3) : option.equals("no") ? extensions : new String[0];
        }

        /** Gets each line of the dialogue as it happens, secrets masked. */
        public Server<S> transcript(Consumer<String> sink) {
            transcript = Optional.of(said -> sink.accept(said.toString()));
            return this;
        }

        /** Gets what a person should know although it is no failure. */
        public Server<S> warnings(Consumer<String> sink) {
            warnings = sink;
            return this;
        }

        /** Told about every 64 KB how much of a message is sent. */
        public Server<S> progress(Progress sink) {
            progress = Optional.of(sink);
            return this;
        }

        /** Connects, starts TLS, logs in; throws {@link MailException} if any of it fails. */
        public S open() {
            return open(Stage.AUTH);
        }

        /**
         * Opens a session that has gone as far as this stage: {@code CONNECT} (with the handshake of smtps or pop3s and the
         * greeting), {@code TLS}, {@code EHLO} or {@code CAPA} (the last one before the login), {@code AUTH}. What does not
         * come up, such as TLS that is not offered, is left out.
         */
        public S open(Stage last) {
            upTo(last);
            return opener.apply(this);
        }

        /** How its next session is opened. */
        How upTo(Stage last) {
            check();
            if (!Stage.OPENING.contains(last)) {
                throw MailException.usage("a session can't be opened up to " + last);
            }
            boolean greets = last == Stage.CONNECT || where().tlsFirst() && last.isAboutTls();
            upTo = greets ? Stage.GREETING : last;
            if (how().logsIn()) {
                how().credentials().secret();
            }
            return how();
        }

        /** Whether it stands for whatever hosts a domain has. */
        boolean isDirect() {
            return url.host().isEmpty();
        }

        /** Looks at the server stage by stage, without sending or fetching anything. Throws for wrong usage only. */
        public Probe probe() {
            return probing().run();
        }

        /** A look at the server with more to ask for than {@link #probe}. */
        public Probing probing() {
            return new Probing(this);
        }

        void check() {
            boolean ofOne = !user.isEmpty() || secret.isPresent() || token.isPresent() || !auth.equals("AUTO")
                    || !(pin + sni).isEmpty() || proxy.isPresent() || tls == Tls.IMPLICIT;
            if (isDirect() && ofOne) {
                throw MailException.usage("with --mx there is no login, --pin, --sni, --proxy or --tls implicit")
                        .hint("leave it out, or leave out --mx and give -S");
            }
            String certificates = !pin.isEmpty() ? "--pin" : ca.isPresent() ? "--ca" : cert.isPresent() ? "--cert" : "";
            String needsTls = url.isTls() ? url.scheme() + "://" : certificates;
            if (tls == Tls.NONE && !needsTls.isEmpty()) {
                throw MailException.contradiction(needsTls, "--tls none");
            }
            // That of an account may be for its other server alone.
            if (user.isEmpty() && account.isEmpty() && (secret.isPresent() || token.isPresent())) {
                throw MailException.usage("a password or token without a user").hint("give -u USER");
            }
            if (!how().credentials().wanted() && !auth.equals("AUTO")) {
                throw MailException.usage("--auth " + auth + " without a user").hint("give -u USER");
            }
            if (insecure && (!pin.isEmpty() || ca.isPresent())) {
                throw MailException.contradiction("--insecure", pin.isEmpty() ? "--ca" : "--pin");
            }
            if (cert.isPresent() != key.isPresent() || auth.equals("EXTERNAL") && cert.isEmpty()) {
                throw MailException.usage("--cert, --key and --auth EXTERNAL go together").hint("give both files");
            }
        }

        Where where() {
            boolean tlsFirst = url.isTls() || tls == Tls.IMPLICIT;
            String certificateName = (sni.isEmpty() ? url.host() : sni).replaceFirst("[.]$", "");
            int port = url.port(tlsFirst, how().credentials().wanted());
            return new Where(url.protocol(), url.host(), port, tlsFirst, certificateName, Optional.empty());
        }

        How how() {
            Optional<Supplier<String>> known = token.map(source -> () -> Inputs.carried("the token for " + user, source.get()));
            Credentials credentials = new Credentials(user, auth, password, known);
            boolean noting = insecure || isDirect() && tls != Tls.REQUIRED;
            TlsPolicy policy = new TlsPolicy(tls, ca, cert, key, pin, tlsMin, insecure, noting);
            return new How(credentials, policy, new Reach(family, bind, proxy, header), timeout, helo,
                    Set.of(without.split(",")), upTo, Optional.empty());
        }

        Sinks sinks() {
            return new Sinks(transcript, progress, warnings, waiting, step -> { });
        }
    }

    // ---- 4.9 URLs ---------------------------------------------------------------------------------------------------

    /** A server as its URL names it; the port is 0 where it names none. */
    record ServerUrl(String scheme, String user, String host, int port) {
        private static final Pattern URL = Pattern.compile("(?<scheme>[a-zA-Z0-9]+)://"
                + "(?<user>[^/]*@|)(?<host>\\[[0-9a-fA-F:.%\\w]+]|[^:/?#@\\[\\]\\s]+)(?<port>:\\d{1,5}|)/?");

        static ServerUrl of(String url, String... schemes) {
            String shown = Given.withoutPassword(url);
            Texts.plain(Exit.USAGE, "the server", shown);
            Matcher parts = URL.matcher(url);
            String scheme = parts.matches() ? parts.group("scheme").toLowerCase(Locale.ROOT) : "";
            if (!List.of(schemes).contains(scheme)) {
                String problem = url.matches("(?is)imaps?:.*") ? "IMAP is not spoken here:" : "can't read the server";
                throw MailException.usage(problem + " '" + shown + "'")
                        .hint("write it as " + String.join(":// or ", schemes) + "://[user@]host[:port]");
            }
            String host = Addresses.asciiDomain(parts.group("host").replaceAll("[\\[\\]]", ""));
            int port = Given.port(parts.group("port").replace(":", ""));
            return new ServerUrl(scheme, decodedUser(parts.group("user").replaceFirst("@$", "")), host, port);
        }

        private static String decodedUser(String encoded) {
            if (encoded.contains(":")) {
                throw MailException.usage("a password does not belong in a URL, others can see it")
                        .hint("use --password-file or --password-command; a colon in a user name is %3A");
            }
            try {
                return Texts.plain(Exit.USAGE, "the user", URLDecoder.decode(encoded.replace("+", "%2B"), UTF_8));
            } catch (IllegalArgumentException e) {
                throw MailException.usage("can't read the user '" + encoded + "' in the URL").hint("a percent sign is %25");
            }
        }

        boolean isTls() {
            return scheme.endsWith("s");
        }

        Protocol protocol() {
            return scheme.startsWith("pop3") ? Protocol.POP3 : scheme.equals("lmtp") ? Protocol.LMTP : Protocol.SMTP;
        }

        /** RFC 8314, 3.3; RFC 6409, 3.1; RFC 2033; RFC 1939, 3. */
        int port(boolean tlsFirst, boolean withLogin) {
            int usual = switch (protocol()) {
                case POP3 -> tlsFirst ? 995 : 110;
                case LMTP -> 24;
                case SMTP -> tlsFirst ? 465 : withLogin ? 587 : 25;
            };
            return port > 0 ? port : usual;
        }
    }

    // ---- 4.10 Accounts, sending -------------------------------------------------------------------------------------

    /** An account of the user's account file; {@code mailtool help accounts} shows one. Throws exit code 78 if there is none. */
    public static Account account(String name) {
        return Account.find(Optional.empty(), Optional.of(name)).orElseThrow();
    }

    /** A named account of the account file: server, login, sender. */
    public static final class Account {
        /** What it has for no mail. */
        private static final Set<String> CONTENT =
                Set.of("subject", "text", "text-file", "html", "html-file", "attach", "inline", "eml");
        private final String name;
        private final Arguments settings;

        private Account(String name, Arguments settings) {
            this.name = name;
            this.settings = settings;
        }

        /** Whether a script means an account: what looks like a host is a URL that is not finished. */
        private static boolean isName(String word) {
            return !Texts.known("the server", word).matches("(?s).*[.:/@].*|localhost|");
        }

        /** All accounts that were named, or the default one; none if only a server was. */
        static List<Optional<Account>> allChosen(Arguments arguments) {
            List<String> names = arguments.values("account");
            return names.isEmpty() ? List.of(chosen(arguments)) : names.stream()
                    .map(name -> find(file(arguments), Optional.of(name))).toList();
        }

        static Optional<Account> chosen(Arguments arguments) {
            boolean needed = !arguments.has("server") || arguments.has("account");
            Optional<Path> file = file(arguments);
            return needed ? find(file, arguments.value("account")) : Optional.empty();
        }

        static Optional<Path> file(Arguments arguments) {
            return arguments.value("config").map(Inputs::readable);
        }

        /** The account of that name, or the default one; none if nobody asked for one and there is none. */
        static Optional<Account> find(Optional<Path> file, Optional<String> wanted) {
            List<Option> keys = Option.in(Server.OPTIONS + Server.SMTP_OPTIONS + Mail.OPTIONS + Fetching.OPTIONS).stream()
                    .filter(option -> !CONTENT.contains(option.name())).toList();
            return AccountFile.find(file, wanted, keys, Account::new);
        }

        /** Of what is forwarded. */
        private Optional<String> reversePath() {
            return configured(() -> settings.value("envelope-from"));
        }

        @Override
        public String toString() {
            return Texts.escape(name + ": " + Stream.of("from", "server", "pop3").map(settings::value)
                    .flatMap(Optional::stream).map(Given::withoutPassword).collect(Collectors.joining(", ")));
        }

        public Server<Smtp> smtp() {
            return server("server", Server::ofSmtp);
        }

        static Server<Smtp> smtp(String urlOrName, Optional<Path> file) {
            return urlOrName.contains("://") ? MailTool.smtp(urlOrName) : find(file, Optional.of(urlOrName)).orElseThrow().smtp();
        }

        public Server<Pop3> pop3() {
            return server("pop3", Server::ofPop3);
        }

        /** For SMTP, or for POP3 if it has only that. */
        Server<AutoCloseable> any() {
            return server(settings.has("server") || !settings.has("pop3") ? "server" : "pop3", Server::ofAny);
        }

        private <S> Server<S> server(String key, Function<String, Server<S>> byUrl) {
            String url = configured(() -> settings.value(key))
                    .orElseThrow(() -> MailException.config("the account '" + name + "' has no '" + key + "'"));
            Server<S> server = configured(() -> byUrl.apply(url));
            applyTo(server);
            return server;
        }

        public Mail mail() {
            Mail mail = new Mail();
            mail.usual = Optional.of(usual());
            return mail;
        }

        /** What a mail has that does not say otherwise. */
        private Mail usual() {
            Mail usual = new Mail();
            given(" --domain ", (key, domain) -> usual.domain(domain));
            given(Mail.OPTIONS, usual::set);
            usual.people.computeIfPresent("From", (field, from) -> configured(() -> Addresses.complete(from, usual.domain)));
            return usual;
        }

        /** Sends one message over a session of its own, from this account if the mail does not say. */
        public Delivery send(Mail mail) {
            try (Smtp smtp = smtp().open()) {
                return smtp.send(mail);
            }
        }

        /** What the URL and the environment say stays. */
        void applyTo(Server<?> server) {
            boolean pop3 = server.url.protocol().isPop3();
            Optional<Supplier<String>> environment = server.environment;
            given(" --password ", (key, password) -> server.password(password));
            given(pop3 ? Server.OPTIONS : Server.OPTIONS + Server.SMTP_OPTIONS,
                    (key, value) -> ours(key, value, pop3).ifPresent(words -> server.set(key, words)));
            server.user = server.url.user().isEmpty() ? server.user : server.url.user();
            server.environment = environment;
            server.account = Optional.of(this);
        }

        /** Without words that only the other protocol knows. */
        private static Optional<String> ours(String key, String value, boolean pop3) {
            Set<String> foreign = new HashSet<>(List.of(Server.words(key, !pop3)));
            foreign.removeAll(List.of(Server.words(key, pop3)));
            String words = Stream.of(value.split("[ ,]+")).filter(word -> !foreign.contains(word.toUpperCase(Locale.ROOT)))
                    .collect(Collectors.joining(","));
            return foreign.isEmpty() ? Optional.of(value) : Optional.of(words).filter(any -> any.isEmpty() == value.isEmpty());
        }

        /** Hands over what it sets of a help text's options; of those named in each of the alternatives it can set one. */
        void given(String help, BiConsumer<String, String> setting, String... alternatives) {
            configured(() -> {
                settings.refuseBoth(alternatives);
                settings.given(help, setting);
                return name;
            });
        }

        private <T> T configured(Supplier<T> setting) {
            try {
                return setting.get();
            } catch (MailException e) {
                throw MailException.config("account '" + name + "': " + e.getMessage()).hint(e.hint());
            }
        }
    }

    /** A session that can be asked by hand. */
    public interface Askable {
        /**
         * Says a line and returns the whole reply, in POP3 with all lines of a list or message. {@code STARTTLS} or {@code STLS}
         * starts TLS; after {@code DATA} and for {@code BDAT} the message goes by {@link #raw}. Throws {@link MailException} when
         * the session is lost, and for control characters; a refusal is a reply.
         */
        Reply ask(String line);

        /** Sends these octets as they are, whatever they do, and returns the next reply; none of them just waits for it. */
        Reply raw(byte[] octets);

        /** Asks, and throws (exit code 80) unless the reply is as in {@code expect} of a talk file; the session stays. */
        default Reply expect(String expected, String line) {
            Expected wanted = Expected.of(expected);
            return wanted.require(ByHand.stageOf(line), ask(line));
        }
    }

    /** An open SMTP or LMTP session: one connection, many messages, one after the other also from several threads. */
    public static final class Smtp implements AutoCloseable, Askable {
        final Sending sending;
        private final Optional<Account> account;
        private boolean closed;

        Smtp(Server<?> server) {
            this(server, () -> SmtpSession.open(server.where(), server.how(), server.sinks()));
        }

        Smtp(Server<?> server, Sessions sessions) {
            account = server.account;
            sending = new Sending(sessions, Turns.AT_ONCE, server.sinks(), server.retries);
        }

        /** Sends one message; the result names refused recipients. Throws {@link MailException} if nobody gets it. */
        public Delivery send(Mail mail) {
            return send(mail.prepare(account));
        }

        /** Sends a message that was prepared before, as {@link #send(Mail)} does. */
        public synchronized Delivery send(Prepared mail) {
            refuseIfClosed();
            return sending.send(mail);
        }

        private void refuseIfClosed() {
            if (closed) {
                throw MailException.usage("this session is closed").hint("open another one");
            }
        }

        /**
         * Sends messages one after the other as they come, the next envelope without waiting for the answer to the last
         * message where the server allows it (RFC 2920, 3.1), and hands over each result in order. A refused message does not
         * stop the rest, and nothing is tried twice. The messages are fetched by a thread of their own, at most 16 ahead, so
         * that a slow source holds nothing back. Throws {@link MailException} when the connection is lost.
         */
        public void sendAll(Iterable<Mail> mails, Consumer<Delivery> results) {
            sendAll(StreamSupport.stream(mails.spliterator(), false), results);
        }

        /** Sends a stream of messages, as {@link #sendAll(Iterable, Consumer)} does. */
        public synchronized void sendAll(Stream<Mail> mails, Consumer<Delivery> results) {
            refuseIfClosed();
            sending.sendAll(mails.map(mail -> new Outgoing(() -> mail.prepare(account), results)), 0);
        }

        @Override
        public synchronized Reply ask(String line) {
            refuseIfClosed();
            return sending.atRest().hand().inStep(hand -> hand.ask(line));
        }

        @Override
        public synchronized Reply raw(byte[] octets) {
            refuseIfClosed();
            return sending.atRest().hand().inStep(hand -> hand.raw(octets));
        }

        public Peer peer() {
            return sending.connection().peer();
        }

        /** What EHLO says (RFC 5321, 4.1.1.1), by when it was asked: in {@code clear}, inside {@code TLS}. */
        public Map<String, List<String>> capabilities() {
            return sending.connection().capabilities;
        }

        /** Says QUIT and closes; the server has 2 seconds to answer, and its answer changes nothing. */
        @Override
        public synchronized void close() {
            closed = true;
            sending.close();
        }

        @Override
        public String toString() {
            return "session with " + peer().host();
        }
    }

    // ---- 4.11 A maildrop --------------------------------------------------------------------------------------------

    /** An open maildrop (RFC 1939): one connection, one thread. Numbers hold for this connection only, UIDs for good. */
    public static final class Pop3 implements AutoCloseable, Askable {
        private static final String DELETE_AGAIN = "look again, and delete again what is still there";
        private final Where where;
        private final How how;
        private final Sinks sinks;
        private final BitSet deleted = new BitSet();
        private Pop3Session session;
        private Optional<Listing> listing = Optional.empty();
        /** Why nothing more can be asked: it is closed, or broken. */
        private Optional<MailException> ended = Optional.empty();
        /** What {@link #close} has to say of deletions that a lost session took back. */
        private Optional<MailException> lost = Optional.empty();
        /** A fetch has ended the session, and another one may begin. */
        private boolean isFetched;

        Pop3(Server<?> server) {
            where = server.where();
            how = server.how();
            sinks = server.sinks();
            session = Pop3Session.open(where, how, sinks);
        }

        boolean isLoggedIn() {
            return how.logsIn();
        }

        @Override
        public Reply ask(String line) {
            return session.connection.hand().inStep(hand -> hand.ask(line));
        }

        @Override
        public Reply raw(byte[] octets) {
            return session.connection.hand().inStep(hand -> hand.raw(octets));
        }

        /** How many messages there are and how large they are together, as STAT says. */
        public Totals totals() {
            return talking(() -> Listing.totals(demand(Stage.LIST, "STAT")));
        }

        /** What CAPA says (RFC 2449), by when it was asked: in {@code clear}, inside {@code TLS}, after {@code login}. */
        public Map<String, List<String>> capabilities() {
            return session.connection.capabilities;
        }

        public Peer peer() {
            return session.connection.peer();
        }

        /** The messages by number, the newest last. What is asked of one is fetched then, its header with those of the next. */
        public List<Message> messages() {
            return last(Integer.MAX_VALUE);
        }

        /** The last so many messages, the newest last. */
        public List<Message> last(int count) {
            return chosen(any -> true, count, 1);
        }

        /** The messages one after the other, each made when its turn comes. */
        public Stream<Message> stream() {
            return messages().stream();
        }

        /** Those that fit {@code FIELD=REGEX}, as {@link Match} reads it. */
        public List<Message> find(String match) {
            return Rows.of(stream().filter(Match.of(match)::isIn).toList());
        }

        /** Of those of which this is true, as far as they are listed, the last so many; the newest last (1) or first (-1). */
        List<Message> chosen(Predicate<Message> listed, int count, int direction) {
            Listing all = listing();
            Headers none = new Headers(flights(), new BitSet(), 0);
            int[] fit = all.numbers().filter(number -> listed.test(message(number, all, none))).toArray();
            BitSet latest = new BitSet();
            IntStream.of(fit).skip(Math.max(0, fit.length - count)).forEach(latest::set);
            Headers headers = new Headers(flights(), latest, direction);
            int[] order = headers.inOrder().toArray();
            return new Rows<>(order.length, index -> message(order[index], all, headers));
        }

        /** The message with this number or UID, or the {@code last}; {@code number=}, {@code uid=} before it say which it is. */
        public Message message(String numberOrUid) {
            Listing all = listing();
            Matcher parts = Pattern.compile("(number|uid)=(.+)", Pattern.DOTALL).matcher(numberOrUid);
            boolean says = parts.matches() && all.numberOf(numberOrUid) == 0;
            String kind = says ? parts.group(1) : "";
            String name = says ? parts.group(2) : numberOrUid;
            String digits = name.equals("last") ? String.valueOf(all.highest()) : name;
            boolean isNumber = !kind.equals("uid") && digits.matches("\\d{1,9}") && all.has(Long.parseLong(digits));
            int byNumber = isNumber ? Integer.parseInt(digits) : 0;
            int byUid = kind.equals("number") ? 0 : all.numberOf(name);
            if (byUid != 0 && (all.ambiguous().get(byUid) || isNumber && byNumber != byUid)) {
                throw MailException.usage("more than one message is '" + name + "'")
                        .hint("write number=N or uid=UID, inbox --json shows both");
            }
            if (!isNumber && byUid == 0) {
                throw new MailException(Exit.DATA, Stage.LIST, where.host() + " has no message '" + numberOrUid + "'")
                        .hint("see mailtool inbox");
            }
            return message(Math.max(byNumber, byUid), all, new Headers(flights(), new BitSet(), 0));
        }

        private Flights flights() {
            return new Flights(session, listing(), Pace.flightsOf(Pace.LONGEST));
        }

        private Listing listing() {
            return talking(() -> {
                if (listing.isEmpty()) {
                    listing = Optional.of(Listing.of(session));
                    listing.get().addSizes(session);
                }
                return listing.get();
            });
        }

        private Message message(int number, Listing all, Headers headers) {
            Pop3Session ours = headers.session();
            Supplier<byte[]> byTop = () -> talkingIn(ours, () -> headers.of(number));
            Optional<Supplier<byte[]>> header = Optional.of(byTop).filter(any -> showsHeaders());
            Supplier<Path> body = () -> talkingIn(ours, () -> ours.retrieve(number, all.size(number).orElse(0)));
            Message message = new Message(number, all.uid(number), all.size(number).orElse(-1), header, body);
            message.session = Optional.of(ours);
            return message;
        }

        /** Marks a message of this session as deleted: for good when {@link #close} has gone well, until {@link #keep}. */
        public void delete(Message message) {
            if (message.session.filter(session::equals).isEmpty()) {
                throw anotherSession("deleted");
            }
            delete(IntStream.of(message.number()), (reply, number) -> {
                if (!reply.positive()) {
                    throw MailException.refused(Stage.DELE, where.host() + " did not delete message " + number, reply);
                }
            });
        }

        /** Marks the messages of these numbers as deleted, many in one flight, and hands over what the server says of each. */
        void delete(IntStream numbers, ObjIntConsumer<Reply> each) {
            talking(() -> {
                flights().each(Stage.DELE, numbers.iterator(), "DELE N", (number, reply) -> {
                    if (reply.positive()) {
                        deleted.set(number);
                    }
                    each.accept(reply, number);
                });
                return deleted;
            });
        }

        /** Takes all deletions back (RSET). */
        public void keep() {
            talking(() -> demand(Stage.DELE, "RSET"));
            deleted.clear();
        }

        /** Fetches what is new and hands over what became of each; the summary has what went wrong. Deleting ends the session. */
        public Summary fetch(Fetching fetching, Consumer<Fetched> each) {
            FetchPlan plan = fetching.plan();
            return talking(() -> {
                Pop3Session before = session;
                Summary summary = new Fetcher(session, this::renew, plan, each).run();
                isFetched = true;
                if (before.connection.isOver()) {
                    forgetDeletions(summary.deleted() > 0 && session == before);
                }
                return summary;
            });
        }

        @Override
        public String toString() {
            return "maildrop of " + how.credentials().user() + " at " + where.host();
        }

        // ---- 4.12 Its session ---------------------------------------------------------------------------------------

        private void forgetDeletions(boolean carriedOut) {
            if (!deleted.isEmpty() && !carriedOut) {
                String what = "the connection was lost, so the deletions before do not count";
                lost = Optional.of(new MailException(Exit.TEMPORARY, Stage.DELE, what).hint(DELETE_AGAIN));
            }
            deleted.clear();
        }

        /** Numbers and messages of the session before mean nothing now. */
        private Pop3Session renew() {
            session = Pop3Session.open(where, how, sinks);
            isFetched = false;
            listing = Optional.empty();
            return session;
        }

        private MailException anotherSession(String done) {
            return MailException.usage("a message of another session or of a file can't be " + done + " here")
                    .hint("look for it again: message(\"uid=\" + message.uid())");
        }

        private Reply demand(Stage stage, String command) throws IOException {
            Reply reply = session.ask(stage, command);
            session.connection.require(reply, command + " at " + where.host());
            return reply;
        }

        void requireWholeListing() {
            listing().incomplete(where.host()).ifPresent(problem -> {
                throw problem;
            });
        }

        boolean showsHeaders() {
            return listing().highest() == 0 || talking(() -> session.knowsTop());
        }

        /** Says QUIT and closes. Deletions count only now: throws {@link MailException} if the server does not confirm them. */
        @Override
        public void close() {
            boolean wasOpen = ended.isEmpty() && !session.connection.isOver();
            ended = ended.or(() -> Optional.of(MailException.usage("the maildrop at " + where.host() + " is closed")
                    .hint("ask for texts and attachments before")));
            if (wasOpen && deleted.isEmpty()) {
                session.connection.sayGoodbye();
            } else if (wasOpen) {
                session.quitForGood(deleted.cardinality(), DELETE_AGAIN);
            }
            Optional<MailException> problem = lost;
            lost = Optional.empty();
            problem.ifPresent(why -> {
                throw why;
            });
        }

        private <T> T talkingIn(Pop3Session ours, IOSupplier<T> talk) {
            if (ended.isEmpty() && (ours != session || isFetched && session.connection.isOver())) {
                throw anotherSession("read");
            }
            return talking(talk);
        }

        private <T> T talking(IOSupplier<T> talk) {
            if (!isLoggedIn()) {
                throw MailException.usage("no user").hint("write pop3://USER@HOST, or give -u USER");
            }
            if (ended.isPresent()) {
                throw ended.get();
            }
            if (isFetched && session.connection.isOver()) {
                renew();
            }
            try {
                return talk.get();
            } catch (IOException e) {
                ended = Optional.of(session.connection.explain(e));
                session.connection.drop();
                throw ended.get();
            }
        }
    }

    // ---- 4.13 Fetching ----------------------------------------------------------------------------------------------

    /** A new plan for fetching: where to, and what. */
    public static Fetching fetching() {
        return new Fetching();
    }

    /** Which messages are fetched, where they go, and what becomes of them on the server. Each is fetched once. */
    public static final class Fetching {
        static final String OPTIONS = """

                Store:
                *     --maildir DIR           into a Maildir
                      --mbox FILE             to the end of an mbox file
                      --dir DIR               into a folder, one .eml file each
                *     --pipe COMMAND          to a command each, on its stdin; stored if it exits with 0
                      --forward SERVER        by SMTP or LMTP to -t; a URL or an account
                  -t, --to ADDRESS...         who gets what is forwarded; commas for more
                      --envelope-from ADDRESS  where its bounces go; '' for nowhere
                """ + Selection.OPTIONS + """
                -n counts what has been fetched before too, --limit only what is fetched now.

                Fetching:
                *     --limit N               fetch at most N messages
                      --newest-first          begin with the newest
                      --all                   also what has been fetched before

                Afterwards:
                *     --delete                delete on the server what is stored
                *     --delete-after TIME     delete it so long after it was stored, 12h, 14d
                      --commit-every N        make sure of every N messages (default 256)

                Nothing is deleted whose header was not seen to be that of what is stored. So a
                mail that took over another one's UID is found, but only where fetch deletes.
                """;

        Optional<Store> store = Optional.empty();
        /** For a command that prints: stdout is for JSON alone. */
        private boolean besideJson;
        private final Selection selection = new Selection();
        long limit = Long.MAX_VALUE;
        boolean newestFirst;
        boolean all;
        Optional<Duration> deleteAfter = Optional.empty();
        int commitEvery = 256;
        String account = "";
        Optional<Path> accounts = Optional.empty();
        Optional<Server<Smtp>> target = Optional.empty();
        private final SortedSet<String> recipients = new TreeSet<>();
        private Optional<String> reversePath = Optional.empty();

        /** Into this Maildir, made if it isn't there. */
        public Fetching maildir(Path folder) {
            store = Optional.of(Store.maildir(folder, Fingerprint::of));
            return this;
        }

        /** To the end of this mbox file (mboxrd). */
        public Fetching mbox(Path file) {
            store = Optional.of(Store.mbox(file));
            return this;
        }

        /** Into this folder, one {@code .eml} file for each message. */
        public Fetching folder(Path folder) {
            store = Optional.of(Store.folder(folder, Fingerprint::of));
            return this;
        }

        /** To a shell command for each message; one that does not exit with 0 is tried again next time. */
        public Fetching pipe(String command) {
            PipeStore pipe = new PipeStore(command);
            pipe.besideJson = besideJson;
            store = Optional.of(pipe);
            return this;
        }

        /**
         * To a server, byte for byte, for these recipients, as a header has them; a message is stored when all of them have it.
         * MAILTOOL_PASSWORD is the maildrop's and never goes there. Throws {@link MailException} (65) for broken addresses.
         */
        public Fetching forward(Server<Smtp> server, String... addresses) {
            server.environment = Optional.empty();
            target = Optional.of(server);
            Stream.of(addresses).forEach(this::to);
            return this;
        }

        private void to(String addresses) {
            Addresses.bare(Addresses.complete(Addresses.parse("-t", addresses), "")).map(Envelopes::mailbox)
                    .forEach(recipients::add);
        }

        /** Deletes on the server what is stored, also what earlier runs stored. */
        public Fetching delete() {
            return deleteAfter(Duration.ZERO);
        }

        /** Deletes on the server what has been stored for so long. */
        public Fetching deleteAfter(Duration time) {
            deleteAfter = Optional.of(time);
            return this;
        }

        private Store forwarding(Server<Smtp> server) {
            server.check();
            Optional<String> path = reversePath.or(() -> server.account.flatMap(Account::reversePath))
                    .map(given -> Envelopes.reversePath(given, ""));
            return new ForwardStore(TakerStore.usualPlace(),
                    new Target(server.where(), server.how(), server.sinks(), server.retries, recipients, path));
        }

        FetchPlan plan() {
            if (target.isPresent() == recipients.isEmpty() || target.isEmpty() && reversePath.isPresent()) {
                throw MailException.usage("--forward goes with -t, and --envelope-from with both")
                        .hint("write --forward URL -t ADDRESS");
            }
            store = store.or(() -> target.map(this::forwarding));
            Store place = store.orElseThrow(() -> MailException.usage("nowhere to fetch to")
                    .hint("give --maildir DIR, --mbox FILE, --dir DIR, --pipe COMMAND or --forward SERVER"));
            return new FetchPlan(account, place, selection.wanted(), limit, selection.maxSize, newestFirst, all, deleteAfter,
                    commitEvery);
        }

        /** Sets what the command line calls {@code --name}, such as {@code set("max-size", "10M")}. */
        public Fetching set(String name, String value) {
            Texts.plain(Exit.USAGE, "--" + name, value);
            switch (name) {
                case "maildir" -> maildir(place(name, value));
                case "mbox" -> mbox(place(name, value));
                case "dir" -> folder(place(name, value));
                case "pipe" -> pipe(Given.some("--pipe", value));
                case "forward" -> forward(Account.smtp(Given.some("--forward", value), accounts));
                case "to" -> to(value);
                case "envelope-from" -> reversePath = Optional.of(value);
                case "limit" -> limit = Given.number("--limit", value);
                case "newest-first" -> newestFirst = true;
                case "all" -> all = true;
                case "delete" -> delete();
                case "delete-after" -> deleteAfter(Given.age("--delete-after", value));
                case "commit-every" -> commitEvery = Math.max(1, Given.number("--commit-every", value));
                default -> selection.set(name, value);
            }
            return this;
        }

        private static Path place(String option, String given) {
            return Inputs.path(Given.some("--" + option, given));
        }
    }

    // ---- 4.14 Hosts for mail ----------------------------------------------------------------------------------------

    /** The hosts that take the mail of a domain, as the system's name servers know them. */
    public static Mx mx(String domain) {
        return mx(domain, "");
    }

    /** The hosts that take the mail of a domain, as this name server knows them, {@code HOST[:PORT]}. */
    public static Mx mx(String domain, String nameServer) {
        return new Exchangers(nameServer, Optional.empty(), line -> { }).of(Exchangers.domain(domain));
    }

    /** Mail straight to the hosts of its recipients' domain, found by the system's name servers. */
    public static Direct direct() {
        return new Direct(Direct.server(Optional.empty()));
    }

    /** Mail straight to the hosts of its recipients' domain, found by this name server, {@code HOST[:PORT]}. */
    public static Direct direct(String nameServer) {
        return direct().set("dns", nameServer);
    }

    /**
     * Sends each mail to the hosts of its recipients' domain (RFC 5321, 5.1), without a login. TLS is used where it is offered
     * and the certificate only noted, {@link Peer#verified}; with {@code set("tls", "required")} it has to be a good one.
     */
    public static final class Direct {
        static final String OPTIONS = """
                      --mx                    send straight to the hosts of the recipients' domain, without -S
                      --dns HOST[:PORT]       with --mx: ask this name server instead of the system's
                """;
        /** For tests, and in no help. */
        static final String HIDDEN = "\n      --mx-port N  the port of all hosts\n";
        private final Server<Smtp> server;

        Direct(Server<Smtp> server) {
            this.server = server;
        }

        /** What an account says of its server and login is left aside. */
        static Server<Smtp> server(Optional<Account> account) {
            Server<Smtp> server = new Server<>(new ServerUrl("smtp", "", "", 0), Smtp::new);
            account.ifPresent(ours -> ours.given(" --helo --retry --timeout --ipv4 --ipv6 --bind --tls-min ", server::set));
            return server;
        }

        /** Sets what the command line calls {@code --name}, such as {@code set("timeout", "20s")}; "" for a switch. */
        public Direct set(String name, String value) {
            server.set(name, value);
            return this;
        }

        /** Sends one message; throws {@link MailException} if nobody gets it, 64 if its recipients are of several domains. */
        public Delivery send(Mail mail) {
            Prepared prepared = mail.prepare();
            try (Smtp smtp = open(prepared)) {
                return smtp.send(prepared);
            }
        }

        private static String domain(List<String> recipients) {
            List<String> domains = recipients.stream().map(address -> address.substring(address.lastIndexOf('@') + 1))
                    .map(domain -> domain.toLowerCase(Locale.ROOT)).distinct().toList();
            if (domains.size() > 1) {
                throw MailException.usage("the recipients are of several domains: " + String.join(", ", domains))
                        .hint("send to each domain by itself");
            }
            return domains.get(0);
        }

        /** A session with the first host that wants to talk. */
        Smtp open(Prepared mail) {
            server.check();
            Reach reach = server.how().reach();
            String domain = domain(mail.envelope().recipients());
            Exchangers exchangers = new Exchangers(server.nameServer, server.how().timeout(), server.waiting);
            Supplier<List<Where>> hosts = () -> exchangers.wheres(domain, server.mxPort, reach);
            return new Smtp(server, new Exchange(hosts, server.how(), server.sinks()));
        }
    }

    // ---- 4.15 Probing -----------------------------------------------------------------------------------------------

    /** What is asked of a server that is looked at, and what it is expected to say. */
    public static final class Probing {
        static final String OPTIONS = """

                What is asked:
                * -f, --from ADDRESS          ask by MAIL whether it takes mail from there; '' for bounces
                * -t, --to ADDRESS...         ask by RCPT whether it takes mail for there; nothing is sent
                *     --stop-after STAGE      go no further; connect, greeting, ehlo or capa, tls, certificate, auth, mail, rcpt …
                *     --expect STAGE=CODE...  exit with 0 if so, else 80; rcpt=5xx, auth=-ERR, ehlo=ok, tls=none, certificate=name
                *     --warn TIME             warn if a run takes longer, such as 2s
                *     --crit TIME             stop there, exit with 80 (Nagios: 2)
                """;

        private final Server<?> server;
        private Optional<String> sender = Optional.empty();
        private final List<String> recipients = new ArrayList<>();
        private Stage last = Stage.QUIT;
        private final List<Expectation> expected = new ArrayList<>();
        private Optional<Duration> warn = Optional.empty();
        private Optional<Duration> crit = Optional.empty();

        private Probing(Server<?> server) {
            this.server = server;
        }

        /** Asks by MAIL; "" is the null reverse-path (RFC 5321, 4.5.5). */
        public Probing from(String address) {
            sender = Optional.of(usage(() -> Envelopes.reversePath(Texts.known("the sender", address), "")));
            return this;
        }

        /** Asks by RCPT for each of these, as a header has them. */
        public Probing to(String addresses) {
            recipients.addAll(usage(() -> Addresses.bare(Addresses.complete(Addresses.parse("-t", addresses), "")).toList()));
            return this;
        }

        /** STAGE=CODE, such as {@code rcpt=550}; it is {@code ok} if all of them hold. */
        public Probing expect(String expectation) {
            expected.add(Expectation.of(expectation, server.url.protocol()));
            return this;
        }

        /** Sets what the command line calls {@code --name}, such as {@code set("crit", "10s")}. */
        public Probing set(String name, String value) {
            Texts.plain(Exit.USAGE, "--" + name, value);
            switch (name) {
                case "from" -> from(value);
                case "to" -> to(value);
                case "stop-after" -> last = Stages.named("--stop-after", value, server.url.protocol().stages());
                case "expect" -> expect(value);
                case "warn" -> warn = Optional.of(Given.duration("--warn", value));
                case "crit" -> crit = Optional.of(Given.duration("--crit", value));
                default -> throw MailException.usage("there is no option " + name);
            }
            return this;
        }

        /** An address that can't be read is no answer of the server. */
        private static <T> T usage(Supplier<T> reading) {
            try {
                return reading.get();
            } catch (MailException e) {
                throw MailException.usage(e.getMessage()).hint(e.hint());
            }
        }

        /** Looks at the server. Throws {@link MailException} for wrong usage only. */
        public Probe run() {
            return new ProbeRun(plan(), stage -> { }).run();
        }

        ProbePlan plan() {
            server.check();
            boolean asks = sender.isPresent() || !recipients.isEmpty();
            if (asks && server.url.protocol().isPop3()) {
                throw MailException.usage("POP3 has no sender and no recipients").hint("-f and -t are for SMTP and LMTP");
            }
            if (asks && sender.isEmpty()) {
                throw MailException.usage("recipients without a sender").hint("give -f ADDRESS, or -f '' as bounces have it");
            }
            How how = server.how();
            if (how.upTo(last).logsIn()) {
                how.credentials().secret();
            }
            return new ProbePlan(server.where(), how, server.sinks(), sender, recipients, last, expected, warn, crit);
        }
    }

    // ---- 4.16 Replies in words --------------------------------------------------------------------------------------

    /**
     * What a server's reply means and what to do: {@code 550 5.7.1 no relay}, {@code -ERR [IN-USE]}, {@code 5.7.26} (RFC 3463) or
     * a line of a log or a bounce, whose last code counts. Throws {@link MailException} with exit code 65 if it has none.
     */
    public static Explanation explain(String reply) {
        return Pasted.in(Texts.known("the reply", reply)).map(Hints::explain).orElseThrow(() ->
                MailException.data("no code in '" + Texts.inLine(reply) + "'").hint("try: 550 5.7.1 no relay"));
    }
    // ---- 4.17 Tables, templates -------------------------------------------------------------------------------------

    /** A table in a file: CSV with a head line, or NDJSON; throws exit code 66 if it can't be read, 65 for a broken head line. */
    public static Table table(Path file) {
        return Table.of(file);
    }

    /** A mail as text with {@code {{column}}} in it; throws exit code 66 if it can't be read, 65 for what is no template. */
    public static Template template(Path file) {
        return new Template(file);
    }

    /** The rows of a file; one is held at a time. */
    public static final class Table {
        private static final String DELIMITERS = ",;\t";
        private final Path file;
        private final Charset charset;
        private final char delimiter;
        private final List<String> columns;
        private final List<String> warnings = new ArrayList<>();

        static Table of(Path file) {
            return Inputs.reading(Exit.NO_INPUT, file.toString(), () -> new Table(file));
        }

        private Table(Path file) throws IOException {
            this.file = Inputs.isTemporary(file) ? file : Inputs.rereadable(Inputs.word(file));
            charset = Inputs.charset(this.file, warnings);
            delimiter = delimiter();
            columns = isJson() ? List.of() : head();
        }

        /** A megabyte tells enough. */
        private char delimiter() throws IOException {
            try (Reader in = new BoundedReader(RowHandler.reader(file, charset), 1_000_000)) {
                String begin = IOUtils.toString(in).strip();
                String head = begin.replaceAll("\"[^\"]*+(\"|$)", "").lines().findFirst().orElse("");
                return begin.startsWith("{") ? RowHandler.IN_NO_JSON : (char) DELIMITERS.chars().boxed()
                        .max(Comparator.comparing(one -> head.chars().filter(one::equals).count())).orElseThrow().intValue();
            }
        }

        private boolean isJson() {
            return delimiter == RowHandler.IN_NO_JSON;
        }

        private List<String> head() {
            RowHandler handler = new RowHandler(false, bad -> { });
            try (Stream<Row> rows = rows(handler)) {
                rows.findFirst();
                return handler.columns();
            } catch (MailException e) {
                throw MailException.data("the head line of " + file + ": " + e.getMessage()).hint(e.hint());
            }
        }

        /** The columns in the order of the head line; none for NDJSON, where each row has its own. */
        public List<String> columns() {
            return columns;
        }

        /** What was strange about the file, such as its encoding. */
        public List<String> warnings() {
            return warnings;
        }

        /** All rows, read as they are asked for; to be closed. Exit code 65, naming row and line, at one that can't be read. */
        public Stream<Row> rows() {
            return rows(bad -> {
                throw bad.why();
            });
        }

        /** Those that can be read; the others are told when it is their turn. */
        Stream<Row> rows(Consumer<BadRow> faults) {
            return rows(new RowHandler(isJson(), faults));
        }

        private Stream<Row> rows(RowHandler handler) {
            CsvReader<Row> reader = Inputs.reading(Exit.NO_INPUT, file.toString(), () ->
                    handler.parser(delimiter).build(handler, RowHandler.reader(file, charset)));
            return Stream.generate(() -> handler.next(reader)).takeWhile(Optional::isPresent).flatMap(Optional::stream)
                    .onClose(() -> Disk.closeQuietly(reader));
        }

        /** The head line of a table of these rows with one more column; NDJSON has none. */
        String headWith(String column) {
            return isJson() ? "" : line(Stream.concat(columns.stream(), Stream.of(column)).distinct());
        }

        /** The row as it was, with a value in that column. */
        String lineWith(Row row, String column, String value) {
            Map<String, Object> all = new LinkedHashMap<>(row.values());
            all.put(column, value);
            return isJson() ? RowHandler.GSON.toJson(all) + "\n" : line(all.values().stream());
        }

        /** As much as there is of it, as broken as it was. */
        String lineWith(BadRow row, String value) {
            Stream<String> all = Stream.concat(row.cells().stream(), isJson() ? Stream.empty() : Stream.of(value));
            return row.cells().isEmpty() ? "" : isJson() ? all.collect(Collectors.joining("", "", "\n")) : line(all);
        }

        private String line(Stream<?> cells) {
            StringWriter line = new StringWriter();
            CsvWriter.builder().fieldSeparator(delimiter).lineDelimiter(LineDelimiter.LF).bufferSize(0).build(line)
                    .writeRecord(cells.map(Object::toString).toList());
            return line.toString();
        }
    }

    /**
     * What each mail says: the lines of a header, an empty line, the text. {@code {{column}}} stands for a value of a row, which
     * is never read as anything else; sections and loops are those of Mustache, without partials. {@code Attach:} and
     * {@code Inline:} name files, counted from its own folder.
     */
    public static final class Template {
        private static final String SENDER = "--envelope-from";
        private static final Set<String> RECIPIENTS = Set.of("To", "Cc", "Bcc");
        private final List<String> warnings = new ArrayList<>();
        private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
        private final Path folder;
        private final Filling header;
        private final Optional<Filling> text;
        private Optional<Filling> html = Optional.empty();
        private Optional<Filling> sender = Optional.empty();

        private Template(Path file) {
            String[] parts = read(file).split("\n[ \t]*(\n|$)", 2);
            folder = file.toAbsolutePath().getParent();
            header = Filling.ofHeader("the header of " + file, parts[0]);
            text = Stream.of(parts).skip(1).filter(part -> !part.isBlank())
                    .map(part -> Filling.of("the text of " + file, part, Filling.TEXT)).findFirst();
        }

        /** HTML beside the text, from a file of its own; values are escaped in it, but for {@code {{{column}}}}. */
        public Template html(Path file) {
            html = Optional.of(Filling.of(file.toString(), read(file), Filling.HTML));
            return this;
        }

        /** Where bounces go, such as {@code b+{{id}}@example.org}; {@code ""} is nowhere. */
        public Template envelopeFrom(String address) {
            String plain = Texts.plain(Exit.DATA, "the envelope sender", address);
            sender = Optional.of(Filling.ofHeader("the envelope sender", SENDER + ": " + plain));
            return this;
        }

        private String read(Path file) {
            Path copy = Inputs.rereadable(Inputs.word(file));
            octets.writeBytes(Inputs.reading(Exit.NO_INPUT, file.toString(), () -> Files.readAllBytes(copy)));
            return Inputs.text(Inputs.word(copy), warnings).replace("\r\n", "\n").replace('\r', '\n');
        }

        /** The mail for a row; throws a {@link MailException} with exit code 65 that names row, line and column. */
        public Mail mail(Row row) {
            try {
                Mail mail = MailTool.mail();
                List<FilledField> fields = header.fields(row);
                fields.forEach(field -> set(mail, field));
                refuseWithoutRecipient(mail, fields);
                sender.ifPresent(from -> from.fields(row).forEach(field -> set(mail, field)));
                text.ifPresent(words -> mail.text(words.filled(row)));
                html.ifPresent(markup -> mail.html(markup.filled(row)));
                return mail;
            } catch (MailException e) {
                throw row.fault(e);
            }
        }

        private void set(Mail mail, FilledField field) {
            try {
                switch (field.name()) {
                    case "" -> throw field.refused();
                    case SENDER -> mail.envelopeFrom(field.sender());
                    case "From", "To", "Cc", "Bcc", "Reply-To" -> mail.add(field.name(), field.addresses());
                    case "Subject" -> mail.subject(field.text());
                    case "Attach" -> field.attachment(folder).ifPresent(mail::attach);
                    case "Inline" -> field.inline(folder).ifPresent(file -> mail.inline(field.contentId(), file));
                    default -> Optional.of(field.text()).filter(words -> !words.isEmpty())
                            .ifPresent(words -> mail.header(field.name(), words));
                }
            } catch (MailException e) {
                throw field.fault(e);
            }
        }

        private static void refuseWithoutRecipient(Mail mail, List<FilledField> fields) {
            if (RECIPIENTS.stream().allMatch(name -> mail.people.getOrDefault(name, List.of()).isEmpty())) {
                throw MailException.data(fields.stream().filter(field -> RECIPIENTS.contains(field.name()))
                        .flatMap(field -> field.frame().cells()).map(Cell::toString).collect(Collectors.joining())
                        + "there is no recipient");
            }
        }

        /** Other words with a row's values in their places. */
        String filled(String words, Row row) {
            return Mustache.compiler().escapeHTML(false).compile(words).execute(row.values());
        }

        /** 16 hexadecimal digits of the SHA-256 of its files. */
        String digest() {
            return HexFormat.of().formatHex(HashOutput.digest("SHA-256").digest(octets.toByteArray()), 0, 8);
        }

        /** What was strange about the files, such as their encoding. */
        public List<String> warnings() {
            return warnings;
        }
    }
    // ---- 4.18 Campaigns ---------------------------------------------------------------------------------------------

    /** Sends a personal mail to each row of a table, once, in as many runs as it takes. */
    public static Bulk bulk(Table table) {
        return new Bulk(Optional.of(table));
    }

    /**
     * What a journal of {@code bulk} and those of its shards beside it ({@code PATH.K-of-N}) have noted, each in its order; to be
     * closed. Throws exit code 66 if there is none, 78 for what is none.
     */
    public static Stream<JournalRecord> journal(Path path) {
        return CampaignJournal.records(path);
    }

    /**
     * A campaign: a table, a template, and what is known of each row by a journal. Setters return the same campaign and throw
     * {@link MailException} with exit code 64 for what can't be meant, 66 for files that can't be read.
     */
    public static final class Bulk {
        static final String OPTIONS = """

                Campaign:
                *     --data FILE             the table: CSV with a head line, or NDJSON; - for stdin
                *     --template FILE         the mail: header lines, an empty line, the text; with {{column}} anywhere
                      --html-template FILE    the HTML beside the text; values are escaped
                *     --campaign NAME         the campaign; a row is sent once in each
                *     --key-column COLUMN     what tells a row; default: its recipients
                      --envelope-from ADDRESS  where bounces go, such as 'b+{{id}}@example.org'
                      --journal PATH          what was sent to whom (default: DATA.mailtool)

                Pace:
                *     --rate N/s|N/m|N/h      at most so many mails, evenly
                      --retry-for TIME        try again what fails for now, so long from the start (default 2h)
                *     --limit N               only the first N that are not done
                      --shard K/N             only a part of the rows, K from 1; a journal of its own, of the rate its part

                Which:
                      --only KEY              this row alone
                      --again unknown|refused...  also what earlier runs left so
                      --suppress FILE         leave out these addresses, one on a line
                      --failed FILE           write the rows that went wrong there, with a column error
                """;
        private final Optional<Table> table;
        private Optional<Path> templateFile = Optional.empty();
        private Optional<Path> htmlFile = Optional.empty();
        private String campaign = "";
        private Optional<String> keyColumn = Optional.empty();
        private Optional<String> envelopeFrom = Optional.empty();
        private Optional<Path> journal = Optional.empty();
        private Duration interval = Duration.ZERO;
        private Duration retryFor = Duration.ofHours(2);
        private long limit = Long.MAX_VALUE;
        private Optional<Shard> shard = Optional.empty();
        private Optional<String> only = Optional.empty();
        private final Set<String> again = new HashSet<>();
        private final Set<String> suppressed = new HashSet<>();
        private Optional<Path> failed = Optional.empty();

        /** What stdin says is kept in a private file. */
        static Table read(String given) {
            return table(given.equals("-") ? Inputs.spooled(given) : Inputs.path(given));
        }

        Bulk(Optional<Table> table) {
            this.table = table;
        }

        /** Sets what the command line calls {@code --name}, such as {@code set("limit", "500")}. */
        public Bulk set(String name, String value) {
            Texts.plain(Exit.USAGE, "--" + name, value);
            switch (name) {
                case "template" -> templateFile = Optional.of(Inputs.readable(value));
                case "html-template" -> htmlFile = Optional.of(Inputs.readable(value));
                case "campaign" -> campaign = Given.some("--campaign", value);
                case "key-column" -> keyColumn = Optional.of(Given.some("--key-column", value));
                case "envelope-from" -> envelopeFrom = Optional.of(value);
                case "journal" -> journal = Optional.of(Inputs.path(Given.some("--journal", value)));
                case "rate" -> interval = Given.interval("--rate", value);
                case "retry-for" -> retryFor = Given.duration("--retry-for", value);
                case "limit" -> limit = Given.number("--limit", value);
                case "shard" -> shard = Optional.of(shard(value));
                case "only" -> only = Optional.of(value);
                case "again" -> again.add(Given.oneOf("--again", value, "unknown", "refused"));
                case "suppress" -> Inputs.text(Inputs.readable(value)).lines().map(String::strip).filter(line -> !line.isEmpty())
                        .forEach(line -> suppressed.add(line.toLowerCase(Locale.ROOT)));
                case "failed" -> failed = Optional.of(Inputs.path(Given.some("--failed", value)).toAbsolutePath());
                case "data" -> { }
                default -> throw MailException.usage("there is no option " + name);
            }
            return this;
        }

        private static Shard shard(String value) {
            Matcher parts = Pattern.compile("([1-9]\\d{0,5})/([1-9]\\d{0,5})").matcher(value);
            if (!parts.matches() || Integer.parseInt(parts.group(1)) > Integer.parseInt(parts.group(2))) {
                throw MailException.usage("--shard takes K/N, not '" + value + "'")
                        .hint("K counts from 1 to N: 1/8 is the first of 8");
            }
            return new Shard(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
        }

        /** The template of all mails. */
        public Bulk template(Path file) {
            return set("template", file.toString());
        }

        /** HTML beside the text. */
        public Bulk htmlTemplate(Path file) {
            return set("html-template", file.toString());
        }

        /** By its name the journal knows it. */
        public Bulk campaign(String name) {
            return set("campaign", name);
        }

        /** The column that tells a row; else its recipients do. */
        public Bulk key(String column) {
            return set("key-column", column);
        }

        /** At most so many mails, {@code 14/s}, {@code 500/m}, {@code 2000/h}, evenly. */
        public Bulk rate(String mailsPerTime) {
            return set("rate", mailsPerTime);
        }

        /** Where it is noted what was sent; beside the table, if this isn't said. */
        public Bulk journal(Path path) {
            return set("journal", path.toString());
        }

        /** The part K of N, counted from 1, as {@code K/N}. */
        public Bulk shard(int number, int of) {
            return set("shard", number + "/" + of);
        }

        /**
         * Checks all rows, then sends what is not done over one session after the other, and hands over what became of each row.
         * Throws {@link MailException} if nothing is sent, with exit code 65 for a faulty row, 75 while another run is at work on
         * this journal; what stops it later is in the sums.
         */
        public BulkSums send(Server<Smtp> server, Consumer<BulkOutcome> outcomes) {
            try (Campaign ready = open(server.account, true, server.warnings).check()) {
                return send(ready, server, outcomes);
            }
        }

        BulkSums send(Campaign ready, Server<Smtp> server, Consumer<BulkOutcome> outcomes) {
            server.check();
            Sinks sinks = server.sinks();
            Sinks ofSessions = new Sinks(sinks.transcript(), Optional.empty(), sinks.warnings(), sinks.waiting(), sinks.steps());
            Duration apart = interval.multipliedBy(shard.orElse(Shard.WHOLE).of());
            return ready.send(() -> SmtpSession.open(server.where(), server.how(), ofSessions), new Tempo(apart, retryFor, sinks),
                    sinks, outcomes);
        }

        Campaign open(Optional<Account> account, boolean sends, Consumer<String> warnings) {
            if (campaign.isEmpty()) {
                throw MailException.usage("no campaign").hint("give --campaign NAME, another one for each mailing");
            }
            Optional<CampaignTable> rows = table.map(Bulk::rows);
            Path path = journal.or(() -> rows.map(CampaignTable::file).filter(file -> !Inputs.isTemporary(file))
                    .map(file -> Inputs.path(file + ".mailtool"))).orElseThrow(() ->
                    MailException.usage("no journal").hint("give --journal PATH, or the table as a file"));
            List<Path> kept = Stream.concat(rows.map(CampaignTable::file).stream(), Stream.of(path))
                    .map(file -> file.toAbsolutePath().normalize()).toList();
            if (failed.map(Path::normalize).filter(kept::contains).isPresent()) {
                throw MailException.usage("--failed is the table itself, or the journal").hint("give it another name");
            }
            CampaignPlan plan = new CampaignPlan(campaign, rows, path.toAbsolutePath(), shard, again, suppressed, limit, only,
                    senderVaries(), failed);
            return new Campaign(plan, new BulkMails(this, account), sends, warnings);
        }

        private static CampaignTable rows(Table table) {
            return new CampaignTable(table.file, faults -> table.rows(faults), () -> table.headWith("error"),
                    (row, why) -> table.lineWith(row, "error", why), bad -> table.lineWith(bad, bad.why().getMessage()));
        }

        /** Whether each row may have an envelope sender of its own. */
        private boolean senderVaries() {
            Optional<String> from = templateFile.map(Inputs::text).flatMap(text -> text.lines().takeWhile(line -> !line.isBlank())
                    .filter(line -> line.matches("(?i)from:.*")).findFirst());
            return envelopeFrom.or(() -> from).filter(sender -> sender.contains("{{")).isPresent();
        }

        /** What was strange about the table. */
        List<String> warnings() {
            return table.map(Table::warnings).orElse(List.of());
        }
    }

    /** What a campaign's template makes of each row. */
    static final class BulkMails implements CampaignMails {
        private final Bulk bulk;
        private final Optional<Account> account;
        private final Supplier<Template> template = new Lazy<>(this::readTemplate);
        private final Supplier<String> digest = new Lazy<>(() -> template.get().digest());

        BulkMails(Bulk bulk, Optional<Account> account) {
            this.bulk = bulk;
            this.account = account;
        }

        private Template readTemplate() {
            Template read = MailTool.template(bulk.templateFile.orElseThrow(() ->
                    MailException.usage("no template").hint("give --template FILE")));
            bulk.htmlFile.ifPresent(read::html);
            bulk.envelopeFrom.ifPresent(read::envelopeFrom);
            return read;
        }

        @Override
        public String template() {
            return digest.get();
        }

        @Override
        public RowMail of(Row row) {
            Supplier<Mail> mail = new Lazy<>(() -> template.get().mail(row));
            return new RowMail() {
                @Override
                public String key() {
                    String key = bulk.keyColumn.map(row::text).orElseGet(() -> Addresses.bare(mail.get().people
                            .getOrDefault("To", List.of())).map(Envelopes::mailbox).collect(Collectors.joining(", ")));
                    if (key.isEmpty()) {
                        throw row.fault("its key is empty: " + bulk.keyColumn.map(column -> "column " + column).orElse("To"));
                    }
                    return key;
                }

                @Override
                public Prepared prepared(String id, String date) {
                    try {
                        return mail.get().identify(id, date).prepare(account);
                    } catch (MailException e) {
                        throw e.getMessage().startsWith("row ") ? e : row.fault(e);
                    }
                }
            };
        }
    }

    // ---- 4.19 What is sought in messages ----------------------------------------------------------------------------

    /** What a message must have, as one of the options says: its code, links, or what a pattern captures. */
    record Sought(String name, Optional<Pattern> pattern) {
        static final String OPTIONS = """
                *     --code                  print the one-time code alone; 80 if there is none, or two that are equally good
                *     --link                  print the http(s) links, one a line; 80 if there is none
                *     --capture REGEX         print what it finds first, in the subject, then the text; group 1 if it has one
                """;

        /** What a message has of it, as lines, or else in words what it lacks. */
        record Found(List<String> lines, String lack) {
            List<String> orThrow() {
                if (!lack.isEmpty()) {
                    throw lacking(lack);
                }
                return lines;
            }
        }

        static Optional<Sought> of(Arguments arguments) {
            arguments.refuseBoth("capture code link raw headers part");
            return Stream.of("capture", "code", "link").filter(arguments::has).findFirst()
                    .map(name -> new Sought(name, arguments.value(name).filter(any -> name.equals("capture"))
                            .map(regex -> Texts.pattern(Given.some("--capture", regex), Pattern.MULTILINE))));
        }

        Found in(Message message) {
            List<String> found = switch (name) {
                case "code" -> message.codes();
                case "link" -> message.links().stream().map(Link::url).toList();
                default -> captured(message).stream().toList();
            };
            boolean unclear = name.equals("code") && found.size() > 1;
            return new Found(found, found.isEmpty() ? "no " + name : unclear ? manyCodes(found) : "");
        }

        Optional<String> captured(Message message) {
            return pattern.flatMap(message::capture);
        }

        static String manyCodes(List<String> codes) {
            return "codes that are equally good: " + String.join(" and ", codes);
        }

        static MailException lacking(String what) {
            return new MailException(Exit.UNMET, Stage.INPUT, what);
        }
    }
}

// ==== 5. Runs ========================================================================================================
// Work that takes many messages or much time; the loops live here. Calls sessions and stores.

// ---- 5.1 Waiting ----------------------------------------------------------------------------------------------------

/** The one way to wait between two tries: 1, 2, 4 … seconds, at most five minutes. */
final class Backoff {
    private static final long MOST_SECONDS = 300;
    private static final long GLANCE_MILLIS = 250;

    /** Waits until this time of the clock that counts nanoseconds. */
    static void until(long nanoTime) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanoTime - System.nanoTime());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw MailException.interrupted("");
        }
    }

    /** Says why it waits and how long; an interrupt ends it with that reason. */
    static void waitAfter(int attempt, int retries, String problem, Sinks sinks) {
        long seconds = Math.min(MOST_SECONDS, 1L << Math.min(attempt, 9));
        String which = " s (" + (attempt + 1) + " of " + retries + ")";
        sinks.warnings().accept(problem + "; trying again in " + seconds + which);
        try {
            waitFor(Duration.ofSeconds(seconds), left -> sinks.waiting().accept("trying again in " + left + which), () -> false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MailException(Exit.INTERRUPTED, Stage.CONNECT, problem);
        } finally {
            sinks.waiting().accept("");
        }
    }

    /** Tells the seconds that are left, and looks whether the wait is over before its time. */
    static void waitFor(Duration time, LongConsumer left, BooleanSupplier isOver) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        for (long nanos = time.toNanos(); nanos > 0 && !isOver.getAsBoolean(); nanos = end - System.nanoTime()) {
            left.accept((nanos + 999_999_999) / 1_000_000_000);
            Thread.sleep(Math.min(GLANCE_MILLIS, 1 + nanos / 1_000_000));
        }
    }
}

// ---- 5.2 Sending ----------------------------------------------------------------------------------------------------

/** Messages to one server, or to the first of several that takes them: again after temporary failures, and over new sessions. */
final class Sending {
    /** So many lost sessions with no answer in between are no accident. */
    private static final int MOST_LOST = 2;
    /** So long a server may not keep a session in which nothing is asked. */
    private static final Duration LONG_WAIT = Duration.ofSeconds(30);
    private final Sessions sessions;
    private final Turns turns;
    private final Sinks sinks;
    private final int retries;
    private final Deque<Transaction> underWay = new ConcurrentLinkedDeque<>();
    private volatile Optional<Transaction> alone = Optional.empty();
    /** Whether the run is being ended from outside. */
    private volatile boolean isEnding;
    private Courier courier;
    private Optional<Transaction> rescued = Optional.empty();
    private int lost;
    /** What earlier attempts came to. */
    private volatile Optional<Delivery> soFar = Optional.empty();

    Sending(Where where, How how, Sinks sinks, int retries) {
        this(() -> SmtpSession.open(where, how, sinks), Turns.AT_ONCE, sinks, retries);
    }

    Sending(Sessions sessions, Turns turns, Sinks sinks, int retries) {
        this.sessions = sessions;
        this.turns = turns;
        this.sinks = sinks;
        this.retries = retries;
        courier = connectAtLast();
    }

    private Courier connect() {
        return new Courier(sessions.next());
    }

    private Courier connectAtLast() {
        for (int attempt = 0;; attempt++) {
            try {
                return connect();
            } catch (MailException e) {
                if (!e.retryable() || attempt >= retries) {
                    throw e;
                }
                Backoff.waitAfter(attempt, retries, e.getMessage(), sinks);
            }
        }
    }

    void close() {
        courier.close();
    }

    /** What follows begins on a new session. */
    void leave() {
        courier.leave();
    }

    Connection connection() {
        return courier.connection;
    }

    /** With nothing due any more. */
    Connection atRest() {
        courier.settle();
        return courier.connection;
    }

    // ---- One message ----

    Delivery send(Prepared mail) {
        mail.warnings().forEach(sinks.warnings());
        soFar = Optional.empty();
        Delivery delivery = attempt(mail);
        Delivery last = delivery;
        for (int attempt = 0; attempt < retries && last.mayBeRetried(); attempt++) {
            courier.leave();
            soFar = Optional.of(delivery);
            Backoff.waitAfter(attempt, retries, last.problem().getMessage(), sinks);
            last = attempt(delivery.rest(mail));
            delivery = delivery.followedBy(last);
        }
        if (delivery.failure().isPresent()) {
            throw delivery.failure().get();
        }
        return delivery;
    }

    /** At the next hosts too, as long as none has taken anybody (RFC 5321, 5.1). */
    private Delivery attempt(Prepared mail) {
        Delivery delivery = attemptHere(mail);
        while (sessions.haveOther() && delivery.mayBeRetried() && alone.orElseThrow().recipients.accepted.isEmpty()) {
            courier.leave();
            sessions.goOn(delivery.problem());
            delivery = delivery.followedBy(attemptHere(delivery.rest(mail)));
        }
        return delivery;
    }

    private Delivery attemptHere(Prepared mail) {
        Transaction transaction = new Transaction(mail);
        alone = Optional.of(transaction);
        begin(transaction);
        courier.settle();
        return transaction.delivery();
    }

    /** For a run that is being ended: nothing of a message's end goes out any more; what became of it in all attempts. */
    MailException interrupted() {
        isEnding = true;
        underWay.forEach(Transaction::interrupted);
        Optional<Delivery> now = alone.map(Transaction::interrupted);
        Optional<Delivery> all = soFar.flatMap(before -> now.map(before::followedBy)).or(() -> now);
        return all.map(Delivery::interrupted).orElseGet(() -> MailException.interrupted(": nobody got it"));
    }

    /** Begins a message, with further transactions for those of its recipients who find no room in one. */
    private void begin(Transaction message) {
        Optional<Transaction> next = Optional.of(message);
        while (next.isPresent()) {
            renewIfOver();
            courier.begin(next.get());
            next = courier.lost ? Optional.empty() : next.get().goOn();
        }
    }

    private void renewIfOver() {
        try {
            if (courier.isOver()) {
                Optional<MailException> why = courier.why();
                courier.leave();
                report(1);
                turns.sessionEnded(why);
                courier = connect();
            }
        } catch (MailException e) {
            courier.strand(e);
        }
    }

    // ---- Many messages ----

    /** Those that may be tried again wait until all others have had their turn. */
    void sendEach(Stream<Outgoing> items) {
        List<Outgoing> later = round(items, 0);
        for (int attempt = 0; !later.isEmpty(); attempt++) {
            courier.leave();
            Backoff.waitAfter(attempt, retries, Texts.count(later.size(), "message") + " not sent yet", sinks);
            later = round(later.stream(), attempt + 1);
        }
    }

    private List<Outgoing> round(Stream<Outgoing> items, int attempt) {
        List<Outgoing> later = new ArrayList<>();
        sendAll(items.map(item -> attempt < retries ? item.orLater(later) : item), MOST_LOST);
        return later;
    }

    /** In their order; throws once more sessions than these are lost in a row, or there is none for the rest. */
    void sendAll(Stream<Outgoing> items, int mostLost) {
        sendAll(new Ahead(items.iterator()), mostLost);
    }

    void sendAll(Coming coming, int mostLost) {
        underWay.clear();
        lost = 0;
        try (Coming ahead = coming) {
            Optional<Transaction> next = next(ahead);
            while (next.isPresent() && !isEnding) {
                next.filter(Transaction::isOpen).ifPresent(one -> one.mail().warnings().forEach(sinks.warnings()));
                underWay.add(next.get());
                next.filter(one -> isEnding).ifPresent(Transaction::interrupted);
                courier.dialogue.meanwhile = ahead::compose;
                begin(next.get());
                report(1);
                Optional<Transaction> again = courier.lost ? renew(mostLost) : Optional.empty();
                next = again.or(() -> next(ahead));
            }
            courier.settle();
            if (mostLost == 0) {
                courier.refuseIfLost();
            }
        } finally {
            courier.dialogue.meanwhile = () -> { };
            courier.settle();
            report(0);
        }
    }

    /** A new session, over which goes again, once, what was lost before its end. */
    private Optional<Transaction> renew(int mostLost) {
        lost++;
        if (lost > mostLost) {
            courier.refuseIfLost();
        }
        Transaction last = underWay.getLast();
        Delivery delivery = last.delivery();
        boolean cutOff = delivery.bytes() == 0 && (delivery.exit() == Exit.TEMPORARY || delivery.exit() == Exit.PROTOCOL);
        boolean again = cutOff && !rescued.equals(Optional.of(last)) && underWay.remove(last);
        rescued = again ? Optional.of(new Transaction(last::mail, last.outcome).beforeEnd(last.hook)) : Optional.empty();
        report(0);
        turns.sessionEnded(courier.why());
        courier = connectAtLast();
        return rescued;
    }

    /** The next mail; until it comes, the last one is seen to its end and reported. */
    private Optional<Transaction> next(Coming ahead) {
        while (!underWay.isEmpty() && !ahead.isReady()) {
            if (courier.isAnswered()) {
                courier.settle();
                report(0);
            }
        }
        Duration wait = turns.left();
        if (wait.toNanos() > 0) {
            courier.settle();
            report(0);
        }
        if (wait.compareTo(LONG_WAIT) > 0) {
            courier.leave();
        }
        return turns.await() ? ahead.take() : Optional.empty();
    }

    private void report(int kept) {
        while (underWay.size() > kept) {
            Optional<Reply> answer = underWay.remove().report().reply();
            lost = answer.filter(reply -> reply.code() != 421).isPresent() ? 0 : lost;
        }
    }
}

// ---- 5.3 Mails to come ----------------------------------------------------------------------------------------------

/** When the next of many messages may begin, and whether at all. */
interface Turns {
    Turns AT_ONCE = new Turns() { };

    /** How long it is to wait. */
    default Duration left() {
        return Duration.ZERO;
    }

    /** Waits so long; whether there is to be a next one. */
    default boolean await() {
        return true;
    }

    /** Another session is about to take this one's place, which broke for this reason, if it did. */
    default void sessionEnded(Optional<MailException> why) {
    }
}

/** A message among many: made when its turn comes; somebody is told what became of it. */
record Outgoing(Supplier<Prepared> mail, Consumer<Delivery> outcome) {
    /** Put off, if it may be tried again: the same message for those who have not got it. */
    Outgoing orLater(List<Outgoing> later) {
        Supplier<Prepared> same = new Lazy<>(mail);
        Consumer<Delivery> putOff = first -> later.add(
                new Outgoing(() -> first.rest(same.get()), next -> outcome.accept(first.followedBy(next))));
        return new Outgoing(same, delivery -> (delivery.mayBeRetried() ? putOff : outcome).accept(delivery));
    }
}

/** Mails to come, one after the other. */
interface Coming extends AutoCloseable {
    /** Makes use of the time until the server answers. */
    void compose();

    /** Whether the next one is there, or there is none. */
    boolean isReady();

    /** The next one, or none after the last. */
    Optional<Transaction> take();

    @Override
    void close();
}

/** Fetches the mails to come on a thread of its own; they are composed on the sender's, while it waits for the server. */
final class Ahead implements Coming {
    private static final int MOST = 16;
    /** To wake a thread costs more than to make a mail, so room is made for several at once. */
    private static final int LOT = MOST / 2;
    private static final long GLANCE_MILLIS = 1;
    private final Iterator<Outgoing> mails;
    private final Semaphore room = new Semaphore(MOST);
    private final BlockingQueue<FutureTask<Optional<Transaction>>> fetched = new LinkedBlockingQueue<>();
    private final Thread fetcher = new Thread(this::fetchAll, "mails");
    private Optional<FutureTask<Optional<Transaction>>> next = Optional.empty();
    private int taken;

    Ahead(Iterator<Outgoing> mails) {
        this.mails = mails;
        fetcher.setDaemon(true);
        fetcher.start();
    }

    /** The caller's code is not asked again once it has thrown. */
    private void fetchAll() {
        try {
            room.acquire();
            while (mails.hasNext()) {
                Outgoing mail = mails.next();
                fetched.add(new FutureTask<>(() -> Optional.of(new Transaction(mail.mail(), mail.outcome()))));
                room.acquire();
            }
            fetched.add(new FutureTask<>(Optional::empty));
        } catch (InterruptedException e) {
            // Closed: nobody waits for the rest.
        } catch (RuntimeException | Error e) {
            fetched.add(new FutureTask<>(() -> {
                throw e;
            }));
        }
    }

    @Override
    public void compose() {
        next = next.or(() -> Optional.ofNullable(fetched.poll()));
        next.ifPresent(FutureTask::run);
    }

    @Override
    public boolean isReady() {
        try {
            next = next.isPresent() ? next : Optional.ofNullable(fetched.poll(GLANCE_MILLIS, TimeUnit.MILLISECONDS));
            return next.isPresent();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Throws what the caller's code threw, and when the caller is interrupted. */
    @Override
    public Optional<Transaction> take() {
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            FutureTask<Optional<Transaction>> one = next.isPresent() ? next.get() : fetched.take();
            next = Optional.empty();
            makeRoom();
            one.run();
            return one.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MailException(Exit.INTERRUPTED, Stage.MAIL, "interrupted; the mails still to come were not sent");
        }
    }

    private void makeRoom() {
        taken++;
        if (taken % LOT == 0) {
            room.release(LOT);
        }
    }

    @Override
    public void close() {
        fetcher.interrupt();
    }
}

// ---- 5.4 Accounts side by side --------------------------------------------------------------------------------------

/** One account's maildrop, and what is to be fetched from it. */
record FetchJob(Where where, How how, Sinks sinks, FetchPlan plan) {
    /** Jobs with one store for each place; side by side, two of one maildrop would each fetch everything to it. */
    static List<FetchJob> sharing(List<FetchJob> jobs) {
        Map<Path, Store> stores = new HashMap<>();
        Map<String, FetchJob> targets = new HashMap<>();
        List<FetchJob> shared = new ArrayList<>();
        for (FetchJob job : jobs) {
            Path place = job.plan.store().place();
            Maildrop maildrop = new Maildrop(job.how.credentials().user(), job.where.host());
            FetchJob same = targets.putIfAbsent(place + " " + maildrop.name(), job);
            if (same != null) {
                String both = same.account() + " and " + job.account();
                throw MailException.usage("the accounts " + both + " are one maildrop, and go to one place").hint("name it once");
            }
            Store store = stores.computeIfAbsent(place, none -> job.plan.store());
            if (store instanceof FileStore one && job.plan.store() instanceof FileStore other && !one.shown.equals(other.shown)) {
                throw MailException.usage(one.folder + " can't be a Maildir for one account and a folder for " + job.account());
            }
            shared.add(new FetchJob(job.where, job.how, job.sinks, job.plan.into(store)));
        }
        return shared;
    }

    String account() {
        return plan.account();
    }
}

/** Who is told what becomes of each message and each account, from several threads; says in the end what all came to. */
interface FetchView {
    void add(Fetched message);

    void add(Summary summary);

    Exit end();
}

/** Fetches several accounts side by side; one that fails does not stop the others. */
final class FetchJobs {
    private static final long FAREWELL_SECONDS = 20;
    private final List<FetchJob> jobs;
    private final FetchView seen;
    private final Queue<Pop3Session> open = new ConcurrentLinkedQueue<>();
    /** One for each account; who has it may be storing something. */
    private final Semaphore storing;

    FetchJobs(List<FetchJob> jobs, FetchView seen) {
        this.jobs = jobs;
        this.seen = seen;
        storing = new Semaphore(jobs.size());
    }

    Exit run() {
        // Stores come first: who can't store, or would meet another run, asks no server.
        List<FetchJob> storable = jobs.stream().filter(job -> attempt(job, job.plan().store()::open)).toList();
        List<FetchJob> ready = storable.stream().filter(this::hasSecret).toList();
        List<Thread> running = ready.stream().map(job -> new Thread(() -> fetch(job), job.account())).toList();
        running.forEach(Thread::start);
        try {
            for (Thread thread : running) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return seen.end();
    }

    /** What fails is in the account's summary. */
    private boolean attempt(FetchJob job, Runnable work) {
        try {
            work.run();
            return true;
        } catch (MailException e) {
            seen.add(Summary.failed(job.account(), e));
        } catch (RuntimeException | Error e) {
            // It would end this thread alone, and the exit code would say that all went well.
            seen.add(Summary.failed(job.account(), new MailException(Exit.IO, Stage.STORE, "unexpected: " + e)));
        }
        return false;
    }

    private boolean hasSecret(FetchJob job) {
        boolean has = attempt(job, job.how().credentials()::secret);
        if (!has) {
            attempt(job, job.plan().store()::close);
        }
        return has;
    }

    private void fetch(FetchJob job) {
        AtomicReference<Pop3Session> first = new AtomicReference<>();
        boolean connected = attempt(job, () -> first.set(connect(job)));
        storing.acquireUninterruptibly();
        attempt(job, () -> {
            // It was opened first of all, and is closed in any case.
            try (Store store = job.plan().store()) {
                if (connected) {
                    seen.add(fetched(job, first.get()));
                }
            }
        });
        storing.release();
    }

    private Pop3Session connect(FetchJob job) {
        if (!job.how().credentials().wanted()) {
            throw MailException.usage("no user").hint("write pop3://USER@HOST, or give -u USER");
        }
        Pop3Session session = Pop3Session.open(job.where(), job.how(), job.sinks());
        open.add(session);
        if (job.plan().store().isEnding) {
            session.connection.drop();
        }
        return session;
    }

    private Summary fetched(FetchJob job, Pop3Session first) {
        Fetcher fetcher = new Fetcher(first, () -> connect(job), job.plan(), seen::add);
        Summary summary = fetcher.run();
        fetcher.session.leave();
        return summary;
    }

    /** Ctrl-C: the connections end, what has come is stored, and only then do we go; with what came of accounts till then. */
    Exit interrupted() {
        jobs.forEach(job -> job.plan().store().isEnding = true);
        open.forEach(session -> session.connection.drop());
        try {
            boolean inTime = storing.tryAcquire(jobs.size(), FAREWELL_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return seen.end();
    }
}

// ---- 5.5 A run ------------------------------------------------------------------------------------------------------

/** What is to be fetched, and what becomes of it on the server. */
record FetchPlan(String account, Store store, Wanted wanted, long limit, long maxSize, boolean newestFirst, boolean all,
        Optional<Duration> deleteAfter, int commitEvery) {
    FetchPlan into(Store shared) {
        return new FetchPlan(account, shared, wanted, limit, maxSize, newestFirst, all, deleteAfter, commitEvery);
    }

    /** Whether what was stored then, in seconds since 1970, is to be deleted. */
    boolean deletes(long storedAt) {
        return deleteAfter.isPresent() && storedAt <= now() - deleteAfter.get().toSeconds();
    }

    static long now() {
        return System.currentTimeMillis() / 1000;
    }
}

/** A message that may be wanted; its header and all of it are asked for when they are needed to know. */
record Candidate(String uid, Supplier<byte[]> header, Supplier<Path> body) {
}

/** Which messages are wanted; at most how many, known ones too, of which the newest count; what to say of none. */
record Wanted(int most, boolean needsHeader, Predicate<Candidate> test, Supplier<List<String>> warnings) {
}

/** Fetching of one account. A mail that breaks the session is left for the next time, and another session brings the rest. */
final class Fetcher {
    static final int NEW_CONNECTIONS = 12;
    private final Supplier<Pop3Session> another;
    private final FetchPlan plan;
    private final FetchReport report;
    Pop3Session session;
    private boolean oneByOne;

    Fetcher(Pop3Session first, Supplier<Pop3Session> another, FetchPlan plan, Consumer<Fetched> each) {
        session = first;
        this.another = another;
        this.plan = plan;
        report = new FetchReport(plan, first.host(), each);
    }

    Summary run() {
        Optional<MailException> failure = Optional.empty();
        try (Store store = plan.store().open()) {
            fetch();
        } catch (MailException e) {
            failure = Optional.of(e);
        }
        String who = plan.account().isEmpty() ? session.host() : plan.account();
        plan.wanted().warnings().get().forEach(what -> session.connection.sinks.warnings().accept(who + ": " + what));
        return report.end(failure);
    }

    private void fetch() {
        for (int renewed = 0; !isDone(); renewed++) {
            if (renewed == NEW_CONNECTIONS) {
                String what = "the connection to " + session.host() + " broke " + (renewed + 1) + " times";
                throw new MailException(report.exit(), Stage.RETR, what)
                        .hint("--newest-first begins with others; mailtool delete N or UID drops one that can't be fetched");
            }
            session = another.get();
        }
    }

    /** If not, another session may bring the rest. */
    private boolean isDone() {
        Visit visit = visit();
        try {
            visit.run();
            return true;
        } catch (IOException e) {
            leave(visit, e);
        } catch (UncheckedIOException e) {
            leave(visit, e.getCause());
        }
        session.connection.drop();
        return false;
    }

    /** One that breaks before a message is asked for ends the run. */
    private Visit visit() {
        try {
            return new Visit(session, oneByOne ? Pace.ONE_BY_ONE : Pace.flightsOf(plan.commitEvery()), plan, report);
        } catch (IOException e) {
            throw reason(e);
        }
    }

    private MailException reason(IOException e) {
        if (plan.store().isEnding) {
            throw MailException.interrupted("; what was stored is known the next time");
        }
        return session.connection.explain(e);
    }

    /** A break is blamed on the message that it came at; anything else may be the fault of any message of its flight. */
    private void leave(Visit visit, IOException e) {
        MailException why = reason(e);
        Suspect suspect = visit.flights.suspect().orElseThrow(() -> why);
        boolean broke = e instanceof LostConnection && !session.connection.timedOut();
        if (suspect.alone() || broke) {
            visit.leave(suspect.number(), why);
        } else {
            oneByOne = true;
        }
    }
}

/** What became of the messages of one account, told when it is certain, and the sums. */
final class FetchReport {
    private final FetchPlan plan;
    private final String host;
    private final Consumer<Fetched> each;
    /** What is left for the next time, and why. Numbers may shift between sessions, so each goes by its name. */
    private final Map<String, MailException> left = new LinkedHashMap<>();
    /** By name: what is stored, and may be deleted at the end. */
    private final Map<String, Fetched> untold = new LinkedHashMap<>();
    private final Set<String> fetchedNow = new HashSet<>();
    private Optional<MailException> ended = Optional.empty();
    long fetched;
    long octets;
    /** Too large. */
    long skipped;
    private long known;
    private long deleted;

    FetchReport(FetchPlan plan, String host, Consumer<Fetched> each) {
        this.plan = plan;
        this.host = host;
        this.each = each;
    }

    void stored(Listed message, Received received) {
        fetched++;
        octets += received.octets();
        Fetched what = fetched(message, received.place(), received.octets());
        if (plan.all()) {
            fetchedNow.add(message.name());
        }
        if (plan.deleteAfter().isEmpty()) {
            each.accept(what);
        } else {
            untold.put(message.name(), what);
        }
    }

    void left(Listed message, MailException why) {
        if (why.exit() == Exit.INTERRUPTED) {
            ended = Optional.of(MailException.interrupted(""));
            return;
        }
        left.put(message.name(), why);
        Fetched what = soFar(message).left(why);
        if (untold.replace(message.name(), what) == null) {
            each.accept(what);
        }
    }

    void deleted(Listed message) {
        deleted++;
        untold.put(message.name(), soFar(message).deletedToo());
    }

    private Fetched soFar(Listed message) {
        return untold.getOrDefault(message.name(), fetched(message, "", message.size()));
    }

    private Fetched fetched(Listed message, String file, long size) {
        Optional<Reply> none = Optional.empty();
        return new Fetched(plan.account(), message.number(), message.uid(), true, file, size, false, none, Optional.empty());
    }

    /** For {@code --all}: what an earlier session of this run has fetched is not fetched again. */
    boolean isFetchedNow(Listed message) {
        return fetchedNow.contains(message.name());
    }

    /** What this run has fetched is known too by now. */
    void known(long count) {
        known = count - fetched;
    }

    boolean isLeft(Listing listing, int number) {
        return !left.isEmpty() && left.containsKey(listing.listed(number).name());
    }

    /** What those come to that are left. */
    Exit exit() {
        return Verdict.ofLeft(left.values());
    }

    /** A reason that is no refusal, if there is one, says what went wrong. */
    private Optional<MailException> failure() {
        return left.values().stream().min(Comparator.comparing(why -> why.reply().isPresent())).map(why -> {
            String messages = Texts.count(left.size(), "message");
            String what = why.reply().map(reply -> host + " refused " + messages + ": " + reply)
                    .orElse(messages + " left: " + why.getMessage());
            String again = why.reply().isPresent() || !why.hint().isEmpty() ? why.hint() : "tried again next time";
            return new MailException(exit(), why.stage(), what).hint(again);
        });
    }

    /** Whatever ended the run; what is left is a failure too. */
    Summary end(Optional<MailException> failure) {
        untold.values().forEach(each);
        return new Summary(plan.account(), fetched, octets, known, skipped, left.size(), deleted,
                failure.or(() -> ended).or(this::failure));
    }
}

// ---- 5.6 A session's part -------------------------------------------------------------------------------------------

/** One session's part of a run, and what its steps share. Their order decides what a crash can cost: nothing. */
final class Visit {
    final Pop3Session session;
    final FetchPlan plan;
    final FetchReport report;
    final Listing listing;
    final Flights flights;
    final Maildrop maildrop;
    final Known known;
    final Survey survey = new Survey(this);

    Visit(Pop3Session session, Pace pace, FetchPlan plan, FetchReport report) throws IOException {
        this.session = session;
        this.plan = plan;
        this.report = report;
        listing = Listing.of(session);
        if (plan.maxSize() < Pop3Session.LARGEST || session.connection.sinks.progress().isPresent()) {
            listing.addSizes(session);
        }
        flights = new Flights(session, listing, pace);
        maildrop = new Maildrop(session.connection.how.credentials().user(), session.host());
        known = new Known(listing, plan.store(), maildrop);
    }

    void run() throws IOException {
        survey.look();
        report.known(known.count());
        new Reception(this, new Choice(this)).receive();
        report.known(known.count());
        new Removal(this).remove();
        listing.incomplete(session.host()).ifPresent(problem -> {
            throw problem;
        });
    }

    void stored(int number, Received message) {
        known.stored(number, message.mail().identity());
        report.stored(listing.listed(number), message);
    }

    void leave(int number, MailException why) {
        report.left(listing.listed(number), why);
    }

    void refused(Stage stage, int number, Reply reply) {
        Exit exit = Verdict.ofRefused(List.of(reply));
        leave(number, MailException.refused(exit, stage, session.host() + " refused message " + number, reply));
    }

    boolean isLeft(int number) {
        return report.isLeft(listing, number);
    }

    /** Stored long enough, and known to be. Nothing goes if the listing left messages out. */
    boolean isDue(int number) {
        return known.isKnown(number) && plan.deletes(known.since(number)) && listing.isWhole() && !isLeft(number);
    }
}

/** Looks by TOP at messages whose UID does not say which they are, and at those that are to be deleted. */
final class Survey {
    /** Only all of them tells whether they are known. */
    final BitSet open = new BitSet();
    /** Not even their headers tell them apart. */
    final BitSet twins = new BitSet();
    /** Messages with one UID that their headers don't tell apart. */
    final BitSet alike = new BitSet();
    private final Visit visit;
    private final Map<Integer, String> headers = new TreeMap<>();
    private final Map<Integer, Reply> refusals = new TreeMap<>();

    Survey(Visit visit) {
        this.visit = visit;
    }

    void look() throws IOException {
        int[] suspects = visit.listing.numbers().filter(number -> visit.known.doubtful.get(number) || visit.isDue(number))
                .filter(number -> !visit.isLeft(number)).toArray();
        if (suspects.length > 0 && visit.session.knowsTop()) {
            visit.flights.closed(Stage.TOP, IntStream.of(suspects).iterator(), "TOP N 0", this::take, () -> { });
            refusals.forEach((number, reply) -> visit.refused(Stage.TOP, number, reply));
            findTwins();
            alike.or(visit.listing.ambiguous());
            alike.and(open);
            headers.forEach(this::judge);
            visit.known.write();
        } else if (suspects.length > 0) {
            refuseToKeepTheUnnamed();
            IntStream.of(suspects).forEach(open::set);
        }
    }

    /** They are known by all of it only, and would be fetched again and again. */
    private void refuseToKeepTheUnnamed() {
        boolean keeps = visit.plan.deleteAfter().filter(Duration::isZero).isEmpty();
        if (keeps && !visit.listing.ambiguous().isEmpty()) {
            String why = " offers neither UIDL nor TOP, so what was fetched before can't be told from what is new";
            throw new MailException(Exit.DATA, Stage.LIST, visit.session.host() + why).hint("fetch with --delete");
        }
    }

    private void take(int number, Reply reply) throws IOException {
        if (!reply.positive()) {
            refusals.put(number, reply);
            return;
        }
        Fingerprint print = Fingerprint.ofHeader();
        visit.session.readHeader(number, print);
        if (print.header().isPresent()) {
            headers.put(number, print.header().get());
        } else {
            open.set(number);
        }
    }

    /** Of those with one UID and one header only all of it tells which is which. */
    private void findTwins() {
        Map<String, List<Integer>> same = headers.keySet().stream().filter(visit.listing::isAmbiguous)
                .collect(Collectors.groupingBy(number -> visit.listing.key(number) + " " + headers.get(number)));
        same.values().stream().filter(numbers -> numbers.size() > 1).flatMap(List::stream).forEach(twins::set);
        open.or(twins);
    }

    /** One whose header is another than that which was stored is new, if all of it says so too. */
    private void judge(int number, String identity) {
        Known known = visit.known;
        if (twins.get(number)) {
            return;
        }
        boolean isOther = known.isKnown(number) && !known.isIdentity(number, identity);
        Optional<Long> time = known.isKnown(number) ? Optional.of(known.since(number)) : known.storedAt(identity);
        time.filter(any -> !isOther).ifPresentOrElse(seconds -> known.again(number, identity, seconds), () -> open.set(number));
    }
}

// ---- 5.7 What is known ----------------------------------------------------------------------------------------------

/** What is known of the messages that are listed: from the journal, and from what this session shows. */
final class Known {
    private final Listing listing;
    private final Store store;
    private final Maildrop maildrop;
    /** By number: when it was stored, in seconds since 1970, or 0. */
    private final long[] since;
    /** By number: the identity that it was stored with. */
    private final byte[] identities;
    /** Their UIDs do not say which message they are. */
    final BitSet doubtful = new BitSet();
    /** Their UIDs stand for more than one stored message. */
    private final BitSet several = new BitSet();
    /** This session has shown that they are what is stored. */
    final BitSet shown = new BitSet();
    private final List<Note> notes = new ArrayList<>();
    /** By identity, under whatever UID: when it was stored. */
    private Lazy<Map<String, Long>> stored = new Lazy<>(this::allStored);
    private boolean noted;

    Known(Listing listing, Store store, Maildrop maildrop) {
        this.listing = listing;
        this.store = store;
        this.maildrop = maildrop;
        since = new long[listing.highest() + 1];
        identities = new byte[since.length * MailId.DIGITS];
        Set<String> unlisted = readJournal();
        if (listing.namesAll()) {
            unlisted.forEach(mail -> notes.add(Note.unlisted(maildrop, NoteLines.mail(mail))));
            write();
        }
        doubtful.or(several);
        doubtful.or(listing.ambiguous());
        if (!noted) {
            takeFromStore();
        }
    }

    /** Returns those that were never said to have gone, and are not listed. */
    private Set<String> readJournal() {
        Set<String> unlisted = new LinkedHashSet<>();
        store.known(maildrop, (sign, mail, seconds) -> {
            noted = true;
            String uid = mail.substring(MailId.DIGITS + 1);
            int number = listing.numberOfKey(uid);
            if (number > 0) {
                take(sign, number, mail.substring(0, MailId.DIGITS), seconds);
            } else if (sign == '+' && !uid.isEmpty()) {
                unlisted.add(mail);
            } else {
                unlisted.remove(mail);
            }
        });
        return unlisted;
    }

    /** Once a message has gone its UID may be given to another. */
    private void take(char sign, int number, String identity, long seconds) {
        boolean ended = doubtful.get(number);
        doubtful.set(number, sign != '+');
        if (sign == '+') {
            boolean another = since[number] > 0 && !ended && !isIdentity(number, identity);
            several.set(number, another || several.get(number) && !ended);
            set(number, identity, seconds);
        }
    }

    private void set(int number, String identity, long seconds) {
        System.arraycopy(identity.getBytes(US_ASCII), 0, identities, number * MailId.DIGITS, MailId.DIGITS);
        since[number] = seconds;
    }

    /** A maildrop of which nothing is noted is new, or its journal was lost. */
    private void takeFromStore() {
        Set<String> found = store.identities(maildrop);
        if (!found.isEmpty()) {
            stored = new Lazy<>(() -> found.stream().collect(Collectors.toMap(identity -> identity, any -> FetchPlan.now())));
            listing.numbers().forEach(doubtful::set);
        }
    }

    boolean isKnown(int number) {
        return since[number] > 0 && !doubtful.get(number);
    }

    long since(int number) {
        return since[number];
    }

    long count() {
        return listing.numbers().filter(this::isKnown).count();
    }

    boolean isIdentity(int number, String identity) {
        return identity(number).equals(identity);
    }

    Optional<Long> storedAt(String identity) {
        return Optional.ofNullable(stored.get().get(identity));
    }

    private Map<String, Long> allStored() {
        Map<String, Long> all = new HashMap<>();
        store.known(maildrop, (sign, mail, seconds) -> {
            if (sign == '+') {
                all.put(mail.substring(0, MailId.DIGITS), seconds);
            }
        });
        return all;
    }

    void stored(int number, String identity) {
        if (stored.isKnown()) {
            stored.get().put(identity, FetchPlan.now());
        }
        show(number, identity, FetchPlan.now());
    }

    /** It has been shown to be what is stored; that its UID is in doubt no longer lasts, if the UID is its own. */
    void again(int number, String identity, long seconds) {
        boolean isNews = !noted || doubtful.get(number) && !listing.isAmbiguous(number);
        if (isNews) {
            MailId mail = new MailId(listing.key(number), identity);
            if (several.get(number)) {
                notes.add(Note.unlisted(maildrop, mail));
            }
            notes.add(Note.stored(maildrop, mail, seconds));
        }
        show(number, identity, seconds);
    }

    private void show(int number, String identity, long seconds) {
        set(number, identity, seconds);
        doubtful.clear(number);
        shown.set(number);
    }

    String identity(int number) {
        return new String(identities, number * MailId.DIGITS, MailId.DIGITS, US_ASCII);
    }

    /** Notes for the next run what has been found out. */
    void write() {
        store.note(notes);
        notes.clear();
    }
}

// ---- 5.8 Choosing ---------------------------------------------------------------------------------------------------

/** Which messages are asked for, by size, header and number; some are only looked at, as they may be known. */
final class Choice {
    final int[] numbers;
    final BitSet onlySeen = new BitSet();
    /** How many more there may be, of those that are asked for as they may be new. */
    long room;
    private final Visit visit;
    private final FetchPlan plan;
    private final Headers headers;

    Choice(Visit visit) throws IOException {
        this.visit = visit;
        plan = visit.plan;
        room = plan.limit() - visit.report.fetched;
        boolean someOnly = plan.wanted().most() < Integer.MAX_VALUE;
        headers = headers(someOnly || plan.newestFirst() ? -1 : 1, someOnly ? any -> !visit.isLeft(any) : this::isCandidate);
        visit.report.skipped = 0;
        numbers = numbers(someOnly ? newest()::get : this::fits);
    }

    private Headers headers(int direction, IntPredicate asked) throws IOException {
        if (plan.wanted().needsHeader() && !visit.session.knowsTop()) {
            String why = visit.session.host() + " can't show headers (no TOP), so --match, --since, --older can't look into them";
            throw new MailException(Exit.DATA, Stage.TOP, why).hint("fetch without these, or with --match uid=");
        }
        IntStream all = visit.listing.numbers().filter(asked).filter(this::isSmallEnough);
        return new Headers(visit.flights, all.collect(BitSet::new, BitSet::set, BitSet::or), direction);
    }

    private int[] numbers(IntPredicate wanted) {
        int last = visit.listing.highest();
        return IntStream.rangeClosed(1, last).map(number -> plan.newestFirst() ? last + 1 - number : number)
                .filter(this::isCandidate).takeWhile(number -> room > 0).filter(number -> isSmallEnough(number) || skip())
                .filter(number -> wanted.test(number) || isToBeSeen(number))
                .peek(number -> room -= visit.survey.open.get(number) ? 0 : 1).toArray();
    }

    /** Known or not, so that it is the same in each run. */
    private BitSet newest() {
        return headers.inOrder().filter(this::fits).limit(plan.wanted().most()).collect(BitSet::new, BitSet::set, BitSet::or);
    }

    private boolean isCandidate(int number) {
        if (!visit.listing.has(number) || visit.isLeft(number)) {
            return false;
        }
        boolean again = plan.all() && !visit.report.isFetchedNow(visit.listing.listed(number));
        return again || visit.survey.open.get(number) || !visit.known.isKnown(number);
    }

    private boolean isSmallEnough(int number) {
        return visit.listing.size(number).orElse(0) <= plan.maxSize();
    }

    private boolean skip() {
        visit.report.skipped++;
        return false;
    }

    /** A message that the server does not show is left for the next time. */
    private boolean fits(int number) {
        try {
            return plan.wanted().test().test(new Candidate(visit.listing.uid(number), () -> Uncheck.get(() -> headers.of(number)),
                    () -> Uncheck.get(() -> visit.flights.retrieve(number, visit.listing.size(number).orElse(0)))));
        } catch (MailException e) {
            visit.refused(e.stage(), number, e.refusal());
            return false;
        }
    }

    /** What is stored is to be deleted whether it matches or not. */
    private boolean isToBeSeen(int number) {
        onlySeen.set(number, visit.survey.open.get(number) && visit.known.isKnown(number) && !visit.isLeft(number));
        return onlySeen.get(number);
    }
}

// ---- 5.9 Receiving --------------------------------------------------------------------------------------------------

/** Brings messages into the store; each counts when its flight is closed. */
final class Reception {
    private final Visit visit;
    private final Choice choice;
    /** What is told by all of it, and on its way into the store. */
    private final Set<String> underWay = new HashSet<>();
    private final Map<Integer, String> sameAsOthers = new LinkedHashMap<>();
    /** What follows once it is proven. */
    private final List<Runnable> consequences = new ArrayList<>();
    /** Octets that the server says there are to come, those that came, and mails. */
    private long expected;
    private long octets;
    private long came;

    Reception(Visit visit, Choice choice) {
        this.visit = visit;
        this.choice = choice;
        octets = visit.report.octets;
        came = visit.report.fetched;
    }

    void receive() throws IOException {
        expected = octets + IntStream.of(choice.numbers).mapToLong(number -> visit.listing.size(number).orElse(0)).sum();
        long all = came + choice.numbers.length;
        visit.session.connection.sinks.mails(came, all);
        if (choice.numbers.length > 0) {
            visit.plan.store().expect();
        }
        try (Committer committer = new Committer(visit)) {
            PrimitiveIterator.OfInt asked = IntStream.of(choice.numbers).filter(this::isAsked).iterator();
            visit.flights.closed(Stage.RETR, asked, "RETR N", (number, reply) -> {
                take(number, reply, committer);
                visit.session.connection.sinks.mails(++came, all);
            }, () -> {
                committer.prove();
                consequences.forEach(Runnable::run);
                consequences.clear();
            });
        }
        Known known = visit.known;
        sameAsOthers.forEach((number, same) -> known.storedAt(same).ifPresent(time -> known.again(number, same, time)));
        known.write();
    }

    private boolean isAsked(int number) {
        return choice.room > 0 || !visit.survey.open.get(number) || visit.known.isKnown(number);
    }

    private void take(int number, Reply reply, Committer committer) throws IOException {
        if (!reply.positive()) {
            consequences.add(() -> visit.refused(Stage.RETR, number, reply));
            return;
        }
        Fingerprint print = visit.survey.open.get(number) ? Fingerprint.ofAll() : Fingerprint.ofHeader();
        try (Incoming incoming = committer.begin(print::sender)) {
            long most = visit.plan.maxSize();
            Connection connection = visit.session.connection;
            connection.wire.coming = more -> connection.sinks.progress(octets + more, expected);
            visit.session.readContent(new TeeOutputStream(print, incoming), most, () -> tooLarge(number, most));
            octets += visit.listing.size(number).orElse(0);
            if (!visit.survey.open.get(number) || isNew(number, print)) {
                committer.add(number, incoming.complete(new MailId(visit.listing.key(number), identity(number, print))));
            }
        }
    }

    private String identity(int number, Fingerprint print) {
        return visit.survey.twins.get(number) ? print.whole() : print.identity();
    }

    private MailException tooLarge(int number, long most) {
        OptionalLong size = visit.listing.size(number);
        String listed = size.isPresent() ? ", though LIST said " + size.getAsLong() : "";
        String what = "message " + number + " has more than the " + most + " octets of --max-size" + listed;
        return new MailException(most < Pop3Session.LARGEST ? Exit.TEMPORARY : Exit.PROTOCOL, Stage.RETR, what)
                .hint("fetch it with a larger --max-size");
    }

    private boolean isNew(int number, Fingerprint print) {
        String identity = identity(number, print);
        Optional<Long> time = visit.known.storedAt(print.whole())
                .or(() -> print.header().filter(header -> !visit.survey.twins.get(number)).flatMap(visit.known::storedAt));
        if (time.isPresent() && !visit.plan.all()) {
            consequences.add(() -> visit.known.again(number, identity, time.get()));
            return false;
        }
        if (choice.onlySeen.get(number) || choice.room <= 0) {
            return false;
        }
        if (!underWay.add(identity) && !visit.plan.all()) {
            sameAsOthers.put(number, identity);
            return false;
        }
        choice.room--;
        return true;
    }
}

/** Gathers messages in batches, each of which is committed by a thread of its own while the next is received. */
final class Committer implements AutoCloseable {
    /** Octets that may wait before the last message of a batch, so that large ones soon give back their room. */
    private static final long ENOUGH = 64 << 20;
    private final Visit visit;
    private final Store store;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Map<Received, Integer> numbers = new IdentityHashMap<>();
    private Batch batch;
    private List<Received> underWay = List.of();
    private CompletableFuture<Map<Received, MailException>> commit = CompletableFuture.completedFuture(Map.of());
    private boolean failed;

    Committer(Visit visit) {
        this.visit = visit;
        store = visit.plan.store();
        batch = store.batch(visit.maildrop);
    }

    Incoming begin(Supplier<Optional<String>> sender) {
        if (Thread.currentThread().isInterrupted()) {
            throw new MailException(Exit.INTERRUPTED, Stage.STORE, "interrupted");
        }
        return batch.next(sender);
    }

    void add(int number, Received message) {
        numbers.put(message, number);
    }

    /** What has come so far is whole. It is committed if another flight might be more than is to be lost at a time. */
    void prove() {
        batch.prove();
        int count = batch.messages.size();
        boolean full = count + Pace.LONGEST > visit.plan.commitEvery() || batch.octets() >= ENOUGH;
        if (full && count > 0) {
            commit();
        }
    }

    private void commit() {
        await();
        Batch whole = batch;
        commit = CompletableFuture.supplyAsync(() -> store.commit(whole), thread);
        underWay = batch.messages;
        batch = store.batch(visit.maildrop);
    }

    /** No interrupt ends it: nobody may close the store meanwhile. */
    private void await() {
        try {
            Map<Received, MailException> notTaken = commit.join();
            underWay.forEach(message -> Optional.ofNullable(notTaken.get(message)).ifPresentOrElse(
                    why -> visit.leave(numbers.get(message), why), () -> visit.stored(numbers.get(message), message)));
            underWay = List.of();
        } catch (CompletionException e) {
            failed = true;
            throw e.getCause() instanceof MailException problem ? problem
                    : new MailException(Exit.OUTPUT, Stage.STORE, "can't store: " + Texts.cause(e));
        }
    }

    /** What is proven is stored, whatever happened to the connection; what could not be stored is not tried again. */
    @Override
    public void close() {
        try {
            if (!failed) {
                commit();
                await();
            }
        } finally {
            thread.shutdown();
            batch.close();
        }
    }
}

// ---- 5.10 Deleting --------------------------------------------------------------------------------------------------

/** Deletes what is stored long enough, and was shown in this session to be that. */
record Removal(Visit visit) {
    void remove() throws IOException {
        List<Integer> gone = new ArrayList<>();
        visit.flights.each(Stage.DELE, deletable().iterator(), "DELE N", (number, reply) -> {
            if (reply.positive()) {
                gone.add(number);
            } else {
                visit.refused(Stage.DELE, number, reply);
            }
        });
        if (!gone.isEmpty()) {
            visit.session.quitForGood(gone.size(), "the next run deletes what is still there");
            note(gone);
        }
    }

    /** Of messages that are alike none goes before all are known. */
    private IntStream deletable() {
        Listing listing = visit.listing;
        boolean sureOfAlike = listing.numbers().filter(visit.survey.alike::get).allMatch(visit.known::isKnown);
        return listing.numbers().filter(number -> visit.isDue(number) && visit.known.shown.get(number))
                .filter(number -> sureOfAlike || !visit.survey.alike.get(number));
    }

    private void note(List<Integer> gone) {
        Listing listing = visit.listing;
        Known known = visit.known;
        List<MailId> mails = gone.stream().map(number -> new MailId(listing.key(number), known.identity(number))).toList();
        visit.plan.store().deleted(visit.maildrop, mails, key -> listing.numberOfKey(key) > 0);
        gone.forEach(number -> visit.report.deleted(listing.listed(number)));
    }
}

// ---- 5.11 Forwarding ------------------------------------------------------------------------------------------------

/** Where messages go on to, who gets them there, and whose they are if not the Return-Path's. */
record Target(Where where, How how, Sinks sinks, int retries, SortedSet<String> recipients, Optional<String> reversePath) {
}

/** Forwards messages byte for byte, over one connection as long as it lasts. */
final class ForwardStore extends TakerStore {
    /** With so many Received lines a message goes in circles (RFC 5321, 6.3). */
    private static final int LOOP = 30;
    private final Target target;
    private final String host;
    /** By recipient: what was noted of messages that others had not got yet. */
    private final Map<Maildrop, Map<MailId, Character>> parts = new HashMap<>();
    private Optional<Sending> sending = Optional.empty();

    ForwardStore(Path folder, Target target) {
        super(folder, "forward", target.where().protocol() + target.where().host() + target.where().port() + target.recipients());
        this.target = target;
        host = target.where().host();
    }

    @Override
    synchronized void expect() {
        try {
            sending = sending.or(() -> Optional.of(new Sending(target.where(), target.how(), target.sinks(), target.retries())));
        } catch (MailException e) {
            String where = "this is the server of --forward, whose options are keys of its account";
            throw e.also(where);
        }
    }

    /** Who has a message is noted as long as others may still get it. */
    @Override
    synchronized Optional<MailException> take(Received message, Maildrop maildrop) throws IOException {
        MailId mail = message.mail();
        List<String> missing = new ArrayList<>(target.recipients());
        List<Maildrop> having = new ArrayList<>();
        missing.removeIf(one -> has(part(maildrop, one), mail) && having.add(part(maildrop, one)));
        Delivery delivery = sent(message.draft(), missing);
        List<Maildrop> served = delivery.recipients().stream().filter(Recipient::ok)
                .map(one -> part(maildrop, one.address())).toList();
        int count = having.size() + served.size();
        Optional<MailException> problem = Optional.of(delivery).filter(any -> !any.ok()).map(failed -> problem(failed, count));
        if (count > 0 && problem.filter(why -> why.exit() != Exit.PARTIAL).isEmpty()) {
            note(List.of(Note.stored(maildrop, mail)));
            note(having.stream().map(part -> Note.deleted(part, mail)).toList());
        } else {
            note(served.stream().map(part -> Note.stored(part, mail)).toList());
        }
        return problem;
    }

    /** Under what it is noted of one recipient; no maildrop has such a name. */
    private static Maildrop part(Maildrop maildrop, String recipient) {
        return new Maildrop(recipient + "\n" + maildrop.user(), maildrop.host());
    }

    private boolean has(Maildrop part, MailId mail) {
        return parts.computeIfAbsent(part, any -> {
            Map<MailId, Character> signs = new HashMap<>();
            known(part, (sign, other, seconds) -> signs.put(NoteLines.mail(other), sign));
            return signs;
        }).getOrDefault(mail, '-') == '+';
    }

    /** Where a session can't be renewed the next batch tries it again. */
    private Delivery sent(Path file, List<String> recipients) throws IOException {
        Fingerprint print = Fingerprint.ofHeader();
        CanonicalLines seen = CanonicalLines.copy(file, print);
        Prepared mail = prepared(file, seen, new Envelope(reversePath(print), recipients, "", "", "", false));
        MailException lost = new MailException(Exit.TEMPORARY, Stage.CONNECT, "the session with " + host + " is lost");
        try {
            if (print.hops() >= LOOP) {
                throw new MailException(Exit.DATA, Stage.DATA, "it has " + print.hops() + " Received lines, so it is in a loop");
            }
            return sending.orElseThrow(() -> lost).send(mail);
        } catch (MailException e) {
            sending = sending.filter(any -> e.stage().compareTo(Stage.AUTH) > 0);
            return e.delivery().orElseGet(() -> Delivery.untried(mail, e));
        }
    }

    private String reversePath(Fingerprint print) {
        String sender = Texts.utf8(print.sender().orElse(""));
        return target.reversePath().orElse(sender.matches("[^<>\\s\\p{Cntrl}\uFFFD]*") ? sender : "");
    }

    /** Where 8-bit text is not offered it goes as it is all the same, as nothing else would be byte for byte. */
    private Prepared prepared(Path file, CanonicalLines seen, Envelope envelope) {
        boolean offered = sending.filter(server -> server.connection().offers("8BITMIME")).isPresent();
        List<String> warnings = !seen.eightBit || offered ? List.of()
                : List.of(host + " does not offer 8BITMIME; 8-bit text goes as it is");
        return new Composed("", envelope, seen.size, seen.eightBit && offered, Envelopes.needUtf8(envelope), warnings,
                out -> CanonicalLines.copy(file, out));
    }

    private MailException problem(Delivery delivery, int having) {
        MailException why = delivery.problem();
        boolean forGood = delivery.failure().map(any -> why.exit() == Exit.DATA).orElse(delivery.worthRetrying().isEmpty());
        Exit exit = forGood ? Exit.PARTIAL : why.exit() == Exit.PROTOCOL ? Exit.PROTOCOL : Exit.TEMPORARY;
        String others = having > 0 ? having + " of " + target.recipients().size() + " recipients have it; " : "";
        String refused = delivery.refused().stream().map(Recipient::toString).collect(Collectors.joining(", "));
        String what = delivery.failure().map(MailException::getMessage).orElse(host + " refused " + refused);
        String next = forGood && having > 0 ? "it does not go to anybody again" : why.isUnknown() ? "" : why.hint();
        return new MailException(exit, why.stage(), others + what + (why.isUnknown() ? ", so it goes again" : "")).hint(next);
    }

    @Override
    synchronized void release() {
        super.release();
        sending.ifPresent(Sending::close);
        sending = Optional.empty();
        parts.clear();
    }
}

// ---- 5.12 Delivery by MX --------------------------------------------------------------------------------------------

/** Finds the hosts that take the mail of a domain (RFC 5321, 5.1), and what is broken about them. */
record Exchangers(Dns dns) {
    private static final Pattern HOST = Pattern.compile("([a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.(?=.)|$))+");
    private static final Pattern LITERAL = Pattern.compile("\\[(ipv6:|)(.*)]");

    Exchangers(String nameServer, Optional<Duration> timeout, Consumer<String> waiting) {
        this(Dns.at(nameServer, timeout, waiting));
    }

    static String domain(String given) {
        String name = Dns.bare(Addresses.asciiDomain(given));
        if (!name.matches("[^@:/\\[\\s]+") || Dns.isAddress(name)) {
            throw MailException.usage("'" + given + "' is no domain").hint("write it as example.org, without name@");
        }
        return name;
    }

    Mx of(String domain) {
        try {
            List<MxHost> named = dns.found(domain, "MX").stream().map(record -> record.split(" ", 2))
                    .map(record -> new MxHost(Dns.bare(record[1]), Integer.parseInt(record[0]), List.of(), "", ""))
                    .sorted(Comparator.comparingInt(MxHost::preference).thenComparing(MxHost::host)).toList();
            return named.isEmpty() ? fallback(domain) : listed(domain, named);
        } catch (MailException e) {
            return new Mx(domain, false, false, List.of(), Optional.of(e));
        }
    }

    private static Optional<MailException> failure(Exit exit, String why) {
        return Optional.of(new MailException(exit, Stage.RESOLVE, why));
    }

    private Mx fallback(String domain) {
        MxHost itself = lookedUp(domain, 0);
        return itself.addresses().isEmpty()
                ? new Mx(domain, false, false, List.of(), failure(Exit.NO_HOST, "no MX, and " + itself.fault()))
                : new Mx(domain, false, true, List.of(itself), Optional.empty());
    }

    private Mx listed(String domain, List<MxHost> named) {
        if (named.size() == 1 && named.get(0).host().equals(".")) {
            return new Mx(domain, true, false, List.of(), failure(Exit.DATA, domain + " takes no mail (null MX)"));
        }
        Set<String> seen = new HashSet<>();
        List<MailException> unknown = new ArrayList<>();
        List<MxHost> hosts = named.stream().map(one -> checked(one, seen.add(one.host()), unknown)).toList();
        boolean usable = hosts.stream().anyMatch(one -> !one.addresses().isEmpty());
        Optional<MailException> none = unknown.stream().findFirst()
                .or(() -> failure(Exit.DATA, "no host of " + domain + " can take mail"));
        return new Mx(domain, false, false, hosts, none.filter(why -> !usable));
    }

    private MxHost checked(MxHost one, boolean first, List<MailException> unknown) {
        String name = one.host();
        if (name.equals(".") || Dns.isAddress(name)) {
            return one.with(name.equals(".") ? "means that there is no host, beside others" : "is an address, not a name");
        }
        try {
            MxHost found = lookedUp(name, one.preference());
            String invalid = HOST.matcher(name).matches() ? "" : "is no valid name of a host";
            String odd = !first ? "is listed twice" : found.cname().isEmpty() ? invalid : "is an alias (CNAME)";
            return found.fault().isEmpty() ? found.with(odd) : found;
        } catch (MailException e) {
            unknown.add(e);
            return one.with(e.getMessage());
        }
    }

    private MxHost lookedUp(String name, int preference) {
        List<String> names = dns.aliases(name);
        String last = names.get(names.size() - 1);
        boolean endless = names.size() == Dns.MOST_ALIASES;
        Optional<List<InetAddress>> found = endless ? Optional.of(List.of()) : dns.addresses(last);
        List<InetAddress> addresses = found.orElse(List.of());
        String empty = endless ? " is an alias without end" : " has no address";
        Optional<String> near = addresses.stream().filter(one -> !dns.isOurs() && Route.isPrivate(one)).findFirst()
                .map(one -> Route.shown(one) + " can't be reached from elsewhere");
        return new MxHost(name, preference, addresses.stream().map(Route::shown).toList(), names.size() > 1 ? last : "",
                addresses.isEmpty() ? last + (found.isEmpty() ? " does not exist" : empty) : near.orElse(""));
    }

    /** All addresses of the hosts for mail of one domain, in the order in which they are tried; equal hosts in any. */
    List<Where> wheres(String domain, int port, Reach reach) {
        Matcher literal = LITERAL.matcher(domain);
        Mx mx = literal.matches() ? itself(literal) : of(domain(domain));
        mx.failure().ifPresent(why -> {
            throw why;
        });
        List<MxHost> hosts = new ArrayList<>(mx.hosts());
        Collections.shuffle(hosts);
        hosts.sort(Comparator.comparingInt(MxHost::preference));
        List<Where> wheres = hosts.stream().flatMap(host -> host.addresses().stream().map(Route::literal)
                .flatMap(Optional::stream).filter(address -> Route.isReachable(address, reach))
                .map(address -> new Where(Protocol.SMTP, host.host(), port, false, host.host(), Optional.of(address))))
                .distinct().toList();
        if (wheres.isEmpty()) {
            throw failure(Exit.NO_HOST, "no host of " + domain + " has an address of the wanted family").get();
        }
        return wheres;
    }

    /** RFC 5321, 4.1.3. */
    private static Mx itself(Matcher literal) {
        Class<?> family = literal.group(1).isEmpty() ? Inet4Address.class : Inet6Address.class;
        return Route.literal(literal.group(2)).filter(family::isInstance).map(Route::shown)
                .map(address -> new MxHost(address, 0, List.of(address), "", ""))
                .map(host -> new Mx(literal.group(), false, false, List.of(host), Optional.empty()))
                .orElseThrow(() -> MailException.data("can't read the address '" + literal.group() + "'"));
    }
}

/** Sessions with a server, or with one of several. */
interface Sessions {
    SmtpSession next();

    /** Whether there is a host that was not tried yet. */
    default boolean haveOther() {
        return false;
    }

    /** Throws what the last one came to, unless there is another. */
    default void goOn(MailException problem) {
        throw problem;
    }
}

/** Sessions with hosts for mail, each after the last one; they are found anew once all have been tried. */
record Exchange(Supplier<List<Where>> hosts, How how, Sinks sinks, Deque<Where> left) implements Sessions {
    Exchange(Supplier<List<Where>> hosts, How how, Sinks sinks) {
        this(hosts, how, sinks, new ArrayDeque<>());
    }

    /** With the next that greets us, and begins TLS if it offers that. */
    @Override
    public SmtpSession next() {
        left.addAll(left.isEmpty() ? hosts.get() : List.of());
        for (;;) {
            try {
                return SmtpSession.open(left.remove(), how, sinks);
            } catch (MailException e) {
                goOn(e);
            }
        }
    }

    @Override
    public boolean haveOther() {
        return !left.isEmpty();
    }

    @Override
    public void goOn(MailException problem) {
        if (left.isEmpty()) {
            throw problem;
        }
        sinks.warnings().accept(problem.getMessage() + "; trying the next host");
    }
}

// ---- 5.13 Probing ---------------------------------------------------------------------------------------------------

/** How a server is looked at: from whom and to whom, up to which stage, what is expected of it, and within which time. */
record ProbePlan(Where where, How how, Sinks sinks, Optional<String> sender, List<String> recipients, Stage last,
        List<Expectation> expected, Optional<Duration> warn, Optional<Duration> crit) {
    boolean includes(Stage stage) {
        return stage.compareTo(last) <= 0;
    }
}

/** One look at a server, as far as the plan goes; each step is judged when it is over. */
final class ProbeRun {
    private static final Duration USUAL_LIMIT = Duration.ofSeconds(20);
    private static final Duration NEVER = Duration.ofDays(36_500);
    final ProbePlan plan;
    final List<ProbeStage> stages = new CopyOnWriteArrayList<>();
    volatile Connection connection;
    private final Consumer<ProbeStage> view;
    private final Deadline clock;
    private final How how;
    /** If another step follows there was another address to try. */
    private Optional<Step> failed = Optional.empty();
    private boolean isSlow;
    private boolean isOver;

    ProbeRun(ProbePlan plan, Consumer<ProbeStage> view) {
        this.plan = plan;
        this.view = view;
        clock = new Deadline(plan.crit().orElse(NEVER), "--crit");
        how = plan.how().upTo(plan.includes(Stage.MAIL) ? Stage.AUTH : plan.last()).within(USUAL_LIMIT, clock);
    }

    Probe run() {
        try {
            walk(new Sinks(plan.sinks().transcript(), Optional.empty(), line -> { }, plan.sinks().waiting(), this::took));
        } catch (MailException e) {
            // As that nobody knows the password, which says nothing of the server.
            if (!Verdict.WORST_FIRST.contains(e.exit())) {
                throw e;
            }
        }
        failed.ifPresent(step -> add(step, false));
        return outcome();
    }

    /** What was refused does not count where something is expected, but the time does. */
    private Probe outcome() {
        List<MailException> faults = faults();
        Stream<MailException> late = faults.stream().filter(why -> why.exit() == Exit.UNMET);
        Stream<MailException> unmet = plan.expected().stream().flatMap(one -> one.unmet(this).stream());
        List<MailException> counting = plan.expected().isEmpty() ? faults : Stream.concat(late, unmet).toList();
        Exit worst = Verdict.worst(counting.stream().map(MailException::exit).toList());
        return probe(worst, counting.stream().filter(why -> why.exit() == worst).findFirst());
    }

    /** Recipients that were refused are one fault, as in a delivery. */
    private List<MailException> faults() {
        List<MailException> all = stages.stream().flatMap(one -> one.failure().stream()).toList();
        List<MailException> refusals = all.stream().filter(why -> why.stage() == Stage.RCPT && why.reply().isPresent())
                .sorted(Comparator.comparing(why -> !why.retryable())).toList();
        Stream<MailException> others = all.stream().filter(why -> !refusals.contains(why));
        return Stream.concat(refusals.stream().limit(1).map(first -> ofRecipients(refusals.size(), first)), others).toList();
    }

    private MailException ofRecipients(int refused, MailException first) {
        long asked = stages.stream().filter(one -> one.stage() == Stage.RCPT).count();
        String some = refused + " of " + asked + " recipients refused: " + first.getMessage();
        return refused == asked ? first : new MailException(Exit.PARTIAL, Stage.RCPT, some).hint(first.hint());
    }

    /** Ended from outside: what was seen up to now. */
    Probe interrupted() {
        return probe(Exit.INTERRUPTED, Optional.of(MailException.interrupted("")));
    }

    private Probe probe(Exit exit, Optional<MailException> failure) {
        Optional<Connection> last = Optional.ofNullable(connection);
        Peer peer = last.map(Connection::peer).orElse(new Peer(plan.where().host(), "", "", "", false));
        return new Probe(exit, plan.where().protocol(), plan.where().port(), peer, last.flatMap(one -> one.trust.certificate()),
                List.copyOf(stages), failure, clock.spent(), isSlow);
    }

    boolean any(Predicate<ProbeStage> which) {
        return stages.stream().anyMatch(which);
    }

    private void walk(Sinks sinks) {
        if (plan.last() == Stage.RESOLVE) {
            Opening.resolve(plan.where(), how, sinks);
            return;
        }
        Opening.open(plan.where(), how, sinks, opened -> {
            connection = opened;
            return plan.where().protocol().isPop3() ? new Pop3Session(opened) : new SmtpSession(opened);
        });
        try {
            if (plan.sender().isPresent() && plan.includes(Stage.MAIL)) {
                envelope(plan.sender().get());
            }
            if (any(one -> one.stage() == Stage.GREETING)) {
                ask(Stage.QUIT, "QUIT", "");
            }
        } catch (IOException e) {
            connection.failed(connection.explain(e));
        } finally {
            connection.drop();
        }
    }

    private void envelope(String sender) throws IOException {
        boolean utf8 = !Texts.isAscii(sender + plan.recipients());
        if (utf8 && !connection.offers("SMTPUTF8")) {
            String what = "an address is not in ASCII, and " + plan.where().host() + " does not offer SMTPUTF8";
            MailException unfit = new MailException(Exit.DATA, Stage.MAIL, what);
            connection.failed(unfit);
            throw unfit;
        }
        boolean taken = ask(Stage.MAIL, "MAIL FROM:<" + sender + ">" + (utf8 ? " SMTPUTF8" : ""), "the sender");
        for (String address : taken && plan.includes(Stage.RCPT) ? plan.recipients() : List.<String>of()) {
            ask(Stage.RCPT, "RCPT TO:<" + address + ">", address);
        }
        if (taken && plan.includes(Stage.RSET)) {
            ask(Stage.RSET, "RSET", "");
        }
    }

    private boolean ask(Stage stage, String line, String what) throws IOException {
        Reply reply = connection.ask(stage, line);
        connection.took(Optional.of(reply), what);
        return reply.positive();
    }

    private void took(Step step) {
        failed.ifPresent(before -> add(before, true));
        failed = Optional.of(step).filter(one -> one.failure().isPresent());
        if (failed.isEmpty()) {
            add(step, false);
        }
    }

    /** Throws where it makes no sense to go on. */
    private void add(Step step, boolean isMended) {
        if (isOver) {
            return;
        }
        boolean slows = !isSlow && plan.warn().filter(limit -> clock.spent().compareTo(limit) > 0).isPresent();
        isSlow |= slows;
        Optional<MailException> late = Optional.of(clock.passed(step.stage(), plan.where().host())).filter(why -> clock.isOver());
        ProbeStage stage = new StepMeaning(step, plan, Optional.ofNullable(connection)).stage(late, isMended, slows);
        stages.add(stage);
        view.accept(stage);
        boolean leaves = stage.reply().filter(reply -> reply.code() == 421).isPresent();
        isOver = stage.failure().filter(why -> leaves || Set.of(Exit.PROTOCOL, Exit.UNMET).contains(why.exit())).isPresent();
        if (isOver && step.failure().isEmpty()) {
            throw stage.failure().get();
        }
    }
}

/** Rounds of a probe, one a second, and what they have come to: of each stage that was reached the seconds that it took. */
final class ProbeRounds {
    final Map<String, DoubleSummaryStatistics> seconds = Collections.synchronizedMap(new LinkedHashMap<>());
    private final Set<Exit> exits = EnumSet.noneOf(Exit.class);
    volatile int rounds;
    volatile int failed;

    Exit run(ProbePlan plan, int count, Consumer<Probe> view) {
        while (rounds < count) {
            long next = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
            Probe probe = new ProbeRun(plan, stage -> { }).run();
            exits.add(probe.exit());
            failed += probe.ok() ? 0 : 1;
            rounds++;
            probe.seconds().forEach((stage, time) ->
                    seconds.computeIfAbsent(stage, name -> new DoubleSummaryStatistics()).accept(time));
            view.accept(probe);
            Backoff.until(rounds < count ? next : 0);
        }
        return Verdict.worst(exits);
    }

    @Override
    public String toString() {
        StringBuilder table = new StringBuilder(rounds + " rounds, " + failed + " failed\n");
        table.append(String.format("%-12s %9s %9s %9s  (ms)%n", "", "min", "average", "max"));
        seconds.forEach((stage, all) -> table.append(String.format(Locale.ROOT, "%-12s %9.1f %9.1f %9.1f%n", stage,
                all.getMin() * 1000, all.getAverage() * 1000, all.getMax() * 1000)));
        return table.toString();
    }
}

// ---- 5.14 What stages tell ------------------------------------------------------------------------------------------

/** What a step tells: what is wrong, what it shows beside the server's words, and what to do where it is not well. */
final class StepMeaning {
    private final Step step;
    private final ProbePlan plan;
    private final Optional<Connection> connection;
    private final String host;
    private final Set<String> text = new LinkedHashSet<>();
    private final Set<String> hint = new LinkedHashSet<>();

    StepMeaning(Step step, ProbePlan plan, Optional<Connection> connection) {
        this.step = step;
        this.plan = plan;
        this.connection = connection;
        host = plan.where().host();
    }

    /** One that is mended was followed by another address. */
    ProbeStage stage(Optional<MailException> late, boolean isMended, boolean isSlow) {
        Optional<MailException> problem = late.or(step::failure).or(() -> step.reply().flatMap(this::refusal)).or(this::expiry);
        problem.ifPresent(why -> warn(why.getMessage(), why.hint().isEmpty() ? lastHint() : why.hint()));
        if (problem.isEmpty() || step.stage() == Stage.CERTIFICATE) {
            show();
        }
        if (isSlow) {
            warn("the run takes longer than --warn", "see which step took its time");
        }
        boolean mild = isMended || step.stage() == Stage.QUIT || step.failure().isEmpty() && isRefusedHello();
        Optional<MailException> fault = problem.filter(why -> !mild || why.exit() == Exit.UNMET);
        ProbeVerdict well = hint.isEmpty() ? ProbeVerdict.OK : ProbeVerdict.WARNING;
        ProbeVerdict verdict = fault.isPresent() ? ProbeVerdict.FAULT : well;
        String whatToDo = String.join("; ", hint);
        boolean refused = step.stage() == Stage.EHLO && step.failure().flatMap(MailException::reply).isPresent();
        Optional<Reply> own = refused ? connection.flatMap(one -> one.hello) : step.reply();
        return new ProbeStage(step.stage(), step.name(), verdict, Duration.ofNanos(step.nanos()), own, String.join("; ", text),
                whatToDo, fault.map(why -> why.hint().isEmpty() ? why.hint(whatToDo) : why));
    }

    private void warn(String what, String whatToDo) {
        text.add(what);
        hint.add(whatToDo);
    }

    /** Where nobody knows better. */
    private String lastHint() {
        return plan.how().reach().header().isPresent() ? "it may not know the PROXY protocol" : "-v shows the dialogue";
    }

    private boolean isRefusedHello() {
        return step.stage().isHello() && step.reply().filter(Reply::positive).isEmpty();
    }

    /** After STARTTLS what is read belongs to TLS. */
    private Optional<MailException> refusal(Reply reply) {
        if (!reply.positive()) {
            String what = step.what().isEmpty() ? step.stage().toString() : step.what();
            String asked = step.stage() + (plan.how().credentials().wanted() ? "" : " without login");
            return Optional.of(MailException.refused(step.stage(), host + " refused " + what, reply)
                    .hint(Hints.of(step.stage(), asked, host, reply)));
        }
        boolean looks = !step.stage().isAboutTls() && step.stage() != Stage.QUIT;
        return connection.filter(one -> looks && one.saysMore())
                .map(one -> new MailException(Exit.PROTOCOL, step.stage(), host + " sent more than one reply").hint(lastHint()));
    }

    private Optional<MailException> expiry() {
        return connection.filter(one -> step.stage() == Stage.CERTIFICATE).flatMap(one -> one.trust.certificate())
                .filter(shown -> shown.expiresWithin(3))
                .map(shown -> new MailException(Exit.POLICY, Stage.CERTIFICATE, "the certificate of " + host
                        + (shown.daysLeft() < 0 ? " has expired" : " expires too soon")).hint("renew it"));
    }

    private void show() {
        Peer peer = connection.map(Connection::peer).orElse(Peer.NONE);
        boolean inClear = peer.tlsVersion().isEmpty();
        switch (step.stage()) {
            case RESOLVE, RCPT -> text.add(step.what());
            case CONNECT -> text.add(peer.address() + " port " + plan.where().port());
            case EHLO, CAPA -> offers(List.copyOf(connection.orElseThrow().capabilities.values()), inClear);
            case TLS -> text.add(peer.tlsVersion() + ", " + peer.cipher());
            case CERTIFICATE -> connection.flatMap(one -> one.trust.certificate()).ifPresent(this::certificate);
            case MAIL -> {
                if (inClear && plan.where().protocol() == Protocol.SMTP) {
                    warn("takes mail without TLS", "let it offer STARTTLS, and leave out --tls none");
                }
            }
            default -> { }
        }
    }

    /** What was asked in clear, and then inside TLS. */
    private void offers(List<List<String>> asked, boolean inClear) {
        List<String> now = asked.get(asked.size() - 1);
        Offers offers = new Offers(now, Set.of());
        Set<String> logins = offers.logins();
        text.add("offers " + listed(now, List.of()));
        if (asked.size() > 1) {
            text.add("new inside TLS: " + listed(now, asked.get(0)));
            text.add("gone: " + listed(asked.get(0), now));
        }
        if (offers.parameter("SIZE").matches("0*[1-9]\\d{0,17}")) {
            text.add("largest message " + Texts.size(Long.parseLong(offers.parameter("SIZE"))));
        }
        if (!logins.isEmpty() && Login.WITH_TOKEN.containsAll(logins)) {
            text.add("offers only " + String.join(", ", logins));
        }
        if (!logins.isEmpty() && inClear) {
            warn("offers login in clear", "let it offer logins inside TLS only");
        }
    }

    private static String listed(List<String> lines, List<String> others) {
        List<String> left = lines.stream().filter(line -> !others.contains(line)).toList();
        return left.isEmpty() ? "nothing" : String.join(", ", left);
    }

    private void certificate(ServerCertificate shown) {
        text.add("for " + listed(shown.names(), List.of()));
        text.add("issued by " + shown.issuer());
        text.add(Texts.count(shown.daysLeft(), "day") + " left, until " + shown.expires().toString().substring(0, 10));
        if (shown.expiresWithin(14)) {
            hint.add("renew it");
        }
        text.add("pin " + shown.pin());
        if (step.failure().isEmpty() && !shown.verified()) {
            warn("not good: " + shown.problem(), "it is refused without --insecure");
        }
    }
}

/** What a stage is expected to come to: a code, {@code ok}, {@code none}, or what is wrong with a certificate. */
record Expectation(Stage stage, String code) {
    /** Throws for what no server of this protocol can fulfil. */
    static Expectation of(String given, Protocol protocol) {
        String[] words = (given + "=").split("=", 3);
        Stage stage = Stages.named("--expect", words[0], protocol.stages());
        boolean answered = !Set.of(Stage.RESOLVE, Stage.CONNECT, Stage.CERTIFICATE).contains(stage);
        boolean isCode = words[1].matches(protocol.isPop3() ? "[+-].+" : "\\d.+") && ReplyPattern.of(words[1]).isPresent();
        String known = "ok|none" + (stage == Stage.CERTIFICATE ? "|expired|name|self-signed|unknown" : "");
        if (!words[1].matches(known) && !(isCode && answered)) {
            String codes = !answered ? "" : protocol.isPop3() ? " or +OK, -ERR" : " or a code, 250, 5xx";
            throw MailException.usage("can't read --expect '" + given + "'")
                    .hint("after " + words[0] + "= comes " + known.replace("|", ", ") + codes);
        }
        return new Expectation(stage, words[1]);
    }

    /** Why it does not hold, if it does not. */
    Optional<MailException> unmet(ProbeRun run) {
        List<ProbeStage> reached = run.stages.stream().filter(one -> one.stage() == stage).toList();
        int decisive = stage == Stage.RCPT ? run.plan.recipients().size() : 1;
        Optional<ProbeStage> other = reached.stream().skip(Math.max(0, reached.size() - decisive))
                .filter(one -> !fits(one, run)).findFirst();
        boolean holds = code.equals("none") ? isMissing(run) : other.isEmpty() && reached.size() >= decisive;
        String came = other.map(one -> one.reply().map(Reply::toString).orElse(one.text())).orElse("not reached");
        String what = "expected " + Texts.name(stage) + "=" + code + ", but it was: " + came;
        return Optional.of(new MailException(Exit.UNMET, stage, what)).filter(why -> !holds);
    }

    private boolean fits(ProbeStage one, ProbeRun run) {
        boolean well = one.failure().isEmpty() && one.reply().filter(reply -> !reply.positive()).isEmpty();
        boolean coded = ReplyPattern.of(code).filter(pattern -> one.reply().filter(pattern::matches).isPresent()).isPresent();
        return coded || code.equals("ok") && well || stage == Stage.CERTIFICATE && run.connection.trust.faults().contains(code);
    }

    /** TLS and login are missing where they are not offered, what else where it was left out. */
    private boolean isMissing(ProbeRun run) {
        Stage what = stage.isAboutTls() ? Stage.TLS : stage;
        boolean tried = run.any(one -> one.stage() == what && (one.reply().isPresent() || one.failure().isEmpty()));
        boolean asked = run.any(one -> one.stage().isHello() && one.failure().isEmpty());
        return !tried && switch (what) {
            case TLS -> asked && !run.connection.offers("STARTTLS") && !run.connection.offers("STLS");
            case AUTH -> asked && run.connection.offered.logins().isEmpty();
            default -> run.any(one -> one.stage().compareTo(stage) > 0);
        };
    }
}

// ---- 5.15 Talking by hand -------------------------------------------------------------------------------------------

/** A talk by hand: each line that is typed, piped or in a file goes out in its turn, and what comes is shown. */
final class Conversation {
    static final String HELPERS = """
              !starttls               STARTTLS or STLS, and the handshake
              !login                  EHLO or CAPA, and log in as the options say
              !file FILE              after DATA: this is the message, dots are doubled
              !b64 TEXT               say TEXT in base64; \\0 in it is a NUL
              !help                   show this
              !!                      begins a line that begins with !
            """;
    private static final String EXPECT = "(?i)\\s*expect(\\s.*)?";
    private static final String FILE = "!file ";
    private static final String NOTHING = "\\s*(#.*)?";
    private static final Pattern BDAT = Pattern.compile("(?i)\\s*BDAT\\s+(\\d{1,9})(\\s+LAST)?\\s*");
    private final Consumer<String> out;
    private final boolean pop3;
    private final List<String> file;
    private final boolean inFile;
    private final boolean typed;
    private Iterator<String> source;
    private int number;
    private Connection connection;
    /** Null while a file is only looked through, before there is a session. */
    private ByHand hand;
    /** Whether what is said is on the screen already. */
    private boolean isShown;

    /** Shows it there; without a file the lines come from stdin, where somebody may type them. */
    Conversation(Consumer<String> out, boolean byPerson, Protocol protocol, Optional<String> name) {
        this.out = out;
        pop3 = protocol.isPop3();
        inFile = name.isPresent();
        typed = !inFile && byPerson;
        file = name.map(given -> Inputs.lines(given).toList()).orElse(List.of());
        if (inFile) {
            Inputs.reading(Exit.NO_INPUT, name.get(), this::talk);
        }
    }

    void run(Where where, How how, Sinks sinks) {
        Consumer<Said> shown = this::show;
        Sinks all = sinks.with(sinks.transcript().map(shown::andThen).orElse(shown));
        How first = how.upTo(Stage.CONNECT);
        connection = pop3 ? Pop3Session.open(where, first, all).connection : SmtpSession.open(where, first, all).connection;
        hand = connection.hand();
        number = 0;
        hand.inStep(any -> {
            step(() -> attempt(() -> connection.opening.goOn(how.last())), how.last() == Stage.GREETING);
            return talk();
        });
    }

    private void show(Said said) {
        if (!isShown || !said.whose().equals(">>>")) {
            out.accept(said.whose() + " " + said.text() + "\n");
        }
    }

    /** Until the lines or the session end. */
    private Exit talk() throws IOException {
        source = inFile ? file.iterator() : Inputs.lines("-").iterator();
        for (Optional<String> line = next(); line.isPresent(); line = next()) {
            String text = Texts.utf8(line.get());
            isShown = typed && !text.startsWith("!");
            step(() -> obey(text), typed);
            isShown = false;
        }
        Optional.ofNullable(hand).filter(ByHand::isFree).ifPresent(ByHand::leave);
        return Exit.OK;
    }

    /** A problem is told in its place where the session stays and somebody goes on. */
    private void step(IORunnable step, boolean goesOn) throws IOException {
        try {
            step.run();
        } catch (MailException e) {
            if (!goesOn || connection.isOver()) {
                Optional.ofNullable(hand).ifPresent(ByHand::leave);
                throw typed || number == 0 ? e : e.inLine(number);
            }
            connection.transcript.note(e.inOneLine());
        }
    }

    /** While somebody types, what the server says unasked is shown; while it is obeyed, the terminal is free for a password. */
    private Optional<String> next() throws IOException {
        number++;
        CompletableFuture<Optional<String>> line = typed ? CompletableFuture.supplyAsync(this::read)
                : CompletableFuture.completedFuture(read());
        while (!line.isDone() && !connection.isOver()) {
            connection.wire.listen();
            hand.hear();
        }
        return !inFile && connection.isOver() ? Optional.empty() : line.join();
    }

    /** A letter for each octet. */
    private Optional<String> read() {
        return Optional.of(source).filter(Iterator::hasNext).map(Iterator::next);
    }

    private void obey(String line) throws IOException {
        if (inFile && line.matches(EXPECT)) {
            expect(line);
        } else if (line.matches("!([^!].*)?")) {
            help(line.split("\\s+", 2));
        } else if (!inFile || !line.matches(NOTHING)) {
            command(line.replaceFirst("^!!", "!"));
        }
    }

    private void expect(String line) {
        Expected expected = Expected.of(line.strip().substring("expect".length()));
        if (hand != null) {
            expected.require(connection.stage, connection.masked(connection.last));
        }
    }

    private void help(String... words) throws IOException {
        String argument = words.length > 1 ? words[1] : "";
        switch (words[0]) {
            case "!starttls" -> attempt(() -> connection.opening.startTls());
            case "!login" -> attempt(() -> hand.logIn());
            case "!b64" -> attempt(() -> hand.respond(argument.replace("\\0", "\0")));
            case "!help" -> attempt(() -> out.accept(HELPERS));
            case "!file" -> throw MailException.usage("!file goes directly after DATA");
            default -> throw MailException.usage("there is no helper " + Texts.escape(words[0]))
                    .hint(Given.suggestion(words[0], List.of("!starttls", "!login", "!file", "!b64", "!help"), "see !help"));
        }
    }

    private void say(String line) throws IOException {
        attempt(() -> {
            hand.hear();
            hand.ask(line);
        });
    }

    /** What the talk can't go on after, ends it unless the next line that counts is about that. */
    private void attempt(IORunnable step) throws IOException {
        try {
            if (hand != null) {
                step.run();
            }
        } catch (MailException e) {
            connection.last = e.refusal();
            Stream<String> rest = file.stream().skip(number).filter(line -> !line.matches(NOTHING));
            if (rest.findFirst().filter(line -> line.matches(EXPECT)).isEmpty()) {
                throw e;
            }
        }
    }

    private void command(String line) throws IOException {
        if (Texts.hasControl(line)) {
            throw MailException.usage("a command has a control character");
        }
        Matcher bdat = BDAT.matcher(line);
        if (!pop3 && bdat.matches()) {
            chunk(line, Integer.parseInt(bdat.group(1)));
            return;
        }
        say(line);
        if (typed ? hand.isInMessage() : !pop3 && line.strip().equalsIgnoreCase("DATA")) {
            message(number);
        }
    }

    /** A line of the message that began in that line; one that is refused needs no end. */
    private String within(int begun) throws IOException {
        Optional<String> line = next();
        if (line.isEmpty() && (hand == null || !hand.isFree())) {
            number = begun;
            Optional.ofNullable(connection).ifPresent(Connection::drop);
            throw MailException.usage("the message does not end").hint("a line with a lone dot ends it");
        }
        return line.orElse(".");
    }

    /** What follows DATA; if that was refused, nothing of it goes out. */
    private void message(int begun) throws IOException {
        String line = within(begun);
        for (; inFile && line.matches(EXPECT); line = within(begun)) {
            expect(Texts.utf8(line));
        }
        while (typed && isMissing(line)) {
            line = within(begun);
        }
        boolean granted = hand != null && hand.isInMessage();
        if (inFile && hand != null && !granted) {
            String what = connection.where.host() + " refused DATA";
            throw MailException.refused(Stage.DATA, what, connection.masked(connection.last));
        }
        if (line.startsWith(FILE)) {
            line = file(fileName(line), granted);
        }
        for (; !line.equals("."); line = within(begun)) {
            if (granted) {
                hand.put(line);
            }
        }
        if (granted) {
            say(".");
        }
    }

    private static String fileName(String line) {
        return Texts.utf8(line).substring(FILE.length()).strip();
    }

    /** Whoever mistypes its name may type it again. */
    private boolean isMissing(String line) {
        try {
            Optional.of(line).filter(words -> words.startsWith(FILE)).map(Conversation::fileName).ifPresent(Inputs::readable);
            return false;
        } catch (MailException e) {
            connection.transcript.note(e.inOneLine());
            return true;
        }
    }

    /** Sends it, and a dot more before each in the first place of a line (RFC 5321, 4.5.2); what comes then is its end. */
    private String file(String name, boolean granted) throws IOException {
        if (hand == null) {
            Inputs.readable(name);
        }
        Iterator<String> lines = granted ? Inputs.lines(name).iterator() : Collections.emptyIterator();
        while (lines.hasNext()) {
            hand.put(lines.next().replaceFirst("^[.]", ".."));
        }
        return ".";
    }

    /** What follows BDAT (RFC 3030): so many octets. */
    private void chunk(String line, int size) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        octets.writeBytes((line + "\r\n").getBytes(UTF_8));
        int begun = number;
        for (int left = size; left > 0;) {
            byte[] text = (within(begun) + "\r\n").getBytes(ISO_8859_1);
            octets.write(text, 0, Math.min(left, text.length));
            left -= text.length;
        }
        attempt(() -> hand.raw(octets.toByteArray()));
    }
}

// ---- 5.16 Outbox ----------------------------------------------------------------------------------------------------

/** An item that is to be sent, and its message as it goes this time. */
record Ready<I>(I item, Prepared mail) {
}

/** Who keeps book of items on their way. What these throw ends the run. */
interface Books<I> {
    /** What is to be tried now, in order. */
    Stream<Ready<I>> due();

    /** Nothing of the end of any of these has gone out, and may once this has returned. */
    void intended(List<Ready<I>> group);

    /** These were intended, and not begun after all. */
    void withdrawn(List<Ready<I>> group);

    void ended(Ready<I> one, Delivery delivery);

    /** Whether some of those that were tried are due again. */
    boolean haveMore();
}

/** A rate, and how slow it is when a server wants it slower. How long mails are tried again counts from the start. */
final class Tempo implements Turns {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private final long interval;
    private final long lastAgain;
    private final Sinks sinks;
    private Duration pause = SHORTEST;
    private long next = System.nanoTime();
    private boolean hasLost;
    private volatile boolean isOver;

    /** The interval between two mails, 0 for none. */
    Tempo(Duration interval, Duration retryFor, Sinks sinks) {
        this.interval = interval.toNanos();
        this.sinks = sinks;
        lastAgain = System.nanoTime() + retryFor.toNanos();
    }

    static boolean isTooFast(Reply reply) {
        return reply.code() == 421 || reply.temporary() && reply.enhanced().startsWith("4.7.");
    }

    boolean hasRate() {
        return interval > 0;
    }

    boolean mayTryAgain() {
        return !isOver && System.nanoTime() - lastAgain < 0;
    }

    void end() {
        isOver = true;
    }

    void accepted() {
        pause = SHORTEST;
        hasLost = false;
    }

    /** The next one waits, and each time longer. */
    void slowDown() {
        next = Math.max(next, System.nanoTime() + pause.toNanos());
        pause = Stream.of(pause.multipliedBy(2), LONGEST).min(Comparator.naturalOrder()).orElseThrow();
    }

    @Override
    public Duration left() {
        return Duration.ofNanos(Math.max(hasRate() ? 1 : 0, next - System.nanoTime()));
    }

    @Override
    public boolean await() {
        rest("the next one");
        next = Math.max(next, System.nanoTime()) + interval;
        return !isOver;
    }

    /** Who loses one session tries another at once, who loses more waits, as does who was sent away. */
    @Override
    public void sessionEnded(Optional<MailException> why) {
        Optional<MailException> lost = why.filter(problem -> problem.stage() != Stage.QUIT);
        if (lost.isPresent() && (hasLost || lost.flatMap(MailException::reply).filter(Tempo::isTooFast).isPresent())) {
            slowDown();
            rest(lost.get().getMessage() + "; going on");
        }
        hasLost |= lost.isPresent();
    }

    /** Waits until it is time for this. */
    void rest(String what) {
        try {
            Backoff.waitFor(left(), seconds -> sinks.waiting().accept(what + " in " + seconds + " s"), () -> isOver);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw MailException.interrupted("");
        } finally {
            sinks.waiting().accept("");
        }
    }
}

// ---- 5.17 Groups ----------------------------------------------------------------------------------------------------

/** Sends what its books say is due, one by one; what may be tried again waits until all others have had their turn. */
final class Outbox<I> {
    /** Of so many the intents are synced together; those of as many again are, while these go. */
    private static final int TOGETHER = 49;
    private static final long OCTETS_TOGETHER = 1_000_000;
    private final Sessions open;
    private final Books<I> books;
    private final Tempo tempo;
    private final Sinks sinks;
    private Optional<Sending> sending = Optional.empty();
    private final Queue<Group> intended = new ConcurrentLinkedQueue<>();
    /** Why nothing can be intended any more: that is no matter of the message it was about. */
    private Optional<MailException> stop = Optional.empty();

    Outbox(Sessions open, Books<I> books, Tempo tempo, Sinks sinks) {
        this.open = open;
        this.books = books;
        this.tempo = tempo;
        this.sinks = sinks;
    }

    /** Some that are intended together, as far as they have not ended before that. */
    private final class Group {
        private final Set<Ready<I>> open = Collections.newSetFromMap(new IdentityHashMap<>());
        private final List<Ready<I>> all;
        private boolean isIntended;

        Group(List<Ready<I>> all) {
            this.all = all;
            open.addAll(all);
        }

        private List<Ready<I>> open() {
            return all.stream().filter(open::contains).toList();
        }

        Transaction transaction(Ready<I> one) {
            return new Transaction(one::mail, outcome -> ended(one, outcome)).beforeEnd(() -> ends(one));
        }

        /** The end of this one goes out next. */
        private synchronized void ends(Ready<I> one) {
            intend();
            open.remove(one);
        }

        private synchronized Group intend() {
            try {
                if (!isIntended) {
                    books.intended(open());
                    isIntended = true;
                    intended.add(this);
                }
                return this;
            } catch (MailException e) {
                stop = Optional.of(e);
                throw e;
            }
        }

        private void ended(Ready<I> one, Delivery delivery) {
            stop.ifPresent(why -> {
                throw why;
            });
            over(one);
            if (delivery.recipients().stream().anyMatch(Recipient::ok)) {
                tempo.accepted();
            } else if (delivery.reply().filter(reply -> reply.code() != 421 && Tempo.isTooFast(reply)).isPresent()) {
                tempo.slowDown();
            }
            books.ended(one, delivery);
        }

        private synchronized void over(Ready<I> one) {
            open.remove(one);
            Optional.of(this).filter(group -> open.isEmpty()).ifPresent(intended::remove);
        }

        private synchronized void withdraw() {
            books.withdrawn(open());
            isIntended = false;
        }
    }

    private void withdraw() {
        for (Group group = intended.poll(); group != null; group = intended.poll()) {
            group.withdraw();
        }
    }

    /** Each round but the first on a new session. Throws what leaves no hope for the rest. */
    void run() {
        try {
            sending = Optional.of(new Sending(this::session, new Turn(), sinks, 0));
            for (boolean again = false; round(again); again = true) {
                sending.get().leave();
                tempo.slowDown();
                tempo.rest("trying again");
            }
        } finally {
            withdraw();
            sending.ifPresent(Sending::close);
        }
    }

    private boolean round(boolean again) {
        try (Stream<Ready<I>> due = books.due()) {
            sending.orElseThrow().sendAll(new Groups(due.takeWhile(one -> !again || tempo.mayTryAgain()).iterator()),
                    Integer.MAX_VALUE);
        }
        return tempo.mayTryAgain() && books.haveMore();
    }

    /** While one group goes the next is made, by another thread: it is woken once for all of them. */
    private final class Groups implements Coming {
        private final Iterator<Ready<I>> due;
        private final Deque<Transaction> going = new ArrayDeque<>();
        private CompletableFuture<Group> next;

        Groups(Iterator<Ready<I>> due) {
            this.due = due;
            next = CompletableFuture.supplyAsync(this::group);
        }

        /** A sync takes as long as many mails: it is waited for by who makes them. */
        private Group group() {
            List<Ready<I>> group = new ArrayList<>();
            long octets = 0;
            while (group.size() < (tempo.hasRate() ? 1 : TOGETHER) && octets < OCTETS_TOGETHER && due.hasNext()) {
                Ready<I> one = due.next();
                octets += one.mail().size();
                group.add(one);
            }
            Group made = new Group(group);
            return tempo.hasRate() || group.isEmpty() || intended.isEmpty() ? made : made.intend();
        }

        @Override
        public void compose() {
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public Optional<Transaction> take() {
            if (going.isEmpty()) {
                Group group = made();
                next = CompletableFuture.supplyAsync(this::group);
                group.all.forEach(one -> going.add(group.transaction(one)));
            }
            return Optional.ofNullable(going.poll());
        }

        private Group made() {
            try {
                return next.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof MailException known ? known : e;
            }
        }

        /** What the other thread reads is closed next. */
        @Override
        public void close() {
            next.handle((group, problem) -> group).join();
        }
    }

    /** Where the server was there before, or says that it will be, it is waited for. */
    private SmtpSession session() {
        while (true) {
            try {
                return open.next();
            } catch (MailException e) {
                boolean hopeful = sending.isPresent() || e.reply().isPresent();
                if (!e.retryable() || !hopeful || !tempo.mayTryAgain()) {
                    throw e;
                }
                tempo.slowDown();
                tempo.rest(e.getMessage() + "; trying again");
            }
        }
    }

    /** Before a wait it is known which will not be begun for a while. */
    private final class Turn implements Turns {
        @Override
        public Duration left() {
            return tempo.left();
        }

        @Override
        public boolean await() {
            return tempo.await();
        }

        @Override
        public void sessionEnded(Optional<MailException> why) {
            withdraw();
            tempo.sessionEnded(why);
        }
    }

    /** For a run that is ended from outside: nothing is begun any more. */
    void end() {
        tempo.end();
    }

    /** What has no answer by now is unknown. */
    void abandon() {
        sending.ifPresent(Sending::interrupted);
        withdraw();
    }
}

// ---- 5.18 Campaigns -------------------------------------------------------------------------------------------------

/** What is sent to the rows of a campaign. */
interface CampaignMails {
    RowMail of(Row row);

    /** 16 hexadecimal digits that change when the template does. */
    String template();
}

/** The mail of a row, which is made when it is asked for. */
interface RowMail {
    String key();

    /** With this Message-ID, or with this before the sender's domain in it, and with this date. */
    Prepared prepared(String id, String date);
}

/** A table's rows, and how those that went wrong are written with why: the head line, a row, one that can't be read. */
record CampaignTable(Path file, Function<Consumer<BadRow>, Stream<Row>> rows, Supplier<String> failedHead,
        BiFunction<Row, String, String> failed, Function<BadRow, String> broken) {
}

/** What a run of a campaign is to do. */
record CampaignPlan(String name, Optional<CampaignTable> rows, Path journal, Optional<Shard> shard, Set<String> again,
        Set<String> suppressed, long limit, Optional<String> only, boolean senderVaries, Optional<Path> failed) {
    boolean isOurs(byte[] digest, String key) {
        return shard.orElse(Shard.WHOLE).has(digest) && only.map(key::equals).orElse(true);
    }

    CampaignTable table() {
        return rows.orElseThrow(() -> MailException.usage("no table").hint("give --data FILE"));
    }

    /** What changes when the table does. */
    String tableState() {
        Path file = table().file();
        return Inputs.reading(Exit.NO_INPUT, file.toString(), () -> Files.size(file) + " " + Files.getLastModifiedTime(file));
    }
}

/** The rows of a table, each sent once, however many runs it takes. */
final class Campaign implements Books<CampaignRow>, AutoCloseable {
    /** So many refusals in a row that are not about an address are about us. */
    private static final int MOST_REFUSALS = 20;
    private static final int MOST_FAULTS = 20;
    private static final int LAST_SECONDS = 10;
    private static final int SIDE_BY_SIDE = 32;
    private final CampaignPlan plan;
    private final CampaignMails mails;
    private final CampaignBooks books;
    private final Consumer<String> warnings;
    private final List<Ready<CampaignRow>> refusals = new ArrayList<>();
    private final CountDownLatch finished = new CountDownLatch(1);
    private Consumer<BulkOutcome> told = outcome -> { };
    private BiConsumer<Long, Long> progress = (known, all) -> { };
    private long done;
    private Optional<Outbox<CampaignRow>> outbox = Optional.empty();
    private Optional<Row> first = Optional.empty();
    private Optional<Row> only = Optional.empty();
    private Optional<Path> failed = Optional.empty();
    private String tableState = "";
    private long due;
    private volatile long left;

    /** Reads its journals; to send, their lock is needed too. */
    Campaign(CampaignPlan plan, CampaignMails mails, boolean sends, Consumer<String> warnings) {
        this.plan = plan;
        this.mails = mails;
        this.warnings = warnings;
        books = new CampaignBooks(plan, sends);
    }

    // ---- Before anything is sent ----

    /** Goes through all rows and composes those that are not done; throws if any has a fault, once the first are told. */
    Campaign check() {
        tableState = plan.tableState();
        long[] faults = new long[1];
        try (FailedRows failed = new FailedRows(plan)) {
            Consumer<MailException> fault = why -> {
                faults[0]++;
                Optional.of(why).filter(one -> faults[0] <= MOST_FAULTS).ifPresent(one -> warnings.accept(one.getMessage()));
            };
            Consumer<BadRow> broken = bad -> {
                fault.accept(bad.why());
                Optional.of(bad).filter(one -> isOurs(one.number())).ifPresent(failed::add);
            };
            try (Stream<Checked> rows = sideBySide(broken, row -> new Checked(row, checked(row)))) {
                rows.forEach(one -> one.fault().ifPresent(why -> {
                    fault.accept(why);
                    Optional.of(one.row()).filter(row -> isOurs(row.number()))
                            .ifPresent(row -> failed.add(row, why.getMessage()));
                }));
            }
        }
        if (faults[0] > 0) {
            throw MailException.data("nothing is sent, because of " + Texts.count(faults[0], "faulty row"));
        }
        if (plan.only().isPresent() && only.isEmpty()) {
            throw MailException.usage("no row has the key '" + plan.only().get() + "'");
        }
        refuseIfChanged();
        return this;
    }

    /** Of faulty rows, as they may well have no key. */
    private boolean isOurs(long number) {
        Shard ours = plan.shard().orElse(Shard.WHOLE);
        return number % ours.of() == ours.number() - 1;
    }

    private void each(Consumer<BadRow> faults, Consumer<Row> action) {
        try (Stream<Row> rows = plan.table().rows().apply(faults)) {
            rows.forEach(action);
        }
    }

    /** What is made of each row, of some at a time side by side, in their order. */
    private <T> Stream<T> sideBySide(Consumer<BadRow> faults, Function<Row, T> work) {
        Stream<Row> rows = plan.table().rows().apply(faults);
        Iterator<Row> each = rows.iterator();
        return Stream.iterate(some(each), some -> !some.isEmpty(), some -> some(each))
                .flatMap(some -> some.parallelStream().map(work).toList().stream()).onClose(rows::close);
    }

    private static List<Row> some(Iterator<Row> each) {
        List<Row> some = new ArrayList<>();
        while (some.size() < SIDE_BY_SIDE && each.hasNext()) {
            some.add(each.next());
        }
        return some;
    }

    private record Checked(Row row, Optional<MailException> fault) {
    }

    private Optional<MailException> checked(Row row) {
        try {
            RowMail mail = mails.of(row);
            String key = mail.key();
            CampaignRow known = books.place(row, key);
            if (plan.only().filter(key::equals).isPresent()) {
                only = Optional.of(row);
            }
            if (!books.isDone(known)) {
                boolean isDue = toTry(known, books.identified(known).prepared(mail)).isPresent();
                Optional.of(row).filter(any -> isDue && books.has(known, CampaignBooks.OWN)).ifPresent(this::countDue);
            }
            return Optional.empty();
        } catch (MailException e) {
            return Optional.of(e);
        }
    }

    private synchronized void countDue(Row row) {
        due++;
        first = first.filter(other -> other.number() < row.number()).or(() -> Optional.of(row));
    }

    private void refuseIfChanged() {
        if (!plan.tableState().equals(tableState)) {
            throw CampaignBooks.changed();
        }
    }

    /** How it stands, row by row where there are any, else key by key. */
    BulkSums status(BiConsumer<String, Fate> open) {
        if (plan.rows().isPresent()) {
            each(bad -> { }, row -> books.place(row, mails.of(row).key()));
            each(bad -> { }, row -> {
                CampaignRow known = books.known(row, mails.of(row).key());
                Optional.of(books.fate(known)).filter(fate -> fate != Fate.ACCEPTED && books.has(known, CampaignBooks.OWN))
                        .ifPresent(fate -> open.accept(known.key(), fate));
            });
        } else {
            books.ownAll();
            books.eachOpen(open);
        }
        return books.sums(Optional.empty());
    }

    /** The table of what went wrong, if this run has written it. */
    Optional<Path> failed() {
        return failed;
    }

    Path journal() {
        return plan.journal();
    }

    /** How many rows there are. */
    long rows() {
        return books.sums(Optional.empty()).rows();
    }

    /** How many mails are to be tried. */
    long count() {
        return Math.min(due, plan.limit());
    }

    /** The one that is wanted, or the first that is due, or that of the first row, as it goes or went. */
    Optional<Prepared> sample() {
        try (Stream<Row> rows = plan.table().rows().apply(bad -> { })) {
            return only.or(() -> first).or(rows::findFirst)
                    .map(row -> books.identified(books.known(row, mails.of(row).key())).prepared(mails.of(row)));
        }
    }

    /** When the last of all was accepted, if there is nothing left to do. */
    Optional<Instant> doneAt() {
        return books.sums(Optional.empty()).exit() == Exit.OK ? books.lastAccepted() : Optional.empty();
    }

    boolean templateHasChanged() {
        return books.hasOtherTemplateThan(mails.template());
    }

    // ---- 5.19 Its run -----------------------------------------------------------------------------------------------

    /** Sends what is due, and tells what became of each row; the sums have what stopped it. */
    BulkSums send(Sessions open, Tempo tempo, Sinks sinks, Consumer<BulkOutcome> outcomes) {
        told = outcomes;
        progress = sinks::mails;
        left = plan.limit();
        Optional<MailException> failure = Optional.empty();
        try {
            outbox = Optional.of(new Outbox<>(open, this, tempo, sinks)).filter(any -> due > 0);
            outbox.ifPresent(Outbox::run);
            refuseIfChanged();
        } catch (MailException e) {
            failure = Optional.of(e);
        }
        BulkSums sums = finish(failure);
        finished.countDown();
        return sums;
    }

    /** Ends the run from outside: what is on its way has ten seconds to come to its end. */
    BulkSums interrupted() {
        outbox.ifPresent(Outbox::end);
        try {
            if (outbox.isPresent() && !finished.await(LAST_SECONDS, TimeUnit.SECONDS)) {
                outbox.get().abandon();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return finish(Optional.of(MailException.interrupted("")));
    }

    @Override
    public Stream<Ready<CampaignRow>> due() {
        refuseIfChanged();
        return sideBySide(bad -> {
            throw CampaignBooks.changed();
        }, this::composed).flatMap(Optional::stream).map(this::chosen).flatMap(Optional::stream);
    }

    private Optional<Ready<CampaignRow>> composed(Row row) {
        RowMail made = mails.of(row);
        CampaignRow known = books.known(row, made.key());
        boolean open = left > 0 || books.has(known, CampaignBooks.TRIED);
        if (!open || !books.has(known, CampaignBooks.OWN) || books.isDone(known)) {
            return Optional.empty();
        }
        CampaignRow identified = books.identified(known);
        return Optional.of(new Ready<>(identified, identified.prepared(made)));
    }

    private Optional<Ready<CampaignRow>> chosen(Ready<CampaignRow> one) {
        boolean another = !books.has(one.item(), CampaignBooks.TRIED);
        Optional<Prepared> mail = another && left == 0 ? Optional.empty() : toTry(one.item(), one.mail());
        if (mail.isPresent() && another) {
            left--;
            books.mark(one.item(), CampaignBooks.TRIED);
        }
        return mail.map(prepared -> new Ready<>(one.item(), prepared));
    }

    /** The mail for those who are still to get it, if there are any and this run may try. */
    private Optional<Prepared> toTry(CampaignRow row, Prepared mail) {
        Predicate<String> wanted = address -> !plan.suppressed().contains(address.toLowerCase(Locale.ROOT));
        List<String> all = mail.envelope().recipients().stream().filter(wanted).toList();
        if (all.isEmpty()) {
            books.mark(row, CampaignBooks.SUPPRESSED);
        }
        List<String> open = books.open(row, all);
        return open.isEmpty() ? Optional.empty() : Optional.of(mail.to(open));
    }

    @Override
    public boolean haveMore() {
        return books.haveMore();
    }

    @Override
    public void intended(List<Ready<CampaignRow>> group) {
        refuseIfChanged();
        books.intended(group, mails.template());
    }

    @Override
    public void withdrawn(List<Ready<CampaignRow>> group) {
        books.withdrawn(group);
    }

    // ---- What became of it ----

    @Override
    public void ended(Ready<CampaignRow> one, Delivery delivery) {
        CampaignRow row = one.item();
        Parts parts = Parts.of(delivery);
        Optional<Reply> reply = delivery.reply();
        int code = reply.map(Reply::code).orElse(0);
        String words = reply.map(said -> (said.enhanced() + " " + said.text()).strip())
                .or(() -> delivery.failure().map(MailException::getMessage)).orElse("");
        Optional<MailException> ofRun = delivery.failure().filter(why -> parts.fate() == Fate.REFUSED && isAboutRun(why));
        boolean marks = ofRun.isEmpty() && delivery.failure().filter(why -> Stage.OPENING.contains(why.stage())).isEmpty();
        if (marks) {
            books.note(row, one.mail().messageId(), parts.states(), code, words);
            warnAboutSome(row, parts, delivery);
        } else if (books.state(row).equals("intent")) {
            books.withdrawn(List.of(one));
        }
        ofRun.ifPresent(why -> {
            throw why;
        });
        if (parts.fate() != Fate.DEFERRED) {
            tell(new BulkOutcome(row.key(), row.row().number(), parts.fate(), code, words, delivery.messageId(),
                    delivery.queueId()), row);
        }
        countRefusals(one, parts.fate(), delivery);
    }

    private void warnAboutSome(CampaignRow row, Parts parts, Delivery delivery) {
        if (!parts.have().isEmpty() && !parts.refused().isEmpty()) {
            delivery.refused().forEach(one -> warnings.accept("row " + row.row().number() + " (" + row.key() + "): " + one));
        }
    }

    /** RFC 5321, 4.1.1.2: a sender that is the same for all is the server's business with us. */
    private boolean isAboutRun(MailException why) {
        Optional<Reply> reply = why.reply();
        boolean size = reply.filter(said -> said.code() == 552 || said.enhanced().equals("5.3.4")).isPresent();
        return why.stage() == Stage.MAIL && reply.isPresent() && !size && !plan.senderVaries();
    }

    private void countRefusals(Ready<CampaignRow> one, Fate fate, Delivery delivery) {
        boolean aboutAddress = delivery.reply().filter(said -> said.enhanced().matches("5[.]1[.].*|5[.]2[.]1")).isPresent();
        if (fate == Fate.ACCEPTED || fate == Fate.REFUSED && aboutAddress) {
            refusals.clear();
        } else if (fate == Fate.REFUSED && delivery.reply().isPresent()) {
            refusals.add(one);
        }
        if (refusals.size() >= MOST_REFUSALS) {
            withdrawn(refusals);
            throw MailException.refused(Stage.DATA, MOST_REFUSALS + " mails in a row were refused, and not for their address",
                    delivery.reply().orElseThrow()).hint("these will be tried again");
        }
    }

    private synchronized void tell(BulkOutcome outcome, CampaignRow row) {
        if (!books.has(row, CampaignBooks.TOLD)) {
            books.mark(row, CampaignBooks.TOLD);
            told.accept(outcome);
            done++;
            progress.accept(Math.min(done, count()), count());
        }
    }

    /** Rows that are left, refused or unknown; and all that went wrong as a table of its own. */
    private synchronized BulkSums finish(Optional<MailException> failure) {
        BulkSums sums = books.sums(failure);
        if (plan.tableState().equals(tableState) && sums.accepted() + sums.before() < sums.rows()) {
            try (FailedRows wrong = new FailedRows(plan)) {
                each(bad -> { }, row -> tellRest(row, wrong));
                failed = wrong.written();
            } catch (MailException e) {
                return books.sums(failure.or(() -> Optional.of(e)));
            }
        }
        return sums;
    }

    private void tellRest(Row row, FailedRows failed) {
        CampaignRow known = books.known(row, mails.of(row).key());
        Fate fate = books.fate(known);
        if (!books.has(known, CampaignBooks.OWN) || fate == Fate.ACCEPTED) {
            return;
        }
        Optional<JournalRecord> last = books.record(known);
        String reply = last.map(JournalRecord::reply).orElse("");
        tell(new BulkOutcome(known.key(), row.number(), fate, last.map(JournalRecord::code).orElse(0), reply,
                last.map(JournalRecord::messageId).orElse(""), ""), known);
        last.filter(any -> fate != Fate.SUPPRESSED)
                .ifPresent(any -> failed.add(row, fate == Fate.UNKNOWN ? "unknown whether it was accepted" : reply));
    }

    @Override
    public void close() {
        books.close();
    }
}

/** How the recipients of a mail fared. */
record Parts(List<String> have, List<String> refused, List<String> left, List<String> unknown) {
    static Parts of(Delivery delivery) {
        Optional<MailException> failure = delivery.failure();
        boolean unknown = failure.filter(MailException::isUnknown).isPresent();
        boolean forGood = failure.filter(why -> why.exit() == Exit.DATA && !Stage.OPENING.contains(why.stage())).isPresent();
        Predicate<Recipient> refused = one -> !one.ok() && (forGood || one.reply().filter(Reply::permanent).isPresent());
        Predicate<Recipient> open = one -> !one.ok() && !refused.test(one);
        return new Parts(those(delivery, Recipient::ok), those(delivery, refused), those(delivery, open.and(one -> !unknown)),
                those(delivery, open.and(one -> unknown)));
    }

    private static List<String> those(Delivery delivery, Predicate<Recipient> which) {
        return delivery.recipients().stream().filter(which).map(Recipient::address).toList();
    }

    Fate fate() {
        Fate settled = have.isEmpty() ? Fate.REFUSED : Fate.ACCEPTED;
        return !unknown.isEmpty() ? Fate.UNKNOWN : left.isEmpty() ? settled : Fate.DEFERRED;
    }

    /** What is noted of it, the last of it being what counts. Where nobody knows of any, the intent stays. */
    Map<String, List<String>> states() {
        Map<String, List<String>> states = new LinkedHashMap<>();
        states.put("accepted", have);
        states.put("refused", refused);
        states.put("deferred", left);
        states.put("intent", have.isEmpty() && refused.isEmpty() ? List.of() : unknown);
        states.values().removeIf(List::isEmpty);
        return states;
    }
}

// ---- 5.20 A campaign's books ----------------------------------------------------------------------------------------

/** A row, the number of its key, and the Message-ID (or its local part) and date that its mail has each time. */
record CampaignRow(Row row, int number, String key, String id, String date) {
    Prepared prepared(RowMail mail) {
        return mail.prepared(id, date);
    }
}

/** What the journals of a campaign say of each row, and what this run notes there. */
final class CampaignBooks implements AutoCloseable {
    static final int OWN = 1;
    static final int TRIED = 2;
    static final int TOLD = 4;
    static final int BEFORE = 8;
    static final int SUPPRESSED = 16;
    private static final int ROW = 32;
    private final CampaignPlan plan;
    private final Optional<CampaignJournal> journal;
    private final KeyDigest digest;
    private final Standings standings = new Standings();
    /** By the number of a key: its row, and what this run knows of it. */
    private final Column marks = new Column();
    private int file;
    /** Of the last intent. */
    private Optional<Supplier<String>> template = Optional.empty();
    private long last;
    private long lastAccepted;

    CampaignBooks(CampaignPlan plan, boolean writes) {
        this.plan = plan;
        digest = new KeyDigest(plan.name());
        journal = writes ? Optional.of(CampaignJournal.open(plan.journal(), plan.shard())) : Optional.empty();
        try {
            for (Path known : CampaignJournal.files(plan.journal(), "")) {
                read(known);
            }
            file = standings.file(Shard.file(plan.journal(), plan.shard()));
        } catch (IOException e) {
            throw new MailException(Exit.NO_INPUT, Stage.STORE, "can't look for journals: " + Texts.cause(e));
        }
        journal.ifPresent(ours -> ours.isLaterThan(Instant.EPOCH.plus(last, ChronoUnit.MICROS)));
    }

    private void read(Path known) {
        int place = standings.file(known);
        JournalGlance line = new JournalGlance(plan.name());
        CampaignJournal.read(known, line, offset -> {
            long when = line.micros();
            last = Math.max(last, when);
            if (line.isOurs()) {
                String state = line.state();
                int number = standings.numberOf(line.digest());
                standings.note(number, state, when, place, offset, () -> JournalText.at(known, offset));
                lastAccepted = state.equals("accepted") ? Math.max(lastAccepted, when) : lastAccepted;
                template = state.equals("intent") ? Optional.of(() -> JournalText.at(known, offset).template()) : template;
            }
        });
    }

    static MailException changed() {
        return new MailException(Exit.TEMPORARY, Stage.INPUT, "the table has changed since it was checked").hint("run it again");
    }

    boolean hasOtherTemplateThan(String digits) {
        return template.map(Supplier::get).filter(known -> !known.isEmpty() && !known.equals(digits)).isPresent();
    }

    Optional<Instant> lastAccepted() {
        return Optional.of(lastAccepted).filter(known -> known > 0).map(known -> Instant.EPOCH.plus(known, ChronoUnit.MICROS));
    }

    // ---- Rows ----

    /** Takes its key for this row alone. */
    synchronized CampaignRow place(Row row, String key) {
        byte[] octets = digest.of(key);
        int number = standings.numberOf(octets);
        if (marks.get(number) != 0) {
            throw row.fault("it has the key '" + key + "' of row " + (marks.get(number) >>> ROW));
        }
        boolean before = standings.state(number).equals("accepted");
        marks.set(number, row.number() << ROW | (plan.isOurs(octets, key) ? OWN : 0) | (before ? BEFORE : 0));
        return new CampaignRow(row, number, key, "", "");
    }

    /** The row again, which was placed before. */
    synchronized CampaignRow known(Row row, String key) {
        int number = standings.numberOf(digest.of(key));
        if (marks.get(number) >>> ROW != row.number()) {
            throw changed();
        }
        return new CampaignRow(row, number, key, "", "");
    }

    /** With the Message-ID and the date that it had at the first try, or has from now on. */
    synchronized CampaignRow identified(CampaignRow row) {
        Optional<JournalRecord> before = standings.record(row.number());
        String id = before.map(JournalRecord::messageId).filter(known -> !known.isEmpty())
                .orElseGet(() -> HexFormat.of().formatHex(digest.of(row.key())));
        String date = before.map(JournalRecord::date).filter(known -> !known.isEmpty()).orElseGet(MailDates::now);
        return new CampaignRow(row.row(), row.number(), row.key(), id, date);
    }

    synchronized boolean has(CampaignRow row, int mark) {
        return (marks.get(row.number()) & mark) != 0;
    }

    synchronized void mark(CampaignRow row, int mark) {
        marks.set(row.number(), marks.get(row.number()) | mark);
    }

    synchronized boolean isDone(CampaignRow row) {
        return isDone(row.number());
    }

    private boolean isDone(int number) {
        return standings.state(number).equals("accepted") || (marks.get(number) & SUPPRESSED) != 0;
    }

    synchronized String state(CampaignRow row) {
        return standings.state(row.number());
    }

    synchronized Optional<JournalRecord> record(CampaignRow row) {
        return standings.record(row.number());
    }

    /** Those of these recipients whom this run may try. */
    synchronized List<String> open(CampaignRow row, List<String> recipients) {
        Set<String> having = standings.having(row.number());
        List<String> open = recipients.stream().filter(address -> !having.contains(address)).toList();
        Optional<JournalRecord> last = standings.record(row.number());
        boolean tried = has(row, TRIED);
        boolean may = last.map(record -> switch (record.state()) {
            case "deferred" -> true;
            case "refused" -> !tried && (plan.again().contains("refused") || !record.to().containsAll(open));
            default -> !tried && plan.again().contains("unknown");
        }).orElse(true);
        boolean inPart = last.filter(record -> record.is("deferred") && open.containsAll(record.to())).isPresent();
        return !may ? List.of() : inPart ? last.get().to() : open;
    }

    // ---- What is noted ----

    synchronized void intended(List<Ready<CampaignRow>> group, String templateDigits) {
        note(group, "intent", templateDigits);
    }

    synchronized void withdrawn(List<Ready<CampaignRow>> group) {
        note(group, "deferred", "");
    }

    private void note(List<Ready<CampaignRow>> group, String state, String templateDigits) {
        List<JournalRecord> records = group.stream().map(one -> record(one.item(), one.mail().messageId(), state,
                one.mail().envelope().recipients(), 0, "", templateDigits)).toList();
        note(group.stream().map(Ready::item).toList(), records, state.equals("intent"));
    }

    synchronized void note(CampaignRow row, String messageId, Map<String, List<String>> states, int code, String reply) {
        List<JournalRecord> records = new ArrayList<>();
        states.forEach((state, to) -> records.add(record(row, messageId, state, to, code, reply, "")));
        note(Collections.nCopies(records.size(), row), records, false);
    }

    private JournalRecord record(CampaignRow row, String messageId, String state, List<String> to, int code, String reply,
            String templateDigits) {
        Instant now = journal.orElseThrow().now();
        return new JournalRecord(plan.name(), row.key(), state, messageId, row.date(), to, now, code, reply, templateDigits);
    }

    private void note(List<CampaignRow> which, List<JournalRecord> records, boolean forGood) {
        long[] places = journal.orElseThrow().note(records, forGood);
        for (int i = 0; i < places.length; i++) {
            JournalRecord record = records.get(i);
            long when = ChronoUnit.MICROS.between(Instant.EPOCH, record.at());
            standings.note(which.get(i).number(), record.state(), when, file, places[i], () -> record);
        }
    }

    // ---- How it stands ----

    synchronized Fate fate(CampaignRow row) {
        return fate(row.number());
    }

    private Fate fate(int number) {
        return (marks.get(number) & SUPPRESSED) != 0 ? Fate.SUPPRESSED : switch (standings.state(number)) {
            case "accepted" -> Fate.ACCEPTED;
            case "refused" -> standings.having(number).isEmpty() ? Fate.REFUSED : Fate.ACCEPTED;
            case "intent" -> Fate.UNKNOWN;
            default -> Fate.DEFERRED;
        };
    }

    /** Whether some were tried in this run and are due again. */
    synchronized boolean haveMore() {
        return own().anyMatch(number -> (marks.get(number) & TRIED) != 0 && fate(number) == Fate.DEFERRED);
    }

    private IntStream own() {
        return IntStream.rangeClosed(1, standings.count()).filter(number -> (marks.get(number) & OWN) != 0);
    }

    synchronized BulkSums sums(Optional<MailException> failure) {
        EnumMap<Fate, Long> counts = new EnumMap<>(Fate.class);
        Stream.of(Fate.values()).forEach(fate -> counts.put(fate, 0L));
        long[] beforeAndInPart = new long[2];
        own().forEach(number -> {
            counts.merge(fate(number), 1L, Long::sum);
            beforeAndInPart[0] += fate(number) == Fate.ACCEPTED && (marks.get(number) & BEFORE) != 0 ? 1 : 0;
            beforeAndInPart[1] += fate(number) == Fate.ACCEPTED && standings.state(number).equals("refused") ? 1 : 0;
        });
        long rows = counts.values().stream().mapToLong(count -> count).sum();
        return new BulkSums(rows, counts.get(Fate.ACCEPTED) - beforeAndInPart[0], beforeAndInPart[0], counts.get(Fate.REFUSED),
                counts.get(Fate.DEFERRED), counts.get(Fate.UNKNOWN), counts.get(Fate.SUPPRESSED), beforeAndInPart[1] > 0,
                failure);
    }

    /** What is known of each key of the journals but those that all have, for a look without a table. */
    synchronized void eachOpen(BiConsumer<String, Fate> sink) {
        own().filter(number -> fate(number) != Fate.ACCEPTED)
                .forEach(number -> sink.accept(standings.record(number).orElseThrow().key(), fate(number)));
    }

    /** Counts all keys of the journals. */
    synchronized void ownAll() {
        IntStream.rangeClosed(1, standings.count()).forEach(number -> marks.set(number, OWN | BEFORE));
    }

    @Override
    public void close() {
        journal.ifPresent(Disk::closeQuietly);
    }
}

// ---- 5.21 Rows that went wrong --------------------------------------------------------------------------------------

/** A table of the rows that went wrong, as they were but for a column that says why; made when there is one. */
final class FailedRows implements Closeable {
    private final CampaignPlan plan;
    private final Optional<Path> target;
    private Optional<Writer> out = Optional.empty();

    FailedRows(CampaignPlan plan) {
        this.plan = plan;
        target = plan.failed().map(file -> Shard.file(file, plan.shard()));
        target.ifPresent(FailedRows::refuseIfHopeless);
    }

    /** Better known before anything is sent. */
    private static void refuseIfHopeless(Path file) {
        if (Files.isDirectory(file) || !Files.isWritable(file.getParent())) {
            throw Disk.failed(file, new IOException(Files.isDirectory(file) ? "it is a folder" : "not in this folder"));
        }
    }

    void add(Row row, String why) {
        write(() -> plan.table().failed().apply(row, why));
    }

    Optional<Path> written() {
        return target.filter(file -> out.isPresent());
    }

    void add(BadRow row) {
        write(() -> plan.table().broken().apply(row));
    }

    private void write(Supplier<String> line) {
        target.ifPresent(file -> writing(() -> {
            if (out.isEmpty()) {
                Files.deleteIfExists(fresh(file));
                out = Optional.of(new BufferedWriter(Channels.newWriter(Disk.create(fresh(file)), UTF_8)));
                out.get().write(plan.table().failedHead().get());
            }
            out.get().write(line.get());
            return file;
        }));
    }

    private static Path fresh(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }

    private void writing(IOSupplier<Path> work) {
        try {
            work.get();
        } catch (IOException e) {
            throw Disk.failed(target.orElseThrow(), e);
        }
    }

    @Override
    public void close() {
        out.ifPresent(written -> writing(() -> {
            written.close();
            return Files.move(fresh(target.orElseThrow()), target.orElseThrow(), StandardCopyOption.ATOMIC_MOVE);
        }));
    }
}

// ==== 6. SMTP ========================================================================================================
// Sessions and transactions (RFC 5321; LMTP: RFC 2033).

// ---- 6.1 Session ----------------------------------------------------------------------------------------------------

/** SMTP and LMTP: their replies, EHLO and AUTH (RFC 5321, RFC 2033, RFC 4954). */
final class SmtpSession implements Dialect {
    static final String[] OPTIONAL = {"PIPELINING", "CHUNKING", "8BITMIME", "SIZE", "SMTPUTF8", "DSN", "LIMITS"};
    private static final int REPLY_LIMIT = 1024 * 1024;
    private final Matcher replyLine = Pattern.compile("[2-5]\\d\\d([ -]|\\z)").matcher("");
    final Connection connection;

    SmtpSession(Connection connection) {
        this.connection = connection;
    }

    static SmtpSession open(Where where, How how, Sinks sinks) {
        return Opening.open(where, how, sinks, SmtpSession::new);
    }

    @Override
    public String startTls() {
        return "STARTTLS";
    }

    @Override
    public MailException tlsRefused(Reply reply) {
        return MailException.refused(Stage.TLS, connection.where.host() + " refused STARTTLS", reply);
    }

    @Override
    public Reply logIn() throws IOException {
        Set<String> offered = connection.offered.words("AUTH");
        return Login.run(connection, Login.BY_STRENGTH, offered, mechanism -> Login.exchange(mechanism, connection));
    }

    /** A whole reply (RFC 5321, 4.2.1). Should its lines have several codes, the last one is the verdict. */
    @Override
    public Reply readReply(Wire wire) throws IOException {
        List<String> lines = new ArrayList<>();
        String code = "";
        int size = 0;
        String line;
        do {
            line = wire.readLine(Wire.LINE_LIMIT);
            if (!replyLine.reset(line).lookingAt()) {
                throw MalformedReply.of(line, connection);
            }
            if (!line.startsWith(code)) {
                lines.clear();
            }
            size += line.length();
            if (size > REPLY_LIMIT) {
                throw new MalformedReply("a reply of over 1 MB");
            }
            code = line.substring(0, 3);
            lines.add(line.length() > 4 ? line.substring(4) : "");
        } while (line.startsWith("-", 3));
        return Reply.of(code, lines);
    }

    @Override
    public Reply hello() throws IOException {
        String name = connection.how.helo().isEmpty() ? connection.addressLiteral() : connection.how.helo();
        String greeting = isLmtp() ? "LHLO" : "EHLO";
        Reply reply = connection.ask(Stage.EHLO, greeting + " " + name);
        connection.hello = Optional.of(reply);
        boolean old = reply.permanent() && !isLmtp();
        Reply answer = old ? connection.ask(Stage.EHLO, "HELO " + name) : reply;
        connection.require(answer, (old ? "HELO" : greeting) + " at " + connection.where.host());
        List<String> keywords = old ? List.of() : reply.lines().subList(1, reply.lines().size());
        connection.capabilities.put(connection.isSecure() ? "TLS" : "clear", keywords);
        connection.offered(keywords);
        return answer;
    }

    /** How many octets a message may have (RFC 1870). */
    long sizeLimit() {
        String size = connection.offered.parameter("SIZE");
        return size.matches("0*[1-9]\\d{0,17}") ? Long.parseLong(size) : Long.MAX_VALUE;
    }

    /** The number that it names as its limit (RFC 9422). */
    int limit(String name) {
        Matcher value = Pattern.compile("(?<!\\S)" + name + "=0*([1-9]\\d{0,8})(?!\\S)")
                .matcher(connection.offered.parameter("LIMITS"));
        return value.find() ? Integer.parseInt(value.group(1)) : Integer.MAX_VALUE;
    }

    boolean isLmtp() {
        return connection.where.protocol() == Protocol.LMTP;
    }
}

// ---- 6.2 Transactions -----------------------------------------------------------------------------------------------

/** Carries messages over a session, one after the other. Once a session is broken it takes no further command. */
final class Courier {
    final Connection connection;
    final Dialogue dialogue;
    private final long sizeLimit;
    private final int mailLimit;
    private final int recipientLimit;
    private final byte[] block = new byte[BlockOutput.BLOCK];
    /** Why nothing more can be sent, and whether that takes something from a message. */
    private Optional<MailException> broken = Optional.empty();
    boolean lost;

    Courier(SmtpSession session) {
        connection = session.connection;
        dialogue = new Dialogue(session);
        sizeLimit = session.sizeLimit();
        mailLimit = session.limit("MAILMAX");
        recipientLimit = session.limit("RCPTMAX");
    }

    boolean isOver() {
        return broken.isPresent() || dialogue.envelopes >= mailLimit || connection.isOver();
    }

    /** Why it broke, if it did. */
    Optional<MailException> why() {
        return broken;
    }

    void refuseIfLost() {
        if (lost) {
            throw broken.orElseThrow();
        }
    }

    /** Sends a message, and leaves its last reply for the next {@code begin} or {@link #settle} to read. */
    void begin(Transaction transaction) {
        transaction.begins(connection);
        orBreak(() -> carry(transaction));
        broken.ifPresent(transaction::fail);
    }

    private void carry(Transaction transaction) throws IOException {
        dialogue.envelopeBegins(transaction);
        if (!connection.offers("PIPELINING")) {
            dialogue.readDueReplies();
        }
        if (transaction.isOpen() && fits(transaction)) {
            envelope(transaction);
        }
        dialogue.readDueReplies();
        dialogue.envelopeEnds();
        if (transaction.isOpen()) {
            new Body(connection, dialogue, transaction, block).send();
        }
        if (transaction.needsReset()) {
            dialogue.command(Stage.MAIL, TimeLimit.COMMAND, transaction, "RSET", reply -> { });
        }
    }

    /** Sends all there is to send; says whether the end of the last message has been answered, or never will be. */
    boolean isAnswered() {
        return broken.isPresent() || dialogue.isAnswered();
    }

    void settle() {
        orBreak(dialogue::readDueReplies);
    }

    void close() {
        settle();
        if (!connection.isOver()) {
            connection.sayGoodbye();
        }
    }

    /** Ends the session for a new one: a server does not keep an idle one for long, and to find that out costs an attempt. */
    void leave() {
        close();
        broken = broken.or(() -> Optional.of(new MailException(Exit.TEMPORARY, Stage.QUIT, "the session is over")));
    }

    /** There is no session to go on with. */
    void strand(MailException problem) {
        broken = Optional.of(problem);
        lost = true;
    }

    /** After what goes wrong here nothing can be sent, and whoever waits for a reply learns why none comes. */
    private void orBreak(IORunnable step) {
        try {
            if (broken.isEmpty()) {
                step.run();
            }
        } catch (IOException e) {
            breakOff(connection.explain(e));
        } catch (MailException e) {
            breakOff(e);
        }
    }

    private void breakOff(MailException problem) {
        connection.drop();
        List<Transaction> waiting = dialogue.abandon();
        waiting.forEach(message -> message.fail(problem));
        broken = waiting.stream().flatMap(message -> message.unknown().stream()).findFirst().or(() -> Optional.of(problem));
        lost = !dialogue.spent;
    }

    // ---- The envelope ----

    private boolean fits(Transaction transaction) {
        Prepared mail = transaction.mail();
        if (mail.size() > sizeLimit) {
            transaction.unfit("the message has " + mail.size() + " octets, " + connection.where.host() + " takes " + sizeLimit);
        } else if (mail.utf8() && !connection.offers("SMTPUTF8")) {
            transaction.unfit("an address is not in ASCII, and " + connection.where.host() + " does not offer SMTPUTF8");
        } else if (mail.eightBit() && !connection.offers("8BITMIME")) {
            transaction.unfit("the message has 8-bit text, and " + connection.where.host() + " does not offer 8BITMIME");
        } else if (mail.envelope().allOrNothing() && mail.envelope().recipients().size() > recipientLimit) {
            transaction.hasNoRoom("RCPTMAX is " + recipientLimit, Optional.empty());
        }
        return transaction.isOpen();
    }

    private void envelope(Transaction transaction) throws IOException {
        Envelope envelope = transaction.mail().envelope();
        dialogue.command(Stage.MAIL, TimeLimit.COMMAND, transaction, mailCommand(transaction), transaction::mailReply);
        for (Addressee next : transaction.recipients.upTo(recipientLimit)) {
            if (transaction.isOpen() && transaction.recipients.noRoom.isEmpty()) {
                IOConsumer<Reply> then = reply -> transaction.recipientReply(next, reply);
                dialogue.command(Stage.RCPT, TimeLimit.COMMAND, transaction, recipientCommand(envelope, next.address), then);
            }
        }
        boolean withData = !connection.offers("CHUNKING");
        boolean atOnce = withData && connection.offers("PIPELINING") && !envelope.allOrNothing();
        if (!atOnce) {
            dialogue.readDueReplies();
            transaction.decide();
        }
        // What looks like the last message's answer may be that again: 354 then shows that it is not.
        if ((withData || dialogue.cameTwice()) && transaction.isOpen()) {
            dialogue.command(Stage.DATA, TimeLimit.DATA, transaction, "DATA", transaction::dataReply);
            dialogue.readDueReplies();
        }
        if (transaction.isStranded()) {
            refuseIfInterrupted(transaction);
            // 354 although nobody may have it: an empty message gets us out (RFC 2920, 3.1).
            dialogue.command(Stage.DATA, TimeLimit.END, transaction, ".", reply -> { });
            dialogue.readDueReplies();
        }
        dialogue.envelopes++;
    }

    /** It may have recipients, whom an empty message in its place would reach. */
    private static void refuseIfInterrupted(Transaction transaction) {
        transaction.delivery().failure().filter(why -> why.exit() == Exit.INTERRUPTED).ifPresent(why -> {
            throw why;
        });
    }

    private String mailCommand(Transaction transaction) {
        Prepared mail = transaction.mail();
        Envelope envelope = mail.envelope();
        boolean dsn = connection.offers("DSN");
        if (!dsn && !(envelope.notices() + envelope.ret() + envelope.envid()).isEmpty()) {
            transaction.warn(connection.where.host() + " sends no delivery notices on request (no DSN)");
        }
        return "MAIL FROM:<" + envelope.reversePath() + ">"
                + (connection.offers("SIZE") ? " SIZE=" + mail.size() : "")
                + (connection.offers("8BITMIME") && (mail.eightBit() || mail.utf8()) ? " BODY=8BITMIME" : "")
                + (mail.utf8() ? " SMTPUTF8" : "")
                + (dsn && !envelope.ret().isEmpty() ? " RET=" + envelope.ret() : "")
                + (dsn && !envelope.envid().isEmpty() ? " ENVID=" + Envelope.xtext(envelope.envid()) : "");
    }

    private String recipientCommand(Envelope envelope, String address) {
        boolean notices = connection.offers("DSN") && !envelope.notices().isEmpty();
        return "RCPT TO:<" + address + ">" + (notices ? " NOTIFY=" + envelope.notices() + " ORCPT=" + original(address) : "");
    }

    /** UTF-8 goes as it is, but for what ends a parameter or begins an escape (RFC 6533, 3). */
    private static String original(String address) {
        if (Texts.isAscii(address)) {
            return "rfc822;" + Envelope.xtext(address);
        }
        return "utf-8;" + address.replace("\\", "\\x{5C}").replace("+", "\\x{2B}").replace("=", "\\x{3D}")
                .replace(" ", "\\x{20}");
    }
}

// ---- 6.3 Answers ----------------------------------------------------------------------------------------------------

/** What was asked over a session, and what the answers mean: also those that come too early, twice, or not at all. */
final class Dialogue {
    private final SmtpSession session;
    private final Connection connection;
    private final CommandQueue<Transaction> due;
    int envelopes;
    /** The message that was answered last, and its answer with what was read since. */
    private Optional<Transaction> last = Optional.empty();
    private final List<Reply> sinceEnd = new ArrayList<>();
    /** The message of which nothing but its envelope is sent. */
    private Optional<Transaction> inEnvelope = Optional.empty();
    /** The session is over, and that takes nothing from any message. */
    boolean spent;
    /** What to do between a flight of commands and the first of its replies. */
    Runnable meanwhile = () -> { };

    Dialogue(SmtpSession session) {
        this.session = session;
        connection = session.connection;
        due = new CommandQueue<>(connection);
    }

    void envelopeBegins(Transaction transaction) {
        inEnvelope = Optional.of(transaction).filter(Transaction::isOpen);
    }

    void envelopeEnds() {
        inEnvelope = Optional.empty();
        last = Optional.empty();
        sinceEnd.clear();
    }

    /** The end of a message has been answered; a second answer may follow. */
    void answered(Transaction transaction, Reply reply) {
        last = Optional.of(transaction).filter(message -> !message.isUnanswered());
        sinceEnd.clear();
        sinceEnd.add(reply);
    }

    /** No reply will come any more: the messages that wait for one. That of which only the envelope is out may go again. */
    List<Transaction> abandon() {
        Optional<Transaction> doubted = last.filter(Transaction::isUnanswered);
        if (spent || doubted.isPresent()) {
            inEnvelope.ifPresent(message -> message.revoke(spent));
        }
        List<Transaction> waiting = new ArrayList<>(due.abandon());
        doubted.ifPresent(waiting::add);
        inEnvelope.ifPresent(waiting::add);
        return waiting;
    }

    // ---- Commands and replies ----

    void command(Stage at, TimeLimit limit, Transaction transaction, String line, IOConsumer<Reply> then) throws IOException {
        if (due.isEmpty()) {
            refuseUnasked(at, limit);
        }
        due.send(transaction, at, limit, line, then);
        if (!connection.offers("PIPELINING") || due.isFull()) {
            readDueReplies();
        }
    }

    void expect(TimeLimit limit, Transaction transaction, IOConsumer<Reply> then) {
        due.expect(transaction, Stage.DATA, limit, then);
    }

    void readDueReplies() throws IOException {
        connection.wire.flush();
        meanwhile.run();
        while (!due.isEmpty()) {
            readDueReply();
        }
    }

    void readRepliesThatCame() throws IOException {
        connection.wire.flush();
        while (!due.isEmpty() && (!connection.offers("PIPELINING") || due.isFull() || connection.wire.hasUnreadInput())) {
            readDueReply();
        }
    }

    /** Sends all there is to send; says whether the next reply is there, or none will come. */
    boolean isAnswered() {
        try {
            connection.wire.flush();
            return due.isEmpty() || connection.wire.hasUnreadInput();
        } catch (LostConnection e) {
            return true;
        }
    }

    private void readDueReply() throws IOException {
        CommandQueue.Due<Transaction> first = due.first();
        Reply reply = read(first.stage(), first.limit());
        if (!mayBe(first.limit(), reply)) {
            // Yes to DATA is the answer to a command before it; 354 before it means that the last message was not answered.
            throw outOfStep(reply, first.limit() == TimeLimit.DATA);
        }
        boolean farewell = reply.code() == 421;
        spent = farewell && first.limit() != TimeLimit.END && isBetweenMessages(first.stage(), first.limit());
        if (!spent) {
            due.take(reply);
        }
        if (due.isEmpty()) {
            refuseUnasked(first.stage(), first.limit());
        }
        if (farewell) {
            throw farewell(first.stage(), reply);
        }
    }

    /** RFC 5321, 4.3.2. */
    private static boolean mayBe(TimeLimit limit, Reply reply) {
        return reply.temporary() || reply.permanent() || (limit == TimeLimit.DATA ? reply.code() == 354 : reply.positive());
    }

    private Reply read(Stage at, TimeLimit limit) throws IOException {
        Reply reply = connection.readReply(at, limit);
        sinceEnd.add(reply);
        return reply;
    }

    // ---- Replies out of step ----

    /** More replies than commands: one of them came too early, and only 421 may (RFC 5321, 3.8). */
    private void refuseUnasked(Stage at, TimeLimit limit) throws IOException {
        Optional<Reply> extra = unread(at, limit);
        if (extra.isPresent() && extra.get().code() == 421) {
            spent = isBetweenMessages(at, limit);
            throw farewell(at, extra.get());
        }
        if (extra.isPresent()) {
            throw outOfStep(extra.get(), !connection.wire.hasUnreadInput());
        }
    }

    private Optional<Reply> unread(Stage at, TimeLimit limit) throws IOException {
        try {
            return connection.wire.hasUnreadInput() ? Optional.of(read(at, limit)) : Optional.empty();
        } catch (LostConnection e) {
            // Matters to the next command, not to what has been answered.
            return Optional.empty();
        } catch (MalformedReply e) {
            doubtLast();
            throw e;
        }
    }

    /** At the end of a message, at RSET, and at any MAIL but the first. */
    private boolean isBetweenMessages(Stage at, TimeLimit limit) {
        return limit == TimeLimit.END || at == Stage.MAIL && envelopes > 0;
    }

    private MailException farewell(Stage at, Reply reply) {
        return MailException.refused(at, connection.where.host() + " ended the session", reply);
    }

    /** If the last message's answer came twice it is delivered, and the session is over; else that was no answer. */
    private MalformedReply outOfStep(Reply reply, boolean mayRepeat) {
        spent = mayRepeat && cameTwice() && !session.isLmtp();
        if (spent) {
            last.get().warn(connection.where.host() + " answered the end of the message twice, by '" + sinceEnd.get(0) + "'");
        } else {
            doubtLast();
        }
        return new MalformedReply("'" + reply + "' where it is no answer", "do not take the message for delivered");
    }

    boolean cameTwice() {
        return last.isPresent() && sinceEnd.size() > 1 && sinceEnd.get(0).equals(sinceEnd.get(1));
    }

    /** What was taken for its answer was none. */
    private void doubtLast() {
        last.ifPresent(message -> message.recipients.forgetEnds());
    }
}

// ---- 6.4 The body ---------------------------------------------------------------------------------------------------

/** Takes a body in blocks; {@link #send} alone tells the server that it is whole. */
final class Body extends BlockOutput {
    private final Connection connection;
    private final Dialogue dialogue;
    private final byte[] block;
    private final Wire wire;
    private final Transaction transaction;
    private final long size;
    private final boolean chunked;
    private boolean atLineStart = true;
    private long count;
    private int used;

    Body(Connection connection, Dialogue dialogue, Transaction transaction, byte[] block) {
        this.connection = connection;
        this.dialogue = dialogue;
        this.transaction = transaction;
        this.block = block;
        wire = connection.wire;
        size = transaction.mail().size();
        chunked = !transaction.granted;
    }

    /** Throws if it does not come to its end, which the server then never sees. */
    void send() throws IOException {
        transaction.times.bodyBegins();
        try {
            transaction.mail().writeTo(this);
            if (transaction.isOpen()) {
                finish();
            }
        } catch (LostConnection e) {
            throw earlyEnd();
        } catch (MalformedReply | MailException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new MailException(Exit.IO, Stage.DATA, "can't read the message to its end: " + Texts.cause(e))
                    .hint("the connection was cut, nothing was delivered");
        }
    }

    /** The server spoke or hung up before the body's end: what it said explains more than our failure to write. */
    private MailException earlyEnd() {
        try {
            Reply reply = connection.readReply(Stage.DATA, TimeLimit.BLOCK);
            if (reply.temporary() || reply.permanent()) {
                return MailException.refused(Stage.DATA, connection.where.host() + " refused the message before its end", reply);
            }
            String what = connection.where.host() + " said '" + reply + "' before the message's end";
            return new MailException(Exit.PROTOCOL, Stage.DATA, what).hint("do not take it for delivered");
        } catch (IOException silence) {
            return connection.explain(silence);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int from = offset; from < offset + length && transaction.isOpen();) {
            if (used == block.length) {
                putBlock();
            }
            int part = Math.min(offset + length - from, block.length - used);
            System.arraycopy(bytes, from, block, used, part);
            used += part;
            from += part;
            count += part;
        }
    }

    private void putBlock() throws IOException {
        transaction.times.gone = count;
        connection.sinks.progress(count, size);
        if (chunked) {
            putChunk("");
            dialogue.expect(TimeLimit.BLOCK, transaction, transaction::chunkReply);
            dialogue.readRepliesThatCame();
        } else {
            putLines();
            refuseEarlyReply();
        }
    }

    private void finish() throws IOException {
        if (count != size) {
            throw new IOException("it has " + count + " octets now, and had " + size);
        }
        connection.sinks.progress(size, size);
        if (chunked) {
            dialogue.readDueReplies();
        } else {
            putLines();
        }
        if (size > block.length) {
            wire.flush();
        }
        if (transaction.isOpen()) {
            transaction.hook.run();
            refuseEarlyReply();
        }
        if (transaction.isOpen() && transaction.end.tryAcquire()) {
            putEnd();
            expectFinalReplies();
        }
    }

    private void putEnd() throws IOException {
        if (chunked) {
            putChunk(" LAST");
        } else {
            connection.transcript.sent("(" + size + " octets)");
            wire.writeLine(".", ".");
        }
    }

    /** BDAT: counted octets that go as they are (RFC 3030). */
    private void putChunk(String last) throws IOException {
        String command = "BDAT " + used + last;
        wire.writeLine(command, command);
        wire.write(block, 0, used);
        used = 0;
    }

    /** DATA: a line that begins with a dot gets one more (RFC 5321, 4.5.2). */
    private void putLines() throws IOException {
        int run = 0;
        for (int line = atLineStart ? 0 : nextLine(0); line < used; line = nextLine(line)) {
            if (block[line] == '.') {
                wire.write(block, run, line + 1 - run);
                run = line;
            }
        }
        wire.write(block, run, used - run);
        atLineStart = used == 0 ? atLineStart : block[used - 1] == '\n';
        used = 0;
    }

    private int nextLine(int from) {
        byte[] octets = block;
        int end = used;
        int at = from;
        while (at < end && octets[at] != '\n') {
            at++;
        }
        return at + 1;
    }

    private void refuseEarlyReply() throws LostConnection {
        if (wire.hasUnreadInput()) {
            throw earlyEnd();
        }
    }

    /** LMTP answers for each recipient that it accepted (RFC 2033, 4.2), SMTP once for all. */
    private void expectFinalReplies() {
        List<Addressee> accepted = List.copyOf(transaction.recipients.accepted);
        boolean lmtp = connection.where.protocol() == Protocol.LMTP;
        transaction.bodyEnds();
        for (List<Addressee> recipients : lmtp ? accepted.stream().map(List::of).toList() : List.of(accepted)) {
            dialogue.expect(TimeLimit.END, transaction, reply -> {
                transaction.finalReply(recipients, reply);
                dialogue.answered(transaction, reply);
            });
        }
    }
}

// ---- 6.5 Recipients -------------------------------------------------------------------------------------------------

/** A recipient of a message on its way: what was said to RCPT, and at the message's end. */
final class Addressee {
    final String address;
    /** None if that was not about it, but about too many before it: it is left to a further transaction then. */
    Optional<Reply> answer = Optional.empty();
    Optional<Reply> end = Optional.empty();

    Addressee(String address) {
        this.address = address;
    }

    Recipient recipient() {
        boolean ok = end.filter(Reply::positive).isPresent();
        return new Recipient(address, ok, ok ? answer : end.or(() -> answer.filter(reply -> !reply.positive())));
    }
}

final class Addressees {
    private final List<Addressee> all;
    final List<Addressee> accepted = new ArrayList<>();
    final List<Reply> refusals = new ArrayList<>();
    final List<Reply> ends = new ArrayList<>();
    /** What was said to the first that found no room in this transaction. */
    Optional<Reply> noRoom = Optional.empty();

    Addressees(List<String> addresses) {
        all = addresses.stream().map(Addressee::new).toList();
    }

    /** Those to ask for; who is over the limit is left to a further transaction. */
    List<Addressee> upTo(int limit) {
        return all.subList(0, Math.min(limit, all.size()));
    }

    /** After one that was accepted, 452 and 552 mean this transaction and not this recipient (RFC 5321, 4.5.3.1.10). */
    void answer(Addressee whose, Reply reply) {
        if ((reply.code() == 452 || reply.code() == 552) && !accepted.isEmpty()) {
            noRoom = noRoom.or(() -> Optional.of(reply));
            return;
        }
        whose.answer = Optional.of(reply);
        if (reply.positive()) {
            accepted.add(whose);
        } else {
            refusals.add(reply);
        }
    }

    /** Whether some were answered, and some are left. */
    boolean areParted() {
        int answered = accepted.size() + refusals.size();
        return 0 < answered && answered < all.size();
    }

    void end(Addressee whose, Reply reply) {
        whose.end = Optional.of(reply);
        ends.add(reply);
    }

    boolean waitForEnd() {
        return ends.size() < accepted.size();
    }

    void forgetEnds() {
        all.forEach(one -> one.end = Optional.empty());
        ends.clear();
    }

    List<String> left() {
        return all.stream().filter(one -> one.answer.isEmpty()).map(one -> one.address).toList();
    }

    List<Recipient> recipients() {
        return all.stream().map(Addressee::recipient).toList();
    }
}

/** When a message's envelope began, its body, and when it was over; how many octets went out. */
final class Times {
    volatile long gone;
    private final long started = System.nanoTime();
    private long bodyStarted = Long.MAX_VALUE;
    private long finished = started;

    void bodyBegins() {
        bodyStarted = System.nanoTime();
    }

    void end() {
        finished = System.nanoTime();
    }

    /** Nanoseconds, as are those of the body. */
    long envelope() {
        return Math.min(bodyStarted, finished) - started;
    }

    long body() {
        return Math.max(0, finished - bodyStarted);
    }

    /** How much of it was out when it was over, if that is worth a word. */
    String after(long size) {
        return gone < 100_000 ? "" : " after " + Texts.megabytes(gone, size);
    }
}

/** The name that a server gives a message it has taken, as each kind of server says it. */
final class QueueId {
    private static final Pattern WORDS = Pattern.compile(
            "(?i)queued as <?([^\\s>]+?)\\.?(?=[\\s>]|$)|\\bid=(\\S+)|\\[InternalId=(\\d+)|^(\\w{8,}) Message accepted"
                    + "|^OK\\s+(\\d{9,}\\s(?:qp \\d+|\\S+))|^OK (\\S{30,})$|^<[^>]+> (\\S+) saved");

    static String in(Reply reply) {
        Matcher words = WORDS.matcher(reply.text());
        int groups = words.find() ? words.groupCount() : 0;
        return IntStream.rangeClosed(1, groups).mapToObj(words::group).filter(Objects::nonNull).findFirst().orElse("");
    }
}

// ---- 6.6 One message ------------------------------------------------------------------------------------------------

/** One message on its way: what was asked and answered, up to the outcome. */
final class Transaction {
    private final Optional<Prepared> mail;
    final Consumer<Delivery> outcome;
    Addressees recipients;
    Times times = new Times();
    private final List<String> warnings = new ArrayList<>();
    Runnable hook = () -> { };
    private volatile Optional<MailException> failure = Optional.empty();
    private Optional<Connection> connection = Optional.empty();
    private Optional<Transaction> next = Optional.empty();
    private boolean begun;
    /** The body goes by DATA. */
    boolean granted;
    private boolean revoked;
    private volatile boolean ended;
    private final AtomicBoolean told = new AtomicBoolean();
    /** Who takes it decides whether the end goes out: who sends the message, or who interrupts that. */
    final Semaphore end = new Semaphore(1);

    /** A mail that can't be made has failed already. */
    Transaction(Supplier<Prepared> source, Consumer<Delivery> outcome) {
        this.outcome = outcome;
        Optional<Prepared> made = Optional.empty();
        try {
            made = Optional.of(source.get());
        } catch (MailException e) {
            failure = Optional.of(e);
        }
        mail = made;
        mail.ifPresent(prepared -> warnings.addAll(prepared.warnings()));
        recipients = new Addressees(mail.map(prepared -> prepared.envelope().recipients()).orElse(List.of()));
    }

    Transaction(Prepared mail) {
        this(() -> mail, delivery -> { });
    }

    Prepared mail() {
        return mail.orElseThrow();
    }

    boolean isOpen() {
        return failure.isEmpty();
    }

    // ---- The envelope ----

    void begins(Connection over) {
        connection = Optional.of(over);
        times = new Times();
    }

    /** Told at once, and in the delivery. */
    void warn(String what) {
        warnings.add(what);
        connection.orElseThrow().sinks.warnings().accept(what);
    }

    void mailReply(Reply reply) {
        begun = true;
        if (!reply.positive()) {
            refused(Stage.MAIL, "the sender <" + mail().envelope().reversePath() + ">", reply);
        }
    }

    private void refused(Stage stage, String what, Reply reply) {
        boolean loggedIn = connection.orElseThrow().how.credentials().wanted();
        fail(refusal(stage, stage + (loggedIn ? "" : " without login"), what, reply));
    }

    private MailException refusal(Stage stage, String command, String what, Reply reply) {
        return MailException.refused(stage, host() + " refused " + what, reply).hint(Hints.of(stage, command, host(), reply));
    }

    private String host() {
        return connection.orElseThrow().where.host();
    }

    void recipientReply(Addressee whose, Reply reply) {
        if (isOpen()) {
            recipients.answer(whose, reply);
        }
    }

    void dataReply(Reply reply) {
        granted = reply.code() == 354;
        if (decide() && !granted) {
            fail(MailException.refused(Stage.DATA, host() + " refused DATA", reply));
        }
    }

    /** Whether there is somebody to send to, now that every recipient has been answered. */
    boolean decide() {
        boolean allOrNothing = mail().envelope().allOrNothing();
        List<Reply> refusals = recipients.refusals;
        if (isOpen() && recipients.accepted.isEmpty()) {
            List<String> addresses = mail().envelope().recipients();
            String whom = addresses.size() == 1 ? "<" + addresses.get(0) + ">" : "all recipients";
            refused(Stage.RCPT, whom, firstThatIs(Reply::temporary, refusals));
        } else if (allOrNothing && !refusals.isEmpty()) {
            fail(MailException.refused(Stage.RCPT, host() + " refused a recipient", firstThatIs(Reply::permanent, refusals))
                    .also("nothing was sent to the others (--all-or-nothing)"));
        } else if (allOrNothing) {
            recipients.noRoom.ifPresent(reply -> hasNoRoom(reply.toString(), recipients.noRoom));
        }
        return isOpen();
    }

    /** With everybody refused a temporary refusal leaves hope, with one of many one for good leaves none. */
    private static Reply firstThatIs(Predicate<Reply> kind, List<Reply> refusals) {
        return refusals.stream().filter(kind).findFirst().orElse(refusals.get(0));
    }

    void hasNoRoom(String why, Optional<Reply> reply) {
        fail(new MailException(Exit.TEMPORARY, Stage.RCPT, host() + " takes fewer recipients at a time: " + why, true, reply)
                .hint("nothing was sent to anybody (--all-or-nothing)"));
    }

    void unfit(String why) {
        fail(new MailException(Exit.DATA, Stage.MAIL, why));
    }

    boolean isStranded() {
        return granted && !isOpen();
    }

    boolean needsReset() {
        return begun && !isOpen() && !ended;
    }

    // ---- The body ----

    void chunkReply(Reply reply) {
        if (!reply.positive()) {
            fail(refusal(Stage.DATA, "BDAT", "the message", reply));
        }
    }

    /** Gets to act when all but the message's end is sent; while it does, and if it throws, nothing of the end goes out. */
    Transaction beforeEnd(Runnable action) {
        hook = action;
        return this;
    }

    /** The end follows: from here the outcome is unknown until it is answered for all who were accepted. */
    void bodyEnds() {
        ended = true;
    }

    void finalReply(List<Addressee> whose, Reply reply) {
        times.end();
        whose.forEach(one -> recipients.end(one, reply));
        List<Reply> refusals = reply.positive() ? List.of() : recipients.ends.stream().filter(end -> !end.positive()).toList();
        if (refusals.size() == recipients.accepted.size()) {
            endWith(refusal(Stage.DATA, granted ? "DATA" : "BDAT", "the message", firstThatIs(Reply::temporary, refusals)));
        }
    }

    boolean isUnanswered() {
        return ended && recipients.waitForEnd();
    }

    // ---- What goes wrong ----

    /** The first failure counts, and none after the end of the body has been answered. */
    void fail(MailException problem) {
        if (isUnanswered()) {
            endWith(MailException.unknown(problem));
        } else if (isOpen() && !ended) {
            endWith(problem);
        }
    }

    private void endWith(MailException problem) {
        failure = Optional.of(problem);
        times.end();
    }

    /** What its envelope was answered does not count. */
    void revoke(boolean again) {
        recipients = new Addressees(mail().envelope().recipients());
        failure = Optional.empty();
        revoked = again;
    }

    Optional<MailException> unknown() {
        return failure.filter(MailException::isUnknown);
    }

    /** For a run that is being ended: nothing of its end goes out any more; what became of it is reported if nobody knows. */
    Delivery interrupted() {
        andFurther().forEach(one -> {
            one.ended |= !one.end.tryAcquire();
            one.fail(new MailException(Exit.INTERRUPTED, Stage.DATA, "interrupted" + one.times.after(mail().size())));
        });
        Delivery delivery = delivery();
        boolean settled = delivery.failure().filter(why -> why.exit() == Exit.INTERRUPTED).isEmpty();
        return settled ? report() : delivery;
    }

    // ---- What became of it ----

    /** Tells the outcome, once. */
    Delivery report() {
        Delivery delivery = delivery();
        if (told.compareAndSet(false, true)) {
            outcome.accept(delivery);
        }
        return delivery;
    }

    /** A further transaction: for those who found no room in this one, or for all if the session ended before it. */
    Optional<Transaction> goOn() {
        boolean goesOn = revoked || recipients.areParted() && !mail().envelope().allOrNothing();
        next = goesOn ? Optional.of(new Transaction(mail().to(recipients.left())).beforeEnd(hook)) : Optional.empty();
        return next;
    }

    private Stream<Transaction> andFurther() {
        return Stream.iterate(Optional.of(this), Optional::isPresent, one -> one.get().next).map(Optional::get);
    }

    /** What became of the message, in all its transactions; mostly it is one. */
    Delivery delivery() {
        Stream<Transaction> counting = andFurther().filter(one -> one.next.isEmpty() || !one.revoked);
        return counting.map(Transaction::ownDelivery).reduce(Delivery::with).orElseThrow();
    }

    private Delivery ownDelivery() {
        Peer peer = connection.map(Connection::peer).orElse(Peer.NONE);
        Millis millis = connection.map(over -> over.times.millis(times.envelope(), times.body())).orElse(Millis.NONE);
        String messageId = mail.map(Prepared::messageId).orElse("");
        long size = ended ? mail().size() : 0;
        Optional<Reply> last = recipients.ends.stream().reduce((first, second) -> second.positive() ? second : first);
        List<Recipient> all = recipients.recipients();
        String queueId = last.filter(Reply::positive).map(QueueId::in).orElse("");
        Optional<Reply> reply = last.or(() -> failure.flatMap(MailException::reply));
        Delivery delivery = new Delivery(messageId, queueId, size, peer, millis, reply, all, failure, warnings);
        failure.ifPresent(problem -> problem.delivery(delivery));
        return delivery;
    }
}

// ==== 7. POP3 ========================================================================================================
// Sessions, what is listed, and commands in flights (RFC 1939).

// ---- 7.1 Session ----------------------------------------------------------------------------------------------------

/** POP3: its replies, CAPA and its logins (RFC 1939, 2449, 2595, 5034), and commands in flights. */
final class Pop3Session implements Dialect {
    static final String[] OPTIONAL = {"PIPELINING", "TOP", "UIDL"};
    private static final int LINE_LIMIT = 4 * 1024;
    private static final long CAPA_LIMIT = 64 * 1024;
    /** Octets of a header. */
    private static final long LARGEST_HEADER = 16 << 20;
    /** Octets of a message, unless the user sets a limit. */
    static final long LARGEST = 10_000_000_000L;

    final Connection connection;
    private final Pop3Login login;
    private boolean listed;
    private Optional<Boolean> showsHeaders = Optional.empty();

    Pop3Session(Connection connection) {
        this.connection = connection;
        login = new Pop3Login(connection);
    }

    static Pop3Session open(Where where, How how, Sinks sinks) {
        return Opening.open(where, how, sinks, Pop3Session::new);
    }

    @Override
    public void greeted(Reply greeting) {
        login.greeted(greeting);
    }

    @Override
    public String startTls() {
        return "STLS";
    }

    /** No code of POP3 says that TLS may be had later. */
    @Override
    public MailException tlsRefused(Reply reply) {
        return MailException.refused(Exit.POLICY, Stage.TLS, host() + " refused STLS", reply);
    }

    @Override
    public Reply logIn() throws IOException {
        return login.run();
    }

    /** Some servers can do more then. */
    @Override
    public void loggedIn() throws IOException {
        askCapabilities("login");
    }

    @Override
    public Reply hello() throws IOException {
        return askCapabilities(connection.isSecure() ? "TLS" : "clear");
    }

    /** What the server can do (RFC 2449, 5); one that does not know CAPA can do what RFC 1939 asks for. */
    private Reply askCapabilities(String when) throws IOException {
        List<String> lines = new ArrayList<>();
        Reply reply = connection.ask(Stage.CAPA, "CAPA");
        listed = reply.positive();
        if (listed) {
            readLines(CAPA_LIMIT, lines::add);
            connection.capabilities.put(when, lines);
        }
        connection.offered(listed ? lines : List.of("USER"));
        return reply.with(lines);
    }

    boolean offers(String capability) {
        return connection.offers(capability);
    }

    /** Whether the server shows headers: it says so or, where it says nothing of what it knows, shows one. */
    boolean knowsTop() throws IOException {
        if (listed || !mayTry("TOP")) {
            return offers("TOP");
        }
        if (showsHeaders.isEmpty()) {
            showsHeaders = Optional.of(ask(Stage.TOP, "TOP 1 0").positive());
            if (showsHeaders.get()) {
                readHeader(1, OutputStream.nullOutputStream());
            }
        }
        return showsHeaders.get();
    }

    /** Whether the user lets us. */
    boolean mayTry(String command) {
        return !connection.how.without().contains(command);
    }

    String host() {
        return connection.where.host();
    }

    /** What CAPA said, by when it was asked: in clear, inside TLS, after login. */
    Reply ask(Stage at, String line) throws IOException {
        return connection.ask(at, line);
    }

    @Override
    public Reply readReply(Wire wire) throws IOException {
        String line = wire.readLine(LINE_LIMIT);
        String status = line.startsWith("+OK") ? "+OK" : line.startsWith("-ERR") ? "-ERR" : line.startsWith("+") ? "+" : "";
        String words = line.substring(status.length());
        if (status.isEmpty() || !words.isEmpty() && words.charAt(0) != ' ') {
            throw MalformedReply.of(line, connection);
        }
        return Reply.of(status, List.of(words.strip()));
    }

    void readLines(long limit, IOConsumer<String> each) throws IOException {
        connection.wire.readLines(LINE_LIMIT, limit, ISO_8859_1, each);
    }

    /** The content of a multi-line reply; each KB has its time. One that is larger is a problem, as the last one says. */
    void readContent(OutputStream out, long limit, Supplier<MailException> tooLarge) throws IOException {
        boolean whole = false;
        try {
            connection.wire.readContent(out, limit);
            whole = true;
        } catch (MalformedReply e) {
            throw new BadContent(tooLarge.get());
        } finally {
            if (!whole) {
                connection.drop();
            }
        }
    }

    void readHeader(int number, OutputStream out) throws IOException {
        String what = "the header of message " + number + " has more than " + (LARGEST_HEADER >> 20) + " MB";
        readContent(out, LARGEST_HEADER, () -> new MailException(Exit.PROTOCOL, Stage.TOP, what));
    }

    /** Says QUIT, if there is anybody to say it to. */
    void leave() {
        if (!connection.isOver()) {
            connection.sayGoodbye();
        }
    }

    /** Says QUIT where deletions depend on it: throws if the server does not confirm them, and says what to do then. */
    void quitForGood(long deletions, String whatToDo) {
        String what = deletions == 1 ? "the deletion" : "the " + deletions + " deletions";
        try {
            Reply answer = ask(Stage.QUIT, "QUIT");
            if (!answer.positive()) {
                String problem = host() + " did not carry out " + what;
                throw MailException.refused(Exit.TEMPORARY, Stage.QUIT, problem, answer).also(whatToDo);
            }
        } catch (IOException e) {
            boolean malformed = e instanceof MalformedReply;
            String came = malformed ? "no reply but nonsense" : "no answer";
            String problem = came + " to QUIT from " + host() + ", so " + what + " may not count";
            throw new MailException(malformed ? Exit.PROTOCOL : Exit.TEMPORARY, Stage.QUIT, problem).hint(whatToDo);
        } finally {
            connection.drop();
        }
    }

    /** A message's bytes in a private file that goes when we go. */
    Path retrieve(int number, long size) throws IOException {
        Path file = Inputs.temporary();
        connection.wire.coming = octets -> connection.sinks.progress(octets, size);
        try (OutputStream out = new LocalOutput(file)) {
            Reply reply = ask(Stage.RETR, "RETR " + number);
            connection.require(reply, host() + " did not give message " + number);
            String what = "message " + number + " has more than " + LARGEST + " octets";
            readContent(out, LARGEST, () -> new MailException(Exit.PROTOCOL, Stage.RETR, what));
        }
        if (hasUnreadInput()) {
            throw BadContent.goesOn(number, "more came than was asked for");
        }
        return file;
    }

    boolean hasUnreadInput() throws IOException {
        return connection.wire.hasUnreadInput();
    }
}

// ---- 7.2 USER, APOP -------------------------------------------------------------------------------------------------

/** Logs in by SASL, or by one of the ways that POP3 has of its own (RFC 1939, 7). */
final class Pop3Login {
    private static final Pattern TIMESTAMP = Pattern.compile("<[!-;=?-~]+@[!-;=?-~]+>");
    private static final List<String> IN_CLEAR =
            List.of("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "APOP", "PLAIN", "LOGIN", "USER");
    private static final List<String> INSIDE_TLS =
            List.of("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "USER", "APOP");
    private final Connection connection;
    private final String user;
    /** The greeting's timestamp, which APOP is about. */
    private String challenge = "";

    Pop3Login(Connection connection) {
        this.connection = connection;
        user = connection.how.credentials().user();
    }

    void greeted(Reply greeting) {
        Matcher timestamp = TIMESTAMP.matcher(greeting.text());
        challenge = timestamp.find() ? timestamp.group() : "";
    }

    Reply run() throws IOException {
        return Login.run(connection, connection.isSecure() ? INSIDE_TLS : IN_CLEAR, mechanisms(), this::logIn);
    }

    private Set<String> mechanisms() {
        Set<String> mechanisms = connection.offered.words("SASL");
        if (connection.offers("USER") || connection.how.credentials().mechanism().equals("USER")) {
            mechanisms.add("USER");
        }
        if (!challenge.isEmpty()) {
            mechanisms.add("APOP");
        }
        return mechanisms;
    }

    private Reply logIn(String mechanism) throws IOException {
        return switch (mechanism) {
            case "USER" -> userAndPassword();
            case "APOP" -> connection.ask("APOP " + user + " " + digest(), "APOP " + user + " ****");
            default -> Login.exchange(mechanism, connection);
        };
    }

    private Reply userAndPassword() throws IOException {
        Reply reply = connection.ask("USER " + user, "USER " + user);
        return reply.positive() ? connection.ask("PASS " + connection.secret(), "PASS ****") : reply;
    }

    private String digest() {
        if (challenge.isEmpty()) {
            String what = connection.where.host() + " offers no APOP (its greeting has no timestamp)";
            throw new MailException(Exit.AUTH, Stage.AUTH, what);
        }
        return HexFormat.of().formatHex(HashOutput.digest("MD5").digest((challenge + connection.secret()).getBytes(UTF_8)));
    }
}

// ---- 7.3 Flights ----------------------------------------------------------------------------------------------------

/** How many commands are on their way at a time, and how many messages come in a flight. */
record Pace(int window, int flight) {
    static final Pace ONE_BY_ONE = new Pace(1, 1);
    static final int LONGEST = 64;

    static Pace flightsOf(int messages) {
        return new Pace(CommandQueue.WINDOW, Math.min(LONGEST, messages));
    }
}

/** Where a session broke: at this message, and whether nothing else can have been the cause. */
record Suspect(int number, boolean alone) {
}

/**
 * Commands about messages, many on their way where the server allows it. They go in flights, each closed by a command whose
 * answer names its message: after a content that goes on past its end, or ends late, something else stands in that place.
 */
final class Flights {
    final Pop3Session session;
    private final Listing listing;
    private final int window;
    private final int longest;
    private final CommandQueue<Command> sent;
    /** Short ones first, so that little has to come again if one of the first messages breaks the session. */
    private int size = 1;
    /** How many messages the flight has so far, and the last of them. */
    private int place;
    private int last;
    /** The messages of a flight, of which none shall close it: who wrote it may know its UID. */
    private final BitSet inFlight = new BitSet();
    /** The message that closed the last flight. */
    private int closedBy = ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
    private Optional<Suspect> suspect = Optional.empty();

    Flights(Pop3Session session, Listing listing, Pace pace) {
        this.session = session;
        this.listing = listing;
        sent = new CommandQueue<>(session.connection);
        window = session.offers("PIPELINING") ? pace.window() : 1;
        longest = pace.flight();
    }

    /** A command about a message, or one that closes a flight, and who takes its answer. */
    private record Command(Suspect about, String line, boolean closes, IOConsumer<Reply> answer) {
    }

    boolean areMany() {
        return window > 1;
    }

    Optional<Suspect> suspect() {
        return suspect;
    }

    /**
     * Sends a command for each message, in which N is its number, and hands over the replies in order; who gets a multi-line one
     * reads its content.
     */
    void each(Stage at, PrimitiveIterator.OfInt numbers, String command, IOBiConsumer<Integer, Reply> each) throws IOException {
        send(at, numbers::hasNext, () -> about(new Suspect(numbers.nextInt(), sent.isEmpty()), command, each));
    }

    /** The same in flights: what has come counts when {@code proven} is called. */
    void closed(Stage at, PrimitiveIterator.OfInt numbers, String command, IOBiConsumer<Integer, Reply> each, Runnable proven)
            throws IOException {
        place = 0;
        send(at, () -> place > 0 || numbers.hasNext(), () -> {
            if (place == size || !numbers.hasNext()) {
                return closing(at, proven);
            }
            last = numbers.nextInt();
            inFlight.set(last);
            place++;
            return about(new Suspect(last, place == 1), command, each);
        });
    }

    /** A message's bytes in a private file that goes when we go. */
    Path retrieve(int number, long size) throws IOException {
        suspect = Optional.of(new Suspect(number, true));
        return session.retrieve(number, size);
    }

    private Command about(Suspect message, String command, IOBiConsumer<Integer, Reply> each) {
        String line = command.replace("N", String.valueOf(message.number()));
        return new Command(message, line, false, reply -> each.accept(message.number(), reply));
    }

    private void send(Stage at, BooleanSupplier more, Supplier<Command> next) throws IOException {
        session.connection.stage = at;
        try {
            while (more.getAsBoolean() || !sent.isEmpty()) {
                fill(at, more, next);
                take(sent.first().about());
            }
            refuseMore();
        } finally {
            if (!sent.abandon().isEmpty()) {
                session.connection.drop();
            }
        }
    }

    private void fill(Stage at, BooleanSupplier more, Supplier<Command> next) throws IOException {
        boolean roomForMany = sent.size() <= window / 2;
        while (roomForMany && more.getAsBoolean() && sent.size() < window) {
            if (sent.isEmpty()) {
                refuseMore();
            }
            Command command = next.get();
            sent.send(command, at, TimeLimit.COMMAND, command.line(), command.answer());
        }
    }

    /** What is no reply where a flight is closed belongs to the message before. */
    private void take(Command first) throws IOException {
        suspect = Optional.of(first.about());
        try {
            sent.take(sent.read());
        } catch (MalformedReply e) {
            throw first.closes() ? BadContent.goesOn(first.about().number(), e.getMessage()) : e;
        }
    }

    /** Nothing is asked, and nothing may come. */
    private void refuseMore() throws IOException {
        if (suspect.isPresent() && session.hasUnreadInput()) {
            throw BadContent.goesOn(suspect.get().number(), "more came than was asked for");
        }
    }

    /** What it names can't be known to whoever wrote the message before it, and differs from flight to flight. */
    private Command closing(Stage at, Runnable proven) {
        Suspect about = new Suspect(last, place == 1);
        size = Math.min(2 * size, longest);
        place = 0;
        closedBy = listing.after(closedBy, inFlight);
        inFlight.clear();
        int number = closedBy;
        String line = (listing.hasUids() ? "UIDL " : "LIST ") + number;
        return new Command(about, line, true, reply -> {
            if (!names(number, at, about, reply)) {
                throw BadContent.goesOn(about.number(), "no answer to " + line + " followed it");
            }
            if (sent.isEmpty()) {
                refuseMore();
            }
            proven.run();
        });
    }

    private boolean names(int number, Stage at, Suspect about, Reply reply) throws IOException {
        if (reply.positive()) {
            return listing.isNamedBy(reply, number) || isListed(number);
        }
        // A server may give all UIDs and none alone; that shows where nothing else is on its way.
        suspect = Optional.of(new Suspect(about.number(), window == 1));
        return window == 1 && listing.hasUids() && Listing.hasSize(session.ask(at, "LIST " + number), number);
    }

    /** Some servers list all messages whatever they are asked for. */
    private boolean isListed(int number) throws IOException {
        int[] lines = new int[2];
        session.readLines(Pop3Session.LARGEST, line -> {
            lines[0] += listing.isLineOf(line, number) ? 1 : 0;
            lines[1]++;
            if (lines[1] > listing.highest()) {
                throw new MalformedReply("an endless list");
            }
        });
        return lines[0] == 1;
    }
}

// ---- 7.4 Listing ----------------------------------------------------------------------------------------------------

/** A message as one session lists it; the name holds in other sessions too. */
record Listed(String name, int number, String uid, long size) {
}

/** A line of UIDL or LIST: a number, 0 for one that can't be true, and what follows it. */
record Numbered(int number, String rest) {
    /** RFC 1939, 5 (LIST) lets more words follow. */
    private static final Pattern SIZE = Pattern.compile("\\s*(\\d{1,15})(?=\\s|$)");

    static Numbered of(String line) {
        int end = 0;
        while (end < line.length() && line.charAt(end) >= '0' && line.charAt(end) <= '9') {
            end++;
        }
        return new Numbered(end == 0 || end > 9 ? 0 : Integer.parseInt(line.substring(0, end)), line.substring(end));
    }

    OptionalLong size() {
        Matcher size = SIZE.matcher(rest);
        return size.lookingAt() ? OptionalLong.of(Long.parseLong(size.group(1))) : OptionalLong.empty();
    }
}

/** What STAT, UIDL and LIST say: a key, which is the UID as one word, and a size for each message. */
final class Listing {
    private static final Pattern STAT = Pattern.compile("(\\d{1,18})(?:\\s+(\\S+).*)?");
    private static final int MOST = 1 << 26;
    private final int count;
    private final Keys keys = new Keys();
    /** By number: its size and one more, 0 for none. */
    private long[] sizes = {};
    private boolean byUids;

    /** For as many messages as STAT says, which bounds the numbers. */
    Listing(long count) throws MalformedReply {
        if (count > MOST) {
            throw new MalformedReply("a maildrop of " + count + " messages");
        }
        this.count = (int) count;
    }

    static Totals totals(Reply reply) throws MalformedReply {
        Matcher numbers = STAT.matcher(reply.text());
        if (!numbers.matches()) {
            throw new MalformedReply("'" + reply + "' in answer to STAT");
        }
        String octets = Optional.ofNullable(numbers.group(2)).filter(size -> size.matches("\\d{1,15}")).orElse("-1");
        return new Totals(Long.parseLong(numbers.group(1)), Long.parseLong(octets));
    }

    static Listing of(Pop3Session session) throws IOException {
        Reply stat = session.ask(Stage.LIST, "STAT");
        Listing listing = new Listing(stat.positive() ? Listing.totals(stat).messages() : MOST);
        Reply uidl = session.mayTry("UIDL") ? session.ask(Stage.LIST, "UIDL") : Reply.of("-ERR", List.of("not asked"));
        if (uidl.positive()) {
            listing.byUids = true;
            session.readLines(Long.MAX_VALUE, listing::addUid);
        } else if (session.offers("UIDL")) {
            // It would make everything look new.
            String what = session.host() + " offers UIDL and refused it: " + uidl;
            throw new MailException(Exit.TEMPORARY, Stage.LIST, what, true, Optional.of(uidl));
        } else {
            // The messages are there, and their keys are to come.
            IntStream.rangeClosed(1, stat.positive() ? listing.count : listing.addSizes(session))
                    .forEach(number -> listing.keys.put(number, ""));
        }
        return listing;
    }

    /** Asks for the sizes; a server may keep them to itself. Says how many messages it named. */
    int addSizes(Pop3Session session) throws IOException {
        int[] named = new int[1];
        if (session.ask(Stage.LIST, "LIST").positive()) {
            session.readLines(Long.MAX_VALUE, line -> {
                if (named[0] == count) {
                    throw new MalformedReply("a list of more than " + count + " messages");
                }
                addSize(line);
                named[0]++;
            });
        }
        return named[0];
    }

    /** Blanks come after the number, and all the rest is the UID, whatever it holds. */
    private void addUid(String line) throws MalformedReply {
        Numbered one = Numbered.of(line);
        if (one.number() < 1 || one.number() > count) {
            throw new MalformedReply("'" + Texts.shortened(line) + "' in a listing of " + count + " messages");
        }
        if (has(one.number())) {
            throw new MalformedReply("the number " + one.number() + " twice in its listing");
        }
        keys.put(one.number(), escaped(one.rest().stripLeading()));
    }

    /** A size is a hint, and one that can't be true is none. */
    private void addSize(String line) {
        Numbered one = Numbered.of(line);
        if (has(one.number())) {
            sizes = sizes.length == 0 ? new long[highest() + 1] : sizes;
            one.size().ifPresent(size -> sizes[one.number()] = size + 1);
        }
    }

    /** A key has blanks, controls, 8-bit octets, % and # as %XX. */
    private static String escaped(String uid) {
        StringBuilder key = new StringBuilder(uid.length());
        for (int i = 0; i < uid.length(); i++) {
            char c = uid.charAt(i);
            boolean plain = c > ' ' && c <= '~' && c != '%' && c != '#';
            key.append(plain ? c : '%').append(plain ? "" : String.format("%02X", (int) c));
        }
        return key.toString();
    }

    boolean has(long number) {
        return number >= 1 && number <= highest() && keys.has((int) number);
    }

    /** The numbers that are listed, in order. */
    IntStream numbers() {
        return keys.numbers();
    }

    int highest() {
        return keys.highest();
    }

    /** The next number that is listed, and after the last the first; none of these, if there are others. */
    int after(int number, BitSet others) {
        int next = number % highest() + 1;
        for (int looked = 0; looked < 2 * highest() && (!has(next) || looked < highest() && others.get(next)); looked++) {
            next = next % highest() + 1;
        }
        return next;
    }

    /** Whether it may be complete. */
    boolean isWhole() {
        return count == MOST || keys.count() == count;
    }

    /** Whether it names all UIDs that there are. */
    boolean namesAll() {
        return byUids && keys.count() == count;
    }

    boolean hasUids() {
        return byUids;
    }

    /** What is wrong with it, if it does not name all messages that STAT counts. */
    Optional<MailException> incomplete(String host) {
        if (isWhole()) {
            return Optional.empty();
        }
        IntStream missing = IntStream.rangeClosed(1, count).filter(number -> !has(number));
        String some = missing.limit(5).mapToObj(String::valueOf).collect(Collectors.joining(", "));
        int others = count - keys.count() - 5;
        String more = others > 0 ? " and " + others + " more" : "";
        return Optional.of(new MailException(Exit.PROTOCOL, Stage.LIST, host + " listed no UID for message " + some + more)
                .hint("they were left alone, and nothing was deleted"));
    }

    Listed listed(int number) {
        String name = isAmbiguous(number) ? key(number) + "#" + number : key(number);
        return new Listed(name, number, uid(number), size(number).orElse(0));
    }

    String key(int number) {
        return keys.of(number);
    }

    /** The UID as the server gave it, "" if it gave none. */
    String uid(int number) {
        return URLDecoder.decode(key(number).replace("+", "%2B"), ISO_8859_1);
    }

    OptionalLong size(int number) {
        boolean known = number < sizes.length && sizes[number] > 0;
        return known ? OptionalLong.of(sizes[number] - 1) : OptionalLong.empty();
    }

    /** The number of the message with this UID, 0 if there is none; of several with one UID the first. */
    int numberOf(String uid) {
        return numberOfKey(escaped(uid));
    }

    int numberOfKey(String key) {
        return keys.numberOf(key);
    }

    boolean isAmbiguous(int number) {
        return ambiguous().get(number);
    }

    /** Those whose UID is that of another message too, or none. */
    BitSet ambiguous() {
        return keys.ambiguous();
    }

    /** Whether a reply to UIDL or LIST is about this message; replies are read as UTF-8, lists octet by octet. */
    boolean isNamedBy(Reply reply, int number) {
        return isLineOf(reply.text(), number, Texts.utf8(uid(number)));
    }

    boolean isLineOf(String line, int number) {
        return isLineOf(line, number, uid(number));
    }

    private boolean isLineOf(String line, int number, String uid) {
        Numbered one = Numbered.of(line);
        return one.number() == number && (byUids ? one.rest().strip().equals(uid.strip()) : one.size().isPresent());
    }

    /** Whether it gives the size of this message. */
    static boolean hasSize(Reply reply, int number) {
        Numbered one = Numbered.of(reply.text());
        return reply.positive() && one.number() == number && one.size().isPresent();
    }
}

// ---- 7.5 Keys -------------------------------------------------------------------------------------------------------

/** A key for each number, and the number of a key. In columns, as there may be a million of them. */
final class Keys {
    private static final byte END = '\n';
    private static final int[] NOT_INDEXED = {};
    /** Keys one after the other; none goes over the edge of a block, and nothing is copied where they become many. */
    private final List<byte[]> blocks = new ArrayList<>(List.of(new byte[BlockOutput.BLOCK]));
    private int used = 1;
    /** By number: where its key begins, 0 for none. */
    private int[] starts = new int[256];
    private int highest;
    private int count;
    /** Numbers, each in the first free slot from that of its key's hash on; 0 is free. */
    private int[] table = NOT_INDEXED;
    private final BitSet ambiguous = new BitSet();

    void put(int number, String key) {
        byte[] octets = key.getBytes(ISO_8859_1);
        if (used + octets.length + 1 > BlockOutput.BLOCK) {
            blocks.add(new byte[BlockOutput.BLOCK]);
            used = 0;
        }
        if (number >= starts.length) {
            starts = Arrays.copyOf(starts, Math.max(number + 1, 2 * starts.length));
        }
        byte[] block = blocks.get(blocks.size() - 1);
        starts[number] = Math.multiplyExact(blocks.size() - 1, BlockOutput.BLOCK) + used;
        System.arraycopy(octets, 0, block, used, octets.length);
        used += octets.length + 1;
        block[used - 1] = END;
        highest = Math.max(highest, number);
        count++;
        table = NOT_INDEXED;
    }

    int count() {
        return count;
    }

    int highest() {
        return highest;
    }

    boolean has(int number) {
        return starts[number] != 0;
    }

    IntStream numbers() {
        return IntStream.rangeClosed(1, highest).filter(this::has);
    }

    String of(int number) {
        return ISO_8859_1.decode(octets(number)).toString();
    }

    private ByteBuffer octets(int number) {
        byte[] block = blocks.get(starts[number] / BlockOutput.BLOCK);
        int start = starts[number] % BlockOutput.BLOCK;
        int end = start;
        while (block[end] != END) {
            end++;
        }
        return ByteBuffer.wrap(block, start, end - start);
    }

    /** The first number with this key, 0 if there is none. */
    int numberOf(String key) {
        index();
        return table[slotOf(ByteBuffer.wrap(key.getBytes(ISO_8859_1)))];
    }

    /** Those whose key is empty or that of another number too. */
    BitSet ambiguous() {
        index();
        return ambiguous;
    }

    private void index() {
        if (table != NOT_INDEXED) {
            return;
        }
        table = new int[Math.max(16, Integer.highestOneBit(highest) * 4)];
        ambiguous.clear();
        numbers().forEach(number -> {
            ByteBuffer key = octets(number);
            int slot = slotOf(key);
            int first = table[slot];
            table[slot] = first > 0 ? first : number;
            if (first > 0 || !key.hasRemaining()) {
                ambiguous.set(table[slot]);
                ambiguous.set(number);
            }
        });
    }

    private int slotOf(ByteBuffer key) {
        int hash = key.hashCode();
        int slot = (hash ^ hash >>> 15) & table.length - 1;
        while (table[slot] != 0 && !octets(table[slot]).equals(key)) {
            slot = slot + 1 & table.length - 1;
        }
        return slot;
    }
}

// ---- 7.6 Headers ----------------------------------------------------------------------------------------------------

/** Headers by TOP, as they are asked for one after the other: many in one flight. */
final class Headers {
    /** Octets of a header that are kept; there is no use in more. */
    static final int KEPT = 256 * 1024;
    private static final int AHEAD = 100;
    private final Flights flights;
    private final BitSet numbers;
    private final int direction;
    /** By number: the header, or the refusal to show it, which is thrown. */
    private final Map<Integer, Supplier<byte[]>> answers = new HashMap<>();

    /** Of these numbers messages are asked for upwards (1) or downwards (-1); or one alone (0). */
    Headers(Flights flights, BitSet numbers, int direction) {
        this.flights = flights;
        this.numbers = numbers;
        this.direction = direction;
    }

    IntStream inOrder() {
        return from(direction > 0 ? numbers.nextSetBit(1) : numbers.length() - 1);
    }

    private IntStream from(int first) {
        IntUnaryOperator next = direction > 0 ? n -> numbers.nextSetBit(n + 1) : n -> numbers.previousSetBit(n - 1);
        return IntStream.iterate(first, number -> number > 0, next);
    }

    byte[] of(int number) throws IOException {
        if (!answers.containsKey(number)) {
            answers.clear();
            if (direction != 0 && flights.areMany()) {
                flights.closed(Stage.TOP, from(number).limit(AHEAD).iterator(), "TOP N 0", this::take, () -> { });
            } else {
                flights.each(Stage.TOP, IntStream.of(number).iterator(), "TOP N 0", this::take);
            }
        }
        return answers.remove(number).get();
    }

    private void take(int number, Reply reply) throws IOException {
        if (!reply.positive()) {
            answers.put(number, () -> {
                throw MailException.refused(Stage.TOP, session().host() + " did not show message " + number, reply);
            });
            return;
        }
        ByteArrayOutputStream header = new ByteArrayOutputStream(1024) {
            @Override
            public void write(byte[] bytes, int offset, int length) {
                super.write(bytes, offset, Math.min(length, KEPT - count));
            }
        };
        session().readHeader(number, header);
        answers.put(number, header::toByteArray);
    }

    Pop3Session session() {
        return flights.session;
    }
}

// ---- 7.7 Identities -------------------------------------------------------------------------------------------------

/**
 * What a message is known by, from its octets as they come or as they lie in a store: a hash of the header fields that no server
 * rewrites, unfolded, blanks collapsed. A header with none of Message-ID, Date and Received proves nothing: then it is a hash of
 * all but the fields that servers do rewrite.
 */
final class Fingerprint extends BlockOutput {
    private static final Set<String> PROVING = Set.of("message-id", "date", "received");
    private static final Set<String> COUNTED = Set.of("message-id", "date", "received", "from", "subject");
    private static final Set<String> REWRITTEN = Set.of("status", "x-status", "x-uidl", "x-uid", "x-keywords", "content-length",
            "lines");
    /** Octets of a header that are looked at; what comes after them is taken for the body. */
    private static final int LARGEST_HEADER = 1 << 20;
    private final boolean needsAll;
    private final HashOutput all = new HashOutput();
    private final LfLines body = new LfLines(all);
    private final Lazy<String> whole = new Lazy<>(() -> Uncheck.get(this::hashAll));
    /** Without its carriage returns, as some stores keep it. */
    private byte[] header = new byte[2048];
    private int length;
    private boolean inBody;
    /** The fields that count, in their order. */
    private final StringBuilder counted = new StringBuilder();
    private String sender = "";
    private boolean proves;

    private Fingerprint(boolean needsAll) {
        this.needsAll = needsAll;
    }

    /** For a message whose header may be enough. */
    static Fingerprint ofHeader() {
        return new Fingerprint(false);
    }

    static Fingerprint ofAll() {
        return new Fingerprint(true);
    }

    /** The identity of a message in a file. */
    static String of(Path file) throws IOException {
        Fingerprint print = ofHeader();
        byte[] block = new byte[BLOCK];
        try (InputStream in = Files.newInputStream(file)) {
            for (int octets = in.read(block); octets >= 0 && !print.proves; octets = in.read(block)) {
                print.write(block, 0, octets);
            }
        }
        return print.identity();
    }

    /** By its header, if that proves anything, when all of it has been written. */
    Optional<String> header() {
        Uncheck.run(this::endHeader);
        byte[] hash = HashOutput.digest("SHA-256").digest(counted.toString().getBytes(ISO_8859_1));
        return proves ? Optional.of(HexFormat.of().formatHex(hash, 0, MailId.DIGITS / 2)) : Optional.empty();
    }

    String whole() {
        return whole.get();
    }

    String identity() {
        return header().orElseGet(this::whole);
    }

    /** Who sent it, as the topmost Return-Path says, or "", once its header is there. */
    Optional<String> sender() {
        boolean isBracketed = sender.startsWith("<") && sender.endsWith(">");
        return inBody ? Optional.of(isBracketed ? sender.substring(1, sender.length() - 1) : sender) : Optional.empty();
    }

    /** Through how many servers it came. */
    int hops() {
        return (int) counted.toString().lines().filter(line -> line.matches("received\\b.*")).count();
    }

    @Override
    public void write(byte[] octets, int offset, int size) throws IOException {
        int at = inBody ? offset : takeHeader(octets, offset, offset + size);
        if (inBody && (needsAll || !proves)) {
            body.write(octets, at, offset + size - at);
        }
    }

    /** Returns where it ends, or what there is of it. */
    private int takeHeader(byte[] octets, int from, int end) throws IOException {
        if (header.length - length <= end - from) {
            header = Arrays.copyOf(header, Math.max(2 * header.length, length + end - from + 1));
        }
        byte[] kept = header;
        int at = from;
        boolean ends = false;
        while (at < end && !ends) {
            byte octet = octets[at++];
            ends = octet == '\n' && (length == 0 || kept[length - 1] == '\n') || length == LARGEST_HEADER;
            kept[length] = octet;
            length += octet == '\r' ? 0 : 1;
        }
        if (ends) {
            endHeader();
        }
        return at;
    }

    private void endHeader() throws IOException {
        if (inBody) {
            return;
        }
        inBody = true;
        String text = new String(header, 0, length, ISO_8859_1);
        forEachField(text, this::take);
        if (needsAll || !proves) {
            forEachField(text, (name, field) -> {
                if (!REWRITTEN.contains(name)) {
                    body.write(field.getBytes(ISO_8859_1));
                }
            });
        }
    }

    /** Hands over each name, in lower case, and the field with its name and its continuations. */
    private static void forEachField(String header, IOBiConsumer<String, String> each) throws IOException {
        for (int start = 0; start < header.length(); start = endOfField(header, start)) {
            String field = header.substring(start, endOfField(header, start));
            String name = field.substring(0, Math.max(0, field.indexOf(':')));
            each.accept(name.strip().toLowerCase(Locale.ROOT), field);
        }
    }

    private static int endOfField(String header, int start) {
        int end = header.indexOf('\n', start) + 1;
        while (end > 0 && end < header.length() && (header.charAt(end) == ' ' || header.charAt(end) == '\t')) {
            end = header.indexOf('\n', end) + 1;
        }
        return end == 0 ? header.length() : end;
    }

    private void take(String name, String field) {
        String value = field.substring(field.indexOf(':') + 1);
        if (COUNTED.contains(name)) {
            proves |= PROVING.contains(name);
            counted.append(name);
            new StringTokenizer(value).asIterator().forEachRemaining(word -> counted.append(' ').append(word));
            counted.append('\n');
        } else if (sender.isEmpty() && name.equals("return-path")) {
            sender = value.strip();
        }
    }

    private String hashAll() throws IOException {
        endHeader();
        body.close();
        return all.hex().substring(0, MailId.DIGITS);
    }
}

// ==== 8. Connection ==================================================================================================
// The way to a server and what both protocols do there. Throws IOException for what the network did.

// ---- 8.1 Steps ------------------------------------------------------------------------------------------------------

/** A protocol's own words for the steps that every session begins with. */
interface Dialect {
    /** A whole reply, within the limits of size. */
    Reply readReply(Wire wire) throws IOException;

    /** What the greeting tells beside its code. */
    default void greeted(Reply greeting) {
    }

    /** Asks what the server offers, and says who we are where the protocol wants that. */
    Reply hello() throws IOException;

    String startTls();

    MailException tlsRefused(Reply reply);

    /** Proves who we are; returns the server's last word. */
    Reply logIn() throws IOException;

    default void loggedIn() throws IOException {
    }
}

/** The steps that every session begins with: resolve, connect, greeting, what is offered, TLS, what is offered then, login. */
final class Opening {
    private final Connection connection;
    private final Where where;
    private final How how;
    private final Dialect dialect;
    private final NetLink link;

    private Opening(Connection connection, Dialect dialect) {
        this.connection = connection;
        this.dialect = dialect;
        where = connection.where;
        how = connection.how;
        link = NetLink.of(connection);
    }

    /** A session over the first address that connects. */
    static <S extends Dialect> S open(Where where, How how, Sinks sinks, Function<Connection, S> protocol) {
        how.tls().ca().ifPresent(KeyFiles::authorities);
        if (how.tls().insecure()) {
            sinks.warnings().accept("the certificate of " + where.host() + " is not checked (--insecure)");
        }
        Optional<MailException> failure = Optional.empty();
        long opened = System.nanoTime();
        List<InetAddress> addresses = resolve(where, how, sinks);
        long resolved = System.nanoTime() - opened;
        for (InetAddress address : addresses) {
            Connection connection = new Connection(where, how, sinks, address, opened);
            connection.times.leaveOut(resolved);
            try {
                S session = protocol.apply(connection);
                connection.dialect = session;
                connection.opening = new Opening(connection, session);
                connection.opening.connect();
                connection.opening.goOn(how.last());
                return session;
            } catch (IOException e) {
                failure = Optional.of(connection.explain(e));
            } catch (MailException e) {
                failure = Optional.of(e);
            }
            connection.failed(failure.get());
            if (connection.stage != Stage.CONNECT && connection.stage != Stage.GREETING || how.isLate()) {
                break;
            }
            opened = System.nanoTime();
            resolved = 0;
        }
        throw failure.orElseThrow();
    }

    /** The addresses of the server: a step of its own, before there is a connection. */
    static List<InetAddress> resolve(Where where, How how, Sinks sinks) {
        StepTimes times = new StepTimes(System.nanoTime());
        try {
            List<InetAddress> addresses = Route.addresses(where, how, sinks);
            String found = String.join(", ", addresses.stream().map(Route::shown).toList());
            String known = how.reach().proxy().isPresent() ? "left to the proxy" : found;
            sinks.steps().accept(times.over(Stage.RESOLVE, false, Optional.empty(), known, Optional.empty()));
            return addresses;
        } catch (MailException e) {
            sinks.steps().accept(times.over(Stage.RESOLVE, false, Optional.empty(), "", Optional.of(e)));
            throw e;
        }
    }

    /** In this order; what does not come up here, as no TLS and no login, ends it where it would stand. */
    void goOn(Stage last) throws IOException {
        if (where.tlsFirst() && last != Stage.CONNECT) {
            secure(Optional.empty());
        }
        if (last == Stage.CONNECT || where.tlsFirst() && last.isAboutTls()) {
            return;
        }
        greeting();
        if (last == Stage.GREETING) {
            return;
        }
        hello();
        if (startsTls()) {
            startTls();
            if (last.isAboutTls()) {
                return;
            }
            hello();
        }
        if (how.upTo(last).logsIn()) {
            logIn();
        }
    }

    private void connect() throws IOException {
        String by = how.reach().proxy().isPresent() ? " by proxy" : ", " + connection.address.getHostAddress();
        connection.transcript.note("connecting to " + where.host() + " port " + where.port() + by);
        link.connect(connection.address, where.port(), how.reach().bind().orElse(null), 0);
        if (how.reach().header().isPresent()) {
            connection.wire.writeLine(how.reach().header().get(), how.reach().header().get());
            connection.wire.flush();
        }
        connection.took(Optional.empty());
    }

    private void greeting() throws IOException {
        Reply reply = connection.readReply(Stage.GREETING, TimeLimit.GREETING);
        connection.require(reply, "the greeting of " + where.host());
        dialect.greeted(reply);
        connection.took(Optional.of(reply));
    }

    void hello() throws IOException {
        Reply answer = dialect.hello();
        connection.took(connection.hello.or(() -> Optional.of(answer)));
        connection.last = answer;
    }

    /** Whether to start TLS by a command now; throws if it must be and is not offered. */
    private boolean startsTls() {
        String command = dialect.startTls();
        Tls wanted = how.tls().mode();
        if (where.tlsFirst() || wanted == Tls.NONE || wanted == Tls.AUTO && !connection.offers(command)) {
            return false;
        }
        connection.stage = Stage.TLS;
        if (!connection.offers(command)) {
            throw new MailException(Exit.POLICY, Stage.TLS, where.host() + " offers no " + command)
                    .hint("if it speaks TLS from the start: " + where.schemeWithTls() + "://" + where.host());
        }
        return true;
    }

    void startTls() throws IOException {
        startTls(connection.ask(Stage.TLS, dialect.startTls()));
    }

    /** The command for it was answered so. */
    void startTls(Reply reply) throws IOException {
        connection.last = reply;
        if (connection.wire.hasUnreadInput()) {
            // It would be taken for part of what is secure.
            throw new MalformedReply("more than the reply to STARTTLS before TLS began", "somebody may be in between");
        }
        if (!reply.positive()) {
            throw dialect.tlsRefused(reply).also("nothing was sent in clear");
        }
        secure(Optional.of(reply));
    }

    private void secure(Optional<Reply> asked) throws IOException {
        connection.begin(Stage.TLS, TimeLimit.HANDSHAKE);
        link.secure();
        Peer peer = connection.peer();
        connection.transcript.note(peer.tlsVersion() + ", " + peer.cipher() + ", " + connection.trust.summary());
        connection.took(asked);
        connection.begin(Stage.CERTIFICATE, TimeLimit.HANDSHAKE);
        connection.trust.require();
        connection.took(Optional.empty());
    }

    /** Never in clear to anything but this machine. */
    void logIn() throws IOException {
        connection.stage = Stage.AUTH;
        if (!connection.isSecure() && !connection.isThisMachine()) {
            throw new MailException(Exit.POLICY, Stage.AUTH, "no login in clear, and there is no TLS with " + where.host())
                    .hint("use " + where.schemeWithTls() + ":// or a port that offers " + dialect.startTls());
        }
        connection.took(Optional.of(dialect.logIn()));
        connection.loggedIn = true;
        dialect.loggedIn();
    }
}

/** How long each step of a session took. */
final class StepTimes {
    final long opened;
    private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);
    private long began;

    StepTimes(long opened) {
        this.opened = opened;
        began = opened;
    }

    /** A step is over; the next begins. */
    Step over(Stage stage, boolean again, Optional<Reply> reply, String what, Optional<MailException> failure) {
        long now = System.nanoTime();
        Step step = new Step(stage, again, now - began, reply, what, failure);
        began = now;
        nanos.merge(stage, step.nanos(), Long::sum);
        return step;
    }

    /** What was made of the last one counts for none. */
    void begin() {
        began = System.nanoTime();
    }

    /** So much of this step counts for none. */
    void leaveOut(long time) {
        began += time;
    }

    Millis millis(long envelopeNanos, long dataNanos) {
        return new Millis(millis(Stage.CONNECT), millis(Stage.TLS), millis(Stage.AUTH), millis(envelopeNanos),
                millis(dataNanos), millis(System.nanoTime() - opened));
    }

    private long millis(Stage step) {
        return millis(nanos.getOrDefault(step, 0L));
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}

// ---- 8.2 Talking ----------------------------------------------------------------------------------------------------

/** One connection: what is asked and answered, each within its time, and what came of its steps. */
final class Connection {
    /** Two seconds at most, as the watchdog looks now and then only. */
    private static final Duration FAREWELL = Duration.ofMillis(1_900);
    final Where where;
    final How how;
    final Sinks sinks;
    final InetAddress address;
    final Trust trust;
    final Transcript transcript;
    final StepTimes times;
    /** How long the server had to wait for the secret, if that may be why it has gone. */
    String patience = "";
    /** What was said to EHLO itself, whatever became of HELO. */
    Optional<Reply> hello = Optional.empty();
    private Watchdog watchdog;
    private Socket socket;
    Dialect dialect;
    Opening opening;
    Wire wire;
    Stage stage = Stage.CONNECT;
    /** The server's answer to the last step, or to what was asked by hand. */
    Reply last = Reply.of("+OK", List.of(""));
    private ByHand hand;
    boolean loggedIn;
    private boolean ends;
    Offers offered = new Offers(List.of(), Set.of());
    final Map<String, List<String>> capabilities = new LinkedHashMap<>();

    Connection(Where where, How how, Sinks sinks, InetAddress address, long opened) {
        this.where = where;
        this.how = how;
        this.sinks = sinks;
        this.address = address;
        times = new StepTimes(opened);
        trust = new Trust(where.certificateName(), how.tls());
        transcript = new Transcript(sinks.transcript(), opened);
    }

    // ---- The socket ----

    /** A socket for Commons Net to connect; from now on its time is limited. */
    Socket rawSocket() throws IOException {
        Socket raw = Route.socket(where, how.reach());
        // What is written goes out at once: it is whole, and a command after a handshake would wait for its acknowledgement.
        raw.setTcpNoDelay(true);
        watchdog = new Watchdog(() -> Disk.closeQuietly(raw), sinks.waiting(), this::step, limit(TimeLimit.BLOCK), how::isLate);
        watchdog.restartSince(times.opened, limit(TimeLimit.CONNECT));
        wire = new Wire(raw, watchdog, transcript);
        return raw;
    }

    /** Goes on over this socket, as Commons Net has a new one after a handshake. */
    void follow(Socket current) throws IOException {
        wire.use(current);
        socket = current;
    }

    private String step() {
        boolean end = stage == Stage.DATA && ends;
        return where.host() + (end ? " to answer the end of the message" : " (" + Texts.name(stage) + ")");
    }

    Duration limit(TimeLimit limit) {
        return limit.of(where, how);
    }

    /** Our own address, as EHLO says it where there is no better name (RFC 5321, 4.1.3). */
    String addressLiteral() {
        String own = socket.getLocalAddress().getHostAddress().replaceFirst("%.*", "");
        return own.contains(":") ? "[IPv6:" + own + "]" : "[" + own + "]";
    }

    boolean isSecure() {
        return socket instanceof SSLSocket;
    }

    boolean isThisMachine() {
        return how.reach().proxy().isEmpty() && address.isLoopbackAddress();
    }

    Peer peer() {
        String at = how.reach().proxy().isPresent() ? "" : address.getHostAddress();
        if (socket instanceof SSLSocket secured) {
            SSLSession session = secured.getSession();
            boolean verified = trust.problem().isEmpty();
            return new Peer(where.host(), at, session.getProtocol(), session.getCipherSuite(), verified);
        }
        return new Peer(where.host(), at, "", "", false);
    }

    // ---- What is offered, what is shown ----

    void offered(List<String> lines) {
        offered = new Offers(lines, how.without());
    }

    boolean offers(String keyword) {
        return offered.has(keyword);
    }

    /** Whether the server has said more than it was asked. */
    boolean saysMore() {
        try {
            return wire.hasUnreadInput();
        } catch (IOException e) {
            return false;
        }
    }

    Reply masked(Reply reply) {
        return new Reply(reply.status(), reply.enhanced(), reply.lines().stream().map(transcript::masked).toList());
    }

    String secret() {
        return transcript.mask(how.credentials().secret().orElseThrow().get());
    }

    // ---- Asking ----

    Reply ask(Stage at, String line) throws IOException {
        stage = at;
        return ask(line, line);
    }

    /** Asks within the stage; what is shown has no secret in it. */
    Reply ask(String line, String shown) throws IOException {
        wire.writeLine(line, shown);
        wire.flush();
        return readReply(stage, stage == Stage.QUIT ? TimeLimit.END : TimeLimit.COMMAND);
    }

    /** The next reply, which has its time. */
    Reply readReply(Stage at, TimeLimit limit) throws IOException {
        begin(at, limit);
        Reply reply = dialect.readReply(wire);
        watchdog.pause();
        return reply;
    }

    /** Begins a step that has its time limit. */
    void begin(Stage now, TimeLimit limit) {
        stage = now;
        ends = limit == TimeLimit.END;
        watchdog.restart(limit(limit));
    }

    void require(Reply reply, String what) {
        if (!reply.positive()) {
            throw MailException.refused(stage, what, reply);
        }
    }

    ByHand hand() {
        hand = hand == null ? new ByHand(this) : hand;
        return hand;
    }

    // ---- What came of it ----

    /** A step is over; the next begins. */
    void took(Optional<Reply> reply) {
        took(reply, "");
    }

    /** It was about this. */
    void took(Optional<Reply> reply, String what) {
        last = reply.orElse(last);
        sinks.steps().accept(over(reply, what, Optional.empty()));
        times.begin();
    }

    private Step over(Optional<Reply> reply, String what, Optional<MailException> failure) {
        boolean again = isSecure() && !where.tlsFirst();
        return times.over(failure.map(MailException::stage).orElse(stage), again, reply, what, failure);
    }

    void failed(MailException failure) {
        drop();
        Step step = over(failure.reply(), "", Optional.of(failure));
        sinks.steps().accept(step);
        failure.at(step).delivery(Delivery.nothing(peer(), times.millis(0, 0), Optional.of(failure)));
    }

    MailException explain(IOException e) {
        boolean late = watchdog != null && watchdog.expired();
        Duration limit = late ? watchdog.limit() : limit(TimeLimit.CONNECT);
        stage = Texts.hasCause(e, CertificateException.class) ? Stage.CERTIFICATE : stage;
        // A host that its domain names is no server of ours, to be trusted by its key.
        String ways = where.address().isPresent() ? "without --tls required a certificate is only noted"
                : trust.otherWays(isThisMachine(), where.tlsFirst());
        String help = stage == Stage.CERTIFICATE ? ways : patience;
        return new Diagnosis(where, how, stage, isSecure(), late, limit, help).of(e);
    }

    // ---- Ending ----

    boolean timedOut() {
        return watchdog.expired();
    }

    boolean isOver() {
        return wire.isClosed();
    }

    void drop() {
        if (wire != null) {
            wire.abort();
            watchdog.stop();
        }
    }

    /** Says QUIT and closes; the server has a moment to answer, and its answer changes nothing. */
    void sayGoodbye() {
        try {
            wire.writeLine("QUIT", "QUIT");
            wire.flush();
            watchdog.restart(FAREWELL);
            wire.readLine(Wire.LINE_LIMIT);
            Disk.closeQuietly(socket);
        } catch (IOException e) {
            transcript.note("no answer to QUIT");
        }
        drop();
    }
}

// ---- 8.3 Offers, commands in flight ---------------------------------------------------------------------------------

/** What a server offers: keywords and their parameters, without what the user turned off. */
final class Offers {
    /** As it is, as it was before RFC 2554, and as Exchange says it. */
    private static final Pattern LOGIN_OFFER = Pattern.compile("^(AUTH|X-EXPS)(=|\\s|$)");
    private final Map<String, String> offered = new HashMap<>();

    /** A line each, as in the reply to EHLO or CAPA. */
    Offers(List<String> lines, Set<String> without) {
        for (String line : lines) {
            String[] words = LOGIN_OFFER.matcher(line.strip().toUpperCase(Locale.ROOT)).replaceFirst("AUTH ").split("\\s+", 2);
            offered.merge(words[0], words.length > 1 ? words[1] : "", (one, other) -> one + " " + other);
        }
        without.forEach(offered::remove);
    }

    boolean has(String keyword) {
        return offered.containsKey(keyword);
    }

    /** Its parameter, or "". */
    String parameter(String keyword) {
        return offered.getOrDefault(keyword, "");
    }

    /** In words of either protocol. */
    Set<String> logins() {
        Set<String> logins = words("AUTH");
        logins.addAll(words("SASL"));
        logins.addAll(has("USER") ? Set.of("USER") : Set.of());
        return logins;
    }

    Set<String> words(String keyword) {
        return Stream.of(parameter(keyword).split("\\s+")).filter(word -> !word.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}

/** Commands on their way and the replies that are due, in order: many where allowed (RFC 2920; RFC 2449, 6.8), each about a T. */
final class CommandQueue<T> {
    /** So few that the socket buffers of both sides hold them. */
    static final int WINDOW = 100;
    private final Connection connection;
    private final Deque<Due<T>> due = new ArrayDeque<>();

    /** A reply that is due: about what, at which step, within which time, and who takes it. */
    record Due<T>(T about, Stage stage, TimeLimit limit, IOConsumer<Reply> answer) {
    }

    CommandQueue(Connection connection) {
        this.connection = connection;
    }

    /** Puts a command into the next flight. */
    void send(T about, Stage stage, TimeLimit limit, String line, IOConsumer<Reply> answer) throws IOException {
        connection.wire.writeLine(line, line);
        expect(about, stage, limit, answer);
    }

    /** A reply that no command asks for, but what was sent before. */
    void expect(T about, Stage stage, TimeLimit limit, IOConsumer<Reply> answer) {
        due.add(new Due<>(about, stage, limit, answer));
    }

    boolean isEmpty() {
        return due.isEmpty();
    }

    boolean isFull() {
        return due.size() >= WINDOW;
    }

    int size() {
        return due.size();
    }

    Due<T> first() {
        return due.element();
    }

    /** Sends what waits, and reads the reply that is due first; it stays due until somebody {@linkplain #take takes} it. */
    Reply read() throws IOException {
        connection.wire.flush();
        return connection.readReply(first().stage(), first().limit());
    }

    /** Hands a reply to whoever waits for it. */
    void take(Reply reply) throws IOException {
        due.remove().answer().accept(reply);
    }

    /** Nothing will come any more: what all of it was about. */
    List<T> abandon() {
        List<T> waiting = due.stream().map(Due::about).toList();
        due.clear();
        return waiting;
    }
}

// ---- 8.4 Commons Net ------------------------------------------------------------------------------------------------

/** What Commons Net does for us, whichever of its clients: it connects, and makes a socket secure by a handshake. */
interface NetLink {
    void setSocketFactory(SocketFactory sockets);

    void setConnectTimeout(int millis);

    void setEnabledProtocols(String[] versions);

    void setTrustManager(TrustManager trust);

    void setKeyManager(KeyManager ours);

    /** Connects to an address and a port, from this address of ours or any. */
    void connect(InetAddress address, int port, InetAddress from, int localPort) throws IOException;

    void secure() throws IOException;

    static NetLink of(Connection connection) {
        TlsPolicy tls = connection.how.tls();
        NetLink link = connection.where.protocol().isPop3() ? new Pop3Link(connection) : new SmtpLink(connection);
        link.setSocketFactory(new DefaultSocketFactory() {
            @Override
            public Socket createSocket() throws IOException {
                return connection.rawSocket();
            }
        });
        link.setConnectTimeout((int) Math.min(Integer.MAX_VALUE, connection.limit(TimeLimit.CONNECT).toMillis()));
        link.setEnabledProtocols((tls.lowest().equals("1.3") ? "TLSv1.3" : "TLSv1.3 TLSv1.2").split(" "));
        link.setTrustManager(connection.trust);
        tls.cert().ifPresent(certificate -> link.setKeyManager(KeyFiles.ours(certificate, tls.key().orElseThrow())));
        return link;
    }
}

/** Commons Net's client for SMTP: it connects by a socket of ours, and does the handshake; our own {@link Wire} talks. */
final class SmtpLink extends SMTPSClient implements NetLink {
    private final Connection connection;

    SmtpLink(Connection connection) {
        super("TLS", false);
        this.connection = connection;
    }

    /** In place of the library's, which would read the greeting here, and without limits. */
    @Override
    protected void _connectAction_() throws IOException {
        _hostname_ = connection.where.certificateName();
        connection.follow(_socket_);
    }

    @Override
    public void secure() throws IOException {
        execTLS();
        connection.follow(_socket_);
    }

    /** STARTTLS has been said and answered, or TLS comes first. */
    @Override
    public int sendCommand(String command, String argument) {
        return SMTPReply.SERVICE_READY;
    }
}

/** Commons Net's client for POP3: it connects by a socket of ours, and does the handshake; our own {@link Wire} talks. */
final class Pop3Link extends POP3SClient implements NetLink {
    private final Connection connection;

    Pop3Link(Connection connection) {
        super("TLS", false);
        this.connection = connection;
    }

    /** In place of the library's, which would read the greeting here, and without limits. */
    @Override
    protected void _connectAction_() throws IOException {
        _hostname_ = connection.where.certificateName();
        connection.follow(_socket_);
    }

    @Override
    public void secure() throws IOException {
        execTLS();
        connection.follow(_socket_);
    }

    /** STLS has been said and answered, or TLS comes first. */
    @Override
    public int sendCommand(String command, String argument) {
        return POP3Reply.OK;
    }
}

// ---- 8.5 Failures of the network ------------------------------------------------------------------------------------

/** What a failure of the network means at this stage; whether a step took longer than its limit, and what else may help. */
record Diagnosis(Where where, How how, Stage stage, boolean secure, boolean late, Duration limit, String help) {
    MailException of(IOException e) {
        if (late || e instanceof SocketTimeoutException) {
            return timeout();
        }
        if (e instanceof BadContent bad) {
            return bad.problem;
        }
        if (e instanceof MalformedReply malformed) {
            return failure(Exit.PROTOCOL, place() + " sent " + e.getMessage(), malformed.hint);
        }
        if (e instanceof BindException) {
            String from = how.reach().bind().map(InetAddress::getHostAddress).orElse("here");
            return failure(Exit.CONFIG, "can't connect from " + from + ": " + e.getMessage(), "");
        }
        if (stage == Stage.CERTIFICATE) {
            return failure(Exit.POLICY, "the certificate of " + where.host() + " is not good: " + Texts.cause(e), help);
        }
        TlsTrouble trouble = TlsTrouble.of(e);
        return isAboutTls(e, trouble) ? tlsFailure(e, trouble) : lost(Texts.cause(e));
    }

    private MailException timeout() {
        if (how.isLate()) {
            return how.deadline().orElseThrow().passed(stage, place());
        }
        String what = place() + " did not answer within " + Texts.seconds(limit) + step();
        return failure(Exit.TEMPORARY, what, switch (stage) {
            case CONNECT -> "check host, port and firewall";
            case GREETING -> silenceHint("give it more time with --timeout");
            default -> "give it more time with --timeout";
        });
    }

    /** Who speaks TLS from the start waits for us to begin. */
    private String silenceHint(String otherwise) {
        return secure ? otherwise : "if it speaks TLS from the start: " + url(where.schemeWithTls());
    }

    /** Some servers hang up on a handshake that they don't like; after STLS it can't be anything else. */
    private boolean isAboutTls(IOException e, TlsTrouble trouble) {
        boolean lost = Texts.hasCause(e, SocketException.class) || Texts.hasCause(e, EOFException.class);
        boolean hungUp = trouble == TlsTrouble.HUNG_UP || where.protocol().isPop3() && !where.tlsFirst();
        return stage == Stage.TLS && (!lost || hungUp) || !lost && trouble.isAlert();
    }

    private MailException tlsFailure(IOException e, TlsTrouble trouble) {
        return failure(Exit.POLICY, "no TLS with " + where.host() + ": " + Texts.cause(e), switch (trouble) {
            case NOT_TLS -> where.tlsFirst()
                    ? "this port does not speak TLS from the start: " + url(where.schemeWithTls().replaceFirst("s$", ""))
                    : "its TLS is broken, or somebody is in between";
            case VERSION -> "the server may not know TLS " + how.tls().lowest();
            case OUR_CERTIFICATE, HUNG_UP -> certificateHint();
            case ALERT, OTHER -> "";
        });
    }

    private MailException lost(String cause) {
        if (stage == Stage.CONNECT) {
            return failure(Exit.TEMPORARY, "can't connect to " + place() + ": " + cause,
                    "check host and port, and that the server runs");
        }
        // In TLS 1.3 the handshake is over for us before the server looks for our certificate.
        boolean begins = secure && stage != Stage.INPUT && stage.compareTo(Stage.TLS) < 0;
        String what = "lost the connection to " + place() + step() + ": " + cause;
        return failure(Exit.TEMPORARY, what, switch (stage) {
            case GREETING -> begins ? certificateHint() : silenceHint("");
            case AUTH -> help;
            default -> begins ? certificateHint() : "";
        });
    }

    private String certificateHint() {
        return how.tls().cert().isEmpty() ? "it may want a certificate of ours: --cert and --key"
                : "it may not take our certificate";
    }

    private MailException failure(Exit exit, String what, String hint) {
        return new MailException(exit, stage, what).hint(hint);
    }

    private String place() {
        String proxy = how.reach().proxy().map(by -> " by the proxy " + Route.place(by)).orElse("");
        return where.host() + " port " + where.port() + proxy;
    }

    private String step() {
        return " (" + Texts.name(stage) + ")";
    }

    private String url(String scheme) {
        return scheme + "://" + Route.place(where.host(), where.port());
    }
}

/** What went wrong with TLS, as far as the words of the JDK tell, which has no types for it; the first that fits counts. */
enum TlsTrouble {
    NOT_TLS("unrecognized SSL message|plaintext connection"),
    VERSION("protocol_version"),
    OUR_CERTIFICATE("certificate_required|bad_certificate|handshake_failure"),
    HUNG_UP("Broken pipe"),
    ALERT("fatal alert"),
    OTHER("");

    private final Pattern words;

    TlsTrouble(String words) {
        this.words = Pattern.compile(words);
    }

    static TlsTrouble of(IOException problem) {
        String cause = Texts.cause(problem);
        return Stream.of(values()).filter(trouble -> trouble.words.matcher(cause).find()).findFirst().orElse(OTHER);
    }

    /** Whether the server told us, which it may do long after the handshake. */
    boolean isAlert() {
        return Set.of(VERSION, OUR_CERTIFICATE, ALERT).contains(this);
    }
}

/** The server said something that is no reply. */
final class MalformedReply extends IOException {
    /** How a record of TLS begins that says what is wrong (RFC 8446, 5.1). */
    private static final String TLS_ALERT = "\u0015\u0003";
    final String hint;

    MalformedReply(String what) {
        this(what, "is this a mail server?");
    }

    MalformedReply(String what, String hint) {
        super(what);
        this.hint = hint;
    }

    /** A line that is no reply; in place of a greeting it tells who speaks. */
    static MalformedReply of(String line, Connection connection) {
        String what = "'" + Texts.shortened(line) + "' instead of a reply";
        if (line.startsWith(TLS_ALERT)) {
            return new MalformedReply(what, "it speaks TLS from the start: " + connection.where.schemeWithTls() + "://");
        }
        String speaker = Map.of("220", "SMTP", "+OK", "POP3", "* O", "IMAP")
                .getOrDefault(line.substring(0, Math.min(3, line.length())), "");
        if (connection.stage != Stage.GREETING || speaker.isEmpty()) {
            return new MalformedReply(what);
        }
        boolean pop3 = connection.where.protocol().isPop3();
        String ports = pop3 ? "POP3 has the ports 110 and 995" : "SMTP has the ports 25, 465 and 587";
        return new MalformedReply(what, "this speaks " + speaker + "; " + ports);
    }
}

/** Reading from the server or writing to it failed; not to be mixed up with failing to read the message. */
final class LostConnection extends IOException {
    LostConnection(IOException cause) {
        super(cause.getMessage(), cause);
    }
}

/** What came is not what it ought to be, and says so itself. */
final class BadContent extends IOException {
    final transient MailException problem;

    BadContent(MailException problem) {
        super(problem.getMessage());
        this.problem = problem;
    }

    static BadContent goesOn(int number, String what) {
        String how = "message " + number + " goes on after its end, or ends late: " + what;
        return new BadContent(new MailException(Exit.PROTOCOL, Stage.RETR, how)
                .hint("the server does not double dots, or ends it without CRLF; mailtool delete drops what can't be fetched"));
    }
}

// ---- 8.6 Key files --------------------------------------------------------------------------------------------------

/** Certificates and keys in files. */
final class KeyFiles {
    static KeyStore authorities(Path file) {
        try {
            KeyStore store = emptyStore();
            for (Certificate certificate : in(file)) {
                store.setCertificateEntry("authority" + store.size(), certificate);
            }
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw MailException.config("can't read the authorities in " + file + ": " + Texts.cause(e));
        }
    }

    static KeyManager ours(Path certificate, Path key) {
        try {
            Certificate[] chain = in(certificate).toArray(new Certificate[0]);
            KeyStore store = emptyStore();
            store.setKeyEntry("ours", privateKey(key, chain[0].getPublicKey()), new char[0], chain);
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            return factory.getKeyManagers()[0];
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw MailException.config("can't use " + certificate + " with " + key + ": " + Texts.cause(e));
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> in(Path file) throws GeneralSecurityException, IOException {
        InputStream in = new ByteArrayInputStream(Files.readAllBytes(file));
        Collection<? extends Certificate> all = CertificateFactory.getInstance("X.509").generateCertificates(in);
        if (all.isEmpty()) {
            throw new CertificateException(file + " holds no certificate");
        }
        return all;
    }

    private static PrivateKey privateKey(Path file, PublicKey certified) throws GeneralSecurityException, IOException {
        Matcher pem = Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END").matcher(Files.readString(file, ISO_8859_1));
        if (!pem.find()) {
            throw new MailException(Exit.CONFIG, Stage.TLS, file + " holds no PKCS #8 private key")
                    .hint("convert it: openssl pkcs8 -topk8 -nodes -in " + file);
        }
        byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
        PrivateKey key = KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        refuseOther(key, certified);
        return key;
    }

    private static void refuseOther(PrivateKey ours, PublicKey certified) throws GeneralSecurityException {
        Map<String, String> algorithms = Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA");
        Signature signature = Signature.getInstance(algorithms.getOrDefault(ours.getAlgorithm(), ours.getAlgorithm()));
        signature.initSign(ours);
        byte[] proof = signature.sign();
        signature.initVerify(certified);
        if (!signature.verify(proof)) {
            throw new KeyException("the key is not that of the certificate");
        }
    }
}

// ---- 8.7 Certificates -----------------------------------------------------------------------------------------------

/** Decides whether a certificate is the server's: chain, SAN and key size, or the pinned key; and says why not. */
final class Trust extends SocketTrust {
    /** dNSName and iPAddress (RFC 5280, 4.2.1.6). */
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;
    private static final Set<Integer> ALL_NAMES = Set.of(DNS_NAME, IP_ADDRESS);
    private final String name;
    private final TlsPolicy policy;
    private Optional<X509Certificate> shown = Optional.empty();
    private Lazy<Optional<CertificateException>> problem = new Lazy<>(Optional::empty);
    /** How to trust what was refused, if a pin helps; else "". */
    private Supplier<String> pinning = () -> "";

    Trust(String name, TlsPolicy policy) {
        this.name = name;
        this.policy = policy;
    }

    /** A pin as it is compared: the base64 of the public key's SHA-256. */
    static String pin(String given) {
        String hash = given.replaceFirst("(?i)^sha256:(//)?", "");
        String base64 = hash.matches("[0-9a-fA-F:]{64,95}") ? base64(HexFormat.of().parseHex(hash.replace(":", ""))) : hash;
        if (hash.equals(given) || !base64.matches("[A-Za-z0-9+/]{43}=")) {
            throw MailException.usage("can't read the pin '" + given + "'")
                    .hint("write sha256: and the hash of the public key in base64 or hex");
        }
        return base64;
    }

    String otherWays(boolean thisMachine, boolean tlsFirst) {
        String given = !policy.pin().isEmpty() ? " without --pin" : policy.ca().isPresent() ? " without --ca" : "";
        String none = "on this machine --tls none" + given + " will do" + (tlsFirst ? ", on the port without TLS" : "");
        return Stream.of(thisMachine ? none : "", pinning.get()).filter(way -> !way.isEmpty()).collect(Collectors.joining("; "));
    }

    private static String pinOf(X509Certificate certificate) {
        return base64(HashOutput.digest("SHA-256").digest(certificate.getPublicKey().getEncoded()));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The certificate that the server showed, whether it was refused or not. */
    Optional<ServerCertificate> certificate() {
        return shown.map(leaf -> new ServerCertificate(names(leaf, ALL_NAMES), leaf.getIssuerX500Principal().toString(),
                leaf.getNotAfter().toInstant(), "sha256:" + pinOf(leaf), problem().map(Throwable::getMessage).orElse("")));
    }

    /** What is wrong with it, also where that does not matter. */
    Set<String> faults() {
        return shown.map(this::faults).orElse(Set.of());
    }

    private Set<String> faults(X509Certificate leaf) {
        boolean unknown = problem().filter(why -> Texts.root(why) instanceof CertPathBuilderException).isPresent();
        return Stream.of(leaf.getNotAfter().before(new Date()) ? "expired" : "", isFor(name, leaf) ? "" : "name",
                !unknown ? "" : isSelfSigned(leaf) ? "self-signed" : "unknown").collect(Collectors.toSet());
    }

    private static boolean isSelfSigned(X509Certificate leaf) {
        return leaf.getSubjectX500Principal().equals(leaf.getIssuerX500Principal());
    }

    /** The certificate that the server showed, in a line. */
    String summary() {
        return shown.map(leaf -> "certificate of " + leaf.getSubjectX500Principal() + ", issued by "
                + leaf.getIssuerX500Principal() + ", valid until " + day(leaf.getNotAfter())).orElse("resumed session");
    }

    /** It is judged after the handshake, but a stranger does not get to see a certificate of ours. */
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyExchange, Socket socket) throws CertificateException {
        shown = Optional.of(chain[0]);
        problem = new Lazy<>(() -> problem(chain, keyExchange));
        if (policy.cert().isPresent()) {
            refuse();
        }
    }

    /** Throws if it is not good, and that matters. */
    void require() throws SSLHandshakeException {
        try {
            refuse();
        } catch (CertificateException e) {
            throw (SSLHandshakeException) new SSLHandshakeException("not trusted").initCause(e);
        }
    }

    private void refuse() throws CertificateException {
        if (!policy.noting() && problem.get().isPresent()) {
            throw problem.get().get();
        }
    }

    /** Why it is not good; reading all authorities takes its time, so it is looked at when somebody asks. */
    Optional<CertificateException> problem() {
        return problem.get();
    }

    private Optional<CertificateException> problem(X509Certificate[] chain, String keyExchange) {
        try {
            check(chain, keyExchange);
            return Optional.empty();
        } catch (CertificateException e) {
            return Optional.of(e);
        }
    }

    private void check(X509Certificate[] chain, String keyExchange) throws CertificateException {
        for (X509Certificate certificate : chain) {
            if (certificate.getPublicKey() instanceof RSAPublicKey key && key.getModulus().bitLength() < 2048) {
                throw new CertificateException("its RSA key has only " + key.getModulus().bitLength() + " bits");
            }
        }
        if (policy.pin().isEmpty()) {
            checkAuthorityAndName(chain, keyExchange);
        } else if (!policy.pin().equals(pinOf(chain[0]))) {
            throw new CertificateException("its key is not the pinned one but sha256:" + pinOf(chain[0]));
        }
    }

    /** The JDK checks the chain, but not the name: it can't read one with a letter that no host should have, such as my_mail. */
    private void checkAuthorityAndName(X509Certificate[] chain, String keyExchange) throws CertificateException {
        pinning = () -> "if it is the right one, trust it with --pin sha256:" + pinOf(chain[0]);
        try {
            authorities().checkServerTrusted(chain, keyExchange);
        } catch (GeneralSecurityException e) {
            throw new CertificateException(reason(chain, e), e);
        }
        if (!isFor(name, chain[0])) {
            List<String> names = names(chain[0], ALL_NAMES);
            throw new CertificateException(names.isEmpty() ? "it names no host (no subjectAltName)"
                    : "it is for " + String.join(", ", names) + ", not for " + name);
        }
    }

    /** Reading all that the JDK trusts takes longer than sending a message, so it is left until a server shows a certificate. */
    private X509ExtendedTrustManager authorities() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(policy.ca().map(KeyFiles::authorities).orElse(null));
        return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    }

    /** Only subjectAltName counts, and an address is never taken for a name (RFC 9525, 6.2 and 6.5). */
    private static boolean isFor(String host, X509Certificate certificate) {
        if (!host.matches("[0-9.]+|.*:.*")) {
            return names(certificate, Set.of(DNS_NAME)).stream().anyMatch(name -> matches(host, name.replaceFirst("[.]$", "")));
        }
        Optional<InetAddress> wanted = Route.literal(host);
        List<String> addresses = names(certificate, Set.of(IP_ADDRESS));
        return wanted.isPresent() && addresses.stream().map(Route::literal).anyMatch(wanted::equals);
    }

    /** A wildcard is the whole left-most label and stands for one label (RFC 9525, 6.3). */
    private static boolean matches(String host, String name) {
        boolean wildcard = name.startsWith("*.") && name.length() > 2;
        int firstDot = host.indexOf('.');
        if (wildcard) {
            return firstDot > 0 && host.substring(firstDot).equalsIgnoreCase(name.substring(1));
        }
        return host.equalsIgnoreCase(name);
    }

    private String reason(X509Certificate[] chain, Exception problem) {
        X509Certificate leaf = chain[0];
        if (leaf.getNotAfter().before(new Date())) {
            long days = Duration.between(leaf.getNotAfter().toInstant(), Instant.now()).toDays();
            return "it expired " + days + " days ago, on " + day(leaf.getNotAfter());
        }
        if (leaf.getNotBefore().after(new Date())) {
            return "it is not valid before " + day(leaf.getNotBefore());
        }
        Throwable cause = Texts.root(problem);
        if (!(cause instanceof CertPathBuilderException)) {
            return String.valueOf(cause.getMessage());
        }
        if (isSelfSigned(leaf)) {
            return "it is self-signed";
        }
        X500Principal issuer = chain[chain.length - 1].getIssuerX500Principal();
        return "its issuer " + issuer + " is not known here; name a file with the authority by --ca";
    }

    /** None if they can't be read. */
    private static List<String> names(X509Certificate certificate, Set<Integer> kinds) {
        try {
            Collection<List<?>> all = Optional.ofNullable(certificate.getSubjectAlternativeNames()).orElse(List.of());
            return all.stream().filter(name -> kinds.contains(name.get(0))).map(name -> String.valueOf(name.get(1))).toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }

    private static String day(Date date) {
        return date.toInstant().toString().substring(0, 10);
    }
}

/** What a client that has sockets is never asked for. */
abstract class SocketTrust extends X509ExtendedTrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyExchange, SSLEngine engine) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyExchange) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyExchange, Socket socket) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyExchange, SSLEngine engine) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String keyExchange) {
        throw new UnsupportedOperationException();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}

// ---- 8.8 Login ------------------------------------------------------------------------------------------------------

/** Logging in by SASL (RFC 4422), the same for every protocol. */
final class Login {
    static final List<String> BY_STRENGTH = List.of("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN");
    static final List<String> WITH_TOKEN = List.of("OAUTHBEARER", "XOAUTH2");
    /** POP3's own (RFC 1939, 7), which are no SASL. */
    private static final List<String> POP3_ONLY = List.of("USER", "APOP");
    private static final Set<String> SERVER_SPEAKS_FIRST = Set.of("CRAM-MD5", "LOGIN");
    private static final int MOST_ROUNDS = 8;

    static String[] mechanisms(boolean pop3) {
        List<String> more = pop3 ? POP3_ONLY : List.of();
        Stream<List<String>> known = Stream.of(List.of("AUTO"), BY_STRENGTH, WITH_TOKEN, List.of("EXTERNAL"), more);
        return known.flatMap(List::stream).toArray(String[]::new);
    }

    /** Logs in by the first mechanism that is not refused for itself; each returns the server's last word. */
    static Reply run(Connection connection, List<String> byStrength, Collection<String> offered,
            IOFunction<String, Reply> authentication) throws IOException {
        Iterator<String> mechanisms = choice(connection, byStrength, offered).iterator();
        ask(connection);
        String mechanism;
        Reply reply;
        do {
            mechanism = mechanisms.next();
            reply = authentication.apply(mechanism);
            // Then the next can't lock us out.
        } while (mechanisms.hasNext() && reply.permanent() && reply.code() != 535 && Hints.isAboutMechanism(reply));
        if (!reply.positive()) {
            String command = "AUTH " + mechanism + " of " + String.join(" ", offered);
            throw refused(connection, command, mechanism, connection.masked(reply));
        }
        return reply;
    }

    /** Asks for the secret now, which may take a person longer than the server waits, and counts for no step. */
    private static void ask(Connection connection) throws IOException {
        long began = System.nanoTime();
        connection.how.credentials().secret().ifPresent(secret -> await(secret, connection.how.deadline()));
        long taken = System.nanoTime() - began;
        connection.times.leaveOut(taken);
        long seconds = TimeUnit.NANOSECONDS.toSeconds(taken);
        String waited = "it had waited " + seconds + " s for the secret; try again, sooner or with --password-file";
        connection.patience = seconds > 0 ? waited : "";
        if (seconds > 0 && connection.wire.hasUnreadInput()) {
            Reply farewell = connection.dialect.readReply(connection.wire);
            String what = connection.where.host() + " hung up before the login";
            throw MailException.refused(Exit.TEMPORARY, Stage.AUTH, what, farewell).also(connection.patience);
        }
    }

    private static void await(Supplier<String> secret, Optional<Deadline> deadline) {
        if (deadline.isEmpty()) {
            secret.get();
            return;
        }
        try {
            CompletableFuture.supplyAsync(secret).orTimeout(deadline.get().left().toNanos(), TimeUnit.NANOSECONDS).join();
        } catch (CompletionException e) {
            Secrets.giveUp();
            throw e.getCause() instanceof MailException why ? why : deadline.get().passed(Stage.AUTH, "asking for the password");
        }
    }

    private static MailException refused(Connection connection, String command, String mechanism, Reply reply) {
        String host = connection.where.host();
        String user = connection.how.credentials().user();
        String who = user.isEmpty() ? "our certificate" : user;
        return MailException.refused(Stage.AUTH, host + " refused the login of " + who + " by " + mechanism, reply)
                .hint(Hints.of(Stage.AUTH, command, host, reply));
    }

    /** The mechanisms to use: the one that was named, as servers do not list all they take, or all of these that are offered. */
    private static List<String> choice(Connection connection, List<String> byStrength, Collection<String> offered) {
        Credentials credentials = connection.how.credentials();
        if (!credentials.mechanism().equals("AUTO")) {
            return List.of(credentials.mechanism());
        }
        List<String> able = new ArrayList<>(credentials.token().isPresent() ? WITH_TOKEN : byStrength);
        able.retainAll(offered);
        if (able.isEmpty()) {
            String offer = offered.isEmpty() ? " offers no login" : " offers only " + String.join(", ", offered);
            throw new MailException(Exit.AUTH, Stage.AUTH, connection.where.host() + offer).hint(otherWay(connection, offered));
        }
        return able;
    }

    private static String otherWay(Connection connection, Collection<String> offered) {
        if (!offered.isEmpty() && connection.how.credentials().token().isPresent()) {
            return "it takes no token: give a password instead";
        }
        if (!offered.isEmpty() && WITH_TOKEN.containsAll(offered)) {
            return "give an OAuth token with --token-command";
        }
        return "check the port, and --tls, or try " + (connection.where.protocol().isPop3() ? "--auth USER" : "--auth PLAIN");
    }

    // ---- The exchange ----

    /** Goes through the whole exchange and returns the server's last word. */
    static Reply exchange(String name, Connection connection) throws IOException {
        return exchange(name, connection, true);
    }

    private static Reply exchange(String name, Connection connection, boolean withInitialResponse) throws IOException {
        Mechanism mechanism = Mechanism.of(name, connection);
        String command = "AUTH " + name;
        boolean clientFirst = !SERVER_SPEAKS_FIRST.contains(name);
        String first = clientFirst ? encode(mechanism.answer(new byte[0])) : "";
        boolean fits = command.length() + first.length() < connection.where.protocol().longestCommand();
        boolean atOnce = clientFirst && withInitialResponse && fits;
        Reply reply = atOnce ? secretly(command + " ", first.isEmpty() ? "=" : first, connection)
                : connection.ask(command, command);
        if (atOnce && reply.status().equals("501")) {
            // Syntax error: a server that takes no initial response (RFC 4954, 4) is asked again without one.
            return exchange(name, connection, false);
        }
        for (int round = 0; reply.asksOn() && round < MOST_ROUNDS; round++) {
            boolean firstIsWanted = round == 0 && clientFirst && (!atOnce || reply.text().isEmpty());
            reply = secretly("", firstIsWanted ? first : answer(mechanism, reply, connection), connection);
        }
        if (reply.positive() && !mechanism.satisfied()) {
            String what = connection.where.host() + " took the login without proving that it knows the password";
            throw new MailException(Exit.AUTH, Stage.AUTH, what).hint("somebody may be in between");
        }
        return reply;
    }

    /** Says what nobody is to see, also where the server repeats it. */
    private static Reply secretly(String command, String secret, Connection connection) throws IOException {
        if (secret.length() > 8) {
            connection.transcript.mask(secret);
        }
        return connection.ask(command + secret, secret.isEmpty() ? "" : command + "****");
    }

    private static String answer(Mechanism mechanism, Reply reply, Connection connection) {
        try {
            return encode(mechanism.answer(mechanism.decoded(reply.text())));
        } catch (IllegalArgumentException | IllegalStateException | IOException e) {
            cancel(connection);
            String what = "can't answer what the server asks for in the login: " + e.getMessage();
            throw new MailException(Exit.PROTOCOL, Stage.AUTH, what);
        }
    }

    private static void cancel(Connection connection) {
        try {
            connection.ask("*", "*");
        } catch (IOException e) {
            // What went wrong before says more.
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}

// ---- 8.9 Mechanisms -------------------------------------------------------------------------------------------------

/** Our side of a login's exchange: what to answer, and whether the server has proved all it has to. */
interface Mechanism {
    byte[] answer(byte[] challenge) throws IOException;

    default byte[] decoded(String challenge) {
        return Base64.getDecoder().decode(challenge);
    }

    default boolean satisfied() {
        return true;
    }

    static Mechanism of(String name, Connection connection) throws IOException {
        String user = connection.how.credentials().user();
        return switch (name) {
            case "SCRAM-SHA-256", "SCRAM-SHA-1" -> new Scram(name, user, connection.secret());
            case "LOGIN" -> new Prompted(connection);
            case "EXTERNAL" -> challenge -> user.getBytes(UTF_8);
            case "XOAUTH2" -> token("user=" + user + "\1" + bearer(connection), "");
            case "OAUTHBEARER" -> token("n,a=" + user.replace("=", "=3D").replace(",", "=2C") + ",\1host="
                    + connection.where.host() + "\1port=" + connection.where.port() + "\1" + bearer(connection), "\1");
            default -> fromJdk(name, user, connection);
        };
    }

    private static String bearer(Connection connection) {
        return "auth=Bearer " + connection.secret() + "\1\1";
    }

    /** The token at once; a challenge after it is an error report that wants an empty line (RFC 7628, 3.2.3). */
    private static Mechanism token(String response, String afterError) {
        return challenge -> (challenge.length == 0 ? response : afterError).getBytes(UTF_8);
    }

    private static Mechanism fromJdk(String name, String user, Connection connection) throws IOException {
        char[] password = connection.secret().toCharArray();
        CallbackHandler asked = callbacks -> {
            for (Callback callback : callbacks) {
                if (callback instanceof NameCallback forName) {
                    forName.setName(user);
                }
                if (callback instanceof PasswordCallback forPassword) {
                    forPassword.setPassword(password);
                }
            }
        };
        String host = connection.where.host();
        SaslClient client = Sasl.createSaslClient(new String[] {name}, null, "smtp", host, Map.of(), asked);
        return client::evaluateChallenge;
    }
}

/** LOGIN has no standard: the user name is asked for first and the password second, unless the words say otherwise. */
final class Prompted implements Mechanism {
    private static final Pattern ASKS_FOR_NAME = Pattern.compile("(?s)\\W*(user|name|login|login\\W?name)\\W*|.*user\\W?name.*");
    private final Connection connection;
    private boolean named;
    private boolean namedUnasked;
    private boolean proved;

    Prompted(Connection connection) {
        this.connection = connection;
    }

    /** Words in clear, too. */
    @Override
    public byte[] decoded(String challenge) {
        try {
            return Base64.getDecoder().decode(challenge);
        } catch (IllegalArgumentException e) {
            return challenge.getBytes(UTF_8);
        }
    }

    @Override
    public byte[] answer(byte[] challenge) throws IOException {
        String words = new String(challenge, UTF_8).toLowerCase(Locale.ROOT);
        boolean asksForPassword = words.contains("pass");
        boolean asksForName = !asksForPassword && ASKS_FOR_NAME.matcher(words).matches();
        boolean password = asksForPassword || named && !(namedUnasked && asksForName);
        if (password ? proved : named && !namedUnasked) {
            throw new IOException("'" + Texts.escape(words) + "' comes after user name and password");
        }
        proved |= password;
        named |= !password;
        namedUnasked = !password && !asksForName;
        return (password ? connection.secret() : connection.how.credentials().user()).getBytes(UTF_8);
    }
}

/** SCRAM (RFC 5802): the server has to prove that it knows the password as well. */
final class Scram implements Mechanism {
    private static final int MOST_ITERATIONS = 1_000_000;
    private final ScramClient client;
    private int step;

    Scram(String name, String user, String password) {
        client = ScramClient.builder().advertisedMechanisms(List.of(name)).username(user).password(password.toCharArray())
                .build();
    }

    @Override
    public byte[] answer(byte[] challenge) throws IOException {
        String message = new String(challenge, UTF_8);
        step++;
        try {
            String answer = switch (step) {
                case 1 -> client.clientFirstMessage().toString();
                case 2 -> afterRounds(client.serverFirstMessage(message).getIterationCount());
                default -> {
                    client.serverFinalMessage(message);
                    yield "";
                }
            };
            return answer.getBytes(UTF_8);
        } catch (ScramException e) {
            throw new IOException(e.getMessage());
        }
    }

    private String afterRounds(int iterations) throws IOException {
        if (iterations > MOST_ITERATIONS) {
            throw new IOException(iterations + " rounds of hashing");
        }
        return client.clientFinalMessage().toString();
    }

    @Override
    public boolean satisfied() {
        return step == 3;
    }
}

// ---- 8.10 Routes ----------------------------------------------------------------------------------------------------

/** The ways to a server: to each of its addresses, or through a proxy that finds it. */
final class Route {
    static List<InetAddress> addresses(Where where, How how, Sinks sinks) {
        Reach reach = how.reach();
        if (reach.proxy().isPresent()) {
            InetSocketAddress proxy = (InetSocketAddress) reach.proxy().get().address();
            if (proxy.isUnresolved()) {
                throw unknown(proxy.getHostString());
            }
            return List.of(InetAddress.getLoopbackAddress());
        }
        if (where.address().isPresent()) {
            return List.of(where.address().get());
        }
        List<InetAddress> all = resolve(where, how, sinks.waiting()).orElseThrow(() -> unknown(where.host()));
        List<InetAddress> addresses = all.stream().filter(address -> isReachable(address, reach)).toList();
        if (addresses.isEmpty()) {
            reach.bind().map(InetAddress::getHostAddress).ifPresent(from -> {
                throw MailException.config(where.host() + " has no address that can be reached from " + from);
            });
            String family = reach.family() == Inet4Address.class ? "IPv4" : "IPv6";
            throw new MailException(Exit.NO_HOST, Stage.RESOLVE, where.host() + " has no " + family + " address");
        }
        return addresses;
    }

    static boolean isReachable(InetAddress address, Reach reach) {
        return reach.family().isInstance(address) && reach.bind().filter(own -> own.getClass() != address.getClass()).isEmpty();
    }

    private static Optional<List<InetAddress>> resolve(Where where, How how, Consumer<String> waiting) {
        try {
            return resolve(where.host(), how.rest(TimeLimit.CONNECT.of(where, how)), waiting);
        } catch (MailException e) {
            throw how.deadline().filter(Deadline::isOver).map(late -> late.passed(Stage.RESOLVE, where.host())).orElse(e);
        }
    }

    static Optional<List<InetAddress>> resolve(String host, Duration limit, Consumer<String> waiting) {
        return lookUp(host, limit, waiting, () -> List.of(InetAddress.getAllByName(host)));
    }

    /** None if there is no such name. It may take its time to find out that nobody answers, and can't be interrupted. */
    static <T> Optional<T> lookUp(String what, Duration limit, Consumer<String> waiting, Callable<T> source) {
        FutureTask<T> lookUp = new FutureTask<>(source);
        Watchdog watchdog = new Watchdog(() -> lookUp.cancel(false), waiting, () -> what + " to be found", limit, () -> false);
        watchdog.restart(limit);
        Watchdog.inBackground("look-up", lookUp);
        try {
            return Optional.of(lookUp.get());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownHostException) {
                return Optional.empty();
            }
            throw new MailException(Exit.TEMPORARY, Stage.RESOLVE, "can't find " + what + ": " + Texts.cause(e));
        } catch (CancellationException e) {
            String problem = what + " was not found within " + Texts.seconds(limit);
            throw new MailException(Exit.TEMPORARY, Stage.RESOLVE, problem).hint("check that this machine can look names up");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MailException(Exit.INTERRUPTED, Stage.RESOLVE, "interrupted");
        } finally {
            watchdog.stop();
        }
    }

    static MailException unknown(String host) {
        return new MailException(Exit.NO_HOST, Stage.RESOLVE, "no host is called " + host)
                .hint("check the name, and that this machine can look names up");
    }

    /** Whether it means something else, or nothing, elsewhere (RFC 1918, RFC 4193). */
    static boolean isPrivate(InetAddress address) {
        boolean unique = address instanceof Inet6Address && (address.getAddress()[0] & 0xfe) == 0xfc;
        boolean near = address.isLoopbackAddress() || address.isLinkLocalAddress() || address.isAnyLocalAddress();
        return unique || near || address.isSiteLocalAddress();
    }

    /** With {@code ::} for its first zeros (RFC 5952). */
    static String shown(InetAddress address) {
        return address.getHostAddress().replaceFirst("(^|:)(0(:|$)){2,}", "::");
    }

    /** A socket yet to be connected; one that goes by a proxy does not mind where to. */
    static Socket socket(Where where, Reach reach) {
        if (reach.proxy().isEmpty()) {
            return new Socket();
        }
        Proxy proxy = reach.proxy().get();
        boolean socks = proxy.type() == Proxy.Type.SOCKS;
        return new Socket(socks ? proxy : Proxy.NO_PROXY) {
            @Override
            public void connect(SocketAddress placeholder, int timeout) throws IOException {
                super.connect(socks ? InetSocketAddress.createUnresolved(where.host(), where.port()) : proxy.address(), timeout);
                if (!socks) {
                    tunnel(this, place(where.host(), where.port()));
                }
            }
        };
    }

    /** Asks an HTTP proxy to connect us (RFC 9110, 9.3.6); byte by byte, as what follows its header is the server's. */
    private static void tunnel(Socket proxy, String target) throws IOException {
        proxy.getOutputStream().write(("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n").getBytes(US_ASCII));
        StringBuilder header = new StringBuilder();
        while (header.indexOf("\r\n\r\n") < 0 && header.length() < Wire.LINE_LIMIT) {
            int octet = proxy.getInputStream().read();
            if (octet < 0) {
                throw new SocketException("the proxy closed the connection");
            }
            header.append((char) octet);
        }
        String status = header.toString().split("\r\n", 2)[0];
        if (!status.matches("HTTP/1\\.\\d 2.*")) {
            throw new SocketException("the proxy said '" + Texts.shortened(status) + "'");
        }
    }

    static String place(String host, int port) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    static String place(Proxy proxy) {
        InetSocketAddress address = (InetSocketAddress) proxy.address();
        return place(address.getHostString(), address.getPort());
    }

    /** The IP address that is written there; none if it is none, or its zone is not ours. */
    static Optional<InetAddress> literal(String address) {
        String octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
        boolean fits = address.matches("(" + octet + "\\.){3}" + octet + "|[0-9a-fA-F:.]*:[0-9a-fA-F:.%\\w]*");
        try {
            return fits ? Optional.of(InetAddress.getByName(address)) : Optional.empty();
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** What a balancer says for whom it connects (PROXY protocol, version 1), of {@code SRC:PORT DST:PORT}. */
    static String header(String given) {
        boolean six = given.strip().startsWith("[");
        String end = (six ? "\\[([0-9a-fA-F.]*:[0-9a-fA-F:.]*)]" : "([0-9.]+)") + ":(\\d{1,5})";
        Matcher parts = Pattern.compile(end + " +" + end).matcher(given.strip());
        if (!parts.matches() || literal(parts.group(1)).isEmpty() || literal(parts.group(3)).isEmpty()) {
            throw MailException.usage("--proxy-protocol does not take '" + given + "'")
                    .hint("write two ends of one family: '192.0.2.1:4711 192.0.2.2:25' or '[2001:db8::1]:4711 [2001:db8::2]:25'");
        }
        String ports = Given.port(parts.group(2)) + " " + Given.port(parts.group(4));
        return (six ? "PROXY TCP6 " : "PROXY TCP4 ") + parts.group(1) + " " + parts.group(3) + " " + ports;
    }

    static Proxy proxy(String url) {
        Matcher parts = Pattern.compile("(socks5|http)://(?:\\[([^]]+)]|([^:/@]+))(?::(\\d{1,5}))?/?").matcher(url);
        if (!parts.matches()) {
            throw MailException.usage("can't read the proxy '" + Given.withoutPassword(url) + "'")
                    .hint("write it as socks5://host[:port] or http://host[:port]");
        }
        boolean socks = parts.group(1).equals("socks5");
        int port = parts.group(4) == null ? (socks ? 1080 : 8080) : Given.port(parts.group(4));
        String host = parts.group(2) == null ? parts.group(3) : parts.group(2);
        return new Proxy(socks ? Proxy.Type.SOCKS : Proxy.Type.HTTP, new InetSocketAddress(host, port));
    }
}

// ---- 8.11 DNS -------------------------------------------------------------------------------------------------------

/** Asks name servers by the JDK's JNDI provider: the one at {@code HOST[:PORT]}, or with "" those of the system. */
record Dns(String server, Duration limit, Consumer<String> waiting) implements TextRecords {
    private static final Pattern SERVER = Pattern.compile("(\\[.+]|[^:/?#@\\[\\]\\s]+)(?::(\\d{1,5}))?");
    /** Quoted if it is empty or has a blank, quote or backslash: a string of a TXT record, as the provider shows it. */
    private static final Pattern STRING = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*+)\"|[^ ]++", Pattern.DOTALL);
    /** More have no end. */
    static final int MOST_ALIASES = 17;

    /** Each look-up has the time that a connection has. */
    static Dns at(String server, Optional<Duration> timeout, Consumer<String> waiting) {
        Duration limit = timeout.orElse(Duration.ofMinutes(1));
        Matcher parts = SERVER.matcher(Route.literal(server).isPresent() ? "[" + server + "]" : server);
        if (server.isEmpty()) {
            return new Dns("", limit, waiting);
        }
        if (!parts.matches()) {
            throw MailException.usage("can't read the name server '" + server + "'").hint("write it as HOST or HOST:PORT");
        }
        int port = Given.port(Objects.toString(parts.group(2), "53"));
        String host = parts.group(1).replaceAll("[\\[\\]]", "");
        InetAddress address = Route.resolve(host, limit, waiting).orElseThrow(() -> Route.unknown(host)).get(0);
        return new Dns(Route.place(address.getHostAddress(), port), limit, waiting);
    }

    boolean isOurs() {
        return !server.isEmpty();
    }

    /** As we write names: in small letters, without the dot of the root. */
    static String bare(String name) {
        return name.toLowerCase(Locale.ROOT).replaceFirst("(?<=.)[.]$", "");
    }

    /** Whether it is an address where a name belongs; the last label of a name is no number. */
    static boolean isAddress(String name) {
        return name.matches("(?s).*:.*|(.*\\.)?(\\d+|0x[0-9a-f]*)");
    }

    @Override
    public List<String> of(String name) {
        return found(name, "TXT").stream().map(Dns::joined).toList();
    }

    /** The texts of each name by one look-up, and all of them within the time that one has. */
    TextRecords once() {
        Deadline end = new Deadline(limit, "--timeout");
        Map<String, Supplier<List<String>>> known = new HashMap<>();
        return name -> known.computeIfAbsent(name, any -> asked(name, end)).get();
    }

    private Supplier<List<String>> asked(String name, Deadline end) {
        try {
            if (end.isOver()) {
                throw new MailException(Exit.TEMPORARY, Stage.RESOLVE, "no time is left to look up " + name);
            }
            List<String> texts = new Dns(server, end.left(), waiting).of(name);
            return () -> texts;
        } catch (MailException e) {
            return () -> {
                throw e;
            };
        }
    }

    private static String joined(String strings) {
        return STRING.matcher(strings).results()
                .map(one -> one.group(1) == null ? one.group() : one.group(1).replaceAll("(?s)\\\\(.)", "$1"))
                .collect(Collectors.joining());
    }

    /** What a name has, or the one that it stands for: not every server follows that itself. */
    List<String> found(String name, String type) {
        List<String> own = records(name, type).orElse(List.of());
        List<String> names = own.isEmpty() ? aliases(name) : List.of(name);
        return names.size() > 1 ? records(names.get(names.size() - 1), type).orElse(List.of()) : own;
    }

    /** The name, and those that it stands for by CNAME, one by one. */
    List<String> aliases(String name) {
        Function<String, Optional<String>> next = one -> records(one, "CNAME").flatMap(all -> all.stream().findFirst());
        return Stream.iterate(Optional.of(name), Optional::isPresent, one -> one.flatMap(next).map(Dns::bare))
                .flatMap(Optional::stream).limit(MOST_ALIASES).toList();
    }

    /** Its addresses, none if there is no such name. */
    Optional<List<InetAddress>> addresses(String name) {
        Optional<List<String>> four = records(name, "A");
        Optional<List<String>> six = records(name, "AAAA");
        Stream<String> both = Stream.of(four, six).flatMap(Optional::stream).flatMap(List::stream);
        return four.or(() -> six).map(any -> both.map(Route::literal).flatMap(Optional::stream).toList());
    }

    /** None if there is no such name, empty if it has no such records; throws (75) where the name server does not tell. */
    Optional<List<String>> records(String name, String type) {
        String at = isOurs() ? " at " + server : "";
        return Route.lookUp(type + " of " + name + at, limit, waiting, () -> ask(name, type)).flatMap(answer -> answer);
    }

    private Optional<List<String>> ask(String name, String type) throws NamingException {
        DirContext context = new InitialDirContext(new Hashtable<>(Map.of(
                Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory", Context.PROVIDER_URL, "dns://" + server)));
        try {
            var records = context.getAttributes(new CompositeName().add(name), new String[] {type}).get(type);
            List<?> found = records == null ? List.of() : Collections.list(records.getAll());
            return Optional.of(found.stream().map(String::valueOf).toList());
        } catch (NameNotFoundException | InvalidNameException e) {
            return Optional.empty();
        } finally {
            context.close();
        }
    }
}

// ---- 8.12 Time ------------------------------------------------------------------------------------------------------

/** How many minutes each step has where the user sets no limit: over SMTP and LMTP (RFC 5321, 4.5.3.2), and over POP3. */
enum TimeLimit {
    /** For each address, with the look-up of its name. */
    CONNECT(1, 1),
    HANDSHAKE(1, 1),
    GREETING(5, 1),
    /** The reply to any command that has no line of its own here. */
    COMMAND(5, 1),
    DATA(2, 1),
    /** 64 KB that the server takes; a KB that it gives. */
    BLOCK(3, 1),
    /** What the server does for good: it takes a message, or deletes those of a whole session. */
    END(10, 10);

    private final Duration smtp;
    private final Duration pop3;

    TimeLimit(int smtpMinutes, int pop3Minutes) {
        smtp = Duration.ofMinutes(smtpMinutes);
        pop3 = Duration.ofMinutes(pop3Minutes);
    }

    /** The user's own limit is that of every step. */
    Duration of(Where where, How how) {
        return how.timeout().orElse(where.protocol().isPop3() ? pop3 : smtp);
    }
}

/** Ends what outlasts its limit: the one bound that also ends a blocked write and a trickling peer. Says what takes long. */
final class Watchdog {
    private static final long LOOKS_EVERY_NANOS = 50_000_000;
    private static final long TOLD_AFTER_SECONDS = 10;
    private final Runnable end;
    private final Consumer<String> sink;
    private final Supplier<String> step;
    private final Duration block;
    private final BooleanSupplier late;
    private Duration limit = Duration.ZERO;
    private long since;
    private long told;
    private boolean waiting;
    private boolean expired;
    private volatile boolean stopped;

    /** The sink gets what is waited for: which step, for how long. A block of a content may take so long. */
    Watchdog(Runnable end, Consumer<String> sink, Supplier<String> step, Duration block, BooleanSupplier late) {
        this.end = end;
        this.sink = sink;
        this.step = step;
        this.block = block;
        this.late = late;
        inBackground("watchdog", this::watch);
    }

    static void inBackground(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** From now a block has its time; a step that was running is over. */
    void restart() {
        restart(block);
    }

    void restart(Duration step) {
        restartSince(System.nanoTime(), step);
    }

    synchronized void restartSince(long nanoTime, Duration step) {
        pause();
        since = nanoTime;
        limit = step;
        waiting = true;
    }

    /** Nobody is waiting for the server. */
    synchronized void pause() {
        waiting = false;
        tell(0, "");
    }

    synchronized boolean expired() {
        return expired;
    }

    /** Of the step that runs, or ran last. */
    synchronized Duration limit() {
        return limit;
    }

    void stop() {
        stopped = true;
        pause();
    }

    private void watch() {
        while (!stopped && !expired()) {
            LockSupport.parkNanos(LOOKS_EVERY_NANOS);
            look(System.nanoTime());
        }
        end.run();
    }

    synchronized void look(long nanoTime) {
        Duration waited = Duration.ofNanos(nanoTime - since);
        expired = waiting && (waited.compareTo(limit) >= 0 || late.getAsBoolean());
        if (expired) {
            pause();
        } else if (waiting && waited.toSeconds() >= TOLD_AFTER_SECONDS) {
            String time = Texts.clock(waited.toSeconds()) + " of " + Texts.clock(limit.toSeconds());
            tell(waited.toSeconds(), "waiting for " + step.get() + ", " + time);
        }
    }

    /** Once a second; 0 seconds end it. */
    private void tell(long seconds, String line) {
        if (seconds != told) {
            told = seconds;
            sink.accept(line);
        }
    }
}

// ---- 8.13 Octets that came ------------------------------------------------------------------------------------------

/** Octets that came over a connection, as long as nobody has taken them. */
final class Arrivals {
    private static final long GLANCE_NANOS = 100_000;
    private final Socket raw;
    private final byte[] octets = new byte[BlockOutput.BLOCK];
    private Socket socket;
    private InputStream input;
    private int next;
    private int filled;

    Arrivals(Socket raw) {
        this.raw = raw;
    }

    /** They come by this socket from now on. */
    void use(Socket current) throws IOException {
        socket = current;
        input = current.getInputStream();
    }

    /** Waits until so many are at hand. */
    void await(int count) throws LostConnection {
        try {
            while (filled - next < count) {
                awaitAwake();
                receive();
            }
        } catch (IOException e) {
            throw new LostConnection(e);
        }
    }

    /** A near server answers sooner than a thread is put to sleep and woken, so look for the answer a moment first. */
    private void awaitAwake() throws IOException {
        long until = System.nanoTime() + GLANCE_NANOS;
        InputStream arriving = raw.getInputStream();
        while (arriving.available() == 0 && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    private void receive() throws IOException {
        System.arraycopy(octets, next, octets, 0, filled - next);
        filled -= next;
        next = 0;
        int count = input.read(octets, filled, octets.length - filled);
        if (count < 0) {
            throw new EOFException("the server closed it");
        }
        filled += count;
    }

    /** Whether there are any, also inside TLS. */
    boolean areThere() throws LostConnection {
        try {
            return next < filled || input.available() > 0
                    || socket != raw && raw.getInputStream().available() > 0 && look(1);
        } catch (IOException e) {
            throw new LostConnection(e);
        }
    }

    /** Bytes below TLS may be a session ticket only, so look whether they hold anything for us. */
    boolean look(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            receive();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            socket.setSoTimeout(0);
        }
    }

    boolean beginWithDot() {
        return next < filled && octets[next] == '.';
    }

    /** Whether a dot comes next, and CRLF. */
    boolean beginWithEnd() {
        return beginWithDot() && octets[next + 1] == '\r' && octets[next + 2] == '\n';
    }

    void skip(int count) {
        next += count;
    }

    /** Waits for an LF, which is not among so many octets that were looked at; says how many there are up to it, and it. */
    int awaitLineFeed(int looked, int limit) throws IOException {
        int end = indexOf('\n', next + looked);
        while (end == filled && end - next <= limit) {
            int all = end - next;
            await(all + 1);
            end = indexOf('\n', next + all);
        }
        if (end - next > limit) {
            throw new MalformedReply("a line of over " + limit / 1024 + " KB");
        }
        return end + 1 - next;
    }

    /** Whether so many octets end with CRLF, if they end with LF. */
    boolean endWithCrLf(int count) {
        return count > 1 && octets[next + count - 2] == '\r';
    }

    /** Hands over so many octets but for the last of them. */
    String take(int count, int last, Charset charset) {
        String text = new String(octets, next, count - last, charset);
        next += count;
        return text;
    }

    /** Hands over all up to a line that begins with a dot, or to where it is too early to tell; how many. */
    int takeLines(OutputStream out) throws IOException {
        int end = indexOf('\r', next);
        while (end + 2 < filled && !(octets[end + 1] == '\n' && octets[end + 2] == '.')) {
            end = indexOf('\r', end + 1);
        }
        end += end + 2 < filled ? 2 : 0;
        int count = end - next;
        out.write(octets, next, count);
        next = end;
        return count;
    }

    private int indexOf(char wanted, int from) {
        byte[] all = octets;
        int end = filled;
        int at = from;
        while (at < end && all[at] != wanted) {
            at++;
        }
        return at;
    }
}

// ---- 8.14 Wire ------------------------------------------------------------------------------------------------------

/** Lines and contents over one connection; every line, reply and 64 KB has its bound in bytes and time. */
final class Wire {
    static final int LINE_LIMIT = 8 * 1024;
    /** Octets that end a content: a dot and CRLF. Until they are read, as many are always to come. */
    private static final int END = 3;
    private final Socket raw;
    private final Watchdog watchdog;
    private final Transcript transcript;
    private final Arrivals arrivals;
    private final byte[] outbox = new byte[BlockOutput.BLOCK];
    private OutputStream output;
    private int waiting;
    /** Octets of a content, and how many of them there were when its time last began anew. */
    private long taken;
    private long watched;
    /** Told of each KB of the next content how many octets have come. */
    LongConsumer coming = octets -> { };

    Wire(Socket raw, Watchdog watchdog, Transcript transcript) {
        this.raw = raw;
        this.watchdog = watchdog;
        this.transcript = transcript;
        arrivals = new Arrivals(raw);
    }

    /** Goes on over this socket, as the library makes a new one for a handshake. */
    void use(Socket current) throws IOException {
        arrivals.use(current);
        output = current.getOutputStream();
    }

    // ---- Reading ----

    /** The next line, which ends within so many octets; a bare LF ends it too. */
    String readLine(int limit) throws IOException {
        int length = arrivals.awaitLineFeed(0, limit);
        String text = arrivals.take(length, arrivals.endWithCrLf(length) ? 2 : 1, UTF_8);
        transcript.received(text);
        return text;
    }

    /** The lines of a multi-line reply up to its lone dot, without the dots that were put before others. */
    void readLines(int lineLimit, long limit, Charset charset, IOConsumer<String> each) throws IOException {
        beginContent();
        String text = readContentLine(lineLimit, charset);
        while (!text.equals(".")) {
            take(text.length() + 2, limit);
            text = text.startsWith(".") ? text.substring(1) : text;
            transcript.received(text);
            each.accept(text);
            text = readContentLine(lineLimit, charset);
        }
        watchdog.pause();
    }

    /** As in any content, only CRLF ends it. */
    private String readContentLine(int limit, Charset charset) throws IOException {
        int length = arrivals.awaitLineFeed(0, limit);
        while (!arrivals.endWithCrLf(length)) {
            length = arrivals.awaitLineFeed(length, limit);
        }
        return arrivals.take(length, 2, charset);
    }

    /**
     * The content of a multi-line reply up to its lone dot, without the dots that were put before others (RFC 1939, 3). A dot
     * between bare LFs is content, or a message could end where another program sees no end. Each KB has its time.
     */
    void readContent(OutputStream out, long limit) throws IOException {
        beginContent();
        boolean atLineStart = true;
        arrivals.await(END);
        while (!(atLineStart && arrivals.beginWithEnd())) {
            arrivals.skip(atLineStart && arrivals.beginWithDot() ? 1 : 0);
            take(arrivals.takeLines(out), limit);
            atLineStart = arrivals.beginWithDot();
            arrivals.await(END);
        }
        arrivals.skip(END);
        watchdog.pause();
        coming = octets -> { };
    }

    private void beginContent() {
        taken = 0;
        watched = 0;
        watchdog.restart();
    }

    private void take(int octets, long limit) throws MalformedReply {
        taken += octets;
        if (taken > limit) {
            throw new MalformedReply("more than " + limit + " octets");
        }
        if (taken - watched >= 1024) {
            watched = taken;
            watchdog.restart();
            coming.accept(taken);
        }
    }

    /** Whether the server has said something that nobody has read. */
    boolean hasUnreadInput() throws LostConnection {
        return arrivals.areThere();
    }

    /** Sends what waits, and waits a moment for the server to say something; throws if it has gone. */
    void listen() throws IOException {
        flush();
        if (!arrivals.areThere()) {
            arrivals.look(50);
        }
    }

    // ---- Writing ----

    /** Puts a command line into the next flight; the transcript gets it as it is to be shown. */
    void writeLine(String line, String shown) throws IOException {
        if (Texts.hasControl(line)) {
            throw new MailException(Exit.DATA, Stage.INPUT, "a command has a control character: '" + Texts.escape(shown) + "'");
        }
        byte[] bytes = (line + "\r\n").getBytes(UTF_8);
        transcript.sent(shown);
        write(bytes, 0, bytes.length);
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
        for (int from = offset; from < offset + length;) {
            if (waiting == outbox.length) {
                flush();
            }
            int size = Math.min(offset + length - from, outbox.length - waiting);
            System.arraycopy(bytes, from, outbox, waiting, size);
            waiting += size;
            from += size;
        }
    }

    void flush() throws LostConnection {
        int size = waiting;
        waiting = 0;
        if (size == 0) {
            return;
        }
        watchdog.restart();
        try {
            output.write(outbox, 0, size);
            output.flush();
        } catch (IOException e) {
            throw new LostConnection(e);
        }
        watchdog.pause();
    }

    /** Breaks the connection so that the server can't take what it has for a whole message. */
    void abort() {
        waiting = 0;
        Disk.closeQuietly(raw);
    }

    boolean isClosed() {
        return raw.isClosed();
    }
}

// ---- 8.15 By hand ---------------------------------------------------------------------------------------------------

/** What a person or script asks over an open session: line by line, each with its whole reply, so that both stay in step. */
final class ByHand {
    /** What POP3 answers by more than a line; some list their mechanisms, and languages (RFC 6856, 3.2). */
    private static final String WITH_CONTENT = "(?i)(CAPA|LIST|UIDL|AUTH|LANG|(RETR|TOP)\\s.*)\\s*";
    /** Octets of a line of it, and how many are kept; all are shown. */
    private static final int LONGEST_LINE = 60_000;
    private static final int MOST_LINES = 250_000;
    private static final Pattern WITH_SECRET = Pattern.compile("(?i)(\\s*(?:AUTH\\s*\\S+|PASS|APOP\\s+\\S+)\\s+)(\\S.*)");
    private static final String NO_SECRET = "(?i)\\s*(NOOP|VRFY|EXPN|HELP|XCLIENT)\\b.*";
    private static final Map<String, String> STAGES = Map.of("HELO", "EHLO", "LHLO", "EHLO", "STARTTLS", "TLS", "STLS", "TLS",
            "USER", "AUTH", "PASS", "AUTH", "APOP", "AUTH", "BDAT", "DATA", "STAT", "LIST", "UIDL", "LIST");
    private final Connection connection;
    private String command = "";
    /** AUTH was said, and since then nothing but what may belong to it. */
    private boolean inLogin;
    /** Recipients of the next message; over LMTP each has a reply of its own (RFC 2033, 4.2). */
    private int accepted;

    ByHand(Connection connection) {
        this.connection = connection;
    }

    /** Once the session has lost step it is over, and if that was at the end of a message nobody knows what became of it. */
    <T> T inStep(IOFunction<ByHand, T> talk) {
        try {
            return talk.apply(this);
        } catch (IOException e) {
            MailException why = connection.explain(e);
            connection.drop();
            throw isInMessage() && command.equals(".") ? MailException.unknown(why) : why;
        }
    }

    /** Says a command, what a login asks for, or the end of a message, and reads the reply. */
    Reply ask(String line) throws IOException {
        boolean responds = connection.last.asksOn();
        Stage stage = responds ? Stage.AUTH : isInMessage() ? Stage.DATA : stageOf(line);
        boolean secret = responds || inLogin && stage == Stage.INPUT && !line.matches(NO_SECRET);
        begin(stage, responds ? command : line);
        inLogin = secret || stage == Stage.AUTH;
        connection.wire.writeLine(line, shown(line, secret));
        return answers();
    }

    /** Says a text in base64, as a login asks for it. */
    Reply respond(String text) throws IOException {
        inLogin = true;
        return ask(Base64.getEncoder().encodeToString(text.getBytes(UTF_8)));
    }

    /** Sends octets as they are, and reads a reply. */
    Reply raw(byte[] octets) throws IOException {
        String text = new String(octets, ISO_8859_1).strip();
        begin(stageOf(text), text);
        connection.transcript.sent("(" + octets.length + " octets)");
        connection.wire.write(octets, 0, octets.length);
        return answers();
    }

    /** A line of a message as it stands, a letter for each octet. */
    void put(String line) throws IOException {
        hear();
        byte[] octets = (line + "\r\n").getBytes(ISO_8859_1);
        connection.transcript.sent(new String(octets, UTF_8).strip());
        connection.wire.write(octets, 0, octets.length);
    }

    /** What the server says unasked; in the middle of a message that is its end, as nobody knows how the rest would be taken. */
    void hear() throws IOException {
        while (!connection.isOver() && connection.wire.hasUnreadInput()) {
            boolean inMessage = isInMessage();
            begin(Stage.INPUT, "");
            Reply reply = connection.masked(answers());
            if (inMessage) {
                connection.drop();
                throw MailException.refused(Stage.DATA, connection.where.host() + " broke off the message", reply);
            }
        }
    }

    void logIn() throws IOException {
        if (!connection.how.credentials().wanted()) {
            throw MailException.usage("no user to log in as").hint("give -u USER");
        }
        connection.opening.hello();
        connection.opening.logIn();
    }

    /** Whether all that goes out now is a message. */
    boolean isInMessage() {
        return connection.last.code() == 354;
    }

    /** Whether a command can be said. */
    boolean isFree() {
        return !connection.isOver() && !isInMessage() && !connection.last.asksOn();
    }

    /** Without a word where none can be said. */
    void leave() {
        if (isFree()) {
            connection.sayGoodbye();
        }
        connection.drop();
    }

    private void begin(Stage stage, String what) {
        if (connection.isOver()) {
            throw new MailException(Exit.TEMPORARY, stage, "the session with " + connection.where.host() + " is over");
        }
        connection.stage = stage;
        command = what;
    }

    static Stage stageOf(String line) {
        String verb = line.strip().split("\\s", 2)[0].toUpperCase(Locale.ROOT);
        String name = STAGES.getOrDefault(verb, verb);
        return Stream.of(Stage.values()).filter(stage -> stage.name().equals(name)).findFirst().orElse(Stage.INPUT);
    }

    /** Without secrets, which are masked from now on, also in plain text; an asterisk cancels (RFC 4954, 4). */
    private String shown(String line, boolean secret) {
        Matcher said = WITH_SECRET.matcher(line);
        if (!said.matches() && !secret || line.equals("*")) {
            return line;
        }
        String words = secret ? line : said.group(2);
        String askedFor = secret ? plain(connection.last.text()) : line.replaceFirst("(?i)^\\s*AUTH\\s+LOGIN\\b", "user");
        connection.transcript.mask(words);
        connection.transcript.mask(askedFor.toLowerCase(Locale.ROOT).startsWith("user") ? words : plain(words));
        return secret ? "****" : said.group(1) + "****";
    }

    /** What base64 stands for; of what PLAIN says the password alone (RFC 4616, 2). */
    private static String plain(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), UTF_8).replaceFirst("(?s).*\0", "");
        } catch (IllegalArgumentException e) {
            return base64;
        }
    }

    /** The reply that is due, or over LMTP those to a message. */
    private Reply answers() throws IOException {
        boolean ends = isInMessage() && command.equals(".") || connection.stage == Stage.QUIT;
        connection.wire.flush();
        for (int due = ends && connection.where.protocol() == Protocol.LMTP ? Math.max(1, accepted) : 1; due > 0; due--) {
            answer(ends ? TimeLimit.END : TimeLimit.COMMAND);
        }
        return connection.last;
    }

    /** A reply, and what to do about it where it is a refusal. */
    private void answer(TimeLimit limit) throws IOException {
        Reply reply = connection.readReply(connection.stage, limit);
        List<String> content = new ArrayList<>();
        if (reply.status().equals("+OK") && command.matches(WITH_CONTENT)) {
            connection.wire.readLines(LONGEST_LINE, Long.MAX_VALUE, UTF_8, line ->
                    content.addAll(content.size() < MOST_LINES ? List.of(line) : List.of()));
        }
        connection.last = reply.with(content);
        String asked = command + (connection.loggedIn ? "" : " without login");
        String hint = Hints.of(connection.stage, asked, connection.where.host(), reply);
        if (!hint.isEmpty() && (reply.temporary() || reply.permanent())) {
            connection.transcript.note(hint);
        }
        follow(connection.stage, reply);
    }

    /** What a reply means for what comes next. */
    private void follow(Stage stage, Reply reply) throws IOException {
        boolean yes = reply.positive();
        connection.loggedIn |= yes && stage == Stage.AUTH;
        inLogin &= !yes;
        accepted = !yes || stage == Stage.INPUT ? accepted : stage == Stage.RCPT ? accepted + 1 : 0;
        if (yes && stage == Stage.TLS) {
            connection.opening.startTls(reply);
        }
        if (reply.code() == 421 || stage == Stage.QUIT && !reply.status().startsWith("5")) {
            connection.drop();
        }
        if (reply.code() == 421) {
            throw MailException.refused(stage, connection.where.host() + " ended the session", connection.masked(reply));
        }
    }
}

// ==== 9. Messages that go ============================================================================================
// Composes messages, or takes ready ones, and makes their envelopes.

// ---- 9.1 Letters ----------------------------------------------------------------------------------------------------

/** What a message is to be made of, or a ready one; people by the field that names them. */
record Letter(Map<String, List<Address>> people, String domain, String id, Optional<String> subject, List<Field> headers,
        Optional<String> text, Optional<String> html, List<AttachedFile> attachments, List<AttachedFile> inlines,
        Optional<IOSupplier<InputStream>> eml, Wishes wishes, List<String> warnings) {
    List<Address> people(String field) {
        return people.getOrDefault(field, List.of());
    }

    /** Checks all of it and fixes Date and Message-ID, so that what is sent twice is the same message. */
    Prepared prepared() {
        if (!inlines.isEmpty() && html.isEmpty() && eml.isEmpty()) {
            throw MailException.usage("--inline without HTML, so nothing would show it")
                    .hint("give --html or --html-file, or attach it");
        }
        return eml.isPresent() ? ReadyMessage.prepare(this) : Composer.prepare(this);
    }
}

/** What is asked of the envelope beside its recipients; "" for nothing. */
record Wishes(Optional<String> reversePath, String notices, String ret, String envid, boolean allOrNothing) {
    /** With those of another where nothing is wished. */
    Wishes or(Wishes other) {
        return new Wishes(reversePath.or(other::reversePath), notices.isEmpty() ? other.notices : notices,
                ret.isEmpty() ? other.ret : ret, envid.isEmpty() ? other.envid : envid, allOrNothing || other.allOrNothing);
    }
}

/** Composes a message: its header from what the mail says, its multiparts by Commons Email, each part by itself. */
final class Composer {
    static Prepared prepare(Letter letter) {
        List<Address> from = Addresses.of(letter, "From");
        if (from.isEmpty()) {
            throw MailException.usage("no sender").hint("give -f ADDRESS");
        }
        String sender = Addresses.bare(from).findFirst().orElseThrow(() -> MailException.data("nobody is in the sender group"));
        Envelope envelope = Envelopes.of(letter, sender, Addresses.recipients(letter));
        Optional<Field> ownId = own(letter, "Message-ID");
        String messageId = ownId.isPresent() ? ownId.get().value() : Envelopes.messageId(letter.id(), sender);
        try {
            return prepared(messageId, envelope, header(letter, from, messageId), body(letter), List.copyOf(letter.warnings()));
        } catch (MessagingException | IOException e) {
            throw MailException.data("can't compose the message: " + Texts.cause(e));
        }
    }

    private static Optional<Field> own(Letter letter, String name) {
        return letter.headers().stream().filter(field -> field.name().equalsIgnoreCase(name)).findFirst();
    }

    /** The user's fields stand in for ours of the same name; several of one name stay several. */
    private static String header(Letter letter, List<Address> from, String messageId) {
        StringBuilder header = new StringBuilder(512);
        add(header, letter, "Date", MailDates.now());
        add(header, letter, "From", Addresses.list("From", from));
        add(header, letter, "Sender", from.size() > 1 ? Addresses.list("Sender", List.of(from.get(0))) : "");
        for (String field : List.of("Reply-To", "To", "Cc")) {
            add(header, letter, field, Addresses.list(field, Addresses.of(letter, field)));
        }
        if (letter.subject().isPresent()) {
            append(header, "Subject", Words.text("Subject", letter.subject().get()));
        }
        add(header, letter, "Message-ID", messageId);
        add(header, letter, "MIME-Version", "1.0");
        for (Field field : letter.headers()) {
            append(header, field.name(), field.encoded());
        }
        return header.toString();
    }

    private static void add(StringBuilder header, Letter letter, String name, String value) {
        if (!value.isEmpty() && own(letter, name).isEmpty()) {
            append(header, name, value);
        }
    }

    private static void append(StringBuilder header, String name, String value) {
        header.append(name).append(": ").append(value).append("\r\n");
    }

    private static Prepared prepared(String messageId, Envelope envelope, String header, Part body, List<String> warnings)
            throws IOException {
        byte[] head = (header + body.header() + "\r\n").getBytes(UTF_8);
        CanonicalLines seen = new CanonicalLines(OutputStream.nullOutputStream());
        seen.write(head);
        if (seen.longest > CanonicalLines.MAX_LINE) {
            throw MailException.data("a line of the header would have more than 998 octets").hint("shorten names and addresses");
        }
        Source source = out -> {
            out.write(head);
            body.content().writeTo(out);
        };
        Tally tally = new Tally();
        source.writeTo(tally);
        boolean utf8 = seen.eightBit || Envelopes.needUtf8(envelope);
        return new Composed(messageId, envelope, tally.count, utf8 || body.isEightBit(), utf8, warnings, source);
    }

    /** Alternatives, the richest last, within what is related to them within what is attached (RFC 2046, 5.1; RFC 2387). */
    private static Part body(Letter letter) throws MessagingException, IOException {
        List<AttachedFile> invitation = letter.attachments().stream().filter(AttachedFile::isInvitation).toList();
        List<AttachedFile> attached = letter.attachments().stream().filter(file -> !file.isInvitation()).toList();
        List<Part> forms = new ArrayList<>();
        boolean oneForm = letter.text().isEmpty() || letter.html().isEmpty();
        boolean alone = oneForm && letter.inlines().isEmpty() && letter.attachments().isEmpty();
        boolean hasText = letter.text().filter(text -> invitation.isEmpty() || !text.isEmpty()).isPresent();
        if (hasText || letter.html().isEmpty() && invitation.isEmpty()) {
            forms.add(Part.text(letter.text().orElse(""), "plain", alone));
        }
        if (letter.html().isPresent()) {
            forms.add(Part.text(letter.html().get(), "html", alone));
        }
        addAll(invitation, forms, letter);
        List<Part> related = new ArrayList<>(List.of(together("alternative", forms)));
        addAll(letter.inlines(), related, letter);
        List<Part> mixed = new ArrayList<>(List.of(together("related", related)));
        addAll(attached, mixed, letter);
        return together("mixed", mixed);
    }

    private static void addAll(List<AttachedFile> files, List<Part> parts, Letter letter) throws MessagingException, IOException {
        for (AttachedFile file : files) {
            parts.add(file.part(letter.warnings()));
        }
    }

    private static Part together(String subtype, List<Part> parts) throws MessagingException {
        return parts.size() == 1 ? parts.get(0) : Multipart.of(subtype, parts);
    }
}

/** Several parts as one, made by Commons Email. */
final class Multipart extends MultiPartEmail {
    static Part of(String subtype, List<Part> parts) throws MessagingException {
        MimeMultipart container = new Multipart().getContainer();
        container.setSubType(subtype);
        for (Part part : parts) {
            container.addBodyPart(written(part));
        }
        String encoding = parts.stream().anyMatch(Part::isEightBit) ? Part.EIGHT_BIT : "";
        return new Part("Content-Type: " + container.getContentType() + "\r\n" + encoding, out -> {
            try {
                container.writeTo(out);
            } catch (MessagingException e) {
                throw new IOException(e);
            }
        });
    }

    /** A body part that leaves the writing to ours. */
    private static MimeBodyPart written(Part part) {
        return new MimeBodyPart() {
            @Override
            public void writeTo(OutputStream out) throws IOException {
                part.writeTo(out);
            }
        };
    }
}

// ---- 9.2 Parts ------------------------------------------------------------------------------------------------------

/** A part of a message: its header and its content, encoded. */
record Part(String header, Source content) {
    static final String EIGHT_BIT = "Content-Transfer-Encoding: 8bit\r\n";

    /**
     * Text in UTF-8, in the encoding that leaves it most readable (RFC 2045, 6). What stands alone ends with a line end, as a
     * message does; in a multipart the line end belongs to the boundary (RFC 2046, 5.1.1).
     */
    static Part text(String text, String subtype, boolean alone) throws IOException, MessagingException {
        return text(text, "text/" + subtype + "; charset=UTF-8", "quoted-printable", alone);
    }

    /** What is mostly text in an encoding for that, unless it can go as it is. */
    static Part text(String text, String type, String forText, boolean alone) throws IOException, MessagingException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(text.length() + text.length() / 16);
        CanonicalLines lines = new CanonicalLines(octets);
        lines.write(text.getBytes(UTF_8));
        if (text.endsWith("\r")) {
            lines.finish();
        }
        boolean mostlyText = lines.unprintable <= lines.size / 4;
        boolean asItIs = lines.unprintable == 0 && lines.longest <= CanonicalLines.MAX_LINE;
        String encoding = asItIs ? "7bit" : mostlyText ? forText : "base64";
        byte[] encoded = asItIs ? octets.toByteArray() : encoded(octets, encoding);
        boolean lineEnds = encoded.length == 0 || encoded[encoded.length - 1] == '\n';
        return new Part("Content-Type: " + type + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n", out -> {
            out.write(encoded);
            out.write(CanonicalLines.CRLF, 0, alone && !lineEnds ? 2 : 0);
        });
    }

    private static byte[] encoded(ByteArrayOutputStream octets, String encoding) throws IOException, MessagingException {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream(octets.size() * 3 / 2);
        OutputStream encoder = MimeUtility.encode(encoded, encoding);
        octets.writeTo(encoder);
        encoder.flush();
        return encoded.toByteArray();
    }

    boolean isEightBit() {
        return header.contains("\r\n" + EIGHT_BIT);
    }

    void writeTo(OutputStream out) throws IOException {
        out.write((header + "\r\n").getBytes(UTF_8));
        content.writeTo(out);
    }
}

/** One header field that the user adds. */
record Field(String name, String value) {
    private static final String FOLLOWS = "it follows from the message";
    private static final Map<String, String> SET_OTHERWISE = Map.of("from", "use -f", "to", "use -t", "cc", "use --cc",
            "bcc", "use --bcc", "resent-bcc", "use --bcc", "reply-to", "use --reply-to", "subject", "use -s",
            "mime-version", FOLLOWS, "content-type", FOLLOWS, "content-transfer-encoding", FOLLOWS);
    private static final Pattern FIELD = Pattern.compile("([!-9;-~]+)\\s*:\\s*(.*)");
    private static final Pattern ADDRESSES = Pattern.compile(
            "(?i)(resent-)?(sender|from|to|cc)|disposition-notification-to|return-receipt-to|mail-followup-to");

    static Field parse(String field) {
        Matcher parts = FIELD.matcher(Texts.plain(Exit.DATA, "the header", field));
        if (!parts.matches()) {
            throw MailException.usage("can't read the header '" + field + "'").hint("write it as 'Name: value'");
        }
        String otherwise = SET_OTHERWISE.get(parts.group(1).toLowerCase(Locale.ROOT));
        if (otherwise != null) {
            throw MailException.usage("the header " + parts.group(1) + " is not set by -H").hint(otherwise);
        }
        if (parts.group(2).isEmpty() && parts.group(1).matches("(?i)date|message-id")) {
            throw MailException.usage("the header " + parts.group(1) + " is empty").hint("leave it out to get a new one");
        }
        return new Field(parts.group(1), parts.group(2));
    }

    static boolean hasAddresses(String name) {
        return ADDRESSES.matcher(name).matches();
    }

    /** The value as it goes out. */
    String encoded() {
        return hasAddresses(name) ? Addresses.list(name, Addresses.parse(name, value)) : Words.text(name, value);
    }
}

/** The images that HTML shows by {@code cid:ID} (RFC 2392), as browsers read it, beside those that go with it. */
final class ContentIds {
    /** Comments, but for those that Outlook reads; styles; tags. What stands between these shows nothing. */
    private static final Pattern MARKUP = Pattern.compile("(?is)<!--(?!\\[if|>).*?(?:-->|\\z)|<style\\b.*?(?:</style|\\z)"
            + "|<[a-z](?:\"[^\"]*+\"|'[^']*+'|[^\"'>]++)*+");
    private static final Pattern REFERENCE = Pattern.compile("(?i)(?<![\\w-])cid:([^\\s\"'<>(),&]+)");

    static void compare(String html, List<AttachedFile> inlines, Consumer<String> remarks) {
        Stream<MatchResult> markup = REFERENCE.matcher(html).find() ? MARKUP.matcher(html).results() : Stream.empty();
        List<String> shown = markup.map(MatchResult::group).filter(found -> !found.startsWith("<!--"))
                .flatMap(found -> REFERENCE.matcher(found).results().map(id -> decoded(id.group(1)))).distinct().toList();
        List<String> there = inlines.stream().map(AttachedFile::contentId).toList();
        shown.stream().filter(id -> !there.contains(id)).forEach(id ->
                remarks.accept("the HTML shows cid:" + id + ", but there is no --inline " + id + "=FILE"));
        there.stream().filter(id -> !shown.contains(id)).forEach(id ->
                remarks.accept("the HTML does not show --inline " + id + ", as <img src=\"cid:" + id + "\"> would"));
    }

    /** A percent sign that encodes nothing stands for itself. */
    private static String decoded(String id) {
        return URLDecoder.decode(id.replace("+", "%2B").replaceAll("%(?!\\p{XDigit}{2})", "%25"), UTF_8);
    }
}

// ---- 9.3 Attachments ------------------------------------------------------------------------------------------------

/** A file that goes with the message, with its name as RFC 2231 wants it: in base64, or a message as it is. */
record AttachedFile(Path file, long size, String type, String encoding, String name, String contentId) {
    private static final int OCTETS_PER_LINE = 57;
    private static final int BEGINNING = 64 * 1024;
    private static final String UNKNOWN = "application/octet-stream";
    /** Those that the JDK does not know, or not every one. */
    private static final Map<String, String> TYPES = Map.of("log", "text/plain", "md", "text/markdown", "csv", "text/csv",
            "ics", "text/calendar", "patch", "text/x-patch", "diff", "text/x-patch", "json", "application/json",
            "yaml", "application/yaml", "yml", "application/yaml", "eml", "message/rfc822");

    static AttachedFile parse(String given) {
        Texts.plain(Exit.DATA, "the attachment", given);
        String file = Inputs.exists(given) ? given : given.split(";", 2)[0];
        String name = file.equals("-") ? "" : String.valueOf(Inputs.readable(file).getFileName());
        return of(Inputs.spooled(file), name, Attributes.of(given, file.length()));
    }

    /** With its media type and the parameters of that, if they are not to be found out. */
    static AttachedFile of(Path file, String name, String... type) {
        String whole = type.length == 0 ? "" : ";type=" + Texts.plain(Exit.DATA, "the media type", String.join(";", type));
        return of(file, Texts.known("the attachment's name", name), Attributes.of(whole, 0));
    }

    /** As a message, unless no mail server would take it as one. */
    static AttachedFile ofMessage(Path file, String subject) {
        boolean fits = isMail(lines(file));
        String name = subject.replaceAll("[\\p{Cc}\\p{Cs}/\\\\: ]+", " ").strip();
        return of(file, (name.isEmpty() ? "message" : name) + ".eml", fits ? "message/rfc822" : UNKNOWN);
    }

    static AttachedFile of(Path file, String called, Map<String, String> attributes) {
        Lazy<CanonicalLines> lines = new Lazy<>(() -> lines(file));
        String usual = called.isEmpty() ? nameOfStdin(attributes, file, lines) : called;
        String last = attributes.getOrDefault("name", usual).replaceFirst("(?s).*/", "");
        String name = Texts.plain(Exit.DATA, "the attachment's name", last);
        if (name.isEmpty()) {
            throw MailException.usage("the attachment '" + file + "' has an empty name");
        }
        String type = attributes.containsKey("type") ? attributes.get("type") : guessed(name, file, lines);
        if (!type.matches("[\\w!#$&^.+-]+/[\\w!#$&^.+-]+")) {
            throw MailException.usage("'" + type + "' is no media type").hint("write it as text/csv");
        }
        String charset = attributes.containsKey("charset") ? attributes.get("charset")
                : Inputs.reading(Exit.IO, file.toString(), () -> charset(type, file));
        if (!charset.matches("[\\w.:+-]*")) {
            throw MailException.usage("'" + charset + "' is no charset").hint("write it as UTF-8");
        }
        String described = Attributes.described(type + (charset.isEmpty() ? "" : "; charset=" + charset), attributes);
        AttachedFile attached = new AttachedFile(file, Inputs.size(file), described, encoding(type, file, lines), name, "");
        boolean invitation = attributes.containsKey("method") && described.matches("(?is)text/calendar;.*");
        return invitation ? attached.asInvitation(attributes) : attached;
    }

    /** A form of the message in UTF-8, without a name, so that mail programs show it with its buttons (RFC 6047, 2.4). */
    private AttachedFile asInvitation(Map<String, String> attributes) {
        if (attributes.containsKey("name") || !attributes.getOrDefault("charset", "UTF-8").equalsIgnoreCase("UTF-8")) {
            throw MailException.usage("an invitation has no name and is in UTF-8")
                    .hint("leave out ;name and ;charset, or ;method");
        }
        String inUtf8 = type.contains("; charset=") ? type : type.replaceFirst(";", "; charset=UTF-8;");
        return new AttachedFile(file, size, inUtf8, "", "", "");
    }

    /** Only this has no name. */
    boolean isInvitation() {
        return name.isEmpty();
    }

    private static String nameOfStdin(Map<String, String> attributes, Path file, Supplier<CanonicalLines> lines) {
        boolean text = !lines.get().nul && !Inputs.reading(Exit.IO, "-", () -> charset("text/plain", file)).isEmpty();
        return "stdin" + SafeName.usualEnding(attributes.getOrDefault("type", text ? "text/plain" : UNKNOWN));
    }

    /** By the name's ending; a message is only called one if that does not change it, nor asks for 8BITMIME. */
    private static String guessed(String name, Path file, Supplier<CanonicalLines> lines) {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        String known = URLConnection.guessContentTypeFromName(name);
        String type = TYPES.getOrDefault(ending, known == null ? UNKNOWN : known);
        if (!type.startsWith("message/")) {
            return type;
        }
        CanonicalLines seen = lines.get();
        return isMail(seen) && !seen.eightBit && seen.size == Inputs.size(file) ? type : UNKNOWN;
    }

    /** Of a text whose beginning is UTF-8; else nobody knows. */
    private static String charset(String type, Path file) throws IOException {
        if (!type.startsWith("text/")) {
            return "";
        }
        try (InputStream in = Files.newInputStream(file)) {
            ByteBuffer beginning = ByteBuffer.wrap(in.readNBytes(BEGINNING));
            return UTF_8.newDecoder().decode(beginning, CharBuffer.allocate(BEGINNING), false).isError() ? "" : "UTF-8";
        }
    }

    /** What has parts of its own may not be in base64 (RFC 2045, 6.4; RFC 2046, 5.2.1). */
    private static String encoding(String type, Path file, Supplier<CanonicalLines> lines) {
        if (!type.matches("(?i)(multipart|message)/.*")) {
            return "base64";
        }
        if (type.matches("(?i)multipart/.*") || !isMail(lines.get())) {
            throw MailException.usage("can't attach " + file + " as " + type).hint("give it ;type=" + UNKNOWN);
        }
        return lines.get().eightBit ? "8bit" : "7bit";
    }

    private static boolean isMail(CanonicalLines seen) {
        return !seen.nul && seen.longest <= CanonicalLines.MAX_LINE;
    }

    private static CanonicalLines lines(Path file) {
        return Inputs.reading(Exit.IO, file.toString(), () -> CanonicalLines.copy(file, OutputStream.nullOutputStream()));
    }

    /** Shown by HTML; where its name does not tell its type, its first octets do. */
    AttachedFile inline(String id) {
        String found = Inputs.reading(Exit.IO, name, () -> {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
                return type.equals(UNKNOWN) ? URLConnection.guessContentTypeFromStream(in) : type;
            }
        });
        return new AttachedFile(file, size, Objects.toString(found, UNKNOWN), encoding, name, id);
    }

    Part part(List<String> warnings) throws IOException, MessagingException {
        if (isInvitation()) {
            String text = Inputs.text(file.toString(), warnings);
            return Part.text(text.endsWith("\n") ? text : text + "\n", type, "base64", true);
        }
        String disposition = contentId.isEmpty() ? "attachment" : "inline";
        String id = contentId.isEmpty() ? "" : "Content-ID: <" + contentId + ">\r\n";
        String head = "Content-Type: " + type + Words.parameter("name", name) + "\r\nContent-Transfer-Encoding: " + encoding
                + "\r\nContent-Disposition: " + disposition + Words.parameter("filename", name) + "\r\n" + id;
        return new Part(head, encoding.equals("base64") ? this::writeEncoded : out -> CanonicalLines.copy(file, out));
    }

    /** The file is not read only to be counted. */
    private void writeEncoded(OutputStream out) throws IOException {
        if (out instanceof Tally tally) {
            long lineEnds = Math.max(0, (size - 1) / OCTETS_PER_LINE);
            tally.count += (size + 2) / 3 * 4 + 2 * lineEnds;
            return;
        }
        byte[] block = new byte[OCTETS_PER_LINE * 1024];
        long left = size;
        try (InputStream in = Files.newInputStream(file)) {
            while (left > 0) {
                int read = in.readNBytes(block, 0, (int) Math.min(block.length, left));
                if (read == 0) {
                    throw new IOException(file + " has shrunk by " + left + " octets");
                }
                out.write(Base64.getMimeEncoder().encode(read == block.length ? block : Arrays.copyOf(block, read)));
                left -= read;
                out.write(CanonicalLines.CRLF, 0, left > 0 ? 2 : 0);
            }
        }
    }
}

/** What follows the name of a file to attach: type, name and charset, or any other parameter of a media type (RFC 2045, 5.1). */
final class Attributes {
    private static final Set<String> OURS = Set.of("type", "name", "charset");
    /** Its name, its value, and what is within quotes. */
    private static final Pattern ATTRIBUTE = Pattern.compile(
            ";\\s*+([\\w!#$&^.+-]++)=(\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"\\s*(?=;|$)|[^;]*+)");

    static Map<String, String> of(String given, int start) {
        Map<String, String> attributes = new LinkedHashMap<>();
        Matcher attribute = ATTRIBUTE.matcher(given);
        int end = start;
        for (; attribute.find(end) && attribute.start() == end; end = attribute.end()) {
            String name = attribute.group(1).toLowerCase(Locale.ROOT);
            if (attributes.put(name, value(given, name, attribute)) != null) {
                throw unreadable(attribute.group(), given, name + " is given twice");
            }
        }
        if (end < given.length()) {
            throw unreadable(given.substring(end), given, "write FILE;type=text/csv;name=report.csv");
        }
        return attributes;
    }

    private static String value(String given, String name, MatchResult attribute) {
        String plain = attribute.group(2).strip();
        if (OURS.contains(name)) {
            return plain;
        }
        Given.nearest(name, OURS).ifPresent(near -> {
            throw unreadable(attribute.group(), given, "did you mean " + near + "?");
        });
        String value = Optional.ofNullable(attribute.group(3)).map(quoted -> quoted.replaceAll("\\\\(.)", "$1")).orElse(plain);
        if (value.isEmpty()) {
            throw unreadable(attribute.group(), given, "it has no value");
        }
        return value;
    }

    private static MailException unreadable(String attribute, String given, String hint) {
        String shown = attribute.replaceFirst("^;\\s*", "");
        return MailException.usage("can't read '" + shown + "' in the attachment '" + given + "'").hint(hint);
    }

    /** A media type with those that are its parameters. */
    static String described(String type, Map<String, String> attributes) {
        StringBuilder described = new StringBuilder(type);
        attributes.forEach((name, value) -> {
            boolean fits = value.matches("[\\w!#$&^.+-]+") && described.length() + name.length() + value.length() < 60;
            described.append(OURS.contains(name) ? "" : fits ? "; " + name + "=" + value : Words.parameter(name, value));
        });
        return described.toString();
    }
}

// ---- 9.4 Addresses --------------------------------------------------------------------------------------------------

/** An address and the name before it or ""; or, without an address, a group and its members (RFC 5322, 3.4). */
record Address(String name, String address, List<Address> members) {
    boolean isGroup() {
        return address.isEmpty();
    }
}

/** Address lists as headers have them (RFC 5322, 3.4), and addresses as the envelope has them. */
final class Addresses {
    /** A bare address of letters, digits and dots, as most are: not worth loading a parser. */
    private static final Pattern SIMPLE = Pattern.compile(
            "\\.*+\\w++(?:\\.++\\w++)*+\\.*+@[a-zA-Z0-9]++(?:(?:\\.|-++)[a-zA-Z0-9]++)*+");
    /** Stands for a dot while the library reads, as it refuses dots at the edges of a local part and two in a row. */
    private static final String DOT = "\u0080";
    private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*+\"?|\\\\.");
    private static final Pattern AFTER_BRACKET = Pattern.compile(">[ >]*+[^,; >]");
    /** A domain or an encoded-word, or else a dot. */
    private static final Pattern DOTS = Pattern.compile("(@[^,;>\\s]*+|=\\?[^?\\s]*+\\?\\w\\?[^?\\s]*+\\?=)|\\.");

    /** The library would take what is before a comment for the whole address, and forget what follows a bracket. */
    static List<Address> parse(String field, String list) {
        Texts.plain(Exit.DATA, "the address in " + field, list);
        if (SIMPLE.matcher(list).matches()) {
            return List.of(new Address("", list, List.of()));
        }
        try {
            String dotless = dotless(list);
            String rest = Comments.replaced(dotless, "");
            if (AFTER_BRACKET.matcher(QUOTED.matcher(rest).replaceAll("q")).find()) {
                throw new AddressException("something follows the bracket", list);
            }
            List<Address> addresses = read(dotless);
            if (!rest.equals(dotless) && !bare(addresses).toList().equals(bare(read(rest)).toList())) {
                throw new AddressException("a comment stands within it", list);
            }
            if (addresses.isEmpty()) {
                throw new AddressException("it is empty", list);
            }
            return addresses;
        } catch (AddressException e) {
            throw MailException.data("can't read the address '" + list + "' in " + field + ": " + e.getMessage())
                    .hint("write it as name@example.org or Name <name@example.org>");
        }
    }

    /** One bare address and the name before it. */
    static List<Address> named(String field, String name, String address) {
        String shown = Texts.plain(Exit.DATA, "the name in " + field, name).strip();
        String bare = alone(field, address);
        if (SIMPLE.matcher(shown).matches() && !shown.equalsIgnoreCase(bare)) {
            throw MailException.usage("'" + shown + "' is an address where a name belongs")
                    .hint("the name comes first; several addresses go with commas, or to(List.of(…))");
        }
        return List.of(new Address(shown, bare, List.of()));
    }

    static String alone(String field, String address) {
        List<Address> one = parse(field, address);
        if (one.size() > 1 || !one.get(0).name().isEmpty() || one.get(0).isGroup()) {
            throw MailException.data("'" + address + "' is not one address alone").hint("write it as name@example.org");
        }
        return one.get(0).address();
    }

    private static String dotless(String list) {
        return DOTS.matcher(list).replaceAll(found -> found.group(1) == null ? DOT : Matcher.quoteReplacement(found.group()));
    }

    private static List<Address> read(String dotless) throws AddressException {
        return read(InternetAddress.parse(dotless, true));
    }

    private static List<Address> read(InternetAddress[] parsed) throws AddressException {
        List<Address> addresses = new ArrayList<>();
        for (InternetAddress one : parsed) {
            String address = one.getAddress().replace(DOT, ".");
            if (!one.isGroup() && address.matches("[^\"\\[]*[\\\\:;].*|\\.+(@.*)?")) {
                throw new AddressException("it has a backslash, colon or semicolon, or nothing but dots", address);
            }
            String name = Objects.toString(one.getPersonal(), "").replace(DOT, ".");
            addresses.add(one.isGroup()
                    ? new Address(address.substring(0, address.indexOf(':')), "", read(one.getGroup(true)))
                    : new Address(name, address, List.of()));
        }
        return addresses;
    }

    /** Those that a mail has in a field, complete. */
    static List<Address> of(Letter letter, String field) {
        return complete(letter.people(field), letter.domain());
    }

    /** Each with its domain in ASCII (RFC 5891), and with the default domain where it has none. */
    static List<Address> complete(List<Address> addresses, String domain) {
        List<Address> complete = new ArrayList<>();
        for (Address one : addresses) {
            String address = one.isGroup() ? "" : complete(one.address(), domain, addresses.size() > 1);
            complete.add(new Address(one.name(), address, one.isGroup() ? complete(one.members(), domain) : List.of()));
        }
        return complete;
    }

    private static String complete(String address, String domain, boolean oneOfMany) {
        int at = address.endsWith("\"") ? -1 : address.lastIndexOf('@');
        if (at < 0 && (domain.isEmpty() || !Texts.isAscii(address))) {
            String quote = oneOfMany ? ", quote a name that has a comma" : "";
            throw MailException.data("the address '" + address + "' has no domain")
                    .hint("write " + address + "@example.org" + quote + ", or give the account a domain");
        }
        return at < 0 ? address + "@" + asciiDomain(domain) : address.substring(0, at + 1)
                + asciiDomain(address.substring(at + 1));
    }

    static String asciiDomain(String name) {
        if (Texts.isAscii(name)) {
            return name;
        }
        if (name.matches(".*[\u00df\u03c2\u200c\u200d].*")) {
            throw MailException.data("'" + name + "' has a letter that older and newer rules read differently")
                    .hint("write the domain in ASCII, as xn--…");
        }
        try {
            return IDN.toASCII(name);
        } catch (IllegalArgumentException e) {
            throw MailException.data("'" + name + "' is no domain: " + e.getMessage());
        }
    }

    /** The value of a field. */
    static String list(String field, List<Address> addresses) {
        return Words.folded(field, inHeader(addresses));
    }

    static String inHeader(List<Address> addresses) {
        StringJoiner list = new StringJoiner(", ");
        addresses.forEach(address -> list.add(inHeader(address)));
        return list.toString();
    }

    static String inHeader(Address one) {
        if (one.isGroup()) {
            String name = Texts.isAscii(one.name()) ? one.name() : Words.encoded(one.name().replaceAll("\\\\(.)|\"", "$1"));
            return (name + ": " + inHeader(one.members())).strip() + ";";
        }
        return one.name().isEmpty() ? one.address() : Words.phrase(one.name()) + " <" + one.address() + ">";
    }

    /** The addresses that the mail names itself. */
    static List<String> recipients(Letter letter) {
        List<Address> all = new ArrayList<>();
        List.of("To", "Cc", "Bcc").forEach(field -> all.addAll(of(letter, field)));
        return bare(all).toList();
    }

    static String single(String what, String given, String domain) {
        List<String> addresses = bare(complete(parse(what, given), domain)).toList();
        if (addresses.size() != 1) {
            throw MailException.data(what + " is one address, not '" + given + "'");
        }
        return addresses.get(0);
    }

    /** The bare addresses, those of groups too. */
    static Stream<String> bare(List<Address> addresses) {
        return addresses.stream().flatMap(one -> one.isGroup() ? bare(one.members()) : Stream.of(one.address()));
    }
}

// ---- 9.5 Words ------------------------------------------------------------------------------------------------------

/** Words of any length and letters where a header allows short ones in ASCII only. */
final class Words {
    private static final int LINE = 76;
    /** Letters of up to four octets each. */
    private static final Pattern PIECE = Pattern.compile(".{1,10}", Pattern.DOTALL);
    private static final Pattern SEGMENT = Pattern.compile("(?:%..|.){1,20}");

    /** The value of a field: as encoded-words if it is no ASCII or a word is too long for a line (RFC 5322, 2.1.1). */
    static String text(String field, String value) {
        String folded = folded(field, Texts.isAscii(value) ? value : encoded(value));
        boolean fits = (field + ": " + folded).lines().allMatch(line -> line.length() < CanonicalLines.MAX_LINE);
        return fits ? folded : folded(field, encoded(value));
    }

    /** A field's value on lines of 76 characters where it has blanks; short ones do not trouble the library. */
    static String folded(String field, String value) {
        int column = field.length() + 2;
        return column + value.length() <= LINE ? value : MimeUtility.fold(column, value);
    }

    /** As encoded-words of at most 68 characters, none of them with half a letter (RFC 2047, 2). */
    static String encoded(String text) {
        return String.join(" ", PIECE.matcher(text).results().map(piece -> encodedWord(piece.group())).toList());
    }

    private static String encodedWord(String letters) {
        return "=?UTF-8?B?" + Base64.getEncoder().encodeToString(letters.getBytes(UTF_8)) + "?=";
    }

    /** The name before an address. */
    static String phrase(String name) {
        boolean longWord = Stream.of(name.split(" ")).anyMatch(word -> word.length() > 200);
        if (longWord || !Texts.isAscii(name) || name.contains("=?")) {
            return encoded(name);
        }
        return name.matches("[\\w !#$%&'*+/=?^`{|}~-]*") ? name : Texts.quoted(name);
    }

    /** A parameter on lines of its own, in segments where it is long (RFC 2231, 3 and 4). */
    static String parameter(String key, String value) {
        if (Texts.isAscii(value) && value.length() < 60) {
            return ";\r\n\t" + key + "=" + Texts.quoted(value);
        }
        String coded = "UTF-8''" + URLEncoder.encode(value, UTF_8).replace("+", "%20").replace("*", "%2A");
        List<String> segments = SEGMENT.matcher(coded).results().map(MatchResult::group).toList();
        if (segments.size() == 1) {
            return ";\r\n\t" + key + "*=" + coded;
        }
        return String.join("", IntStream.range(0, segments.size())
                .mapToObj(n -> ";\r\n\t" + key + "*" + n + "*=" + segments.get(n)).toList());
    }
}

// ---- 9.6 Envelopes, ready messages ----------------------------------------------------------------------------------

/** Who gets a message, and the id that it goes by. */
final class Envelopes {
    static Envelope of(Letter letter, String sender, List<String> recipients) {
        Map<String, String> once = new LinkedHashMap<>();
        recipients.forEach(recipient -> once.putIfAbsent(mailbox(recipient), recipient));
        if (once.isEmpty()) {
            throw MailException.usage("no recipient").hint("give -t ADDRESS");
        }
        String reversePath = letter.wishes().reversePath()
                .map(given -> reversePath(given, letter.domain())).orElse(sender);
        return new Envelope(reversePath, List.copyOf(once.values()), letter.wishes().notices(), letter.wishes()
                .ret(), letter.wishes().envid(), letter.wishes().allOrNothing());
    }

    /** The same for every spelling of one mailbox, as case tells no domains apart (RFC 5321, 2.4). */
    static String mailbox(String address) {
        int at = address.contains("@") ? address.lastIndexOf('@') : address.length();
        return address.substring(0, at) + address.substring(at).toLowerCase(Locale.ROOT);
    }

    /** "" is the null reverse-path. */
    static String reversePath(String given, String domain) {
        return given.isBlank() ? "" : Addresses.single("the envelope sender", given, domain);
    }

    static boolean needUtf8(Envelope envelope) {
        return !Texts.isAscii(envelope.reversePath() + String.join("", envelope.recipients()));
    }

    /** One that is given as a whole or up to the domain, or a new one. */
    static String messageId(String given, String sender) {
        String random = Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), 36);
        String local = given.isEmpty() ? Long.toString(System.currentTimeMillis(), 36) + "." + random : given;
        return given.startsWith("<") ? given : "<" + local + sender.substring(sender.lastIndexOf('@')) + ">";
    }
}

/** A message that is ready: its header is read, its body only looked at and then copied. */
record ReadyMessage(IOSupplier<InputStream> source, InternetHeaders header, CanonicalLines seen) {
    static Prepared prepare(Letter letter) {
        refuseIf("--subject", letter.subject().isPresent());
        refuseIf("--header", !letter.headers().isEmpty());
        refuseIf("--text", letter.text().isPresent());
        refuseIf("--html", letter.html().isPresent());
        refuseIf("--attach", !letter.attachments().isEmpty());
        refuseIf("--inline", !letter.inlines().isEmpty());
        refuseIf("--reply-to", !letter.people("Reply-To").isEmpty());
        try {
            IOSupplier<InputStream> source = letter.eml().orElseThrow();
            CanonicalLines seen = new CanonicalLines(OutputStream.nullOutputStream());
            return new ReadyMessage(source, copyBody(source, seen), seen).prepared(letter);
        } catch (IOException e) {
            throw new MailException(Exit.IO, Stage.INPUT, "can't read the ready message: " + Texts.cause(e));
        }
    }

    private static void refuseIf(String option, boolean given) {
        if (given) {
            throw MailException.contradiction("--eml", option);
        }
    }

    /** Returns the header before it. */
    private static InternetHeaders copyBody(IOSupplier<InputStream> source, CanonicalLines target) throws IOException {
        try (InputStream in = new BufferedInputStream(source.get(), BlockOutput.BLOCK)) {
            HeaderFields.skipPreface(in);
            in.mark(1000);
            String firstLine = new String(in.readNBytes(1000), ISO_8859_1).lines().findFirst().orElse("");
            in.reset();
            InternetHeaders header = HeaderFields.isHeader(firstLine) ? new InternetHeaders(in) : new InternetHeaders();
            in.transferTo(target);
            target.finish();
            return header;
        } catch (MessagingException e) {
            throw new IOException(e);
        }
    }

    private Prepared prepared(Letter letter) throws IOException {
        if (seen.size == 0 && !header.getAllHeaderLines().hasMoreElements()) {
            throw MailException.data("the ready message is empty");
        }
        List<Address> given = Addresses.of(letter, "From");
        String sender = Addresses.bare(given).findFirst().or(() -> addresses(letter, "Resent-From", "Sender", "From").findFirst())
                .orElseThrow(() -> MailException.usage("no sender").hint("give -f ADDRESS"));
        List<String> named = Addresses.recipients(letter);
        Envelope envelope = Envelopes.of(letter, sender, named.isEmpty() ? recipients(letter) : named);
        Map<String, String> missing = new LinkedHashMap<>();
        missing.put("Date", MailDates.now());
        missing.put("From", given.isEmpty() ? sender : Addresses.inHeader(given.get(0)));
        missing.put("Message-ID", Envelopes.messageId("", sender));
        missing.keySet().removeIf(name -> header.getHeader(name) != null);
        byte[] head = head(missing);
        seen.write(head);
        if (seen.nul) {
            throw MailException.data("the ready message has a NUL in it").hint("encode what is binary as base64");
        }
        boolean utf8 = Envelopes.needUtf8(envelope);
        String tooLong = "a line has " + seen.longest + " octets, more than the 998 of the standard; it goes as it is";
        List<String> warnings = seen.longest > CanonicalLines.MAX_LINE ? List.of(tooLong) : List.of();
        String messageId = missing.getOrDefault("Message-ID", header.getHeader("Message-ID", null));
        // Not the header, as many messages may wait for a further try.
        IOSupplier<InputStream> body = source;
        return new Composed(messageId.strip(), envelope, seen.size, utf8 || seen.eightBit, utf8, warnings, out -> {
            out.write(head);
            copyBody(body, new CanonicalLines(out));
        });
    }

    /** The header's recipients; those of a resent message are in fields of their own (RFC 5322, 3.6.6). */
    private List<String> recipients(Letter letter) {
        List<String> fields = List.of("To", "Cc", "Bcc");
        List<String> resent = fields.stream().map("Resent-"::concat).filter(name -> header.getHeader(name) != null).toList();
        return addresses(letter, (resent.isEmpty() ? fields : resent).toArray(String[]::new)).toList();
    }

    private Stream<String> addresses(Letter letter, String... fields) {
        return Stream.of(fields).flatMap(name -> Stream.ofNullable(header.getHeader(name)).flatMap(Stream::of)
                .map(value -> Texts.utf8(value).replaceAll("[\r\n\t]+", " ").strip())
                .filter(value -> !value.isEmpty())
                .flatMap(value -> Addresses.bare(Addresses.complete(Addresses.parse(name, value), letter.domain()))));
    }

    /** What was missing, then the header as it was, line by line, but for Bcc; an empty line ends it. */
    private byte[] head(Map<String, String> missing) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        missing.forEach((name, value) -> head.writeBytes((name + ": " + value + "\r\n").getBytes(UTF_8)));
        for (String line : Collections.list(header.getNonMatchingHeaderLines(new String[] {"Bcc", "Resent-Bcc"}))) {
            head.writeBytes((line + "\r\n").getBytes(ISO_8859_1));
        }
        head.write(CanonicalLines.CRLF);
        return head.toByteArray();
    }
}

// ---- 9.7 Line ends --------------------------------------------------------------------------------------------------

/** Counts what it is given. */
final class Tally extends OutputStream {
    long count;

    @Override
    public void write(int octet) {
        count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        count += length;
    }
}

/** Makes every line end CRLF, the last one too (RFC 5321, 2.3.8), and sees in passing what the lines ask of a server. */
final class CanonicalLines extends BlockOutput {
    static final byte[] CRLF = {'\r', '\n'};
    /** Without its end (RFC 5322, 2.1.1). */
    static final int MAX_LINE = 998;
    private final OutputStream out;
    private boolean afterReturn;
    private long column;
    /** What went out. */
    long size;
    /** The octets of the longest line, without its end. */
    long longest;
    /** How many octets are no printable ASCII, nor a tab or line end. */
    int unprintable;
    boolean eightBit;
    boolean nul;

    CanonicalLines(OutputStream out) {
        this.out = out;
    }

    static CanonicalLines copy(Path file, OutputStream out) throws IOException {
        CanonicalLines lines = new CanonicalLines(out);
        Files.copy(file, lines);
        lines.finish();
        return lines;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int end = offset + length;
        int run = offset;
        long lineStart = offset - column;
        for (int i = toNote(bytes, offset, end); i < end; i = toNote(bytes, i + 1, end)) {
            byte octet = bytes[i];
            boolean bare = octet == '\n' ? !afterReturn : afterReturn;
            if (bare) {
                pass(bytes, run, i - run);
                pass(CRLF, octet == '\n' ? 0 : 1, 1);
                run = i;
            }
            if (octet == '\r' || octet == '\n') {
                longest = Math.max(longest, i - lineStart);
                lineStart = i + 1;
            }
            afterReturn = octet == '\r';
            note(octet);
        }
        pass(bytes, run, end - run);
        column = end - lineStart;
        longest = Math.max(longest, column);
    }

    /** The next octet that is more than a letter, or whatever follows a carriage return. */
    private int toNote(byte[] bytes, int from, int end) {
        int at = from;
        if (!afterReturn) {
            while (at < end && bytes[at] >= ' ' && bytes[at] != 127) {
                at++;
            }
        }
        return at;
    }

    private void note(byte octet) {
        boolean lineEndOrTab = octet == '\r' || octet == '\n' || octet == '\t';
        unprintable += octet < ' ' && !lineEndOrTab || octet == 127 ? 1 : 0;
        eightBit |= octet < 0;
        nul |= octet == 0;
    }

    private void pass(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        size += length;
    }

    /** Ends the last line. */
    void finish() throws IOException {
        if (afterReturn || column > 0) {
            pass(CRLF, afterReturn ? 1 : 0, afterReturn ? 1 : 2);
        }
        afterReturn = false;
        column = 0;
    }
}

// ---- 9.8 Templates --------------------------------------------------------------------------------------------------

/** A text with {{column}} in it, compiled; of a header, the frames that it has made. */
record Filling(com.samskivert.mustache.Template template, Map<String, List<FilledField>> frames) {
    static final Mustache.Compiler TEXT =
            Mustache.compiler().escapeHTML(false).withCollector(Cell.COLLECTOR).withFormatter(Cell::text);
    static final Mustache.Compiler HTML = TEXT.escapeHTML(true);
    /** Partials, and tags that are empty or not closed, which the library takes for text. */
    private static final Pattern UNFIT = Pattern.compile("\\{\\{\\s*[<>$}].*|\\{\\{(?!!|\\{?[^{}]*}}).*");
    private static final int MOST_FRAMES = 1000;

    static Filling of(String what, String text, Mustache.Compiler compiler) {
        try {
            Matcher unfit = UNFIT.matcher(text);
            if (!text.contains("{{=") && unfit.find()) {
                throw new MustacheException("a tag is empty or not closed, or a partial: " + unfit.group());
            }
            return new Filling(compiler.compile(text), new ConcurrentHashMap<>());
        } catch (MustacheException e) {
            throw MailException.data(what + " is no template: " + Texts.inLine(e.getMessage()));
        }
    }

    static Filling ofHeader(String what, String lines) {
        String unfolded = lines.replaceAll("\n[ \t]+|\t", " ");
        if (unfolded.isBlank() || Texts.hasControl(unfolded.replace('\n', ' '))) {
            throw MailException.data(what + " is empty or has control characters")
                    .hint("begin with lines such as To: {{email}}, then an empty line and the text");
        }
        return of(what, unfolded, TEXT.withFormatter(Cell::token));
    }

    String filled(Row row) {
        return filled(row, new ArrayList<>());
    }

    private String filled(Row row, List<Cell> values) {
        try {
            StringBuilderWriter text = new StringBuilderWriter();
            template.execute(new Cell("", row.values(), values), text);
            return text.toString();
        } catch (MustacheException.Context e) {
            throw MailException.data("column " + e.key + " is missing");
        }
    }

    List<FilledField> fields(Row row) {
        if (frames.size() > MOST_FRAMES) {
            frames.clear();
        }
        List<Cell> values = new ArrayList<>();
        return frames.computeIfAbsent(filled(row, values), FilledField::all).stream().map(field -> field.with(values)).toList();
    }
}

/** A value on its way into a template, the column that it is from, and those that have got into a header so far. */
record Cell(String column, Object value, List<Cell> used) implements Mustache.CustomContext {
    /** A section goes through a list, and leaves out an empty text. */
    static final Mustache.Collector COLLECTOR = new BasicCollector() {
        @Override
        public Iterator<?> toIterator(Object given) {
            return given instanceof Cell cell && cell.value instanceof List<?> list
                    ? list.stream().map(one -> cell.of(cell.column, one)).iterator()
                    : given instanceof Cell cell && cell.isEmpty() ? Collections.emptyIterator() : super.toIterator(given);
        }

        @Override
        public <K, V> Map<K, V> createFetcherCache() {
            return new ConcurrentHashMap<>();
        }
    };
    /** More makes a header that servers refuse. */
    private static final int MOST = 100_000;

    boolean isEmpty() {
        return value.equals("");
    }

    @Override
    public Object get(String name) {
        return value instanceof Map<?, ?> values ? of(name, values.get(name)) : null;
    }

    /** The library knows what a section makes of true and false; null is to it what is not there. */
    private Object of(String name, Object found) {
        return found == null || found instanceof Boolean ? found : new Cell(name, found, used);
    }

    static String text(Object given) {
        return given instanceof Cell cell ? cell.text() : given.toString();
    }

    String text() {
        if (value instanceof Map || value instanceof List) {
            throw MailException.data(this + "a list or an object is no text; {{#" + column + "}} goes through it");
        }
        return value.toString();
    }

    /** Of a value a header has a token first. */
    static String token(Object given) {
        return given instanceof Cell cell ? cell.token() : given.toString();
    }

    private String token() {
        if (text().length() > MOST || Texts.hasControl(text())) {
            throw MailException.data(this + "it is too long for a header or has control characters: " + Texts.shortened(text()));
        }
        used.add(this);
        return "qxvalue" + (used.size() - 1) + "xq";
    }

    /** What comes before a fault that is in it. */
    @Override
    public String toString() {
        return "column " + column + ": ";
    }
}

/** What a template says itself, with a token for each value: that is read first, and then the values take their places. */
record Frame(String text, List<Cell> values) {
    private static final Pattern TOKEN = Pattern.compile("qxvalue(\\d+)xq");

    Frame part(String part) {
        return new Frame(part.strip(), values);
    }

    boolean isOneValue() {
        return TOKEN.matcher(text).matches();
    }

    String beforeValues() {
        return TOKEN.split(text, 2)[0];
    }

    private Cell value(MatchResult token) {
        return values.get(Integer.parseInt(token.group(1)));
    }

    Stream<Cell> cells() {
        return TOKEN.matcher(text).results().map(this::value);
    }

    String filled() {
        return TOKEN.matcher(text).replaceAll(token -> Matcher.quoteReplacement(value(token).text())).strip();
    }

    /** As the template has it. */
    String unfilled() {
        return TOKEN.matcher(text).replaceAll(token -> Matcher.quoteReplacement("{{" + value(token).column() + "}}"));
    }
}

// ---- 9.9 Filled headers ---------------------------------------------------------------------------------------------

/** A line of a header; the list of its people is read once for all rows that have this frame. */
record FilledField(String name, Frame frame, Supplier<List<Address>> people) {
    private static final List<String> OURS = List.of("From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Attach", "Inline");
    private static final Pattern FIELD =
            Pattern.compile("\\s*(?!(?i:message-id|date|mime-version|content-.*) *:)((?:(?!qxvalue)[!-9;-~])+) *:(.*)");

    static List<FilledField> all(String header) {
        return header.lines().filter(line -> !line.isBlank()).map(FilledField::of).toList();
    }

    /** A line that is none has no name. */
    private static FilledField of(String line) {
        Matcher parts = FIELD.matcher(line);
        boolean fits = parts.matches();
        String given = fits ? parts.group(1) : "";
        String value = fits ? parts.group(2).strip() : line;
        String name = OURS.stream().filter(given::equalsIgnoreCase).findFirst().orElse(given);
        return new FilledField(name, new Frame(value, List.of()),
                new Lazy<>(() -> value.isEmpty() ? List.of() : Addresses.parse(name, value)));
    }

    FilledField with(List<Cell> values) {
        return new FilledField(name, new Frame(frame.text(), values), people);
    }

    /** Addresses as a header has them, whichever field it is. */
    String text() {
        return Field.hasAddresses(name) ? Addresses.inHeader(addresses()) : frame.filled();
    }

    String sender() {
        Envelopes.reversePath(frame.filled(), "example.org");
        return frame.filled();
    }

    MailException refused() {
        return MailException.data("the header of a template has no line '" + frame.text() + "'")
                .hint("write 'Name: value'; Message-ID, Date, MIME-Version and Content-… follow from the mail");
    }

    /** Told of those columns whose values it shows, or of all. */
    MailException fault(MailException why) {
        List<Cell> shown = frame.cells().filter(cell -> why.getMessage().contains(cell.isEmpty() ? "''" : cell.text())).toList();
        Stream<Cell> told = shown.isEmpty() ? frame.cells() : shown.stream();
        return MailException.data(told.map(Cell::toString).distinct().collect(Collectors.joining())
                + frame.part(why.getMessage()).unfilled()).hint(why.hint());
    }

    /** As many as the frame has, whatever is in a name; but a lone value may be none or several. */
    List<Address> addresses() {
        List<Address> filled = people.get().stream().flatMap(this::filled).toList();
        Addresses.complete(filled, "example.org");
        return filled;
    }

    private Stream<Address> filled(Address one) {
        Frame address = frame.part(one.address());
        if (one.name().isEmpty() && address.isOneValue()) {
            return address.filled().isEmpty() ? Stream.empty() : Addresses.parse(name, address.filled()).stream();
        }
        List<Address> members = one.members().stream().flatMap(this::filled).toList();
        String alone = one.isGroup() ? "" : Addresses.alone(name, address.filled());
        return Stream.of(new Address(frame.part(one.name()).filled(), alone, members));
    }

    /** With the media type and the parameters that the frame gives it. */
    Optional<AttachedFile> attachment(Path folder) {
        int end = (frame.text() + ";").indexOf(';');
        Map<String, String> attributes = Attributes.of(frame.text(), end);
        attributes.replaceAll((attribute, value) -> frame.part(value).filled());
        return file(folder, frame.part(frame.text().substring(0, end)))
                .map(file -> AttachedFile.of(file, file.getFileName().toString(), attributes));
    }

    String contentId() {
        return frame.part(frame.text().replaceFirst("=.*", "")).filled();
    }

    Optional<Path> inline(Path folder) {
        return file(folder, frame.part(frame.text().replaceFirst("[^=]*=", "")));
    }

    /** Counted from the folder; none where values name none. They follow no link out of the folder where the frame begins. */
    private static Optional<Path> file(Path folder, Frame frame) {
        String path = frame.filled();
        List<Cell> values = frame.cells().toList();
        if (!values.isEmpty() && values.stream().allMatch(Cell::isEmpty) && (path.isEmpty() || path.endsWith("/"))) {
            return Optional.empty();
        }
        Path file = Inputs.readable(folder.resolve(Inputs.path(path)).toString());
        Path begin = folder.resolve(frame.beforeValues().replaceFirst("[^/]*$", ""));
        if (!values.isEmpty() && !Inputs.reading(Exit.DATA, path, () -> file.toRealPath().startsWith(begin.toRealPath()))) {
            throw MailException.data("'" + path + "' leaves its folder");
        }
        return Optional.of(file);
    }
}

// ==== 10. Messages that came =========================================================================================
// Reads any message there is, whole or broken. Never throws for what a message holds.

// ---- 10.1 What a person reads ---------------------------------------------------------------------------------------

/** The texts of a message, decoded as far as anybody reads. */
final class Reading {
    private static final int MAX_TEXT = 2 << 20;
    private static final int META_WITHIN = 4096;
    private static final Pattern META = Pattern.compile("(?i)<meta\\b[^>]*?charset\\s*=\\s*[\"']?(?!utf-?16)([\\w:.-]+)");
    private static final Pattern BLANK = Pattern.compile("[\\s\\u00a0\\u200b\\ufeff]*");
    private final Path message;
    private final Consumer<String> warnings;
    private final List<Leaf> plain;
    private final List<Leaf> html;
    private int left = MAX_TEXT;

    Reading(Anatomy anatomy, Path message) {
        this.message = message;
        warnings = anatomy.warnings::add;
        List<Leaf> leaves = anatomy.leaves;
        html = leaves.stream().filter(leaf -> leaf.type().equals("text/html") && !leaf.isAttached()).toList();
        List<Leaf> texts = leaves.stream().filter(leaf -> leaf.type().equals("text/plain") && !leaf.isAttached()).toList();
        plain = texts.isEmpty() && html.isEmpty() ? otherwise(leaves) : texts;
    }

    /** Without a text part: one with a name that is to be shown, any other kind of text, what is nested too deep. */
    private static List<Leaf> otherwise(List<Leaf> leaves) {
        List<Leaf> shown = leaves.stream().filter(leaf -> !leaf.disposition().equals("attachment")).toList();
        return Stream.of("text/plain", "text/", "multipart/")
                .flatMap(kind -> shown.stream().filter(leaf -> leaf.type().startsWith(kind))).limit(1).toList();
    }

    boolean shows(Leaf leaf) {
        return leaf.isBody() && !leaf.isAttached() || plain.size() == 1 && plain.contains(leaf);
    }

    String text() {
        return joined(plain.stream().map(this::decoded).toList());
    }

    String html() {
        return joined(html.stream().map(this::decoded).toList());
    }

    /** In the order of the parts; of alternatives the text, if it says anything (RFC 2046, 5.1.4). */
    String shown() {
        SortedMap<Integer, String> texts = new TreeMap<>();
        Set<Integer> told = new HashSet<>();
        for (Leaf leaf : plain) {
            String text = readable(leaf);
            texts.put(leaf.number(), text);
            told.add(isBlank(text) ? 0 : leaf.alternative());
        }
        told.remove(0);
        html.stream().filter(leaf -> !told.contains(leaf.alternative()))
                .forEach(leaf -> texts.put(leaf.number(), readable(leaf)));
        String all = joined(texts.values());
        return isBlank(all) ? "" : all;
    }

    private String readable(Leaf leaf) {
        String text = decoded(leaf);
        return leaf.type().equals("text/html") ? HtmlText.of(text) : text;
    }

    private static boolean isBlank(String text) {
        return BLANK.matcher(text).matches();
    }

    /** Each on lines of its own; blank ones among others are left out. */
    private static String joined(Collection<String> texts) {
        StringBuilder all = new StringBuilder();
        for (String text : texts) {
            boolean apart = all.length() > 0 && all.charAt(all.length() - 1) != '\n';
            if (texts.size() == 1 || !isBlank(text)) {
                all.append(apart ? "\n" : "").append(text);
            }
        }
        return all.toString();
    }

    /** Up to the limit of all texts together, and up to where it can be decoded. */
    private String decoded(Leaf leaf) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        boolean cut = false;
        try (InputStream in = leaf.open(message, warnings)) {
            IOUtils.copyLarge(in, octets, 0, left);
            cut = in.read() >= 0;
        } catch (IOException e) {
            // What came before the damage is worth reading.
        }
        left -= octets.size();
        String lines = Charsets.decoded(octets.toByteArray(), charset(leaf, octets.toByteArray())).replace("\r\n", "\n");
        String text = leaf.flowed() && leaf.type().equals("text/plain") ? FlowedText.joined(lines, leaf.delSp()) : lines;
        return cut ? text + "\n[cut here, all of it is in part " + leaf.number() + "]\n" : text;
    }

    /** A page may say it itself. */
    private static String charset(Leaf leaf, byte[] octets) {
        Matcher meta = META.matcher(new String(octets, 0, Math.min(octets.length, META_WITHIN), ISO_8859_1));
        return leaf.charset().isEmpty() && leaf.type().equals("text/html") && meta.find() ? meta.group(1) : leaf.charset();
    }
}

/** Paragraphs that were broken into lines to be joined again (RFC 3676, 4). */
final class FlowedText {
    static String joined(String text, boolean delSp) {
        StringBuilder all = new StringBuilder();
        int open = -1;
        for (String line : (Iterable<String>) text.lines()::iterator) {
            int depth = 0;
            while (line.startsWith(">", depth)) {
                depth++;
            }
            String words = line.substring(line.startsWith(" ", depth) ? depth + 1 : depth);
            boolean signature = words.equals("-- ");
            if (depth != open || signature || words.isEmpty()) {
                all.append("\n").append(">".repeat(depth)).append(depth > 0 && !words.isEmpty() ? " " : "");
            }
            boolean flowed = words.endsWith(" ") && !signature;
            all.append(words, 0, words.length() - (flowed && delSp ? 1 : 0));
            open = flowed ? depth : -1;
        }
        return text.isEmpty() ? "" : all.substring(1) + (text.endsWith("\n") ? "\n" : "");
    }
}

// ---- 10.2 HTML ------------------------------------------------------------------------------------------------------

/** HTML as text, by jsoup: paragraphs, lists, quotations, links with their addresses. */
final class HtmlText {
    private static final int MAX_LENGTH = 1 << 20;
    /** Elements need much more memory than the text that makes them. */
    private static final int MAX_TAGS = 60_000;
    private static final int MAX_DEPTH = 100;
    private static final String UNSEEN = "title,script,style,template,noscript,iframe,object,svg,select,textarea,[hidden],"
            + "[style~=(?i)display\\s*:\\s*none]";
    /** What is seen neither, or is struck out; what has no size itself may hold what has. */
    private static final String HIDDEN = "s,strike,del,img,[style~=(?i)visibility\\s*:\\s*(hidden|collapse)],"
            + "[style~=(?i)(^|[;\\s])opacity\\s*:\\s*0*[.]?0+%?\\s*(;|!|$)],[style~=(?i)max-height\\s*:\\s*0[a-z]*\\s*(;|!|$)],"
            + "[style~=(?i)font-size\\s*:\\s*0[a-z]*\\s*(;|!|$)]:not(:has([style*=font-size]))";
    /** A class that a rule before any condition hides. */
    private static final Pattern HIDING = Pattern.compile("([.#][\\w-]+)\\s*\\{[^{}@]{0,500}?display\\s*:\\s*none");
    private static final Set<String> SPACED =
            Set.of("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "hr");
    private static final Pattern INVISIBLE = Pattern.compile("[\u00ad\u034f\u200b\u200c\ufeff]");
    private static final Pattern BLANKS = Pattern.compile("[ \\t\\n\\r\\f]+");
    private final boolean preformatted;
    private final StringBuilder text = new StringBuilder();
    private int lineEnds;
    private boolean space;
    private int item;

    private HtmlText(boolean preformatted) {
        this.preformatted = preformatted;
    }

    static String of(String html) {
        Document page = parsed(html);
        page.select(UNSEEN).remove();
        String text = inside(page.body(), false);
        return text + (text.isEmpty() ? "" : "\n") + (bounded(html).length() < html.length() ? "[cut here]\n" : "");
    }

    static Document parsed(String html) {
        return Jsoup.parse(bounded(html), "", Parser.htmlParser().setMaxDepth(MAX_DEPTH));
    }

    /** Its words as a person sees them, without where links lead. */
    static String seen(String html) {
        Document page = parsed(html);
        String rules = page.select("style").stream().map(Element::data).collect(Collectors.joining());
        HIDING.matcher(rules.replaceFirst("(?s)@.*", ""))
                .results().limit(20).map(rule -> rule.group(1)).forEach(hidden -> page.select(hidden).remove());
        page.select(UNSEEN + "," + HIDDEN).remove();
        page.select("a").removeAttr("href");
        return inside(page.body(), false);
    }

    private static String bounded(String html) {
        int end = -1;
        for (int tags = 0; tags < MAX_TAGS && end < html.length(); tags++) {
            int tag = html.indexOf('<', end + 1);
            end = tag < 0 ? html.length() : tag;
        }
        return html.substring(0, Math.min(end, MAX_LENGTH));
    }

    private static String inside(Element element, boolean preformatted) {
        HtmlText inner = new HtmlText(preformatted);
        element.childNodes().forEach(inner::add);
        return inner.text.toString();
    }

    private void add(Node node) {
        if (node instanceof TextNode words) {
            write(words.getWholeText());
        } else if (node instanceof Element element) {
            boolean cell = element.nameIs("td") || element.nameIs("th");
            boolean spaced = SPACED.contains(element.normalName()) && !isIn(element, "li");
            int apart = element.isBlock() && !cell ? 1 : 0;
            space |= cell;
            lineEnds = Math.max(lineEnds, spaced ? 2 : apart);
            add(element);
            lineEnds = Math.max(lineEnds, spaced ? 2 : apart);
        }
    }

    private static boolean isIn(Element element, String name) {
        return element.parent() != null && element.parent().nameIs(name);
    }

    private void add(Element element) {
        switch (element.normalName()) {
            case "br" -> lineEnds++;
            case "hr" -> put("----");
            case "img" -> write(element.attr("alt").isBlank() ? "" : "[" + element.attr("alt").strip() + "]");
            case "pre" -> putLines(inside(element, true), "", "");
            case "blockquote" -> putLines(inside(element, preformatted), "> ", "> ");
            case "li" -> addItem(element);
            default -> element.childNodes().forEach(this::add);
        }
        if (element.nameIs("a")) {
            addAddress(element);
        }
    }

    private void addItem(Element element) {
        item = element.previousElementSibling() == null ? 1 : item + 1;
        String mark = isIn(element, "ol") ? item + ". " : "* ";
        putLines(inside(element, preformatted), mark, " ".repeat(mark.length()));
    }

    /** Where a link leads, unless its text says so. */
    private void addAddress(Element link) {
        String address = link.attr("href").strip();
        String words = link.text().strip();
        boolean saidInPart = address.replaceFirst("/$", "").endsWith("://" + words.replaceFirst("/$", ""));
        boolean said = saidInPart || words.equals(address) || address.equals("mailto:" + words);
        if (address.matches("(?is)(?!javascript:)[a-z][a-z0-9+.-]*:.+") && !said) {
            space = true;
            put("<" + address.replaceAll("\\s+", "") + ">");
        }
    }

    private void write(String words) {
        String visible = INVISIBLE.matcher(words).replaceAll("");
        if (preformatted) {
            put(visible);
            return;
        }
        boolean apart = false;
        for (String word : BLANKS.split(visible, -1)) {
            space |= apart;
            apart = true;
            if (!word.isEmpty()) {
                put(word);
            }
        }
    }

    /** Lines that are ready, each behind a mark. */
    private void putLines(String lines, String firstMark, String nextMark) {
        String mark = firstMark;
        for (String line : lines.isBlank() ? new String[0] : lines.split("\n")) {
            boolean quotedAgain = mark.startsWith(">") && line.startsWith(">");
            put(((quotedAgain ? ">" : mark) + line).stripTrailing());
            lineEnds++;
            mark = nextMark;
        }
    }

    /** Appends to the line, or to a new one if line ends are due. */
    private void put(String words) {
        boolean lineBegins = text.length() == 0 || lineEnds > 0;
        if (text.length() < MAX_LENGTH) {
            text.append(text.length() == 0 ? "" : "\n".repeat(lineEnds)).append(space && !lineBegins ? " " : "").append(words);
        }
        lineEnds = 0;
        space = false;
    }
}

// ---- 10.3 What a person keeps ---------------------------------------------------------------------------------------

/** Names that are safe in any folder on any system. */
final class SafeName {
    private static final int MAX_OCTETS = 180;
    private static final Pattern DEVICE =
            Pattern.compile("(?i)(con|prn|aux|nul|conin\\$|conout\\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\\..*)?");
    /** Control, format, surrogate, unassigned and separator characters, and what Windows reserves. */
    private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Cn}\\p{Zl}\\p{Zp}\ufffd<>:\"|?*]");
    private static final Map<String, String> ENDINGS = Map.of("text/calendar", ".ics", "text/vcard", ".vcf", "image/jpeg", ".jpg",
            "audio/mpeg", ".mp3", "application/pgp-signature", ".asc", "application/pkcs7-signature", ".p7s",
            "message/rfc822", ".eml", "message/global", ".eml");
    /** Types that are called like their files' endings. */
    private static final Pattern ENDING = Pattern.compile("(?:text|image|audio|video|application)/(?:x-)?(\\w{2,4})(?:\\+.*)?");

    /** What is left of a part's name without folders and tricks; one made of its number if nothing is. */
    static String of(Leaf part) {
        String name = cleaned(part.name());
        String usual = usualEnding(part.type());
        name = name.isEmpty() ? "part-" + part.number() + usual : name;
        boolean message = usual.equals(".eml") && !name.toLowerCase(Locale.ROOT).endsWith(".eml");
        return shortened(message ? name + ".eml" : name);
    }

    static String usualEnding(String type) {
        Matcher ending = ENDING.matcher(type);
        String otherwise = type.matches("(text|message|multipart)/.*") ? ".txt" : ".bin";
        return ENDINGS.getOrDefault(type, ending.matches() ? "." + ending.group(1) : otherwise);
    }

    private static String cleaned(String given) {
        String last = given.substring(Math.max(given.lastIndexOf('/'), given.lastIndexOf('\\')) + 1);
        String name = UNSAFE.matcher(last).replaceAll("_").replaceFirst("^[. ~_]+(?=[^. ~_]|$)", "").replaceFirst("^-+", "_")
                .replaceFirst("[. ]++$", "");
        return DEVICE.matcher(name).matches() ? "_" + name : name;
    }

    /** At an octet that begins a letter. */
    private static String shortened(String name) {
        String ending = ending(name);
        byte[] stem = name.substring(0, name.length() - ending.length()).getBytes(UTF_8);
        int room = MAX_OCTETS - ending.getBytes(UTF_8).length;
        return new String(stem, 0, Math.min(room, stem.length), UTF_8).replaceFirst("\ufffd+$", "") + ending;
    }

    private static String ending(String name) {
        int dot = name.lastIndexOf('.');
        return dot > 0 && name.length() - dot <= 20 ? name.substring(dot) : "";
    }

    /** The same name with a number. */
    static String numbered(String name, int number) {
        String ending = ending(name);
        return number == 1 ? name : name.substring(0, name.length() - ending.length()) + "-" + number + ending;
    }
}

/** Saves parts side by side; knows which numbers are taken. */
final class Saving {
    private final Map<Path, Integer> numbers = new HashMap<>();

    Path save(Leaf part, Supplier<InputStream> content, Path folder) {
        if (Files.isSymbolicLink(folder)) {
            throw new MailException(Exit.OUTPUT, Stage.INPUT, folder + " is a symbolic link")
                    .hint("name the folder that it points to");
        }
        try (InputStream in = content.get()) {
            Disk.makeFolder(folder);
            Path file = create(folder.resolve(Inputs.path(SafeName.of(part))));
            write(in, file);
            return file;
        } catch (IOException e) {
            throw new MailException(Exit.OUTPUT, Stage.INPUT, "can't save part " + part.number() + " in " + folder + ": "
                    + Texts.cause(e));
        }
    }

    /** Under the next number if there is something of that name, be it a link to nowhere. */
    private Path create(Path wanted) throws IOException {
        while (true) {
            int number = numbers.merge(wanted, 1, Integer::sum);
            Path file = wanted.resolveSibling(SafeName.numbered(wanted.getFileName().toString(), number));
            try {
                Disk.create(file).close();
                return file;
            } catch (FileAlreadyExistsException e) {
                // The next one may be free.
            }
        }
    }

    private static void write(InputStream in, Path file) throws IOException {
        Thread removal = new Thread(() -> file.toFile().delete());
        Runtime.getRuntime().addShutdownHook(removal);
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            in.transferTo(out);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        } finally {
            Runtime.getRuntime().removeShutdownHook(removal);
        }
    }
}

// ---- 10.4 Parts -----------------------------------------------------------------------------------------------------

/** A part that is no multipart: where its content stands in the message's file and how to read it. */
record Leaf(int number, String type, String charset, String encoding, boolean flowed, boolean delSp, String disposition,
            String name, String contentId, int alternative, long offset, long length) {
    /** Whether its text is shown, or would be if another form of it were not. */
    boolean isBody() {
        return type.equals("text/plain") || type.equals("text/html");
    }

    boolean isAttached() {
        return !name.isEmpty() || disposition.equals("attachment") || type.equals("message/rfc822")
                || type.equals("message/global");
    }

    /** Its content, decoded; what is wrong with that is found while it is read. */
    InputStream open(Path message, Consumer<String> warnings) {
        InputStream file = Inputs.stream(message);
        return Inputs.reading(Exit.IO, "part " + number, () -> {
            file.skip(offset);
            InputStream content = BoundedInputStream.builder().setInputStream(file).setMaxCount(length).get();
            int block = (int) Math.min(Math.max(length, 1), BlockOutput.BLOCK);
            InputStream buffered = new BufferedInputStream(content, block);
            return ContentDecoder.decoded(buffered, encoding, problem -> warnings.accept("part " + number + ": " + problem));
        });
    }
}

/** All leaves of a message, found in one pass; what is too deep or too much is left together. */
final class Anatomy {
    private static final int MAX_PARTS = 10_000;
    private static final int MAX_DEPTH = 50;
    private static final int MAX_SHOWN = 1000;
    private static final MimeConfig LIMITS = MimeConfig.custom()
            .setMaxLineLen(1 << 20).setMaxHeaderLen(1 << 20).setMaxHeaderCount(10_000).setMaxContentLen(-1).build();
    private static final Pattern TYPE = Pattern.compile("[!#$&^_.+\\w-]+/[!#$&^_.+\\w-]+");
    private static final Pattern ENCODING = Pattern.compile("[\\w-]+");
    /** What mail programs put before the parts, for programs that know no MIME. */
    private static final Pattern USUAL = Pattern.compile("(?i)\\bMIME\\b|multi-?part");
    final List<Leaf> leaves = new ArrayList<>();
    final Set<String> warnings = new LinkedHashSet<>();
    final HeaderFields header;
    private final FileChannel file;
    private int multiparts;

    /** Where a part is: how deep, of which type if it does not say, and in which multipart/alternative, 0 for none. */
    private record Place(int depth, String usualType, int alternative) {
    }

    Anatomy(Path message) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(message), BlockOutput.BLOCK);
                FileChannel channel = FileChannel.open(message)) {
            file = channel;
            header = entity(new Lines(in, HeaderFields.skipPreface(in)), new Place(0, "text/plain", 0));
        } catch (IOException | MimeException e) {
            throw new MailException(Exit.IO, Stage.INPUT, "can't read " + message + ": " + Texts.cause(e));
        }
    }

    /** Reads a part to its end. */
    private HeaderFields entity(Lines in, Place place) throws IOException, MimeException {
        HeaderFields fields = HeaderFields.read(in);
        warnings.addAll(fields.warnings());
        Parameters contentType = new Parameters(fields.first("Content-Type").orElse(""));
        boolean multipart = !contentType.boundary().isEmpty();
        if (multipart && place.depth < MAX_DEPTH) {
            multipart(in, fields, contentType, place);
            return fields;
        }
        if (multipart) {
            warnings.add("parts that are nested deeper than " + MAX_DEPTH + " levels are left together");
        }
        in.drain();
        addLeaf(fields, contentType, place, fields.bodyStart, in.position);
        return fields;
    }

    /** Without a single boundary the text is where mime4j sees the preamble. */
    private void multipart(Lines in, HeaderFields fields, Parameters type, Place place) throws IOException, MimeException {
        multiparts++;
        int alternative = type.value.equals("multipart/alternative") ? multiparts : place.alternative;
        String usualType = type.value.equals("multipart/digest") ? "message/rfc822" : "text/plain";
        int before = leaves.size();
        List<String> outside = parts(in, type.boundary(), new Place(place.depth + 1, usualType, alternative));
        in.drain();
        if (leaves.size() == before) {
            addLeaf(fields, new Parameters("text/plain"), place, fields.bodyStart, in.position);
        } else {
            Stream.concat(Stream.of(fields.bodyWithinHeader()), outside.stream()).forEach(this::warnOf);
        }
    }

    /** RFC 2046, 5.1.1: nobody is meant to read it, but some have something to say there. */
    private void warnOf(String outside) {
        if (!outside.isBlank() && !USUAL.matcher(outside).find()) {
            warnings.add("what stands outside of the parts is left out: " + Texts.inLine(EncodedWords.decoded(outside)));
        }
    }

    /** What stands before and after them is returned, as far as anybody looks at it. */
    private List<String> parts(Lines in, String boundary, Place place) throws IOException, MimeException {
        List<String> outside = new ArrayList<>();
        long end = in.position;
        in.expect(boundary);
        MimeTokenStream tokens = new MimeTokenStream(LIMITS);
        tokens.setRecursionMode(RecursionMode.M_RAW);
        tokens.parseHeadless(in, "multipart/mixed; boundary=" + Texts.quoted(boundary));
        while (tokens.getState() != EntityState.T_END_OF_STREAM && leaves.size() < MAX_PARTS) {
            boolean part = tokens.getState() == EntityState.T_RAW_ENTITY;
            if (part || tokens.getState() == EntityState.T_PREAMBLE || tokens.getState() == EntityState.T_EPILOGUE) {
                Lines content = new Lines(tokens.getInputStream(), part ? afterDelimiter(end) : end);
                if (part) {
                    entity(content, place);
                } else {
                    outside.add(new String(content.readNBytes(MAX_SHOWN), ISO_8859_1));
                }
                content.drain();
                end = content.position;
            }
            tokens.next();
        }
        if (tokens.getState() == EntityState.T_RAW_ENTITY) {
            warnings.add("more than " + MAX_PARTS + " parts, the rest is left out");
        }
        return outside;
    }

    /** Where the line after the next delimiter begins, whose own begins at {@code offset} or after the line end there. */
    private long afterDelimiter(long offset) throws IOException {
        Lines lines = new Lines(Channels.newInputStream(file.position(offset)), offset);
        if (!lines.line(1).equals("-")) {
            lines.line(0);
        }
        return lines.position;
    }

    private void addLeaf(HeaderFields fields, Parameters contentType, Place place, long start, long end) {
        Matcher type = TYPE.matcher(contentType.value.replaceFirst("\\s*/\\s*", "/"));
        Matcher encoding = ENCODING.matcher(new Parameters(fields.first("Content-Transfer-Encoding").orElse("")).value);
        Parameters disposition = new Parameters(fields.first("Content-Disposition").orElse(""));
        String contentId = fields.first("Content-ID").map(EncodedWords::decoded).orElse("");
        Stream<String> names = Stream.of(disposition.get("filename"), contentType.get("name"), contentType.get("filename"));
        String name = names.filter(given -> !given.isEmpty()).findFirst().orElse("");
        leaves.add(new Leaf(leaves.size() + 1, type.lookingAt() ? type.group() : place.usualType, contentType.get("charset"),
                encoding.find() ? encoding.group() : "", contentType.get("format").equalsIgnoreCase("flowed"),
                contentType.get("delsp").equalsIgnoreCase("yes"), disposition.value, name,
                contentId.replaceFirst("^<(.*)>$", "$1"), place.alternative, start, Math.max(0, end - start)));
    }
}

// ---- 10.5 Header ----------------------------------------------------------------------------------------------------

/** The fields of a header, in their order. */
final class HeaderFields {
    private static final int MAX_FIELDS = 10_000;
    private static final int MAX_VALUE = 256 * 1024;
    private static final int MAX_VALUE_IN_LARGE = 1024;
    private static final int LARGE = 4 << 20;
    private static final int MAX_ODD = 1000;
    private static final int MAX_PREFACE = 10_000;
    private static final Pattern PREFACE = Pattern.compile("(?:\u00ef\u00bb\u00bf)?(?:>?From [^\\r\\n]*+\\r?\\n?)?");
    /** RFC 5322, 3.6.8; 4.5 allows blanks before the colon. A line that begins with a web address is text. */
    private static final Pattern NAME = Pattern.compile("([!-9;-~]++)[ \\t]*+:(?!//)");
    /** What comes in a header after a line of blanks: a field, what continues one, or the empty line. */
    private static final Pattern GOES_ON = Pattern.compile(NAME + "|[ \\t]|\\r?\\n|\\z");

    /** One field; its value is octets as characters, without line ends. */
    record Entry(String name, StringBuilder octets) {
        String value() {
            return octets.toString().strip();
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private Optional<Entry> contentType = Optional.empty();
    private final Lazy<Pattern> delimiter = new Lazy<>(this::delimiter);
    private StringBuilder value = new StringBuilder();
    private long kept;
    private boolean hasRaw;
    private boolean isCut;
    /** Lines that are no fields; they are the body unless a field follows. */
    private final StringBuilder odd = new StringBuilder();
    private String leftOut = "";
    private long lineStart;
    /** Where the body begins: after the empty line, at the first line that is no field, or at a delimiter. */
    long bodyStart;

    private HeaderFields() {
    }

    static HeaderFields of(byte[] header) {
        try {
            InputStream in = new ByteArrayInputStream(header);
            return read(new Lines(in, skipPreface(in)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leaves out a byte order mark, and the line that mbox files and git put before a message; says how many octets that was. */
    static long skipPreface(InputStream message) throws IOException {
        message.mark(MAX_PREFACE);
        Matcher preface = PREFACE.matcher(new String(message.readNBytes(MAX_PREFACE), ISO_8859_1));
        message.reset();
        int length = preface.lookingAt() ? preface.end() : 0;
        message.skipNBytes(length);
        return length;
    }

    /** Whether a header may begin so. */
    static boolean isHeader(String line) {
        return line.isEmpty() || NAME.matcher(line).lookingAt();
    }

    /** Reads up to the empty line that ends a header, or to the delimiter that it declares. */
    static HeaderFields read(Lines in) throws IOException {
        HeaderFields fields = new HeaderFields();
        fields.lineStart = in.position;
        while (!fields.isDelimiterNext(in)) {
            String line = in.line(2 * MAX_VALUE);
            if (line.isEmpty() || line.isBlank() && !in.next(GOES_ON)) {
                break;
            }
            fields.add(line);
            fields.lineStart = in.position;
        }
        fields.bodyStart = fields.odd.isEmpty() ? in.position : fields.bodyStart;
        if (fields.hasRaw) {
            fields.recode();
        }
        return fields;
    }

    private boolean isDelimiterNext(Lines in) throws IOException {
        return contentType.isPresent() && in.next('-', '-') && in.next(delimiter.get());
    }

    /** After the boundary only blanks may stand (RFC 2046, 5.1.1). */
    private Pattern delimiter() {
        String boundary = new Parameters(contentType.get().value()).boundary();
        return Pattern.compile(boundary.isEmpty() ? "(?!)" : Pattern.quote("--" + boundary) + "[ \\t]*+(\\r?\\n|\\z)");
    }

    /** Raw octets in the charset of the text that follows, as it is a better guess than any. */
    private void recode() {
        String contentType = first("Content-Type").orElse("");
        Charset charset = Charsets.named(new Parameters(contentType).get("charset")).orElse(UTF_8);
        for (Entry entry : entries) {
            byte[] octets = entry.octets.toString().getBytes(ISO_8859_1);
            boolean clear = Charsets.strictly(octets, UTF_8).isPresent() || entry.name.equalsIgnoreCase("Content-Type");
            Optional<String> text = clear ? Optional.empty() : Charsets.strictly(octets, charset);
            text.ifPresent(words -> entry.octets.replace(0, octets.length, new String(words.getBytes(UTF_8), ISO_8859_1)));
        }
    }

    private void add(String line) {
        Matcher field = NAME.matcher(line);
        boolean continues = line.charAt(0) == ' ' || line.charAt(0) == '\t';
        if (field.lookingAt()) {
            addField(field.group(1));
            append(line.substring(field.end()));
        } else if (continues && odd.isEmpty() && !entries.isEmpty()) {
            append(line);
        } else {
            addOdd(line);
        }
    }

    private void addField(String name) {
        leftOut = leftOut.isEmpty() ? odd.toString() : leftOut;
        odd.setLength(0);
        value = new StringBuilder();
        Entry entry = new Entry(name, value);
        isCut |= entries.size() == MAX_FIELDS;
        if (entries.size() < MAX_FIELDS) {
            entries.add(entry);
        }
        if (contentType.isEmpty() && name.equalsIgnoreCase("Content-Type")) {
            contentType = Optional.of(entry);
        }
    }

    private void addOdd(String line) {
        bodyStart = odd.isEmpty() ? lineStart : bodyStart;
        if (odd.length() < MAX_ODD) {
            odd.append(line, 0, Math.min(line.length(), MAX_ODD)).append('\n');
        }
    }

    private void append(String text) {
        int room = (kept < LARGE ? MAX_VALUE : MAX_VALUE_IN_LARGE) - value.length();
        int length = Math.max(0, Math.min(room, text.length()));
        value.append(text, 0, length);
        kept += length;
        hasRaw |= !Texts.isAscii(text);
        isCut |= length < text.length();
    }

    List<Entry> entries() {
        return entries;
    }

    List<String> all(String name) {
        return entries.stream().filter(entry -> entry.name.equalsIgnoreCase(name)).map(Entry::value).toList();
    }

    Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    /** The beginning of a body that no empty line sets apart, or "". */
    String bodyWithinHeader() {
        return odd.toString();
    }

    List<String> warnings() {
        String cut = isCut ? "a header is too long, the rest of it is left out" : "";
        String words = Texts.inLine(EncodedWords.decoded(leftOut));
        String odd = words.isEmpty() ? "" : "what is no field is left out of a header: " + words;
        return Stream.of(cut, odd).filter(warning -> !warning.isEmpty()).toList();
    }
}

// ---- 10.6 Lines -----------------------------------------------------------------------------------------------------

/** A stream that knows how far it is and can be read line by line. */
final class Lines extends InputStream {
    private static final int MAX_PEEKED = 1200;
    private final InputStream in;
    private final byte[] block = new byte[8192];
    private byte[] delimiter = {};
    private int next;
    private int end;
    /** The offset of the next octet. */
    long position;

    Lines(InputStream in, long position) {
        this.in = in;
        this.position = position;
    }

    /** The next line without its end, as a string of one octet a character; of a longer one only so much. "" at the end too. */
    String line(int limit) throws IOException {
        StringBuilder line = new StringBuilder();
        int octet = read();
        for (; octet >= 0 && octet != '\n'; octet = read()) {
            if (line.length() < limit) {
                line.append((char) octet);
            }
        }
        int last = line.length() - 1;
        return octet == '\n' && last >= 0 && line.charAt(last) == '\r' ? line.substring(0, last) : line.toString();
    }

    /** Whether the next line begins like this. */
    boolean next(Pattern beginning) throws IOException {
        have(MAX_PEEKED);
        return beginning.matcher(new String(block, next, Math.min(MAX_PEEKED, end - next), ISO_8859_1)).lookingAt();
    }

    /** The same without a pattern, as each line of a header is asked. */
    boolean next(char first, char second) throws IOException {
        have(2);
        return end - next >= 2 && block[next] == first && block[next + 1] == second;
    }

    void drain() throws IOException {
        transferTo(OutputStream.nullOutputStream());
    }

    /** From now on it is read by mime4j, which is to find this boundary. */
    void expect(String boundary) {
        delimiter = ("--" + boundary).getBytes(ISO_8859_1);
    }

    @Override
    public int read() throws IOException {
        have(1);
        if (next == end) {
            return -1;
        }
        position++;
        return block[next++] & 0xff;
    }

    /** Whole lines as far as they fit: mime4j takes a boundary that ends with its buffer for one that ends with its line. */
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        have(length);
        if (next == end) {
            return -1;
        }
        int most = Math.min(length, end - next);
        int count = most;
        while (count > 0 && block[next + count - 1] != '\n') {
            count--;
        }
        count = count == 0 ? most : count;
        if (endsWithDelimiter(next + count)) {
            count = count == 1 ? most : count - 1;
        }
        System.arraycopy(block, next, target, offset, count);
        next += count;
        position += count;
        return count;
    }

    /** mime4j keeps that much back, and would find a delimiter that ends a line at the start of its buffer, as if at a line's. */
    private boolean endsWithDelimiter(int blockEnd) {
        int start = blockEnd - delimiter.length - 2;
        boolean inLine = delimiter.length > 0 && start > 0 && block[start - 1] != '\n';
        return inLine && Arrays.equals(block, start, start + delimiter.length, delimiter, 0, delimiter.length);
    }

    /** Reads ahead; octets that were read stay as long as a delimiter could end among them. */
    private void have(int wanted) throws IOException {
        if (end - next < wanted) {
            int unused = Math.max(0, next - delimiter.length - 3);
            System.arraycopy(block, unused, block, 0, end - unused);
            end -= unused;
            next -= unused;
            end += in.readNBytes(block, end, block.length - end);
        }
    }
}

// ---- 10.7 Words -----------------------------------------------------------------------------------------------------

/** Charsets by the names that messages give them. */
final class Charsets {
    static final Charset WINDOWS_1252 = Charset.forName("windows-1252");
    private static final Pattern UTF_7 = Pattern.compile("(?i)^\\W*(x-)?(unicode-[12]-[01]-)?utf-?7\\b");
    /** What stands in base64 behind a plus sign; without any it is one. A minus sign ends it and does not count. */
    private static final Pattern SHIFTED = Pattern.compile("\\+([A-Za-z0-9+/]*+)-?");
    /** ISO-2022-JP says what it is: it goes from ASCII to two octets a letter, which no other 7-bit text does. */
    private static final Pattern JAPANESE = Pattern.compile("\u001b\\$(?:[@B]|\\(D)");
    private static final Pattern ASCII = Pattern.compile("(?i)\\W*(us-ascii|ascii|ansi_x3\\.4-1968)\\W*");
    /**
     * Java's names of charsets, each with those labels of the WHATWG Encoding Standard, which says what senders really use, that
     * Java does not know or takes for another.
     */
    private static final String LABELS = """
            utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8; iso-8859-8 logical visual; iso-8859-10 csisolatin6 iso-ir-157 l6
            latin6; iso-8859-14; koi8-r koi; koi8-u koi8-ru; x-macroman csmacintosh mac macintosh x-mac-roman; x-windows-874
            dos-874 tis-620 x-iso-8859-11; windows-1252 iso-8859-1 us-ascii; windows-1254 iso-8859-9; x-macukraine
            x-mac-cyrillic x-mac-ukrainian; gb18030 chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58
            x-gbk; big5-hkscs big5 cn-big5 x-x-big5; x-eucjp-open euc-jp; x-windows-iso2022jp iso-2022-jp; windows-31j
            shift_jis; x-windows-949 csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1989; utf-16be unicodefffe; utf-16le
            csunicode iso-10646-ucs-2 ucs-2 unicodefeff utf-16
            """;
    private static final Pattern HIGH = Pattern.compile("[\u00a1-\u00ff]");
    /** What Java lacks of them, from the octet a1 on. */
    private static final Map<String, String> LETTERS = Map.of("iso-8859-10",
            "ĄĒĢĪĨĶ§ĻĐŠŦŽ\u00adŪŊ°ąēģīĩķ·ļđšŧž―ūŋĀÁÂÃÄÅÆĮČÉĘËĖÍÎÏÐŅŌÓÔÕÖŨØŲÚÛÜÝÞßāáâãäåæįčéęëėíîïðņōóôõöũøųúûüýþĸ",
            "iso-8859-14",
            "Ḃḃ£ĊċḊ§Ẁ©ẂḋỲ\u00ad®ŸḞḟĠġṀṁ¶ṖẁṗẃṠỳẄẅṡÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏŴÑÒÓÔÕÖṪØÙÚÛÜÝŶßàáâãäåæçèéêëìíîïŵñòóôõöṫøùúûüýŷÿ");
    private static final Map<String, String> MEANT = new HashMap<>();

    static {
        for (String line : LABELS.split(";")) {
            String[] labels = line.strip().split("\\s+");
            Stream.of(labels).forEach(label -> MEANT.put(label, labels[0]));
        }
    }

    /** Octets as text: in the charset of their byte order mark, or that named, or UTF-8 if they are that, else windows-1252. */
    static String decoded(byte[] octets, String charset) {
        boolean isNone = ASCII.matcher(charset).matches() && isJapanese(octets);
        String named = isNone ? "" : charset;
        String text = marked(octets).map(known -> new String(octets, known)).orElseGet(() -> labelled(octets, named));
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    private static String labelled(byte[] octets, String charset) {
        String letters = LETTERS.getOrDefault(MEANT.getOrDefault(label(charset), ""), "");
        if (!letters.isEmpty()) {
            String latin = new String(octets, ISO_8859_1);
            return HIGH.matcher(latin).replaceAll(high -> String.valueOf(letters.charAt(high.group().charAt(0) - 0xa1)));
        }
        if (UTF_7.matcher(charset).find()) {
            return utf7(guessed(octets));
        }
        return named(charset).map(known -> new String(octets, known)).orElseGet(() -> guessed(octets));
    }

    private static Optional<Charset> marked(byte[] octets) {
        String mark = new String(octets, 0, Math.min(4, octets.length), ISO_8859_1);
        Optional<Charset> wide = mark.startsWith("\u00fe\u00ff") ? Optional.of(UTF_16BE) : Optional.empty();
        Optional<Charset> turned = mark.matches("(?s)\u00ff\u00fe(?!\0\0).*") ? Optional.of(UTF_16LE) : wide;
        return mark.startsWith("\u00ef\u00bb\u00bf") ? Optional.of(UTF_8) : turned;
    }

    private static boolean isJapanese(byte[] octets) {
        String text = new String(octets, ISO_8859_1);
        return Texts.isAscii(text) && JAPANESE.matcher(text).find();
    }

    private static String guessed(byte[] octets) {
        if (isJapanese(octets)) {
            return new String(octets, Charset.forName("x-windows-iso2022jp"));
        }
        return strictly(octets, UTF_8).orElseGet(() -> new String(octets, WINDOWS_1252));
    }

    /** Nothing if they are not in that charset. */
    static Optional<String> strictly(byte[] octets, Charset charset) {
        try {
            return Optional.of(charset.newDecoder().decode(ByteBuffer.wrap(octets)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** RFC 2152, which Java lacks. */
    private static String utf7(String text) {
        return SHIFTED.matcher(text).replaceAll(run -> {
            byte[] units = ContentDecoder.base64(run.group(1));
            String letters = new String(units, 0, units.length & ~1, UTF_16BE);
            return Matcher.quoteReplacement(run.group(1).isEmpty() ? "+" : letters);
        });
    }

    /** A string of one octet a character as text; of a longer one only so much. */
    static String guessed(String octets, int limit) {
        String bounded = octets.length() > limit ? octets.substring(0, limit) : octets;
        return Texts.isAscii(bounded) && bounded.indexOf('\u001b') < 0 ? bounded : decoded(bounded.getBytes(ISO_8859_1), "");
    }

    private static String label(String given) {
        String name = given.toLowerCase(Locale.ROOT).replaceAll("[\"'\\s]|\\(.*", "");
        return name.replaceFirst("^(?:win|windows|(?:x-)?cp)[-_]?(125\\d)$", "windows-$1")
                .replaceFirst("^(?:cs)?iso-?8859-?(\\d+)(?:-?[ei])?$", "iso-8859-$1");
    }

    /** None for a name that is unknown. */
    static Optional<Charset> named(String given) {
        String name = label(given);
        try {
            String known = MEANT.containsKey(name) ? MEANT.get(name) : Charset.forName(name).name();
            return Optional.of(Charset.forName(MEANT.getOrDefault(known.toLowerCase(Locale.ROOT), known)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}

/**
 * Encoded words (RFC 2047) in every form that is sent: letters split over two words, blanks in them, words next to each other or
 * within quotation marks, lacking padding. What is no such word stays as it is.
 */
final class EncodedWords {
    private static final int MAX_INPUT = 128 * 1024;
    private static final Pattern MASKED = Pattern.compile("=(\\p{XDigit}{2})");
    private static final Pattern BEGINNING = Pattern.compile("=\\?([^?\\s*]{1,80})(?:\\*[^?\\s]{0,80})?\\?([BbQq])\\?");
    private final StringBuilder decoded = new StringBuilder();
    private final Deque<Word> run = new ArrayDeque<>();

    /** The encoded text of one word, or of two that share a group of base64. */
    private record Word(String charset, boolean base64, String text) {
        boolean continuesIn(Word following) {
            return base64 && following.base64 && text.length() % 4 != 0 && !text.endsWith("=");
        }

        byte[] octets() {
            return base64 ? ContentDecoder.base64(text) : unescaped(text.replace('_', ' '), MASKED, charset);
        }
    }

    /** A field's value as text. */
    static String decoded(String octets) {
        return decodedText(Charsets.guessed(octets, MAX_INPUT)) + (octets.length() > MAX_INPUT ? "…" : "");
    }

    /** Text that may have encoded words in it. */
    static String decodedText(String text) {
        return text.contains("=?") ? new EncodedWords().decode(text) : text;
    }

    private String decode(String text) {
        Matcher beginning = BEGINNING.matcher(text);
        int done = 0;
        int from = 0;
        while (beginning.find(from)) {
            int end = end(text, beginning.end());
            from = end < 0 ? beginning.start() + 2 : end + 2;
            if (end >= 0) {
                between(text.substring(done, beginning.start()));
                add(new Word(beginning.group(1).toLowerCase(Locale.ROOT), beginning.group(2)
                        .equalsIgnoreCase("B"), text.substring(beginning.end(), end)));
                done = from;
            }
        }
        flush();
        return decoded.append(text, done, text.length()).toString();
    }

    /** Where the text of a word ends: before the next ?=, unless another word begins first. */
    private static int end(String text, int begin) {
        int mark = text.indexOf('?', begin);
        while (mark >= 0 && !text.startsWith("=", mark + 1)) {
            boolean begins = mark > begin && text.charAt(mark - 1) == '=';
            mark = begins ? -1 : text.indexOf('?', mark + 1);
        }
        return mark;
    }

    /** Blanks between two words do not count (RFC 2047, 6.2). */
    private void between(String gap) {
        if (!gap.isBlank() || run.isEmpty()) {
            flush();
            decoded.append(gap);
        }
    }

    /** Words of one charset are decoded together, because some senders split letters, or even base64 groups. */
    private void add(Word word) {
        if (!run.isEmpty() && !run.getLast().charset.equals(word.charset)) {
            flush();
        }
        boolean continued = !run.isEmpty() && run.getLast().continuesIn(word);
        run.add(continued ? new Word(word.charset, true, run.removeLast().text + word.text) : word);
    }

    private void flush() {
        if (!run.isEmpty()) {
            ByteArrayOutputStream octets = new ByteArrayOutputStream();
            run.forEach(word -> octets.writeBytes(word.octets()));
            decoded.append(Charsets.decoded(octets.toByteArray(), run.getLast().charset));
            run.clear();
        }
    }

    /** The octets of a text in which a mark and two hexadecimal digits stand for one. */
    static byte[] unescaped(String text, Pattern masked, String charset) {
        Charset raw = Texts.isAscii(text) ? US_ASCII : Charsets.named(charset).filter(Charset::canEncode).orElse(UTF_8);
        return QuotedPrintable.octets(new String(text.getBytes(raw), ISO_8859_1), masked);
    }
}

// ---- 10.8 Parameters, addresses -------------------------------------------------------------------------------------

/** A value with parameters: Content-Type and Content-Disposition (RFC 2045, 5.1; RFC 2231). */
final class Parameters {
    private static final int MAX_LENGTH = 64 * 1024;
    private static final int WHOLE = -1;
    /** Escapes are hidden while quotation marks are looked for. */
    private static final String BACKSLASH = "\u0001";
    private static final String QUOTE = "\u0002";
    private static final Pattern LEADING_COMMENT = Pattern.compile("^([^;=(]*+)\\([^()]*+\\)");
    /** What is not quoted may have brackets in it, and comments are no part of a name. */
    private static final Pattern PARAMETER = Pattern.compile(";\\s*+(?:\\([^()]*+\\))?([^=;]++)=\\s*+");
    /** A file's name may have blanks, and quotation marks within others. */
    private static final Pattern FILE_NAME = Pattern.compile("(?s)\"(.*?)(?:\"(?=\\s*+(?:[;(]|$))|$)|([^;]*+)");
    private static final Pattern TOKEN = Pattern.compile("\"([^\"]*+)|([^;\\s]*+)");
    private static final Pattern NAME = Pattern.compile("\\s*+([^*\\s]+)(?:\\*(\\d{1,4}))?(\\*)?\\s*+");
    private static final Pattern CHARSET = Pattern.compile("([^']*)'[^']*'");
    private static final Pattern MASKED = Pattern.compile("%(\\p{XDigit}{2})");
    private static final int MAX_BOUNDARY = 1000;
    final String value;
    private final Map<String, SortedMap<Integer, Segment>> segments = new HashMap<>();

    /** A piece of a value, or all of it; percent signs mean something only in an encoded one. */
    private record Segment(String text, boolean encoded) {
        byte[] octets(String charset) {
            return encoded ? EncodedWords.unescaped(text, MASKED, charset) : text.getBytes(UTF_8);
        }
    }

    Parameters(String field) {
        String hidden = Charsets.guessed(field, MAX_LENGTH).replace("\\\\", BACKSLASH).replace("\\\"", QUOTE);
        String text = LEADING_COMMENT.matcher(hidden).replaceFirst("$1");
        value = text.replaceFirst("(?s);.*", "").replaceAll("\\([^()]*+\\)?", "").strip().toLowerCase(Locale.ROOT);
        Matcher parameter = PARAMETER.matcher(text);
        for (int at = 0; parameter.find(at);) {
            Matcher name = NAME.matcher(parameter.group(1).toLowerCase(Locale.ROOT));
            boolean named = name.matches();
            boolean file = named && (name.group(1).equals("name") || name.group(1).equals("filename"));
            Matcher given = (file ? FILE_NAME : TOKEN).matcher(text).region(parameter.end(), text.length());
            at = given.lookingAt() ? given.end() : parameter.end();
            if (named) {
                String shown = Objects.requireNonNullElseGet(given.group(1), () -> given.group(2).strip());
                add(name, shown.replace(QUOTE, "\"").replace(BACKSLASH, "\\"));
            }
        }
    }

    /** That of a multipart whose parts can be told apart by it, as octets, else "". */
    String boundary() {
        String boundary = value.startsWith("multipart/") ? get("boundary").stripTrailing() : "";
        return boundary.length() <= MAX_BOUNDARY ? new String(boundary.getBytes(UTF_8), ISO_8859_1) : "";
    }

    /** Segments come in any order. */
    private void add(Matcher name, String text) {
        boolean encoded = name.group(3) != null;
        int unnumbered = encoded ? 0 : WHOLE;
        int number = name.group(2) == null ? unnumbered : Integer.parseInt(name.group(2));
        segments.computeIfAbsent(name.group(1), any -> new TreeMap<>()).putIfAbsent(number, new Segment(text, encoded));
    }

    /** The decoded value of a parameter, or "". One in segments is better than one without. */
    String get(String name) {
        SortedMap<Integer, Segment> all = segments.getOrDefault(name, new TreeMap<>());
        String whole = all.getOrDefault(WHOLE, new Segment("", false)).text;
        return EncodedWords.decodedText(all.tailMap(0).isEmpty() ? whole : joined(all.tailMap(0)));
    }

    /** RFC 2231, 3 and 4: the first segment may begin with charset'language'. Those after a gap are lost. */
    private static String joined(SortedMap<Integer, Segment> numbered) {
        int number = numbered.firstKey();
        Segment segment = numbered.get(number);
        Matcher beginning = CHARSET.matcher(segment.text);
        boolean named = segment.encoded && beginning.lookingAt();
        String charset = named ? beginning.group(1) : "";
        segment = named ? new Segment(segment.text.substring(beginning.end()), true) : segment;
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        while (segment != null) {
            octets.writeBytes(segment.octets(charset));
            number++;
            segment = numbered.get(number);
        }
        return Charsets.decoded(octets.toByteArray(), charset);
    }
}

/** What stands in brackets within a field, also in each other, but not within quotation marks (RFC 5322, 3.2.2). */
final class Comments {
    static String replaced(String field, String replacement) {
        StringBuilder rest = new StringBuilder();
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            int next = c == '\\' ? Math.min(i + 2, field.length()) : i + 1;
            quoted ^= c == '"' && depth == 0;
            depth += c == '(' && !quoted ? 1 : 0;
            rest.append(depth == 0 ? field.substring(i, next) : replacement);
            depth -= c == ')' && depth > 0 ? 1 : 0;
            i = next - 1;
        }
        return rest.toString();
    }
}

/** Address lists for a person, whatever state they are in. */
final class ReceivedAddresses {
    private static final int MAX_LENGTH = 32 * 1024;
    /** Jakarta Mail would decode a word itself, without joining split letters; it does not see it like this. */
    private static final String HIDDEN = "=\u0001?";

    static String shown(List<String> fields) {
        return String.join(", ", fields.stream().map(ReceivedAddresses::shown).filter(list -> !list.isEmpty()).toList());
    }

    /** What is no address list is shown as it is. */
    private static String shown(String field) {
        try {
            String shown = String.join(", ", Stream.of(parsed(field)).map(ReceivedAddresses::shown).toList());
            return shown.isEmpty() ? EncodedWords.decoded(field) : shown + (field.length() > MAX_LENGTH ? " …" : "");
        } catch (AddressException | RuntimeException e) {
            return EncodedWords.decoded(field);
        }
    }

    /** The bare address of the first, or "". */
    static String first(String field) {
        try {
            return Stream.of(parsed(field)).filter(one -> !one.isGroup()).findFirst()
                    .map(one -> decoded(one.getAddress())).orElse("");
        } catch (AddressException | RuntimeException e) {
            return "";
        }
    }

    private static InternetAddress[] parsed(String field) throws AddressException {
        return InternetAddress.parseHeader(Charsets.guessed(field, MAX_LENGTH).replace("=?", HIDDEN), false);
    }

    private static String shown(InternetAddress one) {
        String address = decoded(one.getAddress());
        String name = decoded(one.getPersonal());
        boolean plain = name.chars().noneMatch(c -> "()<>[]:;@\\,\"".indexOf(c) >= 0);
        return name.isBlank() ? address : (plain ? name : Texts.quoted(name)) + " <" + address + ">";
    }

    private static String decoded(String hidden) {
        return EncodedWords.decodedText(Objects.toString(hidden, "").replace(HIDDEN, "=?"));
    }
}

// ---- 10.9 Dates -----------------------------------------------------------------------------------------------------

/** Dates as RFC 5322 (3.3, 4.3), ISO 8601 and people have them: read wholly or not at all, as half of one is another date. */
final class ReceivedDates {
    private static final int MAX_LENGTH = 100;
    private static final Pattern COMPACT = Pattern.compile("^(\\d{4})(\\d\\d)(\\d\\d)T(\\d\\d)(\\d\\d)(\\d\\d)");
    private static final Pattern CLOCK = Pattern.compile(
            "(?i)(?:(?<=\\d)T|(?<!\\d))(\\d\\d?):(\\d\\d?)(?::(\\d\\d?)(?:[.,]\\d+)?)?(?![\\d:.])(?: *([AP])M\\b)?");
    /** The zones of RFC 5322, 4.3; what others mean nobody can tell, so they only stand behind an offset. */
    private static final Pattern ZONE = Pattern.compile("(?i) (Z|UTC?|GMT|([ECMP])([SD])T)\\b");
    private static final Pattern OFFSET = Pattern.compile(
            "(?i) (?:(?:GMT|UTC?) *([+-])(\\d\\d?+)|([+-])(\\d\\d)):?(\\d\\d)?(?!\\d)"
                    + "(?-i: +(?!UTC?|GMT|[ECMP][SD]T)[A-Z]{2,5}\\b)?");
    private static final String DAY = "(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?)";
    private static final String MONTH = "(Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
            + "|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)";
    private static final Pattern DATE = Pattern.compile("(?i) *(?:" + DAY + " +)?(?:"
            + "(?<y1>\\d{4})(?<dash>[-/])(?<m1>\\d\\d?)\\k<dash>(?<d1>\\d\\d?)"
            + "|(?<d2>\\d\\d?)[-/ ]*(?<m2>" + MONTH + ")[-/ ]*(?<y2>\\d{2,4})"
            + "|(?<m3>" + MONTH + ") *(?<d3>\\d\\d?) +(?<y3>\\d{4}))(?: +" + DAY + ")? *");
    /** A date with a time and a zone that is known, or at an end, as it stands among other words. */
    static final Pattern MOMENT = Pattern.compile("(?i)(?<![\\w.-])(?:" + DAY + ",?\\s{0,9})?(?:\\d\\d?(?:-|\\s{1,9})" + MONTH
            + "(?:-|\\s{1,9})\\d{2,4}|" + MONTH + "\\s{1,9}\\d\\d?(?:,?\\s{1,9}\\d{4})?|\\d{4}[-/]\\d\\d?[-/]\\d\\d?)"
            + "(?:T|,?\\s{1,9})\\d\\d?:\\d\\d(?::\\d\\d(?:[.,]\\d{1,9})?)?(?:\\s?[AP]M\\b)?(?:\\s{1,9}\\d{4}\\b)?"
            + "\\s{0,9}(?:Z\\b|(?:UTC?|GMT)?[+-]\\d\\d:?\\d\\d\\b|(?:UTC?|GMT|[ECMP][SD]T)\\b|(?=[;(]|$))(?:\\s{1,9}\\d{4}\\b)?");
    private static final int END_OF_RECEIVED = 1000;
    private static final String MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
    private String rest;

    private ReceivedDates(String text) {
        rest = text;
    }

    static Optional<OffsetDateTime> read(String field) {
        String plain = Comments.replaced(field.replace('"', ' '), " ").replaceAll("\\s+", " ").strip();
        String text = COMPACT.matcher(plain).replaceFirst("$1-$2-$3T$4:$5:$6");
        try {
            return text.length() > MAX_LENGTH ? Optional.empty() : new ReceivedDates(" " + text).date();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** What stands after the last semicolon of a Received field (RFC 5321, 4.4); comments may have some too; else any. */
    static Optional<OffsetDateTime> received(String field) {
        String end = field.substring(Math.max(0, field.length() - END_OF_RECEIVED));
        return IntStream.iterate(end.lastIndexOf(';'), at -> at >= 0, at -> end.lastIndexOf(';', at - 1)).limit(10)
                .mapToObj(at -> read(end.substring(at + 1))).flatMap(Optional::stream).findFirst()
                .or(() -> MOMENT.matcher(end).results().map(MatchResult::group).flatMap(any -> read(any).stream())
                        .reduce((first, last) -> last));
    }

    /** Without a time it is midnight, without a zone UTC. */
    private Optional<OffsetDateTime> date() {
        LocalTime time = taken(CLOCK).map(ReceivedDates::time).orElse(LocalTime.MIDNIGHT);
        rest = rest.replaceAll("[ ,]+", " ");
        Optional<ZoneOffset> offset = taken(OFFSET).map(ReceivedDates::offset);
        Optional<ZoneOffset> zone = taken(ZONE).map(ReceivedDates::zone);
        Matcher date = DATE.matcher(rest);
        if (!date.matches() || offset.isPresent() && zone.isPresent() && !offset.equals(zone)) {
            return Optional.empty();
        }
        LocalDateTime local = day(date).atTime(time);
        ZoneOffset known = zone.orElse(ZoneOffset.UTC);
        OffsetDateTime read = local.atOffset(offset.orElse(known));
        return Optional.of(offset.isPresent() ? read : read.withOffsetSameInstant(ZoneOffset.UTC))
                .filter(whole -> whole.getYear() >= 1000 && whole.getYear() < 10_000);
    }

    private Optional<MatchResult> taken(Pattern pattern) {
        Matcher found = pattern.matcher(rest);
        Optional<MatchResult> taken = found.find() ? Optional.of(found.toMatchResult()) : Optional.empty();
        rest = taken.map(what -> rest.substring(0, what.start()) + " " + rest.substring(what.end())).orElse(rest);
        return taken;
    }

    private static LocalTime time(MatchResult clock) {
        int hour = Integer.parseInt(clock.group(1));
        boolean halves = clock.group(4) != null;
        if (halves && (hour < 1 || hour > 12)) {
            throw new DateTimeException("no hour of half a day");
        }
        int afternoon = halves && clock.group(4).equalsIgnoreCase("P") ? 12 : 0;
        return LocalTime.of(halves ? hour % 12 + afternoon : hour, number(clock.group(2)), number(clock.group(3)));
    }

    private static ZoneOffset offset(MatchResult offset) {
        int sign = Objects.toString(offset.group(1), offset.group(3)).equals("-") ? -1 : 1;
        int hours = number(offset.group(2)) + number(offset.group(4));
        return ZoneOffset.ofHoursMinutes(sign * hours, sign * number(offset.group(5)));
    }

    private static ZoneOffset zone(MatchResult zone) {
        int hours = zone.group(2) == null ? 0 : "ecmp".indexOf(zone.group(2).toLowerCase(Locale.ROOT)) + 5;
        return ZoneOffset.ofHours(hours == 0 || zone.group(3).equalsIgnoreCase("S") ? -hours : 1 - hours);
    }

    private static LocalDate day(Matcher date) {
        if (date.group("y1") != null) {
            return LocalDate.of(number(date.group("y1")), number(date.group("m1")), number(date.group("d1")));
        }
        boolean dayFirst = date.group("d2") != null;
        String month = date.group(dayFirst ? "m2" : "m3").substring(0, 3).toLowerCase(Locale.ROOT);
        int day = number(date.group(dayFirst ? "d2" : "d3"));
        return LocalDate.of(year(date.group(dayFirst ? "y2" : "y3")), MONTHS.indexOf(month) / 3 + 1, day);
    }

    /** Those of two and three digits: RFC 5322, 4.3. */
    private static int year(String digits) {
        int twoDigits = number(digits) < 50 ? 2000 : 1900;
        int base = digits.length() == 3 ? 1900 : twoDigits;
        return digits.length() == 4 ? number(digits) : base + number(digits);
    }

    /** 0 where there is none. */
    private static int number(String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }
}

// ---- 10.10 Transfer encodings ---------------------------------------------------------------------------------------

/** Transfer encodings (RFC 2045, 6) in any state: what is not what it is said to be is given as it is, and said. */
final class ContentDecoder {
    static InputStream decoded(InputStream encoded, String encoding, Consumer<String> warnings) {
        return switch (encoding) {
            case "base64" -> new DecodedLines(encoded, new Base64Lines(warnings));
            case "quoted-printable" -> new DecodedLines(encoded, new QuotedPrintable());
            case "x-uuencode", "uuencode", "x-uue", "uue" -> new DecodedLines(encoded, new UuLines(warnings));
            default -> encoded;
        };
    }

    static byte[] base64(String encoded) {
        return new Base64Groups().decode(encoded.getBytes(US_ASCII), 0, encoded.length());
    }
}

/** Quoted-printable (RFC 2045, 6.7); an equals sign that masks nothing stands for itself. */
final class QuotedPrintable implements DecodedLines.Decoder {
    @Override
    public int together(byte[] block, int from, int end) {
        int to = end;
        while (to > from && block[to - 1] != '\n') {
            to--;
        }
        return to;
    }

    /** Blanks at the end of a line are none of it (RFC 2045, 6.7). */
    @Override
    public byte[] decode(byte[] block, int from, int to, int end) {
        byte[] decoded = new byte[2 * (to - from)];
        int count = 0;
        for (int next = from; next < to;) {
            int lineEnd = next;
            while (lineEnd < to && block[lineEnd] != '\n') {
                lineEnd++;
            }
            int last = lineEnd < to ? withoutBlanks(block, next, lineEnd) : to;
            boolean goesOn = lineEnd < to && last > next && block[last - 1] == '=';
            count = unmasked(block, next, goesOn ? last - 1 : last, decoded, count);
            if (lineEnd < to && !goesOn) {
                decoded[count++] = '\r';
                decoded[count++] = '\n';
            }
            next = lineEnd + 1;
        }
        return Arrays.copyOf(decoded, count);
    }

    private static int withoutBlanks(byte[] block, int from, int to) {
        int last = to;
        while (last > from && (block[last - 1] == ' ' || block[last - 1] == '\t' || block[last - 1] == '\r')) {
            last--;
        }
        return last;
    }

    private static int unmasked(byte[] block, int from, int to, byte[] decoded, int already) {
        int count = already;
        for (int at = from; at < to; at++) {
            int octet = block[at] == '=' && at + 2 < to ? octet(block[at + 1], block[at + 2]) : -1;
            decoded[count++] = octet < 0 ? block[at] : (byte) octet;
            at += octet < 0 ? 0 : 2;
        }
        return count;
    }

    private static int octet(byte high, byte low) {
        int first = Character.digit(high, 16);
        int second = Character.digit(low, 16);
        return first < 0 || second < 0 ? -1 : 16 * first + second;
    }

    /** Octets as characters, some as two hexadecimal digits behind a mark. */
    static byte[] octets(String text, Pattern masked) {
        return masked.matcher(text).replaceAll(QuotedPrintable::octet).getBytes(ISO_8859_1);
    }

    private static String octet(MatchResult masked) {
        String octet = masked.group(1) == null ? "" : String.valueOf((char) Integer.parseInt(masked.group(1), 16));
        return Matcher.quoteReplacement(octet);
    }
}

/** Content that is decoded line by line; of a very long line piece by piece. */
final class DecodedLines extends InputStream {
    /** As much as that after the beginning of a line is there when it is decoded, unless the content ends. */
    static final int AHEAD = 4096;
    private final InputStream in;
    private final Decoder decoder;
    private final byte[] block = new byte[8 * AHEAD];
    private int next;
    private int end;
    private InputStream decoded = InputStream.nullInputStream();
    private boolean ended;

    interface Decoder {
        /** Where lines end that can be decoded together; where they begin if that needs a look at each. */
        default int together(byte[] block, int from, int end) {
            return from;
        }

        /** Decodes the line from {@code from} to {@code to}; what follows it can be seen up to {@code end}. */
        byte[] decode(byte[] block, int from, int to, int end);

        default void end() {
        }
    }

    DecodedLines(InputStream in, Decoder decoder) {
        this.in = in;
        this.decoder = decoder;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = decoded.read(target, offset, length);
        while (count < 0 && !ended) {
            decodeLine();
            count = decoded.read(target, offset, length);
        }
        return count;
    }

    private void decodeLine() throws IOException {
        if (end - next < AHEAD) {
            System.arraycopy(block, next, block, 0, end - next);
            end -= next;
            next = 0;
            end += in.readNBytes(block, end, block.length - end);
        }
        int together = decoder.together(block, next, end);
        int to = together > next ? together : lineEnd();
        ended = to == next;
        if (ended) {
            decoder.end();
        } else {
            decoded = new ByteArrayInputStream(decoder.decode(block, next, to, end));
        }
        next = to;
    }

    /** If there is none, an escape of quoted-printable stays in one piece. */
    private int lineEnd() {
        int to = next;
        while (to < end && block[to] != '\n') {
            to++;
        }
        if (to < end) {
            return to + 1;
        }
        boolean cut = end == block.length;
        int escape = cut && block[end - 1] == '=' ? 1 : 2;
        return cut && block[end - escape] == '=' ? end - escape : end;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}

// ---- 10.11 base64 ---------------------------------------------------------------------------------------------------

/** Groups of four digits of base64 (RFC 4648, 4, and with the two other digits of 5). A padding ends a group, not the content. */
final class Base64Groups {
    private static final byte[] VALUES = new byte[256];
    private int bits;
    /** Of a group that is whole or not; 0 at the beginning and after a padding. */
    private int digits;
    /** Whether there was anything but digits, paddings and white space. */
    boolean hasOthers;
    /** Whether a group had a single digit, which is no octet yet. */
    boolean breaksOff;

    static {
        Arrays.fill(VALUES, (byte) -1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        IntStream.range(0, 64).forEach(value -> VALUES[alphabet.charAt(value)] = (byte) value);
        VALUES['-'] = 62;
        VALUES['_'] = 63;
    }

    static boolean isDigit(int octet) {
        return octet < 256 && VALUES[octet] >= 0;
    }

    static int digitsEnd(byte[] octets, int from, int end) {
        int at = from;
        while (at < end && VALUES[octets[at] & 0xff] >= 0) {
            at++;
        }
        return at;
    }

    boolean begins() {
        return digits == 0;
    }

    byte[] decode(byte[] octets, int from, int to) {
        byte[] decoded = new byte[to - from];
        int count = 0;
        int at = from;
        while (at < to) {
            int group = digits % 4 == 0 && to - at >= 4 ? group(octets, at) : -1;
            if (group >= 0) {
                decoded[count] = (byte) (group >> 16);
                decoded[count + 1] = (byte) (group >> 8);
                decoded[count + 2] = (byte) group;
                count += 3;
                digits = 4;
                at += 4;
            } else {
                count += decode(octets[at++], decoded, count);
            }
        }
        return Arrays.copyOf(decoded, count);
    }

    /** Returns how many octets that made. */
    private int decode(byte octet, byte[] decoded, int count) {
        int value = VALUES[octet & 0xff];
        if (value >= 0) {
            bits = bits << 6 | value;
            digits = digits % 4 + 1;
            decoded[count] = (byte) (bits >> 8 - 2 * digits);
            return digits > 1 ? 1 : 0;
        }
        if (octet == '=') {
            end();
        }
        hasOthers |= octet != '=' && !Character.isWhitespace(octet);
        return 0;
    }

    /** Negative if there is another character in it. */
    private static int group(byte[] octets, int at) {
        int left = VALUES[octets[at] & 0xff] << 6 | VALUES[octets[at + 1] & 0xff];
        return left << 12 | VALUES[octets[at + 2] & 0xff] << 6 | VALUES[octets[at + 3] & 0xff];
    }

    void end() {
        breaksOff |= digits == 1;
        digits = 0;
    }
}

/** Lines of base64 (RFC 2045, 6.8), and the text that stands in their place, or behind them as some mailing lists put it. */
final class Base64Lines implements DecodedLines.Decoder {
    /** After a line of something else: whether the next one is as long as lines of base64 are. */
    private static final Pattern GOES_ON = Pattern.compile("[^\\n]*+\\n\\s*+[A-Za-z0-9+/]{60,76}+\\r?\\n");
    private final Consumer<String> warnings;
    private final Base64Groups groups = new Base64Groups();
    private boolean isText;
    /** So many octets are known to be base64. */
    private int proven;
    /** Up to there in the block is nothing else. */
    private int pureEnd;

    Base64Lines(Consumer<String> warnings) {
        this.warnings = warnings;
    }

    @Override
    public byte[] decode(byte[] block, int from, int to, int end) {
        boolean inDoubt = !isText && proven <= 0 && to > pureEnd;
        String ahead = inDoubt ? new String(block, from, Math.min(end - from, DecodedLines.AHEAD), ISO_8859_1) : "";
        proven = inDoubt ? Base64Look.proven(ahead) : proven;
        boolean isNone = inDoubt && proven == 0;
        proven = Math.max(0, proven - (to - from));
        boolean skipped = isNone && !groups.begins() && GOES_ON.matcher(ahead).lookingAt();
        groups.hasOthers |= skipped;
        isText |= isNone && !skipped;
        return isText ? Arrays.copyOfRange(block, from, to) : groups.decode(block, from, skipped ? from : to);
    }

    @Override
    public int together(byte[] block, int from, int end) {
        pureEnd = from;
        int at = groups.begins() || isText ? end : from;
        while (at < end && block[at] != '-' && block[at] != '_') {
            at = Base64Groups.digitsEnd(block, at, end);
            at += at < end && block[at] == '\r' ? 1 : 0;
            boolean lineEnds = at < end && block[at] == '\n';
            at = lineEnds ? at + 1 : end;
            pureEnd = lineEnds ? at : pureEnd;
        }
        return isText ? end : pureEnd;
    }

    @Override
    public void end() {
        groups.end();
        Map<String, Boolean> problems = Map.of("it is said to be base64, what is not is given as it is", isText,
                "characters that are not base64 are left out", groups.hasOthers, "its base64 breaks off", groups.breaksOff);
        problems.forEach((problem, found) -> Optional.of(problem).filter(any -> found).ifPresent(warnings));
    }
}

/** Tells base64 from text, line by line as far as there is one. */
final class Base64Look {
    private static final Pattern LINE = Pattern.compile("([^\\n]*+)(\\n|\\z)");
    private static final Pattern NEVER = Pattern.compile("[<>:%]|[,;.?].*[,;.?]");
    /** Words, and lines that stand between texts. */
    private static final Pattern TEXT = Pattern.compile("[A-Za-z]+(?: +[A-Za-z]+)+|[-_]{2,}|[-_=]{3,}");
    private static final Pattern WORD = Pattern.compile("[A-Za-z][a-z]+");
    private static final Pattern GROUP_END = Pattern.compile("(?<=[= \\t])(?=[\\w+/-])");
    private static final Pattern JOINED = Pattern.compile("=[\\w+/-]");

    /** A line, its digits with the paddings, and what it has beside these and blanks. */
    private record Line(String words, int digits, long others) {
        static Line of(String given) {
            String words = given.startsWith("=") ? given.strip().replaceFirst("^={1,2}(?!=)", "") : given.strip();
            return new Line(words, digits(words), words.chars().filter(c -> !isDigit(c) && c != ' ' && c != '\t').count());
        }

        private static boolean isDigit(int c) {
            return c == '=' || Base64Groups.isDigit(c);
        }

        private static int digits(String words) {
            return (int) words.chars().filter(Line::isDigit).count();
        }

        /** A few other characters may have got between whole groups (RFC 2045, 6.8). */
        boolean isText() {
            boolean uneven = digits % 4 != 0;
            boolean blanks = words.length() > digits + others;
            boolean oddities = others > 0 && (blanks || uneven || 2 * others > digits || NEVER.matcher(words).find());
            boolean word = words.length() > 4 && WORD.matcher(words).matches() || JOINED.matcher(words).find();
            return oddities || uneven && word || groupsAreBroken() || TEXT.matcher(words).matches();
        }

        private boolean groupsAreBroken() {
            String[] pieces = GROUP_END.split(words);
            return Stream.of(pieces).limit(pieces.length - 1).anyMatch(piece -> digits(piece) % 4 != 0);
        }
    }

    /** How many octets are base64, up to a line that is none. What does not end with a whole group before such is none either. */
    static int proven(String ahead) {
        Matcher lines = LINE.matcher(ahead);
        int whole = 0;
        int digits = 0;
        boolean doubtful = false;
        while (lines.find() && lines.end() > lines.start()) {
            Line line = Line.of(lines.group(1));
            boolean cut = lines.group(2).isEmpty() && ahead.length() == DecodedLines.AHEAD;
            if (cut && lines.start() > 0) {
                return lines.start();
            }
            if (!cut && line.isText()) {
                return doubtful || digits % 4 != 0 ? whole : lines.start();
            }
            doubtful |= line.others > 0 || digits == 0 && WORD.matcher(line.words).matches();
            digits += line.digits;
            if (line.words.endsWith("=")) {
                whole = lines.end();
                digits = 0;
                doubtful = false;
            }
        }
        return ahead.length();
    }
}

// ---- 10.12 uuencode -------------------------------------------------------------------------------------------------

/** Lines of uuencode, as POSIX describes it, of one file or several. */
final class UuLines implements DecodedLines.Decoder {
    private static final Pattern BEGINNING = Pattern.compile("(?m)^begin [0-7]{3,4} .*$");
    private static final Pattern DATA = Pattern.compile("[ -`]+");
    private final Consumer<String> warnings;
    private boolean isLooked;
    private boolean isText;
    private boolean isFile;
    private boolean hasText;

    UuLines(Consumer<String> warnings) {
        this.warnings = warnings;
    }

    @Override
    public byte[] decode(byte[] block, int from, int to, int end) {
        isText = isLooked ? isText : !BEGINNING.matcher(new String(block, from, end - from, ISO_8859_1)).find();
        isLooked = true;
        String line = new String(block, from, to - from, ISO_8859_1).replaceFirst("\\r?\\n$", "");
        boolean begins = BEGINNING.matcher(line).matches();
        boolean ends = isFile && line.equals("end");
        if (isFile && !ends && isData(line)) {
            return decode(line + " ".repeat(96));
        }
        isFile = begins || isFile && !ends;
        boolean given = isText || !begins && !ends && !line.isBlank();
        hasText |= given;
        return given ? Arrays.copyOfRange(block, from, to) : new byte[0];
    }

    /** Blanks at its end may have been lost, and one character more may be a sum of it. */
    private static boolean isData(String line) {
        return DATA.matcher(line).matches() && line.length() <= 2 + (value(line, 0) + 2) / 3 * 4;
    }

    private static int value(String line, int at) {
        return line.charAt(at) - ' ' & 0x3f;
    }

    private static byte[] decode(String line) {
        byte[] decoded = new byte[value(line, 0)];
        for (int i = 0; i < decoded.length; i++) {
            int at = 1 + i / 3 * 4 + i % 3;
            decoded[i] = (byte) ((value(line, at) << 6 | value(line, at + 1)) >> 4 - i % 3 * 2);
        }
        return decoded;
    }

    @Override
    public void end() {
        if (hasText) {
            warnings.accept("it is said to be uuencoded, what is not is given as it is");
        }
    }
}

// ---- 10.13 Hops -----------------------------------------------------------------------------------------------------

/** What a Received field says, whoever wrote it: a value stands behind its word, wherever that is (RFC 5321, 4.4). */
final class ReceivedField {
    private static final String ONCE = "Date From Sender Reply-To To Cc Bcc Message-ID In-Reply-To References Subject";
    private static final Pattern RECORDED = Pattern.compile("(?i)(?:(?:ARC-)?Authentication-Results|ARC-Seal|Received-SPF):");
    private static final int LONGEST = 10_000;
    private static final int MOST_WORDS = 5;
    /** What begins a value, or is none. */
    private static final Pattern KEY = Pattern.compile("from|by|via|with|id|for|tls|using|helo|envelope-from|;");
    private static final Pattern WORD = Pattern.compile("(?:\"[^\"]{0,64}+\"|[^\\s;\"]){1,300}+|;");
    /** What some say in brackets alone, as sendmail does of local mail. */
    private static final Pattern COMMENT = Pattern.compile("(?i)\\(\\s*+(from|for|id)\\s++([^\\s();]{1,300}+)");
    private static final Pattern PROTOCOL = Pattern.compile("(?i)(?:UTF8|E)?(?:SMTP|LMTP|HTTP)S?A?");
    private static final Pattern SECURED_PROTOCOL = Pattern.compile("(?i).*(?:SMTP|LMTP|HTTP)SA?");
    private static final Pattern VERSION =
            Pattern.compile("(?i)(?<![\\w.-])(TLS|SSL)[ _-]?v?(\\d(?:[._]\\d)?)(?![\\w@]|[.-]\\w)");
    private static final Pattern SECURED = Pattern.compile("(?i)[(/](?:using )?(?:TLS|SSL)\\b|\\bcipher=(?!no)|\\bencrypted\\b");
    private final String field;
    private final Map<String, List<String>> values = new HashMap<>();

    /** Of one that is very long the beginning. */
    private ReceivedField(String whole) {
        field = whole.substring(0, Math.min(LONGEST, whole.length()));
        String undated = ReceivedDates.MOMENT.matcher(field).replaceAll("; ");
        String plain = Comments.replaced(undated + ";", " ");
        List<String> words = new ArrayList<>();
        // A comment that does not end would hide the rest.
        Matcher word = WORD.matcher(plain.endsWith(";") ? plain : undated.replaceAll("[()]", " "));
        while (word.find()) {
            String lower = word.group().toLowerCase(Locale.ROOT);
            if (KEY.matcher(lower).matches()) {
                words = new ArrayList<>();
                values.putIfAbsent(lower, words);
            } else if (words.size() < MOST_WORDS) {
                words.add(word.group());
            }
        }
        COMMENT.matcher(field).results()
                .forEach(comment -> values.putIfAbsent(comment.group(1).toLowerCase(Locale.ROOT), List.of(comment.group(2))));
    }

    static Trace trace(HeaderFields header, List<String> lines, List<Dkim> dkim) {
        UnaryOperator<String> people = name -> ReceivedAddresses.shown(header.all(name));
        List<String> recorded = lines.stream().filter(line -> RECORDED.matcher(line).lookingAt()).toList();
        List<String> repeated = Stream.of(ONCE.split(" ")).filter(name -> header.all(name).size() > 1).toList();
        return new Trace(hops(header.all("Received")), people.apply("Return-Path"), people.apply("From"),
                people.apply("Reply-To"), recorded, repeated, dkim);
    }

    /** As the message travelled: the topmost field is last. */
    private static List<Hop> hops(List<String> fields) {
        List<Hop> hops = new ArrayList<>();
        Optional<Instant> before = Optional.empty();
        for (int i = fields.size() - 1; i >= 0; i--) {
            Hop hop = new ReceivedField(fields.get(i)).hop(fields.get(i), before);
            hops.add(hop);
            before = hop.time().isPresent() ? hop.time() : before;
        }
        return hops;
    }

    private Hop hop(String whole, Optional<Instant> before) {
        Optional<Instant> time = ReceivedDates.received(whole).map(OffsetDateTime::toInstant);
        Optional<Duration> delay = time.flatMap(now -> before.map(then -> Duration.between(then, now)));
        String raw = EncodedWords.decoded(whole).replaceAll("\\s+", " ");
        return new Hop(value("from"), value("by"), value("with"), value("id"), value("for").replaceAll("[<>]", ""), tls(), time,
                delay, raw);
    }

    /** The words, if they are only that, such as Microsoft SMTP Server; else the protocol among them, or the first. */
    private String value(String key) {
        List<String> words = values.getOrDefault(key, List.of());
        boolean phrase = words.stream().allMatch(word -> word.matches("[<>\\p{Alpha}-]+"));
        Stream<String> protocols = words.stream().filter(word -> key.equals("with") && PROTOCOL.matcher(word).matches());
        String value = phrase ? String.join(" ", words) : protocols.findFirst().orElse(words.get(0));
        return EncodedWords.decoded(value).replaceFirst(",$", "");
    }

    private String tls() {
        Matcher version = VERSION.matcher(field);
        boolean secured = values.containsKey("tls") || SECURED_PROTOCOL.matcher(value("with")).matches()
                || SECURED.matcher(field).find();
        return version.find() ? (version.group(1).toUpperCase(Locale.ROOT) + "v" + version.group(2)).replace('_', '.')
                : secured ? "TLS" : "";
    }
}

// ---- 10.14 Signatures -----------------------------------------------------------------------------------------------

/** A list of tags and their values (RFC 6376, 3.2). */
record Tags(Map<String, String> values, boolean wellFormed) {
    private static final Pattern TAG = Pattern.compile("\\s*+([A-Za-z]\\w*+)\\s*+=(.*)", Pattern.DOTALL);

    static Tags of(String list) {
        Map<String, String> values = new HashMap<>();
        boolean wellFormed = true;
        for (String part : list.strip().split(";")) {
            Matcher tag = TAG.matcher(part);
            wellFormed &= tag.matches() && values.putIfAbsent(tag.group(1), tag.group(2).strip()) == null;
        }
        return new Tags(values, wellFormed);
    }

    String get(String tag, String otherwise) {
        return values.getOrDefault(tag, otherwise);
    }

    String small(String tag, String otherwise) {
        return get(tag, otherwise).toLowerCase(Locale.ROOT);
    }

    /** What stands between colons. */
    List<String> list(String tag, String otherwise) {
        return Stream.of(small(tag, otherwise).split(":")).map(String::strip).toList();
    }

    byte[] octets(String tag) {
        return Base64.getDecoder().decode(get(tag, "").replaceAll("\\s+", ""));
    }
}

/** A DKIM-Signature (RFC 6376), and whether it holds. */
final class DkimSignature {
    static final int MOST = 20;
    private static final String CANONICAL = "(simple|relaxed)(/(simple|relaxed))?";
    private static final String NUMBER = "\\d{1,18}";
    private final String field;
    private final Tags tags;
    private final String domain;
    private final String identity;
    private final String canonical;
    private final BodyHash body;

    DkimSignature(String field) {
        this.field = field;
        tags = Tags.of(Charsets.guessed(field.substring(field.indexOf(':') + 1), field.length()));
        domain = tags.small("d", "");
        identity = tags.small("i", domain).replaceFirst("(?s).*@", "");
        canonical = tags.small("c", "simple");
        String limit = tags.get("l", "");
        body = new BodyHash(canonical.endsWith("/relaxed"), limit.matches(NUMBER) ? Long.parseLong(limit) : Long.MAX_VALUE);
    }

    /** Those of a header whose body nobody has read. */
    static List<Dkim> unread(List<String> values) {
        return values.stream().limit(MOST).map(value -> new DkimSignature("DKIM-Signature:" + value))
                .map(signature -> signature.result(DkimResult.NONE, "body not read")).toList();
    }

    /** The first ones of a message, by one pass over its body. */
    static List<Dkim> verified(Path message, TextRecords keys) {
        return Inputs.reading(Exit.IO, message.toString(), () -> {
            try (InputStream file = new BufferedInputStream(Inputs.stream(message), BlockOutput.BLOCK)) {
                Lines in = new Lines(file, HeaderFields.skipPreface(file));
                SignedHeader header = SignedHeader.read(in);
                List<DkimSignature> all = header.signatures();
                BodyHash.read(in, all.stream().map(signature -> signature.body).toList());
                return all.stream().map(signature -> signature.attempt(() -> signature.verdict(header, keys))).toList();
            }
        });
    }

    private Dkim result(DkimResult result, String reason) {
        return new Dkim(tags.get("d", ""), tags.get("s", ""), tags.get("a", ""), result, reason);
    }

    /** Whatever the JDK throws means that some value is malformed. */
    private Dkim attempt(Callable<Dkim> verdict) {
        try {
            return verdict.call();
        } catch (SignatureException e) {
            return result(DkimResult.FAIL, "the signature does not fit");
        } catch (Exception e) {
            boolean temporary = e instanceof MailException known && known.retryable();
            return result(temporary ? DkimResult.TEMPERROR : DkimResult.PERMERROR, Texts.cause(e));
        }
    }

    private static void refuse(boolean wrong, String reason) {
        if (wrong) {
            throw MailException.data(reason);
        }
    }

    /** RFC 6376, 6.1; a name in other letters than those of ASCII: RFC 8616. */
    private Dkim verdict(SignedHeader header, TextRecords keys) {
        check();
        Instant end = Instant.ofEpochSecond(Long.parseLong(tags.get("x", "9999999999")));
        if (end.isBefore(Instant.now())) {
            return result(DkimResult.FAIL, "it was valid until " + end);
        }
        String name = tags.get("s", "") + "._domainkey." + domain;
        List<String> records = keys.of(IDN.toASCII(name, IDN.ALLOW_UNASSIGNED));
        refuse(records.isEmpty(), "there is no key at " + name);
        return records.stream().map(record -> attempt(() -> verdict(header, Tags.of(record))))
                .min(Comparator.comparing(Dkim::result)).orElseThrow();
    }

    private void check() {
        refuse(!tags.wellFormed(), "it is malformed");
        for (String tag : List.of("v", "a", "b", "bh", "d", "h", "s")) {
            refuse(tags.get(tag, "").isEmpty(), tag + "= is missing");
        }
        refuse(!tags.get("v", "").equals("1"), "its version is unknown");
        refuse(!tags.small("a", "").matches("(rsa|ed25519)-sha256"), tags.get("a", "") + " is unsafe or unknown");
        refuse(!canonical.matches(CANONICAL) || !tags.list("q", "dns/txt").contains("dns/txt"), "c= or q= is unknown");
        refuse(!tags.get("l", "0").matches(NUMBER), "l= is no number");
        refuse(!tags.list("h", "").contains("from"), "h= lacks From");
        refuse(!("." + identity).endsWith("." + domain), "i= is not within d=");
    }

    /** By one of the keys that its name has. */
    private Dkim verdict(SignedHeader header, Tags key) throws GeneralSecurityException {
        String kind = tags.small("a", "").replace("-sha256", "");
        checkKey(key, kind);
        PublicKey known = DkimKey.of(kind, key.octets("p"));
        boolean limited = tags.values().containsKey("l");
        if (!Arrays.equals(body.hash.get(), tags.octets("bh")) || limited && body.unsigned() < 0) {
            return result(DkimResult.FAIL, "the body does not fit");
        }
        byte[] signed = header.signed(field, tags.list("h", ""), canonical.startsWith("relaxed"));
        DkimKey.verify(known, signed, tags.octets("b"));
        String unsigned = "the last " + Texts.count(body.unsigned(), "octet") + " of the body are not signed";
        return result(DkimResult.PASS, limited ? unsigned : "");
    }

    /** RFC 6376, 3.6.1. */
    private void checkKey(Tags key, String kind) {
        boolean isRecord = key.wellFormed() && key.get("v", "DKIM1").equals("DKIM1") && key.values().containsKey("p");
        refuse(!isRecord, "the key is malformed");
        refuse(key.get("p", "").isEmpty(), "the key is revoked");
        refuse(!key.small("k", "rsa").equals(kind), "the key is no " + kind + " key");
        refuse(!key.list("h", "sha256").contains("sha256"), "the key is not for sha256");
        refuse(Collections.disjoint(key.list("s", "*"), List.of("*", "email")), "the key is not for mail");
        refuse(key.list("t", "").contains("s") && !identity.equals(domain), "the key is for d= only, not for i=");
    }
}

/** The public keys of signatures. */
final class DkimKey {
    private static final int FEWEST_BITS = 1024;
    /** In the form that X.509 gives a key: what stands before 32 octets (RFC 8410, 10.1), and the name of RSA. */
    private static final String EDWARDS = "302a300506032b6570032100";
    private static final String RSA = "300d06092a864886f70d0101010500";

    /** Some records have RSA keys bare (RFC 8017, A.1.1). */
    static PublicKey of(String algorithm, byte[] octets) throws GeneralSecurityException {
        String hex = HexFormat.of().formatHex(octets);
        String rsa = hex.contains(RSA) ? hex : encoded("30", RSA + encoded("03", "00" + hex));
        byte[] form = HexFormat.of().parseHex(algorithm.equals("rsa") ? rsa : EDWARDS + hex);
        PublicKey key = KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(form));
        if (key instanceof RSAPublicKey known && known.getModulus().bitLength() < FEWEST_BITS) {
            throw MailException.data("the key has only " + known.getModulus().bitLength() + " bits");
        }
        return key;
    }

    /** As ASN.1 has it. */
    private static String encoded(String type, String hex) {
        int octets = hex.length() / 2;
        String length = octets < 128 ? "%02x" : octets < 256 ? "81%02x" : "82%04x";
        return type + length.formatted(octets) + hex;
    }

    /** Ed25519 signs the hash (RFC 8463, 3). */
    static void verify(PublicKey key, byte[] signed, byte[] signature) throws GeneralSecurityException {
        boolean rsa = key instanceof RSAPublicKey;
        Signature verifier = Signature.getInstance(rsa ? "SHA256withRSA" : "Ed25519");
        verifier.initVerify(key);
        verifier.update(rsa ? signed : HashOutput.digest("SHA-256").digest(signed));
        if (!verifier.verify(signature)) {
            throw new SignatureException();
        }
    }
}

// ---- 10.15 What is signed -------------------------------------------------------------------------------------------

/** The fields of a header as octets, each with its line ends, which are CRLF always. */
record SignedHeader(List<String> fields) {
    private static final int MOST_OCTETS = 4 << 20;
    private static final Pattern OWN_SIGNATURE = Pattern.compile("((?:^[^:]*+:|;)\\s*+b\\s*+=)[^;]*+");

    static SignedHeader read(Lines in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line = in.line(MOST_OCTETS); !line.isEmpty(); line = in.line(MOST_OCTETS - text.length())) {
            text.append(line).append("\r\n");
        }
        return new SignedHeader(List.of(text.toString().split("(?<=\r\n)(?![ \t])")));
    }

    List<DkimSignature> signatures() {
        return fields.stream().filter(field -> name(field).equals("dkim-signature")).limit(DkimSignature.MOST)
                .map(DkimSignature::new).toList();
    }

    private static String name(String field) {
        return field.substring(0, Math.max(0, field.indexOf(':'))).strip().toLowerCase(Locale.ROOT);
    }

    /**
     * What a signature is about that is in one of the fields, where it counts as empty (RFC 6376, 3.7): of fields of one name the
     * lowest comes first (5.4.2). One more From than is named would change it (8.15).
     */
    byte[] signed(String own, List<String> names, boolean relaxed) {
        Map<String, Deque<String>> left = new HashMap<>();
        fields.stream().filter(field -> field != own)
                .forEach(field -> left.computeIfAbsent(name(field), any -> new ArrayDeque<>()).push(field));
        Stream<String> chosen = Stream.concat(names.stream(), Stream.of("from")).filter(left::containsKey)
                .flatMap(name -> Stream.ofNullable(left.get(name).poll()));
        String text = Stream.concat(chosen, Stream.of(OWN_SIGNATURE.matcher(own).replaceFirst("$1")))
                .map(field -> relaxed ? relaxed(field) : field).collect(Collectors.joining());
        return (text.endsWith("\r\n") ? text.substring(0, text.length() - 2) : text).getBytes(ISO_8859_1);
    }

    /** RFC 6376, 3.4.2. */
    private static String relaxed(String field) {
        String value = field.substring(field.indexOf(':') + 1).replace("\r\n", "").replaceAll("[ \t]+", " ");
        return name(field) + ":" + value.replaceAll("\\A | \\z", "") + "\r\n";
    }
}

/** The hash of a body, or of its first octets, in one of the canonical forms (RFC 6376, 3.4.3 and 3.4.4). */
final class BodyHash {
    private static final int LONGEST_LINE = 4 << 20;
    private static final Pattern BLANKS = Pattern.compile("[ \t]+");
    private final boolean relaxed;
    private final long limit;
    private final MessageDigest digest = HashOutput.digest("SHA-256");
    final Lazy<byte[]> hash = new Lazy<>(this::end);
    private long length;
    private long emptyLines;

    BodyHash(boolean relaxed, long limit) {
        this.relaxed = relaxed;
        this.limit = limit;
    }

    /** Reads a body to its end, for all of them. */
    static void read(Lines in, List<BodyHash> all) throws IOException {
        long start = -1;
        while (!all.isEmpty() && in.position > start) {
            start = in.position;
            String line = in.line(LONGEST_LINE);
            boolean ends = in.position - start > line.length();
            all.forEach(each -> each.add(each.relaxed ? relaxed(line, ends) : line));
        }
    }

    private static String relaxed(String line, boolean ends) {
        String blanked = BLANKS.matcher(line).replaceAll(" ");
        return ends && blanked.endsWith(" ") ? blanked.substring(0, blanked.length() - 1) : blanked;
    }

    /** Empty lines count only if another one follows; the end is read as one. */
    private void add(String line) {
        if (line.isEmpty()) {
            emptyLines++;
            return;
        }
        for (; emptyLines > 0; emptyLines--) {
            put("\r\n");
        }
        put(line + "\r\n");
    }

    private void put(String text) {
        byte[] octets = text.getBytes(ISO_8859_1);
        digest.update(octets, 0, (int) Math.max(0, Math.min(octets.length, limit - length)));
        length += octets.length;
    }

    private byte[] end() {
        put(length == 0 && !relaxed ? "\r\n" : "");
        return digest.digest();
    }

    /** How many octets follow those that count. */
    long unsigned() {
        return length - limit;
    }
}

// ---- 10.16 Codes ----------------------------------------------------------------------------------------------------

/** How good a number is as a code: it is none, stands near a word for one, alone on its line, or is called one. */
enum Standing { NONE, NEAR, ALONE, NAMED }

/** The one-time code in what a person sees of a message. */
final class Codes {
    /** Nobody looks for a code further down. */
    private static final int MOST = 50_000;
    private static final Pattern UNSEEN = Pattern.compile("[\\p{Cf}\u034f\u115f\u1160\u3164\ufe0e\ufe0f\u20e3]");
    private static final Pattern MARGINS = Pattern.compile("(?m)^ +|(?<! ) +$");
    /** Each digit may have a cell or a line of its own. */
    private static final Pattern CELLS = Pattern.compile("(?m)(?<=^\\d)\\s*\\n\\s*(?=\\d$)|(?<=(?<!\\S)\\d) {2,}(?=\\d(?!\\S))");
    private static final Pattern NAME_OF_OFFER = Pattern.compile("[A-Z]{3,}\\d{1,4}");
    private final Map<String, Standing> found = new LinkedHashMap<>();
    private final Set<CodeSign> said = EnumSet.noneOf(CodeSign.class);

    /** Those that are equally good, and better than any other. */
    static List<String> in(String subject, String text, String html) {
        Codes codes = new Codes();
        CodeLine head = codes.read(subject, CodeLine.NONE);
        codes.read(text, head);
        codes.read(html.isEmpty() ? "" : HtmlText.seen(html), head);
        return codes.best();
    }

    /** Returns the last line with words. */
    private CodeLine read(String text, CodeLine before) {
        CodeLine above = before;
        String begin = inAscii(text.substring(0, Math.min(text.length(), MOST)));
        String lines = CELLS.matcher(MARGINS.matcher(begin).replaceAll("")).replaceAll(" ");
        for (String words : (Iterable<String>) lines.lines().filter(CodeLine::hasWords)::iterator) {
            above = new CodeLine(words, above);
            above.found.forEach((code, standing) -> found.merge(code, standing, BinaryOperator.maxBy(Comparator.naturalOrder())));
            said.addAll(above.said);
        }
        return above;
    }

    /** Digits, blanks, dashes and what is full width; without what has no width. */
    private static String inAscii(String text) {
        StringBuilder ascii = new StringBuilder();
        UNSEEN.matcher(text).replaceAll("").codePoints().forEach(letter -> {
            boolean dash = letter >= 0x2010 && letter <= 0x2013 || letter == 0x2212;
            boolean blank = letter == '\t' || Character.getType(letter) == Character.SPACE_SEPARATOR;
            int narrow = letter == 0xff0c ? 0x3001 : letter > 0xff00 && letter < 0xff5f ? letter - 0xfee0 : letter;
            int digit = Character.isDigit(letter) ? '0' + Character.digit(letter, 10) : narrow;
            ascii.appendCodePoint(dash ? '-' : blank ? ' ' : digit);
        });
        return ascii.toString();
    }

    /** A number alone in a mail about something else is none, nor is the name of an offer. */
    private List<String> best() {
        boolean elsewhere = !said.contains(CodeSign.CODE) && (said.contains(CodeSign.OTHER) || said.contains(CodeSign.OFFER));
        found.values().removeIf(standing -> elsewhere && standing == Standing.ALONE);
        found.keySet().removeIf(code -> said.contains(CodeSign.OFFER) && NAME_OF_OFFER.matcher(code).matches());
        Optional<Standing> best = found.values().stream().max(Comparator.naturalOrder());
        return found.keySet().stream().filter(code -> best.get() == found.get(code)).toList();
    }
}

/** A line, read from sign to sign; what a number is is settled when the next one comes, or the end. */
final class CodeLine {
    private static final int NEAR = 20;
    private static final Pattern WORDS = Pattern.compile("[\\p{L}\\p{N}]");
    private static final String MARGIN = "[^\\p{L}\\p{N}\1]*";
    private static final Pattern ALONE = Pattern.compile(MARGIN + "(?:[A-Z]-)?" + CodeSign.DIGITS + MARGIN);
    private static final String IS = "(?i)[^\\p{L}\\d]*(?:is|was|are|ist|war|lautet|est|es|é|è|to|jest|это|は|が|では|是|为|為)?";
    private static final Pattern AT_ONCE = Pattern.compile(IS + "[^\\p{L}\\d]*");
    private static final Pattern NO_DIGIT = Pattern.compile("\\D*");
    private static final Pattern IS_MY = Pattern.compile(IS + "(?: \\p{L}{1,8})?[^\\p{L}\\d]*");
    static final CodeLine NONE = new CodeLine();
    final Map<String, Standing> found = new LinkedHashMap<>();
    final Set<CodeSign> said = EnumSet.noneOf(CodeSign.class);
    private final String words;
    private final boolean alone;
    private final boolean near;
    private String number = "";
    private Standing standing = Standing.NONE;
    /** Of the sign before, of the last number, of what names it. */
    private int lastEnd;
    private int numberEnd;
    private int nameEnd;
    /** A code word came that no number has followed; or that may mean the number before it: {@code 123456 is your code}. */
    private boolean asked;
    private boolean answered;
    private boolean negated;
    private boolean old;
    private boolean other;

    private CodeLine() {
        words = "";
        alone = false;
        near = false;
    }

    CodeLine(String line, CodeLine above) {
        words = KnownNumbers.hidden(line);
        List<Sign> signs = CodeSign.in(words);
        signs.forEach(sign -> said.add(sign.kind()));
        boolean saysCode = said.contains(CodeSign.CODE);
        alone = ALONE.matcher(words).matches();
        near = saysCode || above.said.contains(CodeSign.CODE);
        asked = above.asked && (alone || above.words.endsWith(":"));
        boolean ofOffer = said.contains(CodeSign.OFFER) || !saysCode && above.said.contains(CodeSign.OFFER);
        boolean ofOther = alone && (above.old || above.other && !above.asked) || !saysCode && KnownNumbers.isAddress(line);
        if (!ofOffer && !ofOther) {
            signs.forEach(this::read);
            settle();
        }
        asked = alone ? above.asked : asked && found.isEmpty();
        old = alone ? above.old : old;
        other = alone ? above.other : other;
    }

    static boolean hasWords(String line) {
        return !line.startsWith(">") && WORDS.matcher(line).find();
    }

    private void read(Sign sign) {
        switch (sign.kind()) {
            case NUMBER -> readNumber(sign);
            case CODE -> readCode(sign);
            case OTHER, OLD, EXPIRED -> readOther(sign);
            case FRESH -> forget();
            case NOT -> negated = true;
            case PAUSE, STOP -> pause(sign.kind() == CodeSign.STOP);
            default -> { }
        }
        lastEnd = sign.end();
    }

    private void readNumber(Sign sign) {
        asked |= answered;
        answered = false;
        settle();
        String between = sign.start() - nameEnd <= NEAR ? words.substring(nameEnd, sign.start()) : "0";
        boolean loose = KnownNumbers.isYear(sign.number()) && !alone && !(asked && AT_ONCE.matcher(between).matches());
        if (!old && !(other && NO_DIGIT.matcher(between).matches())) {
            number = sign.number();
            standing = alone ? Standing.ALONE : near && !loose ? Standing.NEAR : Standing.NONE;
            standing = asked && !loose ? Standing.NAMED : standing;
            asked &= loose;
        }
        asked &= !old;
        numberEnd = sign.end();
        forget();
    }

    private void forget() {
        old = false;
        other = false;
    }

    private void readCode(Sign sign) {
        other = false;
        if (!negated) {
            boolean ofBefore = !number.isEmpty() && standing != Standing.NAMED && sign.start() - numberEnd <= 4 * NEAR;
            answered |= ofBefore;
            asked |= !ofBefore;
            nameEnd = sign.end();
        }
    }

    private void readOther(Sign sign) {
        boolean atOnce = numberEnd > 0 && lastEnd == numberEnd;
        if (atOnce && (sign.kind() == CodeSign.EXPIRED || IS_MY.matcher(words.substring(lastEnd, sign.start())).matches())) {
            number = "";
        }
        other |= sign.kind() == CodeSign.OTHER;
        old |= sign.kind() != CodeSign.OTHER;
        nameEnd = sign.end();
    }

    private void pause(boolean stop) {
        negated = false;
        other = false;
        if (stop) {
            settle();
            old = false;
        }
    }

    private void settle() {
        if (!number.isEmpty() && (answered || standing != Standing.NONE)) {
            found.merge(number, answered ? Standing.NAMED : standing, BinaryOperator.maxBy(Comparator.naturalOrder()));
        }
        answered = false;
        number = "";
    }
}

// ---- 10.17 Words beside codes ---------------------------------------------------------------------------------------

/** What stands there, and where. */
record Sign(CodeSign kind, int start, int end, String text) {
    String number() {
        return text.replaceAll("[ -]", "");
    }
}

/** What a number is and what others say of it: words of ten languages, one after the other; the first that fits counts. */
enum CodeSign {
    /** A line about these has no code. */
    OFFER("""
            promo(?:tion(?:al|s)?|code)?s?|coupons?|vouchers?|discounts?|gift ?cards?|percent off|referral|cash ?back|giveaway
            gutschein~*|rabatt~*|(?:aktions|vorteils)-?codes?|r[ée]ductions?|bon d['’]achat|code (?:avantage|cadeau|parrain~*)
            des(?:cue|co)ntos?|cup[óo](?:n|n?es|m|ns)|promoci[óo]n~*|promoç~*|sconto|buono|promozion~*|rabat~*|kupon~*
            promoc[yj]~*|промокод~*|скидк~*|купон~*|акци[яию]""",
            "\1 ?off|优惠|優惠|折扣|促[销銷]|兑换码|兌換碼|クーポン|割引|プロモーション|キャンペーン"),
    /** The number beside these is something else. */
    OTHER("""
            ~*-?num(?:ber|mern?)s?|~*-?n[ro]s?[.]|~*-?nr|n[°º]|ids?|ref(?:erence)?[.]?|tel(?:ephone)?[.]?|phone|fax|hotline
            call(?: us)?
            (?:error|zip|postal|post|country|area|qr|bar|source|dress|status|exit|tracking|booking|reservation|product|item
            order|customer|reference|branch|sort|swift|tax|colou?r|http|building|vs|open|low|clean)[- ]?codes?
            (?:de|en|uni)codes?|code (?:of|review|jam)|order(?! to)|invoice|ticket|errors?|receipt|incident|extension|zip
            end(?:ing|s)(?: in| with)?|unsubscribe|newsletter|suite|bestellung|rechnung|auftrag|vorgang|telefon|aktenzeichen|plz
            postleitzahl|fehler|ab(?:bestellen|melden)|end(?:et|end) auf
            (?:fehler|buchungs|länder|bestell|kunden|strich|quell)-?codes?|num[ée]ros?|commande|facture|r[ée]f[ée]rence
            t[ée]l(?:[ée]phone)?[.]?|code (?:postal|d['’]erreur|erreur|client|barres?|produit|de (?:suivi|réservation))
            se d[ée]s(?:abonner|inscrire)|terminant par|n[úu]m(?:ero)?[.]?|pedidos?|factura|fatura|refer[eê]ncia|tel[ée]fono?
            terminad[ao] e[nm]|palabras? clave|protocolo|cep|final
            c[óo]digos? (?:postal|de (?:error?|cliente|barras|pedido|seguimiento|reserva|área|país|produc?to|rastre~*))|ordine
            fattura|riferimento|telefono|codic[ei] (?:postale|fiscale|cliente|errore|ordine|a barre|prodotto)|p[.]? ?iva|cap
            numer~*|zamówieni~*|faktur~*|telefon~*|kod~* (?:poczt|błędu|kresk|klient|zam|prod)~*|nip|regon|номер~*|заказ~*
            сч[её]т~*|тел(?:ефон~*)?[.]?|индекс~*|инн|код~* (?:ошибк|заказ|клиент|товар)~*""",
            "[订訂][单單]|發票|发票|[号號][码碼]|[手][机機]|[电電][话話]|[邮郵][编編]|[编編][码碼号號]|[错錯][误誤](?:代?[码碼])?|[二条條][维形維]?[码碼]"
            + "|源代[码碼]|[单單][号號]|流水号|尾号|工单|客服|热线|退订|番号|エラー(?:コード)?|(?:QR|バー|レ|ソース)コード|注文|電話|配信停止"),
    OLD("""
            old|older|previous|earlier|former|alte[rsn]?|früher~*|vorherig~*|ancien(?:ne)?|pr[ée]c[ée]dente?|antigu?[oa]|anterior
            vecchi[oa]|star[ya]|starego|poprzedni~*|стар~{2}|предыдущ~*|прежн~*""", "旧|舊|[以之]前的|古い|前回の"),
    EXPIRED("""
            (?<!be )expired|no longer (?:valid|works?|active)|not valid any ?more|(?:is|are|now) invalid|abgelaufen~*
            nicht mehr gültig|ungültig~*|expirée?|n['’]est plus valable|p[ée]rimée?|caduc(?:ad[oa]|ó)|expir(?:ad[oa]|ou)
            venci(?:d[oa]|ó)|scadut[oa]|ya no es v[áa]lid[oa]|não é mais válid[oa]|non (?:è )?più valid[oa]|wygas[łl]~*
            niea?ktualn~*|nieważn~*|ист[её]к~*|недействител~*|просрочен~*|устарел~*""",
            "已[经經]?(?:[过過]期|失效|作[废廢])|期限切れ|無効になりました|失効"),
    /** What follows these is neither old nor anything else. */
    FRESH("""
            new|enter|use|type|neue?[rsn]?|eingeben|nouve(?:au|lle)|saisi(?:r|ssez)|entrez|nuev[oa]|n[uo]?ov[oa]|introdu~*
            ingres[ae]|digite|insira|inserisci|now[yae]|nowego|wpisz|wprowadź|нов~{2}|введите|используйте""", "新|[输輸]入|入力"),
    NOT("""
            ~*n['’]t|not|never|nobody|no ?one|nicht|kein~*|nie(?:mals|mand~*)?|ne|n['’]~+|pas|jamais|personne|no|nunca|nadie|não
            ninguém|non|mai|nessuno|nikomu|не|никогда|никому""", "不要|勿|[没沒]有|未"),
    CODE("""
            ~*[ck]ode?s?|~*coden|(?:~*-)?pins?|[a-z]?otps?|totp|one[- ]?time[- ]?pass~*|token|(?-i:[a-zA-Z]*TANs?)
            einmal-?(?:pass|kenn)w~*|mot de passe (?:à usage )?(?:unique|temporaire|dynamique)|c[óo]digos?|claves?
            contraseñas? (?:de un solo uso|temporal|única)|senhas? (?:de uso único|temporária|única)
            palavra-passe (?:de utilização única|temporária)|codic[ei]|password (?:monouso|temporane~*|usa e getta)
            kod(?:u|em|y|ów|zie)|has[łl]~* (?:jednoraz|sms|tymcz)~*|jednorazow~* has[łl]~*|код(?:а|у|ом|е|ы|ов)?|пин(?:-?код~*)?
            парол~*""",
            "[码碼]|口令|コード|ワンタイムパス~*|(?:暗証|認証|確認|検証)番号|パスワード"),
    STOP("", "[;。!?]|[.](?= |$)"), PAUSE("", "[,、]"), KNOWN("", KnownNumbers.MARK), NUMBER("", CodeSign.DIGITS);

    /** A part of a code; what blanks join must be short, as numbers may stand side by side. */
    private static final String PART = "(?=[A-Z]*\\d)[A-Z\\d]++";
    static final String DIGITS = "(?-i:(?<![\\p{IsLatin}\\p{IsCyrillic}\\d_])(?:\\d{1,4}(?:(?: - |[ -])\\d{1,4}){1,30}+"
            + "|(?=[A-Z]*\\d)[A-Z\\d]{4}(?: (?=[A-Z]*\\d)[A-Z\\d]{4}){1,30}+"
            + "|(?=[A-Z]*\\d)[A-Z\\d]{3}(?: (?=[A-Z]*\\d)[A-Z\\d]{3}){1,30}+"
            + "|" + PART + "(?:-" + PART + "){0,30}+)(?![\\p{IsLatin}\\p{IsCyrillic}\\d_]))";
    private static final Pattern ANY =
            Pattern.compile(Stream.of(values()).map(sign -> sign.pattern).collect(Collectors.joining("|", "(?iu)", "")));
    private final String pattern;

    /** Words, and what is found within words, as in Chinese and Japanese. */
    CodeSign(String words, String within) {
        String all = words.strip().replaceAll("\\s*\\n\\s*", "|");
        String whole = words.isEmpty() ? "" : KnownNumbers.bounded("(?=~)‹(?:" + all + ")›") + "|";
        pattern = "(?<" + name() + ">" + whole + within + ")";
    }

    /** All there are, but for numbers that are too long or too short. */
    static List<Sign> in(String words) {
        List<Sign> signs = new ArrayList<>();
        for (Matcher sign = ANY.matcher(words); sign.find();) {
            CodeSign kind = Stream.of(values()).filter(any -> sign.start(any.name()) >= 0).findFirst().orElseThrow();
            Sign found = new Sign(kind, sign.start(), sign.end(), sign.group());
            if (kind != NUMBER || KnownNumbers.mayBeCode(found.number())) {
                signs.add(found);
            }
        }
        return signs;
    }
}

/** Numbers of a known kind: dates, times, sums, addresses, phones. */
final class KnownNumbers {
    /** Stands where one was. */
    static final String MARK = "\1";
    private static final String YEAR = "(?:19|20)\\d\\d";
    private static final String DAY = "(?:0?[1-9]|[12]\\d|3[01])";
    private static final String MONTH = "(?:0?[1-9]|1[0-2])";
    private static final String MONTH_NAME = "(?:jan|feb|f[ée]v|m[aä]r|a[pvb]r|ma[iyjg]|jui?[nl]|giu|lug|aug|aoû|ago|sep|set"
            + "|o[ck]t|ott|out|nov|d[eéi][czc]|ene|gen|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru"
            + "|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)~*[.]?";
    private static final Pattern DATE = Pattern.compile(YEAR + "(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])");
    private static final Pattern NUMBERS = any("""
            ‹(?:https?://|www[.])[^\\s\\u2e80-\\uffef]+|(?<![\\w.-])[\\w.-]+[.][a-z]{2,}/[^\\s\\u2e80-\\uffef]*
            (?<![\\w.+*-])[\\w.+*-]+@[\\w.-]+
            (?:©|\\(c\\)|‹copyright)[^\\d\\n]{0,40}YYYY(?: ?[-,] ?YYYY)?|‹YYYY ?(?:©|\\(c\\)|- ?YYYY›)
            (?<![\\w-])(?:YYYY[- ]MM[- ]DD|DD-MM-(?:20)?\\d\\d|MM-DD-YYYY)(?![\\w-])
            ‹\\d{1,2}(?:st|nd|rd|th|er|º|[.])?(?:,| ?de| of)?[ -]?MONTH(?:,? (?:de |del )?YYYY|-YYYY)?
            ‹MONTH (?:\\d{1,2}(?:st|nd|rd|th)?(?:,? YYYY)?|(?:de |del )?YYYY)›
            ‹\\d+[.,:/]\\d[\\d.,:/]*(?: ?[ap]m›)?|(?<![\\w:])[0-9a-f]{0,4}:[0-9a-f]{0,4}:[0-9a-f:.]*
            ‹\\d{1,4}(?: ?- ?\\d{1,4})?[ -]?(?:(?:s|h|ms|secs?|mins?|hrs?|seconds?|minutes?|hours?|days?|weeks?|[ap][.]?m[.]?
            digits?|characters?|attempts?
            sekunden?|minuten?|stunden?|std[.]?|tagen?|uhr|stellige~*|secondes?|heures?|jours?|chiffres|segundos?|minutos?|horas?
            d[íi]as?|d[íi]gitos
            cifr[ae]|second[oi]|minut[oi]|or[ae]|giorn[oi]|sekund~*|minut~*|godzin~*|dni|cyfr~*|секунд~*|мин(?:ут~*)?[.]?
            час~*|дн~*|сут~*|цифр~*)›|[年月日时時分秒天点點位桁]|小[时時])
            (?:[$€£¥₽₹₩]|‹(?:R\\$|USD|EUR|GBP|CHF|PLN|BRL|JPY|CNY|RMB|RUB|INR|Rs[.]?)) ?\\d[\\d.,]*+
            ‹\\d[\\d.,]*+ ?(?:[$€£¥₽₹₩%‰°元円圆]|(?:USD|EUR|GBP|CHF|PLN|BRL|JPY|CNY|RMB|RUB|INR|zł|kr|euros?|dollars?|reais
            руб~*[.]?|[KMGT]i?B)›)
            ‹[+] ?\\d[\\d ()./-]{3,18}|\\(\\d{2,5}\\) ?\\d[\\d -]*+|(?:(?<![*•●∙·])[*•●∙·]{2,}+|‹x{2,}+) ?-?\\d{2,}+(?!\\*)
            [#№] ?(?-i:[A-Z\\d-]+)
            (?<![\\w-])(?![\\w-]*?(?:code|pin|otp|tan|kod))(?=\\w*-)(?=[\\w-]*?\\d)(?-i:(?=[\\w-]*?[a-z])|[A-Z]{3,}-|(?:PO|RE|KB
            ID|PR|SR)-)[\\w-]+
            〒 ?\\d{3}-?\\d{4}|(?-i:, [A-Z]{2}| (?:C[AO]|NY|WA|TX|IL|MA|GA|FL|UT|VA|DC|NJ)) \\d{5}(?:-\\d{4})?›|‹(?:UTC
            GMT) ?-?\\d+|‹(?:suite|p[.]?o[.]? box|floor|room|apt[.]?|unit) \\d+
            ‹\\d{1,5} (?-i:\\p{Lu})[\\p{L}.]* (?:\\p{L}+ ){0,2}(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|way|parkway)›
            """);
    private static final Pattern ADDRESS = any("""
            ‹(?:street|avenue|road|boulevard|parkway|square|str[.]|rue|calle|avda[.]?|paseo|plaza|viale|corso|piazza|rua|avenida
            praça|ул[.]|ulica|[ua]l[.])›
            ‹(?:(?-i:Inc|LLC|Ltd|GmbH|Corp|Limited|Via)|s[.]?a[.]?r[.]?l|s[.]?r[.]?l|s[.]?p[.]?a|lda|sp[.] z o[.]o|ооо)›|stra(?:ß
            ss)e›
            株式会社|有限公司|丁目|[省市県縣].{0,12}[区區市町路号號]|(?<=[\\p{L},] )(?-i:[A-Z]{1,2}\\d[A-Z\\d]? \\d[A-Z]{2}|[A-Z]\\d[A-Z] \\d[A-Z]\\d)›
            (^|, )([A-Z]{1,2}-)?(\\d{4,5}|\\d{6}(?=,)|\\d\\d+-\\d{3}),? (?-i:\\p{Lu}\\p{L}+([ ,-]*\\p{Lu}[\\p{L}.]*){0,4})$
            """);

    /** A pattern for each line. */
    private static Pattern any(String table) {
        String named = table.strip().replace("\n", "|").replace("YYYY", YEAR).replace("MONTH", MONTH_NAME);
        return Pattern.compile("(?iu)" + bounded(named.replace("MM", MONTH).replace("DD", DAY)));
    }

    /** Of words between blanks: where none goes on, before and after, and a letter of one. */
    static String bounded(String pattern) {
        String letter = "\\p{IsLatin}\\p{IsCyrillic}";
        String before = pattern.replace("‹", "(?<![" + letter + "\\d])");
        return before.replace("›", "(?![" + letter + "\\d])").replace("~", "[" + letter + "]");
    }

    static String hidden(String words) {
        return NUMBERS.matcher(words).replaceAll(MARK);
    }

    static boolean mayBeCode(String number) {
        return number.length() >= 4 && number.length() <= 8 && !DATE.matcher(number).matches();
    }

    static boolean isYear(String number) {
        return number.matches(YEAR);
    }

    static boolean isAddress(String words) {
        return ADDRESS.matcher(words).find();
    }
}

// ---- 10.18 Links ----------------------------------------------------------------------------------------------------

/** Where a message leads by http or https: the links of its HTML, then what only its text has. */
final class Links {
    private static final Pattern BEGIN = Pattern.compile("(?i)(?<![\\p{IsLatin}\\p{IsCyrillic}\\d])https?://");
    private static final Pattern OUTSIDE =
            Pattern.compile("[\\s\\p{Z}\\p{Cc}<>\"\u00ab\u00bb\u201c-\u201f\u3001-\u3011\uff00-\uff65]");
    private static final String AFTER = ".,;:!?'\u2019*_([{";
    private final Map<String, Link> found = new LinkedHashMap<>();

    static List<Link> in(String html, String text) {
        Links links = new Links();
        HtmlText.parsed(html).body().traverse((node, depth) -> links.add(node));
        links.addWritten(text);
        return List.copyOf(links.found.values());
    }

    private void add(Node node) {
        if (node instanceof Element element && (element.nameIs("a") || element.nameIs("area"))) {
            String url = element.attr("href").replaceAll("\\s+", "");
            if (BEGIN.matcher(url).lookingAt()) {
                add(url, element.text().isBlank() ? element.select("[alt]").attr("alt").strip() : element.text().strip());
            }
        } else if (node instanceof TextNode words && node.parent() instanceof Element around && around.closest("a") == null) {
            addWritten(words.getWholeText());
        }
    }

    /** A slash alone after the host says nothing. */
    private void add(String url, String text) {
        found.putIfAbsent(url.replaceFirst("^([^/]*//[^/]*)/$", "$1"), new Link(url, text));
    }

    private void addWritten(String text) {
        Matcher begin = BEGIN.matcher(text);
        for (int end = 0; begin.find(end);) {
            end = end(text, begin.end());
            int last = end;
            while (AFTER.indexOf(text.charAt(last - 1)) >= 0) {
                last--;
            }
            if (last > begin.end()) {
                add(text.substring(begin.start(), last), "");
            }
        }
    }

    /** Where what can't be in a URL comes, or a bracket that nothing in it opens. */
    private static int end(String text, int start) {
        Matcher outside = OUTSIDE.matcher(text);
        Deque<Integer> open = new ArrayDeque<>();
        for (int at = start; at < text.length(); at++) {
            int opens = "([{".indexOf(text.charAt(at));
            int closes = ")]}".indexOf(text.charAt(at));
            boolean unmatched = closes >= 0 && (open.isEmpty() || open.pop() != closes);
            if (unmatched || outside.region(at, at + 1).lookingAt()) {
                return at;
            }
            if (opens >= 0) {
                open.push(opens);
            }
        }
        return text.length();
    }
}

// ==== 11. Stores =====================================================================================================
// Where fetched messages go: whole, once, and synced before anything on the server may go. Knows nothing of POP3.

// ---- 11.1 Stores ----------------------------------------------------------------------------------------------------

/** Whose mail it is. Neither port nor scheme counts: the same mail may be reached in several ways. */
record Maildrop(String user, String host) {
    private static final int MARK = 16;

    Maildrop {
        host = host.toLowerCase(Locale.ROOT);
    }

    /** In one word. */
    String name() {
        return URLEncoder.encode(user, UTF_8) + "@" + URLEncoder.encode(host, UTF_8);
    }

    static Maildrop named(String name) {
        String[] parts = name.split("@", 2);
        return new Maildrop(URLDecoder.decode(parts[0], UTF_8), URLDecoder.decode(parts[1], UTF_8));
    }

    /** What one of its messages is called for good: 64 hex digits, safe in every file name; the first of them say whose it is. */
    String id(MailId mail) {
        return mark() + rest(mail);
    }

    /** What follows the mark of the maildrop in it. */
    String rest(MailId mail) {
        return hash(user, host, mail.uid(), mail.identity()).substring(MARK);
    }

    /** What the names of all its messages begin with. */
    String mark() {
        return hash(user, host).substring(0, MARK);
    }

    private static String hash(String... words) {
        return HexFormat.of().formatHex(HashOutput.digest("SHA-256").digest(String.join("\0", words).getBytes(UTF_8)));
    }
}

/** By what a message is known in its maildrop: its UID as one word or "", and a hash of its header or, if need be, of all. */
record MailId(String uid, String identity) {
    /** Hex digits of an identity. */
    static final int DIGITS = 32;
}

/**
 * Where messages are kept, and the journal that knows them. One run opens a store once and shares it between its accounts, each
 * of which receives in a thread of its own; a second run is refused.
 * <pre>
 * try (Store store = Store.maildir(folder, identity).open()) {
 *   Batch batch = store.batch(maildrop);
 *   Incoming incoming = batch.next(sender);
 *   ...
 *   incoming.complete(mail);
 *   batch.prove();
 *   store.commit(batch);
 * }
 * </pre>
 * Threads at work in a store must not be interrupted: Java closes the files that an interrupted thread writes.
 */
abstract sealed class Store implements AutoCloseable permits FileStore, MboxStore, TakerStore {
    /** Of all stores: one that is opened again within a second must not use a name twice. */
    private static final AtomicLong COUNT = new AtomicLong();
    final Path folder;
    private final String prefix;
    private StoreLock lock;
    private int users;
    Journal<Note> journal;
    /** The run is being ended: no command begins any more. */
    volatile boolean isEnding;
    private Memory memory;

    /** {@code prefix} is what the names of the store's own files in the folder begin with. */
    Store(Path folder, String prefix) {
        this.folder = folder;
        this.prefix = prefix;
    }

    /** Each message a file in {@code new/}, with LF line ends; the function says by what a message in a file is known. */
    static Store maildir(Path folder, IOFunction<Path, String> identity) {
        return new FileStore(folder, "tmp", List.of("new", "cur"), "." + FileStore.hostName(), LfLines::new, identity);
    }

    /** Each message at the end of one file, as mboxrd with LF line ends. */
    static Store mbox(Path file) {
        return MboxStore.of(file, MboxLock.PATIENCE);
    }

    /** Each message an {@code .eml} file, its bytes as they came. */
    static Store folder(Path folder, IOFunction<Path, String> identity) {
        return new FileStore(folder, ".mailtool-tmp", List.of(""), ".eml", UnaryOperator.identity(), identity);
    }

    /** Takes the lock and mends what a killed run left behind; or joins those who have it open in this run. */
    final synchronized Store open() {
        try {
            if (users == 0) {
                writing(folder, this::prepare);
            }
            users++;
            return this;
        } finally {
            if (users == 0) {
                release();
            }
        }
    }

    /** What goes wrong with it names the file. */
    static void writing(Path file, IORunnable work) {
        try {
            work.run();
        } catch (IOException | UncheckedIOException e) {
            String elsewhere = file.equals(TakerStore.usualPlace()) ? "XDG_STATE_HOME names another folder for the journal" : "";
            throw Disk.failed(file, e).hint(elsewhere);
        }
    }

    private void prepare() throws IOException {
        makeFolders();
        lock = StoreLock.take(own("lock"));
        journal = new Journal<>(own("journal"), new NoteLines());
        memory = new Memory(journal);
        journal.open();
        if (journal.pending().isPresent()) {
            journal.settle(facts(journal.pending().get()));
        }
        removeDrafts();
    }

    /** Messages are about to be asked for; throws if they can't be stored now. */
    void expect() {
    }

    /** For messages of a maildrop that are to be committed together. */
    abstract Batch batch(Maildrop maildrop);

    /**
     * Makes the proven messages of a batch visible, synced and known; after a failure none of them counts as stored. Returns
     * those that were not taken, and why.
     */
    final Map<Received, MailException> commit(Batch batch) {
        try (batch) {
            batch.dropUnproven();
            return batch.messages.isEmpty() ? Map.of() : batch.publish();
        } catch (IOException e) {
            throw Disk.failed(folder, e);
        }
    }

    /** Hands over what is noted of this maildrop, oldest first. */
    final void known(Maildrop maildrop, KnownMails sink) {
        try {
            memory.known(maildrop, sink);
        } catch (IOException e) {
            String what = "can't read " + Texts.escape(own("journal").toString()) + ": " + Texts.cause(e);
            throw new MailException(Exit.IO, Stage.STORE, what);
        }
    }

    final synchronized void note(List<Note> notes) {
        if (!notes.isEmpty()) {
            writing(own("journal"), () -> journal.record(notes));
        }
    }

    /** Notes what the server has confirmed to be deleted; the predicate says whether a UID was still listed there. */
    final synchronized void deleted(Maildrop maildrop, List<MailId> mails, Predicate<String> isListed) {
        note(mails.stream().map(mail -> Note.deleted(maildrop, mail)).toList());
        writing(own("journal"), () -> memory.compact(maildrop, isListed));
    }

    /** What the messages of this maildrop that can be seen in the store are known by; for a journal that was lost. */
    final Set<String> identities(Maildrop maildrop) {
        Set<String> identities = new HashSet<>();
        writing(folder, () -> findSeen(maildrop, identities));
        return identities;
    }

    /** When the last of its users is done: drops what was not committed, and lets the next run in. */
    @Override
    public final synchronized void close() {
        users = Math.max(0, users - 1);
        if (users > 0 || lock == null) {
            return;
        }
        try {
            writing(folder, this::removeDrafts);
        } finally {
            release();
        }
    }

    void release() {
        Disk.closeQuietly(journal);
        Disk.closeQuietly(lock);
        lock = null;
    }

    /** What tells it from other stores. */
    final Path place() {
        return own("lock").toAbsolutePath().normalize();
    }

    /** One of the store's own files. */
    final Path own(String purpose) {
        return folder.resolve(prefix + purpose);
    }

    final void removeOwn(String beginning) throws IOException {
        Disk.removeAll(folder, name -> name.startsWith(prefix + beginning));
    }

    static long nextNumber() {
        return COUNT.incrementAndGet();
    }

    void makeFolders() throws IOException {
        Disk.makeFolder(folder);
    }

    void findSeen(Maildrop maildrop, Set<String> identities) throws IOException {
    }

    /** Mends what a killed run had begun, and says what of it is true. */
    List<Note> facts(PendingBatch<Note> pending) throws IOException {
        return pending.records();
    }

    abstract void removeDrafts() throws IOException;
}

// ---- 11.2 Batches ---------------------------------------------------------------------------------------------------

/**
 * Messages of one maildrop that become visible, synced and known together, those that are proven to be whole. One of them is
 * received at a time.
 */
abstract class Batch implements Closeable {
    final Maildrop maildrop;
    final List<Received> messages = new ArrayList<>();
    private final Store store;
    private int proven;
    private long octets;

    Batch(Store store, Maildrop maildrop) {
        this.store = store;
        this.maildrop = maildrop;
    }

    /** The next message, after the last one is complete or dropped. Who sent it may be known when its header has been written. */
    final Incoming next(Supplier<Optional<String>> sender) {
        try {
            return begin(sender);
        } catch (IOException e) {
            throw Disk.failed(store.folder, e);
        }
    }

    final Received add(Incoming whole, MailId mail) throws IOException {
        Received message = take(whole, mail);
        messages.add(message);
        octets += message.octets();
        return message;
    }

    /** What is complete so far is whole. */
    void prove() {
        proven = messages.size();
    }

    final void dropUnproven() throws IOException {
        List<Received> unproven = messages.subList(proven, messages.size());
        drop(unproven);
        unproven.clear();
    }

    final List<Note> notes() {
        return messages.stream().map(message -> Note.stored(maildrop, message.mail())).toList();
    }

    final long octets() {
        return octets;
    }

    abstract Incoming begin(Supplier<Optional<String>> sender) throws IOException;

    /** All of a message is in its file. */
    abstract Received take(Incoming whole, MailId mail) throws IOException;

    /** Leaves nothing behind of a message that is not complete. */
    void drop(Incoming torn) throws IOException {
        Disk.closeQuietly(torn.lines);
        Files.deleteIfExists(torn.file);
    }

    /** Leaves nothing behind of the last messages. */
    void drop(List<Received> unproven) throws IOException {
        for (Received message : unproven) {
            Files.deleteIfExists(message.draft());
        }
    }

    /** Returns the messages that were not taken, and why. */
    abstract Map<Received, MailException> publish() throws IOException;

    @Override
    public void close() {
    }
}

/** A whole message: where it waits to be published, the file that it will then be in, or "", and how many octets came. */
record Received(MailId mail, Path draft, String place, long octets) {
}

/**
 * One message on its way into a store: takes its bytes as they came, with CRLF line ends and dots un-stuffed, and throws
 * {@link MailException} where they can't be written. Closing it before it is complete drops it.
 */
final class Incoming extends BlockOutput {
    final Path file;
    final OutputStream lines;
    private final Batch batch;
    private boolean ended;
    private long octets;

    /** What it takes goes through {@code lines} into the file. */
    Incoming(Batch batch, Path file, OutputStream lines) {
        this.batch = batch;
        this.file = file;
        this.lines = lines;
    }

    /** Most messages are smaller than its buffer, and are then written at once. */
    static OutputStream buffered(FileChannel file) {
        return new BufferedOutputStream(Channels.newOutputStream(file), 8 * 1024);
    }

    @Override
    public void write(byte[] octets, int offset, int length) {
        Store.writing(file, () -> lines.write(octets, offset, length));
        this.octets += length;
    }

    Received complete(MailId mail) {
        try {
            lines.close();
            Received message = batch.add(this, mail);
            ended = true;
            return message;
        } catch (IOException e) {
            throw Disk.failed(file, e);
        }
    }

    @Override
    public void close() {
        if (!ended) {
            ended = true;
            Store.writing(file, () -> batch.drop(this));
        }
    }

    /** How many came, line ends as they came. */
    long octets() {
        return octets;
    }
}

/** File systems sync many files nearly as fast as one, if they hear of them at the same time. */
final class ParallelSync {
    private static final int AT_ONCE = 32;
    private static final ExecutorService THREADS = Executors.newFixedThreadPool(AT_ONCE, ParallelSync::daemon);

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "mailtool sync");
        thread.setDaemon(true);
        return thread;
    }

    static void all(Stream<Path> files) throws IOException {
        List<Callable<Path>> tasks = files.<Callable<Path>>map(file -> () -> Disk.sync(file)).toList();
        try {
            for (Future<Path> task : THREADS.invokeAll(tasks)) {
                task.get();
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new IOException(Texts.cause(e), e);
        }
    }
}

// ---- 11.3 Maildir, folder -------------------------------------------------------------------------------------------

/** A file for each message: written in one folder, synced, and renamed into another; mail programs may move it on from there. */
final class FileStore extends Store {
    private static final Pattern DRAFT = Pattern.compile("\\d+\\.mailtoolP\\d+Q\\d+\\..*");
    private static final Pattern NAME = Pattern.compile("\\d+\\.I([0-9a-f]{64})P\\d+Q\\d+\\..*");
    private final Path drafts;
    final Path shown;
    private final List<Path> kept;
    private final String nameEnd;
    private final UnaryOperator<OutputStream> lineEnds;
    private final IOFunction<Path, String> identity;

    /** Messages are written in {@code drafts}, appear in the first of {@code kept}, and may be in all of these later. */
    FileStore(Path folder, String drafts, List<String> kept, String nameEnd, UnaryOperator<OutputStream> lineEnds,
            IOFunction<Path, String> identity) {
        super(folder, ".mailtool-");
        this.drafts = folder.resolve(drafts);
        this.kept = kept.stream().map(folder::resolve).toList();
        this.shown = this.kept.get(0);
        this.nameEnd = nameEnd;
        this.lineEnds = lineEnds;
        this.identity = identity;
    }

    /** The name that this machine gives itself; asking the network for it would take its time. */
    static String hostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip().replaceAll("[^A-Za-z0-9.-]", "_");
        } catch (IOException e) {
            return "localhost";
        }
    }

    @Override
    void makeFolders() throws IOException {
        Disk.makeFolder(folder);
        for (Path path : Stream.concat(Stream.of(drafts), kept.stream()).toList()) {
            if (Files.isSymbolicLink(path) && !path.equals(folder)) {
                throw new FileSystemException(path.toString(), null, path.getFileName() + " is a symbolic link");
            }
            Disk.makeFolder(path);
        }
    }

    @Override
    Batch batch(Maildrop maildrop) {
        return new FileBatch(maildrop);
    }

    private final class FileBatch extends Batch {
        private final String mark = maildrop.mark();

        FileBatch(Maildrop maildrop) {
            super(FileStore.this, maildrop);
        }

        /** Its name is unique in this store while the lock is ours. */
        @Override
        Incoming begin(Supplier<Optional<String>> sender) throws IOException {
            String name = Instant.now().getEpochSecond() + ".mailtoolP" + ProcessHandle.current().pid() + "Q" + nextNumber()
                    + nameEnd;
            Path draft = drafts.resolve(name);
            return new Incoming(this, draft, lineEnds.apply(Incoming.buffered(Disk.create(draft))));
        }

        /** The name that it gets tells whose message it is. */
        @Override
        Received take(Incoming whole, MailId mail) {
            String name = whole.file.getFileName().toString().replaceFirst("mailtool", "I" + mark + maildrop.rest(mail));
            return new Received(mail, whole.file, shown.resolve(name).toString(), whole.octets());
        }

        @Override
        Map<Received, MailException> publish() throws IOException {
            ParallelSync.all(messages.stream().map(Received::draft));
            synchronized (journal) {
                journal.begin("", notes());
                for (Received message : messages) {
                    Files.move(message.draft(), Path.of(message.place()), StandardCopyOption.ATOMIC_MOVE);
                }
                Disk.syncFolder(shown);
                journal.done();
            }
            return Map.of();
        }
    }

    /** Of what was being renamed only what can be seen, and has the right header, is stored; all else has happened. */
    @Override
    List<Note> facts(PendingBatch<Note> pending) throws IOException {
        Set<String> stored = pending.records().stream().filter(Note::isStored).map(Note::id).collect(Collectors.toSet());
        Set<String> seen = new HashSet<>();
        forEach(stored::contains, (id, identity) -> seen.add(id + identity));
        return pending.records().stream()
                .filter(note -> !note.isStored() || seen.contains(note.id() + note.mail().identity())).toList();
    }

    @Override
    void findSeen(Maildrop maildrop, Set<String> identities) throws IOException {
        forEach(id -> id.startsWith(maildrop.mark()), (id, identity) -> identities.add(identity));
    }

    /** Hands over the name and the identity of each message that is wanted by its name. */
    private void forEach(Predicate<String> wanted, BiConsumer<String, String> each) throws IOException {
        for (Path place : kept) {
            for (Path file : files(place, any -> true)) {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (name.matches() && wanted.test(name.group(1))) {
                    identity(file).ifPresent(identity -> each.accept(name.group(1), identity));
                }
            }
        }
    }

    /** A mail program may rename it meanwhile, or remove it. */
    private Optional<String> identity(Path file) throws IOException {
        try {
            return Optional.of(identity.apply(file));
        } catch (NoSuchFileException e) {
            String name = file.getFileName().toString().replaceFirst(":.*", "");
            for (Path place : kept) {
                for (Path renamed : files(place, path -> path.getFileName().toString().startsWith(name))) {
                    return Optional.of(identity.apply(renamed));
                }
            }
            return Optional.empty();
        }
    }

    /** Synced first: a killed run may have renamed what a loss of power would still take back. */
    private static List<Path> files(Path folder, Predicate<Path> wanted) throws IOException {
        Disk.syncFolder(folder);
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(wanted).toList();
        }
    }

    @Override
    void removeDrafts() throws IOException {
        Disk.removeAll(drafts, DRAFT.asMatchPredicate());
    }
}

// ---- 11.4 Takers ----------------------------------------------------------------------------------------------------

/** Each message is handed to somebody who takes it or not, and may come again if we were killed when it was just taken. */
abstract non-sealed class TakerStore extends Store {
    /** Its journal goes by a hash of the taker's name. */
    TakerStore(Path folder, String kind, String name) {
        super(folder, kind + "-" + HexFormat.of()
                .formatHex(HashOutput.digest("SHA-256").digest(("\0\0" + name).getBytes(UTF_8)), 0, 8) + "-");
    }

    /** The user's state folder. */
    static Path usualPlace() {
        Optional<String> state = Inputs.variable("XDG_STATE_HOME").filter(set -> set.startsWith("/"));
        return Path.of(state.orElse(Inputs.home() + "/.local/state"), "mailtool");
    }

    /** Notes that it was taken; returns why it was not, or not by all. */
    abstract Optional<MailException> take(Received message, Maildrop maildrop) throws IOException;

    @Override
    Batch batch(Maildrop maildrop) {
        return new HandedOver(maildrop);
    }

    private final class HandedOver extends Batch {
        HandedOver(Maildrop maildrop) {
            super(TakerStore.this, maildrop);
        }

        @Override
        Incoming begin(Supplier<Optional<String>> sender) throws IOException {
            Path file = own("message-" + nextNumber());
            return new Incoming(this, file, new LfLines(Incoming.buffered(Disk.create(file))));
        }

        @Override
        Received take(Incoming whole, MailId mail) {
            return new Received(mail, whole.file, "", whole.octets());
        }

        /** One that is not taken keeps none of the others back. */
        @Override
        Map<Received, MailException> publish() throws IOException {
            expect();
            Map<Received, MailException> notTaken = new IdentityHashMap<>();
            for (Received message : messages) {
                take(message).ifPresent(why -> notTaken.put(message, why));
                Files.deleteIfExists(message.draft());
            }
            return notTaken;
        }

        private Optional<MailException> take(Received message) throws IOException {
            return isEnding ? Optional.of(MailException.interrupted(", so it was not handed over"))
                    : TakerStore.this.take(message, maildrop);
        }
    }

    @Override
    void removeDrafts() throws IOException {
        removeOwn("message-");
    }
}

/** A shell command that takes each message: it has been stored when the command ended with 0. */
final class PipeStore extends TakerStore {
    private final String command;
    /** Whether stdout is for JSON alone. */
    boolean besideJson;

    PipeStore(String command) {
        super(usualPlace(), "pipe", command);
        this.command = command;
    }

    @Override
    Optional<MailException> take(Received message, Maildrop maildrop) throws IOException {
        int status = run(message.draft(), maildrop, maildrop.id(message.mail()));
        // Ctrl-C may have reached the command before us.
        isEnding |= status == Exit.INTERRUPTED.code;
        note(status == 0 ? List.of(Note.stored(maildrop, message.mail())) : List.of());
        return status == 0 ? Optional.empty() : Optional.of(failed(status));
    }

    private int run(Path message, Maildrop maildrop, String id) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", (besideJson ? "exec >&2\n" : "") + command);
        builder.inheritIO().redirectInput(message.toFile());
        builder.environment().remove("MAILTOOL_PASSWORD");
        builder.environment().put("MAILTOOL_ID", id);
        builder.environment().put("MAILTOOL_ACCOUNT", maildrop.user() + "@" + maildrop.host());
        return builder.start().onExit().join().exitValue();
    }

    private MailException failed(int status) {
        String what = status > 128 ? "was ended by signal " + (status - 128) : "ended with " + status;
        return new MailException(Exit.TEMPORARY, Stage.STORE, "the command " + what + ": " + Texts.shortened(command));
    }
}

// ---- 11.5 mbox ------------------------------------------------------------------------------------------------------

/** What is appended at once: so many octets, which wait in a spool, and the offset in the mbox. */
record Append(long offset, long length, long spool) {
    static Append at(String place) {
        long[] numbers = Stream.of(place.strip().split(" ")).mapToLong(Long::parseLong).toArray();
        return new Append(numbers[0], numbers[1], numbers[2]);
    }

    String place() {
        return " " + offset + " " + length + " " + spool;
    }

    void copy(FileChannel spooled, FileChannel mbox) throws IOException {
        byte[] gap = gap(mbox);
        Disk.write(mbox, offset, ByteBuffer.wrap(gap));
        mbox.position(offset + gap.length);
        Disk.copy(spooled, 0, length, mbox);
        mbox.force(false);
    }

    /** What is missing to the empty line that must stand before the next message. */
    private byte[] gap(FileChannel mbox) throws IOException {
        ByteBuffer before = ByteBuffer.wrap("\n\n".getBytes(US_ASCII));
        int count = (int) Math.min(2, offset);
        mbox.read(before.position(2 - count), offset - count);
        String end = new String(before.array(), US_ASCII);
        return (end.equals("\n\n") ? "" : end.endsWith("\n") ? "\n" : "\n\n").getBytes(US_ASCII);
    }

    /**
     * What became of it in a run that was killed: says whether it is whole, and cuts it off if not, unless there is more than
     * octets of ours to be cut. Either is synced before anything relies on it.
     */
    boolean mend(FileChannel spooled, FileChannel mbox) throws IOException {
        if (mbox.size() < offset) {
            return false;
        }
        byte[] gap = gap(mbox);
        mbox.position(offset);
        InputStream expected = new SequenceInputStream(new ByteArrayInputStream(gap), Channels.newInputStream(spooled));
        long ours = equalOctets(new BufferedInputStream(expected), new BufferedInputStream(Channels.newInputStream(mbox)));
        boolean whole = ours >= gap.length + length;
        if (!whole && offset + ours == mbox.size()) {
            mbox.truncate(offset);
        }
        mbox.force(false);
        return whole;
    }

    private static long equalOctets(InputStream one, InputStream other) throws IOException {
        long count = 0;
        int octet = one.read();
        while (octet >= 0 && octet == other.read()) {
            count++;
            octet = one.read();
        }
        return count;
    }
}

/** One mbox file (RFC 4155, and mboxrd's quoting). What is appended and not noted as whole is cut off by the next run. */
final class MboxStore extends Store {
    private final Path file;
    private final Duration patience;

    private MboxStore(Path file, Duration patience) {
        super(file.getParent(), "." + file.getFileName() + ".mailtool-");
        this.file = file;
        this.patience = patience;
    }

    /** Journal and locks stand beside the file itself, whatever link leads there. */
    static MboxStore of(Path given, Duration patience) {
        try {
            if (Files.exists(given) && !Files.isRegularFile(given)) {
                throw new FileSystemException(given.toString(), null, "it is no regular file");
            }
            return new MboxStore(Files.isSymbolicLink(given) ? given.toRealPath() : given.toAbsolutePath(), patience);
        } catch (IOException e) {
            throw Disk.failed(given, e);
        }
    }

    @Override
    Batch batch(Maildrop maildrop) {
        return new SpoolBatch(maildrop);
    }

    /** Its messages gather in a file, as they will be in the mbox, one after another. */
    private final class SpoolBatch extends Batch {
        private final long number = nextNumber();
        private final Path spool = own("spool-" + number);
        private FileChannel channel;
        private long length;
        private long provenLength;

        SpoolBatch(Maildrop maildrop) {
            super(MboxStore.this, maildrop);
        }

        @Override
        Incoming begin(Supplier<Optional<String>> sender) throws IOException {
            channel = channel == null ? Disk.create(spool) : channel;
            OutputStream out = Incoming.buffered(channel);
            return new Incoming(this, file, new FromLine(sender, out, new LfLines(new FromQuoting(out))));
        }

        @Override
        Received take(Incoming whole, MailId mail) throws IOException {
            length = channel.position();
            return new Received(mail, spool, file.toString(), whole.octets());
        }

        @Override
        void prove() {
            super.prove();
            provenLength = length;
        }

        @Override
        void drop(Incoming torn) throws IOException {
            channel.truncate(length);
        }

        @Override
        void drop(List<Received> unproven) throws IOException {
            if (!unproven.isEmpty()) {
                length = provenLength;
                channel.truncate(length);
            }
        }

        @Override
        Map<Received, MailException> publish() throws IOException {
            channel.force(false);
            synchronized (journal) {
                append();
            }
            Files.deleteIfExists(spool);
            return Map.of();
        }

        private void append() throws IOException {
            try (MboxLock lock = MboxLock.take(file, own("dotlock"), patience)) {
                refuseOtherFiles(lock.mbox());
                Append append = new Append(lock.mbox().size(), length, number);
                journal.begin(append.place(), notes());
                copy(append, channel, lock.mbox());
                if (append.offset() == 0) {
                    Disk.syncFolder(folder);
                }
                journal.done();
            }
        }

        @Override
        public void close() {
            Disk.closeQuietly(channel);
        }
    }

    /** Mail would spoil them. Blank lines may stand before the first message. */
    private void refuseOtherFiles(FileChannel mbox) throws IOException {
        String beginning = new String(Channels.newInputStream(mbox.position(0)).readNBytes(1000), ISO_8859_1).stripLeading();
        if (!beginning.isEmpty() && !beginning.startsWith("From ")) {
            throw new MailException(Exit.OUTPUT, Stage.STORE, Texts.escape(file.toString())
                    + " is no mbox: it does not begin with 'From '");
        }
    }

    /** All of it or nothing: what did not fit is taken back, and only then forgotten. */
    private void copy(Append append, FileChannel spooled, FileChannel mbox) throws IOException {
        try {
            append.copy(spooled, mbox);
        } catch (IOException e) {
            mbox.truncate(append.offset());
            mbox.force(false);
            journal.undo();
            throw e;
        }
    }

    @Override
    List<Note> facts(PendingBatch<Note> pending) throws IOException {
        if (pending.place().isEmpty()) {
            return pending.records();
        }
        if (Files.notExists(file)) {
            return List.of();
        }
        Append torn = Append.at(pending.place());
        try (MboxLock lock = MboxLock.take(file, own("dotlock"), patience); FileChannel spooled =
                Disk.open(own("spool-" + torn.spool()))) {
            return torn.mend(spooled, lock.mbox()) ? pending.records() : List.of();
        }
    }

    /** The next run compares an append that has failed with its spool, which must still be there then. */
    @Override
    void removeDrafts() throws IOException {
        if (!journal.hasOpenBatch()) {
            removeOwn("spool-");
        }
    }
}

// ---- 11.6 mbox: lines and locks -------------------------------------------------------------------------------------

/** An mbox in our hands, in both ways that other mail programs look at: FILE.lock beside it, and fcntl. */
record MboxLock(Path dotLock, Path own, FileChannel mbox) implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = 50_000_000;

    /** {@code own} is a file of the store, which FILE.lock is made a link to: so a killed run's can be told from all others. */
    static MboxLock take(Path mbox, Path own, Duration patience) throws IOException {
        Path dotLock = mbox.resolveSibling(mbox.getFileName() + ".lock");
        long deadline = System.nanoTime() + patience.toNanos();
        if (Files.exists(own) && Files.exists(dotLock) && Files.isSameFile(own, dotLock)) {
            Files.delete(dotLock);
        }
        Optional<MboxLock> lock = tryTake(mbox, dotLock, own);
        while (lock.isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(PAUSE_NANOS);
            lock = tryTake(mbox, dotLock, own);
        }
        return lock.orElseThrow(() -> inUse(mbox, dotLock));
    }

    private static Optional<MboxLock> tryTake(Path mbox, Path dotLock, Path own) throws IOException {
        if (!makeDotLock(dotLock, own)) {
            return Optional.empty();
        }
        MboxLock lock = new MboxLock(dotLock, own, Disk.open(mbox));
        boolean taken = false;
        try {
            taken = lock.mbox.tryLock() != null;
        } finally {
            if (!taken) {
                lock.close();
            }
        }
        return taken ? Optional.of(lock) : Optional.empty();
    }

    private static boolean makeDotLock(Path dotLock, Path own) throws IOException {
        Files.deleteIfExists(own);
        try (FileChannel named = Disk.create(own)) {
            Disk.write(named, 0, ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(US_ASCII)));
            Files.createLink(dotLock, own);
            return true;
        } catch (FileAlreadyExistsException e) {
            Files.delete(own);
            return false;
        }
    }

    private static MailException inUse(Path mbox, Path dotLock) {
        String how = Files.exists(dotLock) ? "there is " + Texts.escape(dotLock.toString()) : "it has locked it";
        String what = "another program is using " + Texts.escape(mbox.toString()) + ": " + how;
        return new MailException(Exit.TEMPORARY, Stage.STORE, what)
                .hint("try again when it is done; if none is, remove the lock");
    }

    @Override
    public void close() throws IOException {
        mbox.close();
        Files.deleteIfExists(dotLock);
        Files.deleteIfExists(own);
    }
}

/** Begins a message of an mbox: its From line says who sent it, which its header may tell only later. */
final class FromLine extends BlockOutput {
    private static final Pattern ADDRESS = Pattern.compile("[!-~\\x80-\\xff]+");
    private final Supplier<Optional<String>> sender;
    private final OutputStream raw;
    private final OutputStream lines;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream(0);
    private boolean begun;

    /** Its own line goes to {@code raw}, all that follows to {@code lines}. */
    FromLine(Supplier<Optional<String>> sender, OutputStream raw, OutputStream lines) {
        this.sender = sender;
        this.raw = raw;
        this.lines = lines;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
        if (!begun && sender.get().isPresent()) {
            begin();
        }
        (begun ? lines : held).write(octets, offset, length);
    }

    private void begin() throws IOException {
        String address = sender.get().filter(ADDRESS.asMatchPredicate()).orElse("MAILER-DAEMON");
        raw.write(("From " + address + " " + MailDates.asctime(LocalDateTime.now(ZoneOffset.UTC)) + "\n").getBytes(ISO_8859_1));
        held.writeTo(lines);
        held.reset();
        begun = true;
    }

    @Override
    public void close() throws IOException {
        if (!begun) {
            begin();
        }
        lines.close();
    }
}

/** Makes each CRLF an LF and leaves every other octet as it is. Closing it lets out a carriage return that came last. */
final class LfLines extends BlockOutput {
    private final OutputStream out;
    private boolean carriageReturn;

    LfLines(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
        if (length == 0) {
            return;
        }
        int end = offset + length;
        int run = offset;
        if (carriageReturn && octets[offset] != '\n') {
            out.write('\r');
        }
        carriageReturn = octets[end - 1] == '\r';
        for (int i = offset; i < end; i++) {
            if (octets[i] == '\r' && (i + 1 == end || octets[i + 1] == '\n')) {
                out.write(octets, run, i - run);
                run = i + 1;
            }
        }
        out.write(octets, run, end - run);
    }

    @Override
    public void close() throws IOException {
        if (carriageReturn) {
            out.write('\r');
        }
        out.close();
    }
}

/** Quotes what would look like the beginning of a message, as mboxrd does: lines of {@code >*From } get one more {@code >}. */
final class FromQuoting extends BlockOutput {
    private static final byte[] FROM = "From ".getBytes(US_ASCII);
    private static final int PASSED = -1;
    private final OutputStream out;
    /** How much of FROM the line has after its quotes; that much is held back. */
    private int matched;
    private boolean lineOpen;

    FromQuoting(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
        int end = offset + length;
        int run = offset;
        for (int i = offset; i < end; i++) {
            byte octet = octets[i];
            if (matched == PASSED) {
                matched = octet == '\n' ? 0 : PASSED;
            } else if (octet == FROM[matched]) {
                out.write(octets, run, matched == 0 ? i - run : 0);
                run = i + 1;
                matched++;
                if (matched == FROM.length) {
                    out.write('>');
                    release();
                    matched = PASSED;
                }
            } else {
                run = matched > 0 ? i : run;
                boolean quote = octet == '>' && matched == 0;
                release();
                matched = octet == '\n' || quote ? 0 : PASSED;
            }
        }
        out.write(octets, run, end - run);
        lineOpen = length == 0 ? lineOpen : octets[end - 1] != '\n';
    }

    private void release() throws IOException {
        out.write(FROM, 0, Math.max(0, matched));
    }

    /** Ends the last line and puts the empty line after it that separates messages. What it writes to stays open. */
    @Override
    public void close() throws IOException {
        release();
        out.write((lineOpen ? "\n\n" : "\n").getBytes(US_ASCII));
        out.flush();
    }
}

// ---- 11.7 Journals --------------------------------------------------------------------------------------------------

/** How one kind of record is written as lines, none of which begins as {@code begin} or {@code done} do, and read again. */
interface JournalFormat<R> {
    /** The first line, with a version. */
    String title();

    /** What to do with a journal of another version. */
    String adviceOnOthers();

    void write(List<R> records, Appendable lines) throws IOException;

    List<R> read(List<String> lines);
}

/** What a killed run had begun: the batch's first line and what it was about. */
record PendingBatch<R>(String head, List<R> records) {
    /** Where it was to be, in the words of who began it, or "". */
    String place() {
        int end = head.indexOf(' ', JournalLines.BEGIN.length());
        return end < 0 ? "" : head.substring(end);
    }
}

/**
 * What has been done for good. It is text that is only appended to, in batches that count once their last line is there:
 * <pre>
 * mailtool journal 2           what it is, and its version
 * begin 1763700000             seconds since 1970; then what helps to mend it
 * ...                          records, a line each
 * done
 * </pre>
 * A batch without its end is {@link #pending}: whoever began it looks what became of it and {@linkplain #settle settles} it.
 */
final class Journal<R> implements Closeable {
    private static final String DONE = "done\n";
    private final JournalFormat<R> format;
    private final JournalFile file;
    private long committed;
    private Optional<PendingBatch<R>> pending = Optional.empty();

    Journal(Path file, JournalFormat<R> format) {
        this.format = format;
        this.file = new JournalFile(file, format.title(), format.adviceOnOthers());
    }

    void open() throws IOException {
        committed = file.open();
        byte[] end = ("\n" + DONE).getBytes(US_ASCII);
        if (committed > file.title.length && !file.holds(end, committed - end.length)) {
            findPending();
        }
    }

    private void findPending() throws IOException {
        JournalLines lines = new JournalLines(file.channel, committed);
        committed = file.title.length;
        List<String> batch = new ArrayList<>();
        while (lines.next()) {
            if (lines.kind() == 'b') {
                batch.clear();
            }
            batch.add(lines.text());
            if (lines.kind() == 'd') {
                batch.clear();
                committed = lines.position();
            }
        }
        if (batch.isEmpty() || !batch.get(0).startsWith(JournalLines.BEGIN)) {
            undo();
        } else {
            pending = Optional.of(new PendingBatch<>(batch.get(0), format.read(batch)));
        }
    }

    Optional<PendingBatch<R>> pending() {
        return pending;
    }

    /** Ends what a killed run had begun, with what is true of it. */
    synchronized void settle(List<R> facts) throws IOException {
        String batch = batch(pending.orElseThrow().head(), facts) + DONE;
        replaceBy(out -> {
            Disk.copy(file.channel, 0, committed, Channels.newChannel(out));
            out.write(batch.getBytes(US_ASCII));
        });
        pending = Optional.empty();
    }

    /** Says what is about to happen; {@code place} is where, if that is needed to mend it. */
    synchronized void begin(String place, List<R> records) throws IOException {
        refuseOpenBatch();
        append(batch(now() + place, records));
    }

    /** What was begun has happened, and is synced. */
    synchronized void done() throws IOException {
        append(DONE);
        committed = file.channel.size();
    }

    synchronized void undo() throws IOException {
        file.cut(committed);
    }

    /** Whether something was begun and neither done nor undone. */
    synchronized boolean hasOpenBatch() throws IOException {
        return file.channel.size() > committed;
    }

    /** Notes what has happened already. */
    synchronized void record(List<R> facts) throws IOException {
        refuseOpenBatch();
        append(batch(now(), facts) + DONE);
        committed = file.channel.size();
    }

    /** The end of another batch would end an open one too. */
    private void refuseOpenBatch() throws IOException {
        if (hasOpenBatch()) {
            throw new IOException("what was begun before has not ended");
        }
    }

    private void append(String text) throws IOException {
        file.appendForGood(text.getBytes(US_ASCII));
    }

    private static String now() {
        return JournalLines.BEGIN + Instant.now().getEpochSecond();
    }

    private String batch(String head, List<R> records) throws IOException {
        StringBuilder text = new StringBuilder(head).append('\n');
        format.write(records, text);
        return text.toString();
    }

    /** Hands over all its lines, the oldest first. */
    synchronized void read(IOConsumer<JournalLines> reader) throws IOException {
        reader.accept(new JournalLines(file.channel, committed));
    }

    /** Becomes what is written here, which knows its lines so far, in one step. */
    synchronized void rewrite(IOBiConsumer<JournalLines, OutputStream> writer) throws IOException {
        refuseOpenBatch();
        replaceBy(out -> writer.accept(new JournalLines(file.channel, committed), out));
    }

    private void replaceBy(Source content) throws IOException {
        file.replaceBy(content);
        committed = file.channel.size();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

// ---- 11.8 Its file and lines ----------------------------------------------------------------------------------------

/** The file of a journal, private: a first line that says what it is, then what was appended, each time all or nothing. */
final class JournalFile implements Closeable {
    final byte[] title;
    FileChannel channel;
    private final Path file;
    private final String adviceOnOthers;

    JournalFile(Path file, String title, String adviceOnOthers) {
        this.file = file;
        this.title = (title + "\n").getBytes(US_ASCII);
        this.adviceOnOthers = adviceOnOthers;
    }

    /** Opens or makes it; how long it is. */
    long open() throws IOException {
        if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
            replaceBy(out -> out.write(title));
        } else {
            channel = Disk.open(file);
        }
        if (!holds(title, 0)) {
            throw new MailException(Exit.OUTPUT, Stage.STORE, Texts.escape(file.toString()) + " is no journal of this version")
                    .hint(adviceOnOthers);
        }
        return channel.size();
    }

    boolean holds(byte[] expected, long position) throws IOException {
        ByteBuffer octets = ByteBuffer.allocate(expected.length);
        channel.read(octets, position);
        return Arrays.equals(octets.array(), expected);
    }

    /** Where it was put. */
    long append(byte[] octets) throws IOException {
        long before = channel.size();
        try {
            Disk.write(channel, before, ByteBuffer.wrap(octets));
            return before;
        } catch (IOException e) {
            channel.truncate(before);
            throw e;
        }
    }

    /** It is there also after a loss of power, or not at all. */
    long appendForGood(byte[] octets) throws IOException {
        long before = append(octets);
        try {
            channel.force(false);
            return before;
        } catch (IOException e) {
            channel.truncate(before);
            throw e;
        }
    }

    void cut(long length) throws IOException {
        channel.truncate(length);
        channel.force(false);
    }

    /** Written beside it, synced, then put in its place: there is always one whole journal. */
    void replaceBy(Source content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        FileChannel replacement = Disk.create(fresh);
        try {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(replacement), BlockOutput.BLOCK);
            content.writeTo(out);
            out.flush();
            replacement.force(true);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            Disk.syncFolder(file.getParent());
        } catch (IOException e) {
            replacement.close();
            Files.deleteIfExists(fresh);
            throw e;
        }
        close();
        channel = replacement;
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}

/** The lines of a journal, a block at a time: 50,000 must not be felt when a run starts. */
final class JournalLines {
    static final String BEGIN = "begin ";
    private final FileChannel channel;
    private final long limit;
    private final byte[] block = new byte[BlockOutput.BLOCK];
    private long read;
    private int filled;
    private int start;
    private int end = -1;

    JournalLines(FileChannel channel, long limit) {
        this.channel = channel;
        this.limit = limit;
    }

    /** Goes to the next whole line; one longer than a block is none of ours, and nothing after it counts. */
    boolean next() throws IOException {
        start = end + 1;
        end = lineEnd();
        if (end < 0) {
            fill();
            end = lineEnd();
        }
        return end >= 0;
    }

    private int lineEnd() {
        byte[] octets = block;
        int limitOfBlock = filled;
        for (int i = start; i < limitOfBlock; i++) {
            if (octets[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private void fill() throws IOException {
        filled -= start;
        System.arraycopy(block, start, block, 0, filled);
        start = 0;
        int wanted = (int) Math.min(block.length - filled, limit - read);
        int count = Math.max(0, channel.read(ByteBuffer.wrap(block, filled, wanted), read));
        filled += count;
        read += count;
    }

    /** Its first character. */
    char kind() {
        return (char) block[start];
    }

    String text() {
        return text(0);
    }

    /** From this character on. */
    String text(int from) {
        return new String(block, start + from, Math.max(0, end - start - from), US_ASCII);
    }

    long number(int from) {
        long number = 0;
        for (int i = start + from; i < end && block[i] >= '0' && block[i] <= '9'; i++) {
            number = 10 * number + block[i] - '0';
        }
        return number;
    }

    int length() {
        return end - start;
    }

    void copyTo(OutputStream out) throws IOException {
        out.write(block, start, end + 1 - start);
    }

    /** Where the next line begins in the file. */
    long position() {
        return read - filled + end + 1;
    }
}

// ---- 11.9 What is stored --------------------------------------------------------------------------------------------

/** One thing that became known of a message: it is stored ({@code +}), deleted ({@code -}), or no longer listed ({@code ?}). */
record Note(char sign, String maildrop, MailId mail, long seconds) {
    /** Stored now. */
    static Note stored(Maildrop maildrop, MailId mail) {
        return stored(maildrop, mail, 0);
    }

    /** Known to be stored since then, in seconds since 1970; 0 is now. */
    static Note stored(Maildrop maildrop, MailId mail, long seconds) {
        return new Note('+', maildrop.name(), mail, seconds);
    }

    static Note deleted(Maildrop maildrop, MailId mail) {
        return new Note('-', maildrop.name(), mail, 0);
    }

    static Note unlisted(Maildrop maildrop, MailId mail) {
        return new Note('?', maildrop.name(), mail, 0);
    }

    boolean isStored() {
        return sign == '+';
    }

    String id() {
        return Maildrop.named(maildrop).id(mail);
    }

    String line() {
        return sign + mail.identity() + " " + mail.uid();
    }
}

/**
 * Notes as lines, after some that say what those after them have in common:
 * <pre>
 * from ops@mail.example.org    whose mail the following lines are about
 * at 1763600000                stored then, if not when the batch began
 * +IDENTITY UID                stored
 * -IDENTITY UID                deleted on the server, which confirmed it
 * ?IDENTITY UID                no longer listed, though all was
 * </pre>
 */
final class NoteLines implements JournalFormat<Note> {
    static final String FROM = "from ";
    static final String AT = "at ";

    @Override
    public String title() {
        return "mailtool journal 2";
    }

    @Override
    public String adviceOnOthers() {
        return "move it away: a Maildir and a folder know their mails by their headers, mbox and pipe get all again";
    }

    @Override
    public void write(List<Note> notes, Appendable lines) throws IOException {
        String maildrop = "";
        long seconds = 0;
        for (Note note : notes) {
            if (!note.maildrop().equals(maildrop)) {
                maildrop = note.maildrop();
                lines.append(FROM).append(maildrop).append('\n');
            }
            if (note.seconds() != seconds) {
                seconds = note.seconds();
                lines.append(AT).append(Long.toString(seconds)).append('\n');
            }
            lines.append(note.line()).append('\n');
        }
    }

    @Override
    public List<Note> read(List<String> lines) {
        List<Note> notes = new ArrayList<>();
        String maildrop = "";
        long seconds = 0;
        for (String line : lines) {
            if (line.startsWith(FROM)) {
                maildrop = line.substring(FROM.length());
            } else if (line.startsWith(AT)) {
                seconds = Long.parseLong(line.substring(AT.length()));
            } else if (line.length() > 1 + MailId.DIGITS && isSign(line.charAt(0))) {
                notes.add(new Note(line.charAt(0), maildrop, mail(line.substring(1)), seconds));
            }
        }
        return notes;
    }

    static boolean isSign(char kind) {
        return kind == '+' || kind == '-' || kind == '?';
    }

    static MailId mail(String line) {
        return new MailId(line.substring(MailId.DIGITS + 1), line.substring(0, MailId.DIGITS));
    }
}

/** Takes what is noted of one maildrop: what happened, identity, blank and UID, and when. */
interface KnownMails {
    void noted(char sign, String mail, long seconds);
}

/** What a journal of notes tells of one maildrop. */
record Memory(Journal<Note> journal) {
    private static final int COMPACTED_FROM = 10_000;

    /** Hands over what is noted of this maildrop, oldest first, keeping nothing. */
    void known(Maildrop maildrop, KnownMails sink) throws IOException {
        String ours = maildrop.name();
        journal.read(lines -> {
            boolean isOurs = false;
            long begun = 0;
            long at = 0;
            while (lines.next()) {
                switch (lines.kind()) {
                    case 'b' -> {
                        begun = lines.number(JournalLines.BEGIN.length());
                        at = 0;
                    }
                    case 'a' -> at = lines.number(NoteLines.AT.length());
                    case 'f' -> isOurs = lines.text(NoteLines.FROM.length()).equals(ours);
                    default -> {
                        if (isOurs && NoteLines.isSign(lines.kind()) && lines.length() > MailId.DIGITS + 1) {
                            sink.noted(lines.kind(), lines.text(1), at == 0 ? begun : at);
                        }
                    }
                }
            }
        });
    }

    /**
     * Forgets what was stored and deleted and is no longer on the server, if that is more than half of a long journal. What is
     * still on the server, or was not deleted by us in the end, stays: a server may leave a message out of one listing.
     */
    void compact(Maildrop maildrop, Predicate<String> isListed) throws IOException {
        Set<String> gone = new HashSet<>();
        long[] all = new long[1];
        known(maildrop, (sign, mail, seconds) -> {
            all[0]++;
            if (sign == '-') {
                gone.add(mail);
            } else {
                gone.remove(mail);
            }
        });
        gone.removeIf(mail -> isListed.test(NoteLines.mail(mail).uid()));
        if (all[0] > COMPACTED_FROM && 4L * gone.size() > all[0] && !journal.hasOpenBatch()) {
            journal.rewrite((lines, out) -> copyOthers(lines, maildrop.name(), gone, out));
        }
    }

    private static void copyOthers(JournalLines lines, String maildrop, Set<String> gone, OutputStream out) throws IOException {
        boolean isOurs = false;
        while (lines.next()) {
            isOurs = lines.kind() == 'f' ? lines.text(NoteLines.FROM.length()).equals(maildrop) : isOurs;
            if (!isOurs || !NoteLines.isSign(lines.kind()) || !gone.contains(lines.text(1))) {
                lines.copyTo(out);
            }
        }
    }
}

// ---- 11.10 The lock of a run ----------------------------------------------------------------------------------------

/** Keeps a second run away from a store. Its file stays for good: a lock on one that may be replaced guards nothing. */
record StoreLock(Path file, FileChannel channel) implements Closeable {
    /** POSIX drops a process's lock when it closes any channel to the file: this process must not open one twice. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    static StoreLock take(Path file) throws IOException {
        Path real = file.toAbsolutePath().getParent().toRealPath().resolve(file.getFileName());
        if (!HELD.add(real)) {
            throw inUse(file);
        }
        FileChannel channel = null;
        try {
            channel = Disk.open(real);
            if (channel.tryLock() == null) {
                throw inUse(file);
            }
            return new StoreLock(real, channel);
        } catch (IOException | MailException e) {
            HELD.remove(real);
            Disk.closeQuietly(channel);
            throw e;
        }
    }

    private static MailException inUse(Path file) {
        String what = "another run is at work on this store: it holds the lock " + Texts.escape(file.toString());
        return new MailException(Exit.TEMPORARY, Stage.STORE, what).hint("wait for it to end");
    }

    @Override
    public void close() throws IOException {
        channel.close();
        HELD.remove(file);
    }
}

// ---- 11.11 Campaigns ------------------------------------------------------------------------------------------------

/** A part of the keys that a run is about, counted from 1. */
record Shard(int number, int of) {
    static final Shard WHOLE = new Shard(1, 1);

    boolean has(byte[] digest) {
        return of == 1 || new BigInteger(1, digest).mod(BigInteger.valueOf(of)).intValue() == number - 1;
    }

    /** The file beside this one that is this shard's own. */
    static Path file(Path path, Optional<Shard> shard) {
        String ending = shard.map(part -> "." + part.number + "-of-" + part.of).orElse("");
        return path.resolveSibling(path.getFileName() + ending);
    }
}

/** By what the keys of a campaign are told: 256 bits for each. Not for several threads. */
final class KeyDigest {
    private final MessageDigest digest = HashOutput.digest("SHA-256");
    private final byte[] campaign;

    KeyDigest(String campaign) {
        this.campaign = (campaign + "\0").getBytes(UTF_8);
    }

    byte[] of(String key) {
        byte[] octets = key.getBytes(UTF_8);
        return of(octets, 0, octets.length);
    }

    byte[] of(byte[] octets, int offset, int length) {
        digest.update(campaign);
        digest.update(octets, offset, length);
        return digest.digest();
    }
}

/** The journals of a campaign: a file of its own for each shard, of which one is appended to and all are read. */
final class CampaignJournal implements Closeable {
    static final String TITLE = "mailtool campaigns 1";
    private final Path path;
    private final JournalFile file;
    private final StoreLock lock;
    private Instant last = Instant.EPOCH;

    private CampaignJournal(Path path, StoreLock lock) {
        this.path = path;
        this.lock = lock;
        file = new JournalFile(path, TITLE, "give another --journal");
    }

    /** Alone with this shard, and while none of another number of shards is at work. */
    static CampaignJournal open(Path path, Optional<Shard> shard) {
        Path own = Shard.file(path, shard);
        try {
            StoreLock lock = StoreLock.take(lockOf(own));
            CampaignJournal journal = new CampaignJournal(own, lock);
            try {
                journal.refuseOtherDivisions(path, shard.map(Shard::of).orElse(0));
                journal.cutTornEnd(journal.file.open());
                return journal;
            } catch (IOException | MailException e) {
                journal.close();
                throw e;
            }
        } catch (IOException e) {
            throw Disk.failed(own, e);
        }
    }

    private static Path lockOf(Path journal) {
        return journal.resolveSibling(journal.getFileName() + ".lock");
    }

    private void refuseOtherDivisions(Path path, int ours) throws IOException {
        for (Path other : files(path, "[.]lock")) {
            String division = other.toString().replaceFirst("[.]lock$", "").replaceFirst(".*[.]\\d+-of-(\\d+)$", "$1");
            if (!division.equals(String.valueOf(ours)) && (ours > 0 || division.matches("\\d+"))) {
                StoreLock.take(other).close();
            }
        }
    }

    /** This path and its shards', as far as there are files. */
    static List<Path> files(Path path, String ending) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        String names = Pattern.quote(path.getFileName().toString()) + "([.]\\d+-of-\\d+)?" + ending;
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.getFileName().toString().matches(names)).sorted().toList();
        }
    }

    private void cutTornEnd(long length) throws IOException {
        byte[] lineEnd = {'\n'};
        long end = length;
        while (!file.holds(lineEnd, end - 1)) {
            end--;
        }
        if (end < length) {
            file.cut(end);
        }
    }

    Path path() {
        return path;
    }

    /** Later than what was read, whatever the clock says: what is noted last must count. */
    Instant now() {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        last = now.isAfter(last) ? now : last.plusNanos(1000);
        return last;
    }

    void isLaterThan(Instant known) {
        last = known.isAfter(last) ? known : last;
    }

    /** Where each of these lines begins. */
    synchronized long[] note(List<JournalRecord> records, boolean forGood) {
        long[] places = new long[records.size()];
        ByteArrayOutputStream lines = new ByteArrayOutputStream(400 * records.size());
        for (int i = 0; i < places.length; i++) {
            places[i] = lines.size();
            lines.writeBytes(JournalText.line(records.get(i)).getBytes(UTF_8));
        }
        try {
            long begin = forGood ? file.appendForGood(lines.toByteArray()) : file.append(lines.toByteArray());
            return LongStream.of(places).map(place -> begin + place).toArray();
        } catch (IOException e) {
            throw Disk.failed(path, e);
        }
    }

    static Stream<JournalRecord> records(Path path) {
        try {
            List<Path> files = files(path, "");
            if (files.isEmpty()) {
                throw new MailException(Exit.NO_INPUT, Stage.INPUT, "no such journal: " + Texts.escape(path.toString()));
            }
            return files.stream().flatMap(CampaignJournal::recordsOf);
        } catch (IOException e) {
            throw new MailException(Exit.NO_INPUT, Stage.INPUT, "can't look for " + path + ": " + Texts.cause(e));
        }
    }

    private static Stream<JournalRecord> recordsOf(Path file) {
        try {
            JournalText text = JournalText.of(file);
            return Stream.iterate(text.next(), more -> more, more -> text.next()).map(more -> text.record())
                    .onClose(() -> Disk.closeQuietly(text));
        } catch (IOException e) {
            throw new MailException(Exit.NO_INPUT, Stage.STORE, "can't read " + file + ": " + Texts.cause(e));
        }
    }

    /** Hands over each line, as far as it tells where a key of a campaign stands, with its place. */
    static void read(Path file, JournalGlance glance, LongConsumer sink) {
        try (JournalText text = JournalText.of(file)) {
            while (text.next()) {
                text.glance(glance);
                sink.accept(text.place());
            }
        } catch (IOException e) {
            throw new MailException(Exit.NO_INPUT, Stage.STORE, "can't read " + file + ": " + Texts.cause(e));
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
        lock.close();
    }
}

// ---- 11.12 Their lines ----------------------------------------------------------------------------------------------

/** The lines of a campaign's journal; a last one without its end does not count. */
final class JournalText implements Closeable {
    private final Path file;
    private final InputStream in;
    private byte[] block = new byte[BlockOutput.BLOCK];
    private int start;
    private int end = -1;
    private int filled;
    private long position;
    private long number;

    private JournalText(Path file, long from) throws IOException {
        this.file = file;
        in = Files.newInputStream(file);
        in.skipNBytes(from);
        position = from;
    }

    /** After its first line, which says what it is. */
    static JournalText of(Path file) throws IOException {
        JournalText text = new JournalText(file, 0);
        if (text.next() && !text.line().equals(CampaignJournal.TITLE)) {
            text.close();
            throw new MailException(Exit.CONFIG, Stage.STORE, Texts.escape(file.toString()) + " is no journal of this version");
        }
        return text;
    }

    static JournalRecord at(Path file, long place) {
        try (JournalText text = new JournalText(file, place)) {
            text.next();
            return text.record();
        } catch (IOException e) {
            throw new MailException(Exit.NO_INPUT, Stage.STORE, "can't read " + file + ": " + Texts.cause(e));
        }
    }

    boolean next() {
        start = end + 1;
        end = lineEnd(start);
        try {
            while (end < 0) {
                int searched = filled - start;
                if (!fill()) {
                    return false;
                }
                end = lineEnd(searched);
            }
        } catch (IOException e) {
            throw new MailException(Exit.NO_INPUT, Stage.STORE, "can't read " + file + ": " + Texts.cause(e));
        }
        number++;
        return true;
    }

    private int lineEnd(int from) {
        byte[] octets = block;
        int limit = filled;
        for (int i = from; i < limit; i++) {
            if (octets[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private boolean fill() throws IOException {
        System.arraycopy(block, start, block, 0, filled - start);
        position += start;
        filled -= start;
        start = 0;
        block = filled == block.length ? Arrays.copyOf(block, 2 * filled) : block;
        int count = in.read(block, filled, block.length - filled);
        filled += Math.max(0, count);
        return count > 0;
    }

    /** Where it begins in the file. */
    long place() {
        return position + start;
    }

    private String line() {
        return new String(block, start, end - start, UTF_8);
    }

    private MailException broken() {
        return new MailException(Exit.CONFIG, Stage.STORE, "can't read line " + number + " of " + Texts.escape(file.toString()));
    }

    JournalRecord record() {
        try {
            JsonObject json = JsonParser.parseString(line()).getAsJsonObject();
            List<String> to = json.getAsJsonArray("to").asList().stream().map(JsonElement::getAsString).toList();
            return new JournalRecord(text(json, "campaign"), text(json, "key"), text(json, "state"), text(json, "messageId"),
                    text(json, "date"), to, OffsetDateTime.parse(text(json, "at")).toInstant(),
                    Integer.parseInt("0" + text(json, "code")), text(json, "reply"), text(json, "template"));
        } catch (RuntimeException e) {
            throw broken();
        }
    }

    private static String text(JsonObject json, String name) {
        return Optional.ofNullable(json.get(name)).filter(value -> !value.isJsonNull()).map(JsonElement::getAsString).orElse("");
    }

    /** The same line, as far as it tells where a key stands. */
    JournalGlance glance(JournalGlance glance) {
        if (!glance.read(block, start, end)) {
            throw broken();
        }
        return glance;
    }

    static String line(JournalRecord record) {
        StringWriter text = new StringWriter(400);
        try (JsonWriter json = new JsonWriter(text)) {
            json.beginObject();
            json.name("campaign").value(record.campaign()).name("key").value(record.key()).name("state").value(record.state());
            json.name("messageId").value(record.messageId()).name("date").value(record.date()).name("to").beginArray();
            for (String address : record.to()) {
                json.value(address);
            }
            json.endArray().name("at").value(utc(record.at()));
            json.name("code").value(record.code()).name("reply").value(record.reply());
            if (!record.template().isEmpty()) {
                json.name("template").value(record.template());
            }
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    private static String utc(Instant time) {
        LocalDateTime date = LocalDateTime.ofEpochSecond(time.getEpochSecond(), 999_999_999, ZoneOffset.UTC);
        return date.toString().substring(0, 20) + String.valueOf(1_000_000 + time.getNano() / 1000).substring(1) + "Z";
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}

// ---- 11.13 A glance at them -----------------------------------------------------------------------------------------

/** What a line of JSON says of a key, found without making texts of all of it: there may be millions. */
final class JournalGlance {
    private static final int CAMPAIGN = 0;
    private static final int KEY = 1;
    private static final int STATE = 2;
    private static final int AT = 3;
    private final KeyDigest digest;
    private final String campaign;
    private final int[] begins = new int[4];
    private final int[] ends = new int[4];
    private byte[] line = {};
    private int at;
    private int end;
    private byte[] ours = {};
    private byte[] second = {};
    private long epochSecond;

    JournalGlance(String campaign) {
        this.campaign = campaign;
        digest = new KeyDigest(campaign);
    }

    /** Whether it is an object that says when. */
    boolean read(byte[] octets, int from, int to) {
        line = octets;
        at = from;
        end = to;
        Arrays.fill(ends, 0);
        int separator = take();
        boolean good = separator == '{';
        while (good && separator != '}') {
            int name = skipBlanks();
            skipValue();
            int nameEnd = at;
            good = take() == ':';
            keep(member(name, nameEnd - name), skipBlanks());
            separator = take();
            good &= separator == ',' || separator == '}';
        }
        return good && ends[KEY] > 0 && ends[STATE] > 0 && ends[AT] > 0;
    }

    private int skipBlanks() {
        while (at < end && (line[at] == ' ' || line[at] == '\t')) {
            at++;
        }
        return at;
    }

    private int take() {
        return skipBlanks() < end ? line[at++] : -1;
    }

    private void skipValue() {
        int first = at < end ? line[at] : -1;
        if (first == '"') {
            skipString();
        } else if (first == '[') {
            while (at < end && line[at] != ']') {
                skipElement();
            }
            at++;
        } else {
            while (at < end && line[at] != ',' && line[at] != '}' && line[at] != ' ') {
                at++;
            }
        }
    }

    private void skipElement() {
        if (line[at] == '"') {
            skipString();
        } else {
            at++;
        }
    }

    private void skipString() {
        byte[] octets = line;
        int last = end;
        int next = at + 1;
        while (next < last && octets[next] != '"') {
            next += octets[next] == '\\' ? 2 : 1;
        }
        at = next + 1;
    }

    /** By its length, quotes included, and first letter, as far as it is one of ours. */
    private int member(int name, int length) {
        return switch (length * 256 + line[name + 1]) {
            case 10 * 256 + 'c' -> CAMPAIGN;
            case 5 * 256 + 'k' -> KEY;
            case 7 * 256 + 's' -> STATE;
            case 4 * 256 + 'a' -> AT;
            default -> -1;
        };
    }

    private void keep(int member, int value) {
        skipValue();
        if (member >= 0) {
            begins[member] = value;
            ends[member] = at;
        }
    }

    private boolean has(int member, byte[] text) {
        return Arrays.equals(line, begins[member], ends[member], text, 0, text.length);
    }

    private byte[] copy(int member) {
        return Arrays.copyOfRange(line, begins[member], ends[member]);
    }

    private String text(int member) {
        return ends[member] == 0 ? "" : JsonParser.parseString(new String(copy(member), UTF_8)).getAsString();
    }

    boolean isOurs() {
        if (!has(CAMPAIGN, ours) && text(CAMPAIGN).equals(campaign)) {
            ours = copy(CAMPAIGN);
        }
        return has(CAMPAIGN, ours);
    }

    byte[] digest() {
        for (int i = begins[KEY]; i < ends[KEY]; i++) {
            if (line[i] == '\\') {
                return digest.of(text(KEY));
            }
        }
        return digest.of(line, begins[KEY] + 1, ends[KEY] - begins[KEY] - 2);
    }

    String state() {
        for (String name : Standings.STATES) {
            if (name.length() == ends[STATE] - begins[STATE] - 2 && name.charAt(0) == line[begins[STATE] + 1]) {
                return name;
            }
        }
        return text(STATE);
    }

    /** Since 1970; mostly within the second of the one before. */
    long micros() {
        boolean usual = ends[AT] - begins[AT] == 29;
        if (!usual || !Arrays.equals(line, begins[AT], begins[AT] + 20, second, 0, second.length)) {
            Instant time = OffsetDateTime.parse(text(AT)).toInstant();
            second = Arrays.copyOfRange(line, begins[AT], begins[AT] + 20);
            epochSecond = time.getEpochSecond();
            return epochSecond * 1_000_000 + time.getNano() / 1000;
        }
        int micros = 0;
        for (int i = begins[AT] + 21; i < ends[AT] - 2; i++) {
            micros = 10 * micros + line[i] - '0';
        }
        return epochSecond * 1_000_000 + micros;
    }
}

// ---- 11.14 Where keys stand -----------------------------------------------------------------------------------------

/** A column of numbers that grows without being copied. */
final class Column {
    private static final int BITS = 13;
    private final List<long[]> blocks = new ArrayList<>();

    long get(int index) {
        return index >> BITS < blocks.size() ? blocks.get(index >> BITS)[index & (1 << BITS) - 1] : 0;
    }

    void set(int index, long value) {
        while (index >> BITS >= blocks.size()) {
            blocks.add(new long[1 << BITS]);
        }
        blocks.get(index >> BITS)[index & (1 << BITS) - 1] = value;
    }
}

/** Where each key of a campaign stands by its journals: by 128 bits of its digest a number, and for that what counts. */
final class Standings {
    private static final int STATE_BITS = 3;
    private static final int FILE_BITS = 13;
    static final List<String> STATES = List.of("", "intent", "accepted", "refused", "deferred");
    private final List<Path> files = new ArrayList<>();
    private final Column high = new Column();
    private final Column low = new Column();
    /** The place of the record that counts: offset, file, state. */
    private final Column place = new Column();
    private final Column at = new Column();
    /** Those of whose recipients some have the mail, and for others something else was noted. */
    private final Map<Integer, Parted> parted = new HashMap<>();
    private int[] table = new int[1024];
    private int count;

    /** Who has it, and what was noted last of those who have not. */
    record Parted(Set<String> accepted, Optional<JournalRecord> rest) {
    }

    int file(Path file) {
        files.add(file);
        return files.size() - 1;
    }

    int count() {
        return count;
    }

    /** That of a key, from 1, whether it was known or not. */
    int numberOf(byte[] digest) {
        ByteBuffer octets = ByteBuffer.wrap(digest);
        long first = octets.getLong();
        long second = octets.getLong();
        int slot = slotOf(first, second);
        if (table[slot] == 0) {
            count++;
            high.set(count, first);
            low.set(count, second);
            place.set(count, 0);
            table[slot] = count;
            if (count > table.length / 4 * 3) {
                grow();
            }
            return count;
        }
        return table[slot];
    }

    private int slotOf(long first, long second) {
        int slot = (int) first & table.length - 1;
        while (table[slot] != 0 && (high.get(table[slot]) != first || low.get(table[slot]) != second)) {
            slot = slot + 1 & table.length - 1;
        }
        return slot;
    }

    private void grow() {
        table = new int[2 * table.length];
        for (int number = 1; number <= count; number++) {
            table[slotOf(high.get(number), low.get(number))] = number;
        }
    }

    /** One of {@code intent}, {@code accepted}, {@code refused}, {@code deferred}, or "" for what was never tried. */
    String state(int number) {
        Parted both = parted.get(number);
        return both == null ? STATES.get((int) place.get(number) & (1 << STATE_BITS) - 1)
                : both.rest.map(JournalRecord::state).orElse("accepted");
    }

    /** What counts of it, read again. */
    Optional<JournalRecord> record(int number) {
        Optional<JournalRecord> rest = Optional.ofNullable(parted.get(number)).flatMap(Parted::rest);
        long known = place.get(number) >>> STATE_BITS;
        return rest.isPresent() || place.get(number) == 0 ? rest
                : Optional.of(JournalText.at(files.get((int) known & (1 << FILE_BITS) - 1), known >>> FILE_BITS));
    }

    /** Those of its recipients who have it while others don't. */
    Set<String> having(int number) {
        return parted.containsKey(number) ? parted.get(number).accepted : Set.of();
    }

    /** The latest counts, but nothing undoes that somebody has it. */
    void note(int number, String state, long when, int file, long offset, Supplier<JournalRecord> record) {
        boolean latest = place.get(number) == 0 || when >= at.get(number);
        boolean accepted = state.equals("accepted");
        if (!latest && !accepted) {
            return;
        }
        boolean plain = latest && !parted.containsKey(number) && (accepted || !state(number).equals("accepted"));
        if (plain || part(number, record.get())) {
            place.set(number, ((offset << FILE_BITS | file) << STATE_BITS) + STATES.indexOf(state));
        }
        at.set(number, latest ? when : at.get(number));
    }

    /** Tells those who have it from those who don't; whether it is all of them, by this record. */
    private boolean part(int number, JournalRecord record) {
        JournalRecord before = record(number).orElseThrow();
        Set<String> accepted = new HashSet<>(having(number));
        Stream.of(before, record).filter(one -> one.is("accepted")).forEach(one -> accepted.addAll(one.to()));
        Optional<JournalRecord> rest = Stream.of(record, before).filter(one -> !one.is("accepted")).findFirst()
                .filter(one -> !accepted.containsAll(one.to()));
        if (rest.isPresent() || parted.containsKey(number)) {
            parted.put(number, new Parted(accepted, rest));
        }
        return rest.isEmpty() && record.is("accepted");
    }
}

// ==== 12. Edges ======================================================================================================
// The user's files, secrets and terminal, and how facts are printed. Knows no protocol.

// ---- 12.1 Words of options ------------------------------------------------------------------------------------------

/** What the words given for an option mean; what can't be meant is wrong usage. */
final class Given {
    private static final Pattern AMOUNT = Pattern.compile("([1-9]\\d{0,8})(\\D*)");
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1000L, "", 1000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final Map<String, Long> OCTETS = Map.of("", 1L, "K", 1_000L, "M", 1_000_000L, "G", 1_000_000_000L);

    static String oneOf(String option, String given, String... choices) {
        String all = "it takes " + String.join(", ", choices).toLowerCase(Locale.ROOT);
        String hint = suggestion(given, List.of(choices), all);
        return Stream.of(choices).filter(given::equalsIgnoreCase).findFirst()
                .orElseThrow(() -> MailException.usage(option + " does not take '" + given + "'").hint(hint));
    }

    static String words(String option, String given, String... choices) {
        return Stream.of(given.split("[ ,]+")).map(word -> oneOf(option, word, choices)).distinct()
                .collect(Collectors.joining(","));
    }

    static String word(String option, String given) {
        if (!Texts.plain(Exit.USAGE, option, given).matches("\\S+")) {
            throw takes(option, "one word", given);
        }
        return given;
    }

    /** An empty value is a variable that is not set. */
    static String some(String option, String given) {
        if (given.isBlank()) {
            throw MailException.usage(option + " is empty");
        }
        return given;
    }

    static int number(String option, String given) {
        if (!given.matches("\\d{1,9}")) {
            throw takes(option, "a number", given);
        }
        return Integer.parseInt(given);
    }

    static Duration duration(String option, String given) {
        return Duration.ofMillis(amount(option, given, MILLIS, "a time such as 500ms, 30s, 2m, 12h or 14d"));
    }

    /** More is no limit, and in nanoseconds too large for a clock. */
    static Duration timeout(String given) {
        Duration limit = duration("--timeout", given);
        if (limit.compareTo(Duration.ofDays(1)) > 0) {
            throw takes("--timeout", "at most 24h", given);
        }
        return limit;
    }

    /** A bare number is seconds here and days elsewhere, and what is old goes. */
    static Duration age(String option, String given) {
        if (given.matches("\\d+")) {
            throw takes(option, "a time with its unit, such as 12h or 14d", given);
        }
        return Duration.ofMillis(amount(option, given, MILLIS, "how long ago, such as 12h or 14d"));
    }

    /** The time between two of so many in a time. */
    static Duration interval(String option, String given) {
        Matcher parts = Pattern.compile("([1-9]\\d{0,5})/([smh])").matcher(given);
        if (!parts.matches()) {
            throw takes(option, "a number in a time such as 14/s, 500/m or 2000/h", given);
        }
        return Duration.ofMillis(MILLIS.get(parts.group(2))).dividedBy(Long.parseLong(parts.group(1)));
    }

    static long size(String option, String given) {
        return amount(option, given, OCTETS, "a size such as 500K, 10M or 2G");
    }

    private static long amount(String option, String given, Map<String, Long> units, String what) {
        Matcher parts = AMOUNT.matcher(given);
        if (!parts.matches() || !units.containsKey(parts.group(2))) {
            throw takes(option, what, given);
        }
        return Long.parseLong(parts.group(1)) * units.get(parts.group(2));
    }

    private static MailException takes(String option, String what, String given) {
        return MailException.usage(option + " takes " + what + ", not '" + given + "'");
    }

    static int port(String digits) {
        int port = digits.isEmpty() ? 0 : Integer.parseInt(digits);
        if (port > 65535 || port == 0 && !digits.isEmpty()) {
            throw MailException.usage("there is no port " + digits);
        }
        return port;
    }

    static String withoutPassword(String url) {
        return url.replaceFirst("(?s)(://[^:@]*):.*@", "$1:****@");
    }

    static String suggestion(String word, Collection<String> choices, String otherwise) {
        return nearest(word, choices).map(near -> "did you mean " + near + "?").orElse(otherwise);
    }

    /** The choice of the fewest changes of letters, if so few that a finger may have slipped; a number has none. */
    static Optional<String> nearest(String word, Collection<String> choices) {
        int most = Math.max(1, word.replaceFirst("^-+", "").length() / 3);
        Comparator<String> begun = Comparator.comparing(choice -> !choice.startsWith(word));
        return choices.stream()
                .filter(choice -> word.matches(".*\\p{L}.*"))
                .filter(choice -> choice.startsWith(word) || word.startsWith(choice) || distance(word, choice) <= most)
                .min(begun.thenComparingInt(choice -> distance(word, choice)));
    }

    /** Letters to change, add, leave out, or swap. */
    private static int distance(String one, String other) {
        int[][] costs = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                boolean inside = i > 0 && j > 0;
                int change = inside && one.charAt(i - 1) != other.charAt(j - 1) ? 1 : 0;
                costs[i][j] = !inside ? i + j
                        : Math.min(costs[i - 1][j - 1] + change, 1 + Math.min(costs[i - 1][j], costs[i][j - 1]));
                if (i > 1 && j > 1 && one.startsWith(other.substring(j - 1, j) + other.charAt(j - 2), i - 2)) {
                    costs[i][j] = Math.min(costs[i][j], costs[i - 2][j - 2] + 1);
                }
            }
        }
        return costs[one.length()][other.length()];
    }
}

/** Stages as options name them: by our own name, or by the protocol's command. */
final class Stages {
    /** The one of these that has this name. */
    static Stage named(String option, String word, Collection<Stage> taken) {
        Map<String, Stage> known = new LinkedHashMap<>();
        taken.forEach(stage -> known.put(Texts.name(stage), stage));
        taken.forEach(stage -> otherNames(stage).forEach(name -> known.putIfAbsent(name, stage)));
        String name = word.toLowerCase(Locale.ROOT);
        if (!known.containsKey(name)) {
            String all = "it takes " + taken.stream().map(Texts::name).collect(Collectors.joining(", "));
            throw MailException.usage(option + " does not take '" + word + "'").hint(Given.suggestion(name, known.keySet(), all));
        }
        return known.get(name);
    }

    private static List<String> otherNames(Stage stage) {
        return stage.isHello() ? List.of("ehlo", "capa", "helo", "lhlo")
                : stage == Stage.TLS ? List.of("starttls", "stls") : List.of();
    }
}

// ---- 12.2 Accounts --------------------------------------------------------------------------------------------------

/** Where accounts stand. */
final class AccountFile {
    /** What an account has beside options. */
    private static final List<String> OWN_KEYS = List.of("server", "pop3", "domain", "password");
    static final String HELP = """
            Accounts stand in a properties file: --config FILE, else mailtool/accounts in
            ~/.config (XDG_CONFIG_HOME). Keys: the account's name, a dot, and server, pop3,
            domain, password or an option (a switch: = true):

              default = work
              work.server = smtps://ops@mail.example.org
              work.pop3 = pop3s://ops@mail.example.org
              work.from = Ops <ops@example.org>
              work.password-command = pass show mail/ops
              work.timeout = 20s
              work.header.X-Host = db1
              work.maildir = ~/Mail/work

            "Connection and login" counts in every command, people, headers, "Envelope" and
            "Sending" in send, all options of fetch in fetch. What is given on the command
            line wins; a store there also stands for what is deleted.

            A backslash is written twice. In the name of a file ~/ is your home folder.
            A password is looked for in this order: --password-file or --password-command,
            MAILTOOL_PASSWORD, the account, .netrc, a prompt. A file that holds one must be
            readable by its owner alone (chmod 600).
            """;

    /** The account of that name, or the default one; none if nobody asked for one and there is none. */
    static <A> Optional<A> find(Optional<Path> given, Optional<String> wanted, List<MailTool.Option> options,
            BiFunction<String, Arguments, A> account) {
        Path file = given.orElseGet(AccountFile::usualPlace);
        if (given.isEmpty() && !Files.exists(file)) {
            wanted.ifPresent(name -> {
                throw MailException.config("no account '" + name + "': there is no file " + file)
                        .hint("see mailtool help accounts");
            });
            return Optional.empty();
        }
        Map<String, MailTool.Option> known = new TreeMap<>();
        OWN_KEYS.forEach(own -> known.put(own, new MailTool.Option("", own, "VALUE", "")));
        options.forEach(option -> known.put(option.name(), option));
        Properties all = load(file);
        return wanted.or(() -> Optional.ofNullable(all.getProperty("default"))).map(String::strip)
                .map(name -> account.apply(name, new Arguments(settings(name, all, file, known), List.of())));
    }

    private static Properties load(Path file) {
        Properties all = new Properties();
        try {
            all.load(new StringReader(Inputs.text(file)));
        } catch (IOException | IllegalArgumentException e) {
            throw MailException.config("can't read " + file + ": " + e.getMessage());
        }
        all.stringPropertyNames().stream().filter(key -> key.startsWith("[")).findFirst().ifPresent(key -> {
            throw MailException.config(file + ": there are no sections, so not " + key)
                    .hint("write the account's name before each of its keys: work.server = URL");
        });
        if (all.stringPropertyNames().stream().anyMatch(key -> key.endsWith(".password"))) {
            Inputs.refuseIfOthersCanRead(file);
        }
        return all;
    }

    private static Path usualPlace() {
        Optional<String> folder = Inputs.variable("XDG_CONFIG_HOME");
        return Path.of(folder.orElse(Inputs.home() + "/.config"), "mailtool", "accounts");
    }

    private static List<Map.Entry<String, String>> settings(String name, Properties all, Path file,
            Map<String, MailTool.Option> known) {
        List<String> keys = all.stringPropertyNames().stream().filter(key -> key.startsWith(name + ".")).sorted().toList();
        if (keys.isEmpty()) {
            Set<String> names = all.stringPropertyNames().stream().filter(key -> key.indexOf('.') > 0)
                    .map(key -> key.replaceFirst("[.](header[.].*|[^.]*)$", "")).collect(Collectors.toCollection(TreeSet::new));
            String otherwise = names.isEmpty() ? "see mailtool help accounts" : "it has " + String.join(", ", names);
            throw MailException.config(file + " has no account '" + name + "'").hint(Given.suggestion(name, names, otherwise));
        }
        return keys.stream().flatMap(key -> setting(file, name, key, all.getProperty(key).strip(), known)).toList();
    }

    /** A key as an option; {@code header.NAME} is one field, and a switch that is off is none. */
    private static Stream<Map.Entry<String, String>> setting(Path file, String account, String key, String value,
            Map<String, MailTool.Option> known) {
        String[] words = key.substring(account.length() + 1).split("[.]", 2);
        MailTool.Option option = known.get(words[0]);
        if (option == null || words.length > 1 && !option.argument().startsWith("FIELD")) {
            throw MailException.config(file + ": '" + key + "' means nothing")
                    .hint(Given.nearest(words[0], known.keySet()).map(near -> "did you mean " + account + "." + near + "?")
                            .orElse("see mailtool help accounts"));
        }
        if (!option.takesArgument() && !value.matches("true|false")) {
            throw MailException.config(file + ": '" + key + "' takes true or false, not '" + value + "'");
        }
        boolean inHome = Set.of("FILE", "DIR").contains(option.argument()) && value.startsWith("~/");
        String whole = words.length > 1 ? words[1] + ": " + value : inHome ? Inputs.home() + value.substring(1) : value;
        return Stream.of(Map.entry(words[0], whole)).filter(setting -> option.takesArgument() || value.equals("true"));
    }
}

// ---- 12.3 Secrets ---------------------------------------------------------------------------------------------------

/** Where secrets come from; each is asked for when it is needed, and once. */
final class Secrets {
    /** The command that is asked. */
    private static volatile Optional<Process> asked = Optional.empty();
    private static final Pattern NETRC_WORD = Pattern.compile("\"((?:\\\\.|[^\"\\\\])*)\"|\\S+");

    static Optional<Supplier<String>> file(String file) {
        Path path = Inputs.readable(file);
        return Optional.of(() -> firstLine(Inputs.text(path)));
    }

    static Optional<Supplier<String>> command(String command) {
        return Optional.of(new Lazy<>(() -> output(command)));
    }

    /** One at a time, as it may ask at the terminal. */
    private static synchronized String output(String command) {
        try {
            Process process = new ProcessBuilder("/bin/sh", "-c", command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            asked = Optional.of(process);
            process.getOutputStream().close();
            String secret = firstLine(new String(process.getInputStream().readAllBytes(), UTF_8));
            int status = process.onExit().join().exitValue();
            if (status != 0 || secret.isBlank()) {
                throw MailException.config("'" + command + "' gave no secret (exit " + status + ")").hint("run it by hand");
            }
            return secret;
        } catch (IOException e) {
            throw MailException.config("can't run '" + command + "': " + e.getMessage());
        }
    }

    /** Ends it with all that it has begun. */
    static void giveUp() {
        asked.map(Process::toHandle).ifPresent(command ->
                Stream.concat(command.descendants(), Stream.of(command)).forEach(ProcessHandle::destroy));
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    static Optional<Supplier<String>> environment() {
        return Inputs.variable("MAILTOOL_PASSWORD").map(password -> () -> password);
    }

    /** The password that was given, else that of .netrc, else what somebody types when it is needed; throws if nobody can. */
    static Supplier<String> password(Optional<Supplier<String>> given, String user, String host) {
        Supplier<MailException> none = () -> MailException.usage("no password for " + user)
                .hint("give --password-file, --password-command or MAILTOOL_PASSWORD");
        Supplier<String> question = () -> Asking.typedUnseen("Password of " + user + " at " + host + ": ").orElseThrow(none);
        Supplier<String> source = given.or(() -> netrc(user, host).map(found -> () -> found))
                .or(() -> Optional.of(question).filter(any -> Asking.canAskUnseen())).orElseThrow(none);
        return new Lazy<>(() -> {
            String password = source.get();
            if (password.isEmpty()) {
                throw MailException.config("the password for " + user + " is empty");
            }
            return Inputs.carried("the password for " + user, password);
        });
    }

    private static Optional<String> netrc(String user, String host) {
        Path file = Path.of(Inputs.variable("NETRC").orElseGet(() -> Inputs.home() + "/.netrc"));
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        for (Map<String, String> entry : entries(Inputs.text(file))) {
            boolean machine = entry.containsKey("default") || host.equalsIgnoreCase(entry.get("machine"));
            boolean login = user.equals(entry.getOrDefault("login", user));
            if (machine && login && entry.containsKey("password")) {
                Inputs.refuseIfOthersCanRead(file);
                return Optional.of(entry.get("password"));
            }
        }
        return Optional.empty();
    }

    /** Names and values in turn; what looks like a name or a comment may be a value. */
    private static List<Map<String, String>> entries(String text) {
        List<Map<String, String>> entries = new ArrayList<>(List.of(new HashMap<>()));
        Matcher words = NETRC_WORD.matcher(text);
        while (words.find()) {
            String name = words.group();
            if (name.startsWith("#")) {
                int end = text.indexOf('\n', words.start());
                words.region(end < 0 ? text.length() : end, text.length());
                continue;
            }
            if (name.matches("machine|default")) {
                entries.add(new HashMap<>());
            }
            entries.get(entries.size() - 1).put(name, name.equals("default") || !words.find() ? "" : unquoted(words));
        }
        return entries;
    }

    private static String unquoted(Matcher word) {
        return word.group(1) == null ? word.group() : word.group(1).replaceAll("\\\\(.)", "$1");
    }
}

// ---- 12.4 Input -----------------------------------------------------------------------------------------------------

/** Files and streams that the user names; {@code -} is stdin. */
final class Inputs {
    /** Copies of what can be read once only. */
    private static final Set<File> TEMPORARY = ConcurrentHashMap.newKeySet();

    static Path path(String given) {
        try {
            return Path.of(given);
        } catch (InvalidPathException e) {
            if (!localeIsUtf8() && !Texts.isAscii(given)) {
                throw cantCarry("the file name '" + given + "'");
            }
            throw new MailException(Exit.NO_INPUT, Stage.INPUT, "'" + Texts.escape(given) + "' is no file name")
                    .hint(e.getReason());
        }
    }

    /** What means this file as a word of a command, where a lone dash is stdin. */
    static String word(Path file) {
        return file.toString().equals("-") ? "./-" : file.toString();
    }

    /** A variable of ours, if it is set and not empty. */
    static Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isEmpty())
                .map(value -> carried("the variable " + name, value));
    }

    /** Java has put U+FFFD for what it could not read in the locale's encoding; nobody types it but under UTF-8. */
    static String carried(String what, String value) {
        if (value.indexOf('\uFFFD') >= 0 && !localeIsUtf8()) {
            throw cantCarry(what);
        }
        return value;
    }

    private static boolean localeIsUtf8() {
        return System.getProperty("sun.jnu.encoding", "").equalsIgnoreCase("UTF-8");
    }

    private static MailException cantCarry(String what) {
        return MailException.config("this locale can't carry " + what).hint("set LC_ALL=C.UTF-8");
    }

    static String home() {
        return variable("HOME").orElseGet(() -> carried("the path of the home folder", System.getProperty("user.home")));
    }

    /** Files with messages; one folder stands for those in it: all of a Maildir, else the *.eml, in the order of their names. */
    static List<String> mails(List<String> given) {
        if (given.size() > 1 && given.contains("-")) {
            throw MailException.usage("--eml - is stdin, which stands alone");
        }
        if (given.size() != 1 || !exists(given.get(0)) || !Files.isDirectory(path(given.get(0)))) {
            return given;
        }
        Path folder = path(given.get(0));
        boolean maildir = Files.isDirectory(folder.resolve("cur")) && Files.isDirectory(folder.resolve("new"));
        List<Path> mails = new ArrayList<>();
        for (Path place : maildir ? List.of(folder.resolve("cur"), folder.resolve("new")) : List.of(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(place, maildir ? "[!.]*" : "[!.]*.eml")) {
                files.forEach(mails::add);
            } catch (IOException e) {
                throw new MailException(Exit.NO_INPUT, Stage.INPUT, "can't read " + Texts.cause(e));
            }
        }
        if (mails.isEmpty()) {
            throw new MailException(Exit.NO_INPUT, Stage.INPUT, "no message in " + folder).hint("of a folder the *.eml are sent");
        }
        return mails.stream().sorted(Comparator.comparing(Path::getFileName)).map(Path::toString).toList();
    }

    static boolean exists(String given) {
        return !given.isEmpty() && given.indexOf('\0') < 0 && Files.exists(path(given));
    }

    static Path readable(String given) {
        Path file = path(given);
        String problem = given.isEmpty() ? "an empty file name" : !Files.exists(file) ? "no such file: " + given
                : Files.isDirectory(file) ? given + " is a folder" : !Files.isReadable(file) ? "can't read " + given : "";
        if (!problem.isEmpty()) {
            throw new MailException(Exit.NO_INPUT, Stage.INPUT, Texts.escape(problem))
                    .hint(given.equals("-") ? "stdin is /dev/stdin here" : "");
        }
        return file;
    }

    /** The file itself, or a copy of what a pipe says, as it is read more than once. */
    static Path rereadable(String given) {
        Path file = readable(given);
        return Files.isRegularFile(file) ? file : spooled(given);
    }

    static long size(Path file) {
        return reading(Exit.NO_INPUT, file.toString(), () -> Files.size(file));
    }

    static InputStream stream(Path file) {
        return reading(Exit.IO, file.toString(), () -> Files.newInputStream(file));
    }

    /** A private file that goes when nothing refers to its path any more, so that many messages take the room of few. */
    static Path temporary() {
        try {
            Path file = Files.createTempFile("mailtool", ".spool");
            file.toFile().deleteOnExit();
            TEMPORARY.add(file.toFile());
            Unheld.TRACKER.track(file.toFile(), file);
            return file;
        } catch (IOException e) {
            throw new MailException(Exit.IO, Stage.INPUT, "can't make a temporary file: " + Texts.cause(e));
        }
    }

    static boolean isTemporary(Path file) {
        return TEMPORARY.contains(file.toFile());
    }

    /** For an end at which the JVM does not do it. */
    static void dropTemporary() {
        TEMPORARY.forEach(File::delete);
    }

    /** It has a thread, which few need. */
    private static final class Unheld {
        static final FileCleaningTracker TRACKER = new FileCleaningTracker();
    }

    /** The file itself where it can be read again; else, for stdin and pipes, a private copy that goes when we go. */
    static Path spooled(String given) {
        if (!given.equals("-") && Files.isRegularFile(readable(given)) && size(path(given)) > 0) {
            return path(given);
        }
        return spooled(reading(Exit.IO, given, () -> open(given)), given);
    }

    /** A private copy of a stream, which is read to its end and closed; it goes when nothing needs it any more. */
    static Path spooled(InputStream in, String what) {
        Path copy = temporary();
        return reading(Exit.IO, what, () -> {
            try (in) {
                Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            }
            return copy;
        });
    }

    /** The text of a file; one that is not in UTF-8 is taken for windows-1252. */
    static String text(String given, List<String> warnings) {
        byte[] bytes = reading(Exit.NO_INPUT, given, () -> {
            try (InputStream in = open(given)) {
                return in.readAllBytes();
            }
        });
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString().replaceFirst("^\uFEFF", "");
        } catch (CharacterCodingException e) {
            String begin = new String(bytes, 0, Math.min(2, bytes.length), ISO_8859_1);
            if (begin.equals("\u00ff\u00fe") || begin.equals("\u00fe\u00ff")) {
                return new String(bytes, UTF_16);
            }
            warnings.add(shown(given) + " is not in UTF-8; taken for windows-1252");
            return new String(bytes, Charset.forName("windows-1252"));
        }
    }

    static String text(Path file) {
        return text(file.toString(), new ArrayList<>());
    }

    /** The lines of a file or stdin as they come, a letter for each octet; any end of a line ends it. */
    static Stream<String> lines(String given) {
        InputStream in = reading(Exit.NO_INPUT, given, () -> open(given));
        return new BufferedReader(new InputStreamReader(in, ISO_8859_1)).lines();
    }

    /** Of a file that is too large to be read as one text. */
    static Charset charset(Path file, List<String> warnings) throws IOException {
        try (Reader in = new InputStreamReader(Files.newInputStream(file), UTF_8.newDecoder())) {
            in.transferTo(Writer.nullWriter());
            return UTF_8;
        } catch (CharacterCodingException e) {
            warnings.add(file + " is not in UTF-8; taken for windows-1252");
            return Charset.forName("windows-1252");
        }
    }

    /** Buffered, because a file stream would seek in a pipe. */
    private static InputStream open(String given) throws IOException {
        if (given.equals("-") && Terminal.inIsClosed()) {
            return InputStream.nullInputStream();
        }
        return given.equals("-") ? new BufferedInputStream(new FileInputStream(FileDescriptor.in))
                : Files.newInputStream(readable(given));
    }

    private static String shown(String given) {
        return given.equals("-") ? "stdin" : given;
    }

    static <T> T reading(Exit exit, String given, IOSupplier<T> work) {
        try {
            return work.get();
        } catch (IOException e) {
            throw new MailException(exit, Stage.INPUT, "can't read " + shown(given) + ": " + Texts.cause(e));
        }
    }

    static void refuseIfOthersCanRead(Path file) {
        try {
            Set<PosixFilePermission> rights = Files.getPosixFilePermissions(file);
            if (rights.contains(PosixFilePermission.GROUP_READ) || rights.contains(PosixFilePermission.OTHERS_READ)) {
                throw MailException.config(file + " holds a secret and others can read it").hint("chmod 600 " + file);
            }
        } catch (UnsupportedOperationException e) {
            // A file system without such rights has nothing to check.
        } catch (IOException e) {
            throw MailException.config("can't look at " + file + ": " + Texts.cause(e));
        }
    }
}

// ---- 12.5 Disk ------------------------------------------------------------------------------------------------------

/** Takes octets in blocks; what goes on the wire or comes from it never comes one by one. */
abstract class BlockOutput extends OutputStream {
    /** Octets that go in one step where there are many. */
    static final int BLOCK = 64 * 1024;

    @Override
    public final void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public abstract void write(byte[] bytes, int offset, int length) throws IOException;
}

final class HashOutput extends DigestOutputStream {
    HashOutput() {
        super(OutputStream.nullOutputStream(), digest("SHA-256"));
    }

    static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}

/** A private file of ours; failing to write it is no failure of the network. */
final class LocalOutput extends ProxyOutputStream {
    private final Path file;

    LocalOutput(Path file) {
        super(OutputStream.nullOutputStream());
        this.file = file;
        try {
            out = Files.newOutputStream(file);
        } catch (IOException e) {
            handleIOException(e);
        }
    }

    @Override
    protected void handleIOException(IOException e) {
        throw new MailException(Exit.IO, Stage.RETR, "can't write " + file + ": " + Texts.cause(e));
    }
}

/** Files and folders that only their owner may read, followed nowhere, and synced. */
final class Disk {
    private static final Set<PosixFilePermission> OWNERS_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNERS_FOLDER = PosixFilePermissions.fromString("rwx------");
    /** Where the system gives none. */
    private static final Map<Class<?>, String> REASONS = Map.of(AccessDeniedException.class, "permission denied",
            FileAlreadyExistsException.class, "something else is in its place");

    static FileChannel create(Path file) throws IOException {
        return open(file, StandardOpenOption.CREATE_NEW);
    }

    static FileChannel open(Path file) throws IOException {
        return open(file, StandardOpenOption.CREATE);
    }

    private static FileChannel open(Path file, OpenOption creation) throws IOException {
        Set<OpenOption> options = Set.of(creation, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        return FileChannel.open(file, options, PosixFilePermissions.asFileAttribute(OWNERS_FILE));
    }

    static void write(FileChannel channel, long position, ByteBuffer octets) throws IOException {
        int begin = octets.position();
        while (octets.hasRemaining()) {
            channel.write(octets, position + octets.position() - begin);
        }
    }

    static void copy(FileChannel source, long start, long end, WritableByteChannel target) throws IOException {
        long position = start;
        while (position < end) {
            position += source.transferTo(position, end - position, target);
        }
    }

    /** Makes it and what is missing above it, and makes that last. */
    static void makeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path parent = folder.toAbsolutePath().getParent();
            makeFolder(parent);
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNERS_FOLDER));
            syncFolder(parent);
        }
    }

    static Path sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(false);
        }
        return file;
    }

    /** What was made, renamed or removed in it stays so after a loss of power. */
    static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static void removeAll(Path folder, Predicate<String> names) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, file -> names.test(file.getFileName().toString()))) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
    }

    static void closeQuietly(Closeable resource) {
        try {
            if (resource != null) {
                resource.close();
            }
        } catch (IOException e) {
            // What it held is given up anyway.
        }
    }

    static MailException failed(Path file, Exception problem) {
        FileSystemException known = problem instanceof FileSystemException named ? named
                : new FileSystemException(null, null, Texts.cause(problem));
        String where = Optional.ofNullable(known.getFile()).orElse(file.toString());
        String why = Optional.ofNullable(known.getReason()).orElse(REASONS.getOrDefault(known.getClass(), known.toString()));
        return new MailException(Exit.OUTPUT, Stage.STORE, Texts.escape("can't write to " + where + ": " + why));
    }
}

// ---- 12.6 Terminal --------------------------------------------------------------------------------------------------

/** stdin, stdout, stderr and what can be known of them. */
final class Terminal {
    static final String DIM = "\033[2m";
    static final String RED = "\033[31m";
    private static final int FAREWELL_SECONDS = 25;
    final boolean outIsTerminal = isTerminal(target(1));
    final boolean errIsTerminal = isTerminal(target(2));
    final boolean inIsPiped = isPipe(target(0));
    final boolean inIsTerminal = isTerminal(target(0));
    private final StatusLine status = new StatusLine();
    final Bar bar = new Bar(status);
    private final Standard stdout = new Standard(FileDescriptor.out, outIsTerminal);
    final PrintStream out = new PrintStream(new BufferedOutputStream(stdout, 64 * 1024), false, UTF_8);
    final PrintStream err = new PrintStream(new Standard(FileDescriptor.err, errIsTerminal), true, UTF_8);
    /** Who tells how a run failed. */
    Consumer<MailException> teller = problem -> { };
    private Supplier<Exit> farewell = () -> tell(MailException.interrupted(bar.soFar()));
    private volatile boolean told;

    /** A PrintStream does not tell why it can't write. */
    private final class Standard extends FileOutputStream {
        private final boolean isTerminal;
        volatile boolean isOver;
        String problem = "";

        Standard(FileDescriptor descriptor, boolean isTerminal) {
            super(descriptor);
            this.isTerminal = isTerminal;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (isTerminal) {
                status.erase();
            }
            try {
                super.write(bytes, offset, isOver ? 0 : length);
            } catch (IOException e) {
                problem = e.getMessage();
                throw e;
            }
        }
    }

    // ---- How a run ends ----

    /** Says how the run ended, unless that is said already: by the command, or by who ends it from outside. */
    synchronized void atLast(Runnable words) {
        if (!told) {
            words.run();
            out.flush();
            told = true;
        }
    }

    /** What a run that is ended from outside fails with. */
    void whenInterrupted(Supplier<MailException> why) {
        whenEnded(() -> tell(why.get()));
    }

    private Exit tell(MailException problem) {
        teller.accept(problem);
        return problem.exit();
    }

    /**
     * What is done and said when the run is ended from outside. If that has been done already nothing more is, as what was
     * said must stay true: this does not return, but waits for the end.
     */
    synchronized void whenEnded(Supplier<Exit> words) {
        if (told) {
            System.exit(Exit.INTERRUPTED.code);
        }
        farewell = words;
    }

    /** It has ended by itself. */
    synchronized void end() {
        told = true;
        status.erase();
    }

    /** Ctrl-C or kill. Who does not read what we print can't keep us here for ever. */
    void interrupt() {
        if (!told) {
            CompletableFuture.runAsync(() -> atLast(this::sayFarewell)).exceptionally(nobodyToTell -> null)
                    .completeOnTimeout(null, FAREWELL_SECONDS, TimeUnit.SECONDS).join();
        }
    }

    private void sayFarewell() {
        if (errIsTerminal) {
            status.last("interrupted, ending");
        }
        Exit exit = farewell.get();
        out.flush();
        stdout.isOver = true;
        status.erase();
        if (exit == Exit.UNKNOWN) {
            Inputs.dropTemporary();
            Runtime.getRuntime().halt(exit.code);
        }
    }

    /** Where a caller has closed stdin, a file of the JVM has its number: to read that, and then to close it, kills the JVM. */
    static boolean inIsClosed() {
        return isOfJvm(target(0));
    }

    private static boolean isPipe(String target) {
        return !isTerminal(target) && !target.equals("/dev/null") && !isOfJvm(target);
    }

    private static boolean isOfJvm(String target) {
        return target.startsWith(System.getProperty("java.home"));
    }

    /** Linux tells for each stream; elsewhere there is a console if stdin and stdout both are terminals. */
    private static boolean isTerminal(String target) {
        return target.isEmpty() ? System.console() != null : target.matches("/dev/(pts/|tty|console).*");
    }

    private static String target(int stream) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + stream)).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    /** Whether there is somebody to ask here; some JDKs have a console where there is nobody. */
    static boolean canAsk() {
        return isTerminal(target(0)) && isTerminal(target(1)) && System.console() != null;
    }

    boolean agrees(String question) {
        err.print(question + " [y/N] ");
        return Optional.ofNullable(System.console().readLine()).filter(answer -> answer.strip().matches("(?i)y|yes")).isPresent();
    }

    int columns() {
        return status.columns();
    }

    /** Prints to stdout and makes sure that it got there. */
    void print(String text) {
        out.print(text);
        out.flush();
        if (out.checkError()) {
            throw new MailException(Exit.OUTPUT, Stage.INPUT, "can't write to stdout: " + stdout.problem);
        }
    }

    /** Lines that come from elsewhere; nothing in them can move the cursor. */
    void lines(Stream<String> lines) {
        lines.forEach(line -> out.println(Texts.escape(line)));
        print("");
    }

    void write(Source octets) {
        try {
            octets.writeTo(out);
        } catch (IOException e) {
            throw new MailException(Exit.IO, Stage.INPUT, "can't read the message: " + Texts.cause(e));
        }
        print("");
    }

    /** A line in a style, where styles are seen and wanted (no-color.org). */
    String styled(String style, String line) {
        boolean seen = outIsTerminal && !Inputs.variable("TERM").orElse("dumb").equals("dumb");
        return seen && Inputs.variable("NO_COLOR").isEmpty() ? style + line + "\033[m" : line;
    }

    /** A line for a person, where one is looking. */
    void note(String what) {
        if (outIsTerminal) {
            print(Texts.escape(what) + "\n");
        }
    }

    /** Whether who read what we print has gone. */
    boolean hasLostReader() {
        return stdout.problem.equals("Broken pipe");
    }

    void warn(String what) {
        complain("warning: " + what);
    }

    void complain(String what) {
        err.println("mailtool: " + Texts.escape(what));
    }

    /** On a terminal, what it waits for; an empty line is the end. */
    void waiting(String line) {
        status.show(errIsTerminal ? Texts.escape(line) : "");
    }
}

// ---- 12.7 Asking ----------------------------------------------------------------------------------------------------

/** What the terminal says of itself, and what somebody types there unseen; also where stdin and stdout are no terminal. */
final class Asking {
    /** Its columns, as far as one can know. */
    static int columns() {
        String rowsAndColumns = Inputs.variable("COLUMNS").or(() -> stty("size")).orElse("");
        String columns = rowsAndColumns.strip().replaceFirst(".* ", "");
        return columns.matches("[1-9]\\d{0,3}") ? Integer.parseInt(columns) : 80;
    }

    static boolean canAskUnseen() {
        return Terminal.canAsk() || stty("-g").isPresent();
    }

    /** What somebody types without seeing it, one question at a time; nothing if there is nobody. */
    static synchronized Optional<String> typedUnseen(String question) {
        return Terminal.canAsk() ? Optional.ofNullable(System.console().readPassword("%s", question)).map(String::new)
                : typedBesideStreams(question);
    }

    /** Where stdin is a pipe or stdout a file there is no console, but there may well be a terminal. */
    private static Optional<String> typedBesideStreams(String question) {
        if (stty("-echo").isEmpty()) {
            return Optional.empty();
        }
        Thread restoring = new Thread(() -> stty("echo"));
        Runtime.getRuntime().addShutdownHook(restoring);
        try {
            return typed(question);
        } finally {
            Runtime.getRuntime().removeShutdownHook(restoring);
            stty("echo");
            say("\n");
        }
    }

    /** What somebody answers on the terminal, wherever our streams go; nothing if there is none. */
    static Optional<String> typed(String question) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(new FileInputStream("/dev/tty"), UTF_8))) {
            say(question);
            return Optional.ofNullable(in.readLine());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void say(String words) {
        try (OutputStream out = new FileOutputStream("/dev/tty")) {
            out.write(words.getBytes(UTF_8));
        } catch (IOException e) {
            // Nobody is there to read it.
        }
    }

    /** What it says of the terminal, or sets there; nothing if it fails, as where there is none. */
    private static Optional<String> stty(String words) {
        try {
            Process stty = new ProcessBuilder("/bin/sh", "-c", "stty " + words + " </dev/tty")
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String answer = new String(stty.getInputStream().readAllBytes(), US_ASCII);
            return stty.onExit().join().exitValue() == 0 ? Optional.of(answer) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}

// ---- 12.8 Transcript ------------------------------------------------------------------------------------------------

/** The dialogue as a person may see it: times, directions, no secrets, no control characters. */
record Transcript(Optional<Consumer<Said>> sink, long started, Set<String> secrets) {
    Transcript(Optional<Consumer<Said>> sink, long started) {
        this(sink, started, new LinkedHashSet<>());
    }

    /** Never shows it from now on. */
    String mask(String secret) {
        secrets.add(secret);
        return secret;
    }

    void sent(String line) {
        show(">>>", line);
    }

    void received(String line) {
        show("<<<", line);
    }

    void note(String line) {
        show("***", line);
    }

    private void show(String whose, String line) {
        if (sink.isPresent()) {
            sink.get().accept(new Said((System.nanoTime() - started) / 1e9, whose, Texts.escape(masked(line))));
        }
    }

    String masked(String line) {
        String text = line;
        for (String secret : secrets) {
            text = hidden(hidden(text, secret), Base64.getEncoder().encodeToString(secret.getBytes(UTF_8)));
        }
        return text;
    }

    /** A short one only where it stands alone, as it may be part of any word; what we send in a login is never shown anyway. */
    private static String hidden(String text, String secret) {
        String alone = secret.length() < 6 ? "(?<![\\p{L}\\p{N}])%s(?![\\p{L}\\p{N}])" : "%s";
        return secret.length() < 3 ? text : text.replaceAll(alone.formatted(Pattern.quote(secret)), "****");
    }
}

// ---- 12.9 Facts -----------------------------------------------------------------------------------------------------

/** All that a command has to say: names and values (texts, numbers, truths, facts, lists, null for what there is not). */
final class Facts {
    private final Map<String, Object> members = new LinkedHashMap<>();

    /** Names and values in turn; an empty Optional is null. */
    static Facts of(Object... namesAndValues) {
        Facts facts = new Facts();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            facts.members.put((String) namesAndValues[i], value instanceof Optional<?> known ? known.orElse(null) : value);
        }
        return facts;
    }

    Facts and(Facts more) {
        members.putAll(more.members);
        return this;
    }

    Facts and(Object... namesAndValues) {
        return and(of(namesAndValues));
    }

    /** One JSON object on one line, which can't move a cursor. */
    String json() {
        Gson gson = new GsonBuilder().serializeNulls().disableHtmlEscaping().registerTypeAdapter(Facts.class, AS_OBJECT).create();
        return Texts.escapedInJson(gson.toJson(this));
    }

    private static final JsonSerializer<Facts> AS_OBJECT = (facts, type, context) -> context.serialize(facts.members);

    /** A line as a plugin of Nagios prints it: what it comes to, in words, and what was measured. */
    static String nagios(String service, Exit state, String words, Facts measured) {
        String text = service + " " + state.name().replace("NAGIOS_", "") + " - " + Texts.escape(words).replace('|', '/');
        return measured.members.entrySet().stream().map(Object::toString).collect(Collectors.joining(" ", text + " | ", ""))
                .replaceFirst(" [|] $", "");
    }

    /** Seconds as Nagios takes them, with what is too many. */
    static String measured(double seconds, Optional<Duration> warn, Optional<Duration> crit) {
        Function<Duration, String> limit = time -> inDigits(time.toMillis() / 1e3);
        return inDigits(seconds) + "s;" + warn.map(limit).orElse("") + ";" + crit.map(limit).orElse("") + ";0";
    }

    /** A metric in the text format of Prometheus: its name, what it is, and a number for each set of labels. */
    static String prometheus(String metric, String what, Map<Facts, Double> numbers) {
        StringBuilder text = new StringBuilder("# HELP " + metric + " " + what + "\n# TYPE " + metric + " gauge\n");
        numbers.forEach((labels, number) -> text.append(metric).append(labels.members.entrySet().stream()
                .map(label -> label.getKey() + "=" + Texts.quoted(Texts.escape(String.valueOf(label.getValue()))))
                .collect(Collectors.joining(",", "{", "} "))).append(inDigits(number)).append('\n'));
        return text.toString();
    }

    private static String inDigits(double number) {
        return Double.isNaN(number) ? "NaN" : new BigDecimal(String.valueOf(number)).stripTrailingZeros().toPlainString();
    }

    /** A line for each: its name, and what of it a person reads. */
    String lines() {
        StringBuilder text = new StringBuilder();
        int width = members.keySet().stream().mapToInt(String::length).reduce(11, Math::max);
        String row = "%-" + width + "s %s%n";
        members.forEach((name, value) -> text.append(value == null ? "" : row.formatted(name, Texts.escape(value.toString()))));
        return text.toString();
    }
}

/** Dates as mail has them; the JDK's formatters and time zones take longer to load than all the rest. */
final class MailDates {
    /** The date of a message that is made now (RFC 5322, 3.3). */
    static String now() {
        long now = System.currentTimeMillis();
        int offset = TimeZone.getDefault().getOffset(now) / 60_000;
        LocalDateTime time = LocalDateTime.ofEpochSecond(now / 1000 + offset * 60L, 0, ZoneOffset.UTC);
        String date = time.getDayOfMonth() + " " + capitalised(time.getMonth()) + " " + time.getYear();
        String zone = digits(4, Math.abs(offset) / 60 * 100 + Math.abs(offset) % 60);
        return capitalised(time.getDayOfWeek()) + ", " + date + " " + clock(time) + (offset < 0 ? " -" : " +") + zone;
    }

    /** As C's asctime has it, for mbox files (RFC 4155, appendix A). */
    static String asctime(LocalDateTime time) {
        String date = capitalised(time.getMonth()) + (time.getDayOfMonth() < 10 ? "  " : " ") + time.getDayOfMonth();
        return capitalised(time.getDayOfWeek()) + " " + date + " " + clock(time) + " " + time.getYear();
    }

    private static String capitalised(Enum<?> name) {
        return name.name().charAt(0) + name.name().substring(1, 3).toLowerCase(Locale.ROOT);
    }

    private static String clock(LocalDateTime time) {
        return digits(2, time.getHour()) + ":" + digits(2, time.getMinute()) + ":" + digits(2, time.getSecond());
    }

    private static String digits(int count, int number) {
        return String.valueOf(10_000 + number).substring(5 - count);
    }
}

// ---- 12.10 Bars -----------------------------------------------------------------------------------------------------

/** The last line of a terminal, which is written again and again on stderr, and gives way to all that is printed. */
final class StatusLine {
    private final PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8);
    private int columns;
    private boolean isShown;
    private boolean isOver;

    int columns() {
        columns = columns == 0 ? Asking.columns() : columns;
        return columns;
    }

    synchronized void show(String line) {
        erase();
        if (!isOver && !line.isEmpty()) {
            err.print(line.substring(0, Math.min(line.length(), columns() - 1)));
            isShown = true;
        }
    }

    synchronized void erase() {
        if (isShown) {
            err.print("\r\033[K");
            isShown = false;
        }
    }

    /** After it comes no other. A question, or what the terminal shows for Ctrl-C, stays above it. */
    synchronized void last(String line) {
        err.print(isShown ? "" : "\n");
        show(line);
        isOver = true;
    }
}

/** So many mails of so many, so many octets of so many; 0 of 0 where nobody knows. */
record Amount(long mails, long allMails, long octets, long allOctets) {
    Amount and(Amount other) {
        return new Amount(mails + other.mails, allMails + other.allMails, octets + other.octets, allOctets + other.allOctets);
    }

    /** From 0 to 1. */
    double share() {
        return allOctets > 0 ? Math.min(1, (double) octets / allOctets) : (double) mails / Math.max(1, allMails);
    }

    @Override
    public String toString() {
        String many = allMails > 1 ? String.format(Locale.ROOT, "%,d of %,d mails", mails, allMails) : "";
        String much = allOctets > 100_000 ? Texts.megabytes(octets, allOctets) : "";
        return many + (many.isEmpty() || much.isEmpty() ? "" : ", ") + much;
    }
}

/** How far all are who report to it, drawn ten times a second at most. */
final class Bar {
    private static final long PAUSE_NANOS = 100_000_000;
    private final StatusLine line;
    private final Map<Object, Amount> amounts = new ConcurrentHashMap<>();
    private long began;
    private volatile long next = System.nanoTime();

    Bar(StatusLine line) {
        this.line = line;
    }

    /** For one message on its way, or one maildrop. */
    Progress lane() {
        return new Progress() {
            private Amount amount = new Amount(0, 0, 0, 0);

            @Override
            public void sent(long octets, long total) {
                tell(new Amount(amount.mails(), amount.allMails(), octets, total));
            }

            @Override
            public void mails(long done, long total) {
                tell(new Amount(done, total, amount.octets(), amount.allOctets()));
            }

            private void tell(Amount now) {
                amount = now;
                amounts.put(this, now);
                if (now.share() == 1 || System.nanoTime() - next >= 0) {
                    draw(System.nanoTime());
                }
            }
        };
    }

    private Amount sum() {
        return amounts.values().stream().reduce(new Amount(0, 0, 0, 0), Amount::and);
    }

    /** How far it was, " after 3 of 9 mails"; nothing where there is nothing to say. */
    String soFar() {
        Amount sum = sum();
        return sum.share() == 0 || sum.share() == 1 || sum.toString().isEmpty() ? "" : " after " + sum;
    }

    private synchronized void draw(long now) {
        next = now + PAUSE_NANOS;
        Amount sum = sum();
        if (sum.allOctets() > 1_000_000 || sum.allMails() > 100) {
            began = began == 0 ? now : began;
            String known = sum + left(sum.share(), (now - began) / 1e9);
            String words = known.length() < line.columns() ? known : sum.toString();
            int width = Math.min(30, line.columns() - words.length() - 4);
            int full = (int) (width * sum.share());
            line.show(width < 10 ? words : "[" + "#".repeat(full) + " ".repeat(width - full) + "] " + words);
        }
    }

    /** By the rate of the whole, once there is one. */
    private static String left(double share, double seconds) {
        boolean known = seconds >= 2 && share > 0 && share < 1;
        return known ? ", " + Texts.clock(Math.round(seconds / share * (1 - share))) + " left" : "";
    }
}

// ---- 12.11 Tables ---------------------------------------------------------------------------------------------------

/** Makes rows of the records that the parser finds: of cells by the head line's columns, of JSON by its names. */
final class RowHandler extends AbstractBaseCsvCallbackHandler<Row> {
    /** JSON has neither as it is, so each of its lines is a record of one cell. */
    static final char IN_NO_JSON = '\u001f';
    private static final char QUOTES_NO_JSON = '\u001e';
    static final Gson GSON = new GsonBuilder().disableHtmlEscaping()
            .setObjectToNumberStrategy(ToNumberPolicy.LAZILY_PARSED_NUMBER).create();
    private static final TypeAdapter<Map<String, Object>> OBJECT = GSON.getAdapter(new TypeToken<>() { });
    /** As many characters as the parser takes for one cell. */
    private static final int MOST = 16 * 1024 * 1024;
    private final boolean json;
    private final Consumer<BadRow> faults;
    private List<String> columns = List.of();
    private List<String> cells = List.of();
    private long size;
    private long number;
    /** Where the cell to come begins. */
    private long line;

    RowHandler(boolean json, Consumer<BadRow> faults) {
        this.json = json;
        this.faults = faults;
    }

    /** Without the mark that tells UTF-8. */
    static Reader reader(Path file, Charset charset) throws IOException {
        return new InputStreamReader(BOMInputStream.builder().setInputStream(Files.newInputStream(file)).get(), charset);
    }

    CsvReader.CsvReaderBuilder parser(char delimiter) {
        return CsvReader.builder().fieldSeparator(delimiter).quoteCharacter(json ? QUOTES_NO_JSON : '"').allowUnclosedQuote(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE).missingFieldStrategy(FieldMismatchStrategy.IGNORE);
    }

    List<String> columns() {
        if (columns.isEmpty()) {
            throw MailException.data("there is none");
        }
        return columns;
    }

    @Override
    protected void handleBegin(long startingLine) {
        cells = new ArrayList<>();
        size = 0;
        line = startingLine;
    }

    @Override
    protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
        String cell = new String(buffer, offset, length);
        size += length + 1;
        if (size > MOST) {
            throw new CsvParseException("the record is too large");
        }
        cells.add(cell);
        line += quoted ? cell.replace("\r\n", "\n").chars().filter(letter -> letter == '\n' || letter == '\r').count() : 0;
    }

    /** Null makes the parser go on to the next. */
    @Override
    protected Row buildRecord() {
        boolean blank = cells.isEmpty() || cells.size() == 1 && cells.get(0).isBlank() && !cells.get(0).isEmpty();
        if (blank || !json && columns.isEmpty()) {
            columns = blank ? columns : names();
            return null;
        }
        number++;
        line = getStartingLineNumber();
        try {
            return new Row(number, line, Collections.unmodifiableMap(json ? object() : byColumn()));
        } catch (MailException e) {
            tell(e);
            return null;
        }
    }

    private void tell(MailException why) {
        faults.accept(new BadRow(number, line, cells, new Row(number, line, Map.of()).fault(why)));
    }

    Optional<Row> next(CsvReader<Row> reader) {
        try {
            return reader.iterator().hasNext() ? Optional.of(reader.iterator().next()) : Optional.empty();
        } catch (CsvParseException e) {
            stuck(e);
            return Optional.empty();
        } catch (UncheckedIOException e) {
            throw new MailException(Exit.IO, Stage.INPUT, "can't read the table: " + Texts.cause(e));
        }
    }

    /** The parser wraps what it does not know, such as ours. */
    private void stuck(CsvParseException why) {
        if (why.getCause() instanceof RuntimeException ours) {
            throw ours;
        }
        MailException last = MailException.data("a record over 16 MB, or a quote that begins here and does not end with its cell")
                .hint("within quotes a quote is written twice; nothing after it is read");
        if (!json && columns.isEmpty()) {
            throw last;
        }
        number++;
        cells = List.of();
        tell(last);
    }

    private List<String> names() {
        List<String> names = cells.stream().map(String::strip).toList();
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name.isEmpty() || name.indexOf('\0') >= 0 || !seen.add(name)) {
                throw MailException.data("a column has no name, another's name or a NUL in it: '" + Texts.shortened(name) + "'");
            }
        }
        return names;
    }

    private Map<String, Object> byColumn() {
        if (cells.size() != columns.size()) {
            throw MailException.data("it has " + Texts.count(cells.size(), "cell") + ", the head line " + columns.size());
        }
        Map<String, Object> values = new LinkedHashMap<>(columns.size() * 2);
        for (String column : columns) {
            String cell = cells.get(values.size());
            if (cell.indexOf('\0') >= 0) {
                throw MailException.data("column " + column + ": it has a NUL");
            }
            values.put(column, cell);
        }
        return values;
    }

    private Map<String, Object> object() {
        JsonReader reader = new JsonReader(new StringReader(String.join("\0", cells)));
        reader.setStrictness(Strictness.STRICT);
        try {
            Map<String, Object> values = reader.peek() == JsonToken.BEGIN_OBJECT ? OBJECT.read(reader) : Map.of("", "");
            if (!values.containsKey("") && reader.peek() == JsonToken.END_DOCUMENT) {
                values.replaceAll(RowHandler::known);
                return values;
            }
        } catch (IOException | JsonParseException | IllegalStateException e) {
            // Its words are about the library.
        }
        throw MailException.data("it is not one JSON object, each value with a name of its own");
    }

    /** Null is empty. */
    private static Object known(Object column, Object value) {
        if (value instanceof String text && !Texts.isWhole(text)) {
            throw MailException.data("column " + column + ": it has half a character (a lone surrogate)");
        }
        if (value instanceof Map<?, ?> values) {
            Map<Object, Object> known = new LinkedHashMap<>(values);
            known.replaceAll(RowHandler::known);
            return known;
        }
        return value instanceof List<?> list ? list.stream().map(one -> known(column, one)).toList()
                : Objects.requireNonNullElse(value, "");
    }
}
