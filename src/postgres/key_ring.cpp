#include "src/postgres/key_ring.hpp"

#include "projections/fields.hpp"
#include "src/postgres/refusing.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/uuid.hpp"

#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <sodium.h>

namespace postgres {
namespace {

constexpr std::int64_t kept_micros = 60'000'000;
constexpr std::size_t kept_max = 100'000;

inline constexpr domain::Reason epoch_missing{
    domain::Reason::Kind::unavailable, "key-epoch-missing",
    "The wrapping key of a data key is not in the file of keys"};

struct Entry {
    events::DataKeyId id;
    std::optional<events::DataKey> key;  ///< empty: destroyed
    std::int64_t until_micros{};
    domain::SubjectId subject{};
};

struct Row {
    domain::Uuid id;
    domain::Uuid subject;
    int epoch{};
    std::string wrapped;
    bool destroyed{};
};

std::string place_of(domain::TenantId tenant, const domain::Uuid& id, const domain::Uuid& subject,
                     int epoch) {
    return "wrap1" + domain::to_text(tenant) + domain::to_text(id) + domain::to_text(subject) +
           std::to_string(epoch);
}

const unsigned char* bytes(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// nonce | ciphertext | tag
std::string wrap(const security::Key& with, const events::DataKey& key, const std::string& place) {
    constexpr auto nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    std::string out(nonce_bytes + key.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
    auto* at = reinterpret_cast<unsigned char*>(out.data());
    randombytes_buf(at, nonce_bytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(at + nonce_bytes, nullptr, key.data(), key.size(),
                                               bytes(place), place.size(), nullptr, at,
                                               with.data());
    return out;
}

std::optional<events::DataKey> unwrap(const security::Key& with, const std::string& wrapped,
                                      const std::string& place) {
    constexpr auto nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    events::DataKey key;
    if (wrapped.size() != nonce_bytes + key.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES)
        return std::nullopt;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(key.data(), nullptr, nullptr,
                                                   bytes(wrapped) + nonce_bytes,
                                                   wrapped.size() - nonce_bytes, bytes(place),
                                                   place.size(), bytes(wrapped), with.data()) != 0)
        return std::nullopt;
    return key;
}

Row row_from(const pqxx::row& row) {
    Row out;
    out.id = projections::uuid_of(row[0]);
    out.subject = projections::uuid_of(row[1]);
    out.epoch = row[2].as<int>();
    out.destroyed = row[3].is_null();
    if (!out.destroyed) {
        const auto wrapped = row[3].as<pqxx::bytes>();
        out.wrapped.assign(reinterpret_cast<const char*>(wrapped.data()), wrapped.size());
    }
    return out;
}

}  // namespace

struct KeyRing::Body {
    Database database;
    security::KeyEpochs wrapping;
    std::mutex mutex;
    std::unique_ptr<pqxx::connection> connection;
    std::map<std::pair<domain::TenantId, domain::SubjectId>, Entry> by_subject;
    std::map<std::pair<domain::TenantId, domain::Uuid>, Entry> by_id;

    domain::Result<Entry> entry_from(domain::TenantId tenant, const Row& row) {
        Entry entry{{row.id}, std::nullopt, runtime::steady_micros() + kept_micros, {row.subject}};
        if (row.destroyed) return entry;
        const auto with = wrapping.keys.find(row.epoch);
        if (with == wrapping.keys.end())
            return domain::refuse(epoch_missing, "epoch " + std::to_string(row.epoch));
        entry.key =
            unwrap(with->second, row.wrapped, place_of(tenant, row.id, row.subject, row.epoch));
        if (!entry.key) return domain::refuse(events::seal_broken, "a data key does not unwrap");
        return entry;
    }

    /// One row of the key table, in a transaction of `tenant`.
    template <class Work>
    domain::Result<std::optional<Row>> within(domain::TenantId tenant, Work work) {
        const bool was_new = connection == nullptr;
        const auto once = [&]() -> domain::Result<std::optional<Row>> {
            if (!connection) connection = connect(database, As::keyring);
            pqxx::work tx{*connection};
            tx.exec("set local cairn.tenant = '" + domain::to_text(tenant) + "'");
            auto row = work(tx);
            tx.commit();
            return row;
        };
        auto result = refusing(once);
        if (result) return result;
        connection.reset();
        if (was_new) return result;
        result = refusing(once);
        if (!result) connection.reset();
        return result;
    }

    domain::Result<std::optional<Row>> find_or_make(domain::TenantId tenant,
                                                    domain::SubjectId subject) {
        const auto epoch = wrapping.newest();
        events::DataKey fresh;
        randombytes_buf(fresh.data(), fresh.size());
        const auto id = runtime::uuid_v7();
        const auto sealed =
            wrap(wrapping.keys.at(epoch), fresh, place_of(tenant, id, subject.value, epoch));
        sodium_memzero(fresh.data(), fresh.size());
        const pqxx::bytes_view wrapped{reinterpret_cast<const std::byte*>(sealed.data()),
                                       sealed.size()};
        return within(tenant, [&](pqxx::work& tx) -> std::optional<Row> {
            tx.exec(R"sql(
                insert into keys.data_key (tenant, id, subject, epoch, wrapped)
                values ($1, $2, $3, $4, $5)
                    on conflict (tenant, subject) where destroyed_at is null do nothing)sql",
                    pqxx::params{domain::to_text(tenant), domain::to_text(id),
                                 domain::to_text(subject), epoch, wrapped})
                .no_rows();
            const auto rows =
                tx.exec(R"sql(
                select id, subject, epoch, wrapped from keys.data_key
                 where tenant = $1 and subject = $2 and destroyed_at is null)sql",
                        pqxx::params{domain::to_text(tenant), domain::to_text(subject)});
            return rows.empty() ? std::nullopt : std::optional{row_from(rows[0])};
        });
    }

