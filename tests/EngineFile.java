package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file of examples/engines with other settings, which is how its user changes it. */
final class EngineFile {
    private String text;

    EngineFile(String name) {
        try {
            text = Files.readString(Program.inClone("examples/engines/" + name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The setting must be there, once, at the beginning of a line: {@code RATE=}, {@code #SBATCH --chdir=}, {@code NAME: }. */
    EngineFile set(String setting, Object value) {
        Matcher line = Pattern.compile("(?m)^ *" + Pattern.quote(setting) + "(\\S+)").matcher(text);
        assertEquals(1, line.results().count(), "settings " + setting);
        MatchResult found = line.reset().results().findFirst().orElseThrow();
        text = text.substring(0, found.start(1)) + value + text.substring(found.end(1));
        return this;
    }

    String text() {
        return text;
    }
}
