package mailtool;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Tells how the tests go: a line for each class when it is done; in the end the skipped tests with their reasons, the failed ones with their stack traces, and
 * the counts.
 */
final class TestReport implements TestExecutionListener {
    private static final List<String> NOT_OURS = List.of("org.junit.", "jdk.internal.reflect.", "java.lang.reflect.", "java.util.stream.", "java.util.concurrent.");

    private final PrintStream out;
    private final List<Outcome> outcomes = new ArrayList<>();
    private final Map<String, Long> started = new ConcurrentHashMap<>();
    private TestPlan plan;

    private enum Kind {
        PASSED, FAILED, SKIPPED
    }

    private record Outcome(String className, String name, Kind kind, String reason, Throwable failure) {
    }

    TestReport(PrintStream out) {
        this.out = out;
    }

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
        plan = started;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        started.put(test.getUniqueId(), System.nanoTime());
    }

    @Override
    public synchronized void executionSkipped(TestIdentifier test, String reason) {
        skip(test, reason);
    }

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
        Throwable failure = result.getThrowable().orElse(null);
        switch (result.getStatus()) {
            case SUCCESSFUL -> pass(test);
            case ABORTED -> skip(test, failure == null ? "aborted" : failure.getMessage());
            case FAILED -> add(test, Kind.FAILED, null, failure);
        }
        if (isTopClass(test)) {
            tell(test);
        }
    }

    private void pass(TestIdentifier test) {
        if (test.isTest()) {
            add(test, Kind.PASSED, null, null);
        }
    }

    /** A skipped class stands for its tests; those of a parameterized test aren't known yet, so that it counts as one. */
    private void skip(TestIdentifier test, String reason) {
        List<TestIdentifier> leaves = Stream.concat(Stream.of(test), plan.getDescendants(test).stream())
            .filter(each -> plan.getChildren(each).isEmpty())
            .toList();
        leaves.forEach(each -> add(each, Kind.SKIPPED, reason, null));
    }

    private void add(TestIdentifier test, Kind kind, String reason, Throwable failure) {
        outcomes.add(new Outcome(className(test), name(test), kind, reason, failure));
    }

    private void tell(TestIdentifier testClass) {
        String name = className(testClass);
        List<Outcome> own = outcomes.stream().filter(outcome -> outcome.className().equals(name)).toList();
        double seconds = (System.nanoTime() - started.get(testClass.getUniqueId())) / 1e9;
        out.printf("%-40s %s, %.1f s%n", name, counts(own), seconds);
    }

    /** Everything that is left to say. The counts are the last line. */
    synchronized void conclude() {
        with(Kind.SKIPPED).forEach(outcome -> out.println("\nSKIPPED " + outcome.name() + "\n    " + outcome.reason()));
        with(Kind.FAILED).forEach(this::explain);
        out.println();
        out.println(counts(outcomes));
        out.flush();
    }

    boolean isGood() {
        return with(Kind.FAILED).isEmpty() && !with(Kind.PASSED).isEmpty();
    }

    private void explain(Outcome outcome) {
        out.println("\nFAILED " + outcome.name());
        if (outcome.failure() != null) {
            shorten(outcome.failure());
            outcome.failure().printStackTrace(out);
        }
    }

    private List<Outcome> with(Kind kind) {
        return outcomes.stream().filter(outcome -> outcome.kind() == kind).toList();
    }

    private static String counts(List<Outcome> outcomes) {
        Map<Kind, Long> counts = outcomes.stream().collect(Collectors.groupingBy(Outcome::kind, Collectors.counting()));
        return "%d passed, %d failed, %d skipped".formatted(
            counts.getOrDefault(Kind.PASSED, 0L), counts.getOrDefault(Kind.FAILED, 0L), counts.getOrDefault(Kind.SKIPPED, 0L));
    }

    /** Leaves out of a stack trace what JUnit and reflection do. */
    private static void shorten(Throwable failure) {
        StackTraceElement[] own = Stream.of(failure.getStackTrace())
            .filter(frame -> NOT_OURS.stream().noneMatch(frame.getClassName()::startsWith))
            .toArray(StackTraceElement[]::new);
        failure.setStackTrace(own);
        if (failure.getCause() != null) {
            shorten(failure.getCause());
        }
        for (Throwable suppressed : failure.getSuppressed()) {
            shorten(suppressed);
        }
    }

    private boolean isTopClass(TestIdentifier test) {
        Optional<TestIdentifier> parent = plan.getParent(test);
        return classSource(test).isPresent() && parent.flatMap(TestReport::classSource).isEmpty();
    }

    private static Optional<ClassSource> classSource(TestIdentifier test) {
        return test.getSource().filter(ClassSource.class::isInstance).map(ClassSource.class::cast);
    }

    /** The outermost class, or the engine where there is none. */
    private String className(TestIdentifier test) {
        List<TestIdentifier> path = path(test);
        return path.get(0).getDisplayName();
    }

    private String name(TestIdentifier test) {
        return path(test).stream().map(TestIdentifier::getDisplayName).collect(Collectors.joining(" > "));
    }

    /** From the outermost class down to the test, without the engine. */
    private List<TestIdentifier> path(TestIdentifier test) {
        List<TestIdentifier> path = new ArrayList<>(List.of(test));
        Optional<TestIdentifier> parent = plan.getParent(test);
        while (parent.isPresent() && parent.get().getParentId().isPresent()) {
            path.add(0, parent.get());
            parent = plan.getParent(parent.get());
        }
        return path;
    }
}
