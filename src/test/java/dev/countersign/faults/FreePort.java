package dev.countersign.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/// A port for a process that has not started yet. Not one of those that a system gives to whoever asks for any (32768 and above where
/// nobody changed it): until the process listens there, a connection of somebody else may have got it.
final class FreePort {
    private static final int LOWEST = 12_000;
    private static final int BOUND = 32_000;
    private static final int TRIES = 1_000;

    private FreePort() {
    }

    static int any() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, BOUND);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // the next one
            }
        }
        throw new UncheckedIOException(new IOException("no free port among " + TRIES + " between " + LOWEST + " and " + BOUND));
    }
}
