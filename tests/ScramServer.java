package mailtool;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The server's side of one SCRAM exchange without channel binding (RFC 5802 section 3), written apart from the client library the tool uses. */
final class ScramServer {
    private static final int ITERATIONS = 4096;
    private static final byte[] SALT = "a salt of the test".getBytes(StandardCharsets.US_ASCII);

    private final String hash;
    private final String user;
    private final byte[] saltedPassword;
    private String clientFirstBare;
    private String serverFirst;
    private String nonce;
    private String authMessage;

    /** The hash is SHA-1 or SHA-256. */
    ScramServer(String hash, String user, String password) {
        this.hash = hash;
        this.user = user;
        this.saltedPassword = salted(password);
    }

    /** The server's first message, in answer to the client's first. */
    String challenge(String clientFirst) {
        clientFirstBare = clientFirst.substring(clientFirst.indexOf("n="));
        nonce = clientFirst.substring(clientFirst.indexOf(",r=") + 3) + Integer.toHexString(new SecureRandom().nextInt());
        serverFirst = "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(SALT) + ",i=" + ITERATIONS;
        return serverFirst;
    }

    /** Whether the client's last message proves that it knows the password. */
    boolean proves(String clientLast) {
        int proofAt = clientLast.indexOf(",p=");
        authMessage = clientFirstBare + "," + serverFirst + "," + clientLast.substring(0, proofAt);
        byte[] proof = Base64.getDecoder().decode(clientLast.substring(proofAt + 3));
        byte[] clientKey = hmac(saltedPassword, "Client Key");
        byte[] expected = xor(clientKey, hmac(digest(clientKey), authMessage));
        boolean rightUser = clientFirstBare.startsWith("n=" + user.replace("=", "=3D").replace(",", "=2C") + ",");
        boolean rightNonce = clientLast.contains(",r=" + nonce + ",p=");
        return rightUser && rightNonce && MessageDigest.isEqual(expected, proof);
    }

    /** The server's last message, with which it proves that it knows the password too. */
    String signature() {
        byte[] serverKey = hmac(saltedPassword, "Server Key");
        return "v=" + Base64.getEncoder().encodeToString(hmac(serverKey, authMessage));
    }

    private byte[] salted(String password) {
        byte[] key = password.getBytes(StandardCharsets.UTF_8);
        byte[] salt = Arrays.copyOf(SALT, SALT.length + 4);
        salt[salt.length - 1] = 1;
        byte[] block = hmac(key, salt);
        byte[] result = block;
        for (int round = 1; round < ITERATIONS; round++) {
            block = hmac(key, block);
            result = xor(result, block);
        }
        return result;
    }

    private byte[] hmac(byte[] key, String text) {
        return hmac(key, text.getBytes(StandardCharsets.UTF_8));
    }

    private byte[] hmac(byte[] key, byte[] content) {
        String algorithm = "Hmac" + hash.replace("-", "");
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return mac.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] digest(byte[] content) {
        try {
            return MessageDigest.getInstance(hash).digest(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] xor(byte[] left, byte[] right) {
        byte[] result = new byte[left.length];
        for (int at = 0; at < left.length; at++) {
            result[at] = (byte) (left[at] ^ right[at]);
        }
        return result;
    }
}
