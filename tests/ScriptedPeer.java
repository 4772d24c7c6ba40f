package mailtool;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/**
 * One client's connection as a {@link ScriptedServer} sees it. A script reads and speaks through it; a test asks it what the client sent.
 * Text is one byte a character (ISO-8859-1), so that nothing is lost on the way.
 */
final class ScriptedPeer {
    private static final byte[] DOT = {'.', '\r', '\n'};

    private final ByteArrayOutputStream inClear = new ByteArrayOutputStream();
    private final ByteArrayOutputStream underTls = new ByteArrayOutputStream();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch serverCloses;
    private final InetSocketAddress clientAddress;
    private final Socket connection;
    private volatile Socket socket;
    private volatile SSLSession tls;
    private ReadAhead in;
    private OutputStream out;

    ScriptedPeer(Socket socket, CountDownLatch serverCloses) throws IOException {
        this.connection = socket;
        this.socket = socket;
        this.serverCloses = serverCloses;
        this.clientAddress = (InetSocketAddress) socket.getRemoteSocketAddress();
        socket.setTcpNoDelay(true);
        in = new ReadAhead(new RecordingStream(socket.getInputStream(), inClear));
        out = socket.getOutputStream();
    }

    // For scripts: speaking

    /** Lines, each ended with CRLF, in one write. */
    ScriptedPeer say(String... lines) throws IOException {
        return write(String.join("\r\n", lines) + "\r\n");
    }

    /** Exactly this. */
    ScriptedPeer write(String text) throws IOException {
        return write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    ScriptedPeer write(byte[] octets) throws IOException {
        out.write(octets);
        out.flush();
        return this;
    }

    /** One byte, a pause, and so on. */
    ScriptedPeer trickle(String text, Duration pause) throws IOException {
        for (byte octet : text.getBytes(StandardCharsets.ISO_8859_1)) {
            write(new byte[] {octet});
            if (serverClosesWithin(pause)) {
                break;
            }
        }
        return this;
    }

    // For scripts: reading

    /** The next line without its end; an EOFException where there is none. */
    String readLine() throws IOException {
        String line = new String(in.line("the client hung up"), StandardCharsets.ISO_8859_1);
        return line.substring(0, line.length() - (line.endsWith("\r\n") ? 2 : 1));
    }

    /** Reads a line that must begin so, in either case of letters. A test whose client sends another fails when the server is closed. */
    ScriptedPeer expect(String prefix) throws IOException {
        String line = readLine();
        if (!line.toLowerCase(Locale.ROOT).startsWith(prefix.toLowerCase(Locale.ROOT))) {
            throw new AssertionError("expected <" + prefix + "…>, but the client sent <" + line + ">");
        }
        return this;
    }

    byte[] readBytes(int count) throws IOException {
        byte[] octets = in.readNBytes(count);
        if (octets.length < count) {
            throw new EOFException("the client hung up after " + octets.length + " of " + count + " bytes");
        }
        return octets;
    }

    /** A body as it came, still dot-stuffed, up to and without the line that holds the only dot. */
    byte[] readToDot() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean afterCrlf = true;
        byte[] line = in.line("the client hung up in mid-body");
        while (!afterCrlf || !Arrays.equals(line, DOT)) {
            body.writeBytes(line);
            afterCrlf = line.length > 1 && line[line.length - 2] == '\r';
            line = in.line("the client hung up in mid-body");
        }
        return body.toByteArray();
    }

    /** Whether the client has sent more than was read: it didn't wait for a reply. */
    boolean hasMore() throws IOException {
        return in.available() > 0;
    }

    /** Whether the client sends more within this time, or has already. */
    boolean hasMoreWithin(Duration time) throws IOException {
        if (hasMore() || time.isZero()) {
            return hasMore();
        }
        socket.setSoTimeout((int) time.toMillis());
        in.mark(1);
        try {
            return in.read() >= 0;
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            in.reset();
            socket.setSoTimeout(0);
        }
    }

    // For scripts: TLS

    ScriptedPeer startTls(SSLContext context) throws IOException {
        return startTls(context, settings -> { });
    }

    /** Settings are for example {@code socket -> socket.setNeedClientAuth(true)}. */
    ScriptedPeer startTls(SSLContext context, Consumer<SSLSocket> settings) throws IOException {
        SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket, in.rest(), true);
        settings.accept(secure);
        secure.startHandshake();
        tls = secure.getSession();
        socket = secure;
        in = new ReadAhead(new RecordingStream(secure.getInputStream(), underTls));
        out = secure.getOutputStream();
        return this;
    }

    // For scripts: ends

    /** Says nothing and reads nothing until the server is closed. */
    ScriptedPeer stall() {
        serverClosesWithin(Duration.ofDays(1));
        return this;
    }

    /** Says nothing, but reads whatever comes. */
    ScriptedPeer listen() throws IOException {
        byte[] buffer = new byte[8192];
        while (in.read(buffer) >= 0) {
            // Only the recording counts.
        }
        return this;
    }

    /** Ends its own side and then reads what the client still sends, so that the last words get there; what happens after a script's end. */
    void hangUp() throws IOException {
        if (!socket.isClosed()) {
            socket.shutdownOutput();
            listen();
            socket.close();
        }
    }

    /** Closes at once. What the client has sent and nobody read makes this a reset. */
    void close() throws IOException {
        socket.close();
    }

    /** Ends the connection without the closing alert that TLS wants. */
    void cut() throws IOException {
        connection.close();
    }

    /** A TCP reset. */
    void reset() throws IOException {
        connection.setSoLinger(true, 0);
        connection.close();
    }

    private boolean serverClosesWithin(Duration time) {
        try {
            return serverCloses.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    // For tests

    /** Everything read so far, before and under TLS. */
    byte[] received() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(inClear.toByteArray());
        all.writeBytes(underTls.toByteArray());
        return all.toByteArray();
    }

    String receivedText() {
        return new String(received(), StandardCharsets.ISO_8859_1);
    }

    String receivedInClear() {
        return inClear.toString(StandardCharsets.ISO_8859_1);
    }

    List<String> receivedLines() {
        return receivedText().lines().toList();
    }

    /** Waits until the connection is over and nothing more can come. */
    ScriptedPeer awaitEnd() {
        Eventually.until("the end of a connection", () -> ended.getCount() == 0);
        return this;
    }

    /** The TLS session; null in clear. Its peer certificates are the client's. */
    SSLSession tls() {
        return tls;
    }

    /** The host names the client asked for in its handshake. */
    List<String> serverNames() {
        List<SNIServerName> names = ((ExtendedSSLSession) tls).getRequestedServerNames();
        return names.stream().map(name -> new String(name.getEncoded(), StandardCharsets.US_ASCII)).toList();
    }

    InetSocketAddress clientAddress() {
        return clientAddress;
    }

    /** Gives a line at a time, and what it has read ahead to the one who reads on. */
    private static final class ReadAhead extends BufferedInputStream {
        private ReadAhead(InputStream in) {
            super(in);
        }

        /** With its line feed; an exception with these words where none comes. */
        private byte[] line(String otherwise) throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int octet = read(); octet != '\n'; octet = read()) {
                if (octet < 0) {
                    throw new EOFException(otherwise);
                }
                line.write(octet);
                int from = pos;
                while (pos < count && buf[pos] != '\n') {
                    pos++;
                }
                line.write(buf, from, pos - from);
            }
            line.write('\n');
            return line.toByteArray();
        }

        private InputStream rest() {
            return new ByteArrayInputStream(buf, pos, count - pos);
        }
    }

    void end() {
        ended.countDown();
    }

    void abort() {
        try {
            connection.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
