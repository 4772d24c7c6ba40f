package mailtool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Messages that make trouble, by name. Each has the subject {@code nasty NAME} and the Message-ID {@code <NAME@nasty.example.org>}, unless it lacks them on purpose. */
final class NastyMessages {
    private static final Map<String, Supplier<byte[]>> ALL = new LinkedHashMap<>();
    private static final Map<String, Supplier<byte[]>> HUGE = new LinkedHashMap<>();

    static {
        addOctets();
        addStructures();
        addEncodings();
        addHeaders();
        addHuge();
    }

    private NastyMessages() {
    }

    /** Those of at most a few megabytes, to be sent and fetched too. */
    static Map<String, byte[]> all() {
        Map<String, byte[]> messages = new LinkedHashMap<>();
        ALL.forEach((name, message) -> messages.put(name, message.get()));
        return messages;
    }

    /** The names of those of ten megabytes and more. */
    static Iterable<String> huge() {
        return HUGE.keySet();
    }

    static byte[] get(String name) {
        Supplier<byte[]> message = ALL.containsKey(name) ? ALL.get(name) : HUGE.get(name);
        if (message == null) {
            throw new IllegalArgumentException("no nasty message is called " + name);
        }
        return message.get();
    }

    /** Strings have one octet a character; LF is written as CRLF, so what is to stay bare is marked. */
    private static void add(String name, Supplier<String> headerAndBody) {
        ALL.put(name, () -> message(name, headerAndBody.get()));
    }

    private static byte[] message(String name, String rest) {
        String header = "From: a@example.org\nTo: b@example.org\nSubject: nasty " + name + "\nMessage-ID: <" + name + "@nasty.example.org>\n"
            + "Date: Mon, 1 Jan 2024 10:00:00 +0000\nMIME-Version: 1.0\n";
        return octets(header + rest);
    }

    private static byte[] octets(String text) {
        return text.replace("\n", "\r\n").replace('\u0100', '\n').replace('\u0101', '\r').getBytes(ISO_8859_1);
    }

    private static final String BARE_LF = "\u0100";
    private static final String BARE_CR = "\u0101";

    private static String utf8(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    private static void addOctets() {
        add("eight-bit", () -> "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\nGr\u00fc\u00dfe\n");
        add("all-octets", () -> "Content-Type: application/octet-stream; name=all.bin\nContent-Transfer-Encoding: binary\n\n" + allOctets() + "\n");
        add("nul", () -> "Content-Type: text/plain\n\nbefore\0after\n\0\n");
        add("bare-cr", () -> "Content-Type: text/plain\n\none" + BARE_CR + "two" + BARE_CR + BARE_CR + "three\n");
        add("bare-lf", () -> "Content-Type: text/plain\n\none" + BARE_LF + "two" + BARE_LF + "." + BARE_LF + "three" + BARE_LF + "From four\n");
        add("long-lines", () -> "Content-Type: text/plain\n\n" + "x".repeat(1 << 20) + "\nend\n");
        add("leading-dots", () -> "\n.\n..\n...\n.text\n..text\n.\nend\n");
        add("first-octet-is-a-dot", () -> "\n.\n");
        add("no-final-newline", () -> "\nno line end");
        add("empty-body", () -> "\n");
        add("blank-lines-at-the-end", () -> "\ntext\n\n\n\n");
        add("from-lines", () -> "\nFrom one\n>From two\n>>From three\n From four\n");
        add("blanks-at-line-ends", () -> "\ntext  \n \n\t\n");
        add("escape-sequences", () -> "X-Title: \u001b]0;owned\u0007\n\n\u001b[2J\u001b[Hcleared " + utf8("\u009b2J \u202egnp.exe \u2066x\u2069 \u200fy\u061c") + " \b\u007f\n");
        add("escape-sequences-in-html", () -> "Content-Type: text/html\n\n<p>one&#27;[2J&#x9b;2J&#x202e;two<a href=\"http://x/\u001b[2J\">three</a>\n");
        ALL.put("header-only", () -> octets("Subject: nasty header-only\nMessage-ID: <header-only@nasty.example.org>\n"));
        ALL.put("no-header", () -> octets("\nSubject: this is text\n\nmore\n"));
        ALL.put("text-only", () -> octets("Hello Bob,\nthis has no header.\n"));
        ALL.put("lf-lines", () -> new String(message("lf-lines", "\none\ntwo\n"), ISO_8859_1).replace("\r\n", "\n").getBytes(ISO_8859_1));
        ALL.put("mbox-from-line", () -> octets("From a@example.org Mon Jan  1 00:00:00 2024\nSubject: nasty mbox-from-line\nMessage-ID: <mbox-from-line@nasty.example.org>\n\ntext\n"));
        ALL.put("byte-order-mark", () -> octets("\u00ef\u00bb\u00bfSubject: nasty byte-order-mark\n\ntext\n"));
        ALL.put("nothing", () -> new byte[0]);
    }

    private static String allOctets() {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 256; c++) {
            all.append(c == '\n' ? BARE_LF : c == '\r' ? BARE_CR : String.valueOf(c));
        }
        return all.toString();
    }

