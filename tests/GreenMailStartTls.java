package mailtool;

import java.io.IOException;
import java.net.Socket;
import java.util.Locale;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import com.icegreen.greenmail.smtp.SmtpConnection;
import com.icegreen.greenmail.smtp.SmtpHandler;
import com.icegreen.greenmail.smtp.SmtpManager;
import com.icegreen.greenmail.smtp.SmtpState;
import com.icegreen.greenmail.smtp.commands.AuthCommand;
import com.icegreen.greenmail.smtp.commands.SmtpCommand;
import com.icegreen.greenmail.smtp.commands.SmtpCommandRegistry;

/** GreenMail's SMTP dialogue with STARTTLS (RFC 3207) added. */
final class GreenMailStartTls extends SmtpHandler {
    private final SSLContext context;
    private Socket current;

    GreenMailStartTls(SSLContext context, SmtpManager manager, Socket socket) {
        super(new SmtpCommandRegistry(), manager, socket);
        this.context = context;
        this.current = socket;
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
