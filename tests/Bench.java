///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Measures speed and memory beside the rivals found on this machine: sending to Postfix's smtp-sink, fetching from Dovecot.
//DESCRIPTION ./jbangw bench; ./jbangw bench smtp, pop3 or spool measures one part; --quick shows only that it works
//JAVAC_OPTIONS -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC
//JAVA_OPTIONS --add-exports java.base/sun.security.tools.keytool=ALL-UNNAMED
//DEPS org.junit:junit-bom:6.1.3@pom
//DEPS org.junit.jupiter:junit-jupiter-api
//SOURCES ../MailTool.java
//SOURCES ../examples/Certificates.java
//SOURCES BenchBulk.java
//SOURCES BenchFetchers.java
//SOURCES BenchMeasure.java
//SOURCES BenchPop3.java
//SOURCES BenchPrograms.java
//SOURCES BenchSmtp.java
//SOURCES BenchSpool.java
//SOURCES CountingSink.java
//SOURCES DelayProxy.java
//SOURCES Dovecot.java
//SOURCES DovecotUser.java
//SOURCES Eventually.java
//SOURCES Java.java
//SOURCES Jdks.java
//SOURCES LocalPorts.java
//SOURCES Need.java
//SOURCES RawClient.java
//SOURCES RunningTool.java
//SOURCES Scratch.java
//SOURCES SharedFixture.java
//SOURCES SystemCommand.java
//SOURCES TcpRelay.java
//SOURCES TestCerts.java
//SOURCES TestMaildir.java
//SOURCES Tool.java
package mailtool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;

/** Runs the benches of sending, fetching and the spool. */
public final class Bench {
    private Bench() {
    }

    public static void main(String... args) throws Exception {
        List<String> words = List.of(args);
        if (words.contains("send-all")) {
            BenchSmtp.sendAll(args[1], Integer.parseInt(args[2]), Path.of(args[3]));
            return;
        }
        if (words.contains("send-bare")) {
            BenchSmtp.sendBare(Integer.parseInt(args[1]), Integer.parseInt(args[2]), Path.of(args[3]));
            return;
        }
        try (Scratch scratch = Scratch.create("bench")) {
            BenchMeasure measure = new BenchMeasure(words.contains("--quick"), scratch.path());
            System.out.printf("%s, %d processors, %s %s, %s%n", processor(), Runtime.getRuntime().availableProcessors(), System.getProperty("os.name"), System.getProperty("os.version"), LocalDate.now());
            System.out.printf("MailTool on %s %s; median of %d, whole processes from start to end%n", System.getProperty("java.vm.name"), System.getProperty("java.version"), measure.rounds());
            if (!words.contains("pop3") && !words.contains("spool")) {
                BenchSmtp.run(measure, scratch);
            }
            if (!words.contains("smtp") && !words.contains("spool")) {
                BenchPop3.run(measure, scratch);
            }
            if (!words.contains("smtp") && !words.contains("pop3")) {
                BenchSpool.run(words.contains("--quick"), scratch);
            }
        }
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name")).map(line -> line.replaceFirst(".*: ", "")).findFirst().orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
