package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The table of contents of MailTool.java is true: what stands where, and who names whom, as the compiled classes tell (jdeps). */
class MapTest {
    private static final Pattern CHAPTER = Pattern.compile("\\s*// ==== (\\d+)\\. (.+?) =+");
    private static final Pattern SECTION = Pattern.compile("\\s*// ---- (\\d+\\.\\d+) (.+?) -+");
    private static final Pattern LISTED = Pattern.compile(" \\* +(\\d+(?:\\.\\d+)?) +(.+?)(?:  .*)?");
    private static final Pattern TYPE = Pattern.compile(
            "( {4})?(?:public |private |static |abstract |sealed |final |non-sealed )*(?:class|interface|record|enum) (\\w+).*");
    private static final Pattern NAMES = Pattern.compile(" +(mailtool\\.\\S+) +-> (\\S+) .*");
    private static final int WORDS = 1;
    private static final int COMMANDS = 3;
    private static final int DSL = 4;
    private static final Set<Integer> FOR_COMMANDS = Set.of(1, 3, 4, 5, 12);
    /** What the file has now, so that it does not grow in silence. */
    private static final int MOST_LINES = 24_860;

    private static List<String> lines;
    /** By the name of a type that is nested in nothing but MailTool: its chapter. */
    private static final Map<String, Integer> CHAPTERS = new HashMap<>();
    /** By its number and title: how many lines a chapter or section has. */
    private static final Map<String, Integer> LENGTHS = new LinkedHashMap<>();
    /** Each pair of types of which the first names the second. */
    private static final Set<List<String>> PAIRS = new java.util.HashSet<>();

    @BeforeAll
    static void read() throws IOException, URISyntaxException {
        lines = Files.readAllLines(Path.of("MailTool.java"));
        int chapter = 0;
        String part = "";
        for (String line : lines) {
            Matcher banner = CHAPTER.matcher(line);
            Matcher lighter = SECTION.matcher(line);
            Matcher type = TYPE.matcher(line);
            if (banner.matches()) {
                chapter = Integer.parseInt(banner.group(1));
                part = banner.group(1) + " " + banner.group(2);
            } else if (lighter.matches()) {
                part = lighter.group(1) + " " + lighter.group(2);
            } else if (type.matches() && chapter > 0 && (type.group(1) == null || chapter <= DSL)) {
                CHAPTERS.put(type.group(2), chapter);
            }
            LENGTHS.merge(part, 1, Integer::sum);
        }
        LENGTHS.remove("");
        jdeps().forEach(MapTest::note);
    }

