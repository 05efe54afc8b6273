package dev.countersign.faults.clock;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/// Redirects the questions of a class for the time by its constant pool alone: a reference to a method of the machine's clocks gets
/// `StrayTime` as its class. No code changes, so no stack map does, and a reference such as `System::nanoTime` is met as well.
/// Source: Java Virtual Machine Specification, 4.4.
///
/// Runs while classes are loaded: plain loops, so that it needs no class that is just being loaded.
final class ConstantPool {
    private static final String INSTEAD = "dev/countersign/faults/clock/StrayTime";
    private static final Map<String, Set<String>> CLOCKS = Map.of(
            "java/lang/System", Set.of("currentTimeMillis", "nanoTime"),
            "jdk/internal/misc/VM", Set.of("getNanoTimeAdjustment"));
    private static final byte[][] SIGNS = {bytes("currentTimeMillis"), bytes("nanoTime"), bytes("getNanoTimeAdjustment")};

    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int STRING = 8;
    private static final int METHOD = 10;
    private static final int NAME_AND_TYPE = 12;
    private static final int METHOD_HANDLE = 15;
    private static final int METHOD_TYPE = 16;
    private static final int MODULE = 19;
    private static final int PACKAGE = 20;

    private ConstantPool() {}

    /// The class file that asks `StrayTime`; an empty one when this class asks no clock.
    static byte[] redirected(byte[] type) {
        if (!contains(type, SIGNS[0]) && !contains(type, SIGNS[1]) && !contains(type, SIGNS[2])) {
            return new byte[0];
        }
        try {
            return redirect(type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] redirect(byte[] type) throws IOException {
        int count = ByteBuffer.wrap(type).getShort(8) & 0xffff;
        int[] offsets = new int[count];
        int end = 10;
        for (int i = 1; i < count; i++) {
            offsets[i] = end;
            int tag = type[end];
            end += 1 + switch (tag) {
                case UTF8 -> 2 + two(type, end + 1);
                case LONG, DOUBLE -> 8;
                case CLASS, STRING, METHOD_TYPE, MODULE, PACKAGE -> 2;
                case METHOD_HANDLE -> 3;
                default -> 4;
            };
            if (tag == LONG || tag == DOUBLE) {
                i++;
            }
        }
        byte[] changed = type.clone();
        boolean any = false;
        for (int i = 1; i < count; i++) {
            if (offsets[i] != 0 && type[offsets[i]] == METHOD) {
                String owner = text(type, offsets, two(type, offsets[two(type, offsets[i] + 1)] + 1));
                int nameAndType = offsets[two(type, offsets[i] + 3)];
                if (type[nameAndType] == NAME_AND_TYPE && CLOCKS.getOrDefault(owner, Set.of()).contains(text(type, offsets, two(type, nameAndType + 1)))) {
                    // The class that comes last, after its name.
                    ByteBuffer.wrap(changed).putShort(offsets[i] + 1, (short) (count + 1));
                    any = true;
                }
            }
        }
        return any ? withOneMoreClass(changed, count, end) : new byte[0];
    }

    private static byte[] withOneMoreClass(byte[] type, int count, int end) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(type.length + 64);
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(type, 0, 8);
        out.writeShort(count + 2);
        out.write(type, 10, end - 10);
        out.writeByte(UTF8);
        out.writeUTF(INSTEAD);
        out.writeByte(CLASS);
        out.writeShort(count);
        out.write(type, end, type.length - end);
        return bytes.toByteArray();
    }

    private static int two(byte[] type, int at) {
        return (type[at] & 0xff) << 8 | type[at + 1] & 0xff;
    }

    private static String text(byte[] type, int[] offsets, int index) throws IOException {
        int at = offsets[index] + 1;
        return new DataInputStream(new ByteArrayInputStream(type, at, 2 + two(type, at))).readUTF();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean contains(byte[] type, byte[] sign) {
        for (int i = 0; i <= type.length - sign.length; i++) {
            if (type[i] == sign[0] && Arrays.equals(type, i, i + sign.length, sign, 0, sign.length)) {
                return true;
            }
        }
        return false;
    }
}
