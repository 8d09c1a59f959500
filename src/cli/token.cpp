#include "src/security/token.hpp"

#include "src/cli/handlers.hpp"
#include "src/runtime/clock.hpp"

#include <charconv>

namespace cli {
namespace {

constexpr std::int64_t seconds_max = 366LL * 86'400;

/// `90s`, `30m`, `12h`, `30d`.
std::optional<int> seconds_from(std::string_view text) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 1 || count > seconds_max) return std::nullopt;
    const std::string_view unit{end, text.data() + text.size()};
    if (unit == "m") count *= 60;
    else if (unit == "h") count *= 3600;
    else if (unit == "d") count *= 86'400;
    else if (unit != "s") return std::nullopt;
    if (count > seconds_max) return std::nullopt;
    return static_cast<int>(count);
}

}  // namespace

Outcome token_create(Context& context) {
    const auto& config = context.config;
    std::optional<int> seconds = config.auth.token_seconds;
    if (context.has("expires")) seconds = seconds_from(context.text("expires"));
    if (!seconds)
        return std::unexpected(Failure{bad_usage, "--expires '" + context.text("expires") + "'",
                                       "give a number with s, m, h or d, such as 30d"});
    std::error_code error;
    // A key made here would be another than the server's, and its tokens worth nothing.
    if (!std::filesystem::exists(config.secrets_dir / "signing.key", error))
        return std::unexpected(Failure{not_there,
                                       "no signing.key in " + config.secrets_dir.string(),
                                       "the server makes it at its first start; or give "
                                       "--data-dir"});
    const auto secrets = security::load_secrets(config.secrets_dir);
    if (!secrets) return std::unexpected(Failure{secrets.error()});
    const auto role = domain::tenant::role_from(context.text("role"));
    const commands::Who who{{context.uuid("tenant").value_or(domain::Uuid{})},
                            {context.uuid("user").value_or(domain::Uuid{})},
                            role.value_or(domain::tenant::Role::viewer)};
    const auto now = runtime::now();
    const domain::Instant expires{now.micros + std::int64_t{*seconds} * 1'000'000};
    Record record;
    record.bare = "token";
    record.fields.emplace_back("token",
                               security::Tokens{secrets->signing_seed}.issue(who, now, *seconds));
    record.fields.emplace_back("tenant", domain::to_text(who.tenant));
    record.fields.emplace_back("user", domain::to_text(who.user));
    record.fields.emplace_back("role", context.text("role"));
    record.fields.emplace_back("expires_at", domain::to_text(expires));
    return Answer{std::move(record),
                  ok,
                  {"good until " + domain::to_text(expires) +
                   "; a token cannot be taken back before, so keep it short"}};
}

}  // namespace cli
