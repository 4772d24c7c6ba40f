package mailtool;

import java.util.List;

import com.icegreen.greenmail.util.GreenMail;
import jakarta.mail.internet.MimeMessage;

/**
 * The {@link EmbeddedServer} of the examples, with our certificate. Its logins are PLAIN, LOGIN and XOAUTH2 (where the password is the
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
        GreenMail greenMail = new EmbeddedServer(TestCerts.good().context());
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
}
