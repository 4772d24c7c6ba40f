package mailtool;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import org.junit.jupiter.api.Assertions;

/**
 * An SMTP or LMTP server that behaves well in everything a test doesn't tell it otherwise, and keeps what it was sent. Configure, then {@link #start()}.
 *
 * <p>{@link #on} replaces the answer to every command that begins so; {@link #once} the answer to the next such command only. The end of a message, by dot or by
 * the last BDAT, counts as the command {@code .}, in LMTP once for each recipient as {@code . <address>}. An answer beginning with 354, 220 to STARTTLS, or
 * 250 to MAIL and RCPT has its usual consequence.
 */
final class FakeSmtp implements AutoCloseable {
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final List<Received> attempts = new CopyOnWriteArrayList<>();
    private List<String> greeting = List.of("220 fake.example.org ESMTP");
    private List<String> keywords = List.of();
    private List<String> keywordsUnderTls;
    private InetAddress address = LocalPorts.LOOPBACK;
    private int port;
    private SSLContext tls;
    private Consumer<SSLSocket> tlsSettings = socket -> { };
    private boolean implicitTls;
    private boolean lmtp;
    private boolean holding;
    private int finalRepliesToHold;
    private int mostRecipients = Integer.MAX_VALUE;
    private String tooManyRecipients;
    private Optional<String> refusalOfAll = Optional.empty();
    private int mostMails = Integer.MAX_VALUE;
    private String tooManyMails = "421 4.7.0 too many messages in this session";
    private String user;
    private String password;
    private ScriptedServer server;

    /** What answers a command: reply lines, or a script that does it all by hand. */
    record Rule(String prefix, boolean onlyOnce, List<String> reply, ScriptedServer.Script script) {
        private boolean matches(String command) {
            return command.toUpperCase(Locale.ROOT).startsWith(prefix.toUpperCase(Locale.ROOT));
        }
    }

    record Recipient(String address, List<String> parameters) {
    }

    /** A message that came to its end, unstuffed. Chunks are the sizes of BDAT, empty with DATA. The user is null without a login. */
    record Received(String from, List<String> parameters, List<Recipient> recipients, byte[] content, List<Integer> chunks,
        boolean underTls, String user, boolean accepted) {
        /** One byte a character. */
        String text() {
            return new String(content, StandardCharsets.ISO_8859_1);
        }

        List<String> to() {
            return recipients.stream().map(Recipient::address).toList();
        }
    }

    /** The keywords of the EHLO reply, one a line; STARTTLS comes by itself with {@link #tls}. */
    FakeSmtp ehlo(String... keywords) {
        this.keywords = List.of(keywords);
        return this;
    }

    /** The keywords after STARTTLS, where they differ. */
    FakeSmtp ehloUnderTls(String... keywords) {
        this.keywordsUnderTls = List.of(keywords);
        return this;
    }

    FakeSmtp greeting(String... lines) {
        this.greeting = List.of(lines);
        return this;
    }

    FakeSmtp on(String commandPrefix, String... replyLines) {
        rules.add(new Rule(commandPrefix, false, List.of(replyLines), null));
        return this;
    }

    FakeSmtp on(String commandPrefix, ScriptedServer.Script script) {
        rules.add(new Rule(commandPrefix, false, null, script));
        return this;
    }

    FakeSmtp once(String commandPrefix, String... replyLines) {
        rules.add(new Rule(commandPrefix, true, List.of(replyLines), null));
        return this;
    }

    FakeSmtp once(String commandPrefix, ScriptedServer.Script script) {
        rules.add(new Rule(commandPrefix, true, null, script));
        return this;
    }

    /** Offers STARTTLS. */
    FakeSmtp tls(SSLContext context) {
        this.tls = context;
        return this;
    }

    /** TLS from the first byte. */
    FakeSmtp implicitTls(SSLContext context) {
        this.tls = context;
        this.implicitTls = true;
        return this;
    }

    /** For example {@code socket -> socket.setNeedClientAuth(true)}. */
    FakeSmtp tlsSettings(Consumer<SSLSocket> settings) {
        this.tlsSettings = settings;
        return this;
    }

    /** Who can log in, with any mechanism of {@link SaslServer}. What is offered says {@link #ehlo}: {@code "AUTH PLAIN LOGIN"}. */
    FakeSmtp login(String user, String password) {
        this.user = user;
        this.password = password;
        return this;
    }

    FakeSmtp lmtp() {
        this.lmtp = true;
        return this;
    }

