package dev.countersign.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/// Refuses a body that is larger than its door, before anything of it is kept: by the announced length, and by counting where
/// none is announced. Forms are read by the container past that count, so one that announces no length is refused; none of a
/// browser's does.
final class RequestSize extends OncePerRequestFilter {
    static final long FORM = 64 * 1024;
    static final long DOCUMENT = 1024 * 1024;

    /// A document as a field of a form: in the writing of forms a byte takes up to three.
    static final long DOCUMENT_IN_FORM = 3 * DOCUMENT;

    /// Policies come as whole documents; everything else is a form or a small record.
    private static long cap(HttpServletRequest request) {
        String path = request.getRequestURI();
        if (path.equals("/policies")) {
            return DOCUMENT_IN_FORM;
        }
        boolean document = path.equals("/api/v1/policies/validation") || path.equals("/api/v1/comparisons");
        return document ? DOCUMENT : FORM;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        long cap = cap(request);
        if (formWithoutLength(request)) {
            response.sendError(HttpServletResponse.SC_LENGTH_REQUIRED);
            return;
        }
        if (request.getContentLengthLong() > cap) {
            response.sendError(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
            return;
        }
        chain.doFilter(request.getContentLengthLong() < 0 ? new Counted(request, cap) : request, response);
    }

    private static boolean formWithoutLength(HttpServletRequest request) {
        String type = request.getContentType();
        return request.getHeader("Transfer-Encoding") != null && type != null
                && type.toLowerCase(java.util.Locale.ROOT).startsWith("application/x-www-form-urlencoded");
    }

    /// The body turned out longer than allowed while it was read.
    static final class TooLong extends IOException {
        TooLong(long cap) {
            super("body exceeds " + cap + " bytes");
        }
    }

    private static final class Counted extends HttpServletRequestWrapper {
        private final long cap;

        Counted(HttpServletRequest request, long cap) {
            super(request);
            this.cap = cap;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new CountedStream(super.getInputStream(), cap);
        }
    }

    private static final class CountedStream extends ServletInputStream {
        private final ServletInputStream body;
        private final long cap;
        private long read;

        CountedStream(ServletInputStream body, long cap) {
            this.body = body;
            this.cap = cap;
        }

        @Override
        public int read() throws IOException {
            int next = body.read();
            if (next >= 0) count(1);
            return next;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int got = body.read(into, offset, length);
            if (got > 0) count(got);
            return got;
        }

        private void count(int more) throws TooLong {
            read += more;
            if (read > cap) throw new TooLong(cap);
        }

        @Override
        public boolean isFinished() {
            return body.isFinished();
        }

        @Override
        public boolean isReady() {
            return body.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            body.setReadListener(listener);
        }
    }
}