    private static void addStructures() {
        add("five-thousand-parts", () -> parts(5000));
        add("thousand-levels", () -> levels(1000));
        add("thousand-messages", () -> messages(1000));
        add("boundary-never-comes", () -> "Content-Type: multipart/mixed; boundary=never\n\nThis is the text.\nSecond line.\n");
        add("no-boundary-parameter", () -> "Content-Type: multipart/mixed\n\nThis is the text.\n--x\n");
        add("empty-boundary", () -> "Content-Type: multipart/mixed; boundary=\"\"\n\nThis is the text.\n");
        add("no-closing-boundary", () -> "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n--b\nContent-Type: text/plain; name=a.txt\n\nsecond");
        add("closing-boundary-first", () -> "Content-Type: multipart/mixed; boundary=b\n\ntext before\n--b--\ntext after\n");
        add("boundary-with-blanks", () -> "Content-Type: multipart/mixed; boundary=\"b  \"\n\n--b \t\n\ntext\n--b--  \n");
        add("odd-boundary", () -> "Content-Type: multipart/mixed; boundary=\"=_\\\"a?'(b)\\\\c\"\n\n--=_\"a?'(b)\\c\n\ntext\n--=_\"a?'(b)\\c--\n");
        add("cr-in-boundary", () -> "Content-Type: multipart/mixed; boundary=\"a\u0101b\"\n\n--a\u0101b\n\ntext\n--a\u0101b--\n");
        add("boundary-in-segments", () -> "Content-Type: multipart/mixed; boundary*1=cd; boundary*0=ab\n\n--abcd\n\ntext\n--abcd--\n");
        add("two-semicolons", () -> "Content-Type: multipart/mixed;; boundary=b\n\n--b\n\ntext\n--b--\n");
        add("parts-without-header", () -> "Content-Type: multipart/mixed; boundary=b\n\n--b\nno header: here\njust text\n--b\n\n--b\n--b\n\n\n--b--\n");
        add("outer-boundary-is-a-prefix", () -> nested("abc", "abcdef"));
        add("inner-boundary-is-a-prefix", () -> nested("abcdef", "abc"));
        add("boundary-within-lines", NastyMessages::boundariesWithinLines);
        add("same-boundary-inside", () -> nested("abc", "abc"));
        add("digest", () -> "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\nfirst\n--b\nContent-Type: text/plain\n\nsecond\n--b--\n");
        add("digest-of-nothing", () -> "Content-Type: multipart/digest; boundary=b\n\n--b--\n");
        add("message-in-message", () -> "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\nFrom: c@example.org\nSubject: inner\n\ninner text\n--b--\n");
        add("message-in-base64", () -> "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64("Subject: inner\r\n\r\ninner text\r\n") + "\n");
        add("bad-types", () -> "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text\n\none\n--b\nContent-Type: foo; bar\n\ntwo\n--b\nContent-Type:\n\nthree\n--b\n"
            + "Content-Type: text/plain; charset=\"utf-8\n\nfour\n--b\nContent-Type: text / plain ; (comment) charset = us-ascii\n\nfive\n--b--\n");
        add("alternatives", () -> "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nthe text\n--b\nContent-Type: multipart/related; boundary=r\n\n--r\n"
            + "Content-Type: text/html\n\n<p>the html</p>\n--r\nContent-Type: image/png\nContent-ID: <i>\n\nPNG\n--r--\n--b--\n");
        add("html-with-footer", () -> "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>the html</p>\n--b\nContent-Type: text/plain\n\nthe footer\n--b--\n");
    }

    private static String parts(int count) {
        StringBuilder text = new StringBuilder("Content-Type: multipart/mixed; boundary=b\n\n");
        for (int i = 1; i <= count; i++) {
            text.append("--b\nContent-Disposition: attachment; filename=same.txt\n\npart ").append(i).append("\n");
        }
        return text.append("--b--\n").toString();
    }

    private static String levels(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append("Content-Type: multipart/mixed; boundary=level").append(i).append("-\n\n--level").append(i).append("-\n");
        }
        return text.append("\nthe innermost text\n").toString();
    }

    private static String messages(int count) {
        return "Content-Type: message/rfc822\n\n".repeat(count) + "Subject: innermost\n\nthe innermost text\n";
    }

