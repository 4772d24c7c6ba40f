package mailtool;

import java.util.concurrent.Callable;

/** A fixture that starts when the first test asks for it, serves all test classes and stops when the JVM does. */
final class SharedFixture<T extends AutoCloseable> {
    private final Callable<T> start;
    private T fixture;
    private Throwable failure;

    SharedFixture(Callable<T> start) {
        this.start = start;
    }

    /** What kept the fixture from starting, a skip included, meets every test that asks for it. */
    synchronized T get() {
        if (fixture == null && failure == null) {
            startOnce();
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
        return fixture;
    }

    private void startOnce() {
        try {
            fixture = start.call();
            Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop " + fixture.getClass().getSimpleName()));
        } catch (Exception | Error e) {
            failure = e;
        }
    }

    private void stop() {
        try {
            fixture.close();
        } catch (Exception e) {
            System.err.println("could not stop " + fixture.getClass().getSimpleName() + ": " + e);
        }
    }
}
