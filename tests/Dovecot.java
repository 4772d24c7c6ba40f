package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Dovecot's LMTP, POP3 and login service, all it has in a folder of its own. The users are {@link #USERS}, at example.org, all with {@link #PASSWORD}; {@link #FULL}
 * has room for nothing, which LMTP says after the data. {@link #newUser} gives a test a user of its own.
 */
final class Dovecot implements AutoCloseable {
    static final List<String> USERS = List.of("alice", "bob", "carol", "full");
    static final String FULL = "full@example.org";
    static final String PASSWORD = "correct horse";
    /** A system account that may own mail; Dovecot refuses root. */
    private static final String MAIL_OWNER = "mail";
    private static final SharedFixture<Dovecot> SHARED = new SharedFixture<>(Dovecot::start);

    private final Scratch scratch = Scratch.create("dovecot");
    private final Path program;
    private final int lmtpPort = LocalPorts.free();
    private final int pop3Port = LocalPorts.free();
    private final int pop3sPort = LocalPorts.free();
    private final AtomicInteger newUsers = new AtomicInteger();

    private Dovecot(Path program) {
        this.program = program;
    }

    static Dovecot shared() {
        return SHARED.get();
    }

    static Dovecot start() {
        Path program = Need.program("dovecot");
        Need.that(Files.exists(Path.of("/usr/lib/dovecot/lmtp")), "dovecot-lmtpd is not installed");
        Need.that(Files.exists(Path.of("/usr/lib/dovecot/pop3")), "dovecot-pop3d is not installed");
        Dovecot dovecot = new Dovecot(program);
        dovecot.launch();
        return dovecot;
    }

    int lmtpPort() {
        return lmtpPort;
    }

    /** POP3 with STLS. */
    int pop3Port() {
        return pop3Port;
    }

    int pop3sPort() {
        return pop3sPort;
    }

    /** A further user with an empty maildrop, whose name begins so. */
    DovecotUser newUser(String beginning) {
        String name = beginning + "-" + newUsers.incrementAndGet();
        Path folder = scratch.folder("mail/" + name);
        Stream.of("", "new", "cur", "tmp").map(part -> scratch.folder("mail/" + name + "/" + part)).forEach(Dovecot::giveAway);
        admit(name);
        return new DovecotUser(this, name, folder);
    }

    private static void giveAway(Path folder) {
        if (!Need.isRoot()) {
            return;
        }
        try {
            Files.setOwner(folder, folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(MAIL_OWNER));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The socket other servers ask who may log in. */
    Path authSocket() {
        return scratch.resolve("run/login-service");
    }

    /** The mailbox of a user of {@link #USERS}. */
    TestMaildir mailbox(String user) {
        return new TestMaildir(scratch.resolve("mail").resolve(user));
    }

    String log() {
        try {
            return Files.readString(scratch.resolve("log"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void launch() {
        Path mail = scratch.folder("mail");
        scratch.folder("run");
        scratch.folder("state");
        scratch.folder("users");
        USERS.forEach(this::admit);
        Path configuration = scratch.write("dovecot.conf", configuration());
        giveAway(mail);
        SystemCommand.run(program, "-c", configuration);
        Eventually.until("Dovecot", () -> LocalPorts.answers(lmtpPort) && LocalPorts.answers(pop3Port));
    }

    /** Each user has a file, because Dovecot looks only once a second whether one has changed. */
    private void admit(String name) {
        String address = name + "@example.org";
        String quota = FULL.equals(address) ? "*:storage=1B" : "*:storage=1G";
        scratch.write("users/" + address, address + ":{PLAIN}" + PASSWORD + "::::::userdb_quota_rule=" + quota + "\n");
    }

    private String configuration() {
        String owner = Need.isRoot() ? MAIL_OWNER : self();
        TestCerts.Identity identity = TestCerts.good();
        return """
            base_dir = @DIR@/run
            state_dir = @DIR@/state
            log_path = @DIR@/log
            instance_name = mailtool-test
            protocols = pop3 lmtp
            listen = 127.0.0.1
            @ACCOUNTS@
            first_valid_uid = 1
            mail_uid = @OWNER@
            mail_gid = @OWNERGROUP@
            mail_location = maildir:@DIR@/mail/%n
            disable_plaintext_auth = no
            auth_failure_delay = 0
            auth_mechanisms = plain login cram-md5 apop scram-sha-1 scram-sha-256 xoauth2 oauthbearer
            ssl = yes
            ssl_cert = <@CERT@
            ssl_key = <@KEY@
            mail_plugins = quota
            plugin {
              quota = maildir:User quota
              quota_grace = 0
            }
            passdb {
              driver = passwd-file
              args = scheme=PLAIN username_format=%Lu @DIR@/users/%Lu
            }
            userdb {
              driver = passwd-file
              args = username_format=%Lu @DIR@/users/%Lu
              default_fields = home=@DIR@/mail/%n
            }
            service anvil {
              chroot =
              unix_listener anvil-auth-penalty {
                mode = 0
              }
            }
            service lmtp {
              inet_listener lmtp {
                address = 127.0.0.1
                port = @LMTP@
              }
            }
            service pop3-login {
              chroot =
              inet_listener pop3 {
                port = @POP3@
              }
              inet_listener pop3s {
                port = @POP3S@
                ssl = yes
              }
            }
            service auth {
              unix_listener login-service {
                mode = 0666
              }
            }
            """
            .replace("@ACCOUNTS@", accounts())
            .replace("@DIR@", scratch.path().toString())
            .replace("@CERT@", identity.chainFile().toString())
            .replace("@KEY@", identity.keyFile().toString())
            .replace("@OWNERGROUP@", group(owner))
            .replace("@OWNER@", owner)
            .replace("@LMTP@", Integer.toString(lmtpPort))
            .replace("@POP3S@", Integer.toString(pop3sPort))
            .replace("@POP3@", Integer.toString(pop3Port));
    }

    /** As root it uses the accounts of the package, else it can have no account but its own. */
    private static String accounts() {
        if (Need.isRoot()) {
            return "";
        }
        return "default_internal_user = " + self() + "\ndefault_internal_group = " + group(self()) + "\ndefault_login_user = " + self();
    }

    private static String self() {
        return System.getProperty("user.name");
    }

    private static String group(String user) {
        return SystemCommand.run("id", "-gn", user).strip();
    }

    @Override
    public void close() {
        SystemCommand.run(program, "-c", scratch.resolve("dovecot.conf"), "stop");
        scratch.close();
    }
}
