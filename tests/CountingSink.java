package mailtool;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** An SMTP server that counts what it has accepted for each recipient, and keeps nothing else. */
final class CountingSink implements AutoCloseable {
    private final Map<String, Integer> accepted = new ConcurrentHashMap<>();
    private final ServerSocket listener;

    CountingSink() throws IOException {
        listener = new ServerSocket(0, 100, LocalPorts.LOOPBACK);
        start(this::acceptAll);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket socket = listener.accept();
                start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            say(socket, "220 sink");
            String to = "";
            for (String line = line(in); !line.isEmpty() && !line.startsWith("QUIT"); line = line(in)) {
                to = line.startsWith("RCPT TO:<") ? line.substring(9, line.indexOf('>')) : to;
                say(socket, line.startsWith("EHLO") ? "250-sink\r\n250 PIPELINING" : line.startsWith("DATA") ? "354 go on" : "250 2.0.0 ok");
                if (line.startsWith("DATA") && hasEnd(in)) {
                    accepted.merge(to, 1, Integer::sum);
                    say(socket, "250 2.0.0 accepted");
                }
            }
        } catch (IOException e) {
            // Whoever was talking to us was killed.
        }
    }

    private static void say(Socket socket, String reply) throws IOException {
        socket.getOutputStream().write((reply + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static boolean hasEnd(InputStream in) throws IOException {
        String line = line(in);
        while (!line.isEmpty() && !line.equals(".\r\n")) {
            line = line(in);
        }
        return !line.isEmpty();
    }

    /** With its end; nothing if that does not come. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.read(); octet >= 0; octet = in.read()) {
            line.append((char) octet);
            if (octet == '\n') {
                return line.toString();
            }
        }
        return "";
    }

    String url() {
        return "smtp://localhost:" + listener.getLocalPort();
    }

    /** How often each recipient has got it. */
    Map<String, Integer> accepted() {
        return accepted;
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
