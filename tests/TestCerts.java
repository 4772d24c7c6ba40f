package mailtool;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates, good and bad, made by the JDK's keytool when first asked for and kept for one run. */
final class TestCerts implements AutoCloseable {
    private static final String PASSWORD = "changeit";
    private static final String GOOD_NAMES = "san=dns:localhost,dns:mail.example.org,ip:127.0.0.1,ip:0:0:0:0:0:0:0:1";
    private static final List<String> EC = List.of("-keyalg", "EC", "-groupname", "secp256r1");
    private static final List<String> RSA = List.of("-keyalg", "RSA", "-keysize", "2048");
    private static final List<String> VALID = List.of("-startdate", "-1d", "-validity", "365");
    private static final SharedFixture<TestCerts> SHARED = new SharedFixture<>(TestCerts::new);

    private final Scratch scratch = Scratch.create("certs");
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

    /** A client's certificate, subject CN=ops. */
    static Identity client() {
        return signed("client", RSA, VALID, "CN=ops,O=Example", "eku=clientAuth");
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
            generate(name, key, validity, subject, extension, more);
            return load(name);
        });
    }

    private void generate(String alias, List<String> key, List<String> validity, String subject, String extension, List<String> more) {
        List<Object> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool")));
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(List.of("-genkeypair", "-keystore", storeFile(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        command.addAll(List.of("-alias", alias, "-dname", subject, "-ext", extension));
        command.addAll(key);
        command.addAll(validity);
        command.addAll(more);
        SystemCommand.run(command.toArray());
    }

    private Identity load(String alias) {
        try {
            KeyStore all = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(storeFile())) {
                all.load(in, PASSWORD.toCharArray());
            }
            PrivateKey key = (PrivateKey) all.getKey(alias, PASSWORD.toCharArray());
            Certificate[] chain = all.getCertificateChain(alias);
            Path chainFile = scratch.write(alias + ".pem", pem(chain));
            Path keyFile = scratch.write(alias + ".key", pem("PRIVATE KEY", key.getEncoded()));
            return new Identity(chainFile, keyFile, (X509Certificate) chain[0], context(alias, key, chain, all));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path storeFile() {
        return scratch.resolve("all.p12");
    }

    private static SSLContext context(String alias, PrivateKey key, Certificate[] chain, KeyStore all) throws GeneralSecurityException, IOException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store(alias, key, chain), PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(authorities(all));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore store(String alias, PrivateKey key, Certificate[] chain) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        store.setKeyEntry(alias, key, PASSWORD.toCharArray(), chain);
        return store;
    }

    private static KeyStore authorities(KeyStore all) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        if (all.containsAlias("ca")) {
            store.setCertificateEntry("ca", all.getCertificate("ca"));
        }
        return store;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static String pem(Certificate[] chain) throws CertificateEncodingException {
        StringBuilder text = new StringBuilder();
        for (Certificate certificate : chain) {
            text.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        return text.toString();
    }

    private static String pem(String kind, byte[] content) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n";
    }

    @Override
    public void close() {
        scratch.close();
    }
}
