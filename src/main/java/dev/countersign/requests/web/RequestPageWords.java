package dev.countersign.requests.web;

import dev.countersign.requests.RequestState;
import dev.countersign.requests.RequestView;
import dev.countersign.requests.ServiceAccess;
import java.util.ArrayList;
import java.util.List;

/// What a request's page and the list say in words: the state with its kind of mark, and the details that the sentence leaves out.
public record RequestPageWords(String kind, String state, List<Detail> details) {
    public record Detail(String name, List<String> values) {}

    static RequestPageWords of(RequestView request) {
        return new RequestPageWords(kind(request.state()), word(request.state()), details(request));
    }

    static String word(RequestState state) {
        return switch (state) {
            case SUBMITTED -> "waits for a decision";
            case CHANGES_REQUESTED -> "waits for changes";
            case APPROVED -> "approved";
            case REJECTED -> "rejected";
            case WITHDRAWN -> "withdrawn";
            case LAPSED -> "lapsed";
        };
    }

    static String kind(RequestState state) {
        return switch (state) {
            case SUBMITTED, CHANGES_REQUESTED -> "waits";
            case APPROVED -> "done";
            case REJECTED -> "fails";
            case WITHDRAWN, LAPSED -> "over";
        };
    }

    /// Everything that was asked for, complete: the sentence names only the first few.
    private static List<Detail> details(RequestView request) {
        List<Detail> details = new ArrayList<>();
        switch (request.ask()) {
            case ServiceAccess ask -> {
                details.add(new Detail("Callers", ask.from().stream().map(FormText::source).toList()));
                details.add(new Detail("Service", List.of(ask.to().namespace() + "/" + ask.workload())));
                details.add(new Detail("Calls", ask.wholeService() ? List.of("everything")
                        : ask.operations().stream().map(FormText::operation).toList()));
                if (!ask.conditions().isEmpty()) {
                    details.add(new Detail("Only if", ask.conditions().stream().map(FormText::condition).toList()));
                }
                details.add(new Detail("Clusters", ask.clusters()));
            }
        }
        return details;
    }
}
