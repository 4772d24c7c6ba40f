package mailtool;

import static mailtool.MailTool.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to log in, what a refusal says, and where secrets come from and never go. */
final class LoginTest {
    private static final String USER = "ops@example.org";
    private static final String SECRET = "s3cr3t, \"and\" long enough";
    private static final String ALL = "AUTH GSSAPI LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER EXTERNAL";
    private static final String[] SEND = {"-f", "a@example.org", "-t", "b@example.org", "--text", "Hello"};
    /** So many times a server may ask until its client has to see that this leads nowhere. */
    private static final int FAR_TOO_OFTEN = 50;

    // Mechanisms

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"})
    void everyMechanismWithAPassword(String mechanism) {
        try (FakeSmtp fake = fake(ALL)) {
            deliver(server(fake).set("auth", mechanism));
            assertEquals(USER, fake.message().user());
            assertEquals(List.of(mechanism), mechanisms(fake));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"XOAUTH2", "OAUTHBEARER"})
    void everyMechanismWithAToken(String mechanism) {
        try (FakeSmtp fake = new FakeSmtp().ehlo(ALL).login(USER, "ya29.token").start()) {
            deliver(smtp(fake.url(USER)).set("auth", mechanism).set("token-command", "echo ya29.token"));
            assertEquals(USER, fake.message().user());
            assertEquals(List.of(mechanism), mechanisms(fake));
        }
    }

