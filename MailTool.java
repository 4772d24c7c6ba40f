///usr/bin/env LC_ALL=C.UTF-8 jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Sends mail from the command line and from Java scripts, and says exactly what happened to it.
//DESCRIPTION jbang MailTool.java send -S smtp://localhost:1025 -f a@example.org -t b@example.org -s Hi --text Hello
//JAVAC_OPTIONS -encoding UTF-8 -XDstringConcat=inline
//JAVA_OPTIONS -Xlog:disable -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData
//CDS
//DEPS commons-net:commons-net:3.13.0
//DEPS commons-io:commons-io:2.21.0
//DEPS org.apache.commons:commons-email2-jakarta:2.0.0-M1@fatjar
//DEPS org.apache.commons:commons-email2-core:2.0.0-M1
//DEPS org.eclipse.angus:angus-mail:2.0.5
//DEPS commons-cli:commons-cli:1.11.0
//DEPS com.ongres.scram:scram-client:3.1
//DEPS com.google.code.gson:gson:2.13.2
package mailtool;

import com.google.gson.GsonBuilder;
import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.exception.ScramException;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.*;
import jakarta.mail.util.StreamProvider;
import java.io.*;
import java.net.*;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.file.*;
import java.nio.file.attribute.PosixFilePermission;
import java.security.*;
import java.security.cert.Certificate;
import java.security.cert.*;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.*;
import java.time.format.DateTimeFormatter;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.locks.LockSupport;
import java.util.function.*;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.net.ssl.*;
import javax.security.auth.callback.*;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.UnrecognizedOptionException;
import org.apache.commons.mail2.core.EmailException;
import org.apache.commons.mail2.jakarta.MultiPartEmail;
import org.eclipse.angus.mail.util.MailStreamProvider;
import org.apache.commons.net.DefaultSocketFactory;
import org.apache.commons.net.SocketClient;
import org.apache.commons.net.pop3.POP3Reply;
import org.apache.commons.net.pop3.POP3SClient;
import org.apache.commons.net.smtp.SMTPSClient;

import mailtool.MailTool.*;

import static java.nio.charset.StandardCharsets.*;

/**
 * Mail from the command line and from Java scripts, in one file that can be copied anywhere.
 *
 * <pre>
 * jbang MailTool.java send -S smtp://localhost:1025 -f a@example.org -t b@example.org -s Hi --text Hello
 *
 * import static mailtool.MailTool.*;
 * try (var smtp = smtp("smtps://ops@mail.example.org").password(secret).open()) {
 *   smtp.send(mail().from("ops@example.org").to("team@example.org").subject("disk full").attach(log));
 * }
 * </pre>
 *
 * From top to bottom, in the order of a message's way:
 * <pre>
 *  2 Entry                   main, the choice of a command
 *  3 Commands                send, help, completion
 *  4 DSL: messages           mail(), Mail
 *  5 DSL: servers            smtp(), account(): Server with all its settings, Account
 *  6 DSL: sessions, results  Smtp, Delivery, Reply, Exit (the exit codes), MailException
 *  7 Wire                    routes, time limits, lines
 *  8 TLS and login           certificates, SASL
 *  9 SMTP: the session       greeting, EHLO, STARTTLS, login, what a broken network means
 * 10 SMTP: transactions      pipelining, envelope, DATA with dot-stuffing, BDAT
 * 11 SMTP: one message       what was answered, what became of it
 * 12 MIME: composing         header fields, attachments, texts, multiparts
 * 13 MIME: every message     envelopes, ids, dates, line ends
 * 14 MIME: the rest          addresses, long words, ready messages (--eml)
 * 15 Edges: input            options, accounts, secrets, files
 * 16 Edges: output           transcript with its masking, terminal, JSON, texts
 * </pre>
 */
public final class MailTool {
    private MailTool() {
    }

    // ==== 2. Entry ===================================================================================================
    // Turns words into a command and its outcome into an exit code. Calls the commands.

    static final String VERSION = "1.0";
    static final List<Command> COMMANDS = List.of(Send.COMMAND, Stat.COMMAND, Help.COMMAND, Completion.COMMAND);

    /** Runs one command and exits with its code; {@code help exit-codes} lists them. */
    public static void main(String... words) {
        System.exit(run(Terminal.system(), List.of(words)).code);
    }

    static Exit run(Terminal terminal, List<String> words) {
        try {
            return dispatch(terminal, words);
        } catch (MailException e) {
            return terminal.failed(e, words.contains("--json"));
        } catch (OutOfMemoryError e) {
            MailException problem = new MailException(Exit.IO, Stage.INPUT, "out of memory")
                    .hint("attach what is large instead of giving it as text");
            return terminal.failed(problem, words.contains("--json"));
        }
    }

    private static Exit dispatch(Terminal terminal, List<String> words) {
        if (words.isEmpty()) {
            terminal.err.print(Help.overview());
            return Exit.USAGE;
        }
        String first = words.get(0).matches("-h|--help") ? "help" : words.get(0);
        if (first.equals("--version")) {
            terminal.print("mailtool " + VERSION + "\n");
            return Exit.OK;
        }
        Command command = Command.named(first);
        Arguments arguments = Arguments.parse(command, words.subList(1, words.size()));
        if (arguments.has("help")) {
            terminal.print(Help.of(command));
            return Exit.OK;
        }
        return command.run.apply(arguments, terminal);
    }

    // ==== 3. Commands ================================================================================================
    // Each has a table of options and a run that says what it does in the words of the DSL.

    /** One word after {@code mailtool}: its help with examples, its options under their titles, and what it does. */
    record Command(String name, String summary, String usage, Map<String, List<Option>> options, BiFunction<Arguments, Terminal, Exit> run) {
        static Command named(String name) {
            List<String> names = COMMANDS.stream().map(Command::name).toList();
            return COMMANDS.stream().filter(command -> command.name.equals(name)).findFirst()
                    .orElseThrow(() -> MailException.usage("there is no command '" + name + "'")
                    .hint("did you mean " + Texts.nearest(name, names) + "?"));
        }

        /** What a person sees of a session: warnings, and the dialogue or on a terminal a bar. */
        static void observe(Server<?> server, Arguments arguments, Terminal terminal) {
            server.warnings(terminal::warn);
            if (arguments.has("verbose")) {
                server.transcript(terminal.err::println);
            } else if (terminal.errorIsTerminal()) {
                server.progress(terminal::progress);
            }
        }

        /** The maildrop that the options name, open. */
        static Pop3 open(Arguments arguments, Terminal terminal) {
            arguments.refuseControls(Server.POP3_CHOICE);
            arguments.refuseControls(Server.OPTIONS);
            Server<Pop3> server = Server.of(arguments, AccountFile.account(arguments), Account::pop3, MailTool::pop3);
            observe(server, arguments, terminal);
            return server.open();
        }

        List<Option> allOptions() {
            List<Option> all = new ArrayList<>();
            options.values().forEach(all::addAll);
            return all;
        }
    }

    /** {@code send}: one message, from its parts or ready-made, to one server. */
    static final class Send {
        static final List<Option> MESSAGE = List.of(
                new Option("f", "from", "ADDRESS", "who it is from"),
                new Option("t", "to", "ADDRESS", "who gets it; commas or several -t for more"),
                new Option("", "cc", "ADDRESS", "who gets a copy"),
                new Option("", "bcc", "ADDRESS", "who gets a copy that the others don't see"),
                new Option("", "reply-to", "ADDRESS", "where answers go"),
                new Option("s", "subject", "TEXT", "the subject"),
                new Option("H", "header", "'NAME: VALUE'", "one more header field"),
                new Option("", "text", "TEXT", "the text; what is piped in is the text too"),
                new Option("", "text-file", "FILE", "the text from a file, - for stdin"),
                new Option("", "html", "HTML", "the HTML form"),
                new Option("", "html-file", "FILE", "the HTML form from a file, - for stdin"),
                new Option("a", "attach", "FILE", "attach a file; also FILE;type=text/csv;name=a.csv"),
                new Option("", "inline", "CID=FILE", "an image for <img src=\"cid:CID\"> in the HTML"),
                new Option("", "eml", "FILE", "a ready message, - for stdin; -f and -t are then the envelope"));

        static final List<Option> ENVELOPE = List.of(
                new Option("", "envelope-from", "ADDRESS", "where bounces go, if not to the sender; '' for nowhere"),
                new Option("", "all-or-nothing", "", "send to nobody if one recipient is refused"),
                new Option("", "notify", "WHEN", "delivery notices: never, or success,failure,delay"),
                new Option("", "ret", "full|hdrs", "what a notice brings back"),
                new Option("", "envid", "ID", "the identifier that a notice shows"));

        static final List<Option> RUN = List.of(
                new Option("v", "verbose", "", "show the dialogue on stderr, secrets masked"),
                new Option("", "json", "", "print the outcome as one JSON object"),
                new Option("", "dry-run", "", "print the message and connect nowhere"),
                new Option("h", "help", "", "show this help"));

        static final Command COMMAND = new Command("send", "send a message", """
                mailtool send -S URL -f FROM -t TO [options]

                  mailtool send -S smtp://localhost:1025 -f a@example.org -t b@example.org -s Hi --text Hello
                  df -h | mailtool send -A ops -t team@example.org -s "disks of $(hostname)"
                  mailtool send -A ops -t you@example.org -s Report --html-file report.html --inline chart=chart.png -a data.csv
                  mailtool send -S smtps://ops@mail.example.org --eml message.eml -v
                """, Option.groups("Message", MESSAGE, "Envelope", ENVELOPE, "Server", Server.CHOICE, "Connection and login", Server.OPTIONS, "Sending", Server.SMTP_OPTIONS, "Run", RUN), Send::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            arguments.refuseOperands("recipients go with -t, files with -a");
            arguments.refuseControls(Server.CHOICE);
            arguments.refuseControls(Server.OPTIONS);
            arguments.refuseControls(Server.SMTP_OPTIONS);
            arguments.refuseBoth("dry-run", "json");
            arguments.refuseBoth("text", "text-file");
            arguments.refuseBoth("html", "html-file");
            arguments.refuseBoth("eml", "text-file");
            arguments.refuseBoth("eml", "html-file");
            if (arguments.value("text-file").equals(Optional.of("-")) && arguments.value("html-file").equals(Optional.of("-"))) {
                throw MailException.contradiction("--text-file -", "--html-file -");
            }
            Optional<Account> account = AccountFile.account(arguments);
            Mail mail = new Mail();
            account.ifPresent(a -> a.applyTo(mail));
            arguments.given(MESSAGE, mail::set);
            arguments.given(ENVELOPE, mail::set);
            boolean dryRun = arguments.has("dry-run");
            boolean namesServer = arguments.has("server") || account.isPresent();
            Optional<Server<Smtp>> server = Optional.empty();
            if (!dryRun || namesServer) {
                server = Optional.of(Server.of(arguments, account, Account::smtp, MailTool::smtp));
                server.get().check();
            }
            Prepared prepared = prepare(mail, terminal);
            return dryRun ? print(prepared, terminal) : deliver(prepared, server.orElseThrow(), arguments, terminal);
        }

        private static Exit deliver(Prepared prepared, Server<Smtp> server, Arguments arguments, Terminal terminal) {
            Command.observe(server, arguments, terminal);
            try (Smtp smtp = open(server, prepared)) {
                return terminal.delivered(smtp.send(prepared), arguments.has("json"));
            }
        }

        private static Smtp open(Server<Smtp> server, Prepared prepared) {
            try {
                return server.open();
            } catch (MailException e) {
                Delivery.untried(prepared, e);
                throw e;
            }
        }

        private static Prepared prepare(Mail mail, Terminal terminal) {
            if (!mail.hasBody() && terminal.inputIsPiped()) {
                mail.text(Inputs.text("-", mail.warnings));
            }
            Prepared prepared = mail.prepare();
            prepared.warnings().forEach(terminal::warn);
            return prepared;
        }

        private static Exit print(Prepared prepared, Terminal terminal) {
            try {
                prepared.writeTo(terminal.out);
            } catch (IOException e) {
                throw new MailException(Exit.IO, Stage.INPUT, "can't print the message: " + e.getMessage());
            }
            terminal.print("");
            return Exit.OK;
        }
    }

    /** {@code stat}: what a maildrop holds, and what its server can do. */
    static final class Stat {
        static final List<Option> RUN = List.of(
                new Option("v", "verbose", "", "show the dialogue on stderr, secrets masked"),
                new Option("", "json", "", "print it as one JSON object"),
                new Option("h", "help", "", "show this help"));

        static final Command COMMAND = new Command("stat", "show what a maildrop holds and what its server can do", """
                mailtool stat -S URL [options]

                  mailtool stat -S pop3s://ops@mail.example.org
                  mailtool stat -S pop3://mail.example.org        (without a login: what it offers)
                """, Option.groups("Server", Server.POP3_CHOICE, "Connection and login", Server.OPTIONS, "Run", RUN), Stat::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            arguments.refuseOperands("the server goes with -S or -A");
            try (Pop3 box = Command.open(arguments, terminal)) {
                Optional<Totals> totals = box.isLoggedIn() ? Optional.of(box.totals()) : Optional.empty();
                terminal.print(arguments.has("json") ? Json.of(totals, box.capabilities(), box.peer()) + "\n" : table(totals, box));
            }
            return Exit.OK;
        }

        private static String table(Optional<Totals> totals, Pop3 box) {
            StringBuilder text = new StringBuilder();
            totals.ifPresent(held -> text.append("messages    %d%noctets      %d%n".formatted(held.messages(), held.octets())));
            Peer peer = box.peer();
            text.append("TLS         ").append(peer.tlsVersion().isEmpty() ? "none" : peer.tlsVersion() + ", " + peer.cipher()).append('\n');
            box.capabilities().forEach((when, lines) -> text.append("%-11s %s%n".formatted(when, Texts.escape(String.join(", ", lines)))));
            return text.toString();
        }
    }

    /** {@code help}: the commands, one command, or a topic. */
    static final class Help {
        static final Command COMMAND = new Command("help", "show help, also: help exit-codes, help accounts", """
                mailtool help [COMMAND | exit-codes | accounts]

                  mailtool help send
                """, Option.groups("Run", Option.HELP), Help::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            String topic = String.join(" ", arguments.operands());
            terminal.print(switch (topic) {
                case "" -> overview();
                case "exit-codes" -> Exit.table();
                case "accounts" -> AccountFile.HELP;
                default -> of(Command.named(topic));
            });
            return Exit.OK;
        }

        static String overview() {
            StringBuilder text = new StringBuilder("mailtool sends mail and says exactly what happened to it.\n\n");
            COMMANDS.forEach(command -> text.append("  %-11s %s\n".formatted(command.name, command.summary)));
            text.append("\n  mailtool send -S smtp://localhost:1025 -f a@example.org -t b@example.org -s Hi --text Hello\n");
            return text.append("\nmailtool COMMAND --help shows all that a command can do.\n").toString();
        }

        static String of(Command command) {
            StringBuilder text = new StringBuilder(command.usage);
            command.options.forEach((title, options) -> {
                text.append("\n").append(title).append(":\n");
                options.forEach(option -> text.append("  %-28s %s\n".formatted(option.synopsis(), option.help())));
            });
            return text.toString();
        }
    }

    /** {@code completion}: what a shell needs to complete the commands and options. */
    static final class Completion {
        static final Command COMMAND = new Command("completion", "print completion for bash, zsh or fish", """
                mailtool completion bash|zsh|fish

                  source <(mailtool completion bash)
                  mailtool completion fish > ~/.config/fish/completions/mailtool.fish
                """, Option.groups("Run", Option.HELP), Completion::run);

        static Exit run(Arguments arguments, Terminal terminal) {
            terminal.print(switch (String.join(" ", arguments.operands())) {
                case "bash" -> bash();
                case "zsh" -> "autoload -U +X bashcompinit && bashcompinit\n" + bash();
                case "fish" -> fish();
                default -> throw MailException.usage("completion is for bash, zsh or fish").hint("try: mailtool completion bash");
            });
            return Exit.OK;
        }

        private static String names() {
            return String.join(" ", COMMANDS.stream().map(Command::name).toList());
        }

        private static String bash() {
            StringBuilder cases = new StringBuilder();
            for (Command command : COMMANDS) {
                List<String> words = command.allOptions().stream().map(option -> "--" + option.name()).toList();
                cases.append("            %s) words='%s' ;;\n".formatted(command.name, String.join(" ", words)));
            }
            return """
                    _mailtool() {
                        local current="${COMP_WORDS[COMP_CWORD]}" words='%s'
                        COMPREPLY=()
                        if [ "$COMP_CWORD" -gt 1 ]; then
                            case "${COMP_WORDS[1]}" in
                    %s        esac
                            case "$current" in
                                -*) ;;
                                *) local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$current")); return ;;
                            esac
                        fi
                        COMPREPLY=($(compgen -W "$words" -- "$current"))
                    }
                    complete -o filenames -F _mailtool mailtool
                    """.formatted(names(), cases);
        }

        private static String fish() {
            StringBuilder text = new StringBuilder("complete -c mailtool -n __fish_use_subcommand -f -a '" + names() + "'\n");
            for (Command command : COMMANDS) {
                for (Option option : command.allOptions()) {
                    String letter = option.letter().isEmpty() ? "" : " -s " + option.letter();
                    String argument = option.takesArgument() ? " -r" : "";
                    text.append("complete -c mailtool -n '__fish_seen_subcommand_from %s' -l %s%s%s -d '%s'\n"
                            .formatted(command.name, option.name(), letter, argument, option.help().replace("'", "\\'")));
                }
            }
            return text.toString();
        }
    }

    // ==== 4. DSL: messages ===========================================================================================
    // What a script says, and all that the commands say: plain data, checked as it comes.

    /** A new, empty message. */
    public static Mail mail() {
        return new Mail();
    }

    /** The server at {@code smtp://[user@]host[:port]}, {@code smtps://…} (TLS from the start) or {@code lmtp://…} (RFC 2033). */
    public static Server<Smtp> smtp(String url) {
        return new Server<>(url, List.of("smtp", "smtps", "lmtp"), Smtp::new);
    }

    /** The maildrop at {@code pop3://[user@]host[:port]} or {@code pop3s://…} (TLS from the start; RFC 1939, RFC 8314). */
    public static Server<Pop3> pop3(String url) {
        return new Server<>(url, List.of("pop3", "pop3s"), Pop3::new);
    }

    /** An account of the user's account file; {@code mailtool help accounts} shows one. Throws exit code 78 if there is none. */
    public static Account account(String name) {
        return AccountFile.account(Optional.empty(), Optional.of(name)).orElseThrow();
    }

    /**
     * A message to be sent. Addresses are given as a header has them: several with commas, display names, comments, groups
     * (RFC 5322, 3.4). Setters return the same mail; they throw {@link MailException} with exit code 65 for control characters
     * and broken addresses, 66 for files that can't be read, 64 for what can't be meant.
     */
    public static final class Mail {
        final Map<String, List<Address>> people = new LinkedHashMap<>();
        final List<Field> headers = new ArrayList<>();
        final List<Attachment> attachments = new ArrayList<>();
        final List<Attachment> inlines = new ArrayList<>();
        final List<String> warnings = new ArrayList<>();
        Optional<String> subject = Optional.empty();
        Optional<String> text = Optional.empty();
        Optional<String> html = Optional.empty();
        Optional<Path> eml = Optional.empty();
        Optional<String> envelopeFrom = Optional.empty();
        String notify = "";
        String ret = "";
        String envid = "";
        String domain = "";
        Optional<String> usualSender = Optional.empty();
        boolean allOrNothing;

        static {
            // Otherwise Jakarta Mail searches the class path for it, once for every part.
            System.getProperties().putIfAbsent(StreamProvider.class.getName(), MailStreamProvider.class.getName());
        }

        Mail() {
        }

        /** Who it is from. With several, the first is the Sender as well (RFC 5322, 3.6.2). */
        public Mail from(String addresses) {
            return add("From", addresses);
        }

        /** Whom it is addressed to. */
        public Mail to(String addresses) {
            return add("To", addresses);
        }

        /** Who gets a copy. */
        public Mail cc(String addresses) {
            return add("Cc", addresses);
        }

        /** Recipients that no header names. */
        public Mail bcc(String addresses) {
            return add("Bcc", addresses);
        }

        /** Where answers go. */
        public Mail replyTo(String addresses) {
            return add("Reply-To", addresses);
        }