    /** Many lengths, so that some boundary comes to the edge of a buffer. */
    private static String nested(String outer, String inner) {
        StringBuilder text = new StringBuilder("Content-Type: multipart/mixed; boundary=" + outer + "\n\n");
        for (int i = 0; i < 200; i++) {
            text.append("--").append(outer).append("\nContent-Type: multipart/mixed; boundary=").append(inner).append("\n\n--").append(inner)
                .append("\nContent-Type: text/plain; name=inner\n\n").append("i".repeat(1000 + i)).append("\n--").append(inner)
                .append("\nContent-Type: text/plain; name=second\n\n").append("s".repeat(1000 + 3 * i)).append("\n--").append(inner).append("--\n");
        }
        return text.append("--").append(outer).append("--\n").toString();
    }

    private static String boundariesWithinLines() {
        StringBuilder text = new StringBuilder("Content-Type: multipart/mixed; boundary=abc\n\n--abc\n\n");
        for (int i = 0; i < 600; i++) {
            text.append("y".repeat(i % 97)).append("x--abc\nx--abc--\n--abcd\n> --abc\n");
        }
        return text.append("--abc\nContent-Type: text/plain; name=second\n\nsecond\n--abc--\n").toString();
    }

    private static void addEncodings() {
        add("unknown-charset", () -> "Content-Type: text/plain; charset=x-klingon\nContent-Transfer-Encoding: 8bit\n\nGr\u00fc\u00dfe " + "\n");
        add("wrong-charset", () -> "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGr\u00fc\u00dfe\n");
        add("no-charset-utf8", () -> "\n" + utf8("Gr\u00fc\u00dfe \u20ac") + "\n");
        add("unknown-encoding", () -> "Content-Type: text/plain\nContent-Transfer-Encoding: x-secret\n\nas it is\n");
        add("unpadded-base64", () -> "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGVsbG8gV29ybGQ\n");
        add("base64-with-rubbish", () -> "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGVs*bG8g\n!!V29y\u00fcbGQ=\n-- \nfooter\n");
        add("broken-quoted-printable", () -> "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=fc=DFe =zz =4 = =\njoined=  \n end=");
        add("blanks-in-quoted-printable", () -> "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nbegin" + " ".repeat(1 << 20) + "end\n");
        add("uuencode", () -> "Content-Type: text/plain; name=hello.txt\nContent-Disposition: attachment\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 hello.txt\n+2&5L;&\\@5V]R;&0\n`\nend\n");
        add("broken-uuencode", () -> "Content-Type: text/plain; name=hello.txt\nContent-Transfer-Encoding: x-uuencode\n\nthis is none\n");
        add("utf-16", () -> "Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\nRwByAPwA3wBlAAoA\n");
        add("iso-2022-jp", () -> "Content-Type: text/plain; charset=ISO-2022-JP\n\n\u001b$B$3$s$K$A$O\u001b(B\n");
        add("names", NastyMessages::names);
    }

    private static String names() {
        String[] headers = {
            "Content-Disposition: attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%E2%82%AC.txt",
            "Content-Disposition: attachment; filename*1*=%A4.txt; filename*0*=iso-8859-15''one%20",
            "Content-Disposition: attachment; filename*0=\"Bob's \"; filename*1=\"two+two.txt\"",
            "Content-Disposition: attachment; filename*0*=''%41; filename*2*=lost; filename*1=%41",
            "Content-Disposition: attachment; filename*=O'Brien.txt",
            "Content-Disposition: attachment; filename=\"=?utf-8?Q?Gr=C3=BC=C3?= =?utf-8?Q?=9Fe.txt?=\"",
            "Content-Disposition: attachment; filename==?utf-8?B?R3LDvMOfZS50eHQ=?=",
            "Content-Disposition: attachment; filename=\"Gr\u00fc\u00dfe.txt\"",
            "Content-Disposition: attachment; filename=\"" + utf8("Gr\u00fc\u00dfe.txt") + "\"",
            "Content-Disposition: attachment; filename=two words.txt",
            "Content-Disposition: attachment; filename=\"C:\\Temp\\new.txt\"",
            "Content-Disposition: attachment; filename=\"not closed.txt",
            "Content-Disposition: attachment;\n\tfilename=\"folded\n name.txt\"",
            "Content-Type: text/plain; name=\"only in the type.txt\"",
        };
        StringBuilder text = new StringBuilder("Content-Type: multipart/mixed; boundary=b\n\n");
        for (String header : headers) {
            text.append("--b\n").append(header).append("\n\ncontent\n");
        }
        return text.append("--b--\n").toString();
    }

