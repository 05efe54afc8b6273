package dev.countersign.attacks;

import jakarta.servlet.ServletContext;
import java.net.URI;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.http.HttpMethod;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.test.web.servlet.request.AbstractMockHttpServletRequestBuilder;

/// A request that remembers which parameters the program looked for: a field that lands later, and that no recipe fills, is seen.
final class Asked extends AbstractMockHttpServletRequestBuilder<Asked> {
    private final Set<String> looked = new TreeSet<>();

    Asked(HttpMethod method, URI address) {
        super(method);
        uri(address);
    }

    /// Names of parameters by which the program asked, one by one.
    Set<String> looked() {
        return looked;
    }

    @Override
    protected MockHttpServletRequest createServletRequest(ServletContext context) {
        return new MockHttpServletRequest(context) {
            @Override
            public String getParameter(String name) {
                looked.add(name);
                return super.getParameter(name);
            }

            @Override
            public String[] getParameterValues(String name) {
                looked.add(name);
                return super.getParameterValues(name);
            }

            @Override
            public Map<String, String[]> getParameterMap() {
                Map<String, String[]> sent = super.getParameterMap();
                return new AbstractMap<>() {
                    @Override
                    public Set<Entry<String, String[]>> entrySet() {
                        return sent.entrySet();
                    }

                    @Override
                    public String[] get(Object name) {
                        looked.add(String.valueOf(name));
                        return sent.get(name);
                    }

                    @Override
                    public boolean containsKey(Object name) {
                        looked.add(String.valueOf(name));
                        return sent.containsKey(name);
                    }
                };
            }
        };
    }
}
