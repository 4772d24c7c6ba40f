package mailtool;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Waits for a condition, never for a time: polls until it holds or the deadline has passed. */
final class Eventually {
    static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final long POLL_MILLIS = 10;

    private Eventually() {
    }

    static void until(String what, Callable<Boolean> condition) {
        forValue(what, () -> condition.call() ? Optional.of(true) : Optional.empty());
    }

    /** A source that throws has no value yet; what it threw last is the cause of the failure. */
    static <T> T forValue(String what, Callable<Optional<T>> source) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        Exception last = null;
        while (System.nanoTime() < deadline) {
            try {
                Optional<T> value = source.call();
                if (value.isPresent()) {
                    return value.get();
                }
            } catch (Exception e) {
                last = e;
            }
            pause(what);
        }
        throw new AssertionError("waited " + DEADLINE.toSeconds() + " s in vain for " + what, last);
    }

    private static void pause(String what) {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + what, e);
        }
    }
}
