package mailtool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import mailtool.MailTool.BadRow;
import mailtool.MailTool.Exit;
import mailtool.MailTool.MailException;
import mailtool.MailTool.Row;
import mailtool.MailTool.Table;

/** Tables in files, of any spelling that people have: CSV and NDJSON. */
class TableTest {
    @TempDir
    Path folder;

    private Table table(byte[] content) throws IOException {
        return MailTool.table(Files.write(folder.resolve("people.csv"), content));
    }

    private Table table(String content) throws IOException {
        return table(content.getBytes(StandardCharsets.UTF_8));
    }

    /** Each row as number/line and its values; a broken one as what is wrong with it. */
    private static String told(Table table) {
        List<String> told = new ArrayList<>();
        try (Stream<Row> rows = table.rows(bad -> told.add(bad.why().getMessage()))) {
            rows.forEach(row -> told.add(row.number() + "/" + row.line() + " " + row.values()));
        }
        return String.join("\n", told);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a,b\\n1,2\\n                       | 1/2 {a=1, b=2}",
        "a;b;c,d\\n1;2;3\\n                 | 1/2 {a=1, b=2, c,d=3}",
        "a\\tb\\n1,2\\t3\\n                 | 1/2 {a=1,2, b=3}",
        "\"x,y,z\";\"u\"\\n1;2              | 1/2 {x,y,z=1, u=2}",
        "\"x\\n,,,y\";u;v\\n1;2;3           | 1/3 {x\\n,,,y=1, u=2, v=3}",
        "email\\na@b\\n\\n  \\n\"\"\\n       | 1/2 {email=a@b}\\n2/5 {email=}",
        "\\n\\r\\na,b\\r\\n1,2\\r\\n\\r\\n3,4 | 1/4 {a=1, b=2}\\n2/6 {a=3, b=4}",
        "a,b\\n\"1\\n2\",\"x\"\"y\"\\n3,4\\n | 1/2 {a=1\\n2, b=x\"y}\\n2/4 {a=3, b=4}",
        "\\ufeffa, b \\n1, 2 \\n            | 1/2 {a=1, b= 2 }",
        "a,b\\n5\" disk,2\\n                | 1/2 {a=5\" disk, b=2}",
    })
    void csvAsItComes(String content, String told) throws IOException {
        assertEquals(told.translateEscapes(), told(table(unicode(content))));
    }

    private static String unicode(String content) {
        return content.replace("\\ufeff", "\ufeff").translateEscapes();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a,b\\n1\\n1,2,3\\n4,5 | row 1 (line 2): it has 1 cell, the head line 2\\nrow 2 (line 3): it has 3 cells, the head line 2\\n3/4 {a=4, b=5}",
        "a,b\\n1,x\\0y\\n3,4   | row 1 (line 2): column b: it has a NUL\\n2/3 {a=3, b=4}",
    })
    void oneBrokenRowHidesNoOther(String content, String told) throws IOException {
        assertEquals(told.translateEscapes(), told(table(content.translateEscapes())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,a\n1,2\n", "a, a \n1,2\n", "a,,b\n1,2,3\n", "a,b,\n1,2,3\n", "a,b\0\n1,2\n", "", "\n \n", "a,\"b\n1,2\n"})
    void aHeadLineThatNamesNoColumnsIsAFault(String content) throws IOException {
        MailException failure = assertThrows(MailException.class, () -> table(content));
        assertEquals(Exit.DATA, failure.exit());
        assertTrue(failure.getMessage().contains("people.csv"), failure.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"',id,mail\n0,1,2\n', column 1 has no name", "'id,mail,\n0,1,2\n', column 3 has no name",
        "'id,mail,id\n0,1,2\n', 'column 3 has another''s name, or a NUL in it: id'", "'sep=;\nid;mail\n', column 2 has no name"})
    void theColumnThatHasNoNameOfItsOwnIsCounted(String content, String told) {
        MailException failure = assertThrows(MailException.class, () -> table(content.translateEscapes()));
        assertTrue(failure.getMessage().endsWith(": " + told), failure.getMessage());
        assertEquals(content.startsWith("sep=") ? "delete this line, for Excel alone" : "", failure.hint());
    }

    @Test
    void whatIsNotInUtf8IsTakenForWindows1252() throws IOException {
        Table table = table("name\nJörg “x”\n".getBytes(Charset.forName("windows-1252")));
        assertEquals("1/2 {name=Jörg “x”}", told(table));
        assertEquals(1, table.warnings().size());
        assertEquals(List.of(), table("name\nJörg\n").warnings());
    }

    @Test
    void noTableIs66() {
        assertEquals(Exit.NO_INPUT, assertThrows(MailException.class, () -> MailTool.table(folder.resolve("none"))).exit());
        assertEquals(Exit.NO_INPUT, assertThrows(MailException.class, () -> MailTool.table(folder)).exit());
    }

    @Test
    void aStreamStopsAtTheFirstBrokenRow() throws IOException {
        try (Stream<Row> rows = table("a,b\n1,2\n3\n").rows()) {
            MailException failure = assertThrows(MailException.class, rows::toList);
            assertEquals(Exit.DATA, failure.exit());
            assertTrue(failure.getMessage().startsWith("row 2 (line 3): "), failure.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "a,b\\n1,2\\n3,\"x\\ny\"\\n4,\"never\\nends\\n   | row 3 (line 5): ",
        "a,b,c\\n\"x\\ny\",\"never\\n5,6,7\\n           | row 1 (line 3): ",
        "a,b\\n1,\"x\"y\\n3,4\\n                         | row 1 (line 2): ",
    })
    void aQuoteThatNeverEndsIsNamedByTheLineWhereItBegan(String content, String place) throws IOException {
        String[] told = told(table(content.translateEscapes())).split("\n");
        String last = told[told.length - 1];
        assertTrue(last.startsWith(place + " a record over 16 MB, or a quote that begins here"), last);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,b\n1,2\n3,\"", "a,b\n1,2\n3,", "{\"a\":1}\n{\"b\":2}\n{\"c\":\"", "a,b\n1,2\n\"x\",\"y\",\"z\",\""})
    void aRecordOver16MegabytesIsAFault(String begin) throws IOException {
        List<BadRow> bad = new ArrayList<>();
        byte[] content = (begin + "x".repeat(17 << 20) + "\n").getBytes(StandardCharsets.UTF_8);
        try (Stream<Row> rows = table(content).rows(bad::add)) {
            assertEquals(begin.startsWith("{") ? 2 : 1, rows.count());
        }
        assertEquals(List.of("3"), bad.stream().map(row -> String.valueOf(row.line())).toList());
    }

    @Test
    void manySmallCellsAreARecordOver16MegabytesToo() throws IOException {
        List<BadRow> bad = new ArrayList<>();
        try (Stream<Row> rows = table("a,b\n1,2\n" + ("x".repeat(1 << 20) + ",").repeat(17) + "\n").rows(bad::add)) {
            assertEquals(1, rows.count());
        }
        assertTrue(bad.get(0).why().getMessage().startsWith("row 2 (line 3): a record over 16 MB"), bad.get(0).why().getMessage());
    }

    @Test
    void tenThousandColumns() throws IOException {
        String head = IntStream.range(0, 10_000).mapToObj(n -> "c" + n).collect(Collectors.joining(";"));
        try (Stream<Row> rows = table(head + "\n" + head.replace("c", "") + "\n").rows()) {
            assertEquals("9999", rows.findFirst().orElseThrow().text("c9999"));
        }
    }

    @Test
    void ndjsonKeepsNumbersAsTheyAreWritten() throws IOException {
        Table table = table("\ufeff \n{\"a\":1.50,\"b\":null,\"c\":[1e5,{\"x\":null}],\"d\":true,\"e\":12345678901234567890}\r\n\n{\"a\":\"\\ud83d\\ude00\"}");
        assertEquals("1/2 {a=1.50, b=, c=[1e5, {x=}], d=true, e=12345678901234567890}\n2/4 {a=\ud83d\ude00}", told(table));
        assertEquals(List.of(), table.columns());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1]", "{\"a\":1}{\"b\":2}", "{'a':1}", "{\"a\":1,\"a\":2}", "{\"\":1}", "foo", "{\"a\":", "{\"a\":\"\u001f\"}",
        "{\"a\":\"\\ud800\"}", "{\"a\":{\"b\":[\"\\udc00x\"]}}", "null", "{\"a\":NaN}"})
    void aLineThatIsNoObjectIsAFault(String line) throws IOException {
        String[] told = told(table("{\"a\":1}\n" + line + "\n{\"a\":3}\n")).split("\n");
        assertTrue(told[1].startsWith("row 2 (line 2): "), told[1]);
        assertEquals("3/3 {a=3}", told[2]);
    }

    /** The rows with one more column, to be fed back. */
    private static String failed(Table table) {
        StringBuilder failed = new StringBuilder(table.headWith("error"));
        try (Stream<Row> rows = table.rows(bad -> failed.append(table.lineWith(bad, "no row")))) {
            rows.forEach(row -> failed.append(table.lineWith(row, "error", "so, \"no\"")));
        }
        return failed.toString();
    }

    @Test
    void rowsAreWrittenAsTheyWereWithOneMoreColumn() throws IOException {
        String failed = failed(table("a;b\n\"1;2\n3\";\n4;5;6\n"));
        assertEquals("a;b;error\n\"1;2\n3\";;\"so, \"\"no\"\"\"\n4;5;6;no row\n", failed);
        assertEquals(failed.replace("no row", "no row;no row"), failed(table(failed)));
        assertEquals("a;b;error\n1;2;\"so, \"\"no\"\"\"\n", failed(table("a;b\n1;2\n3;\"never")));
    }

    @Test
    void objectsAreWrittenAsTheyWereWithOneMoreName() throws IOException {
        String failed = failed(table("{\"a\":1.50,\"b\":[{\"c\":\"<\"}],\"error\":\"old\"}\nfoo\n"));
        assertEquals("{\"a\":1.50,\"b\":[{\"c\":\"<\"}],\"error\":\"so, \\\"no\\\"\"}\nfoo\n", failed);
    }

    @Test
    void aMissingColumnIsNamedByItsRow() {
        MailException failure = assertThrows(MailException.class, () -> new Row(3, 7, Map.of("a", "1")).text("b"));
        assertEquals("row 3 (line 7): column b is missing", failure.getMessage());
        assertEquals("there are: a", failure.hint());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{\"a\": 1}]", " [\n  {\"a\": 1},\n  {\"a\": 2}\n]\n"})
    void anArrayOfObjectsIsNamedAndTheWayToLines(String text) {
        MailException failure = assertThrows(MailException.class, () -> table(text));
        assertEquals(Exit.DATA, failure.exit());
        assertTrue(failure.getMessage().endsWith(" is one JSON array"), failure.getMessage());
        assertTrue(failure.hint().startsWith("jq -c '.[]' "), failure.hint());
    }

    /** As Excel, LibreOffice and Java write it, the last with a line end where others have a NUL; and as Excel did of old. */
    @ParameterizedTest
    @ValueSource(strings = {"PK\u0003\u0004\u0014\0\u0006\0\b\0\0\0!\0[Content_Types].xml", "PK\u0003\u0004\u0014\0\0\b\0\0,;\t\"mimetype",
        "PK\u0003\u0004\n\0\0\b\0\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1\0\0\0\0>\0\u0003\0"})
    void aSpreadsheetIsToBeSavedAsCsv(String octets) {
        byte[] sheet = octets.getBytes(StandardCharsets.ISO_8859_1);
        assertEquals("save the spreadsheet as CSV", assertThrows(MailException.class, () -> table(sheet)).hint());
    }

    @Test
    void aTableInUtf16IsToBeSavedAsUtf8() {
        byte[] wide = "a,b\n1,2\n".getBytes(StandardCharsets.UTF_16);
        assertEquals("a table in UTF-16 has to be saved as UTF-8", assertThrows(MailException.class, () -> table(wide)).hint());
    }
}
