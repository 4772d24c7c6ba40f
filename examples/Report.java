///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Mails how full this machine's disks are: a table and a chart in HTML, and the same as text.
//DESCRIPTION ./jbangw examples/Report.java smtp://localhost:1025 ops@example.org team@example.org
//JAVA_OPTIONS -Djava.awt.headless=true
//SOURCES ../MailTool.java

import static mailtool.MailTool.*;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystems;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;

/** Report SERVER FROM TO, where SERVER is smtp://[user@]host[:port], smtps://... or the name of an account (see: mailtool help accounts). */
class Report {
    static final int BAR = 24;

    record Disk(String name, long gigabytes, int percent) {
    }

    public static void main(String... args) throws Exception {
        if (args.length != 3) {
            System.err.println("usage: Report SERVER FROM TO");
            System.exit(64);
        }
        Collection<Disk> disks = disks();
        ByteArrayOutputStream chart = new ByteArrayOutputStream();
        ImageIO.write(chart(disks), "png", chart);
        try (var smtp = smtp(args[0]).open()) {
            smtp.send(mail()
                    .from(args[1])
                    .to(args[2])
                    .subject("Disks of " + host())
                    .text(text(disks))
                    .html(html(disks))
                    .inline("chart", chart.toByteArray()));
        } catch (MailException e) {
            System.err.println(e.getMessage());
            System.exit(e.exit().code);
        }
    }

    /** Also where the network does not know it. */
    static String host() throws IOException {
        return new String(new ProcessBuilder("uname", "-n").start().getInputStream().readAllBytes()).strip();
    }

    /** Disks of a gigabyte or more, each once, however often it is mounted. */
    static Collection<Disk> disks() throws IOException {
        Map<String, Disk> disks = new TreeMap<>();
        for (FileStore store : FileSystems.getDefault().getFileStores()) {
            long size = store.getTotalSpace();
            long used = size - store.getUnallocatedSpace();
            if (size >= 1_000_000_000) {
                disks.putIfAbsent(store.name(), new Disk(store.name(), size / 1_000_000_000, (int) (100 * used / size)));
            }
        }
        return disks.values();
    }

    static String text(Collection<Disk> disks) {
        return disks.stream()
                .map(disk -> "%3d %% of %6d GB  %s%n".formatted(disk.percent, disk.gigabytes, disk.name))
                .collect(Collectors.joining());
    }

    static String html(Collection<Disk> disks) {
        String rows = disks.stream()
                .map(disk -> "<tr><td>%s</td><td>%d GB</td><td>%d %%</td></tr>".formatted(escaped(disk.name), disk.gigabytes, disk.percent))
                .collect(Collectors.joining("\n"));
        return """
                <table cellpadding="4">
                <tr><th>Disk</th><th>Size</th><th>Used</th></tr>
                %s
                </table>
                <p><img src="cid:chart" alt="a bar for each disk, in the order of the table"></p>
                """.formatted(rows);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }

    /** Bars alone: their names stand in the table, for a server seldom has fonts. */
    static BufferedImage chart(Collection<Disk> disks) {
        BufferedImage image = new BufferedImage(400, BAR * disks.size() + 1, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        int y = 0;
        for (Disk disk : disks) {
            pen.setColor(disk.percent < 90 ? Color.GREEN.darker() : Color.RED);
            pen.fillRect(0, y + 2, 4 * disk.percent, BAR - 4);
            y += BAR;
        }
        return image;
    }
}
