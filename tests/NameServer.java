package mailtool;

import java.util.Map;
import java.util.stream.Collectors;

/** A real name server (nsd) that knows the zones it is given, by name, and answers for {@link #BROKEN} with SERVFAIL. */
final class NameServer implements AutoCloseable {
    static final String BROKEN = "broken.test";
    private static final String HEAD = """
        $TTL 60
        @ SOA ns.example.test. hostmaster.example.test. 1 60 60 60 60
        @ NS ns.example.test.
        """;
    private final Scratch scratch = Scratch.create("names");
    private final int port = LocalPorts.free();
    private final RunningTool server;

    private NameServer(Map<String, String> zones, String more) {
        zones.forEach((name, records) -> scratch.write(name + ".zone", "$ORIGIN " + name + ".\n" + HEAD + records));
        String known = zones.keySet().stream().map(NameServer::zone).collect(Collectors.joining());
        String settings = """
            server:
              ip-address: 127.0.0.1@%1$d
              ip-address: ::1@%1$d
              %3$s
              server-count: 1
              username: ""
              zonesdir: "%2$s"
              database: ""
              zonelistfile: "%2$s/zone.list"
              xfrdfile: "%2$s/xfrd.state"
              xfrdir: "%2$s"
              pidfile: "%2$s/pid"
            remote-control:
              control-enable: no
            """.formatted(port, scratch.path(), more);
        String configuration = scratch.write("nsd.conf", settings + known + zone(BROKEN)).toString();
        server = Program.of(Need.program("nsd"), "-d", "-c", configuration).start();
        Eventually.until("the name server", () -> LocalPorts.answers(port));
    }

    static NameServer serving(Map<String, String> zones) {
        return new NameServer(zones, "");
    }

    /** At this address and the usual port too, as a system's resolver knows no other. */
    static NameServer serving(Map<String, String> zones, String address) {
        return new NameServer(zones, "ip-address: " + address + "@53");
    }

    private static String zone(String name) {
        return "zone:\n  name: %1$s\n  zonefile: %1$s.zone\n".formatted(name);
    }

    String place() {
        return "127.0.0.1:" + port;
    }

    String placeByIpv6() {
        return "[::1]:" + port;
    }

    @Override
    public void close() {
        server.close();
        scratch.close();
    }
}
