package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.HttpWaitStrategy;
import org.testcontainers.utility.DockerImageName;

/** MailHog in a container. Its messages are the JSON objects of its HTTP API, version 2. */
final class MailHog implements AutoCloseable {
    private static final DockerImageName IMAGE = DockerImageName.parse("mailhog/mailhog:v1.0.1");
    private static final int SMTP = 1025;
    private static final int HTTP = 8025;
    private static final String OWNER_LABEL = "mailtool.tests.owner";
    private static final SharedFixture<MailHog> SHARED = new SharedFixture<>(MailHog::start);

    private final GenericContainer<?> container = new GenericContainer<>(IMAGE);
    private final HttpClient http = HttpClient.newHttpClient();

    private MailHog() {
        container.withExposedPorts(SMTP, HTTP);
        container.withLabel(OWNER_LABEL, hostName() + " " + ProcessHandle.current().pid());
        container.waitingFor(new HttpWaitStrategy().forPath("/api/v2/messages").forPort(HTTP));
    }

    static MailHog shared() {
        return SHARED.get();
    }

    static MailHog start() {
        Need.that(DockerClientFactory.instance().isDockerAvailable(), "MailHog needs a container engine, and none can be reached");
        removeOrphans(DockerClientFactory.instance().client());
        MailHog mailHog = new MailHog();
        try {
            mailHog.container.start();
        } catch (ContainerFetchException e) {
            Need.miss("the image " + IMAGE + " isn't here and can't be pulled: " + e.getMessage());
        }
        return mailHog;
    }

    String host() {
        return container.getHost();
    }

    int smtpPort() {
        return container.getMappedPort(SMTP);
    }

    /** The newest first. */
    List<JsonObject> messages() {
        JsonObject answer = JsonParser.parseString(request("GET", "/api/v2/messages?limit=250")).getAsJsonObject();
        return StreamSupport.stream(answer.getAsJsonArray("items").spliterator(), false).map(JsonElement::getAsJsonObject).toList();
    }

    JsonObject waitFor(Predicate<JsonObject> wanted) {
        return Eventually.forValue("a message in MailHog", () -> messages().stream().filter(wanted).findFirst());
    }

    /** For a text that only the awaited message holds, in its source or its envelope. */
    JsonObject waitFor(String text) {
        return waitFor(message -> message.get("Raw").toString().contains(text));
    }

    /** The source as it came, dots unstuffed. MailHog replaces what isn't UTF-8. */
    static String source(JsonObject message) {
        return message.getAsJsonObject("Raw").get("Data").getAsString();
    }

    static String envelopeFrom(JsonObject message) {
        return message.getAsJsonObject("Raw").get("From").getAsString();
    }

    static List<String> envelopeTo(JsonObject message) {
        return strings(message.getAsJsonObject("Raw").get("To"));
    }

    /** All headers of this name, undecoded. */
    static List<String> header(JsonObject messageOrPart, String name) {
        JsonObject content = messageOrPart.has("Content") ? messageOrPart.getAsJsonObject("Content") : messageOrPart;
        JsonObject headers = content.getAsJsonObject("Headers");
        return headers.has(name) ? strings(headers.get(name)) : List.of();
    }

    /** The parts of a message or of a part: objects with Headers, Body and MIME. */
    static List<JsonObject> parts(JsonObject messageOrPart) {
        JsonElement mime = messageOrPart.get("MIME");
        if (mime == null || mime.isJsonNull()) {
            return List.of();
        }
        return StreamSupport.stream(mime.getAsJsonObject().getAsJsonArray("Parts").spliterator(), false).map(JsonElement::getAsJsonObject).toList();
    }

    void deleteAll() {
        request("DELETE", "/api/v1/messages");
    }

    private static List<String> strings(JsonElement array) {
        return StreamSupport.stream(array.getAsJsonArray().spliterator(), false).map(JsonElement::getAsString).toList();
    }

    private String request(String method, String path) {
        URI uri = URI.create("http://" + host() + ":" + container.getMappedPort(HTTP) + path);
        HttpRequest request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(method + " " + uri + ": " + response.statusCode());
            }
            return response.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Removes what a run of this machine left that was killed before it could clean up. */
    private static void removeOrphans(DockerClient engine) {
        for (Container container : engine.listContainersCmd().withShowAll(true).withLabelFilter(List.of(OWNER_LABEL)).exec()) {
            if (isOrphan(container.getLabels().get(OWNER_LABEL))) {
                engine.removeContainerCmd(container.getId()).withForce(true).exec();
            }
        }
    }

    private static boolean isOrphan(String owner) {
        String[] hostAndProcess = owner.split(" ");
        return hostAndProcess[0].equals(hostName()) && ProcessHandle.of(Long.parseLong(hostAndProcess[1])).isEmpty();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (IOException e) {
            return "unknown";
        }
    }

    @Override
    public void close() {
        container.stop();
    }
}
