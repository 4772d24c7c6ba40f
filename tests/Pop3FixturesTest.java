package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

/** The fixtures of fetching do what the other tests take for granted. */
final class Pop3FixturesTest {
    private static final String NASTY = "Subject: nasty\r\n\r\n.dot\r\n\n.\nbare\r\n\0\u00E9\r\r\n..\r\nno end";

    // Dovecot

    @Test
    void dovecotGivesEachTestAUserOfItsOwn() throws IOException {
        DovecotUser first = Dovecot.shared().newUser("fixture").deposit("Subject: one\n\nof the first\n");
        DovecotUser second = Dovecot.shared().newUser("fixture");
        second.deposit("Subject: one\n\nof the second\n").deposit("Subject: two\n\n");
        assertEquals("+OK 1", stat(first).substring(0, 5));
        assertEquals("+OK 2", stat(second).substring(0, 5));
        assertEquals(List.of(1, 2), List.of(first.count(), second.count()));
    }

    @Test
    void dovecotSendsAFileAsItIsButForItsLineEnds() throws IOException {
        DovecotUser user = Dovecot.shared().newUser("bytes").deposit(NASTY);
        try (RawClient client = login(user)) {
            client.send("RETR 1\r\n").line();
            assertEquals("Subject: nasty\n\n..dot\n\n..\nbare\n\0\u00E9\r\n...\nno end\n", client.toDot());
        }
    }

    @Test
    void dovecotNumbersMessagesInTheirOrder() throws IOException {
        DovecotUser user = Dovecot.shared().newUser("order");
        IntStream.rangeClosed(1, 30).forEach(number -> user.deposit("Subject: m" + number + "\n\n"));
        try (RawClient client = login(user)) {
            for (int number = 1; number <= 30; number++) {
                client.send("TOP " + number + " 0\r\n").line();
                assertEquals("Subject: m" + number + "\n\n", client.toDot());
            }
        }
    }

    @Test
    void dovecotTakesPipelinedCommandsAndRemovesAtQuit() throws IOException {
        DovecotUser user = Dovecot.shared().newUser("pipelining").deposit("Subject: one\n\n").deposit("Subject: two\n\n");
        try (RawClient client = login(user)) {
            client.send("CAPA\r\n").line();
            assertTrue(client.toDot().contains("PIPELINING\n"));
            client.send("DELE 1\r\nUIDL 2\r\nDELE 1\r\n");
            assertTrue(client.line().startsWith("+OK"));
            assertTrue(client.line().startsWith("+OK 2 "));
            assertTrue(client.line().startsWith("-ERR"));
            assertEquals(2, user.count());
            client.send("QUIT\r\n");
            assertTrue(client.line().startsWith("+OK"));
        }
        assertEquals(List.of("Subject: two\n\n"), user.messages());
    }

    @Test
    void aNewUserGetsMail() {
        DovecotUser user = Dovecot.shared().newUser("lmtp").deliver("Subject: delivered\r\n\r\n.dot\r\n");
        String message = user.messages().get(0);
        assertTrue(message.contains("Delivered-To: " + user.address() + "\n"), message);
        assertTrue(message.endsWith("Subject: delivered\n\n.dot\n"), message);
    }

    private static RawClient login(DovecotUser user) throws IOException {
        RawClient client = RawClient.connect(Dovecot.shared().pop3Port());
        client.line();
        client.send("USER " + user.address() + "\r\nPASS " + Dovecot.PASSWORD + "\r\n");
        assertEquals(List.of("+OK", "+OK Logged in."), List.of(client.line(), client.line()));
        return client;
    }

    private static String stat(DovecotUser user) throws IOException {
        try (RawClient client = login(user)) {
            return client.send("STAT\r\n").line();
        }
    }

    // A long way

    @Test
    void everythingArrivesLateButTogether() throws IOException {
        DovecotUser user = Dovecot.shared().newUser("far");
        IntStream.range(0, 40).forEach(number -> user.deposit("Subject: far\n\n"));
        Duration roundTrip = Duration.ofMillis(500);
        try (DelayProxy proxy = DelayProxy.to(Dovecot.shared().pop3Port(), roundTrip); RawClient client = RawClient.connect(proxy.port())) {
            client.line();
            client.send("USER " + user.address() + "\r\nPASS " + Dovecot.PASSWORD + "\r\n");
            client.line();
            client.line();
            long started = System.nanoTime();
            client.send("RETR 1\r\n".repeat(40));
            for (int number = 0; number < 40; number++) {
                client.toDot();
            }
            long took = System.nanoTime() - started;
            assertTrue(took >= roundTrip.toNanos(), "not late");
            assertTrue(took < 20 * roundTrip.toNanos(), "one after the other");
            client.send("QUIT\r\n").line();
            assertTrue(client.isAtEnd());
        }
    }

