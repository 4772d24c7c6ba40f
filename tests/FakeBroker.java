package mailtool;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A broker with one queue, in as much of AMQP 0-9-1 as amqp-consume speaks. What is not acknowledged when its consumer goes is put back. */
final class FakeBroker implements AutoCloseable {
    private static final int METHOD = 1;
    private static final int HEADER = 2;
    private static final int BODY = 3;
    private static final int START_OK = 10 << 16 | 11;
    private static final int OPEN = 10 << 16 | 40;
    private static final int CLOSE = 10 << 16 | 50;
    private static final int OPEN_CHANNEL = 20 << 16 | 10;
    private static final int CLOSE_CHANNEL = 20 << 16 | 40;
    private static final int QOS = 60 << 16 | 10;
    private static final int CONSUME = 60 << 16 | 20;
    private static final int ACKNOWLEDGE = 60 << 16 | 80;
    private static final int MOST_OCTETS = 131_072;
    private static final int FRAME_END = 0xCE;
    private final BlockingDeque<byte[]> queue = new LinkedBlockingDeque<>();
    private final List<String> acknowledged = new CopyOnWriteArrayList<>();
    private final AtomicInteger consumers = new AtomicInteger();
    private final ScriptedServer server;

    FakeBroker(int port) {
        server = ScriptedServer.startOn(LocalPorts.LOOPBACK, port, this::serve);
    }

    FakeBroker publish(String... mails) {
        Stream.of(mails).map(mail -> mail.getBytes(StandardCharsets.ISO_8859_1)).forEach(queue::add);
        return this;
    }

    FakeBroker awaitConsumer() {
        Eventually.until("a consumer", () -> consumers.get() > 0);
        return this;
    }

    /** First lines of messages. */
    List<String> acknowledged() {
        return acknowledged;
    }

    /** First lines of messages. */
    List<String> left() {
        return queue.stream().map(FakeBroker::firstLine).toList();
    }

    private static String firstLine(byte[] mail) {
        return new String(mail, StandardCharsets.ISO_8859_1).lines().findFirst().orElse("");
    }

    /** A class and its method, as one number. */
    private static int code(int of, int method) {
        return of << 16 | method;
    }

    private void serve(ScriptedPeer peer) throws IOException, InterruptedException {
        peer.readBytes("AMQP0091".length());
        send(peer, METHOD, 0, method(code(10, 10), new byte[] {0, 9}, new byte[4], longText("PLAIN"), longText("en_US")));
        Optional<byte[]> unsettled = Optional.empty();
        try {
            for (int asked = nextMethod(peer); asked != CLOSE; asked = nextMethod(peer)) {
                answer(peer, asked);
                if (asked == CONSUME) {
                    consumers.incrementAndGet();
                    unsettled = Optional.of(queue.take());
                    deliver(peer, unsettled.get());
                } else if (asked == ACKNOWLEDGE) {
                    acknowledged.add(firstLine(unsettled.orElseThrow()));
                    unsettled = Optional.empty();
                }
            }
            send(peer, METHOD, 0, method(code(10, 51)));
        } finally {
            unsettled.ifPresent(queue::addFirst);
        }
    }

    private static void answer(ScriptedPeer peer, int asked) throws IOException {
        switch (asked) {
            case START_OK -> send(peer, METHOD, 0, method(code(10, 30), new byte[2], number(MOST_OCTETS), new byte[2]));
            case OPEN -> send(peer, METHOD, 0, method(code(10, 41), new byte[1]));
            case OPEN_CHANNEL -> send(peer, METHOD, 1, method(code(20, 11), new byte[4]));
            case CLOSE_CHANNEL -> send(peer, METHOD, 1, method(code(20, 41)));
            case QOS -> send(peer, METHOD, 1, method(code(60, 11)));
            case CONSUME -> send(peer, METHOD, 1, method(code(60, 21), shortText("consumer")));
            default -> { }
        }
    }

    private static void deliver(ScriptedPeer peer, byte[] mail) throws IOException {
        send(peer, METHOD, 1, method(code(60, 60), shortText("consumer"), number(0), number(1), new byte[1], shortText(""), shortText("mails")));
        send(peer, HEADER, 1, method(60 << 16, number(0), number(mail.length), new byte[2]));
        int most = MOST_OCTETS - 8;
        for (int from = 0; from < mail.length; from += most) {
            send(peer, BODY, 1, Arrays.copyOfRange(mail, from, Math.min(mail.length, from + most)));
        }
    }

    /** The next that is no heartbeat. */
    private static int nextMethod(ScriptedPeer peer) throws IOException {
        while (true) {
            ByteBuffer head = ByteBuffer.wrap(peer.readBytes(7));
            ByteBuffer payload = ByteBuffer.wrap(peer.readBytes(head.getInt(3) + 1));
            if (head.get(0) == METHOD) {
                return payload.getInt();
            }
        }
    }

    private static void send(ScriptedPeer peer, int type, int channel, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(frame);
        out.writeByte(type);
        out.writeShort(channel);
        out.writeInt(payload.length);
        out.write(payload);
        out.writeByte(FRAME_END);
        peer.write(frame.toByteArray());
    }

    private static byte[] method(int code, byte[]... arguments) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(number(code));
        Stream.of(arguments).forEach(all::writeBytes);
        return all.toByteArray();
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static byte[] longText(String text) {
        return method(text.length(), text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] shortText(String text) {
        return ByteBuffer.allocate(1 + text.length()).put((byte) text.length()).put(text.getBytes(StandardCharsets.US_ASCII)).array();
    }

    @Override
    public void close() {
        server.close();
    }
}
