#include "src/postgres/sealing_keys.hpp"

#include <pqxx/pqxx>
#include <sodium.h>

namespace postgres {
namespace {

domain::Result<void> check_own(const LaneSigner& signer, const security::KeyEpochs& epochs) {
    const auto published = static_cast<int>(signer.keys.size());
    if (published > epochs.newest())
        return domain::refuse(sealing_keys_differ, "the newest is missing");
    for (const auto& [epoch, seed] : signer.seeds) {
        if (epoch <= published &&
            events::public_key_of(seed) != signer.keys[static_cast<std::size_t>(epoch) - 1])
            return domain::refuse(sealing_keys_differ, "epoch " + std::to_string(epoch));
    }
    return {};
}

domain::Result<LaneSigner> signer_of(pqxx::transaction_base& tx, const std::string& log, int lane,
                                     const security::KeyEpochs& epochs) {
    LaneSigner signer{events::origin_of(log, lane), {}, lane_seeds(epochs, lane)};
    std::vector<std::string> notes;
    for (const auto& row :
         tx.exec("select note from integrity.signing_key where lane = $1 order by epoch",
                 pqxx::params{lane}))
        notes.push_back(projections::bytes_of(row[0].view()));
    if (!notes.empty()) {
        auto keys = events::keys_from(signer.origin, notes);
        if (!keys) return domain::refuse(sealing_keys_differ, "the published chain is broken");
        signer.keys = *std::move(keys);
    }
    if (auto own = check_own(signer, epochs); !own) return std::unexpected(own.error());
    return signer;
}

}  // namespace

void NewKeys::add(int lane, int epoch, const std::string& note) {
    of_lanes.insert(lane);
    lanes.push_back(static_cast<std::int16_t>(lane));
    epochs.push_back(epoch);
    notes.push_back({note});
}

events::LaneSeeds lane_seeds(const security::KeyEpochs& epochs, int lane) {
    events::LaneSeeds seeds;
    for (const auto& [epoch, key] : epochs.keys)
        crypto_kdf_derive_from_key(seeds[epoch].data(), seeds[epoch].size(),
                                   static_cast<std::uint64_t>(lane), "lanesign", key.data());
    return seeds;
}

domain::Result<std::map<int, LaneSigner>> signers_of(pqxx::transaction_base& tx,
                                                     const security::KeyEpochs& epochs,
                                                     NewKeys& added) {
    const auto log = tx.query_value<std::string>("select name from integrity.log");
    std::map<int, LaneSigner> signers;
    for (const auto& [lane] : tx.query<int>("select lane from log.lane_head order by lane")) {
        auto signer = signer_of(tx, log, lane, epochs);
        if (!signer) return std::unexpected(signer.error());
        while (static_cast<int>(signer->keys.size()) < epochs.newest()) {
            const auto epoch = static_cast<int>(signer->keys.size()) + 1;
            const auto seed = signer->seeds.find(epoch);
            if (seed != signer->seeds.end())
                signer->keys.push_back(events::public_key_of(seed->second));
            const auto note = seed == signer->seeds.end()
                                  ? std::nullopt
                                  : events::key_note(signer->origin, signer->keys, signer->seeds);
            if (!note)
                return domain::refuse(sealing_keys_differ,
                                      "nothing vouches for epoch " + std::to_string(epoch));
            added.add(lane, epoch, events::to_text(*note));
        }
        signers.emplace(lane, *std::move(signer));
    }
    return signers;
}

}  // namespace postgres
