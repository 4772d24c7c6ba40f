package mailtool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** MailTool as the command {@code mailtool}, for scripts, with an account {@code ops}. */
final class InstalledTool {
    private final Scratch scratch;

    InstalledTool(Scratch scratch) {
        this.scratch = scratch;
        scratch.folder("bin");
        scratch.folder("home/.config/mailtool");
        writeProgram("mailtool", """
            exec %s mailtool.MailTool "$@"
            """.formatted(Java.quoted()));
    }

    /** A shell script on the PATH. */
    InstalledTool writeProgram(String name, String script) {
        try {
            Files.setPosixFilePermissions(scratch.write("bin/" + name, "#!/bin/sh\n" + script), PosixFilePermissions.fromString("rwxr-xr-x"));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InstalledTool account(String url) {
        scratch.write("home/.config/mailtool/accounts", "ops.server = " + url + "\nops.from = ops@example.org\n");
        return this;
    }

    Path home() {
        return scratch.resolve("home");
    }

    String path() {
        return scratch.resolve("bin") + ":" + System.getenv("PATH") + ":/usr/sbin";
    }

    /** A program that finds it. */
    Program program(Object... words) {
        return Program.of(words).env("PATH", path()).env("HOME", home());
    }

    Program run(Object... words) {
        Object[] command = new Object[words.length + 1];
        command[0] = scratch.resolve("bin/mailtool");
        System.arraycopy(words, 0, command, 1, words.length);
        return program(command);
    }
}
