package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** By what a message is told from others: what counts, what does not, and that it is the same wherever the message lies. */
final class FingerprintTest {
    private static final String MESSAGE = "Return-Path: <bounce@example.org>\r\nReceived: from a\r\n\tby b; Tue, 3 Nov 2026 10:20:30 +0100\r\nReceived: from c by d\r\n"
        + "Message-ID: <1@example.org>\r\nDate: Tue, 3 Nov 2026 10:20:30 +0100\r\nFrom: a@example.org\r\nSubject: caf\u00E9\r\nStatus: RO\r\n\r\nbody\r\n";
    private static final String WEAK = "From: a@example.org\r\nSubject: weak\r\n\r\nbody\r\n";

    @TempDir
    private Path folder;

    private static Fingerprint print(Fingerprint print, String message, int piece) {
        byte[] octets = message.getBytes(ISO_8859_1);
        try {
            for (int at = 0; at < octets.length; at += piece) {
                print.write(octets, at, Math.min(piece, octets.length - at));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return print;
    }

    private static String identity(String message) {
        return print(Fingerprint.ofHeader(), message, 1000).identity();
    }

    @ParameterizedTest
    @CsvSource({"Message-ID: <1@, Message-ID: <2@", "Date: Tue, Date: Wed", "From: a@, From: b@", "Subject: caf\u00E9, Subject: cafe", "from c by d, from c by e",
        "'Received: from c by d\\r\\n', ''", "by b;, by  c;"})
    void eachOfTheseFieldsCounts(String field, String other) {
        String changed = MESSAGE.replace(field.translateEscapes(), other);
        assertNotEquals(MESSAGE, changed);
        assertNotEquals(identity(MESSAGE), identity(changed));
    }

    @ParameterizedTest
    @CsvSource({"Status: RO, Status: O", "Status: RO, X-UIDL: 12", "Return-Path: <bounce@example.org>, Return-Path: <>", "body, another", "'a\\r\\n\\tby b', 'a by b'",
        "'a\\r\\n\\tby b', 'a  \\t by b'", "Message-ID:, message-id:", "Subject: caf, 'SUBJECT:   caf'", "'\\r\\n\\r\\nbody\\r\\n', '\\r\\n\\r\\n'"})
    void nothingElseDoes(String part, String other) {
        String changed = MESSAGE.replace(part.translateEscapes(), other.translateEscapes());
        assertNotEquals(MESSAGE, changed);
        assertEquals(identity(MESSAGE), identity(changed));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 64, 100_000})
    void itIsTheSameHoweverItComesAndHoweverItIsStored(int piece) throws IOException {
        for (String message : new String[] {MESSAGE, WEAK, "", "\r\n", "no header", "Date: x", "Date: x\r\n", "Subject: long\r\n" + "X: y\r\n".repeat(50_000) + "Date: z\r\n\r\n"}) {
            String identity = identity(message);
            assertEquals(identity, print(Fingerprint.ofHeader(), message, piece).identity());
            assertEquals(identity, Fingerprint.of(Files.writeString(folder.resolve("eml"), message, ISO_8859_1)));
            assertEquals(identity, Fingerprint.of(Files.writeString(folder.resolve("lf"), message.replace("\r\n", "\n"), ISO_8859_1)));
        }
    }

    @Test
    void aHeaderThatProvesNothingIsToldByAllOfItButWhatServersRewrite() {
        assertEquals(Optional.empty(), print(Fingerprint.ofHeader(), WEAK, 10).header());
        assertNotEquals(identity(WEAK), identity(WEAK.replace("body", "bode")));
        assertNotEquals(identity(WEAK), identity(WEAK.replace("\r\n\r\n", "\r\nX-Other: 1\r\n\r\n")));
        assertEquals(identity(WEAK), identity(WEAK.replace("\r\n\r\n", "\r\nStatus: RO\r\nX-UIDL: 5\r\n\r\n")));
    }

    @Test
    void ofTwinsAllOfItIsToldToo() {
        Fingerprint one = print(Fingerprint.ofAll(), MESSAGE, 10);
        Fingerprint other = print(Fingerprint.ofAll(), MESSAGE.replace("body", "other"), 10);
        assertEquals(one.header(), other.header());
        assertTrue(one.header().isPresent());
        assertNotEquals(one.all(), other.all());
    }

    @Test
    void aMessageIdIsOneWhateverOctetsItHas() {
        assertFalse(print(Fingerprint.ofHeader(), "Date: x\r\nMessage-ID: <\u0085@x>\r\n\r\n", 10).isOnlyDated());
        assertTrue(print(Fingerprint.ofHeader(), "Date: x\r\nSubject: received\r\n\r\n", 10).isOnlyDated());
    }

    @ParameterizedTest
    @CsvSource({"Return-Path: <bounce@example.org>, bounce@example.org", "return-path:a@example.org, a@example.org", "Return-Path: <>, ''", "X-Return-Path: <a@b>, ''",
        "'Return-Path: <a@b>\\r\\nReturn-Path: <c@d>', a@b"})
    void theTopmostReturnPathNamesTheSender(String field, String sender) {
        Fingerprint print = print(Fingerprint.ofHeader(), field.translateEscapes() + "\r\n" + WEAK, 5);
        assertEquals(Optional.of(sender), print.sender());
    }

    @Test
    void theSenderIsUnknownUntilTheHeaderHasCome() {
        assertEquals(Optional.empty(), print(Fingerprint.ofHeader(), "Return-Path: <a@b>\r\nSubject: x\r\n", 5).sender());
    }
}
