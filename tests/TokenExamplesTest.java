package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** examples/token-microsoft and examples/token-google against a token server of our own. */
final class TokenExamplesTest {
    private static final String SECRET = "p&s=+ %ü\"\\";
    private static final String REFRESH = "1//refresh+token/";
    @TempDir
    private Path folder;
    private final List<Map<String, String>> forms = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private int status = 200;
    private String answer = "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"ya29.one\"}";

    @BeforeEach
    void start() throws IOException {
        Need.program("curl");
        Need.program("jq");
        server = HttpServer.create(new InetSocketAddress(LocalPorts.LOOPBACK, 0), 0);
        server.createContext("/token", this::answer);
        server.start();
        write("secret", SECRET + "\r\n");
        write("refresh", REFRESH + "\n");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void anAppOfMicrosoftGetsATokenByItsSecret() throws IOException {
        assertPrints("ya29.one", token("microsoft").call());
        assertEquals(Map.of("grant_type", "client_credentials", "client_id", "an id", "client_secret", SECRET, "scope", "https://outlook.office365.com/.default"), forms.get(0));
    }

    @Test
    void aUserOfGoogleGetsATokenByARefreshToken() throws IOException {
        assertPrints("ya29.one", token("google").call());
        assertEquals(Map.of("grant_type", "refresh_token", "client_id", "an id", "client_secret", SECRET, "refresh_token", REFRESH), forms.get(0));
    }

    @ParameterizedTest
    @CsvSource({"microsoft, 3599, 1", "google, 3599, 1", "microsoft, 60, 2", "google, 60, 2", "google, '\"3599\"', 1"})
    void itIsKeptUntilAMinuteBeforeItRunsOut(String provider, String seconds, int requests) throws IOException {
        answer = "{\"expires_in\":" + seconds + ",\"access_token\":\"ya29.one\"}";
        assertPrints("ya29.one", token(provider).call());
        answer = answer.replace("one", "two");
        assertPrints(requests == 1 ? "ya29.one" : "ya29.two", token(provider).call());
        assertEquals(requests, forms.size());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("cache"))));
        assertEquals(List.of("cache", "refresh", "secret"), names());
    }

    @ParameterizedTest
    @CsvSource({"microsoft, secret.token", "google, refresh.token"})
    void withoutAPlaceItIsKeptBesideWhatItWasGotBy(String provider, String file) throws IOException {
        assertPrints("ya29.one", token(provider).env("TOKEN_CACHE", "").call());
        assertTrue(Files.readString(folder.resolve(file)).endsWith("\nya29.one\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "microsoft | 401 | {\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret.\"} | AADSTS7000215: Invalid client secret.",
        "google | 400 | {\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired or revoked.\"} | Token has been expired or revoked.",
        "google | 400 | {\"error\":\"invalid_grant\"} | invalid_grant",
        "microsoft | 502 | <html>Bad Gateway</html> | no token but: <html>Bad Gateway</html>",
        "google | 200 | {\"access_token\":\"\"} | no token but: {\"access_token\":\"\"}",
        "microsoft | 200 | {} | no token but: {}",
        "google | 500 | '' | no token but:"})
    void aServerThatGivesNoneIsAFailureInItsWords(String provider, int code, String body, String words) throws IOException {
        String old = "1\nya29.old\n";
        write("cache", old);
        status = code;
        answer = body;
        Tool.Result result = token(provider).call();
        assertNotEquals(0, result.exit(), result::toString);
        assertEquals("", result.out());
        assertTrue(result.err().contains(words), result::toString);
        assertEquals(old, Files.readString(folder.resolve("cache")));
        assertEquals(List.of("cache", "refresh", "secret"), names());
    }

    @ParameterizedTest
    @ValueSource(strings = {"microsoft", "google"})
    void whatIsMissingIsNamed(String provider) {
        assertFails("curl", token(provider).env("TOKEN_URL", "http://localhost:" + LocalPorts.free() + "/").call());
        assertFails("CLIENT_ID", token(provider).env("CLIENT_ID", "").call());
        assertFails("CLIENT_SECRET_FILE", token(provider).env("CLIENT_SECRET_FILE", "").env("TOKEN_CACHE", "").call());
        assertFails("no-such-file", token(provider).env("CLIENT_SECRET_FILE", "no-such-file").call());
        assertEquals(List.of(), forms);
    }

    @Test
    void aCacheThatCanNotBeWrittenKeepsNobodyFromSending() {
        Tool.Result result = token("google").env("TOKEN_CACHE", folder + "/none/cache").call();
        assertEquals(0, result.exit(), result::toString);
        assertEquals("ya29.one\n", result.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"microsoft", "google"})
    void noSecretIsAnArgument(String provider) throws IOException {
        Path programs = Files.createDirectory(folder.resolve("bin"));
        for (String name : List.of("curl", "jq", "printf", "tr", "mv", "mktemp", "cat")) {
            Path spy = write("bin/" + name, "#!/bin/sh\necho \"" + name + " $*\" >>'" + folder + "/arguments'\nexec " + Need.program(name) + " \"$@\"\n");
            Files.setPosixFilePermissions(spy, PosixFilePermissions.fromString("rwx------"));
        }
        Tool.Result result = token(provider).env("PATH", programs + ":" + System.getenv("PATH")).call();
        assertEquals("ya29.one\n", result.out(), result::toString);
        String arguments = Files.readString(folder.resolve("arguments"));
        assertTrue(arguments.contains("curl ") && arguments.contains("jq "), arguments);
        assertFalse(arguments.contains("p&s") || arguments.contains("p%26s") || arguments.contains("refresh+") || arguments.contains("refresh%2B") || arguments.contains("ya29"), arguments);
    }

    @Test
    void mailtoolLogsInWithIt() {
        try (FakeSmtp smtp = new FakeSmtp().ehlo("AUTH XOAUTH2").login("ops@example.org", "ya29.one").start()) {
            Tool tool = Tool.with().env("TOKEN_URL", url()).env("CLIENT_ID", "an id").env("CLIENT_SECRET_FILE", folder + "/secret").env("TOKEN_CACHE", folder + "/cache");
            Tool.Result result = tool.call("send", "-S", smtp.url("ops%40example.org"), "--token-command", Program.inClone("examples/token-microsoft").toString(),
                "-f", "ops@example.org", "-t", "b@example.org", "--text", "Hello");
            assertEquals(0, result.exit(), result::toString);
            assertEquals("ops@example.org", smtp.message().user());
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        Map<String, String> form = new TreeMap<>();
        for (String field : new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII).split("&")) {
            String[] words = field.split("=", 2);
            form.put(words[0], URLDecoder.decode(words[1], StandardCharsets.UTF_8));
        }
        forms.add(form);
        byte[] body = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String url() {
        return "http://localhost:" + server.getAddress().getPort() + "/token";
    }

    private Program token(String provider) {
        return Program.of(Program.inClone("examples/token-" + provider)).env("TOKEN_URL", url()).env("CLIENT_ID", "an id")
            .env("CLIENT_SECRET_FILE", folder.resolve("secret")).env("REFRESH_TOKEN_FILE", folder.resolve("refresh")).env("TOKEN_CACHE", folder.resolve("cache"));
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static void assertPrints(String token, Tool.Result result) {
        assertEquals("exit 0\n--- stdout\n" + token + "\n\n--- stderr\n", result.toString());
    }

    private static void assertFails(String words, Tool.Result result) {
        assertNotEquals(0, result.exit(), result::toString);
        assertEquals("", result.out());
        assertTrue(result.err().contains(words), result::toString);
    }
}
