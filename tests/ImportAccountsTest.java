package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** examples/import-accounts: what msmtp and mailx have been told becomes accounts that can be read. */
final class ImportAccountsTest {
    /** The example of msmtp's manual, and what people add to it. */
    private static final String MSMTPRC = """
        # Set default values for all following accounts.
        defaults
        port 587
        tls on
        tls_trust_file %1$s/ca.pem
        logfile ~/.msmtp.log

        account freemail
        host smtp.freemail.example
        from joe_smith@freemail.example
        from_full_name Smith, Joe
        auth on
        user joe.smith@work
        password "se#cr\\et \\"x"

        # A second mail address at the same service
        account freemail2 : freemail
        from joey@freemail.example

        account work:lan
        host mail.work.example
        port 465
        auth scram-sha-256
        user smith joe
        passwordeval "echo 'it is' \\$me"
        tls on
        tls_starttls off
        tls_trust_file system
        tls_fingerprint AA:BB
        logfile /var/log/other
        domain db1.work.example
        timeout 30

        account lan
        host 2001:db8::1
        port 25
        tls off
        auth off
        user nobody
        protocol lmtp
        from *@lan.example

        account default : freemail
        """;

    @AutoClose
    private final Scratch files = Scratch.create("import");

    private Tool.Result imported(String text) {
        return Program.of(Need.program("dash"), Program.inClone("examples/import-accounts"), files.write("old", text)).call();
    }

    private MailTool.Account account(Tool.Result run, String... name) {
        assertEquals(0, run.exit(), run::toString);
        java.nio.file.Path file = files.write("accounts", run.out());
        assertEquals(run.out().contains(".password = "), run.out().startsWith("# It has passwords"));
        try {
            java.nio.file.Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return MailTool.Account.find(Optional.of(file), name.length == 0 ? Optional.empty() : Optional.of(name[0])).orElseThrow();
    }

    private static void named(Tool.Result run, String... words) {
        TreeSet<String> lines = new TreeSet<>(run.err().lines().toList());
        assertEquals(new TreeSet<>(List.of(words)), lines, run::toString);
    }

    @Test
    void accountsOfMsmtpInheritAsTheyDidThere() {
        files.write("ca.pem", "");
        Tool.Result run = imported(MSMTPRC.formatted(files.path()));
        MailTool.Account standard = account(run);
        assertEquals("smtp://joe.smith@work@smtp.freemail.example:587", standard.smtp().toString());
        assertEquals("freemail: Smith, Joe <joe_smith@freemail.example>", standard.toString().replace("\"", "").replaceFirst(", smtp.*", ""));
        assertTrue(run.out().contains("\nfreemail.password = se#cr\\\\et \\\\\"x\n"), run::toString);
        assertTrue(run.out().contains("\nfreemail.tls = required\n"), run::toString);
        assertEquals("smtp://joe.smith@work@smtp.freemail.example:587", account(run, "freemail2").smtp().toString());
        assertTrue(account(run, "freemail2").toString().contains("joey@freemail.example"));
        assertEquals("smtps://smith joe@mail.work.example:465", account(run, "work").smtp().toString());
        assertTrue(run.out().contains("\nwork.password-command = echo 'it is' \\\\$me\n"), run::toString);
        assertEquals("lmtp://2001:db8::1:25", account(run, "lan").smtp().toString());
        assertFalse(run.out().contains("work.ca") || run.out().contains("lan.from"), run::toString);
        named(run, "import-accounts: account lan: can't carry over from *@lan.example; it is a pattern: write an address",
            "import-accounts: account work: can't carry over tls_fingerprint; pin = sha256:HASH is that of the public key; mailtool probe shows it",
            "import-accounts: account work: can't carry over logfile /var/log/other; that of the default account counts",
            "import-accounts: account work: there is no account lan before it");
    }

    @Test
    void withoutADefaultTheFirstIsIt() {
        Tool.Result run = imported("account a b\nhost localhost\nauth on\nuser x\ntls_certcheck off\r\naccount c\nhost d\neval echo\n");
        assertEquals("smtp://x@localhost:25", account(run).smtp().toString());
        named(run, "import-accounts: there is no default account, so a-b is it", "import-accounts: account c: can't carry over eval echo");
    }

    @Test
    void theSetLinesOfMailxBecomeOne() {
        Tool.Result run = imported("""
            set ask crt=20 nosave
            set smtp=smtp://smtp.example.org:587 smtp-use-starttls
            set smtp-auth=login # comment
            set smtp-auth-user=ops@example.org
            set smtp-auth-password="pa ss\\"w#rd"
            set from="Ops Team <ops@example.org>" \\
              ssl-verify=ignore nss-config-dir=/etc/pki/nssdb
            account work {
              set smtp=smtps://mail.work.example from=me@work.example
              set smtp-auth-user-mail.work.example=me password-me@mail.work.example='ge$heim'
              unset ssl-verify
            }
            """);
        assertEquals("smtp://ops@example.org@smtp.example.org:587", account(run).smtp().toString());
        assertEquals("smtps://me@mail.work.example:465", account(run, "work").smtp().toString());
        assertTrue(run.out().contains("\nmailx.from = Ops Team <ops@example.org>\n") && run.out().contains("\nmailx.tls = required\n")
            && run.out().contains("\nmailx.password = pa ss\"w#rd\n") && run.out().contains("\nwork.password = ge$heim\n")
            && run.out().contains("\nmailx.insecure = true\n") && !run.out().contains("work.insecure"), run::toString);
        named(run, "import-accounts: account mailx: can't carry over nss-config-dir /etc/pki/nssdb", "import-accounts: account work: can't carry over nss-config-dir /etc/pki/nssdb");
    }

    @Test
    void aUrlWithAPasswordIsTakenApart() {
        Tool.Result run = imported("set v15-compat mta=smtps://user%40x.org:pa%24s%3As@mail.example.org smtp-auth=plain tls-verify=ask\n");
        assertEquals("smtps://user@x.org@mail.example.org:465", account(run).smtp().toString());
        assertTrue(run.out().contains("\nmailx.password = pa$s:s\n") && !run.out().contains("pa%24"), run::toString);
        named(run, "import-accounts: account mailx: can't carry over ssl-verify ask; a certificate is good, or nothing is sent");
        assertEquals("smtp://u@h:587", account(imported("set mta=submission://u:p@h\n")).smtp().toString());
    }

    @Test
    void whatIsNoneIsSaid() {
        assertEquals(65, imported("set sendmail=/usr/sbin/sendmail\n").exit());
        assertEquals(66, Program.of(Program.inClone("examples/import-accounts"), "/nowhere").call().exit());
        assertEquals(64, Program.of(Program.inClone("examples/import-accounts")).call().exit());
    }
}
