package mailtool;

import java.io.IOException;

import org.junit.jupiter.api.Test;

/** What a killed flush or first try leaves: nothing lost, one mail doubled at most. The long form: {@code jbang kills}. */
class SpoolKillTest {
    @Test
    void nothingIsLostAndOneMailAtMostIsDoubledByAKill() throws IOException, InterruptedException {
        new SpoolKills(20).run();
    }
}
