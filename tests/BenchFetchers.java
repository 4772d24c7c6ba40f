package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The command lines of those that fetch: all in clear, all leaving the mail on the server, each with its memory beside its store. */
final class BenchFetchers {
    private final Path passwordFile;

    BenchFetchers(Scratch scratch) {
        passwordFile = scratch.write("password", Dovecot.PASSWORD + "\n");
        makePrivate(passwordFile);
    }

    List<String> mailTool(DovecotUser user, int port, String storeOption, Path store, String... jvmOptions) {
        return mailTool(user, port, List.of("fetch", storeOption, store.toString()), jvmOptions);
    }

    List<String> read(DovecotUser user, int port, Path folder, String... jvmOptions) {
        return mailTool(user, port, List.of("read", "1", "--save", folder.toString()), jvmOptions);
    }

    private List<String> mailTool(DovecotUser user, int port, List<String> words, String... jvmOptions) {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of("-S", user.urlAt(port), "--password-file", passwordFile.toString(), "--tls", "none", "--auth", "USER"));
        return BenchPrograms.mailTool(all, jvmOptions);
    }

    /** The method is maildir or mbox. */
    List<String> mpop(DovecotUser user, int port, String method, Path store) {
        return command("mpop", "--host=127.0.0.1", "--port=" + port, "--tls=off", "--auth=user", "--user=" + user.address(), "--passwordeval=cat " + passwordFile,
            "--keep=on", "--received-header=off", "--quiet", "--uidls-file=" + beside(store, "uidls"), "--delivery=" + method + "," + store);
    }

    /** It has no Maildir or mbox of its own, only programs and SMTP; a file of BSMTP is the fastest it can. */
    List<String> fetchmail(DovecotUser user, int port, Path store) throws IOException {
        Path configuration = makePrivate(Files.writeString(beside(store, "fetchmailrc"), """
            poll 127.0.0.1 service %d proto pop3 uidl auth password no dns
              user "%s" password "%s" is "bench" here keep sslproto '' bsmtp "%s"
            """.formatted(port, user.address(), Dovecot.PASSWORD, store)));
        return command("fetchmail", "--silent", "--fetchmailrc", configuration.toString(), "--idfile", beside(store, "ids").toString(),
            "--pidfile", beside(store, "pid").toString());
    }

    /** It fetches one message and knows nothing of others. */
    List<String> curl(DovecotUser user, int port, Path store) {
        return command("curl", "-sS", "--user", user.address() + ":" + Dovecot.PASSWORD, "-o", store.toString(), "pop3://127.0.0.1:" + port + "/1");
    }

    /** The folders of a Maildir, which the rivals want to find. */
    static Path maildir(Path folder) {
        try {
            for (String part : List.of("new", "cur", "tmp")) {
                Files.createDirectories(folder.resolve(part));
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path beside(Path store, String name) {
        return store.resolveSibling(name);
    }

    private static List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(BenchPrograms.find(program).orElseThrow().toString()));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private static Path makePrivate(Path file) {
        try {
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
