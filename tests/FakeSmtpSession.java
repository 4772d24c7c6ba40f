package mailtool;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One connection to a {@link FakeSmtp}. */
final class FakeSmtpSession {
    private final FakeSmtp server;
    private final ScriptedPeer peer;
    private final List<String> held = new ArrayList<>();
    private boolean over;
    private int mails;
    private String user;
    private String from;
    private List<String> fromParameters;
    private List<FakeSmtp.Recipient> recipients = new ArrayList<>();
    private boolean overfull;
    private List<Integer> chunks = new ArrayList<>();
    private ByteArrayOutputStream chunked = new ByteArrayOutputStream();

    FakeSmtpSession(FakeSmtp server, ScriptedPeer peer) {
        this.server = server;
        this.peer = peer;
    }

    void serve() throws Exception {
        if (!server.greeting().isEmpty()) {
            reply(server.greeting());
        }
        while (!over) {
            String command = peer.readLine();
            server.note(command);
            obey(command, verb(command));
        }
    }

    private void obey(String command, String verb) throws Exception {
        if (verb.equals("BDAT")) {
            chunk(command);
            return;
        }
        Optional<FakeSmtp.Rule> rule = server.rule(command);
        if (rule.isPresent() && rule.get().script() != null) {
            play(rule.get().script(), verb);
        } else if (rule.isPresent()) {
            answer(command, verb, rule.get().reply());
        } else if (verb.equals("AUTH")) {
            authenticate(command);
        } else {
            answer(command, verb, usual(command, verb));
        }
    }

    private void play(ScriptedServer.Script script, String verb) throws Exception {
        flush();
        script.play(peer);
        if (verb.equals("DATA")) {
            forgetTransaction();
        }
    }

    private List<String> usual(String command, String verb) {
        return switch (verb) {
            case "EHLO" -> server.isLmtp() ? List.of("500 5.5.1 this is LMTP") : capabilities();
            case "LHLO" -> server.isLmtp() ? capabilities() : List.of("500 5.5.1 this is SMTP");
            case "HELO" -> List.of("250 fake.example.org");
            case "STARTTLS" -> server.tlsContext() == null ? List.of("502 5.5.1 no TLS here") : List.of("220 2.0.0 go ahead");
            case "MAIL" -> mail();
            case "RCPT" -> recipient();
            case "DATA" -> recipients.isEmpty() ? List.of("554 5.5.1 no valid recipients") : List.of(refusalOfAll().orElse("354 end with a dot"));
            case "RSET", "NOOP" -> List.of("250 2.0.0 ok");
            case "VRFY" -> List.of("252 2.5.0 try it");
            case "QUIT" -> List.of("221 2.0.0 bye");
            default -> List.of("500 5.5.2 command not recognized");
        };
    }

    private List<String> mail() {
        mails++;
        if (mails > server.mostMails()) {
            return List.of(server.tooManyMails());
        }
        return List.of(from == null ? "250 2.1.0 sender ok" : "503 5.5.1 nested MAIL");
    }

    private List<String> recipient() {
        if (from == null) {
            return List.of("503 5.5.1 MAIL first");
        }
        if (recipients.size() < server.mostRecipients()) {
            return List.of("250 2.1.5 recipient ok");
        }
        overfull = true;
        return List.of(server.tooManyRecipients());
    }

    private Optional<String> refusalOfAll() {
        return server.refusalOfAll().filter(reply -> overfull);
    }

    private List<String> capabilities() {
        List<String> lines = new ArrayList<>(List.of("fake.example.org"));
        lines.addAll(server.keywords(peer.tls() != null));
        List<String> reply = new ArrayList<>();
        for (String line : lines.subList(0, lines.size() - 1)) {
            reply.add("250-" + line);
        }
        reply.add("250 " + lines.get(lines.size() - 1));
        return reply;
    }

    private void answer(String command, String verb, List<String> lines) throws Exception {
        boolean mayWait = List.of("MAIL", "RCPT", "RSET").contains(verb);
        reply(lines, mayWait);
        String code = lines.get(0);
        switch (verb) {
            case "EHLO", "LHLO", "HELO", "RSET" -> forgetTransaction();
            case "STARTTLS" -> startTls(code.startsWith("220"));
            case "MAIL" -> begin(command, code.startsWith("250"));
            case "RCPT" -> add(command, code.startsWith("25"));
            case "DATA" -> data(code.startsWith("354"));
            case "QUIT" -> over = true;
            default -> {
                // The reply was all.
            }
        }
    }

    private void startTls(boolean accepted) throws IOException {
        if (accepted && server.tlsContext() != null) {
            peer.startTls(server.tlsContext(), server.tlsSettings());
            forgetTransaction();
        }
    }

    private void authenticate(String command) throws IOException {
        String[] words = command.split(" ", 3);
        if (!server.hasUser() || words.length < 2) {
            reply(List.of("502 5.5.1 no login here"));
            return;
        }
        Optional<String> initialResponse = words.length == 3 ? Optional.of(words[2]) : Optional.empty();
        SaslServer sasl = new SaslServer(peer, "334 ", server.user(), server.password());
        if (sasl.accepts(words[1], initialResponse)) {
            user = server.user();
            reply(List.of("235 2.7.0 welcome"));
        } else {
            reply(List.of("535 5.7.8 authentication failed"));
        }
    }

