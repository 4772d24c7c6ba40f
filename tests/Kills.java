///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Sends a campaign in shards, and flushes a spool, killed at random points, and counts what was accepted.
//DESCRIPTION ./jbangw kills; ./jbangw kills 20000 40 for so many rows and kills
//JAVAC_OPTIONS -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC
//DEPS org.junit:junit-bom:6.1.3@pom
//DEPS org.junit.jupiter:junit-jupiter-api
//SOURCES ../MailTool.java
//SOURCES BulkKills.java
//SOURCES CountingSink.java
//SOURCES Eventually.java
//SOURCES Java.java
//SOURCES Jdks.java
//SOURCES LocalPorts.java
//SOURCES Need.java
//SOURCES RunningTool.java
//SOURCES Scratch.java
//SOURCES SpoolKills.java
//SOURCES SharedFixture.java
//SOURCES SystemCommand.java
//SOURCES Tool.java
package mailtool;

import java.io.IOException;

/** {@code kills [ROWS KILLS]}: the long form of BulkKillTest and SpoolKillTest. */
public final class Kills {
    private Kills() {
    }

    public static void main(String... arguments) throws IOException, InterruptedException {
        int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        int kills = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 200;
        new SpoolKills(kills).run();
        new BulkKills(rows, kills).run();
    }
}