    domain::Result<std::optional<Row>> find(domain::TenantId tenant, const domain::Uuid& id) {
        return within(tenant, [&](pqxx::work& tx) -> std::optional<Row> {
            const auto rows = tx.exec(
                "select id, subject, epoch, wrapped from keys.data_key "
                "where tenant = $1 and id = $2",
                pqxx::params{domain::to_text(tenant), domain::to_text(id)});
            return rows.empty() ? std::nullopt : std::optional{row_from(rows[0])};
        });
    }
};

KeyRing::KeyRing(Database database, security::KeyEpochs wrapping)
    : body_{std::make_unique<Body>()} {
    body_->database = std::move(database);
    body_->wrapping = std::move(wrapping);
}

KeyRing::~KeyRing() = default;

domain::Result<std::string> KeyRing::seal(const events::Place& place, domain::SubjectId subject,
                                          std::string_view clear) {
    const std::lock_guard lock{body_->mutex};
    const std::pair key{place.tenant, subject};
    auto found = body_->by_subject.find(key);
    if (found == body_->by_subject.end() || found->second.until_micros < runtime::steady_micros()) {
        auto row = body_->find_or_make(place.tenant, subject);
        if (!row) return std::unexpected(std::move(row.error()));
        if (!*row) return domain::refuse(events::store_away, "no data key could be made");
        auto entry = body_->entry_from(place.tenant, **row);
        if (!entry) return std::unexpected(std::move(entry.error()));
        if (body_->by_subject.size() >= kept_max) body_->by_subject.clear();
        found = body_->by_subject.insert_or_assign(key, *entry).first;
    }
    return events::seal(*found->second.key, found->second.id, place, clear);
}

domain::Result<domain::Personal> KeyRing::open(const events::Place& place,
                                               const domain::Sealed& sealed) {
    auto opened = open_of(place, sealed);
    if (!opened) return std::unexpected(std::move(opened.error()));
    return std::move(opened->value);
}

domain::Result<KeyRing::Opened> KeyRing::open_of(const events::Place& place,
                                                 const domain::Sealed& sealed) {
    const auto id = events::key_of(sealed.envelope);
    if (!id) return domain::refuse(events::seal_broken);
    const std::lock_guard lock{body_->mutex};
    const std::pair key{place.tenant, id->value};
    auto found = body_->by_id.find(key);
    if (found == body_->by_id.end() || found->second.until_micros < runtime::steady_micros()) {
        auto row = body_->find(place.tenant, id->value);
        if (!row) return std::unexpected(std::move(row.error()));
        // A key that is gone from the ring is destroyed as surely as one that says so.
        Entry gone{*id, std::nullopt, runtime::steady_micros() + kept_micros};
        auto entry = *row ? body_->entry_from(place.tenant, **row) : domain::Result<Entry>{gone};
        if (!entry) return std::unexpected(std::move(entry.error()));
        if (body_->by_id.size() >= kept_max) body_->by_id.clear();
        found = body_->by_id.insert_or_assign(key, *entry).first;
    }
    const auto subject = found->second.subject;
    if (!found->second.key) return Opened{domain::Personal{domain::Erased{}}, subject};
    auto clear = events::open(*found->second.key, place, sealed.envelope);
    if (!clear) return std::unexpected(std::move(clear.error()));
    return Opened{domain::Personal{domain::SubjectId{}, *std::move(clear)}, subject};
}

}  // namespace postgres
