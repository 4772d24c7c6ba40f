package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** examples/engines/kubernetes.yaml, decoded into the types of the API. No cluster runs here; the command of its container does. */
final class KubernetesTest {
    private static final String[] DOCUMENTS = new EngineFile("kubernetes.yaml").text().split("(?m)^---$");
    private static final ObjectMapper STRICT = new ObjectMapper(new YAMLFactory())
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .setAnnotationIntrospector(new WithoutPlaceForUnknownFields());

    /** The types would keep a field that the API does not have among others; so it is one too many. */
    private static final class WithoutPlaceForUnknownFields extends JacksonAnnotationIntrospector {
        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return false;
        }
    }

    private static Map<String, String> settings() throws JsonProcessingException {
        return STRICT.readValue(DOCUMENTS[0], ConfigMap.class).getData();
    }

    private static JobSpec job() throws JsonProcessingException {
        return STRICT.readValue(DOCUMENTS[1], Job.class).getSpec();
    }

    private static PodSpec pod() throws JsonProcessingException {
        return job().getTemplate().getSpec();
    }

    private static Container container() throws JsonProcessingException {
        assertEquals(1, pod().getContainers().size());
        return pod().getContainers().get(0);
    }

    @Test
    void everyFieldIsOneOfTheApi() throws JsonProcessingException {
        assertEquals(2, DOCUMENTS.length);
        assertEquals("ConfigMap v1", kind(STRICT.readValue(DOCUMENTS[0], ConfigMap.class).getKind(), STRICT.readValue(DOCUMENTS[0], ConfigMap.class).getApiVersion()));
        Job job = STRICT.readValue(DOCUMENTS[1], Job.class);
        assertEquals("Job batch/v1", kind(job.getKind(), job.getApiVersion()));
        for (String field : List.of("backoffLimitPerIndex", "restartPolicy", "onExitCodes", "readOnlyRootFilesystem", "claimName", "defaultMode")) {
            String broken = DOCUMENTS[1].replace(field + ":", field + "s:");
            assertThrows(UnrecognizedPropertyException.class, () -> STRICT.readValue(broken, Job.class), field);
        }
    }

    private static String kind(String kind, String version) {
        return kind + " " + version;
    }

    @Test
    void anIndexIsAShardAndNoneIsLeftOut() throws JsonProcessingException {
        JobSpec job = job();
        assertEquals("Indexed", job.getCompletionMode());
        assertEquals(settings().get("SHARDS"), job.getCompletions().toString());
        assertEquals(job.getCompletions(), job.getParallelism());
        assertEquals("Never", pod().getRestartPolicy());
    }

    @Test
    void anIndexFailsOnWhatAnotherTryCannotChangeButNotOnADisruption() throws JsonProcessingException {
        assertTrue(job().getBackoffLimitPerIndex() > 0);
        List<PodFailurePolicyRule> rules = job().getPodFailurePolicy().getRules();
        assertEquals(List.of("Ignore", "FailIndex"), rules.stream().map(PodFailurePolicyRule::getAction).toList());
        assertEquals("DisruptionTarget", rules.get(0).getOnPodConditions().get(0).getType());
        assertEquals("In", rules.get(1).getOnExitCodes().getOperator());
        assertEquals(container().getName(), rules.get(1).getOnExitCodes().getContainerName());
        assertEquals(List.of(64, 65, 66, 69, 77, 78, 79, 81), rules.get(1).getOnExitCodes().getValues());
    }

    @Test
    void itHasNoMoreRightsThanItNeeds() throws JsonProcessingException {
        PodSpec pod = pod();
        assertTrue(pod.getSecurityContext().getRunAsNonRoot() && container().getSecurityContext().getReadOnlyRootFilesystem());
        assertTrue(!pod.getAutomountServiceAccountToken() && !container().getSecurityContext().getAllowPrivilegeEscalation());
        assertEquals(List.of("ALL"), container().getSecurityContext().getCapabilities().getDrop());
        assertEquals("RuntimeDefault", pod.getSecurityContext().getSeccompProfile().getType());
        assertTrue(container().getResources().getLimits().containsKey("memory") && container().getResources().getRequests().containsKey("cpu"));
        assertEquals(0440, pod.getVolumes().get(1).getSecret().getDefaultMode());
    }

    @Test
    void theJournalLiesOnASharedVolumeAndThePasswordInASecret() throws JsonProcessingException {
        assertEquals("campaign", pod().getVolumes().get(0).getPersistentVolumeClaim().getClaimName());
        assertEquals(List.of("campaign", "password", "tmp"), pod().getVolumes().stream().map(volume -> volume.getName()).toList());
        assertEquals(List.of("campaign /campaign", "password /run/secrets/mail", "tmp /tmp"),
            container().getVolumeMounts().stream().map(mount -> mount.getName() + " " + mount.getMountPath()).toList());
        assertEquals("/campaign", container().getWorkingDir());
    }

    @Test
    void itsCommandIsTheShardOfItsIndex() throws JsonProcessingException {
        try (EngineCampaign campaign = new EngineCampaign()) {
            String password = campaign.scratch().write("password", "secret\n").toString();
            List<String> shards = new ArrayList<>();
            campaign.tool().writeProgram("mailtool", "echo $*");
            for (int index = 0; index < 4; index++) {
                shards.add(run(campaign, index, "/run/secrets/mail/password", password).out().strip());
            }
            String rest = " --data people.csv --template bill.txt --campaign may --rate 14/s --retry-for 10m --yes -S smtp://ops@mail.example.org --password-file " + password;
            assertEquals(List.of("bulk --shard 1/4" + rest, "bulk --shard 2/4" + rest, "bulk --shard 3/4" + rest, "bulk --shard 4/4" + rest), shards);
        }
    }

    @Test
    void itsCommandIsUnderstood() throws JsonProcessingException {
        try (EngineCampaign campaign = new EngineCampaign()) {
            Tool.Result run = run(campaign, 0, "--yes", "--dry-run");
            assertEquals(0, run.exit(), run::toString);
            assertTrue(run.out().startsWith("From: ops@example.org\r\nTo: u"), run::toString);
        }
    }

    private static Tool.Result run(EngineCampaign campaign, int index, String word, String other) throws JsonProcessingException {
        List<String> words = container().getCommand().stream().map(one -> one.replace(word, other)).toList();
        Program program = campaign.program(words.toArray()).env("JOB_COMPLETION_INDEX", index);
        settings().forEach(program::env);
        return program.call();
    }
}
