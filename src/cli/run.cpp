#include "src/cli/run.hpp"

#include "events/writer.hpp"
#include "src/cli/help.hpp"
#include "src/cli/parse.hpp"

#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cli {
namespace {

void put_error(const std::string& line) {
    const auto text = line + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
}

/// The last line on stderr: for people, or in JSON modes one object with the keys of a problem.
int print_failure(const Failure& failure, Format format) {
    const auto& refusal = failure.refusal;
    auto message = std::string{refusal.why.title};
    if (!refusal.detail.empty()) message += ": " + refusal.detail;
    if (format == Format::json || format == Format::jsonl) {
        for (const auto& fault : refusal.faults) message += "; " + fault.detail;
        events::Writer out;
        out.open().key("kind").text("error").key("exit_code").integer(failure.exit_code);
        out.key("code").text(refusal.why.slug).key("message").text(message);
        if (!failure.hint.empty()) out.key("hint").text(failure.hint);
        put_error(out.close().take());
        return failure.exit_code;
    }
    put_error("error: " + message);
    for (const auto& fault : refusal.faults) put_error("  " + fault.detail);
    if (!failure.hint.empty()) put_error("  " + failure.hint);
    return failure.exit_code;
}

std::size_t terminal_width() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
    return 80;
}

Screen screen_of(const Globals& globals, const runtime::Environment& environment) {
    Screen screen;
    screen.terminal = ::isatty(STDOUT_FILENO) != 0;
    screen.width = terminal_width();
    const auto set = [&](std::string_view name) {
        const auto found = environment.find(name);
        return found != environment.end() && !found->second.empty();
    };
    const auto term = environment.find("TERM");
    const bool dumb = term == environment.end() || term->second == "dumb";
    screen.colour =
        globals.colour == "always" || (globals.colour == "auto" && !set("NO_COLOR") &&
                                       (set("FORCE_COLOR") || (screen.terminal && !dumb)));
    return screen;
}

int print_version(Format format) {
    Printer printer{stdout, format, {}};
    if (format == Format::table) {
        printer.print(Text{"cairn " + std::string{version} + "\n"});
        return ok;
    }
    Record record;
    record.fields.emplace_back("version", std::string{version});
    record.fields.emplace_back("compiler", std::string{"GCC "} + __VERSION__);
    printer.print(record);
    return ok;
}

int run_command(const Parsed& parsed, const runtime::Environment& environment) {
    Context context;
    context.globals = parsed.globals;
    context.values = parsed.values;
    context.words = parsed.words;
    context.terminal = ::isatty(STDERR_FILENO) != 0;
    if (environment.contains("CI")) context.globals.no_input = true;
    if (parsed.command->needs_config) {
        auto config = runtime::load_config({parsed.config_file, environment, parsed.overrides});
        if (!config) return print_failure(std::move(config.error()), parsed.globals.output);
        context.config = *std::move(config);
    }
    Printer printer{stdout, parsed.globals.output, screen_of(parsed.globals, environment)};
    context.printer = &printer;
    const auto outcome = parsed.command->run(context);
    if (!outcome) return print_failure(outcome.error(), parsed.globals.output);
    printer.print(outcome->data);
    for (const auto& note : outcome->notes) context.say(note);
    return outcome->exit_code;
}

int run_words(const Words& words) {
    const auto environment = runtime::process_environment();
    const auto output = environment.find("CAIRN_OUTPUT");
    const auto parsed = parse(words, output == environment.end() ? "" : output->second);
    if (!parsed) return print_failure(parsed.error(), format_in(words));
    if (parsed->version) return print_version(parsed->globals.output);
    if (parsed->help) {
        Printer{stdout, Format::table, {}}.print(Text{help_text(*parsed->help)});
        return ok;
    }
    return run_command(*parsed, environment);
}

}  // namespace

int run(int argc, char** argv) {
    const Words words{argv + 1, argv + argc};
    try {
        return run_words(words);
    } catch (const std::exception& error) {
        constexpr domain::Reason defect{domain::Reason::Kind::defect, "internal",
                                        "Something went wrong on our side"};
        return print_failure(domain::Refusal{defect, error.what()}, format_in(words));
    }
}

}  // namespace cli
