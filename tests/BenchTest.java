package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;

/** The bench works; its figures are for those who run it alone. */
final class BenchTest {
    @Test
    void theBenchOfFetchingRunsToItsEnd() {
        Need.program("dovecot");
        Tool.Result result = Program.jbangw("bench", "--quick", "pop3").in(Program.inClone("tests")).call();
        assertEquals(0, result.exit(), result::toString);
        for (String figure : List.of("100 messages of 2.9 KB into a Maildir", "into an mbox", "20 ms away", "Nothing new in 100", "One message of 2 MB")) {
            assertTrue(result.out().contains(figure), result::toString);
        }
    }
}