    private static void addHeaders() {
        header("encoded-words", "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=");
        header("encoded-lower-case", "=?utf-8?q?gr=c3=bc=c3=9fe?= =?utf-8?b?w7w=?=");
        header("encoded-letter-split", "=?UTF-8?Q?Gr=C3?=\n =?utf-8?Q?=BC=C3?= =?UTF-8?B?n2U=?=");
        header("encoded-base64-split", "=?utf-8?B?R3LDvM?= =?utf-8?B?OfZQ==?=");
        header("encoded-unpadded", "=?utf-8?B?R3LDvMOfZQ?=");
        header("encoded-with-blanks", "=?utf-8?Q?Gr=C3=BC=C3=9Fe to all?=");
        header("encoded-side-by-side", "=?utf-8?Q?Gr=C3=BC?==?utf-8?Q?=C3=9Fe?=");
        header("encoded-within-text", "a=?utf-8?Q?Gr=C3=BC=C3=9Fe?=b");
        header("encoded-in-quotes", "\"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=\"");
        header("encoded-language", "=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=");
        header("encoded-unknown-charset", "=?x-klingon?Q?Gr=FC=DFe?=");
        header("encoded-unknown-encoding", "=?utf-8?X?abc?=");
        header("encoded-not-closed", "=?utf-8?Q?Gr=C3=BC =?utf-8?Q?=C3=9Fe?=");
        header("encoded-raw-octets", "=?utf-8?Q?" + utf8("Gr\u00fc") + "=C3=9Fe?=");
        header("encoded-empty", "=?utf-8?Q??= =?utf-8?B??=x");
        header("encoded-controls", "=?utf-8?Q?=1B[2J=0D=0ABcc:_x=00=C2=9B?=");
        header("encoded-iso-2022-jp", "=?ISO-2022-JP?B?GyRCJDMkcyRLJEEkTxsoQg==?=");
        header("encoded-gb2312", "=?gb2312?B?1tDOxA==?=");
        header("raw-utf8-header", utf8("Gr\u00fc\u00dfe \u20ac"));
        header("raw-latin1-header", "Gr\u00fc\u00dfe \u0080");
        header("quadratic-words", "=?a?q?".repeat(20_000));
        header("quadratic-good-words", "=?utf-8?B?Q?= ".repeat(10_000));
        ALL.put("odd-header", () -> octets("Subject:nasty odd-header\nFrom : a@example.org\nnot a field\n continued\n: no name\nX-Empty:\nTo: b@example.org,\n\tc@example.org\n\ntext\n"));
        ALL.put("never-ending-header", () -> octets("Subject: nasty never-ending-header\nThis text comes without an empty line\nbefore it.\n"));
        ALL.put("blank-in-the-empty-line", () -> octets("Subject: nasty blank-in-the-empty-line\n \nThe line before has a blank in it.\n\n"));
        ALL.put("many-subjects", () -> octets("Subject: nasty many-subjects\nSubject: second\n\ntext\n"));
        ALL.put("odd-addresses", () -> octets("Subject: nasty odd-addresses\nFrom: ann@example.org (Ann)\nTo: \"Doe, \\\"Joe\\\"\" <joe@example.org>, Team: x@example.org, y@example.org;\n"
            + "Cc: <<<@,;:\n\ntext\n"));
        ALL.put("parentheses", () -> octets("Subject: nasty parentheses\nFrom: " + "(".repeat(1 << 20) + "\n\ntext\n"));
    }

    private static void header(String name, String subject) {
        ALL.put(name, () -> octets("Subject: " + subject + "\nFrom: " + (subject.length() > 1000 ? "a@example.org" : subject + " <a@example.org>") + "\nMessage-ID: <" + name
            + "@nasty.example.org>\n\ntext\n"));
    }

    private static void addHuge() {
        HUGE.put("million-parts", () -> message("million-parts", "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n".repeat(1_000_000)));
        HUGE.put("million-headers", () -> message("million-headers", "X: y\n".repeat(1_000_000) + "\ntext\n"));
        HUGE.put("ten-megabyte-header", () -> message("ten-megabyte-header", "X-Long: " + ("x".repeat(70) + "\n ").repeat(150_000) + "\n\ntext\n"));
        HUGE.put("ten-megabytes-in-many-fields", () -> message("ten-megabytes-in-many-fields", ("X-Long: " + "x".repeat(5000) + "\n").repeat(2000) + "\ntext\n"));
        HUGE.put("hundred-thousand-levels", () -> message("hundred-thousand-levels", levels(100_000)));
        HUGE.put("megabytes-of-blanks", () -> message("megabytes-of-blanks", "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nx" + " ".repeat(32 << 20) + "y\n"));
        HUGE.put("huge-html", () -> message("huge-html", "Content-Type: text/html\n\n" + "<b>".repeat(4_000_000)));
        HUGE.put("huge-text", () -> message("huge-text", "\n" + "\u001b[2J text \n".repeat(1_000_000)));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(ISO_8859_1));
    }
}