    @ParameterizedTest
    @CsvSource({"'', AUTH EXTERNAL =", "ops@, AUTH EXTERNAL b3Bz"})
    void ourCertificateIsALoginToo(String user, String command) {
        try (FakeSmtp fake = new FakeSmtp().ehloUnderTls("AUTH EXTERNAL PLAIN").login("ops", "secret").tls(TestCerts.good().context())
            .tlsSettings(socket -> socket.setNeedClientAuth(true)).start()) {
            deliver(withCertificate(smtp(fake.url().replace("//", "//" + user)).set("auth", "external")));
            assertEquals("ops", fake.message().user());
            assertTrue(fake.commands().contains(command), () -> fake.commands().toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"})
    void dovecotKnowsUsByEveryMechanism(String mechanism) {
        Postfix postfix = Postfix.shared();
        String subject = mechanism + " " + System.nanoTime();
        Server<Smtp> server = submission().password(Dovecot.PASSWORD).set("auth", mechanism);
        try (Smtp session = server.open()) {
            session.send(mail().from("alice@example.org").to("carol@example.org").subject(subject).text("Hello"));
        }
        assertTrue(postfix.mailbox("carol").waitFor(subject).contains("(Authenticated sender: alice@example.org)"));
    }

    @Test
    void dovecotRefusesTheWrongPassword() {
        for (String mechanism : List.of("SCRAM-SHA-256", "PLAIN")) {
            MailException failure = failure(submission().password("wrong").set("auth", mechanism));
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertEquals(535, failure.reply().orElseThrow().code());
            assertTrue(failure.hint().contains("password"), failure.hint());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"XOAUTH2", "OAUTHBEARER"})
    void dovecotRefusesATokenThatItDoesNotKnow(String mechanism) {
        MailException failure = failure(submission().set("token-command", "echo ya29.token").set("auth", mechanism));
        assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
        assertEquals(Stage.AUTH, failure.stage());
    }

    @Test
    void greenMailKnowsUsByToken() {
        GreenMailServer greenMail = GreenMailServer.shared();
        greenMail.user("token@example.org", "token", "ya29.token");
        Server<Smtp> server = smtp("smtp://token@localhost:" + greenMail.smtpPort()).set("ca", TestCerts.caFile().toString()).set("token-command", "echo ya29.token");
        try (Smtp session = server.open()) {
            session.send(mail().from("a@example.org").to("by-token@example.org").subject("token").text("Hello"));
        }
        assertEquals(1, greenMail.messages("by-token@example.org").size());
        MailException failure = failure(smtp("smtp://token@localhost:" + greenMail.smtpPort()).set("ca", TestCerts.caFile().toString()).set("token-command", "echo other"));
        assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
    }

    @Test
    void mailHogKnowsUsByPlain() {
        MailHog mailHog = MailHog.shared();
        String subject = "login " + System.nanoTime();
        try (Smtp session = smtp("smtp://ops@127.0.0.1:" + mailHog.smtpPort()).password(SECRET).open()) {
            session.send(mail().from("a@example.org").to("b@example.org").subject(subject).text("Hello"));
        }
        mailHog.waitFor(subject);
    }

    // Choice

    @ParameterizedTest
    @CsvSource({
        "AUTH LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256, SCRAM-SHA-256",
        "AUTH SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN, SCRAM-SHA-1",
        "AUTH LOGIN CRAM-MD5 PLAIN, CRAM-MD5",
        "AUTH LOGIN PLAIN, PLAIN",
        "AUTH LOGIN, LOGIN",
        "AUTH GSSAPI NTLM SCRAM-SHA-512 SCRAM-SHA-256-PLUS EXTERNAL XOAUTH2 OAUTHBEARER LOGIN, LOGIN",
        "auth login plain, PLAIN",
        "AUTH=LOGIN PLAIN, PLAIN"
    })
    void autoTakesTheStrongest(String offer, String mechanism) {
        try (FakeSmtp fake = fake(offer)) {
            deliver(server(fake));
            assertEquals(List.of(mechanism), mechanisms(fake));
        }
    }

    @ParameterizedTest
    @CsvSource({"AUTH PLAIN XOAUTH2 OAUTHBEARER, OAUTHBEARER", "AUTH SCRAM-SHA-256 LOGIN XOAUTH2, XOAUTH2"})
    void autoTakesTheStrongestForAToken(String offer, String mechanism) {
        try (FakeSmtp fake = fake(offer)) {
            deliver(smtp(fake.url(USER)).set("token-command", "printf %s '" + SECRET + "'"));
            assertEquals(List.of(mechanism), mechanisms(fake));
        }
    }

    @Test
    void anOldAndANewOfferCountTogether() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH=LOGIN", "AUTH PLAIN").login(USER, SECRET).start()) {
            deliver(server(fake));
            assertEquals(List.of("PLAIN"), mechanisms(fake));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"})
    void noSecondMechanismIsTriedAfterARefusal(String mechanism) {
        try (FakeSmtp fake = fake("AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 " + mechanism)) {
            MailException failure = failure(smtp(fake.url(USER)).password("wrong").set("auth", mechanism));
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertEquals(Stage.AUTH, failure.stage());
            assertFalse(failure.retryable());
            assertEquals("5.7.8", failure.reply().orElseThrow().enhanced());
            assertTrue(failure.getMessage().contains(USER), failure.getMessage());
            assertNoMailAfterOneLogin(fake);
        }
    }

    @Test
    void autoTriesNoSecondMechanismEither() {
        try (FakeSmtp fake = fake(ALL)) {
            assertEquals(Exit.AUTH, failure(smtp(fake.url(USER)).password("wrong")).exit());
            assertNoMailAfterOneLogin(fake);
        }
    }

    @Test
    void noRetryFollowsARefusedLogin() {
        try (FakeSmtp fake = fake("AUTH PLAIN")) {
            assertEquals(Exit.AUTH, failure(smtp(fake.url(USER)).password("wrong").set("retry", "3")).exit());
            assertNoMailAfterOneLogin(fake);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"504 5.7.4 Unrecognized authentication type", "504 what", "534 5.7.9 Authentication mechanism is too weak", "538 5.7.11 Encryption required",
        "550 5.7.4 no", "500 5.5.1 Unrecognized authentication mechanism", "501 5.5.4 unsupported auth type", "503 5.5.1 this mechanism is disabled"})
    void aRefusalOfTheMechanismLeadsToTheNext(String reply) {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH SCRAM-SHA-1 PLAIN LOGIN").login(USER, SECRET).on("AUTH SCRAM-SHA-1", reply).on("AUTH PLAIN", reply).start()) {
            deliver(server(fake));
            assertEquals(List.of("SCRAM-SHA-1", "PLAIN", "LOGIN"), mechanisms(fake).stream().distinct().toList());
            assertEquals(USER, fake.message().user());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"535 5.7.8 Authentication credentials invalid", "535 5.7.4 Unrecognized authentication type", "535 mechanism not supported",
        "534-5.7.9 Application-specific password required", "534 5.7.14 Please log in via your web browser", "530 5.7.0 Must issue a STARTTLS command first",
        "550 5.7.1 account closed", "500 mechanism PLAIN: invalid password", "454 4.7.0 mechanism not available now", "432 4.7.12 A password transition is needed"})
    void noOtherRefusalDoes(String reply) {
        String[] lines = reply.startsWith("534-") ? new String[] {reply, "534 5.7.9 see the help"} : new String[] {reply};
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN LOGIN").login(USER, SECRET).on("AUTH PLAIN", lines).start()) {
            failure(server(fake));
            assertNoMailAfterOneLogin(fake);
        }
    }

    @Test
    void theLastMechanismSaysWhyThereIsNoLogin() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN LOGIN").on("AUTH", "504 5.5.4 no such thing").start()) {
            MailException failure = failure(server(fake));
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertTrue(failure.getMessage().contains("by LOGIN: 504"), failure.getMessage());
            assertTrue(failure.hint().contains("--auth") && failure.hint().contains("not the password"), failure.hint());
            assertEquals(List.of("PLAIN", "LOGIN"), mechanisms(fake));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "AUTH", "AUTH GSSAPI NTLM"})
    void whatIsNamedIsTriedThoughItIsNotOffered(String offer) {
        try (FakeSmtp fake = fake(offer)) {
            deliver(server(fake).set("auth", "LOGIN"));
            assertEquals(List.of("LOGIN"), mechanisms(fake));
        }
    }

    @Test
    void whatIsNamedAndRefusedLeadsToNothingElse() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN LOGIN").login(USER, SECRET).on("AUTH PLAIN", "504 5.7.4 not that one").start()) {
            failure(server(fake).set("auth", "PLAIN"));
            assertNoMailAfterOneLogin(fake);
        }
    }

    @ParameterizedTest
    @CsvSource({"X-EXPS GSSAPI NTLM LOGIN, LOGIN", "x-exps=login, LOGIN", "X-EXPS PLAIN NTLM, PLAIN"})
    void whatExchangeCallsItsLoginIsOne(String offer, String mechanism) {
        try (FakeSmtp fake = fake(offer)) {
            deliver(server(fake));
            assertEquals(List.of(mechanism), mechanisms(fake));
        }
    }

    /** A wrong password is never looked at twice, whatever the server said to it before. */
    @Test
    void aSyntaxErrorAfterThePasswordLeadsToNoSecondAttempt() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH LOGIN").on("AUTH", peer -> {
            peer.say("334 VXNlcm5hbWU6").readLine();
            peer.say("334 UGFzc3dvcmQ6").readLine();
            peer.say("501 5.5.2 can't read that");
        }).start()) {
            failure(server(fake));
            assertNoMailAfterOneLogin(fake);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "AUTH", "AUTH GSSAPI NTLM", "AUTH EXTERNAL"})
    void aLoginThatIsNotOfferedIsAFailure(String offer) {
        try (FakeSmtp fake = fake(offer)) {
            MailException failure = failure(server(fake));
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertEquals(Stage.AUTH, failure.stage());
            assertEquals(List.of(), mechanisms(fake));
            assertEquals(List.of(), fake.attempts());
        }
    }

    @Test
    void aLoginIsNotOfferedAfterHelo() {
        try (FakeSmtp fake = new FakeSmtp().on("EHLO", "502 5.5.1 what").login(USER, SECRET).start()) {
            assertEquals(Exit.AUTH, failure(server(fake)).exit());
            assertTrue(fake.commands().contains("HELO [127.0.0.1]"), () -> fake.commands().toString());
            assertEquals(List.of(), mechanisms(fake));
            deliver(smtp(fake.url()));
            assertEquals(1, fake.messages().size());
            deliver(server(fake).set("auth", "PLAIN"));
            assertEquals(List.of("PLAIN"), mechanisms(fake));
        }
    }

    @Test
    void onlyALastingRefusalOfEhloLeadsToHelo() {
        try (FakeSmtp fake = new FakeSmtp().on("EHLO", "451 4.3.0 later").start()) {
            MailException failure = failure(smtp(fake.url()));
            assertEquals(Exit.TEMPORARY, failure.exit());
            assertTrue(fake.commands().stream().noneMatch(command -> command.startsWith("HELO")));
        }
    }

    @Test
    void aServerThatWantsATokenOnlyIsExplained() {
        try (FakeSmtp fake = fake("AUTH XOAUTH2")) {
            MailException failure = failure(server(fake));
            assertEquals(Exit.AUTH, failure.exit());
            assertTrue(failure.getMessage().contains("offers only XOAUTH2"), failure.getMessage());
            assertTrue(failure.hint().contains("--token-command"), failure.hint());
            assertEquals(List.of(), mechanisms(fake));
        }
    }

    @Test
    void aPasswordIsNotUsedAsATokenNorATokenAsAPassword() {
        try (FakeSmtp fake = fake("AUTH PLAIN LOGIN")) {
            assertEquals(Exit.AUTH, failure(smtp(fake.url(USER)).set("token-command", "echo ya29.token")).exit());
            assertEquals(List.of(), mechanisms(fake));
        }
    }

    @Test
    void aServerThatTakesNoTokenIsExplained() {
        try (FakeSmtp fake = fake("AUTH PLAIN")) {
            MailException failure = failure(smtp(fake.url(USER)).set("token-command", "echo ya29.token"));
            assertTrue(failure.getMessage().contains("offers only PLAIN"), failure.getMessage());
            assertTrue(failure.hint().contains("no token"), failure.hint());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"XOAUTH2", "OAUTHBEARER"})
    void aRefusedTokenIsExplained(String mechanism) {
        try (FakeSmtp fake = fake("AUTH " + mechanism)) {
            MailException failure = failure(smtp(fake.url(USER)).set("token-command", "echo old"));
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertTrue(failure.hint().contains("check the token"), failure.hint());
        }
    }

    // The exchange

    @Test
    void theInitialResponseSavesATurn() {
        try (FakeSmtp fake = fake("AUTH PLAIN")) {
            deliver(server(fake));
            assertTrue(fake.commands().contains("AUTH PLAIN " + RawClient.base64("\0" + USER + "\0" + SECRET)), () -> fake.commands().toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PLAIN", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER"})
    void aServerThatWantsNoInitialResponseIsAskedAgainWithout(String mechanism) {
        try (FakeSmtp fake = new FakeSmtp().ehlo(ALL).login(USER, SECRET).on("AUTH " + mechanism + " ", "501 5.5.2 no initial response here").start()) {
            deliver(server(fake, mechanism));
            assertEquals(USER, fake.message().user());
        }
    }

    @ParameterizedTest
    @CsvSource({"PLAIN, '334 '", "PLAIN, 334", "XOAUTH2, '334 '", "SCRAM-SHA-1, '334 '"})
    void anEmptyChallengeAfterTheInitialResponseGetsItAgain(String mechanism, String challenge) {
        List<String> repeated = new ArrayList<>();
        try (FakeSmtp fake = new FakeSmtp().ehlo(ALL).on("AUTH", peer -> {
            peer.say(challenge);
            repeated.add(peer.readLine());
            peer.say("535 5.7.8 enough");
        }).start()) {
            failure(server(fake, mechanism));
            String sent = fake.commands().stream().filter(command -> command.startsWith("AUTH")).findFirst().orElseThrow();
            assertEquals(List.of(sent.split(" ")[2]), repeated);
        }
    }

    @Test
    void whatIsTooLongForACommandLineComesInTheNext() {
        String token = "t".repeat(2000);
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH XOAUTH2 OAUTHBEARER PLAIN").login(USER, token).start()) {
            for (String mechanism : List.of("XOAUTH2", "OAUTHBEARER")) {
                deliver(smtp(fake.url(USER)).set("auth", mechanism).set("token-command", "echo " + token));
            }
            deliver(smtp(fake.url(USER)).set("auth", "PLAIN").password(token));
            assertEquals(List.of("AUTH XOAUTH2", "AUTH OAUTHBEARER", "AUTH PLAIN"), fake.commands().stream().filter(command -> command.startsWith("AUTH")).toList());
            assertEquals(3, fake.messages().size());
        }
    }

    @Test
    void noCommandLineHasMoreThan512Octets() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login(USER, "").start()) {
            for (int length = 340; length < 370; length++) {
                failure(smtp(fake.url(USER)).password("x".repeat(length)));
            }
            assertTrue(fake.commands().stream().allMatch(command -> command.length() + 2 <= 512), () -> fake.commands().toString());
            assertTrue(fake.commands().stream().anyMatch(command -> command.length() + 2 > 500), () -> fake.commands().toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"User Name, Password", "Username:, Password:", "user name\0, password\0", "login, passwort"})
    void loginAnswersWhatItIsAskedFor(String first, String second) {
        assertEquals(List.of(USER, SECRET), prompted(first, second));
    }

    @Test
    void loginAnswersSwappedPromptsRight() {
        assertEquals(List.of(SECRET, USER), prompted("Password:", "Username:"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Your mother?", "PIN:", "\u001b[2J"})
    void loginGivesNoPasswordToAFirstPromptThatDoesNotAskForIt(String prompt) {
        assertEquals(List.of(USER, SECRET), prompted(prompt, "Password:"));
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH LOGIN").on("AUTH", peer -> {
            peer.say("334 " + RawClient.base64(prompt)).readLine();
            peer.say("535 5.7.8 that was all");
        }).start()) {
            assertEquals(Exit.AUTH, failure(server(fake)).exit());
            fake.awaitEnd();
            assertFalse(fake.peer(0).receivedText().contains(RawClient.base64(SECRET)));
        }
    }

    @ParameterizedTest
    @CsvSource({"Benutzername:, Kennwort:", "'', ''", "\u7528\u6237, \u5bc6\u7801", "Login id, Secret", "login:, Kennwort zum Login", "Username:, Username:", "1, 2"})
    void loginGoesByPositionWhereWordsSayNothing(String first, String second) {
        assertEquals(List.of(USER, SECRET), prompted(first, second));
    }

    @Test
    void theWordsOfAPromptCorrectItsPosition() {
        assertEquals(List.of(SECRET, USER), prompted("Your passphrase", ""));
        assertEquals(List.of(USER, USER, SECRET), prompted("", "Username:", ""));
    }

    @Test
    void afterUserNameAndPasswordThereIsNothingToGive() {
        for (String third : List.of("", "Password:", "Username:", "One-time code")) {
            try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH LOGIN").on("AUTH", asking(new ArrayList<>(), "Username:", "Password:", third)).start()) {
                assertEquals(Exit.PROTOCOL, failure(server(fake)).exit());
                fake.awaitEnd();
                assertTrue(fake.peer(0).receivedLines().contains("*"), () -> fake.peer(0).receivedText());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"334, 334", "'334 ', '334 '", "334 Username:, 334 Password:", "334 ????, 334 ====", "334 Benutzername:, 334 Kennwort:"})
    void promptsNeedNotBeBase64(String first, String second) {
        List<String> answers = new ArrayList<>();
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH LOGIN").on("AUTH", peer -> {
            answers.add(decoded(peer.say(first).readLine()));
            answers.add(decoded(peer.say(second).readLine()));
            peer.say("235 2.7.0 welcome");
        }).start()) {
            deliver(server(fake));
            assertEquals(List.of(USER, SECRET), answers);
        }
    }

    @Test
    void aPromptInClearMayAskForThePasswordFirst() {
        List<String> answers = new ArrayList<>();
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH LOGIN").on("AUTH", peer -> {
            answers.add(decoded(peer.say("334 Password:").readLine()));
            answers.add(decoded(peer.say("334").readLine()));
            peer.say("235 2.7.0 welcome");
        }).start()) {
            deliver(server(fake));
            assertEquals(List.of(SECRET, USER), answers);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-1"})
    void aServerMustProveThatItKnowsThePasswordToo(String mechanism) {
        ScramServer unproven = new ScramServer(mechanism.substring("SCRAM-".length()), USER, SECRET);
        ScramServer lying = new ScramServer(mechanism.substring("SCRAM-".length()), USER, SECRET);
        List<ScriptedServer.Script> scripts = List.of(
            peer -> peer.say("235 2.7.0 welcome"),
            peer -> {
                ask(peer, unproven.challenge(firstMessage(peer)));
                peer.say("235 2.7.0 welcome");
            },
            peer -> {
                ask(peer, lying.challenge(firstMessage(peer)));
                ask(peer, "v=" + RawClient.base64("I know it, believe me"));
                peer.say("235 2.7.0 welcome");
            },
            peer -> {
                ask(peer, "r=mynonce,s=c2FsdA==,i=4096");
                peer.say("235 2.7.0 welcome");
            },
            peer -> {
                ask(peer, "e=other-error");
                peer.say("235 2.7.0 welcome");
            });
        for (ScriptedServer.Script script : scripts) {
            try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH " + mechanism).on("AUTH", script).start()) {
                MailException failure = failure(server(fake));
                assertTrue(List.of(Exit.AUTH, Exit.PROTOCOL).contains(failure.exit()), failure.getMessage());
                assertEquals(Stage.AUTH, failure.stage());
                fake.awaitEnd();
                assertFalse(fake.peer(0).receivedText().contains("MAIL"));
            }
        }
    }

    /** By SCRAM a server may say first why, and refuse the login only then. */
    @ParameterizedTest
    @CsvSource({"e=invalid-proof, true", "e=unknown-user, true", "e=unknown-user, false"})
    void aRefusalThatIsGivenAReasonFirstIsOne(String reason, boolean afterProof) {
        ScramServer scram = new ScramServer("SHA-256", USER, SECRET);
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH SCRAM-SHA-256").on("AUTH", peer -> {
            String first = firstMessage(peer);
            if (afterProof) {
                ask(peer, scram.challenge(first));
            }
            ask(peer, reason);
            peer.say("535 5.7.8 bad credentials");
        }).start()) {
            MailException failure = failure(server(fake));
            assertEquals("AUTH 535", failure.exit() + " " + failure.reply().orElseThrow().code());
            assertTrue(failure.hint().contains("check user name and password"), failure.hint());
        }
    }

    /** Letters that SASLprep forbids: a tab, Latin after Arabic, a user name of that kind; a soft hyphen is none. */
    @ParameterizedTest
    @CsvSource({"ops, 'a\tb'", "ops, '\u0627a'", "'\u0627@example.org', abc", "ops, '\u00ad'", "ops, '\ue000x'"})
    void whatScramDoesNotTakeIsSaidBeforeItIsTried(String user, String secret) {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH SCRAM-SHA-256 PLAIN").start()) {
            MailException failure = failure(smtp(fake.url()).user(user).password(secret));
            assertEquals(Exit.CONFIG, failure.exit(), failure.getMessage());
            assertTrue(failure.hint().contains("--auth PLAIN"), failure.hint());
            assertFalse(failure.getMessage().contains(secret), failure.getMessage());
            fake.awaitEnd();
            assertFalse(fake.peer(0).receivedText().contains("AUTH"), fake.peer(0).receivedText());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"XOAUTH2", "OAUTHBEARER"})
    void theErrorReportOfARefusedTokenMayBeInClear(String mechanism) {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH " + mechanism).on("AUTH", peer -> {
            peer.say("334 {\"status\":\"401\"}").readLine();
            peer.say("535 5.7.8 expired");
        }).start()) {
            MailException failure = failure(smtp(fake.url(USER)).set("auth", mechanism).set("token-command", "echo expired"));
            assertEquals("AUTH 535", failure.exit() + " " + failure.reply().orElseThrow().code());
        }
    }

    @Test
    void aServerThatWantsEndlessWorkIsRefused() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH SCRAM-SHA-256").on("AUTH", peer -> {
            String message = firstMessage(peer);
            ask(peer, "r=" + message.substring(message.indexOf(",r=") + 3) + "more,s=c2FsdA==,i=20000000");
            peer.say("535 5.7.8 that took long");
        }).start()) {
            assertEquals(Exit.PROTOCOL, failure(server(fake)).exit());
        }
    }

    @ParameterizedTest
    @CsvSource({"XOAUTH2, ''", "OAUTHBEARER, AQ=="})
    void theErrorReportOfARefusedTokenIsAnswered(String mechanism, String answer) {
        try (FakeSmtp fake = fake(ALL)) {
            MailException failure = failure(smtp(fake.url(USER)).set("auth", mechanism).set("token-command", "echo expired"));
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertEquals(535, failure.reply().orElseThrow().code());
            fake.awaitEnd();
            assertEquals(answer, fake.peer(0).receivedLines().get(2));
        }
    }

    @Test
    void aTemporaryRefusalMayBeTriedAgain() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").on("AUTH", "454 4.7.0 temporary authentication failure").start()) {
            MailException failure = failure(server(fake));
            assertEquals(Exit.TEMPORARY, failure.exit());
            assertEquals(Stage.AUTH, failure.stage());
            assertTrue(failure.retryable());
        }
    }

    @ParameterizedTest
    @CsvSource({"PLAIN, ''", "PLAIN, bW9yZQ==", "LOGIN, UGFzc3dvcmQ6", "LOGIN, VXNlcm5hbWU6", "CRAM-MD5, PDFAeD4=", "XOAUTH2, ''", "XOAUTH2, bW9yZQ==", "OAUTHBEARER, bW9yZQ==",
        "SCRAM-SHA-256, ''", "SCRAM-SHA-256, bW9yZQ==", "EXTERNAL, ''", "EXTERNAL, bW9yZQ=="})
    void aServerThatNeverStopsAskingIsLeft(String mechanism, String challenge) {
        try (FakeSmtp fake = new FakeSmtp().ehlo(ALL).tls(TestCerts.good().context()).on("AUTH", peer -> {
            int asked = 0;
            while (asked < FAR_TOO_OFTEN && !peer.say("334 " + challenge).readLine().equals("*")) {
                asked++;
            }
            peer.say("535 5.7.8 failed");
        }).start()) {
            MailException failure = failure(withCertificate(server(fake, mechanism)));
            assertEquals(Stage.AUTH, failure.stage());
            fake.awaitEnd();
            assertTrue(fake.peer(0).receivedLines().size() < FAR_TOO_OFTEN, () -> fake.peer(0).receivedText());
        }
    }

    @ParameterizedTest
    @CsvSource({"CRAM-MD5, 334 !!!", "SCRAM-SHA-256, 334 ====", "PLAIN, 399 what"})
    void aMalformedExchangeIsNoLogin(String mechanism, String reply) {
        try (FakeSmtp fake = new FakeSmtp().ehlo(ALL).on("AUTH", reply).start()) {
            MailException failure = failure(server(fake).set("auth", mechanism));
            assertEquals(Exit.PROTOCOL, failure.exit(), failure.getMessage());
            assertEquals(Stage.AUTH, failure.stage());
            assertEquals(List.of(), fake.attempts());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"})
    void userAndPasswordMayHaveAnyCharacters(String mechanism) {
        String user = "jürgen, =müller";
        String password = "pässwörd €密码 \"'\\ %00=,";
        try (FakeSmtp fake = new FakeSmtp().ehlo(ALL).login(user, password).start()) {
            deliver(smtp(fake.url()).set("user", user).password(password).set("auth", mechanism));
            assertEquals(user, fake.message().user());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN"})
    void anEmptyPasswordIsAFailureInWords(String mechanism) {
        try (FakeSmtp fake = fake(ALL)) {
            MailException failure = failure(smtp(fake.url(USER)).password("").set("auth", mechanism));
            assertFalse(failure.getMessage().isBlank());
            assertEquals(List.of(), fake.attempts());
        }
    }

    // Hints

    @ParameterizedTest
    @CsvSource({
        "smtp.gmail.com, app password",
        "smtp.mail.yahoo.com, app password",
        "smtp.office365.com, XOAUTH2",
        "smtp-mail.outlook.com, XOAUTH2",
        "smtp.qq.com, authorization code",
        "smtp.163.com, authorization code",
        "mail.example.org, check user name and password"
    })
    void aRefusedLoginExplainsItself(String host, String words) {
        try (FakeSmtp fake = new FakeSmtp().ehlo(ALL).login(USER, SECRET).tls(TestCerts.selfSigned().context()).start(); SocksProxy proxy = SocksProxy.start()) {
            Server<Smtp> server = smtp("smtp://ops@" + host + ":" + fake.port()).set("proxy", proxy.url()).set("pin", TestCerts.selfSigned().pin()).password("wrong");
            MailException failure = failure(server);
            assertEquals(Exit.AUTH, failure.exit(), failure.getMessage());
            assertTrue(failure.hint().contains(words), failure.hint());
        }
    }

    @Test
    void theHintStandsInTheOneLineOfTheError() {
        try (FakeSmtp fake = fake("AUTH PLAIN")) {
            Tool.Result result = send(Tool.with().hosts("127.0.0.1 smtp.gmail.com").env("MAILTOOL_PASSWORD", "wrong"), "smtp://ops@smtp.gmail.com:" + fake.port());
            assertEquals(77, result.exit(), result::toString);
            assertEquals(1, result.err().lines().count(), result::toString);
            assertTrue(result.err().contains("535") && result.err().contains("app password"), result::toString);
        }
    }

    // Contradictions, before anything is sent

    @Test
    void unknownMechanismsAreRefusedWithTheKnown() {
        MailException refusal = assertThrows(MailException.class, () -> smtp("smtp://localhost").set("auth", "DIGEST-MD5"));
        assertEquals(Exit.USAGE, refusal.exit());
        assertTrue(refusal.hint().toLowerCase().contains("scram-sha-256"), refusal.hint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"XOAUTH2", "OAUTHBEARER"})
    void aTokenMechanismWithoutATokenIsRefusedBeforeConnecting(String mechanism) {
        try (FakeSmtp fake = fake(ALL)) {
            assertEquals(Exit.USAGE, failure(server(fake).set("auth", mechanism)).exit());
            assertEquals(List.of(), fake.peers());
        }
    }

    @Test
    void aPasswordMechanismWithATokenOnlyIsRefusedBeforeConnecting() {
        try (FakeSmtp fake = fake(ALL)) {
            assertEquals(Exit.USAGE, failure(smtp(fake.url(USER)).set("token-command", "echo ya29.token").set("auth", "PLAIN")).exit());
            assertEquals(List.of(), fake.peers());
        }
    }

    @Test
    void aLoginByCertificateWithoutOneIsRefusedBeforeConnecting() {
        try (FakeSmtp fake = fake(ALL)) {
            assertEquals(Exit.USAGE, failure(smtp(fake.url()).set("auth", "EXTERNAL")).exit());
            assertEquals(List.of(), fake.peers());
        }
    }

    @Test
    void aPasswordWithoutAUserIsRefused() {
        try (FakeSmtp fake = fake(ALL)) {
            Tool.Result result = send(Tool.with(), fake.url(), "--password-command", "echo secret");
            assertEquals(64, result.exit(), result::toString);
            assertTrue(result.err().contains("-u"), result::toString);
            assertEquals(List.of(), fake.peers());
        }
    }

    @Test
    void secretsFromTwoOptionsContradictEachOther(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("secret"), SECRET);
        Tool.Result result = send(Tool.with(), "smtp://ops@localhost:1", "--password-file", file.toString(), "--password-command", "echo secret");
        assertEquals(64, result.exit(), result::toString);
        assertTrue(result.err().contains("--password-file") && result.err().contains("--password-command"), result::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--password=hidden", "--password hidden"})
    void aSecretIsNeverAnArgument(String option) {
        Tool.Result result = send(Tool.with(), "smtp://ops@localhost:1", option.split(" "));
        assertEquals(64, result.exit(), result::toString);
        assertTrue(result.err().contains("--password-file"), result::toString);
        assertFalse(result.err().contains("hidden"), result::toString);
    }

    // Where secrets come from: each test has the right one in one place and a wrong one in the next

    @Test
    void aPasswordFileBeatsTheEnvironment(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("secret"), SECRET + "\r\nnot this line\r\n");
        assertLogsIn(Tool.with().env("MAILTOOL_PASSWORD", "wrong"), "--password-file", file.toString());
    }

    @Test
    void aPasswordCommandBeatsTheEnvironment(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("secret"), SECRET);
        assertLogsIn(Tool.with().env("MAILTOOL_PASSWORD", "wrong"), "--password-command", "cat '" + file + "' && echo && echo other line");
    }

    @Test
    void theEnvironmentBeatsTheAccount(@TempDir Path folder) throws IOException {
        Path accounts = secret(folder.resolve("accounts"), "work.password = wrong\n");
        assertLogsIn(Tool.with().env("MAILTOOL_PASSWORD", SECRET), "--config", accounts.toString(), "-A", "work");
    }

    @Test
    void theAccountBeatsNetrc(@TempDir Path folder) throws IOException {
        secret(folder.resolve(".netrc"), "machine localhost login " + USER + " password wrong\n");
        Path accounts = secret(folder.resolve("accounts"), "work.password = " + SECRET + "\n");
        assertLogsIn(Tool.with().home(folder), "--config", accounts.toString(), "-A", "work");
    }

    @Test
    void anEmptyEnvironmentHidesNothing(@TempDir Path folder) throws IOException {
        secret(folder.resolve(".netrc"), "machine localhost login " + USER + " password \"" + SECRET.replace("\"", "\\\"") + "\"\n");
        assertLogsIn(Tool.with().env("MAILTOOL_PASSWORD", "").home(folder));
    }

    @ParameterizedTest
    @ValueSource(strings = {"machine", "default", "login", "#hash"})
    void aPasswordInNetrcMayBeAnyWord(String password, @TempDir Path folder) throws IOException {
        secret(folder.resolve(".netrc"), "machine other login " + USER + " password wrong # machine localhost\nmachine localhost login " + USER + " password\n" + password
            + "\nmachine localhost login " + USER + " password wrong\n");
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login(USER, password).start()) {
            Tool.Result result = send(Tool.with().home(folder), fake.url(USER));
            assertEquals(0, result.exit(), result::toString);
        }
    }

    @Test
    void netrcIsFoundByHostAndUser(@TempDir Path folder) throws IOException {
        secret(folder.resolve(".netrc"), """
            machine mail.example.org login ops@example.org password wrong1
            machine localhost
                login other
                password wrong2
            machine localhost password wrong3 login third
            # a comment
            machine localhost
                login ops@example.org
                account none
                password se#cret
            default login ops@example.org password wrong4
            """);
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login(USER, "se#cret").start()) {
            Tool.Result result = send(Tool.with().home(folder), fake.url(USER));
            assertEquals(0, result.exit(), result::toString);
        }
    }

    @Test
    void netrcMayBeElsewhereAndMayHaveOneLoginForAll(@TempDir Path folder) throws IOException {
        Path file = secret(folder.resolve("logins"), "machine mail.example.org login " + USER + " password wrong\ndefault login " + USER + " password all\n");
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login(USER, "all").start()) {
            Tool.Result result = send(Tool.with().env("NETRC", file.toString()), fake.url(USER));
            assertEquals(0, result.exit(), result::toString);
        }
    }

    @Test
    void netrcMayQuote(@TempDir Path folder) throws IOException {
        Path file = secret(folder.resolve("logins"), "machine localhost login " + USER + " password \"two words\"\n");
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login(USER, "two words").start()) {
            Tool.Result result = send(Tool.with().env("NETRC", file.toString()), fake.url(USER));
            assertEquals(0, result.exit(), result::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"machine ftp login a password b\nmacdef init\ncd /pub\nquit\n\n@", "@\nmachine other login a password b\nmacdef end\nmachine\n", "machine other login a password \"b\n@",
        "machine other login a password \"b\n@\nmachine more login c password d\"\n", "machine other\r\nmacdef init\r\ncd /pub\r\nquit\r\n\r\n@\r\n"})
    void whatElseIsInNetrcHidesNothing(String text, @TempDir Path folder) throws IOException {
        secret(folder.resolve(".netrc"), text.replace("@", "machine localhost login " + USER + " password right"));
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login(USER, "right").start()) {
            Tool.Result result = send(Tool.with().home(folder), fake.url(USER));
            assertEquals(0, result.exit(), result::toString);
        }
    }

    @Test
    void aWordInNetrcMayBeLong(@TempDir Path folder) throws IOException {
        secret(folder.resolve(".netrc"), "machine other login a password \"" + "a\\\"".repeat(20_000) + "\"\nmachine localhost login " + USER + " password right\n");
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login(USER, "right").start()) {
            Tool.Result result = send(Tool.with().home(folder), fake.url(USER));
            assertEquals(0, result.exit(), result::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo right", "sleep 1; echo right", "echo right; echo more", "printf right", "echo right; exec >&-"})
    void whatASecretsCommandLeavesRunningIsNotWaitedFor(String words, @TempDir Path folder) throws IOException {
        Path going = Files.createFile(folder.resolve("going"));
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login(USER, "right").start()) {
            Tool.Result result = send(Tool.with(), fake.url(USER), "--password-command", "(while [ -e '" + going + "' ]; do sleep 0.1; done) 2>/dev/null & " + words);
            assertEquals(0, result.exit(), result::toString);
        }
        Files.delete(going);
    }

    @Test
    void aNetrcThatOthersCanReadIsRefused(@TempDir Path folder) throws IOException {
        Path file = secret(folder.resolve(".netrc"), "machine localhost login " + USER + " password " + SECRET + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        try (FakeSmtp fake = fake("AUTH PLAIN")) {
            Tool.Result result = send(Tool.with().home(folder), fake.url(USER));
            assertEquals(78, result.exit(), result::toString);
            assertTrue(result.err().contains("chmod 600 " + file), result::toString);
            assertEquals(List.of(), fake.peers());
        }
    }

    @Test
    void onATerminalThePasswordIsAskedForWithoutEcho() {
        try (FakeSmtp fake = fake("AUTH PLAIN"); RunningTool tool = Tool.with().onTerminal().stdinOpen().start(arguments(fake.url(USER)))) {
            tool.awaitOutput("Password").type(SECRET + "\n");
            Tool.Result result = tool.await();
            assertEquals(0, result.exit(), result::toString);
            assertEquals(USER, fake.message().user());
            assertTrue(result.out().contains(USER) && result.out().contains("localhost"), result::toString);
            assertFalse(result.out().contains(SECRET), result::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"</dev/null", ">out", "</dev/null >out 2>err"})
    void wherePartOfItIsNoTerminalThePasswordIsAskedForAllTheSame(String redirections) {
        try (FakeSmtp fake = fake("AUTH PLAIN"); RunningTool tool = Tool.with().onTerminalBut(redirections).stdinOpen().start(arguments(fake.url(USER)))) {
            tool.awaitOutput("Password of " + USER + " at localhost: ").type(SECRET + "\n");
            Tool.Result result = tool.await();
            assertEquals(0, result.exit(), result::toString);
            assertEquals(USER, fake.message().user());
            assertFalse(result.out().contains(SECRET), result::toString);
        }
    }

    @Test
    void anInterruptedQuestionLeavesTheTerminalAsItWas() {
        String command = "trap : INT; " + Java.quoted() + " mailtool.MailTool send -S %s -f a@example.org"
            + " -t b@example.org --text x </dev/null; echo exit $?; stty -a | tr ' ' '\\n' | grep -x -e echo -e -echo";
        try (FakeSmtp fake = fake("AUTH PLAIN"); RunningTool shell = Program.of(Need.program("script"), "-q", "-e", "-c", command.formatted(fake.url(USER)), "/dev/null").typed().start()) {
            shell.awaitOutput("Password of").type("\u0003");
            Tool.Result result = shell.await();
            assertTrue(result.out().endsWith("exit 130\r\necho\r\n"), result::toString);
        }
    }

    /** A shell that gets the terminal meanwhile lets it show again what is typed. */
    @Test
    void ctrlZDoesNotShowThePassword(@TempDir Path folder) throws IOException {
        String interactive = Need.program("bash") + " --norc --noprofile -i";
        try (FakeSmtp fake = fake("AUTH PLAIN"); RunningTool shell = Program.of(Need.program("script"), "-q", "-c", interactive, "/dev/null").typed().start()) {
            Path command = Files.writeString(folder.resolve("ask"), Java.quoted() + " mailtool.MailTool send -S " + fake.url(USER)
                + " -f a@example.org -t b@example.org --text x </dev/null; echo ended");
            shell.type("sh " + command + "\n").awaitOutput("Password of").type("\u001a" + SECRET + "\n");
            shell.awaitOutput("ended").type("stty -a; exit\n");
            Tool.Result result = shell.await();
            assertFalse(result.out().contains(SECRET), result::toString);
            assertTrue(result.out().contains("susp = ^Z;") && result.out().contains(" echo "), result::toString);
        }
    }

    @Test
    void withoutATerminalNothingIsAskedFor() {
        try (FakeSmtp fake = fake("AUTH PLAIN"); RunningTool tool = Tool.with().stdinOpen().start(arguments(fake.url(USER)))) {
            Tool.Result result = tool.await();
            assertEquals(64, result.exit(), result::toString);
            assertTrue(result.err().contains("--password-file"), result::toString);
            assertEquals(List.of(), fake.peers());
        }
    }

    @Test
    void aMissingPasswordFileIsMissedBeforeConnecting() {
        MailException refusal = assertThrows(MailException.class, () -> smtp("smtp://ops@localhost").set("password-file", "no-such-file"));
        assertEquals(Exit.NO_INPUT, refusal.exit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"exit 1", "true", "no-such-command-anywhere 2>/dev/null", "echo; echo second", "kill -9 $$"})
    void aCommandThatGivesNoSecretIsAFailureBeforeTheLogin(String command) {
        try (FakeSmtp fake = fake("AUTH PLAIN XOAUTH2")) {
            for (String option : List.of("password-command", "token-command")) {
                MailException failure = failure(smtp(fake.url(USER)).set(option, command));
                assertEquals(Exit.CONFIG, failure.exit(), failure.getMessage());
            }
            assertEquals(List.of(), mechanisms(fake));
        }
    }

    @Test
    void aCommandRunsOnceForManyAttempts(@TempDir Path folder) {
        Path count = folder.resolve("count");
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login(USER, "secret").once("MAIL", "421 4.3.2 closing").start()) {
            deliver(smtp(fake.url(USER)).set("password-command", "echo x >> '" + count + "'; echo secret").set("retry", "1"));
            assertEquals(1, Files.readAllLines(count).size());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    // Where secrets never go

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"})
    void noMechanismShowsItsSecret(String mechanism) {
        try (FakeSmtp fake = fake(ALL)) {
            List<String> dialogue = new ArrayList<>();
            deliver(server(fake, mechanism).transcript(dialogue::add));
            assertShowsNothing(fake, String.join("\n", dialogue));
            assertTrue(dialogue.stream().anyMatch(line -> line.contains("AUTH " + mechanism)), dialogue::toString);
        }
    }

    /** Whoever has both of the server's words in SCRAM can try passwords on them. */
    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-1"})
    void whatTheServerProvesItselfByIsNotShown(String mechanism) {
        try (FakeSmtp smtp = fake(ALL); FakePop3 pop3 = new FakePop3().capa("SASL " + mechanism).start()) {
            List<String> dialogue = new ArrayList<>();
            deliver(server(smtp, mechanism).transcript(dialogue::add));
            pop3(pop3.userUrl()).password(FakePop3.PASSWORD).set("auth", mechanism).transcript(dialogue::add).open().close();
            List<String> said = dialogue.stream().filter(line -> line.matches(".*<<< (334|\\+) .*")).map(line -> line.replaceFirst(".*<<< ", "")).toList();
            assertEquals(4, said.size(), dialogue::toString);
            assertTrue(said.get(0).startsWith("334 cj"), dialogue::toString);
            assertEquals("334 ****", said.get(1));
            assertTrue(said.get(2).startsWith("+ cj"), dialogue::toString);
            assertEquals("+ ****", said.get(3));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CRAM-MD5", "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"})
    void aRefusalShowsNoneEitherWhenTheServerRepeatsIt(String mechanism) {
        try (FakeSmtp fake = new FakeSmtp().ehlo(ALL).on("AUTH", LoginTest::repeat).start()) {
            List<String> dialogue = new ArrayList<>();
            MailException failure = failure(server(fake, mechanism).transcript(dialogue::add));
            assertShowsNothing(fake, String.join("\n", dialogue) + failure.getMessage() + failure.hint());
        }
    }

    @Test
    void theCommandLineShowsNoneInDialogueErrorAndJson() {
        String plain = RawClient.base64("\0" + USER + "\0" + SECRET);
        String reply = "535-5.7.8 you said " + SECRET;
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").on("AUTH", reply, "535-5.7.8 in base64 " + RawClient.base64(SECRET), "535 5.7.8 AUTH PLAIN " + plain).start()) {
            for (String json : List.of("-v", "--json")) {
                Tool.Result result = send(Tool.with().env("MAILTOOL_PASSWORD", SECRET), fake.url(USER), "-v", json);
                assertEquals(77, result.exit(), result::toString);
                for (String secret : List.of(SECRET, SECRET.replace("\"", "\\\""), RawClient.base64(SECRET), plain)) {
                    assertFalse(result.toString().contains(secret), result::toString);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ample  | 250-mail.example.org             | 250-mail.example.org",
        "ample  | 535 wrong password 'ample'       | 535 wrong password '****'",
        "ample  | 535 YW1wbGU= was sent            | 535 **** was sent",
        "samples | 535 xsamplesx                   | 535 x****x",
    })
    void aShortPasswordIsMaskedOnlyAsAWordOfItsOwn(String secret, String line, String shown) {
        assertEquals(shown, new Transcript(Optional.empty(), 0, Set.of(secret)).masked(line));
    }

    @Test
    void aShortPasswordIsMaskedWhereItIsSent() {
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH PLAIN").login("ops", "pw").start()) {
            List<String> dialogue = new ArrayList<>();
            deliver(smtp(fake.url("ops")).password("pw").transcript(dialogue::add));
            assertTrue(dialogue.stream().anyMatch(line -> line.endsWith(">>> AUTH PLAIN ****")), dialogue::toString);
        }
    }

    // Help

    private static FakeSmtp fake(String offer) {
        return new FakeSmtp().ehlo(offer).login(USER, SECRET).start();
    }

    private static Server<Smtp> server(FakeSmtp fake) {
        return smtp(fake.url(USER)).password(SECRET);
    }

    /** With the one secret as the password, or as the token where the mechanism wants one. */
    private static Server<Smtp> server(FakeSmtp fake, String mechanism) {
        Server<Smtp> server = smtp(fake.url(USER)).set("auth", mechanism);
        boolean token = mechanism.equals("XOAUTH2") || mechanism.equals("OAUTHBEARER");
        return token ? server.set("token-command", "printf %s '" + SECRET + "'") : server.password(SECRET);
    }

    private static Server<Smtp> withCertificate(Server<Smtp> server) {
        return server.set("ca", TestCerts.caFile().toString()).set("cert", TestCerts.client().chainFile().toString()).set("key", TestCerts.client().keyFile().toString());
    }

    private static Server<Smtp> submission() {
        return smtp("smtp://alice%40example.org@localhost:" + Postfix.shared().loginPort()).set("ca", TestCerts.caFile().toString());
    }

    private static void deliver(Server<Smtp> server) {
        try (Smtp session = server.open()) {
            session.send(mail().from("a@example.org").to("b@example.org").subject("login").text("Hello"));
        }
    }

    private static MailException failure(Server<Smtp> server) {
        return assertThrows(MailException.class, () -> deliver(server));
    }

    private static String[] arguments(String url, String... more) {
        List<String> all = new ArrayList<>(List.of("send", "-S", url));
        all.addAll(List.of(SEND));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private static Tool.Result send(Tool tool, String url, String... more) {
        return tool.call(arguments(url, more));
    }

    private static void assertLogsIn(Tool tool, String... more) {
        try (FakeSmtp fake = fake("AUTH PLAIN")) {
            Tool.Result result = send(tool, fake.url(USER), more);
            assertEquals(0, result.exit(), result::toString);
            assertEquals(USER, fake.message().user());
        }
    }

    private static Path secret(Path file, String content) throws IOException {
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static List<String> mechanisms(FakeSmtp fake) {
        return fake.commands().stream().filter(command -> command.startsWith("AUTH")).map(command -> command.split(" ")[1]).toList();
    }

    private static void assertNoMailAfterOneLogin(FakeSmtp fake) {
        fake.awaitEnd();
        assertEquals(1, mechanisms(fake).size(), () -> fake.commands().toString());
        assertTrue(fake.commands().stream().noneMatch(command -> command.startsWith("MAIL")), () -> fake.commands().toString());
    }

    /** What the tool answers to these prompts. */
    private static List<String> prompted(String... prompts) {
        List<String> answers = new ArrayList<>();
        try (FakeSmtp fake = new FakeSmtp().ehlo("AUTH LOGIN").on("AUTH", asking(answers, prompts)).start()) {
            deliver(server(fake));
        }
        return answers;
    }

    private static ScriptedServer.Script asking(List<String> answers, String... prompts) {
        return peer -> {
            for (String prompt : prompts) {
                String line = peer.say("334 " + RawClient.base64(prompt)).readLine();
                if (line.equals("*")) {
                    peer.say("501 5.7.0 cancelled");
                    return;
                }
                answers.add(decoded(line));
            }
            peer.say("235 2.7.0 welcome");
        };
    }

    private static void ask(ScriptedPeer peer, String challenge) throws IOException {
        String line = peer.say("334 " + RawClient.base64(challenge)).readLine();
        if (line.equals("*")) {
            peer.say("501 5.7.0 cancelled");
            peer.hangUp();
        }
    }

    /** The client's first message, which came with its command. */
    private static String firstMessage(ScriptedPeer peer) {
        List<String> lines = peer.receivedLines();
        return decoded(lines.get(lines.size() - 1).split(" ")[2]);
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    /** Ends the login with everything the client said in it, also behind a prompt where that is how it starts. */
    private static void repeat(ScriptedPeer peer) throws IOException {
        String command = last(peer);
        String response = command;
        if (command.split(" ").length < 3) {
            String prompt = command.endsWith("LOGIN") ? "Password:" : "<1@example.org>";
            response = peer.say("334 " + RawClient.base64(prompt)).readLine();
        }
        peer.say("535-5.7.8 you said " + response, "535 5.7.8 and mean " + SECRET);
    }

    private static String last(ScriptedPeer peer) {
        List<String> lines = peer.receivedLines();
        return lines.get(lines.size() - 1);
    }

    /** Neither the secret nor a line that was made from it. */
    private static void assertShowsNothing(FakeSmtp fake, String shown) {
        fake.awaitEnd();
        assertFalse(shown.contains(SECRET), shown);
        assertFalse(shown.contains(RawClient.base64(SECRET)), shown);
        List<String> lines = fake.peer(0).receivedLines();
        List<String> login = lines.stream().dropWhile(line -> !line.startsWith("AUTH")).takeWhile(line -> !line.matches("(MAIL|QUIT).*")).toList();
        for (String line : login) {
            String response = line.startsWith("AUTH") ? line.replaceFirst("AUTH \\S+ ?", "") : line;
            assertFalse(response.length() > 2 && shown.contains(response), () -> response + " in " + shown);
        }
    }
}
