package dev.countersign.web;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/// The same headers for what the container refuses by itself, before any filter is asked: a path that climbs out, a host it
/// does not know.
final class ContainerHeaders extends ValveBase {
    ContainerHeaders() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        SecurityHeaders.write(request, response);
        getNext().invoke(request, response);
    }
}
