#pragma once
#include "events/store.hpp"
#include "src/postgres/connect.hpp"

#include <functional>

namespace pqxx {
class transaction_base;
class result;
class row;
}  // namespace pqxx

/// Reading as the request role: row security shows one tenant and nothing else.
namespace postgres {

/// The columns that recorded_from() expects, in order, of a log.event named `e`.
extern const char* const event_columns;
events::Recorded recorded_from(const pqxx::row& row);

/// Whoever reads what may be any events stops behind so many bytes of data.
inline constexpr std::int64_t read_bytes_max = 8 << 20;
/// The rows of `query` (all columns of log.event, in the order of positions) up to the one with
/// which their data are `bytes` long, an expression; the first one always. For a from clause.
std::string first_bytes(std::string_view query, std::string_view bytes);

/// What a fold may look at: whose, of which stream, where, what, by whom and when it was recorded.
/// Half the cost of reading a whole event; ids, causes, trace and hash stay empty.
extern const char* const folded_columns;
events::Recorded folded_from(const pqxx::row& row);

/// One connection of the role cairn_reader; for one thread. Reconnects by itself.
class Reader final : public events::Store {
public:
    explicit Reader(Database database);
    ~Reader() override;

    domain::Result<std::vector<events::Recorded>> read_all(
        domain::TenantId tenant, std::string_view category,
        const std::vector<domain::Uuid>& ids) override;
    domain::Result<std::vector<events::Recorded>> read(domain::TenantId tenant,
                                                       const events::StreamId& stream,
                                                       std::int64_t after_version,
                                                       std::int64_t limit) override;
    domain::Result<std::optional<events::Outcome>> outcome(domain::TenantId tenant,
                                                           domain::CommandId command) override;

    /// Runs `work` in a read-only transaction that sees `tenant` and nothing else.
    template <class T>
    domain::Result<T> query(domain::TenantId tenant,
                            const std::function<domain::Result<T>(pqxx::transaction_base&)>& work);

    /// As query(), in a transaction that may change the books which the request role keeps itself
    /// (schema feed); row security holds it to `tenant` there too. A refusal changes nothing. After
    /// a lost connection it runs again: `work` must bear being done twice.
    template <class T>
    domain::Result<T> change(domain::TenantId tenant,
                             const std::function<domain::Result<T>(pqxx::transaction_base&)>& work);

private:
    /// Commits when `work` says so.
    domain::Result<void> within(domain::TenantId tenant, bool changes,
                                const std::function<bool(pqxx::transaction_base&)>& work);
    struct Body;
    std::unique_ptr<Body> body_;
};

template <class T>
domain::Result<T> Reader::query(
    domain::TenantId tenant,
    const std::function<domain::Result<T>(pqxx::transaction_base&)>& work) {
    std::optional<domain::Result<T>> answer;
    auto ran = within(tenant, false, [&](pqxx::transaction_base& tx) {
        answer.emplace(work(tx));
        return true;
    });
    if (!ran) return std::unexpected(std::move(ran.error()));
    return *std::move(answer);
}

template <class T>
domain::Result<T> Reader::change(
    domain::TenantId tenant,
    const std::function<domain::Result<T>(pqxx::transaction_base&)>& work) {
    std::optional<domain::Result<T>> answer;
    auto ran = within(tenant, true, [&](pqxx::transaction_base& tx) {
        answer.emplace(work(tx));
        return answer->has_value();
    });
    if (!ran) return std::unexpected(std::move(ran.error()));
    return *std::move(answer);
}

}  // namespace postgres
