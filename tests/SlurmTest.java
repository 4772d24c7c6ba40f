package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** examples/engines/slurm.sh by Slurm: a controller and two nodes on this machine. */
final class SlurmTest {
    private static final List<String> SHARDS = List.of("1", "2", "3", "4");
    private final EngineCampaign campaign = new EngineCampaign();
    private final Deque<RunningTool> daemons = new ArrayDeque<>();
    private Path configuration;

    @BeforeEach
    void startCluster() {
        Path controller = Need.program("slurmctld");
        Path node = Need.program("slurmd");
        Need.root("Slurm");
        configuration = campaign.scratch().write("slurm.conf", configuration());
        campaign.scratch().folder("state");
        start(controller, "-D", "-c");
        start(node, "-D", "-c", "-N", "n1");
        start(node, "-D", "-c", "-N", "n2");
        Eventually.until("two idle nodes", () -> slurm("sinfo", "-h", "-o", "%D %T").strip().equals("2 idle"));
    }

    @AfterEach
    void stopCluster() {
        if (configuration != null) {
            slurm("scancel", "--name=may");
        }
        daemons.descendingIterator().forEachRemaining(RunningTool::close);
        campaign.close();
    }

    private void start(Object... words) {
        daemons.add(campaign.program(words).env("SLURM_CONF", configuration).start());
    }

    private String slurm(Object... words) {
        return campaign.program(words).env("SLURM_CONF", configuration).call().out();
    }

    /** Without a cluster's users, cgroups and accounting; an array's task begins again 6 s after it was requeued. */
    private String configuration() {
        return """
            ClusterName=test
            SlurmctldHost=@HOST@(127.0.0.1)
            SlurmctldPort=@PORT1@
            NodeName=n[1-2] NodeHostname=@HOST@ NodeAddr=127.0.0.1 Port=[@PORT2@,@PORT3@] CPUs=2 RealMemory=1100
            PartitionName=mail Nodes=n[1-2] Default=YES State=UP
            AuthType=auth/none
            CredType=cred/none
            AuthInfo=cred_expire=5
            SlurmUser=root
            SlurmdUser=root
            SlurmctldPidFile=@DIR@/slurmctld.pid
            SlurmdPidFile=@DIR@/%n.pid
            SlurmdSpoolDir=@DIR@/%n
            StateSaveLocation=@DIR@/state
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            MpiDefault=none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core
            SlurmdParameters=config_overrides
            ReturnToService=2
            """
            .replace("@DIR@", campaign.scratch().path().toString())
            .replace("@HOST@", SystemCommand.run("hostname", "-s").strip())
            .replace("@PORT1@", Integer.toString(LocalPorts.free()))
            .replace("@PORT2@", Integer.toString(LocalPorts.free()))
            .replace("@PORT3@", Integer.toString(LocalPorts.free()));
    }

    @Test
    void aShardThatEndsWith75IsRequeuedAndEachMailIsSentOnce() {
        String script = new EngineFile("slurm.sh").set("#SBATCH --chdir=", campaign.folder()).set("RATE=", "1000/s").set("RETRY_FOR=", "1s").text();
        String submitted = slurm("sbatch", campaign.scratch().write("slurm.sh", script));
        assertTrue(submitted.startsWith("Submitted batch job "), submitted);
        awaitAll("PENDING after 1");
        campaign.goOn();
        awaitAll("COMPLETED after 1");
        campaign.assertSentOnce();
        for (String shard : SHARDS) {
            String log = log(shard);
            assertEquals(2, Pattern.compile("mails? to send").matcher(log).results().count(), log);
        }
    }

    /** State and restarts of each shard. */
    private void awaitAll(String state) {
        for (String shard : SHARDS) {
            Eventually.until("shard " + shard + " " + state, () -> stateOf(shard).equals(state));
        }
    }

    private String stateOf(String shard) {
        return slurm("sh", "-c", "sleep 0.3; scontrol -o show jobs").lines()
            .filter(job -> field("ArrayTaskId", job).equals(shard))
            .map(job -> field("JobState", job) + " after " + field("Restarts", job))
            .collect(Collectors.joining());
    }

    private static String field(String name, String job) {
        return Pattern.compile("\\b" + name + "=(\\S+)").matcher(job).results().map(found -> found.group(1)).findFirst().orElse("?");
    }

    private String log(String shard) {
        return SystemCommand.run("cat", campaign.folder().resolve("may-" + shard + ".log"));
    }
}
