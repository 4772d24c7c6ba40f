package mailtool;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A loopback server that passes its connections on to another one: what the tap and the proxies have in common. */
final class TcpRelay implements AutoCloseable {
    private final ServerSocket listener;
    private final Handler handler;
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    /** Serves one client to its end. */
    interface Handler {
        void serve(Socket client) throws IOException;
    }

    private TcpRelay(Handler handler) throws IOException {
        this.listener = new ServerSocket(0, 50, LocalPorts.LOOPBACK);
        this.handler = handler;
    }

    static TcpRelay start(Handler handler) {
        try {
            TcpRelay relay = new TcpRelay(handler);
            inBackground(relay::acceptAll);
            return relay;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How many clients have come. */
    int connections() {
        return open.size();
    }

    /** Copies both ways until either side fails or both have ended. */
    static void join(Socket client, InputStream fromClient, Socket server, InputStream fromServer) {
        Thread upwards = inBackground(() -> copy(fromClient, server));
        copy(fromServer, client);
        try {
            upwards.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(InputStream from, Socket to) {
        byte[] buffer = new byte[65536];
        try {
            int count = from.read(buffer);
            while (count >= 0) {
                to.getOutputStream().write(buffer, 0, count);
                count = from.read(buffer);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            closeQuietly(to);
        }
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                client.setTcpNoDelay(true);
                open.add(client);
                inBackground(() -> serve(client));
            } catch (IOException e) {
                // A closed listener ends the loop; a client that was gone before it was accepted doesn't.
                continue;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            handler.serve(client);
        } catch (IOException e) {
            closeQuietly(client);
        }
    }

    private static Thread inBackground(Runnable work) {
        Thread thread = new Thread(work, "relay");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is no longer of use either way.
            return;
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(TcpRelay::closeQuietly);
    }
}
