package mailtool;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;

/** Certificates, good and bad, made by the JDK's keytool, without a process for each, when first asked for and kept for one run. */
final class TestCerts implements AutoCloseable {
    private static final String GOOD_NAMES = "san=dns:localhost,dns:mail.example.org,ip:127.0.0.1,ip:0:0:0:0:0:0:0:1";
    private static final List<String> EC = List.of("-keyalg", "EC", "-groupname", "secp256r1");
    private static final List<String> RSA = List.of("-keyalg", "RSA", "-keysize", "2048");
    private static final List<String> VALID = List.of("-startdate", "-1d", "-validity", "365");
    private static final SharedFixture<TestCerts> SHARED = new SharedFixture<>(TestCerts::new);

    static {
        // These keys are no secret: their file need not be hard to open.
        Stream.of("keyPbe", "certPbe", "mac").forEach(what -> System.setProperty("keystore.pkcs12." + what + "IterationCount", "1"));
    }

    private final Scratch scratch = Scratch.create("certs");
    private final Path file = scratch.resolve("all.p12");
    private final Certificates certificates = new Certificates(file);
    private final Map<String, Identity> made = new HashMap<>();

    /** A key with its certificate, as PEM files for programs and as a TLS context for servers in this JVM. */
    record Identity(Path chainFile, Path keyFile, X509Certificate certificate, SSLContext context) {
        /** The hash of the public key, as --pin wants it. */
        String pin() {
            return "sha256:" + Base64.getEncoder().encodeToString(keyHash());
        }

        String hexPin() {
            return "sha256:" + HexFormat.of().formatHex(keyHash());
        }

        private byte[] keyHash() {
            try {
                return MessageDigest.getInstance("SHA-256").digest(certificate.getPublicKey().getEncoded());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The authority that signed all but the self-signed and {@link #unknownAuthority()}. */
    static Path caFile() {
        return SHARED.get().authority("ca").chainFile();
    }

    /** RSA 2048, for localhost, mail.example.org, 127.0.0.1 and ::1. */
    static Identity good() {
        return signed("good", RSA, VALID, "CN=localhost", GOOD_NAMES);
    }

    static Identity ellipticCurve() {
        return signed("ec", EC, VALID, "CN=localhost", GOOD_NAMES);
    }

    static Identity wildcard() {
        return signed("wildcard", EC, VALID, "CN=*.example.org", "san=dns:*.example.org");
    }

    /** For these names as they are, also such as keytool would refuse. */
    static Identity naming(String... names) {
        StringBuilder list = new StringBuilder();
        for (String name : names) {
            list.append("82%02x".formatted(name.length())).append(HexFormat.of().formatHex(name.getBytes(StandardCharsets.US_ASCII)));
        }
        return signed("naming " + String.join(" ", names), EC, VALID, "CN=x", "2.5.29.17=30%02x%s".formatted(list.length() / 2, list));
    }

    static Identity wrongHost() {
        return signed("wronghost", EC, VALID, "CN=localhost", "san=dns:other.example.net");
    }

    /** Names localhost in its subject only. */
    static Identity nameInSubjectOnly() {
        return signed("nosan", EC, VALID, "CN=localhost", "ku=digitalSignature");
    }

    /** Ended three days ago. */
    static Identity expired() {
        return signed("expired", EC, List.of("-startdate", "-33d", "-validity", "30"), "CN=localhost", GOOD_NAMES);
    }

    /** Good itself, but that of its authority has ended. */
    static Identity belowExpired() {
        TestCerts certs = SHARED.get();
        certs.authority("ca");
        List<String> authority = List.of("-ext", "ku:c=keyCertSign,cRLSign", "-signer", "ca");
        certs.make("oldca", EC, List.of("-startdate", "-33d", "-validity", "30"), "CN=old authority", "bc:c=ca:true", authority);
        return certs.make("belowexpired", EC, VALID, "CN=localhost", GOOD_NAMES, List.of("-signer", "oldca"));
    }

    /** Ends in so many days and some minutes less. */
    static Identity endingIn(int days) {
        return signed("ending" + days, EC, List.of("-startdate", "-1d", "-validity", String.valueOf(days + 1)), "CN=localhost", GOOD_NAMES);
    }

    /** Begins in ten days. */
    static Identity notYetValid() {
        return signed("future", EC, List.of("-startdate", "+10d", "-validity", "30"), "CN=localhost", GOOD_NAMES);
    }

    static Identity shortKey() {
        return signed("rsa1024", List.of("-keyalg", "RSA", "-keysize", "1024"), VALID, "CN=localhost", GOOD_NAMES);
    }

    static Identity selfSigned() {
        return SHARED.get().make("selfsigned", EC, VALID, "CN=localhost", GOOD_NAMES, List.of());
    }

    static Identity unknownAuthority() {
        TestCerts certs = SHARED.get();
        certs.authority("otherca");
        return certs.make("unknownca", EC, VALID, "CN=localhost", GOOD_NAMES, List.of("-signer", "otherca"));
    }

    /** Of a server with {@link #good()} that knows {@link #unknownAuthority()} by that very certificate. */
    static SSLContext contextThatKnowsUnknownAuthority() throws GeneralSecurityException, IOException {
        good();
        unknownAuthority();
        return SHARED.get().certificates.context("good", "unknownca");
    }

    /** A client's certificate, subject CN=ops. */
    static Identity client() {
        return signed("client", RSA, VALID, "CN=ops,O=Example", "eku=clientAuth");
    }

    /** The same, with a key of Edwards' curve. */
    static Identity edwards() {
        return signed("edwards", List.of("-keyalg", "Ed25519"), VALID, "CN=ops,O=Example", "eku=clientAuth");
    }

    private static Identity signed(String alias, List<String> key, List<String> validity, String subject, String extension) {
        TestCerts certs = SHARED.get();
        certs.authority("ca");
        return certs.make(alias, key, validity, subject, extension, List.of("-signer", "ca"));
    }

    private Identity authority(String alias) {
        return make(alias, EC, VALID, "CN=MailTool test authority " + alias, "bc:c=ca:true", List.of("-ext", "ku:c=keyCertSign,cRLSign"));
    }

    private synchronized Identity make(String alias, List<String> key, List<String> validity, String subject, String extension, List<String> more) {
        return made.computeIfAbsent(alias, name -> {
            List<String> words = new ArrayList<>(List.of("-genkeypair", "-keystore", file.toString(), "-storetype", "PKCS12", "-storepass", "changeit"));
            words.addAll(List.of("-alias", name, "-dname", subject, "-ext", extension));
            words.addAll(key);
            words.addAll(validity);
            words.addAll(more);
            try {
                keytool(words);
                return load(name);
            } catch (ReflectiveOperationException | GeneralSecurityException | IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** As an exception tells of what went wrong, instead of ending this JVM. */
    private static void keytool(List<String> words) throws ReflectiveOperationException {
        Class.forName("sun.security.tools.keytool.Main").getMethod("main", String[].class)
            .invoke(null, (Object) Stream.concat(words.stream(), Stream.of("-debug")).toArray(String[]::new));
    }

    private Identity load(String alias) throws GeneralSecurityException, IOException {
        Path chainFile = scratch.write(alias + ".pem", certificates.chain(alias));
        Path keyFile = scratch.write(alias + ".key", certificates.privateKey(alias));
        SSLContext context = made.containsKey("ca") ? certificates.context(alias, "ca") : certificates.context(alias);
        return new Identity(chainFile, keyFile, certificates.certificate(alias), context);
    }

    @Override
    public void close() {
        scratch.close();
    }
}
