#include "src/postgres/secret_check.hpp"

#include "src/postgres/refusing.hpp"

#include <map>
#include <pqxx/pqxx>

namespace postgres {
namespace {

using Digests = std::map<std::string, std::string>;

std::string digest_of(const security::Key& key) {
    const auto digest = security::mac(key, "cairn secret check");
    return {digest.begin(), digest.end()};
}

Digests digests_of(const security::Secrets& secrets) {
    Digests digests{{"root", digest_of(secrets.root)},
                    {"signing", digest_of(secrets.signing_seed)}};
    for (const auto& [epoch, key] : secrets.wrapping.keys)
        digests["wrapping epoch " + std::to_string(epoch)] = digest_of(key);
    return digests;
}

Digests known_digests(pqxx::transaction_base& tx) {
    Digests known;
    for (const auto& row : tx.exec("select name, digest from keys.secret_check")) {
        const auto bytes = row[1].as<pqxx::bytes>();
        known[row[0].as<std::string>()] = {reinterpret_cast<const char*>(bytes.data()),
                                           bytes.size()};
    }
    return known;
}

}  // namespace

domain::Result<void> check_secrets(const Database& database, const security::Secrets& secrets) {
    return refusing([&]() -> domain::Result<void> {
        auto connection = connect(database, As::keyring);
        pqxx::work tx{*connection};
        const auto ours = digests_of(secrets);
        for (const auto& [name, digest] : ours)
            tx.exec("insert into keys.secret_check values ($1, $2) on conflict do nothing",
                    pqxx::params{name, pqxx::binary_cast(digest)})
                .no_rows();
        for (const auto& [name, digest] : known_digests(tx)) {
            const auto found = ours.find(name);
            if (found == ours.end() || found->second != digest)
                return domain::refuse(secrets_differ,
                                      name + (found == ours.end() ? " is missing" : " is another") +
                                          "; restore the directory of secrets from its backup");
        }
        tx.commit();
        return {};
    });
}

}  // namespace postgres
