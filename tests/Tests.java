///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Runs the tests: all of them, those of the named classes, or those selected by -c CLASS, -m CLASS#METHOD, -t TAG.
//DESCRIPTION Example: jbang tests/Tests.java WireTest -m FixturesTest#mailHogShowsWhatItGot
//JAVAC_OPTIONS -proc:none -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -Xlint:all,-serial,-try,-auxiliaryclass
//JAVA_OPTIONS -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmn128m --add-exports java.base/sun.security.tools.keytool=ALL-UNNAMED
//DEPS org.junit:junit-bom:6.1.3@pom
//DEPS org.junit.jupiter:junit-jupiter
//DEPS org.junit.platform:junit-platform-console
//DEPS org.testcontainers:testcontainers:2.0.5
//DEPS com.icegreen:greenmail:2.1.13
//DEPS com.google.code.gson:gson:2.13.2
//DEPS io.fabric8:kubernetes-model-batch:7.5.2
//DEPS com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:2.22.4
//DEPS org.slf4j:slf4j-nop:1.7.36
//SOURCES ../MailTool.java
//SOURCES ../examples/Certificates.java
//SOURCES ../examples/EmbeddedServer.java
//SOURCES *.java
package mailtool;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.reporting.legacy.xml.LegacyXmlReportGeneratingListener;

/** Runs the tests and ends with the line {@code N passed, N failed, N skipped}; exits with 1 when one failed or none ran, with 2 for unknown arguments. */
public final class Tests {
    /** Test classes run side by side; the tests of one class don't. */
    private static final Map<String, String> SETTINGS = Map.of(
        "junit.jupiter.execution.timeout.default", "10 m",
        "junit.jupiter.execution.parallel.enabled", "true",
        "junit.jupiter.execution.parallel.config.executor-service", "WORKER_THREAD_POOL",
        "junit.jupiter.execution.parallel.config.dynamic.factor", "2",
        "junit.jupiter.execution.parallel.mode.default", "same_thread",
        "junit.jupiter.execution.parallel.mode.classes.default", "concurrent",
        "junit.jupiter.testclass.order.default", LongestFirst.class.getName());

    private final List<DiscoverySelector> selectors = new ArrayList<>();
    private final List<String> tags = new ArrayList<>();
    private Path reportsFolder;

    public static void main(String[] arguments) throws Exception {
        if (Relaunch.isNeeded()) {
            System.exit(Relaunch.run(Tests.class, arguments));
        }
        Tests tests = new Tests();
        try {
            tests.read(new ArrayDeque<>(List.of(arguments)));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
        System.exit(tests.run() ? 0 : 1);
    }

    private void read(Deque<String> arguments) {
        while (!arguments.isEmpty()) {
            String argument = arguments.pop();
            switch (argument) {
                case "-c", "--select-class" -> selectors.add(selectClass(testClass(value(argument, arguments))));
                case "-m", "--select-method" -> selectors.add(selectMethod(qualified(value(argument, arguments))));
                case "-t", "--include-tag" -> tags.add(value(argument, arguments));
                case "--reports-dir" -> reportsFolder = Path.of(value(argument, arguments));
                default -> selectors.add(named(argument));
            }
        }
    }

    private static String value(String option, Deque<String> arguments) {
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return arguments.pop();
    }

    private static DiscoverySelector named(String argument) {
        if (argument.startsWith("-")) {
            throw new IllegalArgumentException("unknown option " + argument + "; there are -c CLASS, -m CLASS#METHOD, -t TAG and --reports-dir FOLDER");
        }
        return argument.contains("#") ? selectMethod(qualified(argument)) : selectClass(testClass(argument));
    }

    private static Class<?> testClass(String name) {
        try {
            return Class.forName(qualified(name));
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("there is no test class " + name, e);
        }
    }

    private static String qualified(String name) {
        return name.contains(".") ? name : Tests.class.getPackageName() + "." + name;
    }

    private boolean run() throws URISyntaxException {
        TestReport report = new TestReport(System.out);
        var launcher = LauncherFactory.create();
        launcher.registerTestExecutionListeners(report);
        if (reportsFolder != null) {
            launcher.registerTestExecutionListeners(new LegacyXmlReportGeneratingListener(reportsFolder, new PrintWriter(System.err, true)));
        }
        launcher.execute(request());
        report.conclude();
        return report.isGood();
    }

    private LauncherDiscoveryRequest request() throws URISyntaxException {
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
        request.selectors(selectors.isEmpty() ? everything() : selectors);
        if (!tags.isEmpty()) {
            request.filters(TagFilter.includeTags(tags));
        }
        return request
            .configurationParameters(SETTINGS)
            .build();
    }

    /** What takes longest begins first: begun late it would run on alone while a processor idles. */
    public static final class LongestFirst implements ClassOrderer {
        private static final List<Class<?>> LONG = List.of(InstallTest.class, LauncherTest.class, ReadCommandTest.class, TlsTest.class, StoreKillTest.class,
            OutputTest.class, Pop3LimitsTest.class, InboxTest.class, ExamplesTest.class, InterruptTest.class, TimeoutTest.class);

        @Override
        public void orderClasses(ClassOrdererContext context) {
            context.getClassDescriptors().sort(Comparator.comparingInt(each -> rank(each.getTestClass())));
        }

        private static int rank(Class<?> testClass) {
            int place = LONG.indexOf(testClass);
            return place < 0 ? LONG.size() : place;
        }
    }

    private static List<? extends DiscoverySelector> everything() throws URISyntaxException {
        return selectClasspathRoots(Set.of(Path.of(Tests.class.getProtectionDomain().getCodeSource().getLocation().toURI())));
    }
}