        private Mail add(String field, String addresses) {
            people.computeIfAbsent(field, any -> new ArrayList<>()).addAll(Addresses.parse(field, addresses));
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

        /** The plain text, of any length, lines ending as they like. */
        public Mail text(String words) {
            text = Optional.of(Texts.encodable("the text", words));
            return this;
        }

        /** The HTML form; with a text as well it is the alternative. */
        public Mail html(String markup) {
            html = Optional.of(Texts.encodable("the HTML", markup));
            return this;
        }

        /** Attaches {@code FILE} or {@code FILE;type=text/csv;name=report.csv}; an existing file of that whole name wins. */
        public Mail attach(String file) {
            attachments.add(Attachment.parse(file));
            return this;
        }

        /** Attaches a file under its own name, byte for byte. */
        public Mail attach(Path file) {
            attachments.add(Attachment.of(file.toString(), Map.of()));
            return this;
        }

        /** An image that the HTML shows as {@code <img src="cid:ID">}, given as {@code ID=FILE} (RFC 2392). */
        public Mail inline(String idAndFile) {
            Attachment image = Attachment.inline(idAndFile);
            if (inlines.stream().anyMatch(other -> other.contentId().equals(image.contentId()))) {
                throw MailException.usage("two inline images are called " + image.contentId());
            }
            inlines.add(image);
            return this;
        }

        /** A ready message that is sent as it is; {@code -} is stdin. Addresses given beside it are the envelope alone. */
        public Mail eml(String file) {
            eml = Optional.of(Inputs.spooled(file));
            return this;
        }

        /** The reverse-path when it is not the sender; {@code ""} is the null reverse-path (RFC 5321, 4.5.5). */
        public Mail envelopeFrom(String address) {
            envelopeFrom = Optional.of(Texts.plain(Exit.DATA, "the envelope sender", address));
            return this;
        }

        /** Sends to nobody if one recipient is refused. */
        public Mail allOrNothing() {
            allOrNothing = true;
            return this;
        }

        /** When a delivery notice is wanted: {@code never}, or some of {@code success,failure,delay} (RFC 3461, 4.1). */
        public Mail notify(String when) {
            notify = Texts.words("--notify", when, "NEVER", "SUCCESS", "FAILURE", "DELAY");
            if (notify.contains("NEVER,") || notify.contains(",NEVER")) {
                throw MailException.usage("--notify never contradicts --notify " + when);
            }
            return this;
        }

        /** What a delivery notice brings back, {@code full} or {@code hdrs} (RFC 3461, 4.3). */
        public Mail ret(String what) {
            ret = Texts.oneOf("--ret", what, "FULL", "HDRS");
            return this;
        }

        /** The identifier that a delivery notice shows (RFC 3461, 4.4). */
        public Mail envid(String id) {
            envid = Texts.plain(Exit.DATA, "the envelope id", id);
            if (id.isEmpty() || Texts.xtext(id).length() > 100) {
                throw MailException.usage("--envid takes 1 to 100 characters");
            }
            return this;
        }

        /** Where addresses without a domain belong. */
        public Mail domain(String name) {
            domain = Texts.plain(Exit.DATA, "the domain", name);
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

        boolean hasBody() {
            return text.isPresent() || html.isPresent() || eml.isPresent();
        }

        List<Address> people(String field) {
            boolean usual = field.equals("From") && !people.containsKey(field) && usualSender.isPresent();
            return usual ? Addresses.parse(field, usualSender.get()) : people.getOrDefault(field, List.of());
        }

        /** Checks all of it and fixes Date and Message-ID, so that what is sent twice is the same message. */
        public Prepared prepare() {
            return eml.isPresent() ? ReadyMessage.prepare(this) : Composer.prepare(this);
        }
    }

    // ==== 5. DSL: servers and accounts ===============================================================================
    // Where mail goes and how we talk to it; every setting has one name, here, on the command line and in the account file.

    /** When TLS is used: whenever offered, always by STARTTLS, from the first byte, never. */
    enum Tls { AUTO, REQUIRED, IMPLICIT, NONE }

    /** A server and how to talk to it; {@link #open} connects. S is the session that it opens. */
    public static final class Server<S> {
        static final List<Option> CHOICE = List.of(
                new Option("S", "server", "URL", "smtp://[user@]host[:port], smtps:// or lmtp://"),
                new Option("A", "account", "NAME", "an account, see: mailtool help accounts"),
                new Option("", "config", "FILE", "the account file"));

        static final List<Option> OPTIONS = List.of(
                new Option("u", "user", "NAME", "log in as"),
                new Option("", "password-file", "FILE", "the password is the file's first line"),
                new Option("", "password-command", "COMMAND", "the password is what this prints"),
                new Option("", "token-command", "COMMAND", "an OAuth token is what this prints"),
                new Option("", "auth", "MECHANISM", "auto or one of " + String.join(", ", Login.MECHANISMS)),
                new Option("", "tls", "WHEN", "auto, required, implicit or none"),
                new Option("", "ca", "FILE", "trust these authorities (PEM) and no others"),
                new Option("", "cert", "FILE", "our certificate (PEM)"),
                new Option("", "key", "FILE", "our certificate's private key (PEM)"),
                new Option("", "pin", "sha256:HASH", "trust the server with this public key, no other"),
                new Option("", "tls-min", "1.2|1.3", "the lowest TLS version"),
                new Option("", "sni", "NAME", "ask for this name, and find it in the certificate"),
                new Option("", "insecure", "", "do not check the certificate"),
                new Option("", "timeout", "TIME", "limit of each step, 500ms, 30s, 2m (default 60s)"),
                new Option("4", "ipv4", "", "IPv4 only"),
                new Option("6", "ipv6", "", "IPv6 only"),
                new Option("", "bind", "ADDRESS", "connect from this local address"),
                new Option("", "proxy", "URL", "socks5://host[:port] or http://host[:port]"),
                new Option("", "no", "EXTENSIONS", "ignore what the server offers, such as pipelining"));

        static final List<Option> SMTP_OPTIONS = List.of(
                new Option("", "helo", "NAME", "introduce ourselves as (default: our address)"),
                new Option("", "retry", "N", "after a temporary failure try N more times, with growing waits"));

        static final List<Option> POP3_CHOICE = List.of(
                new Option("S", "server", "URL", "pop3://[user@]host[:port] or pop3s://"),
                CHOICE.get(1),
                CHOICE.get(2));

        private static final Pattern URL = Pattern.compile("([a-zA-Z0-9]+)://(?:([^/]*)@)?(?:\\[([0-9a-fA-F:.%\\w]+)]|([^:/?#@\\[\\]\\s]+))(?::(\\d{1,5}))?/?");

        final String scheme;
        final String host;
        final int urlPort;
        String user = "";
        Optional<Supplier<String>> secret = Secrets.environment();
        Optional<Supplier<String>> token = Optional.empty();
        private boolean secretGiven;
        String auth = "AUTO";
        Tls tls = Tls.AUTO;
        Optional<Path> ca = Optional.empty();
        Optional<Path> cert = Optional.empty();
        Optional<Path> key = Optional.empty();
        String pin = "";
        String tlsMin = "1.2";
        String sni = "";
        boolean insecure;
        String helo = "";
        Duration timeout = Duration.ofSeconds(60);
        Class<? extends InetAddress> family = InetAddress.class;
        Optional<InetAddress> bind = Optional.empty();
        Optional<Proxy> proxy = Optional.empty();
        String without = "";
        int retries;
        final Set<String> masked = new LinkedHashSet<>();
        Optional<Consumer<String>> transcript = Optional.empty();
        Consumer<String> warnings = line -> { };
        Progress progress = (bytes, total) -> { };
        private final Function<Server<S>, S> opener;

        Server(String url, List<String> schemes, Function<Server<S>, S> opener) {
            Texts.plain(Exit.USAGE, "the server", Texts.withoutPassword(url));
            Matcher parts = URL.matcher(url);
            if (!parts.matches() || !schemes.contains(parts.group(1).toLowerCase(Locale.ROOT))) {
                throw MailException.usage("can't read the server '" + Texts.withoutPassword(url) + "'")
                        .hint("write it as " + schemes.get(0) + "://[user@]host[:port]");
            }
            this.opener = opener;
            scheme = parts.group(1).toLowerCase(Locale.ROOT);
            host = Addresses.asciiDomain(Optional.ofNullable(parts.group(3)).orElse(parts.group(4)));
            urlPort = Texts.port(Optional.ofNullable(parts.group(5)).orElse(""));
            user = Texts.userOfUrl(Optional.ofNullable(parts.group(2)).orElse(""));
        }

        static <S> Server<S> of(Arguments arguments, Optional<Account> account, Function<Account, Server<S>> byAccount, Function<String, Server<S>> byUrl) {
            arguments.refuseBoth("ipv4", "ipv6");
            arguments.refuseBoth("password-file", "password-command", "token-command");
            arguments.refuseBoth("insecure", "pin", "ca");
            Optional<String> url = arguments.value("server");
            Server<S> server = url.map(byUrl).or(() -> account.map(byAccount))
                    .orElseThrow(() -> MailException.usage("no server").hint("give -S URL or -A ACCOUNT"));
            if (url.isPresent()) {
                account.ifPresent(a -> a.applyTo(server));
            }
            arguments.given(OPTIONS, server::set);
            arguments.given(SMTP_OPTIONS, server::set);
            return server;
        }

        /** The password of the URL's user. Without one it comes from MAILTOOL_PASSWORD, the account, .netrc or a prompt. */
        public Server<S> password(String password) {
            secret(Optional.of(() -> password));
            return this;
        }

        private void secret(Optional<Supplier<String>> given) {
            secret = given;
            token = Optional.empty();
            secretGiven = true;
        }

        /** Sets what the command line calls {@code --name}, such as {@code set("timeout", "20s")}; "" for a switch. */
        public Server<S> set(String name, String value) {
            Texts.plain(Exit.USAGE, "--" + name, value);
            boolean isSwitch = OPTIONS.stream().anyMatch(option -> option.name().equals(name) && !option.takesArgument());
            if (isSwitch && !value.matches("|true")) {
                throw MailException.usage("--" + name + " is a switch and takes no '" + value + "'");
            }
            switch (name) {
                case "user" -> user = value;
                case "password-file" -> secret(Secrets.file(value));
                case "password-command" -> secret(Secrets.command(value));
                case "token-command" -> token = Secrets.command(value);
                case "auth" -> auth = Login.named(value, isPop3());
                case "tls" -> tls = Tls.valueOf(Texts.oneOf("--tls", value, "AUTO", "REQUIRED", "IMPLICIT", "NONE"));
                case "ca" -> ca = Optional.of(Inputs.readable(value));
                case "cert" -> cert = Optional.of(Inputs.readable(value));
                case "key" -> key = Optional.of(Inputs.readable(value));
                case "pin" -> pin = Trust.pin(value);
                case "tls-min" -> tlsMin = Texts.oneOf("--tls-min", value, "1.2", "1.3");
                case "sni" -> sni = Addresses.asciiDomain(value);
                case "insecure" -> insecure = true;
                case "helo" -> helo = Texts.word("--helo", value);
                case "timeout" -> timeout = Texts.duration("--timeout", value);
                case "ipv4" -> family = Inet4Address.class;
                case "ipv6" -> family = Inet6Address.class;
                case "bind" -> bind = Optional.of(Route.literal(value));
                case "proxy" -> proxy = Optional.of(Route.proxy(value));
                case "no" -> without = Texts.words("--no", value, isPop3() ? Pop3Session.OPTIONAL : SmtpSession.OPTIONAL);
                case "retry" -> retries = Texts.number("--retry", value);
                default -> throw MailException.usage("there is no option " + name);
            }
            return this;
        }

        /** Gets each line of the dialogue as it happens, secrets masked. */
        public Server<S> transcript(Consumer<String> sink) {
            transcript = Optional.of(sink);
            return this;
        }

        /** Gets what a person should know although it is no failure. */
        public Server<S> warnings(Consumer<String> sink) {
            warnings = sink;
            return this;
        }

        /** Told about every 64 KB how much of a message is sent. */
        public Server<S> progress(Progress sink) {
            progress = sink;
            return this;
        }

        /** Connects, starts TLS, logs in; throws {@link MailException} if any of it fails. */
        public S open() {
            check();
            if (insecure) {
                warnings.accept("the certificate of " + host + " is not checked (--insecure)");
            }
            Secrets.fetch(this);
            return opener.apply(this);
        }

        void check() {
            Map<String, Boolean> needTls = Map.of(scheme + "://", scheme.endsWith("s"), "--pin", !pin.isEmpty(), "--ca", ca.isPresent(), "--cert", cert.isPresent());
            needTls.entrySet().stream().filter(entry -> entry.getValue() && tls == Tls.NONE).findFirst().ifPresent(entry -> {
                throw MailException.contradiction(entry.getKey(), "--tls none");
            });
            if (user.isEmpty() && (secretGiven || token.isPresent())) {
                throw MailException.usage("a password or token without a user").hint("give -u USER");
            }
            if (cert.isPresent() != key.isPresent() || auth.equals("EXTERNAL") && cert.isEmpty()) {
                throw MailException.usage("--cert, --key and --auth EXTERNAL go together").hint("give both files");
            }
        }

        boolean wantsLogin() {
            return !user.isEmpty() || auth.equals("EXTERNAL");
        }

        boolean implicitTls() {
            return scheme.endsWith("s") || tls == Tls.IMPLICIT;
        }

        boolean isPop3() {
            return scheme.startsWith("pop3");
        }

        /** Octets of a command line, without CRLF (RFC 5321, 4.5.3.1.4; RFC 5034, 4). */
        int longestCommand() {
            return isPop3() ? 253 : 510;
        }

        String schemeWithTls() {
            return isPop3() ? "pop3s" : "smtps";
        }

        /** The URL's port, else the one that scheme and login ask for (RFC 8314, 3.3; RFC 6409, 3.1; RFC 2033; RFC 1939, 3). */
        int port() {
            int pop3 = implicitTls() ? 995 : 110;
            int smtp = scheme.equals("lmtp") ? 24 : implicitTls() ? 465 : wantsLogin() ? 587 : 25;
            return urlPort > 0 ? urlPort : isPop3() ? pop3 : smtp;
        }

        /** The name that the certificate must have. */
        String peerName() {
            return sni.isEmpty() ? host : sni;
        }
    }

    /** A named account of the account file: server, login, sender. */
    public static final class Account {
        static final Set<String> OWN_KEYS = Set.of("server", "pop3", "from", "domain", "password");
        private final String name;
        private final Map<String, String> settings;

        Account(String name, Map<String, String> settings) {
            this.name = name;
            this.settings = settings;
        }

        /** The account's server for sending. */
        public Server<Smtp> smtp() {
            String url = Optional.ofNullable(settings.get("server")).orElseThrow(() -> MailException.config("the account '" + name + "' has no server"));
            Server<Smtp> server = configured(() -> MailTool.smtp(url));
            applyTo(server);
            return server;
        }

        /** The account's maildrop. */
        public Server<Pop3> pop3() {
            String url = Optional.ofNullable(settings.get("pop3")).orElseThrow(() -> MailException.config("the account '" + name + "' has no pop3 server"));
            Server<Pop3> server = configured(() -> MailTool.pop3(url));
            applyTo(server);
            return server;
        }

        /** A mail from the account's sender. */
        public Mail mail() {
            Mail mail = new Mail();
            applyTo(mail);
            return mail;
        }

        void applyTo(Mail mail) {
            Optional.ofNullable(settings.get("domain")).ifPresent(mail::domain);
            mail.usualSender = Optional.ofNullable(settings.get("from"));
        }

        /** What the URL and the environment say stays. */
        void applyTo(Server<?> server) {
            Optional<Supplier<String>> environment = server.secret;
            String urlUser = server.user;
            Optional.ofNullable(settings.get("password")).ifPresent(server::password);
            settings.forEach((key, value) -> {
                if (!OWN_KEYS.contains(key) && !value.equals("false")) {
                    configured(() -> server.set(key, value));
                }
            });
            server.user = urlUser.isEmpty() ? server.user : urlUser;
            server.secret = environment.or(() -> server.secret);
        }

        /** What is wrong in an account is a wrong configuration. */
        private <T> T configured(Supplier<T> setting) {
            try {
                return setting.get();
            } catch (MailException e) {
                throw MailException.config("account '" + name + "': " + e.getMessage()).hint(e.hint());
            }
        }
    }

    // ==== 6. DSL: sessions and results ===============================================================================
    // An open session, what became of a message, and the one exception.

    /** A message ready to go, any number of times: its size in octets, and whether it needs 8BITMIME or SMTPUTF8. */
    public record Prepared(String messageId, Envelope envelope, long size, boolean eightBit, boolean utf8, List<String> warnings, Source source) {
        /** Writes the message as it goes out: CRLF line ends, no Bcc. */
        public void writeTo(OutputStream out) throws IOException {
            source.writeTo(out);
        }

        Prepared to(List<String> recipients) {
            return new Prepared(messageId, envelope.to(recipients), size, eightBit, utf8, warnings, source);
        }
    }

    /** What the server is told beside the message: reverse-path, forward-paths, and the notices wanted (RFC 3461). */
    public record Envelope(String reversePath, List<String> recipients, String notices, String ret, String envid, boolean allOrNothing) {
        Envelope to(List<String> others) {
            return new Envelope(reversePath, others, notices, ret, envid, allOrNothing);
        }
    }

    /** Something that writes itself, the same each time, with CRLF line ends. */
    interface Source {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Told how many octets of how many are sent. */
    public interface Progress {
        void sent(long octets, long total);
    }

    /** An open SMTP or LMTP session: one connection, many messages. */
    public static final class Smtp implements AutoCloseable {
        private final Server<Smtp> server;
        private Courier courier;

        Smtp(Server<Smtp> server) {
            this.server = server;
            for (int attempt = 0; courier == null; attempt++) {
                try {
                    courier = new Courier(SmtpSession.open(server));
                } catch (MailException e) {
                    if (!e.retryable() || attempt >= server.retries) {
                        throw e;
                    }
                    waitAfter(attempt, e.getMessage());
                }
            }
        }

        /** Sends one message; the result names refused recipients. Throws {@link MailException} if nobody gets it. */
        public Delivery send(Mail mail) {
            return send(mail.prepare());
        }

        /** Sends a message that was prepared before, as {@link #send(Mail)} does. */
        public Delivery send(Prepared mail) {
            Delivery delivery = attempt(mail);
            Delivery last = delivery;
            for (int attempt = 0; attempt < server.retries && last.mayBeRetried(); attempt++) {
                waitAfter(attempt, last.problem().getMessage());
                last = attempt(mail.to(mail.envelope.allOrNothing ? mail.envelope.recipients : delivery.worthRetrying()));
                delivery = delivery.followedBy(last);
            }
            if (delivery.failure().isPresent()) {
                throw delivery.failure().get();
            }
            return delivery;
        }

        /**
         * Sends messages one after the other as they come, the next envelope without waiting for the answer to the last
         * message where the server allows it (RFC 2920, 3.1), and hands over each result in order. A refused message does not
         * stop the rest, and nothing is tried twice. The messages are fetched by a thread of their own, at most 16 ahead, so
         * that a slow source holds nothing back. Throws {@link MailException} when the connection is lost.
         */
        public void sendAll(Iterable<Mail> mails, Consumer<Delivery> results) {
            sendAll(mails.iterator(), results);
        }

        /** Sends a stream of messages, as {@link #sendAll(Iterable, Consumer)} does. */
        public void sendAll(Stream<Mail> mails, Consumer<Delivery> results) {
            sendAll(mails.iterator(), results);
        }

        private void sendAll(Iterator<Mail> mails, Consumer<Delivery> results) {
            Deque<Transaction> unreported = new ArrayDeque<>();
            try (Ahead ahead = new Ahead(mails)) {
                Optional<Transaction> next = next(ahead, unreported, results);
                while (next.isPresent()) {
                    unreported.add(next.get());
                    courier.begin(next.get());
                    report(unreported, 1, results);
                    courier.refuseIfBroken();
                    next = next(ahead, unreported, results);
                }
                courier.settle();
                courier.refuseIfBroken();
            } finally {
                courier.settle();
                report(unreported, 0, results);
            }
        }

        /** The next mail; until it comes, the last one is seen to its end and reported. */
        private Optional<Transaction> next(Ahead ahead, Deque<Transaction> unreported, Consumer<Delivery> results) {
            while (!unreported.isEmpty() && !ahead.isReady()) {
                if (courier.isAnswered()) {
                    courier.settle();
                    report(unreported, 0, results);
                }
            }
            return ahead.take();
        }

        private void report(Deque<Transaction> unreported, int kept, Consumer<Delivery> results) {
            while (unreported.size() > kept) {
                results.accept(courier.delivery(unreported.poll()));
            }
        }

        /** Says QUIT and closes; the server has 2 seconds to answer, and its answer changes nothing. */
        @Override
        public void close() {
            courier.close();
        }

        /** A broken session is left behind for a new one. */
        private Delivery attempt(Prepared mail) {
            try {
                courier = courier.isBroken() ? new Courier(SmtpSession.open(server)) : courier;
            } catch (MailException e) {
                return Delivery.untried(mail, e);
            }
            Transaction transaction = new Transaction(mail);
            courier.begin(transaction);
            courier.settle();
            return courier.delivery(transaction);
        }

        private void waitAfter(int attempt, String problem) {
            long seconds = Math.min(300, 1L << Math.min(attempt, 9));
            server.warnings.accept(problem + "; trying again in " + seconds + " s");
            try {
                Thread.sleep(seconds * 1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new MailException(Exit.INTERRUPTED, Stage.CONNECT, problem);
            }
        }
    }

    /** An open maildrop (RFC 1939): one connection. Numbers hold for this connection only, UIDs for good. */
    public static final class Pop3 implements AutoCloseable {
        private final Server<Pop3> server;
        private final Pop3Session session;
        private final Set<Integer> deleted = new TreeSet<>();
        private Optional<MailException> broken = Optional.empty();
        private boolean open = true;

        Pop3(Server<Pop3> server) {
            this.server = server;
            session = Pop3Session.open(server);
        }

        boolean isLoggedIn() {
            return server.wantsLogin();
        }

        /** How many messages there are and how large they are together, as STAT says. */
        public Totals totals() {
            return talking(() -> {
                Reply reply = session.ask(Stage.LIST, "STAT");
                session.connection().require(reply, "STAT at " + server.host);
                return Totals.of(reply);
            });
        }

        /** What CAPA says (RFC 2449), by when it was asked: in {@code clear}, inside {@code TLS}, after {@code login}. */
        public Map<String, List<String>> capabilities() {
            return session.capabilities();
        }

        /** Whom we talk to. */
        public Peer peer() {
            return session.connection().peer();
        }

        /** Says QUIT and closes. Deletions count only now: throws {@link MailException} if the server does not confirm them. */
        @Override
        public void close() {
            if (open && broken.isEmpty() && deleted.isEmpty()) {
                session.connection().sayGoodbye();
            } else if (open && broken.isEmpty()) {
                commitDeletions();
            }
            open = false;
        }

        private void commitDeletions() {
            String what = deleted.size() == 1 ? "the deletion" : "the " + deleted.size() + " deletions";
            Optional<Reply> answer = session.quit();
            if (answer.isEmpty()) {
                throw new MailException(Exit.TEMPORARY, Stage.QUIT, "no answer to QUIT from " + server.host + ": " + what + " may not count")
                        .hint("look again, and delete again what is still there");
            }
            if (!answer.get().positive()) {
                throw MailException.refused(Stage.QUIT, server.host + " did not carry out " + what, answer.get());
            }
        }

        private interface Talk<T> {
            T go() throws IOException;
        }

        private <T> T talking(Talk<T> talk) {
            if (!isLoggedIn()) {
                throw MailException.usage("no user").hint("write pop3://USER@HOST, or give -u USER");
            }
            if (broken.isPresent()) {
                throw broken.get();
            }
            try {
                return talk.go();
            } catch (IOException e) {
                broken = Optional.of(session.connection().explain(e));
                session.connection().drop();
                throw broken.get();
            }
        }
    }

    /** What a maildrop holds. */
    public record Totals(long messages, long octets) {
        private static final Pattern STAT = Pattern.compile("(\\d{1,18})\\s+(\\d{1,18}).*");

        static Totals of(Reply reply) throws MalformedReply {
            Matcher numbers = STAT.matcher(reply.text());
            if (!numbers.matches()) {
                throw new MalformedReply("'" + reply + "' in answer to STAT");
            }
            return new Totals(Long.parseLong(numbers.group(1)), Long.parseLong(numbers.group(2)));
        }
    }

    /** What became of one message. */
    public record Delivery(String messageId, String queueId, long bytes, Peer peer, Millis millis, Optional<Reply> reply,
            List<Recipient> recipients, Optional<MailException> failure) {

        static Delivery untried(Prepared mail, MailException failure) {
            List<Recipient> nobody = mail.envelope.recipients.stream().map(address -> new Recipient(address, false, Optional.empty())).toList();
            Peer peer = failure.delivery.map(Delivery::peer).orElse(Peer.NONE);
            Millis millis = failure.delivery.map(Delivery::millis).orElse(Millis.NONE);
            Delivery untried = new Delivery(mail.messageId, "", 0, peer, millis, failure.reply(), nobody, Optional.of(failure));
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

        /** Those who do not have it and were not refused for good. */
        List<String> worthRetrying() {
            return refused().stream().filter(recipient -> recipient.reply.filter(Reply::permanent).isEmpty()).map(Recipient::address).toList();
        }

        /** Why not everybody has it. */
        MailException problem() {
            List<Reply> replies = refused().stream().flatMap(recipient -> recipient.reply.stream()).toList();
            Optional<Reply> telling = replies.stream().filter(Reply::temporary).findFirst().or(() -> replies.stream().findFirst());
            MailException some = telling.map(reply -> MailException.refused(Stage.RCPT, "some recipients were refused", reply))
                    .orElseGet(() -> new MailException(Exit.PARTIAL, Stage.RCPT, "some recipients were not reached"));
            return failure.orElse(some);
        }

        /** This attempt and the next, which went to those who had not got it, as one. */
        Delivery followedBy(Delivery next) {
            Map<String, Recipient> last = new LinkedHashMap<>();
            recipients.forEach(recipient -> last.put(recipient.address, recipient));
            next.recipients.forEach(recipient -> last.put(recipient.address, recipient));
            boolean somebody = last.values().stream().anyMatch(Recipient::ok);
            return new Delivery(messageId, next.queueId.isEmpty() ? queueId : next.queueId, Math.max(bytes, next.bytes), next.peer, next.millis,
                    next.reply, List.copyOf(last.values()), somebody ? Optional.empty() : next.failure);
        }
    }

    /** A recipient and what the server said of it. */
    public record Recipient(String address, boolean ok, Optional<Reply> reply) {
    }

    /** Whom we talked to; "" for what there was not. */
    public record Peer(String host, String address, String tlsVersion, String cipher) {
        static final Peer NONE = new Peer("", "", "", "");
    }

    /** Milliseconds that each step took. */
    public record Millis(long connect, long tls, long auth, long envelope, long data, long total) {
        static final Millis NONE = new Millis(0, 0, 0, 0, 0, 0);
    }

    /**
     * One reply: status ({@code 250}, {@code +OK}), enhanced status code (RFC 3463), in POP3 the response code (RFC 2449, 8), or "",
     * and its lines of text.
     */
    public record Reply(String status, String enhanced, List<String> lines) {
        private static final Pattern ENHANCED = Pattern.compile("([245]\\.\\d{1,3}\\.\\d{1,3})(?:\\s+|$)");
        private static final Pattern RESPONSE_CODE = Pattern.compile("\\[([A-Z0-9][A-Z0-9/-]*)](?:\\s+|$)");
        private static final Set<String> NOT_NOW = Set.of("IN-USE", "LOGIN-DELAY", "SYS/TEMP");

        static Reply of(String status, List<String> lines) {
            List<String> words = new ArrayList<>(lines.size());
            String enhanced = "";
            for (String line : lines) {
                Matcher code = (Character.isDigit(status.charAt(0)) ? ENHANCED : RESPONSE_CODE).matcher(line);
                boolean coded = code.lookingAt();
                enhanced = coded && words.isEmpty() ? code.group(1) : enhanced;
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

        /** Whether it says not now: 4yz, or -ERR with IN-USE, LOGIN-DELAY or SYS/TEMP (RFC 2449, 8.1; RFC 3206). */
        public boolean temporary() {
            return status.startsWith("4") || status.equals("-ERR") && NOT_NOW.contains(enhanced);
        }

        /** Whether it says no: 5yz, or any other -ERR. */
        public boolean permanent() {
            return status.startsWith("5") || status.equals("-ERR") && !temporary();
        }

        Reply masked(Set<String> secrets) {
            return new Reply(status, enhanced, lines.stream().map(line -> Texts.masked(line, secrets)).toList());
        }

        /** The words of all lines. */
        public String text() {
            return String.join(" ", lines).strip();
        }

        @Override
        public String toString() {
            String code = status.equals("-ERR") && !enhanced.isEmpty() ? "[" + enhanced + "]" : enhanced;
            return Texts.escape(String.join(" ", status, code, text()).replace("  ", " ").strip());
        }
    }

    /** How far it was when something happened. */
    public enum Stage { INPUT, CONNECT, GREETING, EHLO, CAPA, TLS, AUTH, MAIL, RCPT, DATA, LIST, TOP, RETR, STORE, DELE, QUIT }

    /** Exit codes, those of sysexits.h as far as it has them. */
    public enum Exit {
        OK(0, "done"), USAGE(64, "wrong usage"), DATA(65, "message, address or session refused for good"), NO_INPUT(66, "an input file is missing or unreadable"),
        NO_HOST(68, "unknown host"), POLICY(69, "TLS or policy"), OUTPUT(73, "can't write the output"), IO(74, "local input or output failed"),
        TEMPORARY(75, "failed for now, try again; or the outcome is unknown"), PROTOCOL(76, "the server broke the protocol"),
        AUTH(77, "login refused or not offered"), CONFIG(78, "wrong configuration"), PARTIAL(79, "some recipients got it, some were refused"),
        NO_MATCH(80, "waited, nothing matched"), INTERRUPTED(130, "interrupted");

        public final int code;
        public final String meaning;

        Exit(int code, String meaning) {
            this.code = code;
            this.meaning = meaning;
        }

        static String table() {
            StringBuilder text = new StringBuilder();
            List.of(values()).forEach(exit -> text.append("%4d  %s\n".formatted(exit.code, exit.meaning)));
            return text.toString();
        }
    }

    /** Every failure: what was tried, what came back, what to do, and what a script needs to decide. */
    public static final class MailException extends RuntimeException {
        private final Exit exit;
        private final Stage stage;
        private final boolean retryable;
        private final transient Optional<Reply> reply;
        private String hint = "";
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

        static MailException contradiction(String one, String other) {
            return usage(one + " and " + other + " contradict each other");
        }

        /** A refusal in the server's words; what it means depends on the stage. */
        static MailException refused(Stage stage, String what, Reply reply) {
            boolean policy = stage == Stage.TLS || stage == Stage.AUTH && reply.enhanced().equals("SYS/PERM");
            Exit lasting = policy ? Exit.POLICY : stage == Stage.AUTH ? Exit.AUTH : Exit.DATA;
            Exit exit = reply.temporary() ? Exit.TEMPORARY : reply.permanent() ? lasting : Exit.PROTOCOL;
            return new MailException(exit, stage, what + ": " + reply, reply.temporary(), Optional.of(reply));
        }

        MailException hint(String whatToDo) {
            hint = whatToDo;
            return this;
        }

        MailException delivery(Delivery soFar) {
            delivery = Optional.of(soFar);
            return this;
        }

        /** The exit code that the command line would give. */
        public Exit exit() {
            return exit;
        }

        /** How far it was. */
        public Stage stage() {
            return stage;
        }

        /** Whether trying again may help and can't make a second copy. */
        public boolean retryable() {
            return retryable;
        }

        /** What the server said, if it was the server. */
        public Optional<Reply> reply() {
            return reply;
        }

        /** What to do about it, or "". */
        public String hint() {
            return hint;
        }

        /** How far the message came, if there was a courier. */
        public Optional<Delivery> delivery() {
            return delivery;
        }
    }
}

// ==== 7. Wire ========================================================================================================
// Gets bytes to a server and back, in time and in secret, whatever the protocol. Throws IOException for what the network
// did; the session above it knows what that means.

/** One way to the server: to one of its addresses, or through a proxy that finds it. */
record Route(InetAddress address, int port, boolean proxied, Supplier<Socket> socket) {
    static List<Route> to(Server<?> server) {
        if (server.proxy.isPresent()) {
            return List.of(new Route(InetAddress.getLoopbackAddress(), server.port(), true, () -> throughProxy(server)));
        }
        List<Route> routes = new ArrayList<>();
        for (InetAddress address : resolve(server.host)) {
            boolean reachable = server.bind.isEmpty() || server.bind.get().getClass() == address.getClass();
            if (server.family.isInstance(address) && reachable) {
                routes.add(new Route(address, server.port(), false, Socket::new));
            }
        }
        if (routes.isEmpty() && server.bind.isPresent()) {
            throw MailException.config(server.host + " has no address that can be reached from " + server.bind.get().getHostAddress());
        }
        if (routes.isEmpty()) {
            String kind = server.family.getSimpleName().replace("Inet4Address", "IPv4").replace("Inet6Address", "IPv6");
            throw new MailException(Exit.NO_HOST, Stage.CONNECT, server.host + " has no " + kind + " address");
        }
        return routes;
    }

    private static InetAddress[] resolve(String host) {
        try {
            return InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            throw new MailException(Exit.NO_HOST, Stage.CONNECT, "no host is called " + host)
                    .hint("check the name, and that this machine can look names up");
        }
    }

    private static Socket throughProxy(Server<?> server) {
        Proxy proxy = server.proxy.orElseThrow();
        String target = (server.host.contains(":") ? "[" + server.host + "]" : server.host) + ":" + server.port();
        boolean socks = proxy.type() == Proxy.Type.SOCKS;
        return new Socket(socks ? proxy : Proxy.NO_PROXY) {
            @Override
            public void connect(SocketAddress placeholder, int timeout) throws IOException {
                super.connect(socks ? InetSocketAddress.createUnresolved(server.host, server.port()) : proxy.address(), timeout);
                if (!socks) {
                    tunnel(this, target);
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
        String status = header.substring(0, Math.max(0, header.indexOf("\r\n")));
        if (!status.matches("HTTP/1\\.\\d 2.*")) {
            throw new SocketException("the proxy said '" + Texts.shortened(status) + "'");
        }
    }

    static InetAddress literal(String address) {
        if (!address.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.%\\w]*")) {
            throw MailException.usage("--bind takes an IP address, not '" + address + "'");
        }
        return resolve(address)[0];
    }

    static Proxy proxy(String url) {
        Matcher parts = Pattern.compile("(socks5|http)://(?:\\[([^]]+)]|([^:/@]+))(?::(\\d{1,5}))?/?").matcher(url);
        if (!parts.matches()) {
            throw MailException.usage("can't read the proxy '" + Texts.withoutPassword(url) + "'")
                    .hint("write it as socks5://host[:port] or http://host[:port]");
        }
        boolean socks = parts.group(1).equals("socks5");
        int port = parts.group(4) == null ? (socks ? 1080 : 8080) : Texts.port(parts.group(4));
        String host = parts.group(2) == null ? parts.group(3) : parts.group(2);
        return new Proxy(socks ? Proxy.Type.SOCKS : Proxy.Type.HTTP, new InetSocketAddress(host, port));
    }
}

/** Closes the socket when a step outlasts its limit: the one bound that also ends a blocked write and a trickling peer. */
final class Watchdog {
    private final Socket socket;
    private final Duration limit;
    private final Thread thread = new Thread(this::watch, "watchdog");
    private volatile long deadline = Long.MAX_VALUE;
    private volatile long wakeUp = Long.MAX_VALUE;
    private volatile boolean closed;
    private volatile boolean expired;

    Watchdog(Socket socket, Duration limit) {
        this.socket = socket;
        this.limit = limit;
        thread.setDaemon(true);
        thread.start();
    }

    /** From now the step has its time; a step that was running is over. */
    void restart() {
        restart(limit);
    }

    void restart(Duration shorter) {
        deadline = System.nanoTime() + shorter.toNanos();
        if (deadline < wakeUp) {
            LockSupport.unpark(thread);
        }
    }

    /** Nobody is waiting for the server. */
    void pause() {
        deadline = Long.MAX_VALUE;
    }

    boolean expired() {
        return expired;
    }

    void stop() {
        closed = true;
        LockSupport.unpark(thread);
    }

    private void watch() {
        while (!closed) {
            long now = System.nanoTime();
            if (deadline <= now) {
                expired = true;
                Wire.closeQuietly(socket);
                return;
            }
            wakeUp = Math.min(deadline, now + limit.toNanos());
            // A deadline set in between may be nearer, and its setter saw the wake-up before this one.
            if (wakeUp <= deadline) {
                LockSupport.parkNanos(wakeUp - now);
            }
        }
    }
}

/** Lines and bytes over one connection; every line, reply and 64 KB has its bound in bytes and time. */
final class Wire {
    static final int BLOCK = 64 * 1024;
    static final int LINE_LIMIT = 8 * 1024;
    private static final long GLANCE_NANOS = 100_000;
    private final Socket raw;
    private final Watchdog watchdog;
    private final Transcript transcript;
    private final byte[] inbox = new byte[BLOCK];
    private final byte[] outbox = new byte[BLOCK];
    private Socket socket;
    private InputStream input;
    private OutputStream output;
    private int next;
    private int filled;
    private int waiting;

    Wire(Socket raw, Watchdog watchdog, Transcript transcript) {
        this.raw = raw;
        this.watchdog = watchdog;
        this.transcript = transcript;
    }

    /** Goes on over these streams, as the library makes new ones after connecting and after a handshake; says whether they are new. */
    boolean use(Socket current, InputStream in, OutputStream out) {
        boolean changed = input != in;
        socket = current;
        input = in;
        output = out;
        return changed;
    }

    /** The next line, which ends within so many octets; a bare LF ends it too. */
    String readLine(int limit) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        boolean complete = false;
        while (!complete) {
            if (next == filled) {
                fill();
            }
            int start = next;
            while (next < filled && inbox[next] != '\n') {
                next++;
            }
            line.write(inbox, start, next - start);
            complete = next < filled;
            next += complete ? 1 : 0;
            if (line.size() > limit) {
                throw new MalformedReply("a line of over " + limit / 1024 + " KB");
            }
        }
        String text = line.toString(UTF_8);
        text = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
        transcript.received(text);
        return text;
    }

    /**
     * The content of a multi-line reply up to its lone dot, without the dots that were put before others (RFC 1939, 3). Only CRLF
     * ends a line here: a dot between bare LFs is content, or a message could end where another program sees no end. Each KB has
     * its time.
     */
    void readContent(OutputStream out, long limit) throws IOException {
        watchdog.restart();
        long taken = 0;
        long watched = 0;
        ContentState state = ContentState.LINE_START;
        while (state != ContentState.END) {
            if (next == filled) {
                fill();
            }
            int start = next;
            state = scan(state, out);
            taken += next - start;
            if (taken > limit) {
                throw new MalformedReply("more than " + limit + " octets");
            }
            if (taken - watched >= 1024) {
                watched = taken;
                watchdog.restart();
            }
        }
        watchdog.pause();
    }

    /** Where a multi-line reply is: at the start of a line, within it, after its CR, after a dot that begins it, after that dot and CR. */
    private enum ContentState { LINE_START, LINE, CR, DOT, DOT_CR, END }

    private ContentState scan(ContentState before, OutputStream out) throws IOException {
        ContentState state = before;
        int run = next;
        while (next < filled && state != ContentState.END) {
            byte octet = inbox[next];
            if (state == ContentState.LINE) {
                state = octet == '\r' ? ContentState.CR : state;
                next++;
                continue;
            }
            if (state == ContentState.LINE_START && octet == '.') {
                out.write(inbox, run, next - run);
                run = next + 1;
                state = ContentState.DOT;
            } else if (state == ContentState.DOT && octet == '\r') {
                run = next + 1;
                state = ContentState.DOT_CR;
            } else if (state == ContentState.DOT_CR && octet == '\n') {
                run = next + 1;
                state = ContentState.END;
            } else {
                if (state == ContentState.DOT_CR) {
                    out.write('\r');
                }
                boolean afterReturn = state == ContentState.CR || state == ContentState.DOT_CR;
                state = octet == '\r' ? ContentState.CR : octet == '\n' && afterReturn ? ContentState.LINE_START : ContentState.LINE;
            }
            next++;
        }
        out.write(inbox, run, next - run);
        return state;
    }

    private void fill() throws LostConnection {
        next = 0;
        filled = 0;
        try {
            awaitAwake();
            filled = Math.max(0, input.read(inbox, 0, inbox.length));
        } catch (IOException e) {
            throw new LostConnection(e);
        }
        if (filled == 0) {
            throw new LostConnection(new EOFException("the server closed it"));
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

    /** Puts a command line into the next flight; the transcript gets it as it is to be shown. */
    void writeLine(String line, String shown) throws IOException {
        Texts.plain(Exit.DATA, "a command", line);
        byte[] bytes = (line + "\r\n").getBytes(UTF_8);
        transcript.sent(shown);
        write(bytes, 0, bytes.length);
    }

    /** Shown as a line of the server's. */
    void show(String line) {
        transcript.received(line);
    }

    /** Shown in place of a body. */
    void note(String what) {
        transcript.sent(what);
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
        watchdog.restart();
        int size = waiting;
        waiting = 0;
        if (size == 0) {
            return;
        }
        try {
            output.write(outbox, 0, size);
            output.flush();
        } catch (IOException e) {
            throw new LostConnection(e);
        }
        watchdog.pause();
    }

    /** Whether the server has said something that nobody has read, also inside TLS. */
    boolean hasUnreadInput() throws LostConnection {
        try {
            return next < filled || input.available() > 0 || socket != raw && raw.getInputStream().available() > 0 && peek();
        } catch (IOException e) {
            throw new LostConnection(e);
        }
    }

    /** Bytes below TLS may be a session ticket only, so look whether they hold anything for us. */
    private boolean peek() throws IOException {
        socket.setSoTimeout(1);
        try {
            next = 0;
            filled = 0;
            filled = Math.max(0, input.read(inbox, 0, inbox.length));
            if (filled == 0) {
                throw new EOFException("the server closed it");
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            socket.setSoTimeout(0);
        }
    }

    /** Breaks the connection so that the server can't take what it has for a whole message. */
    void abort() {
        waiting = 0;
        closeQuietly(raw);
    }

    static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}

/** The server said something that is no reply. */
final class MalformedReply extends IOException {
    MalformedReply(String what) {
        super(what);
    }
}

/** Reading from the server or writing to it failed; not to be mixed up with failing to read the message. */
final class LostConnection extends IOException {
    LostConnection(IOException cause) {
        super(cause.getMessage(), cause);
    }
}

// ==== 8. TLS and login ===============================================================================================
// Who the server is, and who we are; the same for every protocol.

/** Decides whether a certificate is the server's: chain, SAN and key size, or the pinned key; and says why not. */
final class Trust extends X509ExtendedTrustManager {
    /** dNSName and iPAddress (RFC 5280, 4.2.1.6). */
    private static final Set<Integer> ALL_NAMES = Set.of(2, 7);
    private final Server<?> server;
    private Optional<X509Certificate> shown = Optional.empty();

    Trust(Server<?> server) {
        this.server = server;
    }

    /** Reading all that the JDK trusts takes longer than sending a message, so it is left until a server shows a certificate. */
    private X509ExtendedTrustManager authorities() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(server.ca.map(Trust::authoritiesOf).orElse(null));
        return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    }

    static KeyStore authoritiesOf(Path file) {
        try {
            return keyStore(certificates(file));
        } catch (GeneralSecurityException | IOException e) {
            throw MailException.config("can't read the authorities in " + file + ": " + Texts.cause(e));
        }
    }

    /** Our own certificate and its key. */
    static KeyManager ours(Path certificate, Path key) {
        try {
            Certificate[] chain = certificates(certificate).toArray(new Certificate[0]);
            KeyStore store = keyStore(List.of());
            store.setKeyEntry("ours", matching(privateKey(key, chain[0].getPublicKey().getAlgorithm()), chain[0].getPublicKey()), new char[0], chain);
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            return factory.getKeyManagers()[0];
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw MailException.config("can't use " + certificate + " with " + key + ": " + Texts.cause(e));
        }
    }

    private static PrivateKey matching(PrivateKey ours, PublicKey certified) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA").getOrDefault(ours.getAlgorithm(), ours.getAlgorithm()));
        signature.initSign(ours);
        byte[] proof = signature.sign();
        signature.initVerify(certified);
        if (!signature.verify(proof)) {
            throw new KeyException("the key is not that of the certificate");
        }
        return ours;
    }

    private static PrivateKey privateKey(Path file, String algorithm) throws GeneralSecurityException, IOException {
        Matcher pem = Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END").matcher(Files.readString(file, ISO_8859_1));
        if (!pem.find()) {
            throw new MailException(Exit.CONFIG, Stage.TLS, file + " holds no PKCS #8 private key")
                    .hint("convert it: openssl pkcs8 -topk8 -nodes -in " + file);
        }
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1))));
    }

    private static List<Certificate> certificates(Path file) throws GeneralSecurityException, IOException {
        try (InputStream in = Files.newInputStream(file)) {
            List<Certificate> all = List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
            if (all.isEmpty()) {
                throw new CertificateException(file + " holds no certificate");
            }
            return all;
        }
    }

    private static KeyStore keyStore(List<Certificate> certificates) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (Certificate certificate : certificates) {
            store.setCertificateEntry("authority" + store.size(), certificate);
        }
        return store;
    }

    /** A pin as it is compared: the base64 of the public key's SHA-256. */
    static String pin(String given) {
        String hash = given.replaceFirst("(?i)^sha256:(//)?", "");
        String base64 = hash.matches("[0-9a-fA-F:]{64,95}") ? Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hash.replace(":", ""))) : hash;
        if (hash.equals(given) || !base64.matches("[A-Za-z0-9+/]{43}=")) {
            throw MailException.usage("can't read the pin '" + given + "'").hint("write sha256: and the hash of the public key in base64 or hex");
        }
        return base64;
    }

    private static String pinOf(X509Certificate certificate) throws CertificateException {
        try {
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(certificate.getPublicKey().getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new CertificateException(e);
        }
    }

    /** The certificate that the server showed, in a line. */
    String summary() {
        return shown.map(leaf -> "certificate of " + leaf.getSubjectX500Principal() + ", issued by " + leaf.getIssuerX500Principal() + ", valid until "
                + day(leaf.getNotAfter())).orElse("resumed session");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String keyExchange, Socket socket) throws CertificateException {
        shown = Optional.of(chain[0]);
        if (server.insecure) {
            return;
        }
        for (X509Certificate certificate : chain) {
            if (certificate.getPublicKey() instanceof RSAPublicKey key && key.getModulus().bitLength() < 2048) {
                throw new CertificateException("its RSA key has only " + key.getModulus().bitLength() + " bits");
            }
        }
        if (!server.pin.isEmpty()) {
            if (!server.pin.equals(pinOf(chain[0]))) {
                throw new CertificateException("its key is not the pinned one but sha256:" + pinOf(chain[0]));
            }
            return;
        }
        try {
            authorities().checkServerTrusted(chain, keyExchange, socket);
        } catch (GeneralSecurityException e) {
            throw new CertificateException(reason(chain, e), e);
        }
        // The JDK still takes the CN where there is no SAN; RFC 9525 does not.
        boolean address = server.peerName().matches("[0-9.]+|.*:.*");
        if (names(chain[0], address ? Set.of(7) : Set.of(2)).isEmpty()) {
            throw new CertificateException("it names no host (no subjectAltName)");
        }
    }

    private String reason(X509Certificate[] chain, GeneralSecurityException e) throws CertificateException {
        X509Certificate leaf = chain[0];
        long days = Math.abs(Duration.between(Instant.now(), leaf.getNotAfter().toInstant()).toDays());
        if (leaf.getNotAfter().before(new Date())) {
            return "it expired " + days + " days ago, on " + day(leaf.getNotAfter());
        }
        if (leaf.getNotBefore().after(new Date())) {
            return "it is not valid before " + day(leaf.getNotBefore());
        }
        if (leaf.getSubjectX500Principal().equals(leaf.getIssuerX500Principal())) {
            return "it is self-signed; if it is the right one, trust it with --pin sha256:" + pinOf(leaf);
        }
        if (String.valueOf(e.getMessage()).matches("(?s).*(subject alternative|No name).*")) {
            String names = String.join(", ", names(leaf, ALL_NAMES));
            return "it is for " + (names.isEmpty() ? "no host (no subjectAltName)" : names) + ", not for " + server.peerName();
        }
        if (String.valueOf(e.getMessage()).contains("unable to find valid certification path")) {
            return "its issuer " + chain[chain.length - 1].getIssuerX500Principal() + " is not known here; name a file with the authority by --ca";
        }
        return e.getMessage();
    }

    private static List<String> names(X509Certificate certificate, Set<Integer> kinds) throws CertificateParsingException {
        Collection<List<?>> all = Optional.ofNullable(certificate.getSubjectAlternativeNames()).orElse(List.of());
        return all.stream().filter(name -> kinds.contains(name.get(0))).map(name -> String.valueOf(name.get(1))).toList();
    }

    private static String day(Date date) {
        return date.toInstant().toString().substring(0, 10);
    }

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

/** Logging in by SASL (RFC 4422), the same for every protocol. */
final class Login {
    static final List<String> BY_STRENGTH = List.of("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN");
    static final List<String> WITH_TOKEN = List.of("OAUTHBEARER", "XOAUTH2");
    static final List<String> MECHANISMS = List.of("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2", "EXTERNAL");
    /** POP3's own (RFC 1939, 7), which are no SASL. */
    static final List<String> POP3_ONLY = List.of("USER", "APOP");
    private static final Set<String> SERVER_SPEAKS_FIRST = Set.of("CRAM-MD5", "LOGIN");
    private static final int MOST_ROUNDS = 8;

    /** One side of the exchange: what to answer, and whether the server has proved all it has to. */
    interface Mechanism {
        byte[] answer(byte[] challenge) throws IOException;

        default boolean satisfied() {
            return true;
        }
    }

    /** How a protocol asks and is answered; what is shown instead of the line has no secret in it. */
    interface Dialogue {
        Reply ask(String line, String shown) throws IOException;
    }

    static String named(String mechanism, boolean pop3) {
        Stream<String> more = pop3 ? POP3_ONLY.stream() : Stream.of();
        return Texts.oneOf("--auth", mechanism, Stream.of(Stream.of("AUTO"), MECHANISMS.stream(), more).flatMap(names -> names).toArray(String[]::new));
    }

    /** The mechanism to use: the one that was named, as servers do not list all they take, or the first of these that is offered. */
    static String choose(Server<?> server, List<String> byStrength, Collection<String> offered) {
        if (!server.auth.equals("AUTO") && !offered.isEmpty()) {
            return server.auth;
        }
        List<String> able = server.token.isPresent() ? WITH_TOKEN : byStrength;
        return able.stream().filter(offered::contains).findFirst().orElseThrow(() -> {
            String what = server.host + (offered.isEmpty() ? " offers no login" : " offers only " + String.join(", ", offered));
            boolean tokenOnly = !offered.isEmpty() && WITH_TOKEN.containsAll(offered);
            return new MailException(Exit.AUTH, Stage.AUTH, what)
                    .hint(tokenOnly ? "give an OAuth token with --token-command" : "check the port, and --tls");
        });
    }

    /** Goes through the whole exchange and returns the server's last word. */
    static Reply run(String name, Server<?> server, Dialogue dialogue) throws IOException {
        Reply reply = exchange(name, server, dialogue, true);
        // Syntax error: a server that takes no initial response (RFC 4954, 4) is asked again without one.
        return reply.status().equals("501") ? exchange(name, server, dialogue, false) : reply;
    }

    private static Reply exchange(String name, Server<?> server, Dialogue dialogue, boolean withInitialResponse) throws IOException {
        Mechanism mechanism = mechanism(name, server);
        String command = "AUTH " + name;
        boolean clientFirst = !SERVER_SPEAKS_FIRST.contains(name);
        String first = clientFirst ? encode(mechanism.answer(new byte[0])) : "";
        boolean atOnce = clientFirst && withInitialResponse && command.length() + first.length() < server.longestCommand();
        hide(first, server);
        Reply reply = atOnce ? dialogue.ask(command + " " + (first.isEmpty() ? "=" : first), command + " ****") : dialogue.ask(command, command);
        for (int round = 0; reply.asksOn() && round < MOST_ROUNDS; round++) {
            boolean firstIsWanted = round == 0 && clientFirst && (!atOnce || reply.text().isEmpty());
            String line = firstIsWanted ? first : answer(mechanism, reply, dialogue);
            hide(line, server);
            reply = dialogue.ask(line, line.isEmpty() ? "" : "****");
        }
        if (reply.positive() && !mechanism.satisfied()) {
            throw new MailException(Exit.AUTH, Stage.AUTH, server.host + " took the login without proving that it knows the password")
                    .hint("somebody may be in between");
        }
        return reply;
    }

    /** A server may repeat what it was sent. */
    private static void hide(String line, Server<?> server) {
        if (line.length() > 8) {
            server.masked.add(line);
        }
    }

    private static String answer(Mechanism mechanism, Reply reply, Dialogue dialogue) throws IOException {
        try {
            return encode(mechanism.answer(Base64.getDecoder().decode(reply.text())));
        } catch (IllegalArgumentException | IllegalStateException | IOException e) {
            throw new MailException(Exit.PROTOCOL, Stage.AUTH, "can't answer what the server asks for in the login: " + cancelled(dialogue, e));
        }
    }

    private static String cancelled(Dialogue dialogue, Exception why) {
        try {
            dialogue.ask("*", "*");
        } catch (IOException e) {
            why.addSuppressed(e);
        }
        return why.getMessage();
    }

    private static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static Mechanism mechanism(String name, Server<?> server) throws IOException {
        return switch (name) {
            case "SCRAM-SHA-256", "SCRAM-SHA-1" -> new Scram(name, server.user, Secrets.password(server));
            case "LOGIN" -> challenge -> prompted(new String(challenge, UTF_8), server);
            case "XOAUTH2" -> token("user=" + server.user + "\1auth=Bearer " + Secrets.token(server) + "\1\1", "");
            case "OAUTHBEARER" -> token("n,a=" + server.user.replace("=", "=3D").replace(",", "=2C") + ",\1host=" + server.host + "\1port=" + server.port()
                    + "\1auth=Bearer " + Secrets.token(server) + "\1\1", "\1");
            default -> fromJdk(name, server);
        };
    }

    /** LOGIN has no standard, so look at what is asked for before giving the password away. */
    private static byte[] prompted(String prompt, Server<?> server) throws IOException {
        String asked = prompt.toLowerCase(Locale.ROOT);
        if (asked.contains("pass")) {
            return Secrets.password(server).getBytes(UTF_8);
        }
        if (asked.contains("user") || asked.contains("name") || asked.contains("login")) {
            return server.user.getBytes(UTF_8);
        }
        throw new IOException("'" + Texts.escape(prompt) + "' is neither user name nor password");
    }

    /** The token at once; a challenge after it is an error report that wants an empty line (RFC 7628, 3.2.3). */
    private static Mechanism token(String response, String afterError) {
        return challenge -> (challenge.length == 0 ? response : afterError).getBytes(UTF_8);
    }

    private static Mechanism fromJdk(String name, Server<?> server) throws IOException {
        boolean withPassword = !name.equals("EXTERNAL");
        String password = withPassword ? Secrets.password(server) : "";
        SaslClient client = Sasl.createSaslClient(new String[] {name}, withPassword ? null : server.user, "smtp", server.host, Map.of(), callbacks -> {
            for (Callback callback : callbacks) {
                if (callback instanceof NameCallback asked) {
                    asked.setName(server.user);
                }
                if (callback instanceof PasswordCallback asked) {
                    asked.setPassword(password.toCharArray());
                }
            }
        });
        return client::evaluateChallenge;
    }

    /** SCRAM (RFC 5802): the server has to prove that it knows the password as well. */
    private static final class Scram implements Mechanism {
        private static final int MOST_ITERATIONS = 1_000_000;
        private final ScramClient client;
        private int step;

        Scram(String name, String user, String password) {
            client = ScramClient.builder().advertisedMechanisms(List.of(name)).username(user).password(password.toCharArray()).build();
        }

        @Override
        public byte[] answer(byte[] challenge) throws IOException {
            String message = new String(challenge, UTF_8);
            step++;
            try {
                if (step == 1) {
                    return client.clientFirstMessage().toString().getBytes(UTF_8);
                }
                if (step == 2) {
                    refuseEndlessWork(client.serverFirstMessage(message).getIterationCount());
                    return client.clientFinalMessage().toString().getBytes(UTF_8);
                }
                client.serverFinalMessage(message);
                return new byte[0];
            } catch (ScramException | IllegalArgumentException | IllegalStateException e) {
                step = 0;
                throw new IOException(e.getMessage());
            }
        }

        private static void refuseEndlessWork(int iterations) throws IOException {
            if (iterations > MOST_ITERATIONS) {
                throw new IOException(iterations + " rounds of hashing");
            }
        }

        @Override
        public boolean satisfied() {
            return step == 3;
        }
    }
}

// ==== 9. Sessions ====================================================================================================
// What the sessions of all protocols share: the way to a server, how far it went, and what a broken network means.

/** One connection on its way to a session: Commons Net makes it and starts TLS, every line and byte goes through the {@link Wire}. */
final class Connection {
    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private final Server<?> server;
    private final Route route;
    private final Trust trust;
    private final Transcript transcript;
    private final long opened = System.nanoTime();
    private long connectNanos;
    private long tlsNanos;
    private long authNanos;
    private Watchdog watchdog;
    private Wire wire;
    private Socket socket;
    private Stage stage = Stage.CONNECT;

    /** Makes a session of a connection: connects, starts TLS, logs in. */
    interface Opening<S> {
        S open(Connection connection) throws IOException;
    }

    private Connection(Server<?> server, Route route) {
        this.server = server;
        this.route = route;
        trust = new Trust(server);
        transcript = new Transcript(server.transcript, opened, server.masked);
    }

    /** A session that is ready, by the first route that connects. */
    static <S> S open(Server<?> server, Opening<S> opening) {
        server.ca.ifPresent(Trust::authoritiesOf);
        Optional<MailException> failure = Optional.empty();
        for (Route route : Route.to(server)) {
            Connection connection = new Connection(server, route);
            try {
                return opening.open(connection);
            } catch (IOException e) {
                failure = Optional.of(connection.explain(e));
            } catch (MailException e) {
                failure = Optional.of(e);
            }
            connection.drop();
            failure.get().delivery(connection.nothingDelivered(failure.get()));
            if (connection.stage != Stage.CONNECT && connection.stage != Stage.GREETING) {
                break;
            }
        }
        throw failure.orElseThrow();
    }

    // ---- Connecting ----

    void connect(SocketClient client) throws IOException {
        client.setConnectTimeout((int) Math.min(Integer.MAX_VALUE, server.timeout.toMillis()));
        client.setSocketFactory(new DefaultSocketFactory() {
            @Override
            public Socket createSocket() {
                return guarded(route.socket().get());
            }
        });
        transcript.note("connecting to " + server.host + " port " + route.port() + (route.proxied() ? " by proxy" : ", " + route.address().getHostAddress()));
        client.connect(route.address(), route.port(), server.bind.orElse(null), 0);
    }

    private Socket guarded(Socket raw) {
        watchdog = new Watchdog(raw, server.timeout);
        wire = new Wire(raw, watchdog, transcript);
        watchdog.restart();
        return raw;
    }

    /** There is a socket; the handshake is next where TLS comes first, else the greeting. */
    void connected() {
        connectNanos = System.nanoTime() - opened;
        stage = server.implicitTls() ? Stage.TLS : Stage.GREETING;
        watchdog.restart();
    }

    /** Goes on over these streams, as the library makes new ones after connecting and after a handshake; says whether they are new. */
    boolean follow(Socket current, InputStream in, OutputStream out) {
        if (!wire.use(current, in, out)) {
            return false;
        }
        socket = current;
        if (socket instanceof SSLSocket secured) {
            tlsNanos = System.nanoTime() - opened - connectNanos;
            transcript.note(secured.getSession().getProtocol() + ", " + secured.getSession().getCipherSuite() + ", " + trust.summary());
        }
        return true;
    }

    X509TrustManager trust() {
        return trust;
    }

    Optional<KeyManager> ourCertificate() {
        return server.cert.map(certificate -> Trust.ours(certificate, server.key.orElseThrow()));
    }

    String[] tlsVersions() {
        return server.tlsMin.equals("1.3") ? new String[] {"TLSv1.3"} : new String[] {"TLSv1.3", "TLSv1.2"};
    }

    /** Whether to start TLS by this command now; throws if it must be and is not offered. */
    boolean startsTls(String command, boolean offered) {
        boolean wanted = server.tls == Tls.REQUIRED || server.tls == Tls.AUTO && offered;
        if (!wanted || server.implicitTls()) {
            return false;
        }
        stage = Stage.TLS;
        if (!offered) {
            throw new MailException(Exit.POLICY, stage, server.host + " offers no " + command)
                    .hint("if it speaks TLS from the start: " + server.schemeWithTls() + "://" + server.host);
        }
        watchdog.restart();
        return true;
    }

    /** Nothing may follow the reply to STARTTLS in clear: it would be taken for part of what is secure. */
    void refuseInjection() throws IOException {
        if (wire.hasUnreadInput()) {
            throw new MalformedReply("more than the reply to STARTTLS before TLS began");
        }
        watchdog.restart();
    }

    boolean isSecure() {
        return socket instanceof SSLSocket;
    }

    /** Logs in by one of the mechanisms offered, and never in clear to anything but this machine. */
    void logIn(List<String> byStrength, List<String> offered, Authentication authentication) throws IOException {
        stage = Stage.AUTH;
        boolean safe = isSecure() || !route.proxied() && socket.getInetAddress().isLoopbackAddress();
        if (!safe) {
            throw new MailException(Exit.POLICY, stage, "no login in clear, and there is no TLS with " + server.host)
                    .hint("use " + server.schemeWithTls() + ":// or a port that offers " + (server.isPop3() ? "STLS" : "STARTTLS"));
        }
        long started = System.nanoTime();
        String mechanism = Login.choose(server, byStrength, offered);
        Reply reply = authentication.by(mechanism);
        authNanos = System.nanoTime() - started;
        if (!reply.positive()) {
            String who = server.user.isEmpty() ? "our certificate" : server.user;
            throw MailException.refused(stage, server.host + " refused the login of " + who + " by " + mechanism, reply.masked(server.masked))
                    .hint(Texts.loginHint(server.host, reply));
        }
    }

    /** Goes through one mechanism of a protocol; returns the server's last word. */
    interface Authentication {
        Reply by(String mechanism) throws IOException;
    }

    void require(Reply reply, String what) {
        if (!reply.positive()) {
            throw MailException.refused(stage, what, reply);
        }
    }

    // ---- Talking ----

    Server<?> server() {
        return server;
    }

    Wire wire() {
        return wire;
    }

    Stage stage() {
        return stage;
    }

    void at(Stage now) {
        stage = now;
    }

    /** Begins a step that has its time limit. */
    void begin(Stage now) {
        stage = now;
        watchdog.restart();
    }

    void end() {
        watchdog.pause();
    }

    void send(String line, String shown) throws IOException {
        wire.writeLine(line, shown);
        wire.flush();
    }

    // ---- Failing and ending ----

    void drop() {
        if (wire != null) {
            wire.abort();
            watchdog.stop();
        }
    }

    Peer peer() {
        String address = route.proxied() ? "" : route.address().getHostAddress();
        SSLSession tls = isSecure() ? ((SSLSocket) socket).getSession() : null;
        return new Peer(server.host, address, tls == null ? "" : tls.getProtocol(), tls == null ? "" : tls.getCipherSuite());
    }

    private Delivery nothingDelivered(MailException failure) {
        return new Delivery("", "", 0, peer(), millis(0, 0), failure.reply(), List.of(), Optional.of(failure));
    }

    Millis millis(long envelopeNanos, long dataNanos) {
        long[] nanos = {connectNanos, tlsNanos, authNanos, envelopeNanos, dataNanos, System.nanoTime() - opened};
        long[] millis = LongStream.of(nanos).map(nano -> nano / 1_000_000).toArray();
        return new Millis(millis[0], millis[1], millis[2], millis[3], millis[4], millis[5]);
    }

    /** What an I/O failure means to the user. */
    MailException explain(IOException e) {
        String place = server.host + " port " + server.port() + server.proxy.map(proxy -> " by the proxy " + proxy.address()).orElse("");
        if (watchdog != null && watchdog.expired() || e instanceof SocketTimeoutException) {
            String limit = Texts.seconds(server.timeout);
            String hint = switch (stage) {
                case CONNECT -> "check host, port and firewall";
                case GREETING -> "if it speaks TLS from the start: " + server.schemeWithTls() + "://" + server.host + ":" + server.port();
                default -> "give it more time with --timeout";
            };
            return new MailException(Exit.TEMPORARY, stage, place + " did not answer within " + limit + " (" + Texts.name(stage) + ")").hint(hint);
        }
        if (e instanceof MalformedReply) {
            return new MailException(Exit.PROTOCOL, stage, place + " sent " + e.getMessage()).hint("is this a mail server?");
        }
        if (e instanceof UnknownHostException && !route.proxied()) {
            return new MailException(Exit.NO_HOST, stage, "no host is called " + e.getMessage());
        }
        if (e instanceof BindException) {
            return new MailException(Exit.CONFIG, stage, "can't connect from " + server.bind.map(InetAddress::getHostAddress).orElse("here") + ": " + e.getMessage());
        }
        boolean refusedHandshake = Texts.cause(e).contains("Broken pipe") || server.isPop3() && !server.implicitTls();
        if (stage == Stage.TLS && refusedHandshake) {
            return tlsFailure(e);
        }
        boolean lost = Texts.hasCause(e, SocketException.class) || Texts.hasCause(e, EOFException.class);
        if (Texts.hasCause(e, SSLException.class) && !lost && (stage == Stage.TLS || Texts.cause(e).contains("alert"))) {
            return tlsFailure(e);
        }
        if (stage == Stage.CONNECT) {
            return new MailException(Exit.TEMPORARY, stage, "can't connect to " + place + ": " + Texts.cause(e))
                    .hint("check host and port, and that the server runs");
        }
        return new MailException(Exit.TEMPORARY, stage, "lost the connection to " + place + " (" + Texts.name(stage) + "): " + Texts.cause(e));
    }

    private MailException tlsFailure(IOException e) {
        String cause = Texts.cause(e);
        if (Texts.hasCause(e, CertificateException.class)) {
            return new MailException(Exit.POLICY, stage, "the certificate of " + server.host + " is not good: " + cause);
        }
        String hint = "";
        if (cause.contains("unrecognized SSL message") || cause.contains("plaintext connection")) {
            hint = "this port does not speak TLS from the start: " + server.schemeWithTls().replaceFirst("s$", "") + "://" + server.host + ":" + server.port();
        } else if (cause.contains("protocol_version")) {
            hint = "the server may not know TLS " + server.tlsMin;
        } else if (server.cert.isEmpty() && cause.matches(".*(certificate_required|bad_certificate|handshake_failure|Broken pipe).*")) {
            hint = "it may want a certificate of ours: --cert and --key";
        }
        return new MailException(Exit.POLICY, stage, "no TLS with " + server.host + ": " + cause).hint(hint);
    }

    /** Says QUIT and closes; the server has a moment to answer, and its answer changes nothing. */
    void sayGoodbye() {
        try {
            send("QUIT", "QUIT");
            watchdog.restart(FAREWELL);
            wire.readLine(Wire.LINE_LIMIT);
            Wire.closeQuietly(socket);
        } catch (IOException e) {
            transcript.note("no answer to QUIT");
        }
        drop();
    }
}

// ==== 10. SMTP: the session ==========================================================================================
// Greeting, EHLO, STARTTLS, login (RFC 5321; LMTP: RFC 2033).

/** An open session with its server; what it offers, and its replies. */
final class SmtpSession extends SMTPSClient {
    static final String[] OPTIONAL = {"PIPELINING", "CHUNKING", "8BITMIME", "SIZE", "SMTPUTF8", "DSN"};
    private static final int REPLY_LIMIT = 1024 * 1024;
    private final Server<?> server;
    private final Connection connection;
    private Map<String, String> extensions = Map.of();
    private Reply lastReply = new Reply("0", "", List.of());

    private SmtpSession(Connection connection) {
        super("TLS", connection.server().implicitTls());
        this.connection = connection;
        server = connection.server();
        setTrustManager(connection.trust());
        connection.ourCertificate().ifPresent(this::setKeyManager);
        setEndpointCheckingEnabled(true);
        setEnabledProtocols(connection.tlsVersions());
    }

    static SmtpSession open(Server<?> server) {
        return Connection.open(server, connection -> {
            SmtpSession session = new SmtpSession(connection);
            session.start();
            return session;
        });
    }

    private void start() throws IOException {
        connection.connect(this);
        connection.require(lastReply, "the greeting of " + server.host);
        hello();
        if (connection.startsTls("STARTTLS", offers("STARTTLS"))) {
            if (!execTLS()) {
                throw MailException.refused(Stage.TLS, server.host + " refused STARTTLS", lastReply).hint("nothing was sent in clear");
            }
            connection.follow(_socket_, _input_, _output_);
            hello();
        }
        if (server.wantsLogin()) {
            List<String> offered = List.of(parameter("AUTH").split("\\s+"));
            connection.logIn(Login.BY_STRENGTH, offered.stream().filter(name -> !name.isEmpty()).distinct().toList(), mechanism -> Login.run(mechanism, server, this::ask));
        }
    }

    /** The library calls this when it has a socket; it does the handshake, if that comes first, and reads the greeting. */
    @Override
    protected void _connectAction_() throws IOException {
        _hostname_ = server.peerName();
        connection.connected();
        super._connectAction_();
    }

    /** The library calls this too: for the greeting, and within {@link #execTLS}. */
    @Override
    public int getReply() throws IOException {
        if (connection.follow(_socket_, _input_, _output_)) {
            connection.at(Stage.GREETING);
        }
        lastReply = readReply(connection.stage());
        if (connection.stage() == Stage.TLS) {
            connection.refuseInjection();
        }
        return lastReply.code();
    }

    @Override
    public int sendCommand(String command, String argument) throws IOException {
        String line = argument == null ? command : command + " " + argument;
        return ask(line, line).code();
    }

    private Reply ask(String line, String shown) throws IOException {
        connection.send(line, shown);
        getReply();
        return lastReply;
    }

    /** A whole reply (RFC 5321, 4.2.1): one code on all its lines, within the limits of time and size. */
    Reply readReply(Stage at) throws IOException {
        connection.begin(at);
        List<String> lines = new ArrayList<>();
        String code = "";
        int size = 0;
        boolean more = true;
        while (more) {
            String line = wire().readLine(Wire.LINE_LIMIT);
            size += line.length();
            boolean wellFormed = isReplyLine(line) && line.startsWith(code);
            if (!wellFormed || size > REPLY_LIMIT) {
                throw new MalformedReply(wellFormed ? "a reply of over 1 MB" : "'" + Texts.shortened(line) + "' instead of a reply");
            }
            code = line.substring(0, 3);
            lines.add(line.length() > 4 ? line.substring(4) : "");
            more = line.length() > 3 && line.charAt(3) == '-';
        }
        connection.end();
        return Reply.of(code, lines);
    }

    private static boolean isReplyLine(String line) {
        boolean code = line.length() > 2 && line.charAt(0) >= '2' && line.charAt(0) <= '5' && isDigit(line.charAt(1)) && isDigit(line.charAt(2));
        return code && (line.length() == 3 || line.charAt(3) == ' ' || line.charAt(3) == '-');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void hello() throws IOException {
        connection.at(Stage.EHLO);
        String name = server.helo.isEmpty() ? addressLiteral() : server.helo;
        String greeting = isLmtp() ? "LHLO" : "EHLO";
        extensions = Map.of();
        sendCommand(greeting, name);
        if (lastReply.permanent() && !isLmtp()) {
            sendCommand("HELO", name);
            connection.require(lastReply, "HELO at " + server.host);
            return;
        }
        connection.require(lastReply, greeting + " at " + server.host);
        Map<String, String> offered = new TreeMap<>();
        for (String line : lastReply.lines().subList(1, lastReply.lines().size())) {
            String[] words = line.strip().toUpperCase(Locale.ROOT).replaceFirst("^AUTH=", "AUTH ").split("\\s+", 2);
            offered.merge(words[0], words.length > 1 ? words[1] : "", (one, other) -> one + " " + other);
        }
        List.of(server.without.split(",")).forEach(offered::remove);
        extensions = offered;
    }

    private String addressLiteral() {
        String address = getLocalAddress().getHostAddress().replaceFirst("%.*", "");
        return address.contains(":") ? "[IPv6:" + address + "]" : "[" + address + "]";
    }

    boolean isLmtp() {
        return server.scheme.equals("lmtp");
    }

    boolean offers(String extension) {
        return extensions.containsKey(extension);
    }

    String parameter(String extension) {
        return extensions.getOrDefault(extension, "");
    }

    Connection connection() {
        return connection;
    }

    Wire wire() {
        return connection.wire();
    }
}

// ==== 11. SMTP: transactions =========================================================================================
// Envelope and body of each message (RFC 5321, 3.3), in flights where the server allows it, and what the replies mean.

/** Carries messages over a session, one after the other. Once a session is broken it takes no further command. */
final class Courier {
    /** Commands that wait for their replies at a time: so few that the socket buffers of both sides hold them. */
    private static final int WINDOW = 100;

    /** A reply that is due: to what, for whom, and what to do with it. */
    private record Due(Stage stage, Transaction transaction, Consumer<Reply> then) {
    }

    private final SmtpSession session;
    private final Wire wire;
    private final String host;
    private final Deque<Due> due = new ArrayDeque<>();
    private Optional<MailException> broken = Optional.empty();

    Courier(SmtpSession session) {
        this.session = session;
        wire = session.wire();
        host = session.connection().server().host;
    }

    boolean isBroken() {
        return broken.isPresent();
    }

    void refuseIfBroken() {
        if (broken.isPresent()) {
            throw broken.get();
        }
    }

    /** Sends a message, and leaves its last reply for the next {@code begin} or {@link #settle} to read. */
    void begin(Transaction transaction) {
        transaction.begins(host);
        broken.ifPresent(transaction::fail);
        orBreak(() -> {
            if (transaction.isOpen() && fits(transaction)) {
                envelope(transaction);
            }
            readDueReplies();
            if (transaction.isOpen() && broken.isEmpty()) {
                body(transaction);
            }
            if (transaction.needsReset() && broken.isEmpty()) {
                command(Stage.MAIL, transaction, "RSET", reply -> { });
            }
        }, Optional.of(transaction));
    }

    /** Sends all there is to send; says whether the end of the last message has been answered, or never will be. */
    boolean isAnswered() {
        try {
            if (broken.isEmpty()) {
                wire.flush();
            }
            return due.isEmpty() || wire.hasUnreadInput();
        } catch (LostConnection e) {
            return true;
        }
    }

    /** Reads every reply that is due. */
    void settle() {
        orBreak(this::readDueReplies, Optional.empty());
    }

    private interface Step {
        void run() throws IOException;
    }

    private void orBreak(Step step, Optional<Transaction> current) {
        try {
            step.run();
        } catch (IOException e) {
            breakWith(session.connection().explain(e));
        }
        broken.ifPresent(problem -> current.ifPresent(transaction -> transaction.fail(problem)));
    }

    private void readDueReplies() throws IOException {
        if (broken.isEmpty()) {
            wire.flush();
        }
        while (!due.isEmpty()) {
            readDueReply();
        }
    }

    private void readDueReply() throws IOException {
        Reply reply = session.readReply(due.peek().stage);
        Optional<Reply> farewell = due.size() == 1 ? unaskedFor(due.peek().stage) : Optional.empty();
        Due answered = due.poll();
        answered.then.accept(reply);
        Optional<Reply> last = farewell.or(() -> Optional.of(reply).filter(Courier::endsSession));
        last.ifPresent(words -> breakWith(MailException.refused(answered.stage, host + " ended the session", words)));
    }

    private static boolean endsSession(Reply reply) {
        return reply.code() == 421;
    }

    /** More replies than commands: one of them came too early, and only 421 may (RFC 5321, 3.8). */
    private Optional<Reply> unaskedFor(Stage at) throws IOException {
        try {
            if (broken.isPresent() || !wire.hasUnreadInput()) {
                return Optional.empty();
            }
        } catch (LostConnection e) {
            return Optional.empty();
        }
        Reply extra = session.readReply(at);
        if (!endsSession(extra)) {
            throw new MalformedReply("'" + extra + "' though nothing was left to answer");
        }
        return Optional.of(extra);
    }

    private void command(Stage at, Transaction transaction, String line, Consumer<Reply> then) throws IOException {
        if (due.isEmpty()) {
            unaskedFor(at).ifPresent(farewell -> breakWith(MailException.refused(at, host + " ended the session", farewell)));
        }
        if (broken.isPresent()) {
            return;
        }
        wire.writeLine(line, line);
        due.add(new Due(at, transaction, then));
        if (!session.offers("PIPELINING") || due.size() >= WINDOW) {
            readDueReplies();
        }
    }

    /** Refuses what the server's extensions rule out, before a command is sent. */
    private boolean fits(Transaction transaction) {
        Prepared mail = transaction.mail();
        String limit = session.parameter("SIZE");
        if (limit.matches("0*[1-9]\\d{0,17}") && mail.size() > Long.parseLong(limit)) {
            transaction.unfit("the message has " + mail.size() + " octets, " + host + " takes " + limit);
        } else if (mail.utf8() && !session.offers("SMTPUTF8")) {
            transaction.unfit("an address is not in ASCII, and " + host + " does not offer SMTPUTF8");
        } else if (mail.eightBit() && !session.offers("8BITMIME")) {
            transaction.unfit("the message has 8-bit text, and " + host + " does not offer 8BITMIME");
        }
        return transaction.isOpen();
    }

    private void envelope(Transaction transaction) throws IOException {
        Envelope envelope = transaction.mail().envelope();
        command(Stage.MAIL, transaction, mailCommand(transaction.mail()), transaction::mailReply);
        for (int i = 0; i < envelope.recipients().size() && transaction.isOpen(); i++) {
            int index = i;
            command(Stage.RCPT, transaction, recipientCommand(envelope, i, transaction.mail().utf8()), reply -> transaction.recipientReply(index, reply));
        }
        boolean atOnce = session.offers("PIPELINING") && !session.offers("CHUNKING") && !envelope.allOrNothing();
        if (atOnce && transaction.isOpen()) {
            command(Stage.DATA, transaction, "DATA", transaction::dataReply);
        }
        readDueReplies();
        if (transaction.decide() && !atOnce && !session.offers("CHUNKING")) {
            command(Stage.DATA, transaction, "DATA", transaction::dataReply);
            readDueReplies();
        }
        if (transaction.isStranded() && broken.isEmpty()) {
            // 354 although nobody may have it: an empty message gets us out (RFC 2920, 3.1).
            command(Stage.DATA, transaction, ".", reply -> { });
            readDueReplies();
        }
    }

    private String mailCommand(Prepared mail) {
        Envelope envelope = mail.envelope();
        boolean wantsNotices = !(envelope.notices() + envelope.ret() + envelope.envid()).isEmpty();
        if (wantsNotices && !session.offers("DSN")) {
            session.connection().server().warnings.accept(host + " sends no delivery notices on request (no DSN)");
        }
        String ret = session.offers("DSN") && !envelope.ret().isEmpty() ? " RET=" + envelope.ret() : "";
        String envid = session.offers("DSN") && !envelope.envid().isEmpty() ? " ENVID=" + Texts.xtext(envelope.envid()) : "";
        String body = session.offers("8BITMIME") && (mail.eightBit() || mail.utf8()) ? " BODY=8BITMIME" : "";
        String size = session.offers("SIZE") ? " SIZE=" + mail.size() : "";
        return "MAIL FROM:<" + envelope.reversePath() + ">" + size + body + (mail.utf8() ? " SMTPUTF8" : "") + ret + envid;
    }

    private String recipientCommand(Envelope envelope, int index, boolean utf8) {
        String address = envelope.recipients().get(index);
        boolean notices = session.offers("DSN") && !envelope.notices().isEmpty();
        String original = (utf8 ? "utf-8;" : "rfc822;") + Texts.xtext(address);
        return "RCPT TO:<" + address + ">" + (notices ? " NOTIFY=" + envelope.notices() + " ORCPT=" + original : "");
    }

    private void body(Transaction transaction) throws IOException {
        transaction.bodyBegins();
        BodyWriter writer = session.offers("CHUNKING") ? new ChunkWriter(transaction) : new DataWriter(transaction);
        try {
            transaction.mail().writeTo(writer);
            if (transaction.isOpen()) {
                writer.finish();
            }
        } catch (EarlyReply | LostConnection e) {
            earlyEnd(e);
        } catch (MalformedReply e) {
            throw e;
        } catch (IOException e) {
            breakWith(new MailException(Exit.IO, Stage.DATA, "can't read the message to its end: " + Texts.cause(e))
                    .hint("the connection was cut, nothing was delivered"));
        }
    }

    /** The server spoke or hung up before the body's end: what it said explains more than our failure to write. */
    private void earlyEnd(IOException e) {
        try {
            Reply reply = session.readReply(Stage.DATA);
            boolean refusal = reply.temporary() || reply.permanent();
            breakWith(refusal
                    ? MailException.refused(Stage.DATA, host + " refused the message before its end", reply)
                    : new MailException(Exit.PROTOCOL, Stage.DATA, host + " said '" + reply + "' before the message's end").hint("do not take it for delivered"));
        } catch (IOException silence) {
            breakWith(session.connection().explain(e instanceof EarlyReply ? silence : e));
        }
    }

    /** Takes a body; {@link #finish}, and nothing else, tells the server that it is whole. */
    private abstract class BodyWriter extends OutputStream {
        final Transaction transaction;
        private long count;

        BodyWriter(Transaction transaction) {
            this.transaction = transaction;
        }

        @Override
        public final void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public final void write(byte[] bytes, int offset, int length) throws IOException {
            long before = count;
            count += length;
            put(bytes, offset, length);
            if (before / Wire.BLOCK < count / Wire.BLOCK) {
                session.connection().server().progress.sent(count, transaction.mail().size());
            }
        }

        abstract void put(byte[] bytes, int offset, int length) throws IOException;

        abstract void putEnd() throws IOException;

        final void finish() throws IOException {
            if (count != transaction.mail().size()) {
                throw new IOException("it has " + count + " octets now, and had " + transaction.mail().size());
            }
            session.connection().server().progress.sent(count, count);
            putEnd();
        }

        final void refuseEarlyReply() throws IOException {
            if (wire.hasUnreadInput()) {
                throw new EarlyReply();
            }
        }

        /** LMTP answers for each recipient that it accepted (RFC 2033, 4.2), SMTP once for all. */
        final void expectFinalReplies() {
            List<List<Integer>> whose = session.isLmtp() ? transaction.accepted().stream().map(List::of).toList() : List.of(transaction.accepted());
            transaction.bodyEnds(whose.size());
            whose.forEach(recipients -> due.add(new Due(Stage.DATA, transaction, reply -> transaction.finalReply(recipients, reply))));
        }
    }

    /** DATA: a line that begins with a dot gets one more (RFC 5321, 4.5.2), and a lone dot ends it. */
    private final class DataWriter extends BodyWriter {
        private static final byte[] DOT = {'.'};
        private boolean lineStart = true;
        private int unwatched;

        DataWriter(Transaction transaction) {
            super(transaction);
        }

        @Override
        void put(byte[] bytes, int offset, int length) throws IOException {
            int run = offset;
            boolean atStart = lineStart;
            for (int i = offset; i < offset + length; i++) {
                if (atStart && bytes[i] == '.') {
                    wire.write(bytes, run, i - run);
                    wire.write(DOT, 0, 1);
                    run = i;
                }
                atStart = bytes[i] == '\n';
            }
            lineStart = atStart;
            wire.write(bytes, run, offset + length - run);
            unwatched += length;
            if (unwatched > Wire.BLOCK) {
                unwatched = 0;
                refuseEarlyReply();
            }
        }

        @Override
        void putEnd() throws IOException {
            if (transaction.mail().size() > Wire.BLOCK) {
                wire.flush();
            }
            refuseEarlyReply();
            wire.note("(" + transaction.mail().size() + " octets)");
            wire.writeLine(".", ".");
            expectFinalReplies();
        }
    }

    /** BDAT: counted blocks that go as they are (RFC 3030). */
    private final class ChunkWriter extends BodyWriter {
        private final byte[] block = new byte[Wire.BLOCK];
        private int used;

        ChunkWriter(Transaction transaction) {
            super(transaction);
        }

        @Override
        void put(byte[] bytes, int offset, int length) throws IOException {
            for (int from = offset; from < offset + length && transaction.isOpen();) {
                if (used == block.length) {
                    putBlock("");
                    due.add(new Due(Stage.DATA, transaction, transaction::chunkReply));
                    readRepliesThatCame();
                }
                int size = Math.min(offset + length - from, block.length - used);
                System.arraycopy(bytes, from, block, used, size);
                used += size;
                from += size;
            }
        }

        private void putBlock(String last) throws IOException {
            String command = "BDAT " + used + last;
            wire.writeLine(command, command);
            wire.write(block, 0, used);
            used = 0;
        }

        private void readRepliesThatCame() throws IOException {
            wire.flush();
            while (!due.isEmpty() && (!session.offers("PIPELINING") || due.size() >= WINDOW || wire.hasUnreadInput())) {
                readDueReply();
            }
        }

        @Override
        void putEnd() throws IOException {
            readDueReplies();
            if (transaction.isOpen()) {
                refuseEarlyReply();
                putBlock(" LAST");
                expectFinalReplies();
            }
        }
    }

    /** From here nothing can be sent, and whoever waits for a reply learns why none comes. */
    private void breakWith(MailException problem) {
        broken = Optional.of(broken.orElse(problem));
        session.connection().drop();
        while (!due.isEmpty()) {
            due.poll().transaction.fail(broken.get());
        }
    }

    Delivery delivery(Transaction transaction) {
        return transaction.delivery(session.connection().peer(), session.connection()::millis);
    }

    void close() {
        settle();
        if (broken.isEmpty()) {
            session.connection().sayGoodbye();
        }
    }
}

// ==== 12. SMTP: one message ==========================================================================================
// What a message asked and was answered, up to its outcome. Calls nobody.

/** Fetches the mails to come on a thread of its own, some of them while another is sent. */
final class Ahead implements AutoCloseable {
    private static final int MOST = 16;
    private static final long GLANCE_MILLIS = 1;
    private final ExecutorService fetcher = Executors.newSingleThreadExecutor(Ahead::thread);
    private final Iterator<Mail> mails;
    private final Deque<Future<Optional<Transaction>>> next = new ArrayDeque<>();
    private boolean over;

    Ahead(Iterator<Mail> mails) {
        this.mails = mails;
        IntStream.range(0, MOST).forEach(any -> next.add(fetcher.submit(this::fetch)));
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "mails");
        thread.setDaemon(true);
        return thread;
    }

    /** The caller's code is not asked again once it has thrown. */
    private Optional<Transaction> fetch() {
        boolean done = over;
        over = true;
        if (done || !mails.hasNext()) {
            return Optional.empty();
        }
        Mail mail = mails.next();
        over = false;
        return Optional.of(Transaction.of(mail));
    }

    boolean isReady() {
        try {
            next.peek().get(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException | InterruptedException e) {
            return true;
        }
    }

    /** The next mail, or none after the last; throws what the caller's code threw. */
    Optional<Transaction> take() {
        try {
            Optional<Transaction> taken = next.remove().get();
            next.add(fetcher.submit(this::fetch));
            return taken;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        fetcher.shutdownNow();
    }
}

/** The server answered a message that had not ended. */
final class EarlyReply extends IOException {
}

/** One message on its way: what was asked and answered, up to the outcome. */
final class Transaction {
    private static final Pattern QUEUE_ID = Pattern.compile("(?i)queued as <?([^\\s>]+)|\\bid=(\\S+)|^(\\w{8,}) Message accepted|^OK\\s+(\\d{9,}\\s\\S+)|^<[^>]+> (\\S+) saved");

    private final Optional<Prepared> mail;
    private final Reply[] answers;
    private final Reply[] outcomes;
    private Optional<MailException> failure;
    private String host = "";
    private int finalRepliesDue;
    private boolean begun;
    private boolean granted;
    private boolean ended;
    private long started;
    private long bodyStarted;
    private long finished;

    private Transaction(Optional<Prepared> mail, Optional<MailException> failure) {
        this.mail = mail;
        this.failure = failure;
        answers = new Reply[mail.map(prepared -> prepared.envelope().recipients().size()).orElse(0)];
        outcomes = new Reply[answers.length];
    }

    Transaction(Prepared mail) {
        this(Optional.of(mail), Optional.empty());
    }

    /** For a mail as it comes; one that is not fit to be sent has failed already. */
    static Transaction of(Mail mail) {
        try {
            return new Transaction(mail.prepare());
        } catch (MailException e) {
            return new Transaction(Optional.empty(), Optional.of(e));
        }
    }

    Prepared mail() {
        return mail.orElseThrow();
    }

    boolean isOpen() {
        return failure.isEmpty();
    }

    /** 354 came although nobody may have the message. */
    boolean isStranded() {
        return granted && !isOpen();
    }

    boolean needsReset() {
        return begun && !isOpen() && !ended;
    }

    void begins(String server) {
        host = server;
        started = System.nanoTime();
        bodyStarted = started;
        finished = started;
    }

    void mailReply(Reply reply) {
        begun = true;
        if (!reply.positive()) {
            fail(MailException.refused(Stage.MAIL, host + " refused the sender <" + mail().envelope().reversePath() + ">", reply)
                    .hint(Texts.senderHint(reply)));
        }
    }

    void recipientReply(int index, Reply reply) {
        if (isOpen()) {
            answers[index] = reply;
        }
    }

    void dataReply(Reply reply) {
        granted = reply.code() == 354;
        if (decide() && !granted) {
            fail(MailException.refused(Stage.DATA, host + " refused DATA", reply));
        }
    }

    void chunkReply(Reply reply) {
        if (!reply.positive() && isOpen()) {
            fail(MailException.refused(Stage.DATA, host + " refused the message", reply));
        }
    }

    /** Whether there is somebody to send to, now that every recipient has been answered. */
    boolean decide() {
        List<Reply> refusals = Stream.of(answers).filter(reply -> reply != null && !reply.positive()).toList();
        boolean nobody = refusals.size() == answers.length;
        if (isOpen() && (nobody || mail().envelope().allOrNothing() && !refusals.isEmpty())) {
            Reply telling = telling(refusals, nobody);
            String whom = answers.length == 1 ? "<" + mail().envelope().recipients().get(0) + ">" : nobody ? "all recipients" : "a recipient";
            fail(MailException.refused(Stage.RCPT, host + " refused " + whom, telling)
                    .hint(nobody ? "" : "nothing was sent to the others (--all-or-nothing)"));
        }
        return isOpen();
    }

    /** The refusal that decides: with everybody refused a temporary one leaves hope, with one of many one for good leaves none. */
    private static Reply telling(List<Reply> refusals, boolean nobody) {
        return refusals.stream().filter(nobody ? Reply::temporary : Reply::permanent).findFirst().orElse(refusals.get(0));
    }

    List<Integer> accepted() {
        return IntStream.range(0, answers.length).filter(i -> answers[i] != null && answers[i].positive()).boxed().toList();
    }

    void bodyBegins() {
        bodyStarted = System.nanoTime();
    }

    /** The end is on its way: from here the outcome is unknown until it is answered by so many replies. */
    void bodyEnds(int replies) {
        ended = true;
        finalRepliesDue = replies;
    }

    void finalReply(List<Integer> recipients, Reply reply) {
        finished = System.nanoTime();
        finalRepliesDue--;
        recipients.forEach(index -> outcomes[index] = reply);
        List<Reply> refusals = Stream.of(outcomes).filter(outcome -> outcome != null && !outcome.positive()).toList();
        if (finalRepliesDue == 0 && refusals.size() == accepted().size()) {
            failure = Optional.of(MailException.refused(Stage.DATA, host + " refused the message", telling(refusals, true)));
        }
    }

    void unfit(String why) {
        fail(new MailException(Exit.DATA, Stage.MAIL, why));
    }

    void fail(MailException problem) {
        boolean unknown = ended && finalRepliesDue > 0;
        if (unknown) {
            Exit exit = problem.exit() == Exit.PROTOCOL ? Exit.PROTOCOL : Exit.TEMPORARY;
            failure = Optional.of(new MailException(exit, Stage.DATA, problem.getMessage() + "; whether the message was accepted is unknown", false, Optional.empty())
                    .hint("look on the server before you send it again"));
        } else if (isOpen() && !ended) {
            failure = Optional.of(problem);
        }
    }

    private static Optional<String> firstGroup(Matcher found) {
        return IntStream.rangeClosed(1, found.groupCount()).mapToObj(found::group).filter(group -> group != null).findFirst();
    }

    Delivery delivery(Peer peer, BiFunction<Long, Long, Millis> times) {
        List<Recipient> recipients = new ArrayList<>();
        for (int i = 0; i < answers.length; i++) {
            boolean ok = outcomes[i] != null && outcomes[i].positive();
            boolean unknown = outcomes[i] == null && answers[i] != null && answers[i].positive();
            Optional<Reply> reply = unknown ? Optional.empty() : Optional.ofNullable(ok || outcomes[i] == null ? answers[i] : outcomes[i]);
            recipients.add(new Recipient(mail().envelope().recipients().get(i), ok, reply));
        }
        Optional<Reply> last = Stream.of(outcomes).filter(reply -> reply != null).reduce((first, second) -> second.positive() ? second : first);
        Optional<Matcher> id = last.filter(Reply::positive).map(reply -> QUEUE_ID.matcher(reply.text())).filter(Matcher::find);
        String queueId = id.flatMap(Transaction::firstGroup).orElse("");
        Millis millis = times.apply(bodyStarted - started, finished - bodyStarted);
        Delivery delivery = new Delivery(mail.map(Prepared::messageId).orElse(""), queueId, ended ? mail().size() : 0, peer, millis,
                last.or(() -> failure.flatMap(MailException::reply)), recipients, failure);
        failure.ifPresent(problem -> problem.delivery(delivery));
        return delivery;
    }
}

// ==== 13. POP3: the session ==========================================================================================
// Greeting, CAPA, STLS, login (RFC 1939, 2449, 2595, 5034), then commands in flights.

/** An open session with its server. Commons Net connects and does the handshake; each reply and content is read by the {@link Wire}. */
final class Pop3Session extends POP3SClient {
    static final String[] OPTIONAL = {"PIPELINING", "TOP", "UIDL"};
    private static final int LINE_LIMIT = 4 * 1024;
    private static final long CAPA_LIMIT = 64 * 1024;
    /** Commands on their way at a time: so few that the socket buffers of both sides hold them (RFC 2449, 6.8). */
    private static final int WINDOW = 100;
    private static final Pattern TIMESTAMP = Pattern.compile("<[!-;=?-~]+@[!-;=?-~]+>");
    private static final List<String> IN_CLEAR = List.of("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "APOP", "PLAIN", "LOGIN", "USER");
    private static final List<String> INSIDE_TLS = List.of("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "USER", "APOP");

    private final Server<?> server;
    private final Connection connection;
    private final Map<String, List<String>> capabilities = new LinkedHashMap<>();
    private Map<String, String> offered = Map.of();
    private boolean greeted;
    private boolean listed;
    private Reply lastReply = new Reply("+OK", "", List.of());

    /** What to do with the reply to the command for one message; of a multi-line one it reads the content. */
    interface Answer {
        void to(int number, Reply reply) throws IOException;
    }

    private Pop3Session(Connection connection) {
        super("TLS", false);
        this.connection = connection;
        server = connection.server();
        setTrustManager(connection.trust());
        connection.ourCertificate().ifPresent(this::setKeyManager);
        setEndpointCheckingEnabled(true);
        setEnabledProtocols(connection.tlsVersions());
    }

    static Pop3Session open(Server<?> server) {
        return Connection.open(server, connection -> {
            Pop3Session session = new Pop3Session(connection);
            session.start();
            return session;
        });
    }

    private void start() throws IOException {
        connection.connect(this);
        connection.require(lastReply, "the greeting of " + server.host);
        Matcher timestamp = TIMESTAMP.matcher(lastReply.text());
        String challenge = timestamp.find() ? timestamp.group() : "";
        askCapabilities(server.implicitTls() ? "TLS" : "clear");
        if (connection.startsTls("STLS", offers("STLS"))) {
            if (!execTLS()) {
                throw new MailException(Exit.POLICY, Stage.TLS, server.host + " refused STLS: " + lastReply, false, Optional.of(lastReply))
                        .hint("nothing was sent in clear");
            }
            connection.follow(_socket_, _input_, _output_);
            askCapabilities("TLS");
        }
        if (server.wantsLogin()) {
            connection.logIn(connection.isSecure() ? INSIDE_TLS : IN_CLEAR, mechanisms(challenge), mechanism -> logIn(mechanism, challenge));
            askCapabilities("login");
        }
    }

    /** In place of the library's, whose reader has no limits: the handshake, if that comes first, and the greeting. */
    @Override
    protected void _connectAction_() throws IOException {
        _hostname_ = server.peerName();
        _input_ = _socket_.getInputStream();
        _output_ = _socket_.getOutputStream();
        connection.connected();
        if (server.implicitTls()) {
            execTLS();
        }
        connection.follow(_socket_, _input_, _output_);
        lastReply = readReply(Stage.GREETING);
        greeted = true;
    }

    /** The library calls this within {@link #execTLS}; before the greeting there is nothing to ask for. */
    @Override
    public int sendCommand(String command, String argument) throws IOException {
        if (!greeted) {
            return POP3Reply.OK;
        }
        lastReply = ask(command, command);
        connection.refuseInjection();
        return lastReply.positive() ? POP3Reply.OK : POP3Reply.ERROR;
    }

    // ---- Logging in ----

    /** What the server can do (RFC 2449, 5); one that does not know CAPA can do what RFC 1939 asks for. */
    private void askCapabilities(String when) throws IOException {
        connection.at(Stage.CAPA);
        List<String> lines = new ArrayList<>();
        Map<String, String> found = new TreeMap<>();
        listed = ask("CAPA", "CAPA").positive();
        if (listed) {
            readLines(CAPA_LIMIT, lines::add);
            capabilities.put(when, lines);
        } else {
            found.put("USER", "");
        }
        for (String line : lines) {
            String[] words = line.strip().split("\\s+", 2);
            found.put(words[0].toUpperCase(Locale.ROOT), words.length > 1 ? words[1] : "");
        }
        List.of(server.without.split(",")).forEach(found::remove);
        offered = found;
    }

    private List<String> mechanisms(String challenge) {
        List<String> mechanisms = new ArrayList<>(List.of(offered.getOrDefault("SASL", "").toUpperCase(Locale.ROOT).split("\\s+")));
        mechanisms.removeIf(String::isEmpty);
        if (offers("USER")) {
            mechanisms.add("USER");
        }
        if (!challenge.isEmpty()) {
            mechanisms.add("APOP");
        }
        return mechanisms;
    }

    private Reply logIn(String mechanism, String challenge) throws IOException {
        return switch (mechanism) {
            case "USER" -> userAndPassword();
            case "APOP" -> ask("APOP " + server.user + " " + digest(challenge), "APOP " + server.user + " ****");
            default -> Login.run(mechanism, server, this::ask);
        };
    }

    private Reply userAndPassword() throws IOException {
        Reply reply = ask("USER " + server.user, "USER " + server.user);
        return reply.positive() ? ask("PASS " + Secrets.password(server), "PASS ****") : reply;
    }

    /** MD5 over the greeting's timestamp and the password (RFC 1939, 7). */
    private String digest(String challenge) {
        if (challenge.isEmpty()) {
            throw new MailException(Exit.AUTH, Stage.AUTH, server.host + " offers no APOP (its greeting has no timestamp)");
        }
        try {
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            return HexFormat.of().formatHex(md5.digest((challenge + Secrets.password(server)).getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- Commands ----

    boolean offers(String capability) {
        return offered.containsKey(capability);
    }

    /** Whether a command of RFC 1939's second rank is worth a try: it is offered, or nothing is known of what is. */
    boolean mayKnow(String command) {
        boolean turnedOff = List.of(server.without.split(",")).contains(command);
        return !turnedOff && (!listed || offers(command));
    }

    /** What CAPA said, by when it was asked: in clear, inside TLS, after login. */
    Map<String, List<String>> capabilities() {
        return capabilities;
    }

    Connection connection() {
        return connection;
    }

    Reply ask(String line, String shown) throws IOException {
        connection.send(line, shown);
        return readReply(connection.stage());
    }

    Reply ask(Stage at, String line) throws IOException {
        connection.at(at);
        return ask(line, line);
    }

    private Reply readReply(Stage at) throws IOException {
        connection.begin(at);
        String line = connection.wire().readLine(LINE_LIMIT);
        String status = line.startsWith("+OK") ? "+OK" : line.startsWith("-ERR") ? "-ERR" : line.startsWith("+") ? "+" : "";
        String words = line.substring(status.length());
        if (status.isEmpty() || !words.isEmpty() && words.charAt(0) != ' ') {
            throw new MalformedReply("'" + Texts.shortened(line) + "' instead of a reply");
        }
        connection.end();
        return Reply.of(status, List.of(words.strip()));
    }

    /** The lines of a multi-line reply. */
    void readLines(long limit, ContentLines.Taker each) throws IOException {
        ContentLines lines = new ContentLines(LINE_LIMIT, line -> {
            connection.wire().show(line);
            each.take(line);
        });
        connection.wire().readContent(lines, limit);
        lines.finish();
    }

    /** The content of a multi-line reply; each KB has its time. */
    void readContent(OutputStream out, long limit) throws IOException {
        connection.wire().readContent(out, limit);
    }

    /** Says QUIT and gives its answer time, as deletions depend on it; none if there was none. */
    Optional<Reply> quit() {
        connection.at(Stage.QUIT);
        try {
            return Optional.of(ask("QUIT", "QUIT"));
        } catch (IOException e) {
            return Optional.empty();
        } finally {
            connection.drop();
        }
    }

    /** Sends a command for each message, many in one flight where the server allows it, and hands over each reply in its order. */
    void forEach(Stage at, PrimitiveIterator.OfInt numbers, IntFunction<String> command, Answer answer) throws IOException {
        connection.at(at);
        int window = offers("PIPELINING") ? WINDOW : 1;
        Deque<Integer> sent = new ArrayDeque<>();
        while (numbers.hasNext() || !sent.isEmpty()) {
            boolean roomForMany = sent.size() <= window / 2;
            while (roomForMany && numbers.hasNext() && sent.size() < window) {
                int number = numbers.nextInt();
                String line = command.apply(number);
                connection.wire().writeLine(line, line);
                sent.add(number);
            }
            connection.wire().flush();
            answer.to(sent.remove(), readReply(at));
        }
    }
}

/** Takes the content of a listing, and hands over its lines; only CRLF ends one. */
final class ContentLines extends OutputStream {
    private final int limit;
    private final Taker each;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    private int last;

    /** Takes a line, or finds it malformed. */
    interface Taker {
        void take(String line) throws IOException;
    }

    ContentLines(int limit, Taker each) {
        this.limit = limit;
        this.each = each;
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int run = offset;
        for (int i = offset; i < offset + length; i++) {
            boolean ends = bytes[i] == '\n' && last == '\r';
            last = bytes[i];
            if (ends) {
                line.write(bytes, run, i + 1 - run);
                run = i + 1;
                finish();
            }
        }
        line.write(bytes, run, offset + length - run);
        if (line.size() > limit) {
            throw new MalformedReply("a line of over " + limit / 1024 + " KB");
        }
    }

    void finish() throws IOException {
        String text = line.toString(ISO_8859_1);
        line.reset();
        if (!text.isEmpty()) {
            each.take(text.endsWith("\r\n") ? text.substring(0, text.length() - 2) : text);
        }
    }
}

// ==== 14. MIME: composing ============================================================================================
// Makes a message of its parts: Commons Email and Jakarta Mail do header and multiparts, each part writes itself.

/** One header field that the user adds. */
record Field(String name, String value) {
    private static final Set<String> OURS = Set.of("mime-version", "content-type", "content-transfer-encoding");
    private static final Map<String, String> OPTIONS = Map.of("from", "-f", "to", "-t", "cc", "--cc", "bcc", "--bcc", "reply-to", "--reply-to", "subject", "-s", "resent-bcc", "--bcc");

    private static final Pattern FIELD = Pattern.compile("([!-9;-~]+)\\s*:\\s*(.*)");
    private static final Pattern ADDRESSES = Pattern.compile("(?i)(resent-)?(sender|from|to|cc)|disposition-notification-to|return-receipt-to|mail-followup-to");

    static Field parse(String field) {
        Matcher parts = FIELD.matcher(Texts.plain(Exit.DATA, "the header", field));
        if (!parts.matches()) {
            throw MailException.usage("can't read the header '" + field + "'").hint("write it as 'Name: value'");
        }
        String name = parts.group(1).toLowerCase(Locale.ROOT);
        if (OPTIONS.containsKey(name) || OURS.contains(name)) {
            throw MailException.usage("the header " + parts.group(1) + " is not set by -H")
                    .hint(OURS.contains(name) ? "it follows from the message" : "use " + OPTIONS.get(name));
        }
        return new Field(parts.group(1), parts.group(2));
    }

    /** The value encoded and folded, each line short enough (RFC 2047; RFC 5322, 2.1.1). */
    String encoded() {
        if (ADDRESSES.matcher(name).matches()) {
            return Addresses.list(name, Addresses.parse(name, value));
        }
        try {
            String folded = Words.folded(name, Texts.isAscii(value) ? value : MimeUtility.encodeText(value, "UTF-8", null));
            boolean fits = (name + ": " + folded).lines().allMatch(line -> line.length() < 998);
            return fits ? folded : Words.folded(name, Words.encoded(value));
        } catch (UnsupportedEncodingException e) {
            throw new IllegalStateException(e);
        }
    }
}

/** A file that goes with the message: base64, with its name as RFC 2231 wants it. */
record Attachment(Path file, long size, String type, String name, String contentId) {
    static Attachment parse(String given) {
        Texts.plain(Exit.DATA, "the attachment", given);
        if (Inputs.exists(given)) {
            return of(given, Map.of());
        }
        String[] parts = given.split(";");
        Map<String, String> attributes = new LinkedHashMap<>();
        Inputs.readable(parts.length == 0 ? "" : parts[0]);
        for (String part : List.of(parts).subList(Math.min(1, parts.length), parts.length)) {
            String[] pair = part.strip().split("=", 2);
            if (pair.length < 2 || !Set.of("type", "name", "charset").contains(pair[0])) {
                throw MailException.usage("can't read '" + part + "' in the attachment '" + given + "'")
                        .hint("write FILE;type=text/csv;name=report.csv");
            }
            attributes.put(pair[0], pair[1]);
        }
        return of(parts.length == 0 ? "" : parts[0], attributes);
    }

    static Attachment of(String given, Map<String, String> attributes) {
        Path original = Inputs.readable(given);
        Path file = Inputs.spooled(given);
        String name = Texts.plain(Exit.DATA, "the attachment's name", attributes.getOrDefault("name", String.valueOf(original.getFileName())).replaceFirst(".*/", ""));
        if (name.isEmpty()) {
            throw MailException.usage("the attachment '" + given + "' has an empty name");
        }
        String guess = Optional.ofNullable(URLConnection.guessContentTypeFromName(name)).orElse("application/octet-stream");
        String type = Texts.plain(Exit.DATA, "the attachment's type", attributes.getOrDefault("type", guess));
        if (!type.matches("[\\w!#$&^.+-]+/[\\w!#$&^.+-]+")) {
            throw MailException.usage("'" + type + "' is no media type").hint("write it as text/csv");
        }
        String charset = attributes.containsKey("charset") ? "; charset=" + Texts.word("charset", attributes.get("charset")) : "";
        return new Attachment(file, Inputs.size(file), type + charset, name, "");
    }

    static Attachment inline(String idAndFile) {
        String[] pair = Texts.plain(Exit.DATA, "the inline image", idAndFile).split("=", 2);
        if (pair.length < 2 || !pair[0].matches("[\\w.@+-]+")) {
            throw MailException.usage("can't read the inline image '" + idAndFile + "'").hint("write it as CID=FILE, such as logo=logo.png");
        }
        Attachment file = of(pair[1], Map.of());
        return new Attachment(file.file, file.size, file.type, file.name, pair[0]);
    }

    Part part() {
        List<String> header = new ArrayList<>();
        header.add("Content-Type: " + type + Words.parameter("name", name));
        header.add("Content-Transfer-Encoding: base64");
        header.add("Content-Disposition: " + (contentId.isEmpty() ? "attachment" : "inline") + Words.parameter("filename", name));
        if (!contentId.isEmpty()) {
            header.add("Content-ID: <" + contentId + ">");
        }
        return new Part(header, this::writeTo);
    }

    private void writeTo(OutputStream out) throws IOException {
        if (out instanceof Tally tally) {
            long lineEnds = Math.max(0, (size - 1) / 57);
            tally.add((size + 2) / 3 * 4 + 2 * lineEnds);
            return;
        }
        byte[] block = new byte[57 * 1024];
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

/** A part of a message: its header lines and its content, encoded. */
record Part(List<String> header, Source content) {
    /**
     * Text in UTF-8, in the encoding that leaves it most readable (RFC 2045, 6). What stands alone ends with a line end, as a
     * message does; in a multipart the line end belongs to the boundary (RFC 2046, 5.1.1).
     */
    static Part text(String text, String subtype, boolean alone) throws IOException {
        byte[] lines = canonical(text);
        String encoding = encodingOf(lines);
        byte[] encoded = encoding.equals("7bit") ? lines : encoded(lines, encoding);
        byte[] end = alone && !endsLine(encoded) ? CanonicalLines.CRLF : new byte[0];
        return new Part(List.of("Content-Type: text/" + subtype + "; charset=UTF-8", "Content-Transfer-Encoding: " + encoding), out -> {
            out.write(encoded);
            out.write(end);
        });
    }

    private static boolean endsLine(byte[] text) {
        return text.length == 0 || text[text.length - 1] == '\n';
    }

    private static byte[] canonical(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 64);
        CanonicalLines lines = new CanonicalLines(bytes);
        lines.write(text.getBytes(UTF_8));
        if (text.endsWith("\r")) {
            lines.finish();
        }
        return bytes.toByteArray();
    }

    private static String encodingOf(byte[] text) {
        int unprintable = 0;
        int longest = 0;
        int lineStart = 0;
        for (int i = 0; i < text.length; i++) {
            byte octet = text[i];
            if (octet == '\n') {
                longest = Math.max(longest, i - lineStart);
                lineStart = i + 1;
            } else if (octet < ' ' && octet != '\t' && octet != '\r' || octet == 127) {
                unprintable++;
            }
        }
        longest = Math.max(longest, text.length - lineStart);
        if (unprintable == 0 && longest < 998) {
            return "7bit";
        }
        return unprintable > text.length / 4 ? "base64" : "quoted-printable";
    }

    private static byte[] encoded(byte[] text, String encoding) throws IOException {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream(text.length * 3 / 2);
        try {
            OutputStream encoder = MimeUtility.encode(encoded, encoding);
            encoder.write(text);
            encoder.flush();
        } catch (MessagingException e) {
            throw new IOException(e);
        }
        return encoded.toByteArray();
    }

    void writeTo(OutputStream out) throws IOException {
        for (String line : header) {
            out.write((line + "\r\n").getBytes(UTF_8));
        }
        out.write(CanonicalLines.CRLF);
        content.writeTo(out);
    }
}

/** Composes a message: its header by Jakarta Mail, its multiparts by Commons Email, each part by itself. */
final class Composer {
    private final Mail mail;
    private final Map<String, String> fields = new LinkedHashMap<>();

    private Composer(Mail mail) {
        this.mail = mail;
    }

    static Prepared prepare(Mail mail) {
        List<Address> from = Addresses.complete(mail.people("From"), mail.domain);
        if (from.isEmpty()) {
            throw MailException.usage("no sender").hint("give -f ADDRESS");
        }
        String sender = Addresses.bare(from).findFirst().orElseThrow(() -> MailException.data("nobody is in the sender group"));
        Envelope envelope = Envelopes.of(mail, sender, Addresses.recipients(mail));
        try {
            Composer composer = new Composer(mail);
            composer.fillHeader(from, Envelopes.messageId(sender));
            return composer.prepared(envelope, composer.body());
        } catch (EmailException | MessagingException | IOException e) {
            throw MailException.data("can't compose the message: " + Texts.cause(e));
        }
    }

    private void fillHeader(List<Address> from, String messageId) {
        fields.put("Date", Envelopes.now());
        address("From", from);
        address("Sender", from.size() > 1 ? from.subList(0, 1) : List.of());
        for (String field : List.of("Reply-To", "To", "Cc")) {
            address(field, Addresses.complete(mail.people(field), mail.domain));
        }
        mail.subject.ifPresent(words -> fields.put("Subject", new Field("Subject", words).encoded()));
        fields.put("Message-ID", messageId);
        fields.put("MIME-Version", "1.0");
        mail.headers.forEach(field -> fields.keySet().removeIf(field.name()::equalsIgnoreCase));
    }

    private void address(String field, List<Address> addresses) {
        if (!addresses.isEmpty()) {
            fields.put(field, Addresses.list(field, addresses));
        }
    }

    private Prepared prepared(Envelope envelope, Part body) throws IOException {
        StringBuilder text = new StringBuilder();
        fields.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
        mail.headers.forEach(field -> text.append(field.name()).append(": ").append(field.encoded()).append("\r\n"));
        byte[] header = text.toString().getBytes(UTF_8);
        refuseLongLines(header);
        Source source = out -> {
            out.write(header);
            body.writeTo(out);
        };
        Tally tally = new Tally();
        source.writeTo(tally);
        boolean utf8 = header.length > text.length() || Envelopes.needUtf8(envelope);
        Optional<String> ownId = mail.headers.stream().filter(field -> field.name().equalsIgnoreCase("Message-ID")).map(Field::value).findFirst();
        return new Prepared(ownId.orElseGet(() -> fields.get("Message-ID")), envelope, tally.count(), utf8, utf8, List.copyOf(mail.warnings), source);
    }

    private static void refuseLongLines(byte[] header) {
        int length = 0;
        for (byte octet : header) {
            length = octet == '\n' ? 0 : length + 1;
            if (length > 999) {
                throw MailException.data("a line of the header would have more than 998 octets").hint("shorten names and addresses");
            }
        }
    }

    /** Alternatives within what is related to them within what is attached (RFC 2046, 5.1; RFC 2387). */
    private Part body() throws MessagingException, IOException, EmailException {
        List<Part> forms = new ArrayList<>();
        boolean alone = (mail.text.isEmpty() || mail.html.isEmpty()) && mail.inlines.isEmpty() && mail.attachments.isEmpty();
        if (mail.text.isPresent() || mail.html.isEmpty()) {
            forms.add(Part.text(mail.text.orElse(""), "plain", alone));
        }
        if (mail.html.isPresent()) {
            forms.add(Part.text(mail.html.get(), "html", alone));
        }
        Part shown = together("alternative", forms);
        Part withImages = together("related", followed(shown, mail.inlines));
        return together("mixed", followed(withImages, mail.attachments));
    }

    private static List<Part> followed(Part first, List<Attachment> attachments) {
        List<Part> parts = new ArrayList<>(List.of(first));
        for (Attachment attachment : attachments) {
            parts.add(attachment.part());
        }
        return parts;
    }

    private static Part together(String subtype, List<Part> parts) throws MessagingException, EmailException {
        return parts.size() == 1 ? parts.get(0) : Multipart.of(subtype, parts);
    }
}

/** Several parts as one, made by Commons Email. */
final class Multipart extends MultiPartEmail {
    static Part of(String subtype, List<Part> parts) throws MessagingException, EmailException {
        MimeMultipart container = new Multipart().getContainer();
        container.setSubType(subtype);
        for (Part part : parts) {
            container.addBodyPart(new Written(part));
        }
        return new Part(List.of("Content-Type: " + container.getContentType()), out -> write(container, out));
    }

    private static void write(MimeMultipart container, OutputStream out) throws IOException {
        try {
            container.writeTo(out);
        } catch (MessagingException e) {
            throw new IOException(e);
        }
    }

    /** A body part that leaves the writing to ours. */
    private static final class Written extends MimeBodyPart {
        private final Part part;

        Written(Part part) {
            this.part = part;
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            part.writeTo(out);
        }
    }
}

// ==== 15. MIME: what every message gets ==============================================================================
// An envelope, an id, a date, a size, and line ends as SMTP wants them; however the message came about.

/** What every message gets, however it came about: its envelope, an id, a date. */
final class Envelopes {
    private Envelopes() {
    }

    static Envelope of(Mail mail, String sender, List<String> recipients) {
        Map<String, String> once = new LinkedHashMap<>();
        for (String recipient : recipients) {
            int at = recipient.lastIndexOf('@');
            once.putIfAbsent(recipient.substring(0, at) + recipient.substring(at).toLowerCase(Locale.ROOT), recipient);
        }
        if (once.isEmpty()) {
            throw MailException.usage("no recipient").hint("give -t ADDRESS");
        }
        String reversePath = mail.envelopeFrom.map(given -> given.isBlank() ? "" : Addresses.single("the envelope sender", given, mail.domain)).orElse(sender);
        return new Envelope(reversePath, List.copyOf(once.values()), mail.notify, mail.ret, mail.envid, mail.allOrNothing);
    }

    static boolean needUtf8(Envelope envelope) {
        return !Texts.isAscii(envelope.reversePath() + String.join("", envelope.recipients()));
    }

    static String messageId(String sender) {
        String time = Long.toString(System.currentTimeMillis(), 36);
        String moment = Long.toString(System.nanoTime() & Long.MAX_VALUE, 36);
        String random = Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), 36);
        return "<" + time + "." + moment + "." + random + sender.substring(sender.lastIndexOf('@')) + ">";
    }

    /** The date of a message (RFC 5322, 3.3); the JDK's formatter and time zones take longer to load than all the rest. */
    static String now() {
        long now = System.currentTimeMillis();
        int offset = TimeZone.getDefault().getOffset(now) / 60_000;
        LocalDateTime time = LocalDateTime.ofEpochSecond(now / 1000 + offset * 60L, 0, ZoneOffset.UTC);
        String day = shortName(time.getDayOfWeek().name()) + ", " + time.getDayOfMonth() + " " + shortName(time.getMonth().name()) + " " + time.getYear();
        String clock = twoDigits(time.getHour()) + ":" + twoDigits(time.getMinute()) + ":" + twoDigits(time.getSecond());
        return day + " " + clock + (offset < 0 ? " -" : " +") + twoDigits(Math.abs(offset) / 60) + twoDigits(Math.abs(offset) % 60);
    }

    private static String shortName(String upperCase) {
        return upperCase.charAt(0) + upperCase.substring(1, 3).toLowerCase(Locale.ROOT);
    }

    private static String twoDigits(int number) {
        return number < 10 ? "0" + number : String.valueOf(number);
    }
}

/** Counts what it is given. */
final class Tally extends OutputStream {
    private long count;

    @Override
    public void write(int octet) {
        count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        count += length;
    }

    void add(long more) {
        count += more;
    }

    long count() {
        return count;
    }
}

/** Makes every line end CRLF, the last one too (RFC 5321, 2.3.8). */
final class CanonicalLines extends OutputStream {
    static final byte[] CRLF = {'\r', '\n'};
    private final OutputStream out;
    private int last = '\n';

    CanonicalLines(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int run = offset;
        int before = last;
        for (int i = offset; i < offset + length; i++) {
            byte octet = bytes[i];
            boolean bare = octet == '\n' ? before != '\r' : before == '\r';
            if (bare) {
                out.write(bytes, run, i - run);
                out.write(CRLF, octet == '\n' ? 0 : 1, 1);
                run = i;
            }
            before = octet;
        }
        last = before;
        out.write(bytes, run, offset + length - run);
    }

    void finish() throws IOException {
        if (last == '\r') {
            out.write(CRLF, 1, 1);
        } else if (last != '\n') {
            out.write(CRLF, 0, 2);
        }
        last = '\n';
    }
}

// ==== 16. MIME: addresses, long words, ready messages ================================================================
// Reads and writes what a header has, and messages that are ready: looked at, but sent as they are.

/** An address and the name before it or ""; or, without an address, a group and its members (RFC 5322, 3.4). */
record Address(String name, String address, List<Address> members) {
    boolean isGroup() {
        return address.isEmpty();
    }
}

/** Address lists as headers have them (RFC 5322, 3.4), and addresses as the envelope has them. */
final class Addresses {
    private Addresses() {
    }

    static List<Address> parse(String field, String list) {
        Texts.plain(Exit.DATA, "the address in " + field, list);
        if (isSimple(list)) {
            return List.of(new Address("", list, List.of()));
        }
        try {
            List<Address> addresses = read(InternetAddress.parse(list, true));
            if (addresses.isEmpty()) {
                throw new AddressException("it is empty", list);
            }
            return addresses;
        } catch (AddressException e) {
            throw MailException.data("can't read the address '" + list + "' in " + field + ": " + e.getMessage())
                    .hint("write it as name@example.org or Name <name@example.org>");
        }
    }

    private static List<Address> read(InternetAddress[] parsed) throws AddressException {
        List<Address> addresses = new ArrayList<>();
        for (InternetAddress one : parsed) {
            String name = one.isGroup() ? one.getAddress().substring(0, one.getAddress().indexOf(':')) : Objects.toString(one.getPersonal(), "");
            addresses.add(one.isGroup() ? new Address(name, "", read(one.getGroup(true))) : new Address(name, one.getAddress(), List.of()));
        }
        return addresses;
    }

    /** A bare address of letters, digits and single dots, as most are: not worth loading a parser. */
    private static boolean isSimple(String address) {
        int at = address.indexOf('@');
        boolean simple = at > 0 && at < address.length() - 1;
        char before = '.';
        for (int i = 0; i < address.length() && simple; i++) {
            char c = address.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' && i > at + 1 || c == '_' && i < at;
            boolean separator = (c == '.' || i == at) && before != '.' && before != '@' && before != '-';
            simple = letter || separator;
            before = c;
        }
        return simple && before != '.' && before != '-';
    }

    /** Each with its domain in ASCII (RFC 5891), and with the default domain where it has none. */
    static List<Address> complete(List<Address> addresses, String domain) {
        List<Address> complete = new ArrayList<>();
        for (Address one : addresses) {
            String address = one.isGroup() ? "" : complete(one.address(), domain);
            complete.add(new Address(one.name(), address, complete(one.members(), domain)));
        }
        return complete;
    }

    static String list(String field, List<Address> addresses) {
        return Words.folded(field, inHeader(addresses));
    }

    private static String inHeader(List<Address> addresses) {
        StringJoiner list = new StringJoiner(", ");
        addresses.forEach(address -> list.add(inHeader(address)));
        return list.toString();
    }

    static String inHeader(Address one) {
        if (one.isGroup()) {
            String name = Texts.isAscii(one.name()) ? one.name() : Words.encoded(one.name());
            return (name + ": " + inHeader(one.members())).strip() + ";";
        }
        boolean bare = one.name().isEmpty() && (isSimple(one.address()) || one.address().matches("[^()<>,;:\\\\\"\\[\\]]+"));
        return bare ? one.address() : (Words.phrase(one.name()) + " <" + one.address() + ">").strip();
    }

    static String complete(String address, String domain) {
        int at = address.endsWith("\"") ? -1 : address.lastIndexOf('@');
        if (at < 0 && domain.isEmpty()) {
            throw MailException.data("the address '" + address + "' has no domain")
                    .hint("write " + address + "@example.org, or give the account a domain");
        }
        return at < 0 ? address + "@" + asciiDomain(domain) : address.substring(0, at + 1) + asciiDomain(address.substring(at + 1));
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

    /** The addresses that the mail names itself. */
    static List<String> recipients(Mail mail) {
        return Stream.of("To", "Cc", "Bcc").flatMap(field -> bare(complete(mail.people(field), mail.domain))).toList();
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

/** Words of any length and letters where a header allows short ones in ASCII only. */
final class Words {
    private static final int OCTETS_PER_WORD = 42;
    private static final int CHARACTERS_PER_SEGMENT = 60;

    private Words() {
    }

    /** A field's value on lines of 76 characters where it has blanks; short ones do not trouble the library. */
    static String folded(String field, String value) {
        int column = field.length() + 2;
        return column + value.length() <= 76 ? value : MimeUtility.fold(column, value);
    }

    /** As encoded-words of at most 75 characters, none of them half a letter (RFC 2047, 2). */
    static String encoded(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder piece = new StringBuilder();
        for (int letter : text.codePoints().toArray()) {
            if ((piece + Character.toString(letter)).getBytes(UTF_8).length > OCTETS_PER_WORD) {
                words.add(encodedWord(piece.toString()));
                piece.setLength(0);
            }
            piece.appendCodePoint(letter);
        }
        words.add(encodedWord(piece.toString()));
        return String.join(" ", words);
    }

    private static String encodedWord(String text) {
        return "=?UTF-8?B?" + Base64.getEncoder().encodeToString(text.getBytes(UTF_8)) + "?=";
    }

    /** The name before an address. */
    static String phrase(String name) {
        boolean plain = name.matches("[\\w !#$%&'*+/=?^`{|}~-]*");
        boolean longWord = Stream.of(name.split(" ")).anyMatch(word -> word.length() > 200);
        if (longWord) {
            return encoded(name);
        }
        if (!Texts.isAscii(name)) {
            return shortEncoded(name);
        }
        return plain ? name : "\"" + name.replaceAll("([\\\\\"])", "\\\\$1") + "\"";
    }

    private static String shortEncoded(String text) {
        try {
            return MimeUtility.encodeWord(text, "UTF-8", null);
        } catch (UnsupportedEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A parameter on lines of its own, in segments where it is long (RFC 2231, 3 and 4). */
    static String parameter(String key, String value) {
        if (Texts.isAscii(value) && value.length() < CHARACTERS_PER_SEGMENT) {
            return ";\r\n\t" + key + "=\"" + value.replaceAll("([\\\\\"])", "\\\\$1") + "\"";
        }
        List<String> segments = new ArrayList<>();
        StringBuilder segment = new StringBuilder("UTF-8''");
        for (byte octet : value.getBytes(UTF_8)) {
            if (segment.length() >= CHARACTERS_PER_SEGMENT) {
                segments.add(segment.toString());
                segment.setLength(0);
            }
            segment.append((char) octet >= 128 || !String.valueOf((char) octet).matches("[\\w!#$&+.^`|~-]") ? "%%%02X".formatted(octet) : (char) octet);
        }
        segments.add(segment.toString());
        boolean single = segments.size() == 1;
        return String.join("", IntStream.range(0, segments.size()).mapToObj(n -> ";\r\n\t" + key + (single ? "*=" : "*" + n + "*=") + segments.get(n)).toList());
    }
}

/** A message that is ready: its header is read, its body only looked at and then copied. */
final class ReadyMessage {
    private static final Pattern FIELD = Pattern.compile("[!-9;-~]+[ \\t]*:|\r?\n");
    private final Path file;
    private final InternetHeaders header;
    private final Inspection body = new Inspection();

    private ReadyMessage(Path file) throws IOException, MessagingException {
        this.file = file;
        try (InputStream in = open(file)) {
            header = header(in);
            copyBody(in, body);
        }
    }

    static Prepared prepare(Mail mail) {
        refuseParts(mail);
        Path file = mail.eml.orElseThrow();
        if (Inputs.size(file) == 0) {
            throw MailException.data("the ready message is empty");
        }
        try {
            return new ReadyMessage(file).prepared(mail);
        } catch (IOException | MessagingException e) {
            throw new MailException(Exit.IO, Stage.INPUT, "can't read " + file + ": " + Texts.cause(e));
        }
    }

    private static void refuseParts(Mail mail) {
        Map<String, Boolean> parts = new LinkedHashMap<>();
        parts.put("--subject", mail.subject.isPresent());
        parts.put("--header", !mail.headers.isEmpty());
        parts.put("--text", mail.text.isPresent());
        parts.put("--html", mail.html.isPresent());
        parts.put("--attach", !mail.attachments.isEmpty());
        parts.put("--inline", !mail.inlines.isEmpty());
        parts.put("--reply-to", !mail.people("Reply-To").isEmpty());
        parts.forEach((option, given) -> {
            if (given) {
                throw MailException.contradiction("--eml", option);
            }
        });
    }

    /** The message's beginning, after a byte order mark, and after the line that mbox files and git put before it. */
    private static InputStream open(Path file) throws IOException {
        BufferedInputStream in = new BufferedInputStream(Files.newInputStream(file), Wire.BLOCK);
        skip(in, "\u00ef\u00bb\u00bf");
        boolean inLine = skip(in, "From ");
        while (inLine) {
            int octet = in.read();
            inLine = octet >= 0 && octet != '\n' && octet != '\r';
            if (octet == '\r') {
                skip(in, "\n");
            }
        }
        return in;
    }

    private static boolean skip(InputStream in, String expected) throws IOException {
        in.mark(expected.length());
        boolean there = new String(in.readNBytes(expected.length()), ISO_8859_1).equals(expected);
        if (!there) {
            in.reset();
        }
        return there;
    }

    /** What begins like no header field is a body without a header. */
    private static InternetHeaders header(InputStream in) throws IOException, MessagingException {
        in.mark(Wire.BLOCK / 2);
        boolean field = FIELD.matcher(new String(in.readNBytes(1000), ISO_8859_1)).lookingAt();
        in.reset();
        return field ? new InternetHeaders(in) : new InternetHeaders();
    }

    private static void copyBody(InputStream in, OutputStream out) throws IOException {
        CanonicalLines lines = new CanonicalLines(out);
        Inputs.copy(in, lines, Long.MAX_VALUE);
        lines.finish();
    }

    private Prepared prepared(Mail mail) throws IOException, MessagingException {
        List<Address> given = Addresses.complete(mail.people("From"), mail.domain);
        String sender = Addresses.bare(given).findFirst().or(() -> sender(mail.domain)).orElseThrow(() -> MailException.usage("no sender")
                .hint("give -f ADDRESS"));
        List<String> named = Addresses.recipients(mail);
        Envelope envelope = Envelopes.of(mail, sender, named.isEmpty() ? recipients(mail.domain) : named);
        Map<String, String> missing = new LinkedHashMap<>();
        missing.put("Date", Envelopes.now());
        missing.put("From", new String((given.isEmpty() ? sender : Addresses.inHeader(given.get(0))).getBytes(UTF_8), ISO_8859_1));
        missing.put("Message-ID", Envelopes.messageId(sender));
        missing.keySet().removeIf(name -> header.getHeader(name) != null);
        byte[] head = head(missing);
        body.write(head);
        if (body.nul) {
            throw MailException.data("the ready message has a NUL in it").hint("encode what is binary as base64");
        }
        boolean utf8 = Envelopes.needUtf8(envelope);
        List<String> warnings = body.longest > 998 ? List.of("a line has " + body.longest + " octets, more than the 998 of the standard; it goes as it is") : List.of();
        String messageId = missing.getOrDefault("Message-ID", header.getHeader("Message-ID", null));
        return new Prepared(messageId.strip(), envelope, body.size, utf8 || body.eightBit, utf8, warnings, out -> write(head, out));
    }

    private Optional<String> sender(String domain) {
        return Stream.of("Resent-From", "Sender", "From").flatMap(name -> Addresses.bare(Addresses.complete(addresses(name), domain))).findFirst();
    }

    /** What was missing, then the header as it was, line by line, but for Bcc; an empty line ends it. */
    private byte[] head(Map<String, String> missing) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        CanonicalLines lines = new CanonicalLines(head);
        for (String name : missing.keySet()) {
            lines.write((name + ": " + missing.get(name) + "\r\n").getBytes(ISO_8859_1));
        }
        for (String line : Collections.list(header.getNonMatchingHeaderLines(new String[] {"Bcc", "Resent-Bcc"}))) {
            lines.write(line.getBytes(ISO_8859_1));
            lines.write(CanonicalLines.CRLF);
        }
        lines.write(CanonicalLines.CRLF);
        return head.toByteArray();
    }

    private void write(byte[] head, OutputStream out) throws IOException {
        out.write(head);
        try (InputStream in = open(file)) {
            header(in);
            copyBody(in, out);
        } catch (MessagingException e) {
            throw new IOException(e);
        }
    }

    private List<Address> addresses(String name) {
        List<Address> all = new ArrayList<>();
        for (String value : Optional.ofNullable(header.getHeader(name)).orElse(new String[0])) {
            String unfolded = new String(value.getBytes(ISO_8859_1), UTF_8).replaceAll("[\r\n\t]+", " ").strip();
            if (!unfolded.isEmpty()) {
                all.addAll(Addresses.parse(name, unfolded));
            }
        }
        return all;
    }

    /** The header's recipients; those of a resent message are in fields of their own (RFC 5322, 3.6.6). */
    private List<String> recipients(String domain) {
        boolean resent = Stream.of("Resent-To", "Resent-Cc", "Resent-Bcc").anyMatch(name -> header.getHeader(name) != null);
        String prefix = resent ? "Resent-" : "";
        return Stream.of("To", "Cc", "Bcc").flatMap(name -> Addresses.bare(Addresses.complete(addresses(prefix + name), domain))).toList();
    }

    /** What a message asks of a server, seen as it passes. */
    private static final class Inspection extends OutputStream {
        private boolean nul;
        private boolean eightBit;
        private long size;
        private long length;
        private long longest;

        @Override
        public void write(int octet) {
            size++;
            nul |= octet == 0;
            eightBit |= (octet & 0x80) != 0;
            length = octet == '\n' ? 0 : length + 1;
            longest = octet == '\r' ? longest : Math.max(longest, length);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) {
            for (int i = offset; i < offset + count; i++) {
                write(bytes[i]);
            }
        }
    }
}

// ==== 17. Edges: options, accounts, secrets, files ===================================================================
// What the user gives us beside the message. Knows no protocol.

/** One option: its letter or "", its name, its argument or "" for a switch, and its help. */
record Option(String letter, String name, String argument, String help) {
    static final List<Option> HELP = List.of(new Option("h", "help", "", "show this help"));

    /** Titles and tables in turn. */
    @SuppressWarnings("unchecked")
    static Map<String, List<Option>> groups(Object... titlesAndTables) {
        Map<String, List<Option>> groups = new LinkedHashMap<>();
        for (int i = 0; i < titlesAndTables.length; i += 2) {
            groups.put((String) titlesAndTables[i], (List<Option>) titlesAndTables[i + 1]);
        }
        return groups;
    }

    boolean takesArgument() {
        return !argument.isEmpty();
    }

    String synopsis() {
        return ((letter.isEmpty() ? "    " : "-" + letter + ", ") + "--" + name + " " + argument).stripTrailing();
    }
}

/** The words after a command, checked against its options. */
record Arguments(CommandLine line) {
    static Arguments parse(Command command, List<String> words) {
        List<Option> table = command.allOptions();
        Options options = new Options();
        for (Option option : table) {
            String letter = option.letter().isEmpty() ? null : option.letter();
            options.addOption(new org.apache.commons.cli.Option(letter, option.name(), option.takesArgument(), null));
        }
        DefaultParser parser = DefaultParser.builder().setAllowPartialMatching(false).setStripLeadingAndTrailingQuotes(false).get();
        try {
            return new Arguments(parser.parse(options, glued(table, words).toArray(new String[0])));
        } catch (UnrecognizedOptionException e) {
            String word = e.getOption().replaceFirst("=.*", "");
            String near = Texts.nearest(word, table.stream().map(option -> "--" + option.name()).toList());
            throw MailException.usage("there is no option " + word).hint("did you mean " + near + "?");
        } catch (MissingArgumentException e) {
            throw MailException.usage("--" + e.getOption().getLongOpt() + " needs a value").hint("see mailtool " + command.name() + " --help");
        } catch (ParseException e) {
            throw MailException.usage(e.getMessage());
        }
    }

    /** A value may look like an option: {@code -s "-5 degrees"} becomes the one word {@code --subject=-5 degrees}. */
    private static List<String> glued(List<Option> table, List<String> words) {
        Map<String, String> takers = new LinkedHashMap<>();
        table.stream().filter(Option::takesArgument).forEach(option -> {
            takers.put("--" + option.name(), "--" + option.name());
            takers.put("-" + option.letter(), "--" + option.name());
        });
        List<String> glued = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            boolean taker = takers.containsKey(words.get(i)) && i + 1 < words.size();
            glued.add(taker ? takers.get(words.get(i)) + "=" + words.get(++i) : words.get(i));
        }
        return glued;
    }

    boolean has(String name) {
        return line.hasOption(name);
    }

    Optional<String> value(String name) {
        return Optional.ofNullable(line.getOptionValues(name)).map(values -> values[values.length - 1]);
    }

    List<String> operands() {
        return line.getArgList();
    }

    void refuseOperands(String hint) {
        if (!operands().isEmpty()) {
            throw MailException.usage("unexpected argument '" + operands().get(0) + "'").hint(hint);
        }
    }

    void refuseControls(List<Option> table) {
        for (Option option : table) {
            value(option.name()).ifPresent(value -> Texts.plain(Exit.USAGE, "--" + option.name(), value));
        }
    }

    void refuseBoth(String... names) {
        List<String> given = Stream.of(names).filter(this::has).toList();
        if (given.size() > 1) {
            throw MailException.contradiction("--" + given.get(0), "--" + given.get(1));
        }
    }

    /** Hands over those of the options that were given, in the order they were given in; a switch as "true". */
    void given(List<Option> table, BiConsumer<String, String> setting) {
        Set<String> names = new HashSet<>();
        table.forEach(option -> names.add(option.name()));
        for (org.apache.commons.cli.Option given : line.getOptions()) {
            if (names.contains(given.getLongOpt())) {
                setting.accept(given.getLongOpt(), given.getValue("true"));
            }
        }
    }
}

/** Where accounts stand. */
final class AccountFile {
    static final String HELP = """
            Accounts stand in a properties file: --config FILE, else mailtool/accounts in the user's config folder
            (~/.config, or what XDG_CONFIG_HOME says). A key is an account's name, a dot, and server, from, domain,
            password, pop3 or any option of "Connection and login" without its dashes (a switch is "= true"):

              default = work
              work.server = smtps://ops@mail.example.org
              work.from = Ops <ops@example.org>
              work.password-command = pass show mail/ops
              work.timeout = 20s

            A password is looked for in this order: --password-file or --password-command, MAILTOOL_PASSWORD, the
            account, .netrc, a prompt. A file that holds one must be readable by its owner alone (chmod 600).
            """;

    private AccountFile() {
    }

    static Optional<Account> account(Arguments arguments) {
        Optional<Path> file = arguments.value("config").map(Inputs::readable);
        boolean needed = !arguments.has("server") || arguments.has("account");
        return needed ? account(file, arguments.value("account")) : Optional.empty();
    }

    /** The account of that name, or the default one; none if nobody asked for one and there is none. */
    static Optional<Account> account(Optional<Path> given, Optional<String> wanted) {
        Path file = given.orElseGet(AccountFile::usualPlace);
        if (given.isEmpty() && !Files.exists(file)) {
            wanted.ifPresent(name -> {
                throw MailException.config("no account '" + name + "': there is no file " + file).hint("see mailtool help accounts");
            });
            return Optional.empty();
        }
        Properties all = new Properties();
        try {
            all.load(new StringReader(Inputs.text(file)));
        } catch (IOException | IllegalArgumentException e) {
            throw MailException.config("can't read " + file + ": " + e.getMessage());
        }
        if (all.stringPropertyNames().stream().anyMatch(key -> key.endsWith(".password"))) {
            Inputs.refuseIfOthersCanRead(file);
        }
        return wanted.or(() -> Optional.ofNullable(all.getProperty("default"))).map(name -> account(name.strip(), all, file));
    }

    private static Path usualPlace() {
        Optional<String> folder = Optional.ofNullable(System.getenv("XDG_CONFIG_HOME")).filter(set -> !set.isEmpty());
        return Path.of(folder.orElse(Inputs.home() + "/.config"), "mailtool", "accounts");
    }

    private static Account account(String name, Properties all, Path file) {
        Map<String, String> settings = new TreeMap<>();
        List<String> names = new ArrayList<>();
        for (String key : all.stringPropertyNames()) {
            names.add(key.replaceFirst("\\.?[^.]*$", ""));
            if (key.startsWith(name + ".")) {
                settings.put(key.substring(name.length() + 1), all.getProperty(key).strip());
            }
        }
        names.removeIf(String::isEmpty);
        if (settings.isEmpty()) {
            String hint = names.isEmpty() ? "see mailtool help accounts" : "did you mean " + Texts.nearest(name, names) + "?";
            throw MailException.config(file + " has no account '" + name + "'").hint(hint);
        }
        List<String> known = Stream.of(Account.OWN_KEYS.stream(), names(Server.OPTIONS), names(Server.SMTP_OPTIONS)).flatMap(each -> each).toList();
        for (String key : settings.keySet()) {
            if (!known.contains(key)) {
                throw MailException.config(file + ": '" + name + "." + key + "' means nothing")
                        .hint("did you mean " + name + "." + Texts.nearest(key, known) + "?");
            }
        }
        return new Account(name, settings);
    }

    private static Stream<String> names(List<Option> options) {
        return options.stream().map(Option::name);
    }
}

/** Where secrets come from; each is asked for when it is needed, and once. */
final class Secrets {
    private static final Pattern NETRC_WORD = Pattern.compile("\"((?:\\\\.|[^\"\\\\])*)\"|\\S+");

    private Secrets() {
    }

    static Optional<Supplier<String>> file(String file) {
        Path path = Inputs.readable(file);
        return Optional.of(() -> Inputs.text(path).lines().findFirst().orElse(""));
    }

    static Optional<Supplier<String>> command(String command) {
        return Optional.of(new Supplier<>() {
            private String answer;

            @Override
            public String get() {
                answer = answer == null ? output(command) : answer;
                return answer;
            }
        });
    }

    private static String output(String command) {
        try {
            Process process = new ProcessBuilder("/bin/sh", "-c", command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            int status = process.waitFor();
            String secret = output.lines().findFirst().orElse("");
            if (status != 0 || secret.isBlank()) {
                throw MailException.config("'" + command + "' gave no secret (exit " + status + ")").hint("run it by hand");
            }
            return secret;
        } catch (IOException e) {
            throw MailException.config("can't run '" + command + "': " + e.getMessage());
        } catch (InterruptedException e) {
            throw new MailException(Exit.INTERRUPTED, Stage.INPUT, "interrupted");
        }
    }

    static Optional<Supplier<String>> environment() {
        return Optional.ofNullable(System.getenv("MAILTOOL_PASSWORD")).map(password -> () -> password);
    }

    static String password(Server<?> server) {
        String password = server.secret.or(() -> netrc(server)).or(() -> prompt(server)).map(Supplier::get)
                .orElseThrow(() -> MailException.usage("no password for " + server.user)
                .hint("give --password-file, --password-command or MAILTOOL_PASSWORD"));
        if (password.isEmpty()) {
            throw MailException.config("the password for " + server.user + " is empty");
        }
        server.secret = Optional.of(() -> password);
        server.masked.add(password);
        return password;
    }

    static String token(Server<?> server) {
        String token = server.token.map(Supplier::get).orElseThrow(() -> MailException.usage("no OAuth token for " + server.user)
                .hint("give --token-command"));
        server.masked.add(token);
        return token;
    }

    /** Asks for everything that the login may need, so that nothing is missing once we are connected. */
    static void fetch(Server<?> server) {
        boolean byToken = Login.WITH_TOKEN.contains(server.auth) || server.auth.equals("AUTO") && server.token.isPresent();
        if (byToken) {
            token(server);
        } else if (server.wantsLogin() && !server.auth.equals("EXTERNAL")) {
            password(server);
        }
    }

    private static Optional<Supplier<String>> netrc(Server<?> server) {
        Path file = Path.of(Optional.ofNullable(System.getenv("NETRC")).orElse(Inputs.home() + "/.netrc"));
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        for (String entry : Inputs.text(file).replaceAll("(?m)^\\s*#.*$", "").split("(?<!\\S)(?=(machine|default)\\s)")) {
            Map<String, String> entries = new LinkedHashMap<>();
            Matcher words = NETRC_WORD.matcher(entry);
            while (words.find()) {
                String key = words.group();
                entries.put(key, key.equals("default") || !words.find() ? "" : unquoted(words));
            }
            boolean machine = entries.containsKey("default") || server.host.equalsIgnoreCase(entries.get("machine"));
            boolean user = server.user.equals(entries.getOrDefault("login", server.user));
            if (machine && user && entries.containsKey("password")) {
                Inputs.refuseIfOthersCanRead(file);
                return Optional.of(() -> entries.get("password"));
            }
        }
        return Optional.empty();
    }

    private static String unquoted(Matcher word) {
        return word.group(1) == null ? word.group() : word.group(1).replaceAll("\\\\(.)", "$1");
    }

    private static Optional<Supplier<String>> prompt(Server<?> server) {
        Console console = Terminal.hasConsole() ? System.console() : null;
        return Optional.ofNullable(console).map(there -> there.readPassword("Password of %s at %s: ", server.user, server.host)).map(typed -> () -> new String(typed));
    }
}

/** Files and streams that the user names. */
final class Inputs {
    private Inputs() {
    }

    /** Buffered, because a file stream would seek in a pipe. */
    private static InputStream stdin() {
        return new BufferedInputStream(new FileInputStream(FileDescriptor.in));
    }

    static Path path(String given) {
        try {
            return Path.of(given);
        } catch (InvalidPathException e) {
            throw new MailException(Exit.NO_INPUT, Stage.INPUT, "'" + Texts.escape(given) + "' is no file name").hint(e.getReason());
        }
    }

    static String home() {
        return Optional.ofNullable(System.getenv("HOME")).filter(set -> !set.isEmpty()).orElse(System.getProperty("user.home"));
    }

    static boolean exists(String given) {
        return !given.isEmpty() && given.indexOf('\0') < 0 && Files.exists(path(given));
    }

    static Path readable(String given) {
        Path file = path(given);
        String problem = given.isEmpty() ? "an empty file name" : !Files.exists(file) ? "no such file: " + given
                : Files.isDirectory(file) ? given + " is a folder" : !Files.isReadable(file) ? "can't read " + given : "";
        if (!problem.isEmpty()) {
            throw new MailException(Exit.NO_INPUT, Stage.INPUT, Texts.escape(problem));
        }
        return file;
    }

    static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new MailException(Exit.NO_INPUT, Stage.INPUT, "can't read " + file + ": " + Texts.cause(e));
        }
    }

    /** The file itself where it can be read again; else, for stdin and pipes, a private copy that goes when we go. */
    static Path spooled(String given) {
        boolean stdin = given.equals("-");
        Path file = stdin ? Path.of("-") : readable(given);
        if (!stdin && Files.isRegularFile(file) && size(file) > 0) {
            return file;
        }
        try (InputStream in = stdin ? stdin() : Files.newInputStream(file)) {
            Path copy = Files.createTempFile("mailtool", ".spool");
            copy.toFile().deleteOnExit();
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            return copy;
        } catch (IOException e) {
            throw new MailException(Exit.IO, Stage.INPUT, "can't read " + (stdin ? "stdin" : given) + ": " + Texts.cause(e));
        }
    }

    static long copy(InputStream in, OutputStream out, long limit) throws IOException {
        byte[] buffer = new byte[Wire.BLOCK];
        long copied = 0;
        int read = 0;
        while (copied < limit && read >= 0) {
            read = in.read(buffer, 0, (int) Math.min(buffer.length, limit - copied));
            out.write(buffer, 0, Math.max(read, 0));
            copied += Math.max(read, 0);
        }
        return copied;
    }

    /** A text file or, for {@code -}, stdin; one that is not in UTF-8 is taken for windows-1252. */
    static String text(String given, List<String> warnings) {
        boolean stdin = given.equals("-");
        Optional<Path> file = stdin ? Optional.empty() : Optional.of(readable(given));
        try (InputStream in = stdin ? stdin() : Files.newInputStream(file.orElseThrow())) {
            byte[] bytes = in.readAllBytes();
            try {
                return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString().replaceFirst("^\uFEFF", "");
            } catch (CharacterCodingException e) {
                warnings.add((stdin ? "stdin" : given) + " is not in UTF-8; taken for windows-1252");
                return new String(bytes, Charset.forName("windows-1252"));
            }
        } catch (IOException e) {
            throw new MailException(Exit.NO_INPUT, Stage.INPUT, "can't read " + (stdin ? "stdin" : given) + ": " + Texts.cause(e));
        }
    }

    static String text(Path file) {
        return text(file.toString(), new ArrayList<>());
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

// ==== 18. Edges: transcript, terminal, JSON, texts ===================================================================
// What the user gets to see.

/** The dialogue as a person may see it: times, directions, no secrets, no control characters. */
record Transcript(Optional<Consumer<String>> sink, long started, Set<String> masked) {
    void sent(String line) {
        show(">>> ", line);
    }

    void received(String line) {
        show("<<< ", line);
    }

    void note(String line) {
        show("*** ", line);
    }

    private void show(String direction, String line) {
        if (sink.isPresent()) {
            double seconds = (System.nanoTime() - started) / 1e9;
            sink.get().accept(String.format(Locale.ROOT, "%7.3f %s%s", seconds, direction, Texts.escape(Texts.masked(line, masked))));
        }
    }
}

/** stdin, stdout, stderr and what can be known of them. */
final class Terminal {
    final PrintStream out;
    final PrintStream err;
    private final boolean outIsTerminal;
    private final boolean errIsTerminal;
    private final boolean inIsPiped;
    private long lastProgress = System.nanoTime();

    Terminal(PrintStream out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal, boolean inIsPiped) {
        this.out = out;
        this.err = err;
        this.outIsTerminal = outIsTerminal;
        this.errIsTerminal = errIsTerminal;
        this.inIsPiped = inIsPiped;
    }

    static Terminal system() {
        PrintStream out = new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), Wire.BLOCK), false, UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8);
        return new Terminal(out, err, isTerminal(1), isTerminal(2), !isTerminal(0) && !target(0).equals("/dev/null"));
    }

    /** Linux tells for each stream; elsewhere there is a console if stdin and stdout both are terminals. */
    private static boolean isTerminal(int stream) {
        String target = target(stream);
        return target.isEmpty() ? hasConsole() : target.matches("/dev/(pts/|tty|console).*");
    }

    private static String target(int stream) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + stream)).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    static boolean hasConsole() {
        return System.console() != null;
    }

    boolean inputIsPiped() {
        return inIsPiped;
    }

    boolean errorIsTerminal() {
        return errIsTerminal;
    }

    /** Prints to stdout and makes sure that it got there. */
    void print(String text) {
        out.print(text);
        out.flush();
        if (out.checkError()) {
            throw new MailException(Exit.OUTPUT, Stage.INPUT, "can't write to stdout");
        }
    }

    void warn(String what) {
        err.println("mailtool: warning: " + Texts.escape(what));
    }

    Exit failed(MailException problem, boolean json) {
        if (json) {
            out.println(Json.of(problem));
            out.flush();
            return problem.exit();
        }
        String hint = problem.hint().isEmpty() ? "" : "; " + problem.hint();
        err.println("mailtool: " + Texts.escape(problem.getMessage() + hint));
        problem.delivery().filter(delivery -> delivery.recipients().size() > 1).ifPresent(this::refused);
        return problem.exit();
    }

    Exit delivered(Delivery delivery, boolean json) {
        if (json) {
            print(Json.of(delivery) + "\n");
            return delivery.exit();
        }
        List<Recipient> refused = delivery.refused();
        int accepted = delivery.recipients().size() - refused.size();
        if (!refused.isEmpty()) {
            err.println("mailtool: " + accepted + " of " + delivery.recipients().size() + " recipients got it, refused were:");
            refused(delivery);
        } else if (outIsTerminal) {
            String id = delivery.queueId().isEmpty() ? "" : ", queued as " + delivery.queueId();
            print("sent to " + delivery.recipients().get(0).address() + (accepted > 1 ? " and " + (accepted - 1) + " more" : "") + Texts.escape(id) + "\n");
        }
        return delivery.exit();
    }

    private void refused(Delivery delivery) {
        delivery.refused().forEach(recipient -> recipient.reply().ifPresent(reply -> err.println("mailtool:   <" + Texts.escape(recipient.address()) + "> " + reply)));
    }

    /** A bar on stderr, ten times a second at most. */
    void progress(long octets, long total) {
        boolean done = octets >= total;
        if (total > 1_000_000 && (done || System.nanoTime() - lastProgress > 100_000_000)) {
            lastProgress = System.nanoTime();
            int width = (int) (30 * octets / Math.max(1, total));
            err.print("\r[" + "#".repeat(width) + " ".repeat(30 - width) + "] " + octets / 1_000_000 + " of " + total / 1_000_000 + " MB" + (done ? "\r\033[K" : ""));
        }
    }
}

/** The outcome as one JSON object, with null for what there was not. */
final class Json {
    private static final Delivery NOTHING = new Delivery("", "", 0, Peer.NONE, Millis.NONE, Optional.empty(), List.of(), Optional.empty());

    private Json() {
    }

    static String of(MailException problem) {
        return outcome(problem.exit(), Optional.of(problem), problem.delivery().orElse(NOTHING));
    }

    static String of(Delivery delivery) {
        return outcome(delivery.exit(), delivery.ok() ? Optional.empty() : Optional.of(delivery.problem()), delivery);
    }

    private static String outcome(Exit exit, Optional<MailException> problem, Delivery delivery) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ok", exit == Exit.OK);
        json.put("exit", exit.code);
        json.put("stage", problem.map(found -> Texts.name(found.stage())).orElse(null));
        json.put("error", problem.map(MailException::getMessage).orElse(null));
        json.put("retryable", problem.map(MailException::retryable).orElse(false));
        json.putAll(reply(problem.flatMap(MailException::reply).or(delivery::reply)));
        json.put("hint", problem.map(found -> text(found.hint())).orElse(null));
        json.put("messageId", text(delivery.messageId()));
        json.put("queueId", text(delivery.queueId()));
        json.put("bytes", delivery.bytes());
        json.put("host", text(delivery.peer().host()));
        json.put("address", text(delivery.peer().address()));
        json.put("tls", members("version", text(delivery.peer().tlsVersion()), "cipher", text(delivery.peer().cipher())));
        Millis millis = delivery.millis();
        json.put("millis", members("connect", millis.connect(), "tls", millis.tls(), "auth", millis.auth(),
                "envelope", millis.envelope(), "data", millis.data(), "total", millis.total()));
        json.put("recipients", delivery.recipients().stream().map(Json::recipient).toList());
        return written(json);
    }

    static String of(Optional<Totals> totals, Map<String, List<String>> capabilities, Peer peer) {
        Map<String, Object> json = members("ok", true, "exit", 0, "messages", totals.map(Totals::messages).orElse(null), "octets", totals.map(Totals::octets).orElse(null),
                "host", text(peer.host()), "address", text(peer.address()), "tls", members("version", text(peer.tlsVersion()), "cipher", text(peer.cipher())));
        json.put("capabilities", capabilities);
        return written(json);
    }

    private static String written(Map<String, Object> json) {
        return Texts.escapedInJson(new GsonBuilder().serializeNulls().disableHtmlEscaping().create().toJson(json));
    }

    private static Map<String, Object> recipient(Recipient recipient) {
        Map<String, Object> json = members("address", recipient.address(), "ok", recipient.ok());
        json.putAll(reply(recipient.reply()));
        return json;
    }

    private static Map<String, Object> reply(Optional<Reply> reply) {
        return members("code", reply.map(Reply::code).orElse(null), "enhanced", reply.map(found -> text(found.enhanced())).orElse(null),
                "reply", reply.map(Reply::text).orElse(null));
    }

    private static Map<String, Object> members(Object... namesAndValues) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            members.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return members;
    }

    private static String text(String value) {
        return value.isEmpty() ? null : value;
    }
}

/** Words in and words out. */
final class Texts {
    /** Controls, and what turns the direction of text. */
    private static final Pattern UNSHOWABLE = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]");

    private Texts() {
    }

    static String plain(Exit exit, String what, String value) {
        if (hasControl(value)) {
            throw new MailException(exit, Stage.INPUT, what + " has a control character: '" + escape(value) + "'");
        }
        return value;
    }

    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean paired = Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1));
            if (Character.isISOControl(c) || Character.isSurrogate(c) && !paired) {
                return true;
            }
            i += paired ? 1 : 0;
        }
        return false;
    }

    static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 127) {
                return false;
            }
        }
        return true;
    }

