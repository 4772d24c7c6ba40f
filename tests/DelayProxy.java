package mailtool;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Stands between a client and a server like a long way: everything arrives later by half of the round trip, in each direction, and as much as a sender
 * likes may be on its way. A connection is not delayed in being opened.
 */
final class DelayProxy implements AutoCloseable {
    private static final int CHUNK = 65_536;
    private static final int CHUNKS_ON_THE_WAY = 1024;

    private final int target;
    private final long oneWayNanos;
    private final TcpRelay relay;

    private DelayProxy(int target, Duration roundTrip) {
        this.target = target;
        this.oneWayNanos = roundTrip.toNanos() / 2;
        this.relay = TcpRelay.start(this::serve);
    }

    static DelayProxy to(int port, Duration roundTrip) {
        return new DelayProxy(port, roundTrip);
    }

    int port() {
        return relay.port();
    }

    private void serve(Socket client) throws IOException {
        try (Socket server = new Socket(LocalPorts.LOOPBACK, target)) {
            server.setTcpNoDelay(true);
            TcpRelay.join(client, new Late(client.getInputStream()), server, new Late(server.getInputStream()));
        }
    }

    @Override
    public void close() {
        relay.close();
    }

    /** What was read, and when it arrives; without bytes at the end of the stream. */
    private record Chunk(byte[] octets, long arrival) {
    }

    /** A stream whose bytes arrive late. A thread reads them from the source as soon as they are there. */
    private final class Late extends InputStream {
        private final InputStream source;
        private final BlockingQueue<Chunk> onTheWay = new LinkedBlockingQueue<>(CHUNKS_ON_THE_WAY);
        private Chunk arrived = new Chunk(new byte[0], 0);
        private int taken;
        private boolean ended;

        private Late(InputStream source) {
            this.source = source;
            Thread thread = new Thread(this::depart, "delay");
            thread.setDaemon(true);
            thread.start();
        }

        private void depart() {
            byte[] buffer = new byte[CHUNK];
            int count = 0;
            while (count >= 0) {
                count = readFromSource(buffer);
                byte[] octets = Arrays.copyOf(buffer, Math.max(0, count));
                try {
                    onTheWay.put(new Chunk(octets, System.nanoTime() + oneWayNanos));
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        /** A reset is passed on as an end. */
        private int readFromSource(byte[] buffer) {
            try {
                return source.read(buffer);
            } catch (IOException e) {
                return -1;
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (taken == arrived.octets.length && !ended) {
                await();
            }
            if (ended) {
                return -1;
            }
            int count = Math.min(length, arrived.octets.length - taken);
            System.arraycopy(arrived.octets, taken, buffer, offset, count);
            taken += count;
            return count;
        }

        private void await() throws IOException {
            try {
                arrived = onTheWay.take();
                TimeUnit.NANOSECONDS.sleep(arrived.arrival - System.nanoTime());
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            taken = 0;
            ended = arrived.octets.length == 0;
        }
    }
}
