package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;

/** The one printer of what commands have to say. */
final class FactsTest {
    private static final Facts DELIVERY = Facts.of("ok", true, "queueId", Optional.of("4XyZ"), "reply", Optional.empty(), "bytes", 12L);

    @Test
    void jsonIsOneLineInTheirOrderWithNullForWhatThereIsNot() {
        assertEquals("{\"ok\":true,\"queueId\":\"4XyZ\",\"reply\":null,\"bytes\":12}", DELIVERY.json());
    }

    @Test
    void factsMayBeWithinFacts() {
        Facts tls = Facts.of("version", "TLSv1.3");
        Facts all = Facts.of("tls", tls).and("stages", List.of(Facts.of("stage", "ehlo")), "capabilities", Map.of("clear", List.of("TOP")));
        assertEquals("{\"tls\":{\"version\":\"TLSv1.3\"},\"stages\":[{\"stage\":\"ehlo\"}],\"capabilities\":{\"clear\":[\"TOP\"]}}", all.json());
    }

    @Test
    void whatIsSaidAgainTakesTheFirstOnesPlace() {
        assertEquals("{\"a\":3,\"b\":2}", Facts.of("a", 1, "b", 2).and("a", 3).json());
    }

    @Test
    void nothingInJsonMovesTheCursor() {
        assertEquals("{\"subject\":\"\\u001b[2J\\u009b\\u202e\\n<&>\"}", Facts.of("subject", "\033[2J\u009b\u202e\n<&>").json());
    }

    @Test
    void linesHaveANameAndAValueEach() {
        assertEquals("messages    3\nsession     TLSv1.3\\x1b\n", Facts.of("messages", 3, "session", "TLSv1.3\033").lines());
    }
}
