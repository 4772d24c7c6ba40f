package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A server that does what no real one does: each connection plays a script. The first connection plays the first script, and so on; the last script
 * serves all further ones. After a script's end the server hangs up politely.
 */
final class ScriptedServer implements AutoCloseable {
    private final ServerSocket listener;
    private final List<Script> scripts;
    private final List<ScriptedPeer> peers = new CopyOnWriteArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** What the server does in one connection. A client that hangs up or resets simply ends it. */
    interface Script {
        void play(ScriptedPeer peer) throws Exception;
    }

    private ScriptedServer(InetAddress address, int port, Script... scripts) throws IOException {
        this.listener = new ServerSocket(port, 50, address);
        this.scripts = List.of(scripts);
    }

    static ScriptedServer start(Script... scripts) {
        return startOn(LocalPorts.LOOPBACK, scripts);
    }

    static ScriptedServer startOn(InetAddress address, Script... scripts) {
        return startOn(address, 0, scripts);
    }

    /** Port 0 is any that is free. */
    static ScriptedServer startOn(InetAddress address, int port, Script... scripts) {
        try {
            ScriptedServer server = new ScriptedServer(address, port, scripts);
            server.inBackground("accept", server::acceptAll);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    /** The connections so far, in their order. */
    List<ScriptedPeer> peers() {
        return List.copyOf(peers);
    }

    /** The connection of this number, counted from 0; waits for it. */
    ScriptedPeer peer(int number) {
        Eventually.until("connection " + number, () -> peers.size() > number);
        return peers.get(number);
    }

    /** Waits until every connection so far is over. */
    ScriptedServer awaitEnd() {
        peers.forEach(ScriptedPeer::awaitEnd);
        return this;
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                accept(listener.accept());
            } catch (IOException e) {
                // A closed listener ends the loop; a client that was gone before it was accepted doesn't.
                continue;
            }
        }
    }

    private void accept(Socket socket) throws IOException {
        ScriptedPeer peer = new ScriptedPeer(socket, closing);
        Script script = scripts.get(Math.min(peers.size(), scripts.size() - 1));
        peers.add(peer);
        inBackground("connection " + peers.size(), () -> play(script, peer));
    }

    private void play(Script script, ScriptedPeer peer) {
        try {
            script.play(peer);
            peer.hangUp();
        } catch (IOException e) {
            peer.abort();
        } catch (Exception | Error e) {
            failure.compareAndSet(null, e);
            peer.abort();
        } finally {
            peer.end();
        }
    }

    private void inBackground(String name, Runnable work) {
        Thread thread = new Thread(work, "scripted server " + port() + " " + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends everything. Throws where a script met something it didn't expect. */
    @Override
    public void close() {
        closing.countDown();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        peers.forEach(ScriptedPeer::abort);
        if (failure.get() != null) {
            throw new AssertionError("the script met something unexpected", failure.get());
        }
    }
}
