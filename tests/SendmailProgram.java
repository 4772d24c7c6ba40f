package mailtool;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A program on a path of its own that other programs call as sendmail, and an account file that only it reads. */
final class SendmailProgram implements AutoCloseable {
    private final Scratch scratch = Scratch.create("sendmail");
    final Path path = scratch.resolve("sendmail");

    /** The keys of its account, {@code KEY = VALUE} a line; it is called ops. */
    SendmailProgram(String... keys) {
        this("", keys);
    }

    /** With more options of the JVM. */
    SendmailProgram(String jvm, String[] keys) {
        scratch.folder("config/mailtool");
        StringBuilder accounts = new StringBuilder("default = ops\nops.spool = " + scratch.resolve("spool") + "\nops.log = " + log() + "\n");
        for (String key : keys) {
            accounts.append(key.contains(".") && key.indexOf('.') < key.indexOf('=') ? "" : "ops.").append(key).append('\n');
        }
        scratch.write("config/mailtool/accounts", accounts.toString());
        scratch.write("sendmail", "#!/bin/sh\nexport XDG_CONFIG_HOME=" + scratch.resolve("config") + "\n"
            + "exec " + Java.quoted() + " " + jvm + " mailtool.MailTool sendmail \"$@\"\n");
        try {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path log() {
        return scratch.resolve("log");
    }

    Path resolve(String name) {
        return scratch.resolve(name);
    }

    Path write(String name, String text) {
        return scratch.write(name, text);
    }

    Program with(Object... words) {
        Object[] command = new Object[words.length + 1];
        command[0] = path;
        System.arraycopy(words, 0, command, 1, words.length);
        return Program.of(command);
    }

    @Override
    public void close() {
        scratch.close();
    }
}