    /** Holds the replies to MAIL, RCPT and RSET back until a command that ends a group comes (RFC 2920): only a client that pipelines gets further. */
    FakeSmtp holdReplies() {
        this.holding = true;
        return this;
    }

    /** Holds also the replies to the end of the first so many messages: only a client that goes on with the next envelope at once gets further. */
    FakeSmtp holdFinalReplies(int count) {
        this.holding = true;
        this.finalRepliesToHold = count;
        return this;
    }

    /** How many recipients a transaction may have, and the answer to each further one. */
    FakeSmtp recipientsAtMost(int count, String reply) {
        mostRecipients = count;
        tooManyRecipients = reply;
        return this;
    }

    /** After too many recipients the message itself is refused, too. */
    FakeSmtp thenRefusingAll(String reply) {
        refusalOfAll = Optional.of(reply);
        return this;
    }

    /** How many MAIL commands a session may have; to a further one the answer is 421. */
    FakeSmtp mailsAtMost(int count) {
        mostMails = count;
        return this;
    }

    FakeSmtp mailsAtMost(int count, String reply) {
        tooManyMails = reply;
        return mailsAtMost(count);
    }

    FakeSmtp address(InetAddress address) {
        this.address = address;
        return this;
    }

    FakeSmtp port(int port) {
        this.port = port;
        return this;
    }

    FakeSmtp start() {
        server = ScriptedServer.startOn(address, port, this::serve);
        return this;
    }

    private void serve(ScriptedPeer peer) throws Exception {
        if (implicitTls) {
            peer.startTls(tls, tlsSettings);
        }
        new FakeSmtpSession(this, peer).serve();
    }

    // What came

    int port() {
        return server.port();
    }

    /** The URL of this server with the scheme that fits, by address; add a user with {@link #url(String)}. */
    String url() {
        return scheme() + "://" + host() + ":" + port();
    }

    String url(String user) {
        return scheme() + "://" + user + "@" + host() + ":" + port();
    }

    private String scheme() {
        if (lmtp) {
            return "lmtp";
        }
        return implicitTls ? "smtps" : "smtp";
    }

    private String host() {
        return address.isLoopbackAddress() ? "localhost" : address.getHostAddress();
    }

    /** The accepted messages of all connections, in their order. */
    List<Received> messages() {
        return attempts.stream().filter(Received::accepted).toList();
    }

    /** The one accepted message. */
    Received message() {
        Assertions.assertEquals(1, messages().size(), "messages accepted");
        return messages().get(0);
    }

    /** All messages that came to their end, also those refused or never answered. */
    List<Received> attempts() {
        return List.copyOf(attempts);
    }

    /** The commands of all connections in their order; without lines of an AUTH exchange and without bodies. */
    List<String> commands() {
        return List.copyOf(commands);
    }

    /** Connections so far; see also {@link #peer(int)}. */
    List<ScriptedPeer> peers() {
        return server.peers();
    }

    ScriptedPeer peer(int number) {
        return server.peer(number);
    }

    /** Waits until all connections so far are over. */
    FakeSmtp awaitEnd() {
        server.awaitEnd();
        return this;
    }

    // For the session

    List<String> greeting() {
        return greeting;
    }

    List<String> keywords(boolean underTls) {
        List<String> all = new ArrayList<>(underTls && keywordsUnderTls != null ? keywordsUnderTls : keywords);
        if (tls != null && !underTls) {
            all.add("STARTTLS");
        }
        return all;
    }

    Optional<Rule> rule(String command) {
        Optional<Rule> found = rules.stream().filter(rule -> rule.matches(command)).findFirst();
        found.filter(Rule::onlyOnce).ifPresent(rules::remove);
        return found;
    }

    void note(String command) {
        commands.add(command);
    }

    void note(Received message) {
        attempts.add(message);
    }

    SSLContext tlsContext() {
        return tls;
    }

    Consumer<SSLSocket> tlsSettings() {
        return tlsSettings;
    }

    boolean isLmtp() {
        return lmtp;
    }

    boolean isHolding() {
        return holding;
    }

    synchronized boolean holdsFinalReply() {
        boolean holds = finalRepliesToHold > 0;
        finalRepliesToHold--;
        return holds;
    }

    int mostRecipients() {
        return mostRecipients;
    }

    String tooManyRecipients() {
        return tooManyRecipients;
    }

    Optional<String> refusalOfAll() {
        return refusalOfAll;
    }

    int mostMails() {
        return mostMails;
    }

    String tooManyMails() {
        return tooManyMails;
    }

    boolean hasUser() {
        return user != null;
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
