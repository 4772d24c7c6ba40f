package mailtool;

import static mailtool.MailTool.mail;
import static mailtool.MailTool.smtp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import mailtool.MailTool.Delivery;
import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import org.junit.jupiter.api.Test;

/** Many mails of which book is kept. */
final class OutboxTest {
    private static final int GROUP = 49;

    /** Whose disk is full after so many mails. */
    private static final class FullBooks implements Books<Integer> {
        private final AtomicInteger all = new AtomicInteger();
        private final Queue<Integer> intended = new ConcurrentLinkedQueue<>();
        private final Map<Integer, Boolean> accepted = new ConcurrentHashMap<>();
        private final int most;
        private int mostAtOnce;

        FullBooks(int most) {
            this.most = most;
        }

        @Override
        public Stream<Ready<Integer>> due() {
            return IntStream.range(0, 4 * GROUP).mapToObj(n -> new Ready<>(n,
                    mail().from("a@example.org").to("b" + n + "@example.org").subject("n").text("x").prepare()));
        }

        @Override
        public void intended(List<Ready<Integer>> group) {
            if (all.addAndGet(group.size()) > most) {
                throw new MailException(Exit.OUTPUT, MailTool.Stage.STORE, "the disk is full");
            }
            group.forEach(one -> intended.add(one.item()));
            mostAtOnce = Math.max(mostAtOnce, intended.size());
        }

        @Override
        public void withdrawn(List<Ready<Integer>> group) {
            group.forEach(one -> intended.remove(one.item()));
        }

        @Override
        public void ended(Ready<Integer> one, Delivery delivery) {
            accepted.put(one.item(), delivery.ok());
            intended.remove(one.item());
        }
    }

    @Test
    void aDiskThatIsFullForTheNextGroupTakesNoReplyFromThisOne() {
        FullBooks books = new FullBooks(GROUP);
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start()) {
            MailTool.Server<MailTool.Smtp> to = smtp(server.url()).set("timeout", "20s");
            Sessions sessions = () -> SmtpSession.open(to.where(), to.how(), to.sinks());
            Tempo tempo = new Tempo(Duration.ZERO, Duration.ofMinutes(1), to.sinks());
            Outbox<Integer> outbox = new Outbox<>(sessions, books, tempo, to.sinks());
            assertEquals(Exit.OUTPUT, assertThrows(MailException.class, outbox::run).exit());
            assertTrue(server.messages().size() >= GROUP, "" + server.messages().size());
            assertEquals(server.messages().size(), books.accepted.values().stream().filter(Boolean::booleanValue).count());
            assertEquals(List.of(), List.copyOf(books.intended));
        }
    }

    /** So that a kill makes one of them unknown, and no more. */
    @Test
    void oneByOneTheLastIsNotedBeforeTheNextEnds() {
        FullBooks books = new FullBooks(Integer.MAX_VALUE);
        try (FakeSmtp server = new FakeSmtp().ehlo("PIPELINING").start()) {
            MailTool.Server<MailTool.Smtp> to = smtp(server.url());
            new Outbox<>(() -> SmtpSession.open(to.where(), to.how(), to.sinks()), books, Tempo.once(to.sinks()), to.sinks()).run();
            assertEquals(4 * GROUP, books.accepted.size());
            assertEquals(1, books.mostAtOnce);
        }
    }
}
