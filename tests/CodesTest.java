package mailtool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static mailtool.MailTool.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Codes, links and captures of a message. */
final class CodesTest {
    private static final String TWO = CodeMails.plain("Codes", "Code: 111222\nCode: 333444\n");

    @AutoClose
    private final Scratch files = Scratch.create("codes");

    private static MailTool.Message read(String source) {
        return message(new ByteArrayInputStream(source.getBytes(UTF_8)));
    }

    private static List<String> urls(String source) {
        return read(source).links().stream().map(MailTool.Link::url).toList();
    }

    private Tool.Result tool(String source, String... options) {
        String file = files.write("message.eml", source).toString();
        return Tool.run(Stream.concat(Stream.of("read", "--eml", file), Stream.of(options)).toArray(String[]::new));
    }

    private static Stream<String> withCode() {
        return CodeMails.withCode().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("withCode")
    void theCodeIsFound(String name) {
        CodeMails.Mail mail = CodeMails.withCode().get(name);
        assertEquals(Optional.of(mail.code()), read(mail.source()).code());
    }

    /** Each looked at its line again and again: for hours where it only has some hundred capitals. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {"12345 | A | 300 | !", "12345 | Aa | 300 | !", "123456 | - | 49000 | x number 1", "123456 | ( | 49000 | !"})
    void aLineThatLooksLikeManyThingsIsReadAsSoon(String before, String repeated, int count, String after) {
        String line = before + " " + repeated.repeat(count / repeated.length()) + " " + after;
        assertTimeoutPreemptively(Eventually.DEADLINE, () -> read(CodeMails.plain("Hello", line + "\n")).code());
    }

    @Test
    void aCodeInALongParagraphIsFound() {
        String words = "This line has words that say nothing. ".repeat(40);
        for (int before = 850; before < 1010; before += 3) {
            for (String code : List.of("Your code is 482913. ", "482913 is your code. ")) {
                String begin = words.substring(0, before) + "xy. ";
                assertEquals(Optional.of("482913"), read(CodeMails.plain("Hello", begin + code + words + "\n")).code(), code + before);
            }
        }
    }

    private static Stream<String> without() {
        return CodeMails.without().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("without")
    void whatIsNoCodeIsNotFound(String name) {
        assertEquals(Optional.empty(), read(CodeMails.without().get(name)).code());
    }

    @Test
    void twoThatAreEquallyGoodAreBothNamed() {
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> read(TWO).code());
        assertEquals(MailTool.Exit.UNMET, problem.exit());
        assertTrue(problem.getMessage().contains("111222 and 333444"), problem.getMessage());
    }

    @Test
    void twoInTheTwoFormsAreEquallyGood() {
        String source = CodeMails.both("Code", "Your code is 111222\n", "<p>Your code is 333444</p>");
        assertThrows(MailTool.MailException.class, () -> read(source).code());
    }

    @Test
    void whatFollowsACodeWordIsBetterThanWhatStandsAloneAndThatThanWhatIsNear() {
        assertEquals(Optional.of("111222"), read(CodeMails.plain("x", "Hello\n\n333444\n\nYour code: 111222\n")).code());
        assertEquals(Optional.of("333444"), read(CodeMails.plain("x", "Never tell the code 111222\nfoo\n333444\n")).code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1 ", "A", "码", "https://a)"})
    void muchOfOneKindIsReadOnce(String unit) {
        MailTool.Message message = read(CodeMails.plain("code", unit.repeat(10_000_000 / unit.length())));
        try {
            message.code();
        } catch (MailTool.MailException e) {
            assertEquals(MailTool.Exit.UNMET, e.exit());
        }
        assertTrue(message.links().size() <= 1);
    }

    /** As in the space that newsletters put behind their first line. */
    @ParameterizedTest
    @ValueSource(strings = {" ", "* ", "\u00a0", "* \u00a0 "})
    void aLineMayBeginWithManyBlanks(String blank) {
        String text = blank.repeat(49_000 / blank.length()) + "Your code: 111222\n";
        assertEquals(Optional.of("111222"), read(CodeMails.plain("x", text)).code());
        assertEquals(Optional.of("111222"), read(CodeMails.page("x", "<p>" + text.replace("\u00a0", "&nbsp;"))).code());
    }

    @Test
    void aHostInBracketsIsAnAddressOfVersion6() {
        String text = "\"http://[\" http://[ http://[] http://[host]/ http://[2001:db8::1]:8080/a. https://[fe80::1%25en0]/ http://[::ffff:192.0.2.1";
        assertEquals(List.of("http://[2001:db8::1]:8080/a", "https://[fe80::1%25en0]/"), urls(CodeMails.plain("x", text)));
        assertEquals(List.of("http://[::1]/x"), urls(CodeMails.page("x", "<a href='http://[::1]/x'>a</a><a href='http://['>b</a><a href='http://[host]/'>c</a>")));
    }

    @Test
    void linksOfThePageComeFirstThenWhatOnlyTheTextHas() {
        String source = CodeMails.both("x", "See https://example.org/a and (https://example.org/text/b_(c)), http://example.org.\n",
            "<style>a{background:url(https://example.org/style)}</style><p><a href='\n https://example.org/a?x=1&amp;y=2\n&z=3'>Confirm <b>now</b></a>"
            + "<img src='https://example.org/i.png'><a href='mailto:a@b.c'>m</a><a href='javascript:x'>j</a> or https://example.org/typed; "
            + "<a href='https://example.org/a'><img alt='A picture' src='x'></a><a href='https://example.org/a'>again</a></p>");
        assertEquals(List.of("https://example.org/a?x=1&y=2&z=3", "https://example.org/typed", "https://example.org/a", "https://example.org/text/b_(c)",
            "http://example.org"), urls(source));
        assertEquals(List.of("Confirm now", "", "A picture", "", ""), read(source).links().stream().map(MailTool.Link::text).toList());
    }

    @Test
    void linksWithinTextEndWhereTheyShould() {
        String text = "<https://example.org/1>, [https://example.org/2], \"https://example.org/3\" https://example.org/4?a=b.c!? 见https://example.org/5。\n"
            + "[x](https://example.org/6) HTTPS://EXAMPLE.ORG/7: ftp://example.org https:// https://example.org/8/;";
        assertEquals(List.of("https://example.org/1", "https://example.org/2", "https://example.org/3", "https://example.org/4?a=b.c", "https://example.org/5",
            "https://example.org/6", "HTTPS://EXAMPLE.ORG/7", "https://example.org/8/"), urls(CodeMails.plain("x", text)));
    }

    @Test
    void whatStandsAroundALinkIsNoPartOfItButWhatEndsATokenIs() {
        String text = "_https://example.org/1_ **https://example.org/2** `https://example.org/3` https://example.org/t=a_ https://example.org/4\u2026";
        assertEquals(List.of("https://example.org/1", "https://example.org/2", "https://example.org/3", "https://example.org/t=a_", "https://example.org/4"),
            urls(CodeMails.plain("x", text)));
    }

    @Test
    void aPlaceWhereAPageMayBreakALineDoesNotEndALinkAndOneToNoHostIsNone() {
        assertEquals(List.of("https://example.org/longer"), urls(CodeMails.page("x", "<a href='https://'>x</a> https://example.org/long<wbr>er")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a+)+b", "(a|a)*b"})
    void aPatternThatWouldNeverEndIsRefused(String pattern) {
        MailTool.Message message = read(CodeMails.plain("x", "a".repeat(50_000) + "!\n"));
        MailTool.MailException problem = assertThrows(MailTool.MailException.class, () -> message.capture(Pattern.compile(pattern)));
        assertEquals(MailTool.Exit.USAGE, problem.exit());
    }

    @Test
    void aSoftBreakDoesNotEndALink() {
        String source = "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nhttps://example.org/confirm?token=3D12=\n34&x=3D1\n";
        assertEquals(List.of("https://example.org/confirm?token=1234&x=1"), urls(source));
    }

    @Test
    void theSubjectIsCapturedBeforeTheText() {
        MailTool.Message message = read(CodeMails.plain("Order 12", "Order 34\nTotal: 56\n"));
        assertEquals(Optional.of("12"), message.capture(Pattern.compile("Order (\\d+)")));
        assertEquals(Optional.of("Total: 56"), message.capture(Pattern.compile("(?m)^Total: (?:\\d+)$")));
        assertEquals(Optional.empty(), message.capture(Pattern.compile("order")));
    }

    @Test
    void readPrintsWhatIsAskedFor() {
        String source = CodeMails.page("Code 1 2", "<p>Your code is 482-913, or <a href='https://example.org/a'>click</a>.</p>");
        assertEquals("482913\n", tool(source, "--code").out());
        assertEquals("https://example.org/a\n", tool(source, "--link").out());
        assertEquals("2\n", tool(source, "--capture", "^Code 1 (\\d)$").out());
        JsonObject json = JsonParser.parseString(tool(source, "--json", "--capture", "click").out()).getAsJsonObject();
        assertEquals("482913", json.get("otp").getAsString());
        assertEquals("[{\"url\":\"https://example.org/a\",\"text\":\"click\"}]", json.get("links").toString());
        assertEquals("click", json.get("capture").getAsString());
    }

    @Test
    void readSaysWhatIsMissing() {
        String nothing = CodeMails.plain("x", "y\n");
        for (List<String> asked : List.of(List.of("--code"), List.of("--link"), List.of("--capture", "z"), List.of("--json", "--code"))) {
            assertEquals(80, tool(nothing, asked.toArray(String[]::new)).exit());
        }
        Tool.Result two = tool(TWO, "--code");
        assertEquals(80, two.exit());
        assertTrue(two.err().contains("111222 and 333444"), two.err());
        JsonObject json = JsonParser.parseString(tool(TWO, "--json", "--capture", "111").out()).getAsJsonObject();
        assertTrue(json.get("otp").isJsonNull() && json.getAsJsonArray("links").isEmpty(), json.toString());
    }

    @Test
    void oneThingIsAskedFor() {
        for (String other : List.of("--link", "--raw", "--headers")) {
            assertEquals(64, tool(TWO, "--code", other).exit());
        }
        assertEquals(64, tool(TWO, "--capture", "(").exit());
        assertEquals(64, tool(TWO, "--capture", "").exit());
    }
}
