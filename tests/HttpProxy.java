package mailtool;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An HTTP proxy for CONNECT that keeps the requests it got. Whatever the host, it connects to the requested port of this machine's loopback address,
 * so that a test can use any name.
 */
final class HttpProxy implements AutoCloseable {
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final String refusal;
    private final TcpRelay relay;

    private HttpProxy(String refusal) {
        this.refusal = refusal;
        this.relay = TcpRelay.start(this::serve);
    }

    static HttpProxy start() {
        return new HttpProxy(null);
    }

    /** Answers every request so: {@code "403 Forbidden"}. */
    static HttpProxy refusing(String status) {
        return new HttpProxy(status);
    }

    int port() {
        return relay.port();
    }

    String url() {
        return "http://localhost:" + port();
    }

    /** Every request with its header. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** The {@code host:port} of every request. */
    List<String> targets() {
        return requests.stream().map(request -> request.split(" ")[1]).toList();
    }

    private void serve(Socket client) throws IOException {
        String request = header(client.getInputStream());
        requests.add(request);
        if (refusal != null) {
            answer(client, refusal);
        } else if (!request.startsWith("CONNECT ")) {
            answer(client, "405 Method Not Allowed");
        } else {
            String target = request.split(" ")[1];
            connect(client, Integer.parseInt(target.substring(target.lastIndexOf(':') + 1)));
        }
    }

    /** Reads not one byte past the empty line. */
    private static String header(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new EOFException();
            }
            text.append((char) octet);
        }
        return text.toString();
    }

    private static void connect(Socket client, int port) throws IOException {
        try (Socket server = connected(client, port)) {
            TcpRelay.join(client, client.getInputStream(), server, server.getInputStream());
        }
    }

    private static Socket connected(Socket client, int port) throws IOException {
        try {
            Socket server = new Socket(LocalPorts.LOOPBACK, port);
            answer(client, "200 Connection established");
            return server;
        } catch (IOException e) {
            answer(client, "502 Bad Gateway");
            throw e;
        }
    }

    private static void answer(Socket client, String status) throws IOException {
        client.getOutputStream().write(("HTTP/1.1 " + status + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() {
        relay.close();
    }
}
