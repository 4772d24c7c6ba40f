package mailtool;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A POP3 server that behaves well in everything a test doesn't tell it otherwise. Its maildrop outlives connections, so that a run can be repeated.
 * Configure, then {@link #start()}.
 *
 * <p>A command of a rule is meant by its words: {@code RETR 1} is not {@code RETR 10}, and {@code RETR} is all of them. {@link #on} replaces the answer to
 * every such command, {@link #once} to the next one only; the rule named first wins. An answer that begins with +OK has its usual consequence: DELE marks,
 * QUIT removes, STLS starts TLS. An answer that is spoilt on its way ({@link #cut}, {@link #trickle}, {@link #altered}) has it too, one by a script never.
 */
final class FakePop3 implements AutoCloseable {
    static final String USER = "ops";
    static final String PASSWORD = "correct horse";
    static final String TIMESTAMP = "<1896.697170952@fake.example.org>";
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int BLOCK = 65_536;
    private static final Rule USUAL = new Rule("", false, Optional.empty(), List.of(), ScriptedPeer::write);

    private final List<Mail> maildrop = new CopyOnWriteArrayList<>();
    private final List<Mail> removed = new CopyOnWriteArrayList<>();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final List<String> missing = new CopyOnWriteArrayList<>();
    private final AtomicInteger mostInFlight = new AtomicInteger();
    private String greeting = "+OK fake.example.org ready";
    private List<String> keywords = List.of("USER", "TOP", "UIDL", "RESP-CODES");
    private List<String> keywordsUnderTls;
    private List<String> keywordsAfterLogin;
    private InetAddress address = LocalPorts.LOOPBACK;
    private SSLContext tls;
    private Consumer<SSLSocket> tlsSettings = socket -> { };
    private boolean implicitTls;
    private Duration patience = Duration.ZERO;
    private String user = USER;
    private String password = PASSWORD;
    private ScriptedServer server;

    /** A message in the maildrop. Two may have the same UID. */
    static final class Mail {
        private final String uid;
        private final byte[] content;

        private Mail(String uid, byte[] content) {
            this.uid = uid;
            this.content = content;
        }

        String uid() {
            return uid;
        }

        byte[] content() {
            return content;
        }
    }

    /** How an answer gets to the client. */
    interface Delivery {
        void deliver(ScriptedPeer peer, byte[] answer) throws Exception;
    }

    /** What a command meets: a script that does it all by hand, else an answer, the usual one where it is empty, and its way to the client. */
    record Rule(String command, boolean onlyOnce, Optional<ScriptedServer.Script> script, List<String> answer, Delivery delivery) {
        private boolean matches(String line) {
            String given = line.strip().toUpperCase(Locale.ROOT);
            String wanted = command.toUpperCase(Locale.ROOT);
            return given.equals(wanted) || given.startsWith(wanted + " ");
        }
    }

    // The maildrop

    /** Adds a message, now or between two runs. Its bytes go out as they are, dots stuffed, with a CRLF at the end if it has none. */
    FakePop3 message(String uid, byte[] content) {
        maildrop.add(new Mail(uid, content));
        return this;
    }

    /** One byte a character. */
    FakePop3 message(String uid, String content) {
        return message(uid, content.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** So many small messages with the UIDs uid-1, uid-2 and so on, and the subjects subject-1, subject-2. */
    FakePop3 messages(int count) {
        for (int number = 1; number <= count; number++) {
            message("uid-" + number, "From: a@example.org\r\nSubject: subject-" + number + "\r\n\r\nbody of " + number + "\r\n");
        }
        return this;
    }

    /** Another client has removed it, so that later numbers shift. */
    FakePop3 withdraw(String uid) {
        maildrop.removeIf(mail -> mail.uid().equals(uid));
        return this;
    }

    /** The UIDs of what is still there, in their order. */
    List<String> uidsLeft() {
        return maildrop.stream().map(Mail::uid).toList();
    }

    /** The UIDs of what QUIT has removed, in the order of its removal. */
    List<String> uidsRemoved() {
        return removed.stream().map(Mail::uid).toList();
    }

    // What it offers

    FakePop3 greeting(String line) {
        this.greeting = line;
        return this;
    }

    /** Greets with a timestamp and takes APOP. */
    FakePop3 apop() {
        return greeting("+OK fake.example.org ready " + TIMESTAMP);
    }

    /** The lines of the answer to CAPA; STLS comes by itself with {@link #tls}. */
    FakePop3 capa(String... lines) {
        this.keywords = List.of(lines);
        return this;
    }

    /** Those after STLS, where they differ. */
    FakePop3 capaUnderTls(String... lines) {
        this.keywordsUnderTls = List.of(lines);
        return this;
    }

    /** Those after login, where they differ. */
    FakePop3 capaAfterLogin(String... lines) {
        this.keywordsAfterLogin = List.of(lines);
        return this;
    }

    FakePop3 pipelining() {
        List<String> more = new ArrayList<>(keywords);
        more.add("PIPELINING");
        this.keywords = List.copyOf(more);
        return this;
    }

    /** A command that it doesn't know and doesn't offer: TOP, UIDL, CAPA and so on. */
    FakePop3 without(String verb) {
        missing.add(verb);
        return this;
    }

    /** Offers STLS. */
    FakePop3 tls(SSLContext context) {
        this.tls = context;
        return this;
    }

    /** TLS from the first byte. */
    FakePop3 implicitTls(SSLContext context) {
        this.tls = context;
        this.implicitTls = true;
        return this;
    }

    /** For example {@code socket -> socket.setNeedClientAuth(true)}. */
    FakePop3 tlsSettings(Consumer<SSLSocket> settings) {
        this.tlsSettings = settings;
        return this;
    }

    /** Who can log in, by USER, APOP and every mechanism of {@link SaslServer}. What is offered says {@link #capa}: {@code "SASL PLAIN LOGIN"}. */
    FakePop3 login(String user, String password) {
        this.user = user;
        this.password = password;
        return this;
    }

    FakePop3 address(InetAddress address) {
        this.address = address;
        return this;
    }

    /** Answers the first RETR of a flight only when the client has sent nothing more for a while, so that {@link #mostInFlight()} counts all it sends ahead. */
    FakePop3 patient() {
        this.patience = PATIENCE;
        return this;
    }

    // What it does wrong

    FakePop3 on(String command, String... answerLines) {
        return add(command, false, List.of(answerLines), ScriptedPeer::write);
    }

    FakePop3 on(String command, ScriptedServer.Script script) {
        rules.add(new Rule(command, false, Optional.of(script), List.of(), ScriptedPeer::write));
        return this;
    }

    FakePop3 once(String command, String... answerLines) {
        return add(command, true, List.of(answerLines), ScriptedPeer::write);
    }

    FakePop3 once(String command, ScriptedServer.Script script) {
        rules.add(new Rule(command, true, Optional.of(script), List.of(), ScriptedPeer::write));
        return this;
    }

    /** Sends so many bytes of the usual answer, all of it if it is shorter; then the script ends it: hang up, {@code close}, {@code reset}, {@code stall}. */
    FakePop3 cut(String command, int afterBytes, ScriptedServer.Script end) {
        return add(command, false, List.of(), cutting(afterBytes, end));
    }

    /** Cuts the answer to the next such command only. */
    FakePop3 cutOnce(String command, int afterBytes, ScriptedServer.Script end) {
        return add(command, true, List.of(), cutting(afterBytes, end));
    }

    /** The usual answer, byte by byte. */
    FakePop3 trickle(String command, Duration pause) {
        return add(command, false, List.of(), (peer, answer) -> peer.trickle(text(answer), pause));
    }

    /** The usual answer with something done to its text: {@code answer -> answer.replace("\r\n", "\n")}. */
    FakePop3 altered(String command, UnaryOperator<String> change) {
        return add(command, false, List.of(), (peer, answer) -> peer.write(change.apply(text(answer))));
    }

    /** The beginning, and then the same again until the client has gone: an endless line, listing or body. */
    FakePop3 endless(String command, String beginning, String repeated) {
        String block = repeated.repeat(Math.max(1, BLOCK / repeated.length()));
        return on(command, peer -> {
            peer.write(beginning);
            while (true) {
                peer.write(block);
            }
        });
    }

    private FakePop3 add(String command, boolean onlyOnce, List<String> answer, Delivery delivery) {
        rules.add(new Rule(command, onlyOnce, Optional.empty(), answer, delivery));
        return this;
    }

    private static Delivery cutting(int afterBytes, ScriptedServer.Script end) {
        return (peer, answer) -> {
            peer.write(Arrays.copyOf(answer, Math.min(afterBytes, answer.length)));
            end.play(peer);
        };
    }

    private static String text(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    FakePop3 start() {
        server = ScriptedServer.startOn(address, this::serve);
        return this;
    }

    private void serve(ScriptedPeer peer) throws Exception {
        if (implicitTls) {
            peer.startTls(tls, tlsSettings);
        }
        new FakePop3Session(this, peer).serve();
    }

    // What came

    int port() {
        return server.port();
    }

    /** The URL of this server with the scheme that fits, without a user. */
    String url() {
        return scheme() + "://" + host() + ":" + port();
    }

    /** With {@link #USER}. */
    String userUrl() {
        return url(user);
    }

    String url(String name) {
        return scheme() + "://" + name + "@" + host() + ":" + port();
    }

    private String scheme() {
        return implicitTls ? "pop3s" : "pop3";
    }

    private String host() {
        return address.isLoopbackAddress() ? "localhost" : address.getHostAddress();
    }

    /** The commands of all connections in their order, without the lines of an AUTH exchange. */
    List<String> commands() {
        return List.copyOf(commands);
    }

    /** Those of this verb. */
    List<String> commands(String verb) {
        return commands.stream().filter(command -> FakePop3Session.verb(command).equals(verb)).toList();
    }

    /** How many commands at most had been sent when the first of them was answered; more than one only from a client that pipelines. */
    int mostInFlight() {
        return mostInFlight.get();
    }

    List<ScriptedPeer> peers() {
        return server.peers();
    }

    /** The connection of this number, counted from 0; waits for it. */
    ScriptedPeer peer(int number) {
        return server.peer(number);
    }

    /** Waits until all connections so far are over. */
    FakePop3 awaitEnd() {
        server.awaitEnd();
        return this;
    }

    // For the session

    String greeting() {
        return greeting;
    }

    List<String> keywords(boolean underTls, boolean afterLogin) {
        List<String> all = new ArrayList<>(keywords);
        if (underTls && keywordsUnderTls != null) {
            all = new ArrayList<>(keywordsUnderTls);
        }
        if (afterLogin && keywordsAfterLogin != null) {
            all = new ArrayList<>(keywordsAfterLogin);
        }
        if (tls != null && !underTls) {
            all.add("STLS");
        }
        all.removeIf(line -> isMissing(FakePop3Session.verb(line)));
        return all;
    }

    boolean isMissing(String verb) {
        return missing.contains(verb);
    }

    /** What this command meets; a rule for one command is spent with that. */
    Rule rule(String command) {
        Optional<Rule> found = rules.stream().filter(rule -> rule.matches(command)).findFirst();
        found.filter(Rule::onlyOnce).ifPresent(rules::remove);
        return found.orElse(USUAL);
    }

    List<Mail> maildrop() {
        return List.copyOf(maildrop);
    }

    void remove(List<Mail> marked) {
        maildrop.removeAll(marked);
        removed.addAll(marked);
    }

    void note(String command) {
        commands.add(command);
    }

    void noteInFlight(int count) {
        mostInFlight.accumulateAndGet(count, Math::max);
    }

    Duration patience() {
        return patience;
    }

    SSLContext tlsContext() {
        return tls;
    }

    String user() {
        return user;
    }

    String password() {
        return password;
    }

    @Override
    public void close() {
        server.close();
    }
}
