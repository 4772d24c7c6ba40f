package mailtool;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;

/** The JDKs of this machine. */
final class Jdks {
    private Jdks() {
    }

    /** The home of one, or the test is skipped, in CI too: any one of the supported JDKs is enough to run the tests. */
    static Path needed(int version) {
        Optional<Path> found = find(version);
        Assumptions.assumeTrue(found.isPresent(), "no JDK " + version + " is installed");
        return found.orElseThrow();
    }

    private static Optional<Path> find(int version) {
        Stream<Path> ours = Stream.of(Path.of(System.getProperty("java.home")));
        return Stream.concat(ours, installed(Path.of("/usr/lib/jvm"))).filter(home -> isJdk(home, version)).findFirst();
    }

    private static Stream<Path> installed(Path folder) {
        try (DirectoryStream<Path> homes = Files.newDirectoryStream(folder)) {
            Stream.Builder<Path> all = Stream.builder();
            homes.forEach(all);
            return all.build();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    private static boolean isJdk(Path home, int version) {
        try {
            boolean complete = Files.isExecutable(home.resolve("bin/javac"));
            return complete && Files.readString(home.resolve("release")).matches("(?s).*JAVA_VERSION=\"" + version + "[.\"].*");
        } catch (IOException e) {
            return false;
        }
    }
}
