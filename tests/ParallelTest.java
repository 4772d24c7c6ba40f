package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** examples/engines/parallel.sh by GNU parallel over ssh, to a machine under two names. */
final class ParallelTest {
    private final EngineCampaign campaign = new EngineCampaign();
    private final int port = LocalPorts.free();
    private RunningTool sshd;
    private Path client;

    @BeforeEach
    void startSshd() throws IOException {
        Need.program("parallel");
        Path program = Need.program("sshd");
        Need.root("sshd with its folder");
        Files.createDirectories(Path.of("/run/sshd"));
        Path key = campaign.scratch().resolve("key");
        SystemCommand.run(Need.program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key);
        Path server = campaign.scratch().write("sshd_config", """
            ListenAddress 127.0.0.1:%1$d
            HostKey %2$s
            AuthorizedKeysFile %2$s.pub
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            SetEnv "PATH=%3$s" "HOME=%4$s"
            """.formatted(port, key, campaign.tool().path(), campaign.tool().home()));
        client = campaign.scratch().write("ssh_config", """
            Host n1 n2
                Port %d
            Host gone
                Port %d
            Host *
                HostName 127.0.0.1
                IdentityFile %s
                StrictHostKeyChecking no
                UserKnownHostsFile /dev/null
                LogLevel ERROR
            """.formatted(port, LocalPorts.free(), key));
        sshd = Program.of(program, "-D", "-f", server).start();
        Eventually.until("sshd", () -> LocalPorts.answers(port));
    }

    @AfterEach
    void close() {
        if (sshd != null) {
            sshd.close();
        }
        campaign.close();
    }

    private Tool.Result run(String hosts, int shards) {
        String script = new EngineFile("parallel.sh").set("HOSTS=", hosts).set("SHARDS=", shards).set("FOLDER=", campaign.folder())
            .set("RATE=", "1000/s").set("RETRY_FOR=", "1s").text();
        return campaign.program("bash", campaign.scratch().write("parallel.sh", script)).env("PARALLEL_SSH", "ssh -F " + client).call();
    }

    @Test
    void theShardsThatFailedAreTriedAgainAndEachMailIsSentOnce() throws IOException {
        Tool.Result first = run("n1,n2", 4);
        assertEquals(75, first.exit(), first::toString);
        List<String> log = joblog(4);
        assertEquals(List.of("75", "75", "75", "75"), column(6, log), first::toString);
        assertEquals(List.of("n1", "n2"), column(1, log).stream().distinct().sorted().toList());
        campaign.goOn();
        Tool.Result second = run("n1,n2", 4);
        assertEquals(81, second.exit(), second::toString);
        campaign.assertSentOnce();
        assertFalse(Files.exists(campaign.folder().resolve("may.of-4.joblog")), "what is mended begins with a new log");
    }

    @Test
    void aMachineThatIsAwayIsTriedAgainAndWrongSettingsAreNot() throws IOException {
        Tool.Result away = run("gone", 1);
        assertEquals(75, away.exit(), away::toString);
        assertEquals(List.of("255"), column(6, joblog(1)), away::toString);
        Files.delete(campaign.folder().resolve("bill.txt"));
        Tool.Result wrong = run("n1", 1);
        assertEquals(66, wrong.exit(), wrong::toString);
        assertTrue(wrong.err().contains("bill.txt"), wrong::toString);
    }

    /** Without its head. */
    private List<String> joblog(int shards) throws IOException {
        List<String> lines = Files.readAllLines(campaign.folder().resolve("may.of-" + shards + ".joblog"));
        return lines.subList(1, lines.size());
    }

    private static List<String> column(int number, List<String> lines) {
        return lines.stream().map(line -> line.split("\t")[number].strip()).toList();
    }
}
