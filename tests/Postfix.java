package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Postfix with all it has in a folder of its own. It takes mail for {@link #USERS} at example.org, refuses other names there with 550 5.1.1 and other domains with
 * 554 5.7.1, puts {@link #DEFERRED} off with 450 4.2.0, accepts mail for {@link #BOUNCING} and then returns it, and takes no more than {@link #SIZE_LIMIT} bytes.
 * Logins are those of {@link Dovecot}, which gets the mail of its users whose names begin with {@link #BEHIND} and of {@link Dovecot#FULL}.
 */
final class Postfix implements AutoCloseable {
    static final List<String> USERS = List.of("alice", "bob", "carol", "sender", "jürgen");
    static final String DEFERRED = "defer@example.org";
    static final String BOUNCING = "bounce@example.org";
    static final String BEHIND = "trip";
    static final int SIZE_LIMIT = 10 * 1024 * 1024;
    private static final String MAIL_OWNER = "mail";
    private static final SharedFixture<Postfix> SHARED = new SharedFixture<>(Postfix::start);

    private final Scratch scratch = Scratch.create("postfix");
    private final Path program;
    private final int port = LocalPorts.free();
    private final int loginPort = LocalPorts.free();
    private final int tlsPort = LocalPorts.free();
    private final int proxyPort = LocalPorts.free();
    private final int strangersPort = LocalPorts.free();

    private Postfix(Path program) {
        this.program = program;
    }

    static Postfix shared() {
        return SHARED.get();
    }

    static Postfix start() {
        Path program = Need.program("postfix");
        Need.root("Postfix");
        Postfix postfix = new Postfix(program);
        postfix.launch(Dovecot.shared());
        return postfix;
    }

    /** SMTP with STARTTLS and without login, as another server meets it. */
    int port() {
        return port;
    }

    /** Submission: login after STARTTLS only. */
    int loginPort() {
        return loginPort;
    }

    /** Submission with TLS from the first byte. */
    int tlsPort() {
        return tlsPort;
    }

    /** As {@link #port()}, but behind a balancer that speaks the PROXY protocol. */
    int proxyPort() {
        return proxyPort;
    }

    /** SMTP where we may say to be anybody (XCLIENT); 192.0.2.1 is blocked. */
    int strangersPort() {
        return strangersPort;
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

    private void launch(Dovecot logins) {
        scratch.folder("queue");
        SystemCommand.run("chown", MAIL_OWNER, scratch.folder("mail"));
        SystemCommand.run("chown", "postfix", scratch.folder("data"));
        Path configuration = scratch.folder("etc");
        scratch.write("etc/main.cf", mainConfiguration(logins));
        String behind = "/^(" + BEHIND + ".*|full)@example\\.org$/ ";
        scratch.write("etc/behind", behind + "lmtp:inet:127.0.0.1:" + logins.lmtpPort() + "\n");
        scratch.write("etc/master.cf", services());
        SystemCommand.run(program, "-c", configuration, "start");
        Eventually.until("Postfix", () -> LocalPorts.answers(port) && LocalPorts.answers(loginPort) && LocalPorts.answers(tlsPort) && LocalPorts.answers(strangersPort));
    }

    private String mainConfiguration(Dovecot logins) {
        TestCerts.Identity identity = TestCerts.good();
        return """
            compatibility_level = 3.6
            queue_directory = @DIR@/queue
            data_directory = @DIR@/data
            maillog_file = @DIR@/log
            maillog_file_prefixes = @DIR@
            myhostname = mx.example.org
            mydestination =
            alias_maps =
            alias_database =
            mynetworks =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            smtpd_peername_lookup = no
            default_transport = error:5.7.1 nothing leaves this machine
            message_size_limit = @SIZE@

            virtual_mailbox_domains = example.org
            virtual_mailbox_base = @DIR@/mail
            virtual_mailbox_maps = regexp:@DIR@/etc/behind, inline:{ @USERS@ { defer@example.org = defer/ }, { bounce@example.org = bounce/ } }
            virtual_uid_maps = static:@UID@
            virtual_gid_maps = static:@GID@
            virtual_minimum_uid = 1
            transport_maps = regexp:@DIR@/etc/behind, inline:{ { bounce@example.org = bouncer: } }
            smtpd_relay_restrictions = reject_unauth_destination
            smtpd_recipient_restrictions = check_recipient_access inline:{ { defer@example.org = 450 4.2.0 try again later } }

            smtpd_client_connection_count_limit = 0
            smtpd_error_sleep_time = 0
            smtpd_hard_error_limit = 1000

            smtpd_tls_security_level = may
            smtpd_tls_cert_file = @CERT@
            smtpd_tls_key_file = @KEY@
            smtpd_tls_CAfile = @CA@
            smtpd_tls_ask_ccert = yes
            smtpd_tls_received_header = yes
            smtpd_sasl_type = dovecot
            smtpd_sasl_path = @LOGINS@
            smtpd_sasl_authenticated_header = yes
            """
            .replace("@DIR@", scratch.path().toString())
            .replace("@SIZE@", Integer.toString(SIZE_LIMIT))
            .replace("@USERS@", USERS.stream().map(user -> "{ " + user + "@example.org = " + user + "/ },").collect(Collectors.joining(" ")))
            .replace("@UID@", SystemCommand.run("id", "-u", MAIL_OWNER).strip())
            .replace("@GID@", SystemCommand.run("id", "-g", MAIL_OWNER).strip())
            .replace("@CERT@", identity.chainFile().toString())
            .replace("@KEY@", identity.keyFile().toString())
            .replace("@CA@", TestCerts.caFile().toString())
            .replace("@LOGINS@", logins.authSocket().toString());
    }

    private String services() {
        return """
            127.0.0.1:@PORT@ inet n - n - - smtpd
            127.0.0.1:@LOGIN@ inet n - n - - smtpd
              -o smtpd_sasl_auth_enable=yes
              -o smtpd_tls_auth_only=yes
            127.0.0.1:@TLS@ inet n - n - - smtpd
              -o smtpd_tls_wrappermode=yes
              -o smtpd_sasl_auth_enable=yes
            127.0.0.1:@PROXY@ inet n - n - - smtpd
              -o smtpd_upstream_proxy_protocol=haproxy
            127.0.0.1:@STRANGERS@ inet n - n - - smtpd
              -o smtpd_authorized_xclient_hosts=127.0.0.1
              -o { smtpd_client_restrictions = check_client_access inline:{{192.0.2.1 = 554 5.7.1 blocked}} }
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            verify unix - - n - 1 verify
            flush unix n - n 1000? 0 flush
            proxymap unix - - n - - proxymap
            error unix - - n - - error
            bouncer unix - n n - - pipe user=nobody argv=/bin/sh -c {exit 67}
            retry unix - - n - - error
            virtual unix - n n - - virtual
            lmtp unix - - n - - lmtp
            anvil unix - - n - 1 anvil
            postlog unix-dgram n - n - 1 postlogd
            """
            .replace("@PORT@", Integer.toString(port))
            .replace("@LOGIN@", Integer.toString(loginPort))
            .replace("@TLS@", Integer.toString(tlsPort))
            .replace("@PROXY@", Integer.toString(proxyPort))
            .replace("@STRANGERS@", Integer.toString(strangersPort));
    }

    @Override
    public void close() {
        SystemCommand.run(program, "-c", scratch.resolve("etc"), "abort");
        scratch.close();
    }
}
