package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;

import org.junit.jupiter.api.Test;

/** {@code stat}: what STAT and CAPA say, before and after TLS. */
final class StatTest {
    @Test
    void whatIsThereAndWhatTheServerCan() {
        try (FakePop3 fake = new FakePop3().messages(3).tls(TestCerts.good().context()).capa("USER").capaUnderTls("SASL PLAIN").capaAfterLogin("TOP", "UIDL", "EXPIRE NEVER").start()) {
            Tool.Result result = Pop3Calls.call(fake, "stat", "--ca", TestCerts.caFile().toString());
            assertEquals(0, result.exit(), result::toString);
            assertTrue(result.out().matches("messages +3\noctets +\\d+\nsession +TLSv1\\.3, .*\noffered before TLS +USER, STLS\noffered before login +SASL PLAIN\noffered after login +TOP, UIDL, EXPIRE NEVER\n"), result::toString);
            assertEquals(List.of(), fake.commands("UIDL"));
        }
    }

    @Test
    void jsonIsOneObject() {
        try (FakePop3 fake = new FakePop3().messages(2).tls(TestCerts.good().context()).capaAfterLogin("TOP").start()) {
            Tool.Result result = Pop3Calls.call(fake, "stat", "--json", "--ca", TestCerts.caFile().toString());
            assertEquals(0, result.exit(), result::toString);
            JsonObject json = JsonParser.parseString(result.out()).getAsJsonObject();
            assertEquals(2, json.get("messages").getAsInt());
            assertEquals("TLSv1.3", json.getAsJsonObject("tls").get("version").getAsString());
            assertEquals(List.of("clear", "TLS", "login"), List.copyOf(json.getAsJsonObject("capabilities").keySet()));
        }
    }

    @Test
    void withoutALoginItSaysWhatIsOffered() {
        try (FakePop3 fake = new FakePop3().tls(TestCerts.good().context()).start()) {
            Tool.Result result = Tool.run("stat", "-S", fake.url(), "--ca", TestCerts.caFile().toString());
            assertEquals(0, result.exit(), result::toString);
            assertTrue(result.out().contains("UIDL") && !result.out().contains("messages"), result::toString);
            assertTrue(result.out().contains("\noffered before login "), result::toString);
        }
    }

    @Test
    void inClearTheOnlyOfferBeforeLoginIsCalledThat() {
        try (FakePop3 fake = new FakePop3().capa("USER").start()) {
            Tool.Result result = Pop3Calls.call(fake, "stat");
            assertTrue(result.out().matches("(?s).*\nsession +without TLS\noffered before login +USER\noffered after login +USER\n"), result::toString);
        }
    }

    @Test
    void aServerThatRefusesStatStillHasCapabilities() {
        try (FakePop3 fake = new FakePop3().on("STAT", "-ERR [SYS/TEMP] busy\u001b").start()) {
            Tool.Result result = Pop3Calls.call(fake, "stat");
            assertEquals(0, result.exit(), result::toString);
            assertTrue(result.out().contains("UIDL"), result::toString);
            assertTrue(result.err().contains("[SYS/TEMP] busy\\x1b"), result::toString);
        }
    }

    @Test
    void aServerWithoutCapaHasMessages() {
        try (FakePop3 fake = new FakePop3().messages(7).without("CAPA").start()) {
            Tool.Result result = Pop3Calls.call(fake, "stat");
            assertEquals(0, result.exit(), result::toString);
            assertTrue(result.out().startsWith("messages    7\n"), result::toString);
            assertTrue(Pop3Calls.call(fake, "stat", "--json").out().contains("\"capabilities\":{}"));
        }
    }

    @Test
    void whatAServerSaysMovesNoCursor() {
        try (FakePop3 fake = new FakePop3().capa("USER", "X\u001b[2J\u009b1m").start()) {
            Tool.Result result = Pop3Calls.call(fake, "stat");
            assertFalse(result.out().contains("\u001b") || result.out().contains("\u009b"), result::toString);
        }
    }

    @Test
    void dovecotAnswers() {
        DovecotUser user = Dovecot.shared().newUser("stat").deposit("Subject: one\n\n").deposit("Subject: two\n\nbody\n");
        Tool.Result result = Tool.with().env("MAILTOOL_PASSWORD", Dovecot.PASSWORD).call("stat", "-S", user.tlsUrl(), "--ca", TestCerts.caFile().toString());
        assertEquals(0, result.exit(), result::toString);
        assertTrue(result.out().matches("(?s)messages +2\n.*"), result::toString);
        assertTrue(result.out().contains("PIPELINING"), result::toString);
    }

    @Test
    void itTakesNoMessage() {
        assertEquals(64, Tool.run("stat", "1", "-S", "pop3://localhost").exit());
    }
}
