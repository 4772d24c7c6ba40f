package mailtool;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** What a test needs of the machine. Without it the test is skipped, but fails in CI, where nothing may be missing. */
final class Need {
    private Need() {
    }

    static boolean inCi() {
        return "true".equals(System.getenv("CI"));
    }

    static void that(boolean present, String reason) {
        if (!present) {
            miss(reason);
        }
    }

    /** Skips the running test, or fails it in CI. */
    static void miss(String reason) {
        if (inCi()) {
            Assertions.fail(reason);
        }
        Assumptions.abort(reason);
    }

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    static void root(String what) {
        that(isRoot(), what + " needs root");
    }

    /** An installed program, also where an ordinary user's PATH leaves out the sbin folders. */
    static Path program(String name) {
        Optional<Path> found = find(name);
        that(found.isPresent(), name + " is not installed");
        return found.orElseThrow();
    }

    static Optional<Path> find(String name) {
        Stream<Path> onPath = Stream.of(System.getenv().getOrDefault("PATH", "").split(":")).map(Path::of);
        Stream<Path> system = Stream.of("/usr/sbin", "/usr/bin", "/sbin", "/bin").map(Path::of);
        return Stream.concat(onPath, system)
            .map(folder -> folder.resolve(name))
            .filter(Files::isExecutable)
            .findFirst();
    }
}
