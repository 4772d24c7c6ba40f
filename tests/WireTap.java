package mailtool;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Stands between a client and a real server and keeps what both say, one byte a character. */
final class WireTap implements AutoCloseable {
    private final int target;
    private final ByteArrayOutputStream fromClient = new ByteArrayOutputStream();
    private final ByteArrayOutputStream fromServer = new ByteArrayOutputStream();
    private final TcpRelay relay;

    private WireTap(int target) {
        this.target = target;
        this.relay = TcpRelay.start(this::serve);
    }

    static WireTap to(int port) {
        return new WireTap(port);
    }

    int port() {
        return relay.port();
    }

    String fromClient() {
        return fromClient.toString(StandardCharsets.ISO_8859_1);
    }

    String fromServer() {
        return fromServer.toString(StandardCharsets.ISO_8859_1);
    }

    private void serve(Socket client) throws IOException {
        try (Socket server = new Socket(LocalPorts.LOOPBACK, target)) {
            server.setTcpNoDelay(true);
            TcpRelay.join(client, new RecordingStream(client.getInputStream(), fromClient), server, new RecordingStream(server.getInputStream(), fromServer));
        }
    }

    @Override
    public void close() {
        relay.close();
    }
}
