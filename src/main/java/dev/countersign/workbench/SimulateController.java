package dev.countersign.workbench;

import dev.countersign.web.FieldErrors;
import dev.countersign.web.Htmx;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/// "May A call B?" The address is the question, so that an answer can be sent to a colleague.
@Controller
class SimulateController {
    private static final Map<String, String> TLS = new LinkedHashMap<>();

    static {
        TLS.put("", "As the caller does today");
        TLS.put("mutual", "Mutual TLS");
        TLS.put("plain", "Plain text");
    }

    private final Simulator simulator;

    SimulateController(Simulator simulator) {
        this.simulator = simulator;
    }

    @GetMapping("/simulate")
    String simulate(HttpServletRequest request, HttpServletResponse response, Model model) {
        SimulationForm form = SimulationForm.of(request.getParameterMap());
        model.addAttribute("form", form).addAttribute("errors", FieldErrors.NONE).addAttribute("tls", TLS);
        if (Htmx.asks(request)) {
            response.setHeader("HX-Replace-Url", form.url());
        }
        if (!form.untouched()) {
            switch (simulator.simulate(form)) {
                case Simulator.Outcome.Answered(Simulation simulation) -> model.addAttribute("answer", SimulationPage.of(simulation));
                case Simulator.Outcome.Unclear(FieldErrors errors) -> {
                    response.setStatus(422);
                    model.addAttribute("errors", errors);
                }
            }
        }
        return Htmx.view(request, "workbench/simulations/index", "answer");
    }
}
