///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION A test as it stands in a project: signs up, waits for the mail, follows its link. Here with a site and a mail server of its own.
//DESCRIPTION ./jbangw examples/SignUpTest.java
//DEPS org.junit:junit-bom:6.1.3@pom
//DEPS org.junit.jupiter:junit-jupiter
//DEPS org.junit.platform:junit-platform-console
//DEPS com.icegreen:greenmail:2.1.13
//DEPS org.slf4j:slf4j-nop:1.7.36
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SignUpTest {
    final GreenMail mailServer = new GreenMail(new ServerSetup[] {new ServerSetup(0, "localhost", "smtp"), new ServerSetup(0, "localhost", "pop3")});
    HttpServer site;

    @Test
    void whoFollowsTheLinkInTheMailIsConfirmed() throws Exception {
        get(url("/sign-up"));
        Message mail = pop3("pop3://alice@localhost:" + mailServer.getPop3().getPort()).password("secret").await("subject=Welcome", Duration.ofSeconds(30));
        assertEquals("alice is confirmed", get(mail.links().get(0).url()));
    }

    String url(String path) {
        return "http://localhost:" + site.getAddress().getPort() + path;
    }

    static String get(String url) throws Exception {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString()).body();
    }

    /** The site to be tested: it sends its mail a moment later, as others do. */
    @BeforeEach
    void start() throws IOException {
        mailServer.start();
        mailServer.setUser("alice@example.org", "alice", "secret");
        site = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        site.createContext("/sign-up", request -> {
            answer(request, "look into your mail");
            new Thread(this::welcome).start();
        });
        site.createContext("/confirm", request -> answer(request, "alice is confirmed"));
        site.start();
    }

    void welcome() {
        try (var smtp = smtp("smtp://localhost:" + mailServer.getSmtp().getPort()).open()) {
            Thread.sleep(2000);
            smtp.send(mail().from("site@example.org").to("alice@example.org").subject("Welcome")
                    .html("<p>Please <a href=\"" + url("/confirm?token=1&amp;user=alice") + "\">confirm</a>.</p>"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void answer(com.sun.net.httpserver.HttpExchange request, String words) throws IOException {
        request.sendResponseHeaders(200, words.length());
        request.getResponseBody().write(words.getBytes());
        request.close();
    }

    @AfterEach
    void stop() {
        site.stop(0);
        mailServer.stop();
    }

    public static void main(String... args) {
        org.junit.platform.console.ConsoleLauncher.main("execute", "--select-class", "SignUpTest", "--disable-banner");
    }
}
