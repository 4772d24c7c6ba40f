package mailtool;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

import javax.net.ssl.SSLContext;

/** A client without any manners: sends what it is told and reads replies, one byte a character. */
final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;

    private Socket socket;
    private InputStream in;
    private OutputStream out;

    private RawClient(Socket socket) throws IOException {
        use(socket);
    }

    static RawClient connect(int port) throws IOException {
        return new RawClient(new Socket(LocalPorts.LOOPBACK, port));
    }

    /** Trusts the test authority and checks no name. */
    static RawClient connectTls(int port) throws IOException {
        return connect(port).startTls(TestCerts.client().context());
    }

    RawClient startTls(SSLContext context) throws IOException {
        use(context.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), true));
        return this;
    }

    private void use(Socket next) throws IOException {
        socket = next;
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    RawClient send(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        return this;
    }

    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.indexOf("\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new EOFException("got only <" + line + ">");
            }
            line.append((char) octet);
        }
        return line.substring(0, line.length() - 2);
    }

    /** An SMTP reply, its lines joined with LF. */
    String reply() throws IOException {
        String line = line();
        StringBuilder reply = new StringBuilder(line);
        while (line.length() > 3 && line.charAt(3) == '-') {
            line = line();
            reply.append('\n').append(line);
        }
        return reply.toString();
    }

    String ask(String command) throws IOException {
        return send(command + "\r\n").reply();
    }

    /** Lines up to one that holds a dot only, joined with LF. */
    String toDot() throws IOException {
        StringBuilder text = new StringBuilder();
        String line = line();
        while (!line.equals(".")) {
            text.append(line).append('\n');
            line = line();
        }
        return text.toString();
    }

    /** So many bytes as they come. */
    String text(int count) throws IOException {
        return new String(in.readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
