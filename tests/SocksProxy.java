package mailtool;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A SOCKS5 proxy (RFC 1928) that keeps what it was asked for. Whatever the host, it connects to the requested port of this machine's loopback address,
 * so that a test can use any name.
 */
final class SocksProxy implements AutoCloseable {
    private static final int VERSION = 5;
    private static final int NO_LOGIN = 0;
    private static final int USER_AND_PASSWORD = 2;
    private static final int NO_ACCEPTABLE_METHOD = 0xFF;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int REFUSED = 5;

    private final List<Target> targets = new CopyOnWriteArrayList<>();
    private final int refusal;
    private final String login;
    private final TcpRelay relay;

    /** What a client asked for; a named host was left to the proxy to look up. */
    record Target(String host, int port, boolean named) {
    }

    private SocksProxy(int refusal, String login) {
        this.refusal = refusal;
        this.login = login;
        this.relay = TcpRelay.start(this::serve);
    }

    static SocksProxy start() {
        return new SocksProxy(0, null);
    }

    /** Refuses every connection with "connection refused". */
    static SocksProxy refusing() {
        return new SocksProxy(REFUSED, null);
    }

    /** Wants a user and a password (RFC 1929). */
    static SocksProxy requiring(String user, String password) {
        return new SocksProxy(0, user + ":" + password);
    }

    int port() {
        return relay.port();
    }

    String url() {
        return "socks5://localhost:" + port();
    }

    List<Target> targets() {
        return List.copyOf(targets);
    }

    private void serve(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        if (!admits(client, in)) {
            return;
        }
        Target target = target(in);
        targets.add(target);
        if (refusal != 0) {
            answer(client, refusal);
            return;
        }
        connect(client, target.port());
    }

    private boolean admits(Socket client, DataInputStream in) throws IOException {
        in.readByte();
        byte[] methods = in.readNBytes(in.readUnsignedByte());
        int wanted = login == null ? NO_LOGIN : USER_AND_PASSWORD;
        boolean offered = new String(methods, StandardCharsets.ISO_8859_1).indexOf(wanted) >= 0;
        write(client, VERSION, offered ? wanted : NO_ACCEPTABLE_METHOD);
        return offered && (login == null || knows(client, in));
    }

    private boolean knows(Socket client, DataInputStream in) throws IOException {
        in.readByte();
        String given = text(in) + ":" + text(in);
        boolean right = given.equals(login);
        write(client, 1, right ? 0 : 1);
        return right;
    }

    private static Target target(DataInputStream in) throws IOException {
        in.readNBytes(3);
        int kind = in.readUnsignedByte();
        String host = kind == NAME ? text(in) : InetAddress.getByAddress(in.readNBytes(kind == IPV4 ? 4 : 16)).getHostAddress();
        return new Target(host, in.readUnsignedShort(), kind == NAME);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8);
    }

    private static void connect(Socket client, int port) throws IOException {
        try (Socket server = connected(client, port)) {
            TcpRelay.join(client, client.getInputStream(), server, server.getInputStream());
        }
    }

    private static Socket connected(Socket client, int port) throws IOException {
        try {
            Socket server = new Socket(LocalPorts.LOOPBACK, port);
            answer(client, 0);
            return server;
        } catch (IOException e) {
            answer(client, REFUSED);
            throw e;
        }
    }

    private static void answer(Socket client, int code) throws IOException {
        write(client, VERSION, code, 0, IPV4, 0, 0, 0, 0, 0, 0);
    }

    private static void write(Socket client, int... octets) throws IOException {
        byte[] bytes = new byte[octets.length];
        for (int at = 0; at < octets.length; at++) {
            bytes[at] = (byte) octets[at];
        }
        client.getOutputStream().write(bytes);
    }

    @Override
    public void close() {
        relay.close();
    }
}