    // The fake server

    @Test
    void fakePop3ServesItsMaildrop() throws IOException {
        try (FakePop3 pop3 = new FakePop3().message("a", "Subject: A\r\n\r\none\r\ntwo\r\n").message("b", NASTY).start(); RawClient client = login(pop3)) {
            assertEquals("+OK 2 " + (24 + NASTY.length()), ask(client, "STAT"));
            assertEquals("+OK 2 messages\n1 24\n2 " + NASTY.length() + "\n", listing(client, "LIST"));
            assertEquals("+OK 2 messages\n1 a\n2 b\n", listing(client, "UIDL"));
            assertEquals("+OK 2 b", ask(client, "UIDL 2"));
            assertEquals("+OK 24 octets\nSubject: A\n\none\n", listing(client, "TOP 1 1"));
            assertEquals("+OK 24 octets\nSubject: A\n\n", listing(client, "TOP 1 0"));
            assertEquals("+OK " + NASTY.length() + " octets\nSubject: nasty\n\n..dot\n\n.\nbare\n\0\u00E9\r\n...\nno end\n", listing(client, "RETR 2"));
            assertEquals("-ERR no such message", ask(client, "RETR 3"));
            assertEquals("+OK\nUSER\nTOP\nUIDL\nRESP-CODES\n", listing(client, "CAPA"));
            assertEquals(1, pop3.mostInFlight());
            assertEquals(List.of("RETR 2", "RETR 3"), pop3.commands("RETR"));
        }
    }

