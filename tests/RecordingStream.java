package mailtool;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that keeps a copy of every byte read from it. */
final class RecordingStream extends FilterInputStream {
    private final ByteArrayOutputStream copy;

    RecordingStream(InputStream in, ByteArrayOutputStream copy) {
        super(in);
        this.copy = copy;
    }

    @Override
    public int read() throws IOException {
        int octet = super.read();
        if (octet >= 0) {
            copy.write(octet);
        }
        return octet;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        if (count > 0) {
            copy.write(buffer, offset, count);
        }
        return count;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
