///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DESCRIPTION Joins bounces and complaints in a maildrop with the journal of mailtool bulk, and notes who gets no more mail.
//DESCRIPTION ./jbangw examples/Bounces.java pop3s://bounces@mail.example.org may.journal gone.txt
//SOURCES ../MailTool.java

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static mailtool.MailTool.*;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Bounces SERVER JOURNAL SUPPRESS. SERVER is pop3s://user@host or the name of an account (see: mailtool help accounts), JOURNAL
 * is what bulk wrote; JOURNAL.K-of-N of its shards are read too. A line for each mail of ours that failed, with tabs between: its
 * key, the address, the enhanced code (or complaint), permanent or temporary. Addresses that are gone and those of people who
 * complained are added to SUPPRESS, for bulk --suppress. Nothing is deleted.
 */
class Bounces {
    static final Set<String> RETURNED = Set.of("message/rfc822", "text/rfc822-headers", "message/global",
            "message/global-headers");
    static final Set<String> REPORTS = Set.of("message/delivery-status", "message/global-delivery-status",
            "message/feedback-report");
    static final Set<String> NO_COMPLAINTS = Set.of("", "not-spam", "auth-failure");
    static final Pattern MESSAGE_ID = Pattern.compile("<[^<>\\s]+>");
    static final Pattern COMMENT = Pattern.compile("\\((?:[^()]|\\([^()]*\\))*\\)");
    static final Pattern LETTER = Pattern.compile("\\\\x\\{(\\p{XDigit}{2,5})}");
    static final Pattern CODE = Pattern.compile("[45]\\.\\d{1,3}\\.\\d{1,3}");
    static final Pattern REPLY_CODE =
            Pattern.compile("(?i)smtp *; *(?:[45][.\\d]+ - [^']{0,99})?\\d{3}[ -]'?#?(" + CODE + ")\\b");
    static final int LONGEST = 1_000_000;

    /** What a report says of one recipient, who may go by two addresses. */
    record Bounce(String messageId, List<String> addresses, String code) {
        /** An alias bounces under the name of what is behind it; ours is the one that we wrote to, if that can be told. */
        String address(List<String> to) {
            var named = addresses.stream().flatMap(address -> to.stream().filter(address::equalsIgnoreCase));
            return Stream.concat(named, to.size() == 1 ? to.stream() : addresses.stream()).findFirst().orElse("");
        }

        boolean isAboutTheAddress() {
            return code.matches("5\\.1\\.\\d+|5\\.2\\.1|complaint");
        }

        /** Much of it is a stranger's text: no control character of it should reach the terminal. */
        String line(String key, String address) {
            return Stream.of(key, address, code, code.startsWith("4") ? "temporary" : "permanent")
                    .map(text -> text.replaceAll("[\\p{Cntrl}\\p{Cf}]", "?")).collect(Collectors.joining("\t"));
        }
    }

    public static void main(String... args) {
        if (args.length != 3) {
            System.err.println("usage: Bounces SERVER JOURNAL SUPPRESS");
            System.exit(64);
        }
        try {
            var bounces = bounces(pop3(args[0]));
            suppress(Path.of(args[2]), printed(bounces, sent(Path.of(args[1]), bounces)));
        } catch (MailException e) {
            System.err.println(e.getMessage());
            System.exit(e.exit().code);
        } catch (IOException e) {
            System.err.println("can't add to " + args[2] + ": " + e);
            System.exit(Exit.OUTPUT.code);
        }
    }

    static List<Bounce> bounces(Server<Pop3> server) {
        try (var box = server.open()) {
            return box.stream().filter(Bounces::mayBeReport).flatMap(Bounces::bounces).toList();
        }
    }

    /** Its header tells, so that no other is fetched. */
    static boolean mayBeReport(Message mail) {
        return mail.header("Content-Type").stream().anyMatch(type -> lower(type.strip()).startsWith("multipart/"));
    }

    static Stream<Bounce> bounces(Message mail) {
        var parts = mail.parts();
        return messageIds(mail, parts).map(MESSAGE_ID::matcher).filter(id -> id.find()).limit(1)
                .flatMap(id -> parts.stream().flatMap(part -> bounces(id.group(), part)));
    }

    /** Of what was returned, by its type or its place; where nothing was, of whatever is named. */
    static Stream<String> messageIds(Message mail, List<Attachment> parts) {
        var report = parts.stream().dropWhile(part -> !REPORTS.contains(part.type())).toList();
        var returned = Stream.concat(parts.stream().filter(part -> RETURNED.contains(part.type())), report.stream().skip(1))
                .flatMap(part -> blocks(part).limit(1)).flatMap(header -> fields(header, "Message-ID"));
        var named = report.stream().limit(1).flatMap(Bounces::blocks)
                .flatMap(fields -> fields(fields, "X-Original-Message-ID"));
        return Stream.of(returned, named, mail.header("In-Reply-To").stream()).flatMap(ids -> ids);
    }

