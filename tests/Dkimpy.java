package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.EdECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Messages signed by dkimpy, all by one process, for the domain example.org; a selector names a key. */
final class Dkimpy implements AutoCloseable {
    /** Debian's, as its library is of no use to another one. */
    private static final Path PYTHON = Path.of("/usr/bin/python3");
    private static final String SIGN = """
        import dkim, sys
        for line in open('jobs'):
            name, selector, algorithm, forms, length, fields, identity = line.rstrip('\\n').split('\\t')
            message = dkim.DKIM(open(name, 'rb').read())
            message.should_not_sign.clear()
            field = message.sign(selector.encode(), b'example.org', open(selector + '.key', 'rb').read(), signature_algorithm=algorithm.encode(),
                canonicalize=tuple(forms.encode().split(b'/')), length=length == 'l', include_headers=fields.encode().split(b':') if fields else None,
                identity=identity.encode() if identity else None)
            open(name + '.signature', 'wb').write(field)
        """;
    private final Scratch scratch = Scratch.create("dkimpy");
    private final Map<String, KeyPair> keys = new LinkedHashMap<>();
    private final StringBuilder jobs = new StringBuilder();

    /** How something is to be signed; fields are names with colons, or "" for the usual ones. */
    record Job(String selector, String forms, boolean length, String fields, String identity) {
        static Job of(String selector, String forms) {
            return new Job(selector, forms, false, "", "");
        }
    }

    Dkimpy() {
        Need.that(Files.isExecutable(PYTHON) && Program.of(PYTHON, "-c", "import dkim").call().exit() == 0, "dkimpy (python3-dkim) is not installed");
    }

    /** A new key: of so many bits for RSA, 0 for Ed25519. */
    Dkimpy key(String selector, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(bits == 0 ? "Ed25519" : "RSA");
            if (bits > 0) {
                generator.initialize(bits);
            }
            keys.put(selector, generator.generateKeyPair());
            scratch.write(selector + ".key", bits == 0 ? seed(selector) : pem(selector));
            return this;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private String seed(String selector) {
        return Base64.getEncoder().encodeToString(((EdECPrivateKey) keys.get(selector).getPrivate()).getBytes().orElseThrow());
    }

    private String pem(String selector) {
        String key = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(keys.get(selector).getPrivate().getEncoded());
        return "-----BEGIN RSA PRIVATE KEY-----\n" + key + "\n-----END RSA PRIVATE KEY-----\n";
    }

    private boolean isRsa(String selector) {
        return keys.get(selector).getPublic().getAlgorithm().equals("RSA");
    }

    /** The public key as a key record has it. */
    String base64(String selector) {
        byte[] encoded = keys.get(selector).getPublic().getEncoded();
        return Base64.getEncoder().encodeToString(isRsa(selector) ? encoded : Arrays.copyOfRange(encoded, 12, 44));
    }

    /** The same as it is outside of X.509 (RFC 8017, A.1.1). */
    String bareBase64(String selector) {
        byte[] encoded = keys.get(selector).getPublic().getEncoded();
        return Base64.getEncoder().encodeToString(Arrays.copyOfRange(encoded, encoded.length > 256 ? 24 : encoded.length > 140 ? 22 : 20, encoded.length));
    }

    String record(String selector) {
        return "v=DKIM1; k=" + (isRsa(selector) ? "rsa" : "ed25519") + "; p=" + base64(selector);
    }

    Dkimpy add(String name, Job job, String message) {
        scratch.write(name, message.getBytes(ISO_8859_1));
        String algorithm = isRsa(job.selector) ? "rsa-sha256" : "ed25519-sha256";
        jobs.append(String.join("\t", name, job.selector, algorithm, job.forms, job.length ? "l" : "", job.fields, job.identity)).append('\n');
        return this;
    }

    Dkimpy sign() {
        scratch.write("jobs", jobs.toString());
        Tool.Result signing = Program.of(PYTHON, "-c", SIGN).in(scratch.path()).call();
        if (signing.exit() != 0) {
            throw new IllegalStateException(signing.toString());
        }
        return this;
    }

    /** The signed message. */
    String signed(String name) {
        return List.of(name + ".signature", name).stream().map(this::read).reduce("", String::concat);
    }

    private String read(String name) {
        try {
            return Files.readString(scratch.resolve(name), ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        scratch.close();
    }
}
