package mailtool;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLContext;

import com.icegreen.greenmail.Managers;
import com.icegreen.greenmail.pop3.Pop3Server;
import com.icegreen.greenmail.server.AbstractServer;
import com.icegreen.greenmail.server.ProtocolHandler;
import com.icegreen.greenmail.smtp.SmtpServer;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.internet.MimeMessage;

/**
 * GreenMail with SMTP, SMTPS, POP3 and POP3S, our certificate, and the STARTTLS that it lacks. Its logins are PLAIN, LOGIN and XOAUTH2 (where the password is the
 * token); who isn't logged in may send too. A mailbox comes into being with its first message, the address being name and password.
 */
final class GreenMailServer implements AutoCloseable {
    private static final SharedFixture<GreenMailServer> SHARED = new SharedFixture<>(GreenMailServer::start);

    private final GreenMail greenMail;

    private GreenMailServer(GreenMail greenMail) {
        this.greenMail = greenMail;
    }

    static GreenMailServer shared() {
        return SHARED.get();
    }

    static GreenMailServer start() {
        GreenMail greenMail = new GreenMailWithTls(TestCerts.good().context());
        greenMail.start();
        return new GreenMailServer(greenMail);
    }

    int smtpPort() {
        return greenMail.getSmtp().getPort();
    }

    int smtpsPort() {
        return greenMail.getSmtps().getPort();
    }

    int pop3Port() {
        return greenMail.getPop3().getPort();
    }

    int pop3sPort() {
        return greenMail.getPop3s().getPort();
    }

    GreenMailServer user(String address, String name, String password) {
        greenMail.setUser(address, name, password);
        return this;
    }

    /** What has arrived for this address. */
    List<MimeMessage> messages(String address) {
        return greenMail.findReceivedMessages(user -> user.getEmail().equalsIgnoreCase(address), message -> true).toList();
    }

    MimeMessage waitForMessage(String address) {
        return Eventually.forValue("a message to " + address, () -> messages(address).stream().findFirst());
    }

    @Override
    public void close() {
        greenMail.stop();
    }

    private static final class GreenMailWithTls extends GreenMail {
        private final SSLContext context;

        private GreenMailWithTls(SSLContext context) {
            super(setups());
            this.context = context;
        }

        private static ServerSetup[] setups() {
            return List.of(ServerSetup.PROTOCOL_SMTP, ServerSetup.PROTOCOL_SMTPS, ServerSetup.PROTOCOL_POP3, ServerSetup.PROTOCOL_POP3S).stream()
                .map(protocol -> new ServerSetup(0, "127.0.0.1", protocol))
                .toArray(ServerSetup[]::new);
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
            socket.bind(new InetSocketAddress(LocalPorts.LOOPBACK, 0));
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
                return new GreenMailStartTls(context, managers.getSmtpManager(), client);
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
    }
}