    static String encodable(String what, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i)) && text.codePointAt(i++) < 0x10000) {
                throw MailException.data(what + " has half a character (a lone surrogate)");
            }
        }
        return text;
    }

    static String escape(String text) {
        return UNSHOWABLE.matcher(text).replaceAll(found -> String.format("\\\\x%02x", (int) found.group().charAt(0)));
    }

    static String escapedInJson(String json) {
        return UNSHOWABLE.matcher(json).replaceAll(found -> String.format("\\\\u%04x", (int) found.group().charAt(0)));
    }

    static String masked(String line, Set<String> secrets) {
        String text = line;
        for (String secret : secrets) {
            text = secret.length() < 3 ? text : text.replace(secret, "****").replace(Base64.getEncoder().encodeToString(secret.getBytes(UTF_8)), "****");
        }
        return text;
    }

    static String shortened(String text) {
        return escape(text.length() > 80 ? text.substring(0, 80) + "…" : text);
    }

    static String name(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }

    static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }

    static boolean hasCause(Throwable problem, Class<? extends Throwable> kind) {
        return kind.isInstance(problem) || problem.getCause() != null && hasCause(problem.getCause(), kind);
    }

    /** The innermost message, which says most. */
    static String cause(Throwable problem) {
        boolean deeper = problem.getCause() != null && problem.getCause().getMessage() != null && !(problem instanceof CertificateException);
        return deeper ? cause(problem.getCause()) : Optional.ofNullable(problem.getMessage()).orElse(problem.getClass().getSimpleName());
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

    static String oneOf(String option, String given, String... choices) {
        return Stream.of(choices).filter(given::equalsIgnoreCase).findFirst().orElseThrow(() -> MailException
                .usage(option + " does not take '" + given + "'").hint("it takes " + String.join(", ", choices).toLowerCase(Locale.ROOT)));
    }

    static String words(String option, String given, String... choices) {
        return String.join(",", Stream.of(given.split("[ ,]+")).map(word -> oneOf(option, word, choices)).distinct().toList());
    }

    static String word(String option, String given) {
        if (!plain(Exit.USAGE, option, given).matches("\\S+")) {
            throw MailException.usage(option + " takes one word, not '" + given + "'");
        }
        return given;
    }

    static int number(String option, String given) {
        if (!given.matches("\\d{1,6}")) {
            throw MailException.usage(option + " takes a number, not '" + given + "'");
        }
        return Integer.parseInt(given);
    }

    static Duration duration(String option, String given) {
        Matcher parts = Pattern.compile("([1-9]\\d{0,8})(ms|s|m|h)?").matcher(given);
        if (!parts.matches()) {
            throw MailException.usage(option + " does not take '" + given + "'").hint("write 500ms, 30s or 2m");
        }
        long number = Long.parseLong(parts.group(1));
        return switch (Optional.ofNullable(parts.group(2)).orElse("s")) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofSeconds(number);
        };
    }

    static int port(String digits) {
        int port = digits.isEmpty() ? 0 : Integer.parseInt(digits);
        if (port > 65535 || port == 0 && !digits.isEmpty()) {
            throw MailException.usage("there is no port " + digits);
        }
        return port;
    }

    static String userOfUrl(String encoded) {
        if (encoded.contains(":")) {
            throw MailException.usage("a password does not belong in a URL, others can see it")
                    .hint("use --password-file or --password-command; a colon in a user name is %3A");
        }
        try {
            return plain(Exit.USAGE, "the user", URLDecoder.decode(encoded.replace("+", "%2B"), UTF_8));
        } catch (IllegalArgumentException e) {
            throw MailException.usage("can't read the user '" + encoded + "' in the URL").hint("a percent sign is %25");
        }
    }

    static String withoutPassword(String url) {
        return url.replaceFirst("(?s)(://[^:@]*):.*@", "$1:****@");
    }

    /** The choice that takes the fewest changes of letters. */
    static String nearest(String word, List<String> choices) {
        Comparator<String> begun = Comparator.comparing(choice -> !choice.startsWith(word));
        return choices.stream().min(begun.thenComparingInt(choice -> distance(word, choice))).orElseThrow();
    }

    private static int distance(String one, String other) {
        int[] costs = IntStream.rangeClosed(0, other.length()).toArray();
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = costs[0];
            costs[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = costs[j];
                costs[j] = Math.min(changed, 1 + Math.min(costs[j], costs[j - 1]));
            }
        }
        return costs[other.length()];
    }

    static String senderHint(Reply reply) {
        return reply.code() == 530 || reply.text().matches("(?i).*authenticat.*") ? "the server wants a login: give -u USER" : "";
    }

    /** What a refused login usually means at this provider. */
    static String loginHint(String host, Reply reply) {
        String provider = host.toLowerCase(Locale.ROOT);
        String words = reply.text().toLowerCase(Locale.ROOT);
        if (reply.temporary()) {
            return "try again later";
        }
        if (provider.matches(".*(gmail|google|yahoo|aol|icloud|me)\\.com") || words.matches(".*(application-specific|app) password.*")) {
            return "it wants an app password instead of your own: create one in the account's security settings";
        }
        if (provider.matches(".*(qq|163|126|foxmail)\\.com|.*yeah\\.net")) {
            return "it wants an authorization code instead of your password: create one in the webmail's settings";
        }
        if (provider.matches(".*(outlook|office365|hotmail|live)\\.com") || words.contains("basic authentication is disabled")) {
            return "it wants OAuth: --auth XOAUTH2 --token-command COMMAND, or an app password";
        }
        return "check user name and password";
    }
}
