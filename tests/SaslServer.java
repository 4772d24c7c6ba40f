package mailtool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The server's side of every SASL mechanism the tool speaks, with one user and one password, which is the token of the OAuth mechanisms as well. */
final class SaslServer {
    private static final String CRAM_CHALLENGE = "<1896.697170952@fake.example.org>";
    private static final String OAUTH_ERROR = "{\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.example.org/\"}";

    private final ScriptedPeer peer;
    private final String challengePrefix;
    private final String user;
    private final String password;

    /** The prefix is {@code "334 "} for SMTP and {@code "+ "} for POP3. */
    SaslServer(ScriptedPeer peer, String challengePrefix, String user, String password) {
        this.peer = peer;
        this.challengePrefix = challengePrefix;
        this.user = user;
        this.password = password;
    }

    /** Whether the client proved to be the user. The initial response is as it stood in the command. */
    boolean accepts(String mechanism, Optional<String> initialResponse) throws IOException {
        return switch (mechanism.toUpperCase(Locale.ROOT)) {
            case "PLAIN" -> plain(first(initialResponse));
            case "LOGIN" -> login(initialResponse);
            case "CRAM-MD5" -> cramMd5();
            case "XOAUTH2" -> xoauth2(first(initialResponse));
            case "OAUTHBEARER" -> oauthBearer(first(initialResponse));
            case "SCRAM-SHA-1" -> scram("SHA-1", initialResponse);
            case "SCRAM-SHA-256" -> scram("SHA-256", initialResponse);
            case "EXTERNAL" -> external(first(initialResponse));
            default -> false;
        };
    }

    /** Sends a challenge and gives the decoded response. */
    String ask(String challenge) throws IOException {
        peer.say(challengePrefix + Base64.getEncoder().encodeToString(challenge.getBytes(StandardCharsets.UTF_8)));
        return decoded(peer.readLine());
    }

    private String first(Optional<String> initialResponse) throws IOException {
        if (initialResponse.isEmpty()) {
            return ask("");
        }
        return initialResponse.get().equals("=") ? "" : decoded(initialResponse.get());
    }

    private boolean plain(String response) {
        return response.equals("\0" + user + "\0" + password);
    }

    private boolean login(Optional<String> initialResponse) throws IOException {
        String name = initialResponse.isPresent() ? first(initialResponse) : ask("Username:");
        String secret = ask("Password:");
        return name.equals(user) && secret.equals(password);
    }

    private boolean cramMd5() throws IOException {
        return ask(CRAM_CHALLENGE).equals(user + " " + hmacMd5(CRAM_CHALLENGE));
    }

    private String hmacMd5(String text) {
        try {
            Mac mac = Mac.getInstance("HmacMD5");
            mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacMD5"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean xoauth2(String response) throws IOException {
        return tokenOr(response.equals("user=" + user + "\u0001auth=Bearer " + password + "\u0001\u0001"));
    }

    private boolean oauthBearer(String response) throws IOException {
        boolean named = response.startsWith("n,a=" + user + ",\u0001");
        return tokenOr(named && response.endsWith("\u0001auth=Bearer " + password + "\u0001\u0001"));
    }

    /** Both OAuth mechanisms explain a refusal in a challenge first, which the client answers with something empty (RFC 7628 section 3.2.3). */
    private boolean tokenOr(boolean right) throws IOException {
        if (!right) {
            ask(OAUTH_ERROR);
        }
        return right;
    }

    private boolean scram(String hash, Optional<String> initialResponse) throws IOException {
        ScramServer scram = new ScramServer(hash, user, password);
        String first = first(initialResponse);
        String last = ask(scram.challenge(first));
        if (!scram.proves(last)) {
            return false;
        }
        ask(scram.signature());
        return true;
    }

    private boolean external(String response) {
        return peer.tls() != null && (response.isEmpty() || response.equals(user));
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
