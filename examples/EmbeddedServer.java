package mailtool;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import com.icegreen.greenmail.Managers;
import com.icegreen.greenmail.pop3.Pop3Server;
import com.icegreen.greenmail.server.AbstractServer;
import com.icegreen.greenmail.server.ProtocolHandler;
import com.icegreen.greenmail.smtp.SmtpConnection;
import com.icegreen.greenmail.smtp.SmtpHandler;
import com.icegreen.greenmail.smtp.SmtpManager;
import com.icegreen.greenmail.smtp.SmtpServer;
import com.icegreen.greenmail.smtp.SmtpState;
import com.icegreen.greenmail.smtp.commands.AuthCommand;
import com.icegreen.greenmail.smtp.commands.SmtpCommand;
import com.icegreen.greenmail.smtp.commands.SmtpCommandRegistry;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;

/** GreenMail with SMTP, SMTPS, POP3 and POP3S on free local ports, with the certificate it is given and the STARTTLS that it lacks. */
public final class EmbeddedServer extends GreenMail {
    private static final List<String> PROTOCOLS = List.of(ServerSetup.PROTOCOL_SMTP, ServerSetup.PROTOCOL_SMTPS, ServerSetup.PROTOCOL_POP3, ServerSetup.PROTOCOL_POP3S);

    private final SSLContext context;

    public EmbeddedServer(SSLContext context) {
        super(PROTOCOLS.stream().map(protocol -> new ServerSetup(0, "127.0.0.1", protocol)).toArray(ServerSetup[]::new));
        this.context = context;
    }

    @Override
    protected Map<String, AbstractServer> createServices(ServerSetup[] setups, Managers managers) {
        Map<String, AbstractServer> services = new HashMap<>();
        for (ServerSetup setup : setups) {
            boolean smtp = setup.getProtocol().startsWith(ServerSetup.PROTOCOL_SMTP);
            services.put(setup.getProtocol(), smtp ? new Smtp(setup, managers) : new Pop3(setup, managers));
        }
        return services;
    }

    private ServerSocket listen(ServerSetup setup) throws IOException {
        ServerSocket socket = setup.isSecure() ? context.getServerSocketFactory().createServerSocket() : new ServerSocket();
        socket.bind(new InetSocketAddress(InetAddress.getByName(setup.getBindAddress()), 0));
        return socket;
    }

    private final class Smtp extends SmtpServer {
        private Smtp(ServerSetup setup, Managers managers) {
            super(setup, managers);
        }

        @Override
        protected ServerSocket openServerSocket() throws IOException {
            return listen(setup);
        }

        @Override
        protected ProtocolHandler createProtocolHandler(Socket client) {
            return new Dialogue(managers.getSmtpManager(), client);
        }
    }

    private final class Pop3 extends Pop3Server {
        private Pop3(ServerSetup setup, Managers managers) {
            super(setup, managers);
        }

        @Override
        protected ServerSocket openServerSocket() throws IOException {
            return listen(setup);
        }
    }

    /** GreenMail's SMTP dialogue with STARTTLS (RFC 3207) added. */
    private final class Dialogue extends SmtpHandler {
        private Socket current;

        private Dialogue(SmtpManager manager, Socket client) {
            super(new SmtpCommandRegistry(), manager, client);
            current = client;
        }

        @Override
        protected void handleCommand() throws IOException {
            currentLine = conn.readLine();
            if (currentLine == null) {
                close();
                return;
            }
            String verb = currentLine.split(" ", 2)[0].toUpperCase(Locale.ROOT);
            switch (verb) {
                case "EHLO" -> greet();
                case "STARTTLS" -> startTls();
                default -> obey(verb);
            }
        }

        private void greet() {
            conn.setHeloName(currentLine.substring(4).strip());
            state.clearMessage();
            conn.send("250-" + conn.getServerGreetingsName());
            if (!isSecure()) {
                conn.send("250-STARTTLS");
            }
            conn.send("250-AUTH " + AuthCommand.SUPPORTED_AUTH_MECHANISM);
            conn.send("250 SMTPUTF8");
        }

        private void startTls() throws IOException {
            if (isSecure()) {
                conn.send("503 5.5.1 TLS is on already");
                return;
            }
            conn.send("220 2.0.0 go ahead");
            SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
            secure.startHandshake();
            current = secure;
            conn = new SmtpConnection(this, secure);
            state = new SmtpState();
        }

        private void obey(String verb) throws IOException {
            SmtpCommand command = registry.getCommand(verb);
            if (command == null) {
                conn.send("500 Command not recognized");
                return;
            }
            command.execute(conn, state, manager, currentLine);
        }

        private boolean isSecure() {
            return current instanceof SSLSocket;
        }

        @Override
        public void close() {
            setQuitting(true);
            try {
                current.close();
            } catch (IOException e) {
                log.debug("can't close", e);
            }
            super.close();
        }
    }
}
