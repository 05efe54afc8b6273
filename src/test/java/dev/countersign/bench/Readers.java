package dev.countersign.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Browsers that listen for news, in a process of their own, so that their sockets are not counted with the portal's. Takes the portal's
/// address, how many there are, and how many share a session; the cookies of the sessions are lines of its input, until an empty one.
///
/// They come a few at a time, as browsers do that were not all opened in one moment.
///
/// Says a line for each stream that is answered, `open`, for each that is refused, `refused STATUS`, for each that ends, `over`, and for each piece of news that one of
/// them hears, `NUMBER NANOS`, by the monotonic clock that all processes of a Linux machine share. Ends with its input.
final class Readers {
    private static final int AT_ONCE = 4;
    private static final Pattern NEWS = Pattern.compile("event:request\ndata:([0-9 ]+)\n");

    private static final Semaphore COMING = new Semaphore(AT_ONCE);

    private Readers() {}

    public static void main(String[] arguments) throws Exception {
        URI url = URI.create(arguments[0]);
        int clients = Integer.parseInt(arguments[1]);
        int ofASession = Integer.parseInt(arguments[2]);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        List<String> cookies = new ArrayList<>();
        for (String line = input.readLine(); line != null && !line.isEmpty(); line = input.readLine()) {
            cookies.add(line);
        }
        Selector selector = Selector.open();
        Thread.ofPlatform().daemon().start(() -> listen(selector));
        for (int i = 0; i < clients; i++) {
            COMING.acquire();
            SocketChannel socket = SocketChannel.open(new InetSocketAddress("127.0.0.1", url.getPort()));
            socket.write(ByteBuffer.wrap(("GET /news HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\nAccept: text/event-stream\r\nCookie: " + cookies.get(i / ofASession) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII)));
            socket.configureBlocking(false);
            socket.register(selector, SelectionKey.OP_READ);
            selector.wakeup();
        }
        while (input.readLine() != null) {
            // Whoever started it lets go of it.
        }
        System.exit(0);
    }

    private static void listen(Selector selector) {
        ByteBuffer buffer = ByteBuffer.allocate(16_384);
        while (true) {
            try {
                selector.select(50);
                for (SelectionKey key : selector.selectedKeys()) {
                    read(key, buffer.clear());
                }
                selector.selectedKeys().clear();
            } catch (IOException | java.nio.channels.CancelledKeyException over) {
                selector.selectedKeys().clear();
            }
            System.out.flush();
        }
    }

    private static void read(SelectionKey key, ByteBuffer buffer) throws IOException {
        if (((SocketChannel) key.channel()).read(buffer) < 0) {
            key.cancel();
            System.out.println("over");
            return;
        }
        String said = new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
        if (said.startsWith("HTTP/1.1 ")) {
            COMING.release();
        }
        if (said.startsWith("HTTP/1.1 200")) {
            System.out.println("open");
        } else if (said.startsWith("HTTP/1.1")) {
            System.out.println("refused " + said.substring(9, 12));
        }
        Matcher news = NEWS.matcher(said);
        while (news.find()) {
            for (String number : news.group(1).split(" ")) {
                System.out.println(number + " " + System.nanoTime());
            }
        }
    }
}
