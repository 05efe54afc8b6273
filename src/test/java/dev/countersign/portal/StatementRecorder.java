package dev.countersign.portal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/// What the program says to its database: statements and transactions, in order, of one thread while `during` runs on it.
/// MockMvc answers on the thread that asks, so a recording is what one page costs, sessions and all:
///
/// ```java
/// Recording page = StatementRecorder.during(() -> mvc.perform(get("/requests").with(...)));
/// page.statements(); page.transactions();
/// ```
///
/// It stands before the pool of every `@PortalTest`, so it counts what the driver is asked, whoever asks: JPA, JdbcClient, Spring Session.
@TestComponent
public class StatementRecorder implements BeanPostProcessor {
    private static final ThreadLocal<Recording> CURRENT = new ThreadLocal<>();
    private static final ThreadLocal<Fault> FAULT = new ThreadLocal<>();
    private static final Set<String> EVERYTHING = ConcurrentHashMap.newKeySet();

    /// What one piece of work said. `statements` are texts as the driver got them; `transactions` counts those that ran at
    /// least one statement, a statement outside of one counts as its own.
    public static final class Recording {
        private final List<String> statements = new ArrayList<>();
        private int transactions;

        public List<String> statements() {
            return List.copyOf(statements);
        }

        public int transactions() {
            return transactions;
        }

        /// Texts without white space and literals that differ between calls, each once.
        public Set<String> normalised() {
            return statements.stream().map(StatementRecorder::normal).collect(java.util.stream.Collectors.toCollection(TreeSet::new));
        }
    }

    /// One text for all calls of one statement. A list of placeholders counts as one; a literal stays: nothing that a person
    /// sends may ever become one.
    public static String normal(String sql) {
        return sql.strip().replaceAll("\\s+", " ").replaceAll("\\?(::[a-z]+)?(, ?\\?(::[a-z]+)?)+", "?, ...");
    }

    public static Recording during(Callable<?> work) throws Exception {
        Recording outer = CURRENT.get();
        Recording recording = new Recording();
        CURRENT.set(recording);
        try {
            work.call();
        } finally {
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
        }
        return recording;
    }

    /// What a statement met instead of its answer: `text`, empty while none was struck.
    public static final class Fault {
        private final String state;
        private int left;
        private String text = "";

        private Fault(int place, String state) {
            this.left = place;
            this.state = state;
        }

        public String text() {
            return text;
        }
    }

    /// Does `work` and lets the server itself refuse the statement at `place`, counted from 1, with this SQLSTATE: the transaction
    /// is as broken as by any error of its own.
    public static Fault failing(int place, String state, Runnable work) {
        Fault fault = new Fault(place, state);
        FAULT.set(fault);
        try {
            work.run();
        } finally {
            FAULT.remove();
        }
        return fault;
    }

    private static void strike(Connection connection, String text) throws SQLException {
        Fault fault = FAULT.get();
        if (fault == null || fault.left == 0 || --fault.left > 0) {
            return;
        }
        fault.text = text;
        try (Statement raising = connection.createStatement()) {
            raising.execute("do $$ begin raise exception 'planted' using errcode = '" + fault.state + "'; end $$");
        }
        throw new IllegalStateException("the server did not raise " + fault.state);
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof DataSource pool && !(bean instanceof Recorded) ? new Recorded(pool) : bean;
    }

    private static final class Recorded extends DelegatingDataSource {
        Recorded(DataSource pool) {
            super(pool);
        }

        @Override
        public Connection getConnection() throws SQLException {
            return around(super.getConnection());
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return around(super.getConnection(user, password));
        }
    }

    private static Connection around(Connection connection) {
        boolean[] counted = {false};
        return proxy(Connection.class, (proxy, method, arguments) -> {
            switch (method.getName()) {
                case "commit", "rollback", "setAutoCommit", "close" -> counted[0] = false;
                default -> {}
            }
            Object answer = call(connection, method, arguments);
            return switch (answer) {
                case PreparedStatement prepared -> around(PreparedStatement.class, prepared, connection, (String) arguments[0], counted);
                case Statement bare -> around(Statement.class, bare, connection, null, counted);
                case null, default -> answer;
            };
        });
    }

    private static <S extends Statement> S around(Class<S> type, S statement, Connection connection, String prepared, boolean[] counted) {
        return proxy(type, (proxy, method, arguments) -> {
            if (method.getName().startsWith("execute")) {
                String text = arguments != null && arguments.length > 0 && arguments[0] instanceof String given ? given : prepared;
                heard(text == null ? "(batch)" : text, connection.getAutoCommit(), counted);
                strike(connection, text == null ? "(batch)" : text);
            }
            return call(statement, method, arguments);
        });
    }

    /// Every text that any thread of this virtual machine sent so far, batches left out.
    public static Set<String> everything() {
        return new TreeSet<>(EVERYTHING);
    }

    private static void heard(String text, boolean alone, boolean[] counted) {
        EVERYTHING.add(text);
        Recording recording = CURRENT.get();
        if (recording == null) {
            return;
        }
        recording.statements.add(text);
        if (alone || !counted[0]) {
            recording.transactions++;
        }
        counted[0] = !alone;
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }

    private static <T> T proxy(Class<T> type, java.lang.reflect.InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(StatementRecorder.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