    private static Stream<String> jdeps() throws URISyntaxException {
        StringWriter out = new StringWriter();
        String classes = Path.of(MailTool.class.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        int status = ToolProvider.findFirst("jdeps").orElseThrow().run(new PrintWriter(out), new PrintWriter(out), "-verbose:class", "-filter:none",
                "--multi-release", "base", "-cp", System.getProperty("java.class.path"), classes);
        assertEquals(0, status, out::toString);
        return out.toString().lines();
    }

    private static void note(String line) {
        Matcher names = NAMES.matcher(line);
        if (names.matches()) {
            PAIRS.add(List.of(outermost(names.group(1)), outermost(names.group(2))));
        }
    }

    /** A type of the file by its simple name, whatever it is nested in; any other by its whole name. */
    private static String outermost(String name) {
        String[] parts = name.replaceFirst("^mailtool\\.", "").split("\\$");
        boolean nested = parts[0].equals("MailTool") && parts.length > 1 && !parts[1].matches("\\d+");
        return name.startsWith("mailtool.") ? parts[nested ? 1 : 0] : name;
    }

    /** Pairs of types of the file, without MailTool itself. */
    private static Stream<List<String>> pairs() {
        return PAIRS.stream().filter(pair -> CHAPTERS.containsKey(pair.get(0)) && CHAPTERS.containsKey(pair.get(1)))
                .filter(pair -> !pair.contains("MailTool") && !pair.get(0).equals(pair.get(1)));
    }

    private static int chapter(List<String> pair, int which) {
        return CHAPTERS.get(pair.get(which));
    }

    private static void none(Stream<?> faults) {
        assertEquals("", faults.map(String::valueOf).sorted().collect(Collectors.joining("\n")));
    }

    @Test
    void theContentsListWhatStandsThere() {
        List<String> contents = new ArrayList<>();
        List<String> inDoc = lines.subList(0, lines.indexOf("public final class MailTool {"));
        for (String line : inDoc.subList(inDoc.lastIndexOf(" * <pre>"), inDoc.lastIndexOf(" * </pre>"))) {
            Matcher listed = LISTED.matcher(line);
            if (listed.matches()) {
                contents.add(listed.group(1) + " " + listed.group(2).strip());
            }
        }
        assertEquals(String.join("\n", LENGTHS.keySet()), String.join("\n", contents));
        assertEquals(12, LENGTHS.keySet().stream().filter(part -> part.matches("\\d+ .*")).count());
    }

    @Test
    void noChapterNamesAnEarlierOneButTheFirst() {
        assertTrue(pairs().count() > 300, "jdeps has told too little");
        none(pairs().filter(pair -> chapter(pair, 1) != WORDS && chapter(pair, 1) < chapter(pair, 0)));
    }

    @Test
    void theFirstChapterNamesNoOther() {
        none(pairs().filter(pair -> chapter(pair, 0) == WORDS && chapter(pair, 1) != WORDS));
    }

    @Test
    void commandsNameWhatTheyMay() {
        none(pairs().filter(pair -> chapter(pair, 0) == COMMANDS && !FOR_COMMANDS.contains(chapter(pair, 1))));
    }

    @Test
    void theFirstFourChaptersAreNestedAndAllOthersAreNot() {
        Set<String> nested = Stream.of(MailTool.class.getDeclaredClasses()).map(Class::getSimpleName).collect(Collectors.toSet());
        none(CHAPTERS.entrySet().stream().filter(type -> !type.getKey().equals("MailTool"))
                .filter(type -> nested.contains(type.getKey()) != type.getValue() <= DSL));
    }

    @Test
    void fewTypesNameTheLibrariesOfMail() {
        assertTrue(naming("org.apache.commons.net.").size() <= 3, () -> naming("org.apache.commons.net.").toString());
        assertEquals(1, naming("org.apache.commons.mail2.").size(), () -> naming("org.apache.commons.mail2.").toString());
    }

    private static Set<String> naming(String library) {
        return PAIRS.stream().filter(pair -> pair.get(1).startsWith(library) && CHAPTERS.containsKey(pair.get(0))).map(pair -> pair.get(0))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void partsAndLinesKeepTheirSize() {
        none(LENGTHS.entrySet().stream().filter(part -> part.getValue() >= 250));
        none(lines.stream().filter(line -> line.codePointCount(0, line.length()) > 130));
        assertTrue(lines.size() < MOST_LINES, () -> lines.size() + " lines");
    }

    @Test
    void aCommandIsShort() {
        Map<String, Integer> commands = new HashMap<>();
        String type = "";
        for (String line : lines) {
            Matcher begins = TYPE.matcher(line);
            type = begins.matches() && begins.group(1) != null ? begins.group(2) : type;
            type = line.startsWith("    // ") || line.equals("}") ? "" : type;
            commands.merge(type, 1, Integer::sum);
        }
        List<String> names = Stream.of(MailTool.class.getDeclaredClasses()).filter(MapTest::isCommand).map(Class::getSimpleName).toList();
        assertTrue(names.size() >= 8, names::toString);
        none(names.stream().filter(name -> commands.get(name) >= 110).map(name -> name + " has " + commands.get(name) + " lines"));
    }

    private static boolean isCommand(Class<?> type) {
        return Stream.of(type.getDeclaredFields()).anyMatch(field -> field.getName().equals("COMMAND"));
    }
}
