package mailtool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** One connection to a {@link FakePop3}: RFC 1939, 2449, 2595 and 5034. */
final class FakePop3Session {
    private static final Set<String> BEFORE_LOGIN = Set.of("CAPA", "STLS", "USER", "PASS", "APOP", "AUTH", "QUIT");
    private static final Set<String> AFTER_LOGIN = Set.of("CAPA", "STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "RSET", "NOOP", "QUIT");
    private static final List<String> NO_SUCH_MESSAGE = List.of("-ERR no such message");

    private final FakePop3 server;
    private final ScriptedPeer peer;
    private final Deque<String> ahead = new ArrayDeque<>();
    private final Set<Integer> marked = new TreeSet<>();
    private List<FakePop3.Mail> mails = List.of();
    private String name = "";
    private boolean loggedIn;
    private boolean over;

    FakePop3Session(FakePop3 server, ScriptedPeer peer) {
        this.server = server;
        this.peer = peer;
    }

    void serve() throws Exception {
        peer.say(server.greeting());
        while (!over) {
            String command = next();
            obey(command, verb(command));
        }
    }

    static String verb(String command) {
        return command.split(" ", 2)[0].toUpperCase(Locale.ROOT);
    }

    /** The next command; all that have come by now, or come within the server's patience with a flight's first RETR, are in flight with it. */
    private String next() throws IOException {
        boolean first = ahead.isEmpty();
        if (first) {
            read();
        }
        Duration patience = first && verb(ahead.element()).equals("RETR") ? server.patience() : Duration.ZERO;
        while (peer.hasMoreWithin(patience)) {
            read();
        }
        server.noteInFlight(ahead.size());
        return ahead.remove();
    }

    private void read() throws IOException {
        String line = peer.readLine();
        server.note(line);
        ahead.add(line);
    }

    private void obey(String command, String verb) throws Exception {
        FakePop3.Rule rule = server.rule(command);
        if (rule.script().isPresent()) {
            rule.script().get().play(peer);
            return;
        }
        List<String> lines = rule.answer().isEmpty() ? usual(command, verb) : rule.answer();
        boolean accepted = lines.get(0).startsWith("+OK");
        if (accepted) {
            take(command, verb);
        }
        // QUIT ends the connection whatever becomes of the answer.
        over = verb.equals("QUIT");
        rule.delivery().deliver(peer, octets(lines));
        if (accepted && verb.equals("STLS")) {
            peer.startTls(server.tlsContext());
        }
    }

    // Answers

    /** The answer's lines, the bodies among them one byte a character and with their own line ends. */
    private List<String> usual(String command, String verb) throws IOException {
        Set<String> known = loggedIn ? AFTER_LOGIN : BEFORE_LOGIN;
        if (!known.contains(verb) || server.isMissing(verb)) {
            return List.of("-ERR unknown command, or not now");
        }
        String[] words = command.strip().split(" +");
        return switch (verb) {
            case "CAPA" -> listing("+OK", server.keywords(peer.tls() != null, loggedIn));
            case "STLS" -> yes(server.tlsContext() != null && peer.tls() == null);
            case "USER" -> List.of("+OK");
            case "PASS" -> login(name.equals(server.user()) && argument(command).equals(server.password()));
            case "APOP" -> login(argument(command).equals(server.user() + " " + digest()));
            case "AUTH" -> login(proves(command));
            case "STAT" -> List.of("+OK " + visible().size() + " " + visible().stream().mapToLong(this::size).sum());
            case "LIST" -> about(words, number -> Long.toString(size(number)));
            case "UIDL" -> about(words, number -> mails.get(number - 1).uid());
            case "RETR" -> number(words).map(number -> body(number, text(number))).orElse(NO_SUCH_MESSAGE);
            case "TOP" -> number(words).map(number -> body(number, top(text(number), Integer.parseInt(words[2])))).orElse(NO_SUCH_MESSAGE);
            case "DELE" -> number(words).map(number -> List.of("+OK")).orElse(NO_SUCH_MESSAGE);
            default -> List.of("+OK");
        };
    }

    private static List<String> yes(boolean accepted) {
        return List.of(accepted ? "+OK" : "-ERR no");
    }

    private static List<String> login(boolean accepted) {
        return List.of(accepted ? "+OK welcome" : "-ERR [AUTH] authentication failed");
    }

    private List<String> about(String[] words, Function<Integer, String> fact) {
        if (words.length > 1) {
            return number(words).map(number -> List.of("+OK " + number + " " + fact.apply(number))).orElse(NO_SUCH_MESSAGE);
        }
        return listing("+OK " + visible().size() + " messages", visible().stream().map(number -> number + " " + fact.apply(number)).toList());
    }

    private static List<String> listing(String first, List<String> rest) {
        List<String> lines = new ArrayList<>(List.of(first));
        lines.addAll(rest);
        lines.add(".");
        return lines;
    }

    private String text(int number) {
        return new String(mails.get(number - 1).content(), StandardCharsets.ISO_8859_1);
    }

    private List<String> body(int number, String text) {
        // Only a dot after CRLF is one at the beginning of a line (RFC 1939 section 3); a bare LF is content.
        String stuffed = ("\r\n" + text).replace("\r\n.", "\r\n..").substring(2);
        String ended = stuffed.isEmpty() || stuffed.endsWith("\r\n") ? stuffed : stuffed + "\r\n";
        return List.of("+OK " + size(number) + " octets", ended + ".");
    }

    /** The header, and so many lines after the empty one. */
    private static String top(String text, int bodyLines) {
        int end = headerLength(text);
        for (int line = 0; line < bodyLines && end < text.length(); line++) {
            int next = text.indexOf("\r\n", end);
            end = next < 0 ? text.length() : next + 2;
        }
        return text.substring(0, end);
    }

    private static int headerLength(String text) {
        if (text.startsWith("\r\n")) {
            return 2;
        }
        int end = text.indexOf("\r\n\r\n");
        return end < 0 ? text.length() : end + 4;
    }

    private static byte[] octets(List<String> lines) {
        return (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    // Messages

    private List<Integer> visible() {
        List<Integer> numbers = new ArrayList<>();
        for (int number = 1; number <= mails.size(); number++) {
            if (!marked.contains(number)) {
                numbers.add(number);
            }
        }
        return numbers;
    }

    private Optional<Integer> number(String[] words) {
        if (words.length < 2 || !words[1].matches("\\d{1,9}")) {
            return Optional.empty();
        }
        int number = Integer.parseInt(words[1]);
        return number >= 1 && number <= mails.size() && !marked.contains(number) ? Optional.of(number) : Optional.empty();
    }

    private long size(int number) {
        return mails.get(number - 1).content().length;
    }

    // Logins

    private boolean proves(String command) throws IOException {
        String[] words = command.split(" ", 3);
        if (words.length < 2) {
            return false;
        }
        SaslServer sasl = new SaslServer(peer, "+ ", server.user(), server.password());
        try {
            return sasl.accepts(words[1], words.length == 3 ? Optional.of(words[2]) : Optional.empty());
        } catch (IllegalArgumentException e) {
            // "*" takes the exchange back (RFC 5034 section 4).
            return false;
        }
    }

    private String digest() {
        try {
            byte[] text = (FakePop3.TIMESTAMP + server.password()).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    // Consequences

    private void take(String command, String verb) {
        switch (verb) {
            case "USER" -> name = argument(command);
            case "PASS", "APOP", "AUTH" -> open();
            case "DELE" -> number(command.strip().split(" +")).ifPresent(marked::add);
            case "RSET" -> marked.clear();
            case "QUIT" -> server.remove(marked.stream().map(number -> mails.get(number - 1)).toList());
            default -> {
                // The answer was all.
            }
        }
    }

    private void open() {
        loggedIn = true;
        mails = server.maildrop();
    }

    private static String argument(String command) {
        int space = command.indexOf(' ');
        return space < 0 ? "" : command.substring(space + 1);
    }
}
