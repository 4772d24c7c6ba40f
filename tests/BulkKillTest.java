package mailtool;

import java.io.IOException;

import org.junit.jupiter.api.Test;

/** What a killed run of bulk leaves: nothing lost, nothing twice. The long form: {@code jbang kills}. */
class BulkKillTest {
    @Test
    void eachRowIsAcceptedOnceWhateverShardWasKilled() throws IOException, InterruptedException {
        new BulkKills(2000, 20).run();
    }
}
