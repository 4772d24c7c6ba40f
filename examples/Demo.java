///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Starts a mail server of its own, sends it a message over TLS with a login, reads it back over POP3 and compares.
//DESCRIPTION ./jbangw demo
//JAVA_OPTIONS -Djava.awt.headless=true
//DEPS com.icegreen:greenmail:2.1.13
//DEPS org.slf4j:slf4j-nop:1.7.36
//SOURCES ../MailTool.java
//SOURCES Certificates.java
//SOURCES EmbeddedServer.java

import static mailtool.MailTool.*;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.imageio.ImageIO;
import mailtool.Certificates;
import mailtool.EmbeddedServer;

class Demo {
    static final String USER = "ann@example.org";
    static final String PASSWORD = "correct-horse";

    public static void main(String... args) throws Exception {
        Path folder = Files.createTempDirectory("mailtool-demo-");
        boolean same;
        try {
            same = run(folder);
        } finally {
            List.of(folder.toFile().listFiles()).forEach(File::delete);
            Files.delete(folder);
        }
        System.exit(same ? 0 : 1);
    }

    static boolean run(Path folder) throws Exception {
        System.out.println("Starting a mail server that knows " + USER + ".");
        Certificates certificates = new Certificates(folder.resolve("keys.p12"));
        certificates.make("localhost", "CN=localhost", "-keyalg", "EC", "-ext", "san=dns:localhost");
        Path authority = Files.writeString(folder.resolve("authority.pem"), certificates.chain("localhost"));
        EmbeddedServer server = new EmbeddedServer(certificates.context("localhost"));
        server.setUser(USER, USER, PASSWORD);
        server.start();
        try {
            Prepared message = message();
            send(message, server.getSmtp().getPort(), authority);
            byte[] arrived = readBack(server.getPop3().getPort());
            return compare(bytes(message), arrived);
        } finally {
            server.stop();
        }
    }

    /** Text, HTML, an image within the HTML, and an attachment. */
    static Prepared message() throws IOException {
        ByteArrayOutputStream chart = new ByteArrayOutputStream();
        ImageIO.write(chart(12, 30, 73), "png", chart);
        String table = "disk,used\n/boot,12%\n/,30%\n/home,73%\n";
        return mail()
                .from("Ops", "ops@example.org")
                .to("Ann Öztürk", USER)
                .subject("Disks: 73 % at most, schöne Grüße")
                .text("Nothing to do today.\n.\nThe line above is a lone dot, which must not end the message.\n")
                .html("<p>Nothing to do <b>today</b>.</p><img src=\"cid:chart\">")
                .inline("chart", chart.toByteArray())
                .attach("Plätze.csv", table.getBytes(StandardCharsets.UTF_8))
                .prepare();
    }

    static BufferedImage chart(int... percentages) {
        BufferedImage image = new BufferedImage(100, 20 * percentages.length, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(Color.ORANGE);
        for (int i = 0; i < percentages.length; i++) {
            pen.fillRect(0, 20 * i + 2, percentages[i], 16);
        }
        return image;
    }

    static void send(Prepared message, int port, Path authority) {
        System.out.println("\nSending text, HTML, an image and an attachment:");
        var server = smtp("smtp://localhost:" + port)
                .user(USER)
                .password(PASSWORD)
                .tls(Tls.REQUIRED)
                .ca(authority)
                .transcript(line -> System.out.println("  " + line));
        try (var smtp = server.open()) {
            smtp.send(message);
        }
    }

    static byte[] readBack(int port) throws IOException {
        System.out.println("\nReading it back over POP3.");
        ByteArrayOutputStream arrived = new ByteArrayOutputStream();
        try (var box = pop3("pop3://localhost:" + port).user(USER).password(PASSWORD).open()) {
            box.message("1").writeTo(arrived);
        }
        return arrived.toByteArray();
    }

    /** The server puts fields of its own on top, as every server does; all below them must be the message. */
    static boolean compare(byte[] sent, byte[] arrived) throws GeneralSecurityException {
        int added = Math.max(0, arrived.length - sent.length);
        byte[] message = Arrays.copyOfRange(arrived, added, arrived.length);
        System.out.println("The server added these lines on top:");
        new String(arrived, 0, added, StandardCharsets.ISO_8859_1).lines().forEach(line -> System.out.println("  " + line));
        System.out.println("\nsent     " + summary(sent));
        System.out.println("arrived  " + summary(message));
        boolean same = Arrays.equals(sent, message);
        System.out.println(same ? "The same, byte for byte." : "NOT THE SAME.");
        return same;
    }

    static byte[] bytes(Prepared message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        message.writeTo(bytes);
        return bytes.toByteArray();
    }

    static String summary(byte[] message) throws GeneralSecurityException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(message);
        return message.length + " bytes, SHA-256 " + HexFormat.of().formatHex(hash);
    }
}