    @Test
    void onlyQuitRemoves() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(4).start()) {
            try (RawClient client = login(pop3)) {
                ask(client, "DELE 1");
            }
            try (RawClient client = login(pop3)) {
                ask(client, "DELE 1");
                ask(client, "RSET");
                ask(client, "DELE 2");
                assertEquals("-ERR no such message", ask(client, "DELE 2"));
                assertEquals("-ERR no such message", ask(client, "RETR 2"));
                assertEquals("+OK 3 messages\n1 uid-1\n3 uid-3\n4 uid-4\n", listing(client, "UIDL"));
                assertEquals(List.of(), pop3.uidsRemoved());
                assertEquals("+OK", ask(client, "QUIT"));
                assertTrue(client.isAtEnd());
            }
            assertEquals(List.of("uid-2"), pop3.uidsRemoved());
            pop3.withdraw("uid-1").message("new", "Subject: new\r\n\r\n");
            try (RawClient client = login(pop3)) {
                assertEquals("+OK 3 messages\n1 uid-3\n2 uid-4\n3 new\n", listing(client, "UIDL"));
            }
            assertEquals(List.of("uid-3", "uid-4", "new"), pop3.uidsLeft());
        }
    }

    @Test
    void theReplyToQuitMayBeLostWithOrWithoutItsConsequence() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(2).once("QUIT", ScriptedPeer::close).cutOnce("QUIT", 0, ScriptedPeer::close).start()) {
            for (List<String> removed : List.of(List.<String>of(), List.of("uid-1"))) {
                try (RawClient client = login(pop3)) {
                    ask(client, "DELE 1");
                    client.send("QUIT\r\n");
                    assertTrue(client.isAtEnd());
                }
                assertEquals(removed, pop3.awaitEnd().uidsRemoved());
            }
        }
    }

    @Test
    void rulesMeanWholeWords() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(12).on("RETR 1", "-ERR [SYS/TEMP] later").once("DELE", "-ERR [SYS/PERM] never").start();
            RawClient client = login(pop3)) {
            assertEquals("-ERR [SYS/TEMP] later", ask(client, "RETR 1"));
            assertTrue(listing(client, "RETR 12").endsWith("body of 12\n"));
            assertEquals("-ERR [SYS/PERM] never", ask(client, "DELE 3"));
            assertEquals("+OK", ask(client, "DELE 3"));
            ask(client, "QUIT");
            assertEquals(List.of("uid-3"), pop3.uidsRemoved());
        }
    }

    @Test
    void aRefusedQuitRemovesNothing() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(1).on("QUIT", "-ERR some not removed").start(); RawClient client = login(pop3)) {
            ask(client, "DELE 1");
            assertEquals("-ERR some not removed", ask(client, "QUIT"));
            assertTrue(client.isAtEnd());
            assertEquals(List.of("uid-1"), pop3.uidsLeft());
        }
    }

    @Test
    void listingsMayLie() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(2).on("STAT", "+OK 2 -1").on("LIST", "+OK", "1 9223372036854775808", "1   -1", "7 0", ".")
            .altered("UIDL", answer -> answer.replace("2 uid-2\r\n", "")).start(); RawClient client = login(pop3)) {
            assertEquals("+OK 2 -1", ask(client, "STAT"));
            assertEquals("+OK\n1 9223372036854775808\n1   -1\n7 0\n", listing(client, "LIST"));
            assertEquals("+OK 2 messages\n1 uid-1\n", listing(client, "UIDL"));
        }
    }

    @Test
    void answersEndAnywhere() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(1)
            .cutOnce("RETR 1", 11, ScriptedPeer::hangUp)
            .cutOnce("RETR 1", 12, ScriptedPeer::reset)
            .cutOnce("RETR 1", 13, ScriptedPeer::stall)
            .start()) {
            try (RawClient client = login(pop3)) {
                EOFException end = assertThrows(EOFException.class, () -> ask(client, "RETR 1"));
                assertEquals("got only <+OK 54 octe>", end.getMessage());
            }
            try (RawClient client = login(pop3)) {
                assertThrows(SocketException.class, () -> listing(client, "RETR 1"));
            }
            try (RawClient client = login(pop3)) {
                client.send("RETR 1\r\n");
                assertEquals("+OK 54 octets".substring(0, 13), client.text(13));
                assertEquals(3, pop3.peers().size());
            }
        }
    }

    @Test
    void answersMayNeverEnd() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(1).endless("RETR", "+OK\r\n", "more\r\n").endless("UIDL", "+OK", "x").start()) {
            try (RawClient client = login(pop3)) {
                assertEquals("+OK", ask(client, "RETR 1"));
                assertEquals("more\r\n".repeat(50_000), client.text(300_000));
            }
            try (RawClient client = login(pop3)) {
                client.send("UIDL\r\n");
                assertEquals("+OK" + "x".repeat(200_000), client.text(200_003));
            }
            pop3.awaitEnd();
        }
    }

    @Test
    void answersMayTrickleOrEndTheirLinesWithLf() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(1).trickle("STAT", Duration.ofMillis(1)).altered("UIDL", answer -> answer.replace("\r\n", "\n")).start();
            RawClient client = login(pop3)) {
            assertEquals("+OK 1 54", ask(client, "STAT"));
            client.send("UIDL\r\n");
            assertEquals("+OK 1 messages\n1 uid-1\n.\n", client.text(25));
        }
    }

    @Test
    void whatItDoesNotHaveItDoesNotOffer() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(1).without("UIDL").without("TOP").start(); RawClient client = login(pop3)) {
            assertEquals("+OK\nUSER\nRESP-CODES\n", listing(client, "CAPA"));
            assertTrue(ask(client, "UIDL").startsWith("-ERR"));
            assertTrue(ask(client, "TOP 1 0").startsWith("-ERR"));
        }
    }

    @Test
    void capabilitiesChangeAtTlsAndLogin() throws IOException {
        try (FakePop3 pop3 = new FakePop3().tls(TestCerts.good().context()).capa("USER").capaUnderTls("SASL PLAIN").capaAfterLogin("UIDL", "PIPELINING").start();
            RawClient client = RawClient.connect(pop3.port())) {
            client.line();
            assertEquals("+OK\nUSER\nSTLS\n", listing(client, "CAPA"));
            assertEquals("+OK", ask(client, "STLS"));
            client.startTls(TestCerts.client().context());
            assertEquals("+OK\nSASL PLAIN\n", listing(client, "CAPA"));
            assertEquals("+OK welcome", ask(client, "AUTH PLAIN " + RawClient.base64("\0ops\0" + FakePop3.PASSWORD)));
            assertEquals("+OK\nUIDL\nPIPELINING\n", listing(client, "CAPA"));
            assertEquals("CAPA\r\nSTLS\r\n", pop3.peer(0).receivedInClear());
        }
    }

    @Test
    void tlsMayBeImplicitRefusedOrInjectedInto() throws IOException {
        try (FakePop3 pop3 = new FakePop3().implicitTls(TestCerts.good().context()).start(); RawClient client = RawClient.connectTls(pop3.port())) {
            assertTrue(client.line().startsWith("+OK"));
            assertEquals("pop3s://ops@localhost:" + pop3.port(), pop3.userUrl());
        }
        try (FakePop3 pop3 = new FakePop3().tls(TestCerts.good().context()).once("STLS", "-ERR no").once("STLS", "+OK begin", "+OK injected").start();
            RawClient client = RawClient.connect(pop3.port())) {
            client.line();
            assertEquals("-ERR no", ask(client, "STLS"));
            assertEquals("+OK begin", ask(client, "STLS"));
            assertEquals("+OK injected", client.line());
            client.startTls(TestCerts.client().context());
            assertTrue(listing(client, "CAPA").startsWith("+OK\n"));
        }
    }

    @Test
    void everyLoginWorks() throws IOException, GeneralSecurityException {
        try (FakePop3 pop3 = new FakePop3().apop().capa("SASL CRAM-MD5 LOGIN").start()) {
            try (RawClient client = RawClient.connect(pop3.port())) {
                assertTrue(client.line().endsWith(FakePop3.TIMESTAMP));
                assertTrue(ask(client, "STAT").startsWith("-ERR"));
                assertTrue(ask(client, "APOP ops 00").startsWith("-ERR [AUTH]"));
                byte[] digest = MessageDigest.getInstance("MD5").digest((FakePop3.TIMESTAMP + FakePop3.PASSWORD).getBytes());
                assertEquals("+OK welcome", ask(client, "APOP ops " + HexFormat.of().formatHex(digest)));
            }
            try (RawClient client = RawClient.connect(pop3.port())) {
                client.line();
                assertEquals("+ " + RawClient.base64("Username:"), ask(client, "AUTH LOGIN"));
                assertEquals("+ " + RawClient.base64("Password:"), ask(client, RawClient.base64("ops")));
                assertTrue(ask(client, RawClient.base64("wrong")).startsWith("-ERR [AUTH]"));
                ask(client, "AUTH CRAM-MD5");
                assertTrue(ask(client, "*").startsWith("-ERR"));
                ask(client, "USER ops");
                assertEquals("+OK welcome", ask(client, "PASS " + FakePop3.PASSWORD));
            }
        }
    }

    @Test
    void commandsInFlightAreCounted() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(5).pipelining().patient().start(); RawClient client = login(pop3)) {
            assertTrue(listing(client, "CAPA").contains("PIPELINING\n"));
            assertEquals(1, pop3.mostInFlight());
            for (int number = 1; number <= 5; number++) {
                client.send("RETR " + number + "\r\n");
            }
            for (int number = 1; number <= 5; number++) {
                assertTrue(client.toDot().endsWith("body of " + number + "\n"));
            }
            assertEquals(5, pop3.mostInFlight());
            String all = IntStream.rangeClosed(1, 5).mapToObj(number -> "RETR " + number).collect(Collectors.joining("\n"));
            assertEquals(all, String.join("\n", pop3.commands("RETR")));
        }
    }

    @Test
    void aClientThatDoesNotExpectItsAnswerIsFound() throws IOException {
        try (FakePop3 pop3 = new FakePop3().messages(1).start(); RawClient client = login(pop3)) {
            client.send("STAT\r\nLIST 1\r\n");
            client.line();
            client.line();
            assertEquals(2, pop3.mostInFlight());
            assertFalse(listing(client, "CAPA").contains("PIPELINING"));
        }
    }

    private static RawClient login(FakePop3 pop3) throws IOException {
        RawClient client = RawClient.connect(pop3.port());
        assertTrue(client.line().startsWith("+OK"));
        ask(client, "USER " + FakePop3.USER);
        assertEquals("+OK welcome", ask(client, "PASS " + FakePop3.PASSWORD));
        return client;
    }

    private static String ask(RawClient client, String command) throws IOException {
        return client.send(command + "\r\n").line();
    }

    private static String listing(RawClient client, String command) throws IOException {
        return ask(client, command) + "\n" + client.toDot();
    }
}