    static Stream<Bounce> bounces(String id, Attachment part) {
        return switch (part.type()) {
            case "message/delivery-status", "message/global-delivery-status" -> blocks(part)
                    .filter(recipient -> word(recipient, "Action").equals("failed"))
                    .map(recipient -> new Bounce(id, addresses(recipient), code(recipient)));
            case "message/feedback-report" -> blocks(part)
                    .filter(report -> !NO_COMPLAINTS.contains(word(report, "Feedback-Type")))
                    .map(report -> new Bounce(id, addresses(report), "complaint"));
            default -> Stream.empty();
        };
    }

    /** Without their type, as in {@code rfc822;ann@example.org}; RFC 6533, 3 has letters of all languages as \x{FC}. */
    static List<String> addresses(String block) {
        return Stream.of("Original-Recipient", "Final-Recipient", "Original-Rcpt-To").flatMap(name -> fields(block, name))
                .map(value -> value.replaceFirst("^[^;@]*;", "").strip().replaceAll("^<|>$", ""))
                .map(value -> LETTER.matcher(value).replaceAll(one -> letter(Integer.parseInt(one.group(1), 16))))
                .filter(address -> !address.isEmpty()).toList();
    }

    static String letter(int point) {
        return Matcher.quoteReplacement(Character.toString(point));
    }

    /** Where the status is as vague as Exim's 5.0.0, or 5.1.1 as Sendmail has for any 550, the server's reply knows better. */
    static String code(String recipient) {
        var status = fields(recipient, "Status").map(CODE::matcher).filter(code -> code.find()).map(code -> code.group());
        var code = status.findFirst().orElse("5.0.0");
        var reply = fields(recipient, "Diagnostic-Code").map(REPLY_CODE::matcher).filter(found -> found.lookingAt());
        var isVague = code.matches("[45]\\.0\\.0|5\\.1\\.1");
        return isVague ? reply.map(found -> found.group(1)).findFirst().orElse(code) : code;
    }

    /** In lower case. */
    static String word(String block, String name) {
        return lower(fields(block, name).findFirst().orElse("").replaceFirst("[\\s;].*", ""));
    }

    /** Without comments. */
    static Stream<String> fields(String block, String name) {
        return Pattern.compile("(?im)^" + name + "[ \t]*:(.*)$").matcher(block).results()
                .map(field -> COMMENT.matcher(field.group(1)).replaceAll("").strip());
    }

    /** Groups of unfolded fields with empty lines between; of a mail the first is its header. */
    static Stream<String> blocks(Attachment part) {
        try (var in = part.open()) {
            var text = new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8).replace("\r\n", "\n").strip();
            return Stream.of(text.replaceAll("\n[ \t]+(?=\\S)", " ").split("\n[ \t]*\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By Message-ID, of those that bounced alone: a journal may have millions. */
    static Map<String, List<JournalRecord>> sent(Path path, List<Bounce> bounces) {
        var ids = bounces.stream().map(Bounce::messageId).collect(Collectors.toSet());
        try (var records = journal(path)) {
            return records.filter(record -> ids.contains(record.messageId()))
                    .collect(Collectors.groupingBy(JournalRecord::messageId));
        }
    }

    /** The addresses that should get no more mail. */
    static Set<String> printed(List<Bounce> bounces, Map<String, List<JournalRecord>> sent) {
        var gone = new LinkedHashSet<String>();
        for (var bounce : bounces) {
            var records = sent.getOrDefault(bounce.messageId(), List.of());
            var to = records.stream().flatMap(record -> record.to().stream()).distinct().toList();
            var address = bounce.address(to);
            records.stream().limit(1).forEach(record -> System.out.println(bounce.line(record.key(), address)));
            if (bounce.isAboutTheAddress() && to.contains(address)) {
                gone.add(address);
            }
        }
        return gone;
    }

    static void suppress(Path file, Set<String> gone) throws IOException {
        var before = Files.exists(file) ? Files.readString(file) : "";
        var known = before.lines().map(line -> lower(line.strip())).collect(Collectors.toCollection(HashSet::new));
        var added = gone.stream().filter(address -> known.add(lower(address))).map(address -> address + "\n").toList();
        var lineEnd = before.isEmpty() || before.endsWith("\n") || added.isEmpty() ? "" : "\n";
        Files.writeString(file, lineEnd + String.join("", added), CREATE, APPEND);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
