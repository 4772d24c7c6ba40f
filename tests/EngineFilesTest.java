package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of the files in examples/engines as they are. */
final class EngineFilesTest {
    @ParameterizedTest
    @ValueSource(strings = {"parallel.sh", "slurm.sh", "amqp.sh"})
    void aScriptIsOneThatShellcheckFindsNothingIn(String name) {
        Path script = Program.inClone("examples/engines/" + name);
        assertEquals("", Program.of(Need.program("shellcheck"), "--enable=quote-safe-variables", script).call().out());
        assertTrue(Files.isExecutable(script));
    }

    /** The image itself is built by hand, as its base comes from a registry. */
    @Test
    void theImageRunsTheJarAsNobodyInParticular() {
        String text = new EngineFile("Containerfile").text();
        assertEquals(List.of("ARG", "FROM", "ENV", "COPY", "RUN", "USER", "ENTRYPOINT"),
            Pattern.compile("(?m)^([A-Z]+) ").matcher(text).results().map(found -> found.group(1)).toList());
        for (String line : List.of("USER 65532:65532\n", "ENTRYPOINT [\"mailtool\"]\n", "COPY MailTool-fatjar.jar /opt/mailtool.jar\n", "exec java ")) {
            assertTrue(text.contains(line), line);
        }
        MatchResult wrapper = Pattern.compile("(?s)RUN (printf .*?) \\\\\n").matcher(text).results().findFirst().orElseThrow();
        try (Scratch scratch = Scratch.create("image")) {
            Path program = scratch.resolve("mailtool");
            String writing = wrapper.group(1).replace("/usr/local/bin/mailtool", program.toString());
            assertEquals(0, Program.of("sh", "-c", writing).call().exit());
            scratch.write("java", "#!/bin/sh\nprintf '<%s>' \"$@\"\n").toFile().setExecutable(true);
            Tool.Result run = Program.of("sh", program, "bulk", "two words").env("PATH", scratch.path() + ":" + System.getenv("PATH")).call();
            assertEquals("<-XX:MaxRAMPercentage=75><-jar></opt/mailtool.jar><bulk><two words>", run.out(), run::toString);
        }
    }
}