    private void begin(String command, boolean accepted) {
        if (accepted) {
            from = address(command);
            fromParameters = parameters(command);
        }
    }

    private void add(String command, boolean accepted) {
        if (accepted) {
            recipients.add(new FakeSmtp.Recipient(address(command), parameters(command)));
        }
    }

    private void data(boolean accepted) throws Exception {
        if (accepted) {
            finish(unstuffed(peer.readToDot()));
        }
    }

    private void chunk(String command) throws Exception {
        String[] words = command.split(" ");
        byte[] octets = peer.readBytes(Integer.parseInt(words[1]));
        Optional<FakeSmtp.Rule> rule = server.rule(command);
        boolean last = words.length > 2;
        if (rule.isPresent() && rule.get().script() != null) {
            play(rule.get().script(), "BDAT");
        } else if (rule.isPresent()) {
            refuse(rule.get().reply());
        } else if (recipients.isEmpty()) {
            refuse(List.of("503 5.5.1 no valid recipients"));
        } else if (refusalOfAll().isPresent()) {
            refuse(List.of(refusalOfAll().get()));
        } else {
            accept(octets, last);
        }
    }

    private void refuse(List<String> lines) throws IOException {
        reply(lines, false);
        if (!lines.get(0).startsWith("2")) {
            forgetTransaction();
        }
    }

    private void accept(byte[] octets, boolean last) throws Exception {
        chunks.add(octets.length);
        chunked.writeBytes(octets);
        if (last) {
            finish(chunked.toByteArray());
        } else {
            reply(List.of("250 2.0.0 " + octets.length + " octets"));
        }
    }

    private void finish(byte[] content) throws Exception {
        if (server.isLmtp()) {
            finishForEach(content);
        } else {
            finishForAll(content);
        }
        forgetTransaction();
    }

    private void finishForAll(byte[] content) throws Exception {
        Optional<FakeSmtp.Rule> rule = server.rule(".");
        if (rule.isPresent() && rule.get().script() != null) {
            server.note(received(content, false));
            play(rule.get().script(), ".");
            return;
        }
        List<String> lines = rule.map(FakeSmtp.Rule::reply).orElse(List.of("250 2.0.0 Ok: queued as FAKE" + (server.attempts().size() + 1)));
        server.note(received(content, lines.get(0).startsWith("2")));
        reply(lines, server.holdsFinalReply());
    }

    private void finishForEach(byte[] content) throws Exception {
        List<String> lines = new ArrayList<>();
        for (FakeSmtp.Recipient recipient : recipients) {
            Optional<FakeSmtp.Rule> rule = server.rule(". <" + recipient.address() + ">");
            if (rule.isPresent() && rule.get().script() != null) {
                server.note(received(content, false));
                reply(lines, false);
                play(rule.get().script(), ".");
                return;
            }
            lines.addAll(rule.map(FakeSmtp.Rule::reply).orElse(List.of("250 2.0.0 <" + recipient.address() + "> saved")));
        }
        server.note(received(content, lines.stream().anyMatch(line -> line.startsWith("2"))));
        reply(lines, server.holdsFinalReply());
    }

    private FakeSmtp.Received received(byte[] content, boolean accepted) {
        return new FakeSmtp.Received(from, fromParameters, recipients, content, chunks, peer.tls() != null, user, accepted);
    }

    private void forgetTransaction() {
        from = null;
        fromParameters = List.of();
        recipients = new ArrayList<>();
        overfull = false;
        chunks = new ArrayList<>();
        chunked = new ByteArrayOutputStream();
    }

    private void reply(List<String> lines) throws IOException {
        reply(lines, false);
    }

    private void reply(List<String> lines, boolean mayWait) throws IOException {
        held.addAll(lines);
        if (!mayWait || !server.isHolding()) {
            flush();
        }
        // A server that says 421 closes the connection (RFC 5321 section 3.8).
        over = over || lines.stream().anyMatch(line -> line.startsWith("421"));
    }

    private void flush() throws IOException {
        if (!held.isEmpty()) {
            peer.say(held.toArray(String[]::new));
            held.clear();
        }
    }

    private static String verb(String command) {
        return command.split(" ", 2)[0].toUpperCase(Locale.ROOT);
    }

    private static String address(String command) {
        int start = command.indexOf('<') + 1;
        return command.substring(start, endOfAddress(command));
    }

    private static List<String> parameters(String command) {
        String rest = command.substring(endOfAddress(command) + 1).strip();
        return rest.isEmpty() ? List.of() : Arrays.asList(rest.split(" "));
    }

    private static int endOfAddress(String command) {
        int end = command.lastIndexOf('>');
        return end < 0 ? command.length() - 1 : end;
    }

    private static byte[] unstuffed(byte[] body) {
        String text = "\r\n" + new String(body, StandardCharsets.ISO_8859_1);
        return text.replace("\r\n.", "\r\n").substring(2).getBytes(StandardCharsets.ISO_8859_1);
    }
}
