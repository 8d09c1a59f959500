#include "src/runtime/serve.hpp"

#include "src/cli/handlers.hpp"

#include <cstdlib>

namespace cli {
namespace {

/// A directory of our own that goes away with this object.
class Ephemeral {
public:
    Ephemeral() {
        std::string pattern = (std::filesystem::temp_directory_path() / "cairn-XXXXXX").string();
        if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    ~Ephemeral() {
        std::error_code error;
        if (!path_.empty()) std::filesystem::remove_all(path_, error);
    }
    Ephemeral(const Ephemeral&) = delete;
    Ephemeral& operator=(const Ephemeral&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// With --port alone the admin listener moves along, so that two can run side by side.
void move_admin_listener(runtime::Config& config, int port) {
    const auto origin = config.origins.find("http.admin_listen");
    if (origin != config.origins.end() && origin->second == "default" && port < 65'535)
        config.http.admin_listen = "127.0.0.1:" + std::to_string(port + 1);
}

}  // namespace

Outcome serve(Context& context) { return Answer{{}, runtime::serve(context.config)}; }

Outcome dev(Context& context) {
    auto& config = context.config;
    runtime::DevOptions options;
    options.data_dir = config.data_dir;
    options.port = runtime::address_from(config.http.listen).value_or(runtime::Address{}).port;
    options.reset = context.has("reset");
    options.ephemeral = context.has("ephemeral");
    options.seed = context.text("seed", "demo");
    if (context.has("port") && !context.has("listen")) move_admin_listener(config, options.port);
    if (options.ephemeral) {
        const Ephemeral directory;
        options.data_dir = config.data_dir = directory.path();
        config.secrets_dir = config.data_dir / "secrets";
        return Answer{{}, runtime::dev(config, options)};
    }
    std::error_code error;
    if (options.reset && std::filesystem::exists(options.data_dir / "pg", error)) {
        if (auto sure = context.confirm("throw away all data in " + options.data_dir.string());
            !sure)
            return std::unexpected(std::move(sure.error()));
    }
    return Answer{{}, runtime::dev(config, options)};
}

}  // namespace cli
