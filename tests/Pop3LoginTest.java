package mailtool;

import static mailtool.MailTool.pop3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Pop3;
import mailtool.MailTool.Stage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Logging in to a maildrop: every way, which one is taken, and what a refusal means. */
final class Pop3LoginTest {
    private static final String ALL = "SASL LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER EXTERNAL";

    // Every way

    @ParameterizedTest
    @ValueSource(strings = {"USER", "APOP", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "user", "apop"})
    void everyWayWithAPassword(String auth) {
        try (FakePop3 fake = new FakePop3().apop().capa("USER", ALL).messages(1).start(); Pop3 box = Pop3Calls.server(fake).set("auth", auth).open()) {
            assertEquals(1, box.totals().messages());
            assertEquals(auth.toUpperCase(Locale.ROOT), way(fake));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"XOAUTH2", "OAUTHBEARER"})
    void everyWayWithAToken(String auth) {
        try (FakePop3 fake = new FakePop3().login("ops", "ya29.token").capa("USER", ALL).messages(1).start();
            Pop3 box = pop3(fake.userUrl()).set("auth", auth).set("token-command", "echo ya29.token").open()) {
            assertEquals(1, box.totals().messages());
            assertEquals(auth, way(fake));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-ERR maildrop already locked", "-ERR can't get lock. Mailbox in use", "-ERR [IN-USE] busy", "-ERR unable to LOCK maildrop", "-ERR Mailbox is busy",
        "-ERR your mailbox is in-use by another", "-ERR Temporary problem, please try again later", "-ERR temporary system failure", "-ERR Temporary internal server error", "-ERR Service temporarily unavailable",
        "-ERR [XYZ] mailbox in use", "-ERR internal server error", "-ERR failed: Could not connect to server", "-ERR Server Unavailable. 21",
        "-ERR Internal error occurred. Refer to server log", "-ERR cannot connect to server"})
    void aMaildropThatAnotherHasOpenIsNoMatterOfThePassword(String reply) {
        try (FakePop3 fake = new FakePop3().on("PASS", reply).start()) {
            var failure = Pop3Calls.refusal(Pop3Calls.server(fake).set("auth", "USER"));
            assertEquals(Exit.TEMPORARY, failure.exit(), failure.getMessage());
            assertTrue(failure.retryable());
            assertTrue(failure.hint().contains("try again later"), failure.hint());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-ERR [AUTH] maildrop is locked", "-ERR mailbox blocked", "-ERR account locked", "-ERR no such mailbox", "-ERR the busybody's password",
        "-ERR [SYS/PERM] mailbox in use", "-ERR [AUTH] temporary failure", "-ERR account temporarily suspended", "-ERR the temporary password has expired", "-ERR service unavailable for this account", "-ERR [AUTH] internal server error",
        "-ERR invalid login, please try again", "-ERR you are not allowed to connect to the server", "-ERR you may not connect to this server", "-ERR too many failed logins"})
    void whatOnlyReadsLikeALockIsNone(String reply) {
        try (FakePop3 fake = new FakePop3().on("PASS", reply).start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake).set("auth", "USER"));
            assertEquals(reply.contains("SYS") ? Exit.POLICY : Exit.AUTH, failure.exit(), failure.getMessage());
            assertFalse(failure.retryable());
        }
    }

    @ParameterizedTest
    @CsvSource({"-ERR, TEMPORARY", "-ERR too many connections, TEMPORARY", "-ERR [AUTH] who are you, AUTH", "-ERR [SYS/TEMP] no, TEMPORARY", "-ERR [SYS/PERM] no, DATA"})
    void aGreetingThatRefusesUsMeansWhatItsCodeSays(String greeting, Exit exit) {
        try (ScriptedServer server = ScriptedServer.start(peer -> peer.say(greeting))) {
            MailException failure = Pop3Calls.refusal(pop3("pop3://ops@localhost:" + server.port()).password("x"));
            assertEquals(exit, failure.exit(), failure.getMessage());
            assertEquals(exit == Exit.TEMPORARY, failure.retryable());
            assertEquals(Stage.GREETING, failure.stage());
        }
    }

    @ParameterizedTest
    @CsvSource({"'+ ', '+ '", "+, +", "+ Username:, + Password:", "+ QmVudXR6ZXJuYW1lOg==, + S2VubndvcnQ6"})
    void loginGoesByPosition(String first, String second) {
        List<String> answers = new ArrayList<>();
        try (FakePop3 fake = new FakePop3().capa("SASL LOGIN").messages(1).on("AUTH", peer -> {
            answers.add(peer.say(first).readLine());
            answers.add(peer.say(second).readLine());
            peer.say("-ERR [AUTH] seen enough");
        }).start()) {
            Pop3Calls.refusal(Pop3Calls.server(fake));
            assertEquals(List.of(RawClient.base64("ops"), RawClient.base64(FakePop3.PASSWORD)), answers);
        }
    }

    @ParameterizedTest
    @CsvSource({"-ERR Unsupported authentication mechanism., 2", "-ERR unknown auth type, 2", "-ERR [AUTH] Unsupported authentication mechanism, 1", "-ERR no, 1", "-ERR mechanism CRAM-MD5: invalid credentials, 1"})
    void aRefusalOfTheMechanismLeadsToTheNext(String reply, int attempts) {
        try (FakePop3 fake = new FakePop3().capa("SASL CRAM-MD5 PLAIN").on("AUTH", reply).start()) {
            assertEquals(Exit.AUTH, Pop3Calls.refusal(Pop3Calls.server(fake)).exit());
            assertEquals(attempts, fake.commands("AUTH").size());
        }
    }

    @Test
    void aTokenIsUsedByItself() {
        try (FakePop3 fake = new FakePop3().apop().login("ops", "ya29.token").capa("USER", ALL).messages(1).start();
            Pop3 box = pop3(fake.userUrl()).set("token-command", "echo ya29.token").open()) {
            assertEquals(1, box.totals().messages());
            assertEquals("OAUTHBEARER", way(fake));
        }
    }

    @Test
    void ourCertificateIsALoginToo() {
        try (FakePop3 fake = new FakePop3().implicitTls(TestCerts.good().context()).tlsSettings(socket -> socket.setNeedClientAuth(true)).capa(ALL).messages(1).start();
            Pop3 box = Pop3Calls.trusting(fake.url()).set("user", "ops").set("auth", "EXTERNAL")
                .set("cert", TestCerts.client().chainFile().toString()).set("key", TestCerts.client().keyFile().toString()).open()) {
            assertEquals(1, box.totals().messages());
            assertEquals(List.of("AUTH EXTERNAL b3Bz"), fake.commands("AUTH"));
        }
    }

    @Test
    void theFirstResponseIsInTheCommand() {
        for (String auth : List.of("PLAIN", "SCRAM-SHA-256")) {
            try (FakePop3 fake = new FakePop3().capa(ALL).start(); Pop3 box = Pop3Calls.server(fake).set("auth", auth).open()) {
                assertEquals(3, fake.commands("AUTH").get(0).split(" ").length);
            }
        }
    }

    /** RFC 5034, 4: a command has at most 255 octets. */
    @Test
    void aFirstResponseThatIsTooLongFollowsTheChallenge() {
        String password = "p".repeat(250);
        try (FakePop3 fake = new FakePop3().login("ops", password).capa("SASL PLAIN").messages(1).start(); Pop3 box = pop3(fake.userUrl()).password(password).open()) {
            assertEquals(List.of("AUTH PLAIN"), fake.commands("AUTH"));
            assertEquals(1, box.totals().messages());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"USER", "APOP", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"})
    void dovecotKnowsUsByEveryWay(String auth) {
        DovecotUser user = Dovecot.shared().newUser("login").deposit("Subject: hello\n\n");
        for (String url : List.of(user.url(), user.tlsUrl())) {
            try (Pop3 box = Pop3Calls.trusting(url).password(Dovecot.PASSWORD).set("auth", auth).open()) {
                assertEquals(List.of("hello"), Pop3Calls.subjects(box));
            }
        }
    }

    @Test
    void greenMailKnowsUs() {
        GreenMailServer greenMail = GreenMailServer.shared();
        greenMail.user("pop3-login@example.org", "pop3-login", "its password");
        try (Pop3 box = Pop3Calls.trusting("pop3s://pop3-login@localhost:" + greenMail.pop3sPort()).password("its password").open()) {
            assertEquals(0, box.totals().messages());
            assertEquals(List.of(), Pop3Calls.messages(box));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"USER", "PLAIN", "APOP", "CRAM-MD5"})
    void namesAndPasswordsMayHaveAnyLetters(String auth) {
        FakePop3 fake = new FakePop3().apop().capa("USER", ALL);
        // What the server reads byte by byte is what we send as UTF-8.
        boolean decodes = auth.equals("PLAIN") || auth.equals("CRAM-MD5");
        String password = "pass w\u00f6rd \"%\\";
        try (FakePop3 started = fake.login(decodes ? "j\u00fcrgen" : bytes("j\u00fcrgen"), password).messages(1).start()) {
            if (auth.equals("USER")) {
                fake.login(bytes("j\u00fcrgen"), bytes(password));
            }
            try (Pop3 box = pop3("pop3://j%C3%BCrgen@localhost:" + started.port()).password(password).set("auth", auth).open()) {
                assertEquals(1, box.totals().messages());
            }
        }
    }

    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    // The choice

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "clear | SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 | SCRAM-SHA-256",
        "clear | SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 | SCRAM-SHA-1",
        "clear | SASL PLAIN LOGIN CRAM-MD5 | CRAM-MD5",
        "clear | SASL PLAIN LOGIN | APOP",
        "clear | USER | APOP",
        "TLS | SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 | SCRAM-SHA-256",
        "TLS | SASL PLAIN LOGIN CRAM-MD5 | CRAM-MD5",
        "TLS | SASL PLAIN LOGIN | PLAIN",
        "TLS | SASL LOGIN GSSAPI | LOGIN",
        "TLS | SASL GSSAPI | USER",
        "TLS | USER | USER"})
    void autoTakesTheStrongest(String channel, String sasl, String expected) {
        FakePop3 fake = new FakePop3().apop().capa("USER", sasl).messages(1);
        try (FakePop3 started = (channel.equals("TLS") ? fake.implicitTls(TestCerts.good().context()) : fake).start(); Pop3 box = Pop3Calls.server(started).open()) {
            assertEquals(1, box.totals().messages());
            assertEquals(expected, way(fake));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"clear | SASL PLAIN LOGIN | PLAIN", "clear | SASL LOGIN | LOGIN", "clear | USER | USER"})
    void withoutATimestampThereIsNoApop(String channel, String sasl, String expected) {
        try (FakePop3 fake = new FakePop3().capa("USER", sasl).start(); Pop3 box = Pop3Calls.server(fake).open()) {
            assertEquals(expected, way(fake));
        }
    }

    @Test
    void insideTlsApopComesLast() {
        try (FakePop3 fake = new FakePop3().apop().capa("TOP").implicitTls(TestCerts.good().context()).start(); Pop3 box = Pop3Calls.server(fake).open()) {
            assertEquals("APOP", way(fake));
        }
    }

    @Test
    void whatIsOfferedInsideTlsCounts() {
        try (FakePop3 fake = new FakePop3().capa("SASL SCRAM-SHA-256").capaUnderTls("SASL PLAIN").tls(TestCerts.good().context()).start(); Pop3 box = Pop3Calls.server(fake).open()) {
            assertEquals("PLAIN", way(fake));
        }
    }

    @Test
    void whatIsNamedIsTriedThoughItIsNotListed() {
        try (FakePop3 fake = new FakePop3().capa("SASL GSSAPI").start(); Pop3 box = Pop3Calls.server(fake).set("auth", "USER").open()) {
            assertEquals("USER", way(fake));
        }
        try (FakePop3 fake = new FakePop3().capa("TOP", "UIDL").start(); Pop3 box = Pop3Calls.server(fake).set("auth", "USER").open()) {
            assertEquals("USER", way(fake));
        }
    }

    @Test
    void nothingThatWeKnowIsNoLogin() {
        try (FakePop3 fake = new FakePop3().capa("SASL GSSAPI NTLM").start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake));
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertTrue(failure.getMessage().contains("GSSAPI, NTLM"), failure.getMessage());
            assertTrue(fake.commands("AUTH").isEmpty());
        }
    }

    @Test
    void whoOffersNoLoginMayStillTakeUser() {
        try (FakePop3 fake = new FakePop3().capa("TOP", "UIDL").start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake));
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertTrue(failure.hint().contains("--auth USER"), failure.hint());
            Pop3Calls.server(fake).set("auth", "USER").open().close();
        }
    }

    @Test
    void apopNeedsATimestamp() {
        try (FakePop3 fake = new FakePop3().start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake).set("auth", "APOP"));
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertTrue(failure.getMessage().contains("timestamp"), failure.getMessage());
            assertFalse(String.join("", fake.commands()).contains("APOP"));
        }
    }

    @Test
    void sendKnowsNeitherUserNorApop() {
        for (String auth : List.of("USER", "APOP")) {
            Tool.Result result = Tool.run("send", "-S", "smtp://ops@localhost", "--auth", auth, "-f", "a@example.org", "-t", "b@example.org", "--text", "x");
            assertEquals(64, result.exit(), result::toString);
        }
    }

    @Test
    void theHelpNamesThem() {
        String help = Tool.run("inbox", "--help").out();
        assertTrue(help.matches("(?s).*--auth \\S+\\|\n +\\S+\\|USER\\|APOP\n.*"), help);
    }

    // In clear

    @Test
    void noCredentialGoesInClearToAnotherMachine() {
        InetAddress other = LocalPorts.ownAddress().orElse(null);
        Need.that(other != null, "this machine has no address but loopback");
        for (String auth : List.of("auto", "APOP", "SCRAM-SHA-256", "USER")) {
            try (FakePop3 fake = new FakePop3().apop().capa("USER", ALL).address(other).start()) {
                MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake).set("auth", auth));
                assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
                assertEquals(List.of("CAPA"), fake.commands());
            }
        }
    }

    @Test
    void aProxyIsAnotherMachine() {
        try (FakePop3 fake = new FakePop3().start(); SocksProxy proxy = SocksProxy.start()) {
            MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake).set("proxy", "socks5://127.0.0.1:" + proxy.port()));
            assertEquals(Exit.POLICY, failure.exit(), failure.getMessage());
            assertEquals(List.of("CAPA"), fake.commands());
        }
    }

    @Test
    void statNeedsNoLogin() {
        InetAddress other = LocalPorts.ownAddress().orElse(null);
        Need.that(other != null, "this machine has no address but loopback");
        try (FakePop3 fake = new FakePop3().address(other).start(); Pop3 box = pop3(fake.url()).open()) {
            assertEquals(List.of("clear"), List.copyOf(box.capabilities().keySet()));
        }
    }

    // Refusals

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-ERR wrong | AUTH", "-ERR | AUTH", "-ERR [AUTH] wrong | AUTH", "-ERR [XYZ] strange | AUTH", "-ERR [SYS/PERM] account closed | POLICY",
        "-ERR [SYS/TEMP] directory down | TEMPORARY", "-ERR [IN-USE] locked | TEMPORARY", "-ERR [LOGIN-DELAY] wait | TEMPORARY", "-ERR [in-use] locked | TEMPORARY",
        "-ERR auth down [SYS/TEMP] | AUTH", "+ | PROTOCOL", "535 no | PROTOCOL"})
    void aRefusalMeansWhatItsCodeSays(String reply, Exit exit) {
        for (String command : List.of("PASS", "AUTH", "APOP")) {
            String auth = command.equals("PASS") ? "USER" : command.equals("AUTH") ? "PLAIN" : "APOP";
            boolean asksOn = reply.equals("+") && command.equals("AUTH");
            try (FakePop3 fake = new FakePop3().apop().capa("USER", "SASL PLAIN").on(command, reply).start()) {
                MailException failure = Pop3Calls.refusal(Pop3Calls.server(fake).set("auth", auth).set("timeout", "20s"));
                assertEquals(asksOn ? Exit.AUTH : exit, failure.exit(), failure.getMessage());
                assertEquals(Stage.AUTH, failure.stage());
                assertEquals(1, fake.commands(command).size());
            }
        }
    }

    @Test
    void aRefusedUserIsNotAskedForItsPassword() {
        try (FakePop3 fake = new FakePop3().on("USER", "-ERR who?").start()) {
            assertEquals(Exit.AUTH, Pop3Calls.refusal(Pop3Calls.server(fake)).exit());
            assertTrue(fake.commands("PASS").isEmpty());
        }
    }

    @Test
    void afterARefusalThereIsNoSecondAttemptWithAnything() {
        try (FakePop3 fake = new FakePop3().apop().capa("USER", ALL).login("ops", "another").start()) {
            assertEquals(Exit.AUTH, Pop3Calls.refusal(Pop3Calls.server(fake)).exit());
            assertEquals(1, fake.peers().size());
            assertEquals(List.of("AUTH"), fake.awaitEnd().commands().stream().map(FakePop3Session::verb).filter(verb -> !verb.equals("CAPA") && !verb.equals("QUIT")).toList());
        }
    }

    @Test
    void theCommandLineSaysTheSame() {
        try (FakePop3 fake = new FakePop3().on("PASS", "-ERR [AUTH] \u001b[31mred").start()) {
            Tool.Result result = Pop3Calls.call(fake, "inbox", "-v");
            assertEquals(77, result.exit(), result::toString);
            assertFalse(result.err().contains("\u001b"), result::toString);
            assertFalse(result.err().contains(FakePop3.PASSWORD), result::toString);
            assertTrue(result.err().contains("[AUTH]"), result::toString);
        }
        try (FakePop3 fake = new FakePop3().on("PASS", "-ERR [SYS/PERM] closed").start()) {
            assertEquals(69, Pop3Calls.call(fake, "stat").exit());
        }
        try (FakePop3 fake = new FakePop3().on("PASS", "-ERR [IN-USE] locked").start()) {
            Tool.Result result = Pop3Calls.call(fake, "read", "1", "--json");
            assertEquals(75, result.exit(), result::toString);
            assertTrue(result.out().contains("\"retryable\":true"), result::toString);
        }
    }

    @Test
    void withoutAPasswordItIsWrongUsage() {
        try (FakePop3 fake = new FakePop3().start()) {
            Tool.Result result = Tool.run("inbox", "-S", fake.userUrl());
            assertEquals(64, result.exit(), result::toString);
            assertTrue(fake.peers().isEmpty());
        }
    }

    @Test
    void withoutAUserOnlyStatWorks() {
        try (FakePop3 fake = new FakePop3().messages(1).start()) {
            for (List<String> words : List.of(List.of("inbox"), List.of("read", "1"), List.of("delete", "1", "--yes"))) {
                List<String> all = new ArrayList<>(words);
                all.addAll(1, List.of("-S", fake.url()));
                Tool.Result result = Tool.run(all.toArray(new String[0]));
                assertEquals(64, result.exit(), result::toString);
                assertTrue(result.err().contains("user"), result::toString);
            }
        }
    }

    /** The command that logged in, or its mechanism. */
    private static String way(FakePop3 fake) {
        return fake.commands().stream().filter(line -> List.of("USER", "APOP", "AUTH").contains(FakePop3Session.verb(line))).findFirst()
            .map(line -> line.startsWith("AUTH") ? line.split(" ")[1] : FakePop3Session.verb(line)).orElse("none");
    }
}
